// SPDX-License-Identifier: Apache-2.0
// What is measured of a run, and whether it is what was claimed.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

#include "chronograd/error.hpp"
#include "figures/statistics.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Six digits are enough to see what a claim is about.
std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// `name[3]`: the name and the number, if the text is of this kind.
bool split(const std::string& text, std::string& name, std::size_t& number) {
  const std::size_t at = text.find('[');
  if (at == std::string::npos || at == 0 || text.back() != ']') return false;
  const char *first = text.data() + at + 1, *last = text.data() + text.size() - 1;
  const auto [end, failed] = std::from_chars(first, last, number);
  name = text.substr(0, at);
  return failed == std::errc() && end == last;
}

std::vector<double> values_of(const Claim& claim, const Comparison& comparison, const std::string& rule) {
  std::vector<double> values;
  for (const ComparisonRow& row : comparison.rows)
    if (row.method.word == rule)
      for (const RunResult& run : row.runs) values.push_back(claim.measure.of(run));
  return values;
}

/// A test of each value by itself.
Verdict each(const Claim& claim, const Comparison& comparison, const std::string& asked,
             const std::function<bool(double)>& test) {
  std::vector<double> values;
  for (const std::string& rule : claim.rules[0])
    for (double value : values_of(claim, comparison, rule)) values.push_back(value);
  Verdict verdict{!values.empty(), ""};
  double least = infinity, largest = -infinity;
  for (double value : values) {
    verdict.holds = verdict.holds && test(value);
    least = std::min(least, value);
    largest = std::max(largest, value);
  }
  verdict.measured = claim.measure.text +
                     (least > largest ? " was not measured"
                                      : " = " + digits(least) + (least == largest ? "" : " ... " + digits(largest))) +
                     ", asked for " + asked;
  return verdict;
}

}  // namespace

Measure measure_of(const std::string& where, const std::string& text) {
  std::string name;
  std::size_t index = 0;
  if (text != "loss" && text != "accuracy" && text != "level" && !split(text, name, index))
    throw Error(
        Exit::usage, where,
        "got the measure " + text + ", allowed are loss, accuracy, level, and an element of a parameter, W_in[0].");
  return {text};
}

double Measure::of(const RunResult& run) const {
  if (run.status == RunResult::Status::diverged) return infinity;
  std::string name;
  std::size_t index = 0;
  if (split(text, name, index)) {
    const auto found = run.parameters.find(name);
    return found == run.parameters.end() || index >= found->second.size() ? not_measured : found->second.at(index);
  }
  const Score& score = run.score();
  if (text == "loss") return score.loss;
  if (text == "accuracy") return score.accuracy;
  return run.level > 0 ? static_cast<double>(run.level) : not_measured;
}

Verdict judge(const Claim& claim, const Comparison& comparison) {
  const double value = claim.value, tolerance = claim.tolerance;
  switch (claim.kind) {
    case Claim::Kind::near:
      return each(claim, comparison, digits(value) + " within " + digits(tolerance),
                  [&](double x) { return std::fabs(x - value) <= tolerance; });
    case Claim::Kind::apart:
      return each(claim, comparison, "more than " + digits(tolerance) + " from " + digits(value),
                  [&](double x) { return std::fabs(x - value) > tolerance; });
    case Claim::Kind::below:
      return each(claim, comparison, "less than " + digits(value), [&](double x) { return x < value; });
    case Claim::Kind::above:
      return each(claim, comparison, "more than " + digits(value), [&](double x) { return x > value; });
    default:
      break;
  }
  // Medians over the seeds, group by group.
  Verdict verdict{true, "median " + claim.measure.text + ":"};
  const bool ordered = claim.kind == Claim::Kind::order;
  double least = infinity, largest = -infinity;  // of the groups before (order), of all (similar)
  for (std::size_t g = 0; g < claim.rules.size(); ++g) {
    double group_largest = -infinity;
    verdict.measured += g == 0 ? " " : (ordered ? " < " : ", ");
    for (std::size_t r = 0; r < claim.rules[g].size(); ++r) {
      const double middle = median(values_of(claim, comparison, claim.rules[g][r]));
      verdict.measured += (r > 0 ? ", " : "") + digits(middle);
      if (ordered && g > 0) verdict.holds = verdict.holds && value * largest < middle;
      if (std::isnan(middle)) verdict.holds = false;
      least = std::min(least, middle);
      group_largest = std::max(group_largest, middle);
    }
    largest = std::max(largest, group_largest);
  }
  if (!ordered) verdict.holds = verdict.holds && std::isfinite(largest) && largest <= value * least;
  if (!ordered || value != 1)
    verdict.measured += std::string(", asked for a factor of at ") + (ordered ? "least " : "most ") + digits(value);
  return verdict;
}

}  // namespace chronograd
