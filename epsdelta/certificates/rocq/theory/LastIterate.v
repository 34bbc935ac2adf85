(** The last point of a (stochastic) subgradient method with linearly decaying steps, and its average under a constant step: the identities
    in an abstract inner-product space, in which random vectors are points too. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent.
Open Scope R_scope.

Section Walk.
Variable H : space.
(** x the points, g the gradients used, d the true ones, q the gaps, xs the solution *)
Variables (x g d : nat -> H) (xs : H) (q e : nat -> R) (w : R).
Hypotheses (Hw : 0 < w) (Hgap : forall t, q t + e t <= ip (d t) (vsub (x t) xs)).
Hypotheses (Hnoise : forall t s, (s <= t)%nat -> ip (vsub (g t) (d t)) (x s) = 0) (Hnoise0 : forall t, ip (vsub (g t) (d t)) xs = 0).

(** constant steps: the gaps of T points add up to at most |x 0 - xs|^2/(2w) + (w/2) sum |g t|^2 *)
Theorem constant_steps_sum T : (forall t v, ip (x (S t)) v = ip (x t) v - w * ip (g t) v) ->
  sum T (fun t => q t + e t) <= n2 (vsub (x O) xs) / (2 * w) + w / 2 * sum T (fun t => n2 (g t)).
Proof. intros Hx.
  assert (Step : forall t, 2 * w * (q t + e t) <= n2 (vsub (x t) xs) - n2 (vsub (x (S t)) xs) + w ^ 2 * n2 (g t)).
  { intros t. pose proof (Hgap t) as C. pose proof (Hnoise t t (Nat.le_refl t)) as N. pose proof (Hnoise0 t) as N0.
    assert (Ex : n2 (vsub (x (S t)) xs) = n2 (vsub (x t) xs) - 2 * w * ip (g t) (vsub (x t) xs) + w ^ 2 * n2 (g t)).
    { pose proof (Hx t (x (S t))) as X1. pose proof (Hx t (x t)) as X2. pose proof (Hx t (g t)) as X3. pose proof (Hx t xs) as X4.
      rewrite (ip_sym H (x t) (x (S t))), (ip_sym H (g t) (x (S t))), X2, X3 in X1. rewrite !n2_sub, ip_sub_r. unfold n2 at 1. rewrite X1, X4.
      rewrite (ip_sym H (g t) (x t)). unfold n2. ring. }
    rewrite Ex. apply Rmult_le_compat_l with (r := 2 * w) in C; [|lra]. revert C N N0. ips. intros C N N0.
    assert (A : ip (d t) (x t) = ip (g t) (x t)) by lra. assert (B : ip (d t) xs = ip (g t) xs) by lra. rewrite A, B in C. lra. }
  assert (Tel : 2 * w * sum T (fun t => q t + e t) <= n2 (vsub (x O) xs) - n2 (vsub (x T) xs) + w ^ 2 * sum T (fun t => n2 (g t))).
  { induction T as [|t IH]; [simpl; lra|]. cbn [sum]. pose proof (Step t). lra. }
  pose proof (n2_pos H (vsub (x T) xs)) as P. apply Rmult_le_reg_l with (2 * w); [lra|].
  replace (2 * w * (n2 (vsub (x O) xs) / (2 * w) + w / 2 * sum T (fun t => n2 (g t))))
    with (n2 (vsub (x O) xs) + w ^ 2 * sum T (fun t => n2 (g t))) by (field; lra). lra. Qed.

(** ** Linear decay: x (t + 1) = x t - w (1 - (t + 1)/T) g t, T = m + 1 points *)
Variable m : nat.
Let N := INR (S m).
Hypothesis (Hx : forall t v, (t < m)%nat -> ip (x (S t)) v = ip (x t) v - w * (1 - INR (S t) / N) * ip (g t) v).
Hypothesis (Hconvex : forall t s, q t - q s <= ip (d t) (vsub (x t) (x s))).
(** the weights S_t = T/(T - t), which grow by c_t = T/((T - t)(T - t - 1)), t from 0 *)
Let total t := N / (N - INR t).
Let c t := N / ((N - INR t) * (N - INR t - 1)).
Fixpoint walk t : H := match t with O => x O | S k => vsub (walk k) (vscal w (g k)) end.

Lemma total_step t : (S t <= m)%nat -> total (S t) = total t + c t /\ (N - INR t - 1) * c t = total t /\ 0 <= c t.
Proof. intros Ht. assert (HN : INR t + 2 <= N) by (unfold N; apply le_INR in Ht; rewrite S_INR in *; lra). unfold total, c. rewrite S_INR.
  pose proof (pos_INR t) as P. repeat split; [field; lra|field; lra|].
  apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra. Qed.
(** walk t = S_t x t - sum_{k < t} c_k x k, seen by every vector v *)
Lemma walk_is t v : (t <= m)%nat -> ip (walk t) v = total t * ip (x t) v - sum t (fun k => c k * ip (x k) v).
Proof. induction t as [|t IH]; intros Ht.
  - simpl. unfold total. simpl INR. rewrite Rminus_0_r. assert (0 < N) by (apply lt_0_INR; lia). field. lra.
  - cbn [walk sum]. rewrite ip_sub_l, ip_scal, IH, Hx by lia. destruct (total_step t Ht) as [E1 [E2 _]].
    assert (E3 : total (S t) * (1 - INR (S t) / N) = 1).
    { assert (HN : INR t + 2 <= N) by (unfold N; apply le_INR in Ht; rewrite S_INR in *; lra). pose proof (pos_INR t).
      unfold total. rewrite S_INR. field. lra. }
    replace (total (S t) * (ip (x t) v - w * (1 - INR (S t) / N) * ip (g t) v))
      with (total (S t) * ip (x t) v - total (S t) * (1 - INR (S t) / N) * (w * ip (g t) v)) by ring.
    rewrite E3, E1. ring. Qed.
Lemma total_is t : (t <= m)%nat -> total t = 1 + sum t c.
Proof. induction t as [|t IH]; intros Ht.
  - simpl. unfold total. simpl INR. assert (0 < N) by (apply lt_0_INR; lia). field. lra.
  - cbn [sum]. destruct (total_step t Ht) as [E1 _]. rewrite E1, IH by lia. ring. Qed.

Lemma walk_noise t : (t <= m)%nat -> ip (vsub (g t) (d t)) (vsub (walk t) xs) = 0.
Proof. intros Ht. rewrite ip_sub_r, Hnoise0, (ip_sym H _ (walk t)), walk_is, (ip_sym H (x t)), Hnoise by auto.
  rewrite (sum_ext t _ (fun _ => 0)); [rewrite sum_zero; ring|]. intros k Hk. rewrite (ip_sym H (x k)), Hnoise by lia. ring. Qed.
(** <d t, walk t - xs> >= S_t q_t - sum_{k < t} c_k q_k + e_t *)
Lemma walk_gap t : (t <= m)%nat -> total t * q t - sum t (fun k => c k * q k) + e t <= ip (d t) (vsub (walk t) xs).
Proof. intros Ht. rewrite ip_sub_r, (ip_sym H _ (walk t)), walk_is by auto. pose proof (Hgap t) as G. rewrite ip_sub_r in G.
  assert (A : sum t (fun k => c k * (q t - q k)) <= sum t (fun k => c k * (ip (x t) (d t) - ip (x k) (d t)))).
  { apply sum_le. intros k Hk. destruct (total_step k) as [_ [_ Hc]]; [lia|]. apply Rmult_le_compat_l; auto.
    pose proof (Hconvex t k) as C. rewrite ip_sub_r, !(ip_sym H (d t)) in C. auto. }
  rewrite (sum_ext t (fun k => c k * (q t - q k)) (fun k => c k * q t - c k * q k)) in A by (intros; ring).
  rewrite (sum_ext t (fun k => c k * (ip (x t) (d t) - ip (x k) (d t))) (fun k => c k * ip (x t) (d t) - c k * ip (x k) (d t))) in A by (intros; ring).
  rewrite !sum_minus, !sum_scal_r in A. rewrite (total_is t Ht). rewrite (ip_sym H (d t) (x t)) in G. lra. Qed.
(** the weights single out the last gap: the sum over t < T of S_t q_t - sum_{k < t} c_k q_k is T q_{T - 1} *)
Lemma last_gap : sum (S m) (fun t => total t * q t - sum t (fun k => c k * q k)) = N * q m.
Proof. assert (A : forall n, (n <= m)%nat -> sum n (fun t => total t * q t - sum t (fun k => c k * q k)) = (N - INR n) * sum n (fun k => c k * q k)).
  { induction n as [|n IH]; intros Hn; [simpl; ring|]. cbn [sum]. rewrite IH by lia. destruct (total_step n Hn) as [_ [E2 _]].
    rewrite <- E2, S_INR. ring. }
  cbn [sum]. rewrite (A m (Nat.le_refl m)). unfold total. replace (N - INR m) with 1 by (unfold N; rewrite S_INR; ring). field. Qed.

(** T times the gap of the last point is at most |x 0 - xs|^2/(2w) + (w/2) sum |g t|^2 - sum e_t, sums over the T points. *)
Theorem last_iterate : N * q m + sum (S m) e <= n2 (vsub (x O) xs) / (2 * w) + w / 2 * sum (S m) (fun t => n2 (g t)).
Proof.
  assert (Tel : forall n, (n <= S m)%nat -> 2 * w * sum n (fun t => total t * q t - sum t (fun k => c k * q k) + e t)
    <= n2 (vsub (x O) xs) - n2 (vsub (walk n) xs) + w ^ 2 * sum n (fun t => n2 (g t))).
  { induction n as [|n IH]; intros Hn; [simpl; lra|]. cbn [sum]. specialize (IH ltac:(lia)).
    pose proof (walk_gap n ltac:(lia)) as G. pose proof (walk_noise n ltac:(lia)) as Z. rewrite ip_sub_l in Z.
    assert (Ex : n2 (vsub (walk (S n)) xs) = n2 (vsub (walk n) xs) - 2 * w * ip (g n) (vsub (walk n) xs) + w ^ 2 * n2 (g n)).
    { cbn [walk]. vec. ring. }
    rewrite Ex. replace (ip (g n) (vsub (walk n) xs)) with (ip (d n) (vsub (walk n) xs)) by lra.
    apply Rmult_le_compat_l with (r := 2 * w) in G; [|lra]. lra. }
  specialize (Tel (S m) (Nat.le_refl _)). rewrite sum_plus, last_gap in Tel. pose proof (n2_pos H (vsub (walk (S m)) xs)) as P.
  apply Rmult_le_reg_l with (2 * w); [lra|].
  replace (2 * w * (n2 (vsub (x O) xs) / (2 * w) + w / 2 * sum (S m) (fun t => n2 (g t))))
    with (n2 (vsub (x O) xs) + w ^ 2 * sum (S m) (fun t => n2 (g t))) by (field; lra). lra. Qed.
End Walk.
