// SPDX-License-Identifier: Apache-2.0
// Oracles: slow and plain double-precision programs for the gradients of recurrent layers with a readout, and for
// the dense definitions of approximate rules. They are what the fast code is checked against, by the `check` verb and
// by the tests, and therefore use nothing of it: no cell, segment, rule, kernel or matrix library.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace chronograd::checking {

using Vector = std::vector<double>;
using Named = std::map<std::string, Vector>;

/// What an alif unit has beside its weights: a number or a list [d] in settings, here always [d].
struct Spiking {
  Vector decay_v, decay_a;  ///< in (0, 1)
  Vector beta, v_th;        ///< threshold: v_th + beta a
  double zeta = 1;          ///< factor of what arrives at v
  Vector height, width;     ///< of psi
  Vector n_ref;             ///< steps; above 1 the counter is one more state of the oracle's, which takes no credit
  std::string shape = "triangular";  ///< of psi
  bool stopped = false;              ///< no credit passes through the reset
  std::string reset = "next";  ///< what a spike takes of v: next, v_th at the next step; step, v_th at once; zero, all
                               ///< of it at once. v is the voltage that was held against the threshold in each case
};

/// A network, its data and its loss. All arrays are in C order, parameters have the names and shapes (to, from) of
/// files: leaky W_rec (d,d), leaky_diagonal W_rec (d), both W_in (d,n) b_h (d); gru and lstm weight_ih_l0 (G d,n)
/// weight_hh_l0 (G d,d) bias_ih_l0 (G d) bias_hh_l0 (G d), gates r z n and i f g o; lru nu_log theta_log (d) B_re B_im
/// (d,n) b_re b_im (d); lru_real nu_log (d) B (d,n) b (d); rtu W_1 W_2 (d,n) w_r w_th (d); elstm W_z W_f W_o (d,n) w_z
/// w_f w_o b_z b_f b_o (d); alif W_rec (d,d) without its diagonal, W_in (d,n); readout W_out (m,H d) b_y (m), H the
/// numbers of h a unit has (rtu 2, else 1). Further layers read H d numbers in place of n; their parameters end in _l1,
/// _l2. An optional array that is empty is absent.
struct OracleProblem {
  std::string cell = "leaky";  ///< one of known_cells()
  int layers = 1, d = 1, n = 1, m = 1, B = 1, T = 1;
  Vector alpha;                    ///< [d] update rates in (0, 1], of each layer; leaky cells only
  bool trained = false;            ///< alpha = 1/(1 + exp(-alpha_logit)), a parameter (d) after the cell's own
  double kappa = 0, zeta_out = 0;  ///< kappa > 0: the readout reads f' = kappa f + zeta_out h'; f is the last state
  bool average = false;  ///< the readout reads the mean since the row or the last reset began, weighted by the mask, of
                         ///< what it would read, whose sum is the last state; one loss at the last step with a mask
  bool inside = false;   ///< rtu: activation_at = "state"
  std::string activation = "tanh";  ///< of cells that have a choice: identity, tanh, sigmoid, relu, softplus
  std::string output = "identity";  ///< output activation: the same, or softmax
  std::string loss = "mse";         ///< mse, cross_entropy (outputs softmax, sigmoid, softplus), bce (softmax, sigmoid)
  Named parameters;
  Vector x, y;                   ///< [B][T][n] inputs, [B][T][m] targets (classes as one-hot rows)
  Vector mask, reset;            ///< [B][T], optional: weights of the losses (1); state is cut before a step (0)
  Vector weight;                 ///< [B], optional: factor of a stream's losses (1), for their normalisation
  Vector h0, c0;                 ///< optional: state before the first step (0): the first state h0 [L][B][d], and the
                                 ///< other S - 1 states of a unit in c0 [L][B][S - 1][d]
  Vector W_rec_mask, W_in_mask;  ///< shapes of the recurrent and the input weights, layer after layer,
                                 ///< optional: 1 = present
  Vector third;                  ///< [B][T][q], optional: the third factor, q = 1, d or N d numbers a step
  Vector feedback;               ///< [H d][m], optional: c = feedback err; W_out^T where absent
  Vector xi;                     ///< [B][T][L][d], optional: standard normal noise; leaky cells only
  double sigma = 0;              ///< its scale
  Spiking spiking;               ///< alif only
  int third_numbers() const { return static_cast<int>(third.size()) / (B * T); }  ///< q, 0 where there is none
  bool noise_on_input = false;  ///< u += sqrt(2 / alpha) sigma xi; otherwise h += sqrt(2 alpha) sigma xi
};

