(** Distributed Euler steps with unbiased compressors: M devices send compressed values of their operators, whose average the step uses. On
    strongly monotone Lipschitz problems the distance to the solution contracts up to a ball, and to zero where every device vanishes there. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent Subgradient Expectation Sgd.
Import ListNotations.
Open Scope R_scope.

Section Sums.
Variable E : space.
Lemma ip_vsum_sub n (u v : nat -> E) w : ip w (vsum n (fun m => vsub (u m) (v m))) = ip w (vsub (vsum n u) (vsum n v)).
Proof. rewrite ip_sub_r, !ip_vsum, <- sum_minus. apply sum_ext. intros. apply ip_sub_r. Qed.
Lemma n2_vsum_sub n (u v : nat -> E) : n2 (vsub (vsum n u) (vsum n v)) = n2 (vsum n (fun m => vsub (u m) (v m))).
Proof. unfold n2. rewrite (ip_vsum_sub n u v), (ip_sym E (vsum n (fun m => vsub (u m) (v m)))), (ip_vsum_sub n u v). reflexivity. Qed.
Lemma next_sum (C : chance) h n (u : nat -> nat -> R) : next C h (fun k => sum n (fun m => u m k)) = sum n (fun m => next C h (u m)).
Proof. induction n as [|n IH]; simpl; [apply next_const|]. rewrite next_add, IH. reflexivity. Qed.
(** the mean square of a sum of uncorrelated errors *)
Lemma uncorrelated_sum (C : chance) h n (e : nat -> nat -> E) :
  (forall i j, (i < j)%nat -> (j < n)%nat -> next C h (fun k => ip (e i k) (e j k)) = 0) ->
  next C h (fun k => n2 (vsum n (fun m => e m k))) = sum n (fun m => next C h (fun k => n2 (e m k))).
Proof. induction n as [|n IH]; intros H; simpl.
  - rewrite (next_ext C h _ (fun _ => 0)); [apply next_const|]. intros. rewrite n2_scal. ring.
  - rewrite <- IH by (intros; apply H; lia).
    assert (Z : next C h (fun k => ip (vsum n (fun m => e m k)) (e n k)) = 0).
    { rewrite (next_ext C h _ (fun k => sum n (fun m => ip (e m k) (e n k)))).
      - rewrite next_sum, (sum_ext n _ (fun _ => 0)); [apply sum_zero|]. intros m Hm. apply H; lia.
      - intros k _. rewrite ip_sym, ip_vsum. apply sum_ext. intros. apply ip_sym. }
    rewrite (next_ext C h _ (fun k => n2 (vsum n (fun m => e m k)) + 2 * ip (vsum n (fun m => e m k)) (e n k) + n2 (e n k)))
      by (intros; apply n2_add).
    rewrite !next_add, next_scal, Z. ring. Qed.
End Sums.

Section Compressed.
Variables (C : chance) (E : space) (M : nat) (F : nat -> E -> E) (x : list nat -> E) (c : nat -> list nat -> nat -> E).
Variables (alpha L q step : R) (lip : nat -> R) (xs : E).
(** the operator: the mean of the devices' *)
Definition mean_operator (z : E) : E := vscal (/ INR M) (vsum M (fun m => F m z)).
(** c m h k is what device m sends after the history h *)
Definition mean_message (h : list nat) (k : nat) : E := vscal (/ INR M) (vsum M (fun m => c m h k)).
Hypotheses (HM : (1 <= M)%nat) (Hq : 1 <= q) (Hstep : 0 <= step).
Hypotheses (Hmono : strongly_monotone everywhere mean_operator alpha) (Hlip : lipschitz everywhere mean_operator L).
Hypotheses (Hlips : forall m, (m < M)%nat -> lipschitz everywhere (F m) (lip m)) (Hzero : n2 (mean_operator xs) = 0).
(** the compressors: unbiased, errors of different devices uncorrelated, E|Q(v) - v|^2 <= (q - 1) |v|^2 *)
Hypotheses (Hunbiased : forall m, (m < M)%nat -> unbiased C (F m) x (c m)).
Hypothesis (Hapart : forall h i j, possible C h -> (i < j)%nat -> (j < M)%nat ->
  next C h (fun k => ip (vsub (c i h k) (F i (x h))) (vsub (c j h k) (F j (x h)))) = 0).
Hypothesis (Hcompress : forall h m, possible C h -> (m < M)%nat -> next C h (fun k => n2 (vsub (c m h k) (F m (x h)))) <= (q - 1) * n2 (F m (x h))).
Hypothesis (Hx : sgd C (fun _ => step) x mean_message).

Definition contraction_square : R := 1 - 2 * alpha * step + step ^ 2 * (L ^ 2 + 2 * (q - 1) / INR M ^ 2 * sum M (fun m => lip m ^ 2)).
Definition ball_square : R := 2 * step ^ 2 * ((q - 1) / INR M ^ 2) * sum M (fun m => n2 (F m xs)).

Lemma mean_message_unbiased : unbiased C mean_operator x mean_message.
Proof. intros h v Hp. unfold mean_message, mean_operator. rewrite ip_scal, (ip_sym E (vsum M _)), ip_vsum.
  rewrite (next_ext C h _ (fun k => / INR M * sum M (fun m => ip (c m h k) v))).
  - rewrite next_scal, next_sum. f_equal. apply sum_ext. intros m Hm. rewrite (Hunbiased m Hm h v Hp). apply ip_sym.
  - intros k _. rewrite ip_scal, (ip_sym E (vsum M _)), ip_vsum. f_equal. apply sum_ext. intros. apply ip_sym. Qed.
Lemma vanishing_operator w : ip (mean_operator xs) w = 0.
Proof. pose proof (cauchy_schwarz_sq E (mean_operator xs) w) as H. rewrite Hzero, Rmult_0_l in H.
  apply Rsqr_0_uniq, Rle_antisym; [unfold Rsqr; lra|apply Rle_0_sqr]. Qed.
(** the variance of the mean message *)
Lemma message_variance h : possible C h -> next C h (fun k => n2 (vsub (mean_message h k) (mean_operator (x h))))
  <= (q - 1) / INR M ^ 2 * (2 * (sum M (fun m => lip m ^ 2) * n2 (vsub (x h) xs) + sum M (fun m => n2 (F m xs)))).
Proof. intros Hp. pose proof (pos_INR_of M HM) as HM1.
  rewrite (next_ext C h _ (fun k => (/ INR M) ^ 2 * n2 (vsum M (fun m => vsub (c m h k) (F m (x h)))))).
  2:{ intros k _. rewrite <- n2_vsum_sub, <- n2_scal. unfold mean_message, mean_operator. vec. ring. }
  rewrite next_scal, (uncorrelated_sum E C h M (fun m k => vsub (c m h k) (F m (x h)))) by (intros; apply Hapart; auto).
  assert (Hi : 0 <= (/ INR M) ^ 2) by apply pow2_ge_0.
  replace ((q - 1) / INR M ^ 2 * (2 * (sum M (fun m => lip m ^ 2) * n2 (vsub (x h) xs) + sum M (fun m => n2 (F m xs)))))
    with ((/ INR M) ^ 2 * ((q - 1) * (2 * (sum M (fun m => lip m ^ 2) * n2 (vsub (x h) xs) + sum M (fun m => n2 (F m xs)))))) by (field; lra).
  apply Rmult_le_compat_l; auto. rewrite <- sum_scal_r, <- sum_plus, <- !sum_scal. apply sum_le. intros m Hm.
  eapply Rle_trans; [apply Hcompress; auto|]. apply Rmult_le_compat_l; [lra|].
  pose proof (Hlips m Hm (x h) xs I I) as HL. pose proof (n2_pos E (vsub (vsub (F m (x h)) (F m xs)) (F m xs))) as P.
  assert (Eq : n2 (F m (x h)) = 2 * n2 (vsub (F m (x h)) (F m xs)) + 2 * n2 (F m xs) - n2 (vsub (vsub (F m (x h)) (F m xs)) (F m xs))) by (vec; ring).
  lra. Qed.

(** One step of plain compressed Euler: E|x+ - x*|^2 <= (1 - 2 h alpha + h^2 (L^2 + 2 (q - 1)/M^2 sum L_m^2)) |x - x*|^2
    + 2 h^2 (q - 1)/M^2 sum |F_m at x*|^2. *)
Theorem compressed_euler_step h : possible C h ->
  next C h (fun k => n2 (vsub (x (k :: h)) xs)) <= contraction_square * n2 (vsub (x h) xs) + ball_square.
Proof. intros Hp. rewrite (distance_step_noise C E mean_operator _ x mean_message Hx mean_message_unbiased h xs Hp). cbv beta.
  pose proof (euler_contracts E everywhere mean_operator alpha L step Hstep Hmono Hlip (x h) xs I I) as Hc.
  assert (Ee : n2 (vsub (euler mean_operator step (x h)) xs) = n2 (vsub (euler mean_operator step (x h)) (euler mean_operator step xs))).
  { assert (Z2 : forall w, ip w (mean_operator xs) = 0) by (intros w; rewrite ip_sym; apply vanishing_operator).
    unfold euler. ips. rewrite !Z2, !vanishing_operator. isym. ring. }
  rewrite Ee. pose proof (message_variance h Hp) as V. apply (Rmult_le_compat_l (step ^ 2)) in V; [|apply pow2_ge_0].
  unfold contraction_square, ball_square. set (s := sum M (fun m => lip m ^ 2)) in *. set (b := sum M (fun m => n2 (F m xs))) in *.
  set (d := n2 (vsub (x h) xs)) in *. set (k := (q - 1) / INR M ^ 2) in *.
  replace (2 * (q - 1) / INR M ^ 2) with (2 * k) by (unfold k, Rdiv; ring). lra. Qed.

(** T steps: linear convergence in mean square to a ball. *)
Theorem compressed_euler_ball T : 0 <= contraction_square -> contraction_square < 1 ->
  mean_square C x xs T <= contraction_square ^ T * n2 (vsub (x []) xs) + ball_square * (1 - contraction_square ^ T) / (1 - contraction_square).
Proof. intros H0 H1. apply (affine_recursion contraction_square ball_square (mean_square C x xs) T H0); [lra|].
  intros t. apply (expect_step C (fun h => n2 (vsub (x h) xs))). intros h _ Hp. apply compressed_euler_step; auto. Qed.
(** Where every device's operator vanishes at the solution, convergence is linear, without a ball. *)
Theorem compressed_euler_exact T : 0 <= contraction_square -> (forall m, (m < M)%nat -> n2 (F m xs) = 0) ->
  mean_square C x xs T <= contraction_square ^ T * n2 (vsub (x []) xs).
Proof. intros H0 HF. apply (geometric contraction_square (mean_square C x xs) H0). intros t.
  assert (B : ball_square = 0) by (unfold ball_square; rewrite (sum_ext M _ (fun _ => 0)) by auto; rewrite sum_zero; ring).
  rewrite <- (Rplus_0_r (contraction_square * _)), <- B. apply (expect_step C (fun h => n2 (vsub (x h) xs))).
  intros h _ Hp. apply compressed_euler_step; auto. Qed.
End Compressed.
