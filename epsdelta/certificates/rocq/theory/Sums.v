(** Finite sums, vectors as functions nat -> R, quadratic forms, Gram matrices, diagonal dominance. Standard library only. *)
Require Import Reals Lra Lia List.
Open Scope R_scope.

Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => sum m f + f m end.

Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof. induction n; simpl; intros H; auto. rewrite IHn by (intros; apply H; lia).
  rewrite H by lia; auto. Qed.

Lemma sum_le n f g : (forall i, (i < n)%nat -> f i <= g i) -> sum n f <= sum n g.
Proof. induction n; simpl; intros H; [lra|].
  assert (f n <= g n) by (apply H; lia).
  assert (sum n f <= sum n g) by (apply IHn; intros; apply H; lia). lra. Qed.

Lemma sum_nonneg n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof. induction n; simpl; intros H; [lra|].
  assert (0 <= f n) by (apply H; lia).
  assert (0 <= sum n f) by (apply IHn; intros; apply H; lia). lra. Qed.

Lemma sum_plus n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n; simpl; lra. Qed.
Lemma sum_minus n f g : sum n (fun i => f i - g i) = sum n f - sum n g.
Proof. induction n; simpl; lra. Qed.
Lemma sum_opp n f : sum n (fun i => - f i) = - sum n f.
Proof. induction n; simpl; lra. Qed.
Lemma sum_scal n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. induction n; simpl; [lra|]. rewrite IHn. ring. Qed.
Lemma sum_scal_r n c f : sum n (fun i => f i * c) = sum n f * c.
Proof. induction n; simpl; [lra|]. rewrite IHn. ring. Qed.
Lemma sum_zero n : sum n (fun _ => 0) = 0.
Proof. induction n; simpl; lra. Qed.
Lemma sum_const n c : sum n (fun _ => c) = INR n * c.
Proof. induction n. { simpl; lra. } simpl sum. rewrite IHn, S_INR. lra. Qed.

Lemma sum_swap n m (f : nat -> nat -> R) :
  sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof. induction n; simpl.
  - symmetry; apply sum_zero.
  - rewrite IHn, <- sum_plus. apply sum_ext; intros; simpl; ring. Qed.

Lemma sum_delta n j (f : nat -> R) : (j < n)%nat ->
  sum n (fun i => (if Nat.eqb i j then 1 else 0) * f i) = f j.
Proof. intros Hj. induction n; [lia|]. simpl.
  destruct (Nat.eq_dec n j) as [->|Hne].
  - rewrite Nat.eqb_refl.
    rewrite (sum_ext j _ (fun _ => 0)).
    + rewrite sum_zero; ring.
    + intros i Hi. destruct (Nat.eqb_spec i j); [lia|ring].
  - destruct (Nat.eqb_spec n j); [lia|]. rewrite IHn by lia. ring. Qed.

Lemma sum_S_l n f : sum (S n) f = f O + sum n (fun k => f (S k)).
Proof. induction n; simpl in *; [lra|]. rewrite IHn. lra. Qed.

Lemma sum_telescope n (f : nat -> R) : sum n (fun i => f i - f (S i)) = f O - f n.
Proof. induction n; simpl; lra. Qed.

(** dot products, bilinear forms *)
Definition dot n (u v : nat -> R) := sum n (fun i => u i * v i).
Definition mv n (A : nat -> nat -> R) (v : nat -> R) : nat -> R :=
  fun i => sum n (fun j => A i j * v j).
Definition form n (A : nat -> nat -> R) (u v : nat -> R) := dot n u (mv n A v).

Lemma form_sum n A u v : form n A u v = sum n (fun i => sum n (fun j => A i j * (u i * v j))).
Proof. unfold form, dot, mv. apply sum_ext; intros. rewrite <- sum_scal.
  apply sum_ext; intros; ring. Qed.

Lemma form_ext n A B u v : (forall i j, (i < n)%nat -> (j < n)%nat -> A i j = B i j) ->
  form n A u v = form n B u v.
Proof. intros H. rewrite !form_sum. apply sum_ext; intros; apply sum_ext; intros.
  rewrite H; auto. Qed.

