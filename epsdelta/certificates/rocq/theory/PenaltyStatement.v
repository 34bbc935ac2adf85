(** What an accepted penalty certificate says of a bilevel problem, in words that need little more than the values of its costs. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Definite Expressions Enclosure Game AffineCover Penalty LowerLevel PenaltyCertificate PenaltyProblem.
Import ListNotations.
Open Scope R_scope.

(** minimize f(x, y) over x and over y in S(x) = argmin g(x, .), with (x, y) in a region and c(x) <= 0 for the upper constraints c. A point
    is a vector whose first [uppers] entries are x and whose next [lowers] ones are y; each side of the region is an interval or free. *)
Record bilevel := Bilevel { uppers : nat; lowers : nat; upper_cost : expr; lower_cost : expr; upper_constraints : list expr;
  region_den : positive; region_sides : sides_of }.
Definition upper_value (P : bilevel) : vec -> R := rval (upper_cost P).
Definition lower_value (P : bilevel) : vec -> R := rval (lower_cost P).
Definition inside_region (P : bilevel) : region := in_region (region_den P) (region_sides P).
Definition admitted_by (P : bilevel) : region := fun z => forall c, In c (upper_constraints P) -> rval c z <= 0.

(** v(x) is the greatest lower bound of g(x, .) over the region *)
Definition least_lower_cost (P : bilevel) (v : vec -> R) := forall z, inside_region P z ->
  (forall s, inside_region P s -> same (uppers P) s z -> v z <= lower_value P s) /\
  (forall l, (forall s, inside_region P s -> same (uppers P) s z -> l <= lower_value P s) -> l <= v z).

(** Costs and constraints are defined on the region, and the least lower cost v exists. For each point z = (x, y) that minimizes
    f + gamma (g - v) up to e2 over the points of the region that satisfy the upper constraints: there is exactly one s = (x, y') in the
    region with g(s) = v(x); f(s) exceeds the upper cost of no feasible point s' of the bilevel problem (one with g(s') = v(s')) by more
    than eps; and g(z) <= v(x) + delta where delta is given. *)
Definition penalty_words (P : bilevel) (gamma e2 eps : R) (delta : option R) : Prop :=
  (forall z, inside_region P z -> forall e, In e (upper_cost P :: lower_cost P :: upper_constraints P) -> good e z) /\
  (exists v, least_lower_cost P v) /\
  forall v, least_lower_cost P v -> forall z, inside_region P z -> admitted_by P z ->
  (forall z', inside_region P z' -> admitted_by P z' ->
     upper_value P z + gamma * (lower_value P z - v z) <= upper_value P z' + gamma * (lower_value P z' - v z') + e2) ->
  exists s, inside_region P s /\ admitted_by P s /\ same (uppers P) s z /\ lower_value P s = v z /\
    (forall s', inside_region P s' -> same (uppers P) s' z -> lower_value P s' = v z -> same (uppers P + lowers P) s' s) /\
    (forall s', inside_region P s' -> admitted_by P s' -> lower_value P s' = v s' -> upper_value P s <= upper_value P s' + eps) /\
    match delta with Some d => lower_value P z <= v z + d | None => True end.

(** with the numbers of a claim *)
Definition number (q : Q) : R := rat (Qnum q) (Qden q).
Definition penalty_claimed (P : bilevel) (c : penalty_claim) : Prop :=
  penalty_words P (number (claim_gamma c)) (number (claim_slack c)) (number (claim_eps c)) (option_map number (claim_delta c)).
Lemma number_value q : number q = Q2R q.
Proof. unfold number. rewrite rat_div. reflexivity. Qed.

Section Words.
Variable P : bilevel.
Notation solution := (lower_solution (uppers P) (inside_region P) (lower_value P)).
Notation value := (value_function (uppers P) (inside_region P) (lower_value P)).

Lemma value_is_least w : value w -> least_lower_cost P w.
Proof. intros Hw z Hz. assert (E : same (uppers P) z z) by (intros i Hi; reflexivity).
  destruct (Hw z (ex_intro _ z (conj Hz E))) as [H1 H2]. split.
  - intros s Xs Es. apply H1. exists s. auto.
  - intros l Hl. apply H2. intros a [s [Xs [Es ->]]]. auto. Qed.
Lemma least_unique v w z : least_lower_cost P v -> least_lower_cost P w -> inside_region P z -> w z = v z.
Proof. intros Hv Hw Hz. destruct (Hv z Hz) as [A B], (Hw z Hz) as [C D]. apply Rle_antisym; auto. Qed.
Lemma attained_solution v z s : least_lower_cost P v -> inside_region P z -> inside_region P s -> same (uppers P) s z ->
  lower_value P s = v z -> solution z s.
Proof. intros Hv Hz Xs Es E. split; auto. split; auto. intros z' Xz' Ez'. rewrite E. apply (Hv z Hz); auto. Qed.

Theorem penalty_words_hold c :
  (forall z, inside_region P z -> forall e, In e (upper_cost P :: lower_cost P :: upper_constraints P) -> good e z) ->
  (exists v, value v) ->
  penalty_holds (uppers P) (lowers P) (inside_region P) (admitted_by P) (upper_value P) (lower_value P) c -> penalty_claimed P c.
Proof. intros HG [w Hw] HP. unfold penalty_claimed, penalty_words. rewrite !number_value.
  pose proof (value_is_least w Hw) as Lw. split; [exact HG|]. split; [exists w; exact Lw|].
  intros v Hv z Hz Kz Hmin.
  assert (W : forall x, inside_region P x -> w x = v x) by (intros x Hx; apply least_unique; auto).
  destruct (HP w z Hw) as [[s Hs] [Hu [Hopt Hd]]].
  { split; auto. split; auto. intros z' Hz' Kz'. rewrite !W by auto. auto. }
  exists s. destruct (Hopt s Hs) as [[Ks _] [vstar [[V _] Hle]]].
  pose proof (value_at_solution _ _ _ w z s Hw Hs) as E. rewrite W in E by auto.
  split; [apply Hs|]. split; [exact Ks|]. split; [apply Hs|]. split; [symmetry; exact E|]. split; [|split].
  - intros s' Xs' Es' E'. apply Hu; auto. apply (attained_solution v); auto.
  - intros s' Xs' Ks' E'. apply Rle_trans with (vstar + Q2R (claim_eps c)); auto. apply Rplus_le_compat_r, V.
    exists s'. split; auto. split; auto. apply (attained_solution v); auto. intros i Hi. reflexivity.
  - destruct (claim_delta c) as [d|] eqn:Ed; cbn [option_map]; auto. rewrite number_value, <- (W z Hz). apply Hd; auto. Qed.
End Words.

(** ** The check of an instance: derivatives enclosed on a tree, exactly where they are affine, then [penalty_check] *)
Definition penalty_accepts (ar : arithmetic) (P : bilevel) (c : penalty_claim) (t : tree) (wits : list (list Z * factor)) : bool :=
  let nu := uppers P in let nl := lowers P in let f := upper_cost P in let g := lower_cost P in
  let fs := penalty_field nu nl f g in let extra := f :: g :: upper_constraints P in let b := pinned_box (region_den P) (region_sides P) in
  shaped (nu + nl) fs extra &&
  (if (if forallb entire (fs ++ extra) then exact_tree_check (nu + nl) fs extra t b else false) then true
   else tree_ok ar (nu + nl) fs extra t b) &&
  penalty_check (numbers ar) nu nl f g (upper_constraints P) (region_sides P) c (leaves t) wits.

(** An accepted certificate: what [penalty_words] says, with the claim's gamma, e2, eps and delta. *)
Theorem penalty_statement_sound ar P c t wits : penalty_accepts ar P c t wits = true -> penalty_claimed P c.
Proof. unfold penalty_accepts. rewrite !andb_true_iff. intros [[S T] C].
  set (n := (uppers P + lowers P)%nat) in *. set (fs := penalty_field _ _ _ _) in *. set (extra := _ :: _) in *. set (b := pinned_box _ _) in *.
  assert (K : covered n (in_box n b) (jac fs) (leaves t) /\ forall z, in_box n b z -> forall e, In e (fs ++ extra) -> good e z).
  { destruct (if forallb entire (fs ++ extra) then exact_tree_check n fs extra t b else false) eqn:E.
    - destruct (forallb entire (fs ++ extra)); [|discriminate]. apply (exact_tree_sound n fs extra t b E).
    - destruct (tree_ok_sound ar n fs extra t b T) as [H1 [H2 _]]. auto. }
  destruct (penalty_problem_sound (numbers ar) (uppers P) (lowers P) (upper_cost P) (lower_cost P) (upper_constraints P) (region_den P)
    (region_sides P) c (leaves t) wits S (proj1 K) (proj2 K) C) as [G [V H]].
  apply penalty_words_hold; assumption. Qed.

(** ** One upper and one lower variable, no constraints: the same in words about real numbers *)
Theorem penalty_on_plane P (X Y : R -> Prop) (f g : R -> R -> R) gamma e2 eps delta :
  uppers P = 1%nat -> lowers P = 1%nat -> upper_constraints P = [] ->
  (forall z, upper_value P z = f (z O) (z 1%nat)) -> (forall z, lower_value P z = g (z O) (z 1%nat)) ->
  (forall z, inside_region P z <-> X (z O) /\ Y (z 1%nat)) -> penalty_words P gamma e2 eps delta ->
  (exists y, Y y) ->
  let least v := (forall x y, X x -> Y y -> v x <= g x y) /\ (forall x l, X x -> (forall y, Y y -> l <= g x y) -> l <= v x) in
  (exists v, least v) /\
  forall v, least v -> forall x y, X x -> Y y ->
  (forall x' y', X x' -> Y y' -> f x y + gamma * (g x y - v x) <= f x' y' + gamma * (g x' y' - v x') + e2) ->
  exists s, Y s /\ g x s = v x /\ (forall s', Y s' -> g x s' = v x -> s' = s) /\
    (forall x' s', X x' -> Y s' -> g x' s' = v x' -> f x s <= f x' s' + eps) /\
    match delta with Some d => g x y <= v x + d | None => True end.
Proof. intros Eu El Ec Hf Hg HX [_ [[w Hw] H]] [y0 Hy0] least. subst least.
  set (p := fun a c : R => fun i : nat => match i with O => a | _ => c end).
  assert (In_p : forall a c, X a -> Y c -> inside_region P (p a c)) by (intros; apply HX; auto).
  assert (Same : forall s z, s O = z O -> same (uppers P) s z) by (intros s z E i Hi; rewrite Eu in Hi; destruct i; [exact E|lia]).
  assert (First : forall s z, same (uppers P) s z -> s O = z O) by (intros s z E; apply E; rewrite Eu; lia).
  assert (Adm : forall z, admitted_by P z) by (intros z e He; rewrite Ec in He; destruct He).
  split.
  - exists (fun x => w (p x y0)). split.
    + intros x y Hx Hy. destruct (Hw (p x y0) (In_p x y0 Hx Hy0)) as [A _].
      specialize (A (p x y) (In_p x y Hx Hy)). rewrite Hg in A. apply A, Same. reflexivity.
    + intros x l Hx Hl. destruct (Hw (p x y0) (In_p x y0 Hx Hy0)) as [_ B]. apply B. intros s Xs Es.
      apply First in Es. rewrite Hg, Es. apply Hl. exact (proj2 (proj1 (HX s) Xs)).
  - intros v [V1 V2] x y Hx Hy Hmin.
    assert (Hv : least_lower_cost P (fun z => v (z O))).
    { intros z Hz. apply HX in Hz. destruct Hz as [Z0 Z1]. split.
      - intros s Xs Es. apply First in Es. rewrite Hg, <- Es. apply HX in Xs. apply V1; apply Xs.
      - intros l Hl. apply V2; auto. intros y' Hy'. specialize (Hl (p (z O) y') (In_p _ _ Z0 Hy')). rewrite Hg in Hl. apply Hl, Same. reflexivity. }
    destruct (H _ Hv (p x y) (In_p x y Hx Hy) (Adm _)) as [s [Xs [_ [Es [E [Hu [Ho Hd]]]]]]].
    { intros z' Xz' _. rewrite !Hf, !Hg. apply HX in Xz'. apply Hmin; apply Xz'. }
    apply First in Es. apply HX in Xs. rewrite Hg, Es in E. rewrite Hf, Es in Ho. unfold p in Es, Ho, Hd, E, Hu |- *; cbn beta iota in Es, Ho, Hd, E, Hu |- *.
    exists (s 1%nat). split; [apply Xs|]. split; [exact E|]. split; [|split].
    + intros s' Ys' Es'. specialize (Hu (p x s') (In_p x s' Hx Ys')). rewrite Hg in Hu.
      assert (K : same (uppers P + lowers P) (p x s') s) by (apply Hu; [apply Same; reflexivity|exact Es']).
      apply (K 1%nat). lia.
    + intros x' s' Hx' Hs' E'. specialize (Ho (p x' s') (In_p x' s' Hx' Hs') (Adm _)). rewrite Hf, Hg in Ho. apply Ho. exact E'.
    + destruct delta; auto. rewrite Hg in Hd. exact Hd. Qed.

(** what one side of the region says of its variable *)
Definition side_holds (den : positive) (side : option (Z * Z)) (r : R) : Prop :=
  match side with Some (lo, hi) => rat lo den <= r <= rat hi den | None => True end.
Lemma plane_region P a b (X Y : R -> Prop) : region_sides P = [a; b] ->
  (forall r, side_holds (region_den P) a r <-> X r) -> (forall r, side_holds (region_den P) b r <-> Y r) ->
  forall z, inside_region P z <-> X (z O) /\ Y (z 1%nat).
Proof. intros E HX HY z. rewrite <- HX, <- HY. unfold inside_region, in_region, side_holds. rewrite E. split.
  - intros H. split; [destruct a as [[lo hi]|]|destruct b as [[lo hi]|]]; try exact I; apply H; reflexivity.
  - intros [H0 H1] i lo hi K. destruct i as [|[|i]]; cbn in K.
    + injection K as ->. exact H0.
    + injection K as ->. exact H1.
    + destruct i; discriminate. Qed.
