(** Soundness of a penalty certificate: from |grad_y f| <= L and g_yy >= (2/rho) I on a region, the gamma whose penalized minimizers are eps-optimal.

    F and G are the upper and lower cost as functions of (x, y), X the region (a box, possibly with free variables), K the upper constraints,
    which do not depend on y. The lower problem at z: minimize G over the points of X with the upper variables of z. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Penalty LowerLevel.
Import ListNotations.
Open Scope R_scope.

(** constraints on the upper variables alone *)
Definition upper_only nu (K : region) := forall x y, same nu x y -> K x -> K y.

Section Certificate.
Variables nu nl : nat.
Variables X K : region.
Variables F G : vec -> R.

(** (x, y) with y in S(x), which also satisfies the upper constraints: feasible for the bilevel problem *)
Definition bilevel_feasible s := K s /\ lower_solution nu X G s s.
(** v* *)
Definition bilevel_infimum := infimum (fun a => exists s, bilevel_feasible s /\ a = F s).
(** z minimizes F + gamma (G - v) over the points of X that satisfy the upper constraints, up to e2; v is the least lower cost *)
Definition penalized_minimizer (v : vec -> R) gamma e2 z := X z /\ K z /\
  forall z', X z' -> K z' -> F z + gamma * (G z - v z) <= F z' + gamma * (G z' - v z') + e2.

Variables Fy Gy : vec -> vec.
Variable J : vec -> nat -> nat -> R.
Variables L rho : R.
Hypothesis X_convex : lower_convex nu X.
Hypothesis K_upper : upper_only nu K.
Hypothesis F_gradient : lower_gradient nu nl X F Fy.
Hypothesis F_slope : lower_slope nu nl X Fy L.
Hypothesis G_gradient : lower_gradient nu nl X G Gy.
Hypothesis G_hessian : lower_hessian nu nl X Gy J.
Hypothesis G_curvature : lower_curvature nu nl X J (2 / rho).
Hypothesis L_nonneg : 0 <= L.
Hypothesis rho_pos : 0 < rho.

Variables (v : vec -> R) (gamma e2 : R) (z : vec).
Hypothesis gamma_pos : 0 < gamma.
Hypothesis v_least : value_function nu X G v.
Hypothesis z_minimal : penalized_minimizer v gamma e2 z.

Lemma lower_gap_at s : lower_solution nu X G z s -> lower_sq nu nl z s <= rho * (G z - v z).
Proof. intros Hs. rewrite (value_at_solution nu X G v z s v_least Hs).
  assert (M : 0 < 2 / rho) by (apply Rdiv_lt_0_compat; lra).
  assert (E : same nu z z) by (intros i Hi; auto).
  pose proof (lower_growth nu nl X G Gy J (2 / rho) X_convex G_gradient G_hessian G_curvature z s Hs z (proj1 z_minimal) E) as H.
  apply Rmult_le_reg_l with (/ rho); [apply Rinv_0_lt_compat; auto|].
  replace (/ rho * (rho * (G z - G s))) with (G z - G s) by (field; lra).
  replace (2 / rho / 2) with (/ rho) in H by (field; lra). lra. Qed.

Lemma solution_cost s : lower_solution nu X G z s -> F s <= F z + L * sqrt (lower_sq nu nl z s).
Proof. intros Hs. pose proof Hs as [Xs [Es _]].
  pose proof (lower_lipschitz nu nl X F Fy L X_convex F_gradient F_slope L_nonneg s z Xs (proj1 z_minimal) Es) as H.
  replace (lower_sq nu nl z s) with (lower_sq nu nl s z); [lra|].
  unfold lower_sq, dot. apply sum_ext. intros. unfold tail, minus. ring. Qed.

Lemma solution_feasible s : lower_solution nu X G z s -> bilevel_feasible s.
Proof. intros [Xs [Es Hm]]. split.
  - apply (K_upper z s); [apply same_sym; auto|apply z_minimal].
  - split; auto. split; [intros i Hi; auto|]. intros z' Hz' Ez. apply Hm; auto. apply same_trans with s; auto. Qed.

Lemma feasible_gap s : bilevel_feasible s -> G s - v s = 0.
Proof. intros [_ Hs]. rewrite (value_at_solution nu X G v s s v_least Hs). ring. Qed.

(** (x, y) an e2-minimizer of the penalized cost: psi(x) = f(s), s the lower solution at x, exceeds the upper cost of no feasible point by more than
    e2 + L^2 rho/(4 gamma) *)
Theorem penalty_gap s s' : lower_solution nu X G z s -> bilevel_feasible s' -> F s <= F s' + e2 + L ^ 2 * rho / (4 * gamma).
Proof. intros Hs Hs'. pose proof (solution_cost s Hs) as H1. pose proof (lower_gap_at s Hs) as H2.
  destruct z_minimal as [Xz [Kz Hm]]. specialize (Hm s' (proj1 (proj2 Hs')) (proj1 Hs')). rewrite (feasible_gap s' Hs') in Hm.
  pose proof (square_completed L rho gamma (sqrt (lower_sq nu nl z s)) (G z - v z) rho_pos gamma_pos) as H3.
  rewrite pow2_sqrt in H3 by apply lower_sq_pos. specialize (H3 H2). lra. Qed.

(** with gamma >= L^2 rho/(4 (eps - e2)): v* is finite and psi(x) <= v* + eps *)
Theorem penalty_suboptimality eps s : e2 < eps -> L ^ 2 * rho <= 4 * gamma * (eps - e2) ->
  lower_solution nu X G z s -> exists vstar, bilevel_infimum vstar /\ F s <= vstar + eps.
Proof. intros He Hg Hs.
  assert (H : forall s', bilevel_feasible s' -> F s - eps <= F s').
  { intros s' Hs'. pose proof (penalty_gap s s' Hs Hs') as H.
    enough (L ^ 2 * rho / (4 * gamma) <= eps - e2) by lra.
    apply Rmult_le_reg_r with (4 * gamma); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  destruct (infimum_exists (fun a => exists s, bilevel_feasible s /\ a = F s)) as [vstar Hv].
  - exists (F s), s. split; auto. apply solution_feasible; auto.
  - exists (F s - eps). intros a [s' [Hs' ->]]. auto.
  - exists vstar. split; auto. enough (F s - eps <= vstar) by lra. apply Hv. intros a [s' [Hs' ->]]. auto. Qed.

(** and with gamma delta >= e2, (gamma delta - e2)^2 >= L^2 rho delta: g(x, y) <= min g(x, .) + delta *)
Theorem penalty_feasibility delta s : 0 < delta -> 0 <= e2 -> e2 <= gamma * delta -> L ^ 2 * rho * delta <= (gamma * delta - e2) ^ 2 ->
  lower_solution nu X G z s -> G z <= v z + delta.
Proof. intros Hd He H1 H2 Hs. enough (G z - v z <= delta) by lra.
  apply (target_reached L rho gamma e2 (sqrt (lower_sq nu nl z s))); auto.
  - pose proof (solution_feasible s Hs) as Fs. destruct z_minimal as [Xz [Kz Hm]].
    specialize (Hm s (proj1 (proj2 Fs)) (proj1 Fs)). rewrite (feasible_gap s Fs) in Hm.
    pose proof (solution_cost s Hs). lra.
  - rewrite pow2_sqrt by apply lower_sq_pos. apply lower_gap_at; auto. Qed.
End Certificate.

(** ** The numbers of a claim *)
Record penalty_claim := PenaltyClaim { claim_lipschitz : Q; claim_rho : Q; claim_eps : Q; claim_slack : Q; claim_gamma : Q; claim_delta : option Q }.

(** L >= 0, rho > 0, gamma > 0, 0 <= e2 < eps, 4 gamma (eps - e2) >= L^2 rho and, for delta > 0, gamma delta >= e2 and
    (gamma delta - e2)^2 >= L^2 rho delta *)
Definition penalty_numbers (c : penalty_claim) : bool :=
  let square := (claim_lipschitz c * claim_lipschitz c * claim_rho c)%Q in
  Qle_bool 0 (claim_lipschitz c) && negb (Qle_bool (claim_rho c) 0) && negb (Qle_bool (claim_gamma c) 0) &&
  Qle_bool 0 (claim_slack c) && negb (Qle_bool (claim_eps c) (claim_slack c)) &&
  Qle_bool square (4 * claim_gamma c * (claim_eps c - claim_slack c)) &&
  match claim_delta c with None => true | Some delta => let rest := (claim_gamma c * delta - claim_slack c)%Q in
    negb (Qle_bool delta 0) && Qle_bool 0 rest && Qle_bool (square * delta) (rest * rest) end.

Lemma Q2R_zero : Q2R 0 = 0. Proof. unfold Q2R. simpl. field. Qed.
Lemma Q2R_four : Q2R 4 = 4. Proof. unfold Q2R. simpl. field. Qed.
Lemma Qle_bool_real a b : Qle_bool a b = true -> Q2R a <= Q2R b.
Proof. intros H. apply Qle_Rle, Qle_bool_iff, H. Qed.
Lemma Qlt_bool_real a b : negb (Qle_bool b a) = true -> Q2R a < Q2R b.
Proof. rewrite negb_true_iff. intros H. apply Qlt_Rlt. apply Qnot_le_lt. intros C. apply Qle_bool_iff in C. congruence. Qed.

(** what the certificate says of the e2-minimizers z = (x, y) of the penalized cost: the lower problem at z has a solution s, in the
    variables of the problem one only; (x, s) is feasible and psi(x) = f(s) <= v* + eps for the value v* of the bilevel problem, which is
    finite; and g(z) <= min g(x, .) + delta where delta is given *)
Definition penalty_holds nu nl (X K : region) (F G : vec -> R) (c : penalty_claim) := forall v z, value_function nu X G v ->
  penalized_minimizer X K F G v (Q2R (claim_gamma c)) (Q2R (claim_slack c)) z ->
  (exists s, lower_solution nu X G z s) /\
  (forall s s', lower_solution nu X G z s -> lower_solution nu X G z s' -> same (nu + nl) s s') /\
  (forall s, lower_solution nu X G z s -> bilevel_feasible nu X K G s /\
     exists vstar, bilevel_infimum nu X K F G vstar /\ F s <= vstar + Q2R (claim_eps c)) /\
  (forall delta, claim_delta c = Some delta -> G z <= v z + Q2R delta).

(** Accepted numbers, |grad_y f| <= L and g_yy >= (2/rho) I on a region that is convex and closed in y: the claim holds, and the
    function v that it speaks of exists. *)
Theorem penalty_sound nu nl X K F G Fy Gy J c : penalty_numbers c = true ->
  lower_convex nu X -> lower_closed nu nl X -> upper_only nu K ->
  lower_gradient nu nl X F Fy -> lower_slope nu nl X Fy (Q2R (claim_lipschitz c)) ->
  lower_gradient nu nl X G Gy -> lower_hessian nu nl X Gy J -> lower_curvature nu nl X J (2 / Q2R (claim_rho c)) ->
  (exists v, value_function nu X G v) /\ penalty_holds nu nl X K F G c.
Proof. unfold penalty_numbers. rewrite !andb_true_iff. intros [[[[[[N1 N2] N3] N4] N5] N6] N7] HX HC HK HF HL HG HH HM.
  apply Qle_bool_real in N1, N4, N6. apply Qlt_bool_real in N2, N3, N5.
  rewrite ?Q2R_mult, ?Q2R_minus, ?Q2R_zero, ?Q2R_four in *.
  assert (M : 0 < 2 / Q2R (claim_rho c)) by (apply Rdiv_lt_0_compat; lra).
  split; [apply (value_function_exists nu nl X G Gy J _ HX HG HH HM M HC)|].
  intros v z Hv Hz.
  assert (S : exists s, lower_solution nu X G z s).
  { apply (lower_solution_exists nu nl X G Gy J _ HX HG HH HM M HC). exists z. split; [apply Hz|intros i Hi; auto]. }
  split; auto. split.
  { intros s s' Hs Hs'. apply (lower_solution_unique nu nl X G Gy J _ HX HG HH HM M z); auto. }
  split.
  - intros s Hs. split; [apply (solution_feasible nu X K F G HK v (Q2R (claim_gamma c)) (Q2R (claim_slack c)) z); auto|].
    apply (penalty_suboptimality nu nl X K F G Fy Gy J (Q2R (claim_lipschitz c)) (Q2R (claim_rho c)) HX HK HF HL HG HH HM N1 N2 v
      (Q2R (claim_gamma c)) (Q2R (claim_slack c)) z N3 Hv Hz); auto. lra.
  - intros delta E. rewrite E, !andb_true_iff in N7. destruct N7 as [[N7 N8] N9].
    apply Qle_bool_real in N8, N9. apply Qlt_bool_real in N7.
    rewrite ?Q2R_mult, ?Q2R_minus, ?Q2R_zero, ?Q2R_mult in *. destruct S as [s Hs].
    apply (penalty_feasibility nu nl X K F G Fy Gy J (Q2R (claim_lipschitz c)) (Q2R (claim_rho c)) HX HK HF HL HG HH HM N1 N2 v
      (Q2R (claim_gamma c)) (Q2R (claim_slack c)) z N3 Hv Hz (Q2R delta) s); auto; lra. Qed.
