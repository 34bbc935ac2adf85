(** The right-hand sides of the catalogue of bounds, one definition per entry, by the entry's id with [_] for [/] and [-].

    Written by [python -m epsdelta.certificates.rocq.formulas] from the formulas of the entries; do not edit. A theorem [ID_holds]
    proves the entry's inequality with this right-hand side, a theorem [ID_refuted] that the inequality is false as stated.
    Arguments come in alphabetical order; those that only the conditions of an entry mention are there too. *)

From Coq Require Import Reals.
Local Open Scope R_scope.

Definition adagrad_norm_deterministic (L b0 delta_f : R) (horizon : nat) (step_size : R) : R :=
  ((2 * b0 + 2 * delta_f / step_size + 2 * L * step_size * (ln (2 * L * step_size / b0) - 1)) ^ 2 - b0 ^ 2) / INR horizon.
Definition adam_confidence_explicit (L beta1 constants delta delta_f : R) (dimension : nat) (first_gradient : R) (horizon : nat) (sigma
  stabilizer step_scale v_init : R) : R :=
  8 * (2 ^ 20 * constants ^ 8 * (1 + ln (16 / delta)) ^ 4) * (stabilizer + sqrt v_init) / (step_scale * sqrt (INR horizon)) + 32 * (2 ^ 20 *
    constants ^ 8 * (1 + ln (16 / delta)) ^ 4) ^ 2 / (step_scale ^ 2 * INR horizon) + 16 * (2 ^ 20 * constants ^ 8 * (1 + ln (16 / delta)) ^
    4) * sigma / (step_scale * sqrt (delta * INR horizon)).
Definition adam_confidence_potential (L beta1 constants delta delta_f : R) (dimension : nat) (first_gradient : R) (horizon : nat) (sigma
  stabilizer step_scale v_init : R) : R :=
  2 ^ 20 * constants ^ 8 * (1 + ln (16 / delta)) ^ 4.
Definition adam_confidence_sharpness (delta : R) (horizon : nat) (stabilizer v_init : R) : R := 1 / (4 * sqrt (delta * INR horizon)).
Definition adam_confidence_spike_lower (L delta : R) (horizon : nat) (sigma stabilizer step_scale v_init : R) : R :=
  (1 - exp (- 4 * step_scale * L * sqrt (delta * INR horizon) / sigma)) * L * step_scale * sigma / (8 * (sqrt (1 + 4 * delta * v_init /
    sigma ^ 2) + 2 * stabilizer * sqrt delta / sigma) ^ 2 * sqrt (delta * INR horizon)).
Definition adam_confidence_spike_lower_large (L delta : R) (horizon : nat) (sigma stabilizer step_scale v_init : R) : R :=
  L * step_scale * sigma / (16 * (sqrt (1 + 4 * delta * v_init / sigma ^ 2) + 2 * stabilizer * sqrt delta / sigma) ^ 2 * sqrt (delta * INR
    horizon)).
Definition adam_nonconvergence_any_averaging (beta2 : R) (memory period : nat) : R := 2 / INR period.
Definition adam_nonconvergence_period_three (slope : R) : R := 2 * (slope - 2) / 3.
Definition adam_regret_vanishing (beta1 beta2 : R) (horizon : nat) (regret_constant : R) : R := regret_constant / sqrt (INR horizon).
Definition amsgrad_regret_average (G beta2 diameter : R) (dimension horizon : nat) (step_factor : R) : R :=
  INR dimension * G * (diameter ^ 2 / (2 * step_factor) + step_factor * sqrt (1 + ln (INR horizon)) / (2 * sqrt (1 - beta2))) / sqrt (INR
    horizon).
Definition amsgrad_regret_data_dependent (beta1 beta2 diameter gradient_sum : R) (horizon : nat) (middle_sum root_sum step_factor :
  R) : R :=
  diameter ^ 2 * sqrt (INR horizon) * root_sum / (step_factor * (1 - beta1)) + diameter ^ 2 * middle_sum / (2 * (1 - beta1)) + step_factor *
    sqrt (1 + ln (INR horizon)) * gradient_sum / ((1 - beta1) ^ 2 * (1 - beta1 / sqrt beta2) * sqrt (1 - beta2)).
Definition amsgrad_regret_middle_term (G beta1 diameter : R) (dimension : nat) (momentum_decay step_factor : R) : R :=
  INR dimension * beta1 * diameter ^ 2 * G / (2 * step_factor * (1 - beta1) * (1 - momentum_decay) ^ 2).
Definition amsgrad_regret_no_momentum (beta2 diameter gradient_sum : R) (horizon : nat) (root_sum step_factor : R) : R :=
  diameter ^ 2 * sqrt (INR horizon) * root_sum / (2 * step_factor) + step_factor * sqrt (1 + ln (INR horizon)) * gradient_sum / (2 * sqrt (1
    - beta2)).
Definition anchored_extragradient_constant_step (L distance : R) (horizon : nat) (step_size : R) : R :=
  4 * (1 + step_size * L + step_size ^ 2 * L ^ 2) / (step_size ^ 2 * (1 + step_size * L)) * distance ^ 2 / (INR horizon + 1) ^ 2.
Definition anchored_extragradient_largest_step (L distance : R) (horizon : nat) : R := 260 * L ^ 2 * distance ^ 2 / (INR horizon + 1) ^ 2.
Definition anchored_extragradient_varying_step (L distance : R) (horizon : nat) : R :=
  27 * L ^ 2 * distance ^ 2 / ((INR horizon + 1) * (INR horizon + 2)).
Definition anchored_fast_extragradient_residual (L distance : R) (horizon : nat) : R := 4 * L ^ 2 * distance ^ 2 / INR horizon ^ 2.
Definition anchored_halpern_residual (distance : R) (horizon : nat) : R := 2 * distance / (INR horizon + 1).
Definition asynchronous_contraction_any_schedule (contraction : R) (delay horizon : nat) (initial_error : R) (update_gap : nat) : R :=
  contraction ^ (horizon / (update_gap + delay))%nat * initial_error.
Definition asynchronous_dual_averaging_any_step (G : R) (delay horizon : nat) (regularizer_range step_size : R) : R :=
  regularizer_range / step_size + step_size * INR horizon * G ^ 2 * (1 + 2 * INR delay) / 2.
