(** Growth of an indefinite form under a step, for all matrices A of a hull: Q(v - H A v) - Q(v) >= delta |v|^2. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Integers Definite Corners Intervals Family.
Import ListNotations.
Open Scope R_scope.

(** ** Products of intervals *)
Lemma scaled_bounds a b1 b b2 : b1 <= b <= b2 -> Rmin (a * b1) (a * b2) <= a * b <= Rmax (a * b1) (a * b2).
Proof. intros [H1 H2]. destruct (Rle_dec 0 a) as [Ha|Ha].
  - pose proof (Rmult_le_compat_l a _ _ Ha H1). pose proof (Rmult_le_compat_l a _ _ Ha H2).
    pose proof (Rmin_l (a * b1) (a * b2)). pose proof (Rmax_r (a * b1) (a * b2)). lra.
  - pose proof (Rmult_le_compat_neg_l a _ _ ltac:(lra) H1). pose proof (Rmult_le_compat_neg_l a _ _ ltac:(lra) H2).
    pose proof (Rmin_r (a * b1) (a * b2)). pose proof (Rmax_l (a * b1) (a * b2)). lra. Qed.
Lemma product_bounds a1 a a2 b1 b b2 : a1 <= a <= a2 -> b1 <= b <= b2 ->
  Rmin (Rmin (a1 * b1) (a1 * b2)) (Rmin (a2 * b1) (a2 * b2)) <= a * b <= Rmax (Rmax (a1 * b1) (a1 * b2)) (Rmax (a2 * b1) (a2 * b2)).
Proof. intros Ha Hb. pose proof (scaled_bounds a1 b1 b b2 Hb) as H1. pose proof (scaled_bounds a2 b1 b b2 Hb) as H2.
  pose proof (scaled_bounds b a1 a a2 Ha) as H3. rewrite !(Rmult_comm b) in H3.
  set (l1 := Rmin (a1 * b1) (a1 * b2)) in *. set (l2 := Rmin (a2 * b1) (a2 * b2)) in *.
  set (u1 := Rmax (a1 * b1) (a1 * b2)) in *. set (u2 := Rmax (a2 * b1) (a2 * b2)) in *. split.
  - apply Rle_trans with (Rmin (a1 * b) (a2 * b)); [|apply H3]. apply Rmin_glb.
    + pose proof (Rmin_l l1 l2). lra.
    + pose proof (Rmin_r l1 l2). lra.
  - apply Rle_trans with (Rmax (a1 * b) (a2 * b)); [apply H3|]. apply Rmax_lub.
    + pose proof (Rmax_l u1 u2). lra.
    + pose proof (Rmax_r u1 u2). lra. Qed.
Lemma near_bounds b x y : near b x y -> x - y <= 2 * b <= x + y.
Proof. unfold near. intros H. unfold Rabs in H. destruct (Rcase_abs (2 * b - x)); lra. Qed.
Lemma bounds_near b l u : l <= b <= u -> near b (l + u) (u - l).
Proof. intros H. unfold near. apply Rabs_le. lra. Qed.

Section Checks.
Variable ar : integers.
Notation I := (int ar).

(** low and high ends of the product of x/2 -+ y/2 and z/2 -+ w/2, times 4 *)
Definition product_low (x y z w : I) : I :=
  let a1 := isub x y in let a2 := iadd x y in let b1 := isub z w in let b2 := iadd z w in
  imin (imin (imul a1 b1) (imul a1 b2)) (imin (imul a2 b1) (imul a2 b2)).
Definition product_high (x y z w : I) : I :=
  let a1 := isub x y in let a2 := iadd x y in let b1 := isub z w in let b2 := iadd z w in
  imax (imax (imul a1 b1) (imul a1 b2)) (imax (imul a2 b1) (imul a2 b2)).
Lemma product_enclosed a b x y z w : near a (val x) (val y) -> near b (val z) (val w) ->
  val (product_low x y z w) <= 4 * (a * b) <= val (product_high x y z w).
Proof. intros Ha Hb. apply near_bounds in Ha. apply near_bounds in Hb. unfold product_low, product_high. cbv zeta.
  rewrite !val_min, !val_max, !val_mul, !val_sub, !val_add.
  replace (4 * (a * b)) with (2 * a * (2 * b)) by ring. apply product_bounds; auto. Qed.

(** the ends of S'G for two families of matrices, times 4 *)
Definition adjoint_ends (product : I -> I -> I -> I -> I) n (XS YS XG YG : list (list I)) : list (list I) :=
  build n n (fun i j => total n (fun k => product (get XS k i) (get YS k i) (get XG k j) (get YG k j))).

(** The factor is of the doubled center matrix of q (4 S'QS - 4 e^2 Q) - 4 p e^2 I, radii subtracted, e the denominator of S;
    corners do not suffice here, as Q may be indefinite. *)
Definition growth_check n (Q : matrix) (steps : vector) (p : Z) (q : positive) (H : hull) (w : witness) : bool :=
  match w with
  | Corners _ => false
  | Radius scales f =>
      let metric := input ar n (mat_rows Q) in
      let h := step_list ar n steps in
      let e := of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z in
      let over := of_Z (Zpos q) in
      let XS := step_matrix n h (iadd e e) (centers n H) in
      let YS := step_radii n h (radii n H) in
      let XG := times n metric XS in
      let YG := times n (magnitudes n metric) YS in
      let L := adjoint_ends product_low n XS YS XG YG in
      let U := adjoint_ends product_high n XS YS XG YG in
      let less := imul (of_Z (8 * Zpos q)%Z) (imul e e) in
      let least := imul (of_Z (8 * p * Zpos (mat_den Q))%Z) (imul e e) in
      radius_check n
        (build n n (fun i j => let c := isub (imul over (iadd (get L i j) (get U i j))) (imul less (get metric i j)) in
           if Nat.eqb i j then isub c least else c))
        (build n n (fun i j => imul over (isub (get U i j) (get L i j)))) scales f
  end.

(** Q(v - H A v) >= Q(v) + (p/q) |v|^2 for every real matrix A of the hull. *)
Theorem growth_check_sound n Q steps p q H w : growth_check n Q steps p q H w = true ->
  forall A, in_hull n H A -> forall v, rat p q * dot n v v <=
  form n (mat Q) (stepped n (vect steps) A v) (stepped n (vect steps) A v) - form n (mat Q) v v.
Proof. unfold growth_check. destruct w as [fs|scales f]; [discriminate|]. cbv zeta.
  set (metric := input ar n (mat_rows Q)). set (h := step_list ar n steps).
  set (ez := of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z).
  set (XS := step_matrix n h (iadd ez ez) (centers n H)). set (YS := step_radii n h (radii n H)).
  set (XG := times n metric XS). set (YG := times n (magnitudes n metric) YS).
  intros Hc A HA v. set (m := ent metric).
  set (e := IZR (Zpos (vec_den steps)) * IZR (Zpos (hull_den H))).
  assert (He : 0 < e) by (apply Rmult_lt_0_compat; apply den_pos).
  assert (Ve : val ez = e) by (unfold ez; rewrite val_of, mult_IZR; reflexivity).
  assert (NS : forall i j, (i < n)%nat -> (j < n)%nat -> near (scaled_step steps H A i j) (ent XS i j) (ent YS i j)).
  { intros i j Hi Hj. pose proof (near_step ar n h ez _ A _ _ (fun i j => near_hull ar n H A i j HA) i j Hi Hj) as N.
    unfold h in N at 1. rewrite Ve, val_step_list in N by auto. exact N. }
  set (G := fun i j => sum n (fun k => m i k * scaled_step steps H A k j)).
  assert (NG : forall i j, (i < n)%nat -> (j < n)%nat -> near (G i j) (ent XG i j) (ent YG i j)).
  { intros i j Hi Hj. unfold XG, YG. rewrite !ent_times by auto.
    rewrite (sum_ext n (fun k => ent (magnitudes n metric) i k * _) (fun k => Rabs (m i k) * ent YS k j))
      by (intros; rewrite ent_magnitudes by auto; reflexivity).
    apply near_sum. intros k Hk. apply NS; auto. }
  set (B := fun i j => IZR (Zpos q) * (4 * sum n (fun k => scaled_step steps H A k i * G k j) - 4 * (e * e) * m i j)
     - if Nat.eqb i j then 4 * IZR p * IZR (Zpos (mat_den Q)) * (e * e) else 0).
  assert (HB : 0 <= form n B v v).
  { apply (radius_check_psd _ _ _ _ _ _ Hc). intros i j Hi Hj. rewrite !ent_build by auto.
    assert (E : ent (adjoint_ends product_low n XS YS XG YG) i j <= 4 * sum n (fun k => scaled_step steps H A k i * G k j)
       <= ent (adjoint_ends product_high n XS YS XG YG) i j).
    { unfold adjoint_ends. rewrite !ent_build, !val_total, <- sum_scal by auto.
      split; apply sum_le; intros k Hk; apply product_enclosed; try apply NS; try apply NG; auto. }
    apply bounds_near, (near_scal (IZR (Zpos q))) in E. rewrite Rabs_pos_eq in E by (apply Rlt_le, den_pos).
    apply (near_shift (- (IZR (Zpos q) * (4 * (e * e) * m i j))
      - if Nat.eqb i j then 4 * IZR p * IZR (Zpos (mat_den Q)) * (e * e) else 0)) in E.
    unfold B. rewrite val_mul, val_sub, val_of. fold (ent (adjoint_ends product_low n XS YS XG YG) i j)
      (ent (adjoint_ends product_high n XS YS XG YG) i j).
    unfold near in *. destruct (Nat.eqb i j);
    rewrite ?val_sub, !val_mul, val_add, ?val_sub, ?val_mul, !val_of, Ve, !mult_IZR;
    match goal with |- Rabs ?a <= _ => match type of E with Rabs ?c <= _ => replace a with c end end; auto;
    unfold m, ent; ring. }
  unfold B in HB. rewrite form_minus, form_scal, form_minus, !form_scal, form_identity in HB. unfold G in HB.
  rewrite form_congruent in HB.
  set (s := stepped n (vect steps) A v).
  rewrite (form_vext n m (mv n (scaled_step steps H A) v) (fun i => e * s i) (mv n (scaled_step steps H A) v) (fun i => e * s i)) in HB
    by (intros; apply mv_scaled_step; auto).
  rewrite form_scal_l, form_scal_r in HB. unfold m, metric in HB. rewrite !form_input in HB. rewrite rat_div.
  pose proof (den_pos (mat_den Q)) as Hm. pose proof (den_pos q) as Hq.
  set (d := IZR (Zpos (mat_den Q))) in *. set (r := IZR (Zpos q)) in *.
  apply Rmult_le_reg_l with (4 * d * (e * e) * r). { repeat first [assumption|lra|apply Rmult_lt_0_compat]. }
  replace (4 * d * (e * e) * r * (IZR p / r * dot n v v)) with (4 * IZR p * d * (e * e) * dot n v v) by (field; lra). lra. Qed.
End Checks.
