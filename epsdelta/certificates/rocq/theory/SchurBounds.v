(** The Schur-step entries of the catalogue, for every game with block constants on a convex region. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums Spaces Field Formulas Blocks SmallGain Asynchronous Schur.
Import ListNotations.
Open Scope R_scope.

(** ** Assumptions. Small-gain data: curvature mu_i of every own block, coupling norms L_ij >= 0, on a convex region. *)
Definition small_gain_data ds X F J mu L := convex X /\ extensional (coordinates ds) F /\ jacobian_on (coordinates ds) X F J /\
  off_diagonal_nonneg (player_count ds) L /\ curvature_holds ds X J mu /\ coupling_holds ds X J L.
(** smooth and strongly convex in the own variable: own blocks symmetric with norm at most l_i *)
Definition smooth_in_own_variable ds X J (l : vec) := own_holds ds X J l /\
  forall z, X z -> forall i, (i < player_count ds)%nat -> symmetric_on (block_size ds i) (sub_block ds i i (J z)).
(** ** Gradient play with player steps h_i <= 2/(mu_i + l_i), block constants as above, steps projected in each block *)
(** Player i's error after his step, e_i his own and coupled_distance = sum_(j <> i) L_ij e_j the weighted errors of the others. *)
Theorem gradient_play_schur_own_error_holds ds X F J proj mu l L h x y i : small_gain_data ds X F J mu L -> smooth_in_own_variable ds X J l ->
  nonexpansive_blocks ds proj -> step_fits mu l h i -> X x -> X y -> (i < player_count ds)%nat ->
  block_norm ds i (minus (play_step ds F h proj x) (play_step ds F h proj y)) <=
  gradient_play_schur_own_error (l i) (sum (player_count ds) (fun j => if Nat.eqb i j then 0 else L i j * block_norm ds j (minus x y)))
    (mu i) (block_norm ds i (minus x y)) (h i).
Proof. intros [HX [HF [HJ [HL [Hc Hk]]]]] [Ho Hs] Hp Hfit Hx Hy Hi. unfold gradient_play_schur_own_error.
  pose proof (play_errors ds X F J proj mu l h L HX HF HJ (conj Hc (conj Ho Hk)) Hs Hp HL x y i Hfit Hx Hy Hi) as H. unfold shrink in H.
  rewrite (sum_ext _ _ (fun j => if Nat.eqb i j then (1 - h i * mu i) * block_norm ds j (minus x y) else h i * (L i j * block_norm ds j (minus x y)))) in H
    by (intros j Hj; destruct (Nat.eqb i j); ring).
  rewrite (sum_if_split _ i (fun j => (1 - h i * mu i) * block_norm ds j (minus x y))) in H by auto. rewrite <- sum_scal.
  rewrite (sum_ext _ (fun j => h i * _) (fun j => if Nat.eqb i j then 0 else h i * (L i j * block_norm ds j (minus x y))))
    by (intros j Hj; destruct (Nat.eqb i j); ring). exact H. Qed.

Section SchurBounds.
Variables (ds : list nat) (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R) (proj : vec -> vec).
Variables (mu l h v : vec) (L : nat -> nat -> R) (curvature_sum gain_margin step_size : R).
Notation N := (player_count ds).
Hypotheses (Hdata : small_gain_data ds X F J mu L) (Hown : smooth_in_own_variable ds X J l) (Hproj : nonexpansive_blocks ds proj).
Hypotheses (Hv : positive_upto N v) (Hgain : gains N (gain mu L) gain_margin v).
Hypotheses (Hcs : 0 < curvature_sum) (Ha : 0 <= gain_margin) (Hmargin : 2 * gain_margin <= curvature_sum).
Hypotheses (Hstep : 0 <= step_size) (Hlimit : step_size <= 2 / curvature_sum).
(** each player's step fits his own constants, and step_size is at most each of them *)
Hypothesis Hfits : forall i, (i < N)%nat -> step_fits mu l h i /\ step_size <= h i.

Lemma rate_fits : 0 <= 1 - gain_margin * step_size <= 1.
Proof. pose proof (Rmult_le_compat _ _ _ _ Ha Hstep (Rle_refl gain_margin) Hlimit) as H.
  assert (P : 0 <= 2 / curvature_sum) by (apply Rlt_le, Rdiv_lt_0_compat; lra).
  pose proof (Rmult_le_compat_r _ _ _ P Hmargin) as H1. replace (curvature_sum * (2 / curvature_sum)) with 2 in H1 by (field; lra).
  pose proof (Rmult_le_pos _ _ Ha Hstep). lra. Qed.
Lemma rate_shrinks : shrinks N (shrink mu h L) (1 - gain_margin * step_size) v.
Proof. intros i Hi. destruct (Hfits i Hi) as [[_ [_ [Hh _]]] Hs]. specialize (Hgain i Hi). specialize (Hv i Hi).
  assert (E : sum N (fun j => shrink mu h L i j * v j) = v i - h i * sum N (fun j => gain mu L i j * v j)).
  { rewrite <- sum_scal. transitivity (sum N (fun j => (if Nat.eqb j i then 1 else 0) * v j - h i * (gain mu L i j * v j))).
    - apply sum_ext; intros j Hj. unfold shrink, gain. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring.
    - rewrite sum_minus, sum_delta; auto. }
  rewrite E. pose proof (Rmult_le_compat_l _ _ _ Hh Hgain) as H1.
  assert (P : 0 <= gain_margin * v i) by (apply Rmult_le_pos; lra). pose proof (Rmult_le_compat_r _ _ _ P Hs). lra. Qed.

(** Simultaneous play, and one player after the other, contract in max_i |x_i - y_i|/v_i where K v >= a v. *)
Theorem gradient_play_schur_maximum_norm_holds :
  (forall x y, X x -> X y -> maximum_norm ds v (minus (play_step ds F h proj x) (play_step ds F h proj y)) <=
    gradient_play_schur_maximum_norm curvature_sum gain_margin step_size * maximum_norm ds v (minus x y)) /\
  (forall inside : region, (forall x, inside x -> X x) ->
    (forall x i, inside x -> (i < N)%nat -> inside (replace_block ds i x (play_step ds F h proj x))) ->
    forall order, (forall i, In i order <-> (i < N)%nat) -> forall x y, inside x -> inside y ->
    maximum_norm ds v (minus (sweep ds F proj h order x) (sweep ds F proj h order y)) <=
    gradient_play_schur_maximum_norm curvature_sum gain_margin step_size * maximum_norm ds v (minus x y)).
Proof. destruct Hdata as [HX [HF [HJ [HL [Hc Hk]]]]]. destruct Hown as [Ho Hs]. unfold gradient_play_schur_maximum_norm. split.
  - intros x y Hx Hy. apply (play_maximum_norm ds X F J proj mu l) with (L := L); auto using rate_shrinks, rate_fits.
    + split; [|split]; auto. + intros i Hi; apply Hfits; auto.
  - intros inside Hin Hmove order Hall x y Hx Hy.
    apply (sweep_maximum_norm ds X F J proj mu l h L) with (inside := inside); auto using rate_shrinks, rate_fits; try (intros i Hi; apply Hall; auto).
    + split; [|split]; auto. + intros i Hi; apply Hfits; auto. Qed.

(** Equal steps and gain vectors v and u = w v on both sides: contraction in the small-gain norm with weights w itself. *)
Theorem gradient_play_schur_weighted_norm_holds w : (forall i, (i < N)%nat -> h i = step_size) -> positive_upto N w ->
  gains N (transpose (gain mu L)) gain_margin (fun i => w i * v i) ->
  forall x y, X x -> X y -> sqrt (weighted_sq ds w (minus (play_step ds F h proj x) (play_step ds F h proj y))) <=
    gradient_play_schur_weighted_norm curvature_sum gain_margin step_size * sqrt (weighted_sq ds w (minus x y)).
Proof. intros Heq Hw Hg x y Hx Hy. destruct Hdata as [HX [HF [HJ [HL [Hc Hk]]]]]. destruct Hown as [Ho Hs].
  unfold gradient_play_schur_weighted_norm. pose proof rate_fits as Hr.
  rewrite <- (sqrt_pow2 (1 - gain_margin * step_size)) by lra. rewrite <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt.
  apply (play_weighted_norm ds X F J proj mu l h L) with (v := v); auto using rate_shrinks.
  - split; [|split]; auto.
  - intros i Hi; apply Hfits; auto.
  - intros j Hj. specialize (Hg j Hj). unfold transpose in *.
    assert (E : sum N (fun i => shrink mu h L i j * (w i * v i)) = w j * v j - step_size * sum N (fun i => gain mu L i j * (w i * v i))).
    { rewrite <- sum_scal. transitivity (sum N (fun i => (if Nat.eqb i j then 1 else 0) * (w i * v i) - step_size * (gain mu L i j * (w i * v i)))).
      - apply sum_ext; intros i Hi. unfold shrink, gain. rewrite (Heq i Hi). destruct (Nat.eqb i j); ring.
      - rewrite sum_minus, (sum_delta N j (fun i => w i * v i)); auto. }
    rewrite E. pose proof (Rmult_le_compat_l _ _ _ Hstep Hg). lra. Qed.
End SchurBounds.

(** The largest common step 2/curvature_sum, curvature_sum the largest mu_i + l_i. *)
Theorem gradient_play_schur_maximum_norm_best_step_holds ds X F J proj mu l v L curvature_sum gain_margin :
  small_gain_data ds X F J mu L -> smooth_in_own_variable ds X J l -> nonexpansive_blocks ds proj ->
  positive_upto (player_count ds) v -> gains (player_count ds) (gain mu L) gain_margin v ->
  0 < curvature_sum -> 0 <= gain_margin -> 2 * gain_margin <= curvature_sum ->
  (forall i, (i < player_count ds)%nat -> 0 <= l i /\ mu i <= l i /\ mu i + l i <= curvature_sum) ->
  let T := play_step ds F (fun _ => 2 / curvature_sum) proj in
  forall x y, X x -> X y -> maximum_norm ds v (minus (T x) (T y)) <=
    gradient_play_schur_maximum_norm_best_step curvature_sum gain_margin * maximum_norm ds v (minus x y).
Proof. intros Hd Ho Hp Hv Hg Hcs Ha Hm Hl T x y Hx Hy. assert (P : 0 <= 2 / curvature_sum) by (apply Rlt_le, Rdiv_lt_0_compat; lra).
  pose proof (gradient_play_schur_maximum_norm_holds ds X F J proj mu l (fun _ => 2 / curvature_sum) v L curvature_sum gain_margin (2 / curvature_sum)
    Hd Ho Hp Hv Hg Hcs Ha Hm P (Rle_refl _)) as H.
  unfold gradient_play_schur_maximum_norm_best_step.
  replace (1 - 2 * gain_margin / curvature_sum) with (gradient_play_schur_maximum_norm curvature_sum gain_margin (2 / curvature_sum))
    by (unfold gradient_play_schur_maximum_norm; field; lra).
  apply H; auto. intros i Hi. destruct (Hl i Hi) as [L1 [L2 L3]]. split; [|lra]. repeat split; auto.
  pose proof (Rmult_le_compat_l _ _ _ P L3) as K. replace (2 / curvature_sum * curvature_sum) with 2 in K by (field; lra). exact K. Qed.
