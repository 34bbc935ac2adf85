(** Players who own consecutive blocks of coordinates of R^n: block sums, block norms, weighted block norms, block bounds on a Jacobian. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums Spaces Field.
Import ListNotations.
Open Scope R_scope.

(** ** Blocks. Player i owns the coordinates from block_start i on, block_size i of them; n = coordinates. *)
Definition block_size (ds : list nat) i : nat := nth i ds O.
Fixpoint block_start (ds : list nat) i : nat := match i with O => O | S k => (block_start ds k + block_size ds k)%nat end.
Definition player_count (ds : list nat) : nat := length ds.
Definition coordinates (ds : list nat) : nat := block_start ds (player_count ds).
(** the player who owns coordinate k *)
Fixpoint owner (ds : list nat) (k : nat) : nat :=
  match ds with [] => O | d :: rest => if Nat.ltb k d then O else S (owner rest (k - d)) end.

Lemma start_cons d ds i : block_start (d :: ds) (S i) = (d + block_start ds i)%nat.
Proof. induction i; [cbn; lia|]. change (block_start (d :: ds) (S (S i))) with (block_start (d :: ds) (S i) + block_size ds i)%nat.
  rewrite IHi. simpl. lia. Qed.
Lemma coordinates_list_sum ds : coordinates ds = list_sum ds.
Proof. unfold coordinates, player_count. induction ds as [|d ds IH]; auto. change (length (d :: ds)) with (S (length ds)).
  rewrite start_cons, IH. reflexivity. Qed.
Lemma owner_start ds : forall i r, (r < block_size ds i)%nat -> owner ds (block_start ds i + r) = i.
Proof. unfold block_size. induction ds as [|d ds IH]; intros i r Hr; [destruct i; simpl in Hr; lia|].
  destruct i as [|i].
  - simpl. simpl in Hr. destruct (Nat.ltb_spec r d); auto; lia.
  - rewrite start_cons. simpl in Hr. simpl. destruct (Nat.ltb_spec (d + block_start ds i + r) d); [lia|]. f_equal.
    replace (d + block_start ds i + r - d)%nat with (block_start ds i + r)%nat by lia. auto. Qed.
Lemma block_end ds i : (i < player_count ds)%nat -> (block_start ds i + block_size ds i <= coordinates ds)%nat.
Proof. intros Hi. unfold coordinates.
  assert (M : forall j, (i < j)%nat -> (block_start ds i + block_size ds i <= block_start ds j)%nat).
  { induction j; intros Hj; [lia|]. simpl. destruct (Nat.eq_dec i j) as [->|]; [lia|]. specialize (IHj ltac:(lia)). lia. }
  exact (M _ Hi). Qed.
Lemma start_bound ds i r : (i < player_count ds)%nat -> (r < block_size ds i)%nat -> (block_start ds i + r < coordinates ds)%nat.
Proof. intros Hi Hr. pose proof (block_end ds i Hi). lia. Qed.
(** every coordinate is one of its owner's *)
Lemma owner_spec ds : forall k, (k < coordinates ds)%nat ->
  (owner ds k < player_count ds)%nat /\ exists r, (r < block_size ds (owner ds k))%nat /\ k = (block_start ds (owner ds k) + r)%nat.
Proof. unfold coordinates, player_count. induction ds as [|d ds IH]; intros k Hk; [simpl in Hk; lia|].
  change (length (d :: ds)) with (S (length ds)) in *. rewrite start_cons in Hk. cbn [owner].
  destruct (Nat.ltb_spec k d) as [Hd|Hd].
  - split; [lia|]. exists k. simpl. auto.
  - destruct (IH (k - d)%nat ltac:(lia)) as [Ho [r [Hr E]]]. split; [lia|]. exists r. rewrite start_cons. split; auto. lia. Qed.

(** a sum over the coordinates is a sum over the players of sums over their blocks *)
Lemma sum_blocks_upto ds f m : sum (block_start ds m) f = sum m (fun i => sum (block_size ds i) (fun r => f (block_start ds i + r)%nat)).
Proof. induction m; auto. cbn [block_start sum]. rewrite <- IHm.
  generalize (block_size ds m) as d. induction d; simpl; [rewrite Nat.add_0_r; ring|].
  rewrite Nat.add_succ_r. simpl. rewrite IHd. ring. Qed.
Lemma block_sums ds f : sum (coordinates ds) f = sum (player_count ds) (fun i => sum (block_size ds i) (fun r => f (block_start ds i + r)%nat)).
Proof. apply sum_blocks_upto. Qed.

(** ** Small facts on finite sums *)
Lemma sum_term_le n f i : (i < n)%nat -> (forall k, (k < n)%nat -> 0 <= f k) -> f i <= sum n f.
Proof. induction n; intros Hi H; [lia|]. simpl. assert (H0 : 0 <= f n) by (apply H; lia).
  assert (Hs : 0 <= sum n f) by (apply sum_nonneg; intros; apply H; lia).
  destruct (Nat.eq_dec i n) as [->|Ne]; [lra|]. assert (f i <= sum n f) by (apply IHn; [lia|intros; apply H; lia]). lra. Qed.
Lemma sum_if_split n i (f g : nat -> R) : (i < n)%nat ->
  sum n (fun j => if Nat.eqb i j then f j else g j) = f i + sum n (fun j => if Nat.eqb i j then 0 else g j).
Proof. intros Hi. rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * f j + (if Nat.eqb i j then 0 else g j))).
  - rewrite sum_plus, sum_delta; auto.
  - intros j Hj. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring. Qed.

