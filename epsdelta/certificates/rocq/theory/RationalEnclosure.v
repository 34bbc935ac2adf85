(** Exact enclosures in rational interval arithmetic, for fields with rational operations only: bounds such as 23/20 are met exactly. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Monotonicity Affine Enclosure.
Import ListNotations.
Open Scope R_scope.

(** ** Intervals with rational ends *)
Definition span := (Q * Q)%type.
Definition within_span (s : span) (r : R) := Q2R (fst s) <= r <= Q2R (snd s).
Definition qmin (a b : Q) : Q := if Qle_bool a b then a else b.
Definition qmax (a b : Q) : Q := if Qle_bool a b then b else a.
Lemma qmin_le a b : Q2R (qmin a b) <= Q2R a /\ Q2R (qmin a b) <= Q2R b.
Proof. unfold qmin. destruct (Qle_bool a b) eqn:E.
  - apply Qle_bool_iff, Qle_Rle in E. lra.
  - assert (H : ~ (a <= b)%Q) by (intros C; apply Qle_bool_iff in C; congruence). apply Qnot_le_lt, Qlt_Rlt in H. lra. Qed.
Lemma qmax_le a b : Q2R a <= Q2R (qmax a b) /\ Q2R b <= Q2R (qmax a b).
Proof. unfold qmax. destruct (Qle_bool a b) eqn:E.
  - apply Qle_bool_iff, Qle_Rle in E. lra.
  - assert (H : ~ (a <= b)%Q) by (intros C; apply Qle_bool_iff in C; congruence). apply Qnot_le_lt, Qlt_Rlt in H. lra. Qed.

(** sums, products, quotients and powers, not normalized *)
Definition sadd (a b : span) : span := (fst a + fst b, snd a + snd b)%Q.
Definition sopp (a : span) : span := (- snd a, - fst a)%Q.
Definition ssub (a b : span) : span := sadd a (sopp b).
(** where a sign is known, two products suffice *)
Definition smul_mixed (a b : span) : span :=
  let p := (fst a * fst b)%Q in let q := (fst a * snd b)%Q in let r := (snd a * fst b)%Q in let s := (snd a * snd b)%Q in
  (qmin (qmin p q) (qmin r s), qmax (qmax p q) (qmax r s)).
Definition smul (a b : span) : span :=
  if Qle_bool 0 (fst a) then
    if Qle_bool 0 (fst b) then (fst a * fst b, snd a * snd b)%Q
    else if Qle_bool (snd b) 0 then (snd a * fst b, fst a * snd b)%Q else (snd a * fst b, snd a * snd b)%Q
  else if Qle_bool (snd a) 0 then
    if Qle_bool 0 (fst b) then (fst a * snd b, snd a * fst b)%Q
    else if Qle_bool (snd b) 0 then (snd a * snd b, fst a * fst b)%Q else (fst a * snd b, fst a * fst b)%Q
  else smul_mixed a b.
Definition apart_from_zero (a : span) : bool := negb (Qle_bool (fst a) 0) || negb (Qle_bool 0 (snd a)).
Definition sinv (a : span) : span := (/ snd a, / fst a)%Q.
Definition spower (a : span) (k : nat) : span := let lo := Qpower (fst a) (Z.of_nat k) in let hi := Qpower (snd a) (Z.of_nat k) in
  if Nat.even k then if Qle_bool 0 (fst a) then (lo, hi) else if Qle_bool (snd a) 0 then (hi, lo) else (0%Q, qmax lo hi) else (lo, hi).

Lemma sadd_ok a b x y : within_span a x -> within_span b y -> within_span (sadd a b) (x + y).
Proof. unfold within_span, sadd; cbn [fst snd]. rewrite !Q2R_plus. lra. Qed.
Lemma sopp_ok a x : within_span a x -> within_span (sopp a) (- x).
Proof. unfold within_span, sopp; cbn [fst snd]. rewrite !Q2R_opp. lra. Qed.
Lemma ssub_ok a b x y : within_span a x -> within_span b y -> within_span (ssub a b) (x - y).
Proof. intros Ha Hb. apply (sadd_ok a (sopp b) x (- y)); auto. apply sopp_ok; auto. Qed.
Lemma product_below a b c d m x y : a <= x <= b -> c <= y <= d -> a * c <= m -> a * d <= m -> b * c <= m -> b * d <= m -> x * y <= m.
Proof. intros Hx Hy H1 H2 H3 H4.
  assert (L : forall u v w s, u <= s <= v -> w * u <= m -> w * v <= m -> w * s <= m).
  { intros u v w s Hs K1 K2. destruct (Rle_dec 0 w) as [W|W].
    - eapply Rle_trans; [|exact K2]. apply Rmult_le_compat_l; lra.
    - eapply Rle_trans; [|exact K1]. assert ((- w) * u <= (- w) * s) by (apply Rmult_le_compat_l; lra). lra. }
  rewrite Rmult_comm. apply (L a b); auto; rewrite Rmult_comm; apply (L c d); auto. Qed.
Lemma smul_mixed_ok a b x y : within_span a x -> within_span b y -> within_span (smul_mixed a b) (x * y).
Proof. unfold within_span, smul_mixed; cbn [fst snd]. intros Hx Hy.
  set (p := (fst a * fst b)%Q). set (q := (fst a * snd b)%Q). set (r := (snd a * fst b)%Q). set (s := (snd a * snd b)%Q).
  assert (Ep : Q2R p = Q2R (fst a) * Q2R (fst b)) by (unfold p; rewrite Q2R_mult; reflexivity).
  assert (Eq : Q2R q = Q2R (fst a) * Q2R (snd b)) by (unfold q; rewrite Q2R_mult; reflexivity).
  assert (Er : Q2R r = Q2R (snd a) * Q2R (fst b)) by (unfold r; rewrite Q2R_mult; reflexivity).
  assert (Es : Q2R s = Q2R (snd a) * Q2R (snd b)) by (unfold s; rewrite Q2R_mult; reflexivity).
  pose proof (qmin_le (qmin p q) (qmin r s)) as M0. pose proof (qmin_le p q) as M1. pose proof (qmin_le r s) as M2.
  pose proof (qmax_le (qmax p q) (qmax r s)) as N0. pose proof (qmax_le p q) as N1. pose proof (qmax_le r s) as N2. split.
  - assert (K : x * (- y) <= - Q2R (qmin (qmin p q) (qmin r s))); [|lra].
    apply (product_below (Q2R (fst a)) (Q2R (snd a)) (- Q2R (snd b)) (- Q2R (fst b))); lra.
  - apply (product_below (Q2R (fst a)) (Q2R (snd a)) (Q2R (fst b)) (Q2R (snd b))); lra. Qed.
Lemma product_positive a b c d x y : 0 <= a -> 0 <= c -> a <= x <= b -> c <= y <= d -> a * c <= x * y <= b * d.
Proof. intros A C Hx Hy. split; apply Rmult_le_compat; lra. Qed.
Lemma product_mixed a b c d x y : 0 <= a -> c <= 0 <= d -> a <= x <= b -> c <= y <= d -> b * c <= x * y <= b * d.
Proof. intros A C Hx Hy. split.
  - apply Rle_trans with (x * c); [|apply Rmult_le_compat_l; lra]. assert (x * - c <= b * - c) by (apply Rmult_le_compat_r; lra). lra.
  - apply Rle_trans with (x * d); [apply Rmult_le_compat_l; lra|apply Rmult_le_compat_r; lra]. Qed.
Lemma not_below p q : Qle_bool p q = false -> Q2R q <= Q2R p.
Proof. intros H. assert (N : ~ (p <= q)%Q) by (intros C; apply Qle_bool_iff in C; congruence). apply Qnot_le_lt, Qlt_Rlt in N. lra. Qed.
Lemma smul_ok a b x y : within_span a x -> within_span b y -> within_span (smul a b) (x * y).
Proof. intros Hx Hy. pose proof (smul_mixed_ok a b x y Hx Hy) as M. unfold within_span, smul in *.
  destruct (Qle_bool 0 (fst a)) eqn:A1; [|destruct (Qle_bool (snd a) 0) eqn:A2; [|exact M]];
  (destruct (Qle_bool 0 (fst b)) eqn:B1; [|destruct (Qle_bool (snd b) 0) eqn:B2]); clear M; cbn [fst snd]; rewrite !Q2R_mult;
  repeat match goal with H : Qle_bool _ _ = true |- _ => apply Qle_bool_iff, Qle_Rle in H | H : Qle_bool _ _ = false |- _ => apply not_below in H end;
  rewrite ?RMicromega.Q2R_0 in *.
  - apply product_positive; auto.
  - pose proof (product_positive (Q2R (fst a)) (Q2R (snd a)) (- Q2R (snd b)) (- Q2R (fst b)) x (- y)). lra.
  - apply (product_mixed (Q2R (fst a))); auto; lra.
  - pose proof (product_positive (- Q2R (snd a)) (- Q2R (fst a)) (Q2R (fst b)) (Q2R (snd b)) (- x) y). lra.
  - pose proof (product_positive (- Q2R (snd a)) (- Q2R (fst a)) (- Q2R (snd b)) (- Q2R (fst b)) (- x) (- y)). lra.
  - pose proof (product_mixed (- Q2R (snd a)) (- Q2R (fst a)) (Q2R (fst b)) (Q2R (snd b)) (- x) y). lra. Qed.
Lemma apart_sound a x : apart_from_zero a = true -> within_span a x -> x <> 0 /\ within_span (sinv a) (/ x).
Proof. unfold apart_from_zero. rewrite orb_true_iff, !negb_true_iff. intros H [L U].
  assert (S : 0 < Q2R (fst a) \/ Q2R (snd a) < 0).
  { destruct H as [H|H].
    - left. assert (N : ~ (fst a <= 0)%Q) by (intros C; apply Qle_bool_iff in C; congruence). apply Qnot_le_lt, Qlt_Rlt in N.
      rewrite RMicromega.Q2R_0 in N. exact N.
    - right. assert (N : ~ (0 <= snd a)%Q) by (intros C; apply Qle_bool_iff in C; congruence). apply Qnot_le_lt, Qlt_Rlt in N.
      rewrite RMicromega.Q2R_0 in N. exact N. }
  assert (NF : ~ (fst a == 0)%Q) by (intros C; apply Qeq_eqR in C; rewrite RMicromega.Q2R_0 in C; lra).
  assert (NS : ~ (snd a == 0)%Q) by (intros C; apply Qeq_eqR in C; rewrite RMicromega.Q2R_0 in C; lra).
  split; [lra|]. unfold within_span, sinv; cbn [fst snd]. rewrite !Q2R_inv by auto.
  destruct S as [S|S].
  - split; apply Rinv_le_contravar; lra.
  - split; apply Ropp_le_cancel; rewrite <- !Rinv_opp; apply Rinv_le_contravar; lra. Qed.

Lemma even_power_pos k x : Nat.even k = true -> 0 <= x ^ k.
Proof. intros H. apply Nat.even_spec in H. destruct H as [m ->]. rewrite pow_mult. apply pow_le, pow2_ge_0. Qed.
Lemma even_power_opp k x : Nat.even k = true -> (- x) ^ k = x ^ k.
Proof. intros H. apply Nat.even_spec in H. destruct H as [m ->]. rewrite !pow_mult. f_equal. ring. Qed.
Lemma odd_power_opp k x : Nat.even k = false -> (- x) ^ k = - x ^ k.
Proof. intros H. assert (O : Nat.odd k = true) by (unfold Nat.odd; rewrite H; reflexivity). apply Nat.odd_spec in O. destruct O as [m ->].
  rewrite !pow_add, !pow_mult, !pow_1. replace ((- x) ^ 2) with (x ^ 2) by ring. ring. Qed.
Lemma odd_power_le k x y : Nat.even k = false -> x <= y -> x ^ k <= y ^ k.
Proof. intros H L. destruct (Rle_dec 0 x) as [X|X]; [apply pow_incr; lra|]. destruct (Rle_dec 0 y) as [Y|Y].
  - assert (0 <= (- x) ^ k) by (apply pow_le; lra). rewrite odd_power_opp in H0 by auto. assert (0 <= y ^ k) by (apply pow_le; auto). lra.
  - assert (K : (- y) ^ k <= (- x) ^ k) by (apply pow_incr; lra). rewrite !odd_power_opp in K by auto. lra. Qed.
Lemma spower_ok a x k : within_span a x -> within_span (spower a k) (x ^ k).
Proof. intros [L U]. unfold within_span, spower. cbv zeta.
  assert (EL : Q2R (Qpower (fst a) (Z.of_nat k)) = Q2R (fst a) ^ k) by (apply power_value).
  assert (EU : Q2R (Qpower (snd a) (Z.of_nat k)) = Q2R (snd a) ^ k) by (apply power_value).
  destruct (Nat.even k) eqn:Ek; [|cbn [fst snd]; rewrite EL, EU; split; apply odd_power_le; auto].
  destruct (Qle_bool 0 (fst a)) eqn:E1.
  - apply Qle_bool_iff, Qle_Rle in E1. rewrite RMicromega.Q2R_0 in E1. cbn [fst snd]. rewrite EL, EU. split; apply pow_incr; lra.
  - destruct (Qle_bool (snd a) 0) eqn:E2.
    + apply Qle_bool_iff, Qle_Rle in E2. rewrite RMicromega.Q2R_0 in E2. cbn [fst snd]. rewrite EL, EU.
      rewrite <- (even_power_opp k x), <- (even_power_opp k (Q2R (fst a))), <- (even_power_opp k (Q2R (snd a))) by auto.
      split; apply pow_incr; lra.
    + cbn [fst snd]. rewrite RMicromega.Q2R_0. split; [apply even_power_pos; auto|].
      pose proof (qmax_le (Qpower (fst a) (Z.of_nat k)) (Qpower (snd a) (Z.of_nat k))) as [M1 M2]. rewrite EL in M1. rewrite EU in M2.
      destruct (Rle_dec 0 x) as [X|X].
      * eapply Rle_trans; [|exact M2]. apply pow_incr; lra.
      * eapply Rle_trans; [|exact M1]. rewrite <- (even_power_opp k x), <- (even_power_opp k (Q2R (fst a))) by auto. apply pow_incr; lra. Qed.

(** ** Ends in lowest terms *)
Definition widens (r : span -> span) := forall s x, within_span s x -> within_span (r s) x.
Definition lowest (s : span) : span := (Qred (fst s), Qred (snd s)).
Lemma lowest_ok : widens lowest.
Proof. intros s x H. unfold within_span, lowest; cbn [fst snd]. rewrite !red_eq. exact H. Qed.

(** ** Value and gradient over a box *)
Definition zero_span : span := (0%Q, 0%Q).
Definition map_spans n (f : span -> span) (u : list span) : list span := tabulate n (fun j => f (nth j u zero_span)).
Definition zip_spans n (f : span -> span -> span) (u v : list span) : list span := tabulate n (fun j => f (nth j u zero_span) (nth j v zero_span)).
Lemma some_pair (A B : Type) (a c : A) (b d : B) : Some (a, b) = Some (c, d) -> a = c /\ b = d.
Proof. intros H. injection H. auto. Qed.
Definition in_spans n (b : list span) (x : vec) := forall i, (i < n)%nat -> within_span (nth i b zero_span) (x i).
Lemma zero_span_ok : within_span zero_span 0.
Proof. unfold within_span, zero_span; cbn [fst snd]. rewrite RMicromega.Q2R_0. lra. Qed.
Lemma point_span_ok q : within_span (q, q) (Q2R q).
Proof. unfold within_span; cbn [fst snd]. lra. Qed.

Section Dual.
(** how results are normalized *)
Variable r : span -> span.
Hypothesis Hr : widens r.
Definition qadd a b := r (sadd a b).
Definition qsub a b := r (ssub a b).
Definition qmul a b := r (smul a b).
Definition qpow a k := r (spower a k).
Fixpoint qad (n : nat) (b : list span) (e : expr) : option (span * list span) := match e with
  | Cst p q => Some (((p # q)%Q, (p # q)%Q), tabulate n (fun _ => zero_span))
  | Var i => Some (nth i b zero_span, tabulate n (fun j => if Nat.eqb j i then (1%Q, 1%Q) else zero_span))
  | Add a c => match qad n b a, qad n b c with Some (u, du), Some (v, dv) => Some (qadd u v, zip_spans n qadd du dv) | _, _ => None end
  | Sub a c => match qad n b a, qad n b c with Some (u, du), Some (v, dv) => Some (qsub u v, zip_spans n qsub du dv) | _, _ => None end
  | Mul a c => match qad n b a, qad n b c with
      | Some (u, du), Some (v, dv) => Some (qmul u v, zip_spans n (fun p q => qadd (qmul p v) (qmul u q)) du dv) | _, _ => None end
  | Div a c => match qad n b a, qad n b c with
      | Some (u, du), Some (v, dv) => if apart_from_zero v then let i := r (sinv v) in let w := qmul u i in
          Some (w, zip_spans n (fun p q => qmul (qsub p (qmul w q)) i) du dv) else None
      | _, _ => None end
  | Opp a => match qad n b a with Some (u, du) => Some (sopp u, map_spans n sopp du) | None => None end
  | Pow a k => match qad n b a with
      | Some (u, du) => let s := qmul ((Z.of_nat k # 1)%Q, (Z.of_nat k # 1)%Q) (qpow u (pred k)) in Some (qpow u k, map_spans n (qmul s) du)
      | None => None end
  | _ => None end.
Lemma qadd_ok a b x y : within_span a x -> within_span b y -> within_span (qadd a b) (x + y).
Proof. intros. apply Hr, sadd_ok; auto. Qed.
Lemma qsub_ok a b x y : within_span a x -> within_span b y -> within_span (qsub a b) (x - y).
Proof. intros. apply Hr, ssub_ok; auto. Qed.
Lemma qmul_ok a b x y : within_span a x -> within_span b y -> within_span (qmul a b) (x * y).
Proof. intros. apply Hr, smul_ok; auto. Qed.
Lemma qpow_ok a x k : within_span a x -> within_span (qpow a k) (x ^ k).
Proof. intros. apply Hr, spower_ok; auto. Qed.

Theorem qad_sound n b x : in_spans n b x -> forall e v d, wf n e = true -> qad n b e = Some (v, d) ->
  good e x /\ within_span v (rval e x) /\ forall j, (j < n)%nat -> within_span (nth j d zero_span) (rgrad e x j).
Proof. intros Hx. induction e; intros v d W E; cbn [qad] in E; try discriminate; cbn [wf] in W;
    try (apply andb_true_iff in W; destruct W as [W1 W2]; destruct (qad n b e1) as [[u du]|]; [|discriminate];
         destruct (qad n b e2) as [[w dw]|]; [|discriminate];
         destruct (IHe1 u du W1 eq_refl) as [G1 [V1 D1]]; destruct (IHe2 w dw W2 eq_refl) as [G2 [V2 D2]]);
    try (destruct (qad n b e) as [[u du]|]; [|discriminate]; destruct (IHe u du W eq_refl) as [G1 [V1 D1]]).
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [rewrite rat_div; apply point_span_ok|].
    intros j Hj. rewrite nth_tabulate by auto. apply zero_span_ok.
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. apply Nat.ltb_lt in W. split; [apply Hx; auto|].
    intros j Hj. rewrite nth_tabulate by auto. destruct (Nat.eqb j i); [|apply zero_span_ok].
    replace 1 with (Q2R 1) by apply RMicromega.Q2R_1. apply point_span_ok.
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [apply qadd_ok; auto|].
    intros j Hj. unfold zip_spans. rewrite nth_tabulate by auto. apply qadd_ok; auto.
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [apply qsub_ok; auto|].
    intros j Hj. unfold zip_spans. rewrite nth_tabulate by auto. apply qsub_ok; auto.
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [apply qmul_ok; auto|].
    intros j Hj. unfold zip_spans. rewrite nth_tabulate by auto. apply qadd_ok; apply qmul_ok; auto.
  - destruct (apart_from_zero w) eqn:A; [|discriminate]. destruct (apart_sound w _ A V2) as [NZ Vi]. apply Hr in Vi.
    apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [apply qmul_ok; auto|].
    intros j Hj. unfold zip_spans. rewrite nth_tabulate by auto. apply qmul_ok; auto. apply qsub_ok; auto. apply qmul_ok; auto. apply qmul_ok; auto.
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [apply sopp_ok; auto|].
    intros j Hj. unfold map_spans. rewrite nth_tabulate by auto. apply sopp_ok; auto.
  - apply some_pair in E; destruct E as [<- <-]. cbn [good rval rgrad]. split; auto. split; [apply qpow_ok; auto|].
    intros j Hj. unfold map_spans. rewrite nth_tabulate by auto. apply qmul_ok; auto. apply qmul_ok; [|apply qpow_ok; auto].
    replace (INR k) with (Q2R (Z.of_nat k # 1)%Q); [apply point_span_ok|]. rewrite INR_IZR_INZ. unfold Q2R. simpl. field. Qed.

(** the number of derivatives asked for does not matter to value and domain *)
Lemma qad_value n b x : in_spans n b x -> forall e w dw, wf n e = true -> qad 0 b e = Some (w, dw) -> good e x /\ within_span w (rval e x).
Proof. intros Hx. induction e; intros w dw W E; cbn [qad] in E; try discriminate; cbn [wf] in W;
    try (apply andb_true_iff in W; destruct W as [W1 W2]; destruct (qad 0 b e1) as [[u du]|]; [|discriminate];
         destruct (qad 0 b e2) as [[v dv]|]; [|discriminate];
         destruct (IHe1 _ _ W1 eq_refl) as [G1 V1]; destruct (IHe2 _ _ W2 eq_refl) as [G2 V2]);
    try (destruct (qad 0 b e) as [[u du]|]; [|discriminate]; destruct (IHe _ _ W eq_refl) as [G1 V1]); cbn [rval good].
  - apply some_pair in E; destruct E as [<- _]. split; auto. rewrite rat_div. apply point_span_ok.
  - apply some_pair in E; destruct E as [<- _]. split; auto. apply Nat.ltb_lt in W. apply Hx; auto.
  - apply some_pair in E; destruct E as [<- _]. split; auto. apply qadd_ok; auto.
  - apply some_pair in E; destruct E as [<- _]. split; auto. apply qsub_ok; auto.
  - apply some_pair in E; destruct E as [<- _]. split; auto. apply qmul_ok; auto.
  - destruct (apart_from_zero v) eqn:A; [|discriminate]. destruct (apart_sound v _ A V2) as [NZ Vi]. apply Hr in Vi.
    apply some_pair in E; destruct E as [<- _]. split; auto. apply qmul_ok; auto.
  - apply some_pair in E; destruct E as [<- _]. split; auto. apply sopp_ok; auto.
  - apply some_pair in E; destruct E as [<- _]. split; auto. apply qpow_ok; auto. Qed.
End Dual.

(** ** The checks of Enclosure.v in this arithmetic *)
Definition spans n (b : box) : list span := tabulate n (fun i => let s := nth i (sides b) (0, 0)%Z in ((fst s # box_den b)%Q, (snd s # box_den b)%Q)).
Lemma spans_ok n b x : in_box n b x -> in_spans n (spans n b) x.
Proof. intros H i Hi. specialize (H i Hi). unfold spans. rewrite nth_tabulate by auto. unfold within_span; cbn [fst snd].
  unfold low, high in H. rewrite !rat_div in H. exact H. Qed.
Definition inside_entry (den : positive) (s : span) (e : Z * Z) : bool := Qle_bool (fst e # den) (fst s) && Qle_bool (snd s) (snd e # den).
Lemma inside_entry_ok den s e r : inside_entry den s e = true -> within_span s r -> rat (fst e) den <= r <= rat (snd e) den.
Proof. unfold inside_entry. rewrite andb_true_iff, !Qle_bool_iff. intros [H1 H2] [H3 H4]. apply Qle_Rle in H1, H2. rewrite !rat_div.
  change (IZR (fst e) / IZR (Zpos den)) with (Q2R (fst e # den)). change (IZR (snd e) / IZR (Zpos den)) with (Q2R (snd e # den)). lra. Qed.
(** the sharpening of Enclosure.v: each end of an entry is confirmed by its natural span a, or on the face where its symbolic derivative c is extreme *)
Definition qslope (s : span) : slope := if Qle_bool 0 (fst s) then Rises else if Qle_bool (snd s) 0 then Falls else Either.
Lemma qslope_sound s r : within_span s r -> has_slope (qslope s) r.
Proof. intros [L U]. unfold qslope. destruct (Qle_bool 0 (fst s)) eqn:P; [|destruct (Qle_bool (snd s) 0) eqn:N]; simpl; auto.
  - apply Qle_bool_iff, Qle_Rle in P. rewrite RMicromega.Q2R_0 in P. lra.
  - apply Qle_bool_iff, Qle_Rle in N. rewrite RMicromega.Q2R_0 in N. lra. Qed.
Definition qface n (b : box) (s : nat -> slope) : list span := tabulate n (fun k => let e := side b k in
  let p := match s k with Falls => snd e | _ => fst e end in let q := match s k with Rises => fst e | _ => snd e end in
  ((p # box_den b)%Q, (q # box_den b)%Q)).
Lemma qface_ok n b s z : in_box n b z -> in_spans n (qface n b s) (moved b s z).
Proof. intros H i Hi. specialize (H i Hi). unfold qface. rewrite nth_tabulate by auto. unfold moved, low, high, side in *.
  rewrite !rat_div in *. unfold within_span, Q2R. cbn [fst snd Qnum Qden]. unfold Rdiv in *. destruct (s i); lra. Qed.
Definition qface_check n b s c (test : span -> bool) : bool := match qad lowest 0 (qface n b s) c with Some (v, _) => test v | None => false end.
Lemma qface_check_sound n b s c test z : qface_check n b s c test = true -> wf n c = true -> in_box n b z ->
  exists v, test v = true /\ within_span v (rval c (moved b s z)).
Proof. unfold qface_check. intros H W Hz. destruct (qad lowest 0 _ c) as [[v dv]|] eqn:E; [|discriminate].
  destruct (qad_value lowest lowest_ok n _ _ (qface_ok n b s z Hz) c v dv W E) as [_ V]. eauto. Qed.
Definition starts (den : positive) (e : Z * Z) (v : span) : bool := Qle_bool (fst e # den) (fst v).
Definition stops (den : positive) (e : Z * Z) (v : span) : bool := Qle_bool (snd v) (snd e # den).
Lemma starts_sound den e v r : starts den e v = true -> within_span v r -> rat (fst e) den <= r.
Proof. unfold starts. rewrite Qle_bool_iff. intros H [L _]. apply Qle_Rle in H. rewrite rat_div. change (Q2R (fst e # den) <= r). lra. Qed.
Lemma stops_sound den e v r : stops den e v = true -> within_span v r -> r <= rat (snd e) den.
Proof. unfold stops. rewrite Qle_bool_iff. intros H [_ U]. apply Qle_Rle in H. rewrite rat_div. change (r <= Q2R (snd e # den)). lra. Qed.
Definition rational_sharp n (b : box) bx den c (a : span) e : bool := match qad lowest n bx c with None => false | Some (_, d) =>
  let s k := qslope (nth k d zero_span) in
  if (if starts den e a then true else qface_check n b s c (starts den e))
  then if stops den e a then true else qface_check n b (fun k => opposite (s k)) c (stops den e) else false end.
Lemma rational_sharp_sound n b den f j a e : rational_sharp n b (spans n b) den (deriv j f) a e = true -> wf n f = true ->
  (forall y, in_box n b y -> good f y) -> forall z, in_box n b z -> within_span a (rgrad f z j) ->
  rat (fst e) den <= rgrad f z j <= rat (snd e) den.
Proof. unfold rational_sharp. intros K W G z Hz C. destruct (qad lowest n _ _) as [[v d]|] eqn:E; [|discriminate]. cbv zeta in K.
  destruct (deriv_sound n j f z W (G z Hz)) as [_ [_ Wd]]. set (s := fun k => qslope _) in K.
  assert (S : forall y, in_box n b y -> forall k, (k < n)%nat -> has_slope (s k) (rgrad (deriv j f) y k)).
  { intros y Hy k Hk. apply qslope_sound. destruct (qad_sound lowest lowest_ok n _ y (spans_ok n b y Hy) _ _ _ Wd E) as [_ [_ D]]. auto. }
  pose proof (derivative_on_faces n b f j s z W G S Hz) as [L U].
  destruct (if starts den e a then _ else _) eqn:KL in K; [|discriminate]. split.
  - destruct (starts den e a) eqn:A; [exact (starts_sound _ _ _ _ A C)|].
    destruct (qface_check_sound _ _ _ _ _ z KL Wd Hz) as [w [T V]]. apply (Rle_trans _ _ _ (starts_sound _ _ _ _ T V) L).
  - destruct (stops den e a) eqn:A; [exact (stops_sound _ _ _ _ A C)|].
    destruct (qface_check_sound _ _ _ _ _ z K Wd Hz) as [w [T V]]. apply (Rle_trans _ _ _ U (stops_sound _ _ _ _ T V)). Qed.

Definition rational_entry n b bx den f j (a : span) e : bool :=
  if inside_entry den a e then true else rational_sharp n b bx den (deriv j f) a e.
Definition rational_leaf n (fs extra : list expr) (b : box) (H : hull) : bool := let s := spans n b in
  forallb (fun f => match qad lowest 0 s f with Some _ => true | None => false end) extra &&
  forallb (fun i => match qad lowest n s (comp fs i) with
    | Some (_, d) => forallb (fun j => rational_entry n b s (hull_den H) (comp fs i) j (nth j d zero_span) (entry H i j)) (seq 0 n)
    | None => false end) (seq 0 n).
Fixpoint rational_splits n fs extra (t : tree) (b : box) : bool := match t with
  | Leaf H => rational_leaf n fs extra b H
  | Split i m l r => Nat.ltb i (length (sides b)) && rational_splits n fs extra l (below b i m) && rational_splits n fs extra r (above b i m) end.
(** expressions with other operations are turned away before any arithmetic *)
Fixpoint rational_only (e : expr) : bool := match e with
  | Cst _ _ | Var _ => true
  | Add a b | Sub a b | Mul a b | Div a b => rational_only a && rational_only b
  | Opp a | Pow a _ => rational_only a
  | _ => false end.
Definition rational_tree_check n fs extra (t : tree) (b : box) : bool :=
  if shaped n fs extra && forallb rational_only (fs ++ extra) then rational_splits n fs extra t b else false.

Lemma rational_leaf_sound n fs extra b H : shaped n fs extra = true -> rational_leaf n fs extra b H = true -> forall z, in_box n b z ->
  (forall f, In f (fs ++ extra) -> good f z) /\ in_hull n H (jac fs z).
Proof. unfold rational_leaf. intros S. rewrite andb_true_iff, !forallb_forall. intros [He Hf] z Hb. pose proof (spans_ok n b z Hb) as Hz.
  assert (Sh : length fs = n /\ (forall f, In f fs -> wf n f = true) /\ forall f, In f extra -> wf n f = true).
  { unfold shaped in S. rewrite !andb_true_iff, Nat.eqb_eq, !forallb_forall in S. tauto. }
  destruct Sh as [Len [Wf We]].
  assert (Hr : forall i, (i < n)%nat -> good (comp fs i) z /\ forall j, (j < n)%nat ->
      rat (fst (entry H i j)) (hull_den H) <= jac fs z i j <= rat (snd (entry H i j)) (hull_den H)).
  { intros i Hi. specialize (Hf i). rewrite in_seq in Hf. specialize (Hf ltac:(lia)).
    destruct (qad lowest n (spans n b) (comp fs i)) as [[v d]|] eqn:E; [|discriminate]. rewrite forallb_forall in Hf.
    assert (W : wf n (comp fs i) = true) by (apply Wf, nth_In; lia).
    destruct (qad_sound lowest lowest_ok n _ z Hz _ _ _ W E) as [G [_ D]]. split; auto. intros j Hj. specialize (Hf j). rewrite in_seq in Hf. specialize (Hf
      ltac:(lia)).
    unfold rational_entry in Hf. destruct (inside_entry _ _ _) eqn:In; [exact (inside_entry_ok _ _ _ _ In (D j Hj))|].
    apply (rational_sharp_sound n b _ _ j _ _ Hf W); auto. intros y Hy. apply (qad_sound lowest lowest_ok n _ y (spans_ok n b y Hy) _ _ _ W E). }
  split; [|intros i j Hi; apply Hr; auto]. intros f Hin. apply in_app_or in Hin. destruct Hin as [Hin|Hin].
  - destruct (In_nth _ _ (Cst 0 1) Hin) as [i [Hi <-]]. apply (Hr i). lia.
  - specialize (He f Hin). destruct (qad lowest 0 (spans n b) f) as [[v d]|] eqn:E; [|discriminate]. exact (proj1 (qad_value lowest lowest_ok n _ z Hz f v d
    (We f Hin) E)). Qed.
Lemma rational_splits_sound n fs extra : shaped n fs extra = true -> forall t b, rational_splits n fs extra t b = true -> forall z, in_box n b z ->
  (forall f, In f (fs ++ extra) -> good f z) /\ exists H, In H (leaves t) /\ in_hull n H (jac fs z).
Proof. intros S. induction t as [H|i m l IHl r IHr]; cbn [rational_splits leaves]; intros b K z Hz.
  - destruct (rational_leaf_sound n fs extra b H S K z Hz) as [G E]. split; auto. exists H. split; [left; auto|exact E].
  - rewrite !andb_true_iff, Nat.ltb_lt in K. destruct K as [[Hi Kl] Kr].
    destruct (cut_covers n b i m z Hi Hz) as [Hc|Hc]; [destruct (IHl _ Kl z Hc) as [G [H [Hin E]]]|destruct (IHr _ Kr z Hc) as [G [H [Hin E]]]];
    split; auto; exists H; split; auto; apply in_or_app; auto. Qed.
Theorem rational_tree_sound n fs extra t b : rational_tree_check n fs extra t b = true ->
  covered n (in_box n b) (jac fs) (leaves t) /\ (forall z, in_box n b z -> forall f, In f (fs ++ extra) -> good f z) /\
  jacobian_on n (in_box n b) (field fs) (jac fs) /\ extensional n (field fs).
Proof. unfold rational_tree_check. destruct (shaped n fs extra && _) eqn:S; [|discriminate]. apply andb_true_iff in S. destruct S as [S _]. intros K.
  assert (A : forall z, in_box n b z -> forall f, In f (fs ++ extra) -> good f z) by (intros z Hz; apply (rational_splits_sound n fs extra S t b K z Hz)).
  split; [intros z Hz; apply (rational_splits_sound n fs extra S t b K z Hz)|]. split; [exact A|]. split; [|exact (field_extensional n fs extra S)].
  apply (field_jacobian n _ fs extra S (in_box_convex n b)). intros z Hz f Hf. apply (A z Hz), in_or_app; auto. Qed.
