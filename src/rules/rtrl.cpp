// SPDX-License-Identifier: Apache-2.0
// Real-time recurrent learning, exact for any K. Weights are constant inside a segment, so the influence M need not be
// advanced step by step:
//   gradient = BPTT over the segment + delta_entry . M,
//   M_exit   = Phi M + sum_k (G_k B_k) (x) z_k,   G_{k-1} = G_k J_k,  G_last = I,  Phi = G before the first step,
// where the sum is one matrix product for each state. K = 1 is the textbook recursion M = J M + Mbar.
// (schmidhuber1992fixed)
#include <algorithm>
#include <vector>

#include "chronograd/rule.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/backward_scan.hpp"

namespace chronograd::entries {
namespace {

std::size_t at(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

template <class T>
class Rtrl final : public Rule<T> {
 public:
  explicit Rtrl(const RuleSetup<T>& setup)
      : cell_(setup.cell),
        streams_(setup.streams),
        states_(setup.cell.states() * setup.cell.units()),
        scan_(setup.cell),
        influence_(static_cast<std::size_t>(setup.streams)) {
    const int d = cell_.units();
    for (Buffer<T>& m : influence_) m.resize(at(states_ + 1, 1) * cell_.parameters());
    before_.resize(at(streams_, states_));
    g_.resize(at(states_, states_));
    q_.resize(at(states_, d));
    phi_.resize(at(states_ + 1, states_));
    e_.resize(at(states_, cell_.rows()));
    local_.resize(at(streams_ * cell_.states() * cell_.states(), d));
    gain_.resize(at(streams_ * cell_.states() * cell_.gates(), d));
  }

  void learn(const Segment<T>& segment, const Credit<T>& credit, T* grad) override {
    for (int k0 = 0; k0 < segment.steps;) {
      // Where the row ends M is not needed, and the rest of the segment is one backward scan.
      const int k1 = segment.last && empty_ ? segment.steps : std::min(segment.steps, k0 + block_length());
      block(segment, credit, k0, k1, grad);
      k0 = k1;
    }
  }

  void begin() override {
    empty_ = true;
    for (Buffer<T>& m : influence_) m.zero();
  }

  void state(Archive& archive) override {
    std::int64_t empty = empty_;
    archive.number("empty", empty);
    empty_ = empty != 0;
    for (int b = 0; b < streams_; ++b)
      archive.array("influence" + std::to_string(b),
                    influence_[static_cast<std::size_t>(b)].span().first(at(states_, 1) * cell_.parameters()));
  }

 private:
  /// Longer blocks save products with M and cost scratch (K S d G d numbers): 64 MiB, but 64 to 256 steps.
  int block_length() const {
    const std::size_t steps = (std::size_t{64} << 20) / (at(states_, cell_.rows()) * sizeof(T));
    return static_cast<int>(std::clamp<std::size_t>(steps, 64, 256));
  }

  void block(const Segment<T>& segment, const Credit<T>& credit, int k0, int k1, T* grad) {
    scan_.run(segment, k0, k1, Recurrent::full, true, credit.c, empty_ ? nullptr : before_.data(), grad);
    const bool leave = segment.last && k1 == segment.steps;  // nothing is carried on
    if (!leave) cell_.linearise(segment, k1 - 1, Recurrent::none, local_.data(), gain_.data());
    for (int b = 0; b < streams_; ++b) {
      const T* delta = before_.data() + at(b, states_);
      if (leave) {
        if (!empty_) row_product(b, delta, grad);
      } else {
        advance(segment, b, k0, k1, delta, grad);
      }
    }
    if (!leave) empty_ = false;
  }

  /// grad += delta . M
  void row_product(int b, const T* delta, T* grad) {
    const auto p = static_cast<int>(cell_.parameters());
    gemm(Op::none, Op::none, 1, p, states_, delta, states_, influence_[static_cast<std::size_t>(b)].data(), p, T(1),
         grad, p);
  }

  /// M of stream b over steps [k0, k1), and grad += delta . M_entry.
  void advance(const Segment<T>& segment, int b, int k0, int k1, const T* delta, T* grad) {
    const int K = k1 - k0, d = cell_.units(), rows = cell_.rows(), S = cell_.states();
    const std::size_t needed = at(states_, K - 1) * static_cast<std::size_t>(rows);
    if (coefficients_.size() < needed) coefficients_.resize(needed);
    // G, split into what came through A (g_) and through W_rec (q_, on h alone); rows are states at the block's end.
    g_.zero();
    q_.zero();
    for (int i = 0; i < states_; ++i) g_[at(i, states_) + static_cast<std::size_t>(i)] = 1;
    for (int k = k1 - 1; k >= k0; --k) {
      cell_.pull_stream(segment, k, b, states_, g_.data(), q_.data(), e_.data());
      if (k < k1 - 1)  // at the last step G = I, and the coefficients are the gains alone: added below
        for (int i = 0; i < states_; ++i)
          std::copy_n(e_.data() + at(i, rows), rows,
                      coefficients_.data() +
                          (at(i, K - 1) + static_cast<std::size_t>(k - k0)) * static_cast<std::size_t>(rows));
    }
    Buffer<T>& m = influence_[static_cast<std::size_t>(b)];
    const bool reset = is_zero(g_) && is_zero(q_);
    if (empty_) {
      m.zero();
    } else if (reset) {
      row_product(b, delta, grad);
      m.zero();
    } else {
      // One product for both: the rows of Phi, and the credit at entry as one more.
      const auto p = static_cast<int>(cell_.parameters());
      for (int i = 0; i < states_; ++i) {
        std::copy_n(g_.data() + at(i, states_), states_, phi_.data() + at(i, states_));
        kernels<T>().add(d, q_.data() + at(i, d), phi_.data() + at(i, states_));
      }
      std::copy_n(delta, states_, phi_.data() + at(states_, states_));
      if (next_.size() == 0) next_.resize(at(states_ + 1, 1) * cell_.parameters());
      gemm(Op::none, Op::none, states_ + 1, p, states_, phi_.data(), states_, m.data(), p, T(0), next_.data(), p);
      kernels<T>().add(p, next_.data() + at(states_, 1) * cell_.parameters(), grad);
      std::swap(m, next_);
    }
    if (K > 1)
      for (int i = 0; i < states_; ++i)
        for (const Block& block : cell_.blocks())
          gemm(Op::transposed, Op::none, block.cols, block.rows, K - 1,
               segment.z.data() + at(k0 * streams_ + b, cell_.ld()) + block.col, streams_ * cell_.ld(),
               coefficients_.data() + at(i, K - 1) * static_cast<std::size_t>(rows) + block.row, rows, T(1),
               m.data() + at(i, 1) * cell_.parameters() + block.at, block.rows);
    add_immediate(segment, b, k1 - 1, S, m.data());
  }

  /// M += Mbar of step k: the weights into a unit move that unit's states alone.
  void add_immediate(const Segment<T>& segment, int b, int k, int S, T* m) {
    const int d = cell_.units(), G = cell_.gates();
    const T* z = segment.z.data() + at(k * streams_ + b, cell_.ld());
    const T* gain = gain_.data() + at(b, S * G * d);
    for (const Block& block : cell_.blocks())
      for (int row = block.row; row < block.row + block.rows; ++row) {
        const int g = row / d, i = row % d;
        for (int s = 0; s < S; ++s) {
          const T slope = gain[at(s * G + g, d) + static_cast<std::size_t>(i)];
          T* out = m + at(s * d + i, 1) * cell_.parameters() + block.at + static_cast<std::size_t>(row - block.row);
          for (int j = 0; j < block.cols; ++j) out[at(j, block.rows)] += slope * z[block.col + j];
        }
      }
  }

  static bool is_zero(const Buffer<T>& x) {
    return std::all_of(x.data(), x.data() + x.size(), [](T value) { return value == T(0); });
  }

  const Cell<T>& cell_;
  int streams_, states_;  ///< B, S d
  bool empty_ = true;     ///< M is zero
  BackwardScan<T> scan_;
  std::vector<Buffer<T>> influence_;  ///< a stream: [S d][p], and one row of scratch
  Buffer<T> before_, g_, q_, phi_, e_, local_, gain_, coefficients_, next_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<Rtrl<T>>(setup);
}

}  // namespace

extern const RuleRecord rule_rtrl;
const RuleRecord rule_rtrl = {{"rtrl",
                               "real-time recurrent learning",
                               "M_t = J_t M_{t-1} + Mbar_t,  dL_t/dtheta = c_t M_t\n"
                               "The exact gradient, summed towards the past. With updates every K steps it costs 2 d^3 "
                               "+ 2 d^2 (d + n + 1)(1 + d/K)\n"
                               "flops a step instead of 2 d^3 (d + n + 1): the same numbers, in blocks.",
                               "williams1989learning,schmidhuber1992fixed",
                               {}},
                              Promise::exact,
                              "",
                              "d p",
                              "d^2 p / K + d^3 + d^2 (d + n)",
                              Window::any,
                              true,
                              false,
                              make<float>,
                              make<double>};

}  // namespace chronograd::entries
