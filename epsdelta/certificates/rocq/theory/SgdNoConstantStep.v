(** No constant step of SGD beats the order delta^(-1/2) T^(-1/2) at confidence 1 - delta: the quadratic without noise, or with rare spikes. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent Expectation DescentLower Sgd SgdConfidence SgdSpikes Formulas.
Import ListNotations.
Open Scope R_scope.

(** exp(-z) <= 1/(1 + z) *)
Lemma exp_below z : 0 <= z -> exp (- z) <= / (1 + z).
Proof. intros Hz. rewrite exp_Ropp. apply Rinv_le_contravar; [lra|]. apply exp_ineq1_le. Qed.

Section Squares.
Variables (L eta : R) (T : nat).
Hypotheses (HT : (1 <= T)%nat).
Let y := L * eta.
Hypothesis (Hy : 0 < y).
(** 1 + r^2 + ... + r^(2(T-1)), r = 1 - y: at least 3T/8 for y <= 1/T and for y >= 2, and at least 3/(8y) in between *)
Lemma squares_long : 2 <= y -> INR T <= squares L eta T.
Proof. intros H. rewrite <- (Rmult_1_r (INR T)), <- sum_const. apply sum_le. intros i _. apply pow_R1_Rle. fold y.
  replace ((1 - y) ^ 2) with (1 + y * (y - 2)) by ring. assert (0 <= y * (y - 2)) by (apply Rmult_le_pos; lra). lra. Qed.
Lemma squares_loss : y <= 1 -> 1 - (/ (1 + y * INR T)) ^ 2 <= 2 * y * squares L eta T.
Proof. intros H. pose proof (squares_closed L eta T) as S. fold y in S. pose proof (square_decay L eta T H) as D. fold y in D.
  pose proof (pos_INR T) as P. assert (Hz : 0 <= y * INR T) by (apply Rmult_le_pos; lra).
  replace (- (2 * INR T * y)) with (- (y * INR T) + - (y * INR T)) in D by ring. rewrite exp_plus in D.
  pose proof (exp_below _ Hz) as X. pose proof (exp_pos (- (y * INR T))) as X0.
  assert (A : exp (- (y * INR T)) * exp (- (y * INR T)) <= / (1 + y * INR T) * / (1 + y * INR T)) by (apply Rmult_le_compat; lra).
  assert (Q : 0 <= y * y * squares L eta T).
  { apply Rmult_le_pos; [apply Rle_0_sqr|]. apply sum_nonneg. intros. apply pow_le, pow2_ge_0. }
  simpl (_ ^ 2) at 1. lra. Qed.
Lemma squares_short : y * INR T <= 1 -> 3 * INR T / 8 <= squares L eta T.
Proof. intros H. assert (HT1 : 1 <= INR T) by (apply (le_INR 1); auto). assert (H1 : y <= 1).
  { assert (y * 1 <= y * INR T) by (apply Rmult_le_compat_l; lra). lra. }
  pose proof (squares_loss H1) as S. set (z := y * INR T) in *. assert (Hz : 0 < z) by (apply Rmult_lt_0_compat; lra).
  assert (A : 3 * z / 4 <= 1 - (/ (1 + z)) ^ 2).
  { assert (B : 0 <= z * (1 - z) * (5 + 3 * z) * (/ (4 * (1 + z) ^ 2))).
    { apply Rmult_le_pos; [apply Rmult_le_pos; [apply Rmult_le_pos|]; lra|left; apply Rinv_0_lt_compat]. assert (0 < (1 + z) ^ 2) by (apply pow_lt; lra). lra. }
    replace (z * (1 - z) * (5 + 3 * z) * / (4 * (1 + z) ^ 2)) with (1 - (/ (1 + z)) ^ 2 - 3 * z / 4) in B by (field; lra). lra. }
  apply Rmult_le_reg_l with (2 * y); [lra|]. replace (2 * y * (3 * INR T / 8)) with (3 * z / 4) by (unfold z; field). lra. Qed.
Lemma squares_between : 1 < y * INR T -> 3 / (8 * y) <= squares L eta T.
Proof. intros H. apply Rmult_le_reg_l with (2 * y); [lra|]. replace (2 * y * (3 / (8 * y))) with (3 / 4) by (field; lra).
  destruct (Rle_dec y 1) as [H1|H1].
  - eapply Rle_trans; [|apply squares_loss; auto].
    assert (A : / (1 + y * INR T) <= / 2) by (apply Rinv_le_contravar; lra). assert (0 < / (1 + y * INR T)) by (apply Rinv_0_lt_compat; lra).
    assert (/ (1 + y * INR T) * / (1 + y * INR T) <= / 2 * / 2) by (apply Rmult_le_compat; lra). simpl. lra.
  - assert (A : 2 * y * 1 <= 2 * y * squares L eta T) by (apply Rmult_le_compat_l; [lra|apply squares_first; auto]). lra. Qed.
End Squares.

Section NoStep.
Variables (L eta sigma delta delta_f : R) (T : nat).
Hypotheses (HL : 0 < L) (He : 0 < eta) (Hdelta : 0 < delta <= 1 / 16) (HT : (2 <= T)%nat) (Hsigma : 0 < sigma) (Hdf : 0 < delta_f).
(** Some L-smooth, L-strongly convex quadratic with initial gap at most delta_f and some independent, identically distributed, unbiased
    additive noise of variance at most sigma^2 give the step eta an average of |grad f|^2 over T points of at least b, with probability more than delta. *)
Definition fails b := exists (C : chance) (f : line -> R) (grad : line -> line) (xs : line) (x : list nat -> line) (g : list nat -> nat -> line)
  (noise : nat -> line), has_gradient f grad /\ lipschitz everywhere grad L /\ smooth f grad L /\ strongly_convex f grad L /\ minimizer f xs /\
  f (x []) - f xs <= delta_f /\ (forall h k, g h k = vadd (grad (x h)) (noise k)) /\ unbiased C grad x g /\ variance_below C grad x g sigma /\
  sgd C (fun _ => eta) x g /\ same_law C /\ delta < reaches C T (path_stationarity line grad x T) b.
Lemma fails_le b c : b <= c -> fails c -> fails b.
Proof. intros H [C [f [grad [xs [x [g [noise [A1 [A2 [A3 [A4 [A5 [A6 [A7 [A8 [A9 [A10 [A11 A12]]]]]]]]]]]]]]]]]].
  exists C, f, grad, xs, x, g, noise. repeat (split; [assumption|]). eapply Rlt_le_trans; [exact A12|]. apply expect_le. intros h _ _.
  destruct (Rle_dec c _), (Rle_dec b _); lra. Qed.

Lemma sure : 0 <= 0 <= 1. Proof. lra. Qed.
(** the quadratic without noise, from the distance sqrt(2 delta_f/L) *)
Lemma quiet_fails b : b <= 2 * L * delta_f * squares L eta T / INR T -> fails b.
Proof. intros Hb. set (first := sqrt (2 * delta_f / L)).
  assert (Ef : first ^ 2 = 2 * delta_f / L) by (apply pow2_sqrt; left; apply Rdiv_lt_0_compat; lra).
  exists (spikes 0 sure), (bowl line (0 : line) L), (bowl_grad line (0 : line) L), (0 : line), (spike_walk L eta 0 first), (spike_gradient L eta 0 first),
    (spike 0).
  destruct (instance_class L HL) as [I1 [I2 [I3 [I4 I5]]]]. do 5 (split; [assumption|]). split; [|split; [|split; [|split; [|split; [|split]]]]].
  - unfold bowl, n2, vsub. simpl. right. replace (L / 2 * ((first + -1 * 0) * (first + -1 * 0)) - L / 2 * ((0 + -1 * 0) * (0 + -1 * 0)))
      with (L / 2 * first ^ 2) by field. rewrite Ef. field. lra.
  - intros h k. unfold spike_gradient, bowl_grad, vsub. simpl. ring.
  - apply walk_unbiased.
  - apply walk_variance. rewrite Rmult_0_l. apply pow2_ge_0.
  - apply walk_is_sgd.
  - apply spikes_same_law.
  - apply Rlt_le_trans with (expect (spikes 0 sure) T (fun _ => 1)); [rewrite expect_const; lra|]. unfold reaches. apply expect_le. intros h Hl _.
    destruct (Rle_dec b _) as [Y|N]; [lra|exfalso]. apply N. unfold path_stationarity. rewrite <- Hl at 1. rewrite slopes_sum.
    rewrite calm_slopes by reflexivity. rewrite Hl, Ef. replace (L ^ 2 * (2 * delta_f / L)) with (2 * L * delta_f) by (field; lra). exact Hb. Qed.
(** the spike instance, from its minimizer *)
Lemma spiky_fails b : (forall s, (T <= 2 * s)%nat -> b <= (L * eta * (sigma * sqrt (INR T) / (2 * sqrt delta))) ^ 2 * squares L eta s / INR T) -> fails b.
Proof. intros Hb. set (height := sigma * sqrt (INR T) / (2 * sqrt delta)) in *.
  exists (spikes (4 * delta / INR T) (rare delta T Hdelta HT)), (bowl line (0 : line) L), (bowl_grad line (0 : line) L), (0 : line),
    (spike_walk L eta height 0), (spike_gradient L eta height 0), (spike height).
  destruct (instance_class L HL) as [I1 [I2 [I3 [I4 I5]]]]. do 5 (split; [assumption|]). split; [|split; [|split; [|split; [|split; [|split]]]]].
  - simpl. lra.
  - intros h k. unfold spike_gradient, bowl_grad, vsub. simpl. ring.
  - apply walk_unbiased.
  - apply (instance_noise L eta sigma delta T Hdelta HT).
  - apply walk_is_sgd.
  - apply spikes_same_law.
  - apply (event_chance L eta sigma delta T Hdelta HT). exact Hb. Qed.
Lemma spiky_value s : (T <= 2 * s)%nat -> 1 < L * eta * INR T -> L * eta < 2 ->
  L * eta * sigma ^ 2 / (16 * delta) <= (L * eta * (sigma * sqrt (INR T) / (2 * sqrt delta))) ^ 2 * squares L eta s / INR T.
Proof. intros Hs Hz H2. pose proof (many T HT) as HT2. assert (Hy : 0 < L * eta) by (apply Rmult_lt_0_compat; auto). assert (Hs2 : 0 < sigma ^ 2) by (apply
  pow_lt; auto).
  destruct (Rle_dec (L * eta) 1) as [H1|H1].
  - rewrite (spike_value L eta sigma delta T HL He Hdelta HT s) by lra. pose proof (long_decay L eta T HL He s Hs H1) as D.
    assert (Hz0 : 0 <= L * eta * INR T) by lra. pose proof (exp_below _ Hz0) as X.
    assert (A : / (1 + L * eta * INR T) <= / 2) by (apply Rinv_le_contravar; lra). set (k := ((1 - L * eta) ^ 2) ^ s) in *.
    replace (L * eta * sigma ^ 2 / (16 * delta)) with (L * eta * sigma ^ 2 / (4 * delta) * (1 / 2 * / 2)) by (field; lra).
    apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; auto|lra]|].
    unfold Rdiv at 2. apply Rmult_le_compat; try lra. apply Rinv_le_contravar; lra.
  - set (y := L * eta) in *. replace ((y * (sigma * sqrt (INR T) / (2 * sqrt delta))) ^ 2) with (y ^ 2 * (sigma * sqrt (INR T) / (2 * sqrt delta)) ^ 2) by ring.
    rewrite (height_square sigma delta T Hdelta HT).
    replace (y ^ 2 * (sigma ^ 2 * INR T / (4 * delta)) * squares L eta s / INR T) with (y * sigma ^ 2 / (4 * delta) * (y * squares L eta s)) by (field; lra).
    replace (y * sigma ^ 2 / (16 * delta)) with (y * sigma ^ 2 / (4 * delta) * (1 / 4)) by (field; lra).
    apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; auto|lra]|].
    assert (B : 1 <= squares L eta s) by (apply squares_first; lia). assert (y * 1 <= y * squares L eta s) by (apply Rmult_le_compat_l; lra). lra. Qed.

