(** Random vectors: expectations, square-integrable random vectors of an inner-product space as an inner-product space of their own, and
    what convexity, smoothness and unbiased gradients or subgradients say there. *)
Require Import Reals Lra Lia FunctionalExtensionality.
From EpsDelta Require Import Sums Spaces Descent StrongDescent ConvexDescent.
Open Scope R_scope.

(** What is used of a probability space: its integrable random numbers and their mean, which is linear, monotone and 1 at 1. *)
Record probability := Probability {
  outcome : Type; integrable : (outcome -> R) -> Prop; mean : (outcome -> R) -> R;
  integrable_const : forall c, integrable (fun _ => c);
  integrable_add : forall X Y, integrable X -> integrable Y -> integrable (fun w => X w + Y w);
  integrable_scal : forall c X, integrable X -> integrable (fun w => c * X w);
  mean_const : forall c, mean (fun _ => c) = c;
  mean_add : forall X Y, integrable X -> integrable Y -> mean (fun w => X w + Y w) = mean X + mean Y;
  mean_scal : forall c X, integrable X -> mean (fun w => c * X w) = c * mean X;
  mean_mono : forall X Y, integrable X -> integrable Y -> (forall w, X w <= Y w) -> mean X <= mean Y }.
Arguments integrable {_}. Arguments mean {_}.

(** A class of random vectors, such as the measurable ones with E|X|^2 finite: a linear space with the constants, whose inner products are
    integrable. *)
Record random_vectors (P : probability) (E : space) := RandomVectors {
  square : (outcome P -> E) -> Prop;
  square_const : forall v, square (fun _ => v);
  square_add : forall X Y, square X -> square Y -> square (fun w => vadd (X w) (Y w));
  square_scal : forall c X, square X -> square (fun w => vscal c (X w));
  square_ip : forall X Y, square X -> square Y -> integrable (fun w => ip (X w) (Y w)) }.
Arguments square {_ _}.

(** Finitely many outcomes i < n with the probabilities p i, on which every random number and vector is admitted *)
Section Finite.
Variables (n : nat) (p : nat -> R).
Hypotheses (Hp : forall i, (i < n)%nat -> 0 <= p i) (Htotal : sum n p = 1).
Definition finite_probability : probability.
refine {| outcome := nat; integrable := fun _ => True; mean X := sum n (fun i => p i * X i) |}; auto.
- intros c. rewrite sum_scal_r, Htotal. ring.
- intros X Y _ _. rewrite <- sum_plus. apply sum_ext. intros; ring.
- intros c X _. rewrite <- sum_scal. apply sum_ext. intros; ring.
- intros X Y _ _ H. apply sum_le. intros i Hi. apply Rmult_le_compat_l; auto.
Defined.
Definition finite_vectors E : random_vectors finite_probability E.
refine {| square := fun _ => True |}; simpl; auto.
Defined.
End Finite.

Section L2.
Variables (P : probability) (E : space) (V : random_vectors P E).
Lemma mean_ext (X Y : outcome P -> R) : (forall w, X w = Y w) -> mean X = mean Y.
Proof. intros H. f_equal. apply functional_extensionality. auto. Qed.
Lemma square_sub (X Y : outcome P -> E) : square V X -> square V Y -> square V (fun w => vsub (X w) (Y w)).
Proof. intros HX HY. exact (square_add P E V _ _ HX (square_scal P E V (-1) _ HY)). Qed.
Lemma integrable_sub (X Y : outcome P -> R) : integrable X -> integrable Y -> integrable (fun w => X w - Y w).
Proof. intros HX HY. replace (fun w => X w - Y w) with (fun w => X w + (-1) * Y w) by (apply functional_extensionality; intros; ring).
  apply integrable_add; auto. apply integrable_scal; auto. Qed.
