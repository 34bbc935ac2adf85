(** Smooth convex functions in one class: the descent inequality and subgradients give back an L-Lipschitz gradient; and on the line the
    functions on which gradient descent is as slow as its bounds. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent StrongDescent Formulas.
Open Scope R_scope.

(** For convex functions the class [smooth] is the usual one: the map grad is the gradient of f and is L-Lipschitz. *)
Theorem smooth_convex_is_usual (E : space) (f : E -> R) grad L : 0 <= L -> smooth f grad L -> subgradient f grad ->
  has_gradient f grad /\ lipschitz everywhere grad L.
Proof.
  intros HL Hs Hc. assert (Hc0 : strongly_convex f grad 0) by (intros x y; pose proof (Hc x y); lra). repeat split.
  - intros x y Hz. assert (Z : forall w, ip w (vsub y x) = 0).
    { intros w. pose proof (cauchy_schwarz_sq E w (vsub y x)) as C. rewrite (n2_sub_sym E y x), Hz, Rmult_0_r in C.
      apply Rsqr_0_uniq, Rle_antisym; [unfold Rsqr; lra|apply Rle_0_sqr]. }
    pose proof (Hc x y) as H1. pose proof (Hs x y) as H2. rewrite Z in H1, H2. rewrite n2_sub_sym, Hz in H2. lra.
  - intros x v t eps He. assert (Hn : 0 <= n2 v) by apply n2_pos. set (M := L / 2 * n2 v). assert (HM : 0 <= M) by (apply Rmult_le_pos; lra).
    assert (Hd : 0 < eps / (M + 1)) by (apply Rdiv_lt_0_compat; lra). exists (mkposreal _ Hd). intros s Hs0 Hsmall. simpl in Hsmall.
    set (p := vadd x (vscal t v)). set (q := vadd x (vscal (t + s) v)).
    pose proof (Hc p q) as H1. pose proof (Hs p q) as H2.
    assert (Ei : ip (grad p) (vsub q p) = s * ip (grad p) v) by (unfold p, q; vec; ring).
    assert (En : n2 (vsub q p) = s ^ 2 * n2 v) by (unfold p, q; vec; ring).
    rewrite Ei in H1, H2. rewrite En in H2. set (d := f q - f p - s * ip (grad p) v).
    assert (Hd0 : 0 <= d <= M * s ^ 2) by (unfold d, M; lra).
    replace ((f q - f p) / s - ip (grad p) v) with (d / s) by (unfold d; field; auto).
    unfold Rdiv. rewrite Rabs_mult, Rabs_inv. rewrite (Rabs_right d) by lra. apply Rabs_pos_lt in Hs0.
    apply Rmult_lt_reg_r with (Rabs s); auto. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    rewrite <- pow2_abs in Hd0. set (z := Rabs s) in *.
    assert (Hz : z * (M + 1) < eps) by (apply Rmult_lt_compat_r with (r := M + 1) in Hsmall; [|lra]; unfold Rdiv in Hsmall;
      rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hsmall; lra).
    apply Rmult_lt_compat_l with (r := z) in Hz; auto. assert (0 < z * z) by (apply Rmult_lt_0_compat; auto). lra.
  - intros x y _ _. assert (H0 : 0 <= 0 <= L) by lra. exact (proj2 (gradient_between E f grad L 0 Hs Hc0 x y H0)). Qed.

(** The line as an inner-product space *)
Definition line : space.
refine {| carrier := R; vadd := Rplus; vscal := Rmult; ip := Rmult |}; intros; try ring. apply Rle_0_sqr.
Defined.
Lemma line_norm (x : line) : norm x = Rabs x.
Proof. unfold norm, n2. simpl. fold (Rsqr x). apply sqrt_Rsqr_abs. Qed.

(** gd/strongly-convex/lower: for every step eta > 0 some smooth strongly convex function on the line (a quadratic, with gradient in the
    usual sense) leaves gradient descent after T steps from distance D at the distance r^T D at least, r = max(1 - eta mu, eta L - 1). *)
Theorem gd_strongly_convex_lower_holds L mu eta distance T : 0 < mu -> mu <= L -> 0 < eta -> 0 < distance ->
  exists (f : line -> R) (grad : line -> line) (xs : line) (x : nat -> line),
    has_gradient f grad /\ lipschitz everywhere grad L /\ smooth f grad L /\ strongly_convex f grad mu /\ minimizer f xs /\
    gradient_descent grad eta x /\ distance_to xs (x O) = distance /\
    distance_to xs (x T) >= gd_strongly_convex_lower L distance T mu eta.
Proof.
  intros Hmu HmL He Hd.
  assert (Q : forall c, mu <= c <= L -> let f := fun x : line => c / 2 * x ^ 2 in let grad := fun x : line => c * x : line in
    has_gradient f grad /\ lipschitz everywhere grad L /\ smooth f grad L /\ strongly_convex f grad mu /\ minimizer f 0).
  { intros c Hc f grad.
    assert (Hs : smooth f grad L).
    { intros x y. unfold f, grad, vsub, n2. simpl. assert (0 <= (L - c) * ((y - x) * (y - x))) by (apply Rmult_le_pos; [lra|apply Rle_0_sqr]). lra. }
    assert (Hsc : strongly_convex f grad mu).
    { intros x y. unfold f, grad, vsub, n2. simpl. assert (0 <= (c - mu) * ((y - x) * (y - x))) by (apply Rmult_le_pos; [lra|apply Rle_0_sqr]). lra. }
    assert (Hcv : subgradient f grad).
    { intros x y. pose proof (Hsc x y). pose proof (n2_pos line (vsub y x)). assert (0 <= mu / 2 * n2 (vsub y x)) by (apply Rmult_le_pos; lra). lra. }
    destruct (smooth_convex_is_usual line f grad L) as [U1 U2]; auto; [lra|]. repeat split; try apply U1; auto.
    intros y. unfold f. assert (0 <= c / 2 * y ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
  assert (W : forall c, mu <= c <= L -> gd_strongly_convex_lower L distance T mu eta <= Rabs (1 - eta * c) ^ T * distance ->
    exists (f : line -> R) (grad : line -> line) (xs : line) (x : nat -> line),
    has_gradient f grad /\ lipschitz everywhere grad L /\ smooth f grad L /\ strongly_convex f grad mu /\ minimizer f xs /\
    gradient_descent grad eta x /\ distance_to xs (x O) = distance /\ distance_to xs (x T) >= gd_strongly_convex_lower L distance T mu eta).
  { intros c Hc Hle. destruct (Q c Hc) as [Q1 [Q2 [Q3 [Q4 Q5]]]].
    exists (fun x : line => c / 2 * x ^ 2), (fun x : line => c * x : line), (0 : line), (fun t => (1 - eta * c) ^ t * distance : line).
    repeat split; auto; try apply Q1.
    - intros t. unfold euler, vsub. simpl. ring.
    - unfold distance_to. rewrite line_norm. unfold vsub. simpl. rewrite Rabs_right; lra.
    - unfold distance_to. rewrite line_norm. unfold vsub. simpl. rewrite Rmult_0_r, Rplus_0_r, Rabs_mult, <- RPow_abs, (Rabs_right distance) by lra. lra. }
  unfold gd_strongly_convex_lower in *. assert (0 <= eta * (L - mu)) by (apply Rmult_le_pos; lra).
  destruct (Rle_dec (1 - eta * mu) (eta * L - 1)).
  - apply (W L); [lra|]. rewrite Rmax_right by lra. apply Rmult_le_compat_r; [lra|]. apply pow_incr. split; [lra|].
    rewrite Rabs_minus_sym. apply Rle_abs.
  - apply (W mu); [lra|]. rewrite Rmax_left by lra. apply Rmult_le_compat_r; [lra|]. apply pow_incr. split; [lra|]. apply Rle_abs. Qed.

(** ** The Huber function with slope L k beyond k *)
Section Huber.
Variables L k : R.
Hypotheses (HL : 0 < L) (Hk : 0 < k).
Definition clamp x := Rmax (- k) (Rmin k x).
Definition huber (x : line) : R := L * (clamp x * x - clamp x ^ 2 / 2).
Definition huber_slope (x : line) : line := L * clamp x.
Lemma clamp_range x : - k <= clamp x <= k.
Proof. unfold clamp. split; [apply Rmax_l|]. apply Rmax_lub; [lra|apply Rmin_l]. Qed.
Lemma clamp_beyond x : k <= x -> clamp x = k.
Proof. intros H. unfold clamp. rewrite Rmin_left by auto. apply Rmax_right. lra. Qed.
Lemma clamp_angle x u : - k <= u <= k -> (x - clamp x) * (u - clamp x) <= 0.
Proof. intros Hu. unfold clamp. destruct (Rle_dec k x) as [H|H].
  - rewrite Rmin_left, Rmax_right by lra. assert (0 <= (x - k) * (k - u)) by (apply Rmult_le_pos; lra). lra.
  - rewrite Rmin_right by lra. destruct (Rle_dec (- k) x) as [H1|H1].
    + rewrite Rmax_right by lra. lra.
    + rewrite Rmax_left by lra. assert (0 <= (- k - x) * (u - - k)) by (apply Rmult_le_pos; lra). lra. Qed.
Lemma huber_convex : subgradient huber huber_slope.
Proof. intros x y. unfold huber, huber_slope, vsub. simpl. pose proof (clamp_angle y (clamp x) (clamp_range x)) as H.
  set (p := clamp x) in *. set (q := clamp y) in *. pose proof (pow2_ge_0 (p - q)) as Q.
  assert (0 <= L * ((q * y - q ^ 2 / 2) - (p * y - p ^ 2 / 2))) by (apply Rmult_le_pos; lra). lra. Qed.
Lemma huber_smooth : smooth huber huber_slope L.
Proof. intros x y. unfold huber, huber_slope, vsub, n2. simpl. pose proof (clamp_angle x (clamp y) (clamp_range y)) as H.
  set (p := clamp x) in *. set (q := clamp y) in *. pose proof (pow2_ge_0 ((q - p) - (y - x))) as Q.
  assert (0 <= L * ((y - x) ^ 2 / 2 - ((q * y - q ^ 2 / 2) - (p * y - p ^ 2 / 2)))) by (apply Rmult_le_pos; lra). lra. Qed.
Lemma huber_minimizer : minimizer huber 0.
Proof. intros x. assert (Z : clamp 0 = 0) by (unfold clamp; rewrite Rmin_right, Rmax_right; lra).
  pose proof (huber_convex 0 x) as H. unfold huber_slope in H. rewrite Z in H. simpl in H. rewrite Rmult_0_r, Rmult_0_l in H. lra. Qed.
End Huber.

(** gd/convex/lower: for every T there is a smooth convex function on the line (a Huber function, with gradient in the usual sense) that
    leaves gradient descent with step 1/L after T steps from distance D at the gap L D^2/(4T + 2) at least. *)
Theorem gd_convex_lower_holds L distance T : 0 < L -> 0 < distance ->
  exists (f : line -> R) (grad : line -> line) (xs : line) (x : nat -> line),
    has_gradient f grad /\ lipschitz everywhere grad L /\ smooth f grad L /\ subgradient f grad /\ minimizer f xs /\
    gradient_descent grad (1 / L) x /\ distance_to xs (x O) = distance /\ f (x T) - f xs >= gd_convex_lower L distance T.
Proof.
  intros HL Hd. pose proof (pos_INR T) as HT. set (k := distance / (2 * INR T + 1)). assert (Hk : 0 < k) by (apply Rdiv_lt_0_compat; lra).
  assert (Ed : distance = (2 * INR T + 1) * k) by (unfold k; field; lra).
  pose proof (huber_smooth L k HL Hk) as Hs. pose proof (huber_convex L k HL Hk) as Hc.
  destruct (smooth_convex_is_usual line (huber L k) (huber_slope L k) L) as [U1 U2]; auto; [lra|].
  set (x := fun t => iter (euler (huber_slope L k) (1 / L)) t (distance : line)).
  assert (Hx : forall t, (t <= T)%nat -> x t = (2 * INR T + 1 - INR t) * k).
  { induction t as [|t IH]; intros Ht; [change (x O) with distance; rewrite Ed; simpl; ring|]. unfold x. cbn [iter]. fold (x t). rewrite IH by lia. apply
    le_INR in Ht.
    rewrite S_INR in *. unfold euler, huber_slope, vsub. simpl. rewrite (clamp_beyond k Hk); [field; lra|].
    replace k with (1 * k) at 1 by ring. apply Rmult_le_compat_r; lra. }
  exists (huber L k), (huber_slope L k), (0 : line), x. repeat split; auto; try apply U1.
  - apply huber_minimizer; auto.
  - unfold distance_to. rewrite line_norm. unfold vsub, x. simpl. rewrite Rabs_right; lra.
  - rewrite (Hx T (Nat.le_refl _)). unfold huber. rewrite (clamp_beyond k Hk).
    2:{ replace k with (1 * k) at 1 by ring. apply Rmult_le_compat_r; lra. }
    assert (Z : clamp k 0 = 0) by (unfold clamp; rewrite Rmin_right, Rmax_right; lra). rewrite Z.
    unfold gd_convex_lower. rewrite Ed. right. field. lra. Qed.
