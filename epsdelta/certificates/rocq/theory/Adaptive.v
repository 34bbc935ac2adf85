(** AdaGrad-Norm with exact gradients on smooth functions, and clipped gradient descent on convex and on (L0,L1)-smooth functions.
    Sequences start at index 0, the first point of the catalogue (there x_1). *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent StrongDescent ConvexDescent Formulas.
Open Scope R_scope.

Lemma ln_below u : 0 < u -> ln u <= u - 1.
Proof. intros Hu. pose proof (exp_ineq1_le (ln u)) as H. rewrite exp_ln in H by auto. lra. Qed.

Section AdaGrad.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L eta b0 : R) (x : nat -> E) (b : nat -> R).
Hypotheses (HL : 0 < L) (Heta : 0 < eta) (Hb0 : 0 < b0) (Hsmooth : smooth f grad L).
Hypotheses (Hstart : b O = b0) (Hb : forall t, b (S t) = sqrt (b t ^ 2 + n2 (grad (x t))))
  (Hx : forall t, x (S t) = vsub (x t) (vscal (eta / b (S t)) (grad (x t)))).

Lemma accumulator_square t : b (S t) ^ 2 = b t ^ 2 + n2 (grad (x t)).
Proof. rewrite Hb. apply pow2_sqrt. pose proof (pow2_ge_0 (b t)). pose proof (n2_pos E (grad (x t))). lra. Qed.
Lemma accumulator_pos t : 0 < b t /\ b t <= b (S t).
Proof. assert (P : 0 < b t).
  { induction t as [|t IH]; [rewrite Hstart; auto|]. rewrite Hb. apply sqrt_lt_R0. assert (0 < b t ^ 2) by (apply pow_lt; auto).
    pose proof (n2_pos E (grad (x t))). lra. }
  split; auto. rewrite Hb. rewrite <- (sqrt_pow2 (b t)) at 1 by lra. apply sqrt_le_1_alt. pose proof (n2_pos E (grad (x t))). lra. Qed.
Lemma accumulator_sum T : sum T (fun t => n2 (grad (x t))) = b T ^ 2 - b0 ^ 2.
Proof. induction T as [|t IH]; simpl sum; [rewrite Hstart; ring|]. rewrite IH, accumulator_square. ring. Qed.

Lemma adagrad_step t : f (x (S t)) <= f (x t) - eta * (b (S t) - b t) + L * eta ^ 2 * (ln (b (S t)) - ln (b t)).
Proof. destruct (accumulator_pos t) as [P Hle]. destruct (accumulator_pos (S t)) as [P1 _].
  pose proof (Hsmooth (x t) (x (S t))) as D. pose proof (accumulator_square t) as Q. rewrite (Hx t) in D at 2 3.
  set (q := n2 (grad (x t))) in *. set (c := b (S t)) in *.
  assert (D1 : f (x (S t)) <= f (x t) - eta * (q / c) + L * eta ^ 2 / 2 * (q / c ^ 2)).
  { eapply Rle_trans; [exact D|]. right. unfold q. vec. field. lra. }
  assert (Hq : q = c ^ 2 - b t ^ 2) by lra.
  assert (A : c - b t <= q / c).
  { replace (q / c) with (c - b t + b t * (c - b t) / c) by (rewrite Hq; field; lra).
    assert (0 <= b t * (c - b t) / c) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|left; apply Rinv_0_lt_compat; auto]). lra. }
  assert (B : q / c ^ 2 <= 2 * (ln c - ln (b t))).
  { assert (Hu : 0 < b t / c) by (apply Rdiv_lt_0_compat; auto).
    pose proof (ln_below (b t / c * (b t / c)) (Rmult_lt_0_compat _ _ Hu Hu)) as Hl. rewrite ln_mult in Hl by auto.
    unfold Rdiv in Hl at 1 2. rewrite ln_mult, ln_Rinv in Hl; auto; [|apply Rinv_0_lt_compat; auto].
    replace (q / c ^ 2) with (1 - b t / c * (b t / c)) by (rewrite Hq; field; lra). lra. }
  assert (A1 : eta * (c - b t) <= eta * (q / c)) by (apply Rmult_le_compat_l; lra).
  assert (B1 : L * eta ^ 2 / 2 * (q / c ^ 2) <= L * eta ^ 2 / 2 * (2 * (ln c - ln (b t)))).
  { apply Rmult_le_compat_l; auto. assert (0 < L * eta ^ 2) by (apply Rmult_lt_0_compat; [lra|apply pow_lt; auto]). lra. }
  lra. Qed.

