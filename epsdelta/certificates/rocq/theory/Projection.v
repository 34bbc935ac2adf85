(** Players, their strategy sets (free, box, simplex), and projections on them in the metric P. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums Field Monotone.
Import ListNotations.
Open Scope R_scope.

(** ** Projections in a metric *)
(** Pi x is in K and <x - Pi x, y - Pi x>_P <= 0 for every y in K: Pi is the projection on the convex set K in the P norm. *)
Definition is_projection n P (K : region) (Pi : vec -> vec) := forall x, K (Pi x) /\
  forall y, K y -> form n P (fun i => x i - Pi x i) (fun i => y i - Pi x i) <= 0.

(** A projection in the P norm does not increase P-distances, on all of R^n. *)
Theorem projection_nonexpansive n P lam K Pi : metric n P lam -> is_projection n P K Pi ->
  forall x y, dist2 n P (Pi x) (Pi y) <= dist2 n P x y.
Proof. intros M HP x y. destruct (HP x) as [Kx Vx]. destruct (HP y) as [Ky Vy].
  specialize (Vx (Pi y) Ky). specialize (Vy (Pi x) Kx).
  pose proof (pform_young n P lam M (minus x y) (minus (Pi x) (Pi y))) as HY.
  unfold dist2, minus in *. repeat rewrite ?form_minus_l, ?form_minus_r in *. lra. Qed.

(** The point of K with the variational inequality of the projection of x is the projection of x. *)
Lemma projection_unique n P lam K Pi x z : metric n P lam -> is_projection n P K Pi -> K z ->
  (forall y, K y -> form n P (minus x z) (minus y z) <= 0) -> same n (Pi x) z.
Proof. intros M HP Kz Vz. destruct (HP x) as [Kx Vx]. specialize (Vx z Kz). specialize (Vz (Pi x) Kx).
  apply (dist2_zero n P lam M). unfold dist2, minus in *. repeat rewrite ?form_minus_l, ?form_minus_r in *. lra. Qed.

(** ** Players own consecutive blocks of coordinates *)
Inductive constraint := Free | InBox | Simplex (p : Z) (q : positive).
Record player := Player { size : nat; kind : constraint }.
Fixpoint dimension (ps : list player) : nat := match ps with [] => O | p :: ps => (size p + dimension ps)%nat end.
(** each player with the first coordinate of its block; the first block starts at o *)
Fixpoint placed (o : nat) (ps : list player) : list (nat * player) :=
  match ps with [] => [] | p :: ps => (o, p) :: placed (o + size p) ps end.

(** What a player may play: anything; its part of the box; {x >= 0, sum over the block = p/q} *)
Definition allowed (b : box) (o : nat) (p : player) : region := fun x => match kind p with
  | Free => True
  | InBox => forall k, (k < size p)%nat -> low b (o + k) <= x (o + k)%nat <= high b (o + k)
  | Simplex a d => (forall k, (k < size p)%nat -> 0 <= x (o + k)%nat) /\ sum (size p) (fun k => x (o + k)%nat) = rat a d end.
Definition strategies (ps : list player) (b : box) : region := fun x => forall o p, In (o, p) (placed 0 ps) -> allowed b o p x.

(** y is the Euclidean projection of x on the player's own strategy set, as far as its block is concerned *)
Definition projects_block (b : box) (o : nat) (p : player) (x y : vec) : Prop := match kind p with
  | Free => forall k, (k < size p)%nat -> y (o + k)%nat = x (o + k)%nat
  | InBox => forall k, (k < size p)%nat -> y (o + k)%nat = Rmax (low b (o + k)) (Rmin (high b (o + k)) (x (o + k)%nat))
  | Simplex _ _ => allowed b o p y /\ forall z, allowed b o p z ->
      sum (size p) (fun k => (x (o + k)%nat - y (o + k)%nat) * (z (o + k)%nat - y (o + k)%nat)) <= 0 end.
(** Pi projects each player separately *)
Definition projects (ps : list player) (b : box) (Pi : vec -> vec) : Prop :=
  forall x o p, In (o, p) (placed 0 ps) -> projects_block b o p x (Pi x).

(** P is diagonal on the rows of constrained players, and a multiple of the identity on each simplex block *)
Definition respects n (ps : list player) (P : nat -> nat -> R) : Prop := forall o p, In (o, p) (placed 0 ps) ->
  match kind p with Free => True | _ => forall k c, (k < size p)%nat -> (c < n)%nat -> c <> (o + k)%nat -> P (o + k)%nat c = 0 end /\
  match kind p with Simplex _ _ => forall k, (k < size p)%nat -> P (o + k)%nat (o + k)%nat = P o o | _ => True end.

Lemma sum_split a c f : sum (a + c) f = sum a f + sum c (fun k => f (a + k)%nat).
Proof. induction c; simpl.
  - rewrite Nat.add_0_r. lra.
  - rewrite Nat.add_succ_r. simpl. rewrite IHc. lra. Qed.
Lemma placed_range ps : forall o o' p, In (o', p) (placed o ps) -> (o <= o' /\ o' + size p <= o + dimension ps)%nat.
Proof. induction ps as [|p0 ps IH]; simpl; intros o o' p H; [easy|]. destruct H as [H|H].
  - injection H as <- <-. lia.
  - apply IH in H. lia. Qed.
Lemma placed_covers ps : forall o k, (k < dimension ps)%nat -> exists o' p j, In (o', p) (placed o ps) /\ (j < size p)%nat /\ (o + k = o' + j)%nat.
Proof. induction ps as [|p0 ps IH]; simpl; intros o k H; [lia|].
  destruct (Nat.lt_ge_cases k (size p0)) as [L|L].
  - exists o, p0, k. auto.
  - destruct (IH (o + size p0)%nat (k - size p0)%nat) as [o' [p [j [H1 [H2 H3]]]]]; [lia|]. exists o', p, j. split; auto. split; auto. lia. Qed.
Lemma sum_blocks ps : forall o f, (forall o' p, In (o', p) (placed o ps) -> sum (size p) (fun k => f (o' + k)%nat) <= 0) ->
  sum (dimension ps) (fun k => f (o + k)%nat) <= 0.
Proof. induction ps as [|p ps IH]; simpl; intros o f H; [lra|]. rewrite sum_split.
  pose proof (H o p (or_introl eq_refl)) as H1. specialize (IH (o + size p)%nat f (fun o' p' H' => H o' p' (or_intror H'))).
  rewrite (sum_ext (dimension ps) _ (fun k => f (o + size p + k)%nat)) by (intros; f_equal; lia). lra. Qed.

Lemma mv_diagonal n P v i : (i < n)%nat -> (forall c, (c < n)%nat -> c <> i -> P i c = 0) -> mv n P v i = P i i * v i.
Proof. intros Hi H. unfold mv. rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * (P i i * v j))).
  - apply (sum_delta n i (fun j => P i i * v j) Hi).
  - intros j Hj. destruct (Nat.eqb_spec j i) as [->|N]; [ring|]. rewrite H by auto. ring. Qed.

Section Blocks.
Variables (n : nat) (P : nat -> nat -> R) (lam : R) (ps : list player) (b : box).
Hypotheses (M : metric n P lam) (Hn : n = dimension ps) (HR : respects n ps P).

Lemma diagonal_pos i : (i < n)%nat -> 0 <= P i i.
Proof. intros Hi. pose proof (metric_psd n P lam M (fun j => if Nat.eqb j i then 1 else 0)) as H.
  unfold form, dot in H. rewrite (sum_delta n i) in H by auto. unfold mv in H.
  rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * P i j)) in H by (intros; ring).
  rewrite (sum_delta n i) in H by auto. auto. Qed.

