// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "checking/check.hpp"
#include "checking/law_run.hpp"
#include "files/state_arrays.hpp"

namespace chronograd::checking {
namespace {

using Verdict = Law::Verdict;

constexpr int T = LawProblem::steps, five = 5;
constexpr double rounding = 1e-10;
constexpr const char* rounding_text =
    "rounding: the same numbers are summed in another order, in float64 over at most 24 steps";
constexpr const char* bits_text = "none: the same operations on the same numbers";

/// The larger of two distances; NaN is the largest.
double worse(double a, double b) {
  return std::isnan(a) || a > b ? a : b;
}

class Laws {
 public:
  Laws(const RuleRecord& rule, const LawRequest& request)
      : rule_(rule), problem_(rule, request), observer_(request.observer) {}

  std::vector<Law> all() {
    const bool row = rule_.segments == Segments::row;
    add("segments", "the gradient of a row does not depend on how it is cut into segments",
        rule_.segments == Segments::any ? ""
        : row                           ? "the record says that the rule needs a whole row as one segment (segments)"
                                        : "the record says that credit ends with the update interval (segments)",
        rounding, rounding_text, &Laws::segments);
    add("streams", "streams side by side have the sum of the gradients that each has alone",
        rule_.one_shard ? "the record says that the rule learns a model from all streams together (one_shard)" : "",
        rounding, rounding_text, &Laws::streams);
    add("reset", "a reset is the end of a row and the beginning of another",
        rule_.one_shard ? "the record says that the rule learns a model at every step, also from one row to the next "
                          "(one_shard)"
        : rule_.draws_by_interval ? "the record says that the rule draws numbers where an interval begins, which a row "
                                    "does and a reset does not (draws_by_interval)"
                                  : "",
        rounding, rounding_text, &Laws::reset);
    add("silence", "no error (and no third factor), no gradient", "", 0, "none: sums of zeros are zero",
        &Laws::silence);
    add("again", "the same run has the same bits", "", 0, bits_text, &Laws::again);
    add("state", "saved and restored in mid-stream the rule goes on to the same bits", "", 0, bits_text, &Laws::state);
    add("past", "under K = 1 a step's gradient is that of its own loss: no other target changes a bit of it",
        rule_.past_facing && !row ? "" : "the record says that a step's gradient holds later losses too (past_facing)",
        0, bits_text, &Laws::past);
    add("exact", "the gradient is that of one backward scan over the row",
        rule_.promise == Promise::exact      ? ""
        : rule_.promise == Promise::unbiased ? "the record promises the gradient as a mean over random draws (promise)"
                                             : "the record promises another sum than the gradient (promise)",
        rounding, rounding_text, &Laws::exact);
    return std::move(laws_);
  }

 private:
  void add(const char* name, const char* text, const std::string& excuse, double tolerance, const char* why,
           double (Laws::*measure)()) {
    constexpr int count = 8;
    tell(observer_, static_cast<int>(laws_.size()), count);
    Law law{.name = name, .text = text, .tolerance = tolerance, .why = why};
    if (!excuse.empty()) {
      law.verdict = Verdict::not_applicable;
      law.measured = std::numeric_limits<double>::quiet_NaN();
      law.why = excuse;
    } else {
      try {
        law.measured = (this->*measure)();
        law.verdict = law.measured <= tolerance ? Verdict::kept : Verdict::broken;
      } catch (const std::exception& error) {
        law.measured = std::numeric_limits<double>::quiet_NaN();
        law.why = error.what();
      }
    }
    laws_.push_back(std::move(law));
  }

  /// How long the segments of the laws are that do not vary them.
  int usual() const { return rule_.segments == Segments::row ? T : five; }

  double segments() {
    const Numbers whole = LawRun(problem_).row(T);
    return worse(distance_of(LawRun(problem_).row(1), whole), distance_of(LawRun(problem_).row(five), whole));
  }

  double streams() {
    Numbers sum(problem_.network.stack.parameters());
    for (int b = 0; b < LawProblem::streams; ++b) {
      const Numbers alone = LawRun(problem_, b, 1).row(usual());
      std::transform(sum.begin(), sum.end(), alone.begin(), sum.begin(), std::plus<>());
    }
    return distance_of(LawRun(problem_).row(usual()), sum);
  }

  double reset() {
    LawRun anew(problem_, LawProblem::reset_stream, 1);
    Numbers sum;
    anew.begin(0);
    anew.go(LawProblem::reset_step, usual(), true, sum);
    anew.begin(LawProblem::reset_step);
    anew.go(T, usual(), true, sum);
    return distance_of(LawRun(problem_, LawProblem::reset_stream, 1).row(usual()), sum);
  }

  double silence() {
    problem_.silent = true;
    const Numbers gradient = LawRun(problem_).row(usual());
    problem_.silent = false;
    return distance_of(gradient, Numbers(gradient.size(), 0.0));
  }

  double again() { return distance_of(LawRun(problem_).row(usual()), LawRun(problem_).row(usual())); }

  /// After a first row, so that what the rule has learnt itself is there, and inside the second where it may be cut.
  double state() {
    constexpr int middle = 2 * five;
    const bool whole = rule_.segments == Segments::row;
    LawRun before(problem_);
    before.row(usual());
    Numbers unused;
    if (!whole) {
      before.begin(0, 1);
      before.go(middle, usual(), false, unused);
    }
    Arrays kept;
    Saving saving(kept);
    before.state(saving);
    const auto go_on = [&](LawRun& run) {
      Numbers gradient;
      if (whole) run.begin(0, 1);
      run.go(T, usual(), true, gradient);
      return gradient;
    };
    LawRun after(problem_);
    Restoring restoring(kept, "state of the rule");
    after.state(restoring);
    restoring.finish();
    return distance_of(go_on(after), go_on(before));
  }

  double past() {
    constexpr int from = 8, to = 12;
    const auto steps = [&] {
      std::vector<Numbers> gradients(T);
      LawRun run(problem_);
      run.begin(0);
      for (int t = 0; t < T; ++t) run.go(t + 1, 1, t + 1 == T, gradients[static_cast<std::size_t>(t)]);
      return gradients;
    };
    const std::vector<Numbers> first = steps();
    const Numbers targets = problem_.y;
    const auto row = static_cast<std::size_t>(LawProblem::streams * LawProblem::outputs);
    for (std::size_t k = from * row; k < to * row; ++k) problem_.y[k] += 1;
    const std::vector<Numbers> second = steps();
    problem_.y = targets;
    double worst = 0;
    for (std::size_t t = 0; t < T; ++t) {
      if (t >= from && t < to) continue;
      worst = worse(worst, distance_of(second[t], first[t]));
    }
    return worst;
  }

  double exact() {
    LawRun scan(problem_, 0, LawProblem::streams, &find_record<RuleRecord>("rule.name", "bptt"));
    return distance_of(LawRun(problem_).row(usual()), scan.row(T));
  }

  const RuleRecord& rule_;
  LawProblem problem_;
  Observer* observer_;
  std::vector<Law> laws_;
};

}  // namespace
}  // namespace chronograd::checking

namespace chronograd {

std::vector<Law> check_laws(const RuleRecord& rule, const LawRequest& request) {
  return checking::Laws(rule, request).all();
}

}  // namespace chronograd
