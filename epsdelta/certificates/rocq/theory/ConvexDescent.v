(** Gradient descent on smooth convex functions: the function gap after T steps, with the textbook and the exact constant. The
    sequence x starts at x 0, the first point of the catalogue (there x_1). *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent StrongDescent Formulas.
Open Scope R_scope.

Section SmoothConvex.
Variable E : space.
Variables (f : E -> R) (grad : E -> E) (L : R).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L) (Hconvex : subgradient f grad).

Lemma convex_is_strongly_convex : strongly_convex f grad 0.
Proof. intros x y. pose proof (Hconvex x y). lra. Qed.
(** f x - f y - <grad y, x - y> >= |grad x - grad y|^2/(2L) *)
Lemma convex_interpolation x y : n2 (vsub (grad x) (grad y)) / 2 <= L * (f x - f y - ip (grad y) (vsub x y)).
Proof. pose proof (interpolation E f grad L 0 Hsmooth convex_is_strongly_convex x y) as H.
  assert (H0 : 0 <= L) by lra. specialize (H H0). lra. Qed.
(** f x - f xs + |grad x|^2/(2L) <= <grad x, x - xs> at a minimizer xs *)
Lemma towards_minimizer x xs : minimizer f xs -> n2 (grad x) / 2 <= L * (ip (grad x) (vsub x xs) - (f x - f xs)).
Proof. intros Hm. pose proof (gradient_vanishes E f grad L xs HL Hsmooth Hm) as Z.
  pose proof (convex_interpolation xs x) as H. revert H. ips. rewrite !Z, (ip_sym _ _ (grad xs)), !Z. intros H. lra. Qed.
(** |grad x|^2 <= 2 L (f x - f xs) *)
Lemma gradient_below_gap x xs : minimizer f xs -> n2 (grad x) <= 2 * L * (f x - f xs).
Proof. intros Hm. pose proof (descent_step_inverse E f grad L x HL Hsmooth) as H. pose proof (Hm (euler grad (1 / L) x)) as H0.
  assert (H1 : 2 * L * (n2 (grad x) / (2 * L)) <= 2 * L * (f x - f xs)) by (apply Rmult_le_compat_l; lra).
  replace (2 * L * (n2 (grad x) / (2 * L))) with (n2 (grad x)) in H1 by (field; lra). exact H1. Qed.

Lemma distance_square (xs x : E) D : distance_to xs x <= D -> n2 (vsub x xs) <= D ^ 2.
Proof. unfold distance_to. intros H. rewrite <- norm_sq. apply pow_incr. split; auto. apply norm_pos. Qed.

Section Steps.
Variables (eta : R) (x : nat -> E) (xs : E).
Hypotheses (Heta : 0 < eta) (Hx : gradient_descent grad eta x).

(** The potential t (f (x t) - f xs) + |x t - x*|^2/(2 eta) does not grow at steps up to 1/L. *)
Lemma potential_falls T : eta <= 1 / L ->
  INR T * (f (x T) - f xs) + n2 (vsub (x T) xs) / (2 * eta) <= n2 (vsub (x O) xs) / (2 * eta).
Proof. intros Hshort.
  assert (Hr : L * eta <= 1). { apply Rmult_le_compat_l with (r := L) in Hshort; [|lra]. unfold Rdiv in Hshort.
    rewrite Rmult_1_l, Rinv_r in Hshort; lra. }
  induction T as [|k IH]; [simpl; lra|]. eapply Rle_trans; [|exact IH]. rewrite S_INR.
  pose proof (descent_step E f grad L eta (x k) Hsmooth) as D. rewrite <- Hx in D.
  pose proof (Hconvex (x k) xs) as C. pose proof (n2_pos E (grad (x k))) as G. pose proof (pos_INR k) as K.
  assert (N : n2 (vsub (x (S k)) xs) / (2 * eta) = n2 (vsub (x k) xs) / (2 * eta) + ip (grad (x k)) (vsub xs (x k)) + eta / 2 * n2 (grad (x k))).
  { rewrite Hx. unfold euler. vec. field. lra. }
  rewrite N.
  assert (A : (INR k + 1) * (f (x (S k)) - f (x k)) <= (INR k + 1) * (- (eta / 2 * n2 (grad (x k))))).
  { apply Rmult_le_compat_l; [lra|].
    assert (0 <= eta * (1 - L * eta) * n2 (grad (x k))) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra). lra. }
  assert (B : 0 <= INR k * (eta / 2 * n2 (grad (x k)))) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra).
  lra. Qed.

