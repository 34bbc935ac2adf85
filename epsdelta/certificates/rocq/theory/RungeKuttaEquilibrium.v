(** RK4 towards the equilibrium: distances to it shrink at steps at which distances of two solutions may grow. Exact certificates. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products RungeKutta.
Open Scope R_scope.

(** In the three identities x is the point minus the equilibrium and f_i = F(i-th stage point)/beta; the terms in brackets are nonnegative
    by strong monotonicity (between a stage point and the equilibrium) and by the Lipschitz inequality (between two of these points). *)
Section Expansions.
Variable E : space.
Implicit Types x u v : E.
Lemma n2_stages x u v c d : n2 (vsub (vsub x (vscal c u)) (vsub x (vscal d v))) = c^2 * ip u u - 2 * c * d * ip u v + d^2 * ip v v.
Proof. products. ring. Qed.
Lemma n2_stage_point x u c : n2 (vsub (vsub x (vscal c u)) x) = c^2 * ip u u.
Proof. products. ring. Qed.
Lemma n2_stage x u c : n2 (vsub x (vscal c u)) = ip x x - 2 * c * ip x u + c^2 * ip u u.
Proof. products. ring. Qed.
Lemma ip_stage x u v c : ip v (vsub x (vscal c u)) = ip x v - c * ip u v.
Proof. products. ring. Qed.
Lemma n2_difference u v : n2 (vsub u v) = ip u u - 2 * ip u v + ip v v.
Proof. products. ring. Qed.
End Expansions.

Section Identities.
Variables (E : space) (x f1 f2 f3 f4 : E).
Definition mix (c d1 d2 d3 d4 : R) : E := vadd (vadd (vscal c x) (vscal d1 f1)) (vadd (vadd (vscal d2 f2) (vscal d3 f3)) (vscal d4 f4)).
Lemma new_n2 h : n2 (vsub x (vscal h (vadd (vadd f1 (vscal 2 f2)) (vadd (vscal 2 f3) f4)))) = ip x x
  - 2 * h * (ip x f1 + 2 * ip x f2 + 2 * ip x f3 + ip x f4) + h^2 * (ip f1 f1 + 4 * ip f2 f2 + 4 * ip f3 f3 + ip f4 f4
  + 4 * ip f1 f2 + 4 * ip f1 f3 + 2 * ip f1 f4 + 8 * ip f2 f3 + 4 * ip f2 f4 + 4 * ip f3 f4).
Proof. products. ring. Qed.
Lemma mix_n2 c d1 d2 d3 d4 : n2 (mix c d1 d2 d3 d4) =
  c^2 * ip x x + d1^2 * ip f1 f1 + d2^2 * ip f2 f2 + d3^2 * ip f3 f3 + d4^2 * ip f4 f4
  + 2 * (c * d1 * ip x f1 + c * d2 * ip x f2 + c * d3 * ip x f3 + c * d4 * ip x f4 + d1 * d2 * ip f1 f2 + d1 * d3 * ip f1 f3
    + d1 * d4 * ip f1 f4 + d2 * d3 * ip f2 f3 + d2 * d4 * ip f2 f4 + d3 * d4 * ip f3 f4).
Proof. unfold mix. products. ring. Qed.
Ltac expand := rewrite new_n2, !mix_n2, !n2_stages, !n2_stage_point, !n2_stage, !n2_difference, !ip_stage; unfold n2; one_order.

(** alpha = beta/10, step 1/beta, squared factor 211/250 *)
Lemma tenth_form : let p1 := x in let p2 := vsub x (vscal (1 / 2) f1) in let p3 := vsub x (vscal (1 / 2) f2) in
  let p4 := vsub x (vscal 1 f3) in
  211 / 250 * n2 x - n2 (vsub x (vscal (1 / 6) (vadd (vadd f1 (vscal 2 f2)) (vadd (vscal 2 f3) f4)))) =
    9 / 40 * (ip f1 p1 - 1 / 10 * n2 p1) + 629 / 1000 * (ip f2 p2 - 1 / 10 * n2 p2) + 319 / 500 * (ip f3 p3 - 1 / 10 * n2 p3) +
    353 / 1000 * (ip f4 p4 - 1 / 10 * n2 p4) + 9 / 500 * (n2 p3 - n2 f3) + 69 / 500 * (n2 (vsub p2 p1) - n2 (vsub f2 f1)) +
    73 / 500 * (n2 (vsub p3 p2) - n2 (vsub f3 f2)) + 33 / 500 * (n2 (vsub p4 p3) - n2 (vsub f4 f3)) +
    21 / 2000 * n2 (mix 1 (1363 / 630) (-122 / 315) (-629 / 315) (-59 / 63)) +
    54809 / 9450000 * n2 (mix 0 1 (169961 / 109618) (-192673 / 109618) (-122915 / 109618)) +
    62271279 / 2192360000 * n2 (mix 0 0 (-17828701 / 8895897) 1 (52349285 / 62271279)) +
    61701697 / 35583588000 * n2 (mix 0 0 1 0 (-50719874 / 61701697)) + 16439523 / 34552950320 * n2 (mix 0 0 0 0 1).
Proof. cbv zeta. expand. lra. Qed.

(** alpha = beta/10, step 3/(2 beta), squared factor 24/25 *)
Lemma long_form : let p1 := x in let p2 := vsub x (vscal (3 / 4) f1) in let p3 := vsub x (vscal (3 / 4) f2) in
  let p4 := vsub x (vscal (3 / 2) f3) in
  24 / 25 * n2 x - n2 (vsub x (vscal (1 / 4) (vadd (vadd f1 (vscal 2 f2)) (vadd (vscal 2 f3) f4)))) =
    83 / 1000 * (ip f1 p1 - 1 / 10 * n2 p1) + 641 / 500 * (ip f2 p2 - 1 / 10 * n2 p2) + 43 / 40 * (ip f3 p3 - 1 / 10 * n2 p3) +
    189 / 1000 * (n2 p3 - n2 f3) + 269 / 500 * (ip f4 p4 - 1 / 10 * n2 p4) + 311 / 500 * (n2 (vsub p2 p1) - n2 (vsub f2 f1)) +
    97 / 1000 * (n2 (vsub p3 p1) - n2 (vsub f3 f1)) + 81 / 250 * (n2 (vsub p3 p2) - n2 (vsub f3 f2)) +
    41 / 250 * (n2 (vsub p4 p3) - n2 (vsub f4 f3)) + 43 / 625 * n2 (mix 1 (2247 / 1376) (-3195 / 2752) (-591 / 344) (-95 / 344)) +
    358327 / 27520000 * n2 (mix 0 1 (2555805 / 716654) (-797532 / 358327) (-866140 / 358327)) +
    14459791 / 716654000 * n2 (mix 0 0 (-99803725 / 57839164) (8461921 / 14459791) 1) +
    453622653 / 289195820000 * n2 (mix 0 0 (71732995 / 907245306) 1 0) + 15516369083 / 5806369958400 * n2 (mix 0 0 1 0 0).
Proof. cbv zeta. expand. lra. Qed.

(** alpha = beta/100, step 1/(2 beta), squared factor 497/500 *)
Lemma hundredth_form : let p1 := x in let p2 := vsub x (vscal (1 / 4) f1) in let p3 := vsub x (vscal (1 / 4) f2) in
  let p4 := vsub x (vscal (1 / 2) f3) in
  497 / 500 * n2 x - n2 (vsub x (vscal (1 / 12) (vadd (vadd f1 (vscal 2 f2)) (vadd (vscal 2 f3) f4)))) =
    151 / 1000 * (ip f1 p1 - 1 / 100 * n2 p1) + 329 / 1000 * (ip f2 p2 - 1 / 100 * n2 p2) + 343 / 1000 * (ip f3 p3 - 1 / 100 * n2 p3) +
    87 / 500 * (ip f4 p4 - 1 / 100 * n2 p4) + 7 / 200 * (n2 (vsub p2 p1) - n2 (vsub f2 f1)) +
    27 / 500 * (n2 (vsub p3 p2) - n2 (vsub f3 f2)) + 17 / 1000 * (n2 (vsub p4 p3) - n2 (vsub f4 f3)) +
    326861 / 14400000 * n2 (mix (100956 / 326861) 1 (-63200 / 326861) (-200000 / 326861) (-100000 / 326861)) +
    2020581257 / 65372200000 * n2 (mix (-92406114 / 2020581257) 0 (-2579799800 / 2020581257) 1 (546638300 / 2020581257)) +
    22908423713 / 4041162514000 * n2 (mix (-657761168 / 3272631959) 0 (-18409228850 / 22908423713) 0 1) +
    247239997173 / 163631597950000 * n2 (mix 1 0 (-72780272137 / 1977919977384) 0 0) +
    11644237497770209 / 5538175936675200000 * n2 (mix 0 0 1 0 0).
Proof. cbv zeta. expand. lra. Qed.
End Identities.

Section Towards.
Variables (E : space) (X : E -> Prop) (F : E -> E) (alpha beta : R) (zs : E).
Hypotheses (Ha : 0 < alpha) (Hb : 0 < beta) (Fs : strongly_monotone X F alpha) (Fl : lipschitz X F beta) (Xs : X zs) (H0 : n2 (F zs) = 0).

(** Two vectors with the same inner products *)
Definition alike (u v : E) := forall t, ip u t = ip v t.
Lemma alike_n2 (u v : E) : alike u v -> n2 u = n2 v.
Proof. intros H. unfold n2. rewrite (H u), (ip_sym E v u), (H v). reflexivity. Qed.
Lemma alike_ip u v t : alike u v -> ip t u = ip t v.
Proof. intros H. rewrite ip_sym, (H t), ip_sym. reflexivity. Qed.
Lemma alike_sub u v u' v' : alike u v -> alike u' v' -> alike (vsub u u') (vsub v v').
Proof. intros H H' t. rewrite !ip_sub_l, (H t), (H' t). reflexivity. Qed.

