(** Expression trees that are affine maps: their coefficients, found by computation, so that games without a region need no enclosure. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals Qpower.
From EpsDelta Require Import Sums Field Expressions.
Import ListNotations.
Open Scope R_scope.

(** sum_j c_j x_j + d *)
Definition affine_value n (c : list Q) (d : Q) (x : vec) : R := sum n (fun j => Q2R (nth j c 0%Q) * x j) + Q2R d.

Definition tabulate {A} n (f : nat -> A) : list A := map f (seq 0 n).
Lemma nth_tabulate {A} n (f : nat -> A) d j : (j < n)%nat -> nth j (tabulate n f) d = f j.
Proof. intros H. unfold tabulate. rewrite (nth_indep _ d (f O)) by (rewrite map_length, seq_length; auto).
  rewrite map_nth, seq_nth; auto. Qed.

Definition plus_rows n (f : Q -> Q -> Q) (a b : list Q * Q) : list Q * Q :=
  (tabulate n (fun j => Qred (f (nth j (fst a) 0%Q) (nth j (fst b) 0%Q))), Qred (f (snd a) (snd b))).
Definition scale_rows n (s : Q) (a : list Q * Q) : list Q * Q :=
  (tabulate n (fun j => Qred (s * nth j (fst a) 0)%Q), Qred (s * snd a)%Q).
Definition is_number n (a : list Q * Q) : bool := forallb (fun j => Qeq_bool (nth j (fst a) 0%Q) 0) (seq 0 n).

(** coefficients and constant of an affine expression; None where it is not plainly affine *)
Fixpoint affine (n : nat) (e : expr) : option (list Q * Q) := match e with
  | Cst p q => Some (tabulate n (fun _ => 0%Q), (p # q)%Q)
  | Var i => Some (tabulate n (fun j => if Nat.eqb j i then 1%Q else 0%Q), 0%Q)
  | Add a b => match affine n a, affine n b with Some u, Some v => Some (plus_rows n Qplus u v) | _, _ => None end
  | Sub a b => match affine n a, affine n b with Some u, Some v => Some (plus_rows n Qminus u v) | _, _ => None end
  | Opp a => match affine n a with Some u => Some (scale_rows n (-1)%Q u) | None => None end
  | Mul a b => match affine n a, affine n b with
      | Some u, Some v => if is_number n u then Some (scale_rows n (snd u) v) else if is_number n v then Some (scale_rows n (snd v) u) else None
      | _, _ => None end
  | Div a b => match affine n a, affine n b with
      | Some u, Some v => if is_number n v && negb (Qeq_bool (snd v) 0) then Some (scale_rows n (/ snd v)%Q u) else None
      | _, _ => None end
  | Pow a 1 => affine n a
  | Pow a k => match affine n a with
      | Some u => if is_number n u then Some (tabulate n (fun _ => 0%Q), Qred (Qpower (snd u) (Z.of_nat k))) else None | None => None end
  | _ => None end.

(** what [affine] promises of an expression: its value and its gradient everywhere, and that it is defined *)
Definition is_affine n (e : expr) (u : list Q * Q) := forall x, good e x /\ rval e x = affine_value n (fst u) (snd u) x /\
  forall j, (j < n)%nat -> rgrad e x j = Q2R (nth j (fst u) 0%Q).

Lemma red_eq q : Q2R (Qred q) = Q2R q.
Proof. apply Qeq_eqR. apply Qred_correct. Qed.
Lemma zero_sum n (x : vec) : sum n (fun j => Q2R (nth j (tabulate n (fun _ => 0%Q)) 0%Q) * x j) = 0.
Proof. rewrite (sum_ext n _ (fun _ => 0)); [apply sum_zero|]. intros j Hj. rewrite nth_tabulate by auto. rewrite RMicromega.Q2R_0. ring. Qed.
Lemma number_value n u : is_number n u = true -> (forall x, affine_value n (fst u) (snd u) x = Q2R (snd u)) /\
  forall j, (j < n)%nat -> Q2R (nth j (fst u) 0%Q) = 0.
Proof. unfold is_number. rewrite forallb_forall. intros H.
  assert (Z : forall j, (j < n)%nat -> Q2R (nth j (fst u) 0%Q) = 0).
  { intros j Hj. specialize (H j). rewrite in_seq in H. specialize (H ltac:(lia)). apply Qeq_bool_iff, Qeq_eqR in H.
    rewrite H. apply RMicromega.Q2R_0. }
  split; auto. intros x. unfold affine_value. rewrite (sum_ext n _ (fun _ => 0)), sum_zero; [ring|]. intros j Hj. rewrite Z by auto. ring. Qed.
Lemma scale_value n s u x : affine_value n (fst (scale_rows n s u)) (snd (scale_rows n s u)) x = Q2R s * affine_value n (fst u) (snd u) x.
Proof. unfold affine_value, scale_rows; cbn [fst snd]. rewrite red_eq, Q2R_mult, Rmult_plus_distr_l, <- sum_scal. f_equal.
  apply sum_ext; intros j Hj. rewrite nth_tabulate, red_eq, Q2R_mult by auto. ring. Qed.
Lemma scale_entry n s u j : (j < n)%nat -> Q2R (nth j (fst (scale_rows n s u)) 0%Q) = Q2R s * Q2R (nth j (fst u) 0%Q).
Proof. intros Hj. unfold scale_rows; cbn [fst]. rewrite nth_tabulate, red_eq, Q2R_mult by auto. reflexivity. Qed.
Lemma power_value q k : Q2R (Qpower q (Z.of_nat k)) = Q2R q ^ k.
Proof. induction k as [|k IH].
  - simpl. unfold Q2R; simpl. field.
  - rewrite Nat2Z.inj_succ, <- Z.add_1_l. destruct k as [|k]; [simpl in *; ring|].
    cut (Qpower q (1 + Z.of_nat (S k)) == q * Qpower q (Z.of_nat (S k)))%Q.
    { intros E. rewrite (Qeq_eqR _ _ E), Q2R_mult, IH. simpl; ring. }
    rewrite Qpower_plus' by lia. reflexivity. Qed.

Lemma affine_sound n e : forall u, wf n e = true -> affine n e = Some u -> is_affine n e u.
Proof.
  induction e; intros u W E; cbn [wf] in W; try discriminate;
    try (apply andb_true_iff in W; destruct W as [W1 W2]);
    try (cbn [affine] in E; destruct (affine n e1) as [u1|]; [|discriminate]; destruct (affine n e2) as [u2|]; [|discriminate];
         specialize (IHe1 u1 W1 eq_refl); specialize (IHe2 u2 W2 eq_refl)).
  - injection E as <-. intros x. split; [exact I|]. cbn [fst snd rval]. split.
    + unfold affine_value. rewrite zero_sum, Rplus_0_l, rat_div. reflexivity.
    + intros j Hj. rewrite nth_tabulate, RMicromega.Q2R_0 by auto. reflexivity.
  - injection E as <-. apply Nat.ltb_lt in W. intros x. split; [exact I|]. cbn [fst snd rval]. split.
    + unfold affine_value. rewrite RMicromega.Q2R_0, Rplus_0_r.
      rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * x j)).
      * symmetry. apply sum_delta; auto.
      * intros j Hj. rewrite nth_tabulate by auto. destruct (Nat.eqb j i); [rewrite RMicromega.Q2R_1|rewrite RMicromega.Q2R_0]; reflexivity.
    + intros j Hj. rewrite nth_tabulate by auto. cbn [rgrad]. destruct (Nat.eqb j i); [rewrite RMicromega.Q2R_1|rewrite RMicromega.Q2R_0]; reflexivity.
  - injection E as <-. intros x. destruct (IHe1 x) as [G1 [V1 D1]], (IHe2 x) as [G2 [V2 D2]]. cbn [good rval rgrad]. repeat split; auto.
    + rewrite V1, V2. unfold affine_value, plus_rows; cbn [fst snd]. rewrite red_eq, Q2R_plus.
      rewrite (sum_ext n (fun j => Q2R (nth j (tabulate _ _) _) * _) (fun j => Q2R (nth j (fst u1) 0%Q) * x j + Q2R (nth j (fst u2) 0%Q) * x j)).
      * rewrite sum_plus. ring.
      * intros j Hj. rewrite nth_tabulate, red_eq, Q2R_plus by auto. ring.
    + intros j Hj. rewrite D1, D2 by auto. unfold plus_rows; cbn [fst]. rewrite nth_tabulate, red_eq, Q2R_plus by auto. reflexivity.
  - injection E as <-. intros x. destruct (IHe1 x) as [G1 [V1 D1]], (IHe2 x) as [G2 [V2 D2]]. cbn [good rval rgrad]. repeat split; auto.
    + rewrite V1, V2. unfold affine_value, plus_rows; cbn [fst snd]. rewrite red_eq, Q2R_minus.
      rewrite (sum_ext n (fun j => Q2R (nth j (tabulate _ _) _) * _) (fun j => Q2R (nth j (fst u1) 0%Q) * x j - Q2R (nth j (fst u2) 0%Q) * x j)).
      * rewrite sum_minus. ring.
      * intros j Hj. rewrite nth_tabulate, red_eq, Q2R_minus by auto. ring.
    + intros j Hj. rewrite D1, D2 by auto. unfold plus_rows; cbn [fst]. rewrite nth_tabulate, red_eq, Q2R_minus by auto. reflexivity.
  - destruct (is_number n u1) eqn:N1; [|destruct (is_number n u2) eqn:N2; [|discriminate]]; injection E as <-; intros x;
      destruct (IHe1 x) as [G1 [V1 D1]], (IHe2 x) as [G2 [V2 D2]]; cbn [good rval rgrad]; (split; [auto|split]).
    + destruct (number_value n u1 N1) as [C _]. rewrite scale_value, V1, V2, C. reflexivity.
    + destruct (number_value n u1 N1) as [C Z]. intros j Hj. rewrite scale_entry, D1, D2, V1, C, Z by auto. ring.
    + destruct (number_value n u2 N2) as [C _]. rewrite scale_value, V1, V2, C. ring.
    + destruct (number_value n u2 N2) as [C Z]. intros j Hj. rewrite scale_entry, D1, D2, V2, C, Z by auto. ring.
  - destruct (is_number n u2) eqn:N2; [|discriminate]. destruct (Qeq_bool (snd u2) 0) eqn:Q0; [discriminate|]. cbn [andb negb] in E.
    injection E as <-. destruct (number_value n u2 N2) as [C Z].
    assert (NZ : ~ (snd u2 == 0)%Q) by (intros B; apply Qeq_bool_iff in B; congruence).
    assert (RZ : Q2R (snd u2) <> 0).
    { intros B. apply NZ. apply eqR_Qeq. rewrite RMicromega.Q2R_0. exact B. }
    intros x. destruct (IHe1 x) as [G1 [V1 D1]], (IHe2 x) as [G2 [V2 D2]]. cbn [good rval rgrad]. rewrite V2, C. repeat split; auto.
    + rewrite scale_value, V1, Q2R_inv by auto. field; auto.
    + intros j Hj. rewrite scale_entry, D1, D2, Z, Q2R_inv by auto. field; auto.
  - cbn [affine] in E. destruct (affine n e) as [u1|]; [|discriminate]. specialize (IHe u1 W eq_refl). injection E as <-.
    intros x. destruct (IHe x) as [G1 [V1 D1]]. cbn [good rval rgrad].
    assert (M : Q2R (-1)%Q = -1) by (unfold Q2R; simpl; lra). repeat split; auto.
    + rewrite scale_value, V1, M. ring.
    + intros j Hj. rewrite scale_entry, D1, M by auto. ring.
  - assert (Case : k = 1%nat /\ affine n e = Some u \/ exists v, affine n e = Some v /\ is_number n v = true /\
        u = (tabulate n (fun _ => 0%Q), Qred (Qpower (snd v) (Z.of_nat k)))).
    { destruct k as [|[|k]].
      - right. cbn [affine] in E. destruct (affine n e) as [v|]; [|discriminate]. exists v. destruct (is_number n v); [|discriminate].
        injection E as <-. auto.
      - left. split; auto.
      - right. cbn [affine] in E. destruct (affine n e) as [v|]; [|discriminate]. exists v. destruct (is_number n v); [|discriminate].
        injection E as <-. auto. }
    destruct Case as [[-> A]|[v [A [N ->]]]].
    + specialize (IHe u W A). intros x. destruct (IHe x) as [G1 [V1 D1]]. cbn [good rval rgrad pred]. repeat split; auto.
      * rewrite V1. ring.
      * intros j Hj. rewrite D1 by auto. simpl. ring.
    + specialize (IHe v W A). destruct (number_value n v N) as [C Z]. intros x. destruct (IHe x) as [G1 [V1 D1]]. cbn [good rval rgrad fst snd].
      repeat split; auto.
      * unfold affine_value. rewrite zero_sum, Rplus_0_l, red_eq, power_value, V1, C. reflexivity.
      * intros j Hj. rewrite nth_tabulate, RMicromega.Q2R_0, D1, Z by auto. ring.
Qed.

(** ** Expressions that are defined everywhere: no logarithm or root, divisors are nonzero numbers *)
Fixpoint always_good (n : nat) (e : expr) : bool := match e with
  | Cst _ _ | Var _ => true
  | Add a b | Sub a b | Mul a b => always_good n a && always_good n b
  | Div a b => always_good n a && match affine n b with Some v => is_number n v && negb (Qeq_bool (snd v) 0) | None => false end
  | Log _ | Sqrt _ => false
  | Opp a | Pow a _ | Exp a | Sin a | Cos a | Tanh a | Logistic a | Softplus a => always_good n a end.
Lemma always_good_sound n e : always_good n e = true -> wf n e = true -> forall x, good e x.
Proof. induction e; cbn [always_good wf good]; intros T W x; rewrite ?andb_true_iff in *; try tauto; try (destruct T, W; auto; fail); try discriminate.
  destruct T as [T1 T2], W as [W1 W2]. destruct (affine n e2) as [v|] eqn:E; [|discriminate].
  destruct (affine_sound n e2 v W2 E x) as [G [V _]]. apply andb_true_iff in T2. destruct T2 as [N Z]. repeat split; auto.
  rewrite V. destruct (number_value n v N) as [-> _]. intros B. apply negb_true_iff in Z.
  assert (Q : (snd v == 0)%Q) by (apply eqR_Qeq; rewrite RMicromega.Q2R_0; exact B). apply Qeq_bool_iff in Q. congruence. Qed.