(** gd/convex/any-step: smooth convex f, a constant step up to 1/L: the gap to any point xs, such as a minimizer, after T >= 1 steps is at
    most distance^2/(2 eta T); [distance] is at least the distance of the first point to xs. *)
Theorem gd_convex_any_step_holds distance T : eta <= 1 / L -> distance_to xs (x O) <= distance -> (1 <= T)%nat ->
  f (x T) - f xs <= gd_convex_any_step L distance T eta.
Proof. intros Hshort Hd HT. pose proof (potential_falls T Hshort) as H. pose proof (pos_INR_of T HT) as HT1.
  pose proof (distance_square xs (x O) distance Hd) as HD. pose proof (n2_pos E (vsub (x T) xs)) as HP.
  assert (Hi : 0 < / (2 * eta)) by (apply Rinv_0_lt_compat; lra).
  assert (A : n2 (vsub (x O) xs) * / (2 * eta) <= distance ^ 2 * / (2 * eta)) by (apply Rmult_le_compat_r; lra).
  assert (B : 0 <= n2 (vsub (x T) xs) * / (2 * eta)) by (apply Rmult_le_pos; lra).
  unfold gd_convex_any_step. apply Rmult_le_reg_l with (INR T); [lra|].
  replace (INR T * (distance ^ 2 / (2 * eta * INR T))) with (distance ^ 2 * / (2 * eta)) by (field; lra).
  unfold Rdiv in H. lra. Qed.
End Steps.

Section InverseStep.
Variables (x : nat -> E) (xs : E).
Hypotheses (Hx : gradient_descent grad (1 / L) x) (Hmin : minimizer f xs).

(** gd/convex/textbook: the step 1/L in the bound above. *)
Theorem gd_convex_textbook_holds distance T : distance_to xs (x O) <= distance -> (1 <= T)%nat ->
  f (x T) - f xs <= gd_convex_textbook L distance T.
Proof. intros Hd HT. pose proof (pos_INR_of T HT) as HT1.
  assert (He : 0 < 1 / L) by (apply Rdiv_lt_0_compat; lra).
  pose proof (gd_convex_any_step_holds (1 / L) x xs He Hx distance T (Rle_refl _) Hd HT) as H.
  unfold gd_convex_any_step in H. unfold gd_convex_textbook.
  replace (L * distance ^ 2 / (2 * INR T)) with (distance ^ 2 / (2 * (1 / L) * INR T)) by (field; lra). exact H. Qed.

(** Weights of the inequalities between successive points (lam) and with the minimizer (wt), and of a square (cf), for N steps *)
Section Weights.
Variable N : R.
Definition lam i := i / (2 * N + 1 - i).
Definition wt i := (2 * N + 1) / ((2 * N - i) * (2 * N + 1 - i)).
Definition cf i := (2 * (N - i) + 1) / i ^ 2.
Lemma lam_step i : i <= N - 1 -> 0 <= i -> lam i + wt i = lam (i + 1).
Proof. intros H0 H1. unfold lam, wt. field. lra. Qed.
(** a, b, c stand for |s|^2, <s, g>, |g|^2 *)
Lemma square_step i a b c : 0 < i -> i <= N - 1 ->
  2 * wt i * b + 2 * lam (i + 1) * c - (2 * N + 1) * (wt i) ^ 2 * c + cf i * a
    - cf (i + 1) * (a + 2 * (1 - (2 * N + 1) * wt i) * b + (1 - (2 * N + 1) * wt i) ^ 2 * c)
  = ((2 * (N - i) + 1) * (2 * i + 1) + 2 * i ^ 2) / (i ^ 2 * (i + 1) ^ 2)
    * (a + 2 * (i ^ 2 / (2 * N + 1 - i)) * b + (i ^ 2 / (2 * N + 1 - i)) ^ 2 * c).
