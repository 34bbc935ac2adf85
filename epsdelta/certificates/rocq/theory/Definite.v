(** Definiteness of integer matrices by a factor: multiple * A = sum_k d_k c_k c_k' + (a diagonally dominant rest).
    One form serves rounded Cholesky factors (weights 1, a small rest) and exact LDL' factors of singular matrices (rest 0). *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Integers.
Import ListNotations.
Open Scope R_scope.

(** the weights d_k >= 0 with their vectors c_k; missing entries of a vector are 0 *)
Record factor := Factor { multiple : Z; terms : list (Z * list Z) }.

(** ** The real statement *)
Lemma weighted_gram_psd n m (d : nat -> R) (c : nat -> nat -> R) : (forall k, (k < m)%nat -> 0 <= d k) ->
  psd n (fun i j => sum m (fun k => d k * (c k i * c k j))).
Proof. intros Hd v. pose proof (gram_psd n m (fun k i => sqrt (d k) * c k i) v) as H.
  rewrite (form_ext n _ (fun i j => sum m (fun k => d k * (c k i * c k j)))) in H; auto.
  intros i j Hi Hj. apply sum_ext; intros k Hk.
  transitivity (sqrt (d k) * sqrt (d k) * (c k i * c k j)); [ring|]. rewrite sqrt_sqrt; auto. Qed.

Lemma form_transpose n A u v : form n (fun i j => A j i) u v = form n A v u.
Proof. rewrite !form_sum, sum_swap. apply sum_ext; intros; apply sum_ext; intros; ring. Qed.

(** only the symmetric part of A enters x'Ax, so only A + A' is compared with the factor *)
Lemma symmetric_cert_psd n m A (c : R) (d : nat -> R) (l : nat -> nat -> R) : 0 < c -> (forall k, (k < m)%nat -> 0 <= d k) ->
  (forall i, (i < n)%nat -> sum n (fun j => Rabs (c * (A i j + A j i) - 2 * sum m (fun k => d k * (l k i * l k j))))
     <= 2 * (c * (A i i + A i i) - 2 * sum m (fun k => d k * (l k i * l k i)))) -> psd n A.
Proof. intros Hc Hd Hr.
  set (g := fun i j => sum m (fun k => d k * (l k i * l k j))).
  set (r := fun i j => c * (A i j + A j i) - 2 * g i j).
  assert (Rs : forall i j, r i j = r j i).
  { intros i j. unfold r, g. f_equal; [ring|]. f_equal. apply sum_ext; intros; ring. }
  assert (D : dd n r).
  { intros i Hi. specialize (Hr i Hi).
    rewrite (sum_ext n _ (fun j => 2 * Rabs (r i j) - 2 * ((if Nat.eqb j i then 1 else 0) * Rabs (r i j)))).
    2:{ intros j Hj. rewrite (Rs j i), (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring. }
    rewrite sum_minus, !sum_scal, (sum_delta n i (fun j => Rabs (r i j))) by auto.
    pose proof (Rle_abs (r i i)). change (sum n (fun j => Rabs (r i j)) <= 2 * r i i) in Hr. lra. }
  intros v. pose proof (dd_psd n r D v) as H. unfold r in H.
  rewrite form_minus, !form_scal, form_plus, (form_transpose n A) in H.
  pose proof (weighted_gram_psd n m d l Hd v) as Hg. fold g in Hg.
  apply Rmult_le_reg_l with c; auto.
  change (form n (fun i j => A i j) v v) with (form n A v v) in H. change (form n (fun i j => g i j) v v) with (form n g v v) in H. lra. Qed.

(** ** The check *)
Section Check.
Variable ar : integers.
Notation I := (int ar).

Definition certified n (M : list (list I)) (f : factor) : bool :=
  let m := length (terms f) in
  let c := of_Z (multiple f) in
  let rows := build n m (fun i k => of_Z (nth i (snd (nth k (terms f) (0%Z, []))) 0%Z)) in
  let weights := map (fun t => of_Z (2 * fst t)%Z) (terms f) in
  let weighted := build n m (fun i k => imul (nth k weights izero) (get rows i k)) in
  ((0 <? multiple f)%Z && forallb (fun t => 0 <=? fst t)%Z (terms f) &&
  forallb (fun i => let wi := nth i weighted [] in let mi := nth i M [] in
    let rest := map (fun j => isub (imul c (iadd (nth j mi izero) (get M j i))) (idot wi (nth j rows []))) (seq 0 n) in
    let own := nth i rest izero in ileb (sum_abs rest) (iadd own own)) (seq 0 n))%bool.

(** A factor that passes proves x'Mx >= 0 for all real x. M need not be symmetric. *)
Theorem certified_psd n M f : certified n M f = true -> psd n (ent M).
Proof.
  unfold certified. rewrite !andb_true_iff. intros [[Hc Hd] Hr].
  set (m := length (terms f)) in *.
  set (l := fun k i => IZR (nth i (snd (nth k (terms f) (0%Z, []))) 0%Z)).
  set (d := fun k => IZR (fst (nth k (terms f) (0%Z, [])))).
  apply (symmetric_cert_psd n m (ent M) (IZR (multiple f)) d l).
  { apply IZR_lt, Z.ltb_lt, Hc. }
  { intros k Hk. apply IZR_le, Z.leb_le. rewrite forallb_forall in Hd. apply (Hd (nth k (terms f) (0%Z, []))), nth_In, Hk. }
  intros i Hi. pose proof (forallb_seq _ _ Hr i Hi) as H. cbv beta zeta in H. apply val_leb in H.
  rewrite nth_map_seq, val_add, val_sum_abs in H by auto.
  assert (E : forall j, (j < n)%nat -> val (isub (imul (of_Z (multiple f)) (iadd (nth j (nth i M []) izero) (get M j i)))
     (idot (nth i (build n m (fun i0 k => imul (nth k (map (fun t => of_Z (2 * fst t)%Z) (terms f)) izero)
        (get (build n m (fun i1 k0 => of_Z (nth i1 (snd (nth k0 (terms f) (0%Z, []))) 0%Z))) i0 k))) [])
      (nth j (build n m (fun i0 k => of_Z (nth i0 (snd (nth k (terms f) (0%Z, []))) 0%Z))) [])))
     = IZR (multiple f) * (ent M i j + ent M j i) - 2 * sum m (fun k => d k * (l k i * l k j))).
  { intros j Hj. rewrite val_sub, val_mul, val_add, val_of. fold (get M i j). fold (ent M i j) (ent M j i). f_equal.
    rewrite (val_idot ar m) by (rewrite row_build, map_length, seq_length by auto; lia).
    rewrite <- sum_scal. apply sum_ext; intros k Hk.
    rewrite !row_build, !nth_map_seq by auto. rewrite val_mul, get_build, !val_of by auto.
    unfold l, d. rewrite nth_indep with (d' := of_Z (2 * fst (0%Z, @nil Z))%Z) by (rewrite map_length; auto).
    rewrite (map_nth (fun t => of_Z (2 * fst t)%Z)), val_of, mult_IZR. ring. }
  rewrite E in H by auto. rewrite (sum_ext n _ (fun j => Rabs (IZR (multiple f) * (ent M i j + ent M j i)
     - 2 * sum m (fun k => d k * (l k i * l k j))))) in H by (intros j Hj; rewrite E; auto).
  lra. Qed.
End Check.
Arguments certified {_}.

(** x'Ax >= 0 for all real x, A an integer matrix (its symmetric part is what the factor is of). *)
Definition definite_check (ar : integers) n (A : list (list Z)) (f : factor) : bool := certified n (input ar n A) f.
Theorem definite_check_sound ar n A f : definite_check ar n A f = true -> psd n (fun i j => IZR (nth j (nth i A []) 0%Z)).
Proof. intros H v. apply certified_psd in H. rewrite (form_ext n _ (ent (input ar n A))); [apply H|].
  intros i j Hi Hj. symmetry. apply (ent_input ar n A i j Hi Hj). Qed.

(** ** Metrics *)
Definition symmetric_rows n (rows : list (list Z)) : bool :=
  forallb (fun i => let r := nth i rows [] in forallb (fun j => nth j r 0 =? zent rows j i)%Z (seq 0 i)) (seq 0 n).
Lemma symmetric_rows_sound n P : symmetric_rows n (mat_rows P) = true ->
  forall i j, (i < n)%nat -> (j < n)%nat -> mat P i j = mat P j i.
Proof. intros H.
  assert (L : forall i j, (j < i)%nat -> (i < n)%nat -> mat P i j = mat P j i).
  { intros i j Hj Hi. pose proof (forallb_seq _ _ (forallb_seq _ _ H i Hi) j Hj) as E. apply Z.eqb_eq in E.
    unfold mat. rewrite E. reflexivity. }
  intros i j Hi Hj. destruct (Nat.lt_trichotomy i j) as [C|[->|C]]; auto. symmetry; auto. Qed.

Lemma den_pos (q : positive) : 0 < IZR (Zpos q).
Proof. apply IZR_lt. reflexivity. Qed.
Lemma rat_pos p q : (0 < p)%Z -> 0 < rat p q.
Proof. intros H. rewrite rat_div. apply Rdiv_lt_0_compat; [apply IZR_lt, H|apply den_pos]. Qed.

Lemma form_identity n c v : form n (fun i j => if Nat.eqb i j then c else 0) v v = c * dot n v v.
Proof. unfold form, dot, mv. rewrite <- sum_scal. apply sum_ext; intros i Hi.
  rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * (c * v j))).
  - rewrite sum_delta by auto. ring.
  - intros j Hj. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring. Qed.

(** P is symmetric and P >= (lam / den) I with lam > 0, den the denominator of P; the factor is of the integer matrix den P - lam I. *)
Definition metric_check (ar : integers) n (P : matrix) (lam : Z) (f : factor) : bool :=
  (0 <? lam)%Z && symmetric_rows n (mat_rows P) &&
  certified n (build n n (fun i j => of_Z (zent (mat_rows P) i j - if Nat.eqb i j then lam else 0)%Z) : list (list (int ar))) f.

Theorem metric_check_sound ar n P lam f : metric_check ar n P lam f = true ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> mat P i j = mat P j i) /\ 0 < rat lam (mat_den P) /\
  (forall v, rat lam (mat_den P) * dot n v v <= form n (mat P) v v).
Proof. unfold metric_check. rewrite !andb_true_iff. intros [[Hl Hs] Hf]. apply Z.ltb_lt in Hl.
  repeat split; [apply symmetric_rows_sound, Hs|apply rat_pos, Hl|].
  intros v. apply certified_psd in Hf. specialize (Hf v). pose proof (den_pos (mat_den P)) as Hd.
  rewrite (form_ext n _ (fun i j => IZR (Zpos (mat_den P)) * mat P i j - if Nat.eqb i j then IZR lam else 0)) in Hf.
  - rewrite form_minus, form_scal, form_identity in Hf. rewrite rat_div.
    apply Rmult_le_reg_l with (IZR (Zpos (mat_den P))); auto.
    replace (IZR (Zpos (mat_den P)) * (IZR lam / IZR (Zpos (mat_den P)) * dot n v v)) with (IZR lam * dot n v v) by (field; lra). lra.
  - intros i j Hi Hj. rewrite ent_build, val_of, minus_IZR by auto. unfold mat. rewrite rat_div.
    fold (zent (mat_rows P) i j). f_equal; [field; lra|]. destruct (Nat.eqb i j); reflexivity. Qed.

(** in particular P >= 0 *)
Lemma metric_psd ar n P lam f : metric_check ar n P lam f = true -> psd n (mat P).
Proof. intros H v. destruct (metric_check_sound _ _ _ _ _ H) as [_ [Hl Hb]].
  assert (0 <= dot n v v) by (apply sum_nonneg; intros i _; apply Rle_0_sqr).
  apply Rle_trans with (rat lam (mat_den P) * dot n v v); auto. apply Rmult_le_pos; lra. Qed.
