(** A game as data - players, costs or field as expressions, region - and what an accepted enclosure of its Jacobian gives. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Affine Projection Integers Definite Enclosure EnclosureInstances
  RationalEnclosure.
Import ListNotations.
Open Scope R_scope.

(** ** Arithmetic that the checks run in: integers and intervals *)
Record arithmetic := Arithmetic {
  numbers : integers;
  tree_ok : nat -> list expr -> list expr -> tree -> box -> bool;
  values_ok : nat -> list expr -> box -> box -> bool;
  tree_ok_sound : forall n fs extra t b, tree_ok n fs extra t b = true ->
    covered n (in_box n b) (jac fs) (leaves t) /\ (forall z, in_box n b z -> forall f, In f (fs ++ extra) -> good f z) /\
    jacobian_on n (in_box n b) (field fs) (jac fs) /\ extensional n (field fs);
  values_ok_sound : forall n fs b V, values_ok n fs b V = true -> forall z, in_box n b z ->
    (forall f, In f fs -> good f z) /\ in_box n V (field fs z) }.
(** rational intervals only: fields without elementary functions; nothing of the interval library is used *)
Definition rational (ar : integers) : arithmetic.
Proof. refine (Arithmetic ar rational_tree_check (fun _ _ _ _ => false) rational_tree_sound _). intros; discriminate. Defined.
Lemma either_sound (f g : nat -> list expr -> list expr -> tree -> box -> bool) (S : nat -> list expr -> list expr -> tree -> box -> Prop) :
  (forall n fs extra t b, f n fs extra t b = true -> S n fs extra t b) -> (forall n fs extra t b, g n fs extra t b = true -> S n fs extra t b) ->
  forall n fs extra t b, (if f n fs extra t b then true else g n fs extra t b) = true -> S n fs extra t b.
Proof. intros Hf Hg n fs extra t b H. destruct (f n fs extra t b) eqn:E; auto. Qed.
(** integers of the standard library: no axioms but those of the reals; [bits] of precision for intervals *)
Definition standard (bits : positive) : arithmetic :=
  Arithmetic plain (fun n fs extra t b => if rational_tree_check n fs extra t b then true else EncZ.tree_check (EncZ.bits bits) n fs extra t b)
    (EncZ.value_check (EncZ.bits bits)) (either_sound _ _ _ rational_tree_sound (EncZ.tree_sound _)) (EncZ.value_sound _).
(** integers of 63-bit machine words: faster, trusts the prover's machine words *)
Definition machine (bits : positive) : arithmetic :=
  Arithmetic big (fun n fs extra t b => if rational_tree_check n fs extra t b then true else EncB.tree_check (EncB.bits bits) n fs extra t b)
    (EncB.value_check (EncB.bits bits)) (either_sound _ _ _ rational_tree_sound (EncB.tree_sound _)) (EncB.value_sound _).

(** ** Games *)
Inductive law :=
| Linear (A : matrix) (b : vector)  (** F(x) = A x + b *)
| Gradients (fs : list expr)        (** F_i given *)
| Costs (cs : list expr).           (** one cost per player; F_i is the derivative of the cost of the owner of coordinate i *)
Record game := Game { players : list player; rule : law; limits : option box }.

Definition dim (g : game) : nat := dimension (players g).
Fixpoint owners (k : nat) (ps : list player) : list nat := match ps with [] => [] | p :: ps => repeat k (size p) ++ owners (S k) ps end.
Definition trees (g : game) : list expr := match rule g with
  | Linear _ _ => [] | Gradients fs => fs | Costs cs => field_of (dim g) (owners 0 (players g)) cs end.
(** the field F of the game *)
Definition play (g : game) : vec -> vec := match rule g with
  | Linear A b => fun x i => sum (dim g) (fun j => mat A i j * x j) + vect b i | _ => field (trees g) end.
Definition domain (g : game) : region := match limits g with Some b => in_box (dim g) b | None => fun _ => True end.
Definition user_trees (g : game) : list expr := match rule g with Linear _ _ => [] | Gradients fs => fs | Costs cs => cs end.

(** Costs and field are defined on the region, and a field given by costs is that of their partial derivatives. *)
Definition well_posed (g : game) : Prop := forall x, domain g x ->
  (forall f, In f (user_trees g) -> good f x) /\
  match rule g with
  | Costs cs => forall i, (i < dim g)%nat -> let cost := cost_of (owners 0 (players g)) cs i in
      derivable_pt_lim (fun s => rval cost (replace x i s)) (x i) (play g x i)
  | _ => True end.

Lemma domain_convex g : convex (domain g).
Proof. unfold domain. destruct (limits g); [apply in_box_convex|]. intros x y t _ _ _. exact I. Qed.
Lemma domain_closed g : closed_under (dim g) (domain g).
Proof. unfold domain. destruct (limits g); [apply in_box_closed_under|]. intros x y _ _. exact I. Qed.

(** ** Enclosures of the Jacobian: one exact matrix for an affine field, otherwise a hull on each leaf of a split tree *)
Inductive cover := Exact (A : matrix) | Tree (t : tree).
Definition exact_hull n (A : matrix) : hull :=
  Hull (mat_den A) (tabulate n (fun i => tabulate n (fun j => let e := nth j (nth i (mat_rows A) []) 0%Z in (e, e)))).
Definition hulls (g : game) (c : cover) : list hull := match c with Exact A => [exact_hull (dim g) A] | Tree t => leaves t end.

Definition row_is n (A : matrix) i (e : expr) : bool := wf n e && match affine n e with
  | Some u => forallb (fun j => Qeq_bool (nth j (fst u) 0%Q) (nth j (nth i (mat_rows A) []) 0%Z # mat_den A)) (seq 0 n) | None => false end.
Definition same_entries n (A B : matrix) : bool := forallb (fun i => forallb (fun j =>
  Z.eqb (nth j (nth i (mat_rows A) []) 0%Z * Zpos (mat_den B))%Z (nth j (nth i (mat_rows B) []) 0%Z * Zpos (mat_den A))%Z) (seq 0 n)) (seq 0 n).

(** what an accepted cover checks *)
Definition cover_check (ar : arithmetic) (g : game) (c : cover) : bool := let n := dim g in
  match c, rule g, limits g with
  | Exact A, Linear B _, _ => same_entries n A B
  | Exact A, _, _ => Nat.eqb (length (trees g)) n && forallb (fun i => row_is n A i (comp (trees g) i)) (seq 0 n) &&
      forallb (always_good n) (user_trees g) && forallb (wf n) (user_trees g)
  | Tree _, Linear _ _, _ => false
  | Tree t, _, Some b => forallb (wf n) (user_trees g) && tree_ok ar n (trees g) (user_trees g) t b
  | Tree _, _, None => false end.
Definition jacobian (g : game) (c : cover) : vec -> nat -> nat -> R := match c with Exact A => fun _ => mat A | Tree _ => jac (trees g) end.

Lemma forallb_seq n f : forallb f (seq 0 n) = true -> forall i, (i < n)%nat -> f i = true.
Proof. rewrite forallb_forall. intros H i Hi. apply H, in_seq. lia. Qed.
Lemma Q2R_rat p q : Q2R (p # q) = rat p q.
Proof. rewrite rat_div. reflexivity. Qed.

Lemma row_is_sound n A i e : row_is n A i e = true ->
  forall x, good e x /\ (exists d, forall y, rval e y = sum n (fun j => mat A i j * y j) + d) /\ forall j, (j < n)%nat -> rgrad e x j = mat A i j.
Proof. unfold row_is. rewrite andb_true_iff. intros [W H] x. destruct (affine n e) as [u|] eqn:E; [|discriminate].
  assert (C : forall j, (j < n)%nat -> Q2R (nth j (fst u) 0%Q) = mat A i j).
  { intros j Hj. pose proof (forallb_seq _ _ H j Hj) as K. cbv beta in K. apply Qeq_bool_iff, Qeq_eqR in K. rewrite K. apply Q2R_rat. }
  split; [apply (affine_sound n e u W E x)|]. split.
  - exists (Q2R (snd u)). intros y. destruct (affine_sound n e u W E y) as [_ [V _]]. rewrite V. unfold affine_value. f_equal.
    apply sum_ext; intros j Hj. rewrite C by auto. reflexivity.
  - intros j Hj. destruct (affine_sound n e u W E x) as [_ [_ D]]. rewrite D, C by auto. reflexivity. Qed.

Lemma exact_hull_sound n A : in_hull n (exact_hull n A) (mat A).
Proof. intros i j Hi Hj. unfold exact_hull, entry; cbn [hull_den entries]. rewrite nth_tabulate, nth_tabulate by auto. cbn [fst snd].
  unfold mat. lra. Qed.
Lemma in_hull_ext n H A B : (forall i j, (i < n)%nat -> (j < n)%nat -> A i j = B i j) -> in_hull n H A -> in_hull n H B.
Proof. intros E HA i j Hi Hj. rewrite <- E by auto. auto. Qed.
Lemma same_entries_sound n A B : same_entries n A B = true -> forall i j, (i < n)%nat -> (j < n)%nat -> mat A i j = mat B i j.
Proof. intros H i j Hi Hj. pose proof (forallb_seq _ _ (forallb_seq _ _ H i Hi) j Hj) as E. cbv beta in E. apply Z.eqb_eq in E.
  unfold mat. rewrite !rat_div. apply (f_equal IZR) in E. rewrite !mult_IZR in E.
  assert (IZR (Zpos (mat_den A)) <> 0) by (apply not_0_IZR; discriminate).
  assert (IZR (Zpos (mat_den B)) <> 0) by (apply not_0_IZR; discriminate).
  apply Rmult_eq_reg_r with (IZR (Zpos (mat_den A)) * IZR (Zpos (mat_den B))).
  - field_simplify; auto. lra.
  - apply Rmult_integral_contrapositive_currified; auto. Qed.

(** an affine field has its matrix as derivative, everywhere *)
Lemma affine_jacobian n X (F : vec -> vec) (A : nat -> nat -> R) (d : vec) :
  (forall i, (i < n)%nat -> forall y, F y i = sum n (fun j => A i j * y j) + d i) -> jacobian_on n X F (fun _ => A).
Proof. intros H x y _ _ i Hi t _.
  assert (D : derivable_pt_lim (fun s => sum n (fun j => A i j * between y x s j) + d i) t (sum n (fun j => A i j * (x j - y j)))).
  { apply (derivable_as _ _ (sum n (fun j => A i j * (x j - y j)) + 0)); [|ring].
    apply (derivable_pt_lim_plus (fun s => sum n (fun j => A i j * between y x s j)) (fun _ => d i)); [|apply derivable_pt_lim_const].
    apply (derivable_sum n (fun j s => between y x s j) (fun j _ => x j - y j) (A i)). intros j Hj. unfold between.
    apply (derivable_as _ _ (0 + (1 * (x j - y j) + t * 0))); [|ring].
    apply (derivable_pt_lim_plus (fun _ => y j) (fun s => s * (x j - y j))); [apply derivable_pt_lim_const|].
    apply (derivable_pt_lim_mult (fun s => s) (fun _ => x j - y j)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const]. }
  intros eps He. destruct (D eps He) as [del Hd]. exists del. intros h Nh Bh. rewrite !H by auto. apply Hd; auto. Qed.
Lemma affine_extensional n (F : vec -> vec) (A : nat -> nat -> R) (d : vec) :
  (forall i, (i < n)%nat -> forall y, F y i = sum n (fun j => A i j * y j) + d i) -> extensional n F.
Proof. intros H x y E i Hi. rewrite !H by auto. f_equal. apply sum_ext; intros j Hj. rewrite E by auto. reflexivity. Qed.

Lemma costs_posed g cs : rule g = Costs cs -> forallb (wf (dim g)) cs = true -> forall x, (forall f, In f cs -> good f x) ->
  forall i, (i < dim g)%nat -> let cost := cost_of (owners 0 (players g)) cs i in
  derivable_pt_lim (fun s => rval cost (replace x i s)) (x i) (play g x i).
Proof. intros E W x G i Hi cost.
  assert (C : wf (dim g) cost = true /\ good cost x).
  { unfold cost, cost_of. destruct (nth_in_or_default (nth i (owners 0 (players g)) O) cs (Cst 0 1)) as [K| ->]; [|split; auto; exact I].
    rewrite forallb_forall in W. auto. }
  unfold play, trees. rewrite E. apply (field_of_costs (dim g) (owners 0 (players g)) cs i x Hi); apply C. Qed.

Theorem cover_sound ar g c : cover_check ar g c = true -> well_posed g /\ extensional (dim g) (play g) /\
  jacobian_on (dim g) (domain g) (play g) (jacobian g c) /\ covered (dim g) (domain g) (jacobian g c) (hulls g c).
Proof. unfold cover_check. intros H.
  assert (Trees : forall A, (forall B b, rule g <> Linear B b) -> Nat.eqb (length (trees g)) (dim g) &&
      forallb (fun i => row_is (dim g) A i (comp (trees g) i)) (seq 0 (dim g)) && forallb (always_good (dim g)) (user_trees g) &&
      forallb (wf (dim g)) (user_trees g) = true -> well_posed g /\ extensional (dim g) (play g) /\
      jacobian_on (dim g) (domain g) (play g) (jacobian g (Exact A)) /\ covered (dim g) (domain g) (jacobian g (Exact A)) (hulls g (Exact A))).
  { intros A N K. rewrite !andb_true_iff in K. destruct K as [[[_ Rows] Tot] W].
    assert (V : exists d : vec, forall i, (i < dim g)%nat -> forall y, play g y i = sum (dim g) (fun j => mat A i j * y j) + d i).
    { exists (fun i => play g (fun _ => 0) i). intros i Hi y.
      destruct (row_is_sound _ A i _ (forallb_seq _ _ Rows i Hi) y) as [_ [[d Hd] _]].
      assert (P : forall z, play g z i = rval (comp (trees g) i) z) by (intros z; unfold play; destruct (rule g) eqn:Eg; [destruct (N A0 b); auto | | ];
        reflexivity).
      rewrite !P, !Hd. rewrite (sum_ext (dim g) (fun j => mat A i j * 0) (fun _ => 0)) by (intros; ring). rewrite sum_zero. ring. }
    destruct V as [d Hd]. split; [|split; [|split]].
    - intros x _. assert (G : forall f, In f (user_trees g) -> good f x).
      { intros f Hf. apply (always_good_sound (dim g)). rewrite forallb_forall in Tot. auto. rewrite forallb_forall in W. auto. }
      split; auto. destruct (rule g) as [ | |cs] eqn:Eg; auto. apply (costs_posed g cs Eg); unfold user_trees in *; rewrite Eg in *; auto.
    - exact (affine_extensional _ _ _ d Hd).
    - exact (affine_jacobian _ _ _ _ d Hd).
    - intros z _. exists (exact_hull (dim g) A). split; [left; auto|apply exact_hull_sound]. }
  destruct c as [A|t].
  - destruct (rule g) as [B b|fs|cs] eqn:Eg.
    + assert (V : forall i, (i < dim g)%nat -> forall y, play g y i = sum (dim g) (fun j => mat A i j * y j) + vect b i).
      { intros i Hi y. unfold play. rewrite Eg. f_equal. apply sum_ext; intros j Hj. rewrite (same_entries_sound _ _ _ H) by auto. reflexivity. }
      split; [|split; [|split]].
      * intros x _. unfold user_trees. rewrite Eg. split; [intros f []|exact I].
      * exact (affine_extensional _ _ _ (vect b) V).
      * exact (affine_jacobian _ _ _ _ (vect b) V).
      * intros z _. exists (exact_hull (dim g) A). split; [left; auto|apply exact_hull_sound].
    + apply Trees; [discriminate|destruct (limits g); exact H].
    + apply Trees; [discriminate|destruct (limits g); exact H].
  - assert (K : exists b, limits g = Some b /\ forallb (wf (dim g)) (user_trees g) = true /\
        tree_ok ar (dim g) (trees g) (user_trees g) t b = true /\ (forall B d, rule g <> Linear B d)).
    { destruct (rule g) eqn:Eg; [discriminate| |]; destruct (limits g) as [b'|] eqn:El; try discriminate; exists b';
        apply andb_true_iff in H; destruct H; repeat split; auto; discriminate. }
    destruct K as [b [El [W [K N]]]]. destruct (tree_ok_sound ar _ _ _ _ _ K) as [Hc [Hg [Hj He]]].
    assert (P : play g = field (trees g)) by (unfold play; destruct (rule g) eqn:Eg; [destruct (N A b0); auto | | ]; reflexivity).
    unfold domain. rewrite El, P. split; [|repeat split; auto].
    intros x Hx. unfold domain in Hx. rewrite El in Hx.
    assert (G : forall f, In f (user_trees g) -> good f x) by (intros f Hf; apply (Hg x Hx), in_or_app; auto).
    split; auto. destruct (rule g) as [ | |cs] eqn:Eg; auto. apply (costs_posed g cs Eg); unfold user_trees in *; rewrite Eg in *; auto. Qed.
