(** Stochastic gradient descent with constant steps at confidence 1 - delta, from second moments only: Chebyshev's inequality for the
    martingale of the noise, Markov's for its squares, on trees of chance: for noise with finitely many values at each step. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent Expectation Formulas.
Import ListNotations.
Open Scope R_scope.

(** the probability that F exceeds b after T steps *)
Definition exceeds (C : chance) T (F : list nat -> R) b : R := expect C T (fun h => if Rlt_dec b (F h) then 1 else 0).

Lemma markov C T F b : 0 < b -> (forall h, possible C h -> 0 <= F h) -> exceeds C T F b <= expect C T F / b.
Proof. intros Hb HF. unfold exceeds, Rdiv. rewrite Rmult_comm, <- expect_scal. apply expect_le. intros h _ Hp. pose proof (HF h Hp) as P.
  destruct (Rlt_dec b (F h)).
  - apply Rmult_le_reg_l with b; auto. rewrite <- Rmult_assoc, Rinv_r; lra.
  - apply Rmult_le_pos; auto. left. apply Rinv_0_lt_compat; auto. Qed.
Lemma union_bound C T F b G c H d : (forall h, length h = T -> possible C h -> G h <= c -> H h <= d -> F h <= b) ->
  exceeds C T F b <= exceeds C T G c + exceeds C T H d.
Proof. intros A. unfold exceeds. rewrite <- expect_add. apply expect_le. intros h Hl Hp.
  destruct (Rlt_dec b (F h)), (Rlt_dec c (G h)), (Rlt_dec d (H h)); try lra. pose proof (A h Hl Hp). lra. Qed.

(** ** The values of the step that knows delta, in terms of the roots s = sqrt sigma, a = (L Delta)^(1/4), b = (delta T)^(1/4) *)
Section Numbers.
Variables (L delta delta_f sigma : R) (T : nat).
Hypotheses (HL : 0 < L) (Hdelta : 0 < delta < 1) (Hdf : 0 < delta_f) (Hsigma : 0 < sigma) (HT : (1 <= T)%nat).
Let s := sqrt sigma.
Let a := sqrt (sqrt (L * delta_f)).
Let b := sqrt (sqrt (delta * INR T)).
Lemma fourth_root u : 0 < u -> 0 < sqrt (sqrt u) /\ sqrt (sqrt u) ^ 2 = sqrt u /\ sqrt (sqrt u) ^ 4 = u.
Proof. intros H. assert (H1 : 0 < sqrt u) by (apply sqrt_lt_R0; auto). assert (H2 : sqrt (sqrt u) ^ 2 = sqrt u) by (apply pow2_sqrt; lra).
  repeat split; auto; [apply sqrt_lt_R0; auto|]. replace (sqrt (sqrt u) ^ 4) with ((sqrt (sqrt u) ^ 2) ^ 2) by ring. rewrite H2. apply pow2_sqrt. lra. Qed.
Lemma roots : 0 < s /\ 0 < a /\ 0 < b /\ sigma = s ^ 2 /\ delta_f = a ^ 4 / L /\ INR T = b ^ 4 / delta /\
  sqrt (L * delta_f / (delta * INR T)) = a ^ 2 / b ^ 2 /\
  sqrt (delta * delta_f / (L * sigma ^ 2 * INR T)) = a ^ 2 * delta / (s ^ 2 * b ^ 2 * L).
Proof. pose proof (pos_INR_of T HT) as HT1. assert (Ha0 : 0 < L * delta_f) by (apply Rmult_lt_0_compat; auto).
  assert (Hb0 : 0 < delta * INR T) by (apply Rmult_lt_0_compat; lra).
  destruct (fourth_root _ Ha0) as [Ha [_ Ea]]. destruct (fourth_root _ Hb0) as [Hb [_ Eb]]. fold a in Ha, Ea. fold b in Hb, Eb.
  assert (Hs : 0 < s) by (apply sqrt_lt_R0; auto). assert (Es : s ^ 2 = sigma) by (apply pow2_sqrt; lra).
  assert (Ed : delta_f = a ^ 4 / L) by (rewrite Ea; field; lra). assert (Et : INR T = b ^ 4 / delta) by (rewrite Eb; field; lra).
  assert (Hb2 : 0 < b ^ 2) by (apply pow_lt; auto). assert (Hs2 : 0 < s ^ 2) by (apply pow_lt; auto). assert (Ha2 : 0 < a ^ 2) by (apply pow_lt; auto).
  split; [exact Hs|]. split; [exact Ha|]. split; [exact Hb|]. split; [auto|]. split; [exact Ed|]. split; [exact Et|]. split.
  - rewrite <- (sqrt_pow2 (a ^ 2 / b ^ 2)) by (left; apply Rdiv_lt_0_compat; auto). f_equal. rewrite Ed, Et. field. repeat split; lra.
  - rewrite <- (sqrt_pow2 (a ^ 2 * delta / (s ^ 2 * b ^ 2 * L))).
    + f_equal. rewrite Ed, Et, <- Es. field. repeat split; lra.
    + left. apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; lra|]. apply Rmult_lt_0_compat; auto. apply Rmult_lt_0_compat; auto. Qed.

