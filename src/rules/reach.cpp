// SPDX-License-Identifier: Apache-2.0
#include "rules/reach.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/sizes.hpp"
#include "base/step_ring.hpp"
#include "chronograd/error.hpp"
#include "math/kernels.hpp"
#include "rules/draws.hpp"
#include "rules/further_credit.hpp"
#include "rules/later_steps.hpp"

namespace chronograd {
namespace {

/// A rule whose memory is that of another one, asked `reach` steps back. The other one, `memory`, sees each step that
/// many steps later, with the weights of then and the credit that has come back to it, on all states.
template <class T>
class Reach final : public Rule<T> {
 public:
  /// Credits of `together` steps go back in one scan: 1, or those of an update interval.
  Reach(const RuleSetup<T>& setup, int reach, int together, RuleMaker<T> make_memory)
      : stack_(setup.stack),
        streams_(setup.streams),
        reach_(reach),
        together_(together),
        roulette_(setup.options.word("reach_by") == "roulette"),
        sure_(roulette_ ? static_cast<int>(setup.options.integer("sure")) : 0),
        keep_(roulette_ ? setup.options.number("keep") : 1),
        draws_(setup),
        h_alone_(setup.stack.width() == setup.stack.units() && !setup.further),
        steps_(setup.stack, reach + together, together, setup.streams, setup.whitened) {
    RuleSetup<T> behind = setup;
    behind.further = !h_alone_;
    memory_ = make_memory(behind);
    const int B = streams_, width = stack_.width(), shown = stack_.shown_width();
    q_.resize(area(B, shown));
    q_before_.resize(area(B, shown));
    du_.resize(area(steps_.ring().capacity() * B, stack_.rows()));
    on_shown_.resize(area(together * B, shown));
    if (h_alone_) return;
    lambda_.resize(area(B, width));
    by_state_.resize(area(together * B, width));
    for (int l = 0; l < stack_.layers(); ++l)
      for (int s = 0; s < stack_.states(); ++s)
        on_states_.push_back({l, s, on_state(l * stack_.states() + s), area(B, stack_.units())});
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    steps_.begin_segment(layers);
    const int steps = layers[0].steps;
    for (int k = 0; k < steps; k += together_) {
      const int together = std::min(together_, steps - k);
      for (int i = 0; i < together; ++i) steps_.keep(layers, k + i);
      go_back(layers, credit, k, k + together, grad);
      ask(grad);
    }
  }
  void flush(T* grad) override { memory_->flush(grad); }
  void begin() override {
    steps_.clear();
    memory_->begin();
  }
  void state(Archive& archive) override {
    steps_.state(archive);
    Within memory(archive, "memory.");
    memory_->state(memory);
  }
  void use(Crew* crew) override { memory_->use(crew); }
  double work() const override { return memory_->work(); }

 private:
  T* on_state(int s) { return by_state_.data() + area(s * together_ * streams_, stack_.units()); }

  /// Takes the credits of steps [k0, k1), the newest ones, to the state after the step that lies `reach` before the
  /// last of them, or out of the first step, into q_ and lambda_; and adds what the weights get on the way.
  void go_back(Layers<T> layers, const Credit<T>& credit, int k0, int k1, T* grad) {
    const int B = streams_, rows = stack_.rows();
    int steps = std::min(steps_.ring().count(), reach_);
    Draws::Numbers numbers_drawn = draws_.numbers(layers[0].pass, layers[0].t0 + k1 - 1, 0);
    const auto numbers = static_cast<int>(q_.size());
    T* lambda = nullptr;
    if (!h_alone_) {
      lambda_.zero();
      lambda = lambda_.data();
    }
    std::copy_n(credit.c + area(k1 - 1, numbers), numbers, q_.data());
    for (int age = 0; age < steps; ++age) {
      const int k = k1 - 1 - age, slot = steps_.ring().slot(age);
      if (lambda && k >= k0) add_further(stack_, credit, k, B, lambda);
      if (k > k0)
        std::copy_n(credit.c + area(k - 1, numbers), numbers, q_before_.data());
      else
        q_before_.zero();
      stack_.pull(steps_.step(slot), slot, Recurrent::full, lambda, q_.data(), du_.data() + area(slot * B, rows),
                  q_before_.data());
      std::swap(q_, q_before_);
      if (!roulette_ || age + 1 <= sure_) continue;
      if (numbers_drawn.uniform() < keep_) {
        weigh(1 / keep_);
      } else {
        weigh(0);
        steps = age + 1;
      }
    }
    const auto add = [&](int from, int to) {
      stack_.accumulate(steps_.all(), from, to, du_.data() + area(from * B, rows), grad);
    };
    const int first = steps_.ring().slot(steps - 1), last = steps_.ring().slot(0);
    if (first <= last) return add(first, last + 1);
    add(first, steps_.ring().capacity());
    add(0, last + 1);
  }

