(** Gradient descent-ascent with a kernel discriminator, linearized at the equilibrium: spectral radius and stable weights, exact. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products StepLimits Bilinear Spectra.
Open Scope R_scope.

(** ** Eigenvalues of a real 2 x 2 matrix *)
Section Matrix.
Variables m11 m12 m21 m22 : R.
Definition apply2 (u : plane) : plane := (m11 * fst u + m12 * snd u, m21 * fst u + m22 * snd u).
Let t := m11 + m22.
Let d := m11 * m22 - m12 * m21.

(** a + ib is a root of z^2 - t z + d, t the trace and d the determinant. *)
Definition root2 t d a b := a^2 - b^2 - t * a + d = 0 /\ 2 * a * b - t * b = 0.
Lemma eigenvalue_root a b : eigenvalue apply2 a b -> root2 t d a b.
Proof. intros [[u1 u2] [[v1 v2] [Hn [Hu Hv]]]]. rewrite plane_n2 in Hu, Hv. rewrite !plane_n2 in Hn. unfold apply2 in *. simpl in *.
  assert (Z : forall p q : R, p * (p * 1) + q * (q * 1) = 0 -> p = 0 /\ q = 0).
  { intros p q H. pose proof (Rle_0_sqr p). pose proof (Rle_0_sqr q). unfold Rsqr in *.
    split; apply Rsqr_0_uniq; unfold Rsqr; lra. }
  apply Z in Hu. apply Z in Hv. destruct Hu as [U1 U2]. destruct Hv as [V1 V2].
  set (x := a^2 - b^2 - t * a + d). set (y := 2 * a * b - t * b).
  (* (x + iy) w = 0 for both entries of w = u + iv *)
  assert (A1 : x * u1 - y * v1 = 0).
  { replace (x * u1 - y * v1) with ((m11 * u1 + m12 * u2 + -1 * (a * u1 + -1 * (b * v1))) * (m22 - a)
      + (m11 * v1 + m12 * v2 + -1 * (b * u1 + a * v1)) * b - m12 * (m21 * u1 + m22 * u2 + -1 * (a * u2 + -1 * (b * v2))))
      by (unfold x, y, t, d; ring). rewrite U1, U2, V1. ring. }
  assert (A2 : x * v1 + y * u1 = 0).
  { replace (x * v1 + y * u1) with ((m11 * v1 + m12 * v2 + -1 * (b * u1 + a * v1)) * (m22 - a)
      - (m11 * u1 + m12 * u2 + -1 * (a * u1 + -1 * (b * v1))) * b - m12 * (m21 * v1 + m22 * v2 + -1 * (b * u2 + a * v2)))
      by (unfold x, y, t, d; ring). rewrite U1, V1, V2. ring. }
  assert (A3 : x * u2 - y * v2 = 0).
  { replace (x * u2 - y * v2) with ((m21 * u1 + m22 * u2 + -1 * (a * u2 + -1 * (b * v2))) * (m11 - a)
      + (m21 * v1 + m22 * v2 + -1 * (b * u2 + a * v2)) * b - m21 * (m11 * u1 + m12 * u2 + -1 * (a * u1 + -1 * (b * v1))))
      by (unfold x, y, t, d; ring). rewrite U1, U2, V2. ring. }
  assert (A4 : x * v2 + y * u2 = 0).
  { replace (x * v2 + y * u2) with ((m21 * v1 + m22 * v2 + -1 * (b * u2 + a * v2)) * (m11 - a)
      - (m21 * u1 + m22 * u2 + -1 * (a * u2 + -1 * (b * v2))) * b - m21 * (m11 * v1 + m12 * v2 + -1 * (b * u1 + a * v1)))
      by (unfold x, y, t, d; ring). rewrite U2, V1, V2. ring. }
  set (N := u1 * (u1 * 1) + u2 * (u2 * 1) + (v1 * (v1 * 1) + v2 * (v2 * 1))) in *.
  assert (Q : (x * (x * 1) + y * (y * 1)) * N = 0).
  { replace ((x * (x * 1) + y * (y * 1)) * N) with ((x * u1 - y * v1)^2 + (x * v1 + y * u1)^2 + (x * u2 - y * v2)^2 + (x * v2 + y * u2)^2)
      by (unfold N; ring). rewrite A1, A2, A3, A4. ring. }
  apply Rmult_integral in Q. destruct Q as [Q|Q]; [|lra]. apply Z in Q. exact Q. Qed.

Lemma root_eigenvalue a b : m12 <> 0 -> root2 t d a b -> eigenvalue apply2 a b.
Proof. intros Hm [H1 H2]. exists ((m12, a - m11) : plane), ((0, b) : plane). unfold apply2. split; [|split]; rewrite ?plane_n2; simpl.
  - assert (0 < m12 * m12) by (pose proof (Rsqr_pos_lt m12 Hm) as S; exact S).
    pose proof (Rle_0_sqr (a - m11)) as S1. pose proof (Rle_0_sqr b) as S2. unfold Rsqr in S1, S2. lra.
  - replace (m11 * m12 + m12 * (a - m11) + -1 * (a * m12 + -1 * (b * 0))) with 0 by ring.
    replace (m21 * m12 + m22 * (a - m11) + -1 * (a * (a - m11) + -1 * (b * b))) with (- (a^2 - b^2 - t * a + d)) by (unfold t, d; ring).
    rewrite H1. ring.
  - replace (m11 * 0 + m12 * b + -1 * (b * m12 + a * 0)) with 0 by ring.
    replace (m21 * 0 + m22 * b + -1 * (b * (a - m11) + a * b)) with (- (2 * a * b - t * b)) by (unfold t; ring). rewrite H2. ring. Qed.
End Matrix.

(** Complex roots: their squared modulus is d. Real roots: (t +- w)/2. *)
Lemma root_cases t d a b : root2 t d a b -> (b <> 0 /\ a = t / 2 /\ a^2 + b^2 = d) \/ (b = 0 /\ (2 * a - t)^2 = t^2 - 4 * d).
Proof. intros [H1 H2]. destruct (Req_dec b 0) as [Z|N].
  - right. split; auto. rewrite Z in H1. lra.
  - left. assert (E : (2 * a - t) * b = 0) by lra. apply Rmult_integral in E. destruct E as [E|E]; [|contradiction].
    assert (Ea : t = 2 * a) by lra. repeat split; auto; [lra|]. rewrite Ea in H1. lra. Qed.
(** A root of modulus at least sqrt d, complex or real *)
Lemma root_exists t d : 0 <= d -> exists a b, root2 t d a b /\ d <= a^2 + b^2.
Proof. intros Hd. destruct (Rle_dec 0 (t^2 - 4 * d)) as [C|C].
  - set (w := sqrt (t^2 - 4 * d)). assert (Ew : w^2 = t^2 - 4 * d) by (apply pow2_sqrt; auto). assert (Pw : 0 <= w) by apply sqrt_pos.
    destruct (Rle_dec 0 t) as [Ht|Ht].
    + exists ((t + w) / 2), 0. split; [split; lra|]. assert (0 <= t * w) by (apply Rmult_le_pos; auto).
      pose proof (pow2_ge_0 w). replace (((t + w) / 2)^2 + 0^2) with ((t^2 + 2 * (t * w) + w^2) / 4) by field. lra.
    + exists ((t - w) / 2), 0. split; [split; lra|]. assert (0 <= - t * w) by (apply Rmult_le_pos; lra).
      pose proof (pow2_ge_0 w). replace (((t - w) / 2)^2 + 0^2) with ((t^2 + 2 * (- t * w) + w^2) / 4) by field. lra.
  - set (w := sqrt (4 * d - t^2)). assert (Ew : w^2 = 4 * d - t^2) by (apply pow2_sqrt; lra).
    exists (t / 2), (w / 2). split; [split|]; try lra. Qed.

(** ** The linearized game: (u, g)+ = (u + eta_g p g, -(eta_d p/s^2) u + (1 - eta_d lam) g) *)
Section Gan.
Variables discriminator_step generator_step kernel_width mass : R.
Hypotheses (Hd : 0 < discriminator_step) (Hg : 0 < generator_step) (Hs : 0 < kernel_width) (Hp : 0 < mass).
Definition gan_step regularization : plane -> plane :=
  apply2 1 (generator_step * mass) (- discriminator_step * mass / kernel_width^2) (1 - discriminator_step * regularization).
Let c := generator_step * discriminator_step * mass^2 / kernel_width^2.
Let Ps : 0 < kernel_width^2.
Proof. apply pow_lt; auto. Qed.
Let Pc : 0 < c.
Proof. apply Rdiv_lt_0_compat; auto. apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; auto|apply pow_lt; auto]. Qed.