Definition asynchronous_dual_averaging_tuned_step (G : R) (delay horizon : nat) (regularizer_range : R) : R :=
  G * sqrt (2 * regularizer_range * (1 + 2 * INR delay) * INR horizon).
Definition bilevel_exactness_gradient_norm (calmness lower_mu : R) : R := calmness / lower_mu.
Definition bilevel_exactness_root_of_gap (calmness distance_bound : R) : R := calmness * sqrt distance_bound.
Definition bilevel_exactness_weak_sharp (calmness distance_bound : R) : R := calmness * distance_bound.
Definition bilevel_feasibility_distance (calmness distance_bound penalty solver_accuracy : R) : R :=
  (distance_bound * calmness + sqrt (distance_bound ^ 2 * calmness ^ 2 + 4 * penalty * distance_bound * solver_accuracy)) / (2 * penalty).
Definition bilevel_feasibility_distance_exact (calmness distance_bound penalty : R) : R := distance_bound * calmness / penalty.
Definition bilevel_feasibility_hyper_suboptimality (calmness distance_bound penalty solver_accuracy : R) : R :=
  solver_accuracy + calmness ^ 2 * distance_bound / (4 * penalty).
Definition bilevel_feasibility_penalty_for_distance (calmness distance_bound distance_target solver_accuracy : R) : R :=
  distance_bound * (calmness * distance_target + solver_accuracy) / distance_target ^ 2.
Definition bilevel_feasibility_penalty_for_hyper_suboptimality (calmness distance_bound eps solver_accuracy : R) : R :=
  calmness ^ 2 * distance_bound / (4 * (eps - solver_accuracy)).
Definition bilevel_feasibility_penalty_for_value_gap (calmness distance_bound residual_target solver_accuracy : R) : R :=
  calmness * sqrt (distance_bound / residual_target) + solver_accuracy / residual_target.
Definition bilevel_feasibility_penalty_necessary (calmness distance_bound eps : R) : R := calmness ^ 2 * distance_bound / (4 * eps).
Definition bilevel_feasibility_upper_value (penalty solver_accuracy value_gap : R) : R := solver_accuracy - penalty * value_gap.
Definition bilevel_feasibility_upper_value_lower (calmness lower_distance : R) : R := - calmness * lower_distance.
Definition bilevel_feasibility_value_gap (calmness distance_bound penalty solver_accuracy : R) : R :=
  ((calmness * sqrt distance_bound + sqrt (calmness ^ 2 * distance_bound + 4 * penalty * solver_accuracy)) / (2 * penalty)) ^ 2.
Definition bilevel_feasibility_value_gap_exact (calmness distance_bound penalty : R) : R := calmness ^ 2 * distance_bound / penalty ^ 2.
Definition bilevel_gradient_gap_own (calmness cross_lower cross_upper lower_mu lower_second penalty upper_curvature : R) : R :=
  (calmness * cross_upper / lower_mu + cross_lower * calmness * upper_curvature / lower_mu ^ 2 + (1 + cross_lower / lower_mu) * lower_second
    * calmness ^ 2 / (2 * lower_mu ^ 2)) / penalty.
Definition bilevel_gradient_gap_printed (calmness lower_L lower_mu lower_second penalty upper_L : R) : R :=
  4 * calmness * lower_L / lower_mu ^ 2 * (upper_L + 2 * calmness * lower_second / lower_mu) / penalty.
Definition bilevel_gradient_gap_solution (calmness lower_mu penalty : R) : R := calmness / (lower_mu * penalty).
Definition bilevel_gradient_gap_solution_path (calmness lower_L lower_mu next_penalty penalty upper_L x_distance : R) : R :=
  2 * (next_penalty - penalty) * calmness / (penalty * next_penalty * lower_mu) + 3 * lower_L * x_distance / lower_mu.
Definition bilevel_hoag_gradient_error (calmness cross_lower cross_upper eps lower_mu mixed_second own_second upper_curvature : R) : R :=
  (cross_upper + cross_lower * upper_curvature / lower_mu + calmness * (mixed_second / lower_mu + cross_lower * own_second / lower_mu ^ 2) +
    cross_lower / lower_mu) * eps.
Definition bilevel_hoag_shortest_step (accuracy_sum : R) (horizon : nat) (hyper_L hyper_error hyper_gap : R) : R :=
  (4 * hyper_gap / hyper_L + 4 * hyper_error ^ 2 * accuracy_sum / hyper_L ^ 2) / INR horizon.
Definition bilevel_hoag_steps (accuracy_sum hyper_L hyper_error hyper_gap : R) : R :=
  4 * hyper_gap / hyper_L + 4 * hyper_error ^ 2 * accuracy_sum / hyper_L ^ 2.
Definition bilevel_hoelder_distance (calmness distance_bound growth_exponent penalty : R) : R :=
  Rpower (calmness * distance_bound / penalty) (1 / (growth_exponent - 1)).
Definition bilevel_hoelder_residual (calmness distance_bound growth_exponent penalty : R) : R :=
  calmness / penalty * Rpower (calmness * distance_bound / penalty) (1 / (growth_exponent - 1)).
Definition bilevel_hoelder_value_gap (calmness distance_bound growth_exponent penalty : R) : R :=
  calmness * (1 - 1 / growth_exponent) * Rpower (calmness * distance_bound / (growth_exponent * penalty)) (1 / (growth_exponent - 1)).
Definition bilevel_hypergradient_from_penalized_stationarity (calmness cross_lower cross_upper lower_mu lower_second penalty
  upper_curvature x_residual y_residual : R) : R :=
  x_residual + y_residual * (cross_upper + penalty * cross_lower) / (penalty * lower_mu - upper_curvature) + (calmness * cross_upper /
    lower_mu + cross_lower * calmness * upper_curvature / lower_mu ^ 2 + (1 + cross_lower / lower_mu) * lower_second * calmness ^ 2 / (2 *
    lower_mu ^ 2)) / penalty.
Definition bilevel_hypergradient_implicit_error (calmness cross_lower cross_upper lower_mu mixed_second own_second solution_error
  upper_curvature : R) : R :=
  (cross_upper + cross_lower * upper_curvature / lower_mu + calmness * (mixed_second / lower_mu + cross_lower * own_second / lower_mu ^ 2))
    * solution_error.