Let f q := vscal (/ beta) (F q).

(** The scaled field against p = q - z*: <f(q), p> >= a |p|^2 where a <= alpha/beta, |f(q)| <= |p| and |f(q) - f(r)| <= |q - r|. *)
Lemma scaled_monotone a q p : beta * a <= alpha -> X q -> alike (vsub q zs) p -> 0 <= ip (f q) p - a * n2 p.
Proof. intros Hab Hq Hp. pose proof (Fs q zs Hq Xs) as Hm. rewrite ip_sub_l, (ip_null E (F zs) _ H0), (alike_n2 _ _ Hp), (alike_ip _ _ _
  Hp) in Hm.
  unfold f. rewrite ip_scal. apply Rmult_le_reg_l with beta; auto. rewrite Rmult_0_r.
  replace (beta * (/ beta * ip (F q) p - a * n2 p)) with (ip (F q) p - beta * a * n2 p) by (field; lra).
  assert (beta * a * n2 p <= alpha * n2 p) by (apply Rmult_le_compat_r; [apply n2_pos|auto]). lra. Qed.
Lemma scaled_down (u p : E) : n2 u <= beta^2 * n2 p -> n2 (vscal (/ beta) u) <= n2 p.
Proof. intros H. rewrite n2_scal. apply Rmult_le_reg_l with (beta^2); [apply pow_lt; auto|].
  replace (beta^2 * ((/ beta)^2 * n2 u)) with (n2 u) by (field; lra). auto. Qed.
