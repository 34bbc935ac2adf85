(** False statements on bilevel problems, as printed or restated: for each an instance that meets every assumption and breaks the inequality. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Penalty Formulas.
Open Scope R_scope.

(** ** Assumptions, for one lower variable *)
(** s is a nearest point of S to y *)
Definition nearest (S : R -> Prop) y s := S s /\ forall s', S s' -> Rabs (y - s) <= Rabs (y - s').
Definition smooth_lower (g' : R -> R) Lg := forall y y', Rabs (g' y - g' y') <= Lg * Rabs (y - y').
(** g' is the derivative of g, v = min g is attained, and |g'|^2 >= (1/mu) (g - v): the inverse convention *)
Definition inverse_polyak_lojasiewicz (g g' : R -> R) v mu := (forall y, derivable_pt_lim g y (g' y)) /\
  (forall y, v <= g y) /\ (exists y, g y = v) /\ forall y, 1 / mu * (g y - v) <= g' y ^ 2.
(** the usual convention: |g'|^2 >= 2 m (g - v) *)
Definition polyak_lojasiewicz (g g' : R -> R) v m := (forall y, derivable_pt_lim g y (g' y)) /\
  (forall y, v <= g y) /\ (exists y, g y = v) /\ forall y, 2 * m * (g y - v) <= g' y ^ 2.
(** f(s) - f(y) <= L |y - s| for the nearest point s of the lower solutions *)
Definition calm_at_nearest (S : R -> Prop) (f : R -> R) L := forall y s, nearest S y s -> f s - f y <= L * Rabs (y - s).

Lemma derivable_quadratic a b c y : derivable_pt_lim (fun y => a * y ^ 2 + b * y + c) y (2 * a * y + b).
Proof. replace (2 * a * y + b) with (a * (INR 2 * y ^ 1) + b * 1 + 0) by (simpl; ring).
  apply (derivable_pt_lim_plus (fun y => a * y ^ 2 + b * y) (fun _ => c)); [|apply derivable_pt_lim_const].
  apply (derivable_pt_lim_plus (fun y => a * y ^ 2) (fun y => b * y)).
  - apply (derivable_pt_lim_scal (fun y => y ^ 2)). apply (derivable_pt_lim_pow y 2).
  - apply (derivable_pt_lim_scal (fun y => y)). apply derivable_pt_lim_id. Qed.

(** the lower cost of most instances: h y^2/2, with the only minimizer 0 *)
Definition parabola h y := h / 2 * y ^ 2 + 0 * y + 0.
Lemma parabola_slope h y : derivable_pt_lim (parabola h) y (h * y).
Proof. replace (h * y) with (2 * (h / 2) * y + 0) by field. apply derivable_quadratic. Qed.
Lemma parabola_pos h y : 0 <= h -> 0 <= parabola h y.
Proof. intros H. unfold parabola. assert (0 <= h / 2 * y ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. Qed.
Lemma parabola_zero h y : 0 < h -> parabola h y = 0 -> y = 0.
Proof. unfold parabola. intros H E. assert (Z : y ^ 2 = 0) by (apply Rmult_eq_reg_l with (h / 2); lra).
  apply Rsqr_0_uniq. unfold Rsqr. simpl in Z. lra. Qed.
Lemma parabola_smooth h : 0 <= h -> smooth_lower (fun y => h * y) h.
Proof. intros H y y'. rewrite <- Rmult_minus_distr_l, Rabs_mult, (Rabs_right h) by lra. lra. Qed.
Lemma parabola_nearest h y : 0 < h -> nearest (fun s => parabola h s = 0) y 0.
Proof. intros H. split; [unfold parabola; ring|]. intros s' E. rewrite (parabola_zero h s' H E). lra. Qed.
Lemma parabola_inverse h mu : 0 < h -> 2 * mu * h = 1 -> inverse_polyak_lojasiewicz (parabola h) (fun y => h * y) 0 mu.
Proof. intros H E. split; [apply parabola_slope|]. split; [intros; apply parabola_pos; lra|]. split.
  - exists 0. unfold parabola. ring.
  - intros y. assert (M : mu = / (2 * h)) by (apply Rmult_eq_reg_l with (2 * h); [rewrite Rinv_r; lra|lra]).
    rewrite M. apply Req_le. unfold parabola. field. lra. Qed.

(** S1. bilevel/slips/quadratic-growth: g = y^2/2 meets |g'|^2 >= (1/mu) (g - v) with mu = 1/2, but g - v < d^2/mu at y = 1. *)
Theorem bilevel_slips_quadratic_growth_refuted : exists g g' v mu Lg y s, 0 < mu /\ 0 < Lg /\
  inverse_polyak_lojasiewicz g g' v mu /\ smooth_lower g' Lg /\ nearest (fun s => g s = v) y s /\
  ~ g y - v >= bilevel_slips_quadratic_growth (Rabs (y - s)) mu.
Proof. exists (parabola 1), (fun y => 1 * y), 0, (1 / 2), 1, 1, 0. repeat split; try lra.
  - apply parabola_slope.
  - intros y. apply parabola_pos. lra.
  - exists 0. unfold parabola. ring.
  - intros y. unfold parabola. apply Req_le. field.
  - apply parabola_smooth. lra.
  - unfold parabola. ring.
  - apply parabola_nearest. lra.
  - unfold bilevel_slips_quadratic_growth, parabola. replace (Rabs (1 - 0)) with 1 by (rewrite Rminus_0_r, Rabs_R1; reflexivity). lra. Qed.

(** S4. bilevel/slips/warm-start: g = y^2/20 with mu = 5 has g - v > |g'|^2/mu at y = 1. *)
Theorem bilevel_slips_warm_start_refuted : exists g g' v mu y, 0 < mu /\ inverse_polyak_lojasiewicz g g' v mu /\
  ~ g y - v <= bilevel_slips_warm_start (Rabs (g' y)) mu.
Proof. exists (parabola (1 / 10)), (fun y => 1 / 10 * y), 0, 5, 1. split; [lra|]. split; [apply parabola_inverse; lra|].
  unfold bilevel_slips_warm_start, parabola. rewrite Rmult_1_r, Rabs_right by lra. lra. Qed.

(** S2. bilevel/slips/value-smoothness: for g = -x^2/2 - 3 x y + y^2/2 the gradient is sqrt(10)-Lipschitz in (x, y), |grad_y g|^2 =
    (1/mu) (g - v) with mu = 1/2, and v = -5 x^2, whose derivative -10 x is not (sqrt(10) + 10 mu)-Lipschitz. *)
Theorem bilevel_slips_value_smoothness_refuted : exists (g gx gy : R -> R -> R) (v v' : R -> R) Lg mu, 0 < Lg /\ 0 < mu /\
  (forall x y, derivable_pt_lim (fun x => g x y) x (gx x y) /\ derivable_pt_lim (fun y => g x y) y (gy x y)) /\
  (forall x y x' y', sqrt ((gx x y - gx x' y') ^ 2 + (gy x y - gy x' y') ^ 2) <= Lg * sqrt ((x - x') ^ 2 + (y - y') ^ 2)) /\
  (forall x, (forall y, v x <= g x y) /\ exists y, g x y = v x) /\ (forall x y, 1 / mu * (g x y - v x) <= gy x y ^ 2) /\
  (forall x, derivable_pt_lim v x (v' x)) /\
  ~ forall x x', Rabs (v' x - v' x') <= bilevel_slips_value_smoothness Lg mu * Rabs (x - x').
Proof. exists (fun x y => - (1 / 2) * x ^ 2 + - 3 * x * y + 1 / 2 * y ^ 2), (fun x y => - x - 3 * y), (fun x y => - 3 * x + y),
    (fun x => - 5 * x ^ 2 + 0 * x + 0), (fun x => - 10 * x), (sqrt 10), (1 / 2).
  assert (S0 : 0 < sqrt 10) by (apply sqrt_lt_R0; lra).
  split; auto. split; [lra|]. split; [|split; [|split; [|split; [|split]]]].
  - intros x y. split.
    + replace (fun x => - (1 / 2) * x ^ 2 + - 3 * x * y + 1 / 2 * y ^ 2) with (fun x => - (1 / 2) * x ^ 2 + (- 3 * y) * x + 1 / 2 * y ^ 2)
        by (apply FunctionalExtensionality.functional_extensionality; intros; ring).
      replace (- x - 3 * y) with (2 * - (1 / 2) * x + - 3 * y) by field. apply derivable_quadratic.
    + replace (fun y => - (1 / 2) * x ^ 2 + - 3 * x * y + 1 / 2 * y ^ 2) with (fun y => 1 / 2 * y ^ 2 + (- 3 * x) * y + - (1 / 2) * x ^ 2)
        by (apply FunctionalExtensionality.functional_extensionality; intros; ring).
      replace (- 3 * x + y) with (2 * (1 / 2) * y + - 3 * x) by field. apply derivable_quadratic.
  - intros x y x' y'. rewrite <- sqrt_mult_alt by lra. apply Req_le. f_equal. ring.
  - intros x. split.
    + intros y. assert (H : 0 <= (y - 3 * x) ^ 2) by apply pow2_ge_0. lra.
    + exists (3 * x). field.
  - intros x y. apply Req_le. field.
  - intros x. replace (- 10 * x) with (2 * - 5 * x + 0) by ring. apply derivable_quadratic.
  - intros H. specialize (H 1 0). unfold bilevel_slips_value_smoothness in H.
    replace (- 10 * 1 - - 10 * 0) with (- 10) in H by ring. rewrite Rminus_0_r, Rabs_R1 in H.
    rewrite Rabs_left in H by lra. rewrite pow2_sqrt in H by lra.
    assert (sqrt 10 < 4); [|lra]. rewrite <- (sqrt_pow2 4) by lra. apply sqrt_lt_1_alt. lra. Qed.

(** f = -L min(y, 1): for every gamma below L the penalized cost f + gamma |g'|, g = y^2/2, has the minimizer 1, which is not in S = {0} *)
Lemma gradient_norm_minimizer L gamma y : 0 <= gamma <= L ->
  - L * Rmin 1 1 + gamma * Rabs (1 * 1) <= - L * Rmin y 1 + gamma * Rabs (1 * y).
Proof. intros H. rewrite !Rmult_1_l, Rabs_R1. rewrite (Rmin_left 1 1) by lra. destruct (Rle_or_lt y 1) as [C|C].
  - rewrite Rmin_left by lra. destruct (Rle_or_lt 0 y) as [P|P].
    + rewrite Rabs_right by lra. assert (0 <= (L - gamma) * (1 - y)) by (apply Rmult_le_pos; lra). lra.
    + rewrite Rabs_left by lra. assert (0 <= (L + gamma) * - y) by (apply Rmult_le_pos; lra). lra.
  - rewrite Rmin_right, Rabs_right by lra. assert (gamma * 1 <= gamma * y) by (apply Rmult_le_compat_l; lra). lra. Qed.
Lemma gradient_norm_calm L : 0 < L -> calm_at_nearest (fun s => parabola 1 s = 0) (fun y => - L * Rmin y 1) L.
Proof. intros HL y s [Hs _]. apply parabola_zero in Hs; [|lra]. subst s. rewrite Rminus_0_r, (Rmin_left 0 1) by lra.
  assert (Rmin y 1 <= Rabs y) by (eapply Rle_trans; [apply Rmin_l|apply Rle_abs]).
  assert (L * Rmin y 1 <= L * Rabs y) by (apply Rmult_le_compat_l; lra). lra. Qed.

(** S3. bilevel/slips/gradient-norm-penalty: beyond L sqrt(mu) there is a gamma, and an instance with |g'|^2 >= (1/mu) (g - v) and an L-calm
    upper cost, whose penalized cost f + gamma |g'| has a minimizer that does not minimize g. For every L. *)
Theorem bilevel_slips_gradient_norm_penalty_refuted L : 0 < L -> exists f g g' v mu Lg gamma y, 0 < mu /\ 0 < Lg /\
  inverse_polyak_lojasiewicz g g' v mu /\ smooth_lower g' Lg /\ calm_at_nearest (fun s => g s = v) f L /\
  bilevel_slips_gradient_norm_penalty L mu < gamma /\
  (forall y', f y + gamma * Rabs (g' y) <= f y' + gamma * Rabs (g' y')) /\ g y <> v.
Proof. intros HL. unfold bilevel_slips_gradient_norm_penalty.
  assert (S1 : sqrt (1 / 2) < 1) by (rewrite <- sqrt_1 at 2; apply sqrt_lt_1_alt; lra).
  pose proof (sqrt_pos (1 / 2)) as S0.
  assert (K : 0 <= L * sqrt (1 / 2) < L).
  { split; [apply Rmult_le_pos; lra|]. rewrite <- (Rmult_1_r L) at 2. apply Rmult_lt_compat_l; lra. }
  exists (fun y => - L * Rmin y 1), (parabola 1), (fun y => 1 * y), 0, (1 / 2), 1, ((L * sqrt (1 / 2) + L) / 2), 1.
  split; [lra|]. split; [lra|]. split; [apply parabola_inverse; lra|]. split; [apply parabola_smooth; lra|].
  split; [apply gradient_norm_calm; auto|]. split; [lra|]. split.
  - intros y'. apply gradient_norm_minimizer. lra.
  - unfold parabola. lra. Qed.

(** the same where the convention is |g'|^2 >= (1/sqrt(mu)) (g - v): the instance has mu = 1/4 there *)
Theorem gradient_norm_penalty_other_reading L : 0 < L -> exists f g g' v mu gamma y, 0 < mu /\
  inverse_polyak_lojasiewicz g g' v (sqrt mu) /\ calm_at_nearest (fun s => g s = v) f L /\
  bilevel_slips_gradient_norm_penalty L mu < gamma /\
  (forall y', f y + gamma * Rabs (g' y) <= f y' + gamma * Rabs (g' y')) /\ g y <> v.
Proof. intros HL. unfold bilevel_slips_gradient_norm_penalty.
  assert (S1 : sqrt (1 / 4) = 1 / 2) by (replace (1 / 4) with ((1 / 2) ^ 2) by field; apply sqrt_pow2; lra).
  exists (fun y => - L * Rmin y 1), (parabola 1), (fun y => 1 * y), 0, (1 / 4), (3 / 4 * L), 1. rewrite S1.
  split; [lra|]. split; [apply parabola_inverse; lra|].
  split; [apply gradient_norm_calm; auto|]. split; [lra|]. split.
  - intros y'. apply gradient_norm_minimizer. lra.
  - unfold parabola. lra. Qed.

(** and f = -L y makes f + gamma |g'| unbounded below for every gamma < L *)
Theorem gradient_norm_penalty_unbounded L gamma : 0 <= gamma < L -> forall M, exists y, - L * y + gamma * Rabs (1 * y) < M.
Proof. intros H M. exists ((Rabs M + 1) / (L - gamma)).
  assert (P : 0 < (Rabs M + 1) / (L - gamma)) by (pose proof (Rabs_pos M); apply Rdiv_lt_0_compat; lra).
  set (y := (Rabs M + 1) / (L - gamma)) in *. rewrite Rmult_1_l, (Rabs_right y) by lra.
  replace (- L * y + gamma * y) with (- (Rabs M + 1)) by (unfold y; field; lra).
  pose proof (Rle_abs (- M)) as Q. rewrite Rabs_Ropp in Q. lra. Qed.

(** bilevel/slips/global-penalty: for every L, rho, delta there is an instance, f = -L y over p = max(y^2/rho, L y/gamma) on
    [0, L rho/gamma], at gamma = L sqrt(rho/(2 delta)) exactly: f is L-calm, rho p >= d^2, and a minimizer of F has p = 2 delta > delta. *)
Theorem bilevel_slips_global_penalty_refuted L rho delta : 0 < L -> 0 < rho -> 0 < delta ->
  exists (Z : unit -> R -> Prop) f g v y, let gamma := bilevel_slips_global_penalty L rho delta in
  (forall x y, Z x y -> v x <= g x y /\ exists s, nearest (solves unit R Z g v x) y s) /\
  (forall x y s, Z x y -> nearest (solves unit R Z g v x) y s ->
     f x s - f x y <= L * Rabs (y - s) /\ Rabs (y - s) ^ 2 <= rho * gap unit R g v x y) /\
  near_minimizer unit R Z f g v gamma 0 tt y /\ ~ gap unit R g v tt y <= delta.
Proof. intros HL Hr Hd. set (gamma := bilevel_slips_global_penalty L rho delta).
  assert (Q0 : 0 < rho / (2 * delta)) by (apply Rdiv_lt_0_compat; lra).
  assert (G0 : 0 < gamma) by (apply Rmult_lt_0_compat; auto; apply sqrt_lt_R0; auto).
  assert (G2 : gamma ^ 2 = L ^ 2 * rho / (2 * delta)).
  { unfold gamma, bilevel_slips_global_penalty. rewrite Rpow_mult_distr, pow2_sqrt by lra. field. lra. }
  set (top := L * rho / gamma). assert (T0 : 0 < top) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (E1 : top ^ 2 / rho = 2 * delta).
  { unfold top. replace ((L * rho / gamma) ^ 2 / rho) with (L ^ 2 * rho / gamma ^ 2) by (field; split; lra). rewrite G2. field.
    repeat split; try lra; apply Rgt_not_eq; auto. }
  assert (E2 : L * top / gamma = 2 * delta).
  { unfold top. replace (L * (L * rho / gamma) / gamma) with (L ^ 2 * rho / gamma ^ 2) by (field; lra). rewrite G2. field.
    repeat split; try lra; apply Rgt_not_eq; auto. }
  set (Z := fun (_ : unit) y => 0 <= y <= top). set (g := fun (_ : unit) y => Rmax (y ^ 2 / rho) (L * y / gamma)).
  exists Z, (fun _ y => - L * y), g, (fun _ => 0), top. cbv zeta. fold gamma.
  assert (Pg : forall y, 0 <= y -> 0 <= L * y / gamma).
  { intros y Hy. unfold Rdiv. apply Rmult_le_pos; [apply Rmult_le_pos; lra|]. left. apply Rinv_0_lt_compat; auto. }
  assert (S0 : forall s, solves unit R Z g (fun _ => 0) tt s -> s = 0).
  { intros s [[Hs _] E]. assert (L * s / gamma <= 0) by (rewrite <- E; apply Rmax_r).
    apply Rle_antisym; auto. apply Rmult_le_reg_r with (L / gamma); [apply Rdiv_lt_0_compat; auto|].
    replace (s * (L / gamma)) with (L * s / gamma) by (field; lra). lra. }
  assert (S1 : solves unit R Z g (fun _ => 0) tt 0).
  { split; [unfold Z; lra|]. unfold g. replace (0 ^ 2 / rho) with 0 by (field; lra). replace (L * 0 / gamma) with 0 by (field; lra).
    apply Rmax_left. lra. }
  split; [|split; [|split]].
  - intros [] y [Hy _]. split.
    + unfold g. eapply Rle_trans; [apply (Pg y Hy)|apply Rmax_r].
    + exists 0. split; auto. intros s' Hs'. rewrite (S0 s' Hs'). lra.
  - intros [] y s [Hy _] [Hs _]. rewrite (S0 s Hs), Rminus_0_r, Rabs_right by lra. split; [lra|].
    unfold gap, g. rewrite Rminus_0_r. apply Rle_trans with (rho * (y ^ 2 / rho)); [apply Req_le; field; lra|].
    apply Rmult_le_compat_l; [lra|apply Rmax_l].
  - split; [unfold Z; lra|]. intros [] y [Hy _]. unfold penalized, gap, g. rewrite E1, E2, Rmax_left by lra.
    assert (L * y / gamma <= Rmax (y ^ 2 / rho) (L * y / gamma)) by apply Rmax_r.
    assert (K : gamma * (L * y / gamma) <= gamma * Rmax (y ^ 2 / rho) (L * y / gamma)) by (apply Rmult_le_compat_l; lra).
    replace (gamma * (L * y / gamma)) with (L * y) in K by (field; lra).
    assert (L * top = gamma * (2 * delta)) by (rewrite <- E2; field; lra). lra.
  - unfold gap, g. rewrite E1, E2, Rmax_left by lra. lra. Qed.

(** bilevel/slips/stationary-calmness: f = (y (y - 20)/6)^2 over g = y^2/2 is calm with every L > 0 (here 1), and y = 19 is stationary for
    f + (g - v), eta = 0; but its value gap is 361/2. *)
Theorem bilevel_slips_stationary_calmness_refuted : exists f g g' F' v m Lg L gamma eta y, 0 < m /\ 0 < Lg /\ 0 < L /\ 0 < gamma /\ 0 <= eta /\
  polyak_lojasiewicz g g' v m /\ smooth_lower g' Lg /\ calm_at_nearest (fun s => g s = v) f L /\
  (forall y, derivable_pt_lim (fun y => f y + gamma * (g y - v)) y (F' y)) /\ Rabs (F' y) <= eta /\
  ~ g y - v <= bilevel_slips_stationary_calmness L m gamma eta.
Proof. set (h := fun y => 1 / 6 * y ^ 2 + - (10 / 3) * y + 0).
  exists (fun y => h y * h y), (parabola 1), (fun y => 1 * y),
    (fun y => (2 * (1 / 6) * y + - (10 / 3)) * h y + h y * (2 * (1 / 6) * y + - (10 / 3)) + 1 * (1 * y - 0)), 0, 1, 1, 1, 1, 0, 19.
  repeat split; try lra.
  - apply parabola_slope.
  - intros y. apply parabola_pos. lra.
  - exists 0. unfold parabola. ring.
  - intros y. unfold parabola. apply Req_le. field.
  - apply parabola_smooth. lra.
  - intros y s [Hs _]. apply parabola_zero in Hs; [|lra]. subst s. pose proof (Rle_0_sqr (h y)) as Q. unfold Rsqr in Q.
    pose proof (Rabs_pos (y - 0)) as P. assert (Z0 : h 0 = 0) by (unfold h; ring). rewrite Z0. lra.
  - intros y. apply (derivable_pt_lim_plus (fun y => h y * h y) (fun y => 1 * (parabola 1 y - 0))).
    + apply (derivable_pt_lim_mult h h); apply derivable_quadratic.
    + apply (derivable_pt_lim_scal (fun y => parabola 1 y - 0)).
      apply (derivable_pt_lim_minus (parabola 1) (fun _ => 0)); [apply parabola_slope|apply derivable_pt_lim_const].
  - apply Req_le. unfold h. replace (_ + _) with 0 by field. apply Rabs_R0.
  - unfold bilevel_slips_stationary_calmness, parabola. lra. Qed.

(** bilevel/slips/slope-at-solution: f = (3 y - 2 x)^2/2 + y - x is jointly convex, ystar(x) = x is affine, g = (y - x)^2/2 has rho = 2, the
    solution is (0, 0) with the slope 1 in y; at gamma = 2 the penalized minimizer (3/2, 1) has psi(x) - v* = 9/8, more than 1/4. *)
Theorem bilevel_slips_slope_at_solution_refuted : exists (f g : R -> R -> R) (v ystar : R -> R) slope rho gamma x y psi vstar,
  let Z := fun _ _ : R => True in 0 < slope /\ 0 < rho /\ 0 < gamma /\
  (forall x y x' y' t, 0 <= t <= 1 ->
     f (x + t * (x' - x)) (y + t * (y' - y)) <= (1 - t) * f x y + t * f x' y') /\
  (forall x x' t, ystar (x + t * (x' - x)) = ystar x + t * (ystar x' - ystar x)) /\
  (forall x s, solves R R Z g v x s <-> s = ystar x) /\
  (forall x y, v x <= g x y /\ Rabs (y - ystar x) ^ 2 <= rho * gap R R g v x y) /\
  (exists xs, bilevel_solution R R Z f g v xs (ystar xs) /\ derivable_pt_lim (f xs) (ystar xs) slope) /\
  near_minimizer R R Z f g v gamma 0 x y /\ hyper R R Z f g v x psi /\ bilevel_value R R Z f g v vstar /\
  ~ psi - vstar <= bilevel_slips_slope_at_solution rho gamma slope.
Proof. set (f := fun x y => 9 / 2 * y ^ 2 + (1 - 6 * x) * y + (2 * x ^ 2 - x)).
  assert (Ef : forall x y, f x y = (3 * y - 2 * x) ^ 2 / 2 + (y - x)) by (intros; unfold f; field).
  set (g := fun x y : R => (y - x) ^ 2 / 2).
  assert (Sol : forall x s, solves R R (fun _ _ => True) g (fun _ => 0) x s <-> s = x).
  { intros x s. split.
    - intros [_ E]. unfold g in E. assert (Q : (s - x) ^ 2 = 0) by lra. apply Rminus_diag_uniq, Rsqr_0_uniq. unfold Rsqr. simpl in Q. lra.
    - intros ->. split; auto. unfold g. field. }
  assert (Hf : forall x, f x x = x ^ 2 / 2) by (intros; rewrite Ef; field).
  assert (Hx : forall x : R, 0 <= x ^ 2 / 2) by (intros; pose proof (pow2_ge_0 x); lra).
  exists f, g, (fun _ => 0), (fun x => x), 1, 2, 2, (3 / 2), 1, (9 / 8), 0. cbv zeta.
  split; [lra|]. split; [lra|]. split; [lra|]. split; [|split; [|split; [|split; [|split; [|split; [|split; [|split]]]]]]].
  - intros x y x' y' t Ht. rewrite !Ef. assert (0 <= t * (1 - t) * (3 * (y - y') - 2 * (x - x')) ^ 2).
    { apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply pow2_ge_0]. } lra.
  - intros; reflexivity.
  - exact Sol.
  - intros x y. unfold gap, g. pose proof (pow2_ge_0 (y - x)). rewrite pow2_abs. lra.
  - exists 0. split.
    + split; [apply Sol; reflexivity|]. intros x' y' Hs. apply Sol in Hs. subst y'. rewrite !Hf. specialize (Hx x'). lra.
    + pose proof (derivable_quadratic (9 / 2) (1 - 6 * 0) (2 * 0 ^ 2 - 0) 0) as D.
      replace (2 * (9 / 2) * 0 + (1 - 6 * 0)) with 1 in D by field. exact D.
  - split; auto. intros x y _. unfold penalized, gap, g. rewrite !Ef.
    pose proof (pow2_ge_0 (3 * y - 2 * x)). pose proof (pow2_ge_0 (y - x + 1 / 2)). lra.
  - apply infimum_of_least.
    + exists (3 / 2). split; [apply Sol; reflexivity|]. rewrite Hf. field.
    + intros a [s [Hs ->]]. apply Sol in Hs. subst s. rewrite Hf. lra.
  - apply infimum_of_least.
    + exists 0, 0. split; [apply Sol; reflexivity|]. rewrite Hf. field.
    + intros a [x [s [Hs ->]]]. apply Sol in Hs. subst s. rewrite Hf. apply Hx.
  - unfold bilevel_slips_slope_at_solution. lra. Qed.
