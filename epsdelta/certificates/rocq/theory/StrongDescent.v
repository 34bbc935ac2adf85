(** Gradient descent on smooth strongly convex functions: interpolation, and the contraction of distance, gradient and gap at every step
    below 2/L. The sequence x starts at x 0, the first point of the catalogue (there x_1). *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent Formulas.
Open Scope R_scope.

Section Interpolation.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L mu : R).
Hypotheses (Hsmooth : smooth f grad L) (Hstrong : strongly_convex f grad mu).

(** both inequalities at the point x - c e, e = grad x - grad y - mu (x - y), for any c *)
Lemma interpolation_at c x y :
  mu / 2 * n2 (vsub x y) + (c - (L - mu) / 2 * c ^ 2) * n2 (vsub (vsub (grad x) (grad y)) (vscal mu (vsub x y)))
    <= f x - f y - ip (grad y) (vsub x y).
Proof.
  set (z := vsub x (vscal c (vsub (vsub (grad x) (grad y)) (vscal mu (vsub x y))))).
  pose proof (Hstrong y z) as Hl. pose proof (Hsmooth x z) as Hu. revert Hl Hu. unfold z. vec. intros Hl Hu. lra. Qed.

(** The interpolation inequality of smooth strongly convex functions, times L - mu (so that mu = L is included). *)
Theorem interpolation x y : mu <= L ->
  (n2 (vsub (grad x) (grad y)) + mu * L * n2 (vsub x y) - 2 * mu * ip (vsub (grad x) (grad y)) (vsub x y)) / 2
    <= (L - mu) * (f x - f y - ip (grad y) (vsub x y)).
Proof. intros [Hlt|Heq].
  - pose proof (interpolation_at (1 / (L - mu)) x y) as H.
    replace (1 / (L - mu) - (L - mu) / 2 * (1 / (L - mu)) ^ 2) with (1 / (2 * (L - mu))) in H by (field; lra).
    apply Rmult_le_compat_l with (r := L - mu) in H; [|lra].
    rewrite Rmult_plus_distr_l, <- Rmult_assoc, <- (Rmult_assoc (L - mu) (1 / (2 * (L - mu)))) in H.
    replace ((L - mu) * (1 / (2 * (L - mu)))) with (1 / 2) in H by (field; lra). revert H. vec. intros H. lra.
  - assert (Z : n2 (vsub (vsub (grad x) (grad y)) (vscal mu (vsub x y))) <= 0).
    { set (e2 := n2 (vsub (vsub (grad x) (grad y)) (vscal mu (vsub x y)))).
      set (b := f x - f y - ip (grad y) (vsub x y) - mu / 2 * n2 (vsub x y)).
      apply Rnot_lt_le. intros C. pose proof (interpolation_at ((b + 1) / e2) x y) as H. fold e2 in H.
      replace (((b + 1) / e2 - (L - mu) / 2 * ((b + 1) / e2) ^ 2) * e2) with (b + 1) in H by (rewrite Heq; field; lra).
      unfold b in H. lra. }
    rewrite <- Heq. replace (mu - mu) with 0 by ring. rewrite Rmult_0_l. revert Z. vec. intros Z. lra. Qed.

(** (L + mu) <grad x - grad y, x - y> >= |grad x - grad y|^2 + mu L |x - y|^2 *)
Lemma coercive x y : mu <= L ->
  n2 (vsub (grad x) (grad y)) + mu * L * n2 (vsub x y) <= (L + mu) * ip (vsub (grad x) (grad y)) (vsub x y).
Proof. intros Hm. pose proof (interpolation x y Hm) as H1. pose proof (interpolation y x Hm) as H2. revert H1 H2. vec. intros H1 H2. lra. Qed.
Lemma gradient_monotone x y : mu * n2 (vsub x y) <= ip (vsub (grad x) (grad y)) (vsub x y).
Proof. pose proof (Hstrong x y) as H1. pose proof (Hstrong y x) as H2. revert H1 H2. vec. intros H1 H2. lra. Qed.
Lemma gradient_upper x y : ip (vsub (grad x) (grad y)) (vsub x y) <= L * n2 (vsub x y).
Proof. pose proof (Hsmooth x y) as H1. pose proof (Hsmooth y x) as H2. revert H1 H2. vec. intros H1 H2. lra. Qed.

(** mu |x - y| <= |grad x - grad y| <= L |x - y|, squared *)
Lemma gradient_between x y : 0 <= mu <= L ->
  mu ^ 2 * n2 (vsub x y) <= n2 (vsub (grad x) (grad y)) <= L ^ 2 * n2 (vsub x y).
