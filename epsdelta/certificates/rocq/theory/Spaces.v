(** Real inner-product spaces as a structure, with Cauchy-Schwarz and the triangle inequality. [n2 u] is the squared norm. *)
Require Import Reals Lra Lia Psatz.
From EpsDelta Require Import Sums.
Open Scope R_scope.

(** The form need only be nonnegative: every statement that follows holds for seminorms too. *)
Record space := Space {
  carrier :> Type;
  vadd : carrier -> carrier -> carrier; vscal : R -> carrier -> carrier; ip : carrier -> carrier -> R;
  ip_sym : forall u v, ip u v = ip v u;
  ip_add : forall u v w, ip (vadd u v) w = ip u w + ip v w;
  ip_scal : forall a u v, ip (vscal a u) v = a * ip u v;
  ip_pos : forall u, 0 <= ip u u }.
Arguments vadd {_}. Arguments vscal {_}. Arguments ip {_}.
Definition vsub {E : space} (u v : E) : E := vadd u (vscal (-1) v).
Definition n2 {E : space} (u : E) := ip u u.
Definition norm {E : space} (u : E) := sqrt (n2 u).

Section Basics.
Variable E : space.
Implicit Types u v w x y z : E.
Lemma ip_add_r u v w : ip w (vadd u v) = ip w u + ip w v.
Proof. rewrite ip_sym, ip_add, (ip_sym _ u), (ip_sym _ v). reflexivity. Qed.
Lemma ip_scal_r a u v : ip v (vscal a u) = a * ip v u.
Proof. rewrite ip_sym, ip_scal, (ip_sym _ u). reflexivity. Qed.
Lemma ip_sub_l u v w : ip (vsub u v) w = ip u w - ip v w.
Proof. unfold vsub. rewrite ip_add, ip_scal. ring. Qed.
Lemma ip_sub_r u v w : ip w (vsub u v) = ip w u - ip w v.
Proof. unfold vsub. rewrite ip_add_r, ip_scal_r. ring. Qed.
Lemma n2_pos u : 0 <= n2 u.
Proof. apply ip_pos. Qed.
Lemma n2_add u v : n2 (vadd u v) = n2 u + 2 * ip u v + n2 v.
Proof. unfold n2. rewrite !ip_add, !ip_add_r, (ip_sym _ v u). ring. Qed.
Lemma n2_sub u v : n2 (vsub u v) = n2 u - 2 * ip u v + n2 v.
Proof. unfold n2. rewrite !ip_sub_l, !ip_sub_r, (ip_sym _ v u). ring. Qed.
Lemma n2_scal a u : n2 (vscal a u) = a^2 * n2 u.
Proof. unfold n2. rewrite ip_scal, ip_scal_r. ring. Qed.
Lemma n2_sub_sym u v : n2 (vsub u v) = n2 (vsub v u).
Proof. rewrite !n2_sub, (ip_sym _ v u). ring. Qed.

(** Cauchy-Schwarz, from |n2 v u - <u,v> v|^2 >= 0 and, where n2 v = 0, from |u - t v|^2 >= 0 for every t *)
Lemma cauchy_schwarz_sq u v : (ip u v)^2 <= n2 u * n2 v.
Proof.
  pose proof (n2_pos u) as Hu. pose proof (n2_pos v) as Hv.
  assert (H : forall t, 0 <= n2 u - 2 * t * ip u v + t^2 * n2 v).
  { intros t. pose proof (n2_pos (vsub u (vscal t v))) as H. rewrite n2_sub, n2_scal, ip_scal_r in H. lra. }
  destruct (Req_dec (n2 v) 0) as [Z|Z].
  - rewrite Z in *. destruct (Req_dec (ip u v) 0) as [->|N]; [lra|].
    specialize (H ((n2 u + 1) / (2 * ip u v))).
    replace (2 * ((n2 u + 1) / (2 * ip u v)) * ip u v) with (n2 u + 1) in H by (field; auto). lra.
  - specialize (H (ip u v / n2 v)).
    apply Rmult_le_compat_l with (r := n2 v) in H; auto.
    replace (n2 v * (n2 u - 2 * (ip u v / n2 v) * ip u v + (ip u v / n2 v)^2 * n2 v))
      with (n2 u * n2 v - (ip u v)^2) in H by (field; auto). lra. Qed.
Lemma norm_pos u : 0 <= norm u.
Proof. apply sqrt_pos. Qed.
Lemma norm_sq u : norm u ^ 2 = n2 u.
Proof. unfold norm. rewrite pow2_sqrt; auto. apply n2_pos. Qed.
Lemma cauchy_schwarz u v : ip u v <= norm u * norm v.
Proof. pose proof (cauchy_schwarz_sq u v) as H. rewrite <- !norm_sq in H.
  pose proof (norm_pos u). pose proof (norm_pos v).
  assert (0 <= norm u * norm v) by (apply Rmult_le_pos; auto). apply Rnot_lt_le; intros C. nra. Qed.
