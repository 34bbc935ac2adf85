(** Gradient play with player steps h_i <= 2/(mu_i + l_i): one step bounds the block errors by I - diag(h) K, hence contracts in a weighted block
    maximum norm, for simultaneous and for sequential updates, and in a weighted Euclidean norm. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Spaces Field Integers Definite Blocks SmallGain Asynchronous.
Import ListNotations.
Open Scope R_scope.

(** ** One step of gradient play: e+ <= (I - diag(h) K) e *)
Definition shrink (mu h : vec) (L : nat -> nat -> R) i j : R := if Nat.eqb i j then 1 - h i * mu i else h i * L i j.
(** x - diag(h) F(x), projected *)
Definition play_step ds (F : vec -> vec) (h : vec) (proj : vec -> vec) (x : vec) : vec := proj (fun k => x k - h (owner ds k) * F x k).
(** in every block, proj moves points no further apart (projections onto each player's closed convex set) *)
Definition nonexpansive_blocks ds (proj : vec -> vec) :=
  forall i x y, (i < player_count ds)%nat -> block_norm ds i (minus (proj x) (proj y)) <= block_norm ds i (minus x y).
Definition shrinks N M r (v : vec) := forall i, (i < N)%nat -> sum N (fun j => M i j * v j) <= r * v i.
(** every block of d is at most E times its scale: max_i |d_i|/v_i <= E *)
Definition within ds (v : vec) E (d : vec) := forall i, (i < player_count ds)%nat -> block_norm ds i d <= v i * E.

Section Play.
Variables (ds : list nat) (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R) (proj : vec -> vec).
Variables (mu l h : vec) (L : nat -> nat -> R).
Notation N := (player_count ds).
Notation n := (coordinates ds).
Notation T := (play_step ds F h proj).
Hypotheses (HX : convex X) (HF : extensional n F) (HJ : jacobian_on n X F J) (Hconstants : constants_hold ds X J mu l L).
Hypothesis Hsym : forall z, X z -> forall i, (i < N)%nat -> symmetric_on (block_size ds i) (sub_block ds i i (J z)).
Hypothesis Hproj : nonexpansive_blocks ds proj.
Hypothesis HL : off_diagonal_nonneg N L.
(** 0 <= h_i <= 2/(mu_i + l_i) *)
Definition step_fits i := 0 <= l i /\ mu i <= l i /\ 0 <= h i /\ h i * (mu i + l i) <= 2.

Lemma shrink_pos i j : step_fits i -> (i < N)%nat -> (j < N)%nat -> 0 <= shrink mu h L i j.
Proof. intros [H1 [H2 [H3 H4]]] Hi Hj. unfold shrink. destruct (Nat.eqb_spec i j) as [->|Ne].
  - pose proof (Rmult_le_compat_l _ _ _ H3 H2). lra.
  - apply Rmult_le_pos; auto. Qed.

(** player i's error after the step is at most (1 - h_i mu_i) of his own plus h_i times the coupled errors *)
Theorem play_errors x y i : step_fits i -> X x -> X y -> (i < N)%nat ->
  block_norm ds i (minus (T x) (T y)) <= sum N (fun j => shrink mu h L i j * block_norm ds j (minus x y)).
Proof. intros Hfit Hx Hy Hi. destruct Hconstants as [Hc [Ho Hk]]. pose proof Hfit as [L1 [L2 [H1 H2]]].
  set (d := minus x y). set (raw := fun z k => z k - h (owner ds k) * F z k).
  apply Rle_trans with (block_norm ds i (minus (raw x) (raw y))). { apply Hproj. auto. }
  set (D := minus (raw x) (raw y)).
  destruct (mean_value n X F J HX HF HJ x y (fun k => if Nat.eqb (owner ds k) i then D k else 0) Hx Hy) as [z [Hz E]]. fold d in E.
  set (u := block_part ds i D). set (A := fun j => sub_block ds i j (J z)).
  (* both sides of the mean value live on block i *)
  assert (Only : forall g : nat -> R, sum n (fun k => (if Nat.eqb (owner ds k) i then D k else 0) * g k) =
     sum (block_size ds i) (fun r => u r * g (block_start ds i + r)%nat)).
  { intros g. rewrite block_sums, (sum_ext N _ (fun j => (if Nat.eqb j i then 1 else 0) * sum (block_size ds j) (fun r => block_part ds j D r * g
    (block_start ds j + r)%nat))).
    - rewrite sum_delta; auto.
    - intros j Hj. rewrite <- sum_scal. apply sum_ext; intros r Hr. rewrite owner_start by auto.
      unfold block_part. destruct (Nat.eqb j i); ring. }
  rewrite !Only in E.
  assert (Emv : sum (block_size ds i) (fun r => u r * mv n (J z) d (block_start ds i + r)%nat) = sum N (fun j => dot (block_size ds i) u (mv (block_size ds
    j) (A j) (block_part ds j d)))).
  { unfold dot. rewrite sum_swap. apply sum_ext; intros r Hr. rewrite mv_blocks, sum_scal. reflexivity. }
  rewrite Emv in E. clear Emv.
  (* |D_i|^2 = <D_i, d_i - h_i A d_i> - h_i sum_(j <> i) <D_i, A_j d_j> *)
  assert (Sq : block_norm ds i D * block_norm ds i D = dot (block_size ds i) u (block_part ds i d) - h i * sum N (fun j => dot (block_size ds i) u (mv
    (block_size ds j) (A j) (block_part ds j d)))).
  { rewrite len_sq, <- E. unfold block_dot, dot. fold u. rewrite <- sum_scal, <- sum_minus. apply sum_ext; intros r Hr.
    unfold u, block_part, D, d, raw, minus. rewrite owner_start by auto. ring. }
  set (own := fun r => block_part ds i d r - h i * mv (block_size ds i) (A i) (block_part ds i d) r).
  assert (Bound : block_norm ds i D * block_norm ds i D <= block_norm ds i D * sum N (fun j => shrink mu h L i j * block_norm ds j d)).
  { assert (Own : dot (block_size ds i) u own <= block_norm ds i D * ((1 - h i * mu i) * block_norm ds i d)).
    { eapply Rle_trans; [apply dot_cauchy_schwarz|]. apply Rmult_le_compat_l; [apply sqrt_pos|].
      apply (own_step (block_size ds i) (A i) (mu i) (l i) (h i)); auto.
      - apply Hsym; auto. - intros v; apply (Hc z Hz i Hi v). - intros v; apply (Ho z Hz i Hi v). }
    assert (Split : dot (block_size ds i) u own = dot (block_size ds i) u (block_part ds i d) - h i * dot (block_size ds i) u (mv (block_size ds i) (A i)
      (block_part ds i d))).
    { unfold own. rewrite dot_difference_r, dot_scale_r. reflexivity. }
    assert (Cross : forall j, (j < N)%nat -> i <> j ->
      - (block_norm ds i D * (L i j * block_norm ds j d)) <= dot (block_size ds i) u (mv (block_size ds j) (A j) (block_part ds j d))).
    { intros j Hj Ne. pose proof (bounded_pairing _ _ _ _ u (block_part ds j d) (HL i j Hi Hj Ne) (Hk z Hz i j Hi Hj Ne (block_part ds j d))) as P.
      change (sqrt (dot (block_size ds i) u u)) with (block_norm ds i D) in P.
      change (sqrt (dot (block_size ds j) (block_part ds j d) (block_part ds j d))) with (block_norm ds j d) in P.
      change (fun r c => J z (block_start ds i + r)%nat (block_start ds j + c)%nat) with (A j) in P. lra. }
    rewrite Sq.
    rewrite (sum_ext N (fun j => dot (block_size ds i) u (mv (block_size ds j) (A j) (block_part ds j d)))
      (fun j => if Nat.eqb i j then dot (block_size ds i) u (mv (block_size ds j) (A j) (block_part ds j d)) else dot (block_size ds i) u (mv (block_size ds
        j) (A j) (block_part ds j d))))
      by (intros j Hj; destruct (Nat.eqb i j); reflexivity).
    unfold shrink. rewrite (sum_ext N (fun j => (if Nat.eqb i j then _ else _) * block_norm ds j d)
      (fun j => if Nat.eqb i j then (1 - h i * mu i) * block_norm ds j d else h i * L i j * block_norm ds j d)) by (intros j Hj; destruct (Nat.eqb i j);
        reflexivity).
    rewrite (sum_if_split N i (fun j => dot (block_size ds i) u (mv (block_size ds j) (A j) (block_part ds j d)))) by auto.
    rewrite (sum_if_split N i (fun j => (1 - h i * mu i) * block_norm ds j d)) by auto.
    assert (Rest : - (block_norm ds i D * sum N (fun j => if Nat.eqb i j then 0 else h i * L i j * block_norm ds j d)) <=
      h i * sum N (fun j => if Nat.eqb i j then 0 else dot (block_size ds i) u (mv (block_size ds j) (A j) (block_part ds j d)))).
    { rewrite <- !sum_scal, <- sum_opp. apply sum_le; intros j Hj. destruct (Nat.eqb_spec i j) as [Ej|Ne]; [lra|].
      pose proof (Rmult_le_compat_l _ _ _ H1 (Cross j Hj Ne)). lra. }
    lra. }
  apply cancel_square; auto.
  - apply len_pos.
  - apply sum_nonneg; intros j Hj. apply Rmult_le_pos; [apply shrink_pos; auto|apply len_pos]. Qed.

Hypothesis Hfits : forall i, (i < N)%nat -> step_fits i.

(** ** The weighted block maximum norm *)
Variables (v : vec) (rate : R).
Hypotheses (Hv : positive_upto N v) (Hrate : 0 <= rate <= 1) (Hshrink : shrinks N (shrink mu h L) rate v).

(** one player's step, whatever the others do: his error is at most rate v_i E where no error exceeds v_j E *)
Lemma play_player x y E i : X x -> X y -> (i < N)%nat -> 0 <= E -> within ds v E (minus x y) -> block_norm ds i (minus (T x) (T y)) <= v i * (rate * E).
Proof. intros Hx Hy Hi HE Hd. eapply Rle_trans; [apply play_errors; auto|].
  apply Rle_trans with (sum N (fun j => shrink mu h L i j * v j * E)).
  - apply sum_le; intros j Hj. rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply shrink_pos; auto|apply Hd; auto].
  - rewrite sum_scal_r. pose proof (Rmult_le_compat_r _ _ _ HE (Hshrink i Hi)). lra. Qed.

(** max_i |x_i - y_i|/v_i *)
Definition maximum_norm (d : vec) : R := largest N (fun i => block_norm ds i d / v i).
Lemma within_maximum E d : 0 <= E -> within ds v E d <-> maximum_norm d <= E.
Proof. intros HE. split.
  - intros H. apply worst_le; auto. intros i Hi. specialize (H i Hi). specialize (Hv i Hi).
    apply Rmult_le_reg_l with (v i); auto. replace (v i * (block_norm ds i d / v i)) with (block_norm ds i d) by (field; lra). auto.
  - intros H i Hi. pose proof (worst_upper N (fun i => block_norm ds i d / v i) i Hi) as H1. cbv beta in H1. specialize (Hv i Hi).
    replace (block_norm ds i d) with (v i * (block_norm ds i d / v i)) by (field; lra). apply Rmult_le_compat_l; [lra|].
    eapply Rle_trans; [exact H1|exact H]. Qed.
Lemma maximum_norm_pos d : 0 <= maximum_norm d.
Proof. apply worst_pos. Qed.

(** Simultaneous gradient play contracts by rate in max_i |x_i - y_i|/v_i. *)
Theorem play_maximum_norm x y : X x -> X y -> maximum_norm (minus (T x) (T y)) <= rate * maximum_norm (minus x y).
Proof. intros Hx Hy. pose proof (maximum_norm_pos (minus x y)) as P.
  apply within_maximum; [apply Rmult_le_pos; lra|]. intros i Hi. apply play_player; auto. apply within_maximum; auto. lra. Qed.

(** Sequential updates: the players of the list move one after the other, each seeing the moves before his. *)
Definition one_move (x : vec) i : vec := replace_block ds i x (T x).
Definition sweep (order : list nat) (x : vec) : vec := fold_left one_move order x.

Lemma moves_errors x y i E E' : X x -> X y -> (i < N)%nat -> 0 <= E -> within ds v E (minus x y) ->
  (forall j, (j < N)%nat -> j <> i -> block_norm ds j (minus x y) <= v j * E' j) ->
  rate * E <= E' i -> forall j, (j < N)%nat -> block_norm ds j (minus (one_move x i) (one_move y i)) <= v j * E' j.
Proof. intros Hx Hy Hi HE Hd Hj HEi j Hjn. unfold one_move.
  destruct (Nat.eq_dec j i) as [->|Ne].
  - replace (block_norm ds i (minus (replace_block ds i x (T x)) (replace_block ds i y (T y)))) with (block_norm ds i (minus (T x) (T y))).
    + eapply Rle_trans; [apply play_player; eauto|]. apply Rmult_le_compat_l; auto. apply Rlt_le; auto.
    + unfold block_norm, block_dot. f_equal. apply dot_ext; intros r Hr; unfold block_part, minus, replace_block; rewrite owner_start, Nat.eqb_refl by auto;
      reflexivity.
  - replace (block_norm ds j (minus (replace_block ds i x (T x)) (replace_block ds i y (T y)))) with (block_norm ds j (minus x y)); auto.
    unfold block_norm, block_dot. f_equal. apply dot_ext; intros r Hr; unfold block_part, minus, replace_block; rewrite owner_start by auto;
      destruct (Nat.eqb_spec j i); auto; contradiction. Qed.

(** Where all points between the moves stay in X, one sweep over a list that names every player contracts by rate. *)
Theorem sweep_maximum_norm (inside : region) order : (forall x, inside x -> X x) ->
  (forall x i, inside x -> (i < N)%nat -> inside (one_move x i)) ->
  (forall i, In i order -> (i < N)%nat) -> (forall i, (i < N)%nat -> In i order) ->
  forall x y, inside x -> inside y -> maximum_norm (minus (sweep order x) (sweep order y)) <= rate * maximum_norm (minus x y).
Proof. intros Hin Hmove Hlt Hall x y Hx Hy. set (E := maximum_norm (minus x y)). assert (HE : 0 <= E) by apply maximum_norm_pos.
  assert (HrE : rate * E <= E) by (pose proof (Rmult_le_compat_r _ _ _ HE (proj2 Hrate)); lra).
  assert (G : forall rest done x' y', (forall i, In i rest -> (i < N)%nat) -> inside x' -> inside y' ->
     (forall j, (j < N)%nat -> block_norm ds j (minus x' y') <= v j * (if in_dec Nat.eq_dec j done then rate * E else E)) ->
     forall j, (j < N)%nat -> block_norm ds j (minus (sweep rest x') (sweep rest y')) <= v j * (if in_dec Nat.eq_dec j (rest ++ done) then rate * E else E)).
  { induction rest as [|i rest IH]; intros done x' y' Hr Hx' Hy' Hd j Hj; [apply Hd; auto|].
    assert (Hi : (i < N)%nat) by (apply Hr; left; auto). cbn [sweep fold_left].
    pose proof (IH (i :: done) (one_move x' i) (one_move y' i) (fun k Hk => Hr k (or_intror Hk)) (Hmove x' i Hx' Hi) (Hmove y' i Hy' Hi)) as H.
    eapply Rle_trans; [apply H; auto|].
    - apply moves_errors with (E := E); auto.
      + intros k Hk. eapply Rle_trans; [apply Hd; auto|]. apply Rmult_le_compat_l; [apply Rlt_le; auto|]. destruct (in_dec Nat.eq_dec k done); lra.
      + intros k Hk Ne. specialize (Hd k Hk). destruct (in_dec Nat.eq_dec k done) as [I|I]; destruct (in_dec Nat.eq_dec k (i :: done)) as [I'|I'];
          auto; [exfalso; apply I'; right; auto|]. destruct I' as [I'|I']; [congruence|contradiction].
      + destruct (in_dec Nat.eq_dec i (i :: done)) as [I|I]; [lra|]. exfalso; apply I; left; auto.
    - right. f_equal. destruct (in_dec Nat.eq_dec j (rest ++ i :: done)) as [I|I]; destruct (in_dec Nat.eq_dec j ((i :: rest) ++ done)) as [I'|I']; auto;
      exfalso.
      + apply I'. apply in_app_or in I. cbn. rewrite in_app_iff. destruct I as [I|[I|I]]; auto.
      + apply I. cbn in I'. rewrite in_app_iff in *. simpl. tauto. }
  apply within_maximum; [apply Rmult_le_pos; lra|]. intros i Hi. unfold E in *.
  eapply Rle_trans; [apply (G order [] x y); auto|].
  - intros j Hj. simpl. apply within_maximum; auto. lra.
  - apply Rmult_le_compat_l; [apply Rlt_le; auto|]. destruct (in_dec Nat.eq_dec i (order ++ [])) as [I|I]; [lra|].
    exfalso. apply I. rewrite app_nil_r. auto. Qed.

(** ** Asynchronous updates: block j of the point that player i uses at time t is that of time [used t i j] *)
Definition in_use (x : Z -> vec) (used : Z -> nat -> nat -> Z) t i : vec := fun k => x (used t i (owner ds k)) k.
Definition asynchronous_play (x : Z -> vec) updated (used : Z -> nat -> nat -> Z) :=
  forall t i, (0 <= t)%Z -> (i < N)%nat -> same (block_size ds i) (block_part ds i (x (t + 1)%Z)) (block_part ds i (if updated t i : bool then T (in_use x
    used t i) else x t)).

Lemma play_recursion xstar x updated used : X xstar -> same n (T xstar) xstar -> asynchronous_play x updated used ->
  (forall t i, (0 <= t)%Z -> (i < N)%nat -> updated t i = true -> X (in_use x used t i)) ->
  error_recursion N rate (fun t i => block_norm ds i (minus (x t) xstar) / v i) updated used.
Proof. intros Hs Hfix Hrun Hin t i Ht Hi. pose proof (Hv i Hi) as Pv.
  assert (Same : forall a b, same (block_size ds i) (block_part ds i a) (block_part ds i b) -> block_norm ds i (minus a xstar) = block_norm ds i (minus b
    xstar)).
  { intros a b H. unfold block_norm, block_dot. f_equal. apply dot_ext; intros r Hr; specialize (H r Hr); unfold block_part, minus in *; rewrite H;
    reflexivity. }
  pose proof (Same _ _ (Hrun t i Ht Hi)) as Eq. destruct (updated t i) eqn:U; [|rewrite Eq; lra].
  intros E HE HEj. rewrite Eq. set (z := in_use x used t i).
  assert (Hz : within ds v E (minus z xstar)).
  { intros j Hj. specialize (HEj j Hj). specialize (Hv j Hj).
    replace (block_norm ds j (minus z xstar)) with (block_norm ds j (minus (x (used t i j)) xstar)).
    - apply Rmult_le_reg_r with (/ v j); [apply Rinv_0_lt_compat; auto|]. replace (v j * E * / v j) with E by (field; lra). exact HEj.
    - unfold block_norm, block_dot. f_equal. apply dot_ext; intros r Hr; unfold block_part, minus, z, in_use; rewrite owner_start by auto; reflexivity. }
  rewrite (len_ext ds i (minus (T z) xstar) (minus (T z) (T xstar))) by (auto; intros k Hk; unfold minus; rewrite (Hfix k Hk); reflexivity).
  pose proof (play_player z xstar E i (Hin t i Ht Hi U) Hs Hi HE Hz) as H.
  apply Rmult_le_reg_l with (v i); auto. replace (v i * (block_norm ds i (minus (T z) (T xstar)) / v i)) with (block_norm ds i (minus (T z) (T xstar))) by
    (field; lra). lra. Qed.

(** Rounds in each of which every player is updated, no value written before the previous round being in use: the distance to the equilibrium in
    max_i |x_i - x*_i|/v_i contracts by rate in each round. *)
Theorem play_rounds xstar x updated used (r : nat -> Z) E0 : X xstar -> same n (T xstar) xstar -> asynchronous_play x updated used ->
  (forall t i, (0 <= t)%Z -> (i < N)%nat -> updated t i = true -> X (in_use x used t i)) ->
  in_rounds N updated used r ->
  0 <= E0 -> (forall t, (t <= 0)%Z -> maximum_norm (minus (x t) xstar) <= E0) ->
  forall k t, (r k <= t)%Z -> maximum_norm (minus (x t) xstar) <= rate^k * E0.
Proof. intros Hs Hfix Hrun Hin Hrounds HE Hpast k t Ht. apply worst_le.
  { apply Rmult_le_pos; auto. apply pow_le; lra. }
  intros i Hi. apply (round_errors N rate E0 (fun t i => block_norm ds i (minus (x t) xstar) / v i) updated used Hrate HE
    (play_recursion xstar x updated used Hs Hfix Hrun Hin) r); auto.
  intros s j Hsz Hj. eapply Rle_trans; [|apply (Hpast s Hsz)]. apply (worst_upper N (fun i => block_norm ds i (minus (x s) xstar) / v i)). auto. Qed.

(** Bounded staleness: every player is updated at least once in any B steps, from values at most D steps old. *)
Theorem play_stale xstar x updated used (B D : nat) E0 : X xstar -> same n (T xstar) xstar -> asynchronous_play x updated used ->
  (forall t i, (0 <= t)%Z -> (i < N)%nat -> updated t i = true -> X (in_use x used t i)) -> (1 <= B)%nat ->
  bounded_staleness N updated used (Z.of_nat B) (Z.of_nat D) ->
  0 <= E0 -> (forall t, (- Z.of_nat D <= t <= 0)%Z -> maximum_norm (minus (x t) xstar) <= E0) ->
  forall (T0 : nat) t, (Z.of_nat T0 <= t)%Z -> maximum_norm (minus (x t) xstar) <= rate ^ (T0 / (B + D)) * E0.
Proof. intros Hs Hfix Hrun Hin HB Hstale HE Hpast T0 t Ht. apply worst_le.
  { apply Rmult_le_pos; auto. apply pow_le; lra. }
  intros i Hi. apply (stale_errors N rate E0 (fun t i => block_norm ds i (minus (x t) xstar) / v i) updated used Hrate HE
    (play_recursion xstar x updated used Hs Hfix Hrun Hin) (Z.of_nat B) (Z.of_nat D)); auto; try lia.
  - intros s j Hsz Hj. eapply Rle_trans; [|apply (Hpast s Hsz)]. apply (worst_upper N (fun i => block_norm ds i (minus (x s) xstar) / v i)). auto.
  - pose proof (Nat.mul_div_le T0 (B + D) ltac:(lia)) as H. lia. Qed.

(** ** Weighted Euclidean norm, by Schur's test *)
Variable w : vec.
Hypotheses (Hw : positive_upto N w) (Hshrink' : shrinks N (transpose (shrink mu h L)) rate (fun i => w i * v i)).

(** Simultaneous gradient play contracts by rate in the norm with weights w: |T x - T y|_W <= rate |x - y|_W. *)
Theorem play_weighted_norm x y : X x -> X y -> weighted_sq ds w (minus (T x) (T y)) <= rate^2 * weighted_sq ds w (minus x y).
Proof. intros Hx Hy. set (M := shrink mu h L). set (e := fun j => block_norm ds j (minus x y)).
  assert (Row : forall i, (i < N)%nat -> w i * (block_norm ds i (minus (T x) (T y)) * block_norm ds i (minus (T x) (T y))) <=
     rate * sum N (fun j => e j * e j / v j * (M i j * (w i * v i)))).
  { intros i Hi. pose proof (play_errors x y i (Hfits i Hi) Hx Hy Hi) as H. fold M in H. change (fun j => M i j * block_norm ds j (minus x y)) with (fun j =>
    M i j * e j) in H.
    set (s := sum N (fun j => M i j * e j)) in *. set (q := sum N (fun j => e j * e j / v j * (M i j * (w i * v i)))).
    pose proof (len_pos ds i (minus (T x) (T y))) as P. pose proof (Hw i Hi) as Pw. pose proof (Hv i Hi) as Pvi.
    assert (Cs : s^2 <= sum N (fun j => M i j * v j) * sum N (fun j => M i j * (e j * e j / v j))).
    { pose proof (weighted_cauchy_schwarz N (fun j => M i j * v j) (fun _ => 1) (fun j => e j / v j)) as C.
      assert (C0 : forall j, (j < N)%nat -> 0 <= M i j * v j)
        by (intros j Hj; apply Rmult_le_pos; [apply shrink_pos; auto|apply Rlt_le; auto]).
      specialize (C C0). cbv beta in C.
      rewrite (sum_ext N (fun j => M i j * v j * (1 * (e j / v j))) (fun j => M i j * e j)) in C
        by (intros j Hj; pose proof (Hv j Hj); field; lra).
      rewrite (sum_ext N (fun j => M i j * v j * (1 * 1)) (fun j => M i j * v j)) in C by (intros; ring).
      rewrite (sum_ext N (fun j => M i j * v j * (e j / v j * (e j / v j))) (fun j => M i j * (e j * e j / v j))) in C
        by (intros j Hj; pose proof (Hv j Hj); field; lra). exact C. }
    assert (Q0 : 0 <= sum N (fun j => M i j * (e j * e j / v j))).
    { apply sum_nonneg; intros j Hj. apply Rmult_le_pos; [apply shrink_pos; auto|]. apply Rmult_le_pos; [apply Rle_0_sqr|].
      apply Rlt_le, Rinv_0_lt_compat; auto. }
    pose proof (Rmult_le_compat_r _ _ _ Q0 (Hshrink i Hi)) as C2. fold M in C2.
    assert (E : q = w i * v i * sum N (fun j => M i j * (e j * e j / v j))) by (unfold q; rewrite <- sum_scal; apply sum_ext; intros; ring).
    pose proof (Rmult_le_compat _ _ _ _ P P H H) as C3.
    rewrite E. replace (rate * (w i * v i * sum N (fun j => M i j * (e j * e j / v j))))
      with (w i * (rate * v i * sum N (fun j => M i j * (e j * e j / v j)))) by ring.
    apply Rmult_le_compat_l; lra. }
  rewrite !weighted_sq_blocks. eapply Rle_trans; [apply sum_le; exact Row|]. rewrite sum_scal, sum_swap.
  replace (rate^2) with (rate * rate) by ring. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|]. rewrite <- sum_scal.
  apply sum_le; intros j Hj. rewrite sum_scal. specialize (Hshrink' j Hj). fold M in Hshrink'. unfold transpose in Hshrink'.
  pose proof (Hv j Hj) as Pv. assert (P : 0 <= e j * e j / v j).
  { apply Rmult_le_pos; [apply Rle_0_sqr|apply Rlt_le, Rinv_0_lt_compat; auto]. }
  pose proof (Rmult_le_compat_l _ _ _ P Hshrink') as H. eapply Rle_trans; [exact H|]. right. unfold e. field. lra. Qed.
End Play.

(** ** The check, in integers over common denominators *)
Definition shrink_den (mu h : vector) (L : matrix) : Z := Zpos (vec_den h * vec_den mu * mat_den L).
Definition zshrink (mu h : vector) (L : matrix) i j : Z :=
  if Nat.eqb i j then ((Zpos (vec_den h * vec_den mu) - zvec h i * zvec mu i) * Zpos (mat_den L))%Z else (zvec h i * zmat L i j * Zpos (vec_den mu))%Z.
Definition shrinks_check N (M : nat -> nat -> Z) (D : Z) (rate : Z * positive) (x : nat -> Z) : bool :=
  every N (fun i => Zpos (snd rate) * integer_sum N (fun j => M i j * x j) <=? fst rate * D * x i)%Z.
Definition step_size_check (mu l h : vector) i : bool :=
  (0 <=? zvec l i)%Z && (zvec mu i * Zpos (vec_den l) <=? zvec l i * Zpos (vec_den mu))%Z && (0 <? zvec h i)%Z &&
  (zvec h i * (zvec mu i * Zpos (vec_den l) + zvec l i * Zpos (vec_den mu)) <=? 2 * Zpos (vec_den h * vec_den mu * vec_den l))%Z.
(** mu_i <= l_i, 0 < h_i <= 2/(mu_i + l_i), 0 <= rate < 1, (I - diag(h) K) v <= rate v with v > 0; and, where weights w > 0 are given, the transposed
    inequality for u = w v. *)
Definition schur_check N (mu l : vector) (L : matrix) (h v : vector) (rate : Z * positive) (weights : option vector) : bool :=
  positive_check N v && off_diagonal_check N L && every N (step_size_check mu l h) && (0 <=? fst rate)%Z && (fst rate <? Zpos (snd rate))%Z &&
  shrinks_check N (zshrink mu h L) (shrink_den mu h L) rate (zvec v) &&
  match weights with None => true | Some w => positive_check N w &&
    shrinks_check N (fun i j => zshrink mu h L j i) (shrink_den mu h L) rate (fun i => zvec w i * zvec v i)%Z end.

Lemma shrink_z mu h L i j : shrink (vect mu) (vect h) (mat L) i j = IZR (zshrink mu h L i j) / IZR (shrink_den mu h L).
Proof. unfold shrink, zshrink, shrink_den. rewrite !vect_z, mat_z, !Pos2Z.inj_mul, !mult_IZR.
  pose proof (den_pos (vec_den mu)). pose proof (den_pos (vec_den h)). pose proof (den_pos (mat_den L)).
  destruct (Nat.eqb i j); rewrite !mult_IZR, ?minus_IZR, ?mult_IZR; field; lra. Qed.
Lemma shrinks_check_sound N (M : nat -> nat -> R) (x : vec) mz xz D s rate : 0 < IZR D -> 0 < s ->
  (forall i j, (i < N)%nat -> (j < N)%nat -> M i j = IZR (mz i j) / IZR D) -> (forall i, (i < N)%nat -> x i = IZR (xz i) / s) ->
  shrinks_check N mz D rate xz = true -> shrinks N M (fraction rate) x.
Proof. intros HD Hs HM Hx H i Hi.
  pose proof (gains_check_sound N (fun i j => - M i j) x (fun i j => - mz i j)%Z xz D s (- fst rate, snd rate)%Z HD Hs) as G.
  assert (E : gains N (fun i j => - M i j) (fraction (- fst rate, snd rate)%Z) x).
  { apply G; auto.
    - intros a b Ha Hb. rewrite (HM a b Ha Hb), opp_IZR. field. lra.
    - unfold gains_check, every. apply forallb_forall. intros k Hk. apply in_seq in Hk. pose proof (every_spec _ _ H k ltac:(lia)) as K. cbv beta in K.
      apply Z.leb_le in K. apply Z.leb_le. cbn [fst snd].
      replace (integer_sum N (fun j => - mz k j * xz j)%Z) with (- integer_sum N (fun j => mz k j * xz j))%Z; [lia|].
      clear. induction N; simpl; lia. }
  specialize (E i Hi). unfold fraction in *. rewrite rat_div in *. cbn [fst snd] in E. rewrite opp_IZR in E.
  rewrite (sum_ext N _ (fun j => - (M i j * x j))), sum_opp in E by (intros; ring). lra. Qed.

Lemma schur_check_sound N mu l L h v rate weights : schur_check N mu l L h v rate weights = true ->
  off_diagonal_nonneg N (mat L) /\ (forall i, (i < N)%nat -> 0 <= vect l i /\ vect mu i <= vect l i) /\
  (forall i, (i < N)%nat -> 0 <= vect h i /\ vect h i * (vect mu i + vect l i) <= 2) /\ positive_upto N (vect v) /\ 0 <= fraction rate < 1 /\
  shrinks N (shrink (vect mu) (vect h) (mat L)) (fraction rate) (vect v) /\
  (forall w, weights = Some w -> positive_upto N (vect w) /\
    shrinks N (transpose (shrink (vect mu) (vect h) (mat L))) (fraction rate) (fun i => vect w i * vect v i)).
Proof. unfold schur_check. rewrite !andb_true_iff. intros [[[[[[Cv CL] Cs] C0] C1] Cr] Cw].
  pose proof (den_pos (vec_den mu)) as Pm. pose proof (den_pos (vec_den l)) as Pl. pose proof (den_pos (vec_den h)) as Ph.
  pose proof (den_pos (vec_den v)) as Pv. pose proof (den_pos (snd rate)) as Pr. pose proof (den_pos (vec_den h * vec_den mu * mat_den L)) as PD.
  assert (Steps : forall i, (i < N)%nat -> 0 <= vect l i /\ vect mu i <= vect l i /\ 0 <= vect h i /\ vect h i * (vect mu i + vect l i) <= 2).
  { intros i Hi. pose proof (every_spec _ _ Cs i Hi) as C. unfold step_size_check in C. rewrite !andb_true_iff, !Z.leb_le, Z.ltb_lt in C.
    destruct C as [[[D1 D2] D3] D4]. apply IZR_le in D1, D2, D4. apply Z.lt_le_incl, IZR_le in D3.
    rewrite !mult_IZR, ?plus_IZR, ?Pos2Z.inj_mul, ?mult_IZR in *. rewrite !vect_z.
    set (m := IZR (zvec mu i)) in *. set (ll := IZR (zvec l i)) in *. set (hh := IZR (zvec h i)) in *.
    split; [apply div_den_nonneg; auto|]. split; [|split; [apply div_den_nonneg; auto|]].
    - apply Rmult_le_reg_l with (IZR (Zpos (vec_den mu)) * IZR (Zpos (vec_den l))); [apply Rmult_lt_0_compat; auto|].
      replace (IZR (Zpos (vec_den mu)) * IZR (Zpos (vec_den l)) * (m / IZR (Zpos (vec_den mu)))) with (m * IZR (Zpos (vec_den l))) by (field; lra).
      replace (IZR (Zpos (vec_den mu)) * IZR (Zpos (vec_den l)) * (ll / IZR (Zpos (vec_den l)))) with (ll * IZR (Zpos (vec_den mu))) by (field; lra). auto.
    - apply Rmult_le_reg_l with (IZR (Zpos (vec_den h)) * IZR (Zpos (vec_den mu)) * IZR (Zpos (vec_den l))); [repeat apply Rmult_lt_0_compat; auto|].
      eapply Rle_trans; [|rewrite Rmult_comm; exact D4]. right. field. lra. }
  split; [apply off_diagonal_check_sound; auto|]. split; [intros i Hi; specialize (Steps i Hi); tauto|].
  split; [intros i Hi; specialize (Steps i Hi); tauto|]. split; [apply positive_check_sound; auto|].
  apply Z.leb_le, IZR_le in C0. apply Z.ltb_lt, IZR_lt in C1.
  split; [|split].
  - unfold fraction. rewrite rat_div. split; [apply div_den_nonneg; auto|].
    apply Rmult_lt_reg_r with (IZR (Zpos (snd rate))); auto. rewrite Rmult_1_l.
    replace (IZR (fst rate) / IZR (Zpos (snd rate)) * IZR (Zpos (snd rate))) with (IZR (fst rate)) by (field; lra). auto.
  - apply shrinks_check_sound with (mz := zshrink mu h L) (xz := zvec v) (D := shrink_den mu h L) (s := IZR (Zpos (vec_den v))); auto.
    + intros; apply shrink_z. + intros; apply vect_z.
  - intros w ->. apply andb_true_iff in Cw. destruct Cw as [W1 W2]. split; [apply positive_check_sound; auto|].
    pose proof (den_pos (vec_den w)) as Pw.
    apply shrinks_check_sound with (mz := fun i j => zshrink mu h L j i) (xz := fun i => (zvec w i * zvec v i)%Z) (D := shrink_den mu h L)
      (s := IZR (Zpos (vec_den w)) * IZR (Zpos (vec_den v))); auto.
    + apply Rmult_lt_0_compat; auto. + intros; apply shrink_z. + intros. rewrite !vect_z, mult_IZR. field. lra. Qed.

(** Gradient play on a field with block constants (mu, l, L) whose own blocks are symmetric: contraction by rate in max_i |x_i - y_i|/v_i of one
    simultaneous step, of one sequential sweep and of each asynchronous round, and in the norm with weights w where they are given. *)
Theorem schur_step_holds ds X F J proj mu l L h v rate weights :
  schur_check (player_count ds) mu l L h v rate weights = true ->
  convex X -> extensional (coordinates ds) F -> jacobian_on (coordinates ds) X F J -> constants_hold ds X J (vect mu) (vect l) (mat L) ->
  (forall z, X z -> forall i, (i < player_count ds)%nat -> symmetric_on (block_size ds i) (sub_block ds i i (J z))) -> nonexpansive_blocks ds proj ->
  let T := play_step ds F (vect h) proj in let norm := maximum_norm ds (vect v) in
  0 <= fraction rate < 1 /\
  (forall x y, X x -> X y -> norm (minus (T x) (T y)) <= fraction rate * norm (minus x y)) /\
  (forall inside : region, (forall x, inside x -> X x) -> (forall x i, inside x -> (i < player_count ds)%nat -> inside (replace_block ds i x (T x))) ->
    forall order, (forall i, In i order <-> (i < player_count ds)%nat) -> forall x y, inside x -> inside y ->
    norm (minus (sweep ds F proj (vect h) order x) (sweep ds F proj (vect h) order y)) <= fraction rate * norm (minus x y)) /\
  (forall xstar x updated used r E0, X xstar -> same (coordinates ds) (T xstar) xstar -> asynchronous_play ds F proj (vect h) x updated used ->
    (forall t i, (0 <= t)%Z -> (i < player_count ds)%nat -> updated t i = true -> X (in_use ds x used t i)) -> in_rounds (player_count ds) updated used r ->
    0 <= E0 -> (forall t, (t <= 0)%Z -> norm (minus (x t) xstar) <= E0) ->
    forall k t, (r k <= t)%Z -> norm (minus (x t) xstar) <= (fraction rate)^k * E0) /\
  (forall w, weights = Some w -> forall x y, X x -> X y ->
    weighted_sq ds (vect w) (minus (T x) (T y)) <= (fraction rate)^2 * weighted_sq ds (vect w) (minus x y)).
Proof. intros C HX HF HJ Hc Hs Hp. destruct (schur_check_sound _ _ _ _ _ _ _ _ C) as [HL [Hl [Hh [Hv [Hr [Hn Hw]]]]]].
  assert (Hr' : 0 <= fraction rate <= 1) by lra.
  assert (Hfit : forall i, (i < player_count ds)%nat -> step_fits (vect mu) (vect l) (vect h) i)
    by (intros i Hi; destruct (Hl i Hi), (Hh i Hi); repeat split; auto). intros T norm.
  split; [exact Hr|split; [|split; [|split]]].
  - intros x y Hx Hy. apply (play_maximum_norm ds X F J proj (vect mu) (vect l)) with (L := mat L); auto.
  - intros inside Hin Hmove order Hall x y Hx Hy.
    apply (sweep_maximum_norm ds X F J proj (vect mu) (vect l) (vect h) (mat L)) with (inside := inside); auto; intros i Hi; apply Hall; auto.
  - intros xstar x updated used r E0 H1 H2 H3 H4 H5 H6 H7. exact (play_rounds ds X F J proj (vect mu) (vect l) (vect h) (mat L) HX HF HJ Hc Hs Hp HL Hfit
      (vect v) (fraction rate) Hv Hr' Hn xstar x updated used r E0 H1 H2 H3 H4 H5 H6 H7).
  - intros w E x y Hx Hy. destruct (Hw w E) as [W1 W2].
    apply (play_weighted_norm ds X F J proj (vect mu) (vect l) (vect h) (mat L)) with (v := vect v); auto. Qed.
