// SPDX-License-Identifier: Apache-2.0
// Real-time recurrent learning, exact for any K. M_t = J_t M_{t-1} + Mbar_t is linear in M, so M need not be advanced
// step by step. Over a block of steps, whatever weights each of them ran under:
//   gradient = credit pulled back through the block's steps + delta_entry . M,
//   M_exit   = Phi M + sum_k (G_k D_k) (x) z_k,   G_{k-1} = G_k J_k,  G_last = I,  Phi = G before the first step,
// where the sum is one matrix product for each state. Steps that come one by one, as with an update at each, wait with
// what their products need and their own weights until there are `block` of them: the numbers of the textbook recursion
// M = J M + Mbar, which a block of 1 is, for O(d^3) operations a step instead of O(d^4).
// M <- Phi M is done in place, some columns of M at a time, which threads share.
// In a stack the weights of a layer act on its own states and on those of all layers above. In one layer whose units do
// not read each other M is zero outside of a unit's own rows, and what is left of it is a local trace.
// (schmidhuber1992fixed)
#include <algorithm>
#include <vector>

#include "base/blocks.hpp"
#include "base/crew.hpp"
#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "math/panels.hpp"
#include "math/scratch.hpp"
#include "rules/backward_scan.hpp"
#include "rules/influence_jobs.hpp"
#include "rules/kept_steps.hpp"
#include "rules/local_trace.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

struct OfM;  // columns of M before a step

