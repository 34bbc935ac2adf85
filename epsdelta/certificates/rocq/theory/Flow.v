(** Gradient flow x' = -F(x), also projected on the strategies: distances decay like exp(-a t), and balls around a zero are invariant.
    Curves need only be continuous with a derivative from the right, as projected flows have it. That solutions exist is not claimed. *)
Require Import Reals Lra Lia List.
From EpsDelta Require Import Sums Field Monotone Step Projection Banach Convergence.
Open Scope R_scope.

Definition right_derivative (f : R -> R) t l := forall eps, 0 < eps -> exists d, 0 < d /\
  forall h, 0 < h < d -> Rabs ((f (t + h) - f t) / h - l) < eps.
Definition left_continuous (f : R -> R) t := forall eps, 0 < eps -> exists d, 0 < d /\
  forall h, 0 < h < d -> Rabs (f (t - h) - f t) < eps.

(** ** One-sided calculus, from the two-sided one of functions that agree on the side in question *)
Lemma right_extend f t l : right_derivative f t l -> exists g, derivable_pt_lim g t l /\ forall s, t <= s -> g s = f s.
Proof. intros H. exists (fun s => if Rle_dec t s then f s else f t + l * (s - t)). split.
  2:{ intros s Hs. destruct (Rle_dec t s); [auto|contradiction]. }
  intros eps He. destruct (H eps He) as [d [Hd Hf]]. exists (mkposreal d Hd). intros h Hh Hhd. simpl in Hhd.
  destruct (Rle_dec t t) as [_|N]; [|exfalso; apply N, Rle_refl].
  destruct (Rle_dec t (t + h)) as [Q|Q].
  - apply Hf. rewrite Rabs_right in Hhd by lra. lra.
  - replace ((f t + l * (t + h - t) - f t) / h - l) with 0 by (field; auto). rewrite Rabs_R0. auto. Qed.
Lemma right_of g f t l : derivable_pt_lim g t l -> (forall s, t <= s -> g s = f s) -> right_derivative f t l.
Proof. intros H E eps He. destruct (H eps He) as [d Hf]. exists d. split; [apply cond_pos|]. intros h Hh.
  rewrite <- !E by lra. apply Hf; [lra|]. rewrite Rabs_right; lra. Qed.
Lemma right_of_derivable f t l : derivable_pt_lim f t l -> right_derivative f t l.
Proof. intros H. apply (right_of f); auto. Qed.
Lemma right_const c t : right_derivative (fun _ => c) t 0.
Proof. apply right_of_derivable, derivable_pt_lim_const. Qed.
Lemma right_plus f g t l m : right_derivative f t l -> right_derivative g t m -> right_derivative (fun s => f s + g s) t (l + m).
Proof. intros Hf Hg. apply right_extend in Hf. apply right_extend in Hg. destruct Hf as [u [Du Eu]]. destruct Hg as [v [Dv Ev]].
  apply (right_of (fun s => u s + v s)); [apply (derivable_pt_lim_plus u v); auto|]. intros s Hs. rewrite Eu, Ev; auto. Qed.
Lemma right_mult f g t l m : right_derivative f t l -> right_derivative g t m ->
  right_derivative (fun s => f s * g s) t (l * g t + f t * m).
Proof. intros Hf Hg. apply right_extend in Hf. apply right_extend in Hg. destruct Hf as [u [Du Eu]]. destruct Hg as [v [Dv Ev]].
  apply (right_of (fun s => u s * v s)); [|intros s Hs; rewrite Eu, Ev; auto].
  rewrite <- (Eu t), <- (Ev t) by lra. apply (derivable_pt_lim_mult u v); auto. Qed.
Lemma right_scal c f t l : right_derivative f t l -> right_derivative (fun s => c * f s) t (c * l).
Proof. intros Hf. pose proof (right_mult _ f t _ l (right_const c t) Hf) as H. cbv beta in H.
  replace (c * l) with (0 * f t + c * l) by ring. exact H. Qed.
