(** Stochastic gradient descent in expectation over trees of chance, without random vectors: smooth nonconvex functions, and smooth strongly
    convex ones with constant and decreasing steps (StochasticDescent.v: on any probability space), and an instance that attains the bound of
    the constant step. The first point is x [], in the catalogue x_1; the point after t steps is x h, h a history of length t. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent StrongDescent Expectation DescentLower Formulas.
Import ListNotations.
Open Scope R_scope.

(** E|grad f(x)|^2, averaged over the T points x_0, ..., x_{T-1} *)
Definition average_stationarity (C : chance) {E : space} (grad : E -> E) (x : list nat -> E) T : R :=
  sum T (fun t => expect C t (fun h => n2 (grad (x h)))) / INR T.
(** E|x_T - xs|^2 *)
Definition mean_square (C : chance) {E : space} (x : list nat -> E) xs T : R := expect C T (fun h => n2 (vsub (x h) xs)).

Section Nonconvex.
Variables (C : chance) (E : space) (f : E -> R) (grad : E -> E) (x : list nat -> E) (g : list nat -> nat -> E).
Variables (L sigma fstar delta_f : R) (T : nat).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L) (Hlow : lower_bound f fstar) (Hgap : f (x []) - fstar <= delta_f) (HT : (1 <= T)%nat).
Hypotheses (Hmean : unbiased C grad x g) (Hvar : variance_below C grad x g sigma).

(** sgd/nonconvex/any-step: smooth f bounded below, unbiased gradients of variance at most sigma^2, a constant step up to 1/L: the average
    over T points of E|grad f|^2; [delta_f] is at least the first gap. *)
Theorem sgd_nonconvex_any_step_trees eta : 0 < eta -> eta <= 1 / L -> sgd C (fun _ => eta) x g ->
  average_stationarity C grad x T <= sgd_nonconvex_any_step L delta_f T sigma eta.
Proof. intros He HeL Hx. pose proof (pos_INR_of T HT) as HT1.
  assert (Hr : L * eta <= 1). { apply Rmult_le_compat_l with (r := L) in HeL; [|lra]. replace (L * (1 / L)) with 1 in HeL by (field; lra). lra. }
  assert (Hc : 0 <= L * eta ^ 2 / 2). { assert (0 <= L * eta ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
  pose proof (potential_sum C (fun h => f (x h)) (fun h => eta / 2 * n2 (grad (x h))) (L * eta ^ 2 / 2 * sigma ^ 2) T) as Sum.
  assert (S1 : expect C T (fun h => f (x h)) + sum T (fun t => expect C t (fun h => eta / 2 * n2 (grad (x h))))
    <= f (x []) + INR T * (L * eta ^ 2 / 2 * sigma ^ 2)).
  { apply Sum. intros h _ Hp. pose proof (descent_expected C E f grad _ x g Hx Hmean L h Hsmooth Hp) as D. cbv beta in D.
    rewrite (second_moment C E grad x g Hmean h Hp), Rmult_plus_distr_l in D. pose proof (Hvar h Hp) as V.
    apply (Rmult_le_compat_l (L * eta ^ 2 / 2)) in V; auto. pose proof (n2_pos E (grad (x h))) as Gp.
    assert (0 <= eta * (1 - L * eta) * n2 (grad (x h))) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra). lra. }
  assert (S2 : fstar <= expect C T (fun h => f (x h))).
  { rewrite <- (expect_const C T fstar). apply expect_le. intros h _ _. apply Hlow. }
  rewrite (sum_ext T _ (fun t => eta / 2 * expect C t (fun h => n2 (grad (x h))))) in S1 by (intros; apply expect_scal).
  rewrite sum_scal in S1. unfold average_stationarity, sgd_nonconvex_any_step.
  set (s := sum T (fun t => expect C t (fun h => n2 (grad (x h))))) in *.
  apply Rmult_le_reg_l with (eta / 2 * INR T); [apply Rmult_lt_0_compat; lra|].
  replace (eta / 2 * INR T * (s / INR T)) with (eta / 2 * s) by (field; lra).
  replace (eta / 2 * INR T * (2 * delta_f / (eta * INR T) + L * eta * sigma ^ 2)) with (delta_f + INR T * (L * eta ^ 2 / 2 * sigma ^ 2)) by (field; lra).
  lra. Qed.

Hypotheses (Hdelta : 0 < delta_f) (Hsigma : 0 < sigma).

(** 2 delta/(eta T) + L eta sigma^2 at eta = min(1/L, b): at most 2 L delta/T + 2 delta/(b T) + L b sigma^2 *)
Lemma shorter_step b : 0 < b ->
  sgd_nonconvex_any_step L delta_f T sigma (Rmin (1 / L) b) <= 2 * L * delta_f / INR T + 2 * delta_f / (b * INR T) + L * b * sigma ^ 2.
Proof. intros Hb. pose proof (pos_INR_of T HT) as HT1. unfold sgd_nonconvex_any_step.
  assert (Hs : 0 <= L * sigma ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]).
  assert (H1 : 0 < 2 * L * delta_f / INR T) by (apply Rdiv_lt_0_compat; [|lra]; apply Rmult_lt_0_compat; lra).
  assert (H2 : 0 < 2 * delta_f / (b * INR T)) by (apply Rdiv_lt_0_compat; [lra|]; apply Rmult_lt_0_compat; lra).
  pose proof (Rmult_le_compat_l _ _ _ Hs (Rmin_r (1 / L) b)) as M.
  unfold Rmin in *. destruct (Rle_dec (1 / L) b).
  - replace (2 * delta_f / (1 / L * INR T)) with (2 * L * delta_f / INR T) by (field; lra). lra.
  - lra. Qed.