Proof. intros [H0 Hm]. pose proof (gradient_monotone x y) as Hl. pose proof (gradient_upper x y) as Hu. pose proof (coercive x y Hm) as Hc.
  set (e := vsub (grad x) (grad y)) in *. set (d := vsub x y) in *. pose proof (n2_pos E d) as Hd. split.
  - pose proof (n2_pos E (vsub e (vscal mu d))) as H. rewrite n2_sub, n2_scal, ip_scal_r in H.
    assert (mu * (mu * n2 d) <= mu * ip e d) by (apply Rmult_le_compat_l; auto). lra.
  - assert ((L + mu) * ip e d <= (L + mu) * (L * n2 d)) by (apply Rmult_le_compat_l; lra). lra. Qed.
End Interpolation.

Section Contraction.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L mu eta : R).
Hypotheses (Hmu : 0 < mu) (HmuL : mu <= L) (Heta : 0 < eta) (Hsmooth : smooth f grad L) (Hstrong : strongly_convex f grad mu).
Let HL : 0 < L := Rlt_le_trans _ _ _ Hmu HmuL.
Let r := Rmax (1 - eta * mu) (eta * L - 1).

Lemma factor_cases : (0 <= 2 - eta * (L + mu) /\ r = 1 - eta * mu) \/ (0 <= eta * (L + mu) - 2 /\ r = eta * L - 1).
Proof. unfold r. destruct (Rle_dec (eta * (L + mu)) 2).
  - left. split; [lra|]. apply Rmax_left. lra.
  - right. split; [lra|]. apply Rmax_right. lra. Qed.
Lemma factor_pos : 0 <= r.
Proof. assert (0 <= eta * (L - mu)) by (apply Rmult_le_pos; lra).
  unfold r. destruct (Rle_dec 0 (1 - eta * mu)).
  - eapply Rle_trans; [|apply Rmax_l]. auto.
  - eapply Rle_trans; [|apply Rmax_r]. lra. Qed.

(** |d - eta e|^2 <= r^2 |d|^2 for d the difference of two points and e that of their gradients *)
Lemma difference_contracts x y :
  n2 (vsub (vsub x y) (vscal eta (vsub (grad x) (grad y)))) <= r ^ 2 * n2 (vsub x y).
Proof.
  pose proof (coercive E f grad L mu Hsmooth Hstrong x y HmuL) as Hc.
  destruct (gradient_between E f grad L mu Hsmooth Hstrong x y) as [Hl Hu]; [lra|].
  set (d := vsub x y) in *. set (e := vsub (grad x) (grad y)) in *. rewrite n2_sub, n2_scal, ip_scal_r, (ip_sym E d e).
  assert (HS : 0 < L + mu) by lra.
  assert (A : 0 <= 2 * eta * ((L + mu) * ip e d - (n2 e + mu * L * n2 d))) by (apply Rmult_le_pos; lra).
  apply Rmult_le_reg_l with (L + mu); auto.
  destruct factor_cases as [[Hw ->]|[Hw ->]].
  - assert (B : 0 <= eta * (2 - eta * (L + mu)) * (n2 e - mu ^ 2 * n2 d)) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra). lra.
  - assert (B : 0 <= eta * (eta * (L + mu) - 2) * (L ^ 2 * n2 d - n2 e)) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra). lra. Qed.

Lemma norm_from_square (u v : E) q : 0 <= q -> n2 u <= q ^ 2 * n2 v -> norm u <= q * norm v.
Proof. intros Hq H. unfold norm. rewrite <- (sqrt_pow2 q) by auto. rewrite <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt. auto. Qed.

(** One step towards a minimizer. *)
Lemma distance_step x xs : minimizer f xs -> distance_to xs (euler grad eta x) <= r * distance_to xs x.
Proof. intros Hm. apply norm_from_square; [apply factor_pos|].
  eapply Rle_trans; [|apply difference_contracts].
  pose proof (gradient_vanishes E f grad L xs HL Hsmooth Hm) as Z.
  assert (Z2 : forall w, ip w (grad xs) = 0) by (intros w; rewrite ip_sym; apply Z).
  right. unfold euler. ips. rewrite !Z, !Z2. isym. ring. Qed.

Lemma gradient_step x : norm (grad (euler grad eta x)) <= r * norm (grad x).
Proof. apply norm_from_square; [apply factor_pos|].
  pose proof (difference_contracts x (euler grad eta x)) as H.
  set (g := grad x) in *. set (h := grad (euler grad eta x)) in *.
  assert (E1 : n2 (vsub x (euler grad eta x)) = eta ^ 2 * n2 g) by (unfold euler; fold g; vec; ring).
  assert (E2 : n2 (vsub (vsub x (euler grad eta x)) (vscal eta (vsub g h))) = eta ^ 2 * n2 h) by (unfold euler; fold g; vec; ring).
  rewrite E1, E2 in H. apply Rmult_le_reg_l with (eta ^ 2); [apply pow_lt; auto|]. lra. Qed.

