(** Gradient play on linear fields: the spectral limit of the step, exact for the class. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products Play StepLimits Potential Bilinear Spectra.
Open Scope R_scope.

(** Every eigenvalue of J has real part at least alpha and modulus at most beta. *)
Definition spectrum_in {E : space} (J : E -> E) alpha beta := forall a b, eigenvalue J a b -> alpha <= a /\ a^2 + b^2 <= beta^2.
(** Below s every step x - h J x has a spectral radius below 1, for every linear field of the class. A constant term of the field does not
    change the linear part of the step. *)
Definition linear_stable_below alpha beta s := forall h, 0 < h < s -> forall (E : space) (J : E -> E),
  spectrum_in J alpha beta -> spectral_radius_below (euler J h) 1.

(** An eigenvalue a + ib of I - hJ comes from the eigenvalue (1 - a - ib)/h of J. *)
Lemma euler_eigenvalue (E : space) (J : E -> E) h a b : 0 < h -> eigenvalue (euler J h) a b -> eigenvalue J ((1 - a) / h) (- b / h).
Proof. intros Hh [u [v [Hn [Hu Hv]]]]. exists u, v. split; auto. split.
  - replace (n2 (vsub (J u) (vsub (vscal ((1 - a) / h) u) (vscal (- b / h) v))))
      with (/ h^2 * n2 (vsub (euler J h u) (vsub (vscal a u) (vscal b v)))) by (unfold euler; products; field; lra).
    rewrite Hu. ring.
  - replace (n2 (vsub (J v) (vadd (vscal (- b / h) u) (vscal ((1 - a) / h) v))))
      with (/ h^2 * n2 (vsub (euler J h v) (vadd (vscal b u) (vscal a v)))) by (unfold euler; products; field; lra).
    rewrite Hv. ring. Qed.

(** In the plane a + ib is the field with the eigenvalues a + ib and a - ib. *)
Lemma spiral_eigenvalue a b : eigenvalue (spiral a b) a b.
Proof. exists ((1, 0) : plane), ((0, -1) : plane). unfold spiral. split; [|split]; rewrite ?plane_n2; simpl; lra. Qed.
Lemma spiral_spectrum a b x y : eigenvalue (spiral a b) x y -> x = a /\ y^2 = b^2.
Proof. intros [u [v [Hn [Hu Hv]]]]. rewrite plane_n2 in Hn, Hu, Hv. rewrite plane_n2 in Hn. destruct u as [u1 u2]. destruct v as [v1 v2].
  unfold spiral in *. simpl in *.
  assert (Z : forall p q : R, p * (p * 1) + q * (q * 1) = 0 -> p = 0 /\ q = 0).
  { intros p q H. pose proof (Rle_0_sqr p). pose proof (Rle_0_sqr q). unfold Rsqr in *.
    split; apply Rsqr_0_uniq; unfold Rsqr; lra. }
  apply Z in Hu. apply Z in Hv. destruct Hu as [U1 U2]. destruct Hv as [V1 V2].
    set (N := u1 * (u1 * 1) + u2 * (u2 * 1) + (v1 * (v1 * 1) + v2 * (v2 * 1))) in *.
  set (K := 2 * (u1 * v2 - u2 * v1)).
  assert (E1 : (a - x) * N = 0).
  { replace ((a - x) * N) with (u1 * (a * u1 - b * u2 + -1 * (x * u1 + -1 * (y * v1))) + u2 * (b * u1 + a * u2 + -1 * (x * u2 + -1 * (y *
    v2)))
      + v1 * (a * v1 - b * v2 + -1 * (y * u1 + x * v1)) + v2 * (b * v1 + a * v2 + -1 * (y * u2 + x * v2))) by (unfold N; ring).
    rewrite U1, U2, V1, V2. ring. }
  assert (E2 : b * K = - (y * N)).
  { assert (E : b * K + y * N = v1 * (a * u1 - b * u2 + -1 * (x * u1 + -1 * (y * v1))) + v2 * (b * u1 + a * u2 + -1 * (x * u2 + -1 * (y *
    v2)))
      - u1 * (a * v1 - b * v2 + -1 * (y * u1 + x * v1)) - u2 * (b * v1 + a * v2 + -1 * (y * u2 + x * v2))) by (unfold N, K; ring).
    rewrite U1, U2, V1, V2 in E. lra. }
  assert (E3 : b * N = - (y * K)).
  { assert (E : b * N + y * K = - (u2 * (a * u1 - b * u2 + -1 * (x * u1 + -1 * (y * v1)))) + u1 * (b * u1 + a * u2 + -1 * (x * u2 + -1 *
    (y * v2)))
      - v2 * (a * v1 - b * v2 + -1 * (y * u1 + x * v1)) + v1 * (b * v1 + a * v2 + -1 * (y * u2 + x * v2))) by (unfold N, K; ring).
    rewrite U1, U2, V1, V2 in E. lra. }
  split.
  - apply Rmult_integral in E1. destruct E1; lra.
  - apply Rmult_eq_reg_r with N; [|lra].
    assert (E4 : y * N = - (b * K)) by lra. transitivity (y * (y * N)); [ring|]. transitivity (b * (b * N)); [|ring].
    rewrite E4, E3. ring. Qed.

(** The limit 2 alpha/beta^2 is exact. *)
Theorem gradient_play_linear_threshold_sharp alpha beta : 0 < alpha -> 0 < beta -> alpha <= beta ->
  is_lub (linear_stable_below alpha beta) (gradient_play_linear_threshold alpha beta).
Proof. intros Ha Hb Hab. unfold gradient_play_linear_threshold. assert (Pb : 0 < beta^2) by (apply pow_lt; auto). split.
  - intros s Hs. apply Rnot_lt_le; intros C. set (h := 2 * alpha / beta^2) in *. assert (Ph : 0 < h) by (apply Rdiv_lt_0_compat; lra).
    assert (Hw : sqrt (beta^2 - alpha^2)^2 = beta^2 - alpha^2).
    { apply pow2_sqrt. assert (alpha^2 <= beta^2) by (apply pow_incr; lra). lra. }
    set (w := sqrt (beta^2 - alpha^2)) in *.
    assert (Hsp : spectrum_in (spiral alpha w) alpha beta).
    { intros x y H. apply spiral_spectrum in H. destruct H as [-> Hy]. rewrite Hy, Hw. lra. }
    assert (He : eigenvalue (euler (spiral alpha w) h) (1 - h * alpha) (- h * w)).
    { destruct (spiral_eigenvalue alpha w) as [u [v [Hn [Hu Hv]]]]. exists u, v. split; auto. split.
      - replace (n2 (vsub (euler (spiral alpha w) h u) (vsub (vscal (1 - h * alpha) u) (vscal (- h * w) v))))
          with (h^2 * n2 (vsub (spiral alpha w u) (vsub (vscal alpha u) (vscal w v)))) by (unfold euler; products; ring).
        rewrite Hu. ring.
      - replace (n2 (vsub (euler (spiral alpha w) h v) (vadd (vscal (- h * w) u) (vscal (1 - h * alpha) v))))
          with (h^2 * n2 (vsub (spiral alpha w v) (vadd (vscal w u) (vscal alpha v)))) by (unfold euler; products; ring).
        rewrite Hv. ring. }
    pose proof (Hs h (conj Ph C) plane (spiral alpha w) Hsp _ _ He) as H.
    replace ((1 - h * alpha)^2 + (- h * w)^2) with (1 - 2 * h * alpha + h^2 * (alpha^2 + w^2)) in H by ring. rewrite Hw in H.
    replace (1 - 2 * h * alpha + h^2 * (alpha^2 + (beta^2 - alpha^2))) with 1 in H by (unfold h; field; lra). rewrite sqrt_1 in H. lra.
  - intros m Hm. apply Hm. intros h [Hh Hs] E J HJ a b He.
    destruct (HJ _ _ (euler_eigenvalue E J h a b Hh He)) as [H1 H2].
    assert (S1 : h * alpha <= 1 - a).
    { apply (Rmult_le_compat_l h) in H1; [|lra]. replace (h * ((1 - a) / h)) with (1 - a) in H1 by (field; lra). exact H1. }
    assert (S2 : (1 - a)^2 + b^2 <= h^2 * beta^2).
    { apply (Rmult_le_compat_l (h^2)) in H2; [|apply pow2_ge_0].
      replace (h^2 * (((1 - a) / h)^2 + (- b / h)^2)) with ((1 - a)^2 + b^2) in H2 by (field; lra). exact H2. }
    assert (S3 : h * beta^2 < 2 * alpha).
    { apply (Rmult_lt_compat_r (beta^2)) in Hs; auto. replace (2 * alpha / beta^2 * beta^2) with (2 * alpha) in Hs by (field; lra).
      exact Hs. }
    apply (Rmult_lt_compat_l h) in S3; auto. replace (h * (h * beta^2)) with (h^2 * beta^2) in S3 by ring.
    apply Rlt_le_trans with (sqrt 1); [|rewrite sqrt_1; lra]. apply sqrt_lt_1_alt. split; [|lra].
    pose proof (pow2_ge_0 a). pose proof (pow2_ge_0 b). lra. Qed.

(** gradient-play/linear/threshold. The least upper bound of the steps below which gradient play has a spectral radius below 1 on every
    linear field whose eigenvalues have real part >= alpha and modulus <= beta exists and is at least (in fact equal to) 2 alpha/beta^2. *)
Theorem gradient_play_linear_threshold_holds alpha beta : 0 < alpha -> 0 < beta -> alpha <= beta ->
  exists s, is_lub (linear_stable_below alpha beta) s /\ gradient_play_linear_threshold alpha beta <= s.
Proof. intros Ha Hb Hab. exists (gradient_play_linear_threshold alpha beta).
  split; [apply gradient_play_linear_threshold_sharp; auto|lra]. Qed.
