// SPDX-License-Identifier: Apache-2.0
// Kernel RNN learning: the influence is the trace e of a kernel that decays, times a learnt sensitivity A,
// M ~ A e. For a layer of v = S d states, with kappa = exp(-gamma) of before the step:
//   s^ <- F(s^, x_t) + sigma nu,  nu standard normal        a perturbed copy of the state
//   Gamma <- kappa Gamma + kappa' Omega,  Omega <- kappa Omega + nu        the perturbations in the kernel,
//   dOmega/dgamma e <- kappa e + Mbar eps = A Omega - (s^ - s)/sigma,  A <- A - A_lr mean_b eps (x) Omega,  gamma <-
//   gamma - gamma_lr mean_b (eps A) Gamma g = (c A) e
// A and gamma belong to the rule, learn at every step from the mean over streams, and are never reset. Where a row
// begins or a stream begins anew the trace is zero and the copy is the state. In a stack each layer has the rule to
// itself.
#include <algorithm>
#include <cmath>
#include <string>

#include "base/sizes.hpp"
#include "chronograd/each_layer.hpp"
#include "chronograd/error.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/draws.hpp"
#include "rules/further_credit.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Kernl final : public Rule<T> {
 public:
  explicit Kernl(const RuleSetup<T>& setup)
      : cell_(setup.stack.layer(0)),
        streams_(setup.streams),
        states_(setup.stack.width()),
        linear_(setup.options.word("kernel") == "linear"),
        before_(setup.options.word("perturb") == "before"),
        sigma_(static_cast<T>(setup.options.number("sigma"))),
        a_rate_(static_cast<T>(setup.options.number("A_lr"))),
        gamma_rate_(static_cast<T>(setup.options.number("gamma_lr"))),
        resync_(setup.options.integer("resync")),
        draws_(setup) {
    const int v = states_, B = streams_;
    const double gamma = setup.options.number("gamma");
    if (linear_ && gamma > 1)
      throw Error(
          Exit::usage, "rule.gamma",
          "got " + std::to_string(gamma) + ", allowed is [0, 1] with kernel = \"linear\" (the kernel is 1 - gamma).");
    a_.resize(area(v, v));
    for (int i = 0; i < v; ++i) a_[area(i, v) + static_cast<std::size_t>(i)] = 1;
    gamma_.resize(static_cast<std::size_t>(v));
    std::fill_n(gamma_.data(), v, static_cast<T>(gamma));
    trace_.resize(area(B, cell_.states()) * cell_.parameters());
    for (Buffer<T>* of_states : {&omega_, &slope_, &copied_, &nu_, &error_, &back_, &credit_})
      of_states->resize(area(B, v));
    kappa_.resize(static_cast<std::size_t>(v));
    kappa_slope_.resize(static_cast<std::size_t>(v));
    local_.resize(area(B, cell_.states() * v));
    gain_.resize(area(B, cell_.gates() * v));
    cell_.prepare(copy_, 1, B);
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const Segment<T>& segment = layers[0];
    for (int k = 0; k < segment.steps; ++k) {
      forget(segment, k);
      perturb(segment, k);
      find_kappa();
      filter();
      cell_.linearise(segment, k, Recurrent::none, local_.data(), gain_.data());
      learn_models(segment, k);
      take_credit(credit, k);
      for (int b = 0; b < streams_; ++b) trace(segment, k, b, grad);
      begins_ = false;
    }
  }

  void begin() override { begins_ = true; }

  void state(Archive& archive) override {
    std::int64_t begins = begins_;
    archive.number("begins", begins);
    begins_ = begins != 0;
    archive.array("A", a_.span());
    archive.array("gamma", gamma_.span());
    archive.array("trace", trace_.span());
    archive.array("Omega", omega_.span());
    archive.array("Gamma", slope_.span());
    archive.array("copy", copied_.span());
  }

 private:
  /// credit_ = c A, c the credit on all states.
  void take_credit(const Credit<T>& credit, int k) {
    const int width = cell_.shown_width(), d = cell_.units();
    gemm(Op::none, Op::none, streams_, states_, width, credit.c + area(k * streams_, width), width,
         a_.data() + area(cell_.shown() * d, states_), states_, T(0), credit_.data(), states_);
    for (const FurtherCredit<T>& further : credit.further)
      gemm(Op::none, Op::none, streams_, states_, d, row_of(further, k, 0, d), d,
           a_.data() + area(further.state * d, states_), states_, T(1), credit_.data(), states_);
  }

  /// Where a stream begins there is no trace yet; there, and every `resync` steps, the copy is the state itself.
  void forget(const Segment<T>& segment, int k) {
    const bool resync = resync_ > 0 && (segment.t0 + k) % resync_ == 0;
    const int d = cell_.shown_width(), more = states_ - d;
    const std::size_t traces = static_cast<std::size_t>(cell_.states()) * cell_.parameters();
    for (int b = 0; b < streams_; ++b) {
      const int row = k * streams_ + b;
      const bool begins = begins_ || (segment.any_cut && segment.cut[static_cast<std::size_t>(row)] != 0);
      if (begins) std::fill_n(trace_.data() + static_cast<std::size_t>(b) * traces, traces, T(0));
      if (!begins && !resync) continue;
      std::fill_n(omega_.data() + area(b, states_), states_, T(0));
      std::fill_n(slope_.data() + area(b, states_), states_, T(0));
      T* copied = copied_.data() + area(b, states_);
      std::copy_n(segment.z.data() + area(row, cell_.ld()), d, copied);
      std::copy_n(segment.hidden.data() + area(row, cell_.more()), more, copied + d);
    }
  }

  /// The copies' step, with the inputs and the noise of the network, and what it carries without credit; a perturbation
  /// of `after` joins them later.
  void perturb(const Segment<T>& segment, int k) {
    const Kernels<T>& loops = kernels<T>();
    const int d = cell_.shown_width(), ld = cell_.ld(), more = states_ - d, row = cell_.more();
    for (int b = 0; b < streams_; ++b) {
      T* copied = copied_.data() + area(b, states_);
      draws_.normals(segment.pass, segment.t0 + k, b, states_, nu_.data() + area(b, states_));
      if (before_) loops.axpy(states_, sigma_, nu_.data() + area(b, states_), copied);
      T* z = copy_.z.data() + area(b, ld);
      std::copy_n(segment.z.data() + area(k * streams_ + b, ld), ld, z);
      std::copy_n(copied, d, z);
      std::copy_n(segment.hidden.data() + area(k * streams_ + b, row), row, copy_.hidden.data() + area(b, row));
      std::copy_n(copied + d, more, copy_.hidden.data() + area(b, row));
      if (copy_.weight.size() > 0)
        copy_.weight[static_cast<std::size_t>(b)] = segment.weight[area(k, streams_) + static_cast<std::size_t>(b)];
    }
    copy_.theta = segment.theta;
    cell_.forward(copy_, segment.xi ? segment.xi + area(k * streams_, cell_.units()) : nullptr);
    for (int b = 0; b < streams_; ++b) {
      T* copied = copied_.data() + area(b, states_);
      std::copy_n(copy_.h + area(b, copy_.h_ld), d, copied);
      std::copy_n(copy_.hidden_after + area(b, row), more, copied + d);
    }
  }

  void find_kappa() {
    for (std::size_t i = 0; i < gamma_.size(); ++i) {
      kappa_[i] = linear_ ? 1 - gamma_[i] : std::exp(-gamma_[i]);
      kappa_slope_[i] = linear_ ? T(-1) : -kappa_[i];
    }
  }

  void filter() {
    const Kernels<T>& loops = kernels<T>();
    for (int b = 0; b < streams_; ++b) {
      T *omega = omega_.data() + area(b, states_), *slope = slope_.data() + area(b, states_);
      loops.multiply(states_, kappa_.data(), slope);
      loops.multiply_add(states_, kappa_slope_.data(), omega, slope);
      loops.multiply(states_, kappa_.data(), omega);
      loops.add(states_, nu_.data() + area(b, states_), omega);
    }
  }

  void learn_models(const Segment<T>& segment, int k) {
    const Kernels<T>& loops = kernels<T>();
    const int d = cell_.shown_width(), more = states_ - d, v = states_, B = streams_;
    gemm(Op::none, Op::transposed, B, v, v, omega_.data(), v, a_.data(), v, T(0), error_.data(), v);
    for (int b = 0; b < B; ++b) {
      // (s^ - s) / sigma, the difference of states first: they are much larger. What has just joined the copy is known.
      T *error = error_.data() + area(b, v), *away = back_.data() + area(b, v), *copied = copied_.data() + area(b, v);
      const T* nu = nu_.data() + area(b, v);
      std::copy_n(copied, v, away);
      loops.axpy(d, T(-1), segment.h + area(k * B + b, segment.h_ld), away);
      loops.axpy(more, T(-1), segment.hidden_after + area(k * B + b, cell_.more()), away + d);
      loops.axpy(v, -1 / sigma_, away, error);
      if (before_) continue;
      loops.axpy(v, T(-1), nu, error);
      loops.axpy(v, sigma_, nu, copied);
    }
    gemm(Op::none, Op::none, B, v, v, error_.data(), v, a_.data(), v, T(0), back_.data(), v);
    const T each = 1 / static_cast<T>(B);
    for (int b = 0; b < B; ++b) {
      loops.multiply(v, slope_.data() + area(b, v), back_.data() + area(b, v));
      loops.axpy(v, -gamma_rate_ * each, back_.data() + area(b, v), gamma_.data());
    }
    for (T& gamma : gamma_.span()) gamma = std::max(gamma, T(0));
    if (linear_)
      for (T& gamma : gamma_.span()) gamma = std::min(gamma, T(1));
    loops.scale(B * v, -a_rate_ * each, error_.data());
    if (B == 1)
      loops.outer_add(v, v, error_.data(), omega_.data(), a_.data(), v);
    else
      gemm(Op::transposed, Op::none, v, v, B, error_.data(), v, omega_.data(), v, T(1), a_.data(), v);
  }

  /// The trace of stream b over step k, and what the gradient reads of it.
  void trace(const Segment<T>& segment, int k, int b, T* grad) {
    const int d = cell_.units(), S = cell_.states(), G = cell_.gates();
    const T* z = segment.regressors() + area(k * streams_ + b, cell_.ld());
    for (int s = 0; s < S; ++s)
      for (const Block& block : cell_.blocks())
        for (int row = 0; row < block.rows; row += d) {
          const std::size_t offset = block.begin + static_cast<std::size_t>(row);
          kernels<T>().trace_step(block.cols, d, kappa_.data() + area(s, d),
                                  gain_.data() + area(b * S * G + s * G + (block.row + row) / d, d), z + block.col,
                                  credit_.data() + area(b * S + s, d),
                                  trace_.data() + static_cast<std::size_t>(b * S + s) * cell_.parameters() + offset,
                                  block.rows, grad + offset, block.rows);
        }
  }

  const Cell<T>& cell_;
  int streams_, states_;  ///< B, v
  bool linear_, before_, begins_ = true;
  T sigma_, a_rate_, gamma_rate_;
  std::int64_t resync_;
  Draws draws_;
  Buffer<T> a_, gamma_;               ///< [v][v], [v]
  Buffer<T> trace_;                   ///< [B][S][p]
  Buffer<T> omega_, slope_, copied_;  ///< [B][v] Omega, Gamma, s^
  Buffer<T> nu_, error_, back_, credit_, kappa_, kappa_slope_, local_, gain_;
  Segment<T> copy_;  ///< one step of the perturbed copies
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return on_each_layer(
      setup, [](const RuleSetup<T>& one) -> std::unique_ptr<Rule<T>> { return std::make_unique<Kernl<T>>(one); });
}

