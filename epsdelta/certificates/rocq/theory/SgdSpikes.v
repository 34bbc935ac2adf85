(** What constant steps cannot promise at confidence 1 - delta: a quadratic whose noise is a rare high spike, and the quadratic without noise. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent DescentLower Expectation Sgd SgdConfidence Formulas.
Import ListNotations.
Open Scope R_scope.

(** the probability that F is at least b after T steps *)
Definition reaches (C : chance) T (F : list nat -> R) b : R := expect C T (fun h => if Rle_dec b (F h) then 1 else 0).

(** The law of the next outcome does not depend on the past: the outcomes are independent and identically distributed. *)
Definition same_law (C : chance) := forall h h' k, size C h = size C h' /\ weight C h k = weight C h' k.

(** outcome 0 is calm, 1 and 2 are spikes up and down, of probability p/2 each *)
Definition spikes (p : R) (Hp : 0 <= p <= 1) : chance.
refine {| size := fun _ => 3%nat; weight := fun _ k => match k with O => 1 - p | _ => p / 2 end |}.
- intros _ k _. destruct k; lra.
- intros _. simpl. lra.
Defined.
Lemma spikes_same_law p Hp : same_law (spikes p Hp).
Proof. intros h h' k. split; reflexivity. Qed.

Section Walk.
Variables (L eta height first : R).
Definition spike (k : nat) : R := match k with O => 0 | S O => height | _ => - height end.
Fixpoint spike_walk (h : list nat) : line := match h with [] => first | k :: past => (1 - L * eta) * spike_walk past - eta * spike k end.
Definition spike_gradient (h : list nat) (k : nat) : line := L * spike_walk h + spike k.
Let o : line := 0.
Let grad := bowl_grad line o L.
Let x := spike_walk.

Lemma walk_is_sgd C : sgd C (fun _ => eta) x spike_gradient.
Proof. intros h k _. unfold x, spike_gradient, vsub. simpl. ring. Qed.
Lemma walk_unbiased p Hp : unbiased (spikes p Hp) grad x spike_gradient.
Proof. intros h v _. unfold next, grad, bowl_grad, spike_gradient, vsub, o. fold x. simpl. field. Qed.
Lemma walk_variance p Hp s : p * height ^ 2 <= s ^ 2 -> variance_below (spikes p Hp) grad x spike_gradient s.
Proof. intros H h _. unfold next, grad, bowl_grad, spike_gradient, n2, vsub, o. fold x. simpl. simpl in H. lra. Qed.
Lemma walk_slope h k : slopes line grad x (k :: h) = slopes line grad x h + L ^ 2 * x h ^ 2.
Proof. cbn [slopes]. unfold grad, bowl_grad, n2, vsub, o. simpl. ring. Qed.

(** the sum 1 + r^2 + ... + r^(2 (n - 1)), r = 1 - L eta *)
Definition squares n := sum n (fun i => ((1 - L * eta) ^ 2) ^ i).
Lemma squares_closed n : L * eta * (2 - L * eta) * squares n = 1 - ((1 - L * eta) ^ 2) ^ n.
Proof. unfold squares. induction n as [|n IH]; [simpl; ring|]. cbn [sum]. rewrite Rmult_plus_distr_l, IH. simpl. ring. Qed.
Lemma squares_first n : (1 <= n)%nat -> 1 <= squares n.
Proof. intros H. destruct n as [|n]; [lia|]. unfold squares. rewrite sum_S_l. change (((1 - L * eta) ^ 2) ^ 0) with 1.
  assert (0 <= sum n (fun k => ((1 - L * eta) ^ 2) ^ S k)) by (apply sum_nonneg; intros; apply pow_le, pow2_ge_0). lra. Qed.
(** r^(2n) <= exp(-2 n L eta) for L eta <= 1 *)
Lemma square_decay n : L * eta <= 1 -> ((1 - L * eta) ^ 2) ^ n <= exp (- (2 * INR n * (L * eta))).
Proof. intros H. set (y := L * eta) in *. assert (A : ((1 - y) ^ 2) ^ n <= (exp (- y) ^ 2) ^ n).
  { apply pow_incr. split; [apply pow2_ge_0|]. apply pow_incr. split; [lra|apply one_minus_le_exp]. }
  eapply Rle_trans; [exact A|]. right. clear. induction n as [|n IH].
  - simpl. rewrite Rmult_0_r, Rmult_0_l, Ropp_0, exp_0. reflexivity.
  - rewrite S_INR. replace (- (2 * (INR n + 1) * y)) with (- y + - y + - (2 * INR n * y)) by ring. rewrite !exp_plus, <- IH. simpl. ring. Qed.

(** ** Without noise *)
Lemma calm_walk h : height = 0 -> (x h : R) = (1 - L * eta) ^ length h * first.
Proof. intros H. induction h as [|k h IH]; simpl; [ring|]. assert (Z : spike k = 0) by (destruct k as [|[|k]]; simpl; lra).
  change (spike_walk h) with (x h : R). rewrite IH, Z. ring. Qed.
Lemma calm_slopes h : height = 0 -> slopes line grad x h = L ^ 2 * first ^ 2 * squares (length h).
Proof. intros H. induction h as [|k h IH]; [unfold squares; simpl; ring|]. rewrite walk_slope, IH, calm_walk by auto.
  simpl length. unfold squares. cbn [sum]. rewrite Rpow_mult_distr, <- !pow_mult, (Nat.mul_comm 2). ring. Qed.

(** ** One spike in the first [half] steps, from the minimizer *)
Section One.
Variables (p : R) (Hp : 0 <= p <= 1) (half : nat).
Hypothesis (H0 : first = 0).
Fixpoint calm (h : list nat) : R := match h with [] => 1 | k :: past => match k with O => calm past | _ => 0 end end.
Fixpoint single (h : list nat) : R :=
  match h with [] => 0 | k :: past => match k with O => single past | _ => if Nat.ltb (length past) half then calm past else 0 end end.
Lemma calm_cases h : calm h = 0 \/ calm h = 1 /\ (x h : R) = 0 /\ slopes line grad x h = 0.
Proof. induction h as [|k h IH]; [right; repeat split; auto|]. destruct k; [|left; reflexivity]. destruct IH as [IH|[IH [Ix Is]]]; [left; auto|right].
  rewrite walk_slope, Is, Ix. repeat split; auto; [|ring]. change (x (0%nat :: h) : R) with ((1 - L * eta) * x h - eta * 0). rewrite Ix. ring. Qed.
Lemma single_cases h : single h = 0 \/ single h = 1 /\ exists s, (length h <= s + half)%nat /\
  x h ^ 2 = (eta * height) ^ 2 * ((1 - L * eta) ^ 2) ^ s /\ slopes line grad x h = (L * eta * height) ^ 2 * squares s.
Proof. induction h as [|k h IH]; [left; reflexivity|]. destruct k as [|k].
  - destruct IH as [IH|[IH [s [Hl [Ix Is]]]]]; [left; auto|right]. split; auto. exists (S s). rewrite walk_slope, Is, Ix. repeat split.
    + simpl. lia.
    + change (x (0%nat :: h) : R) with ((1 - L * eta) * x h - eta * 0). replace (((1 - L * eta) * x h - eta * 0) ^ 2) with ((1 - L * eta) ^ 2 * x h ^ 2) by
      ring.
      rewrite Ix. simpl. ring.
    + unfold squares. cbn [sum]. ring.
  - cbn [single]. destruct (Nat.ltb_spec (length h) half) as [Hl|Hl]; [|left; reflexivity].
    destruct (calm_cases h) as [Hc|[Hc [Ix Is]]]; [left; auto|right]. split; auto. exists O. rewrite walk_slope, Is, Ix. repeat split.
    + simpl. lia.
    + change (x (S k :: h)) with ((1 - L * eta) * x h - eta * spike (S k)). rewrite Ix. destruct k; simpl; ring.
    + unfold squares. simpl. ring. Qed.
Lemma calm_chance t : expect (spikes p Hp) t calm = (1 - p) ^ t.
Proof. induction t as [|t IH]; [reflexivity|]. cbn [expect]. rewrite (expect_ext _ t _ (fun h => (1 - p) * calm h)).
  - rewrite expect_scal, IH. reflexivity.
  - intros h _ _. unfold next. simpl. ring. Qed.
Lemma single_chance t : (1 - p) * expect (spikes p Hp) t single = INR (Nat.min t half) * p * (1 - p) ^ t.
Proof. induction t as [|t IH]; [simpl; ring|]. cbn [expect].
  rewrite (expect_ext _ t _ (fun h => (1 - p) * single h + (if Nat.ltb t half then p else 0) * calm h)).
  - rewrite expect_add, !expect_scal, calm_chance, IH. destruct (Nat.ltb_spec t half).
    + rewrite !Nat.min_l by lia. rewrite S_INR. simpl. ring.
    + rewrite !Nat.min_r by lia. simpl. ring.
  - intros h Hl _. unfold next. simpl. rewrite Hl. destruct (Nat.ltb t half); field. Qed.
End One.
End Walk.

(** the event, and the least value of the metric on it: with T >= 2, delta <= 1/16 and spikes of probability 4 delta/T, exactly one comes,
    in the first half, with probability more than delta, and then half the steps follow it *)
Section Event.
Variables (L eta sigma delta : R) (T : nat).
Hypotheses (HL : 0 < L) (He : 0 < eta) (Hdelta : 0 < delta <= 1 / 16) (HT : (2 <= T)%nat) (Hsigma : 0 < sigma).
Let height := sigma * sqrt (INR T) / (2 * sqrt delta).
Let x := spike_walk L eta height 0.
Let grad := bowl_grad line (0 : line) L.
Lemma many : 2 <= INR T. Proof. apply (le_INR 2). lia. Qed.
Lemma rare : 0 <= 4 * delta / INR T <= 1.
Proof. pose proof many. split; [apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]|].
  apply Rmult_le_reg_r with (INR T); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. Qed.
