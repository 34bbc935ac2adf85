(** (c, eps)-stationary points, |E grad f(y)| + c E|y - x|^2 <= eps for a random y with mean x: what they say of the gradient at x itself. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent Random Formulas.
Open Scope R_scope.

Section Stationarity.
Variables (P : probability) (E : space) (V : random_vectors P E) (grad : E -> E) (x : E) (y : outcome P -> E) (c eps : R).
(** The mean of the gradient exists weakly: every <grad f(y), u> has one. *)
Hypotheses (Hc : 0 < c) (Hy : square V y) (Hgrad : forall u, integrable (fun o => ip (grad (y o)) u)).
(** E y = x; and |E grad f(y)| <= e, read along every direction u, with e + c E|y - x|^2 <= eps *)
Definition centred := forall u, mean (fun o => ip (vsub (y o) x) u) = 0.
Definition nearly_stationary := exists e, (forall u, mean (fun o => ip (grad (y o)) u) <= e * norm u) /\
  e + c * mean (fun o => n2 (vsub (y o) x)) <= eps.
Let G := grad x.

Lemma spread_integrable : integrable (fun o => n2 (vsub (y o) x)).
Proof. assert (S : square V (fun o => vsub (y o) x)) by (apply square_sub; auto; apply square_const). apply (square_ip P E V _ _ S S). Qed.
(** |grad f(x)| <= b + eps from <grad f(x) - grad f(y), grad f(x)> <= (c |y - x|^2 + b) |grad f(x)| + Z, E Z = 0 *)
Lemma from_pointwise (Z : outcome P -> R) b : nearly_stationary -> integrable Z -> mean Z = 0 ->
  (forall o, ip (vsub G (grad (y o))) G <= (c * n2 (vsub (y o) x) + b) * norm G + Z o) -> 0 <= eps + b -> norm G <= eps + b.
Proof. intros [e [Hm He]] HZ HZ0 Hp Hb. pose proof spread_integrable as I.
  assert (M : n2 G <= mean (fun o => ip (grad (y o)) G) + ((c * norm G) * mean (fun o => n2 (vsub (y o) x)) + b * norm G + mean Z)).
  { assert (I0 : integrable (fun o => c * norm G * n2 (vsub (y o) x))) by (apply integrable_scal; auto).
    assert (I1 : integrable (fun o => c * norm G * n2 (vsub (y o) x) + b * norm G)) by (apply integrable_add; auto; apply integrable_const).
    assert (I2 : integrable (fun o => c * norm G * n2 (vsub (y o) x) + b * norm G + Z o)) by (apply integrable_add; auto).
    pose proof (mean_mono P (fun _ => n2 G) (fun o => ip (grad (y o)) G + (c * norm G * n2 (vsub (y o) x) + b * norm G + Z o))) as Q.
    rewrite mean_const, mean_add, (mean_add P _ Z), mean_add, mean_scal, mean_const in Q; auto; try apply integrable_const.
    apply Q; [apply integrable_const|apply integrable_add; auto|]. intros o. pose proof (Hp o) as H. rewrite ip_sub_l in H. unfold n2 at 1. lra. }
  rewrite HZ0 in M. pose proof (Hm G) as HG. pose proof (norm_pos E G) as Np. rewrite <- norm_sq in M.
  destruct Np as [Np|Np]; [|rewrite <- Np; auto]. apply Rmult_le_reg_r with (norm G); auto.
  apply (Rmult_le_compat_r (norm G)) in He; lra. Qed.

(** With an L-Lipschitz gradient, |grad f(x)| <= eps + L^2/(4c); the mean of y plays no part. *)
Lemma smooth_law L : 0 <= L -> lipschitz everywhere grad L -> nearly_stationary -> 0 <= eps -> norm (grad x) <= eps + L ^ 2 / (4 * c).
Proof. intros HL Hlip Hn He.
  assert (Hb : 0 <= L ^ 2 / (4 * c)) by (apply Rmult_le_pos; [apply pow2_ge_0|left; apply Rinv_0_lt_compat; lra]).
  apply (from_pointwise (fun _ => 0)); auto; [apply integrable_const|apply mean_const| |lra]. intros o. rewrite Rplus_0_r.
  eapply Rle_trans; [apply cauchy_schwarz|]. apply Rmult_le_compat_r; [apply norm_pos|].
  assert (H1 : norm (vsub G (grad (y o))) <= L * norm (vsub (y o) x)).
  { unfold norm. rewrite <- (sqrt_pow2 L) at 1 by auto. rewrite <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt.
    rewrite n2_sub_sym. apply (Hlip (y o) x I I). }
  eapply Rle_trans; [exact H1|]. rewrite <- norm_sq. set (d := norm (vsub (y o) x)).
  replace (c * d ^ 2 + L ^ 2 / (4 * c)) with (L * d + c * (d - L / (2 * c)) ^ 2) by (field; lra).
  assert (0 <= c * (d - L / (2 * c)) ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. Qed.

(** Where the gradient departs from its linearization H at x, a symmetric map, by at most (L_2/2)|y - x|^2, and c >= L_2/2:
    |grad f(x)| <= eps. *)
Lemma second_order_law L2 (H : E -> E) : L2 / 2 <= c -> (forall u v, ip (H u) v = ip u (H v)) ->
  (forall z, norm (vsub (vsub (grad z) (grad x)) (H (vsub z x))) <= L2 / 2 * n2 (vsub z x)) -> centred -> nearly_stationary -> 0 <= eps ->
  norm (grad x) <= eps.
Proof. intros HcL Hsym Htaylor Hz Hn He. rewrite <- (Rplus_0_r eps).
  assert (S : square V (fun o => vsub (y o) x)) by (apply square_sub; auto; apply square_const).
  apply (from_pointwise (fun o => -1 * ip (vsub (y o) x) (H G))); auto; [| |intros o|lra].
  - apply integrable_scal. apply (square_ip P E V _ _ S (square_const P E V (H G))).
  - rewrite mean_scal by apply (square_ip P E V _ _ S (square_const P E V (H G))). rewrite Hz. ring.
  - set (d := vsub (y o) x). pose proof (cauchy_schwarz E (vscal (-1) (vsub (vsub (grad (y o)) G) (H d))) G) as Q.
    assert (En : norm (vscal (-1) (vsub (vsub (grad (y o)) G) (H d))) = norm (vsub (vsub (grad (y o)) G) (H d))).
    { unfold norm. f_equal. rewrite n2_scal. ring. }
    rewrite En in Q. pose proof (Htaylor (y o)) as B. fold G d in B. pose proof (n2_pos E d) as D.
    assert (B2 : norm (vsub (vsub (grad (y o)) G) (H d)) <= c * n2 d).
    { eapply Rle_trans; [exact B|]. apply Rmult_le_compat_r; auto. }
    apply (Rmult_le_compat_r (norm G)) in B2; [|apply norm_pos]. rewrite ip_scal, !ip_sub_l, Hsym in Q. rewrite ip_sub_l. lra. Qed.
End Stationarity.

(** x is (c, eps)-stationary: the infimum of |E grad f(y)| + c E|y - x|^2 over the laws of a point y with mean x is at most eps. *)
Definition stationary {E : space} (grad : E -> E) x c eps := forall room, 0 < room ->
  exists (P : probability) (V : random_vectors P E) (y : outcome P -> E), square V y /\ (forall u, integrable (fun o => ip (grad (y o)) u)) /\
  centred P E x y /\ nearly_stationary P E grad x y c (eps + room).

Section Entries.
Variables (E : space) (grad : E -> E) (x : E) (c eps : R).
Hypotheses (Hc : 0 < c) (He : 0 <= eps) (Hx : stationary grad x c eps).
Lemma close_to a b : (forall room, 0 < room -> a <= b + room) -> a <= b.
Proof. intros H. apply Rnot_lt_le. intros N. specialize (H ((a - b) / 2)). lra. Qed.

(** random-scaling/stationarity/smooth: with an L-Lipschitz gradient a (c, eps)-stationary point has |grad f(x)| <= eps + L^2/(4c). *)
Theorem random_scaling_stationarity_smooth_holds L : 0 <= L -> lipschitz everywhere grad L ->
  norm (grad x) <= random_scaling_stationarity_smooth L eps c.
Proof. intros HL Hlip. apply close_to. intros room Hr. destruct (Hx room Hr) as [P [V [y [Hy [Hg [_ Hn]]]]]].
  pose proof (smooth_law P E V grad x y c (eps + room) Hc Hy Hg L HL Hlip Hn). unfold random_scaling_stationarity_smooth. lra. Qed.
(** random-scaling/stationarity/smooth-tuned: at c = L^2/eps this is 5 eps/4. *)
Theorem random_scaling_stationarity_smooth_tuned_holds L : 0 < L -> 0 < eps -> c = L ^ 2 / eps -> lipschitz everywhere grad L ->
  norm (grad x) <= random_scaling_stationarity_smooth_tuned eps.
Proof. intros HL Hp Ec Hlip. pose proof (random_scaling_stationarity_smooth_holds L (Rlt_le _ _ HL) Hlip) as H.
  unfold random_scaling_stationarity_smooth in H. unfold random_scaling_stationarity_smooth_tuned.
  replace (5 * eps / 4) with (eps + L ^ 2 / (4 * c)) by (rewrite Ec; field; lra). exact H. Qed.
(** random-scaling/stationarity/second-order-smooth: where the gradient departs from its linearization H at x, a symmetric map, by at most
    (L_2/2)|y - x|^2, as it does where an L_2-Lipschitz Hessian is H at x, and c >= L_2/2, the gradient norm at x is at most eps. *)
Theorem random_scaling_stationarity_second_order_smooth_holds L2 (H : E -> E) : L2 / 2 <= c -> (forall u v, ip (H u) v = ip u (H v)) ->
  (forall z, norm (vsub (vsub (grad z) (grad x)) (H (vsub z x))) <= L2 / 2 * n2 (vsub z x)) ->
  norm (grad x) <= random_scaling_stationarity_second_order_smooth eps L2 c.
Proof. intros HcL Hsym Ht. apply close_to. intros room Hr. destruct (Hx room Hr) as [P [V [y [Hy [Hg [Hz Hn]]]]]].
  unfold random_scaling_stationarity_second_order_smooth. apply (second_order_law P E V grad x y c (eps + room) Hy Hg L2 H HcL Hsym Ht Hz Hn). lra. Qed.
End Entries.
