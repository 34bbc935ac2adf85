(** Claims about small games in plain words of the reals: sums, squared distances, fields and steps written out coordinate by coordinate.
    Each word below computes to a formula without any notion of the theory, and is proved equal to the theory's own. *)
Require Import Reals Lra Lia List ZArith Bool QArith Qreals.
From EpsDelta Require Import Sums Field Expressions Monotone Step Projection Banach Convergence Definite Enclosure Game GameChecks MetricClaims.
Import ListNotations.
Open Scope R_scope.

(** ** Numbers, and sums where zeros, ones and signs are written as one would by hand *)
Definition value (c : Q) : R := let s := Qred c in rat (Qnum s) (Qden s).
Lemma value_Q2R c : value c = Q2R c.
Proof. unfold value. rewrite <- Q2R_rat. destruct (Qred c) as [p q] eqn:E. change (Q2R (p # q) = Q2R c). rewrite <- E. apply Qeq_eqR, Qred_correct. Qed.
Lemma value_rat p q : value (p # q) = rat p q.
Proof. rewrite value_Q2R. apply Q2R_rat. Qed.
Definition scaled (c : Q) (r : R) : R := let s := Qred c in if Z.eqb (Qnum s) (Zpos (Qden s)) then r else rat (Qnum s) (Qden s) * r.
Lemma scaled_value c r : scaled c r = Q2R c * r.
Proof. unfold scaled. destruct (Z.eqb_spec (Qnum (Qred c)) (Zpos (Qden (Qred c)))) as [E|_]; rewrite <- value_Q2R; unfold value; [|reflexivity].
  rewrite E, rat_div. unfold Rdiv. rewrite Rinv_r by (apply not_0_IZR; discriminate). rewrite Rmult_1_l. reflexivity. Qed.
Lemma null_Q2R c : (Qnum c =? 0)%Z = true -> Q2R c = 0.
Proof. rewrite Z.eqb_eq. unfold Q2R. intros ->. ring. Qed.
(** r + c *)
Definition plus_constant (r : R) (c : Q) : R := if Z.eqb (Qnum c) 0 then r else if Z.ltb (Qnum c) 0 then r - value (- c) else r + value c.
Lemma plus_constant_value r c : plus_constant r c = r + Q2R c.
Proof. unfold plus_constant. destruct (Qnum c =? 0)%Z eqn:E; [rewrite (null_Q2R c E); ring|]. destruct (Qnum c <? 0)%Z; rewrite value_Q2R; [rewrite
  Q2R_opp|]; ring. Qed.
(** sum of c * r over a list of terms (c, r) *)
Fixpoint more (acc : R) (l : list (Q * R)) : R := match l with [] => acc | (c, r) :: l =>
  more (if Z.eqb (Qnum c) 0 then acc else if Z.ltb (Qnum c) 0 then acc - scaled (- c) r else acc + scaled c r) l end.
Fixpoint total (l : list (Q * R)) : R := match l with [] => 0 | (c, r) :: l => if Z.eqb (Qnum c) 0 then total l else more (scaled c r) l end.
Fixpoint weigh (l : list (Q * R)) : R := match l with [] => 0 | (c, r) :: l => Q2R c * r + weigh l end.
Lemma more_value l : forall acc, more acc l = acc + weigh l.
Proof. induction l as [|[c r] l IH]; intros acc; cbn [more weigh]; [ring|]. rewrite IH.
  destruct (Qnum c =? 0)%Z eqn:E; [rewrite (null_Q2R c E); ring|]. destruct (Qnum c <? 0)%Z; rewrite scaled_value; [rewrite Q2R_opp|]; ring. Qed.
Lemma total_value l : total l = weigh l.
Proof. induction l as [|[c r] l IH]; cbn [total weigh]; [reflexivity|]. destruct (Qnum c =? 0)%Z eqn:E; [rewrite (null_Q2R c E), IH; ring|].
  rewrite more_value, scaled_value. reflexivity. Qed.

(** ** Quadratic and bilinear forms in at most three coordinates *)
(** sum_ij c_ij u_i u_j: squares, and mixed products once *)
Definition norm_words n (c : nat -> nat -> Q) (u : vec) : R := total (flat_map (fun i =>
  (c i i, u i ^ 2) :: map (fun j => ((c i j + c j i)%Q, u i * u j)) (seq (S i) (n - S i))) (seq 0 n)).
(** sum_ij c_ij u_i v_j *)
Definition pairing_words n (c : nat -> nat -> Q) (u v : vec) : R := total (flat_map (fun i => map (fun j => (c i j, u i * v j)) (seq 0 n)) (seq 0 n)).
Ltac small n Hn := destruct n as [|[|[|[|n]]]]; [ | | | |exfalso; lia].
Lemma norm_words_form n c u : (n <= 3)%nat -> norm_words n c u = form n (fun i j => Q2R (c i j)) u u.
Proof. intros Hn. unfold norm_words. rewrite total_value. small n Hn; unfold form, dot, mv; cbn [seq flat_map map app weigh Nat.sub sum];
  rewrite ?Q2R_plus; ring. Qed.
Lemma pairing_words_form n c u v : (n <= 3)%nat -> pairing_words n c u v = form n (fun i j => Q2R (c i j)) u v.
Proof. intros Hn. unfold pairing_words. rewrite total_value. small n Hn; unfold form, dot, mv; cbn [seq flat_map map app weigh Nat.sub sum]; ring. Qed.
(** the integers of a metric: a positive multiple of it *)
Definition entries_of (P : matrix) i j : Q := inject_Z (zentry P i j).
Lemma entries_form n P u v : form n (fun i j => Q2R (entries_of P i j)) u v = IZR (Zpos (mat_den P)) * form n (mat P) u v.
Proof. rewrite <- form_scal. apply form_ext. intros i j _ _. unfold entries_of, inject_Z, mat. fold (zentry P i j). rewrite rat_div. unfold Q2R. cbn [Qnum
  Qden].
  pose proof (den_pos (mat_den P)). field. lra. Qed.

(** ** Lists of propositions *)
Fixpoint given (hs : list Prop) (C : Prop) : Prop := match hs with [] => C | h :: hs => h -> given hs C end.
Fixpoint all (hs : list Prop) : Prop := match hs with [] => True | [h] => h | h :: hs => h /\ all hs end.
Fixpoint some_of (hs : list Prop) : Prop := match hs with [] => False | [h] => h | h :: hs => h \/ some_of hs end.
Fixpoint both (hs : list Prop) (C : Prop) : Prop := match hs with [] => C | h :: hs => h /\ both hs C end.
Lemma all_in (hs : list Prop) : all hs <-> forall h : Prop, In h hs -> h.
Proof. induction hs as [|h [|k hs] IH].
  - split; [intros _ h []|exact (fun _ => I)].
  - split; [intros H k [<-|[]]; exact H|intros H; apply H; left; auto].
  - split; [intros [H1 H2] l [<-|Hl]; [exact H1|exact (proj1 IH H2 l Hl)]|].
    intros H. split; [apply H; left; auto|]. apply IH. intros l Hl. apply H. right. exact Hl. Qed.
Lemma given_in (hs : list Prop) (C : Prop) : ((forall h : Prop, In h hs -> h) -> C) -> given hs C.
Proof. induction hs as [|h hs IH]; simpl; intros H; [apply H; intros h []|]. intros Hh. apply IH. intros K. apply H. intros k [<-|Hk]; [exact Hh|exact (K k
  Hk)]. Qed.
Lemma given_out (hs : list Prop) (C : Prop) : given hs C -> (forall h : Prop, In h hs -> h) -> C.
Proof. induction hs as [|h hs IH]; simpl; intros H K; [exact H|]. apply IH; [apply H, K; left; reflexivity|intros k Hk; apply K; right; exact Hk]. Qed.
Lemma some_of_in (hs : list Prop) : some_of hs -> exists h : Prop, In h hs /\ h.
Proof. induction hs as [|h [|k hs] IH]; [intros []|exists h; simpl; auto|]. intros [H|H]; [exists h; simpl; auto|].
  destruct (IH H) as [l [Hl H']]. exists l. split; [right; exact Hl|exact H']. Qed.
Lemma both_in (hs : list Prop) (C : Prop) : (forall h : Prop, In h hs -> h) -> C -> both hs C.
Proof. induction hs as [|h hs IH]; simpl; intros H HC; [exact HC|]. split; [apply H; left; reflexivity|apply IH; [intros k Hk; apply H; right; exact Hk|exact
  HC]]. Qed.
Lemma in_upto n (f : nat -> Prop) : (forall h : Prop, In h (map f (seq 0 n)) -> h) <-> forall i, (i < n)%nat -> f i.
Proof. split.
  - intros H i Hi. apply H, in_map, in_seq. lia.
  - intros H h Hh. apply in_map_iff in Hh. destruct Hh as [i [<- Hi]]. apply H. apply in_seq in Hi. lia. Qed.
Lemma in_two (l m : list Prop) : (forall h : Prop, In h (l ++ m) -> h) <-> (forall h : Prop, In h l -> h) /\ (forall h : Prop, In h m -> h).
Proof. split; [intros H; split; intros h Hh; apply H, in_or_app; auto|intros [H K] h Hh; apply in_app_or in Hh; destruct Hh as [Hh|Hh]; [exact (H h Hh)|exact
  (K h Hh)]]. Qed.
Lemma in_one (h : Prop) : (forall k : Prop, In k [h] -> k) <-> h.
Proof. split; [intros H; apply H; left; auto|intros H k [<-|[]]; exact H]. Qed.

(** ** Points by their coordinates *)
Definition point (l : list R) : vec := fun i => nth i l 0.
Definition over n (Q : vec -> Prop) : Prop := match n with
  | 1%nat => forall a, Q (point [a]) | 2%nat => forall a b, Q (point [a; b]) | 3%nat => forall a b c, Q (point [a; b; c]) | _ => forall x, Q x end.
Definition some n (Q : vec -> Prop) : Prop := match n with
  | 1%nat => exists a, Q (point [a]) | 2%nat => exists a b, Q (point [a; b]) | 3%nat => exists a b c, Q (point [a; b; c]) | _ => exists x, Q x end.
Definition sequences n (Q : (nat -> vec) -> Prop) : Prop := match n with
  | 1%nat => forall a : nat -> R, Q (fun k => point [a k]) | 2%nat => forall a b : nat -> R, Q (fun k => point [a k; b k])
  | 3%nat => forall a b c : nat -> R, Q (fun k => point [a k; b k; c k]) | _ => forall s, Q s end.
Lemma over_all n (Q : vec -> Prop) : (forall x, Q x) -> over n Q.
Proof. intros H. destruct n as [|[|[|[|n]]]]; simpl; intros; apply H. Qed.
Lemma sequences_all n (Q : (nat -> vec) -> Prop) : (forall s, Q s) -> sequences n Q.
Proof. intros H. destruct n as [|[|[|[|n]]]]; simpl; intros; apply H. Qed.
Lemma written n (x : vec) : exists y, same n x y /\ (forall Q : vec -> Prop, Q y -> some n Q) /\ forall Q : vec -> Prop, over n Q -> Q y.
Proof. destruct n as [|[|[|[|n]]]].
  - exists x. split; [intros i _; reflexivity|]. split; [intros Q H; exists x; exact H|intros Q H; apply H].
  - exists (point [x O]). split; [intros i Hi; destruct i as [|i]; [reflexivity|lia]|]. split; [intros Q H; exists (x O); exact H|intros Q H; apply H].
  - exists (point [x O; x 1%nat]). split; [intros i Hi; destruct i as [|[|i]]; [reflexivity|reflexivity|lia]|].
    split; [intros Q H; exists (x O), (x 1%nat); exact H|intros Q H; apply H].
  - exists (point [x O; x 1%nat; x 2%nat]). split; [intros i Hi; destruct i as [|[|[|i]]]; [reflexivity|reflexivity|reflexivity|lia]|].
    split; [intros Q H; exists (x O), (x 1%nat), (x 2%nat); exact H|intros Q H; apply H].
  - exists x. split; [intros i _; reflexivity|]. split; [intros Q H; exists x; exact H|intros Q H; apply H]. Qed.

(** ** Regions, fields and steps of a game *)
Definition side_words (b : box) n (x : vec) : list Prop :=
  map (fun i => value (fst (side b i) # box_den b) <= x i <= value (snd (side b i) # box_den b)) (seq 0 n).
Lemma side_words_box b n x : (forall h : Prop, In h (side_words b n x) -> h) <-> in_box n b x.
Proof. unfold side_words. rewrite in_upto. unfold in_box, low, high. fold (side b).
  split; intros H i Hi; specialize (H i Hi); [rewrite !value_rat in H|rewrite !value_rat]; exact H. Qed.
Definition domain_words (g : game) (x : vec) : list Prop := match limits g with Some b => side_words b (dim g) x | None => [] end.
Lemma domain_words_domain g x : (forall h : Prop, In h (domain_words g x) -> h) <-> domain g x.
Proof. unfold domain_words, domain. destruct (limits g); [apply side_words_box|]. split; [intros _; exact I|intros _ h []]. Qed.

(** F_i(x): the user's expression, or its derivative; a row of a linear field *)
Definition field_words (g : game) (x : vec) (i : nat) : R := match rule g with
  | Linear A b => plus_constant (total (map (fun j => (nth j (nth i (mat_rows A) []) 0%Z # mat_den A, x j)) (seq 0 (dim g))))
      (nth i (vec_entries b) 0%Z # vec_den b)
  | _ => play g x i end.
Definition small_game (g : game) : bool := Nat.leb (dim g) 3.
Lemma field_words_play g x i : small_game g = true -> field_words g x i = play g x i.
Proof. unfold small_game. rewrite Nat.leb_le. intros Hn. unfold field_words, play. destruct (rule g) as [A b| |]; try reflexivity.
  rewrite plus_constant_value, total_value. unfold vect. rewrite <- Q2R_rat. f_equal. unfold mat. destruct (dim g) as [|[|[|[|n]]]]; [ | | | |exfalso; lia];
    cbn [seq map weigh sum]; rewrite <- ?Q2R_rat; ring. Qed.
Definition zero_words (g : game) (x : vec) : list Prop := map (fun i => field_words g x i = 0) (seq 0 (dim g)).
Lemma zero_words_zero g x : small_game g = true -> (forall h : Prop, In h (zero_words g x) -> h) <-> zero (dim g) (play g) x.
Proof. intros Hn. unfold zero_words. rewrite in_upto. unfold zero. split; intros H i Hi; specialize (H i Hi); [rewrite <- field_words_play by auto|
  rewrite field_words_play by auto]; exact H. Qed.
Definition equal_words n (x y : vec) : list Prop := map (fun i => x i = y i) (seq 0 n).

(** one step of gradient play; a clamp for players who choose in their part of the box *)
Definition kinds (ps : list player) : list constraint := flat_map (fun p => repeat (kind p) (size p)) ps.
Definition next (g : game) (h : nat -> Q) (x : vec) (i : nat) : R := let s := x i - scaled (h i) (field_words g x i) in
  match nth i (kinds (players g)) Free with
  | InBox => let b := strategy_box g in Rmax (value (fst (side b i) # box_den b)) (Rmin (value (snd (side b i) # box_den b)) s)
  | _ => s end.
Definition clamped (g : game) : bool := small_game g && forallb (fun p => match kind p with Simplex _ _ => false | _ => true end) (players g).
Definition clamp (g : game) : vec -> vec := project (players g) (strategy_box g).
Lemma clamped_kinds g : clamped g = true -> forall o p, In (o, p) (placed 0 (players g)) -> kind p = Free \/ kind p = InBox.
Proof. unfold clamped. rewrite andb_true_iff, forallb_forall. intros [_ H] o p Hp. specialize (H p (placed_in _ _ _ _ Hp)). destruct (kind p); auto.
  discriminate. Qed.
Lemma clamp_projects_game g : clamped g = true -> projection_of g (clamp g).
Proof. intros H. apply clamp_projects, clamped_kinds, H. Qed.
Lemma kinds_at ps : forall o o' p k, In (o', p) (placed o ps) -> (k < size p)%nat -> nth (o' + k - o) (kinds ps) Free = kind p.
Proof. induction ps as [|q ps IH]; intros o o' p k H Hk; [destruct H|]. unfold kinds; cbn [flat_map]; fold (kinds ps). destruct H as [H|H].
  - injection H as -> ->. rewrite app_nth1 by (rewrite repeat_length; lia). replace (o' + k - o')%nat with k by lia. rewrite (nth_indep _ _ (kind p)) by
    (rewrite repeat_length; auto). apply nth_repeat.
  - pose proof (placed_range ps _ _ _ H). rewrite app_nth2 by (rewrite repeat_length; lia). rewrite repeat_length.
    rewrite <- (IH _ _ _ _ H Hk). f_equal. lia. Qed.
Lemma next_clamp g h x i : clamped g = true -> (i < dim g)%nat -> next g h x i = clamp g (fun k => x k - Q2R (h k) * play g x k) i.
Proof. intros H Hi. pose proof H as Hs. unfold clamped in Hs. apply andb_true_iff in Hs. destruct Hs as [Hs _].
  destruct (placed_covers (players g) 0 i Hi) as [o [p [k [Hp [Hk E]]]]]. simpl in E. pose proof (kinds_at _ _ _ _ _ Hp Hk) as K. rewrite Nat.sub_0_r in K.
    subst i.
  unfold next, clamp, project. rewrite (project_at _ _ _ _ _ _ _ Hp Hk), K, scaled_value, field_words_play by auto. unfold move.
  destruct (clamped_kinds g H o p Hp) as [-> | ->]; [reflexivity|]. unfold low, high. fold (side (strategy_box g) (o + k)). rewrite !value_rat. reflexivity.
    Qed.
Lemma next_same g h : clamped g = true -> extensional (dim g) (play g) -> extensional (dim g) (next g h).
Proof. intros H HF x y E i Hi. pose proof H as Hs. unfold clamped in Hs. apply andb_true_iff in Hs. destruct Hs as [Hs _].
  unfold next. rewrite !field_words_play, (HF x y E i Hi), (E i Hi) by auto. reflexivity. Qed.
Lemma clamped_small g : clamped g = true -> (dim g <= 3)%nat /\ small_game g = true.
Proof. unfold clamped. rewrite andb_true_iff. intros [H _]. split; auto. apply Nat.leb_le, H. Qed.

(** ** Where the user's expressions are defined, and of which costs the field is the derivative *)
Definition is_constant (e : expr) : bool := match e with Cst _ _ => true | _ => false end.
Fixpoint conditions (e : expr) (x : vec) : list Prop := match e with
  | Cst _ _ | Var _ => []
  | Add a b | Sub a b | Mul a b => conditions a x ++ conditions b x
  | Div a b => conditions a x ++ conditions b x ++ if is_constant b then [] else [rval b x <> 0]
  | Log a | Sqrt a => conditions a x ++ [0 < rval a x]
  | Opp a | Pow a _ | Exp a | Sin a | Cos a | Tanh a | Logistic a | Softplus a => conditions a x end.
Lemma conditions_good e x : good e x -> forall h : Prop, In h (conditions e x) -> h.
Proof. induction e; cbn [good conditions]; intros G h Hh; repeat match goal with
  | H : In _ (_ ++ _) |- _ => apply in_app_or in H; destruct H as [H|H] | H : In _ (if ?b then _ else _) |- _ => destruct b
  | H : In _ [] |- _ => destruct H | H : In _ [_] |- _ => destruct H as [<-|[]] | H : _ /\ _ |- _ => destruct H end; try assumption;
  match goal with IH : good ?a x -> _, Ga : good ?a x, Ha : In ?h (conditions ?a x) |- ?h => exact (IH Ga h Ha) end. Qed.
Definition cost_words (g : game) (x : vec) : list Prop := match rule g with
  | Costs cs => map (fun i => derivable_pt_lim (fun s => rval (cost_of (owners 0 (players g)) cs i) (replace x i s)) (x i) (field_words g x i)) (seq 0 (dim g))
  | _ => [] end.
(** On the region the user's expressions are defined, and a field given by costs consists of their partial derivatives. *)
Theorem plain_field g : small_game g = true -> well_posed g ->
  over (dim g) (fun x => given (domain_words g x) (all (flat_map (fun e => conditions e x) (user_trees g) ++ cost_words g x))).
Proof. intros Hn W. apply over_all. intros x. apply given_in. rewrite domain_words_domain. intros Hx. destruct (W x Hx) as [G D].
  apply all_in, in_two. split.
  - intros h Hh. apply in_flat_map in Hh. destruct Hh as [e [He Hh]]. exact (conditions_good e x (G e He) h Hh).
  - unfold cost_words. destruct (rule g) as [A b|fs|cs] eqn:E; [intros h []|intros h []|]. apply in_upto. intros i Hi. rewrite field_words_play by auto.
    apply D, Hi. Qed.
