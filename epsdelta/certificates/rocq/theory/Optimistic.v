(** The optimistic gradient method z+ = z - 2h F(z) + h F(z_prev) on bilinear games: spectral radius and step limit, exact. *)
Require Import Reals Lra Lia.
From EpsDelta Require Import Sums Spaces Formulas Products StepLimits Bilinear Spectra.
Open Scope R_scope.

(** One step on pairs (z, previous z) *)
Definition optimistic {E : space} (F : E -> E) h (p : product E E) : product E E :=
  (vadd (vsub (fst p) (vscal (2 * h) (F (fst p)))) (vscal h (F (snd p))), fst p).

Section Optimistic.
Variables (E : space) (F : E -> E) (h : R).
Hypothesis Fskew : skew F.

Lemma null_parts (p : product E E) : n2 p = 0 -> n2 (fst p) = 0 /\ n2 (snd p) = 0.
Proof. intros H. change (n2 p) with (n2 (fst p) + n2 (snd p)) in H. pose proof (n2_pos E (fst p)). pose proof (n2_pos E (snd p)). lra. Qed.

(** An eigenvector (lam w, w) of the step, w = u + iv and lam = a + ib: (lam^2 - lam) w = h (1 - 2 lam) F w, tested with any vector t. *)
Lemma optimistic_eigenvector a b : eigenvalue (@optimistic E F h) a b -> exists u v : E, 0 < n2 u + n2 v /\ forall t,
  (a^2 - b^2 - a) * ip u t - (2 * a * b - b) * ip v t = h * (1 - 2 * a) * ip (F u) t + 2 * b * h * ip (F v) t /\
  (a^2 - b^2 - a) * ip v t + (2 * a * b - b) * ip u t = h * (1 - 2 * a) * ip (F v) t - 2 * b * h * ip (F u) t.
Proof. intros [[u1 u] [[v1 v] [Hn [Hu Hv]]]]. apply null_parts in Hu. apply null_parts in Hv. simpl in Hu, Hv.
  destruct Hu as [Hu1 Hu2]. destruct Hv as [Hv1 Hv2].
  fold (vsub u1 (vsub (vscal a u) (vscal b v))) in Hu2. fold (vsub v1 (vadd (vscal b u) (vscal a v))) in Hv2.
  assert (T1 : forall t, ip u1 t = a * ip u t - b * ip v t)
    by (intros t; pose proof (ip_null E _ t Hu2) as H; revert H; ips; lra).
  assert (T2 : forall t, ip v1 t = b * ip u t + a * ip v t)
    by (intros t; pose proof (ip_null E _ t Hv2) as H; revert H; ips; lra).
  assert (T3 : forall t, ip (F u1) t = a * ip (F u) t - b * ip (F v) t) by (intros t; rewrite !Fskew, T1; ring).
  assert (T4 : forall t, ip (F v1) t = b * ip (F u) t + a * ip (F v) t) by (intros t; rewrite !Fskew, T2; ring).
  exists u, v. split.
  - change (0 < n2 u1 + n2 u + (n2 v1 + n2 v)) in Hn. pose proof (n2_pos E u) as Pu. pose proof (n2_pos E v) as Pv.
    apply Rnot_le_lt; intros C. assert (Zu : n2 u = 0) by lra. assert (Zv : n2 v = 0) by lra.
    assert (Z1 : n2 u1 = 0) by (unfold n2; rewrite T1, (ip_null E u _ Zu), (ip_null E v _ Zv); ring).
    assert (Z2 : n2 v1 = 0) by (unfold n2; rewrite T2, (ip_null E u _ Zu), (ip_null E v _ Zv); ring). lra.
  - intros t. pose proof (ip_null E _ t Hu1) as X1. pose proof (ip_null E _ t Hv1) as X2.
    revert X1 X2. ips. rewrite T3, T4, !T1, !T2. intros X1 X2. split; lra. Qed.

