(** A zero of the field in a box, found by interval Newton, that gradient play leaves: existence and uniqueness by a contraction in a weighted
    maximum norm, instability by a quadratic form that grows along every step of the box (Chetaev). *)
Require Import Reals Lra Lia List ZArith Bool Classical.
From EpsDelta Require Import Sums Field Monotone Step Banach Intervals Family Instability NoMetric.
Open Scope R_scope.

(** |x_i - c_i| <= r_i in every coordinate *)
Definition cube n (c r : vec) : region := fun x => forall i, (i < n)%nat -> Rabs (x i - c i) <= r i.
(** (I - Y A)_ij *)
Definition defect n (Y A : nat -> nat -> R) i j : R := (if Nat.eqb i j then 1 else 0) - sum n (fun k => Y i k * A k j).

Lemma abs_mv_le n A v (w : vec) E i : (forall j, (j < n)%nat -> Rabs (v j) <= w j * E) ->
  Rabs (mv n A v i) <= sum n (fun j => Rabs (A i j) * w j) * E.
Proof. intros H. unfold mv. rewrite <- sum_scal_r.
  assert (G : forall f, Rabs (sum n f) <= sum n (fun j => Rabs (f j))).
  { clear. induction n; intros f; simpl; [rewrite Rabs_R0; lra|]. eapply Rle_trans; [apply Rabs_triang|]. specialize (IHn f). lra. }
  eapply Rle_trans; [apply G|]. apply sum_le; intros j Hj. rewrite Rabs_mult, Rmult_assoc. apply Rmult_le_compat_l; [apply Rabs_pos|auto]. Qed.
Lemma sum_term_le n f i : (i < n)%nat -> (forall k, (k < n)%nat -> 0 <= f k) -> f i <= sum n f.
Proof. induction n; intros Hi Hf; [lia|]. simpl. assert (H0 : 0 <= f n) by (apply Hf; lia).
  assert (Hs : 0 <= sum n f) by (apply sum_nonneg; intros; apply Hf; lia).
  destruct (Nat.eq_dec i n) as [->|Ne]; [lra|]. assert (f i <= sum n f) by (apply IHn; [lia|intros; apply Hf; lia]). lra. Qed.
(** the largest of finitely many quotients below 1 is below 1 *)
Lemma common_ratio n (p w : vec) : (forall i, (i < n)%nat -> 0 <= p i < w i) ->
  exists q, 0 <= q < 1 /\ forall i, (i < n)%nat -> p i <= q * w i.
Proof. induction n; intros H; [exists 0; split; [lra|intros; lia]|]. destruct IHn as [q [Hq Hl]]; [intros; apply H; lia|].
  destruct (H n ltac:(lia)) as [H1 H2]. assert (Hw : 0 < w n) by lra.
  exists (Rmax q (p n / w n)). assert (B : p n / w n < 1) by (apply Rmult_lt_reg_r with (w n); auto; unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra).
  split; [split; [eapply Rle_trans; [|apply Rmax_l]; lra|apply Rmax_lub_lt; lra]|].
  intros i Hi. destruct (Nat.eq_dec i n) as [->|N].
  - apply Rle_trans with (p n / w n * w n); [right; field; lra|]. apply Rmult_le_compat_r; [lra|apply Rmax_r].
  - eapply Rle_trans; [apply Hl; lia|]. apply Rmult_le_compat_r; [|apply Rmax_l]. specialize (H i ltac:(lia)). lra. Qed.

(** ** A map that shrinks weighted maximum distances *)
Section MaximumNorm.
Variables (n : nat) (c r : vec) (q : R) (T : vec -> vec).
Hypotheses (Hr : forall i, (i < n)%nat -> 0 < r i) (Hq : 0 <= q < 1) (Hin : forall x, cube n c r x -> cube n c r (T x)).
Hypothesis HT : forall x y E, cube n c r x -> cube n c r y -> (forall i, (i < n)%nat -> Rabs (x i - y i) <= r i * E) ->
  forall i, (i < n)%nat -> Rabs (T x i - T y i) <= r i * (q * E).