Variable x : nat -> E.
Hypothesis (Hx : gradient_descent grad eta x).

(** gd/strongly-convex/distance: smooth strongly convex f, a constant step below 2/L (needed only for the factor to be below 1): T steps
    multiply the distance to the minimizer by r^T at most, r = max(1 - eta mu, eta L - 1). [distance] is at least the first distance. *)
Theorem gd_strongly_convex_distance_holds xs distance T : minimizer f xs -> distance_to xs (x O) <= distance ->
  distance_to xs (x T) <= gd_strongly_convex_distance L distance T mu eta.
Proof. intros Hz Hd. unfold gd_strongly_convex_distance. fold r.
  apply Rle_trans with (r ^ T * distance_to xs (x O)).
  - apply (geometric r (fun t => distance_to xs (x t)) factor_pos). intros t. cbv beta. rewrite Hx. apply distance_step; auto.
  - apply Rmult_le_compat_l; auto. apply pow_le, factor_pos. Qed.

(** gd/strongly-convex/gradient: the norm of the gradient contracts by the same factor. *)
Theorem gd_strongly_convex_gradient_holds gradient_norm T : norm (grad (x O)) <= gradient_norm ->
  norm (grad (x T)) <= gd_strongly_convex_gradient L gradient_norm T mu eta.
Proof. intros Hd. unfold gd_strongly_convex_gradient. fold r.
  apply Rle_trans with (r ^ T * norm (grad (x O))).
  - apply (geometric r (fun t => norm (grad (x t))) factor_pos). intros t. cbv beta. rewrite Hx. apply gradient_step.
  - apply Rmult_le_compat_l; auto. apply pow_le, factor_pos. Qed.

(** One step multiplies the gap by r^2 at most: three interpolation inequalities with the weights r, r (1 - r) and 1 - r. *)
Lemma gap_step xs y : eta < 2 / L -> minimizer f xs -> f (euler grad eta y) - f xs <= r ^ 2 * (f y - f xs).
Proof. intros Hlong Hm.
  assert (Hroom : 0 <= 2 - eta * L).
  { apply Rmult_lt_compat_r with (r := L) in Hlong; auto. unfold Rdiv in Hlong. rewrite Rmult_assoc, Rinv_l in Hlong; lra. }
  pose proof (gradient_vanishes E f grad L xs HL Hsmooth Hm) as Z.
  assert (Z2 : forall w, ip w (grad xs) = 0) by (intros w; rewrite ip_sym; apply Z).
  pose proof factor_pos as Hr.
  destruct (Rle_lt_or_eq_dec _ _ HmuL) as [Hlt|Heq].
  - pose proof (interpolation E f grad L mu Hsmooth Hstrong y (euler grad eta y) HmuL) as S0.
    pose proof (interpolation E f grad L mu Hsmooth Hstrong xs y HmuL) as S1.
    pose proof (interpolation E f grad L mu Hsmooth Hstrong xs (euler grad eta y) HmuL) as S2.
    apply Rmult_le_reg_l with (2 * (L - mu)); [lra|].
    set (h := grad (euler grad eta y)) in *. set (d := vsub y xs). set (g := grad y) in *.
    assert (P0 : forall a b c, 0 <= c -> a <= b -> 0 <= c * (b - a)) by (intros; apply Rmult_le_pos; lra).
    destruct factor_cases as [[Hw Er]|[Hw Er]]; rewrite Er in *.
    + apply (P0 _ _ (2 * (1 - eta * mu))) in S0; [|lra].
      apply (P0 _ _ (2 * (1 - eta * mu) * (eta * mu))) in S1; [|apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]].
      apply (P0 _ _ (2 * (eta * mu))) in S2; [|apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]].
      pose proof (n2_pos E (vadd h (vsub (vscal (L * eta + eta * mu - 1) g) (vscal (L * eta * mu) d)))) as Q1.
      assert (Q2 : 0 <= L * eta * (2 - eta * (L + mu)) * n2 (vsub g (vscal mu d))).
      { apply Rmult_le_pos; [apply Rmult_le_pos; auto; apply Rmult_le_pos; lra|apply n2_pos]. }
      revert S0 S1 S2 Q1 Q2. unfold d, euler. fold g. ips. rewrite !Z, !Z2. isym. intros S0 S1 S2 Q1 Q2. lra.
    + apply (P0 _ _ (2 * (eta * L - 1))) in S0; [|lra].
      apply (P0 _ _ (2 * (eta * L - 1) * (2 - eta * L))) in S1; [|apply Rmult_le_pos; lra].
      apply (P0 _ _ (2 * (2 - eta * L))) in S2; [|lra].
      pose proof (n2_pos E (vsub (vadd h g) (vscal (L * (2 - eta * L)) d))) as Q1.
      assert (Q2 : 0 <= (2 - eta * L) * (eta * (L + mu) - 2) * n2 (vsub (vscal L d) g)).
      { apply Rmult_le_pos; [apply Rmult_le_pos; auto|apply n2_pos]. }
      revert S0 S1 S2 Q1 Q2. unfold d, euler. fold g. ips. rewrite !Z, !Z2. isym. intros S0 S1 S2 Q1 Q2. lra.
  - pose proof (Hstrong xs y) as Hl. pose proof (Hsmooth xs (euler grad eta y)) as Hu. rewrite Z in Hl, Hu.
    assert (Hc : n2 (vsub (euler grad eta y) xs) <= r ^ 2 * n2 (vsub y xs)).
    { eapply Rle_trans; [|apply difference_contracts]. right. unfold euler. ips. rewrite !Z, !Z2. isym. ring. }
    assert (A : L / 2 * n2 (vsub (euler grad eta y) xs) <= L / 2 * (r ^ 2 * n2 (vsub y xs))) by (apply Rmult_le_compat_l; lra).
    assert (B : r ^ 2 * (mu / 2 * n2 (vsub y xs)) <= r ^ 2 * (f y - f xs)) by (apply Rmult_le_compat_l; [apply pow2_ge_0|lra]).
    rewrite Heq in B. lra. Qed.
