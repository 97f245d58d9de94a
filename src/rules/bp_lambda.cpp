// SPDX-License-Identifier: Apache-2.0
// Accumulate BP(lambda): a synthesiser g guesses strictly future credit of f_t = (s_t, 1) and learns forwards, by a
// trace E of what its parameters A did to its guesses. At each step, with g of before for the first line:
//   delta = (c_t + gamma g(f_t)) J_t - g(f_{t-1}),   A <- A + sg_lr * mean over streams of delta E
//   g_t   = (c_t + scale g(f_t)) Mbar_t
//   E     <- gamma lambda J_t E + dg(f_t)/dA
// At the row's last step g(f_t) is 0 in both. E is linear in what was added to it, so it need not be advanced step by
// step (as M of rtrl): steps wait with their Jacobians, features and, where dg/dA depends on A, with a copy of g, until
// there are `block` of them. Until then delta is taken back through them to the E before the first of them.
#include <algorithm>
#include <memory>
#include <vector>

#include "base/blocks.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "math/gemm.hpp"
#include "math/panels.hpp"
#include "rules/block_option.hpp"
#include "rules/credit_on_states.hpp"
#include "rules/kept_steps.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class BpLambda final : public Rule<T> {
 public:
  explicit BpLambda(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        width_(setup.stack.width()),
        features_(width_ + 1),
        scale_(static_cast<T>(setup.options.number("scale"))),
        gamma_(static_cast<T>(setup.options.number("gamma"))),
        carried_(static_cast<T>(setup.options.number("gamma") * setup.options.number("lambda"))),
        linear_(synthesiser_of(setup.options).linear),
        model_(made(setup)),
        parameters_(static_cast<int>(model_->parameters().size())),
        block_(carried_ == T(0) ? 1 : block_of(setup)),
        kept_(setup.stack, carried_ == T(0) ? 0 : block_, setup.streams, KeptWeights::of_then) {
    const int B = streams_, d = stack_.shown_width();
    feature_.resize(area(block_ * B, features_));
    for (Buffer<T>* each : {&guess_, &delta_, &asked_}) each->resize(area(B, width_));
    for (Buffer<T>* each : {&on_h_, &zero_}) each->resize(area(B, d));
    now_.resize(area(B, features_));
    gradient_.resize(area(1, parameters_));
    du_.resize(area(std::max(B, width_), stack_.rows()));
    if (carried_ == T(0)) return;
    trace_.resize(area(B, width_) * static_cast<std::size_t>(parameters_));
    g_.resize(area(width_, width_));
    q_.resize(area(width_, d));
    parts_.resize(area(width_, block_) * static_cast<std::size_t>(width_));
    one_.resize(area(block_, features_));
    deltas_.resize(area(block_ * B, width_));
    old_.resize(area(width_, std::min(columns_at_once(), parameters_)));
    if (!linear_)
      for (int slot = 0; slot < block_; ++slot) models_.push_back(made(setup));
    rehearse();
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      const bool last = layers[0].last && k + 1 == layers[0].steps;
      states_and_one(stack_, layers, k, now_.data());
      if (waiting_ > 0) train(layers, credit, k, last);
      ask(last, scale_);
      add_further(stack_, credit, k, streams_, asked_.data());
      stack_.pull(layers, k, Recurrent::none, asked_.data(), on_shown(credit, k), du_.data(), nullptr);
      stack_.accumulate(layers, k, k + 1, du_.data(), grad);
      keep(layers, k);
    }
  }

  void begin() override {
    waiting_ = 0;
    empty_ = true;
    kept_.clear();
  }

  void state(Archive& archive) override {
    std::int64_t empty = empty_, waiting = waiting_;
    archive.number("empty", empty);
    archive.number("waiting", waiting);
    empty_ = empty != 0;
    waiting_ = static_cast<int>(waiting);
    Within model(archive, "synthesiser.");
    model_->state(model);
    archive.array("features", feature_.span());
    if (carried_ == T(0)) return;
    archive.array("trace", trace_.span());
    kept_.state(archive);
    for (std::size_t slot = 0; slot < models_.size(); ++slot) {
      Within kept(archive, numbered(archive, "synthesiser", static_cast<int>(slot)) + ".");
      models_[slot]->state(kept);
    }
  }

 private:
  static std::unique_ptr<Synthesiser<T>> made(const RuleSetup<T>& setup) {
    const int width = setup.stack.width();
    return make_synthesiser<T>({synthesiser_of(setup.options), width + 1, width, setup.options, setup.seed});
  }
  int block_of(const RuleSetup<T>& setup) const {
    if (const auto asked = setup.options.integer("block"); asked > 0) return static_cast<int>(asked);
    return best_block(static_cast<double>(width_) * width_ * parameters_, parameters_);
  }

  /// asked_ = factor g(f_t), 0 at the end of the row.
  void ask(bool last, T factor) {
    if (last) return asked_.zero();
    model_->guess(streams_, now_.data(), asked_.data());
    kernels<T>().scale(static_cast<int>(asked_.size()), factor, asked_.data());
  }

  const T* on_shown(const Credit<T>& credit, int k) const {
    return credit.c + area(k * streams_, stack_.shown_width());
  }
  const T* features(int slot) const { return feature_.data() + area(slot * streams_, features_); }
  T* deltas(int slot) { return deltas_.data() + area(slot * streams_, width_); }
  T* trace(int b) { return trace_.data() + area(b, width_) * static_cast<std::size_t>(parameters_); }
  Synthesiser<T>& model(int slot) { return *models_[static_cast<std::size_t>(slot)]; }

  /// The synthesiser learns what step k says of the guess before it.
  void train(Layers<T> layers, const Credit<T>& credit, int k, bool last) {
    ask(last, gamma_);
    std::copy_n(asked_.data(), asked_.size(), delta_.data());
    add_further(stack_, credit, k, streams_, delta_.data());
    credit_before(stack_, layers, k, delta_.data(), on_shown(credit, k), du_.data(), on_h_.data());
    model_->guess(streams_, features(waiting_ - 1), guess_.data());
    kernels<T>().scale(static_cast<int>(delta_.size()), T(-1), delta_.data());  // learn() takes guess minus target
    kernels<T>().add(static_cast<int>(delta_.size()), guess_.data(), delta_.data());
    if (carried_ == T(0)) return model_->learn(streams_, features(0), delta_.data(), streams_);
    for (int slot = waiting_ - 1; slot >= 0; --slot) {
      std::copy_n(delta_.data(), delta_.size(), deltas(slot));
      if (slot == 0 && empty_) break;
      credit_before(stack_, kept_.step(slot), slot, delta_.data(), zero_.data(), du_.data(), on_h_.data());
      kernels<T>().scale(static_cast<int>(delta_.size()), carried_, delta_.data());
    }
    gradient_.zero();
    if (linear_) model_->descend(waiting_ * streams_, features(0), deltas(0), gradient_.data());
    for (int slot = 0; !linear_ && slot < waiting_; ++slot)
      model(slot).descend(streams_, features(slot), deltas(slot), gradient_.data());
    if (!empty_)
      for (int b = 0; b < streams_; ++b)
        gemm(Op::none, Op::none, 1, parameters_, width_, delta_.data() + area(b, width_), width_, trace(b), parameters_,
             T(1), gradient_.data(), parameters_);
    model_->learn(gradient_.data(), streams_);
  }

  /// What step k adds to E waits.
  void keep(Layers<T> layers, int k) {
    if (carried_ == T(0)) {
      waiting_ = 1;
      std::copy_n(now_.data(), now_.size(), feature_.data());
      return;
    }
    if (waiting_ == block_) settle();
    const int slot = waiting_++;
    std::copy_n(now_.data(), now_.size(), feature_.data() + area(slot * streams_, features_));
    kept_.keep(layers, k, slot);
    if (!linear_) models_[static_cast<std::size_t>(slot)]->copy(*model_);
  }

  /// Takes the memory that a block of steps needs, so that no step does. Taking E over one is left out where it is
  /// long.
  void rehearse() {
    for (int steps = 1; linear_ && steps <= block_; ++steps)
      model_->descend(steps * streams_, features(0), deltas(0), gradient_.data());
    constexpr int short_enough = 512;
    if (width_ > short_enough) return;
    waiting_ = block_;
    settle();
    begin();
  }

  /// Takes E over the steps that wait:
  ///   E <- Phi E + sum_k G_k dg(f_k)/dA,   G of the last = 1,  G_{k-1} = gamma lambda G_k J_k,  Phi = G before the
  ///   first.
  void settle() {
    for (int b = 0; b < streams_; ++b) settle(b);
    empty_ = false;
    waiting_ = 0;
    kept_.clear();
  }
  void settle(int b) {
    const int w = width_, d = stack_.shown_width(), K = waiting_;
    g_.zero();
    q_.zero();
    for (int i = 0; i < w; ++i) g_[area(i, w + 1)] = 1;
    for (int k = K - 1; k >= 0; --k) {
      for (int i = 0; i < w; ++i) {
        T* part = parts_.data() + (area(i, K) + static_cast<std::size_t>(k)) * static_cast<std::size_t>(w);
        std::copy_n(g_.data() + area(i, w), w, part);
        kernels<T>().add(d, q_.data() + area(i, d), part + stack_.shown());
      }
      stack_.pull_stream(kept_.step(k), k, b, w, g_.data(), q_.data(), du_.data());
      kernels<T>().scale(static_cast<int>(g_.size()), carried_, g_.data());
      kernels<T>().scale(static_cast<int>(q_.size()), carried_, q_.data());
    }
    add_credit(stack_, w, T(1), q_.data(), g_.data());
    carry(trace(b));
    for (int k = 0; k < K; ++k)
      std::copy_n(features(k) + area(b, features_), features_, one_.data() + area(k, features_));
    for (int i = 0; i < w; ++i) {
      T* e = trace(b) + area(i, parameters_);
      const T* part = parts_.data() + area(i, K) * static_cast<std::size_t>(w);
      if (linear_)
        model_->descend(K, one_.data(), part, e);
      else
        for (int k = 0; k < K; ++k) model(k).descend(1, one_.data() + area(k, features_), part + area(k, w), e);
    }
  }

  /// E <- Phi E, in place: some columns at a time, which fit into the second cache.
  void carry(T* e) {
    if (empty_) {
      std::fill_n(e, area(width_, parameters_), T(0));
      return;
    }
    const int columns = columns_at_once();
    for (int from = 0; from < parameters_; from += columns) {
      const int count = std::min(columns, parameters_ - from);
      to_panels(Op::none, width_, count, e + from, parameters_, old_.data());
      times_panels(width_, count, width_, g_.data(), width_, old_.data(), T(0), e + from, parameters_);
    }
  }
  int columns_at_once() const {
    constexpr int numbers = (256 << 10) / static_cast<int>(sizeof(T)), panel = 64;
    return std::max(1, numbers / width_ / panel) * panel;
  }

  const Stack<T>& stack_;
  int streams_, width_, features_;  ///< B, N S d, N S d + 1
  T scale_, gamma_, carried_;       ///< the last is gamma lambda
  bool linear_;
  std::unique_ptr<Synthesiser<T>> model_;
  int parameters_;
  int block_;
  int waiting_ = 0;    ///< of them: all since the row began or E was taken over them; at least one after a step
  bool empty_ = true;  ///< E before the steps that wait is zero
  KeptSteps<T> kept_;  ///< J of the steps that wait
  std::vector<std::unique_ptr<Synthesiser<T>>> models_;  ///< g of then, where dg/dA depends on it
  Buffer<T> feature_;                                    ///< [block][B][F] of the steps that wait
  Buffer<T> trace_;                                      ///< E [B][N S d][P], before them
  Buffer<T> now_, guess_, delta_, asked_, on_h_, zero_, gradient_, du_;
  Buffer<T> g_, q_, parts_, one_, deltas_, old_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<BpLambda<T>>(setup);
}

