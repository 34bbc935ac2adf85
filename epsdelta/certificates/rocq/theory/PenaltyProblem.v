(** Penalty certificates for costs given as expressions: a region with free variables, one checked enclosure, definiteness on its leaves.

    A free variable has no interval. The derivatives that matter may not contain it, and it may not stand below a division bar, a
    logarithm or a root; so an enclosure on the box in which all free variables are 0 speaks for the whole region. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Integers Definite Corners Intervals Expressions Enclosure AffineCover LowerLevel PenaltyCertificate.
Import ListNotations.
Open Scope R_scope.

(** ** Regions: an interval or nothing for each variable *)
Definition sides_of := list (option (Z * Z)).
Definition in_region (den : positive) (ss : sides_of) : region :=
  fun x => forall i lo hi, nth_error ss i = Some (Some (lo, hi)) -> rat lo den <= x i <= rat hi den.
Definition free (ss : sides_of) i : bool := match nth_error ss i with Some (Some _) => false | _ => true end.
(** all free variables at 0 *)
Definition pin (fr : nat -> bool) (z : vec) : vec := fun i => if fr i then 0 else z i.
Definition pinned_box den (ss : sides_of) : box := Box den (map (fun s => match s with Some e => e | None => (0, 0)%Z end) ss).

Lemma in_region_convex den ss x y t : in_region den ss x -> in_region den ss y -> 0 <= t <= 1 -> in_region den ss (between y x t).
Proof. intros Hx Hy Ht i lo hi E. specialize (Hx i lo hi E). specialize (Hy i lo hi E). unfold between.
  assert (0 <= t * (x i - rat lo den)) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 - t) * (y i - rat lo den)) by (apply Rmult_le_pos; lra).
  assert (0 <= t * (rat hi den - x i)) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 - t) * (rat hi den - y i)) by (apply Rmult_le_pos; lra). lra. Qed.

Lemma in_region_closed nu nl den ss : (length ss <= nu + nl)%nat -> lower_closed nu nl (in_region den ss).
Proof. intros Hn c H i lo hi E.
  assert (Hi : (i < nu + nl)%nat). { assert (i < length ss)%nat; [|lia]. apply nth_error_Some. rewrite E. discriminate. }
  assert (B : forall w, 0 < w -> rat lo den - w <= c i <= rat hi den + w).
  { intros w Hw. destruct (H w Hw) as [z [Hz [Es Ec]]]. specialize (Hz i lo hi E).
    destruct (Nat.lt_ge_cases i nu) as [L|L].
    - rewrite <- (Es i L). lra.
    - specialize (Ec (i - nu)%nat ltac:(lia)). replace (nu + (i - nu))%nat with i in Ec by lia. apply abs_between in Ec. lra. }
  split; apply Rnot_lt_le; intros C.
  - specialize (B ((rat lo den - c i) / 2) ltac:(lra)). lra.
  - specialize (B ((c i - rat hi den) / 2) ltac:(lra)). lra. Qed.

Lemma pin_in_box n den ss z : in_region den ss z -> in_box n (pinned_box den ss) (pin (free ss) z).
Proof. intros H i Hi. unfold low, high, pinned_box, pin, free. cbn [box_den sides].
  assert (Z0 : rat 0 den = 0) by (rewrite rat_div; unfold Rdiv; ring).
  destruct (nth_error ss i) as [[[lo hi]|]|] eqn:E.
  - rewrite (nth_error_nth (map _ ss) i (0, 0)%Z (map_nth_error _ i ss E)). simpl. apply H; auto.
  - rewrite (nth_error_nth (map _ ss) i (0, 0)%Z (map_nth_error _ i ss E)). simpl. rewrite Z0. lra.
  - rewrite nth_overflow by (rewrite map_length; apply nth_error_None; auto). simpl. rewrite Z0. lra. Qed.

(** ** Expressions and free variables *)
Fixpoint avoids (fr : nat -> bool) (e : expr) : bool := match e with
  | Cst _ _ => true | Var i => negb (fr i)
  | Add a b | Sub a b | Mul a b | Div a b => avoids fr a && avoids fr b
  | Opp a | Pow a _ | Exp a | Log a | Sqrt a | Sin a | Cos a | Tanh a | Logistic a | Softplus a => avoids fr a end.