(** With lam = a + ib: F w = i (k/h) w for a real k, k^2 = h^2 |Fw|^2/|w|^2, and lam^2 - (1 - 2ik) lam - ik = 0, whose roots have b = k or
    a = 1/2. *)
Lemma optimistic_root lo hi a b : (forall u, lo * n2 u <= n2 (F u) <= hi * n2 u) -> eigenvalue (@optimistic E F h) a b ->
  exists k, h^2 * lo <= k^2 <= h^2 * hi /\ ((b = k /\ a^2 - a + k^2 = 0) \/ (a = 1 / 2 /\ 1 / 4 + b^2 = 2 * b * k)).
Proof. intros HF He. destruct (optimistic_eigenvector a b He) as [u [v [Hn Ht]]].
  set (p := a^2 - b^2 - a) in *. set (q := 2 * a * b - b) in *.
  set (kap := ip (F u) v). set (N := n2 u + n2 v) in *. set (M := n2 (F u) + n2 (F v)).
  assert (K1 : ip (F v) u = - kap) by (unfold kap; rewrite Fskew, ip_sym; reflexivity).
  assert (K2 : ip u (F v) = - kap) by (rewrite ip_sym; auto).
  assert (K3 : ip v (F u) = kap) by (unfold kap; apply ip_sym).
  assert (K4 : ip (F v) (F u) = ip (F u) (F v)) by apply ip_sym. assert (K5 : ip v u = ip u v) by apply ip_sym.
  assert (Su : ip u (F u) = 0) by (rewrite ip_sym; apply skew_zero; auto).
  assert (Sv : ip v (F v) = 0) by (rewrite ip_sym; apply skew_zero; auto).
  pose proof (skew_zero E F Fskew u) as Su'. pose proof (skew_zero E F Fskew v) as Sv'.
  assert (Q1 : p * N = - 4 * b * h * kap).
  { destruct (Ht u) as [X1 _]. destruct (Ht v) as [_ X2]. fold (n2 u) in X1. fold (n2 v) in X2. fold kap in X2.
    rewrite Su', K1, K5 in X1. rewrite Sv' in X2. unfold N. lra. }
  assert (Q2 : q * N = - 2 * h * (1 - 2 * a) * kap).
  { destruct (Ht v) as [X1 _]. destruct (Ht u) as [_ X2]. fold (n2 v) in X1. fold (n2 u) in X2. fold kap in X1.
    rewrite Sv' in X1. rewrite Su', K1, K5 in X2. unfold N. lra. }
  assert (Q3 : - 2 * q * kap = h * (1 - 2 * a) * M).
  { destruct (Ht (F u)) as [X1 _]. destruct (Ht (F v)) as [_ X2]. fold (n2 (F u)) in X1. fold (n2 (F v)) in X2.
    rewrite Su, K3, K4 in X1. rewrite Sv, K2 in X2. unfold M. lra. }
  assert (Q4 : 2 * p * kap = - 2 * b * h * M).
  { destruct (Ht (F v)) as [X1 _]. destruct (Ht (F u)) as [_ X2]. fold (n2 (F v)) in X1. fold (n2 (F u)) in X2.
    rewrite Sv, K2 in X1. rewrite Su, K3, K4 in X2. unfold M. lra. }
  set (m := 2 * kap / N). set (k := h * m).
  assert (Em : 2 * kap = m * N) by (unfold m; field; lra).
  assert (P1 : p = - 2 * b * k).
  { apply Rmult_eq_reg_r with N; [|lra]. rewrite Q1. unfold k. replace (- 2 * b * (h * m) * N) with (- 2 * b * h * (m * N)) by ring.
    rewrite <- Em. ring. }
  assert (P2 : q = - (1 - 2 * a) * k).
  { apply Rmult_eq_reg_r with N; [|lra]. rewrite Q2. unfold k. replace (- (1 - 2 * a) * (h * m) * N) with (- (1 - 2 * a) * h * (m * N)) by
    ring.
    rewrite <- Em. ring. }
  exists k. split.
  - (* h^2 M = k^2 N: the numbers h (1 - 2a), 2 b h are not both zero *)
    assert (R1 : (1 - 2 * a) * (h * (h * M - k * (m * N))) = 0).
    { replace ((1 - 2 * a) * (h * (h * M - k * (m * N)))) with (h * (h * (1 - 2 * a) * M) - (1 - 2 * a) * k * (h * (m * N))) by ring.
      rewrite <- Q3, <- Em. replace ((1 - 2 * a) * k) with (- q) by (rewrite P2; ring). ring. }
    assert (R2 : b * (h * (h * M - k * (m * N))) = 0).
    { replace (b * (h * (h * M - k * (m * N)))) with (- / 2 * (h * (- 2 * b * h * M)) - b * k * (h * (m * N))) by field.
      rewrite <- Q4, <- Em. replace (b * k) with (- / 2 * p) by (rewrite P1; field). field. }
    assert (R3 : h * (h * M - k * (m * N)) = 0).
    { apply Rmult_integral in R1. apply Rmult_integral in R2. destruct R1 as [R1|R1]; auto. destruct R2 as [R2|R2]; auto.
      exfalso. unfold p in P1. rewrite R2 in P1. assert (Ea : a = 1 / 2) by lra. rewrite Ea in P1. lra. }
    assert (R4 : h^2 * M = k^2 * N) by (unfold k in *; lra).
    pose proof (HF u) as [Lu Uu]. pose proof (HF v) as [Lv Uv].
    pose proof (pow2_ge_0 h) as Ph.
    assert (B1 : h^2 * (lo * N) <= h^2 * M) by (apply Rmult_le_compat_l; auto; unfold N, M; lra).
    assert (B2 : h^2 * M <= h^2 * (hi * N)) by (apply Rmult_le_compat_l; auto; unfold N, M; lra).
    split; apply Rmult_le_reg_r with N; lra.
  - assert (R : (2 * a - 1) * (b - k) = 0) by (unfold q in P2; lra).
    apply Rmult_integral in R. destruct R as [R|R].
    + right. assert (Ea : a = 1 / 2) by lra. split; auto. unfold p in P1. rewrite Ea in P1. lra.
    + left. assert (Eb : b = k) by lra. split; auto. unfold p in P1. rewrite Eb in P1. lra. Qed.