(** adagrad/norm/deterministic: AdaGrad-Norm with exact gradients on a smooth function bounded below, any step size and any initial
    accumulator b0: the average squared gradient norm of the first T points. [delta_f] is at least the initial gap. *)
Theorem adagrad_norm_deterministic_holds fstar delta_f T : lower_bound f fstar -> f (x O) - fstar <= delta_f -> (1 <= T)%nat ->
  sum T (fun t => n2 (grad (x t))) / INR T <= adagrad_norm_deterministic L b0 delta_f T eta.
Proof. intros Hlow Hd HT. pose proof (pos_INR_of T HT) as HT1.
  assert (Tel : forall n, f (x n) <= f (x O) - eta * (b n - b0) + L * eta ^ 2 * (ln (b n) - ln b0)).
  { induction n as [|n IH]; [rewrite Hstart; lra|]. pose proof (adagrad_step n). lra. }
  specialize (Tel T). pose proof (Hlow (x T)) as Hf. destruct (accumulator_pos T) as [P _].
  assert (Hk : 0 < 2 * L * eta) by (apply Rmult_lt_0_compat; lra).
  assert (Hu : 0 < b T / (2 * L * eta)) by (apply Rdiv_lt_0_compat; auto).
  pose proof (ln_below _ Hu) as Hl. unfold Rdiv in Hl at 1. rewrite ln_mult, ln_Rinv in Hl; auto; [|apply Rinv_0_lt_compat; auto].
  assert (Hq : ln (2 * L * eta / b0) = ln (2 * L * eta) - ln b0).
  { unfold Rdiv. rewrite ln_mult, ln_Rinv by auto using Rinv_0_lt_compat. lra. }
  set (U := 2 * b0 + 2 * delta_f / eta + 2 * L * eta * (ln (2 * L * eta / b0) - 1)).
  assert (HU : b T <= U).
  { apply Rmult_le_compat_l with (r := L * eta ^ 2) in Hl.
    2:{ left. apply Rmult_lt_0_compat; [lra|apply pow_lt; auto]. }
    replace (L * eta ^ 2 * (b T / (2 * L * eta) - 1)) with (eta * b T / 2 - L * eta ^ 2) in Hl by (field; lra).
    apply Rmult_le_reg_l with (eta / 2); [lra|].
    replace (eta / 2 * U) with (eta * b0 + delta_f + L * eta ^ 2 * (ln (2 * L * eta) - ln b0 - 1)) by (unfold U; rewrite Hq; field; lra).
    lra. }
  rewrite accumulator_sum. unfold adagrad_norm_deterministic. fold U. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|].
  assert (b T ^ 2 <= U ^ 2) by (apply pow_incr; lra). lra. Qed.
End AdaGrad.

Section Clipping.
Variable E : space.
(** The descent lemma of (L0,L1)-smooth functions, |grad y - grad x| <= (L0 + L1 |grad x|)|y - x| where L1 |y - x| <= 1, as used below. *)
Theorem generalized_descent f (grad : E -> E) L0 L1 u v : 0 <= L0 -> 0 <= L1 -> has_gradient f grad ->
  (forall y z, L1 * norm (vsub z y) <= 1 -> norm (vsub (grad z) (grad y)) <= (L0 + L1 * norm (grad y)) * norm (vsub z y)) ->
  L1 * norm (vsub v u) <= 1 -> f v <= f u + ip (grad u) (vsub v u) + (L0 + L1 * norm (grad u)) / 2 * n2 (vsub v u).
