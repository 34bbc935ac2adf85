(** Checkers for an unstable equilibrium: interval Newton in a cube with rational data, growth of a form on it, and what both prove together. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Monotone Step Banach Integers Definite Corners Intervals Family FamilyGrowth Projection
  Instability InstabilityChecks NoMetric UnstableEquilibrium.
Import ListNotations.
Open Scope R_scope.

Definition point_box n (c : vector) : box :=
  Box (vec_den c) (map (fun i => (nth i (vec_entries c) 0%Z, nth i (vec_entries c) 0%Z)) (seq 0 n)).
Lemma point_box_in n c : in_box n (point_box n c) (vect c).
Proof. intros i Hi. unfold low, high, point_box. cbn [box_den sides]. rewrite nth_map_seq by auto. cbn [fst snd]. unfold vect. lra. Qed.

(** the cube |x_i - c_i| <= p/q lies in the box b, for [strict] in its interior *)
Definition cube_inside n (strict : bool) (c : vector) (p : Z) (q : positive) (b : box) : bool :=
  forallb (fun i => let s := nth i (sides b) (0, 0)%Z in let m := nth i (vec_entries c) 0%Z in let below := if strict then Z.ltb else Z.leb in
    below (fst s * (Zpos (vec_den c) * Zpos q)) ((m * Zpos q - p * Zpos (vec_den c)) * Zpos (box_den b)) &&
    below ((m * Zpos q + p * Zpos (vec_den c)) * Zpos (box_den b)) (snd s * (Zpos (vec_den c) * Zpos q)))%Z (seq 0 n).
Lemma cube_inside_sound n strict c p q b : cube_inside n strict c p q b = true -> forall i, (i < n)%nat ->
  (low b i <= vect c i - rat p q /\ vect c i + rat p q <= high b i) /\
  (strict = true -> low b i < vect c i - rat p q /\ vect c i + rat p q < high b i).
Proof. intros H i Hi. pose proof (forallb_seq _ _ H i Hi) as K. cbv beta zeta in K. apply andb_true_iff in K. destruct K as [K1 K2].
  pose proof (den_pos (vec_den c)) as Pc. pose proof (den_pos q) as Pq. pose proof (den_pos (box_den b)) as Pb.
  unfold low, high, vect. rewrite !rat_div.
  set (dc := IZR (Zpos (vec_den c))) in *. set (dq := IZR (Zpos q)) in *. set (db := IZR (Zpos (box_den b))) in *.
  set (lo := fst (nth i (sides b) (0, 0)%Z)) in *. set (hi := snd (nth i (sides b) (0, 0)%Z)) in *. set (m := nth i (vec_entries c) 0%Z) in *.
  set (D := dc * dq * db). assert (PD : 0 < D) by (unfold D; repeat apply Rmult_lt_0_compat; auto).
  assert (E1 : D * (IZR lo / db) = IZR (lo * (Zpos (vec_den c) * Zpos q))) by (rewrite !mult_IZR; fold dc dq; unfold D; field; lra).
  assert (E2 : D * (IZR hi / db) = IZR (hi * (Zpos (vec_den c) * Zpos q))) by (rewrite !mult_IZR; fold dc dq; unfold D; field; lra).
  assert (E3 : D * (IZR m / dc - IZR p / dq) = IZR ((m * Zpos q - p * Zpos (vec_den c)) * Zpos (box_den b)))
    by (rewrite mult_IZR, minus_IZR, !mult_IZR; fold dc dq db; unfold D; field; lra).
  assert (E4 : D * (IZR m / dc + IZR p / dq) = IZR ((m * Zpos q + p * Zpos (vec_den c)) * Zpos (box_den b)))
    by (rewrite mult_IZR, plus_IZR, !mult_IZR; fold dc dq db; unfold D; field; lra).
  destruct strict.
  - apply Z.ltb_lt, IZR_lt in K1, K2. rewrite <- E1, <- E3 in K1. rewrite <- E2, <- E4 in K2.
    apply Rmult_lt_reg_l in K1, K2; auto. repeat split; lra.
  - apply Z.leb_le, IZR_le in K1, K2. rewrite <- E1, <- E3 in K1. rewrite <- E2, <- E4 in K2.
    apply Rmult_le_reg_l in K1, K2; auto. repeat split; try lra; discriminate. Qed.
Lemma cube_in_box n strict c p q b : cube_inside n strict c p q b = true -> forall x, cube n (vect c) (fun _ => rat p q) x -> in_box n b x.
Proof. intros H x Hx i Hi. destruct (cube_inside_sound _ _ _ _ _ _ H i Hi) as [[L U] _]. specialize (Hx i Hi). cbv beta in Hx.
  unfold Rabs in Hx. destruct (Rcase_abs (x i - vect c i)); lra. Qed.

(** a projection on box constraints whose box has the cube in its interior maps nothing into the cube but the points of the cube *)
Lemma projection_fixes n ps b (Pi : vec -> vec) c p q : n = dimension ps -> (forall o pl, In (o, pl) (placed 0 ps) -> kind pl = Free \/ kind pl = InBox) ->
  projects ps b Pi -> cube_inside n true c p q b = true -> forall x, cube n (vect c) (fun _ => rat p q) (Pi x) -> same n (Pi x) x.
Proof. intros Hn Hk HP HC x Hx i Hi. destruct (cube_inside_sound _ _ _ _ _ _ HC i Hi) as [_ S]. destruct (S eq_refl) as [L U].
  specialize (Hx i Hi). cbv beta in Hx. rewrite Hn in Hi. destruct (placed_covers ps 0 i Hi) as [o [pl [j [Ip [Hj E]]]]]. simpl in E. subst i.
  pose proof (HP x o pl Ip) as K. unfold projects_block in K. destruct (Hk o pl Ip) as [E|E]; rewrite E in K; [auto|].
  specialize (K j Hj). rewrite K. rewrite K in Hx. revert Hx. unfold Rmax, Rmin.
  destruct (Rle_dec (high b (o + j)) (x (o + j)%nat)); destruct (Rle_dec (low b (o + j)) _); intros Hx; auto;
    unfold Rabs in Hx; destruct (Rcase_abs _) in Hx; lra. Qed.

Section Checks.
Variable ar : integers.
Notation I := (int ar).

(** |I - Y' Y| < 1 in the maximum norm *)
Definition inverse_check n (Y Y' : matrix) : bool :=
  let G := times n (input ar n (mat_rows Y')) (input ar n (mat_rows Y)) in
  let e := of_Z (Zpos (mat_den Y') * Zpos (mat_den Y))%Z in
  forallb (fun i => negb (ileb e (sum_abs (map (fun j => isub (if Nat.eqb i j then e else izero) (get G i j)) (seq 0 n))))) (seq 0 n).
Lemma ent_mat n (M : matrix) i j : (i < n)%nat -> (j < n)%nat -> ent (input ar n (mat_rows M)) i j = IZR (Zpos (mat_den M)) * mat M i j.
Proof. intros Hi Hj. rewrite ent_input by auto. unfold mat, zent. rewrite rat_div. pose proof (den_pos (mat_den M)). field. lra. Qed.
Lemma inverse_check_sound n Y Y' : inverse_check n Y Y' = true -> forall i, (i < n)%nat -> sum n (fun j => Rabs (defect n (mat Y') (mat Y) i j)) < 1.
Proof. unfold inverse_check. cbv zeta. intros H i Hi. pose proof (forallb_seq _ _ H i Hi) as K. cbv beta in K. apply negb_true_iff, val_gtb in K.
  rewrite val_sum_abs, val_of, mult_IZR in K. pose proof (den_pos (mat_den Y)) as P1. pose proof (den_pos (mat_den Y')) as P2.
  set (e := IZR (Zpos (mat_den Y')) * IZR (Zpos (mat_den Y))) in *. assert (He : 0 < e) by (apply Rmult_lt_0_compat; auto).
  apply Rmult_lt_reg_l with e; auto. rewrite <- sum_scal, Rmult_1_r. eapply Rle_lt_trans; [|exact K]. apply sum_le; intros j Hj.
  right. rewrite <- (Rabs_right e) at 1 by lra. rewrite <- Rabs_mult. f_equal. rewrite val_sub. fold (ent (times n (input ar n (mat_rows Y')) (input ar n
    (mat_rows Y))) i j).
  rewrite ent_times by auto. unfold defect.
  rewrite (sum_ext n (fun k => ent _ i k * _) (fun k => e * (mat Y' i k * mat Y k j))) by (intros k Hk; rewrite !ent_mat by auto; unfold e; ring).
  rewrite sum_scal. destruct (Nat.eqb i j); rewrite ?val_of, ?mult_IZR, ?val_zero; fold e; ring. Qed.

(** |Y F(c)| + |I - Y A| p/q < p/q row by row for all A of the hull and all values F(c) in the box V *)
Definition newton_check n (p : Z) (q : positive) (H : hull) (V : box) (Y Y' : matrix) : bool :=
  let y := input ar n (mat_rows Y) in
  let ys := magnitudes n y in
  let X := times n y (centers n H) in
  let R := times n ys (radii n H) in
  let e := of_Z (2 * (Zpos (mat_den Y) * Zpos (hull_den H)))%Z in
  let mid := map (fun k => let s := nth k (sides V) (0, 0)%Z in of_Z (fst s + snd s)%Z) (seq 0 n) in
  let wide := map (fun k => let s := nth k (sides V) (0, 0)%Z in of_Z (snd s - fst s)%Z) (seq 0 n) in
  let cm := of_Z (Zpos (hull_den H) * Zpos q)%Z in
  let cs := of_Z (Zpos (box_den V) * p)%Z in
  let own := of_Z (2 * (Zpos (mat_den Y) * Zpos (hull_den H)) * (Zpos (box_den V) * p))%Z in
  (0 <? p)%Z && inverse_check n Y Y' &&
  forallb (fun i =>
    let moved := iadd (iabs (idot (nth i y []) mid)) (idot (nth i ys []) wide) in
    let spread := total n (fun j => iadd (iabs (isub (if Nat.eqb i j then e else izero) (get X i j))) (get R i j)) in
    negb (ileb own (iadd (imul cm moved) (imul cs spread)))) (seq 0 n).

(** the bounds that the check computes *)
Definition moved_bound n (V : box) (Y : matrix) i : R :=
  Rabs (sum n (fun k => mat Y i k * (low V k + high V k) / 2)) + sum n (fun k => Rabs (mat Y i k) * (high V k - low V k) / 2).
Definition spread_bound_of n (H : hull) (Y : matrix) (r : R) i : R :=
  sum n (fun j => Rabs ((if Nat.eqb i j then 1 else 0) - sum n (fun k => mat Y i k * (rat (fst (entry H k j)) (hull_den H) + rat (snd (entry H k j))
    (hull_den H)) / 2))
    + sum n (fun k => Rabs (mat Y i k) * (rat (snd (entry H k j)) (hull_den H) - rat (fst (entry H k j)) (hull_den H)) / 2)) * r.
Lemma half_abs a lo hi y : lo <= a <= hi -> Rabs (y * a - y * (lo + hi) / 2) <= Rabs y * (hi - lo) / 2.
Proof. intros Ha. replace (y * a - y * (lo + hi) / 2) with (y * (a - (lo + hi) / 2)) by field. rewrite Rabs_mult.
  replace (Rabs y * (hi - lo) / 2) with (Rabs y * ((hi - lo) / 2)) by field. apply Rmult_le_compat_l; [apply Rabs_pos|]. apply Rabs_le. lra. Qed.
Lemma half_sum n (y a lo hi : vec) : (forall k, (k < n)%nat -> lo k <= a k <= hi k) ->
  Rabs (sum n (fun k => y k * a k) - sum n (fun k => y k * (lo k + hi k) / 2)) <= sum n (fun k => Rabs (y k) * (hi k - lo k) / 2).
Proof. induction n; intros Ha; simpl; [rewrite Rminus_diag_eq, Rabs_R0; lra|].
  assert (IH : Rabs (sum n (fun k => y k * a k) - sum n (fun k => y k * (lo k + hi k) / 2)) <= sum n (fun k => Rabs (y k) * (hi k - lo k) / 2))
    by (apply IHn; intros; apply Ha; lia).
  pose proof (half_abs (a n) (lo n) (hi n) (y n) (Ha n ltac:(lia))) as B.
  replace (_ + y n * a n - _) with ((sum n (fun k => y k * a k) - sum n (fun k => y k * (lo k + hi k) / 2)) + (y n * a n - y n * (lo n + hi n) / 2)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra. Qed.
Lemma moved_bound_sound n V Y u : in_box n V u -> forall i, (i < n)%nat -> Rabs (mv n (mat Y) u i) <= moved_bound n V Y i.
Proof. intros Hu i Hi. unfold moved_bound, mv. pose proof (half_sum n (mat Y i) u (low V) (high V) Hu) as B.
  set (a := sum n (fun j => mat Y i j * u j)) in *. set (m := sum n (fun k => mat Y i k * (low V k + high V k) / 2)) in *.
  replace a with (m + (a - m)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. Qed.
Lemma spread_bound_sound n H Y r : 0 <= r -> forall A, in_hull n H A -> forall i, (i < n)%nat ->
  sum n (fun j => Rabs (defect n (mat Y) A i j) * r) <= spread_bound_of n H Y r i.
Proof. intros Hr A HA i Hi. unfold spread_bound_of. rewrite sum_scal_r. apply Rmult_le_compat_r; auto. apply sum_le; intros j Hj.
  pose proof (half_sum n (mat Y i) (fun k => A k j) (fun k => rat (fst (entry H k j)) (hull_den H)) (fun k => rat (snd (entry H k j)) (hull_den H))
    (fun k Hk => HA k j Hk Hj)) as B. unfold defect. cbv beta in B.
  set (a := sum n (fun k => mat Y i k * A k j)) in *.
  set (m := sum n (fun k => mat Y i k * (rat (fst (entry H k j)) (hull_den H) + rat (snd (entry H k j)) (hull_den H)) / 2)) in *.
  set (d := if Nat.eqb i j then 1 else 0). replace (d - a) with ((d - m) + - (a - m)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. Qed.

Theorem newton_check_sound n p q H V Y Y' : newton_check n p q H V Y Y' = true -> 0 < rat p q /\
  (forall i, (i < n)%nat -> sum n (fun j => Rabs (defect n (mat Y') (mat Y) i j)) < 1) /\
  forall i, (i < n)%nat -> moved_bound n V Y i + spread_bound_of n H Y (rat p q) i < rat p q.
Proof. unfold newton_check. cbv zeta. rewrite !andb_true_iff. intros [[Hp Hi] Hn]. apply Z.ltb_lt in Hp.
  pose proof (rat_pos p q Hp) as Hr. split; auto. split; [apply inverse_check_sound; auto|].
  intros i Li. pose proof (forallb_seq _ _ Hn i Li) as K. cbv beta zeta in K. apply negb_true_iff, val_gtb in K. clear Hn.
  pose proof (den_pos (mat_den Y)) as PY. pose proof (den_pos (hull_den H)) as PH. pose proof (den_pos (box_den V)) as PV. pose proof (den_pos q) as Pq.
  rewrite val_add, !val_mul, val_add, val_abs, val_total, !val_of, !mult_IZR in K.
  rewrite !(val_idot ar n) in K by (rewrite map_length, seq_length; auto).
  set (dY := IZR (Zpos (mat_den Y))) in *. set (dH := IZR (Zpos (hull_den H))) in *. set (dV := IZR (Zpos (box_den V))) in *. set (dq := IZR (Zpos q)) in *.
  assert (EY : forall k, (k < n)%nat -> val (nth k (nth i (input ar n (mat_rows Y)) []) izero) = dY * mat Y i k).
  { intros k Hk. change (ent (input ar n (mat_rows Y)) i k = dY * mat Y i k). apply ent_mat; auto. }
  assert (EM : forall k, (k < n)%nat -> val (nth k (nth i (magnitudes n (input ar n (mat_rows Y))) []) izero) = dY * Rabs (mat Y i k)).
  { intros k Hk. change (ent (magnitudes n (input ar n (mat_rows Y))) i k = dY * Rabs (mat Y i k)). rewrite ent_magnitudes, ent_mat by auto.
    fold dY. rewrite Rabs_mult, (Rabs_right dY) by lra. reflexivity. }
  assert (M1 : sum n (fun k => val (nth k (nth i (input ar n (mat_rows Y)) []) izero) *
      val (nth k (map (fun k => @of_Z ar (fst (nth k (sides V) (0, 0)%Z) + snd (nth k (sides V) (0, 0)%Z))%Z) (seq 0 n)) izero)) =
      2 * dY * dV * sum n (fun k => mat Y i k * (low V k + high V k) / 2)).
  { rewrite <- sum_scal. apply sum_ext; intros k Hk. rewrite EY, nth_map_seq, val_of, plus_IZR by auto. unfold low, high. rewrite !rat_div. fold dV. field.
    lra. }
  assert (M2 : sum n (fun k => val (nth k (nth i (magnitudes n (input ar n (mat_rows Y))) []) izero) *
      val (nth k (map (fun k => @of_Z ar (snd (nth k (sides V) (0, 0)%Z) - fst (nth k (sides V) (0, 0)%Z))%Z) (seq 0 n)) izero)) =
      2 * dY * dV * sum n (fun k => Rabs (mat Y i k) * (high V k - low V k) / 2)).
  { rewrite <- sum_scal. apply sum_ext; intros k Hk. rewrite EM, nth_map_seq, val_of, minus_IZR by auto. unfold low, high. rewrite !rat_div. fold dV. field.
    lra. }
  rewrite M1, M2 in K. clear M1 M2.
  rewrite Rabs_mult, (Rabs_right (2 * dY * dV)) in K by (apply Rle_ge, Rlt_le; repeat apply Rmult_lt_0_compat; lra).
  set (e2 := 2 * dY * dH). assert (He2 : 0 < e2) by (unfold e2; repeat apply Rmult_lt_0_compat; lra).
  match type of K with _ + _ * sum n ?f < _ => assert (S : sum n f = e2 * sum n (fun j => Rabs ((if Nat.eqb i j then 1 else 0) -
      sum n (fun k => mat Y i k * (rat (fst (entry H k j)) (hull_den H) + rat (snd (entry H k j)) (hull_den H)) / 2))
    + sum n (fun k => Rabs (mat Y i k) * (rat (snd (entry H k j)) (hull_den H) - rat (fst (entry H k j)) (hull_den H)) / 2))) end.
  { rewrite <- sum_scal. apply sum_ext; intros j Hj. rewrite val_add, val_abs, val_sub.
    change (val (get ?M i j)) with (ent M i j). rewrite !ent_times by auto.
    rewrite (sum_ext n (fun k => ent (input ar n (mat_rows Y)) i k * _)
      (fun k => e2 * (mat Y i k * (rat (fst (entry H k j)) (hull_den H) + rat (snd (entry H k j)) (hull_den H)) / 2))).
    2:{ intros k Hk. rewrite ent_mat by auto. unfold centers. rewrite ent_build, val_of, plus_IZR by auto. rewrite !rat_div. fold dY dH. unfold e2. field.
      lra. }
    rewrite (sum_ext n (fun k => ent (magnitudes n (input ar n (mat_rows Y))) i k * _)
      (fun k => e2 * (Rabs (mat Y i k) * (rat (snd (entry H k j)) (hull_den H) - rat (fst (entry H k j)) (hull_den H)) / 2))).
    2:{ intros k Hk. change (ent (magnitudes n (input ar n (mat_rows Y))) i k) with (val (nth k (nth i (magnitudes n (input ar n (mat_rows Y))) []) izero)).
        rewrite EM by auto. unfold radii. rewrite ent_build, val_of, minus_IZR by auto. rewrite !rat_div. fold dH. unfold e2. field. lra. }
    rewrite !sum_scal, Rmult_plus_distr_l. f_equal. rewrite <- (Rabs_right e2) at 2 by lra. rewrite <- Rabs_mult. f_equal.
    destruct (Nat.eqb i j); rewrite ?val_of, ?val_zero, ?mult_IZR; fold dY dH; unfold e2; ring. }
  rewrite S in K. clear S EY EM. unfold moved_bound, spread_bound_of. rewrite rat_div. fold dq.
  set (m1 := Rabs (sum n _)) in *. set (m2 := sum n (fun k => Rabs (mat Y i k) * (high V k - low V k) / 2)) in *.
  match type of K with context [e2 * ?x] => set (B := x) in * end.
  assert (Hm : 0 < e2 * dV * dq) by (apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; auto|auto]).
  apply Rmult_lt_reg_l with (e2 * dV * dq); auto.
  replace (e2 * dV * dq * (m1 + m2 + B * (IZR p / dq))) with (dH * dq * (2 * dY * dV * m1 + 2 * dY * dV * m2) + dV * IZR p * (e2 * B))
    by (unfold e2; field; lra).
  replace (e2 * dV * dq * (IZR p / dq)) with (2 * (dY * dH) * (dV * IZR p)) by (unfold e2; field; lra). exact K. Qed.

(** ** All together. Arguments: n; the center c and radius rp/rq of the cube; the box b that contains it, on which H encloses the Jacobian; V
    encloses F(c); Y and Y'; the steps; the form Q; delta = p/q; the vector z; the witness of growth. *)
Definition unstable_equilibrium_check n (c : vector) (rp : Z) (rq : positive) (b : box) (H : hull) (V : box) (Y Y' : matrix)
    (steps : vector) (Q : matrix) (p : Z) (q : positive) (z : vector) (w : witness) : bool :=
  cube_inside n false c rp rq b && newton_check n rp rq H V Y Y' && (0 <? p)%Z && growth_check ar n Q steps p q H w &&
  (0 <=? quadratic n (mat_rows Q) (vec_entries z))%Z && existsb (fun i => negb (nth i (vec_entries z) 0 =? 0)%Z) (seq 0 n).

Lemma vector_nonzero n z : existsb (fun i => negb (nth i (vec_entries z) 0 =? 0)%Z) (seq 0 n) = true -> 0 < dot n (vect z) (vect z).
Proof. rewrite existsb_exists. intros [i [Ii Hi]]. apply in_seq in Ii. apply negb_true_iff, Z.eqb_neq in Hi.
  apply Rlt_le_trans with (vect z i ^ 2); [|apply dot_entry; lia]. assert (N : vect z i <> 0); [|pose proof (Rlt_0_sqr _ N) as P; unfold Rsqr in P; lra].
  unfold vect. rewrite rat_div. intros E.
  apply Hi. pose proof (den_pos (vec_den z)). apply eq_IZR. apply Rmult_eq_reg_r with (/ IZR (Zpos (vec_den z))).
  - rewrite Rmult_0_l. exact E.
  - apply Rinv_neq_0_compat. lra. Qed.
Lemma quadratic_nonneg n Q z : (0 <=? quadratic n (mat_rows Q) (vec_entries z))%Z = true -> 0 <= form n (mat Q) (vect z) (vect z).
Proof. intros H. apply Z.leb_le, IZR_le in H. rewrite quadratic_sound in H. pose proof (den_pos (vec_den z)) as Hz. pose proof (den_pos (mat_den Q)) as Hq.
  set (m := IZR (Zpos (mat_den Q)) * (IZR (Zpos (vec_den z)) * IZR (Zpos (vec_den z)))) in *.
  assert (Hm : 0 < m) by (unfold m; repeat apply Rmult_lt_0_compat; auto). apply Rmult_le_reg_l with m; lra. Qed.

(** Accepted data prove: the field has exactly one zero x in the cube |y_i - c_i| <= rp/rq, it lies in the cube's interior, and it is unstable:
    as close to x as you like there are starts in the cube whose orbits leave the cube. T is the gradient step with the given steps, or any map
    that agrees with it wherever it maps the cube into itself, such as the step followed by a projection that moves no point into the cube. *)
Theorem unstable_equilibrium_check_sound n c rp rq b H V Y Y' steps Q p q z w F J :
  unstable_equilibrium_check n c rp rq b H V Y Y' steps Q p q z w = true ->
  extensional n F -> jacobian_on n (in_box n b) F J -> (forall y, in_box n b y -> in_hull n H (J y)) -> in_box n V (F (vect c)) ->
  let K := cube n (vect c) (fun _ => rat rp rq) in
  exists x, (forall i, (i < n)%nat -> Rabs (x i - vect c i) < rat rp rq) /\ zero n F x /\ (forall y, K y -> zero n F y -> same n y x) /\
  forall T, (forall y, K y -> K (T y) -> same n (T y) (step (vect steps) F y)) ->
  forall eps, 0 < eps -> exists y, (forall i, (i < n)%nat -> Rabs (y i - x i) < eps) /\ K y /\ exists k, ~ K (orbit T y k).
Proof. intros Hc HF HJ HH HV K. unfold unstable_equilibrium_check in Hc. rewrite !andb_true_iff in Hc. destruct Hc as [[[[[Hb Hn] Hp] Hg] Hz] Hv].
  destruct (newton_check_sound _ _ _ _ _ _ _ Hn) as [Hr [Hi Hs]]. apply Z.ltb_lt in Hp.
  pose proof (cube_in_box _ _ _ _ _ _ Hb) as Sub. fold K in Sub.
  assert (HJ' : jacobian_on n K F J) by (intros x y Hx Hy; apply HJ; auto).
  destruct (newton_zero n (vect c) (fun _ => rat rp rq) F J H (mat Y) (mat Y') (fun _ _ => Hr) HF HJ' (fun y Hy => HH y (Sub y Hy))
    (moved_bound n V Y) (spread_bound_of n H Y (rat rp rq)) (moved_bound_sound n V Y _ HV)
    (spread_bound_sound n H Y (rat rp rq) (Rlt_le _ _ Hr)) Hs Hi) as [x [Hx [Zx Ux]]].
  exists x. split; auto. split; auto. split; auto. intros T HT eps He.
  apply (leaves_cube n (vect c) (fun _ => rat rp rq) F J H (vect steps) (mat Q) (rat p q) x (vect z) HF HJ' (fun y Hy => HH y (Sub y Hy)) Hx Zx
    (rat_pos p q Hp)); auto.
  - intros A HA v. apply (growth_check_sound ar n Q steps p q H w Hg A HA v).
  - apply vector_nonzero; auto.
  - apply quadratic_nonneg; auto. Qed.
(** The same for projected gradient play of players that are free or confined to a part of the box L that has the cube in its interior. *)
Theorem unstable_equilibrium_projected_sound n c rp rq b H V Y Y' steps Q p q z w F J ps L Pi :
  unstable_equilibrium_check n c rp rq b H V Y Y' steps Q p q z w = true -> cube_inside n true c rp rq L = true ->
  extensional n F -> jacobian_on n (in_box n b) F J -> (forall y, in_box n b y -> in_hull n H (J y)) -> in_box n V (F (vect c)) ->
  n = dimension ps -> (forall o pl, In (o, pl) (placed 0 ps) -> kind pl = Free \/ kind pl = InBox) -> projects ps L Pi ->
  let K := cube n (vect c) (fun _ => rat rp rq) in
  exists x, (forall i, (i < n)%nat -> Rabs (x i - vect c i) < rat rp rq) /\ zero n F x /\ (forall y, K y -> zero n F y -> same n y x) /\
  forall eps, 0 < eps -> exists y, (forall i, (i < n)%nat -> Rabs (y i - x i) < eps) /\ K y /\
  exists k, ~ K (orbit (fun y => Pi (step (vect steps) F y)) y k).
Proof. intros Hc HL HF HJ HH HV Hn Hk HP K.
  destruct (unstable_equilibrium_check_sound _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ F J Hc HF HJ HH HV) as [x [Hx [Zx [Ux Lv]]]].
  exists x. split; auto. split; auto. split; auto. apply Lv. intros y _ Ky.
  apply (projection_fixes n ps L Pi c rp rq Hn Hk HP HL _ Ky). Qed.
End Checks.
