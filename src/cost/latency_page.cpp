// SPDX-License-Identifier: Apache-2.0
#include "cost/latency_page.hpp"

#include <fmt/format.h>

#include <cmath>

#include "chronograd/isa.hpp"
#include "figures/figure.hpp"
#include "figures/screen.hpp"
#include "math/gemm.hpp"

namespace chronograd {
namespace {

std::string latency_word(double ms) {
  return fmt::format("{:g} ms", ms);
}
std::string pays_word(const LatencyCurve& curve) {
  return std::isfinite(curve.pays_from) ? latency_word(curve.pays_from) : "-";
}
std::string accuracy_word(const LatencyCurve& curve) {
  return fmt::format("{:.1f} %", 100 * curve.accuracy);
}
std::string point_word(const LatencyCurve::Point& point) {
  return fmt::format("{:.3g} ({:.3g})", point.measured, point.simulated);
}
bool have_accuracy(const std::vector<LatencyCurve>& curves) {
  return std::isfinite(curves.front().accuracy);
}

/// Of the net itself the last columns too; sleepers have none.
std::vector<std::vector<std::string>> cells_of(const std::vector<LatencyCurve>& curves, bool of_net) {
  std::vector<std::vector<std::string>> cells = {{"method"}};
  for (const LatencyCurve::Point& point : curves.front().points) cells[0].push_back(latency_word(point.latency));
  if (of_net) cells[0].emplace_back("pays from");
  if (have_accuracy(curves)) cells[0].emplace_back("accuracy");
  for (const LatencyCurve& curve : curves) {
    std::vector<std::string> row = {curve.method};
    for (const LatencyCurve::Point& point : curve.points) row.push_back(point_word(point));
    if (of_net) row.push_back(pays_word(curve));
    if (have_accuracy(curves)) row.push_back(accuracy_word(curve));
    cells.push_back(row);
  }
  return cells;
}

std::string markdown_table(const std::vector<std::vector<std::string>>& cells) {
  std::string text;
  for (const std::vector<std::string>& row : cells) {
    for (const std::string& cell : row) text += "| " + cell + " ";
    text += "|\n";
    if (&row != &cells.front()) continue;
    for (std::size_t i = 0; i < row.size(); ++i) text += "|---";
    text += "|\n";
  }
  return text;
}

}  // namespace

std::string latency_text(const InterfaceCostNet& net, const std::vector<LatencyCurve>& curves) {
  return table_text(cells_of(curves, true)) +
         fmt::format(
             "ms a batch of {}, by the latency of a message: measured, and in brackets simulated from the times of one "
             "thread.\n{} layers of {} units on two workers, a thread each. data parallel: two workers with half of "
             "each batch and one\nexchange of gradients a batch; pays from: the latency from which a method is below "
             "it.\n",
             net.batch, net.layers, net.width);
}

std::string latency_figure(const std::vector<LatencyCurve>& curves) {
  LineFigure figure;
  figure.title = "Time of a batch against the latency of a message";
  figure.x = {"latency", "ms", false};
  figure.y = {"time of a batch", "ms", true};
  for (std::size_t c = 0; c < curves.size(); ++c) {
    Series line, points;
    line.label = curves[c].method;
    if (have_accuracy(curves)) line.label += ": " + accuracy_word(curves[c]);
    line.look = points.look = plain_look(c);
    points.line = false;
    points.marks = true;
    for (const LatencyCurve::Point& point : curves[c].points) {
      line.x.push_back(point.latency);
      line.y.push_back(point.simulated);
      points.x.push_back(point.latency);
      points.y.push_back(point.measured);
    }
    figure.series.push_back(line);
    figure.series.push_back(points);
  }
  figure.notes.emplace_back("Lines: simulated. Marks: measured, a thread for each worker.");
  if (have_accuracy(curves)) figure.notes.emplace_back("Beside the names: accuracy, which no latency changes.");
  figure.width = 560;
  figure.height = 400;
  return to_svg(figure);
}

std::string latency_markdown(const InterfaceCostNet& net, const std::vector<LatencyCurve>& curves,
                             const std::vector<LatencyCurve>& sleepers, double sleepers_batch,
                             const std::string& figure, const std::string& command) {
  std::string page = fmt::format(
      "# What a batch takes where messages take time\n\n"
      "Written by `{}`.\nA net of {} layers of {} units with batch normalisation, batches of {}, float32, cut after a "
      "third of its layers: two\nworkers, a thread each ({}; {}), whose messages are held back.\n\n"
      "![time of a batch against latency]({})\n\n"
      "ms a batch, measured, and in brackets simulated from the times of one thread: each worker does its parts in "
      "the fixed\norder, and begins one when the last is done and its message is there. *data parallel*: both have "
      "the whole net and half\nof each batch, and send each other their gradients once a batch. *pays from*: the "
      "latency from which a method is\nsimulated below data parallel.\n\n{}",
      command, net.layers, net.width, net.batch, name_of(active_isa()), gemm_libraries(), figure,
      markdown_table(cells_of(curves, true)));
  if (have_accuracy(curves))
    page +=
        "\nAccuracy is that of Fashion-MNIST's test images after three passes over 30,000 others, seed 0, and the same "
        "for every\nlatency: a gradient is used at its place in the order, whenever it comes. Lags are worth what "
        "`chronograd reproduce\ndecoupled_lag` says.\n";
  if (!sleepers.empty())
    page += fmt::format(
        "\n## The protocol alone\n\nThe same for workers that sleep as long as their parts would take, {:g} ms all of "
        "a batch, and pass empty messages by\nthe same edges: ms a batch, measured and, in brackets, "
        "simulated.\n\n{}",
        sleepers_batch, markdown_table(cells_of(sleepers, false)));
  return page;
}

}  // namespace chronograd