Lemma mean_sub (X Y : outcome P -> R) : integrable X -> integrable Y -> mean (fun w => X w - Y w) = mean X - mean Y.
Proof. intros HX HY. replace (fun w => X w - Y w) with (fun w => X w + (-1) * Y w) by (apply functional_extensionality; intros; ring).
  rewrite mean_add, mean_scal; auto; [ring|apply integrable_scal; auto]. Qed.

(** the random vectors of the class with <X, Y> = E<X, Y> *)
Definition random_space : space.
refine {| carrier := {X : outcome P -> E | square V X};
  vadd X Y := exist _ (fun w => vadd (proj1_sig X w) (proj1_sig Y w)) (square_add P E V _ _ (proj2_sig X) (proj2_sig Y));
  vscal c X := exist _ (fun w => vscal c (proj1_sig X w)) (square_scal P E V c _ (proj2_sig X));
  ip X Y := mean (fun w => ip (proj1_sig X w) (proj1_sig Y w)) |}.
- intros X Y. apply mean_ext. intros w. apply ip_sym.
- intros [X HX] [Y HY] [Z HZ]. simpl. rewrite <- mean_add by (apply square_ip with V; auto). apply mean_ext. intros w. apply ip_add.
- intros c [X HX] [Y HY]. simpl. rewrite <- mean_scal by (apply square_ip with V; auto). apply mean_ext. intros w. apply ip_scal.
- intros [X HX]. simpl. rewrite <- (mean_const P 0). apply mean_mono; [apply integrable_const|apply square_ip with V; auto|].
  intros w. apply ip_pos.
Defined.
Definition constant (v : E) : random_space := exist _ (fun _ => v) (square_const P E V v).
Lemma n2_constant_sub u v : n2 (vsub (constant u) (constant v)) = n2 (vsub u v).
Proof. unfold n2. simpl. rewrite mean_const. auto. Qed.

(** ** A stochastic gradient method: x (t + 1) = x t - eta t g t from a fixed first point *)
Variables (f : E -> R) (first : E) (eta : nat -> R) (d x g : nat -> outcome P -> E).
(** d t is what g t estimates, a gradient or subgradient of f at x t. g t, d t are square-integrable and f (x t) integrable. Of
    E[g t | past] = d t the weak consequence is asked that the noise g t - d t is uncorrelated with constants, with the points up to x t, and
    with d t, which are functions of the past. *)
Record stochastic_subgradients : Prop := StochasticSubgradients {
  starts : forall w, x O w = first;
  steps : forall t w, x (S t) w = vsub (x t w) (vscal (eta t) (g t w));
  g_square : forall t, square V (g t);
  grad_square : forall t, square V (d t);
  value_integrable : forall t, integrable (fun w => f (x t w));
  noise_constant : forall t v, mean (fun w => ip (vsub (g t w) (d t w)) v) = 0;
  noise_points : forall t s, (s <= t)%nat -> mean (fun w => ip (vsub (g t w) (d t w)) (x s w)) = 0;
  noise_gradient : forall t, mean (fun w => ip (vsub (g t w) (d t w)) (d t w)) = 0 }.
Hypothesis (HS : stochastic_subgradients).

Lemma x_square t : square V (x t).
Proof. induction t as [|t IH].
  - replace (x O) with (fun _ : outcome P => first) by (apply functional_extensionality; intros w; symmetry; apply (starts HS)). apply square_const.
  - replace (x (S t)) with (fun w => vsub (x t w) (vscal (eta t) (g t w))) by (apply functional_extensionality; intros w; symmetry; apply (steps HS)).
    apply square_sub; auto. apply square_scal. apply (g_square HS). Qed.
Definition point t : random_space := exist _ (x t) (x_square t).
Definition slope t : random_space := exist _ (d t) (grad_square HS t).
Definition estimate t : random_space := exist _ (g t) (g_square HS t).
Definition value t := mean (fun w => f (x t w)).

