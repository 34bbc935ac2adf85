(** Claims about the equilibrium of a game's certificate: exactly one zero, in a ball; play that stays in a ball and converges. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Affine Monotone Step Projection Banach Convergence Equilibrium Integers Definite Corners Family
  Enclosure Game GameChecks Values MetricClaims.
Import ListNotations.
Open Scope R_scope.

(** ** The ball {|x - c|_P <= r} lies in the region *)
Definition centre_entry (c : vector) k : Z := nth k (vec_entries c) 0%Z.
(** reach_k >= 0 and [c_k - reach_k, c_k + reach_k] inside side k, in integers *)
Definition reach_inside (b : box) (c reach : vector) k : bool := let R := centre_entry reach k in let C := centre_entry c k in
  let D := box_den b in let e := vec_den c in let d := vec_den reach in
  (0 <=? R)%Z && (fst (side b k) * Zpos (e * d) <=? (C * Zpos d - R * Zpos e) * Zpos D)%Z &&
  ((C * Zpos d + R * Zpos e) * Zpos D <=? snd (side b k) * Zpos (e * d))%Z.
(** reach_k^2 P - r^2 e_k e_k' over a common denominator *)
Definition reach_matrix n (P : matrix) (reach : vector) (r : ratio) k : list (list Z) :=
  tabulate n (fun i => tabulate n (fun j => centre_entry reach k ^ 2 * Zpos (snd r) ^ 2 * zentry P i j
    - (if Nat.eqb i k && Nat.eqb j k then fst r ^ 2 * Zpos (vec_den reach) ^ 2 * Zpos (mat_den P) else 0))%Z).
Definition ball_check (ar : arithmetic) (g : game) (P : matrix) (c reach : vector) (r : ratio) (fs : list factor) : bool := match limits g with
  | None => true
  | Some b => upto (dim g) (reach_inside b c reach) && (Z.eqb (fst r) 0 ||
      all2 (fun k f => definite_check (numbers ar) (dim g) (reach_matrix (dim g) P reach r k) f) (seq 0 (dim g)) fs) end.

Lemma reach_inside_sound b c reach k : reach_inside b c reach k = true ->
  0 <= vect reach k /\ low b k <= vect c k - vect reach k /\ vect c k + vect reach k <= high b k.
Proof. unfold reach_inside. rewrite !andb_true_iff, !Z.leb_le. intros [[H0 H1] H2]. apply IZR_le in H0, H1, H2.
  rewrite !mult_IZR, ?minus_IZR, ?plus_IZR, !mult_IZR, Pos2Z.inj_mul, mult_IZR in *.
  unfold low, high, vect. fold (side b k) (centre_entry c k) (centre_entry reach k). rewrite !rat_div.
  pose proof (den_pos (box_den b)) as HD. pose proof (den_pos (vec_den c)) as He. pose proof (den_pos (vec_den reach)) as Hd.
  set (D := IZR (Zpos (box_den b))) in *. set (e := IZR (Zpos (vec_den c))) in *. set (d := IZR (Zpos (vec_den reach))) in *.
  assert (Hp : 0 < D * (e * d)) by (repeat apply Rmult_lt_0_compat; auto).
  split; [apply Rmult_le_pos; [auto|left; apply Rinv_0_lt_compat; auto]|]. split; apply Rmult_le_reg_l with (D * (e * d)); auto.
  - replace (D * (e * d) * (IZR (fst (side b k)) / D)) with (IZR (fst (side b k)) * (e * d)) by (field; lra).
    replace (D * (e * d) * (IZR (centre_entry c k) / e - IZR (centre_entry reach k) / d)) with
      ((IZR (centre_entry c k) * d - IZR (centre_entry reach k) * e) * D) by (field; lra). exact H1.
  - replace (D * (e * d) * (IZR (snd (side b k)) / D)) with (IZR (snd (side b k)) * (e * d)) by (field; lra).
    replace (D * (e * d) * (IZR (centre_entry c k) / e + IZR (centre_entry reach k) / d)) with
      ((IZR (centre_entry c k) * d + IZR (centre_entry reach k) * e) * D) by (field; lra). exact H2. Qed.

Lemma reach_matrix_sound ar n P reach r k f : (k < n)%nat -> definite_check ar n (reach_matrix n P reach r k) f = true ->
  forall v, real r ^ 2 * v k ^ 2 <= vect reach k ^ 2 * form n (mat P) v v.
Proof. intros Hk H v. apply definite_check_sound in H. specialize (H v).
  set (q := IZR (Zpos (snd r))). set (d := IZR (Zpos (vec_den reach))). set (p := IZR (Zpos (mat_den P))).
  assert (Hq : 0 < q) by apply den_pos. assert (Hd : 0 < d) by apply den_pos. assert (Hp : 0 < p) by apply den_pos.
  set (R := IZR (centre_entry reach k)). set (N := IZR (fst r)).
  rewrite (form_ext n _ (fun i j => (R ^ 2 * q ^ 2 * p) * mat P i j - (N ^ 2 * d ^ 2 * p) * (if Nat.eqb i k then (if Nat.eqb j k then 1 else 0) else 0))) in H.
  - rewrite form_minus, !form_scal in H.
    assert (E : form n (fun i j => if Nat.eqb i k then (if Nat.eqb j k then 1 else 0) else 0) v v = v k ^ 2).
    { rewrite form_sum. rewrite (sum_ext n _ (fun i => (if Nat.eqb i k then 1 else 0) * (v i * v k))).
      - rewrite sum_delta by auto. ring.
      - intros i Hi. destruct (Nat.eqb i k).
        + rewrite (sum_delta n k (fun j => v i * v j)) by auto. ring.
        + rewrite (sum_ext n _ (fun _ => 0)) by (intros; ring). rewrite sum_zero. ring. }
    rewrite E in H. unfold real, vect. fold (centre_entry reach k). rewrite !rat_div. fold q d N R.
    assert (Q2 : 0 < q ^ 2) by (apply pow_lt; auto). assert (D2 : 0 < d ^ 2) by (apply pow_lt; auto).
    apply Rmult_le_reg_l with (q ^ 2 * d ^ 2 * p). { apply Rmult_lt_0_compat; auto. apply Rmult_lt_0_compat; auto. }
    replace (q ^ 2 * d ^ 2 * p * ((N / q) ^ 2 * v k ^ 2)) with (N ^ 2 * d ^ 2 * p * v k ^ 2) by (field; lra).
    replace (q ^ 2 * d ^ 2 * p * ((R / d) ^ 2 * form n (mat P) v v)) with (R ^ 2 * q ^ 2 * p * form n (mat P) v v) by (field; lra). lra.
  - intros i j Hi Hj. unfold reach_matrix. rewrite !nth_tabulate by auto.
    rewrite minus_IZR, !mult_IZR. unfold mat. fold (zentry P i j). rewrite rat_div. fold p.
    replace (IZR (centre_entry reach k ^ 2)) with (R ^ 2) by (unfold R; rewrite pow_IZR; reflexivity).
    replace (IZR (Zpos (snd r) ^ 2)) with (q ^ 2) by (unfold q; rewrite pow_IZR; reflexivity).
    destruct (Nat.eqb i k), (Nat.eqb j k); cbn [andb]; rewrite ?mult_IZR;
      replace (IZR (fst r ^ 2)) with (N ^ 2) by (unfold N; rewrite pow_IZR; reflexivity);
      replace (IZR (Zpos (vec_den reach) ^ 2)) with (d ^ 2) by (unfold d; rewrite pow_IZR; reflexivity); fold p; field; lra.
Qed.

Definition reaches_in (g : game) (c reach : vector) : Prop := forall b, limits g = Some b ->
  forall k, (k < dim g)%nat -> low b k <= vect c k - vect reach k /\ vect c k + vect reach k <= high b k.
Theorem ball_check_sound ar g P lam c reach r fs : metric (dim g) (mat P) lam -> 0 <= real r -> ball_check ar g P c reach r fs = true ->
  forall x, ball (dim g) (mat P) (vect c) (real r) x -> domain g x.
Proof. intros M Hr H x Hx. unfold ball_check in H. unfold domain. destruct (limits g) as [b|]; [|exact I].
  apply andb_true_iff in H. destruct H as [H1 H2].
  apply (ball_in_box (dim g) (mat P) lam (vect c) (real r) (vect reach) b M Hr); auto.
  - intros k Hk. apply (reach_inside_sound b c reach k). apply (upto_sound _ _ H1 k Hk).
  - intros Pos k v Hk. apply orb_true_iff in H2. destruct H2 as [H2|H2].
    + apply Z.eqb_eq in H2. unfold real in Pos. rewrite H2, rat_div in Pos. unfold Rdiv in Pos. lra.
    + destruct (all2_sound _ _ _ _ _ H2 k) as [f Hf]; [apply in_seq; lia|]. exact (reach_matrix_sound _ _ _ _ _ _ _ Hk Hf v).
  - intros k Hk. apply (reach_inside_sound b c reach k). apply (upto_sound _ _ H1 k Hk). Qed.

(** ** |V|_P <= s for every vector of a box, in integers: p D^2 d^2 |V|^2 <= ... *)
Definition norm_below n (P : matrix) (V : box) (t : ratio) : bool :=
  (form_upper n P V * Zpos (snd t) ^ 2 <=? fst t ^ 2 * (Zpos (mat_den P) * Zpos (box_den V) ^ 2))%Z.
Lemma norm_below_sound n P V t x : norm_below n P V t = true -> in_box n V x -> form n (mat P) x x <= real t ^ 2.
Proof. unfold norm_below. rewrite Z.leb_le. intros H Hx. eapply Rle_trans; [apply (form_upper_sound n P V x Hx)|].
  apply IZR_le in H. rewrite !mult_IZR in H. unfold real. rewrite rat_div.
  pose proof (den_pos (mat_den P)) as Hp. pose proof (den_pos (box_den V)) as Hb. pose proof (den_pos (snd t)) as Ht.
  rewrite <- !pow_IZR with (n := 2%nat) in H.
  set (p := IZR (Zpos (mat_den P))) in *. set (b := IZR (Zpos (box_den V))) in *. set (q := IZR (Zpos (snd t))) in *.
  assert (B2 : 0 < b ^ 2) by (apply pow_lt; auto). assert (Q2 : 0 < q ^ 2) by (apply pow_lt; auto).
  apply Rmult_le_reg_r with (p * b ^ 2 * q ^ 2). { apply Rmult_lt_0_compat; auto. apply Rmult_lt_0_compat; auto. }
  replace (IZR (form_upper n P V) / (p * b ^ 2) * (p * b ^ 2 * q ^ 2)) with (IZR (form_upper n P V) * q ^ 2) by (field; split; lra).
  replace ((IZR (fst t) / q) ^ 2 * (p * b ^ 2 * q ^ 2)) with (IZR (fst t) ^ 2 * (p * b ^ 2)) by (field; lra). exact H. Qed.

(** ** One equilibrium *)
Definition times_ratio (a b : ratio) : ratio := ((fst a * fst b)%Z, (snd a * snd b)%positive).
Lemma times_ratio_value a b : real (times_ratio a b) = real a * real b.
Proof. unfold real, times_ratio; cbn [fst snd]. rewrite !rat_div, mult_IZR, Pos2Z.inj_mul, mult_IZR.
  pose proof (den_pos (snd a)). pose proof (den_pos (snd b)). field; lra. Qed.
Definition nonnegative (r : ratio) : bool := (0 <=? fst r)%Z.
Lemma nonnegative_sound r : nonnegative r = true -> 0 <= real r.
Proof. unfold nonnegative, real. rewrite Z.leb_le, rat_div. intros H. apply IZR_le in H. apply Rmult_le_pos; auto.
  left. apply Rinv_0_lt_compat, den_pos. Qed.

(** margin a on the region, the ball of radius r around the centre inside it, |F(centre)|_P <= a r; V encloses F(centre) *)
Definition equilibrium_check ar g c (P : matrix) (lf : Z * factor) (a : ratio) (ws : list witness) (centre reach : vector) (r : ratio)
    (fs : list factor) (V : box) : bool :=
  strong_monotonicity_check ar g c P lf a ws && nonnegative r && ball_check ar g P centre reach r fs &&
  value_ok ar g centre V && norm_below (dim g) P V (times_ratio a r).
Theorem equilibrium_sound ar g c P lf a ws centre reach r fs V : cover_check ar g c = true ->
  equilibrium_check ar g c P lf a ws centre reach r fs V = true -> one_equilibrium g P centre (real r).
Proof. intros Cov. unfold equilibrium_check. rewrite !andb_true_iff. intros [[[[K Hr] B] Hv] Hn].
  unfold strong_monotonicity_check in K. rewrite !andb_true_iff, Z.ltb_lt in K. destruct K as [[Mt Ha] K]. apply metric_ok_sound in Mt.
  apply nonnegative_sound in Hr. pose proof (monotone_ok_sound ar g c Cov P _ a ws Mt K) as Mon.
  assert (Pos : 0 < real a) by (apply rat_pos; auto).
  pose proof (ball_check_sound ar g P _ centre reach r fs Mt Hr B) as Sub.
  pose proof (norm_below_sound _ _ _ _ _ Hn (value_ok_sound ar g centre V Hv)) as Hf. rewrite times_ratio_value in Hf.
  destruct (cover_sound ar g c Cov) as [_ [HF [HJ Hc]]]. destruct (covered_bounded (dim g) (domain g) (jacobian g c) (hulls g c) Hc) as [B0 HB].
  destruct (equilibrium_exists (dim g) (mat P) _ Mt (domain g) (play g) (jacobian g c) (real a) (vect centre) (real r) B0 Pos Hr Mon Sub HF HJ)
    as [z [Zz [Bz U]]]; auto.
  split; [eexists; exact Mt|]. exists z. split; auto. Qed.

(** ** Play in a ball *)
(** the steps times the values: an enclosure of H F(centre), for steps that are not negative *)
Definition scaled_box n (hs : vector) (V : box) : box := Box (vec_den hs * box_den V) (tabulate n (fun i =>
  let h := centre_entry hs i in ((h * fst (side V i))%Z, (h * snd (side V i))%Z))).
Lemma scaled_box_sound n hs V x : (forall i, (i < n)%nat -> 0 < vect hs i) -> in_box n V x -> in_box n (scaled_box n hs V) (fun i => vect hs i * x i).
Proof. intros Hh Hx i Hi. specialize (Hh i Hi). specialize (Hx i Hi). unfold low, high in *. unfold scaled_box; cbn [sides box_den].
  rewrite !nth_tabulate by auto. cbn [fst snd]. fold (side V i) in Hx. unfold vect in *. fold (centre_entry hs i) in *.
  rewrite !rat_div in *. rewrite Pos2Z.inj_mul, !mult_IZR. pose proof (den_pos (vec_den hs)) as H1. pose proof (den_pos (box_den V)) as H2.
  set (h := IZR (centre_entry hs i) / IZR (Zpos (vec_den hs))) in *.
  replace (IZR (centre_entry hs i) * IZR (fst (side V i)) / (IZR (Zpos (vec_den hs)) * IZR (Zpos (box_den V)))) with
    (h * (IZR (fst (side V i)) / IZR (Zpos (box_den V)))) by (unfold h; field; lra).
  replace (IZR (centre_entry hs i) * IZR (snd (side V i)) / (IZR (Zpos (vec_den hs)) * IZR (Zpos (box_den V)))) with
    (h * (IZR (snd (side V i)) / IZR (Zpos (box_den V)))) by (unfold h; field; lra).
  split; apply Rmult_le_compat_l; lra. Qed.

(** root^2 >= rho, root < 1, and |H F(centre)|_P <= (1 - root) r *)
Definition complement (s : ratio) : ratio := ((Zpos (snd s) - fst s)%Z, snd s).
Definition in_ball_check ar g c (P : matrix) (lf : Z * factor) (hs : vector) (rho : ratio) (ws : list witness) (centre reach : vector) (r : ratio)
    (fs : list factor) (V : box) (root : ratio) : bool :=
  contraction_check ar g c P lf hs rho ws && all_free (players g) && nonnegative r && ball_check ar g P centre reach r fs &&
  is_rate root && (fst rho * Zpos (snd root) ^ 2 <=? fst root ^ 2 * Zpos (snd rho))%Z &&
  value_ok ar g centre V && norm_below (dim g) P (scaled_box (dim g) hs V) (times_ratio (complement root) r).
Theorem in_ball_sound ar g c P lf hs rho ws centre reach r fs V root : cover_check ar g c = true ->
  in_ball_check ar g c P lf hs rho ws centre reach r fs V root = true -> converges_in_ball g P hs (real rho) centre (real r).
Proof. intros Cov. unfold in_ball_check. rewrite !andb_true_iff, Z.leb_le. intros [[[[[[[K Fr] Hr] B] Rt] Sq] Hv] Hn].
  destruct (contraction_parts ar g c Cov _ _ _ _ _ K) as [M [_ [_ [S [Q C]]]]]. apply nonnegative_sound in Hr.
  pose proof (ball_check_sound ar g P _ centre reach r fs M Hr B) as Sub. apply is_rate_sound in Rt.
  assert (Hpos : forall i, (i < dim g)%nat -> 0 < vect hs i) by (exact (steps_positive (dim g) _ _ eq_refl S)).
  assert (Nz : forall i, (i < dim g)%nat -> vect hs i <> 0) by (intros i Hi; specialize (Hpos i Hi); lra).
  assert (Root : real rho <= real root ^ 2).
  { apply IZR_le in Sq. rewrite !mult_IZR in Sq. rewrite <- !pow_IZR with (n := 2%nat) in Sq. unfold real. rewrite !rat_div.
    pose proof (den_pos (snd rho)) as H1. pose proof (den_pos (snd root)) as H2.
    set (p := IZR (Zpos (snd rho))) in *. set (q := IZR (Zpos (snd root))) in *. assert (Q2 : 0 < q ^ 2) by (apply pow_lt; auto).
    apply Rmult_le_reg_r with (p * q ^ 2). { apply Rmult_lt_0_compat; auto. }
    replace (IZR (fst rho) / p * (p * q ^ 2)) with (IZR (fst rho) * q ^ 2) by (field; lra).
    replace ((IZR (fst root) / q) ^ 2 * (p * q ^ 2)) with (IZR (fst root) ^ 2 * p) by (field; lra). exact Sq. }
  assert (Moved : dist2 (dim g) (mat P) (step (vect hs) (play g) (vect centre)) (vect centre) <= ((1 - real root) * real r) ^ 2).
  { pose proof (norm_below_sound _ _ _ _ _ Hn (scaled_box_sound _ hs V _ Hpos (value_ok_sound ar g centre V Hv))) as Hf.
    rewrite times_ratio_value in Hf. replace (real (complement root)) with (1 - real root) in Hf.
    - unfold dist2. set (d := fun i => (-1) * (vect hs i * play g (vect centre) i)).
      rewrite (form_vext _ (mat P) _ d _ d) by (intros i Hi; unfold d, minus, step; ring).
      eapply Rle_trans; [|exact Hf]. right. rewrite !form_sum. apply sum_ext; intros i Hi. apply sum_ext; intros j Hj. unfold d. ring.
    - unfold complement, real; cbn [fst snd]. rewrite !rat_div, minus_IZR. pose proof (den_pos (snd root)). field; lra. }
  destruct (ball_play_converges (dim g) (mat P) _ (play g) (vect hs) (real rho) M Nz Q (domain g) (vect centre) (real r) (real root) C Hr Sub Rt Root Moved)
    as [_ [z [Zz [Bz [U H]]]]].
  split; [eexists; exact M|]. split; [exact Q|]. split; [exact Sub|]. exists z. auto. Qed.
