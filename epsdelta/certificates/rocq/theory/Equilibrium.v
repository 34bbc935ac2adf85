(** Exactly one equilibrium from one residual: |F(c)|_P <= a r and margin a on a region that contains the ball B_P(c, r). *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Field Monotone Step Projection Banach Convergence.
Open Scope R_scope.

Lemma sum_abs n f : Rabs (sum n f) <= sum n (fun i => Rabs (f i)).
Proof. induction n; simpl; [rewrite Rabs_R0; lra|]. eapply Rle_trans; [apply Rabs_triang|]. lra. Qed.

(** A Jacobian that finitely many rational hulls enclose is bounded: what [equilibrium_exists] asks of it. *)
Lemma covered_bounded n X J hs : covered n X J hs ->
  exists B, forall z i j, X z -> (i < n)%nat -> (j < n)%nat -> Rabs (J z i j) <= B.
Proof. intros HC.
  set (m := fun (H : hull) i j => Rabs (rat (fst (entry H i j)) (hull_den H)) + Rabs (rat (snd (entry H i j)) (hull_den H))).
  assert (Hm0 : forall H i j, 0 <= m H i j) by (intros; apply Rplus_le_le_0_compat; apply Rabs_pos).
  assert (L : forall l, exists B, 0 <= B /\ forall H, In H l -> forall i j, (i < n)%nat -> (j < n)%nat -> m H i j <= B).
  { induction l as [|H0 l [B [HB HL]]]; [exists 0; split; [lra|contradiction]|].
    set (S := sum n (fun i => sum n (fun j => m H0 i j))).
    assert (HS : 0 <= S) by (apply sum_nonneg; intros; apply sum_nonneg; auto).
    exists (S + B). split; [lra|]. intros H [<-|Hin] i j Hi Hj.
    - assert (H1 : m H0 i j <= sum n (fun j => m H0 i j)) by (apply (sum_term n (fun j => m H0 i j) j); auto).
      assert (H2 : sum n (fun j => m H0 i j) <= S).
      { apply (sum_term n (fun i => sum n (fun j => m H0 i j)) i); auto. intros; apply sum_nonneg; auto. }
      lra.
    - pose proof (HL H Hin i j Hi Hj). lra. }
  destruct (L hs) as [B [_ HB]]. exists B. intros z i j Hz Hi Hj. destruct (HC z Hz) as [H [Hin Hh]].
  eapply Rle_trans; [|apply (HB H Hin i j Hi Hj)]. specialize (Hh i j Hi Hj). unfold m.
  set (lo := rat _ _) in *. set (hi := rat (snd _) _) in *.
  apply Rabs_le. pose proof (Rabs_pos lo). pose proof (Rabs_pos hi). pose proof (Rle_abs hi) as A1.
  pose proof (Rle_abs (- lo)) as A2. rewrite Rabs_Ropp in A2. lra. Qed.

Section Equilibrium.
Variables (n : nat) (P : nat -> nat -> R) (lam : R).
Hypothesis M : metric n P lam.

(** ** A field with bounded Jacobian is Lipschitz in P *)
Lemma form_bounded w t : (forall i, (i < n)%nat -> Rabs (w i) <= t) ->
  form n P w w <= sum n (fun i => sum n (fun j => Rabs (P i j))) * t ^ 2.
Proof. intros H. rewrite form_sum, <- sum_scal_r. apply sum_le; intros i Hi. rewrite <- sum_scal_r. apply sum_le; intros j Hj.
  eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
  rewrite Rabs_mult. replace (t ^ 2) with (t * t) by ring. apply Rmult_le_compat; auto; apply Rabs_pos. Qed.
Lemma bounded_matrix B : exists L, 0 <= L /\ forall A v, (forall i j, (i < n)%nat -> (j < n)%nat -> Rabs (A i j) <= B) ->
  form n P (mv n A v) (mv n A v) <= L * form n P v v.
Proof. destruct M as [Hl [_ Hlow]]. set (S := sum n (fun i => sum n (fun j => Rabs (P i j)))).
  assert (HS : 0 <= S) by (apply sum_nonneg; intros; apply sum_nonneg; intros; apply Rabs_pos).
  assert (Hc : 0 <= S * (INR n * B) ^ 2) by (apply Rmult_le_pos; [auto|apply pow2_ge_0]).
  exists (S * (INR n * B) ^ 2 / lam). split; [apply Rmult_le_pos; [auto|left; apply Rinv_0_lt_compat; auto]|].
  intros A v HA. set (d := sqrt (dot n v v)).
  assert (Hd : d ^ 2 = dot n v v) by (apply pow2_sqrt, dot_pos). assert (Hd0 : 0 <= d) by apply sqrt_pos.
  assert (Hv : forall j, (j < n)%nat -> Rabs (v j) <= d).
  { intros j Hj. apply sq_le; auto. rewrite pow2_abs, Hd. apply dot_entry; auto. }
  assert (Hw : forall i, (i < n)%nat -> Rabs (mv n A v i) <= INR n * B * d).
  { intros i Hi. unfold mv. eapply Rle_trans; [apply sum_abs|]. rewrite Rmult_assoc, <- sum_const. apply sum_le; intros j Hj.
    rewrite Rabs_mult. apply Rmult_le_compat; auto; apply Rabs_pos. }
  eapply Rle_trans; [apply (form_bounded _ _ Hw)|]. fold S. rewrite (Rpow_mult_distr _ d), Hd, <- Rmult_assoc.
  replace (S * (INR n * B) ^ 2 / lam * form n P v v) with (S * (INR n * B) ^ 2 * (form n P v v / lam)) by (field; lra).
  apply Rmult_le_compat_l; auto. apply Rmult_le_reg_l with lam; auto.
  replace (lam * (form n P v v / lam)) with (form n P v v) by (field; lra). apply Hlow. Qed.

Lemma ball_convex c r : convex (ball n P c r).
Proof. intros x y t Hx Hy Ht. unfold ball in *. unfold dist2 in *. set (p := minus x c) in *. set (q := minus y c) in *.
  rewrite (form_vext n P _ (fun i => t * p i + (1 - t) * q i) _ (fun i => t * p i + (1 - t) * q i))
    by (intros; unfold p, q, minus, between; ring).
  rewrite (form_plus_l n P (fun i => t * p i)), !(form_plus_r n P (fun i => t * p i)), !form_scal_l, !form_scal_r.
  rewrite (pform_sym n P lam M q p). pose proof (pform_young n P lam M p q) as HY.
  assert (Hu : 0 <= t * (1 - t)) by (apply Rmult_le_pos; lra).
  pose proof (Rmult_le_compat_l _ _ _ Hu HY) as H1.
  pose proof (Rmult_le_compat_l t _ _ (proj1 Ht) Hx) as H2.
  assert (H3 : (1 - t) * form n P q q <= (1 - t) * r ^ 2) by (apply Rmult_le_compat_l; [lra|auto]). lra. Qed.

(** On a ball where the Jacobian is bounded the field is Lipschitz in P. *)
Lemma bounded_jacobian_lipschitz (K : region) F J B : convex K -> extensional n F -> jacobian_on n K F J ->
  (forall z i j, K z -> (i < n)%nat -> (j < n)%nat -> Rabs (J z i j) <= B) ->
  exists L, 0 <= L /\ forall x y, K x -> K y -> dist2 n P (F x) (F y) <= L * dist2 n P x y.
Proof. intros HK HF HJ HB. destruct (bounded_matrix B) as [L [HL H]]. exists L. split; auto.
  apply (lipschitz_from_pointwise n P lam M K F J HK HF HJ). intros z v Hz. apply H. intros; apply HB; auto. Qed.

(** ** The radial projection on a ball *)
Definition radial c r (x : vec) : vec := fun i =>
  if Rle_dec (dist2 n P x c) (r ^ 2) then x i else c i + r / sqrt (dist2 n P x c) * (x i - c i).
Lemma radial_outside c r x : 0 <= r -> r ^ 2 < dist2 n P x c -> exists th, 0 <= th < 1 /\ (0 < r -> 0 < th) /\
  th ^ 2 * dist2 n P x c = r ^ 2 /\ th * dist2 n P x c = r * sqrt (dist2 n P x c) /\
  forall i, radial c r x i = c i + th * (x i - c i).
Proof. intros Hr Hx. set (d2 := dist2 n P x c) in *. set (d := sqrt d2). pose proof (pow2_ge_0 r) as Hr2.
  assert (Hd : d ^ 2 = d2) by (apply pow2_sqrt; lra). assert (Hd0 : 0 <= d) by apply sqrt_pos.
  assert (Hrd : r < d). { apply Rnot_le_lt. intros C. assert (d ^ 2 <= r ^ 2) by (apply pow_incr; lra). lra. }
  assert (Hp : 0 < / d) by (apply Rinv_0_lt_compat; lra).
  exists (r / d). split; [split|split; [|split; [|split]]].
  - apply Rmult_le_pos; lra.
  - apply Rmult_lt_reg_l with d; [lra|]. replace (d * (r / d)) with r by (field; lra). lra.
  - intros; apply Rmult_lt_0_compat; auto.
  - rewrite <- Hd. field; lra.
  - rewrite <- Hd. field; lra.
  - intros i. unfold radial. fold d2. fold d. destruct (Rle_dec d2 (r ^ 2)); [lra|reflexivity]. Qed.
Lemma dist2_scaled c x y th : (forall i, y i = c i + th * (x i - c i)) -> dist2 n P y c = th ^ 2 * dist2 n P x c.
Proof. intros H. unfold dist2. rewrite (form_vext n P _ (fun i => th * minus x c i) _ (fun i => th * minus x c i))
    by (intros i _; unfold minus; rewrite H; ring).
  rewrite form_scal_l, form_scal_r. ring. Qed.
(** The radial map x -> c + min(1, r/|x - c|_P)(x - c) is the projection on the ball in the P norm. *)
Lemma radial_projection c r : 0 <= r -> is_projection n P (ball n P c r) (radial c r).
Proof. intros Hr x. destruct (Rle_dec (dist2 n P x c) (r ^ 2)) as [H|H].
  - assert (E : forall i, radial c r x i = x i) by (intros i; unfold radial; destruct (Rle_dec (dist2 n P x c) (r ^ 2)); [auto|contradiction]).
    split.
    + unfold ball. rewrite (dist2_same n P _ x c c); auto; intros i _; auto.
    + intros y _. rewrite form_zero_l; [lra|]. intros i _. rewrite E. ring.
  - apply Rnot_le_lt in H. destruct (radial_outside c r x Hr H) as [th [Hth [_ [H1 [H2 E]]]]]. split.
    + unfold ball. rewrite (dist2_scaled c x _ th E). lra.
    + intros y Hy. set (p := minus x c). set (w := minus y c).
      rewrite (form_vext n P _ (fun i => (1 - th) * p i) _ (fun i => w i - th * p i)) by (intros i _; unfold p, w, minus; rewrite E; ring).
      rewrite form_scal_l, form_minus_r, form_scal_r. fold (dist2 n P x c) in H2.
      assert (C : form n P p w <= sqrt (dist2 n P x c) * r).
      { apply (pform_cs_bounds n P lam M); auto; [apply sqrt_pos|]. rewrite pow2_sqrt; [apply Rle_refl|apply (dist2_pos n P lam M)]. }
      change (form n P p p) with (dist2 n P x c). rewrite H2.
      assert (0 <= (1 - th) * (sqrt (dist2 n P x c) * r - form n P p w)) by (apply Rmult_le_pos; lra). lra. Qed.

(** ** Existence and uniqueness *)
(** A field that is strongly monotone with margin a > 0 in P on a region X that contains the ball |x - c|_P <= r, with bounded Jacobian
    on that ball and |F c|_P <= a r, has exactly one zero in X, and it lies in the ball. *)
Theorem equilibrium_exists (X : region) F J a c r B : 0 < a -> 0 <= r -> monotone_on n P X F a ->
  (forall x, ball n P c r x -> X x) -> extensional n F -> jacobian_on n X F J ->
  (forall z i j, ball n P c r z -> (i < n)%nat -> (j < n)%nat -> Rabs (J z i j) <= B) ->
  form n P (F c) (F c) <= (a * r) ^ 2 ->
  exists z, zero n F z /\ ball n P c r z /\ forall w, X w -> zero n F w -> same n w z.
Proof. intros Ha Hr HM HB HF HJ HJB Hc.
  assert (Bc : ball n P c r c) by (unfold ball; rewrite (dist2_refl n P c); apply pow2_ge_0).
  assert (Ex : exists z, zero n F z /\ ball n P c r z).
  2:{ destruct Ex as [z [Zz Bz]]. exists z. split; auto. split; auto. intros w Xw Zw.
      apply (monotone_unique n P lam M X F a Ha HM); auto. }
  destruct (Rle_lt_or_eq_dec 0 r Hr) as [Pos|Z].
  2:{ exists c. split; auto. rewrite <- Z in Hc. apply (form_small n P lam M). lra. }
  assert (HJ' : jacobian_on n (ball n P c r) F J) by (intros x y Hx Hy; apply HJ; auto).
  destruct (bounded_jacobian_lipschitz _ F J B (ball_convex c r) HF HJ' HJB) as [L [HL Lip]].
  pose proof (pow_lt a 2 Ha) as Ha2.
  set (L1 := L + a ^ 2). assert (HL1 : 0 < L1) by (unfold L1; lra). set (b := sqrt L1).
  assert (Hb : b ^ 2 = L1) by (apply pow2_sqrt; lra). set (h := a / L1).
  assert (Hh : 0 < h) by (apply Rmult_lt_0_compat; [auto|apply Rinv_0_lt_compat; auto]).
  assert (Lip' : forall x y, ball n P c r x -> ball n P c r y -> dist2 n P (F x) (F y) <= b ^ 2 * dist2 n P x y).
  { intros x y Hx Hy. eapply Rle_trans; [apply Lip; auto|]. rewrite Hb. unfold L1.
    apply Rmult_le_compat_r; [apply (dist2_pos n P lam M)|lra]. }
  assert (HM' : monotone_on n P (ball n P c r) F a) by (intros x y Hx Hy; apply HM; auto).
  assert (Hq : 0 <= 1 - 2 * a * h + b ^ 2 * h ^ 2 < 1).
  { rewrite Hb. replace (1 - 2 * a * h + L1 * h ^ 2) with (1 - a ^ 2 / L1) by (unfold h; field; lra).
    assert (H1 : 0 < a ^ 2 / L1) by (apply Rmult_lt_0_compat; [auto|apply Rinv_0_lt_compat; auto]).
    assert (H2 : a ^ 2 / L1 <= 1). { apply Rmult_le_reg_l with L1; auto. replace (L1 * (a ^ 2 / L1)) with (a ^ 2) by (field; lra). unfold L1; lra. }
    lra. }
  pose proof (radial_projection c r Hr) as HPi.
  destruct (banach n P lam M (ball n P c r) (fun x => radial c r (euler_step h F x)) (1 - 2 * a * h + b ^ 2 * h ^ 2)) as [z [Bz [Fz _]]]; auto.
  { apply ball_closed. }
  { intros x _. apply (HPi (euler_step h F x)). }
  { intros x y Hx Hy. eapply Rle_trans; [apply (projection_nonexpansive n P lam _ _ M HPi)|].
    apply (euler_step_contracts n P lam M (ball n P c r) F a b h); auto. lra. }
  { exists c; auto. }
  exists z. split; auto. set (u := euler_step h F z) in *.
  destruct (Rle_dec (dist2 n P u c) (r ^ 2)) as [H|H].
  - intros i Hi. specialize (Fz i Hi). cbv beta in Fz. fold u in Fz. unfold radial in Fz.
    destruct (Rle_dec (dist2 n P u c) (r ^ 2)) as [_|N]; [|contradiction]. unfold u, euler_step in Fz.
    assert (Z : h * F z i = 0) by lra. apply Rmult_integral in Z. destruct Z; [lra|auto].
  - exfalso. apply Rnot_le_lt in H. destruct (radial_outside c r u Hr H) as [th [Hth [Hth0 [H1 [_ E]]]]]. specialize (Hth0 Pos).
    assert (Dz : dist2 n P z c = r ^ 2).
    { rewrite (dist2_same n P z (radial c r u) c c); [|intros i Hi; symmetry; apply (Fz i Hi)|intros i _; reflexivity].
      rewrite (dist2_scaled c u _ th E). auto. }
    assert (G : forall i, (i < n)%nat -> th * h * F z i = - (1 - th) * minus z c i).
    { intros i Hi. specialize (Fz i Hi). cbv beta in Fz. fold u in Fz. rewrite E in Fz. unfold u, euler_step in Fz. unfold minus. lra. }
    assert (I1 : th * h * form n P (F z) (minus z c) = - (1 - th) * r ^ 2).
    { rewrite <- Dz. unfold dist2. rewrite <- !form_scal_l. apply form_vext; auto. }
    pose proof (HM z c (HB z Bz) (HB c Bc)) as I2. unfold minus at 1 in I2. rewrite form_minus_l, Dz in I2.
    assert (I3 : - (a * r * r) <= form n P (F c) (minus z c)).
    { apply (pform_opp_bounds n P lam M); [apply Rmult_le_pos; lra|exact Hr|exact Hc|exact Bz]. }
    assert (I4 : 0 <= form n P (F z) (minus z c)) by (replace (a * r ^ 2) with (a * r * r) in I2 by ring; lra).
    assert (I5 : 0 <= th * h * form n P (F z) (minus z c)) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|auto]).
    assert (I6 : 0 < (1 - th) * r ^ 2) by (apply Rmult_lt_0_compat; [lra|apply pow_lt; auto]). lra. Qed.

(** ** The constrained game *)
(** A zero of the field that every player may play solves Nash's variational inequality. *)
Theorem zero_is_nash ps b F z : n = dimension ps -> strategies ps b z -> zero n F z -> nash ps b F z.
Proof. intros Hn Hs Hz. split; auto. intros o p Hp y _. destruct (placed_range ps 0 o p Hp) as [_ Hr].
  rewrite (sum_ext _ _ (fun _ => 0)); [rewrite sum_zero; lra|]. intros k Hk. rewrite Hz by lia. ring. Qed.
(** In a metric that respects the constraints, a zero that every player may play is the only solution of the constrained game in the
    region X where the field is strongly monotone. *)
Theorem zero_only_nash ps b (X : region) F a z : n = dimension ps -> respects n ps P -> 0 < a -> monotone_on n P X F a ->
  X z -> strategies ps b z -> zero n F z -> forall w, X w -> nash ps b F w -> same n w z.
Proof. intros Hn HR Ha HM Xz Sz Zz w Xw Nw. apply (dist2_zero n P lam M).
  assert (Hh : player_steps ps (fun _ => 1)) by (intros o p _; exists 1; split; [lra|auto]).
  pose proof (nash_form n P lam ps b (fun _ => 1) F w M Hn HR Hh Nw z Sz) as H1.
  rewrite (form_vext n P _ (F w) _ (minus z w)) in H1 by (intros; try ring; auto).
  rewrite form_opp_r in H1. specialize (HM w z Xw Xz). unfold minus at 1 in HM.
  rewrite form_minus_l, (form_zero_l n P (F z)) in HM by exact Zz.
  apply Rmult_le_reg_l with a; auto. lra. Qed.
(** Without simplex players every point of the region is a strategy profile. *)
Lemma in_box_strategies ps b x : n = dimension ps -> (forall o p, In (o, p) (placed 0 ps) -> kind p = Free \/ kind p = InBox) ->
  in_box n b x -> strategies ps b x.
Proof. intros Hn Hk Hx o p Hp. destruct (placed_range ps 0 o p Hp) as [_ Hr]. unfold allowed.
  destruct (Hk o p Hp) as [E|E]; rewrite E; [exact I|]. intros k Hk'. apply Hx. lia. Qed.
End Equilibrium.
