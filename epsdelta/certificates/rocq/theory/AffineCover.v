(** Exact enclosures without rounding, for fields whose partial derivatives are affine: the gradients and Hessians of quadratic and cubic costs.

    Interval arithmetic with rounding cannot show a bound that is attained; these ranges over a rational box are the exact ones. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Integers Expressions Enclosure.
Import ListNotations.
Open Scope R_scope.

(** polynomials, division by constants other than 0 included: defined everywhere *)
Fixpoint entire (e : expr) : bool := match e with
  | Cst _ _ | Var _ => true
  | Add a b | Sub a b | Mul a b => entire a && entire b
  | Div a (Cst p _) => entire a && negb (p =? 0)%Z
  | Opp a | Pow a _ => entire a
  | _ => false end.
Lemma entire_good e : entire e = true -> forall x, good e x.
Proof. induction e; cbn [entire good]; intros H x; auto; try discriminate; try (apply andb_true_iff in H; split; [apply IHe1|apply IHe2]; tauto).
  destruct e2; try discriminate. apply andb_true_iff in H. destruct H as [H1 H2]. split; [auto|]. split; [exact I|].
  apply negb_true_iff, Z.eqb_neq in H2. cbn [rval]. rewrite rat_div.
  assert (0 < IZR (Zpos q)) by (apply IZR_lt; reflexivity). intros E. apply H2, eq_IZR.
  apply Rmult_eq_reg_r with (/ IZR (Zpos q)); [|apply Rinv_neq_0_compat; lra]. unfold Rdiv in E. rewrite E. ring. Qed.

(** ** Affine forms c + sum_j l_j x_j with rational coefficients *)
Section Affine.
Variable n : nat.
Record linear_form := LinearForm { constant_part : Q; slopes_of : list Q }.
Definition coefficient a j := nth j (slopes_of a) 0%Q.
Definition tabulated (h : nat -> Q) := map (fun j => Qred (h j)) (seq 0 n).
Definition flat a := forallb (fun j => Qeq_bool (coefficient a j) 0) (seq 0 n).
Definition combined u a w b := LinearForm (Qred (u * constant_part a + w * constant_part b))
  (tabulated (fun j => u * coefficient a j + w * coefficient b j)%Q).
Definition constant_form c := LinearForm c [].
Fixpoint affine_form (e : expr) : option linear_form := match e with
  | Cst p q => Some (constant_form (p # q))
  | Var i => Some (LinearForm 0 (tabulated (fun j => if Nat.eqb j i then 1 else 0)%Q))
  | Add a b => match affine_form a, affine_form b with Some u, Some w => Some (combined 1 u 1 w) | _, _ => None end
  | Sub a b => match affine_form a, affine_form b with Some u, Some w => Some (combined 1 u (-1) w) | _, _ => None end
  | Opp a => match affine_form a with Some u => Some (combined (-1) u 0 u) | None => None end
  | Mul a b => match affine_form a, affine_form b with
    | Some u, Some w => if flat u then Some (combined (constant_part u) w 0 w)
                        else if flat w then Some (combined (constant_part w) u 0 u) else None
    | _, _ => None end
  | Div a (Cst p q) => match affine_form a with
    | Some u => if (p =? 0)%Z then None else Some (combined (/ (p # q)) u 0 u) | None => None end
  | Pow a 1 => affine_form a
  | _ => None end.
Definition value_of a (x : vec) := Q2R (constant_part a) + sum n (fun j => Q2R (coefficient a j) * x j).

Lemma Q2R_0' : Q2R 0 = 0. Proof. unfold Q2R. simpl. field. Qed.
Lemma Q2R_1' : Q2R 1 = 1. Proof. unfold Q2R. simpl. field. Qed.
Lemma Q2R_m1 : Q2R (-1) = -1. Proof. unfold Q2R. simpl. field. Qed.
Lemma Q2R_red r : Q2R (Qred r) = Q2R r.
Proof. apply Qeq_eqR, Qred_correct. Qed.
Lemma tabulated_nth h j : (j < n)%nat -> Q2R (nth j (tabulated h) 0%Q) = Q2R (h j).
Proof. intros H. unfold tabulated. rewrite (nth_indep _ _ (Qred (h O))) by (rewrite map_length, seq_length; auto).
  rewrite (map_nth (fun j => Qred (h j))), seq_nth by auto. apply Q2R_red. Qed.
Lemma value_combined u a w b x : value_of (combined u a w b) x = Q2R u * value_of a x + Q2R w * value_of b x.
Proof. unfold value_of, combined. cbn [constant_part]. rewrite Q2R_red, Q2R_plus, !Q2R_mult.
  rewrite (sum_ext n _ (fun j => Q2R u * (Q2R (coefficient a j) * x j) + Q2R w * (Q2R (coefficient b j) * x j))).
  - rewrite sum_plus, !sum_scal. ring.
  - intros j Hj. unfold coefficient at 1. cbn [slopes_of]. rewrite tabulated_nth, Q2R_plus, !Q2R_mult by auto. ring. Qed.
Lemma value_flat a x : flat a = true -> value_of a x = Q2R (constant_part a).
Proof. intros H. unfold value_of. rewrite (sum_ext n _ (fun _ => 0)), sum_zero; [ring|]. intros j Hj.
  pose proof (forallb_seq _ _ H j Hj) as E. apply Qeq_bool_iff, Qeq_eqR in E. rewrite E, Q2R_0'. ring. Qed.

Theorem affine_sound e : wf n e = true -> forall a, affine_form e = Some a -> forall x, rval e x = value_of a x.
Proof. induction e; cbn [affine_form wf]; intros W u E x; rewrite ?andb_true_iff in W; try discriminate.
  - injection E as <-. rewrite rval_Cst. unfold value_of, constant_form. cbn [constant_part].
    rewrite (sum_ext n _ (fun _ => 0)), sum_zero; [ring|]. intros j _. unfold coefficient. cbn [slopes_of].
    replace (nth j [] 0%Q) with 0%Q by (destruct j; reflexivity). rewrite Q2R_0'. ring.
  - injection E as <-. apply Nat.ltb_lt in W. unfold value_of. cbn [constant_part]. rewrite Q2R_0'.
    rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * x j)); [rewrite sum_delta by auto; cbn [rval]; ring|].
    intros j Hj. unfold coefficient. cbn [slopes_of]. rewrite tabulated_nth by auto.
    destruct (Nat.eqb j i); rewrite ?Q2R_1', ?Q2R_0'; reflexivity.
  - destruct (affine_form e1) as [a|], (affine_form e2) as [b|]; try discriminate. injection E as <-. rewrite value_combined, Q2R_1'. cbn [rval].
    rewrite (IHe1 (proj1 W) a eq_refl), (IHe2 (proj2 W) b eq_refl). ring.
  - destruct (affine_form e1) as [a|], (affine_form e2) as [b|]; try discriminate. injection E as <-.
    rewrite value_combined, Q2R_1', Q2R_m1. cbn [rval].
    rewrite (IHe1 (proj1 W) a eq_refl), (IHe2 (proj2 W) b eq_refl). ring.
  - destruct (affine_form e1) as [a|], (affine_form e2) as [b|]; try discriminate. cbn [rval].
    rewrite (IHe1 (proj1 W) a eq_refl), (IHe2 (proj2 W) b eq_refl).
    destruct (flat a) eqn:Fa; [|destruct (flat b) eqn:Fb; [|discriminate]]; injection E as <-; rewrite value_combined, Q2R_0'.
    + rewrite (value_flat a x Fa). ring.
    + rewrite (value_flat b x Fb). ring.
  - destruct e2; try discriminate. destruct (affine_form e1) as [a|]; [|discriminate]. destruct (Z.eqb_spec p 0); [discriminate|].
    injection E as <-. rewrite value_combined, Q2R_0', Q2R_inv by (unfold Qeq; simpl; lia). cbn [rval].
    rewrite (IHe1 (proj1 W) a eq_refl). change (rat p q) with (rval (Cst p q) x). rewrite rval_Cst. unfold Rdiv. ring.
  - destruct (affine_form e) as [a|]; [|discriminate]. injection E as <-. rewrite value_combined, Q2R_m1, Q2R_0'. cbn [rval].
    rewrite (IHe W a eq_refl). ring.
  - destruct k as [|[|k]]; try discriminate. cbn [rval]. rewrite (IHe W u E). ring. Qed.

(** ** Exact ranges over a box *)
Definition corner (b : box) (upper : bool) (r : Q) j : Q :=
  let s := side b j in let e := if Bool.eqb upper (Qle_bool 0 r) then snd s else fst s in (r * (e # box_den b))%Q.
Definition extreme b upper a : Q := fold_right Qplus (constant_part a) (map (fun j => corner b upper (coefficient a j) j) (seq 0 n)).

Lemma fold_value (h : nat -> Q) c m : Q2R (fold_right Qplus c (map h (seq 0 m))) = Q2R c + sum m (fun j => Q2R (h j)).
Proof. assert (A : forall l c, Q2R (fold_right Qplus c (map h l)) = Q2R c + fold_right Rplus 0 (map (fun j => Q2R (h j)) l)).
  { induction l; intros; simpl; [lra|]. rewrite Q2R_plus, IHl. lra. }
  rewrite A. f_equal. clear A. induction m; [reflexivity|]. rewrite seq_S, map_app, fold_right_app. simpl. rewrite <- IHm.
  generalize (map (fun j => Q2R (h j)) (seq 0 m)). intros l. induction l; simpl in *; lra. Qed.
Lemma rat_Q2R p q : rat p q = Q2R (p # q).
Proof. rewrite rat_div. reflexivity. Qed.
Lemma extreme_sound b a x : in_box n b x -> Q2R (extreme b false a) <= value_of a x <= Q2R (extreme b true a).
Proof. intros Hx. unfold extreme, value_of. rewrite !fold_value.
  assert (K : forall j, (j < n)%nat -> Q2R (corner b false (coefficient a j) j) <= Q2R (coefficient a j) * x j <=
    Q2R (corner b true (coefficient a j) j)).
  { intros j Hj. specialize (Hx j Hj). unfold low, high in Hx. fold (side b j) in Hx. rewrite !rat_Q2R in Hx. unfold corner.
    rewrite !Q2R_mult.
    set (r := coefficient a j). destruct (Qle_bool 0 r) eqn:E; cbn [Bool.eqb].
    - apply Qle_bool_iff, Qle_Rle in E. rewrite Q2R_0' in E. split; apply Rmult_le_compat_l; lra.
    - assert (N : Q2R r <= 0).
      { rewrite <- Q2R_0'. apply Qle_Rle. apply Qlt_le_weak, Qnot_le_lt. intros C. apply Qle_bool_iff in C. congruence. }
      split; apply Rmult_le_compat_neg_l; lra. }
  split; apply Rplus_le_compat_l, sum_le; intros j Hj; apply K; auto. Qed.

(** ** Leaves and trees, as in Enclosure.v *)
Definition exact_entry b den (d : expr) (e : Z * Z) : bool := match affine_form d with
  | Some a => Qle_bool (fst e # den) (extreme b false a) && Qle_bool (extreme b true a) (snd e # den) | None => false end.
Definition exact_leaf (fs : list expr) b (H : hull) : bool :=
  forallb (fun i => forallb (fun j => exact_entry b (hull_den H) (deriv j (comp fs i)) (entry H i j)) (seq 0 n)) (seq 0 n).
Fixpoint exact_splits (fs : list expr) (t : tree) (b : box) : bool := match t with
  | Leaf H => exact_leaf fs b H
  | Split i m l r => Nat.ltb i (length (sides b)) && exact_splits fs l (below b i m) && exact_splits fs r (above b i m) end.
Definition exact_tree_check fs extra t b : bool := shaped n fs extra && forallb entire (fs ++ extra) && exact_splits fs t b.

Lemma exact_splits_sound fs extra : shaped n fs extra = true -> (forall f, In f (fs ++ extra) -> forall z, good f z) ->
  forall t b, exact_splits fs t b = true -> covered n (in_box n b) (jac fs) (leaves t).
Proof. intros S G. induction t as [H|i m l IHl r IHr]; cbn [exact_splits leaves]; intros b K z Hz.
  - exists H. split; [left; auto|]. intros i j Hi Hj. destruct (shaped_comp n fs extra S i Hi) as [I W].
    pose proof (forallb_seq _ _ (forallb_seq _ _ K i Hi) j Hj) as E. cbv beta in E. unfold exact_entry in E.
    destruct (deriv_sound n j (comp fs i) z W (G _ (in_or_app _ _ _ (or_introl I)) z)) as [V [_ Wd]].
    destruct (affine_form (deriv j (comp fs i))) as [a|] eqn:A; [|discriminate]. apply andb_true_iff in E. destruct E as [E1 E2].
    apply Qle_bool_iff, Qle_Rle in E1, E2. rewrite !rat_Q2R. unfold jac. rewrite <- V, (affine_sound _ Wd a A z).
    pose proof (extreme_sound b a z Hz). lra.
  - rewrite !andb_true_iff, Nat.ltb_lt in K. destruct K as [[Hi Kl] Kr].
    destruct (cut_covers n b i m z Hi Hz) as [Hc|Hc]; [destruct (IHl _ Kl z Hc) as [H [Hin E]]|destruct (IHr _ Kr z Hc) as [H [Hin E]]];
    exists H; split; auto; apply in_or_app; auto. Qed.

(** an accepted tree: every component and extra expression is defined everywhere, and at each point of the box the Jacobian of the field
    lies in the hull of one of the leaves *)
Theorem exact_tree_sound fs extra t b : exact_tree_check fs extra t b = true -> shaped n fs extra = true /\
  covered n (in_box n b) (jac fs) (leaves t) /\ (forall z, in_box n b z -> forall f, In f (fs ++ extra) -> good f z).
Proof. unfold exact_tree_check. rewrite !andb_true_iff, forallb_forall. intros [[S En] K].
  assert (G : forall f, In f (fs ++ extra) -> forall z, good f z) by (intros f Hf z; apply entire_good; auto).
  split; auto. split; [|intros z _ f Hf; auto]. apply (exact_splits_sound fs extra S G t b K). Qed.
End Affine.