Lemma point_step t v : ip (point (S t)) v = ip (point t) v - eta t * ip (estimate t) v.
Proof. rewrite <- ip_scal, <- ip_sub_l. simpl. apply mean_ext. intros w. rewrite (steps HS). reflexivity. Qed.
Lemma point_start u : n2 (vsub (point O) (constant u)) = n2 (vsub first u).
Proof. transitivity (mean (fun _ : outcome P => n2 (vsub first u))); [|apply mean_const].
  apply mean_ext. intros w. simpl. rewrite (starts HS). reflexivity. Qed.
Lemma value_start : value O = f first.
Proof. transitivity (mean (fun _ : outcome P => f first)); [|apply mean_const]. apply mean_ext. intros w. rewrite (starts HS). auto. Qed.
Lemma noise_with_points t s : (s <= t)%nat -> ip (vsub (estimate t) (slope t)) (point s) = 0.
Proof. intros H. rewrite <- (noise_points HS t s H). apply mean_ext. reflexivity. Qed.
Lemma noise_with_constants t v : ip (vsub (estimate t) (slope t)) (constant v) = 0.
Proof. rewrite <- (noise_constant HS t v). apply mean_ext. reflexivity. Qed.
Lemma noise_with_slope t : ip (vsub (estimate t) (slope t)) (slope t) = 0.
Proof. rewrite <- (noise_gradient HS t). apply mean_ext. reflexivity. Qed.

(** Every d t w is a subgradient of f at x t w, not always the same one at the same point. *)
Definition subgradients_along := forall t w y, f (x t w) + ip (d t w) (vsub y (x t w)) <= f y.
(** E f(x t) + E<d t, x s - x t> <= E f(x s), and the same towards a fixed point *)
Lemma expected_convexity t s : subgradients_along -> value t + ip (slope t) (vsub (point s) (point t)) <= value s.
Proof. intros Hc. assert (I : integrable (fun w => ip (d t w) (vsub (x s w) (x t w)))).
  { apply square_ip with V; [apply (grad_square HS)|apply square_sub; apply x_square]. }
  pose proof (mean_mono P (fun w => f (x t w) + ip (d t w) (vsub (x s w) (x t w))) (fun w => f (x s w))) as M.
  rewrite mean_add in M; auto; [|apply (value_integrable HS)]. apply M; [|apply (value_integrable HS)|intros w; apply Hc].
  apply integrable_add; auto. apply (value_integrable HS). Qed.
Lemma expected_gap t u : subgradients_along -> value t - f u <= ip (slope t) (vsub (point t) (constant u)).
Proof. intros Hc. pose proof (mean_mono P (fun w => f (x t w) - f u) (fun w => ip (d t w) (vsub (x t w) u))) as M.
  rewrite mean_sub, mean_const in M; [|apply (value_integrable HS)|apply integrable_const]. apply M.
  - apply integrable_sub; [apply (value_integrable HS)|apply integrable_const].
  - apply square_ip with V; [apply (grad_square HS)|apply square_sub; [apply x_square|apply square_const]].
  - intros w. pose proof (Hc t w u) as H. revert H. ips. intros H. lra. Qed.
Lemma expected_lower m t : lower_bound f m -> m <= value t.
Proof. intros H. rewrite <- (mean_const P m). apply mean_mono; [apply integrable_const|apply (value_integrable HS)|intros w; apply H]. Qed.
End L2.
Arguments subgradients_along {_ _}.

(** ** The gradients of one map: d t = grad (x t) *)
Definition along {P : probability} {E : space} (grad : E -> E) (x : nat -> outcome P -> E) (t : nat) (w : outcome P) : E := grad (x t w).
Definition stochastic_gradients (P : probability) (E : space) (V : random_vectors P E) (f : E -> R) (grad : E -> E) (first : E) (eta : nat -> R)
  (x g : nat -> outcome P -> E) : Prop := stochastic_subgradients P E V f first eta (along grad x) x g.
