// SPDX-License-Identifier: Apache-2.0
// A stack with random weights and inputs under a credit that is given, on any states of any layer: what it is the
// gradient of is then the sum of all states times their credits.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/third_factor.hpp"
#include "config/check_value.hpp"

namespace chronograd::conformance {

/// A cell with its settings, and how it is stacked.
struct HandCase {
  std::string name;
  const CellRecord* record;
  Options model;
  int layers = 1;
};
inline void PrintTo(const HandCase& one, std::ostream* out) {
  *out << one.name;
}

class HandRun {
 public:
  static constexpr int inputs = 2, outputs = 1;
  using Numbers = std::vector<double>;
  /// Credit on the states `state` of layer `layer`; `constant`: the same at every step.
  struct Further {
    int layer, state;
    bool constant;
    Numbers q;  ///< [T][B][d] or [B][d]
  };

  HandRun(const HandCase& one, int d, int B, int T, std::uint64_t seed)
      : B_(B), T_(T), source_(seed), stack_(*one.record, with_layers(one), d, inputs) {
    theta = normals(stack_.parameters(), 0.6);
    x = normals(area(T * B, inputs), 1);
    c = normals(area(T * B, stack_.shown_width()), 1);
    cut.assign(area(T, B), 0);
  }

  const Stack<double>& stack() const { return stack_; }
  Numbers normals(std::size_t count, double scale) {
    std::normal_distribution<double> normal(0, scale);
    Numbers values(count);
    for (double& v : values) v = normal(source_);
    return values;
  }
  void add_further(int layer, int state, bool constant) {
    further.push_back({layer, state, constant, normals(area(constant ? B_ : T_ * B_, stack_.units()), 1)});
  }

  /// The sum over steps, streams and states of credit times state.
  double value() {
    std::vector<Segment<double>> layers;
    stack_.prepare(layers, T_, B_);
    run(layers, 0, T_);
    const int d = stack_.units(), width = stack_.shown_width();
    Numbers state(static_cast<std::size_t>(stack_.width()));
    double sum = 0;
    for (int t = 0; t < T_; ++t)
      for (int b = 0; b < B_; ++b) {
        stack_.state_after(layers, t, b, state.data());
        for (int i = 0; i < width; ++i)
          sum += c[area(t * B_ + b, width) + i] * state[static_cast<std::size_t>(stack_.shown() + i)];
        for (const Further& one : further)
          for (int i = 0; i < d; ++i)
            sum += one.q[area(one.constant ? b : t * B_ + b, d) + i] *
                   state[area(one.layer * stack_.states() + one.state, d) + i];
      }
    return sum;
  }

  /// What a rule makes of it in segments of K steps.
  Numbers gradient(const std::string& name, int K, const std::map<std::string, Value>& settings = {},
                   const Signs& signs = {}) {
    const auto& record = find_record<RuleRecord>("rule", name);
    Options options;
    for (const Option& option : record.entry.options)
      if (*option.fallback != '\0') options.set(option.key, default_value(option), false);
    for (const auto& [key, value] : settings) options.set(key, value, true);
    auto rule = make_rule<double>({.record = record,
                                   .stack = stack_,
                                   .streams = B_,
                                   .outputs = outputs,
                                   .first_stream = 0,
                                   .options = options,
                                   .seed = 5,
                                   .signs = signs,
                                   .absent = absent,
                                   .further = !further.empty(),
                                   .every = K,
                                   .whitened = static_cast<bool>(around)});
    expect_third(*rule, 1);
    if (around) rule = around(std::move(rule));
    std::vector<Segment<double>> layers;
    stack_.prepare(layers, K, B_);
    rule->begin();
    Numbers grad(stack_.parameters());
    const int width = stack_.shown_width(), d = stack_.units();
    for (int t = 0; t < T_; t += K) {
      const int steps = std::min(K, T_ - t);
      layers[0].last = t + steps == T_;
      run(layers, t, steps);
      Numbers credit(c.begin() + static_cast<std::ptrdiff_t>(area(t * B_, width)),
                     c.begin() + static_cast<std::ptrdiff_t>(area((t + steps) * B_, width)));
      const Numbers zero(area(steps * B_, outputs));
      std::vector<FurtherCredit<double>> list;
      for (const Further& one : further)
        list.push_back({one.layer, one.state, one.q.data() + (one.constant ? 0 : area(t * B_, d)),
                        one.constant ? 0 : area(B_, d)});
      hear_third(*rule, c.data() + area(t * B_, width));  // any numbers
      rule->learn(layers, {credit.data(), zero.data(), zero.data(), list}, grad.data());
      stack_.carry(layers);
    }
    rule->flush(grad.data());
    return grad;
  }

  /// By central differences of value(): each errs by the third derivative times 1e-10 and by rounding over 1e-5.
  Numbers differences() {
    Numbers grad(theta.size());
    for (std::size_t k = 0; k < theta.size(); ++k) {
      const double there = theta[k], step = 1e-5;
      theta[k] = there + step;
      const double above = value();
      theta[k] = there - step;
      const double below = value();
      theta[k] = there;
      grad[k] = (above - below) / (2 * step);
    }
    return grad;
  }

  Numbers theta, x, c;  ///< x [T][B][n], c [T][B][H d]
  std::vector<std::uint8_t> cut;
  std::vector<Further> further;
  std::vector<std::size_t> absent = {};  ///< weights that are not there, and are 0 in theta
  /// Puts a rule around the one that is asked for, which takes whitened regressors.
  std::function<std::unique_ptr<Rule<double>>(std::unique_ptr<Rule<double>>)> around;

 private:
  static Options with_layers(const HandCase& one) {
    Options model = one.model;
    model.set("layers", std::int64_t{one.layers}, true);
    return model;
  }

  void run(std::vector<Segment<double>>& layers, int t, int steps) {
    Segment<double>& bottom = layers[0];
    const Cell<double>& cell = stack_.layer(0);
    bottom.steps = steps;
    bottom.any_cut = false;
    for (int row = 0; row < steps * B_; ++row) {
      std::copy_n(x.data() + area(t * B_ + row, inputs), inputs,
                  bottom.z.data() + area(row, cell.ld()) + cell.layout().input_at);
      bottom.cut[static_cast<std::size_t>(row)] = cut[area(t, B_) + static_cast<std::size_t>(row)];
      bottom.any_cut |= bottom.cut[static_cast<std::size_t>(row)] != 0;
      if (stack_.record().weighted) bottom.weight[static_cast<std::size_t>(row)] = 0.25 * ((t * B_ + row) % 3);
    }
    stack_.forward(layers, theta.data());
  }

  int B_, T_;
  std::mt19937_64 source_;
  Stack<double> stack_;
};

/// max|a - b| / max|b|
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0, scale = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    most = std::max(most, std::abs(a[k] - b[k]));
    scale = std::max(scale, std::abs(b[k]));
  }
  return scale > 0 ? most / scale : most;
}

}  // namespace chronograd::conformance