(** sgd/confidence/delta-aware-lower: whatever the constant step, known to the adversary, one of two quadratics of the class has this metric
    with probability more than delta. *)
Theorem sgd_confidence_delta_aware_lower_holds : fails (sgd_confidence_delta_aware_lower L delta delta_f T sigma).
Proof. pose proof (many T HT) as HT2. assert (HT1 : (1 <= T)%nat) by lia. unfold sgd_confidence_delta_aware_lower.
  set (y := L * eta). assert (Hy : 0 < y) by (apply Rmult_lt_0_compat; auto). assert (HLd : 0 < L * delta_f) by (apply Rmult_lt_0_compat; auto).
  assert (Slow : 3 * INR T / 8 <= squares L eta T -> fails (Rmin (3 * L * delta_f / 4) (sqrt 3 * sigma * sqrt (L * delta_f / (delta * INR T)) / 8))).
  { intros S. apply (fails_le _ (3 * L * delta_f / 4)); [apply Rmin_l|]. apply quiet_fails. apply (Rmult_le_compat_l (2 * (L * delta_f))) in S; [|lra].
    apply Rmult_le_reg_r with (INR T); [lra|].
    replace (2 * L * delta_f * squares L eta T / INR T * INR T) with (2 * (L * delta_f) * squares L eta T) by (field; lra). lra. }
  destruct (Rle_dec 2 y) as [H2|H2].
  { apply Slow. pose proof (squares_long L eta T Hy H2). lra. }
  destruct (Rle_dec (y * INR T) 1) as [H1|H1]; [apply Slow, squares_short; auto|]. apply Rnot_le_lt in H1, H2.
  set (quiet := 3 * L * delta_f / (4 * y * INR T)). set (spiky := y * sigma ^ 2 / (16 * delta)).
  assert (Hq : 0 < quiet) by (apply Rdiv_lt_0_compat; [lra|]; apply Rmult_lt_0_compat; lra).
  assert (Hs2 : 0 < sigma ^ 2) by (apply pow_lt; auto). assert (Hs : 0 < spiky) by (apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; auto|lra]).
  set (w := sqrt 3 * sigma * sqrt (L * delta_f / (delta * INR T)) / 8).
  assert (Ew : w * w = quiet * spiky).
  { unfold w, quiet, spiky. assert (0 < delta * INR T) by (apply Rmult_lt_0_compat; lra).
    assert (E1 : sqrt (L * delta_f / (delta * INR T)) ^ 2 = L * delta_f / (delta * INR T)) by (apply pow2_sqrt; left; apply Rdiv_lt_0_compat; auto).
    assert (E3 : sqrt 3 ^ 2 = 3) by (apply pow2_sqrt; lra).
    replace (sqrt 3 * sigma * sqrt (L * delta_f / (delta * INR T)) / 8 * (sqrt 3 * sigma * sqrt (L * delta_f / (delta * INR T)) / 8))
      with (sqrt 3 ^ 2 * sigma ^ 2 * sqrt (L * delta_f / (delta * INR T)) ^ 2 / 64) by field.
    rewrite E1, E3. field. lra. }
  assert (Below : forall q s, 0 < q -> 0 < s -> w * w = q * s -> s <= q -> w <= q).
  { intros q s Hq0 Hs0 E Hsq. apply Rnot_lt_le. intros N. assert (q * q < w * w) by (apply Rmult_le_0_lt_compat; lra).
    assert (q * s <= q * q) by (apply Rmult_le_compat_l; lra). lra. }
  apply (fails_le _ w); [apply Rmin_r|]. destruct (Rle_dec spiky quiet) as [H|H].
  - apply (fails_le _ quiet); [apply (Below quiet spiky); auto|]. apply quiet_fails. unfold quiet.
    pose proof (squares_between L eta T HT1 Hy H1) as S. fold y in S. apply (Rmult_le_compat_l (2 * (L * delta_f))) in S; [|lra].
    apply Rmult_le_reg_r with (INR T); [lra|].
    replace (2 * L * delta_f * squares L eta T / INR T * INR T) with (2 * (L * delta_f) * squares L eta T) by (field; lra).
    replace (3 * L * delta_f / (4 * y * INR T) * INR T) with (2 * (L * delta_f) * (3 / (8 * y))) by (field; lra). lra.
  - apply (fails_le _ spiky); [apply (Below spiky quiet); auto; [lra|lra]|]. apply spiky_fails. intros s Hss. apply spiky_value; auto. Qed.
End NoStep.
