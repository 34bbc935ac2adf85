(** The strong growth constant of a finite sum that interpolates. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent ConvexDescent Formulas.
Open Scope R_scope.

(** interpolation/growth-constant/convex-components: f the mean of n convex L-smooth components with a common minimizer xs, f mu-strongly
    convex: sampling a component uniformly has strong growth with the constant L/mu, E|grad f_i|^2 <= (L/mu) |grad f|^2. *)
Theorem interpolation_growth_constant_convex_components_holds (E : space) n (fs : nat -> E -> R) (grads : nat -> E -> E) (f : E -> R) (grad : E -> E) L mu xs :
  (1 <= n)%nat -> 0 < L -> 0 < mu -> (forall i, (i < n)%nat -> smooth (fs i) (grads i) L) -> (forall i, (i < n)%nat -> minimizer (fs i) xs) ->
  (forall z, f z = sum n (fun i => fs i z) / INR n) -> strongly_convex f grad mu ->
  forall z, sum n (fun i => n2 (grads i z)) / INR n <= interpolation_growth_constant_convex_components L mu * n2 (grad z).
Proof. intros Hn HL Hmu Hs Hm Hf Hsc z. pose proof (pos_INR_of n Hn) as Hn1. unfold interpolation_growth_constant_convex_components.
  assert (A : sum n (fun i => n2 (grads i z)) / INR n <= 2 * L * (f z - f xs)).
  { rewrite !Hf. apply Rmult_le_reg_r with (INR n); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    replace (2 * L * (sum n (fun i => fs i z) * / INR n - sum n (fun i => fs i xs) * / INR n) * INR n)
      with (2 * L * (sum n (fun i => fs i z) - sum n (fun i => fs i xs))) by (field; lra).
    rewrite <- sum_minus, <- sum_scal, Rmult_1_r. apply sum_le. intros i Hi.
    apply (gradient_below_gap E (fs i) (grads i) L HL (Hs i Hi) z xs (Hm i Hi)). }
  assert (B : 2 * mu * (f z - f xs) <= n2 (grad z)).
  { pose proof (Hsc z xs) as H. pose proof (n2_pos E (vadd (grad z) (vscal mu (vsub xs z)))) as P.
    rewrite n2_add, n2_scal, ip_scal_r in P. apply (Rmult_le_compat_l (2 * mu)) in H; [|lra]. lra. }
  eapply Rle_trans; [exact A|]. replace (2 * L * (f z - f xs)) with (L / mu * (2 * mu * (f z - f xs))) by (field; lra).
  apply Rmult_le_compat_l; auto. left. apply Rdiv_lt_0_compat; auto. Qed.
