(** The claims that speak of a metric, in plain words: what a theorem of MetricClaims.v or EquilibriumClaims.v says of a game of at most
    three coordinates, with squared distances, field and steps written out. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Monotone Step Projection Banach Convergence Definite Enclosure Game GameChecks MetricClaims Plain.
Import ListNotations.
Open Scope R_scope.

Section Words.
Variables (g : game) (P : matrix).
Let n := dim g.
(** the squared distance that the integers of P give: a positive multiple of |u|_P^2 *)
Definition square (u : vec) : R := norm_words (dim g) (entries_of P) u.
Definition pairing (u v : vec) : R := pairing_words (dim g) (entries_of P) u v.
Definition scale : R := IZR (Zpos (mat_den P)).
Lemma scale_pos : 0 < scale. Proof. apply den_pos. Qed.
Hypothesis Small : small_game g = true.
Lemma small_dim : (dim g <= 3)%nat. Proof. apply Nat.leb_le, Small. Qed.
Lemma square_form u : square u = scale * form n (mat P) u u.
Proof. unfold square. rewrite norm_words_form by apply small_dim. apply entries_form. Qed.
Lemma pairing_form u v : pairing u v = scale * form n (mat P) u v.
Proof. unfold pairing. rewrite pairing_words_form by apply small_dim. apply entries_form. Qed.
Lemma square_same u v : same n u v -> square u = square v.
Proof. intros H. rewrite !square_form. f_equal. apply form_vext; exact H. Qed.
Lemma square_dist x y : square (minus x y) = scale * dist2 n (mat P) x y.
Proof. apply square_form. Qed.

(** the squared distance is positive wherever some coordinate differs *)
Definition definite_words : Prop :=
  over (dim g) (fun d => some_of (map (fun i => d i <> 0) (seq 0 (dim g))) -> 0 < square d).
Lemma definite_plain : definite g P -> definite_words.
Proof. intros [lam [Hl [_ H]]]. apply over_all. intros d Hd. apply some_of_in in Hd. destruct Hd as [h [Hh Hd]].
  apply in_map_iff in Hh. destruct Hh as [i [<- Hi]]. apply in_seq in Hi. rewrite square_form. apply Rmult_lt_0_compat; [apply scale_pos|].
  eapply Rlt_le_trans; [|apply H]. apply Rmult_lt_0_compat; [exact Hl|]. eapply Rlt_le_trans; [|apply (dot_entry (dim g) d i); lia].
  rewrite <- Rsqr_pow2. apply Rsqr_pos_lt, Hd. Qed.

Definition plain_ratio (q : ratio) : R := value (fst q # snd q).
Lemma plain_ratio_real q : plain_ratio q = real q.
Proof. apply value_rat. Qed.
Lemma rate_plain q : 0 <= real q < 1 -> 0 <= plain_ratio q < 1.
Proof. rewrite plain_ratio_real. auto. Qed.

(** ** Strong monotonicity *)
Definition monotone_words (a : ratio) : Prop := over (dim g) (fun x => over (dim g) (fun y => given (domain_words g x ++ domain_words g y)
  (plain_ratio a * square (minus x y) <= pairing (minus (field_words g x) (field_words g y)) (minus x y)))).
Definition unique_words : Prop := over (dim g) (fun x => over (dim g) (fun y => given
  (domain_words g x ++ domain_words g y ++ zero_words g x ++ zero_words g y) (all (equal_words (dim g) x y)))).
Theorem plain_strong_monotonicity a : strongly_monotone_game g P (real a) ->
  definite_words /\ 0 < plain_ratio a /\ monotone_words a /\ unique_words.
Proof. intros [D [Ha [M U]]]. split; [apply definite_plain, D|]. split; [rewrite plain_ratio_real; exact Ha|]. split.
  - apply over_all; intros x. apply over_all; intros y. apply given_in. rewrite in_two, !domain_words_domain. intros [Hx Hy].
    rewrite square_dist, pairing_form, plain_ratio_real. pose proof (Rmult_le_compat_l _ _ _ (Rlt_le _ _ scale_pos) (M x y Hx Hy)) as H.
    rewrite (form_vext _ _ (minus (field_words g x) (field_words g y)) (minus (play g x) (play g y)) _ (minus x y)).
    + fold n. fold n in H. lra.
    + intros i _. unfold minus. rewrite !field_words_play by exact Small. reflexivity.
    + intros i _. reflexivity.
  - apply over_all; intros x. apply over_all; intros y. apply given_in. rewrite !in_two, !domain_words_domain, !zero_words_zero by exact Small.
    intros [Hx [Hy [Zx Zy]]]. apply all_in, in_upto. exact (U x y Hx Hy Zx Zy). Qed.
End Words.

Section Steps.
Variables (g : game) (P : matrix) (hs : vector) (rho : ratio).
Let n := dim g.
Hypothesis Clamped : clamped g = true.
Let Small : small_game g = true := proj2 (clamped_small g Clamped).
(** one step of gradient play with the steps [hs]; players who choose in a box stay in it *)
Definition coordinate_step (i : nat) : Q := nth i (vec_entries hs) 0%Z # vec_den hs.
Definition plain_step : vec -> vec := next g coordinate_step.
Lemma plain_step_same x : same n (plain_step x) (projected_step g (clamp g) hs x).
Proof. intros i Hi. unfold plain_step. rewrite next_clamp by auto. unfold projected_step, clamp. f_equal. apply
  FunctionalExtensionality.functional_extensionality.
  intros k. unfold step, vect, coordinate_step. rewrite Q2R_rat. reflexivity. Qed.

(** ** A step that contracts *)
Definition contraction_words : Prop := over (dim g) (fun x => over (dim g) (fun y => given (domain_words g x ++ domain_words g y)
  (square g P (minus (plain_step x) (plain_step y)) <= plain_ratio rho * square g P (minus x y)))).
Theorem plain_contraction : step_contracts_game g P hs (real rho) -> definite_words g P /\ 0 <= plain_ratio rho < 1 /\ contraction_words.
Proof. intros [D [Q [_ C]]]. split; [apply definite_plain; auto|]. split; [apply rate_plain, Q|].
  apply over_all; intros x. apply over_all; intros y. apply given_in. rewrite in_two, !domain_words_domain. intros [Hx Hy].
  rewrite (square_same g P Small _ (minus (projected_step g (clamp g) hs x) (projected_step g (clamp g) hs y))).
  - rewrite !square_dist, plain_ratio_real by exact Small.
    pose proof (Rmult_le_compat_l _ _ _ (Rlt_le _ _ (scale_pos P)) (C (clamp g) (clamp_projects_game g Clamped) x y Hx Hy)) as H. lra.
  - intros i Hi. unfold minus. rewrite !plain_step_same by exact Hi. reflexivity. Qed.

(** ** Convergence *)
Hypothesis Ext : extensional (dim g) (play g).
(** play that starts in a set stays there, squared distances to z shrink by the rate, and every coordinate converges to z's *)
Definition settle_words (K : vec -> list Prop) (z : vec) : Prop := sequences (dim g) (fun s => given (K (s O)) (given
  (map (fun i => forall k, s (S k) i = plain_step (s k) i) (seq 0 (dim g)))
  ((forall k, both (K (s k)) (square g P (minus (s k) z) <= plain_ratio rho ^ k * square g P (minus (s O) z))) /\
   all (map (fun i => Un_cv (fun k => s k i) (z i)) (seq 0 (dim g)))))).

(** an orbit, written as sequences, is the orbit of the map *)
Lemma orbit_same T (s : nat -> vec) : (forall x, same n (plain_step x) (T x)) ->
  (forall i, (i < n)%nat -> forall k, s (S k) i = plain_step (s k) i) -> forall k, same n (s k) (orbit T (s O) k).
Proof. intros HT Hs. assert (E : extensional n (plain_step)) by (apply next_same; auto).
  induction k as [|k IH]; intros i Hi; [reflexivity|]. rewrite (Hs i Hi k), (E _ _ IH i Hi). cbn [orbit]. apply HT, Hi. Qed.
Lemma settles_plain T (K : region) (KW : vec -> list Prop) z z' : (forall x, same n (plain_step x) (T x)) ->
  (forall x, (forall h : Prop, In h (KW x) -> h) <-> K x) -> closed_under n K -> same n z z' ->
  settles g P K T (real rho) z -> settle_words KW z'.
Proof. intros HT HK Kc E H. apply sequences_all. intros s. apply given_in. rewrite HK. intros H0. apply given_in. rewrite in_upto. intros Hs.
  pose proof (orbit_same T s HT Hs) as Or. destruct (H (s O) H0) as [H1 H2]. split.
  - intros k. destruct (H1 k) as [Kk Dk]. apply both_in.
    + rewrite HK. apply (Kc (orbit T (s 0%nat) k)); auto. intros i Hi. symmetry. apply Or, Hi.
    + rewrite !square_dist, plain_ratio_real by exact Small. rewrite (dist2_same (dim g) (mat P) (s k) (orbit T (s 0%nat) k) z' z),
        (dist2_same (dim g) (mat P) (s 0%nat) (s 0%nat) z' z); try (intros i Hi; symmetry; apply E, Hi); try apply Or; try (intros i Hi; reflexivity).
      pose proof (Rmult_le_compat_l _ _ _ (Rlt_le _ _ (scale_pos P)) Dk) as M. lra.
  - apply all_in, in_upto. intros i Hi. specialize (H2 i Hi). rewrite <- (E i Hi). apply (cv_ext (fun k => orbit T (s 0%nat) k i)); [|exact H2].
    intros k. symmetry. apply Or, Hi. Qed.

Lemma zero_same x y : same n x y -> zero n (play g) x -> zero n (play g) y.
Proof. intros E H i Hi. rewrite <- (Ext x y E i Hi). apply H, Hi. Qed.

(** every zero of the field in the region is z *)
Definition only_zero (z : vec) : Prop := over (dim g) (fun w => given (domain_words g w ++ zero_words g w) (all (equal_words (dim g) w z))).
Lemma only_zero_plain z z' : same n z z' -> (forall w, domain g w -> zero n (play g) w -> same n w z) -> only_zero z'.
Proof. intros E U. apply over_all. intros w. apply given_in. rewrite in_two, domain_words_domain, zero_words_zero by exact Small. intros [Hw Zw].
  apply all_in, in_upto. intros i Hi. rewrite (U w Hw Zw i Hi). apply E, Hi. Qed.

(** nobody is constrained: the projection does nothing *)
Hypothesis Unbound : clamped g && all_free (players g) = true.
Lemma plain_step_free x : same n (plain_step x) (step (vect hs) (play g) x).
Proof. apply andb_true_iff in Unbound. destruct Unbound as [_ F]. intros i Hi. destruct (placed_covers (players g) 0 i Hi) as [o [p [k [Hp [Hk E]]]]].
  simpl in E. subst i. unfold plain_step, next. pose proof (kinds_at _ _ _ _ _ Hp Hk) as K. rewrite Nat.sub_0_r in K. rewrite K.
  rewrite (all_free_sound _ F o p Hp), scaled_value, field_words_play by exact Small. unfold step, vect, coordinate_step. rewrite Q2R_rat. reflexivity. Qed.
Theorem plain_everywhere : limits g = None -> converges_everywhere g P hs (real rho) ->
  definite_words g P /\ 0 <= plain_ratio rho < 1 /\ some (dim g) (fun z => both (zero_words g z) (only_zero z /\ settle_words (fun _ => []) z)).
Proof. intros L [D [Q [z [Z [U S]]]]]. split; [apply definite_plain; auto|]. split; [apply rate_plain, Q|].
  destruct (written (dim g) z) as [z' [E [W _]]]. apply W. apply both_in; [|split].
  - apply zero_words_zero; auto. exact (zero_same z z' E Z).
  - apply (only_zero_plain z z' E). intros w _ Zw. exact (U w Zw).
  - apply (settles_plain (step (vect hs) (play g)) whole _ z z'); auto.
    + exact plain_step_free.
    + intros x. split; [intros _; exact I|intros _ h []].
    + intros x y _ _. exact I. Qed.

(** the ball {|x - c|_P <= r}, both sides times the denominator of P *)
Variables (c : vector) (r : ratio).
Definition away (x : vec) : vec := fun i => plus_constant (x i) (- (nth i (vec_entries c) 0%Z # vec_den c)).
Definition ball_words (x : vec) : list Prop := [square g P (away x) <= value (inject_Z (Zpos (mat_den P)) * (fst r # snd r) * (fst r # snd r))].
Lemma ball_words_ball x : (forall h : Prop, In h (ball_words x) -> h) <-> ball n (mat P) (vect c) (real r) x.
Proof. unfold ball_words. rewrite in_one. rewrite (square_same g P Small _ (minus x (vect c))).
  - rewrite square_dist, value_Q2R, !Q2R_mult, Q2R_rat by exact Small. fold (real r). unfold ball.
    replace (Q2R (inject_Z (Zpos (mat_den P)))) with (scale P) by (unfold scale, inject_Z, Q2R; cbn [Qnum Qden]; field). pose proof (scale_pos P) as Hs. fold n.
    replace (scale P * real r * real r) with (scale P * real r ^ 2) by ring. split; intros H; [|apply Rmult_le_compat_l; [lra|exact H]].
    apply Rmult_le_reg_l with (scale P); auto.
  - intros i _. unfold away, minus. rewrite plus_constant_value, Q2R_opp. unfold vect. rewrite <- Q2R_rat. ring. Qed.
Lemma ball_closed_under : closed_under n (ball n (mat P) (vect c) (real r)).
Proof. intros x y E H. unfold ball in *. rewrite (dist2_same n (mat P) y x (vect c) (vect c)); auto; intros i Hi; [symmetry; apply E, Hi|reflexivity]. Qed.
Theorem plain_in_ball : converges_in_ball g P hs (real rho) c (real r) -> definite_words g P /\ 0 <= plain_ratio rho < 1 /\
  both (match limits g with None => [] | Some _ => [over (dim g) (fun x => given (ball_words x) (all (domain_words g x)))] end)
  (some (dim g) (fun z => both (zero_words g z ++ ball_words z) (only_zero z /\ settle_words ball_words z))).
Proof. intros [D [Q [B [z [Z [Bz [U S]]]]]]]. split; [apply definite_plain; auto|]. split; [apply rate_plain, Q|]. apply both_in.
  - assert (In1 : over (dim g) (fun x => given (ball_words x) (all (domain_words g x)))).
    { apply over_all. intros x. apply given_in. rewrite ball_words_ball. intros Hx. apply all_in, domain_words_domain, B, Hx. }
    destruct (limits g); [apply in_one, In1|intros h []].
  - destruct (written (dim g) z) as [z' [E [W _]]]. apply W. apply both_in; [|split].
    + apply in_two. split; [apply zero_words_zero; auto; exact (zero_same z z' E Z)|]. apply ball_words_ball. exact (ball_closed_under z z' E Bz).
    + exact (only_zero_plain z z' E U).
    + apply (settles_plain (step (vect hs) (play g)) (ball n (mat P) (vect c) (real r)) _ z z'); auto; [exact plain_step_free|exact ball_words_ball|exact
      ball_closed_under]. Qed.
End Steps.

(** ** One equilibrium in a ball *)
Theorem plain_equilibrium g P c r : clamped g = true -> extensional (dim g) (play g) -> one_equilibrium g P c (real r) -> definite_words g P /\
  some (dim g) (fun z => both (domain_words g z ++ zero_words g z ++ ball_words g P c r z) (only_zero g z)).
Proof. intros C Ext [D [z [Dz [Z [Bz U]]]]]. pose proof (proj2 (clamped_small g C)) as Small. split; [apply definite_plain; auto|]. destruct (written (dim g)
  z) as [z' [E [W _]]]. apply W.
  apply both_in.
  - rewrite !in_two, domain_words_domain, zero_words_zero by exact Small. rewrite ball_words_ball by exact C. split; [|split].
    + exact (domain_closed g z z' E Dz).
    + exact (zero_same g Ext z z' E Z).
    + exact (ball_closed_under g P c r z z' E Bz).
  - exact (only_zero_plain g C z z' E U). Qed.

(** ** Projected play on boxes converges to the solution of the variational inequality *)
Section Nash.
Variables (g : game) (P : matrix) (hs : vector) (rho : ratio).
Let n := dim g.
(** every coordinate is chosen in a box *)
Definition boxed (g : game) : bool := small_game g && forallb (fun p => match kind p with InBox => true | _ => false end) (players g) &&
  match limits g with Some _ => true | None => false end.
Hypothesis Boxed : boxed g = true.
Lemma boxed_parts : clamped g = true /\ small_game g = true /\ (forall o p, In (o, p) (placed 0 (players g)) -> kind p = InBox) /\ limits g = Some
  (strategy_box g).
Proof. unfold boxed in Boxed. rewrite !andb_true_iff, forallb_forall in Boxed. destruct Boxed as [[S K] L].
  assert (A : forall p, In p (players g) -> kind p = InBox) by (intros p Hp; specialize (K p Hp); destruct (kind p); auto; discriminate).
  split; [|split; [exact S|split]].
  - unfold clamped. rewrite S. cbn [andb]. apply forallb_forall. intros p Hp. rewrite (A p Hp). reflexivity.
  - intros o p Hp. apply A. exact (placed_in _ _ _ _ Hp).
  - unfold strategy_box. destruct (limits g); [reflexivity|discriminate]. Qed.
Lemma profiles_domain x : profiles g x <-> domain g x.
Proof. destruct boxed_parts as [_ [_ [K L]]]. unfold profiles, strategies, domain. rewrite L. split.
  - intros H i Hi. destruct (placed_covers (players g) 0 i Hi) as [o [p [k [Hp [Hk E]]]]]. simpl in E. subst i. specialize (H o p Hp).
    unfold allowed in H. rewrite (K o p Hp) in H. exact (H k Hk).
  - intros H o p Hp. unfold allowed. rewrite (K o p Hp). intros k Hk. apply H. destruct (placed_range _ _ _ _ Hp). unfold dim. lia. Qed.

(** no coordinate's own move inside its box decreases to first order *)
Definition nash_words (z : vec) : list Prop := domain_words g z ++ [over (dim g) (fun w => given (domain_words g w)
  (all (map (fun i => 0 <= field_words g z i * (w i - z i)) (seq 0 (dim g)))))].
Lemma nash_to_words z : nash (players g) (strategy_box g) (play g) z -> forall h : Prop, In h (nash_words z) -> h.
Proof. destruct boxed_parts as [_ [S [K L]]]. intros N. unfold nash_words. apply in_two. split.
  - apply domain_words_domain, profiles_domain. exact (proj1 N).
  - apply in_one. apply over_all. intros w. apply given_in. rewrite domain_words_domain. intros Hw. apply all_in, in_upto. intros i Hi.
    rewrite field_words_play by exact S. unfold domain in Hw. rewrite L in Hw.
    destruct (placed_covers (players g) 0 i Hi) as [o [p [k [Hp [Hk E]]]]]. simpl in E. subst i.
    apply (nash_entry (players g) (strategy_box g) (play g) z o p k (w (o + k)%nat) N Hp Hk). rewrite (K o p Hp). exact (Hw _ Hi). Qed.
Lemma words_to_nash z : (forall h : Prop, In h (nash_words z) -> h) -> nash (players g) (strategy_box g) (play g) z.
Proof. destruct boxed_parts as [_ [S [K L]]]. unfold nash_words. rewrite in_two, in_one, domain_words_domain. intros [Dz V].
  assert (Vz : forall i, (i < n)%nat -> forall t, low (strategy_box g) i <= t <= high (strategy_box g) i -> 0 <= play g z i * (t - z i)).
  { intros i Hi t Ht. destruct (written (dim g) (replace z i t)) as [w [E [_ W]]]. specialize (W _ V). cbv beta in W.
    assert (Dw : domain g w).
    { apply (domain_closed g (replace z i t) w E). unfold domain in *. rewrite L in *. intros j Hj. unfold replace.
      destruct (Nat.eqb_spec j i) as [->|_]; [exact Ht|exact (Dz j Hj)]. }
    assert (Q : forall h : Prop, In h (map (fun i => 0 <= field_words g z i * (w i - z i)) (seq 0 (dim g))) -> h).
    { apply all_in. apply (given_out _ _ W). apply domain_words_domain, Dw. }
    rewrite in_upto in Q. specialize (Q i Hi). rewrite field_words_play, <- (E i Hi) in Q by exact S. unfold replace in Q. rewrite Nat.eqb_refl in Q. exact Q. }
  split; [apply profiles_domain, Dz|]. intros o p Hp y Hy. unfold allowed in Hy. rewrite (K o p Hp) in Hy. apply sum_nonneg. intros k Hk.
  apply Vz; [|exact (Hy k Hk)]. destruct (placed_range _ _ _ _ Hp). unfold n, dim. lia. Qed.

Theorem plain_nash : extensional (dim g) (play g) -> converges_to_nash g P hs (real rho) -> definite_words g P /\ 0 <= plain_ratio rho < 1 /\
  some (dim g) (fun z => both (nash_words z) (over (dim g) (fun w => given (nash_words w) (all (equal_words (dim g) w z))) /\
    settle_words g P hs rho (domain_words g) z)).
Proof. intros Ext [D [Q [_ H]]]. destruct boxed_parts as [C [S [K L]]]. split; [apply definite_plain; auto|]. split; [apply rate_plain, Q|].
  destruct (H (clamp g) (clamp_projects_game g C)) as [z [N [U T]]]. destruct (written (dim g) z) as [z' [E [W _]]]. apply W. apply both_in; [|split].
  - apply nash_to_words. split.
    + apply profiles_domain. apply (domain_closed g z z' E), profiles_domain. exact (proj1 N).
    + intros o p Hp y Hy. rewrite (sum_ext _ _ (fun k => play g z (o + k)%nat * (y (o + k)%nat - z (o + k)%nat))); [exact (proj2 N o p Hp y Hy)|].
      intros k Hk. assert (Hi : (o + k < dim g)%nat) by (destruct (placed_range _ _ _ _ Hp); unfold dim; lia).
      rewrite <- (Ext z z' E _ Hi), <- (E _ Hi). reflexivity.
  - apply over_all. intros w. apply given_in. intros Hw. apply words_to_nash in Hw. apply all_in, in_upto. intros i Hi. rewrite (U w Hw i Hi). apply E, Hi.
  - apply (settles_plain g P hs rho C Ext (projected_step g (clamp g) hs) (profiles g) _ z z'); auto.
    + apply plain_step_same, C.
    + intros x. rewrite domain_words_domain. symmetry. apply profiles_domain.
    + intros x y Exy Hx. apply profiles_domain. apply (domain_closed g x y Exy), profiles_domain, Hx. Qed.
End Nash.