Definition bilevel_hypergradient_linear_solve (calmness cross_lower cross_upper linear_residual lower_mu mixed_second own_second
  solution_error upper_curvature : R) : R :=
  (cross_upper + cross_lower * upper_curvature / lower_mu + calmness * (mixed_second / lower_mu + cross_lower * own_second / lower_mu ^ 2))
    * solution_error + cross_lower * linear_residual / lower_mu.
Definition bilevel_hypergradient_smoothness (calmness cross_lower cross_upper lower_mu mixed_second own_second upper_curvature : R) : R :=
  (cross_upper + cross_lower * upper_curvature / lower_mu + calmness * (mixed_second / lower_mu + cross_lower * own_second / lower_mu ^ 2))
    * (1 + cross_lower / lower_mu).
Definition bilevel_hypergradient_solution_lipschitz (cross_lower lower_mu x_distance : R) : R := cross_lower * x_distance / lower_mu.
Definition bilevel_hypernetwork_sine (sampling_spread : R) : R := exp (- sampling_spread ^ 2 / 2).
Definition bilevel_hypernetwork_slope_bias (sampling_spread third_derivative : R) : R := third_derivative * sampling_spread ^ 2 / 2.
Definition bilevel_implicit_diffusion_gaussian_rate (sampler_rate speed_ratio : R) : R :=
  (sampler_rate - sqrt (sampler_rate ^ 2 - 4 * speed_ratio * sampler_rate)) / 2.
Definition bilevel_implicit_diffusion_gaussian_rate_simple (sampler_rate speed_ratio : R) : R := speed_ratio.
Definition bilevel_local_convex (calmness distance_bound penalty : R) : R := calmness ^ 2 * distance_bound / penalty ^ 2.
Definition bilevel_local_kkt_residual (calmness lower_mu lower_second penalty x_residual y_residual : R) : R :=
  x_residual + lower_second * (calmness + y_residual) ^ 2 / (2 * lower_mu ^ 2 * penalty).
Definition bilevel_local_nearby_feasible (calmness distance_bound near_gap penalty : R) : R :=
  calmness ^ 2 * distance_bound / penalty ^ 2 + 2 * near_gap.
Definition bilevel_local_penalty (calmness distance_bound residual_target : R) : R :=
  calmness * sqrt (3 * distance_bound / (2 * residual_target)).
Definition bilevel_local_penalty_for_stationary (calmness lower_mu residual_target y_residual : R) : R :=
  (calmness + y_residual) / sqrt (2 * lower_mu * residual_target).
Definition bilevel_local_squared_gradient_spurious : R := 4 * PI ^ 2 / 9 + 3 / 2.
Definition bilevel_local_stationary_distance (calmness lower_mu penalty y_residual : R) : R :=
  (calmness + y_residual) / (lower_mu * penalty).
Definition bilevel_local_stationary_value_gap (calmness lower_mu penalty y_residual : R) : R :=
  (calmness + y_residual) ^ 2 / (2 * lower_mu * penalty ^ 2).
Definition bilevel_lower_level_distance_from_gap (lower_mu value_gap : R) : R := 2 * value_gap / lower_mu.
Definition bilevel_lower_level_error_bound (lower_distance lower_mu : R) : R := lower_mu * lower_distance.
Definition bilevel_lower_level_gap_from_gradient (lower_gradient lower_mu : R) : R := lower_gradient ^ 2 / (2 * lower_mu).
Definition bilevel_lower_level_gap_from_gradient_inverse (lower_gradient pl_inverse : R) : R := pl_inverse * lower_gradient ^ 2.
Definition bilevel_lower_level_quadratic_growth (lower_distance lower_mu : R) : R := lower_mu * lower_distance ^ 2 / 2.
Definition bilevel_lower_level_quadratic_growth_inverse (lower_distance pl_inverse : R) : R := lower_distance ^ 2 / (4 * pl_inverse).
Definition bilevel_lower_level_value_smoothness (lower_L lower_mu : R) : R := lower_L * (1 + lower_L / lower_mu).
Definition bilevel_lower_level_value_smoothness_joint (lower_L lower_mu : R) : R := lower_L * sqrt (1 + lower_L ^ 2 / lower_mu ^ 2).
Definition bilevel_penalty_descent_inner_error (inner_steps : nat) (lower_L lower_mu penalty value_gap : R) : R :=
  penalty ^ 2 * lower_L ^ 2 * (2 / lower_mu) * (1 - lower_mu / lower_L) ^ inner_steps * value_gap.
Definition bilevel_penalty_descent_inner_steps (lower_L lower_mu : R) (outer_step : nat) (penalty value_gap : R) : R :=
  lower_L / lower_mu * ln (2 * penalty ^ 2 * lower_L ^ 2 * value_gap * INR outer_step ^ 2 / lower_mu).
Definition bilevel_penalty_descent_own (error_sum : R) (horizon : nat) (lower_L lower_mu penalized_gap penalty step_size upper_L :
  R) : R :=
  (8 * penalized_gap / step_size + 10 * error_sum) / INR horizon.
Definition bilevel_penalty_descent_own_complexity (eps lower_L lower_mu penalized_gap penalty step_size upper_L : R) : R :=
  (8 * penalized_gap / step_size + 5 * PI ^ 2 / 3) / eps.
Definition bilevel_penalty_descent_printed (calmness first_upper_gap : R) (horizon : nat) (lower_L penalty pl_inverse step_size upper_L :
  R) : R :=
  18 * first_upper_gap / (step_size * INR horizon) + 10 * calmness ^ 2 * lower_L ^ 2 / INR horizon.
Definition bilevel_proximal_error_bound_from_proximal_residual (error_modulus lower_L lower_distance prox_step : R) : R :=
  error_modulus * (1 - prox_step * lower_L) * lower_distance.
Definition bilevel_proximal_error_bound_solution_path (calmness error_modulus penalty_inverse : R) : R :=
  calmness * penalty_inverse / error_modulus.
Definition bilevel_proximal_error_bound_value (calmness error_modulus penalty_inverse : R) : R :=
  calmness ^ 2 * penalty_inverse / (2 * error_modulus).
Definition bilevel_relation_global (calmness distance_bound penalty relaxation solver_accuracy : R) : R :=
  (relaxation + solver_accuracy) / (penalty - calmness ^ 2 * distance_bound / (4 * relaxation)).
Definition bilevel_relation_global_tuned (calmness distance_bound penalty solver_accuracy : R) : R :=
  (calmness * sqrt distance_bound + sqrt (calmness ^ 2 * distance_bound + 4 * penalty * solver_accuracy)) ^ 2 / (4 * penalty ^ 2).
