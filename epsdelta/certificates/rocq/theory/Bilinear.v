(** Bilinear games min over x, max over y of <x, A y> with one singular value: exact factors of gradient play, extragradient and the
    proximal point method. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products Extragradient Play.
Open Scope R_scope.

(** A field F is skew where <Fu, v> = -<u, Fv>: the field of a bilinear game. It has the one singular value s where |Fu| = s|u|. *)
Definition skew {E : space} (F : E -> E) := forall u v, ip (F u) v = - ip u (F v).
Definition bilinear_field {E : space} (F : E -> E) sigma := skew F /\ forall u, n2 (F u) = sigma^2 * n2 u.

(** The product of two spaces, and the field (x, y) -> (A y, -A'x) of the game <x, A y>; B is the adjoint A'. *)
Section Game.
Variables E1 E2 : space.
Definition product : space.
refine {| carrier := E1 * E2; vadd u v := (vadd (fst u) (fst v), vadd (snd u) (snd v)); vscal a u := (vscal a (fst u), vscal a (snd u));
          ip u v := ip (fst u) (fst v) + ip (snd u) (snd v) |}.
- intros. rewrite (ip_sym E1), (ip_sym E2). reflexivity.
- intros; simpl. rewrite !ip_add. ring.
- intros; simpl. rewrite !ip_scal. ring.
- intros. pose proof (ip_pos E1 (fst u)). pose proof (ip_pos E2 (snd u)). lra.
Defined.
Definition adjoint (A : E2 -> E1) (B : E1 -> E2) := forall x y, ip (A y) x = ip y (B x).
Definition game_field (A : E2 -> E1) (B : E1 -> E2) (z : product) : product := (A (snd z), vscal (-1) (B (fst z))).

(** Every bilinear game whose matrix has the one singular value s (A'A and AA' are s^2 times the identity) has such a field. *)
Lemma game_is_bilinear A B sigma : adjoint A B -> (forall y, n2 (A y) = sigma^2 * n2 y) -> (forall x, n2 (B x) = sigma^2 * n2 x) ->
  bilinear_field (game_field A B) sigma.
Proof. intros H HA HB. split.
  - intros u v. simpl. rewrite ip_scal, ip_scal_r, (H (fst v)), (ip_sym E1 (fst u)), (H (fst u)), (ip_sym E2 (B (fst u))). ring.
  - intros u. unfold n2. simpl. rewrite ip_scal, ip_scal_r. fold (n2 (A (snd u))). fold (n2 (B (fst u))). rewrite HA, HB. unfold n2. ring.
    Qed.
End Game.
Arguments game_field {_ _}. Arguments adjoint {_ _}.

Section Skew.
Variables (E : space) (F : E -> E).
Hypothesis Fskew : skew F.
Lemma skew_zero u : ip (F u) u = 0.
Proof. pose proof (Fskew u u) as H. rewrite (ip_sym E u) in H. lra. Qed.
End Skew.

Section Bilinear.
Variables (E : space) (F : E -> E) (sigma : R).
Hypotheses (Hs : 0 < sigma) (HF : bilinear_field F sigma).
Let Fskew := proj1 HF.
Let Fnorm := proj2 HF.

(** The equilibrium has length zero: it is the origin. *)
Lemma equilibrium_null (zs : E) : n2 (F zs) = 0 -> n2 zs = 0.
Proof. intros H. rewrite Fnorm in H. apply Rmult_integral in H. destruct H as [H|H]; auto.
  exfalso. apply (pow_nonzero sigma 2); lra. Qed.
Lemma equilibrium_distance (z zs : E) : n2 (F zs) = 0 -> norm (vsub z zs) = norm z.
Proof. intros H. unfold norm. rewrite n2_sub_null; auto. apply equilibrium_null; auto. Qed.
Lemma norm_equal (u v : E) q : 0 <= q -> n2 u = q * n2 v -> norm u = sqrt q * norm v.
Proof. intros Hq H. unfold norm. rewrite H. apply sqrt_mult; auto. apply n2_pos. Qed.

Lemma play_square h z : n2 (euler F h z) = (1 + h^2 * sigma^2) * n2 z.
Proof. unfold euler. rewrite n2_sub, n2_scal, ip_scal_r, Fnorm, ip_sym, (skew_zero E F Fskew). ring. Qed.

Lemma extragradient_square h z : n2 (extragradient F h z) = (1 - h^2 * sigma^2 + h^4 * sigma^4) * n2 z.
Proof. unfold extragradient. rewrite n2_sub, n2_scal, ip_scal_r, Fnorm, play_square.
  assert (I1 : ip z (F (euler F h z)) = h * (sigma^2 * n2 z)).
  { rewrite ip_sym, Fskew. unfold euler. rewrite ip_sym, ip_sub_r, ip_scal_r, (skew_zero E F Fskew). fold (n2 (F z)). rewrite Fnorm. ring. }
  rewrite I1. ring. Qed.

Lemma proximal_square h z zn : zn = vsub z (vscal h (F zn)) -> n2 z = (1 + h^2 * sigma^2) * n2 zn.
Proof. intros H. assert (I1 : n2 (vsub zn (vsub z (vscal h (F zn)))) = 0) by (rewrite <- H; products; ring).
  assert (I2 : n2 z = n2 zn + 2 * h * ip zn (F zn) + h^2 * n2 (F zn) - 2 * ip (vsub zn (vsub z (vscal h (F zn)))) (vadd zn (vscal h (F zn)))
    + n2 (vsub zn (vsub z (vscal h (F zn))))) by (products; ring).
  rewrite I2, I1, (ip_null E _ _ I1), (ip_sym E zn), (skew_zero E F Fskew), Fnorm. ring. Qed.

(** gradient-play/bilinear/growth. After T steps of simultaneous gradient play on a bilinear game with the one singular value s the distance
    to the equilibrium is at least (in fact exactly) (1 + h^2 s^2)^(T/2) times the first. *)
Theorem gradient_play_bilinear_growth_holds z zs step_size horizon : n2 (F zs) = 0 -> euler_run F step_size z ->
  norm (vsub (z horizon) zs) >= gradient_play_bilinear_growth horizon sigma step_size * norm (vsub (z O) zs).
Proof. intros H0 Hz. rewrite !equilibrium_distance by auto. unfold gradient_play_bilinear_growth. right.
  assert (Hq : 0 <= 1 + step_size^2 * sigma^2)
    by (pose proof (Rmult_le_pos _ _ (pow2_ge_0 step_size) (pow2_ge_0 sigma)); lra).
  induction horizon as [|T IH]; [rewrite pow_O; ring|]. rewrite (Hz T), <- tech_pow_Rmult, Rmult_assoc, <- IH. apply norm_equal; auto.
    apply play_square. Qed.

(** extragradient/bilinear/any-step. One step of extragradient on such a game multiplies the distance to the equilibrium by at most
    (in fact exactly) sqrt(1 - h^2 s^2 + h^4 s^4). *)
Theorem extragradient_bilinear_any_step_holds z zs step_size : n2 (F zs) = 0 ->
  norm (vsub (extragradient F step_size z) zs) <= extragradient_bilinear_any_step sigma step_size * norm (vsub z zs).
Proof. intros H0. rewrite !equilibrium_distance by auto. right. apply norm_equal; [|apply extragradient_square].
  replace (1 - step_size^2 * sigma^2 + step_size^4 * sigma^4) with ((1 / 2 - step_size^2 * sigma^2)^2 + 3 / 4) .
  - pose proof (pow2_ge_0 (1 / 2 - step_size^2 * sigma^2)).
    lra.
  - field. Qed.

(** extragradient/bilinear/best-step. At the step 1/(sqrt(2) s) the factor is sqrt(3)/2. *)
Theorem extragradient_bilinear_best_step_holds z zs : n2 (F zs) = 0 ->
  norm (vsub (extragradient F (1 / (sqrt 2 * sigma)) z) zs) <= extragradient_bilinear_best_step * norm (vsub z zs).
Proof. intros H0. rewrite !equilibrium_distance by auto. right. unfold extragradient_bilinear_best_step. set (h := 1 / (sqrt 2 * sigma)).
  assert (Q2 : sqrt 2 ^ 2 = 2) by (apply pow2_sqrt; lra). assert (P2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (Hh : h^2 * sigma^2 = 1 / 2)
    by (unfold h; replace ((1 / (sqrt 2 * sigma))^2 * sigma^2) with (1 / sqrt 2 ^ 2) by (field; lra); rewrite Q2; reflexivity).
  assert (Hf : 1 - h^2 * sigma^2 + h^4 * sigma^4 = 3 / 2^2) by (replace (h^4 * sigma^4) with ((h^2 * sigma^2)^2) by ring; rewrite Hh;
    field).
  replace (sqrt 3 / 2) with (sqrt (3 / 2^2)) by (rewrite sqrt_div by lra; rewrite sqrt_pow2 by lra; reflexivity).
  apply norm_equal; [lra|]. rewrite extragradient_square, Hf. reflexivity. Qed.

(** proximal-point/bilinear/any-step. One step z+ = z - h F(z+) on such a game multiplies the distance to the equilibrium by at most
    (in fact exactly) 1/sqrt(1 + h^2 s^2). *)
Theorem proximal_point_bilinear_any_step_holds z zn zs step_size : n2 (F zs) = 0 -> zn = vsub z (vscal step_size (F zn)) ->
  norm (vsub zn zs) <= proximal_point_bilinear_any_step sigma step_size * norm (vsub z zs).
Proof. intros H0 Hn. rewrite !equilibrium_distance by auto. right. unfold proximal_point_bilinear_any_step.
  assert (Hq : 0 < 1 + step_size^2 * sigma^2)
    by (pose proof (Rmult_le_pos _ _ (pow2_ge_0 step_size) (pow2_ge_0 sigma)); lra).
  rewrite (norm_equal z zn (1 + step_size^2 * sigma^2)) by (try lra; apply proximal_square; auto). field.
  apply Rgt_not_eq, sqrt_lt_R0; auto. Qed.
End Bilinear.
