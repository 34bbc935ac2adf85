(** Expression trees over x_0 .. x_{n-1}: real value, domain, partial derivatives and symbolic differentiation, each proved against Coq's reals. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field.
Import ListNotations.
Open Scope R_scope.

(** the operations a user's field or cost may use; [Pow a k] has a fixed natural exponent *)
Inductive expr :=
| Cst (p : Z) (q : positive) | Var (i : nat)
| Add (a b : expr) | Sub (a b : expr) | Mul (a b : expr) | Div (a b : expr) | Opp (a : expr) | Pow (a : expr) (k : nat)
| Exp (a : expr) | Log (a : expr) | Sqrt (a : expr) | Sin (a : expr) | Cos (a : expr)
| Tanh (a : expr) | Logistic (a : expr) | Softplus (a : expr).

Definition logistic (t : R) : R := 1 / (1 + exp (- t)).
Definition softplus (t : R) : R := ln (1 + exp t).

(** the value, in Coq's standard functions *)
Fixpoint rval (e : expr) (x : vec) : R := match e with
  | Cst p q => rat p q | Var i => x i
  | Add a b => rval a x + rval b x | Sub a b => rval a x - rval b x
  | Mul a b => rval a x * rval b x | Div a b => rval a x / rval b x
  | Opp a => - rval a x | Pow a k => rval a x ^ k
  | Exp a => exp (rval a x) | Log a => ln (rval a x) | Sqrt a => sqrt (rval a x)
  | Sin a => sin (rval a x) | Cos a => cos (rval a x) | Tanh a => tanh (rval a x)
  | Logistic a => 1 / (1 + exp (- rval a x)) | Softplus a => ln (1 + exp (rval a x)) end.

(** every variable is one of x_0 .. x_{n-1} *)
Fixpoint wf (n : nat) (e : expr) : bool := match e with
  | Cst _ _ => true | Var i => Nat.ltb i n
  | Add a b | Sub a b | Mul a b | Div a b => wf n a && wf n b
  | Opp a | Pow a _ | Exp a | Log a | Sqrt a | Sin a | Cos a | Tanh a | Logistic a | Softplus a => wf n a end.

(** the expression is defined and differentiable at x: no divisor vanishes, arguments of log and sqrt are positive *)
Fixpoint good (e : expr) (x : vec) : Prop := match e with
  | Cst _ _ | Var _ => True
  | Add a b | Sub a b | Mul a b => good a x /\ good b x
  | Div a b => good a x /\ good b x /\ rval b x <> 0
  | Log a | Sqrt a => good a x /\ 0 < rval a x
  | Opp a | Pow a _ | Exp a | Sin a | Cos a | Tanh a | Logistic a | Softplus a => good a x end.

(** partial derivative with respect to x_j *)
Fixpoint rgrad (e : expr) (x : vec) (j : nat) : R := match e with
  | Cst _ _ => 0 | Var i => if Nat.eqb j i then 1 else 0
  | Add a b => rgrad a x j + rgrad b x j | Sub a b => rgrad a x j - rgrad b x j
  | Mul a b => rgrad a x j * rval b x + rval a x * rgrad b x j
  | Div a b => (rgrad a x j - rval a x / rval b x * rgrad b x j) / rval b x
  | Opp a => - rgrad a x j
  | Pow a k => INR k * rval a x ^ pred k * rgrad a x j
  | Exp a => exp (rval a x) * rgrad a x j
  | Log a => rgrad a x j / rval a x
  | Sqrt a => rgrad a x j / (2 * sqrt (rval a x))
  | Sin a => cos (rval a x) * rgrad a x j
  | Cos a => - (sin (rval a x) * rgrad a x j)
  | Tanh a => (1 - tanh (rval a x) ^ 2) * rgrad a x j
  | Logistic a => logistic (rval a x) * (1 - logistic (rval a x)) * rgrad a x j
  | Softplus a => logistic (rval a x) * rgrad a x j end.

(** ** Derivatives of the functions the standard library does not have *)
Lemma derivable_as f t l l' : derivable_pt_lim f t l -> l = l' -> derivable_pt_lim f t l'.
Proof. intros H E. rewrite <- E. exact H. Qed.

Lemma logistic_positive t : 0 < 1 + exp (- t).
Proof. pose proof (exp_pos (- t)). lra. Qed.
Lemma exp_logistic t : exp t / (1 + exp t) = logistic t.
Proof. unfold logistic. pose proof (exp_pos t). rewrite exp_Ropp. field. split; lra. Qed.
Lemma tanh_exp t : tanh t = 1 - 2 / (exp (2 * t) + 1).
Proof. unfold tanh, sinh, cosh. replace (2 * t) with (t + t) by ring. rewrite exp_plus, exp_Ropp.
  pose proof (exp_pos t) as P. assert (0 < exp t * exp t) by (apply Rmult_lt_0_compat; auto). field. repeat split; lra. Qed.
Lemma logistic_slope t : logistic t * (1 - logistic t) = 1 / 4 - (logistic t - 1 / 2) ^ 2.
Proof. field. Qed.

Lemma derivable_exp_neg t : derivable_pt_lim (fun s => exp (- s)) t (- exp (- t)).
Proof. apply (derivable_as _ _ (exp (- t) * - (1))); [|ring].
  apply (derivable_pt_lim_comp (fun s => - s) exp).
  - apply (derivable_pt_lim_opp (fun s => s)). apply derivable_pt_lim_id.
  - apply derivable_pt_lim_exp. Qed.

Lemma derivable_logistic t : derivable_pt_lim (fun s => 1 / (1 + exp (- s))) t (logistic t * (1 - logistic t)).
Proof. pose proof (logistic_positive t) as P.
  apply (derivable_as _ _ ((0 * (1 + exp (- t)) - (0 + - exp (- t)) * 1) / Rsqr (1 + exp (- t)))).
  - apply (derivable_pt_lim_div (fun _ => 1) (fun s => 1 + exp (- s))).
    + apply derivable_pt_lim_const.
    + apply (derivable_pt_lim_plus (fun _ => 1) (fun s => exp (- s))); [apply derivable_pt_lim_const|apply derivable_exp_neg].
    + lra.
  - unfold logistic, Rsqr. field. lra. Qed.

Lemma derivable_softplus t : derivable_pt_lim (fun s => ln (1 + exp s)) t (logistic t).
Proof. pose proof (exp_pos t) as P.
  apply (derivable_as _ _ (/ (1 + exp t) * (0 + exp t))).
  - apply (derivable_pt_lim_comp (fun s => 1 + exp s) ln).
    + apply (derivable_pt_lim_plus (fun _ => 1) exp); [apply derivable_pt_lim_const|apply derivable_pt_lim_exp].
    + apply derivable_pt_lim_ln. lra.
  - rewrite <- exp_logistic. field. lra. Qed.

Lemma derivable_tanh t : derivable_pt_lim tanh t (1 - tanh t ^ 2).
Proof. assert (P : 0 < cosh t) by (unfold cosh; pose proof (exp_pos t); pose proof (exp_pos (- t)); lra).
  apply (derivable_as _ _ ((cosh t * cosh t - sinh t * sinh t) / Rsqr (cosh t))).
  - apply (derivable_pt_lim_div sinh cosh); [apply derivable_pt_lim_sinh|apply derivable_pt_lim_cosh|lra].
  - unfold tanh, Rsqr. field. lra. Qed.

(** ** The directional derivative is the sum of the partial derivatives *)
Section Directional.
Variables (n : nat) (x y : vec) (t : R).
Local Notation z := (between y x t).
Local Notation along e := (sum n (fun j => rgrad e z j * (x j - y j))).

Lemma chain e g d : derivable_pt_lim (fun s => rval e (between y x s)) t (along e) -> derivable_pt_lim g (rval e z) d ->
  derivable_pt_lim (fun s => g (rval e (between y x s))) t (sum n (fun j => d * rgrad e z j * (x j - y j))).
Proof. intros He Hg. apply (derivable_as _ _ (d * along e)).
  - apply (derivable_pt_lim_comp (fun s => rval e (between y x s)) g); auto.
  - rewrite <- sum_scal. apply sum_ext. intros; ring. Qed.

(** along the segment from y to x, at t, where e is defined there *)
Theorem directional_derivative e : wf n e = true -> good e z ->
  derivable_pt_lim (fun s => rval e (between y x s)) t (along e).
Proof.
  induction e as [p q|i|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa|a IHa k|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa];
  simpl wf; simpl good; rewrite ?andb_true_iff; intros W G; cbn [rval rgrad].
  - apply (derivable_as _ _ 0); [apply derivable_pt_lim_const|].
    rewrite (sum_ext n _ (fun _ => 0)), sum_zero by (intros; ring). reflexivity.
  - apply Nat.ltb_lt in W. rewrite (sum_delta n i (fun j => x j - y j) W). unfold between.
    apply (derivable_as _ _ (0 + (1 * (x i - y i) + t * 0))); [|ring].
    apply (derivable_pt_lim_plus (fun _ => y i) (fun s => s * (x i - y i))); [apply derivable_pt_lim_const|].
    apply (derivable_pt_lim_mult (fun s => s) (fun _ => x i - y i)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
  - destruct W as [Wa Wb], G as [Ga Gb]. apply (derivable_as _ _ (along a + along b)).
    + apply (derivable_pt_lim_plus (fun s => rval a (between y x s))); auto.
    + rewrite <- sum_plus. apply sum_ext. intros; ring.
  - destruct W as [Wa Wb], G as [Ga Gb]. apply (derivable_as _ _ (along a - along b)).
    + apply (derivable_pt_lim_minus (fun s => rval a (between y x s))); auto.
    + rewrite <- sum_minus. apply sum_ext. intros; ring.
  - destruct W as [Wa Wb], G as [Ga Gb]. apply (derivable_as _ _ (along a * rval b z + rval a z * along b)).
    + apply (derivable_pt_lim_mult (fun s => rval a (between y x s))); auto.
    + rewrite <- sum_scal_r, <- sum_scal, <- sum_plus. apply sum_ext. intros; ring.
  - destruct W as [Wa Wb], G as [Ga [Gb Nb]].
    apply (derivable_as _ _ ((along a * rval b z - along b * rval a z) / Rsqr (rval b z))).
    + apply (derivable_pt_lim_div (fun s => rval a (between y x s))); auto.
    + unfold Rdiv at 1. rewrite <- !sum_scal_r, <- sum_minus, <- sum_scal_r. apply sum_ext. intros. unfold Rsqr. field. auto.
  - apply (derivable_as _ _ (- along a)).
    + apply (derivable_pt_lim_opp (fun s => rval a (between y x s))); auto.
    + rewrite <- sum_opp. apply sum_ext. intros; ring.
  - apply (chain a (fun r => r ^ k)); auto. apply derivable_pt_lim_pow.
  - apply (chain a exp); auto. apply derivable_pt_lim_exp.
  - destruct G as [Ga Pa]. rewrite (sum_ext n _ (fun j => / rval a z * rgrad a z j * (x j - y j))) by (intros; unfold Rdiv; ring).
    apply (chain a ln); auto. apply derivable_pt_lim_ln; auto.
  - destruct G as [Ga Pa]. rewrite (sum_ext n _ (fun j => / (2 * sqrt (rval a z)) * rgrad a z j * (x j - y j))) by (intros; unfold Rdiv; ring).
    apply (chain a sqrt); auto. apply derivable_pt_lim_sqrt; auto.
  - apply (chain a sin); auto. apply derivable_pt_lim_sin.
  - rewrite (sum_ext n _ (fun j => - sin (rval a z) * rgrad a z j * (x j - y j))) by (intros; ring).
    apply (chain a cos); auto. apply derivable_pt_lim_cos.
  - apply (chain a tanh); auto. apply derivable_tanh.
  - apply (chain a (fun r => 1 / (1 + exp (- r)))); auto. apply derivable_logistic.
  - apply (chain a (fun r => ln (1 + exp r))); auto. apply derivable_softplus. Qed.
End Directional.

(** ** Value, domain and partial derivatives depend on x_0 .. x_{n-1} only *)
Lemma rval_same n x y : same n x y -> forall e, wf n e = true -> rval e x = rval e y.
Proof. intros E e. induction e; simpl; rewrite ?andb_true_iff, ?Nat.ltb_lt; intros W; auto;
  rewrite ?IHe1, ?IHe2, ?IHe by tauto; reflexivity. Qed.
Lemma good_same n x y : same n x y -> forall e, wf n e = true -> good e x -> good e y.
Proof. intros E e. induction e; simpl; rewrite ?andb_true_iff; intros W G; try tauto.
  - rewrite <- (rval_same n x y E e2) by tauto. tauto.
  - rewrite <- (rval_same n x y E e) by tauto. tauto.
  - rewrite <- (rval_same n x y E e) by tauto. tauto. Qed.
Lemma rgrad_same n x y : same n x y -> forall e, wf n e = true -> forall j, rgrad e x j = rgrad e y j.
Proof. intros E e. induction e; simpl; rewrite ?andb_true_iff; intros W j;
  rewrite ?IHe1, ?IHe2, ?IHe by tauto; rewrite ?(rval_same n x y E) by tauto; reflexivity. Qed.

(** ** Symbolic differentiation *)
(** constants are folded in lowest terms; 0 +, 0 *, 1 * are dropped so that derivatives stay small *)
Definition cst (r : Q) : expr := let s := Qred r in Cst (Qnum s) (Qden s).
Lemma rval_Cst p q x : rval (Cst p q) x = Q2R (p # q).
Proof. simpl. rewrite rat_div. reflexivity. Qed.
Lemma rval_cst r x : rval (cst r) x = Q2R r.
Proof. unfold cst. cbv zeta. rewrite rval_Cst. destruct (Qred r) as [p q] eqn:E. simpl. rewrite <- E. apply Qeq_eqR, Qred_correct. Qed.

Definition constant (e : expr) : option Q := match e with Cst p q => Some (p # q) | _ => None end.
Lemma constant_sound e r : constant e = Some r -> forall x, rval e x = Q2R r.
Proof. destruct e; simpl; intros [= <-] x. exact (rval_Cst p q x). Qed.
Definition is_value (v : Q) (e : expr) : bool := match constant e with Some r => Qeq_bool r v | None => false end.
Lemma is_value_sound v e : is_value v e = true -> forall x, rval e x = Q2R v.
Proof. unfold is_value. destruct (constant e) eqn:C; [|discriminate]. intros H x. rewrite (constant_sound _ _ C).
  apply Qeq_eqR, Qeq_bool_iff, H. Qed.

Definition fold2 (f : Q -> Q -> Q) (mk : expr -> expr -> expr) a b : expr :=
  match constant a, constant b with Some p, Some q => cst (f p q) | _, _ => mk a b end.
Definition opp' a : expr := match a with Opp b => b | Cst p q => Cst (- p) q | _ => Opp a end.
Definition add' a b : expr := if is_value 0 a then b else if is_value 0 b then a else fold2 Qplus Add a b.
Definition sub' a b : expr := if is_value 0 b then a else if is_value 0 a then opp' b else fold2 Qminus Sub a b.
Definition mul' a b : expr :=
  if is_value 0 a then Cst 0 1 else if is_value 0 b then Cst 0 1 else
  if is_value 1 a then b else if is_value 1 b then a else fold2 Qmult Mul a b.
Definition div' a b : expr :=
  if is_value 0 a then Cst 0 1 else if is_value 1 b then a else
  match constant b with Some r => if Qeq_bool r 0 then Div a b else fold2 Qdiv Div a b | None => Div a b end.
Definition pow' a k : expr := match k with O => Cst 1 1 | S O => a | _ => Pow a k end.

Fixpoint deriv (j : nat) (e : expr) : expr := match e with
  | Cst _ _ => Cst 0 1 | Var i => if Nat.eqb j i then Cst 1 1 else Cst 0 1
  | Add a b => add' (deriv j a) (deriv j b) | Sub a b => sub' (deriv j a) (deriv j b)
  | Mul a b => add' (mul' (deriv j a) b) (mul' a (deriv j b))
  | Div a b => div' (sub' (deriv j a) (mul' (Div a b) (deriv j b))) b
  | Opp a => opp' (deriv j a)
  | Pow a k => mul' (mul' (Cst (Z.of_nat k) 1) (pow' a (pred k))) (deriv j a)
  | Exp a => mul' (Exp a) (deriv j a)
  | Log a => div' (deriv j a) a
  | Sqrt a => div' (deriv j a) (Mul (Cst 2 1) (Sqrt a))
  | Sin a => mul' (Cos a) (deriv j a)
  | Cos a => opp' (mul' (Sin a) (deriv j a))
  | Tanh a => mul' (Sub (Cst 1 1) (Pow (Tanh a) 2)) (deriv j a)
  | Logistic a => mul' (Mul (Logistic a) (Sub (Cst 1 1) (Logistic a))) (deriv j a)
  | Softplus a => mul' (Logistic a) (deriv j a) end.

Lemma Q2R_one : Q2R 1 = 1. Proof. unfold Q2R. simpl. field. Qed.
Lemma Q2R_zero : Q2R 0 = 0. Proof. unfold Q2R. simpl. field. Qed.

(** what a smart constructor must do: have the value r at x, keep the domain, keep the variables *)
Definition stands n x (c : expr) (r : R) := rval c x = r /\ good c x /\ wf n c = true.

Section Smart.
Variables (n : nat) (x : vec).
Local Notation stands := (stands n x).

Lemma stands_self a r : stands a r -> stands a (rval a x).
Proof. intros [_ H]. split; auto. Qed.
Lemma stands_as a r s : stands a r -> r = s -> stands a s.
Proof. intros H <-. exact H. Qed.
Lemma stands_cst q : stands (cst q) (Q2R q).
Proof. split; [apply rval_cst|]. split; simpl; auto. Qed.
Lemma stands_Cst p q : stands (Cst p q) (rat p q).
Proof. repeat split. Qed.
Lemma is_zero_value a r : stands a r -> is_value 0 a = true -> r = 0.
Proof. intros [<- _] H. rewrite (is_value_sound _ _ H), Q2R_zero. reflexivity. Qed.
Lemma is_one_value a r : stands a r -> is_value 1 a = true -> r = 1.
Proof. intros [<- _] H. rewrite (is_value_sound _ _ H), Q2R_one. reflexivity. Qed.
Lemma stands_fold f mk g a b r s : stands a r -> stands b s -> stands (mk a b) (g r s) ->
  (forall p q, constant b = Some q -> Q2R (f p q) = g (Q2R p) (Q2R q)) -> stands (fold2 f mk a b) (g r s).
Proof. intros Ha Hb Hm Hf. unfold fold2. destruct (constant a) eqn:Ca; auto. destruct (constant b) eqn:Cb; auto.
  destruct Ha as [<- _], Hb as [<- _]. rewrite (constant_sound _ _ Ca), (constant_sound _ _ Cb), <- (Hf _ _ eq_refl). apply stands_cst. Qed.

Lemma stands_opp a r : stands a r -> stands (opp' a) (- r).
Proof. intros [<- [G W]]. destruct a; unfold opp'; split; auto.
  - rewrite !rval_Cst. unfold Q2R. simpl. rewrite opp_IZR. ring.
  - simpl. ring. Qed.
Lemma stands_add a b r s : stands a r -> stands b s -> stands (add' a b) (r + s).
Proof. intros Ha Hb. unfold add'. destruct (is_value 0 a) eqn:Za; [|destruct (is_value 0 b) eqn:Zb].
  - rewrite (is_zero_value _ _ Ha Za). apply (stands_as _ s); auto. ring.
  - rewrite (is_zero_value _ _ Hb Zb). apply (stands_as _ r); auto. ring.
  - apply (stands_fold Qplus Add Rplus); auto; [|intros; apply Q2R_plus].
    destruct Ha as [<- [Ga Wa]], Hb as [<- [Gb Wb]]. split; simpl; auto. rewrite Wa, Wb. auto. Qed.
Lemma stands_sub a b r s : stands a r -> stands b s -> stands (sub' a b) (r - s).
Proof. intros Ha Hb. unfold sub'. destruct (is_value 0 b) eqn:Zb; [|destruct (is_value 0 a) eqn:Za].
  - rewrite (is_zero_value _ _ Hb Zb). apply (stands_as _ r); auto. ring.
  - rewrite (is_zero_value _ _ Ha Za). apply (stands_as _ (- s)); [apply stands_opp; auto|ring].
  - apply (stands_fold Qminus Sub Rminus); auto; [|intros; apply Q2R_minus].
    destruct Ha as [<- [Ga Wa]], Hb as [<- [Gb Wb]]. split; simpl; auto. rewrite Wa, Wb. auto. Qed.
Lemma stands_zero : stands (Cst 0 1) 0. Proof. repeat split. Qed.
Lemma stands_mul a b r s : stands a r -> stands b s -> stands (mul' a b) (r * s).
Proof. intros Ha Hb. unfold mul'.
  destruct (is_value 0 a) eqn:Za; [|destruct (is_value 0 b) eqn:Zb; [|destruct (is_value 1 a) eqn:Oa; [|destruct (is_value 1 b) eqn:Ob]]].
  - rewrite (is_zero_value _ _ Ha Za). apply (stands_as _ 0); [apply stands_zero|ring].
  - rewrite (is_zero_value _ _ Hb Zb). apply (stands_as _ 0); [apply stands_zero|ring].
  - rewrite (is_one_value _ _ Ha Oa). apply (stands_as _ s); auto. ring.
  - rewrite (is_one_value _ _ Hb Ob). apply (stands_as _ r); auto. ring.
  - apply (stands_fold Qmult Mul Rmult); auto; [|intros; apply Q2R_mult].
    destruct Ha as [<- [Ga Wa]], Hb as [<- [Gb Wb]]. split; simpl; auto. rewrite Wa, Wb. auto. Qed.
Lemma stands_div a b r s : stands a r -> stands b s -> s <> 0 -> stands (div' a b) (r / s).
Proof. intros Ha Hb N. unfold div'.
  assert (D : stands (Div a b) (r / s)).
  { destruct Ha as [<- [Ga Wa]], Hb as [<- [Gb Wb]]. split; simpl; auto. rewrite Wa, Wb. auto. }
  destruct (is_value 0 a) eqn:Za; [|destruct (is_value 1 b) eqn:Ob; [|destruct (constant b) as [q|] eqn:Cb; [destruct (Qeq_bool q 0) eqn:Zq|]]]; auto.
  - rewrite (is_zero_value _ _ Ha Za). apply (stands_as _ 0); [apply stands_zero|unfold Rdiv; ring].
  - rewrite (is_one_value _ _ Hb Ob). apply (stands_as _ r); auto. field.
  - apply (stands_fold Qdiv Div Rdiv); auto. intros p q' Hq. rewrite Cb in Hq. injection Hq as <-. apply Q2R_div.
    intros E. apply Qeq_bool_iff in E. congruence. Qed.
Lemma stands_pow a r k : stands a r -> stands (pow' a k) (r ^ k).
Proof. intros H. destruct k as [|[|k]]; unfold pow'.
  - repeat split.
  - apply (stands_as _ r); auto. ring.
  - destruct H as [<- [G W]]. split; simpl; auto. Qed.

(** ** Where e is defined, so is its symbolic derivative, and it is the partial derivative *)
Theorem deriv_stands j e : wf n e = true -> good e x -> stands (deriv j e) (rgrad e x j).
Proof.
  induction e as [p q|i|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa|a IHa k|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa];
  intros W G; pose proof W as W'; pose proof G as G'; simpl in W, G; rewrite ?andb_true_iff in W; cbn [deriv rgrad];
  try (assert (Sa : stands a (rval a x)) by (split; tauto)); try (assert (Sb : stands b (rval b x)) by (split; tauto));
  try (assert (Da : stands (deriv j a) (rgrad a x j)) by tauto); try (assert (Db : stands (deriv j b) (rgrad b x j)) by tauto).
  - apply stands_zero.
  - destruct (Nat.eqb j i); [repeat split|apply stands_zero].
  - apply stands_add; auto.
  - apply stands_sub; auto.
  - apply stands_add; apply stands_mul; auto.
  - apply stands_div; auto; [|tauto]. apply stands_sub; auto. apply stands_mul; auto. split; auto.
  - apply stands_opp; auto.
  - apply stands_mul; auto. apply stands_mul; [|apply stands_pow; auto].
    rewrite INR_IZR_INZ. repeat split.
  - apply stands_mul; auto. split; auto.
  - apply stands_div; auto. apply Rgt_not_eq. tauto.
  - assert (P : 0 < sqrt (rval a x)) by (apply sqrt_lt_R0; tauto).
    apply stands_div; auto; [|lra]. split; simpl; auto.
  - apply stands_mul; auto. split; auto.
  - apply stands_opp, stands_mul; auto. split; auto.
  - apply stands_mul; auto. split; simpl; auto.
  - apply stands_mul; auto. split; simpl; auto. rewrite W. auto.
  - apply stands_mul; auto. split; simpl; auto. Qed.
End Smart.

Corollary deriv_sound n j e x : wf n e = true -> good e x ->
  rval (deriv j e) x = rgrad e x j /\ good (deriv j e) x /\ wf n (deriv j e) = true.
Proof. intros W G. exact (deriv_stands n x j e W G). Qed.

(** ** Games given by costs: coordinate i of the field is the derivative of its owner's cost *)
Definition replace (x : vec) i s : vec := fun k => if Nat.eqb k i then s else x k.
Definition cost_of (owner : list nat) (costs : list expr) i : expr := nth (nth i owner O) costs (Cst 0 1).
Definition field_of (n : nat) (owner : list nat) (costs : list expr) : list expr :=
  map (fun i => deriv i (cost_of owner costs i)) (seq 0 n).

(** a partial derivative: move coordinate i alone *)
Lemma partial_derivative n e i x : wf n e = true -> (i < n)%nat -> good e x ->
  derivable_pt_lim (fun s => rval e (replace x i s)) (x i) (rgrad e x i).
Proof. intros W Hi G. set (y := replace x i 0). set (u := replace x i 1).
  assert (E : forall s k, between y u s k = replace x i s k).
  { intros s k. unfold between, y, u, replace. destruct (Nat.eqb k i); ring. }
  assert (Ex : same n x (between y u (x i))).
  { intros k _. rewrite E. unfold replace. destruct (Nat.eqb_spec k i) as [->|]; auto. }
  pose proof (directional_derivative n u y (x i) e W (good_same n _ _ Ex e W G)) as D.
  apply (derivable_as _ _ _ (rgrad e x i)) in D.
  - intros eps He. destruct (D eps He) as [d Hd]. exists d. intros h Nh Bh. specialize (Hd h Nh Bh).
    assert (V : forall s, rval e (replace x i s) = rval e (between y u s)).
    { intros s. apply (rval_same n); auto. intros k _. symmetry. apply E. }
    rewrite !V. exact Hd.
  - rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * rgrad e x j)).
    + rewrite sum_delta; auto.
    + intros j Hj. rewrite <- (rgrad_same n _ _ Ex e W). unfold u, y, replace. destruct (Nat.eqb j i); ring. Qed.

(** the field built from the costs is the players' gradient: entry i is the partial derivative, in the i-th coordinate, of its owner's cost *)
Theorem field_of_costs n owner costs i x : (i < n)%nat -> wf n (cost_of owner costs i) = true -> good (cost_of owner costs i) x ->
  derivable_pt_lim (fun s => rval (cost_of owner costs i) (replace x i s)) (x i) (rval (nth i (field_of n owner costs) (Cst 0 1)) x).
Proof. intros Hi W G. unfold field_of. rewrite (nth_indep _ _ (deriv O (cost_of owner costs O))) by (rewrite map_length, seq_length; auto).
  rewrite (map_nth (fun i => deriv i (cost_of owner costs i))), seq_nth by auto. simpl plus.
  destruct (deriv_sound n i _ x W G) as [-> _]. apply partial_derivative with n; auto. Qed.
