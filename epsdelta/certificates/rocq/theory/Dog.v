(** Distance over gradients: the averaging lemma for sequences that do not decrease, the weighted regret of DoG on every path, and its gap
    on a bounded domain. *)
Require Import Reals Lra Lia ZArith.
From EpsDelta Require Import Sums Spaces Descent Subgradient Formulas.
Open Scope R_scope.

(** ** The averaging lemma *)
Section Averaging.
Variable s : nat -> R.
Hypotheses (Hpos : 0 < s O) (Hmono : forall t, s t <= s (S t)).
Lemma mono_le m k : s m <= s (m + k)%nat.
Proof. induction k as [|k IH]; [rewrite Nat.add_0_r; lra|]. rewrite Nat.add_succ_r. pose proof (Hmono (m + k)). lra. Qed.
Lemma mono_pos t : 0 < s t.
Proof. pose proof (mono_le 0 t). simpl in H. lra. Qed.
Lemma ln_mono m k : ln (s m) <= ln (s (m + k)%nat).
Proof. destruct (mono_le m k) as [H|H]; [left; apply ln_increasing; auto; apply mono_pos|rewrite <- H; lra]. Qed.
Lemma tail_sum m n : INR n * s m <= sum (m + n) s.
Proof. induction n as [|n IH].
  - simpl. rewrite Rmult_0_l. apply sum_nonneg. intros i _. left. apply mono_pos.
  - rewrite Nat.add_succ_r, S_INR. simpl sum. pose proof (mono_le m n). lra. Qed.
Lemma natural_above x : 0 <= x -> exists K, (1 <= K)%nat /\ x <= INR K <= x + 1.
Proof. intros Hx. destruct (archimed x) as [H1 H2]. exists (Z.to_nat (up x)).
  assert (Hz : (0 < up x)%Z) by (apply lt_IZR; lra).
  split; [lia|]. rewrite INR_IZR_INZ, Z2Nat.id by lia. lra. Qed.

(** dog/lemma/averaging: of positive numbers s 0 <= ... <= s T with s T/s 0 = growth, some t <= T has
    s 0 + ... + s (t - 1) >= ((T/(1 + log growth) - 1)/e) s t. The case of growth that is an upper bound only is included. *)
Theorem dog_lemma_averaging_holds growth T : s T / s O <= growth ->
  exists t, (t <= T)%nat /\ sum t (fun i => s i / s t) >= dog_lemma_averaging growth T.
