(** Gradient play x - H F(x) with a step per coordinate contracts if I - H J(z) does at every point of the region. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Field Monotone.
Open Scope R_scope.

(** one simultaneous step of gradient play, coordinate i with its own step hs i *)
Definition step (hs : vec) (F : vec -> vec) : vec -> vec := fun x i => x i - hs i * F x i.
(** T shrinks squared P-distances on X to rho of them *)
Definition contracts_on n P (X : region) (T : vec -> vec) rho :=
  forall x y, X x -> X y -> dist2 n P (T x) (T y) <= rho * dist2 n P x y.

Section Step.
Variables (n : nat) (P : nat -> nat -> R) (lam : R).
Hypothesis M : metric n P lam.
Variables (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R) (hs : vec).
Hypotheses (HX : convex X) (HF : extensional n F) (HJ : jacobian_on n X F J).

(** One mean value for the step map, in the pairing with any w. *)
Lemma mean_value_step w x y : X x -> X y -> exists z, X z /\
  form n P (minus (step hs F x) (step hs F y)) w = form n P (fun i => minus x y i - hs i * mv n (J z) (minus x y) i) w.
Proof. intros Hx Hy.
  destruct (mean_value n X F J HX HF HJ x y (fun i => mv n P w i * hs i) Hx Hy) as [z [Hz E]]. exists z. split; auto.
  unfold form, dot.
  rewrite (sum_ext n _ (fun i => minus x y i * mv n P w i - mv n P w i * hs i * (F x i - F y i))) by (intros; unfold minus, step; ring).
  rewrite sum_minus, E, <- sum_minus. apply sum_ext; intros; ring. Qed.

(** If |(I - H J(z)) v|_P^2 <= rho |v|_P^2 at every point z of the convex set X then one step of gradient play from two points of X
    shrinks their squared P-distance to at most rho of it. *)
Theorem step_contracts rho :
  (forall z v, X z -> form n P (fun i => v i - hs i * mv n (J z) v i) (fun i => v i - hs i * mv n (J z) v i) <= rho * form n P v v) ->
  contracts_on n P X (step hs F) rho.
Proof. intros H x y Hx Hy. set (D := minus (step hs F x) (step hs F y)).
  destruct (mean_value_step D x y Hx Hy) as [z [Hz E]]. specialize (H z (minus x y) Hz).
  pose proof (pform_young n P lam M (fun i => minus x y i - hs i * mv n (J z) (minus x y) i) D) as HY.
  rewrite <- E in HY. fold D in HY. unfold dist2 in *. fold D. lra. Qed.
End Step.
