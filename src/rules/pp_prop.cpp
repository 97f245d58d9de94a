// SPDX-License-Identifier: Apache-2.0
// A trace of rank one: what was read and how units moved are filtered apart, and their product stands for the influence
// of all weights. Both filters run forwards; the gradient of many steps is one product.
#include <algorithm>

#include "chronograd/each_layer.hpp"
#include "math/gemm.hpp"
#include "rules/credit_on_states.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

/// On a stack of one layer.
template <class T>
class PpProp final : public Rule<T> {
 public:
  explicit PpProp(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        cell_(setup.stack.layer(0)),
        streams_(setup.streams),
        decay_(static_cast<T>(setup.options.number("decay"))),
        most_(std::max(1, terms_at_once(cell_.columns(), cell_.rows()) / setup.streams)) {
    const int B = streams_, S = cell_.states(), d = cell_.units();
    for (const Block& block : cell_.blocks()) all_columns_ += block.cols;
    read_.resize(area(B, all_columns_));
    moved_.resize(area(B, S * cell_.rows()));
    local_.resize(area(B, S * S * d));
    gain_.resize(area(B, S * cell_.rows()));
    carried_.resize(area(S, d));
    on_states_.resize(area(B, S * d));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const int K = layers[0].steps;
    const std::size_t terms = area(std::min(K, most_), streams_);
    if (columns_.size() < terms * area(all_columns_, 1)) columns_.resize(terms * area(all_columns_, 1));
    if (rows_.size() < terms * area(cell_.rows(), 1)) rows_.resize(terms * area(cell_.rows(), 1));
    for (int from = 0; from < K; from += most_) {
      const int to = std::min(K, from + most_);
      for (int k = from; k < to; ++k) step(layers[0], credit, k, k - from);
      const T* columns = columns_.data();
      for (const Block& block : cell_.blocks()) {
        gemm(Op::transposed, Op::none, block.cols, block.rows, (to - from) * streams_, columns, all_columns_,
             rows_.data() + block.row, cell_.rows(), T(1), grad + block.begin, block.rows);
        columns += block.cols;
      }
    }
  }

  void begin() override {
    read_.zero();
    moved_.zero();
  }
  void state(Archive& archive) override {
    archive.array("read", read_.span());
    archive.array("moved", moved_.span());
  }
  double work() const override { return cell_.states() * cell_.states() * static_cast<double>(cell_.rows()); }

 private:
  /// Both filters over step k, and the two factors of its gradient into place `at`.
  void step(const Segment<T>& segment, const Credit<T>& credit, int k, int at) {
    const int B = streams_, d = cell_.units(), S = cell_.states(), G = cell_.gates();
    const Kernels<T>& loops = kernels<T>();
    cell_.linearise(segment, k, Recurrent::own, local_.data(), gain_.data());
    on_states_.zero();
    add_credit(stack_, B, T(1), credit.c + area(k * B, cell_.shown_width()), on_states_.data());
    add_further(stack_, credit, k, B, on_states_.data());
    for (int b = 0; b < B; ++b) {
      const bool begins = segment.any_cut && segment.cut[area(k * B + b, 1)] != 0;
      T* read = read_.data() + area(b, all_columns_);
      loops.scale(all_columns_, begins ? T(0) : decay_, read);
      T* to = read;
      for (const Block& block : cell_.blocks()) {
        loops.add(block.cols, segment.regressors() + area(k * B + b, cell_.ld()) + block.col, to);
        to += block.cols;
      }
      std::copy_n(read, all_columns_, columns_.data() + area(at * B + b, all_columns_));
      T* rows = rows_.data() + area(at * B + b, G * d);
      std::fill_n(rows, area(G, d), T(0));
      for (int g = 0; g < G; ++g) {
        advance(b, g);
        for (int s = 0; s < S; ++s)
          loops.multiply_add(d, on_states_.data() + area(b * S + s, d), moved(b, s, g), rows + area(g, d));
      }
    }
  }

  /// The filter of how pre-activation g moves the states of its unit. A is zero where the stream begins anew.
  void advance(int b, int g) {
    const int d = cell_.units(), S = cell_.states(), G = cell_.gates();
    const Kernels<T>& loops = kernels<T>();
    carried_.zero();
    for (int s = 0; s < S; ++s)
      for (int r = 0; r < S; ++r)
        loops.multiply_add(d, local_.data() + area((b * S + s) * S + r, d), moved(b, r, g),
                           carried_.data() + area(s, d));
    for (int s = 0; s < S; ++s) {
      T* to = moved(b, s, g);
      std::copy_n(carried_.data() + area(s, d), d, to);
      loops.scale(d, decay_, to);
      loops.axpy(d, 1 - decay_, gain_.data() + area((b * S + s) * G + g, d), to);
    }
  }

  T* moved(int b, int s, int g) {
    return moved_.data() + area((b * cell_.states() + s) * cell_.gates() + g, cell_.units());
  }

  const Stack<T>& stack_;
  const Cell<T>& cell_;
  int streams_;
  T decay_;
  int most_;             ///< steps whose gradient is one product
  int all_columns_ = 0;  ///< of all blocks: each has a filter of its own of what it reads
  Buffer<T> read_;       ///< [B][columns] the filter of regressors, block after block
  Buffer<T> moved_;      ///< [B][S][G][d] that of the units
  Buffer<T> local_, gain_, carried_, on_states_;
  Buffer<T> columns_, rows_;  ///< [steps][B][columns], [steps][B][G d] the factors of each step's gradient
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return on_each_layer(
      setup, [](const RuleSetup<T>& one) -> std::unique_ptr<Rule<T>> { return std::make_unique<PpProp<T>>(one); });
}

constexpr Option options[] = {
    {.key = "decay",
     .type = OptionType::number,
     .fallback = "0.9",
     .low = 0,
     .high = 0.9999,
     .help = "what both filters keep of themselves at each step; 0: nothing, the immediate rule"},
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_pp_prop;
const RuleRecord rule_pp_prop = {
    .entry = {.name = "pp_prop",
              .title = "pp-prop, a trace of rank one",
              .formulae = "x_t[j] = a x_{t-1}[j] + z_t[j],  f_t[i] = a A_t[i] f_{t-1}[i] + (1 - a) D_t[i]\n"
                          "g = sum_t c_t[i] f_t[i] x_t[j]",
              .symbols = "a: the setting decay\n"
                         "x, f: filters of what is read and of how a unit moves",
              .text = "The trace of a weight is taken for the product of two filters, one a regressor and one a unit, "
                      "so that memory grows with units and not with weights. A has a unit's own recurrent weights, as "
                      "in snap(n=1). The product counts what was read long ago with slopes of now, and the reverse: it "
                      "is no weight's trace, and exact nowhere but where decay = 0 is, the immediate rule.\n"
                      "In a stack each layer has the rule to itself: credit passes down within the step (W_in^T gain^T "
                      "c), what a lower layer's past does to an upper layer is dropped.",
              .cite = "wang2026linear",
              .options = options},
    .promise = Promise::biased,
    .limit = "decay = 0 and T = 1",
    .memory = "Z + S F",
    .time = "p + (S^2 + 3 S) F",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "violet",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
