// SPDX-License-Identifier: Apache-2.0
// `chronograd cost`: what the ways to sum a gradient cost in time and memory, measured beside the theory.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_value.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "cost/cost_page.hpp"
#include "cost/cost_table.hpp"
#include "cost/interface_costs.hpp"
#include "cost/latency_page.hpp"
#include "figures/screen.hpp"
#include "files/atomic_file.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string exponent(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f}", std::fabs(value) < 0.005 ? 0.0 : value) : "-";
}

/// A line for each curve.
class Lines final : public Observer {
 public:
  void remarked(const std::string& text) override { print_error(text); }
};

class Cost final : public Verb {
 public:
  const char* name() const override { return "cost"; }
  const char* summary() const override {
    return "time and memory of the ways to sum a gradient, or of interfaces, measured";
  }

  void declare(CommandLine& line) override {
    line.option("--against", "d,T,density", against_, "what is varied: units, steps of a row, density; default all");
    line.option("--seconds", "S", seconds_, "how long each point is measured; default 0.1");
    line.flag("--interfaces", interfaces_,
              "what interfaces between the layers of a feed-forward net cost, 6 of 256 units (docs/decoupled.md)");
    line.option("--latency", "MS,MS,...", latency_,
                "what a batch takes where two workers share that net and their messages take so long, as 0,1,5,20");
    line.flag("--accuracy", accuracy_,
              "with --interfaces or --latency: train that net on Fashion-MNIST in each way, too");
    line.option("--figure", "FILE.svg", figure_, "with --latency: where a figure of it goes");
    line.option("--page", "FILE", page_, "write a page in Markdown and its figures beside it (docs/cost.md)");
  }

  int run(const Common& common) override {
    if (!(seconds_ > 0 && seconds_ <= 60))
      throw Error(Exit::usage, "--seconds", fmt::format("got {}, allowed is a number in (0, 60].", seconds_));
    if (!page_.empty() && !page_.ends_with(".md"))
      throw Error(Exit::usage, "--page", "got " + page_ + ", allowed are names that end in .md.");
    Lines lines;
    Observer* const shown = common.quiet || common.json ? nullptr : &lines;
    if (interfaces_ && !(against_ + page_ + latency_).empty())
      throw Error(Exit::usage, "--interfaces", "got it with --against, --latency or --page, allowed is one of them.");
    if (!latency_.empty() && !against_.empty())
      throw Error(Exit::usage, "--latency", "got it with --against, allowed is one of them.");
    if (latency_.empty() && !figure_.empty())
      throw Error(Exit::usage, "--figure", "got no --latency, which it is about.");
    if (latency_.empty() && !interfaces_ && accuracy_)
      throw Error(Exit::usage, "--accuracy", "got no --interfaces or --latency, which it is about.");
    if (!latency_.empty()) return latency(common, shown);
    if (interfaces_) {
      const InterfaceCostNet net;
      std::vector<InterfaceCost> costs = measure_interfaces(net, seconds_, shown);
      if (accuracy_) train_interfaces(net, costs, shown);
      print(common.json ? json(costs) : text(net, costs));
      return 0;
    }
    const auto variables = against_.empty() ? cost_variables() : split_list("--against", against_);
    const std::vector<CostCurve> curves = measure_costs(variables, seconds_, shown);
    if (!page_.empty()) write_page(curves);
    print(common.json ? json(curves) : text(curves));
    return 0;
  }

 private:
  int latency(const Common& common, Observer* shown) const {
    const InterfaceCostNet net;
    std::vector<LatencyCurve> curves = measure_latencies(net, latencies(), seconds_, shown);
    if (accuracy_) train_ways(net, curves, shown);
    if (!figure_.empty()) write_file(figure_, latency_figure(curves));
    std::vector<LatencyCurve> sleepers;
    if (!page_.empty()) {
      constexpr double batch = 20;  // ms: beside it all that a thread does besides sleeping is little
      sleepers = measure_sleepers(net, latencies(), batch, shown);
      write_file(page_stem() + ".svg", latency_figure(curves));
      write_file(page_, latency_markdown(net, curves, sleepers, batch, page_name() + ".svg",
                                         "chronograd cost --latency " + latency_ + (accuracy_ ? " --accuracy" : "") +
                                             " --page docs/" + page_name() + ".md"));
    }
    print(common.json ? json(curves, sleepers) : latency_text(net, curves));
    return 0;
  }

  std::string page_stem() const { return page_.substr(0, page_.size() - 3); }
  std::string page_name() const { return page_stem().substr(page_stem().find_last_of('/') + 1); }

  void write_page(const std::vector<CostCurve>& curves) const {
    const std::string stem = page_stem(), name = page_name();
    for (const auto& [figure, svg] : cost_figures(curves)) write_file(stem + "_" + figure + ".svg", svg);
    write_file(page_, cost_markdown(curves, name,
                                    "chronograd cost " + (against_.empty() ? "" : "--against " + against_ + " ") +
                                        "--page docs/" + name + ".md"));
  }

  std::vector<double> latencies() const {
    std::vector<double> all;
    for (const std::string& word : split_list("--latency", latency_)) {
      std::size_t read = 0;
      double ms = NAN;
      try {
        ms = std::stod(word, &read);
      } catch (const std::exception&) {  // said below
      }
      if (read != word.size() || !(ms >= 0 && ms <= 1e4))
        throw Error(Exit::usage, "--latency", "got " + word + ", allowed are numbers from 0 to 10000, as 0,1,5,20.");
      all.push_back(ms);
    }
    return all;
  }

