// SPDX-License-Identifier: Apache-2.0
// Figures of feed-forward nets: what passed between groups of layers, by the layer that an interface lies above.
#include <algorithm>
#include <cmath>
#include <set>

#include "report/figures.hpp"

namespace chronograd {
namespace {

constexpr const char* interfaces_prefix = "interfaces/";

/// The layers that interfaces of these groups lie above, ascending.
std::vector<int> layers_of(const Groups& groups) {
  std::set<int> layers;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.runs)
      for (const auto& [field, value] : run->summary)
        if (field.starts_with(interfaces_prefix))
          layers.insert(std::atoi(field.c_str() + std::char_traits<char>::length(interfaces_prefix)));
  return {layers.begin(), layers.end()};
}

std::string field_of(int layer, const char* quantity) {
  return interfaces_prefix + std::to_string(layer) + "/" + quantity;
}

struct Quantity {
  const char* key;
  const char* title;
  Axis axis;
  std::vector<Level> levels;
  double least = 0, most = INFINITY;  ///< what it can be
};

const std::vector<Quantity>& quantities() {
  static const std::vector<Quantity> all = {
      {"cosine",
       "Guess and true gradient, each sample",
       {"cosine", "", false},
       {{"same direction", 1}, {"no relation", 0}},
       -1,
       1},
      {"weight_cosine",
       "The same for gradients of weights, means over a batch",
       {"cosine", "", false},
       {{"same direction", 1}, {"no relation", 0}},
       -1,
       1},
      {"norm_ratio", "Norm of the guess against the true gradient", {"ratio of norms", "", true}, {{"same norm", 1}}},
      {"error",
       "Squared error of the guess, beside no guess",
       {"relative error", "", true},
       {{"no better than zero", 1}}},
      {"lag", "Staleness of gradients from above", {"lag", "batches", false}, {}},
      {"wait", "Waiting for gradients from above", {"time", "s", false}, {}},
  };
  return all;
}

/// One quantity of one group against the layer: mean over the seeds, its 95 % interval where there are several.
Series series_of(const RunGroup& group, const std::vector<int>& layers, const Quantity& quantity) {
  Series series;
  series.label = group.label;
  series.look = group.look;
  series.marks = true;
  bool banded = false;
  for (const int layer : layers) {
    std::vector<double> values;
    for (const RunRecord* run : group.runs)
      if (const double value = run->number(field_of(layer, quantity.key));
          !run->diverged() && std::isfinite(value) && (!quantity.axis.log || value > 0))
        values.push_back(value);
    if (values.empty()) continue;
    const Estimate estimate = estimate_of(values);
    series.x.push_back(layer);
    series.y.push_back(estimate.mean);
    const double low = std::max(quantity.least, estimate.mean - estimate.half_width);
    series.low.push_back(quantity.axis.log && !(low > 0) ? NAN : low);
    series.high.push_back(std::min(quantity.most, estimate.mean + estimate.half_width));
    banded = banded || estimate.count > 1;
  }
  if (!banded) {
    series.low.clear();
    series.high.clear();
  }
  return series;
}

}  // namespace

std::vector<LineFigure> interface_figures(const Groups& groups) {
  const std::vector<int> layers = layers_of(groups);
  std::vector<LineFigure> figures;
  for (const Quantity& quantity : quantities()) {
    LineFigure figure;
    figure.title = quantity.title;
    figure.x = {"layer below the interface", "", false};
    figure.y = quantity.axis;
    figure.levels = quantity.levels;
    bool some = false;
    for (const RunGroup& group : groups) {
      Series series = series_of(group, layers, quantity);
      if (series.x.empty()) continue;
      some = some || std::any_of(series.y.begin(), series.y.end(), [](double y) { return y != 0; });
      figure.series.push_back(std::move(series));
    }
    if (some) figures.push_back(std::move(figure));
  }
  return figures;
}

std::vector<LineFigure> interface_curves(const Groups& groups) {
  std::vector<LineFigure> figures;
  for (const int layer : layers_of(groups))
    for (const Quantity& quantity : quantities()) {
      if (quantity.key != std::string("cosine") && quantity.key != std::string("weight_cosine")) continue;
      LineFigure figure = curves_of(groups, field_of(layer, quantity.key), false, quantity.axis);
      std::erase_if(figure.series, [](const Series& series) { return series.x.empty(); });
      if (figure.series.empty()) continue;
      figure.title = "Above layer " + std::to_string(layer) + ": " +
                     (quantity.key == std::string("cosine") ? "cosine, each sample" : "cosine, gradients of weights");
      figure.levels = quantity.levels;
      figures.push_back(std::move(figure));
    }
  return figures;
}

}  // namespace chronograd
