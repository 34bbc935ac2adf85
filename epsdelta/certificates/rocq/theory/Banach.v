(** R^n is complete in the norm of a metric P, and Banach's fixed-point theorem for it. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Field Monotone Step.
Open Scope R_scope.

(** u_k -> l in each of the n coordinates *)
Definition converges n (u : nat -> vec) (l : vec) := forall i, (i < n)%nat -> Un_cv (fun k => u k i) (l i).
(** closed under coordinatewise limits (and so, by constant sequences, under [same n]) *)
Definition closed_set n (K : region) := forall u l, (forall k, K (u k)) -> converges n u l -> K l.
Fixpoint orbit (T : vec -> vec) (x : vec) (k : nat) : vec := match k with O => x | S k => T (orbit T x k) end.

Lemma cv_const c : Un_cv (fun _ => c) c.
Proof. intros eps He. exists O. intros. unfold R_dist. rewrite Rminus_diag_eq, Rabs_R0; auto. Qed.
Lemma cv_same n x y : same n x y -> converges n (fun _ => x) y.
Proof. intros E i Hi. rewrite <- (E i Hi). apply cv_const. Qed.
Lemma closed_set_same n K : closed_set n K -> closed_under n K.
Proof. intros H x y E Hx. apply (H (fun _ => x)); auto. apply cv_same; auto. Qed.

Lemma cv_ext u v l : (forall k, u k = v k) -> Un_cv u l -> Un_cv v l.
Proof. intros E H eps He. destruct (H eps He) as [N HN]. exists N. intros. rewrite <- E. auto. Qed.
Lemma cv_sum n (f : nat -> nat -> R) l : (forall i, (i < n)%nat -> Un_cv (fun k => f k i) (l i)) ->
  Un_cv (fun k => sum n (f k)) (sum n l).
Proof. induction n; simpl; intros H; [apply cv_const|].
  apply (CV_plus (fun k => sum n (f k)) (fun k => f k n)); [apply IHn; intros; apply H; lia|apply H; lia]. Qed.
Lemma cv_minus_const u l c : Un_cv u l -> Un_cv (fun k => u k - c) (l - c).
Proof. intros H. apply (CV_minus u (fun _ => c)); auto. apply cv_const. Qed.
Lemma cv_form n P u l u' l' : converges n u l -> converges n u' l' -> Un_cv (fun k => form n P (u k) (u' k)) (form n P l l').
Proof. intros H H'. rewrite form_sum. eapply cv_ext; [intros k; symmetry; apply form_sum|].
  apply (cv_sum n (fun k i => sum n (fun j => P i j * (u k i * u' k j)))). intros i Hi.
  apply (cv_sum n (fun k j => P i j * (u k i * u' k j))). intros j Hj.
  apply (CV_mult (fun _ => P i j)); [apply cv_const|]. apply (CV_mult (fun k => u k i) (fun k => u' k j)); auto. Qed.
Lemma cv_dist2 n P u l x : converges n u l -> Un_cv (fun k => dist2 n P x (u k)) (dist2 n P x l).
Proof. intros H. assert (G : converges n (fun k => minus x (u k)) (minus x l)).
  { intros i Hi. unfold minus. apply (CV_minus (fun _ => x i) (fun k => u k i)); [apply cv_const|auto]. }
  unfold dist2. apply (cv_form n P (fun k => minus x (u k)) _ (fun k => minus x (u k))); auto. Qed.

(** A real sequence with geometrically small increments is Cauchy. *)
Lemma geometric_cauchy u C s : 0 <= s < 1 -> (forall k, Rabs (u (S k) - u k) <= C * s ^ k) -> Cauchy_crit u.
Proof. intros Hs H.
  assert (HC : 0 <= C) by (specialize (H O); pose proof (Rabs_pos (u 1%nat - u O)); simpl in H; lra).
  assert (B : forall m k, Rabs (u (k + m)%nat - u m) <= C * s ^ m / (1 - s) * (1 - s ^ k)).
  { intros m k. induction k; simpl.
    - rewrite Rminus_diag_eq, Rabs_R0; auto. lra.
    - replace (u (S (k + m)) - u m) with ((u (S (k + m)) - u (k + m)%nat) + (u (k + m)%nat - u m)) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. specialize (H (k + m)%nat). rewrite pow_add in H.
      replace (C * s ^ m / (1 - s) * (1 - s * s ^ k)) with (C * (s ^ k * s ^ m) + C * s ^ m / (1 - s) * (1 - s ^ k)) by (field; lra).
      lra. }
  assert (B' : forall m k, Rabs (u (k + m)%nat - u m) <= C / (1 - s) * s ^ m).
  { intros m k. eapply Rle_trans; [apply B|]. assert (0 <= s ^ k) by (apply pow_le; lra). assert (0 <= s ^ m) by (apply pow_le; lra).
    replace (C / (1 - s) * s ^ m) with (C * s ^ m / (1 - s) * 1) by (field; lra).
    apply Rmult_le_compat_l; [|lra]. apply Rmult_le_pos; [apply Rmult_le_pos; auto|]. left. apply Rinv_0_lt_compat. lra. }
  set (D := C / (1 - s)). assert (HD : 0 <= D) by (apply Rmult_le_pos; [auto|left; apply Rinv_0_lt_compat; lra]).
  intros eps He. destruct (pow_lt_1_zero s) with (y := eps / (2 * (D + 1))) as [N HN].
  { rewrite Rabs_right; lra. } { apply Rmult_lt_0_compat; auto. apply Rinv_0_lt_compat. lra. }
  exists N. intros p q Hp Hq. unfold R_dist.
  specialize (HN N (Nat.le_refl N)). rewrite Rabs_right in HN by (apply Rle_ge, pow_le; lra).
  pose proof (B' N (p - N)%nat) as Bp. pose proof (B' N (q - N)%nat) as Bq.
  replace (p - N + N)%nat with p in Bp by lia. replace (q - N + N)%nat with q in Bq by lia. fold D in Bp, Bq.
  replace (u p - u q) with ((u p - u N) + - (u q - u N)) by ring.
  eapply Rle_lt_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp.
  assert (HN' : (D + 1) * s ^ N < eps / 2).
  { apply Rmult_lt_compat_l with (r := D + 1) in HN; [|lra].
    replace ((D + 1) * (eps / (2 * (D + 1)))) with (eps / 2) in HN by (field; lra). auto. }
  assert (0 <= s ^ N) by (apply pow_le; lra). lra. Qed.

Lemma cv_squeeze u v l C : (forall k, (u k - l) ^ 2 <= C * v k) -> Un_cv v 0 -> 0 <= C -> Un_cv u l.
Proof. intros H Hv HC eps He. destruct (Hv (eps ^ 2 / (C + 1))) as [N HN].
  { apply Rmult_lt_0_compat; [apply pow_lt; auto|apply Rinv_0_lt_compat; lra]. }
  exists N. intros k Hk. specialize (HN k Hk). unfold R_dist in *. rewrite Rminus_0_r in HN. specialize (H k).
  apply Rnot_le_lt. intros G. pose proof (Rle_abs (v k)) as Ha. pose proof (Rabs_pos (v k)) as Hp.
  assert (G2 : eps ^ 2 <= (u k - l) ^ 2).
  { rewrite <- (pow2_abs (u k - l)). apply pow_incr. lra. }
  assert (G3 : (C + 1) * Rabs (v k) < eps ^ 2).
  { apply Rmult_lt_compat_l with (r := C + 1) in HN; [|lra].
    replace ((C + 1) * (eps ^ 2 / (C + 1))) with (eps ^ 2) in HN by (field; lra). auto. }
  assert (C * v k <= C * Rabs (v k)) by (apply Rmult_le_compat_l; auto). lra. Qed.

Section Banach.
Variables (n : nat) (P : nat -> nat -> R) (lam : R).
Hypothesis M : metric n P lam.
Variables (K : region) (T : vec -> vec) (q : R).
Hypotheses (Kc : closed_set n K) (KT : forall x, K x -> K (T x)) (Hq : 0 <= q < 1) (HT : contracts_on n P K T q).

Lemma orbit_in x k : K x -> K (orbit T x k).
Proof. intros Hx. induction k; simpl; auto. Qed.
Lemma orbit_contracts x y k : K x -> K y -> dist2 n P (orbit T x k) (orbit T y k) <= q ^ k * dist2 n P x y.
Proof. intros Hx Hy. induction k; simpl; [lra|]. eapply Rle_trans; [apply HT; apply orbit_in; auto|].
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|auto]. Qed.
Lemma pow_cv_zero C : Un_cv (fun k => q ^ k * C) 0.
Proof. replace 0 with (0 * C) by ring. apply (CV_mult (fun k => q ^ k) (fun _ => C)); [|apply cv_const].
  intros eps He. destruct (pow_lt_1_zero q) with (y := eps) as [N HN]; auto. { rewrite Rabs_right; lra. }
  exists N. intros k Hk. unfold R_dist. rewrite Rminus_0_r. auto. Qed.

Lemma orbit_limit x : K x -> exists l, converges n (orbit T x) l.
Proof. intros Hx. set (D := dist2 n P x (T x)). destruct M as [Hl _].
  assert (HD : 0 <= D) by (apply (dist2_pos n P lam M)).
  assert (Cau : forall i, (i < n)%nat -> Cauchy_crit (fun k => orbit T x k i)).
  { intros i Hi. apply (geometric_cauchy _ (sqrt (D / lam)) (sqrt q)).
    - split; [apply sqrt_pos|]. rewrite <- sqrt_1. apply sqrt_lt_1; lra.
    - intros k. rewrite <- (sqrt_pow2 (Rabs _)) by apply Rabs_pos.
      assert (Eq : sqrt q ^ k = sqrt (q ^ k)).
      { symmetry. rewrite <- (pow2_sqrt q) at 1 by lra. rewrite <- pow_mult, Nat.mul_comm, pow_mult. apply sqrt_pow2. apply pow_le, sqrt_pos. }
      assert (HDl : 0 <= D / lam) by (apply Rmult_le_pos; [auto|left; apply Rinv_0_lt_compat; auto]).
      rewrite Eq, <- sqrt_mult by (auto; apply pow_le; lra). apply sqrt_le_1_alt. rewrite pow2_abs.
      pose proof (dist2_entry n P lam M (orbit T x (S k)) (orbit T x k) i Hi) as He.
      rewrite (dist2_sym n P) in He. pose proof (orbit_contracts x (T x) k Hx (KT x Hx)) as Hk.
      assert (Es : orbit T (T x) k = orbit T x (S k)). { clear. induction k; simpl; auto. rewrite IHk. reflexivity. }
      rewrite Es in Hk. fold D in Hk.
      apply Rmult_le_reg_l with lam; auto. replace (lam * (D / lam * q ^ k)) with (q ^ k * D) by (field; lra). lra. }
  assert (L : forall m, (m <= n)%nat -> exists l : vec, forall i, (i < m)%nat -> Un_cv (fun k => orbit T x k i) (l i)).
  { induction m; intros Hm.
    - exists zeros. intros; lia.
    - destruct IHm as [l Hl']; [lia|]. destruct (R_complete _ (Cau m Hm)) as [c Hc].
      exists (fun i => if Nat.eqb i m then c else l i). intros i Hi. destruct (Nat.eqb_spec i m) as [->|N]; auto. apply Hl'. lia. }
  exact (L n (Nat.le_refl n)). Qed.

(** Banach: a map of a nonempty closed set into itself that shrinks squared P-distances by q < 1 has exactly one fixed point there;
    every orbit that starts in the set stays in it and converges to that point, squared distances shrinking by q per step. *)
Theorem banach : (exists x, K x) -> exists z, K z /\ same n (T z) z /\ (forall w, K w -> same n (T w) w -> same n w z) /\
  forall x, K x -> (forall k, K (orbit T x k) /\ dist2 n P (orbit T x k) z <= q ^ k * dist2 n P x z) /\ converges n (orbit T x) z.
Proof. intros [x0 Hx0]. destruct (orbit_limit x0 Hx0) as [z Hz].
  assert (Kz : K z) by (apply (Kc (orbit T x0)); auto; intros; apply orbit_in; auto).
  assert (Fz : same n (T z) z).
  { apply (dist2_zero n P lam M).
    assert (C1 : Un_cv (fun k => dist2 n P (T z) (orbit T x0 (k + 1))) (dist2 n P (T z) z)).
    { apply (CV_shift' (fun k => dist2 n P (T z) (orbit T x0 k))). apply cv_dist2; auto. }
    assert (C2 : Un_cv (fun k => q * dist2 n P z (orbit T x0 k)) (q * dist2 n P z z)).
    { apply (CV_mult (fun _ => q)); [apply cv_const|]. apply cv_dist2; auto. }
    rewrite (dist2_refl n P z), Rmult_0_r in C2. eapply Rle_cv_lim; [|exact C1|exact C2].
    intros k. cbv beta. rewrite Nat.add_1_r. simpl. apply HT; auto. apply orbit_in; auto. }
  exists z. split; auto. split; auto. split.
  - intros w Kw Fw. apply (dist2_zero n P lam M). pose proof (HT w z Kw Kz) as H.
    rewrite (dist2_same n P _ w _ z Fw Fz) in H. pose proof (dist2_pos n P lam M w z) as Hp.
    assert (0 <= (1 - q) * dist2 n P w z) by (apply Rmult_le_pos; lra).
    apply Rmult_le_reg_l with (1 - q); lra.
  - intros x Kx. assert (Orb : forall k, dist2 n P (orbit T x k) z <= q ^ k * dist2 n P x z).
    { induction k; simpl; [lra|]. assert (Kk : K (orbit T x k)) by (apply orbit_in; auto).
      rewrite (dist2_same n P _ (T (orbit T x k)) z (T z)); [|intros i Hi; reflexivity|intros i Hi; symmetry; auto].
      eapply Rle_trans; [apply HT; auto|]. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|auto]. }
    split; [intros k; split; auto; apply orbit_in; auto|]. destruct M as [Hl _].
    intros i Hi. apply (cv_squeeze _ (fun k => q ^ k * dist2 n P x z) _ (/ lam)); [|apply pow_cv_zero|left; apply Rinv_0_lt_compat; auto].
    intros k. specialize (Orb k). pose proof (dist2_entry n P lam M (orbit T x k) z i Hi) as He.
    apply Rmult_le_reg_l with lam; auto. rewrite <- Rmult_assoc, Rinv_r by lra. lra. Qed.
End Banach.

(** For as long as two orbits stay in a region where the map contracts, squared distances shrink by q per step. *)
Theorem orbit_contracts_inside n P X T q : 0 <= q -> contracts_on n P X T q -> forall x y k,
  (forall j, (j < k)%nat -> X (orbit T x j) /\ X (orbit T y j)) -> dist2 n P (orbit T x k) (orbit T y k) <= q ^ k * dist2 n P x y.
Proof. intros Hq HT x y k. induction k; simpl; intros H; [lra|]. destruct (H k) as [Hx Hy]; [lia|].
  eapply Rle_trans; [apply HT; auto|]. rewrite Rmult_assoc. apply Rmult_le_compat_l; auto. Qed.
