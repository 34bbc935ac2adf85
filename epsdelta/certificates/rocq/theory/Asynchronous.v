(** Asynchronous iteration of a block contraction (Bertsekas): blocks are updated at different times and from values that may be old.
    Times are integers; the run starts at time 0 and negative times hold the values that were known before. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums Spaces Formulas.
Open Scope R_scope.

(** the largest of f 0, ..., f (n - 1), and 0 *)
Fixpoint largest n (f : nat -> R) : R := match n with O => 0 | S m => Rmax (largest m f) (f m) end.
Lemma worst_pos n f : 0 <= largest n f.
Proof. induction n; simpl; [lra|]. pose proof (Rmax_l (largest n f) (f n)). lra. Qed.
Lemma worst_upper n f i : (i < n)%nat -> f i <= largest n f.
Proof. induction n; simpl; intros Hi; [lia|]. destruct (Nat.eq_dec i n) as [->|Ne]; [apply Rmax_r|].
  eapply Rle_trans; [apply IHn; lia|apply Rmax_l]. Qed.
Lemma worst_le n f E : 0 <= E -> (forall i, (i < n)%nat -> f i <= E) -> largest n f <= E.
Proof. induction n; simpl; intros HE H; auto. apply Rmax_lub; auto. Qed.
Lemma worst_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> largest n f = largest n g.
Proof. induction n; simpl; intros H; auto. rewrite IHn, H; auto. Qed.

(** ** Schedules. [updated t i] says that block i is updated in the step from t to t + 1, [used t i j] is the time of the value of block j that
    this update uses. Every block is updated at least once in any B steps, from values at most D steps old: *)
Definition bounded_staleness N (updated : Z -> nat -> bool) (used : Z -> nat -> nat -> Z) (B D : Z) :=
  (forall t i, (0 <= t)%Z -> (i < N)%nat -> exists s, (t <= s < t + B)%Z /\ updated s i = true) /\
  (forall t i j, (0 <= t)%Z -> (i < N)%nat -> (j < N)%nat -> updated t i = true -> (t - D <= used t i j <= t)%Z).
(** Round k is the stretch [r k, r (k + 1)); every block is updated in each round, and from round k + 1 on every value in use was written in round k
    or later (values written before time 0 can be used in round 0 only): *)
Definition in_rounds N (updated : Z -> nat -> bool) (used : Z -> nat -> nat -> Z) (r : nat -> Z) :=
  r O = 0%Z /\ (forall k, (r k <= r (S k))%Z) /\
  (forall k i, (i < N)%nat -> exists s, (r k <= s < r (S k))%Z /\ updated s i = true) /\
  (forall t i j, (0 <= t)%Z -> (i < N)%nat -> (j < N)%nat -> updated t i = true -> (used t i j <= t)%Z) /\
  (forall k t i j, (r (S k) <= t)%Z -> (i < N)%nat -> (j < N)%nat -> updated t i = true ->
    exists s, (r k <= s < used t i j)%Z /\ updated s j = true).

(** ** Errors of the blocks. [e t i] is the error of block i at time t. *)
Section Errors.
Variables (N : nat) (c E0 : R) (e : Z -> nat -> R) (updated : Z -> nat -> bool) (used : Z -> nat -> nat -> Z).
Definition error_recursion := forall t i, (0 <= t)%Z -> (i < N)%nat ->
  if updated t i then forall E, 0 <= E -> (forall j, (j < N)%nat -> e (used t i j) j <= E) -> e (t + 1)%Z i <= c * E
  else e (t + 1)%Z i <= e t i.
Hypotheses (Hc : 0 <= c <= 1) (HE : 0 <= E0) (Hrun : error_recursion).

(** a bound on everything written from time a on lasts once the block has been written *)
Lemma written_lasts a b i s : (0 <= a)%Z -> (i < N)%nat -> (forall t, (a <= t)%Z -> updated t i = true -> e (t + 1)%Z i <= b) ->
  (a <= s)%Z -> updated s i = true -> forall t, (s + 1 <= t)%Z -> e t i <= b.
Proof. intros Ha Hi Hb Hs Hu t Ht. replace t with (s + 1 + Z.of_nat (Z.to_nat (t - s - 1)))%Z by lia.
  induction (Z.to_nat (t - s - 1)) as [|m IH].
  - rewrite Z.add_0_r. apply Hb; auto.
  - replace (s + 1 + Z.of_nat (S m))%Z with ((s + 1 + Z.of_nat m) + 1)%Z by lia.
    pose proof (Hrun (s + 1 + Z.of_nat m)%Z i ltac:(lia) Hi) as H.
    destruct (updated (s + 1 + Z.of_nat m)%Z i) eqn:U; [apply Hb; auto; lia|lra]. Qed.

(** no error exceeds E0 *)
Lemma errors_bounded (known : Z -> Prop) : (forall t i, known t -> (t <= 0)%Z -> (i < N)%nat -> e t i <= E0) -> known 0%Z ->
  (forall t, (0 <= t)%Z -> known t) ->
  (forall t i j, (0 <= t)%Z -> (i < N)%nat -> (j < N)%nat -> updated t i = true -> known (used t i j) /\ (used t i j <= t)%Z) ->
  forall t i, known t -> (i < N)%nat -> e t i <= E0.
Proof. intros Hpast H0 Hk Hu.
  assert (P : forall m t i, (t <= Z.of_nat m)%Z -> known t -> (i < N)%nat -> e t i <= E0).
  { induction m as [|m IH]; intros t i Ht K Hi; [apply Hpast; auto; lia|].
    destruct (Z.eq_dec t (Z.of_nat (S m))) as [->|Ne]; [|apply IH; auto; lia].
    replace (Z.of_nat (S m)) with (Z.of_nat m + 1)%Z by lia.
    pose proof (Hrun (Z.of_nat m) i ltac:(lia) Hi) as H. destruct (updated (Z.of_nat m) i) eqn:U.
    - apply Rle_trans with (c * E0).
      + apply H; auto. intros j Hj. destruct (Hu (Z.of_nat m) i j ltac:(lia) Hi Hj U). apply IH; auto.
      + pose proof (Rmult_le_compat_r _ _ _ HE (proj2 Hc)). lra.
    - eapply Rle_trans; [exact H|]. apply IH; auto; [lia|apply Hk; lia]. }
  intros t i K Hi. apply (P (Z.to_nat t)); auto. lia. Qed.

(** Every block updated at least once in any B steps, from values at most D steps old: from time k (B + D) on errors are at most c^k E0. *)
Theorem stale_errors (B D : Z) : (1 <= B)%Z -> (0 <= D)%Z ->
  bounded_staleness N updated used B D ->
  (forall t i, (- D <= t <= 0)%Z -> (i < N)%nat -> e t i <= E0) ->
  forall k t i, (Z.of_nat k * (B + D) <= t)%Z -> (i < N)%nat -> e t i <= c^k * E0.
Proof. intros HB HD [Hgap Hage] Hpast. induction k as [|k IH]; intros t i Ht Hi.
  - simpl. rewrite Rmult_1_l. apply (errors_bounded (fun t => (- D <= t)%Z)); auto; try lia.
    intros t' i' j T I Jn U. specialize (Hage t' i' j T I Jn U). lia.
  - set (tk := (Z.of_nat k * (B + D))%Z) in *. assert (Htk : (0 <= tk)%Z) by (apply Z.mul_nonneg_nonneg; lia).
    replace (Z.of_nat (S k) * (B + D))%Z with (tk + (B + D))%Z in Ht by (unfold tk; rewrite Nat2Z.inj_succ; ring).
    destruct (Hgap (tk + D)%Z i ltac:(lia) Hi) as [s [Hs U]].
    apply (written_lasts (tk + D) (c^(S k) * E0) i s); auto; try lia.
    intros t' Ht' U'. pose proof (Hrun t' i ltac:(lia) Hi) as H. rewrite U' in H.
    simpl. rewrite Rmult_assoc. apply H.
    + apply Rmult_le_pos; auto. apply pow_le; lra.
    + intros j Hj. apply IH; auto. specialize (Hage t' i j ltac:(lia) Hi Hj U'). lia. Qed.