(** no free variable below a division bar, a logarithm or a root *)
Fixpoint sturdy (fr : nat -> bool) (e : expr) : bool := match e with
  | Cst _ _ | Var _ => true
  | Add a b | Sub a b | Mul a b => sturdy fr a && sturdy fr b
  | Div a b => sturdy fr a && sturdy fr b && avoids fr b
  | Log a | Sqrt a => sturdy fr a && avoids fr a
  | Opp a | Pow a _ | Exp a | Sin a | Cos a | Tanh a | Logistic a | Softplus a => sturdy fr a end.

Lemma avoids_value fr z e : avoids fr e = true -> rval e (pin fr z) = rval e z.
Proof. induction e; simpl; intros H; rewrite ?andb_true_iff in H;
  try (rewrite IHe1, IHe2 by apply H; reflexivity); try (rewrite IHe by apply H; reflexivity); try reflexivity.
  unfold pin. apply negb_true_iff in H. rewrite H. reflexivity. Qed.

Lemma sturdy_good fr z e : sturdy fr e = true -> good e (pin fr z) -> good e z.
Proof. induction e; simpl; intros H G; rewrite ?andb_true_iff in H; auto; try tauto.
  - destruct H as [[H1 H2] H3], G as [G1 [G2 G3]]. rewrite (avoids_value fr z _ H3) in G3. auto.
  - destruct H as [H1 H2], G as [G1 G2]. rewrite (avoids_value fr z _ H2) in G2. auto.
  - destruct H as [H1 H2], G as [G1 G2]. rewrite (avoids_value fr z _ H2) in G2. auto. Qed.

(** ** One field whose Jacobian holds all that is needed: the upper cost nu times, then the lower gradient in y *)
Definition penalty_field nu nl (f g : expr) : list expr := repeat f nu ++ map (fun i => deriv (nu + i) g) (seq 0 nl).
Definition free_check nu nl (fr : nat -> bool) (f g : expr) : bool := sturdy fr f && sturdy fr g &&
  forallb (fun j => avoids fr (deriv (nu + j) f)) (seq 0 nl) &&
  forallb (fun i => forallb (fun j => avoids fr (deriv (nu + j) (deriv (nu + i) g))) (seq 0 nl)) (seq 0 nl).

Lemma comp_upper nu nl f g : (0 < nu)%nat -> comp (penalty_field nu nl f g) 0 = f.
Proof. intros H. unfold comp, penalty_field. destruct nu; [lia|]. reflexivity. Qed.
Lemma comp_lower nu nl f g i : (i < nl)%nat -> comp (penalty_field nu nl f g) (nu + i) = deriv (nu + i) g.
Proof. intros H. unfold comp, penalty_field. rewrite app_nth2 by (rewrite repeat_length; lia). rewrite repeat_length.
  replace (nu + i - nu)%nat with i by lia.
  rewrite (nth_indep _ _ (deriv (nu + 0) g)) by (rewrite map_length, seq_length; auto).
  rewrite (map_nth (fun i => deriv (nu + i) g)), seq_nth by auto. reflexivity. Qed.

(** ** Leaf checks *)
(** |grad_y f| <= L for every Jacobian of the hull *)
Definition steep_check nu nl (L : Q) (H : hull) : bool :=
  let top e := Z.max (fst e * fst e) (snd e * snd e) in
  (fold_right Z.add 0 (map (fun j => top (entry H 0 (nu + j))) (seq 0 nl)) * (Zpos (Qden L) * Zpos (Qden L))
    <=? Qnum L * Qnum L * (Zpos (hull_den H) * Zpos (hull_den H)))%Z.

Lemma square_inside (lo hi x : R) : lo <= x <= hi -> x * x <= Rmax (lo * lo) (hi * hi).
Proof. intros [H1 H2]. destruct (Rle_or_lt 0 x) as [P|N].
  - apply Rle_trans with (hi * hi); [apply Rmult_le_compat; lra|apply Rmax_r].
  - apply Rle_trans with (lo * lo); [|apply Rmax_l].
    replace (x * x) with (- x * - x) by ring. replace (lo * lo) with (- lo * - lo) by ring. apply Rmult_le_compat; lra. Qed.
