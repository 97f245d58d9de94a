// SPDX-License-Identifier: Apache-2.0
// Figures against time: loss, accuracy, alignment, angles.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/figures.hpp"
#include "training/trainer.hpp"

namespace chronograd {
namespace {

bool any_finite(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// Fields of the lines that begin so, in the order of their names.
std::vector<std::string> fields_with(const Groups& groups, const std::string& prefix) {
  std::set<std::string> fields;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all())
      for (const auto& [field, column] : run->lines)
        if (field.starts_with(prefix) && any_finite(column)) fields.insert(field);
  return {fields.begin(), fields.end()};
}

Series mean_curve(const RunGroup& group, const std::vector<const RunRecord*>& runs, const std::string& field) {
  std::map<double, std::vector<double>> at;
  for (const RunRecord* run : runs) {
    const std::vector<double>&steps = run->line("steps"), &values = run->line(field);
    if (run->diverged()) continue;
    for (std::size_t i = 0; i < std::min(steps.size(), values.size()); ++i)
      if (std::isfinite(values[i])) at[steps[i]].push_back(values[i]);
  }
  Series series;
  series.label = group.label;
  series.look = group.look;
  bool banded = false;
  for (const auto& [x, values] : at) {
    const Interval interval = confidence_interval(values);
    series.x.push_back(x);
    series.y.push_back(interval.mean);
    series.low.push_back(interval.mean - interval.half_width);
    series.high.push_back(interval.mean + interval.half_width);
    banded = banded || interval.count > 1;
  }
  if (!banded) {
    series.low.clear();
    series.high.clear();
  }
  series.marks = series.x.size() == 1;
  return series;
}

/// `cosine/rtrl` is `rtrl`; `other/W_rec/rtrl` is `rtrl, W_rec`.
std::string what_of(const std::string& field) {
  const std::size_t first = field.find('/'), last = field.rfind('/');
  std::string text = field.substr(last + 1);
  if (last > first) text += ", " + field.substr(first + 1, last - first - 1);
  return text;
}

}  // namespace

std::string loss_unit(const RunRecord& run) {
  const std::string loss = run.setting("loss.name");
  return loss == "cross_entropy" || loss == "bce" ? "nats" : "";
}

LineFigure curves_of(const Groups& groups, const std::string& field, bool watched) {
  LineFigure figure;
  figure.x = {"time steps of a stream", "", false};
  for (const RunGroup& group : groups) {
    std::vector<const RunRecord*> runs;
    for (const RunRecord* run : watched ? group.all() : group.runs)
      if (any_finite(run->line(field)) || run->diverged()) runs.push_back(run);
    for (const RunRecord* run : runs) {
      const std::vector<double>& values = run->line(field);
      if (!any_finite(values) || (runs.size() == 1 && !run->diverged())) continue;
      figure.threads.push_back(
          {group.label + ", seed " + run->setting("seed"), group.look, run->line("steps"), values, run->diverged()});
    }
    Series series = mean_curve(group, runs, field);
    const bool only_diverged = group.diverged > 0 && series.x.empty();
    if (only_diverged) series.label += " (diverged)";
    if (!series.x.empty() || (only_diverged && !watched)) figure.series.push_back(series);
  }
  return figure;
}

std::vector<LineFigure> learning_curves(const Groups& groups) {
  struct Curve {
    const char* field;
    const char* title;
    const char* label;
    bool loss;
  };
  constexpr Curve curves[] = {{"loss", "Training loss", "training loss", true},
                              {"test/loss", "Test loss", "test loss", true},
                              {"accuracy", "Training accuracy", "training accuracy", false},
                              {"test/accuracy", "Test accuracy", "test accuracy", false}};
  std::vector<LineFigure> figures;
  for (const Curve& curve : curves) {
    LineFigure figure = curves_of(groups, curve.field, false);
    if (figure.series.empty() && figure.threads.empty()) continue;
    bool some = false;
    for (const Series& series : figure.series) some = some || !series.x.empty();
    if (!some && figure.threads.empty()) continue;
    const RunRecord& run = *groups.front().runs.front();
    figure.title = curve.title;
    figure.y = {curve.label, curve.loss ? loss_unit(run) : "", false};
    if (curve.loss)
      for (const auto& [name, value] : run.summary)
        if (name.starts_with("references/")) figure.levels.push_back({name.substr(11), value});
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> alignment_curves(const Groups& groups) {
  std::vector<LineFigure> figures;
  for (const std::string& field : fields_with(groups, "cosine/")) {
    LineFigure figure = curves_of(groups, field, true);
    figure.title = "Cosine with the gradient of " + what_of(field);
    figure.y = {"cosine", "", false};
    figure.levels = {{"same direction", 1}, {"no relation", 0}};
    figures.push_back(figure);
  }
  for (const std::string& field : fields_with(groups, "norm_ratio/")) {
    LineFigure figure = curves_of(groups, field, true);
    figure.title = "Norm against that of " + what_of(field);
    figure.y = {"ratio of norms", "", true};
    figure.levels = {{"same norm", 1}};
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> parameter_alignment_curves(const Groups& groups) {
  const std::string prefix = "alignment/cosine/";
  std::vector<LineFigure> figures;
  for (const std::string& field : fields_with(groups, prefix)) {
    // alignment/cosine/PARAMETER/RULE/RULE
    const std::size_t first = field.find('/', prefix.size()), second = field.find('/', first + 1);
    const std::string parameter = field.substr(prefix.size(), first - prefix.size());
    if (parameter == "cell" || field.substr(first + 1, second - first - 1) != trained_rule) continue;
    LineFigure figure = curves_of(groups, field, true);
    figure.title = parameter + ": cosine with the gradient of " + field.substr(second + 1);
    figure.y = {"cosine", "", false};
    figure.levels = {{"same direction", 1}, {"no relation", 0}};
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> feedback_angles(const Groups& groups) {
  if (fields_with(groups, "feedback_angle").empty()) return {};
  LineFigure figure = curves_of(groups, "feedback_angle", false);
  figure.title = "Angle between W_out and the feedback matrix";
  figure.y = {"angle", "°", false};
  figure.levels = {{"no relation", 90}};
  return {figure};
}

std::vector<LineFigure> further_curves(const Groups& groups) {
  std::vector<LineFigure> figures;
  for (const std::string& field : fields_with(groups, "")) {
    const std::string family = field.substr(0, field.find('/'));
    if (family == field || family == "test" || family == "alignment" || family == "cosine" || family == "norm_ratio")
      continue;
    LineFigure figure = curves_of(groups, field, true);
    figure.title = family + ": " + what_of(field);
    figure.y = {family, "", false};
    figures.push_back(figure);
  }
  return figures;
}

}  // namespace chronograd
