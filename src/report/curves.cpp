// SPDX-License-Identifier: Apache-2.0
// Figures against time: loss, accuracy, alignment, angles.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "chronograd/run_result.hpp"
#include "figures/numbers.hpp"
#include "report/figures.hpp"

namespace chronograd {
namespace {

bool any_finite(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// Fields of the lines that begin so, in the order of their names. `empty`: also those without any number.
std::vector<std::string> fields_with(const Groups& groups, const std::string& prefix, bool empty = false) {
  std::set<std::string> fields;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all())
      for (const auto& [field, column] : run->lines)
        if (field.starts_with(prefix) && (empty || any_finite(column))) fields.insert(field);
  return {fields.begin(), fields.end()};
}

/// What a field can be: a band that leaves it would show what cannot be.
struct Bounds {
  double least = -INFINITY, most = INFINITY;
};

Bounds bounds_of(const std::string& field) {
  const auto has = [&](const char* word) { return field.find(word) != std::string::npos; };
  if (has("cosine")) return {-1, 1};
  if (has("accuracy") || has("firing_rate")) return {0, 1};
  if (has("feedback_angle")) return {0, 180};
  if (has("loss") || has("norm_ratio")) return {0, INFINITY};
  return {};
}

/// Mean and estimate; of the logarithms where `log`, so that nothing falls below 0. One value has no estimate.
Estimate mean_of(std::vector<double> values, bool log, const Bounds& bounds, double& low, double& high) {
  if (values.size() == 1) return estimate_of(values);
  if (log)
    for (double& value : values) value = std::log(value);
  Estimate estimate = estimate_of(values);
  low = estimate.mean - estimate.half_width;
  high = estimate.mean + estimate.half_width;
  if (log)
    for (double* value : {&estimate.mean, &low, &high}) *value = std::exp(*value);
  low = std::max(low, bounds.least);
  high = std::min(high, bounds.most);
  return estimate;
}

Series mean_curve(const RunGroup& group, const std::vector<const RunRecord*>& runs, const std::string& field,
                  bool log) {
  std::map<double, std::vector<double>> at;
  for (const RunRecord* run : runs) {
    const std::vector<double>&steps = run->line("steps"), &values = run->line(field);
    if (run->diverged()) continue;
    for (std::size_t i = 0; i < std::min(steps.size(), values.size()); ++i)
      if (std::isfinite(values[i]) && (!log || values[i] > 0)) at[steps[i]].push_back(values[i]);
  }
  Series series;
  series.label = group.label;
  series.look = group.look;
  const Bounds bounds = bounds_of(field);
  bool banded = false;
  for (const auto& [x, values] : at) {
    double low = NAN, high = NAN;
    const Estimate estimate = mean_of(values, log, bounds, low, high);
    series.x.push_back(x);
    series.y.push_back(estimate.mean);
    series.low.push_back(low);
    series.high.push_back(high);
    banded = banded || estimate.count > 1;
  }
  if (!banded) {
    series.low.clear();
    series.high.clear();
  }
  series.marks = series.x.size() == 1;
  return series;
}

/// The last step of a run that lies within so many steps of data of all its streams.
double end_within(const RunRecord& run, double budget) {
  const double share = budget / run.number("stream_steps");
  return share < 1 ? share * run.number("steps") : INFINITY;
}

/// Leaves out what lies beyond; the first point stays.
template <class Line>
void cut(Line& line, double end) {
  std::size_t keep = 0;
  while (keep < line.x.size() && (keep == 0 || line.x[keep] <= end)) ++keep;
  line.x.resize(keep);
  line.y.resize(keep);
  if constexpr (requires { line.low; })
    for (auto* values : {&line.low, &line.high})
      if (!values->empty()) values->resize(keep);
}

/// How many reports of a group have no number of a field, and why.
struct Missing {
  std::size_t reports = 0;
  std::map<std::string, std::size_t> overflowed;  ///< by the rule whose gradient did, left out of means
  std::size_t none = 0;                           ///< no number, and none of these
  std::size_t below = 0;                          ///< not positive
};

/// The rule at the end of the names of alignments, and the one before it.
std::vector<std::string> rules_in(const std::string& field) {
  if (field.find("cosine/") == std::string::npos && field.find("norm_ratio/") == std::string::npos) return {};
  const std::size_t last = field.rfind('/'), before = field.rfind('/', last - 1);
  const bool pair = field.starts_with("alignment/");
  return {field.substr(last + 1), pair ? field.substr(before + 1, last - before - 1) : std::string(trained_rule)};
}

Missing missing_in(const std::vector<const RunRecord*>& runs, const std::string& field, bool log) {
  Missing missing;
  for (const RunRecord* run : runs) {
    const std::vector<double>& values = run->line(field);
    const auto nulls = run->nulls.find(field);
    std::set<std::size_t> none;
    if (nulls != run->nulls.end()) none.insert(nulls->second.begin(), nulls->second.end());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i]) && !none.contains(i)) continue;  // nothing was reported
      const std::vector<std::string> rules = rules_in(field);
      bool overflowed = false;
      for (const std::string& rule : rules) {
        const std::vector<double>& counts = run->line("overflowed/" + rule);
        if (i >= counts.size() || !(counts[i] > 0)) continue;
        ++missing.overflowed[rule];
        overflowed = true;
      }
      // Between two reports watched rules may not have been looked at.
      if (!rules.empty() && none.contains(i) && !overflowed) continue;
      ++missing.reports;
      missing.none += none.contains(i) && !overflowed && !run->diverged();
      missing.below += log && values[i] <= 0;
    }
  }
  return missing;
}

