(** Stationary points of the penalized cost f + gamma (g - v) in the lower variables: value gap, distance, and the penalized lower solution. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Products PolyakGrowth Formulas.
Open Scope R_scope.

Section Stationary.
Variable Y : space.
(** the gradients of f and g in y at the point: |grad_y f| <= L and |grad_y f + gamma grad_y g| <= eta *)
Variables (gf gg : Y) (L eta gamma : R).
Hypothesis gamma_pos : 0 < gamma.
Hypothesis upper_slope : norm gf <= L.
Hypothesis stationary : norm (vadd gf (vscal gamma gg)) <= eta.

Lemma lower_slope_at_stationary : gamma * norm gg <= L + eta.
Proof. pose proof (norm_triangle Y (vadd gf (vscal gamma gg)) (vscal (-1) gf)) as T.
  assert (E1 : norm (vadd (vadd gf (vscal gamma gg)) (vscal (-1) gf)) = gamma * norm gg).
  { unfold norm. replace (n2 (vadd (vadd gf (vscal gamma gg)) (vscal (-1) gf))) with (gamma ^ 2 * n2 gg).
    - rewrite sqrt_mult by (try apply pow2_ge_0; apply n2_pos). rewrite sqrt_pow2 by lra. reflexivity.
    - unfold n2. rewrite !ip_add, !ip_add_r, !ip_scal, !ip_scal_r, (ip_sym Y gg gf). ring. }
  assert (E2 : norm (vscal (-1) gf) = norm gf) by (unfold norm; rewrite n2_scal; f_equal; ring). lra. Qed.

(** g - v <= (L + eta)^2/(2 m gamma^2) *)
Theorem bilevel_local_stationary_value_gap_holds gap m : 0 < m -> 2 * m * gap <= n2 gg ->
  gap <= bilevel_local_stationary_value_gap L m gamma eta.
Proof. intros Hm H. unfold bilevel_local_stationary_value_gap. pose proof lower_slope_at_stationary as S. pose proof (norm_pos Y gg) as N.
  assert (K : gamma ^ 2 * n2 gg <= (L + eta) ^ 2).
  { rewrite <- norm_sq, <- Rpow_mult_distr. apply pow_incr. split; auto. apply Rmult_le_pos; lra. }
  assert (G2 : 0 < gamma ^ 2) by (apply pow_lt; auto).
  assert (P : 0 < 2 * m * gamma ^ 2) by (apply Rmult_lt_0_compat; lra).
  apply Rmult_le_reg_r with (2 * m * gamma ^ 2); auto.
  replace ((L + eta) ^ 2 / (2 * m * gamma ^ 2) * (2 * m * gamma ^ 2)) with ((L + eta) ^ 2) by (field; lra).
  apply (Rmult_le_compat_l (gamma ^ 2)) in H; lra. Qed.

(** from gamma = (L + eta)/sqrt(2 m delta) on: g - v <= delta *)
Theorem bilevel_local_penalty_for_stationary_holds gap m delta : 0 < m -> 0 < delta -> 2 * m * gap <= n2 gg ->
  bilevel_local_penalty_for_stationary L m delta eta <= gamma -> gap <= delta.
Proof. unfold bilevel_local_penalty_for_stationary. intros Hm Hd H Hg.
  pose proof (bilevel_local_stationary_value_gap_holds gap m Hm H) as K. unfold bilevel_local_stationary_value_gap in K.
  assert (D : 0 < 2 * m * delta) by (apply Rmult_lt_0_compat; lra). assert (S : 0 < sqrt (2 * m * delta)) by (apply sqrt_lt_R0; auto).
  pose proof (norm_pos Y gf) as N1. pose proof (norm_pos Y (vadd gf (vscal gamma gg))) as N2.
  assert (B : L + eta <= gamma * sqrt (2 * m * delta)).
  { apply (Rmult_le_compat_r (sqrt (2 * m * delta))) in Hg; [|lra]. unfold Rdiv in Hg. rewrite Rmult_assoc, Rinv_l in Hg by lra. lra. }
  assert (B2 : (L + eta) ^ 2 <= gamma ^ 2 * (2 * m * delta)).
  { rewrite <- (pow2_sqrt (2 * m * delta)) by lra. rewrite <- Rpow_mult_distr. apply pow_incr. lra. }
  assert (G2 : 0 < gamma ^ 2) by (apply pow_lt; auto).
  eapply Rle_trans; [exact K|]. apply Rmult_le_reg_r with (2 * m * gamma ^ 2); [apply Rmult_lt_0_compat; lra|].
  replace ((L + eta) ^ 2 / (2 * m * gamma ^ 2) * (2 * m * gamma ^ 2)) with ((L + eta) ^ 2) by (field; lra). lra. Qed.
End Stationary.

(** d <= (L + eta)/(m gamma): g smooth with |grad g|^2 >= 2 m (g - v), y unconstrained, d at most the distance to every minimizer *)
Theorem bilevel_local_stationary_distance_holds (Y : space) (g : Y -> R) (grad : Y -> Y) v m Lg y d gf L eta gamma : complete Y ->
  (forall y, v <= g y) -> (forall y, 2 * m * (g y - v) <= n2 (grad y)) ->
  (forall y y', g y' <= g y + ip (grad y) (vsub y' y) + Lg / 2 * n2 (vsub y' y)) -> 0 < m -> 0 < Lg ->
  0 <= d -> (forall s, g s = v -> d <= norm (vsub y s)) -> 0 < gamma -> norm gf <= L -> norm (vadd gf (vscal gamma (grad y))) <= eta ->
  d <= bilevel_local_stationary_distance L m gamma eta.
Proof. intros HY Hb Hp Hs Hm HL D0 D1 Hg Hf Hst. unfold bilevel_local_stationary_distance.
  pose proof (bilevel_lower_level_error_bound_holds Y HY g grad v m Lg Hb Hp Hs Hm HL y d D0 D1) as H.
  unfold bilevel_lower_level_error_bound in H. pose proof (lower_slope_at_stationary Y gf (grad y) L eta gamma Hg Hf Hst) as S.
  assert (P : 0 < m * gamma) by (apply Rmult_lt_0_compat; auto).
  apply Rmult_le_reg_r with (m * gamma); auto.
  replace ((L + eta) / (m * gamma) * (m * gamma)) with (L + eta) by (field; lra).
  apply Rge_le in H. apply (Rmult_le_compat_l gamma) in H; lra. Qed.

(** |y_gamma - y*| <= L/(m gamma): g strongly convex (its gradient strongly monotone), y* its minimizer and yg that of f + gamma g, both
    unconstrained, so that the gradients vanish there; |grad_y f| <= L at yg *)
Theorem bilevel_gradient_gap_solution_holds (Y : space) (grad : Y -> Y) m yg ys gf L gamma : 0 < m -> 0 < gamma ->
  m * n2 (vsub yg ys) <= ip (vsub (grad yg) (grad ys)) (vsub yg ys) -> norm (grad ys) = 0 ->
  norm gf <= L -> norm (vadd gf (vscal gamma (grad yg))) = 0 ->
  norm (vsub yg ys) <= bilevel_gradient_gap_solution L m gamma.
Proof. intros Hm Hg Hs H0 Hf Hst. unfold bilevel_gradient_gap_solution.
  pose proof (lower_slope_at_stationary Y gf (grad yg) L 0 gamma Hg Hf (Req_le _ _ Hst)) as S.
  pose proof (cauchy_schwarz Y (grad yg) (vsub yg ys)) as C.
  pose proof (cauchy_schwarz Y (grad ys) (vsub ys yg)) as C0. rewrite H0, Rmult_0_l in C0.
  assert (E : - ip (grad ys) (vsub yg ys) = ip (grad ys) (vsub ys yg)) by (rewrite !ip_sub_r; ring).
  rewrite ip_sub_l in Hs. set (r := norm (vsub yg ys)) in *.
  assert (K : m * r * r <= norm (grad yg) * r) by (replace (m * r * r) with (m * r ^ 2) by ring; unfold r at 1; rewrite norm_sq; lra).
  pose proof (norm_pos Y (vsub yg ys)) as R0. fold r in R0. assert (P : 0 < m * gamma) by (apply Rmult_lt_0_compat; auto).
  apply Rmult_le_reg_r with (m * gamma); auto.
  replace (L / (m * gamma) * (m * gamma)) with L by (field; lra).
  assert (M : m * r <= norm (grad yg)).
  { destruct R0 as [R0|R0]; [apply Rmult_le_reg_r with r; auto|]. rewrite <- R0, Rmult_0_r. apply norm_pos. }
  apply (Rmult_le_compat_l gamma) in M; lra. Qed.
