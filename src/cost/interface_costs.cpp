// SPDX-License-Identifier: Apache-2.0
#include "cost/interface_costs.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/formula.hpp"
#include "chronograd/config.hpp"
#include "chronograd/method.hpp"
#include "chronograd/random.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/train.hpp"
#include "decoupled/interface_settings.hpp"
#include "math/work.hpp"
#include "nets/net_shape.hpp"

namespace chronograd {
namespace {

constexpr const char* measured[] = {
    "backprop",       "none",
    "delayed",        "dni(lambda=0, synthesiser=linear)",
    "dni(lambda=0)",  "dni",
    "dni(correct=1)", "dni(lambda=0, synthesiser=mlp, sg_hidden=256)",
    "local",          "local(head_hidden=256)",
    "predsim",
};

double value(const char* stated, const std::map<std::string, double>& letters) {
  return *stated != '\0' ? Formula(stated).value(letters) : std::nan("");
}

/// What the synthesiser of an interface of w numbers states.
double of_synthesiser(const Options& settings, int width, int outputs) {
  const SynthesiserRecord& record = synthesiser_of(settings);
  const int features = width + (settings.flag("conditioned") ? outputs : 0) + 1;
  const auto model = make_synthesiser<float>({record, features, width, settings, 0});
  return value(record.time, {{"A", static_cast<double>(model->parameters().size())}});
}

/// Weights of the readout of its own that an interface of w numbers has.
double of_readout(const Options& settings, double w, double m) {
  if (settings.has("similarity")) return settings.number("similarity") < 1 ? w * m : 0;
  const double hidden = settings.has("head_hidden") ? static_cast<double>(settings.integer("head_hidden")) : 0;
  return hidden > 0 ? hidden * (w + m) : w * m;
}

double above_zero(const Options& settings, const char* key) {
  return settings.has(key) && settings.number(key) > 0 ? 1 : 0;
}

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

}  // namespace

std::unique_ptr<Task> random_samples(const InterfaceCostNet& net) {
  return std::make_unique<RandomSamples>(net);
}

Config random_run(const InterfaceCostNet& net, const std::string& method, std::int64_t updates) {
  std::map<std::string, Value> settings = {
      {"net.widths", std::vector<double>(static_cast<std::size_t>(net.layers), net.width)},
      {"net.norm", "batch"},
      {"interface.name", "backprop"},
      {"loss.name", "cross_entropy"},
      {"optimizer.name", "momentum"},
      {"optimizer.lr", 1e-4},
      {"train.batch", std::int64_t{net.batch}},
      {"train.updates", updates},
      {"train.report_every", updates},
      {"threads", std::int64_t{1}}};
  if (!net.groups.empty()) settings["net.groups"] = net.groups;
  return Config::of(settings).with_method(method);
}

RunResult timed_run(const InterfaceCostNet& net, const std::string& method, double seconds, const RunOptions& options) {
  const std::unique_ptr<Task> samples = random_samples(net);
  return long_enough(seconds,
                     [&](std::int64_t updates) { return train(random_run(net, method, updates), *samples, options); });
}

double stated_multiply_adds(const Config& config, const InterfaceCostNet& net) {
  const NetShape shape(config, net.inputs, net.outputs);
  const InterfaceSettings interface(config);
  const Options& settings = interface.options;
  double all = 0;
  for (int k = 0; k + 1 < shape.groups(); ++k) {
    const std::vector<LayerShape> below = shape.group(k);
    const int w = below.back().outputs;
    double weights = 0, inner = 0;
    for (const LayerShape& layer : below) {
      weights += static_cast<double>(layer.inputs) * layer.outputs;
      if (&layer != &below.front()) inner += static_cast<double>(layer.inputs) * layer.outputs;
    }
    all +=
        value(interface.record.time, {{"w", w},
                                      {"m", net.outputs},
                                      {"a", shape.group(k + 1).front().outputs},
                                      {"p", weights},
                                      {"i", inner},
                                      {"s", settings.has("synthesiser") ? of_synthesiser(settings, w, net.outputs) : 0},
                                      {"l", k > 0 ? above_zero(settings, "lambda") : 0},
                                      {"c", above_zero(settings, "correct")},
                                      {"q", of_readout(settings, w, net.outputs)},
                                      {"u", above_zero(settings, "similarity")},
                                      {"B", net.batch}});
  }
  return all;
}

double counted_multiply_adds(const InterfaceCostNet& net, const std::string& method) {
  const std::unique_ptr<Task> samples = random_samples(net);
  const auto counted = [&](std::int64_t updates) {
    const WorkCount count;
    train(random_run(net, method, updates), *samples, {});
    return count.multiplications();
  };
  // The first batches of a run may differ, and guesses are compared with the truth on every 20th.
  constexpr std::int64_t few = 20, more = 40;
  return (counted(more) - counted(few)) / static_cast<double>((more - few) * net.batch);
}

Config image_run(const InterfaceCostNet& net) {
  constexpr std::int64_t three_passes = 1407;
  return random_run(net, "backprop", three_passes)
      .with({"train.report_every=140", "optimizer.lr=0.01", "task.name=fashion_images", "task.train_rows=30000",
             "task.standardize=true"});
}

void train_interfaces(const InterfaceCostNet& net, std::vector<InterfaceCost>& costs, Observer* observer) {
  const Config config = image_run(net);
  const std::unique_ptr<Task> task = make_task(config);
  for (InterfaceCost& cost : costs) {
    Observer::or_none(observer).remarked(cost.method + ": accuracy");
    cost.accuracy = train(config.with_method(cost.method), *task).test.accuracy;
  }
}

std::vector<InterfaceCost> measure_interfaces(const InterfaceCostNet& net, double seconds, Observer* observer) {
  std::vector<InterfaceCost> costs;
  const double plain = counted_multiply_adds(net, "backprop");
  for (const char* method : measured) {
    Observer::or_none(observer).remarked(method);
    const RunResult run = timed_run(net, method, seconds);
    const auto batches = static_cast<double>(run.updates);
    costs.push_back({method, stated_multiply_adds(random_run(net, method, 1), net),
                     counted_multiply_adds(net, method) - plain, static_cast<double>(run.rule_bytes),
                     1e6 * run.seconds / batches, 1e6 * run.cpu_seconds / batches});
  }
  return costs;
}

}  // namespace chronograd
