(** Extragradient z~ = z - h F(z), z+ = z - h F(z~) on monotone and strongly monotone Lipschitz operators: catalogue theorems. *)
Require Import Reals Lra Lia Psatz.
From EpsDelta Require Import Sums Spaces Formulas Products.
Open Scope R_scope.

Definition extragradient {E : space} (F : E -> E) h z : E := vsub z (vscal h (F (euler F h z))).
(** z_0, z_1, ... are the iterates of extragradient with the step h *)
Definition extragradient_run {E : space} (F : E -> E) h (z : nat -> E) := forall k, z (S k) = extragradient F h (z k).

Section Extragradient.
Variables (E : space) (F : E -> E) (L h : R).
Hypotheses (HL : 0 < L) (Hh : 0 < h) (Flip : lipschitz everywhere F L).

Let lip x y : n2 (vsub (F x) (F y)) <= L^2 * n2 (vsub x y).
Proof. apply Flip; exact I. Qed.

(** The extrapolation: |F(z) - F(z~)|^2 <= h^2 L^2 |F(z)|^2. *)
Let half z : n2 (vsub (F z) (F (euler F h z))) <= h^2 * L^2 * n2 (F z).
Proof. eapply Rle_trans; [apply lip|]. right. unfold euler. products. ring. Qed.

Lemma short_step : h <= 1 / L -> h^2 * L^2 <= 1.
Proof. intros H. assert (h * L <= 1) by (apply (Rmult_le_compat_r L) in H; [|lra]; field_simplify in H; lra).
  assert (0 <= h * L) by (apply Rmult_le_pos; lra). nra. Qed.

(** |F(z+)|^2 <= |F(z)|^2 - (1 - h^2 L^2)|F(z) - F(z~)|^2: the residual drops, any monotone L-Lipschitz F. *)
Lemma residual_drop z : monotone everywhere F ->
  n2 (F (extragradient F h z)) <= n2 (F z) - (1 - h^2 * L^2) * n2 (vsub (F z) (F (euler F h z))).
