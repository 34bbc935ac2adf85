(** The claims of a game's certificate that speak of a metric: strong monotonicity, a step that contracts, convergence, the equilibrium.
    Each has a statement (what is claimed, in words of the game), a check that the prover computes, and a proof that the check suffices. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Expressions Monotone Step Projection Banach Convergence Equilibrium Integers Definite Corners Family
  Enclosure Game GameChecks.
Import ListNotations.
Open Scope R_scope.

(** the region, or an empty box that only free players may ignore *)
Definition strategy_box (g : game) : box := match limits g with Some b => b | None => Box 1 [] end.
(** Pi projects every player on its own strategies; for free players it changes nothing *)
Definition projection_of (g : game) (Pi : vec -> vec) : Prop := projects (players g) (strategy_box g) Pi.
Definition profiles (g : game) : region := strategies (players g) (strategy_box g).
(** P is symmetric and positive definite *)
Definition definite (g : game) (P : matrix) : Prop := exists lam, metric (dim g) (mat P) lam.
(** one step of projected gradient play *)
Definition projected_step (g : game) (Pi : vec -> vec) (hs : vector) : vec -> vec := fun x => Pi (step (vect hs) (play g) x).

(** ** Statements *)
(** <F x - F y, x - y>_P >= a |x - y|_P^2 on the region, so that F has at most one zero there *)
Definition strongly_monotone_game (g : game) (P : matrix) (a : R) : Prop := definite g P /\ 0 < a /\
  monotone_on (dim g) (mat P) (domain g) (play g) a /\
  forall x y, domain g x -> domain g y -> zero (dim g) (play g) x -> zero (dim g) (play g) y -> same (dim g) x y.
(** one step of (projected) gradient play shrinks squared P-distances on the region by rho < 1 *)
Definition step_contracts_game (g : game) (P : matrix) (hs : vector) (rho : R) : Prop := definite g P /\ 0 <= rho < 1 /\
  player_steps (players g) (vect hs) /\
  forall Pi, projection_of g Pi -> contracts_on (dim g) (mat P) (domain g) (projected_step g Pi hs) rho.
(** the orbit from x stays in K and converges to z, squared P-distances to z shrinking by rho per step *)
Definition settles (g : game) (P : matrix) (K : region) (T : vec -> vec) (rho : R) (z : vec) : Prop := forall x, K x ->
  (forall k, K (orbit T x k) /\ dist2 (dim g) (mat P) (orbit T x k) z <= rho ^ k * dist2 (dim g) (mat P) x z) /\ converges (dim g) (orbit T x) z.
(** projected play converges from every strategy profile to the only solution of Nash's variational inequality *)
Definition converges_to_nash (g : game) (P : matrix) (hs : vector) (rho : R) : Prop := definite g P /\ 0 <= rho < 1 /\
  player_steps (players g) (vect hs) /\ forall Pi, projection_of g Pi ->
  exists z, nash (players g) (strategy_box g) (play g) z /\
    (forall w, nash (players g) (strategy_box g) (play g) w -> same (dim g) w z) /\ settles g P (profiles g) (projected_step g Pi hs) rho z.
(** nobody is constrained: play converges from every start to the only zero of the field *)
Definition converges_everywhere (g : game) (P : matrix) (hs : vector) (rho : R) : Prop := definite g P /\ 0 <= rho < 1 /\
  exists z, zero (dim g) (play g) z /\ (forall w, zero (dim g) (play g) w -> same (dim g) w z) /\
  settles g P whole (step (vect hs) (play g)) rho z.
(** nobody is constrained: play stays in the P-ball of radius r around c and converges to the only zero of the field in the region *)
Definition converges_in_ball (g : game) (P : matrix) (hs : vector) (rho : R) (c : vector) (r : R) : Prop := definite g P /\ 0 <= rho < 1 /\
  (forall x, ball (dim g) (mat P) (vect c) r x -> domain g x) /\
  exists z, zero (dim g) (play g) z /\ ball (dim g) (mat P) (vect c) r z /\
    (forall w, domain g w -> zero (dim g) (play g) w -> same (dim g) w z) /\
    settles g P (ball (dim g) (mat P) (vect c) r) (step (vect hs) (play g)) rho z.
(** the field has exactly one zero in the region, and it lies in the P-ball of radius r around c *)
Definition one_equilibrium (g : game) (P : matrix) (c : vector) (r : R) : Prop := definite g P /\
  exists z, domain g z /\ zero (dim g) (play g) z /\ ball (dim g) (mat P) (vect c) r z /\
    forall w, domain g w -> zero (dim g) (play g) w -> same (dim g) w z.

(** ** Checks *)
Fixpoint all2 {A B : Type} (f : A -> B -> bool) (l : list A) (m : list B) : bool := match l, m with
  | [], [] => true | a :: l', b :: m' => f a b && all2 f l' m' | _, _ => false end.
Lemma all2_sound A B (f : A -> B -> bool) l : forall m, all2 f l m = true -> forall a, In a l -> exists b, f a b = true.
Proof. induction l as [|x l IH]; intros [|b m] H a Ha; simpl in *; try discriminate; try easy. apply andb_true_iff in H. destruct H as [H1 H2].
  destruct Ha as [<-|Ha]; eauto. Qed.

Definition ratio := (Z * positive)%type.
Definition real (q : ratio) : R := rat (fst q) (snd q).
(** 0 <= q < 1 *)
Definition is_rate (q : ratio) : bool := (0 <=? fst q)%Z && (fst q <? Zpos (snd q))%Z.
Lemma is_rate_sound q : is_rate q = true -> 0 <= real q < 1.
Proof. unfold is_rate, real. rewrite andb_true_iff, Z.leb_le, Z.ltb_lt. intros [H1 H2]. rewrite rat_div. apply IZR_le in H1. apply IZR_lt in H2.
  pose proof (den_pos (snd q)) as Hd. split.
  - apply Rmult_le_pos; [auto|left; apply Rinv_0_lt_compat; auto].
  - apply Rmult_lt_reg_r with (IZR (Zpos (snd q))); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra. auto. Qed.

Definition metric_ok ar (g : game) (P : matrix) (lf : Z * factor) : bool := metric_check (numbers ar) (dim g) P (fst lf) (snd lf).
Lemma metric_ok_sound ar g P lf : metric_ok ar g P lf = true -> metric (dim g) (mat P) (rat (fst lf) (mat_den P)).
Proof. intros H. destruct (metric_check_sound _ _ _ _ _ H) as [S [L B]]. repeat split; auto. Qed.

Section Claims.
Variables (ar : arithmetic) (g : game) (c : cover).
Hypothesis Cover : cover_check ar g c = true.
Let n := dim g.

Lemma pointwise (G : (nat -> nat -> R) -> Prop) W (f : hull -> W -> bool) (ws : list W) :
  (forall H w, f H w = true -> forall A, in_hull n H A -> G A) -> all2 f (hulls g c) ws = true ->
  forall z, domain g z -> G (jacobian g c z).
Proof. intros S K z Hz. destruct (cover_sound ar g c Cover) as [_ [_ [_ Hc]]]. destruct (Hc z Hz) as [H [Hin HA]].
  destruct (all2_sound _ _ f _ _ K H Hin) as [w Hw]. exact (S H w Hw _ HA). Qed.

(** *** strong monotonicity *)
Definition monotone_ok (P : matrix) (a : ratio) (ws : list witness) : bool :=
  all2 (fun H w => monotone_check (numbers ar) n P (fst a) (snd a) H w) (hulls g c) ws.
Lemma monotone_ok_sound P lam a ws : metric n (mat P) lam -> monotone_ok P a ws = true -> monotone_on n (mat P) (domain g) (play g) (real a).
Proof. intros M K. destruct (cover_sound ar g c Cover) as [_ [HF [HJ _]]].
  apply (monotone_from_pointwise n (mat P) lam M (domain g) (play g) (jacobian g c) (domain_convex g) HF HJ).
  intros z v Hz. revert z Hz v.
  apply (pointwise (fun A => forall v, real a * form n (mat P) v v <= form n (mat P) v (mv n A v)) _ _ ws) with (2 := K).
  intros H w Hw A HA v. exact (monotone_check_sound _ _ _ _ _ _ _ Hw A HA v). Qed.

Definition strong_monotonicity_check (P : matrix) (lf : Z * factor) (a : ratio) (ws : list witness) : bool :=
  metric_ok ar g P lf && (0 <? fst a)%Z && monotone_ok P a ws.
Theorem strong_monotonicity_sound P lf a ws : strong_monotonicity_check P lf a ws = true -> strongly_monotone_game g P (real a).
Proof. unfold strong_monotonicity_check. rewrite !andb_true_iff, Z.ltb_lt. intros [[M Ha] K]. apply metric_ok_sound in M.
  pose proof (monotone_ok_sound P _ a ws M K) as Mon. assert (Pos : 0 < real a) by (apply rat_pos; auto).
  split; [eexists; exact M|]. split; auto. split; auto. exact (monotone_unique _ _ _ M _ _ _ Pos Mon). Qed.

(** *** a step that contracts *)
Definition contraction_check (P : matrix) (lf : Z * factor) (hs : vector) (rho : ratio) (ws : list witness) : bool :=
  metric_ok ar g P lf && respects_check n (players g) P && playable (players g) (strategy_box g) && steps_check (players g) hs && is_rate rho &&
  all2 (fun H w => step_check (numbers ar) n P hs (fst rho) (snd rho) H w) (hulls g c) ws.
Lemma contraction_parts P lf hs rho ws : contraction_check P lf hs rho ws = true ->
  metric n (mat P) (rat (fst lf) (mat_den P)) /\ respects n (players g) (mat P) /\ (exists x, profiles g x) /\ player_steps (players g) (vect hs) /\
  0 <= real rho < 1 /\ contracts_on n (mat P) (domain g) (step (vect hs) (play g)) (real rho).
Proof. unfold contraction_check. rewrite !andb_true_iff. intros [[[[[M R] Y] S] Q] K].
  pose proof (metric_psd _ _ _ _ _ M) as Psd. apply metric_ok_sound in M. apply is_rate_sound in Q.
  split; [exact M|]. split; [apply respects_sound; auto|]. split; [apply playable_sound; auto|]. split; [apply steps_sound; auto|]. split; [exact Q|].
  destruct (cover_sound ar g c Cover) as [_ [HF [HJ _]]].
  apply (step_contracts n (mat P) _ M (domain g) (play g) (jacobian g c) (vect hs) (domain_convex g) HF HJ).
  intros z v Hz. revert z Hz v.
  apply (pointwise (fun A => forall v, form n (mat P) (fun i => v i - vect hs i * mv n A v i) (fun i => v i - vect hs i * mv n A v i) <=
     real rho * form n (mat P) v v) _ _ ws) with (2 := K).
  intros H w Hw A HA v. exact (step_check_sound _ _ _ _ _ _ _ _ Hw Psd A HA v). Qed.
Theorem contraction_sound P lf hs rho ws : contraction_check P lf hs rho ws = true -> step_contracts_game g P hs (real rho).
Proof. intros K. destruct (contraction_parts _ _ _ _ _ K) as [M [R [Y [S [Q C]]]]]. split; [eexists; exact M|]. split; [exact Q|]. split; [exact S|].
  intros Pi HPi. apply (projected_contracts n (mat P) _ (players g) (strategy_box g) Pi (play g) (vect hs) M eq_refl R HPi Y). exact C. Qed.

(** *** convergence *)
Definition nash_check P lf hs rho ws : bool := contraction_check P lf hs rho ws && match limits g with
  | Some b => confined_check (players g) b | None => false end.
Theorem nash_sound P lf hs rho ws : nash_check P lf hs rho ws = true -> converges_to_nash g P hs (real rho).
Proof. unfold nash_check. rewrite andb_true_iff. intros [K W]. destruct (contraction_parts _ _ _ _ _ K) as [M [R [Y [S [Q C]]]]].
  split; [eexists; exact M|]. split; [exact Q|]. split; [exact S|]. intros Pi HPi.
  assert (Sub : forall x, strategies (players g) (strategy_box g) x -> domain g x).
  { intros x Hx. unfold domain, strategy_box in *. destruct (limits g) as [b|]; [|exact I].
    apply (confined_in_box (dim g) (players g) b eq_refl); auto. apply confined_sound; auto. }
  exact (projected_play_converges n (mat P) _ (players g) (strategy_box g) Pi (play g) (vect hs) M eq_refl R HPi Y S (domain g) (real rho) Sub Q C). Qed.

Definition everywhere_check P lf hs rho ws : bool := contraction_check P lf hs rho ws && all_free (players g) &&
  match limits g with None => true | Some _ => false end.
Theorem everywhere_sound P lf hs rho ws : everywhere_check P lf hs rho ws = true -> converges_everywhere g P hs (real rho).
Proof. unfold everywhere_check. rewrite !andb_true_iff. intros [[K _] W]. destruct (contraction_parts _ _ _ _ _ K) as [M [_ [_ [S [Q C]]]]].
  split; [eexists; exact M|]. split; [exact Q|].
  assert (Nz : forall i, (i < n)%nat -> vect hs i <> 0) by (intros i Hi; pose proof (steps_positive n _ _ eq_refl S i Hi); lra).
  assert (Ce : contracts_on n (mat P) whole (step (vect hs) (play g)) (real rho)).
  { intros x y _ _. apply C; unfold domain; destruct (limits g); try discriminate; exact I. }
  destruct (free_play_converges n (mat P) _ (play g) (vect hs) (real rho) M Nz Q Ce) as [z [Zz [U H]]].
  exists z. split; auto. split; auto. intros x _. destruct (H x) as [H1 H2]. split; auto. intros k. split; [exact I|auto]. Qed.
End Claims.