Proof. intros H0 H1 Hg Hl Huv. pose proof (norm_pos E (grad u)) as P. pose proof (norm_pos E (vsub v u)) as Pd.
  apply descent_lemma; auto. { assert (0 <= L1 * norm (grad u)) by (apply Rmult_le_pos; auto). lra. }
  intros c Hc. assert (En : norm (vsub (vadd u (vscal c (vsub v u))) u) = c * norm (vsub v u)).
  { unfold norm. rewrite <- (sqrt_pow2 c) at 2 by lra. rewrite <- sqrt_mult_alt by apply pow2_ge_0. f_equal. vec. ring. }
  assert (Hlen : L1 * (c * norm (vsub v u)) <= 1).
  { assert (c * (L1 * norm (vsub v u)) <= 1 * (L1 * norm (vsub v u))) by (apply Rmult_le_compat_r; [apply Rmult_le_pos; auto|lra]). lra. }
  rewrite <- En in Hlen. pose proof (Hl _ _ Hlen) as H. rewrite En in H. rewrite <- !norm_sq, <- !Rpow_mult_distr.
  apply pow_incr. split; auto. apply norm_pos. Qed.

Variables (f : E -> R) (grad : E -> E) (c eta : R) (x : nat -> E).
(** the factor min(1, c/|g|) of clipping, 1 where |g| <= c *)
Definition clip_factor (g : E) := if Rle_dec (norm g) c then 1 else c / norm g.
Hypotheses (Hc : 0 < c) (Heta : 0 < eta).
Hypothesis (Hx : forall t, x (S t) = vsub (x t) (vscal (eta * clip_factor (grad (x t))) (grad (x t)))).

Lemma clip_factor_bounds g : 0 < clip_factor g <= 1 /\ clip_factor g * norm g <= c.
Proof. unfold clip_factor. destruct (Rle_dec (norm g) c) as [H|H]; [lra|].
  assert (Hn : 0 < norm g) by lra. repeat split; [apply Rdiv_lt_0_compat; auto| |right; field; lra].
  apply Rmult_le_reg_r with (norm g); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. Qed.

(** clipping/deterministic/nonconvex. (L0,L1)-smoothness enters by its descent lemma, for steps of length up to 1/L1. *)
Section Nonconvex.
Variables (L0 L1 : R).
Hypotheses (HL0 : 0 < L0) (HL1 : 0 <= L1) (Hstep : eta <= 1 / (L0 + c * L1)).
Hypothesis (Hsmooth : forall u v, L1 * norm (vsub v u) <= 1 ->
  f v <= f u + ip (grad u) (vsub v u) + (L0 + L1 * norm (grad u)) / 2 * n2 (vsub v u)).

Lemma step_product : eta * (L0 + c * L1) <= 1.
Proof. assert (0 <= c * L1) by (apply Rmult_le_pos; lra). apply Rmult_le_compat_r with (r := L0 + c * L1) in Hstep; [|lra].
  unfold Rdiv in Hstep. rewrite Rmult_1_l, Rinv_l in Hstep; lra. Qed.
