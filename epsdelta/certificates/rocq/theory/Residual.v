(** One residual encloses exactly one equilibrium: strong monotonicity and a Lipschitz constant on a closed ball, |F(c)|_P <= alpha r. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Field Formulas Monotone Step Projection Banach Convergence Equilibrium.
Open Scope R_scope.

Section Residual.
Variables (n : nat) (P : nat -> nat -> R) (lam : R) (F : vec -> vec) (c : vec) (a beta r : R).
Hypotheses (M : metric n P lam) (Ha : 0 < a) (Hr : 0 <= r).
(** F is strongly monotone with modulus a and Lipschitz with constant beta in the metric P on the closed ball of radius r around c. *)
Hypothesis HM : monotone_on n P (ball n P c r) F a.
Hypothesis Lip : forall x y, ball n P c r x -> ball n P c r y -> dist2 n P (F x) (F y) <= beta^2 * dist2 n P x y.
Hypothesis Hc : form n P (F c) (F c) <= (a * r) ^ 2.

(** The fixed point of the radially projected Euler step lies in the interior or is a zero on the boundary. *)
Lemma zero_in_ball : exists z, zero n F z /\ ball n P c r z.
Proof.
  assert (Bc : ball n P c r c) by (unfold ball; rewrite (dist2_refl n P c); apply pow2_ge_0).
  destruct (Rle_lt_or_eq_dec 0 r Hr) as [Pos|Z].
  2:{ exists c. split; auto. rewrite <- Z in Hc. apply (form_small n P lam M). lra. }
  pose proof (pow_lt a 2 Ha) as Ha2.
  set (L1 := beta ^ 2 + a ^ 2). pose proof (pow2_ge_0 beta) as Hb2. assert (HL1 : 0 < L1) by (unfold L1; lra). set (b := sqrt L1).
  assert (Hb : b ^ 2 = L1) by (apply pow2_sqrt; lra). set (h := a / L1).
  assert (Hh : 0 < h) by (apply Rmult_lt_0_compat; [auto|apply Rinv_0_lt_compat; auto]).
  assert (Lip' : forall x y, ball n P c r x -> ball n P c r y -> dist2 n P (F x) (F y) <= b ^ 2 * dist2 n P x y).
  { intros x y Hx Hy. eapply Rle_trans; [apply Lip; auto|]. rewrite Hb. unfold L1.
    apply Rmult_le_compat_r; [apply (dist2_pos n P lam M)|lra]. }
  assert (Hq : 0 <= 1 - 2 * a * h + b ^ 2 * h ^ 2 < 1).
  { rewrite Hb. replace (1 - 2 * a * h + L1 * h ^ 2) with (1 - a ^ 2 / L1) by (unfold h; field; lra).
    assert (H1 : 0 < a ^ 2 / L1) by (apply Rmult_lt_0_compat; [auto|apply Rinv_0_lt_compat; auto]).
    assert (H2 : a ^ 2 / L1 <= 1). { apply Rmult_le_reg_l with L1; auto. replace (L1 * (a ^ 2 / L1)) with (a ^ 2) by (field; lra).
      unfold L1; lra. }
    lra. }
  pose proof (radial_projection n P lam M c r Hr) as HPi.
  destruct (banach n P lam M (ball n P c r) (fun x => radial n P c r (euler_step h F x)) (1 - 2 * a * h + b ^ 2 * h ^ 2)) as [z [Bz [Fz
    _]]]; auto.
  { apply ball_closed. }
  { intros x _. apply (HPi (euler_step h F x)). }
  { intros x y Hx Hy. eapply Rle_trans; [apply (projection_nonexpansive n P lam _ _ M HPi)|].
    apply (euler_step_contracts n P lam M (ball n P c r) F a b h); auto. lra. }
  { exists c; auto. }
  exists z. split; auto. set (u := euler_step h F z) in *.
  destruct (Rle_dec (dist2 n P u c) (r ^ 2)) as [H|H].
  - intros i Hi. specialize (Fz i Hi). cbv beta in Fz. fold u in Fz. unfold radial in Fz.
    destruct (Rle_dec (dist2 n P u c) (r ^ 2)) as [_|N]; [|contradiction]. unfold u, euler_step in Fz.
    assert (Z : h * F z i = 0) by lra. apply Rmult_integral in Z. destruct Z; [lra|auto].
  - exfalso. apply Rnot_le_lt in H. destruct (radial_outside n P c r u Hr H) as [th [Hth [Hth0 [H1 [_ E]]]]]. specialize (Hth0 Pos).
    assert (Dz : dist2 n P z c = r ^ 2).
    { rewrite (dist2_same n P z (radial n P c r u) c c); [|intros i Hi; symmetry; apply (Fz i Hi)|intros i _; reflexivity].
      rewrite (dist2_scaled n P c u _ th E). auto. }
    assert (G : forall i, (i < n)%nat -> th * h * F z i = - (1 - th) * minus z c i).
    { intros i Hi. specialize (Fz i Hi). cbv beta in Fz. fold u in Fz. rewrite E in Fz. unfold u, euler_step in Fz. unfold minus. lra. }
    assert (I1 : th * h * form n P (F z) (minus z c) = - (1 - th) * r ^ 2).
    { rewrite <- Dz. unfold dist2. rewrite <- !form_scal_l. apply form_vext; auto. }
    pose proof (HM z c Bz Bc) as I2. unfold minus at 1 in I2. rewrite form_minus_l, Dz in I2.
    assert (I3 : - (a * r * r) <= form n P (F c) (minus z c)).
    { apply (pform_opp_bounds n P lam M); [apply Rmult_le_pos; lra|exact Hr|exact Hc|exact Bz]. }
    assert (I4 : 0 <= form n P (F z) (minus z c)) by (replace (a * r ^ 2) with (a * r * r) in I2 by ring; lra).
    assert (I5 : 0 <= th * h * form n P (F z) (minus z c)) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|auto]).
    assert (I6 : 0 < (1 - th) * r ^ 2) by (apply Rmult_lt_0_compat; [lra|apply pow_lt; auto]). lra. Qed.

