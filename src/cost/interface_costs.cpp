// SPDX-License-Identifier: Apache-2.0
#include "cost/interface_costs.hpp"

#include <algorithm>
#include <cmath>

#include "chronograd/config.hpp"
#include "chronograd/method.hpp"
#include "chronograd/random.hpp"
#include "chronograd/train.hpp"

namespace chronograd {
namespace {

constexpr int rank = 16, mlp_hidden = 256;

/// Multiply-adds of one interface a sample, for units w and outputs m: a guess and its lesson; what more goes down; a
/// second gradient of the layer.
struct MeasuredInterface {
  const char* method;
  double (*count)(double w, double m);
};

double low_rank(double w, double) {
  return 7 * w * rank;
}

constexpr MeasuredInterface measured[] = {
    {"backprop", [](double, double) { return 0.0; }},
    {"none", [](double w, double) { return -2 * w * w; }},
    {"delayed", [](double, double) { return 0.0; }},
    {"dni(lambda=0, synthesiser=linear)", [](double w, double) { return 3 * w * w; }},
    {"dni(lambda=0)", low_rank},
    {"dni", [](double w, double m) { return low_rank(w, m) + w * w; }},
    {"dni(correct=1)", [](double w, double m) { return low_rank(w, m) + 3 * w * w; }},
    {"dni(lambda=0, synthesiser=mlp, sg_hidden=256)", [](double w, double) { return 7 * w * mlp_hidden; }},
    {"local", [](double w, double m) { return 3 * w * m - w * w; }},
    {"local(head_hidden=256)", [](double w, double m) { return 3 * w * mlp_hidden + 3 * mlp_hidden * m - w * w; }},
};

/// Random samples, as many as a batch has.
class RandomSamples final : public Task {
 public:
  explicit RandomSamples(const InterfaceCostNet& net) : net_(net) {}
  int inputs() const override { return net_.inputs; }
  int outputs() const override { return net_.outputs; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return 1; }
  std::int64_t rows(Split split) const override { return split == Split::train ? net_.batch : -1; }
  void read(Split, std::int64_t row, std::int64_t, int, const Steps& out) const override {
    Random random(0, Draw::data, static_cast<std::uint64_t>(row));
    for (int i = 0; i < net_.inputs; ++i) out.x[i] = random.normal();
    std::fill_n(out.y, net_.outputs, 0.0);
    out.y[random.below(static_cast<std::uint64_t>(net_.outputs))] = 1;
    out.mask[0] = 1;
    out.reset[0] = 0;
  }
  std::string summary() const override { return "random samples"; }

 private:
  InterfaceCostNet net_;
};

Config config_of(const InterfaceCostNet& net) {
  std::map<std::string, Value> settings = {
      {"net.widths", std::vector<double>(static_cast<std::size_t>(net.layers), net.width)},
      {"net.norm", "batch"},
      {"interface.name", "backprop"},
      {"loss.name", "cross_entropy"},
      {"optimizer.name", "momentum"},
      {"optimizer.lr", 1e-4},
      {"train.batch", std::int64_t{net.batch}},
      {"train.updates", std::int64_t{1}},
      {"threads", std::int64_t{1}}};
  if (!net.groups.empty()) settings["net.groups"] = net.groups;
  return Config::of(settings);
}

RunResult run_of(const Config& config, const RandomSamples& samples, std::int64_t updates, const RunOptions& options) {
  const std::string text = std::to_string(updates);
  return train(config.with({"train.updates=" + text, "train.report_every=" + text}), samples, options);
}

}  // namespace

RunResult timed_run(const InterfaceCostNet& net, const std::string& method, double seconds, const RunOptions& options) {
  const RandomSamples samples(net);
  const Config config = config_of(net).with_method(method);
  std::int64_t updates = 8;
  RunResult run = run_of(config, samples, updates, options);
  while (run.seconds < seconds) {  // from the start again: what is warm then was made before
    updates =
        std::max(2 * updates, static_cast<std::int64_t>(1.2 * seconds / run.seconds * static_cast<double>(updates)));
    run = run_of(config, samples, updates, options);
  }
  return run;
}

std::vector<InterfaceCost> measure_interfaces(const InterfaceCostNet& net, double seconds, Observer* observer) {
  std::vector<InterfaceCost> costs;
  for (const MeasuredInterface& way : measured) {
    Observer::or_none(observer).remarked(way.method);
    const RunResult run = timed_run(net, way.method, seconds);
    const auto batches = static_cast<double>(run.updates);
    costs.push_back({way.method, net.layers * way.count(net.width, net.outputs), static_cast<double>(run.rule_bytes),
                     1e6 * run.seconds / batches, 1e6 * run.cpu_seconds / batches});
  }
  return costs;
}

}  // namespace chronograd
