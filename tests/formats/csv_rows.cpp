// SPDX-License-Identifier: Apache-2.0
// What a CSV file becomes, by hand.
#include <cmath>

#include "files/archives.hpp"
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::ElementsAre;
using Numbers = std::vector<double>;

std::unique_ptr<Task> csv(const std::string& bytes, Given given, const FileNeeds& needs = mse_needs,
                          const std::string* test = nullptr, std::vector<std::string>* notes = nullptr) {
  return format_task("csv", bytes, given, needs, test, notes);
}

const std::string plain = "a,b,c\n1,10,100\n2,20,200\n3,30,300\n4,40,400\n5,50,500\n";

TEST(CsvRows, TargetsOfTheSameLine) {
  const auto task = csv(plain, {{"targets", Words{"c"}}});
  EXPECT_EQ(task->inputs(), 2);
  EXPECT_EQ(task->outputs(), 1);
  EXPECT_EQ(task->length(Split::train), 5);
  EXPECT_EQ(task->rows(Split::train), 1);
  EXPECT_EQ(task->rows(Split::test), -1);
  EXPECT_FALSE(task->classes());
  const Read read = all_of(*task, 0);
  EXPECT_EQ(read.x, (Numbers{1, 10, 2, 20, 3, 30, 4, 40, 5, 50}));
  EXPECT_EQ(read.y, (Numbers{100, 200, 300, 400, 500}));
  EXPECT_EQ(read.mask, Numbers(5, 1));
  EXPECT_EQ(read.reset, std::vector<std::uint8_t>(5, 0));
  EXPECT_EQ(task->files().size(), 1U);
}

TEST(CsvRows, ColumnsByNameOrNumberInTheOrderAsked) {
  for (const Words& inputs : {Words{"c", "a"}, Words{"3", "1"}}) {
    const auto task = csv(plain, {{"inputs", inputs}, {"targets", Words{"2"}}});
    const Read read = all_of(*task, 0);
    EXPECT_EQ(Numbers(read.x.begin(), read.x.begin() + 4), (Numbers{100, 1, 200, 2}));
    EXPECT_EQ(read.y[0], 10);
  }
  const auto bare = csv("1,2\n3,4\n", {{"header", false}, {"targets", Words{"2"}}});
  EXPECT_EQ(all_of(*bare, 0).x, (Numbers{1, 3}));
}

TEST(CsvRows, StepsAhead) {
  const auto task = csv(plain, {{"inputs", Words{"a", "b"}}, {"targets", Words{"b"}}, {"predict", whole_number(2)}});
  EXPECT_EQ(task->length(Split::train), 3);
  const Read read = all_of(*task, 0);
  EXPECT_EQ(read.x, (Numbers{1, 10, 2, 20, 3, 30}));
  EXPECT_EQ(read.y, (Numbers{30, 40, 50}));
  const auto all = csv(plain, {{"predict", whole_number(1)}});
  EXPECT_EQ(all->outputs(), 3) << "without targets the inputs are forecast";
  const Read first = all_of(*all, 0);
  EXPECT_EQ(Numbers(first.y.begin(), first.y.begin() + 3), (Numbers{2, 20, 200}));
}

TEST(CsvRows, WindowsAndStride) {
  const auto task = csv(plain, {{"targets", Words{"c"}}, {"window", whole_number(2)}, {"stride", whole_number(1)}});
  EXPECT_EQ(task->length(Split::train), 2);
  ASSERT_EQ(task->rows(Split::train), 4);
  EXPECT_EQ(all_of(*task, 3).y, (Numbers{400, 500}));
  const auto apart = csv(plain, {{"targets", Words{"c"}}, {"window", whole_number(2)}});
  ASSERT_EQ(apart->rows(Split::train), 2) << "what does not fill a window is left";
  EXPECT_EQ(all_of(*apart, 1).y, (Numbers{300, 400}));
}

TEST(CsvRows, StreamsByAColumn) {
  std::vector<std::string> notes;
  const std::string mixed = "id,v\nk,1\nm,10\nk,2\nk,3\nm,20\nz,7\nk,4\n";
  const auto task =
      csv(mixed, {{"stream", std::string("id")}, {"predict", whole_number(1)}}, mse_needs, nullptr, &notes);
  EXPECT_EQ(task->inputs(), 1) << "the stream's name is no input";
  ASSERT_EQ(task->rows(Split::train), 2) << "z has no second line";
  EXPECT_EQ(task->length(Split::train), 3);
  EXPECT_EQ(all_of(*task, 0).x, (Numbers{1, 2, 3}));
  EXPECT_EQ(all_of(*task, 0).y, (Numbers{2, 3, 4}));
  const Read second = all_of(*task, 1);
  EXPECT_EQ(second.x, (Numbers{10, 0, 0})) << "shorter streams are followed by steps without loss";
  EXPECT_EQ(second.y, (Numbers{20, 0, 0}));
  EXPECT_EQ(second.mask, (Numbers{1, 0, 0}));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], ::testing::HasSubstr("1 stream"));
}