Lemma right_minus f g t l m : right_derivative f t l -> right_derivative g t m -> right_derivative (fun s => f s - g s) t (l - m).
Proof. intros Hf Hg. pose proof (right_plus f _ t l _ Hf (right_scal (-1) g t m Hg)) as H. apply right_extend in H.
  destruct H as [u [Du Eu]]. apply (right_of u); [replace (l - m) with (l + (-1) * m) by ring; auto|].
  intros s Hs. rewrite Eu by auto. ring. Qed.
Lemma right_sum n (f : nat -> R -> R) l t : (forall i, (i < n)%nat -> right_derivative (f i) t (l i)) ->
  right_derivative (fun s => sum n (fun i => f i s)) t (sum n l).
Proof. induction n; simpl; intros H; [apply right_const|].
  apply (right_plus (fun s => sum n (fun i => f i s)) (f n)); [apply IHn; intros; apply H; lia|apply H; lia]. Qed.

Lemma left_extend f t : left_continuous f t -> exists g, continuity_pt g t /\ forall s, s <= t -> g s = f s.
Proof. intros H. exists (fun s => if Rle_dec s t then f s else f t). split.
  2:{ intros s Hs. destruct (Rle_dec s t); [auto|contradiction]. }
  intros eps He. destruct (H eps He) as [d [Hd Hf]]. exists d. split; auto. intros s [[_ Ns] Hs]. simpl in *. unfold R_dist in *.
  destruct (Rle_dec t t) as [_|N]; [|exfalso; apply N, Rle_refl].
  destruct (Rle_dec s t) as [Q|Q].
  - replace s with (t - (t - s)) by ring. apply Hf. rewrite Rabs_left1 in Hs by lra. lra.
  - rewrite Rminus_diag_eq, Rabs_R0; auto. Qed.
Lemma left_of g f t : continuity_pt g t -> (forall s, s <= t -> g s = f s) -> left_continuous f t.
Proof. intros H E eps He. destruct (H eps He) as [d [Hd Hf]]. exists d. split; auto. intros h Hh. rewrite <- !E by lra.
  apply (Hf (t - h)). simpl. unfold R_dist. split; [split; [exact I|lra]|]. rewrite Rabs_left1; lra. Qed.
Lemma left_const c t : left_continuous (fun _ => c) t.
Proof. apply (left_of (fun _ => c)); auto. apply continuity_pt_const. intros u v; auto. Qed.
Lemma left_plus f g t : left_continuous f t -> left_continuous g t -> left_continuous (fun s => f s + g s) t.
Proof. intros Hf Hg. apply left_extend in Hf. apply left_extend in Hg. destruct Hf as [u [Du Eu]]. destruct Hg as [v [Dv Ev]].
  apply (left_of (fun s => u s + v s)); [apply (continuity_pt_plus u v); auto|]. intros s Hs. rewrite Eu, Ev; auto. Qed.
Lemma left_mult f g t : left_continuous f t -> left_continuous g t -> left_continuous (fun s => f s * g s) t.
Proof. intros Hf Hg. apply left_extend in Hf. apply left_extend in Hg. destruct Hf as [u [Du Eu]]. destruct Hg as [v [Dv Ev]].
  apply (left_of (fun s => u s * v s)); [apply (continuity_pt_mult u v); auto|]. intros s Hs. rewrite Eu, Ev; auto. Qed.
Lemma left_minus f g t : left_continuous f t -> left_continuous g t -> left_continuous (fun s => f s - g s) t.
Proof. intros Hf Hg. apply left_extend in Hf. apply left_extend in Hg. destruct Hf as [u [Du Eu]]. destruct Hg as [v [Dv Ev]].
  apply (left_of (fun s => u s - v s)); [apply (continuity_pt_minus u v); auto|]. intros s Hs. rewrite Eu, Ev; auto. Qed.