Proof. intros Hg. pose proof (mono_pos T) as PT.
  assert (Hr : 1 <= s T / s O).
  { apply Rmult_le_reg_r with (s O); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. pose proof (mono_le 0 T). simpl in H. lra. }
  assert (Hx0 : 0 <= ln growth). { rewrite <- ln_1. destruct (Req_dec growth 1) as [->|N]; [lra|left; apply ln_increasing; lra]. }
  destruct (natural_above (ln growth) Hx0) as [K [HK [HKl HKu]]]. set (n := (T / K)%nat).
  assert (Hn : (K * n <= T < K * (n + 1))%nat).
  { unfold n. pose proof (Nat.div_mod T K). pose proof (Nat.mod_upper_bound T K). lia. }
  assert (HKpos : 1 <= INR K) by (apply pos_INR_of; auto).
  assert (Hsum : sum K (fun k => ln (s (n * S k)%nat) - ln (s (n * k)%nat)) <= INR K * 1).
  { assert (Tel : forall j, sum j (fun k => ln (s (n * S k)%nat) - ln (s (n * k)%nat)) = ln (s (n * j)%nat) - ln (s O)).
    { induction j as [|j IH]; simpl sum; [rewrite Nat.mul_0_r; ring|]. rewrite IH. ring. }
    rewrite Tel. pose proof (ln_mono (n * K) (T - n * K)) as H. replace (n * K + (T - n * K))%nat with T in H by lia.
    assert (Hl : ln (s T) - ln (s O) <= ln growth).
    { replace (ln (s T) - ln (s O)) with (ln (s T / s O)).
      - destruct Hg as [Hg|Hg]; [left; apply ln_increasing; lra|rewrite Hg; lra].
      - unfold Rdiv. rewrite ln_mult, ln_Rinv by auto using Rinv_0_lt_compat. lra. }
    lra. }
  destruct (least_below_mean K _ 1 HK Hsum) as [k [Hk Hle]]. cbv beta in Hle.
  exists (n * S k)%nat. assert (Hin : (n * S k <= n * K)%nat) by (apply Nat.mul_le_mono_l; lia). split; [lia|].
  set (t := (n * S k)%nat) in *. pose proof (mono_pos t) as Pt. pose proof (mono_pos (n * k)) as Pk.
  assert (Hse : s t <= exp 1 * s (n * k)%nat).
  { rewrite <- (exp_ln (s t)), <- (exp_ln (s (n * k)%nat)) by auto. rewrite <- exp_plus.
    destruct (Rle_lt_or_eq_dec _ _ Hle) as [H|H]; [left; apply exp_increasing; lra|right; f_equal; lra]. }
  pose proof (exp_pos 1) as Pe.
  assert (Hs : INR n * s (n * k)%nat <= sum t s). { unfold t. replace (n * S k)%nat with (n * k + n)%nat by lia. apply tail_sum. }
  rewrite (sum_ext t _ (fun i => s i * / s t)) by auto. rewrite sum_scal_r. apply Rle_ge.
  apply Rmult_le_reg_r with (s t); auto. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. eapply Rle_trans; [|exact Hs].
  assert (Hnt : INR T / (1 + ln growth) - 1 <= INR n).
  { apply Rmult_le_reg_r with (1 + ln growth); [lra|].
    replace ((INR T / (1 + ln growth) - 1) * (1 + ln growth)) with (INR T - (1 + ln growth)) by (field; lra).
    assert (HT : INR T <= INR K * (INR n + 1)). { destruct Hn as [_ Hn]. apply lt_INR in Hn. rewrite mult_INR, plus_INR in Hn. simpl in Hn. lra. }
    assert (INR K * (INR n + 1) <= (1 + ln growth) * (INR n + 1)) by (apply Rmult_le_compat_r; [pose proof (pos_INR n)|]; lra). lra. }
  unfold dog_lemma_averaging. apply Rle_trans with (INR n / exp 1 * s t).
  - apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_r; auto. left. apply Rinv_0_lt_compat; auto.
  - replace (INR n * s (n * k)%nat) with (INR n / exp 1 * (exp 1 * s (n * k)%nat)) by (field; lra).
    apply Rmult_le_compat_l; auto. apply Rmult_le_pos; [apply pos_INR|left; apply Rinv_0_lt_compat; auto]. Qed.
End Averaging.

(** ** DoG along any vectors g *)
Section Path.
Variable E : space.
Variables (X : E -> Prop) (x g : nat -> E) (r0 : R) (xs : E).
(** the largest distance from the start up to x t (at least r0), the largest distance from xs, the sum of |g k|^2 over k < t *)
Fixpoint movement t := match t with O => r0 | S k => Rmax (movement k) (norm (vsub (x (S k)) (x O))) end.
Fixpoint farthest t := match t with O => distance_to xs (x O) | S k => Rmax (farthest k) (distance_to xs (x (S k))) end.
Definition energy t := sum t (fun k => n2 (g k)).
(** x (t + 1) is the projection of x t - (movement t/sqrt(energy (t + 1))) g t on the convex set X (all of space without projection) *)
Hypotheses (Hr0 : 0 < r0) (HX : convex_set X) (Hxs : X xs) (Hstart : X (x O)).
Hypothesis (Hx : forall t, nearest X (vsub (x t) (vscal (movement t / sqrt (energy (S t))) (g t))) (x (S t))).

Lemma movement_mono t : movement t <= movement (S t).
Proof. apply Rmax_l. Qed.
Lemma movement_pos t : 0 < movement t.
Proof. induction t as [|t IH]; auto. apply Rlt_le_trans with (movement t); auto. apply movement_mono. Qed.
Lemma movement_le k t : (k <= t)%nat -> movement k <= movement t.
Proof. intros H. pose proof (mono_le movement movement_mono k (t - k)) as M. replace (k + (t - k))%nat with t in M by lia. auto. Qed.
Lemma moved k t : (k <= t)%nat -> norm (vsub (x k) (x O)) <= movement t.
Proof. intros H. destruct k as [|k].
  - unfold norm. replace (n2 (vsub (x O) (x O))) with 0 by (vec; ring). rewrite sqrt_0. left. apply movement_pos.
  - eapply Rle_trans; [|apply (movement_le (S k) t); auto]. apply Rmax_r. Qed.
