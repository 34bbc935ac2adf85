(** No metric of a structure makes an affine field strictly monotone: a dual matrix Z = sum_k d_k c_k c_k' >= 0, Z <> 0, refutes it,
    as sum_k d_k c_k'PA c_k = tr(PAZ) would be positive and is not. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Monotone Integers Definite Instability.
Import ListNotations.
Open Scope R_scope.

(** <F x - F y, x - y>_P > 0 for all x, y of X that differ *)
Definition strictly_monotone_on n P (X : region) (F : vec -> vec) :=
  forall x y, X x -> X y -> ~ same n x y -> 0 < form n P (minus x y) (minus (F x) (F y)).
(** X contains a small cube *)
Definition has_interior n (X : region) := exists c eps, 0 < eps /\ forall x, (forall i, (i < n)%nat -> Rabs (x i - c i) <= eps) -> X x.
(** blkdiag(r_i I): coordinate a belongs to player own a *)
Definition player_metric (own : nat -> nat) (r : vec) a b : R := if Nat.eqb a b then r (own a) else 0.
(** P links no coordinates of different players *)
Definition respects_blocks n (own : nat -> nat) (P : nat -> nat -> R) :=
  forall a b, (a < n)%nat -> (b < n)%nat -> own a <> own b -> P a b = 0.

Lemma whole_space_interior n : has_interior n whole_space.
Proof. exists zeros, 1. split; [lra|]. intros; exact I. Qed.
Lemma smallest_positive n (w : vec) : (forall i, (i < n)%nat -> 0 < w i) -> exists e, 0 < e /\ forall i, (i < n)%nat -> e <= w i.
Proof. induction n; intros H; [exists 1; split; [lra|intros; lia]|]. destruct IHn as [e [He Hl]]; [intros; apply H; lia|].
  exists (Rmin e (w n)). split; [apply Rmin_pos; auto; apply H; lia|]. intros i Hi. destruct (Nat.eq_dec i n) as [->|N]; [apply Rmin_r|].
  eapply Rle_trans; [apply Rmin_l|]. apply Hl. lia. Qed.
(** a box whose sides all have positive length has an interior *)
Lemma box_interior n b : (forall i, (i < n)%nat -> low b i < high b i) -> has_interior n (in_box n b).
Proof. intros H. destruct (smallest_positive n (fun i => (high b i - low b i) / 2)) as [e [He Hl]].
  { intros i Hi. specialize (H i Hi). lra. }
  exists (fun i => (low b i + high b i) / 2), e. split; auto. intros x Hx i Hi. specialize (Hx i Hi). specialize (Hl i Hi). cbv beta in Hl.
  assert (K : - e <= x i - (low b i + high b i) / 2 <= e).
  { unfold Rabs in Hx. destruct (Rcase_abs (x i - (low b i + high b i) / 2)); lra. } lra. Qed.

(** strict monotonicity of an affine field on a region with an interior says that v'PAv > 0 for all v other than 0 *)
Lemma strict_positive n P X A F : has_interior n X -> affine_on n X A F -> strictly_monotone_on n P X F ->
  forall v, ~ same n v zeros -> 0 < form n P v (mv n A v).
Proof. intros [c [eps [He HX]]] HF HM v Hv. set (t := eps / (1 + sum n (fun i => Rabs (v i)))).
  assert (Hsum : 0 <= sum n (fun i => Rabs (v i))) by (apply sum_nonneg; intros; apply Rabs_pos).
  assert (Ht : 0 < t) by (apply Rdiv_lt_0_compat; lra).
  assert (Xc : X c). { apply HX. intros i Hi. rewrite Rminus_diag_eq, Rabs_R0; auto. lra. }
  assert (Xx : X (fun i => c i + t * v i)).
  { apply HX. intros i Hi. replace (c i + t * v i - c i) with (t * v i) by ring. rewrite Rabs_mult, (Rabs_right t) by lra.
    assert (B : Rabs (v i) <= sum n (fun i => Rabs (v i))).
    { clear - Hi. induction n; [lia|]. simpl. pose proof (Rabs_pos (v n)).
      assert (0 <= sum n (fun i => Rabs (v i))) by (apply sum_nonneg; intros; apply Rabs_pos).
      destruct (Nat.eq_dec i n) as [->|N]; [lra|]. assert (Rabs (v i) <= sum n (fun i => Rabs (v i))) by (apply IHn; lia). lra. }
    apply Rle_trans with (t * (1 + sum n (fun i => Rabs (v i)))); [apply Rmult_le_compat_l; lra|]. unfold t. right. field. lra. }
  assert (Ne : ~ same n (fun i => c i + t * v i) c).
  { intros E. apply Hv. intros i Hi. specialize (E i Hi). cbv beta in E. unfold zeros. apply Rmult_eq_reg_l with t; lra. }
  pose proof (HM _ _ Xx Xc Ne) as H.
  rewrite (form_vext n P _ (fun i => t * v i) _ (fun i => t * mv n A v i)) in H.
  - rewrite form_scal_l, form_scal_r in H. apply Rmult_lt_reg_l with t; auto. apply Rmult_lt_reg_l with t; auto. lra.
  - intros i Hi. unfold minus. ring.
  - intros i Hi. rewrite (HF _ _ Xx Xc i Hi). unfold mv. rewrite <- sum_scal. apply sum_ext; intros j Hj. unfold minus. ring. Qed.

Section Dual.
Variables (n m : nat) (A : nat -> nat -> R) (own : nat -> nat) (d : vec) (c : nat -> vec).
Hypotheses (Hd : forall k, (k < m)%nat -> 0 <= d k) (Hnz : exists k, (k < m)%nat /\ 0 < d k /\ ~ same n (c k) zeros).
(** the entries of A Z for Z = sum_k d_k c_k c_k' *)
Definition moved a b : R := sum m (fun k => d k * mv n A (c k) a * c k b).

(** tr(PAZ) through the factors of Z *)
Lemma trace_pairing P : sum m (fun k => d k * form n P (c k) (mv n A (c k))) = sum n (fun a => sum n (fun b => P a b * moved b a)).
Proof. rewrite (sum_ext m _ (fun k => sum n (fun a => sum n (fun b => P a b * (d k * mv n A (c k) b * c k a))))).
  - rewrite sum_swap. apply sum_ext; intros a Ha. rewrite sum_swap. apply sum_ext; intros b Hb. rewrite sum_scal. reflexivity.
  - intros k Hk. rewrite form_sum, <- sum_scal. apply sum_ext; intros a Ha. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma dual_positive P : (forall v, ~ same n v zeros -> 0 < form n P v (mv n A v)) ->
  0 < sum m (fun k => d k * form n P (c k) (mv n A (c k))).
Proof. intros H. assert (T : forall k, 0 <= form n P (c k) (mv n A (c k))).
  { intros k. destruct (Rle_lt_dec 0 (form n P (c k) (mv n A (c k)))) as [L|L]; auto. exfalso.
    assert (N : ~ same n (c k) zeros). { intros E. rewrite form_zero_l in L by (intros i Hi; apply (E i Hi)). lra. }
    specialize (H _ N). lra. }
  destruct Hnz as [k0 [Hk0 [Hp Hn]]]. specialize (H _ Hn). pose proof (Rmult_lt_0_compat _ _ Hp H) as Pos.
  assert (B : forall k, (k < m)%nat -> 0 <= d k * form n P (c k) (mv n A (c k))) by (intros; apply Rmult_le_pos; auto).
  clear - Hk0 Pos B. induction m as [|l IH]; [lia|]. simpl.
  assert (Hl : 0 <= sum l (fun k => d k * form n P (c k) (mv n A (c k)))) by (apply sum_nonneg; intros; apply B; lia).
  pose proof (B l ltac:(lia)). destruct (Nat.eq_dec k0 l) as [->|N]; [lra|].
  assert (0 < sum l (fun k => d k * form n P (c k) (mv n A (c k)))) by (apply IH; [lia|intros; apply B; lia]). lra. Qed.

(** One weight per player (Rosen's condition): if tr((AZ)_ii) <= 0 for every player i then no weights r_i >= 0 make the affine field
    strictly monotone in blkdiag(r_i I). *)
Theorem no_player_metric N X F : has_interior n X -> affine_on n X A F -> (forall a, (a < n)%nat -> (own a < N)%nat) ->
  (forall i, (i < N)%nat -> sum n (fun a => if Nat.eqb (own a) i then moved a a else 0) <= 0) ->
  ~ exists r : vec, (forall i, (i < N)%nat -> 0 <= r i) /\ strictly_monotone_on n (player_metric own r) X F.
Proof. intros HX HF Ho Ht [r [Hr HM]]. pose proof (dual_positive _ (strict_positive n _ X A F HX HF HM)) as Pos.
  rewrite trace_pairing in Pos.
  rewrite (sum_ext n _ (fun a => sum N (fun i => r i * (if Nat.eqb (own a) i then moved a a else 0)))) in Pos.
  - rewrite sum_swap in Pos. apply (Rlt_not_le _ _ Pos). apply Rle_trans with (sum N (fun _ => 0)); [|rewrite sum_zero; lra].
    apply sum_le; intros i Hi. rewrite sum_scal. pose proof (Rmult_le_compat_l _ _ _ (Hr i Hi) (Ht i Hi)). lra.
  - intros a Ha. unfold player_metric.
    rewrite (sum_ext n _ (fun b => (if Nat.eqb b a then 1 else 0) * (r (own a) * moved b a))).
    + rewrite sum_delta by auto.
      rewrite (sum_ext N _ (fun i => (if Nat.eqb i (own a) then 1 else 0) * (r i * moved a a))).
      * rewrite sum_delta by auto. reflexivity.
      * intros i Hi. rewrite (Nat.eqb_sym (own a) i). destruct (Nat.eqb i (own a)); ring.
    + intros b Hb. rewrite (Nat.eqb_sym a b). destruct (Nat.eqb b a); ring. Qed.

(** One block per player: if -(AZ + ZA')_ii is a sum of squares for every player i then no metric P = blkdiag(P_i), indeed no P >= 0 of this
    shape, makes the affine field strictly monotone. *)
Theorem no_block_metric X F mult l (g : vec) (e : nat -> vec) : has_interior n X -> affine_on n X A F -> 0 < mult ->
  (forall k, (k < l)%nat -> 0 <= g k) ->
  (forall a b, (a < n)%nat -> (b < n)%nat -> own a = own b -> mult * (moved a b + moved b a) + sum l (fun k => g k * e k a * e k b) = 0) ->
  ~ exists P, (forall a b, (a < n)%nat -> (b < n)%nat -> P a b = P b a) /\ psd n P /\ respects_blocks n own P /\ strictly_monotone_on n P X F.
Proof. intros HX HF Hm Hg He [P [Sy [Po [Bl HM]]]]. pose proof (dual_positive _ (strict_positive n _ X A F HX HF HM)) as Pos.
  rewrite trace_pairing in Pos. set (t := sum n (fun a => sum n (fun b => P a b * moved b a))) in *.
  assert (T : sum n (fun a => sum n (fun b => P a b * moved a b)) = t).
  { unfold t. rewrite sum_swap. apply sum_ext; intros a Ha. apply sum_ext; intros b Hb. rewrite (Sy b a) by auto. reflexivity. }
  assert (S : mult * (t + t) + sum l (fun k => g k * form n P (e k) (e k)) = 0).
  { rewrite <- T at 1. unfold t. rewrite <- sum_plus, <- sum_scal.
    rewrite (sum_ext l _ (fun k => sum n (fun a => sum n (fun b => P a b * (g k * e k a * e k b))))).
    - rewrite sum_swap, <- sum_plus, <- (sum_zero n). apply sum_ext; intros a Ha. rewrite sum_swap, <- sum_plus, <- sum_scal, <- sum_plus, <- (sum_zero n).
      apply sum_ext; intros b Hb. rewrite sum_scal. destruct (Nat.eq_dec (own a) (own b)) as [E|E].
      + transitivity (P a b * (mult * (moved a b + moved b a) + sum l (fun k => g k * e k a * e k b))); [ring|]. rewrite He by auto. ring.
      + rewrite (Bl a b) by auto. ring.
    - intros k Hk. rewrite form_sum, <- sum_scal. apply sum_ext; intros a Ha. rewrite <- sum_scal. apply sum_ext; intros; ring. }
  assert (G : 0 <= sum l (fun k => g k * form n P (e k) (e k))) by (apply sum_nonneg; intros k Hk; apply Rmult_le_pos; auto).
  pose proof (Rmult_lt_0_compat _ _ Hm Pos). lra. Qed.
End Dual.

(** ** Checkers: A, the player of each coordinate, the dual as weights and integer vectors (d_k, c_k) *)
Definition term_weight (ts : list (Z * list Z)) (k : nat) : R := IZR (fst (nth k ts (0%Z, []))).
Definition term_vector (ts : list (Z * list Z)) (k : nat) : vec := fun i => IZR (nth i (snd (nth k ts (0%Z, []))) 0%Z).

Section Checks.
Variable ar : integers.
Notation I := (int ar).

(** sum_k d_k w_k v_k' for columns w, v *)
Definition outer n m (w v : nat -> nat -> I) : list (list I) :=
  let W := build n m w in let V := build n m v in build n n (fun a b => idot (nth a W []) (nth b V [])).
Lemma ent_outer n m w v a b : (a < n)%nat -> (b < n)%nat -> ent (outer n m w v) a b = sum m (fun k => val (w a k) * val (v b k)).
Proof. intros Ha Hb. unfold outer. cbv zeta. rewrite ent_build by auto.
  rewrite (val_idot ar m) by (rewrite row_build, map_length, seq_length by auto; lia).
  apply sum_ext; intros k Hk. rewrite !row_build, !nth_map_seq by auto. reflexivity. Qed.

Definition weight (ts : list (Z * list Z)) (k : nat) : I := of_Z (fst (nth k ts (0%Z, []))).
Definition coordinate (ts : list (Z * list Z)) (k i : nat) : I := of_Z (nth i (snd (nth k ts (0%Z, []))) 0%Z).
Definition squares n (ts : list (Z * list Z)) : list (list I) :=
  outer n (length ts) (fun a k => imul (weight ts k) (coordinate ts k a)) (fun b k => coordinate ts k b).
Lemma ent_squares n ts a b : (a < n)%nat -> (b < n)%nat ->
  ent (squares n ts) a b = sum (length ts) (fun k => term_weight ts k * term_vector ts k a * term_vector ts k b).
Proof. intros Ha Hb. unfold squares. rewrite ent_outer by auto. apply sum_ext; intros k Hk.
  unfold weight, coordinate. rewrite val_mul, !val_of. reflexivity. Qed.

(** A Z, times the denominator of A *)
Definition moved_dual n (A : matrix) (ts : list (Z * list Z)) : list (list I) :=
  let rows := input ar n (mat_rows A) in let cs := build (length ts) n (fun k i => coordinate ts k i) in
  outer n (length ts) (fun a k => imul (weight ts k) (idot (nth a rows []) (nth k cs []))) (fun b k => coordinate ts k b).
Lemma ent_moved_dual n A ts a b : (a < n)%nat -> (b < n)%nat ->
  ent (moved_dual n A ts) a b = IZR (Zpos (mat_den A)) * moved n (length ts) (mat A) (term_weight ts) (term_vector ts) a b.
Proof. intros Ha Hb. unfold moved_dual. cbv zeta. rewrite ent_outer by auto. unfold moved. rewrite <- sum_scal. apply sum_ext; intros k Hk.
  rewrite val_mul. unfold coordinate at 2. rewrite val_of.
  rewrite (val_idot ar n) by (rewrite row_build, map_length, seq_length by auto; lia).
  unfold weight. rewrite val_of. fold (term_weight ts k). fold (term_vector ts k b).
  transitivity (term_weight ts k * (IZR (Zpos (mat_den A)) * mv n (mat A) (term_vector ts k) a) * term_vector ts k b); [|ring].
  f_equal. f_equal. unfold mv. rewrite <- sum_scal. apply sum_ext; intros j Hj. rewrite row_build, nth_map_seq by auto.
  unfold coordinate. rewrite val_of. change (IZR (nth j (snd (nth k ts (0%Z, []))) 0%Z)) with (term_vector ts k j).
  rewrite <- Rmult_assoc. f_equal. fold (get (input ar n (mat_rows A)) a j). fold (ent (input ar n (mat_rows A)) a j).
  rewrite ent_input by auto. unfold mat, zent. rewrite rat_div. pose proof (den_pos (mat_den A)). field. lra. Qed.

(** the dual is not zero, no weight is negative *)
Definition dual_ok n (ts : list (Z * list Z)) : bool :=
  forallb (fun t => 0 <=? fst t)%Z ts &&
  existsb (fun t => (0 <? fst t)%Z && existsb (fun i => negb (nth i (snd t) 0 =? 0)%Z) (seq 0 n)) ts.
Lemma weights_nonneg ts : forallb (fun t => 0 <=? fst t)%Z ts = true -> forall k, (k < length ts)%nat -> 0 <= term_weight ts k.
Proof. rewrite forallb_forall. intros H k Hk. apply IZR_le, Z.leb_le. apply (H (nth k ts (0%Z, []))), nth_In; auto. Qed.
Lemma dual_ok_sound n ts : dual_ok n ts = true -> (forall k, (k < length ts)%nat -> 0 <= term_weight ts k) /\
  exists k, (k < length ts)%nat /\ 0 < term_weight ts k /\ ~ same n (term_vector ts k) zeros.
Proof. unfold dual_ok. rewrite andb_true_iff, existsb_exists. intros [H1 [t [It H2]]]. split; [apply weights_nonneg; auto|].
  rewrite andb_true_iff, existsb_exists in H2. destruct H2 as [Hp [i [Ii Hi]]]. apply in_seq in Ii.
  destruct (In_nth ts t (0%Z, []) It) as [k [Hk Ek]]. exists k. split; auto. unfold term_weight, term_vector. rewrite Ek. split.
  - apply IZR_lt, Z.ltb_lt; auto.
  - intros E. specialize (E i ltac:(lia)). cbv beta in E. unfold zeros in E. apply eq_IZR in E. rewrite E in Hi. discriminate. Qed.

(** players: tr((AZ)_ii) <= 0 for each of the N players *)
Definition no_player_metric_check n (A : matrix) (owner : list nat) (N : nat) (dual : list (Z * list Z)) : bool :=
  let M := moved_dual n A dual in
  dual_ok n dual && forallb (fun a => Nat.ltb (nth a owner O) N) (seq 0 n) &&
  forallb (fun i => ileb (total n (fun a => if Nat.eqb (nth a owner O) i then get M a a else izero)) izero) (seq 0 N).
(** Accepted data prove: no weights r_i >= 0 make the affine field with matrix A strictly monotone in blkdiag(r_i I), on any region with an interior. *)
Theorem no_player_metric_check_sound n A owner N dual X F : no_player_metric_check n A owner N dual = true ->
  has_interior n X -> affine_on n X (mat A) F ->
  ~ exists r : vec, (forall i, (i < N)%nat -> 0 <= r i) /\ strictly_monotone_on n (player_metric (fun a => nth a owner O) r) X F.
Proof. unfold no_player_metric_check. cbv zeta. rewrite !andb_true_iff. intros [[Hd Ho] Ht] HX HF. destruct (dual_ok_sound _ _ Hd) as [Hw Hn].
  apply (no_player_metric n (length dual) (mat A) (fun a => nth a owner O) (term_weight dual) (term_vector dual) Hw Hn N X F HX HF).
  - intros a Ha. apply Nat.ltb_lt. apply (forallb_seq _ _ Ho a Ha).
  - intros i Hi. pose proof (forallb_seq _ _ Ht i Hi) as K. cbv beta in K. apply val_leb in K. rewrite val_total, val_zero in K.
    pose proof (den_pos (mat_den A)) as Ha. apply Rmult_le_reg_l with (IZR (Zpos (mat_den A))); auto. rewrite Rmult_0_r, <- sum_scal.
    erewrite sum_ext; [exact K|]. intros a La. cbv beta. destruct (Nat.eqb (nth a owner O) i); [|rewrite val_zero; ring].
    symmetry. apply ent_moved_dual; auto. Qed.

(** blocks: multiple (AZ + ZA')_ii + (a sum of weighted squares) = 0 for each player; A enters times its denominator *)
Definition no_block_metric_check n (A : matrix) (owner : list nat) (dual : list (Z * list Z)) (rest : factor) : bool :=
  let M := moved_dual n A dual in let S := squares n (terms rest) in let c := of_Z (multiple rest) in
  dual_ok n dual && (0 <? multiple rest)%Z && forallb (fun t => 0 <=? fst t)%Z (terms rest) &&
  forallb (fun a => forallb (fun b => negb (Nat.eqb (nth a owner O) (nth b owner O)) ||
    Z.eqb (to_Z (iadd (imul c (iadd (get M a b) (get M b a))) (get S a b))) 0) (seq 0 n)) (seq 0 n).
(** Accepted data prove: no symmetric P >= 0 with one block per player makes the affine field with matrix A strictly monotone, on any region
    with an interior. *)
Theorem no_block_metric_check_sound n A owner dual rest X F : no_block_metric_check n A owner dual rest = true ->
  has_interior n X -> affine_on n X (mat A) F ->
  ~ exists P, (forall a b, (a < n)%nat -> (b < n)%nat -> P a b = P b a) /\ psd n P /\ respects_blocks n (fun a => nth a owner O) P /\
    strictly_monotone_on n P X F.
Proof. unfold no_block_metric_check. cbv zeta. rewrite !andb_true_iff. intros [[[Hd Hm] Hg] He] HX HF. destruct (dual_ok_sound _ _ Hd) as [Hw Hn].
  pose proof (den_pos (mat_den A)) as Ha. apply Z.ltb_lt, IZR_lt in Hm.
  apply (no_block_metric n (length dual) (mat A) (fun a => nth a owner O) (term_weight dual) (term_vector dual) Hw Hn X F
    (IZR (multiple rest) * IZR (Zpos (mat_den A))) (length (terms rest)) (term_weight (terms rest)) (term_vector (terms rest)) HX HF).
  - apply Rmult_lt_0_compat; auto.
  - apply weights_nonneg; auto.
  - intros a b La Lb E. pose proof (forallb_seq _ _ (forallb_seq _ _ He a La) b Lb) as K. cbv beta in K. rewrite E, Nat.eqb_refl in K.
    apply Z.eqb_eq in K. apply (f_equal IZR) in K. change (IZR (to_Z ?x)) with (val x) in K.
    rewrite val_add, val_mul, val_add, val_of in K. fold (ent (moved_dual n A dual) a b) (ent (moved_dual n A dual) b a) (ent (squares n (terms rest)) a b)
      in K.
    rewrite !ent_moved_dual, ent_squares in K by auto. rewrite <- K. ring. Qed.
End Checks.
