(** Metrics on R^n, strong monotonicity and Lipschitz bounds from pointwise bounds on the Jacobian, and the Euler step. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Field.
Open Scope R_scope.

(** P is symmetric and P >= lam I with lam > 0 *)
Definition metric n (P : nat -> nat -> R) (lam : R) :=
  0 < lam /\ (forall i j, (i < n)%nat -> (j < n)%nat -> P i j = P j i) /\ forall v, lam * dot n v v <= form n P v v.
(** squared distance |x - y|_P^2 *)
Definition dist2 n P (x y : vec) := form n P (minus x y) (minus x y).
(** <F x - F y, x - y>_P >= a |x - y|_P^2 on X *)
Definition monotone_on n P (X : region) (F : vec -> vec) a :=
  forall x y, X x -> X y -> a * dist2 n P x y <= form n P (minus (F x) (F y)) (minus x y).
Definition zero n (F : vec -> vec) (x : vec) := forall i, (i < n)%nat -> F x i = 0.
Definition zeros : vec := fun _ => 0.

(** ** Algebra of forms *)
Lemma dot_pos n v : 0 <= dot n v v.
Proof. apply sum_nonneg; intros; apply Rle_0_sqr. Qed.
Lemma dot_entry n v i : (i < n)%nat -> v i ^ 2 <= dot n v v.
Proof. unfold dot. induction n; simpl; intros H; [lia|].
  destruct (Nat.eq_dec i n) as [->|N].
  - pose proof (dot_pos n v) as Hp. unfold dot in Hp. lra.
  - assert (Hi : v i ^ 2 <= sum n (fun j => v j * v j)) by (apply IHn; lia).
    pose proof (Rle_0_sqr (v n)) as Hp. unfold Rsqr in Hp. lra. Qed.
Lemma form_scal_l n P c u v : form n P (fun i => c * u i) v = c * form n P u v.
Proof. rewrite !form_sum, <- sum_scal. apply sum_ext; intros. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma form_scal_r n P c u v : form n P u (fun i => c * v i) = c * form n P u v.
Proof. rewrite !form_sum, <- sum_scal. apply sum_ext; intros. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma form_plus_l n P u v w : form n P (fun i => u i + v i) w = form n P u w + form n P v w.
Proof. rewrite !form_sum, <- sum_plus. apply sum_ext; intros. rewrite <- sum_plus. apply sum_ext; intros; ring. Qed.
Lemma form_plus_r n P u v w : form n P w (fun i => u i + v i) = form n P w u + form n P w v.
Proof. rewrite !form_sum, <- sum_plus. apply sum_ext; intros. rewrite <- sum_plus. apply sum_ext; intros; ring. Qed.
Lemma form_opp_r n P u v w : form n P w (minus u v) = - form n P w (minus v u).
Proof. unfold minus. rewrite !form_minus_r. ring. Qed.
Lemma form_zero_l n P u v : (forall i, (i < n)%nat -> u i = 0) -> form n P u v = 0.
Proof. intros H. rewrite form_sum. rewrite <- (sum_zero n). apply sum_ext; intros i Hi. rewrite <- (sum_zero n).
  apply sum_ext; intros. rewrite H by auto. ring. Qed.
Lemma sq_le a b : 0 <= b -> a ^ 2 <= b ^ 2 -> a <= b.
Proof. intros Hb H. apply Rnot_lt_le; intros C. assert (b * b < a * a) by (apply Rmult_le_0_lt_compat; auto). lra. Qed.

Section Metric.
Variables (n : nat) (P : nat -> nat -> R) (lam : R).
Hypothesis M : metric n P lam.
Implicit Types u v w x y z : vec.

Lemma metric_sym i j : (i < n)%nat -> (j < n)%nat -> P i j = P j i.
Proof. apply M. Qed.
Lemma metric_psd : psd n P.
Proof. intros v. destruct M as [Hl [_ H]]. specialize (H v).
  assert (0 <= lam * dot n v v) by (apply Rmult_le_pos; [lra|apply dot_pos]). lra. Qed.
Lemma pform_sym u v : form n P u v = form n P v u.
Proof. apply form_sym. exact metric_sym. Qed.
Lemma pform_pos v : 0 <= form n P v v.
Proof. apply metric_psd. Qed.
Lemma pform_cs u v : form n P u v ^ 2 <= form n P u u * form n P v v.
Proof. exact (cauchy_schwarz_sq (weighted_space n P metric_sym metric_psd) u v). Qed.
Lemma pform_young u v : 2 * form n P u v <= form n P u u + form n P v v.
Proof. apply form_young; [exact metric_sym|exact metric_psd]. Qed.
(** Cauchy-Schwarz with bounds of the lengths *)
Lemma pform_cs_bounds u v A B : 0 <= A -> 0 <= B -> form n P u u <= A ^ 2 -> form n P v v <= B ^ 2 -> form n P u v <= A * B.
Proof. intros HA HB Hu Hv. apply sq_le; [apply Rmult_le_pos; auto|]. eapply Rle_trans; [apply pform_cs|].
  rewrite Rpow_mult_distr. apply Rmult_le_compat; auto; apply pform_pos. Qed.
Lemma pform_opp_bounds u v A B : 0 <= A -> 0 <= B -> form n P u u <= A ^ 2 -> form n P v v <= B ^ 2 -> - (A * B) <= form n P u v.
Proof. intros HA HB Hu Hv. assert (H : form n P (fun i => (-1) * u i) v <= A * B).
  { apply pform_cs_bounds; auto. rewrite form_scal_l, form_scal_r. lra. }
  rewrite form_scal_l in H. lra. Qed.
Lemma pform_triangle u v A B : 0 <= A -> 0 <= B -> form n P u u <= A ^ 2 -> form n P v v <= B ^ 2 ->
  form n P (fun i => u i + v i) (fun i => u i + v i) <= (A + B) ^ 2.
Proof. intros HA HB Hu Hv. pose proof (pform_cs_bounds u v A B HA HB Hu Hv) as H.
  rewrite form_plus_l, !form_plus_r, (pform_sym v u). replace ((A + B) ^ 2) with (A ^ 2 + 2 * (A * B) + B ^ 2) by ring. lra. Qed.

Lemma dist2_pos x y : 0 <= dist2 n P x y.
Proof. apply pform_pos. Qed.
Lemma dist2_sym x y : dist2 n P x y = dist2 n P y x.
Proof. unfold dist2, minus. rewrite !form_minus_l, !form_minus_r. ring. Qed.
Lemma dist2_same x x' y y' : same n x x' -> same n y y' -> dist2 n P x y = dist2 n P x' y'.
Proof. intros Hx Hy. apply form_vext; intros i Hi; unfold minus; rewrite (Hx i Hi), (Hy i Hi); reflexivity. Qed.
Lemma dist2_refl x : dist2 n P x x = 0.
Proof. apply form_zero_l. intros; unfold minus; ring. Qed.
Lemma dist2_entry x y i : (i < n)%nat -> lam * (x i - y i) ^ 2 <= dist2 n P x y.
Proof. intros Hi. destruct M as [Hl [_ H]]. eapply Rle_trans; [|apply H]. apply Rmult_le_compat_l; [lra|].
  apply (dot_entry n (minus x y)); auto. Qed.
Lemma dist2_zero x y : dist2 n P x y <= 0 -> same n x y.
Proof. intros H i Hi. pose proof (dist2_entry x y i Hi) as He. destruct M as [Hl _].
  assert (E : (x i - y i) ^ 2 = 0).
  { apply Rle_antisym; [|apply pow2_ge_0]. apply Rmult_le_reg_l with lam; lra. }
  assert (Z : x i - y i = 0) by (apply Rsqr_0_uniq; unfold Rsqr; lra). lra. Qed.
Lemma form_small v : form n P v v <= 0 -> same n v zeros.
Proof. intros H. apply dist2_zero. rewrite (form_vext n P v (minus v zeros) v (minus v zeros)) in H; auto;
  intros; unfold minus, zeros; ring. Qed.
Lemma dist2_triangle x y z A B : 0 <= A -> 0 <= B -> dist2 n P x y <= A ^ 2 -> dist2 n P y z <= B ^ 2 -> dist2 n P x z <= (A + B) ^ 2.
Proof. intros HA HB Hx Hy. pose proof (pform_triangle (minus x y) (minus y z) A B HA HB Hx Hy) as H.
  unfold dist2. rewrite (form_vext n P _ (fun i => minus x y i + minus y z i) _ (fun i => minus x y i + minus y z i)); auto;
  intros; unfold minus; ring. Qed.

(** ** One mean value for x - H F(x), H = diag(hs): in the pairing with any w, the difference of the images is that of
    (I - H J(z)) (x - y) *)
Variables (X : region) (F : vec -> vec) (J : vec -> nat -> nat -> R).
Hypotheses (HX : convex X) (HF : extensional n F) (HJ : jacobian_on n X F J).

Lemma mean_value_form w x y : X x -> X y -> exists z, X z /\
  form n P (minus (F x) (F y)) w = form n P (mv n (J z) (minus x y)) w.
Proof. intros Hx Hy. destruct (mean_value n X F J HX HF HJ x y (mv n P w) Hx Hy) as [z [Hz E]]. exists z. split; auto.
  unfold form, dot. rewrite (sum_ext n _ (fun i => mv n P w i * (F x i - F y i))) by (intros; unfold minus; ring).
  rewrite E. apply sum_ext; intros; ring. Qed.

(** If a |v|_P^2 <= <J(z) v, v>_P at every point z of the convex set X then F is strongly monotone with margin a on X in the metric P. *)
Theorem monotone_from_pointwise a :
  (forall z v, X z -> a * form n P v v <= form n P v (mv n (J z) v)) -> monotone_on n P X F a.
Proof. intros H x y Hx Hy. destruct (mean_value_form (minus x y) x y Hx Hy) as [z [Hz E]]. rewrite E, pform_sym. apply H; auto. Qed.

(** If |J(z) v|_P^2 <= c |v|_P^2 at every point z of the convex set X then |F x - F y|_P^2 <= c |x - y|_P^2 on X. *)
Theorem lipschitz_from_pointwise c :
  (forall z v, X z -> form n P (mv n (J z) v) (mv n (J z) v) <= c * form n P v v) ->
  forall x y, X x -> X y -> dist2 n P (F x) (F y) <= c * dist2 n P x y.
Proof. intros H x y Hx Hy. destruct (mean_value_form (minus (F x) (F y)) x y Hx Hy) as [z [Hz E]].
  pose proof (pform_young (mv n (J z) (minus x y)) (minus (F x) (F y))) as HY. specialize (H z (minus x y) Hz).
  unfold dist2 in *. rewrite <- E in HY. lra. Qed.
End Metric.

Section Uniqueness.
Variables (n : nat) (P : nat -> nat -> R) (lam : R).
Hypothesis M : metric n P lam.

(** A strongly monotone field has at most one zero: two zeros agree in their n coordinates. *)
Theorem monotone_unique X F a : 0 < a -> monotone_on n P X F a ->
  forall x y, X x -> X y -> zero n F x -> zero n F y -> same n x y.
Proof. intros Ha HM x y Hx Hy Zx Zy. apply (dist2_zero n P lam M). specialize (HM x y Hx Hy).
  rewrite form_zero_l in HM by (intros i Hi; unfold minus; rewrite (Zx i Hi), (Zy i Hi); ring).
  pose proof (dist2_pos n P lam M x y). apply Rmult_le_reg_l with a; lra. Qed.

Definition euler_step h (F : vec -> vec) : vec -> vec := fun x i => x i - h * F x i.

(** Euler: with margin a and Lipschitz constant b in P, a step h >= 0 shrinks squared distances to 1 - 2ah + b^2h^2 of them. *)
Theorem euler_step_contracts X F a b h : 0 <= h -> monotone_on n P X F a ->
  (forall x y, X x -> X y -> dist2 n P (F x) (F y) <= b ^ 2 * dist2 n P x y) ->
  forall x y, X x -> X y -> dist2 n P (euler_step h F x) (euler_step h F y) <= (1 - 2 * a * h + b ^ 2 * h ^ 2) * dist2 n P x y.
Proof. intros Hh HM HL x y Hx Hy. specialize (HM x y Hx Hy). specialize (HL x y Hx Hy).
  assert (E : dist2 n P (euler_step h F x) (euler_step h F y) =
    dist2 n P x y - 2 * (h * form n P (minus (F x) (F y)) (minus x y)) + h ^ 2 * dist2 n P (F x) (F y)).
  { unfold dist2. set (d := minus x y). set (D := minus (F x) (F y)).
    rewrite (form_vext n P _ (fun i => d i - h * D i) _ (fun i => d i - h * D i))
      by (intros; unfold d, D, minus, euler_step; ring).
    rewrite (form_minus_l n P d (fun i => h * D i)), !(form_minus_r n P d (fun i => h * D i)), !form_scal_l, !form_scal_r.
    rewrite (pform_sym n P lam M d D). ring. }
  rewrite E. pose proof (Rmult_le_compat_l h _ _ Hh HM) as H1.
  pose proof (Rmult_le_compat_l (h ^ 2) _ _ (pow2_ge_0 h) HL) as H2. lra. Qed.

(** That factor is below 1 exactly for 0 < h < 2a/b^2. *)
Theorem euler_range a b h : 0 <= a -> b <> 0 -> (1 - 2 * a * h + b ^ 2 * h ^ 2 < 1 <-> 0 < h < 2 * a / b ^ 2).
Proof. intros Ha Hb. assert (Hb2 : 0 < b ^ 2) by (pose proof (Rlt_0_sqr b Hb) as Q; unfold Rsqr in Q; lra).
  replace (1 - 2 * a * h + b ^ 2 * h ^ 2) with (1 - h * (2 * a - b ^ 2 * h)) by ring.
  assert (K : h < 2 * a / b ^ 2 <-> 0 < 2 * a - b ^ 2 * h).
  { split; intros H.
    - apply Rmult_lt_compat_l with (r := b ^ 2) in H; auto. replace (b ^ 2 * (2 * a / b ^ 2)) with (2 * a) in H by (field; auto). lra.
    - apply Rmult_lt_reg_l with (b ^ 2); auto. replace (b ^ 2 * (2 * a / b ^ 2)) with (2 * a) by (field; auto). lra. }
  rewrite K. split.
  - intros H. assert (G : 0 < h * (2 * a - b ^ 2 * h)) by lra.
    destruct (Rle_lt_dec h 0) as [N|N].
    + exfalso. assert (0 <= (- h) * (2 * a - b ^ 2 * h)).
      { apply Rmult_le_pos; [lra|]. pose proof (Rmult_le_pos (b ^ 2) (- h)) as Q. lra. } lra.
    + split; auto. apply Rmult_lt_reg_l with h; lra.
  - intros [H1 H2]. pose proof (Rmult_lt_0_compat _ _ H1 H2). lra. Qed.
End Uniqueness.
