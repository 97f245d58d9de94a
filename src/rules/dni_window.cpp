// SPDX-License-Identifier: Apache-2.0
// Synthetic gradients at the ends of windows: tbptt whose windows are told at their exit, by a synthesiser g, what
// credit is still to come. g guesses strictly future credit of f_t = (s_t, 1). Window of steps a+1 ... b:
//   o = scale g(f_b), 0 at the row's end (end = "zero") and from the update ablate_at on;   delta = o;  for t = b ...
//   a+1:  delta += c_t, gradient += delta Mbar_t,
//                                                                          delta <- delta J_t
//   targets  G_b = o,  G_{t-1} = (c_t + gamma [(1 - lambda) scale g(f_t) + lambda G_t]) J_t,  at t = b with o for both
//   A <- A + sg_lr * mean over streams of (G_a - g(f_a)) dg(f_a)/dA, and of t = a+1 ... b-1 where learn = "all"
// From the update freeze_at on A stays as it is. Of f, g is shown a part alone (seen): the rest is zero to it.
// An auxiliary head C, if wanted, predicts at an exit what the next one will be told; its error goes back through the
// window before, with the current weights.
#include <algorithm>
#include <memory>
#include <string>

#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "math/gemm.hpp"
#include "rules/backward_scan.hpp"
#include "rules/credit_on_states.hpp"
#include "rules/kept_steps.hpp"
#include "rules/lesions.hpp"
#include "rules/window_options.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class DniWindow final : public Rule<T> {
 public:
  explicit DniWindow(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        width_(setup.stack.width()),
        features_(width_ + 1),
        rate_(static_cast<T>(setup.options.number("sg_lr"))),
        scale_(static_cast<T>(setup.options.number("scale"))),
        gamma_(static_cast<T>(setup.options.number("gamma"))),
        lambda_(static_cast<T>(setup.options.number("lambda"))),
        aux_(static_cast<T>(setup.options.number("aux"))),
        all_(setup.options.word("learn") == "all"),
        asked_at_end_(setup.options.word("end") == "free"),
        whitened_(setup.whitened),
        updates_(setup),
        seen_(setup.options.number("seen"), width_, setup.seed),
        model_(make_synthesiser<T>({synthesiser_of(setup.options), features_, width_, setup.options, setup.seed})),
        scan_(setup.stack) {
    const int B = streams_;
    for (Buffer<T>* each : {&entry_, &exit_}) each->resize(area(B, features_));
    for (Buffer<T>* each : {&out_, &goal_, &credit_}) each->resize(area(B, width_));
    on_h_.resize(area(B, stack_.shown_width()));
    du_.resize(area(B, stack_.rows()));
    if (aux_ == T(0)) return;
    head_.resize(area(features_, width_));
    error_.resize(area(B, width_));
    zero_.resize(area(B, stack_.shown_width()));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const int steps = layers[0].steps, B = streams_;
    const bool asked = asked_at_end_ || !layers[0].last, plain = gamma_ == T(1) && lambda_ == T(1) && !all_;
    const std::size_t rows = area(plain ? 1 : steps, B);
    reserve(pairs_, rows * static_cast<std::size_t>(features_));
    reserve(guess_, rows * static_cast<std::size_t>(width_));
    reserve(target_, rows * static_cast<std::size_t>(width_));
    show(layers, steps - 1, exit_.data());
    goal_.zero();
    if (asked) model_->guess(B, exit_.data(), goal_.data());
    std::copy_n(goal_.data(), goal_.size(), out_.data());
    kernels<T>().scale(static_cast<int>(out_.size()), updates_.ablated() ? T(0) : scale_, out_.data());

    std::copy_n(entry_.data(), entry_.size(), pairs_.data());
    for (int t = 1; !plain && t < steps; ++t) show(layers, t - 1, pairs_.data() + area(t * B, features_));
    model_->guess(static_cast<int>(rows), pairs_.data(), guess_.data());
    if (!plain) targets(layers, credit);
    scan_.run(layers, 0, steps, Recurrent::full, true, credit, plain ? target_.data() : nullptr, grad, out_.data());
    if (aux_ > T(0) && has_entry_) predict(layers, grad);
    const int from = has_entry_ ? 0 : 1, to = all_ ? steps : 1;
    if (from < to && !updates_.frozen()) {
      T* error = guess_.data() + area(from * B, width_);
      const int count = (to - from) * B;
      kernels<T>().axpy(count * width_, T(-1), target_.data() + area(from * B, width_), error);
      model_->learn(count, pairs_.data() + area(from * B, features_), error, B);
    }
    std::swap(entry_, exit_);
    has_entry_ = true;
    if (aux_ > T(0)) keep(layers);
    updates_.count(layers[0]);
  }

  void begin() override { has_entry_ = false; }

  void state(Archive& archive) override {
    std::int64_t entered = has_entry_;
    archive.number("has_entry", entered);
    has_entry_ = entered != 0;
    updates_.state(archive);
    archive.array("entry", entry_.span());
    Within model(archive, "synthesiser.");
    model_->state(model);
    if (aux_ == T(0)) return;
    archive.array("C", head_.span());
    std::int64_t capacity = capacity_, kept = kept_count_;
    archive.number("capacity", capacity);
    archive.number("kept", kept);
    if (capacity < 0 || capacity > most_steps || kept < 0 || kept > capacity)
      throw Error(
          Exit::data, "state of the rule dni_window",
          "got " + std::to_string(kept) + " of " + std::to_string(capacity) + " steps, allowed are 0 to 1000000000.");
    if (capacity != capacity_) make_room(static_cast<int>(capacity));
    kept_count_ = static_cast<int>(kept);
    if (kept_) kept_->state(archive);
  }

 private:
  static constexpr std::int64_t most_steps = 1000000000;

  /// features [B][N S d + 1]: what the synthesiser sees of the state after step k.
  void show(Layers<T> layers, int k, T* features) const {
    states_and_one(stack_, layers, k, features);
    for (int b = 0; b < streams_; ++b) seen_.hide(features + area(b, features_));
  }

  static void reserve(Buffer<T>& buffer, std::size_t numbers) {
    if (buffer.size() < numbers) buffer.resize(numbers);
  }

  /// target_ [steps][B][N S d]: what g should have said at the window's entry and after each of its steps but the last.
  void targets(Layers<T> layers, const Credit<T>& credit) {
    const int B = streams_, d = stack_.shown_width(), numbers = static_cast<int>(area(B, width_));
    const Kernels<T>& loops = kernels<T>();
    for (int t = layers[0].steps - 1; t >= 0; --t) {
      T* target = target_.data() + area(t * B, width_);
      if (t + 1 == layers[0].steps) {
        std::copy_n(out_.data(), numbers, target);
      } else {
        std::copy_n(target + numbers, numbers, target);
        loops.scale(numbers, lambda_, target);
        loops.axpy(numbers, (1 - lambda_) * scale_, guess_.data() + area((t + 1) * B, width_), target);
      }
      loops.scale(numbers, gamma_, target);
      add_further(stack_, credit, t, B, target);
      credit_before(stack_, layers, t, target, credit.c + area(t * B, d), du_.data(), on_h_.data());
    }
  }

  /// The auxiliary head: what it predicted at the entry, that is at the exit before, against what this exit says.
  void predict(Layers<T> layers, T* grad) {
    const int B = streams_, numbers = static_cast<int>(area(B, width_));
    const Kernels<T>& loops = kernels<T>();
    gemm(Op::none, Op::none, B, width_, features_, entry_.data(), features_, head_.data(), width_, T(0), error_.data(),
         width_);
    loops.axpy(numbers, T(-1), goal_.data(), error_.data());
    for (int b = 0; layers[0].any_cut && b < B; ++b)
      for (int k = 0; k < layers[0].steps; ++k)
        if (layers[0].cut[area(k, B) + static_cast<std::size_t>(b)])
          std::fill_n(error_.data() + area(b, width_), width_, T(0));
    gemm(Op::none, Op::transposed, B, width_, width_, error_.data(), width_, head_.data(), width_, T(0), credit_.data(),
         width_);
    loops.scale(numbers, aux_, credit_.data());
    kept_->use(layers);
    for (int slot = kept_count_ - 1; slot >= 0; --slot) {
      credit_before(stack_, kept_->step(slot), slot, credit_.data(), zero_.data(), du_.data(), on_h_.data());
      stack_.accumulate(kept_->all(), slot, slot + 1, du_.data(), grad);
    }
    loops.scale(numbers, -rate_ / static_cast<T>(B), error_.data());
    gemm(Op::transposed, Op::none, features_, width_, B, entry_.data(), features_, error_.data(), width_, T(1),
         head_.data(), width_);
  }

  void keep(Layers<T> layers) {
    if (capacity_ < layers[0].steps) make_room(layers[0].steps);
    kept_->clear();
    kept_count_ = layers[0].steps;
    for (int k = 0; k < kept_count_; ++k) kept_->keep(layers, k, k);
  }
  void make_room(int steps) {
    capacity_ = steps;
    kept_ = std::make_unique<KeptSteps<T>>(stack_, capacity_, streams_, KeptWeights::of_now, whitened_);
  }

  const Stack<T>& stack_;
  int streams_, width_, features_;  ///< B, N S d, N S d + 1
  T rate_, scale_, gamma_, lambda_, aux_;
  bool all_, asked_at_end_, whitened_;
  Lesions<T> updates_;
  SeenStates<T> seen_;
  std::unique_ptr<Synthesiser<T>> model_;
  BackwardScan<T> scan_;
  bool has_entry_ = false;            ///< a window of this row lies behind
  Buffer<T> entry_, exit_;            ///< [B][N S d + 1] f_a, before a reset that follows it, and f_b
  Buffer<T> out_, goal_;              ///< [B][N S d] o, and g(f_b)
  Buffer<T> pairs_, guess_, target_;  ///< of each step of the window: f_{t-1}, g of it, G_{t-1}
  Buffer<T> credit_, on_h_, du_, zero_;
  Buffer<T> head_, error_;              ///< C transposed [N S d + 1][N S d], eps
  std::unique_ptr<KeptSteps<T>> kept_;  ///< the window before
  int capacity_ = 0, kept_count_ = 0;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<DniWindow<T>>(setup);
}

