(** Gradient play in weighted potential games: fields on R^n whose Jacobian is symmetric in a metric P with eigenvalues in [alpha, beta]. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Field Formulas Products.
Open Scope R_scope.

Lemma abs_bounds x q : Rabs x <= q -> - q <= x <= q.
Proof. intros H. pose proof (Rle_abs x). pose proof (Rle_abs (- x)) as H'. rewrite Rabs_Ropp in H'. lra. Qed.

Section Symmetric.
Variable E : space.
Definition symmetric_operator (B : E -> E) := forall u v, ip (B u) v = ip u (B v).

(** A symmetric operator whose quadratic form lies between -q|v|^2 and q|v|^2 has norm at most q (the spectral theorem is not needed:
    4 <Bu, v> is a difference of two values of the form, and v = Bu/q). *)
Lemma symmetric_norm B q : 0 <= q -> symmetric_operator B -> (forall v, - q * n2 v <= ip (B v) v <= q * n2 v) ->
  forall u, n2 (B u) <= q^2 * n2 u.
Proof. intros Hq HB Hf u.
  assert (H : forall t, 2 * t * n2 (B u) <= q * (n2 u + t^2 * n2 (B u))).
  { intros t. set (v := vscal t (B u)). pose proof (Hf (vadd u v)) as [_ H1]. pose proof (Hf (vsub u v)) as [H2 _].
    assert (E1 : ip (B (vadd u v)) (vadd u v) - ip (B (vsub u v)) (vsub u v) = 4 * t * n2 (B u)).
    { rewrite !ip_add_r, !ip_sub_r, !HB, !ip_add, !ip_sub_l, <- !HB. unfold v. rewrite (HB (vscal t (B u))).
      rewrite !ip_scal, !ip_scal_r, <- (HB (B u) u), (HB (B u) u). unfold n2. ring. }
    assert (E2 : n2 (vadd u v) + n2 (vsub u v) = 2 * (n2 u + t^2 * n2 (B u))) by (unfold v; products; ring).
    assert (q * (n2 (vadd u v) + n2 (vsub u v)) = q * (2 * (n2 u + t^2 * n2 (B u)))) by (rewrite E2; auto). lra. }
  pose proof (n2_pos E (B u)). destruct (Req_dec q 0) as [Z|N].
  - specialize (H 1). rewrite Z in *. pose proof (n2_pos E u). lra.
  - specialize (H (/ q)). apply Rmult_le_reg_l with (/ q); [apply Rinv_0_lt_compat; lra|].
    replace (q * (n2 u + (/ q)^2 * n2 (B u))) with (q * n2 u + / q * n2 (B u)) in H by (field; auto).
    replace (/ q * (q^2 * n2 u)) with (q * n2 u) by (field; auto). lra. Qed.

(** The mean value of a field in every direction w is that of a symmetric operator with its form between alpha and beta; see
    [potential_mean] for fields on R^n. *)
Definition symmetric_means (X : E -> Prop) (F : E -> E) alpha beta := forall x y w, X x -> X y -> exists A,
  symmetric_operator A /\ (forall v, alpha * n2 v <= ip (A v) v <= beta * n2 v) /\ ip (vsub (F x) (F y)) w = ip (A (vsub x y)) w.

Lemma symmetric_contracts X F alpha beta h q : 0 < h -> Rabs (1 - h * alpha) <= q -> Rabs (1 - h * beta) <= q ->
  symmetric_means X F alpha beta -> forall x y, X x -> X y -> norm (vsub (euler F h x) (euler F h y)) <= q * norm (vsub x y).
Proof. intros Hh Qa Qb HF x y Hx Hy. set (w := vsub (euler F h x) (euler F h y)). set (d := vsub x y).
  assert (Hq : 0 <= q) by (eapply Rle_trans; [apply Rabs_pos|apply Qa]).
  destruct (HF x y w Hx Hy) as [A [HA [Hf Em]]]. set (B := fun v => vsub v (vscal h (A v))).
  assert (HB : symmetric_operator B) by (intros u v; unfold B; rewrite ip_sub_l, ip_sub_r, ip_scal, ip_scal_r, HA; ring).
  assert (HBf : forall v, - q * n2 v <= ip (B v) v <= q * n2 v).
  { intros v. unfold B. rewrite ip_sub_l, ip_scal. fold (n2 v). destruct (Hf v) as [F1 F2]. pose proof (n2_pos E v) as P.
    apply abs_bounds in Qa. apply abs_bounds in Qb.
    apply (Rmult_le_compat_l h) in F1; [|lra]. apply (Rmult_le_compat_l h) in F2; [|lra].
    destruct Qa as [_ Qa]. destruct Qb as [Qb _]. apply (Rmult_le_compat_r (n2 v)) in Qa; auto.
    apply (Rmult_le_compat_r (n2 v)) in Qb; auto. lra. }
  pose proof (symmetric_norm B q Hq HB HBf d) as Hn. apply norm_ratio_sq in Hn; auto.
  assert (I1 : n2 w = ip (B d) w).
  { transitivity (ip d w - h * ip (vsub (F x) (F y)) w).
    - unfold n2. unfold w at 1. unfold d, euler. products. ring.
    - rewrite Em. unfold B. rewrite ip_sub_l, ip_scal. reflexivity. }
  apply norm_cancel; [apply Rmult_le_pos; auto; apply norm_pos|]. rewrite I1. eapply Rle_trans; [apply cauchy_schwarz|].
  apply Rmult_le_compat_r; [apply norm_pos|auto]. Qed.
End Symmetric.

Section Game.
Variables (n : nat) (P : nat -> nat -> R).
Hypotheses (Psym : forall i j, (i < n)%nat -> (j < n)%nat -> P i j = P j i) (Ppsd : psd n P).
(** R^n with the metric P, its distance |x - y|_P and a step of gradient play *)
Let E := weighted_space n P Psym Ppsd.
Let distance (x y : vec) : R := @norm E (@vsub E x y).
Variables (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R) (alpha beta : R).
Let play h x : vec := @euler E F h x.
Hypotheses (HX : convex X) (HF : extensional n F) (HJ : jacobian_on n X F J).
(** P J is symmetric: the game is a weighted potential game *)
Hypothesis potential : forall z, X z -> forall i j, (i < n)%nat -> (j < n)%nat ->
  sum n (fun k => P i k * J z k j) = sum n (fun k => P j k * J z k i).
(** alpha |v|_P^2 <= <v, Jv>_P <= beta |v|_P^2: the eigenvalues of J lie between alpha and beta *)
Hypothesis spectrum : forall z v, X z -> alpha * form n P v v <= form n P v (mv n (J z) v) <= beta * form n P v v.

Lemma form_mv A u v : form n P u (mv n A v) = form n (fun i j => sum n (fun k => P i k * A k j)) u v.
Proof. rewrite !form_sum. apply sum_ext; intros i Hi. unfold mv.
  rewrite (sum_ext n _ (fun k => sum n (fun j => P i k * A k j * (u i * v j))))
    by (intros; rewrite <- !sum_scal; apply sum_ext; intros; ring).
  rewrite sum_swap. apply sum_ext; intros j Hj. rewrite sum_scal_r. reflexivity. Qed.

Lemma potential_mean : symmetric_means E X F alpha beta.
Proof. intros x y w Hx Hy. destruct (mean_value n X F J HX HF HJ x y (mv n P w) Hx Hy) as [z [Hz Em]].
  exists (mv n (J z)). split; [|split].
  - intros u v. change (form n P (mv n (J z) u) v = form n P u (mv n (J z) v)).
    rewrite (form_sym n P (mv n (J z) u) v) by auto. rewrite !form_mv. apply form_sym. intros i j Hi Hj. apply potential; auto.
  - intros v. rewrite ip_sym. apply spectrum; auto.
  - change (form n P (fun i => F x i + -1 * F y i) w = form n P (mv n (J z) (fun i => x i + -1 * y i)) w).
    unfold form, dot. rewrite (sum_ext n _ (fun i => mv n P w i * (F x i - F y i))) by (intros; ring).
    rewrite Em. apply sum_ext; intros i Hi. rewrite Rmult_comm. f_equal. unfold mv. apply sum_ext; intros; unfold minus; ring. Qed.

(** gradient-play/symmetric/any-step. One step of gradient play on a field whose Jacobian is symmetric in the metric P with eigenvalues
    in [alpha, beta] on the convex region X multiplies P-distances by at most max(|1 - h alpha|, |1 - h beta|). *)
Theorem gradient_play_symmetric_any_step_holds step_size x y : 0 < step_size -> X x -> X y ->
  distance (play step_size x) (play step_size y) <= gradient_play_symmetric_any_step alpha beta step_size * distance x y.
Proof. intros Hh Hx Hy. unfold gradient_play_symmetric_any_step.
  apply (symmetric_contracts E X F alpha beta); auto; [apply Rmax_l|apply Rmax_r|exact potential_mean]. Qed.

(** gradient-play/symmetric/best-step. At the step 2/(alpha + beta) the factor is (beta - alpha)/(beta + alpha). *)
Theorem gradient_play_symmetric_best_step_holds x y : 0 < alpha -> alpha <= beta -> X x -> X y ->
  distance (play (2 / (alpha + beta)) x) (play (2 / (alpha + beta)) y) <= gradient_play_symmetric_best_step alpha beta * distance x y.
Proof. intros Ha Hab Hx Hy. unfold gradient_play_symmetric_best_step.
  assert (Hq : 0 <= (beta - alpha) / (beta + alpha)) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  apply (symmetric_contracts E X F alpha beta); auto; [apply Rdiv_lt_0_compat; lra| | |exact potential_mean].
  - replace (1 - 2 / (alpha + beta) * alpha) with ((beta - alpha) / (beta + alpha)) by (field; lra). rewrite Rabs_pos_eq; lra.
  - replace (1 - 2 / (alpha + beta) * beta) with (- ((beta - alpha) / (beta + alpha))) by (field; lra).
    rewrite Rabs_Ropp, Rabs_pos_eq; lra. Qed.
End Game.
