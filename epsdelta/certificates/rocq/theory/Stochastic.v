(** Stochastic gradient descent in expectation, on convex functions and any probability space: the average of T points under a constant step
    and the last of T points under a linearly decaying one, for nonsmooth functions with any subgradients, and for smooth ones. Points are x 0, ..., x (T -
      1), in the catalogue x_1, ..., x_T. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent Subgradient Random LastIterate Formulas.
Open Scope R_scope.

(** the linear decay w (1 - (t + 1)/T), 0 from the last point on *)
Definition linear_decay w T t := w * Rmax 0 (1 - INR (S t) / INR T).

(** ** The tuned steps *)
Lemma tuned_value L D sigma T : 0 < L -> 0 < D -> 0 < sigma -> 0 < T -> let w := Rmin (1 / L) (D / (sigma * sqrt T)) in
  D ^ 2 / (2 * w * T) + w * sigma ^ 2 / 2 <= L * D ^ 2 / (2 * T) + D * sigma / sqrt T.
Proof. intros HL HD Hs HT. cbv zeta. assert (Hr : 0 < sqrt T) by (apply sqrt_lt_R0; auto). assert (Er : T = sqrt T ^ 2) by (rewrite pow2_sqrt; lra).
  set (r := sqrt T) in *. rewrite Er. clear Er. assert (Hsr : 0 < sigma * r) by (apply Rmult_lt_0_compat; auto).
  unfold Rmin. destruct (Rle_dec (1 / L) (D / (sigma * r))) as [H|H].
  - replace (D ^ 2 / (2 * (1 / L) * r ^ 2)) with (L * D ^ 2 / (2 * r ^ 2)) by (field; lra).
    assert (A : sigma ^ 2 / 2 * (1 / L) <= sigma ^ 2 / 2 * (D / (sigma * r))) by (apply Rmult_le_compat_l; auto; pose proof (pow2_ge_0 sigma); lra).
    replace (sigma ^ 2 / 2 * (D / (sigma * r))) with (D * sigma / r / 2) in A by (field; lra).
    assert (0 < D * sigma / r) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto). lra.
  - replace (D ^ 2 / (2 * (D / (sigma * r)) * r ^ 2) + D / (sigma * r) * sigma ^ 2 / 2) with (D * sigma / r) by (field; lra).
    assert (0 < L * D ^ 2 / (2 * r ^ 2)).
    { apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; auto; apply pow_lt; auto|]. assert (0 < r ^ 2) by (apply pow_lt; auto). lra. }
    lra. Qed.
Lemma nonsmooth_value D G T : 0 < D -> 0 < G -> 0 < T -> let w := D / (G * sqrt T) in
  0 < w /\ (D ^ 2 / (2 * w) + w / 2 * (T * G ^ 2)) / T = D * G / sqrt T.
Proof. intros HD HG HT. cbv zeta. assert (Hr : 0 < sqrt T) by (apply sqrt_lt_R0; auto). assert (Er : T = sqrt T ^ 2) by (rewrite pow2_sqrt; lra).
  set (r := sqrt T) in *. rewrite Er. split; [apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto|field; lra]. Qed.
(** D c/sqrt T <= eps from T >= D^2 c^2/eps^2 on *)
Lemma root_reaches a eps T : 0 < a -> 0 < eps -> 0 < T -> a ^ 2 / eps ^ 2 <= T -> a / sqrt T <= eps.
Proof. intros Ha He HT H. assert (Hr : 0 < sqrt T) by (apply sqrt_lt_R0; auto). assert (He2 : 0 < eps ^ 2) by (apply pow_lt; auto).
  apply Rmult_le_reg_r with (sqrt T); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply Rmult_le_compat_l with (r := eps ^ 2) in H; [|lra]. replace (eps ^ 2 * (a ^ 2 / eps ^ 2)) with (a ^ 2) in H by (field; lra).
  assert (Hp : 0 < eps * sqrt T) by (apply Rmult_lt_0_compat; auto). apply Rnot_lt_le. intros C.
  assert ((eps * sqrt T) * (eps * sqrt T) < a * a) by (apply Rmult_le_0_lt_compat; lra).
  pose proof (pow2_sqrt T) as E2. specialize (E2 ltac:(lra)). replace ((eps * sqrt T) * (eps * sqrt T)) with (eps ^ 2 * sqrt T ^ 2) in H0 by ring.
  rewrite E2 in H0. lra. Qed.

