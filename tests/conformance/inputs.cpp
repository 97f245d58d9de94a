// SPDX-License-Identifier: Apache-2.0
// dL/dx and the gradients of the states before the first step, by every exact rule, against central differences of the
// loss that the program itself reports.
#include <gtest/gtest.h>

#include "chronograd/error.hpp"
#include "conformance/jumps.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::conformance {
namespace {

using checking::Vector;

// Differences of a step of 1e-5 err by the third derivative times 1e-10, and by rounding of losses of order 10 through
// 1e-15 / 1e-5 = 1e-10.
constexpr double step = 1e-5, tolerance = 1e-7;

class InputGradients : public testing::TestWithParam<const CellRecord*> {
 protected:
  OracleProblem problem(int layers) const {
    OracleProblem p = checking::random_problem(71, {.cell = GetParam()->entry.name,
                                                    .activation = "tanh",
                                                    .loss = "cross_entropy",
                                                    .layers = layers,
                                                    .d = 3,
                                                    .n = 2,
                                                    .m = 3,
                                                    .B = 2,
                                                    .T = 6,
                                                    .masked = true,
                                                    .initial_state = true,
                                                    .sparse = true,
                                                    .gain = 0.9});
    p.reset.assign(p.B * p.T, 0.0);
    p.reset[3] = 1;  // the second stream has none
    return p;
  }
  Arrays run(const OracleProblem& p, const char* rule, int every, const char* feedback = "") const {
    GradientRequest request;
    request.inputs = true;
    return gradient(checking::problem_config(p, {.rule = rule, .every = every, .feedback = feedback}),
                    checking::ProblemTask(p), checking::problem_parameters(p), "test", request);
  }
  double loss(const OracleProblem& p) const {
    return gradient(checking::problem_config(p, {.rule = "readout_only"}), checking::ProblemTask(p),
                    checking::problem_parameters(p), "test")
        .at("loss")
        .at(0);
  }
  Vector differences(OracleProblem p, Vector OracleProblem::*array) const {
    Vector found;
    for (std::size_t k = 0; k < (p.*array).size(); ++k) {
      const double there = (p.*array)[k];
      (p.*array)[k] = there + step;
      const double above = loss(p);
      (p.*array)[k] = there - step;
      found.push_back((above - loss(p)) / (2 * step));
      (p.*array)[k] = there;
    }
    return found;
  }
};

TEST_P(InputGradients, are_the_differences_of_the_loss) {
  if (jumps(*GetParam())) return;
  const std::vector<std::string> names = state_names(*GetParam());
  for (const int layers : {1, 2, 3}) {
    const OracleProblem p = problem(layers);
    const Vector x = differences(p, &OracleProblem::x), h0 = differences(p, &OracleProblem::h0),
                 further = differences(p, &OracleProblem::c0);
    EXPECT_GT(checking::largest_magnitude(x), 1e-3);
    EXPECT_GT(checking::largest_magnitude(h0) + checking::largest_magnitude(further), 1e-4);
    for (const RuleRecord* rule : catalogue<RuleRecord>()) {
      if (rule->promise != Promise::exact) continue;
      for (const int every : intervals(*rule)) {
        SCOPED_TRACE(std::string(rule->entry.name) + ", every " + std::to_string(every) + ", layers " +
                     std::to_string(layers));
        const Arrays found = run(p, rule->entry.name, every);
        EXPECT_EQ(found.at("grad/x").shape,
                  (std::vector<std::size_t>{std::size_t(p.B), std::size_t(p.T), std::size_t(p.n)}));
        EXPECT_TRUE(close(checking::values_of(found.at("grad/x")), x, tolerance));
        Vector first, others;  // [L][B][d], [L][B][S - 1][d]
        for (int l = 0; l < layers; ++l)
          for (int b = 0; b < p.B; ++b)
            for (std::size_t s = 0; s < names.size(); ++s) {
              const Vector all = checking::values_of(found.at("grad/" + layer_name(names[s], l)));
              ASSERT_EQ(all.size(), static_cast<std::size_t>(p.B * p.d));
              Vector& kept = s == 0 ? first : others;
              kept.insert(kept.end(), all.begin() + b * p.d, all.begin() + (b + 1) * p.d);
            }
        EXPECT_TRUE(close(first, h0, tolerance));
        EXPECT_TRUE(close(others, further, tolerance));
      }
    }
  }
}

TEST_P(InputGradients, are_refused_where_they_would_not_be_exact) {
  const OracleProblem p = problem(1);
  const auto refusal = [&](const char* rule, const char* feedback) -> std::string {
    try {
      run(p, rule, 0, feedback);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
      return error.what();
    }
    return "";
  };
  for (const RuleRecord* rule : catalogue<RuleRecord>()) {
    const std::string text = refusal(rule->entry.name, "symmetric");
    EXPECT_EQ(text.empty(), rule->promise == Promise::exact) << rule->entry.name;
    if (text.empty()) {
      EXPECT_THAT(refusal(rule->entry.name, "random"), testing::HasSubstr("symmetric feedback"));
      continue;
    }
    EXPECT_THAT(text, testing::HasSubstr(rule->entry.name));
    for (const RuleRecord* allowed : catalogue<RuleRecord>())
      if (allowed->promise == Promise::exact) {
        EXPECT_THAT(text, testing::HasSubstr(allowed->entry.name));
      }
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, InputGradients,
                         testing::ValuesIn(std::vector<const CellRecord*>(catalogue<CellRecord>().begin(),
                                                                          catalogue<CellRecord>().end())),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::conformance