Lemma delta_aware_below_closed : sgd_confidence_delta_aware L delta delta_f T sigma <= sgd_confidence_delta_aware_closed L delta delta_f T sigma.
Proof. destruct roots as [Hs [Ha [Hb [Es [Ed [Et [E1 E2]]]]]]]. unfold sgd_confidence_delta_aware, sgd_confidence_delta_aware_closed.
  fold s a b. rewrite E1, E2.
  assert (Hb2 : 0 < b ^ 2) by (apply pow_lt; auto). assert (Hs2 : 0 < s ^ 2) by (apply pow_lt; auto). assert (Ha2 : 0 < a ^ 2) by (apply pow_lt; auto).
  assert (Hb3 : 0 < b ^ 3) by (apply pow_lt; auto). assert (Hs3 : 0 < s ^ 3) by (apply pow_lt; auto).
  assert (H6 : 0 < sqrt 6) by (apply sqrt_lt_R0; lra).
  assert (Htail : 0 <= s ^ 3 * a / b ^ 3) by (left; apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (Hmain : 0 < s ^ 2 * a ^ 2 / b ^ 2) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (HLt : 0 < 2 * L * delta_f / INR T).
  { pose proof (pos_INR_of T HT). apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; lra. }
  set (theta := a ^ 2 * delta / (s ^ 2 * b ^ 2)).
  assert (Hth : 0 < theta) by (apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; lra).
  replace (a ^ 2 * delta / (s ^ 2 * b ^ 2 * L)) with (theta / L) by (unfold theta; field; lra).
  assert (H6t : 0 <= 2 * sqrt 6 * s ^ 3 * a / b ^ 3).
  { replace (2 * sqrt 6 * s ^ 3 * a / b ^ 3) with (2 * sqrt 6 * (s ^ 3 * a / b ^ 3)) by (field; lra). apply Rmult_le_pos; lra. }
  unfold Rmin. destruct (Rle_dec (1 / L) (theta / L)) as [H|H].
  - assert (Ht1 : 1 <= theta). { apply (Rmult_le_compat_r L) in H; [|lra]. unfold Rdiv in H. rewrite !Rmult_assoc, Rinv_l in H by lra. lra. }
    replace (L * (1 / L)) with 1 by (field; lra). replace (2 * (1 - 1) * sigma) with 0 by ring. rewrite Rmult_0_l. replace (0 / INR T) with 0 by (unfold
      Rdiv; ring).
    replace (2 * delta_f / (1 / L * INR T)) with (2 * L * delta_f / INR T) by (pose proof (pos_INR_of T HT); field; lra).
    replace (2 * L * (1 / L) * sigma ^ 2 / delta) with (2 * s ^ 4 / delta * 1) by (rewrite Es; field; lra).
    assert (A : 2 * s ^ 4 / delta * 1 <= 2 * s ^ 4 / delta * theta).
    { apply Rmult_le_compat_l; auto. left. apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; [lra|apply pow_lt; auto]. }
    replace (2 * s ^ 4 / delta * theta) with (2 * (s ^ 2 * a ^ 2 / b ^ 2)) in A by (unfold theta; field; lra).
    replace (4 * sigma * (a ^ 2 / b ^ 2)) with (4 * (s ^ 2 * a ^ 2 / b ^ 2)) by (rewrite Es; field; lra). lra.
  - assert (Ht1 : theta <= 1). { apply Rnot_le_lt in H. apply (Rmult_lt_compat_r L) in H; auto. unfold Rdiv in H. rewrite !Rmult_assoc, Rinv_l in H by lra.
    lra. }
    assert (Eq : sqrt (2 * (2 * delta_f / (theta / L) + L * (theta / L) * sigma ^ 2 * INR T) / delta) = a * s * b / delta * sqrt (4 + 2 * delta)).
    { rewrite <- (sqrt_pow2 (a * s * b / delta)).
      - rewrite <- sqrt_mult_alt by apply pow2_ge_0. f_equal. unfold theta. rewrite Ed, Et, Es. field. repeat split; lra.
      - left. apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; auto. apply Rmult_lt_0_compat; auto. }
    rewrite Eq. assert (H46 : sqrt (4 + 2 * delta) <= sqrt 6) by (apply sqrt_le_1_alt; lra). pose proof (sqrt_pos (4 + 2 * delta)) as Hp4.
    set (w := sqrt (4 + 2 * delta)) in *.
    replace (2 * delta_f / (theta / L * INR T)) with (2 * (s ^ 2 * a ^ 2 / b ^ 2)) by (unfold theta; rewrite Ed, Et; field; repeat split; lra).
    replace (2 * L * (theta / L) * sigma ^ 2 / delta) with (2 * (s ^ 2 * a ^ 2 / b ^ 2)) by (unfold theta; rewrite Es; field; repeat split; lra).
    replace (2 * (1 - L * (theta / L)) * sigma * (a * s * b / delta * w) / INR T) with (2 * ((1 - theta) * w) * (s ^ 3 * a / b ^ 3))
      by (rewrite Et, Es; field; repeat split; lra).
    assert (A : (1 - theta) * w <= 1 * sqrt 6) by (apply Rmult_le_compat; lra).
    apply (Rmult_le_compat_r _ _ _ Htail) in A.
    replace (4 * sigma * (a ^ 2 / b ^ 2)) with (4 * (s ^ 2 * a ^ 2 / b ^ 2)) by (rewrite Es; field; lra).
    replace (2 * sqrt 6 * s ^ 3 * a / b ^ 3) with (2 * (1 * sqrt 6 * (s ^ 3 * a / b ^ 3))) by (field; lra). lra. Qed.

Lemma closed_below_large : sigma ^ 2 <= delta * INR T * L * delta_f ->
  sgd_confidence_delta_aware_closed L delta delta_f T sigma <= sgd_confidence_delta_aware_large L delta delta_f T sigma.
Proof. destruct roots as [Hs [Ha [Hb [Es [Ed [Et [E1 _]]]]]]]. intros Hc. unfold sgd_confidence_delta_aware_closed, sgd_confidence_delta_aware_large.
  fold s a b. rewrite E1. assert (H6 : 0 < sqrt 6) by (apply sqrt_lt_R0; lra).
  assert (Hab : s <= a * b).
  { rewrite Es, Ed, Et in Hc. replace (delta * (b ^ 4 / delta) * L * (a ^ 4 / L)) with (((a * b) ^ 2) ^ 2) in Hc by (field; lra).
    assert (Hp : 0 < a * b) by (apply Rmult_lt_0_compat; auto). apply Rnot_lt_le. intros N.
    assert (N2 : (a * b) ^ 2 < s ^ 2) by (simpl; rewrite !Rmult_1_r; apply Rmult_le_0_lt_compat; lra).
    assert (0 < (a * b) ^ 2) by (apply pow_lt; auto).
    assert (((a * b) ^ 2) * ((a * b) ^ 2) < s ^ 2 * s ^ 2) by (apply Rmult_le_0_lt_compat; lra). lra. }
  apply (Rmult_le_compat_l (2 * sqrt 6 * s ^ 2 * a / b ^ 3)) in Hab.
  2:{ left. apply Rdiv_lt_0_compat; [|apply pow_lt; auto]. repeat apply Rmult_lt_0_compat; auto; try lra. }
  replace (2 * sqrt 6 * s ^ 2 * a / b ^ 3 * s) with (2 * sqrt 6 * s ^ 3 * a / b ^ 3) in Hab by (field; lra).
  replace (2 * sqrt 6 * s ^ 2 * a / b ^ 3 * (a * b)) with (2 * sqrt 6 * sigma * (a ^ 2 / b ^ 2)) in Hab by (rewrite Es; field; lra). lra. Qed.
End Numbers.

Section Confidence.
Variables (C : chance) (E : space) (f : E -> R) (grad : E -> E) (x : list nat -> E) (g : list nat -> nat -> E).
Variables (L sigma fstar delta_f delta : R) (T : nat).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L) (Hlow : lower_bound f fstar) (Hgap : f (x []) - fstar <= delta_f) (HT : (1 <= T)%nat).
Hypotheses (Hmean : unbiased C grad x g) (Hvar : variance_below C grad x g sigma) (Hdf : 0 < delta_f) (Hsigma : 0 < sigma).
Hypothesis (Hdelta : 0 < delta < 1).