constexpr Option options[] = {
    {.key = "kernel",
     .type = OptionType::word,
     .fallback = "\"exp\"",
     .help = "how the trace decays: by exp(-gamma) or by 1 - gamma a step",
     .choices = "exp|linear"},
    {.key = "gamma", .type = OptionType::number, .fallback = "0.8", .low = 0, .help = "decay of all units at first"},
    {.key = "A_lr",
     .type = OptionType::number,
     .fallback = "1e-3",
     .low = 0,
     .help = "rate of the sensitivity A (plain gradient descent)"},
    {.key = "gamma_lr",
     .type = OptionType::number,
     .fallback = "1e-3",
     .low = 0,
     .help = "rate of the decays gamma (plain gradient descent)"},
    {.key = "sigma",
     .type = OptionType::number,
     .fallback = "1e-3",
     .low = 0,
     .help = "size of the perturbations; the rates do not depend on it",
     .low_is_excluded = true},
    {.key = "perturb",
     .type = OptionType::word,
     .fallback = "\"after\"",
     .help = "whether a step's perturbation joins the copy after the step or before it",
     .choices = "after|before"},
    {.key = "resync",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "steps",
     .help = "how often the copy is set to the state again; 0: only where a row or a stream begins"},
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_kernl;
const RuleRecord rule_kernl = {
    .entry = {.name = "kernl",
              .title = "KeRNL, kernel RNN learning: a trace times a learnt sensitivity",
              .formulae =
                  "M ~ A e\n"
                  "e <- kappa e + Mbar,  kappa = exp(-gamma),  g = (c A) e\n"
                  "s~ <- F(s~, x) + sigma nu,  Omega <- kappa Omega + nu,  epsilon = A Omega - (s~ - s) / sigma",
              .symbols = "A: learnt sensitivity, a matrix\n"
                         "s, s~: states of the layer, and of its perturbed copy\n"
                         "F: a step of the layer\n"
                         "nu: standard normal numbers",
              .text =
                  "A and gamma go down the gradient of |epsilon|^2/2 at every step, from what the perturbations did to "
                  "the copy. A starts at I; at rest there, with a linear kernel and gamma = alpha, it is rflo. In a "
                  "stack each layer has the rule to itself.",
              .cite = "roth2019kernl,marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "A e is the influence",
    .memory = "S p + d^2 + 4 d",
    .time = "3 S p + p + 3 d^2 + d^2 / S",
    .past_facing = true,
    .whitens = true,
    .one_shard = true,
    .look = "umber",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