Lemma farthest_from k t : (k <= t)%nat -> distance_to xs (x k) <= farthest t.
Proof. induction t as [|t IH]; intros H; [replace k with O by lia; simpl; lra|].
  destruct (Nat.eq_dec k (S t)) as [->|N]; [apply Rmax_r|]. eapply Rle_trans; [apply IH; lia|apply Rmax_l]. Qed.
Lemma farthest_attained t : exists k, (k <= t)%nat /\ farthest t = distance_to xs (x k).
Proof. induction t as [|t [k [Hk Ek]]]; [exists O; auto|]. simpl. unfold Rmax.
  destruct (Rle_dec (farthest t) (distance_to xs (x (S t)))); [exists (S t); auto|exists k; split; auto]. Qed.
Lemma energy_nonneg t : 0 <= energy t.
Proof. apply sum_nonneg. intros. apply n2_pos. Qed.
Lemma energy_mono t : sqrt (energy t) <= sqrt (energy (S t)).
Proof. apply sqrt_le_1_alt. unfold energy. simpl. pose proof (n2_pos E (g t)). lra. Qed.
Lemma feasible t : X (x t).
Proof. destruct t; auto. apply Hx. Qed.

(** |x - xs| - |y - xs| <= |x - u| + |y - u| *)
Lemma distance_difference u y z : distance_to xs y - distance_to xs z <= norm (vsub y u) + norm (vsub z u).
Proof. unfold distance_to.
  assert (E1 : norm (vsub y xs) = norm (vadd (vsub z xs) (vsub y z))) by (unfold norm; f_equal; vec; ring).
  assert (E2 : norm (vsub y z) = norm (vadd (vsub y u) (vsub u z))) by (unfold norm; f_equal; vec; ring).
  assert (E3 : norm (vsub u z) = norm (vsub z u)) by (unfold norm; f_equal; apply n2_sub_sym).
  pose proof (norm_triangle E (vsub z xs) (vsub y z)). pose proof (norm_triangle E (vsub y u) (vsub u z)). lra. Qed.

(** One step, weighted by b = sqrt(energy (t + 1)); where b = 0 the gradients have been 0 and the step does nothing. *)
Lemma dog_step t : let b := sqrt (energy (S t)) in movement t * ip (g t) (vsub (x t) xs)
  <= b / 2 * (n2 (vsub (x t) xs) - n2 (vsub (x (S t)) xs)) + movement t ^ 2 / 2 * (n2 (g t) / b).
Proof. cbv zeta. pose proof (nearest_contracts E X _ _ xs HX (Hx t) Hxs) as P.
  set (b := sqrt (energy (S t))) in *. set (a := movement t / b) in *.
  assert (Ex : n2 (vsub (vsub (x t) (vscal a (g t))) xs) = n2 (vsub (x t) xs) - 2 * a * ip (g t) (vsub (x t) xs) + a ^ 2 * n2 (g t)) by (vec; ring).
  rewrite Ex in P. assert (Hb : 0 <= b) by apply sqrt_pos. destruct Hb as [Hb|Hb].
  - apply Rmult_le_compat_l with (r := b / 2) in P; [|lra].
    replace (b / 2 * (n2 (vsub (x t) xs) - 2 * a * ip (g t) (vsub (x t) xs) + a ^ 2 * n2 (g t)))
      with (b / 2 * n2 (vsub (x t) xs) - movement t * ip (g t) (vsub (x t) xs) + movement t ^ 2 / 2 * (n2 (g t) / b)) in P
      by (unfold a; field; lra). lra.
  - assert (Hz : n2 (g t) = 0).
    { assert (H : energy (S t) = 0) by (apply sqrt_eq_0; [apply energy_nonneg|symmetry; exact Hb]).
      pose proof (energy_nonneg t). pose proof (n2_pos E (g t)). unfold energy in *. simpl in H. lra. }
    pose proof (cauchy_schwarz_sq E (g t) (vsub (x t) xs)) as C. rewrite Hz, Rmult_0_l in C.
    assert (Hi : ip (g t) (vsub (x t) xs) = 0) by (apply Rsqr_0_uniq, Rle_antisym; [unfold Rsqr; lra|apply Rle_0_sqr]).
    rewrite Hi, Hz, <- Hb. unfold Rdiv. lra. Qed.

