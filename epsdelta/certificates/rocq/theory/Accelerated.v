(** Nesterov's accelerated gradient method on smooth convex functions: the gap falls as 2 L distance^2/(T + 1)^2. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent StrongDescent ConvexDescent Formulas.
Open Scope R_scope.

Section Nesterov.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L : R) (x y : nat -> E) (xs : E).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L) (Hconvex : subgradient f grad) (Hmin : minimizer f xs).
(** y 0 = x 1 is the first point, y k the gradient step of length 1/L from x k, and x (k + 1) adds the momentum (k - 1)/(k + 2) to y k;
    x 0 plays no part. With k + 1 in place of k: *)
Hypotheses (Hstart : x 1%nat = y O) (Hy : forall k, y (S k) = euler grad (1 / L) (x (S k)))
  (Hx : forall k, x (S (S k)) = vadd (y (S k)) (vscal (INR k / (INR k + 3)) (vsub (y (S k)) (y k)))).

(** t_{k+1} y_{k+1} - (t_{k+1} - 1) y_k - xs with t_{k+1} = (k + 2)/2 *)
Let ahead k := vsub (vsub (vscal ((INR k + 2) / 2) (y (S k))) (vscal (INR k / 2) (y k))) xs.

Lemma ahead_step k g : g = grad (x (S (S k))) -> n2 (ahead (S k)) = n2 (ahead k)
  - (INR k + 3) / L * ip g (vadd (vscal ((INR k + 1) / 2) (vsub (x (S (S k))) (y (S k)))) (vsub (x (S (S k))) xs))
  + ((INR k + 3) / (2 * L)) ^ 2 * n2 g.
Proof. intros Eg. pose proof (pos_INR k) as K. unfold ahead. rewrite (Hy (S k)), S_INR. unfold euler. rewrite <- Eg. rewrite (Hx k).
  vec. field. lra. Qed.

(** The potential t_k^2 (f(y_k) - f(xs)) + (L/2)|t_k y_k - (t_k - 1) y_{k-1} - xs|^2 does not grow, and starts at most at (L/2)|x_1 - xs|^2. *)
Lemma nesterov_potential k : ((INR k + 2) / 2) ^ 2 * (f (y (S k)) - f xs) + L / 2 * n2 (ahead k) <= L / 2 * n2 (vsub (x 1%nat) xs).
Proof. induction k as [|k IH].
  - pose proof (descent_step_inverse E f grad L (x 1%nat) HL Hsmooth) as D. rewrite <- Hy in D.
    pose proof (Hconvex (x 1%nat) xs) as C.
    assert (A : L / 2 * n2 (ahead 0) = L / 2 * n2 (vsub (x 1%nat) xs) + ip (grad (x 1%nat)) (vsub xs (x 1%nat)) + n2 (grad (x 1%nat)) / (2 * L)).
    { unfold ahead. simpl INR. rewrite Hy. unfold euler. vec. field. lra. }
    simpl INR. replace ((0 + 2) / 2) with 1 by field. lra.
  - eapply Rle_trans; [|exact IH]. pose proof (pos_INR k) as K.
    pose proof (ahead_step k (grad (x (S (S k)))) eq_refl) as A. rewrite S_INR.
    pose proof (descent_step_inverse E f grad L (x (S (S k))) HL Hsmooth) as D. rewrite <- Hy in D.
    pose proof (Hconvex (x (S (S k))) (y (S k))) as C1. pose proof (Hconvex (x (S (S k))) xs) as C2. pose proof (Hmin (y (S k))) as M.
    set (g := grad (x (S (S k)))) in *. set (t := (INR k + 3) / 2).
    assert (Ht : 1 <= t) by (unfold t; lra).
    assert (Ek : INR k = 2 * t - 3) by (unfold t; field). rewrite Ek in *.
    apply Rmult_le_compat_l with (r := t ^ 2) in D; [|apply pow2_ge_0].
    apply Rmult_le_compat_l with (r := t * (t - 1)) in C1; [|apply Rmult_le_pos; lra].
    apply Rmult_le_compat_l with (r := t) in C2; [|lra].
    assert (A2 : L / 2 * n2 (ahead (S k)) = L / 2 * n2 (ahead k)
      - t * ip g (vadd (vscal (t - 1) (vsub (x (S (S k))) (y (S k)))) (vsub (x (S (S k))) xs)) + t ^ 2 * (n2 g / (2 * L))).
    { rewrite A. replace ((2 * t - 3 + 1) / 2) with (t - 1) by field. field. lra. }
    rewrite A2. clear A A2 Ek. set (h := n2 g / (2 * L)) in *. set (a := n2 (ahead k)).
    replace ((2 * t - 3 + 1 + 2) / 2) with t by field. replace ((2 * t - 3 + 2) / 2) with (t - 1 / 2) by field.
    revert D C1 C2. ips. intros D C1 C2. lra. Qed.

