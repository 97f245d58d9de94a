// SPDX-License-Identifier: Apache-2.0
// Which columns of a CSV file are meant, and whether its first line names them.
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Numbers = std::vector<double>;
using Notes = std::vector<std::string>;

std::unique_ptr<Task> csv(const std::string& bytes, Given given, const std::string* test = nullptr,
                          Notes* notes = nullptr) {
  return format_task("csv", bytes, given, mse_needs, test, notes);
}

TEST(CsvColumns, AFirstLineOfNumbersIsNotTakenForNames) {
  for (const char* bytes : {"0,-0.3,0\n1,-0.2,1\n2,-0.1,2\n", "0,,NaN\n1,2,3\n2,3,4\n", "7\n8\n9\n"})
    EXPECT_THAT(refusal([&] {
                  csv(bytes, {{"predict", whole_number(1)}, {"nan", std::string("hold")}});
                }),
                AllOf(StartsWith("[train:1] got numbers alone"), HasSubstr("data.header = false")));
  const std::string table = "0,-0.3,0\n1,-0.2,1\n2,-0.1,2\n";
  EXPECT_EQ(csv(table, {{"predict", whole_number(1)}, {"header", false}})->length(Split::train), 2);
  EXPECT_EQ(csv(table, {{"predict", whole_number(1)}, {"header", true}})->length(Split::train), 1)
      << "who says so has names";
}

TEST(CsvColumns, ANumberAmongTheNamesGetsARemark) {
  Notes notes;
  csv("5.1,3.5,x\n4.9,3.0,1\n", {{"targets", Words{"3"}}}, nullptr, &notes);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], AllOf(HasSubstr("train:1]"), HasSubstr("\"5.1\""), HasSubstr("data.header = false")));
  notes.clear();
  csv("5.1,3.5,x\n4.9,3.0,1\n", {{"targets", Words{"3"}}, {"header", true}}, nullptr, &notes);
  csv("a,b,x\n4.9,3.0,1\n", {{"targets", Words{"x"}}}, nullptr, &notes);
  EXPECT_THAT(notes, IsEmpty());
}

TEST(CsvColumns, ANameThatIsAnotherColumnsNumber) {
  Notes notes;
  const auto task = csv("id,2,1\n0,5,6\n0,7,8\n", {{"inputs", Words{"2"}}, {"targets", Words{"1"}}, {"header", true}},
                        nullptr, &notes);
  EXPECT_EQ(all_of(*task, 0).x, (Numbers{5, 7})) << "2 is the second column and has that name";
  EXPECT_EQ(all_of(*task, 0).y, (Numbers{6, 8})) << "a name in the header counts before a number";
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], HasSubstr(R"(data.targets = "1" is column 3, which has that name, and not column 1 ("id"))"));
}

TEST(CsvColumns, HeaderAndWordsThatDoNotFit) {
  EXPECT_THAT(refusal([&] {
                csv("a,b\n1,2\n", {{"header", false}, {"targets", Words{"2"}}});
              }),
              AllOf(StartsWith("[train:1] got \"a\" in column 1"), HasSubstr("data.header = true")));
  EXPECT_THAT(refusal([&] {
                csv("a;b\n1;2\n", {{"predict", whole_number(1)}, {"inputs", Words{"b"}}});
              }),
              HasSubstr("Is data.separator right?"));
}

TEST(CsvColumns, TheTestFileHasTheSameColumns) {
  // By place where the headers are the same, also where names are there twice or columns were chosen by number.
  const std::string twice = "a,b,b\n7,8,9\n";
  const auto by_place = csv("a,b,b\n1,2,3\n", {{"targets", Words{"3"}}}, &twice);
  EXPECT_EQ(all_of(*by_place, 0, Split::test).x, (Numbers{7, 8}));
  EXPECT_EQ(all_of(*by_place, 0, Split::test).y, (Numbers{9}));
  // By name where they are not, whatever word chose them.
  const std::string moved = "k,v,id\n2,30,p\n1,31,p\n";
  const auto by_name = csv("id,v,k\np,1,2\np,3,4\n",
                           {{"inputs", Words{"2"}}, {"targets", Words{"3"}}, {"stream", std::string("1")}}, &moved);
  EXPECT_EQ(all_of(*by_name, 0, Split::test).x, (Numbers{30, 31}));
  EXPECT_EQ(all_of(*by_name, 0, Split::test).y, (Numbers{2, 1}));
  const std::string lacking = "a,c\n1,2\n", unclear = "a,a,b\n1,2,3\n";
  EXPECT_THAT(refusal([&] {
                csv("a,b\n1,2\n", {{"targets", Words{"b"}}}, &lacking);
              }),
              StartsWith("[test:1] no column \"b\", which the training file asks for"));
  EXPECT_THAT(refusal([&] {
                csv("a,b\n1,2\n", {{"targets", Words{"b"}}}, &unclear);
              }),
              StartsWith("[test:1] several columns have the name \"a\" that the training file asks for"));
}

