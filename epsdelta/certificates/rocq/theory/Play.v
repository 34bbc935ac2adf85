(** Gradient play x+ = x - h F(x) on strongly monotone Lipschitz and on cocoercive fields: factors, step limits, number of steps. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products.
Open Scope R_scope.

(** <F x - F y, x - y> >= (1/ell)|F x - F y|^2 on X: F is 1/ell-cocoercive *)
Definition cocoercive {E : space} (X : E -> Prop) (F : E -> E) ell := forall x y, X x -> X y ->
  / ell * n2 (vsub (F x) (F y)) <= ip (vsub (F x) (F y)) (vsub x y).
(** z_0, z_1, ... are the iterates of gradient play with the step h *)
Definition euler_run {E : space} (F : E -> E) h (z : nat -> E) := forall k, z (S k) = euler F h (z k).

(** Two differences: |d - h D|^2 = |d|^2 - 2h <D, d> + h^2 |D|^2. *)
Lemma euler_difference (E : space) (F : E -> E) h x y :
  n2 (vsub (euler F h x) (euler F h y)) = n2 (vsub x y) - 2 * h * ip (vsub (F x) (F y)) (vsub x y) + h^2 * n2 (vsub (F x) (F y)).
Proof. unfold euler. products. ring. Qed.

(** Every factor of this file survives a non-expansive map after the step, such as the projection on a convex set in the same norm. *)
Lemma projection_keeps_factor (E : space) (Pi : E -> E) u v r :
  (forall a b : E, n2 (vsub (Pi a) (Pi b)) <= n2 (vsub a b)) -> norm (vsub u v) <= r -> norm (vsub (Pi u) (Pi v)) <= r.
Proof. intros H Hr. eapply Rle_trans; [apply norm_mono, H|auto]. Qed.

Section Euler.
Variables (E : space) (X : E -> Prop) (F : E -> E) (alpha beta : R).
Hypotheses (Ha : 0 < alpha) (Hb : 0 < beta) (Hab : alpha <= beta).
Hypotheses (Fs : strongly_monotone X F alpha) (Fl : lipschitz X F beta).

Lemma euler_factor_nonneg h : 0 < h -> 0 <= 1 - 2 * h * alpha + h^2 * beta^2.
Proof. intros Hh. pose proof (pow2_ge_0 (1 - h * beta)). assert (h * alpha <= h * beta) by (apply Rmult_le_compat_l; lra). lra. Qed.

(** gradient-play/euler/any-step. One step of gradient play on an alpha-strongly monotone, beta-Lipschitz field multiplies the distance
    of two points of the region by at most sqrt(1 - 2 h alpha + h^2 beta^2). *)
Theorem gradient_play_euler_any_step_holds step_size x y : 0 < step_size -> X x -> X y ->
  norm (vsub (euler F step_size x) (euler F step_size y)) <= gradient_play_euler_any_step alpha beta step_size * norm (vsub x y).
Proof. intros Hh Hx Hy. apply norm_ratio; [apply euler_factor_nonneg; auto|].
  pose proof (euler_contracts E X F alpha beta step_size ltac:(lra) Fs Fl x y Hx Hy) as H. lra. Qed.

(** gradient-play/euler/best-step. The same at the step alpha/beta^2: the factor sqrt(1 - alpha^2/beta^2). *)
Theorem gradient_play_euler_best_step_holds x y : X x -> X y ->
  norm (vsub (euler F (alpha / beta^2) x) (euler F (alpha / beta^2) y)) <= gradient_play_euler_best_step alpha beta * norm (vsub x y).
Proof. intros Hx Hy. assert (Pb : 0 < beta^2) by (apply pow_lt; auto).
  pose proof (gradient_play_euler_any_step_holds (alpha / beta^2) x y (Rdiv_lt_0_compat _ _ Ha Pb) Hx Hy) as H.
  unfold gradient_play_euler_best_step. unfold gradient_play_euler_any_step in H.
  replace (1 - alpha^2 / beta^2) with (1 - 2 * (alpha / beta^2) * alpha + (alpha / beta^2)^2 * beta^2) by (field; lra). exact H. Qed.

Lemma exp_below c n : 0 <= 1 - c -> (1 - c)^n <= exp (- c * INR n).
Proof. intros Hc. induction n.
  - simpl. rewrite Rmult_0_r, exp_0. lra.
  - rewrite S_INR. replace (- c * (INR n + 1)) with (- c + - c * INR n) by ring. rewrite exp_plus. simpl pow.
    apply Rmult_le_compat; auto; [apply pow_le; auto|]. pose proof (exp_ineq1_le (- c)). lra. Qed.

(** gradient-play/euler/horizon. With the step alpha/beta^2, after every number T of steps that is at least
    (2 beta^2/alpha^2) log(D/eps) the distance to the equilibrium is at most eps (so the least such bound on T is at most this value);
    D bounds the first distance, and the iterates and the equilibrium lie in the region. *)
Theorem gradient_play_euler_horizon_holds z zs distance eps : 0 < eps -> eps <= distance -> n2 (F zs) = 0 -> X zs ->
  (forall k, X (z k)) -> euler_run F (alpha / beta^2) z -> norm (vsub (z O) zs) <= distance ->
  forall T : nat, gradient_play_euler_horizon alpha beta distance eps <= INR T -> norm (vsub (z T) zs) <= eps.
Proof. intros He Hed H0 Xs Xz Hz Hd T HT. unfold gradient_play_euler_horizon in HT. apply sq_le_norm in Hd.
  assert (Pa2 : 0 < alpha^2) by (apply pow_lt; auto). assert (Pb2 : 0 < beta^2) by (apply pow_lt; auto).
  set (c := alpha^2 / beta^2). assert (Pc : 0 < c) by (apply Rdiv_lt_0_compat; auto).
  assert (Hc : 0 <= 1 - c).
  { assert (alpha^2 <= beta^2) by (apply pow_incr; lra).
    unfold c. apply Rmult_le_reg_l with (beta^2); auto. replace (beta^2 * (1 - alpha^2 / beta^2)) with (beta^2 - alpha^2) by (field; lra).
      lra. }
  assert (Hstep : forall k, n2 (vsub (z (S k)) zs) <= (1 - c) * n2 (vsub (z k) zs)).
  { intros k. assert (Ph : 0 < alpha / beta^2) by (apply Rdiv_lt_0_compat; auto).
    pose proof (euler_contracts E X F alpha beta (alpha / beta^2) ltac:(lra) Fs Fl (z k) zs (Xz k) Xs) as H. rewrite (Hz k).
    replace (1 - 2 * alpha * (alpha / beta^2) + beta^2 * (alpha / beta^2)^2) with (1 - c) in H by (unfold c; field; lra).
    replace (n2 (vsub (euler F (alpha / beta^2) (z k)) zs)) with (n2 (vsub (euler F (alpha / beta^2) (z k)) (euler F (alpha / beta^2) zs))).
    { exact H. }
    set (u := euler F (alpha / beta^2) (z k)).
    assert (I1 : n2 (vsub u (euler F (alpha / beta^2) zs)) = n2 (vsub u zs) + 2 * (alpha / beta^2) * ip (F zs) (vsub u zs)
      + (alpha / beta^2)^2 * n2 (F zs)) by (unfold euler; products; ring).
    rewrite I1, H0, (ip_null E (F zs) _ H0). ring. }
  apply norm_le_sq; [lra|].
  eapply Rle_trans; [apply (geometric (fun k => n2 (vsub (z k) zs)) (1 - c) Hc Hstep T)|]. cbv beta.
  assert (Pd : 0 < distance) by lra. set (l := ln (distance / eps)) in *.
  assert (Pl : distance = eps * exp l) by (unfold l; rewrite exp_ln; [field; lra|apply Rdiv_lt_0_compat; auto]).
  assert (Hl : 2 * l <= c * INR T).
  { apply Rmult_le_compat_l with (r := c) in HT; [|lra]. replace (c * (2 * beta^2 / alpha^2 * l)) with (2 * l) in HT by (unfold c; field;
    lra). lra. }
  apply Rle_trans with (exp (- c * INR T) * distance^2).
  { apply Rmult_le_compat; auto; [apply pow_le; auto|apply n2_pos|apply exp_below; auto]. }
  rewrite Pl. replace ((eps * exp l)^2) with (eps^2 * (exp l * exp l)) by ring. rewrite <- exp_plus.
  replace (exp (- c * INR T) * (eps^2 * exp (l + l))) with (eps^2 * (exp (- c * INR T) * exp (l + l))) by ring. rewrite <- exp_plus.
  assert (exp (- c * INR T + (l + l)) <= 1).
  { rewrite <- exp_0. destruct (Rle_lt_or_eq_dec (- c * INR T + (l + l)) 0) as [C|C]; [lra|left; apply exp_increasing; auto|rewrite C;
    lra]. }
  pose proof (pow2_ge_0 eps). rewrite <- (Rmult_1_r (eps^2)) at 2. apply Rmult_le_compat_l; auto. Qed.
End Euler.

Section Cocoercive.
Variables (E : space) (X : E -> Prop) (F : E -> E) (ell : R).
Hypotheses (Hl : 0 < ell) (Fc : cocoercive X F ell).

Lemma short h : h <= 2 / ell -> h * ell <= 2.
Proof. intros H. apply (Rmult_le_compat_r ell) in H; [|lra]. replace (2 / ell * ell) with 2 in H by (field; lra). lra. Qed.

(** A step of at most 2/ell never increases the distance of two points. *)
Lemma cocoercive_nonexpansive h x y : 0 < h <= 2 / ell -> X x -> X y -> norm (vsub (euler F h x) (euler F h y)) <= norm (vsub x y).
Proof. intros [Hh Hs] Hx Hy. apply norm_mono. rewrite euler_difference. pose proof (Fc x y Hx Hy) as Hc. apply short in Hs.
  pose proof (n2_pos E (vsub (F x) (F y))) as P. set (D := n2 (vsub (F x) (F y))) in *.
  assert (h * ell * (/ ell * D) <= 2 * (/ ell * D)).
  { apply Rmult_le_compat_r; [apply Rmult_le_pos; auto; left; apply Rinv_0_lt_compat; auto|auto]. }
  replace (h * ell * (/ ell * D)) with (h * D) in H by (field; lra).
  assert (h * (h * D) <= h * (2 * ip (vsub (F x) (F y)) (vsub x y))) by (apply Rmult_le_compat_l; lra). lra. Qed.

(** gradient-play/cocoercive/any-step. One step of at most 2/ell on an alpha-strongly monotone, 1/ell-cocoercive field multiplies the
    distance of two points of the region by at most sqrt(1 - 2 h alpha + h^2 alpha ell). *)
Theorem gradient_play_cocoercive_any_step_holds alpha step_size x y : 0 < alpha -> alpha <= ell -> strongly_monotone X F alpha ->
  0 < step_size -> step_size <= 2 / ell -> X x -> X y ->
  norm (vsub (euler F step_size x) (euler F step_size y)) <= gradient_play_cocoercive_any_step alpha ell step_size * norm (vsub x y).
Proof. intros Ha Hal Fs Hh Hs Hx Hy. apply short in Hs. set (h := step_size) in *. apply norm_ratio.
  - replace (1 - 2 * h * alpha + h^2 * alpha * ell) with ((1 - h * alpha)^2 + h^2 * (alpha * (ell - alpha))) by ring.
    apply Rplus_le_le_0_compat; [apply pow2_ge_0|]. apply Rmult_le_pos; [apply pow2_ge_0|apply Rmult_le_pos; lra].
  - rewrite euler_difference. pose proof (Fs x y Hx Hy) as Hm. pose proof (Fc x y Hx Hy) as Hc.
    set (d := n2 (vsub x y)) in *. set (D := n2 (vsub (F x) (F y))) in *. set (p := ip (vsub (F x) (F y)) (vsub x y)) in *.
    assert (Q1 : 0 <= h * (2 - h * ell) * (p - alpha * d)) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
    assert (Q2 : 0 <= h^2 * ell * (p - / ell * D)) by (apply Rmult_le_pos; [apply Rmult_le_pos; [apply pow2_ge_0|lra]|lra]).
    replace (h^2 * ell * (p - / ell * D)) with (h^2 * ell * p - h^2 * D) in Q2 by (field; lra). lra. Qed.

(** gradient-play/cocoercive/best-step. The same at the step 1/ell: the factor sqrt(1 - alpha/ell). *)
Theorem gradient_play_cocoercive_best_step_holds alpha x y : 0 < alpha -> alpha <= ell -> strongly_monotone X F alpha -> X x -> X y ->
  norm (vsub (euler F (1 / ell) x) (euler F (1 / ell) y)) <= gradient_play_cocoercive_best_step alpha ell * norm (vsub x y).
Proof. intros Ha Hal Fs Hx Hy. assert (P1 : 0 < 1 / ell) by (apply Rdiv_lt_0_compat; lra).
  assert (P2 : 1 / ell <= 2 / ell) by (unfold Rdiv; apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; auto|lra]).
  pose proof (gradient_play_cocoercive_any_step_holds alpha (1 / ell) x y Ha Hal Fs P1 P2 Hx Hy) as H.
  unfold gradient_play_cocoercive_any_step in H. unfold gradient_play_cocoercive_best_step.
  replace (1 - alpha / ell) with (1 - 2 * (1 / ell) * alpha + (1 / ell)^2 * alpha * ell) by (field; lra). exact H. Qed.
End Cocoercive.
