// SPDX-License-Identifier: Apache-2.0
// Decoupled neural interfaces in time, one step bootstrapped: a linear model guesses the total credit of a state.
//   a_t = (s_t, y*_t, 1), y* = 0 where the step has no loss,  guess of dL/ds_t from now on:  A a_t
//   target of the guess made a step ago:  tau = c_{t-1} + (A_frozen a_t) J_t
//   A <- A - sg_lr * mean over streams of (A a_{t-1} - tau) (x) a_{t-1};   then g_t = (A a_t) Mbar_t
// A learns at every step, whatever the update interval; A_frozen is refreshed to A after every `refresh` of its
// updates.
#include <algorithm>

#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/further_credit.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Dni final : public Rule<T> {
 public:
  explicit Dni(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        outputs_(setup.outputs),
        states_(setup.stack.width()),
        features_(states_ + setup.outputs + 1),
        rate_(static_cast<T>(setup.options.number("sg_lr"))),
        refresh_(setup.options.integer("refresh")) {
    model_.resize(area(features_, states_));
    frozen_.resize(area(features_, states_));
    feature_.resize(area(streams_, features_));
    previous_.resize(area(streams_, features_));
    credit_.resize(area(streams_, stack_.shown_width()));
    if (setup.further) further_.resize(area(streams_, states_));
    guess_.resize(area(streams_, states_));
    target_.resize(area(streams_, states_));
    zero_.resize(area(streams_, stack_.shown_width()));
    back_.resize(area(streams_, stack_.shown_width()));
    du_.resize(area(streams_, stack_.rows()));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const int d = stack_.shown_width();
    for (int k = 0; k < layers[0].steps; ++k) {
      gather(layers, credit, k);
      if (has_previous_) train(layers, k);
      gemm(Op::none, Op::none, streams_, states_, features_, feature_.data(), features_, model_.data(), states_, T(0),
           guess_.data(), states_);
      stack_.pull(layers, k, Recurrent::none, guess_.data(), zero_.data(), du_.data(), nullptr);
      stack_.accumulate(layers, k, k + 1, du_.data(), grad);
      std::swap(feature_, previous_);
      std::copy_n(credit.c + area(k * streams_, d), area(streams_, d), credit_.data());
      if (further_.size() > 0) {
        further_.zero();
        add_further(stack_, credit, k, streams_, further_.data());
      }
      has_previous_ = true;
    }
  }

  void begin() override { has_previous_ = false; }

  void state(Archive& archive) override {
    std::int64_t previous = has_previous_;
    archive.number("has_previous", previous);
    has_previous_ = previous != 0;
    archive.number("updates", updates_);
    archive.array("A", model_.span());
    archive.array("A_frozen", frozen_.span());
    archive.array("previous", previous_.span());
    archive.array("credit", credit_.span());
    if (further_.size() > 0) archive.array("further_credit", further_.span());
  }

 private:
  void gather(Layers<T> layers, const Credit<T>& credit, int k) {
    for (int b = 0; b < streams_; ++b) {
      T* out = feature_.data() + area(b, features_);
      stack_.state_after(layers, k, b, out);
      std::copy_n(credit.target + area(k * streams_ + b, outputs_), outputs_, out + states_);
      out[features_ - 1] = 1;
    }
  }

  /// One step of the model on the guess made a step ago.
  void train(Layers<T> layers, int k) {
    const Kernels<T>& loops = kernels<T>();
    const int d = stack_.shown_width();
    gemm(Op::none, Op::none, streams_, states_, features_, feature_.data(), features_, frozen_.data(), states_, T(0),
         target_.data(), states_);
    back_.zero();
    stack_.pull(layers, k, Recurrent::full, target_.data(), zero_.data(), du_.data(), back_.data());
    gemm(Op::none, Op::none, streams_, states_, features_, previous_.data(), features_, model_.data(), states_, T(0),
         guess_.data(), states_);
    for (int b = 0; b < streams_; ++b) {
      T* error = guess_.data() + area(b, states_);
      loops.axpy(states_, T(-1), target_.data() + area(b, states_), error);
      loops.axpy(d, T(-1), back_.data() + area(b, d), error + stack_.shown());
      loops.axpy(d, T(-1), credit_.data() + area(b, d), error + stack_.shown());
      if (further_.size() > 0) loops.axpy(states_, T(-1), further_.data() + area(b, states_), error);
      loops.scale(states_, -rate_ / static_cast<T>(streams_), error);
    }
    if (streams_ == 1)
      loops.outer_add(features_, states_, previous_.data(), guess_.data(), model_.data(), states_);
    else
      gemm(Op::transposed, Op::none, features_, states_, streams_, previous_.data(), features_, guess_.data(), states_,
           T(1), model_.data(), states_);
    if (++updates_ % refresh_ == 0) std::copy_n(model_.data(), model_.size(), frozen_.data());
  }

  const Stack<T>& stack_;
  int streams_, outputs_, states_, features_;  ///< B, m, N S d, N S d + m + 1
  T rate_;
  std::int64_t refresh_, updates_ = 0;
  bool has_previous_ = false;
  Buffer<T> model_, frozen_;               ///< [features][N S d]: A transposed
  Buffer<T> feature_, previous_, credit_;  ///< a_t, a_{t-1}, c_{t-1}
  Buffer<T> further_;                      ///< [B][N S d] of the step before, where there are such credits
  Buffer<T> guess_, target_, zero_, back_, du_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<Dni<T>>(setup);
}

constexpr Option options[] = {
    {.key = "sg_lr",
     .type = OptionType::number,
     .fallback = "1e-3",
     .low = 0,
     .help = "rate of the synthesiser (plain gradient descent)"},
    {.key = "refresh",
     .type = OptionType::integer,
     .fallback = "5",
     .low = 1,
     .high = 1e9,
     .unit = "updates",
     .help = "how often the frozen copy that makes the targets is renewed"},
};

}  // namespace

extern const RuleRecord rule_dni;
const RuleRecord rule_dni = {
    .entry = {.name = "dni",
              .title = "synthetic gradients in time, one step bootstrapped",
              .formulae = "a_t = (s_t, y*_t, 1),  g_t = (A a_t) Mbar_t\n"
                          "A a_{t-1} ~ c_{t-1} + (A_frozen a_t) J_t",
              .symbols = "A: the synthesiser, a matrix; A a_t is the guess of the total credit of s_t\n"
                         "A_frozen: A as it was some of its updates ago\n"
                         "a: what the guess is made from\n"
                         "s: all states after a step",
              .text =
                  "The guess learns towards the right-hand side of the last line, one step late; the gradient comes "
                  "without delay. y* = 0 where a step has no loss. A starts at zero and learns at every step.",
              .cite = "jaderberg2017decoupled,czarnecki2017understanding,marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "the synthesiser is exact",
    .memory = "d (d + m + 1)",
    .time = "p + R + 4 d (d + m + 1)",
    .one_shard = true,
    .look = "indigo",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