Lemma IZR_max a b : IZR (Z.max a b) = Rmax (IZR a) (IZR b).
Proof. destruct (Z.max_spec a b) as [[H ->]|[H ->]].
  - symmetry. apply Rmax_right, IZR_le. lia.
  - symmetry. apply Rmax_left, IZR_le. lia. Qed.
Lemma IZR_fold n (h : nat -> Z) : IZR (fold_right Z.add 0%Z (map h (seq 0 n))) = sum n (fun j => IZR (h j)).
Proof. assert (A : forall l, IZR (fold_right Z.add 0%Z (map h l)) = fold_right Rplus 0 (map (fun j => IZR (h j)) l)).
  { induction l; simpl; auto. rewrite plus_IZR, IHl. reflexivity. }
  rewrite A. clear A. induction n; [reflexivity|]. rewrite seq_S, map_app, fold_right_app. simpl. rewrite <- IHn.
  generalize (map (fun j => IZR (h j)) (seq 0 n)). intros l. induction l; simpl in *; lra. Qed.

Lemma steep_check_sound nu nl L H : (0 < nu)%nat -> steep_check nu nl L H = true -> forall A, in_hull (nu + nl) H A ->
  sum nl (fun j => A O (nu + j)%nat * A O (nu + j)%nat) <= Q2R L ^ 2.
Proof. unfold steep_check. intros Hn C A HA. apply Z.leb_le, IZR_le in C. rewrite !mult_IZR, IZR_fold in C.
  set (q := IZR (Zpos (hull_den H))) in *. assert (Q0 : 0 < q) by apply den_pos.
  assert (D0 : 0 < IZR (Zpos (Qden L))) by apply den_pos. set (d := IZR (Zpos (Qden L))) in *.
  set (s := sum nl _) in C.
  assert (S : sum nl (fun j => A O (nu + j)%nat * A O (nu + j)%nat) <= s * / (q * q)).
  { unfold s. rewrite <- sum_scal_r. apply sum_le. intros j Hj. specialize (HA O (nu + j)%nat ltac:(lia) ltac:(lia)).
    destruct (entry H 0 (nu + j)) as [lo hi]. cbn [fst snd] in *. rewrite !rat_div in HA. fold q in HA.
    apply square_inside in HA. rewrite IZR_max, !mult_IZR. eapply Rle_trans; [exact HA|].
    assert (I0 : 0 <= / (q * q)) by (left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; auto).
    apply Rmax_lub.
    - replace (IZR lo / q * (IZR lo / q)) with (IZR lo * IZR lo * / (q * q)) by (field; lra). apply Rmult_le_compat_r; auto. apply Rmax_l.
    - replace (IZR hi / q * (IZR hi / q)) with (IZR hi * IZR hi * / (q * q)) by (field; lra). apply Rmult_le_compat_r; auto. apply Rmax_r. }
  eapply Rle_trans; [exact S|]. replace (Q2R L) with (IZR (Qnum L) / d) by reflexivity.
  assert (P : 0 < q * q * (d * d)) by (apply Rmult_lt_0_compat; apply Rmult_lt_0_compat; auto).
  apply Rmult_le_reg_r with (q * q * (d * d)); auto.
  replace (s * / (q * q) * (q * q * (d * d))) with (s * (d * d)) by (field; lra).
  replace ((IZR (Qnum L) / d) ^ 2 * (q * q * (d * d))) with (IZR (Qnum L) * IZR (Qnum L) * (q * q)) by (field; lra). exact C. Qed.

(** g_yy >= m I for every Jacobian of the hull: centers and radii of 2 q r (g_yy - m I), q the denominator of the hull, m = p/r *)
Definition bend_check (ar : integers) nu nl (m : Q) (H : hull) (wit : list Z * factor) : bool :=
  let r := Zpos (Qden m) in let shift := (2 * Qnum m * Zpos (hull_den H))%Z in
  let at_ i j := entry H (nu + i) (nu + j) in
  radius_check nl
    (build nl nl (fun i j => of_Z (r * (fst (at_ i j) + snd (at_ i j)) - (if Nat.eqb i j then shift else 0))%Z) : list (list (int ar)))
    (build nl nl (fun i j => of_Z (r * (snd (at_ i j) - fst (at_ i j)))%Z)) (fst wit) (snd wit).

