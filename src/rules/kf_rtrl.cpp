// SPDX-License-Identifier: Apache-2.0
// Kronecker-factored RTRL: the influence of a group of pre-activations that read the same regressors z is kept as one
// product A (x) B that equals it on average, M[k,(i,j)] ~ A_j B_ki, with G = ds/du of the group and one sign nu a step:
//   B~ = J B,  rho0 = sqrt(|B~|/|A|),  rho1 = sqrt(|G|/|z|)
//   A <- rho0 A + nu rho1 z,   B <- B~/rho0 + nu G/rho1,   g_ij = (c B)_i A_j
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
class KfRtrl final : public Rule<T> {
 public:
  explicit KfRtrl(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        draws_(setup),
        step_(setup.stack, setup.streams),
        factors_(stack_, streams_, [this](const StackBlock& block) {
          return typename KroneckerFactors<T>::Sizes{static_cast<std::size_t>(block.cols), step_.numbers(block)};
        }) {
    int rows = 0;
    for (const StackBlock& block : stack_.blocks()) rows = std::max(rows, block.rows);
    pushed_.resize(factors_.most_b());
    gain_.resize(factors_.most_b());
    credit_.resize(static_cast<std::size_t>(rows));
    nu_.resize(stack_.blocks().size());
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      step_.linearise(layers, k);
      for (int b = 0; b < streams_; ++b) {
        step_.take(layers, credit, k, b);
        draws_.signs(layers[0].pass, layers[0].t0 + k, b, static_cast<int>(nu_.size()), nu_.data());
        for (std::size_t pair = 0; pair < nu_.size(); ++pair) {
          const StackBlock& block = stack_.blocks()[pair];
          advance(block, nu_[pair], stack_.regressors(layers, block, k, b), factors_.a(b, pair), factors_.b(b, pair),
                  grad);
        }
      }
    }
  }

  void begin() override { factors_.begin(); }
  void state(Archive& archive) override { factors_.state(archive); }

 private:
  void advance(const StackBlock& block, T nu, const T* z, T* a, T* b, T* grad) {
    const Kernels<T>& loops = kernels<T>();
    const auto numbers = static_cast<int>(step_.numbers(block));
    step_.push(block, 1, b, pushed_.data());
    step_.gain(block, gain_.data());
    KroneckerFactors<T>::advance(block.cols, a, numbers, pushed_.data(), b);
    const T norm_z = std::sqrt(loops.squared_norm(block.cols, z)),
            norm_g = std::sqrt(loops.squared_norm(numbers, gain_.data()));
    if (norm_z > 0 && norm_g > 0) {
      const T rho1 = std::sqrt(norm_g / norm_z);
      loops.axpy(block.cols, nu * rho1, z, a);
      loops.axpy(numbers, nu / rho1, gain_.data(), b);
    }
    step_.read(block, 1, b, credit_.data());
    loops.outer_add(block.cols, block.rows, a, credit_.data(), grad + block.begin, block.rows);
  }

  const Stack<T>& stack_;
  int streams_;
  Draws draws_;
  StepMatrices<T> step_;
  KroneckerFactors<T> factors_;  ///< A [cols], B: rows of the group
  Buffer<T> pushed_, gain_, credit_, nu_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<KfRtrl<T>>(setup);
}

constexpr Option options[] = {reach_option, reach_by_option};

}  // namespace

extern const RuleRecord rule_kf_rtrl;
const RuleRecord rule_kf_rtrl = {
    .entry = {.name = "kf_rtrl",
              .title = "Kronecker-factored RTRL",
              .formulae = "M[k,i,j] ~ A[j] B[k,i]\n"
                          "A <- rho0 A + nu rho1 z,  B <- J B/rho0 + nu G/rho1,  g[i,j] = A[j] sum_k c[k] B[k,i]\n"
                          "rho0 = sqrt(|J B| / |A|),  rho1 = sqrt(|G| / |z|)",
              .symbols = "A, B: factors of M for a group of pre-activations that read the same regressors\n"
                         "G: what the group's pre-activations add to the states\n"
                         "nu: a random sign\n"
                         "k: number of a state",
              .text = "Its mean over the signs is the exact gradient, through all layers of a stack; its noise is far "
                      "below uoro's, for d times the work. Groups: leaky and lstm one a layer, gru three.",
              .cite = "mujika2018approximating,marschall2020unified",
              .options = options},
    .promise = Promise::unbiased,
    .memory = "a F + Z",
    .time = "a F J / d + S R + 5 a F + p",
    .past_facing = true,
    .whitens = true,
    .look = "pine",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