(** sgd/nonconvex/ghadimi-lan: the step min(1/L, D/(sigma sqrt T)) for any length D: E|grad f(x_R)|^2/L at a uniformly random index R. *)
Theorem sgd_nonconvex_ghadimi_lan_trees distance_guess : 0 < distance_guess ->
  sgd C (fun _ => Rmin (1 / L) (distance_guess / (sigma * sqrt (INR T)))) x g ->
  average_stationarity C grad x T / L <= sgd_nonconvex_ghadimi_lan L delta_f distance_guess T sigma.
Proof. intros Hg Hx. pose proof (pos_INR_of T HT) as HT1. assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra).
  assert (Er : INR T = sqrt (INR T) ^ 2) by (rewrite pow2_sqrt; lra).
  assert (Hb : 0 < distance_guess / (sigma * sqrt (INR T))) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (Hm : 0 < Rmin (1 / L) (distance_guess / (sigma * sqrt (INR T)))) by (apply Rmin_glb_lt; auto; apply Rdiv_lt_0_compat; lra).
  pose proof (sgd_nonconvex_any_step_trees _ Hm (Rmin_l _ _) Hx) as H. pose proof (shorter_step _ Hb) as H1.
  assert (H2 : average_stationarity C grad x T <= L * sgd_nonconvex_ghadimi_lan L delta_f distance_guess T sigma).
  { eapply Rle_trans; [exact H|]. eapply Rle_trans; [exact H1|]. right. unfold sgd_nonconvex_ghadimi_lan.
    set (r := sqrt (INR T)) in *. rewrite Er. field. repeat split; lra. }
  apply Rmult_le_reg_l with L; auto. replace (L * (average_stationarity C grad x T / L)) with (average_stationarity C grad x T) by (field; lra).
  exact H2. Qed.

(** the tuned step sqrt(2 delta/(L sigma^2 T)) is r/(L sigma) with r = sqrt(2 L delta/T) *)
Lemma tuned_root : let r := sqrt (2 * L * delta_f / INR T) in
  0 < r /\ INR T * r ^ 2 = 2 * L * delta_f /\ sqrt (2 * delta_f / (L * sigma ^ 2 * INR T)) = r / (L * sigma).
Proof. cbv zeta. pose proof (pos_INR_of T HT) as HT1.
  assert (Hp : 0 < 2 * L * delta_f / INR T) by (apply Rdiv_lt_0_compat; [|lra]; apply Rmult_lt_0_compat; lra).
  assert (Hr : 0 < sqrt (2 * L * delta_f / INR T)) by (apply sqrt_lt_R0; auto).
  assert (Hls : 0 < L * sigma) by (apply Rmult_lt_0_compat; auto).
  assert (E2 : sqrt (2 * L * delta_f / INR T) ^ 2 = 2 * L * delta_f / INR T) by (apply pow2_sqrt; lra).
  repeat split; auto; [rewrite E2; field; lra|].
  rewrite <- (sqrt_pow2 (sqrt (2 * L * delta_f / INR T) / (L * sigma))) by (left; apply Rdiv_lt_0_compat; auto).
  f_equal. unfold Rdiv at 2. rewrite Rpow_mult_distr, E2. field. repeat split; lra. Qed.

