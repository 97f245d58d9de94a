// SPDX-License-Identifier: Apache-2.0
// Truncated BPTT at every step: the last L inputs are run again under the current weights, from the state before them,
// and the credit of the newest step alone goes back through them.
#include <algorithm>

#include "base/sizes.hpp"
#include "base/step_ring.hpp"
#include "chronograd/rule.hpp"
#include "rules/further_credit.hpp"
#include "rules/window_options.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class RollingTbptt final : public Rule<T> {
 public:
  explicit RollingTbptt(const RuleSetup<T>& setup)
      : stack_(setup.stack), streams_(setup.streams), ring_(static_cast<int>(setup.options.integer("L"))) {
    const int B = streams_, L = ring_.capacity(), d = stack_.units();
    state_.resize(area(L * B, stack_.memory()));
    x_.resize(area(L * B, stack_.inputs()));
    if (stack_.noisy()) {
      xi_.resize(area(stack_.layers() * L * B, d));
      replayed_xi_.resize(xi_.size());
    }
    since_cut_.assign(static_cast<std::size_t>(B), never);
    stack_.prepare(window_, L, B);
    lambda_.resize(area(B, stack_.width()));
    q_.resize(area(B, stack_.shown_width()));
    q_prev_.resize(area(B, stack_.shown_width()));
    if (stack_.record().weighted) weight_.resize(area(L, B));
    du_.resize(area(L * B, stack_.rows()));
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      remember(layers, k);
      const int length = ring_.count();
      // Steps of this segment were run under these weights already.
      if (k + 1 >= length) {
        go_back(layers, k + 1 - length, k + 1, credit, k, grad);
      } else {
        replay(layers[0].theta, length);
        go_back(window_, 0, length, credit, k, grad);
      }
    }
  }

  void begin() override {
    ring_.clear();
    std::fill(since_cut_.begin(), since_cut_.end(), never);
  }

  void state(Archive& archive) override {
    ring_.state(archive);
    for (int b = 0; b < streams_; ++b)
      archive.number(numbered(archive, "since_cut", b), since_cut_[static_cast<std::size_t>(b)]);
    archive.array("kept_state", state_.span());
    archive.array("kept_x", x_.span());
    if (xi_.size() > 0) archive.array("kept_xi", xi_.span());
    if (weight_.size() > 0) archive.array("kept_weight", weight_.span());
  }

 private:
  static constexpr std::int64_t never = std::int64_t{1} << 40;

  void remember(Layers<T> layers, int k) {
    const int B = streams_, d = stack_.units(), width = stack_.shown_width(), more = stack_.more(), n = stack_.inputs();
    const int slot = ring_.push();
    for (int b = 0; b < B; ++b) {
      const int from = k * B + b, to = slot * B + b;
      T* state = state_.data() + area(to, stack_.memory());
      for (int l = 0; l < stack_.layers(); ++l) {
        const Segment<T>& segment = layers[static_cast<std::size_t>(l)];
        state = std::copy_n(segment.z.data() + area(from, stack_.layer(l).ld()), width, state);
        state = std::copy_n(segment.hidden.data() + area(from, more), more, state);
        if (segment.xi) std::copy_n(segment.xi + area(from, d), d, noise(xi_, ring_.capacity(), l, to));
      }
      const T* z = layers[0].z.data() + area(from, stack_.layer(0).ld());
      std::copy_n(z + stack_.layer(0).layout().input_at, n, x_.data() + area(to, n));
      if (weight_.size() > 0) weight_[static_cast<std::size_t>(to)] = layers[0].weight[static_cast<std::size_t>(from)];
      std::int64_t& since = since_cut_[static_cast<std::size_t>(b)];
      since = layers[0].cut[static_cast<std::size_t>(from)] ? 0 : since + 1;
    }
  }

  /// Runs the last `length` steps into window_.
  void replay(const T* theta, int length) {
    const int B = streams_;
    Segment<T>& bottom = window_[0];
    bottom.steps = length;
    bottom.any_cut = false;
    std::fill_n(bottom.cut.data(), area(length, B), std::uint8_t{0});
    for (int b = 0; b < B; ++b) {
      // No credit passes a cut: of what lies before the last one nothing is needed.
      const std::int64_t since = since_cut_[static_cast<std::size_t>(b)];
      const int first = since < length ? length - 1 - static_cast<int>(since) : 0;
      if (since < length) {
        bottom.cut[area(first, B) + static_cast<std::size_t>(b)] = 1;
        bottom.any_cut = true;
      }
      start(b, first == 0 ? state_.data() + area(ring_.slot(length - 1) * B + b, stack_.memory()) : nullptr);
      for (int k = 0; k < length; ++k) feed(b, k, length, k >= first);
    }
    stack_.forward(window_, theta, xi_.size() > 0 ? replayed_xi_.data() : nullptr);
  }

  /// The state (null: zero) from which stream b is run again.
  void start(int b, const T* state) {
    const int d = stack_.shown_width(), more = stack_.more();
    for (int l = 0; l < stack_.layers(); ++l) {
      Segment<T>& segment = window_[static_cast<std::size_t>(l)];
      T* h = segment.z.data() + area(b, stack_.layer(l).ld());
      T* hidden = segment.hidden.data() + area(b, more);
      if (state) {
        std::copy_n(state, d, h);
        std::copy_n(state + d, more, hidden);
        state += d + more;
      } else {
        std::fill_n(h, d, T(0));
        std::fill_n(hidden, more, T(0));
      }
    }
  }

  /// Inputs (or none) and noise of step k of `length`, stream b.
  void feed(int b, int k, int length, bool inputs) {
    const int B = streams_, d = stack_.units(), n = stack_.inputs();
    const int slot = ring_.slot(length - 1 - k) * B + b, row = k * B + b;
    T* x = window_[0].z.data() + area(row, stack_.layer(0).ld()) + stack_.layer(0).layout().input_at;
    if (inputs)
      std::copy_n(x_.data() + area(slot, n), n, x);
    else
      std::fill_n(x, n, T(0));
    if (weight_.size() > 0) window_[0].weight[static_cast<std::size_t>(row)] = weight_[static_cast<std::size_t>(slot)];
    if (xi_.size() == 0) return;
    for (int l = 0; l < stack_.layers(); ++l)
      std::copy_n(noise(xi_, ring_.capacity(), l, slot), d, noise(replayed_xi_, length, l, row));
  }

  /// Noise of layer l in a row of [layers][steps][B][d].
  T* noise(Buffer<T>& xi, int steps, int l, int row) {
    return xi.data() + area(l * steps * streams_ + row, stack_.units());
  }

  /// grad += what steps [k0, k1) of `layers` get of the credit on the last of them, which is step `at` of the credit.
  void go_back(Layers<T> layers, int k0, int k1, const Credit<T>& credit, int at, T* grad) {
    const int rows = stack_.rows();
    lambda_.zero();
    add_further(stack_, credit, at, streams_, lambda_.data());
    std::copy_n(credit.c + area(at, static_cast<int>(q_.size())), q_.size(), q_.data());
    for (int k = k1 - 1; k >= k0; --k) {
      q_prev_.zero();
      stack_.pull(layers, k, Recurrent::full, lambda_.data(), q_.data(), du_.data() + area((k - k0) * streams_, rows),
                  k > k0 ? q_prev_.data() : nullptr);
      std::swap(q_, q_prev_);
    }
    stack_.accumulate(layers, k0, k1, du_.data(), grad);
  }

  const Stack<T>& stack_;
  int streams_;
  StepRing ring_;
  /// Of the last L steps: [L][B][memory] before each, [L][B][n], [layers][L][B][d], [L][B].
  Buffer<T> state_, x_, xi_, weight_;
  std::vector<std::int64_t> since_cut_;  ///< [B] steps since the last cut; 0: the newest step begins anew
  std::vector<Segment<T>> window_;
  Buffer<T> replayed_xi_, lambda_, q_, q_prev_, du_;
};

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  return std::make_unique<RollingTbptt<T>>(setup);
}

constexpr Option options[] = {
    moving_window_option("window: how many steps are run again and get credit"),
};

}  // namespace

extern const RuleRecord rule_rolling_tbptt;
const RuleRecord rule_rolling_tbptt = {
    .entry = {.name = "rolling_tbptt",
              .title = "truncated backpropagation through time, a window that moves with every step",
              .formulae = "g_t = c_t dh_t/dtheta",
              .text = "The derivative goes through the last L steps, run again under the current weights from the "
                      "state h_{t-L} that was reached then, with the noise of then. The credit c_t is that of the loss "
                      "of step t as it was measured. L = 1 is the immediate rule; L >= T sums up to bptt.",
              .cite = "williams1990efficient",
              .options = options},
    .promise = Promise::biased,
    .limit = "L >= T",
    .memory = "L (d + c + n)",
    .time = "L (2 p + R)",
    .past_facing = true,
    .look = "steel",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
