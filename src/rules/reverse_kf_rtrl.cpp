// SPDX-License-Identifier: Apache-2.0
// Reverse Kronecker-factored RTRL: the influence of a group of pre-activations that read the same regressors z is kept
// as one product A (x) B that equals it on average, M[k,(i,j)] ~ A_i B_kj, with G = ds/du of the group and a sign nu_i
// for each pre-activation:
//   B~ = J B,  P = (G nu) (x) z,  rho0 = sqrt(|B~|/|A|),  rho1 = sqrt(|P|/|nu|)
//   A <- rho0 A + rho1 nu,   B <- B~/rho0 + P/rho1,   g_ij = A_i (c B)_j
// Both start at zero; a term one of whose factors is zero is left out. On a stack B holds the states of the layers
// above, too.
#include <algorithm>
#include <cmath>

#include "rules/draws.hpp"
#include "rules/kronecker_factors.hpp"
#include "rules/reach.hpp"
#include "rules/step_matrices.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class ReverseKfRtrl final : public Rule<T> {
 public:
  explicit ReverseKfRtrl(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        draws_(setup),
        step_(setup.stack, setup.streams),
        factors_(stack_, streams_, [this](const StackBlock& block) {
          return typename KroneckerFactors<T>::Sizes{static_cast<std::size_t>(block.rows),
                                                     step_.numbers(block.layer, block.cols)};
        }) {
    int cols = 0;
    for (const StackBlock& block : stack_.blocks()) cols = std::max(cols, block.cols);
    pushed_.resize(factors_.most_b());
    moved_.resize(static_cast<std::size_t>(stack_.width()));
    credit_.resize(static_cast<std::size_t>(cols));
    nu_.resize(factors_.all_a());
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      step_.linearise(layers, k);
      for (int b = 0; b < streams_; ++b) {
        step_.take(layers, credit, k, b);
        draws_.signs(layers[0].pass, layers[0].t0 + k, b, static_cast<int>(nu_.size()), nu_.data());
        for (std::size_t pair = 0; pair < stack_.blocks().size(); ++pair) {
          const StackBlock& block = stack_.blocks()[pair];
          advance(block, nu_.data() + factors_.a_at(pair), stack_.regressors(layers, block, k, b), factors_.a(b, pair),
                  factors_.b(b, pair), grad);
        }
      }
    }
  }

  void begin() override { factors_.begin(); }
  void state(Archive& archive) override { factors_.state(archive); }

 private:
  void advance(const StackBlock& block, const T* nu, const T* z, T* a, T* b, T* grad) {
    const Kernels<T>& loops = kernels<T>();
    const int cols = block.cols, own = stack_.states() * stack_.units(), above = stack_.layers() - block.layer;
    const auto numbers = static_cast<int>(step_.numbers(block.layer, cols));
    step_.push(block.layer, cols, b, pushed_.data());
    step_.gain_times(block, nu, moved_.data());
    KroneckerFactors<T>::advance(block.rows, a, numbers, pushed_.data(), b);
    const T norm_p = std::sqrt(loops.squared_norm(above * own, moved_.data())) * std::sqrt(loops.squared_norm(cols, z));
    if (norm_p > 0) {
      const T rho1 = std::sqrt(norm_p / std::sqrt(loops.squared_norm(block.rows, nu)));
      loops.axpy(block.rows, rho1, nu, a);
      loops.scale(above * own, 1 / rho1, moved_.data());
      for (int l = 0; l < above; ++l)
        loops.outer_add(cols, own, z, moved_.data() + area(l, own), b + area(l * cols, own), own);
    }
    step_.read(block.layer, cols, b, credit_.data());
    loops.outer_add(cols, block.rows, credit_.data(), a, grad + block.begin, block.rows);
  }

  const Stack<T>& stack_;
  int streams_;
  Draws draws_;
  StepMatrices<T> step_;
  KroneckerFactors<T> factors_;  ///< A [rows], B: a bundle of cols vectors
  Buffer<T> pushed_, moved_, credit_, nu_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<ReverseKfRtrl<T>>(setup);
}

constexpr Option options[] = {reach_option, reach_by_option};

}  // namespace

extern const RuleRecord rule_reverse_kf_rtrl;
const RuleRecord rule_reverse_kf_rtrl = {
    .entry = {.name = "reverse_kf_rtrl",
              .title = "reverse Kronecker-factored RTRL",
              .formulae = "M[k,i,j] ~ A[i] B[k,j]\n"
                          "A <- rho0 A + rho1 nu,  B <- J B/rho0 + P/rho1,  g[i,j] = A[i] sum_k c[k] B[k,j]\n"
                          "P = (G nu) (x) z,  rho0 = sqrt(|J B| / |A|),  rho1 = sqrt(|P| / |nu|)",
              .symbols = "A, B: factors of M for a group of pre-activations that read the same regressors\n"
                         "G: what the group's pre-activations add to the states\n"
                         "nu: random signs, one a pre-activation\n"
                         "k: number of a state",
              .text =
                  "Its mean over the signs is the exact gradient, through all layers of a stack; the noisiest of its "
                  "kind. Groups: leaky and lstm one a layer, gru three.",
              .cite = "marschall2020unified",
              .options = options},
    .promise = Promise::unbiased,
    .memory = "F + d Z",
    .time = "Z J + S R + 4 d Z + p",
    .past_facing = true,
    .whitens = true,
    .look = "moss",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
