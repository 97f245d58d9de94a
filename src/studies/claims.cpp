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

/// The rules' numbers, group by group.
Verdict compared(const Claim& claim, const std::string& name, const std::function<double(const std::string&)>& of) {
  Verdict verdict{true, name + ":"};
  const bool ordered = claim.kind == Claim::Kind::order;
  double least = infinity, largest = -infinity;  // of the groups before (order), of all (similar)
  for (std::size_t g = 0; g < claim.rules.size(); ++g) {
    double group_largest = -infinity;
    verdict.measured += g == 0 ? " " : (ordered ? " < " : ", ");
    for (std::size_t r = 0; r < claim.rules[g].size(); ++r) {
      const double number = of(claim.rules[g][r]);
      verdict.measured += (r > 0 ? ", " : "") + digits(number);
      if (ordered && g > 0) verdict.holds = verdict.holds && claim.value * largest + claim.tolerance < number;
      if (std::isnan(number)) verdict.holds = false;
      least = std::min(least, number);
      group_largest = std::max(group_largest, number);
    }
    largest = std::max(largest, group_largest);
  }
  const bool margin = claim.tolerance != 0;
  if (!ordered)
    verdict.holds =
        verdict.holds && std::isfinite(largest) && largest <= (margin ? least + claim.tolerance : claim.value * least);
  if (margin)
    verdict.measured += std::string(ordered ? ", asked for steps of more than " : ", asked for at most ") +
                        digits(claim.tolerance) + (ordered ? "" : " between them");
  else if (!ordered || claim.value != 1)
    verdict.measured +=
        std::string(", asked for a factor of at ") + (ordered ? "least " : "most ") + digits(claim.value);
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
  if (!claim.of_seeds)
    return compared(claim, "median " + claim.measure.text,
                    [&](const std::string& rule) { return median(values_of(claim, comparison, rule)); });
  std::size_t seeds = std::numeric_limits<std::size_t>::max();
  for (const auto& group : claim.rules)
    for (const std::string& rule : group) seeds = std::min(seeds, values_of(claim, comparison, rule).size());
  Verdict all{seeds > 0, seeds > 0 ? "" : claim.measure.text + " was not measured"};
  for (std::size_t s = 0; s < seeds; ++s) {
    const Verdict one = compared(claim, claim.measure.text,
                                 [&](const std::string& rule) { return values_of(claim, comparison, rule)[s]; });
    all.holds = all.holds && one.holds;
    all.measured += (s > 0 ? "; " : "") + one.measured;
  }
  return all;
}

}  // namespace chronograd