Lemma gan_root lam a b : eigenvalue (gan_step lam) a b -> root2 (2 - discriminator_step * lam) (1 - discriminator_step * lam + c) a b.
Proof. intros H. apply eigenvalue_root in H. unfold root2 in *.
  replace (1 * (1 - discriminator_step * lam) - generator_step * mass * (- discriminator_step * mass / kernel_width^2))
    with (1 - discriminator_step * lam + c) in H by (unfold c; field; lra).
  replace (1 + (1 - discriminator_step * lam)) with (2 - discriminator_step * lam) in H by ring. exact H. Qed.
Lemma gan_eigenvalue lam a b : root2 (2 - discriminator_step * lam) (1 - discriminator_step * lam + c) a b -> eigenvalue (gan_step lam) a b.
Proof. intros H. apply root_eigenvalue.
  - apply Rgt_not_eq, Rmult_lt_0_compat; auto.
  - unfold root2 in *. replace (1 * (1 - discriminator_step * lam) - generator_step * mass * (- discriminator_step * mass / kernel_width^2))
      with (1 - discriminator_step * lam + c) by (unfold c; field; lra).
    replace (1 + (1 - discriminator_step * lam)) with (2 - discriminator_step * lam) by ring. exact H. Qed.

(** gradient-play/kernel-gan/oscillating. With q = eta_d lam and c = eta_g eta_d p^2/s^2: where q^2 <= 4c the spectral radius is at most
    sqrt(1 - q + c). *)