(** the average of |grad f|^2 over the points x_0, ..., x_{T-1} on the way to h *)
Definition path_stationarity (h : list nat) : R := sum T (fun t => n2 (grad (x (upto h t)))) / INR T.

(** along a path: the sum of |grad|^2, the martingale <grad, noise>, the sum of |noise|^2 *)
Fixpoint slopes h := match h with [] => 0 | k :: past => slopes past + n2 (grad (x past)) end.
Fixpoint martingale h := match h with [] => 0 | k :: past => martingale past + ip (grad (x past)) (vsub (g past k) (grad (x past))) end.
Fixpoint noises h := match h with [] => 0 | k :: past => noises past + n2 (vsub (g past k) (grad (x past))) end.
Lemma slopes_sum h : sum (length h) (fun t => n2 (grad (x (upto h t)))) = slopes h.
Proof. clear HT. induction h as [|k h IH]; simpl; auto. rewrite <- IH. f_equal.
  - apply sum_ext. intros t Ht. rewrite upto_cons by lia. reflexivity.
  - rewrite upto_cons, upto_all by lia. reflexivity. Qed.
Lemma noises_pos h : 0 <= noises h.
Proof. induction h as [|k h IH]; simpl; [lra|]. pose proof (n2_pos E (vsub (g h k) (grad (x h)))). lra. Qed.