Lemma bend_check_sound ar nu nl m H wit : bend_check ar nu nl m H wit = true -> forall A, in_hull (nu + nl) H A ->
  forall w, Q2R m * dot nl w w <= form nl (fun i j => A (nu + i)%nat (nu + j)%nat) w w.
Proof. unfold bend_check. intros C A HA w. pose proof (den_pos (hull_den H)) as Q0. pose proof (den_pos (Qden m)) as D0.
  set (q := IZR (Zpos (hull_den H))) in *. set (r := IZR (Zpos (Qden m))) in *.
  assert (P : psd nl (fun i j => q * r * A (nu + i)%nat (nu + j)%nat - (if Nat.eqb i j then q * IZR (Qnum m) else 0))).
  { apply (radius_check_psd ar nl _ _ _ _ C). intros i j Hi Hj. rewrite !ent_build, !val_of by auto.
    specialize (HA (nu + i)%nat (nu + j)%nat ltac:(lia) ltac:(lia)). destruct (entry H (nu + i) (nu + j)) as [lo hi]. cbn [fst snd] in *.
    rewrite !rat_div in HA. fold q in HA. rewrite minus_IZR, !mult_IZR, plus_IZR, minus_IZR. fold r. unfold near.
    replace (IZR (if Nat.eqb i j then (2 * Qnum m * Zpos (hull_den H))%Z else 0%Z)) with (2 * (if Nat.eqb i j then q * IZR (Qnum m) else 0)).
    2:{ destruct (Nat.eqb i j); [rewrite !mult_IZR; fold q; ring|ring]. }
    set (a := A (nu + i)%nat (nu + j)%nat) in *. set (e := if Nat.eqb i j then _ else _).
    replace (2 * (q * r * a - e) - (r * (IZR lo + IZR hi) - 2 * e)) with (r * (2 * (q * a) - IZR lo - IZR hi)) by ring.
    assert (B : IZR lo <= q * a <= IZR hi).
    { destruct HA as [H1 H2]. apply (Rmult_le_compat_l q) in H1; [|lra]. apply (Rmult_le_compat_l q) in H2; [|lra].
      replace (q * (IZR lo / q)) with (IZR lo) in H1 by (field; lra). replace (q * (IZR hi / q)) with (IZR hi) in H2 by (field; lra). lra. }
    rewrite Rabs_mult, (Rabs_right r) by lra. apply Rmult_le_compat_l; [lra|]. apply Rabs_le. lra. }
  specialize (P w). rewrite form_minus, form_scal, form_identity in P.
  apply Rmult_le_reg_l with (q * r); [apply Rmult_lt_0_compat; auto|].
  replace (q * r * (Q2R m * dot nl w w)) with (q * IZR (Qnum m) * dot nl w w); [lra|].
  replace (Q2R m) with (IZR (Qnum m) / r) by reflexivity. field. lra. Qed.

(** ** The whole claim *)
Definition upper_feasible (cs : list expr) : region := fun z => forall c, In c cs -> rval c z <= 0.

(** what is evaluated for an instance, the enclosure of [penalty_field] apart: L, rho, gamma and the rest of the claim c; the free
    variables; the constraints read upper variables only; every leaf hull with
    its scales and factor *)
Definition penalty_check (ar : integers) nu nl (f g : expr) (cs : list expr) (ss : sides_of) (c : penalty_claim)
  (hs : list hull) (wits : list (list Z * factor)) : bool :=
  Nat.ltb 0 nu && Nat.leb (length ss) (nu + nl) && penalty_numbers c && free_check nu nl (free ss) f g &&
  forallb (fun e => wf nu e && sturdy (free ss) e) cs && forallb (steep_check nu nl (claim_lipschitz c)) hs &&
  each (bend_check ar nu nl (Qred (2 / claim_rho c))) hs wits.

(** An accepted penalty certificate. The costs and constraints are defined on the region, the value function v exists, and
    [penalty_holds]: every e2-minimizer (x, y) of f + gamma (g - v) has psi(x) <= v* + eps (and g <= min g(x, .) + delta where asked). *)
