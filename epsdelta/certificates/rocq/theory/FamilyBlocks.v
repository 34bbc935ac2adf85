(** Bounds on the blocks of all matrices of a hull: curvature of a diagonal block, spectral norm of any block. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Integers Definite Corners Intervals Family.
Import ListNotations.
Open Scope R_scope.

(** rows r0 .. r0 + rn - 1 and columns c0 .. c0 + cn - 1 *)
Definition sub (A : nat -> nat -> R) r0 c0 := fun r c => A (r0 + r)%nat (c0 + c)%nat.
Definition sub_hull (H : hull) r0 rn c0 cn : hull :=
  Hull (hull_den H) (build rn cn (fun r c => entry H (r0 + r)%nat (c0 + c)%nat)).
Lemma entry_sub_hull H r0 rn c0 cn i j : (i < rn)%nat -> (j < cn)%nat ->
  entry (sub_hull H r0 rn c0 cn) i j = entry H (r0 + i)%nat (c0 + j)%nat.
Proof. intros Hi Hj. unfold entry at 1, sub_hull. cbn [entries]. rewrite row_build, nth_map_seq by auto. reflexivity. Qed.
Lemma in_sub_hull n H A r0 rn : in_hull n H A -> (r0 + rn <= n)%nat -> in_hull rn (sub_hull H r0 rn r0 rn) (sub A r0 r0).
Proof. intros HA Hn i j Hi Hj. rewrite entry_sub_hull by auto. apply HA; lia. Qed.

(** ** Curvature *)
Definition unit_matrix n : matrix := Matrix 1 (build n n (fun i j => if Nat.eqb i j then 1%Z else 0%Z)).
Lemma form_unit n u v : form n (mat (unit_matrix n)) u v = dot n u v.
Proof. unfold form, dot, mv. apply sum_ext; intros i Hi. f_equal.
  rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * v j)).
  - apply sum_delta; auto.
  - intros j Hj. unfold mat, unit_matrix. cbn [mat_rows mat_den rat]. rewrite row_build, nth_map_seq by auto.
    rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); reflexivity. Qed.

(** the check of strong monotonicity of the block, in the metric I *)
Definition curvature_check (ar : integers) (H : hull) r0 rn (p : Z) (q : positive) (w : witness) : bool :=
  monotone_check ar rn (unit_matrix rn) p q (sub_hull H r0 rn r0 rn) w.
