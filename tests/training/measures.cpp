// SPDX-License-Identifier: Apache-2.0
#include "training/measures.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

#include "studies/measures_text.hpp"

namespace chronograd {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

/// Steps of one stream as a test sees them.
struct OneStream {
  int m;
  std::vector<double> y, target, weight;

  /// `apart`: each segment is summed up by itself, and these sums then.
  Measures measures(bool classes, int segment, bool apart = false) const {
    MeasureTally tally(m, classes), total(m, classes);
    Decisions<double> decisions(Decide::step, classes, m, 1);
    const std::vector<std::uint8_t> reset(weight.size());
    const auto width = static_cast<std::size_t>(m);
    for (std::size_t from = 0; from < weight.size(); from += static_cast<std::size_t>(segment)) {
      const int steps = std::min(segment, static_cast<int>(weight.size() - from));
      const Seen<double> seen{.steps = steps,
                              .h = nullptr,
                              .h_ld = 0,
                              .a = nullptr,
                              .y = y.data() + from * width,
                              .loss = nullptr,
                              .unweighted = nullptr,
                              .target = target.data() + from * width,
                              .mask = weight.data() + from,
                              .weight = weight.data() + from};
      tally.add(seen, 1);
      decisions.add(seen, reset.data(), 0, steps, false, [&](const Decision& decision) { tally.add(decision); });
      if (!apart) continue;
      total.add(tally);
      tally = MeasureTally(m, classes);
    }
    return (apart ? total : tally).measures();
  }
};

TEST(Measures, OfNumbersAreWeightedAndEachOutputsOwn) {
  // The third step does not count; the second counts twice. Output 2 never changes its target.
  const OneStream steps{2, {1, 5, 2, 5, 99, 99, 6, 7}, {0, 0.1, 3, 0.1, -50, 7, 5, 0.1}, {1, 2, 0, 1}};
  for (const int segment : {1, 2, -1, -2, 4}) {
    const Measures got = steps.measures(false, std::abs(segment), segment < 0);
    // Weighted mean of the target (0 + 2 * 3 + 5) / 4 = 2.75; squares 7.5625 + 2 * 0.0625 + 5.0625 = 12.75.
    EXPECT_THAT(got.mae, ElementsAre(DoubleNear(1, 1e-12), DoubleNear((4.9 + 2 * 4.9 + 6.9) / 4, 1e-12)));
    EXPECT_NEAR(got.r2[0], 1 - 4 / 12.75, 1e-12);
    EXPECT_TRUE(std::isnan(got.r2[1])) << "a constant target has no variance to share: " << got.r2[1];
    EXPECT_NEAR(mean_measure(got.r2), 1 - 4 / 12.75, 1e-12) << "mean of those that were measured";
    EXPECT_EQ(got.classes, 0U);
  }
}

TEST(Measures, OfNumbersKeepTheirDigitsFarFromZero) {
  OneStream steps{1, {}, {}, {}};
  for (int i = 0; i < 1000; ++i) {
    steps.target.push_back(1e9 + i % 2);
    steps.y.push_back(1e9 + 0.5);
    steps.weight.push_back(1);
  }
  EXPECT_NEAR(steps.measures(false, 100).r2[0], 0, 1e-9);
  EXPECT_NEAR(steps.measures(false, 99, true).r2[0], 0, 1e-9);
}

TEST(Measures, OfClassesCountWhatWasTakenForWhat) {
  // Four classes, of which the last neither occurs nor is answered. Targets 0 0 1 1 2, answers 0 1 1 1 0, weights
  // 1 1 1 2 1, and a step that does not count.
  OneStream steps{4, {}, {}, {1, 1, 1, 2, 1, 0}};
  const int targets[] = {0, 0, 1, 1, 2, 3}, answers[] = {0, 1, 1, 1, 0, 2};
  for (int i = 0; i < 6; ++i)
    for (int k = 0; k < 4; ++k) {
      steps.target.push_back(k == targets[i] ? 1 : 0);
      steps.y.push_back(k == answers[i] ? 0.7 : 0.1);
    }
  for (const int segment : {1, -1, -4, 6}) {
    const Measures got = steps.measures(true, std::abs(segment), segment < 0);
    EXPECT_THAT(got.confusion, ElementsAre(1, 1, 0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0));
    // F1: 2 * 1 / (2 + 2), 2 * 3 / (3 + 4), 0 / (1 + 0); class 3 is none of the answers' or targets'.
    EXPECT_NEAR(got.macro_f1, (0.5 + 6.0 / 7 + 0) / 3, 1e-12);
    EXPECT_THAT(got.mae, ElementsAre());
  }
  EXPECT_EQ(measures_table(steps.measures(true, 6), {"no", "a very long name of a class", "c", "d"}),
            "target \\ answer  no  a very long ..  c  d\n"
            "no               1   1               0  0\n"
            "a very long ..   0   3               0  0\n"
            "c                1   0               0  0\n"
            "d                0   0               0  0\n");
}

TEST(Measures, AreNoneWhereNoStepCounts) {
  const OneStream steps{1, {1, 2}, {3, 4}, {0, 0}};
  EXPECT_TRUE(std::isnan(steps.measures(false, 1).mae[0]));
  EXPECT_TRUE(std::isnan(steps.measures(false, 1).r2[0]));
  EXPECT_TRUE(std::isnan(steps.measures(true, 1).macro_f1));
  EXPECT_EQ(measures_words(steps.measures(false, 1)), ", MAE -, R2 -");
}

TEST(Measures, OfManyClassesAreListedByTheirCommonestMistakes) {
  OneStream steps{30, {}, {}, std::vector<double>(5, 1)};
  const int targets[] = {29, 29, 3, 5, 7}, answers[] = {4, 4, 4, 5, 7};
  for (int i = 0; i < 5; ++i)
    for (int k = 0; k < 30; ++k) {
      steps.target.push_back(k == targets[i] ? 1 : 0);
      steps.y.push_back(k == answers[i] ? 1 : 0);
    }
  std::vector<std::string> names;
  for (int k = 0; k < 30; ++k) names.push_back("c" + std::to_string(k));
  EXPECT_EQ(measures_table(steps.measures(true, 5), names),
            "the commonest mistakes between 30 classes\n"
            "target  taken for  weight\n"
            "c29     c4         2\n"
            "c3      c4         1\n");
  OneStream many{101, std::vector<double>(101, 0), std::vector<double>(101, 0), {1}};
  many.target[100] = 1;
  EXPECT_TRUE(many.measures(true, 1).confusion.empty()) << "too large to be kept";
  EXPECT_EQ(measures_table(many.measures(true, 1), names), "");
  EXPECT_EQ(many.measures(true, 1).macro_f1, 0);
}

TEST(Measures, OfManyOutputsAreListedFromTheWorstOn) {
  OneStream steps{30, std::vector<double>(30), std::vector<double>(30, 0), {1}};
  for (int k = 0; k < 30; ++k) steps.y[static_cast<std::size_t>(k)] = k;
  const std::string table = measures_table(steps.measures(false, 1), {});
  EXPECT_THAT(table, HasSubstr("the 20 outputs with the largest MAE of 30\noutput  MAE  R2\n30      29   -\n"));
  EXPECT_THAT(table, Not(HasSubstr("\n10  ")));
}

}  // namespace
}  // namespace chronograd
