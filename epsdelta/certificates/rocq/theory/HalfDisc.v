(** RK4 on linear fields whose eigenvalues lie in the right half disc of radius beta: no stability of the class at 2.6156/beta. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products StepLimits Bilinear Spectra RungeKutta LinearPlay.
Open Scope R_scope.

(** Every eigenvalue of J has positive real part and modulus at most beta. *)
Definition half_disc {E : space} (J : E -> E) beta := forall a b, eigenvalue J a b -> 0 < a /\ a^2 + b^2 <= beta^2.
(** J is linear, as the inner products see it. *)
Definition linear_operator {E : space} (J : E -> E) := (forall u v t, ip (J (vadd u v)) t = ip (J u) t + ip (J v) t) /\
  forall c u t, ip (J (vscal c u)) t = c * ip (J u) t.
(** Below s every RK4 step has a spectral radius below 1, for every linear field of the class on a space of the given kind. *)
Definition rk4_stable_below (kind : space -> Prop) beta s := forall h, 0 < h < s -> forall (E : space) (J : E -> E), kind E ->
  linear_operator J -> half_disc J beta -> spectral_radius_below (rk4 J h) 1.

(** Real and imaginary part of P(-(x + iy)), P the Taylor polynomial of degree 4 of exp *)
Definition taylor_re x y := 1 - x + (x^2 - y^2) / 2 - (x^3 - 3 * x * y^2) / 6 + (x^4 - 6 * x^2 * y^2 + y^4) / 24.
Definition taylor_im x y := - y + x * y - (3 * x^2 * y - y^3) / 6 + (x^3 * y - x * y^3) / 6.
Lemma rk4_spiral a b h z : rk4 (spiral a b) h z = spiral (taylor_re (h * a) (h * b)) (taylor_im (h * a) (h * b)) z.
Proof. destruct z as [p q]. unfold rk4, stage4, stage3, stage2, spiral, taylor_re, taylor_im. simpl. f_equal; field. Qed.
Lemma spiral_linear a b : linear_operator (spiral a b).
Proof. split; intros; unfold spiral; simpl; ring. Qed.

(** rk4/linear/half-disc-limit. The least upper bound of the steps below which one RK4 step has a spectral radius below 1 for every linear
    field of the class exists and is at most 6539/(2500 beta): the eigenvalues beta (27/50 +- .841665 i) leave the unit disc there. A plane is
    enough: the spaces of the class may be the planes alone, all of finite dimension, or any others beside them. *)
Theorem rk4_linear_half_disc_limit_holds (kind : space -> Prop) beta : kind plane -> 0 < beta ->
  exists s, is_lub (rk4_stable_below kind beta) s /\ s <= rk4_linear_half_disc_limit beta.
Proof. intros Hk Hb. set (v := rk4_linear_half_disc_limit beta). assert (Pv : 0 < v) by (apply Rdiv_lt_0_compat; lra).
  assert (U : is_upper_bound (rk4_stable_below kind beta) v).
  { intros s Hs. apply Rnot_lt_le; intros C. set (a := beta * (27 / 50)). set (b := beta * (841665 / 1000000)).
    assert (Hj : half_disc (spiral a b) beta).
    { intros x y H. apply spiral_spectrum in H. destruct H as [-> Hy]. rewrite Hy. pose proof (pow_lt beta 2 Hb). unfold a, b. split; lra. }
    assert (He : eigenvalue (rk4 (spiral a b) v) (taylor_re (v * a) (v * b)) (taylor_im (v * a) (v * b))).
    { destruct (spiral_eigenvalue (taylor_re (v * a) (v * b)) (taylor_im (v * a) (v * b))) as [p [q H]]. exists p, q.
      unfold eigenvector in *. rewrite !rk4_spiral. exact H. }
    pose proof (Hs v (conj Pv C) plane (spiral a b) Hk (spiral_linear a b) Hj _ _ He) as H.
    replace (v * a) with (6539 / 2500 * (27 / 50)) in H by (unfold v, a, rk4_linear_half_disc_limit; field; lra).
    replace (v * b) with (6539 / 2500 * (841665 / 1000000)) in H by (unfold v, b, rk4_linear_half_disc_limit; field; lra).
    apply Rlt_not_le in H. apply H. rewrite <- sqrt_1 at 1. apply sqrt_le_1_alt. unfold taylor_re, taylor_im. lra. }
  destruct (completeness (rk4_stable_below kind beta)) as [s Hs].
  - exists v. exact U.
  - exists 0. intros h Hh. lra.
  - exists s. split; auto. apply Hs. exact U. Qed.
