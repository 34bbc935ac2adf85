(** Integer arithmetic as a first-class record with two instances, and integer matrices as lists of rows over it.
    The checkers take the record as their first argument: [plain] (Z) adds no axiom, [big] (machine words) is faster. *)
Require Import Reals Lra Lia List ZArith Bool.
From Bignums Require BigZ.
From EpsDelta Require Import Sums Field.
Import ListNotations.
Open Scope R_scope.

Record integers := Integers {
  int : Type; to_Z : int -> Z; of_Z : Z -> int; izero : int;
  iadd : int -> int -> int; isub : int -> int -> int; imul : int -> int -> int; iabs : int -> int; ileb : int -> int -> bool;
  to_of : forall z, to_Z (of_Z z) = z;
  to_zero : to_Z izero = 0%Z;
  to_add : forall a b, to_Z (iadd a b) = (to_Z a + to_Z b)%Z;
  to_sub : forall a b, to_Z (isub a b) = (to_Z a - to_Z b)%Z;
  to_mul : forall a b, to_Z (imul a b) = (to_Z a * to_Z b)%Z;
  to_abs : forall a, to_Z (iabs a) = Z.abs (to_Z a);
  to_leb : forall a b, ileb a b = (to_Z a <=? to_Z b)%Z }.
Arguments to_Z {_}. Arguments of_Z {_}. Arguments izero {_}. Arguments iadd {_}. Arguments isub {_}. Arguments imul {_}.
Arguments iabs {_}. Arguments ileb {_}.

(** Coq's binary integers *)
Definition plain : integers.
Proof. refine (Integers Z (fun z => z) (fun z => z) 0%Z Z.add Z.sub Z.mul Z.abs Z.leb _ _ _ _ _ _ _); reflexivity. Defined.

(** arbitrary precision over primitive 63-bit words *)
Definition big : integers.
Proof. refine (Integers BigZ.BigZ.t BigZ.BigZ.to_Z BigZ.BigZ.of_Z BigZ.BigZ.zero BigZ.BigZ.add BigZ.BigZ.sub BigZ.BigZ.mul
    BigZ.BigZ.abs BigZ.BigZ.leb _ _ _ _ _ _ _).
  - exact BigZ.BigZ.spec_of_Z.
  - exact BigZ.BigZ.spec_0.
  - exact BigZ.BigZ.spec_add.
  - exact BigZ.BigZ.spec_sub.
  - exact BigZ.BigZ.spec_mul.
  - exact BigZ.BigZ.spec_abs.
  - exact BigZ.BigZ.spec_leb. Defined.

(** the i, j entry of an integer matrix: 0 outside *)
Definition zent (rows : list (list Z)) i j := nth j (nth i rows []) 0%Z.

Section Arithmetic.
Variable ar : integers.
Notation I := (int ar).

(** the real number that an integer stands for *)
Definition val (a : I) : R := IZR (to_Z a).
Lemma val_of z : val (of_Z z) = IZR z.
Proof. unfold val. rewrite to_of. reflexivity. Qed.
Lemma val_zero : val izero = 0.
Proof. unfold val. rewrite to_zero. reflexivity. Qed.
Lemma val_add a b : val (iadd a b) = val a + val b.
Proof. unfold val. rewrite to_add. apply plus_IZR. Qed.
Lemma val_sub a b : val (isub a b) = val a - val b.
Proof. unfold val. rewrite to_sub. apply minus_IZR. Qed.
Lemma val_mul a b : val (imul a b) = val a * val b.
Proof. unfold val. rewrite to_mul. apply mult_IZR. Qed.
Lemma val_abs a : val (iabs a) = Rabs (val a).
Proof. unfold val. rewrite to_abs. apply abs_IZR. Qed.
Lemma val_leb a b : ileb a b = true -> val a <= val b.
Proof. rewrite to_leb. intros H. apply IZR_le, Z.leb_le, H. Qed.
Lemma val_gtb a b : ileb a b = false -> val b < val a.
Proof. rewrite to_leb. intros H. apply IZR_lt, Z.leb_gt, H. Qed.

Definition imin (a b : I) := if ileb a b then a else b.
Definition imax (a b : I) := if ileb a b then b else a.
Lemma val_min a b : val (imin a b) = Rmin (val a) (val b).
Proof. unfold imin. destruct (ileb a b) eqn:E.
  - apply val_leb in E. rewrite Rmin_left; auto.
  - apply val_gtb in E. rewrite Rmin_right; auto; lra. Qed.
Lemma val_max a b : val (imax a b) = Rmax (val a) (val b).
Proof. unfold imax. destruct (ileb a b) eqn:E.
  - apply val_leb in E. rewrite Rmax_right; auto.
  - apply val_gtb in E. rewrite Rmax_left; auto; lra. Qed.

(** ** Sums *)
Fixpoint total (n : nat) (f : nat -> I) : I := match n with O => izero | S m => iadd (total m f) (f m) end.
Lemma val_total n f : val (total n f) = sum n (fun k => val (f k)).
Proof. induction n; simpl; [apply val_zero|]. rewrite val_add, IHn. reflexivity. Qed.

Fixpoint idot (u v : list I) : I := match u, v with a :: u', b :: v' => iadd (imul a b) (idot u' v') | _, _ => izero end.
Lemma val_idot n v : (length v <= n)%nat ->
  forall u, val (idot u v) = sum n (fun k => val (nth k u izero) * val (nth k v izero)).
Proof. revert n; induction v as [|b v IH]; intros n Hl u.
  - rewrite (sum_ext n _ (fun _ => 0)).
    + rewrite sum_zero. destruct u; apply val_zero.
    + intros k Hk. destruct k; simpl; rewrite val_zero; ring.
  - destruct n as [|n]; simpl in Hl; [lia|]. rewrite sum_S_l. destruct u as [|a u].
    + rewrite (sum_ext n _ (fun _ => 0)).
      * rewrite sum_zero. simpl. rewrite val_zero. ring.
      * intros k Hk. simpl. rewrite val_zero. ring.
    + simpl. rewrite val_add, val_mul, (IH n) by lia. reflexivity. Qed.

Fixpoint sum_abs (u : list I) : I := match u with a :: u' => iadd (iabs a) (sum_abs u') | nil => izero end.
Lemma val_sum_abs n f : val (sum_abs (map f (seq 0 n))) = sum n (fun k => Rabs (val (f k))).
Proof. enough (G : forall s, val (sum_abs (map f (seq s n))) = sum n (fun k => Rabs (val (f (s + k)%nat)))) by apply (G O).
  induction n as [|n IH]; intros s; simpl; [apply val_zero|].
  rewrite val_add, val_abs, IH. change (sum n ?g + ?c) with (sum (S n) g). rewrite sum_S_l, Nat.add_0_r. f_equal.
  apply sum_ext; intros k Hk. do 3 f_equal. lia. Qed.

