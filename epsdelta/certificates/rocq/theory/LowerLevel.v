(** A strongly convex lower level on a closed convex set: its solution exists, is unique, and the cost grows quadratically from it.

    Points are vectors whose first nu entries are the upper variables and whose next nl entries are the lower ones. The lower problem at z
    is: minimize G over the points of X with the upper variables of z. Derivatives are taken along segments of X. *)
Require Import Reals Lra Lia Classical FunctionalExtensionality.
From EpsDelta Require Spaces.
From EpsDelta Require Import Sums Field Penalty.
Open Scope R_scope.

Lemma between_start x y : between y x 0 = y.
Proof. apply functional_extensionality. intros i. apply between_0. Qed.
Lemma between_end x y : between y x 1 = x.
Proof. apply functional_extensionality. intros i. apply between_1. Qed.

Lemma abs_between a b : Rabs a <= b -> - b <= a <= b.
Proof. intros H. pose proof (Rle_abs a). pose proof (Rle_abs (- a)) as H'. rewrite Rabs_Ropp in H'. lra. Qed.

Lemma infimum_exists (A : R -> Prop) : (exists a, A a) -> (exists l, forall a, A a -> l <= a) -> exists m, infimum A m.
Proof. intros [a Ha] [l Hl].
  destruct (completeness (fun r => forall b, A b -> r <= b)) as [m [H1 H2]].
  - exists a. intros r Hr. auto.
  - exists l. auto.
  - exists m. split; auto. intros b Hb. apply H2. intros r Hr. auto. Qed.

Lemma finite_choice n (P : nat -> R -> Prop) : (forall i, (i < n)%nat -> exists r, P i r) ->
  exists c, forall i, (i < n)%nat -> P i (c i).
Proof. induction n; intros H.
  - exists (fun _ => 0). intros; lia.
  - destruct IHn as [c Hc]; [intros; apply H; lia|]. destruct (H n) as [r Hr]; [lia|].
    exists (fun i => if Nat.eqb i n then r else c i). intros i Hi. destruct (Nat.eqb_spec i n) as [->|N]; auto. apply Hc; lia. Qed.

(** a function that is nowhere below its value at 0 has no negative slope there *)
Lemma slope_at_minimum phi D : derivable_pt_lim phi 0 D -> (forall t, 0 <= t <= 1 -> phi 0 <= phi t) -> 0 <= D.
Proof. intros Hd Hm. apply Rnot_lt_le. intros C. destruct (Hd (- D)) as [del Hdel]; [lra|].
  pose proof (cond_pos del) as P. set (h := Rmin (del / 2) 1).
  assert (H0 : 0 < h) by (apply Rmin_glb_lt; lra).
  assert (H1 : h <= 1) by apply Rmin_r. assert (H2 : h <= del / 2) by apply Rmin_l.
  specialize (Hdel h). rewrite Rplus_0_l in Hdel. assert (K : Rabs ((phi h - phi 0) / h - D) < - D).
  { apply Hdel; [lra|]. rewrite Rabs_right; lra. }
  apply Rabs_def2 in K. assert (0 <= (phi h - phi 0) / h).
  { unfold Rdiv. apply Rmult_le_pos; [specialize (Hm h); lra|]. left. apply Rinv_0_lt_compat; auto. } lra. Qed.