Definition bilevel_relation_penalty (calmness distance_bound relaxation : R) : R := calmness ^ 2 * distance_bound / (4 * relaxation).
Definition bilevel_relation_relaxed_optimality (solver_accuracy : R) : R := solver_accuracy.
Definition bilevel_slips_global_penalty (calmness distance_bound residual_target : R) : R :=
  calmness * sqrt (distance_bound / (2 * residual_target)).
Definition bilevel_slips_gradient_norm_penalty (calmness pl_inverse : R) : R := calmness * sqrt pl_inverse.
Definition bilevel_slips_quadratic_growth (lower_distance pl_inverse : R) : R := lower_distance ^ 2 / pl_inverse.
Definition bilevel_slips_slope_at_solution (distance_bound penalty solution_slope : R) : R :=
  solution_slope ^ 2 * distance_bound / (4 * penalty).
Definition bilevel_slips_stationary_calmness (calmness lower_mu penalty y_residual : R) : R :=
  (calmness + y_residual) ^ 2 / (2 * lower_mu * penalty ^ 2).
Definition bilevel_slips_unrolling : R := 0.
Definition bilevel_slips_value_smoothness (lower_L pl_inverse : R) : R := lower_L + lower_L ^ 2 * pl_inverse.
Definition bilevel_slips_warm_start (lower_gradient pl_inverse : R) : R := lower_gradient ^ 2 / pl_inverse.
Definition bilevel_unbounded_smoothness_quartic (L1 : R) : R := 4 / L1 ^ 2.
Definition bilevel_unrolling_counterexample (horizon : nat) (step_size : R) : R :=
  1 - (1 - (1 - step_size) ^ horizon) / (1 + (1 - (1 - step_size) ^ horizon) ^ 2).
Definition bilevel_unrolling_floor : R := 1 / 2.
Definition bilevel_value_gap (calmness distance_bound penalty : R) : R := calmness ^ 2 * distance_bound / (4 * penalty).
Definition bilevel_value_gap_at_solution (distance_bound penalty solution_slope : R) : R :=
  solution_slope ^ 2 * distance_bound / (4 * penalty).
Definition bilevel_value_gap_lower_bound (calmness distance_bound penalty : R) : R := calmness ^ 2 * distance_bound / (4 * penalty).
Definition bilevel_value_gap_pointwise (calmness distance_bound penalty : R) : R := calmness ^ 2 * distance_bound / (4 * penalty).
Definition bilevel_value_gap_polyak_lojasiewicz (calmness lower_mu penalty : R) : R := calmness ^ 2 / (2 * lower_mu * penalty).
Definition bilevel_value_weak_duality (bilevel_value : R) : R := bilevel_value.
Definition clipping_deterministic_convex (L clip distance : R) (horizon : nat) (step_size : R) : R :=
  Rmax (distance ^ 2 / (2 * step_size * INR horizon)) (L * distance ^ 4 / (2 * step_size ^ 2 * INR horizon ^ 2 * clip ^ 2)).
Definition clipping_deterministic_nonconvex (L0 L1 clip delta_f : R) (horizon : nat) (step_size : R) : R :=
  Rmax (sqrt (2 * delta_f / (step_size * INR horizon))) (2 * delta_f / (step_size * INR horizon * clip)).
Definition clipping_floor_any_threshold (clip sigma : R) : R := Rmin sigma (sigma ^ 2 / clip) / 4.
Definition clipping_floor_high_threshold (clip sigma : R) : R := sigma ^ 2 / (4 * clip).
Definition clipping_floor_low_threshold (clip sigma : R) : R := sigma - clip.
Definition clipping_floor_two_point (clip sigma skew : R) : R := skew * sigma - skew ^ 2 * clip.
Definition diffgrad_nonconvergence_any_averaging (beta2 : R) (memory period : nat) : R := 2 / INR period.
Definition diffgrad_regret_sqrt_horizon (horizon : nat) (regret_constant : R) : R := regret_constant * sqrt (INR horizon).
Definition dog_bounded_domain_exact_gradients (G domain_diameter : R) (horizon : nat) (initial_radius : R) : R :=
  3 * exp 1 * domain_diameter * G * sqrt (INR horizon) / (INR horizon / (1 + ln (domain_diameter / initial_radius)) - 1).
Definition dog_lemma_averaging (growth : R) (horizon : nat) : R := (INR horizon / (1 + ln growth) - 1) / exp 1.
Definition dog_lemma_pathwise (farthest gradient_energy movement : R) : R := movement * (2 * farthest + movement) * sqrt gradient_energy.
Definition entropy_games_logit_flow_small_gain (duration interaction_radius temperature : R) : R :=
  exp (- (temperature - interaction_radius / 4) * duration).
Definition entropy_games_logit_flow_zero_sum (duration temperature : R) : R := exp (- temperature * duration).
Definition entropy_games_logit_best_response (interaction_radius temperature : R) : R := interaction_radius / (4 * temperature).
Definition entropy_games_logit_epsilon_nash (actions : nat) (temperature : R) : R := temperature * ln (INR actions).
Definition entropy_games_logit_maximum_norm (interaction_radius step_size temperature : R) : R :=
  1 - step_size * (temperature - interaction_radius / 4).
Definition entropy_games_logit_uniqueness (interaction12 interaction21 : R) : R := sqrt (interaction12 * interaction21) / 4.
Definition entropy_games_matrix_game_barrier_gap (actions other_actions : nat) (temperature : R) : R :=
  temperature * (INR actions + INR other_actions - 2).
Definition entropy_games_matrix_game_entropy_gap (actions other_actions : nat) (temperature : R) : R :=
  temperature * (ln (INR actions) + ln (INR other_actions)).
Definition entropy_games_mirror_flow_relative_modulus (alpha duration : R) : R := exp (- alpha * duration).
Definition entropy_games_water_filling_damped (damping gain_radius : R) : R := 1 - damping * (1 - gain_radius).
Definition extragradient_bilinear_any_step (singular_value step_size : R) : R :=
  sqrt (1 - step_size ^ 2 * singular_value ^ 2 + step_size ^ 4 * singular_value ^ 4).
Definition extragradient_bilinear_best_step : R := sqrt 3 / 2.
Definition extragradient_monotone_average_gap (L distance : R) (horizon : nat) (step_size : R) : R :=
  distance ^ 2 / (2 * step_size * INR horizon).