Lemma telescoped D t : (forall k, (k <= t)%nat -> n2 (vsub (x k) xs) <= D) ->
  sum t (fun k => sqrt (energy (S k)) * (n2 (vsub (x k) xs) - n2 (vsub (x (S k)) xs))) <= (D - n2 (vsub (x t) xs)) * sqrt (energy t).
Proof. induction t as [|t IH]; intros H.
  - simpl sum. unfold energy. simpl sum. rewrite sqrt_0. lra.
  - simpl sum. assert (H' : forall k, (k <= t)%nat -> n2 (vsub (x k) xs) <= D) by (intros; apply H; lia). specialize (IH H').
    pose proof (energy_mono t) as M. pose proof (H t ltac:(lia)) as Ht.
    assert ((D - n2 (vsub (x t) xs)) * sqrt (energy t) <= (D - n2 (vsub (x t) xs)) * sqrt (energy (S t))) by (apply Rmult_le_compat_l; lra).
    lra. Qed.
Lemma energy_quotients t : sum t (fun k => n2 (g k) / sqrt (energy (S k))) <= 2 * sqrt (energy t).
Proof. induction t as [|t IH]; [simpl; pose proof (sqrt_pos (energy 0)); lra|]. simpl sum.
  set (b := sqrt (energy (S t))). set (a := sqrt (energy t)) in *. pose proof (energy_mono t) as M. fold a b in M.
  assert (Ea : a ^ 2 = energy t) by (apply pow2_sqrt, energy_nonneg). assert (Eb : b ^ 2 = energy (S t)) by (apply pow2_sqrt, energy_nonneg).
  assert (Eq : n2 (g t) = b ^ 2 - a ^ 2) by (rewrite Ea, Eb; unfold energy; simpl; ring).
  assert (Ha : 0 <= a) by apply sqrt_pos. assert (Hb : 0 <= b) by lra. destruct Hb as [Hb|Hb].
  - assert (H : 2 * (b - a) - n2 (g t) / b = (b - a) ^ 2 / b) by (rewrite Eq; field; lra).
    assert (0 <= (b - a) ^ 2 / b) by (apply Rmult_le_pos; [apply pow2_ge_0|left; apply Rinv_0_lt_compat; auto]). lra.
  - assert (a = 0) by lra. rewrite Eq, <- Hb, H. unfold Rdiv. rewrite <- Hb, H in *. lra. Qed.

(** dog/lemma/pathwise: on every path of DoG, for any vectors g k and any feasible point xs,
    sum over k < t of movement_k <g k, x k - xs> <= movement_t (2 farthest_t + movement_t) sqrt(energy_t). *)
Theorem dog_lemma_pathwise_holds t :
  sum t (fun k => movement k * ip (g k) (vsub (x k) xs)) <= dog_lemma_pathwise (farthest t) (energy t) (movement t).
