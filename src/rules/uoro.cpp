// SPDX-License-Identifier: Apache-2.0
// Unbiased online recurrent optimisation: the influence is kept as one outer product s~ (x) theta~ that equals it on
// average. Each step, with random signs nu in {-1,+1}^{S d}:
//   P = nu^T Mbar,  rho0 = sqrt(|theta~|/|J s~|),  rho1 = sqrt(|P|/|nu|)
//   s~ <- rho0 J s~ + rho1 nu,   theta~ <- theta~/rho0 + P/rho1,   g = (c . s~) theta~
// Both start at zero. A term one of whose factors is zero adds nothing on average and is left out, which also is the
// guard against dividing by a zero norm.
#include <algorithm>
#include <cmath>

#include "base/sizes.hpp"
#include "math/kernels.hpp"
#include "rules/draws.hpp"
#include "rules/further_credit.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Uoro final : public Rule<T> {
 public:
  explicit Uoro(const RuleSetup<T>& setup)
      : stack_(setup.stack), streams_(setup.streams), states_(setup.stack.width()), draws_(setup) {
    a_.resize(area(streams_, states_));
    b_.resize(static_cast<std::size_t>(streams_) * stack_.parameters());
    norm_.resize(static_cast<std::size_t>(streams_));
    pushed_.resize(area(streams_, states_));
    nu_.resize(area(streams_, states_));
    lambda_.resize(area(streams_, states_));
    zero_.resize(area(streams_, stack_.shown_width()));
    du_.resize(area(streams_, stack_.rows()));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      stack_.push(layers, k, a_.data(), pushed_.data());
      for (int b = 0; b < streams_; ++b)
        draws_.signs(layers[0].pass, layers[0].t0 + k, b, states_, nu_.data() + area(b, states_));
      std::copy_n(nu_.data(), nu_.size(), lambda_.data());
      stack_.pull(layers, k, Recurrent::none, lambda_.data(), zero_.data(), du_.data(), nullptr);  // du = gain^T nu
      for (int b = 0; b < streams_; ++b) step(layers, k, b, credit, grad);
    }
  }

  void begin() override {
    a_.zero();
    b_.zero();
    norm_.zero();
  }

  void state(Archive& archive) override {
    archive.array("A", a_.span());
    archive.array("B", b_.span());
    archive.array("norm", norm_.span());
  }

 private:
  void step(Layers<T> layers, int k, int b, const Credit<T>& credit, T* grad) {
    const Kernels<T>& loops = kernels<T>();
    T* a = a_.data() + area(b, states_);
    T* du = du_.data() + area(b, stack_.rows());
    const T* pushed = pushed_.data() + area(b, states_);
    const T* nu = nu_.data() + area(b, states_);
    T squared_p = 0;
    for (const StackBlock& block : stack_.blocks())
      squared_p += loops.squared_norm(block.rows, du + block.row) *
                   loops.squared_norm(block.cols, stack_.regressors(layers, block, k, b));
    const T norm_a = std::sqrt(loops.squared_norm(states_, pushed)), norm_p = std::sqrt(squared_p),
            norm_b = norm_[static_cast<std::size_t>(b)];
    const bool carried = norm_a > 0 && norm_b > 0, fresh = norm_p > 0;
    const T rho0 = carried ? std::sqrt(norm_b / norm_a) : T(0),
            rho1 = fresh ? std::sqrt(norm_p / std::sqrt(T(states_))) : T(0);
    std::fill_n(a, states_, T(0));
    if (carried) loops.axpy(states_, rho0, pushed, a);
    if (fresh) loops.axpy(states_, rho1, nu, a);
    const T keep = carried ? 1 / rho0 : T(0);
    loops.scale(stack_.rows(), fresh ? 1 / rho1 : T(0), du);
    const int width = stack_.shown_width(), d = stack_.units();
    T weight = loops.dot(width, credit.c + area(k * streams_ + b, width), a + stack_.shown());
    for (const FurtherCredit<T>& further : credit.further)
      weight += loops.dot(d, row_of(further, k, b, d), a + area(further.layer * stack_.states() + further.state, d));
    T* theta = b_.data() + static_cast<std::size_t>(b) * stack_.parameters();
    T squared = 0;
    for (const StackBlock& block : stack_.blocks())
      squared +=
          loops.rank_one_step(block.cols, block.rows, keep, stack_.regressors(layers, block, k, b), du + block.row,
                              weight, theta + block.begin, block.rows, grad + block.begin, block.rows);
    norm_[static_cast<std::size_t>(b)] = std::sqrt(squared);
  }

  const Stack<T>& stack_;
  int streams_, states_;  ///< B, N S d
  Draws draws_;
  Buffer<T> a_, b_, norm_;  ///< s~ [B][N S d], theta~ [B][p], [B] |theta~|
  Buffer<T> pushed_, nu_, lambda_, zero_, du_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<Uoro<T>>(setup);
}

constexpr Option options[] = {reach_option, reach_by_option};

}  // namespace

extern const RuleRecord rule_uoro;
const RuleRecord rule_uoro = {
    .entry = {.name = "uoro",
              .title = "unbiased online recurrent optimisation",
              .formulae = "M ~ s~ (x) theta~\n"
                          "s~ <- rho0 J s~ + rho1 nu,  theta~ <- theta~/rho0 + nu^T Mbar/rho1,  g = (c . s~) theta~\n"
                          "rho0 = sqrt(|theta~| / |J s~|),  rho1 = sqrt(|nu^T Mbar| / |nu|)",
              .symbols =
                  "nu: random signs, one a state\n"
                  "s~, theta~: two factors whose outer product is M on average: one number a state, and one a weight",
              .text = "Its mean over the signs is the exact gradient; its noise grows with d, so it wants small rates.",
              .cite = "tallec2018unbiased,marschall2020unified",
              .options = options},
    .promise = Promise::unbiased,
    .memory = "p + d",
    .time = "R + 4 p",
    .past_facing = true,
    .whitens = true,
    .look = "brown",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
