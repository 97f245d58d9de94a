// SPDX-License-Identifier: Apache-2.0
// Future-facing BPTT over a sliding window: the use of the weights at step s is charged once the L losses of steps
// s ... s + L - 1 are known.
//   at step t:  v = c_t;  for s = t, t-1, ... over the window:  delta_s += v,  v <- v J_s
//   then, if L steps are waiting, the oldest is charged:  g_t = delta_{t-L+1} Mbar_{t-L+1}
// J_s has the pre-activations of its step and the current W_rec. `flush` charges the steps that still wait.
#include <algorithm>

#include "base/sizes.hpp"
#include "base/step_ring.hpp"
#include "chronograd/rule.hpp"
#include "math/kernels.hpp"
#include "rules/further_credit.hpp"
#include "rules/kept_steps.hpp"
#include "rules/window_options.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class FBptt final : public Rule<T> {
 public:
  explicit FBptt(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        ring_(static_cast<int>(setup.options.integer("L"))),
        kept_(setup.stack, ring_.capacity(), setup.streams, KeptWeights::of_now, setup.whitened) {
    const int B = streams_;
    delta_.resize(area(ring_.capacity() * B, stack_.width()));
    lambda_.resize(area(B, stack_.width()));
    q_.resize(area(B, stack_.shown_width()));
    q_prev_.resize(area(B, stack_.shown_width()));
    du_.resize(area(B, stack_.rows()));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    kept_.use(layers);
    for (int k = 0; k < layers[0].steps; ++k) {
      const int slot = ring_.push();
      kept_.keep(layers, k, slot);
      std::fill_n(delta(slot), area(streams_, stack_.width()), T(0));
      go_back(credit, k);
      if (ring_.full()) charge_oldest(grad);
    }
  }

  void flush(T* grad) override {
    while (ring_.count() > 0) charge_oldest(grad);
  }

  void begin() override { ring_.clear(); }

  void state(Archive& archive) override {
    ring_.state(archive);
    kept_.state(archive);
    archive.array("delta", delta_.span());
  }

 private:
  /// delta += the credit on the newest step, back through all that are kept.
  void go_back(const Credit<T>& credit, int k) {
    lambda_.zero();
    add_further(stack_, credit, k, streams_, lambda_.data());
    std::copy_n(credit.c + area(k, static_cast<int>(q_.size())), q_.size(), q_.data());
    const int width = stack_.shown_width();
    for (int age = 0; age < ring_.count(); ++age) {
      const int slot = ring_.slot(age);
      kernels<T>().add(streams_ * stack_.width(), lambda_.data(), delta(slot));
      for (int b = 0; b < streams_; ++b)
        kernels<T>().add(width, q_.data() + area(b, width), delta(slot) + area(b, stack_.width()) + stack_.shown());
      if (age + 1 == ring_.count()) break;
      q_prev_.zero();
      stack_.pull(kept_.step(slot), slot, Recurrent::full, lambda_.data(), q_.data(), du_.data(), q_prev_.data());
      std::swap(q_, q_prev_);
    }
  }

  void charge_oldest(T* grad) {
    const int slot = ring_.slot(ring_.count() - 1);
    q_.zero();
    stack_.pull(kept_.step(slot), slot, Recurrent::none, delta(slot), q_.data(), du_.data(), nullptr);
    stack_.accumulate(kept_.all(), slot, slot + 1, du_.data(), grad);
    ring_.drop_oldest();
  }

  T* delta(int slot) { return delta_.data() + area(slot * streams_, stack_.width()); }

  const Stack<T>& stack_;
  int streams_;
  StepRing ring_;
  KeptSteps<T> kept_;  ///< the steps that wait, in the ring's slots
  Buffer<T> delta_;    ///< [L][B][width] credit collected on the state after each
  Buffer<T> lambda_, q_, q_prev_, du_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<FBptt<T>>(setup);
}

constexpr Option options[] = {
    moving_window_option("how many losses, its own included, a use of the weights answers for"),
};

}  // namespace

extern const RuleRecord rule_f_bptt;
const RuleRecord rule_f_bptt = {
    .entry = {.name = "f_bptt",
              .title = "future-facing backpropagation through time, sliding window",
              .formulae =
                  "g_t = delta_s Mbar_s,  s = t - L + 1,  delta_s = c_s + delta_{s+1} J_{s+1},  delta_{t+1} = 0",
              .text = "At step t the credit c_t goes back through the last L steps; then the use of the weights at "
                      "step t-L+1, which has the credit of exactly L losses, is charged. What waits at a row's end is "
                      "charged there. L = 1 is the immediate rule; L >= T is bptt, all of it at the row's end.",
              .cite = "marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "L >= T",
    .memory = "L (2 d + c + n + w + 1)",
    .time = "L R + p",
    .lag = "L - 1",
    .whitens = true,
    .look = "navy",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
