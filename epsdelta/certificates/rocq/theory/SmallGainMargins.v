(** Small-gain margins of games as theorems of the catalogue: N players by gain vectors or common constants, two players in closed form;
    and the contraction of the flow. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Field Formulas Monotone Blocks SmallGain Flow.
Import ListNotations.
Open Scope R_scope.

(** A game with small-gain data (mu, L) on the convex region X: players with ds_i variables each, field F with Jacobian J, own curvature at
    least mu_i and couplings at most L_ij in block norms. *)
Definition small_gain_game ds (X : region) (F : vec -> vec) J mu L := convex X /\ extensional (coordinates ds) F /\
  jacobian_on (coordinates ds) X F J /\ curvature_holds ds X J mu /\ coupling_holds ds X J L.
(** <F x - F y, x - y>_W >= a |x - y|_W^2 on X in the norm with the weight w_i on player i *)
Definition weighted_monotone ds (X : region) (F : vec -> vec) w a :=
  forall x y, X x -> X y -> a * weighted_sq ds w (minus x y) <= weighted_dot ds w (minus (F x) (F y)) (minus x y).
(** The margin a is guaranteed by the data: every game of N players with them has it in the norm of the weights w. *)
Definition guaranteed N mu L w a := forall ds X F J, player_count ds = N -> small_gain_game ds X F J mu L -> weighted_monotone ds X F w a.

(** small-gain/margin/gain-vectors. K v >= a v and K' u >= a u for positive u, v and K = diag(mu) - L make the field of every game with
    these data strongly monotone with modulus a in the norm with the weights u_i/v_i. *)
Theorem small_gain_margin_gain_vectors_holds N mu L u v gain_margin : off_diagonal_nonneg N L -> positive_upto N u -> positive_upto N v ->
  gains N (gain mu L) gain_margin v -> gains N (transpose (gain mu L)) gain_margin u ->
  guaranteed N mu L (fun i => u i / v i) (small_gain_margin_gain_vectors gain_margin).
Proof. intros HL Hu Hv H1 H2 ds X F J EN [HX [HF [HJ [Hc Hk]]]]. subst N. unfold small_gain_margin_gain_vectors.
  assert (Hw : positive_upto (player_count ds) (fun i => u i / v i)).
  { intros i Hi. apply Rdiv_lt_0_compat; auto. }
  intros x y Xx Xy. apply (small_gain_monotone ds X F J mu L _ HL Hw Hc Hk HX HF HJ v); auto. intros i Hi.
  assert (E : forall j, (j < player_count ds)%nat -> u j / v j * v j = u j) by (intros j Hj; field; specialize (Hv j Hj); lra).
  rewrite (E i Hi), (sum_ext _ _ (fun j => transpose (gain mu L) i j * u j)) by (intros j Hj; rewrite (E j Hj); reflexivity). auto. Qed.

(** small-gain/margin/equal-weights. If every own curvature is at least mu and every coupling at most c, the field is strongly monotone with
    modulus mu - (N - 1) c in the norm of equal weights. *)
Theorem small_gain_margin_equal_weights_holds coupling curvature players : 0 <= coupling ->
  guaranteed players (fun _ => curvature) (fun _ _ => coupling) (fun _ => 1) (small_gain_margin_equal_weights coupling curvature players).
Proof. intros Hc ds X F J EN [HX [HF [HJ [Hm Hk]]]]. unfold small_gain_margin_equal_weights.
  set (a := curvature - (INR players - 1) * coupling).
  assert (G : forall i, (i < players)%nat -> sum players (fun j => gain (fun _ => curvature) (fun _ _ => coupling) i j * 1) = a).
  { intros i Hi. rewrite (sum_ext _ _ (fun j => (if Nat.eqb j i then 1 else 0) * (curvature + coupling) - coupling)).
    - rewrite sum_minus, sum_delta, sum_const by auto. unfold a. ring.
    - intros j Hj. unfold gain. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring. }
  subst players. intros x y Xx Xy.
  apply (small_gain_monotone ds X F J (fun _ => curvature) (fun _ _ => coupling) (fun _ => 1)) with (v := fun _ => 1); auto.
  - intros i j Hi Hj Ne. auto.
  - intros i Hi. lra.
  - intros i Hi. lra.
  - intros i Hi. rewrite G by auto. lra.
  - intros i Hi. unfold transpose.
    rewrite (sum_ext _ _ (fun j => gain (fun _ => curvature) (fun _ _ => coupling) i j * 1)).
    + rewrite G by auto. lra.
    + intros j Hj. unfold gain. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring. Qed.

(** ** Two players *)
Definition pair (a b : R) : vec := fun i => match i with O => a | _ => b end.
(** L_12 = a, L_21 = b *)
Definition couplings (a b : R) : nat -> nat -> R := fun i _ => pair a b i.

(** The least value of mu1 p^2 - c p q + mu2 q^2 over p^2 + q^2 = 1 *)
Lemma least_eigenvalue mu1 mu2 c p q : 0 <= c ->
  ((mu1 + mu2) / 2 - sqrt (((mu1 - mu2) / 2)^2 + c^2 / 4)) * (p^2 + q^2) <= mu1 * p^2 - c * p * q + mu2 * q^2.
Proof. intros Hc. set (g := (mu1 - mu2) / 2). set (s := sqrt (g^2 + c^2 / 4)).
  assert (Hs : s^2 = g^2 + c^2 / 4).
  { apply pow2_sqrt. pose proof (pow2_ge_0 g). pose proof (pow2_ge_0 c). lra. }
  assert (Ps : 0 <= s) by apply sqrt_pos.
  assert (Hg : g^2 <= s^2) by (pose proof (pow2_ge_0 c); lra).
  assert (B : Rabs g <= s) by (rewrite <- (Rabs_pos_eq s) by auto; apply Rsqr_le_abs_0; unfold Rsqr; lra).
  pose proof (Rle_abs g) as B1. pose proof (Rle_abs (- g)) as B2. rewrite Rabs_Ropp in B2.
  assert (A1 : sqrt (s + g)^2 = s + g) by (apply pow2_sqrt; lra). assert (A2 : sqrt (s - g)^2 = s - g) by (apply pow2_sqrt; lra).
  assert (A3 : sqrt (s + g) * sqrt (s - g) = c / 2).
  { rewrite <- sqrt_mult by lra. replace ((s + g) * (s - g)) with ((c / 2)^2) by (replace ((s + g) * (s - g)) with (s^2 - g^2) by ring;
    lra).
    apply sqrt_pow2. lra. }
  pose proof (pow2_ge_0 (sqrt (s + g) * p - sqrt (s - g) * q)) as P.
  replace ((sqrt (s + g) * p - sqrt (s - g) * q)^2)
    with (sqrt (s + g)^2 * p^2 - 2 * (sqrt (s + g) * sqrt (s - g)) * p * q + sqrt (s - g)^2 * q^2) in P by ring.
  rewrite A1, A2, A3 in P. unfold g in *. lra. Qed.

(** small-gain/margin/two-players-any-weights. Two players with own curvatures mu1, mu2 and couplings L12, L21: in the norm with the
    weights 1 and r the field is strongly monotone with the modulus of the formula. *)
Theorem small_gain_margin_two_players_any_weights_holds L12 L21 mu1 mu2 weight_ratio : 0 <= L12 -> 0 <= L21 -> 0 < weight_ratio ->
  guaranteed 2 (pair mu1 mu2) (couplings L12 L21) (pair 1 weight_ratio)
    (small_gain_margin_two_players_any_weights L12 L21 mu1 mu2 weight_ratio).
Proof. intros H12 H21 Hr ds X F J EN [HX [HF [HJ [Hc Hk]]]]. set (r := weight_ratio) in *. unfold small_gain_margin_two_players_any_weights.
  assert (Pr : 0 < sqrt r) by (apply sqrt_lt_R0; auto). assert (Er : sqrt r ^ 2 = r) by (apply pow2_sqrt; lra).
  intros x y Xx Xy. apply (monotone_from_quadratic ds X F J (pair mu1 mu2) (couplings L12 L21) (pair 1 r)); auto; try rewrite EN.
  - intros i j Hi Hj Ne. unfold couplings, pair. destruct i; auto.
  - intros i Hi. unfold pair. destruct i; lra.
  - intros e. unfold gain_quadratic. simpl sum. unfold gain, couplings, pair. simpl Nat.eqb. cbv iota.
    set (c := L12 / sqrt r + L21 * sqrt r).
    assert (Pc : 0 <= c).
    { apply Rplus_le_le_0_compat; [apply Rmult_le_pos; auto; left; apply Rinv_0_lt_compat; auto|apply Rmult_le_pos; lra]. }
    pose proof (least_eigenvalue mu1 mu2 c (e O) (sqrt r * e (S O)) Pc) as H.
    replace ((sqrt r * e (S O))^2) with (sqrt r ^ 2 * e (S O) ^ 2) in H by ring. rewrite Er in H.
    replace (c * e O * (sqrt r * e (S O))) with ((L12 + L21 * sqrt r ^ 2) * (e O * e (S O))) in H by (unfold c; field; lra).
    rewrite Er in H. lra. Qed.

Lemma best_ratio_coupling L12 L21 : 0 < L12 -> 0 < L21 -> (L12 / sqrt (L12 / L21) + L21 * sqrt (L12 / L21))^2 / 4 = L12 * L21.
Proof. intros H12 H21. assert (Pq : 0 < L12 / L21) by (apply Rdiv_lt_0_compat; auto).
  assert (Pr : 0 < sqrt (L12 / L21)) by (apply sqrt_lt_R0; auto).
  assert (Er : sqrt (L12 / L21) ^ 2 = L12 / L21) by (apply pow2_sqrt; lra). set (r := sqrt (L12 / L21)) in *.
  replace ((L12 / r + L21 * r)^2 / 4) with ((L12^2 / r^2 + 2 * L12 * L21 + L21^2 * r^2) / 4) by (field; lra). rewrite Er. field. lra. Qed.

(** small-gain/margin/two-players-best-weights. With the weights 1 and r = L12/L21 the modulus is (mu1 + mu2)/2 - sqrt(((mu1 - mu2)/2)^2 +
    L12 L21). *)
Theorem small_gain_margin_two_players_best_weights_holds L12 L21 mu1 mu2 : 0 < L12 -> 0 < L21 ->
  guaranteed 2 (pair mu1 mu2) (couplings L12 L21) (pair 1 (L12 / L21)) (small_gain_margin_two_players_best_weights L12 L21 mu1 mu2).
Proof. intros H12 H21. pose proof (small_gain_margin_two_players_any_weights_holds L12 L21 mu1 mu2 (L12 / L21)) as H.
  unfold small_gain_margin_two_players_any_weights in H. rewrite best_ratio_coupling in H by auto. apply H; try lra.
  apply Rdiv_lt_0_compat; auto. Qed.

(** small-gain/flow/contraction. Two solutions of x' = -F(x), with F strongly monotone with modulus alpha in the metric P on the region
    where they stay up to time t (curves with a derivative from the right suffice): |x(t) - y(t)|_P <= exp(-alpha t) |x(0) - y(0)|_P. *)
Theorem small_gain_flow_contraction_holds n P lam (X : region) F alpha x y duration : metric n P lam -> monotone_on n P X F alpha ->
  0 < duration -> moves n x (fun t i => - F (x t) i) duration -> moves n y (fun t i => - F (y t) i) duration ->
  (forall t, 0 <= t < duration -> X (x t) /\ X (y t)) ->
  sqrt (dist2 n P (x duration) (y duration)) <= small_gain_flow_contraction alpha duration * sqrt (dist2 n P (x 0) (y 0)).
Proof. intros HM HF Hd Hx Hy HX. unfold small_gain_flow_contraction.
  pose proof (flow_contracts n P lam HM X F alpha x y duration HF Hx Hy HX duration ltac:(lra)) as H.
  assert (E : exp (- 2 * alpha * duration) = exp (- alpha * duration) ^ 2)
    by (simpl; rewrite Rmult_1_r, <- exp_plus; f_equal; ring).
  rewrite E in H. pose proof (exp_pos (- alpha * duration)) as Pe.
  rewrite <- (sqrt_pow2 (exp (- alpha * duration))) by lra. rewrite <- sqrt_mult.
  - apply sqrt_le_1_alt. exact H.
  - apply pow2_ge_0.
  - apply (dist2_pos n P lam HM). Qed.
