(** Anchored methods, which pull every step back to the first point: Halpern's iteration and fast extragradient (FEG). *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products.
Open Scope R_scope.

(** One step of FEG from z, with k steps done, anchor z0, a = 1/L, b = 1/(k + 1):
    zh = z + b (z0 - z) - (1 - b) a F(z), z+ = z + b (z0 - z) - a F(zh). *)
Definition pulled {E : space} (z0 z : E) k : E := vadd z (vscal (1 / (INR k + 1)) (vsub z0 z)).
Definition feg_half {E : space} (F : E -> E) L z0 k z : E := vsub (pulled z0 z k) (vscal ((1 - 1 / (INR k + 1)) * (1 / L)) (F z)).
Definition feg {E : space} (F : E -> E) L z0 k z : E := vsub (pulled z0 z k) (vscal (1 / L) (F (feg_half F L z0 k z))).

Section FastExtragradient.
Variables (E : space) (F : E -> E) (L : R) (z : nat -> E).
Hypotheses (HL : 0 < L) (Fmon : monotone everywhere F) (Flip : lipschitz everywhere F L).
Hypothesis run : forall k, z (S k) = feg F L (z O) k (z k).

Let V k := 1 / L * INR k ^ 2 / 2 * n2 (F (z k)) + INR k * ip (F (z k)) (vsub (z k) (z O)).

(** The potential (k^2/2L)|F_k|^2 + k <F_k, z_k - z_0> does not grow. *)
Lemma feg_potential k : V (S k) <= V k.
Proof. unfold V. rewrite S_INR. pose proof (pos_INR k) as Pk. set (m := INR k) in *.
  set (x0 := z O). set (x := z k). set (h := feg_half F L x0 k x).
  pose proof (Fmon (z (S k)) x I I) as Hm. pose proof (Flip (z (S k)) h I I) as Hl.
  set (n := F (z (S k))) in *. rewrite (run k) in *. fold x0 x in Hm, Hl |- *. unfold feg in *. fold h in Hm, Hl |- *.
  assert (I1 : 1 / L * m^2 / 2 * n2 (F x) + m * ip (F x) (vsub x x0)
    - (1 / L * (m + 1)^2 / 2 * n2 n + (m + 1) * ip n (vsub (vsub (pulled x0 x k) (vscal (1 / L) (F h))) x0))
    = m * (m + 1) * ip (vsub n (F x)) (vsub (vsub (pulled x0 x k) (vscal (1 / L) (F h))) x)
      + 1 / L * (m + 1)^2 / 2 * (L^2 * n2 (vsub (vsub (pulled x0 x k) (vscal (1 / L) (F h))) h) - n2 (vsub n (F h)))).
  { generalize (F h) as fh; intros fh. unfold h, feg_half, pulled. fold m. products. field. lra. }
  assert (0 <= m * (m + 1)) by (apply Rmult_le_pos; lra).
  assert (Pa : 0 <= 1 / L * (m + 1)^2 / 2).
  { assert (0 < 1 / L) by (apply Rdiv_lt_0_compat; lra). pose proof (pow2_ge_0 (m + 1)).
    assert (0 <= 1 / L * (m + 1)^2) by (apply Rmult_le_pos; lra). lra. }
  pose proof (Rmult_le_pos _ _ H Hm) as Q1.
  assert (Q2 : 0 <= L^2 * n2 (vsub (vsub (pulled x0 x k) (vscal (1 / L) (F h))) h) - n2 (vsub n (F h))) by lra.
  pose proof (Rmult_le_pos _ _ Pa Q2). lra. Qed.

(** anchored/fast-extragradient/residual. After T >= 1 steps of FEG on a monotone L-Lipschitz operator with a zero z*:
    |F(z_T)|^2 <= 4 L^2 |z_0 - z*|^2/T^2. *)
Theorem anchored_fast_extragradient_residual_holds zs distance horizon : (1 <= horizon)%nat ->
  n2 (F zs) = 0 -> norm (vsub (z O) zs) <= distance ->
  n2 (F (z horizon)) <= anchored_fast_extragradient_residual L distance horizon.
Proof. intros Hn H0 Hd. unfold anchored_fast_extragradient_residual. assert (Pn : 0 < INR horizon) by (apply lt_0_INR; lia).
  pose proof (decreasing_le V feg_potential 0 horizon (Nat.le_0_l _)) as HV. unfold V in HV. simpl INR in HV.
  set (f := F (z horizon)) in *. set (T := INR horizon) in *.
  pose proof (Fmon (z horizon) zs I I) as Hm. fold f in Hm. rewrite ip_sub_l, (ip_null E (F zs) _ H0) in Hm.
  assert (Ha : ip f (vsub (z horizon) (z O)) = ip f (vsub (z horizon) zs) - ip f (vsub (z O) zs)) by (products; ring).
  pose proof (cauchy_schwarz E f (vsub (z O) zs)) as Hc.
  assert (Hc' : norm f * norm (vsub (z O) zs) <= norm f * distance) by (apply Rmult_le_compat_l; [apply norm_pos|auto]).
  assert (PD : 0 <= distance) by (eapply Rle_trans; [apply norm_pos|apply Hd]).
  assert (Hs : 1 / L * T / 2 * n2 f <= norm f * distance).
  { apply Rmult_le_reg_l with T; auto.
    assert (T * ip f (vsub (z horizon) (z O)) >= T * - (norm f * distance)) by (apply Rle_ge, Rmult_le_compat_l; lra). lra. }
  assert (Hr : norm f <= 2 * L * distance / T).
  { apply norm_cancel.
    - apply Rmult_le_pos; [apply Rmult_le_pos; lra|left; apply Rinv_0_lt_compat; auto].
    - apply Rmult_le_reg_l with (1 / L * T / 2).
      + assert (0 < 1 / L * T) by (apply Rmult_lt_0_compat; auto; apply Rdiv_lt_0_compat; lra). lra.
      + eapply Rle_trans; [apply Hs|]. right. field. lra. }
  apply sq_le_norm in Hr. eapply Rle_trans; [apply Hr|]. right. field. lra. Qed.
End FastExtragradient.

Section Halpern.
Variables (E : space) (T : E -> E) (x : nat -> E).
(** |Tx - Ty| <= |x - y| *)
Hypothesis nonexpansive : forall u v, n2 (vsub (T u) (T v)) <= n2 (vsub u v).
(** x_{k+1} = x_0/(k + 2) + (k + 1)/(k + 2) T x_k *)
Hypothesis run : forall k, x (S k) = vadd (vscal (1 / (INR k + 2)) (x O)) (vscal ((INR k + 1) / (INR k + 2)) (T (x k))).

Let g k := vsub (x k) (T (x k)).
Let V k := INR k * (INR k + 1) / 2 * n2 (g k) + (INR k + 1) * ip (g k) (vsub (x k) (x O)).

(** The potential (k(k + 1)/2)|g_k|^2 + (k + 1)<g_k, x_k - x_0>, g = x - Tx, does not grow. *)
Lemma halpern_potential k : V (S k) <= V k.
Proof. unfold V, g. rewrite S_INR. pose proof (pos_INR k) as Pk. set (m := INR k) in *.
  pose proof (nonexpansive (x (S k)) (x k)) as Hn. set (t := T (x (S k))) in *. rewrite (run k) in *. fold m in Hn |- *.
  set (n := vadd (vscal (1 / (m + 2)) (x O)) (vscal ((m + 1) / (m + 2)) (T (x k)))) in *.
  assert (I1 : m * (m + 1) / 2 * n2 (vsub (x k) (T (x k))) + (m + 1) * ip (vsub (x k) (T (x k))) (vsub (x k) (x O))
    - ((m + 1) * (m + 1 + 1) / 2 * n2 (vsub n t) + (m + 1 + 1) * ip (vsub n t) (vsub n (x O)))
    = (m + 1) * (m + 2) / 2 * (n2 (vsub n (x k)) - n2 (vsub t (T (x k))))) by (unfold n; products; field; lra).
  assert (0 <= (m + 1) * (m + 2) / 2) by (assert (0 <= (m + 1) * (m + 2)) by (apply Rmult_le_pos; lra); lra).
  assert (Q : 0 <= n2 (vsub n (x k)) - n2 (vsub t (T (x k)))) by lra.
  pose proof (Rmult_le_pos _ _ H Q). lra. Qed.

(** anchored/halpern/residual. After T steps of Halpern's iteration for a non-expansive map with a fixed point x*:
    |x_T - T x_T| <= 2 |x_0 - x*|/(T + 1). *)
Theorem anchored_halpern_residual_holds xs distance horizon : n2 (vsub (T xs) xs) = 0 -> norm (vsub (x O) xs) <= distance ->
  norm (vsub (x horizon) (T (x horizon))) <= anchored_halpern_residual distance horizon.
Proof. intros H0 Hd. unfold anchored_halpern_residual. pose proof (pos_INR horizon) as Pn.
  pose proof (decreasing_le V halpern_potential 0 horizon (Nat.le_0_l _)) as HV. unfold V in HV. simpl INR in HV.
  assert (Z : ip (g O) (vsub (x O) (x O)) = 0) by (products; ring). rewrite Z in HV.
  change (vsub (x horizon) (T (x horizon))) with (g horizon). set (r := g horizon) in *. set (n := INR horizon) in *.
  assert (Hh : n2 r <= 2 * ip r (vsub (x horizon) xs)).
  { pose proof (nonexpansive (x horizon) xs) as H.
    assert (I1 : n2 (vsub (T (x horizon)) (T xs)) = n2 (vsub (x horizon) xs) - 2 * ip r (vsub (x horizon) xs) + n2 r
      - 2 * ip (vsub (T xs) xs) (vsub (T (x horizon)) xs) + n2 (vsub (T xs) xs)) by (unfold r, g; products; ring).
    rewrite I1, H0, (ip_null E (vsub (T xs) xs) _ H0) in H. lra. }
  assert (Ha : ip r (vsub (x horizon) (x O)) = ip r (vsub (x horizon) xs) - ip r (vsub (x O) xs)) by (products; ring).
  pose proof (cauchy_schwarz E r (vsub (x O) xs)) as Hc.
  assert (Hc' : norm r * norm (vsub (x O) xs) <= norm r * distance) by (apply Rmult_le_compat_l; [apply norm_pos|auto]).
  assert (PD : 0 <= distance) by (eapply Rle_trans; [apply norm_pos|apply Hd]).
  assert (Hs : (n + 1) / 2 * n2 r <= norm r * distance).
  { apply Rmult_le_reg_l with (n + 1); [lra|].
    assert ((n + 1) * ip r (vsub (x horizon) (x O)) >= (n + 1) * (n2 r / 2 - norm r * distance)) by (apply Rle_ge, Rmult_le_compat_l; lra).
    lra. }
  apply norm_cancel.
  - apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra].
  - apply Rmult_le_reg_l with ((n + 1) / 2); [lra|]. eapply Rle_trans; [apply Hs|]. right. field. lra. Qed.
End Halpern.
