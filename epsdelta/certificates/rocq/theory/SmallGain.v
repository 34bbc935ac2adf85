(** Small-gain theorem for games: gain vectors of K = diag(mu) - L make the field strongly monotone and Lipschitz in a weighted norm, so that
    Euler steps contract; bands of admissible weight ratios; and a check of these data in integers. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Spaces Field Integers Definite Monotone Blocks.
Import ListNotations.
Open Scope R_scope.

(** ** The gain matrix and its weighted form *)
Definition gain (mu : vec) (L : nat -> nat -> R) i j : R := if Nat.eqb i j then mu i else - L i j.
(** C(w, 0) = W K + K' W *)
Definition weighted_gain (mu : vec) (L : nat -> nat -> R) (w : vec) i j : R := w i * gain mu L i j + w j * gain mu L j i.
(** K v >= a v, and K' u >= a u *)
Definition gains N K a (v : vec) := forall i, (i < N)%nat -> a * v i <= sum N (fun j => K i j * v j).
Definition transpose (K : nat -> nat -> R) : nat -> nat -> R := fun i j => K j i.
Definition positive_upto N (v : vec) := forall i, (i < N)%nat -> 0 < v i.
Definition off_diagonal_nonneg N (L : nat -> nat -> R) := forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> 0 <= L i j.
Definition gain_quadratic N K (w e : vec) := sum N (fun i => w i * (e i * sum N (fun j => K i j * e j))).

(** Perron without eigenvalues: off-diagonal entries <= 0, K v >= a v and K' u >= a u with u = w v give a sum w e^2 <= sum w e K e.
    With e = v x and x_i x_j <= (x_i^2 + x_j^2)/2 the right side is at least (1/2) sum u_i x_i^2 (K v)_i + (1/2) sum v_j x_j^2 (K' u)_j. *)
Lemma perron_bound N K (w v : vec) a : (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> K i j <= 0) ->
  positive_upto N w -> positive_upto N v -> gains N K a v -> gains N (transpose K) a (fun i => w i * v i) ->
  forall e, a * sum N (fun i => w i * (e i * e i)) <= gain_quadratic N K w e.
Proof. intros HK Hw Hv Hr Hl e. set (x := fun i => e i / v i).
  assert (Ee : forall i, (i < N)%nat -> e i = v i * x i) by (intros i Hi; unfold x; field; specialize (Hv i Hi); lra).
  assert (T : forall i j, (i < N)%nat -> (j < N)%nat ->
     / 2 * (w i * v i * (x i * x i) * (K i j * v j)) + / 2 * (v j * (x j * x j) * (K i j * (w i * v i))) <= w i * (e i * (K i j * e j))).
  { intros i j Hi Hj. rewrite (Ee i Hi), (Ee j Hj). destruct (Nat.eq_dec i j) as [->|Ne]; [right; field|].
    pose proof (HK i j Hi Hj Ne) as Hk. pose proof (Hw i Hi). pose proof (Hv i Hi). pose proof (Hv j Hj).
    assert (P : 0 <= (w i * v i * v j * - K i j) * (x i - x j)^2).
    { apply Rmult_le_pos; [|apply pow2_ge_0]. apply Rmult_le_pos; [|lra]. apply Rlt_le. repeat apply Rmult_lt_0_compat; auto. }
    lra. }
  assert (S1 : a * sum N (fun i => w i * v i * v i * (x i * x i)) <=
     sum N (fun i => sum N (fun j => w i * v i * (x i * x i) * (K i j * v j)))).
  { rewrite <- sum_scal. apply sum_le; intros i Hi. rewrite sum_scal. specialize (Hr i Hi). pose proof (Hw i Hi). pose proof (Hv i Hi).
    replace (a * (w i * v i * v i * (x i * x i))) with (w i * v i * (x i * x i) * (a * v i)) by ring.
    apply Rmult_le_compat_l; auto. apply Rmult_le_pos; [|apply Rle_0_sqr]. apply Rlt_le, Rmult_lt_0_compat; auto. }
  assert (S2 : a * sum N (fun j => w j * v j * v j * (x j * x j)) <=
     sum N (fun i => sum N (fun j => v j * (x j * x j) * (K i j * (w i * v i))))).
  { rewrite sum_swap, <- sum_scal. apply sum_le; intros j Hj. rewrite sum_scal. specialize (Hl j Hj). unfold transpose in Hl.
    pose proof (Hv j Hj). replace (a * (w j * v j * v j * (x j * x j))) with (v j * (x j * x j) * (a * (w j * v j))) by ring.
    apply Rmult_le_compat_l; auto. apply Rmult_le_pos; [lra|apply Rle_0_sqr]. }
  assert (Q : / 2 * sum N (fun i => sum N (fun j => w i * v i * (x i * x i) * (K i j * v j)))
     + / 2 * sum N (fun i => sum N (fun j => v j * (x j * x j) * (K i j * (w i * v i)))) <= gain_quadratic N K w e).
  { unfold gain_quadratic. rewrite <- !sum_scal, <- sum_plus. apply sum_le; intros i Hi. rewrite <- !sum_scal, <- sum_plus.
    apply sum_le; intros j Hj. apply T; auto. }
  rewrite (sum_ext N (fun i => w i * (e i * e i)) (fun i => w i * v i * v i * (x i * x i))) by (intros i Hi; rewrite (Ee i Hi); ring).
  lra. Qed.

(** C(w, 0) >= 0 says that the same quadratic form is nonnegative *)
Lemma weighted_gain_quadratic N mu L w e : form N (weighted_gain mu L w) e e = 2 * gain_quadratic N (gain mu L) w e.
Proof. unfold weighted_gain. rewrite (form_plus N (fun i j => w i * gain mu L i j) (fun i j => w j * gain mu L j i)), !form_sum.
  rewrite (sum_swap N N (fun i j => w j * gain mu L j i * (e i * e j))). unfold gain_quadratic.
  replace 2 with (1 + 1) by ring. rewrite Rmult_plus_distr_r, !Rmult_1_l.
  f_equal; apply sum_ext; intros i Hi; rewrite <- !sum_scal; apply sum_ext; intros j Hj; ring. Qed.

(** B = diag(l) + L, and what B' W B <= beta^2 W asks to be definite *)
Definition norm_bounds (l : vec) (L : nat -> nat -> R) i j : R := if Nat.eqb i j then l i else L i j.
(** beta^2 W - B' W B *)
Definition lipschitz_slack N l L (w : vec) beta i j : R := (if Nat.eqb i j then beta^2 * w i else 0) - sum N (fun k => w k * norm_bounds l L k i *
  norm_bounds l L k j).
Lemma lipschitz_slack_form N l L w beta e : form N (lipschitz_slack N l L w beta) e e =
  beta^2 * sum N (fun i => w i * (e i * e i)) - sum N (fun k => w k * (sum N (fun j => norm_bounds l L k j * e j))^2).
Proof. unfold lipschitz_slack. rewrite form_minus. f_equal.
  - rewrite form_sum, <- sum_scal. apply sum_ext; intros i Hi.
    rewrite (sum_ext N _ (fun j => (if Nat.eqb j i then 1 else 0) * (beta^2 * (w i * (e i * e j))))).
    + rewrite sum_delta; auto.
    + intros j Hj. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring.
  - rewrite form_sum. transitivity (sum N (fun i => sum N (fun k => w k * (norm_bounds l L k i * e i) * sum N (fun j => norm_bounds l L k j * e j)))).
    + apply sum_ext; intros i Hi.
      transitivity (sum N (fun j => sum N (fun k => w k * (norm_bounds l L k i * e i) * (norm_bounds l L k j * e j)))).
      * apply sum_ext; intros j Hj. rewrite <- sum_scal_r. apply sum_ext; intros; ring.
      * rewrite sum_swap. apply sum_ext; intros k Hk. rewrite sum_scal. reflexivity.
    + rewrite sum_swap. apply sum_ext; intros k Hk. rewrite sum_scal_r, sum_scal. ring. Qed.


(** ** From block bounds to the field *)
Section Game.
Variables (ds : list nat) (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R).
Variables (mu l : vec) (L : nat -> nat -> R) (w : vec).
Notation N := (player_count ds).
Notation n := (coordinates ds).
Hypothesis HL : off_diagonal_nonneg N L.
Hypothesis Hw : positive_upto N w.
Hypothesis Hcurved : curvature_holds ds X J mu.
Hypothesis Hcoupled : coupling_holds ds X J L.

Lemma weighted_pairing A u d : sum n (fun k => w (owner ds k) * u k * mv n A d k) =
  sum N (fun i => w i * sum N (fun j => dot (block_size ds i) (block_part ds i u) (mv (block_size ds j) (sub_block ds i j A) (block_part ds j d)))).
Proof. rewrite block_sums. apply sum_ext; intros i Hi.
  transitivity (w i * sum (block_size ds i) (fun r => block_part ds i u r * sum N (fun j => mv (block_size ds j) (sub_block ds i j A) (block_part ds j d) r))).
  - rewrite <- sum_scal. apply sum_ext; intros r Hr. rewrite mv_blocks, owner_start by auto. unfold block_part. ring.
  - f_equal. unfold dot. rewrite sum_swap. apply sum_ext; intros r Hr. rewrite sum_scal. reflexivity. Qed.

(** at every point <d, J d>_W >= sum_ij w_i K_ij |d_i||d_j|, by block Cauchy-Schwarz *)
Lemma pointwise_quadratic z d : X z ->
  gain_quadratic N (gain mu L) w (fun i => block_norm ds i d) <= sum n (fun k => w (owner ds k) * d k * mv n (J z) d k).
Proof. intros Hz. rewrite weighted_pairing. unfold gain_quadratic. apply sum_le; intros i Hi.
  apply Rmult_le_compat_l; [apply Rlt_le; auto|]. rewrite <- sum_scal. apply sum_le; intros j Hj. unfold gain.
  destruct (Nat.eqb_spec i j) as [<-|Ne].
  - pose proof (Hcurved z Hz i Hi (block_part ds i d)) as H. change (dot (block_size ds i) (block_part ds i d) (block_part ds i d)) with (block_dot ds i d d)
    in H.
    rewrite <- len_sq in H. unfold form in H.
    change (fun r c => J z (block_start ds i + r)%nat (block_start ds i + c)%nat) with (sub_block ds i i (J z)) in H. lra.
  - pose proof (bounded_pairing _ _ _ _ (block_part ds i d) (block_part ds j d) (HL i j Hi Hj Ne) (Hcoupled z Hz i j Hi Hj Ne (block_part ds j d))) as H.
    change (sqrt (dot (block_size ds i) (block_part ds i d) (block_part ds i d))) with (block_norm ds i d) in H.
    change (sqrt (dot (block_size ds j) (block_part ds j d) (block_part ds j d))) with (block_norm ds j d) in H.
    change (fun r c => J z (block_start ds i + r)%nat (block_start ds j + c)%nat) with (sub_block ds i j (J z)) in H. lra. Qed.

Hypotheses (HX : convex X) (HF : extensional n F) (HJ : jacobian_on n X F J).

Lemma monotone_from_quadratic a : (forall e, a * sum N (fun i => w i * (e i * e i)) <= gain_quadratic N (gain mu L) w e) ->
  forall x y, X x -> X y -> a * weighted_sq ds w (minus x y) <= weighted_dot ds w (minus (F x) (F y)) (minus x y).
Proof. intros Ha x y Hx Hy.
  destruct (mean_value n X F J HX HF HJ x y (fun k => w (owner ds k) * minus x y k) Hx Hy) as [z [Hz E]].
  pose proof (pointwise_quadratic z (minus x y) Hz) as H. pose proof (Ha (fun i => block_norm ds i (minus x y))) as H1.
  rewrite weighted_sq_blocks, weighted_dot_coordinates.
  rewrite (sum_ext n (fun k => w (owner ds k) * (minus (F x) (F y) k * minus x y k)) (fun k => w (owner ds k) * minus x y k * (F x k - F y k)))
    by (intros; unfold minus; ring). rewrite E. lra. Qed.

(** Small-Gain Nash: gain vectors v and u = w v of K = diag(mu) - L give strong monotonicity with margin a in the weighted norm. *)
Theorem small_gain_monotone v a : positive_upto N v -> gains N (gain mu L) a v -> gains N (transpose (gain mu L)) a (fun i => w i * v i) ->
  forall x y, X x -> X y -> a * weighted_sq ds w (minus x y) <= weighted_dot ds w (minus (F x) (F y)) (minus x y).
Proof. intros Hv H1 H2. apply monotone_from_quadratic. apply perron_bound with (v := v); auto.
  intros i j Hi Hj Ne. unfold gain. destruct (Nat.eqb_spec i j); [contradiction|]. specialize (HL i j Hi Hj Ne). lra. Qed.

(** C(w, 0) >= 0 makes the field monotone in the weighted norm. *)
Theorem weighted_gain_monotone : psd N (weighted_gain mu L w) ->
  forall x y, X x -> X y -> 0 <= weighted_dot ds w (minus (F x) (F y)) (minus x y).
Proof. intros Hp x y Hx Hy. pose proof (monotone_from_quadratic 0) as H. rewrite <- (Rmult_0_l (weighted_sq ds w (minus x y))).
  apply H; auto. intros e. specialize (Hp e). rewrite weighted_gain_quadratic in Hp. lra. Qed.

(** ** Lipschitz constant in the weighted norm *)
Hypothesis Hown_pos : forall i, (i < N)%nat -> 0 <= l i.
Hypothesis Hown : own_holds ds X J l.

(** |F x - F y|_W <= beta |x - y|_W where B' W B <= beta^2 W. *)
Theorem small_gain_lipschitz beta : psd N (lipschitz_slack N l L w beta) ->
  forall x y, X x -> X y -> weighted_sq ds w (minus (F x) (F y)) <= beta^2 * weighted_sq ds w (minus x y).
Proof. intros Hp x y Hx Hy. set (D := minus (F x) (F y)). set (d := minus x y).
  destruct (mean_value n X F J HX HF HJ x y (fun k => w (owner ds k) * D k) Hx Hy) as [z [Hz E]]. fold d in E.
  rewrite weighted_pairing in E.
  assert (E1 : weighted_sq ds w D = sum n (fun i => w (owner ds i) * D i * (F x i - F y i))).
  { unfold weighted_sq. rewrite weighted_dot_coordinates. apply sum_ext; intros; unfold D, minus; ring. }
  assert (H1 : weighted_sq ds w D <= sum N (fun i => w i * (block_norm ds i D * sum N (fun j => norm_bounds l L i j * block_norm ds j d)))).
  { rewrite E1, E. apply sum_le; intros i Hi. apply Rmult_le_compat_l; [apply Rlt_le; auto|]. rewrite <- sum_scal. apply sum_le; intros j Hj.
    assert (P : 0 <= norm_bounds l L i j) by (unfold norm_bounds; destruct (Nat.eqb_spec i j); auto).
    assert (B : dot (block_size ds i) (mv (block_size ds j) (sub_block ds i j (J z)) (block_part ds j d)) (mv (block_size ds j) (sub_block ds i j (J z))
      (block_part ds j d))
       <= (norm_bounds l L i j)^2 * dot (block_size ds j) (block_part ds j d) (block_part ds j d)).
    { unfold norm_bounds. destruct (Nat.eqb_spec i j) as [<-|Ne]; [apply (Hown z Hz i Hi)|apply (Hcoupled z Hz i j Hi Hj Ne)]. }
    pose proof (bounded_pairing _ _ _ _ (block_part ds i D) (block_part ds j d) P B) as H.
    change (sqrt (dot (block_size ds i) (block_part ds i D) (block_part ds i D))) with (block_norm ds i D) in H.
    change (sqrt (dot (block_size ds j) (block_part ds j d) (block_part ds j d))) with (block_norm ds j d) in H. lra. }
  assert (H2 : weighted_sq ds w D <= sum N (fun k => w k * (sum N (fun j => norm_bounds l L k j * block_norm ds j d))^2)).
  { assert (H : sum N (fun i => w i * (block_norm ds i D * sum N (fun j => norm_bounds l L i j * block_norm ds j d))) <=
       / 2 * weighted_sq ds w D + / 2 * sum N (fun k => w k * (sum N (fun j => norm_bounds l L k j * block_norm ds j d))^2)); [|lra].
    rewrite weighted_sq_blocks, <- !sum_scal, <- sum_plus. apply sum_le; intros i Hi. pose proof (Hw i Hi) as Wi.
    assert (P : 0 <= w i * (block_norm ds i D - sum N (fun j => norm_bounds l L i j * block_norm ds j d))^2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]).
      lra. }
  specialize (Hp (fun i => block_norm ds i d)). rewrite lipschitz_slack_form in Hp. rewrite (weighted_sq_blocks ds w d). lra. Qed.
End Game.

(** ** Euler steps *)
Definition explicit_step (F : vec -> vec) h (x : vec) : vec := fun k => x k - h * F x k.

(** A strongly monotone Lipschitz field: |T x - T y|_W^2 <= (1 - 2 a h + beta^2 h^2) |x - y|_W^2 for T x = x - h F x, less than 1 for 0 < h < 2a/beta^2. *)
Theorem weighted_euler_contracts ds w F a beta h x y : 0 <= h ->
  a * weighted_sq ds w (minus x y) <= weighted_dot ds w (minus (F x) (F y)) (minus x y) ->
  weighted_sq ds w (minus (F x) (F y)) <= beta^2 * weighted_sq ds w (minus x y) ->
  weighted_sq ds w (minus (explicit_step F h x) (explicit_step F h y)) <= (1 - 2*a*h + beta^2*h^2) * weighted_sq ds w (minus x y).
Proof. intros Hh Hm Hl.
  assert (E : weighted_sq ds w (minus (explicit_step F h x) (explicit_step F h y)) = weighted_sq ds w (minus x y)
     - 2 * h * weighted_dot ds w (minus (F x) (F y)) (minus x y) + h^2 * weighted_sq ds w (minus (F x) (F y))).
  { unfold weighted_sq. rewrite !weighted_dot_coordinates, <- !sum_scal, <- sum_minus, <- sum_plus.
    apply sum_ext; intros k Hk. unfold minus, explicit_step. ring. }
  rewrite E. pose proof (Rmult_le_compat_l _ _ _ Hh Hm). pose proof (Rmult_le_compat_l _ _ _ (pow2_ge_0 h) Hl). lra. Qed.
Lemma euler_factor_below_one a beta h : 0 < h -> h * beta^2 < 2 * a -> 1 - 2*a*h + beta^2*h^2 < 1.
Proof. intros Hh H. pose proof (Rmult_lt_compat_l _ _ _ Hh H). lra. Qed.

(** ** Bands: weights with C(w, 0) >= 0 form a convex cone, so the ratios w_i/w_j between those of two of its members are all attained. *)
Theorem band_ratio N mu L i j low high wl wh : (i < N)%nat -> (j < N)%nat -> positive_upto N wl -> positive_upto N wh ->
  wl i = low * wl j -> wh i = high * wh j -> psd N (weighted_gain mu L wl) -> psd N (weighted_gain mu L wh) ->
  forall r, low <= r <= high -> exists w, positive_upto N w /\ w i = r * w j /\ psd N (weighted_gain mu L w).
Proof. intros Hi Hj Pl Ph El Eh Hl Hh r Hr.
  destruct (Req_dec low high) as [Eq|Ne]. { exists wl. repeat split; auto. rewrite El. f_equal. lra. }
  pose proof (Pl j Hj) as Plj. pose proof (Ph j Hj) as Phj.
  set (s := (high - r) * wh j). set (t := (r - low) * wl j).
  assert (Hs : 0 <= s) by (apply Rmult_le_pos; lra). assert (Ht : 0 <= t) by (apply Rmult_le_pos; lra).
  exists (fun k => s * wl k + t * wh k). split; [|split].
  - intros k Hk. specialize (Pl k Hk). specialize (Ph k Hk).
    pose proof (Rmult_le_pos _ _ Hs (Rlt_le _ _ Pl)). pose proof (Rmult_le_pos _ _ Ht (Rlt_le _ _ Ph)).
    destruct (Rle_lt_dec high r) as [C|C].
    + assert (0 < t * wh k) by (apply Rmult_lt_0_compat; auto; apply Rmult_lt_0_compat; lra). lra.
    + assert (0 < s * wl k) by (apply Rmult_lt_0_compat; auto; apply Rmult_lt_0_compat; lra). lra.
  - rewrite El, Eh. unfold s, t. ring.
  - intros e. rewrite weighted_gain_quadratic.
    assert (E : gain_quadratic N (gain mu L) (fun k => s * wl k + t * wh k) e =
      s * gain_quadratic N (gain mu L) wl e + t * gain_quadratic N (gain mu L) wh e).
    { unfold gain_quadratic. rewrite <- !sum_scal, <- sum_plus. apply sum_ext; intros; ring. }
    rewrite E. specialize (Hl e). specialize (Hh e). rewrite weighted_gain_quadratic in Hl, Hh.
    assert (0 <= gain_quadratic N (gain mu L) wl e) by lra. assert (0 <= gain_quadratic N (gain mu L) wh e) by lra.
    pose proof (Rmult_le_pos s _ Hs H). pose proof (Rmult_le_pos t _ Ht H0). lra. Qed.

(** ** The check, in integers over common denominators *)
Definition fraction (r : Z * positive) : R := rat (fst r) (snd r).
Fixpoint integer_sum n (f : nat -> Z) : Z := match n with O => 0 | S m => integer_sum m f + f m end%Z.
Definition every n (f : nat -> bool) : bool := forallb f (seq 0 n).
Definition zvec (v : vector) i : Z := nth i (vec_entries v) 0%Z.
Definition zmat (M : matrix) i j : Z := zent (mat_rows M) i j.
(** K over the denominator of mu times that of L *)
Definition gain_den (mu : vector) (L : matrix) : Z := Zpos (vec_den mu * mat_den L).
Definition zgain (mu : vector) (L : matrix) i j : Z :=
  if Nat.eqb i j then (zvec mu i * Zpos (mat_den L))%Z else (- (zmat L i j * Zpos (vec_den mu)))%Z.
Definition gains_check N (K : nat -> nat -> Z) (D : Z) (a : Z * positive) (x : nat -> Z) : bool :=
  every N (fun i => fst a * D * x i <=? Zpos (snd a) * integer_sum N (fun j => K i j * x j))%Z.
Definition positive_check N (v : vector) : bool := every N (fun i => 0 <? zvec v i)%Z.
Definition off_diagonal_check N (L : matrix) : bool := every N (fun i => every N (fun j => Nat.eqb i j || (0 <=? zmat L i j)%Z)).

Lemma every_spec n f : every n f = true -> forall i, (i < n)%nat -> f i = true.
Proof. apply forallb_seq. Qed.
Lemma integer_sum_val n f : IZR (integer_sum n f) = sum n (fun i => IZR (f i)).
Proof. induction n; auto. simpl. rewrite plus_IZR, IHn. reflexivity. Qed.
Lemma vect_z v i : vect v i = IZR (zvec v i) / IZR (Zpos (vec_den v)).
Proof. apply rat_div. Qed.
Lemma mat_z M i j : mat M i j = IZR (zmat M i j) / IZR (Zpos (mat_den M)).
Proof. apply rat_div. Qed.
Lemma gain_z mu L i j : gain (vect mu) (mat L) i j = IZR (zgain mu L i j) / IZR (gain_den mu L).
Proof. unfold gain, zgain, gain_den. rewrite vect_z, mat_z, Pos2Z.inj_mul, mult_IZR.
  pose proof (den_pos (vec_den mu)). pose proof (den_pos (mat_den L)).
  destruct (Nat.eqb i j); rewrite ?opp_IZR, mult_IZR; field; lra. Qed.
Lemma gains_check_sound N (K : nat -> nat -> R) (x : vec) kz xz D s a : 0 < IZR D -> 0 < s ->
  (forall i j, (i < N)%nat -> (j < N)%nat -> K i j = IZR (kz i j) / IZR D) -> (forall i, (i < N)%nat -> x i = IZR (xz i) / s) ->
  gains_check N kz D a xz = true -> gains N K (fraction a) x.
Proof. intros HD Hs HK Hx H i Hi. apply every_spec with (i := i) in H; auto. apply Z.leb_le, IZR_le in H.
  rewrite !mult_IZR, integer_sum_val in H. unfold fraction. rewrite rat_div, (Hx i Hi).
  rewrite (sum_ext N _ (fun j => / (IZR D * s) * IZR (kz i j * xz j)))
    by (intros j Hj; rewrite (HK i j Hi Hj), (Hx j Hj), mult_IZR; field; lra).
  rewrite sum_scal. pose proof (den_pos (snd a)) as Hq. set (T := sum N _) in *.
  apply Rmult_le_reg_l with (IZR (Zpos (snd a)) * (IZR D * s)). { repeat apply Rmult_lt_0_compat; auto. }
  replace (IZR (Zpos (snd a)) * (IZR D * s) * (IZR (fst a) / IZR (Zpos (snd a)) * (IZR (xz i) / s)))
    with (IZR (fst a) * IZR D * IZR (xz i)) by (field; lra).
  replace (IZR (Zpos (snd a)) * (IZR D * s) * (/ (IZR D * s) * T)) with (IZR (Zpos (snd a)) * T) by (field; lra). exact H. Qed.
Lemma positive_check_sound N v : positive_check N v = true -> positive_upto N (vect v).
Proof. intros H i Hi. apply every_spec with (i := i) in H; auto. apply Z.ltb_lt, IZR_lt in H. rewrite vect_z.
  apply Rdiv_lt_0_compat; auto. apply den_pos. Qed.
Lemma div_den_nonneg p q : 0 <= IZR p -> 0 <= IZR p / IZR (Zpos q).
Proof. intros H. apply Rmult_le_pos; auto. apply Rlt_le, Rinv_0_lt_compat, den_pos. Qed.
Lemma off_diagonal_check_sound N L : off_diagonal_check N L = true -> off_diagonal_nonneg N (mat L).
Proof. intros H i j Hi Hj Ne. apply every_spec with (i := i) in H; auto. apply every_spec with (i := j) in H; auto.
  apply orb_true_iff in H. destruct H as [H|H]; [apply Nat.eqb_eq in H; contradiction|].
  apply Z.leb_le, IZR_le in H. rewrite mat_z. apply div_den_nonneg; auto. Qed.
Lemma gain_den_pos mu L : 0 < IZR (gain_den mu L).
Proof. apply den_pos. Qed.

Lemma psd_scaled n A (M : nat -> nat -> R) c : 0 < c -> (forall i j, (i < n)%nat -> (j < n)%nat -> A i j = c * M i j) -> psd n A -> psd n M.
Proof. intros Hc E H v. specialize (H v). rewrite (form_ext n A (fun i j => c * M i j)), form_scal in H by auto.
  apply Rmult_le_reg_l with c; lra. Qed.

Section Checks.
Variable ar : integers.

(** beta^2 W - B' W B times a common denominator *)
Definition lipschitz_rows N (l : vector) (L : matrix) (w : vector) (beta : Z * positive) : list (list (int ar)) :=
  let dl := Zpos (vec_den l) in let dL := Zpos (mat_den L) in
  let q2 := (Zpos (snd beta) * Zpos (snd beta))%Z in let top := (fst beta * fst beta * ((dl * dL) * (dl * dL)))%Z in
  let B := fun k i => if Nat.eqb k i then (zvec l k * dL)%Z else (zmat L k i * dl)%Z in
  let product := times N (build N N (fun i k => of_Z (q2 * zvec w k * B k i)%Z)) (build N N (fun k j => of_Z (B k j))) in
  build N N (fun i j => isub (of_Z (if Nat.eqb i j then top * zvec w i else 0)%Z) (get product i j)).
Lemma lipschitz_rows_sound N l L w beta : psd N (ent (lipschitz_rows N l L w beta)) ->
  psd N (lipschitz_slack N (vect l) (mat L) (vect w) (fraction beta)).
Proof. pose proof (den_pos (vec_den l)) as Pl. pose proof (den_pos (mat_den L)) as PL. pose proof (den_pos (vec_den w)) as Pw.
  pose proof (den_pos (snd beta)) as Pb.
  set (dl := IZR (Zpos (vec_den l))) in *. set (dL := IZR (Zpos (mat_den L))) in *. set (dw := IZR (Zpos (vec_den w))) in *.
  set (q := IZR (Zpos (snd beta))) in *.
  apply psd_scaled with (c := q * q * (dl * dL) * (dl * dL) * dw). { repeat apply Rmult_lt_0_compat; auto. }
  intros i j Hi Hj. unfold lipschitz_rows. cbv zeta. rewrite ent_build, val_sub, val_of by auto.
  fold (ent (times N (build N N (fun i k => of_Z (Zpos (snd beta) * Zpos (snd beta) * zvec w k *
      (if Nat.eqb k i then zvec l k * Zpos (mat_den L) else zmat L k i * Zpos (vec_den l)))%Z : int ar))
      (build N N (fun k j => of_Z (if Nat.eqb k j then zvec l k * Zpos (mat_den L) else zmat L k j * Zpos (vec_den l))%Z))) i j).
  rewrite ent_times by auto. unfold lipschitz_slack. rewrite Rmult_minus_distr_l, <- sum_scal. f_equal.
  - destruct (Nat.eqb i j); [|ring]. unfold fraction. rewrite rat_div, vect_z, !mult_IZR. fold dl dL dw q. field. lra.
  - apply sum_ext; intros k Hk. rewrite !ent_build, !val_of by auto. unfold norm_bounds. rewrite !mult_IZR, vect_z. fold dw q.
    destruct (Nat.eqb k i), (Nat.eqb k j); rewrite !mult_IZR, ?vect_z, ?mat_z; fold dl dL; field; lra. Qed.

(** W K + K' W times a common denominator *)
Definition weighted_gain_rows N (mu : vector) (L : matrix) (w : vector) : list (list (int ar)) :=
  build N N (fun i j => of_Z (zvec w i * zgain mu L i j + zvec w j * zgain mu L j i)%Z).
Lemma weighted_gain_rows_sound N mu L w : psd N (ent (weighted_gain_rows N mu L w)) -> psd N (weighted_gain (vect mu) (mat L) (vect w)).
Proof. pose proof (gain_den_pos mu L) as PD. pose proof (den_pos (vec_den w)) as Pw.
  apply psd_scaled with (c := IZR (gain_den mu L) * IZR (Zpos (vec_den w))). { apply Rmult_lt_0_compat; auto. }
  intros i j Hi Hj. unfold weighted_gain_rows. rewrite ent_build, val_of, plus_IZR, !mult_IZR by auto.
  unfold weighted_gain. rewrite !gain_z, !vect_z. field. lra. Qed.

(** A band: players, the two ends of the ratio first/second, and for each end its weights with the factor of C(w, 0). *)
Record band := Band { first : nat; second : nat; lowest : Z * positive; highest : Z * positive;
  low_weights : vector; low_factor : factor; high_weights : vector; high_factor : factor }.
Definition end_check N mu L (b : band) (r : Z * positive) (w : vector) (f : factor) : bool :=
  positive_check N w && (zvec w (first b) * Zpos (snd r) =? fst r * zvec w (second b))%Z && certified N (weighted_gain_rows N mu L w) f.
Definition band_check N mu L (b : band) : bool := Nat.ltb (first b) N && Nat.ltb (second b) N &&
  end_check N mu L b (lowest b) (low_weights b) (low_factor b) && end_check N mu L b (highest b) (high_weights b) (high_factor b).
(** Every ratio in the band is that of positive weights with C(w, 0) >= 0. *)
Definition band_holds N (mu : vec) L (b : band) := forall r, fraction (lowest b) <= r <= fraction (highest b) ->
  exists w, positive_upto N w /\ w (first b) = r * w (second b) /\ psd N (weighted_gain mu L w).
Lemma end_check_sound N mu L b r w f : end_check N mu L b r w f = true -> positive_upto N (vect w) /\
  vect w (first b) = fraction r * vect w (second b) /\ psd N (weighted_gain (vect mu) (mat L) (vect w)).
Proof. unfold end_check. rewrite !andb_true_iff. intros [[Hp He] Hf]. split; [|split].
  - apply positive_check_sound; auto.
  - apply Z.eqb_eq, (f_equal IZR) in He. rewrite !mult_IZR in He. unfold fraction. rewrite rat_div, !vect_z.
    pose proof (den_pos (snd r)). pose proof (den_pos (vec_den w)).
    apply Rmult_eq_reg_l with (IZR (Zpos (snd r)) * IZR (Zpos (vec_den w))); [|apply Rgt_not_eq, Rmult_lt_0_compat; auto].
    transitivity (IZR (zvec w (first b)) * IZR (Zpos (snd r))); [field; lra|]. rewrite He. field. lra.
  - apply weighted_gain_rows_sound. apply certified_psd with (f := f). auto. Qed.
Theorem band_check_sound N mu L b : band_check N mu L b = true -> band_holds N (vect mu) (mat L) b.
Proof. unfold band_check. rewrite !andb_true_iff, !Nat.ltb_lt. intros [[[Hi Hj] Hl] Hh].
  apply end_check_sound in Hl. apply end_check_sound in Hh. destruct Hl as [P1 [E1 S1]]. destruct Hh as [P2 [E2 S2]].
  intros r Hr. exact (band_ratio N _ _ _ _ _ _ _ _ Hi Hj P1 P2 E1 E2 S1 S2 r Hr). Qed.

(** The whole check: margin a with K v >= a v and K' u >= a u for u = w v, beta with B' W B <= beta^2 W, and the bands. *)
Definition small_gain_check N (mu l : vector) (L : matrix) (w v : vector) (a beta : Z * positive) (f : factor) (bands : list band) : bool :=
  positive_check N w && positive_check N v && off_diagonal_check N L && every N (fun i => 0 <=? zvec l i)%Z &&
  gains_check N (zgain mu L) (gain_den mu L) a (zvec v) &&
  gains_check N (fun i j => zgain mu L j i) (gain_den mu L) a (fun i => zvec w i * zvec v i)%Z &&
  certified N (lipschitz_rows N l L w beta) f && forallb (band_check N mu L) bands.
End Checks.

(** Small-Gain Nash for a field whose block constants are (mu, l, L): in the norm with weights w the field is strongly monotone with margin a
    and beta-Lipschitz on X, Euler steps contract by sqrt(1 - 2 a h + beta^2 h^2), below 1 for 0 < h < 2a/beta^2, and every weight ratio of
    a band belongs to weights with C(w, 0) >= 0, in whose norm the field is monotone. *)
Theorem small_gain_holds ar ds X F J mu l L w v a beta f bands :
  small_gain_check ar (player_count ds) mu l L w v a beta f bands = true ->
  convex X -> extensional (coordinates ds) F -> jacobian_on (coordinates ds) X F J -> constants_hold ds X J (vect mu) (vect l) (mat L) ->
  positive_upto (player_count ds) (vect w) /\
  (forall x y, X x -> X y ->
    fraction a * weighted_sq ds (vect w) (minus x y) <= weighted_dot ds (vect w) (minus (F x) (F y)) (minus x y) /\
    weighted_sq ds (vect w) (minus (F x) (F y)) <= (fraction beta)^2 * weighted_sq ds (vect w) (minus x y) /\
    (forall h, 0 <= h -> weighted_sq ds (vect w) (minus (explicit_step F h x) (explicit_step F h y)) <=
      (1 - 2 * fraction a * h + (fraction beta)^2 * h^2) * weighted_sq ds (vect w) (minus x y))) /\
  (forall h, 0 < h -> h * (fraction beta)^2 < 2 * fraction a -> 1 - 2 * fraction a * h + (fraction beta)^2 * h^2 < 1) /\
  (forall b, In b bands -> band_holds (player_count ds) (vect mu) (mat L) b) /\
  (forall u, positive_upto (player_count ds) u -> psd (player_count ds) (weighted_gain (vect mu) (mat L) u) ->
    forall x y, X x -> X y -> 0 <= weighted_dot ds u (minus (F x) (F y)) (minus x y)).
Proof. unfold small_gain_check. rewrite !andb_true_iff. intros [[[[[[[Cw Cv] CL] Cl] Cr] Cc] Cf] Cb] HX HF HJ [Hc [Ho Hk]].
  apply positive_check_sound in Cw. apply positive_check_sound in Cv. apply off_diagonal_check_sound in CL.
  pose proof (gain_den_pos mu L) as PD. pose proof (den_pos (vec_den v)) as Pv. pose proof (den_pos (vec_den w)) as Pw.
  assert (G1 : gains (player_count ds) (gain (vect mu) (mat L)) (fraction a) (vect v)).
  { apply gains_check_sound with (kz := zgain mu L) (xz := zvec v) (D := gain_den mu L) (s := IZR (Zpos (vec_den v))); auto.
    - intros; apply gain_z. - intros; apply vect_z. }
  assert (G2 : gains (player_count ds) (transpose (gain (vect mu) (mat L))) (fraction a) (fun i => vect w i * vect v i)).
  { apply gains_check_sound with (kz := fun i j => zgain mu L j i) (xz := fun i => (zvec w i * zvec v i)%Z) (D := gain_den mu L)
      (s := IZR (Zpos (vec_den w)) * IZR (Zpos (vec_den v))); auto.
    - apply Rmult_lt_0_compat; auto. - intros; apply gain_z. - intros. rewrite !vect_z, mult_IZR. field. lra. }
  assert (Pl : forall i, (i < player_count ds)%nat -> 0 <= vect l i).
  { intros i Hi. rewrite vect_z. apply div_den_nonneg. apply every_spec with (i := i) in Cl; auto. apply IZR_le, Z.leb_le, Cl. }
  split; [exact Cw|split; [|split; [|split]]].
  - intros x y Hx Hy.
    assert (M : fraction a * weighted_sq ds (vect w) (minus x y) <= weighted_dot ds (vect w) (minus (F x) (F y)) (minus x y))
      by (apply (small_gain_monotone ds X F J (vect mu) (mat L)) with (v := vect v); auto).
    assert (B : weighted_sq ds (vect w) (minus (F x) (F y)) <= (fraction beta)^2 * weighted_sq ds (vect w) (minus x y)).
    { apply (small_gain_lipschitz ds X F J (vect l) (mat L)); auto. apply (lipschitz_rows_sound ar). apply certified_psd with (f := f); auto. }
    split; [exact M|split; [exact B|]]. intros h Hh. apply weighted_euler_contracts; auto.
  - intros h; apply euler_factor_below_one.
  - intros b Hb. apply (band_check_sound ar). rewrite forallb_forall in Cb. auto.
  - intros u Pu Su. apply (weighted_gain_monotone ds X F J (vect mu) (mat L)); auto. Qed.

(** ** The weighted norm as a metric, and strong monotonicity in it *)
Lemma diagonal_metric ds w lam : 0 < lam -> (forall i, (i < player_count ds)%nat -> lam <= w i) -> metric (coordinates ds) (diagonal ds w) lam.
Proof. intros Hl Hw. split; [|split]; auto.
  - intros; apply diagonal_sym.
  - intros v. change (form (coordinates ds) (diagonal ds w) v v) with (weighted_dot ds w v v). rewrite weighted_dot_coordinates.
    unfold dot. rewrite <- sum_scal. apply sum_le; intros k Hk. apply Rmult_le_compat_r; [apply Rle_0_sqr|].
    apply Hw. apply owner_spec; auto. Qed.
(** the margin of a small-gain certificate is a margin of strong monotonicity in the metric of its weights *)
Corollary small_gain_monotone_on ar ds X F J mu l L w v a beta f bands :
  small_gain_check ar (player_count ds) mu l L w v a beta f bands = true ->
  convex X -> extensional (coordinates ds) F -> jacobian_on (coordinates ds) X F J -> constants_hold ds X J (vect mu) (vect l) (mat L) ->
  monotone_on (coordinates ds) (diagonal ds (vect w)) X F (fraction a).
Proof. intros C HX HF HJ Hc x y Hx Hy. destruct (small_gain_holds _ _ _ _ _ _ _ _ _ _ _ _ _ _ C HX HF HJ Hc) as [_ [H _]].
  exact (proj1 (H x y Hx Hy)). Qed.
