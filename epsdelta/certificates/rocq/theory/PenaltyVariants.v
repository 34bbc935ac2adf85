(** More on the value-gap penalty: convex upper costs with an affine lower solution, exact penalties, and the gap from the lower gradient. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Penalty Formulas.
Open Scope R_scope.

(** a is the slope of phi at 0 from the right; phi0 stands for phi(0). A derivative in the usual sense is one. *)
Definition right_slope (phi : R -> R) phi0 a :=
  forall eps, 0 < eps -> exists del, 0 < del /\ forall t, 0 < t < del -> Rabs ((phi t - phi0) / t - a) < eps.

Lemma derivative_right_slope phi a : derivable_pt_lim phi 0 a -> right_slope phi (phi 0) a.
Proof. intros H eps He. destruct (H eps He) as [del Hd]. exists del. split; [apply cond_pos|]. intros t [T0 T1].
  specialize (Hd t). rewrite Rplus_0_l in Hd. apply Hd; [lra|]. rewrite Rabs_right; lra. Qed.

Lemma right_slope_le phi phi0 a b : right_slope phi phi0 a -> (forall t, 0 < t <= 1 -> phi t - phi0 <= t * b) -> a <= b.
Proof. intros H Hb. apply Rnot_lt_le. intros C. destruct (H (a - b)) as [del [D0 Hd]]; [lra|].
  set (t := Rmin (del / 2) 1). assert (T0 : 0 < t) by (apply Rmin_glb_lt; lra).
  assert (T1 : t <= 1) by apply Rmin_r. assert (T2 : t <= del / 2) by apply Rmin_l.
  specialize (Hd t ltac:(lra)). specialize (Hb t ltac:(lra)). apply Rabs_def2 in Hd.
  assert ((phi t - phi0) / t <= b); [|lra]. apply Rmult_le_reg_r with t; auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. Qed.
Lemma right_slope_nonneg phi phi0 a : right_slope phi phi0 a -> (forall t, 0 < t <= 1 -> phi0 <= phi t) -> 0 <= a.
Proof. intros H Hb. apply Rnot_lt_le. intros C. destruct (H (- a)) as [del [D0 Hd]]; [lra|].
  set (t := Rmin (del / 2) 1). assert (T0 : 0 < t) by (apply Rmin_glb_lt; lra).
  assert (T1 : t <= 1) by apply Rmin_r. assert (T2 : t <= del / 2) by apply Rmin_l.
  specialize (Hd t ltac:(lra)). specialize (Hb t ltac:(lra)). apply Rabs_def2 in Hd.
  assert (0 <= (phi t - phi0) / t); [|lra]. unfold Rdiv. apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat; auto. Qed.

Section ConvexUpper.
Variables X Y : space.
Variable Z : X -> Y -> Prop.
Variables f g : X -> Y -> R.
Variable v : X -> R.
Variable C : X -> Prop.
Variable ystar : X -> Y.
Definition toward {E : space} (x x' : E) t := vadd x (vscal t (vsub x' x)).
Hypothesis upper_points : forall x y, Z x y -> C x.
Hypothesis C_convex : forall x x' t, C x -> C x' -> 0 < t <= 1 -> C (toward x x' t).
(** f is jointly convex *)
Hypothesis f_convex : forall x y x' y' t, C x -> C x' -> 0 < t <= 1 -> f (toward x x' t) (toward y y' t) <= (1 - t) * f x y + t * f x' y'.
(** ystar(x) lies in S(x) and is affine in x *)
Hypothesis ystar_solves : forall x, C x -> solves X Y Z g v x (ystar x).
Hypothesis ystar_affine : forall x x' t, C x -> C x' -> 0 < t <= 1 -> ystar (toward x x' t) = toward (ystar x) (ystar x') t.
Variable rho : R.
Hypothesis rho_pos : 0 < rho.
(** squared distance bound: S(x) = {ystar(x)}, so |y - ystar(x)| is the distance *)
Hypothesis lower_bounded : forall x y, Z x y -> n2 (vsub y (ystar x)) <= rho * gap X Y g v x y.
(** (xs, ystar(xs)) is a solution, with the gradient (gx, q) of f: the directional derivative from there is
    <gx, x - xs> + <q, w> in every direction (x - xs, w) towards a point x of C *)
Variables (xs gx : X) (q : Y).
Hypothesis solution : bilevel_solution X Y Z f g v xs (ystar xs).
Hypothesis gradient : forall x w, C x -> right_slope (fun t => f (toward xs x t) (vadd (ystar xs) (vscal t w))) (f xs (ystar xs))
  (ip gx (vsub x xs) + ip q w).

(** v* - v_gamma <= |grad_y f at the solution|^2 rho/(4 gamma) *)
Theorem bilevel_value_gap_at_solution_holds gamma vg vstar : 0 < gamma -> penalized_value X Y Z f g v gamma vg ->
  bilevel_value X Y Z f g v vstar -> vstar - vg <= bilevel_value_gap_at_solution rho gamma (norm q).
Proof. intros Hg [_ Hp] Hv. unfold bilevel_value_gap_at_solution. destruct solution as [Hs Hm].
  assert (Ev : vstar = f xs (ystar xs)).
  { apply (infimum_unique _ _ _ Hv). apply infimum_of_least.
    - exists xs, (ystar xs). auto.
    - intros a [x [y [H ->]]]. auto. }
  enough (vstar - norm q ^ 2 * rho / (4 * gamma) <= vg) by lra. apply Hp. intros a [x [y [Hz ->]]].
  pose proof (upper_points x y Hz) as Cx. pose proof (upper_points xs _ (proj1 Hs)) as Cs.
  assert (H1 : ip gx (vsub x xs) + ip q (vsub y (ystar xs)) <= f x y - f xs (ystar xs)).
  { apply (right_slope_le _ _ _ _ (gradient x (vsub y (ystar xs)) Cx)). intros t Ht.
    pose proof (f_convex xs (ystar xs) x y t Cs Cx Ht) as K. unfold toward at 2 in K. lra. }
  assert (H2 : 0 <= ip gx (vsub x xs) + ip q (vsub (ystar x) (ystar xs))).
  { apply (right_slope_nonneg _ _ _ (gradient x (vsub (ystar x) (ystar xs)) Cx)). intros t Ht.
    pose proof (ystar_affine xs x t Cs Cx Ht) as A. unfold toward at 2 in A. rewrite <- A. apply Hm.
    apply ystar_solves. apply (C_convex xs x t); auto. }
  assert (H3 : ip q (vsub (ystar x) y) <= norm q * norm (vsub y (ystar x))).
  { replace (norm (vsub y (ystar x))) with (norm (vsub (ystar x) y)) by (unfold norm; rewrite n2_sub_sym; reflexivity).
    apply cauchy_schwarz. }
  pose proof (square_completed (norm q) rho gamma (norm (vsub y (ystar x))) (gap X Y g v x y) rho_pos Hg) as H4.
  rewrite norm_sq in H4. specialize (H4 (lower_bounded x y Hz)).
  rewrite !ip_sub_r in *. unfold penalized. lra. Qed.
End ConvexUpper.

(** ** Exact penalties *)
Section Exact.
Variables X Y : Type.
Variable Z : X -> Y -> Prop.
Variables f g : X -> Y -> R.
Variable v : X -> R.
Variable d : X -> Y -> R.
Variables L rho : R.
Hypothesis upper_calm : calm X Y Z f g v d L.
Hypotheses (L_pos : 0 < L) (rho_pos : 0 < rho).

(** rho (g - v) >= d: for gamma > L rho every minimizer of f + gamma (g - v) solves the bilevel problem *)
Theorem bilevel_exactness_weak_sharp_holds gamma : (forall x y, Z x y -> 0 <= d x y <= rho * gap X Y g v x y) ->
  bilevel_exactness_weak_sharp L rho < gamma ->
  forall x y, near_minimizer X Y Z f g v gamma 0 x y -> bilevel_solution X Y Z f g v x y.
Proof. unfold bilevel_exactness_weak_sharp. intros Hd Hg x y Hn.
  pose proof (gap_below_distance X Y Z f g v d L upper_calm gamma 0 x y Hn) as H. destruct Hn as [Hz Hm].
  destruct (Hd x y Hz) as [D0 D1]. set (p := gap X Y g v x y) in *.
  assert (P0 : 0 <= p) by (apply Rmult_le_reg_l with rho; lra).
  assert (K : L * d x y <= L * (rho * p)) by (apply Rmult_le_compat_l; lra).
  assert (Pz : p = 0).
  { destruct P0 as [P0|P0]; auto. exfalso. assert (0 < (gamma - L * rho) * p) by (apply Rmult_lt_0_compat; lra). lra. }
  assert (S : solves X Y Z g v x y) by (split; auto; unfold p, gap in Pz; lra).
  split; auto. intros x' y' S'. specialize (Hm x' y' (proj1 S')).
  rewrite !(solves_penalized X Y Z f g v) in Hm by auto. lra. Qed.

