// SPDX-License-Identifier: Apache-2.0
#include "cost/latency_costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figures/figure.hpp"
#include "figures/screen.hpp"

namespace chronograd {
namespace {

constexpr double K = 2;                ///< workers
constexpr double forward = 1.0 / 3.0;  ///< its share of a batch's work

/// What the model knows of the net: ms of a batch under backprop on one thread, and what an interface adds to that.
struct OneThread {
  double batch, added;
};

/// ms a batch, messages taking l ms.
using Model = double (*)(const OneThread& one, double l);

double split(const OneThread& one, double l) {
  return one.batch + 2 * (K - 1) * l;
}
double data_parallel(const OneThread& one, double l) {
  return one.batch / K + 2 * l;
}
/// The truth comes down through all groups, S batches later.
template <int S>
double waited_for(const OneThread& one, double l) {
  return std::max((1 + one.added) * one.batch / K, ((1 + one.added) * one.batch + 2 * (K - 1) * l) / (S + 1));
}
double nothing_comes(const OneThread& one, double) {
  return (1 + one.added) * one.batch / K;
}

struct LatencyWay {
  const char* method;
  Model model;
  bool runs = true;  ///< it is measured
};
constexpr LatencyWay latency_ways[] = {
    {"backprop", split},
    {"data parallel", data_parallel, false},
    {"delayed(lag=4)", waited_for<4>},
    {"delayed(lag=16)", waited_for<16>},
    {"dni(lag=4)", waited_for<4>},
    {"dni(lag=16)", waited_for<16>},
    {"local", nothing_comes},
};

double ms_of(const RunResult& run) {
  return 1e3 * run.seconds / static_cast<double>(run.updates);
}

/// The least latency from which on the model is below that of data parallel.
double pays_from(const LatencyWay& way, const OneThread& one) {
  constexpr double step = 0.01, most = 100;
  for (double l = 0; l <= most; l += step)
    if (way.model(one, l) < data_parallel(one, l)) return l;
  return INFINITY;
}

std::string latency_word(double ms) {
  return fmt::format("{:g} ms", ms);
}

}  // namespace

std::vector<LatencyCurve> measure_latencies(const InterfaceCostNet& given, const std::vector<double>& latencies,
                                            double seconds, Observer* observer) {
  InterfaceCostNet net = given;
  net.groups = {std::floor(net.layers / 3.0), net.layers - std::floor(net.layers / 3.0)};
  const double alone = ms_of(timed_run(net, "backprop", seconds));
  std::vector<LatencyCurve> curves;
  for (const LatencyWay& way : latency_ways) {
    Observer::or_none(observer).remarked(way.method);
    const OneThread one = {alone, way.runs ? ms_of(timed_run(net, way.method, seconds)) / alone - 1 : 0};
    LatencyCurve curve{way.method, {}, way.model == data_parallel ? INFINITY : pays_from(way, one)};
    for (const double latency : latencies) {
      RunOptions options;
      options.workers = RunOptions::Workers::threads;
      options.latency = latency / 1e3;
      const double measured = way.runs ? ms_of(timed_run(net, way.method, seconds, options)) : not_measured;
      curve.points.push_back({latency, measured, way.model(one, latency)});
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

std::string latency_text(const InterfaceCostNet& net, const std::vector<LatencyCurve>& curves) {
  std::vector<std::vector<std::string>> cells = {{"method"}};
  for (const LatencyCurve::Point& point : curves.front().points) cells[0].push_back(latency_word(point.latency));
  cells[0].emplace_back("pays from");
  for (const LatencyCurve& curve : curves) {
    std::vector<std::string> row = {curve.method};
    for (const LatencyCurve::Point& point : curve.points)
      row.push_back((std::isfinite(point.measured) ? fmt::format("{:.3g}", point.measured) : std::string("-")) +
                    fmt::format(" ({:.3g})", point.model));
    row.push_back(std::isfinite(curve.pays_from) ? latency_word(curve.pays_from) : "-");
    cells.push_back(row);
  }
  return table_text(cells) +
         fmt::format(
             "ms a batch of {}, by the latency of a message: measured, and in brackets by the model. {} layers of {} "
             "units on\ntwo workers, a thread each. data parallel: two workers with half of each batch, one exchange "
             "a batch, by the model alone;\npays from: the latency from which on a method is below it.\n",
             net.batch, net.layers, net.width);
}

std::string latency_figure(const std::vector<LatencyCurve>& curves) {
  LineFigure figure;
  figure.title = "Time of a batch against the latency of a message";
  figure.x = {"latency", "ms", false};
  figure.y = {"time of a batch", "ms", true};
  for (std::size_t c = 0; c < curves.size(); ++c) {
    Series model, points;
    model.label = curves[c].method;
    model.look = points.look = plain_look(c);
    points.line = false;
    points.marks = true;
    for (const LatencyCurve::Point& point : curves[c].points) {
      model.x.push_back(point.latency);
      model.y.push_back(point.model);
      if (!std::isfinite(point.measured)) continue;
      points.x.push_back(point.latency);
      points.y.push_back(point.measured);
    }
    figure.series.push_back(model);
    if (!points.x.empty()) figure.series.push_back(points);
  }
  figure.notes.emplace_back("Lines: the model. Marks: measured.");
  figure.width = 560;
  figure.height = 400;
  return to_svg(figure);
}

}  // namespace chronograd
