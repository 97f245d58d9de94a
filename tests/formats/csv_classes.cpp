// SPDX-License-Identifier: Apache-2.0
// Which classes a CSV file has: those that training is asked for where it counts.
#include <cmath>

#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Numbers = std::vector<double>;

std::unique_ptr<Task> classes(const std::string& bytes, Given given, const FileNeeds& needs = class_needs,
                              const std::string* test = nullptr) {
  return format_task("csv", bytes, given, needs, test);
}

std::vector<std::string> names_of(const Task& task) {
  std::vector<std::string> names;
  for (const auto& [what, name] : task.facts())
    if (what.starts_with("class ")) names.push_back(name);
  return names;
}

TEST(CsvClasses, AreNumberedByTheirNamesNotTheirOrder) {
  const auto words = classes("v,kind\n1,b\n2,a\n3,c\n4,b\n", {{"targets", Words{"kind"}}});
  EXPECT_TRUE(words->classes());
  EXPECT_EQ(words->outputs(), 3);
  EXPECT_EQ(all_of(*words, 0).y, (Numbers{0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0}));
  EXPECT_THAT(names_of(*words), ElementsAre("a", "b", "c"));
  const auto numbers = classes("v,kind\n1,10\n2,9\n", {{"targets", Words{"kind"}}});
  EXPECT_EQ(all_of(*numbers, 0).y, (Numbers{0, 1, 1, 0})) << "9 comes before 10";
  FileNeeds wide = class_needs;
  wide.outputs = 5;
  EXPECT_EQ(classes("v,kind\n1,10\n2,9\n", {{"targets", Words{"kind"}}}, wide)->outputs(), 5);
}

TEST(CsvClasses, AnotherFileHasTheNumbersOfTheTrainingFile) {
  const std::string test = "v,kind\n5,c\n6,a\n7,c\n";
  const auto task = classes("v,kind\n1,b\n2,c\n3,a\n", {{"targets", Words{"kind"}}}, class_needs, &test);
  EXPECT_EQ(all_of(*task, 0, Split::test).y, (Numbers{0, 0, 1, 1, 0, 0, 0, 0, 1}));
}

TEST(CsvClasses, MissingOnesCountLikeMissingNumbers) {
  const std::string gaps = "a,k\n1,u\n2,\n3,v\n";
  const auto held = classes(gaps, {{"targets", Words{"k"}}, {"nan", std::string("hold")}});
  EXPECT_EQ(all_of(*held, 0).y, (Numbers{1, 0, 1, 0, 0, 1}));
  const auto skipped = classes(gaps, {{"targets", Words{"k"}}, {"nan", std::string("skip")}});
  EXPECT_EQ(all_of(*skipped, 0).mask, (Numbers{1, 0, 1}));
  EXPECT_EQ(skipped->outputs(), 2);
}

TEST(CsvClasses, OnlyThoseOfStepsThatCount) {
  // "odd" has no step: the first line is nobody's target, two lines have weight 0, the last fills no window.
  const std::string file = "v,w,k\n1,1,odd\n2,1,a\n3,0,odd\n4,1,b\n5,0,odd\n6,1,odd\n";
  const auto task = classes(file, {{"inputs", Words{"v"}},
                                   {"targets", Words{"k"}},
                                   {"weight", std::string("w")},
                                   {"predict", whole_number(1)},
                                   {"window", whole_number(2)}});
  EXPECT_EQ(task->outputs(), 2);
  EXPECT_THAT(names_of(*task), ElementsAre("a", "b"));
  ASSERT_EQ(task->rows(Split::train), 2);
  EXPECT_EQ(all_of(*task, 0).mask, (Numbers{1, 0}));
  EXPECT_EQ(all_of(*task, 1).mask, (Numbers{1, 0}));
  EXPECT_EQ(Numbers(all_of(*task, 1).y).front(), 0) << "b is the second class";
  const auto skipped = classes("v,k\n1,a\n,odd\n3,b\n", {{"targets", Words{"k"}}, {"nan", std::string("skip")}});
  EXPECT_THAT(names_of(*skipped), ElementsAre("a", "b"));
}

TEST(CsvClasses, OfTheTrainingPartAlone) {
  const std::string late = "v,k\n1,a\n2,b\n3,a\n4,z\n";
  EXPECT_THAT(refusal([&] {
                classes(late, {{"targets", Words{"k"}}, {"test_part", 0.25}});
              }),
              StartsWith("[train:5] got the class \"z\" in the column \"k\", which the training part lacks."));
  // Where the class does not count, it is nothing.
  const auto window =
      classes("v,k\n1,a\n2,c\n3,b\n4,a\n",
              {{"targets", Words{"k"}}, {"test_part", 0.25}, {"window", whole_number(1)}, {"stride", whole_number(2)}});
  EXPECT_EQ(window->outputs(), 2) << "two rows of one step, a and b";
  const std::string test = "v,k\n1,a\n\n1,z\n";
  EXPECT_THAT(
      refusal([&] {
        classes("v,k\n1,a\n2,b\n", {{"targets", Words{"k"}}}, class_needs, &test);
      }),
      ::testing::AllOf(StartsWith("[test:4] got the class \"z\" in the column \"k\", which the training part ("),
                       HasSubstr("train) lacks.")));
  const std::string weighed = "v,k,w\n1,a,1\n2,z,0\n";
  const auto task =
      classes("v,k,w\n1,a,1\n2,b,2\n", {{"targets", Words{"k"}}, {"weight", std::string("w")}}, class_needs, &weighed);
  EXPECT_EQ(all_of(*task, 0, Split::test).mask, (Numbers{1, 0}));
}

TEST(CsvClasses, NoneThatCountsIsRefused) {
  EXPECT_THAT(refusal([&] {
                classes("v,k,w\n1,a,0\n2,b,0\n", {{"targets", Words{"k"}}, {"weight", std::string("w")}});
              }),
              StartsWith("[train] got no class at all"));
}

TEST(CsvClasses, References) {
  const auto even = classes("v,k\n1,a\n2,a\n3,b\n", {{"targets", Words{"k"}}})->references();
  ASSERT_EQ(even.size(), 2U);
  EXPECT_NEAR(even[0].value, std::log(2), 1e-14);
  EXPECT_NEAR(even[1].value, -(2 * std::log(3.0 / 5) + std::log(2.0 / 5)) / 3, 1e-14);
  // Weights in any unit: b counts four times as much as each a.
  for (const char* file : {"v,k,w\n1,a,1\n2,a,1\n3,b,4\n", "v,k,w\n1,a,1e-9\n2,a,1e-9\n3,b,4e-9\n"}) {
    const auto weighed = classes(file, {{"targets", Words{"k"}}, {"weight", std::string("w")}})->references();
    const double a = (1 + 2 * 0.5) / 5, b = (1 + 2.0) / 5;
    EXPECT_NEAR(weighed[1].value, -(2 * std::log(a) + 4 * std::log(b)) / 6, 1e-14);
  }
}

}  // namespace
}  // namespace chronograd
