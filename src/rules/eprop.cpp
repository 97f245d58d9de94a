// SPDX-License-Identifier: Apache-2.0
// E-prop's reading of a rate or gated cell: the eligibility trace of a weight is carried by the unit's own states
// alone.
#include <cmath>
#include <cstdint>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "math/gemm.hpp"
#include "rules/local_trace.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

/// First of the streams of draws, beyond that of B_feedback.
constexpr std::uint64_t broadcast_draws = 1;

/// The readout's error as credit of the layers below the top one, each through a fixed random matrix of its own.
template <class T>
class BroadcastError final : public LayerCredit<T> {
 public:
  explicit BroadcastError(const RuleSetup<T>& setup)
      : outputs_(setup.outputs),
        width_(setup.stack.shown_width()),
        matrices_(area(setup.stack.layers() - 1, matrix())) {
    const Options& options = setup.options;
    const double scale = (options.has("feedback_scale") ? options.number("feedback_scale") : 1.0) /
                         std::sqrt(static_cast<double>(outputs_));
    for (int l = 0; l + 1 < setup.stack.layers(); ++l) {
      Random random(setup.seed, Draw::feedback, broadcast_draws + static_cast<std::uint64_t>(l));
      for (int i = 0; i < matrix(); ++i)
        matrices_[area(l, matrix()) + area(i, 1)] = static_cast<T>(random.normal() * scale);
    }
  }

  bool of_top() const override { return false; }
  void write(const Credit<T>& credit, int l, int rows, T* c) override {
    gemm(Op::none, Op::none, rows, width_, outputs_, credit.err, outputs_, matrices_.data() + area(l, matrix()), width_,
         T(0), c, width_);
  }

 private:
  int matrix() const { return outputs_ * width_; }

  int outputs_, width_;  ///< m, H d
  Buffer<T> matrices_;   ///< [N - 1][m][H d]
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  if (setup.options.word("lower") == "down") return make_local_trace<T, Recurrent::none>(setup);
  if (setup.options.integer("reach") > 0)
    throw Error(
        Exit::usage, "rule.lower",
        "got broadcast with a reach, allowed is reach = 0: credit that goes back exactly passes down the layers "
        "as well.");
  return on_each_layer<T>(setup, make_local_trace<T, Recurrent::none>, std::make_unique<BroadcastError<T>>(setup));
}

constexpr Option options[] = {
    {.key = "lower",
     .type = OptionType::word,
     .fallback = "\"down\"",
     .help = "credit of layers below the top one: down, what passes down through W_in inside the step; broadcast, the "
             "readout's error through a fixed random matrix for each layer, normal with deviation feedback_scale / "
             "sqrt(m)",
     .choices = "down|broadcast"},
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_eprop;
const RuleRecord rule_eprop = {
    .entry = {.name = "eprop",
              .title = "e-prop, eligibility propagation",
              .formulae = "e_t[i,j] = A_t[i] e_{t-1}[i,j] + D_t[i] z_t[j],  g = sum_t c_t[i] e_t[i,j]",
              .text =
                  "The learning signal c is that of the readout, the trace that of the unit: leak (leaky), z "
                  "(gru), f on c and h through c (lstm). On these cells it is the same as rflo: "
                  "the filter of a leaky readout is one of the unit's own states.\n"
                  "In a stack each layer has the rule to itself. With lower = down credit passes down within the step "
                  "(W_in^T gain^T c): of what a layer does to a loss its effect on itself by way of W_rec is "
                  "dropped, and so is what its past does to the layers above. With lower = broadcast the error "
                  "reaches each layer through a random matrix (B_l err), and no layer knows what the others make "
                  "of it.",
              .cite = "bellec2020solution",
              .options = options},
    .promise = Promise::biased,
    .limit = "W_rec = 0, or units recur with themselves alone, in one layer",
    .memory = "v p",
    .time = "(v^2 + v) p / K + (v + 1) p",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "mauve",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
