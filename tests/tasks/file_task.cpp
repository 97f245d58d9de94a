// SPDX-License-Identifier: Apache-2.0
#include "formats/file_task.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "tasks/file_arrays.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;

Arrays plain() {
  return {{"x", counting({2, 3, 2})}, {"y", counting({2, 3, 1}, 0.5)}};
}

TEST(FileTask, ReadsStreamsFirst) {
  const auto task = file_task(plain());
  EXPECT_EQ(task->inputs(), 2);
  EXPECT_EQ(task->outputs(), 1);
  EXPECT_EQ(task->length(Split::train), 3);
  EXPECT_EQ(task->rows(Split::train), 2);
  EXPECT_EQ(task->rows(Split::test), -1);
  EXPECT_FALSE(task->classes());
  EXPECT_FALSE(task->has_initial_state());
  const Read read(*task, Split::train, 1, 1, 2);
  EXPECT_THAT(read.x, ElementsAre(8, 9, 10, 11));
  EXPECT_THAT(read.y, ElementsAre(2, 2.5));
  EXPECT_THAT(read.mask, ElementsAre(1, 1));
  EXPECT_THAT(read.reset, ElementsAre(0, 0));
  EXPECT_EQ(task->summary(), "data.npz: 2 streams of 3 steps, 2 inputs, 1 output");
}

TEST(FileTask, ReadsWeightsResetsAndFirstStates) {
  Arrays arrays = plain();
  arrays["mask"] = counting({2, 3}, 0.25);
  arrays["reset"] = whole_numbers({2, 3}, {1, 0, 1, 0, 1, 0});
  arrays["h0"] = counting({2, 4});
  const auto task = file_task(arrays);
  EXPECT_THAT(Read(*task, Split::train, 1, 0, 3).mask, ElementsAre(0.75, 1, 1.25));
  EXPECT_THAT(Read(*task, Split::train, 0, 0, 3).reset, ElementsAre(1, 0, 1));
  EXPECT_TRUE(task->has_initial_state());
  double h0[4];
  ASSERT_TRUE(task->initial_state(Split::train, 1, h0));
  EXPECT_THAT(h0, ElementsAre(4, 5, 6, 7));
}

TEST(FileTask, ReadsTheSecondStateOfCellsThatHaveOne) {
  Arrays arrays = plain();
  arrays["c0"] = counting({2, 4}, 10);
  FileNeeds two = mse;
  two.states = {"h0", "c0"};
  double state[8];
  ASSERT_TRUE(file_task(arrays, two)->initial_state(Split::train, 1, state));
  EXPECT_THAT(state, ElementsAre(0, 0, 0, 0, 40, 50, 60, 70)) << "c0 alone: h starts from zero";
  arrays["h0"] = counting({2, 4});
  ASSERT_TRUE(file_task(arrays, two)->initial_state(Split::train, 1, state));
  EXPECT_THAT(state, ElementsAre(4, 5, 6, 7, 40, 50, 60, 70));
  std::vector<std::string> notes;
  file_task(arrays, mse, &notes);
  EXPECT_THAT(notes, ElementsAre("[data.npz: c0] this array is not used."));
}

TEST(FileTask, ReadsEveryTypeOfNumber) {
  Arrays arrays{{"x", Array::of({1, 2, 1}, std::vector<float>{0.5F, -2})}, {"y", whole_numbers({1, 2, 1}, {3, -4})}};
  Array flags;
  flags.dtype = Dtype::u8;
  flags.shape = {1, 2};
  flags.u8 = {0, 1};
  arrays["reset"] = flags;
  const Read read(*file_task(arrays), Split::train, 0, 0, 2);
  EXPECT_THAT(read.x, ElementsAre(0.5, -2));
  EXPECT_THAT(read.y, ElementsAre(3, -4));
  EXPECT_THAT(read.reset, ElementsAre(0, 1));
}

TEST(FileTask, OneStreamMayLackItsAxis) {
  Arrays arrays{{"x", counting({3, 2})}, {"y", counting({3, 1})}};
  arrays["mask"] = counting({3});
  arrays["reset"] = whole_numbers({1, 3}, {0, 1, 0});
  arrays["h0"] = counting({4});
  std::vector<std::string> notes;
  const auto task = file_task(arrays, mse, &notes);
  EXPECT_THAT(notes, ElementsAre("[data.npz: x] shape (3, 2), read as one stream: (B, T, n) = (1, 3, 2)."));
  EXPECT_EQ(task->rows(Split::train), 1);
  const Read read(*task, Split::train, 0, 2, 1);
  EXPECT_THAT(read.x, ElementsAre(4, 5));
  EXPECT_THAT(read.y, ElementsAre(2));
  EXPECT_THAT(read.mask, ElementsAre(2));
  const Arrays classes{{"x", counting({3, 2})}, {"y", whole_numbers({3}, {1, 0, 1})}};
  EXPECT_THAT(Read(*file_task(classes, cross_entropy), Split::train, 0, 0, 1).y, ElementsAre(0, 1));
}