(** In rounds, each round contracts the errors by c. *)
Theorem round_errors (r : nat -> Z) : in_rounds N updated used r ->
  (forall t i, (t <= 0)%Z -> (i < N)%nat -> e t i <= E0) ->
  forall k t i, (r k <= t)%Z -> (i < N)%nat -> e t i <= c^k * E0.
Proof. intros [R0 [Rm [Hround [Hused Hfresh]]]] Hpast.
  assert (Rpos : forall k, (0 <= r k)%Z) by (induction k; [lia|specialize (Rm k); lia]).
  assert (Bounded : forall t i, (i < N)%nat -> e t i <= E0).
  { intros t i Hi. apply (errors_bounded (fun _ => True)); auto. }
  (* what is written in round k or later *)
  assert (W : forall k t i, (r k <= t)%Z -> (i < N)%nat -> updated t i = true -> e (t + 1)%Z i <= c^(S k) * E0).
  { induction k as [|k IH]; intros t i Ht Hi U.
    - specialize (Rpos O). pose proof (Hrun t i ltac:(lia) Hi) as H. rewrite U in H. simpl. rewrite Rmult_1_r. apply H; auto.
    - pose proof (Rpos (S k)). pose proof (Hrun t i ltac:(lia) Hi) as H0. rewrite U in H0.
      change (c ^ S (S k)) with (c * c ^ S k). rewrite Rmult_assoc. apply H0.
      + apply Rmult_le_pos; auto. apply pow_le; lra.
      + intros j Hj. destruct (Hfresh k t i j Ht Hi Hj U) as [s [Hs Us]].
        apply (written_lasts (r k) (c ^ S k * E0) j s); auto; try lia. }
  intros k t i Ht Hi. destruct k as [|k]; [rewrite pow_O, Rmult_1_l; auto|].
  destruct (Hround k i Hi) as [s [Hs U]]. apply (written_lasts (r k) (c ^ S k * E0) i s); auto; try lia. Qed.