Proof. set (F := farthest t). set (r := movement t). set (root := sqrt (energy t)).
  assert (Hroot : 0 <= root) by apply sqrt_pos. pose proof (movement_pos t) as Hr. fold r in Hr.
  assert (HF : 0 <= F) by (eapply Rle_trans; [apply norm_pos|apply (farthest_from 0 t); lia]).
  assert (HD : forall k, (k <= t)%nat -> n2 (vsub (x k) xs) <= F ^ 2).
  { intros k Hk. rewrite <- norm_sq. apply pow_incr. split; [apply norm_pos|apply farthest_from; auto]. }
  pose proof (telescoped (F ^ 2) t HD) as A. pose proof (energy_quotients t) as B. fold root in A, B.
  assert (S1 : sum t (fun k => movement k * ip (g k) (vsub (x k) xs))
    <= sum t (fun k => / 2 * (sqrt (energy (S k)) * (n2 (vsub (x k) xs) - n2 (vsub (x (S k)) xs))) + r ^ 2 / 2 * (n2 (g k) / sqrt (energy (S k))))).
  { apply sum_le. intros k Hk. pose proof (dog_step k) as H. cbv zeta in H. eapply Rle_trans; [exact H|].
    assert (Hq : 0 <= n2 (g k) / sqrt (energy (S k))).
    { pose proof (sqrt_pos (energy (S k))) as P. destruct P as [P|P].
      - apply Rmult_le_pos; [apply n2_pos|left; apply Rinv_0_lt_compat; auto].
      - assert (H0 : energy (S k) = 0) by (apply sqrt_eq_0; [apply energy_nonneg|symmetry; exact P]).
        pose proof (energy_nonneg k). pose proof (n2_pos E (g k)). unfold energy in H0, H1. simpl in H0.
        assert (Z : n2 (g k) = 0) by lra. rewrite Z. unfold Rdiv. lra. }
    assert (Hm : movement k ^ 2 <= r ^ 2).
    { apply pow_incr. split; [left; apply movement_pos|apply movement_le; lia]. }
    assert (movement k ^ 2 / 2 * (n2 (g k) / sqrt (energy (S k))) <= r ^ 2 / 2 * (n2 (g k) / sqrt (energy (S k)))) by (apply Rmult_le_compat_r; lra).
    lra. }
  rewrite sum_plus, !sum_scal in S1.
  assert (HE : F ^ 2 - n2 (vsub (x t) xs) <= 4 * r * F).
  { destruct (farthest_attained t) as [k [Hk Ek]]. fold F in Ek. pose proof (distance_difference (x O) (x k) (x t)) as Hd.
    pose proof (moved k t Hk) as M1. pose proof (moved t t (Nat.le_refl t)) as M2. fold r in M1, M2. rewrite <- Ek in Hd.
    pose proof (farthest_from t t (Nat.le_refl t)) as H2. fold F in H2.
    assert (E2 : n2 (vsub (x t) xs) = distance_to xs (x t) ^ 2) by (unfold distance_to; rewrite norm_sq; auto). rewrite E2.
    set (d := distance_to xs (x t)) in *. assert (Hd0 : 0 <= d) by apply norm_pos.
    assert (P1 : (F - d) * (F + d) <= (F - d) * (2 * F)) by (apply Rmult_le_compat_l; lra).
    assert (P2 : (F - d) * (2 * F) <= 2 * r * (2 * F)) by (apply Rmult_le_compat_r; lra). lra. }
  assert (A2 : (F ^ 2 - n2 (vsub (x t) xs)) * root <= 4 * r * F * root) by (apply Rmult_le_compat_r; auto).
  assert (B2 : r ^ 2 / 2 * sum t (fun k => n2 (g k) / sqrt (energy (S k))) <= r ^ 2 / 2 * (2 * root)).
  { apply Rmult_le_compat_l; auto. pose proof (pow2_ge_0 r). lra. }
  unfold dog_lemma_pathwise. fold root. lra. Qed.
End Path.

(** ** A bounded domain *)
Section Bounded.
Variable E : space.
Variables (X : E -> Prop) (f : E -> R) (x g : nat -> E) (r0 G B : R) (xs : E).
(** f is convex on the convex set X of diameter at most B, g t is a subgradient of norm at most G at x t, and xs is any point of X (a
    minimizer over X in the entry) *)
Hypotheses (Hr0 : 0 < r0) (HrB : r0 <= B) (HG : 0 < G) (HX : convex_set X) (Hxs : X xs) (Hstart : X (x O)).
Hypothesis (Hf : forall u v s, X u -> X v -> 0 <= s <= 1 -> f (vadd u (vscal s (vsub v u))) <= (1 - s) * f u + s * f v).
Hypotheses (Hsub : forall t, f (x t) + ip (g t) (vsub xs (x t)) <= f xs) (Hbound : forall t, norm (g t) <= G).
Hypothesis (Hdiam : forall u v, X u -> X v -> norm (vsub u v) <= B).
Hypothesis (Hx : forall t, nearest X (vsub (x t) (vscal (movement E x r0 t / sqrt (energy E g (S t))) (g t))) (x (S t))).
Let r := movement E x r0.

