(** The proximal point method z+ = z - h g, g in A(z+), for monotone and strongly monotone set-valued operators A. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products.
Open Scope R_scope.

(** [A x u] says that u is one of the values of A at x; a single-valued field F is the relation [fun x u => u = F x]. *)
Definition monotone_relation {E : space} (A : E -> E -> Prop) := forall x y u v, A x u -> A y v -> 0 <= ip (vsub u v) (vsub x y).
Definition strongly_monotone_relation {E : space} (A : E -> E -> Prop) a :=
  forall x y u v, A x u -> A y v -> a * n2 (vsub x y) <= ip (vsub u v) (vsub x y).
(** z_0, z_1, ... are iterates of the proximal point method: z_{k+1} = z_k - h g_k with g_k in A(z_{k+1}). Maximality of A only says
    that such points exist. *)
Definition proximal_run {E : space} (A : E -> E -> Prop) h (z : nat -> E) :=
  forall k, exists g, A (z (S k)) g /\ z (S k) = vsub (z k) (vscal h g).
Definition zero_of {E : space} (A : E -> E -> Prop) zs := exists u, A zs u /\ n2 u = 0.

Section Proximal.
Variables (E : space) (A : E -> E -> Prop) (h : R) (z : nat -> E).
Hypotheses (Hh : 0 < h) (run : proximal_run A h z).

Lemma step_is k g : z (S k) = vsub (z k) (vscal h g) -> n2 (vsub (z (S k)) (z k)) = h^2 * n2 g.
Proof. intros H. rewrite H. products. ring. Qed.

(** |z_{k+2} - z_{k+1}| <= |z_{k+1} - z_k| *)
Lemma proximal_step_shrinks : monotone_relation A ->
  forall k, n2 (vsub (z (S (S k))) (z (S k))) <= n2 (vsub (z (S k)) (z k)).
Proof. intros HA k. destruct (run k) as [g [Hg Eg]]. destruct (run (S k)) as [c [Hc Ec]].
  rewrite (step_is k g Eg), (step_is (S k) c Ec). pose proof (HA _ _ _ _ Hg Hc) as Hm. rewrite Ec in Hm.
  assert (Hm' : 0 <= ip (vsub g c) c).
  { apply Rmult_le_reg_l with h; auto. rewrite Rmult_0_r.
    replace (h * ip (vsub g c) c) with (ip (vsub g c) (vsub (z (S k)) (vsub (z (S k)) (vscal h c)))) by (products; ring). auto. }
  apply Rmult_le_compat_l; [apply pow2_ge_0|].
  assert (I1 : n2 g - n2 c = 2 * ip (vsub g c) c + n2 (vsub g c)) by (products; ring).
  pose proof (n2_pos E (vsub g c)). lra. Qed.

(** |z_{k+1} - z_k|^2 <= |z_k - z*|^2 - |z_{k+1} - z*|^2 *)
Lemma proximal_distance_drop zs : monotone_relation A -> zero_of A zs ->
  forall k, n2 (vsub (z (S k)) (z k)) <= n2 (vsub (z k) zs) - n2 (vsub (z (S k)) zs).
Proof. intros HA [u [Hu U0]] k. destruct (run k) as [g [Hg Eg]]. rewrite (step_is k g Eg).
  pose proof (HA _ _ _ _ Hg Hu) as Hm. rewrite ip_sub_l, (ip_null E u _ U0) in Hm.
  assert (I1 : n2 (vsub (z k) zs) - n2 (vsub (z (S k)) zs) - h^2 * n2 g = 2 * h * (ip g (vsub (z (S k)) zs) - 0))
    by (rewrite Eg; products; ring).
  assert (0 <= 2 * h * (ip g (vsub (z (S k)) zs) - 0)) by (apply Rmult_le_pos; lra). lra. Qed.

(** proximal-point/monotone/last-step. The step from the T-th iterate of the proximal point method with any constant step to the next,
    for a monotone operator with a zero z*: |z_{T+1} - z_T|^2 <= |z_0 - z*|^2/(T + 1). *)
Theorem proximal_point_monotone_last_step_holds zs distance horizon : monotone_relation A -> zero_of A zs ->
  norm (vsub (z O) zs) <= distance ->
  n2 (vsub (z (S horizon)) (z horizon)) <= proximal_point_monotone_last_step distance horizon.
Proof. intros HA Hs Hd. apply sq_le_norm in Hd. unfold proximal_point_monotone_last_step. pose proof (pos_INR horizon) as Pn.
  pose proof (last_of_sum (fun k => n2 (vsub (z k) zs)) (fun k => n2 (vsub (z (S k)) (z k))) horizon
    (fun k => n2_pos E _) (proximal_distance_drop zs HA Hs) (proximal_step_shrinks HA)) as H. cbv beta in H.
  apply Rmult_le_reg_l with (INR horizon + 1); [lra|].
  replace ((INR horizon + 1) * (distance^2 / (INR horizon + 1))) with (distance^2) by (field; lra). lra. Qed.

(** proximal-point/strongly-monotone/any-step. For an a-strongly monotone operator with the zero z*:
    |z_T - z*| <= (1 + h a)^-T |z_0 - z*|. *)
Theorem proximal_point_strongly_monotone_any_step_holds zs alpha horizon : 0 < alpha -> strongly_monotone_relation A alpha -> zero_of A zs
  ->
  norm (vsub (z horizon) zs) <= proximal_point_strongly_monotone_any_step alpha horizon h * norm (vsub (z O) zs).
Proof. intros Ha HA [u [Hu U0]]. unfold proximal_point_strongly_monotone_any_step.
  assert (Pq : 0 < 1 + h * alpha) by (assert (0 < h * alpha) by (apply Rmult_lt_0_compat; auto); lra).
  rewrite <- pow_inv. apply (geometric (fun k => norm (vsub (z k) zs))); [left; apply Rinv_0_lt_compat; auto|].
  intros k. destruct (run k) as [g [Hg Eg]]. pose proof (HA _ _ _ _ Hg Hu) as Hm. rewrite ip_sub_l, (ip_null E u _ U0) in Hm.
  assert (I1 : ip (vsub (z k) zs) (vsub (z (S k)) zs) = n2 (vsub (z (S k)) zs) + h * ip g (vsub (z (S k)) zs)) by (rewrite Eg; products;
    ring).
  pose proof (cauchy_schwarz E (vsub (z k) zs) (vsub (z (S k)) zs)) as Hc.
  assert (h * (alpha * n2 (vsub (z (S k)) zs)) <= h * ip g (vsub (z (S k)) zs)) by (apply Rmult_le_compat_l; lra).
  apply norm_cancel.
  - apply Rmult_le_pos; [left; apply Rinv_0_lt_compat; auto|apply norm_pos].
  - apply Rmult_le_reg_l with (1 + h * alpha); auto.
    replace ((1 + h * alpha) * (/ (1 + h * alpha) * norm (vsub (z k) zs) * norm (vsub (z (S k)) zs)))
      with (norm (vsub (z k) zs) * norm (vsub (z (S k)) zs)) by (field; lra). lra. Qed.
End Proximal.