(** sgd/nonconvex/expectation: the tuned step min(1/L, sqrt(2 delta_f/(L sigma^2 T))). *)
Theorem sgd_nonconvex_expectation_trees : sgd C (fun _ => Rmin (1 / L) (sqrt (2 * delta_f / (L * sigma ^ 2 * INR T)))) x g ->
  average_stationarity C grad x T <= sgd_nonconvex_expectation L delta_f T sigma.
Proof. intros Hx. pose proof (pos_INR_of T HT) as HT1. destruct tuned_root as [Hr [Er Eb]]. rewrite Eb in Hx.
  assert (Hb : 0 < sqrt (2 * L * delta_f / INR T) / (L * sigma)) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (Hm : 0 < Rmin (1 / L) (sqrt (2 * L * delta_f / INR T) / (L * sigma))) by (apply Rmin_glb_lt; auto; apply Rdiv_lt_0_compat; lra).
  eapply Rle_trans; [apply (sgd_nonconvex_any_step_trees _ Hm (Rmin_l _ _) Hx)|]. eapply Rle_trans; [apply (shorter_step _ Hb)|].
  right. unfold sgd_nonconvex_expectation. set (r := sqrt (2 * L * delta_f / INR T)) in *.
  assert (Ed : 2 * delta_f = INR T * r ^ 2 / L) by (rewrite Er; field; lra).
  assert (Eq : 2 * delta_f / (r / (L * sigma) * INR T) = sigma * r) by (rewrite Ed; field; repeat split; lra).
  rewrite Eq. field. lra. Qed.

(** sgd/nonconvex/complexity: every T from max(4 L delta_f/eps^2, 32 L delta_f sigma^2/eps^4) on brings the average of E|grad f|^2 to eps^2. *)
Theorem sgd_nonconvex_complexity_trees eps : 0 < eps -> sgd C (fun _ => Rmin (1 / L) (sqrt (2 * delta_f / (L * sigma ^ 2 * INR T)))) x g ->
  sgd_nonconvex_complexity L delta_f eps sigma <= INR T -> average_stationarity C grad x T <= eps ^ 2.
Proof. intros He Hx Hc. pose proof (pos_INR_of T HT) as HT1. eapply Rle_trans; [apply sgd_nonconvex_expectation_trees; auto|].
  unfold sgd_nonconvex_expectation, sgd_nonconvex_complexity in *. destruct tuned_root as [Hr [Er _]].
  set (r := sqrt (2 * L * delta_f / INR T)) in *. assert (He2 : 0 < eps ^ 2) by (apply pow_lt; auto).
  assert (H1 : 4 * L * delta_f / eps ^ 2 <= INR T) by (eapply Rle_trans; [apply Rmax_l|exact Hc]).
  assert (H2 : 32 * L * delta_f * sigma ^ 2 / eps ^ 4 <= INR T) by (eapply Rle_trans; [apply Rmax_r|exact Hc]).
  assert (A : 2 * L * delta_f / INR T <= eps ^ 2 / 2).
  { apply Rmult_le_reg_r with (2 * INR T / eps ^ 2); [apply Rdiv_lt_0_compat; lra|].
    replace (2 * L * delta_f / INR T * (2 * INR T / eps ^ 2)) with (4 * L * delta_f / eps ^ 2) by (field; lra).
    replace (eps ^ 2 / 2 * (2 * INR T / eps ^ 2)) with (INR T) by (field; lra). auto. }
  assert (B : (2 * sigma * r) ^ 2 <= (eps ^ 2 / 2) ^ 2).
  { apply Rmult_le_reg_r with (4 * INR T / eps ^ 4); [apply Rdiv_lt_0_compat; [lra|apply pow_lt; auto]|].
    replace ((2 * sigma * r) ^ 2 * (4 * INR T / eps ^ 4)) with (16 * (INR T * r ^ 2) * sigma ^ 2 / eps ^ 4) by (field; lra).
    replace ((eps ^ 2 / 2) ^ 2 * (4 * INR T / eps ^ 4)) with (INR T) by (field; lra). rewrite Er.
    replace (16 * (2 * L * delta_f) * sigma ^ 2) with (32 * L * delta_f * sigma ^ 2) by ring. auto. }
  assert (D : 2 * sigma * r <= eps ^ 2 / 2).
  { apply Rnot_lt_le. intros N. assert ((eps ^ 2 / 2) * (eps ^ 2 / 2) < 2 * sigma * r * (2 * sigma * r)) by (apply Rmult_le_0_lt_compat; lra). lra. }
  lra. Qed.
