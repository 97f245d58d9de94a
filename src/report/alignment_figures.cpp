// SPDX-License-Identifier: Apache-2.0
// Rules beside one another on the same trajectory: each with each, and how far back they look.
#include <algorithm>
#include <cmath>
#include <map>

#include "chronograd/run_result.hpp"
#include "figures/clusters.hpp"
#include "report/figures.hpp"
#include "training/credit_lag.hpp"

namespace chronograd {
namespace {

/// The mean over the runs that ended well; NaN if none measured it.
double mean_of(const RunGroup& group, const std::string& field) {
  std::vector<double> values;
  for (const RunRecord* run : group.all())
    if (!run->diverged()) values.push_back(run->number(field));
  return estimate_of(values).mean;
}

/// The rules that were watched in any run of the group, in the order of their names.
std::vector<std::string> watched_in(const RunGroup& group) {
  const std::string prefix = "cosine/";
  std::vector<std::string> names;
  for (const RunRecord* run : group.all())
    for (const auto& [field, value] : run->summary) {
      if (!field.starts_with(prefix)) continue;
      const std::string name = field.substr(prefix.size());
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  return names;
}

/// Its label where it is the one that learns.
std::string name_in(const RunGroup& group, const std::string& rule) {
  return rule == trained_rule ? group.label + " (learns)" : rule;
}

/// Rows and columns of a map of all with all in an order that shows which are alike.
void cluster(HeatFigure& figure) {
  const HeatFigure as_it_was = figure;
  const std::vector<std::size_t> order = clustered(figure.values, figure.rows);
  for (std::size_t r = 0; r < order.size(); ++r) {
    figure.row_names[r] = as_it_was.row_names[order[r]];
    figure.column_names[r] = as_it_was.column_names[order[r]];
    for (std::size_t c = 0; c < order.size(); ++c)
      figure.values[r * figure.columns + c] = as_it_was.values[order[r] * figure.columns + order[c]];
  }
}

}  // namespace

std::vector<HeatFigure> alignment_maps(const Groups& groups) {
  std::vector<HeatFigure> figures;
  for (const RunGroup& group : groups) {
    std::vector<std::string> rules = watched_in(group);
    if (rules.size() < 2) continue;
    rules.insert(rules.begin(), trained_rule);
    HeatFigure figure;
    figure.title = "Cosine of each rule with each, while " + group.label + " learns";
    figure.value = {"cosine", "", false};
    figure.rows = figure.columns = rules.size();
    figure.diverging = figure.numbers = true;
    for (const std::string& a : rules) {
      figure.row_names.push_back(name_in(group, a));
      figure.column_names.push_back(a == trained_rule ? "learns" : a);
      for (const std::string& b : rules) {
        double value = a == b ? 1 : NAN;
        for (const std::string& pair : {a + "/" + b, b + "/" + a}) {
          if (!std::isfinite(value)) value = mean_of(group, "alignment/cosine/cell/" + pair);
          if (!std::isfinite(value) && pair.starts_with(std::string(trained_rule) + "/"))
            value = mean_of(group, "cosine/" + pair.substr(pair.find('/') + 1));
        }
        figure.values.push_back(value);
      }
    }
    cluster(figure);
    figure.notes = overflows_of(group);
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> credit_figures(const Groups& groups) {
  const std::string prefix = "credit_by_lag/";
  std::vector<LineFigure> figures;
  for (const RunGroup& group : groups) {
    const RunRecord* shown = nullptr;
    for (const RunRecord* run : group.all())
      if (shown == nullptr && run->summary_lists.lower_bound(prefix) != run->summary_lists.end() &&
          run->summary_lists.lower_bound(prefix)->first.starts_with(prefix))
        shown = run;
    if (shown == nullptr) continue;
    // The parts are differences of gradients: what is smaller than their last digit is nothing.
    const double rounding = shown->setting("dtype") == "float64" ? 2e-16 : 1e-7;
    LineFigure figure;
    figure.title = "How far back credit goes, after " + group.label + " has learned";
    figure.x = {"steps between the use of a weight and the loss", "", false};
    figure.y = {"norm of the gradient's part", "", true};
    std::map<std::string, std::size_t> variants;  // snap(n=1) has the colour of snap(n=2), and dashes of its own
    for (const auto& [field, norms] : shown->summary_lists) {
      if (!field.starts_with(prefix)) continue;
      const std::string rule = field.substr(prefix.size());
      Series series;
      series.label = name_in(group, rule);
      const Look look = look_of(rule);
      series.look = rule == trained_rule ? group.look : variant(look, ++variants[look.name]);
      double most = 0;
      for (const double norm : norms) most = std::fmax(most, norm);
      const double least = rounding * most;
      std::size_t measured = 0, overflowed = 0;
      for (std::size_t lag = 0; lag < norms.size(); ++lag) {
        if (!lag_is_measured(static_cast<int>(lag))) continue;
        ++measured;
        overflowed += std::isnan(norms[lag]);
        series.x.push_back(static_cast<double>(lag));
        series.y.push_back(norms[lag] > least ? norms[lag] : NAN);
      }
      series.marks = norms.size() <= 40;
      figure.series.push_back(series);
      if (overflowed > 0)
        figure.notes.push_back(series.label + ": overflowed at " + std::to_string(overflowed) + " of " +
                               std::to_string(measured) + " lags; what overflowed is left out.");
    }
    figures.push_back(figure);
  }
  return figures;
}

}  // namespace chronograd