TEST(CsvWeights, AreTheMaskOfTheLineOfTheTarget) {
  const std::string file = "v,w\n1,9\n2,0.5\n3,0\n4,2\n5,1\n";
  const auto same = csv(file, {{"inputs", Words{"v"}}, {"targets", Words{"v"}}, {"weight", std::string("w")}});
  EXPECT_EQ(all_of(*same, 0).mask, (Numbers{9, 0.5, 0, 2, 1}));
  const auto ahead = csv(file, {{"predict", whole_number(2)}, {"weight", std::string("2")}});
  EXPECT_EQ(ahead->inputs(), 1) << "a weight is no input";
  EXPECT_EQ(ahead->outputs(), 1) << "and no target";
  EXPECT_EQ(all_of(*ahead, 0).x, (Numbers{1, 2, 3}));
  EXPECT_EQ(all_of(*ahead, 0).mask, (Numbers{0, 2, 1}));
  const auto rows = csv("a,b,y,w\n1,2,3,0.25\n4,5,6,4\n",
                        {{"targets", Words{"y"}}, {"steps", whole_number(2)}, {"weight", std::string("w")}});
  EXPECT_EQ(all_of(*rows, 0).mask, (Numbers{0, 0.25}));
  EXPECT_EQ(all_of(*rows, 1).mask, (Numbers{0, 4}));
}

TEST(CsvWeights, FollowStreamsWindowsAndTestParts) {
  const std::string mixed = "id,v,w\np,1,1\nq,10,5\np,2,2\nq,20,6\np,3,3\nq,30,7\n";
  const auto task = csv(mixed, {{"stream", std::string("id")},
                                {"weight", std::string("w")},
                                {"predict", whole_number(1)},
                                {"window", whole_number(1)}});
  std::vector<double> mask;
  for (std::int64_t row = 0; row < task->rows(Split::train); ++row) mask.push_back(all_of(*task, row).mask[0]);
  EXPECT_EQ(mask, (Numbers{2, 3, 6, 7}));
  const auto parted =
      csv("v,w\n1,1\n2,2\n3,3\n4,4\n",
          {{"targets", Words{"v"}}, {"inputs", Words{"v"}}, {"weight", std::string("w")}, {"test_part", 0.5}});
  EXPECT_EQ(all_of(*parted, 0).mask, (Numbers{1, 2}));
  EXPECT_EQ(all_of(*parted, 0, Split::test).mask, (Numbers{3, 4}));
  const std::string test = "w,v\n8,1\n";
  const auto other =
      csv("v,w\n1,1\n", {{"targets", Words{"v"}}, {"inputs", Words{"v"}}, {"weight", std::string("w")}}, &test);
  EXPECT_EQ(all_of(*other, 0, Split::test).mask, (Numbers{8}));
}

TEST(CsvWeights, ATargetOfWeightZeroIsNotLookedAt) {
  // Not needed, not scaled by, not forecast from: nothing but the mask tells two such files apart.
  const auto with = [](const std::string& target) {
    return csv(
        "a,b,w\n1,10,"
        "1\n2," +
            target + ",0\n3,30,1\n4,20,1\n",
        {{"inputs", Words{"a"}},
         {"targets", Words{"b"}},
         {"weight", std::string("w")},
         {"standardize", std::string("all")}});
  };
  const auto task = with("1e30");
  EXPECT_EQ(all_of(*task, 0).mask, (Numbers{1, 0, 1, 1}));
  for (const char* other : {"", "NaN", "5"}) {
    const auto same = with(other);
    EXPECT_TRUE(all_of(*task, 0) == all_of(*same, 0)) << other;
    EXPECT_EQ(task->facts(), same->facts()) << other;
    EXPECT_EQ(task->references()[0].value, same->references()[0].value) << other;
  }
  EXPECT_THAT(task->facts()[1].second, StartsWith("mean 20, deviation 8.16"));
  EXPECT_THAT(refusal([&] { with("x"); }), StartsWith("[train:3] got \"x\""));
}

TEST(CsvWeights, Refusals) {
  const auto weighted = [](const std::string& weight, Given given) {
    return refusal([&] { csv("a,b,w\n1,2,1\n3,4," + weight + "\n", given); });
  };
  const Given plain = {{"targets", Words{"b"}}, {"weight", std::string("w")}};
  EXPECT_THAT(weighted("-1", plain), StartsWith("[train:3] got \"-1\" in column 3 (\"w\"), the weight, allowed are"));
  EXPECT_THAT(weighted("", plain), StartsWith("[train:3] got an empty cell in column 3 (\"w\"), the weight"));
  EXPECT_THAT(weighted("inf", plain), StartsWith("[train:3] got \"inf\""));
  EXPECT_THAT(weighted("", {{"targets", Words{"b"}}, {"weight", std::string("w")}, {"nan", std::string("skip")}}),
              StartsWith("[train:3] got an empty cell"))
      << "data.nan is about inputs and targets";
  EXPECT_THAT(weighted("1", {{"targets", Words{"w"}}, {"weight", std::string("w")}}),
              StartsWith("[train:1] data.weight = \"w\" is one of data.targets too"));
  EXPECT_THAT(weighted("1", {{"inputs", Words{"w"}}, {"targets", Words{"b"}}, {"weight", std::string("3")}}),
              StartsWith("[train:1] data.weight = \"3\" is one of data.inputs too"));
  EXPECT_THAT(weighted("1", {{"targets", Words{"b"}}, {"weight", std::string("ww")}}),
              HasSubstr("data.weight asks for"));
}

}  // namespace
}  // namespace chronograd