(** A zero in the ball is at most |F(c)|_P/a away from its centre, and it is the only one. *)
Lemma zero_distance z : zero n F z -> ball n P c r z -> sqrt (dist2 n P z c) <= sqrt (form n P (F c) (F c)) / a.
Proof. intros Zz Bz. assert (Bc : ball n P c r c) by (unfold ball; rewrite (dist2_refl n P c); apply pow2_ge_0).
  pose proof (HM c z Bc Bz) as H. rewrite (form_vext n P (minus (F c) (F z)) (F c) (minus c z) (minus c z)) in H;
    [|intros i Hi; unfold minus; rewrite (Zz i Hi); ring|auto]. rewrite (dist2_sym n P c z) in H.
  pose proof (dist2_pos n P lam M z c) as Pd. set (D := sqrt (dist2 n P z c)). set (g := sqrt (form n P (F c) (F c))).
  assert (ED : D^2 = dist2 n P z c) by (apply pow2_sqrt; auto).
  assert (Eg : g^2 = form n P (F c) (F c)) by (apply pow2_sqrt, (pform_pos n P lam M)).
  assert (PD : 0 <= D) by apply sqrt_pos. assert (Pg : 0 <= g) by apply sqrt_pos.
  assert (K : form n P (F c) (minus c z) <= g * D).
  { apply (pform_cs_bounds n P lam M); auto; [lra|]. change (dist2 n P c z <= D^2). rewrite (dist2_sym n P c z). lra. }
  rewrite <- ED in H. assert (G : a * D <= g).
  { apply Rnot_lt_le. intros C. assert (P0 : 0 < D) by (apply Rnot_le_lt; intros N; assert (Z : D = 0) by lra; rewrite Z in C; lra).
    apply (Rmult_lt_compat_r D) in C; auto. lra. }
  apply Rmult_le_reg_l with a; auto. replace (a * (g / a)) with g by (field; lra). exact G. Qed.
End Residual.

(** small-gain/equilibrium/enclosure. If F is strongly monotone with modulus alpha and Lipschitz in the metric P on the closed ball of the
    radius around c, and |F(c)|_P = residual <= alpha radius, then the ball contains exactly one zero of F, and its distance from c is at
    most residual/alpha. *)
Theorem small_gain_equilibrium_enclosure_holds n P lam F c alpha beta radius residual : metric n P lam -> 0 < alpha -> 0 <= radius ->
  monotone_on n P (ball n P c radius) F alpha ->
  (forall x y, ball n P c radius x -> ball n P c radius y -> sqrt (dist2 n P (F x) (F y)) <= beta * sqrt (dist2 n P x y)) ->
  sqrt (form n P (F c) (F c)) = residual -> residual <= alpha * radius ->
  exists z, zero n F z /\ ball n P c radius z /\ (forall w, ball n P c radius w -> zero n F w -> same n w z) /\
    sqrt (dist2 n P z c) <= small_gain_equilibrium_enclosure alpha radius residual.
Proof. intros M Ha Hr HM HL Hres Hle. pose proof (pform_pos n P lam M (F c)) as Pc.
  assert (Hc : form n P (F c) (F c) <= (alpha * radius)^2).
  { rewrite <- (pow2_sqrt (form n P (F c) (F c))) by auto. apply pow_incr. rewrite Hres. split; auto. rewrite <- Hres. apply sqrt_pos. }
  assert (Lip : forall x y, ball n P c radius x -> ball n P c radius y -> dist2 n P (F x) (F y) <= beta^2 * dist2 n P x y).
  { intros x y Hx Hy. specialize (HL x y Hx Hy). pose proof (dist2_pos n P lam M (F x) (F y)) as P1.
    pose proof (dist2_pos n P lam M x y) as P2.
    rewrite <- (pow2_sqrt (dist2 n P (F x) (F y))), <- (pow2_sqrt (dist2 n P x y)), <- Rpow_mult_distr by auto.
    apply pow_incr. split; auto. apply sqrt_pos. }
  destruct (zero_in_ball n P lam F c alpha beta radius M Ha Hr HM Lip Hc) as [z [Zz Bz]]. exists z. split; auto. split; auto. split.
  - intros w Bw Zw. apply (monotone_unique n P lam M (ball n P c radius) F alpha Ha HM); auto.
  - unfold small_gain_equilibrium_enclosure. rewrite <- Hres. apply (zero_distance n P lam F c alpha radius M Ha HM z Zz Bz). Qed.
