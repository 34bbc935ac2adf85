(** Checked enclosures: interval arithmetic with derivatives over rational boxes, and the split tree that covers a box by hulls of the Jacobian. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Monotonicity.
From Interval Require Import Float.Basic Float.Sig Interval.Interval Interval.Float_full Interval.Float Real.Xreal.
Import ListNotations.
Open Scope R_scope.

(** ** What is enclosed: the field of a list of expressions and its Jacobian *)
Definition comp (fs : list expr) i : expr := nth i fs (Cst 0 1).
Definition field (fs : list expr) : vec -> vec := fun x i => rval (comp fs i) x.
Definition jac (fs : list expr) (z : vec) (i j : nat) : R := rgrad (comp fs i) z j.
(** one component for each coordinate, all variables in range *)
Definition shaped n (fs extra : list expr) : bool := Nat.eqb (length fs) n && forallb (wf n) fs && forallb (wf n) extra.

Lemma shaped_comp n fs extra : shaped n fs extra = true -> forall i, (i < n)%nat -> In (comp fs i) fs /\ wf n (comp fs i) = true.
Proof. unfold shaped. rewrite !andb_true_iff, Nat.eqb_eq, forallb_forall. intros [[L W] _] i Hi.
  assert (I : In (comp fs i) fs) by (apply nth_In; lia). auto. Qed.

Theorem field_extensional n fs extra : shaped n fs extra = true -> extensional n (field fs).
Proof. intros S x y E i Hi. destruct (shaped_comp n fs extra S i Hi) as [_ W]. exact (rval_same n x y E _ W). Qed.

(** where every component is defined on a convex region, [jac] is the derivative of [field] along its segments *)
Theorem field_jacobian n X fs extra : shaped n fs extra = true -> convex X ->
  (forall z, X z -> forall f, In f fs -> good f z) -> jacobian_on n X (field fs) (jac fs).
Proof. intros S C G x y Hx Hy i Hi t Ht. destruct (shaped_comp n fs extra S i Hi) as [I W].
  exact (directional_derivative n x y t (comp fs i) W (G _ (C x y t Hx Hy Ht) _ I)). Qed.

(** a game given by costs: where the costs are defined, entry i of the field is the partial derivative, in coordinate i, of its owner's cost *)
Theorem costs_field n fs owner costs z : shaped n fs costs = true -> (forall f, In f costs -> good f z) -> forall i, (i < n)%nat ->
  derivable_pt_lim (fun s => rval (cost_of owner costs i) (replace z i s)) (z i) (field (field_of n owner costs) z i).
Proof. intros S G i Hi. unfold shaped in S. rewrite !andb_true_iff, !forallb_forall in S. destruct S as [_ Wc].
  assert (A : wf n (cost_of owner costs i) = true /\ good (cost_of owner costs i) z).
  { unfold cost_of. destruct (nth_in_or_default (nth i owner O) costs (Cst 0 1)) as [I| ->]; [auto|repeat split]. }
  exact (field_of_costs n owner costs i z Hi (proj1 A) (proj2 A)). Qed.

(** ** Split trees: untrusted data, a hull for each leaf, cuts at m / box_den *)
Inductive tree := Leaf (H : hull) | Split (i : nat) (m : Z) (l r : tree).
Fixpoint leaves (t : tree) : list hull := match t with Leaf H => [H] | Split _ _ l r => leaves l ++ leaves r end.

Fixpoint upd {X} (l : list X) (i : nat) (v : X) : list X :=
  match l, i with _ :: l, O => v :: l | a :: l, S i => a :: upd l i v | nil, _ => nil end.
Lemma upd_nth {X} (l : list X) v d : forall i j, (i < length l)%nat -> nth j (upd l i v) d = if Nat.eqb j i then v else nth j l d.
Proof. induction l as [|a l IH]; simpl; intros [|i] [|j] Hi; try lia; auto. simpl. apply IH. lia. Qed.
Definition side b i := nth i (sides b) (0, 0)%Z.
Definition below b i m := Box (box_den b) (upd (sides b) i (fst (side b i), m)).
Definition above b i m := Box (box_den b) (upd (sides b) i (m, snd (side b i))).

Lemma cut_covers n b i m z : (i < length (sides b))%nat -> in_box n b z -> in_box n (below b i m) z \/ in_box n (above b i m) z.
Proof. intros Hi Hz. destruct (Rle_lt_dec (z i) (rat m (box_den b))) as [Hm|Hm]; [left|right];
  intros j Hj; specialize (Hz j Hj); unfold low, high, below, above in *; cbn [sides box_den] in *; rewrite upd_nth by auto;
  destruct (Nat.eqb_spec j i) as [->|]; simpl; unfold side; lra. Qed.

(** a rational between two fractions over one denominator, decided exactly *)
Definition exact_inside (den : positive) (c : expr) (e : Z * Z) : bool :=
  match constant c with Some r => Qle_bool (fst e # den) r && Qle_bool r (snd e # den) | None => false end.
Lemma exact_inside_sound den c e x : exact_inside den c e = true -> rat (fst e) den <= rval c x <= rat (snd e) den.
Proof. unfold exact_inside. destruct (constant c) as [r|] eqn:C; [|discriminate]. rewrite (constant_sound _ _ C), andb_true_iff, !Qle_bool_iff.
  intros [L U]. apply Qle_Rle in L, U. rewrite !rat_div. exact (conj L U). Qed.

(** ** The checker, generic in the float format *)
Module Checker (FF : FloatOps with Definition radix := radix2 with Definition sensible_format := true).
Module I := FloatIntervalFull FF.
(** working precision in bits *)
Definition bits (p : positive) : FF.precision := FF.PtoP p.
Definition prec60 : FF.precision := bits 60.

Section S.
Variable prec : FF.precision.
(** the interval i encloses the real r *)
Definition ct (i : I.type) (r : R) := contains (I.convert i) (Xreal r).

Definition iz (z : Z) := I.fromZ prec z.
Definition irat p q := match q with xH => iz p | _ => I.div prec (iz p) (iz (Zpos q)) end.
Lemma iz_ct z : ct (iz z) (IZR z). Proof. apply I.fromZ_correct. Qed.
Lemma zero_ct : ct I.zero 0.
Proof. unfold ct. rewrite I.zero_correct. simpl. lra. Qed.
Lemma zero_only r : ct I.zero r -> r = 0.
Proof. unfold ct. rewrite I.zero_correct. simpl. lra. Qed.
Lemma nai_ct r : ct I.nai r.
Proof. unfold ct. rewrite I.nai_correct. exact Logic.I. Qed.
Lemma add_ct a b x y : ct a x -> ct b y -> ct (I.add prec a b) (x + y).
Proof. intros H1 H2. exact (I.add_correct prec _ _ _ _ H1 H2). Qed.
Lemma sub_ct a b x y : ct a x -> ct b y -> ct (I.sub prec a b) (x - y).
Proof. intros H1 H2. exact (I.sub_correct prec _ _ _ _ H1 H2). Qed.
Lemma mul_ct a b x y : ct a x -> ct b y -> ct (I.mul prec a b) (x * y).
Proof. intros H1 H2. exact (I.mul_correct prec _ _ _ _ H1 H2). Qed.
Lemma div_ct a b x y : ct a x -> ct b y -> y <> 0 -> ct (I.div prec a b) (x / y).
Proof. intros H1 H2 N. pose proof (I.div_correct prec _ _ _ _ H1 H2) as H. simpl in H. unfold Xdiv' in H.
  rewrite is_zero_false in H by exact N. exact H. Qed.
Lemma neg_ct a x : ct a x -> ct (I.neg a) (- x).
Proof. intros H1. exact (I.neg_correct _ _ H1). Qed.
Lemma sqr_ct a x : ct a x -> ct (I.sqr prec a) (x ^ 2).
Proof. intros H1. replace (x ^ 2) with (Rsqr x) by (unfold Rsqr; ring). exact (I.sqr_correct prec _ _ H1). Qed.
Lemma exp_ct a x : ct a x -> ct (I.exp prec a) (exp x).
Proof. intros H1. exact (I.exp_correct prec _ _ H1). Qed.
Lemma sin_ct a x : ct a x -> ct (I.sin prec a) (sin x).
Proof. intros H1. exact (I.sin_correct prec _ _ H1). Qed.
Lemma cos_ct a x : ct a x -> ct (I.cos prec a) (cos x).
Proof. intros H1. exact (I.cos_correct prec _ _ H1). Qed.
Lemma sqrt_ct a x : ct a x -> ct (I.sqrt prec a) (sqrt x).
Proof. intros H1. exact (I.sqrt_correct prec _ _ H1). Qed.
Lemma ln_ct a x : ct a x -> 0 < x -> ct (I.ln prec a) (ln x).
Proof. intros H1 P. pose proof (I.ln_correct prec _ _ H1) as H. simpl in H. unfold Xln' in H. rewrite is_positive_true in H by exact P. exact H. Qed.
Lemma pow_ct a x k : ct a x -> ct (I.power_int prec a (Z.of_nat k)) (x ^ k).
Proof. intros H1. pose proof (I.power_int_correct prec (Z.of_nat k) _ _ H1) as H. unfold Xpower_int in H. simpl in H. destruct k as [|k]; simpl Z.of_nat in *.
  - exact H.
  - unfold Xpower_int' in H. rewrite SuccNat2Pos.id_succ in H. exact H. Qed.
Lemma irat_ct p q : ct (irat p q) (rat p q).
Proof. assert (D : ct (I.div prec (iz p) (iz (Zpos q))) (rat p q)).
  { rewrite rat_div. apply div_ct; try apply iz_ct. apply not_0_IZR. discriminate. }
  destruct q; [exact D|exact D|]. apply iz_ct. Qed.

(** logistic, softplus and tanh with each argument used once, and slopes that are sharp on intervals *)
Definition ilogistic v := I.div prec (iz 1) (I.add prec (iz 1) (I.exp prec (I.neg v))).
Definition isoftplus v := I.ln prec (I.add prec (iz 1) (I.exp prec v)).
Definition itanh v := I.sub prec (iz 1) (I.div prec (iz 2) (I.add prec (I.exp prec (I.mul prec (iz 2) v)) (iz 1))).
Definition ilogistic_slope w := I.sub prec (irat 1 4) (I.sqr prec (I.sub prec w (irat 1 2))).
Lemma ilogistic_ct a x : ct a x -> ct (ilogistic a) (logistic x).
Proof. intros H. unfold ilogistic, logistic. pose proof (logistic_positive x).
  apply div_ct; [apply iz_ct|apply add_ct; [apply iz_ct|apply exp_ct, neg_ct, H]|lra]. Qed.
Lemma isoftplus_ct a x : ct a x -> ct (isoftplus a) (softplus x).
Proof. intros H. unfold isoftplus, softplus. pose proof (exp_pos x). apply ln_ct; [apply add_ct; [apply iz_ct|apply exp_ct, H]|lra]. Qed.
Lemma itanh_ct a x : ct a x -> ct (itanh a) (tanh x).
Proof. intros H. rewrite tanh_exp. unfold itanh. pose proof (exp_pos (2 * x)).
  apply sub_ct; [apply iz_ct|]. apply div_ct; [apply iz_ct| |lra]. apply add_ct; [apply exp_ct, mul_ct; [apply iz_ct|exact H]|apply iz_ct]. Qed.
Lemma ilogistic_slope_ct w x : ct w (logistic x) -> ct (ilogistic_slope w) (logistic x * (1 - logistic x)).
Proof. intros H. rewrite logistic_slope. unfold ilogistic_slope. apply sub_ct; [exact (irat_ct 1 4)|]. apply sqr_ct, sub_ct; [exact H|exact (irat_ct 1 2)]. Qed.

(** sign tests; an empty answer of the arithmetic has no sign *)
Definition positive_on a : bool := match I.sign_strict a with Xgt => true | _ => false end.
Definition nonneg_on a : bool := match I.sign_large a with Xgt | Xeq => true | _ => false end.
Definition nonzero_on a : bool := match I.sign_strict a with Xgt | Xlt => true | _ => false end.
Lemma positive_on_sound a x : positive_on a = true -> ct a x -> 0 < x.
Proof. unfold positive_on. pose proof (I.sign_strict_correct a) as H. destruct (I.sign_strict a); try discriminate. intros _ C. destruct (H _ C) as [_ P].
  exact P. Qed.
Lemma nonneg_on_sound a x : nonneg_on a = true -> ct a x -> 0 <= x.
Proof. unfold nonneg_on. pose proof (I.sign_large_correct a) as H. destruct (I.sign_large a); try discriminate; intros _ C; specialize (H _ C).
  - injection H as ->. lra. - destruct H as [_ P]. exact P. Qed.
Lemma nonzero_on_sound a x : nonzero_on a = true -> ct a x -> x <> 0.
Proof. unfold nonzero_on. pose proof (I.sign_strict_correct a) as H. destruct (I.sign_strict a); try discriminate; intros _ C; destruct (H _ C) as [_ P];
  simpl in P; lra. Qed.

(** ** Forward-mode derivatives over intervals; a gradient that ends early is zero from there on *)
Record dual := Dual { ok : bool; val : I.type; der : list I.type }.
Fixpoint join_der (f g : I.type -> I.type) (u v : list I.type) : list I.type := match u, v with
  | a :: u, b :: v => I.add prec (f a) (g b) :: join_der f g u v | nil, v => map g v | u, nil => map f u end.
Definition scaled w := map (I.mul prec w).

(** derivatives with respect to x_0 .. x_{m-1}; m = 0 asks for the value only *)
Fixpoint ad (m : nat) (bx : list I.type) (e : expr) : dual := match e with
  | Cst p q => Dual true (irat p q) []
  | Var i => Dual true (nth i bx I.nai) (if Nat.ltb i m then repeat I.zero i ++ [iz 1] else [])
  | Add a b => let da := ad m bx a in let db := ad m bx b in
      Dual (ok da && ok db) (I.add prec (val da) (val db)) (join_der (fun p => p) (fun q => q) (der da) (der db))
  | Sub a b => let da := ad m bx a in let db := ad m bx b in
      Dual (ok da && ok db) (I.sub prec (val da) (val db)) (join_der (fun p => p) I.neg (der da) (der db))
  | Mul a b => let da := ad m bx a in let db := ad m bx b in
      Dual (ok da && ok db) (I.mul prec (val da) (val db)) (join_der (I.mul prec (val db)) (I.mul prec (val da)) (der da) (der db))
  | Div a b => let da := ad m bx a in let db := ad m bx b in let w := I.div prec (val da) (val db) in
      Dual (ok da && ok db && nonzero_on (val db)) w
        (join_der (fun p => I.div prec p (val db)) (fun q => I.neg (I.div prec (I.mul prec w q) (val db))) (der da) (der db))
  | Opp a => let da := ad m bx a in Dual (ok da) (I.neg (val da)) (map I.neg (der da))
  | Pow a k => let da := ad m bx a in Dual (ok da) (I.power_int prec (val da) (Z.of_nat k))
        (scaled (I.mul prec (iz (Z.of_nat k)) (I.power_int prec (val da) (Z.of_nat (pred k)))) (der da))
  | Exp a => let da := ad m bx a in let w := I.exp prec (val da) in Dual (ok da) w (scaled w (der da))
  | Log a => let da := ad m bx a in Dual (ok da && positive_on (val da)) (I.ln prec (val da)) (map (fun p => I.div prec p (val da)) (der da))
  | Sqrt a => let da := ad m bx a in let w := I.sqrt prec (val da) in let d := I.mul prec (iz 2) w in
      Dual (ok da && positive_on (val da)) w (map (fun p => I.div prec p d) (der da))
  | Sin a => let da := ad m bx a in Dual (ok da) (I.sin prec (val da)) (scaled (I.cos prec (val da)) (der da))
  | Cos a => let da := ad m bx a in Dual (ok da) (I.cos prec (val da)) (scaled (I.neg (I.sin prec (val da))) (der da))
  | Tanh a => let da := ad m bx a in let w := itanh (val da) in Dual (ok da) w (scaled (I.sub prec (iz 1) (I.sqr prec w)) (der da))
  | Logistic a => let da := ad m bx a in let w := ilogistic (val da) in Dual (ok da) w (scaled (ilogistic_slope w) (der da))
  | Softplus a => let da := ad m bx a in Dual (ok da) (isoftplus (val da)) (scaled (ilogistic (val da)) (der da)) end.

Definition at_ j (l : list I.type) := nth j l I.zero.
Definition linear_ct (f : I.type -> I.type) (g : R -> R) := g 0 = 0 /\ forall a x, ct a x -> ct (f a) (g x).
Lemma map_ct f g l : linear_ct f g -> forall j r, ct (at_ j l) r -> ct (at_ j (map f l)) (g r).
Proof. intros [Z C] j r H. unfold at_ in *. destruct (Nat.lt_ge_cases j (length l)) as [L|L].
  - rewrite (nth_indep _ _ (f I.zero)) by (rewrite map_length; auto). rewrite map_nth. auto.
  - rewrite nth_overflow in H by auto. rewrite nth_overflow by (rewrite map_length; auto). rewrite (zero_only r H), Z. apply zero_ct. Qed.
Lemma scaled_ct w c l j r : ct w c -> ct (at_ j l) r -> ct (at_ j (scaled w l)) (c * r).
Proof. intros W. apply (map_ct (I.mul prec w) (Rmult c)). split; [ring|]. intros. apply mul_ct; auto. Qed.
Lemma join_ct f f' g g' : linear_ct f f' -> linear_ct g g' -> forall u v j r s, ct (at_ j u) r -> ct (at_ j v) s ->
  ct (at_ j (join_der f g u v)) (f' r + g' s).
Proof. intros F G. induction u as [|a u IH]; intros v j r s Hu Hv.
  - replace r with 0 by (symmetry; apply zero_only; destruct j; exact Hu). destruct F as [-> _]. rewrite Rplus_0_l. apply map_ct; auto.
  - destruct v as [|b v].
    + replace s with 0 by (symmetry; apply zero_only; destruct j; exact Hv). destruct G as [-> _]. rewrite Rplus_0_r. apply (map_ct f f' (a :: u)); auto.
    + destruct j as [|j]; [|apply (IH v j r s); auto]. apply add_ct; [apply F|apply G]; auto. Qed.
Lemma linear_id : linear_ct (fun p => p) (fun p => p). Proof. split; auto. Qed.
Lemma linear_neg : linear_ct I.neg Ropp. Proof. split; [ring|]. intros; apply neg_ct; auto. Qed.
Lemma linear_mul w c : ct w c -> linear_ct (I.mul prec w) (Rmult c). Proof. split; [ring|]. intros; apply mul_ct; auto. Qed.
Lemma linear_div w c : ct w c -> c <> 0 -> linear_ct (fun p => I.div prec p w) (fun r => r / c).
Proof. split; [unfold Rdiv; ring|]. intros; apply div_ct; auto. Qed.
Lemma unit_ct i j : ct (at_ j (repeat I.zero i ++ [iz 1])) (if Nat.eqb j i then 1 else 0).
Proof. revert j. induction i as [|i IH]; intros [|j]; simpl; [apply iz_ct|destruct j; apply zero_ct|apply zero_ct|apply (IH j)]. Qed.

Definition in_ibox (bx : list I.type) (x : vec) := forall i, ct (nth i bx I.nai) (x i).
Definition encloses m (x : vec) (e : expr) (d : dual) :=
  good e x /\ ct (val d) (rval e x) /\ forall j, (j < m)%nat -> ct (at_ j (der d)) (rgrad e x j).

(** accepted: the expression is defined on the whole box, and value and gradient lie in the computed intervals *)
Theorem ad_sound m bx x : in_ibox bx x -> forall e, ok (ad m bx e) = true -> encloses m x e (ad m bx e).
Proof. intros B e. unfold encloses.
  induction e as [p q|i|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa b IHb|a IHa|a IHa k|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa|a IHa];
  cbn [ad ok val der good rval rgrad]; rewrite ?andb_true_iff; intros K;
  [| |destruct K as [Ka Kb]; destruct (IHa Ka) as [Ga [Va Da]]; destruct (IHb Kb) as [Gb [Vb Db]]
     |destruct K as [Ka Kb]; destruct (IHa Ka) as [Ga [Va Da]]; destruct (IHb Kb) as [Gb [Vb Db]]
     |destruct K as [Ka Kb]; destruct (IHa Ka) as [Ga [Va Da]]; destruct (IHb Kb) as [Gb [Vb Db]]
     |destruct K as [[Ka Kb] N]; destruct (IHa Ka) as [Ga [Va Da]]; destruct (IHb Kb) as [Gb [Vb Db]]
     |destruct (IHa K) as [Ga [Va Da]]|destruct (IHa K) as [Ga [Va Da]]|destruct (IHa K) as [Ga [Va Da]]
     |destruct K as [Ka P]; destruct (IHa Ka) as [Ga [Va Da]]|destruct K as [Ka P]; destruct (IHa Ka) as [Ga [Va Da]]
     |destruct (IHa K) as [Ga [Va Da]]|destruct (IHa K) as [Ga [Va Da]]|destruct (IHa K) as [Ga [Va Da]]
     |destruct (IHa K) as [Ga [Va Da]]|destruct (IHa K) as [Ga [Va Da]]].
  - split; auto. split; [apply irat_ct|]. intros j _. destruct j; apply zero_ct.
  - split; auto. split; [apply B|]. intros j Hj. destruct (Nat.ltb_spec i m) as [L|L]; [apply unit_ct|].
    destruct (Nat.eqb_spec j i); [lia|]. destruct j; apply zero_ct.
  - split; auto. split; [apply add_ct; auto|]. intros j Hj. apply (join_ct _ _ _ _ linear_id linear_id); auto.
  - split; auto. split; [apply sub_ct; auto|]. intros j Hj. apply (join_ct _ _ _ _ linear_id linear_neg); auto.
  - split; auto. split; [apply mul_ct; auto|]. intros j Hj. rewrite (Rmult_comm (rgrad a x j)).
    apply (join_ct _ _ _ _ (linear_mul _ _ Vb) (linear_mul _ _ Va)); auto.
  - pose proof (nonzero_on_sound _ _ N Vb) as Nb. pose proof (div_ct _ _ _ _ Va Vb Nb) as W.
    split; auto. split; [exact W|]. intros j Hj.
    replace ((rgrad a x j - rval a x / rval b x * rgrad b x j) / rval b x)
      with (rgrad a x j / rval b x + - (rval a x / rval b x * rgrad b x j / rval b x)) by (field; auto).
    apply (join_ct _ _ _ (fun s => - (rval a x / rval b x * s / rval b x)) (linear_div _ _ Vb Nb)); auto.
    split; [unfold Rdiv; ring|]. intros p r H. apply neg_ct, div_ct; auto. apply mul_ct; auto.
  - split; auto. split; [apply neg_ct; auto|]. intros j Hj. apply (map_ct _ _ _ linear_neg); auto.
  - split; auto. split; [apply pow_ct; auto|]. intros j Hj. apply scaled_ct; auto. apply mul_ct; [|apply pow_ct; auto].
    rewrite INR_IZR_INZ. apply iz_ct.
  - split; auto. split; [apply exp_ct; auto|]. intros j Hj. apply scaled_ct; auto. apply exp_ct; auto.
  - pose proof (positive_on_sound _ _ P Va) as Pa. split; auto. split; [apply ln_ct; auto|].
    intros j Hj. apply (map_ct _ _ _ (linear_div _ _ Va (Rgt_not_eq _ _ Pa))); auto.
  - pose proof (positive_on_sound _ _ P Va) as Pa. pose proof (sqrt_lt_R0 _ Pa) as Ps. pose proof (sqrt_ct _ _ Va) as W.
    split; auto. split; [exact W|]. intros j Hj.
    assert (Nd : 2 * sqrt (rval a x) <> 0) by lra.
    apply (map_ct _ _ _ (linear_div _ _ (mul_ct _ _ _ _ (iz_ct 2) W) Nd)); auto.
  - split; auto. split; [apply sin_ct; auto|]. intros j Hj. apply scaled_ct; auto. apply cos_ct; auto.
  - split; auto. split; [apply cos_ct; auto|]. intros j Hj. rewrite <- Ropp_mult_distr_l_reverse.
    apply scaled_ct; auto. apply neg_ct, sin_ct; auto.
  - split; auto. split; [apply itanh_ct; auto|]. intros j Hj. apply scaled_ct; auto.
    apply sub_ct; [apply iz_ct|]. apply sqr_ct, itanh_ct; auto.
  - split; auto. split; [apply ilogistic_ct; auto|]. intros j Hj. apply scaled_ct; auto. apply ilogistic_slope_ct, ilogistic_ct; auto.
  - split; auto. split; [apply isoftplus_ct; auto|]. intros j Hj. apply scaled_ct; auto. apply ilogistic_ct; auto. Qed.

(** ** Rational boxes in, rational bounds out *)
Definition ibox n (b : box) : list I.type := map (fun i => let s := side b i in I.join (irat (fst s) (box_den b)) (irat (snd s) (box_den b))) (seq 0 n).
Lemma ibox_ct n b x : in_box n b x -> in_ibox (ibox n b) x.
Proof. intros H i. unfold ibox. destruct (Nat.lt_ge_cases i n) as [L|L].
  - set (f := fun i => _). rewrite (nth_indep _ _ (f O)) by (rewrite map_length, seq_length; auto). rewrite (map_nth f), seq_nth by auto.
    apply (contains_connected _ (low b i) (high b i)); [| |exact (H i L)]; apply I.join_correct; [left|right]; apply irat_ct.
  - rewrite nth_overflow by (rewrite map_length, seq_length; auto). apply nai_ct. Qed.

Definition at_least den a p : bool := nonneg_on (I.sub prec a (irat p den)).
Definition at_most den a p : bool := nonneg_on (I.sub prec (irat p den) a).
Definition inside (den : positive) (a : I.type) (e : Z * Z) : bool := at_least den a (fst e) && at_most den a (snd e).
Lemma at_least_sound den a p r : at_least den a p = true -> ct a r -> rat p den <= r.
Proof. intros H C. apply (fun K => nonneg_on_sound _ _ K (sub_ct _ _ _ _ C (irat_ct _ _))) in H. lra. Qed.
Lemma at_most_sound den a p r : at_most den a p = true -> ct a r -> r <= rat p den.
Proof. intros H C. apply (fun K => nonneg_on_sound _ _ K (sub_ct _ _ _ _ (irat_ct _ _) C)) in H. lra. Qed.
Lemma inside_sound den a e r : inside den a e = true -> ct a r -> rat (fst e) den <= r <= rat (snd e) den.
Proof. unfold inside. rewrite andb_true_iff. intros [L U] C. split; [eapply at_least_sound|eapply at_most_sound]; eauto. Qed.

(** ** Faces: a variable whose partial derivative keeps its sign is moved to the end of its side where the expression is least *)
Definition slope_on a : slope := if nonneg_on a then Rises else if nonneg_on (I.neg a) then Falls else Either.
Lemma slope_on_sound a r : ct a r -> has_slope (slope_on a) r.
Proof. intros C. unfold slope_on. destruct (nonneg_on a) eqn:P; [exact (nonneg_on_sound _ _ P C)|].
  destruct (nonneg_on (I.neg a)) eqn:N; simpl; auto. pose proof (nonneg_on_sound _ _ N (neg_ct _ _ C)). lra. Qed.
Definition face n (b : box) (bx : list I.type) (s : nat -> slope) : list I.type := map (fun k => match s k with
  | Rises => irat (fst (side b k)) (box_den b) | Falls => irat (snd (side b k)) (box_den b) | Either => nth k bx I.nai end) (seq 0 n).
Lemma face_ct n b bx s z : in_ibox bx z -> in_ibox (face n b bx s) (moved b s z).
Proof. intros H i. unfold face. destruct (Nat.lt_ge_cases i n) as [L|L].
  - set (f := fun i => _). rewrite (nth_indep _ _ (f O)) by (rewrite map_length, seq_length; auto). rewrite (map_nth f), seq_nth by auto.
    unfold f, moved. simpl plus. destruct (s i); [apply irat_ct|apply irat_ct|apply H].
  - rewrite nth_overflow by (rewrite map_length, seq_length; auto). apply nai_ct. Qed.
(** the value on a face is accepted by [test] *)
Definition face_check n b bx s (c : expr) (test : I.type -> bool) : bool :=
  let d := ad 0 (face n b bx s) c in if ok d then test (val d) else false.
Lemma face_check_sound n b bx s c test z : face_check n b bx s c test = true -> in_ibox bx z ->
  exists a, test a = true /\ ct a (rval c (moved b s z)).
Proof. unfold face_check. cbv zeta. intros H B. apply (face_ct n b bx s) in B. destruct (ok _) eqn:K; [|discriminate].
  destruct (ad_sound 0 _ _ B c K) as [_ [V _]]. eauto. Qed.

(** an interval a of an entry, sharpened: each end is confirmed by a, or on the face where the entry's symbolic derivative c is extreme *)
Definition sharp_check n (b : box) bx (den : positive) (c : expr) (a : I.type) (e : Z * Z) : bool :=
  let d := ad n bx c in let s k := slope_on (at_ k (der d)) in
  if ok d then
    if (if at_least den a (fst e) then true else face_check n b bx s c (fun v => at_least den v (fst e)))
    then if at_most den a (snd e) then true else face_check n b bx (fun k => opposite (s k)) c (fun v => at_most den v (snd e))
    else false
  else false.
Lemma sharp_check_sound n b den f j a e : sharp_check n b (ibox n b) den (deriv j f) a e = true -> wf n f = true ->
  (forall y, in_box n b y -> good f y) -> forall z, in_box n b z -> ct a (rgrad f z j) -> rat (fst e) den <= rgrad f z j <= rat (snd e) den.
Proof. unfold sharp_check. cbv zeta. intros K W G z Hz C. destruct (ok _) eqn:Ok; [|discriminate].
  set (s := fun k => slope_on _) in K.
  assert (S : forall y, in_box n b y -> forall k, (k < n)%nat -> has_slope (s k) (rgrad (deriv j f) y k)).
  { intros y Hy k Hk. apply slope_on_sound. destruct (ad_sound n _ y (ibox_ct n b y Hy) _ Ok) as [_ [_ D]]. auto. }
  pose proof (derivative_on_faces n b f j s z W G S Hz) as [L U]. pose proof (ibox_ct n b z Hz) as B.
  destruct (if at_least den a (fst e) then _ else _) eqn:KL in K; [|discriminate]. split.
  - destruct (at_least den a (fst e)) eqn:A; [exact (at_least_sound _ _ _ _ A C)|].
    destruct (face_check_sound _ _ _ _ _ _ z KL B) as [v [T V]]. apply (Rle_trans _ _ _ (at_least_sound _ _ _ _ T V) L).
  - destruct (at_most den a (snd e)) eqn:A; [exact (at_most_sound _ _ _ _ A C)|].
    destruct (face_check_sound _ _ _ _ _ _ z K B) as [v [T V]]. apply (Rle_trans _ _ _ U (at_most_sound _ _ _ _ T V)). Qed.

Definition defined_on bx (e : expr) : bool := ok (ad 0 bx e).
(** a constant entry that rounding spoils (1/20 in [1/20, 1/20]) is compared exactly; one too wide is sharpened *)
Definition entry_check n b bx (den : positive) (f : expr) j (a : I.type) (e : Z * Z) : bool :=
  if inside den a e then true else let c := deriv j f in if exact_inside den c e then true else sharp_check n b bx den c a e.
Definition row_check n b bx f (H : hull) i : bool := let d := ad n bx f in
  ok d && forallb (fun j => entry_check n b bx (hull_den H) f j (at_ j (der d)) (entry H i j)) (seq 0 n).
Definition leaf_check n (fs extra : list expr) (b : box) (H : hull) : bool := let bx := ibox n b in
  forallb (defined_on bx) extra && forallb (fun i => row_check n b bx (comp fs i) H i) (seq 0 n).

Lemma leaf_sound n fs extra b H : shaped n fs extra = true -> leaf_check n fs extra b H = true -> forall z, in_box n b z ->
  (forall f, In f (fs ++ extra) -> good f z) /\ in_hull n H (jac fs z).
Proof. unfold leaf_check, row_check. intros S. rewrite andb_true_iff, !forallb_forall. intros [He Hf] z Hb. pose proof (ibox_ct n b z Hb) as Hz.
  assert (Hr : forall i, (i < n)%nat -> good (comp fs i) z /\ forall j, (j < n)%nat ->
      rat (fst (entry H i j)) (hull_den H) <= jac fs z i j <= rat (snd (entry H i j)) (hull_den H)).
  { intros i Hi. specialize (Hf i). rewrite in_seq, andb_true_iff, forallb_forall in Hf. destruct Hf as [Hk Hj]; [lia|].
    destruct (ad_sound n _ z Hz _ Hk) as [G [_ D]]. split; auto. intros j Lj. specialize (Hj j). rewrite in_seq in Hj.
    specialize (Hj ltac:(lia)). unfold entry_check in Hj. cbv zeta in Hj. destruct (inside _ _ _) eqn:In.
    - exact (inside_sound _ _ _ _ In (D j Lj)).
    - destruct (shaped_comp n fs extra S i Hi) as [_ W]. unfold jac. destruct (exact_inside _ _ _) eqn:Ex.
      + destruct (deriv_sound n j (comp fs i) z W G) as [<- _]. exact (exact_inside_sound _ _ _ z Ex).
      + apply (sharp_check_sound n b _ _ j _ _ Hj W); auto. intros y Hy. apply (ad_sound n _ y (ibox_ct n b y Hy) _ Hk). }
  split; [|intros i j Hi; apply Hr; auto].
  intros f Hin. apply in_app_or in Hin. destruct Hin as [Hin|Hin].
  - destruct (In_nth _ _ (Cst 0 1) Hin) as [i [Hi <-]]. apply (Hr i). unfold shaped in S. rewrite !andb_true_iff, Nat.eqb_eq in S. lia.
  - exact (proj1 (ad_sound 0 _ z Hz f (He f Hin))). Qed.

Fixpoint splits_check n fs extra (t : tree) (b : box) : bool := match t with
  | Leaf H => leaf_check n fs extra b H
  | Split i m l r => Nat.ltb i (length (sides b)) && splits_check n fs extra l (below b i m) && splits_check n fs extra r (above b i m) end.
(** the whole check: shapes once, then every leaf of the tree *)
Definition tree_check n fs extra (t : tree) (b : box) : bool := shaped n fs extra && splits_check n fs extra t b.

Lemma splits_sound n fs extra : shaped n fs extra = true -> forall t b, splits_check n fs extra t b = true -> forall z, in_box n b z ->
  (forall f, In f (fs ++ extra) -> good f z) /\ exists H, In H (leaves t) /\ in_hull n H (jac fs z).
Proof. intros S. induction t as [H|i m l IHl r IHr]; cbn [splits_check leaves]; intros b K z Hz.
  - destruct (leaf_sound n fs extra b H S K z Hz) as [G E]. split; auto. exists H. split; [left; auto|exact E].
  - rewrite !andb_true_iff, Nat.ltb_lt in K. destruct K as [[Hi Kl] Kr].
    destruct (cut_covers n b i m z Hi Hz) as [Hc|Hc]; [destruct (IHl _ Kl z Hc) as [G [H [Hin E]]]|destruct (IHr _ Kr z Hc) as [G [H [Hin E]]]];
    split; auto; exists H; split; auto; apply in_or_app; auto. Qed.

(** an accepted tree: on the box every component and every extra expression is defined, the Jacobian of the field
    exists along segments, and at each point it lies in the hull of one of the leaves *)
Theorem tree_sound n fs extra t b : tree_check n fs extra t b = true ->
  covered n (in_box n b) (jac fs) (leaves t) /\ (forall z, in_box n b z -> forall f, In f (fs ++ extra) -> good f z) /\
  jacobian_on n (in_box n b) (field fs) (jac fs) /\ extensional n (field fs).
Proof. unfold tree_check. rewrite andb_true_iff. intros [S K].
  assert (A : forall z, in_box n b z -> forall f, In f (fs ++ extra) -> good f z) by (intros z Hz; apply (splits_sound n fs extra S t b K z Hz)).
  split; [intros z Hz; apply (splits_sound n fs extra S t b K z Hz)|]. split; [exact A|]. split; [|exact (field_extensional n fs extra S)].
  apply (field_jacobian n _ fs extra S (in_box_convex n b)). intros z Hz f Hf. apply (A z Hz), in_or_app; auto. Qed.

(** an accepted tree for the field of a game's costs: at each point of the box the field is the players' gradient *)
Theorem tree_costs_sound n owner costs t b : tree_check n (field_of n owner costs) costs t b = true -> forall z, in_box n b z ->
  forall i, (i < n)%nat ->
  derivable_pt_lim (fun s => rval (cost_of owner costs i) (replace z i s)) (z i) (field (field_of n owner costs) z i).
Proof. intros K z Hz. destruct (tree_sound _ _ _ _ _ K) as [_ [G _]]. unfold tree_check in K. rewrite andb_true_iff in K. destruct K as [S _].
  apply (costs_field n _ owner costs z S). intros f Hf. apply (G z Hz), in_or_app; auto. Qed.

(** ** Values: every component is defined on the box and stays in the rational interval that V gives it *)
Definition value_check n (fs : list expr) (b V : box) : bool := let bx := ibox n b in
  Nat.eqb (length fs) n && forallb (fun i => let d := ad 0 bx (comp fs i) in ok d && inside (box_den V) (val d) (side V i)) (seq 0 n).
Theorem value_sound n fs b V : value_check n fs b V = true -> forall z, in_box n b z ->
  (forall f, In f fs -> good f z) /\ in_box n V (field fs z).
Proof. unfold value_check. rewrite andb_true_iff, Nat.eqb_eq, forallb_forall. intros [L K] z Hz. apply ibox_ct in Hz.
  assert (Hr : forall i, (i < n)%nat -> good (comp fs i) z /\ low V i <= field fs z i <= high V i).
  { intros i Hi. specialize (K i). rewrite in_seq, andb_true_iff in K. destruct K as [Hk Hv]; [lia|].
    destruct (ad_sound 0 _ z Hz _ Hk) as [G [C _]]. split; auto. exact (inside_sound _ _ _ _ Hv C). }
  split; [|intros i Hi; apply Hr; auto].
  intros f Hin. destruct (In_nth _ _ (Cst 0 1) Hin) as [i [Hi <-]]. apply (Hr i). lia. Qed.
End S.
End Checker.