End Nonconvex.

(** a_{t+1} <= q a_t + b t, solved for constant b *)
Lemma affine_recursion q b (a : nat -> R) T : 0 <= q -> q <> 1 -> (forall t, a (S t) <= q * a t + b) -> a T <= q ^ T * a O + b * (1 - q ^ T) / (1 - q).
Proof. intros Hq Hq1 Ha. induction T as [|t IH]; [simpl; right; field; lra|].
  apply Rmult_le_compat_l with (r := q) in IH; auto. pose proof (Ha t) as A.
  replace (q ^ S t * a O + b * (1 - q ^ S t) / (1 - q)) with (q * (q ^ t * a O + b * (1 - q ^ t) / (1 - q)) + b) by (simpl; field; lra). lra. Qed.

Section StronglyConvex.
Variables (C : chance) (E : space) (f : E -> R) (grad : E -> E) (x : list nat -> E) (g : list nat -> nat -> E).
Variables (L mu sigma distance : R) (xs : E).
Hypotheses (Hmu : 0 < mu) (HmuL : mu <= L) (Hsmooth : smooth f grad L) (Hstrong : strongly_convex f grad mu) (Hmin : minimizer f xs).
Hypotheses (Hmean : unbiased C grad x g) (Hvar : variance_below C grad x g sigma) (Hdist : distance_to xs (x []) <= distance).

Lemma first_square : n2 (vsub (x []) xs) <= distance ^ 2.
Proof. rewrite <- norm_sq. apply pow_incr. split; [apply norm_pos|exact Hdist]. Qed.
(** one step of length eta <= 2/(L + mu) after the history h *)
Lemma strong_step (eta : nat -> R) h : sgd C eta x g -> possible C h -> 0 < eta (length h) -> eta (length h) <= 2 / (L + mu) ->
  next C h (fun k => n2 (vsub (x (k :: h)) xs)) <= (1 - eta (length h) * mu) ^ 2 * n2 (vsub (x h) xs) + eta (length h) ^ 2 * sigma ^ 2.
Proof. intros Hx Hp He HeS. rewrite (distance_step_noise C E grad eta x g Hx Hmean h xs Hp). set (e := eta (length h)) in *.
  apply Rplus_le_compat; [|apply Rmult_le_compat_l; [apply pow2_ge_0|apply Hvar; auto]].
  assert (Hc : e * (L + mu) <= 2).
  { apply Rmult_le_compat_r with (r := L + mu) in HeS; [|lra]. unfold Rdiv in HeS. rewrite Rmult_assoc, Rinv_l in HeS; lra. }
  pose proof (difference_contracts E f grad L mu e Hmu HmuL He Hsmooth Hstrong (x h) xs) as D.
  rewrite Rmax_left in D by lra. eapply Rle_trans; [|exact D].
  assert (HL : 0 < L) by lra. pose proof (gradient_vanishes E f grad L xs HL Hsmooth Hmin) as Z.
  assert (Z2 : forall w, ip w (grad xs) = 0) by (intros w; rewrite ip_sym; apply Z).
  right. unfold euler. ips. rewrite !Z, !Z2. isym. ring. Qed.

Section Constant.
Variable eta : R.
Hypotheses (He : 0 < eta) (Hx : sgd C (fun _ => eta) x g).

(** sgd/strongly-convex/exact: smooth strongly convex f, unbiased gradients of variance at most sigma^2, a constant step up to 2/(L + mu):
    E|x_T - x*|^2 after T steps; [distance] is at least the first distance to the minimizer. *)
