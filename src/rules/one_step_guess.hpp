// SPDX-License-Identifier: Apache-2.0
// What dni and dni_b share: a synthesiser guesses the total credit of a state, and learns one step late towards the
// credit of that step and what a frozen copy guesses of the next one, taken back through the step between.
//   a_t = (s_t, y*_t, 1), y* = 0 where the step has no loss,  guess of dL/ds_t from now on:  g(a_t)
//   tau = c_{t-1} + (what the rule makes of g_frozen(a_t)),  g learns from g(a_{t-1}) - tau;  then g_t = g(a_t) Mbar_t
// It learns at every step, whatever the update interval; the copy is renewed after every `refresh` of its updates.
#pragma once

#include <algorithm>
#include <memory>

#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "rules/credit_on_states.hpp"

namespace chronograd {

template <class T>
class OneStepGuess : public Rule<T> {
 public:
  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      before_step(layers, k);
      gather(layers, credit, k);
      if (has_previous_) train(layers, k);
      model_->guess(streams_, feature_.data(), guess_.data());
      stack_.pull(layers, k, Recurrent::none, guess_.data(), zero_.data(), du_.data(), nullptr);
      stack_.accumulate(layers, k, k + 1, du_.data(), grad);
      std::swap(feature_, previous_);
      std::copy_n(credit.c + area(k, static_cast<int>(credit_.size())), credit_.size(), credit_.data());
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
    Within model(archive, "synthesiser."), frozen(archive, "frozen.");
    model_->state(model);
    frozen_->state(frozen);
    archive.array("previous", previous_.span());
    archive.array("credit", credit_.span());
    if (further_.size() > 0) archive.array("further_credit", further_.span());
  }

 protected:
  explicit OneStepGuess(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        outputs_(setup.outputs),
        states_(setup.stack.width()),
        features_(states_ + setup.outputs + 1),
        refresh_(setup.options.integer("refresh")) {
    const SynthesiserSetup synthesiser = {synthesiser_of(setup.options), features_, states_, setup.options, setup.seed};
    model_ = make_synthesiser<T>(synthesiser);
    frozen_ = make_synthesiser<T>(synthesiser);
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

  /// Called at each step before all else.
  virtual void before_step(Layers<T> /*layers*/, int /*k*/) {}
  /// on_states [B][N S d]: credit after step k; wanted is that before it, in two parts: on the states, and on_h [B][H
  /// d], which begins at zero, on what the top layer shows.
  virtual void go_back(Layers<T> layers, int k, T* on_states, T* on_h) = 0;

  const Stack<T>& stack_;
  int streams_, outputs_, states_, features_;  ///< B, m, N S d, N S d + m + 1
  Buffer<T> zero_, du_;

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
    frozen_->guess(streams_, feature_.data(), target_.data());
    back_.zero();
    go_back(layers, k, target_.data(), back_.data());
    model_->guess(streams_, previous_.data(), guess_.data());
    kernels<T>().axpy(static_cast<int>(area(streams_, states_)), T(-1), target_.data(), guess_.data());
    add_credit(stack_, streams_, T(-1), back_.data(), guess_.data());
    add_credit(stack_, streams_, T(-1), credit_.data(), guess_.data());
    if (further_.size() > 0)
      kernels<T>().axpy(static_cast<int>(further_.size()), T(-1), further_.data(), guess_.data());
    model_->learn(streams_, previous_.data(), guess_.data(), streams_);
    if (++updates_ % refresh_ == 0) frozen_->copy(*model_);
  }

  std::int64_t refresh_, updates_ = 0;
  bool has_previous_ = false;
  std::unique_ptr<Synthesiser<T>> model_, frozen_;
  Buffer<T> feature_, previous_, credit_;  ///< a_t, a_{t-1}, c_{t-1}
  Buffer<T> further_;                      ///< [B][N S d] of the step before, where there are such credits
  Buffer<T> guess_, target_, back_;
};

/// The settings of both.
constexpr Option one_step_refresh = {.key = "refresh",
                                     .type = OptionType::integer,
                                     .fallback = "5",
                                     .low = 1,
                                     .high = 1e9,
                                     .unit = "updates",
                                     .help = "how often the frozen copy that makes the targets is renewed"};

}  // namespace chronograd
