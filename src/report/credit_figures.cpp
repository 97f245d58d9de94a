// SPDX-License-Identifier: Apache-2.0
// Who is charged for which loss: triangles of uses and losses, one a rule, and how much of it is exact.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/json_value.hpp"
#include "chronograd/run_result.hpp"
#include "report/figures.hpp"

namespace chronograd {
namespace {

constexpr double least_credit = 1e-4;  ///< of the largest: what is less has the darkest colour
constexpr double least_share = 0.05;   ///< of the largest mean credit: a share of less says nothing beside the noise

bool is_square(const Arrays& arrays, const std::string& name) {
  const auto found = arrays.find(name);
  return found != arrays.end() && found->second.shape.size() == 2 && found->second.shape[0] > 0 &&
         found->second.shape[0] == found->second.shape[1] &&
         found->second.size() == found->second.shape[0] * found->second.shape[0];
}

/// What one run recorded, and in which order its rules stand.
struct RunCredit {
  const RunGroup& group;
  Arrays arrays;
  std::vector<std::string> rules;  ///< exact, trained, watched ones as they were written

  std::size_t steps() const { return arrays.at("map/exact/cell").shape[0]; }
  /// [steps][steps], or nothing.
  std::vector<double> map_of(const std::string& rule, const std::string& parameters) const {
    return numbers("map/" + rule + "/" + parameters, steps() * steps());
  }
  /// [steps], or nothing.
  std::vector<double> guess_of(const std::string& rule, const std::string& parameters) const {
    return numbers("guess/" + rule + "/" + parameters, steps());
  }
  std::vector<double> share_of(const std::string& rule) const { return numbers("share/" + rule, steps()); }
  /// Up to which distance of use and loss there is exact credit to have a share of.
  std::size_t reach() const {
    const std::vector<double> exact = map_of("exact", "cell");
    std::vector<double> mean(steps());
    for (std::size_t s = 0; s < steps(); ++s)
      for (std::size_t t = s; t < steps(); ++t)
        mean[t - s] += exact[s * steps() + t] / static_cast<double>(steps() - t + s);
    const double largest = *std::max_element(mean.begin(), mean.end());
    const auto last = std::find_if(mean.rbegin(), mean.rend(),
                                   [&](double value) { return value > 0 && value >= least_share * largest; });
    return static_cast<std::size_t>(mean.rend() - last);
  }
  std::string label(const std::string& rule) const { return rule == trained_rule ? group.label + " (learns)" : rule; }
  /// All parameters together first.
  std::vector<std::string> parameters() const {
    const std::string prefix = "map/exact/";
    std::vector<std::string> names = {"cell"};
    for (auto found = arrays.lower_bound(prefix); found != arrays.end() && found->first.starts_with(prefix); ++found)
      if (found->first != prefix + "cell") names.push_back(found->first.substr(prefix.size()));
    return names;
  }
  /// Not exact, by what it charges.
  bool differs(const std::string& rule) const {
    const std::vector<double> exact = map_of("exact", "cell"), own = map_of(rule, "cell");
    const double largest = *std::max_element(exact.begin(), exact.end());
    for (std::size_t i = 0; i < exact.size(); ++i)
      if (!(std::fabs(own[i] - exact[i]) <= 1e-9 * largest)) return true;
    return !guess_of(rule, "cell").empty();
  }

