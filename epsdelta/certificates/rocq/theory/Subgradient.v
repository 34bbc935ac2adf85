(** The projected subgradient method on convex Lipschitz functions: the gap at the average of T points. The sequence x starts at x 0, the
    first point of the catalogue (there x_1); the average is that of x 0, ..., x (T - 1). Every step may use any subgradient at its point. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent Formulas.
Open Scope R_scope.

Section Sets.
Variable E : space.
Definition convex_set (X : E -> Prop) := forall x y s, X x -> X y -> 0 <= s <= 1 -> X (vadd x (vscal s (vsub y x))).
(** p is a nearest point of X to y *)
Definition nearest (X : E -> Prop) (y p : E) := X p /\ forall u, X u -> n2 (vsub y p) <= n2 (vsub y u).

(** The obtuse angle: <y - p, u - p> <= 0 for u in X. *)
Lemma nearest_angle X y p u : convex_set X -> nearest X y p -> X u -> ip (vsub y p) (vsub u p) <= 0.
Proof. intros HX [Hp Hn] Hu. apply Rnot_lt_le. intros C.
  set (a := ip (vsub y p) (vsub u p)) in *. set (b := n2 (vsub u p)). assert (Hb : 0 <= b) by apply n2_pos.
  assert (Hs : 0 < a / (a + b) <= 1).
  { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (a + b); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  set (s := a / (a + b)) in *.
  assert (Hab : s * (a + b) = a) by (unfold s; field; lra).
  assert (H : n2 (vsub y p) <= n2 (vsub y (vadd p (vscal s (vsub u p))))) by (apply Hn, HX; auto; lra).
  assert (Ex : n2 (vsub y (vadd p (vscal s (vsub u p)))) = n2 (vsub y p) - 2 * s * a + s ^ 2 * b) by (unfold a, b; vec; ring).
  rewrite Ex in H. assert (0 < s * a) by (apply Rmult_lt_0_compat; lra).
  assert (s * (s * (a + b)) = s * a) by (rewrite Hab; auto). assert (0 <= s * (s * a)) by (apply Rmult_le_pos; lra). lra. Qed.
(** The projection does not increase distances to points of X. *)
Lemma nearest_contracts X y p u : convex_set X -> nearest X y p -> X u -> n2 (vsub p u) <= n2 (vsub y u).
Proof. intros HX Hp Hu. pose proof (nearest_angle X y p u HX Hp Hu) as H. pose proof (n2_pos E (vsub y p)) as P.
  revert H P. vec. intros H P. lra. Qed.

(** the sum and the average of the first T points *)
Fixpoint vsum (T : nat) (x : nat -> E) : E := match T with O => vscal 0 (x O) | S t => vadd (vsum t x) (x t) end.
Definition average (T : nat) (x : nat -> E) : E := vscal (/ INR T) (vsum T x).
Lemma ip_vsum T x w : ip w (vsum T x) = sum T (fun t => ip w (x t)).
Proof. induction T as [|t IH]; simpl; [rewrite ip_scal_r; ring|]. rewrite ip_add_r, IH. auto. Qed.
(** Jensen's inequality *)
Lemma jensen f grad T x : subgradient f grad -> (1 <= T)%nat -> INR T * f (average T x) <= sum T (fun t => f (x t)).
Proof. intros Hc HT. pose proof (pos_INR_of T HT) as HT1. set (a := average T x).
  assert (H : sum T (fun t => f a + ip (grad a) (vsub (x t) a)) <= sum T (fun t => f (x t))) by (apply sum_le; intros; apply Hc).
  rewrite sum_plus, sum_const in H.
  assert (Z : sum T (fun t => ip (grad a) (vsub (x t) a)) = 0).
  { rewrite (sum_ext T _ (fun t => ip (grad a) (x t) - ip (grad a) a)) by (intros; apply ip_sub_r).
    rewrite sum_minus, sum_const, <- ip_vsum.
    assert (Ea : ip (grad a) a = / INR T * ip (grad a) (vsum T x)) by apply ip_scal_r. rewrite Ea. field. lra. }
  lra. Qed.

(** a subgradient of a G-Lipschitz function has norm at most G *)
Lemma subgradient_bounded (f : E -> R) (g : E) G x : 0 <= G -> (forall y, f x + ip g (vsub y x) <= f y) ->
  (forall u v, f u - f v <= G * norm (vsub u v)) -> n2 g <= G ^ 2.
Proof. intros HG Hc Hl. pose proof (Hc (vadd x g)) as H. pose proof (Hl (vadd x g) x) as H1.
  assert (E1 : ip g (vsub (vadd x g) x) = n2 g) by (vec; ring).
  assert (E2 : norm (vsub (vadd x g) x) = norm g) by (unfold norm; f_equal; vec; ring).
  rewrite E1 in H. rewrite E2 in H1. rewrite <- norm_sq in *. pose proof (norm_pos E g) as P.
  apply pow_incr. split; auto. destruct P as [P|P]; [|rewrite <- P; auto].
  apply Rmult_le_reg_r with (norm g); auto. simpl in H. lra. Qed.
End Sets.
Arguments convex_set {_}. Arguments nearest {_}. Arguments vsum {_}. Arguments average {_}.

Section Projected.
Variable E : space.
Variables (X : E -> Prop) (f : E -> R) (some : E -> E) (G : R) (x g : nat -> E) (u : E).
(** f is convex, which is to say that it has some subgradient everywhere, and G-Lipschitz; g t, which the method uses, is any subgradient at
    x t, not always the same one at the same point; X is convex, u is any feasible point (a minimizer of f over X in the entries). *)
Hypotheses (HG : 0 < G) (Hconvex : subgradient f some) (Hg : forall t y, f (x t) + ip (g t) (vsub y (x t)) <= f y).
Hypothesis (Hlip : forall v w, f v - f w <= G * norm (vsub v w)).
Hypotheses (HX : convex_set X) (Hu : X u).

Section Steps.
Variable eta : R.
Hypotheses (Heta : 0 < eta) (Hx : forall t, nearest X (vsub (x t) (vscal eta (g t))) (x (S t))).

(** The gaps of T points add up to at most |x 0 - u|^2/(2 eta) + T eta G^2/2. *)
Lemma subgradient_regret T : sum T (fun t => f (x t) - f u) + n2 (vsub (x T) u) / (2 * eta)
  <= n2 (vsub (x O) u) / (2 * eta) + INR T * (eta * G ^ 2 / 2).
Proof. induction T as [|t IH]; [simpl; lra|]. rewrite S_INR. simpl sum.
  pose proof (nearest_contracts E X _ _ u HX (Hx t) Hu) as P. pose proof (Hg t u) as C.
  assert (HG0 : 0 <= G) by lra. pose proof (subgradient_bounded E f (g t) G (x t) HG0 (Hg t) Hlip) as B.
  assert (S1 : n2 (vsub (vsub (x t) (vscal eta (g t))) u) = n2 (vsub (x t) u) + 2 * eta * ip (g t) (vsub u (x t)) + eta ^ 2 * n2 (g t)).
  { vec. ring. }
  rewrite S1 in P.
  assert (D : n2 (vsub (x (S t)) u) / (2 * eta) <= n2 (vsub (x t) u) / (2 * eta) + ip (g t) (vsub u (x t)) + eta / 2 * n2 (g t)).
  { replace (n2 (vsub (x t) u) / (2 * eta) + ip (g t) (vsub u (x t)) + eta / 2 * n2 (g t))
      with ((n2 (vsub (x t) u) + 2 * eta * ip (g t) (vsub u (x t)) + eta ^ 2 * n2 (g t)) / (2 * eta)) by (field; lra).
    apply Rmult_le_compat_r; auto. left. apply Rinv_0_lt_compat. lra. }
  assert (A : eta / 2 * n2 (g t) <= eta / 2 * G ^ 2) by (apply Rmult_le_compat_l; lra). lra. Qed.

Lemma subgradient_sum distance T : distance_to u (x O) <= distance -> (1 <= T)%nat ->
  sum T (fun t => f (x t) - f u) <= INR T * subgradient_convex_any_step G distance T eta.
Proof. intros Hd HT. pose proof (pos_INR_of T HT) as HT1. pose proof (subgradient_regret T) as H.
  assert (HD : n2 (vsub (x O) u) <= distance ^ 2). { rewrite <- norm_sq. apply pow_incr. split; auto. apply norm_pos. }
  assert (Hi : 0 < / (2 * eta)) by (apply Rinv_0_lt_compat; lra).
  assert (A : n2 (vsub (x O) u) / (2 * eta) <= distance ^ 2 / (2 * eta)) by (apply Rmult_le_compat_r; lra).
  assert (B : 0 <= n2 (vsub (x T) u) / (2 * eta)) by (apply Rmult_le_pos; [apply n2_pos|lra]).
  unfold subgradient_convex_any_step.
  replace (INR T * (distance ^ 2 / (2 * eta * INR T) + eta * G ^ 2 / 2)) with (distance ^ 2 / (2 * eta) + INR T * (eta * G ^ 2 / 2))
    by (field; lra). lra. Qed.

(** subgradient/convex/any-step: the projected subgradient method with any constant step: the gap of the average of T >= 1 points is at
    most distance^2/(2 eta T) + eta G^2/2; [distance] is at least the first distance to u. *)
Theorem subgradient_convex_any_step_holds distance T : distance_to u (x O) <= distance -> (1 <= T)%nat ->
  f (average T x) - f u <= subgradient_convex_any_step G distance T eta.
Proof. intros Hd HT. pose proof (pos_INR_of T HT) as HT1. pose proof (subgradient_sum distance T Hd HT) as H.
  pose proof (jensen E f some T x Hconvex HT) as J. rewrite sum_minus, sum_const in H.
  apply Rmult_le_reg_l with (INR T); lra. Qed.
(** The note of the entry: so is the least gap of the T points. *)
Theorem subgradient_convex_any_step_least distance T : distance_to u (x O) <= distance -> (1 <= T)%nat ->
  exists t, (t < T)%nat /\ f (x t) - f u <= subgradient_convex_any_step G distance T eta.
Proof. intros Hd HT. apply (least_below_mean T (fun t => f (x t) - f u)); auto. apply subgradient_sum; auto. Qed.
End Steps.

(** subgradient/convex/average: with the step distance/(G sqrt T) the gap of the average is at most distance G/sqrt T. *)
Theorem subgradient_convex_average_holds distance T : 0 < distance -> distance_to u (x O) <= distance -> (1 <= T)%nat ->
  (forall t, nearest X (vsub (x t) (vscal (distance / (G * sqrt (INR T))) (g t))) (x (S t))) ->
  f (average T x) - f u <= subgradient_convex_average G distance T.
Proof. intros Hd0 Hd HT Hx. pose proof (pos_INR_of T HT) as HT1.
  assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra).
  assert (He : 0 < distance / (G * sqrt (INR T))) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  pose proof (subgradient_convex_any_step_holds _ He Hx distance T Hd HT) as H. unfold subgradient_convex_any_step in H.
  unfold subgradient_convex_average. assert (Er : INR T = sqrt (INR T) ^ 2) by (rewrite pow2_sqrt; lra).
  set (r := sqrt (INR T)) in *. rewrite Er in H.
  replace (distance ^ 2 / (2 * (distance / (G * r)) * r ^ 2) + distance / (G * r) * G ^ 2 / 2) with (distance * G / r) in H by (field; lra).
  exact H. Qed.

(** subgradient/convex/complexity: every number of steps T from distance^2 G^2/eps^2 on, with that step, leaves a gap of at most eps. *)
Theorem subgradient_convex_complexity_holds distance eps T : 0 < distance -> distance_to u (x O) <= distance -> 0 < eps ->
  (forall t, nearest X (vsub (x t) (vscal (distance / (G * sqrt (INR T))) (g t))) (x (S t))) ->
  subgradient_convex_complexity G distance eps <= INR T -> f (average T x) - f u <= eps.
Proof. intros Hd0 Hd He Hx. unfold subgradient_convex_complexity. intros HT.
  assert (He2 : 0 < eps ^ 2) by (apply pow_lt; auto).
  assert (Hp : 0 < distance ^ 2 * G ^ 2) by (apply Rmult_lt_0_compat; apply pow_lt; auto).
  assert (Hq : 0 < distance ^ 2 * G ^ 2 / eps ^ 2) by (apply Rdiv_lt_0_compat; auto).
  assert (HT1 : (1 <= T)%nat). { destruct T; [change (INR 0) with 0 in HT; lra|lia]. }
  eapply Rle_trans; [apply (subgradient_convex_average_holds distance T); auto|]. unfold subgradient_convex_average.
  pose proof (pos_INR_of T HT1) as H1. assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra).
  apply Rmult_le_reg_r with (sqrt (INR T)); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  assert (Hs : (distance * G) ^ 2 <= (eps * sqrt (INR T)) ^ 2).
  { rewrite !Rpow_mult_distr, pow2_sqrt by lra. apply Rmult_le_compat_l with (r := eps ^ 2) in HT; [|lra].
    replace (eps ^ 2 * (distance ^ 2 * G ^ 2 / eps ^ 2)) with (distance ^ 2 * G ^ 2) in HT by (field; lra). exact HT. }
  assert (Hn : 0 <= eps * sqrt (INR T)) by (apply Rmult_le_pos; lra).
  apply Rnot_lt_le. intros C. assert ((eps * sqrt (INR T)) * (eps * sqrt (INR T)) < (distance * G) * (distance * G)) by (apply Rmult_le_0_lt_compat; auto).
  lra. Qed.
End Projected.
