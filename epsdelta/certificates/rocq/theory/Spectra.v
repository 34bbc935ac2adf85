(** Complex eigenvalues of real operators, and alternating gradient play on bilinear games: every eigenvalue has modulus one. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products Potential Bilinear.
Open Scope R_scope.

(** a + ib is an eigenvalue of T with the eigenvector u + iv, not zero: Tu = a u - b v and Tv = b u + a v (up to vectors of length zero). *)
Definition eigenvector {E : space} (T : E -> E) a b u v := 0 < n2 u + n2 v /\
  n2 (vsub (T u) (vsub (vscal a u) (vscal b v))) = 0 /\ n2 (vsub (T v) (vadd (vscal b u) (vscal a v))) = 0.
Definition eigenvalue {E : space} (T : E -> E) a b := exists u v, eigenvector T a b u v.
(** The spectral radius of T is at most r, or below r: so is the modulus of every eigenvalue. *)
Definition spectral_radius_at_most {E : space} (T : E -> E) r := forall a b, eigenvalue T a b -> sqrt (a^2 + b^2) <= r.
Definition spectral_radius_below {E : space} (T : E -> E) r := forall a b, eigenvalue T a b -> sqrt (a^2 + b^2) < r.

(** A test vector sees two vectors at distance zero as one. *)
Lemma test_equal (E : space) (u v t : E) : n2 (vsub u v) = 0 -> ip u t = ip v t.
Proof. intros H. pose proof (ip_null E (vsub u v) t H) as Z. rewrite ip_sub_l in Z. lra. Qed.

Section Conserved.
Variables (E : space) (S T : E -> E).
Hypothesis Ssym : symmetric_operator E S.
Let Q u := ip (S u) u.

Lemma form_of_equal u v : n2 (vsub u v) = 0 -> Q u = Q v.
Proof. intros H. unfold Q. rewrite Ssym, (test_equal E u v (S u) H), <- Ssym, ip_sym, (test_equal E u v (S v) H), ip_sym. reflexivity. Qed.

(** An operator that conserves a positive quadratic form has all eigenvalues on the unit circle. *)
Lemma conserved_form : (forall u, Q (T u) = Q u) -> (forall u, 0 < n2 u -> 0 < Q u) -> (forall u, 0 <= Q u) ->
  forall a b, eigenvalue T a b -> a^2 + b^2 = 1.
Proof. intros HQ Hpos Hnn a b [u [v [Hn [Hu Hv]]]].
  assert (E1 : Q u = a^2 * Q u - 2 * a * b * ip (S u) v + b^2 * Q v).
  { rewrite <- (HQ u) at 1. rewrite (form_of_equal _ _ Hu). unfold Q at 1. rewrite Ssym, ip_sub_l, !ip_scal, <- !Ssym.
    rewrite !ip_sub_r, !ip_scal_r, (Ssym v u), (ip_sym E v). unfold Q. ring. }
  assert (E2 : Q v = b^2 * Q u + 2 * a * b * ip (S u) v + a^2 * Q v).
  { rewrite <- (HQ v) at 1. rewrite (form_of_equal _ _ Hv). unfold Q at 1. rewrite Ssym, ip_add, !ip_scal, <- !Ssym.
    rewrite !ip_add_r, !ip_scal_r, (Ssym v u), (ip_sym E v). unfold Q. ring. }
  assert (P : 0 < Q u + Q v).
  { pose proof (n2_pos E u) as Pu. pose proof (n2_pos E v) as Pv. pose proof (Hnn u). pose proof (Hnn v).
    destruct (Rle_lt_or_eq_dec 0 (n2 u) Pu) as [C|C]; [pose proof (Hpos u C); lra|].
    assert (Cv : 0 < n2 v) by lra. pose proof (Hpos v Cv). lra. }
  apply Rmult_eq_reg_r with (Q u + Q v); lra. Qed.
End Conserved.

Section Alternating.
Variables (E1 E2 : space) (A : E2 -> E1) (B : E1 -> E2) (sigma h : R).
(** the largest singular value of A is at most sigma *)
Hypotheses (Hadj : adjoint A B) (HB : forall x, n2 (B x) <= sigma^2 * n2 x).

(** x+ = x - h A y, then y+ = y + h A' x+ *)
Definition alternating (z : product E1 E2) : product E1 E2 :=
  let x := vsub (fst z) (vscal h (A (snd z))) in (x, vadd (snd z) (vscal h (B x))).
(** The conserved form is |x|^2 + |y|^2 - h <x, A y>, that of this operator. *)
Let S (z : product E1 E2) : product E1 E2 := (vsub (fst z) (vscal (h / 2) (A (snd z))), vsub (snd z) (vscal (h / 2) (B (fst z)))).

Lemma S_symmetric : symmetric_operator (product E1 E2) S.
Proof. intros u v. simpl. rewrite !ip_sub_l, !ip_sub_r, !ip_scal, !ip_scal_r, (Hadj (fst v)),
    (ip_sym E1 (fst u) (A (snd v))), (Hadj (fst u)), (ip_sym E2 (snd v)). ring. Qed.
Lemma S_form (z : product E1 E2) : ip (S z) z = n2 (fst z) + n2 (snd z) - h * ip (B (fst z)) (snd z).
Proof. simpl. rewrite !ip_sub_l, !ip_scal, (Hadj (fst z)), (ip_sym E2 (snd z) (B _)). unfold n2. field. Qed.
Lemma S_conserved z : ip (S (alternating z)) (alternating z) = ip (S z) z.
Proof. rewrite !S_form. unfold alternating. cbv zeta. simpl fst. simpl snd. set (x := fst z). set (y := snd z).
  set (n := vsub x (vscal h (A y))).
  assert (I1 : n2 n = n2 x - 2 * h * ip (B x) y + h^2 * n2 (A y)).
  { unfold n. rewrite n2_sub, n2_scal, ip_scal_r, (ip_sym E1 x), Hadj, (ip_sym E2 y). ring. }
  assert (I2 : ip (B n) y = ip (B x) y - h * n2 (A y)).
  { rewrite ip_sym, <- Hadj. unfold n. rewrite ip_sub_r, ip_scal_r, Hadj, (ip_sym E2 y). unfold n2. ring. }
  rewrite n2_add, n2_scal, !ip_add_r, !ip_scal_r, (ip_sym E2 y (B n)), I1, I2. unfold n2. ring. Qed.

Lemma S_positive z : 0 < h -> 0 < sigma -> (1 - h * sigma / 2) * n2 z <= ip (S z) z.
Proof. intros Hh Hs. rewrite S_form. pose proof (n2_pos E2 (vsub (vscal (/ sigma) (B (fst z))) (snd z))) as P.
  rewrite n2_sub, n2_scal, ip_scal in P. pose proof (HB (fst z)) as H.
  assert (Q : (/ sigma)^2 * n2 (B (fst z)) <= n2 (fst z)).
  { apply Rmult_le_reg_l with (sigma^2); [apply pow_lt; auto|].
    replace (sigma^2 * ((/ sigma)^2 * n2 (B (fst z)))) with (n2 (B (fst z))) by (field; lra). lra. }
  assert (R1 : h * sigma * (2 * (/ sigma * ip (B (fst z)) (snd z))) <= h * sigma * (n2 (fst z) + n2 (snd z))).
  { apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|lra]. }
  replace (h * sigma * (2 * (/ sigma * ip (B (fst z)) (snd z)))) with (2 * (h * ip (B (fst z)) (snd z))) in R1 by (field; lra).
  change (n2 z) with (n2 (fst z) + n2 (snd z)). lra. Qed.

(** Where h times the largest singular value is below 2, every eigenvalue of a round of alternating play has modulus exactly one. *)
Theorem alternating_on_circle : 0 < h -> 0 < sigma -> h * sigma < 2 -> forall a b, eigenvalue alternating a b -> a^2 + b^2 = 1.
Proof. intros Hh Hs Hc. assert (Pos : forall z, (1 - h * sigma / 2) * n2 z <= ip (S z) z) by (intros; apply S_positive; auto).
  apply (conserved_form (product E1 E2) S alternating S_symmetric S_conserved).
  - intros u Hu. eapply Rlt_le_trans; [|apply Pos]. apply Rmult_lt_0_compat; lra.
  - intros u. eapply Rle_trans; [|apply Pos]. apply Rmult_le_pos; [lra|apply n2_pos]. Qed.

(** gradient-play/bilinear/alternating. One round of alternating gradient play on <x, A y>, x+ = x - h A y, y+ = y + h A' x+, has spectral
    radius at most 1 where h times the largest singular value of A is below 2. *)
Theorem gradient_play_bilinear_alternating_holds : 0 < h -> 0 < sigma -> h * sigma < 2 ->
  spectral_radius_at_most alternating (gradient_play_bilinear_alternating sigma h).
Proof. intros Hh Hs Hc a b H. rewrite (alternating_on_circle Hh Hs Hc a b H), sqrt_1. unfold gradient_play_bilinear_alternating. lra. Qed.
End Alternating.
