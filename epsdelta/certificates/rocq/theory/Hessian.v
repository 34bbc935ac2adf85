(** Second partial derivatives of expression trees commute, so the Jacobian of a game given by costs is symmetric inside every player's block. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Enclosure.
Import ListNotations.
Open Scope R_scope.

(** ** Partial derivatives of the simplifying constructors are those of the plain ones *)
Section Smart.
Variables (x : vec) (j : nat).
Lemma constant_flat e r : constant e = Some r -> rgrad e x j = 0.
Proof. destruct e; simpl; intros [=]. reflexivity. Qed.
Lemma value_flat v e : is_value v e = true -> rval e x = Q2R v /\ rgrad e x j = 0.
Proof. intros H. split; [apply is_value_sound; auto|]. unfold is_value in H. destruct (constant e) eqn:C; [|discriminate].
  apply (constant_flat _ _ C). Qed.
Lemma rgrad_fold f mk a b d : (constant a <> None -> constant b <> None -> d = 0) -> rgrad (mk a b) x j = d -> rgrad (fold2 f mk a b) x j = d.
Proof. intros H0 H. unfold fold2. destruct (constant a); auto. destruct (constant b); auto.
  symmetry. apply H0; discriminate. Qed.
Lemma not_constant e : constant e <> None -> rgrad e x j = 0.
Proof. destruct (constant e) eqn:C; [|tauto]. intros _. apply (constant_flat _ _ C). Qed.

Lemma rgrad_opp a : rgrad (opp' a) x j = - rgrad a x j.
Proof. destruct a; simpl; ring. Qed.
Lemma rgrad_add a b : rgrad (add' a b) x j = rgrad a x j + rgrad b x j.
Proof. unfold add'. destruct (is_value 0 a) eqn:Za; [|destruct (is_value 0 b) eqn:Zb].
  - destruct (value_flat _ _ Za) as [_ ->]. ring.
  - destruct (value_flat _ _ Zb) as [_ ->]. ring.
  - apply rgrad_fold; auto. intros Ca Cb. rewrite (not_constant _ Ca), (not_constant _ Cb). ring. Qed.
Lemma rgrad_sub a b : rgrad (sub' a b) x j = rgrad a x j - rgrad b x j.
Proof. unfold sub'. destruct (is_value 0 b) eqn:Zb; [|destruct (is_value 0 a) eqn:Za].
  - destruct (value_flat _ _ Zb) as [_ ->]. ring.
  - destruct (value_flat _ _ Za) as [_ ->]. rewrite rgrad_opp. ring.
  - apply rgrad_fold; auto. intros Ca Cb. rewrite (not_constant _ Ca), (not_constant _ Cb). ring. Qed.
Lemma rgrad_mul a b : rgrad (mul' a b) x j = rgrad a x j * rval b x + rval a x * rgrad b x j.
Proof. unfold mul'.
  destruct (is_value 0 a) eqn:Za; [|destruct (is_value 0 b) eqn:Zb; [|destruct (is_value 1 a) eqn:Oa; [|destruct (is_value 1 b) eqn:Ob]]].
  - destruct (value_flat _ _ Za) as [-> ->]. rewrite Q2R_zero. simpl. ring.
  - destruct (value_flat _ _ Zb) as [-> ->]. rewrite Q2R_zero. simpl. ring.
  - destruct (value_flat _ _ Oa) as [-> ->]. rewrite Q2R_one. ring.
  - destruct (value_flat _ _ Ob) as [-> ->]. rewrite Q2R_one. ring.
  - apply rgrad_fold; auto. intros Ca Cb. rewrite (not_constant _ Ca), (not_constant _ Cb). ring. Qed.
Lemma rgrad_div a b : rgrad (div' a b) x j = (rgrad a x j - rval a x / rval b x * rgrad b x j) / rval b x.
Proof. unfold div'.
  destruct (is_value 0 a) eqn:Za; [|destruct (is_value 1 b) eqn:Ob; [|destruct (constant b) as [q|] eqn:Cb; [destruct (Qeq_bool q 0)|]]]; auto.
  - destruct (value_flat _ _ Za) as [-> ->]. rewrite Q2R_zero. simpl. unfold Rdiv. ring.
  - destruct (value_flat _ _ Ob) as [-> ->]. rewrite Q2R_one. field.
  - apply rgrad_fold; auto. intros Ca _. rewrite (not_constant _ Ca), (constant_flat _ _ Cb). unfold Rdiv. ring. Qed.
Lemma rgrad_pow a k : rgrad (pow' a k) x j = INR k * rval a x ^ pred k * rgrad a x j.
Proof. destruct k as [|[|k]]; unfold pow'; [simpl; ring|simpl; ring|reflexivity]. Qed.
End Smart.

(** ** The Hessian, by the rules of the calculus *)
Fixpoint rhess (e : expr) (x : vec) (i j : nat) : R := match e with
  | Cst _ _ | Var _ => 0
  | Add a b => rhess a x i j + rhess b x i j | Sub a b => rhess a x i j - rhess b x i j
  | Mul a b => rhess a x i j * rval b x + (rgrad a x i * rgrad b x j + rgrad a x j * rgrad b x i) + rval a x * rhess b x i j
  | Div a b => (rhess a x i j - (rgrad (Div a b) x i * rgrad b x j + rgrad (Div a b) x j * rgrad b x i) - rval a x / rval b x * rhess b x i j)
      / rval b x
  | Opp a => - rhess a x i j
  | Pow a k => INR k * (INR (pred k) * rval a x ^ pred (pred k)) * (rgrad a x i * rgrad a x j) + INR k * rval a x ^ pred k * rhess a x i j
  | Exp a => exp (rval a x) * (rgrad a x i * rgrad a x j) + exp (rval a x) * rhess a x i j
  | Log a => (rhess a x i j - rgrad a x i * rgrad a x j / rval a x) / rval a x
  | Sqrt a => let s := sqrt (rval a x) in (rhess a x i j - rgrad a x i * rgrad a x j / (2 * (s * s))) / (2 * s)
  | Sin a => - sin (rval a x) * (rgrad a x i * rgrad a x j) + cos (rval a x) * rhess a x i j
  | Cos a => - (cos (rval a x) * (rgrad a x i * rgrad a x j) + sin (rval a x) * rhess a x i j)
  | Tanh a => let s := 1 - tanh (rval a x) ^ 2 in - (2 * tanh (rval a x) * s) * (rgrad a x i * rgrad a x j) + s * rhess a x i j
  | Logistic a => let l := logistic (rval a x) in
      l * (1 - l) * (1 - 2 * l) * (rgrad a x i * rgrad a x j) + l * (1 - l) * rhess a x i j
  | Softplus a => let l := logistic (rval a x) in l * (1 - l) * (rgrad a x i * rgrad a x j) + l * rhess a x i j end.
(** every rule is symmetric in the two indices *)
Lemma rhess_symmetric e x i j : rhess e x i j = rhess e x j i.
Proof. induction e; cbn [rhess]; cbv zeta; rewrite ?IHe, ?IHe1, ?IHe2; unfold Rdiv; ring. Qed.

(** Where an expression is defined, the j-th partial derivative of its i-th symbolic derivative is the entry (i, j) of the Hessian. *)
Theorem deriv_rgrad n x i j e : wf n e = true -> good e x -> rgrad (deriv i e) x j = rhess e x i j.
Proof.
  induction e as [p q|k|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa|a IHa k|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa];
  intros W G; simpl in W, G; rewrite ?andb_true_iff in W; cbn [deriv rhess]; cbv zeta;
  try (assert (Va : rval (deriv i a) x = rgrad a x i) by (apply (deriv_sound n); tauto));
  try (assert (Vb : rval (deriv i b) x = rgrad b x i) by (apply (deriv_sound n); tauto));
  try (assert (Ha : rgrad (deriv i a) x j = rhess a x i j) by tauto); try (assert (Hb : rgrad (deriv i b) x j = rhess b x i j) by tauto).
  - reflexivity.
  - destruct (Nat.eqb i k); reflexivity.
  - rewrite rgrad_add, Ha, Hb. reflexivity.
  - rewrite rgrad_sub, Ha, Hb. reflexivity.
  - rewrite rgrad_add, !rgrad_mul, Ha, Hb, Va, Vb. ring.
  - rewrite rgrad_div, rgrad_sub, rgrad_mul, Ha, Hb, Vb.
    assert (Vd : rval (sub' (deriv i a) (mul' (Div a b) (deriv i b))) x = rgrad a x i - rval a x / rval b x * rgrad b x i).
    { apply (stands_sub n); [split; [exact Va|apply (deriv_sound n); tauto]|]. apply (stands_mul n).
      - split; [reflexivity|]. split; simpl; auto. apply andb_true_iff; auto.
      - split; [exact Vb|apply (deriv_sound n); tauto]. }
    rewrite Vd. cbn [rgrad rval]. field. tauto.
  - rewrite rgrad_opp, Ha. reflexivity.
  - rewrite !rgrad_mul, rgrad_pow, Ha, Va. cbn [rgrad].
    assert (Vp : rval (pow' a (pred k)) x = rval a x ^ pred k).
    { apply (stands_pow n). split; [reflexivity|split; auto]. }
    assert (Vm : rval (mul' (Cst (Z.of_nat k) 1) (pow' a (pred k))) x = INR k * rval a x ^ pred k).
    { apply (stands_mul n); [|apply (stands_pow n); split; [reflexivity|split; auto]].
      split; [simpl; symmetry; apply INR_IZR_INZ|split; [exact I|reflexivity]]. }
    rewrite Vm, Vp. replace (rval (Cst (Z.of_nat k) 1) x) with (INR k) by (simpl; apply INR_IZR_INZ). ring.
  - rewrite rgrad_mul, Ha, Va. cbn [rgrad rval]. ring.
  - rewrite rgrad_div, Ha, Va. field. lra.
  - assert (P : 0 < sqrt (rval a x)) by (apply sqrt_lt_R0; tauto).
    rewrite rgrad_div, Ha, Va. cbn [rgrad rval]. change (rat 2 1) with 2. field. lra.
  - rewrite rgrad_mul, Ha, Va. cbn [rgrad rval]. ring.
  - rewrite rgrad_opp, rgrad_mul, Ha, Va. cbn [rgrad rval]. ring.
  - rewrite rgrad_mul, Ha, Va. cbn [rgrad rval pred]. change (rat 1 1) with 1. simpl (INR 2). ring.
  - rewrite rgrad_mul, Ha, Va. cbn [rgrad rval]. change (rat 1 1) with 1. fold (logistic (rval a x)). ring.
  - rewrite rgrad_mul, Ha, Va. cbn [rgrad rval]. fold (logistic (rval a x)). ring. Qed.

(** Schwarz's theorem for expressions: where e is defined, its second partial derivatives commute. *)
Theorem hessian_symmetric n e x i j : wf n e = true -> good e x -> rgrad (deriv i e) x j = rgrad (deriv j e) x i.
Proof. intros W G. rewrite !(deriv_rgrad n) by auto. apply rhess_symmetric. Qed.

(** In a game given by costs, the Jacobian of the players' gradients has symmetric diagonal blocks: two coordinates of one player. *)
Theorem costs_jacobian_symmetric n owner costs z r c : (r < n)%nat -> (c < n)%nat -> nth r owner O = nth c owner O ->
  wf n (cost_of owner costs r) = true -> good (cost_of owner costs r) z ->
  jac (field_of n owner costs) z r c = jac (field_of n owner costs) z c r.
Proof. intros Hr Hc Ho W G. unfold jac.
  assert (C : forall i, (i < n)%nat -> comp (field_of n owner costs) i = deriv i (cost_of owner costs i)).
  { intros i Hi. unfold comp, field_of. rewrite (nth_indep _ _ (deriv O (cost_of owner costs O))) by (rewrite map_length, seq_length; auto).
    rewrite (map_nth (fun i => deriv i (cost_of owner costs i))), seq_nth by auto. reflexivity. }
  rewrite !C by auto. replace (cost_of owner costs c) with (cost_of owner costs r) by (unfold cost_of; rewrite Ho; reflexivity).
  apply (hessian_symmetric n); auto. Qed.