Lemma left_sum n (f : nat -> R -> R) t : (forall i, (i < n)%nat -> left_continuous (f i) t) -> left_continuous (fun s => sum n (fun i => f i s)) t.
Proof. induction n; simpl; intros H; [apply left_const|].
  apply (left_plus (fun s => sum n (fun i => f i s)) (f n)); [apply IHn; intros; apply H; lia|apply H; lia]. Qed.

(** ** Continuation: a bound that holds at the start, and a little longer wherever it holds, holds to the end *)
Lemma continuation f B t0 t1 : t0 <= t1 -> (forall s s', s <= s' -> B s <= B s') -> f t0 <= B t0 ->
  (forall m, t0 < m <= t1 -> left_continuous f m) ->
  (forall m, t0 <= m < t1 -> f m <= B m -> exists d, 0 < d /\ forall h, 0 < h < d -> f (m + h) <= B (m + h)) -> f t1 <= B t1.
Proof. intros H01 HB H0 HL HR. set (E := fun s => t0 <= s <= t1 /\ f s <= B s).
  destruct (completeness E) as [m [Hub Hlub]].
  { exists t1. intros s [Hs _]. lra. }
  { exists t0. split; [lra|auto]. }
  assert (Hm0 : t0 <= m) by (apply Hub; split; [lra|auto]).
  assert (Hm1 : m <= t1) by (apply Hlub; intros s [Hs _]; lra).
  assert (Hm : f m <= B m).
  { apply Rnot_lt_le. intros C. destruct (Rle_lt_or_eq_dec t0 m Hm0) as [Q|Q]; [|rewrite <- Q in C; lra].
    destruct (HL m (conj Q Hm1) (f m - B m)) as [d [Hd Hf]]; [lra|].
    assert (Hb : m <= m - d).
    { apply Hlub. intros s [Hs Es]. pose proof (Hub s (conj Hs Es)) as Hsm. apply Rnot_lt_le. intros G.
      destruct (Req_dec s m) as [->|Ne]; [lra|]. specialize (Hf (m - s) ltac:(lra)). replace (m - (m - s)) with s in Hf by ring.
      apply Rabs_def2 in Hf. pose proof (HB s m Hsm). lra. }
    lra. }
  destruct (Rle_lt_or_eq_dec m t1 Hm1) as [Q|Q]; [|rewrite <- Q; auto].
  destruct (HR m (conj Hm0 Q) Hm) as [d [Hd Hf]]. exfalso.
  assert (Hh : 0 < Rmin (d / 2) (t1 - m)) by (apply Rmin_glb_lt; lra).
  pose proof (Rmin_l (d / 2) (t1 - m)). pose proof (Rmin_r (d / 2) (t1 - m)).
  assert (m + Rmin (d / 2) (t1 - m) <= m) by (apply Hub; split; [lra|apply Hf; lra]). lra. Qed.

(** A continuous function whose right derivative is nowhere positive does not increase. *)
Lemma right_nonincreasing f l t0 t1 : t0 <= t1 -> (forall t, t0 < t <= t1 -> left_continuous f t) ->
  (forall t, t0 <= t < t1 -> right_derivative f t (l t) /\ l t <= 0) -> f t1 <= f t0.
Proof. intros H01 HL HR. apply le_epsilon. intros eps He. set (e := eps / (t1 - t0 + 1)).
  assert (Hp : 0 < / (t1 - t0 + 1)) by (apply Rinv_0_lt_compat; lra).
  assert (He' : 0 < e) by (apply Rmult_lt_0_compat; auto).
  assert (H : f t1 <= f t0 + e * (t1 - t0)).
  { apply (continuation f (fun s => f t0 + e * (s - t0)) t0 t1); auto.
    - intros s s' Hs. pose proof (Rmult_le_compat_l e _ _ (Rlt_le _ _ He') Hs). lra.
    - lra.
    - intros m Hm Hfm. destruct (HR m Hm) as [Hd Hl]. destruct (Hd e He') as [d [Hd0 Hf]]. exists d. split; auto. intros h Hh.
      specialize (Hf h Hh). apply Rabs_def2 in Hf. destruct Hf as [Hf _].
      assert (G : (f (m + h) - f m) / h < e) by lra. apply Rmult_lt_compat_l with (r := h) in G; [|lra].
      replace (h * ((f (m + h) - f m) / h)) with (f (m + h) - f m) in G by (field; lra). lra. }
  assert (E2 : e * (t1 - t0) + e = eps) by (unfold e; field; lra). lra. Qed.

(** ** Flows *)
(** the curve x is continuous on [0, tau] and has right derivative v t at each t in [0, tau), in each of n coordinates *)
Definition moves n (x v : R -> vec) tau :=
  (forall t i, 0 <= t < tau -> (i < n)%nat -> right_derivative (fun s => x s i) t (v t i)) /\
  (forall t i, 0 < t <= tau -> (i < n)%nat -> left_continuous (fun s => x s i) t).

Section Flow.
Variables (n : nat) (P : nat -> nat -> R) (lam : R).
Hypothesis M : metric n P lam.

Lemma distance_right_derivative x y v w tau t : moves n x v tau -> moves n y w tau -> 0 <= t < tau ->
  right_derivative (fun s => dist2 n P (x s) (y s)) t (2 * form n P (minus (v t) (w t)) (minus (x t) (y t))).
Proof. intros [Hx _] [Hy _] Ht. set (d := fun s => minus (x s) (y s)). set (d' := minus (v t) (w t)).
  assert (D : forall i, (i < n)%nat -> right_derivative (fun s => d s i) t (d' i)).
  { intros i Hi. apply (right_minus (fun s => x s i) (fun s => y s i)); [apply Hx|apply Hy]; auto. }
  assert (S : right_derivative (fun s => sum n (fun i => sum n (fun j => P i j * (d s i * d s j)))) t
     (sum n (fun i => sum n (fun j => P i j * (d' i * d t j + d t i * d' j))))).
  { apply (right_sum n (fun i s => sum n (fun j => P i j * (d s i * d s j)))). intros i Hi.
    apply (right_sum n (fun j s => P i j * (d s i * d s j))). intros j Hj.
    apply right_scal. apply (right_mult (fun s => d s i) (fun s => d s j)); auto. }
  assert (E : sum n (fun i => sum n (fun j => P i j * (d' i * d t j + d t i * d' j))) = 2 * form n P d' (d t)).
  { rewrite (sum_ext n _ (fun i => sum n (fun j => P i j * (d' i * d t j)) + sum n (fun j => P i j * (d t i * d' j))))
      by (intros; rewrite <- sum_plus; apply sum_ext; intros; ring).
    rewrite sum_plus, <- !form_sum. rewrite (pform_sym n P lam M (d t) d'). ring. }
  rewrite E in S. apply right_extend in S. destruct S as [g [Dg Eg]]. apply (right_of g); auto.
  intros s Hs. rewrite Eg by auto. unfold dist2. fold (d s). rewrite form_sum. reflexivity. Qed.
Lemma distance_left_continuous x y v w tau t : moves n x v tau -> moves n y w tau -> 0 < t <= tau ->
  left_continuous (fun s => dist2 n P (x s) (y s)) t.
Proof. intros [_ Hx] [_ Hy] Ht. set (d := fun s => minus (x s) (y s)).
  assert (D : forall i, (i < n)%nat -> left_continuous (fun s => d s i) t).
  { intros i Hi. apply (left_minus (fun s => x s i) (fun s => y s i)); [apply Hx|apply Hy]; auto. }
  assert (S : left_continuous (fun s => sum n (fun i => sum n (fun j => P i j * (d s i * d s j)))) t).
  { apply (left_sum n (fun i s => sum n (fun j => P i j * (d s i * d s j)))). intros i Hi.
    apply (left_sum n (fun j s => P i j * (d s i * d s j))). intros j Hj.
    apply (left_mult (fun _ => P i j)); [apply left_const|]. apply (left_mult (fun s => d s i) (fun s => d s j)); auto. }
  apply left_extend in S. destruct S as [g [Dg Eg]]. apply (left_of g); auto.
  intros s Hs. rewrite Eg by auto. unfold dist2. fold (d s). rewrite form_sum. reflexivity. Qed.

(** If the velocities satisfy <x' - y', x - y>_P <= -a |x - y|_P^2 then |x(t) - y(t)|_P^2 <= exp(-2 a t) |x(0) - y(0)|_P^2. *)
Lemma distance_decays x y v w a tau : moves n x v tau -> moves n y w tau ->
  (forall t, 0 <= t < tau -> form n P (minus (v t) (w t)) (minus (x t) (y t)) <= - a * dist2 n P (x t) (y t)) ->
  forall t, 0 <= t <= tau -> dist2 n P (x t) (y t) <= exp (- 2 * a * t) * dist2 n P (x 0) (y 0).
Proof. intros Hx Hy HV t Ht. set (V := fun s => dist2 n P (x s) (y s)). set (g := fun s => exp (2 * a * s)).
  assert (Dg : forall s, derivable_pt_lim g s (g s * (2 * a))).
  { intros s. unfold g. apply (derivable_pt_lim_comp (fun u => 2 * a * u) exp); [|apply derivable_pt_lim_exp].
    assert (Q : derivable_pt_lim (fun u => 2 * a * u) s (2 * a * 1)) by (apply (derivable_pt_lim_scal (fun u => u)), derivable_pt_lim_id).
    rewrite Rmult_1_r in Q. exact Q. }
  assert (H : g t * V t <= g 0 * V 0).
  { apply (right_nonincreasing (fun s => g s * V s)
      (fun s => g s * (2 * a) * V s + g s * (2 * form n P (minus (v s) (w s)) (minus (x s) (y s)))) 0 t); [lra| |].
    - intros s Hs. apply (left_mult g V); [|apply (distance_left_continuous x y v w tau); auto; lra].
      apply (left_of g); auto. apply derivable_continuous_pt. exists (g s * (2 * a)). apply Dg.
    - intros s Hs. split.
      + apply (right_mult g V); [apply right_of_derivable, Dg|apply (distance_right_derivative x y v w tau); auto; lra].
      + assert (Hg : 0 <= g s) by (left; apply exp_pos). specialize (HV s ltac:(lra)).
        pose proof (Rmult_le_compat_l _ _ _ Hg HV) as H. fold (V s) in H. lra. }
  unfold g in H. rewrite Rmult_0_r, exp_0, Rmult_1_l in H.
  assert (E : exp (- 2 * a * t) * exp (2 * a * t) = 1) by (rewrite <- exp_plus; replace (- 2 * a * t + 2 * a * t) with 0 by ring; apply exp_0).
  pose proof (Rmult_le_compat_l _ _ _ (Rlt_le _ _ (exp_pos (- 2 * a * t))) H) as H2.
  rewrite <- Rmult_assoc, E, Rmult_1_l in H2. exact H2. Qed.

(** Two solutions of x' = -F(x) that stay, up to time tau, in a region where F is strongly monotone with margin a in P approach each
    other: |x(t) - y(t)|_P^2 <= exp(-2 a t) |x(0) - y(0)|_P^2. *)
Theorem flow_contracts (X : region) F a x y tau : monotone_on n P X F a ->
  moves n x (fun t i => - F (x t) i) tau -> moves n y (fun t i => - F (y t) i) tau ->
  (forall t, 0 <= t < tau -> X (x t) /\ X (y t)) ->
  forall t, 0 <= t <= tau -> dist2 n P (x t) (y t) <= exp (- 2 * a * t) * dist2 n P (x 0) (y 0).
Proof. intros HM Hx Hy HX. apply (distance_decays x y _ _ a tau Hx Hy). intros t Ht. destruct (HX t Ht) as [Xx Xy].
  specialize (HM (x t) (y t) Xx Xy).
  rewrite (form_vext n P _ (fun i => (-1) * minus (F (x t)) (F (y t)) i) _ (minus (x t) (y t))); auto.
  - rewrite form_scal_l. lra.
  - intros; unfold minus; ring. Qed.

(** The same for differentiable curves that stay in the region for all t >= 0. *)
Theorem flow_contracts_differentiable (X : region) F a x y : monotone_on n P X F a ->
  (forall t i, 0 <= t -> (i < n)%nat -> derivable_pt_lim (fun s => x s i) t (- F (x t) i)) ->
  (forall t i, 0 <= t -> (i < n)%nat -> derivable_pt_lim (fun s => y s i) t (- F (y t) i)) ->
  (forall t, 0 <= t -> X (x t) /\ X (y t)) ->
  forall t, 0 <= t -> dist2 n P (x t) (y t) <= exp (- 2 * a * t) * dist2 n P (x 0) (y 0).
Proof. intros HM Hx Hy HX t Ht.
  assert (K : forall z, (forall s i, 0 <= s -> (i < n)%nat -> derivable_pt_lim (fun u => z u i) s (- F (z s) i)) ->
      moves n z (fun s i => - F (z s) i) t).
  { intros z Hz. split; intros s i Hs Hi.
    - apply right_of_derivable, Hz; auto; lra.
    - apply (left_of (fun u => z u i)); auto. apply derivable_continuous_pt. exists (- F (z s) i). apply Hz; auto; lra. }
  apply (flow_contracts X F a x y t); auto; [|lra]. intros s Hs. apply HX; lra. Qed.

(** The projected flow: x(t) is a strategy profile and x' + F(x) satisfies, player by player, the variational inequality of the strategies,
    which follows from x' = projection of -F(x) on the tangent cone. In a metric that respects the constraints two solutions that stay
    in the region approach each other at the same rate. *)
Theorem projected_flow_contracts ps b (X : region) F a x y v w tau : n = dimension ps -> respects n ps P -> monotone_on n P X F a ->
  moves n x v tau -> moves n y w tau ->
  (forall t, 0 <= t < tau -> nash ps b (fun _ i => v t i + F (x t) i) (x t) /\ nash ps b (fun _ i => w t i + F (y t) i) (y t)) ->
  (forall t, 0 <= t < tau -> X (x t) /\ X (y t)) ->
  forall t, 0 <= t <= tau -> dist2 n P (x t) (y t) <= exp (- 2 * a * t) * dist2 n P (x 0) (y 0).
Proof. intros Hn HR HM Hx Hy HN HX. apply (distance_decays x y _ _ a tau Hx Hy). intros t Ht. destruct (HX t Ht) as [Xx Xy].
  destruct (HN t Ht) as [Nx Ny]. specialize (HM (x t) (y t) Xx Xy).
  assert (Hh : player_steps ps (fun _ => 1)) by (intros o p _; exists 1; split; [lra|auto]).
  pose proof (nash_form n P lam ps b _ _ _ M Hn HR Hh Nx (y t) (proj1 Ny)) as H1.
  pose proof (nash_form n P lam ps b _ _ _ M Hn HR Hh Ny (x t) (proj1 Nx)) as H2. cbv beta in H1, H2.
  rewrite (form_vext n P _ (fun i => v t i + F (x t) i) _ (minus (y t) (x t))) in H1 by (intros; try ring; auto).
  rewrite (form_vext n P _ (fun i => w t i + F (y t) i) _ (minus (x t) (y t))) in H2 by (intros; try ring; auto).
  rewrite form_opp_r in H1. rewrite form_plus_l in H1, H2. unfold minus at 1 in HM. unfold minus at 1. rewrite form_minus_l in HM |- *. lra. Qed.

(** A ball of radius r > 0 around a zero z inside the region is forward invariant, and solutions that start in it approach z:
    |x(t) - z|_P^2 <= exp(-2 a t) |x(0) - z|_P^2. Nothing is assumed of where the solution goes. *)
Theorem ball_invariant (X : region) F a x z r tau : 0 < a -> 0 < r -> monotone_on n P X F a -> (forall u, ball n P z r u -> X u) -> zero n F z ->
  moves n x (fun t i => - F (x t) i) tau -> ball n P z r (x 0) ->
  forall t, 0 <= t <= tau -> ball n P z r (x t) /\ dist2 n P (x t) z <= exp (- 2 * a * t) * dist2 n P (x 0) z.
Proof. intros Ha Hr HM HB Hz Hx H0.
  assert (Bz : ball n P z r z) by (unfold ball; rewrite (dist2_refl n P z); apply pow2_ge_0).
  assert (Mz : moves n (fun _ => z) (fun _ i => - F z i) tau).
  { split; intros t i _ Hi; [rewrite (Hz i Hi), Ropp_0; apply right_const|apply left_const]. }
  assert (Inv : forall t, 0 <= t <= tau -> ball n P z r (x t)).
  { intros t Ht. unfold ball. apply (continuation (fun s => dist2 n P (x s) z) (fun _ => r ^ 2) 0 t); [lra|intros; lra|exact H0| |].
    - intros m Hm. apply (distance_left_continuous x (fun _ => z) (fun s i => - F (x s) i) (fun _ i => - F z i) tau); [exact Hx|exact Mz|lra].
    - intros m Hm Hb. pose proof (distance_right_derivative x (fun _ => z) (fun s i => - F (x s) i) (fun _ i => - F z i) tau m Hx Mz ltac:(lra)) as D.
      set (V := fun s => dist2 n P (x s) z) in *. assert (HVr : V m <= r ^ 2) by exact Hb. set (l := 2 * _) in D.
      assert (Hl : l <= - 2 * a * V m).
      { pose proof (HM (x m) z (HB _ Hb) (HB z Bz)) as Q. unfold l.
        rewrite (form_vext n P _ (fun i => (-1) * minus (F (x m)) (F z) i) _ (minus (x m) z)); [|intros; unfold minus; ring|auto].
        rewrite form_scal_l. unfold V. lra. }
      assert (Hr2 : 0 < r ^ 2) by (apply pow_lt; auto). assert (HV : 0 <= V m) by apply (dist2_pos n P lam M).
      destruct (D (a * r ^ 2)) as [d [Hd Hf]]; [apply Rmult_lt_0_compat; auto|].
      exists (Rmin d (/ (2 * a))). assert (Hi : 0 < / (2 * a)) by (apply Rinv_0_lt_compat; lra).
      split; [apply Rmin_glb_lt; auto|]. intros h Hh. pose proof (Rmin_l d (/ (2 * a))). pose proof (Rmin_r d (/ (2 * a))).
      specialize (Hf h ltac:(lra)). apply Rabs_def2 in Hf. destruct Hf as [Hf _].
      assert (G : (V (m + h) - V m) / h < a * r ^ 2 - 2 * a * V m) by lra. apply Rmult_lt_compat_l with (r := h) in G; [|lra].
      replace (h * ((V (m + h) - V m) / h)) with (V (m + h) - V m) in G by (field; lra).
      assert (G2 : 2 * a * h <= 1). { apply Rmult_le_reg_l with (/ (2 * a)); auto. rewrite <- Rmult_assoc, Rinv_l by lra. lra. }
      assert (G3 : 0 <= (1 - 2 * a * h) * (r ^ 2 - V m)) by (apply Rmult_le_pos; lra).
      assert (G4 : 0 < a * h * r ^ 2) by (apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; lra|auto]).
      change (V (m + h) <= r ^ 2). lra. }
  intros t Ht. split; auto. apply (flow_contracts X F a x (fun _ => z) tau HM Hx Mz); auto.
  intros s Hs. split; [apply HB, Inv; lra|apply HB; auto]. Qed.
End Flow.
