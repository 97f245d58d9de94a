// SPDX-License-Identifier: Apache-2.0
// A third factor in columns of a table: it is that of the step whose line it stands in.
#include "chronograd/third_factor.hpp"
#include "chronograd/train.hpp"
#include "formats/file_task.hpp"
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Signal = std::vector<double>;

std::unique_ptr<Task> signalled(const std::string& bytes, Given given, const std::string* test = nullptr) {
  return format_task("csv", bytes, given, mse_needs, test);
}

Signal signal_of(const Task& task, std::int64_t row, std::int64_t t, int steps) {
  Signal third(static_cast<std::size_t>(steps * third_numbers(task)), -99);
  third_factor(task)->read_third(row, t, steps, third.data());
  return third;
}

TEST(CsvThirdFactor, IsThatOfItsLine) {
  const std::string file = "v,r,s\n1,-1,10\n2,-2,20\n3,0,30\n4,-4,40\n";
  const auto one = signalled(file, {{"inputs", Words{"v"}}, {"targets", Words{"v"}}, {"third", Words{"r"}}});
  EXPECT_EQ(signal_of(*one, 0, 0, 4), (Signal{-1, -2, 0, -4}));
  EXPECT_EQ(signal_of(*one, 0, 1, 2), (Signal{-2, 0}));
  const auto ahead = signalled(file, {{"predict", whole_number(2)}, {"third", Words{"s", "2"}}});
  EXPECT_EQ(ahead->inputs(), 1) << "a third factor is no input";
  EXPECT_EQ(signal_of(*ahead, 0, 0, 2), (Signal{10, -1, 20, -2})) << "and belongs to no later step";
  const auto rows = signalled("a,b,y,r,s\n1,2,3,7,8\n4,5,6,9,10\n",
                              {{"targets", Words{"y"}}, {"steps", whole_number(2)}, {"third", Words{"r", "s"}}});
  EXPECT_EQ(third_numbers(*rows), 1) << "one for each step of a line";
  EXPECT_EQ(signal_of(*rows, 1, 0, 2), (Signal{9, 10}));
  EXPECT_EQ(third_numbers(*signalled(file, {{"predict", whole_number(1)}})), 0);
}

TEST(CsvThirdFactor, FollowsStreamsAndEndsWithItsRow) {
  const auto task = signalled(
      "id,v,r\np,1,1\nq,10,4\np,2,2\np,3,3\n",
      {{"stream", std::string("id")}, {"inputs", Words{"v"}}, {"targets", Words{"v"}}, {"third", Words{"r"}}});
  EXPECT_EQ(signal_of(*task, 0, 0, 3), (Signal{1, 2, 3}));
  EXPECT_EQ(signal_of(*task, 1, 0, 3), (Signal{4, 0, 0}));
}

TEST(CsvThirdFactor, IsNeededInNoTestFileAndScaledByNothing) {
  const std::string test = "v\n8\n9\n";
  const auto task = signalled(
      "v,r\n1,5\n2,50\n",
      {{"inputs", Words{"v"}}, {"targets", Words{"v"}}, {"third", Words{"r"}}, {"standardize", std::string("all")}},
      &test);
  EXPECT_EQ(signal_of(*task, 0, 0, 2), (Signal{5, 50}));
  EXPECT_EQ(task->rows(Split::test), 1);
}

TEST(CsvThirdFactor, MakesAStepWithoutATargetNoPadding) {
  const auto padding = [](const std::string& last) {
    const auto task = signalled(
        "v,w,r\n1,1,0\n2,0,0\n3,0," + last + "\n4,0,0\n",
        {{"inputs", Words{"v"}}, {"targets", Words{"v"}}, {"weight", std::string("w")}, {"third", Words{"r"}}});
    std::vector<double> x(4), y(4), mask(4);
    std::vector<std::uint8_t> reset(4), padded(4);
    task->read(Split::train, 0, 0, 4, {x.data(), y.data(), mask.data(), reset.data(), padded.data()});
    return padded;
  };
  EXPECT_EQ(padding("0"), (std::vector<std::uint8_t>{0, 1, 1, 1}));
  EXPECT_EQ(padding("-2"), (std::vector<std::uint8_t>{0, 0, 0, 1}));
}

