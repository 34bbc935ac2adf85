(** What no weights can do in a game with small-gain data: the linear game with the Jacobian K = diag(mu) - L has these data and no larger
    margin. Upper bounds of the margin and the ends of the band of weights of two players. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Field Formulas Blocks SmallGain SmallGainMargins.
Import ListNotations.
Open Scope R_scope.

(** ** The linear game of N scalar players *)
Definition scalar_players N : list nat := repeat 1%nat N.
Lemma scalar_count N : player_count (scalar_players N) = N.
Proof. apply repeat_length. Qed.
Lemma scalar_size N : forall i, (i < N)%nat -> block_size (scalar_players N) i = 1%nat.
Proof. unfold block_size, scalar_players. induction N; intros i Hi; [lia|]. destruct i; auto. apply IHN. lia. Qed.
Lemma scalar_start N : forall i, (i <= N)%nat -> block_start (scalar_players N) i = i.
Proof. induction i; intros Hi; auto. cbn [block_start]. rewrite IHi, scalar_size by lia. lia. Qed.
Lemma scalar_coordinates N : coordinates (scalar_players N) = N.
Proof. unfold coordinates. rewrite scalar_count. apply scalar_start. lia. Qed.
Lemma scalar_owner N k : (k < N)%nat -> owner (scalar_players N) k = k.
Proof. intros Hk. pose proof (owner_start (scalar_players N) k 0) as H. rewrite scalar_size, scalar_start, Nat.add_0_r in H by lia.
  apply H. lia. Qed.

(** The linear field K x of N scalar players with K_ii >= mu_i and |K_ij| <= L_ij has the data (mu, L). *)
Lemma linear_scalar_game N K mu L : (forall i, (i < N)%nat -> mu i <= K i i) ->
  (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> K i j ^ 2 <= L i j ^ 2) ->
  small_gain_game (scalar_players N) (fun _ => True) (mv N K) (fun _ => K) mu L.
Proof. intros Hmu HL. unfold small_gain_game. rewrite scalar_coordinates. split; [|split; [|split; [|split]]].
  - intros x y t _ _ _. exact I.
  - intros x y E i Hi. unfold mv. apply sum_ext; intros j Hj. rewrite (E j Hj). reflexivity.
  - intros x y _ _ i Hi t Ht. unfold mv. apply (derivable_sum N (fun j s => between y x s j) (fun j _ => x j - y j) (K i) t).
    intros j Hj. unfold between. set (c := x j - y j).
    assert (D : derivable_pt_lim (fun s => y j + s * c) t (0 + (1 * c + t * 0))).
    { apply (derivable_pt_lim_plus (fun _ => y j) (fun s => s * c)); [apply derivable_pt_lim_const|].
      apply (derivable_pt_lim_mult (fun s => s) (fun _ => c)); [apply derivable_pt_lim_id|apply derivable_pt_lim_const]. }
    replace (0 + (1 * c + t * 0)) with c in D by ring. exact D.
  - intros z _ i Hi v. rewrite scalar_count in Hi. rewrite scalar_size by auto. unfold form, dot, mv. cbn [sum].
    rewrite scalar_start, Nat.add_0_r by lia. pose proof (Rmult_le_compat_r _ _ _ (Rle_0_sqr (v O)) (Hmu i Hi)) as H. unfold Rsqr in H. lra.
  - intros z _ i j Hi Hj Ne v. rewrite scalar_count in Hi, Hj. rewrite !scalar_size by auto. unfold dot, mv. cbn [sum].
    rewrite !scalar_start, !Nat.add_0_r by lia. pose proof (Rmult_le_compat_r _ _ _ (Rle_0_sqr (v O)) (HL i j Hi Hj Ne)) as H.
    unfold Rsqr in H. lra. Qed.
Lemma linear_game N mu L : small_gain_game (scalar_players N) (fun _ => True) (mv N (gain mu L)) (fun _ => gain mu L) mu L.
Proof. apply linear_scalar_game.
  - intros i Hi. unfold gain. rewrite Nat.eqb_refl. lra.
  - intros i j Hi Hj Ne. unfold gain. destruct (Nat.eqb_spec i j); [contradiction|]. right. ring. Qed.

(** A margin that the data guarantee in the norm of the weights w bounds the form of K from below. *)
Lemma guaranteed_form N mu L w a e : guaranteed N mu L w a ->
  a * sum N (fun i => w i * (e i * e i)) <= sum N (fun i => w i * (mv N (gain mu L) e i * e i)).
Proof. intros H. pose proof (H _ _ _ _ (scalar_count N) (linear_game N mu L) e (fun _ => 0) I I) as G.
  unfold weighted_sq in G. rewrite !weighted_dot_coordinates, scalar_coordinates in G.
  rewrite (sum_ext N (fun k => w (owner (scalar_players N) k) * (minus e (fun _ => 0) k * minus e (fun _ => 0) k)) (fun i => w i * (e i *
    e i))) in G.
  2:{ intros i Hi. rewrite scalar_owner by auto. unfold minus. ring. }
  rewrite (sum_ext N (fun k => w (owner (scalar_players N) k) * (minus (mv N (gain mu L) e) (mv N (gain mu L) (fun _ => 0)) k * minus e
    (fun _ => 0) k))
    (fun i => w i * (mv N (gain mu L) e i * e i))) in G.
  2:{ intros i Hi. rewrite scalar_owner by auto. unfold minus.
      replace (mv N (gain mu L) (fun _ => 0) i) with 0; [ring|]. unfold mv.
      rewrite (sum_ext N _ (fun _ => 0)) by (intros; ring). rewrite sum_zero. reflexivity. }
  exact G. Qed.

(** small-gain/margin/weights-optimal. If K v <= a v for a positive v, then no weights w > 0 have a guaranteed margin above a. *)
Theorem small_gain_margin_weights_optimal_holds N mu L v w gain_ceiling margin : (0 < N)%nat -> positive_upto N v -> positive_upto N w ->
  (forall i, (i < N)%nat -> sum N (fun j => gain mu L i j * v j) <= gain_ceiling * v i) ->
  guaranteed N mu L w margin -> margin <= small_gain_margin_weights_optimal gain_ceiling.
Proof. intros HN Hv Hw HK H. unfold small_gain_margin_weights_optimal. pose proof (guaranteed_form N mu L w margin v H) as G.
  assert (P : forall i, (i < N)%nat -> 0 < w i * (v i * v i)) by (intros i Hi; repeat apply Rmult_lt_0_compat; auto).
  assert (S : 0 < sum N (fun i => w i * (v i * v i))).
  { destruct N; [lia|]. simpl. pose proof (P N ltac:(lia)).
    assert (0 <= sum N (fun i => w i * (v i * v i))) by (apply sum_nonneg; intros i Hi; left; apply P; lia). lra. }
  apply Rmult_le_reg_r with (sum N (fun i => w i * (v i * v i))); auto. eapply Rle_trans; [apply G|].
  rewrite <- sum_scal. apply sum_le; intros i Hi. specialize (HK i Hi). pose proof (Hv i Hi). pose proof (Hw i Hi). unfold mv.
  replace (gain_ceiling * (w i * (v i * v i))) with (w i * (gain_ceiling * v i * v i)) by ring.
  apply Rmult_le_compat_l; [lra|]. apply Rmult_le_compat_r; [lra|auto]. Qed.

(** small-gain/margin/two-players-no-better-weights. No weights guarantee two players a margin above
    (mu1 + mu2)/2 - sqrt(((mu1 - mu2)/2)^2 + L12 L21). *)
Theorem small_gain_margin_two_players_no_better_weights_holds L12 L21 mu1 mu2 w margin : 0 < L12 -> 0 < L21 -> positive_upto 2 w ->
  guaranteed 2 (pair mu1 mu2) (couplings L12 L21) w margin -> margin <= small_gain_margin_two_players_no_better_weights L12 L21 mu1 mu2.
Proof. intros H12 H21 Hw H. unfold small_gain_margin_two_players_no_better_weights.
  set (g := (mu1 - mu2) / 2). set (s := sqrt (g^2 + L12 * L21)). assert (PL : 0 < L12 * L21) by (apply Rmult_lt_0_compat; auto).
  assert (Hs : s^2 = g^2 + L12 * L21) by (apply pow2_sqrt; pose proof (pow2_ge_0 g); lra).
  assert (Ps : 0 <= s) by apply sqrt_pos.
  assert (Hg : 0 < g + s).
  { apply Rnot_le_lt; intros C. assert (s * s <= - g * - g) by (apply Rmult_le_compat; lra). lra. }
  set (t := (mu1 + mu2) / 2 - s). set (v2 := (mu1 - t) / L12).
  assert (Pv : 0 < v2) by (apply Rdiv_lt_0_compat; auto; unfold t, g in *; lra).
  apply (small_gain_margin_weights_optimal_holds 2 (pair mu1 mu2) (couplings L12 L21) (pair 1 v2) w t margin); auto.
  - intros i Hi. unfold pair. destruct i; lra.
  - intros i Hi. simpl sum. unfold gain, couplings. destruct i as [|[|i]]; [| |lia]; simpl; right.
    + unfold v2. field. lra.
    + assert (E : (mu1 - t) * (mu2 - t) = L12 * L21).
      { replace ((mu1 - t) * (mu2 - t)) with (s^2 - g^2) by (unfold t, g; field). lra. }
      unfold v2. apply Rmult_eq_reg_r with L12; [|lra].
      replace ((0 + - L21 * 1 + mu2 * ((mu1 - t) / L12)) * L12) with ((mu1 - t) * (mu2 - t) + t * (mu1 - t) - L12 * L21) by (field; lra).
      rewrite E. field. lra. Qed.

(** ** The band of weights of two players *)
Section Band.
Variables L12 L21 mu1 mu2 target_margin r : R.
Hypotheses (H12 : 0 < L12) (H21 : 0 < L21) (A1 : target_margin < mu1) (A2 : target_margin < mu2) (Hr : 0 < r).
Hypothesis Hsmall : L12 * L21 <= (mu1 - target_margin) * (mu2 - target_margin).
(** the data guarantee the target margin in the norm with the weights 1 and r *)
Hypothesis Htarget : guaranteed 2 (pair mu1 mu2) (couplings L12 L21) (pair 1 r) target_margin.

Lemma band_quadratic : let m := (mu1 - target_margin) * (mu2 - target_margin) in
  Rabs (L21 * sqrt r - sqrt m) <= sqrt (m - L12 * L21).
Proof. cbv zeta. set (a := target_margin) in *. set (p := sqrt (mu1 - a)). set (q := sqrt (mu2 - a)). set (x := sqrt r).
  assert (Pp : 0 < p) by (apply sqrt_lt_R0; lra). assert (Pq : 0 < q) by (apply sqrt_lt_R0; lra).
    assert (Px : 0 < x) by (apply sqrt_lt_R0; auto).
  assert (Ep : p^2 = mu1 - a) by (apply pow2_sqrt; lra). assert (Eq : q^2 = mu2 - a) by (apply pow2_sqrt; lra).
  assert (Ex : x^2 = r) by (apply pow2_sqrt; lra).
  rewrite sqrt_mult by lra. fold p q.
  pose proof (guaranteed_form 2 _ _ _ _ (pair (x * q) p) Htarget) as G. unfold mv in G. simpl sum in G. unfold gain, couplings in G.
    simpl in G.
  replace mu1 with (a + p^2) in G by lra. replace mu2 with (a + q^2) in G by lra. rewrite <- Ex in G.
  assert (K : 0 <= x * p * q * (2 * (p * q) * x - L12 - L21 * x^2)) by lra.
  assert (Pk : 0 < x * p * q) by (repeat apply Rmult_lt_0_compat; auto).
  assert (K2 : 0 <= 2 * (p * q) * x - L12 - L21 * x^2).
  { apply Rmult_le_reg_l with (x * p * q); auto. lra. }
  assert (K3 : 0 <= L21 * (2 * (p * q) * x - L12 - L21 * x^2)) by (apply Rmult_le_pos; lra).
  assert (Pm : 0 <= (mu1 - a) * (mu2 - a) - L12 * L21) by lra.
  apply Rsqr_incr_0_var; [|apply sqrt_pos]. rewrite <- Rsqr_abs, Rsqr_sqrt by auto. unfold Rsqr. rewrite <- Ep, <- Eq. lra. Qed.

(** small-gain/band/upper-end. A weight ratio r = w_2/w_1 whose guaranteed margin is at least the target is at most the upper end. *)
Theorem small_gain_band_upper_end_holds : r <= small_gain_band_upper_end L12 L21 mu1 mu2 target_margin.
Proof. unfold small_gain_band_upper_end. pose proof band_quadratic as B. cbv zeta in B.
  set (m := (mu1 - target_margin) * (mu2 - target_margin)) in *. set (k := sqrt (m - L12 * L21)) in *.
  pose proof (Rle_abs (L21 * sqrt r - sqrt m)) as B1. pose proof (sqrt_pos r) as Pr.
  rewrite <- (pow2_sqrt r) at 1 by lra. apply pow_incr. split; auto.
  apply Rmult_le_reg_l with L21; auto. replace (L21 * ((sqrt m + k) / L21)) with (sqrt m + k) by (field; lra). lra. Qed.

(** small-gain/band/lower-end. It is at least the lower end. *)
Theorem small_gain_band_lower_end_holds : r >= small_gain_band_lower_end L12 L21 mu1 mu2 target_margin.
Proof. unfold small_gain_band_lower_end. pose proof band_quadratic as B. cbv zeta in B.
  set (m := (mu1 - target_margin) * (mu2 - target_margin)) in *. set (k := sqrt (m - L12 * L21)) in *.
  pose proof (Rle_abs (- (L21 * sqrt r - sqrt m))) as B1. rewrite Rabs_Ropp in B1.
  assert (Hk : k <= sqrt m) by (apply sqrt_le_1_alt; assert (0 < L12 * L21) by (apply Rmult_lt_0_compat; auto); lra).
  apply Rle_ge. rewrite <- (pow2_sqrt r) by lra. apply pow_incr. split.
  - apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; auto].
  - apply Rmult_le_reg_l with L21; auto. replace (L21 * ((sqrt m - k) / L21)) with (sqrt m - k) by (field; lra). lra. Qed.
End Band.
