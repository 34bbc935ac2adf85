(** The guideline h <= 5/(2 beta) for RK4, read as a contraction of one step in the certified norm, is false: a linear game of four scalar
    players with a small-gain certificate on which a step at h = 5/2 < 5/(2 beta) expands a difference. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Spaces Field Formulas RungeKutta Blocks SmallGain SmallGainMargins SmallGainLimits.
Open Scope R_scope.

(** The statement of rk4/contraction/guideline, for games: small-gain data (mu, L) that guarantee the margin alpha in the norm of the
    weights w, a linear field that is beta-Lipschitz in that norm, stages in the region, and 0 < h <= 5/(2 beta). *)
Definition guideline_statement := forall ds (X : region) F J mu L w alpha beta h (Hp : psd (coordinates ds) (diagonal ds w)) (x y : vec),
  let E := weighted_space (coordinates ds) (diagonal ds w) (fun i j _ _ => diagonal_sym ds w i j) Hp in
  small_gain_game ds X F J mu L -> (exists A, F = mv (coordinates ds) A) -> off_diagonal_nonneg (player_count ds) L ->
  positive_upto (player_count ds) w -> guaranteed (player_count ds) mu L w alpha -> @lipschitz E X F beta ->
  0 < alpha -> alpha <= beta -> 0 < h -> h <= 5 / (2 * beta) -> @stages_in E X F h x -> @stages_in E X F h y ->
  @norm E (@vsub E (@rk4 E F h x) (@rk4 E F h y)) <= rk4_contraction_guideline alpha beta h * @norm E (@vsub E x y).

Definition lit4 (a b c d : R) : vec := fun i => match i with 0%nat => a | 1%nat => b | 2%nat => c | _ => d end.
Definition game4 : nat -> nat -> R := fun i => match i with
  | 0%nat => lit4 (69 / 100) (-16 / 100) (17 / 100) (58 / 100) | 1%nat => lit4 0 (92 / 100) (24 / 100) 0
  | 2%nat => lit4 (18 / 100) 0 (59 / 100) 0 | _ => lit4 0 (28 / 100) (-63 / 100) (53 / 100) end.
Definition curvature4 : vec := lit4 (69 / 100) (92 / 100) (59 / 100) (53 / 100).
Definition coupling4 i j : R := Rabs (game4 i j).

Lemma four (P : nat -> Prop) : P 0%nat -> P 1%nat -> P 2%nat -> P 3%nat -> forall i, (i < 4)%nat -> P i.
Proof. intros H0 H1 H2 H3 i Hi. destruct i as [|[|[|[|i]]]]; auto. lia. Qed.
Lemma sum4 f : sum 4 f = f 0%nat + f 1%nat + f 2%nat + f 3%nat.
Proof. simpl. ring. Qed.

(** margin 1/50: the form of K exceeds (1/50)|e|^2 by four squares *)
Lemma margin4 : guaranteed 4 curvature4 coupling4 (fun _ => 1) (1 / 50).
Proof. intros ds X F J EN [HX [HF [HJ [Hc Hk]]]] x y Xx Xy.
  apply (monotone_from_quadratic ds X F J curvature4 coupling4 (fun _ => 1)); auto; try rewrite EN.
  - intros i j Hi Hj Ne. apply Rabs_pos.
  - intros i Hi. lra.
  - intros e. unfold gain_quadratic. rewrite !sum4. unfold gain, coupling4, curvature4. simpl.
    set (e0 := e 0%nat). set (e1 := e 1%nat). set (e2 := e 2%nat). set (e3 := e 3%nat).
    rewrite !(Rabs_pos_eq 0) by lra. rewrite (Rabs_left (-16 / 100)), (Rabs_left (-63 / 100)), (Rabs_pos_eq (17 / 100)), (Rabs_pos_eq (58
      / 100)),
      (Rabs_pos_eq (24 / 100)), (Rabs_pos_eq (18 / 100)), (Rabs_pos_eq (28 / 100)) by lra.
    pose proof (Rmult_le_pos (67 / 100) _ ltac:(lra) (pow2_ge_0 (1 * e0 + (-8 / 67) * e1 + (-35 / 134) * e2 + (-29 / 67) * e3))).
    pose proof (Rmult_le_pos (2983 / 3350) _ ltac:(lra) (pow2_ge_0 (1 * e1 + (-472 / 2983) * e2 + (-585 / 2983) * e3))).
    pose proof (Rmult_le_pos (598983 / 1193200) _ ltac:(lra) (pow2_ge_0 (1 * e2 + (-499208 / 598983) * e3))).
    pose proof (Rmult_le_pos (46261 / 29949150) _ ltac:(lra) (pow2_ge_0 (1 * e3))). lra. Qed.

Lemma scalar4_dot u : weighted_sq (scalar_players 4) (fun _ => 1) u = u 0%nat ^ 2 + u 1%nat ^ 2 + u 2%nat ^ 2 + u 3%nat ^ 2.
Proof. unfold weighted_sq. rewrite weighted_dot_coordinates, scalar_coordinates, sum4. ring. Qed.

(** Lipschitz constant 999/1000: (999/1000)^2 |d|^2 exceeds |Jd|^2 by four squares *)
Lemma lipschitz4 d : weighted_sq (scalar_players 4) (fun _ => 1) (mv 4 game4 d) <= (999 / 1000)^2 * weighted_sq (scalar_players 4) (fun _
  => 1) d.
Proof. rewrite !scalar4_dot. unfold mv. rewrite !sum4. simpl.
  set (d0 := d 0%nat). set (d1 := d 1%nat). set (d2 := d 2%nat). set (d3 := d 3%nat).
  pose proof (Rmult_le_pos (489501 / 1000000) _ ltac:(lra)
    (pow2_ge_0 (1 * d0 + (36800 / 163167) * d1 + (-74500 / 163167) * d2 + (-133400 / 163167) * d3))).
  pose proof (Rmult_le_pos (1234730789 / 54389000000) _ ltac:(lra)
    (pow2_ge_0 (1 * d1 + (1806109200 / 1234730789) * d2 + (1885091600 / 1234730789) * d3))).
  pose proof (Rmult_le_pos (19607059089289 / 1234730789000000) _ ltac:(lra) (pow2_ge_0 (1 * d2 + (2315671871700 / 19607059089289) * d3))).
  pose proof (Rmult_le_pos (7327960287801589 / 19607059089289000000) _ ltac:(lra) (pow2_ge_0 (1 * d3))). lra. Qed.

(** ** The step from v and from 0, stage by stage *)
Lemma mv4_same u u' : same 4 u u' -> forall i, mv 4 game4 u i = mv 4 game4 u' i.
Proof. intros H i. unfold mv. apply sum_ext; intros j Hj. rewrite (H j Hj). reflexivity. Qed.
Definition v0 := lit4 (-3 / 10) (-9 / 50) (9 / 10) (1 / 4).
Definition k1 := lit4 (599 / 5000) (63 / 1250) (477 / 1000) (-4849 / 10000).
Definition s2 := lit4 (-1799 / 4000) (-243 / 1000) (243 / 800) (6849 / 8000).
Definition k2 := lit4 (110697 / 400000) (-7533 / 50000) (39303 / 400000) (6219 / 32000).
Definition s3 := lit4 (-206697 / 320000) (333 / 40000) (248697 / 320000) (181 / 25600).
Definition k3 := lit4 (-9945643 / 32000000) (776727 / 4000000) (10952577 / 32000000) (-30946813 / 64000000).
Definition s4 := lit4 (6105643 / 12800000) (-1064727 / 1600000) (567423 / 12800000) (37346813 / 25600000).
Definition k4 := lit4 (1650278191 / 1280000000) (-19250523 / 32000000) (143379531 / 1280000000) (286177619 / 512000000).
Definition end4 := lit4 (-2638031551 / 3072000000) (342777 / 25600000) (294371703 / 1024000000) (565432189 / 1228800000).

Ltac entries := let i := fresh in let Hi := fresh in intros i Hi; destruct i as [|[|[|[|i]]]]; [| | | |lia]; clear Hi; unfold mv;
  rewrite ?sum4; simpl; lra.
Section Run.
Variable Hp : psd (coordinates (scalar_players 4)) (diagonal (scalar_players 4) (fun _ => 1)).
Let E := weighted_space _ _ (fun i j _ _ => diagonal_sym (scalar_players 4) (fun _ => 1) i j) Hp.
Let F : vec -> vec := mv 4 game4.

Lemma run_k1 : same 4 (F v0) k1. Proof. unfold F. entries. Qed.
Lemma run_s2 : same 4 (@stage2 E F (5 / 2) v0) s2.
Proof. intros i Hi. change (v0 i + -1 * (5 / 2 / 2 * F v0 i) = s2 i). rewrite (run_k1 i Hi). revert i Hi. entries. Qed.
Lemma run_k2 : same 4 (F (@stage2 E F (5 / 2) v0)) k2.
Proof. intros i Hi. unfold F at 1. rewrite (mv4_same _ _ run_s2). revert i Hi. entries. Qed.
Lemma run_s3 : same 4 (@stage3 E F (5 / 2) v0) s3.
Proof. intros i Hi. change (v0 i + -1 * (5 / 2 / 2 * F (@stage2 E F (5 / 2) v0) i) = s3 i). rewrite (run_k2 i Hi). revert i Hi. entries.
  Qed.
Lemma run_k3 : same 4 (F (@stage3 E F (5 / 2) v0)) k3.
Proof. intros i Hi. unfold F at 1. rewrite (mv4_same _ _ run_s3). revert i Hi. entries. Qed.
Lemma run_s4 : same 4 (@stage4 E F (5 / 2) v0) s4.
Proof. intros i Hi. change (v0 i + -1 * (5 / 2 * F (@stage3 E F (5 / 2) v0) i) = s4 i). rewrite (run_k3 i Hi). revert i Hi. entries. Qed.
Lemma run_k4 : same 4 (F (@stage4 E F (5 / 2) v0)) k4.
Proof. intros i Hi. unfold F at 1. rewrite (mv4_same _ _ run_s4). revert i Hi. entries. Qed.
Lemma run_end : same 4 (@rk4 E F (5 / 2) v0) end4.
Proof. intros i Hi. change (v0 i + -1 * (5 / 2 / 6 * (F v0 i + 2 * F (@stage2 E F (5 / 2) v0) i + (2 * F (@stage3 E F (5 / 2) v0) i
    + F (@stage4 E F (5 / 2) v0) i))) = end4 i).
  rewrite (run_k1 i Hi), (run_k2 i Hi), (run_k3 i Hi), (run_k4 i Hi). revert i Hi. entries. Qed.

(** The field vanishes at the origin, which a step keeps. *)
Let o : vec := fun _ => 0.
Lemma null_same u : same 4 u o -> forall i, F u i = 0.
Proof. intros H i. unfold F. rewrite (mv4_same u o H). unfold mv, o. rewrite sum4. ring. Qed.
Lemma origin_end : same 4 (@rk4 E F (5 / 2) o) o.
Proof. assert (H1 : forall i, F o i = 0) by (apply null_same; intros i Hi; reflexivity).
  assert (H2 : same 4 (@stage2 E F (5 / 2) o) o).
  { intros i Hi. change (o i + -1 * (5 / 2 / 2 * F o i) = o i). rewrite H1. ring. }
  assert (H3 : same 4 (@stage3 E F (5 / 2) o) o).
  { intros i Hi. change (o i + -1 * (5 / 2 / 2 * F (@stage2 E F (5 / 2) o) i) = o i). rewrite (null_same _ H2). ring. }
  assert (H4 : same 4 (@stage4 E F (5 / 2) o) o).
  { intros i Hi. change (o i + -1 * (5 / 2 * F (@stage3 E F (5 / 2) o) i) = o i). rewrite (null_same _ H3). ring. }
  intros i Hi. change (o i + -1 * (5 / 2 / 6 * (F o i + 2 * F (@stage2 E F (5 / 2) o) i + (2 * F (@stage3 E F (5 / 2) o) i
    + F (@stage4 E F (5 / 2) o) i))) = o i). rewrite H1, (null_same _ H2), (null_same _ H3), (null_same _ H4). ring. Qed.

Lemma expands : @norm E (@vsub E v0 o) < @norm E (@vsub E (@rk4 E F (5 / 2) v0) (@rk4 E F (5 / 2) o)).
Proof. unfold norm. apply sqrt_lt_1_alt. split; [apply n2_pos|].
  change (weighted_sq (scalar_players 4) (fun _ => 1) (@vsub E v0 o)
    < weighted_sq (scalar_players 4) (fun _ => 1) (@vsub E (@rk4 E F (5 / 2) v0) (@rk4 E F (5 / 2) o))).
  rewrite !scalar4_dot.
  assert (D : forall i, (i < 4)%nat -> (@vsub E (@rk4 E F (5 / 2) v0) (@rk4 E F (5 / 2) o) : vec) i = end4 i).
  { intros i Hi. change ((@rk4 E F (5 / 2) v0 : vec) i + -1 * (@rk4 E F (5 / 2) o : vec) i = end4 i).
    rewrite (run_end i Hi), (origin_end i Hi). unfold o. ring. }
  rewrite !D by lia. unfold vsub. simpl. unfold o. lra. Qed.
End Run.

(** rk4/contraction/guideline is false as a statement on one step in the certified norm. *)
Theorem rk4_contraction_guideline_refuted : ~ guideline_statement.
Proof. intros H. set (ds := scalar_players 4). set (w := fun _ : nat => 1).
  assert (Hp : psd (coordinates ds) (diagonal ds w)) by (apply diagonal_psd; intros; unfold w; lra).
  pose proof (expands Hp) as X. apply Rlt_not_le in X. apply X. clear X.
  pose proof (H ds (fun _ => True) (mv 4 game4) (fun _ => game4) curvature4 coupling4 w (1 / 50) (999 / 1000) (5 / 2) Hp v0 (fun _ => 0))
    as G.
  cbv zeta in G. unfold rk4_contraction_guideline in G. rewrite Rmult_1_l in G. apply G; try lra.
  - apply linear_scalar_game.
    + apply four; unfold curvature4; simpl; lra.
    + intros i j Hi Hj Ne. unfold coupling4. rewrite pow2_abs. lra.
  - exists game4. unfold ds. rewrite scalar_coordinates. reflexivity.
  - intros i j Hi Hj Ne. apply Rabs_pos.
  - intros i Hi. unfold w. lra.
  - unfold ds. rewrite scalar_count. exact margin4.
  - intros x y _ _.
    change (weighted_sq ds w (fun i => mv 4 game4 x i + -1 * mv 4 game4 y i) <= (999 / 1000)^2 * weighted_sq ds w (fun i => x i + -1 * y
      i)).
    pose proof (lipschitz4 (fun i => x i + -1 * y i)) as B. unfold ds, w. rewrite !scalar4_dot in *. unfold mv in *. rewrite !sum4 in *.
      lra.
  - repeat split.
  - repeat split. Qed.