(** ** Any subgradients *)
Section Nonsmooth.
Variables (P : probability) (E : space) (V : random_vectors P E) (f : E -> R) (some : E -> E) (first xs : E) (d x g : nat -> outcome P -> E).
Variables (distance : R) (T : nat).
(** f is convex, which is to say that it has some subgradient everywhere; d t, which g t estimates, is any subgradient at x t, not always the
    same one at the same point. *)
Hypotheses (HT : (1 <= T)%nat) (Hconvex : subgradient f some) (Hd : subgradients_along f d x).
Hypotheses (Hdist0 : 0 < distance) (Hdist : distance_to xs first <= distance).
Let sgd eta := stochastic_subgradients P E V f first eta d x g.
(** E|g t|^2 <= G^2 before the last point and at it *)
Definition second_moment G := forall t, (t < T)%nat -> mean (fun w => n2 (g t w)) <= G ^ 2.

Lemma start_below eta (HS : sgd eta) : n2 (vsub (point P E V f first eta d x g HS O) (constant P E V xs)) <= distance ^ 2.
Proof. rewrite point_start. rewrite <- norm_sq. apply pow_incr. split; [apply norm_pos|auto]. Qed.
Lemma mean_bound (a : nat -> R) c : (forall t, (t < T)%nat -> a t <= c) -> sum T a <= INR T * c.
Proof. intros H. rewrite <- sum_const. apply sum_le. auto. Qed.

Lemma divide_by_horizon q b : INR T * q <= b -> q <= b / INR T.
Proof. intros H. pose proof (pos_INR_of T HT). apply Rmult_le_reg_l with (INR T); [lra|]. replace (INR T * (b / INR T)) with b by (field; lra). auto. Qed.

(** The gap of the last point. *)
Lemma last_nonsmooth w G (HS : sgd (linear_decay w T)) : 0 < w -> second_moment G ->
  INR T * (mean (fun o => f (x (pred T) o)) - f xs) <= distance ^ 2 / (2 * w) + w / 2 * (INR T * G ^ 2).
Proof. intros Hw HG. destruct T as [|m] eqn:ET; [lia|]. rewrite <- ET in *.
  pose proof (last_iterate (random_space P E V) (point P E V f first _ d x g HS) (estimate P E V f first _ d x g HS)
    (slope P E V f first _ d x g HS) (constant P E V xs) (fun t => value P E f x t - f xs) (fun _ => 0) w Hw) as A.
  assert (B : sum (S m) (fun t => n2 (estimate P E V f first _ d x g HS t)) <= INR T * G ^ 2) by (rewrite <- ET; apply mean_bound; exact HG).
  pose proof (start_below _ HS) as D. assert (Hi : 0 < / (2 * w)) by (apply Rinv_0_lt_compat; lra).
  assert (D2 : n2 (vsub (point P E V f first _ d x g HS 0) (constant P E V xs)) / (2 * w) <= distance ^ 2 / (2 * w)) by (apply Rmult_le_compat_r; lra).
  assert (B2 : w / 2 * sum (S m) (fun t => n2 (estimate P E V f first _ d x g HS t)) <= w / 2 * (INR T * G ^ 2)) by (apply Rmult_le_compat_l; lra).
  rewrite <- ET in *. replace (pred T) with m by lia. eapply Rle_trans; [|apply Rplus_le_compat; [exact D2|exact B2]].
  specialize (A) with (m := m). rewrite <- ET in A. rewrite sum_zero, Rplus_0_r in A. apply A.
  - intros t. rewrite Rplus_0_r. apply expected_gap; auto.
  - intros t s Hs. apply noise_with_points; auto.
  - intros t. apply noise_with_constants.
  - intros t v Ht. rewrite point_step. unfold linear_decay. rewrite Rmax_right; [ring|]. pose proof (pos_INR_of T HT) as H1.
    assert (H2 : INR (S t) <= INR T) by (apply le_INR; lia). assert (INR (S t) / INR T <= 1); [|lra].
    apply Rmult_le_reg_r with (INR T); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  - intros t s. pose proof (expected_convexity P E V f first _ d x g HS t s Hd) as C. revert C. ips. intros C. lra. Qed.

