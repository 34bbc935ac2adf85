(** Gradient descent on smooth functions of an inner-product space without convexity: classes of functions, the descent lemma, the least
    gradient, and the Polyak-Lojasiewicz inequality. The sequence x starts at x 0, the first point of the catalogue (there x_1). *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas.
Open Scope R_scope.

(** [vec] expands inner products and orders their arguments in one way, in the goal; revert hypotheses first *)
Ltac isym := repeat match goal with |- context [ip ?a ?b] =>
  match goal with |- context [ip b a] => tryif constr_eq a b then fail else rewrite (ip_sym _ b a) end end.
Ltac vec := ips; isym.

Section Classes.
Variable E : space.
(** What every L-smooth function satisfies, convex or not; [smooth_of_lipschitz_gradient] has it from the usual definition. *)
Definition smooth (f : E -> R) (grad : E -> E) L := forall x y, f y <= f x + ip (grad x) (vsub y x) + L / 2 * n2 (vsub y x).
(** grad x is a subgradient of f at every x: f is convex (the gradient where there is one) *)
Definition subgradient (f : E -> R) (grad : E -> E) := forall x y, f x + ip (grad x) (vsub y x) <= f y.
(** the same with the quadratic mu/2 |y - x|^2 that mu-strong convexity adds *)
Definition strongly_convex (f : E -> R) (grad : E -> E) mu := forall x y, f x + ip (grad x) (vsub y x) + mu / 2 * n2 (vsub y x) <= f y.
Definition lower_bound (f : E -> R) m := forall x, m <= f x.
Definition minimizer (f : E -> R) xs := forall x, f xs <= f x.
Definition distance_to xs (x : E) := norm (vsub x xs).
(** x (S t) = x t - eta grad (x t) *)
Definition gradient_descent (grad : E -> E) eta (x : nat -> E) := forall t, x (S t) = euler grad eta (x t).

(** f has one value at points of distance 0, and along every line its derivative is the inner product of the gradient with the direction *)
Definition has_gradient (f : E -> R) (grad : E -> E) := (forall x y, n2 (vsub x y) = 0 -> f x = f y) /\
  forall x v t, derivable_pt_lim (fun s => f (vadd x (vscal s v))) t (ip (grad (vadd x (vscal t v))) v).

(** The descent lemma on one segment: where the gradient moves by at most c K |y - x| up to the part c of it, f is below its expansion. *)
Theorem descent_lemma f grad K x y : 0 <= K -> has_gradient f grad ->
  (forall c, 0 <= c <= 1 -> n2 (vsub (grad (vadd x (vscal c (vsub y x)))) (grad x)) <= K ^ 2 * (c ^ 2 * n2 (vsub y x))) ->
  f y <= f x + ip (grad x) (vsub y x) + K / 2 * n2 (vsub y x).
Proof.
  intros HK [Hext Hder] Hlip. set (v := vsub y x) in *.
  destruct (MVT_cor2 (fun s => f (vadd x (vscal s v)) - (s * ip (grad x) v + K / 2 * n2 v * s ^ 2))
    (fun t => ip (grad (vadd x (vscal t v))) v - (ip (grad x) v + K * n2 v * t)) 0 1) as [c [Hc [Hc0 Hc1]]]; [lra| |].
  - intros t _. apply (derivable_pt_lim_minus (fun s => f (vadd x (vscal s v))) (fun s => s * ip (grad x) v + K / 2 * n2 v * s ^ 2)).
    + apply Hder.
    + replace (ip (grad x) v + K * n2 v * t) with (1 * ip (grad x) v + t * 0 + K / 2 * n2 v * (INR 2 * t ^ 1)) by (simpl; field).
      apply (derivable_pt_lim_plus (fun s => s * ip (grad x) v) (fun s => K / 2 * n2 v * s ^ 2)).
      * apply (derivable_pt_lim_mult (fun s => s) (fun _ => ip (grad x) v)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const].
      * apply (derivable_pt_lim_scal (fun s => s ^ 2)). apply derivable_pt_lim_pow.
  - assert (E1 : f (vadd x (vscal 1 v)) = f y). { apply Hext. unfold v. vec. ring. }
    assert (E0 : f (vadd x (vscal 0 v)) = f x). { apply Hext. vec. ring. }
    cbv beta in Hc. rewrite E1, E0 in Hc.
    set (a := ip (vsub (grad (vadd x (vscal c v))) (grad x)) v).
    assert (Ea : ip (grad (vadd x (vscal c v))) v - ip (grad x) v = a) by (unfold a; rewrite ip_sub_l; ring).
    assert (Hn : 0 <= n2 v) by apply n2_pos.
    assert (Hb : 0 <= K * n2 v * c) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
    assert (Ha : a ^ 2 <= (K * n2 v * c) ^ 2).
    { eapply Rle_trans; [apply cauchy_schwarz_sq|].
      replace ((K * n2 v * c) ^ 2) with (K ^ 2 * (c ^ 2 * n2 v) * n2 v) by ring. apply Rmult_le_compat_r; auto. apply Hlip. lra. }
    assert (Hab : a <= K * n2 v * c).
    { apply Rnot_lt_le. intros C. assert ((K * n2 v * c) * (K * n2 v * c) < a * a) by (apply Rmult_le_0_lt_compat; lra). lra. }
    lra. Qed.
(** A function with an L-Lipschitz gradient is smooth in the sense above. *)
Theorem smooth_of_lipschitz_gradient f grad L : 0 <= L -> has_gradient f grad -> lipschitz everywhere grad L -> smooth f grad L.
Proof. intros HL Hg Hlip x y. apply descent_lemma; auto. intros c Hc.
  eapply Rle_trans; [apply (Hlip (vadd x (vscal c (vsub y x))) x I I)|]. right. f_equal. vec. ring. Qed.

(** A gradient step of length at most 2/L lowers f by (1 - L eta/2) eta |grad|^2 at least. *)
Lemma descent_step f grad L eta x : smooth f grad L ->
  f (euler grad eta x) <= f x - eta * (1 - L * eta / 2) * n2 (grad x).
Proof. intros Hs. pose proof (Hs x (euler grad eta x)) as H. revert H. unfold euler. vec. intros H. lra. Qed.
Lemma descent_step_inverse f grad L x : 0 < L -> smooth f grad L ->
  f (euler grad (1 / L) x) <= f x - n2 (grad x) / (2 * L).
Proof. intros HL Hs. pose proof (descent_step f grad L (1 / L) x Hs) as H.
  replace (1 / L * (1 - L * (1 / L) / 2) * n2 (grad x)) with (n2 (grad x) / (2 * L)) in H by (field; lra). exact H. Qed.
(** Minimizers of smooth functions have gradient 0: no inner product sees it. *)
Lemma gradient_vanishes f grad L xs : 0 < L -> smooth f grad L -> minimizer f xs -> forall w, ip (grad xs) w = 0.
Proof. intros HL Hs Hm w. pose proof (descent_step_inverse f grad L xs HL Hs) as H. pose proof (Hm (euler grad (1 / L) xs)) as H0.
  assert (Hg : n2 (grad xs) = 0).
  { apply Rle_antisym; [|apply n2_pos]. assert (2 * L * (n2 (grad xs) / (2 * L)) <= 2 * L * 0) by (apply Rmult_le_compat_l; lra).
    replace (2 * L * (n2 (grad xs) / (2 * L))) with (n2 (grad xs)) in H1 by (field; lra). lra. }
  pose proof (cauchy_schwarz_sq E (grad xs) w) as C. rewrite Hg, Rmult_0_l in C.
  apply Rsqr_0_uniq, Rle_antisym; [unfold Rsqr; lra|apply Rle_0_sqr]. Qed.
End Classes.
Arguments smooth {_}. Arguments subgradient {_}. Arguments strongly_convex {_}. Arguments lower_bound {_}. Arguments minimizer {_}.
Arguments distance_to {_}. Arguments gradient_descent {_}. Arguments has_gradient {_}.

(** ** Means and powers *)
Lemma pos_INR_of n : (1 <= n)%nat -> 1 <= INR n.
Proof. intros H. apply (le_INR 1). lia. Qed.
(** the least of n numbers is at most their mean *)
Lemma least_below_mean n a b : (1 <= n)%nat -> sum n a <= INR n * b -> exists t, (t < n)%nat /\ a t <= b.
Proof. intros Hn. induction n as [|n IH]; [lia|]. intros H.
  destruct (Rle_lt_dec (a n) b) as [L|G]; [exists n; split; [lia|auto]|].
  destruct n as [|m]; [simpl in H; lra|].
  destruct IH as [t [Ht Ha]]; [lia| |exists t; split; [lia|auto]].
  rewrite S_INR in H. change (sum (S (S m)) a) with (sum (S m) a + a (S m)) in H. lra. Qed.
Lemma geometric q (a : nat -> R) : 0 <= q -> (forall t, a (S t) <= q * a t) -> forall t, a t <= q ^ t * a O.
Proof. intros Hq Ha t. induction t as [|t IH]; simpl; [lra|].
  eapply Rle_trans; [apply Ha|]. rewrite Rmult_assoc. apply Rmult_le_compat_l; auto. Qed.
Lemma one_minus_le_exp u : 1 - u <= exp (- u).
Proof. pose proof (exp_ineq1_le (- u)). lra. Qed.
(** (1 - u)^T d <= eps for T >= log(d/eps)/u *)
Lemma power_reaches u d eps T : 0 < u <= 1 -> 0 < d -> 0 < eps -> ln (d / eps) <= u * INR T -> (1 - u) ^ T * d <= eps.
Proof. intros Hu Hd He HT.
  assert (Hp : (1 - u) ^ T <= exp (- u) ^ T) by (apply pow_incr; split; [lra|apply one_minus_le_exp]).
  assert (Ex : exp (- u) ^ T = exp (- (u * INR T))).
  { clear. induction T as [|T IH]; [simpl; rewrite Rmult_0_r, Ropp_0, exp_0; auto|].
    rewrite S_INR. simpl pow. rewrite IH, <- exp_plus. f_equal. ring. }
  rewrite Ex in Hp.
  assert (Hl : exp (- (u * INR T)) <= eps / d).
  { assert (0 < d / eps) by (apply Rdiv_lt_0_compat; auto).
    rewrite <- (exp_ln (eps / d)) by (apply Rdiv_lt_0_compat; auto).
    replace (eps / d) with (/ (d / eps)) by (field; lra). rewrite ln_Rinv by auto.
    destruct HT as [HT|HT]; [left; apply exp_increasing; lra|right; f_equal; lra]. }
  apply Rle_trans with (eps / d * d); [apply Rmult_le_compat_r; lra|right; field; lra]. Qed.

Section Nonconvex.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L : R) (x : nat -> E).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L) (Hx : gradient_descent grad (1 / L) x).