Proof. intros Fmon. set (b := F (euler F h z)). set (c := F (extragradient F h z)).
  pose proof (lip (euler F h z) (extragradient F h z)) as Hl. fold b c in Hl.
  assert (Hm : 0 <= ip (vsub (F z) c) b).
  { pose proof (Fmon z (extragradient F h z) I I) as H. fold c in H. unfold extragradient in H at 1. fold b in H.
    replace (ip (vsub (F z) c) (vsub z (vsub z (vscal h b)))) with (h * ip (vsub (F z) c) b) in H by (products; ring).
    apply Rmult_le_reg_l with h; lra. }
  assert (Hl' : n2 (vsub b c) <= L^2 * h^2 * n2 (vsub (F z) b)).
  { eapply Rle_trans; [apply Hl|]. right. unfold extragradient. fold b. unfold euler. products. ring. }
  assert (I1 : n2 (F z) - (1 - h^2 * L^2) * n2 (vsub (F z) b) - n2 c
    = 2 * ip (vsub (F z) c) b + (L^2 * h^2 * n2 (vsub (F z) b) - n2 (vsub b c))) by (products; ring).
  lra. Qed.

(** extragradient/monotone/residual. One step of extragradient with a step of at most 1/L never increases the residual |F|
    (the ratio of the entry is stated multiplied out, so that |F(z)| may be zero). *)
Theorem extragradient_monotone_residual_holds z : monotone everywhere F -> h <= 1 / L ->
  norm (F (extragradient F h z)) <= extragradient_monotone_residual L h * norm (F z).
Proof. intros Fmon H. unfold extragradient_monotone_residual. rewrite Rmult_1_l. apply norm_mono.
  pose proof (residual_drop z Fmon) as D. pose proof (short_step H).
  pose proof (n2_pos E (vsub (F z) (F (euler F h z)))) as P.
  assert (0 <= (1 - h^2 * L^2) * n2 (vsub (F z) (F (euler F h z)))) by (apply Rmult_le_pos; lra). lra. Qed.

(** |z+ - z*|^2 <= |z - z*|^2 - h^2 (1 - h^2 L^2)|F(z)|^2 for a zero z* of F. *)
Lemma distance_drop z zs : monotone everywhere F -> n2 (F zs) = 0 ->
  h^2 * (1 - h^2 * L^2) * n2 (F z) <= n2 (vsub z zs) - n2 (vsub (extragradient F h z) zs).
Proof. intros Fmon H0. pose proof (half z) as Hl. set (b := F (euler F h z)) in *.
  pose proof (Fmon (euler F h z) zs I I) as Hm. fold b in Hm. rewrite ip_sub_l, (ip_null E (F zs) _ H0) in Hm.
  assert (I1 : n2 (vsub z zs) - n2 (vsub (extragradient F h z) zs) - h^2 * (1 - h^2 * L^2) * n2 (F z)
    = 2 * h * (ip b (vsub (euler F h z) zs) - 0) + h^2 * (h^2 * L^2 * n2 (F z) - n2 (vsub (F z) b))).
  { unfold extragradient. fold b. unfold euler. products. ring. }
  assert (0 <= 2 * h * (ip b (vsub (euler F h z) zs) - 0)) by (apply Rmult_le_pos; lra).
  assert (0 <= h^2 * (h^2 * L^2 * n2 (F z) - n2 (vsub (F z) b))) by (apply Rmult_le_pos; [apply pow2_ge_0|lra]).
  lra. Qed.

Lemma last_iterate_factor z zs distance n : monotone everywhere F -> 0 < 1 - h^2 * L^2 ->
  extragradient_run F h z -> n2 (F zs) = 0 -> norm (vsub (z O) zs) <= distance ->
  n2 (F (z n)) <= distance^2 / (h^2 * (1 - h^2 * L^2) * (INR n + 1)).
Proof. intros Fmon Hf Hz H0 Hd. apply sq_le_norm in Hd. set (f := h^2 * (1 - h^2 * L^2)).
  assert (Pf : 0 < f) by (apply Rmult_lt_0_compat; [apply pow_lt|]; auto).
  pose proof (pos_INR n) as Pn.
  assert (H : (INR n + 1) * (f * n2 (F (z n))) <= n2 (vsub (z O) zs)).
  { apply (last_of_sum (fun k => n2 (vsub (z k) zs)) (fun k => f * n2 (F (z k)))).
    - intros k; apply n2_pos.
    - intros k. cbv beta. rewrite (Hz k). apply distance_drop; auto.
    - intros k. apply Rmult_le_compat_l; [lra|]. rewrite (Hz k). pose proof (residual_drop (z k) Fmon) as D.
      assert (0 <= (1 - h^2 * L^2) * n2 (vsub (F (z k)) (F (euler F h (z k))))) by (apply Rmult_le_pos; [lra|apply n2_pos]). lra. }
  apply Rmult_le_reg_l with (f * (INR n + 1)); [apply Rmult_lt_0_compat; lra|].
  replace (f * (INR n + 1) * (distance^2 / (f * (INR n + 1)))) with (distance^2) by (field; lra). lra. Qed.

(** extragradient/monotone/last-iterate. T steps of extragradient on a monotone L-Lipschitz operator with a zero z*, step below 1/L:
    |F(z_T)|^2 <= |z_0 - z*|^2/(h^2 (1 - h^2 L^2)(T + 1)). *)
Theorem extragradient_monotone_last_iterate_holds z zs distance horizon : monotone everywhere F -> h < 1 / L ->
  extragradient_run F h z -> n2 (F zs) = 0 -> norm (vsub (z O) zs) <= distance ->
  n2 (F (z horizon)) <= extragradient_monotone_last_iterate L distance horizon h.
Proof. intros Fmon H. apply last_iterate_factor; auto.
  assert (h * L < 1) by (apply (Rmult_lt_compat_r L) in H; [|lra]; field_simplify in H; lra).
  assert (0 <= h * L) by (apply Rmult_le_pos; lra). nra. Qed.

(** One step of the gap: 2h <F(z~), z~ - u> <= |z - u|^2 - |z+ - u|^2 for every point u, F Lipschitz only. *)
Lemma gap_step z u : h <= 1 / L ->
  2 * h * ip (F (euler F h z)) (vsub (euler F h z) u) <= n2 (vsub z u) - n2 (vsub (extragradient F h z) u).
Proof. intros H. pose proof (half z) as Hl. pose proof (short_step H) as Hs. set (b := F (euler F h z)) in *.
  assert (I1 : n2 (vsub z u) - n2 (vsub (extragradient F h z) u) - 2 * h * ip b (vsub (euler F h z) u)
    = h^2 * (n2 (F z) - n2 (vsub (F z) b))).
  { unfold extragradient. fold b. unfold euler. products. ring. }
  assert (h^2 * L^2 * n2 (F z) <= 1 * n2 (F z)) by (apply Rmult_le_compat_r; [apply n2_pos|lra]).
  assert (0 <= h^2 * (n2 (F z) - n2 (vsub (F z) b))) by (apply Rmult_le_pos; [apply pow2_ge_0|lra]). lra. Qed.

(** extragradient/monotone/average-gap. The average of <F(z~_k), z~_k - u> over the first T steps is at most |z_0 - u|^2/(2hT),
    for every point u and every L-Lipschitz F (monotone or not), step at most 1/L. *)
Theorem extragradient_monotone_average_gap_holds z u distance horizon : (1 <= horizon)%nat -> h <= 1 / L ->
  extragradient_run F h z -> norm (vsub (z O) u) <= distance ->
  sum horizon (fun k => ip (F (euler F h (z k))) (vsub (euler F h (z k)) u)) / INR horizon
    <= extragradient_monotone_average_gap L distance horizon h.
Proof. intros Hn H Hz Hd. apply sq_le_norm in Hd. unfold extragradient_monotone_average_gap.
  assert (Pn : 0 < INR horizon) by (apply lt_0_INR; lia).
  set (gap := fun k => ip (F (euler F h (z k))) (vsub (euler F h (z k)) u)).
  assert (D : sum horizon (fun k => 2 * h * gap k) <= n2 (vsub (z O) u)).
  { apply (sum_drops (fun k => n2 (vsub (z k) u))); intros k; cbv beta; [apply n2_pos|].
    rewrite (Hz k). apply gap_step; auto. }
  rewrite sum_scal in D.
  apply Rmult_le_reg_l with (2 * h * INR horizon); [apply Rmult_lt_0_compat; lra|].
  replace (2 * h * INR horizon * (sum horizon gap / INR horizon)) with (2 * h * sum horizon gap) by (field; lra).
  replace (2 * h * INR horizon * (distance^2 / (2 * h * INR horizon))) with (distance^2) by (field; lra). lra. Qed.

(** |z+ - z*|^2 <= (1 - h a)|z - z*|^2 for an a-strongly monotone F. *)
Lemma strong_step z zs a : 0 < a -> strongly_monotone everywhere F a -> 2 * h * a + h^2 * L^2 <= 1 -> n2 (F zs) = 0 ->
  n2 (vsub (extragradient F h z) zs) <= (1 - h * a) * n2 (vsub z zs).
Proof. intros Ha Fs Hc H0. pose proof (half z) as Hl. set (b := F (euler F h z)) in *. set (t := euler F h z) in *.
  pose proof (Fs t zs I I) as Hm. fold b in Hm. rewrite ip_sub_l, (ip_null E (F zs) _ H0) in Hm.
  set (d := vsub (vsub z zs) (vscal (2 * h) (F z))).
  assert (I1 : (1 - h * a) * n2 (vsub z zs) - n2 (vsub (extragradient F h z) zs)
    = 2 * h * (ip b (vsub t zs) - 0 - a * n2 (vsub t zs)) + h^2 * (h^2 * L^2 * n2 (F z) - n2 (vsub (F z) b))
      + h * a * n2 d + h^2 * ((1 - 2 * h * a - h^2 * L^2) * n2 (F z))).
  { unfold extragradient, d. fold t. fold b. unfold t, euler. products. ring. }
  pose proof (pow2_ge_0 h) as Ph.
  assert (0 <= 2 * h * (ip b (vsub t zs) - 0 - a * n2 (vsub t zs))) by (apply Rmult_le_pos; lra).
  assert (0 <= h^2 * (h^2 * L^2 * n2 (F z) - n2 (vsub (F z) b))) by (apply Rmult_le_pos; lra).
  assert (0 <= h * a * n2 d) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|apply n2_pos]).
  assert (0 <= h^2 * ((1 - 2 * h * a - h^2 * L^2) * n2 (F z)))
    by (apply Rmult_le_pos; [lra|apply Rmult_le_pos; [lra|apply n2_pos]]). lra. Qed.

