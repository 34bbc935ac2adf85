(** Expectation over trees of chance: every step has finitely many outcomes, whose number and weights may depend on all that has happened.
    Stochastic gradients on such a tree: unbiased given the past, with a bounded variance, second moment, or growth. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Descent Subgradient.
Import ListNotations.
Open Scope R_scope.

(** A history lists the outcomes so far, the newest first; after h, outcome k < size h has the conditional probability weight h k. *)
Record chance := Chance {
  size : list nat -> nat; weight : list nat -> nat -> R;
  weight_nonneg : forall h k, (k < size h)%nat -> 0 <= weight h k;
  weight_total : forall h, sum (size h) (weight h) = 1 }.

Section Expectation.
Variable C : chance.
(** the histories that can happen *)
Fixpoint possible (h : list nat) : Prop := match h with [] => True | k :: past => (k < size C past)%nat /\ possible past end.
(** E[u | h], for a quantity u of the next outcome *)
Definition next (h : list nat) (u : nat -> R) : R := sum (size C h) (fun k => weight C h k * u k).
(** E F, for a quantity F of the first t outcomes *)
Fixpoint expect (t : nat) (F : list nat -> R) : R :=
  match t with O => F [] | S s => expect s (fun h => next h (fun k => F (k :: h))) end.

Lemma next_const h c : next h (fun _ => c) = c.
Proof. unfold next. rewrite sum_scal_r, weight_total. ring. Qed.
Lemma next_add h u v : next h (fun k => u k + v k) = next h u + next h v.
Proof. unfold next. rewrite <- sum_plus. apply sum_ext. intros; ring. Qed.
Lemma next_sub h u v : next h (fun k => u k - v k) = next h u - next h v.
Proof. unfold next. rewrite <- sum_minus. apply sum_ext. intros; ring. Qed.
Lemma next_scal h c u : next h (fun k => c * u k) = c * next h u.
Proof. unfold next. rewrite <- sum_scal. apply sum_ext. intros; ring. Qed.
Lemma next_le h u v : (forall k, (k < size C h)%nat -> u k <= v k) -> next h u <= next h v.
Proof. intros H. apply sum_le. intros k Hk. apply Rmult_le_compat_l; auto. apply weight_nonneg; auto. Qed.
Lemma next_ext h u v : (forall k, (k < size C h)%nat -> u k = v k) -> next h u = next h v.
Proof. intros H. apply sum_ext. intros k Hk. rewrite H; auto. Qed.

Lemma expect_le t : forall F G, (forall h, length h = t -> possible h -> F h <= G h) -> expect t F <= expect t G.
Proof. induction t as [|t IH]; intros F G H; simpl; [apply H; simpl; auto|].
  apply IH. intros h Hl Hp. apply next_le. intros k Hk. apply H; simpl; auto. Qed.
Lemma expect_ext t F G : (forall h, length h = t -> possible h -> F h = G h) -> expect t F = expect t G.
Proof. intros H. apply Rle_antisym; apply expect_le; intros h Hl Hp; rewrite H; auto; lra. Qed.
Lemma expect_const t c : expect t (fun _ => c) = c.
Proof. induction t as [|t IH]; simpl; auto. transitivity (expect t (fun _ => c)); auto. apply expect_ext. intros. apply next_const. Qed.
Lemma expect_add t : forall F G, expect t (fun h => F h + G h) = expect t F + expect t G.
Proof. induction t as [|t IH]; intros F G; simpl; auto. rewrite <- IH. apply expect_ext. intros. apply next_add. Qed.
Lemma expect_sub t : forall F G, expect t (fun h => F h - G h) = expect t F - expect t G.
Proof. induction t as [|t IH]; intros F G; simpl; auto. rewrite <- IH. apply expect_ext. intros. apply next_sub. Qed.
Lemma expect_scal t c : forall F, expect t (fun h => c * F h) = c * expect t F.
Proof. induction t as [|t IH]; intros F; simpl; auto. rewrite <- IH. apply expect_ext. intros. apply next_scal. Qed.
Lemma expect_sum t n (F : nat -> list nat -> R) : expect t (fun h => sum n (fun i => F i h)) = sum n (fun i => expect t (F i)).
Proof. induction n as [|n IH]; simpl; [apply expect_const|]. rewrite expect_add, IH. reflexivity. Qed.

(** the history after the first t of the outcomes of h *)
Definition upto (h : list nat) (t : nat) : list nat := skipn (length h - t) h.
Lemma upto_all h : upto h (length h) = h.
Proof. unfold upto. rewrite Nat.sub_diag. reflexivity. Qed.
Lemma upto_cons k h t : (t <= length h)%nat -> upto (k :: h) t = upto h t.
Proof. intros H. unfold upto. simpl length. rewrite Nat.sub_succ_l by auto. reflexivity. Qed.
Lemma expect_upto t n F : (t <= n)%nat -> expect n (fun h => F (upto h t)) = expect t F.
Proof. intros H. induction H as [|n H IH].
  - apply expect_ext. intros h <- _. rewrite upto_all. reflexivity.
  - rewrite <- IH. simpl. apply expect_ext. intros h Hl _. rewrite <- (next_const h (F (upto h t))).
    apply next_ext. intros k _. rewrite upto_cons by lia. reflexivity. Qed.

(** A potential that falls by A up to b in every step, given the past: what expected A's add up to. *)
Lemma potential_sum (P A : list nat -> R) b T :
  (forall h, (length h < T)%nat -> possible h -> next h (fun k => P (k :: h)) <= P h - A h + b) ->
  expect T P + sum T (fun t => expect t A) <= P [] + INR T * b.
Proof. induction T as [|t IH]; intros H; [simpl; lra|]. rewrite S_INR. cbn [sum expect].
  assert (IH' : expect t P + sum t (fun s => expect s A) <= P [] + INR t * b) by (apply IH; intros; apply H; auto).
  assert (D : expect t (fun h => next h (fun k => P (k :: h))) <= expect t (fun h => P h - A h + b)).
  { apply expect_le. intros h Hl Hp. apply H; auto. lia. }
  rewrite expect_add, expect_sub, expect_const in D. lra. Qed.
(** A quantity that contracts by q up to b in every step, given the past. *)
Lemma expect_step (P : list nat -> R) q b t :
  (forall h, length h = t -> possible h -> next h (fun k => P (k :: h)) <= q * P h + b) -> expect (S t) P <= q * expect t P + b.
Proof. intros H. cbn [expect]. rewrite <- expect_scal, <- (expect_const t b), <- expect_add. apply expect_le. auto. Qed.

(** ** Stochastic gradients: x h the point after the history h, g h k the gradient that outcome k gives there *)
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (eta : nat -> R) (x : list nat -> E) (g : list nat -> nat -> E).
(** x_{t+1} = x_t - eta_t g_t *)
Definition sgd := forall h k, possible (k :: h) -> x (k :: h) = vsub (x h) (vscal (eta (length h)) (g h k)).
(** E[g_t | past] = grad f(x_t): so it looks along every vector *)
Definition unbiased := forall h v, possible h -> next h (fun k => ip (g h k) v) = ip (grad (x h)) v.
Definition variance_below s := forall h, possible h -> next h (fun k => n2 (vsub (g h k) (grad (x h)))) <= s ^ 2.
Definition second_moment_below G := forall h, possible h -> next h (fun k => n2 (g h k)) <= G ^ 2.
Definition strong_growth rho := forall h, possible h -> next h (fun k => n2 (g h k)) <= rho * n2 (grad (x h)).

Hypotheses (Hstep : sgd) (Hmean : unbiased).
(** E|g|^2 = |grad|^2 + E|g - grad|^2 *)
Lemma second_moment h : possible h -> next h (fun k => n2 (g h k)) = n2 (grad (x h)) + next h (fun k => n2 (vsub (g h k) (grad (x h)))).
Proof. intros Hp. rewrite (next_ext h (fun k => n2 (vsub (g h k) (grad (x h)))) (fun k => n2 (g h k) - 2 * ip (g h k) (grad (x h)) + n2 (grad (x h))))
    by (intros; apply n2_sub). rewrite next_add, next_sub, next_scal, next_const, Hmean by auto. unfold n2. ring. Qed.
(** the squared distance to u after one step *)
Lemma distance_step h u : possible h -> next h (fun k => n2 (vsub (x (k :: h)) u))
  = n2 (vsub (x h) u) - 2 * eta (length h) * ip (grad (x h)) (vsub (x h) u) + eta (length h) ^ 2 * next h (fun k => n2 (g h k)).
Proof. intros Hp. rewrite <- (Hmean h _ Hp), <- !next_scal, <- (next_const h (n2 (vsub (x h) u))), <- next_sub, <- next_add.
  apply next_ext. intros k Hk. rewrite Hstep by (simpl; auto). vec. ring. Qed.
(** the same as the squared distance of the exact gradient step and the noise *)
Lemma distance_step_noise h u : possible h -> next h (fun k => n2 (vsub (x (k :: h)) u))
  = n2 (vsub (euler grad (eta (length h)) (x h)) u) + eta (length h) ^ 2 * next h (fun k => n2 (vsub (g h k) (grad (x h)))).
Proof. intros Hp. rewrite distance_step, second_moment by auto. unfold euler. vec. ring. Qed.
(** the descent lemma, given the past *)
Lemma descent_expected L h : smooth f grad L -> possible h -> next h (fun k => f (x (k :: h)))
  <= f (x h) - eta (length h) * n2 (grad (x h)) + L * eta (length h) ^ 2 / 2 * next h (fun k => n2 (g h k)).
Proof. intros Hs Hp. set (a := eta (length h)).
  assert (Eg : n2 (grad (x h)) = next h (fun k => ip (g h k) (grad (x h)))) by (rewrite Hmean by auto; reflexivity).
  rewrite Eg, <- !next_scal, <- (next_const h (f (x h))), <- next_sub, <- next_add.
  apply next_le. intros k Hk. rewrite Hstep by (simpl; auto). fold a.
  pose proof (Hs (x h) (vsub (x h) (vscal a (g h k)))) as H. revert H. vec. intros H. lra. Qed.
End Expectation.
Arguments unbiased _ {_}. Arguments sgd _ {_}. Arguments variance_below _ {_}. Arguments second_moment_below _ {_}. Arguments strong_growth _ {_}.

(** the average of the points x_0, ..., x_{T-1} on the way to the history h *)
Definition path_average {E : space} (T : nat) (x : list nat -> E) (h : list nat) : E := average T (fun t => x (upto h t)).
(** Jensen's inequality in expectation *)
Lemma expected_jensen (C : chance) (E : space) (f : E -> R) grad (x : list nat -> E) T : subgradient f grad -> (1 <= T)%nat ->
  INR T * expect C T (fun h => f (path_average T x h)) <= sum T (fun t => expect C t (fun h => f (x h))).
Proof. intros Hc HT. rewrite <- expect_scal.
  rewrite (sum_ext T (fun t => expect C t (fun h => f (x h))) (fun t => expect C T (fun h => f (x (upto h t)))))
    by (intros t Ht; symmetry; apply (expect_upto C t T (fun h => f (x h))); lia).
  rewrite <- expect_sum. apply expect_le. intros h _ _. apply (jensen E f grad T (fun t => x (upto h t)) Hc HT). Qed.