/// What an oracle finds. The gradient is the sum over steps and streams, zero for absent weights.
struct OracleGradient {
  Named gradient;    ///< by parameter, in its shape
  double loss = 0;   ///< sum of loss_t
  Vector loss_t;     ///< [B][T] weight * mask * L_t, or weight * L_t where the row has one loss
  Vector h, y;       ///< [B][T][H d], and [B][T][m] after the output activation
  Vector end;        ///< [B][L][S d] state (h, then c) after the last step
  Named per_step;    ///< dense rules: [T][shape], what each step adds to the gradient
  Named parameters;  ///< dense rules: parameters at the end (online learning)
  Vector x, h0, c0;  ///< exact_reverse_mode: dL/dx, dL/dh0 [L][B][d], and dL/dc0 [L][B][S - 1][d]
};

/// The exact gradient by dual numbers, forwards through time. Ignores `feedback`, as do the next two.
OracleGradient exact_forward_mode(const OracleProblem& problem);
/// The exact gradient by a reverse tape of the whole unrolled network, with that of inputs and initial state.
OracleGradient exact_reverse_mode(const OracleProblem& problem);
/// The gradient by central differences: expect a relative error of 1e-6 at most, away from kinks of relu. Throws Error
/// (usage) for alif.
OracleGradient central_differences(const OracleProblem& problem);

/// The double sum over the steps t of losses and the steps s <= t of parameter use, with explicit products of
/// Jacobians, in O(T^2): for each t over all s (past-facing), or for each s over all t (future-facing).
/// Both use the credit of `feedback` where there is one.
OracleGradient double_sum_past(const OracleProblem& problem);
OracleGradient double_sum_future(const OracleProblem& problem);

