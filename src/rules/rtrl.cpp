// SPDX-License-Identifier: Apache-2.0
// Real-time recurrent learning, exact for any K. M need not be advanced step by step: over a block of steps
//   gradient = credit pulled back through the block's steps + delta_entry . M,
// and M is taken over it at once (influence_advance.hpp). Steps that come one by one, as with an update at each, wait
// with what their products need and their own weights until there are `block` of them: the numbers of the textbook
// recursion M = J M + Mbar, which a block of 1 is, for O(d^3) operations a step instead of O(d^4).
// With `spread` the work that a block of steps makes is shared out over the next as many: until M has been taken over
// them they go on to wait, beside the new ones.
// In one layer whose units do not read each other M is zero outside of a unit's own rows, and what is left of it is a
// local trace.
// (schmidhuber1992fixed)
#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "base/blocks.hpp"
#include "base/sizes.hpp"
#include "chronograd/bf16.hpp"
#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "math/kernels.hpp"
#include "rules/backward_scan.hpp"
#include "rules/block_option.hpp"
#include "rules/influence_advance.hpp"
#include "rules/kept_steps.hpp"
#include "rules/local_trace.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

/// M in numbers of the type Stored.
template <class T, class Stored = T>
class Rtrl final : public Rule<T> {
 public:
  explicit Rtrl(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        width_(setup.stack.width()),
        spread_(setup.options.flag("spread")),
        block_(block_of(setup)),
        kept_(setup.stack, block_ > 1 ? slots() : 0, setup.streams, KeptWeights::of_then, setup.whitened),
        scan_(setup.stack),
        advance_(setup.stack, setup.streams),
        influence_(advance_.matrices()) {
    before_.resize(area(streams_, width_));
    du_.resize(area((block_ > 1 ? slots() : 0) * streams_, stack_.rows()));
    lambda_.resize(area(streams_, width_));
    for (Buffer<T>* q : {&q_now_, &q_before_}) q->resize(area(streams_, stack_.shown_width()));
    if (block_ == 1) return;
    if (spread_) {
      next_ = advance_.matrices();
      advance_.by_pieces(block_);
    }
    rehearse();
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const int steps = layers[0].steps;
    for (int k0 = 0, k1 = 0; k0 < steps; k0 = k1) {
      if (layers[0].last && fresh()) {
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

  void use(Crew* crew) override { advance_.use(crew); }

  double work() const override { return work(stack_); }

  void begin() override {
    empty_ = true;
    forget_waiting();
    for (Buffer<Stored>& m : influence_) m.zero();
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
    keep_matrices(archive, "influence", influence_);
    if (!spread_ || block_ == 1) return;
    std::int64_t settling = settling_, at = at_;
    archive.number("settling", settling);
    archive.number("at", at);
    settling_ = settling != 0;
    at_ = at != 0 ? block_ : 0;
    advance_.state(archive);
    keep_matrices(archive, "next_influence", next_);
  }

 private:
  using Matrices = typename InfluenceAdvance<T, Stored>::Matrices;

  void keep_matrices(Archive& archive, const char* name, Matrices& all) {
    const auto layers = static_cast<std::size_t>(stack_.layers());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string whole = numbered(archive, name, static_cast<int>(i / layers)) +
                                (i % layers > 0 ? numbered(archive, "_l", static_cast<int>(i % layers)) : "");
      if constexpr (std::is_same_v<Stored, T>)
        archive.array(whole, all[i].span());
      else
        archive.array16(whole, all[i].span());
    }
  }

  /// Steps that may wait: those of a block that is full, and of the next one while M is taken over it.
  int slots() const { return spread_ ? 2 * block_ : block_; }
  /// M is zero and no step waits.
  bool fresh() const { return empty_ && waiting_ == 0 && !settling_; }

  static int block_of(const RuleSetup<T>& setup) {
    if (const auto asked = setup.options.integer("block"); asked > 0) return static_cast<int>(asked);
    return best_block(work(setup.stack), static_cast<double>(setup.stack.parameters()), setup.options.flag("spread"));
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

  /// grad += before_ . M
  void ask(T* grad) {
    for (int b = 0; b < streams_; ++b) advance_.row_product(influence_, b, before_.data() + area(b, width_), grad);
  }

  /// Steps [k0, k1) of a segment, gradient and M.
  void segment(Layers<T> layers, const Credit<T>& credit, int k0, int k1, T* grad) {
    scan_.run(layers, k0, k1, Recurrent::full, true, credit, empty_ ? nullptr : before_.data(), grad);
    if (layers[0].last && k1 == layers[0].steps) {  // nothing is carried on
      if (!empty_) ask(grad);
    } else {
      advance_.at_once([&](int) { return layers; }, k0, k1, empty_, influence_, before_.data(), grad);
      empty_ = false;
    }
  }

  /// Takes the memory that a block of steps needs, so that no step does. Taking M over one is left out where it is
  /// long.
  void rehearse() {
    Buffer<T> grad(stack_.parameters());
    for (int steps = 1; steps <= block_; ++steps) stack_.accumulate(kept_.all(), 0, steps, du_.data(), grad.data());
    advance_.take_memory(block_);
    constexpr int short_enough = 512;
    if (width_ > short_enough) return;
    waiting_ = block_;
    go_back(grad.data());
    settle();
    begin();
  }

  /// The same, but M stays where it is: the steps wait.
  void wait(Layers<T> layers, const Credit<T>& credit, int k0, int k1, T* grad) {
    const bool none = fresh();
    scan_.run(layers, k0, k1, Recurrent::full, true, credit, none ? nullptr : before_.data(), grad);
    if (!none) go_back(grad);
    if (!empty_) ask(grad);
    if (layers[0].last && k1 == layers[0].steps) return forget_waiting();  // nothing is carried on
    for (int k = k0; k < k1; ++k) kept_.keep(layers, k, at_ + waiting_++);
    if (settling_) settle_by(waiting_);
    if (waiting_ < block_) return;
    if (!spread_) return settle();
    at_ = other();
    waiting_ = 0;
    settling_ = true;
    advance_.begin();
  }

  /// Takes the credit in before_, on the states after the last step that waits, to before the first of them, and adds
  /// what the weights of these steps get of it.
  void go_back(T* grad) {
    const int shown = stack_.shown_width(), B = streams_;
    const bool h_alone = width_ == stack_.units();  // all credit is credit on h then
    if (h_alone) {
      std::copy_n(before_.data(), before_.size(), q_now_.data());
    } else {
      std::copy_n(before_.data(), before_.size(), lambda_.data());
      q_now_.zero();
    }
    go_back(at_, waiting_, grad);
    if (settling_) go_back(other(), block_, grad);
    if (h_alone) {
      std::copy_n(q_now_.data(), q_now_.size(), before_.data());
      return;
    }
    std::copy_n(lambda_.data(), lambda_.size(), before_.data());
    for (int b = 0; b < B; ++b)
      kernels<T>().add(shown, q_now_.data() + area(b, shown), before_.data() + area(b, width_) + stack_.shown());
  }
  /// Through the steps in slots [at, at + count), from lambda_ and q_now_ to these.
  void go_back(int at, int count, T* grad) {
    const int rows = stack_.rows(), B = streams_;
    for (int slot = at + count - 1; slot >= at; --slot) {
      q_before_.zero();
      stack_.pull(kept_.step(slot), slot, Recurrent::full, width_ == stack_.units() ? nullptr : lambda_.data(),
                  q_now_.data(), du_.data() + area(slot * B, rows), q_before_.data());
      std::swap(q_now_, q_before_);
    }
    if (count > 0) stack_.accumulate(kept_.all(), at, at + count, du_.data() + area(at * B, rows), grad);
  }

  /// Takes M over the steps that wait.
  void settle() {
    if (settling_) settle_by(block_);
    if (waiting_ > 0) {
      advance_.at_once(of_then(), at_, at_ + waiting_, empty_, influence_, nullptr, nullptr);
      empty_ = false;
    }
    forget_waiting();
  }
  /// Goes on with the block that is full as far as `steps` new ones allow; with all of them it is done.
  void settle_by(int steps) {
    advance_.go_on(of_then(), other(), empty_, influence_, next_, steps);
    if (steps < block_) return;
    std::swap(influence_, next_);
    empty_ = settling_ = false;
  }
  auto of_then() {
    return [this](int slot) { return kept_.step(slot); };
  }
  /// Where the steps of the block lie that is not being filled.
  int other() const { return block_ - at_; }

  void forget_waiting() {
    waiting_ = at_ = 0;
    settling_ = false;
    kept_.clear();
  }

  const Stack<T>& stack_;
  int streams_, width_;  ///< B, N S d
  bool spread_;
  int block_;              ///< steps that wait until M is taken over them; 1: none wait
  int waiting_ = 0;        ///< slots of kept_ that are in use, from at_ on
  int at_ = 0;             ///< 0, or with `spread` block_
  bool settling_ = false;  ///< M is being taken over as many steps as are in a block: those in the other slots
  bool empty_ = true;      ///< M is zero
  KeptSteps<T> kept_;
  BackwardScan<T> scan_;
  InfluenceAdvance<T, Stored> advance_;
  Matrices influence_, next_;
  Buffer<T> before_, du_, lambda_, q_now_, q_before_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  if (setup.stack.layers() == 1 && !setup.stack.layer(0).recurrent())
    return std::make_unique<LocalTrace<T>>(setup, own_part(setup.stack));
  if (setup.options.word("influence") == "full") return std::make_unique<Rtrl<T>>(setup);
  if constexpr (sizeof(T) == sizeof(float))
    return std::make_unique<Rtrl<T, Bf16>>(setup);
  else
    throw Error(Exit::usage, "rule.influence",
                "got \"bf16\" with dtype = \"float64\", allowed is dtype = \"float32\".");
}

constexpr Option options[] = {
    block_option("updates at short intervals: steps over which the influence matrix is taken at once; 1: the textbook "
                 "recursion, step by step; 0: as many as the cost model finds best. The same numbers but for rounding"),
    {.key = "spread",
     .type = OptionType::flag,
     .fallback = "false",
     .help =
         "take the influence matrix over a block in parts, one at each step of the next block, in place of all at its "
         "end: the longest step is shorter, the mean one longer. The same numbers but for rounding"},
    {.key = "influence",
     .type = OptionType::word,
     .fallback = "\"full\"",
     .help =
         "numbers that the influence matrix is kept in; full: those of dtype. bf16: of 16 bits, which take half the "
         "memory and half the time to read, and are off by 2^-9 of their size after each block, so that the "
         "gradient is no longer exact (dtype = \"float32\")",
     .choices = "full|bf16"},
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
    .memory = "(1 + e) i r p + b (p / B + d + n + w) + e d ((k - 1) F + d + d / S) / B",
    .time = "(r^2 / k + r / K) p + r p + r R + p + (k - K + 2 e k) (R + p) / (2 K)",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "ink",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