Lemma form_vext n A u u' v v' : (forall i, (i < n)%nat -> u i = u' i) ->
  (forall i, (i < n)%nat -> v i = v' i) -> form n A u v = form n A u' v'.
Proof. intros H H'. rewrite !form_sum. apply sum_ext; intros; apply sum_ext; intros.
  rewrite H, H'; auto. Qed.

Lemma form_plus n A B u v : form n (fun i j => A i j + B i j) u v = form n A u v + form n B u v.
Proof. rewrite !form_sum, <- sum_plus. apply sum_ext; intros. rewrite <- sum_plus.
  apply sum_ext; intros; ring. Qed.
Lemma form_minus n A B u v : form n (fun i j => A i j - B i j) u v = form n A u v - form n B u v.
Proof. rewrite !form_sum, <- sum_minus. apply sum_ext; intros. rewrite <- sum_minus.
  apply sum_ext; intros; ring. Qed.
Lemma form_scal n c A u v : form n (fun i j => c * A i j) u v = c * form n A u v.
Proof. rewrite !form_sum, <- sum_scal. apply sum_ext; intros. rewrite <- sum_scal.
  apply sum_ext; intros; ring. Qed.

Lemma form_sym n P u v : (forall i j, (i < n)%nat -> (j < n)%nat -> P i j = P j i) ->
  form n P u v = form n P v u.
Proof. intros H. rewrite !form_sum, sum_swap. apply sum_ext; intros; apply sum_ext; intros.
  rewrite H by auto. ring. Qed.

Lemma form_minus_l n P u v w : form n P (fun i => u i - v i) w = form n P u w - form n P v w.
Proof. rewrite !form_sum, <- sum_minus. apply sum_ext; intros. rewrite <- sum_minus.
  apply sum_ext; intros; ring. Qed.
Lemma form_minus_r n P u v w : form n P w (fun i => u i - v i) = form n P w u - form n P w v.
Proof. rewrite !form_sum, <- sum_minus. apply sum_ext; intros. rewrite <- sum_minus.
  apply sum_ext; intros; ring. Qed.

Definition psd n A := forall v, 0 <= form n A v v.

(** 2 <u,w>_P <= <u,u>_P + <w,w>_P  for symmetric PSD P (no square roots needed). *)
Lemma form_young n P u w : (forall i j, (i < n)%nat -> (j < n)%nat -> P i j = P j i) ->
  psd n P -> 2 * form n P u w <= form n P u u + form n P w w.
Proof. intros Hs Hp. pose proof (Hp (fun i => u i - w i)) as H.
  rewrite form_minus_l, !form_minus_r in H. rewrite (form_sym n P w u) in H by auto. lra. Qed.

(** Gram matrix: v^T (L^T L) v = |L v|^2 >= 0, L has m rows *)
Lemma gram_psd n m (L : nat -> nat -> R) :
  psd n (fun i j => sum m (fun k => L k i * L k j)).
Proof. intros v. rewrite form_sum.
  rewrite (sum_ext n _ (fun i => sum m (fun k => L k i * v i * mv n L v k))).
  2:{ intros i Hi. unfold mv.
      rewrite (sum_ext n _ (fun j => sum m (fun k => L k i * v i * (L k j * v j)))).
      2:{ intros j Hj. rewrite <- sum_scal_r. apply sum_ext; intros; ring. }
      rewrite sum_swap. apply sum_ext; intros k Hk. rewrite sum_scal. ring. }
  rewrite sum_swap. apply sum_nonneg; intros k Hk.
  rewrite sum_scal_r. unfold mv. apply Rle_0_sqr. Qed.

(** (Weak) diagonal dominance implies PSD; R need not be symmetric *)
Definition dd n (R0 : nat -> nat -> R) := forall i, (i < n)%nat ->
  sum n (fun j => if Nat.eqb i j then 0 else Rabs (R0 i j) + Rabs (R0 j i)) <= 2 * R0 i i.

Lemma dd_psd n R0 : dd n R0 -> psd n R0.
Proof. intros Hd v. rewrite form_sum.
  set (O i j := if Nat.eqb i j then 0 else Rabs (R0 i j)).
  assert (H0 : forall i j, R0 i j * (v i * v j) >=
     (if Nat.eqb i j then 1 else 0) * (R0 i j * (v j * v j))
     - / 2 * (O i j * (v i * v i)) - / 2 * (O i j * (v j * v j))).
  { intros i j. unfold O. destruct (Nat.eqb_spec i j) as [->|Hne]; [lra|].
    assert (Hy : Rabs (v i * v j) <= / 2 * (v i * v i + v j * v j)).
    { apply Rabs_le. split.
      - assert (0 <= (v i + v j)^2) by apply pow2_ge_0. lra.
      - assert (0 <= (v i - v j)^2) by apply pow2_ge_0. lra. }
    assert (Hm : Rabs (R0 i j * (v i * v j)) <= Rabs (R0 i j) * (/ 2 * (v i * v i + v j * v j))).
    { rewrite Rabs_mult. apply Rmult_le_compat_l; auto. apply Rabs_pos. }
    assert (- Rabs (R0 i j * (v i * v j)) <= R0 i j * (v i * v j)).
    { pose proof (Rle_abs (- (R0 i j * (v i * v j)))). rewrite Rabs_Ropp in H. lra. }
    lra. }
  apply Rle_trans with (sum n (fun i => sum n (fun j =>
     (if Nat.eqb i j then 1 else 0) * (R0 i j * (v j * v j))
     - / 2 * (O i j * (v i * v i)) - / 2 * (O i j * (v j * v j))))).
  2:{ apply sum_le; intros; apply sum_le; intros. specialize (H0 i i0). lra. }
  rewrite (sum_ext n _ (fun i => R0 i i * (v i * v i)
      - sum n (fun j => / 2 * (O i j * (v i * v i))) - sum n (fun j => / 2 * (O i j * (v j * v j))))).
  2:{ intros i Hi. rewrite !sum_minus. f_equal. f_equal.
      rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * (R0 i j * (v j * v j)))).
      - rewrite sum_delta by auto. ring.
      - intros. rewrite Nat.eqb_sym. reflexivity. }
  rewrite sum_minus, (sum_swap n n (fun i j => / 2 * (O i j * (v j * v j)))).
  rewrite <- sum_minus. apply sum_nonneg; intros i Hi.
  rewrite (sum_ext n (fun j => / 2 * (O i j * (v i * v i))) (fun j => O i j * (/ 2 * (v i * v i)))) by (intros; ring).
  rewrite (sum_ext n (fun i0 => / 2 * (O i0 i * (v i * v i))) (fun j => O j i * (/ 2 * (v i * v i)))) by (intros; ring).
  rewrite !sum_scal_r.
  specialize (Hd i Hi).
  assert (He : sum n (fun j => if Nat.eqb i j then 0 else Rabs (R0 i j) + Rabs (R0 j i))
     = sum n (fun j => O i j) + sum n (fun j => O j i)).
  { rewrite <- sum_plus. apply sum_ext; intros j Hj. unfold O. rewrite (Nat.eqb_sym j i).
    destruct (Nat.eqb i j); ring. }
  rewrite He in Hd.
  assert (Hq : 0 <= v i * v i) by apply Rle_0_sqr.
  pose proof (Rmult_le_compat_r _ _ _ Hq Hd) as H.
  change (fun j => O i j) with (O i) in H. lra. Qed.

(** certificate form: c1*A = c2*L^T L + (diag dominant) => A PSD *)
Lemma cert_psd n m A L c1 c2 : 0 < c1 -> 0 <= c2 ->
  dd n (fun i j => c1 * A i j - c2 * sum m (fun k => L k i * L k j)) -> psd n A.
Proof. intros H1 H2 Hd v. apply dd_psd in Hd. specialize (Hd v). cbv beta in Hd.
  rewrite form_minus, !form_scal in Hd.
  pose proof (gram_psd n m L v) as Hg. nra. Qed.