Section Step.
Variable eta : R.
Hypotheses (He : 0 < eta) (HeL : eta <= 1 / L) (Hx : sgd C (fun _ => eta) x g).
Definition total := 2 * delta_f / eta + L * eta * sigma ^ 2 * INR T.

Lemma short : L * eta <= 1.
Proof. pose proof (Rmult_le_compat_l L _ _ (Rlt_le _ _ HL) HeL) as H. replace (L * (1 / L)) with 1 in H by (field; lra). exact H. Qed.
Lemma total_pos : 0 < total.
Proof. assert (0 < 2 * delta_f / eta) by (apply Rdiv_lt_0_compat; lra). pose proof (pos_INR T).
  assert (0 <= L * eta * sigma ^ 2 * INR T); [|unfold total; lra].
  apply Rmult_le_pos; auto. apply Rmult_le_pos; [left; apply Rmult_lt_0_compat; auto|apply pow2_ge_0]. Qed.
(** the descent lemma, summed along a path *)
Lemma path_descent h : possible C h ->
  f (x h) <= f (x []) - eta * (1 - L * eta / 2) * slopes h - eta * (1 - L * eta) * martingale h + L * eta ^ 2 / 2 * noises h.
Proof. induction h as [|k h IH]; intros Hp; [simpl; lra|]. destruct Hp as [Hk Hp]. specialize (IH Hp). cbn [slopes martingale noises].
  rewrite Hx by (simpl; auto). pose proof (Hsmooth (x h) (vsub (x h) (vscal eta (g h k)))) as H. revert H. vec. intros H. lra. Qed.
