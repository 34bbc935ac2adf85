(** A game's data fit together: as many costs as players, rows of full length, a box for every coordinate, and a projection that exists. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Expressions Projection Definite Game GameChecks MetricClaims.
Import ListNotations.
Open Scope R_scope.

(** Nothing is missing and nothing is left over, so that no entry is read as the default 0; the region has lower ends below upper ends, only
    free players do without a region, and projecting each player on its strategies is possible. *)
Definition well_formed (g : game) : Prop :=
  players g <> [] /\ (forall p, In p (players g) -> (0 < size p)%nat) /\
  match rule g with
  | Linear A b => length (mat_rows A) = dim g /\ (forall r, In r (mat_rows A) -> length r = dim g) /\ length (vec_entries b) = dim g
  | Gradients fs => length fs = dim g
  | Costs cs => length cs = length (players g) end /\
  match limits g with
  | None => forall p, In p (players g) -> kind p = Free
  | Some b => length (sides b) = dim g /\ forall i, (i < dim g)%nat -> low b i <= high b i end /\
  exists Pi, projection_of g Pi.

Definition well_formed_check (g : game) : bool :=
  negb (Nat.eqb (length (players g)) 0) && forallb (fun p => Nat.ltb 0 (size p)) (players g) &&
  match rule g with
  | Linear A b => Nat.eqb (length (mat_rows A)) (dim g) && forallb (fun r => Nat.eqb (length r) (dim g)) (mat_rows A) && Nat.eqb (length (vec_entries b))
    (dim g)
  | Gradients fs => Nat.eqb (length fs) (dim g)
  | Costs cs => Nat.eqb (length cs) (length (players g)) end &&
  match limits g with
  | None => all_free (players g)
  | Some b => Nat.eqb (length (sides b)) (dim g) && upto (dim g) (fun i => fst (side b i) <=? snd (side b i))%Z end &&
  playable (players g) (strategy_box g).

Theorem well_formed_sound g : well_formed_check g = true -> well_formed g.
Proof. unfold well_formed_check, well_formed. rewrite !andb_true_iff, negb_true_iff, Nat.eqb_neq, !forallb_forall. intros [[[[N S] L] B] P].
  split; [intros E; rewrite E in N; apply N; reflexivity|]. split; [intros p Hp; apply Nat.ltb_lt, S, Hp|]. split; [|split].
  - destruct (rule g) as [A b|fs|cs].
    + rewrite !andb_true_iff, forallb_forall, !Nat.eqb_eq in L. destruct L as [[L1 L2] L3]. repeat split; auto. intros r Hr. apply Nat.eqb_eq, L2, Hr.
    + apply Nat.eqb_eq, L.
    + apply Nat.eqb_eq, L.
  - destruct (limits g) as [b|].
    + rewrite andb_true_iff, Nat.eqb_eq in B. destruct B as [B1 B2]. split; auto. intros i Hi. pose proof (upto_sound _ _ B2 i Hi) as E. cbv beta in E.
      apply Z.leb_le, IZR_le in E. unfold low, high. fold (side b i). rewrite !rat_div. unfold Rdiv. apply Rmult_le_compat_r; auto.
      left. apply Rinv_0_lt_compat, den_pos.
    + intros p Hp. unfold all_free in B. rewrite forallb_forall in B. specialize (B p Hp). unfold is_free in B. destruct (kind p); auto; discriminate.
  - exists (project (players g) (strategy_box g)). apply project_projects, playable_sound, P. Qed.