TEST(FileTask, OneStepOfOneStreamIsEnough) {
  const auto task = file_task({{"x", counting({1, 1, 1})}, {"y", counting({1, 1, 1})}});
  EXPECT_EQ(task->length(Split::train), 1);
  EXPECT_EQ(Read(*task, Split::train, 0, 0, 1).x.size(), 1U);
}

TEST(FileTask, NumbersWithoutALastAxisAreOneOutput) {
  std::vector<std::string> notes;
  const auto task = file_task({{"x", counting({2, 3, 1})}, {"y", counting({2, 3})}}, mse, &notes);
  EXPECT_EQ(task->outputs(), 1);
  EXPECT_THAT(Read(*task, Split::train, 1, 0, 3).y, ElementsAre(3, 4, 5));
  EXPECT_THAT(notes, ElementsAre("[data.npz: y] read as one output: (2, 3, 1)."));
}

TEST(FileTask, NamesWhatItDoesNotUse) {
  Arrays arrays = plain();
  arrays["y_target"] = counting({7});
  arrays["W_rec"] = counting({4, 4});
  std::vector<std::string> notes;
  file_task(arrays, mse, &notes);
  EXPECT_THAT(notes,
              ElementsAre("[data.npz: W_rec] this array is not used.", "[data.npz: y_target] this array is not used."));
  EXPECT_NO_THROW(file_task(arrays));
}

TEST(FileTask, RowsEndAfterTheirLengths) {
  Arrays arrays = plain();
  arrays["x"].f64 = {0, 1, 2, 3, NAN, INFINITY, 6, 7, 8, 9, 10, 11};
  arrays["y"].f64 = {0.5, 1, NAN, 2, 3, 4};
  arrays["lengths"] = whole_numbers({2}, {2, 3});
  const auto task = file_task(arrays);
  EXPECT_THAT(Read(*task, Split::train, 0, 0, 3).mask, ElementsAre(1, 1, 0));
  EXPECT_THAT(Read(*task, Split::train, 1, 0, 3).mask, ElementsAre(1, 1, 1));
  EXPECT_THAT(Read(*task, Split::train, 0, 0, 3).x, ElementsAre(0, 1, 2, 3, 0, 0)) << "what follows is not looked at";
  EXPECT_THAT(Read(*task, Split::train, 0, 0, 3).y, ElementsAre(0.5, 1, 0));
  arrays["mask"] = counting({2, 3});
  EXPECT_THAT(Read(*file_task(arrays), Split::train, 0, 0, 3).mask, ElementsAre(0, 1, 0)) << "both: their product";
  Arrays one{{"x", counting({3, 2})}, {"y", counting({3, 1})}};
  for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{}, {1}}) {
    one["lengths"] = whole_numbers(shape, {1});
    EXPECT_THAT(Read(*file_task(one), Split::train, 0, 0, 3).mask, ElementsAre(1, 0, 0));
  }
}

TEST(FileTask, TestRowsMayHaveAnotherLength) {
  for (const std::size_t T : {2U, 7U}) {
    const Arrays test{{"x", counting({3, T, 2})}, {"y", counting({3, T, 1})}};
    const auto task = file_task({{"x", counting({2, 4, 2})}, {"y", counting({2, 4, 1})}}, test, mse);
    EXPECT_EQ(task->length(Split::train), 4);
    EXPECT_EQ(task->length(Split::test), T);
    const auto last = static_cast<std::int64_t>(T) - 1;
    EXPECT_THAT(Read(*task, Split::test, 2, last, 1).y, ElementsAre(3.0 * static_cast<double>(T) - 1));
    EXPECT_THAT(Read(*task, Split::train, 1, 3, 1).y, ElementsAre(7));
  }
}

TEST(FileTask, FirstStatesMayBeInOneFileOnly) {
  Arrays test = plain();
  test["h0"] = counting({2, 4});
  const auto task = file_task(plain(), test, mse);
  EXPECT_TRUE(task->has_initial_state());
  double h0[4] = {9, 9, 9, 9};
  EXPECT_FALSE(task->initial_state(Split::train, 1, h0));
  EXPECT_THAT(h0, ElementsAre(9, 9, 9, 9));
  EXPECT_TRUE(task->initial_state(Split::test, 1, h0));
  EXPECT_THAT(h0, ElementsAre(4, 5, 6, 7));
}

}  // namespace
}  // namespace chronograd