Lemma clipped_decrease t : eta * (clip_factor (grad (x t)) * n2 (grad (x t))) <= 2 * (f (x t) - f (x (S t))).
Proof. set (g := grad (x t)). destruct (clip_factor_bounds g) as [[Hp H1] Hn]. set (k := clip_factor g) in *.
  pose proof step_product as SP. pose proof (norm_pos E g) as NP. assert (Hcl : 0 <= c * L1) by (apply Rmult_le_pos; lra).
  assert (Ex : vsub (x (S t)) (x t) = vsub (vsub (x t) (vscal (eta * k) g)) (x t)) by (rewrite Hx; auto).
  assert (En : n2 (vsub (x (S t)) (x t)) = (eta * k) ^ 2 * n2 g) by (rewrite Ex; vec; ring).
  assert (Hkn : eta * k * norm g <= eta * c) by (rewrite Rmult_assoc; apply Rmult_le_compat_l; lra).
  assert (Hek : 0 <= eta * k) by (apply Rmult_le_pos; lra).
  assert (Hlen : L1 * norm (vsub (x (S t)) (x t)) <= 1).
  { unfold norm. rewrite En, sqrt_mult_alt, sqrt_pow2 by (auto using pow2_ge_0). fold (norm g).
    apply Rle_trans with (L1 * (eta * c)); [apply Rmult_le_compat_l; auto|].
    assert (0 <= eta * L0) by (apply Rmult_le_pos; lra). lra. }
  pose proof (Hsmooth (x t) (x (S t)) Hlen) as D. rewrite En in D. fold g in D.
  assert (Ei : ip g (vsub (x (S t)) (x t)) = - (eta * k * n2 g)) by (rewrite Ex; vec; ring). rewrite Ei in D.
  assert (HK : eta * k * (L0 + L1 * norm g) <= 1).
  { assert (A : eta * k * L0 <= eta * 1 * L0) by (apply Rmult_le_compat_r; [lra|]; apply Rmult_le_compat_l; lra).
    assert (B : eta * L1 * (k * norm g) <= eta * L1 * c) by (apply Rmult_le_compat_l; auto; apply Rmult_le_pos; lra). lra. }
  assert (Hn2 : 0 <= eta * k * n2 g) by (apply Rmult_le_pos; [auto|apply n2_pos]).
  pose proof (Rmult_le_compat_r _ _ _ Hn2 HK) as P. lra. Qed.

(** Smallest gradient norm of the first T points, for steps up to 1/(L0 + c L1); [delta_f] is at least the initial gap. *)
Theorem clipping_deterministic_nonconvex_holds fstar delta_f T : lower_bound f fstar -> f (x O) - fstar <= delta_f -> (1 <= T)%nat ->
  exists t, (t < T)%nat /\ norm (grad (x t)) <= clipping_deterministic_nonconvex L0 L1 c delta_f T eta.
Proof. intros Hlow Hd HT. pose proof (pos_INR_of T HT) as HT1. set (a t := clip_factor (grad (x t)) * n2 (grad (x t))).
  assert (Tel : eta * sum T a <= 2 * (f (x O) - f (x T))).
  { clear HT HT1. induction T as [|t IH]; simpl sum; [lra|]. pose proof (clipped_decrease t). fold (a t) in H. lra. }
  pose proof (Hlow (x T)) as Hf. set (level := 2 * delta_f / (eta * INR T)).
  assert (Hs : sum T a <= INR T * level).
  { apply Rmult_le_reg_l with eta; auto. replace (eta * (INR T * level)) with (2 * delta_f) by (unfold level; field; lra). lra. }
  destruct (least_below_mean T a level HT Hs) as [t [Ht Ha]]. exists t. split; auto.
  unfold clipping_deterministic_nonconvex. fold level. unfold a, clip_factor in Ha. pose proof (norm_pos E (grad (x t))) as NP.
  destruct (Rle_dec (norm (grad (x t))) c) as [H|H].
  - eapply Rle_trans; [|apply Rmax_l]. unfold norm. apply sqrt_le_1_alt. lra.
  - eapply Rle_trans; [|apply Rmax_r]. rewrite <- norm_sq in Ha.
    replace (c / norm (grad (x t)) * norm (grad (x t)) ^ 2) with (c * norm (grad (x t))) in Ha by (field; lra).
    replace (2 * delta_f / (eta * INR T * c)) with (level / c) by (unfold level; field; lra).
    apply Rmult_le_reg_l with c; auto. replace (c * (level / c)) with level by (field; lra). auto. Qed.
End Nonconvex.

(** clipping/deterministic/convex *)
Section Convex.
Variables (L : R) (xs : E).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L) (Hconvex : subgradient f grad) (Hmin : minimizer f xs) (Hstep : eta <= 1 / L).

