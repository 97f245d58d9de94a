// SPDX-License-Identifier: Apache-2.0
// Rules beside one another on the same trajectory, each with each.
#include <algorithm>
#include <cmath>

#include "chronograd/run_result.hpp"
#include "figures/clusters.hpp"
#include "report/figures.hpp"

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

}  // namespace chronograd