Theorem gradient_play_kernel_gan_oscillating_holds regularization :
  (discriminator_step * regularization)^2 <= 4 * generator_step * discriminator_step * mass^2 / kernel_width^2 ->
  spectral_radius_at_most (gan_step regularization)
    (gradient_play_kernel_gan_oscillating discriminator_step generator_step kernel_width mass regularization).
Proof. intros Hq a b H. apply gan_root in H. unfold gradient_play_kernel_gan_oscillating. fold c.
  set (q := discriminator_step * regularization) in *.
  replace (4 * generator_step * discriminator_step * mass^2 / kernel_width^2) with (4 * c) in Hq by (unfold c; field; lra).
  apply sqrt_le_1_alt. destruct (root_cases _ _ _ _ H) as [[_ [_ E]]|[Eb E]]; [lra|].
  pose proof (pow2_ge_0 (2 * a - (2 - q))) as P. assert (Z : (2 * a - (2 - q))^2 = 0) by lra.
  assert (Z' : 2 * a - (2 - q) = 0) by (apply Rsqr_0_uniq; unfold Rsqr; lra). rewrite Eb.
  replace a with ((2 - q) / 2) by lra. lra. Qed.

(** gradient-play/kernel-gan/monotone. Where q^2 >= 4c and q <= 2 it is at most 1 - (q - sqrt(q^2 - 4c))/2. *)
Theorem gradient_play_kernel_gan_monotone_holds regularization :
  4 * generator_step * discriminator_step * mass^2 / kernel_width^2 <= (discriminator_step * regularization)^2 ->
  discriminator_step * regularization <= 2 -> spectral_radius_at_most (gan_step regularization)
    (gradient_play_kernel_gan_monotone discriminator_step generator_step kernel_width mass regularization).
Proof. intros Hq H2 a b H. apply gan_root in H. unfold gradient_play_kernel_gan_monotone.
  set (q := discriminator_step * regularization) in *.
  replace (4 * generator_step * discriminator_step * mass^2 / kernel_width^2) with (4 * c) in * by (unfold c; field; lra).
  set (w := sqrt (q^2 - 4 * c)). assert (Ew : w^2 = q^2 - 4 * c) by (apply pow2_sqrt; lra). assert (Pw : 0 <= w) by apply sqrt_pos.
  rewrite <- (sqrt_pow2 (1 - (q - w) / 2)) by lra. apply sqrt_le_1_alt. destruct (root_cases _ _ _ _ H) as [[Nb [Ea E]]|[Eb E]].
  - exfalso. rewrite Ea in E. assert (B2 : 0 < b * b) by (apply (Rsqr_pos_lt b); auto). lra.
  - rewrite Eb. replace (a^2 + 0^2) with (a^2) by ring. apply pow_maj_Rabs.
    assert (B : Rabs (2 * a - (2 - q)) <= w).
    { rewrite <- (Rabs_pos_eq w) by auto. apply Rsqr_le_abs_0. unfold Rsqr. lra. }
    pose proof (Rle_abs (2 * a - (2 - q))). pose proof (Rle_abs (- (2 * a - (2 - q)))) as B'. rewrite Rabs_Ropp in B'.
    apply Rabs_le. lra. Qed.

(** gradient-play/kernel-gan/critical. At the weight 2p sqrt(eta_g/eta_d)/s it is at most 1 - p sqrt(eta_g eta_d)/s. *)
Theorem gradient_play_kernel_gan_critical_holds : mass * sqrt (generator_step * discriminator_step) <= kernel_width ->
  spectral_radius_at_most (gan_step (2 * mass * sqrt (generator_step / discriminator_step) / kernel_width))
    (gradient_play_kernel_gan_critical discriminator_step generator_step kernel_width mass).
Proof. intros Hc a b H. set (lam := 2 * mass * sqrt (generator_step / discriminator_step) / kernel_width) in *.
  set (k := mass * sqrt (generator_step * discriminator_step) / kernel_width).
  assert (Er : discriminator_step * sqrt (generator_step / discriminator_step) = sqrt (generator_step * discriminator_step)).
  { rewrite <- (sqrt_pow2 discriminator_step) at 1 by lra. rewrite <- sqrt_mult.
    - f_equal. field. lra.
    - apply pow2_ge_0.
    - left. apply Rdiv_lt_0_compat; auto. }
  assert (Ek : discriminator_step * lam = 2 * k).
  { unfold lam, k. rewrite <- Er. field. lra. }
  assert (Ec : c = k^2).
  { unfold c, k. replace ((mass * sqrt (generator_step * discriminator_step) / kernel_width)^2)
      with (mass^2 * sqrt (generator_step * discriminator_step)^2 / kernel_width^2) by (field; lra).
    rewrite pow2_sqrt by (apply Rmult_le_pos; lra). field. lra. }
  assert (Hq : (discriminator_step * lam)^2 <= 4 * generator_step * discriminator_step * mass^2 / kernel_width^2).
  { replace (4 * generator_step * discriminator_step * mass^2 / kernel_width^2) with (4 * c) by (unfold c; field; lra).
    rewrite Ek, Ec. lra. }
  eapply Rle_trans; [apply (gradient_play_kernel_gan_oscillating_holds lam Hq a b H)|].
  unfold gradient_play_kernel_gan_oscillating, gradient_play_kernel_gan_critical. fold c k. rewrite Ek, Ec.
  replace (1 - 2 * k + k^2) with ((1 - k)^2) by ring. right. apply sqrt_pow2.
  assert (k <= 1).
  { unfold k. apply Rmult_le_reg_r with kernel_width; auto.
    replace (mass * sqrt (generator_step * discriminator_step) / kernel_width * kernel_width)
      with (mass * sqrt (generator_step * discriminator_step)) by (field; lra). lra. }
  lra. Qed.

(** gradient-play/kernel-gan/unregularized. Without regularizer the step has an eigenvalue of modulus at least sqrt(1 + c). *)
Theorem gradient_play_kernel_gan_unregularized_holds : exists a b, eigenvalue (gan_step 0) a b /\
  sqrt (a^2 + b^2) >= gradient_play_kernel_gan_unregularized discriminator_step generator_step kernel_width mass.
Proof. destruct (root_exists (2 - discriminator_step * 0) (1 - discriminator_step * 0 + c)) as [a [b [Hr Hm]]]; [lra|].
  exists a, b. split; [apply gan_eigenvalue; auto|]. unfold gradient_play_kernel_gan_unregularized. fold c.
  apply Rle_ge, sqrt_le_1_alt. lra. Qed.

(** gradient-play/kernel-gan/least-regularization. A weight of the regularizer for which every eigenvalue of the step has modulus below 1
    is at least eta_g p^2/s^2. *)
Theorem gradient_play_kernel_gan_least_regularization_holds regularization : spectral_radius_below (gan_step regularization) 1 ->
  regularization >= gradient_play_kernel_gan_least_regularization generator_step kernel_width mass.
Proof. intros H. unfold gradient_play_kernel_gan_least_regularization. apply Rle_ge, Rnot_lt_le. intros C.
  set (q := discriminator_step * regularization).
  assert (Hq : q < c).
  { apply (Rmult_lt_compat_l discriminator_step) in C; auto. unfold q, c.
    replace (generator_step * discriminator_step * mass^2 / kernel_width^2)
      with (discriminator_step * (generator_step * mass^2 / kernel_width^2)) by (field; lra). exact C. }
  destruct (root_exists (2 - q) (1 - q + c)) as [a [b [Hr Hm]]]; [lra|].
  pose proof (H a b (gan_eigenvalue regularization a b Hr)) as B. rewrite <- sqrt_1 in B.
  assert (sqrt 1 <= sqrt (a^2 + b^2)) by (apply sqrt_le_1_alt; lra). lra. Qed.

(** gradient-play/kernel-gan/largest-regularization. It is at most 2/eta_d + eta_g p^2/(2 s^2). *)
Theorem gradient_play_kernel_gan_largest_regularization_holds regularization : spectral_radius_below (gan_step regularization) 1 ->
  regularization <= gradient_play_kernel_gan_largest_regularization discriminator_step generator_step kernel_width mass.
Proof. intros H. unfold gradient_play_kernel_gan_largest_regularization. apply Rnot_lt_le. intros C.
  set (q := discriminator_step * regularization).
  assert (Hq : 4 + c < 2 * q).
  { apply (Rmult_lt_compat_l (2 * discriminator_step)) in C; [|lra].
    replace (2 * discriminator_step * (2 / discriminator_step + generator_step * mass^2 / (2 * kernel_width^2))) with (4 + c) in C
      by (unfold c; field; lra). unfold q. lra. }
  set (t := 2 - q). set (d := 1 - q + c).
  assert (Hw : 0 <= t^2 - 4 * d) by (pose proof (pow2_ge_0 (t + 2)); unfold t, d in *; lra).
  set (w := sqrt (t^2 - 4 * d)). assert (Ew : w^2 = t^2 - 4 * d) by (apply pow2_sqrt; auto). assert (Pw : 0 <= w) by apply sqrt_pos.
  assert (Hb : t + 2 < w).
  { apply Rnot_le_lt. intros B. assert (w * w <= (t + 2) * (t + 2)) by (apply Rmult_le_compat; auto). unfold t, d in *. lra. }
  assert (Hr : root2 t d ((t - w) / 2) 0) by (split; lra).
  pose proof (H _ _ (gan_eigenvalue regularization _ _ Hr)) as B.
  assert (G : 1 <= ((t - w) / 2)^2 + 0^2).
  { assert (1 * 1 <= - ((t - w) / 2) * - ((t - w) / 2)) by (apply Rmult_le_compat; lra). lra. }
  apply sqrt_le_1_alt in G. rewrite sqrt_1 in G. lra. Qed.
End Gan.