Lemma path_bound h : possible C h -> slopes h <= 2 * delta_f / eta + 2 * (1 - L * eta) * Rabs (martingale h) + L * eta * noises h.
Proof. intros Hp. pose proof (path_descent h Hp) as D. pose proof (Hlow (x h)) as B. pose proof short as Hr.
  assert (S0 : 0 <= slopes h). { clear. induction h as [|k h IH]; simpl; [lra|]. pose proof (n2_pos E (grad (x h))). lra. }
  assert (A1 : 0 <= eta * (1 - L * eta) * slopes h) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra).
  assert (A2 : 0 <= eta * (1 - L * eta) * (Rabs (martingale h) + martingale h)).
  { apply Rmult_le_pos; [apply Rmult_le_pos; lra|]. pose proof (Rle_abs (- martingale h)) as H. rewrite Rabs_Ropp in H. lra. }
  apply Rmult_le_reg_l with (eta / 2); [lra|].
  replace (eta / 2 * (2 * delta_f / eta + 2 * (1 - L * eta) * Rabs (martingale h) + L * eta * noises h))
    with (delta_f + eta * (1 - L * eta) * Rabs (martingale h) + L * eta ^ 2 / 2 * noises h) by (field; lra). lra. Qed.

(** E N <= T sigma^2, E S <= total and E M^2 <= sigma^2 E S *)
Lemma expected_noises : expect C T noises <= sigma ^ 2 * INR T.
Proof. pose proof (potential_sum C noises (fun _ => 0) (sigma ^ 2) T) as P. rewrite (sum_ext T _ (fun _ => 0)), sum_zero in P by (intros; apply expect_const).
  cbn [noises] in P. rewrite Rmult_comm. apply Rle_trans with (0 + INR T * sigma ^ 2); [|lra]. rewrite <- (Rplus_0_r (expect C T noises)). apply P.
  intros h _ Hp. rewrite next_add, next_const. pose proof (Hvar h Hp). lra. Qed.
