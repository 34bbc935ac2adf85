(** Small-Gain Nash and the Schur-test step in plain words, for games of at most three coordinates. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Monotone Step Projection Banach Convergence Definite Enclosure Blocks SmallGain Schur
  Game GameChecks MetricClaims BlockClaims Plain.
Import ListNotations.
Open Scope R_scope.

Section Blocks.
Variable g : game.
Let n := dim g.
Let ds := shape g.
Hypothesis Small : small_game g = true.
(** a number per player, on his coordinates *)
Definition per_player (w : vector) : nat -> Q := fun i => nth (owner (shape g) i) (vec_entries w) 0%Z # vec_den w.
Definition weights_of (w : vector) i j : Q := if Nat.eqb i j then per_player w i else 0%Q.
Definition weighted_square (w : vector) (u : vec) : R := norm_words (dim g) (weights_of w) u.
Definition weighted_pairing (w : vector) (u v : vec) : R := pairing_words (dim g) (weights_of w) u v.
Lemma dim_small : (dim g <= 3)%nat. Proof. apply Nat.leb_le, Small. Qed.
Lemma weights_diagonal w u v : form n (fun i j => Q2R (weights_of w i j)) u v = weighted_dot ds (vect w) u v.
Proof. unfold weighted_dot. unfold ds. rewrite shape_dim. apply form_ext. intros i j _ _. unfold weights_of, diagonal, per_player, vect.
  destruct (Nat.eqb i j); [apply Q2R_rat|apply RMicromega.Q2R_0]. Qed.
Lemma weighted_square_sq w u : weighted_square w u = weighted_sq ds (vect w) u.
Proof. unfold weighted_square. rewrite norm_words_form by apply dim_small. apply weights_diagonal. Qed.
Lemma weighted_pairing_dot w u v : weighted_pairing w u v = weighted_dot ds (vect w) u v.
Proof. unfold weighted_pairing. rewrite pairing_words_form by apply dim_small. apply weights_diagonal. Qed.
Lemma weighted_dot_same w u u' v v' : same n u u' -> same n v v' -> weighted_dot ds w u v = weighted_dot ds w u' v'.
Proof. intros E E'. unfold weighted_dot. unfold ds. rewrite shape_dim. apply form_vext; auto. Qed.
Lemma field_minus x y : same n (minus (field_words g x) (field_words g y)) (minus (play g x) (play g y)).
Proof. intros i _. unfold minus. rewrite !field_words_play by exact Small. reflexivity. Qed.

(** ** Small-Gain Nash *)
Definition pairs (C : vec -> vec -> Prop) : Prop :=
  over (dim g) (fun x => over (dim g) (fun y => given (domain_words g x ++ domain_words g y) (C x y))).
Lemma pairs_all (C : vec -> vec -> Prop) : (forall x y, domain g x -> domain g y -> C x y) -> pairs C.
Proof. intros H. apply over_all; intros x. apply over_all; intros y. apply given_in. rewrite in_two, !domain_words_domain. intros [Hx Hy]. auto. Qed.
Definition ratio_value (q : ratio) : R := value (fst q # snd q).
Lemma ratio_value_real q : ratio_value q = real q.
Proof. apply value_rat. Qed.
(** r_1 + r_2 + ... *)
Fixpoint added (acc : R) (l : list R) : R := match l with [] => acc | r :: l => added (acc + r) l end.
Definition addition (l : list R) : R := match l with [] => 0 | r :: l => added r l end.
Lemma added_value l : forall acc, added acc l = acc + fold_right Rplus 0 l.
Proof. induction l as [|r l IH]; intros acc; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma addition_sum m (f : nat -> R) : addition (map f (seq 0 m)) = sum m f.
Proof. assert (A : forall l, addition l = fold_right Rplus 0 l) by (destruct l; simpl; [reflexivity|apply added_value]). rewrite A.
  assert (B : forall k s, fold_right Rplus s (map f (seq 0 k)) = sum k f + s).
  { induction k as [|k IH]; intros s; [simpl; ring|]. rewrite seq_S, map_app, fold_right_app. cbn [map fold_right]. rewrite IH. simpl. ring. }
  rewrite B. ring. Qed.
(** for every weight ratio of the band some weights of that ratio make the field monotone *)
Definition band_plain (b : nat * nat * R * R) : Prop := let '(i, j, lo, hi) := b in forall r, lo <= r <= hi ->
  some (player_count (shape g)) (fun u => both (map (fun k => 0 < u k) (seq 0 (player_count (shape g)))) (u i = r * u j /\
    pairs (fun x y => 0 <= addition (map (fun k => u (owner (shape g) k) * ((field_words g x k - field_words g y k) * (x k - y k))) (seq 0 (dim g)))))).
Definition band_numbers (b : band) : nat * nat * R * R := (first b, second b, ratio_value (lowest b), ratio_value (highest b)).
Definition small_gain_words (w : vector) (a beta : ratio) (bands : list band) : Prop :=
  pairs (fun x y => ratio_value a * weighted_square w (minus x y) <= weighted_pairing w (minus (field_words g x) (field_words g y)) (minus x y)) /\
  pairs (fun x y => weighted_square w (minus (field_words g x) (field_words g y)) <= ratio_value beta ^ 2 * weighted_square w (minus x y)) /\
  both (map (fun b => band_plain (band_numbers b)) bands)
  (pairs (fun x y => forall h, 0 <= h -> weighted_square w (minus (fun i => x i - h * field_words g x i) (fun i => y i - h * field_words g y i)) <=
    (1 - 2 * ratio_value a * h + ratio_value beta ^ 2 * h ^ 2) * weighted_square w (minus x y))).
(** bands name players *)
Definition bands_ok (bands : list band) : bool := forallb (fun b => Nat.ltb (first b) (player_count (shape g)) && Nat.ltb (second b) (player_count (shape
  g))) bands.
Theorem plain_small_gain w a beta bands : bands_ok bands = true -> 0 < real a /\ small_gain_game g w (real a) (real beta) (map band_words bands) ->
  0 < ratio_value a /\ small_gain_words w a beta bands.
Proof. intros Bn [Ha [_ [M [_ Bd]]]]. split; [rewrite ratio_value_real; exact Ha|]. split; [|split].
  - apply pairs_all. intros x y Hx Hy. rewrite weighted_square_sq, weighted_pairing_dot, ratio_value_real.
    rewrite (weighted_dot_same _ _ _ _ _ (field_minus x y) (fun i _ => eq_refl)). apply (M x y Hx Hy).
  - apply pairs_all. intros x y Hx Hy. rewrite !weighted_square_sq, ratio_value_real. unfold weighted_sq at 1.
    rewrite (weighted_dot_same _ _ _ _ _ (field_minus x y) (field_minus x y)). apply (M x y Hx Hy).
  - apply both_in.
    + intros h Hh. apply in_map_iff in Hh. destruct Hh as [b [<- Hb]]. unfold bands_ok in Bn. rewrite forallb_forall in Bn. specialize (Bn b Hb).
      rewrite andb_true_iff, !Nat.ltb_lt in Bn. unfold band_plain, band_numbers. rewrite !ratio_value_real. intros r Hr.
      destruct (Bd (first b) (second b) (real (lowest b)) (real (highest b)) (in_map band_words bands b Hb) r Hr) as [u [Pu [Ru Mu]]].
      destruct (written (player_count (shape g)) u) as [u' [E [W _]]]. apply W. apply both_in; [|split].
      * apply in_upto. intros i Hi. rewrite <- (E i Hi). apply Pu, Hi.
      * rewrite <- (E _ (proj1 Bn)), <- (E _ (proj2 Bn)). exact Ru.
      * apply pairs_all. intros x y Hx Hy. rewrite addition_sum. eapply Rle_trans; [exact (Mu x y Hx Hy)|]. right.
        rewrite weighted_dot_coordinates, shape_dim. apply sum_ext. intros k Hk. rewrite !field_words_play by exact Small. rewrite (E (owner (shape g) k));
          [reflexivity|].
        destruct (owner_spec (shape g) k) as [Ho _]; [rewrite shape_dim; exact Hk|exact Ho].
    + apply pairs_all. intros x y Hx Hy h Hh. rewrite !weighted_square_sq, !ratio_value_real. destruct (M x y Hx Hy) as [_ [_ S]]. specialize (S h Hh).
      unfold weighted_sq at 1. rewrite (weighted_dot_same _ _ (minus (explicit_step (play g) h x) (explicit_step (play g) h y)) _ (minus (explicit_step (play
        g) h x) (explicit_step (play g) h y))).
      * exact S.
      * intros i _. unfold minus, explicit_step. rewrite !field_words_play by exact Small. reflexivity.
      * intros i _. unfold minus, explicit_step. rewrite !field_words_play by exact Small. reflexivity. Qed.
End Blocks.

(** ** The Schur-test step *)
Section Schur.
Variables (g : game) (h v : vector) (rate : ratio) (weights : option vector).
Let n := dim g.
(** every player has one coordinate and is free or chooses in a box; the scales are positive *)
Definition scalar_players : bool := clamped g && forallb (fun d => Nat.eqb d 1) (shape g) && positive_check (player_count (shape g)) v.
Definition schur_play : vec -> vec := next g (per_player g h).
Definition scale_of i : Q := nth i (vec_entries v) 0%Z # vec_den v.
(** whatever E bounds all |x_i - y_i|/v_i, rate E bounds them after the step; and the weighted norm shrinks *)
Definition schur_words : Prop :=
  pairs g (fun x y => forall E, given (map (fun i => Rabs (x i - y i) <= scaled (scale_of i) E) (seq 0 (dim g)))
    (all (map (fun i => Rabs (schur_play x i - schur_play y i) <= scaled (scale_of i) (ratio_value rate * E)) (seq 0 (dim g))))).
Definition schur_weighted : list Prop := match weights with None => [] | Some w => [
  pairs g (fun x y => weighted_square g w (minus (schur_play x) (schur_play y)) <= ratio_value rate ^ 2 * weighted_square g w (minus x y))] end.
Hypothesis Scalar : scalar_players = true.
Lemma scalar_parts : clamped g = true /\ small_game g = true /\ (forall i, (i < player_count (shape g))%nat -> block_size (shape g) i = 1%nat) /\
  positive_upto (player_count (shape g)) (vect v).
Proof. unfold scalar_players in Scalar. rewrite !andb_true_iff, forallb_forall in Scalar. destruct Scalar as [[C D] V]. split; [exact C|]. split.
  - apply clamped_small, C.
  - split; [|apply positive_check_sound, V]. intros i Hi. apply Nat.eqb_eq, D. unfold block_size. apply nth_In, Hi. Qed.
Lemma block_start_scalar i : (i <= player_count (shape g))%nat -> block_start (shape g) i = i.
Proof. destruct scalar_parts as [_ [_ [D _]]]. induction i as [|i IH]; intros Hi; [reflexivity|]. cbn [block_start]. rewrite IH, D by lia. lia. Qed.
Lemma players_dim : player_count (shape g) = dim g.
Proof. rewrite <- shape_dim. unfold coordinates. symmetry. apply block_start_scalar. lia. Qed.
Lemma block_norm_scalar i u : (i < dim g)%nat -> block_norm (shape g) i u = Rabs (u i).
Proof. rewrite <- players_dim. intros Hi. destruct scalar_parts as [_ [_ [D _]]]. unfold block_norm, block_dot, dot, block_part. rewrite D,
  block_start_scalar by lia.
  cbn [sum]. rewrite Nat.add_0_r, Rplus_0_l. apply sqrt_Rsqr_abs. Qed.
Lemma schur_play_same x : same n (schur_play x) (play_game g (clamp g) h x).
Proof. intros i Hi. destruct scalar_parts as [C _]. unfold schur_play. rewrite next_clamp by auto. unfold play_game, play_step. f_equal.
  apply FunctionalExtensionality.functional_extensionality. intros k. unfold per_player, vect. rewrite Q2R_rat. reflexivity. Qed.
Theorem plain_schur : schur_simultaneous g h v (real rate) weights -> 0 <= ratio_value rate < 1 /\ both schur_weighted schur_words.
Proof. intros [Q H]. destruct scalar_parts as [C [S [D V]]]. split; [rewrite ratio_value_real; exact Q|].
  destruct (H (clamp g) (clamp_projects_game g C)) as [H1 H2]. cbv zeta in H1, H2. apply both_in.
  - unfold schur_weighted. destruct weights as [w|]; [|intros k []]. apply in_one. apply pairs_all. intros x y Hx Hy.
    rewrite !weighted_square_sq, ratio_value_real by exact S. unfold weighted_sq at 1.
    rewrite (weighted_dot_same g (vect w) _ (minus (play_game g (clamp g) h x) (play_game g (clamp g) h y)) _ (minus (play_game g (clamp g) h x) (play_game g
      (clamp g) h y)));
      [exact (H2 w eq_refl x y Hx Hy)| | ]; intros i Hi; unfold minus; rewrite !schur_play_same by exact Hi; reflexivity.
  - apply pairs_all. intros x y Hx Hy E. apply given_in. rewrite in_upto. intros B. apply all_in, in_upto. intros i Hi.
    assert (Vi : forall k, Q2R (scale_of k) = vect v k) by (intros; apply Q2R_rat).
    assert (HE : 0 <= E). { specialize (B i Hi). rewrite scaled_value, Vi in B. pose proof (Rabs_pos (x i - y i)) as A.
      specialize (V i). rewrite players_dim in V. specialize (V Hi). apply Rmult_le_reg_l with (vect v i); lra. }
    assert (W : within (shape g) (vect v) E (minus x y)).
    { intros k Hk. rewrite players_dim in Hk. rewrite block_norm_scalar by exact Hk. specialize (B k Hk). rewrite scaled_value, Vi in B. exact B. }
    apply (within_maximum (shape g) (vect v) V) in W; [|exact HE].
    assert (W' : within (shape g) (vect v) (real rate * E) (minus (play_game g (clamp g) h x) (play_game g (clamp g) h y))).
    { apply (within_maximum (shape g) (vect v) V); [apply Rmult_le_pos; lra|]. eapply Rle_trans; [exact (H1 x y Hx Hy)|]. apply Rmult_le_compat_l; [lra|exact
      W]. }
    specialize (W' i). rewrite players_dim in W'. specialize (W' Hi). rewrite block_norm_scalar in W' by exact Hi. unfold minus in W'.
    rewrite !schur_play_same, scaled_value, Vi, ratio_value_real by exact Hi. exact W'. Qed.
End Schur.