Theorem penalty_problem_sound ar nu nl f g cs den ss c hs wits :
  shaped (nu + nl) (penalty_field nu nl f g) (f :: g :: cs) = true ->
  covered (nu + nl) (in_box (nu + nl) (pinned_box den ss)) (jac (penalty_field nu nl f g)) hs ->
  (forall z, in_box (nu + nl) (pinned_box den ss) z -> forall e, In e (penalty_field nu nl f g ++ f :: g :: cs) -> good e z) ->
  penalty_check ar nu nl f g cs ss c hs wits = true ->
  (forall z, in_region den ss z -> forall e, In e (f :: g :: cs) -> good e z) /\
  (exists v, value_function nu (in_region den ss) (rval g) v) /\
  penalty_holds nu nl (in_region den ss) (upper_feasible cs) (rval f) (rval g) c.
Proof. unfold penalty_check. intros HS HC HG. rewrite !andb_true_iff. intros [[[[[[Hnu Hss] HN] HF] Hcs] Hst] Hbe].
  apply Nat.ltb_lt in Hnu. apply Nat.leb_le in Hss. rewrite forallb_forall in Hcs. rewrite forallb_forall in Hst.
  unfold free_check in HF. rewrite !andb_true_iff in HF. destruct HF as [[[Sf Sg] Af] Ag].
  unfold shaped in HS. rewrite !andb_true_iff in HS. destruct HS as [_ HW]. rewrite forallb_forall in HW.
  assert (Wf : wf (nu + nl) f = true) by (apply HW; simpl; auto).
  assert (Wg : wf (nu + nl) g = true) by (apply HW; simpl; auto).
  set (X := in_region den ss) in *. set (B := in_box (nu + nl) (pinned_box den ss)) in *. set (fr := free ss) in *.
  assert (PB : forall z, X z -> B (pin fr z)) by (intros z Hz; apply pin_in_box; auto).
  assert (Gall : forall z, X z -> forall e, In e (f :: g :: cs) -> good e z).
  { intros z Hz e He. apply (sturdy_good fr).
    - destruct He as [<-|[<-|He]]; auto. apply Hcs in He. rewrite andb_true_iff in He. tauto.
    - apply HG; auto. apply in_or_app. auto. }
  assert (Gf : forall z, X z -> good f z) by (intros z Hz; apply Gall; simpl; auto).
  assert (Gg : forall z, X z -> good g z) by (intros z Hz; apply Gall; simpl; auto).
  assert (Gfp : forall z, X z -> good f (pin fr z)) by (intros z Hz; apply HG; auto; apply in_or_app; simpl; auto).
  assert (Ggp : forall z, X z -> good g (pin fr z)) by (intros z Hz; apply HG; auto; apply in_or_app; simpl; auto).
  assert (CX : lower_convex nu X) by (intros x y t Hx Hy _ Ht; apply in_region_convex; auto).
  assert (tails : forall e x y z, same nu x y -> sum (nu + nl) (fun j => rgrad e z j * (x j - y j)) =
     sum nl (fun j => rgrad e z (nu + j)%nat * (x (nu + j)%nat - y (nu + j)%nat))).
  { intros e x y z Hs. rewrite sum_app, (sum_ext nu _ (fun _ => 0)), sum_zero; [ring|]. intros i Hi. rewrite (Hs i Hi). ring. }
  split; [exact Gall|].
  apply (penalty_sound nu nl X (upper_feasible cs) (rval f) (rval g) (rgrad f) (fun z i => rval (deriv i g) z)
    (fun z i j => rgrad (deriv i g) z j) c HN CX (in_region_closed nu nl den ss Hss)).
  - intros x y Hs H e He. pose proof (Hcs e He) as He'. rewrite andb_true_iff in He'. destruct He' as [We _].
    rewrite <- (rval_same nu x y Hs e We). apply H; auto.
  - intros x y Hx Hy Hs t Ht. pose proof (directional_derivative (nu + nl) x y t f Wf (Gf _ (CX x y t Hx Hy Hs Ht))) as D.
    rewrite tails in D by auto. exact D.
  - intros z Hz. destruct (HC (pin fr z) (PB z Hz)) as [H [Hin HA]]. pose proof (Hst H Hin) as K.
    pose proof (steep_check_sound nu nl (claim_lipschitz c) H Hnu K _ HA) as S. unfold jac in S. rewrite comp_upper in S by auto.
    eapply Rle_trans; [|exact S]. apply Req_le. unfold dot, tail. apply sum_ext. intros j Hj.
    pose proof (forallb_seq _ _ Af j Hj) as Aj.
    rewrite <- (proj1 (deriv_sound (nu + nl) (nu + j) f z Wf (Gf z Hz))), <- (avoids_value fr z _ Aj).
    rewrite (proj1 (deriv_sound (nu + nl) (nu + j) f (pin fr z) Wf (Gfp z Hz))). reflexivity.
  - intros x y Hx Hy Hs t Ht. pose proof (CX x y t Hx Hy Hs Ht) as Hz.
    pose proof (directional_derivative (nu + nl) x y t g Wg (Gg _ Hz)) as D. rewrite tails in D by auto.
    replace (dot nl _ _) with (sum nl (fun j => rgrad g (between y x t) (nu + j)%nat * (x (nu + j)%nat - y (nu + j)%nat))); [exact D|].
    unfold dot, tail, minus. apply sum_ext. intros j Hj.
    rewrite (proj1 (deriv_sound (nu + nl) (nu + j) g _ Wg (Gg _ Hz))). reflexivity.
  - intros x y Hx Hy Hs i Hi t Ht. pose proof (CX x y t Hx Hy Hs Ht) as Hz.
    destruct (deriv_sound (nu + nl) (nu + i) g _ Wg (Gg _ Hz)) as [_ [Gd Wd]].
    pose proof (directional_derivative (nu + nl) x y t (deriv (nu + i) g) Wd Gd) as D. rewrite tails in D by auto. exact D.
  - intros z Hz w. destruct (HC (pin fr z) (PB z Hz)) as [H [Hin HA]].
    assert (K : exists wit, bend_check ar nu nl (Qred (2 / claim_rho c)) H wit = true) by (eapply each_sound; eassumption).
    destruct K as [wit K]. pose proof (bend_check_sound ar nu nl _ H wit K _ HA w) as S.
    assert (R0 : ~ (claim_rho c == 0)%Q).
    { intros E. unfold penalty_numbers in HN. rewrite !andb_true_iff in HN. destruct HN as [[[[[[_ N2] _] _] _] _] _].
      apply Qlt_bool_real in N2. rewrite (Qeq_eqR _ _ E) in N2. lra. }
    rewrite (Qeq_eqR _ _ (Qred_correct (2 / claim_rho c))), Q2R_div in S by auto. replace (Q2R 2) with 2 in S by (unfold Q2R; simpl; field).
    eapply Rle_trans; [exact S|]. apply Req_le. apply form_ext. intros i j Hi Hj. unfold jac. rewrite comp_lower by auto.
    pose proof (forallb_seq _ _ (forallb_seq _ _ Ag i Hi) j Hj) as Aij. cbv beta in Aij.
    destruct (deriv_sound (nu + nl) (nu + i) g z Wg (Gg z Hz)) as [_ [Gd Wd]].
    destruct (deriv_sound (nu + nl) (nu + i) g (pin fr z) Wg (Ggp z Hz)) as [_ [Gdp _]].
    rewrite <- (proj1 (deriv_sound (nu + nl) (nu + j) _ z Wd Gd)), <- (avoids_value fr z _ Aij).
    rewrite (proj1 (deriv_sound (nu + nl) (nu + j) _ (pin fr z) Wd Gdp)). reflexivity. Qed.

(** the same with exact ranges instead of an enclosure: for quadratic costs, and where L or m is attained *)
Corollary penalty_exact_sound ar nu nl f g cs den ss c t wits :
  exact_tree_check (nu + nl) (penalty_field nu nl f g) (f :: g :: cs) t (pinned_box den ss) = true ->
  penalty_check ar nu nl f g cs ss c (leaves t) wits = true ->
  (forall z, in_region den ss z -> forall e, In e (f :: g :: cs) -> good e z) /\
  (exists v, value_function nu (in_region den ss) (rval g) v) /\
  penalty_holds nu nl (in_region den ss) (upper_feasible cs) (rval f) (rval g) c.
Proof. intros K H. destruct (exact_tree_sound _ _ _ _ _ K) as [S [C G]].
  apply (penalty_problem_sound ar nu nl f g cs den ss c (leaves t) wits); auto. Qed.
