(** Small checks on a game's data: the metric respects the constraints, play cannot leave the region, strategies exist, steps are per player. *)
Require Import Reals Lra Lia List ZArith Bool.
From EpsDelta Require Import Sums Field Projection Convergence Definite.
Import ListNotations.
Open Scope R_scope.

Definition upto (n : nat) (f : nat -> bool) : bool := forallb f (seq 0 n).
Lemma upto_sound n f : upto n f = true -> forall i, (i < n)%nat -> f i = true.
Proof. unfold upto. rewrite forallb_forall. intros H i Hi. apply H, in_seq. lia. Qed.
Definition blocks_ok (ps : list player) (f : nat -> player -> bool) : bool := forallb (fun op => f (fst op) (snd op)) (placed 0 ps).
Lemma blocks_ok_sound ps f : blocks_ok ps f = true -> forall o p, In (o, p) (placed 0 ps) -> f o p = true.
Proof. unfold blocks_ok. rewrite forallb_forall. intros H o p Hp. exact (H (o, p) Hp). Qed.

Definition is_free (p : player) : bool := match kind p with Free => true | _ => false end.
Definition all_free (ps : list player) : bool := forallb is_free ps.
Lemma placed_in ps : forall o o' p, In (o', p) (placed o ps) -> In p ps.
Proof. induction ps as [|q ps IH]; simpl; intros o o' p H; [easy|]. destruct H as [H|H]; [injection H as _ <-; auto|right; eauto]. Qed.
Lemma all_free_sound ps : all_free ps = true -> forall o p, In (o, p) (placed 0 ps) -> kind p = Free.
Proof. unfold all_free. rewrite forallb_forall. intros H o p Hp. specialize (H p (placed_in _ _ _ _ Hp)). unfold is_free in H.
  destruct (kind p); auto; discriminate. Qed.

(** ** P respects the constraints *)
Definition zentry (P : matrix) i j : Z := nth j (nth i (mat_rows P) []) 0%Z.
Definition respects_check n (ps : list player) (P : matrix) : bool := blocks_ok ps (fun o p => match kind p with
  | Free => true
  | InBox => upto (size p) (fun k => upto n (fun c => Nat.eqb c (o + k) || Z.eqb (zentry P (o + k) c) 0))
  | Simplex _ _ => upto (size p) (fun k => upto n (fun c => Nat.eqb c (o + k) || Z.eqb (zentry P (o + k) c) 0) &&
      Z.eqb (zentry P (o + k) (o + k)) (zentry P o o)) end).
Lemma zero_entry P i j : zentry P i j = 0%Z -> mat P i j = 0.
Proof. unfold mat. fold (zentry P i j). intros ->. rewrite rat_div. unfold Rdiv. ring. Qed.
Theorem respects_sound n ps P : respects_check n ps P = true -> respects n ps (mat P).
Proof. intros H o p Hp. pose proof (blocks_ok_sound _ _ H o p Hp) as K. cbv beta in K. destruct (kind p) as [| |a d]; split; auto.
  - intros k c Hk Hc N. pose proof (upto_sound _ _ (upto_sound _ _ K k Hk) c Hc) as E. cbv beta in E. apply orb_true_iff in E.
    destruct E as [E|E]; [apply Nat.eqb_eq in E; contradiction|apply zero_entry, Z.eqb_eq, E].
  - intros k c Hk Hc N. pose proof (upto_sound _ _ K k Hk) as E1. cbv beta in E1. apply andb_true_iff in E1. destruct E1 as [E1 _].
    pose proof (upto_sound _ _ E1 c Hc) as E. cbv beta in E. apply orb_true_iff in E.
    destruct E as [E|E]; [apply Nat.eqb_eq in E; contradiction|apply zero_entry, Z.eqb_eq, E].
  - intros k Hk. pose proof (upto_sound _ _ K k Hk) as E1. cbv beta in E1. apply andb_true_iff in E1. destruct E1 as [_ E1].
    apply Z.eqb_eq in E1. unfold mat. fold (zentry P (o + k) (o + k)) (zentry P o o). rewrite E1. reflexivity. Qed.

(** ** Rationals in order *)
Definition ratio_le (p : Z) (q : positive) (r : Z) (s : positive) : bool := (p * Zpos s <=? r * Zpos q)%Z.
Lemma ratio_le_sound p q r s : ratio_le p q r s = true -> rat p q <= rat r s.
Proof. unfold ratio_le. rewrite Z.leb_le. intros H. rewrite !rat_div. apply IZR_le in H. rewrite !mult_IZR in H.
  pose proof (den_pos q) as Hq. pose proof (den_pos s) as Hs.
  apply Rmult_le_reg_r with (IZR (Zpos q) * IZR (Zpos s)); [apply Rmult_lt_0_compat; auto|].
  replace (IZR p / IZR (Zpos q) * (IZR (Zpos q) * IZR (Zpos s))) with (IZR p * IZR (Zpos s)) by (field; lra).
  replace (IZR r / IZR (Zpos s) * (IZR (Zpos q) * IZR (Zpos s))) with (IZR r * IZR (Zpos q)) by (field; lra). exact H. Qed.
Definition side (b : box) i := nth i (sides b) (0, 0)%Z.

(** ** The region contains the strategies, and there are strategies *)
Definition confined_check (ps : list player) (b : box) : bool := blocks_ok ps (fun o p => match kind p with
  | Free => Nat.eqb (size p) 0
  | InBox => true
  | Simplex a d => upto (size p) (fun k => (fst (side b (o + k)) <=? 0)%Z && ratio_le a d (snd (side b (o + k))) (box_den b)) end).
