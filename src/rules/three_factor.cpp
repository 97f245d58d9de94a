// SPDX-License-Identifier: Apache-2.0
// Three-factor learning: e-prop's eligibility trace times a signal that the data bring, in place of what the losses
// say.
#include <string>

#include "chronograd/error.hpp"
#include "chronograd/third_factor.hpp"
#include "rules/local_trace.hpp"

namespace chronograd::entries {
namespace {

/// The third factor as credit of every layer: q numbers a step, one for all units, one for each of the d units of every
/// layer, or N d.
template <class T>
class Signal final : public LayerCredit<T> {
 public:
  explicit Signal(const Stack<T>& stack)
      : layers_(stack.layers()), units_(stack.units()), heads_(stack.record().heads) {}

  void expect(int numbers) {
    numbers_ = numbers;
    const int N = layers_, d = units_, q = numbers;
    if (q == 0)
      throw Error(Exit::data, "rule.name",
                  "got three_factor with data that have no third factor, needed is an array third of shape (B, T) or "
                  "(B, T, q), of a table data.third. eprop learns from the losses.");
    if (q != 1 && q != d && q != N * d)
      throw Error(
          Exit::data, "third",
          "got " + std::to_string(q) + " numbers a step, allowed are 1 for all units" +
              (d > 1 ? ", " + std::to_string(d) + " for the units of every layer" : "") +
              (N > 1 ? ", " + std::to_string(N * d) + " for those of all " + std::to_string(N) + " layers" : "") + ".");
  }
  void hear(const T* third) { third_ = third; }

  bool of_top() const override { return true; }
  void write(const Credit<T>& /*credit*/, int l, int rows, T* c) override {
    const int first = numbers_ > units_ ? l * units_ : 0;
    for (int row = 0; row < rows; ++row) {
      const T* signal = third_ + area(row, numbers_) + first;
      for (int v = 0; v < heads_; ++v)
        c = numbers_ == 1 ? std::fill_n(c, units_, *signal) : std::copy_n(signal, units_, c);
    }
  }

 private:
  int layers_, units_, heads_, numbers_ = 0;  ///< N, d, H, q
  const T* third_ = nullptr;                  ///< [K][B][q] of the next segment
};

/// E-prop's rule on each layer, which hears of nothing but the signal.
template <class T>
class ThreeFactor final : public ThirdFactorRule<T> {
 public:
  explicit ThreeFactor(const RuleSetup<T>& setup) {
    auto signal = std::make_unique<Signal<T>>(setup.stack);
    signal_ = signal.get();
    layers_ = on_each_layer<T>(setup, make_local_trace<T, Recurrent::none>, std::move(signal));
  }

  void expect(int numbers) override { signal_->expect(numbers); }
  void hear(const T* third) override { signal_->hear(third); }
  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override { layers_->learn(layers, credit, grad); }
  void begin() override { layers_->begin(); }
  void state(Archive& archive) override { layers_->state(archive); }
  double work() const override { return layers_->work(); }

 private:
  std::unique_ptr<Rule<T>> layers_;
  Signal<T>* signal_;  ///< that of the layers
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<ThreeFactor<T>>(setup);
}

}  // namespace

extern const RuleRecord rule_three_factor;
const RuleRecord rule_three_factor = {
    .entry = {.name = "three_factor",
              .title = "eligibility traces times a signal of the data",
              .formulae = "e_t[i,j] = A_t[i] e_{t-1}[i,j] + D_t[i] z_t[j],  g = sum_t third_t[i] e_t[i,j]",
              .symbols = "third: the third factor, an array of the data",
              .text =
                  "The trace is that of eprop; what it is multiplied by is no error of the readout but a signal that "
                  "comes with the data (a reward, a neuromodulator, an error computed elsewhere): the array third, (B, "
                  "T) for all units, or (B, T, q), or columns of a table (data.third), with q = d for the units of "
                  "every layer, or q = N d for those of all "
                  "layers, bottom first. As an error it says which way a unit should not go: a reward is given with "
                  "its sign turned. It does not depend on masks, and is divided by what losses are divided by "
                  "(loss.normalize). The readout learns from its own losses. With third = c it is eprop.",
              .cite = "gerstner2018eligibility,bellec2020solution"},
    .promise = Promise::biased,
    .limit = "third is c, and e-prop is exact",
    .memory = "v p",
    .time = "(v^2 + v) p / K + (v + 1) p",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "pink",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