(** phi'' >= k on [0, 1] gives phi(1) >= phi(0) + phi'(0) + k/2 *)
Lemma second_order phi phi' phi'' k : (forall t, 0 <= t <= 1 -> derivable_pt_lim phi t (phi' t)) ->
  (forall t, 0 <= t <= 1 -> derivable_pt_lim phi' t (phi'' t)) -> (forall t, 0 <= t <= 1 -> k <= phi'' t) ->
  phi 0 + phi' 0 + k / 2 <= phi 1.
Proof. intros H1 H2 Hk.
  assert (Hp : forall t, 0 <= t <= 1 -> phi' 0 + k * t <= phi' t).
  { intros t [T0 T1]. destruct T0 as [T0|<-]; [|lra].
    destruct (MVT_cor2 phi' phi'' 0 t T0) as [c [E Hc]]. { intros; apply H2; lra. }
    assert (k * t <= phi'' c * t) by (apply Rmult_le_compat_r; [lra|apply Hk; lra]). lra. }
  destruct (MVT_cor2 (fun s => phi s - (phi' 0 * s + k / 2 * s ^ 2)) (fun s => phi' s - (phi' 0 * 1 + k / 2 * (INR 2 * s ^ 1))) 0 1) as [c [E Hc]].
  - lra.
  - intros c Hc. apply (derivable_pt_lim_minus phi (fun s => phi' 0 * s + k / 2 * s ^ 2)); [apply H1; lra|].
    apply (derivable_pt_lim_plus (fun s => phi' 0 * s) (fun s => k / 2 * s ^ 2)).
    + apply (derivable_pt_lim_scal (fun s => s)). apply derivable_pt_lim_id.
    + apply (derivable_pt_lim_scal (fun s => s ^ 2)). apply (derivable_pt_lim_pow c 2).
  - pose proof (Hp c ltac:(lra)) as Hc'. simpl INR in E. lra. Qed.

Definition tail nu (w : vec) : vec := fun j => w (nu + j)%nat.
(** squared distance in the lower variables *)
Definition lower_sq nu nl (x y : vec) := dot nl (tail nu (minus x y)) (tail nu (minus x y)).
Lemma lower_sq_pos nu nl x y : 0 <= lower_sq nu nl x y.
Proof. apply sum_nonneg. intros. apply Rle_0_sqr. Qed.
Lemma lower_sq_entry nu nl x y i : (i < nl)%nat -> (x (nu + i)%nat - y (nu + i)%nat) ^ 2 <= lower_sq nu nl x y.
Proof. unfold lower_sq, dot. induction nl as [|k IH]; intros Hi; [lia|]. simpl sum.
  assert (0 <= sum k (fun j => tail nu (minus x y) j * tail nu (minus x y) j)) by (apply sum_nonneg; intros; apply Rle_0_sqr).
  destruct (Nat.eq_dec i k) as [->|N].
  - replace (tail nu (minus x y) k * tail nu (minus x y) k) with ((x (nu + k)%nat - y (nu + k)%nat) ^ 2) by (unfold tail, minus; ring). lra.
  - specialize (IH ltac:(lia)). pose proof (Rle_0_sqr (tail nu (minus x y) k)) as Q. unfold Rsqr in Q. lra. Qed.
Lemma lower_sq_zero nu nl x y : same nu x y -> lower_sq nu nl x y <= 0 -> same (nu + nl) x y.
Proof. intros Hs H i Hi. destruct (Nat.lt_ge_cases i nu) as [L|L]; auto.
  pose proof (lower_sq_entry nu nl x y (i - nu) ltac:(lia)) as Q. replace (nu + (i - nu))%nat with i in Q by lia.
  assert (E : (x i - y i) ^ 2 = 0) by (pose proof (pow2_ge_0 (x i - y i)); lra).
  apply Rminus_diag_uniq. replace ((x i - y i) ^ 2) with (Rsqr (x i - y i)) in E by (unfold Rsqr; ring). apply Rsqr_0_uniq; auto. Qed.

Lemma same_sym n x y : same n x y -> same n y x.
Proof. intros H i Hi. symmetry. auto. Qed.
Lemma same_trans n x y z : same n x y -> same n y z -> same n x z.
Proof. intros H H' i Hi. rewrite H; auto. Qed.
Lemma same_between n x y z t : same n x z -> same n y z -> same n (between y x t) z.
Proof. intros H H' i Hi. unfold between. rewrite H, H' by auto. ring. Qed.

(** ** What an enclosure supplies, along segments on which the upper variables are fixed *)
Definition lower_convex nu (X : region) := forall x y t, X x -> X y -> same nu x y -> 0 <= t <= 1 -> X (between y x t).
Definition lower_closed nu nl (X : region) := forall c,
  (forall w, 0 < w -> exists z, X z /\ same nu z c /\ forall i, (i < nl)%nat -> Rabs (z (nu + i)%nat - c (nu + i)%nat) <= w) -> X c.
(** entries nu.. of Gy are the partial derivatives of G in the lower variables *)
Definition lower_gradient nu nl (X : region) (G : vec -> R) (Gy : vec -> vec) := forall x y, X x -> X y -> same nu x y ->
  forall t, 0 <= t <= 1 -> derivable_pt_lim (fun s => G (between y x s)) t (dot nl (tail nu (Gy (between y x t))) (tail nu (minus x y))).
(** entries nu.. of J are the second derivatives in the lower variables *)
Definition lower_hessian nu nl (X : region) (Gy : vec -> vec) (J : vec -> nat -> nat -> R) := forall x y, X x -> X y -> same nu x y ->
  forall i, (i < nl)%nat -> forall t, 0 <= t <= 1 ->
  derivable_pt_lim (fun s => Gy (between y x s) (nu + i)%nat) t
    (mv nl (fun i j => J (between y x t) (nu + i)%nat (nu + j)%nat) (tail nu (minus x y)) i).
(** G_yy >= m I on X *)
Definition lower_curvature nu nl (X : region) (J : vec -> nat -> nat -> R) (m : R) := forall z, X z -> forall w,
  m * dot nl w w <= form nl (fun i j => J z (nu + i)%nat (nu + j)%nat) w w.
(** |grad_y F| <= L on X *)
Definition lower_slope nu nl (X : region) (Fy : vec -> vec) (L : R) := forall z, X z -> dot nl (tail nu (Fy z)) (tail nu (Fy z)) <= L ^ 2.

(** s minimizes G over the points of X with the upper variables of z *)
Definition lower_solution nu (X : region) (G : vec -> R) z s := X s /\ same nu s z /\ forall z', X z' -> same nu z' z -> G s <= G z'.

(** F is L-Lipschitz in the lower variables *)
Theorem lower_lipschitz nu nl X F Fy L : lower_convex nu X -> lower_gradient nu nl X F Fy -> lower_slope nu nl X Fy L -> 0 <= L ->
  forall x y, X x -> X y -> same nu x y -> F x - F y <= L * sqrt (lower_sq nu nl x y).
Proof. intros HX HF HL L0 x y Hx Hy Hs.
  destruct (MVT_cor2 (fun s => F (between y x s)) (fun t => dot nl (tail nu (Fy (between y x t))) (tail nu (minus x y))) 0 1) as [t [E Ht]].
  - lra.
  - intros t Ht. apply HF; auto.
  - rewrite between_start, between_end, Rminus_0_r, Rmult_1_r in E. rewrite E.
    set (u := tail nu (Fy (between y x t))). set (w := tail nu (minus x y)).
    assert (Hu : dot nl u u <= L ^ 2) by (apply HL, HX; auto; lra).
    assert (Hc : (dot nl u w) ^ 2 <= dot nl u u * dot nl w w).
    { set (I := fun i j : nat => if Nat.eqb i j then 1 else 0).
      assert (Hf : forall a b, form nl I a b = dot nl a b).
      { intros a b. unfold form, dot. apply sum_ext. intros i Hi. f_equal. unfold mv, I.
        rewrite <- (sum_delta nl i b Hi). apply sum_ext. intros. rewrite Nat.eqb_sym. reflexivity. }
      assert (Hp : psd nl I) by (intros a; rewrite Hf; apply sum_nonneg; intros; apply Rle_0_sqr).
      assert (Hi : forall i j, (i < nl)%nat -> (j < nl)%nat -> I i j = I j i) by (intros; unfold I; rewrite Nat.eqb_sym; reflexivity).
      pose proof (Spaces.cauchy_schwarz_sq (Spaces.weighted_space nl I Hi Hp) u w) as K.
      unfold Spaces.n2 in K. simpl in K. rewrite !Hf in K. simpl pow. exact K. }
    unfold lower_sq. fold w.
    assert (W : 0 <= dot nl w w) by (apply sum_nonneg; intros; apply Rle_0_sqr).
    assert (B : 0 <= L * sqrt (dot nl w w)) by (apply Rmult_le_pos; auto; apply sqrt_pos).
    apply Rnot_lt_le. intros C.
    assert (K : (L * sqrt (dot nl w w)) ^ 2 < (dot nl u w) ^ 2).
    { simpl pow. rewrite !Rmult_1_r. apply Rmult_le_0_lt_compat; auto. }
    rewrite Rpow_mult_distr, pow2_sqrt in K by auto.
    pose proof (Rmult_le_compat_r _ _ _ W Hu). lra. Qed.

Section StronglyConvex.
Variables nu nl : nat.
Variable X : region.
Variable G : vec -> R.
Variable Gy : vec -> vec.
Variable J : vec -> nat -> nat -> R.
Variable m : R.
Hypothesis X_convex : lower_convex nu X.
Hypothesis G_gradient : lower_gradient nu nl X G Gy.
Hypothesis G_hessian : lower_hessian nu nl X Gy J.
Hypothesis G_curvature : lower_curvature nu nl X J m.
Hypothesis m_pos : 0 < m.

(** G(x) >= G(y) + <grad_y G(y), x - y> + m/2 |x - y|^2 for points with the same upper variables *)
Theorem strong_convexity x y : X x -> X y -> same nu x y ->
  G y + dot nl (tail nu (Gy y)) (tail nu (minus x y)) + m / 2 * lower_sq nu nl x y <= G x.
Proof. intros Hx Hy Hs. set (w := tail nu (minus x y)).
  pose proof (second_order (fun s => G (between y x s)) (fun t => dot nl (tail nu (Gy (between y x t))) w)
    (fun t => form nl (fun i j => J (between y x t) (nu + i)%nat (nu + j)%nat) w w) (m * dot nl w w)) as H.
  cbv beta in H. rewrite between_start, between_end in H. unfold lower_sq. fold w.
  enough (G y + dot nl (tail nu (Gy y)) w + m * dot nl w w / 2 <= G x) by lra.
  apply H.
  - intros t Ht. apply G_gradient; auto.
  - intros t Ht. unfold form, dot.
    assert (K : derivable_pt_lim (fun s => sum nl (fun i => w i * Gy (between y x s) (nu + i)%nat)) t
       (sum nl (fun i => w i * mv nl (fun i j => J (between y x t) (nu + i)%nat (nu + j)%nat) w i))).
    { apply (derivable_sum nl (fun i s => Gy (between y x s) (nu + i)%nat)
        (fun i t => mv nl (fun i j => J (between y x t) (nu + i)%nat (nu + j)%nat) w i)). intros i Hi. apply G_hessian; auto. }
    replace (fun t0 => sum nl (fun i => tail nu (Gy (between y x t0)) i * w i)) with
      (fun s => sum nl (fun i => w i * Gy (between y x s) (nu + i)%nat)); auto.
    apply functional_extensionality. intros s. apply sum_ext. intros i Hi. unfold tail. ring.
  - intros t Ht. apply G_curvature. apply X_convex; auto. Qed.

(** first-order condition and quadratic growth at a solution, with or without a box *)
Theorem lower_growth z s : lower_solution nu X G z s -> forall x, X x -> same nu x z -> G s + m / 2 * lower_sq nu nl x s <= G x.
Proof. intros [Hs [Es Hm]] x Hx Ex. assert (E : same nu x s) by (apply same_trans with z; auto; apply same_sym; auto).
  pose proof (strong_convexity x s Hx Hs E) as H.
  enough (0 <= dot nl (tail nu (Gy s)) (tail nu (minus x s))) by lra.
  pose proof (G_gradient x s Hx Hs E 0 ltac:(lra)) as D. rewrite between_start in D.
  apply (slope_at_minimum _ _ D). intros t Ht. rewrite between_start.
  apply Hm; [apply X_convex; auto|]. apply same_between; auto. Qed.

Theorem lower_solution_unique z s s' : lower_solution nu X G z s -> lower_solution nu X G z s' -> same (nu + nl) s s'.
Proof. intros H H'. pose proof (lower_growth z s' H' s (proj1 H) (proj1 (proj2 H))) as K.
  destruct H as [Hs [Es Hm]], H' as [Hs' [Es' Hm']]. specialize (Hm s' Hs' Es').
  apply lower_sq_zero; [apply same_trans with z; auto; apply same_sym; auto|].
  apply Rmult_le_reg_l with (m / 2); lra. Qed.

(** ** Existence: points whose cost is near the infimum are near each other *)
Section Existence.
Hypothesis X_closed : lower_closed nu nl X.
Variable z0 : vec.
Hypothesis z0_in : X z0.
Definition fibre x := X x /\ same nu x z0.

Lemma fibre_same x y : fibre x -> fibre y -> same nu x y.
Proof. intros [_ H] [_ H']. apply same_trans with z0; auto. apply same_sym; auto. Qed.

Lemma below_bounded : exists l, forall x, fibre x -> l <= G x.
Proof. exists (G z0 - dot nl (tail nu (Gy z0)) (tail nu (Gy z0)) / (2 * m)). intros x [Hx Ex].
  pose proof (strong_convexity x z0 Hx z0_in Ex) as H. unfold lower_sq in H. set (w := tail nu (minus x z0)) in *.
  set (a := tail nu (Gy z0)) in *.
  assert (Y : 0 <= sum nl (fun i => (a i + m * w i) * (a i + m * w i))) by (apply sum_nonneg; intros; apply Rle_0_sqr).
  replace (sum nl (fun i => (a i + m * w i) * (a i + m * w i))) with (dot nl a a + 2 * m * dot nl a w + m ^ 2 * dot nl w w) in Y.
  2:{ unfold dot. rewrite <- !sum_scal, <- !sum_plus. apply sum_ext. intros; ring. }
  enough (0 <= dot nl a a / (2 * m) + dot nl a w + m / 2 * dot nl w w) by lra.
  replace (dot nl a a / (2 * m) + dot nl a w + m / 2 * dot nl w w) with
    ((dot nl a a + 2 * m * dot nl a w + m ^ 2 * dot nl w w) * / (2 * m)) by (field; lra).
  apply Rmult_le_pos; auto. left. apply Rinv_0_lt_compat. lra. Qed.

Variable v0 : R.
Hypothesis v0_least : infimum (fun a => exists x, fibre x /\ a = G x) v0.
(** points whose cost exceeds the infimum by m w^2/8 at most *)
Definition close_to_least w x := fibre x /\ G x <= v0 + m / 8 * w ^ 2.

Lemma close_to_least_exists w : 0 < w -> exists x, close_to_least w x.
Proof. intros Hw. apply NNPP. intros N. destruct v0_least as [_ H].
  assert (P : 0 < m / 8 * w ^ 2) by (apply Rmult_lt_0_compat; [lra|apply pow_lt; auto]).
  assert (C : v0 + m / 8 * w ^ 2 <= v0); [|lra]. apply H. intros a [x [Hx ->]].
  apply Rnot_lt_le. intros C. apply N. exists x. split; auto. lra. Qed.

Lemma close_to_least_close w x y i : 0 < w -> close_to_least w x -> close_to_least w y -> (i < nl)%nat -> Rabs (x (nu + i)%nat - y (nu + i)%nat) <= w.
Proof. intros Hw [Fx Hx] [Fy Hy] Hi. set (c := between y x (1 / 2)).
  pose proof (fibre_same x y Fx Fy) as E.
  assert (Fc : fibre c) by (split; [apply X_convex; [apply Fx|apply Fy|auto|lra]|apply same_between; [apply Fx|apply Fy]]).
  assert (V : v0 <= G c) by (apply v0_least; exists c; auto).
  pose proof (strong_convexity x c (proj1 Fx) (proj1 Fc) (fibre_same x c Fx Fc)) as Sx.
  pose proof (strong_convexity y c (proj1 Fy) (proj1 Fc) (fibre_same y c Fy Fc)) as Sy.
  assert (D : dot nl (tail nu (Gy c)) (tail nu (minus y c)) = - dot nl (tail nu (Gy c)) (tail nu (minus x c))).
  { unfold dot. rewrite <- sum_opp. apply sum_ext. intros. unfold tail, minus, c, between. field. }
  assert (Q : forall z, (z = x \/ z = y) -> lower_sq nu nl z c = / 4 * lower_sq nu nl x y).
  { intros z Hz. unfold lower_sq, dot. rewrite <- sum_scal. apply sum_ext. intros. unfold tail, minus, c, between.
    destruct Hz as [->| ->]; field. }
  rewrite (Q x) in Sx by auto. rewrite (Q y) in Sy by auto. rewrite D in Sy.
  assert (K : lower_sq nu nl x y <= w ^ 2). { apply Rmult_le_reg_l with (m / 4); lra. }
  pose proof (lower_sq_entry nu nl x y i Hi) as K'. rewrite <- (Rabs_right w) by lra. apply Rsqr_le_abs_0. unfold Rsqr. lra. Qed.

(** the limit of the near minimizers, one coordinate at a time *)
Lemma limit_coordinate i : (i < nl)%nat -> exists c, forall w, 0 < w -> forall x, close_to_least w x -> Rabs (x (nu + i)%nat - c) <= w.
Proof. intros Hi. set (E := fun r => exists w, 0 < w /\ forall x, close_to_least w x -> r <= x (nu + i)%nat).
  assert (mono : forall w w' x, 0 < w -> w <= w' -> close_to_least w x -> close_to_least w' x).
  { intros w w' x Hw Hl [Fx Hx]. split; auto. eapply Rle_trans; [exact Hx|]. apply Rplus_le_compat_l, Rmult_le_compat_l; [lra|].
    apply pow_incr; lra. }
  assert (up : forall w x, 0 < w -> close_to_least w x -> forall r, E r -> r <= x (nu + i)%nat + w).
  { intros w x Hw Hx r [w' [Hw' Hr]]. destruct (close_to_least_exists (Rmin w w')) as [y Hy]; [apply Rmin_glb_lt; auto|].
    assert (Y : close_to_least w y) by (apply mono with (Rmin w w'); auto; [apply Rmin_glb_lt; auto|apply Rmin_l]).
    assert (Y' : close_to_least w' y) by (apply mono with (Rmin w w'); auto; [apply Rmin_glb_lt; auto|apply Rmin_r]).
    specialize (Hr y Y'). pose proof (close_to_least_close w x y i Hw Hx Y Hi) as K. apply abs_between in K. lra. }
  assert (low : forall w x, 0 < w -> close_to_least w x -> E (x (nu + i)%nat - w)).
  { intros w x Hw Hx. exists w. split; auto. intros y Hy. pose proof (close_to_least_close w x y i Hw Hx Hy Hi) as K.
    apply abs_between in K. lra. }
  destruct (close_to_least_exists 1) as [x1 H1]; [lra|].
  destruct (completeness E) as [c [C1 C2]].
  - exists (x1 (nu + i)%nat + 1). intros r Hr. apply (up 1 x1); auto; lra.
  - exists (x1 (nu + i)%nat - 1). apply low; auto; lra.
  - exists c. intros w Hw x Hx. apply Rabs_le. split.
    + assert (c <= x (nu + i)%nat + w); [|lra]. apply C2. intros r Hr. apply (up w x); auto.
    + pose proof (C1 _ (low w x Hw Hx)). lra. Qed.

Lemma infimum_attained : exists s, fibre s /\ G s = v0.
Proof. destruct (finite_choice nl (fun i c => forall w, 0 < w -> forall x, close_to_least w x -> Rabs (x (nu + i)%nat - c) <= w)) as [c Hc].
  { intros i Hi. apply limit_coordinate; auto. }
  set (s := fun k => if Nat.ltb k nu then z0 k else c (k - nu)%nat).
  assert (Es : same nu s z0). { intros k Hk. unfold s. apply Nat.ltb_lt in Hk. rewrite Hk. reflexivity. }
  assert (Ec : forall i, s (nu + i)%nat = c i).
  { intros i. unfold s. replace (Nat.ltb (nu + i) nu) with false by (symmetry; apply Nat.ltb_ge; lia). f_equal. lia. }
  assert (Fs : fibre s).
  { split; auto. apply X_closed. intros w Hw. destruct (close_to_least_exists w Hw) as [x Hx]. exists x. split; [apply Hx|]. split.
    - apply same_trans with z0; [apply Hx|apply same_sym; auto].
    - intros i Hi. rewrite Ec. apply (Hc i Hi w Hw x Hx). }
  exists s. split; auto. apply Rle_antisym; [|apply v0_least; exists s; auto].
  set (B := sum nl (fun i => Rabs (Gy s (nu + i)%nat))).
  assert (B0 : 0 <= B) by (apply sum_nonneg; intros; apply Rabs_pos).
  assert (K : forall w, 0 < w -> G s <= v0 + m / 8 * w ^ 2 + B * w).
  { intros w Hw. destruct (close_to_least_exists w Hw) as [x Hx].
    pose proof (strong_convexity x s (proj1 (proj1 Hx)) (proj1 Fs) (fibre_same x s (proj1 Hx) Fs)) as S.
    pose proof (lower_sq_pos nu nl x s) as P. assert (P' : 0 <= m / 2 * lower_sq nu nl x s) by (apply Rmult_le_pos; lra).
    assert (D : - (B * w) <= dot nl (tail nu (Gy s)) (tail nu (minus x s))).
    { unfold B. rewrite <- sum_scal_r, <- sum_opp. apply sum_le. intros i Hi. unfold tail, minus. rewrite Ec.
      pose proof (Hc i Hi w Hw x Hx) as Q. set (a := Gy s (nu + i)%nat). set (b := x (nu + i)%nat - c i) in *.
      assert (Rabs (a * b) <= Rabs a * w) by (rewrite Rabs_mult; apply Rmult_le_compat_l; auto; apply Rabs_pos).
      pose proof (Rle_abs (- (a * b))) as T. rewrite Rabs_Ropp in T. lra. }
    destruct Hx as [_ Hx]. lra. }
  apply Rnot_lt_le. intros C. set (gap := G s - v0). assert (Hg : 0 < gap) by (unfold gap; lra).
  set (a := m / 8 + B). assert (Ha : 0 < a) by (unfold a; lra).
  set (w := Rmin 1 (gap / (2 * a))).
  assert (Hw : 0 < w) by (apply Rmin_glb_lt; [lra|apply Rdiv_lt_0_compat; lra]).
  assert (W1 : w <= 1) by apply Rmin_l. assert (W2 : w <= gap / (2 * a)) by apply Rmin_r.
  specialize (K w Hw).
  assert (m / 8 * w ^ 2 <= m / 8 * w).
  { apply Rmult_le_compat_l; [lra|]. replace (w ^ 2) with (w * w) by ring. rewrite <- (Rmult_1_r w) at 3. apply Rmult_le_compat_l; lra. }
  assert (a * w <= gap / 2).
  { apply Rle_trans with (a * (gap / (2 * a))); [apply Rmult_le_compat_l; lra|]. apply Req_le. field. lra. }
  unfold a, gap in *. lra. Qed.
End Existence.

(** the lower problem has a solution at every point whose fibre meets X *)
Theorem lower_solution_exists : lower_closed nu nl X -> forall z, (exists x, X x /\ same nu x z) -> exists s, lower_solution nu X G z s.
Proof. intros Hc z [x0 [Hx0 E0]].
  destruct (infimum_exists (fun a => exists x, fibre x0 x /\ a = G x)) as [v0 Hv].
  - exists (G x0), x0. split; auto. split; auto. intros i Hi; auto.
  - destruct (below_bounded x0 Hx0) as [l Hl]. exists l. intros a [x [Hx ->]]. auto.
  - destruct (infimum_attained Hc x0 v0 Hv) as [s [[Hs Es] Ev]].
    exists s. split; auto. split; [apply same_trans with x0; auto|].
    intros z' Hz' Ez'. rewrite Ev. apply Hv. exists z'. split; auto. split; auto.
    apply same_trans with z; auto. apply same_sym; auto. Qed.

(** v, the least lower cost, wherever there is a point with these upper variables *)
Definition value_function (v : vec -> R) := forall z, (exists x, X x /\ same nu x z) ->
  infimum (fun a => exists x, X x /\ same nu x z /\ a = G x) (v z).

Theorem value_at_solution v z s : value_function v -> lower_solution nu X G z s -> v z = G s.
Proof. intros Hv [Hs [Es Hm]]. apply (infimum_unique (fun a => exists x, X x /\ same nu x z /\ a = G x)).
  - apply Hv. exists s. auto.
  - split. { intros a [x [Hx [Ex ->]]]. auto. } intros l Hl. apply Hl. exists s. auto. Qed.

Theorem value_function_exists : lower_closed nu nl X -> exists v, value_function v.
Proof. intros Hc.
  assert (H : forall z, bound (fun r => (exists s, lower_solution nu X G z s /\ r = G s) \/ (r = 0 /\ ~ exists x, X x /\ same nu x z)) /\
    exists r, (exists s, lower_solution nu X G z s /\ r = G s) \/ (r = 0 /\ ~ exists x, X x /\ same nu x z)).
  { intros z. destruct (classic (exists x, X x /\ same nu x z)) as [I|N].
    - destruct (lower_solution_exists Hc z I) as [s Hs]. split.
      + exists (G s). intros r [[s' [Hs' ->]]|[_ C]]; [|contradiction]. apply Hs'; apply Hs.
      + exists (G s). left. exists s. auto.
    - split.
      + exists 0. intros r [[s' [Hs' _]]|[-> _]]; [|lra]. exfalso. apply N. exists s'. split; apply Hs'.
      + exists 0. right. auto. }
  exists (fun z => proj1_sig (completeness _ (proj1 (H z)) (proj2 (H z)))). intros z I.
  destruct (completeness _ (proj1 (H z)) (proj2 (H z))) as [r [U V]]. simpl.
  destruct (lower_solution_exists Hc z I) as [s Hs].
  assert (E : r = G s).
  { apply Rle_antisym.
    - apply V. intros r' [[s' [Hs' ->]]|[_ C]]; [|contradiction]. apply Hs'; apply Hs.
    - apply U. left. exists s. auto. }
  rewrite E. destruct Hs as [Hs [Es Hm]]. split.
  - intros a [x [Hx [Ex ->]]]. auto.
  - intros l Hl. apply Hl. exists s. auto. Qed.
End StronglyConvex.
