(** Instances on which the penalty bounds are attained: the value gap for every penalty, and the least penalty for hyper-suboptimality. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Penalty Formulas.
Open Scope R_scope.

Definition anywhere (x y : R) := True.
(** f = x^2/2 + L y over g = m (y - x)^2/2: psi(x) = x^2/2 + L x *)
Definition tight_upper L (x y : R) := x ^ 2 / 2 + L * y.
Definition tight_lower m (x y : R) := m / 2 * (y - x) ^ 2.
Definition zero_value (x : R) := 0.

Lemma square_zero r : r ^ 2 = 0 -> r = 0.
Proof. intros H. apply Rsqr_0_uniq. unfold Rsqr. simpl in H. lra. Qed.

Lemma tight_solves m x s : 0 < m -> (solves R R anywhere (tight_lower m) zero_value x s <-> s = x).
Proof. intros Hm. unfold solves, anywhere, tight_lower, zero_value. split.
  - intros [_ E]. apply Rminus_diag_uniq, square_zero. apply Rmult_eq_reg_l with (m / 2); lra.
  - intros ->. split; auto. ring. Qed.

(** With one instance for every gamma: v* = -L^2/2 at (-L, -L); the penalized minimizer is (-L, -L - L/(gamma m)), only that; the penalized
    value is v* - L^2/(2 m gamma), so the value gap is L^2 rho/(4 gamma) with rho = 2/m; and p = L^2/(2 m gamma^2) there. *)
Theorem tight_instance L m gamma : 0 < m -> 0 < gamma -> let f := tight_upper L in let g := tight_lower m in
  bilevel_value R R anywhere f g zero_value (- L ^ 2 / 2) /\
  penalized_value R R anywhere f g zero_value gamma (- L ^ 2 / 2 - L ^ 2 / (2 * m * gamma)) /\
  near_minimizer R R anywhere f g zero_value gamma 0 (- L) (- L - L / (gamma * m)) /\
  (forall x y, near_minimizer R R anywhere f g zero_value gamma 0 x y -> x = - L /\ y = - L - L / (gamma * m)) /\
  gap R R g zero_value (- L) (- L - L / (gamma * m)) = L ^ 2 / (2 * m * gamma ^ 2) /\
  hyper R R anywhere f g zero_value (- L) (- L ^ 2 / 2).
Proof. intros Hm Hg f g. assert (Hgm : 0 < gamma * m) by (apply Rmult_lt_0_compat; auto).
  set (top := - L ^ 2 / 2 - L ^ 2 / (2 * m * gamma)). set (ys := - L - L / (gamma * m)).
  assert (E : forall x y, penalized R R f g zero_value gamma x y =
    top + / 2 * (x + L) ^ 2 + gamma * m / 2 * (y - x + L / (gamma * m)) ^ 2).
  { intros x y. unfold penalized, gap, f, g, zero_value, tight_upper, tight_lower, top. field. lra. }
  assert (Es : penalized R R f g zero_value gamma (- L) ys = top) by (rewrite E; unfold ys; field; lra).
  assert (Ge : forall x y, top <= penalized R R f g zero_value gamma x y).
  { intros x y. rewrite E. pose proof (pow2_ge_0 (x + L)).
    assert (0 <= gamma * m / 2 * (y - x + L / (gamma * m)) ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
  assert (P : forall x, f x x = - L ^ 2 / 2 + / 2 * (x + L) ^ 2) by (intros; unfold f, tight_upper; field).
  refine (conj (conj _ _) (conj (conj _ _) (conj (conj I _) (conj _ (conj _ (conj _ _)))))).
  - intros a [x [s [Hs ->]]]. apply tight_solves in Hs; auto. subst s. rewrite P. pose proof (pow2_ge_0 (x + L)). lra.
  - intros l Hl. apply Hl. exists (- L), (- L). split; [apply tight_solves; auto|]. rewrite P. field.
  - intros a [x [y [_ ->]]]. apply Ge.
  - intros l Hl. apply Hl. exists (- L), ys. split; [exact I|]. symmetry. exact Es.
  - intros x y _. rewrite Es, Rplus_0_r. apply Ge.
  - intros x y [_ H]. specialize (H (- L) ys I). rewrite Es, E in H. pose proof (pow2_ge_0 (x + L)) as Q.
    assert (Q2 : 0 <= gamma * m / 2 * (y - x + L / (gamma * m)) ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]).
    assert (W1 : x + L = 0) by (apply square_zero; lra).
    assert (W2 : y - x + L / (gamma * m) = 0) by (apply square_zero, Rmult_eq_reg_l with (gamma * m / 2); lra). unfold ys. lra.
  - unfold gap, g, zero_value, tight_lower, ys. field. lra.
  - intros a [s [Hs ->]]. apply tight_solves in Hs; auto. subst s. rewrite P. pose proof (pow2_ge_0 (- L + L)). lra.
  - intros l Hl. apply Hl. exists (- L). split; [apply tight_solves; auto|]. rewrite P. field. Qed.

(** The value gap cannot be improved: for all L, rho there is one instance, f L-Lipschitz in y, g differentiable and strongly convex in y with
    rho (g - v) >= d^2, whose value gap is at least L^2 rho/(4 gamma) for every gamma. *)
Theorem bilevel_value_gap_lower_bound_holds L rho : 0 < L -> 0 < rho -> exists (f g g' : R -> R -> R) (v ystar : R -> R) m, 0 < m /\
  (forall x y y', Rabs (f x y - f x y') <= L * Rabs (y - y')) /\
  (forall x y, derivable_pt_lim (g x) y (g' x y)) /\
  (forall x y y', g x y + g' x y * (y' - y) + m / 2 * (y' - y) ^ 2 <= g x y') /\
  (forall x s, solves R R anywhere g v x s <-> s = ystar x) /\
  (forall x y, v x <= g x y /\ Rabs (y - ystar x) ^ 2 <= rho * gap R R g v x y) /\
  forall gamma, 0 < gamma -> exists vg vstar, penalized_value R R anywhere f g v gamma vg /\ bilevel_value R R anywhere f g v vstar /\
    vstar - vg >= bilevel_value_gap_lower_bound L rho gamma.
Proof. intros HL Hr. set (m := 2 / rho). assert (Hm : 0 < m) by (apply Rdiv_lt_0_compat; lra).
  exists (tight_upper L), (tight_lower m), (fun x y => m * (y - x)), zero_value, (fun x => x), m.
  split; auto. split; [|split; [|split; [|split; [|split]]]].
  - intros x y y'. unfold tight_upper. replace (x ^ 2 / 2 + L * y - (x ^ 2 / 2 + L * y')) with (L * (y - y')) by ring.
    rewrite Rabs_mult, (Rabs_right L) by lra. lra.
  - intros x y. unfold tight_lower. replace (m * (y - x)) with (m / 2 * (INR 2 * (y - x) ^ 1 * (1 - 0))) by (simpl; field).
    apply (derivable_pt_lim_scal (fun y => (y - x) ^ 2)).
    replace (INR 2 * (y - x) ^ 1 * (1 - 0)) with (INR 2 * (y - x) ^ 1 * (1 - 0)) by ring.
    apply (derivable_pt_lim_comp (fun y => y - x) (fun u => u ^ 2)).
    + apply (derivable_pt_lim_minus (fun y => y) (fun _ => x)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
    + apply (derivable_pt_lim_pow (y - x) 2).
  - intros x y y'. unfold tight_lower. apply Req_le. field.
  - intros x s. apply tight_solves; auto.
  - intros x y. unfold gap, tight_lower, zero_value. rewrite pow2_abs.
    replace (rho * (m / 2 * (y - x) ^ 2 - 0)) with ((y - x) ^ 2) by (unfold m; field; lra). split; [|lra].
    apply Rmult_le_pos; [lra|apply pow2_ge_0].
  - intros gamma Hg. destruct (tight_instance L m gamma Hm Hg) as [H1 [H2 _]]. do 2 eexists. split; [exact H2|]. split; [exact H1|].
    unfold bilevel_value_gap_lower_bound, m. apply Req_ge. field. lra. Qed.

(** No smaller penalty guarantees psi(x) - v* <= eps over all problems with these constants: for gamma < L^2 rho/(4 eps) there is a problem,
    f = x (L y + c) over g = y^2/rho with x in [0, 1], and an exact minimizer of its penalized cost with psi(x) - v* > eps. *)
Theorem bilevel_feasibility_penalty_necessary_holds L rho eps gamma : 0 < L -> 0 < rho -> 0 < eps -> 0 < gamma ->
  gamma < bilevel_feasibility_penalty_necessary L rho eps ->
  exists (Z : R -> R -> Prop) (f g : R -> R -> R) (v ystar : R -> R) x y psi vstar,
  (forall x y y', Z x y -> Z x y' -> Rabs (f x y - f x y') <= L * Rabs (y - y')) /\
  (forall x y s, Z x y -> (solves R R Z g v x s <-> s = ystar x)) /\
  (forall x y, Z x y -> v x <= g x y /\ Rabs (y - ystar x) ^ 2 <= rho * gap R R g v x y) /\
  near_minimizer R R Z f g v gamma 0 x y /\ hyper R R Z f g v x psi /\ bilevel_value R R Z f g v vstar /\ eps < psi - vstar.
Proof. unfold bilevel_feasibility_penalty_necessary. intros HL Hr He Hg Hb.
  set (A := L ^ 2 * rho / (4 * gamma)). set (c := (eps + A) / 2).
  assert (HA : eps < A).
  { unfold A. apply Rmult_lt_reg_r with (4 * gamma); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    apply (Rmult_lt_compat_r (4 * eps)) in Hb; [|lra]. unfold Rdiv in Hb. rewrite Rmult_assoc, Rinv_l in Hb by lra. lra. }
  set (Z := fun x _ : R => 0 <= x <= 1). set (f := fun x y => x * (L * y + c)). set (g := fun _ y : R => y ^ 2 / rho).
  assert (E : forall x y, penalized R R f g zero_value gamma x y = c * x - A * x ^ 2 + gamma / rho * (y + x * L * rho / (2 * gamma)) ^ 2).
  { intros x y. unfold penalized, gap, f, g, zero_value, A. field. lra. }
  assert (S : forall x s, 0 <= x <= 1 -> (solves R R Z g zero_value x s <-> s = 0)).
  { intros x s Hx. unfold solves, g, zero_value, Z. split.
    - intros [_ Q]. apply square_zero. apply Rmult_eq_reg_r with (/ rho); [|apply Rinv_neq_0_compat; lra]. unfold Rdiv in Q. lra.
    - intros ->. split; auto. field. lra. }
  exists Z, f, g, zero_value, (fun _ => 0), 1, (- (L * rho / (2 * gamma))), c, 0.
  split; [|split; [|split; [|split; [|split; [|split]]]]].
  - intros x y y' [X0 X1] _. unfold f. replace (x * (L * y + c) - x * (L * y' + c)) with (x * (L * (y - y'))) by ring.
    rewrite !Rabs_mult, (Rabs_right x), (Rabs_right L) by lra. pose proof (Rabs_pos (y - y')) as P.
    assert (0 <= L * Rabs (y - y')) by (apply Rmult_le_pos; lra).
    assert (0 <= (1 - x) * (L * Rabs (y - y'))) by (apply Rmult_le_pos; lra). lra.
  - intros x y s Hx. apply S, Hx.
  - intros x y Hx. unfold gap, g, zero_value. rewrite pow2_abs, Rminus_0_r.
    assert (0 <= y ^ 2 / rho) by (unfold Rdiv; apply Rmult_le_pos; [apply pow2_ge_0|left; apply Rinv_0_lt_compat; auto]).
    split; auto. apply Req_le. field. lra.
  - split; [unfold Z; lra|]. intros x y [X0 X1]. rewrite !E.
    replace (- (L * rho / (2 * gamma)) + 1 * L * rho / (2 * gamma)) with 0 by (field; lra).
    assert (0 <= gamma / rho * (y + x * L * rho / (2 * gamma)) ^ 2).
    { apply Rmult_le_pos; [|apply pow2_ge_0]. left. apply Rdiv_lt_0_compat; auto. }
    assert (0 <= (1 - x) * (A - c)) by (apply Rmult_le_pos; unfold c; lra).
    assert (0 <= (1 - x) * (A * x)) by (apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]). lra.
  - apply infimum_of_least.
    + exists 0. split; [apply S; auto; lra|]. unfold f. ring.
    + intros a [s [Hs ->]]. apply S in Hs; [|lra]. subst s. unfold f. lra.
  - apply infimum_of_least.
    + exists 0, 0. split; [apply S; auto; lra|]. unfold f. ring.
    + intros a [x [s [Hs ->]]]. pose proof (proj1 Hs) as Hx. apply S in Hs; [|exact Hx]. subst s. unfold f.
      rewrite Rmult_0_r, Rplus_0_l. apply Rmult_le_pos; [apply Hx|unfold c; lra].
  - unfold c. lra. Qed.
