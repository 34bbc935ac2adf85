(** Convergence of gradient play: projected on the strategies, free on the whole space, free inside a certified ball. *)
Require Import Reals Lra Lia List ZArith.
From EpsDelta Require Import Sums Field Monotone Step Projection Banach.
Import ListNotations.
Open Scope R_scope.

(** the whole space *)
Definition whole : region := fun _ => True.
(** the closed P-ball |x - c|_P <= r, for r >= 0 *)
Definition ball n P (c : vec) r : region := fun x => dist2 n P x c <= r ^ 2.
(** each player moves with one positive step *)
Definition player_steps (ps : list player) (hs : vec) : Prop := forall o p, In (o, p) (placed 0 ps) ->
  exists h, 0 < h /\ forall k, (k < size p)%nat -> hs (o + k)%nat = h.
(** Nash's variational inequality: x is a strategy profile and no player's cost decreases to first order towards any of its own
    strategies, the others' fixed. Where F collects the players' gradients of costs that are convex in the own strategy, these are exactly the Nash
    equilibria. *)
Definition nash (ps : list player) (b : box) (F : vec -> vec) (x : vec) : Prop := strategies ps b x /\
  forall o p, In (o, p) (placed 0 ps) -> forall y, allowed b o p y ->
  0 <= sum (size p) (fun k => F x (o + k)%nat * (y (o + k)%nat - x (o + k)%nat)).

Lemma cv_between u l lo hi : (forall k, lo <= u k <= hi) -> Un_cv u l -> lo <= l <= hi.
Proof. intros H Hl. split; [apply (Rle_cv_lim (Un := fun _ => lo) (Vn := u))|apply (Rle_cv_lim (Un := u) (Vn := fun _ => hi))];
  auto; try apply cv_const; intros; apply H. Qed.
Lemma strategies_closed n ps b : n = dimension ps -> closed_set n (strategies ps b).
Proof. intros Hn u l Hu Hl o p Hp. assert (H : forall k, allowed b o p (u k)) by (intros; apply Hu; auto).
  destruct (placed_range ps 0 o p Hp) as [_ Hr]. assert (C : forall k, (k < size p)%nat -> Un_cv (fun j => u j (o + k)%nat) (l (o + k)%nat))
    by (intros; apply Hl; lia). clear Hu Hl.
  unfold allowed in *. destruct (kind p) as [| |a d]; auto.
  - intros k Hk. apply (cv_between (fun j => u j (o + k)%nat)); [intros j; apply (H j); auto|apply C; auto].
  - split.
    + intros k Hk. apply (Rle_cv_lim (Un := fun _ => 0) (Vn := fun j => u j (o + k)%nat)); [|apply cv_const|apply C; auto].
      intros j; apply (H j); auto.
    + apply (UL_sequence (fun j => sum (size p) (fun k => u j (o + k)%nat))).
      * apply (cv_sum (size p) (fun j k => u j (o + k)%nat)). auto.
      * eapply cv_ext; [|apply cv_const]. intros j. symmetry. apply H. Qed.
Lemma ball_closed n P c r : closed_set n (ball n P c r).
Proof. intros u l Hu Hl. unfold ball in *. rewrite dist2_sym.
  apply (Rle_cv_lim (Un := fun k => dist2 n P c (u k)) (Vn := fun _ => r ^ 2)); [|apply cv_dist2; auto|apply cv_const].
  intros k. rewrite dist2_sym. auto. Qed.
Lemma whole_closed n : closed_set n whole.
Proof. intros u l _ _. exact I. Qed.