TEST(CsvThirdFactor, Refusals) {
  const auto refused = [](const std::string& cell, Given given) {
    return refusal([&] { signalled("a,b,r\n1,2,1\n3,4," + cell + "\n", given); });
  };
  const Given plain = {{"targets", Words{"b"}}, {"third", Words{"r"}}};
  EXPECT_THAT(refused("", plain), StartsWith("[train:3] got an empty cell in column 3 (\"r\"), the third factor"));
  EXPECT_THAT(refused("inf", plain), StartsWith("[train:3] got \"inf\""));
  EXPECT_THAT(refused("", {{"targets", Words{"b"}}, {"third", Words{"r"}}, {"nan", std::string("hold")}}),
              StartsWith("[train:3] got an empty cell"))
      << "data.nan is about inputs and targets";
  EXPECT_THAT(refused("1", {{"targets", Words{"r"}}, {"third", Words{"r"}}}),
              StartsWith("[train:1] data.third = \"r\" is one of data.targets too"));
  EXPECT_THAT(refused("1", {{"targets", Words{"b"}}, {"third", Words{"r"}}, {"weight", std::string("r")}}),
              StartsWith("[train:1] data.third = \"r\" is one of data.weight too"));
  EXPECT_THAT(refused("1", {{"targets", Words{"b"}}, {"third", Words{"x"}}}), HasSubstr("which data.third asks for"));
  EXPECT_THAT(
      refused(
          "1",
          {{"targets", Words{"b"}}, {"third", Words{"r"}}, {"steps", whole_number(2)}, {"inputs", Words{"a", "a"}}}),
      HasSubstr("got 1 column of a third factor, allowed is a multiple of data.steps = 2"));
  FileNeeds small = mse_needs;
  small.largest = 100;
  EXPECT_THAT(refusal([&] {
                format_task("csv", "a,b,r\n1,2,1\n3,4,1e3\n", {{"targets", Words{"b"}}, {"third", Words{"r"}}}, small);
              }),
              StartsWith("[train:3] got the third factor 1000 in the column \"r\""));
}

/// The same numbers as arrays and as a table train the same network.
TEST(CsvThirdFactor, TrainsLikeThatOfArrays) {
  std::string table = "x,y,r0,r1,r2\n";
  Signal x, y, third;
  for (int t = 0; t < 20; ++t) {
    x.push_back((t * 7 % 5) / 4.0);
    y.push_back((t * 3 % 4) / 8.0);
    table += std::to_string(x.back()) + "," + std::to_string(y.back());
    for (int i = 0; i < 3; ++i) {
      third.push_back(((t + 2 * i) % 3 - 1) / 2.0);
      table += "," + std::to_string(third.back());
    }
    table += "\n";
  }
  const Config config = Config::parse(
      "dtype='float64'\n[model]\ncell='leaky'\nhidden=3\nalpha=0.5\n[loss]\nname='mse'\n[rule]\nname='three_factor'\n"
      "[update]\nevery=4\n[optimizer]\nname='sgd'\nlr=0.1\n[train]\nepochs=3\n",
      "test");
  const auto arrays = make_file_task(
      {{"x", Array::of({1, 20, 1}, x)}, {"y", Array::of({1, 20, 1}, y)}, {"third", Array::of({1, 20, 3}, third)}},
      "data.npz", nullptr, "", mse_needs, nullptr);
  const auto columns =
      signalled(table, {{"inputs", Words{"x"}}, {"targets", Words{"y"}}, {"third", Words{"r0", "r1", "r2"}}});
  const Arrays found = train(config, *columns).parameters, expected = train(config, *arrays).parameters;
  for (const char* name : {"W_rec", "W_in", "W_out"}) EXPECT_EQ(found.at(name).f64, expected.at(name).f64) << name;
}

}  // namespace
}  // namespace chronograd