(** extragradient/strongly-monotone/any-step. T steps on an a-strongly monotone L-Lipschitz operator with a zero z*:
    |z_T - z*|^2 <= (1 - h a)^T |z_0 - z*|^2 where 2 h a + h^2 L^2 <= 1 (the entry's condition a <= L is not needed). *)
Theorem extragradient_strongly_monotone_any_step_holds z zs alpha distance horizon : 0 < alpha -> strongly_monotone everywhere F alpha ->
  2 * h * alpha + h^2 * L^2 <= 1 -> extragradient_run F h z -> n2 (F zs) = 0 -> norm (vsub (z O) zs) <= distance ->
  n2 (vsub (z horizon) zs) <= extragradient_strongly_monotone_any_step L alpha distance horizon h.
Proof. intros Ha Fs Hc Hz H0 Hd. apply sq_le_norm in Hd. unfold extragradient_strongly_monotone_any_step.
  assert (Hq : 0 <= 1 - h * alpha) by (pose proof (Rle_0_sqr (h * L)) as P; unfold Rsqr in P; nra).
  eapply Rle_trans; [apply (geometric (fun k => n2 (vsub (z k) zs)) (1 - h * alpha))|]; auto.
  - intros k. cbv beta. rewrite (Hz k). apply strong_step; auto.
  - apply Rmult_le_compat_l; [apply pow_le|]; auto. Qed.
End Extragradient.

(** extragradient/monotone/last-iterate-best-step. With the step 1/(sqrt(2) L): |F(z_T)|^2 <= 4 L^2 |z_0 - z*|^2/(T + 1). *)
Theorem extragradient_monotone_last_iterate_best_step_holds (E : space) (F : E -> E) L z zs distance horizon : 0 < L ->
  lipschitz everywhere F L -> monotone everywhere F ->
  extragradient_run F (1 / (sqrt 2 * L)) z -> n2 (F zs) = 0 -> norm (vsub (z O) zs) <= distance ->
  n2 (F (z horizon)) <= extragradient_monotone_last_iterate_best_step L distance horizon.
Proof. intros HL Flip Fmon Hz H0 Hd. set (h := 1 / (sqrt 2 * L)) in *.
  assert (P2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (Q2 : sqrt 2 ^ 2 = 2) by (apply pow2_sqrt; lra).
  assert (Hh : 0 < h) by (apply Rdiv_lt_0_compat; [lra|apply Rmult_lt_0_compat; lra]).
  assert (Hs : h^2 * L^2 = 1 / 2) by (unfold h; replace ((1 / (sqrt 2 * L))^2 * L^2) with (1 / sqrt 2 ^ 2) by (field; lra); rewrite Q2;
    lra).
  pose proof (last_iterate_factor E F L h Hh Flip z zs distance horizon Fmon) as H.
  eapply Rle_trans; [apply H; auto; lra|]. right. unfold extragradient_monotone_last_iterate_best_step.
  pose proof (pos_INR horizon) as Pn.
  replace (h^2) with (1 / (2 * L^2)) by (apply Rmult_eq_reg_r with (L^2); [rewrite Hs; field; lra|apply pow_nonzero; lra]).
  field. repeat split; try lra. Qed.

(** extragradient/strongly-monotone/tuned-step. With the step (sqrt(2) - 1)/L and a <= L:
    |z_T - z*|^2 <= (1 - (sqrt(2) - 1) a/L)^T |z_0 - z*|^2. *)
Theorem extragradient_strongly_monotone_tuned_step_holds (E : space) (F : E -> E) L z zs alpha distance horizon : 0 < L -> 0 < alpha ->
  alpha <= L -> lipschitz everywhere F L -> strongly_monotone everywhere F alpha ->
  extragradient_run F ((sqrt 2 - 1) / L) z -> n2 (F zs) = 0 -> norm (vsub (z O) zs) <= distance ->
  n2 (vsub (z horizon) zs) <= extragradient_strongly_monotone_tuned_step L alpha distance horizon.
Proof. intros HL Ha HaL Flip Fs Hz H0 Hd. set (h := (sqrt 2 - 1) / L) in *.
  assert (Q2 : sqrt 2 ^ 2 = 2) by (apply pow2_sqrt; lra).
  assert (P2 : 1 < sqrt 2) by (rewrite <- sqrt_1; apply sqrt_lt_1; lra).
  assert (Hh : 0 < h) by (apply Rdiv_lt_0_compat; lra).
  assert (Hs : h * L = sqrt 2 - 1) by (unfold h; field; lra).
  assert (Hc : 2 * h * alpha + h^2 * L^2 <= 1).
  { assert (h * alpha <= h * L) by (apply Rmult_le_compat_l; lra).
    replace (h^2 * L^2) with ((h * L)^2) by ring. rewrite Hs in *.
    replace ((sqrt 2 - 1)^2) with (sqrt 2 ^ 2 - 2 * sqrt 2 + 1) by ring. lra. }
  pose proof (extragradient_strongly_monotone_any_step_holds E F L h Hh Flip z zs alpha distance horizon Ha Fs Hc Hz H0 Hd) as H.
  eapply Rle_trans; [apply H|]. right. unfold extragradient_strongly_monotone_any_step, extragradient_strongly_monotone_tuned_step.
  replace (h * alpha) with ((sqrt 2 - 1) * alpha / L) by (unfold h; field; lra). reflexivity. Qed.
