(** Tools for the theorems on operators: identities between inner products, norms from squared norms, telescoping. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces.
Open Scope R_scope.

(** Expands inner products and gives every pair of vectors one order; an identity is then left to [ring] or [field]. *)
Ltac one_order := repeat match goal with |- context [@ip ?E ?u ?v] =>
  match goal with |- context [@ip E v u] => tryif constr_eq u v then fail else rewrite (ip_sym E v u) end end.
Ltac products := ips; one_order.

Section Products.
Variable E : space.
Implicit Types u v w x y z : E.

(** A vector of length zero is orthogonal to every vector. *)
Lemma ip_null u v : n2 u = 0 -> ip u v = 0.
Proof. intros H. pose proof (cauchy_schwarz_sq E u v) as C. rewrite H in C. nra. Qed.
Lemma ip_null_r u v : n2 u = 0 -> ip v u = 0.
Proof. intros H. rewrite ip_sym. apply ip_null; auto. Qed.
Lemma n2_sub_null u v : n2 v = 0 -> n2 (vsub u v) = n2 u.
Proof. intros H. rewrite n2_sub, (ip_null_r v u H). lra. Qed.

Lemma norm_le_sq u r : 0 <= r -> n2 u <= r^2 -> norm u <= r.
Proof. intros Hr H. unfold norm. rewrite <- (sqrt_pow2 r) by auto. apply sqrt_le_1_alt; auto. Qed.
Lemma sq_le_norm u r : norm u <= r -> n2 u <= r^2.
Proof. intros H. rewrite <- norm_sq. pose proof (norm_pos E u). apply pow_incr; lra. Qed.
Lemma norm_ratio u v q : 0 <= q -> n2 u <= q * n2 v -> norm u <= sqrt q * norm v.
Proof. intros Hq H. unfold norm. rewrite <- sqrt_mult by (auto; apply n2_pos). apply sqrt_le_1_alt; auto. Qed.
Lemma norm_ratio_sq u v q : 0 <= q -> n2 u <= q^2 * n2 v -> norm u <= q * norm v.
Proof. intros Hq H. rewrite <- (sqrt_pow2 q) at 1 by auto. apply norm_ratio; auto. apply pow2_ge_0. Qed.
Lemma norm_mono u v : n2 u <= n2 v -> norm u <= norm v.
Proof. intros H. apply sqrt_le_1_alt; auto. Qed.
Lemma norm_null u : norm u <= 0 -> n2 u = 0.
Proof. intros H. pose proof (norm_pos E u). rewrite <- norm_sq. replace (norm u) with 0 by lra. ring. Qed.

(** The test that gives |u| <= r from a bound of |u|^2 by r |u|. *)
Lemma norm_cancel u r : 0 <= r -> n2 u <= r * norm u -> norm u <= r.
Proof. intros Hr H. rewrite <- norm_sq in H. pose proof (norm_pos E u). apply Rnot_lt_le; intros C.
  assert (0 < norm u) by lra. assert (r * norm u < norm u * norm u) by (apply Rmult_lt_compat_r; auto). lra. Qed.
End Products.

(** Squared factors per step multiply up. *)
Lemma geometric (a : nat -> R) q : 0 <= q -> (forall k, a (S k) <= q * a k) -> forall k, a k <= q^k * a O.
Proof. intros Hq H k. induction k; simpl; [lra|]. eapply Rle_trans; [apply H|]. rewrite Rmult_assoc.
  apply Rmult_le_compat_l; auto. Qed.
Lemma decreasing_le (a : nat -> R) : (forall k, a (S k) <= a k) -> forall j k, (j <= k)%nat -> a k <= a j.
Proof. intros H j k Hk. induction Hk; [lra|]. eapply Rle_trans; [apply H|auto]. Qed.

(** What every step takes from a nonnegative quantity sums up to at most its first value. *)
Lemma sum_drops (V drop : nat -> R) : (forall k, 0 <= V k) -> (forall k, drop k <= V k - V (S k)) ->
  forall n, sum n drop <= V O.
Proof. intros HV H n. eapply Rle_trans; [apply (sum_le n drop (fun k => V k - V (S k))); auto|].
  rewrite sum_telescope. pose proof (HV n). lra. Qed.
Lemma last_of_sum (V drop : nat -> R) n : (forall k, 0 <= V k) -> (forall k, drop k <= V k - V (S k)) ->
  (forall k, drop (S k) <= drop k) -> (INR n + 1) * drop n <= V O.
Proof. intros HV H Hd. eapply Rle_trans; [|apply (sum_drops V drop HV H (S n))].
  rewrite <- S_INR, <- sum_const. apply sum_le; intros i Hi. apply decreasing_le; auto. lia. Qed.
