// SPDX-License-Identifier: Apache-2.0
// What a rule costs, what it buys, and which settings were tried.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "figures/numbers.hpp"
#include "report/figures.hpp"

namespace chronograd {
namespace {

BarFigure bars(const Groups& groups, const std::string& title, const Axis& axis, double RunGroup::*member,
               std::string (*text)(double)) {
  BarFigure figure;
  figure.title = title;
  figure.x = axis;
  double least = INFINITY, most = 0;
  for (const RunGroup& group : groups) {
    const double value = group.*member;
    if (!std::isfinite(value)) continue;
    if (value > 0) least = std::min(least, value);
    most = std::max(most, value);
    figure.bars.push_back({group.label, group.look, value, text(value)});
  }
  figure.x.log = most > 30 * least;
  return figure;
}

Axis time_axis(const Groups& groups, bool log) {
  return {groups.front().runs.front()->is_net() ? "time a sample" : "time a step and stream", "µs", log};
}

/// The mark that comes so many places later.
Mark mark_after(Mark mark, std::size_t places) {
  constexpr std::array marks = {Mark::square, Mark::circle, Mark::diamond, Mark::triangle, Mark::wedge};
  const auto at = static_cast<std::size_t>(std::find(marks.begin(), marks.end(), mark) - marks.begin());
  return marks[(at + places) % marks.size()];
}

/// One point a group, with the interval of its loss.
LineFigure scatter(const Groups& groups, const Axis& x, double RunGroup::*member) {
  LineFigure figure;
  std::map<std::string, std::size_t> alike;  // points of a rule so far
  figure.x = x;
  figure.y = {"final loss", loss_unit(*groups.front().runs.front()), false};
  for (const RunGroup& group : groups) {
    if (!std::isfinite(group.*member) || !std::isfinite(group.loss.mean)) continue;
    Series point;
    point.label = group.label;
    point.look = group.look;
    point.look.dash.clear();
    point.look.mark = mark_after(group.look.mark, alike[group.rule]++);  // points have no dashes to tell them by
    point.line = false;
    point.x = {group.*member};
    point.y = {group.loss.mean};
    if (std::isfinite(group.loss.half_width)) {
      point.low = {std::max(0.0, group.loss.mean - group.loss.half_width)};  // no loss is negative
      point.high = {group.loss.mean + group.loss.half_width};
    }
    figure.series.push_back(point);
  }
  return figure;
}

/// A stair along the points that no other one is left of and below: more time is worth it only where it comes lower.
Series front_of(const std::vector<Series>& points) {
  std::vector<std::pair<double, double>> all;
  for (const Series& point : points) all.emplace_back(point.x[0], point.y[0]);
  std::sort(all.begin(), all.end());
  Series front;
  front.label = "front";
  front.look = quiet_look();
  double lowest = INFINITY;
  for (const auto& [x, y] : all) {
    if (y >= lowest) continue;
    if (!front.x.empty()) {  // up to here the cheaper one is the best
      front.x.push_back(x);
      front.y.push_back(lowest);
    }
    front.x.push_back(x);
    front.y.push_back(y);
    lowest = y;
  }
  return front;
}

/// Groups of one rule that differ in nothing but `key` and their value of it: where in the map they go.
struct MapRow {
  std::string name;
  std::vector<const RunGroup*> groups;
};

std::vector<MapRow> map_rows(const Groups& groups, const std::string& key) {
  std::vector<MapRow> rows;
  for (const RunGroup& group : groups) {
    const std::string name = label_without(group, key);
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const MapRow& row) { return row.name == name; });
    if (same == rows.end())
      rows.push_back({name, {&group}});
    else
      same->groups.push_back(&group);
  }
  return rows;
}

const RunGroup* best_in(const MapRow& row) {
  const RunGroup* best = nullptr;
  for (const RunGroup* group : row.groups) {
    if (!std::isfinite(group->loss.mean)) continue;
    if (best == nullptr || is_better(*group, *best)) best = group;
  }
  return best;
}

}  // namespace

std::vector<BarFigure> cost_bars(const Groups& groups) {
  std::vector<BarFigure> figures;
  const BarFigure time = bars(groups, "Training time", time_axis(groups, false), &RunGroup::us_per_step,
                              [](double v) { return readable(v); });
  const bool net = groups.front().runs.front()->is_net();
  const BarFigure memory = bars(groups, net ? "Memory of the interfaces" : "Memory of the rule",
                                {net ? "what the interfaces keep" : "what the rule keeps, all streams", "bytes", false},
                                &RunGroup::rule_bytes, bytes_text);
  for (const BarFigure& figure : {time, memory})
    if (!figure.bars.empty()) figures.push_back(figure);
  return figures;
}

std::vector<LineFigure> pareto_figures(const Groups& groups) {
  std::vector<LineFigure> figures;
  LineFigure time = scatter(groups, time_axis(groups, true), &RunGroup::us_per_step);
  time.title = "Final loss against cost";
  if (time.series.size() > 1) {
    time.series.push_back(front_of(time.series));
    figures.push_back(time);
  }
  LineFigure cosine = scatter(groups, {"mean cosine with the exact gradient", "", false}, &RunGroup::cosine);
  cosine.title = "Final loss against alignment";
  if (cosine.series.size() > 1) figures.push_back(cosine);
  return figures;
}

std::vector<HeatFigure> sweep_maps(const Groups& groups) {
  const std::string key = swept_setting(groups);
  const std::vector<std::string> values = key.empty() ? std::vector<std::string>() : values_of(groups, key);
  if (values.size() < 2) return {};
  const std::vector<MapRow> rows = map_rows(groups, key);
  HeatFigure figure;
  figure.title = "Final loss by rule and " + key;
  figure.x = {key, "", false};
  figure.y = {"rule", "", false};
  figure.value = {"final loss", loss_unit(*groups.front().runs.front()), false};
  figure.rows = rows.size();
  figure.columns = values.size();
  figure.values.assign(figure.rows * figure.columns, NAN);
  figure.numbers = true;
  for (const std::string& value : values) figure.column_names.push_back(short_setting(value));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    figure.row_names.push_back(rows[r].name);
    const RunGroup* best = best_in(rows[r]);
    for (const RunGroup* group : rows[r].groups) {
      const auto column = static_cast<std::size_t>(
          std::find(values.begin(), values.end(), group->runs.front()->setting(key)) - values.begin());
      figure.values[r * figure.columns + column] = group->loss.mean;
      if (group == best) figure.marked.push_back({r, column});
    }
  }
  return {figure};
}

std::vector<std::string> sweep_edges(const Groups& groups) {
  std::vector<std::string> edges;
  const std::string key = swept_setting(groups);
  if (key.empty()) return edges;
  for (const MapRow& row : map_rows(groups, key)) {
    const RunGroup* best = best_in(row);
    Groups members;
    for (const RunGroup* group : row.groups) members.push_back(*group);
    const std::vector<std::string> values = values_of(members, key);
    if (best == nullptr || values.size() < 3 || !is_number(values.front())) continue;
    const std::string value = best->runs.front()->setting(key);
    if (value == values.front() || value == values.back())
      edges.push_back(row.name + ": the best " + key + " is " + short_setting(value) + ", the " +
                      (value == values.front() ? "smallest" : "largest") +
                      " that was tried. A better one may lie beyond.");
  }
  return edges;
}

}  // namespace chronograd