Let C := spikes (4 * delta / INR T) rare.
Lemma height_square : height ^ 2 = sigma ^ 2 * INR T / (4 * delta).
Proof. pose proof many. unfold height. assert (0 < sqrt delta) by (apply sqrt_lt_R0; lra).
  replace ((sigma * sqrt (INR T) / (2 * sqrt delta)) ^ 2) with (sigma ^ 2 * sqrt (INR T) ^ 2 / (4 * sqrt delta ^ 2)) by (field; lra).
  rewrite !pow2_sqrt by lra. reflexivity. Qed.
Lemma bernoulli p n : 0 <= p <= 1 -> 1 - INR n * p <= (1 - p) ^ n.
Proof. intros Hp. induction n as [|n IH]; [simpl; lra|]. rewrite S_INR. simpl. apply (Rmult_le_compat_l (1 - p)) in IH; [|lra].
  pose proof (pos_INR n). assert (0 <= INR n * (p * p)) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra). lra. Qed.
Lemma event_chance b : (forall s, (T <= 2 * s)%nat -> b <= (L * eta * height) ^ 2 * squares L eta s / INR T) ->
  delta < reaches C T (path_stationarity line grad x T) b.
Proof. intros Hb. pose proof many as HT2. set (half := (T / 2)%nat). pose proof rare as Hr.
  assert (Hh : (2 * half <= T <= 2 * half + 1)%nat). { unfold half. pose proof (Nat.div_mod T 2). pose proof (Nat.mod_upper_bound T 2). lia. }
  apply Rlt_le_trans with (expect C T (single half)).
  - pose proof (single_chance (4 * delta / INR T) rare half T) as S. fold C in S. rewrite Nat.min_r in S by lia.
    set (p := 4 * delta / INR T) in *. assert (Ep : INR T * p = 4 * delta) by (unfold p; field; lra).
    assert (Hm0 : exists m, T = Datatypes.S m) by (exists (pred T); lia). destruct Hm0 as [m ET].
    assert (S' : (1 - p) * expect C T (single half) = INR half * p * (1 - p) ^ Datatypes.S m) by (rewrite <- ET; exact S).
    assert (Hp1 : p <= 1 / 8). { apply Rmult_le_reg_l with (INR T); [lra|]. rewrite Ep. lra. }
    assert (E1 : expect C T (single half) = INR half * p * (1 - p) ^ m).
    { apply Rmult_eq_reg_l with (1 - p); [|lra]. rewrite S'. simpl. ring. }
    rewrite E1. pose proof (bernoulli p m Hr) as B.
    assert (HTm : INR T = INR m + 1) by (rewrite ET; apply S_INR).
    assert (H3 : INR T <= 3 * INR half). { replace 3 with (INR 3) by (simpl; ring). rewrite <- mult_INR. apply le_INR. lia. }
    assert (Hm : 3 / 4 + p <= (1 - p) ^ m). { assert (INR m * p = 4 * delta - p) by (rewrite <- Ep, HTm; ring). lra. }
    assert (Hp0 : 0 < p) by (unfold p; apply Rdiv_lt_0_compat; lra).
    assert (A1 : 4 * delta / 3 <= INR half * p). { apply (Rmult_le_compat_r p) in H3; [|lra]. lra. }
    apply Rlt_le_trans with (4 * delta / 3 * (3 / 4 + p)).
    + assert (0 < delta * p) by (apply Rmult_lt_0_compat; lra). lra.
    + apply Rmult_le_compat; lra.
  - unfold reaches. apply expect_le. intros h Hl _. destruct (single_cases L eta height 0 half eq_refl h) as [Z|[Z [s [Hs [_ Ss]]]]].
    + rewrite Z. destruct (Rle_dec b _); lra.
    + rewrite Z. destruct (Rle_dec b (path_stationarity line grad x T h)) as [Y|N]; [lra|exfalso]. apply N.
      unfold path_stationarity. rewrite <- Hl at 1. rewrite slopes_sum. unfold grad, x. rewrite Ss. apply Hb. lia. Qed.
(** the instance is in the class *)
Lemma instance_class : has_gradient (bowl line (0 : line) L) grad /\ lipschitz everywhere grad L /\ smooth (bowl line (0 : line) L) grad L /\
  strongly_convex (bowl line (0 : line) L) grad L /\ minimizer (bowl line (0 : line) L) (0 : line).
Proof. assert (Hs : smooth (bowl line (0 : line) L) grad L) by (intros y z; rewrite (bowl_expansion line (0 : line) L y z); unfold grad; lra).
  assert (Hsc : strongly_convex (bowl line (0 : line) L) grad L) by (intros y z; rewrite (bowl_expansion line (0 : line) L y z); unfold grad; lra).
  assert (Hc : subgradient (bowl line (0 : line) L) grad).
  { intros y z. pose proof (Hsc y z). pose proof (n2_pos line (vsub z y)). assert (0 <= L / 2 * n2 (vsub z y)) by (apply Rmult_le_pos; lra). lra. }
  destruct (smooth_convex_is_usual line (bowl line (0 : line) L) grad L) as [U1 U2]; auto; [lra|]. repeat split; try apply U1; auto.
  intros z. apply (bowl_minimizer line (0 : line) L). lra. Qed.
Lemma instance_noise : variance_below C grad x (spike_gradient L eta height 0) sigma.
Proof. apply walk_variance. rewrite height_square. pose proof many. right. field. lra. Qed.
(** the value of the metric after s steps, y = L eta <= 1: y sigma^2/(4 delta) (1 - (1-y)^(2s))/(2 - y) *)
Lemma spike_value s : L * eta < 2 ->
  (L * eta * height) ^ 2 * squares L eta s / INR T = L * eta * sigma ^ 2 / (4 * delta) * ((1 - ((1 - L * eta) ^ 2) ^ s) / (2 - L * eta)).
Proof. intros Hy. pose proof many. assert (0 < L * eta) by (apply Rmult_lt_0_compat; auto).
  replace ((L * eta * height) ^ 2) with ((L * eta) ^ 2 * height ^ 2) by ring. rewrite height_square.
  rewrite <- (squares_closed L eta s). field. repeat split; lra. Qed.
Lemma long_decay s : (T <= 2 * s)%nat -> L * eta <= 1 -> ((1 - L * eta) ^ 2) ^ s <= exp (- (L * eta * INR T)).
Proof. intros Hs Hy. assert (Hp : 0 < L * eta) by (apply Rmult_lt_0_compat; auto). eapply Rle_trans; [apply square_decay; auto|].
  assert (H : INR T <= 2 * INR s) by (apply le_INR in Hs; rewrite mult_INR in Hs; exact Hs).
  apply (Rmult_le_compat_l (L * eta)) in H; [|lra].
  destruct H as [H|H]; [left; apply exp_increasing; lra|right; f_equal; lra]. Qed.
End Event.

(** sgd/confidence/spike-lower: for steps a/sqrt T up to 1/L, fixed before delta, there are an L-smooth L-strongly convex quadratic started at
    its minimizer and independent, identically distributed, unbiased additive noise of variance at most sigma^2 for which the average of |grad f|^2 over T
      points is at least the
    entry's value with probability more than delta. *)
Theorem sgd_confidence_spike_lower_holds L delta T sigma step_scale : 0 < L -> 0 < delta -> delta <= 1 / 16 -> (2 <= T)%nat -> 0 < sigma ->
  0 < step_scale -> step_scale * L <= sqrt (INR T) ->
  exists (C : chance) (f : line -> R) (grad : line -> line) (xs : line) (x : list nat -> line) (g : list nat -> nat -> line) (noise : nat -> line),
    has_gradient f grad /\ lipschitz everywhere grad L /\ smooth f grad L /\ strongly_convex f grad L /\ minimizer f xs /\ x [] = xs /\
    (forall h k, g h k = vadd (grad (x h)) (noise k)) /\ unbiased C grad x g /\ variance_below C grad x g sigma /\
    sgd C (fun _ => step_scale / sqrt (INR T)) x g /\ same_law C /\
    delta < reaches C T (path_stationarity line grad x T) (sgd_confidence_spike_lower L delta T sigma step_scale).
Proof. intros HL Hd0 Hd HT Hs Ha HaL. set (eta := step_scale / sqrt (INR T)). pose proof (many T HT) as HT2.
  assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra). assert (He : 0 < eta) by (apply Rdiv_lt_0_compat; auto).
  assert (Hy : L * eta <= 1). { apply Rmult_le_reg_r with (sqrt (INR T)); auto. unfold eta. replace (L * (step_scale / sqrt (INR T)) * sqrt (INR T)) with
    (step_scale * L) by (field; lra). lra. }
  assert (Hy0 : 0 < L * eta) by (apply Rmult_lt_0_compat; auto). assert (Hdd : 0 < delta <= 1 / 16) by (split; auto).
  set (height := sigma * sqrt (INR T) / (2 * sqrt delta)).
  exists (spikes (4 * delta / INR T) (rare delta T Hdd HT)), (bowl line (0 : line) L), (bowl_grad line (0 : line) L), (0 : line),
    (spike_walk L eta height 0), (spike_gradient L eta height 0), (spike height).
  destruct (instance_class L HL) as [I1 [I2 [I3 [I4 I5]]]].
  split; [exact I1|]. split; [exact I2|]. split; [exact I3|]. split; [exact I4|]. split; [exact I5|]. split; [reflexivity|].
  split; [intros h k; unfold spike_gradient, bowl_grad, vsub; simpl; ring|]. split; [apply walk_unbiased|]. split; [apply (instance_noise L eta sigma delta T
    Hdd HT)|].
  split; [apply walk_is_sgd|]. split; [apply spikes_same_law|]. apply (event_chance L eta sigma delta T Hdd HT). intros s Hss.
  rewrite (spike_value L eta sigma delta T HL He Hdd HT s) by lra. pose proof (long_decay L eta T HL He s Hss Hy) as D.
  assert (Ey : L * eta * INR T = step_scale * L * sqrt (INR T)).
  { unfold eta. rewrite <- (pow2_sqrt (INR T)) at 2 by lra. field. lra. }
  rewrite Ey in D. unfold sgd_confidence_spike_lower.
  replace (- step_scale * L * sqrt (INR T)) with (- (step_scale * L * sqrt (INR T))) by ring.
  set (z := exp (- (step_scale * L * sqrt (INR T)))) in *. set (k := ((1 - L * eta) ^ 2) ^ s) in *.
  replace ((1 - z) * L * step_scale * sigma ^ 2 / (8 * delta * sqrt (INR T))) with (L * eta * sigma ^ 2 / (4 * delta) * ((1 - z) / 2))
    by (unfold eta; field; lra).
  apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; auto; apply pow_lt; auto|lra]|].
  assert (Hz : z < 1). { unfold z. rewrite <- exp_0. apply exp_increasing. assert (0 < step_scale * L * sqrt (INR T)) by (apply Rmult_lt_0_compat; auto;
    apply Rmult_lt_0_compat; auto). lra. }
  apply Rle_trans with ((1 - k) / 2); [lra|]. unfold Rdiv. apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra. Qed.