 private:
  std::vector<double> numbers(const std::string& name, std::size_t size) const {
    const auto found = arrays.find(name);
    std::vector<double> values;
    for (std::size_t i = 0; found != arrays.end() && found->second.size() == size && i < size; ++i)
      values.push_back(found->second.at(i));
    return values;
  }
};

std::vector<RunCredit> credit_of(const Groups& groups) {
  std::vector<RunCredit> found;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all()) {
      std::optional<Arrays> arrays = run->arrays("credit.npz");
      if (!arrays || !is_square(*arrays, "map/exact/cell")) continue;
      RunCredit credit{group, std::move(*arrays), {"exact"}};
      std::vector<std::string> names = {trained_rule};
      if (const Json watched = Json::read(run->setting("watch.rules")); watched.is_array())
        for (const Json& rule : watched)
          if (rule.is_string()) names.push_back(rule.get<std::string>());
      for (const std::string& name : names)
        if (!credit.map_of(name, "cell").empty()) credit.rules.push_back(name);
      found.push_back(std::move(credit));
      break;
    }
  return found;
}

/// What the darkest colour stands for is as little as can be told apart.
void raise_to(std::vector<double>& values, double least) {
  for (double& value : values)
    if (value > 0) value = std::max(value, least);
}

TriangleFigure triangle_of(const RunCredit& credit, const std::string& parameters) {
  TriangleFigure figure;
  figure.title = (parameters == "cell" ? std::string("Who is charged for which loss, after ")
                                       : "Who is charged in " + parameters + ", after ") +
                 credit.group.label + " has learned";
  figure.x = {"t: step of loss", "", false};
  figure.y = {"s: step of use", "", false};
  figure.value = {"|dL_t/dθ_s|", "", true};
  figure.steps = credit.steps();
  std::string as_exact;
  double largest = 0;
  bool guesses = false, overflowed = false;
  for (const std::string& rule : credit.rules) {
    if (rule != "exact" && !credit.differs(rule)) {
      as_exact += (as_exact.empty() ? "" : ", ") + credit.label(rule);
      continue;
    }
    TriangleFigure::Panel panel{rule == "exact" ? "exact credit" : credit.label(rule), credit.map_of(rule, parameters),
                                credit.guess_of(rule, parameters)};
    if (panel.values.empty()) continue;
    for (const double value : panel.values) largest = std::fmax(largest, std::isfinite(value) ? value : 0);
    guesses = guesses || !panel.beside.empty();
    overflowed = overflowed || std::any_of(panel.values.begin(), panel.values.end(),
                                           [](double value) { return !std::isfinite(value); });
    figure.panels.push_back(std::move(panel));
  }
  for (TriangleFigure::Panel& panel : figure.panels) {
    raise_to(panel.values, least_credit * largest);
    raise_to(panel.beside, least_credit * largest);
  }
  if (!as_exact.empty()) figure.notes.push_back("The same as exact credit: " + as_exact + ".");
  if (guesses) figure.notes.push_back("Column at the right: a guess of all later losses.");
  figure.notes.push_back("Grey: nothing. Darkest: 10⁻⁴ of the largest, or less.");
  if (overflowed) figure.notes.push_back("What overflowed is left out.");
  return figure;
}

}  // namespace

std::vector<TriangleFigure> credit_maps(const Groups& groups) {
  std::vector<TriangleFigure> figures;
  for (const RunCredit& credit : credit_of(groups)) figures.push_back(triangle_of(credit, "cell"));
  return figures;
}

std::vector<TriangleFigure> parameter_credit_maps(const Groups& groups) {
  std::vector<TriangleFigure> figures;
  for (const RunCredit& credit : credit_of(groups))
    for (const std::string& parameters : credit.parameters())
      if (parameters != "cell") figures.push_back(triangle_of(credit, parameters));
  return figures;
}

std::vector<LineFigure> credit_shares(const Groups& groups) {
  std::vector<LineFigure> figures;
  for (const RunCredit& credit : credit_of(groups)) {
    LineFigure figure;
    figure.title = "Share of exact credit, after " + credit.group.label + " has learned";
    figure.x = {"steps between the use of a weight and the loss", "", false};
    figure.y = {"share of exact credit", "", false};
    figure.levels = {{"exact", 1}};
    // snap(n=1) has the colour of snap(n=2), and dashes of its own; so has a rule that learns and looks on.
    std::map<std::string, std::size_t> variants = {{credit.group.look.name, 1}};
    const std::size_t reach = credit.reach();
    for (const std::string& rule : credit.rules) {
      if (!credit.differs(rule)) continue;
      const std::vector<double> share = credit.share_of(rule), own = credit.map_of(rule, "cell");
      if (std::all_of(own.begin(), own.end(), [](double value) { return value == 0; })) {
        figure.notes.push_back(credit.label(rule) + " charges by its guess alone.");
        continue;
      }
      Series series;
      series.label = credit.label(rule);
      const Look look = look_of(rule);
      series.look = rule == trained_rule ? credit.group.look : variant(look, variants[look.name]++);
      for (std::size_t lag = 0; lag < std::min(reach, share.size()); ++lag) {
        series.x.push_back(static_cast<double>(lag));
        series.y.push_back(share[lag]);
      }
      series.marks = reach <= 40;
      figure.series.push_back(series);
    }
    if (reach < credit.steps()) figure.notes.push_back("Drawn as far as exact credit is a twentieth of the largest.");
    figures.push_back(figure);
  }
  return figures;
}

}  // namespace chronograd