End Optimistic.

Lemma four_squares p q r s : p = 0 -> q = 0 -> r = 0 -> s = 0 -> p * p + q * q + (r * r + s * s) = 0.
Proof. intros -> -> -> ->. ring. Qed.
Lemma between_roots x w : 0 <= w -> x^2 = w^2 -> x <= w.
Proof. intros Hw H. apply Rnot_lt_le; intros C. assert (w * w < x * x) by (apply Rmult_le_0_lt_compat; auto). lra. Qed.

Section OneValue.
Variables (E : space) (F : E -> E) (sigma : R).
Hypotheses (Hs : 0 < sigma) (HF : bilinear_field F sigma).

Lemma one_value_root h a b : eigenvalue (@optimistic E F h) a b -> exists k, k^2 = h^2 * sigma^2 /\
  ((b = k /\ a^2 - a + k^2 = 0) \/ (a = 1 / 2 /\ 1 / 4 + b^2 = 2 * b * k)).
Proof. intros H. destruct HF as [Fskew Fnorm].
  destruct (optimistic_root E F h Fskew (sigma^2) (sigma^2) a b) as [k [Hk Hr]]; auto.
  - intros u. rewrite Fnorm. lra.
  - exists k. split; auto. lra. Qed.

(** optimistic/bilinear/short-step. Where 2 h s <= 1, s the singular value, the spectral radius of a step of the optimistic gradient
    method is at most sqrt((1 + sqrt(1 - 4 h^2 s^2))/2). *)
Theorem optimistic_bilinear_short_step_holds step_size : 0 < step_size -> 2 * step_size * sigma <= 1 ->
  spectral_radius_at_most (@optimistic E F step_size) (optimistic_bilinear_short_step sigma step_size).