template <class T>
class Rtrl final : public Rule<T> {
 public:
  explicit Rtrl(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        width_(setup.stack.width()),
        block_(block_of(setup)),
        kept_(setup.stack, block_ > 1 ? block_ : 0, setup.streams, KeptWeights::of_then),
        scan_(setup.stack),
        influence_(static_cast<std::size_t>(setup.streams * setup.stack.layers())) {
    for (int b = 0; b < streams_; ++b)
      for (int l = 0; l < stack_.layers(); ++l) influence(b, l).resize(area(states(l), 1) * parameters(l));
    before_.resize(area(streams_, width_));
    g_.resize(area(width_, width_));
    q_.resize(area(width_, stack_.shown_width()));
    du_.resize(area(std::max(width_, block_ * streams_), stack_.rows()));
    lambda_.resize(area(streams_, width_));
    for (Buffer<T>* q : {&q_now_, &q_before_}) q->resize(area(streams_, stack_.shown_width()));
    local_.resize(area(streams_ * stack_.states() * stack_.states(), stack_.units()));
    gain_.resize(area(streams_ * stack_.states() * stack_.gates(), stack_.units()));
    if (block_ > 1) rehearse();
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const int steps = layers[0].steps;
    for (int k0 = 0, k1 = 0; k0 < steps; k0 = k1) {
      if (layers[0].last && empty_ && waiting_ == 0) {
        k1 = steps;  // M is not needed where the row ends: what is left of it is one backward scan
        segment(layers, credit, k0, k1, grad);
      } else if (steps - k0 < block_) {
        k1 = std::min(steps, k0 + block_ - waiting_);
        wait(layers, credit, k0, k1, grad);
      } else {
        settle();
        k1 = std::min(steps, k0 + longest_part());
        segment(layers, credit, k0, k1, grad);
      }
    }
  }

  void use(Crew* crew) override { crew_ = crew; }

  double work() const override { return work(stack_); }

  void begin() override {
    empty_ = true;
    forget_waiting();
    for (Buffer<T>& m : influence_) m.zero();
  }

  void state(Archive& archive) override {
    std::int64_t empty = empty_;
    archive.number("empty", empty);
    empty_ = empty != 0;
    if (block_ > 1) {
      std::int64_t waiting = waiting_;
      archive.number("waiting", waiting);
      waiting_ = static_cast<int>(waiting);
      kept_.state(archive);
    }
    for (int b = 0; b < streams_; ++b)
      for (int l = 0; l < stack_.layers(); ++l)
        archive.array(numbered(archive, "influence", b) + (l > 0 ? numbered(archive, "_l", l) : ""),
                      influence(b, l).span());
  }

 private:
  /// The states that the weights of layer l act on: its own and those of the layers above.
  int states(int l) const { return width_ - first(l); }
  /// The first of them.
  int first(int l) const { return l * stack_.states() * stack_.units(); }
  std::size_t parameters(int l) const { return stack_.layer(l).parameters(); }
  Buffer<T>& influence(int b, int l) { return influence_[static_cast<std::size_t>(b) * stack_.layers() + l]; }

  static int block_of(const RuleSetup<T>& setup) {
    if (const auto asked = setup.options.integer("block"); asked > 0) return static_cast<int>(asked);
    return best_block(work(setup.stack), static_cast<double>(setup.stack.parameters()));
  }
  static double work(const Stack<T>& stack) {
    double sum = 0;
    for (int l = 0; l < stack.layers(); ++l) {
      const double rows = stack.width() - l * stack.states() * stack.units();
      sum += rows * rows * static_cast<double>(stack.layer(l).parameters());
    }
    return sum;
  }

  /// Steps of a segment at once: longer parts save products with M and cost scratch (K N S d N G d numbers), 64 MiB,
  /// but 64 to 256 steps.
  int longest_part() const {
    const std::size_t steps = (std::size_t{64} << 20) / (area(width_, stack_.rows()) * sizeof(T));
    return static_cast<int>(std::clamp<std::size_t>(steps, 64, 256));
  }

  /// Steps [k0, k1) of a segment, gradient and M.
  void segment(Layers<T> layers, const Credit<T>& credit, int k0, int k1, T* grad) {
    scan_.run(layers, k0, k1, Recurrent::full, true, credit, empty_ ? nullptr : before_.data(), grad);
    if (layers[0].last && k1 == layers[0].steps) {  // nothing is carried on
      if (!empty_)
        for (int b = 0; b < streams_; ++b) row_product(b, before_.data() + area(b, width_), grad);
    } else {
      advance([&](int) { return layers; }, k0, k1, before_.data(), grad);
    }
  }

  /// Takes the memory that a block of steps needs, so that no step does. Taking M over one is left out where it is
  /// long.
  void rehearse() {
    Buffer<T> grad(stack_.parameters());
    for (int steps = 1; steps <= block_; ++steps) stack_.accumulate(kept_.all(), 0, steps, du_.data(), grad.data());
    for (int l = 0; l < stack_.layers(); ++l) scratch<OfM, T>(area(states(l), columns_at_once<T>(states(l))));
    constexpr int short_enough = 512;
    if (width_ > short_enough) return;
    waiting_ = block_;
    go_back(grad.data());
    settle();
    begin();
  }

  /// The same, but M stays where it is: the steps wait.
  void wait(Layers<T> layers, const Credit<T>& credit, int k0, int k1, T* grad) {
    const bool fresh = empty_ && waiting_ == 0;
    scan_.run(layers, k0, k1, Recurrent::full, true, credit, fresh ? nullptr : before_.data(), grad);
    if (!fresh) go_back(grad);
    if (!empty_)
      for (int b = 0; b < streams_; ++b) row_product(b, before_.data() + area(b, width_), grad);
    if (layers[0].last && k1 == layers[0].steps) return forget_waiting();  // nothing is carried on
    for (int k = k0; k < k1; ++k) kept_.keep(layers, k, waiting_++);
    if (waiting_ == block_) settle();
  }

  /// Takes the credit in before_, on the states after the last step that waits, to before the first of them, and adds
  /// what the weights of these steps get of it.
  void go_back(T* grad) {
    if (waiting_ == 0) return;
    const int shown = stack_.shown_width(), rows = stack_.rows(), B = streams_;
    const bool h_alone = width_ == stack_.units();  // all credit is credit on h then
    if (h_alone) {
      std::copy_n(before_.data(), before_.size(), q_now_.data());
    } else {
      std::copy_n(before_.data(), before_.size(), lambda_.data());
      q_now_.zero();
    }
    for (int slot = waiting_ - 1; slot >= 0; --slot) {
      q_before_.zero();
      stack_.pull(kept_.step(slot), slot, Recurrent::full, h_alone ? nullptr : lambda_.data(), q_now_.data(),
                  du_.data() + area(slot * B, rows), q_before_.data());
      std::swap(q_now_, q_before_);
    }
    stack_.accumulate(kept_.all(), 0, waiting_, du_.data(), grad);
    if (h_alone) {
      std::copy_n(q_now_.data(), q_now_.size(), before_.data());
      return;
    }
    std::copy_n(lambda_.data(), lambda_.size(), before_.data());
    for (int b = 0; b < B; ++b)
      kernels<T>().add(shown, q_now_.data() + area(b, shown), before_.data() + area(b, width_) + stack_.shown());
  }

  /// Takes M over the steps that wait.
  void settle() {
    if (waiting_ > 0) advance([&](int slot) { return kept_.step(slot); }, 0, waiting_, nullptr, nullptr);
    forget_waiting();
  }
  void forget_waiting() {
    waiting_ = 0;
    kept_.clear();
  }

  bool one_layer() const { return stack_.layers() == 1; }

  /// grad += delta . M
  void row_product(int b, const T* delta, T* grad) {
    for (int l = 0; l < stack_.layers(); ++l) {
      const auto p = static_cast<int>(parameters(l));
      gemm(Op::none, Op::none, 1, p, states(l), delta + first(l), width_, influence(b, l).data(), p, T(1),
           grad + stack_.theta_at(l), p);
    }
  }

  /// M over steps [k0, k1), and grad += delta . M_entry, delta [B][N S d] (null: none). `step(k)`: what products of
  /// step k are asked of.
  template <class F>
  void advance(const F& step, int k0, int k1, const T* delta, T* grad) {
    if (one_layer()) stack_.layer(0).linearise(step(k1 - 1)[0], k1 - 1, Recurrent::none, local_.data(), gain_.data());
    for (int b = 0; b < streams_; ++b) advance(step, b, k0, k1, delta ? delta + area(b, width_) : nullptr, grad);
    empty_ = false;
  }
  template <class F>
  void advance(const F& step, int b, int k0, int k1, const T* delta, T* grad) {
    // Where there is one layer the immediate influence of the last step has one row a weight, and is added by itself.
    const int K = k1 - k0, summed = one_layer() ? K - 1 : K, rows = stack_.rows();
    const std::size_t needed = area(width_, summed) * static_cast<std::size_t>(rows);
    if (coefficients_.size() < needed) coefficients_.resize(needed);
    // G, split into what came through A (g_) and through the top layer's W_rec (q_, where it shows h); rows are states
    // at the block's end.
    g_.zero();
    q_.zero();
    for (int i = 0; i < width_; ++i) g_[area(i, width_) + static_cast<std::size_t>(i)] = 1;
    for (int k = k1 - 1; k >= k0; --k) {
      stack_.pull_stream(step(k), k, b, width_, g_.data(), q_.data(), du_.data());
      if (k - k0 < summed)
        for (int i = 0; i < width_; ++i)
          std::copy_n(du_.data() + area(i, rows), rows,
                      coefficients_.data() +
                          (area(i, summed) + static_cast<std::size_t>(k - k0)) * static_cast<std::size_t>(rows));
    }
    const Layers<T> layers = step(k0);
    carry(layers[0], b, k1 - 1, delta, grad);
    if (summed == 0) return;
    share(crew_, width_, static_cast<double>(summed) * width_ * static_cast<double>(stack_.parameters()), [&](int i) {
      for (const StackBlock& block : stack_.blocks())
        if (i >= first(block.layer))
          gemm(Op::transposed, Op::none, block.cols, block.rows, summed, stack_.regressors(layers, block, k0, b),
               streams_ * stack_.layer(block.layer).ld(),
               coefficients_.data() + area(i, summed) * static_cast<std::size_t>(rows) + block.row, rows, T(1),
               influence(b, block.layer).data() + area(i - first(block.layer), 1) * parameters(block.layer) +
                   block.begin - stack_.theta_at(block.layer),
               block.rows);
    });
  }

  /// M <- Phi M with Phi = g_ + q_, and grad += delta . M (delta null: none); in one layer M += Mbar of step k, too.
  void carry(const Segment<T>& segment, int b, int k, const T* delta, T* grad) {
    const bool reset = is_zero(g_) && is_zero(q_), empty = empty_ || reset;
    if (!empty_ && reset && delta) row_product(b, delta, grad);
    if (empty) {
      for (int l = 0; l < stack_.layers(); ++l) influence(b, l).zero();
      if (!one_layer()) return;
    } else {
      const int d = stack_.shown_width();
      for (int i = 0; i < width_; ++i)
        kernels<T>().add(d, q_.data() + area(i, d), g_.data() + area(i, width_) + stack_.shown());
    }
    for (int l = 0; l < stack_.layers(); ++l) {
      const int p = static_cast<int>(parameters(l)), rows = states(l), columns = columns_at_once<T>(rows);
      share(crew_, (p + columns - 1) / columns, empty ? 0 : static_cast<double>(rows) * rows * p, [&](int job) {
        const int from = job * columns, count = std::min(columns, p - from);
        T* m = influence(b, l).data() + from;
        if (!empty) {
          T* before = scratch<OfM, T>(area(rows, columns));
          to_panels(Op::none, rows, count, m, p, before);
          times_panels(rows, count, rows, g_.data() + area(first(l), width_ + 1), width_, before, T(0), m, p);
          if (delta)
            times_panels(1, count, rows, delta + first(l), width_, before, T(1), grad + stack_.theta_at(l) + from, p);
        }
        if (one_layer()) add_immediate(segment, b, k, static_cast<std::size_t>(from), static_cast<std::size_t>(count));
      });
    }
  }

  /// M += Mbar of step k in some columns: the weights into a unit move that unit's states alone.
  void add_immediate(const Segment<T>& segment, int b, int k, std::size_t from, std::size_t count) {
    const Cell<T>& cell = stack_.layer(0);
    const int d = cell.units(), G = cell.gates(), S = cell.states();
    const T* z = segment.z.data() + area(k * streams_ + b, cell.ld());
    const T* gain = gain_.data() + area(b, S * G * d);
    T* m = influence(b, 0).data();
    for (const Block& block : cell.blocks()) {
      const auto rows = static_cast<std::size_t>(block.rows), end = block.begin + area(block.cols, block.rows);
      for (std::size_t c = std::max(from, block.begin); c < std::min(from + count, end);) {
        // The weights from one regressor.
        const std::size_t j = (c - block.begin) / rows, first = (c - block.begin) % rows,
                          end_row = std::min(rows, first + from + count - c);
        const T regressor = z[static_cast<std::size_t>(block.col) + j];
        int g = (block.row + static_cast<int>(first)) / d, i = (block.row + static_cast<int>(first)) % d;
        for (std::size_t row = first; row < end_row; ++row, ++c) {
          for (int s = 0; s < S; ++s)
            m[area(s * d + i, 1) * cell.parameters() + c] +=
                gain[area(s * G + g, d) + static_cast<std::size_t>(i)] * regressor;
          if (++i == d) {
            i = 0;
            ++g;
          }
        }
      }
    }
  }

  static bool is_zero(const Buffer<T>& x) {
    return std::all_of(x.data(), x.data() + x.size(), [](T value) { return value == T(0); });
  }

  const Stack<T>& stack_;
  Crew* crew_ = nullptr;
  int streams_, width_;  ///< B, N S d
  int block_;            ///< steps that wait until M is taken over them; 1: none wait
  int waiting_ = 0;      ///< slots of kept_ that are in use
  bool empty_ = true;    ///< M is zero
  KeptSteps<T> kept_;
  BackwardScan<T> scan_;
  /// A stream and layer: influence of the layer's weights on its own states and those above, [states][p].
  std::vector<Buffer<T>> influence_;
  Buffer<T> before_, g_, q_, du_, local_, gain_, coefficients_;
  Buffer<T> lambda_, q_now_, q_before_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  if (setup.stack.layers() == 1 && !setup.stack.layer(0).recurrent())
    return std::make_unique<LocalTrace<T>>(setup, own_part(setup.stack));
  return std::make_unique<Rtrl<T>>(setup);
}

constexpr Option options[] = {
    {.key = "block",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 4096,
     .unit = "steps",
     .help = "updates at short intervals: steps over which the influence matrix is taken at once; 1: the textbook "
             "recursion, step by step; 0: as many as the cost model finds best. The same numbers but for rounding"},
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_rtrl;
const RuleRecord rule_rtrl = {
    .entry = {.name = "rtrl",
              .title = "real-time recurrent learning",
              .formulae = "M_t = J_t M_{t-1} + Mbar_t,  dL_t/dtheta = c_t M_t",
              .text = "The exact gradient, summed towards the past, through all layers of a stack. M is not advanced "
                      "step by step, but over blocks of k steps (of an interval, or of many with short ones): the same "
                      "numbers for 2 d^3 + 2 d^2 (d + n + 1)(1 + d/k) flops a step instead of 2 d^3 (d + n + 1). In "
                      "one layer whose units recur with themselves alone M has one entry a weight and state, and a "
                      "step costs as many operations.",
              .cite = "williams1989learning,schmidhuber1992fixed",
              .options = options},
    .promise = Promise::exact,
    .memory = "r p + b (p / B + d + n + w)",
    .time = "(r^2 / k + r / K) p + r p + r R + p + (k - K) (R + p) / (2 K)",
    .past_facing = true,
    .look = "ink",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
