// SPDX-License-Identifier: Apache-2.0
// Whether what was measured of runs is what was claimed.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

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

std::vector<double> values_of(const Claim& claim, const Comparison& comparison, const std::string& rule) {
  std::vector<double> values;
  for (const ComparisonRow& row : comparison.rows)
    if (row.method.word == rule)
      for (const RunResult& run : row.runs) values.push_back(claim.measure.of(run));
  return values;
}

/// A test of each value by itself, or of each rule's median.
Verdict each(const Claim& claim, const Comparison& comparison, const std::string& asked,
             const std::function<bool(double)>& test) {
  std::vector<double> values;
  for (const std::string& rule : claim.rules[0]) {
    const std::vector<double> own = values_of(claim, comparison, rule);
    if (claim.of_median && !own.empty())
      values.push_back(median(own));
    else
      values.insert(values.end(), own.begin(), own.end());
  }
  Verdict verdict{!values.empty(), ""};
  double least = infinity, largest = -infinity;
  for (double value : values) {
    verdict.holds = verdict.holds && test(value);
    least = std::min(least, value);
    largest = std::max(largest, value);
  }
  verdict.measured = (claim.of_median ? "median " : "") + claim.measure.text +
                     (least > largest ? " was not measured"
                                      : " = " + digits(least) + (least == largest ? "" : " ... " + digits(largest))) +
                     ", asked for " + asked;
  return verdict;
}

}  // namespace

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