Lemma norm_triangle u v : norm (vadd u v) <= norm u + norm v.
Proof. pose proof (norm_pos u). pose proof (norm_pos v). pose proof (norm_pos (vadd u v)).
  pose proof (cauchy_schwarz u v). pose proof (norm_sq (vadd u v)) as H3. rewrite n2_add, <- !norm_sq in H3.
  apply Rnot_lt_le; intros C. nra. Qed.
(** 2 <u,v> <= a |u|^2 + |v|^2 / a *)
Lemma young a u v : 0 < a -> 2 * ip u v <= a * n2 u + n2 v / a.
Proof. intros Ha. pose proof (n2_pos (vsub (vscal a u) v)) as H. rewrite n2_sub, n2_scal, ip_scal in H.
  apply Rmult_le_reg_l with a; auto. replace (a * (a * n2 u + n2 v / a)) with (a^2 * n2 u + n2 v) by (field; lra). lra. Qed.
End Basics.

(** Expands every inner product of sums, differences and multiples; finish with symmetry rewrites and [ring] or [nra]. *)
Ltac ips := unfold n2; repeat rewrite ?ip_sub_l, ?ip_sub_r, ?ip_add, ?ip_add_r, ?ip_scal, ?ip_scal_r.

Section Operators.
Variable E : space.
Definition monotone (X : E -> Prop) (F : E -> E) := forall x y, X x -> X y -> 0 <= ip (vsub (F x) (F y)) (vsub x y).
Definition strongly_monotone (X : E -> Prop) (F : E -> E) a :=
  forall x y, X x -> X y -> a * n2 (vsub x y) <= ip (vsub (F x) (F y)) (vsub x y).
Definition lipschitz (X : E -> Prop) (F : E -> E) L :=
  forall x y, X x -> X y -> n2 (vsub (F x) (F y)) <= L^2 * n2 (vsub x y).
Definition euler (F : E -> E) h x : E := vsub x (vscal h (F x)).
Definition everywhere (x : E) := True.

(** |x - hF(x) - (y - hF(y))|^2 <= (1 - 2ah + L^2h^2) |x-y|^2 *)
Theorem euler_contracts X F a L h : 0 <= h -> strongly_monotone X F a -> lipschitz X F L ->
  forall x y, X x -> X y ->
  n2 (vsub (euler F h x) (euler F h y)) <= (1 - 2*a*h + L^2*h^2) * n2 (vsub x y).
Proof. intros Hh Hm HL x y Hx Hy. specialize (Hm x y Hx Hy). specialize (HL x y Hx Hy).
  assert (H : n2 (vsub (euler F h x) (euler F h y)) =
     n2 (vsub x y) - 2*h* ip (vsub (F x) (F y)) (vsub x y) + h^2 * n2 (vsub (F x) (F y))).
  { unfold euler. ips. rewrite (ip_sym E x (F x)), (ip_sym E x (F y)), (ip_sym E y (F x)), (ip_sym E y (F y)),
      (ip_sym E y x), (ip_sym E (F y) (F x)). ring. }
  rewrite H. nra. Qed.

Fixpoint iter (T : E -> E) k x := match k with O => x | S k => T (iter T k x) end.
Theorem iter_contracts X T q : 0 <= q ->
  (forall x, X x -> X (T x)) ->
  (forall x y, X x -> X y -> n2 (vsub (T x) (T y)) <= q * n2 (vsub x y)) ->
  forall k x y, X x -> X y -> n2 (vsub (iter T k x) (iter T k y)) <= q^k * n2 (vsub x y).
Proof. intros Hq HX HT k x y Hx Hy.
  assert (Hi : forall j z, X z -> X (iter T j z)) by (induction j; simpl; auto).
  induction k; simpl; [lra|].
  eapply Rle_trans; [apply HT; auto|]. rewrite Rmult_assoc. apply Rmult_le_compat_l; auto. Qed.
End Operators.
Arguments monotone {_}. Arguments strongly_monotone {_}. Arguments lipschitz {_}. Arguments euler {_}. Arguments everywhere {_}.
Arguments iter {_}.

(** R^n with <u,v>_P for a symmetric positive semidefinite P *)
Section Concrete.
Variables (n : nat) (P : nat -> nat -> R).
Hypotheses (Psym : forall i j, (i < n)%nat -> (j < n)%nat -> P i j = P j i) (Ppsd : psd n P).
Definition weighted_space : space.
refine {| carrier := nat -> R; vadd u v := fun i => u i + v i; vscal a u := fun i => a * u i; ip := form n P |}.
- intros; apply form_sym; auto.
- intros u v w. rewrite !form_sum, <- sum_plus. apply sum_ext; intros. rewrite <- sum_plus. apply sum_ext; intros; ring.
- intros a u v. rewrite !form_sum, <- sum_scal. apply sum_ext; intros. rewrite <- sum_scal. apply sum_ext; intros; ring.
- exact Ppsd.
Defined.
End Concrete.
