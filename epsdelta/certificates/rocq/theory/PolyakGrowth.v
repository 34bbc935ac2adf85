(** Polyak-Lojasiewicz costs: quadratic growth, the distance and error bounds, by gradient descent instead of the gradient flow.

    With step h the roots of the gaps fall by (1 - L h/2) sqrt(m/2) times the length of each step, so the path from y has at most the length
    sqrt(2 p/m)/(1 - L h/2) and ends at a minimizer; h is free. The space must be complete: R^n is, in every inner product. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Products Banach LowerLevel Penalty PenaltyVariants Formulas.
Open Scope R_scope.

Definition complete (E : space) := forall u : nat -> E,
  (forall eps, 0 < eps -> exists N, forall p q, (N <= p)%nat -> (N <= q)%nat -> norm (vsub (u p) (u q)) <= eps) ->
  exists l, forall eps, 0 < eps -> exists N, forall k, (N <= k)%nat -> norm (vsub (u k) l) <= eps.

(** R^n is complete in the inner product of every P >= lam I, lam > 0 *)
Theorem weighted_complete n P Psym Ppsd lam : 0 < lam -> (forall w, lam * dot n w w <= form n P w w) ->
  complete (weighted_space n P Psym Ppsd).
Proof. intros Hl Hb u Hu. change (nat -> nat -> R) in u.
  destruct (finite_choice n (fun i c => Un_cv (fun k => u k i) c)) as [l Hc].
  { intros i Hi. destruct (R_complete (fun k => u k i)) as [c Hc]; [|exists c; exact Hc]. intros eps He.
    assert (S0 : 0 < sqrt lam) by (apply sqrt_lt_R0; auto).
    destruct (Hu (sqrt lam * (eps / 2))) as [N HN]; [apply Rmult_lt_0_compat; lra|]. exists N. intros p q Hp Hq.
    specialize (HN p q Hp Hq). unfold R_dist.
    assert (K : lam * (u p i - u q i) ^ 2 <= lam * (eps / 2) ^ 2).
    { set (w := fun i => u p i + -1 * u q i). apply Rle_trans with (lam * dot n w w).
      - apply Rmult_le_compat_l; [lra|]. pose proof (lower_sq_entry 0 n (u p) (u q) i Hi) as Q. simpl plus in Q.
        eapply Rle_trans; [exact Q|]. apply Req_le. unfold lower_sq, dot. apply sum_ext. intros. unfold tail, Field.minus, w. simpl. ring.
      - eapply Rle_trans; [apply Hb|]. pose proof (norm_sq (weighted_space n P Psym Ppsd) w) as Nw. unfold n2 in Nw. simpl ip in Nw.
        rewrite <- Nw. apply Rle_trans with ((sqrt lam * (eps / 2)) ^ 2); [|rewrite Rpow_mult_distr, pow2_sqrt; lra].
        apply pow_incr. split; [apply norm_pos|exact HN]. }
    apply Rmult_le_reg_l in K; auto. apply Rle_lt_trans with (eps / 2); [|lra].
    rewrite <- (Rabs_right (eps / 2)) by lra. apply Rsqr_le_abs_0. unfold Rsqr. lra. }
  exists l. intros eps He. set (w := fun k i => u k i + -1 * l i).
  assert (W : Un_cv (fun k => form n P (w k) (w k)) (form n P (fun _ => 0) (fun _ => 0))).
  { assert (C : converges n w (fun _ => 0)).
    { intros i Hi. replace 0 with (l i - l i) by ring. apply (cv_ext (fun k => u k i - l i)); [intros; unfold w; ring|].
      apply cv_minus_const. apply Hc; auto. }
    apply cv_form; auto. }
  assert (Z0 : form n P (fun _ => 0) (fun _ => 0) = 0).
  { rewrite form_sum. rewrite (sum_ext n _ (fun _ => 0)); [apply sum_zero|]. intros. rewrite (sum_ext n _ (fun _ => 0)); [apply sum_zero|].
    intros; ring. }
  rewrite Z0 in W. destruct (W (eps ^ 2)) as [N HN]; [apply pow_lt; auto|]. exists N. intros k Hk. specialize (HN k Hk).
  unfold R_dist in HN. rewrite Rminus_0_r in HN. pose proof (Rle_abs (form n P (w k) (w k))) as A.
  unfold norm. rewrite <- (sqrt_pow2 eps) by lra. apply sqrt_le_1_alt. change (form n P (w k) (w k) <= eps ^ 2). lra. Qed.

Section Growth.
Variable E : space.
Hypothesis E_complete : complete E.
Variable g : E -> R.
Variable grad : E -> E.
Variables v m L : R.
(** v bounds g below, |grad g|^2 >= 2 m (g - v), and the descent inequality, which an L-Lipschitz gradient implies *)
Hypothesis below : forall y, v <= g y.
Hypothesis polyak : forall y, 2 * m * (g y - v) <= n2 (grad y).
Hypothesis descent : forall y y', g y' <= g y + ip (grad y) (vsub y' y) + L / 2 * n2 (vsub y' y).
Hypotheses (m_pos : 0 < m) (L_pos : 0 < L).

Lemma norm_chain (x y z : E) : norm (vsub x z) <= norm (vsub x y) + norm (vsub y z).
Proof. eapply Rle_trans; [|apply norm_triangle]. apply Req_le. unfold norm. f_equal. unfold n2.
  rewrite !ip_add, !ip_add_r, !ip_sub_l, !ip_sub_r. ring. Qed.
Lemma norm_swap (x y : E) : norm (vsub x y) = norm (vsub y x).
Proof. unfold norm. rewrite n2_sub_sym. reflexivity. Qed.

Section Descent.
Variables (h : R) (y0 : E).
Hypothesis h_pos : 0 < h.
Hypothesis h_small : L * h <= 1.
Notation theta := (1 - L * h / 2).
Definition point k := iter (euler grad h) k y0.
Definition excess k := g (point k) - v.
Notation slope := (sqrt (m / 2)).

Lemma excess_pos k : 0 <= excess k.
Proof. unfold excess. pose proof (below (point k)). lra. Qed.
Lemma theta_bounds : / 2 <= theta < 1.
Proof. assert (0 < L * h) by (apply Rmult_lt_0_compat; auto). lra. Qed.

Lemma step_drop k : excess (S k) <= excess k - h * theta * n2 (grad (point k)).
Proof. unfold excess. change (point (S k)) with (euler grad h (point k)). set (y := point k).
  pose proof (descent y (euler grad h y)) as D.
  assert (E1 : ip (grad y) (vsub (euler grad h y) y) = - h * n2 (grad y)).
  { unfold euler. rewrite !ip_sub_r, ip_scal_r. unfold n2. ring. }
  assert (E2 : n2 (vsub (euler grad h y) y) = h ^ 2 * n2 (grad y)).
  { unfold euler. ips. rewrite (ip_sym E y (grad y)). ring. }
  rewrite E1, E2 in D. replace (h * theta * n2 (grad y)) with (h * n2 (grad y) - L / 2 * (h ^ 2 * n2 (grad y))) by field. lra. Qed.

Lemma step_length k : norm (vsub (point (S k)) (point k)) = h * sqrt (n2 (grad (point k))).
Proof. unfold norm. change (point (S k)) with (euler grad h (point k)). set (y := point k).
  replace (n2 (vsub (euler grad h y) y)) with (h ^ 2 * n2 (grad y)).
  - rewrite sqrt_mult by (try apply pow2_ge_0; apply n2_pos). rewrite sqrt_pow2 by lra. reflexivity.
  - unfold euler. ips. rewrite (ip_sym E y (grad y)). ring. Qed.

Lemma root_drop k : theta * slope * norm (vsub (point (S k)) (point k)) <= sqrt (excess k) - sqrt (excess (S k)).
Proof. rewrite step_length. pose proof (step_drop k) as D. pose proof theta_bounds as T.
  pose proof (polyak (point k)) as P. fold (excess k) in P.
  set (G := n2 (grad (point k))) in *. assert (G0 : 0 <= G) by apply n2_pos.
  pose proof (excess_pos k) as A0. pose proof (excess_pos (S k)) as B0.
  assert (HT : 0 < h * theta) by (apply Rmult_lt_0_compat; lra).
  set (a := sqrt (excess k)). set (b := sqrt (excess (S k))). set (r := sqrt G). set (w := slope).
  assert (Ea : a ^ 2 = excess k) by (apply pow2_sqrt; auto). assert (Eb : b ^ 2 = excess (S k)) by (apply pow2_sqrt; auto).
  assert (Er : r ^ 2 = G) by (apply pow2_sqrt; auto). assert (Ew : w ^ 2 = m / 2) by (apply pow2_sqrt; lra).
  assert (a0 : 0 <= a) by apply sqrt_pos. assert (b0 : 0 <= b) by apply sqrt_pos.
  assert (r0 : 0 <= r) by apply sqrt_pos. assert (w0 : 0 < w) by (apply sqrt_lt_R0; lra).
  assert (HG : 0 <= h * theta * G) by (apply Rmult_le_pos; lra).
  assert (ba : b <= a) by (apply sqrt_le_1_alt; lra).
  assert (rw : 2 * w * a <= r).
  { unfold r. rewrite <- (sqrt_pow2 (2 * w * a)) by (apply Rmult_le_pos; lra). apply sqrt_le_1_alt.
    replace ((2 * w * a) ^ 2) with (4 * w ^ 2 * a ^ 2) by ring. rewrite Ew, Ea. lra. }
  assert (ab : h * theta * r ^ 2 <= (a - b) * (a + b)) by (replace ((a - b) * (a + b)) with (a ^ 2 - b ^ 2) by ring; rewrite Er, Ea, Eb; lra).
  destruct a0 as [a0|a0].
  - assert (K1 : (a - b) * (a + b) <= (a - b) * (2 * a)) by (apply Rmult_le_compat_l; lra).
    assert (K2 : h * theta * r * (2 * w * a) <= h * theta * r * r).
    { apply Rmult_le_compat_l; auto. apply Rmult_le_pos; lra. }
    apply Rmult_le_reg_r with (2 * a); [lra|]. lra.
  - assert (Z : b = 0) by lra. rewrite <- a0, Z in *. assert (R0 : r ^ 2 = 0).
    { apply Rmult_eq_reg_l with (h * theta); [|lra]. assert (0 <= h * theta * r ^ 2) by (rewrite Er; auto). lra. }
    assert (Rz : r = 0) by (apply Rsqr_0_uniq; unfold Rsqr; simpl in R0; lra). rewrite Rz. lra. Qed.

Lemma path_length k j : theta * slope * norm (vsub (point (k + j)) (point k)) <= sqrt (excess k) - sqrt (excess (k + j)).
Proof. assert (T : 0 <= theta * slope) by (apply Rmult_le_pos; [pose proof theta_bounds; lra|apply sqrt_pos]).
  induction j.
  - rewrite Nat.add_0_r. replace (norm (vsub (point k) (point k))) with 0; [lra|].
    unfold norm. replace (n2 (vsub (point k) (point k))) with 0 by (ips; ring). symmetry. apply sqrt_0.
  - rewrite Nat.add_succ_r. pose proof (norm_chain (point (S (k + j))) (point (k + j)) (point k)) as C.
    apply (Rmult_le_compat_l _ _ _ T) in C. pose proof (root_drop (k + j)) as D. lra. Qed.

Lemma excess_small eps : 0 < eps -> exists N, forall k, (N <= k)%nat -> excess k <= eps.
Proof. intros He. pose proof theta_bounds as T. set (q := Rmax 0 (1 - 2 * m * (h * theta))).
  assert (HT : 0 < h * theta) by (apply Rmult_lt_0_compat; lra).
  assert (Hm : 0 < m * (h * theta)) by (apply Rmult_lt_0_compat; lra).
  assert (Q0 : 0 <= q) by apply Rmax_l. assert (Q1 : q < 1) by (apply Rmax_lub_lt; lra).
  assert (Geo : forall k, excess k <= q ^ k * excess 0).
  { apply geometric; auto. intros k. pose proof (step_drop k) as D. pose proof (polyak (point k)) as P. fold (excess k) in P.
    apply (Rmult_le_compat_l (h * theta)) in P; [|lra]. eapply Rle_trans; [exact D|].
    assert ((1 - 2 * m * (h * theta)) * excess k <= q * excess k) by (apply Rmult_le_compat_r; [apply excess_pos|apply Rmax_r]). lra. }
  destruct (pow_lt_1_zero q ltac:(rewrite Rabs_right; lra) (eps / (excess 0 + 1))) as [N HN].
  { pose proof (excess_pos 0). apply Rdiv_lt_0_compat; lra. }
  exists N. intros k Hk. specialize (HN k Hk). rewrite Rabs_right in HN by (apply Rle_ge, pow_le; auto).
  pose proof (excess_pos 0) as P0. eapply Rle_trans; [apply Geo|].
  apply Rle_trans with (eps / (excess 0 + 1) * excess 0); [apply Rmult_le_compat_r; lra|].
  apply Rmult_le_reg_r with (excess 0 + 1); [lra|]. replace (eps / (excess 0 + 1) * excess 0 * (excess 0 + 1)) with (eps * excess 0) by (field; lra).
  assert (0 <= eps * 1) by lra. lra. Qed.

(** the descent ends at a minimizer within sqrt(p)/(theta sqrt(m/2)) *)
Lemma descent_limit : exists l, g l = v /\ theta * slope * norm (vsub y0 l) <= sqrt (g y0 - v).
Proof. pose proof theta_bounds as T. assert (W : 0 < slope) by (apply sqrt_lt_R0; lra).
  set (c := theta * slope). assert (C0 : 0 < c) by (apply Rmult_lt_0_compat; lra).
  assert (HT : 0 < h * theta) by (apply Rmult_lt_0_compat; lra).
  destruct (E_complete point) as [l Hl].
  { intros eps He. destruct (excess_small ((c * eps) ^ 2)) as [N HN]. { apply pow_lt, Rmult_lt_0_compat; auto. }
    assert (K : forall k j, (N <= k)%nat -> norm (vsub (point (k + j)) (point k)) <= eps).
    { intros k j Hk. pose proof (path_length k j) as P. fold c in P. pose proof (sqrt_pos (excess (k + j))) as S0.
      assert (S1 : sqrt (excess k) <= c * eps).
      { rewrite <- (sqrt_pow2 (c * eps)) by (apply Rmult_le_pos; lra). apply sqrt_le_1_alt. auto. }
      apply Rmult_le_reg_l with c; auto. lra. }
    exists N. intros p q Hp Hq. destruct (Nat.le_gt_cases p q) as [C|C].
    - rewrite norm_swap. replace q with (p + (q - p))%nat by lia. apply K; auto.
    - replace p with (q + (p - q))%nat by lia. apply K; auto. }
  exists l. split.
  - apply Rle_antisym; [|apply below]. apply Rnot_lt_le. intros C. set (eta := g l - v). assert (Eta : 0 < eta) by (unfold eta; lra).
    set (B := 1 + / (2 * (h * theta))). assert (Hinv : 0 < / (2 * (h * theta))) by (apply Rinv_0_lt_compat; lra).
    assert (B0 : 0 < B) by (unfold B; lra).
    set (eps := Rmin 1 (eta / (2 * (1 + L)))).
    assert (E0 : 0 < eps) by (apply Rmin_glb_lt; [lra|apply Rdiv_lt_0_compat; lra]).
    assert (E1 : eps <= 1) by apply Rmin_l. assert (E2 : eps <= eta / (2 * (1 + L))) by apply Rmin_r.
    destruct (Hl eps E0) as [N1 H1]. destruct (excess_small (eta / (4 * B))) as [N2 H2]; [apply Rdiv_lt_0_compat; lra|].
    set (k := Nat.max N1 N2). specialize (H1 k ltac:(lia)). specialize (H2 k ltac:(lia)).
    rewrite norm_swap in H1. set (u := vsub l (point k)) in *.
    assert (U : n2 u <= eps).
    { rewrite <- norm_sq. apply Rle_trans with (norm u * 1); [|lra]. replace (norm u ^ 2) with (norm u * norm u) by ring.
      apply Rmult_le_compat_l; [apply norm_pos|lra]. }
    assert (Gk : n2 (grad (point k)) <= excess k * / (h * theta)).
    { pose proof (step_drop k) as D. pose proof (excess_pos (S k)). apply Rmult_le_reg_r with (h * theta); auto.
      rewrite Rmult_assoc, Rinv_l by lra. lra. }
    pose proof (descent (point k) l) as D. fold u in D. pose proof (young E 1 (grad (point k)) u Rlt_0_1) as Y.
    replace (g (point k)) with (v + excess k) in D by (unfold excess; ring).
    assert (F1 : eta <= excess k * B + (1 + L) / 2 * n2 u).
    { unfold eta, B. replace (n2 u / 1) with (n2 u) in Y by field. replace (/ (2 * (h * theta))) with (/ 2 * / (h * theta)) by (field; lra). lra. }
    assert (F2 : excess k * B <= eta / 4).
    { apply Rle_trans with (eta / (4 * B) * B); [apply Rmult_le_compat_r; lra|]. apply Req_le. field. lra. }
    assert (F3 : (1 + L) / 2 * n2 u <= eta / 4).
    { apply Rle_trans with ((1 + L) / 2 * (eta / (2 * (1 + L)))); [apply Rmult_le_compat_l; lra|]. apply Req_le. field. lra. }
    lra.
  - apply Rnot_lt_le. intros C. fold c in C. set (over := c * norm (vsub y0 l) - sqrt (g y0 - v)).
    destruct (Hl (over / (2 * c))) as [N HN]. { apply Rdiv_lt_0_compat; unfold over; lra. }
    specialize (HN N ltac:(lia)). pose proof (path_length 0 N) as P. simpl plus in P. fold c in P.
    pose proof (norm_chain y0 (point N) l) as Ch. rewrite (norm_swap y0 (point N)) in Ch.
    apply (Rmult_le_compat_l c) in Ch; [|lra]. apply (Rmult_le_compat_l c) in HN; [|lra].
    replace (c * (over / (2 * c))) with (over / 2) in HN by (field; lra).
    pose proof (sqrt_pos (excess N)). change (point 0) with y0 in P. change (excess 0) with (g y0 - v) in P. unfold over in *. lra. Qed.
End Descent.

(** d is at most the distance from y to every minimizer *)
Variables (y : E) (d : R).
Hypothesis d_pos : 0 <= d.
Hypothesis d_least : forall s, g s = v -> d <= norm (vsub y s).

Lemma root_growth : sqrt (m / 2) * d <= sqrt (g y - v).
Proof. apply Rnot_lt_le. intros C. pose proof (sqrt_pos (g y - v)) as S0. set (w := sqrt (m / 2)) in *.
  assert (W : 0 < w) by (apply sqrt_lt_R0; lra).
  set (over := w * d - sqrt (g y - v)). assert (O : 0 < over) by (unfold over; lra). assert (Wd : 0 < w * d) by lra.
  assert (Dp : 0 < d) by (apply Rmult_lt_reg_l with w; lra).
  set (t := Rmin (/ 2) (over / (2 * (w * d)))).
  assert (T0 : 0 < t) by (apply Rmin_glb_lt; [lra|apply Rdiv_lt_0_compat; lra]).
  assert (T1 : t <= / 2) by apply Rmin_l. assert (T2 : t <= over / (2 * (w * d))) by apply Rmin_r.
  destruct (descent_limit (2 * t / L) y) as [l [Hl Hd]].
  - apply Rdiv_lt_0_compat; lra.
  - replace (L * (2 * t / L)) with (2 * t) by (field; lra). lra.
  - replace (1 - L * (2 * t / L) / 2) with (1 - t) in Hd by (field; lra). fold w in Hd.
    pose proof (d_least l Hl) as Dl. assert (K : (1 - t) * w * d <= (1 - t) * w * norm (vsub y l)).
    { apply Rmult_le_compat_l; auto. apply Rmult_le_pos; lra. }
    apply (Rmult_le_compat_r (w * d)) in T2; [|lra].
    replace (over / (2 * (w * d)) * (w * d)) with (over / 2) in T2 by (field; split; lra). unfold over in *. lra. Qed.

(** g - v >= m d^2/2 *)
Theorem bilevel_lower_level_quadratic_growth_holds : g y - v >= bilevel_lower_level_quadratic_growth d m.
Proof. unfold bilevel_lower_level_quadratic_growth. pose proof root_growth as H. pose proof (below y) as B. apply Rle_ge.
  replace (m * d ^ 2 / 2) with ((sqrt (m / 2) * d) ^ 2) by (rewrite Rpow_mult_distr, pow2_sqrt by lra; field).
  rewrite <- (pow2_sqrt (g y - v)) by lra. apply pow_incr. split; auto. apply Rmult_le_pos; auto. apply sqrt_pos. Qed.

(** d^2 <= 2 (g - v)/m *)
Theorem bilevel_lower_level_distance_from_gap_holds : d ^ 2 <= bilevel_lower_level_distance_from_gap m (g y - v).
Proof. unfold bilevel_lower_level_distance_from_gap. pose proof bilevel_lower_level_quadratic_growth_holds as H.
  unfold bilevel_lower_level_quadratic_growth in H. apply Rmult_le_reg_r with m; auto.
  unfold Rdiv. rewrite (Rmult_assoc _ (/ m)), Rinv_l by lra. lra. Qed.

(** |grad g| >= m d *)
Theorem bilevel_lower_level_error_bound_holds : norm (grad y) >= bilevel_lower_level_error_bound d m.
Proof. unfold bilevel_lower_level_error_bound. pose proof bilevel_lower_level_quadratic_growth_holds as H.
  unfold bilevel_lower_level_quadratic_growth in H. pose proof (polyak y) as P. apply Rle_ge. unfold norm.
  rewrite <- (sqrt_pow2 (m * d)) by (apply Rmult_le_pos; lra). apply sqrt_le_1_alt.
  apply Rge_le in H. apply (Rmult_le_compat_l (2 * m)) in H; [|lra]. lra. Qed.
End Growth.

(** in the inverse convention |grad g|^2 >= (1/mu) (g - v): g - v >= d^2/(4 mu) *)
Theorem bilevel_lower_level_quadratic_growth_inverse_holds (E : space) (g : E -> R) (grad : E -> E) v mu L : complete E ->
  (forall y, v <= g y) -> (forall y, 1 / mu * (g y - v) <= n2 (grad y)) ->
  (forall y y', g y' <= g y + ip (grad y) (vsub y' y) + L / 2 * n2 (vsub y' y)) -> 0 < mu -> 0 < L ->
  forall y d, 0 <= d -> (forall s, g s = v -> d <= norm (vsub y s)) -> g y - v >= bilevel_lower_level_quadratic_growth_inverse d mu.
Proof. intros HE Hb Hp Hd Hmu HL y d D0 D1.
  assert (M : 0 < 1 / (2 * mu)) by (apply Rdiv_lt_0_compat; lra).
  pose proof (bilevel_lower_level_quadratic_growth_holds E HE g grad v (1 / (2 * mu)) L Hb) as H.
  unfold bilevel_lower_level_quadratic_growth, bilevel_lower_level_quadratic_growth_inverse in *.
  replace (d ^ 2 / (4 * mu)) with (1 / (2 * mu) * d ^ 2 / 2) by (field; lra). apply H; auto.
  intros z. replace (2 * (1 / (2 * mu))) with (1 / mu) by (field; lra). auto. Qed.

(** v* - v_gamma <= L^2/(2 m gamma) where every g(x, .) is smooth with |grad_y g|^2 >= 2 m (g - v), y unconstrained *)
Theorem bilevel_value_gap_polyak_lojasiewicz_holds (X : Type) (Y : space) (C : X -> Prop) (f g : X -> Y -> R) (v : X -> R)
  (grad : X -> Y -> Y) d L Lg m gamma vg vstar : let Z := fun x (_ : Y) => C x in complete Y ->
  (forall x y, C x -> v x <= g x y /\ 2 * m * (g x y - v x) <= n2 (grad x y)) ->
  (forall x y y', C x -> g x y' <= g x y + ip (grad x y) (vsub y' y) + Lg / 2 * n2 (vsub y' y)) -> 0 < m -> 0 < Lg ->
  (forall x y, C x -> 0 <= d x y /\ forall s, solves X Y Z g v x s -> d x y <= norm (vsub y s)) ->
  calm X Y Z f g v d L -> 0 < gamma -> penalized_value X Y Z f g v gamma vg -> bilevel_value X Y Z f g v vstar ->
  vstar - vg <= bilevel_value_gap_polyak_lojasiewicz L m gamma.
Proof. intros Z HY Hp Hs Hm HL Hd Hc Hg Hvg Hvs. assert (R0 : 0 < 2 / m) by (apply Rdiv_lt_0_compat; lra).
  pose proof (bilevel_value_gap_holds X Y Z f g v d L (2 / m) Hc) as H. unfold bilevel_value_gap, bilevel_value_gap_polyak_lojasiewicz in *.
  replace (L ^ 2 / (2 * m * gamma)) with (L ^ 2 * (2 / m) / (4 * gamma)) by (field; lra). apply H; auto.
  intros x y Hx. destruct (Hd x y Hx) as [D0 D1]. split; auto.
  pose proof (bilevel_lower_level_distance_from_gap_holds Y HY (g x) (grad x) (v x) m Lg (fun y => proj1 (Hp x y Hx)) (fun y => proj2 (Hp x y Hx))
    (fun y y' => Hs x y y' Hx) Hm HL y (d x y) D0) as K. unfold bilevel_lower_level_distance_from_gap in K. unfold gap.
  replace (2 / m * (g x y - v x)) with (2 * (g x y - v x) / m) by (field; lra). apply K.
  intros s Es. apply D1. split; auto. Qed.