Lemma clipped_length t : let a := eta * clip_factor (grad (x t)) in 0 <= a /\ L * a <= 1.
Proof. cbv zeta. destruct (clip_factor_bounds (grad (x t))) as [[Hp H1] _].
  assert (Hl : L * eta <= 1). { apply Rmult_le_compat_l with (r := L) in Hstep; [|lra]. unfold Rdiv in Hstep.
    rewrite Rmult_1_l, Rinv_r in Hstep; lra. }
  assert (eta * clip_factor (grad (x t)) <= eta * 1) by (apply Rmult_le_compat_l; lra).
  split; [apply Rmult_le_pos; lra|]. apply Rle_trans with (L * eta); auto. apply Rmult_le_compat_l; lra. Qed.
Lemma clipped_falls t : f (x (S t)) <= f (x t).
Proof. destruct (clipped_length t) as [H0 H1]. pose proof (descent_step E f grad L (eta * clip_factor (grad (x t))) (x t) Hsmooth) as D.
  unfold euler in D. rewrite <- Hx in D. set (a := eta * clip_factor (grad (x t))) in *.
  assert (0 <= a * (1 - L * a / 2) * n2 (grad (x t))) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply n2_pos]). lra. Qed.
Lemma clipped_distance t : n2 (vsub (x (S t)) xs)
  <= n2 (vsub (x t) xs) - 2 * (eta * clip_factor (grad (x t))) * (f (x t) - f xs).
Proof. destruct (clipped_length t) as [H0 H1]. rewrite Hx. set (a := eta * clip_factor (grad (x t))) in *.
  pose proof (towards_minimizer E f grad L HL Hsmooth Hconvex (x t) xs Hmin) as C.
  assert (Ex : n2 (vsub (vsub (x t) (vscal a (grad (x t)))) xs)
    = n2 (vsub (x t) xs) - 2 * a * ip (grad (x t)) (vsub (x t) xs) + a * a * n2 (grad (x t))) by (vec; ring).
  rewrite Ex. apply Rmult_le_compat_l with (r := 2 * a) in C; [|lra].
  assert (B : a * n2 (grad (x t)) * (L * a) <= a * n2 (grad (x t)) * 1).
  { apply Rmult_le_compat_l; auto. apply Rmult_le_pos; auto. apply n2_pos. }
  apply Rmult_le_reg_l with L; auto. lra. Qed.

(** The gap of the last iterate after T >= 1 steps of size eta <= 1/L; [distance] is at least the first distance. *)
Theorem clipping_deterministic_convex_holds distance T : distance_to xs (x O) <= distance -> (1 <= T)%nat ->
  f (x T) - f xs <= clipping_deterministic_convex L c distance T eta.
