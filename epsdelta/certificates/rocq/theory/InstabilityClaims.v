(** The negative claims of a game's certificate: a step at which play does not converge, no common step at which it does, an unstable
    equilibrium, no metric of a structure. Each has a statement in words of the game, a check that the prover computes, and a proof that the
    check suffices. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Expressions Monotone Step Projection Banach Convergence Integers Definite Corners Affine Enclosure EnclosureInstances
  Game GameChecks
  MetricClaims Values Instability InstabilityChecks NoMetric UnstableEquilibrium UnstableEquilibriumChecks.
Import ListNotations.
Open Scope R_scope.

(** costs and field are defined at x, and a field given by costs is that of their partial derivatives there *)
Definition posed_at (g : game) (x : vec) : Prop := (forall f, In f (user_trees g) -> good f x) /\ match rule g with
  | Costs cs => forall i, (i < dim g)%nat -> let cost := cost_of (owners 0 (players g)) cs i in
      derivable_pt_lim (fun s => rval cost (replace x i s)) (x i) (play g x i)
  | _ => True end.
(** nobody is constrained *)
Definition unconstrained (g : game) : Prop := forall p, In p (players g) -> kind p = Free.
(** no point attracts every start of gradient play with steps hs, one per coordinate; the game's region plays no part *)
Definition no_common_limit (g : game) (hs : vec) : Prop :=
  ~ exists p, forall x, converges (dim g) (orbit (step hs (play g)) x) p.
(** the player of a coordinate *)
Definition player_of (g : game) (i : nat) : nat := nth i (owners 0 (players g)) O.

(** ** Statements *)
(** nobody is constrained, and gradient play with these steps does not converge to one point from all starts *)
Definition unstable_step_game (g : game) (hs : vector) : Prop := unconstrained g /\ (forall x, posed_at g x) /\
  player_steps (players g) (vect hs) /\ no_common_limit g (vect hs).
(** nobody is constrained, and no step common to all players makes gradient play converge to one point from all starts *)
Definition unstable_flow_game (g : game) : Prop := unconstrained g /\ (forall x, posed_at g x) /\
  forall h, 0 < h -> no_common_limit g (fun _ => h).
(** The cube of radius r around c lies in the region and has exactly one zero of the field. As close to it as you like there are starts in the
    cube from which (projected) gradient play leaves the cube. *)
Definition unstable_zero_game (g : game) (hs c : vector) (r : R) : Prop :=
  let K : region := fun x => forall i, (i < dim g)%nat -> Rabs (x i - vect c i) <= r in
  (forall x, K x -> domain g x /\ posed_at g x) /\ player_steps (players g) (vect hs) /\
  exists z, K z /\ zero (dim g) (play g) z /\ (forall y, K y -> zero (dim g) (play g) y -> same (dim g) y z) /\
  forall Pi, projection_of g Pi -> forall eps, 0 < eps ->
  exists y, (forall i, (i < dim g)%nat -> Rabs (y i - z i) < eps) /\ K y /\ exists k, ~ K (orbit (projected_step g Pi hs) y k).
(** Rosen's condition fails for all weights: in no metric blkdiag(r_i I), one r_i >= 0 per player, is the field strictly monotone on the region *)
Definition no_player_weights_game (g : game) : Prop :=
  ~ exists r : vec, (forall i, (i < length (players g))%nat -> 0 <= r i) /\
    strictly_monotone_on (dim g) (player_metric (player_of g) r) (domain g) (play g).
(** in no metric P = blkdiag(P_i), one symmetric P_i >= 0 per player, is the field strictly monotone on the region *)
Definition no_block_metric_game (g : game) : Prop :=
  ~ exists P, (forall a b, (a < dim g)%nat -> (b < dim g)%nat -> P a b = P b a) /\ psd (dim g) P /\
    respects_blocks (dim g) (player_of g) P /\ strictly_monotone_on (dim g) P (domain g) (play g).

(** ** A field with an exact matrix is affine everywhere, whatever the region *)
Definition confined_to (g : game) (l : option box) : game := Game (players g) (rule g) l.
Lemma exact_anywhere ar g A l : cover_check ar g (Exact A) = true -> cover_check ar (confined_to g l) (Exact A) = true.
Proof. unfold cover_check. change (rule (confined_to g l)) with (rule g). destruct (rule g); intros H; exact H. Qed.
Lemma exact_affine ar g A : cover_check ar g (Exact A) = true ->
  (forall x, posed_at g x) /\ affine_on (dim g) whole_space (mat A) (play g).
Proof. intros H. apply (exact_anywhere ar g A None) in H. destruct (cover_sound ar _ _ H) as [W [HF [HJ _]]]. split.
  - intros x. exact (W x I).
  - apply constant_jacobian_affine; [intros x y t _ _ _; exact I|exact HF|exact HJ]. Qed.
Lemma unconstrained_sound g : all_free (players g) = true -> unconstrained g.
Proof. unfold all_free. rewrite forallb_forall. intros H p Hp. specialize (H p Hp). unfold is_free in H. destruct (kind p); auto; discriminate. Qed.

(** ** Steps *)
(** A, the steps, a form Q with (I - HA)'Q(I - HA) >= s Q, s >= 1, and a vector z with z'Qz > 0 *)
Definition unstable_step_game_check (ar : arithmetic) (g : game) (c : cover) (hs : vector) (Q : matrix) (z : vector) (s : ratio) (fs : list factor) : bool :=
  all_free (players g) && steps_check (players g) hs && match c, fs with
  | Exact A, [f] => unstable_step_check (numbers ar) (dim g) A hs Q z (fst s) (snd s) f | _, _ => false end.
Theorem unstable_step_game_sound ar g c hs Q z s fs : cover_check ar g c = true -> unstable_step_game_check ar g c hs Q z s fs = true ->
  unstable_step_game g hs.
Proof. intros Cov. unfold unstable_step_game_check. rewrite !andb_true_iff. intros [[Fr St] K].
  destruct c as [A|t]; [|discriminate]. destruct fs as [|f [|f' fs]]; try discriminate.
  destruct (exact_affine ar g A Cov) as [W Af]. split; [apply unconstrained_sound; auto|]. split; [exact W|]. split; [apply steps_sound; auto|].
  exact (unstable_step_check_sound _ _ _ _ _ _ _ _ _ _ K Af). Qed.

(** A, a form Q with -(QA + A'Q) >= s Q, s >= 0, and a vector z with z'Qz > 0 *)
Definition unstable_flow_game_check (ar : arithmetic) (g : game) (c : cover) (Q : matrix) (z : vector) (s : ratio) (fs : list factor) : bool :=
  all_free (players g) && match c, fs with
  | Exact A, [f] => unstable_flow_check (numbers ar) (dim g) A Q z (fst s) (snd s) f | _, _ => false end.
Theorem unstable_flow_game_sound ar g c Q z s fs : cover_check ar g c = true -> unstable_flow_game_check ar g c Q z s fs = true ->
  unstable_flow_game g.
Proof. intros Cov. unfold unstable_flow_game_check. rewrite !andb_true_iff. intros [Fr K].
  destruct c as [A|t]; [|discriminate]. destruct fs as [|f [|f' fs]]; try discriminate.
  destruct (exact_affine ar g A Cov) as [W Af]. split; [apply unconstrained_sound; auto|]. split; [exact W|].
  exact (unstable_flow_check_sound _ _ _ _ _ _ _ _ _ K Af). Qed.

(** ** No metric *)
Definition interior_check (g : game) : bool := match limits g with
  | Some b => upto (dim g) (fun i => fst (side b i) <? snd (side b i))%Z | None => true end.
Lemma interior_sound g : interior_check g = true -> has_interior (dim g) (domain g).
Proof. unfold interior_check, domain. destruct (limits g) as [b|]; intros H; [|exact (whole_space_interior _)].
  apply box_interior. intros i Hi. pose proof (upto_sound _ _ H i Hi) as E. cbv beta in E. apply Z.ltb_lt, IZR_lt in E.
  unfold low, high. fold (side b i). rewrite !rat_div. unfold Rdiv. apply Rmult_lt_compat_r; auto. apply Rinv_0_lt_compat, den_pos. Qed.
Lemma affine_less n (X Y : region) A F : (forall x, Y x -> X x) -> affine_on n X A F -> affine_on n Y A F.
Proof. intros S H x y Hx Hy. apply H; auto. Qed.

(** the dual matrix Z as weights and integer vectors, tr((AZ)_ii) <= 0 for every player *)
Definition no_player_weights_game_check (ar : arithmetic) (g : game) (c : cover) (dual : list (Z * list Z)) : bool :=
  interior_check g && match c with
  | Exact A => no_player_metric_check (numbers ar) (dim g) A (owners 0 (players g)) (length (players g)) dual | _ => false end.
Theorem no_player_weights_game_sound ar g c dual : cover_check ar g c = true -> no_player_weights_game_check ar g c dual = true ->
  no_player_weights_game g.
Proof. intros Cov. unfold no_player_weights_game_check. rewrite andb_true_iff. intros [In K]. destruct c as [A|t]; [|discriminate].
  destruct (exact_affine ar g A Cov) as [_ Af].
  exact (no_player_metric_check_sound _ _ _ _ _ _ _ _ K (interior_sound g In) (affine_less _ _ _ _ _ (fun _ _ => I) Af)). Qed.
(** the dual matrix Z, and squares that add up to a multiple of -(AZ + ZA')_ii for every player *)
Definition no_block_metric_game_check (ar : arithmetic) (g : game) (c : cover) (dual : list (Z * list Z)) (rest : factor) : bool :=
  interior_check g && match c with
  | Exact A => no_block_metric_check (numbers ar) (dim g) A (owners 0 (players g)) dual rest | _ => false end.
Theorem no_block_metric_game_sound ar g c dual rest : cover_check ar g c = true -> no_block_metric_game_check ar g c dual rest = true ->
  no_block_metric_game g.
Proof. intros Cov. unfold no_block_metric_game_check. rewrite andb_true_iff. intros [In K]. destruct c as [A|t]; [|discriminate].
  destruct (exact_affine ar g A Cov) as [_ Af].
  exact (no_block_metric_check_sound _ _ _ _ _ _ _ _ K (interior_sound g In) (affine_less _ _ _ _ _ (fun _ _ => I) Af)). Qed.

(** ** An unstable equilibrium *)
(** the cube of radius r around c as a box *)
Definition cube_box n (c : vector) (r : ratio) : box := Box (vec_den c * snd r) (tabulate n (fun i =>
  let m := (nth i (vec_entries c) 0 * Zpos (snd r))%Z in let w := (fst r * Zpos (vec_den c))%Z in ((m - w)%Z, (m + w)%Z))).
Definition is_simplex (p : player) : bool := match kind p with Simplex _ _ => true | _ => false end.
(** the cube lies in the interior of the region, or there is none and nobody is constrained *)
Definition cube_ok (g : game) (c : vector) (r : ratio) : bool := match limits g with
  | Some L => forallb (fun p => negb (is_simplex p)) (players g) && cube_inside (dim g) true c (fst r) (snd r) L
  | None => all_free (players g) end.
(** V encloses F(c), the cover is one hull of the Jacobian on the cube; the rest as in UnstableEquilibriumChecks.v *)
Definition unstable_zero_game_check (ar : arithmetic) (g : game) (hs c : vector) (r : ratio) (k : cover) (V : box) (Y Y' Q : matrix) (s : ratio)
    (z : vector) (w : witness) : bool :=
  let b := cube_box (dim g) c r in let near := confined_to g (Some b) in
  steps_check (players g) hs && cube_ok g c r && cover_check ar near k && value_ok ar g c V && match hulls near k with
  | [H] => unstable_equilibrium_check (numbers ar) (dim g) c (fst r) (snd r) b H V Y Y' hs Q (fst s) (snd s) z w | _ => false end.

Lemma cube_ok_domain g c r : cube_ok g c r = true -> forall x, cube (dim g) (vect c) (fun _ => real r) x -> domain g x.
Proof. unfold cube_ok, domain. destruct (limits g) as [L|]; intros H x Hx; [|exact I].
  apply andb_true_iff in H. destruct H as [_ H]. exact (cube_in_box _ _ _ _ _ _ H x Hx). Qed.
(** a projected step that ends in the cube is a plain step *)
Lemma cube_ok_projection g c r Pi : cube_ok g c r = true -> projection_of g Pi ->
  forall x, cube (dim g) (vect c) (fun _ => real r) (Pi x) -> same (dim g) (Pi x) x.
Proof. unfold cube_ok, projection_of, strategy_box. destruct (limits g) as [L|]; intros H HP.
  - apply andb_true_iff in H. destruct H as [Ns H]. refine (projection_fixes (dim g) (players g) L Pi c _ _ eq_refl _ HP H).
    intros o p Hp. rewrite forallb_forall in Ns. specialize (Ns p (placed_in _ _ _ _ Hp)). unfold is_simplex in Ns.
    destruct (kind p); auto; discriminate.
  - intros x _ i Hi. destruct (placed_covers (players g) 0 i Hi) as [o [p [j [Hp [Hj E]]]]]. simpl in E. subst i.
    pose proof (HP x o p Hp) as K. unfold projects_block in K. rewrite (all_free_sound _ H o p Hp) in K. auto. Qed.

Theorem unstable_zero_game_sound ar g hs c r k V Y Y' Q s z w : unstable_zero_game_check ar g hs c r k V Y Y' Q s z w = true ->
  unstable_zero_game g hs c (real r).
Proof. unfold unstable_zero_game_check. cbv zeta. set (b := cube_box (dim g) c r). rewrite !andb_true_iff. intros [[[[St Ok] Cov] Val] K].
  destruct (hulls (confined_to g (Some b)) k) as [|H [|H' hs']] eqn:Eh; try discriminate.
  destruct (cover_sound ar _ _ Cov) as [W [HF [HJ HC]]]. rewrite Eh in HC.
  assert (Inside : forall x, cube (dim g) (vect c) (fun _ => real r) x -> in_box (dim g) b x).
  { unfold unstable_equilibrium_check in K. rewrite !andb_true_iff in K. destruct K as [[[[[Hb _] _] _] _] _].
    exact (cube_in_box _ _ _ _ _ _ Hb). }
  destruct (unstable_equilibrium_check_sound (numbers ar) _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ (play g) (jacobian (confined_to g (Some b)) k) K HF HJ)
    as [x [Hx [Zx [Ux Lv]]]].
  - intros y Hy. destruct (HC y Hy) as [H' [HI HH]]. destruct HI as [<-|[]]. exact HH.
  - exact (value_ok_sound ar g c V Val).
  - split; [|split].
    + intros y Hy. split; [exact (cube_ok_domain g c r Ok y Hy)|exact (W y (Inside y Hy))].
    + apply steps_sound; auto.
    + exists x. split; [intros i Hi; left; exact (Hx i Hi)|]. split; [exact Zx|]. split; [exact Ux|].
      intros Pi HP. apply (Lv (projected_step g Pi hs)). intros y _ Ky. exact (cube_ok_projection g c r Pi Ok HP _ Ky). Qed.