(** rho (g - v) >= d^2: for gamma > L sqrt(rho) every minimizer of f + gamma sqrt(g - v) solves the bilevel problem *)
Theorem bilevel_exactness_root_of_gap_holds gamma : value_below X Y Z g v -> distance_bounded X Y Z g v d rho ->
  bilevel_exactness_root_of_gap L rho < gamma -> forall x y, Z x y ->
  (forall x' y', Z x' y' -> f x y + gamma * sqrt (gap X Y g v x y) <= f x' y' + gamma * sqrt (gap X Y g v x' y')) ->
  bilevel_solution X Y Z f g v x y.
Proof. unfold bilevel_exactness_root_of_gap. intros Hv Hd Hg x y Hz Hm.
  assert (root : forall x' y', solves X Y Z g v x' y' -> sqrt (gap X Y g v x' y') = 0).
  { intros x' y' [_ E]. unfold gap. rewrite E, Rminus_diag_eq by reflexivity. apply sqrt_0. }
  destruct (upper_calm x y Hz) as [yb [Hb Hc]]. pose proof (Hm x yb (proj1 Hb)) as H. rewrite (root x yb Hb) in H.
  destruct (Hd x y Hz) as [D0 D1]. set (p := gap X Y g v x y) in *.
  assert (P0 : 0 <= p) by (unfold p, gap; specialize (Hv x y Hz); lra).
  assert (D2 : d x y <= sqrt rho * sqrt p).
  { rewrite <- sqrt_mult by lra. rewrite <- (sqrt_pow2 (d x y)) by auto. apply sqrt_le_1_alt; auto. }
  assert (K : L * d x y <= L * (sqrt rho * sqrt p)) by (apply Rmult_le_compat_l; lra).
  assert (Pz : sqrt p = 0).
  { destruct (sqrt_pos p) as [Q|Q]; auto. exfalso. assert (0 < (gamma - L * sqrt rho) * sqrt p) by (apply Rmult_lt_0_compat; lra). lra. }
  apply sqrt_eq_0 in Pz; auto.
  assert (S : solves X Y Z g v x y) by (split; auto; unfold p, gap in Pz; lra).
  split; auto. intros x' y' S'. specialize (Hm x' y' (proj1 S')). fold p in Hm. rewrite Pz, sqrt_0, (root x' y' S') in Hm. lra. Qed.

(** G(x, y) = |grad_y g(x, y)| >= m d, the lower error bound, where G vanishes on S(x) and d only there: for gamma > L/m every minimizer
    of f + gamma G solves the bilevel problem *)
Theorem bilevel_exactness_gradient_norm_holds (G : X -> Y -> R) m gamma : 0 < m ->
  (forall x y, Z x y -> 0 <= d x y /\ m * d x y <= G x y /\ (d x y = 0 -> solves X Y Z g v x y)) ->
  (forall x y, solves X Y Z g v x y -> G x y = 0) ->
  bilevel_exactness_gradient_norm L m < gamma -> forall x y, Z x y ->
  (forall x' y', Z x' y' -> f x y + gamma * G x y <= f x' y' + gamma * G x' y') -> bilevel_solution X Y Z f g v x y.
Proof. unfold bilevel_exactness_gradient_norm. intros Hm Hd HG Hg x y Hz Hmin.
  destruct (upper_calm x y Hz) as [yb [Hb Hc]]. pose proof (Hmin x yb (proj1 Hb)) as H. rewrite (HG x yb Hb) in H.
  destruct (Hd x y Hz) as [D0 [D1 D2]].
  assert (Hg' : L < gamma * m).
  { apply (Rmult_lt_compat_r m) in Hg; auto. unfold Rdiv in Hg. rewrite Rmult_assoc, Rinv_l in Hg by lra. lra. }
  assert (G0 : 0 < gamma) by (apply Rmult_lt_reg_r with m; lra).
  assert (K : gamma * (m * d x y) <= gamma * G x y) by (apply Rmult_le_compat_l; lra).
  assert (Dz : d x y = 0).
  { destruct D0 as [P|E]; auto. exfalso. assert (0 < (gamma * m - L) * d x y) by (apply Rmult_lt_0_compat; lra). lra. }
  specialize (D2 Dz). split; auto. intros x' y' S'. specialize (Hmin x' y' (proj1 S')). rewrite (HG x y D2), (HG x' y' S') in Hmin. lra. Qed.
End Exact.

(** ** The gap from the lower gradient *)
(** |grad g|^2 >= 2 m (g - v) gives g - v <= |grad g|^2/(2 m) *)
Theorem bilevel_lower_level_gap_from_gradient_holds (Y : space) (g : Y -> R) (grad : Y -> Y) v m : 0 < m ->
  (forall y, 2 * m * (g y - v) <= n2 (grad y)) -> forall y, g y - v <= bilevel_lower_level_gap_from_gradient (norm (grad y)) m.
Proof. intros Hm H y. unfold bilevel_lower_level_gap_from_gradient. rewrite norm_sq. specialize (H y).
  apply Rmult_le_reg_r with (2 * m); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. Qed.
(** |grad g|^2 >= (1/mu) (g - v) gives g - v <= mu |grad g|^2 *)
Theorem bilevel_lower_level_gap_from_gradient_inverse_holds (Y : space) (g : Y -> R) (grad : Y -> Y) v mu : 0 < mu ->
  (forall y, 1 / mu * (g y - v) <= n2 (grad y)) -> forall y, g y - v <= bilevel_lower_level_gap_from_gradient_inverse (norm (grad y)) mu.
Proof. intros Hm H y. unfold bilevel_lower_level_gap_from_gradient_inverse. rewrite norm_sq. specialize (H y).
  apply (Rmult_le_compat_l mu) in H; [|lra]. replace (mu * (1 / mu * (g y - v))) with (g y - v) in H by (field; lra). exact H. Qed.