(** Smooth functions bounded below by fstar, step 1/L: the squared gradients of T steps add up to at most 2 L (f(x 0) - fstar). *)
Theorem gd_nonconvex_sum fstar T : lower_bound f fstar -> sum T (fun t => n2 (grad (x t))) <= 2 * L * (f (x O) - fstar).
Proof. intros Hb.
  assert (H : sum T (fun t => n2 (grad (x t))) <= 2 * L * (f (x O) - f (x T))).
  { induction T as [|t IH]; simpl; [lra|].
    pose proof (descent_step_inverse E f grad L (x t) HL Hsmooth) as D. rewrite <- Hx in D.
    assert (2 * L * (n2 (grad (x t)) / (2 * L)) <= 2 * L * (f (x t) - f (x (S t)))) by (apply Rmult_le_compat_l; lra).
    replace (2 * L * (n2 (grad (x t)) / (2 * L))) with (n2 (grad (x t))) in H by (field; lra). lra. }
  pose proof (Hb (x T)) as B.
  assert (2 * L * (f (x O) - f (x T)) <= 2 * L * (f (x O) - fstar)) by (apply Rmult_le_compat_l; lra). lra. Qed.

(** gd/nonconvex/gradient: for smooth f bounded below, T >= 1 steps of length 1/L meet a point whose squared gradient norm is at most
    2 L delta_f/T; delta_f is at least the initial gap. *)
