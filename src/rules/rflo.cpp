// SPDX-License-Identifier: Apache-2.0
// Random-feedback local online learning: the influence keeps only the unit's own leak, or fades by a decay that is
// given.
#include <algorithm>

#include "math/gemm.hpp"
#include "rules/credit_on_states.hpp"
#include "rules/local_trace.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

/// The trace with one decay for all, e_t = decay e_{t-1} + D_t z_t, on each state that credit can fall on: a state's
/// trace then knows nothing of the unit's other states. On a stack of one layer.
template <class T>
class FadingTrace final : public Rule<T> {
 public:
  explicit FadingTrace(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        cell_(setup.stack.layer(0)),
        streams_(setup.streams),
        decay_(static_cast<T>(setup.options.number("decay"))),
        first_(setup.further ? 0 : cell_.shown()),
        kept_(setup.further ? cell_.states() : cell_.record().heads) {
    const int d = cell_.units(), S = cell_.states(), B = streams_;
    trace_.resize(area(B, kept_) * cell_.parameters());
    on_states_.resize(area(B, S * d));
    local_.resize(area(B, S * S * d));
    gain_.resize(area(B, S * cell_.rows()));
    carry_.resize(static_cast<std::size_t>(d));
    left_.resize(static_cast<std::size_t>(B));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const Segment<T>& segment = layers[0];
    if (segment.steps == 1 && !segment.last) return step(layers, credit, grad);
    go_back(layers, credit, grad);
    for (int b = 0; b < streams_ && !empty_; ++b) read(b, grad);
    if (!segment.last) advance(segment);
  }

  void begin() override {
    trace_.zero();
    empty_ = true;
  }
  void state(Archive& archive) override {
    std::int64_t empty = empty_;
    archive.number("empty", empty);
    empty_ = empty != 0;
    archive.array("trace", trace_.span());
  }
  double work() const override { return kept_ * static_cast<double>(cell_.parameters()); }

 private:
  /// K = 1: decay, outer product and gradient in one pass over the trace.
  void step(Layers<T> layers, const Credit<T>& credit, T* grad) {
    const Segment<T>& segment = layers[0];
    const int d = cell_.units(), S = cell_.states(), G = cell_.gates();
    cell_.linearise(segment, 0, Recurrent::none, local_.data(), gain_.data());
    on_states_.zero();
    take(credit, 0);
    for (int b = 0; b < streams_; ++b) {
      std::fill_n(carry_.data(), d, kept_by(segment, 0, b));
      for (int s = first_; s < first_ + kept_; ++s)
        each_gate(cell_, [&](int g, std::size_t offset, int ld, const Block& block) {
          kernels<T>().trace_step(block.cols, d, carry_.data(), gain_.data() + area((b * S + s) * G + g, d),
                                  segment.regressors() + area(b, cell_.ld()) + block.col,
                                  on_states_.data() + area(b * S + s, d), trace(b, s) + offset, ld, grad + offset, ld);
        });
    }
    empty_ = false;
  }

  /// Credit goes back through the segment, and each step is charged with what has come to it: all that a trace does to
  /// a later loss is to fade. on_states_ ends as the credit on the trace before the segment, left_ as what is left of
  /// that trace after it, fresh_ as what the steps add.
  void go_back(Layers<T> layers, const Credit<T>& credit, T* grad) {
    const Segment<T>& segment = layers[0];
    const int B = streams_, K = segment.steps, d = cell_.units(), S = cell_.states(), G = cell_.gates();
    const Kernels<T>& loops = kernels<T>();
    const std::size_t rows = area(B * K, cell_.rows());
    if (du_.size() < rows) du_.resize(rows);
    if (fresh_.size() < rows * static_cast<std::size_t>(kept_)) fresh_.resize(rows * static_cast<std::size_t>(kept_));
    on_states_.zero();
    std::fill_n(left_.data(), B, T(1));
    for (int k = K - 1; k >= 0; --k) {
      cell_.linearise(segment, k, Recurrent::none, local_.data(), gain_.data());
      take(credit, k);
      for (int b = 0; b < B; ++b) {
        T& left = left_[static_cast<std::size_t>(b)];
        T* du = du_.data() + area(k * B + b, G * d);
        T* fresh = fresh_.data() + area((b * K + k) * kept_, G * d);
        std::fill_n(du, area(G, d), T(0));
        std::fill_n(fresh, area(kept_ * G, d), T(0));
        for (int s = first_; s < first_ + kept_; ++s) {
          const T* gain = gain_.data() + area((b * S + s) * G, d);
          for (int g = 0; g < G; ++g)
            loops.multiply_add(d, gain + area(g, d), on_states_.data() + area(b * S + s, d), du + area(g, d));
          loops.axpy(G * d, left, gain, fresh + area((s - first_) * G, d));
        }
        const T kept = kept_by(segment, k, b);
        left *= kept;
        loops.scale(S * d, kept, on_states_.data() + area(b, S * d));
      }
    }
    stack_.accumulate(layers, 0, K, du_.data(), grad);
  }

  /// on_states_ [B][S d] += the credit of step k.
  void take(const Credit<T>& credit, int k) {
    add_credit(stack_, streams_, T(1), credit.c + area(k * streams_, cell_.shown_width()), on_states_.data());
    add_further(stack_, credit, k, streams_, on_states_.data());
  }

  /// grad += on_states_ . trace of stream b.
  void read(int b, T* grad) {
    const int d = cell_.units();
    for (int s = first_; s < first_ + kept_; ++s)
      each_gate(cell_, [&](int, std::size_t offset, int ld, const Block& block) {
        kernels<T>().trace_read(block.cols, d, on_states_.data() + area(b * cell_.states() + s, d),
                                trace(b, s) + offset, ld, grad + offset, ld);
      });
  }

  /// e_K = left e_0 + sum_k fresh_k (x) z_k, the sum as one product.
  void advance(const Segment<T>& segment) {
    const int B = streams_, K = segment.steps, rows = cell_.rows(), ld = cell_.ld();
    for (int b = 0; b < B; ++b)
      for (int s = first_; s < first_ + kept_; ++s) {
        T* e = trace(b, s);
        if (!empty_) kernels<T>().scale(static_cast<int>(cell_.parameters()), left_[static_cast<std::size_t>(b)], e);
        for (const Block& block : cell_.blocks())
          gemm(Op::transposed, Op::none, block.cols, block.rows, K, segment.regressors() + area(b, ld) + block.col,
               B * ld, fresh_.data() + area(b * K * kept_ + s - first_, rows) + block.row, kept_ * rows,
               empty_ ? T(0) : T(1), e + block.begin, block.rows);
      }
    empty_ = false;
  }

  /// What step k leaves of the trace of stream b.
  T kept_by(const Segment<T>& segment, int k, int b) const {
    const bool begins = segment.any_cut && segment.cut[area(k, streams_) + static_cast<std::size_t>(b)] != 0;
    return begins ? T(0) : decay_;
  }
  T* trace(int b, int s) {
    return trace_.data() + static_cast<std::size_t>(b * kept_ + s - first_) * cell_.parameters();
  }

  const Stack<T>& stack_;
  const Cell<T>& cell_;
  int streams_;
  T decay_;
  int first_, kept_;             ///< states first_ ... first_ + kept_ - 1 have a trace: those that credit can fall on
  bool empty_ = true;            ///< the trace is zero
  Buffer<T> trace_;              ///< [B][kept][parameters]
  Buffer<T> on_states_;          ///< [B][S d] credit
  Buffer<T> left_, du_, fresh_;  ///< [B], [K][B][G d], [B][K][kept][G d]
  Buffer<T> local_, gain_, carry_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  if (!setup.options.has("decay")) return make_local_trace<T, Recurrent::none>(setup);
  return on_each_layer(
      setup, [](const RuleSetup<T>& one) -> std::unique_ptr<Rule<T>> { return std::make_unique<FadingTrace<T>>(one); });
}

constexpr Option options[] = {
    {.key = "decay",
     .type = OptionType::number,
     .low = 0,
     .high = 1,
     .help = "what a trace keeps of itself at each step, one number in place of A; absent: A, the unit's own"},
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_rflo;
const RuleRecord rule_rflo = {
    .entry = {.name = "rflo",
              .title = "random-feedback local online learning",
              .formulae = "e_t[i,j] = A_t[i] e_{t-1}[i,j] + D_t[i] z_t[j],  g = sum_t c_t[i] e_t[i,j]",
              .text =
                  "A is what the cell's unit keeps of itself without recurrent weights: 1 - alpha (leaky), z (gru), f "
                  "on c and h through c (lstm); on cells whose units recur with themselves alone it is all of J, and "
                  "the rule is rtrl. With rule.feedback = \"random\" and the leaky cell it is the rule of the paper; "
                  "with alpha = 1 nothing is kept and it is the immediate rule. Its input trace uses x_t.\n"
                  "With decay = a the trace has a time constant of its own: A is a I on every cell, gates and a "
                  "readout's filter included, and each state that credit falls on has a trace that fades by a. a = 1 - "
                  "alpha is the rule as it is (leaky, readout of h), a = 0 the immediate rule.\n"
                  "In a stack each layer has the rule to itself: credit passes down within the step (W_in^T gain^T c), "
                  "what a lower layer's past does to an upper layer is dropped.",
              .cite = "murray2019local,marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "no decay is given and W_rec = 0, or units recur with themselves alone, in one layer",
    .memory = "v p",
    .time = "(v^2 + v) p / K + (v + 1) p",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "orange",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