void add_notes(LineFigure& figure, const RunGroup& group, const Missing& missing) {
  const auto count = [&](std::size_t some) {
    return std::to_string(some) + " of " + std::to_string(missing.reports) + " reports";
  };
  for (const auto& [rule, some] : missing.overflowed)
    figure.notes.push_back(group.label + ": " +
                           (rule == trained_rule ? "its own gradient" : "the gradient of " + rule) + " overflowed in " +
                           count(some) + "; what overflowed is left out.");
  if (missing.none > 0)
    figure.notes.push_back(group.label + ": no number in " + count(missing.none) + " (not measured or not finite).");
  if (missing.below > 0)
    figure.notes.push_back(group.label + ": 0 in " + count(missing.below) +
                           ", which a logarithmic axis does not show.");
}

/// The step of a stream at which so many updates had been made; NaN where no line tells it.
double step_of(const RunRecord& run, double updates) {
  const std::vector<double>&made = run.line("update"), &steps = run.line("steps");
  for (std::size_t i = 0; i < std::min(made.size(), steps.size()); ++i)
    if (made[i] >= updates && made[i] > 0) return steps[i] * updates / made[i];
  return NAN;
}

/// When runs lost something: their synthesiser's output or its learning.
void add_lesions(LineFigure& figure, const RunGroup& group) {
  for (const auto& [key, text] :
       {std::pair("rule.ablate_at", "output ablated"), {"rule.freeze_at", "learning frozen"}}) {
    const RunRecord& run = *group.runs.front();
    if (run.setting(key).empty()) continue;
    const double x = step_of(run, std::atof(run.setting(key).c_str()));
    const auto same = [x, &label = text](const Moment& moment) { return moment.x == x && moment.label == label; };
    if (std::isfinite(x) && std::none_of(figure.moments.begin(), figure.moments.end(), same))
      figure.moments.push_back({text, x});
  }
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

LineFigure curves_of(const Groups& groups, const std::string& field, bool watched, const Axis& y) {
  LineFigure figure;
  const bool nets = groups.front().runs.front()->is_net();
  figure.x = {nets ? "updates" : "time steps of a stream", "", false};
  figure.y = y;
  const Budgets budgets = budgets_of(groups);
  const double budget = budgets.unequal() ? budgets.least : INFINITY;
  bool is_cut = false;
  for (const RunGroup& group : groups) {
    std::vector<const RunRecord*> runs;
    const std::vector<const RunRecord*> all = watched ? group.all() : group.runs;
    for (const RunRecord* run : all)
      if (any_finite(run->line(field)) || run->diverged()) runs.push_back(run);
    double end = 0;
    for (const RunRecord* run : runs) {
      const double own_end = end_within(*run, budget);
      end = std::max(end, own_end);
      const std::vector<double>& values = run->line(field);
      if (!any_finite(values) || (runs.size() == 1 && !run->diverged())) continue;
      figure.threads.push_back(
          {group.label + ", seed " + run->setting("seed"), group.look, run->line("steps"), values, run->diverged()});
      cut(figure.threads.back(), own_end);
    }
    Series series = mean_curve(group, runs, field, y.log);
    const std::size_t before = series.x.size();
    cut(series, end);
    is_cut = is_cut || series.x.size() < before;
    const bool only_diverged = group.diverged > 0 && series.x.empty();
    if (only_diverged) series.label += " (diverged)";
    if (!series.x.empty() || (only_diverged && !watched)) figure.series.push_back(series);
    add_notes(figure, group, missing_in(all, field, y.log));
    add_lesions(figure, group);
  }
  if (is_cut)
    figure.notes.push_back("Drawn to " + spaced_count(budgets.least) + " steps of data, the budget that all have; " +
                           budgets.most_label + " saw " + spaced_count(budgets.most) + ".");
  return figure;
}

std::vector<LineFigure> learning_curves(const Groups& groups) {
  struct Curve {
    const char* field;
    const char* title;
    const char* label;
    enum Of { losses, shares, rates } of;
  };
  constexpr Curve curves[] = {{"loss", "Training loss", "training loss", Curve::losses},
                              {"validation/loss", "Validation loss", "validation loss", Curve::losses},
                              {"test/loss", "Test loss", "test loss", Curve::losses},
                              {"accuracy", "Training accuracy", "training accuracy", Curve::shares},
                              {"validation/accuracy", "Validation accuracy", "validation accuracy", Curve::shares},
                              {"test/accuracy", "Test accuracy", "test accuracy", Curve::shares},
                              {"firing_rate", "Firing rate while it learns", "spikes a unit and step", Curve::rates}};
  std::vector<LineFigure> figures;
  for (const Curve& curve : curves) {
    const RunRecord& run = *groups.front().runs.front();
    LineFigure figure =
        curves_of(groups, curve.field, false, {curve.label, curve.of == Curve::losses ? loss_unit(run) : "", false});
    if (figure.series.empty() && figure.threads.empty()) continue;
    bool some = false;
    for (const Series& series : figure.series) some = some || !series.x.empty();
    if (!some && figure.threads.empty()) continue;
    figure.title = curve.title;
    if (const auto target = run.rate_target(); curve.of == Curve::rates && target)
      figure.levels.push_back({"target", *target});
    if (curve.of == Curve::losses)
      for (const auto& [name, value] : run.summary)
        if (name.starts_with("references/")) figure.levels.push_back({name.substr(11), value});
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> alignment_curves(const Groups& groups) {
  std::vector<LineFigure> figures;
  for (const std::string& field : fields_with(groups, "cosine/", true)) {
    LineFigure figure = curves_of(groups, field, true, {"cosine", "", false});
    figure.title = "Cosine with the gradient of " + what_of(field);
    figure.levels = {{"same direction", 1}, {"no relation", 0}};
    figures.push_back(figure);
  }
  for (const std::string& field : fields_with(groups, "norm_ratio/", true)) {
    LineFigure figure = curves_of(groups, field, true, {"ratio of norms", "", true});
    figure.title = "Norm against that of " + what_of(field);
    figure.levels = {{"same norm", 1}};
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> parameter_alignment_curves(const Groups& groups) {
  const std::string prefix = "alignment/cosine/";
  std::vector<LineFigure> figures;
  for (const std::string& field : fields_with(groups, prefix, true)) {
    // alignment/cosine/PARAMETER/RULE/RULE
    const std::size_t first = field.find('/', prefix.size()), second = field.find('/', first + 1);
    const std::string parameter = field.substr(prefix.size(), first - prefix.size());
    if (parameter == "cell" || field.substr(first + 1, second - first - 1) != trained_rule) continue;
    LineFigure figure = curves_of(groups, field, true, {"cosine", "", false});
    figure.title = parameter + ": cosine with the gradient of " + field.substr(second + 1);
    figure.levels = {{"same direction", 1}, {"no relation", 0}};
    figures.push_back(figure);
  }
  return figures;
}

std::vector<LineFigure> feedback_angles(const Groups& groups) {
  if (fields_with(groups, "feedback_angle").empty()) return {};
  LineFigure figure = curves_of(groups, "feedback_angle", false, {"angle", "°", false});
  figure.title = "Angle between W_out and the feedback matrix";
  figure.levels = {{"no relation", 90}};
  return {figure};
}

std::vector<LineFigure> further_curves(const Groups& groups) {
  std::vector<LineFigure> figures;
  for (const std::string& field : fields_with(groups, "")) {
    const std::string family = field.substr(0, field.find('/'));
    if (family == field || family == "test" || family == "validation" || family == "alignment" || family == "cosine" ||
        family == "norm_ratio" || family == "overflowed" || family == "interfaces")
      continue;
    LineFigure figure = curves_of(groups, field, true, {family, "", false});
    figure.title = family + ": " + what_of(field);
    figures.push_back(figure);
  }
  return figures;
}

}  // namespace chronograd
