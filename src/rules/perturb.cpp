// SPDX-License-Identifier: Apache-2.0
// Weight perturbation: an update interval is asked how its loss changes along a random direction v in the space of the
// cells' weights, and the gradient is that number times v, which is the interval's own on average:
//   central   g = v (L(theta + sigma v) - L(theta - sigma v)) / (2 sigma), the interval's steps run again from its
//   entry forward   g = v (v . dL/dtheta), the derivative along v carried forwards: s~ <- J s~ + Mbar v,  sum_t c_t .
//   s~_t
// v is standard normal, one draw for all streams. Numbers are drawn in the order of files. Absent weights stay absent.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/file_order.hpp"
#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/draws.hpp"
#include "rules/further_credit.hpp"

namespace chronograd::entries {
namespace {

/// The same, for the first stream of the batch: what is drawn for it is drawn for all.
template <class T>
RuleSetup<T> of_first_stream(RuleSetup<T> setup) {
  setup.first_stream = 0;
  return setup;
}

template <class T>
class Perturb final : public Rule<T> {
 public:
  explicit Perturb(const RuleSetup<T>& setup)
      : stack_(setup.stack),
        streams_(setup.streams),
        directions_(static_cast<int>(setup.options.integer("directions"))),
        forward_(setup.options.word("form") == "forward"),
        sigma_(setup.options.number("sigma")),
        draws_(of_first_stream(setup)),
        absent_(setup.absent.begin(), setup.absent.end()) {
    for (int l = 0; l < stack_.layers(); ++l)
      for (const std::vector<std::size_t>& parameter : file_order(stack_.layer(l)))
        for (const std::size_t place : parameter) order_.push_back(stack_.theta_at(l) + place);
    v_.resize(stack_.parameters());
    state_.resize(static_cast<std::size_t>(stack_.width()));
    const int own = stack_.states() * stack_.units(), B = streams_;
    if (forward_) {
      for (Buffer<T>* each : {&tangent_, &moved_}) each->resize(area(stack_.layers() * B, own));
      local_.resize(area(B, own * stack_.states()));
      gain_.resize(area(B, own * stack_.gates()));
    } else {
      theta_.resize(stack_.parameters());
    }
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    Draws::Numbers numbers = draws_.numbers(layers[0].pass, layers[0].t0, 0);
    for (int i = 0; i < directions_; ++i) {
      for (const std::size_t place : order_) v_[place] = static_cast<T>(numbers.normal());
      for (const std::size_t place : absent_) v_[place] = 0;
      const double along = forward_ ? derivative(layers, credit) : difference(layers, credit);
      kernels<T>().axpy(static_cast<int>(v_.size()), static_cast<T>(along / directions_), v_.data(), grad);
    }
  }

  void judge_by(Losses<T>* losses) override { losses_ = losses; }
  void begin() override {}
  void state(Archive& /*archive*/) override {}

 private:
  /// Of the interval's loss, along v, by a step to either side.
  double difference(Layers<T> layers, const Credit<T>& credit) {
    const auto moved_by = [&](double sigma) {
      std::copy_n(layers[0].theta, theta_.size(), theta_.data());
      kernels<T>().axpy(static_cast<int>(theta_.size()), static_cast<T>(sigma), v_.data(), theta_.data());
      run_again(layers);
      return objective(credit);
    };
    const double above = moved_by(sigma_), below = moved_by(-sigma_);
    return (above - below) / (2 * sigma_);
  }