Lemma expected_slopes : expect C T slopes <= total.
Proof. pose proof (potential_sum C (fun h => f (x h) + eta / 2 * slopes h) (fun _ => 0) (L * eta ^ 2 / 2 * sigma ^ 2) T) as P. pose proof short as Hr.
  rewrite (sum_ext T _ (fun _ => 0)), sum_zero, expect_add, expect_scal in P by (intros; apply expect_const).
  assert (P1 : expect C T (fun h => f (x h)) + eta / 2 * expect C T slopes + 0 <= f (x []) + eta / 2 * slopes [] + INR T * (L * eta ^ 2 / 2 * sigma ^ 2)).
  { apply P. intros h _ Hp. cbn [slopes]. rewrite next_add, next_const. pose proof (descent_expected C E f grad _ x g Hx Hmean L h Hsmooth Hp) as D.
    cbv beta in D. rewrite (second_moment C E grad x g Hmean h Hp), Rmult_plus_distr_l in D. pose proof (Hvar h Hp) as V.
    assert (Hc : 0 <= L * eta ^ 2 / 2). { assert (0 <= L * eta ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
    apply (Rmult_le_compat_l (L * eta ^ 2 / 2)) in V; auto. pose proof (n2_pos E (grad (x h))) as Gp.
    assert (0 <= eta * (1 - L * eta) * n2 (grad (x h))) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra). lra. }
  assert (P2 : fstar <= expect C T (fun h => f (x h))).
  { rewrite <- (expect_const C T fstar). apply expect_le. intros h _ _. apply Hlow. }
  simpl slopes in P1. apply Rmult_le_reg_l with (eta / 2); [lra|]. unfold total.
  replace (eta / 2 * (2 * delta_f / eta + L * eta * sigma ^ 2 * INR T)) with (delta_f + INR T * (L * eta ^ 2 / 2 * sigma ^ 2)) by (field; lra). lra. Qed.
Lemma expected_square : expect C T (fun h => martingale h ^ 2) <= sigma ^ 2 * total.
Proof. pose proof (potential_sum C (fun h => martingale h ^ 2 - sigma ^ 2 * slopes h) (fun _ => 0) 0 T) as P.
  rewrite (sum_ext T _ (fun _ => 0)), sum_zero, expect_sub, expect_scal in P by (intros; apply expect_const).
  assert (P1 : expect C T (fun h => martingale h ^ 2) - sigma ^ 2 * expect C T slopes + 0 <= martingale [] ^ 2 - sigma ^ 2 * slopes [] + INR T * 0).
  { apply P. intros h _ Hp. cbn [slopes martingale]. set (c k := ip (grad (x h)) (vsub (g h k) (grad (x h)))). rewrite next_sub, next_const.
    rewrite (next_ext C h _ (fun k => martingale h ^ 2 + 2 * martingale h * c k + c k ^ 2)) by (intros; unfold c; ring).
    assert (Z : next C h c = 0).
    { unfold c. rewrite (next_ext C h _ (fun k => ip (g h k) (grad (x h)) - n2 (grad (x h)))) by (intros; vec; ring).
      rewrite next_sub, next_const, Hmean by auto. unfold n2. ring. }
    assert (Q : next C h (fun k => c k ^ 2) <= n2 (grad (x h)) * sigma ^ 2).
    { eapply Rle_trans; [|apply Rmult_le_compat_l; [apply n2_pos|apply (Hvar h Hp)]]. rewrite <- next_scal. apply next_le. intros k _. apply
      cauchy_schwarz_sq. }
    rewrite !next_add, next_const, (next_scal C h (2 * martingale h) c), Z. lra. }
  simpl in P1. assert (Hs : 0 <= sigma ^ 2) by apply pow2_ge_0. pose proof (Rmult_le_compat_l _ _ _ Hs expected_slopes) as H. simpl in H |- *. lra. Qed.

(** sgd/confidence/any-step: smooth f bounded below, unbiased gradients of variance at most sigma^2, a constant step up to 1/L: the
    probability that the average of |grad f|^2 over T points exceeds the entry's value is at most delta. *)
Theorem sgd_confidence_any_step_holds : exceeds C T path_stationarity (sgd_confidence_any_step L delta delta_f T sigma eta) <= delta.
Proof. pose proof (pos_INR_of T HT) as HT1. pose proof total_pos as Ht. pose proof short as Hr. assert (Hs2 : 0 < sigma ^ 2) by (apply pow_lt; auto).
  set (b := 2 * sigma ^ 2 * total / delta). set (d := 2 * sigma ^ 2 * INR T / delta).
  assert (Hb : 0 < b) by (apply Rdiv_lt_0_compat; [|lra]; apply Rmult_lt_0_compat; lra).
  assert (Hd : 0 < d) by (apply Rdiv_lt_0_compat; [|lra]; apply Rmult_lt_0_compat; lra).
  assert (P1 : exceeds C T (fun h => martingale h ^ 2) b <= delta / 2).
  { eapply Rle_trans; [apply markov; auto; intros; apply pow2_ge_0|]. apply Rmult_le_reg_r with b; auto. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l by lra.
    replace (delta / 2 * b) with (sigma ^ 2 * total) by (unfold b; field; lra). rewrite Rmult_1_r. exact expected_square. }
  assert (P2 : exceeds C T noises d <= delta / 2).
  { eapply Rle_trans; [apply markov; auto; intros; apply noises_pos|]. apply Rmult_le_reg_r with d; auto. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l by lra.
    replace (delta / 2 * d) with (sigma ^ 2 * INR T) by (unfold d; field; lra). rewrite Rmult_1_r. exact expected_noises. }
  eapply Rle_trans; [apply (union_bound C T _ _ (fun h => martingale h ^ 2) b noises d)|lra].
  intros h Hl Hp HM HN. unfold path_stationarity. rewrite <- Hl at 1. rewrite slopes_sum.
  pose proof (path_bound h Hp) as B.
  assert (A : Rabs (martingale h) <= sigma * sqrt (2 * total / delta)).
  { assert (Hr0 : 0 <= sigma * sqrt (2 * total / delta)) by (apply Rmult_le_pos; [lra|apply sqrt_pos]).
    assert (Hd0 : 0 <= 2 * total / delta) by (left; apply Rdiv_lt_0_compat; lra).
    apply Rsqr_incr_0_var; auto. rewrite <- Rsqr_abs. unfold Rsqr.
    replace (sigma * sqrt (2 * total / delta) * (sigma * sqrt (2 * total / delta))) with (sigma ^ 2 * sqrt (2 * total / delta) ^ 2) by ring.
    rewrite pow2_sqrt by auto. replace (sigma ^ 2 * (2 * total / delta)) with b by (unfold b; field; lra). lra. }
  apply (Rmult_le_compat_l (2 * (1 - L * eta))) in A; [|lra]. apply (Rmult_le_compat_l (L * eta)) in HN; [|left; apply Rmult_lt_0_compat; auto].
  unfold sgd_confidence_any_step. fold total. set (r := sqrt (2 * total / delta)) in *.
  apply Rmult_le_reg_r with (INR T); [lra|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  replace ((2 * delta_f / (eta * INR T) + 2 * (1 - L * eta) * sigma * r / INR T + 2 * L * eta * sigma ^ 2 / delta) * INR T)
    with (2 * delta_f / eta + 2 * (1 - L * eta) * (sigma * r) + L * eta * d) by (unfold d; field; lra). lra. Qed.
End Step.

Lemma exceeds_le F b c : b <= c -> exceeds C T F c <= exceeds C T F b.
Proof. intros H. apply expect_le. intros h _ _. destruct (Rlt_dec c (F h)), (Rlt_dec b (F h)); lra. Qed.

(** sgd/confidence/delta-aware: the step min(1/L, sqrt(delta delta_f/(L sigma^2 T))) in the bound above. *)
Theorem sgd_confidence_delta_aware_holds : sgd C (fun _ => Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR T)))) x g ->
  exceeds C T path_stationarity (sgd_confidence_delta_aware L delta delta_f T sigma) <= delta.