constexpr Option options[] = {
    window_option,
    synthesis::rate,
    synthesis::optimizer,
    {.key = "scale", .type = OptionType::number, .fallback = "1.0", .low = 0, .help = "factor of what is guessed"},
    {.key = "gamma",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "discount of later credit in targets"},
    {.key = "lambda",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "0: targets are made of the guess a step later; 1: of the whole window and the guess at its exit"},
    {.key = "learn",
     .type = OptionType::word,
     .fallback = "\"entry\"",
     .help = "states that the synthesiser learns: those between windows, where it is asked, or all",
     .choices = "entry|all"},
    {.key = "aux",
     .type = OptionType::number,
     .fallback = "0.0",
     .low = 0,
     .help = "weight of an auxiliary loss: at an exit the network predicts what the next exit will be told; 0: none"},
    {.key = "end",
     .type = OptionType::word,
     .fallback = "\"zero\"",
     .help = "what comes after a row's end: zero, nothing; free, what the synthesiser guesses there, as at any other "
             "window's end",
     .choices = "zero|free"},
    {.key = "seen",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "share of the states that the synthesiser sees (its mossy fibres), drawn once from the seed",
     .low_is_excluded = true},
    {.key = "ablate_at",
     .type = OptionType::integer,
     .low = 0,
     .high = 1e15,
     .unit = "updates",
     .help = "a lesion: after so many updates guesses are taken for zero; default: never"},
    {.key = "freeze_at",
     .type = OptionType::integer,
     .low = 0,
     .high = 1e15,
     .unit = "updates",
     .help = "a lesion: after so many updates the synthesiser stays as it is; default: never"},
    synthesis::name,
    synthesis::l2,
    synthesis::clip,
    synthesis::warmup,
    synthesis::zero,
};

}  // namespace