Theorem sgd_strongly_convex_exact_trees T : eta <= 2 / (L + mu) ->
  mean_square C x xs T <= sgd_strongly_convex_exact L distance T mu sigma eta.
Proof. intros HeS. assert (Hc : eta * (L + mu) <= 2).
  { apply Rmult_le_compat_r with (r := L + mu) in HeS; [|lra]. unfold Rdiv in HeS. rewrite Rmult_assoc, Rinv_l in HeS; lra. }
  assert (Hem : 0 < eta * mu) by (apply Rmult_lt_0_compat; auto).
  assert (HeL : eta * mu <= eta * L) by (apply Rmult_le_compat_l; lra).
  assert (Eq : 1 - (1 - eta * mu) ^ 2 = eta * mu * (2 - eta * mu)) by ring.
  assert (Hq : 0 < eta * mu * (2 - eta * mu)) by (apply Rmult_lt_0_compat; lra).
  pose proof (affine_recursion ((1 - eta * mu) ^ 2) (eta ^ 2 * sigma ^ 2) (mean_square C x xs) T (pow2_ge_0 _)) as A.
  unfold sgd_strongly_convex_exact. rewrite !pow_mult. rewrite Eq in A.
  eapply Rle_trans; [apply A; [lra|]|].
  - intros t. apply (expect_step C (fun h => n2 (vsub (x h) xs))). intros h _ Hp.
    apply (strong_step (fun _ => eta) h Hx Hp He HeS).
  - apply Rplus_le_compat.
    + apply Rmult_le_compat_l; [apply pow_le, pow2_ge_0|exact first_square].
    + right. field. repeat split; lra. Qed.

(** sgd/strongly-convex/any-step: the textbook form, a constant step up to 1/L. *)
Theorem sgd_strongly_convex_any_step_trees T : eta <= 1 / L ->
  mean_square C x xs T <= sgd_strongly_convex_any_step L distance T mu sigma eta.
Proof. intros HeL. assert (HL : 0 < L) by lra.
  assert (Hr : eta * L <= 1). { apply Rmult_le_compat_r with (r := L) in HeL; [|lra]. replace (1 / L * L) with 1 in HeL by (field; lra). lra. }
  assert (Hem : 0 < eta * mu) by (apply Rmult_lt_0_compat; auto).
  assert (HeL2 : eta * mu <= eta * L) by (apply Rmult_le_compat_l; lra).
  assert (HeS : eta <= 2 / (L + mu)).
  { apply Rmult_le_reg_r with (L + mu); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  eapply Rle_trans; [apply (sgd_strongly_convex_exact_trees T HeS)|].
  unfold sgd_strongly_convex_exact, sgd_strongly_convex_any_step.
  assert (Hq : 0 <= 1 - eta * mu <= 1) by lra.
  assert (H2 : (1 - eta * mu) ^ (2 * T) <= (1 - eta * mu) ^ T).
  { replace (2 * T)%nat with (T + T)%nat by lia. rewrite pow_add, <- (Rmult_1_l ((1 - eta * mu) ^ T)) at 1.
    pose proof (pow_le _ T (proj1 Hq)) as P. assert (P1 : (1 - eta * mu) ^ T <= 1 ^ T) by (apply pow_incr; lra). rewrite pow1 in P1.
    rewrite Rmult_1_l. rewrite <- (Rmult_1_r ((1 - eta * mu) ^ T)) at 3. apply Rmult_le_compat_l; auto. }
  assert (H3 : 0 <= (1 - eta * mu) ^ (2 * T)) by (apply pow_le; lra).
  apply Rplus_le_compat; [apply Rmult_le_compat_r; [apply pow2_ge_0|auto]|].
  assert (Hs : 0 <= eta * sigma ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]).
  apply Rle_trans with (eta * sigma ^ 2 / (mu * (2 - eta * mu))).
  - unfold Rdiv. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra|].
    rewrite <- (Rmult_1_r (eta * sigma ^ 2)) at 2. apply Rmult_le_compat_l; lra.
  - unfold Rdiv. apply Rmult_le_compat_l; auto. apply Rinv_le_contravar; auto.
    rewrite <- (Rmult_1_r mu) at 1. apply Rmult_le_compat_l; lra. Qed.