/// An approximate rule. All but the last are an influence recursion per stream, M_t = F_t M_{t-1} + Mbar_t on a
/// pattern of entries kept, with Mbar_t the immediate influence, and add sum_k c_t[k] M_t[k] at each step. F is what
/// the rule carries forward of J:
///   readout_only   no recurrent gradient
///   immediate      F = 0
///   rflo, eprop    F = the direct part of J (what does not pass through W_rec)
///   three_factor   the same, and problem.third in place of c, on the h of each layer (of the top what is read out)
///   rtrl           F = J; sparse_rtrl is the same
///   tbptt          F = J, M is set to 0 where a window begins
///   snap           F = J, entries that a weight reaches within n steps
///   rolling_tbptt, f_bptt, uoro, kf_rtrl, reverse_kf_rtrl, ok, kernl, perturb, pp_prop   see window_rule.cpp,
///                  uoro_rule.cpp, kf_rule.cpp, ok_rule.cpp, kernl_rule.cpp, perturb_rule.cpp and pp_prop_rule.cpp
///   dni, dni_b, dni_window, bp_lambda   see dni_rule.cpp, dni_window_rule.cpp and bp_lambda_rule.cpp
/// On a stack of layers rflo, eprop, three_factor, snap, kernl and pp_prop have an M for each layer, with its own part
/// of J and Mbar; credit passes down the layers inside a step. The others have one M for all. A reset sets M (and what
/// stands for it in products) to zero before the step. With `reach` credit goes back by J and Mbar for so many steps,
/// and M is asked there; see reach_rule.cpp.
struct RuleDefinition {
  std::string name;
  int reach = 0;                       ///< steps; 0: none
  bool by_interval = false;            ///< all credits of an update interval go back together, from its end
  int n = 1;                           ///< snap: at least 1
  std::vector<Vector> broadcast = {};  ///< eprop: [N - 1][H d][m], c = B_l err for a layer below the top; empty: credit
                                       ///< passes down
  double decay = -1;                   ///< rflo: F = decay I where it is not negative; pp_prop: of both filters
  bool strict = false;                 ///< snap on lstm: the pattern of the immediate influence, not of the unit
  /// tbptt: length of windows (0: the update interval), counted from the start of each update interval;
  /// rolling_tbptt, f_bptt: steps that credit goes through (0: all).
  int L = 0;
  /// uoro: sign (stream, step, state number among N S d) in {-1, 1}; lstm: states h then c. kf_rtrl, reverse_kf_rtrl,
  /// ok: sign (stream, step, number in the order of groups.hpp). kernl: standard normal (stream, step, state of a
  /// layer). perturb: standard normal (0, first step of the interval, parameter; those of a direction after the other).
  std::function<double(int, std::int64_t, int)> sign = {};
  int r = 4;                                         ///< ok: most products
  bool linear_kernel = false;                        ///< kernl
  double gamma = 0.8, A_lr = 1e-3, gamma_lr = 1e-3;  ///< kernl: first decay, step sizes of A and gamma
  double sigma = 1e-3;                               ///< kernl, perturb: size of the perturbations
  int directions = 1;                                ///< perturb: drawn for each update interval
  bool forward = false;                              ///< perturb: the derivative along a direction, no difference
  bool perturb_before = false;                       ///< kernl: the step's perturbation comes before it
  int resync = 0;                                    ///< kernl: steps after which the copy is set to the state, 0: none
  double sg_lr = 1e-3;                               ///< step size of synthesisers
  int refresh = 5;                ///< dni, dni_b: updates after which the synthesiser's copy used in targets is renewed
  Vector synthesiser = {};        ///< initial matrix of a linear one, optional (zeros); dni: [S d][S d + m + 1]
  std::string model = "linear";   ///< synthesisers: linear, mlp or low_rank
  std::vector<int> hidden = {0};  ///< mlp: units of its hidden layers; 0: as many as guesses
  int rank = 16;                  ///< low_rank
  bool sg_adam = false;           ///< synthesisers: Adam in place of plain descent
  double sg_l2 = 0, sg_clip = 0;  ///< synthesisers: decay of weights; largest norm of a gradient (0: any)
  int sg_warmup = 0;              ///< synthesisers: updates over which the rate rises
  bool sg_zero = true;            ///< synthesisers: the last layer starts at zero
  std::function<double(int, int)> first_weight = {};  ///< number j drawn for row i of the matrices that do not
  double J_lr = 1e-3;                                 ///< dni_b: step size of the learnt Jacobian
  bool squash = true;                                 ///< dni_b: tanh of what is guessed, in the target
  double scale = 1, discount = 1, lambda = 1;         ///< dni_window, bp_lambda; discount is their gamma
  bool all = false;                                   ///< dni_window: learns the states inside of windows, too
  double aux = 0;                                     ///< dni_window: weight of the auxiliary loss
  bool end_free = false;                              ///< dni_window: asked at a row's end as elsewhere
  std::vector<int> hidden_states = {};                ///< dni_window: states that the synthesiser is not shown
  int ablate_at = -1, freeze_at = -1;                 ///< dni_window: updates before a lesion; -1: never
};

/// The rule with frozen weights. `every`: steps of an update interval, at which tbptt's windows end (0: the row).
OracleGradient dense_rule(const OracleProblem& problem, const RuleDefinition& rule, int every = 0);

/// The rule while learning: after every `every` steps (0: the row; a shorter last interval counts) all parameters make
/// a step of gradient descent with rate `lr` along the interval's gradient, summed over streams. Weights are constant
/// inside an interval; what a rule remembers stays as it is.
OracleGradient online(const OracleProblem& problem, const RuleDefinition& rule, int every, double lr);

}  // namespace chronograd::checking