(** sgd/convex/last-iterate/nonsmooth: convex f, E|g t|^2 <= G^2, steps w (1 - t/T) with w = distance/(G sqrt T): the expected gap of the
    last of T points against any xs, such as a minimizer, whose distance from the first point is at most [distance]. *)
Theorem sgd_convex_last_iterate_nonsmooth_holds G : 0 < G -> sgd (linear_decay (distance / (G * sqrt (INR T))) T) -> second_moment G ->
  mean (fun o => f (x (pred T) o)) - f xs <= sgd_convex_last_iterate_nonsmooth G distance T.
Proof. intros HG HS Hm. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  destruct (nonsmooth_value distance G (INR T) Hdist0 HG HT0) as [Hw Ev]. unfold sgd_convex_last_iterate_nonsmooth. rewrite <- Ev.
  apply divide_by_horizon. apply last_nonsmooth; auto. Qed.
(** sgd/convex/last-iterate/nonsmooth-complexity: every T from distance^2 G^2/eps^2 on, with these steps, leaves an expected gap eps. *)
Theorem sgd_convex_last_iterate_nonsmooth_complexity_holds G eps : 0 < G -> 0 < eps ->
  sgd (linear_decay (distance / (G * sqrt (INR T))) T) -> second_moment G ->
  sgd_convex_last_iterate_nonsmooth_complexity G distance eps <= INR T -> mean (fun o => f (x (pred T) o)) - f xs <= eps.
Proof. intros HG He HS Hm Hc. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  eapply Rle_trans; [apply (sgd_convex_last_iterate_nonsmooth_holds G); auto|]. unfold sgd_convex_last_iterate_nonsmooth.
  apply root_reaches; auto; [apply Rmult_lt_0_compat; auto|]. rewrite Rpow_mult_distr. exact Hc. Qed.

