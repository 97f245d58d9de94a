// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/each_layer.hpp"
#include "chronograd/rule.hpp"
#include "rules/backward_scan.hpp"

namespace chronograd {

/// Calls f(gate, theta offset of its first row, distance between regressors in theta, block) for every gate.
template <class T, class F>
void each_gate(const Cell<T>& cell, const F& f) {
  const int d = cell.units();
  for (const Block& block : cell.blocks())
    for (int row = block.row; row < block.row + block.rows; row += d)
      f(row / d, block.begin + static_cast<std::size_t>(row - block.row), block.rows, block);
}

/// Rules whose Jacobian keeps nothing between units, only an S x S matrix A_i for each: rflo (A alone) and snap(n=1)
/// (the diagonal of the recurrent part added). A weight into unit i then has S numbers of influence,
///     e_t[i,j] = A_t[i] e_{t-1}[i,j] + D_t[i] z_t[j],      g = sum_t c_t[i] e_t[i,j].
/// Where h carries nothing on (gated cells, linear recurrent units: the column of h in A is zero) its own influence is
/// not remembered: it follows from that of the other states. With K = 1 the trace is advanced step by step. Inside a
/// longer segment the sum is turned round into a backward scan for each unit and one product with the regressors, and
/// the trace is needed at the borders only.
template <class T>
class LocalTrace final : public Rule<T> {
 public:
  /// On a stack of one layer. Throws Error (usage) for cells of which more than six states carry something on.
  LocalTrace(const RuleSetup<T>& setup, Recurrent recurrent);

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override;
  void begin() override;
  void state(Archive& archive) override;
  double work() const override {
    return static_cast<double>(cell_.states()) * cell_.states() * static_cast<double>(cell_.parameters());
  }

 private:
  void step(const Segment<T>& segment, const Credit<T>& credit, T* grad);
  void gather_credit(const Credit<T>& credit, int b);
  void charged(const T* factors, int distance, T* out) const;
  void read(int b, const T* credit, T* grad);
  void advance(const Segment<T>& segment, T* grad);
  void read_and_decay(int b, const T* credit, const T* decay, T* grad);
  /// The trace of state first_ + s.
  T* trace(int b, int s) { return trace_.data() + static_cast<std::size_t>(b * kept_ + s) * cell_.parameters(); }

  const Cell<T>& cell_;
  Recurrent recurrent_;
  int streams_;
  int first_, kept_;  ///< states first_ ... S - 1 have a trace: h has none where nothing is carried on by it
  struct Charged {
    int state;
    const T* q;  ///< [d] credit of the step
  };
  std::vector<Charged> charged_;  ///< of the stream at hand
  bool empty_ = true;             ///< the trace is zero
  BackwardScan<T> scan_;
  Buffer<T> trace_;  ///< [B][kept][parameters]
  Buffer<T> read_;   ///< [kept + 1][d] of a single step: what the gradient takes of each trace, and of the regressors
  Buffer<T> carry_;  ///< [kept kept][d]
  Buffer<T> fresh_;  ///< [kept][d]
  Buffer<T> local_, gain_, before_, zeros_, coefficients_, regressors_, credit_;
};

/// The part of the recurrence that is all of it where no unit reads another one.
template <class T>
Recurrent own_part(const Stack<T>& stack) {
  return stack.record().self ? Recurrent::own : Recurrent::none;
}

/// The rule on each layer of a stack.
template <class T, Recurrent recurrent>
std::unique_ptr<Rule<T>> make_local_trace(const RuleSetup<T>& setup) {
  return on_each_layer(setup, [](const RuleSetup<T>& one) -> std::unique_ptr<Rule<T>> {
    return std::make_unique<LocalTrace<T>>(one, recurrent);
  });
}

}  // namespace chronograd