constexpr Option options[] = {
    synthesis::rate,
    synthesis::optimizer,
    {.key = "scale",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .help = "factor of the guesses that the network learns from"},
    {.key = "gamma",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "discount of later credit in what the synthesiser learns"},
    {.key = "lambda",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "0: it learns from its own next guess; 1: from all credit that follows"},
    block_option(
        "steps over which the trace is taken at once; 1: step by step; 0: as many as the cost model finds best. "
        "The same numbers but for rounding"),
    synthesis::name,
    synthesis::l2,
    synthesis::clip,
    synthesis::warmup,
    synthesis::zero,
};

}  // namespace

extern const RuleRecord rule_bp_lambda;
const RuleRecord rule_bp_lambda = {
    .entry =
        {.name = "bp_lambda",
         .title = "accumulate BP(lambda): synthetic gradients learnt forwards",
         .formulae = "f_t = (s_t, 1),  epsilon_t = (c_t + gamma A f_t) J_t - A f_{t-1},  A <- A + sg_lr epsilon_t E\n"
                     "g_t = (c_t + scale A f_t) Mbar_t,  E <- gamma lambda J_t E + I (x) f_t",
         .symbols = "A: the synthesiser, a matrix; A f_t is the guess of all credit of s_t that comes after t\n"
                    "E: trace, what A did to its guesses\n"
                    "I: the unit matrix\n"
                    "epsilon: what a step says of the guess before it\n"
                    "f: what the guess is made from\n"
                    "gamma, lambda, scale, sg_lr: settings\n"
                    "s: all states after a step",
         .text = "The gradient takes the A just learnt. The guess is 0 at a row's last step. With A at rest the sum of "
                 "all epsilon E is that of targets made of all credit that follows, without waiting for it. E is taken "
                 "over blocks of steps, as the influence matrix of rtrl; lambda = 0 needs none. Other synthesisers "
                 "stand in for the matrix.",
         .cite = "pemberton2024bp,jaderberg2017decoupled",
         .options = options},
    .promise = Promise::biased,
    .limit = "the synthesiser is exact and scale is 1",
    .memory = "d^2 (d + 1) + b (p / B + 2 d + n + w + 1) + d (d + 1) / B",
    .time = "p + R + 3 d (d + 1) + (k + 1) (R + d (d + 1)) / 2 + d R + 2 d^2 (d + 1) + d^3 (d + 1) / k",
    .whitens = true,
    .one_shard = true,
    .look = "bronze",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