Proof. intros H0 H1. unfold lam, wt, cf. field. lra. Qed.
Lemma square_first c : 1 <= N -> 2 * lam 1 * c - (2 * N + 1) * (wt 0) ^ 2 * c = cf 1 * ((1 - (2 * N + 1) * wt 0) ^ 2 * c).
Proof. intros H. unfold lam, wt, cf. field. lra. Qed.
Lemma square_last a b c : 1 <= N -> 2 * / (N + 1) * b + c - (2 * N + 1) * (/ (N + 1)) ^ 2 * c + cf N * a
  = a / N ^ 2 + 2 * (/ (N + 1)) * b + (N / (N + 1)) ^ 2 * c.
Proof. intros H. unfold cf. field. lra. Qed.
End Weights.

Variable T : nat.
Hypothesis (HT : (1 <= T)%nat).
Let N := INR T.
Let HN : 1 <= N := pos_INR_of T HT.
Fixpoint weighted (i : nat) : E := match i with O => vscal 0 (x O) | S j => vadd (weighted j) (vscal (wt N (INR j)) (grad (x j))) end.
Let spare i := vsub (vscal L (vsub (x O) (x i))) (vscal (2 * N + 1) (weighted i)).

Lemma spare_step i w p : p = vadd (weighted i) (vscal w (grad (x i))) ->
  n2 (vsub (vscal L (vsub (x O) (x (S i)))) (vscal (2 * N + 1) p))
  = n2 (spare i) + 2 * (1 - (2 * N + 1) * w) * ip (spare i) (grad (x i)) + (1 - (2 * N + 1) * w) ^ 2 * n2 (grad (x i)).
Proof. intros ->. rewrite Hx. unfold spare, euler. vec. field. lra. Qed.
(** the inequality with the minimizer at x i, and how <P, z> - (2N+1)|P|^2/(2L) changes; z = x 0 - x* *)
Lemma at_minimizer i w : 0 <= w ->
  2 * L * w * (f (x i) - f xs) <= 2 * L * (ip (vadd (weighted i) (vscal w (grad (x i)))) (vsub (x O) xs) - ip (weighted i) (vsub (x O) xs))
    - (2 * N + 1) * (n2 (vadd (weighted i) (vscal w (grad (x i)))) - n2 (weighted i))
    - (2 * w * ip (spare i) (grad (x i)) - (2 * N + 1) * w ^ 2 * n2 (grad (x i))) - w * n2 (grad (x i)).
Proof. intros Hw. pose proof (towards_minimizer (x i) xs Hmin) as H.
  apply Rmult_le_compat_l with (r := 2 * w) in H; [|lra]. revert H. unfold spare. vec. intros H. lra. Qed.
Lemma successive i : n2 (grad (x i)) + n2 (grad (x (S i))) <= 2 * L * (f (x i) - f (x (S i))).
Proof. pose proof (convex_interpolation (x i) (x (S i))) as H.
  assert (A : L * ip (grad (x (S i))) (vsub (x i) (x (S i))) = ip (grad (x (S i))) (grad (x i))).
  { rewrite (Hx i) at 2. unfold euler. vec. field. lra. }
  revert H A. vec. intros H A. lra. Qed.

Lemma tight_invariant i : (1 <= i <= T)%nat -> 2 * L * lam N (INR i) * (f (x i) - f xs)
  <= 2 * L * ip (weighted i) (vsub (x O) xs) - (2 * N + 1) * n2 (weighted i) - cf N (INR i) * n2 (spare i) - lam N (INR i) * n2 (grad (x i)).