End Constant.

(** sgd/strongly-convex/decreasing-step: the steps 2/(mu (t + 2 kappa)), t = 0, 1, ..., with kappa = L/mu: E|x_T - x*|^2 = O(1/T). *)
Theorem sgd_strongly_convex_decreasing_step_trees T : (1 <= T)%nat -> sgd C (fun t => 2 / (mu * (INR t + 2 * (L / mu)))) x g ->
  mean_square C x xs T <= sgd_strongly_convex_decreasing_step distance T (L / mu) mu sigma.
Proof. intros HT Hx. set (kappa := L / mu) in *.
  assert (HK : 1 <= kappa) by (apply Rmult_le_reg_r with mu; auto; unfold kappa, Rdiv; rewrite Rmult_assoc, Rinv_l; lra).
  assert (EL : L = mu * kappa) by (unfold kappa; field; lra).
  assert (H : forall t, (INR t + 2 * kappa - 1) * (INR t + 2 * kappa - 2) * mean_square C x xs t
    <= (2 * kappa - 1) * (2 * kappa - 2) * distance ^ 2 + 4 * sigma ^ 2 * INR t / mu ^ 2).
  { induction t as [|t IH].
    - change (INR 0) with 0. replace (4 * sigma ^ 2 * 0 / mu ^ 2) with 0 by (field; lra). rewrite Rplus_0_r, !Rplus_0_l.
      apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|exact first_square].
    - pose proof (pos_INR t) as Ht. set (v := INR t + 2 * kappa) in *. assert (Hv : 2 * kappa <= v) by (unfold v; lra).
      assert (St : mean_square C x xs (S t) <= (1 - 2 / (mu * v) * mu) ^ 2 * mean_square C x xs t + (2 / (mu * v)) ^ 2 * sigma ^ 2).
      { apply (expect_step C (fun h => n2 (vsub (x h) xs))). intros h Hl Hp. pose proof (strong_step _ h Hx Hp) as D. rewrite Hl in D. fold v in D.
        apply D.
        - apply Rdiv_lt_0_compat; [lra|]. apply Rmult_lt_0_compat; lra.
        - apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [lra|]. rewrite EL.
          apply Rle_trans with (mu * (2 * kappa)); [|apply Rmult_le_compat_l; lra].
          assert (mu * 1 <= mu * kappa) by (apply Rmult_le_compat_l; lra). lra. }
      assert (Hn : 0 <= mean_square C x xs t).
      { unfold mean_square. rewrite <- (expect_const C t 0). apply expect_le. intros; apply n2_pos. }
      rewrite S_INR. replace (INR t + 1 + 2 * kappa - 1) with v by (unfold v; ring). replace (INR t + 1 + 2 * kappa - 2) with (v - 1) by (unfold v; ring).
      set (a := mean_square C x xs t) in *. set (s := mean_square C x xs (S t)) in *.
      assert (Hm2 : 0 < mu ^ 2) by (apply pow_lt; auto).
      apply Rle_trans with (v * (v - 1) * ((1 - 2 / (mu * v) * mu) ^ 2 * a + (2 / (mu * v)) ^ 2 * sigma ^ 2)).
      { apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|exact St]. }
      replace (v * (v - 1) * ((1 - 2 / (mu * v) * mu) ^ 2 * a + (2 / (mu * v)) ^ 2 * sigma ^ 2))
        with ((v - 1) * (v - 2) * a * (1 - 2 / v) + 4 * sigma ^ 2 / mu ^ 2 * (1 - 1 / v)) by (field; lra).
      assert (Hi : 0 < / v) by (apply Rinv_0_lt_compat; lra).
      assert (A1 : (v - 1) * (v - 2) * a * (1 - 2 / v) <= (v - 1) * (v - 2) * a * 1).
      { apply Rmult_le_compat_l; [apply Rmult_le_pos; auto; apply Rmult_le_pos; lra|]. unfold Rdiv. lra. }
      assert (A2 : 4 * sigma ^ 2 / mu ^ 2 * (1 - 1 / v) <= 4 * sigma ^ 2 / mu ^ 2 * 1).
      { apply Rmult_le_compat_l; [|unfold Rdiv; lra]. apply Rmult_le_pos; [pose proof (pow2_ge_0 sigma); lra|left; apply Rinv_0_lt_compat; auto]. }
      replace (4 * sigma ^ 2 * (INR t + 1) / mu ^ 2) with (4 * sigma ^ 2 * INR t / mu ^ 2 + 4 * sigma ^ 2 / mu ^ 2) by (field; lra). lra. }
  specialize (H T). pose proof (pos_INR_of T HT) as HT1. unfold sgd_strongly_convex_decreasing_step.
  assert (Hp : 0 < (INR T + 2 * kappa - 1) * (INR T + 2 * kappa - 2)) by (apply Rmult_lt_0_compat; lra).
  apply Rmult_le_reg_l with ((INR T + 2 * kappa - 1) * (INR T + 2 * kappa - 2)); auto.
  set (p := (INR T + 2 * kappa - 1) * (INR T + 2 * kappa - 2)) in *.
  set (b := (2 * kappa - 1) * (2 * kappa - 2) * distance ^ 2 + 4 * sigma ^ 2 * INR T / mu ^ 2) in *.
  replace (p * (b / p)) with b by (field; lra). exact H. Qed.
