(** Fields on R^n, their Jacobian along segments, enclosures of it, and what one mean value gives.
    This file is the seam: Enclosure.v proves [jacobian_on] and [covered] for expression trees, the claims use nothing else. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums.
Import ListNotations.
Open Scope R_scope.

Definition vec := nat -> R.
Definition region := vec -> Prop.
(** p/q; an integer where q = 1, so that plain restatements read well *)
Definition rat (p : Z) (q : positive) : R := match q with xH => IZR p | _ => IZR p / IZR (Zpos q) end.
Lemma rat_div p q : rat p q = IZR p / IZR (Zpos q).
Proof. unfold rat; destruct q; auto. unfold Rdiv. rewrite Rinv_1, Rmult_1_r. reflexivity. Qed.

Definition between (y x : vec) (t : R) : vec := fun i => y i + t * (x i - y i).
Definition convex (X : region) := forall x y t, X x -> X y -> 0 <= t <= 1 -> X (between y x t).
Definition minus (x y : vec) : vec := fun i => x i - y i.
(** vectors that agree in their first n entries are the same point *)
Definition same n (x y : vec) := forall i, (i < n)%nat -> x i = y i.
Definition extensional n (F : vec -> vec) := forall x y, same n x y -> same n (F x) (F y).
Definition closed_under n (X : region) := forall x y, same n x y -> X x -> X y.

(** J is the derivative of F along every segment of X *)
Definition jacobian_on n (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R) :=
  forall x y, X x -> X y -> forall i, (i < n)%nat -> forall t, 0 <= t <= 1 ->
  derivable_pt_lim (fun s => F (between y x s) i) t (sum n (fun j => J (between y x t) i j * (x j - y j))).

(** ** Boxes with rational corners over one denominator *)
Record box := Box { box_den : positive; sides : list (Z * Z) }.
Definition low (b : box) i := rat (fst (nth i (sides b) (0, 0)%Z)) (box_den b).
Definition high (b : box) i := rat (snd (nth i (sides b) (0, 0)%Z)) (box_den b).
Definition in_box n (b : box) : region := fun x => forall i, (i < n)%nat -> low b i <= x i <= high b i.
Lemma in_box_convex n b : convex (in_box n b).
Proof. intros x y t Hx Hy Ht i Hi. specialize (Hx i Hi). specialize (Hy i Hi). unfold between. nra. Qed.
Lemma in_box_closed_under n b : closed_under n (in_box n b).
Proof. intros x y E H i Hi. rewrite <- (E i Hi). auto. Qed.

(** ** Hulls: a rational interval for each entry of the Jacobian *)
Record hull := Hull { hull_den : positive; entries : list (list (Z * Z)) }.
Definition entry (H : hull) i j := nth j (nth i (entries H) []) (0, 0)%Z.
Definition in_hull n (H : hull) (A : nat -> nat -> R) := forall i j, (i < n)%nat -> (j < n)%nat ->
  rat (fst (entry H i j)) (hull_den H) <= A i j <= rat (snd (entry H i j)) (hull_den H).
Definition covered n (X : region) (J : vec -> nat -> nat -> R) (hs : list hull) :=
  forall z, X z -> exists H, In H hs /\ in_hull n H (J z).

(** rational matrices: integer rows over one denominator *)
Record matrix := Matrix { mat_den : positive; mat_rows : list (list Z) }.
Definition mat (M : matrix) i j : R := rat (nth j (nth i (mat_rows M) []) 0%Z) (mat_den M).
Record vector := Vector { vec_den : positive; vec_entries : list Z }.
Definition vect (v : vector) : vec := fun i => rat (nth i (vec_entries v) 0%Z) (vec_den v).

(** ** One mean value: for any weights c, sum_i c_i (F_i(x) - F_i(y)) = sum_i c_i (J(z)(x-y))_i at a point z of the segment *)
Lemma derivable_sum n (G G' : nat -> R -> R) c t :
  (forall i, (i < n)%nat -> derivable_pt_lim (G i) t (G' i t)) ->
  derivable_pt_lim (fun s => sum n (fun i => c i * G i s)) t (sum n (fun i => c i * G' i t)).
Proof. induction n; simpl; intros H.
  - apply derivable_pt_lim_const.
  - apply (derivable_pt_lim_plus (fun s => sum n (fun i => c i * G i s)) (fun s => c n * G n s)).
    + apply IHn; intros; apply H; lia.
    + apply (derivable_pt_lim_scal (G n)). apply H; lia. Qed.

Lemma between_0 x y i : between y x 0 i = y i. Proof. unfold between; ring. Qed.
Lemma between_1 x y i : between y x 1 i = x i. Proof. unfold between; ring. Qed.

Theorem mean_value n X F J : convex X -> extensional n F -> jacobian_on n X F J ->
  forall x y (c : vec), X x -> X y -> exists z, X z /\
  sum n (fun i => c i * (F x i - F y i)) = sum n (fun i => c i * mv n (J z) (minus x y) i).
Proof. intros HX HF HJ x y c Hx Hy.
  destruct (MVT_cor2 (fun s => sum n (fun i => c i * F (between y x s) i))
    (fun t => sum n (fun i => c i * sum n (fun j => J (between y x t) i j * (x j - y j)))) 0 1) as [t [Ht Hin]].
  { lra. }
  { intros t Ht. apply (derivable_sum n (fun i s => F (between y x s) i)
      (fun i t => sum n (fun j => J (between y x t) i j * (x j - y j)))). intros i Hi. apply HJ; auto. }
  exists (between y x t). split. { apply HX; auto; lra. }
  rewrite (sum_ext n (fun i => c i * (F x i - F y i)) (fun i => c i * F (between y x 1) i - c i * F (between y x 0) i)).
  - rewrite sum_minus, Ht. rewrite Rminus_0_r, Rmult_1_r. reflexivity.
  - intros i Hi. assert (E1 : same n x (between y x 1)) by (intros k Hk; rewrite between_1; auto).
    assert (E0 : same n y (between y x 0)) by (intros k Hk; rewrite between_0; auto).
    rewrite (HF _ _ E1 i Hi), (HF _ _ E0 i Hi). ring. Qed.

(** row by row, with a different point for each row: enough where the enclosure is entrywise *)
Theorem mean_value_rows n X F J : convex X -> extensional n F -> jacobian_on n X F J ->
  forall H, (forall z, X z -> in_hull n H (J z)) -> forall x y, X x -> X y ->
  exists A, in_hull n H A /\ same n (minus (F x) (F y)) (mv n A (minus x y)).
Proof. intros HX HF HJ H Hh x y Hx Hy.
  assert (R : forall m, (m <= n)%nat -> exists A, (forall i j, (i < m)%nat -> (j < n)%nat ->
     rat (fst (entry H i j)) (hull_den H) <= A i j <= rat (snd (entry H i j)) (hull_den H)) /\
     same m (minus (F x) (F y)) (mv n A (minus x y))).
  { induction m; intros Hm.
    - exists (fun _ _ => 0). split; [intros; lia|intros i Hi; lia].
    - destruct IHm as [A [HA Es]]; [lia|].
      destruct (mean_value n X F J HX HF HJ x y (fun i => if Nat.eqb i m then 1 else 0) Hx Hy) as [z [Hz E]].
      rewrite !sum_delta in E by lia.
      exists (fun i => if Nat.eqb i m then J z m else A i). split.
      + intros i j Hi Hj. destruct (Nat.eqb_spec i m) as [->|Ne].
        * apply (Hh z Hz); auto; lia.
        * apply HA; auto; lia.
      + intros i Hi. unfold minus at 1. unfold mv. destruct (Nat.eqb_spec i m) as [->|Ne].
        * rewrite E. reflexivity.
        * apply (Es i); lia. }
  destruct (R n (Nat.le_refl n)) as [A [HA Es]]. exists A. split; auto. Qed.