Lemma cube_orbit x k : cube n c r x -> cube n c r (orbit T x k).
Proof. intros Hx. induction k; simpl; auto. Qed.
Lemma cube_distance x y i : cube n c r x -> cube n c r y -> (i < n)%nat -> Rabs (x i - y i) <= r i * 2.
Proof. intros Hx Hy Hi. specialize (Hx i Hi). specialize (Hy i Hi). replace (x i - y i) with ((x i - c i) + - (y i - c i)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. Qed.
Lemma orbit_increments x k i : cube n c r x -> (i < n)%nat -> Rabs (orbit T x (S k) i - orbit T x k i) <= r i * (q ^ k * 2).
Proof. intros Hx. revert i. induction k; intros i Hi.
  - simpl. rewrite Rmult_1_l. apply cube_distance; auto.
  - replace (q ^ S k * 2) with (q * (q ^ k * 2)) by (simpl; ring). apply (HT (orbit T x (S k)) (orbit T x k)); auto; apply cube_orbit; auto. Qed.

Lemma max_fixed_unique x y : cube n c r x -> cube n c r y -> same n (T x) x -> same n (T y) y -> same n x y.
Proof. intros Hx Hy Fx Fy.
  assert (B : forall k i, (i < n)%nat -> Rabs (x i - y i) <= r i * (q ^ k * 2)).
  { induction k; intros i Hi; [simpl; rewrite Rmult_1_l; apply cube_distance; auto|].
    rewrite <- (Fx i Hi), <- (Fy i Hi). replace (q ^ S k * 2) with (q * (q ^ k * 2)) by (simpl; ring). apply HT; auto. }
  intros i Hi. pose proof (Hr i Hi) as Hri. apply Rminus_diag_uniq. destruct (Req_dec (x i - y i) 0) as [Z|N]; auto. exfalso.
  apply Rabs_pos_lt in N. destruct (pow_lt_1_zero q) with (y := Rabs (x i - y i) / (r i * 2)) as [k Hk].
  { rewrite Rabs_right; lra. } { apply Rdiv_lt_0_compat; lra. }
  specialize (Hk k (Nat.le_refl k)). rewrite Rabs_right in Hk by (apply Rle_ge, pow_le; lra). specialize (B k i Hi).
  apply (Rmult_lt_compat_l (r i * 2)) in Hk; [|lra]. replace (r i * 2 * (Rabs (x i - y i) / (r i * 2))) with (Rabs (x i - y i)) in Hk by (field; lra). lra. Qed.

(** Banach's theorem in a weighted maximum norm: exactly one fixed point in the cube. *)
Theorem max_banach : exists z, cube n c r z /\ same n (T z) z.
Proof. assert (Cc : cube n c r c) by (intros i Hi; rewrite Rminus_diag_eq, Rabs_R0; auto; apply Rlt_le; auto).
  assert (L : forall m, (m <= n)%nat -> exists l : vec, forall i, (i < m)%nat -> Un_cv (fun k => orbit T c k i) (l i)).
  { induction m; intros Hm; [exists zeros; intros; lia|]. destruct IHm as [l Hl]; [lia|].
    destruct (R_complete (fun k => orbit T c k m)) as [a Ha].
    { apply (geometric_cauchy _ (r m * 2) q Hq). intros k. replace (r m * 2 * q ^ k) with (r m * (q ^ k * 2)) by ring. apply orbit_increments; auto. }
    exists (fun i => if Nat.eqb i m then a else l i). intros i Hi. destruct (Nat.eqb_spec i m) as [->|N]; auto. apply Hl. lia. }
  destruct (L n (Nat.le_refl n)) as [z Hz]. exists z.
  assert (Kz : cube n c r z).
  { intros i Hi. apply (Rle_cv_lim (Un := fun k => Rabs (orbit T c k i - c i)) (Vn := fun _ => r i)); [|apply cv_cvabs, cv_minus_const; auto|apply cv_const].
    intros k. apply (cube_orbit c k Cc); auto. }
  split; auto. intros i Hi. apply Rminus_diag_uniq. destruct (Req_dec (T z i - z i) 0) as [Z|N]; auto. exfalso. apply Rabs_pos_lt in N.
  pose proof (Hr i Hi) as Hri. destruct (smallest_positive n r Hr) as [rm [Hrm Hle]].
  set (e := Rabs (T z i - z i)) in *. set (E := e / (4 * r i)). assert (HE : 0 < E) by (apply Rdiv_lt_0_compat; lra).
  assert (Near : forall m, (m <= n)%nat -> exists k, forall j, (j < m)%nat -> forall l, (k <= l)%nat -> Rabs (orbit T c l j - z j) <= r j * E).
  { induction m; intros Hm; [exists O; intros; lia|]. destruct IHm as [k Hk]; [lia|].
    destruct (Hz m Hm (r m * E)) as [k' Hk']; [apply Rmult_lt_0_compat; auto|]. exists (max k k'). intros j Hj l Hl.
    destruct (Nat.eq_dec j m) as [->|Ne]; [left; apply (Hk' l); lia|apply Hk; lia]. }
  destruct (Near n (Nat.le_refl n)) as [k Hk].
  assert (A1 : Rabs (orbit T c (S k) i - z i) <= r i * E) by (apply Hk; auto).
  assert (A2 : Rabs (orbit T c (S k) i - T z i) <= r i * (q * E)) by (apply (HT (orbit T c k) z); auto; apply cube_orbit; auto).
  assert (A3 : e <= Rabs (orbit T c (S k) i - T z i) + Rabs (orbit T c (S k) i - z i)).
  { unfold e. replace (T z i - z i) with (- (orbit T c (S k) i - T z i) + (orbit T c (S k) i - z i)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
  assert (A4 : r i * (q * E) <= r i * E).
  { apply Rmult_le_compat_l; [lra|]. rewrite <- (Rmult_1_l E) at 2. apply Rmult_le_compat_r; lra. }
  assert (A5 : r i * E = e / 4) by (unfold E; field; lra). lra. Qed.
End MaximumNorm.

(** ** Interval Newton *)
Section Newton.
Variables (n : nat) (c r : vec) (F : vec -> vec) (J : vec -> nat -> nat -> R) (H : hull) (Y Y' : nat -> nat -> R).
Notation K := (cube n c r).
Hypotheses (Hr : forall i, (i < n)%nat -> 0 < r i) (HF : extensional n F) (HJ : jacobian_on n K F J) (Hh : forall z, K z -> in_hull n H (J z)).
(** |Y F(c)| + |I - Y A| r < r for all A of the hull, with a bound for each row *)
Variables (moved spread : vec).
Hypothesis Hmoved : forall i, (i < n)%nat -> Rabs (mv n Y (F c) i) <= moved i.
Hypothesis Hspread : forall A, in_hull n H A -> forall i, (i < n)%nat -> sum n (fun j => Rabs (defect n Y A i j) * r j) <= spread i.
Hypothesis Hnewton : forall i, (i < n)%nat -> moved i + spread i < r i.
(** Y is invertible, shown by any Y' near its inverse *)
Hypothesis Hinverse : forall i, (i < n)%nat -> sum n (fun j => Rabs (defect n Y' Y i j)) < 1.

Lemma cube_convex : convex K.
Proof. intros x y t Hx Hy Ht i Hi. specialize (Hx i Hi). specialize (Hy i Hi). unfold between.
  replace (y i + t * (x i - y i) - c i) with ((1 - t) * (y i - c i) + t * (x i - c i)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_right t), (Rabs_right (1 - t)) by lra.
  pose proof (Rmult_le_compat_l t _ _ (proj1 Ht) Hx). pose proof (Rmult_le_compat_l (1 - t) _ _ ltac:(lra) Hy). lra. Qed.
Definition newton (x : vec) : vec := fun i => x i - mv n Y (F x) i.

Lemma mv_defect M A v i : (i < n)%nat -> mv n (defect n M A) v i = v i - mv n M (mv n A v) i.
Proof. intros Hi. rewrite <- mv_product. unfold mv, defect.
  rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * v j - sum n (fun k => M i k * A k j) * v j)).
  - rewrite sum_minus, sum_delta by auto. reflexivity.
  - intros j Hj. rewrite (Nat.eqb_sym i j). ring. Qed.
Lemma newton_difference x y : K x -> K y -> exists A, in_hull n H A /\
  forall i, (i < n)%nat -> newton x i - newton y i = mv n (defect n Y A) (minus x y) i.
Proof. intros Hx Hy. destruct (mean_value_rows n K F J cube_convex HF HJ H Hh x y Hx Hy) as [A [HA E]]. exists A. split; auto.
  intros i Hi. rewrite mv_defect by auto. rewrite <- (mv_same n Y (minus (F x) (F y))) by exact E.
  unfold newton, minus. replace (mv n Y (fun k => F x k - F y k) i) with (mv n Y (F x) i - mv n Y (F y) i); [ring|].
  unfold mv. rewrite <- sum_minus. apply sum_ext; intros; ring. Qed.
Lemma spread_bound : exists q, 0 <= q < 1 /\ forall A, in_hull n H A -> forall i, (i < n)%nat -> sum n (fun j => Rabs (defect n Y A i j) * r j) <= q * r i.
Proof. destruct (classic (exists A, in_hull n H A)) as [[A0 H0]|N].
  2:{ exists 0. split; [lra|]. intros A HA. exfalso. apply N. exists A; auto. }
  destruct (common_ratio n spread r) as [q [Hq Hl]].
  { intros i Hi. split.
    - eapply Rle_trans; [|apply (Hspread A0 H0 i Hi)]. apply sum_nonneg; intros j Hj. apply Rmult_le_pos; [apply Rabs_pos|left; auto].
    - pose proof (Hnewton i Hi). pose proof (Hmoved i Hi). pose proof (Rabs_pos (mv n Y (F c) i)). lra. }
  exists q. split; auto. intros A HA i Hi. eapply Rle_trans; [apply Hspread; auto|auto]. Qed.
Lemma center_in : K c.
Proof. intros i Hi. rewrite Rminus_diag_eq, Rabs_R0; auto. left; auto. Qed.
(** the Newton map takes the cube into its interior *)
Lemma newton_inside x : K x -> forall i, (i < n)%nat -> Rabs (newton x i - c i) < r i.
Proof. intros Hx i Hi. destruct (newton_difference x c Hx center_in) as [A [HA E]].
  replace (newton x i - c i) with ((newton x i - newton c i) + - mv n Y (F c) i) by (unfold newton; ring).
  eapply Rle_lt_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp, E by auto.
  pose proof (abs_mv_le n (defect n Y A) (minus x c) r 1 i) as B. rewrite Rmult_1_r in B.
  specialize (B ltac:(intros j Hj; rewrite Rmult_1_r; apply (Hx j Hj))). pose proof (Hspread A HA i Hi). pose proof (Hmoved i Hi). pose proof (Hnewton i Hi).
    lra. Qed.
Lemma kernel_trivial u : (forall i, (i < n)%nat -> mv n Y u i = 0) -> forall i, (i < n)%nat -> u i = 0.
Proof. intros Hu. destruct (common_ratio n (fun i => sum n (fun j => Rabs (defect n Y' Y i j))) (fun _ => 1)) as [q [Hq Hl]].
  { intros i Hi. split; [apply sum_nonneg; intros; apply Rabs_pos|auto]. }
  set (E := sum n (fun j => Rabs (u j))).
  assert (HE : 0 <= E) by (apply sum_nonneg; intros; apply Rabs_pos).
  assert (B : forall k i, (i < n)%nat -> Rabs (u i) <= 1 * (q ^ k * E)).
  { induction k; intros i Hi.
    - simpl. rewrite !Rmult_1_l. apply (sum_term_le n (fun j => Rabs (u j))); auto. intros; apply Rabs_pos.
    - assert (Eu : u i = mv n (defect n Y' Y) u i).
      { rewrite mv_defect by auto. rewrite (mv_same n Y' (mv n Y u) zeros) by (intros l L; apply Hu; auto).
        unfold mv, zeros. rewrite (sum_ext n _ (fun _ => 0)) by (intros; ring). rewrite sum_zero. ring. }
      rewrite Eu. eapply Rle_trans; [apply (abs_mv_le n _ u (fun _ => 1) (q ^ k * E)); exact IHk|].
      rewrite sum_scal_r. specialize (Hl i Hi). cbv beta in Hl. simpl.
      apply Rle_trans with (q * (q ^ k * E)); [|right; ring]. rewrite !Rmult_1_r in *. apply Rmult_le_compat_r; auto.
      apply Rmult_le_pos; auto. apply pow_le; lra. }
  intros i Hi. destruct (Req_dec (u i) 0) as [Z|N]; auto. exfalso. apply Rabs_pos_lt in N.
  destruct (pow_lt_1_zero q) with (y := Rabs (u i) / (E + 1)) as [k Hk].
  { rewrite Rabs_right; lra. } { apply Rdiv_lt_0_compat; lra. }
  specialize (Hk k (Nat.le_refl k)). rewrite Rabs_right in Hk by (apply Rle_ge, pow_le; lra). specialize (B k i Hi).
  apply (Rmult_lt_compat_l (E + 1)) in Hk; [|lra]. replace ((E + 1) * (Rabs (u i) / (E + 1))) with (Rabs (u i)) in Hk by (field; lra).
  pose proof (pow_le q k (proj1 Hq)). lra. Qed.

(** Interval Newton: the field has exactly one zero in the cube, and it lies in the cube's interior. *)
Theorem newton_zero : exists x, (forall i, (i < n)%nat -> Rabs (x i - c i) < r i) /\ zero n F x /\ forall y, K y -> zero n F y -> same n y x.
Proof. destruct spread_bound as [q [Hq Hs]].
  assert (HT : forall x y E, K x -> K y -> (forall i, (i < n)%nat -> Rabs (x i - y i) <= r i * E) ->
    forall i, (i < n)%nat -> Rabs (newton x i - newton y i) <= r i * (q * E)).
  { intros x y E Hx Hy B i Hi. destruct (newton_difference x y Hx Hy) as [A [HA D]]. rewrite D by auto.
    eapply Rle_trans; [apply (abs_mv_le n _ (minus x y) r E); exact B|].
    assert (HE : 0 <= E).
    { pose proof (Hr i Hi) as Hri. pose proof (B i Hi) as Bi. pose proof (Rabs_pos (x i - y i)). apply Rmult_le_reg_l with (r i); lra. }
    apply Rle_trans with (q * r i * E); [apply Rmult_le_compat_r; auto|right; ring]. }
  assert (Hin : forall x, K x -> K (newton x)) by (intros x Hx i Hi; left; apply newton_inside; auto).
  assert (Fix : forall y, zero n F y -> same n (newton y) y).
  { intros y Zy i Hi. unfold newton. rewrite (mv_same n Y (F y) zeros) by exact Zy.
    unfold mv, zeros. rewrite (sum_ext n _ (fun _ => 0)) by (intros; ring). rewrite sum_zero. ring. }
  destruct (max_banach n c r q newton Hr Hq Hin HT) as [x [Hx Fx]]. exists x. split; [|split].
  - intros i Hi. rewrite <- (Fx i Hi). apply newton_inside; auto.
  - intros k Hk. apply (kernel_trivial (F x)); auto. intros i Hi. specialize (Fx i Hi). unfold newton in Fx. lra.
  - intros y Hy Zy. apply (max_fixed_unique n c r q newton Hr Hq HT y x Hy Hx (Fix y Zy) Fx). Qed.
End Newton.

(** ** Instability *)
Section Chetaev.
Variables (n : nat) (c r : vec) (F : vec -> vec) (J : vec -> nat -> nat -> R) (H : hull) (hs : vec) (Q : nat -> nat -> R) (delta : R) (x z : vec).
Notation K := (cube n c r).
Hypotheses (HF : extensional n F) (HJ : jacobian_on n K F J) (Hh : forall y, K y -> in_hull n H (J y)).
Hypotheses (Hx : forall i, (i < n)%nat -> Rabs (x i - c i) < r i) (Zx : zero n F x).
(** (I - HA)'Q(I - HA) - Q >= delta I for every A of the hull, and z'Qz >= 0 with z not 0 *)
Hypotheses (Hd : 0 < delta) (Hgrow : forall A, in_hull n H A -> forall v,
  delta * dot n v v <= form n Q (stepped n hs A v) (stepped n hs A v) - form n Q v v).
Hypotheses (Hz : 0 < dot n z z) (Hq : 0 <= form n Q z z).

Lemma zero_in : K x.
Proof. intros i Hi. left; auto. Qed.
(** as long as a step stays in the cube, the form of the distance from the zero grows *)
Lemma form_increases y y' : K y -> same n y' (step hs F y) ->
  form n Q (minus y x) (minus y x) + delta * dot n (minus y x) (minus y x) <= form n Q (minus y' x) (minus y' x).
Proof. intros Hy E. destruct (mean_value_rows n K F J (cube_convex n c r) HF HJ H Hh y x Hy zero_in) as [A [HA EA]].
  rewrite (form_same n Q (minus y' x) (stepped n hs A (minus y x))).
  - specialize (Hgrow A HA (minus y x)). lra.
  - intros i Hi. unfold stepped. rewrite <- (EA i Hi). unfold minus. rewrite (E i Hi), (Zx i Hi). unfold step. ring. Qed.

(** Starts as close as you like to the zero leave the cube. T is any map that does what a gradient step does when it maps a point of the cube
    into the cube, such as the step itself or the step followed by a projection that fixes the cube and maps nothing else into it. *)
Theorem leaves_cube (T : vec -> vec) : (forall y, K y -> K (T y) -> same n (T y) (step hs F y)) ->
  forall eps, 0 < eps -> exists y, (forall i, (i < n)%nat -> Rabs (y i - x i) < eps) /\ K y /\ exists k, ~ K (orbit T y k).
Proof. intros HT eps He.
  assert (Hv : exists v, 0 < form n Q v v).
  { exists (stepped n hs (J x) z). pose proof (Hgrow (J x) (Hh x zero_in) z). pose proof (Rmult_lt_0_compat _ _ Hd Hz). lra. }
  destruct Hv as [v Hv]. destruct (smallest_positive n (fun i => r i - Rabs (x i - c i))) as [g [Hg Hgl]].
  { intros i Hi. specialize (Hx i Hi). lra. }
  set (s := sum n (fun i => Rabs (v i))). assert (Hs : 0 <= s) by (apply sum_nonneg; intros; apply Rabs_pos).
  set (t := Rmin eps g / (1 + s)). assert (Hm : 0 < Rmin eps g) by (apply Rmin_pos; auto).
  assert (Ht : 0 < t) by (apply Rdiv_lt_0_compat; lra).
  assert (Small : forall i, (i < n)%nat -> t * Rabs (v i) < Rmin eps g).
  { intros i Hi. assert (B : Rabs (v i) <= s) by (apply (sum_term_le n (fun j => Rabs (v j))); auto; intros; apply Rabs_pos).
    apply Rle_lt_trans with (t * s); [apply Rmult_le_compat_l; lra|]. apply Rlt_le_trans with (t * (1 + s)); [apply Rmult_lt_compat_l; lra|].
    right. unfold t. field. lra. }
  pose proof (Rmin_l eps g) as Ml. pose proof (Rmin_r eps g) as Mr.
  set (y := fun i => x i + t * v i).
  assert (Dy : forall i, (i < n)%nat -> Rabs (y i - x i) < Rmin eps g).
  { intros i Hi. unfold y. replace (x i + t * v i - x i) with (t * v i) by ring. rewrite Rabs_mult, (Rabs_right t) by lra. apply Small; auto. }
  assert (Ky : K y).
  { intros i Hi. replace (y i - c i) with ((y i - x i) + (x i - c i)) by ring. eapply Rle_trans; [apply Rabs_triang|].
    specialize (Dy i Hi). specialize (Hgl i Hi). cbv beta in Hgl. lra. }
  exists y. split; [intros i Hi; specialize (Dy i Hi); lra|]. split; auto. apply not_all_ex_not. intros Stay.
  set (d := fun k => minus (orbit T y k) x). set (V := fun k => form n Q (d k) (d k)).
  assert (V0 : 0 < V O).
  { unfold V. rewrite (form_same n Q (d O) (fun i => t * v i)) by (intros i _; unfold d, minus, y; simpl; ring).
    rewrite form_scal_l, form_scal_r. apply Rmult_lt_0_compat; auto. apply Rmult_lt_0_compat; auto. }
  assert (Step : forall k, V k + delta * dot n (d k) (d k) <= V (S k)).
  { intros k. apply form_increases; [apply Stay|]. apply HT; [apply Stay|]. apply (Stay (S k)). }
  destruct (form_bound n Q) as [C [HC BC]].
  assert (Low : forall k, V O <= V k).
  { induction k; [lra|]. specialize (Step k). pose proof (Rmult_le_pos delta _ (Rlt_le _ _ Hd) (dot_pos n (d k))). lra. }
  assert (Far : forall k, V O / C <= dot n (d k) (d k)).
  { intros k. destruct (BC (d k)) as [_ U]. specialize (Low k). apply Rmult_le_reg_l with C; auto.
    replace (C * (V O / C)) with (V O) by (field; lra). unfold V in *. lra. }
  assert (Linear : forall k, INR k * (delta * (V O / C)) <= V k).
  { induction k; [simpl; lra|]. rewrite S_INR. specialize (Step k). specialize (Far k). apply (Rmult_le_compat_l delta) in Far; lra. }
  assert (Bounded : forall k, V k <= C * sum n (fun i => (2 * r i) * (2 * r i))).
  { intros k. destruct (BC (d k)) as [_ U]. eapply Rle_trans; [exact U|]. apply Rmult_le_compat_l; [lra|]. apply sum_le; intros i Hi.
    assert (B : Rabs (d k i) <= 2 * r i).
    { unfold d, minus. replace (orbit T y k i - x i) with ((orbit T y k i - c i) + - (x i - c i)) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. pose proof (Stay k i Hi). pose proof (Hx i Hi). lra. }
    rewrite <- (Rabs_right (d k i * d k i)) by (apply Rle_ge, Rle_0_sqr). rewrite Rabs_mult. apply Rmult_le_compat; auto; apply Rabs_pos. }
  destruct (outgrows (delta * (V O / C)) (C * sum n (fun i => (2 * r i) * (2 * r i)))) as [k Hk].
  { apply Rmult_lt_0_compat; auto. apply Rdiv_lt_0_compat; auto. }
  specialize (Linear k). specialize (Bounded k). lra. Qed.
End Chetaev.
