// SPDX-License-Identifier: Apache-2.0
// Recurrent and input weights stay as drawn; only the readout learns (a reservoir).
#include "chronograd/rule.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class ReadoutOnly final : public Rule<T> {
 public:
  void learn(Layers<T>, const Credit<T>&, T*) override {}
  void begin() override {}
  void state(Archive&) override {}
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>&) {
  return std::make_unique<ReadoutOnly<T>>();
}

}  // namespace

extern const RuleRecord rule_readout_only;
const RuleRecord rule_readout_only = {
    .entry = {.name = "readout_only",
              .title = "only the readout learns",
              .formulae = "g = 0",
              .text = "The gradient of recurrent and input weights is zero; W_out and b_y learn as with every rule.",
              .cite = "marschall2020unified"},
    .promise = Promise::biased,
    .limit = "never (zero credit to the recurrent weights)",
    .memory = "0",
    .time = "0",
    .at_once = true,
    .past_facing = true,
    .look = "stone",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
