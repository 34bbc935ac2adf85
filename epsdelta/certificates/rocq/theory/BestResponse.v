(** Simultaneous best responses of two players with small-gain data contract in a weighted block maximum norm. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products.
Open Scope R_scope.

(** ** One player: strategies K in the space E, the opponent's strategies in D, own gradient G(x, y) *)
Section Player.
Variables E D : space.
Variables (K : E -> Prop) (Y : D -> Prop) (G : E -> D -> E) (mu L : R).
(** own curvature at least mu (the cost is mu-strongly convex in the own variable), coupling to the opponent at most L, in block norms:
    what bounds mu I <= J_ii and |J_ij| <= L on convex sets give when integrated along segments *)
Definition own_curvature := forall x x' y, K x -> K x' -> Y y -> mu * n2 (vsub x x') <= ip (vsub (G x y) (G x' y)) (vsub x x').
Definition coupled := forall x y y', K x -> Y y -> Y y' -> norm (vsub (G x y) (G x y')) <= L * norm (vsub y y').
(** b is a best response to y: a strategy with <G(b, y), x - b> >= 0 for every strategy x (for a convex cost: a minimizer) *)
Definition best_response y b := K b /\ forall x, K x -> 0 <= ip (G b y) (vsub x b).

(** Best responses to y and y' are at most (L/mu)|y - y'| apart. *)
Lemma response_lipschitz y y' b b' : 0 < mu -> 0 <= L -> own_curvature -> coupled -> Y y -> Y y' -> best_response y b -> best_response y'
  b' ->
  norm (vsub b b') <= L / mu * norm (vsub y y').
Proof. intros Hm HL Hc Hk Hy Hy' [Kb Vb] [Kb' Vb']. pose proof (Vb b' Kb') as H1. pose proof (Vb' b Kb) as H2.
  pose proof (Hc b b' y Kb Kb' Hy) as H3. pose proof (Hk b' y' y Kb' Hy' Hy) as H4.
  assert (I1 : ip (vsub (G b y) (G b' y)) (vsub b b') = - ip (G b y) (vsub b' b) - ip (G b' y') (vsub b b')
    + ip (vsub (G b' y') (G b' y)) (vsub b b')) by (ips; ring).
  pose proof (cauchy_schwarz E (vsub (G b' y') (G b' y)) (vsub b b')) as C.
  assert (C2 : norm (vsub (G b' y') (G b' y)) * norm (vsub b b') <= L * norm (vsub y' y) * norm (vsub b b'))
    by (apply Rmult_le_compat_r; [apply norm_pos|auto]).
  replace (norm (vsub y' y)) with (norm (vsub y y')) in C2 by (unfold norm; rewrite n2_sub_sym; reflexivity).
  assert (Pr : 0 < / mu) by (apply Rinv_0_lt_compat; auto).
  apply norm_cancel.
  - apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply norm_pos].
  - apply Rmult_le_reg_l with mu; auto.
    replace (mu * (L / mu * norm (vsub y y') * norm (vsub b b'))) with (L * norm (vsub y y') * norm (vsub b b')) by (field; lra). lra. Qed.
End Player.
Arguments own_curvature {_ _}. Arguments coupled {_ _}. Arguments best_response {_ _}.

(** max(|x_1|/v, |x_2|), the block maximum norm with the weights (v, 1) *)
Definition block_maximum {E1 E2 : space} v (d1 : E1) (d2 : E2) := Rmax (norm d1 / v) (norm d2).

(** small-gain/best-response/two-players. Players with strategy sets K1, K2, own curvatures mu1, mu2 and couplings L12, L21: simultaneous
    best responses (b1, b2) to (x1, x2) and (b1', b2') to (x1', x2') satisfy max(|b1 - b1'|/v, |b2 - b2'|) <=
    sqrt(L12 L21/(mu1 mu2)) max(|x1 - x1'|/v, |x2 - x2'|) with v = sqrt(L12 mu2/(L21 mu1)). *)
Theorem small_gain_best_response_two_players_holds (E1 E2 : space) K1 K2 (G1 : E1 -> E2 -> E1) (G2 : E2 -> E1 -> E2) L12 L21 mu1 mu2
  x1 x2 x1' x2' b1 b2 b1' b2' : 0 < L12 -> 0 < L21 -> 0 < mu1 -> 0 < mu2 ->
  own_curvature K1 K2 G1 mu1 -> own_curvature K2 K1 G2 mu2 -> coupled K1 K2 G1 L12 -> coupled K2 K1 G2 L21 ->
  K1 x1 -> K2 x2 -> K1 x1' -> K2 x2' -> best_response K1 G1 x2 b1 -> best_response K1 G1 x2' b1' ->
  best_response K2 G2 x1 b2 -> best_response K2 G2 x1' b2' ->
  let v := sqrt (L12 * mu2 / (L21 * mu1)) in
  block_maximum v (vsub b1 b1') (vsub b2 b2')
    <= small_gain_best_response_two_players L12 L21 mu1 mu2 * block_maximum v (vsub x1 x1') (vsub x2 x2').
Proof. intros H12 H21 Hm1 Hm2 C1 C2 A1 A2 X1 X2 X1' X2' B1 B1' B2 B2' v. unfold small_gain_best_response_two_players, block_maximum.
  pose proof (response_lipschitz E1 E2 K1 K2 G1 mu1 L12 x2 x2' b1 b1' Hm1 ltac:(lra) C1 A1 X2 X2' B1 B1') as R1.
  pose proof (response_lipschitz E2 E1 K2 K1 G2 mu2 L21 x1 x1' b2 b2' Hm2 ltac:(lra) C2 A2 X1 X1' B2 B2') as R2.
  set (q := sqrt (L12 * L21 / (mu1 * mu2))).
  assert (PP : 0 < L12 * mu2 / (L21 * mu1)) by (apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; auto).
  assert (Pv : 0 < v) by (apply sqrt_lt_R0; auto).
  assert (Ev : v^2 = L12 * mu2 / (L21 * mu1)) by (apply pow2_sqrt; lra).
  assert (E2v : q = L21 / mu2 * v).
  { unfold q. rewrite <- (sqrt_pow2 (L21 / mu2 * v)).
    - f_equal. replace ((L21 / mu2 * v)^2) with ((L21 / mu2)^2 * v^2) by ring. rewrite Ev. field. lra.
    - apply Rmult_le_pos; [|lra]. apply Rlt_le, Rdiv_lt_0_compat; auto. }
  assert (E1v : L12 / mu1 = q * v).
  { rewrite E2v. replace (L21 / mu2 * v * v) with (L21 / mu2 * v^2) by ring. rewrite Ev. field. lra. }
  assert (Pq : 0 <= q) by apply sqrt_pos.
  set (m := Rmax (norm (vsub x1 x1') / v) (norm (vsub x2 x2'))).
  assert (M1 : norm (vsub x1 x1') / v <= m) by apply Rmax_l. assert (M2 : norm (vsub x2 x2') <= m) by apply Rmax_r.
  apply Rmax_lub.
  - apply Rmult_le_reg_r with v; auto. replace (norm (vsub b1 b1') / v * v) with (norm (vsub b1 b1')) by (field; lra).
    eapply Rle_trans; [apply R1|]. rewrite E1v. replace (q * m * v) with (q * v * m) by ring.
    apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|auto].
  - eapply Rle_trans; [apply R2|]. rewrite E2v. replace (L21 / mu2 * v * m) with (L21 / mu2 * (v * m)) by ring.
    apply Rmult_le_compat_l; [apply Rlt_le, Rdiv_lt_0_compat; auto|].
    apply Rmult_le_reg_r with (/ v); [apply Rinv_0_lt_compat; auto|].
    replace (v * m * / v) with m by (field; lra). exact M1. Qed.
