(** Stochastic gradient descent in expectation: smooth nonconvex and strongly convex functions with bounded variance, and smooth nonconvex,
    Polyak-Lojasiewicz and convex ones with strong growth, on any probability space; Sgd.v has some of them for trees of chance, by elementary means.
    Points are x 0, x 1, ..., in the catalogue x_1, x_2, .... *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Descent StrongDescent ConvexDescent Subgradient Random LastIterate Stochastic Formulas.
From EpsDelta Require Sgd.
Open Scope R_scope.

(** the step min(1/L, sqrt(2 Delta/(L sigma^2 T))) balances 2 Delta/(w T) and L w sigma^2 *)
Lemma nonconvex_tuned_value L delta sigma T : 0 < L -> 0 < delta -> 0 < sigma -> 0 < T ->
  let w := Rmin (1 / L) (sqrt (2 * delta / (L * sigma ^ 2 * T))) in
  0 < w /\ 2 * delta / (w * T) + L * w * sigma ^ 2 <= 2 * L * delta / T + 2 * sigma * sqrt (2 * L * delta / T).
Proof. intros HL Hd Hs HT. cbv zeta. assert (Hs2 : 0 < sigma ^ 2) by (apply pow_lt; auto).
  assert (Hp : 0 < L * sigma ^ 2 * T) by (apply Rmult_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (Hq : 0 < 2 * delta / (L * sigma ^ 2 * T)) by (apply Rdiv_lt_0_compat; lra).
  set (s := sqrt (2 * delta / (L * sigma ^ 2 * T))). assert (Hsp : 0 < s) by (apply sqrt_lt_R0; auto).
  assert (Es : s ^ 2 = 2 * delta / (L * sigma ^ 2 * T)) by (apply pow2_sqrt; lra).
  assert (Ed : delta = s ^ 2 * (L * sigma ^ 2 * T) / 2) by (rewrite Es; field; lra).
  assert (Er : sqrt (2 * L * delta / T) = L * s * sigma).
  { replace (2 * L * delta / T) with ((L * s * sigma) ^ 2) by (rewrite Ed; field; lra). apply sqrt_pow2.
    apply Rmult_le_pos; [apply Rmult_le_pos|]; lra. }
  rewrite Er. assert (HLs : 0 < L * s) by (apply Rmult_lt_0_compat; auto). unfold Rmin. destruct (Rle_dec (1 / L) s) as [H|H].
  - split; [apply Rdiv_lt_0_compat; lra|]. replace (2 * delta / (1 / L * T)) with (2 * L * delta / T) by (field; lra).
    replace (L * (1 / L) * sigma ^ 2) with (sigma ^ 2 * 1) by (field; lra).
    assert (H1 : 1 <= L * s). { apply Rmult_le_compat_l with (r := L) in H; [|lra]. replace (L * (1 / L)) with 1 in H by (field; lra). auto. }
    assert (sigma ^ 2 * 1 <= sigma ^ 2 * (L * s)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= sigma ^ 2 * (L * s)) by (apply Rmult_le_pos; lra). lra.
  - split; auto. assert (0 < 2 * L * delta / T) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; lra).
    replace (2 * delta / (s * T)) with (L * s * sigma ^ 2) by (rewrite Ed; field; lra). lra. Qed.

Section Methods.
Variables (P : probability) (E : space) (V : random_vectors P E) (f : E -> R) (grad : E -> E) (first : E) (x g : nat -> outcome P -> E) (L : R).
Hypotheses (HL : 0 < L) (Hsmooth : smooth f grad L).
Let sgd w := stochastic_gradients P E V f grad first (fun _ => w) x g.
Let variance sigma := forall t, mean (fun o => n2 (vsub (g t o) (grad (x t o)))) <= sigma ^ 2.
(** E|g t|^2 <= rho E|grad (x t)|^2, which strong growth, E[|g t|^2 | past] <= rho |grad (x t)|^2, implies *)
Let strong_growth rho := forall t, mean (fun o => n2 (g t o)) <= rho * mean (fun o => n2 (grad (x t o))).
Let gradient_square t := mean (fun o => n2 (grad (x t o))).

Lemma gradient_square_pos w (HS : sgd w) t : 0 <= gradient_square t.
Proof. exact (n2_pos (random_space P E V) (slope P E V f first _ (along grad x) x g HS t)). Qed.
(** E<grad, g> = E|grad|^2 and E|g|^2 <= E|grad|^2 + sigma^2 *)
Lemma split_square_at eta (HS : stochastic_gradients P E V f grad first eta x g) t :
  ip (slope P E V f first eta (along grad x) x g HS t) (estimate P E V f first eta (along grad x) x g HS t) = gradient_square t /\
  n2 (estimate P E V f first eta (along grad x) x g HS t) = gradient_square t + mean (fun o => n2 (vsub (g t o) (grad (x t o)))).
Proof. set (a := estimate P E V f first eta (along grad x) x g HS t). set (b := slope P E V f first eta (along grad x) x g HS t).
  assert (N : ip (vsub a b) b = 0) by apply noise_with_slope.
  change (gradient_square t) with (n2 b). change (mean (fun o => n2 (vsub (g t o) (grad (x t o))))) with (n2 (vsub a b)).
  rewrite n2_sub. rewrite ip_sub_l in N. rewrite (ip_sym _ b a). unfold n2 in *. lra. Qed.
Lemma split_square w (HS : sgd w) t :
  ip (slope P E V f first _ (along grad x) x g HS t) (estimate P E V f first _ (along grad x) x g HS t) = gradient_square t /\
  n2 (estimate P E V f first _ (along grad x) x g HS t) = gradient_square t + mean (fun o => n2 (vsub (g t o) (grad (x t o)))).
Proof. apply split_square_at. Qed.
(** one step of length at most 1/L: E f falls by (w/2) E|grad|^2 up to L w^2 sigma^2/2 *)
Lemma sgd_descends w sigma t : sgd w -> 0 < w -> w <= 1 / L -> variance sigma ->
  w / 2 * gradient_square t <= value P E f x t - value P E f x (S t) + L * w ^ 2 / 2 * sigma ^ 2.
Proof. intros HS Hw HwL Hv. pose proof (expected_descent P E V f grad first _ x g HS L t Hsmooth) as D. cbv beta in D.
  destruct (split_square w HS t) as [E1 E2]. rewrite E1, E2 in D. pose proof (gradient_square_pos w HS t) as G. pose proof (Hv t) as N.
  assert (HLw : L * w <= 1). { apply Rmult_le_compat_l with (r := L) in HwL; [|lra]. replace (L * (1 / L)) with 1 in HwL by (field; lra). auto. }
  assert (A : w / 2 * gradient_square t * (L * w) <= w / 2 * gradient_square t * 1) by (apply Rmult_le_compat_l; auto; apply Rmult_le_pos; lra).
  assert (B : L * w ^ 2 / 2 * mean (fun o => n2 (vsub (g t o) (grad (x t o)))) <= L * w ^ 2 / 2 * sigma ^ 2).
  { apply Rmult_le_compat_l; auto. assert (0 <= L * w ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
  lra. Qed.

(** sgd/nonconvex/any-step: smooth f bounded below, unbiased gradients with variance at most sigma^2, any constant step up to 1/L: the
    average of E|grad f(x t)|^2 over T points. [delta_f] is at least the initial gap. *)
Theorem sgd_nonconvex_any_step_holds w sigma fstar delta_f T : sgd w -> 0 < w -> w <= 1 / L -> variance sigma ->
  lower_bound f fstar -> f first - fstar <= delta_f -> (1 <= T)%nat ->
  sum T (fun t => mean (fun o => n2 (grad (x t o)))) / INR T <= sgd_nonconvex_any_step L delta_f T sigma w.
Proof. intros HS Hw HwL Hv Hlow Hd HT. pose proof (pos_INR_of T HT) as HT1. fold gradient_square.
  assert (Tel : w / 2 * sum T gradient_square <= value P E f x 0 - value P E f x T + INR T * (L * w ^ 2 / 2 * sigma ^ 2)).
  { clear HT HT1. induction T as [|t IH]; [simpl; lra|]. cbn [sum]. rewrite S_INR. pose proof (sgd_descends w sigma t HS Hw HwL Hv). lra. }
  rewrite (value_start P E V f first _ (along grad x) x g HS) in Tel. pose proof (expected_lower P E V f first _ (along grad x) x g HS fstar T Hlow) as B.
  unfold sgd_nonconvex_any_step. apply Rmult_le_reg_l with (w / 2 * INR T); [apply Rmult_lt_0_compat; lra|].
  replace (w / 2 * INR T * (sum T gradient_square / INR T)) with (w / 2 * sum T gradient_square) by (field; lra).
  replace (w / 2 * INR T * (2 * delta_f / (w * INR T) + L * w * sigma ^ 2)) with (delta_f + INR T * (L * w ^ 2 / 2 * sigma ^ 2)) by (field; lra). lra. Qed.
(** sgd/nonconvex/expectation: the same at the step min(1/L, sqrt(2 delta_f/(L sigma^2 T))). *)
Theorem sgd_nonconvex_expectation_holds sigma fstar delta_f T : 0 < sigma -> 0 < delta_f ->
  sgd (Rmin (1 / L) (sqrt (2 * delta_f / (L * sigma ^ 2 * INR T)))) -> variance sigma ->
  lower_bound f fstar -> f first - fstar <= delta_f -> (1 <= T)%nat ->
  sum T (fun t => mean (fun o => n2 (grad (x t o)))) / INR T <= sgd_nonconvex_expectation L delta_f T sigma.
Proof. intros Hs Hd0 HS Hv Hlow Hd HT. assert (HT0 : 0 < INR T) by (pose proof (pos_INR_of T HT); lra).
  destruct (nonconvex_tuned_value L delta_f sigma (INR T) HL Hd0 Hs HT0) as [Hw Hval]. eapply Rle_trans; [|exact Hval].
  apply (sgd_nonconvex_any_step_holds _ sigma fstar); auto. apply Rmin_l. Qed.
(** sgd/nonconvex/complexity: every T from max(4 L delta_f/eps^2, 32 L delta_f sigma^2/eps^4) on, at that step, has average at most eps^2. *)
Theorem sgd_nonconvex_complexity_holds sigma fstar delta_f eps T : 0 < sigma -> 0 < delta_f -> 0 < eps ->
  sgd (Rmin (1 / L) (sqrt (2 * delta_f / (L * sigma ^ 2 * INR T)))) -> variance sigma ->
  lower_bound f fstar -> f first - fstar <= delta_f -> sgd_nonconvex_complexity L delta_f eps sigma <= INR T ->
  sum T (fun t => mean (fun o => n2 (grad (x t o)))) / INR T <= eps ^ 2.
Proof. intros Hs Hd0 He HS Hv Hlow Hd Hc. assert (He2 : 0 < eps ^ 2) by (apply pow_lt; auto). assert (He4 : 0 < eps ^ 4) by (apply pow_lt; auto).
  assert (HLd : 0 < L * delta_f) by (apply Rmult_lt_0_compat; auto).
  assert (H1 : 4 * L * delta_f / eps ^ 2 <= INR T) by (eapply Rle_trans; [apply Rmax_l|exact Hc]).
  assert (H2 : 32 * L * delta_f * sigma ^ 2 / eps ^ 4 <= INR T) by (eapply Rle_trans; [apply Rmax_r|exact Hc]).
  assert (H0 : 0 < 4 * L * delta_f / eps ^ 2) by (apply Rdiv_lt_0_compat; lra).
  assert (HT0 : 0 < INR T) by lra. assert (HT : (1 <= T)%nat) by (destruct T; [change (INR 0) with 0 in HT0; lra|lia]).
  eapply Rle_trans; [apply (sgd_nonconvex_expectation_holds sigma fstar delta_f T); auto|]. unfold sgd_nonconvex_expectation.
  assert (A : 2 * L * delta_f / INR T <= eps ^ 2 / 2).
  { apply Rmult_le_reg_r with (2 * INR T / eps ^ 2); [apply Rdiv_lt_0_compat; lra|].
    replace (2 * L * delta_f / INR T * (2 * INR T / eps ^ 2)) with (4 * L * delta_f / eps ^ 2) by (field; lra).
    replace (eps ^ 2 / 2 * (2 * INR T / eps ^ 2)) with (INR T) by (field; lra). auto. }
  assert (B : sqrt (2 * L * delta_f / INR T) <= eps ^ 2 / (4 * sigma)).
  { rewrite <- (sqrt_pow2 (eps ^ 2 / (4 * sigma))) by (left; apply Rdiv_lt_0_compat; lra). apply sqrt_le_1_alt.
    assert (Hk : 0 < INR T * (16 * sigma ^ 2) / eps ^ 4).
    { apply Rdiv_lt_0_compat; auto. apply Rmult_lt_0_compat; auto. assert (0 < sigma ^ 2) by (apply pow_lt; auto). lra. }
    apply Rmult_le_reg_r with (INR T * (16 * sigma ^ 2) / eps ^ 4); auto.
    replace (2 * L * delta_f / INR T * (INR T * (16 * sigma ^ 2) / eps ^ 4)) with (32 * L * delta_f * sigma ^ 2 / eps ^ 4) by (field; lra).
    replace ((eps ^ 2 / (4 * sigma)) ^ 2 * (INR T * (16 * sigma ^ 2) / eps ^ 4)) with (INR T) by (field; lra). auto. }
  apply Rmult_le_compat_l with (r := 2 * sigma) in B; [|lra]. replace (2 * sigma * (eps ^ 2 / (4 * sigma))) with (eps ^ 2 / 2) in B by (field; lra). lra. Qed.

(** sgd/nonconvex/ghadimi-lan: the step min(1/L, D/(sigma sqrt T)) for any length D: E|grad f(x_R)|^2/L at a uniformly random index R, which
    is the average over T points divided by L. *)
Theorem sgd_nonconvex_ghadimi_lan_holds sigma fstar delta_f distance_guess T : 0 < sigma -> 0 < delta_f -> 0 < distance_guess ->
  sgd (Rmin (1 / L) (distance_guess / (sigma * sqrt (INR T)))) -> variance sigma ->
  lower_bound f fstar -> f first - fstar <= delta_f -> (1 <= T)%nat ->
  sum T (fun t => mean (fun o => n2 (grad (x t o)))) / INR T / L <= sgd_nonconvex_ghadimi_lan L delta_f distance_guess T sigma.
Proof. intros Hs Hd0 Hg HS Hv Hlow Hd HT. pose proof (pos_INR_of T HT) as HT1. assert (Hr : 0 < sqrt (INR T)) by (apply sqrt_lt_R0; lra).
  assert (Er : INR T = sqrt (INR T) ^ 2) by (rewrite pow2_sqrt; lra).
  assert (Hb : 0 < distance_guess / (sigma * sqrt (INR T))) by (apply Rdiv_lt_0_compat; auto; apply Rmult_lt_0_compat; auto).
  assert (Hw : 0 < Rmin (1 / L) (distance_guess / (sigma * sqrt (INR T)))) by (apply Rmin_glb_lt; auto; apply Rdiv_lt_0_compat; lra).
  pose proof (sgd_nonconvex_any_step_holds _ sigma fstar delta_f T HS Hw (Rmin_l _ _) Hv Hlow Hd HT) as H.
  pose proof (Sgd.shorter_step L sigma delta_f T HL HT Hd0 _ Hb) as H1. set (a := sum T _ / INR T) in *.
  assert (H2 : a <= L * sgd_nonconvex_ghadimi_lan L delta_f distance_guess T sigma).
  { eapply Rle_trans; [exact H|]. eapply Rle_trans; [exact H1|]. right. unfold sgd_nonconvex_ghadimi_lan.
    set (r := sqrt (INR T)) in *. rewrite Er. field. repeat split; lra. }
  apply Rmult_le_reg_l with L; auto. replace (L * (a / L)) with a by (field; lra). exact H2. Qed.

(** sgd/strongly-convex/any-step: smooth mu-strongly convex f, any constant step up to 1/L: the expected squared distance to the minimizer
    after T steps. *)
Theorem sgd_strongly_convex_any_step_holds mu w sigma xs distance T : 0 < mu -> mu <= L -> strongly_convex f grad mu -> minimizer f xs ->
  sgd w -> 0 < w -> w <= 1 / L -> variance sigma -> distance_to xs first <= distance ->
  mean (fun o => n2 (vsub (x T o) xs)) <= sgd_strongly_convex_any_step L distance T mu sigma w.
Proof. intros Hmu HmL Hsc Hm HS Hw HwL Hv Hd. set (dist t := n2 (vsub (point P E V f first _ (along grad x) x g HS t) (constant P E V xs))).
  change (mean (fun o => n2 (vsub (x T o) xs))) with (dist T).
  assert (HLw : w * L <= 1). { apply Rmult_le_compat_r with (r := L) in HwL; [|lra]. replace (1 / L * L) with 1 in HwL by (field; lra). auto. }
  assert (Hwm : w * mu <= 1) by (apply Rle_trans with (w * L); auto; apply Rmult_le_compat_l; lra).
  assert (Step : forall t, dist (S t) <= (1 - w * mu) * dist t + w ^ 2 * sigma ^ 2).
  { intros t. destruct (split_square w HS t) as [_ E2]. pose proof (Hv t) as Nv. pose proof (gradient_square_pos w HS t) as G.
    assert (Hmu0 : 0 <= mu) by lra. destruct (expected_strong P E V f grad first _ x g HS L mu t xs HL Hmu0 Hsmooth Hsc Hm) as [S1 S2].
    pose proof (noise_with_points P E V f first _ (along grad x) x g HS t t (Nat.le_refl t)) as N1.
    pose proof (noise_with_constants P E V f first _ (along grad x) x g HS t xs) as N2.
    pose proof (point_step P E V f first _ (along grad x) x g HS t) as Hx. cbv beta in Hx. unfold dist. fold (dist t).
    set (p := point P E V f first _ (along grad x) x g HS t) in *. set (p' := point P E V f first _ (along grad x) x g HS (S t)) in *.
    set (a := estimate P E V f first _ (along grad x) x g HS t) in *. set (b := slope P E V f first _ (along grad x) x g HS t) in *.
        set (u := constant P E V xs) in *.
    change (gradient_square t) with (n2 b) in *.
    assert (Ex : n2 (vsub p' u) = n2 (vsub p u) - 2 * w * ip a (vsub p u) + w ^ 2 * n2 a).
    { pose proof (Hx p') as X1. pose proof (Hx p) as X2. pose proof (Hx a) as X3. pose proof (Hx u) as X4.
      rewrite (ip_sym _ p p'), (ip_sym _ a p'), X2, X3 in X1. rewrite !n2_sub, ip_sub_r. unfold n2 at 1. rewrite X1, X4.
      rewrite (ip_sym _ a p). unfold n2. ring. }
    assert (Ei : ip a (vsub p u) = ip b (vsub p u)) by (rewrite !ip_sub_l in N1, N2; rewrite !ip_sub_r; lra).
    rewrite Ex, Ei, E2. set (i := ip b (vsub p u)) in *. change (dist t) with (n2 (vsub p u)).
    apply Rmult_le_compat_l with (r := w) in S1; [|lra].
    assert (A : w * (w * n2 b) <= w * (w * (L * i))) by (apply Rmult_le_compat_l; [lra|apply Rmult_le_compat_l; lra]).
    assert (Hi : 0 <= i). { apply Rmult_le_reg_l with L; auto. rewrite Rmult_0_r. lra. }
    assert (B : w * i * (w * L) <= w * i * 1) by (apply Rmult_le_compat_l; auto; apply Rmult_le_pos; lra).
    assert (C : w ^ 2 * mean (fun o => n2 (vsub (g t o) (grad (x t o)))) <= w ^ 2 * sigma ^ 2) by (apply Rmult_le_compat_l; auto; apply pow2_ge_0).
    lra. }
  assert (D0 : dist 0%nat <= distance ^ 2).
  { unfold dist. rewrite point_start. rewrite <- norm_sq. apply pow_incr. split; [apply norm_pos|auto]. }
  unfold sgd_strongly_convex_any_step. set (c := w * sigma ^ 2 / mu).
  assert (Hc : 0 <= c) by (apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply pow2_ge_0]|left; apply Rinv_0_lt_compat; auto]).
  assert (Ec : w ^ 2 * sigma ^ 2 = w * mu * c) by (unfold c; field; lra).
  assert (Gm : forall t, dist t - c <= (1 - w * mu) ^ t * (dist 0%nat - c)).
  { apply (geometric (1 - w * mu) (fun t => dist t - c)); [lra|]. intros t. cbv beta. pose proof (Step t). rewrite Ec in H. lra. }
  specialize (Gm T). assert (Hp : 0 <= (1 - w * mu) ^ T) by (apply pow_le; lra).
  assert ((1 - w * mu) ^ T * (dist 0%nat - c) <= (1 - w * mu) ^ T * distance ^ 2) by (apply Rmult_le_compat_l; lra). lra. Qed.

(** ** Strongly convex functions, steps up to 2/(L + mu) *)
Section Strong.
Variables (mu sigma distance : R) (xs : E).
Hypotheses (Hmu : 0 < mu) (HmuL : mu <= L) (Hstrong : strongly_convex f grad mu) (Hmin : minimizer f xs) (Hvar : variance sigma)
  (Hdist : distance_to xs first <= distance).
(** E|x t - xs|^2 *)
Let square_error t := mean (fun o => n2 (vsub (x t o) xs)).
Lemma first_error eta (HS : stochastic_gradients P E V f grad first eta x g) : square_error 0 <= distance ^ 2.
Proof. change (square_error 0) with (n2 (vsub (point P E V f first eta (along grad x) x g HS 0) (constant P E V xs))).
  rewrite point_start, <- norm_sq. apply pow_incr. split; [apply norm_pos|exact Hdist]. Qed.
Lemma square_error_pos eta (HS : stochastic_gradients P E V f grad first eta x g) t : 0 <= square_error t.
Proof. exact (n2_pos _ (vsub (point P E V f first eta (along grad x) x g HS t) (constant P E V xs))). Qed.
(** one step contracts by (1 - eta mu)^2 up to eta^2 sigma^2 *)
Lemma strong_step eta (HS : stochastic_gradients P E V f grad first eta x g) t : 0 < eta t -> eta t <= 2 / (L + mu) ->
  square_error (S t) <= (1 - eta t * mu) ^ 2 * square_error t + eta t ^ 2 * sigma ^ 2.
Proof. intros He HeS. destruct (split_square_at eta HS t) as [_ E2]. pose proof (Hvar t) as Nv.
  pose proof (noise_with_points P E V f first eta (along grad x) x g HS t t (Nat.le_refl t)) as N1.
  pose proof (noise_with_constants P E V f first eta (along grad x) x g HS t xs) as N2. pose proof (point_step P E V f first eta (along grad x) x g HS t) as Hx.
  set (e := eta t) in *.
  assert (Hc : e * (L + mu) <= 2).
  { apply Rmult_le_compat_r with (r := L + mu) in HeS; [|lra]. unfold Rdiv in HeS. rewrite Rmult_assoc, Rinv_l in HeS; lra. }
  set (p := point P E V f first eta (along grad x) x g HS t) in *. set (p' := point P E V f first eta (along grad x) x g HS (S t)) in *.
  set (a := estimate P E V f first eta (along grad x) x g HS t) in *. set (b := slope P E V f first eta (along grad x) x g HS t) in *.
      set (u := constant P E V xs) in *.
  change (gradient_square t) with (n2 b) in *.
  assert (Contract : n2 (vsub (vsub p u) (vscal e b)) <= (1 - e * mu) ^ 2 * n2 (vsub p u)).
  { assert (I : square V (fun o => vsub (x t o) xs)) by (apply square_sub; [apply (x_square P E V f first eta (along grad x) x g HS)|apply square_const]).
    assert (J : square V (fun o => vsub (vsub (x t o) xs) (vscal e (grad (x t o))))).
    { apply (square_sub P E V (fun o => vsub (x t o) xs)); auto. apply square_scal. apply (grad_square P E V f first eta (along grad x) x g HS). }
    pose proof (mean_mono P (fun o => ip (vsub (vsub (x t o) xs) (vscal e (grad (x t o)))) (vsub (vsub (x t o) xs) (vscal e (grad (x t o)))))
      (fun o => (1 - e * mu) ^ 2 * ip (vsub (x t o) xs) (vsub (x t o) xs))) as M.
    rewrite mean_scal in M by (apply square_ip with V; auto). apply M; [apply square_ip with V; auto|apply integrable_scal, square_ip with V; auto|].
    intros o. pose proof (difference_contracts E f grad L mu e Hmu HmuL He Hsmooth Hstrong (x t o) xs) as D. rewrite Rmax_left in D by lra.
    pose proof (gradient_vanishes E f grad L xs HL Hsmooth Hmin) as Z.
    assert (Z2 : forall w, ip w (grad xs) = 0) by (intros w; rewrite ip_sym; apply Z).
    eapply Rle_trans; [|exact D]. right. fold (n2 (vsub (vsub (x t o) xs) (vscal e (grad (x t o))))). ips. rewrite !Z, !Z2. isym. ring. }
  assert (Ex : n2 (vsub p' u) = n2 (vsub p u) - 2 * e * ip a (vsub p u) + e ^ 2 * n2 a).
  { pose proof (Hx p') as X1. pose proof (Hx p) as X2. pose proof (Hx a) as X3. pose proof (Hx u) as X4.
    rewrite (ip_sym _ p p'), (ip_sym _ a p'), X2, X3 in X1. rewrite !n2_sub, ip_sub_r. unfold n2 at 1. rewrite X1, X4.
    rewrite (ip_sym _ a p). unfold n2. ring. }
  assert (Ei : ip a (vsub p u) = ip b (vsub p u)) by (rewrite !ip_sub_l in N1, N2; rewrite !ip_sub_r; lra).
  assert (Eb : n2 (vsub (vsub p u) (vscal e b)) = n2 (vsub p u) - 2 * e * ip b (vsub p u) + e ^ 2 * n2 b).
  { rewrite n2_sub, ip_scal_r, n2_scal, (ip_sym _ b). ring. }
  change (square_error (S t)) with (n2 (vsub p' u)). change (square_error t) with (n2 (vsub p u)). rewrite Ex, Ei, E2.
  assert (C : e ^ 2 * mean (fun o => n2 (vsub (g t o) (grad (x t o)))) <= e ^ 2 * sigma ^ 2) by (apply Rmult_le_compat_l; auto; apply pow2_ge_0).
  lra. Qed.

(** sgd/strongly-convex/exact: a constant step up to 2/(L + mu): the expected squared distance to the minimizer after T steps. *)
Theorem sgd_strongly_convex_exact_holds w T : sgd w -> 0 < w -> w <= 2 / (L + mu) ->
  mean (fun o => n2 (vsub (x T o) xs)) <= sgd_strongly_convex_exact L distance T mu sigma w.
Proof. intros HS Hw HwS. change (mean (fun o => n2 (vsub (x T o) xs))) with (square_error T). assert (Hc : w * (L + mu) <= 2).
  { apply Rmult_le_compat_r with (r := L + mu) in HwS; [|lra]. unfold Rdiv in HwS. rewrite Rmult_assoc, Rinv_l in HwS; lra. }
  assert (Hwm : 0 < w * mu) by (apply Rmult_lt_0_compat; auto). assert (HwL : w * mu <= w * L) by (apply Rmult_le_compat_l; lra).
  assert (Eq : 1 - (1 - w * mu) ^ 2 = w * mu * (2 - w * mu)) by ring. assert (Hq : 0 < w * mu * (2 - w * mu)) by (apply Rmult_lt_0_compat; lra).
  pose proof (Sgd.affine_recursion ((1 - w * mu) ^ 2) (w ^ 2 * sigma ^ 2) square_error T (pow2_ge_0 _)) as A.
  unfold sgd_strongly_convex_exact. rewrite !pow_mult. rewrite Eq in A. eapply Rle_trans; [apply A; [lra|]|].
  - intros t. apply (strong_step (fun _ => w) HS); auto.
  - apply Rplus_le_compat; [apply Rmult_le_compat_l; [apply pow_le, pow2_ge_0|exact (first_error _ HS)]|right; field; repeat split; lra]. Qed.

(** sgd/strongly-convex/decreasing-step: the steps 2/(mu (t + 2 kappa)), t = 0, 1, ..., with kappa = L/mu: E|x T - xs|^2 = O(1/T). *)
Theorem sgd_strongly_convex_decreasing_step_holds T : (1 <= T)%nat ->
  stochastic_gradients P E V f grad first (fun t => 2 / (mu * (INR t + 2 * (L / mu)))) x g ->
  mean (fun o => n2 (vsub (x T o) xs)) <= sgd_strongly_convex_decreasing_step distance T (L / mu) mu sigma.
Proof. intros HT HS. change (mean (fun o => n2 (vsub (x T o) xs))) with (square_error T). set (kappa := L / mu) in *.
  assert (HK : 1 <= kappa) by (apply Rmult_le_reg_r with mu; auto; unfold kappa, Rdiv; rewrite Rmult_assoc, Rinv_l; lra).
  assert (EL : L = mu * kappa) by (unfold kappa; field; lra). clearbody kappa.
  assert (H : forall t, (INR t + 2 * kappa - 1) * (INR t + 2 * kappa - 2) * square_error t
    <= (2 * kappa - 1) * (2 * kappa - 2) * distance ^ 2 + 4 * sigma ^ 2 * INR t / mu ^ 2).
  { induction t as [|t IH].
    - change (INR 0) with 0. replace (4 * sigma ^ 2 * 0 / mu ^ 2) with 0 by (field; lra). rewrite Rplus_0_r, !Rplus_0_l.
      apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|exact (first_error _ HS)].
    - pose proof (pos_INR t) as Ht. set (v := INR t + 2 * kappa) in *. assert (Hv : 2 * kappa <= v) by (unfold v; lra).
      assert (St : square_error (S t) <= (1 - 2 / (mu * v) * mu) ^ 2 * square_error t + (2 / (mu * v)) ^ 2 * sigma ^ 2).
      { apply (strong_step _ HS).
        - apply Rdiv_lt_0_compat; [lra|]. apply Rmult_lt_0_compat; lra.
        - apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [lra|]. rewrite EL.
          apply Rle_trans with (mu * (2 * kappa)); [|apply Rmult_le_compat_l; lra].
          assert (mu * 1 <= mu * kappa) by (apply Rmult_le_compat_l; lra). lra. }
      pose proof (square_error_pos _ HS t) as Hn.
      rewrite S_INR. replace (INR t + 1 + 2 * kappa - 1) with v by (unfold v; ring). replace (INR t + 1 + 2 * kappa - 2) with (v - 1) by (unfold v; ring).
      set (a := square_error t) in *. set (s := square_error (S t)) in *.
      assert (Hm2 : 0 < mu ^ 2) by (apply pow_lt; auto).
      apply Rle_trans with (v * (v - 1) * ((1 - 2 / (mu * v) * mu) ^ 2 * a + (2 / (mu * v)) ^ 2 * sigma ^ 2)).
      { apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|exact St]. }
      replace (v * (v - 1) * ((1 - 2 / (mu * v) * mu) ^ 2 * a + (2 / (mu * v)) ^ 2 * sigma ^ 2))
        with ((v - 1) * (v - 2) * a * (1 - 2 / v) + 4 * sigma ^ 2 / mu ^ 2 * (1 - 1 / v)) by (field; lra).
      assert (Hi : 0 < / v) by (apply Rinv_0_lt_compat; lra).
      assert (A1 : (v - 1) * (v - 2) * a * (1 - 2 / v) <= (v - 1) * (v - 2) * a * 1).
      { apply Rmult_le_compat_l; [apply Rmult_le_pos; auto; apply Rmult_le_pos; lra|]. unfold Rdiv. lra. }
      assert (A2 : 4 * sigma ^ 2 / mu ^ 2 * (1 - 1 / v) <= 4 * sigma ^ 2 / mu ^ 2 * 1).
      { apply Rmult_le_compat_l; [|unfold Rdiv; lra]. apply Rmult_le_pos; [pose proof (pow2_ge_0 sigma); lra|left; apply Rinv_0_lt_compat; auto]. }
      replace (4 * sigma ^ 2 * (INR t + 1) / mu ^ 2) with (4 * sigma ^ 2 * INR t / mu ^ 2 + 4 * sigma ^ 2 / mu ^ 2) by (field; lra). lra. }
  specialize (H T). pose proof (pos_INR_of T HT) as HT1. unfold sgd_strongly_convex_decreasing_step.
  assert (Hp : 0 < (INR T + 2 * kappa - 1) * (INR T + 2 * kappa - 2)) by (apply Rmult_lt_0_compat; lra).
  apply Rmult_le_reg_l with ((INR T + 2 * kappa - 1) * (INR T + 2 * kappa - 2)); auto.
  set (p := (INR T + 2 * kappa - 1) * (INR T + 2 * kappa - 2)) in *.
  set (b := (2 * kappa - 1) * (2 * kappa - 2) * distance ^ 2 + 4 * sigma ^ 2 * INR T / mu ^ 2) in *.
  replace (p * (b / p)) with b by (field; lra). exact H. Qed.
End Strong.

(** ** Strong growth, step 1/(rho L) *)
Lemma growth_descends rho t : 1 <= rho -> sgd (1 / (rho * L)) -> strong_growth rho ->
  / (2 * (rho * L)) * gradient_square t <= value P E f x t - value P E f x (S t).
Proof. intros Hr HS Hg. assert (HrL : 0 < rho * L) by (apply Rmult_lt_0_compat; lra).
  pose proof (expected_descent P E V f grad first _ x g HS L t Hsmooth) as D. cbv beta in D.
  destruct (split_square _ HS t) as [E1 _]. rewrite E1 in D. pose proof (Hg t) as G. fold (gradient_square t) in G.
  change (mean (fun o => n2 (g t o))) with (n2 (estimate P E V f first _ (along grad x) x g HS t)) in G.
  assert (Hk : 0 <= L * (1 / (rho * L)) ^ 2 / 2).
  { assert (0 <= L * (1 / (rho * L)) ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]). lra. }
  apply Rmult_le_compat_l with (r := L * (1 / (rho * L)) ^ 2 / 2) in G; auto.
  replace (L * (1 / (rho * L)) ^ 2 / 2 * (rho * gradient_square t)) with (/ (2 * (rho * L)) * gradient_square t) in G by (field; lra).
  replace (1 / (rho * L) * gradient_square t) with (2 * (/ (2 * (rho * L)) * gradient_square t)) in D by (field; lra). lra. Qed.
(** interpolation/sgd/nonconvex: strong growth: the average of E|grad f(x t)|^2 over T points; the least is at most the average. *)
Theorem interpolation_sgd_nonconvex_holds rho fstar delta_f T : 1 <= rho -> sgd (1 / (rho * L)) -> strong_growth rho ->
  lower_bound f fstar -> f first - fstar <= delta_f -> (1 <= T)%nat ->
  sum T (fun t => mean (fun o => n2 (grad (x t o)))) / INR T <= interpolation_sgd_nonconvex L delta_f T rho /\
  exists t, (t < T)%nat /\ mean (fun o => n2 (grad (x t o))) <= interpolation_sgd_nonconvex L delta_f T rho.
Proof. intros Hr HS Hg Hlow Hd HT. pose proof (pos_INR_of T HT) as HT1. assert (HrL : 0 < rho * L) by (apply Rmult_lt_0_compat; lra).
  assert (Tel : / (2 * (rho * L)) * sum T gradient_square <= value P E f x 0 - value P E f x T).
  { clear HT HT1. induction T as [|t IH]; [simpl; lra|]. cbn [sum]. pose proof (growth_descends rho t Hr HS Hg). lra. }
  rewrite (value_start P E V f first _ (along grad x) x g HS) in Tel. pose proof (expected_lower P E V f first _ (along grad x) x g HS fstar T Hlow) as B.
  assert (A : sum T gradient_square <= INR T * interpolation_sgd_nonconvex L delta_f T rho).
  { unfold interpolation_sgd_nonconvex. apply Rmult_le_reg_l with (/ (2 * (rho * L))); [apply Rinv_0_lt_compat; lra|].
    replace (/ (2 * (rho * L)) * (INR T * (2 * rho * L * delta_f / INR T))) with delta_f by (field; lra). lra. }
  split; [|apply least_below_mean; auto]. fold gradient_square. apply Rmult_le_reg_l with (INR T); [lra|].
  replace (INR T * (sum T gradient_square / INR T)) with (sum T gradient_square) by (field; lra). auto. Qed.
(** interpolation/sgd/polyak-lojasiewicz: with the Polyak-Lojasiewicz inequality the expected gap falls by 1 - mu/(rho L) per step. *)
Theorem interpolation_sgd_polyak_lojasiewicz_holds rho mu fstar delta_f T : 1 <= rho -> 0 < mu -> mu <= L -> sgd (1 / (rho * L)) -> strong_growth rho ->
  (forall z, 2 * mu * (f z - fstar) <= n2 (grad z)) -> f first - fstar <= delta_f ->
  mean (fun o => f (x T o)) - fstar <= interpolation_sgd_polyak_lojasiewicz L delta_f T mu rho.
Proof. intros Hr Hmu HmL HS Hg Hpl Hd. assert (HrL : 0 < rho * L) by (apply Rmult_lt_0_compat; lra).
  unfold interpolation_sgd_polyak_lojasiewicz. set (k := 1 - mu / (rho * L)).
  assert (Hk : 0 <= k).
  { assert (mu / (rho * L) <= 1); [|unfold k; lra]. apply Rmult_le_reg_r with (rho * L); auto. unfold Rdiv.
      rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
    apply Rle_trans with (1 * L); [lra|apply Rmult_le_compat_r; lra]. }
  assert (Step : forall t, value P E f x (S t) - fstar <= k * (value P E f x t - fstar)).
  { intros t. pose proof (growth_descends rho t Hr HS Hg) as D. pose proof (expected_growth P E V f grad first _ x g HS mu fstar t Hpl) as G.
    change (n2 (slope P E V f first _ (along grad x) x g HS t)) with (gradient_square t) in G.
    apply Rmult_le_compat_l with (r := / (2 * (rho * L))) in G; [|left; apply Rinv_0_lt_compat; lra].
    replace (/ (2 * (rho * L)) * (2 * mu * (value P E f x t - fstar))) with (mu / (rho * L) * (value P E f x t - fstar)) in G by (field; lra).
    unfold k. lra. }
  pose proof (geometric k (fun t => value P E f x t - fstar) Hk Step T) as Gm. cbv beta in Gm.
      rewrite (value_start P E V f first _ (along grad x) x g HS) in Gm.
  eapply Rle_trans; [exact Gm|]. apply Rmult_le_compat_l; auto. apply pow_le; auto. Qed.
(** interpolation/sgd/convex: convex f with a minimizer: the expected gap of the average of T points, at which f is integrable, and that of
    the last of them. *)
Theorem interpolation_sgd_convex_holds rho xs distance T : 1 <= rho -> subgradient f grad -> minimizer f xs -> sgd (1 / (rho * L)) ->
  strong_growth rho -> distance_to xs first <= distance -> (1 <= T)%nat -> integrable (fun o => f (average T (fun t => x t o))) ->
  mean (fun o => f (average T (fun t => x t o))) - f xs <= interpolation_sgd_convex L distance T rho /\
  mean (fun o => f (x (pred T) o)) - f xs <= interpolation_sgd_convex L distance T rho.
Proof. intros Hr Hc Hm HS Hg Hd HT Hav. pose proof (pos_INR_of T HT) as HT1. assert (HrL : 0 < rho * L) by (apply Rmult_lt_0_compat; lra).
  set (w := 1 / (rho * L)) in *. assert (Hw : 0 < w) by (apply Rdiv_lt_0_compat; lra).
  pose proof (constant_steps_sum (random_space P E V) (point P E V f first _ (along grad x) x g HS) (estimate P E V f first _ (along grad x) x g HS)
    (slope P E V f first _ (along grad x) x g HS) (constant P E V xs) (fun t => value P E f x t - f xs) (fun t => gradient_square t / (2 * L)) w Hw
    (fun t => expected_gap_smooth P E V f grad first _ x g HS L t xs HL Hsmooth Hc Hm)
        (fun t s Hts => noise_with_points P E V f first _ (along grad x) x g HS t s Hts)
    (fun t => noise_with_constants P E V f first _ (along grad x) x g HS t xs) T (fun t v => point_step P E V f first _ (along grad x) x g HS t v)) as A.
  assert (B : w / 2 * sum T (fun t => n2 (estimate P E V f first _ (along grad x) x g HS t)) <= w / 2 * (rho * sum T gradient_square)).
  { apply Rmult_le_compat_l; [lra|]. rewrite <- sum_scal. apply sum_le. intros t _. exact (Hg t). }
  replace (w / 2 * (rho * sum T gradient_square)) with (sum T (fun t => gradient_square t / (2 * L))) in B.
  2:{ unfold Rdiv. rewrite sum_scal_r. unfold w. field. lra. }
  assert (D : n2 (vsub (point P E V f first _ (along grad x) x g HS 0) (constant P E V xs)) / (2 * w) <= distance ^ 2 / (2 * w)).
  { apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. rewrite point_start, <- norm_sq. apply pow_incr. split; [apply norm_pos|auto]. }
  rewrite sum_plus in A.
  assert (S1 : sum T (fun t => value P E f x t - f xs) <= INR T * interpolation_sgd_convex L distance T rho).
  { unfold interpolation_sgd_convex. replace (INR T * (rho * L * distance ^ 2 / (2 * INR T))) with (distance ^ 2 / (2 * w)) by (unfold w; field; lra). lra. }
  split; apply Rmult_le_reg_l with (INR T); try lra.
  - eapply Rle_trans; [|exact S1]. apply (average_jensen P E V f grad first xs (along grad x) x g T HT Hc Hav _ HS).
  - eapply Rle_trans; [|exact S1]. change (mean (fun o => f (x (pred T) o))) with (value P E f x (pred T)).
    assert (Mono : forall t k, value P E f x (t + k)%nat <= value P E f x t).
    { intros t k. induction k as [|k IH]; [rewrite Nat.add_0_r; lra|]. rewrite Nat.add_succ_r. pose proof (growth_descends rho (t + k) Hr HS Hg) as G.
      pose proof (gradient_square_pos _ HS (t + k)) as G0. assert (0 <= / (2 * (rho * L)) * gradient_square (t + k)).
      { apply Rmult_le_pos; auto. left. apply Rinv_0_lt_compat. lra. } lra. }
    rewrite <- sum_const. apply sum_le. intros t Ht. pose proof (Mono t (pred T - t)%nat) as M. replace (t + (pred T - t))%nat with (pred T) in M by lia.
      lra. Qed.
End Methods.
