// SPDX-License-Identifier: Apache-2.0
#include "cost/cost_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "cost/workload.hpp"
#include "figures/figure.hpp"
#include "math/work.hpp"

namespace chronograd {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr int inputs = 8, outputs = 2;

using Clock = std::chrono::steady_clock;

/// Seconds of one call: the fastest of several lots that last `seconds` together.
double fastest(double seconds, const std::function<void()>& run) {
  const auto time = [&](int calls) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < calls; ++i) run();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  run();
  constexpr int lots = 7;
  int calls = 1;
  while (time(calls) < seconds / (2 * lots) && calls < (1 << 24)) calls *= 2;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < lots; ++i) best = std::min(best, time(calls) / calls);
  return best;
}

/// A way to sum the gradient. K is the update interval: of the row's length T, of a fixed length, of one step, or d.
constexpr int window_length = 8;

struct Method {
  const char* rule;  ///< as in lists
  enum Interval { row, window, one, units } interval;
  double units_time, units_bytes;  ///< exponents of d, a step: those that textbooks state for dense nets
  double steps_time, steps_bytes;  ///< exponents of T

  /// K, for a net of d units and rows of T steps.
  int steps(int d, int T) const {
    switch (interval) {
      case row:
        return T;
      case window:
        return window_length;
      case units:
        return d;
      default:
        return 1;
    }
  }
};

constexpr Method methods[] = {
    {"bptt", Method::row, 2, 1, 0, 1},
    {"tbptt(L=8)", Method::window, 2, 1, 0, 0},
    {"rtrl", Method::one, 4, 3, 0, 0},
    {"rtrl", Method::units, 3, 3, 0, 0},
    {"snap(n=1)", Method::one, 2, 2, 0, 0},
    {"rflo", Method::one, 2, 2, 0, 0},
    {"uoro", Method::one, 2, 2, 0, 0},
    {"sparse_rtrl(model.density=0.1)", Method::one, 4, 3, 0, 0},
    {"snap(n=2,model.density=0.1)", Method::one, 4, 3, 0, 0},
};

/// Ways that may gain from absent weights, with the exponents of the density.
struct SparseMethod {
  const char* rule;
  double time, bytes;
};
constexpr SparseMethod sparse_methods[] = {{"rtrl", 0, 0}, {"sparse_rtrl", 2, 1}, {"snap(n=2)", 4, 2}};

std::string with_density(const std::string& rule, double density) {
  const std::string setting = "model.density=" + fmt::format("{}", density) + ")";
  return rule.back() == ')' ? rule.substr(0, rule.size() - 1) + "," + setting : rule + "(" + setting;
}

std::string title(const Method& method) {
  std::string rule = method.rule;
  if (const std::size_t at = rule.find("model."); at != std::string::npos) rule.erase(at, 6);
  switch (method.interval) {
    case Method::row:
      return rule + ", K = T";
    case Method::window:
      return rule + ", K = 8";
    case Method::one:
      return rule + ", K = 1";
    default:
      return rule + ", K = d";
  }
}

CostPoint measure(double seconds, double x, const std::string& rule, int d, int K, bool row) {
  const Size size = {d, inputs, outputs, 1, K};
  Workload work("leaky", rule, size, row);
  const double time = fastest(seconds, [&] { work.interval(); });
  const auto multiplications = [](Workload& of) {
    of.gradient();
    const WorkCount count;
    of.gradient();
    return count.multiplications();
  };
  Workload plain("leaky", "readout_only", size, row);
  return {x, 1e6 * time / K, static_cast<double>(work.bytes()), (multiplications(work) - multiplications(plain)) / K,
          work.cost().multiply_adds};
}

/// dL/dtheta = sum_t sum_{s<=t} dL_t/dtheta_s, taken at its word: each step's credit goes back to the row's first step
/// by itself. The steps are those of the fast code, so that the powers are all that makes the difference.
CostPoint double_sum(double seconds, double x, int d, int T) {
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=" + std::to_string(d) + "\n[rule]\nname='bptt'\n[loss]\nname='mse'\n", "cost");
  const Network<float> network(config, inputs, outputs);
  const Initial initial = initial_values(network, config, nullptr, "");
  const Weights<float> weights = weights_of<float>(initial);
  std::vector<Segment<float>> layers;
  network.stack.prepare(layers, T, 1);
  const auto& record = find_record<RuleRecord>("rule.name", "bptt");
  const auto bptt = make_rule(RuleSetup<float>{.record = record,
                                               .stack = network.stack,
                                               .streams = 1,
                                               .outputs = outputs,
                                               .first_stream = 0,
                                               .options = config.table("rule"),
                                               .seed = 0});
  Buffer<float> credit(static_cast<std::size_t>(T) * static_cast<std::size_t>(d)), grad(network.map.size());
  const auto forward = [&] {
    layers.front().steps = T;
    network.stack.forward(layers, weights.theta.data());
  };
  const auto row = [&] {
    forward();
    for (int t = 0; t < T; ++t) {
      credit.zero();
      std::fill_n(credit.data() + static_cast<std::size_t>(t) * static_cast<std::size_t>(d), d, 1.0F);
      for (Segment<float>& layer : layers) layer.steps = t + 1;
      bptt->learn(layers, {credit.data()}, grad.data());
    }
  };
  const double time = fastest(seconds, row);
  const WorkCount count;
  forward();
  const double of_forward = count.multiplications();
  row();
  const auto p = static_cast<double>(network.stack.parameters());
  return {x, 1e6 * time / T, static_cast<double>(network.bytes_a_step()) * T,
          (count.multiplications() - 2 * of_forward) / T, 0.5 * (T + 1) * (p + double(d) * d)};
}