(** ** The average of T points under a constant step. The mean of f there must make sense: that f at the average is integrable is a hypothesis
    of the theorems below. It follows from the integrability of f at the points where f is measurable and bounded below, by Jensen's inequality. *)
Hypothesis (Hav : integrable (fun o => f (average T (fun t => x t o)))).
Let average_value := mean (fun o => f (average T (fun t => x t o))).
Lemma mean_sum (a : nat -> outcome P -> R) n : (forall t, integrable (a t)) ->
  integrable (fun o => sum n (fun t => a t o)) /\ mean (fun o => sum n (fun t => a t o)) = sum n (fun t => mean (a t)).
Proof. intros Ha. induction n as [|n [I1 I2]]; cbn [sum]; [split; [apply integrable_const|apply mean_const]|].
  split; [apply integrable_add; auto|]. rewrite mean_add, I2; auto. Qed.
Lemma average_jensen eta (HS : sgd eta) : INR T * (average_value - f xs) <= sum T (fun t => value P E f x t - f xs).
Proof. rewrite sum_minus, sum_const. destruct (mean_sum (fun t o => f (x t o)) T (value_integrable _ _ _ _ _ _ _ _ _ HS)) as [I1 I2].
  unfold value. rewrite <- I2. rewrite Rmult_minus_distr_l. apply Rplus_le_compat_r. unfold average_value. rewrite <- mean_scal by auto.
  apply mean_mono; auto; [apply integrable_scal; auto|]. intros o. apply (jensen E f some T (fun t => x t o) Hconvex HT). Qed.

(** sgd/convex/average/nonsmooth: convex f, E|g t|^2 <= G^2, constant step distance/(G sqrt T), f integrable at the average. *)
Theorem sgd_convex_average_nonsmooth_holds G : 0 < G -> sgd (fun _ => distance / (G * sqrt (INR T))) -> second_moment G ->
  mean (fun o => f (average T (fun t => x t o))) - f xs <= sgd_convex_average_nonsmooth G distance T.
Proof. intros HG HS HGm. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  destruct (nonsmooth_value distance G (INR T) Hdist0 HG HT0) as [Hw Ev]. unfold sgd_convex_average_nonsmooth. rewrite <- Ev.
  apply divide_by_horizon. set (w := distance / (G * sqrt (INR T))) in *. pose proof (average_jensen _ HS) as J.
  assert (Hg0 : forall t, value P E f x t - f xs + 0 <= ip (slope P E V f first _ d x g HS t) (vsub (point P E V f first _ d x g HS t) (constant P E V xs)))
    by (intros t; rewrite Rplus_0_r; apply expected_gap; auto).
  pose proof (constant_steps_sum (random_space P E V) (point P E V f first _ d x g HS) (estimate P E V f first _ d x g HS)
    (slope P E V f first _ d x g HS) (constant P E V xs) (fun t => value P E f x t - f xs) (fun _ => 0) w Hw
    Hg0 (fun t s Hts => noise_with_points P E V f first _ d x g HS t s Hts)
    (fun t => noise_with_constants P E V f first _ d x g HS t xs) T (fun t v => point_step P E V f first _ d x g HS t v)) as A.
  assert (B : sum T (fun t => n2 (estimate P E V f first _ d x g HS t)) <= INR T * G ^ 2) by (apply mean_bound; exact HGm).
  pose proof (start_below _ HS) as D. assert (Hi : 0 < / (2 * w)) by (apply Rinv_0_lt_compat; lra).
  assert (D2 : n2 (vsub (point P E V f first _ d x g HS 0) (constant P E V xs)) / (2 * w) <= distance ^ 2 / (2 * w)) by (apply Rmult_le_compat_r; lra).
  assert (B2 : w / 2 * sum T (fun t => n2 (estimate P E V f first _ d x g HS t)) <= w / 2 * (INR T * G ^ 2)) by (apply Rmult_le_compat_l; lra).
  rewrite sum_plus, sum_zero in A. unfold average_value in J. lra. Qed.
End Nonsmooth.

(** ** Smooth functions *)
Section Smooth.
Variables (P : probability) (E : space) (V : random_vectors P E) (f : E -> R) (grad : E -> E) (first xs : E) (x g : nat -> outcome P -> E).
Variables (distance : R) (T : nat).
Hypotheses (HT : (1 <= T)%nat) (Hconvex : subgradient f grad) (Hdist0 : 0 < distance) (Hdist : distance_to xs first <= distance).
Let sgd eta := stochastic_gradients P E V f grad first eta x g.
(** E|g t - grad (x t)|^2 <= sigma^2 before the last point and at it *)
Definition variance sigma := forall t, (t < T)%nat -> mean (fun w => n2 (vsub (g t w) (grad (x t w)))) <= sigma ^ 2.

(** E|g t|^2 = E|grad (x t)|^2 + E|g t - grad (x t)|^2 *)
Lemma variance_split eta (HS : sgd eta) sigma t : variance sigma -> (t < T)%nat ->
  n2 (estimate P E V f first eta (along grad x) x g HS t) <= n2 (slope P E V f first eta (along grad x) x g HS t) + sigma ^ 2.
Proof. intros Hv Ht. set (a := estimate P E V f first eta (along grad x) x g HS t). set (b := slope P E V f first eta (along grad x) x g HS t).
  assert (N : ip (vsub a b) b = 0) by apply noise_with_slope.
  assert (B : n2 (vsub a b) <= sigma ^ 2) by (exact (Hv t Ht)). rewrite n2_sub in B. rewrite ip_sub_l in N. unfold n2 in *. lra. Qed.
Lemma last_smooth L w sigma (HS : sgd (linear_decay w T)) : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < w -> w <= 1 / L -> variance sigma ->
  INR T * (mean (fun o => f (x (pred T) o)) - f xs) <= distance ^ 2 / (2 * w) + w / 2 * (INR T * sigma ^ 2).
Proof. intros HL Hs Hm Hw HwL Hv. destruct T as [|m] eqn:ET; [lia|]. rewrite <- ET in *.
  set (dn t := n2 (slope P E V f first _ (along grad x) x g HS t)).
  pose proof (last_iterate (random_space P E V) (point P E V f first _ (along grad x) x g HS) (estimate P E V f first _ (along grad x) x g HS)
    (slope P E V f first _ (along grad x) x g HS) (constant P E V xs) (fun t => value P E f x t - f xs) (fun t => dn t / (2 * L)) w Hw) as A.
  assert (B : sum T (fun t => n2 (estimate P E V f first _ (along grad x) x g HS t)) <= sum T dn + INR T * sigma ^ 2).
  { rewrite <- sum_const, <- sum_plus. apply sum_le. intros t Ht. apply variance_split; auto. }
  pose proof (start_below P E V f first xs (along grad x) x g distance Hdist _ HS) as D. assert (Hi : 0 < / (2 * w)) by (apply Rinv_0_lt_compat; lra).
  assert (D2 : n2 (vsub (point P E V f first _ (along grad x) x g HS 0) (constant P E V xs)) / (2 * w) <= distance ^ 2 / (2 * w))
      by (apply Rmult_le_compat_r; lra).
  assert (B2 : w / 2 * sum T (fun t => n2 (estimate P E V f first _ (along grad x) x g HS t)) <= w / 2 * (sum T dn + INR T * sigma ^ 2))
      by (apply Rmult_le_compat_l; lra).
  assert (Hdn : 0 <= sum T dn) by (apply sum_nonneg; intros; apply n2_pos).
  assert (C2 : w / 2 * sum T dn <= 1 / L / 2 * sum T dn) by (apply Rmult_le_compat_r; lra).
  specialize (A) with (m := m). rewrite <- ET in A. replace (pred T) with m by lia.
  assert (A2 : INR T * (value P E f x m - f xs) + sum T (fun t => dn t / (2 * L))
     <= n2 (vsub (point P E V f first _ (along grad x) x g HS 0) (constant P E V xs)) / (2 * w) + w / 2 * sum T
         (fun t => n2 (estimate P E V f first _ (along grad x) x g HS t))).
  { apply A.
    - intros t. apply expected_gap_smooth; auto.
    - intros t s Hts. apply noise_with_points; auto.
    - intros t. apply noise_with_constants.
    - intros t v Ht. rewrite point_step. unfold linear_decay. rewrite Rmax_right; [ring|]. pose proof (pos_INR_of T HT) as H1.
      assert (H2 : INR (S t) <= INR T) by (apply le_INR; lia). assert (INR (S t) / INR T <= 1); [|lra].
      apply Rmult_le_reg_r with (INR T); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
    - intros t s. pose proof (expected_convexity P E V f first _ (along grad x) x g HS t s
        (subgradient_along P E f grad x Hconvex)) as C. revert C. ips. intros C. lra. }
  unfold Rdiv in A2 at 1. rewrite sum_scal_r in A2. replace (1 / L / 2 * sum T dn) with (sum T dn * / (2 * L)) in C2 by (field; lra).
  unfold value in A2. lra. Qed.

(** sgd/convex/last-iterate/any-step: smooth convex f, noise of variance at most sigma^2, steps w (1 - t/T) with any w up to 1/L. *)
Theorem sgd_convex_last_iterate_any_step_holds L w sigma : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < w -> w <= 1 / L ->
  sgd (linear_decay w T) -> variance sigma ->
  mean (fun o => f (x (pred T) o)) - f xs <= sgd_convex_last_iterate_any_step L distance T sigma w.
Proof. intros HL Hs Hm Hw HwL HS Hv. pose proof (pos_INR_of T HT) as HT1. unfold sgd_convex_last_iterate_any_step.
  replace (distance ^ 2 / (2 * w * INR T) + w * sigma ^ 2 / 2) with ((distance ^ 2 / (2 * w) + w / 2 * (INR T * sigma ^ 2)) / INR T) by (field; lra).
  apply (divide_by_horizon T HT). apply (last_smooth L); auto. Qed.
(** sgd/convex/last-iterate/tuned: the same with w = min(1/L, distance/(sigma sqrt T)). *)
Theorem sgd_convex_last_iterate_tuned_holds L sigma : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < sigma ->
  sgd (linear_decay (Rmin (1 / L) (distance / (sigma * sqrt (INR T)))) T) -> variance sigma ->
  mean (fun o => f (x (pred T) o)) - f xs <= sgd_convex_last_iterate_tuned L distance T sigma.
Proof. intros HL Hs Hm Hsg HS Hv. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  eapply Rle_trans; [|apply (tuned_value L distance sigma (INR T)); auto]. cbv zeta.
  apply (sgd_convex_last_iterate_any_step_holds L); auto; [|apply Rmin_l].
  apply Rmin_glb_lt; apply Rdiv_lt_0_compat; try lra. apply Rmult_lt_0_compat; auto. apply sqrt_lt_R0; auto. Qed.
(** sgd/convex/last-iterate/complexity: every T from max(L distance^2/eps, 4 distance^2 sigma^2/eps^2) on, at these steps. *)
Theorem sgd_convex_last_iterate_complexity_holds L sigma eps : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < sigma -> 0 < eps ->
  sgd (linear_decay (Rmin (1 / L) (distance / (sigma * sqrt (INR T)))) T) -> variance sigma ->
  sgd_convex_last_iterate_complexity L distance eps sigma <= INR T -> mean (fun o => f (x (pred T) o)) - f xs <= eps.
Proof. intros HL Hs Hm Hsg He HS Hv Hc. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  eapply Rle_trans; [apply (sgd_convex_last_iterate_tuned_holds L sigma); auto|]. unfold sgd_convex_last_iterate_tuned.
  assert (H1 : L * distance ^ 2 / eps <= INR T) by (eapply Rle_trans; [apply Rmax_l|exact Hc]).
  assert (H2 : 4 * distance ^ 2 * sigma ^ 2 / eps ^ 2 <= INR T) by (eapply Rle_trans; [apply Rmax_r|exact Hc]).
  assert (A : L * distance ^ 2 / (2 * INR T) <= eps / 2).
  { apply Rmult_le_reg_r with (2 * INR T / eps); [apply Rdiv_lt_0_compat; lra|].
    replace (L * distance ^ 2 / (2 * INR T) * (2 * INR T / eps)) with (L * distance ^ 2 / eps) by (field; lra).
    replace (eps / 2 * (2 * INR T / eps)) with (INR T) by (field; lra). auto. }
  assert (B : distance * sigma / sqrt (INR T) <= eps / 2).
  { apply root_reaches; auto; [apply Rmult_lt_0_compat; auto|lra|].
    replace ((distance * sigma) ^ 2 / (eps / 2) ^ 2) with (4 * distance ^ 2 * sigma ^ 2 / eps ^ 2) by (field; lra). auto. }
  lra. Qed.

Hypothesis (Hav : integrable (fun o => f (average T (fun t => x t o)))).
Lemma average_smooth L w sigma (HS : sgd (fun _ => w)) : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < w -> w <= 1 / L -> variance sigma ->
  INR T * (mean (fun o => f (average T (fun t => x t o))) - f xs) <= distance ^ 2 / (2 * w) + w / 2 * (INR T * sigma ^ 2).
Proof. intros HL Hs Hm Hw HwL Hv. set (dn t := n2 (slope P E V f first _ (along grad x) x g HS t)).
  pose proof (average_jensen P E V f grad first xs (along grad x) x g T HT Hconvex Hav _ HS) as J.
  pose proof (constant_steps_sum (random_space P E V) (point P E V f first _ (along grad x) x g HS) (estimate P E V f first _ (along grad x) x g HS)
    (slope P E V f first _ (along grad x) x g HS) (constant P E V xs) (fun t => value P E f x t - f xs) (fun t => dn t / (2 * L)) w Hw
    (fun t => expected_gap_smooth P E V f grad first _ x g HS L t xs HL Hs Hconvex Hm)
        (fun t s Hts => noise_with_points P E V f first _ (along grad x) x g HS t s Hts)
    (fun t => noise_with_constants P E V f first _ (along grad x) x g HS t xs) T (fun t v => point_step P E V f first _ (along grad x) x g HS t v)) as A.
  assert (B : sum T (fun t => n2 (estimate P E V f first _ (along grad x) x g HS t)) <= sum T dn + INR T * sigma ^ 2).
  { rewrite <- sum_const, <- sum_plus. apply sum_le. intros t Ht. apply variance_split; auto. }
  pose proof (start_below P E V f first xs (along grad x) x g distance Hdist _ HS) as D. assert (Hi : 0 < / (2 * w)) by (apply Rinv_0_lt_compat; lra).
  assert (D2 : n2 (vsub (point P E V f first _ (along grad x) x g HS 0) (constant P E V xs)) / (2 * w) <= distance ^ 2 / (2 * w))
      by (apply Rmult_le_compat_r; lra).
  assert (B2 : w / 2 * sum T (fun t => n2 (estimate P E V f first _ (along grad x) x g HS t)) <= w / 2 * (sum T dn + INR T * sigma ^ 2))
      by (apply Rmult_le_compat_l; lra).
  assert (Hdn : 0 <= sum T dn) by (apply sum_nonneg; intros; apply n2_pos).
  assert (C2 : w / 2 * sum T dn <= 1 / L / 2 * sum T dn) by (apply Rmult_le_compat_r; lra).
  rewrite sum_plus in A. unfold Rdiv in A at 1. rewrite sum_scal_r in A.
  replace (1 / L / 2 * sum T dn) with (sum T dn * / (2 * L)) in C2 by (field; lra). lra. Qed.

(** sgd/convex/average/any-step: smooth convex f, any constant step up to 1/L: the expected gap of the average of T points, at which f is
    integrable. *)
Theorem sgd_convex_average_any_step_holds L w sigma : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < w -> w <= 1 / L ->
  sgd (fun _ => w) -> variance sigma ->
  mean (fun o => f (average T (fun t => x t o))) - f xs <= sgd_convex_average_any_step L distance T sigma w.
Proof. intros HL Hs Hm Hw HwL HS Hv. pose proof (pos_INR_of T HT) as HT1. unfold sgd_convex_average_any_step.
  replace (distance ^ 2 / (2 * w * INR T) + w * sigma ^ 2 / 2) with ((distance ^ 2 / (2 * w) + w / 2 * (INR T * sigma ^ 2)) / INR T) by (field; lra).
  apply (divide_by_horizon T HT). apply (average_smooth L); auto. Qed.
(** sgd/convex/average/tuned: the same, also with f integrable at the average, with the step min(1/L, distance/(sigma sqrt T)). *)
Theorem sgd_convex_average_tuned_holds L sigma : 0 < L -> smooth f grad L -> minimizer f xs -> 0 < sigma ->
  sgd (fun _ => Rmin (1 / L) (distance / (sigma * sqrt (INR T)))) -> variance sigma ->
  mean (fun o => f (average T (fun t => x t o))) - f xs <= sgd_convex_average_tuned L distance T sigma.
Proof. intros HL Hs Hm Hsg HS Hv. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  eapply Rle_trans; [|apply (tuned_value L distance sigma (INR T)); auto]. cbv zeta.
  apply (sgd_convex_average_any_step_holds L); auto; [|apply Rmin_l].
  apply Rmin_glb_lt; apply Rdiv_lt_0_compat; try lra. apply Rmult_lt_0_compat; auto. apply sqrt_lt_R0; auto. Qed.
End Smooth.
