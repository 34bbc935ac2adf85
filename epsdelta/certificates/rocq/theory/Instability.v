(** Linear games whose gradient play does not converge: at given steps, at every step common to all players, and along the flow. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Monotone Step Banach Intervals Family.
Open Scope R_scope.

(** F is affine with matrix A on X *)
Definition affine_on n (X : region) (A : nat -> nat -> R) (F : vec -> vec) :=
  forall x y, X x -> X y -> same n (minus (F x) (F y)) (mv n A (minus x y)).
Definition whole_space : region := fun _ => True.
(** one point attracts every start *)
Definition one_limit n (T : vec -> vec) := exists p, forall x, converges n (orbit T x) p.
Definition unit_vec (j : nat) : vec := fun i => if Nat.eqb i j then 1 else 0.

(** A field with constant Jacobian A on a convex region is affine there. *)
Lemma constant_jacobian_affine n X F A : convex X -> extensional n F -> jacobian_on n X F (fun _ => A) -> affine_on n X A F.
Proof. intros HX HF HJ x y Hx Hy i Hi.
  destruct (mean_value n X F _ HX HF HJ x y (fun k => if Nat.eqb k i then 1 else 0) Hx Hy) as [z [_ E]].
  rewrite !sum_delta in E by auto. exact E. Qed.

(** ** Sums and forms *)
Lemma mv_same n A u v i : same n u v -> mv n A u i = mv n A v i.
Proof. intros E. apply sum_ext; intros j Hj. rewrite (E j Hj). reflexivity. Qed.
Lemma form_same n Q u v : same n u v -> form n Q u u = form n Q v v.
Proof. intros E. apply form_vext; auto. Qed.
(** |v'Mv| <= (sum of all |M_ij|) |v|^2 *)
Lemma form_bound n M : exists C, 0 < C /\ forall v, - (C * dot n v v) <= form n M v v <= C * dot n v v.
Proof. exists (sum n (fun i => sum n (fun j => Rabs (M i j))) + 1). set (C := sum n (fun i => sum n (fun j => Rabs (M i j)))).
  assert (HC : 0 <= C) by (apply sum_nonneg; intros; apply sum_nonneg; intros; apply Rabs_pos).
  split; [lra|]. intros v. pose proof (dot_pos n v) as Hd.
  assert (B : forall i j, (i < n)%nat -> (j < n)%nat -> Rabs (M i j * (v i * v j)) <= Rabs (M i j) * dot n v v).
  { intros i j Hi Hj. rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
    pose proof (dot_entry n v i Hi). pose proof (dot_entry n v j Hj).
    pose proof (pow2_ge_0 (v i - v j)). pose proof (pow2_ge_0 (v i + v j)). apply Rabs_le. split; lra. }
  assert (U : form n M v v <= C * dot n v v).
  { rewrite form_sum. unfold C. rewrite <- sum_scal_r. apply sum_le; intros i Hi. rewrite <- sum_scal_r. apply sum_le; intros j Hj.
    eapply Rle_trans; [apply Rle_abs|]. auto. }
  assert (L : - (C * dot n v v) <= form n M v v).
  { rewrite form_sum. unfold C. rewrite <- sum_scal_r, <- sum_opp. apply sum_le; intros i Hi.
    rewrite <- sum_scal_r, <- sum_opp. apply sum_le; intros j Hj. specialize (B i j Hi Hj).
    pose proof (Rle_abs (- (M i j * (v i * v j)))) as Ha. rewrite Rabs_Ropp in Ha. lra. }
  lra. Qed.
Lemma image_bound n A : exists C, 0 < C /\ forall v, dot n (mv n A v) (mv n A v) <= C * dot n v v.
Proof. destruct (form_bound n (fun a b => sum n (fun l => A l a * A l b))) as [C [HC H]]. exists C. split; auto.
  intros v. rewrite <- form_adjoint. apply H. Qed.
(** |v'A'MAv| <= C |v|^2 *)
Lemma image_form_bound n M A : exists C, 0 < C /\ forall v,
  - (C * dot n v v) <= form n M (mv n A v) (mv n A v) <= C * dot n v v.
Proof. destruct (form_bound n M) as [C [HC H]]. destruct (image_bound n A) as [D [HD H']]. exists (C * D).
  split; [apply Rmult_lt_0_compat; auto|]. intros v. specialize (H (mv n A v)). specialize (H' v).
  assert (E : C * dot n (mv n A v) (mv n A v) <= C * (D * dot n v v)) by (apply Rmult_le_compat_l; [lra|auto]). lra. Qed.
Lemma form_step n Q h v w : form n Q (fun i => v i - h * w i) (fun i => v i - h * w i) =
  form n Q v v - h * (form n Q v w + form n Q w v) + h ^ 2 * form n Q w w.
Proof. rewrite (form_minus_l n Q v (fun i => h * w i)), !(form_minus_r n Q v (fun i => h * w i)), !form_scal_l, !form_scal_r. ring. Qed.
Lemma cauchy_schwarz_dot n u v : dot n u v * dot n u v <= dot n u u * dot n v v.
Proof. pose proof (pform_cs n (fun i j => if Nat.eqb i j then 1 else 0) 1) as H.
  assert (E : forall a b, form n (fun i j => if Nat.eqb i j then 1 else 0) a b = dot n a b).
  { intros a b. unfold form, dot, mv. apply sum_ext; intros i Hi. f_equal.
    rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * b j)).
    - apply sum_delta; auto.
    - intros j Hj. rewrite (Nat.eqb_sym i j). reflexivity. }
  specialize (H ltac:(repeat split; [lra|intros i j _ _; rewrite (Nat.eqb_sym i j); reflexivity|intros w; rewrite E; lra]) u v).
  rewrite !E in H. lra. Qed.
(** enough steps outgrow every bound *)
Lemma outgrows a b : 0 < a -> exists k, b < INR k * a.
Proof. intros Ha. destruct (archimed (b / a)) as [Hk _]. exists (Z.to_nat (up (b / a))).
  assert (Hn : IZR (up (b / a)) <= INR (Z.to_nat (up (b / a)))) by (rewrite INR_IZR_INZ; apply IZR_le; lia).
  assert (K : b / a < INR (Z.to_nat (up (b / a)))) by lra. apply Rmult_lt_compat_r with (r := a) in K; auto.
  unfold Rdiv in K at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in K by lra. exact K. Qed.

(** ** Orbits of an affine game *)
Section Orbits.
Variables (n : nat) (A : nat -> nat -> R) (hs : vec).
Notation T := (stepped n hs A).

Lemma stepped_same u v : same n u v -> same n (T u) (T v).
Proof. intros E i Hi. unfold stepped. rewrite (E i Hi), (mv_same n A u v i E). reflexivity. Qed.
Lemma linear_orbit_same u v k : same n u v -> same n (orbit T u k) (orbit T v k).
Proof. intros E. induction k; simpl; auto. apply stepped_same; auto. Qed.
Lemma orbit_shift (S : vec -> vec) v k : orbit S (S v) k = orbit S v (Datatypes.S k).
Proof. induction k; simpl; auto. rewrite IHk. reflexivity. Qed.

(** the difference of two orbits of the game is an orbit of the linear map *)
Lemma orbit_difference F x y k : affine_on n whole_space A F ->
  same n (minus (orbit (step hs F) x k) (orbit (step hs F) y k)) (orbit T (minus x y) k).
Proof. intros HF. induction k; simpl; [intros i Hi; reflexivity|]. intros i Hi.
  rewrite <- (stepped_same _ _ IHk i Hi). unfold stepped. rewrite <- (HF _ _ I I i Hi). unfold minus, step. ring. Qed.
Lemma common_limit F x y p : affine_on n whole_space A F ->
  converges n (orbit (step hs F) x) p -> converges n (orbit (step hs F) y) p -> converges n (orbit T (minus x y)) zeros.
Proof. intros HF Hx Hy i Hi. apply (cv_ext (fun k => orbit (step hs F) x k i - orbit (step hs F) y k i)).
  - intros k. apply (orbit_difference F x y k HF i Hi).
  - unfold zeros. replace 0 with (p i - p i) by ring. apply (CV_minus (fun k => orbit (step hs F) x k i) (fun k => orbit (step hs F) y k i)); auto. Qed.
Lemma one_limit_vanishes F : affine_on n whole_space A F -> one_limit n (step hs F) -> forall z, converges n (orbit T z) zeros.
Proof. intros HF [p Hp] z. pose proof (common_limit F z zeros p HF (Hp z) (Hp zeros)) as H. intros i Hi.
  apply (cv_ext (fun k => orbit T (minus z zeros) k i)); auto. intros k.
  apply linear_orbit_same; auto. intros j _. unfold minus, zeros. ring. Qed.

(** ** One choice of steps *)
Section Form.
Variables (Q : nat -> nat -> R) (s : R).
Hypotheses (Hs : 1 <= s) (HQ : forall v, s * form n Q v v <= form n Q (T v) (T v)).

(** if x'Qx grows by the factor s along every step then it grows by s^k along k steps *)
Theorem form_grows z k : s ^ k * form n Q z z <= form n Q (orbit T z k) (orbit T z k).
Proof. induction k; simpl; [lra|]. eapply Rle_trans; [|apply HQ]. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|auto]. Qed.
Lemma form_stays z k : 0 < form n Q z z -> form n Q z z <= form n Q (orbit T z k) (orbit T z k).
Proof. intros Hz. eapply Rle_trans; [|apply form_grows]. pose proof (pow_R1_Rle s k Hs).
  pose proof (Rmult_le_compat_r (form n Q z z) 1 (s ^ k)). lra. Qed.
(** hence (I - HA)^k z does not tend to 0 from a z with z'Qz > 0 *)
Theorem orbit_stays_away z : 0 < form n Q z z -> ~ converges n (orbit T z) zeros.
Proof. intros Hz C. pose proof (cv_form n Q _ _ _ _ C C) as L. rewrite (form_zero_l n Q zeros) in L by reflexivity.
  assert (K : form n Q z z <= 0); [|lra].
  refine (Rle_cv_lim (Un := fun _ => form n Q z z) _ (cv_const _) L). intros k. apply form_stays; auto. Qed.

(** Two starts x, y with (x - y)'Q(x - y) > 0 do not have the same limit under gradient play with the steps hs. *)
Theorem unstable_step_pair F x y p : affine_on n whole_space A F -> 0 < form n Q (minus x y) (minus x y) ->
  ~ (converges n (orbit (step hs F) x) p /\ converges n (orbit (step hs F) y) p).
Proof. intros HF Hz [Hx Hy]. apply (orbit_stays_away _ Hz). apply (common_limit F x y p); auto. Qed.
(** An affine game, steps hs, a quadratic form with (I - HA)'Q(I - HA) >= s Q, s >= 1, that is positive somewhere:
    gradient play with these steps does not converge to one point from all starts. *)
Theorem unstable_step F z : affine_on n whole_space A F -> 0 < form n Q z z -> ~ one_limit n (step hs F).
Proof. intros HF Hz H. exact (orbit_stays_away z Hz (one_limit_vanishes F HF H z)). Qed.
End Form.

(** The same from strict growth (I - HA)'Q(I - HA) - Q >= delta I and z'Qz >= 0 for some z other than 0. *)
Theorem unstable_step_strict Q delta F z : 0 < delta -> (forall v, form n Q v v + delta * dot n v v <= form n Q (T v) (T v)) ->
  affine_on n whole_space A F -> 0 < dot n z z -> 0 <= form n Q z z -> ~ one_limit n (step hs F).
Proof. intros Hd HQ HF Hz Hq. apply (unstable_step Q 1) with (z := T z); auto; [lra| |].
  - intros v. specialize (HQ v). pose proof (Rmult_le_pos delta _ (Rlt_le _ _ Hd) (dot_pos n v)). lra.
  - specialize (HQ z). pose proof (Rmult_lt_0_compat _ _ Hd Hz). lra. Qed.

(** ** Powers of the step as matrices *)
Definition power (k i j : nat) : R := orbit T (unit_vec j) k i.
Lemma orbit_power v k i : (i < n)%nat -> orbit T v k i = mv n (power k) v i.
Proof. revert i. induction k; intros i Hi.
  - unfold mv, power. simpl. unfold unit_vec. rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * v j)).
    + rewrite sum_delta; auto.
    + intros j Hj. rewrite (Nat.eqb_sym i j). reflexivity.
  - simpl. unfold stepped at 1. rewrite (IHk i Hi). rewrite (mv_same n A (orbit T v k) (mv n (power k) v)) by (intros l Hl; auto).
    transitivity (sum n (fun j => power k i j * v j - hs i * (mv n A (fun l => power k l j) i * v j))).
    + rewrite sum_minus, sum_scal. f_equal. f_equal. unfold mv.
      rewrite (sum_ext n _ (fun l => sum n (fun j => A i l * power k l j * v j))).
      * rewrite sum_swap. apply sum_ext; intros j Hj. rewrite sum_scal_r. reflexivity.
      * intros l Hl. rewrite <- sum_scal. apply sum_ext; intros; ring.
    + apply sum_ext; intros j Hj.
      change (power (S k) i j) with (power k i j - hs i * mv n A (fun l => power k l j) i). ring. Qed.

(** If (I - HA)^k v tends to 0 from every v then some power halves all squared lengths. *)
Lemma vanishing_halves : (forall z, converges n (orbit T z) zeros) ->
  exists k, forall v, dot n (orbit T v k) (orbit T v k) <= / 2 * dot n v v.
Proof. intros H. set (u := fun k => sum n (fun l => sum n (fun j => power k l j * power k l j))).
  assert (C : Un_cv u 0).
  { rewrite <- (sum_zero n). apply (cv_sum n (fun k l => sum n (fun j => power k l j * power k l j))). intros l Hl.
    rewrite <- (sum_zero n). apply (cv_sum n (fun k j => power k l j * power k l j)). intros j Hj.
    replace 0 with (0 * 0) by ring. pose proof (H (unit_vec j) l Hl) as Hj'. unfold zeros in Hj'. apply CV_mult; exact Hj'. }
  destruct (C (/ 2)) as [k Hk]; [lra|]. exists k. intros v. specialize (Hk k (Nat.le_refl k)). unfold R_dist in Hk. rewrite Rminus_0_r in Hk.
  pose proof (Rle_abs (u k)) as Ha. assert (Hu : u k <= / 2) by lra.
  apply Rle_trans with (u k * dot n v v); [|apply Rmult_le_compat_r; [apply dot_pos|auto]].
  unfold u, dot at 1. rewrite <- sum_scal_r. apply sum_le; intros l Hl. rewrite !orbit_power by auto.
  pose proof (cauchy_schwarz_dot n (power k l) v) as CS. unfold mv. exact CS. Qed.
End Orbits.

(** ** Equal steps: the form of a stable step, sum_(i<k) |(I - hA)^i v|^2, makes A monotone *)
Definition gram_of n A hs k : nat -> nat -> R := fun a b => sum k (fun m => sum n (fun l => power n A hs m l a * power n A hs m l b)).
Lemma gram_of_form n A hs k u v :
  form n (gram_of n A hs k) u v = sum k (fun m => dot n (orbit (stepped n hs A) u m) (orbit (stepped n hs A) v m)).
Proof. induction k.
  - rewrite form_sum. simpl. rewrite <- (sum_zero n). apply sum_ext; intros i _. rewrite <- (sum_zero n). apply sum_ext; intros j _.
    unfold gram_of. simpl. ring.
  - simpl sum. rewrite <- IHk.
    change (gram_of n A hs (S k)) with (fun a b => gram_of n A hs k a b + sum n (fun l => power n A hs k l a * power n A hs k l b)).
    rewrite form_plus, form_adjoint. f_equal. apply sum_ext; intros i Hi. rewrite !orbit_power by auto. reflexivity. Qed.

(** If (I - hA)^k z tends to 0 from every z, h > 0, then there is a form P >= 0 with 4h v'PAv >= |v|^2. *)
Theorem stable_monotone n A h : (forall z, converges n (orbit (stepped n (fun _ => h) A) z) zeros) ->
  exists P, (forall i j, P i j = P j i) /\ psd n P /\ forall v, dot n v v <= 4 * h * form n P v (mv n A v).
Proof. intros H. destruct (vanishing_halves n A (fun _ => h) H) as [k Hk]. exists (gram_of n A (fun _ => h) k).
  assert (Sy : forall i j, gram_of n A (fun _ => h) k i j = gram_of n A (fun _ => h) k j i).
  { intros i j. apply sum_ext; intros m _. apply sum_ext; intros l _. ring. }
  assert (Po : psd n (gram_of n A (fun _ => h) k)).
  { intros v. rewrite gram_of_form. apply sum_nonneg; intros m _. apply dot_pos. }
  split; auto. split; auto. intros v. set (P := gram_of n A (fun _ => h) k) in *. set (T := stepped n (fun _ => h) A) in *.
  assert (Drop : form n P (T v) (T v) - form n P v v = dot n (orbit T v k) (orbit T v k) - dot n v v).
  { unfold P. rewrite !gram_of_form. fold T.
    pose proof (sum_telescope k (fun m => dot n (orbit T v m) (orbit T v m))) as Te. rewrite sum_minus in Te. simpl in Te.
    rewrite (sum_ext k (fun m => dot n (orbit T (T v) m) (orbit T (T v) m)) (fun m => dot n (T (orbit T v m)) (T (orbit T v m))));
      [lra|intros m _; rewrite orbit_shift; reflexivity]. }
  change (T v) with (fun i => v i - h * mv n A v i) in Drop. rewrite form_step, (form_sym n P (mv n A v) v) in Drop by auto.
  pose proof (Rmult_le_pos (h ^ 2) _ (pow2_ge_0 h) (Po (mv n A v))) as Hh. specialize (Hk v). fold T in Hk. lra. Qed.

(** No matrix A is both monotone in a form P >= 0 and makes a form Q that is positive somewhere grow along x' = -Ax:
    small steps I - eta A would lower P by a fixed amount forever. *)
Theorem monotone_or_growing n A P Q c sigma z : (forall i j, P i j = P j i) -> psd n P -> 0 < c ->
  (forall v, c * dot n v v <= form n P v (mv n A v)) -> 0 <= sigma ->
  (forall v, form n Q v (mv n A v) + form n Q (mv n A v) v <= - sigma * form n Q v v) -> form n Q z z <= 0.
Proof. intros Sy Po Hc HP Hs HQ. apply Rnot_lt_le. intros Hz.
  set (ep := form n Q z z / (2 * (form n P z z + 1))). pose proof (Po z) as Hpz.
  assert (Hep : 0 < ep) by (apply Rdiv_lt_0_compat; lra).
  set (W := fun i j => Q i j - ep * P i j).
  assert (EW : forall u v, form n W u v = form n Q u v - ep * form n P u v) by (intros u v; unfold W; rewrite form_minus, form_scal; reflexivity).
  assert (Wz : 0 < form n W z z).
  { rewrite EW. assert (E : ep * (2 * (form n P z z + 1)) = form n Q z z) by (unfold ep; field; lra). lra. }
  destruct (image_form_bound n W A) as [C [HC BC]]. destruct (image_form_bound n P A) as [D [HD BD]]. destruct (form_bound n W) as [K [HK BK]].
  set (eta := Rmin (2 * ep * c / C) (c / D)).
  assert (He : 0 < eta).
  { apply Rmin_pos; apply Rdiv_lt_0_compat; auto. apply Rmult_lt_0_compat; lra. }
  assert (E1 : eta * C <= 2 * ep * c).
  { pose proof (Rmult_le_compat_r C _ _ (Rlt_le _ _ HC) (Rmin_l (2 * ep * c / C) (c / D))) as G. fold eta in G.
    replace (2 * ep * c / C * C) with (2 * ep * c) in G by (field; lra). exact G. }
  assert (E2 : eta * D <= c).
  { pose proof (Rmult_le_compat_r D _ _ (Rlt_le _ _ HD) (Rmin_r (2 * ep * c / C) (c / D))) as G. fold eta in G.
    replace (c / D * D) with c in G by (field; lra). exact G. }
  set (B := stepped n (fun _ => eta) A).
  assert (Up : forall v, (1 + eta * sigma) * form n W v v <= form n W (B v) (B v)).
  { intros v. change (B v) with (fun i => v i - eta * mv n A v i). rewrite form_step. destruct (BC v) as [L _].
    pose proof (HQ v) as q1. pose proof (HP v) as p1. pose proof (Po v) as p0. pose proof (dot_pos n v) as d0. rewrite !EW in *. rewrite (form_sym n P (mv n
      A v) v) by auto.
    pose proof (Rmult_le_pos _ _ Hs (Rmult_le_pos _ _ (Rlt_le _ _ Hep) p0)) as p2.
    pose proof (Rmult_le_compat_l ep _ _ (Rlt_le _ _ Hep) p1) as p3.
    assert (G : form n Q v (mv n A v) - ep * form n P v (mv n A v) + (form n Q (mv n A v) v - ep * form n P v (mv n A v))
       <= - sigma * (form n Q v v - ep * form n P v v) - 2 * ep * c * dot n v v) by lra.
    apply (Rmult_le_compat_l eta) in G; [|lra]. apply (Rmult_le_compat_l (eta ^ 2)) in L; [|apply pow2_ge_0].
    pose proof (Rmult_le_compat_r _ _ _ d0 E1) as E3. apply (Rmult_le_compat_l eta) in E3; [|lra].
    replace (eta ^ 2 * - (C * dot n v v)) with (- (eta * (eta * C * dot n v v))) in L by ring. lra. }
  assert (Down : forall v, form n P (B v) (B v) <= form n P v v - eta * c * dot n v v).
  { intros v. change (B v) with (fun i => v i - eta * mv n A v i). rewrite form_step, (form_sym n P (mv n A v) v) by auto. destruct (BD v) as [_ U].
    pose proof (Rmult_le_compat_l eta _ _ (Rlt_le _ _ He) (HP v)) as G. apply (Rmult_le_compat_l (eta ^ 2)) in U; [|apply pow2_ge_0].
    pose proof (Rmult_le_compat_r _ _ _ (dot_pos n v) E2) as E3. apply (Rmult_le_compat_l eta) in E3; [|lra].
    replace (eta ^ 2 * (D * dot n v v)) with (eta * (eta * D * dot n v v)) in U by ring. lra. }
  assert (Hs' : 1 <= 1 + eta * sigma) by (pose proof (Rmult_le_pos eta sigma); lra).
  set (a := eta * c * (form n W z z / K)).
  assert (Ha : 0 < a) by (apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; lra|apply Rdiv_lt_0_compat; auto]).
  assert (Sum : forall k, form n P (orbit B z k) (orbit B z k) <= form n P z z - INR k * a).
  { induction k; [simpl; lra|]. rewrite S_INR. simpl orbit. eapply Rle_trans; [apply Down|].
    pose proof (form_stays n A (fun _ => eta) W _ Hs' Up z k Wz) as St. fold B in St. destruct (BK (orbit B z k)) as [_ U].
    assert (G : form n W z z / K <= dot n (orbit B z k) (orbit B z k)).
    { apply Rmult_le_reg_l with K; auto. replace (K * (form n W z z / K)) with (form n W z z) by (field; lra). lra. }
    assert (0 <= eta * c) by (apply Rmult_le_pos; lra). apply (Rmult_le_compat_l (eta * c)) in G; auto. fold a in G. lra. }
  destruct (outgrows a (form n P z z) Ha) as [k Hk]. pose proof (Sum k). pose proof (Po (orbit B z k)). lra. Qed.

(** An affine game with matrix A and a quadratic form that is positive somewhere and never falls along x' = -Ax, in the sense
    QA + A'Q <= -sigma Q with sigma >= 0: for no step size h > 0 common to all players does gradient play converge to one point from
    all starts. Q need be neither symmetric nor definite; sigma = 0 covers eigenvalues of A on the imaginary axis. *)
Theorem unstable_flow n A Q sigma z F : 0 <= sigma ->
  (forall v, form n Q v (mv n A v) + form n Q (mv n A v) v <= - sigma * form n Q v v) -> 0 < form n Q z z ->
  affine_on n whole_space A F -> forall h, 0 < h -> ~ one_limit n (step (fun _ => h) F).
Proof. intros Hs HQ Hz HF h Hh H.
  destruct (stable_monotone n A h (one_limit_vanishes n A (fun _ => h) F HF H)) as [P [Sy [Po HP]]].
  assert (K : form n Q z z <= 0); [|lra].
  apply (monotone_or_growing n A P Q (/ (4 * h)) sigma z Sy Po); auto.
  - apply Rinv_0_lt_compat. lra.
  - intros v. apply Rmult_le_reg_l with (4 * h); [lra|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. apply HP. Qed.

(** The same from -(QA + A'Q) >= delta I, delta > 0, and z'Qz >= 0 for some z other than 0: Q + ep I is positive there and still never falls. *)
Theorem unstable_flow_strict n A Q delta z F : 0 < delta ->
  (forall v, form n Q v (mv n A v) + form n Q (mv n A v) v <= - (delta * dot n v v)) -> 0 < dot n z z -> 0 <= form n Q z z ->
  affine_on n whole_space A F -> forall h, 0 < h -> ~ one_limit n (step (fun _ => h) F).
Proof. intros Hd HQ Hz Hq HF.
  destruct (form_bound n A) as [C [HC BC]]. set (ep := delta / (2 * C)).
  assert (Hep : 0 < ep) by (apply Rdiv_lt_0_compat; lra).
  assert (EI : forall u v, form n (fun i j => Q i j + ep * (if Nat.eqb i j then 1 else 0)) u v = form n Q u v + ep * dot n u v).
  { intros u v. rewrite form_plus, form_scal. f_equal. f_equal. unfold form, dot, mv. apply sum_ext; intros i Hi. f_equal.
    rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * v j)).
    - apply sum_delta; auto.
    - intros j Hj. rewrite (Nat.eqb_sym i j). reflexivity. }
  apply (unstable_flow n A (fun i j => Q i j + ep * (if Nat.eqb i j then 1 else 0)) 0 z); auto; [lra| |].
  - intros v. rewrite !EI. specialize (HQ v). destruct (BC v) as [_ U].
    change (dot n v (mv n A v)) with (form n A v v).
    replace (dot n (mv n A v) v) with (form n A v v) by (unfold form, dot; apply sum_ext; intros; ring).
    apply (Rmult_le_compat_l (2 * ep)) in U; [|lra].
    replace (2 * ep * (C * dot n v v)) with (delta * dot n v v) in U by (unfold ep; field; lra). lra.
  - rewrite EI. pose proof (Rmult_lt_0_compat _ _ Hep Hz). lra. Qed.

(** ** The flow x' = -F(x) *)
Definition solves n (F : vec -> vec) (x : R -> vec) :=
  forall t, 0 <= t -> forall i, (i < n)%nat -> derivable_pt_lim (fun s => x s i) t (- F (x t) i).
Lemma derivable_sum_of n (G : nat -> R -> R) (G' : nat -> R) t : (forall i, (i < n)%nat -> derivable_pt_lim (G i) t (G' i)) ->
  derivable_pt_lim (fun s => sum n (fun i => G i s)) t (sum n G').
Proof. induction n; simpl; intros H; [apply derivable_pt_lim_const|].
  apply (derivable_pt_lim_plus (fun s => sum n (fun i => G i s)) (G n)); [apply IHn; intros; apply H; lia|apply H; lia]. Qed.
Lemma derivable_form n Q (d : R -> vec) (d' : vec) t : (forall i, (i < n)%nat -> derivable_pt_lim (fun s => d s i) t (d' i)) ->
  derivable_pt_lim (fun s => form n Q (d s) (d s)) t (form n Q d' (d t) + form n Q (d t) d').
Proof. intros H. unfold form, dot. rewrite <- sum_plus.
  apply (derivable_sum_of n (fun i s => d s i * mv n Q (d s) i)). intros i Hi.
  apply (derivable_pt_lim_mult (fun s => d s i) (fun s => mv n Q (d s) i)); [apply H; auto|].
  apply (derivable_sum_of n (fun j s => Q i j * d s j)). intros j Hj.
  apply (derivable_pt_lim_scal (fun s => d s j)). auto. Qed.

(** Along two solutions x, y of x' = -F(x), F affine with matrix A, the form of x - y grows at least like exp(sigma t). *)
Theorem flow_grows n A Q sigma F x y : affine_on n whole_space A F ->
  (forall v, form n Q v (mv n A v) + form n Q (mv n A v) v <= - sigma * form n Q v v) -> solves n F x -> solves n F y ->
  forall t, 0 <= t -> exp (sigma * t) * form n Q (minus (x 0) (y 0)) (minus (x 0) (y 0)) <= form n Q (minus (x t) (y t)) (minus (x t) (y t)).
Proof. intros HF HQ Hx Hy t Ht. set (d := fun s => minus (x s) (y s)). change (minus (x ?s) (y ?s)) with (d s).
  set (g := fun s => exp (- (sigma * s)) * form n Q (d s) (d s)).
  assert (E : forall s, form n Q (d s) (d s) = exp (sigma * s) * g s).
  { intros s. unfold g. rewrite <- Rmult_assoc, <- exp_plus, Rplus_opp_r, exp_0. ring. }
  assert (G : g 0 <= g t).
  2:{ rewrite (E t). unfold g at 1 in G. rewrite Rmult_0_r, Ropp_0, exp_0, Rmult_1_l in G.
      apply Rmult_le_compat_l; auto. left; apply exp_pos. }
  destruct (Rle_lt_or_eq_dec 0 t Ht) as [Pos|<-]; [|lra].
  set (g' := fun s => exp (- (sigma * s)) * - sigma * form n Q (d s) (d s) +
    exp (- (sigma * s)) * - (form n Q (mv n A (d s)) (d s) + form n Q (d s) (mv n A (d s)))).
  destruct (MVT_cor2 g g' 0 t Pos) as [s [Es Hs]].
  { intros s Hs. apply (derivable_pt_lim_mult (fun s => exp (- (sigma * s))) (fun s => form n Q (d s) (d s))).
    - apply (derivable_pt_lim_comp (fun s => - (sigma * s)) exp); [|apply derivable_pt_lim_exp].
      replace (- sigma) with (- (sigma * 1)) by ring. apply (derivable_pt_lim_opp (fun s => sigma * s)).
      apply (derivable_pt_lim_scal (fun s => s)). apply derivable_pt_lim_id.
    - set (w := mv n A (d s)).
      replace (- (form n Q w (d s) + form n Q (d s) w)) with (form n Q (fun i => (-1) * w i) (d s) + form n Q (d s) (fun i => (-1) * w i))
        by (rewrite form_scal_l, form_scal_r; ring).
      apply derivable_form. intros i Hi. unfold w, d, minus.
      replace (-1 * _) with (- F (x s) i - - F (y s) i).
      + apply (derivable_pt_lim_minus (fun s => x s i) (fun s => y s i)); [apply Hx|apply Hy]; auto; lra.
      + pose proof (HF (x s) (y s) I I i Hi) as K. unfold minus at 1 in K. fold (minus (x s) (y s)). rewrite <- K. ring. }
  rewrite Rminus_0_r in Es. specialize (HQ (d s)). assert (P : 0 <= g' s).
  { unfold g'. replace (_ + _) with (exp (- (sigma * s)) * (- sigma * form n Q (d s) (d s) - (form n Q (mv n A (d s)) (d s) + form n Q (d s) (mv n A (d
    s))))) by ring.
    apply Rmult_le_pos; [left; apply exp_pos|lra]. }
  pose proof (Rmult_le_pos _ _ P Ht). lra. Qed.

(** The flow of such a game does not converge to one point either: two solutions whose start difference z has z'Qz > 0 do not both come
    arbitrarily close to one point p. *)
Theorem unstable_flow_continuous n A Q sigma F x y p : affine_on n whole_space A F -> 0 <= sigma ->
  (forall v, form n Q v (mv n A v) + form n Q (mv n A v) v <= - sigma * form n Q v v) -> solves n F x -> solves n F y ->
  0 < form n Q (minus (x 0) (y 0)) (minus (x 0) (y 0)) ->
  ~ (forall eps, 0 < eps -> exists t, 0 <= t /\ forall i, (i < n)%nat -> Rabs (x t i - p i) < eps /\ Rabs (y t i - p i) < eps).
Proof. intros HF Hs HQ Hx Hy Hz H. set (w := form n Q (minus (x 0) (y 0)) (minus (x 0) (y 0))) in *.
  destruct (form_bound n Q) as [C [HC BC]]. pose proof (pos_INR n) as Hn.
  set (e := Rmin 1 (w / (4 * C * (INR n + 1)) / 2)).
  assert (He : 0 < e) by (apply Rmin_pos; [lra|]; repeat apply Rdiv_lt_0_compat; auto; try lra; repeat apply Rmult_lt_0_compat; lra).
  destruct (H e He) as [t [Ht Hn']]. pose proof (flow_grows n A Q sigma F x y HF HQ Hx Hy t Ht) as Gr. fold w in Gr.
  assert (Ex : 1 <= exp (sigma * t)) by (pose proof (exp_ineq1_le (sigma * t)); pose proof (Rmult_le_pos _ _ Hs Ht); lra).
  pose proof (Rmult_le_compat_r w _ _ (Rlt_le _ _ Hz) Ex) as Gw.
  assert (Sm : dot n (minus (x t) (y t)) (minus (x t) (y t)) <= INR n * (4 * e)).
  { unfold dot. rewrite <- sum_const. apply sum_le; intros i Hi. destruct (Hn' i Hi) as [A1 A2]. unfold minus.
    apply Rabs_def2 in A1, A2. assert (B : Rabs (x t i - y t i) <= 2 * e) by (apply Rabs_le; lra).
    assert (Q2 : Rabs (x t i - y t i) * Rabs (x t i - y t i) <= (2 * e) * (2 * e)) by (apply Rmult_le_compat; auto; apply Rabs_pos).
    rewrite <- Rabs_mult, Rabs_right in Q2 by (apply Rle_ge, Rle_0_sqr).
    pose proof (Rmult_le_compat_l e _ _ (Rlt_le _ _ He) (Rmin_l 1 (w / (4 * C * (INR n + 1)) / 2))) as E1. fold e in E1. lra. }
  destruct (BC (minus (x t) (y t))) as [_ U]. apply (Rmult_le_compat_l C) in Sm; [|lra].
  assert (Fin : C * (INR n * (4 * e)) < w).
  { pose proof (Rmin_r 1 (w / (4 * C * (INR n + 1)) / 2)) as E2. fold e in E2.
    assert (M : 0 < 4 * C * (INR n + 1)) by (repeat apply Rmult_lt_0_compat; lra).
    apply (Rmult_le_compat_l (4 * C * (INR n + 1))) in E2; [|lra].
    replace (4 * C * (INR n + 1) * (w / (4 * C * (INR n + 1)) / 2)) with (w / 2) in E2 by (field; lra).
    pose proof (Rmult_lt_0_compat _ _ HC He). lra. }
  lra. Qed.
