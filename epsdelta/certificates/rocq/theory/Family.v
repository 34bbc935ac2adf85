(** Tests over all matrices A of a hull: P A >= margin P (strong monotonicity) and |v - H A v|_P^2 <= rate |v|_P^2 (a step). *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Integers Definite Corners Intervals.
Import ListNotations.
Open Scope R_scope.

(** one Euler step with a step size for each coordinate *)
Definition stepped n (h : vec) (A : nat -> nat -> R) (v : vec) : vec := fun i => v i - h i * mv n A v i.

Lemma stepped_ext n h A B v i : (forall j, (j < n)%nat -> A i j = B i j) -> stepped n h A v i = stepped n h B v i.
Proof. intros H. unfold stepped. rewrite (mv_ext n A B) by auto. reflexivity. Qed.
Lemma stepped_mix n h A B t v i : stepped n h (fun i j => mix (A i j) (B i j) t) v i = mix (stepped n h A v i) (stepped n h B v i) t.
Proof. unfold stepped. rewrite mv_mix. unfold mix. ring. Qed.
(** the matrix e I - H A *)
Lemma mv_step n e (h : vec) A v i : (i < n)%nat -> mv n (fun i j => (if Nat.eqb i j then e else 0) - h i * A i j) v i = e * v i - h i * mv n A v i.
Proof. intros Hi. unfold mv. rewrite <- sum_scal.
  rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * (e * v j) - h i * (A i j * v j))).
  - rewrite sum_minus, sum_delta by auto. reflexivity.
  - intros j Hj. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring. Qed.

Section Checks.
Variable ar : integers.
Notation I := (int ar).

Lemma form_input n (P : matrix) u v : form n (ent (input ar n (mat_rows P))) u v = IZR (Zpos (mat_den P)) * form n (mat P) u v.
Proof. rewrite <- form_mat. apply form_ext; intros i j Hi Hj. apply ent_input; auto. Qed.

(** ** Strong monotonicity *)
(** q P B - c P *)
Definition affine n (q c : I) (P B : list (list I)) : list (list I) :=
  let G := times n P B in build n n (fun i j => isub (imul q (get G i j)) (imul c (get P i j))).
Lemma ent_affine n q c P B i j : (i < n)%nat -> (j < n)%nat ->
  ent (affine n q c P B) i j = val q * sum n (fun k => ent P i k * ent B k j) - val c * ent P i j.
Proof. intros Hi Hj. unfold affine. cbv zeta. rewrite ent_build, val_sub, !val_mul by auto.
  rewrite <- (ent_times ar n P B i j) by auto. reflexivity. Qed.

Definition monotone_check n (P : matrix) (p : Z) (q : positive) (H : hull) (w : witness) : bool :=
  let metric := input ar n (mat_rows P) in
  let over := of_Z (Zpos q) in
  let least := of_Z (p * Zpos (hull_den H))%Z in
  match w with
  | Corners fs => each (fun K f => certified n (affine n over least metric (input ar n K)) f) (corners n H) fs
  | Radius scales f => radius_check n (affine n over (iadd least least) metric (centers n H))
      (affine n over izero (magnitudes n metric) (radii n H)) scales f
  end.

