(** The classical Runge-Kutta method (RK4) on x' = -F(x): contraction of two solutions for steps up to 2 alpha/beta^2 and 2/ell. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products Play.
Open Scope R_scope.

(** The stage points: x, x - (h/2) k1, x - (h/2) k2, x - h k3, with ki = F at the i-th stage point; the step with the weights
    (1, 2, 2, 1)/6. *)
Definition stage2 {E : space} (F : E -> E) h x : E := vsub x (vscal (h / 2) (F x)).
Definition stage3 {E : space} (F : E -> E) h x : E := vsub x (vscal (h / 2) (F (stage2 F h x))).
Definition stage4 {E : space} (F : E -> E) h x : E := vsub x (vscal h (F (stage3 F h x))).
Definition rk4 {E : space} (F : E -> E) h x : E :=
  vsub x (vscal (h / 6) (vadd (vadd (F x) (vscal 2 (F (stage2 F h x)))) (vadd (vscal 2 (F (stage3 F h x))) (F (stage4 F h x))))).
(** The point and the stage points of its step lie in the region X. *)
Definition stages_in {E : space} (X : E -> Prop) (F : E -> E) h x := X x /\ X (stage2 F h x) /\ X (stage3 F h x) /\ X (stage4 F h x).

(** Four stages of a difference d with the field differences D1..D4: |d|^2 - |d+|^2 = sum b_i (2h <D_i, d_i> - h^2 |D_i|^2) + squares. *)
Lemma stage_identity (E : space) (d D1 D2 D3 D4 : E) h :
  n2 d - n2 (vsub d (vscal (h / 6) (vadd (vadd D1 (vscal 2 D2)) (vadd (vscal 2 D3) D4)))) =
    1 / 6 * (2 * h * ip D1 d - h^2 * n2 D1) + 1 / 3 * (2 * h * ip D2 (vsub d (vscal (h / 2) D1)) - h^2 * n2 D2)
    + 1 / 3 * (2 * h * ip D3 (vsub d (vscal (h / 2) D2)) - h^2 * n2 D3) + 1 / 6 * (2 * h * ip D4 (vsub d (vscal h D3)) - h^2 * n2 D4)
    + h^2 / 72 * n2 (vadd (vscal 2 (vadd D1 D4)) (vadd D2 D3)) + h^2 / 8 * n2 (vadd D2 D3)
    + h^2 / 12 * n2 (vadd (vsub D1 D4) (vsub D2 D3)).
Proof. products. field. Qed.

Section Pair.
Variables (E : space) (F : E -> E) (h : R) (x y : E).
(** Differences of the field at the four stages, and of the stage points *)
Let D1 := vsub (F x) (F y).
Let D2 := vsub (F (stage2 F h x)) (F (stage2 F h y)).
Let D3 := vsub (F (stage3 F h x)) (F (stage3 F h y)).
Let D4 := vsub (F (stage4 F h x)) (F (stage4 F h y)).

(** If 2h <D_i, d_i> - h^2 |D_i|^2 >= 0 at stages 2, 3, 4 and >= c |d|^2 at the first, then |d+|^2 <= (1 - c/6)|d|^2. *)
Lemma stages_suffice c : c * n2 (vsub x y) <= 2 * h * ip D1 (vsub x y) - h^2 * n2 D1 ->
  0 <= 2 * h * ip D2 (vsub (stage2 F h x) (stage2 F h y)) - h^2 * n2 D2 ->
  0 <= 2 * h * ip D3 (vsub (stage3 F h x) (stage3 F h y)) - h^2 * n2 D3 ->
  0 <= 2 * h * ip D4 (vsub (stage4 F h x) (stage4 F h y)) - h^2 * n2 D4 ->
  n2 (vsub (rk4 F h x) (rk4 F h y)) <= (1 - c / 6) * n2 (vsub x y).
Proof. intros H1 H2 H3 H4. pose proof (stage_identity E (vsub x y) D1 D2 D3 D4 h) as I1.
  set (S1 := vadd (vscal 2 (vadd D1 D4)) (vadd D2 D3)) in *. set (S2 := vadd D2 D3) in *. set (S3 := vadd (vsub D1 D4) (vsub D2 D3)) in *.
  pose proof (n2_pos E S1). pose proof (n2_pos E S2). pose proof (n2_pos E S3). pose proof (pow2_ge_0 h) as Ph.
  assert (0 <= h^2 / 72 * n2 S1) by (apply Rmult_le_pos; lra). assert (0 <= h^2 / 8 * n2 S2) by (apply Rmult_le_pos; lra).
  assert (0 <= h^2 / 12 * n2 S3) by (apply Rmult_le_pos; lra).
  replace (n2 (vsub (rk4 F h x) (rk4 F h y)))
    with (n2 (vsub (vsub x y) (vscal (h / 6) (vadd (vadd D1 (vscal 2 D2)) (vadd (vscal 2 D3) D4))))).
  2:{ set (u := vsub (vsub x y) (vscal (h / 6) (vadd (vadd D1 (vscal 2 D2)) (vadd (vscal 2 D3) D4)))).
      assert (K : forall t, ip u t = ip (vsub (rk4 F h x) (rk4 F h y)) t) by (intros t; unfold u, rk4, D1, D2, D3, D4; ips; ring).
      unfold n2. rewrite K, ip_sym, K. reflexivity. }
  assert (E2 : ip D2 (vsub (stage2 F h x) (stage2 F h y)) = ip D2 (vsub (vsub x y) (vscal (h / 2) D1)))
    by (generalize D2; intros D; unfold stage2, D1; products; ring).
  assert (E3 : ip D3 (vsub (stage3 F h x) (stage3 F h y)) = ip D3 (vsub (vsub x y) (vscal (h / 2) D2)))
    by (generalize D3; intros D; unfold stage3, D2; products; ring).
  assert (E4 : ip D4 (vsub (stage4 F h x) (stage4 F h y)) = ip D4 (vsub (vsub x y) (vscal h D3)))
    by (generalize D4; intros D; unfold stage4, D3; products; ring).
  rewrite E2 in H2. rewrite E3 in H3. rewrite E4 in H4. lra. Qed.
End Pair.

Section Contraction.
Variables (E : space) (X : E -> Prop) (F : E -> E).

(** rk4/contraction/monotone. One RK4 step with h <= 2 alpha/beta^2 on an alpha-strongly monotone, beta-Lipschitz field multiplies the
    distance of two solutions, whose stage points lie in the region, by at most sqrt(1 - h alpha/3 + h^2 beta^2/6). *)
Theorem rk4_contraction_monotone_holds alpha beta step_size x y : 0 < alpha -> 0 < beta -> alpha <= beta ->
  strongly_monotone X F alpha -> lipschitz X F beta -> 0 < step_size -> step_size <= 2 * alpha / beta^2 ->
  stages_in X F step_size x -> stages_in X F step_size y ->
  norm (vsub (rk4 F step_size x) (rk4 F step_size y)) <= rk4_contraction_monotone alpha beta step_size * norm (vsub x y).
Proof. intros Ha Hb Hab Fs Fl Hh Hs [X1 [X2 [X3 X4]]] [Y1 [Y2 [Y3 Y4]]]. set (h := step_size) in *.
  assert (Pb : 0 < beta^2) by (apply pow_lt; auto).
  assert (Hc : 0 <= 2 * h * alpha - h^2 * beta^2).
  { apply (Rmult_le_compat_r (beta^2)) in Hs; [|lra]. replace (2 * alpha / beta^2 * beta^2) with (2 * alpha) in Hs by (field; lra).
    apply (Rmult_le_compat_l h) in Hs; lra. }
  assert (Ht : forall u v, X u -> X v ->
    (2 * h * alpha - h^2 * beta^2) * n2 (vsub u v) <= 2 * h * ip (vsub (F u) (F v)) (vsub u v) - h^2 * n2 (vsub (F u) (F v))).
  { intros u v Hu Hv. pose proof (Fs u v Hu Hv) as Hm. pose proof (Fl u v Hu Hv) as Hl.
    apply (Rmult_le_compat_l (2 * h)) in Hm; [|lra]. apply (Rmult_le_compat_l (h^2)) in Hl; [|apply pow2_ge_0]. lra. }
  assert (Ht0 : forall u v, X u -> X v -> 0 <= 2 * h * ip (vsub (F u) (F v)) (vsub u v) - h^2 * n2 (vsub (F u) (F v))).
  { intros u v Hu Hv. specialize (Ht u v Hu Hv). pose proof (Rmult_le_pos _ _ Hc (n2_pos E (vsub u v))). lra. }
  unfold rk4_contraction_monotone. apply norm_ratio.
  - replace (1 - h * alpha / 3 + h^2 * beta^2 / 6) with (((1 - h * beta)^2 + 5 + 2 * h * (beta - alpha)) / 6) by field.
    assert (0 <= h * (beta - alpha)) by (apply Rmult_le_pos; lra). pose proof (pow2_ge_0 (1 - h * beta)). lra.
  - replace (1 - h * alpha / 3 + h^2 * beta^2 / 6) with (1 - (2 * h * alpha - h^2 * beta^2) / 6) by field.
    apply stages_suffice; auto. Qed.

(** rk4/contraction/cocoercive. One RK4 step with h <= 2/ell on a 1/ell-cocoercive field does not increase the distance of two solutions
    whose stage points lie in the region. *)
Theorem rk4_contraction_cocoercive_holds ell step_size x y : 0 < ell -> cocoercive X F ell -> 0 < step_size -> step_size <= 2 / ell ->
  stages_in X F step_size x -> stages_in X F step_size y ->
  norm (vsub (rk4 F step_size x) (rk4 F step_size y)) <= rk4_contraction_cocoercive ell step_size * norm (vsub x y).
Proof. intros Hl Fc Hh Hs [X1 [X2 [X3 X4]]] [Y1 [Y2 [Y3 Y4]]]. set (h := step_size) in *. apply short in Hs; auto.
  assert (Ht : forall u v, X u -> X v -> 0 <= 2 * h * ip (vsub (F u) (F v)) (vsub u v) - h^2 * n2 (vsub (F u) (F v))).
  { intros u v Hu Hv. pose proof (Fc u v Hu Hv) as Hc. set (D := n2 (vsub (F u) (F v))) in *.
    assert (PD : 0 <= / ell * D) by (apply Rmult_le_pos; [left; apply Rinv_0_lt_compat; auto|apply n2_pos]).
    pose proof (Rmult_le_compat_r _ _ _ PD Hs) as H. replace (h * ell * (/ ell * D)) with (h * D) in H by (field; lra).
    assert (Q : 0 <= h * (2 * (ip (vsub (F u) (F v)) (vsub u v) - / ell * D) + (2 * (/ ell * D) - h * D))) by (apply Rmult_le_pos; lra).
    lra. }
  unfold rk4_contraction_cocoercive. rewrite Rmult_1_l. apply norm_mono.
  pose proof (stages_suffice E F h x y 0) as H. rewrite Rmult_0_l in H. replace (1 - 0 / 6) with 1 in H by field.
  rewrite Rmult_1_l in H. apply H; apply Ht; auto. Qed.
End Contraction.