Proof. intros Hx. pose proof (pos_INR_of T HT) as HT1. assert (Hs2 : 0 < sigma ^ 2) by (apply pow_lt; auto).
  assert (He : 0 < Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR T)))).
  { apply Rmin_glb_lt; [apply Rdiv_lt_0_compat; lra|]. apply sqrt_lt_R0, Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; lra|].
    apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; auto|lra]. }
  exact (sgd_confidence_any_step_holds _ He (Rmin_l _ _) Hx). Qed.

(** sgd/confidence/scaled-step: the step a/sqrt T, where it is at most 1/L. *)
Theorem sgd_confidence_scaled_step_holds step_scale : 0 < step_scale -> L * step_scale <= sqrt (INR T) ->
  sgd C (fun _ => step_scale / sqrt (INR T)) x g ->
  exceeds C T path_stationarity (sgd_confidence_scaled_step L delta delta_f T sigma step_scale) <= delta.
Proof. intros Ha HaL Hx. pose proof (pos_INR_of T HT) as HT1. assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra).
  assert (He : 0 < step_scale / sqrt (INR T)) by (apply Rdiv_lt_0_compat; auto).
  assert (HLe : L * (step_scale / sqrt (INR T)) <= 1).
  { apply Rmult_le_reg_r with (sqrt (INR T)); auto. replace (L * (step_scale / sqrt (INR T)) * sqrt (INR T)) with (L * step_scale) by (field; lra). lra. }
  assert (HeL : step_scale / sqrt (INR T) <= 1 / L).
  { apply Rmult_le_reg_l with L; auto. replace (L * (1 / L)) with 1 by (field; lra). exact HLe. }
  eapply Rle_trans; [|apply (sgd_confidence_any_step_holds _ He HeL Hx)]. apply exceeds_le.
  unfold sgd_confidence_any_step, sgd_confidence_scaled_step. pose proof (total_pos _ He) as Ht. unfold total in Ht.
  assert (Er : INR T = sqrt (INR T) ^ 2) by (rewrite pow2_sqrt; lra). set (r := sqrt (INR T)) in *. set (e := step_scale / r) in *.
  set (tot := 2 * delta_f / e + L * e * sigma ^ 2 * INR T) in *. set (q := sqrt (2 * tot / delta)).
  assert (Hq : q ^ 2 = 2 * tot / delta) by (apply pow2_sqrt; left; apply Rdiv_lt_0_compat; lra).
  (** 2 sqrt(x y) <= x + y with x = tot/T and y = 2 sigma^2/(delta T) *)
  assert (Am : 2 * sigma * q / INR T <= tot / INR T + 2 * sigma ^ 2 / (delta * INR T)).
  { pose proof (pow2_ge_0 (q * delta - 2 * sigma)) as P.
    apply Rmult_le_reg_r with (2 * delta * INR T); [apply Rmult_lt_0_compat; lra|].
    replace (2 * sigma * q / INR T * (2 * delta * INR T)) with (4 * sigma * (q * delta)) by (field; lra).
    replace ((tot / INR T + 2 * sigma ^ 2 / (delta * INR T)) * (2 * delta * INR T)) with (delta ^ 2 * (2 * tot / delta) + 4 * sigma ^ 2) by (field; lra).
    rewrite <- Hq. lra. }
  assert (Hsq : 0 <= 2 * sigma * q / INR T).
  { apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply sqrt_pos]|left; apply Rinv_0_lt_compat; lra]. }
  assert (B : 2 * (1 - L * e) * sigma * q / INR T <= 2 * sigma * q / INR T).
  { replace (2 * (1 - L * e) * sigma * q / INR T) with (2 * sigma * q / INR T - L * e * (2 * sigma * q / INR T)) by (field; lra).
    assert (0 <= L * e * (2 * sigma * q / INR T)) by (apply Rmult_le_pos; auto; left; apply Rmult_lt_0_compat; auto). lra. }
  eapply Rle_trans; [apply Rplus_le_compat_r, Rplus_le_compat_l; eapply Rle_trans; [exact B|exact Am]|].
  right. unfold tot, e. rewrite Er. field. repeat split; lra. Qed.

(** sgd/confidence/delta-aware-closed: the step that knows delta, with the order in sight. *)
Theorem sgd_confidence_delta_aware_closed_holds : sgd C (fun _ => Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR T)))) x g ->
  exceeds C T path_stationarity (sgd_confidence_delta_aware_closed L delta delta_f T sigma) <= delta.
Proof. intros Hx. eapply Rle_trans; [|apply sgd_confidence_delta_aware_holds; auto]. apply exceeds_le.
  apply delta_aware_below_closed; auto. Qed.
(** sgd/confidence/delta-aware-large: where delta T L delta_f >= sigma^2, the last term of that is of the order of the first. *)
Theorem sgd_confidence_delta_aware_large_holds : sigma ^ 2 <= delta * INR T * L * delta_f ->
  sgd C (fun _ => Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR T)))) x g ->
  exceeds C T path_stationarity (sgd_confidence_delta_aware_large L delta delta_f T sigma) <= delta.
Proof. intros Hc Hx. eapply Rle_trans; [|apply sgd_confidence_delta_aware_closed_holds; auto]. apply exceeds_le.
  apply closed_below_large; auto. Qed.
End Confidence.