Lemma scaled_bounded q p : X q -> alike (vsub q zs) p -> 0 <= n2 p - n2 (f q).
Proof. intros Hq Hp. pose proof (Fl q zs Hq Xs) as H. rewrite n2_sub_null, (alike_n2 _ _ Hp) in H by auto.
  apply scaled_down in H. unfold f. lra. Qed.
Lemma scaled_lipschitz q r p p' : X q -> X r -> alike (vsub q zs) p -> alike (vsub r zs) p' -> 0 <= n2 (vsub p p') - n2 (vsub (f q) (f r)).
Proof. intros Hq Hr Hp Hp'. pose proof (Fl q r Hq Hr) as H.
  replace (n2 (vsub (f q) (f r))) with (n2 (vscal (/ beta) (vsub (F q) (F r)))) by (unfold f; products; ring).
  apply scaled_down in H. rewrite <- (alike_n2 _ _ (alike_sub _ _ _ _ Hp Hp')).
  replace (n2 (vsub (vsub q zs) (vsub r zs))) with (n2 (vsub q r)) by (products; ring). lra. Qed.

Section Step.
Variables (s : R) (z : E).
Let h := s / beta.
Hypothesis stages : stages_in X F h z.
Let x := vsub z zs.
Let f1 := f z. Let f2 := f (stage2 F h z). Let f3 := f (stage3 F h z). Let f4 := f (stage4 F h z).

Lemma at1 : alike (vsub z zs) x.
Proof. intros t. reflexivity. Qed.
Lemma at2 : alike (vsub (stage2 F h z) zs) (vsub x (vscal (s / 2) f1)).
Proof. intros t. unfold x, f1, f, stage2, h. ips. field. lra. Qed.
Lemma at3 : alike (vsub (stage3 F h z) zs) (vsub x (vscal (s / 2) f2)).
Proof. intros t. unfold x, f2, f, stage3. generalize (F (stage2 F h z)); intros u. unfold h. ips. field. lra. Qed.
Lemma at4 : alike (vsub (stage4 F h z) zs) (vsub x (vscal s f3)).
Proof. intros t. unfold x, f3, f, stage4. generalize (F (stage3 F h z)); intros u. unfold h. ips. field. lra. Qed.
Lemma at_end : alike (vsub (rk4 F h z) zs) (vsub x (vscal (s / 6) (vadd (vadd f1 (vscal 2 f2)) (vadd (vscal 2 f3) f4)))).
Proof. intros t. unfold x, f1, f2, f3, f4, f, rk4. generalize (F z) (F (stage2 F h z)) (F (stage3 F h z)) (F (stage4 F h z)). intros.
  unfold h. ips. field. lra. Qed.
End Step.

(** Every term of an identity above is nonnegative. *)
Ltac stage_terms := repeat apply Rplus_le_le_0_compat; (apply Rmult_le_pos; [lra|]);
  first [apply n2_pos | eapply scaled_monotone; [lra|..]; eauto | eapply scaled_lipschitz; eauto | eapply scaled_bounded; eauto].

(** One step towards the equilibrium, in squares *)
Lemma tenth_step z : beta <= 10 * alpha -> stages_in X F (1 / beta) z ->
  n2 (vsub (rk4 F (1 / beta) z) zs) <= 211 / 250 * n2 (vsub z zs).
Proof. intros Hc Hst. destruct Hst as [X1 [X2 [X3 X4]]]. pose proof (at1 z) as A1. pose proof (at2 1 z) as A2.
  pose proof (at3 1 z) as A3. pose proof (at4 1 z) as A4. pose proof (at_end 1 z) as A5.
  rewrite (alike_n2 _ _ A5). apply Rminus_le, Ropp_le_cancel. rewrite Ropp_0, Ropp_minus_distr, tenth_form. stage_terms. Qed.
Lemma long_step z : beta <= 10 * alpha -> stages_in X F (3 / 2 / beta) z ->
  n2 (vsub (rk4 F (3 / 2 / beta) z) zs) <= 24 / 25 * n2 (vsub z zs).
Proof. intros Hc Hst. destruct Hst as [X1 [X2 [X3 X4]]]. pose proof (at1 z) as A1. pose proof (at2 (3 / 2) z) as A2.
  pose proof (at3 (3 / 2) z) as A3. pose proof (at4 (3 / 2) z) as A4. pose proof (at_end (3 / 2) z) as A5.
  replace ((3 / 2) / 2) with (3 / 4) in A2, A3 by field. replace ((3 / 2) / 6) with (1 / 4) in A5 by field.
  rewrite (alike_n2 _ _ A5). apply Rminus_le, Ropp_le_cancel. rewrite Ropp_0, Ropp_minus_distr, long_form. stage_terms. Qed.
Lemma hundredth_step z : beta <= 100 * alpha -> stages_in X F (1 / 2 / beta) z ->
  n2 (vsub (rk4 F (1 / 2 / beta) z) zs) <= 497 / 500 * n2 (vsub z zs).
Proof. intros Hc Hst. destruct Hst as [X1 [X2 [X3 X4]]]. pose proof (at1 z) as A1. pose proof (at2 (1 / 2) z) as A2.
  pose proof (at3 (1 / 2) z) as A3. pose proof (at4 (1 / 2) z) as A4. pose proof (at_end (1 / 2) z) as A5.
  replace ((1 / 2) / 2) with (1 / 4) in A2, A3 by field. replace ((1 / 2) / 6) with (1 / 12) in A5 by field.
  rewrite (alike_n2 _ _ A5). apply Rminus_le, Ropp_le_cancel. rewrite Ropp_0, Ropp_minus_distr, hundredth_form. stage_terms. Qed.

Lemma many_steps h q (z : nat -> E) : 0 <= q -> (forall k, z (S k) = rk4 F h (z k)) ->
  (forall y, stages_in X F h y -> n2 (vsub (rk4 F h y) zs) <= q * n2 (vsub y zs)) -> (forall k, stages_in X F h (z k)) ->
  forall n, norm (vsub (z n) zs) <= sqrt q ^ n * norm (vsub (z O) zs).
Proof. intros Hq Hz Hstep Hin. apply (geometric (fun k => norm (vsub (z k) zs))); [apply sqrt_pos|].
  intros k. rewrite (Hz k). apply norm_ratio; auto. Qed.

(** rk4/equilibrium/tenth. F alpha-strongly monotone and beta-Lipschitz with alpha >= beta/10 and a zero z*, all stage points in the region:
    T steps of RK4 with h = 1/beta multiply the distance to z* by at most (211/250)^(T/2). *)
Theorem rk4_equilibrium_tenth_holds z horizon : beta <= 10 * alpha -> (forall k, z (S k) = rk4 F (1 / beta) (z k)) ->
  (forall k, stages_in X F (1 / beta) (z k)) ->
  norm (vsub (z horizon) zs) <= rk4_equilibrium_tenth alpha beta horizon * norm (vsub (z O) zs).
Proof. intros Hc Hz Hin. apply many_steps with (h := 1 / beta); auto; [lra|]. intros y Hy. apply tenth_step; auto. Qed.

(** rk4/equilibrium/tenth-long-step. The same with h = 3/(2 beta): at most (24/25)^(T/2). *)
Theorem rk4_equilibrium_tenth_long_step_holds z horizon : beta <= 10 * alpha -> (forall k, z (S k) = rk4 F (3 / (2 * beta)) (z k)) ->
  (forall k, stages_in X F (3 / (2 * beta)) (z k)) ->
  norm (vsub (z horizon) zs) <= rk4_equilibrium_tenth_long_step alpha beta horizon * norm (vsub (z O) zs).
Proof. intros Hc Hz Hin. replace (3 / (2 * beta)) with (3 / 2 / beta) in Hz, Hin by (field; lra).
  apply many_steps with (h := 3 / 2 / beta); auto; [lra|]. intros y Hy. apply long_step; auto. Qed.

(** rk4/equilibrium/hundredth. With alpha >= beta/100 and h = 1/(2 beta): at most (497/500)^(T/2). *)
Theorem rk4_equilibrium_hundredth_holds z horizon : beta <= 100 * alpha -> (forall k, z (S k) = rk4 F (1 / (2 * beta)) (z k)) ->
  (forall k, stages_in X F (1 / (2 * beta)) (z k)) ->
  norm (vsub (z horizon) zs) <= rk4_equilibrium_hundredth alpha beta horizon * norm (vsub (z O) zs).
Proof. intros Hc Hz Hin. replace (1 / (2 * beta)) with (1 / 2 / beta) in Hz, Hin by (field; lra).
  apply many_steps with (h := 1 / 2 / beta); auto; [lra|]. intros y Hy. apply hundredth_step; auto. Qed.
End Towards.