End StronglyConvex.

(** ** The quadratic mu |x - c|^2/2, where all of this is an equality *)
Section Quadratic.
Variables (C : chance) (E : space) (c : E) (x : list nat -> E) (g : list nat -> nat -> E) (mu sigma eta : R).
Definition bowl (z : E) : R := mu / 2 * n2 (vsub z c).
Definition bowl_grad (z : E) : E := vscal mu (vsub z c).
Lemma bowl_expansion y z : bowl z = bowl y + ip (bowl_grad y) (vsub z y) + mu / 2 * n2 (vsub z y).
Proof. unfold bowl, bowl_grad. vec. field. Qed.
Lemma bowl_minimizer : 0 <= mu -> minimizer bowl c.
Proof. intros H z. rewrite (bowl_expansion c z). unfold bowl_grad. assert (0 <= mu / 2 * n2 (vsub z c)) by (apply Rmult_le_pos; [lra|apply n2_pos]).
  assert (E0 : ip (vscal mu (vsub c c)) (vsub z c) = 0) by (vec; ring). lra. Qed.

(** The recursion of the second moment, with equality, for unbiased noise of variance exactly sigma^2. *)
Theorem bowl_second_moment T : sgd C (fun _ => eta) x g -> unbiased C bowl_grad x g -> mu <> 0 -> eta <> 0 -> 2 - eta * mu <> 0 ->
  (forall h, possible C h -> next C h (fun k => n2 (vsub (g h k) (bowl_grad (x h)))) = sigma ^ 2) ->
  mean_square C x c T = sgd_strongly_convex_identity (norm (vsub (x []) c)) T mu sigma eta.
Proof. intros Hx Hm Hmu He Hn Hv. unfold sgd_strongly_convex_identity. rewrite norm_sq, !pow_mult.
  induction T as [|t IH]; [unfold mean_square; simpl; field; auto|].
  assert (S1 : mean_square C x c (S t) = (1 - eta * mu) ^ 2 * mean_square C x c t + eta ^ 2 * sigma ^ 2).
  { unfold mean_square. cbn [expect]. rewrite <- expect_scal, <- (expect_const C t (eta ^ 2 * sigma ^ 2)), <- expect_add.
    apply expect_ext. intros h _ Hp. rewrite (distance_step_noise C E bowl_grad _ x g Hx Hm h c Hp), (Hv h Hp).
    unfold euler, bowl_grad. vec. ring. }
  rewrite S1, IH. simpl. field. auto. Qed.
End Quadratic.

(** A fair coin at every step *)
Definition coin : chance.
refine {| size := fun _ => 2%nat; weight := fun _ _ => 1 / 2 |}; intros; simpl; lra.
Defined.
(** SGD on mu z^2/2, from distance, with the noise +sigma or -sigma *)
Fixpoint coin_walk (mu sigma eta distance : R) (h : list nat) : line := match h with
  | [] => distance
  | k :: past => (1 - eta * mu) * coin_walk mu sigma eta distance past - eta * (if Nat.eqb k 0 then sigma else - sigma) end.
