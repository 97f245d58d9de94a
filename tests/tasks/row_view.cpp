// SPDX-License-Identifier: Apache-2.0
// Rows that are held out of training.
#include "formats/row_view.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "chronograd/error.hpp"
#include "file_arrays.hpp"
#include "reading.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

TEST(HeldOut, DrawsWholeRowsFromTheSeed) {
  const auto [kept, held] = held_out(10, 0.3, 1, "k");
  EXPECT_EQ(kept.size(), 7U);
  EXPECT_EQ(held.size(), 3U);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
  EXPECT_TRUE(std::is_sorted(held.begin(), held.end()));
  std::vector<std::int64_t> all = kept;
  all.insert(all.end(), held.begin(), held.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
  EXPECT_EQ(held_out(10, 0.3, 1, "k").second, held);
  bool differs = false;
  for (std::uint64_t seed = 2; seed < 12; ++seed) differs = differs || held_out(10, 0.3, seed, "k").second != held;
  EXPECT_TRUE(differs);
  EXPECT_EQ(held_out(10, 0.39, 1, "k").second, held) << "a share is rounded down to whole rows";
}

std::string refusal(std::int64_t rows, double share) {
  try {
    held_out(rows, share, 0, "data.validation");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  return "nothing was refused";
}

TEST(HeldOut, LeavesNoPartEmpty) {
  EXPECT_THAT(refusal(1, 0.5), HasSubstr("[data.validation] got 0.5 of 1 row, which is not one whole row"));
  EXPECT_THAT(refusal(9, 0.1), HasSubstr("of 9 rows"));
  EXPECT_EQ(refusal(2, 0.5), "nothing was refused");
}

// What is held out is no training row any more, and all rows are what they were, first states included.
TEST(Validation, TakesRowsOfAFile) {
  Arrays arrays = {{"x", counting({6, 3, 2})}, {"y", counting({6, 3, 1}, 0.5)}, {"h0", counting({6, 4}, 0.1)}};
  const std::unique_ptr<Task> whole = file_task(arrays),
                              task = with_validation(file_task(arrays), 0.4, 3, "data.validation");
  const auto [kept, held] = held_out(6, 0.4, 3, "");
  ASSERT_NE(task->validation(), nullptr);
  EXPECT_EQ(task->rows(Split::train), 4);
  EXPECT_EQ(task->validation()->rows(Split::train), 2);
  EXPECT_EQ(task->rows(Split::test), -1);
  const auto expect_rows = [&](const Task& part, const std::vector<std::int64_t>& rows) {
    ASSERT_TRUE(part.has_initial_state());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(Read(part, Split::train, static_cast<std::int64_t>(i), 0, 3),
                Read(*whole, Split::train, rows[i], 0, 3));
      std::vector<double> state(4), expected(4);
      EXPECT_TRUE(part.initial_state(Split::train, static_cast<std::int64_t>(i), state));
      EXPECT_TRUE(whole->initial_state(Split::train, rows[i], expected));
      EXPECT_EQ(state, expected);
    }
  };
  expect_rows(*task, kept);
  expect_rows(*task->validation(), held);
}

TEST(Validation, DrawsFreshRowsWhereTrainingDoes) {
  const std::unique_ptr<Task> task = with_validation(make_task_of("add", 5), 0.1, 5, "task.validation");
  EXPECT_EQ(task->rows(Split::train), 0);
  ASSERT_NE(task->validation(), nullptr);
  EXPECT_EQ(task->validation()->rows(Split::train), 0);
  const Read fresh(*task->validation(), Split::train, 0, 0, 100);
  for (const Split split : {Split::train, Split::test})
    for (std::int64_t row = 0; row < 3; ++row) EXPECT_NE(fresh, Read(*task, split, row, 0, 100));
  EXPECT_EQ(fresh, Read(*with_validation(make_task_of("add", 5), 0.9, 5, "")->validation(), Split::train, 0, 0, 100));
  EXPECT_NE(fresh, Read(*task->validation(), Split::train, 1, 0, 100));
  EXPECT_THROW(with_validation(make_task_of("influence_balancing", 0), 0.5, 0, "task.validation"), Error)
      << "it has no test rows, so none that are fresh";
  EXPECT_EQ(make_task_of("add", 5)->validation(), nullptr);
}

}  // namespace
}  // namespace chronograd
