(** Where partial derivatives keep their sign on a box, the extremes of an expression over the box lie on its faces. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums Field Expressions.
Open Scope R_scope.

(** an expression does not decrease from y to x, if at every point of a convex region that holds both, and where the expression is
    defined, no term of its derivative in the direction x - y is negative *)
Theorem rises_along n X e x y : wf n e = true -> convex X -> (forall z, X z -> good e z) -> X x -> X y ->
  (forall z, X z -> forall k, (k < n)%nat -> 0 <= rgrad e z k * (x k - y k)) -> rval e y <= rval e x.
Proof. intros W C G Hx Hy S.
  destruct (MVT_cor2 (fun s => rval e (between y x s)) (fun t => sum n (fun k => rgrad e (between y x t) k * (x k - y k))) 0 1)
    as [t [E Ht]]; [lra| |].
  { intros t Ht. apply directional_derivative; auto. }
  assert (P : 0 <= sum n (fun k => rgrad e (between y x t) k * (x k - y k))).
  { apply sum_nonneg. intros k Hk. apply S; auto. apply C; auto; lra. }
  rewrite (rval_same n (between y x 1) x) in E by (auto; intros k _; apply between_1).
  rewrite (rval_same n (between y x 0) y) in E by (auto; intros k _; apply between_0). lra. Qed.

(** what is known of the sign of a partial derivative on a box *)
Inductive slope := Rises | Falls | Either.
Definition opposite s := match s with Rises => Falls | Falls => Rises | Either => Either end.
Definition has_slope s (r : R) := match s with Rises => 0 <= r | Falls => r <= 0 | Either => True end.

(** the point z, its variables of known slope moved to the end of their side where the expression is least; where it is greatest *)
Definition moved (b : box) (s : nat -> slope) (z : vec) : vec := fun k => match s k with Rises => low b k | Falls => high b k | Either => z k end.
Definition least_at b s := moved b s.
Definition greatest_at b s := moved b (fun k => opposite (s k)).

Lemma moved_in_box n b s z : in_box n b z -> in_box n b (moved b s z).
Proof. intros H k Hk. specialize (H k Hk). unfold moved. destruct (s k); lra. Qed.

(** on a box where the expression is defined and its partial derivatives have the slopes s, its value at z lies between
    its values at the two moved points *)
Theorem extremes_on_faces n b e s z : wf n e = true -> (forall y, in_box n b y -> good e y) ->
  (forall y, in_box n b y -> forall k, (k < n)%nat -> has_slope (s k) (rgrad e y k)) -> in_box n b z ->
  rval e (least_at b s z) <= rval e z <= rval e (greatest_at b s z).
Proof. intros W G S Hz. unfold least_at, greatest_at.
  split; apply (rises_along n (in_box n b)); auto using in_box_convex, moved_in_box; intros y Hy k Hk; specialize (S y Hy k Hk);
    specialize (Hz k Hk); unfold moved; destruct (s k); simpl in *.
  - apply Rmult_le_pos; lra.
  - replace (rgrad e y k * (z k - high b k)) with (- rgrad e y k * (high b k - z k)) by ring. apply Rmult_le_pos; lra.
  - rewrite Rminus_diag_eq, Rmult_0_r; [apply Rle_refl|reflexivity].
  - apply Rmult_le_pos; lra.
  - replace (rgrad e y k * (low b k - z k)) with (- rgrad e y k * (z k - low b k)) by ring. apply Rmult_le_pos; lra.
  - rewrite Rminus_diag_eq, Rmult_0_r; [apply Rle_refl|reflexivity]. Qed.

(** the same for a partial derivative of f, by its symbolic derivative *)
Corollary derivative_on_faces n b f j s z : wf n f = true -> (forall y, in_box n b y -> good f y) ->
  (forall y, in_box n b y -> forall k, (k < n)%nat -> has_slope (s k) (rgrad (deriv j f) y k)) -> in_box n b z ->
  rval (deriv j f) (least_at b s z) <= rgrad f z j <= rval (deriv j f) (greatest_at b s z).
Proof. intros W G S Hz. destruct (deriv_sound n j f z W (G z Hz)) as [<- [_ Wd]].
  apply (extremes_on_faces n b); auto. intros y Hy. apply (deriv_sound n j f y W (G y Hy)). Qed.
