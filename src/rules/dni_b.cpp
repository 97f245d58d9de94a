// SPDX-License-Identifier: Apache-2.0
// dni with a learnt Jacobian, which needs nothing of the cell: tau = c_{t-1} + squash(g_frozen(a_t)) Jhat.
//   at the beginning of a step  Jhat <- Jhat - J_lr * mean over streams of (Jhat s_- - s_t) (x) s_-,
// s_- the state that the step began from. Jhat starts as the Jacobian of a step from rest without input.
#include <algorithm>
#include <cmath>
#include <vector>

#include "math/gemm.hpp"
#include "rules/one_step_guess.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class DniB final : public OneStepGuess<T> {
 public:
  explicit DniB(const RuleSetup<T>& setup)
      : OneStepGuess<T>(setup),
        rate_(static_cast<T>(setup.options.number("J_lr"))),
        squashed_(setup.options.word("squash") == "tanh") {
    const int w = this->states_;
    jacobian_.resize(area(w, w));
    before_.resize(area(this->streams_, w));
    after_.resize(area(this->streams_, w));
    back_.resize(area(this->streams_, w));
    this->stack_.prepare(rest_, 1, 1);
    for (Segment<T>& layer : rest_) std::fill_n(layer.weight.data(), layer.weight.size(), T(1));  // a step that counts
    on_h_.resize(area(w, this->stack_.shown_width()));
    all_du_.resize(area(w, this->stack_.rows()));
  }

  void state(Archive& archive) override {
    OneStepGuess<T>::state(archive);
    std::int64_t begun = begun_;
    archive.number("begun", begun);
    begun_ = begun != 0;
    archive.array("J", jacobian_.span());
  }

 private:
  /// Jhat learns.
  void before_step(Layers<T> layers, int k) override {
    const int B = this->streams_, w = this->states_;
    if (!begun_) start(layers);
    states_before(this->stack_, layers, k, before_.data());
    for (int b = 0; b < B; ++b) this->stack_.state_after(layers, k, b, after_.data() + area(b, w));
    T* error = back_.data();
    gemm(Op::none, Op::transposed, B, w, w, before_.data(), w, jacobian_.data(), w, T(0), error, w);
    kernels<T>().axpy(static_cast<int>(area(B, w)), T(-1), after_.data(), error);
    kernels<T>().scale(static_cast<int>(area(B, w)), -rate_ / static_cast<T>(B), error);
    if (B == 1)
      kernels<T>().outer_add(w, w, error, before_.data(), jacobian_.data(), w);
    else
      gemm(Op::transposed, Op::none, w, w, B, error, w, before_.data(), w, T(1), jacobian_.data(), w);
  }

  void start(Layers<T> layers) {
    this->stack_.forward(rest_, layers[0].theta);
    jacobian_of(this->stack_, Layers<T>(rest_), 0, 0, jacobian_.data(), on_h_.data(), all_du_.data());
    begun_ = true;
  }

  void go_back(Layers<T> layers, int k, T* on_states, T* /*on_h*/) override {
    const int B = this->streams_, w = this->states_;
    if (squashed_)
      for (std::size_t i = 0; i < area(B, w); ++i) on_states[i] = std::tanh(on_states[i]);
    gemm(Op::none, Op::none, B, w, w, on_states, w, jacobian_.data(), w, T(0), back_.data(), w);
    std::copy_n(back_.data(), area(B, w), on_states);
    for (int b = 0; b < B; ++b)
      if (layers[0].any_cut && layers[0].cut[area(k, B) + static_cast<std::size_t>(b)])
        std::fill_n(on_states + area(b, w), w, T(0));
  }

  T rate_;
  bool squashed_;
  bool begun_ = false;
  Buffer<T> jacobian_;            ///< Jhat [to][from]
  std::vector<Segment<T>> rest_;  ///< a step from rest
  Buffer<T> before_, after_, back_, on_h_, all_du_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<DniB<T>>(setup);
}

constexpr Option options[] = {
    synthesis::rate,
    synthesis::optimizer,
    one_step_refresh,
    {.key = "J_lr",
     .type = OptionType::number,
     .fallback = "1e-3",
     .low = 0,
     .help = "rate of the learnt Jacobian (plain gradient descent)"},
    {.key = "squash",
     .type = OptionType::word,
     .fallback = "\"tanh\"",
     .help = "what the next guess goes through on its way into the target",
     .choices = "tanh|identity"},
    synthesis::name,
    synthesis::l2,
    synthesis::clip,
    synthesis::warmup,
    synthesis::zero,
};

}  // namespace

extern const RuleRecord rule_dni_b;
const RuleRecord rule_dni_b = {
    .entry = {.name = "dni_b",
              .title = "dni with a Jacobian that is learnt as well",
              .formulae = "a_t = (s_t, y*_t, 1),  g_t = (A a_t) Mbar_t\n"
                          "A a_{t-1} ~ c_{t-1} + tanh(A_frozen a_t) Jhat,  Jhat s_{t-1} ~ s_t",
              .symbols = "A: the synthesiser, a matrix; A a_t is the guess of the total credit of s_t\n"
                         "A_frozen: A as it was some of its updates ago\n"
                         "Jhat: a Jacobian that is learnt, the same for all steps\n"
                         "a: what the guess is made from\n"
                         "s: all states after a step",
              .text =
                  "As dni, and Jhat learns as well, by gradient descent at the beginning of each step from the mean "
                  "over streams: from the state that the step began from to the one that it reached. It starts as "
                  "the Jacobian of a step from rest without input. Nothing passes a reset. Of the cell the rule "
                  "needs Mbar alone. Other synthesisers stand in for the matrix.",
              .cite = "marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "the synthesiser is exact, squash is \"identity\" and the Jacobian the same at each step",
    .memory = "d + m + 1 + d / S + (2 d (d + m + 1) + d^2) / B",
    .time = "p + 3 d^2 + 4 d (d + m + 1)",
    .whitens = true,
    .one_shard = true,
    .look = "iris",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
