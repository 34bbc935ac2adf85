(** Step limits of gradient play over a class of fields, with the plane fields that show that they are exact. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products Play.
Open Scope R_scope.

(** The Euclidean plane *)
Definition plane : space.
refine {| carrier := R * R; vadd u v := (fst u + fst v, snd u + snd v); vscal a u := (a * fst u, a * snd u);
          ip u v := fst u * fst v + snd u * snd v |}.
- intros; ring.
- intros; simpl; ring.
- intros; simpl; ring.
- intros u. pose proof (Rle_0_sqr (fst u)). pose proof (Rle_0_sqr (snd u)). unfold Rsqr in *. lra.
Defined.
Lemma plane_n2 (u : plane) : n2 u = fst u ^ 2 + snd u ^ 2.
Proof. unfold n2. simpl. ring. Qed.
Definition origin : plane := (0, 0).
Definition east : plane := (1, 0).
Lemma east_n2 : n2 (vsub east origin) = 1.
Proof. rewrite plane_n2. simpl. ring. Qed.
Lemma east_norm : norm (vsub east origin) = 1.
Proof. unfold norm. rewrite east_n2. apply sqrt_1. Qed.
(** multiplication by a + i b *)
Definition spiral a b (u : plane) : plane := (a * fst u - b * snd u, b * fst u + a * snd u).
Lemma spiral_n2 a b u v : n2 (vsub (spiral a b u) (spiral a b v)) = (a^2 + b^2) * n2 (vsub u v).
Proof. rewrite !plane_n2. unfold spiral. simpl. ring. Qed.
Lemma spiral_ip a b u v : ip (vsub (spiral a b u) (spiral a b v)) (vsub u v) = a * n2 (vsub u v).
Proof. rewrite plane_n2. unfold spiral. simpl. ring. Qed.
Lemma spiral_euler a b h u v : n2 (vsub (euler (spiral a b) h u) (euler (spiral a b) h v)) = ((1 - h * a)^2 + (h * b)^2) * n2 (vsub u v).
Proof. rewrite !plane_n2. unfold euler, spiral. simpl. ring. Qed.

(** T contracts on X: all distances shrink by one factor below 1. *)
Definition contracts {E : space} (X : E -> Prop) (T : E -> E) :=
  exists q, 0 <= q < 1 /\ forall x y, X x -> X y -> norm (vsub (T x) (T y)) <= q * norm (vsub x y).
(** Below s every step contracts for every field of the class (alpha-strongly monotone and beta-Lipschitz, any space and region). *)
Definition contracting_below alpha beta s := forall h, 0 < h < s -> forall (E : space) (X : E -> Prop) (F : E -> E),
  strongly_monotone X F alpha -> lipschitz X F beta -> contracts X (euler F h).
(** Up to s no step increases a distance, for every 1/ell-cocoercive field. *)
Definition nonexpansive_up_to ell s := forall h, 0 < h <= s -> forall (E : space) (X : E -> Prop) (F : E -> E),
  cocoercive X F ell -> forall x y, X x -> X y -> norm (vsub (euler F h x) (euler F h y)) <= norm (vsub x y).

(** The limit 2 alpha/beta^2 is exact: it is the least upper bound of the steps below which the class contracts. *)
Theorem gradient_play_euler_threshold_sharp alpha beta : 0 < alpha -> 0 < beta -> alpha <= beta ->
  is_lub (contracting_below alpha beta) (gradient_play_euler_threshold alpha beta).
Proof. intros Ha Hb Hab. unfold gradient_play_euler_threshold. assert (Pb : 0 < beta^2) by (apply pow_lt; auto). split.
  - intros s Hs. apply Rnot_lt_le; intros C. assert (Ph : 0 < 2 * alpha / beta^2) by (apply Rdiv_lt_0_compat; lra).
    assert (Hw : sqrt (beta^2 - alpha^2)^2 = beta^2 - alpha^2).
    { apply pow2_sqrt. assert (alpha^2 <= beta^2) by (apply pow_incr; lra). lra. }
    set (w := sqrt (beta^2 - alpha^2)) in *.
    destruct (Hs (2 * alpha / beta^2) (conj Ph C) plane everywhere (spiral alpha w)) as [q [Hq H]].
    + intros x y _ _. rewrite spiral_ip. lra.
    + intros x y _ _. rewrite spiral_n2, Hw. right. ring.
    + specialize (H east origin I I). unfold norm at 1 in H. rewrite spiral_euler in H.
      replace ((1 - 2 * alpha / beta^2 * alpha)^2 + (2 * alpha / beta^2 * w)^2) with 1 in H.
      2:{ replace ((1 - 2 * alpha / beta^2 * alpha)^2 + (2 * alpha / beta^2 * w)^2)
            with ((1 - 2 * alpha / beta^2 * alpha)^2 + (2 * alpha / beta^2)^2 * w^2) by ring. rewrite Hw. field. lra. }
      rewrite east_n2, east_norm, Rmult_1_l, sqrt_1 in H. lra.
  - intros b Hb'. apply Rnot_lt_le; intros C. apply Rlt_not_le in C. apply C, Hb'. clear b Hb' C.
    intros h [Hh Hs] E X F Fs Fl.
    assert (Hq : 0 <= 1 - 2 * h * alpha + h^2 * beta^2) by (apply euler_factor_nonneg; auto).
    exists (sqrt (1 - 2 * h * alpha + h^2 * beta^2)). split.
    + split; [apply sqrt_pos|]. apply Rlt_le_trans with (sqrt 1); [apply sqrt_lt_1_alt; split; auto|rewrite sqrt_1; lra].
      assert (H : h * beta^2 < 2 * alpha).
      { apply (Rmult_lt_compat_r (beta^2)) in Hs; auto. replace (2 * alpha / beta^2 * beta^2) with (2 * alpha) in Hs by (field; lra).
        exact Hs. }
      apply (Rmult_lt_compat_l h) in H; auto. replace (h * (h * beta^2)) with (h^2 * beta^2) in H by ring. lra.
    + intros x y Hx Hy. apply (gradient_play_euler_any_step_holds E X F alpha beta Hab Fs Fl h x y Hh Hx Hy). Qed.

(** gradient-play/euler/threshold. The least upper bound of the steps below which gradient play contracts for every alpha-strongly
    monotone, beta-Lipschitz field exists and is at least (in fact equal to) 2 alpha/beta^2. *)
Theorem gradient_play_euler_threshold_holds alpha beta : 0 < alpha -> 0 < beta -> alpha <= beta ->
  exists s, is_lub (contracting_below alpha beta) s /\ gradient_play_euler_threshold alpha beta <= s.
Proof. intros Ha Hb Hab. exists (gradient_play_euler_threshold alpha beta). split; [apply gradient_play_euler_threshold_sharp; auto|lra].
  Qed.

(** The limit 2/ell is exact: it is the least upper bound of the steps up to which the class is non-expansive. *)
Theorem gradient_play_cocoercive_threshold_sharp ell : 0 < ell -> is_lub (nonexpansive_up_to ell) (gradient_play_cocoercive_threshold ell).
Proof. intros Hl. unfold gradient_play_cocoercive_threshold. assert (P : 0 < 2 / ell) by (apply Rdiv_lt_0_compat; lra). split.
  - intros s Hs. apply Rnot_lt_le; intros C.
    assert (H : norm (vsub (euler (spiral ell 0) s east) (euler (spiral ell 0) s origin)) <= norm (vsub east origin)).
    { apply (Hs s ltac:(lra) plane everywhere (spiral ell 0)); try exact I.
      intros x y _ _. rewrite spiral_ip, spiral_n2. right. field. lra. }
    apply sq_le_norm in H. rewrite norm_sq, spiral_euler, east_n2 in H.
    assert (2 < s * ell) by (apply (Rmult_lt_compat_r ell) in C; auto; replace (2 / ell * ell) with 2 in C by (field; lra); lra).
    assert (2 * (s * ell) < s * ell * (s * ell)) by (apply Rmult_lt_compat_r; lra). lra.
  - intros b Hb. apply Hb. intros h Hh E X F Fc x y Hx Hy. apply (cocoercive_nonexpansive E X F ell Hl Fc h x y Hh Hx Hy). Qed.

(** gradient-play/cocoercive/threshold. The least upper bound of the steps up to which gradient play is non-expansive for every
    1/ell-cocoercive field exists and is at least (in fact equal to) 2/ell. *)
Theorem gradient_play_cocoercive_threshold_holds ell : 0 < ell ->
  exists s, is_lub (nonexpansive_up_to ell) s /\ gradient_play_cocoercive_threshold ell <= s.
Proof. intros Hl. exists (gradient_play_cocoercive_threshold ell). split; [apply gradient_play_cocoercive_threshold_sharp; auto|lra]. Qed.