Proof. intros Hh Hc a b H. destruct (one_value_root step_size a b H) as [k [Hk Hr]]. unfold optimistic_bilinear_short_step.
  set (t := step_size^2 * sigma^2) in *. replace (4 * step_size^2 * sigma^2) with (4 * t) by (unfold t; ring).
  assert (Ht : 4 * t <= 1).
  { assert (0 < step_size * sigma) by (apply Rmult_lt_0_compat; auto).
    assert ((2 * step_size * sigma) * (2 * step_size * sigma) <= 1 * 1) by (apply Rmult_le_compat; lra). unfold t. lra. }
  assert (Hw : sqrt (1 - 4 * t)^2 = 1 - 4 * t) by (apply pow2_sqrt; lra). pose proof (sqrt_pos (1 - 4 * t)) as Pw.
  set (w := sqrt (1 - 4 * t)) in *. apply sqrt_le_1_alt. destruct Hr as [[Eb Ea]|[Ea Eb]].
  - assert (2 * a - 1 <= w) by (apply between_roots; auto; rewrite Hw, <- Hk; lra). rewrite Eb. lra.
  - assert (Hd : (b - k)^2 = t - 1 / 4) by (replace ((b - k)^2) with (b^2 - 2 * b * k + k^2) by ring; lra).
    pose proof (pow2_ge_0 (b - k)) as Pd. assert (Z : b - k = 0) by (apply Rsqr_0_uniq; unfold Rsqr; lra).
    assert (Eb' : b = k) by lra. rewrite Ea, Eb', Hk. lra. Qed.

(** optimistic/bilinear/best-step. At the step 1/(2 s) the spectral radius is at most 1/sqrt(2). *)
Theorem optimistic_bilinear_best_step_holds : spectral_radius_at_most (@optimistic E F (1 / (2 * sigma))) optimistic_bilinear_best_step.
Proof. intros a b H. assert (Ph : 0 < 1 / (2 * sigma)) by (apply Rdiv_lt_0_compat; lra).
  assert (Hc : 2 * (1 / (2 * sigma)) * sigma <= 1) by (right; field; lra).
  eapply Rle_trans; [apply (optimistic_bilinear_short_step_holds (1 / (2 * sigma)) Ph Hc a b H)|]. right.
  unfold optimistic_bilinear_short_step, optimistic_bilinear_best_step.
  replace (1 - 4 * (1 / (2 * sigma))^2 * sigma^2) with 0 by (field; lra). rewrite sqrt_0, Rplus_0_r.
  rewrite sqrt_div by lra. rewrite sqrt_1. reflexivity. Qed.

(** optimistic/bilinear/long-step. Where 2 h s >= 1 the spectral radius is at most sqrt(2 h^2 s^2 + h s sqrt(4 h^2 s^2 - 1)). *)
Theorem optimistic_bilinear_long_step_holds step_size : 0 < step_size -> 2 * step_size * sigma >= 1 ->
  spectral_radius_at_most (@optimistic E F step_size) (optimistic_bilinear_long_step sigma step_size).
Proof. intros Hh Hc a b H. destruct (one_value_root step_size a b H) as [k [Hk Hr]]. unfold optimistic_bilinear_long_step.
  set (s := step_size * sigma). assert (Hs' : 1 <= 2 * s) by (unfold s; lra).
  replace (step_size^2 * sigma^2) with (s^2) in Hk by (unfold s; ring).
  replace (4 * step_size^2 * sigma^2) with (4 * s^2) by (unfold s; ring).
  replace (2 * step_size^2 * sigma^2) with (2 * s^2) by (unfold s; ring).
  assert (H1 : 1 <= 4 * s^2) by (assert (1 * 1 <= 2 * s * (2 * s)) by (apply Rmult_le_compat; lra); lra).
  assert (Hw : sqrt (4 * s^2 - 1)^2 = 4 * s^2 - 1) by (apply pow2_sqrt; lra). pose proof (sqrt_pos (4 * s^2 - 1)) as Pw.
  set (w := sqrt (4 * s^2 - 1)) in *. assert (Psw : 0 <= s * w) by (apply Rmult_le_pos; lra).
  apply sqrt_le_1_alt. destruct Hr as [[Eb Ea]|[Ea Eb]].
  - pose proof (pow2_ge_0 (a - 1 / 2)) as Pa. replace ((a - 1 / 2)^2) with (a^2 - a + 1 / 4) in Pa by field. rewrite Eb.
    assert (Hz : (a - 1 / 2)^2 = 0) by (replace ((a - 1 / 2)^2) with (a^2 - a + 1 / 4) by field; lra).
    assert (Z : a - 1 / 2 = 0) by (apply Rsqr_0_uniq; unfold Rsqr; lra). lra.
  - assert (Hd : (b - k)^2 = (w / 2)^2) by (replace ((b - k)^2) with (b^2 - 2 * b * k + k^2) by ring; lra).
    assert (D1 : b - k <= w / 2) by (apply between_roots; lra).
    assert (D2 : k - b <= w / 2) by (apply between_roots; lra).
    assert (S1 : k <= s) by (apply between_roots; lra). assert (S2 : - k <= s) by (apply between_roots; lra).
    assert (Hb : b^2 <= (s + w / 2)^2) by (apply pow_maj_Rabs, Rabs_le; lra).
    replace ((s + w / 2)^2) with (s^2 + s * w + w^2 / 4) in Hb by field. rewrite Ea. lra. Qed.
End OneValue.

(** The fields of all bilinear games whose singular values are positive and at most sigma: skew, |Fu| <= sigma |u|, and |Fu| >= low |u| for
    some low > 0. *)
Definition bilinear_fields {E : space} (F : E -> E) sigma := skew F /\ exists low, 0 < low /\ forall u, low * n2 u <= n2 (F u) <= sigma^2
  * n2 u.
(** Below s every step has a spectral radius below 1 for every such game. *)
Definition optimistic_stable_below sigma s := forall h, 0 < h < s -> forall (E : space) (F : E -> E),
  bilinear_fields F sigma -> spectral_radius_below (@optimistic E F h) 1.

(** Below 1/(sqrt(3) sigma) every eigenvalue has modulus below one. *)
Lemma optimistic_stable sigma : 0 < sigma -> optimistic_stable_below sigma (1 / (sqrt 3 * sigma)).
Proof. intros Hs h [Hh Hc] E F [Fskew [low [Hl HF]]] a b He.
  assert (P3 : 0 < sqrt 3) by (apply sqrt_lt_R0; lra). assert (Q3 : sqrt 3 ^ 2 = 3) by (apply pow2_sqrt; lra).
  destruct (optimistic_root E F h Fskew low (sigma^2) a b HF He) as [k [[Hk1 Hk2] Hr]].
  assert (Pk : 0 < k^2).
  { assert (0 < h^2 * low) by (apply Rmult_lt_0_compat; [apply pow_lt|]; auto). lra. }
  assert (Hk : 3 * k^2 < 1).
  { assert (H : h * (sqrt 3 * sigma) < 1).
    { assert (P : 0 < sqrt 3 * sigma) by (apply Rmult_lt_0_compat; auto).
      apply (Rmult_lt_compat_r (sqrt 3 * sigma)) in Hc; auto.
      replace (1 / (sqrt 3 * sigma) * (sqrt 3 * sigma)) with 1 in Hc by (field; lra). exact Hc. }
    assert (P : 0 <= h * (sqrt 3 * sigma)) by (apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]).
    assert (S1 : h * (sqrt 3 * sigma) * (h * (sqrt 3 * sigma)) < 1 * 1) by (apply Rmult_le_0_lt_compat; auto).
    replace (h * (sqrt 3 * sigma) * (h * (sqrt 3 * sigma))) with (sqrt 3 ^ 2 * (h^2 * sigma^2)) in S1 by ring. rewrite Q3 in S1. lra. }
  assert (Hm : a^2 + b^2 < 1).
  { destruct Hr as [[Eb Ea]|[Ea Eb]].
    - rewrite Eb. apply Rnot_le_lt; intros C. assert (a >= 1) by lra.
      assert (0 <= a * (a - 1)) by (apply Rmult_le_pos; lra). lra.
    - rewrite Ea. apply Rnot_le_lt; intros C. assert (Hb : 3 / 4 <= b^2) by lra.
      assert (S1 : (1 / 4 + b^2)^2 = 4 * b^2 * k^2) by (rewrite Eb; ring).
      assert (S2 : b^2 * (3 * k^2) < b^2 * 1) by (apply Rmult_lt_compat_l; lra).
      assert (S3 : 0 <= (b^2 - 3 / 4) * (b^2 - 1 / 12)) by (apply Rmult_le_pos; lra).
      replace ((b^2 - 3 / 4) * (b^2 - 1 / 12)) with ((1 / 4 + b^2)^2 - 4 / 3 * b^2) in S3 by field. lra. }
  rewrite <- sqrt_1. apply sqrt_lt_1_alt. split; auto. pose proof (pow2_ge_0 a). pose proof (pow2_ge_0 b). lra. Qed.

(** The limit 1/(sqrt(3) sigma) is exact: at it the plane game sigma x y has an eigenvalue of modulus one. *)
Theorem optimistic_bilinear_threshold_sharp sigma : 0 < sigma ->
  is_lub (optimistic_stable_below sigma) (optimistic_bilinear_threshold sigma).
Proof. intros Hs. unfold optimistic_bilinear_threshold.
  assert (P3 : 0 < sqrt 3) by (apply sqrt_lt_R0; lra). assert (Q3 : sqrt 3 ^ 2 = 3) by (apply pow2_sqrt; lra). split.
  - intros s Hst. apply Rnot_lt_le; intros C. set (h := 1 / (sqrt 3 * sigma)) in *.
    assert (Ph : 0 < h) by (apply Rdiv_lt_0_compat; [lra|apply Rmult_lt_0_compat; auto]).
    assert (Eh : h * sigma * sqrt 3 = 1) by (unfold h; field; lra).
    assert (HF : bilinear_fields (spiral 0 sigma) sigma).
    { split; [|exists (sigma^2); split; [apply pow_lt; auto|]].
      - intros u v. simpl. ring.
      - intros u. rewrite !plane_n2. unfold spiral. simpl. split; right; ring. }
    assert (He : eigenvalue (@optimistic plane (spiral 0 sigma) h) (1 / 2) (- sqrt 3 / 2)).
    { exists ((1 / 2, - sqrt 3 / 2), (1, 0)), ((- sqrt 3 / 2, - 1 / 2), (0, -1)).
      split; [|split]; unfold n2; simpl.
      - lra.
      - apply four_squares; lra.
      - apply four_squares; lra. }
    pose proof (Hst h (conj Ph C) plane (spiral 0 sigma) HF _ _ He) as H.
    replace ((1 / 2)^2 + (- sqrt 3 / 2)^2) with (1 / 4 + sqrt 3 ^ 2 / 4) in H by field. rewrite Q3 in H.
    replace (1 / 4 + 3 / 4) with 1 in H by field. rewrite sqrt_1 in H. lra.
  - intros b Hb. apply Hb. apply optimistic_stable; auto. Qed.

(** optimistic/bilinear/threshold. The least upper bound of the steps below which the optimistic gradient method has a spectral radius below
    1 on every bilinear game with positive singular values of at most sigma exists and is at least (in fact equal to) 1/(sqrt(3) sigma). *)
Theorem optimistic_bilinear_threshold_holds sigma : 0 < sigma ->
  exists s, is_lub (optimistic_stable_below sigma) s /\ optimistic_bilinear_threshold sigma <= s.
Proof. intros Hs. exists (optimistic_bilinear_threshold sigma). split; [apply optimistic_bilinear_threshold_sharp; auto|lra]. Qed.
