(** Mirror maps: the three-point identity, mirror descent, and dual averaging with late gradients. A norm N need not be that of the inner
    product, which serves as the pairing of gradients with points. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent Subgradient Formulas.
Open Scope R_scope.

Section Mirror.
Variable E : space.
(** D(u, x) = h u - h x - <dh x, u - x> *)
Definition bregman (h : E -> R) (dh : E -> E) u x := h u - h x - ip (dh x) (vsub u x).
(** D(u, y) - D(u, x) - D(x, y) = <dh x - dh y, u - x> *)
Theorem three_points h dh u x y : bregman h dh u y - bregman h dh u x - bregman h dh x y = ip (vsub (dh x) (dh y)) (vsub u x).
Proof. unfold bregman. ips. ring. Qed.

(** Mirror descent with a mirror map h that is 1-strongly convex in a norm N and gradients of dual norm at most G: the regret against any
    feasible u is at most D(u, x 0)/eta + eta T G^2/2. The step is given by its optimality condition over the feasible set. *)
Theorem mirror_descent_regret (X : E -> Prop) (h : E -> R) (dh : E -> E) (N : E -> R) (x g : nat -> E) eta G u T :
  0 < eta -> 0 <= G -> (forall t w, ip (g t) w <= G * N w) -> (forall v w, N (vsub v w) = N (vsub w v)) ->
  (forall v w, X v -> X w -> N (vsub v w) ^ 2 / 2 <= bregman h dh v w) -> X u -> (forall t, X (x t)) ->
  (forall t v, X v -> 0 <= ip (vadd (vscal eta (g t)) (vsub (dh (x (S t))) (dh (x t)))) (vsub v (x (S t)))) ->
  sum T (fun t => ip (g t) (vsub (x t) u)) <= bregman h dh u (x O) / eta + eta * INR T * G ^ 2 / 2.
Proof.
  intros He HG Hg HN Hh Hu Hx Hopt.
  assert (Step : forall t, eta * ip (g t) (vsub (x t) u) <= bregman h dh u (x t) - bregman h dh u (x (S t)) + eta ^ 2 * G ^ 2 / 2).
  { intros t. pose proof (Hopt t u Hu) as H. pose proof (three_points h dh u (x (S t)) (x t)) as P.
    pose proof (Hh (x (S t)) (x t) (Hx _) (Hx _)) as S1. pose proof (Hg t (vsub (x t) (x (S t)))) as B. rewrite HN in B.
    set (n := N (vsub (x (S t)) (x t))) in *. pose proof (pow2_ge_0 (n - eta * G)) as Q.
    apply Rmult_le_compat_l with (r := eta) in B; [|lra]. revert H P B. ips. intros H P B. lra. }
  assert (Tel : eta * sum T (fun t => ip (g t) (vsub (x t) u)) <= bregman h dh u (x O) - bregman h dh u (x T) + INR T * (eta ^ 2 * G ^ 2 / 2)).
  { induction T as [|t IH]; [simpl; lra|]. rewrite S_INR. simpl sum. pose proof (Step t). lra. }
  pose proof (Hh u (x T) Hu (Hx T)) as P. pose proof (pow2_ge_0 (N (vsub u (x T)))) as Q.
  apply Rmult_le_reg_l with eta; auto.
  replace (eta * (bregman h dh u (x O) / eta + eta * INR T * G ^ 2 / 2)) with (bregman h dh u (x O) + INR T * (eta ^ 2 * G ^ 2 / 2)) by (field; lra).
  lra. Qed.
End Mirror.

Section DualAveraging.
Variable E : space.
Variables (X : E -> Prop) (h : E -> R) (Q : E -> E) (N : E -> R) (loss : nat -> E -> R) (x g : nat -> E) (received : nat -> nat -> bool).
Variables (eta G range : R) (delay : nat).
(** X is convex; h is 1-strongly convex on X in the norm N and its values range over at most [range]; Q s minimizes h + <s, .> over X *)
Hypotheses (HX : convex_set X) (HN0 : forall w, 0 <= N w) (HNsym : forall v w, N (vsub v w) = N (vsub w v)).
Hypothesis (Hh : forall v w s, X v -> X w -> 0 <= s <= 1 ->
  h (vadd v (vscal s (vsub w v))) <= (1 - s) * h v + s * h w - s * (1 - s) / 2 * N (vsub w v) ^ 2).
Hypothesis (Hrange : forall v w, X v -> X w -> h v - h w <= range).
Hypothesis (HQ : forall s, X (Q s) /\ forall v, X v -> h (Q s) + ip s (Q s) <= h v + ip s v).
(** g t is a subgradient of the loss t at x t over X, and N's dual norm of it is at most G *)
Hypotheses (Heta : 0 < eta) (HG : 0 < G) (Hg : forall t w, ip (g t) w <= G * N w /\ - (G * N w) <= ip (g t) w).
Hypothesis (Hloss : forall t v, X v -> loss t (x t) + ip (g t) (vsub v (x t)) <= loss t v).
(** eta times the sum of the first t gradients, of all of them and of those received at step t *)
Fixpoint total (w : nat -> R) t : E := match t with O => vscal 0 (x O) | S k => vadd (total w k) (vscal (w k) (g k)) end.
Definition arrived t k := if received t k then eta else 0.
(** at step t at most [delay] of the gradients before it are missing; x t minimizes h + eta <sum of those received, .> *)
Hypothesis (Hdelay : forall t, sum t (fun k => if received t k then 0 else 1) <= INR delay).
Hypothesis (Hx : forall t, x t = Q (total (arrived t) t)).

Lemma ip_total w t v : ip (total w t) v = sum t (fun k => w k * ip (g k) v).
Proof. induction t as [|t IH]; simpl; [rewrite ip_scal; ring|]. rewrite ip_add, ip_scal, IH. auto. Qed.
(** the minimum is a strong one: h v + <s, v> exceeds it by |v - Q s|^2/2 *)
Lemma strong_minimum s v : X v -> h (Q s) + ip s (Q s) + N (vsub v (Q s)) ^ 2 / 2 <= h v + ip s v.
Proof. intros Hv. destruct (HQ s) as [Hp Hm]. set (p := Q s) in *. set (n2v := N (vsub v p) ^ 2).
  assert (Hn : 0 <= n2v) by apply pow2_ge_0.
  assert (K : forall a, 0 < a <= 1 -> (1 - a) / 2 * n2v <= h v + ip s v - (h p + ip s p)).
  { intros a Ha. pose proof (HX p v a Hp Hv) as Hin. assert (Ha1 : 0 <= a <= 1) by lra. pose proof (Hm _ (Hin Ha1)) as H1.
    pose proof (Hh p v a Hp Hv Ha1) as H2. fold n2v in H2. revert H1. ips. intros H1.
    apply Rmult_le_reg_l with a; [lra|]. lra. }
  apply Rnot_lt_le. intros C. set (c := h p + ip s p + n2v / 2 - (h v + ip s v)) in *.
  assert (Hc : 0 < c) by (unfold c; fold n2v in C; lra).
  assert (Ha : 0 < c / (n2v + c) <= 1).
  { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (n2v + c); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  pose proof (K _ Ha) as H. set (a := c / (n2v + c)) in *.
  assert (Hac : a * (n2v + c) = c) by (unfold a; field; lra). assert (0 < a * c) by (apply Rmult_lt_0_compat; lra).
  unfold c in *. lra. Qed.

Let y t := Q (total (fun _ => eta) t).
Lemma played_near t : N (vsub (x t) (y t)) <= eta * INR delay * G.
Proof. rewrite Hx. unfold y. set (s := total (arrived t) t). set (s' := total (fun _ => eta) t).
  pose proof (strong_minimum s (Q s') (proj1 (HQ s'))) as H1. pose proof (strong_minimum s' (Q s) (proj1 (HQ s))) as H2.
  rewrite (HNsym (Q s')) in H1. set (n := N (vsub (Q s) (Q s'))) in *. assert (Hn : 0 <= n) by apply HN0.
  assert (Hd : n * n <= ip s' (vsub (Q s) (Q s')) - ip s (vsub (Q s) (Q s'))) by (ips; lra).
  assert (Hm : ip s' (vsub (Q s) (Q s')) - ip s (vsub (Q s) (Q s')) <= eta * INR delay * G * n).
  { set (d := vsub (Q s) (Q s')) in *. unfold s, s'. rewrite !ip_total, <- sum_minus.
    apply Rle_trans with (sum t (fun k => (if received t k then 0 else 1) * (eta * G * n))).
    - apply sum_le. intros k _. unfold arrived. destruct (received t k); [lra|]. pose proof (proj1 (Hg k d)) as B. fold n in B.
      apply Rmult_le_compat_l with (r := eta) in B; lra.
    - rewrite sum_scal_r. replace (eta * INR delay * G * n) with (INR delay * (eta * G * n)) by ring.
      apply Rmult_le_compat_r; [|apply Hdelay]. apply Rmult_le_pos; auto. apply Rmult_le_pos; lra. }
  destruct Hn as [Hn|Hn].
  - apply Rmult_le_reg_r with n; auto. lra.
  - rewrite <- Hn. apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply pos_INR]|lra]. Qed.

(** the regret of the undelayed points y *)
Lemma undelayed_regret u T : X u -> sum T (fun t => ip (g t) (vsub (y t) u)) <= range / eta + eta * INR T * G ^ 2 / 2.
Proof. intros Hu. set (w := fun _ : nat => eta). set (phi t := h (y t) + ip (total w t) (y t)).
  assert (Step : forall t, phi t + eta * ip (g t) (y t) - eta ^ 2 * G ^ 2 / 2 <= phi (S t)).
  { intros t. pose proof (strong_minimum (total w t) (y (S t)) (proj1 (HQ _))) as H. change (Q (total w t)) with (y t) in H.
    pose proof (proj2 (Hg t (vsub (y (S t)) (y t)))) as B. set (n := N (vsub (y (S t)) (y t))) in *. pose proof (pow2_ge_0 (n - eta * G)) as P.
    assert (Ep : phi (S t) = h (y (S t)) + ip (total w t) (y (S t)) + eta * ip (g t) (y (S t))).
    { unfold phi. rewrite !ip_total. simpl sum. unfold w. ring. }
    rewrite Ep. change (phi t) with (h (y t) + ip (total w t) (y t)).
    apply Rmult_le_compat_l with (r := eta) in B; [|lra]. revert B. ips. intros B. lra. }
  assert (Tel : phi O + eta * sum T (fun t => ip (g t) (y t)) - INR T * (eta ^ 2 * G ^ 2 / 2) <= phi T).
  { induction T as [|t IH]; [simpl; lra|]. rewrite S_INR. simpl sum. pose proof (Step t). lra. }
  pose proof (proj2 (HQ (total w T)) u Hu) as M. change (phi T <= h u + ip (total w T) u) in M. rewrite ip_total in M.
  assert (E0 : phi O = h (y O)) by (unfold phi; simpl total; ips; ring).
  pose proof (Hrange u (y O) Hu (proj1 (HQ _))) as Hr. unfold w in M. rewrite sum_scal in M.
  rewrite (sum_ext T _ (fun t => ip (g t) (y t) - ip (g t) u)) by (intros; apply ip_sub_r). rewrite sum_minus.
  apply Rmult_le_reg_l with eta; auto.
  replace (eta * (range / eta + eta * INR T * G ^ 2 / 2)) with (range + INR T * (eta ^ 2 * G ^ 2 / 2)) by (field; lra). lra. Qed.

(** asynchronous/dual-averaging/any-step: dual averaging with gradients of which at most [delay] are missing at a time: the regret of the
    played points over T steps against any feasible u. *)
Theorem asynchronous_dual_averaging_any_step_holds u T : X u ->
  sum T (fun t => loss t (x t) - loss t u) <= asynchronous_dual_averaging_any_step G delay T range eta.
Proof. intros Hu. pose proof (undelayed_regret u T Hu) as H. unfold asynchronous_dual_averaging_any_step.
  apply Rle_trans with (sum T (fun t => ip (g t) (vsub (y t) u) + G * (eta * INR delay * G))).
  - apply sum_le. intros t _. pose proof (Hloss t u Hu) as L. pose proof (proj1 (Hg t (vsub (x t) (y t)))) as B.
    assert (G * N (vsub (x t) (y t)) <= G * (eta * INR delay * G)) by (apply Rmult_le_compat_l; [lra|apply played_near]).
    revert L B. ips. intros L B. lra.
  - rewrite sum_plus, sum_const. lra. Qed.
End DualAveraging.

(** asynchronous/dual-averaging/tuned-step: the same at the step sqrt(2 range/((1 + 2 delay) T))/G, for T >= 1. *)
Theorem asynchronous_dual_averaging_tuned_step_holds (E : space) X h Q N loss (x g : nat -> E) received G range delay u T :
  let eta := sqrt (2 * range / ((1 + 2 * INR delay) * INR T)) / G in
  convex_set X -> (forall w, 0 <= N w) -> (forall v w, N (vsub v w) = N (vsub w v)) ->
  (forall v w s, X v -> X w -> 0 <= s <= 1 ->
    h (vadd v (vscal s (vsub w v))) <= (1 - s) * h v + s * h w - s * (1 - s) / 2 * N (vsub w v) ^ 2) ->
  (forall v w, X v -> X w -> h v - h w <= range) ->
  (forall s, X (Q s) /\ forall v, X v -> h (Q s) + ip s (Q s) <= h v + ip s v) ->
  0 < range -> 0 < G -> (1 <= T)%nat -> (forall t w, ip (g t) w <= G * N w /\ - (G * N w) <= ip (g t) w) ->
  (forall t v, X v -> loss t (x t) + ip (g t) (vsub v (x t)) <= loss t v) ->
  (forall t, sum t (fun k => if received t k : bool then 0 else 1) <= INR delay) ->
  (forall t, x t = Q (total E x g (arrived received eta t) t)) -> X u ->
  sum T (fun t => loss t (x t) - loss t u) <= asynchronous_dual_averaging_tuned_step G delay T range.
Proof.
  intros eta HX HN0 HNs Hh Hr HQ Hr0 HG HT Hg Hl Hd Hx Hu. pose proof (pos_INR_of T HT) as HT1. pose proof (pos_INR delay) as Hd0.
  set (k := 1 + 2 * INR delay). assert (Hk : 1 <= k) by (unfold k; lra).
  assert (Hkt : 0 < k * INR T) by (apply Rmult_lt_0_compat; lra).
  assert (Hq : 0 < 2 * range / (k * INR T)) by (apply Rdiv_lt_0_compat; lra).
  set (q := sqrt (2 * range / (k * INR T))). assert (Hqp : 0 < q) by (apply sqrt_lt_R0; auto).
  assert (He : 0 < eta) by (apply Rdiv_lt_0_compat; auto).
  eapply Rle_trans; [apply (asynchronous_dual_averaging_any_step_holds E X h Q N loss x g received eta G range delay); auto|].
  unfold asynchronous_dual_averaging_any_step, asynchronous_dual_averaging_tuned_step. fold k.
  assert (Hq2 : q * q = 2 * range / (k * INR T)) by (apply sqrt_sqrt; lra).
  assert (Er : range = q * q * (k * INR T) / 2) by (rewrite Hq2; field; lra).
  replace (2 * range * k * INR T) with ((q * (k * INR T)) ^ 2) by (rewrite Er; field).
  rewrite sqrt_pow2 by (apply Rmult_le_pos; lra). unfold eta. fold k q. rewrite Er at 1. right. field. lra. Qed.