(** gd/strongly-convex/gap: the gap contracts by the square of that factor, at steps below 2/L; [delta_f] is at least the first gap. *)
Theorem gd_strongly_convex_gap_holds xs delta_f T : eta < 2 / L -> minimizer f xs -> f (x O) - f xs <= delta_f ->
  f (x T) - f xs <= gd_strongly_convex_gap L delta_f T mu eta.
Proof. intros Hlong Hm Hd. unfold gd_strongly_convex_gap. fold r. rewrite pow_mult.
  apply Rle_trans with ((r ^ 2) ^ T * (f (x O) - f xs)).
  - apply (geometric (r ^ 2) (fun t => f (x t) - f xs) (pow2_ge_0 r)). intros t. cbv beta. rewrite Hx. apply gap_step; auto.
  - apply Rmult_le_compat_l; auto. apply pow_le, pow2_ge_0. Qed.
End Contraction.

Section Tuned.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L mu : R) (x : nat -> E).
Hypotheses (Hmu : 0 < mu) (HmuL : mu <= L) (Hsmooth : smooth f grad L) (Hstrong : strongly_convex f grad mu).
Hypothesis (Hx : gradient_descent grad (2 / (L + mu)) x).

(** gd/strongly-convex/tuned: the step 2/(L + mu) multiplies the distance to the minimizer by (L - mu)/(L + mu) at most. *)
Theorem gd_strongly_convex_tuned_holds xs distance T : minimizer f xs -> distance_to xs (x O) <= distance ->
  distance_to xs (x T) <= gd_strongly_convex_tuned L distance T mu.
Proof. intros Hm Hd. unfold gd_strongly_convex_tuned.
  assert (Heta : 0 < 2 / (L + mu)) by (apply Rdiv_lt_0_compat; lra).
  pose proof (gd_strongly_convex_distance_holds E f grad L mu (2 / (L + mu)) Hmu HmuL Heta Hsmooth Hstrong x Hx xs distance T Hm Hd) as H.
  unfold gd_strongly_convex_distance in H.
  replace (1 - 2 / (L + mu) * mu) with ((L - mu) / (L + mu)) in H by (field; lra).
  replace (2 / (L + mu) * L - 1) with ((L - mu) / (L + mu)) in H by (field; lra).
  rewrite Rmax_left in H by lra. exact H. Qed.

(** gd/strongly-convex/complexity: every number of steps from (kappa + 1)/2 log(distance/eps) on reaches distance eps, kappa = L/mu. *)
Theorem gd_strongly_convex_complexity_holds xs distance eps T : minimizer f xs -> distance_to xs (x O) <= distance ->
  0 < eps -> eps <= distance -> gd_strongly_convex_complexity distance eps (L / mu) <= INR T -> distance_to xs (x T) <= eps.
Proof. intros Hm Hd He Hed. unfold gd_strongly_convex_complexity. intros HT.
  eapply Rle_trans; [apply (gd_strongly_convex_tuned_holds xs distance); auto|]. unfold gd_strongly_convex_tuned.
  replace ((L - mu) / (L + mu)) with (1 - 2 * mu / (L + mu)) by (field; lra).
  assert (Hu : 0 < 2 * mu / (L + mu)) by (apply Rdiv_lt_0_compat; lra).
  apply power_reaches; try lra.
  - split; auto. apply Rmult_le_reg_r with (L + mu); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  - replace (ln (distance / eps)) with (2 * mu / (L + mu) * ((L / mu + 1) / 2 * ln (distance / eps))) by (field; lra).
    apply Rmult_le_compat_l; lra. Qed.
End Tuned.