(** ** Matrices *)
Definition build {E : Type} (m n : nat) (f : nat -> nat -> E) : list (list E) := map (fun i => map (f i) (seq 0 n)) (seq 0 m).
Lemma nth_map_seq (E : Type) n (f : nat -> E) d i : (i < n)%nat -> nth i (map f (seq 0 n)) d = f i.
Proof. intros H. rewrite nth_indep with (d' := f O) by (rewrite map_length, seq_length; auto).
  rewrite map_nth, seq_nth; auto. Qed.
Lemma row_build (E : Type) m n (f : nat -> nat -> E) i : (i < m)%nat -> nth i (build m n f) [] = map (f i) (seq 0 n).
Proof. intros H. unfold build. apply (nth_map_seq _ m (fun i => map (f i) (seq 0 n)) [] i H). Qed.

Definition get (M : list (list I)) i j := nth j (nth i M []) izero.
Lemma get_build m n f i j : (i < m)%nat -> (j < n)%nat -> get (build m n f) i j = f i j.
Proof. intros Hi Hj. unfold get. rewrite row_build by auto. apply nth_map_seq; auto. Qed.
(** the real matrix that a list of rows stands for *)
Definition ent (M : list (list I)) i j : R := val (get M i j).
Lemma ent_build m n f i j : (i < m)%nat -> (j < n)%nat -> ent (build m n f) i j = val (f i j).
Proof. intros Hi Hj. unfold ent. rewrite get_build by auto. reflexivity. Qed.

Definition transposed n (M : list (list I)) := build n n (fun i j => get M j i).
Lemma ent_transposed n M i j : (i < n)%nat -> (j < n)%nat -> ent (transposed n M) i j = ent M j i.
Proof. intros Hi Hj. unfold transposed. rewrite ent_build by auto. reflexivity. Qed.

Definition times n (M N : list (list I)) :=
  let columns := transposed n N in build n n (fun i j => idot (nth i M []) (nth j columns [])).
Lemma ent_times n M N i j : (i < n)%nat -> (j < n)%nat -> ent (times n M N) i j = sum n (fun k => ent M i k * ent N k j).
Proof. intros Hi Hj. unfold times. rewrite ent_build by auto. rewrite (val_idot n).
  - apply sum_ext; intros k Hk. f_equal. change (ent (transposed n N) j k = ent N k j). apply ent_transposed; auto.
  - unfold transposed. rewrite row_build, map_length, seq_length by auto. lia. Qed.

(** an integer matrix, converted once *)
Definition input n (rows : list (list Z)) : list (list I) := build n n (fun i j => of_Z (zent rows i j)).
Lemma ent_input n rows i j : (i < n)%nat -> (j < n)%nat -> ent (input n rows) i j = IZR (zent rows i j).
Proof. intros Hi Hj. unfold input. rewrite ent_build by auto. apply val_of. Qed.
End Arithmetic.
Arguments val {_}. Arguments imin {_}. Arguments imax {_}. Arguments total {_}. Arguments idot {_}. Arguments sum_abs {_}.
Arguments get {_}. Arguments ent {_}. Arguments transposed {_}. Arguments times {_}.

(** [forallb] over the indices below n *)
Lemma forallb_seq n p : forallb p (seq 0 n) = true -> forall i, (i < n)%nat -> p i = true.
Proof. rewrite forallb_forall. intros H i Hi. apply H, in_seq. lia. Qed.
