(** AMSGrad on R^n without momentum: regret in terms of the data, and its average; and the term that decaying momenta add to it. Step t + 1 of the catalogue
  is step t here. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Field Descent Adaptive Formulas.
Open Scope R_scope.

(** ** Two facts on sums *)
Lemma cauchy_schwarz_sum n (a b : nat -> R) : (forall i, 0 <= a i) -> (forall i, 0 <= b i) ->
  sum n (fun i => a i * b i) <= sqrt (sum n (fun i => a i ^ 2)) * sqrt (sum n (fun i => b i ^ 2)).
Proof. intros Ha Hb. induction n as [|n IH]; [simpl; rewrite sqrt_0; lra|]. cbn [sum].
  set (A := sum n (fun i => a i ^ 2)) in *. set (B := sum n (fun i => b i ^ 2)) in *.
  assert (HA : 0 <= A) by (apply sum_nonneg; intros; apply pow2_ge_0). assert (HB : 0 <= B) by (apply sum_nonneg; intros; apply pow2_ge_0).
  apply Rle_trans with (sqrt A * sqrt B + a n * b n); [lra|].
  assert (Pa : 0 <= sqrt A * sqrt B) by (apply Rmult_le_pos; apply sqrt_pos). assert (Pb : 0 <= a n * b n) by (apply Rmult_le_pos; auto).
  rewrite <- (sqrt_pow2 (sqrt A * sqrt B + a n * b n)) by lra.
  pose proof (pow2_ge_0 (a n)) as P1. pose proof (pow2_ge_0 (b n)) as P2.
  rewrite <- (sqrt_mult (A + a n ^ 2) (B + b n ^ 2)) by lra. apply sqrt_le_1_alt.
  pose proof (pow2_ge_0 (sqrt A * b n - a n * sqrt B)) as P. pose proof (pow2_sqrt A HA) as EA. pose proof (pow2_sqrt B HB) as EB.
  apply Rle_trans with ((sqrt A ^ 2 + a n ^ 2) * (sqrt B ^ 2 + b n ^ 2)); [lra|]. rewrite EA, EB. lra. Qed.
(** 1 + 1/2 + ... + 1/T <= 1 + log T *)
Lemma harmonic_below T : (1 <= T)%nat -> sum T (fun t => / INR (S t)) <= 1 + ln (INR T).
Proof. induction T as [|T IH]; [lia|]. intros _. destruct T as [|T].
  - simpl. rewrite ln_1. lra.
  - specialize (IH ltac:(lia)). change (sum (S (S T)) (fun t => / INR (S t))) with (sum (S T) (fun t => / INR (S t)) + / INR (S (S T))).
    assert (Hk : 1 <= INR (S T)) by (apply pos_INR_of; lia). set (k := INR (S T)) in *. rewrite (S_INR (S T)). fold k.
    assert (Hu : 0 < k / (k + 1)) by (apply Rdiv_lt_0_compat; lra). pose proof (ln_below _ Hu) as H.
    unfold Rdiv in H at 1. rewrite ln_mult, ln_Rinv in H; try lra; [|apply Rinv_0_lt_compat; lra].
    replace (k / (k + 1) - 1) with (- / (k + 1)) in H by (field; lra). lra. Qed.

Section Amsgrad.
Variables (n : nat) (X : region) (loss : nat -> vec -> R) (x g : nat -> vec) (a beta2 D : R).
(** the second moment after gradient t, from 0 before the first, and the largest so far *)
Fixpoint moment t i := match t with O => (1 - beta2) * g O i ^ 2 | S k => beta2 * moment k i + (1 - beta2) * g (S k) i ^ 2 end.
Fixpoint largest t i := match t with O => moment O i | S k => Rmax (largest k i) (moment (S k) i) end.
(** squared distance with the weights w, and a nearest point of X to y in it *)
Definition weighted w (y z : vec) := sum n (fun i => w i * (y i - z i) ^ 2).
Definition weighted_nearest w (y p : vec) := X p /\ forall u, X u -> weighted w y p <= weighted w y u.
Definition root t i := sqrt (largest t i).
Definition step t i := a / sqrt (INR (S t)) * (g t i / root t i).
(** X is convex, its points differ by at most D in every coordinate; g t is a subgradient of loss t at x t over X. In the division by the
    root 0/0 is 0. *)
Hypotheses (Ha : 0 < a) (Hbeta : 0 < beta2 < 1) (HX : convex X) (Hstart : X (x O))
  (HD : forall y z i, X y -> X z -> (i < n)%nat -> Rabs (y i - z i) <= D).
Hypothesis (Hloss : forall t u, X u -> loss t (x t) + sum n (fun i => g t i * (u i - x t i)) <= loss t u).
Hypothesis (Hx : forall t, weighted_nearest (root t) (fun i => x t i - step t i) (x (S t))).

Lemma moment_pos t i : (1 - beta2) * g t i ^ 2 <= moment t i.
Proof. assert (H : forall k, 0 <= moment k i).
  { induction k as [|k IH]; cbn [moment].
    - apply Rmult_le_pos; [lra|apply pow2_ge_0].
    - assert (0 <= beta2 * moment k i) by (apply Rmult_le_pos; lra).
      assert (0 <= (1 - beta2) * g (S k) i ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
  destruct t as [|t]; cbn [moment]; [lra|]. assert (0 <= beta2 * moment t i) by (apply Rmult_le_pos; [lra|apply H]). lra. Qed.
Lemma moment_le_largest t i : moment t i <= largest t i.
Proof. destruct t; cbn [largest]; [apply Rle_refl|apply Rmax_r]. Qed.
Lemma root_bounds t i : 0 <= root t i /\ sqrt (1 - beta2) * Rabs (g t i) <= root t i.
Proof. split; [apply sqrt_pos|]. unfold root. rewrite <- sqrt_Rsqr_abs. rewrite <- sqrt_mult_alt by lra. apply sqrt_le_1_alt.
  unfold Rsqr. pose proof (moment_pos t i). pose proof (moment_le_largest t i). lra. Qed.
Lemma root_mono t i : root t i <= root (S t) i.
Proof. apply sqrt_le_1_alt, Rmax_l. Qed.
Lemma root_zero t i : root t i = 0 -> g t i = 0.
Proof. intros H. destruct (root_bounds t i) as [_ B]. assert (Hs : 0 < sqrt (1 - beta2)) by (apply sqrt_lt_R0; lra).
  pose proof (Rabs_pos (g t i)) as P. destruct (Req_dec (g t i) 0) as [|N]; auto. apply Rabs_pos_lt in N.
  assert (0 < sqrt (1 - beta2) * Rabs (g t i)) by (apply Rmult_lt_0_compat; auto). lra. Qed.
Lemma feasible_points t : X (x t).
Proof. destruct t; auto. apply Hx. Qed.

(** where G bounds a coordinate of the gradients so far, it bounds its root *)
Lemma root_below G t i : 0 <= G -> (forall k, (k <= t)%nat -> Rabs (g k i) <= G) -> root t i <= G.
Proof. intros HG0 HG.
  assert (Hg2 : forall k, (k <= t)%nat -> g k i ^ 2 <= G ^ 2).
  { intros k Hk. rewrite <- pow2_abs. apply pow_incr. split; [apply Rabs_pos|apply HG; auto]. }
  assert (Hmom : forall k, (k <= t)%nat -> moment k i <= G ^ 2).
  { intros k. induction k as [|k IH]; intros Hk; cbn [moment].
    - assert ((1 - beta2) * g 0%nat i ^ 2 <= (1 - beta2) * G ^ 2) by (apply Rmult_le_compat_l; [lra|apply Hg2; lia]). pose proof (pow2_ge_0 G).
      assert (0 <= beta2 * G ^ 2) by (apply Rmult_le_pos; lra). lra.
    - assert ((1 - beta2) * g (S k) i ^ 2 <= (1 - beta2) * G ^ 2) by (apply Rmult_le_compat_l; [lra|auto]).
      assert (Hm : moment k i <= G ^ 2) by (apply IH; lia).
      assert (beta2 * moment k i <= beta2 * G ^ 2) by (apply Rmult_le_compat_l; lra). lra. }
  unfold root. rewrite <- (sqrt_pow2 G) by auto. apply sqrt_le_1_alt. clear HG Hg2.
  induction t as [|t IH]; cbn [largest]; [apply Hmom; lia|]. apply Rmax_lub; [apply IH; intros; apply Hmom; lia|apply (Hmom (S t)); lia]. Qed.

(** The projection does not increase the weighted distance to points of X. *)
Lemma weighted_contracts w y p u : (forall i, 0 <= w i) -> weighted_nearest w y p -> X u -> weighted w p u <= weighted w y u.
Proof. intros Hw [Hp Hn] Hu. set (c := sum n (fun i => w i * ((y i - p i) * (u i - p i)))). set (b := weighted w u p).
  assert (Hb : 0 <= b) by (apply sum_nonneg; intros; apply Rmult_le_pos; auto; apply pow2_ge_0).
  assert (Hc : c <= 0).
  { apply Rnot_lt_le. intros C. assert (Hs : 0 < c / (c + b) <= 1).
    { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (c + b); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    set (s := c / (c + b)) in *. assert (Hcb : s * (c + b) = c) by (unfold s; field; lra).
    assert (Hs1 : 0 <= s <= 1) by lra. pose proof (Hn _ (HX u p s Hu Hp Hs1)) as H.
    assert (Ex : weighted w y (between p u s) = weighted w y p - 2 * s * c + s ^ 2 * b).
    { unfold b, c, weighted, between. rewrite <- !sum_scal, <- sum_minus, <- sum_plus. apply sum_ext. intros i _. ring. }
    rewrite Ex in H. assert (0 < s * c) by (apply Rmult_lt_0_compat; lra). assert (s * (s * (c + b)) = s * c) by (rewrite Hcb; auto).
    assert (0 <= s * (s * c)) by (apply Rmult_le_pos; lra). lra. }
  assert (Ey : weighted w y u = weighted w p u + weighted w y p - 2 * c).
  { unfold weighted, c. rewrite <- sum_plus, <- sum_scal, <- sum_minus. apply sum_ext. intros i _. ring. }
  assert (0 <= weighted w y p) by (apply sum_nonneg; intros; apply Rmult_le_pos; auto; apply pow2_ge_0). lra. Qed.

Variable u : vec.
Hypothesis (Hu : X u).
Definition weight t i := sqrt (INR (S t)) * root t i / (2 * a).
Definition price t i := Rabs (g t i) * / sqrt (INR (S t)).

Lemma one_step t : loss t (x t) - loss t u <= sum n (fun i => weight t i * ((x t i - u i) ^ 2 - (x (S t) i - u i) ^ 2)
  + a / (2 * sqrt (1 - beta2)) * price t i).
Proof. pose proof (Hloss t u Hu) as L. pose proof (weighted_contracts (root t) _ _ u (fun i => proj1 (root_bounds t i)) (Hx t) Hu) as W.
  assert (Ht : 0 < sqrt (INR (S t))) by (apply sqrt_lt_R0, lt_0_INR; lia). assert (Hs : 0 < sqrt (1 - beta2)) by (apply sqrt_lt_R0; lra).
  set (k := sqrt (INR (S t)) / (2 * a)). assert (Hk : 0 < k) by (apply Rdiv_lt_0_compat; lra).
  apply Rmult_le_compat_l with (r := k) in W; [|lra]. unfold weighted in W. rewrite <- !sum_scal in W.
  assert (S1 : sum n (fun i => g t i * (x t i - u i) + k * (root t i * (x t i - step t i - u i) ^ 2))
    <= sum n (fun i => weight t i * (x t i - u i) ^ 2 + a / (2 * sqrt (1 - beta2)) * price t i)).
  { apply sum_le. intros i _. unfold step, weight, price. destruct (root_bounds t i) as [R0 R1]. set (r := root t i) in *.
    set (v := sqrt (INR (S t))) in *. set (q := sqrt (1 - beta2)) in *. destruct R0 as [R0|R0].
    - apply Rle_trans with (v * r / (2 * a) * (x t i - u i) ^ 2 + a / (2 * v) * (g t i ^ 2 / r)); [right; unfold k; field; lra|].
      apply Rplus_le_compat_l. replace (a / (2 * q) * (Rabs (g t i) * / v)) with (a / (2 * v) * (Rabs (g t i) / q)) by (field; lra).
      apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; lra|]. rewrite <- pow2_abs. set (z := Rabs (g t i)) in *.
      apply Rmult_le_reg_l with (r * q); [apply Rmult_lt_0_compat; auto|].
      replace (r * q * (z ^ 2 / r)) with (z * (q * z)) by (field; lra). replace (r * q * (z / q)) with (z * r) by (field; lra).
      apply Rmult_le_compat_l; auto. apply Rabs_pos.
    - assert (Hg : g t i = 0) by (apply root_zero; symmetry; exact R0). rewrite Hg, <- R0, Rabs_R0. unfold Rdiv. lra. }
  rewrite sum_plus in S1.
  rewrite (sum_ext n (fun i => weight t i * ((x t i - u i) ^ 2 - (x (S t) i - u i) ^ 2) + a / (2 * sqrt (1 - beta2)) * price t i)
    (fun i => (weight t i * (x t i - u i) ^ 2 + a / (2 * sqrt (1 - beta2)) * price t i) - k * (root t i * (x (S t) i - u i) ^ 2))).
  2:{ intros i _. unfold weight, k. field. lra. }
  rewrite sum_minus.
  assert (Es : sum n (fun i => g t i * (u i - x t i)) = - sum n (fun i => g t i * (x t i - u i))).
  { rewrite <- sum_opp. apply sum_ext. intros i _. ring. }
  lra. Qed.

Lemma weight_mono t i : weight t i <= weight (S t) i.
Proof. unfold weight. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply Rmult_le_compat; try apply sqrt_pos.
  - apply sqrt_le_1_alt, le_INR. lia.
  - apply root_mono. Qed.
Lemma coordinate_telescopes k i : (i < n)%nat ->
  sum (S k) (fun t => weight t i * ((x t i - u i) ^ 2 - (x (S t) i - u i) ^ 2)) <= weight k i * (D ^ 2 - (x (S k) i - u i) ^ 2).
Proof. intros Hi. assert (HDi : forall t, (x t i - u i) ^ 2 <= D ^ 2).
  { intros t. rewrite <- pow2_abs. apply pow_incr. split; [apply Rabs_pos|apply HD; auto using feasible_points]. }
  assert (Hw : 0 <= weight 0 i).
  { apply Rmult_le_pos; [apply Rmult_le_pos; apply sqrt_pos|left; apply Rinv_0_lt_compat; lra]. }
  induction k as [|k IH].
  - simpl sum. pose proof (HDi O). assert (weight 0 i * ((x O i - u i) ^ 2) <= weight 0 i * D ^ 2) by (apply Rmult_le_compat_l; auto). lra.
  - change (sum (S (S k)) (fun t => weight t i * ((x t i - u i) ^ 2 - (x (S t) i - u i) ^ 2))) with
      (sum (S k) (fun t => weight t i * ((x t i - u i) ^ 2 - (x (S t) i - u i) ^ 2))
        + weight (S k) i * ((x (S k) i - u i) ^ 2 - (x (S (S k)) i - u i) ^ 2)).
    pose proof (weight_mono k i) as M. pose proof (HDi (S k)).
    assert (weight k i * (D ^ 2 - (x (S k) i - u i) ^ 2) <= weight (S k) i * (D ^ 2 - (x (S k) i - u i) ^ 2)) by (apply Rmult_le_compat_r; lra).
    lra. Qed.
Lemma coordinate_price T i : (1 <= T)%nat ->
  sum T (fun t => price t i) <= sqrt (sum T (fun t => g t i ^ 2)) * sqrt (1 + ln (INR T)).
Proof. intros HT. unfold price.
  assert (Hi : forall t, 0 <= / sqrt (INR (S t))) by (intros t; left; apply Rinv_0_lt_compat, sqrt_lt_R0, lt_0_INR; lia).
  eapply Rle_trans; [apply (cauchy_schwarz_sum T (fun t => Rabs (g t i)) (fun t => / sqrt (INR (S t)))); auto using Rabs_pos|].
  rewrite (sum_ext T (fun t => Rabs (g t i) ^ 2) (fun t => g t i ^ 2)) by (intros; apply pow2_abs).
  apply Rmult_le_compat_l; [apply sqrt_pos|]. apply sqrt_le_1_alt.
  rewrite (sum_ext T _ (fun t => / INR (S t))); [apply harmonic_below; auto|].
  intros t _. rewrite pow_inv, pow2_sqrt by apply pos_INR. auto. Qed.

(** sum over the coordinates of the root of the largest second moment after T steps, and of the norm of the T gradients *)
Definition root_sum T := sum n (fun i => sqrt (largest (pred T) i)).
Definition gradient_sum T := sum n (fun i => sqrt (sum T (fun t => g t i ^ 2))).

(** amsgrad/regret/no-momentum: AMSGrad with beta1 = 0 and steps a/sqrt(t): the regret over T >= 1 steps against any feasible u. *)
Theorem amsgrad_regret_no_momentum_holds T : (1 <= T)%nat ->
  sum T (fun t => loss t (x t) - loss t u) <= amsgrad_regret_no_momentum beta2 D (gradient_sum T) T (root_sum T) a.
Proof. intros HT. destruct T as [|k]; [lia|]. assert (Hs : 0 < sqrt (1 - beta2)) by (apply sqrt_lt_R0; lra).
  set (c := a / (2 * sqrt (1 - beta2))). assert (Hc : 0 < c) by (apply Rdiv_lt_0_compat; lra).
  apply Rle_trans with (sum (S k) (fun t => sum n (fun i => weight t i * ((x t i - u i) ^ 2 - (x (S t) i - u i) ^ 2) + c * price t i))).
  { apply sum_le. intros t _. apply one_step. }
  rewrite sum_swap.
  apply Rle_trans with (sum n (fun i => D ^ 2 * sqrt (INR (S k)) / (2 * a) * sqrt (largest k i)
    + c * sqrt (1 + ln (INR (S k))) * sqrt (sum (S k) (fun t => g t i ^ 2)))).
  { apply sum_le. intros i Hi. rewrite sum_plus, sum_scal. pose proof (coordinate_telescopes k i Hi) as A. pose proof (coordinate_price (S k) i HT) as P.
    assert (Hw : 0 <= weight k i * (x (S k) i - u i) ^ 2).
    { apply Rmult_le_pos; [|apply pow2_ge_0]. apply Rmult_le_pos; [apply Rmult_le_pos; apply sqrt_pos|left; apply Rinv_0_lt_compat; lra]. }
    apply Rmult_le_compat_l with (r := c) in P; [|lra].
    replace (D ^ 2 * sqrt (INR (S k)) / (2 * a) * sqrt (largest k i)) with (weight k i * D ^ 2) by (unfold weight, root; field; lra). lra. }
  rewrite sum_plus, !sum_scal. unfold amsgrad_regret_no_momentum, root_sum, gradient_sum. simpl pred. right. unfold c. field. lra. Qed.

(** amsgrad/regret/average: where G bounds every coordinate of the first T gradients, the regret over T steps divided by T vanishes as 1/sqrt T up
    to the root of a logarithm; n is the dimension. *)
Theorem amsgrad_regret_average_holds G T : 0 <= G -> (forall t i, (t < T)%nat -> (i < n)%nat -> Rabs (g t i) <= G) -> (1 <= T)%nat ->
  sum T (fun t => loss t (x t) - loss t u) / INR T <= amsgrad_regret_average G beta2 D n T a.
Proof. intros HG0 HG HT. pose proof (pos_INR_of T HT) as HT1. pose proof (amsgrad_regret_no_momentum_holds T HT) as H.
  assert (Hg2 : forall t i, (t < T)%nat -> (i < n)%nat -> g t i ^ 2 <= G ^ 2).
  { intros t i Ht Hi. rewrite <- pow2_abs. apply pow_incr. split; [apply Rabs_pos|apply HG; auto]. }
  assert (Hs : 0 < sqrt (1 - beta2)) by (apply sqrt_lt_R0; lra). assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra).
  assert (HV : root_sum T <= INR n * G).
  { unfold root_sum. rewrite <- sum_const. apply sum_le. intros i Hi. apply root_below; auto. intros k Hk. apply HG; auto. lia. }
  assert (HW : gradient_sum T <= INR n * (G * sqrt (INR T))).
  { unfold gradient_sum. rewrite <- sum_const. apply sum_le. intros i Hi. rewrite <- (sqrt_pow2 G) by auto.
    rewrite <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt. rewrite (Rmult_comm (G ^ 2)), <- sum_const. apply sum_le. auto. }
  unfold amsgrad_regret_no_momentum in H. set (lg := sqrt (1 + ln (INR T))) in *. assert (Hlg : 0 <= lg) by apply sqrt_pos.
  assert (A : D ^ 2 * sqrt (INR T) * root_sum T / (2 * a) <= D ^ 2 * sqrt (INR T) * (INR n * G) / (2 * a)).
  { apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply Rmult_le_compat_l; auto. apply Rmult_le_pos; [apply pow2_ge_0|lra]. }
  assert (B : a * lg * gradient_sum T / (2 * sqrt (1 - beta2)) <= a * lg * (INR n * (G * sqrt (INR T))) / (2 * sqrt (1 - beta2))).
  { apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply Rmult_le_compat_l; auto. apply Rmult_le_pos; lra. }
  unfold amsgrad_regret_average. fold lg. assert (Er : INR T = sqrt (INR T) ^ 2) by (rewrite pow2_sqrt; lra).
  set (r := sqrt (INR T)) in *. rewrite Er. apply Rmult_le_reg_r with (r ^ 2); [apply pow_lt; auto|].
  replace (sum T (fun t => loss t (x t) - loss t u) / r ^ 2 * r ^ 2) with (sum T (fun t => loss t (x t) - loss t u)) by (field; lra).
  replace (INR n * G * (D ^ 2 / (2 * a) + a * lg / (2 * sqrt (1 - beta2))) / r * r ^ 2)
    with (D ^ 2 * r * (INR n * G) / (2 * a) + a * lg * (INR n * (G * r)) / (2 * sqrt (1 - beta2))) by (field; lra). lra. Qed.

(** sum over t < T of (t + 1) q^t stays below 1/(1 - q)^2 *)
Lemma arithmetic_geometric q k : 0 <= q < 1 -> sum k (fun t => INR (S t) * q ^ t) <= / (1 - q) ^ 2.
Proof. intros Hq. assert (Hp : 0 < (1 - q) ^ 2) by (apply pow_lt; lra).
  assert (Cl : (1 - q) ^ 2 * sum k (fun t => INR (S t) * q ^ t) = 1 - (INR k + 1) * q ^ k + INR k * (q * q ^ k)).
  { induction k as [|k IH]; [simpl; ring|]. cbn [sum]. rewrite Rmult_plus_distr_l, IH, S_INR. cbn [pow]. ring. }
  apply Rmult_le_reg_l with ((1 - q) ^ 2); auto. rewrite Cl, Rinv_r by lra. pose proof (pos_INR k) as K.
  assert (Hk : 0 <= q ^ k) by (apply pow_le; lra). assert (0 <= INR k * (1 - q) * q ^ k) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra).
  lra. Qed.
(** amsgrad/regret/middle-term: with momenta beta1 decay^(t-1) the middle term D^2/(2 (1 - beta1)) times the sum over the steps and the
    coordinates of momentum times root over step size stays bounded in T. *)
Theorem amsgrad_regret_middle_term_holds G beta1 decay T : 0 <= G -> (forall t i, (t < T)%nat -> (i < n)%nat -> Rabs (g t i) <= G) -> 0 <= beta1 < 1 -> 0 <
  decay < 1 ->
  D ^ 2 * sum T (fun t => sum n (fun i => beta1 * decay ^ t * sqrt (largest t i) / (a / sqrt (INR (S t))))) / (2 * (1 - beta1))
    <= amsgrad_regret_middle_term G beta1 D n decay a.
Proof. intros HG0 HG Hb Hd.
  assert (S1 : sum T (fun t => sum n (fun i => beta1 * decay ^ t * sqrt (largest t i) / (a / sqrt (INR (S t)))))
    <= INR n * (beta1 * G / a) * / (1 - decay) ^ 2).
  { apply Rle_trans with (sum T (fun t => INR n * (beta1 * G / a) * (INR (S t) * decay ^ t))).
    - apply sum_le. intros t HtT. rewrite (Rmult_assoc (INR n)), <- sum_const. apply sum_le. intros i Hi.
      assert (Ht : 1 <= INR (S t)) by (apply pos_INR_of; lia). assert (Hs : 0 < sqrt (INR (S t))) by (apply sqrt_lt_R0; lra).
      assert (Hst : sqrt (INR (S t)) <= INR (S t)).
      { rewrite <- (sqrt_pow2 (INR (S t))) at 2 by lra. apply sqrt_le_1_alt.
        replace (INR (S t)) with (INR (S t) * 1) at 1 by ring. replace (INR (S t) ^ 2) with (INR (S t) * INR (S t)) by ring.
        apply Rmult_le_compat_l; lra. }
      assert (HGi : forall k, (k <= t)%nat -> Rabs (g k i) <= G) by (intros k Hk; apply HG; auto; lia).
      pose proof (root_below G t i HG0 HGi) as Hr. unfold root in Hr. pose proof (sqrt_pos (largest t i)) as Hr0.
      assert (Hdt : 0 <= decay ^ t) by (apply pow_le; lra).
      replace (beta1 * decay ^ t * sqrt (largest t i) / (a / sqrt (INR (S t))))
        with (beta1 * decay ^ t / a * (sqrt (largest t i) * sqrt (INR (S t)))) by (field; lra).
      replace (beta1 * G / a * (INR (S t) * decay ^ t)) with (beta1 * decay ^ t / a * (G * INR (S t))) by (field; lra).
      apply Rmult_le_compat_l; [|apply Rmult_le_compat; lra].
      apply Rmult_le_pos; [apply Rmult_le_pos; lra|left; apply Rinv_0_lt_compat; auto].
    - rewrite sum_scal. apply Rmult_le_compat_l; [|apply arithmetic_geometric; lra].
      apply Rmult_le_pos; [apply pos_INR|]. apply Rmult_le_pos; [apply Rmult_le_pos; lra|left; apply Rinv_0_lt_compat; auto]. }
  unfold amsgrad_regret_middle_term.
  apply Rle_trans with (D ^ 2 * (INR n * (beta1 * G / a) * / (1 - decay) ^ 2) / (2 * (1 - beta1))).
  - apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply Rmult_le_compat_l; [apply pow2_ge_0|auto].
  - right. field. lra. Qed.
End Amsgrad.