(** R^n with nonnegative weights on the coordinates, and its Cauchy-Schwarz inequality *)
Definition coordinate_space n (b : nat -> R) (Hb : forall i, (i < n)%nat -> 0 <= b i) : space.
refine {| carrier := nat -> R; vadd u v := fun i => u i + v i; vscal a u := fun i => a * u i; ip u v := sum n (fun i => b i * (u i * v i)) |}.
- intros; apply sum_ext; intros; ring.
- intros; rewrite <- sum_plus; apply sum_ext; intros; ring.
- intros; rewrite <- sum_scal; apply sum_ext; intros; ring.
- intros u; apply sum_nonneg; intros i Hi. apply Rmult_le_pos; [auto|]. apply Rle_0_sqr.
Defined.
Lemma weighted_cauchy_schwarz n b f g : (forall i, (i < n)%nat -> 0 <= b i) ->
  (sum n (fun i => b i * (f i * g i)))^2 <= sum n (fun i => b i * (f i * f i)) * sum n (fun i => b i * (g i * g i)).
Proof. intros Hb. exact (cauchy_schwarz_sq (coordinate_space n b Hb) f g). Qed.
Lemma dot_ones n u v : dot n u v = sum n (fun i => 1 * (u i * v i)).
Proof. apply sum_ext; intros; ring. Qed.
Lemma dot_square_pos n u : 0 <= dot n u u.
Proof. apply sum_nonneg; intros. apply Rle_0_sqr. Qed.
Lemma dot_cauchy_schwarz n u v : dot n u v <= sqrt (dot n u u) * sqrt (dot n v v).
Proof. rewrite !dot_ones. exact (cauchy_schwarz (coordinate_space n (fun _ => 1) (fun _ _ => Rle_0_1)) u v). Qed.
Lemma dot_swap n u v : dot n u v = dot n v u.
Proof. apply sum_ext; intros; ring. Qed.
Lemma dot_ext n u u' v v' : same n u u' -> same n v v' -> dot n u v = dot n u' v'.
Proof. intros H H'. apply sum_ext; intros i Hi. rewrite H, H'; auto. Qed.
(** the lower triangle inequality and absolute values follow from changing the sign *)
Lemma dot_cauchy_schwarz_low n u v : - (sqrt (dot n u u) * sqrt (dot n v v)) <= dot n u v.
Proof. pose proof (dot_cauchy_schwarz n u (fun i => - v i)) as H.
  replace (dot n u (fun i => - v i)) with (- dot n u v) in H by (unfold dot; rewrite <- sum_opp; apply sum_ext; intros; ring).
  replace (dot n (fun i => - v i) (fun i => - v i)) with (dot n v v) in H by (apply sum_ext; intros; ring). lra. Qed.