Definition extragradient_monotone_last_iterate (L distance : R) (horizon : nat) (step_size : R) : R :=
  distance ^ 2 / (step_size ^ 2 * (1 - step_size ^ 2 * L ^ 2) * (INR horizon + 1)).
Definition extragradient_monotone_last_iterate_best_step (L distance : R) (horizon : nat) : R :=
  4 * L ^ 2 * distance ^ 2 / (INR horizon + 1).
Definition extragradient_monotone_residual (L step_size : R) : R := 1.
Definition extragradient_strongly_monotone_any_step (L alpha distance : R) (horizon : nat) (step_size : R) : R :=
  (1 - step_size * alpha) ^ horizon * distance ^ 2.
Definition extragradient_strongly_monotone_tuned_step (L alpha distance : R) (horizon : nat) : R :=
  (1 - (sqrt 2 - 1) * alpha / L) ^ horizon * distance ^ 2.
Definition gd_convex_any_step (L distance : R) (horizon : nat) (step_size : R) : R := distance ^ 2 / (2 * step_size * INR horizon).
Definition gd_convex_complexity (L distance eps : R) : R := Rmax 1 (L * distance ^ 2 / (4 * eps) - 1 / 2).
Definition gd_convex_lower (L distance : R) (horizon : nat) : R := L * distance ^ 2 / (4 * INR horizon + 2).
Definition gd_convex_textbook (L distance : R) (horizon : nat) : R := L * distance ^ 2 / (2 * INR horizon).
Definition gd_convex_tight (L distance : R) (horizon : nat) : R := L * distance ^ 2 / (4 * INR horizon + 2).
Definition gd_nonconvex_complexity (L delta_f eps : R) : R := 2 * L * delta_f / eps ^ 2.
Definition gd_nonconvex_gradient (L delta_f : R) (horizon : nat) : R := 2 * L * delta_f / INR horizon.
Definition gd_polyak_lojasiewicz_complexity (delta_f eps kappa : R) : R := kappa * ln (delta_f / eps).
Definition gd_polyak_lojasiewicz_gap (L delta_f : R) (horizon : nat) (mu : R) : R := (1 - mu / L) ^ horizon * delta_f.
Definition gd_strongly_convex_complexity (distance eps kappa : R) : R := (kappa + 1) / 2 * ln (distance / eps).
Definition gd_strongly_convex_distance (L distance : R) (horizon : nat) (mu step_size : R) : R :=
  Rmax (1 - step_size * mu) (step_size * L - 1) ^ horizon * distance.
Definition gd_strongly_convex_gap (L delta_f : R) (horizon : nat) (mu step_size : R) : R :=
  Rmax (1 - step_size * mu) (step_size * L - 1) ^ (2 * horizon)%nat * delta_f.
Definition gd_strongly_convex_gradient (L gradient_norm : R) (horizon : nat) (mu step_size : R) : R :=
  Rmax (1 - step_size * mu) (step_size * L - 1) ^ horizon * gradient_norm.
Definition gd_strongly_convex_lower (L distance : R) (horizon : nat) (mu step_size : R) : R :=
  Rmax (1 - step_size * mu) (step_size * L - 1) ^ horizon * distance.
Definition gd_strongly_convex_tuned (L distance : R) (horizon : nat) (mu : R) : R := ((L - mu) / (L + mu)) ^ horizon * distance.
Definition gradient_play_bilinear_alternating (singular_value step_size : R) : R := 1.
Definition gradient_play_bilinear_growth (horizon : nat) (singular_value step_size : R) : R :=
  sqrt (1 + step_size ^ 2 * singular_value ^ 2) ^ horizon.
Definition gradient_play_cocoercive_any_step (alpha ell step_size : R) : R :=
  sqrt (1 - 2 * step_size * alpha + step_size ^ 2 * alpha * ell).
Definition gradient_play_cocoercive_best_step (alpha ell : R) : R := sqrt (1 - alpha / ell).
Definition gradient_play_cocoercive_threshold (ell : R) : R := 2 / ell.
Definition gradient_play_euler_any_step (alpha beta step_size : R) : R := sqrt (1 - 2 * step_size * alpha + step_size ^ 2 * beta ^ 2).
Definition gradient_play_euler_best_step (alpha beta : R) : R := sqrt (1 - alpha ^ 2 / beta ^ 2).
Definition gradient_play_euler_horizon (alpha beta distance eps : R) : R := 2 * beta ^ 2 / alpha ^ 2 * ln (distance / eps).
Definition gradient_play_euler_threshold (alpha beta : R) : R := 2 * alpha / beta ^ 2.
Definition gradient_play_kernel_gan_critical (discriminator_step generator_step kernel_width mass : R) : R :=
  1 - mass * sqrt (generator_step * discriminator_step) / kernel_width.
Definition gradient_play_kernel_gan_largest_regularization (discriminator_step generator_step kernel_width mass : R) : R :=
  2 / discriminator_step + generator_step * mass ^ 2 / (2 * kernel_width ^ 2).
Definition gradient_play_kernel_gan_least_regularization (generator_step kernel_width mass : R) : R :=
  generator_step * mass ^ 2 / kernel_width ^ 2.
Definition gradient_play_kernel_gan_monotone (discriminator_step generator_step kernel_width mass regularization : R) : R :=
  1 - (discriminator_step * regularization - sqrt ((discriminator_step * regularization) ^ 2 - 4 * generator_step * discriminator_step *
    mass ^ 2 / kernel_width ^ 2)) / 2.
Definition gradient_play_kernel_gan_oscillating (discriminator_step generator_step kernel_width mass regularization : R) : R :=
  sqrt (1 - discriminator_step * regularization + generator_step * discriminator_step * mass ^ 2 / kernel_width ^ 2).
Definition gradient_play_kernel_gan_unregularized (discriminator_step generator_step kernel_width mass : R) : R :=
  sqrt (1 + generator_step * discriminator_step * mass ^ 2 / kernel_width ^ 2).
Definition gradient_play_linear_threshold (alpha beta : R) : R := 2 * alpha / beta ^ 2.
Definition gradient_play_schur_maximum_norm (curvature_sum gain_margin step_size : R) : R := 1 - gain_margin * step_size.
Definition gradient_play_schur_maximum_norm_best_step (curvature_sum gain_margin : R) : R := 1 - 2 * gain_margin / curvature_sum.
Definition gradient_play_schur_own_error (L coupled_distance mu own_distance step_size : R) : R :=
  (1 - step_size * mu) * own_distance + step_size * coupled_distance.
