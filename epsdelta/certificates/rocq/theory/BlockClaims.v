(** The claims of a game's certificate that rest on block constants: Small-Gain Nash and the Schur-test step. *)
Require Import Reals Lra Lia List ZArith Bool FunctionalExtensionality.
From EpsDelta Require Import Sums Field Projection Convergence Integers Definite Corners Family FamilyBlocks Blocks SmallGain Schur Asynchronous
  Expressions Enclosure Hessian Game GameChecks MetricClaims.
Import ListNotations.
Open Scope R_scope.

(** the sizes of the players' blocks *)
Definition shape (g : game) : list nat := map size (players g).
Lemma shape_dim g : coordinates (shape g) = dim g.
Proof. rewrite coordinates_list_sum. unfold shape, dim. induction (players g); simpl; auto. Qed.
Lemma placed_nth ps d : forall o i, (i < length ps)%nat -> In ((o + block_start (map size ps) i)%nat, nth i ps d) (placed o ps).
Proof. induction ps as [|p ps IH]; intros o i Hi; [simpl in Hi; lia|]. destruct i as [|i].
  - left. simpl. rewrite Nat.add_0_r. reflexivity.
  - right. cbn [map]. rewrite start_cons. replace (o + (size p + block_start (map size ps) i))%nat with (o + size p + block_start (map size ps) i)%nat by lia.
    apply IH. simpl in Hi. lia. Qed.
Lemma block_of g i : (i < player_count (shape g))%nat -> exists p, In (block_start (shape g) i, p) (placed 0 (players g)) /\ size p = block_size (shape g) i.
Proof. intros Hi. unfold player_count, shape in Hi. rewrite map_length in Hi.
  exists (nth i (players g) (Player O Free)). split; [exact (placed_nth (players g) _ O i Hi)|].
  unfold block_size, shape. rewrite (nth_indep _ _ (size (Player O Free))) by (rewrite map_length; auto). rewrite map_nth. reflexivity. Qed.
Lemma block_end g i : (i < player_count (shape g))%nat -> (block_start (shape g) i + block_size (shape g) i <= dim g)%nat.
Proof. intros Hi. destruct (block_of g i Hi) as [p [Hp E]]. destruct (placed_range _ _ _ _ Hp) as [_ Hr]. unfold dim. lia. Qed.

(** ** Projections do not increase the distance of any player's block *)
Lemma min_shrinks h s t : Rabs (Rmin h s - Rmin h t) <= Rabs (s - t).
Proof. unfold Rmin. destruct (Rle_dec h s), (Rle_dec h t); unfold Rabs;
  repeat match goal with |- context [Rcase_abs ?a] => destruct (Rcase_abs a) end; lra. Qed.
Lemma max_shrinks h s t : Rabs (Rmax h s - Rmax h t) <= Rabs (s - t).
Proof. unfold Rmax. destruct (Rle_dec h s), (Rle_dec h t); unfold Rabs;
  repeat match goal with |- context [Rcase_abs ?a] => destruct (Rcase_abs a) end; lra. Qed.
Lemma clamp_shrinks l h s t : (Rmax l (Rmin h s) - Rmax l (Rmin h t)) ^ 2 <= (s - t) ^ 2.
Proof. rewrite <- !Rsqr_pow2. apply Rsqr_le_abs_1. eapply Rle_trans; [apply max_shrinks|apply min_shrinks]. Qed.
Lemma projection_blocks g Pi : (exists x, profiles g x) -> projection_of g Pi -> nonexpansive_blocks (shape g) Pi.
Proof. intros [w Hw] H i x y Hi. destruct (block_of g i Hi) as [p [Hp E]]. unfold block_norm. apply sqrt_le_1_alt. unfold block_dot, dot, block_part.
  rewrite <- E. set (o := block_start (shape g) i) in *. pose proof (H x o p Hp) as Hx. pose proof (H y o p Hp) as Hy.
  unfold projects_block in Hx, Hy. unfold minus. destruct (kind p) as [| |a d] eqn:Ek.
  - apply sum_le. intros k Hk. rewrite Hx, Hy by auto. lra.
  - apply sum_le. intros k Hk. rewrite Hx, Hy by auto. pose proof (clamp_shrinks (low (strategy_box g) (o + k)) (high (strategy_box g) (o + k)) (x (o +
    k)%nat) (y (o + k)%nat)).
    lra.
  - destruct Hx as [Ax Vx], Hy as [Ay Vy]. specialize (Vx (Pi y) Ay). specialize (Vy (Pi x) Ax).
    set (m := size p) in *. set (X := fun k => x (o + k)%nat) in *. set (Y := fun k => y (o + k)%nat) in *.
    set (U := fun k => Pi x (o + k)%nat) in *. set (V := fun k => Pi y (o + k)%nat) in *.
    change (sum m (fun k => (X k - U k) * (V k - U k)) <= 0) in Vx. change (sum m (fun k => (Y k - V k) * (U k - V k)) <= 0) in Vy.
    change (sum m (fun k => (U k - V k) * (U k - V k)) <= sum m (fun k => (X k - Y k) * (X k - Y k))).
    assert (S : 0 <= sum m (fun k => ((X k - Y k) - (U k - V k)) * ((X k - Y k) - (U k - V k)))) by (apply sum_nonneg; intros; apply Rle_0_sqr).
    assert (I1 : sum m (fun k => ((X k - Y k) - (U k - V k)) * ((X k - Y k) - (U k - V k))) =
      sum m (fun k => (X k - Y k) * (X k - Y k)) - sum m (fun k => (U k - V k) * (U k - V k))
        + 2 * (sum m (fun k => (X k - U k) * (V k - U k)) + sum m (fun k => (Y k - V k) * (U k - V k)))).
    { rewrite <- sum_plus, <- sum_scal, <- sum_minus, <- sum_plus. apply sum_ext. intros k Hk. ring. }
    lra. Qed.

(** ** Block constants on the region *)
Record block_witness := BlockWitness { curvatures : list witness; norms_of : list (list witness) }.
Definition none : witness := Corners [].
Definition block_check (ar : arithmetic) (g : game) (mu l : vector) (L : matrix) (H : hull) (w : block_witness) : bool :=
  let ds := shape g in let N := player_count ds in let q := numbers ar in
  upto N (fun i => curvature_check q H (block_start ds i) (block_size ds i) (zvec mu i) (vec_den mu) (nth i (curvatures w) none) &&
    upto N (fun j => let v := nth j (nth i (norms_of w) []) none in
      if Nat.eqb i j then norm_check q H (block_start ds i) (block_size ds i) (block_start ds i) (block_size ds i) (zvec l i) (vec_den l) v
      else norm_check q H (block_start ds i) (block_size ds i) (block_start ds j) (block_size ds j) (zmat L i j) (mat_den L) v)).
Definition constants_check ar g c mu l L (ws : list block_witness) : bool := all2 (block_check ar g mu l L) (hulls g c) ws.
Theorem constants_sound ar g c mu l L ws : cover_check ar g c = true -> constants_check ar g c mu l L ws = true ->
  constants_hold (shape g) (domain g) (jacobian g c) (vect mu) (vect l) (mat L).
Proof. intros Cov K.
  assert (A : forall z, domain g z -> exists H w, in_hull (dim g) H (jacobian g c z) /\ block_check ar g mu l L H w = true).
  { intros z Hz. destruct (cover_sound ar g c Cov) as [_ [_ [_ Hc]]]. destruct (Hc z Hz) as [H [Hin HA]].
    destruct (all2_sound _ _ _ _ _ K H Hin) as [w Hw]. exists H, w. auto. }
  split; [|split]; intros z Hz i.
  - intros Hi v. destruct (A z Hz) as [H [w [HA B]]]. pose proof (upto_sound _ _ B i Hi) as E. cbv beta in E. apply andb_true_iff in E. destruct E as [E _].
    exact (curvature_check_sound _ _ _ _ _ _ _ E (dim g) _ HA (block_end g i Hi) v).
  - intros Hi v. destruct (A z Hz) as [H [w [HA B]]]. pose proof (upto_sound _ _ B i Hi) as E. cbv beta in E. apply andb_true_iff in E. destruct E as [_ E].
    pose proof (upto_sound _ _ E i Hi) as E2. cbv beta zeta in E2. rewrite Nat.eqb_refl in E2.
    destruct (norm_check_sound _ _ _ _ _ _ _ _ _ E2) as [_ S]. exact (S (dim g) _ HA (block_end g i Hi) (block_end g i Hi) v).
  - intros j Hi Hj Ne v. destruct (A z Hz) as [H [w [HA B]]]. pose proof (upto_sound _ _ B i Hi) as E. cbv beta in E. apply andb_true_iff in E. destruct E as
    [_ E].
    pose proof (upto_sound _ _ E j Hj) as E2. cbv beta zeta in E2. destruct (Nat.eqb_spec i j) as [|_]; [contradiction|].
    destruct (norm_check_sound _ _ _ _ _ _ _ _ _ E2) as [_ S]. exact (S (dim g) _ HA (block_end g i Hi) (block_end g j Hj) v). Qed.

(** ** Small-Gain Nash *)
(** with weights w the field has margin a and is beta-Lipschitz in the weighted norm, Euler steps below 2 a/beta^2 contract, and the bands hold *)
Definition small_gain_game (g : game) (w : vector) (a beta : R) (bands : list (nat * nat * R * R)) : Prop := let ds := shape g in let F := play g in
  positive_upto (player_count ds) (vect w) /\
  (forall x y, domain g x -> domain g y ->
    a * weighted_sq ds (vect w) (minus x y) <= weighted_dot ds (vect w) (minus (F x) (F y)) (minus x y) /\
    weighted_sq ds (vect w) (minus (F x) (F y)) <= beta ^ 2 * weighted_sq ds (vect w) (minus x y) /\
    (forall h, 0 <= h -> weighted_sq ds (vect w) (minus (explicit_step F h x) (explicit_step F h y)) <=
      (1 - 2 * a * h + beta ^ 2 * h ^ 2) * weighted_sq ds (vect w) (minus x y))) /\
  (forall h, 0 < h -> h * beta ^ 2 < 2 * a -> 1 - 2 * a * h + beta ^ 2 * h ^ 2 < 1) /\
  (forall i j lo hi, In (i, j, lo, hi) bands -> forall r, lo <= r <= hi -> exists u, positive_upto (player_count ds) u /\ u i = r * u j /\
    forall x y, domain g x -> domain g y -> 0 <= weighted_dot ds u (minus (F x) (F y)) (minus x y)).
Definition band_words (b : band) : nat * nat * R * R := (first b, second b, fraction (lowest b), fraction (highest b)).
Definition small_gain_claim_check ar g c mu l L w v (a beta : ratio) f bands ws : bool :=
  constants_check ar g c mu l L ws && (0 <? fst a)%Z && small_gain_check (numbers ar) (player_count (shape g)) mu l L w v a beta f bands.
Theorem small_gain_sound ar g c mu l L w v a beta f bands ws : cover_check ar g c = true ->
  small_gain_claim_check ar g c mu l L w v a beta f bands ws = true -> 0 < real a /\ small_gain_game g w (real a) (real beta) (map band_words bands).
Proof. intros Cov. unfold small_gain_claim_check. rewrite !andb_true_iff, Z.ltb_lt. intros [[K Ha] S].
  destruct (cover_sound ar g c Cov) as [_ [HF [HJ _]]]. rewrite <- (shape_dim g) in HF, HJ.
  destruct (small_gain_holds _ (shape g) (domain g) (play g) (jacobian g c) mu l L w v a beta f bands S (domain_convex g) HF HJ
    (constants_sound ar g c mu l L ws Cov K)) as [H1 [H2 [H3 [H4 H5]]]].
  split; [apply rat_pos; auto|]. split; [exact H1|]. split; [exact H2|]. split; [exact H3|].
  intros i j lo hi Hin r Hr. apply in_map_iff in Hin. destruct Hin as [b [Eb Hb]]. injection Eb as <- <- <- <-.
  destruct (H4 b Hb r Hr) as [u [Pu [Eu Su]]]. exists u. split; auto. Qed.

(** ** The Schur-test step *)
(** every own block of the Jacobian is symmetric: single coordinates, or exact entries that are, or (costs) second derivatives *)
Definition symmetric_entries (H : hull) o m : bool := upto m (fun r => upto m (fun s => let e := entry H (o + r) (o + s) in let f := entry H (o + s) (o + r) in
  Z.eqb (fst e) (snd e) && Z.eqb (fst f) (snd f) && Z.eqb (fst e) (fst f))).
(** the coordinates of a block have one owner *)
Definition one_owner (g : game) i : bool := let own := owners 0 (players g) in let o := block_start (shape g) i in
  upto (block_size (shape g) i) (fun r => Nat.eqb (nth (o + r) own O) (nth o own O)).
Definition symmetric_check (g : game) (c : cover) : bool := let ds := shape g in
  upto (player_count ds) (fun i => Nat.leb (block_size ds i) 1 || forallb (fun H => symmetric_entries H (block_start ds i) (block_size ds i)) (hulls g c)
    || match rule g, c with Costs cs, Tree _ => forallb (wf (dim g)) cs && one_owner g i | _, _ => false end).
Lemma symmetric_sound ar g c : cover_check ar g c = true -> symmetric_check g c = true -> forall z, domain g z ->
  forall i, (i < player_count (shape g))%nat -> symmetric_on (block_size (shape g) i) (sub_block (shape g) i i (jacobian g c z)).
Proof. intros Cov K z Hz i Hi. pose proof (upto_sound _ _ K i Hi) as E. cbv beta in E. rewrite !orb_true_iff in E.
  intros r s Hr Hs. pose proof (block_end g i Hi) as Hb. destruct E as [[E|E]|E].
  - apply Nat.leb_le in E. replace s with r by lia. reflexivity.
  - destruct (cover_sound ar g c Cov) as [_ [_ [_ Hc]]]. destruct (Hc z Hz) as [H [Hin HA]]. rewrite forallb_forall in E. specialize (E H Hin).
    pose proof (upto_sound _ _ (upto_sound _ _ E r Hr) s Hs) as Q. cbv beta zeta in Q. rewrite !andb_true_iff, !Z.eqb_eq in Q. destruct Q as [[Q1 Q2] Q3].
    pose proof (HA (block_start (shape g) i + r)%nat (block_start (shape g) i + s)%nat ltac:(lia) ltac:(lia)) as A1.
    pose proof (HA (block_start (shape g) i + s)%nat (block_start (shape g) i + r)%nat ltac:(lia) ltac:(lia)) as A2.
    unfold sub_block. rewrite <- Q1 in A1. rewrite <- Q2, <- Q3 in A2. lra.
  - destruct (rule g) as [A b|fs|cs] eqn:Eg; try discriminate. destruct c as [A|t]; [discriminate|]. apply andb_true_iff in E. destruct E as [W Own].
    destruct (cover_sound ar g (Tree t) Cov) as [Posed _]. destruct (Posed z Hz) as [G _]. unfold user_trees in G. rewrite Eg in G.
    unfold sub_block, jacobian, trees. rewrite Eg.
    pose proof (upto_sound _ _ Own r Hr) as O1. pose proof (upto_sound _ _ Own s Hs) as O2. cbv beta in O1, O2. apply Nat.eqb_eq in O1, O2.
    assert (C : wf (dim g) (cost_of (owners 0 (players g)) cs (block_start (shape g) i + r)) = true /\
                good (cost_of (owners 0 (players g)) cs (block_start (shape g) i + r)) z).
    { unfold cost_of. destruct (nth_in_or_default (nth (block_start (shape g) i + r) (owners 0 (players g)) O) cs (Cst 0 1)) as [N| ->]; [|split;
      [reflexivity|exact I]].
      rewrite forallb_forall in W. auto. }
    apply costs_jacobian_symmetric; try lia; try apply C; congruence. Qed.

(** one step with the step sizes h per player, projected by Pi *)
Definition play_game (g : game) (Pi : vec -> vec) (h : vector) : vec -> vec := play_step (shape g) (play g) (vect h) Pi.
(** one simultaneous step contracts by rate in max_i |x_i - y_i|/v_i and, where weights are given, in the weighted norm *)
Definition schur_simultaneous (g : game) (h v : vector) (rate : R) (weights : option vector) : Prop := 0 <= rate < 1 /\
  forall Pi, projection_of g Pi -> let T := play_game g Pi h in let norm := maximum_norm (shape g) (vect v) in
  (forall x y, domain g x -> domain g y -> norm (minus (T x) (T y)) <= rate * norm (minus x y)) /\
  (forall w, weights = Some w -> forall x y, domain g x -> domain g y ->
    weighted_sq (shape g) (vect w) (minus (T x) (T y)) <= rate ^ 2 * weighted_sq (shape g) (vect w) (minus x y)).
(** so do sequential sweeps in any order and rounds of asynchronous play, among strategy profiles, all of which lie in the region *)
Definition schur_any (g : game) (h v : vector) (rate : R) : Prop := (forall x, profiles g x -> domain g x) /\
  forall Pi, projection_of g Pi -> let ds := shape g in let T := play_game g Pi h in let norm := maximum_norm ds (vect v) in
  (forall x, profiles g (T x)) /\
  (forall order, (forall i, In i order <-> (i < player_count ds)%nat) -> forall x y, profiles g x -> profiles g y ->
    norm (minus (sweep ds (play g) Pi (vect h) order x) (sweep ds (play g) Pi (vect h) order y)) <= rate * norm (minus x y)) /\
  (forall xstar x updated used r E0, profiles g xstar -> same (dim g) (T xstar) xstar -> asynchronous_play ds (play g) Pi (vect h) x updated used ->
    (forall t, profiles g (x t)) -> in_rounds (player_count ds) updated used r -> 0 <= E0 -> (forall t, (t <= 0)%Z -> norm (minus (x t) xstar) <= E0) ->
    forall k t, (r k <= t)%Z -> norm (minus (x t) xstar) <= rate ^ k * E0).

Definition schur_claim_check ar g c mu l L h v (rate : ratio) weights ws : bool := constants_check ar g c mu l L ws && symmetric_check g c &&
  playable (players g) (strategy_box g) && schur_check (player_count (shape g)) mu l L h v rate weights.
(** what [schur_step_holds] gives for a game *)
Ltac schur_parts Cov K Pi HPi :=
  unfold schur_claim_check in K; rewrite !andb_true_iff in K; destruct K as [[[K Sy] Py] S];
  match type of Cov with cover_check ?ar ?g ?c = true => match type of S with schur_check _ ?mu ?l ?L ?h ?v ?rate ?weights = true =>
    match type of K with constants_check _ _ _ _ _ _ ?ws = true =>
    destruct (cover_sound ar g c Cov) as [_ [HF [HJ _]]]; rewrite <- (shape_dim g) in HF, HJ;
    pose proof (schur_step_holds (shape g) (domain g) (play g) (jacobian g c) Pi mu l L h v rate weights S (domain_convex g) HF HJ
      (constants_sound ar g c mu l L ws Cov K) (symmetric_sound ar g c Cov Sy) (projection_blocks g Pi (playable_sound _ _ Py) HPi)) as Parts
    end end end.
Lemma schur_rate ar g c mu l L h v rate weights ws : schur_claim_check ar g c mu l L h v rate weights ws = true -> 0 <= real rate < 1.
Proof. unfold schur_claim_check. rewrite !andb_true_iff. intros [_ S]. destruct (schur_check_sound _ _ _ _ _ _ _ _ S) as [_ [_ [_ [_ [H _]]]]]. exact H. Qed.
Theorem schur_sound ar g c mu l L h v rate weights ws : cover_check ar g c = true -> schur_claim_check ar g c mu l L h v rate weights ws = true ->
  schur_simultaneous g h v (real rate) weights.
Proof. intros Cov K. split; [exact (schur_rate _ _ _ _ _ _ _ _ _ _ _ K)|]. intros Pi HPi.
  schur_parts Cov K Pi HPi. destruct Parts as [_ [H1 [_ [_ H4]]]]. split; [exact H1|exact H4]. Qed.

(** strategies of separate players may be mixed *)
Lemma profiles_mixed g (f : nat -> vec) : (forall k, profiles g (f k)) -> profiles g (fun k => f (owner (shape g) k) k).
Proof. intros H o p Hp.
  assert (B : exists i, forall k, (k < size p)%nat -> owner (shape g) (o + k) = i).
  { clear H f. unfold shape. assert (G : forall ps s, In (o, p) (placed s ps) -> (s <= o)%nat /\ exists i, forall k, (k < size p)%nat -> owner (map size ps)
    (o + k - s) = i).
    { induction ps as [|q ps IH]; intros s E; [destruct E|destruct E as [E|E]].
      - injection E as -> ->. split; [lia|]. exists O. intros k Hk. simpl. replace (o + k - o)%nat with k by lia. destruct (Nat.ltb_spec k (size p));
        [auto|lia].
      - destruct (IH _ E) as [Hs [i Hi]]. split; [lia|]. exists (S i). intros k Hk. simpl. destruct (Nat.ltb_spec (o + k - s) (size q)); [lia|].
        f_equal. rewrite <- (Hi k Hk). f_equal. lia. }
    destruct (G (players g) O Hp) as [_ [i Hi]]. exists i. intros k Hk. rewrite <- (Hi k Hk). f_equal. lia. }
  destruct B as [i Hi]. specialize (H i o p Hp). unfold allowed in *. destruct (kind p) as [| |a d]; auto.
  - intros k Hk. rewrite Hi by auto. auto.
  - destruct H as [H1 H2]. split; [intros k Hk; rewrite Hi by auto; auto|]. rewrite <- H2. apply sum_ext. intros k Hk. rewrite Hi by auto. reflexivity. Qed.

Definition schur_any_check ar g c mu l L h v rate weights ws : bool := schur_claim_check ar g c mu l L h v rate weights ws &&
  match limits g with Some b => confined_check (players g) b | None => true end.
Theorem schur_any_sound ar g c mu l L h v rate weights ws : cover_check ar g c = true -> schur_any_check ar g c mu l L h v rate weights ws = true ->
  schur_simultaneous g h v (real rate) weights /\ schur_any g h v (real rate).
Proof. intros Cov. unfold schur_any_check. rewrite andb_true_iff. intros [K W]. split; [exact (schur_sound _ _ _ _ _ _ _ _ _ _ _ Cov K)|].
  assert (Sub : forall x, profiles g x -> domain g x).
  { intros x Hx. unfold domain, profiles, strategy_box in *. destruct (limits g) as [b|]; [|exact I].
    apply (confined_in_box (dim g) (players g) b eq_refl); auto. apply confined_sound; auto. }
  split; [exact Sub|]. intros Pi HPi.
  assert (Ne : exists x, profiles g x).
  { unfold schur_claim_check in K. rewrite !andb_true_iff in K. apply playable_sound, K. }
  assert (In_T : forall x, profiles g (play_game g Pi h x)) by (intros x; exact (projects_strategies (players g) (strategy_box g) Pi HPi Ne _)).
  schur_parts Cov K Pi HPi. destruct Parts as [_ [_ [H2 [H3 _]]]]. cbv zeta. split; [exact In_T|]. split.
  - intros order Ho x y Hx Hy. apply (H2 (profiles g)); auto.
    intros u i Hu Hi. set (f := fun k => if Nat.eqb k i then play_game g Pi h u else u).
    replace (replace_block (shape g) i u (play_step (shape g) (play g) (vect h) Pi u)) with (fun k => f (owner (shape g) k) k).
    + apply profiles_mixed. intros k. unfold f. destruct (Nat.eqb k i); auto.
    + apply functional_extensionality. intros k. unfold f, replace_block, play_game. destruct (Nat.eqb (owner (shape g) k) i); reflexivity.
  - intros xstar x updated used r E0 G1 G2 G3 G4 G5 G6 G7. apply (H3 xstar x updated used r E0); auto.
    + rewrite shape_dim. exact G2.
    + intros t i Ht Hi Hu. apply Sub. apply (profiles_mixed g (fun k => x (used t i k))). auto. Qed.
