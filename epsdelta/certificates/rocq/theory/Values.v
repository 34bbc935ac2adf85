(** Exact values of the field at a rational point, and upper bounds of |x|_P^2 over a box, by computation. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Affine Definite Enclosure Game GameChecks.
Import ListNotations.
Open Scope R_scope.

(** ** The value of an expression at a rational point, where it has rational operations only *)
Fixpoint qval (e : expr) (x : nat -> Q) : option Q := match e with
  | Cst p q => Some (p # q)%Q | Var i => Some (x i)
  | Add a b => match qval a x, qval b x with Some u, Some v => Some (Qred (u + v)%Q) | _, _ => None end
  | Sub a b => match qval a x, qval b x with Some u, Some v => Some (Qred (u - v)%Q) | _, _ => None end
  | Mul a b => match qval a x, qval b x with Some u, Some v => Some (Qred (u * v)%Q) | _, _ => None end
  | Div a b => match qval a x, qval b x with Some u, Some v => if Qeq_bool v 0 then None else Some (Qred (u / v)%Q) | _, _ => None end
  | Opp a => match qval a x with Some u => Some (Qred (- u)%Q) | None => None end
  | Pow a k => match qval a x with Some u => Some (Qred (Qpower u (Z.of_nat k))) | None => None end
  | _ => None end.
Lemma some_inj (A : Type) (a b : A) : Some a = Some b -> a = b.
Proof. congruence. Qed.
Lemma qval_sound e x : forall q, qval e x = Some q -> rval e (fun i => Q2R (x i)) = Q2R q.
Proof. induction e; cbn [qval rval]; intros r E; try discriminate;
    try (destruct (qval e1 x) as [u|]; [|discriminate]; destruct (qval e2 x) as [v|]; [|discriminate];
         rewrite (IHe1 u eq_refl), (IHe2 v eq_refl)); try (destruct (qval e x) as [u|]; [|discriminate]; rewrite (IHe u eq_refl)).
  - apply some_inj in E; rewrite <- E; clear E. symmetry. apply Q2R_rat.
  - apply some_inj in E; rewrite <- E; clear E. reflexivity.
  - apply some_inj in E; rewrite <- E; clear E. rewrite red_eq, Q2R_plus. reflexivity.
  - apply some_inj in E; rewrite <- E; clear E. rewrite red_eq, Q2R_minus. reflexivity.
  - apply some_inj in E; rewrite <- E; clear E. rewrite red_eq, Q2R_mult. reflexivity.
  - destruct (Qeq_bool v 0) eqn:Z; [discriminate|]. apply some_inj in E; rewrite <- E; clear E.
    assert (N : ~ (v == 0)%Q) by (intros B; apply Qeq_bool_iff in B; congruence).
    rewrite red_eq, Q2R_div by auto. reflexivity.
  - apply some_inj in E; rewrite <- E; clear E. rewrite red_eq, Q2R_opp. reflexivity.
  - apply some_inj in E; rewrite <- E; clear E. rewrite red_eq, power_value. reflexivity. Qed.

(** ** The field at a rational point lies in the box V *)
Definition point_box (c : vector) : box := Box (vec_den c) (map (fun e => (e, e)) (vec_entries c)).
Definition qpoint (c : vector) (i : nat) : Q := (nth i (vec_entries c) 0%Z # vec_den c)%Q.
Definition between_sides (V : box) i (q : Q) : bool :=
  Qle_bool (fst (side V i) # box_den V) q && Qle_bool q (snd (side V i) # box_den V).
Definition linear_value n (A : matrix) (b c : vector) i : Q :=
  fold_right (fun j s => Qred ((nth j (nth i (mat_rows A) []) 0%Z # mat_den A) * qpoint c j + s)%Q)
    (nth i (vec_entries b) 0%Z # vec_den b)%Q (seq 0 n).
Definition value_ok (ar : arithmetic) (g : game) (c : vector) (V : box) : bool := match rule g with
  | Linear A b => upto (dim g) (fun i => between_sides V i (linear_value (dim g) A b c i))
  | _ => upto (dim g) (fun i => wf (dim g) (comp (trees g) i) &&
      match qval (comp (trees g) i) (qpoint c) with Some q => between_sides V i q | None => false end)
      || values_ok ar (dim g) (trees g) (point_box c) V end.

Lemma between_sides_sound V i q : between_sides V i q = true -> low V i <= Q2R q <= high V i.
Proof. unfold between_sides. rewrite andb_true_iff, !Qle_bool_iff. intros [H1 H2]. apply Qle_Rle in H1. apply Qle_Rle in H2.
  rewrite Q2R_rat in H1, H2. unfold low, high. fold (side V i). lra. Qed.
Lemma qpoint_value c i : Q2R (qpoint c i) = vect c i.
Proof. apply Q2R_rat. Qed.
Lemma linear_value_sound n A b c i : Q2R (linear_value n A b c i) = sum n (fun j => mat A i j * vect c j) + vect b i.
Proof. unfold linear_value. set (f := fun j s => _).
  assert (G : forall m k s0, Q2R (fold_right f s0 (seq k m)) = sum m (fun j => mat A i (k + j) * vect c (k + j)%nat) + Q2R s0).
  { induction m; intros k s0; simpl; [lra|]. unfold f at 1. rewrite red_eq, Q2R_plus, Q2R_mult, IHm, qpoint_value, Q2R_rat.
    fold (mat A i k). change (sum m (fun j => mat A i (k + j) * vect c (k + j)%nat) + mat A i (k + m) * vect c (k + m)%nat)
      with (sum (S m) (fun j => mat A i (k + j) * vect c (k + j)%nat)). rewrite sum_S_l, Nat.add_0_r.
    rewrite (sum_ext m (fun j => mat A i (S k + j) * vect c (S k + j)%nat) (fun j => mat A i (k + S j) * vect c (k + S j)%nat))
      by (intros; rewrite Nat.add_succ_r; reflexivity). ring. }
  rewrite G. simpl plus. rewrite Q2R_rat. reflexivity. Qed.
Lemma in_point_box n c : in_box n (point_box c) (vect c).
Proof. intros i _. unfold low, high, point_box; cbn [sides box_den]. unfold vect.
  pose proof (map_nth (fun e : Z => (e, e)) (vec_entries c) 0%Z i) as E. cbv beta in E. rewrite E. cbn [fst snd]. lra. Qed.

Theorem value_ok_sound ar g c V : value_ok ar g c V = true -> in_box (dim g) V (play g (vect c)).
Proof. unfold value_ok. intros H.
  assert (Trees : (forall A b, rule g <> Linear A b) -> upto (dim g) (fun i => wf (dim g) (comp (trees g) i) &&
      match qval (comp (trees g) i) (qpoint c) with Some q => between_sides V i q | None => false end)
      || values_ok ar (dim g) (trees g) (point_box c) V = true -> in_box (dim g) V (play g (vect c))).
  { intros N K. assert (P : play g = field (trees g)) by (unfold play; destruct (rule g) eqn:Eg; [destruct (N A b eq_refl)| | ]; reflexivity).
    rewrite P. apply orb_true_iff in K. destruct K as [K|K].
    - intros i Hi. pose proof (upto_sound _ _ K i Hi) as E. cbv beta in E. apply andb_true_iff in E. destruct E as [W E].
      destruct (qval (comp (trees g) i) (qpoint c)) as [q|] eqn:Eq; [|discriminate]. apply between_sides_sound in E.
      unfold field. rewrite (rval_same (dim g) (vect c) (fun k => Q2R (qpoint c k))); auto.
      + rewrite (qval_sound _ _ _ Eq). exact E.
      + intros k _. symmetry. apply qpoint_value.
    - exact (proj2 (values_ok_sound ar _ _ _ _ K (vect c) (in_point_box _ c))). }
  destruct (rule g) as [A b|fs|cs] eqn:Eg.
  - intros i Hi. pose proof (upto_sound _ _ H i Hi) as E. cbv beta in E. apply between_sides_sound in E.
    rewrite linear_value_sound in E. unfold play. rewrite Eg. exact E.
  - apply Trees; auto; discriminate.
  - apply Trees; auto; discriminate. Qed.

(** ** The largest |x|_P^2 over a box, entry by entry: each product at the worst corner *)
Definition worst (p : Z) (s t : Z * Z) : Z :=
  Z.max (Z.max (p * (fst s * fst t)) (p * (fst s * snd t))) (Z.max (p * (snd s * fst t)) (p * (snd s * snd t))).
Definition zsum n (f : nat -> Z) : Z := fold_right (fun i s => f i + s)%Z 0%Z (seq 0 n).
Definition form_upper n (P : matrix) (V : box) : Z := zsum n (fun i => zsum n (fun j => worst (zentry P i j) (side V i) (side V j))).
Lemma zsum_value n f : IZR (zsum n f) = sum n (fun i => IZR (f i)).
Proof. unfold zsum. assert (G : forall m k, IZR (fold_right (fun i s => f i + s)%Z 0%Z (seq k m)) = sum m (fun i => IZR (f (k + i)%nat))).
  { induction m; intros k; simpl; auto. rewrite plus_IZR, IHm.
    change (sum m (fun i => IZR (f (k + i)%nat)) + IZR (f (k + m)%nat)) with (sum (S m) (fun i => IZR (f (k + i)%nat))).
    rewrite sum_S_l, Nat.add_0_r. f_equal. apply sum_ext; intros. rewrite Nat.add_succ_r. reflexivity. }
  rewrite G. reflexivity. Qed.
Lemma bilinear_max p a b c d x y : a <= x <= b -> c <= y <= d ->
  p * (x * y) <= Rmax (Rmax (p * (a * c)) (p * (a * d))) (Rmax (p * (b * c)) (p * (b * d))).
Proof. intros Hx Hy.
  assert (L : forall u v w s m, u <= s <= v -> w * u <= m -> w * v <= m -> w * s <= m).
  { intros u v w s m Hs H1 H2. destruct (Rle_dec 0 w) as [W|W].
    - eapply Rle_trans; [|exact H2]. apply Rmult_le_compat_l; lra.
    - eapply Rle_trans; [|exact H1]. assert ((- w) * u <= (- w) * s) by (apply Rmult_le_compat_l; lra). lra. }
  set (m := Rmax _ _). assert (M : p * (a * c) <= m /\ p * (a * d) <= m /\ p * (b * c) <= m /\ p * (b * d) <= m).
  { unfold m. pose proof (Rmax_l (p * (a * c)) (p * (a * d))) as R1. pose proof (Rmax_r (p * (a * c)) (p * (a * d))) as R2.
    pose proof (Rmax_l (p * (b * c)) (p * (b * d))) as R3. pose proof (Rmax_r (p * (b * c)) (p * (b * d))) as R4.
    revert R1 R2 R3 R4. generalize (Rmax (p * (a * c)) (p * (a * d))) as m1. generalize (Rmax (p * (b * c)) (p * (b * d))) as m2.
    intros m2 m1 R1 R2 R3 R4. pose proof (Rmax_l m1 m2). pose proof (Rmax_r m1 m2). repeat split; lra. }
  destruct M as [M1 [M2 [M3 M4]]]. replace (p * (x * y)) with ((p * y) * x) by ring. apply (L a b); auto.
  - replace (p * y * a) with ((p * a) * y) by ring. apply (L c d); auto; lra.
  - replace (p * y * b) with ((p * b) * y) by ring. apply (L c d); auto; lra. Qed.
Lemma IZR_max a b : IZR (Z.max a b) = Rmax (IZR a) (IZR b).
Proof. destruct (Z.max_spec a b) as [[H ->]|[H ->]].
  - rewrite Rmax_right; auto. apply IZR_le. lia.
  - rewrite Rmax_left; auto. apply IZR_le. lia. Qed.
Theorem form_upper_sound n P V x : in_box n V x ->
  form n (mat P) x x <= IZR (form_upper n P V) / (IZR (Zpos (mat_den P)) * IZR (Zpos (box_den V)) ^ 2).
Proof. intros Hx. pose proof (den_pos (mat_den P)) as Hp. pose proof (den_pos (box_den V)) as Hv.
  set (d := IZR (Zpos (mat_den P))) in *. set (b := IZR (Zpos (box_den V))) in *.
  assert (Hd : 0 < d * b ^ 2) by (apply Rmult_lt_0_compat; [auto|apply pow_lt; auto]).
  apply Rmult_le_reg_l with (d * b ^ 2); auto.
  replace (d * b ^ 2 * (IZR (form_upper n P V) / (d * b ^ 2))) with (IZR (form_upper n P V)) by (field; split; lra).
  unfold form_upper. rewrite form_sum, zsum_value, <- sum_scal. apply sum_le. intros i Hi.
  rewrite zsum_value, <- sum_scal. apply sum_le. intros j Hj.
  assert (S : forall k, (k < n)%nat -> IZR (fst (side V k)) <= b * x k <= IZR (snd (side V k))).
  { intros k Hk. specialize (Hx k Hk). unfold low, high in Hx. fold (side V k) in Hx. rewrite !rat_div in Hx. fold b in Hx.
    destruct Hx as [H1 H2]. apply (Rmult_le_compat_l b) in H1; [|lra]. apply (Rmult_le_compat_l b) in H2; [|lra].
    replace (b * (IZR (fst (side V k)) / b)) with (IZR (fst (side V k))) in H1 by (field; lra).
    replace (b * (IZR (snd (side V k)) / b)) with (IZR (snd (side V k))) in H2 by (field; lra). lra. }
  unfold worst. rewrite !IZR_max, !mult_IZR.
  replace (d * b ^ 2 * (mat P i j * (x i * x j))) with (IZR (zentry P i j) * ((b * x i) * (b * x j))).
  - apply bilinear_max; auto.
  - unfold mat. fold (zentry P i j). rewrite rat_div. fold d. field. lra. Qed.