TEST(CsvRows, TheTestPartIsTheEndAndTrainingDoesNotSeeIt) {
  const std::string numbers = "v\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
  const auto task =
      csv(numbers, {{"predict", whole_number(1)}, {"test_part", 0.4}, {"standardize", std::string("all")}});
  EXPECT_EQ(task->length(Split::train), 5);
  ASSERT_EQ(task->rows(Split::test), 1);
  const double mean = 3.5, deviation = std::sqrt(35.0 / 12);
  const Read train = all_of(*task, 0), test = all_of(*task, 0, Split::test);
  for (int t = 0; t < 5; ++t) {
    EXPECT_NEAR(train.x[static_cast<std::size_t>(t)], (t + 1 - mean) / deviation, 1e-14);
    EXPECT_NEAR(train.y[static_cast<std::size_t>(t)], (t + 2 - mean) / deviation, 1e-14);
  }
  EXPECT_NEAR(test.x[0], (7 - mean) / deviation, 1e-14);
  EXPECT_NEAR(test.y[2], (10 - mean) / deviation, 1e-14);
  EXPECT_EQ(task->length(Split::test), 3);
  EXPECT_EQ(test.mask, (Numbers{1, 1, 1}));
  EXPECT_THAT(
      task->facts(),
      ElementsAre(std::pair<std::string, std::string>("scale of input v", "mean 3.5, deviation 1.707825127659933"),
                  std::pair<std::string, std::string>("scale of target v", "mean 3.5, deviation 1.707825127659933")));
}

TEST(CsvRows, AnotherFileIsScaledByTheTrainingFile) {
  const std::string test = "b,a\n30,1\n50,2\n";
  const auto task =
      csv("a,b\n1,10\n2,30\n", {{"targets", Words{"b"}}, {"standardize", std::string("inputs")}}, mse_needs, &test);
  const Read read = all_of(*task, 0, Split::test);
  EXPECT_EQ(read.x, (Numbers{-1, 1})) << "columns are found by their names";
  EXPECT_EQ(read.y, (Numbers{30, 50})) << "targets keep their units";
  EXPECT_EQ(task->files().size(), 2U);
}

TEST(CsvRows, ColumnsOfTheTestFileMayStandInAnotherOrder) {
  const std::string test = "c,a,extra,b\n3,1,9,2\n";
  const auto task = csv("a,b,c\n10,20,30\n", {{"targets", Words{"c"}}}, mse_needs, &test);
  EXPECT_EQ(all_of(*task, 0, Split::test).x, (Numbers{1, 2}));
  EXPECT_EQ(all_of(*task, 0, Split::test).y, (Numbers{3}));
}

TEST(CsvRows, TestStreamsMayBeLonger) {
  const std::string test = "a,b,s\n1,10,k\n2,20,k\n3,30,k\n4,40,k\n5,50,l\n";
  const auto task =
      csv("a,b,s\n6,60,k\n7,70,k\n", {{"targets", Words{"b"}}, {"stream", std::string("s")}}, mse_needs, &test);
  EXPECT_EQ(task->length(Split::train), 2);
  EXPECT_EQ(task->length(Split::test), 4);
  EXPECT_EQ(all_of(*task, 0, Split::test).y, (Numbers{10, 20, 30, 40}));
  EXPECT_EQ(all_of(*task, 1, Split::test).x, (Numbers{5, 0, 0, 0}));
  EXPECT_EQ(all_of(*task, 1, Split::test).mask, (Numbers{1, 0, 0, 0}));
}

TEST(CsvRows, AWholeRowWithoutATargetHasNoLoss) {
  for (const char* policy : {"hold", "skip"}) {
    const auto task =
        csv("1,2,x\n3,,\n1,2,y\n",
            {{"header", false}, {"targets", Words{"3"}}, {"steps", whole_number(2)}, {"nan", std::string(policy)}},
            class_needs);
    EXPECT_EQ(all_of(*task, 0).mask, (Numbers{0, 1}));
    EXPECT_EQ(all_of(*task, 1).mask, (Numbers{0, 0}));
    EXPECT_EQ(all_of(*task, 1).x, (Numbers{3, 3}));
  }
}

TEST(CsvRows, ALineAsAWholeRow) {
  const auto task = csv("1,2,3,4,x\n5,6,7,8,y\n",
                        {{"header", false}, {"targets", Words{"5"}}, {"steps", whole_number(2)}}, class_needs);
  EXPECT_EQ(task->inputs(), 2);
  EXPECT_EQ(task->length(Split::train), 2);
  ASSERT_EQ(task->rows(Split::train), 2);
  const Read read = all_of(*task, 1);
  EXPECT_EQ(read.x, (Numbers{5, 6, 7, 8}));
  EXPECT_EQ(read.mask, (Numbers{0, 1}));
  EXPECT_EQ(read.y[3], 1) << "the second class, at the last step";
}

