(** Stochastic gradient descent with constant steps at confidence 1 - delta, from second moments only: Chebyshev's inequality for the
    martingale of the noise, Markov's for its squares, on trees of chance. *)
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
Proof. induction h as [|k h IH]; simpl; auto. rewrite <- IH. f_equal.
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
    { eapply Rle_trans; [|apply Rmult_le_compat_l; [apply n2_pos|apply (Hvar h Hp)]]. rewrite <- next_scal. apply next_le. intros k _. apply cauchy_schwarz_sq. }
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
End Confidence.