Theorem gd_nonconvex_gradient_holds fstar delta_f T : lower_bound f fstar -> f (x O) - fstar <= delta_f -> (1 <= T)%nat ->
  exists t, (t < T)%nat /\ n2 (grad (x t)) <= gd_nonconvex_gradient L delta_f T.
Proof. intros Hb Hd HT. pose proof (pos_INR_of T HT) as HT1. apply least_below_mean with (a := fun t => n2 (grad (x t))); auto.
  unfold gd_nonconvex_gradient. replace (INR T * (2 * L * delta_f / INR T)) with (2 * L * delta_f) by (field; lra).
  eapply Rle_trans; [apply (gd_nonconvex_sum fstar); auto|]. apply Rmult_le_compat_l; lra. Qed.
(** The note of the entry: the same holds for the average of the squared norms. *)
Theorem gd_nonconvex_gradient_average fstar delta_f T : lower_bound f fstar -> f (x O) - fstar <= delta_f -> (1 <= T)%nat ->
  sum T (fun t => n2 (grad (x t))) / INR T <= gd_nonconvex_gradient L delta_f T.
Proof. intros Hb Hd HT. pose proof (pos_INR_of T HT). unfold gd_nonconvex_gradient, Rdiv at 1 2.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|].
  eapply Rle_trans; [apply (gd_nonconvex_sum fstar); auto|]. apply Rmult_le_compat_l; lra. Qed.