double slope(const std::vector<CostPoint>& points, double CostPoint::*y) {
  std::vector<double> along, up;
  for (const CostPoint& point : points) {
    along.push_back(point.x);
    up.push_back(point.*y);
  }
  return fitted_power(along, up).exponent;
}

void fit(CostCurve& curve) {
  curve.time = slope(curve.points, &CostPoint::step_us);
  curve.bytes = slope(curve.points, &CostPoint::bytes);
  curve.counted = slope(curve.points, &CostPoint::counted);
  curve.predicted = slope(curve.points, &CostPoint::predicted);
}

class Measurement {
 public:
  Measurement(double seconds, const std::function<void(const std::string&)>& progress)
      : seconds_(seconds), progress_(progress) {}

  void against_units() {
    constexpr int T = 32;
    CostCurve& sum = begin("d", "double sum", "T = 32", 2, 1);
    for (const int d : {16, 32, 64, 128, 256}) sum.points.push_back(double_sum(seconds_, d, d, T));
    for (const Method& method : methods) {
      CostCurve& curve = begin("d", title(method), "T = 32", method.units_time, method.units_bytes);
      for (const int d : {16, 32, 64, 128, 256}) {
        if (d == 256 && method.interval == Method::one && method.units_time > 3) continue;  // 0.1 s a step
        curve.points.push_back(
            measure(seconds_, d, method.rule, d, method.steps(d, T), method.interval == Method::row));
      }
    }
  }

  void against_steps() {
    constexpr int d = 32;
    CostCurve& sum = begin("T", "double sum", "d = 32", 1, 1);
    for (const int T : {32, 64, 128, 256, 512}) sum.points.push_back(double_sum(seconds_, T, d, T));
    for (const Method& method : methods) {
      CostCurve& curve = begin("T", title(method), "d = 32", method.steps_time, method.steps_bytes);
      for (const int T : {32, 64, 128, 256, 512}) {
        curve.points.push_back(
            measure(seconds_, T, method.rule, d, method.steps(d, T), method.interval == Method::row));
      }
    }
  }

  void against_density() {
    constexpr int d = 128;
    for (const SparseMethod& method : sparse_methods) {
      CostCurve& curve = begin("density", std::string(method.rule) + ", K = 1", "d = 128", method.time, method.bytes);
      for (const double density : {1.0, 0.5, 0.25, 0.1, 0.05, 0.02})
        curve.points.push_back(measure(seconds_, density, with_density(method.rule, density), d, 1, false));
    }
  }

  std::vector<CostCurve> take() {
    for (CostCurve& curve : curves_) fit(curve);
    return std::move(curves_);
  }

 private:
  CostCurve& begin(const char* variable, const std::string& method, const char* setting, double time, double bytes) {
    if (progress_) progress_(method + " against " + variable);
    curves_.push_back({variable, method, setting, {}, none, none, none, none, time, bytes});
    return curves_.back();
  }

  double seconds_;
  const std::function<void(const std::string&)>& progress_;
  std::vector<CostCurve> curves_;
};

struct Sweep {
  const char* variable;
  void (Measurement::*measure)();
};
constexpr Sweep sweeps[] = {
    {"d", &Measurement::against_units}, {"T", &Measurement::against_steps}, {"density", &Measurement::against_density}};

}  // namespace

std::vector<std::string> cost_variables() {
  std::vector<std::string> names;
  for (const Sweep& sweep : sweeps) names.emplace_back(sweep.variable);
  return names;
}

std::vector<CostCurve> measure_costs(const std::vector<std::string>& variables, double seconds,
                                     const std::function<void(const std::string&)>& progress) {
  Measurement measurement(seconds, progress);
  for (const std::string& variable : variables)
    if (const auto names = cost_variables(); std::find(names.begin(), names.end(), variable) == names.end())
      throw_unknown_name("--against", variable, names);
  for (const Sweep& sweep : sweeps)
    if (std::find(variables.begin(), variables.end(), sweep.variable) != variables.end())
      (measurement.*sweep.measure)();
  return measurement.take();
}

}  // namespace chronograd