  /// Credit that goes on counts `factor` times.
  void weigh(double factor) {
    kernels<T>().scale(static_cast<int>(q_.size()), static_cast<T>(factor), q_.data());
    if (!h_alone_) kernels<T>().scale(static_cast<int>(lambda_.size()), static_cast<T>(factor), lambda_.data());
  }

  /// Takes the memory to the step before those that credit went back through, and asks it there.
  void ask(T* grad) {
    const int behind = steps_.ring().count() - reach_, shown = stack_.shown_width(), d = stack_.units(),
              count = stack_.layers() * stack_.states();
    for (int left = behind; left > 0;) {
      const Layers<T> run = steps_.take(left);
      const int steps = run[0].steps;
      left -= steps;
      Credit<T> credit;
      credit.c = on_shown_.data();
      std::fill_n(credit.c, area(steps * streams_, shown), T(0));
      for (int s = 0; !h_alone_ && s < count; ++s) std::fill_n(on_state(s), area(steps * streams_, d), T(0));
      if (left == 0) {
        const int from = (steps - 1) * streams_;
        std::copy_n(q_.data(), q_.size(), credit.c + area(from, shown));
        for (int b = 0; !h_alone_ && b < streams_; ++b)
          for (int s = 0; s < count; ++s)
            std::copy_n(lambda_.data() + area(b * count + s, d), d, on_state(s) + area(from + b, d));
      }
      credit.further = on_states_;
      memory_->learn(run, credit, grad);
    }
  }

  const Stack<T>& stack_;
  int streams_, reach_, together_;
  bool roulette_;
  int sure_;
  double keep_;
  Draws draws_;
  bool h_alone_;  ///< all credit is on h of the one layer: lambda is not needed
  LaterSteps<T> steps_;
  std::unique_ptr<Rule<T>> memory_;
  Buffer<T> q_, q_before_, lambda_, du_;
  /// Of the steps that the memory sees: [together][B][H d], [N S][together][B][d].
  Buffer<T> on_shown_, by_state_;
  std::vector<FurtherCredit<T>> on_states_;
};

}  // namespace

Segments segments_of(const RuleRecord& record, const Options& rule) {
  const bool by_interval = rule.has("reach") && rule.integer("reach") > 0 && rule.word("reach_by") == "interval";
  return by_interval ? Segments::interval : record.segments;
}

template <class T>
std::unique_ptr<Rule<T>> make_reach(const RuleSetup<T>& setup, RuleMaker<T> make) {
  const auto reach = static_cast<int>(setup.options.integer("reach"));
  const bool by_interval = setup.options.word("reach_by") == "interval";
  if (by_interval && (setup.every < 1 || setup.every > reach))
    throw Error(Exit::usage, "rule.reach",
                "got " + std::to_string(reach) + " with reach_by = \"interval\" and update.every = " +
                    (setup.every < 1 ? std::string("\"trial\"") : std::to_string(setup.every)) +
                    ", allowed is an interval of 1 ... reach steps. reach_by = \"step\" takes any.");
  return std::make_unique<Reach<T>>(setup, reach, by_interval ? setup.every : 1, make);
}

template std::unique_ptr<Rule<float>> make_reach(const RuleSetup<float>&, RuleMaker<float>);
template std::unique_ptr<Rule<double>> make_reach(const RuleSetup<double>&, RuleMaker<double>);

}  // namespace chronograd