(** the average of x 0, ..., x (t - 1) with the weights movement 0, ..., movement (t - 1), updated point by point *)
Fixpoint weighted_average t : E := match t with O => x O | S k =>
  vadd (weighted_average k) (vscal (r k / sum (S k) r) (vsub (x k) (weighted_average k))) end.
Lemma weights_pos t : 0 < sum (S t) r.
Proof. simpl. pose proof (movement_pos E x r0 Hr0 t). fold r in H. assert (0 <= sum t r); [|lra].
  apply sum_nonneg. intros i _. left. apply movement_pos; auto. Qed.
Lemma weight_share t : 0 <= r t / sum (S t) r <= 1.
Proof. pose proof (weights_pos t) as W. pose proof (movement_pos E x r0 Hr0 t) as P. fold r in P. split.
  - apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; auto].
  - apply Rmult_le_reg_r with (sum (S t) r); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. simpl.
    assert (0 <= sum t r) by (apply sum_nonneg; intros i _; left; apply movement_pos; auto). lra. Qed.
Lemma points_feasible t : X (x t).
Proof. destruct t; auto. apply Hx. Qed.
Lemma weighted_feasible t : X (weighted_average t).
Proof. induction t as [|t IH]; auto. simpl. apply HX; auto using points_feasible. apply weight_share. Qed.
(** it is that average: W_t <u, average> = sum of r_k <u, x k> for every u *)
Lemma weighted_average_is t u : sum t r * ip u (weighted_average t) = sum t (fun k => r k * ip u (x k)).
Proof. induction t as [|t IH]; [simpl; ring|]. pose proof (weights_pos t) as W. simpl in *. ips. rewrite <- IH. field. lra. Qed.
Lemma weighted_jensen t : sum t r * f (weighted_average t) <= sum t (fun k => r k * f (x k)).
Proof. induction t as [|t IH]; [simpl; lra|]. pose proof (weights_pos t) as W.
  pose proof (Hf (weighted_average t) (x t) _ (weighted_feasible t) (points_feasible t) (weight_share t)) as H.
  apply Rmult_le_compat_l with (r := sum (S t) r) in H; [|lra]. simpl in *.
  replace ((sum t r + r t) * ((1 - r t / (sum t r + r t)) * f (weighted_average t) + r t / (sum t r + r t) * f (x t)))
    with (sum t r * f (weighted_average t) + r t * f (x t)) in H by (field; lra). lra. Qed.

Lemma dog_gap t T : (t <= T)%nat -> sum t r * (f (weighted_average t) - f xs) <= r t * (3 * B * G * sqrt (INR T)).
Proof. intros Ht. pose proof (dog_lemma_pathwise_holds E X x g r0 xs Hr0 HX Hxs Hx t) as P. fold r in P.
  pose proof (weighted_jensen t) as J. pose proof (movement_pos E x r0 Hr0 t) as Pr. fold r in Pr.
  assert (S1 : sum t (fun k => r k * f (x k)) - sum t r * f xs <= sum t (fun k => r k * ip (g k) (vsub (x k) xs))).
  { rewrite <- sum_scal_r, <- sum_minus. apply sum_le. intros k _. pose proof (Hsub k) as H. pose proof (movement_pos E x r0 Hr0 k) as Pk. fold r in Pk.
    assert (H1 : f (x k) - f xs <= ip (g k) (vsub (x k) xs)) by (revert H; ips; intros H; lra).
    apply Rmult_le_compat_l with (r := r k) in H1; lra. }
  assert (Hrt : forall k, r k <= B).
  { unfold r. induction k as [|k IH]; simpl; auto. apply Rmax_lub; auto. apply Hdiam; auto. apply points_feasible. }
  assert (Hft : forall k, farthest E x xs k <= B).
  { induction k as [|k IH]; simpl; [|apply Rmax_lub; auto]; apply Hdiam; auto using points_feasible. }
  assert (He : sqrt (energy E g t) <= G * sqrt (INR T)).
  { rewrite <- (sqrt_pow2 G) by lra. rewrite <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt. unfold energy.
    apply Rle_trans with (sum t (fun _ => G ^ 2)).
    - apply sum_le. intros k _. rewrite <- norm_sq. apply pow_incr. split; [apply norm_pos|apply Hbound].
    - rewrite sum_const. pose proof (pow2_ge_0 G). rewrite (Rmult_comm (G ^ 2)). apply Rmult_le_compat_r; auto. apply le_INR; auto. }
  assert (Hp : 0 <= farthest E x xs t) by (eapply Rle_trans; [apply norm_pos|apply (farthest_from E x xs 0 t); lia]).
  assert (H3 : dog_lemma_pathwise (farthest E x xs t) (energy E g t) (r t) <= r t * (3 * B * G * sqrt (INR T))).
  { unfold dog_lemma_pathwise. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|].
    replace (3 * B * G * sqrt (INR T)) with (3 * B * (G * sqrt (INR T))) by ring.
    pose proof (Hrt t). pose proof (Hft t). apply Rmult_le_compat; try lra. apply sqrt_pos. }
  rewrite Rmult_minus_distr_l. unfold r in *. lra. Qed.