(** ** Blocks of vectors and matrices *)
Definition block_part ds i (v : vec) : vec := fun r => v (block_start ds i + r)%nat.
Definition sub_block ds i j (A : nat -> nat -> R) : nat -> nat -> R := fun r c => A (block_start ds i + r)%nat (block_start ds j + c)%nat.
Definition block_dot ds i (u v : vec) := dot (block_size ds i) (block_part ds i u) (block_part ds i v).
(** Euclidean norm of player i's block *)
Definition block_norm ds i (v : vec) := sqrt (block_dot ds i v v).
Lemma len_pos ds i v : 0 <= block_norm ds i v.
Proof. apply sqrt_pos. Qed.
Lemma len_sq ds i v : block_norm ds i v * block_norm ds i v = block_dot ds i v v.
Proof. apply sqrt_sqrt. apply dot_square_pos. Qed.
Lemma len_ext ds i u v : (i < player_count ds)%nat -> same (coordinates ds) u v -> block_norm ds i u = block_norm ds i v.
Proof. intros Hi H. unfold block_norm, block_dot. f_equal. apply dot_ext; intros r Hr; apply H; apply start_bound; auto. Qed.
Lemma len_zero ds i v : (forall r, (r < block_size ds i)%nat -> block_part ds i v r = 0) -> block_norm ds i v = 0.
Proof. intros H. unfold block_norm, block_dot, dot. rewrite (sum_ext _ _ (fun _ => 0)).
  - rewrite sum_zero. apply sqrt_0.
  - intros r Hr. rewrite H by auto. ring. Qed.
(** e <= b follows from e^2 <= e b *)
Lemma cancel_square e b : 0 <= e -> 0 <= b -> e * e <= e * b -> e <= b.
Proof. intros He Hb H. destruct (Req_dec e 0) as [->|N]; auto. apply Rmult_le_reg_l with e; lra. Qed.

(** row block i of A v, as a sum over column blocks *)
Lemma mv_blocks ds A v i r : mv (coordinates ds) A v (block_start ds i + r)%nat = sum (player_count ds) (fun j => mv (block_size ds j) (sub_block ds i j A)
  (block_part ds j v) r).
Proof. unfold mv. rewrite block_sums. reflexivity. Qed.

(** ** Weighted norms: w_i on every coordinate of block i *)
Definition diagonal ds (w : vec) : nat -> nat -> R := fun a b => if Nat.eqb a b then w (owner ds a) else 0.
Definition weighted_dot ds w (u v : vec) := form (coordinates ds) (diagonal ds w) u v.
Definition weighted_sq ds w (v : vec) := weighted_dot ds w v v.

Lemma weighted_dot_coordinates ds w u v : weighted_dot ds w u v = sum (coordinates ds) (fun k => w (owner ds k) * (u k * v k)).
Proof. unfold weighted_dot, form, dot, mv, diagonal. apply sum_ext; intros k Hk.
  rewrite (sum_ext _ _ (fun j => (if Nat.eqb j k then 1 else 0) * (w (owner ds k) * v j))).
  - rewrite sum_delta by auto. ring.
  - intros j Hj. rewrite (Nat.eqb_sym j k). destruct (Nat.eqb k j); ring. Qed.
(** <u, v>_W = sum_i w_i <u_i, v_i> *)
Lemma weighted_dot_blocks ds w u v : weighted_dot ds w u v = sum (player_count ds) (fun i => w i * block_dot ds i u v).
Proof. rewrite weighted_dot_coordinates, block_sums. apply sum_ext; intros i Hi. unfold block_dot, dot. rewrite <- sum_scal.
  apply sum_ext; intros r Hr. rewrite owner_start by auto. reflexivity. Qed.
(** |v|_W^2 = sum_i w_i |v_i|^2 *)
Lemma weighted_sq_blocks ds w v : weighted_sq ds w v = sum (player_count ds) (fun i => w i * (block_norm ds i v * block_norm ds i v)).
Proof. unfold weighted_sq. rewrite weighted_dot_blocks. apply sum_ext; intros. rewrite len_sq. reflexivity. Qed.
Lemma weighted_sq_pos ds w v : (forall i, (i < player_count ds)%nat -> 0 <= w i) -> 0 <= weighted_sq ds w v.
Proof. intros Hw. rewrite weighted_sq_blocks. apply sum_nonneg; intros i Hi. apply Rmult_le_pos; auto. apply Rle_0_sqr. Qed.
Lemma diagonal_sym ds w i j : diagonal ds w i j = diagonal ds w j i.
Proof. unfold diagonal. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [->|]; auto. Qed.
Lemma diagonal_psd ds w : (forall i, (i < player_count ds)%nat -> 0 <= w i) -> psd (coordinates ds) (diagonal ds w).
Proof. intros Hw v. apply (weighted_sq_pos ds w v Hw). Qed.
Lemma weighted_sq_ext ds w u v : same (coordinates ds) u v -> weighted_sq ds w u = weighted_sq ds w v.
Proof. intros H. rewrite !weighted_sq_blocks. apply sum_ext; intros i Hi. rewrite (len_ext ds i u v); auto. Qed.

(** ** Block bounds on a Jacobian over a region: curvature mu_i of the own blocks, their norm l_i, the norms L_ij of the others *)
Definition curvature_holds ds (X : region) (J : vec -> nat -> nat -> R) (mu : vec) :=
  forall z, X z -> forall i, (i < player_count ds)%nat -> forall v,
  mu i * dot (block_size ds i) v v <= form (block_size ds i) (fun r c => J z (block_start ds i + r)%nat (block_start ds i + c)%nat) v v.
Definition own_holds ds (X : region) (J : vec -> nat -> nat -> R) (l : vec) :=
  forall z, X z -> forall i, (i < player_count ds)%nat -> forall v,
  dot (block_size ds i) (mv (block_size ds i) (fun r c => J z (block_start ds i + r)%nat (block_start ds i + c)%nat) v)
                  (mv (block_size ds i) (fun r c => J z (block_start ds i + r)%nat (block_start ds i + c)%nat) v) <= (l i)^2 * dot (block_size ds i) v v.
Definition coupling_holds ds (X : region) (J : vec -> nat -> nat -> R) (L : nat -> nat -> R) :=
  forall z, X z -> forall i j, (i < player_count ds)%nat -> (j < player_count ds)%nat -> i <> j -> forall v,
  dot (block_size ds i) (mv (block_size ds j) (fun r c => J z (block_start ds i + r)%nat (block_start ds j + c)%nat) v)
                  (mv (block_size ds j) (fun r c => J z (block_start ds i + r)%nat (block_start ds j + c)%nat) v) <= (L i j)^2 * dot (block_size ds j) v v.
Definition constants_hold ds X J mu l L := curvature_holds ds X J mu /\ own_holds ds X J l /\ coupling_holds ds X J L.

(** |A v| <= c |v| gives <u, A v> <= c |u||v|, and the same from below *)
Lemma bounded_pairing m n A c u v : 0 <= c -> dot m (mv n A v) (mv n A v) <= c^2 * dot n v v ->
  - (c * (sqrt (dot m u u) * sqrt (dot n v v))) <= dot m u (mv n A v) <= c * (sqrt (dot m u u) * sqrt (dot n v v)).
Proof. intros Hc H.
  assert (Hs : sqrt (dot m (mv n A v) (mv n A v)) <= c * sqrt (dot n v v)).
  { rewrite <- (sqrt_pow2 c Hc) at 1. rewrite <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt. auto. }
  pose proof (dot_cauchy_schwarz m u (mv n A v)) as H1. pose proof (dot_cauchy_schwarz_low m u (mv n A v)) as H2.
  pose proof (Rmult_le_compat_l _ _ _ (sqrt_pos (dot m u u)) Hs) as H3. lra. Qed.

(** the point x with player i's block replaced by that of y *)
Definition replace_block ds i (x y : vec) : vec := fun k => if Nat.eqb (owner ds k) i then y k else x k.
Lemma len_replaced ds i j x y z : (j < player_count ds)%nat ->
  block_norm ds j (minus (replace_block ds i x y) z) = if Nat.eqb j i then block_norm ds j (minus y z) else block_norm ds j (minus x z).
Proof. intros Hj. destruct (Nat.eqb_spec j i) as [E|E]; unfold block_norm, block_dot; f_equal; apply dot_ext; intros r Hr;
  unfold block_part, minus, replace_block; rewrite owner_start by auto; destruct (Nat.eqb_spec j i); auto; contradiction. Qed.

(** ** One player's own step *)
Definition symmetric_on m (A : nat -> nat -> R) := forall r c, (r < m)%nat -> (c < m)%nat -> A r c = A c r.

(** own blocks of one coordinate are symmetric; so are those of a symmetric enough constant matrix *)
Lemma scalar_blocks_symmetric ds A : forallb (fun d => Nat.leb d 1) ds = true ->
  forall i, (i < player_count ds)%nat -> symmetric_on (block_size ds i) (sub_block ds i i A).
Proof. intros H i Hi r c Hr Hc. rewrite forallb_forall in H. specialize (H (block_size ds i) (nth_In ds O Hi)). apply Nat.leb_le in H.
  replace c with r by lia. reflexivity. Qed.
Definition symmetric_blocks_check ds (P : matrix) : bool := forallb (fun i => forallb (fun r => forallb (fun c =>
  (nth (block_start ds i + c) (nth (block_start ds i + r) (mat_rows P) []) 0 =? nth (block_start ds i + r) (nth (block_start ds i + c) (mat_rows P) []) 0)%Z)
  (seq 0 (block_size ds i))) (seq 0 (block_size ds i))) (seq 0 (player_count ds)).
Lemma symmetric_blocks_check_sound ds P : symmetric_blocks_check ds P = true ->
  forall i, (i < player_count ds)%nat -> symmetric_on (block_size ds i) (sub_block ds i i (mat P)).
Proof. intros H i Hi r c Hr Hc. unfold symmetric_blocks_check in H. rewrite forallb_forall in H. specialize (H i ltac:(apply in_seq; lia)).
  cbv beta in H. rewrite forallb_forall in H. specialize (H r ltac:(apply in_seq; lia)). cbv beta in H.
  rewrite forallb_forall in H. specialize (H c ltac:(apply in_seq; lia)). apply Z.eqb_eq in H. unfold sub_block, mat. f_equal. exact H. Qed.

Lemma dot_mv_sym m A u v : symmetric_on m A -> dot m u (mv m A v) = dot m (mv m A u) v.
Proof. intros Hs. rewrite (dot_swap m (mv m A u) v). change (form m A u v = form m A v u). apply form_sym. auto. Qed.
Lemma dot_difference_l m u v w : dot m (fun i => u i - v i) w = dot m u w - dot m v w.
Proof. unfold dot. rewrite <- sum_minus. apply sum_ext; intros; ring. Qed.
Lemma dot_scale_l m a u w : dot m (fun i => a * u i) w = a * dot m u w.
Proof. unfold dot. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma dot_difference_r m u v w : dot m w (fun i => u i - v i) = dot m w u - dot m w v.
Proof. rewrite !(dot_swap m w). apply dot_difference_l. Qed.
Lemma dot_scale_r m a u w : dot m w (fun i => a * u i) = a * dot m w u.
Proof. rewrite !(dot_swap m w). apply dot_scale_l. Qed.
Lemma mv_difference m A u v i : mv m A (fun k => u k - v k) i = mv m A u i - mv m A v i.
Proof. unfold mv. rewrite <- sum_minus. apply sum_ext; intros; ring. Qed.
Lemma mv_scale m A a u i : mv m A (fun k => a * u k) i = a * mv m A u i.
Proof. unfold mv. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.

(** (A - mu)(l - A) >= 0 for a symmetric A with mu <= A and |A v| <= l |v|, as both factors are positive semidefinite and commute:
    (l - mu) <B d, C d> = <C B d, B d> + <B C d, C d> for B = A - mu and C = l - A. *)
Lemma between_bounds m A mu l : 0 <= l -> symmetric_on m A ->
  (forall v, mu * dot m v v <= dot m v (mv m A v)) -> (forall v, dot m (mv m A v) (mv m A v) <= l^2 * dot m v v) ->
  forall d, dot m (mv m A d) (mv m A d) <= (mu + l) * dot m d (mv m A d) - mu * l * dot m d d.
Proof. intros Hl Hs Hlow Hhigh d.
  assert (Htop : forall v, dot m v (mv m A v) <= l * dot m v v).
  { intros v. pose proof (bounded_pairing m m A l v v Hl (Hhigh v)) as H. rewrite sqrt_sqrt in H by apply dot_square_pos. lra. }
  set (a1 := mv m A d). set (a2 := mv m A a1).
  assert (E2 : dot m d a2 = dot m a1 a1) by (apply dot_mv_sym; auto).
  (* for every L >= l, in particular L > mu *)
  assert (Step : forall L, l <= L -> 0 <= (L - mu) * ((L + mu) * dot m d a1 - mu * L * dot m d d - dot m a1 a1)).
  { intros L HL. set (p := fun i => a1 i - mu * d i). set (q := fun i => L * d i - a1 i).
    pose proof (Htop p) as Hp. pose proof (Rmult_le_compat_r _ _ _ (dot_square_pos m p) HL) as Hp'. pose proof (Hlow q) as Hq.
    assert (Ep : dot m p (mv m A p) = dot m p (fun i => a2 i - mu * a1 i)).
    { apply dot_ext; intros i Hi; auto. unfold p. rewrite mv_difference, mv_scale. reflexivity. }
    assert (Eq : dot m q (mv m A q) = dot m q (fun i => L * a1 i - a2 i)).
    { apply dot_ext; intros i Hi; auto. unfold q. rewrite (mv_difference m A (fun k => L * d k) a1), mv_scale. reflexivity. }
    rewrite Ep in Hp. rewrite Eq in Hq.
    assert (Spread : forall al be ga de, dot m (fun i => al * a1 i - be * d i) (fun i => ga * a2 i - de * a1 i) =
      al * ga * dot m a1 a2 - al * de * dot m a1 a1 - be * ga * dot m a1 a1 + be * de * dot m d a1).
    { intros. rewrite dot_difference_l, !dot_difference_r, !dot_scale_l, !dot_scale_r, E2. ring. }
    assert (Q1 : dot m p (fun i => a2 i - mu * a1 i) = dot m a1 a2 - 2 * mu * dot m a1 a1 + mu * mu * dot m d a1).
    { transitivity (dot m (fun i => 1 * a1 i - mu * d i) (fun i => 1 * a2 i - mu * a1 i)); [apply dot_ext; intros i Hi; unfold p; ring|].
      rewrite Spread. ring. }
    assert (Q2 : dot m q (fun i => L * a1 i - a2 i) = L * L * dot m d a1 - 2 * L * dot m a1 a1 + dot m a1 a2).
    { transitivity (dot m (fun i => (-1) * a1 i - (- L) * d i) (fun i => (-1) * a2 i - (- L) * a1 i)); [apply dot_ext; intros i Hi; unfold q; ring|].
      rewrite Spread. ring. }
    assert (Q3 : dot m p p = dot m a1 a1 - 2 * mu * dot m d a1 + mu * mu * dot m d d).
    { unfold p. rewrite dot_difference_l, !dot_difference_r, !dot_scale_l, !dot_scale_r, (dot_swap m a1 d). ring. }
    assert (Q4 : dot m q q = dot m a1 a1 - 2 * L * dot m d a1 + L * L * dot m d d).
    { unfold q. rewrite dot_difference_l, !dot_difference_r, !dot_scale_l, !dot_scale_r, (dot_swap m a1 d). ring. }
    rewrite Q1 in Hp. rewrite Q2, Q4 in Hq. rewrite Q3 in Hp, Hp'. lra. }
  fold a1.
  assert (Case : mu < l \/ l <= mu) by lra. destruct Case as [C|C].
  - specialize (Step l (Rle_refl l)). apply Rmult_le_reg_l with (l - mu); lra.
  - (* l <= mu: the inequality holds with mu + e in place of l for every e > 0 *)
    assert (S1 : forall e, 0 < e -> 0 <= (mu + e + mu) * dot m d a1 - mu * (mu + e) * dot m d d - dot m a1 a1).
    { intros e He. specialize (Step (mu + e) ltac:(lra)). apply Rmult_le_reg_l with (mu + e - mu); lra. }
    pose proof (Hlow d) as Hd. fold a1 in Hd. pose proof (Htop d) as Hd'. fold a1 in Hd'. pose proof (dot_square_pos m d) as Hp.
    (* l |d|^2 >= mu |d|^2 *)
    assert (E : l * dot m d d = mu * dot m d d).
    { pose proof (Rmult_le_compat_r _ _ _ Hp C). lra. }
    assert (E1 : dot m d a1 = mu * dot m d d) by lra.
    specialize (S1 1 Rlt_0_1). rewrite E1 in S1 |- *.
    lra. Qed.

(** A gradient step of an l-smooth, mu-strongly convex function contracts by 1 - h mu for 0 <= h (mu + l) <= 2: |d - h A d| <= (1 - h mu)|d|. *)
Lemma own_step m A mu l h : 0 <= l -> mu <= l -> 0 <= h -> h * (mu + l) <= 2 -> symmetric_on m A ->
  (forall v, mu * dot m v v <= dot m v (mv m A v)) -> (forall v, dot m (mv m A v) (mv m A v) <= l^2 * dot m v v) ->
  forall d, sqrt (dot m (fun i => d i - h * mv m A d i) (fun i => d i - h * mv m A d i)) <= (1 - h * mu) * sqrt (dot m d d).
Proof. intros Hl Hml Hh Hstep Hs Hlow Hhigh d.
  assert (P : 0 <= 1 - h * mu) by (pose proof (Rmult_le_compat_l _ _ _ Hh Hml); lra).
  pose proof (between_bounds m A mu l Hl Hs Hlow Hhigh d) as H1. pose proof (Hlow d) as H2.
  rewrite <- (sqrt_pow2 _ P), <- sqrt_mult_alt by apply pow2_ge_0. apply sqrt_le_1_alt.
  rewrite dot_difference_l, !dot_difference_r, !dot_scale_l, dot_scale_r, (dot_swap m (mv m A d) d).
  set (g := dot m (mv m A d) (mv m A d)) in *. set (s := dot m d (mv m A d)) in *. set (k := dot m d d) in *.
  pose proof (Rmult_le_compat_l _ _ _ (pow2_ge_0 h) H1) as H3.
  assert (H4 : 0 <= h * (2 - h * (mu + l)) * (s - mu * k)) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|lra]).
  rewrite !dot_scale_r. fold s g. lra. Qed.
