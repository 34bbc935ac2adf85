(** RK4 on linear weighted potential games: one step is non-expansive exactly up to the real stability interval 2.785.../beta. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products Play StepLimits Potential RungeKutta.
Open Scope R_scope.

(** x^3 - 4x^2 + 12x - 24, negative exactly below its only real root *)
Definition cubic x := x^3 - 4 * x^2 + 12 * x - 24.
Lemma cubic_difference x y : cubic y - cubic x = (y - x) * ((x + y / 2 - 2)^2 + (3 / 4 * y^2 - 2 * y + 8)).
Proof. unfold cubic. field. Qed.
Lemma cubic_increasing x y : x <= y -> cubic x <= cubic y.
Proof. intros H. pose proof (cubic_difference x y) as E. pose proof (pow2_ge_0 (x + y / 2 - 2)). pose proof (pow2_ge_0 (3 * y - 4)).
  assert (0 <= (y - x) * ((x + y / 2 - 2)^2 + (3 / 4 * y^2 - 2 * y + 8))) by (apply Rmult_le_pos; lra). lra. Qed.

(** ** Symmetric operators A with 0 <= A <= xi, and P(A) = 1 - A + A^2/2 - A^3/6 + A^4/24 *)
Section Polynomial.
Variables (E : space) (A : E -> E) (xi : R).
Hypotheses (Hxi : 0 < xi) (Hc : cubic xi <= 0) (HA : symmetric_operator E A).
Hypothesis Hf : forall v, 0 <= ip (A v) v <= xi * n2 v.

Lemma A_combination u v e t : ip (A (vadd u (vscal e v))) t = ip (A u) t + e * ip (A v) t.
Proof. rewrite !HA. rewrite ip_add, ip_scal. reflexivity. Qed.
(** |Au|^2 <= xi <Au, u> *)
Lemma A_bounded u : 0 <= xi * ip (A u) u - n2 (A u).
Proof. pose proof (proj1 (Hf (vadd u (vscal (- / xi) (A u))))) as H. rewrite A_combination, !ip_add_r, !ip_scal_r in H.
  rewrite (HA (A u) u) in H. fold (n2 (A u)) in H. pose proof (proj2 (Hf (A u))) as H2. pose proof (n2_pos E (A u)) as P.
  apply (Rmult_le_compat_l (/ xi * / xi)) in H2; [|apply Rmult_le_pos; left; apply Rinv_0_lt_compat; auto].
  replace (/ xi * / xi * (xi * n2 (A u))) with (/ xi * n2 (A u)) in H2 by (field; lra).
  assert (H3 : 0 <= ip (A u) u - / xi * n2 (A u)) by lra. apply (Rmult_le_compat_l xi) in H3; [|lra].
  replace (xi * (ip (A u) u - / xi * n2 (A u))) with (xi * ip (A u) u - n2 (A u)) in H3 by (field; lra). lra. Qed.

Definition taylor v : E := vadd (vsub (vadd (vsub v (A v)) (vscal (1 / 2) (A (A v)))) (vscal (1 / 6) (A (A (A v))))) (vscal (1 / 24) (A (A
  (A (A v))))).
Lemma taylor_symmetric : symmetric_operator E taylor.
Proof. intros u v. unfold taylor. ips. rewrite !HA. reflexivity. Qed.
Lemma taylor_form v : ip (taylor v) v = n2 v - ip (A v) v + / 2 * n2 (A v) - / 6 * ip (A (A v)) (A v) + / 24 * n2 (A (A v)).
Proof. unfold taylor. ips. rewrite (HA (A (A (A v))) v), (HA (A (A v)) (A v)), (HA (A (A v)) v), (HA (A v) v). field. Qed.

(** 1 - P(x) = -x cubic(x)/24 and 1 + P(x) is a sum of squares, so -1 <= P(A) <= 1. *)
Lemma taylor_bounds v : - 1 * n2 v <= ip (taylor v) v <= 1 * n2 v.
Proof. rewrite taylor_form. split.
  - set (w := vadd (vadd (A (A v)) (vscal (-2) (A v))) (vscal 3 v)). set (z := vadd (A v) (vscal (-3) v)).
    assert (I1 : n2 v - ip (A v) v + / 2 * n2 (A v) - / 6 * ip (A (A v)) (A v) + / 24 * n2 (A (A v)) + n2 v
      = / 24 * n2 w + / 12 * n2 z + 7 / 8 * n2 v).
    { assert (K : ip (A (A v)) v = ip (A v) (A v)) by apply HA. unfold w, z. products.
      rewrite ?K, ?(ip_sym E v (A (A v))), ?K. field. }
    pose proof (n2_pos E w). pose proof (n2_pos E z). pose proof (n2_pos E v). lra.
  - set (e := (xi - 4) / 2). set (w := vadd (A v) (vscal e v)).
    pose proof (A_bounded w) as B1. pose proof (A_bounded v) as B2. pose proof (proj1 (Hf v)) as B3.
    assert (W1 : ip (A w) w = ip (A (A v)) (A v) + 2 * e * n2 (A v) + e^2 * ip (A v) v).
    { unfold w. rewrite A_combination, !ip_add_r, !ip_scal_r, (HA (A v) v). unfold n2. ring. }
    assert (W2 : n2 (A w) = n2 (A (A v)) + 2 * e * ip (A (A v)) (A v) + e^2 * n2 (A v)).
    { unfold n2. unfold w at 1. rewrite A_combination, (ip_sym E (A (A v)) (A w)), (ip_sym E (A v) (A w)). unfold w.
      rewrite !A_combination, (ip_sym E (A v) (A (A v))). ring. }
    rewrite W1, W2 in B1.
    assert (B4 : 0 <= - cubic xi * ip (A v) v) by (apply Rmult_le_pos; lra).
    assert (B5 : 0 <= (3 / 4 * xi^2 - 2 * xi + 8) * (xi * ip (A v) v - n2 (A v))).
    { apply Rmult_le_pos; auto. pose proof (pow2_ge_0 (3 * xi - 4)). lra. }
    assert (I2 : 24 * (ip (A v) v - / 2 * n2 (A v) + / 6 * ip (A (A v)) (A v) - / 24 * n2 (A (A v))) = - cubic xi * ip (A v) v
      + (xi * (ip (A (A v)) (A v) + 2 * e * n2 (A v) + e^2 * ip (A v) v) - (n2 (A (A v)) + 2 * e * ip (A (A v)) (A v) + e^2 * n2 (A v)))
      + (3 / 4 * xi^2 - 2 * xi + 8) * (xi * ip (A v) v - n2 (A v))) by (unfold cubic, e; field).
    lra. Qed.

Lemma taylor_norm d : n2 (taylor d) <= n2 d.
Proof. pose proof (symmetric_norm E taylor 1 ltac:(lra) taylor_symmetric taylor_bounds d) as H. lra. Qed.
End Polynomial.

(** A linear field J, symmetric with 0 <= J <= beta: one RK4 step applies P(hJ) to differences. *)
Definition symmetric_field {E : space} (J : E -> E) beta := symmetric_operator E J /\ forall v, 0 <= ip (J v) v <= beta * n2 v.
Lemma rk4_symmetric_nonexpansive (E : space) (J : E -> E) beta h x y : 0 < h -> 0 < beta -> cubic (h * beta) <= 0 -> symmetric_field J
  beta ->
  norm (vsub (rk4 J h x) (rk4 J h y)) <= norm (vsub x y).
Proof. intros Hh Hb Hc [HJ Hf]. set (A := fun v => vscal h (J v)). apply norm_mono.
  assert (HA : symmetric_operator E A) by (intros u v; unfold A; rewrite ip_scal, ip_scal_r, HJ; reflexivity).
  assert (HfA : forall v, 0 <= ip (A v) v <= h * beta * n2 v).
  { intros v. unfold A. rewrite ip_scal. destruct (Hf v) as [F1 F2]. split; [apply Rmult_le_pos; lra|].
    rewrite Rmult_assoc. apply Rmult_le_compat_l; lra. }
  assert (Hx : 0 < h * beta) by (apply Rmult_lt_0_compat; auto).
  set (T := taylor E A (vsub x y)).
  assert (R : forall t, ip (vsub (rk4 J h x) (rk4 J h y)) t = ip T t).
  { intros t. unfold T, taylor, A, rk4, stage4, stage3, stage2. repeat (rewrite ?HJ; ips). field. }
  assert (Q : n2 (vsub (rk4 J h x) (rk4 J h y)) = n2 T) by (unfold n2; rewrite R, ip_sym, R; reflexivity).
  rewrite Q. apply (taylor_norm E A (h * beta) Hx Hc HA HfA). Qed.

(** The formula times beta is the root of the cubic. *)
Lemma cube_root : let a := Rpower (172 + 36 * sqrt 29) (1 / 3) in 0 < a /\ a^6 - 344 * a^3 - 8000 = 0.
Proof. cbv zeta. set (a := Rpower (172 + 36 * sqrt 29) (1 / 3)). assert (Ps : 0 <= sqrt 29) by apply sqrt_pos.
  assert (Es : sqrt 29 ^ 2 = 29) by (apply pow2_sqrt; lra).
  assert (Pa : 0 < a) by (unfold a, Rpower; apply exp_pos). split; auto.
  assert (E3 : a^3 = 172 + 36 * sqrt 29).
  { rewrite <- (Rpower_pow 3 a Pa). unfold a. rewrite Rpower_mult. replace (1 / 3 * INR 3) with 1 by (simpl; field). apply Rpower_1. lra. }
  replace (a^6) with (a^3 * a^3) by ring. rewrite E3. lra. Qed.
Lemma cubic_root beta : 0 < beta -> cubic (rk4_linear_symmetric beta * beta) = 0.
Proof. intros Hb. destruct cube_root as [Pa Ea]. unfold rk4_linear_symmetric. set (a := Rpower (172 + 36 * sqrt 29) (1 / 3)) in *.
  replace ((4 + a - 20 / a) / (3 * beta) * beta) with ((4 + a - 20 / a) / 3) by (field; lra). unfold cubic.
  transitivity ((a^6 - 344 * a^3 - 8000) / (27 * a^3)); [field; lra|]. rewrite Ea. field. lra. Qed.

(** Up to s no RK4 step increases a distance on any linear field, symmetric in its inner product, with 0 <= J <= beta. *)
Definition rk4_nonexpansive_up_to beta s := forall h, 0 < h <= s -> forall (E : space) (J : E -> E), symmetric_field J beta ->
  forall x y, norm (vsub (rk4 J h x) (rk4 J h y)) <= norm (vsub x y).

(** The limit is exact; J = beta I shows that no larger step is safe. *)
Theorem rk4_linear_symmetric_sharp beta : 0 < beta -> is_lub (rk4_nonexpansive_up_to beta) (rk4_linear_symmetric beta).
Proof. intros Hb. pose proof (cubic_root beta Hb) as Hr. set (v := rk4_linear_symmetric beta) in *.
  assert (Pv : 0 < v * beta).
  { apply Rnot_le_lt; intros C. apply cubic_increasing in C. rewrite Hr in C. unfold cubic in C. lra. }
  assert (Pv' : 0 < v) by (apply Rmult_lt_reg_r with beta; lra). split.
  - intros s Hs. apply Rnot_lt_le; intros C.
    assert (HJ : symmetric_field (spiral beta 0) beta).
    { split.
      - intros u w. simpl. ring.
      - intros u. rewrite plane_n2. simpl. pose proof (pow2_ge_0 (fst u)). pose proof (pow2_ge_0 (snd u)).
        assert (0 <= beta * (fst u ^ 2 + snd u ^ 2)) by (apply Rmult_le_pos; lra). lra. }
    pose proof (Hs s ltac:(lra) plane (spiral beta 0) HJ east origin) as H. apply sq_le_norm in H. rewrite norm_sq, east_n2 in H.
    set (x := s * beta).
    assert (Ex : n2 (vsub (rk4 (spiral beta 0) s east) (rk4 (spiral beta 0) s origin)) = (1 + x * cubic x / 24)^2).
    { rewrite plane_n2. unfold rk4, stage4, stage3, stage2, spiral, x, cubic. simpl. field. }
    rewrite Ex in H.
    assert (Hx : v * beta < x) by (unfold x; apply Rmult_lt_compat_r; auto).
    assert (Px : 0 < cubic x).
    { pose proof (cubic_difference (v * beta) x) as D. rewrite Hr in D. pose proof (pow2_ge_0 (v * beta + x / 2 - 2)).
      pose proof (pow2_ge_0 (3 * x - 4)).
      assert (0 < (x - v * beta) * ((v * beta + x / 2 - 2)^2 + (3 / 4 * x^2 - 2 * x + 8))) by (apply Rmult_lt_0_compat; lra). lra. }
    assert (P1 : 0 < x * cubic x) by (apply Rmult_lt_0_compat; lra). pose proof (pow2_ge_0 (x * cubic x / 24)) as P2. lra.
  - intros m Hm. apply Hm. intros h [Hh Hs] E J HJ x y. apply (rk4_symmetric_nonexpansive E J beta); auto.
    rewrite <- Hr. apply cubic_increasing. apply Rmult_le_compat_r; lra. Qed.

(** rk4/linear/symmetric. The least upper bound of the steps up to which one RK4 step is non-expansive for every linear field that is
    symmetric in the inner product with 0 <= J <= beta exists and is at least (in fact equal to) the formula. *)
Theorem rk4_linear_symmetric_holds beta : 0 < beta -> exists s, is_lub (rk4_nonexpansive_up_to beta) s /\ rk4_linear_symmetric beta <= s.
Proof. intros Hb. exists (rk4_linear_symmetric beta). split; [apply rk4_linear_symmetric_sharp; auto|lra]. Qed.