Proof. intros Hd HT. pose proof (pos_INR_of T HT) as HT1. pose proof (distance_square E xs (x O) distance Hd) as HD.
  set (F := f (x T) - f xs). assert (HF : 0 <= F) by (unfold F; pose proof (Hmin (x T)); lra).
  assert (Hq : 0 <= F / (2 * L)) by (apply Rmult_le_pos; [auto|left; apply Rinv_0_lt_compat; lra]).
  set (m := Rmin F (c * sqrt (F / (2 * L)))).
  assert (Hfall : forall t k, f (x (t + k)%nat) <= f (x t)).
  { intros t k. induction k as [|k IH]; [rewrite Nat.add_0_r; lra|]. rewrite Nat.add_succ_r. pose proof (clipped_falls (t + k)). lra. }
  assert (Hm : forall t, (t < T)%nat -> m <= clip_factor (grad (x t)) * (f (x t) - f xs)).
  { intros t Ht. pose proof (Hfall t (T - t)%nat) as Hmon. replace (t + (T - t))%nat with T in Hmon by lia.
    assert (HFt : F <= f (x t) - f xs) by (unfold F; lra).
    unfold clip_factor. destruct (Rle_dec (norm (grad (x t))) c) as [H|H].
    - apply Rle_trans with F; [apply Rmin_l|lra].
    - apply Rle_trans with (c * sqrt (F / (2 * L))); [apply Rmin_r|].
      set (Ft := f (x t) - f xs) in *. set (q := sqrt (Ft / (2 * L))).
      assert (Hq0 : 0 <= Ft / (2 * L)) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
      assert (Hq2 : 2 * L * (q * q) = Ft) by (unfold q; rewrite sqrt_sqrt by auto; field; lra).
      assert (Hqp : 0 <= q) by apply sqrt_pos.
      assert (Hmq : sqrt (F / (2 * L)) <= q).
      { apply sqrt_le_1_alt. apply Rmult_le_compat_r; auto. left; apply Rinv_0_lt_compat; lra. }
      assert (Hg : norm (grad (x t)) <= 2 * L * q).
      { unfold norm. rewrite <- (sqrt_pow2 (2 * L * q)) by (apply Rmult_le_pos; lra). apply sqrt_le_1_alt.
        pose proof (gradient_below_gap E f grad L HL Hsmooth (x t) xs Hmin) as G. fold Ft in G.
        replace ((2 * L * q) ^ 2) with (2 * L * (2 * L * (q * q))) by ring. rewrite Hq2. auto. }
      assert (Hn : 0 < norm (grad (x t))) by lra.
      apply Rle_trans with (c * q); [apply Rmult_le_compat_l; lra|].
      apply Rmult_le_reg_r with (norm (grad (x t))); auto.
      replace (c / norm (grad (x t)) * Ft * norm (grad (x t))) with (c * Ft) by (field; lra).
      rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|]. rewrite <- Hq2.
      replace (2 * L * (q * q)) with (q * (2 * L * q)) by ring. apply Rmult_le_compat_l; auto. }
  assert (Tel : forall n, (n <= T)%nat -> n2 (vsub (x n) xs) + 2 * eta * (INR n * m) <= n2 (vsub (x O) xs)).
  { induction n as [|n IH]; intros Hn; [simpl; lra|]. rewrite S_INR. pose proof (clipped_distance n) as D.
    assert (H1 : 2 * eta * m <= 2 * eta * (clip_factor (grad (x n)) * (f (x n) - f xs))) by (apply Rmult_le_compat_l; [lra|apply Hm; lia]).
    specialize (IH ltac:(lia)). lra. }
  specialize (Tel T (Nat.le_refl T)). pose proof (n2_pos E (vsub (x T) xs)) as NP.
  set (level := distance ^ 2 / (2 * eta * INR T)).
  assert (Hp : 0 < 2 * eta * INR T) by (apply Rmult_lt_0_compat; lra).
  assert (Hlev : m <= level).
  { apply Rmult_le_reg_l with (2 * eta * INR T); auto. replace (2 * eta * INR T * level) with (distance ^ 2) by (unfold level; field; lra). lra. }
  unfold clipping_deterministic_convex. fold level.
  replace (L * distance ^ 4 / (2 * eta ^ 2 * INR T ^ 2 * c ^ 2)) with (2 * L * (level / c) ^ 2) by (unfold level; field; lra).
  unfold m, Rmin in Hlev. destruct (Rle_dec F (c * sqrt (F / (2 * L)))) as [H|H].
  - eapply Rle_trans; [exact Hlev|apply Rmax_l].
  - eapply Rle_trans; [|apply Rmax_r].
    assert (Hr : sqrt (F / (2 * L)) <= level / c).
    { apply Rmult_le_reg_l with c; auto. replace (c * (level / c)) with level by (field; lra). auto. }
    assert (F / (2 * L) <= (level / c) ^ 2).
    { rewrite <- (pow2_sqrt (F / (2 * L))) by auto. apply pow_incr. split; auto. apply sqrt_pos. }
    replace F with (2 * L * (F / (2 * L))) by (field; lra). apply Rmult_le_compat_l; lra. Qed.
End Convex.
End Clipping.