(** v'Bv >= (p/q) |v|^2 for the diagonal block B of every real matrix of the hull. *)
Theorem curvature_check_sound ar H r0 rn p q w : curvature_check ar H r0 rn p q w = true ->
  forall n A, in_hull n H A -> (r0 + rn <= n)%nat -> forall v, rat p q * dot rn v v <= form rn (sub A r0 r0) v v.
Proof. intros Hc n A HA Hn v.
  pose proof (monotone_check_sound ar rn _ p q _ w Hc (sub A r0 r0) (in_sub_hull n H A r0 rn HA Hn) v) as K.
  rewrite !form_unit in K. exact K. Qed.

(** ** Norm *)
Lemma dot_pos n v : 0 <= dot n v v.
Proof. apply sum_nonneg; intros i _. apply Rle_0_sqr. Qed.
Lemma dot_scal_l n c u v : dot n (fun i => c * u i) v = c * dot n u v.
Proof. unfold dot. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma dot_scal_r n c u v : dot n u (fun i => c * v i) = c * dot n u v.
Proof. unfold dot. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.

(** If p |v|^2 + 2 q w'b + p |w|^2 >= 0 for all w then q^2 |b|^2 <= p^2 |v|^2. *)
Lemma norm_from_schur m (b : vec) p q V : 0 <= p -> 0 < q ->
  (forall w, 0 <= p * V + 2 * q * dot m w b + p * dot m w w) -> q * q * dot m b b <= p * p * V.
Proof. intros Hp Hq H. destruct (Req_dec p 0) as [Z|N].
  - specialize (H (fun i => (-1) * b i)). rewrite !dot_scal_l in H. rewrite Z in *. pose proof (dot_pos m b) as Hb.
    assert (E : dot m b b = 0).
    { apply Rle_antisym; auto. apply Rmult_le_reg_l with (2 * q); lra. }
    rewrite E. lra.
  - specialize (H (fun i => (- (q / p)) * b i)). rewrite !dot_scal_l, dot_scal_r in H.
    apply Rmult_le_compat_l with (r := p) in H; auto.
    replace (p * (p * V + 2 * q * (- (q / p) * dot m b b) + p * (- (q / p) * (- (q / p) * dot m b b))))
      with (p * p * V - q * q * dot m b b) in H by (field; auto). lra. Qed.

Definition zero_block (H : hull) r0 rn c0 cn : bool :=
  forallb (fun i => forallb (fun j => let e := entry H (r0 + i)%nat (c0 + j)%nat in (fst e =? 0) && (snd e =? 0))%Z (seq 0 cn)) (seq 0 rn).
Definition small_entry (H : hull) r0 c0 (p : Z) (q : positive) : bool :=
  let e := entry H r0 c0 in
  ((- (p * Zpos (hull_den H)) <=? fst e * Zpos q) && (snd e * Zpos q <=? p * Zpos (hull_den H)))%Z.

(** the family [[most I, 0], [2 B, most I]], columns first, over the denominators of most and B *)
Definition norm_radius_check (ar : integers) (H : hull) r0 rn c0 cn (p : Z) (q : positive) scales f : bool :=
  let top := of_Z (2 * p * Zpos (hull_den H))%Z in
  let over := of_Z (2 * Zpos q)%Z in
  let diagonal := fun i j => if Nat.eqb i j then top else izero in
  let nothing := fun _ _ => izero in
  let e := fun r c => entry H (r0 + r)%nat (c0 + c)%nat in
  radius_check (ar := ar) (cn + rn)
    (build (cn + rn) (cn + rn) (blocks izero cn diagonal (fun r c => imul over (of_Z (fst (e r c) + snd (e r c))%Z)) diagonal))
    (build (cn + rn) (cn + rn) (blocks izero cn nothing (fun r c => imul over (of_Z (snd (e r c) - fst (e r c))%Z)) nothing))
    scales f.

Definition norm_check (ar : integers) (H : hull) r0 rn c0 cn (p : Z) (q : positive) (w : witness) : bool :=
  (0 <=? p)%Z && (zero_block H r0 rn c0 cn || (Nat.eqb rn 1 && Nat.eqb cn 1 && small_entry H r0 c0 p q) ||
    match w with Radius scales f => norm_radius_check ar H r0 rn c0 cn p q scales f | Corners _ => false end).

Section Sound.
Variables (ar : integers) (n : nat) (H : hull) (A : nat -> nat -> R) (r0 rn c0 cn : nat) (p : Z) (q : positive).
Hypotheses (HA : in_hull n H A) (Hr : (r0 + rn <= n)%nat) (Hcols : (c0 + cn <= n)%nat) (Hp : 0 <= IZR p).
Let B := sub A r0 c0.

Lemma zero_block_sound v : zero_block H r0 rn c0 cn = true -> dot rn (mv cn B v) (mv cn B v) <= rat p q ^ 2 * dot cn v v.
Proof. intros Hz. apply Rle_trans with 0.
  - unfold dot. rewrite (sum_ext rn _ (fun _ => 0)), sum_zero; [lra|]. intros i Hi.
    replace (mv cn B v i) with 0; [ring|]. unfold mv. rewrite (sum_ext cn _ (fun _ => 0)), sum_zero; auto. intros j Hj.
    pose proof (forallb_seq _ _ (forallb_seq _ _ Hz i Hi) j Hj) as E. cbv beta zeta in E. apply andb_true_iff in E.
    destruct E as [E1 E2]. apply Z.eqb_eq in E1. apply Z.eqb_eq in E2.
    pose proof (HA (r0 + i)%nat (c0 + j)%nat ltac:(lia) ltac:(lia)) as K. rewrite E1, E2 in K.
    rewrite rat_div in K. unfold Rdiv in K. rewrite Rmult_0_l in K. unfold B, sub.
    replace (A (r0 + i)%nat (c0 + j)%nat) with 0 by lra. ring.
  - apply Rmult_le_pos; [apply pow2_ge_0|apply dot_pos]. Qed.

Lemma small_entry_sound v : rn = 1%nat -> cn = 1%nat -> small_entry H r0 c0 p q = true ->
  dot rn (mv cn B v) (mv cn B v) <= rat p q ^ 2 * dot cn v v.
Proof. intros E1 E2 Hs. unfold small_entry in Hs. cbv zeta in Hs. apply andb_true_iff in Hs. destruct Hs as [H1 H2].
  apply Z.leb_le, IZR_le in H1. apply Z.leb_le, IZR_le in H2. rewrite opp_IZR, !mult_IZR in H1. rewrite !mult_IZR in H2.
  pose proof (HA r0 c0 ltac:(lia) ltac:(lia)) as K. rewrite !rat_div in *. rewrite E1, E2. unfold dot, mv; simpl.
  unfold B, sub. rewrite !Nat.add_0_r. destruct K as [K1 K2].
  pose proof (den_pos (hull_den H)) as Hd. pose proof (den_pos q) as Hq.
  set (d := IZR (Zpos (hull_den H))) in *. set (r := IZR (Zpos q)) in *. set (a := A r0 c0) in *.
  assert (L1 : IZR (fst (entry H r0 c0)) <= d * a).
  { apply Rmult_le_compat_l with (r := d) in K1; [|lra]. unfold Rdiv in K1. rewrite (Rmult_comm (IZR _)), <- Rmult_assoc, Rinv_r in K1; lra. }
  assert (L2 : d * a <= IZR (snd (entry H r0 c0))).
  { apply Rmult_le_compat_l with (r := d) in K2; [|lra]. unfold Rdiv in K2. rewrite (Rmult_comm (IZR _)), <- Rmult_assoc, Rinv_r in K2; lra. }
  assert (M1 : - (IZR p / r) <= a).
  { apply Rmult_le_reg_l with (d * r); [apply Rmult_lt_0_compat; auto|].
    replace (d * r * - (IZR p / r)) with (- (IZR p * d)) by (field; lra).
    apply Rmult_le_compat_r with (r := r) in L1; lra. }
  assert (M2 : a <= IZR p / r).
  { apply Rmult_le_reg_l with (d * r); [apply Rmult_lt_0_compat; auto|].
    replace (d * r * (IZR p / r)) with (IZR p * d) by (field; lra).
    apply Rmult_le_compat_r with (r := r) in L2; lra. }
  set (t := IZR p / r) in *. pose proof (Rmult_le_pos (t - a) (t + a) ltac:(lra) ltac:(lra)) as Q.
  pose proof (Rmult_le_pos _ _ Q (Rle_0_sqr (v 0%nat))) as S. unfold Rsqr in S. lra. Qed.

Lemma norm_radius_sound scales f v : norm_radius_check ar H r0 rn c0 cn p q scales f = true ->
  dot rn (mv cn B v) (mv cn B v) <= rat p q ^ 2 * dot cn v v.
Proof. unfold norm_radius_check. cbv zeta. intros Hc.
  pose proof (den_pos (hull_den H)) as Hd. pose proof (den_pos q) as Hq.
  set (d := IZR (Zpos (hull_den H))) in *. set (r := IZR (Zpos q)) in *.
  set (D := fun i j : nat => if Nat.eqb i j then IZR p * d else 0).
  assert (HB : psd (cn + rn) (blocks 0 cn D (fun i j => 2 * r * (d * B i j)) D)).
  { apply (radius_check_psd _ _ _ _ _ _ Hc). intros i j Hi Hj. rewrite !ent_blocks by auto.
    assert (ND : forall i j, near (D i j) (val (if Nat.eqb i j then of_Z (2 * p * Zpos (hull_den H))%Z else @izero ar)) (val (@izero ar))).
    { clear. intros i j. rewrite val_zero. unfold D. destruct (Nat.eqb i j).
      - rewrite val_of, !mult_IZR. replace (2 * IZR p * IZR (Zpos (hull_den H))) with (2 * (IZR p * d)) by (unfold d; ring). apply near_exact.
      - rewrite val_zero. pose proof (near_exact 0) as N. rewrite Rmult_0_r in N. exact N. }
    apply near_blocks with (m := rn); auto. clear i j Hi Hj. intros i j Hi Hj.
    rewrite !val_mul, !val_of, plus_IZR, minus_IZR, mult_IZR. fold r.
    pose proof (near_hull ar n H A (r0 + i) (c0 + j) HA ltac:(lia) ltac:(lia)) as N.
    unfold centers, radii in N. rewrite !ent_build, !val_of, plus_IZR, minus_IZR in N by lia.
    apply (near_scal (2 * r)) in N. rewrite (Rabs_pos_eq (2 * r)) in N by lra. exact N. }
  assert (E : r * r * dot rn (mv cn B v) (mv cn B v) <= IZR p * IZR p * dot cn v v).
  { apply norm_from_schur; auto. intros w. specialize (HB (join cn v w)). rewrite form_blocks in HB.
    unfold D in HB. rewrite !form_identity in HB.
    replace (dot rn w (mv cn (fun i j => 2 * r * (d * B i j)) v)) with (2 * r * d * dot rn w (mv cn B v)) in HB.
    - apply Rmult_le_reg_l with d; auto. lra.
    - rewrite <- dot_scal_r. unfold dot. apply sum_ext; intros i Hi. rewrite !mv_scal. ring. }
  rewrite rat_div. fold r. apply Rmult_le_reg_l with (r * r); [apply Rmult_lt_0_compat; auto|].
  replace (r * r * ((IZR p / r) ^ 2 * dot cn v v)) with (IZR p * IZR p * dot cn v v) by (field; lra). exact E. Qed.
End Sound.

(** |B v|^2 <= (p/q)^2 |v|^2, with p/q >= 0, for the block B of every real matrix of the hull. *)
Theorem norm_check_sound ar H r0 rn c0 cn p q w : norm_check ar H r0 rn c0 cn p q w = true ->
  0 <= rat p q /\ forall n A, in_hull n H A -> (r0 + rn <= n)%nat -> (c0 + cn <= n)%nat ->
  forall v, dot rn (mv cn (sub A r0 c0) v) (mv cn (sub A r0 c0) v) <= rat p q ^ 2 * dot cn v v.
Proof. unfold norm_check. rewrite andb_true_iff, !orb_true_iff, !andb_true_iff, !Nat.eqb_eq. intros [Hp Hc].
  apply Z.leb_le, IZR_le in Hp. split.
  { rewrite rat_div. apply Rmult_le_pos; auto. apply Rlt_le, Rinv_0_lt_compat, den_pos. }
  intros n A HA Hr Hcols v. destruct Hc as [[Hz|[[E1 E2] Hs]]|Hw].
  - eapply zero_block_sound; eauto.
  - eapply small_entry_sound; eauto.
  - destruct w as [fs|scales f]; [discriminate|]. eapply norm_radius_sound; eauto. Qed.