Definition gradient_play_schur_weighted_norm (curvature_sum gain_margin step_size : R) : R := 1 - gain_margin * step_size.
Definition gradient_play_symmetric_any_step (alpha beta step_size : R) : R :=
  Rmax (Rabs (1 - step_size * alpha)) (Rabs (1 - step_size * beta)).
Definition gradient_play_symmetric_best_step (alpha beta : R) : R := (beta - alpha) / (beta + alpha).
Definition heavy_ball_quadratic_distance (distance : R) (horizon : nat) (kappa : R) : R :=
  ((sqrt kappa - 1) / (sqrt kappa + 1)) ^ horizon * (INR horizon + 1 + INR horizon * ((sqrt kappa - 1) / (sqrt kappa + 1))) * distance.
Definition heavy_ball_quadratic_least_radius (kappa : R) : R := (sqrt kappa - 1) / (sqrt kappa + 1).
Definition heavy_ball_quadratic_spectral_radius (kappa : R) : R := (sqrt kappa - 1) / (sqrt kappa + 1).
Definition heavy_tail_convex_lower_bound (distance : R) (horizon : nat) (sigma tail : R) : R :=
  sigma * distance / (exp 1 * Rpower 2 (1 / tail) * Rpower (INR horizon) (1 - 1 / tail)).
Definition heavy_tail_strongly_convex_lower_bound (horizon : nat) (mu sigma tail : R) : R :=
  sigma ^ 2 / (2 * exp 1 * mu * Rpower 2 (2 / tail) * Rpower (INR horizon) (2 - 2 / tail)).
Definition interpolation_accelerated_rho (L delta_f distance : R) (horizon : nat) (mu rho : R) : R :=
  (1 - sqrt (mu / (rho ^ 2 * L))) ^ horizon * (delta_f + mu * distance ^ 2 / 2).
Definition interpolation_accelerated_semi_stochastic (L delta_f distance : R) (horizon : nat) (mu rho : R) : R :=
  (1 - sqrt (mu / (rho * L))) ^ horizon * (delta_f + mu * distance ^ 2 / 2).
Definition interpolation_growth_constant_convex_components (L mu : R) : R := L / mu.
Definition interpolation_sgd_convex (L distance : R) (horizon : nat) (rho : R) : R := rho * L * distance ^ 2 / (2 * INR horizon).
Definition interpolation_sgd_nonconvex (L delta_f : R) (horizon : nat) (rho : R) : R := 2 * rho * L * delta_f / INR horizon.
Definition interpolation_sgd_polyak_lojasiewicz (L delta_f : R) (horizon : nat) (mu rho : R) : R :=
  (1 - mu / (rho * L)) ^ horizon * delta_f.
Definition lower_nonconvex_stochastic_constants (L delta_f eps sigma : R) : R :=
  (L * delta_f / (7296 * eps ^ 2) - 2) / 2 * Rmax 1 (sigma ^ 2 / (2116 * eps ^ 2)).
Definition nesterov_convex_complexity (L distance eps : R) : R := Rmax 1 (distance * sqrt (2 * L / eps) - 1).
Definition nesterov_convex_gap (L distance : R) (horizon : nat) : R := 2 * L * distance ^ 2 / (INR horizon + 1) ^ 2.
Definition nesterov_convex_lower (L : R) (dimension : nat) (distance : R) (horizon : nat) : R :=
  3 * L * distance ^ 2 / (32 * (INR horizon + 1) ^ 2).
Definition optimistic_bilinear_best_step : R := 1 / sqrt 2.
Definition optimistic_bilinear_long_step (singular_value step_size : R) : R :=
  sqrt (2 * step_size ^ 2 * singular_value ^ 2 + step_size * singular_value * sqrt (4 * step_size ^ 2 * singular_value ^ 2 - 1)).
Definition optimistic_bilinear_short_step (singular_value step_size : R) : R :=
  sqrt ((1 + sqrt (1 - 4 * step_size ^ 2 * singular_value ^ 2)) / 2).
Definition optimistic_bilinear_threshold (singular_value : R) : R := 1 / (sqrt 3 * singular_value).
Definition perceptron_batch_iterations (components : nat) (data_margin data_radius : R) : R :=
  INR components * data_radius ^ 2 / data_margin ^ 2.
Definition perceptron_logistic_regression_loss_explodes (logistic_step : R) : R := logistic_step / 8.
Definition perceptron_logistic_regression_normalized (components : nat) (data_margin data_radius logistic_step : R) : R :=
  data_radius ^ 2 / data_margin ^ 2 + 2 * ln (2 * INR components - 1) / (logistic_step * data_margin ^ 2).
Definition perceptron_normalized_iterations (data_margin data_radius : R) : R := data_radius ^ 2 / data_margin ^ 2.
Definition proximal_point_bilinear_any_step (singular_value step_size : R) : R := 1 / sqrt (1 + step_size ^ 2 * singular_value ^ 2).
Definition proximal_point_monotone_last_step (distance : R) (horizon : nat) : R := distance ^ 2 / (INR horizon + 1).
Definition proximal_point_strongly_monotone_any_step (alpha : R) (horizon : nat) (step_size : R) : R := / (1 + step_size * alpha) ^ horizon.
Definition random_scaling_exponential_identity (expected_slope : R) : R := expected_slope.
Definition random_scaling_stationarity_second_order_smooth (eps hessian_lipschitz spread_weight : R) : R := eps.
Definition random_scaling_stationarity_smooth (L eps spread_weight : R) : R := eps + L ^ 2 / (4 * spread_weight).
Definition random_scaling_stationarity_smooth_tuned (eps : R) : R := 5 * eps / 4.
Definition rk4_contraction_cocoercive (ell step_size : R) : R := 1.
Definition rk4_contraction_guideline (alpha beta step_size : R) : R := 1.
Definition rk4_contraction_monotone (alpha beta step_size : R) : R := sqrt (1 - step_size * alpha / 3 + step_size ^ 2 * beta ^ 2 / 6).
Definition rk4_equilibrium_hundredth (alpha beta : R) (horizon : nat) : R := sqrt (497 / 500) ^ horizon.
Definition rk4_equilibrium_tenth (alpha beta : R) (horizon : nat) : R := sqrt (211 / 250) ^ horizon.
Definition rk4_equilibrium_tenth_long_step (alpha beta : R) (horizon : nat) : R := sqrt (24 / 25) ^ horizon.
Definition rk4_linear_half_disc (beta : R) : R := 5231 / (2000 * beta).
Definition rk4_linear_half_disc_limit (beta : R) : R := 6539 / (2500 * beta).
Definition rk4_linear_symmetric (beta : R) : R :=
  (4 + Rpower (172 + 36 * sqrt 29) (1 / 3) - 20 / Rpower (172 + 36 * sqrt 29) (1 / 3)) / (3 * beta).