(** The entries of Nash's inequality: a free player's gradient is zero, a box player's inequality holds per coordinate. *)
Lemma nash_entry ps b F x o p k t : nash ps b F x -> In (o, p) (placed 0 ps) -> (k < size p)%nat ->
  match kind p with Free => True | InBox => low b (o + k) <= t <= high b (o + k) | Simplex _ _ => False end ->
  0 <= F x (o + k)%nat * (t - x (o + k)%nat).
Proof. intros [Hs HN] Hp Hk Ht. set (y := fun i => if Nat.eqb i (o + k) then t else x i).
  assert (Hy : allowed b o p y).
  { specialize (Hs o p Hp). unfold allowed in *. destruct (kind p) as [| |a d]; [exact I| |contradiction].
    intros j Hj. unfold y. destruct (Nat.eqb_spec (o + j) (o + k)) as [E|N]; [rewrite E; auto|auto]. }
  specialize (HN o p Hp y Hy).
  rewrite (sum_ext _ _ (fun j => (if Nat.eqb j k then 1 else 0) * (F x (o + j)%nat * (t - x (o + j)%nat)))) in HN.
  - rewrite (sum_delta (size p) k) in HN by auto. auto.
  - intros j Hj. unfold y. destruct (Nat.eqb_spec j k) as [->|N].
    + rewrite Nat.eqb_refl. ring.
    + destruct (Nat.eqb_spec (o + j) (o + k)); [lia|]. ring. Qed.
Lemma nash_free ps b F x o p k : nash ps b F x -> In (o, p) (placed 0 ps) -> (k < size p)%nat -> kind p = Free -> F x (o + k)%nat = 0.
Proof. intros HN Hp Hk Hf. set (g := F x (o + k)%nat).
  assert (H : 0 <= g * ((x (o + k)%nat - g) - x (o + k)%nat)) by (apply (nash_entry ps b F x o p k); auto; rewrite Hf; exact I).
  apply Rsqr_0_uniq. pose proof (Rle_0_sqr g) as H2. unfold Rsqr in *. lra. Qed.

(** In a metric that respects the constraints Nash's inequality, scaled by the players' steps, holds in the pairing of P. *)
Lemma nash_form n P lam ps b hs F x : metric n P lam -> n = dimension ps -> respects n ps P -> player_steps ps hs -> nash ps b F x ->
  forall y, strategies ps b y -> 0 <= form n P (fun i => hs i * F x i) (minus y x).
Proof. intros M Hn HR Hh HN y Hy.
  assert (G : form n P (fun i => (-1) * (hs i * F x i)) (minus y x) <= 0).
  2:{ rewrite form_scal_l in G. lra. }
  apply (form_opposed n P lam ps M Hn HR). intros o p Hp. specialize (Hy o p Hp). destruct (Hh o p Hp) as [h [Hpos Hk]].
  unfold opposed, minus. pose proof (proj2 HN o p Hp y Hy) as Hsum.
  unfold allowed in Hy. destruct (kind p) as [| |a d] eqn:Ek.
  - intros k Hk'. rewrite (nash_free ps b F x o p k) by auto. ring.
  - intros k Hk'. rewrite Hk by auto.
    assert (H : 0 <= F x (o + k)%nat * (y (o + k)%nat - x (o + k)%nat)) by (apply (nash_entry ps b F x o p k); auto; rewrite Ek; auto).
    pose proof (Rmult_le_compat_l h _ _ (Rlt_le _ _ Hpos) H) as H2. lra.
  - rewrite (sum_ext _ _ (fun k => (- h) * (F x (o + k)%nat * (y (o + k)%nat - x (o + k)%nat)))) by (intros k Hk'; rewrite Hk by auto; ring).
    rewrite sum_scal. pose proof (Rmult_le_compat_l h _ _ (Rlt_le _ _ Hpos) Hsum) as H2. lra. Qed.

(** ** Projected gradient play *)
Section Projected.
Variables (n : nat) (P : nat -> nat -> R) (lam : R) (ps : list player) (b : box) (Pi F : vec -> vec) (hs : vec).
Hypotheses (M : metric n P lam) (Hn : n = dimension ps) (HR : respects n ps P) (HPi : projects ps b Pi) (Hne : exists x, strategies ps b x).

(** With the projection a step contracts as well as without. *)
Theorem projected_contracts X rho : contracts_on n P X (step hs F) rho -> contracts_on n P X (fun x => Pi (step hs F x)) rho.
Proof. intros HT x y Hx Hy. eapply Rle_trans; [|apply HT; auto]. apply (projects_nonexpansive n P lam ps b M Hn HR Pi HPi Hne). Qed.

Hypothesis (Hh : player_steps ps hs).
(** A point is a fixed point of projected gradient play exactly if it solves Nash's variational inequality. *)
Theorem fixed_iff_nash x : same n (Pi (step hs F x)) x <-> nash ps b F x.
Proof. split.
  - intros E.
    assert (Hs : strategies ps b x).
    { apply (closed_set_same n _ (strategies_closed n ps b Hn) (Pi (step hs F x))); auto. apply projects_strategies; auto. }
    split; auto. intros o p Hp y Hy. pose proof (HPi (step hs F x) o p Hp) as H. destruct (placed_range ps 0 o p Hp) as [_ Hr].
    destruct (Hh o p Hp) as [h [Hpos Hk]]. specialize (Hs o p Hp).
    assert (Eb : forall k, (k < size p)%nat -> Pi (step hs F x) (o + k)%nat = x (o + k)%nat) by (intros; apply E; lia).
    unfold projects_block in H. unfold allowed in Hs, Hy. destruct (kind p) as [| |a d] eqn:Ek.
    + rewrite (sum_ext _ _ (fun _ => 0)); [rewrite sum_zero; lra|]. intros k Hk'. specialize (H k Hk'). rewrite Eb in H by auto.
      unfold step in H. rewrite Hk in H by auto. assert (Z : h * F x (o + k)%nat = 0) by lra.
      apply Rmult_integral in Z. destruct Z as [Z|Z]; [lra|]. rewrite Z. ring.
    + apply sum_nonneg. intros k Hk'. specialize (H k Hk'). specialize (Hs k Hk'). specialize (Hy k Hk'). rewrite Eb in H by auto.
      unfold step in H. rewrite Hk in H by auto.
      set (g := F x (o + k)%nat) in *. set (s := x (o + k)%nat) in *. set (t := y (o + k)%nat) in *.
      set (l := low b (o + k)) in *. set (u := high b (o + k)) in *. apply Rmult_le_reg_l with h; auto. rewrite Rmult_0_r, <- Rmult_assoc.
      set (q := h * g) in *. unfold Rmin in H. destruct (Rle_dec u (s - q)) as [Q|Q]; unfold Rmax in H.
      * destruct (Rle_dec l u) as [W|W]; [|lra]. assert (0 <= (- q) * (s - t)) by (apply Rmult_le_pos; lra). lra.
      * destruct (Rle_dec l (s - q)) as [W|W].
        -- assert (Z : q = 0) by lra. rewrite Z. lra.
        -- apply Rmult_le_pos; lra.
    + destruct H as [_ H]. assert (Hy' : allowed b o p y) by (unfold allowed; rewrite Ek; auto).
      assert (H' : sum (size p) (fun k =>
        (step hs F x (o + k)%nat - Pi (step hs F x) (o + k)%nat) * (y (o + k)%nat - Pi (step hs F x) (o + k)%nat)) <= 0).
      { apply H. unfold allowed in *. rewrite Ek in *. auto. }
      rewrite (sum_ext _ _ (fun k => (- h) * (F x (o + k)%nat * (y (o + k)%nat - x (o + k)%nat)))) in H'
        by (intros k Hk'; rewrite Eb by auto; unfold step; rewrite Hk by auto; ring).
      rewrite sum_scal in H'. apply Rmult_le_reg_l with h; auto. lra.
  - intros HN. apply (projection_unique n P lam (strategies ps b) Pi (step hs F x) x M).
    + apply (projects_is_projection n P lam); auto.
    + apply HN.
    + intros y Hy. pose proof (nash_form n P lam ps b hs F x M Hn HR Hh HN y Hy) as H.
      rewrite (form_vext n P _ (fun i => (-1) * (hs i * F x i)) _ (minus y x)); [|intros; unfold minus, step; ring|auto].
      rewrite form_scal_l. lra. Qed.

(** Projected gradient play x -> Pi(x - H F(x)) whose step contracts by rho < 1 in P on a region that contains all strategies: Nash's
    variational inequality has exactly one solution, and from every strategy profile the iterates stay strategies and converge to it,
    squared P-distances shrinking by rho per step. *)
Theorem projected_play_converges (X : region) rho : (forall x, strategies ps b x -> X x) -> 0 <= rho < 1 -> contracts_on n P X (step hs F) rho ->
  exists z, nash ps b F z /\ (forall w, nash ps b F w -> same n w z) /\ forall x, strategies ps b x ->
    (forall k, strategies ps b (orbit (fun y => Pi (step hs F y)) x k) /\
               dist2 n P (orbit (fun y => Pi (step hs F y)) x k) z <= rho ^ k * dist2 n P x z) /\
    converges n (orbit (fun y => Pi (step hs F y)) x) z.
Proof. intros HX Hrho HT.
  assert (HC : contracts_on n P (strategies ps b) (fun y => Pi (step hs F y)) rho).
  { intros x y Hx Hy. apply (projected_contracts X rho HT); auto. }
  destruct (banach n P lam M (strategies ps b) (fun y => Pi (step hs F y)) rho) as [z [Kz [Fz [Uz Oz]]]]; auto.
  - apply strategies_closed; auto.
  - intros x _. apply projects_strategies; auto.
  - exists z. split; [apply fixed_iff_nash; auto|]. split; auto.
    intros w Hw. apply Uz; [apply Hw|apply fixed_iff_nash; auto]. Qed.

(** Where the region need not contain all strategies: two solutions of Nash's inequality that lie in the region are the same. *)
Theorem nash_unique_in_region (X : region) rho : rho < 1 -> contracts_on n P X (step hs F) rho ->
  forall x y, X x -> X y -> nash ps b F x -> nash ps b F y -> same n x y.
Proof. intros Hr HT x y Hx Hy Nx Ny. apply fixed_iff_nash in Nx. apply fixed_iff_nash in Ny.
  pose proof (projected_contracts X rho HT x y Hx Hy) as H. cbv beta in H. rewrite (dist2_same n P _ x _ y Nx Ny) in H.
  apply (dist2_zero n P lam M). assert (0 <= (1 - rho) * dist2 n P x y) by (apply Rmult_le_pos; [lra|apply (dist2_pos n P lam M)]).
  apply Rmult_le_reg_l with (1 - rho); lra. Qed.
End Projected.

(** Projected Euler with one step 0 < h < 2a/b^2 for a field with margin a and Lipschitz constant b >= a in P. *)
Theorem projected_euler_converges n P lam ps bx Pi F (X : region) a b h :
  metric n P lam -> n = dimension ps -> respects n ps P -> projects ps bx Pi -> (exists x, strategies ps bx x) ->
  (forall x, strategies ps bx x -> X x) -> monotone_on n P X F a ->
  (forall x y, X x -> X y -> dist2 n P (F x) (F y) <= b ^ 2 * dist2 n P x y) ->
  0 < a <= b -> 0 < h < 2 * a / b ^ 2 ->
  exists z, nash ps bx F z /\ (forall w, nash ps bx F w -> same n w z) /\ forall x, strategies ps bx x ->
    (forall k, strategies ps bx (orbit (fun y => Pi (euler_step h F y)) x k) /\
       dist2 n P (orbit (fun y => Pi (euler_step h F y)) x k) z <= (1 - 2 * a * h + b ^ 2 * h ^ 2) ^ k * dist2 n P x z) /\
    converges n (orbit (fun y => Pi (euler_step h F y)) x) z.
Proof. intros M Hn HR HPi Hne HX HM HL Hab Hh.
  apply (projected_play_converges n P lam ps bx Pi F (fun _ => h) M Hn HR HPi Hne) with (X := X); auto.
  - intros o p _. exists h. split; [lra|auto].
  - split; [|apply euler_range; lra].
    replace (1 - 2 * a * h + b ^ 2 * h ^ 2) with ((1 - b * h) ^ 2 + 2 * (h * (b - a))) by ring.
    assert (0 <= h * (b - a)) by (apply Rmult_le_pos; lra). pose proof (pow2_ge_0 (1 - b * h)). lra.
  - intros x y Hx Hy. apply (euler_step_contracts n P lam M X F a b h); auto. lra. Qed.

(** ** Free players *)
Section FreePlay.
Variables (n : nat) (P : nat -> nat -> R) (lam : R) (F : vec -> vec) (hs : vec) (rho : R).
Hypotheses (M : metric n P lam) (Hh : forall i, (i < n)%nat -> hs i <> 0) (Hrho : 0 <= rho < 1).

Lemma fixed_iff_zero x : same n (step hs F x) x <-> zero n F x.
Proof. split; intros H i Hi; specialize (H i Hi); unfold step in *.
  - assert (Z : hs i * F x i = 0) by lra. apply Rmult_integral in Z. destruct Z; auto. destruct (Hh i Hi); auto.
  - rewrite H. ring. Qed.
Lemma zero_unique X : contracts_on n P X (step hs F) rho -> forall x y, X x -> X y -> zero n F x -> zero n F y -> same n x y.
Proof. intros HT x y Hx Hy Zx Zy. apply fixed_iff_zero in Zx. apply fixed_iff_zero in Zy.
  pose proof (HT x y Hx Hy) as H. rewrite (dist2_same n P _ x _ y Zx Zy) in H.
  apply (dist2_zero n P lam M). assert (0 <= (1 - rho) * dist2 n P x y) by (apply Rmult_le_pos; [lra|apply (dist2_pos n P lam M)]).
  apply Rmult_le_reg_l with (1 - rho); lra. Qed.

(** Free players and no region: if a step contracts by rho < 1 on the whole space then the field has exactly one zero and gradient play
    converges to it from every start, squared P-distances shrinking by rho per step. *)
Theorem free_play_converges : contracts_on n P whole (step hs F) rho ->
  exists z, zero n F z /\ (forall w, zero n F w -> same n w z) /\
    forall x, (forall k, dist2 n P (orbit (step hs F) x k) z <= rho ^ k * dist2 n P x z) /\ converges n (orbit (step hs F) x) z.
Proof. intros HT. destruct (banach n P lam M whole (step hs F) rho) as [z [_ [Fz [_ Oz]]]]; auto.
  - apply whole_closed.
  - exists zeros. exact I.
  - exists z. apply fixed_iff_zero in Fz. split; auto. split.
    + intros w Zw. apply (zero_unique whole); auto; exact I.
    + intros x. destruct (Oz x I) as [H1 H2]. split; auto. intros k. apply H1. Qed.

(** Free players and a region X: if a step contracts by rho <= s^2 on X, s < 1, the P-ball of radius r around c lies in X and one step
    moves its center by at most (1 - s) r, then the ball is mapped into itself, the field has exactly one zero in X, it is in the ball,
    and from every start in the ball the iterates stay there and converge to it, squared P-distances shrinking by rho per step. *)
Theorem ball_play_converges (X : region) c r s : contracts_on n P X (step hs F) rho -> 0 <= r -> (forall x, ball n P c r x -> X x) ->
  0 <= s < 1 -> rho <= s ^ 2 -> dist2 n P (step hs F c) c <= ((1 - s) * r) ^ 2 ->
  (forall x, ball n P c r x -> ball n P c r (step hs F x)) /\
  exists z, zero n F z /\ ball n P c r z /\ (forall w, X w -> zero n F w -> same n w z) /\ forall x, ball n P c r x ->
    (forall k, ball n P c r (orbit (step hs F) x k) /\ dist2 n P (orbit (step hs F) x k) z <= rho ^ k * dist2 n P x z) /\
    converges n (orbit (step hs F) x) z.
Proof. intros HT Hr HB Hs Hrs Hc.
  assert (Bc : ball n P c r c) by (unfold ball; rewrite (dist2_refl n P c); apply pow2_ge_0).
  assert (Hinv : forall x, ball n P c r x -> ball n P c r (step hs F x)).
  { intros x Hx. pose proof (HT x c (HB x Hx) (HB c Bc)) as H. unfold ball in *.
    replace r with (s * r + (1 - s) * r) by ring.
    apply (dist2_triangle n P lam M _ (step hs F c)); auto; try (apply Rmult_le_pos; lra).
    rewrite Rpow_mult_distr. eapply Rle_trans; [exact H|]. apply Rmult_le_compat; auto; [lra|apply (dist2_pos n P lam M)]. }
  split; auto.
  destruct (banach n P lam M (ball n P c r) (step hs F) rho) as [z [Bz [Fz [_ Oz]]]]; auto.
  - apply ball_closed.
  - intros x y Hx Hy. apply HT; auto.
  - exists c; auto.
  - apply fixed_iff_zero in Fz. exists z. split; auto. split; auto. split; auto.
    intros w Xw Zw. apply (zero_unique X); auto. Qed.
End FreePlay.

(** The ball of radius r around c stays within reach_k of c in coordinate k if reach_k^2 P - r^2 e_k e_k' is positive semidefinite
    (for r = 0 nothing is asked). *)
Theorem ball_reach n P lam c r (reach : vec) : metric n P lam -> 0 <= r -> (forall k, (k < n)%nat -> 0 <= reach k) ->
  (0 < r -> forall k v, (k < n)%nat -> r ^ 2 * v k ^ 2 <= reach k ^ 2 * form n P v v) ->
  forall x k, ball n P c r x -> (k < n)%nat -> Rabs (x k - c k) <= reach k.
Proof. intros M Hr Hp Hk x k Hx Hkn. unfold ball in Hx. specialize (Hp k Hkn). destruct (Rle_lt_or_eq_dec 0 r Hr) as [Pos|Z].
  - specialize (Hk Pos k (minus x c) Hkn). fold (dist2 n P x c) in Hk. unfold minus in Hk at 1.
    apply sq_le; auto. rewrite pow2_abs. apply Rmult_le_reg_l with (r ^ 2); [apply pow_lt; auto|].
    eapply Rle_trans; [exact Hk|]. rewrite (Rmult_comm (r ^ 2)). apply Rmult_le_compat_l; [apply pow2_ge_0|auto].
  - assert (E : same n x c) by (apply (dist2_zero n P lam M); rewrite <- Z in Hx; lra).
    rewrite (E k Hkn), Rminus_diag_eq, Rabs_R0; auto. Qed.
Theorem ball_in_box n P lam c r (reach : vec) b : metric n P lam -> 0 <= r -> (forall k, (k < n)%nat -> 0 <= reach k) ->
  (0 < r -> forall k v, (k < n)%nat -> r ^ 2 * v k ^ 2 <= reach k ^ 2 * form n P v v) ->
  (forall k, (k < n)%nat -> low b k <= c k - reach k /\ c k + reach k <= high b k) ->
  forall x, ball n P c r x -> in_box n b x.
Proof. intros M Hr Hp Hk Hb x Hx k Hkn. pose proof (ball_reach n P lam c r reach M Hr Hp Hk x k Hx Hkn) as H.
  specialize (Hb k Hkn). pose proof (Rle_abs (x k - c k)) as H1. pose proof (Rle_abs (- (x k - c k))) as H2. rewrite Rabs_Ropp in H2. lra. Qed.