Theorem confined_sound ps b : confined_check ps b = true -> confined ps b.
Proof. intros H o p Hp. pose proof (blocks_ok_sound _ _ H o p Hp) as K. cbv beta in K. destruct (kind p) as [| |a d]; auto.
  - apply Nat.eqb_eq in K. exact K.
  - intros k Hk. pose proof (upto_sound _ _ K k Hk) as E. cbv beta in E. apply andb_true_iff in E. destruct E as [E1 E2].
    apply Z.leb_le in E1. apply ratio_le_sound in E2. split; [|exact E2]. unfold low. fold (side b (o + k)). rewrite rat_div.
    apply IZR_le in E1. pose proof (den_pos (box_den b)) as Hd. unfold Rdiv. rewrite <- (Rmult_0_l (/ IZR (Zpos (box_den b)))).
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; auto|auto]. Qed.

Definition playable (ps : list player) (b : box) : bool := blocks_ok ps (fun o p => match kind p with
  | Free => true
  | InBox => upto (size p) (fun k => (fst (side b (o + k)) <=? snd (side b (o + k)))%Z)
  | Simplex a d => (0 <=? a)%Z && Nat.ltb 0 (size p) end).
(** a strategy profile: zeros, lower ends, all of the total on the first coordinate *)
Fixpoint corner_from (o : nat) (ps : list player) (b : box) (i : nat) : R := match ps with
  | [] => 0
  | p :: ps => if Nat.ltb i (o + size p) then match kind p with
      | Free => 0 | InBox => low b i | Simplex a d => if Nat.eqb i o then rat a d else 0 end
      else corner_from (o + size p) ps b i end.
Lemma corner_at b : forall ps o o' p k, In (o', p) (placed o ps) -> (k < size p)%nat -> corner_from o ps b (o' + k) =
  match kind p with Free => 0 | InBox => low b (o' + k) | Simplex a d => if Nat.eqb (o' + k) o' then rat a d else 0 end.
Proof. induction ps as [|q ps IH]; simpl; intros o o' p k H Hk; [easy|]. destruct H as [H|H].
  - injection H as <- <-. destruct (Nat.ltb_spec (o + k) (o + size q)); [reflexivity|lia].
  - pose proof (placed_range ps _ _ _ H) as Hr. destruct (Nat.ltb_spec (o' + k) (o + size q)); [lia|]. apply IH; auto. Qed.
Theorem playable_sound ps b : playable ps b = true -> exists x, strategies ps b x.
Proof. intros H. exists (corner_from 0 ps b). intros o p Hp. pose proof (blocks_ok_sound _ _ H o p Hp) as K. cbv beta in K.
  unfold allowed. assert (C : forall k, (k < size p)%nat -> _) by (intros k Hk; exact (corner_at b ps 0 o p k Hp Hk)).
  destruct (kind p) as [| |a d]; auto.
  - intros k Hk. rewrite C by auto. split; [lra|]. pose proof (upto_sound _ _ K k Hk) as E. cbv beta in E.
    unfold low, high. fold (side b (o + k)). apply Z.leb_le, IZR_le in E. rewrite !rat_div. unfold Rdiv. apply Rmult_le_compat_r; auto.
    left. apply Rinv_0_lt_compat, den_pos.
  - apply andb_true_iff in K. destruct K as [K1 K2]. apply Z.leb_le, IZR_le in K1. apply Nat.ltb_lt in K2.
    assert (Ha : 0 <= rat a d).
    { rewrite rat_div. apply Rmult_le_pos; [exact K1|left; apply Rinv_0_lt_compat, den_pos]. }
    split.
    + intros k Hk. rewrite C by auto. destruct (Nat.eqb (o + k) o); lra.
    + rewrite (sum_ext _ _ (fun k => (if Nat.eqb k 0 then 1 else 0) * rat a d)).
      * apply (sum_delta (size p) 0 (fun _ => rat a d) K2).
      * intros k Hk. rewrite C by auto. destruct (Nat.eqb_spec (o + k) o), (Nat.eqb_spec k 0); try lia; lra. Qed.

(** ** One positive step for upto player *)
Definition steps_check (ps : list player) (hs : vector) : bool := let at_ := fun i => nth i (vec_entries hs) 0%Z in
  blocks_ok ps (fun o p => Nat.eqb (size p) 0 || (0 <? at_ o)%Z && upto (size p) (fun k => Z.eqb (at_ (o + k)%nat) (at_ o))).
Theorem steps_sound ps hs : steps_check ps hs = true -> player_steps ps (vect hs).
Proof. intros H o p Hp. pose proof (blocks_ok_sound _ _ H o p Hp) as K. cbv beta zeta in K. apply orb_true_iff in K. destruct K as [K|K].
  - exists 1. apply Nat.eqb_eq in K. split; [lra|]. intros k Hk. lia.
  - apply andb_true_iff in K. destruct K as [K1 K2]. apply Z.ltb_lt in K1. exists (vect hs o). split.
    + unfold vect. apply rat_pos. exact K1.
    + intros k Hk. pose proof (upto_sound _ _ K2 k Hk) as E. cbv beta in E. apply Z.eqb_eq in E. unfold vect. rewrite E. reflexivity. Qed.
Lemma steps_positive n ps hs : n = dimension ps -> player_steps ps hs -> forall i, (i < n)%nat -> 0 < hs i.
Proof. intros -> H i Hi. destruct (placed_covers ps 0 i Hi) as [o [p [k [Hp [Hk E]]]]]. simpl in E. subst i.
  destruct (H o p Hp) as [h [Hh Eh]]. rewrite Eh by auto. exact Hh. Qed.
