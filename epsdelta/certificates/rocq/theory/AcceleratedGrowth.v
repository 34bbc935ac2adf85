(** Accelerated stochastic gradients under strong growth, E|g|^2 <= rho |grad f|^2, on smooth strongly convex functions, over trees of chance,
    that is for noise with finitely many values at each step:
    y = (w + a v)/(1 + a), w' = y - g/(rho L), v' = (1 - a) v + a y - (a/mu) d, with d = g, or d = grad f(y). Start w = v. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent Expectation Formulas.
Import ListNotations.
Open Scope R_scope.

Section Accelerated.
Variables (C : chance) (E : space) (f : E -> R) (grad : E -> E) (w v y : list nat -> E) (g d : list nat -> nat -> E).
Variables (L mu rho kappa a : R) (xs : E).
Hypotheses (HL : 0 < L) (Hmu : 0 < mu) (Hrho : 0 < rho) (Ha : 0 < a <= 1) (Hsmooth : smooth f grad L) (Hstrong : strongly_convex f grad mu).
(** both directions are unbiased at y, with growth rho in w and kappa in v *)
Hypotheses (Hg : unbiased C grad y g) (Hgrow : strong_growth C grad y g rho) (Hd : unbiased C grad y d) (Hdgrow : strong_growth C grad y d kappa).
Hypothesis (Hka : a ^ 2 * kappa = mu * (1 / (rho * L))).
Hypotheses (Hy : forall h, possible C h -> y h = vscal (1 / (1 + a)) (vadd (w h) (vscal a (v h))))
  (Hw : forall h k, possible C (k :: h) -> w (k :: h) = vsub (y h) (vscal (1 / (rho * L)) (g h k)))
  (Hv : forall h k, possible C (k :: h) -> v (k :: h) = vsub (vadd (vscal (1 - a) (v h)) (vscal a (y h))) (vscal (a / mu) (d h k))).

(** f(w) - f(xs) + (mu/2)|v - xs|^2 *)
Definition potential (h : list nat) : R := f (w h) - f xs + mu / 2 * n2 (vsub (v h) xs).

Lemma next_value h : possible C h -> next C h (fun k => f (w (k :: h))) <= f (y h) - 1 / (2 * (rho * L)) * n2 (grad (y h)).
Proof. intros Hp. assert (Hrl : 0 < rho * L) by (apply Rmult_lt_0_compat; auto). set (e := 1 / (rho * L)).
  assert (D : next C h (fun k => f (w (k :: h))) <= f (y h) - e * n2 (grad (y h)) + L * e ^ 2 / 2 * next C h (fun k => n2 (g h k))).
  { assert (Eg : n2 (grad (y h)) = next C h (fun k => ip (g h k) (grad (y h)))) by (rewrite Hg by auto; reflexivity).
    rewrite Eg, <- !next_scal, <- (next_const C h (f (y h))), <- next_sub, <- next_add.
    apply next_le. intros k Hk. rewrite Hw by (simpl; auto). fold e.
    pose proof (Hsmooth (y h) (vsub (y h) (vscal e (g h k)))) as H. revert H. vec. intros H. lra. }
  pose proof (Hgrow h Hp) as G. apply (Rmult_le_compat_l (L * e ^ 2 / 2)) in G.
  - replace (L * e ^ 2 / 2 * (rho * n2 (grad (y h)))) with (1 / (2 * (rho * L)) * n2 (grad (y h))) in G by (unfold e; field; lra).
    replace (e * n2 (grad (y h))) with (2 * (1 / (2 * (rho * L)) * n2 (grad (y h)))) in D by (unfold e; field; lra). lra.
  - assert (0 <= L * e ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. Qed.
Lemma next_distance h : possible C h -> mu / 2 * next C h (fun k => n2 (vsub (v (k :: h)) xs)) <=
  mu / 2 * n2 (vsub (vadd (vscal (1 - a) (v h)) (vscal a (y h))) xs) - a * ip (grad (y h)) (vsub (vadd (vscal (1 - a) (v h)) (vscal a (y h))) xs)
  + 1 / (2 * (rho * L)) * n2 (grad (y h)).
Proof. intros Hp. set (m := vadd (vscal (1 - a) (v h)) (vscal a (y h))). assert (Hrl : 0 < rho * L) by (apply Rmult_lt_0_compat; auto).
  assert (Eq : next C h (fun k => n2 (vsub (v (k :: h)) xs))
    = n2 (vsub m xs) - 2 * (a / mu) * ip (grad (y h)) (vsub m xs) + (a / mu) ^ 2 * next C h (fun k => n2 (d h k))).
  { rewrite <- (Hd h _ Hp), <- !next_scal, <- (next_const C h (n2 (vsub m xs))), <- next_sub, <- next_add.
    apply next_ext. intros k Hk. rewrite Hv by (simpl; auto). fold m. vec. ring. }
  rewrite Eq. pose proof (Hdgrow h Hp) as G. apply (Rmult_le_compat_l (/ (2 * mu) * a ^ 2)) in G.
  - replace (/ (2 * mu) * a ^ 2 * (kappa * n2 (grad (y h)))) with (/ (2 * mu) * (a ^ 2 * kappa) * n2 (grad (y h))) in G by ring.
    rewrite Hka in G. replace (/ (2 * mu) * (mu * (1 / (rho * L))) * n2 (grad (y h))) with (1 / (2 * (rho * L)) * n2 (grad (y h))) in G by (field; lra).
    set (i := ip (grad (y h)) (vsub m xs)) in *. set (q := next C h (fun k => n2 (d h k))) in *.
    replace (mu / 2 * (n2 (vsub m xs) - 2 * (a / mu) * i + (a / mu) ^ 2 * q)) with (mu / 2 * n2 (vsub m xs) - a * i + / (2 * mu) * a ^ 2 * q) by (field; lra).
    lra.
  - apply Rmult_le_pos; [left; apply Rinv_0_lt_compat; lra|apply pow2_ge_0]. Qed.

(** the potential contracts by 1 - a in expectation *)
Theorem potential_contracts h : possible C h -> next C h (fun k => potential (k :: h)) <= (1 - a) * potential h.
Proof. intros Hp. unfold potential. rewrite next_add, next_sub, next_const, next_scal.
  pose proof (next_value h Hp) as F1. pose proof (next_distance h Hp) as F2.
  assert (Ey : forall u, (1 + a) * ip u (y h) = ip u (w h) + a * ip u (v h)).
  { intros u. rewrite (Hy h Hp), ip_scal_r, ip_add_r, ip_scal_r. field. lra. }
  pose proof (Hstrong (y h) (w h)) as C1. pose proof (n2_pos E (vsub (w h) (y h))) as C0.
  assert (C0' : 0 <= mu / 2 * n2 (vsub (w h) (y h))) by (apply Rmult_le_pos; lra).
  pose proof (Hstrong (y h) xs) as C2. pose proof (n2_pos E (vsub (v h) (y h))) as R0.
  set (G := grad (y h)) in *. pose proof (Ey G) as EG.
  assert (A1 : f (y h) + a * (ip G (y h) - ip G (v h)) <= f (w h)). { rewrite ip_sub_r in C1. lra. }
  apply (Rmult_le_compat_l (1 - a)) in A1; [|lra]. apply (Rmult_le_compat_l a) in C2; [|lra].
  assert (R1 : 0 <= mu / 2 * (a * (1 - a)) * n2 (vsub (v h) (y h))).
  { apply Rmult_le_pos; auto. apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]. }
  revert A1 F1 F2 C2 R1. vec. intros A1 F1 F2 C2 R1. lra. Qed.
Lemma accelerated_rate delta_f distance T : w [] = v [] -> minimizer f xs -> f (w []) - f xs <= delta_f -> distance_to xs (w []) <= distance ->
  expect C T (fun h => f (w h)) - f xs <= (1 - a) ^ T * (delta_f + mu * distance ^ 2 / 2).
Proof. intros Hs Hm Hf Hdist.
  assert (D : n2 (vsub (w []) xs) <= distance ^ 2) by (rewrite <- norm_sq; apply pow_incr; split; [apply norm_pos|exact Hdist]).
  assert (G : expect C T potential <= (1 - a) ^ T * potential []).
  { apply (geometric (1 - a) (fun t => expect C t potential)); [lra|]. intros t. rewrite <- (Rplus_0_r ((1 - a) * _)).
    apply expect_step. intros h _ Hp. rewrite Rplus_0_r. apply potential_contracts; auto. }
  assert (P : expect C T (fun h => f (w h)) - f xs <= expect C T potential).
  { rewrite <- (expect_const C T (f xs)), <- expect_sub. apply expect_le. intros h _ _. unfold potential.
    pose proof (n2_pos E (vsub (v h) xs)) as Q. assert (0 <= mu / 2 * n2 (vsub (v h) xs)) by (apply Rmult_le_pos; lra). lra. }
  eapply Rle_trans; [exact P|]. eapply Rle_trans; [exact G|]. apply Rmult_le_compat_l; [apply pow_le; lra|].
  unfold potential. rewrite <- Hs. assert (mu / 2 * n2 (vsub (w []) xs) <= mu / 2 * distance ^ 2) by (apply Rmult_le_compat_l; lra). lra. Qed.
End Accelerated.

Section Entries.
Variables (C : chance) (E : space) (f : E -> R) (grad : E -> E) (w v y : list nat -> E) (g : list nat -> nat -> E) (L mu rho delta_f distance : R) (xs : E).
Hypotheses (HL : 0 < L) (Hmu : 0 < mu) (HmuL : mu <= L) (Hrho : 1 <= rho) (Hsmooth : smooth f grad L) (Hstrong : strongly_convex f grad mu).
Hypotheses (Hg : unbiased C grad y g) (Hgrow : strong_growth C grad y g rho) (Hmin : minimizer f xs).
Hypotheses (Hstart : w [] = v []) (Hgap : f (w []) - f xs <= delta_f) (Hdist : distance_to xs (w []) <= distance).
(** the method, with the direction d in v *)
Definition accelerated_method a (d : list nat -> nat -> E) :=
  (forall h, possible C h -> y h = vscal (1 / (1 + a)) (vadd (w h) (vscal a (v h)))) /\
  (forall h k, possible C (k :: h) -> w (k :: h) = vsub (y h) (vscal (1 / (rho * L)) (g h k))) /\
  (forall h k, possible C (k :: h) -> v (k :: h) = vsub (vadd (vscal (1 - a) (v h)) (vscal a (y h))) (vscal (a / mu) (d h k))).

Lemma weight_root q : 0 < q -> mu <= q -> 0 < sqrt (mu / q) <= 1 /\ sqrt (mu / q) ^ 2 = mu / q.
Proof. intros Hq Hm. assert (H : 0 < mu / q) by (apply Rdiv_lt_0_compat; auto). repeat split.
  - apply sqrt_lt_R0; auto.
  - rewrite <- sqrt_1. apply sqrt_le_1_alt. apply Rmult_le_reg_r with q; auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
  - apply pow2_sqrt. lra. Qed.

(** interpolation/accelerated/rho: smooth strongly convex f, strong growth: with stochastic gradients in both sequences and the weight
    a = sqrt(mu/(rho^2 L)), the expected gap of w after T steps. *)
Theorem interpolation_accelerated_rho_holds T : accelerated_method (sqrt (mu / (rho ^ 2 * L))) g ->
  expect C T (fun h => f (w h)) - f xs <= interpolation_accelerated_rho L delta_f distance T mu rho.
Proof. intros [Hy [Hw Hv]]. assert (Hr2 : 1 <= rho ^ 2) by (rewrite <- (pow1 2); apply pow_incr; lra).
  assert (Hq : L * 1 <= L * rho ^ 2) by (apply Rmult_le_compat_l; lra).
  destruct (weight_root (rho ^ 2 * L)) as [Ha Ea]; [lra|lra|]. unfold interpolation_accelerated_rho.
  apply (accelerated_rate C E f grad w v y g g L mu rho rho _ xs); auto; try lra. rewrite Ea. field. lra. Qed.
(** interpolation/accelerated/semi-stochastic: with the exact gradient in v, the larger weight a = sqrt(mu/(rho L)) is allowed. *)
Theorem interpolation_accelerated_semi_stochastic_holds T : accelerated_method (sqrt (mu / (rho * L))) (fun h _ => grad (y h)) ->
  expect C T (fun h => f (w h)) - f xs <= interpolation_accelerated_semi_stochastic L delta_f distance T mu rho.
Proof. intros [Hy [Hw Hv]]. assert (Hq : L * 1 <= L * rho) by (apply Rmult_le_compat_l; lra).
  destruct (weight_root (rho * L)) as [Ha Ea]; [lra|lra|]. unfold interpolation_accelerated_semi_stochastic.
  apply (accelerated_rate C E f grad w v y g (fun h _ => grad (y h)) L mu rho 1 _ xs); auto; try lra.
  - intros h u _. apply next_const.
  - intros h _. rewrite next_const. lra. Qed.
End Entries.