  static Json rows(const std::vector<LatencyCurve>& curves) {
    Json all = Json::array();
    for (const LatencyCurve& curve : curves) {
      Json points = Json::array();
      for (const LatencyCurve::Point& point : curve.points)
        points.push_back(
            {{"latency_ms", point.latency}, {"measured_ms", point.measured}, {"simulated_ms", point.simulated}});
      all.push_back({{"method", curve.method},
                     {"points", points},
                     {"pays_from_ms", number(curve.pays_from)},
                     {"accuracy", number(curve.accuracy)}});
    }
    return all;
  }
  static std::string json(const std::vector<LatencyCurve>& curves, const std::vector<LatencyCurve>& sleepers) {
    return Json({{"net", rows(curves)}, {"sleepers", rows(sleepers)}}).dump(2) + "\n";
  }

  static std::string json(const std::vector<InterfaceCost>& costs) {
    Json all = Json::array();
    for (const InterfaceCost& cost : costs)
      all.push_back({{"interface", cost.method},
                     {"multiply_adds", number(cost.multiply_adds)},
                     {"counted", number(cost.counted)},
                     {"bytes", cost.bytes},
                     {"step_us", cost.step_us},
                     {"cpu_us", number(cost.cpu_us)},
                     {"accuracy", number(cost.accuracy)}});
    return all.dump(2) + "\n";
  }

  static std::string text(const InterfaceCostNet& net, const std::vector<InterfaceCost>& costs) {
    std::vector<std::vector<std::string>> cells = {
        {"interface", "multiply-adds", "counted", "bytes", "us/batch", "CPU", "of backprop"}};
    const bool accuracies = std::isfinite(costs.front().accuracy);
    if (accuracies) cells[0].emplace_back("accuracy");
    for (const InterfaceCost& cost : costs) {
      cells.push_back({cost.method, fmt::format("{:+.3g}", cost.multiply_adds), fmt::format("{:+.3g}", cost.counted),
                       fmt::format("{:.4g}", cost.bytes), fmt::format("{:.4g}", cost.step_us),
                       fmt::format("{:.4g}", cost.cpu_us), fmt::format("{:.2f}", cost.cpu_us / costs.front().cpu_us)});
      if (accuracies) cells.back().push_back(fmt::format("{:.1f} %", 100 * cost.accuracy));
    }
    return table_text(cells) +
           fmt::format(
               "{} layers of {} units with batch normalisation, an interface above each, {} inputs, {} classes, "
               "batches of {}, float32, one\nthread. multiply-adds: a sample, beside those of backprop (of a "
               "layer: {}), as the records state; counted: the same,\nwhile it runs; bytes: what interfaces keep; of "
               "backprop: CPU time beside it.\n{}",
               net.layers, net.width, net.inputs, net.outputs, net.batch, 3 * net.width * net.width,
               accuracies ? "accuracy: of Fashion-MNIST's test images after three passes over 30,000 others, seed 0.\n"
                          : "");
  }

  static std::string json(const std::vector<CostCurve>& curves) {
    Json all = Json::array();
    for (const CostCurve& curve : curves) {
      Json points = Json::array();
      for (const CostPoint& point : curve.points)
        points.push_back({{"x", point.x},
                          {"step_us", point.step_us},
                          {"bytes", point.bytes},
                          {"counted", number(point.counted)},
                          {"predicted", number(point.predicted)}});
      all.push_back({{"variable", curve.variable},
                     {"method", curve.method},
                     {"setting", curve.setting},
                     {"points", points},
                     {"exponents",
                      {{"time", number(curve.time)},
                       {"bytes", number(curve.bytes)},
                       {"counted", number(curve.counted)},
                       {"predicted", number(curve.predicted)},
                       {"time_in_theory", number(curve.time_in_theory)},
                       {"bytes_in_theory", number(curve.bytes_in_theory)}}}});
    }
    return all.dump(2) + "\n";
  }

  static std::string text(const std::vector<CostCurve>& curves) {
    std::string text, variable;
    std::size_t width = 0;
    for (const CostCurve& curve : curves) width = std::max(width, curve.method.size());
    for (const CostCurve& curve : curves) {
      if (curve.variable != variable) {
        variable = curve.variable;
        text += fmt::format("{}{}\n{:{}} {:>9} {:>12} {:>12}   {}\n", text.empty() ? "" : "\n",
                            bold("a step against " + variable), "", width, variable, "us", "bytes",
                            "slopes: time (theory), bytes (theory), multiplications counted (record)");
      }
      for (const CostPoint& point : curve.points) {
        const bool first = &point == &curve.points.front();
        text += fmt::format("{:{}} {:>9g} {:>12.4g} {:>12.6g}", first ? curve.method : "", width, point.x,
                            point.step_us, point.bytes);
        if (first)
          text += fmt::format("   {} ({:g}), {} ({:g}), {} ({})   {}", exponent(curve.time), curve.time_in_theory,
                              exponent(curve.bytes), curve.bytes_in_theory, exponent(curve.counted),
                              exponent(curve.predicted), curve.setting);
        text += "\n";
      }
    }
    return text;
  }

  double seconds_ = 0.1;
  bool interfaces_ = false, accuracy_ = false;
  std::string against_, page_, latency_, figure_;
};

}  // namespace

std::unique_ptr<Verb> make_cost_verb() {
  return std::make_unique<Cost>();
}

}  // namespace chronograd