Definition coin_gradient mu sigma eta distance (h : list nat) (k : nat) : line :=
  mu * coin_walk mu sigma eta distance h + (if Nat.eqb k 0 then sigma else - sigma).

(** sgd/strongly-convex/identity: for every mu > 0, step below 2/mu, distance and sigma there is an L-smooth mu-strongly convex problem (every
    L >= mu), with unbiased gradients of variance sigma^2, on which E|x_T - x*|^2 is at least, and even equal to, the entry's value. *)
Theorem sgd_strongly_convex_identity_holds distance T mu sigma eta : 0 <= distance -> 0 < mu -> 0 < eta -> eta < 2 / mu ->
  exists (C : chance) (E : space) (f : E -> R) (grad : E -> E) (xs : E) (x : list nat -> E) (g : list nat -> nat -> E),
  has_gradient f grad /\ (forall L, mu <= L -> lipschitz everywhere grad L /\ smooth f grad L) /\
  strongly_convex f grad mu /\ minimizer f xs /\ distance_to xs (x []) = distance /\
  unbiased C grad x g /\ variance_below C grad x g sigma /\ sgd C (fun _ => eta) x g /\
  mean_square C x xs T >= sgd_strongly_convex_identity distance T mu sigma eta.
Proof. intros Hd Hmu He Hem.
  assert (Hr : eta * mu < 2). { apply Rmult_lt_compat_r with (r := mu) in Hem; auto. unfold Rdiv in Hem. rewrite Rmult_assoc, Rinv_l in Hem; lra. }
  set (x := coin_walk mu sigma eta distance). set (g := coin_gradient mu sigma eta distance). set (o := 0 : line).
  assert (Hx : sgd coin (fun _ => eta) x g). { intros h k _. unfold x, g, coin_gradient, vsub. simpl. ring. }
  assert (Hm : unbiased coin (bowl_grad line o mu) x g).
  { intros h v _. unfold next, g, coin_gradient, bowl_grad, vsub, o. fold x. simpl. field. }
  assert (Hv : forall h, possible coin h -> next coin h (fun k => n2 (vsub (g h k) (bowl_grad line o mu (x h)))) = sigma ^ 2).
  { intros h _. unfold next, g, coin_gradient, bowl_grad, n2, vsub, o. fold x. simpl. field. }
  assert (D : norm (vsub (x []) o) = distance).
  { unfold norm. replace (n2 (vsub (x []) o)) with (distance ^ 2) by (unfold n2, vsub, o, x; simpl; ring). apply sqrt_pow2. auto. }
  assert (Hs : forall L, mu <= L -> smooth (bowl line o mu) (bowl_grad line o mu) L).
  { intros L HL y z. rewrite (bowl_expansion line o mu y z). pose proof (n2_pos line (vsub z y)) as P.
    assert (mu / 2 * n2 (vsub z y) <= L / 2 * n2 (vsub z y)) by (apply Rmult_le_compat_r; lra). lra. }
  assert (Hsc : strongly_convex (bowl line o mu) (bowl_grad line o mu) mu) by (intros y z; rewrite (bowl_expansion line o mu y z); lra).
  assert (Hc : subgradient (bowl line o mu) (bowl_grad line o mu)).
  { intros y z. pose proof (Hsc y z). pose proof (n2_pos line (vsub z y)). assert (0 <= mu / 2 * n2 (vsub z y)) by (apply Rmult_le_pos; lra). lra. }
  assert (U : forall L, mu <= L -> has_gradient (bowl line o mu) (bowl_grad line o mu) /\ lipschitz everywhere (bowl_grad line o mu) L).
  { intros L HL. apply smooth_convex_is_usual; auto. lra. }
  exists coin, line, (bowl line o mu), (bowl_grad line o mu), o, x, g.
  split; [apply (U mu (Rle_refl mu))|]. split; [intros L HL; split; [apply U|apply Hs]; auto|]. repeat split; auto.
  - apply bowl_minimizer. lra.
  - intros h Hp. rewrite Hv by auto. lra.
  - right. rewrite (bowl_second_moment coin line o x g mu sigma eta T Hx Hm); auto; try lra. rewrite D. reflexivity. Qed.
