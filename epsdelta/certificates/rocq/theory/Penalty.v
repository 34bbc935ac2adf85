(** The value-gap penalty of bilevel optimization: exact constants over arbitrary sets (global relation, value sandwich, feasibility).

    minimize f(x, y) over (x, y) in Z with y in S(x), the minimizers of g(x, .) among {y : Z x y}. [v x] is the least lower cost,
    p = g - v the value gap, F = f + gamma p the penalized cost. Neither linear structure nor continuity is used. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Formulas.
Open Scope R_scope.

(** m is the greatest lower bound of the set A *)
Definition infimum (A : R -> Prop) (m : R) := (forall a, A a -> m <= a) /\ (forall l, (forall a, A a -> l <= a) -> l <= m).

Lemma infimum_of_least (A : R -> Prop) m : A m -> (forall a, A a -> m <= a) -> infimum A m.
Proof. intros H1 H2. split; auto. Qed.
Lemma infimum_unique (A : R -> Prop) m m' : infimum A m -> infimum A m' -> m = m'.
Proof. intros [H1 H2] [H3 H4]. apply Rle_antisym; auto. Qed.

(** gamma q^2 <= e + b q bounds q by the larger root *)
Lemma root_bound gamma b e q : 0 < gamma -> gamma * q ^ 2 <= e + b * q ->
  q <= (b + sqrt (b ^ 2 + 4 * gamma * e)) / (2 * gamma).
Proof. intros Hg H.
  assert (Hs : (2 * gamma * q - b) ^ 2 <= b ^ 2 + 4 * gamma * e).
  { replace ((2 * gamma * q - b) ^ 2) with (b ^ 2 + 4 * gamma * (gamma * q ^ 2 - b * q)) by ring.
    apply Rplus_le_compat_l, Rmult_le_compat_l; lra. }
  assert (Hr : 2 * gamma * q - b <= sqrt (b ^ 2 + 4 * gamma * e)).
  { destruct (Rle_or_lt (2 * gamma * q - b) 0) as [N|P].
    - eapply Rle_trans; [exact N|apply sqrt_pos].
    - rewrite <- (sqrt_pow2 (2 * gamma * q - b)) by lra. apply sqrt_le_1_alt; auto. }
  apply Rmult_le_reg_r with (2 * gamma); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. Qed.

(** L d - gamma p <= L^2 rho/(4 gamma) where d^2 <= rho p *)
Lemma square_completed L rho gamma d p : 0 < rho -> 0 < gamma -> d ^ 2 <= rho * p ->
  L * d - gamma * p <= L ^ 2 * rho / (4 * gamma).
Proof. intros Hr Hg H.
  assert (Hq : 0 <= (2 * gamma * d - L * rho) ^ 2) by apply pow2_ge_0.
  assert (Hp : 4 * gamma ^ 2 * d ^ 2 <= 4 * gamma ^ 2 * (rho * p)).
  { apply Rmult_le_compat_l; auto. assert (0 <= gamma ^ 2) by apply pow2_ge_0. lra. }
  apply Rmult_le_reg_l with (4 * gamma * rho). { apply Rmult_lt_0_compat; lra. }
  replace (4 * gamma * rho * (L ^ 2 * rho / (4 * gamma))) with (L ^ 2 * rho ^ 2) by (field; lra). lra. Qed.

(** with gamma p <= e2 + L d and d^2 <= rho p: p <= delta where gamma delta >= e2 and (gamma delta - e2)^2 >= L^2 rho delta *)
Lemma target_reached L rho gamma e2 d p delta : 0 < gamma -> gamma * p <= e2 + L * d -> d ^ 2 <= rho * p ->
  0 < delta -> 0 <= e2 -> e2 <= gamma * delta -> L ^ 2 * rho * delta <= (gamma * delta - e2) ^ 2 -> p <= delta.
Proof. intros Hg H Hq Hd He H1 H2. apply Rnot_lt_le. intros C.
  set (A := gamma * p - e2). set (B := gamma * delta - e2) in *.
  assert (AB : B < A) by (apply Rplus_lt_compat_r, Rmult_lt_compat_l; auto).
  assert (B0 : 0 <= B) by (unfold B; lra).
  assert (A1 : A ^ 2 <= L ^ 2 * (rho * p)).
  { apply Rle_trans with ((L * d) ^ 2). { apply pow_incr. unfold A in *. lra. }
    rewrite Rpow_mult_distr. apply Rmult_le_compat_l; auto. apply pow2_ge_0. }
  assert (A2 : A ^ 2 * delta <= B ^ 2 * p).
  { apply Rle_trans with (L ^ 2 * (rho * p) * delta). { apply Rmult_le_compat_r; lra. }
    replace (L ^ 2 * (rho * p) * delta) with (L ^ 2 * rho * delta * p) by ring. apply Rmult_le_compat_r; lra. }
  assert (A3 : B * p <= A * delta).
  { unfold A, B. assert (0 <= e2 * (p - delta)) by (apply Rmult_le_pos; lra). lra. }
  assert (A4 : A * (B * p) <= A ^ 2 * delta).
  { replace (A ^ 2 * delta) with (A * (A * delta)) by ring. apply Rmult_le_compat_l; lra. }
  assert (A5 : (A - B) * (B * p) <= 0) by lra.
  assert (Bp : B * p = 0).
  { assert (0 <= B * p) by (apply Rmult_le_pos; lra). destruct (Rle_lt_or_eq_dec 0 (B * p)) as [P|E]; auto.
    exfalso. assert (0 < (A - B) * (B * p)) by (apply Rmult_lt_0_compat; lra). lra. }
  assert (0 < A ^ 2 * delta) by (apply Rmult_lt_0_compat; auto; apply pow_lt; lra).
  replace (B ^ 2 * p) with (B * (B * p)) in A2 by ring. rewrite Bp in A2. lra. Qed.

Section Bilevel.
Variables X Y : Type.
Variable Z : X -> Y -> Prop.
Variables f g : X -> Y -> R.
Variable v : X -> R.

Definition gap x y := g x y - v x.
Definition penalized gamma x y := f x y + gamma * gap x y.
(** y in S(x), that is, (x, y) is feasible for the bilevel problem *)
Definition solves x y := Z x y /\ g x y = v x.
Definition bilevel_value := infimum (fun a => exists x y, solves x y /\ a = f x y).
Definition penalized_value gamma := infimum (fun a => exists x y, Z x y /\ a = penalized gamma x y).
(** psi(x), the best upper cost over S(x), and its penalized counterpart *)
Definition hyper x := infimum (fun a => exists y, solves x y /\ a = f x y).
Definition penalized_hyper gamma x := infimum (fun a => exists y, Z x y /\ a = penalized gamma x y).
(** z = (x, y) minimizes the penalized cost up to e2 *)
Definition near_minimizer gamma e2 x y := Z x y /\ forall x' y', Z x' y' -> penalized gamma x y <= penalized gamma x' y' + e2.
Definition bilevel_solution x y := solves x y /\ forall x' y', solves x' y' -> f x y <= f x' y'.

(** v is the least lower cost: needed only as a lower bound *)
Definition value_below := forall x y, Z x y -> v x <= g x y.
(** rho (g - v) >= d^2 for d, the distance of y to S(x); any function d will do *)
Definition distance_bounded (d : X -> Y -> R) rho := forall x y, Z x y -> 0 <= d x y /\ d x y ^ 2 <= rho * gap x y.
(** f(x, ybar) - f(x, y) <= L d(x, y) for some ybar in S(x): the nearest point, where f is L-calm *)
Definition calm (d : X -> Y -> R) L := forall x y, Z x y -> exists ybar, solves x ybar /\ f x ybar - f x y <= L * d x y.

Lemma solves_penalized gamma x y : solves x y -> penalized gamma x y = f x y.
Proof. intros [_ E]. unfold penalized, gap. rewrite E. ring. Qed.

(** ** Any problem *)

(** weak duality: the penalized value never exceeds the bilevel value *)
Theorem bilevel_value_weak_duality_holds gamma vg vstar :
  penalized_value gamma vg -> bilevel_value vstar -> vg <= bilevel_value_weak_duality vstar.
Proof. intros [Hl _] [_ Hg]. apply Hg. intros a [x [y [Hs ->]]]. apply Hl. exists x, y. split; [apply Hs|].
  symmetry; apply solves_penalized; auto. Qed.

(** the same at one upper point *)
Theorem hyper_weak_duality gamma x pg psi : penalized_hyper gamma x pg -> hyper x psi -> pg <= psi.
Proof. intros [Hl _] [_ Hg]. apply Hg. intros a [y [Hs ->]]. apply Hl. exists y. split; [apply Hs|].
  symmetry; apply solves_penalized; auto. Qed.

(** an e2-minimizer z of F has, up to e2, the least f among the points whose value gap is at most p(z) *)
Theorem bilevel_relation_relaxed_optimality_holds gamma e2 x y m : 0 <= gamma -> near_minimizer gamma e2 x y ->
  infimum (fun a => exists x' y', Z x' y' /\ gap x' y' <= gap x y /\ a = f x' y') m ->
  f x y - m <= bilevel_relation_relaxed_optimality e2.
Proof. intros Hg [_ Hz] [_ Hm]. unfold bilevel_relation_relaxed_optimality.
  enough (f x y - e2 <= m) by lra. apply Hm. intros a [x' [y' [Hz' [Hp ->]]]].
  specialize (Hz x' y' Hz'). unfold penalized in Hz.
  assert (gamma * gap x' y' <= gamma * gap x y) by (apply Rmult_le_compat_l; auto). lra. Qed.

(** f(z) - v* <= e2 - gamma p(z) at an e2-minimizer of F *)
Theorem bilevel_feasibility_upper_value_holds gamma e2 x y vstar : near_minimizer gamma e2 x y -> bilevel_value vstar ->
  f x y - vstar <= bilevel_feasibility_upper_value gamma e2 (gap x y).
Proof. intros [_ Hz] [_ Hv]. unfold bilevel_feasibility_upper_value.
  enough (f x y + gamma * gap x y - e2 <= vstar) by lra. apply Hv. intros a [x' [y' [Hs ->]]].
  pose proof (Hz x' y' (proj1 Hs)) as H. rewrite (solves_penalized gamma x' y' Hs) in H. unfold penalized in H. lra. Qed.

(** the value gap at a minimizer of F is a supergradient of the penalized value in gamma, which is nondecreasing *)
Theorem penalized_value_supergradient gamma gamma' x y vg vg' : near_minimizer gamma 0 x y ->
  penalized_value gamma vg -> penalized_value gamma' vg' -> vg' <= vg + (gamma' - gamma) * gap x y.
Proof. intros [Hz Hm] [_ Hg] [Hl _].
  assert (vg' <= penalized gamma' x y) by (apply Hl; exists x, y; auto).
  assert (penalized gamma x y <= vg).
  { apply Hg. intros a [x' [y' [Hz' ->]]]. specialize (Hm x' y' Hz'). lra. }
  unfold penalized in *. lra. Qed.

Theorem penalized_value_increases gamma gamma' vg vg' : value_below -> gamma <= gamma' ->
  penalized_value gamma vg -> penalized_value gamma' vg' -> vg <= vg'.
Proof. intros Hv Hg [Hl _] [_ Hg']. apply Hg'. intros a [x [y [Hz ->]]].
  apply Rle_trans with (penalized gamma x y). { apply Hl; exists x, y; auto. }
  unfold penalized, gap. specialize (Hv x y Hz).
  assert (gamma * (g x y - v x) <= gamma' * (g x y - v x)) by (apply Rmult_le_compat_r; lra). lra. Qed.

Theorem penalized_value_concave gamma gamma' t vg vg' vt : 0 <= t <= 1 -> penalized_value gamma vg ->
  penalized_value gamma' vg' -> penalized_value ((1 - t) * gamma + t * gamma') vt -> (1 - t) * vg + t * vg' <= vt.
Proof. intros Ht [Hl _] [Hl' _] [_ Hg]. apply Hg. intros a [x [y [Hz ->]]].
  assert (A : vg <= penalized gamma x y) by (apply Hl; exists x, y; auto).
  assert (B : vg' <= penalized gamma' x y) by (apply Hl'; exists x, y; auto).
  apply (Rmult_le_compat_l (1 - t)) in A; [|lra]. apply (Rmult_le_compat_l t) in B; [|lra]. unfold penalized in *. lra. Qed.

(** ** Calm upper cost over a squared distance bound *)
Variable d : X -> Y -> R.
Variables L rho : R.
Hypothesis upper_calm : calm d L.
Hypothesis lower_bounded : distance_bounded d rho.
Hypotheses (L_pos : 0 < L) (rho_pos : 0 < rho).

Lemma gap_nonneg x y : Z x y -> 0 <= gap x y.
Proof. intros Hz. destruct (lower_bounded x y Hz) as [_ H]. pose proof (pow2_ge_0 (d x y)) as H'.
  apply Rmult_le_reg_l with rho; auto. lra. Qed.

(** f(z) - v* >= -L d(z) at any point of Z *)
Theorem bilevel_feasibility_upper_value_lower_holds x y vstar : Z x y -> bilevel_value vstar ->
  f x y - vstar >= bilevel_feasibility_upper_value_lower L (d x y).
Proof. intros Hz [Hv _]. destruct (upper_calm x y Hz) as [yb [Hs Hc]]. unfold bilevel_feasibility_upper_value_lower.
  assert (vstar <= f x yb) by (apply Hv; exists x, yb; auto). lra. Qed.

(** v* - v_gamma <= L^2 rho/(4 gamma) *)
Theorem bilevel_value_gap_holds gamma vg vstar : 0 < gamma -> penalized_value gamma vg -> bilevel_value vstar ->
  vstar - vg <= bilevel_value_gap L rho gamma.
Proof. intros Hg [_ Hp] Hv. unfold bilevel_value_gap.
  enough (vstar - L ^ 2 * rho / (4 * gamma) <= vg) by lra. apply Hp. intros a [x [y [Hz ->]]].
  pose proof (bilevel_feasibility_upper_value_lower_holds x y vstar Hz Hv) as H.
  unfold bilevel_feasibility_upper_value_lower in H. unfold penalized.
  pose proof (square_completed L rho gamma (d x y) (gap x y) rho_pos Hg (proj2 (lower_bounded x y Hz))). lra. Qed.

(** psi(x) - psi_gamma(x) <= L^2 rho/(4 gamma) at every upper point *)
Theorem bilevel_value_gap_pointwise_holds gamma x pg psi : 0 < gamma -> penalized_hyper gamma x pg -> hyper x psi ->
  psi - pg <= bilevel_value_gap_pointwise L rho gamma.
Proof. intros Hg [_ Hp] [Hh _]. unfold bilevel_value_gap_pointwise.
  enough (psi - L ^ 2 * rho / (4 * gamma) <= pg) by lra. apply Hp. intros a [y [Hz ->]].
  destruct (upper_calm x y Hz) as [yb [Hs Hc]].
  assert (psi <= f x yb) by (apply Hh; exists yb; auto). unfold penalized.
  pose proof (square_completed L rho gamma (d x y) (gap x y) rho_pos Hg (proj2 (lower_bounded x y Hz))). lra. Qed.

(** a solution of the bilevel problem minimizes F up to e1 from gamma = L^2 rho/(4 e1) on *)
Theorem bilevel_relation_penalty_holds e1 gamma x y : 0 < e1 -> bilevel_relation_penalty L rho e1 <= gamma ->
  bilevel_solution x y -> near_minimizer gamma e1 x y.
Proof. intros He Hg [Hs Hm]. split; [apply Hs|]. intros x' y' Hz. rewrite (solves_penalized gamma x y Hs).
  unfold bilevel_relation_penalty in Hg.
  destruct (upper_calm x' y' Hz) as [yb [Hb Hc]]. specialize (Hm x' yb Hb).
  assert (Hq : 0 < L ^ 2 * rho) by (apply Rmult_lt_0_compat; auto; apply pow_lt; auto).
  assert (Hg0 : 0 < L ^ 2 * rho / (4 * e1)) by (apply Rdiv_lt_0_compat; lra).
  pose proof (square_completed L rho _ (d x' y') (gap x' y') rho_pos Hg0 (proj2 (lower_bounded x' y' Hz))) as H.
  replace (L ^ 2 * rho / (4 * (L ^ 2 * rho / (4 * e1)))) with e1 in H by (field; lra).
  pose proof (Rmult_le_compat_r _ _ _ (gap_nonneg x' y' Hz) Hg) as H'. unfold penalized. lra. Qed.

Section NearMinimizer.
Variables gamma e2 : R.
Variables (x : X) (y : Y).
Hypothesis gamma_pos : 0 < gamma.
Hypothesis near : near_minimizer gamma e2 x y.

(** gamma p <= e2 + L d: what an e2-minimizer z knows of itself *)
Lemma gap_below_distance : gamma * gap x y <= e2 + L * d x y.
Proof. destruct near as [Hz Hm]. destruct (upper_calm x y Hz) as [yb [Hb Hc]].
  specialize (Hm x yb (proj1 Hb)). rewrite (solves_penalized gamma x yb Hb) in Hm. unfold penalized in Hm. lra. Qed.
Lemma distance_here : 0 <= d x y /\ d x y ^ 2 <= rho * gap x y.
Proof. apply lower_bounded, near. Qed.

(** p(z) <= (e1 + e2)/(gamma - c) where gamma > c = L^2 rho/(4 e1) *)
Theorem bilevel_relation_global_holds e1 : 0 < e1 -> L ^ 2 * rho / (4 * e1) < gamma ->
  gap x y <= bilevel_relation_global L rho gamma e1 e2.
Proof. intros He Hg. unfold bilevel_relation_global.
  assert (Hq : 0 < L ^ 2 * rho) by (apply Rmult_lt_0_compat; auto; apply pow_lt; auto).
  assert (Hg0 : 0 < L ^ 2 * rho / (4 * e1)) by (apply Rdiv_lt_0_compat; lra).
  pose proof (square_completed L rho _ (d x y) (gap x y) rho_pos Hg0 (proj2 distance_here)) as H.
  replace (L ^ 2 * rho / (4 * (L ^ 2 * rho / (4 * e1)))) with e1 in H by (field; lra).
  pose proof gap_below_distance as H'.
  apply Rmult_le_reg_r with (gamma - L ^ 2 * rho / (4 * e1)); [lra|].
  unfold Rdiv at 2. rewrite Rmult_assoc, Rinv_l by lra. lra. Qed.

(** p(z) <= ((L sqrt rho + sqrt(L^2 rho + 4 gamma e2))/(2 gamma))^2 *)
Theorem bilevel_feasibility_value_gap_holds : gap x y <= bilevel_feasibility_value_gap L rho gamma e2.
Proof. unfold bilevel_feasibility_value_gap. pose proof (gap_nonneg x y (proj1 near)) as Hp.
  destruct distance_here as [Hd Hq].
  assert (Hr : sqrt (gap x y) <= (L * sqrt rho + sqrt ((L * sqrt rho) ^ 2 + 4 * gamma * e2)) / (2 * gamma)).
  { apply root_bound; auto. rewrite pow2_sqrt by auto. eapply Rle_trans; [apply gap_below_distance|].
    apply Rplus_le_compat_l. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|].
    rewrite <- sqrt_mult by lra. rewrite <- (sqrt_pow2 (d x y)) by auto. apply sqrt_le_1_alt; auto. }
  rewrite Rpow_mult_distr, pow2_sqrt in Hr by lra.
  rewrite <- (pow2_sqrt (gap x y)) at 1 by auto. apply pow_incr. split; [apply sqrt_pos|exact Hr]. Qed.

(** the same bound, as the global relation gives it with the best free accuracy e1 *)
Theorem bilevel_relation_global_tuned_holds : gap x y <= bilevel_relation_global_tuned L rho gamma e2.
Proof. pose proof bilevel_feasibility_value_gap_holds as H. unfold bilevel_feasibility_value_gap in H.
  unfold bilevel_relation_global_tuned.
  eapply Rle_trans; [exact H|]. apply Req_le. field. lra. Qed.

(** d(z) <= (rho L + sqrt(rho^2 L^2 + 4 gamma rho e2))/(2 gamma) *)
Theorem bilevel_feasibility_distance_holds : d x y <= bilevel_feasibility_distance L rho gamma e2.
Proof. unfold bilevel_feasibility_distance. destruct distance_here as [Hd Hq].
  assert (Hr : d x y <= (rho * L + sqrt ((rho * L) ^ 2 + 4 * gamma * (rho * e2))) / (2 * gamma)).
  { apply root_bound; auto. pose proof gap_below_distance as H.
    apply (Rmult_le_compat_l gamma) in Hq; [|lra]. apply (Rmult_le_compat_l rho) in H; lra. }
  replace (rho ^ 2 * L ^ 2 + 4 * gamma * rho * e2) with ((rho * L) ^ 2 + 4 * gamma * (rho * e2)) by ring. exact Hr. Qed.

(** p(z) <= delta where gamma delta >= e2 and (gamma delta - e2)^2 >= L^2 rho delta: without roots *)
Theorem gap_below_target delta : 0 < delta -> 0 <= e2 -> e2 <= gamma * delta -> L ^ 2 * rho * delta <= (gamma * delta - e2) ^ 2 ->
  gap x y <= delta.
Proof. intros Hd He H1 H2. destruct distance_here as [Hd0 Hq].
  apply (target_reached L rho gamma e2 (d x y)); auto. apply gap_below_distance. Qed.

(** psi(x) - v* <= e2 + L^2 rho/(4 gamma) *)
Theorem bilevel_feasibility_hyper_suboptimality_holds psi vstar : hyper x psi -> bilevel_value vstar ->
  psi - vstar <= bilevel_feasibility_hyper_suboptimality L rho gamma e2.
Proof. intros [Hh _] Hv. unfold bilevel_feasibility_hyper_suboptimality.
  destruct (upper_calm x y (proj1 near)) as [yb [Hb Hc]].
  assert (psi <= f x yb) by (apply Hh; exists yb; auto).
  pose proof (bilevel_feasibility_upper_value_holds gamma e2 x y vstar near Hv) as H'.
  unfold bilevel_feasibility_upper_value in H'.
  pose proof (square_completed L rho gamma (d x y) (gap x y) rho_pos gamma_pos (proj2 distance_here)). lra. Qed.

(** the same with the distance at hand: psi(x) - v* <= e2 + L d - gamma d^2/rho *)
Theorem hyper_suboptimality_at_distance psi vstar : hyper x psi -> bilevel_value vstar ->
  psi - vstar <= e2 + L * d x y - gamma * d x y ^ 2 / rho.
Proof. intros [Hh _] Hv. destruct (upper_calm x y (proj1 near)) as [yb [Hb Hc]].
  assert (psi <= f x yb) by (apply Hh; exists yb; auto).
  pose proof (bilevel_feasibility_upper_value_holds gamma e2 x y vstar near Hv) as H'.
  unfold bilevel_feasibility_upper_value in H'.
  assert (gamma * d x y ^ 2 / rho <= gamma * gap x y); [|lra].
  unfold Rdiv. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|].
  apply Rmult_le_reg_r with rho; auto. rewrite Rmult_assoc, Rinv_l by lra. pose proof distance_here. lra. Qed.
End NearMinimizer.

(** with exact minimizers: p <= L^2 rho/gamma^2 *)
Theorem bilevel_feasibility_value_gap_exact_holds gamma x y : 0 < gamma -> near_minimizer gamma 0 x y ->
  gap x y <= bilevel_feasibility_value_gap_exact L rho gamma.
Proof. intros Hg Hn. pose proof (gap_below_distance gamma 0 x y Hn) as H. destruct (lower_bounded x y (proj1 Hn)) as [Hd Hq].
  unfold bilevel_feasibility_value_gap_exact. pose proof (gap_nonneg x y (proj1 Hn)) as Hp.
  assert (H2 : (gamma * gap x y) ^ 2 <= L ^ 2 * (rho * gap x y)).
  { apply Rle_trans with ((L * d x y) ^ 2). { apply pow_incr. split; [apply Rmult_le_pos|]; lra. }
    rewrite Rpow_mult_distr. apply Rmult_le_compat_l; auto. apply pow2_ge_0. }
  assert (Hg2 : 0 < gamma ^ 2) by (apply pow_lt; auto).
  apply Rmult_le_reg_r with (gamma ^ 2); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
  destruct Hp as [Hp|E]; [|rewrite <- E; assert (0 <= L ^ 2 * rho) by (apply Rmult_le_pos; [apply pow2_ge_0|lra]); lra].
  apply Rmult_le_reg_r with (gap x y); auto. lra. Qed.

(** with exact minimizers: d <= rho L/gamma *)
Theorem bilevel_feasibility_distance_exact_holds gamma x y : 0 < gamma -> near_minimizer gamma 0 x y ->
  d x y <= bilevel_feasibility_distance_exact L rho gamma.
Proof. intros Hg Hn. pose proof (gap_below_distance gamma 0 x y Hn) as H. destruct (lower_bounded x y (proj1 Hn)) as [Hd Hq].
  unfold bilevel_feasibility_distance_exact.
  apply Rmult_le_reg_r with gamma; auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
  destruct Hd as [Hd|E]; [|rewrite <- E; assert (0 <= rho * L) by (apply Rmult_le_pos; lra); lra].
  apply Rmult_le_reg_r with (d x y); auto.
  apply (Rmult_le_compat_l gamma) in Hq; [|lra]. apply (Rmult_le_compat_l rho) in H; [|lra]. lra. Qed.

(** p <= delta at every e2-minimizer from gamma = L sqrt(rho/delta) + e2/delta on *)
Theorem bilevel_feasibility_penalty_for_value_gap_holds delta e2 gamma : 0 < delta -> 0 <= e2 ->
  bilevel_feasibility_penalty_for_value_gap L rho delta e2 <= gamma ->
  forall x y, near_minimizer gamma e2 x y -> gap x y <= delta.
Proof. unfold bilevel_feasibility_penalty_for_value_gap. intros Hd He Hg x y Hn.
  assert (Hs : 0 < sqrt (rho / delta)) by (apply sqrt_lt_R0, Rdiv_lt_0_compat; auto).
  assert (Hr : 0 < L * sqrt (rho / delta)) by (apply Rmult_lt_0_compat; auto).
  assert (He' : 0 <= e2 / delta) by (unfold Rdiv; apply Rmult_le_pos; auto; left; apply Rinv_0_lt_compat; auto).
  assert (H : L * sqrt (rho / delta) * delta <= gamma * delta - e2).
  { apply (Rmult_le_compat_r delta) in Hg; [|lra].
    replace ((L * sqrt (rho / delta) + e2 / delta) * delta) with (L * sqrt (rho / delta) * delta + e2) in Hg by (field; lra). lra. }
  assert (H0 : 0 < L * sqrt (rho / delta) * delta) by (apply Rmult_lt_0_compat; auto).
  apply (gap_below_target gamma e2 x y); auto; try lra.
  replace (L ^ 2 * rho * delta) with ((L * sqrt (rho / delta) * delta) ^ 2). { apply pow_incr. lra. }
  rewrite !Rpow_mult_distr, pow2_sqrt by (left; apply Rdiv_lt_0_compat; auto). field. lra. Qed.

(** d <= tau at every e2-minimizer from gamma = rho (L tau + e2)/tau^2 on *)
Theorem bilevel_feasibility_penalty_for_distance_holds tau e2 gamma : 0 < tau -> 0 <= e2 ->
  bilevel_feasibility_penalty_for_distance L rho tau e2 <= gamma ->
  forall x y, near_minimizer gamma e2 x y -> d x y <= tau.
Proof. unfold bilevel_feasibility_penalty_for_distance. intros Ht He Hg x y Hn.
  pose proof (gap_below_distance gamma e2 x y Hn) as H. destruct (lower_bounded x y (proj1 Hn)) as [Hd Hq].
  assert (Ht2 : 0 < tau ^ 2) by (apply pow_lt; auto).
  assert (H0 : 0 < rho * (L * tau + e2)).
  { apply Rmult_lt_0_compat; auto. assert (0 < L * tau) by (apply Rmult_lt_0_compat; auto). lra. }
  assert (Hg1 : rho * (L * tau + e2) <= gamma * tau ^ 2).
  { apply (Rmult_le_compat_r (tau ^ 2)) in Hg; [|lra]. unfold Rdiv in Hg. rewrite Rmult_assoc, Rinv_l in Hg by lra. lra. }
  assert (Hg0 : 0 < gamma) by (apply Rmult_lt_reg_r with (tau ^ 2); lra).
  apply Rnot_lt_le. intros C. set (dz := d x y) in *. set (p := gap x y) in *.
  assert (Hd2 : 0 < dz ^ 2) by (apply pow_lt; lra).
  assert (K1 : gamma * dz ^ 2 <= rho * (e2 + L * dz)).
  { apply (Rmult_le_compat_l gamma) in Hq; [|lra]. apply (Rmult_le_compat_l rho) in H; lra. }
  assert (K2 : rho * (L * tau + e2) * dz ^ 2 <= rho * (e2 + L * dz) * tau ^ 2).
  { apply Rle_trans with (gamma * tau ^ 2 * dz ^ 2). { apply Rmult_le_compat_r; lra. }
    replace (gamma * tau ^ 2 * dz ^ 2) with (gamma * dz ^ 2 * tau ^ 2) by ring. apply Rmult_le_compat_r; lra. }
  assert (K3 : 0 < L * (tau * dz) * (dz - tau)).
  { apply Rmult_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; auto. apply Rmult_lt_0_compat; lra. }
  assert (K4 : 0 <= e2 * ((dz - tau) * (dz + tau))) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra).
  assert (K5 : 0 < rho * (L * (tau * dz) * (dz - tau) + e2 * ((dz - tau) * (dz + tau)))) by (apply Rmult_lt_0_compat; lra).
  lra. Qed.

(** psi(x) - v* <= eps at every e2-minimizer (x, y) from gamma = L^2 rho/(4 (eps - e2)) on *)
Theorem bilevel_feasibility_penalty_for_hyper_suboptimality_holds eps e2 gamma : e2 < eps ->
  bilevel_feasibility_penalty_for_hyper_suboptimality L rho eps e2 <= gamma ->
  forall x y psi vstar, near_minimizer gamma e2 x y -> hyper x psi -> bilevel_value vstar -> psi - vstar <= eps.
Proof. unfold bilevel_feasibility_penalty_for_hyper_suboptimality. intros He Hg x y psi vstar Hn Hh Hv.
  assert (Hq : 0 < L ^ 2 * rho) by (apply Rmult_lt_0_compat; auto; apply pow_lt; auto).
  assert (Hg0 : 0 < gamma) by (eapply Rlt_le_trans; [|exact Hg]; apply Rdiv_lt_0_compat; lra).
  pose proof (bilevel_feasibility_hyper_suboptimality_holds gamma e2 x y Hg0 Hn psi vstar Hh Hv) as H.
  unfold bilevel_feasibility_hyper_suboptimality in H.
  enough (L ^ 2 * rho / (4 * gamma) <= eps - e2) by lra.
  apply (Rmult_le_compat_r (4 * (eps - e2))) in Hg; [|lra]. unfold Rdiv in Hg. rewrite Rmult_assoc, Rinv_l in Hg by lra.
  apply Rmult_le_reg_r with (4 * gamma); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. Qed.
End Bilevel.