Proof. intros [Hi1 HiT]. induction i as [|i IH]; [lia|]. clear Hi1.
  assert (HiN : INR i <= N - 1) by (unfold N; apply le_INR in HiT; rewrite S_INR in HiT; lra).
  pose proof (pos_INR i) as Hi0.
  assert (Hlam : 0 <= lam N (INR i + 1)) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  assert (Hw : 0 <= wt N (INR i)).
  { apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra. }
  pose proof (at_minimizer i (wt N (INR i)) Hw) as A.
  pose proof (Rmult_le_compat_l _ _ _ Hlam (successive i)) as B.
  pose proof (spare_step i (wt N (INR i)) (weighted (S i)) eq_refl) as S1.
  fold (spare (S i)) in S1. change (vadd (weighted i) (vscal (wt N (INR i)) (grad (x i)))) with (weighted (S i)) in A.
  rewrite S_INR. rewrite S1. pose proof (lam_step N (INR i) HiN Hi0) as El.
  destruct i as [|j].
  - assert (E0 : n2 (weighted 0) = 0 /\ ip (weighted 0) (vsub (x O) xs) = 0) by (simpl weighted; split; vec; ring).
    assert (E1 : n2 (spare 0) = 0 /\ ip (spare 0) (grad (x O)) = 0) by (unfold spare; simpl weighted; split; vec; ring).
    destruct E0 as [E0a E0b]. destruct E1 as [E1a E1b]. rewrite E0a, E0b, E1b in A. rewrite E1a, E1b.
    pose proof (square_first N (n2 (grad (x O))) HN) as Q. simpl INR in *. rewrite Rplus_0_l in *.
    assert (E2 : lam N 1 = wt N 0) by (rewrite <- El; unfold lam; field; lra). rewrite E2 in *. lra.
  - assert (Hj : (1 <= S j <= T)%nat) by lia.
    assert (Hpos : 0 < INR (S j)) by (apply lt_0_INR; lia).
    assert (HjT : (S j <= T)%nat) by lia. specialize (IH ltac:(lia) HjT).
    pose proof (square_step N (INR (S j)) (n2 (spare (S j))) (ip (spare (S j)) (grad (x (S j)))) (n2 (grad (x (S j)))) Hpos HiN) as Q.
    set (i := INR (S j)) in *. set (q := i ^ 2 / (2 * N + 1 - i)) in *.
    assert (Hsq : 0 <= n2 (spare (S j)) + 2 * q * ip (spare (S j)) (grad (x (S j))) + q ^ 2 * n2 (grad (x (S j)))).
    { pose proof (n2_pos E (vadd (spare (S j)) (vscal q (grad (x (S j)))))) as H. rewrite n2_add, n2_scal, ip_scal_r in H. lra. }
    assert (Hc : 0 <= ((2 * (N - i) + 1) * (2 * i + 1) + 2 * i ^ 2) / (i ^ 2 * (i + 1) ^ 2)).
    { apply Rmult_le_pos.
      - assert (0 <= (2 * (N - i) + 1) * (2 * i + 1)) by (apply Rmult_le_pos; lra). pose proof (pow2_ge_0 i). lra.
      - left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; apply pow_lt; lra. }
    pose proof (Rmult_le_pos _ _ Hc Hsq) as P. rewrite <- Q in P. rewrite <- El in *. lra. Qed.

