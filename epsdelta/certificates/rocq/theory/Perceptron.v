(** Batch perceptrons on linearly separable data: how many updates separate all of them. The data are the vectors z i = y_i a_i, i < n. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent Formulas.
Open Scope R_scope.

Section Perceptron.
Variable E : space.
Variables (n : nat) (z theta : nat -> E) (margin radius : R) (u : E).
(** u is a unit vector (or shorter) with <z i, u> >= margin > 0, and |z i| <= radius *)
Hypotheses (Hn : (1 <= n)%nat) (Hm : 0 < margin) (Hu : norm u <= 1) (Hmargin : forall i, (i < n)%nat -> margin <= ip (z i) u)
  (Hradius : forall i, (i < n)%nat -> norm (z i) <= radius).
(** 1 where theta t gets the point i wrong, <z i, theta t> <= 0; their number; the weighted sum of the data *)
Definition wrong t i : R := if Rle_dec (ip (z i) (theta t)) 0 then 1 else 0.
Definition mistakes t := sum n (wrong t).
Fixpoint combination (m : nat) (c : nat -> R) : E := match m with O => vscal 0 (z O) | S k => vadd (combination k c) (vscal (c k) (z k)) end.
Definition separated t := forall i, (i < n)%nat -> 0 < ip (z i) (theta t).
(** the method has not stopped before update tau: some point is wrong before each of its updates *)
Definition unseparated tau := forall t, (t < tau)%nat -> exists i, (i < n)%nat /\ ip (z i) (theta t) <= 0.

Lemma ip_combination m c w : ip (combination m c) w = sum m (fun i => c i * ip (z i) w).
Proof. induction m as [|m IH]; simpl; [rewrite ip_scal; ring|]. rewrite ip_add, ip_scal, IH. auto. Qed.
Lemma wrong_bounds t i : 0 <= wrong t i <= 1.
Proof. unfold wrong. destruct (Rle_dec _ _); lra. Qed.
Lemma mistakes_le t : mistakes t <= INR n.
Proof. unfold mistakes. replace (INR n) with (sum n (fun _ => 1)) by (rewrite sum_const; ring). apply sum_le. intros. apply wrong_bounds. Qed.
Lemma mistakes_ge t i : (i < n)%nat -> ip (z i) (theta t) <= 0 -> 1 <= mistakes t.
Proof. intros Hi Hw. unfold mistakes. replace 1 with (sum n (fun j => (if Nat.eqb j i then 1 else 0) * 1)) by (rewrite sum_delta; auto).
  apply sum_le. intros j _. destruct (Nat.eqb_spec j i) as [->|_]; [|pose proof (wrong_bounds t j); lra].
  unfold wrong. destruct (Rle_dec _ _); lra. Qed.
(** the sum of the wrong data: its product with u, with theta, and its length *)
Lemma towards_u c : (forall i, 0 <= c i) -> margin * sum n c <= ip (combination n c) u.
Proof. intros Hc. rewrite ip_combination, <- sum_scal. apply sum_le. intros i Hi. rewrite (Rmult_comm (c i)).
  apply Rmult_le_compat_r; auto. Qed.
Lemma against_theta t : ip (combination n (wrong t)) (theta t) <= 0.
Proof. rewrite ip_combination, <- (sum_zero n). apply sum_le. intros i _. unfold wrong. destruct (Rle_dec _ _); lra. Qed.
Lemma combination_length c : (forall i, 0 <= c i) -> norm (combination n c) <= radius * sum n c.
Proof. intros Hc. set (v := combination n c). assert (Hv : norm v * norm v <= radius * sum n c * norm v).
  { replace (norm v * norm v) with (ip v v) by (pose proof (norm_sq E v) as H; unfold n2 in H; lra).
    unfold v at 1. rewrite ip_combination, <- sum_scal, <- sum_scal_r. apply sum_le. intros i Hi.
    pose proof (cauchy_schwarz E (z i) v) as C. assert (norm (z i) * norm v <= radius * norm v) by (apply Rmult_le_compat_r; auto using norm_pos).
    replace (radius * c i * norm v) with (c i * (radius * norm v)) by ring. apply Rmult_le_compat_l; auto. lra. }
  pose proof (norm_pos E v) as P. destruct P as [P|P]; [apply Rmult_le_reg_r with (norm v); auto|].
  rewrite <- P. apply Rmult_le_pos; [|apply sum_nonneg; auto]. eapply Rle_trans; [apply norm_pos|]. apply (Hradius 0). lia. Qed.
Lemma radius_pos : margin <= radius.
Proof. pose proof (Hmargin 0 ltac:(lia)) as H. pose proof (Hradius 0 ltac:(lia)) as H1. pose proof (cauchy_schwarz E (z O) u) as C.
  assert (norm (z O) * norm u <= norm (z O) * 1) by (apply Rmult_le_compat_l; auto using norm_pos). lra. Qed.
Lemma below_norm v a : 0 <= a -> a <= ip v u -> a ^ 2 <= n2 v.
Proof. intros Ha H. pose proof (cauchy_schwarz E v u) as C. pose proof (norm_pos E v) as P.
  assert (norm v * norm u <= norm v * 1) by (apply Rmult_le_compat_l; auto). rewrite <- norm_sq. apply pow_incr. lra. Qed.

(** perceptron/normalized/iterations: theta 0 = 0 and theta (t + 1) = theta t + the mean of the z i that theta t gets wrong: at most
    radius^2/margin^2 updates until all data are separated. *)
Theorem perceptron_normalized_iterations_holds tau : n2 (theta O) = 0 ->
  (forall t, theta (S t) = vadd (theta t) (vscal (/ mistakes t) (combination n (wrong t)))) ->
  unseparated tau -> INR tau <= perceptron_normalized_iterations margin radius.
Proof. intros H0 Hstep Hun. pose proof radius_pos as HR.
  assert (Z0 : forall w, ip (theta O) w = 0).
  { intros w. pose proof (cauchy_schwarz_sq E (theta O) w) as C. rewrite H0, Rmult_0_l in C.
    apply Rsqr_0_uniq, Rle_antisym; [unfold Rsqr; lra|apply Rle_0_sqr]. }
  assert (Inv : forall t, (t <= tau)%nat -> INR t * margin <= ip (theta t) u /\ n2 (theta t) <= INR t * radius ^ 2).
  { induction t as [|t IH]; intros Ht; [rewrite Z0, H0; simpl; lra|]. destruct (IH ltac:(lia)) as [I1 I2].
    destruct (Hun t ltac:(lia)) as [i [Hi Hw]]. pose proof (mistakes_ge t i Hi Hw) as Hk. set (k := mistakes t) in *.
    pose proof (towards_u (wrong t) (fun j => proj1 (wrong_bounds t j))) as Tu. pose proof (against_theta t) as At.
    pose proof (combination_length (wrong t) (fun j => proj1 (wrong_bounds t j))) as Le.
    change (sum n (wrong t)) with k in Tu, Le. set (v := combination n (wrong t)) in *. rewrite Hstep. fold k v. rewrite S_INR.
    assert (Hi0 : 0 < / k) by (apply Rinv_0_lt_compat; lra). split.
    - rewrite ip_add, ip_scal. apply Rmult_le_compat_l with (r := / k) in Tu; [|lra].
      replace (/ k * (margin * k)) with margin in Tu by (field; lra). lra.
    - rewrite n2_add, n2_scal, ip_scal_r, (ip_sym _ (theta t)). assert (/ k * ip v (theta t) <= / k * 0) by (apply Rmult_le_compat_l; lra).
      assert (Hv : (/ k) ^ 2 * n2 v <= radius ^ 2).
      { rewrite <- norm_sq, <- Rpow_mult_distr. apply pow_incr. split; [apply Rmult_le_pos; [lra|apply norm_pos]|].
        apply Rmult_le_compat_l with (r := / k) in Le; [|lra]. replace (/ k * (radius * k)) with radius in Le by (field; lra). auto. }
      lra. }
  destruct (Inv tau (Nat.le_refl _)) as [I1 I2]. pose proof (pos_INR tau) as Ht.
  assert (I3 : (INR tau * margin) ^ 2 <= n2 (theta tau)) by (apply below_norm; auto; apply Rmult_le_pos; lra).
  assert (Hm2 : 0 < margin ^ 2) by (apply pow_lt; auto).
  unfold perceptron_normalized_iterations. apply Rmult_le_reg_r with (margin ^ 2); auto.
  replace (radius ^ 2 / margin ^ 2 * margin ^ 2) with (radius ^ 2) by (field; lra). destruct Ht as [Ht|Ht].
  - apply Rmult_le_reg_l with (INR tau); auto. lra.
  - rewrite <- Ht, Rmult_0_l. apply pow2_ge_0. Qed.

(** perceptron/batch/iterations: theta 0 = 0, theta 1 = (1/(2n)) sum_i z i, then theta (t + 1) = theta t + (1/n) times the sum of the z i
    that theta t gets wrong: at most n radius^2/margin^2 updates until all data are separated. *)
Theorem perceptron_batch_iterations_holds tau :
  theta 1%nat = vscal (/ (2 * INR n)) (combination n (fun _ => 1)) ->
  (forall t, theta (S (S t)) = vadd (theta (S t)) (vscal (/ INR n) (combination n (wrong (S t))))) ->
  unseparated tau -> INR tau <= perceptron_batch_iterations n margin radius.
Proof. intros H1 Hstep Hun. pose proof radius_pos as HR. pose proof (pos_INR_of n Hn) as HN.
  assert (Hm2 : 0 < margin ^ 2) by (apply pow_lt; auto). assert (Hi0 : 0 < / INR n) by (apply Rinv_0_lt_compat; lra).
  set (k := radius ^ 2 / margin ^ 2). assert (Hk : k * margin ^ 2 = radius ^ 2) by (unfold k; field; lra).
  assert (Hk1 : 1 <= k). { apply Rmult_le_reg_r with (margin ^ 2); auto. rewrite Hk, Rmult_1_l. apply pow_incr. lra. }
  replace (perceptron_batch_iterations n margin radius) with (INR n * k) by (unfold perceptron_batch_iterations, k; field; lra).
  assert (Hnk : 1 * 1 <= INR n * k) by (apply Rmult_le_compat; lra).
  destruct tau as [|tau]; [simpl; lra|].
  set (A t := sum t (fun j => mistakes (S j) / INR n)).
  assert (E1 : sum n (fun _ => 1) = INR n) by (rewrite sum_const; ring).
  assert (Hones : forall i : nat, 0 <= 1) by (intros; lra).
  assert (Inv : forall t, (t <= tau)%nat -> (1 / 2 + A t) * margin <= ip (theta (S t)) u /\ n2 (theta (S t)) <= (1 / 4 + A t) * radius ^ 2).
  { induction t as [|t IH]; intros Ht.
    - unfold A. simpl sum. rewrite H1. pose proof (towards_u (fun _ => 1) Hones) as Tu. pose proof (combination_length (fun _ => 1) Hones) as Le.
      rewrite E1 in Tu, Le. set (v := combination n (fun _ => 1)) in *. rewrite ip_scal, n2_scal.
      assert (Hh : 0 < / (2 * INR n)) by (apply Rinv_0_lt_compat; lra). split.
      + apply Rmult_le_compat_l with (r := / (2 * INR n)) in Tu; [|lra].
        replace (/ (2 * INR n) * (margin * INR n)) with ((1 / 2 + 0) * margin) in Tu by (field; lra). lra.
      + rewrite <- norm_sq, <- Rpow_mult_distr. apply Rmult_le_compat_l with (r := / (2 * INR n)) in Le; [|lra].
        replace (/ (2 * INR n) * (radius * INR n)) with (radius / 2) in Le by (field; lra).
        replace ((1 / 4 + 0) * radius ^ 2) with ((radius / 2) ^ 2) by field. apply pow_incr. split; auto.
        apply Rmult_le_pos; [lra|apply norm_pos].
    - destruct (IH ltac:(lia)) as [I1 I2]. unfold A. simpl sum. fold (A t). rewrite Hstep.
      pose proof (towards_u (wrong (S t)) (fun j => proj1 (wrong_bounds (S t) j))) as Tu. pose proof (against_theta (S t)) as At.
      pose proof (combination_length (wrong (S t)) (fun j => proj1 (wrong_bounds (S t) j))) as Le. pose proof (mistakes_le (S t)) as Hle.
      assert (Hpos : 0 <= mistakes (S t)) by (apply sum_nonneg; intros; apply wrong_bounds).
      change (sum n (wrong (S t))) with (mistakes (S t)) in Tu, Le. set (v := combination n (wrong (S t))) in *. set (s := mistakes (S t) / INR n).
      assert (Hs : 0 <= s <= 1).
      { unfold s. split; [apply Rmult_le_pos; lra|]. apply Rmult_le_reg_r with (INR n); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
      split.
      + rewrite ip_add, ip_scal. apply Rmult_le_compat_l with (r := / INR n) in Tu; [|lra].
        replace (/ INR n * (margin * mistakes (S t))) with (s * margin) in Tu by (unfold s; field; lra). lra.
      + rewrite n2_add, n2_scal, ip_scal_r, (ip_sym _ (theta (S t))).
        assert (/ INR n * ip v (theta (S t)) <= / INR n * 0) by (apply Rmult_le_compat_l; lra).
        assert (Hv : (/ INR n) ^ 2 * n2 v <= (radius * s) ^ 2).
        { rewrite <- norm_sq, <- Rpow_mult_distr. apply Rmult_le_compat_l with (r := / INR n) in Le; [|lra].
          replace (/ INR n * (radius * mistakes (S t))) with (radius * s) in Le by (unfold s; field; lra).
          apply pow_incr. split; auto. apply Rmult_le_pos; [lra|apply norm_pos]. }
        assert (radius ^ 2 * (s * s) <= radius ^ 2 * s).
        { apply Rmult_le_compat_l; [apply pow2_ge_0|]. replace s with (s * 1) at 3 by ring. apply Rmult_le_compat_l; lra. }
        lra. }
  destruct (Inv tau (Nat.le_refl _)) as [I1 I2]. set (a := A tau) in *.
  assert (Ha : INR tau <= INR n * a).
  { unfold a, A. rewrite <- sum_scal. replace (INR tau) with (sum tau (fun _ => 1)) by (rewrite sum_const; ring). apply sum_le. intros j Hj.
    destruct (Hun (S j) ltac:(lia)) as [i [Hi Hw]]. pose proof (mistakes_ge (S j) i Hi Hw).
    replace (INR n * (mistakes (S j) / INR n)) with (mistakes (S j)) by (field; lra). auto. }
  assert (Ha0 : 0 <= a).
  { apply sum_nonneg. intros j _. apply Rmult_le_pos; [|lra]. apply sum_nonneg. intros. apply wrong_bounds. }
  assert (I3 : ((1 / 2 + a) * margin) ^ 2 <= n2 (theta (S tau))) by (apply below_norm; auto; apply Rmult_le_pos; lra).
  assert (Hc : (1 / 2 + a) ^ 2 <= k * (1 / 4 + a)).
  { apply Rmult_le_reg_r with (margin ^ 2); auto. replace (k * (1 / 4 + a) * margin ^ 2) with ((1 / 4 + a) * (k * margin ^ 2)) by ring.
    rewrite Hk. lra. }
  assert (Hak : a + 3 / 4 <= k).
  { apply Rmult_le_reg_r with (1 / 4 + a); [lra|]. lra. }
  rewrite S_INR. destruct (Nat.eq_dec n 1) as [En|Ne].
  - destruct tau as [|tau]; [simpl; lra|]. exfalso. destruct (Hun 1%nat ltac:(lia)) as [i [Hi Hw]]. assert (i = O) by lia. subst i.
    rewrite H1 in Hw. rewrite En in Hw. simpl combination in Hw. revert Hw. rewrite ip_scal_r. ips. intros Hw.
    pose proof (Hmargin 0 ltac:(lia)) as Hz. assert (Hz2 : margin ^ 2 <= n2 (z O)) by (apply below_norm; lra). unfold n2 in Hz2.
    simpl INR in Hw. lra.
  - assert (HN2 : 2 <= INR n) by (apply (le_INR 2); lia).
    assert (INR n * (a + 3 / 4) <= INR n * k) by (apply Rmult_le_compat_l; lra). lra. Qed.
End Perceptron.
