// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep_summary.hpp"

#include <algorithm>
#include <cmath>

namespace chronograd {
namespace {

SweepRow row_of(const Sweep& sweep, std::size_t first) {
  SweepRow row;
  row.values = sweep.jobs[first].values;
  row.method = sweep.plan.method_of(row.values);
  row.data.label = sweep.plan.label(row.values);
  if (row.data.label.empty()) row.data.label = row.method.word;
  std::vector<double> losses, accuracies;
  for (std::size_t i = first; i < first + sweep.plan.seeds.size(); ++i) {
    const JobRecord& record = sweep.records[i];
    if (std::isfinite(record.seconds)) row.seconds += record.seconds;
    if (record.status == JobStatus::done) {
      ++row.done;
      row.data.add(record.stream_steps);
      if (record.floor.floor) row.floor = record.floor;
      losses.push_back(record.loss);
      accuracies.push_back(record.accuracy);
    } else {
      ++(record.status == JobStatus::diverged ? row.diverged
         : record.status == JobStatus::failed ? row.failed
                                              : row.open);
    }
  }
  row.loss = estimate_of(losses);
  row.accuracy = estimate_of(accuracies);
  return row;
}

/// Is the row's value of this axis the smallest or largest of the axis?
bool at_edge(const SweepAxis& axis, const std::string& value, bool& largest) {
  const std::vector<double> numbers = numbers_of(axis);
  if (axis.drawn || numbers.size() < 2) return false;
  const auto place = std::find(axis.values.begin(), axis.values.end(), value) - axis.values.begin();
  const double number = numbers[static_cast<std::size_t>(place)];
  largest = number == *std::max_element(numbers.begin(), numbers.end());
  return largest || number == *std::min_element(numbers.begin(), numbers.end());
}

}  // namespace

bool SweepRow::better_than(const SweepRow& other) const {
  const int lacks = diverged + failed + open, others = other.diverged + other.failed + other.open;
  if (lacks != others) return lacks < others;
  return loss.count != other.loss.count ? loss.count > other.loss.count : loss.mean < other.loss.mean;
}

int map_axis(const SweepPlan& plan) {
  int first = -1;
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    const SweepAxis& axis = plan.axes[a];
    if (axis.drawn || numbers_of(axis).size() < 2) continue;
    if (axis.key == "optimizer.lr") return static_cast<int>(a);
    if (first < 0) first = static_cast<int>(a);
  }
  return first;
}

std::vector<SweepEdge> edges_of(const Sweep& sweep, const SweepRow& row) {
  std::vector<SweepEdge> edges;
  for (std::size_t a = 0; a < row.values.size(); ++a) {
    bool largest = false;
    if (at_edge(sweep.plan.axes[a], row.values[a], largest))
      edges.push_back({row.method.word, sweep.plan.axes[a].key, row.values[a], largest});
  }
  return edges;
}

SweepSummary summarise(const Sweep& sweep) {
  SweepSummary summary;
  for (std::size_t first = 0; first < sweep.jobs.size(); first += sweep.plan.seeds.size())
    summary.rows.push_back(row_of(sweep, first));
  std::vector<Method> methods;
  for (const SweepRow& row : summary.rows) {
    summary.done += row.done;
    summary.diverged += row.diverged;
    summary.failed += row.failed;
    summary.open += row.open;
    if (std::find(methods.begin(), methods.end(), row.method) == methods.end()) methods.push_back(row.method);
  }
  for (const Method& method : methods) {
    std::size_t best = summary.rows.size();
    for (std::size_t i = 0; i < summary.rows.size(); ++i)
      if (summary.rows[i].method == method && summary.rows[i].loss.count > 0 &&
          (best == summary.rows.size() || summary.rows[i].better_than(summary.rows[best])))
        best = i;
    if (best == summary.rows.size()) continue;
    summary.best.push_back(best);
    for (const SweepEdge& edge : edges_of(sweep, summary.rows[best])) summary.edges.push_back(edge);
  }
  std::vector<AmountOfData> amounts;
  for (const SweepRow& row : summary.rows) amounts.push_back(row.data);
  if (const std::string warning = unequal_amounts(amounts); !warning.empty()) summary.warnings.push_back(warning);
  if (methods.size() > 1) {
    std::vector<NamedConfig> named;
    for (const Method& method : methods) {
      const auto first = std::find_if(summary.rows.begin(), summary.rows.end(),
                                      [&](const SweepRow& row) { return row.method == method; });
      named.push_back({method.word, sweep.plan.at(first->values)});
    }
    for (const std::string& sentence : coinciding_rules(named)) summary.warnings.push_back(sentence);
  }
  return summary;
}

}  // namespace chronograd