(** gd/convex/tight: the exact worst case of gradient descent with step 1/L on smooth convex functions, L distance^2/(4T + 2). *)
Theorem gd_convex_tight_holds distance : distance_to xs (x O) <= distance -> f (x T) - f xs <= gd_convex_tight L distance T.
Proof. intros Hd. pose proof (distance_square xs (x O) distance Hd) as HD.
  assert (HTT : (1 <= T <= T)%nat) by lia. pose proof (tight_invariant T HTT) as I. fold N in I.
  assert (Hw : 0 <= / (N + 1)) by (left; apply Rinv_0_lt_compat; lra).
  pose proof (at_minimizer T (/ (N + 1)) Hw) as A.
  set (P := vadd (weighted T) (vscal (/ (N + 1)) (grad (x T)))) in *.
  pose proof (square_last N (n2 (spare T)) (ip (spare T) (grad (x T))) (n2 (grad (x T))) HN) as Q.
  assert (Hlam : lam N N = 1 - / (N + 1)) by (unfold lam; field; lra). rewrite Hlam in I.
  assert (Hsq : 0 <= n2 (spare T) / N ^ 2 + 2 * / (N + 1) * ip (spare T) (grad (x T)) + (N / (N + 1)) ^ 2 * n2 (grad (x T))).
  { pose proof (n2_pos E (vadd (vscal (/ N) (spare T)) (vscal (N / (N + 1)) (grad (x T))))) as H.
    rewrite n2_add, !n2_scal, ip_scal, ip_scal_r in H.
    replace (/ N * (N / (N + 1) * ip (spare T) (grad (x T)))) with (/ (N + 1) * ip (spare T) (grad (x T))) in H by (field; lra).
    replace ((/ N) ^ 2 * n2 (spare T)) with (n2 (spare T) / N ^ 2) in H by (field; lra). lra. }
  assert (F : 2 * L * (f (x T) - f xs) <= 2 * L * ip P (vsub (x O) xs) - (2 * N + 1) * n2 P) by lra.
  pose proof (n2_pos E (vsub (vscal L (vsub (x O) xs)) (vscal (2 * N + 1) P))) as S.
  rewrite n2_sub, !n2_scal, ip_scal, ip_scal_r, (ip_sym _ (vsub (x O) xs) P) in S.
  assert (G : L ^ 2 * n2 (vsub (x O) xs) <= L ^ 2 * distance ^ 2) by (apply Rmult_le_compat_l; [apply pow2_ge_0|auto]).
  apply Rmult_le_compat_l with (r := 2 * N + 1) in F; [|lra].
  unfold gd_convex_tight. fold N. apply Rmult_le_reg_l with (2 * L * (2 * N + 1)); [apply Rmult_lt_0_compat; lra|].
  replace (2 * L * (2 * N + 1) * (L * distance ^ 2 / (4 * N + 2))) with (L ^ 2 * distance ^ 2) by (field; lra). lra. Qed.
End InverseStep.

(** gd/convex/complexity: with the step 1/L every number of steps from max(1, L distance^2/(4 eps) - 1/2) on leaves a gap of at most eps. *)
Theorem gd_convex_complexity_holds x xs distance eps T : gradient_descent grad (1 / L) x -> minimizer f xs ->
  distance_to xs (x O) <= distance -> 0 < eps -> gd_convex_complexity L distance eps <= INR T -> f (x T) - f xs <= eps.
Proof. intros Hx Hm Hd He. unfold gd_convex_complexity. intros HT.
  assert (H1 : 1 <= INR T) by (eapply Rle_trans; [apply Rmax_l|exact HT]).
  assert (H2 : L * distance ^ 2 / (4 * eps) - 1 / 2 <= INR T) by (eapply Rle_trans; [apply Rmax_r|exact HT]).
  assert (HT1 : (1 <= T)%nat) by (apply INR_le; simpl; lra).
  eapply Rle_trans; [apply (gd_convex_tight_holds x xs Hx Hm T HT1 distance Hd)|]. unfold gd_convex_tight.
  apply Rmult_le_reg_r with (4 * INR T + 2); [lra|].
  replace (L * distance ^ 2 / (4 * INR T + 2) * (4 * INR T + 2)) with (L * distance ^ 2 / (4 * eps) * (4 * eps)) by (field; lra).
  replace (eps * (4 * INR T + 2)) with ((INR T + 1 / 2) * (4 * eps)) by field.
  apply Rmult_le_compat_r; lra. Qed.
End SmoothConvex.