TEST(CsvRows, GapsAreHeldOrSkipped) {
  const std::string gaps = "a,b\n,1\n2,\n,3\n4,NaN\n5,5\n";
  const auto held = csv(gaps, {{"targets", Words{"b"}}, {"nan", std::string("hold")}});
  EXPECT_EQ(all_of(*held, 0).x, (Numbers{0, 2, 2, 4, 5}));
  EXPECT_EQ(all_of(*held, 0).y, (Numbers{1, 1, 3, 3, 5}));
  EXPECT_EQ(all_of(*held, 0).mask, Numbers(5, 1));
  const auto skipped = csv(gaps, {{"targets", Words{"b"}}, {"nan", std::string("skip")}});
  EXPECT_EQ(all_of(*skipped, 0).x, (Numbers{0, 2, 2, 4, 5}));
  EXPECT_EQ(all_of(*skipped, 0).mask, (Numbers{0, 0, 0, 0, 1}));
  const auto before = csv("a,b\n1,\n2,7\n", {{"targets", Words{"b"}}, {"nan", std::string("hold")}});
  EXPECT_EQ(all_of(*before, 0).mask, (Numbers{0, 1})) << "a target before any cannot be held";
}

TEST(CsvRows, HeldAcrossWindowsAndNeverAcrossStreams) {
  const std::string gaps = "id,a\np,1\nq,9\np,\np,\nq,\np,4\nq,7\n";
  const auto task = csv(gaps, {{"stream", std::string("id")},
                               {"inputs", Words{"a"}},
                               {"targets", Words{"a"}},
                               {"window", whole_number(1)},
                               {"nan", std::string("hold")}});
  std::vector<double> x;
  for (std::int64_t row = 0; row < task->rows(Split::train); ++row) x.push_back(all_of(*task, row).x[0]);
  EXPECT_EQ(x, (Numbers{1, 1, 1, 4, 9, 9, 7}));
}

TEST(CsvRows, References) {
  const auto task = csv("v\n0\n2\n0\n4\n0\n2\n", {{"predict", whole_number(1)}, {"season", whole_number(2)}});
  const std::vector<Reference> references = task->references();
  ASSERT_EQ(references.size(), 3U);
  // Targets 2 0 4 0 2, mean 1.6; the last values 0 2 0 4 0; two steps before the targets - 0 2 0 4.
  EXPECT_NEAR(references[0].value, 0.5 * (0.16 + 2.56 + 5.76 + 2.56 + 0.16) / 5, 1e-14);
  EXPECT_NEAR(references[1].value, 0.5 * (4 + 4 + 16 + 16 + 4) / 5, 1e-14);
  EXPECT_NEAR(references[2].value, 0.5 * (0 + 4 + 0 + 4) / 4, 1e-14);
}

TEST(CsvRows, ASeasonAgoInTheTestPartLooksBackIntoTheTrainingPart) {
  const auto task = csv("v\n1\n2\n3\n4\n5\n6\n7\n8\n",
                        {{"predict", whole_number(1)}, {"season", whole_number(3)}, {"test_part", 0.25}});
  const auto references = task->references();
  EXPECT_NEAR(references[1].value, 0.5, 1e-14);
  EXPECT_NEAR(references[2].value, 4.5, 1e-14) << "8 - 5";
}

TEST(CsvRows, GzipAndSeparatorChangeNothing) {
  const Read want = all_of(*csv(plain, {{"targets", Words{"c"}}}), 0);
  EXPECT_TRUE(want == all_of(*csv(testing::deflated(plain, 31), {{"targets", Words{"c"}}}), 0));
  std::string tabs = plain, semicolons = plain;
  std::replace(tabs.begin(), tabs.end(), ',', '\t');
  std::replace(semicolons.begin(), semicolons.end(), ',', ';');
  EXPECT_TRUE(want == all_of(*csv(tabs, {{"targets", Words{"c"}}, {"separator", std::string("tab")}}), 0));
  EXPECT_TRUE(want == all_of(*csv(semicolons, {{"targets", Words{"c"}}, {"separator", std::string(";")}}), 0));
}

TEST(CsvRows, AnyCutReadsTheSame) {
  const auto task =
      csv("id,v\nk,1\nm,10\nk,2\nk,3\nm,20\nk,4\n", {{"stream", std::string("id")}, {"predict", whole_number(1)}});
  for (std::int64_t row = 0; row < 2; ++row) {
    const Read whole = all_of(*task, row);
    for (int cut = 1; cut < 3; ++cut) {
      Read parts(*task, Split::train, row, 0, cut);
      parts.append(Read(*task, Split::train, row, cut, 3 - cut));
      EXPECT_TRUE(whole == parts);
    }
  }
}

}  // namespace
}  // namespace chronograd
