// SPDX-License-Identifier: Apache-2.0
#include "cost/cost_page.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "chronograd/isa.hpp"
#include "figures/figure.hpp"
#include "math/gemm.hpp"

namespace chronograd {
namespace {

struct Variable {
  const char* name;
  const char* title;
  const char* axis;
};
constexpr Variable variables[] = {
    {"d", "hidden units", "hidden units d"},
    {"T", "steps of a row", "steps of a row T"},
    {"density", "density of W_rec", "share of recurrent weights present"},
};

std::string figure(const std::vector<CostCurve>& curves, const Variable& variable, double CostPoint::*y,
                   const char* title, const char* label, const char* unit) {
  LineFigure picture;
  picture.title = std::string(title) + " against " + variable.title;
  picture.x = {variable.axis, "", true};
  picture.y = {label, unit, true};
  std::map<std::string, std::size_t> seen;  // variants of one rule differ in their dashes
  for (const CostCurve& curve : curves) {
    if (curve.variable != variable.name) continue;
    Series series;
    series.label = curve.method;
    // The double sum is the number of bptt the long way.
    series.look = variant(look_of(curve.rule), curve.method == "double sum" ? 1 : seen[curve.rule]++);
    series.marks = true;
    for (const CostPoint& point : curve.points) {
      series.x.push_back(point.x);
      series.y.push_back(point.*y);
    }
    picture.series.push_back(series);
  }
  picture.width = 560;
  picture.height = 400;
  return picture.series.empty() ? "" : to_svg(picture);
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f}", std::fabs(value) < 0.005 ? 0.0 : value) : "";
}
std::string whole(double value) {
  return std::isfinite(value) ? fmt::format("{:g}", value) : "";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> cost_figures(const std::vector<CostCurve>& curves) {
  std::vector<std::pair<std::string, std::string>> figures;
  for (const Variable& variable : variables) {
    const std::string time = figure(curves, variable, &CostPoint::step_us, "Time of a step", "time of a step", "us");
    if (time.empty()) continue;
    figures.emplace_back("time_" + std::string(variable.name), time);
    figures.emplace_back("bytes_" + std::string(variable.name),
                         figure(curves, variable, &CostPoint::bytes, "Memory", "memory of a stream", "bytes"));
  }
  return figures;
}

std::string cost_markdown(const std::vector<CostCurve>& curves, const std::string& prefix, const std::string& command) {
  std::string page = fmt::format(
      "# What credit through time costs\n\n"
      "Written by `{}`: the textbook's comparison table, measured. A leaky network, n = 8 inputs, m = 2 outputs,\n"
      "one stream, float32, one thread ({}; {}).\n\n"
      "Time is that of one step, forward pass to update, spread over the K steps between two updates. Memory is what "
      "a\n"
      "rule keeps from step to step, with the states of the steps that it learns from at once. Multiplications are "
      "the\n"
      "rule's own, counted while it ran, beside those that its record states. Exponents are slopes of least squares "
      "in\n"
      "a log-log plot; those in theory are the leading ones for large nets, which small nets do not reach: a step's\n"
      "forward pass, readout and calls come on top.\n\n"
      "The double sum is `dL/dtheta = sum_t sum_(s<=t) dL_t/dtheta_s` taken at its word: the credit of each step goes\n"
      "back to the first step by itself, T times the work of bptt for the same number. `rtrl(block=1)` is the "
      "textbook's\n"
      "recursion; `rtrl` takes up to 128 steps together, for the same numbers.\n",
      command, name_of(active_isa()), gemm_libraries());
  for (const Variable& variable : variables) {
    std::string rows;
    for (const CostCurve& curve : curves) {
      if (curve.variable != variable.name) continue;
      const CostPoint& last = curve.points.back();
      rows +=
          fmt::format("| {} | {} | {} ({}) | {} ({}) | {} ({}) | {:g} | {:.4g} | {:.0f} | {} |\n", curve.method,
                      curve.setting, number(curve.time), whole(curve.time_in_theory), number(curve.bytes),
                      whole(curve.bytes_in_theory), number(curve.counted), number(curve.predicted), last.x,
                      last.step_us, last.bytes, std::isfinite(last.counted) ? fmt::format("{:.0f}", last.counted) : "");
    }
    if (rows.empty()) continue;
    page += fmt::format(
        "\n## Against {}\n\n"
        "| way | setting | exponent of time (theory) | of memory (theory) | of multiplications (record) | at {} = | us "
        "a "
        "step | bytes | multiplications |\n|---|---|---|---|---|---|---|---|---|\n{}\n"
        "![time of a step against {}]({}_time_{}.svg)\n![memory against {}]({}_bytes_{}.svg)\n",
        variable.title, variable.name, rows, variable.title, prefix, variable.name, variable.title, prefix,
        variable.name);
  }
  return page;
}

}  // namespace chronograd