Lemma subgradient_along (P : probability) (E : space) (f : E -> R) (grad : E -> E) (x : nat -> outcome P -> E) :
  subgradient f grad -> subgradients_along f (along grad x) x.
Proof. intros H t w y. apply H. Qed.
Section Gradients.
Variables (P : probability) (E : space) (V : random_vectors P E).
Variables (f : E -> R) (grad : E -> E) (first : E) (eta : nat -> R) (x g : nat -> outcome P -> E).
Hypothesis (HS : stochastic_gradients P E V f grad first eta x g).
Local Notation slopes := (slope P E V f first eta (along grad x) x g HS).
Local Notation points := (point P E V f first eta (along grad x) x g HS).
Local Notation estimates := (estimate P E V f first eta (along grad x) x g HS).
Local Notation fixed := (constant P E V).
Local Notation values := (value P E f x).
Local Notation slope_square := (grad_square P E V f first eta (along grad x) x g HS).
Local Notation estimate_square := (g_square P E V f first eta (along grad x) x g HS).
Local Notation values_integrable := (value_integrable P E V f first eta (along grad x) x g HS).
Local Notation each_step := (steps P E V f first eta (along grad x) x g HS).
Local Notation point_square := (x_square P E V f first eta (along grad x) x g HS).
(** with smoothness: + E|grad (x t)|^2/(2L) at a minimizer *)
Lemma expected_gap_smooth L t u : 0 < L -> smooth f grad L -> subgradient f grad -> minimizer f u ->
  values t - f u + n2 (slopes t) / (2 * L) <= ip (slopes t) (vsub (points t) (fixed u)).
Proof. intros HL Hs Hc Hm. assert (I : integrable (fun w => ip (grad (x t w)) (grad (x t w)))) by (apply square_ip with V; apply slope_square).
  pose proof (mean_mono P (fun w => f (x t w) - f u + / (2 * L) * ip (grad (x t w)) (grad (x t w))) (fun w => ip (grad (x t w)) (vsub (x t w) u))) as M.
  assert (I1 : integrable (fun w => f (x t w) - f u)) by (apply integrable_sub; [apply values_integrable|apply integrable_const]).
  rewrite mean_add, mean_sub, mean_const, mean_scal in M; auto; [|apply values_integrable|apply integrable_const|apply integrable_scal; auto].
  unfold Rdiv. rewrite (Rmult_comm (n2 (slopes t))). apply M.
  - apply integrable_add; auto. apply integrable_scal; auto.
  - apply square_ip with V; [apply slope_square|apply square_sub; [apply point_square|apply square_const]].
  - intros w. pose proof (towards_minimizer E f grad L HL Hs Hc (x t w) u Hm) as H. unfold n2 in H.
    apply Rmult_le_reg_l with L; auto. rewrite Rmult_plus_distr_l, <- Rmult_assoc. replace (L * / (2 * L)) with (/ 2) by (field; lra). lra. Qed.
(** the descent lemma in expectation *)
Lemma expected_descent L t : smooth f grad L ->
  values (S t) <= values t - eta t * ip (slopes t) (estimates t) + L * eta t ^ 2 / 2 * n2 (estimates t).
Proof. intros Hs. assert (I1 : integrable (fun w => ip (grad (x t w)) (g t w))) by (apply square_ip with V; [apply slope_square|apply estimate_square]).
  assert (I2 : integrable (fun w => ip (g t w) (g t w))) by (apply square_ip with V; apply estimate_square).
  pose proof (mean_mono P (fun w => f (x (S t) w))
    (fun w => f (x t w) - eta t * ip (grad (x t w)) (g t w) + L * eta t ^ 2 / 2 * ip (g t w) (g t w))) as M.
  assert (I3 : integrable (fun w => eta t * ip (grad (x t w)) (g t w))) by (apply integrable_scal; auto).
  assert (I4 : integrable (fun w => f (x t w) - eta t * ip (grad (x t w)) (g t w))) by (apply integrable_sub; auto; apply values_integrable).
  assert (I5 : integrable (fun w => L * eta t ^ 2 / 2 * ip (g t w) (g t w))) by (apply integrable_scal; auto).
  rewrite mean_add, mean_sub, !mean_scal in M; auto; [|apply values_integrable]. apply M.
  - apply values_integrable.
  - apply integrable_add; auto.
  - intros w. rewrite each_step. pose proof (Hs (x t w) (vsub (x t w) (vscal (eta t) (g t w)))) as H. revert H. vec. intros H. lra. Qed.