End Errors.

(** ** The entry of the catalogue *)
(** max_i |x_i - y_i| / v_i; [dist i] is the distance that the norm of block i gives *)
Definition block_distance {S : Type} N (dist : nat -> S -> S -> R) (v : nat -> R) (x y : nat -> S) : R :=
  largest N (fun i => dist i (x i) (y i) / v i).
(** x is a run: at time t block i is replaced by block i of T at the values in use, or kept *)
Definition asynchronous_run {S : Type} N (T : (nat -> S) -> nat -> S) (x : Z -> nat -> S) updated (used : Z -> nat -> nat -> Z) :=
  forall t i, (0 <= t)%Z -> (i < N)%nat -> x (t + 1)%Z i = if updated t i : bool then T (fun j => x (used t i j) j) i else x t i.

(** Let T contract by [contraction] in a weighted block maximum norm on a set that holds the fixed point and all points assembled from the values in
    use. If every block is updated at least once in any [update_gap] steps, from values at most [delay] steps old, then from time [horizon] on the
    weighted distance to the fixed point is at most contraction^floor(horizon/(update_gap + delay)) times its bound up to time 0. *)
Theorem asynchronous_contraction_any_schedule_holds (S : Type) N (dist : nat -> S -> S -> R) (v : nat -> R)
  (domain : (nat -> S) -> Prop) (T : (nat -> S) -> nat -> S) (xstar : nat -> S) (x : Z -> nat -> S) updated used
  (contraction : R) (delay horizon : nat) (initial_error : R) (update_gap : nat) :
  0 <= contraction <= 1 -> 0 <= initial_error -> (1 <= update_gap)%nat ->
  (forall y z, domain y -> domain z -> block_distance N dist v (T y) (T z) <= contraction * block_distance N dist v y z) ->
  domain xstar -> (forall i, (i < N)%nat -> T xstar i = xstar i) ->
  asynchronous_run N T x updated used ->
  (forall t i, (0 <= t)%Z -> (i < N)%nat -> updated t i = true -> domain (fun j => x (used t i j) j)) ->
  bounded_staleness N updated used (Z.of_nat update_gap) (Z.of_nat delay) ->
  (forall t, (- Z.of_nat delay <= t <= 0)%Z -> block_distance N dist v (x t) xstar <= initial_error) ->
  forall t, (Z.of_nat horizon <= t)%Z ->
  block_distance N dist v (x t) xstar <= asynchronous_contraction_any_schedule contraction delay horizon initial_error update_gap.
Proof. intros Hc HE HB Hcontract Hstar Hfix Hrun Hdom Hstale Hpast t Ht. unfold asynchronous_contraction_any_schedule.
  set (e := fun s i => dist i (x s i) (xstar i) / v i).
  assert (Hrec : error_recursion N contraction e updated used).
  { intros s i Hs Hi. unfold e. rewrite (Hrun s i Hs Hi). destruct (updated s i) eqn:U; [|lra]. intros E PE HEj.
    set (z := fun j => x (used s i j) j) in *. rewrite <- (Hfix i Hi).
    apply Rle_trans with (block_distance N dist v (T z) (T xstar)).
    - apply (worst_upper N (fun i => dist i (T z i) (T xstar i) / v i)). auto.
    - eapply Rle_trans; [apply Hcontract; auto; apply Hdom; auto|]. apply Rmult_le_compat_l; [lra|]. apply worst_le; auto. }
  unfold block_distance. apply worst_le. { apply Rmult_le_pos; auto. apply pow_le; lra. }
  intros i Hi. apply (stale_errors N contraction initial_error e updated used Hc HE Hrec (Z.of_nat update_gap) (Z.of_nat delay)); auto; try lia.
  - intros s j Hs Hj. eapply Rle_trans; [|apply (Hpast s Hs)]. apply (worst_upper N (fun i => dist i (x s i) (xstar i) / v i)). auto.
  - pose proof (Nat.mul_div_le horizon (update_gap + delay) ltac:(lia)) as H. lia. Qed.