extern const RuleRecord rule_dni_window;
const RuleRecord rule_dni_window = {
    .entry = {.name = "dni_window",
              .title = "tbptt with synthetic gradients at the ends of its windows",
              .formulae = "delta_t = c_t + delta_{t+1} J_{t+1},  g_t = delta_t Mbar_t\n"
                          "delta_n = c_n + scale A f_n,  f_t = (s_t, 1),  A f_k ~ delta_{k+1} J_{k+1}",
              .symbols = "A: the synthesiser, a matrix; A f_t is the guess of all credit of s_t that comes after t\n"
                         "f: what the guess is made from\n"
                         "k, n: the step before the window, and the window's last one\n"
                         "s: all states after a step\n"
                         "scale: a setting",
              .text =
                  "tbptt, in which the guess at a window's end stands for all credit that comes later; it is not asked "
                  "at a row's end, unless end = free. It learns at each window's entry from what the window brings "
                  "back there, or, with "
                  "lambda < 1, from its own guesses inside the window as well. An n-step target is L = n. sg_lr = 0 is "
                  "tbptt. aux: a linear head predicts at an exit what the next exit will be told, and its squared "
                  "error goes back through the window before. Other synthesisers stand in for the matrix. Read as a "
                  "cerebellum beside a cortex, ablate_at and freeze_at are lesions of its output and of its learning.",
              .cite = "jaderberg2017decoupled,czarnecki2017understanding,boven2023cerebro",
              .options = options},
    .promise = Promise::biased,
    .limit = "L >= T, or the synthesiser is exact and scale is 1",
    .memory = "L (d + n) + d + 1 + d (d + 1) / B",
    .time = "p + R + 3 d (d + 1) / L",
    .segments = Segments::interval,
    .whitens = true,
    .one_shard = true,
    .look = "magenta",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
