// SPDX-License-Identifier: Apache-2.0
// Decoupled neural interfaces in time, one step bootstrapped: tau = c_{t-1} + g_frozen(a_t) J_t.
#include "rules/one_step_guess.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Dni final : public OneStepGuess<T> {
 public:
  explicit Dni(const RuleSetup<T>& setup) : OneStepGuess<T>(setup) {}

 private:
  void go_back(Layers<T> layers, int k, T* on_states, T* on_h) override {
    this->stack_.pull(layers, k, Recurrent::full, on_states, this->zero_.data(), this->du_.data(), on_h);
  }
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<Dni<T>>(setup);
}

constexpr Option options[] = {
    synthesis::rate, synthesis::optimizer, one_step_refresh,  synthesis::name,
    synthesis::l2,   synthesis::clip,      synthesis::warmup, synthesis::zero,
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
                  "without delay. y* = 0 where a step has no loss. A starts at zero and learns at every step. Other "
                  "synthesisers stand in for the matrix.",
              .cite = "jaderberg2017decoupled,czarnecki2017understanding,marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "the synthesiser is exact",
    .memory = "d (d + m + 1)",
    .time = "p + R + 4 d (d + m + 1)",
    .whitens = true,
    .one_shard = true,
    .look = "indigo",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