(** what makes the player's part of <g, v>_P nonpositive *)
Definition opposed (g v : vec) (o : nat) (p : player) : Prop := match kind p with
  | Free => forall k, (k < size p)%nat -> g (o + k)%nat = 0
  | InBox => forall k, (k < size p)%nat -> g (o + k)%nat * v (o + k)%nat <= 0
  | Simplex _ _ => sum (size p) (fun k => g (o + k)%nat * v (o + k)%nat) <= 0 end.

(** In a metric that respects the constraints, <g, v>_P <= 0 follows player by player. *)
Lemma form_opposed g v : (forall o p, In (o, p) (placed 0 ps) -> opposed g v o p) -> form n P g v <= 0.
Proof. intros H. unfold form, dot. rewrite Hn at 1.
  apply (sum_blocks ps 0 (fun i => g i * mv n P v i)). intros o p Hp. specialize (H o p Hp).
  destruct (placed_range ps 0 o p Hp) as [_ Hr]. destruct (HR o p Hp) as [HD HE]. unfold opposed in H.
  destruct (kind p) as [| |a d].
  - rewrite (sum_ext _ _ (fun _ => 0)); [rewrite sum_zero; lra|]. intros k Hk. rewrite H by auto. ring.
  - rewrite <- (sum_zero (size p)). apply sum_le. intros k Hk. rewrite mv_diagonal; [|lia|auto].
    assert (0 <= P (o + k)%nat (o + k)%nat) as Hpos by (apply diagonal_pos; lia).
    pose proof (Rmult_le_compat_l _ _ _ Hpos (H k Hk)) as Hm. lra.
  - destruct (Nat.eq_dec (size p) 0) as [->|Ns]; [simpl; lra|].
    rewrite (sum_ext _ _ (fun k => P o o * (g (o + k)%nat * v (o + k)%nat))).
    + rewrite sum_scal. assert (0 <= P o o) as Hpos by (apply diagonal_pos; lia).
      pose proof (Rmult_le_compat_l _ _ _ Hpos H) as Hm. lra.
    + intros k Hk. rewrite mv_diagonal; [|lia|auto]. rewrite HE by auto. ring. Qed.

Variable Pi : vec -> vec.
Hypotheses (HPi : projects ps b Pi) (Hne : exists x, strategies ps b x).

Lemma projects_strategies x : strategies ps b (Pi x).
Proof. intros o p Hp. pose proof (HPi x o p Hp) as H. destruct Hne as [x0 H0]. specialize (H0 o p Hp).
  unfold projects_block in H. unfold allowed in *. destruct (kind p) as [| |a d]; [exact I| |apply H].
  intros k Hk. rewrite H by auto. specialize (H0 k Hk). split; [apply Rmax_l|]. apply Rmax_lub; [lra|apply Rmin_l]. Qed.

(** Projecting each player separately (clamp, Euclidean projection on the simplex) is the projection on all strategies in every
    metric P that respects the constraints; so it does not increase P-distances on R^n. *)
Theorem projects_is_projection : is_projection n P (strategies ps b) Pi.
Proof. intros x. split; [apply projects_strategies|]. intros y Hy. apply form_opposed. intros o p Hp.
  pose proof (HPi x o p Hp) as H. specialize (Hy o p Hp). unfold opposed. unfold projects_block in H. unfold allowed in *.
  destruct (kind p) as [| |a d].
  - intros k Hk. rewrite H by auto. ring.
  - intros k Hk. rewrite H by auto. specialize (Hy k Hk). set (l := low b (o + k)) in *. set (h := high b (o + k)) in *.
    set (s := x (o + k)%nat) in *. set (t := y (o + k)%nat) in *.
    unfold Rmin. destruct (Rle_dec h s) as [Q|Q]; unfold Rmax.
    + destruct (Rle_dec l h) as [W|W]; [|lra]. assert (0 <= (s - h) * (h - t)) by (apply Rmult_le_pos; lra). lra.
    + destruct (Rle_dec l s) as [W|W]; [lra|]. assert (0 <= (l - s) * (t - l)) by (apply Rmult_le_pos; lra). lra.
  - apply H; auto. Qed.
Theorem projects_nonexpansive : forall x y, dist2 n P (Pi x) (Pi y) <= dist2 n P x y.
Proof. apply (projection_nonexpansive n P lam (strategies ps b)); auto. apply projects_is_projection. Qed.
End Blocks.

(** ** The region contains the strategies if every player is confined to its part of it *)
Definition confined (ps : list player) (b : box) : Prop := forall o p, In (o, p) (placed 0 ps) -> match kind p with
  | Free => size p = O
  | InBox => True
  | Simplex a d => forall k, (k < size p)%nat -> low b (o + k) <= 0 /\ rat a d <= high b (o + k) end.
Lemma sum_term m f k : (forall j, (j < m)%nat -> 0 <= f j) -> (k < m)%nat -> f k <= sum m f.
Proof. induction m; simpl; intros H Hk; [lia|]. assert (0 <= f m) by (apply H; lia).
  assert (0 <= sum m f) by (apply sum_nonneg; intros; apply H; lia).
  destruct (Nat.eq_dec k m) as [->|N]; [lra|]. assert (f k <= sum m f) by (apply IHm; [intros; apply H; lia|lia]). lra. Qed.
(** Box players, and simplex players with [0, total] inside the region, cannot leave the region. *)
Theorem confined_in_box n ps b : n = dimension ps -> confined ps b -> forall x, strategies ps b x -> in_box n b x.
Proof. intros Hn HC x Hx i Hi. rewrite Hn in Hi. destruct (placed_covers ps 0 i Hi) as [o [p [k [Hp [Hk E]]]]]. simpl in E. subst i.
  specialize (HC o p Hp). specialize (Hx o p Hp). unfold allowed in Hx. destruct (kind p) as [| |a d].
  - lia.
  - auto.
  - destruct Hx as [H0 Hs]. destruct (HC k Hk) as [Hl Hh]. pose proof (sum_term (size p) (fun j => x (o + j)%nat) k H0 Hk) as Ht.
    simpl in Ht. specialize (H0 k Hk). lra. Qed.

(** ** The projection exists: clamp on boxes, max(0, x - tau) with a water level tau on simplices *)
Lemma cont_positive a : continuity (fun t => Rmax 0 (a - t)).
Proof. assert (E : forall t, (/ 2) * ((a - t) + Rabs (a - t)) = Rmax 0 (a - t)).
  { intros t. unfold Rmax. destruct (Rle_dec 0 (a - t)); [rewrite Rabs_right by lra|rewrite Rabs_left by lra]; lra. }
  assert (C1 : continuity (fun t => a - t)).
  { apply (continuity_minus (fun _ => a) (fun t => t)); [apply continuity_const; intros u v; auto|]. apply derivable_continuous, derivable_id. }
  assert (C : continuity (fun t => (/ 2) * ((a - t) + Rabs (a - t)))).
  { apply (continuity_scal (fun t => (a - t) + Rabs (a - t))). apply (continuity_plus (fun t => a - t) (fun t => Rabs (a - t))); auto.
    apply (continuity_comp (fun t => a - t) Rabs); auto. apply Rcontinuity_abs. }
  intros t e He. destruct (C t e He) as [d [Hd H]]. exists d. split; auto. intros u Hu. rewrite <- !E. apply H. exact Hu. Qed.
Lemma cont_sum m (f : nat -> R -> R) : (forall k, continuity (f k)) -> continuity (fun t => sum m (fun k => f k t)).
Proof. intros H. induction m; simpl; [apply continuity_const; intros u v; auto|].
  apply (continuity_plus (fun t => sum m (fun k => f k t)) (f m)); auto. Qed.
Lemma water m t (x : vec) : {tau | 0 <= t -> (0 < m)%nat -> sum m (fun k => Rmax 0 (x k - tau)) = t}.
Proof. destruct (Rle_dec 0 t) as [Ht|Ht]; [|exists 0; intros; contradiction].
  destruct (Nat.eq_dec m 0) as [->|Hm]; [exists 0; intros; lia|].
  set (B := sum m (fun k => Rabs (x k))).
  assert (HB : forall k, (k < m)%nat -> Rabs (x k) <= B).
  { intros k Hk. apply (sum_term m (fun j => Rabs (x j))); auto. intros; apply Rabs_pos. }
  assert (H0 : x O <= B) by (eapply Rle_trans; [apply Rle_abs|apply HB; lia]).
  destruct (IVT_cor (fun s => sum m (fun k => Rmax 0 (x k - s)) - t) (x O - t) B) as [tau [_ Z]].
  - apply (continuity_minus (fun s => sum m (fun k => Rmax 0 (x k - s))) (fun _ => t)); [|apply continuity_const; intros u v; auto].
    apply (cont_sum m (fun k s => Rmax 0 (x k - s))). intros; apply cont_positive.
  - lra.
  - assert (Hlo : t <= sum m (fun k => Rmax 0 (x k - (x O - t)))).
    { eapply Rle_trans; [|apply (sum_term m (fun k => Rmax 0 (x k - (x O - t))) O); [intros; apply Rmax_l|lia]].
      eapply Rle_trans; [|apply Rmax_r]. lra. }
    assert (Hhi : sum m (fun k => Rmax 0 (x k - B)) = 0).
    { transitivity (sum m (fun _ => 0)); [|apply sum_zero]. apply sum_ext. intros k Hk. apply Rmax_left.
      pose proof (HB k Hk). pose proof (Rle_abs (x k)). lra. }
    rewrite Hhi. assert (0 <= (sum m (fun k => Rmax 0 (x k - (x O - t))) - t) * t) by (apply Rmult_le_pos; lra). lra.
  - exists tau. intros. cbv beta in Z. lra. Qed.

Definition move (b : box) (o : nat) (p : player) (x : vec) (i : nat) : R := match kind p with
  | Free => x i
  | InBox => Rmax (low b i) (Rmin (high b i) (x i))
  | Simplex a d => Rmax 0 (x i - proj1_sig (water (size p) (rat a d) (fun k => x (o + k)%nat))) end.
Fixpoint project_from (o : nat) (ps : list player) (b : box) (x : vec) (i : nat) : R := match ps with
  | [] => x i
  | p :: ps => if Nat.ltb i (o + size p) then move b o p x i else project_from (o + size p) ps b x i end.
(** every player's projection; without simplex players it is the clamp of box coordinates and nothing else *)
Definition project (ps : list player) (b : box) : vec -> vec := project_from 0 ps b.
Lemma project_at ps b x : forall o o' p k, In (o', p) (placed o ps) -> (k < size p)%nat ->
  project_from o ps b x (o' + k)%nat = move b o' p x (o' + k)%nat.
Proof. induction ps as [|p0 ps IH]; simpl; intros o o' p k H Hk; [easy|]. destruct H as [H|H].
  - injection H as <- <-. destruct (Nat.ltb_spec (o + k) (o + size p0)); [auto|lia].
  - pose proof (placed_range ps _ _ _ H). destruct (Nat.ltb_spec (o' + k) (o + size p0)); [lia|]. apply IH; auto. Qed.

(** Without simplex players the explicit map [project] (a clamp) projects each player. *)
Theorem clamp_projects ps b : (forall o p, In (o, p) (placed 0 ps) -> kind p = Free \/ kind p = InBox) -> projects ps b (project ps b).
Proof. intros H x o p Hp. specialize (H o p Hp). unfold projects_block.
  assert (E : forall k, (k < size p)%nat -> project ps b x (o + k)%nat = move b o p x (o + k)%nat)
    by (intros; apply project_at; auto).
  unfold move in E. destruct H as [H|H]; rewrite H in E |- *; exact E. Qed.

(** Whenever the strategy sets are not empty [project] projects each player: the projection in all later theorems exists. *)
Theorem project_projects ps b : (exists x, strategies ps b x) -> projects ps b (project ps b).
Proof. intros [x0 H0] x o p Hp. specialize (H0 o p Hp). unfold projects_block.
  assert (E : forall k, (k < size p)%nat -> project ps b x (o + k)%nat = move b o p x (o + k)%nat)
    by (intros; apply project_at; auto).
  unfold move in E. unfold allowed in *. destruct (kind p) as [| |a d]; auto. destruct H0 as [Hx0 Hs0].
  set (t := rat a d) in *. set (m := size p) in *.
  destruct (water m t (fun k => x (o + k)%nat)) as [tau Htau]. simpl in E.
  assert (Ht : 0 <= t) by (rewrite <- Hs0; apply sum_nonneg; auto). specialize (Htau Ht).
  destruct (Nat.eq_dec m 0) as [Z|Z].
  { rewrite Z in *. simpl in *. split; [split; [intros; lia|auto]|]. intros; lra. }
  specialize (Htau ltac:(lia)).
  assert (S : sum m (fun k => project ps b x (o + k)%nat) = t) by (rewrite <- Htau; apply sum_ext; auto).
  split; [split; auto|].
  { intros k Hk. rewrite E by auto. apply Rmax_l. }
  intros z [Hz Sz].
  apply Rle_trans with (sum m (fun k => tau * (z (o + k)%nat - project ps b x (o + k)%nat))).
  - apply sum_le. intros k Hk. rewrite E by auto. specialize (Hz k Hk). set (s := x (o + k)%nat). set (w := z (o + k)%nat) in *.
    unfold Rmax. destruct (Rle_dec 0 (s - tau)) as [Q|Q]; [lra|].
    assert (0 <= (tau - s) * w) by (apply Rmult_le_pos; lra). lra.
  - rewrite sum_scal, sum_minus, Sz, S. lra. Qed.
