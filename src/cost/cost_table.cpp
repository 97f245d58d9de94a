// SPDX-License-Identifier: Apache-2.0
#include "cost/cost_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "chronograd/method.hpp"
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

/// A way to sum the gradient: a method, and K, the steps between two updates: as its rule's record wants them, or d.
struct Way {
  const char* word;
  bool units = false;  ///< K = d
};
constexpr Way ways[] = {
    {"bptt"},
    {"tbptt(L=8)"},
    {"rtrl(block=1)"},
    {"rtrl"},
    {.word = "rtrl", .units = true},
    {"snap(n=1)"},
    {"rflo"},
    {"uoro"},
    {"sparse_rtrl(model.density=0.1)"},
    {"snap(n=2,model.density=0.1)"},
};
/// Ways that may gain from absent weights.
constexpr Way sparse_ways[] = {{"rtrl"}, {"sparse_rtrl"}, {"snap(n=2)"}};

struct Measured {
  explicit Measured(const Way& way)
      : method(parse_method("cost", way.word)),
        config(Workload::config_of("leaky", way.word, 1)),
        record(find_record<RuleRecord>("cost", method.name)),
        units(way.units) {}

  /// K, for a net of d units and rows of T steps.
  int steps(int d, int T) const {
    if (units) return d;
    if (record.segments == Segments::row) return T;
    return record.segments == Segments::interval ? static_cast<int>(config.table("rule").integer("L")) : 1;
  }
  std::string title() const {
    const bool row = record.segments == Segments::row;
    return method.label() + ", K = " + (units ? "d" : row ? "T" : std::to_string(steps(1, 1)));
  }
  /// What the record states for a net of these sizes.
  Cost stated(int d, int T, double density) const {
    const double absent = (1 - density) * d * d;
    return cost_of(record, cost_sizes(record, find_record<CellRecord>("cost", "leaky"), config.table("rule"), d, inputs,
                                      outputs, steps(d, T), absent));
  }
  double density() const {
    const Options& model = config.table("model");
    return model.given("density") ? model.number("density") : 1;
  }

  Method method;
  Config config;
  const RuleRecord& record;
  bool units;
};

/// The leading exponents of what a rule's record states, for nets so large that only they count.
struct Exponents {
  double time, bytes;
};
Exponents exponents(const Cost& once, const Cost& twice) {
  const auto exponent = [](double a, double b) { return std::round(std::log2(b / a)); };
  return {exponent(once.multiply_adds, twice.multiply_adds), exponent(once.kept, twice.kept)};
}

CostPoint measure(double seconds, double x, const Method& method, const RuleRecord& record, int d, int K) {
  const bool row = record.segments == Segments::row;
  const Size size = {d, inputs, outputs, 1, K};
  Workload work("leaky", method.word, size, row);
  const double time = fastest(seconds, [&] { work.interval(); });
  // Rules that take steps together do nothing at some and much at others: the mean of whole blocks, after as many.
  const int gradients = K == 1 && has_option(record.entry, "block") ? 256 : 1;
  const auto multiplications = [&](Workload& of) {
    for (int i = 0; i < gradients; ++i) of.gradient();
    const WorkCount count;
    for (int i = 0; i < gradients; ++i) of.gradient();
    return count.multiplications() / gradients;
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
  Measurement(double seconds, Observer& observer) : seconds_(seconds), observer_(observer) {}

  void against_units() {
    constexpr int T = 32;
    CostCurve& sum = begin("d", "double sum", "bptt", "T = 32", {2, 1});
    for (const int d : {16, 32, 64, 128, 256}) sum.points.push_back(double_sum(seconds_, d, d, T));
    for (const Way& way : ways) {
      const Measured one(way);
      const double density = one.density();
      const Exponents theory = exponents(one.stated(large, T, density), one.stated(2 * large, T, density));
      CostCurve& curve = begin("d", one.title(), one.method.name, "T = 32", theory);
      for (const int d : {16, 32, 64, 128, 256}) {
        if (d == 256 && one.steps(d, T) == 1 && theory.time > 3) continue;  // 0.1 s a step
        curve.points.push_back(measure(seconds_, d, one.method, one.record, d, one.steps(d, T)));
      }
    }
  }

  void against_steps() {
    constexpr int d = 32;
    CostCurve& sum = begin("T", "double sum", "bptt", "d = 32", {1, 1});
    for (const int T : {32, 64, 128, 256, 512}) sum.points.push_back(double_sum(seconds_, T, d, T));
    for (const Way& way : ways) {
      const Measured one(way);
      const double density = one.density();
      CostCurve& curve = begin("T", one.title(), one.method.name, "d = 32",
                               exponents(one.stated(d, large, density), one.stated(d, 2 * large, density)));
      for (const int T : {32, 64, 128, 256, 512})
        curve.points.push_back(measure(seconds_, T, one.method, one.record, d, one.steps(d, T)));
    }
  }

  void against_density() {
    constexpr int d = 128;
    for (const Way& way : sparse_ways) {
      const Measured one(way);
      CostCurve& curve = begin("density", one.title(), one.method.name, "d = 128",
                               exponents(one.stated(large, 1, 0.25), one.stated(large, 1, 0.5)));
      for (const double density : {1.0, 0.5, 0.25, 0.1, 0.05, 0.02}) {
        const Method sparse = one.method.with({{"model.density", fmt::format("{}", density)}});
        curve.points.push_back(measure(seconds_, density, sparse, one.record, d, 1));
      }
    }
  }

  std::vector<CostCurve> take() {
    for (CostCurve& curve : curves_) fit(curve);
    return std::move(curves_);
  }

 private:
  static constexpr int large = 1 << 14;  // d^2 is still an int

  CostCurve& begin(const char* variable, const std::string& method, const std::string& rule, const char* setting,
                   const Exponents& theory) {
    observer_.remarked(method + " against " + variable);
    curves_.push_back({variable, method, rule, setting, {}, none, none, none, none, theory.time, theory.bytes});
    return curves_.back();
  }

  double seconds_;
  Observer& observer_;
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

std::vector<CostCurve> measure_costs(const std::vector<std::string>& variables, double seconds, Observer* observer) {
  Measurement measurement(seconds, Observer::or_none(observer));
  for (const std::string& variable : variables)
    if (const auto names = cost_variables(); std::find(names.begin(), names.end(), variable) == names.end())
      throw_unknown_name("--against", variable, names);
  for (const Sweep& sweep : sweeps)
    if (std::find(variables.begin(), variables.end(), sweep.variable) != variables.end())
      (measurement.*sweep.measure)();
  return measurement.take();
}

}  // namespace chronograd
