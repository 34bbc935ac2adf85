(** Interval matrices by centers and radii, block matrices, and the linear algebra of quadratic forms that the family tests use. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Integers Definite Corners.
Import ListNotations.
Open Scope R_scope.

(** ** Quadratic forms *)
Lemma form_lin_l n P c u v w : form n P (fun i => u i + c * v i) w = form n P u w + c * form n P v w.
Proof. rewrite !form_sum, <- sum_scal, <- sum_plus. apply sum_ext; intros. rewrite <- sum_scal, <- sum_plus.
  apply sum_ext; intros; ring. Qed.
Lemma form_lin_r n P c u v w : form n P w (fun i => u i + c * v i) = form n P w u + c * form n P w v.
Proof. rewrite !form_sum, <- sum_scal, <- sum_plus. apply sum_ext; intros. rewrite <- sum_scal, <- sum_plus.
  apply sum_ext; intros; ring. Qed.
Lemma form_scal_l n P c u w : form n P (fun i => c * u i) w = c * form n P u w.
Proof. rewrite !form_sum, <- sum_scal. apply sum_ext; intros. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma form_scal_r n P c u w : form n P w (fun i => c * u i) = c * form n P w u.
Proof. rewrite !form_sum, <- sum_scal. apply sum_ext; intros. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.

Lemma mv_product n P A v i : mv n (fun i j => sum n (fun k => P i k * A k j)) v i = mv n P (mv n A v) i.
Proof. unfold mv. rewrite (sum_ext n _ (fun j => sum n (fun k => P i k * (A k j * v j)))).
  - rewrite sum_swap. apply sum_ext; intros. rewrite sum_scal. reflexivity.
  - intros j Hj. rewrite <- sum_scal_r. apply sum_ext; intros; ring. Qed.
Lemma form_product n P A u v : form n (fun i j => sum n (fun k => P i k * A k j)) u v = form n P u (mv n A v).
Proof. unfold form, dot. apply sum_ext; intros. rewrite mv_product. reflexivity. Qed.
(** u' (S'G) v = (Su)'(Gv) *)
Lemma form_adjoint n S G u v : form n (fun i j => sum n (fun k => S k i * G k j)) u v = dot n (mv n S u) (mv n G v).
Proof. rewrite form_sum. unfold dot, mv.
  transitivity (sum n (fun i => sum n (fun k => sum n (fun j => S k i * u i * (G k j * v j))))).
  - apply sum_ext; intros i Hi. rewrite sum_swap. apply sum_ext; intros j Hj. rewrite <- sum_scal_r. apply sum_ext; intros; ring.
  - rewrite sum_swap. apply sum_ext; intros k Hk. rewrite <- sum_scal_r. apply sum_ext; intros i Hi. rewrite sum_scal. reflexivity. Qed.
(** u' (S'PS) v = (Su)'P(Sv) *)
Lemma form_congruent n S P u v :
  form n (fun i j => sum n (fun k => S k i * sum n (fun l => P k l * S l j))) u v = form n P (mv n S u) (mv n S v).
Proof. rewrite (form_adjoint n S (fun k j => sum n (fun l => P k l * S l j))). unfold form, dot. apply sum_ext; intros.
  rewrite mv_product. reflexivity. Qed.

Lemma mv_ext n A B v i : (forall j, (j < n)%nat -> A i j = B i j) -> mv n A v i = mv n B v i.
Proof. intros H. unfold mv. apply sum_ext; intros j Hj. rewrite H by auto. reflexivity. Qed.
Lemma mv_scal n c A v i : mv n (fun i j => c * A i j) v i = c * mv n A v i.
Proof. unfold mv. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma mv_mix n A B t v i : mv n (fun i j => mix (A i j) (B i j) t) v i = mix (mv n A v i) (mv n B v i) t.
Proof. unfold mv, mix. rewrite <- sum_minus, <- sum_scal, <- sum_plus. apply sum_ext; intros; ring. Qed.

(** the integer form of a rational matrix *)
Lemma form_mat n P u v : form n (fun i j => IZR (zent (mat_rows P) i j)) u v = IZR (Zpos (mat_den P)) * form n (mat P) u v.
Proof. rewrite <- form_scal. apply form_ext; intros i j _ _. unfold mat, zent. rewrite rat_div.
  pose proof (den_pos (mat_den P)). field. lra. Qed.

(** a quadratic form of a convex combination, P >= 0 (not necessarily symmetric) *)
Lemma form_mix_le n P x y t : psd n P -> 0 <= t <= 1 ->
  form n P (fun i => mix (x i) (y i) t) (fun i => mix (x i) (y i) t) <= mix (form n P x x) (form n P y y) t.
Proof. intros Hp Ht. set (d := fun i => y i - x i).
  assert (E1 : form n P (fun i => mix (x i) (y i) t) (fun i => mix (x i) (y i) t)
     = form n P x x + t * (form n P x d + form n P d x) + t * t * form n P d d).
  { change (fun i => mix (x i) (y i) t) with (fun i => x i + t * d i). rewrite form_lin_l, !form_lin_r. ring. }
  assert (E2 : form n P y y = form n P x x + (form n P x d + form n P d x) + form n P d d).
  { rewrite (form_vext n P y (fun i => x i + 1 * d i) y (fun i => x i + 1 * d i)) by (intros; unfold d; ring).
    rewrite form_lin_l, !form_lin_r. ring. }
  rewrite E1, E2. unfold mix. pose proof (Hp d) as Hd.
  pose proof (Rmult_le_pos (t * (1 - t)) _ ltac:(apply Rmult_le_pos; lra) Hd). lra. Qed.

(** ** Block matrices [[B11, 0], [B21, B22]] with n + m rows: with x'Bx only the symmetric part counts, so the corner may stay 0 *)
Definition blocks {E : Type} (z : E) n (B11 B21 B22 : nat -> nat -> E) i j : E :=
  if Nat.ltb i n then (if Nat.ltb j n then B11 i j else z) else (if Nat.ltb j n then B21 (i - n)%nat j else B22 (i - n)%nat (j - n)%nat).
Definition join n (v w : vec) : vec := fun i => if Nat.ltb i n then v i else w (i - n)%nat.
Lemma sum_app n m f : sum (n + m) f = sum n f + sum m (fun i => f (n + i)%nat).
Proof. induction m; simpl; rewrite ?Nat.add_0_r, ?Nat.add_succ_r; simpl; lra. Qed.
Lemma ltb_low n i : (i < n)%nat -> Nat.ltb i n = true.
Proof. apply Nat.ltb_lt. Qed.
Lemma ltb_high n i : Nat.ltb (n + i) n = false.
Proof. apply Nat.ltb_ge. lia. Qed.
Lemma form_blocks n m B11 B21 B22 v w : form (n + m) (blocks 0 n B11 B21 B22) (join n v w) (join n v w)
  = form n B11 v v + dot m w (mv n B21 v) + form m B22 w w.
Proof. unfold form, dot. rewrite sum_app, Rplus_assoc. f_equal.
  - apply sum_ext; intros i Hi. unfold mv. rewrite sum_app.
    rewrite (sum_ext m _ (fun _ => 0)), sum_zero, Rplus_0_r.
    + unfold join. rewrite ltb_low by auto. f_equal. apply sum_ext; intros j Hj. unfold blocks. rewrite !ltb_low by auto. reflexivity.
    + intros j Hj. unfold blocks, join. rewrite ltb_low, ltb_high by auto. ring.
  - rewrite <- sum_plus. apply sum_ext; intros i Hi. unfold mv. rewrite sum_app, <- Rmult_plus_distr_l.
    replace (join n v w (n + i)%nat) with (w i).
    2:{ unfold join. rewrite ltb_high. f_equal. lia. }
    f_equal. f_equal; apply sum_ext; intros j Hj; unfold blocks, join; rewrite !ltb_high, ?ltb_low by auto.
    + do 2 f_equal. lia.
    + f_equal; f_equal; lia. Qed.

(** ** Centers and radii *)
(** |2b - x| <= y: b lies in the interval with (doubled) center x and (doubled) radius y *)
Definition near (b x y : R) := Rabs (2 * b - x) <= y.
Lemma near_sum n (p m x y : nat -> R) : (forall k, (k < n)%nat -> near (m k) (x k) (y k)) ->
  near (sum n (fun k => p k * m k)) (sum n (fun k => p k * x k)) (sum n (fun k => Rabs (p k) * y k)).
Proof. unfold near. induction n; intros H; simpl.
  - rewrite Rmult_0_r, Rminus_0_r, Rabs_R0. lra.
  - specialize (IHn ltac:(intros; apply H; lia)). specialize (H n ltac:(lia)).
    replace (2 * (sum n (fun k => p k * m k) + p n * m n) - (sum n (fun k => p k * x k) + p n * x n))
      with (2 * sum n (fun k => p k * m k) - sum n (fun k => p k * x k) + p n * (2 * m n - x n)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    pose proof (Rmult_le_compat_l _ _ _ (Rabs_pos (p n)) H). lra. Qed.
Lemma near_scal c b x y : near b x y -> near (c * b) (c * x) (Rabs c * y).
Proof. unfold near. intros H. replace (2 * (c * b) - c * x) with (c * (2 * b - x)) by ring. rewrite Rabs_mult.
  apply Rmult_le_compat_l; auto. apply Rabs_pos. Qed.
Lemma near_shift d b x y : near b x y -> near (b + d) (x + 2 * d) y.
Proof. unfold near. intros H. replace (2 * (b + d) - (x + 2 * d)) with (2 * b - x) by ring. exact H. Qed.
Lemma near_exact b : near b (2 * b) 0.
Proof. unfold near. rewrite Rminus_diag_eq by reflexivity. rewrite Rabs_R0. lra. Qed.

Section Checks.
Variable ar : integers.
Notation I := (int ar).

Definition centers n (H : hull) : list (list I) := build n n (fun i j => of_Z (fst (entry H i j) + snd (entry H i j))%Z).
Definition radii n (H : hull) : list (list I) := build n n (fun i j => of_Z (snd (entry H i j) - fst (entry H i j))%Z).
Lemma near_hull n H A i j : in_hull n H A -> (i < n)%nat -> (j < n)%nat ->
  near (IZR (Zpos (hull_den H)) * A i j) (ent (centers n H) i j) (ent (radii n H) i j).
Proof. intros HA Hi Hj. specialize (HA i j Hi Hj). unfold near, centers, radii. rewrite !ent_build, !val_of, plus_IZR, minus_IZR by auto.
  rewrite !rat_div in HA. destruct (entry H i j) as [lo hi]; simpl in *. pose proof (den_pos (hull_den H)) as Hd.
  set (d := IZR (Zpos (hull_den H))) in *. destruct HA as [H1 H2].
  apply Rmult_le_compat_l with (r := d) in H1; [|lra]. apply Rmult_le_compat_l with (r := d) in H2; [|lra].
  replace (d * (IZR lo / d)) with (IZR lo) in H1 by (field; lra). replace (d * (IZR hi / d)) with (IZR hi) in H2 by (field; lra).
  apply Rabs_le. lra. Qed.

Definition magnitudes n (P : list (list I)) : list (list I) := build n n (fun i j => iabs (get P i j)).
Lemma ent_magnitudes n P i j : (i < n)%nat -> (j < n)%nat -> ent (magnitudes n P) i j = Rabs (ent P i j).
Proof. intros Hi Hj. unfold magnitudes. rewrite ent_build, val_abs by auto. reflexivity. Qed.

(** With centers X/2, radii Y/2 and scales s the factor is of 2 s_i s_j X_ij - [i = j] s_i sum_k s_k (Y_ik + Y_ki). *)
Definition shrunk n (X Y : list (list I)) (scales : list Z) : list (list I) :=
  let s := map (fun i => of_Z (nth i scales 1%Z)) (seq 0 n) in
  build n n (fun i j => let si := nth i s izero in let c := imul (imul si (nth j s izero)) (get X i j) in let center := iadd c c in
    if Nat.eqb i j
    then isub center (imul si (total n (fun k => imul (nth k s izero) (iadd (get Y i k) (get Y k i)))))
    else center).
Definition radius_check n (X Y : list (list I)) (scales : list Z) (f : factor) : bool :=
  forallb (fun i => 0 <? nth i scales 1)%Z (seq 0 n) && certified n (shrunk n X Y scales) f.

(** Every real matrix of the family is positive semidefinite. *)
Theorem radius_check_psd n X Y scales f : radius_check n X Y scales f = true ->
  forall B, (forall i j, (i < n)%nat -> (j < n)%nat -> near (B i j) (ent X i j) (ent Y i j)) -> psd n B.
Proof. unfold radius_check. rewrite andb_true_iff. intros [Hs Hf] B HB.
  apply (radius_psd n (ent X) (ent Y) B (fun i => IZR (nth i scales 1%Z))); auto.
  - intros i Hi. apply IZR_lt, Z.ltb_lt, (forallb_seq _ _ Hs i Hi).
  - intros v. apply certified_psd in Hf. rewrite (form_ext n _ (ent (shrunk n X Y scales))); [apply Hf|].
    intros i j Hi Hj. unfold shrunk. rewrite ent_build by auto.
    assert (C : val (iadd (imul (imul (nth i (map (fun i => of_Z (nth i scales 1%Z)) (seq 0 n)) izero)
       (nth j (map (fun i => of_Z (nth i scales 1%Z)) (seq 0 n)) izero)) (get X i j))
       (imul (imul (nth i (map (fun i => of_Z (nth i scales 1%Z)) (seq 0 n)) izero)
       (nth j (map (fun i => of_Z (nth i scales 1%Z)) (seq 0 n)) izero)) (get X i j)))
       = 2 * (IZR (nth i scales 1%Z) * IZR (nth j scales 1%Z) * ent X i j)).
    { rewrite !nth_map_seq by auto. rewrite val_add, !val_mul, !val_of. unfold ent. ring. }
    cbv zeta. destruct (Nat.eqb i j) eqn:E.
    + apply Nat.eqb_eq in E. rewrite val_sub, C, val_mul, val_total. f_equal. rewrite nth_map_seq, val_of by auto. f_equal.
      apply sum_ext; intros k Hk. rewrite nth_map_seq, val_mul, val_add, val_of by auto. reflexivity.
    + rewrite C. ring. Qed.

Lemma ent_blocks n m (b11 b21 b22 : nat -> nat -> I) i j : (i < n + m)%nat -> (j < n + m)%nat ->
  ent (build (n + m) (n + m) (blocks izero n b11 b21 b22)) i j =
  blocks 0 n (fun i j => val (b11 i j)) (fun i j => val (b21 i j)) (fun i j => val (b22 i j)) i j.
Proof. intros Hi Hj. rewrite ent_build by auto. unfold blocks. destruct (Nat.ltb i n), (Nat.ltb j n); auto. apply val_zero. Qed.
End Checks.
Arguments centers {_}. Arguments radii {_}. Arguments magnitudes {_}. Arguments radius_check {_}.

(** block by block *)
Lemma near_blocks n m B11 B21 B22 X11 X21 X22 Y11 Y21 Y22 :
  (forall i j, (i < n)%nat -> (j < n)%nat -> near (B11 i j) (X11 i j) (Y11 i j)) ->
  (forall i j, (i < m)%nat -> (j < n)%nat -> near (B21 i j) (X21 i j) (Y21 i j)) ->
  (forall i j, (i < m)%nat -> (j < m)%nat -> near (B22 i j) (X22 i j) (Y22 i j)) ->
  forall i j, (i < n + m)%nat -> (j < n + m)%nat ->
  near (blocks 0 n B11 B21 B22 i j) (blocks 0 n X11 X21 X22 i j) (blocks 0 n Y11 Y21 Y22 i j).
Proof. intros H1 H2 H3 i j Hi Hj. unfold blocks. destruct (Nat.ltb_spec i n), (Nat.ltb_spec j n).
  - apply H1; auto.
  - unfold near. rewrite Rmult_0_r, Rminus_0_r, Rabs_R0. lra.
  - apply H2; auto; lia.
  - apply H3; lia. Qed.