(** nesterov/convex/gap: for smooth convex f with a minimizer the gap after T >= 1 gradients is at most
    2 L distance^2/(T + 1)^2; [distance] is at least the distance of the first point to the minimizer. *)
Theorem nesterov_convex_gap_holds distance T : distance_to xs (x 1%nat) <= distance -> (1 <= T)%nat ->
  f (y T) - f xs <= nesterov_convex_gap L distance T.
Proof. intros Hd HT. destruct T as [|k]; [lia|]. pose proof (nesterov_potential k) as H. pose proof (pos_INR k) as K.
  pose proof (distance_square E xs (x 1%nat) distance Hd) as HD. pose proof (n2_pos E (ahead k)) as P.
  assert (A : L / 2 * n2 (vsub (x 1%nat) xs) <= L / 2 * distance ^ 2) by (apply Rmult_le_compat_l; lra).
  assert (B : 0 <= L / 2 * n2 (ahead k)) by (apply Rmult_le_pos; lra).
  assert (Hp : 0 < ((INR k + 2) / 2) ^ 2) by (apply pow_lt; lra).
  unfold nesterov_convex_gap. rewrite S_INR. apply Rmult_le_reg_l with (((INR k + 2) / 2) ^ 2); auto.
  replace (((INR k + 2) / 2) ^ 2 * (2 * L * distance ^ 2 / (INR k + 1 + 1) ^ 2)) with (L / 2 * distance ^ 2) by (field; lra). lra. Qed.

(** nesterov/convex/complexity: every number of steps from max(1, distance sqrt(2 L/eps) - 1) on leaves a gap of at most eps. *)
Theorem nesterov_convex_complexity_holds distance eps T : distance_to xs (x 1%nat) <= distance -> 0 < eps ->
  nesterov_convex_complexity L distance eps <= INR T -> f (y T) - f xs <= eps.
Proof. intros Hd He. unfold nesterov_convex_complexity. intros HT.
  assert (H1 : 1 <= INR T) by (eapply Rle_trans; [apply Rmax_l|exact HT]).
  assert (H2 : distance * sqrt (2 * L / eps) <= INR T + 1).
  { assert (distance * sqrt (2 * L / eps) - 1 <= INR T) by (eapply Rle_trans; [apply Rmax_r|exact HT]). lra. }
  assert (HT1 : (1 <= T)%nat) by (apply INR_le; simpl; lra).
  eapply Rle_trans; [apply (nesterov_convex_gap_holds distance); auto|]. unfold nesterov_convex_gap.
  assert (Hq : 0 <= 2 * L / eps) by (left; apply Rdiv_lt_0_compat; lra).
  assert (Hd0 : 0 <= distance) by (eapply Rle_trans; [apply norm_pos|exact Hd]).
  assert (Hsq : distance ^ 2 * (2 * L / eps) <= (INR T + 1) ^ 2).
  { rewrite <- (pow2_sqrt (2 * L / eps)) by auto. rewrite <- Rpow_mult_distr. apply pow_incr. split; auto.
    apply Rmult_le_pos; auto. apply sqrt_pos. }
  assert (Hp : 0 < (INR T + 1) ^ 2) by (apply pow_lt; lra).
  apply Rmult_le_reg_r with ((INR T + 1) ^ 2); auto.
  replace (2 * L * distance ^ 2 / (INR T + 1) ^ 2 * (INR T + 1) ^ 2) with (eps * (distance ^ 2 * (2 * L / eps))) by (field; lra).
  apply Rmult_le_compat_l; lra. Qed.
End Nesterov.
