// SPDX-License-Identifier: Apache-2.0
#include "formats/scale.hpp"

#include <cmath>
#include <limits>

#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::StartsWith;
using Numbers = std::vector<double>;

Scale scale_of(const Numbers& values) {
  return Scale::of(values, {"a"}, {{0, values.size()}}, "f");
}

TEST(Scale, MeanAndDeviation) {
  const Scale scale = Scale::of({1, 10, NAN, 20, 3, 60, 9, 9}, {"a", "b"}, {{0, 2}, {2, 1}}, "f");
  EXPECT_EQ(scale.mean, (Numbers{2, 30}));
  EXPECT_DOUBLE_EQ(scale.deviation[0], 1);
  EXPECT_DOUBLE_EQ(scale.deviation[1], std::sqrt(1400.0 / 3));
  Numbers values = {3, 30};
  scale.apply(values);
  EXPECT_EQ(values, (Numbers{1, 0}));
}

TEST(Scale, AConstantColumnIsOnlyShifted) {
  for (const double value : {0.1, -0.3, 1.1e-5, 1e9 + 0.1, 0.0, 1e-310, 1e300})
    for (const std::size_t count : {1U, 3U, 6U, 1000U, 100000U}) {
      const Scale scale = scale_of(Numbers(count, value));
      EXPECT_EQ(scale.mean[0], value);
      EXPECT_EQ(scale.deviation[0], 1) << value << " " << count;
    }
  EXPECT_EQ(scale_of({NAN, NAN}).deviation[0], 1);
  // The numbers of one value that was computed in two ways.
  EXPECT_EQ(scale_of({0.3, 0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2}).deviation[0], 1);
}

TEST(Scale, ASmallDeviationIsOne) {
  // Far above the rounding of the numbers, and below that of the sum of 100000 of them.
  Numbers values(100000, 1e6);
  for (std::size_t i = 0; i < values.size(); i += 2) values[i] += 1e-6;
  const double apart = values[0] - values[1];
  EXPECT_NEAR(scale_of(values).deviation[0], apart / 2, 1e-3 * apart);
  EXPECT_NEAR(scale_of({1, 1 + 1e-12}).deviation[0], 0.5e-12, 1e-15);
}

TEST(Scale, SquaresNeitherVanishNorOverflow) {
  EXPECT_NEAR(scale_of({1e-200, 3e-200}).deviation[0], 1e-200, 1e-214);
  EXPECT_NEAR(scale_of({1e200, 3e200}).deviation[0], 1e200, 1e186);
  const double tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(scale_of({0, 2 * tiny}).deviation[0], tiny);
  EXPECT_NEAR(scale_of({1e308, 1.5e308}).deviation[0], 0.25e308, 1e294) << "their sum is beyond all numbers";
  EXPECT_THAT(refusal([] {
                scale_of({-1.7e308, -1.7e308, 1.7e308, 1.7e308});
              }),
              StartsWith("[f] got numbers in the column \"a\" that are too"));
}

TEST(Scale, OfAFile) {
  const std::string test = "a,b\n0.1,1\n0.11,2\n";
  const auto task = format_task(
      "csv", "a,b\n0.1,1\n0.1,1\n0.1,1\n0.1,1\n0.1,1\n0.1,2\n",
      {{"inputs", Words{"a"}}, {"targets", Words{"b"}}, {"standardize", std::string("inputs")}}, mse_needs, &test);
  EXPECT_EQ(all_of(*task, 0).x, Numbers(6, 0));
  const Numbers x = all_of(*task, 0, Split::test).x;
  EXPECT_EQ(x[0], 0);
  EXPECT_NEAR(x[1], 0.01, 1e-16);
  EXPECT_EQ(task->facts()[0].second, "mean 0.1, deviation 1");
}

TEST(Range, OfDtypeWithThePlace) {
  FileNeeds narrow = mse_needs;
  narrow.largest = std::numeric_limits<float>::max();
  const auto refused = [&](const std::string& bytes, Given given, const std::string* test = nullptr) {
    return refusal([&] { format_task("csv", bytes, given, narrow, test); });
  };
  const Given plain = {{"inputs", Words{"a"}}, {"targets", Words{"b"}}};
  EXPECT_THAT(refused("a,b\n1,2\n1e39,3\n", plain),
              StartsWith("[train:3] got the input 1e+39 in the column \"a\", allowed in dtype = \"float32\""));
  EXPECT_THAT(refused("a,b\n1,2\n1,-1e39\n", plain), StartsWith("[train:3] got the target -1e+39 in the column \"b\""));
  EXPECT_THAT(refused("v\n1\n1\n1e39\n1\n", {{"predict", whole_number(2)}, {"inputs", Words{"v"}}}),
              StartsWith("[train:4] got the target"));
  const std::string test = "a,b\n1,1\n\n1e39,1\n";
  EXPECT_THAT(refused("a,b\n1,2\n3,4\n", plain, &test), StartsWith("[test:4] got the input 1e+39"));
  // What the network sees counts: scaled numbers, and targets where they have a weight.
  EXPECT_EQ(format_task("csv", "a,b\n1e39,2\n3e39,3\n",
                        {{"targets", Words{"b"}}, {"standardize", std::string("inputs")}}, narrow)
                ->length(Split::train),
            2);
  EXPECT_EQ(
      format_task("csv", "a,b,w\n1,1e39,0\n1,3,1\n", {{"targets", Words{"b"}}, {"weight", std::string("w")}}, narrow)
          ->length(Split::train),
      2);
  EXPECT_EQ(format_task("csv", "a,b\n1e39,2\n", plain, mse_needs)->length(Split::train), 1) << "float64";
}

}  // namespace
}  // namespace chronograd
