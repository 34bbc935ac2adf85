(** Checkers for linear games whose gradient play does not converge: at given steps, and at every step common to all players. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Monotone Step Banach Integers Definite Intervals Family Instability.
Import ListNotations.
Open Scope R_scope.

(** z'Qz of integers *)
Definition quadratic n (Q : list (list Z)) (z : list Z) : Z :=
  @total plain n (fun i => (nth i z 0 * @total plain n (fun j => zent Q i j * nth j z 0))%Z).
Lemma quadratic_sound n Q z : IZR (quadratic n (mat_rows Q) (vec_entries z)) =
  IZR (Zpos (mat_den Q)) * (IZR (Zpos (vec_den z)) * IZR (Zpos (vec_den z))) * form n (mat Q) (vect z) (vect z).
Proof. pose proof (den_pos (vec_den z)) as Hz. pose proof (den_pos (mat_den Q)) as Hq.
  change (IZR (quadratic n (mat_rows Q) (vec_entries z))) with (@val plain (quadratic n (mat_rows Q) (vec_entries z))).
  unfold quadratic. rewrite val_total. unfold form, dot. rewrite <- sum_scal. apply sum_ext; intros i Hi.
  change (@val plain ?a) with (IZR a). rewrite mult_IZR.
  change (IZR (@total plain n ?f)) with (@val plain (@total plain n f)). rewrite val_total.
  unfold mv. rewrite <- !sum_scal. apply sum_ext; intros j Hj. change (@val plain ?a) with (IZR a). rewrite mult_IZR.
  unfold mat, vect. rewrite !rat_div. unfold zent. field. lra. Qed.
Lemma quadratic_pos n Q z : (0 <? quadratic n (mat_rows Q) (vec_entries z))%Z = true -> 0 < form n (mat Q) (vect z) (vect z).
Proof. intros H. apply Z.ltb_lt, IZR_lt in H. rewrite quadratic_sound in H. pose proof (den_pos (vec_den z)) as Hz. pose proof (den_pos (mat_den Q)) as Hq.
  set (m := IZR (Zpos (mat_den Q)) * (IZR (Zpos (vec_den z)) * IZR (Zpos (vec_den z)))) in *.
  assert (Hm : 0 < m) by (unfold m; repeat apply Rmult_lt_0_compat; auto).
  apply Rmult_lt_reg_l with m; lra. Qed.

Section Checks.
Variable ar : integers.

(** ** One choice of steps: (I - HA)'Q(I - HA) - (p/q) Q >= 0 with p/q >= 1 by the factor f, and z'Qz > 0 *)
Definition unstable_step_check n (A : matrix) (steps : vector) (Q : matrix) (z : vector) (p : Z) (q : positive) (f : factor) : bool :=
  let metric := input ar n (mat_rows Q) in
  let e := of_Z (Zpos (vec_den steps) * Zpos (mat_den A))%Z in
  let S := step_matrix n (step_list ar n steps) e (input ar n (mat_rows A)) in
  let G := times n (transposed n S) (times n metric S) in
  let keep := imul (of_Z p) (imul e e) in
  ((Zpos q <=? p) && (0 <? quadratic n (mat_rows Q) (vec_entries z)))%Z &&
  certified n (build n n (fun i j => isub (imul (of_Z (Zpos q)) (get G i j)) (imul keep (get metric i j)))) f.

Theorem unstable_step_check_grows n A steps Q z p q f : unstable_step_check n A steps Q z p q f = true ->
  1 <= rat p q /\ 0 < form n (mat Q) (vect z) (vect z) /\
  forall v, rat p q * form n (mat Q) v v <= form n (mat Q) (stepped n (vect steps) (mat A) v) (stepped n (vect steps) (mat A) v).
Proof. unfold unstable_step_check. rewrite !andb_true_iff. intros [[Hp Hz] Hf]. pose proof (den_pos q) as Hq.
  split; [|split].
  - rewrite rat_div. apply Z.leb_le, IZR_le in Hp. apply Rmult_le_reg_r with (IZR (Zpos q)); auto.
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
  - apply quadratic_pos; auto.
  - intros v. apply certified_psd in Hf. specialize (Hf v). set (H := Hull (mat_den A) []).
    set (m := ent (input ar n (mat_rows Q))). set (s := stepped n (vect steps) (mat A) v).
    set (e := IZR (Zpos (vec_den steps)) * IZR (Zpos (mat_den A))).
    assert (He : 0 < e) by (apply Rmult_lt_0_compat; apply den_pos).
    rewrite (form_ext n _ (fun i j => IZR (Zpos q) * sum n (fun k => scaled_step steps H (mat A) k i *
      sum n (fun l => m k l * scaled_step steps H (mat A) l j)) - IZR p * (e * e) * m i j)) in Hf.
    + rewrite form_minus, !Sums.form_scal, form_congruent in Hf.
      rewrite (form_vext n m (mv n (scaled_step steps H (mat A)) v) (fun i => e * s i) (mv n (scaled_step steps H (mat A)) v) (fun i => e * s i)) in Hf
        by (intros; apply mv_scaled_step; auto).
      rewrite form_scal_l, form_scal_r in Hf. unfold m in Hf. rewrite !form_input in Hf. rewrite rat_div.
      pose proof (den_pos (mat_den Q)) as Hm. set (d := IZR (Zpos (mat_den Q))) in *. set (r := IZR (Zpos q)) in *.
      apply Rmult_le_reg_l with (d * (e * e) * r). { repeat first [assumption|apply Rmult_lt_0_compat]. }
      replace (d * (e * e) * r * (IZR p / r * form n (mat Q) v v)) with (IZR p * (e * e) * (d * form n (mat Q) v v)) by (field; lra). lra.
    + intros i j Hi Hj. rewrite ent_build, val_sub, !val_mul, !val_of, mult_IZR by auto.
      fold (ent (input ar n (mat_rows Q)) i j). fold m. fold e. f_equal. f_equal.
      assert (ES : forall k l, (k < n)%nat -> (l < n)%nat -> ent (step_matrix n (step_list ar n steps)
         (of_Z (Zpos (vec_den steps) * Zpos (mat_den A))%Z) (input ar n (mat_rows A))) k l = scaled_step steps H (mat A) k l).
      { intros k l Hk Hl. rewrite ent_step_matrix, val_step_list, val_of, mult_IZR, ent_input by auto. unfold scaled_step. simpl hull_den. f_equal. f_equal.
        unfold mat. rewrite rat_div. unfold zent. pose proof (den_pos (mat_den A)). field. lra. }
      match goal with |- val (get ?M i j) = _ => change (val (get M i j)) with (ent M i j) end.
      rewrite ent_times by auto. apply sum_ext; intros k Hk. rewrite ent_transposed, ES by auto. f_equal.
      rewrite ent_times by auto. apply sum_ext; intros l Hl. rewrite ES by auto. reflexivity. Qed.

(** Accepted data prove: gradient play with these steps on an affine game with matrix A does not converge to one point from all starts. *)
Theorem unstable_step_check_sound n A steps Q z p q f F : unstable_step_check n A steps Q z p q f = true ->
  affine_on n whole_space (mat A) F -> ~ one_limit n (step (vect steps) F).
Proof. intros H HF. destruct (unstable_step_check_grows _ _ _ _ _ _ _ _ H) as [Hs [Hz HQ]].
  exact (unstable_step n (mat A) (vect steps) (mat Q) (rat p q) Hs HQ F (vect z) HF Hz). Qed.

(** ** Every equal step: -(QA + A'Q) - (p/q) Q >= 0 with p/q >= 0 by the factor f, and z'Qz > 0 *)
Definition unstable_flow_check n (A Q : matrix) (z : vector) (p : Z) (q : positive) (f : factor) : bool :=
  let metric := input ar n (mat_rows Q) in
  let own := input ar n (mat_rows A) in
  let G := times n metric own in
  let G' := times n (transposed n own) metric in
  let least := of_Z (p * Zpos (mat_den A))%Z in
  let over := of_Z (Zpos q) in
  ((0 <=? p) && (0 <? quadratic n (mat_rows Q) (vec_entries z)))%Z &&
  certified n (build n n (fun i j => isub izero (iadd (imul over (iadd (get G i j) (get G' i j))) (imul least (get metric i j))))) f.

Theorem unstable_flow_check_grows n A Q z p q f : unstable_flow_check n A Q z p q f = true ->
  0 <= rat p q /\ 0 < form n (mat Q) (vect z) (vect z) /\
  forall v, form n (mat Q) v (mv n (mat A) v) + form n (mat Q) (mv n (mat A) v) v <= - rat p q * form n (mat Q) v v.
Proof. unfold unstable_flow_check. rewrite !andb_true_iff. intros [[Hp Hz] Hf]. pose proof (den_pos q) as Hq.
  split; [|split].
  - rewrite rat_div. apply Z.leb_le, IZR_le in Hp. apply Rmult_le_pos; auto. left. apply Rinv_0_lt_compat; auto.
  - apply quadratic_pos; auto.
  - intros v. apply certified_psd in Hf. specialize (Hf v). pose proof (den_pos (mat_den A)) as Ha. pose proof (den_pos (mat_den Q)) as Hm.
    set (m := ent (input ar n (mat_rows Q))) in *. set (a := IZR (Zpos (mat_den A))) in *.
    set (B := fun i j => a * mat A i j).
    assert (EB : forall i j, (i < n)%nat -> (j < n)%nat -> ent (input ar n (mat_rows A)) i j = B i j).
    { intros i j Hi Hj. rewrite ent_input by auto. unfold B, mat. rewrite rat_div. fold a. unfold zent. field. lra. }
    assert (EBv : forall i, (i < n)%nat -> mv n B v i = a * mv n (mat A) v i) by (intros; unfold B; apply mv_scal).
    rewrite (form_ext n _ (fun i j => -1 * (IZR (Zpos q) * (sum n (fun k => m i k * B k j) + sum n (fun k => B k i * m k j)) + IZR p * a * m i j))) in Hf.
    + rewrite Sums.form_scal, form_plus, !Sums.form_scal, form_plus, form_product, form_adjoint in Hf.
      change (dot n (mv n B v) (mv n m v)) with (form n m (mv n B v) v) in Hf.
      rewrite (form_vext n m v v _ (fun i => a * mv n (mat A) v i)) in Hf by auto.
      rewrite (form_vext n m (mv n B v) (fun i => a * mv n (mat A) v i) v v) in Hf by auto.
      rewrite form_scal_l, form_scal_r in Hf. unfold m in Hf. rewrite !form_input in Hf. rewrite rat_div.
      set (d := IZR (Zpos (mat_den Q))) in *. set (r := IZR (Zpos q)) in *.
      apply Rmult_le_reg_l with (d * a * r). { repeat first [assumption|apply Rmult_lt_0_compat]. }
      replace (d * a * r * (- (IZR p / r) * form n (mat Q) v v)) with (- (IZR p * a * (d * form n (mat Q) v v))) by (field; lra). lra.
    + intros i j Hi Hj. rewrite ent_build, val_sub, val_add, !val_mul, val_add, !val_of, mult_IZR, val_zero by auto.
      fold (ent (input ar n (mat_rows Q)) i j). fold m. fold a.
      match goal with |- context [val (get (times n ?M ?N) i j)] => change (val (get (times n M N) i j)) with (ent (times n M N) i j) end.
      match goal with |- context [val (get (times n ?M ?N) i j)] => change (val (get (times n M N) i j)) with (ent (times n M N) i j) end.
      rewrite !ent_times by auto.
      rewrite (sum_ext n (fun k => ent (input ar n (mat_rows Q)) i k * _) (fun k => m i k * B k j)) by (intros; rewrite EB by auto; reflexivity).
      rewrite (sum_ext n (fun k => ent (transposed n _) i k * _) (fun k => B k i * m k j)) by (intros; rewrite ent_transposed, EB by auto; reflexivity).
      ring. Qed.

(** Accepted data prove: on an affine game with matrix A no step size common to all players makes gradient play converge to one point
    from all starts. *)
Theorem unstable_flow_check_sound n A Q z p q f F : unstable_flow_check n A Q z p q f = true ->
  affine_on n whole_space (mat A) F -> forall h, 0 < h -> ~ one_limit n (step (fun _ => h) F).
Proof. intros H HF. destruct (unstable_flow_check_grows _ _ _ _ _ _ _ H) as [Hs [Hz HQ]].
  exact (unstable_flow n (mat A) (mat Q) (rat p q) (vect z) F Hs HQ Hz HF). Qed.
End Checks.
