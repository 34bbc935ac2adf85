(** Two ways from finitely many matrices to a whole family: the corners of a hull for convex properties, centers and radii for
    definiteness. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Integers Definite.
Import ListNotations.
Open Scope R_scope.

(** How a test over all matrices of a hull is shown. [Corners]: one factor for each corner, in the order of [corners] below.
    [Radius]: positive integer scales s_i (1 where the list has ended) and one factor of the center matrix less the radii. *)
Inductive witness := Corners (fs : list factor) | Radius (scales : list Z) (f : factor).

(** ** Corners: entries in row-major order, the first varying entry changes slowest, the low end comes first *)
Fixpoint row_corners (r : list (Z * Z)) : list (list Z) :=
  match r with
  | [] => [[]]
  | (lo, hi) :: r' => let rest := row_corners r' in
      if (lo =? hi)%Z then map (cons lo) rest else map (cons lo) rest ++ map (cons hi) rest
  end.
Fixpoint all_corners (rows : list (list (Z * Z))) : list (list (list Z)) :=
  match rows with
  | [] => [[]]
  | r :: rows' => let rest := all_corners rows' in flat_map (fun k => map (cons k) rest) (row_corners r)
  end.
Definition corners n (H : hull) : list (list (list Z)) := all_corners (build n n (entry H)).

(** x at t of the way from a to b *)
Definition mix (a b t : R) := a + t * (b - a).
Definition inside (q : positive) (x : R) (e : Z * Z) := rat (fst e) q <= x <= rat (snd e) q.

Lemma inside_mix q x e : inside q x e -> fst e <> snd e -> exists t, 0 <= t <= 1 /\ x = mix (rat (fst e) q) (rat (snd e) q) t.
Proof. destruct e as [lo hi]. unfold inside, mix; simpl. rewrite !rat_div. intros [H1 H2] N.
  set (a := IZR lo / IZR (Zpos q)) in *. set (b := IZR hi / IZR (Zpos q)) in *.
  assert (L : a < b).
  { assert (a <> b). { unfold a, b. intros E. apply N, eq_IZR. pose proof (den_pos q).
      apply (f_equal (fun x => x * IZR (Zpos q))) in E. unfold Rdiv in E. rewrite !Rmult_assoc, Rinv_l in E by lra. lra. }
    lra. }
  exists ((x - a) / (b - a)). split; [split|].
  - apply Rmult_le_pos; [lra|]. apply Rlt_le, Rinv_0_lt_compat. lra.
  - apply Rmult_le_reg_r with (b - a); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
  - field. lra. Qed.

Lemma row_corners_sound q : forall r (G : list R -> Prop),
  (forall pre a b post t, 0 <= t <= 1 -> G (pre ++ a :: post) -> G (pre ++ b :: post) -> G (pre ++ mix a b t :: post)) ->
  (forall k, In k (row_corners r) -> G (map (fun z => rat z q) k)) ->
  forall x, Forall2 (inside q) x r -> G x.
Proof. induction r as [|[lo hi] r IH]; intros G Hm Hk x Hx; inversion Hx as [|a e x' r' Ha Hx']; subst.
  - apply (Hk []). left; reflexivity.
  - assert (Step : forall c, (forall k, In k (row_corners r) -> G (rat c q :: map (fun z => rat z q) k)) -> G (rat c q :: x')).
    { intros c Hc. apply (IH (fun y => G (rat c q :: y))); auto.
      intros pre a1 b1 post t. apply (Hm (rat c q :: pre)). }
    simpl in Hk. destruct (Z.eqb_spec lo hi) as [E|E].
    + subst hi. assert (Ea : a = rat lo q) by (destruct Ha; simpl in *; lra). rewrite Ea. apply Step.
      intros k Ik. apply (Hk (lo :: k)). apply in_map, Ik.
    + destruct (inside_mix q a (lo, hi) Ha E) as [t [Ht ->]]. simpl. apply (Hm []); auto; simpl; apply Step; intros k Ik.
      * apply (Hk (lo :: k)), in_or_app. left. apply in_map, Ik.
      * apply (Hk (hi :: k)), in_or_app. right. apply in_map, Ik. Qed.

Lemma all_corners_sound q : forall rows (G : list (list R) -> Prop),
  (forall above pre a b post below t, 0 <= t <= 1 -> G (above ++ (pre ++ a :: post) :: below) ->
     G (above ++ (pre ++ b :: post) :: below) -> G (above ++ (pre ++ mix a b t :: post) :: below)) ->
  (forall K, In K (all_corners rows) -> G (map (map (fun z => rat z q)) K)) ->
  forall X, Forall2 (Forall2 (inside q)) X rows -> G X.
Proof. induction rows as [|r rows IH]; intros G Hm HK X HX; inversion HX as [|x e X' rows' Hx HX']; subst.
  - apply (HK []). left; reflexivity.
  - apply (row_corners_sound q r (fun y => G (y :: X'))); auto.
    + intros pre a b post t. apply (Hm []).
    + intros k Ik. apply (IH (fun Y => G (map (fun z => rat z q) k :: Y))); auto.
      * intros above pre a b post below t. apply (Hm (map (fun z => rat z q) k :: above)).
      * intros K IK. apply (HK (k :: K)). simpl. apply in_flat_map. exists k. split; auto. apply in_map, IK. Qed.

Lemma nth_split_mix pre a b post t j : nth j (pre ++ mix a b t :: post) 0 =
  mix (nth j (pre ++ a :: post) 0) (nth j (pre ++ b :: post) 0) t.
Proof. revert j; induction pre as [|p pre IH]; intros [|j]; simpl; auto; unfold mix; ring. Qed.
Lemma nth_split_mix_rows above pre a b post below t i j :
  nth j (nth i (above ++ (pre ++ mix a b t :: post) :: below) []) 0 =
  mix (nth j (nth i (above ++ (pre ++ a :: post) :: below) []) 0) (nth j (nth i (above ++ (pre ++ b :: post) :: below) []) 0) t.
Proof. revert i; induction above as [|p above IH]; intros [|i]; simpl; auto.
  - apply nth_split_mix.
  - unfold mix; ring.
  - unfold mix; ring. Qed.

Lemma Forall2_map_seq (A B : Type) (P : A -> B -> Prop) (f : nat -> A) (g : nat -> B) n :
  (forall i, (i < n)%nat -> P (f i) (g i)) -> Forall2 P (map f (seq 0 n)) (map g (seq 0 n)).
Proof. intros H. enough (G : forall m s, (s + m <= n)%nat -> Forall2 P (map f (seq s m)) (map g (seq s m))) by (apply G; lia).
  induction m as [|m IH]; intros s Hs; simpl; constructor; [apply H; lia|apply IH; lia]. Qed.

(** A convex property of matrices that holds at every corner of a hull holds on the whole hull. *)
Theorem corners_sound n (H : hull) (G : (nat -> nat -> R) -> Prop) :
  (forall A B, (forall i j, (i < n)%nat -> (j < n)%nat -> A i j = B i j) -> G A -> G B) ->
  (forall A B t, 0 <= t <= 1 -> G A -> G B -> G (fun i j => mix (A i j) (B i j) t)) ->
  (forall K, In K (corners n H) -> G (fun i j => rat (zent K i j) (hull_den H))) ->
  forall A, in_hull n H A -> G A.
Proof. intros Hext Hmix HK A HA.
  apply (Hext (fun i j => nth j (nth i (build n n A) []) 0)).
  { intros i j Hi Hj. rewrite row_build, nth_map_seq by auto. reflexivity. }
  apply (all_corners_sound (hull_den H) (build n n (entry H)) (fun L => G (fun i j => nth j (nth i L []) 0))).
  - intros above pre a b post below t Ht Ga Gb. eapply Hext; [|apply (Hmix _ _ t Ht Ga Gb)].
    intros i j _ _. symmetry. apply nth_split_mix_rows.
  - intros K IK. eapply Hext; [|apply (HK K IK)]. intros i j _ _. unfold zent.
    rewrite <- (map_nth (fun z => rat z (hull_den H))), <- (map_nth (map (fun z => rat z (hull_den H)))).
    replace (rat 0 (hull_den H)) with 0 by (rewrite rat_div; unfold Rdiv; ring). reflexivity.
  - apply Forall2_map_seq; intros i Hi. apply Forall2_map_seq; intros j Hj. apply HA; auto. Qed.

(** one witness for each case *)
Fixpoint each {E W : Type} (check : E -> W -> bool) (l : list E) (ws : list W) : bool :=
  match l, ws with
  | [], [] => true
  | x :: l', w :: ws' => check x w && each check l' ws'
  | _, _ => false
  end.
Lemma each_sound (E W : Type) (check : E -> W -> bool) l ws : each check l ws = true ->
  forall x, In x l -> exists w, check x w = true.
Proof. revert ws; induction l as [|y l IH]; intros [|w ws] H x Hx; simpl in *; try discriminate; [contradiction|].
  apply andb_true_iff in H. destruct H as [H1 H2]. destruct Hx as [->|Hx]; [exists w; auto|]. apply (IH ws); auto. Qed.

(** ** Radius *)
(** 2 Y_ij |v_i v_j| <= Y_ij (v_i^2 + v_j^2), after the change of variables v_i = s_i u_i that sharpens it. *)
Lemma radius_psd n X Y B s : (forall i, (i < n)%nat -> 0 < s i) ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> Rabs (2 * B i j - X i j) <= Y i j) ->
  psd n (fun i j => 2 * (s i * s j * X i j) - if Nat.eqb i j then s i * sum n (fun k => s k * (Y i k + Y k i)) else 0) ->
  psd n B.
Proof. intros Hs Hn Hp v. set (u := fun i => v i / s i).
  assert (Ev : forall i, (i < n)%nat -> v i = s i * u i) by (intros i Hi; unfold u; specialize (Hs i Hi); field; lra).
  specialize (Hp u). rewrite form_minus in Hp.
  set (T := fun i j => s i * s j * Y i j).
  assert (E : form n (fun i j => if Nat.eqb i j then s i * sum n (fun k => s k * (Y i k + Y k i)) else 0) u u
     = sum n (fun i => sum n (fun j => T i j * (u i * u i) + T i j * (u j * u j)))).
  { transitivity (sum n (fun i => sum n (fun k => T i k + T k i) * (u i * u i))).
    - unfold form, dot, mv. apply sum_ext; intros i Hi.
      rewrite (sum_ext n _ (fun j => (if Nat.eqb j i then 1 else 0) * (s i * sum n (fun k => s k * (Y i k + Y k i)) * u j))).
      + rewrite sum_delta by auto.
        rewrite (sum_ext n (fun k => T i k + T k i) (fun k => s i * (s k * (Y i k + Y k i)))) by (intros; unfold T; ring).
        rewrite sum_scal. ring.
      + intros j Hj. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); ring.
    - rewrite (sum_ext n (fun i => sum n (fun j => T i j * (u i * u i) + T i j * (u j * u j)))
        (fun i => sum n (fun j => T i j) * (u i * u i) + sum n (fun j => T i j * (u j * u j))))
        by (intros i Hi; rewrite sum_plus, sum_scal_r; reflexivity).
      rewrite sum_plus, (sum_swap n n (fun i j => T i j * (u j * u j))), <- sum_plus. apply sum_ext; intros i Hi.
      rewrite sum_plus, sum_scal_r. change (sum n (T i)) with (sum n (fun j => T i j)). ring. }
  rewrite E, form_scal in Hp. clear E.
  assert (L : 2 * form n (fun i j => s i * s j * X i j) u u
     - sum n (fun i => sum n (fun j => T i j * (u i * u i) + T i j * (u j * u j))) <= 4 * form n B v v).
  { rewrite !form_sum, <- !sum_scal, <- sum_minus. apply sum_le; intros i Hi.
    rewrite <- !sum_scal, <- sum_minus. apply sum_le; intros j Hj. rewrite (Ev i Hi), (Ev j Hj). unfold T.
    specialize (Hn i j Hi Hj). pose proof (Hs i Hi) as Hsi. pose proof (Hs j Hj) as Hsj.
    assert (Hss : 0 < s i * s j) by (apply Rmult_lt_0_compat; auto).
    assert (K : - (Y i j * (u i * u i + u j * u j)) <= 2 * ((2 * B i j - X i j) * (u i * u j))).
    { assert (P1 : 0 <= (u i + u j) ^ 2) by apply pow2_ge_0. assert (P2 : 0 <= (u i - u j) ^ 2) by apply pow2_ge_0.
      set (D := 2 * B i j - X i j) in *. assert (Hd : - Y i j <= D <= Y i j) by (unfold Rabs in Hn; destruct (Rcase_abs D); lra).
      pose proof (Rmult_le_pos (Y i j - D) _ ltac:(lra) P2) as Q2. pose proof (Rmult_le_pos (Y i j + D) _ ltac:(lra) P1) as Q1. lra. }
    apply Rmult_le_compat_l with (r := s i * s j) in K; lra. }
  lra. Qed.
