(** Trees of chance are probability spaces in the sense of Random.v: a stochastic gradient method on a tree, watched for N steps, gives random
    points and gradients with all that is asked there, so that every theorem on random vectors holds for it. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Expectation Random.
Import ListNotations.
Open Scope R_scope.

Definition tree_probability (C : chance) (N : nat) : probability.
refine {| outcome := list nat; integrable := fun _ => True; mean := expect C N |}; intros; auto.
- apply expect_const.
- apply expect_add.
- apply expect_scal.
- apply expect_le. intros. auto.
Defined.
Definition tree_vectors (C : chance) (N : nat) (E : space) : random_vectors (tree_probability C N) E.
refine {| square := fun _ => True |}; intros; exact I.
Defined.

Section Bridge.
Variables (C : chance) (N : nat) (E : space) (f : E -> R) (grad : E -> E) (eta : nat -> R) (x : list nat -> E) (g : list nat -> nat -> E).
Hypotheses (Hx : sgd C eta x g) (Hmean : unbiased C grad x g).

(** along the outcomes w: the points and gradients of the tree for N steps, and exact gradient steps after them *)
Fixpoint point_at (t : nat) (w : list nat) : E := match t with
  | O => x []
  | S s => vsub (point_at s w)
      (vscal (eta s) (if Nat.ltb s N then g (upto w s) (nth (length w - S s) w O) else grad (point_at s w))) end.
Definition gradient_at (t : nat) (w : list nat) : E := if Nat.ltb t N then g (upto w t) (nth (length w - S t) w O) else grad (point_at t w).

Lemma upto_step w t : (t < length w)%nat -> upto w (S t) = nth (length w - S t) w O :: upto w t.
Proof. induction w as [|k w IH]; intros H; [simpl in H; lia|]. simpl length in H.
  destruct (Nat.eq_dec t (length w)) as [->|Ne].
  - rewrite (upto_cons k w (length w)), upto_all by lia. change (S (length w)) with (length (k :: w)). rewrite upto_all.
    replace (length (k :: w) - length (k :: w))%nat with O by lia. reflexivity.
  - rewrite !upto_cons, IH by lia. simpl length. replace (S (length w) - S t)%nat with (S (length w - S t)) by lia. reflexivity. Qed.
Lemma upto_possible w : possible C w -> forall t, possible C (upto w t).
Proof. intros H t. unfold upto. generalize (length w - t)%nat. intros n. revert w H.
  induction n as [|n IH]; intros w H; auto. destruct w as [|k w]; [exact I|]. simpl. apply IH. apply H. Qed.
Lemma upto_length w t : (t <= length w)%nat -> length (upto w t) = t.
Proof. intros H. unfold upto. rewrite skipn_length. lia. Qed.
Lemma point_at_tree w t : possible C w -> length w = N -> (t <= N)%nat -> point_at t w = x (upto w t).
Proof. intros Hp Hl. induction t as [|t IH]; intros Ht.
  - simpl. unfold upto. rewrite Nat.sub_0_r, skipn_all. reflexivity.
  - simpl. rewrite IH by lia. destruct (Nat.ltb_spec t N); [|lia]. rewrite upto_step by lia.
    rewrite (Hx (upto w t) (nth (length w - S t) w O)).
    + rewrite upto_length by lia. reflexivity.
    + rewrite <- upto_step by lia. apply upto_possible; auto. Qed.

Lemma skip_twice {A} m n (l : list A) : skipn n (skipn m l) = skipn (m + n) l.
Proof. revert l. induction m as [|m IH]; intros l; [reflexivity|]. destruct l as [|k l]; [destruct n; reflexivity|]. apply IH. Qed.

(** the noise at step t is uncorrelated with every function of the past *)
Lemma tree_noise t (V : list nat -> E) (U : list nat -> E) : (forall w, possible C w -> length w = N -> (t < N)%nat -> U w = V (upto w t)) ->
  expect C N (fun w => ip (vsub (gradient_at t w) (grad (point_at t w))) (U w)) = 0.
Proof. intros HV. destruct (Nat.ltb_spec t N) as [Ht|Ht].
  - set (F h := match h with [] => 0 | k :: p => ip (vsub (g p k) (grad (x p))) (V p) end).
    rewrite (expect_ext C N _ (fun w => F (upto w (S t)))).
    + rewrite (expect_upto C (S t) N F) by lia. cbn [expect F]. rewrite <- (expect_const C t 0). apply expect_ext. intros h _ Hp.
      rewrite (next_ext C h _ (fun k => ip (g h k) (V h) - ip (grad (x h)) (V h))) by (intros; apply ip_sub_l).
      rewrite next_sub, next_const, Hmean by auto. ring.
    + intros w Hl Hp. rewrite upto_step by lia. unfold F. rewrite HV, point_at_tree by (auto; lia). unfold gradient_at.
      destruct (Nat.ltb_spec t N); [reflexivity|lia].
  - rewrite <- (expect_const C N 0). apply expect_ext. intros w _ _. unfold gradient_at. destruct (Nat.ltb_spec t N); [lia|]. rewrite ip_sub_l. ring. Qed.

(** A stochastic gradient method on a tree, watched for N steps, is one in the sense of Random.v. *)
Theorem tree_stochastic_gradients : stochastic_gradients (tree_probability C N) E (tree_vectors C N E) f grad (x []) eta point_at gradient_at.
Proof. constructor; unfold along; simpl; auto.
  - intros t v. apply (tree_noise t (fun _ => v)). auto.
  - intros t s Hs. apply (tree_noise t (fun h => x (upto h s))). intros w Hp Hl Ht. rewrite point_at_tree by (auto; lia).
    f_equal. unfold upto. rewrite skipn_length, skip_twice. f_equal. lia.
  - intros t. apply (tree_noise t (fun h => grad (x h))). intros w Hp Hl Ht. rewrite point_at_tree by (auto; lia). reflexivity. Qed.

(** Expectations of the points agree, and so do those of the gradients: variance, second moment and growth carry over. *)
Theorem tree_point_mean (F : E -> R) t : (t <= N)%nat -> expect C N (fun w => F (point_at t w)) = expect C t (fun h => F (x h)).
Proof. intros Ht. rewrite <- (expect_upto C t N (fun h => F (x h))) by auto. apply expect_ext. intros w Hl Hp. rewrite point_at_tree; auto. Qed.
Theorem tree_gradient_mean (F : E -> E -> R) t : (t < N)%nat ->
  expect C N (fun w => F (gradient_at t w) (point_at t w)) = expect C t (fun h => next C h (fun k => F (g h k) (x h))).
Proof. intros Ht. set (G h := match h with [] => 0 | k :: p => F (g p k) (x p) end).
  rewrite (expect_ext C N _ (fun w => G (upto w (S t)))).
  - rewrite (expect_upto C (S t) N G) by lia. reflexivity.
  - intros w Hl Hp. rewrite upto_step by lia. unfold G. rewrite point_at_tree by (auto; lia). unfold gradient_at.
    destruct (Nat.ltb_spec t N); [reflexivity|lia]. Qed.
Corollary tree_variance sigma t : variance_below C grad x g sigma ->
  expect C N (fun w => n2 (vsub (gradient_at t w) (grad (point_at t w)))) <= sigma ^ 2.
Proof. intros Hv. destruct (Nat.ltb_spec t N) as [Ht|Ht].
  - rewrite (tree_gradient_mean (fun u z => n2 (vsub u (grad z)))) by auto. rewrite <- (expect_const C t (sigma ^ 2)). apply expect_le.
    intros h _ Hp. apply Hv; auto.
  - rewrite <- (expect_const C N (sigma ^ 2)). apply expect_le. intros w _ _. unfold gradient_at. destruct (Nat.ltb_spec t N); [lia|].
    rewrite n2_sub. unfold n2. pose proof (pow2_ge_0 sigma). lra. Qed.
End Bridge.