(** a pathwise inequality a f + b <= c |grad|^2 in expectation: the Polyak-Lojasiewicz inequality *)
Lemma expected_growth mu m t : (forall z, 2 * mu * (f z - m) <= n2 (grad z)) -> 2 * mu * (values t - m) <= n2 (slopes t).
Proof. intros H. pose proof (mean_mono P (fun w => 2 * mu * (f (x t w) - m)) (fun w => ip (grad (x t w)) (grad (x t w)))) as M.
  assert (I1 : integrable (fun w => f (x t w) - m)) by (apply integrable_sub; [apply values_integrable|apply integrable_const]).
  rewrite mean_scal, mean_sub, mean_const in M; auto; [|apply values_integrable|apply integrable_const]. apply M.
  - apply integrable_scal; auto.
  - apply square_ip with V; apply slope_square.
  - intros w. apply H. Qed.
(** mu E|x t - xs|^2 <= E<grad (x t), x t - xs> and E|grad (x t)|^2 <= L E<grad (x t), x t - xs> at a minimizer xs *)
Lemma expected_strong L mu t u : 0 < L -> 0 <= mu -> smooth f grad L -> strongly_convex f grad mu -> minimizer f u ->
  mu * n2 (vsub (points t) (fixed u)) <= ip (slopes t) (vsub (points t) (fixed u)) /\
  n2 (slopes t) <= L * ip (slopes t) (vsub (points t) (fixed u)).
Proof. intros HL Hmu Hs Hsc Hm. pose proof (gradient_vanishes E f grad L u HL Hs Hm) as Z.
  assert (Hc : subgradient f grad).
  { intros y z. pose proof (Hsc y z). pose proof (n2_pos E (vsub z y)). assert (0 <= mu / 2 * n2 (vsub z y)) by (apply Rmult_le_pos; lra). lra. }
  assert (I : square V (fun w => vsub (x t w) u)) by (apply square_sub; [apply point_square|apply square_const]).
  assert (Ii : integrable (fun w => ip (grad (x t w)) (vsub (x t w) u))) by (apply square_ip with V; auto; apply slope_square).
  split.
  - pose proof (mean_mono P (fun w => mu * ip (vsub (x t w) u) (vsub (x t w) u)) (fun w => ip (grad (x t w)) (vsub (x t w) u))) as M.
    rewrite mean_scal in M by (apply square_ip with V; auto). apply M; auto; [apply integrable_scal, square_ip with V; auto|].
    intros w. pose proof (gradient_monotone E f grad mu Hsc (x t w) u) as H. rewrite ip_sub_l, Z, Rminus_0_r in H. auto.
  - pose proof (mean_mono P (fun w => ip (grad (x t w)) (grad (x t w))) (fun w => L * ip (grad (x t w)) (vsub (x t w) u))) as M.
    rewrite mean_scal in M by auto. apply M; [apply square_ip with V; apply slope_square|apply integrable_scal; auto|].
    intros w. assert (H0 : 0 <= L) by lra.
    pose proof (coercive E f grad L 0 Hs (convex_is_strongly_convex E f grad Hc) (x t w) u H0) as H.
    rewrite (ip_sub_l E (grad (x t w))), n2_sub, (ip_sym E (grad (x t w)) (grad u)) in H. unfold n2 in H. rewrite !Z in H. lra. Qed.
End Gradients.