(** the integer matrix's form in terms of the real one *)
Lemma monotone_scaled n (P : matrix) p q d A v : 0 < d ->
  0 <= form n (fun i j => IZR (Zpos q) * sum n (fun k => ent (input ar n (mat_rows P)) i k * (d * A k j))
     - IZR p * d * ent (input ar n (mat_rows P)) i j) v v ->
  rat p q * form n (mat P) v v <= form n (mat P) v (mv n A v).
Proof. intros Hd. rewrite form_minus, !form_scal, (form_product n _ (fun k j => d * A k j)).
  rewrite (form_vext n _ v v _ (fun i => d * mv n A v i)) by (intros; auto; rewrite mv_scal; auto).
  rewrite form_scal_r, !form_input. rewrite rat_div. pose proof (den_pos (mat_den P)) as Hm. pose proof (den_pos q) as Hq.
  set (m := IZR (Zpos (mat_den P))) in *. set (r := IZR (Zpos q)) in *. intros H.
  apply Rmult_le_reg_l with (m * d * r). { repeat first [assumption|apply Rmult_lt_0_compat]. }
  replace (m * d * r * (IZR p / r * form n (mat P) v v)) with (IZR p * d * (m * form n (mat P) v v)) by (field; lra). lra. Qed.

(** P A >= (p/q) P in the sense of forms, for every real matrix A of the hull. *)
Theorem monotone_check_sound n P p q H w : monotone_check n P p q H w = true ->
  forall A, in_hull n H A -> forall v, rat p q * form n (mat P) v v <= form n (mat P) v (mv n A v).
Proof. unfold monotone_check. pose proof (den_pos (hull_den H)) as Hd. destruct w as [fs|scales f]; intros Hc A HA.
  - revert A HA. apply (corners_sound n H (fun A => forall v, rat p q * form n (mat P) v v <= form n (mat P) v (mv n A v))).
    + intros A B E HA v. rewrite (form_vext n (mat P) v v (mv n B v) (mv n A v)); auto.
      intros i Hi. apply mv_ext; intros j Hj. symmetry. auto.
    + intros A B t Ht HA HB v. rewrite (form_vext n (mat P) v v (mv n (fun i j => mix (A i j) (B i j) t) v) (fun i => mv n A v i + t * (mv n B v i - mv n A v
      i))); auto.
      2:{ intros i _. rewrite mv_mix. reflexivity. }
      rewrite form_lin_r, form_minus_r. specialize (HA v). specialize (HB v).
      pose proof (Rmult_le_compat_l (1 - t) _ _ ltac:(lra) HA). pose proof (Rmult_le_compat_l t _ _ ltac:(lra) HB). lra.
    + intros K IK v. destruct (each_sound _ _ _ _ _ Hc K IK) as [f Hf]. apply certified_psd in Hf. specialize (Hf v).
      apply (monotone_scaled n P p q _ _ v Hd). erewrite form_ext; [apply Hf|]. intros i j Hi Hj. cbv beta.
      rewrite ent_affine, !val_of, mult_IZR by auto. f_equal. f_equal. apply sum_ext; intros k Hk. f_equal.
      rewrite (ent_input ar n K) by auto. rewrite rat_div. field. lra.
  - intros v. apply (monotone_scaled n P p q _ _ v Hd). apply (radius_check_psd _ _ _ _ _ _ Hc). intros i j Hi Hj.
    rewrite !ent_affine, val_zero, val_add, !val_of, mult_IZR by auto.
    set (m := ent (input ar n (mat_rows P))).
    pose proof (near_scal (IZR (Zpos q)) _ _ _ (near_sum n (m i) (fun k => IZR (Zpos (hull_den H)) * A k j)
      (fun k => ent (centers n H) k j) (fun k => ent (radii n H) k j) (fun k Hk => near_hull ar n H A k j HA Hk Hj))) as N.
    apply (near_shift (- (IZR p * IZR (Zpos (hull_den H)) * m i j))) in N. rewrite Rabs_pos_eq in N by (apply Rlt_le, den_pos).
    unfold near in *. match goal with |- Rabs ?a <= ?b => match type of N with Rabs ?c <= ?e => replace a with c by ring; replace b with e end end; auto.
    rewrite Rmult_0_l, Rminus_0_r. f_equal. apply sum_ext; intros k Hk. rewrite ent_magnitudes by auto. reflexivity. Qed.

(** ** Steps *)
(** e I - H B *)
Definition step_matrix n (h : list I) (e : I) (B : list (list I)) : list (list I) :=
  build n n (fun i j => let m := imul (nth i h izero) (get B i j) in if Nat.eqb i j then isub e m else isub izero m).
Lemma ent_step_matrix n h e B i j : (i < n)%nat -> (j < n)%nat ->
  ent (step_matrix n h e B) i j = (if Nat.eqb i j then val e else 0) - val (nth i h izero) * ent B i j.
Proof. intros Hi Hj. unfold step_matrix. rewrite ent_build by auto. cbv zeta.
  destruct (Nat.eqb i j); rewrite val_sub, val_mul, ?val_zero; reflexivity. Qed.

Definition step_list n (steps : vector) : list I := map (fun i => of_Z (nth i (vec_entries steps) 0%Z)) (seq 0 n).
Lemma val_step_list n steps i : (i < n)%nat -> val (nth i (step_list n steps) izero) = IZR (Zpos (vec_den steps)) * vect steps i.
Proof. intros Hi. unfold step_list. rewrite nth_map_seq, val_of by auto. unfold vect. rewrite rat_div.
  pose proof (den_pos (vec_den steps)). field. lra. Qed.
(** |H| R, the radii of H B *)
Definition step_radii n (h : list I) (R : list (list I)) : list (list I) :=
  build n n (fun i j => imul (iabs (nth i h izero)) (get R i j)).
Lemma near_step n h e d A X Y : (forall i j, (i < n)%nat -> (j < n)%nat -> near (d * A i j) (ent X i j) (ent Y i j)) ->
  forall i j, (i < n)%nat -> (j < n)%nat -> near ((if Nat.eqb i j then val e else 0) - val (nth i h izero) * (d * A i j))
    (ent (step_matrix n h (iadd e e) X) i j) (ent (step_radii n h Y) i j).
Proof. intros HN i j Hi Hj. rewrite ent_step_matrix by auto. unfold step_radii. rewrite ent_build, val_mul, val_abs, val_add by auto.
  pose proof (near_scal (- val (nth i h izero)) _ _ _ (HN i j Hi Hj)) as N.
  apply (near_shift (if Nat.eqb i j then val e else 0)) in N. rewrite Rabs_Ropp in N.
  unfold near in *. fold (ent Y i j). match goal with |- Rabs ?a <= _ => match type of N with Rabs ?c <= _ => replace a with c end end; auto.
  destruct (Nat.eqb i j); ring. Qed.

Definition step_check n (P : matrix) (steps : vector) (p : Z) (q : positive) (H : hull) (w : witness) : bool :=
  let metric := input ar n (mat_rows P) in
  let h := step_list n steps in
  let e := of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z in
  let rate := of_Z p in
  let over := of_Z (Zpos q) in
  match w with
  | Corners fs => let keep := imul rate (imul e e) in
      each (fun K f =>
        let S := step_matrix n h e (input ar n K) in
        let G := times n (transposed n S) (times n metric S) in
        certified n (build n n (fun i j => isub (imul keep (get metric i j)) (imul over (get G i j)))) f) (corners n H) fs
  | Radius scales f =>
      let X := times n metric (step_matrix n h (iadd e e) (centers n H)) in
      let Y := times n (magnitudes n metric) (step_radii n h (radii n H)) in
      let keep := imul (of_Z 2) (imul rate e) in let below := imul (of_Z 2) (imul over e) in let side := imul (of_Z 2) over in
      radius_check (n + n)
        (build (n + n) (n + n) (blocks izero n (fun i j => imul keep (get metric i j)) (fun i j => imul side (get X i j))
           (fun i j => imul below (get metric i j))))
        (build (n + n) (n + n) (blocks izero n (fun _ _ => izero) (fun i j => imul side (get Y i j)) (fun _ _ => izero)))
        scales f
  end.

(** e S for S = I - H A, with integer data *)
Definition scaled_step (steps : vector) (H : hull) (A : nat -> nat -> R) i j : R :=
  (if Nat.eqb i j then IZR (Zpos (vec_den steps)) * IZR (Zpos (hull_den H)) else 0)
  - IZR (Zpos (vec_den steps)) * vect steps i * (IZR (Zpos (hull_den H)) * A i j).
Lemma mv_scaled_step n steps H A v i : (i < n)%nat -> mv n (scaled_step steps H A) v i =
  IZR (Zpos (vec_den steps)) * IZR (Zpos (hull_den H)) * stepped n (vect steps) A v i.
Proof. intros Hi. unfold scaled_step.
  rewrite (mv_step n _ (fun i => IZR (Zpos (vec_den steps)) * vect steps i) (fun i j => IZR (Zpos (hull_den H)) * A i j)) by auto.
  rewrite mv_scal. unfold stepped. ring. Qed.

Lemma step_corner n P steps p q H K f v : (let metric := input ar n (mat_rows P) in
     let S := step_matrix n (step_list n steps) (of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z) (input ar n K) in
     let G := times n (transposed n S) (times n metric S) in let e := of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z in
     certified n (build n n (fun i j => isub (imul (imul (of_Z p) (imul e e)) (get metric i j)) (imul (of_Z (Zpos q)) (get G i j)))) f) = true ->
  let s := stepped n (vect steps) (fun i j => rat (zent K i j) (hull_den H)) v in
  form n (mat P) s s <= rat p q * form n (mat P) v v.
Proof. cbv zeta. set (A := fun i j => rat (zent K i j) (hull_den H)). intros Hf. apply certified_psd in Hf. specialize (Hf v).
  set (m := ent (input ar n (mat_rows P))) in *.
  set (e := IZR (Zpos (vec_den steps)) * IZR (Zpos (hull_den H))).
  assert (He : 0 < e) by (apply Rmult_lt_0_compat; apply den_pos).
  rewrite (form_ext n _ (fun i j => IZR p * (e * e) * m i j - IZR (Zpos q) * sum n (fun k => scaled_step steps H A k i *
     sum n (fun l => m k l * scaled_step steps H A l j)))) in Hf.
  - rewrite form_minus, !form_scal, form_congruent in Hf.
    rewrite (form_vext n m (mv n (scaled_step steps H A) v) (fun i => e * stepped n (vect steps) A v i)
      (mv n (scaled_step steps H A) v) (fun i => e * stepped n (vect steps) A v i)) in Hf
      by (intros; apply mv_scaled_step; auto).
    rewrite form_scal_l, form_scal_r in Hf. unfold m in Hf. rewrite !form_input in Hf. rewrite rat_div.
    pose proof (den_pos (mat_den P)) as Hm. pose proof (den_pos q) as Hq.
    set (d := IZR (Zpos (mat_den P))) in *. set (r := IZR (Zpos q)) in *.
    apply Rmult_le_reg_l with (d * (e * e) * r). { repeat first [assumption|apply Rmult_lt_0_compat]. }
    replace (d * (e * e) * r * (IZR p / r * form n (mat P) v v)) with (IZR p * (e * e) * (d * form n (mat P) v v)) by (field; lra). lra.
  - intros i j Hi Hj. rewrite ent_build, val_sub, !val_mul, !val_of, mult_IZR by auto.
    fold (ent (input ar n (mat_rows P)) i j). fold m. f_equal. f_equal.
    assert (ES : forall k l, (k < n)%nat -> (l < n)%nat -> ent (step_matrix n (step_list n steps)
       (of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z) (input ar n K)) k l = scaled_step steps H A k l).
    { intros k l Hk Hl. rewrite ent_step_matrix, val_step_list, val_of, mult_IZR, ent_input by auto. unfold scaled_step. f_equal. f_equal.
      unfold A. rewrite rat_div. pose proof (den_pos (hull_den H)). field. lra. }
    match goal with |- val (get ?M i j) = _ => change (val (get M i j)) with (ent M i j) end.
    rewrite ent_times by auto. apply sum_ext; intros k Hk. rewrite ent_transposed, ES by auto. f_equal.
    rewrite ent_times by auto. apply sum_ext; intros l Hl. rewrite ES by auto. reflexivity. Qed.

(** |v - H A v|_P^2 <= (p/q) |v|_P^2 for every real matrix A of the hull; P >= 0 (symmetry is not needed). *)
Theorem step_check_sound n P steps p q H w : step_check n P steps p q H w = true -> psd n (mat P) ->
  forall A, in_hull n H A -> forall v,
  form n (mat P) (stepped n (vect steps) A v) (stepped n (vect steps) A v) <= rat p q * form n (mat P) v v.
Proof. unfold step_check. intros Hc Hp A HA. destruct w as [fs|scales f].
  - revert A HA. apply (corners_sound n H (fun A => forall v,
      form n (mat P) (stepped n (vect steps) A v) (stepped n (vect steps) A v) <= rat p q * form n (mat P) v v)).
    + intros A B E HA v. erewrite form_vext; [apply (HA v)| |]; intros i Hi; symmetry; apply stepped_ext; auto.
    + intros A B t Ht HA HB v. rewrite (form_vext n (mat P) _ (fun i => mix (stepped n (vect steps) A v i) (stepped n (vect steps) B v i) t)
        _ (fun i => mix (stepped n (vect steps) A v i) (stepped n (vect steps) B v i) t)) by (intros; apply stepped_mix).
      eapply Rle_trans; [apply form_mix_le; auto|]. specialize (HA v). specialize (HB v). unfold mix.
      pose proof (Rmult_le_compat_l (1 - t) _ _ ltac:(lra) HA). pose proof (Rmult_le_compat_l t _ _ ltac:(lra) HB). lra.
    + intros K IK v. destruct (each_sound _ _ _ _ _ Hc K IK) as [f Hf]. exact (step_corner n P steps p q H K f v Hf).
  - intros v. set (m := ent (input ar n (mat_rows P))).
    set (e := IZR (Zpos (vec_den steps)) * IZR (Zpos (hull_den H))).
    assert (He : 0 < e) by (apply Rmult_lt_0_compat; apply den_pos).
    set (G := fun i j => sum n (fun k => m i k * scaled_step steps H A k j)).
    pose proof (radius_check_psd _ _ _ _ _ _ Hc (blocks 0 n (fun i j => IZR p * e * m i j) (fun i j => 2 * IZR (Zpos q) * G i j)
      (fun i j => IZR (Zpos q) * e * m i j))) as HB.
    set (s := stepped n (vect steps) A v). specialize (fun near => HB near (join n v (fun i => (-1) * s i))).
    rewrite form_blocks in HB. change (dot n ?a (mv n ?b ?c)) with (form n b a c) in HB.
    rewrite !form_scal in HB. unfold G in HB at 2. rewrite form_product in HB.
    rewrite (form_vext n m (fun i => -1 * s i) (fun i => -1 * s i) _ (fun i => e * s i)) in HB
      by (intros; auto; apply mv_scaled_step; auto).
    rewrite !form_scal_l, !form_scal_r in HB. unfold m in HB. rewrite !form_input in HB. rewrite rat_div.
    pose proof (den_pos (mat_den P)) as Hm. pose proof (den_pos q) as Hq.
    assert (N : forall i j, (i < n)%nat -> (j < n)%nat -> near (G i j)
      (ent (times n (input ar n (mat_rows P)) (step_matrix n (step_list n steps) (iadd (of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z)
         (of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z)) (centers n H))) i j)
      (ent (times n (magnitudes n (input ar n (mat_rows P))) (step_radii n (step_list n steps) (radii n H))) i j)).
    { intros i j Hi Hj. rewrite !ent_times by auto.
      rewrite (sum_ext n (fun k => ent (magnitudes n (input ar n (mat_rows P))) i k * _) (fun k => Rabs (m i k) *
        ent (step_radii n (step_list n steps) (radii n H)) k j)) by (intros; rewrite ent_magnitudes by auto; reflexivity).
      apply near_sum. intros k Hk.
      pose proof (near_step n (step_list n steps) (of_Z (Zpos (vec_den steps) * Zpos (hull_den H))%Z) _ A _ _
        (fun i j => near_hull ar n H A i j HA) k j Hk Hj) as Q.
      rewrite val_of, mult_IZR, val_step_list in Q by auto. exact Q. }
    set (d := IZR (Zpos (mat_den P))) in *. set (r := IZR (Zpos q)) in *.
    assert (B : 0 <= IZR p * e * (d * form n (mat P) v v) - r * e * (d * form n (mat P) s s)).
    { eapply Rle_trans; [apply HB|lra]. intros i j Hi Hj. rewrite !ent_blocks by auto. apply near_blocks with (m := n); auto; clear i j Hi Hj.
      - intros i j Hi Hj. rewrite !val_mul, !val_of, mult_IZR, val_zero.
        replace (2 * (IZR p * _) * val (get (input ar n (mat_rows P)) i j)) with (2 * (IZR p * e * m i j)) by (unfold e, m, ent; ring).
        apply near_exact.
      - intros i j Hi Hj. rewrite !val_mul, !val_of. fold r. replace (2 * r) with (Rabs (2 * r)) at 3 by (apply Rabs_pos_eq; lra).
        apply (near_scal (2 * r)), N; auto.
      - intros i j Hi Hj. rewrite !val_mul, !val_of, mult_IZR, val_zero. fold r.
        replace (2 * (r * _) * val (get (input ar n (mat_rows P)) i j)) with (2 * (r * e * m i j)) by (unfold e, m, ent; ring).
        apply near_exact. }
    apply Rmult_le_reg_l with (d * e * r). { repeat first [assumption|apply Rmult_lt_0_compat]. }
    replace (d * e * r * (IZR p / r * form n (mat P) v v)) with (IZR p * e * (d * form n (mat P) v v)) by (field; lra). lra. Qed.
(** ** Lists of hulls, one witness for each *)
Definition monotone_checks n P p q (hs : list hull) (ws : list witness) : bool := each (monotone_check n P p q) hs ws.
Theorem monotone_checks_sound n P p q hs ws : monotone_checks n P p q hs ws = true ->
  forall H A, In H hs -> in_hull n H A -> forall v, rat p q * form n (mat P) v v <= form n (mat P) v (mv n A v).
Proof. intros Hc H A IH HA. destruct (each_sound _ _ _ _ _ Hc H IH) as [w Hw]. exact (monotone_check_sound n P p q H w Hw A HA). Qed.

Definition step_checks n P steps p q (hs : list hull) (ws : list witness) : bool := each (step_check n P steps p q) hs ws.
Theorem step_checks_sound n P steps p q hs ws : step_checks n P steps p q hs ws = true -> psd n (mat P) ->
  forall H A, In H hs -> in_hull n H A -> forall v,
  form n (mat P) (stepped n (vect steps) A v) (stepped n (vect steps) A v) <= rat p q * form n (mat P) v v.
Proof. intros Hc Hp H A IH HA. destruct (each_sound _ _ _ _ _ Hc H IH) as [w Hw].
  exact (step_check_sound n P steps p q H w Hw Hp A HA). Qed.
End Checks.
Arguments step_matrix {_}. Arguments step_radii {_}.