Definition rmsprop_generalized_smooth_denominator (D0 D1 average_derivative beta2 stabilizer v_init : R) : R :=
  sqrt (v_init + D0 + stabilizer) + 2 * sqrt D1 / sqrt (1 - beta2) * average_derivative.
Definition rmsprop_predictable_any_step (D0 D1 L beta2 delta_f : R) (dimension horizon : nat) (stabilizer step_size v_init : R) : R :=
  2 * sqrt D1 * (2 * delta_f / (step_size * INR horizon) + L * step_size * D0 * INR dimension / stabilizer) / sqrt (1 - beta2) + sqrt ((2 *
    delta_f / (step_size * INR horizon) + L * step_size * D0 * INR dimension / stabilizer) * INR dimension) * sqrt (sqrt (v_init + D0 +
    stabilizer)).
Definition rmsprop_predictable_complexity (D0 D1 L delta_f : R) (dimension : nat) (eps stabilizer v_init : R) : R :=
  (2 * sqrt D1 * (2 * sqrt (2 * delta_f * L * D0 * INR dimension / stabilizer) + 2 * delta_f * L * D1 / sqrt stabilizer) + sqrt ((2 * sqrt
    (2 * delta_f * L * D0 * INR dimension / stabilizer) + 2 * delta_f * L * D1 / sqrt stabilizer) * INR dimension) * sqrt (sqrt (v_init + D0
    + stabilizer))) ^ 4 / eps ^ 4.
Definition rmsprop_predictable_tuned (D0 D1 L delta_f : R) (dimension horizon : nat) (stabilizer v_init : R) : R :=
  2 * sqrt D1 * (2 * sqrt (2 * delta_f * L * D0 * INR dimension / (stabilizer * INR horizon)) + 2 * delta_f * L * D1 / (sqrt stabilizer *
    INR horizon)) * sqrt (sqrt (INR horizon)) + sqrt ((2 * sqrt (2 * delta_f * L * D0 * INR dimension / (stabilizer * INR horizon)) + 2 *
    delta_f * L * D1 / (sqrt stabilizer * INR horizon)) * INR dimension) * sqrt (sqrt (v_init + D0 + stabilizer)).
Definition sgd_confidence_any_step (L delta delta_f : R) (horizon : nat) (sigma step_size : R) : R :=
  2 * delta_f / (step_size * INR horizon) + 2 * (1 - L * step_size) * sigma * sqrt (2 * (2 * delta_f / step_size + L * step_size * sigma ^ 2
    * INR horizon) / delta) / INR horizon + 2 * L * step_size * sigma ^ 2 / delta.
Definition sgd_confidence_delta_aware (L delta delta_f : R) (horizon : nat) (sigma : R) : R :=
  2 * delta_f / (Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR horizon))) * INR horizon) + 2 * (1 - L * Rmin (1 / L) (sqrt
    (delta * delta_f / (L * sigma ^ 2 * INR horizon)))) * sigma * sqrt (2 * (2 * delta_f / Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma
    ^ 2 * INR horizon))) + L * Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR horizon))) * sigma ^ 2 * INR horizon) / delta) /
    INR horizon + 2 * L * Rmin (1 / L) (sqrt (delta * delta_f / (L * sigma ^ 2 * INR horizon))) * sigma ^ 2 / delta.
Definition sgd_confidence_delta_aware_closed (L delta delta_f : R) (horizon : nat) (sigma : R) : R :=
  4 * sigma * sqrt (L * delta_f / (delta * INR horizon)) + 2 * L * delta_f / INR horizon + 2 * sqrt 6 * sqrt sigma ^ 3 * sqrt (sqrt (L *
    delta_f)) / sqrt (sqrt (delta * INR horizon)) ^ 3.
Definition sgd_confidence_delta_aware_large (L delta delta_f : R) (horizon : nat) (sigma : R) : R :=
  (4 + 2 * sqrt 6) * sigma * sqrt (L * delta_f / (delta * INR horizon)) + 2 * L * delta_f / INR horizon.
Definition sgd_confidence_delta_aware_lower (L delta delta_f : R) (horizon : nat) (sigma : R) : R :=
  Rmin (3 * L * delta_f / 4) (sqrt 3 * sigma * sqrt (L * delta_f / (delta * INR horizon)) / 8).
Definition sgd_confidence_scaled_step (L delta delta_f : R) (horizon : nat) (sigma step_scale : R) : R :=
  4 * delta_f / (step_scale * sqrt (INR horizon)) + L * step_scale * sigma ^ 2 * (1 + 2 / delta) / sqrt (INR horizon) + 2 * sigma ^ 2 /
    (delta * INR horizon).
Definition sgd_confidence_spike_lower (L delta : R) (horizon : nat) (sigma step_scale : R) : R :=
  (1 - exp (- step_scale * L * sqrt (INR horizon))) * L * step_scale * sigma ^ 2 / (8 * delta * sqrt (INR horizon)).
Definition sgd_convex_average_any_step (L distance : R) (horizon : nat) (sigma step_size : R) : R :=
  distance ^ 2 / (2 * step_size * INR horizon) + step_size * sigma ^ 2 / 2.
Definition sgd_convex_average_nonsmooth (G distance : R) (horizon : nat) : R := distance * G / sqrt (INR horizon).
Definition sgd_convex_average_tuned (L distance : R) (horizon : nat) (sigma : R) : R :=
  L * distance ^ 2 / (2 * INR horizon) + distance * sigma / sqrt (INR horizon).
Definition sgd_convex_last_iterate_any_step (L distance : R) (horizon : nat) (sigma step_size : R) : R :=
  distance ^ 2 / (2 * step_size * INR horizon) + step_size * sigma ^ 2 / 2.
