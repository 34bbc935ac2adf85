(** Unrolled gradient descent on a lower level with many minimizers: one instance on which it never comes closer to the solution than 1/2. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Penalty Formulas.
Open Scope R_scope.

(** upper variable x, lower variables (y1, y2); (gx, g1, g2) is the gradient of g *)
Record smooth_convex_problem (f g gx g1 g2 : R -> R -> R -> R) (v : R -> R) (m Lg : R) : Prop := Problem {
  convex_upper : forall x a b x' a' b' t, 0 <= t <= 1 ->
    f (x + t * (x' - x)) (a + t * (a' - a)) (b + t * (b' - b)) <= (1 - t) * f x a b + t * f x' a' b';
  convex_lower : forall x a b a' b' t, 0 <= t <= 1 ->
    g x (a + t * (a' - a)) (b + t * (b' - b)) <= (1 - t) * g x a b + t * g x a' b';
  lower_derivatives : forall x a b, derivable_pt_lim (fun x => g x a b) x (gx x a b) /\
    derivable_pt_lim (fun a => g x a b) a (g1 x a b) /\ derivable_pt_lim (fun b => g x a b) b (g2 x a b);
  lower_smooth : 0 < Lg /\ forall x a b x' a' b',
    (gx x a b - gx x' a' b') ^ 2 + (g1 x a b - g1 x' a' b') ^ 2 + (g2 x a b - g2 x' a' b') ^ 2 <=
    Lg ^ 2 * ((x - x') ^ 2 + (a - a') ^ 2 + (b - b') ^ 2);
  lower_value : forall x, (forall a b, v x <= g x a b) /\ exists a b, g x a b = v x;
  lower_polyak : 0 < m /\ forall x a b, 2 * m * (g x a b - v x) <= g1 x a b ^ 2 + g2 x a b ^ 2 }.

(** K gradient steps on g(x, .) from (0, 0) with the steps s_0, s_1, ... *)
Fixpoint unrolled (g1 g2 : R -> R -> R -> R) (s : nat -> R) x K : R * R := match K with
  | O => (0, 0)
  | S k => let y := unrolled g1 g2 s x k in (fst y - s k * g1 x (fst y) (snd y), snd y - s k * g2 x (fst y) (snd y)) end.
(** x minimizes the upper cost at the unrolled lower point over [-100, 100] *)
Definition unrolled_minimizer f g1 g2 s K (x : R) := - 100 <= x <= 100 /\ forall x', - 100 <= x' <= 100 ->
  f x (fst (unrolled g1 g2 s x K)) (snd (unrolled g1 g2 s x K)) <= f x' (fst (unrolled g1 g2 s x' K)) (snd (unrolled g1 g2 s x' K)).
(** the bilevel solution has the upper variable x *)
Definition solved_at (f g : R -> R -> R -> R) (v : R -> R) x := - 100 <= x <= 100 /\ exists a b, g x a b = v x /\
  forall x' a' b', - 100 <= x' <= 100 -> g x' a' b' = v x' -> f x a b <= f x' a' b'.

(** f = (x - y2)^2/2 + (y1 - 1)^2/2 over g = y1^2/2 - x y1 *)
Definition bda_upper x a b := (x - b) ^ 2 / 2 + (a - 1) ^ 2 / 2.
Definition bda_lower (x a b : R) := a ^ 2 / 2 - x * a.
Definition bda_lower_x (x a b : R) := - a.
Definition bda_lower_1 (x a b : R) := a - x.
Definition bda_lower_2 (x a b : R) := 0.
Definition bda_value x := - x ^ 2 / 2.

Lemma square_zero_iff r : r ^ 2 <= 0 -> r = 0.
Proof. intros H. apply Rsqr_0_uniq. unfold Rsqr. pose proof (pow2_ge_0 r). simpl in *. lra. Qed.

Lemma derivative_as f t l l' : derivable_pt_lim f t l -> l = l' -> derivable_pt_lim f t l'.
Proof. intros H <-. exact H. Qed.

Lemma instance_in_class : smooth_convex_problem bda_upper bda_lower bda_lower_x bda_lower_1 bda_lower_2 bda_value 1 2.
Proof. split.
  - intros x a b x' a' b' t Ht. unfold bda_upper.
    assert (0 <= t * (1 - t) * ((x - b) - (x' - b')) ^ 2) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply pow2_ge_0]).
    assert (0 <= t * (1 - t) * (a - a') ^ 2) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply pow2_ge_0]). lra.
  - intros x a b a' b' t Ht. unfold bda_lower.
    assert (0 <= t * (1 - t) * (a - a') ^ 2) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply pow2_ge_0]). lra.
  - intros x a b. unfold bda_lower, bda_lower_x, bda_lower_1, bda_lower_2. repeat split.
    + apply (derivative_as _ _ (0 - (1 * a + x * 0))); [|ring].
      apply (derivable_pt_lim_minus (fun _ => a ^ 2 / 2) (fun x => x * a)); [apply derivable_pt_lim_const|].
      apply (derivable_pt_lim_mult (fun x => x) (fun _ => a)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
    + apply (derivative_as _ _ ((INR 2 * a ^ 1 * / 2 + a ^ 2 * 0) - x * 1)); [|simpl; field].
      apply (derivable_pt_lim_minus (fun a => a ^ 2 / 2) (fun a => x * a)).
      * apply (derivable_pt_lim_mult (fun a => a ^ 2) (fun _ => / 2)); [apply (derivable_pt_lim_pow a 2)|apply derivable_pt_lim_const].
      * apply (derivable_pt_lim_scal (fun a => a)). apply derivable_pt_lim_id.
    + apply derivable_pt_lim_const.
  - split; [lra|]. intros x a b x' a' b'. unfold bda_lower_x, bda_lower_1, bda_lower_2.
    pose proof (pow2_ge_0 ((a - a') + (x - x'))). pose proof (pow2_ge_0 (a - a')). pose proof (pow2_ge_0 (x - x')).
    pose proof (pow2_ge_0 (b - b')). lra.
  - intros x. unfold bda_lower, bda_value. split.
    + intros a b. pose proof (pow2_ge_0 (a - x)). lra.
    + exists x, 0. field.
  - split; [lra|]. intros x a b. unfold bda_lower, bda_lower_1, bda_lower_2, bda_value. apply Req_le. field. Qed.

Lemma instance_solution x : solved_at bda_upper bda_lower bda_value x <-> x = 1.
Proof. assert (Z : forall x a b, bda_lower x a b = bda_value x -> a = x).
  { intros x0 a b E. unfold bda_lower, bda_value in E. apply Rminus_diag_uniq, square_zero_iff. lra. }
  split.
  - intros [_ [a [b [E H]]]]. specialize (H 1 1 1 ltac:(lra) ltac:(unfold bda_lower, bda_value; field)).
    apply Z in E. subst a. unfold bda_upper in H. pose proof (pow2_ge_0 (x - b)). apply Rminus_diag_uniq, square_zero_iff. lra.
  - intros ->. split; [lra|]. exists 1, 1. split; [unfold bda_lower, bda_value; field|]. intros x' a' b' _ _. unfold bda_upper.
    pose proof (pow2_ge_0 (x' - b')). pose proof (pow2_ge_0 (a' - 1)). lra. Qed.

Fixpoint rest (s : nat -> R) K : R := match K with O => 1 | S k => rest s k * (1 - s k) end.
Lemma unrolled_value s x K : unrolled bda_lower_1 bda_lower_2 s x K = ((1 - rest s K) * x, 0).
Proof. induction K; simpl.
  - f_equal. ring.
  - rewrite IHK. simpl. unfold bda_lower_1, bda_lower_2. f_equal; ring. Qed.
Lemma rest_bounds s K : (forall k, 0 < s k < 1) -> 0 < rest s K <= 1.
Proof. intros Hs. induction K; simpl; [lra|]. specialize (Hs K). split; [apply Rmult_lt_0_compat; lra|].
  apply Rle_trans with (1 * 1); [apply Rmult_le_compat; lra|lra]. Qed.

(** with t = 1 - prod (1 - s_k), the unrolled problem has the one minimizer t/(1 + t^2) *)
Theorem unrolled_minimizer_is s K x : (forall k, 0 < s k < 1) -> let t := 1 - rest s K in
  unrolled_minimizer bda_upper bda_lower_1 bda_lower_2 s K x <-> x = t / (1 + t ^ 2).
Proof. intros Hs t. pose proof (rest_bounds s K Hs) as Rb. assert (T : 0 <= t < 1) by (unfold t; lra).
  assert (P : 0 < 1 + t ^ 2) by (pose proof (pow2_ge_0 t); lra).
  assert (V : forall x, bda_upper x (fst (unrolled bda_lower_1 bda_lower_2 s x K)) (snd (unrolled bda_lower_1 bda_lower_2 s x K)) =
    (1 + t ^ 2) / 2 * (x - t / (1 + t ^ 2)) ^ 2 + (1 - t ^ 2 / (1 + t ^ 2)) / 2).
  { intros x0. rewrite unrolled_value. fold t. unfold bda_upper. simpl fst. simpl snd. field. lra. }
  assert (Q : forall r, 0 <= (1 + t ^ 2) / 2 * r ^ 2) by (intros; apply Rmult_le_pos; [lra|apply pow2_ge_0]).
  assert (In : - 100 <= t / (1 + t ^ 2) <= 100).
  { assert (0 <= t / (1 + t ^ 2)) by (unfold Rdiv; apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; auto]).
    assert (t / (1 + t ^ 2) <= 1); [|lra]. apply Rmult_le_reg_r with (1 + t ^ 2); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    pose proof (pow2_ge_0 t). lra. }
  split.
  - intros [_ H]. specialize (H (t / (1 + t ^ 2)) In). rewrite !V in H. apply Rminus_diag_uniq, square_zero_iff.
    apply Rmult_le_reg_l with ((1 + t ^ 2) / 2); [lra|].
    replace (t / (1 + t ^ 2) - t / (1 + t ^ 2)) with 0 in H by ring. lra.
  - intros ->. split; auto. intros x' _. rewrite !V. replace (t / (1 + t ^ 2) - t / (1 + t ^ 2)) with 0 by ring.
    specialize (Q (x' - t / (1 + t ^ 2))). lra. Qed.

Lemma rest_constant s K : rest (fun _ => s) K = (1 - s) ^ K.
Proof. induction K; simpl; [reflexivity|]. rewrite IHK. ring. Qed.
Lemma distance_to_one t : 0 <= t -> Rabs (t / (1 + t ^ 2) - 1) = 1 - t / (1 + t ^ 2) /\ 1 / 2 <= 1 - t / (1 + t ^ 2).
Proof. intros T. assert (P : 0 < 1 + t ^ 2) by (pose proof (pow2_ge_0 t); lra).
  assert (H : 1 / 2 <= 1 - t / (1 + t ^ 2)).
  { assert (t / (1 + t ^ 2) <= 1 / 2); [|lra]. apply Rmult_le_reg_r with (1 + t ^ 2); auto. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l by lra.
    pose proof (pow2_ge_0 (1 - t)). lra. }
  split; auto. rewrite Rabs_left; lra. Qed.

(** One problem of the class, whose solution has x = 1 only: for every number K of steps of size s the unrolled problem has a minimizer, and
    each is exactly this far from the solution. *)
Theorem bilevel_unrolling_counterexample_holds : exists f g gx g1 g2 v m Lg, smooth_convex_problem f g gx g1 g2 v m Lg /\
  (forall x, solved_at f g v x <-> x = 1) /\ forall K s, 0 < s < 1 -> (exists x, unrolled_minimizer f g1 g2 (fun _ => s) K x) /\
  forall x, unrolled_minimizer f g1 g2 (fun _ => s) K x -> Rabs (x - 1) >= bilevel_unrolling_counterexample K s.
Proof. exists bda_upper, bda_lower, bda_lower_x, bda_lower_1, bda_lower_2, bda_value, 1, 2.
  split; [apply instance_in_class|]. split; [apply instance_solution|].
  intros K s Hs. pose proof (fun x => unrolled_minimizer_is (fun _ => s) K x (fun _ => Hs)) as M. cbv zeta in M. rewrite rest_constant in M.
  split; [eexists; apply M; reflexivity|]. intros x Hx. apply M in Hx. subst x. unfold bilevel_unrolling_counterexample.
  assert (0 <= 1 - (1 - s) ^ K).
  { pose proof (rest_bounds (fun _ => s) K (fun _ => Hs)) as B. rewrite rest_constant in B. lra. }
  apply Req_ge. apply distance_to_one; auto. Qed.

(** and never closer than 1/2, for any steps in (0, 1) *)
Theorem bilevel_unrolling_floor_holds : exists f g gx g1 g2 v m Lg, smooth_convex_problem f g gx g1 g2 v m Lg /\
  (forall x, solved_at f g v x <-> x = 1) /\ forall K (s : nat -> R), (forall k, 0 < s k < 1) ->
  (exists x, unrolled_minimizer f g1 g2 s K x) /\ forall x, unrolled_minimizer f g1 g2 s K x -> Rabs (x - 1) >= bilevel_unrolling_floor.
Proof. exists bda_upper, bda_lower, bda_lower_x, bda_lower_1, bda_lower_2, bda_value, 1, 2.
  split; [apply instance_in_class|]. split; [apply instance_solution|].
  intros K s Hs. pose proof (fun x => unrolled_minimizer_is s K x Hs) as M. cbv zeta in M. pose proof (rest_bounds s K Hs) as B.
  split; [eexists; apply M; reflexivity|]. intros x Hx. apply M in Hx. subst x. unfold bilevel_unrolling_floor.
  destruct (distance_to_one (1 - rest s K)) as [E F]; [lra|]. rewrite E. apply Rle_ge, F. Qed.

(** the minimizers for constant steps tend to 1/2, and their distance from the solution to 1/2 *)
Lemma constant_steps_limit s : 0 < s < 1 -> Un_cv (fun K => Rabs ((1 - (1 - s) ^ K) / (1 + (1 - (1 - s) ^ K) ^ 2) - 1)) (1 / 2).
Proof. intros Hs e He. assert (A : Rabs (1 - s) < 1) by (rewrite Rabs_right; lra).
  destruct (pow_lt_1_zero (1 - s) A e He) as [N HN]. exists N. intros K HK. specialize (HN K HK).
  pose proof (rest_bounds (fun _ => s) K (fun _ => Hs)) as B. rewrite rest_constant in B. set (r := (1 - s) ^ K) in *.
  rewrite Rabs_right in HN by lra. set (t := 1 - r). destruct (distance_to_one t) as [F G]; [unfold t; lra|]. rewrite F. unfold R_dist.
  assert (P : 0 < 1 + t ^ 2) by (pose proof (pow2_ge_0 t); lra).
  assert (Q : 1 - t / (1 + t ^ 2) - 1 / 2 = r ^ 2 / (2 * (1 + t ^ 2))) by (unfold t in *; field; lra).
  rewrite Rabs_right by lra. rewrite Q. eapply Rle_lt_trans; [|exact HN].
  apply Rmult_le_reg_r with (2 * (1 + t ^ 2)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  assert (r * r <= r * 1) by (apply Rmult_le_compat_l; lra). assert (r * 2 <= r * (2 * (1 + t ^ 2))).
  { apply Rmult_le_compat_l; [lra|]. pose proof (pow2_ge_0 t). lra. }
  simpl (r ^ 2). lra. Qed.

(** bilevel/slips/unrolling: on this problem the minimizers of the unrolled problems do not tend to the solution: whatever the steps in
    (0, 1), no limit of their distance from it is at most 0, and for constant steps the distance has a limit. *)
Theorem bilevel_slips_unrolling_refuted : exists f g gx g1 g2 v m Lg, smooth_convex_problem f g gx g1 g2 v m Lg /\
  (forall x, solved_at f g v x <-> x = 1) /\ forall s : nat -> R, (forall k, 0 < s k < 1) ->
  (forall K, exists x, unrolled_minimizer f g1 g2 s K x) /\
  forall (xs : nat -> R) l, (forall K, unrolled_minimizer f g1 g2 s K (xs K)) ->
    (Un_cv (fun K => Rabs (xs K - 1)) l -> ~ l <= bilevel_slips_unrolling) /\
    (forall c, (forall k, s k = c) -> exists l', Un_cv (fun K => Rabs (xs K - 1)) l' /\ ~ l' <= bilevel_slips_unrolling).
Proof. exists bda_upper, bda_lower, bda_lower_x, bda_lower_1, bda_lower_2, bda_value, 1, 2.
  split; [apply instance_in_class|]. split; [apply instance_solution|].
  intros s Hs. split; [intros K; eexists; apply (unrolled_minimizer_is s K _ Hs); reflexivity|].
  intros xs l Hx.
  assert (Never : forall l, Un_cv (fun K => Rabs (xs K - 1)) l -> ~ l <= bilevel_slips_unrolling).
  { clear l. intros l Hl C. unfold bilevel_slips_unrolling in C. destruct (Hl (1 / 2)) as [N HN]; [lra|]. specialize (HN N (Nat.le_refl N)).
    pose proof (Hx N) as M. apply (unrolled_minimizer_is s N _ Hs) in M. pose proof (rest_bounds s N Hs) as B.
    destruct (distance_to_one (1 - rest s N)) as [E F]; [lra|]. rewrite M, E in HN. unfold R_dist in HN. apply Rabs_def2 in HN. lra. }
  split; [apply Never|]. intros c Hc. exists (1 / 2).
  assert (L : Un_cv (fun K => Rabs (xs K - 1)) (1 / 2)); [|split; auto].
  assert (H : 0 < c < 1) by (rewrite <- (Hc O); auto). intros e He. destruct (constant_steps_limit c H e He) as [N HN]. exists N. intros K HK.
  specialize (HN K HK). pose proof (Hx K) as M. apply (unrolled_minimizer_is s K _ Hs) in M.
  assert (R : rest s K = (1 - c) ^ K) by (clear - Hc; induction K as [|K IH]; simpl; [|rewrite IH, Hc]; ring).
  rewrite R in M. rewrite M. exact HN. Qed.