  /// The segment's steps under theta_, from the state before them, with their inputs and noise, into again_.
  void run_again(Layers<T> layers) {
    const Segment<T>& from = layers[0];
    const int K = from.steps, B = streams_, n = stack_.inputs(), more = stack_.more();
    if (again_.empty() || again_[0].capacity < K) stack_.prepare(again_, K, B);
    Segment<T>& bottom = again_[0];
    bottom.steps = K;
    bottom.t0 = from.t0;
    bottom.pass = from.pass;
    bottom.any_cut = from.any_cut;
    std::copy_n(from.cut.data(), area(K, B), bottom.cut.data());
    if (stack_.record().weighted) std::copy_n(from.weight.data(), area(K, B), bottom.weight.data());
    const int ld = stack_.layer(0).ld(), at = stack_.layer(0).layout().input_at;
    for (int row = 0; row < K * B; ++row)
      std::copy_n(from.z.data() + area(row, ld) + at, n, bottom.z.data() + area(row, ld) + at);
    for (int l = 0; l < stack_.layers(); ++l) {
      const Segment<T>& source = layers[static_cast<std::size_t>(l)];
      Segment<T>& segment = again_[static_cast<std::size_t>(l)];
      for (int b = 0; b < B; ++b) {
        const std::size_t row = area(b, stack_.layer(l).ld());
        std::copy_n(source.z.data() + row, stack_.shown_width(), segment.z.data() + row);
      }
      std::copy_n(source.hidden.data(), area(B, more), segment.hidden.data());
    }
    stack_.forward(again_, theta_.data(), from.xi);
  }

  /// What the run again makes of the losses, and of credits that come from elsewhere.
  double objective(const Credit<T>& credit) {
    const Segment<T>& top = again_.back();
    double sum = losses_ ? losses_->sum(top.shown, top.shown_ld) : 0;
    if (losses_ && credit.further.empty()) return sum;
    for (int k = 0; k < top.steps; ++k)
      for (int b = 0; b < streams_; ++b) {
        stack_.state_after(again_, k, b, state_.data());
        sum += credit_times(credit, k, b, !losses_);
      }
    return sum;
  }

  /// Credit of step k and stream b, times state_; `shown`: that on what the readout reads, too.
  double credit_times(const Credit<T>& credit, int k, int b, bool shown) const {
    const int d = stack_.units(), width = stack_.shown_width();
    double sum = 0;
    const auto add = [&](int count, const T* c, const T* of) {
      for (int i = 0; i < count; ++i) sum += static_cast<double>(c[i]) * static_cast<double>(of[i]);
    };
    if (shown) add(width, credit.c + area(k * streams_ + b, width), state_.data() + stack_.shown());
    for (const FurtherCredit<T>& further : credit.further)
      add(d, row_of(further, k, b, d), state_.data() + area(further.layer * stack_.states() + further.state, d));
    return sum;
  }

  /// The same by the tangent of the states, which is zero at the interval's entry.
  double derivative(Layers<T> layers, const Credit<T>& credit) {
    const int K = layers[0].steps, B = streams_, N = stack_.layers(), own = stack_.states() * stack_.units();
    double sum = 0;
    tangent_.zero();
    for (int l = 0; l < N; ++l) by_weights(layers[static_cast<std::size_t>(l)], l);
    for (int k = 0; k < K; ++k) {
      for (int l = 0; l < N; ++l) move(layers[static_cast<std::size_t>(l)], l, k);
      std::swap(tangent_, moved_);
      for (int b = 0; b < B; ++b) {
        for (int l = 0; l < N; ++l)
          std::copy_n(tangent_.data() + area(l * B + b, own), own, state_.data() + area(l, own));
        sum += credit_times(credit, k, b, true);
      }
    }
    return sum;
  }

  /// What the change of a layer's weights does to its pre-activations in each step: du [K][B][G d] = v z.
  void by_weights(const Segment<T>& segment, int l) {
    const Cell<T>& cell = stack_.layer(l);
    const int count = segment.steps * streams_, width = cell.rows();
    if (du_.empty()) du_.resize(static_cast<std::size_t>(stack_.layers()));
    Buffer<T>& du = du_[static_cast<std::size_t>(l)];
    if (du.size() < area(count, width)) du.resize(area(count, width));
    for (const Block& block : cell.blocks())
      gemm(Op::none, Op::none, count, block.rows, block.cols, segment.z.data() + block.col, cell.ld(),
           v_.data() + stack_.theta_at(l) + block.begin, block.rows, T(0), du.data() + block.row, width);
  }