Definition sgd_convex_last_iterate_complexity (L distance eps sigma : R) : R :=
  Rmax (L * distance ^ 2 / eps) (4 * distance ^ 2 * sigma ^ 2 / eps ^ 2).
Definition sgd_convex_last_iterate_constant_step (G : R) (dimension : nat) (distance : R) (horizon : nat) : R :=
  distance * G * ln (INR horizon + 1) / (6 * sqrt (INR horizon)).
Definition sgd_convex_last_iterate_nonsmooth (G distance : R) (horizon : nat) : R := distance * G / sqrt (INR horizon).
Definition sgd_convex_last_iterate_nonsmooth_complexity (G distance eps : R) : R := distance ^ 2 * G ^ 2 / eps ^ 2.
Definition sgd_convex_last_iterate_tuned (L distance : R) (horizon : nat) (sigma : R) : R :=
  L * distance ^ 2 / (2 * INR horizon) + distance * sigma / sqrt (INR horizon).
Definition sgd_long_steps_escape (decay level tail_index : R) : R := level.
Definition sgd_long_steps_finite_variance : R := 0.
Definition sgd_nonconvex_any_step (L delta_f : R) (horizon : nat) (sigma step_size : R) : R :=
  2 * delta_f / (step_size * INR horizon) + L * step_size * sigma ^ 2.
Definition sgd_nonconvex_complexity (L delta_f eps sigma : R) : R :=
  Rmax (4 * L * delta_f / eps ^ 2) (32 * L * delta_f * sigma ^ 2 / eps ^ 4).
Definition sgd_nonconvex_expectation (L delta_f : R) (horizon : nat) (sigma : R) : R :=
  2 * L * delta_f / INR horizon + 2 * sigma * sqrt (2 * L * delta_f / INR horizon).
Definition sgd_nonconvex_ghadimi_lan (L delta_f distance_guess : R) (horizon : nat) (sigma : R) : R :=
  2 * delta_f / INR horizon + (distance_guess + 2 * delta_f / (L * distance_guess)) * sigma / sqrt (INR horizon).
Definition sgd_strongly_convex_any_step (L distance : R) (horizon : nat) (mu sigma step_size : R) : R :=
  (1 - step_size * mu) ^ horizon * distance ^ 2 + step_size * sigma ^ 2 / mu.
Definition sgd_strongly_convex_decreasing_step (distance : R) (horizon : nat) (kappa mu sigma : R) : R :=
  ((2 * kappa - 1) * (2 * kappa - 2) * distance ^ 2 + 4 * sigma ^ 2 * INR horizon / mu ^ 2) / ((INR horizon + 2 * kappa - 1) * (INR horizon
    + 2 * kappa - 2)).
Definition sgd_strongly_convex_exact (L distance : R) (horizon : nat) (mu sigma step_size : R) : R :=
  (1 - step_size * mu) ^ (2 * horizon)%nat * distance ^ 2 + step_size * sigma ^ 2 * (1 - (1 - step_size * mu) ^ (2 * horizon)%nat) / (mu *
    (2 - step_size * mu)).
Definition sgd_strongly_convex_identity (distance : R) (horizon : nat) (mu sigma step_size : R) : R :=
  (1 - step_size * mu) ^ (2 * horizon)%nat * distance ^ 2 + step_size * sigma ^ 2 * (1 - (1 - step_size * mu) ^ (2 * horizon)%nat) / (mu *
    (2 - step_size * mu)).
Definition sgd_strongly_convex_lower (horizon : nat) (mu sigma : R) : R := sigma ^ 2 / (mu ^ 2 * INR horizon).
Definition small_gain_band_lower_end (L12 L21 mu1 mu2 target_margin : R) : R :=
  ((sqrt ((mu1 - target_margin) * (mu2 - target_margin)) - sqrt ((mu1 - target_margin) * (mu2 - target_margin) - L12 * L21)) / L21) ^ 2.
Definition small_gain_band_upper_end (L12 L21 mu1 mu2 target_margin : R) : R :=
  ((sqrt ((mu1 - target_margin) * (mu2 - target_margin)) + sqrt ((mu1 - target_margin) * (mu2 - target_margin) - L12 * L21)) / L21) ^ 2.
Definition small_gain_best_response_two_players (L12 L21 mu1 mu2 : R) : R := sqrt (L12 * L21 / (mu1 * mu2)).
Definition small_gain_equilibrium_enclosure (alpha radius residual : R) : R := residual / alpha.
Definition small_gain_flow_contraction (alpha duration : R) : R := exp (- alpha * duration).
Definition small_gain_margin_equal_weights (coupling curvature : R) (players : nat) : R := curvature - (INR players - 1) * coupling.
Definition small_gain_margin_gain_vectors (gain_margin : R) : R := gain_margin.
Definition small_gain_margin_two_players_any_weights (L12 L21 mu1 mu2 weight_ratio : R) : R :=
  (mu1 + mu2) / 2 - sqrt (((mu1 - mu2) / 2) ^ 2 + (L12 / sqrt weight_ratio + L21 * sqrt weight_ratio) ^ 2 / 4).
Definition small_gain_margin_two_players_best_weights (L12 L21 mu1 mu2 : R) : R :=
  (mu1 + mu2) / 2 - sqrt (((mu1 - mu2) / 2) ^ 2 + L12 * L21).
Definition small_gain_margin_two_players_no_better_weights (L12 L21 mu1 mu2 : R) : R :=
  (mu1 + mu2) / 2 - sqrt (((mu1 - mu2) / 2) ^ 2 + L12 * L21).
Definition small_gain_margin_weights_optimal (gain_ceiling : R) : R := gain_ceiling.
Definition subgradient_convex_any_step (G distance : R) (horizon : nat) (step_size : R) : R :=
  distance ^ 2 / (2 * step_size * INR horizon) + step_size * G ^ 2 / 2.
Definition subgradient_convex_average (G distance : R) (horizon : nat) : R := distance * G / sqrt (INR horizon).
Definition subgradient_convex_complexity (G distance eps : R) : R := distance ^ 2 * G ^ 2 / eps ^ 2.
Definition subgradient_convex_lower (G : R) (dimension : nat) (distance : R) (horizon : nat) : R := G * distance / sqrt (INR horizon + 1).
Definition subgradient_convex_lower_textbook (G : R) (dimension : nat) (distance : R) (horizon : nat) : R :=
  G * distance / (2 * (1 + sqrt (INR horizon))).