(** dog/bounded-domain/exact-gradients: at a t <= T where the sum of the movements before t over movement t is largest, the gap of the
    movement-weighted average of x 0, ..., x (t - 1) is at most the entry's bound; B is the diameter or an upper bound of it. *)
Theorem dog_bounded_domain_exact_gradients_holds t T : (t <= T)%nat -> INR T > 1 + ln (B / r0) ->
  (forall k, (k <= T)%nat -> sum k (fun i => r i / r k) <= sum t (fun i => r i / r t)) ->
  f (weighted_average t) - f xs <= dog_bounded_domain_exact_gradients G B T r0.
Proof. intros Ht HT Hbest. pose proof (movement_pos E x r0 Hr0) as Pr. fold r in Pr.
  assert (Hgrow : r T / r O <= B / r0).
  { change (r O) with r0. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; auto|].
    unfold r. clear - HrB Hdiam Hx Hstart. induction T as [|k IH]; simpl; auto. apply Rmax_lub; auto. apply Hdiam; auto. apply points_feasible. }
  destruct (dog_lemma_averaging_holds r Hr0 (movement_mono E x r0) (B / r0) T Hgrow) as [k [Hk Ha]].
  pose proof (Hbest k Hk) as Hb. pose proof (dog_gap t T Ht) as Hg. pose proof (Pr t) as Prt.
  rewrite (sum_ext t _ (fun i => r i * / r t)) in Hb by auto. rewrite sum_scal_r in Hb.
  set (gap := f (weighted_average t) - f xs) in *. set (A := dog_lemma_averaging (B / r0) T) in *.
  assert (Hq : 1 <= B / r0). { apply Rmult_le_reg_r with r0; auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  assert (Hln : 0 <= ln (B / r0)). { rewrite <- ln_1. destruct Hq as [Hq|Hq]; [left; apply ln_increasing; lra|rewrite <- Hq; lra]. }
  pose proof (exp_pos 1) as Pe.
  assert (Hden : 0 < INR T / (1 + ln (B / r0)) - 1).
  { apply Rmult_lt_reg_r with (1 + ln (B / r0)); [lra|].
    replace ((INR T / (1 + ln (B / r0)) - 1) * (1 + ln (B / r0))) with (INR T - (1 + ln (B / r0))) by (field; lra). lra. }
  assert (HA : 0 < A) by (unfold A, dog_lemma_averaging; apply Rdiv_lt_0_compat; auto).
  assert (Hs : 0 <= 3 * B * G * sqrt (INR T)).
  { apply Rmult_le_pos; [|apply sqrt_pos]. apply Rmult_le_pos; lra. }
  assert (Hgap : A * gap <= 3 * B * G * sqrt (INR T)).
  { destruct (Rle_dec gap 0) as [H|H].
    - assert (0 <= A * - gap) by (apply Rmult_le_pos; lra). lra.
    - apply Rle_trans with (sum t r * / r t * gap); [apply Rmult_le_compat_r; lra|].
      apply Rmult_le_reg_l with (r t); auto. replace (r t * (sum t r * / r t * gap)) with (sum t r * gap) by (field; lra). auto. }
  unfold dog_bounded_domain_exact_gradients. apply Rmult_le_reg_l with A; auto. eapply Rle_trans; [exact Hgap|]. right.
  unfold A, dog_lemma_averaging. field. repeat split; lra. Qed.
End Bounded.