  /// moved_ of layer l after step k: what was moved before (J), what moves now, by the layer's weights or by the layer
  /// below, which has been moved already (Mbar).
  void move(const Segment<T>& segment, int l, int k) {
    const Cell<T>& cell = stack_.layer(l);
    const int B = streams_, d = cell.units(), S = cell.states(), G = cell.gates();
    T* moved = moved_.data() + area(l * B, S * d);
    T* du = du_[static_cast<std::size_t>(l)].data() + area(k * B, G * d);
    cell.push(segment, k, tangent_.data() + area(l * B, S * d), moved);
    if (l > 0) through_inputs(segment, cell, moved - area(B, S * d), du);
    cell.linearise(segment, k, Recurrent::none, local_.data(), gain_.data());
    for (int b = 0; b < B; ++b)
      for (int s = 0; s < S; ++s)
        for (int g = 0; g < G; ++g)
          kernels<T>().multiply_add(d, gain_.data() + area((b * S + s) * G + g, d), du + area(b * G + g, d),
                                    moved + area(b * S + s, d));
  }

  /// du [B][G d] += W_in times the change `below` [B][S d] of what the layer reads, the first numbers of a row.
  void through_inputs(const Segment<T>& segment, const Cell<T>& cell, const T* below, T* du) {
    const int x = cell.layout().input_at, n = cell.inputs();
    for (const Block& block : cell.blocks())
      if (block.col <= x && x + n <= block.col + block.cols)
        gemm(Op::none, Op::none, streams_, block.rows, n, below, cell.states() * cell.units(),
             segment.theta + block.begin + area(x - block.col, block.rows), block.rows, T(1), du + block.row,
             cell.rows());
  }

  const Stack<T>& stack_;
  int streams_, directions_;
  bool forward_;
  double sigma_;
  Draws draws_;
  std::vector<std::size_t> absent_, order_;  ///< places in theta: of weights that are not there; of each number drawn
  Losses<T>* losses_ = nullptr;
  Buffer<T> v_, state_;            ///< [p], [N S d]
  Buffer<T> theta_;                ///< [p] shifted
  std::vector<Segment<T>> again_;  ///< the interval under theta_
  Buffer<T> tangent_, moved_;      ///< [N][B][S d] the states' derivative along v, before and after a step
  std::vector<Buffer<T>> du_;
  Buffer<T> local_, gain_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<Perturb<T>>(setup);
}

constexpr Option options[] = {
    {.key = "directions",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 1e6,
     .help = "how many directions an interval is asked along; their mean is the gradient"},
    {.key = "form",
     .type = OptionType::word,
     .fallback = "\"central\"",
     .help = "central: a difference of the loss, whose steps are run again twice; forward: the derivative itself",
     .choices = "central|forward"},
    {.key = "sigma",
     .type = OptionType::number,
     .fallback = "1e-3",
     .low = 0,
     .help = "size of the perturbations of a difference",
     .low_is_excluded = true},
};

}  // namespace

extern const RuleRecord rule_perturb;
const RuleRecord rule_perturb = {
    .entry = {.name = "perturb",
              .title = "weight perturbation: the loss along random directions",
              .formulae = "g = v (L(theta + sigma v) - L(theta - sigma v)) / (2 sigma)\n"
                          "forward: g = v (v . dL/dtheta)",
              .symbols = "v: a direction, standard normal, one number a weight",
              .text =
                  "The loss is that of an update interval, run again from the state it began in. Its mean over "
                  "directions is the gradient of tbptt with windows of an interval: exactly with form = "
                  "\"forward\", which carries the derivative along v forwards, and as sigma -> 0 with a difference, "
                  "which asks nothing but the loss (feedback plays no part in it). Its noise grows with the number "
                  "of weights, so it wants small rates or many directions.",
              .cite = "spall1992multivariate,baydin2022gradients",
              .options = options},
    .promise = Promise::biased,
    .limit = "averaged over directions, with K >= T (a difference: and sigma -> 0)",
    .memory = "K (d + n)",
    .time = "D p + 3 D p / (2 K)",
    .segments = Segments::interval,
    .draws_by_interval = true,
    .look = "gold",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
