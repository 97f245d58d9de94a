// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/sizes.hpp"
#include "chronograd/interface.hpp"
#include "nets/local_head.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "head_hidden",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e6,
     .unit = "units",
     .help = "of a hidden layer of the head (relu); 0: the head is linear"},
    local_head::rate,
};

template <class T>
class Local final : public Interface<T> {
 public:
  explicit Local(const InterfaceSetup& setup)
      : head_(setup, static_cast<int>(setup.options.integer("head_hidden"))), width_(setup.width) {}
  void guess(const Passed<T>& passed, T* g) override {
    std::fill_n(g, area(passed.rows, width_), T(0));
    head_.learn(passed, T(1), g);
  }
  void learn(const Passed<T>& /*passed*/, const T* /*d*/) override {}
  void state(Archive& archive) override { head_.state(archive); }

 private:
  LocalHead<T> head_;
  int width_;
};

template <class T>
std::unique_ptr<Interface<T>> make(const InterfaceSetup& setup) {
  return std::make_unique<Local<T>>(setup);
}

}  // namespace

extern const InterfaceRecord interface_local;
const InterfaceRecord interface_local = {
    .entry = {.name = "local",
              .title = "a readout of each group's own, and its loss (decoupled greedy learning)",
              .formulae = "d_k = dL(R_k(h_k), y*)/dh_k",
              .symbols = "d_k: what group k learns from\n"
                         "R_k: a readout of its own, which learns by the same loss\n"
                         "h_k: output of group k",
              .text = "Nothing comes down, so nothing is waited for and nothing is stale. It costs less than "
                      "back-propagation and is the baseline that synthetic gradients have to beat.",
              .cite = "nokland2019training,belilovsky2020decoupled",
              .options = options},
    .guesses = true,
    .time = "3 q - a w",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