(** gd/nonconvex/complexity: every number of steps from 2 L delta_f/eps^2 on meets a gradient of norm at most eps. *)
Theorem gd_nonconvex_complexity_holds fstar delta_f eps T : lower_bound f fstar -> f (x O) - fstar <= delta_f -> 0 < delta_f -> 0 < eps ->
  gd_nonconvex_complexity L delta_f eps <= INR T -> exists t, (t < T)%nat /\ norm (grad (x t)) <= eps.
Proof. intros Hb Hd Hd0 He. unfold gd_nonconvex_complexity. intros HT.
  assert (He2 : 0 < eps ^ 2) by (apply pow_lt; auto).
  assert (H0 : 0 < 2 * L * delta_f) by (apply Rmult_lt_0_compat; lra).
  assert (Hpos : 0 < 2 * L * delta_f / eps ^ 2) by (apply Rdiv_lt_0_compat; auto).
  assert (HT1 : (1 <= T)%nat) by (destruct T; [change (INR 0) with 0 in HT; lra|lia]).
  destruct (gd_nonconvex_gradient_holds fstar delta_f T Hb Hd HT1) as [t [Ht Hg]]. exists t. split; auto.
  assert (n2 (grad (x t)) <= eps ^ 2).
  { eapply Rle_trans; [exact Hg|]. unfold gd_nonconvex_gradient. apply Rmult_le_reg_l with (INR T); [lra|].
    replace (INR T * (2 * L * delta_f / INR T)) with (2 * L * delta_f / eps ^ 2 * eps ^ 2) by (field; lra).
    apply Rmult_le_compat_r; lra. }
  unfold norm. rewrite <- (sqrt_pow2 eps) by lra. apply sqrt_le_1_alt. auto. Qed.
End Nonconvex.

Section PolyakLojasiewicz.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L mu fstar : R) (x : nat -> E).
Hypotheses (HL : 0 < L) (Hmu : mu <= L) (Hsmooth : smooth f grad L) (Hpl : forall z, 2 * mu * (f z - fstar) <= n2 (grad z)).
Hypothesis (Hx : gradient_descent grad (1 / L) x).

(** gd/polyak-lojasiewicz/gap: smooth f with |grad f|^2 >= 2 mu (f - inf f), step 1/L: T steps leave at most (1 - mu/L)^T of the gap. *)
Theorem gd_polyak_lojasiewicz_gap_holds delta_f T : f (x O) - fstar <= delta_f ->
  f (x T) - fstar <= gd_polyak_lojasiewicz_gap L delta_f T mu.
Proof. intros Hd. unfold gd_polyak_lojasiewicz_gap.
  assert (Hq : 0 <= 1 - mu / L). { assert (mu / L <= 1) by (apply Rmult_le_reg_r with L; auto; unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra). lra. }
  apply Rle_trans with ((1 - mu / L) ^ T * (f (x O) - fstar)).
  2:{ apply Rmult_le_compat_l; auto. apply pow_le; auto. }
  apply (geometric (1 - mu / L) (fun t => f (x t) - fstar)); auto. intros t. cbv beta.
  pose proof (descent_step_inverse E f grad L (x t) HL Hsmooth) as D. rewrite <- Hx in D.
  assert (mu / L * (f (x t) - fstar) <= n2 (grad (x t)) / (2 * L)).
  { replace (mu / L * (f (x t) - fstar)) with (2 * mu * (f (x t) - fstar) / (2 * L)) by (field; lra).
    apply Rmult_le_compat_r; auto. left; apply Rinv_0_lt_compat; lra. }
  lra. Qed.

(** gd/polyak-lojasiewicz/complexity: every number of steps from kappa log(delta_f/eps) on, kappa = L/mu, leaves a gap of at most eps. *)
Theorem gd_polyak_lojasiewicz_complexity_holds delta_f eps T : 0 < mu -> f (x O) - fstar <= delta_f -> 0 < eps -> eps <= delta_f ->
  gd_polyak_lojasiewicz_complexity delta_f eps (L / mu) <= INR T -> f (x T) - fstar <= eps.
Proof. intros Hm Hd He Hed HT. eapply Rle_trans; [apply (gd_polyak_lojasiewicz_gap_holds delta_f); auto|].
  unfold gd_polyak_lojasiewicz_gap. unfold gd_polyak_lojasiewicz_complexity in HT. apply power_reaches; try lra.
  - split; [apply Rdiv_lt_0_compat; auto|]. apply Rmult_le_reg_r with L; auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  - replace (ln (delta_f / eps)) with (mu / L * (L / mu * ln (delta_f / eps))) by (field; lra).
    apply Rmult_le_compat_l; auto. left. apply Rdiv_lt_0_compat; auto. Qed.
End PolyakLojasiewicz.
