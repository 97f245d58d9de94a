// SPDX-License-Identifier: Apache-2.0
// Rows that lie in the caller's memory are those of a file of the same numbers, however they lie there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/train.hpp"
#include "tasks/file_arrays.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

constexpr std::size_t B = 3, T = 7, n = 2, m = 4;
constexpr auto f32 = static_cast<std::ptrdiff_t>(sizeof(float)), i32 = static_cast<std::ptrdiff_t>(sizeof(int));

Config config_of(const std::vector<std::string>& changes = {}) {
  return Config::parse(
      "seed=3\n[model]\ncell='gru'\nhidden=4\n[loss]\nname='cross_entropy'\n[rule]\nname='bptt'\n"
      "[train]\nbatch=2\nepochs=3\n",
      "test", changes);
}

/// The same rows twice: x lies [T][n][B], backwards in time, y [T][B] as 32-bit integers; and in C order.
struct Rows {
  std::vector<float> x = std::vector<float>(B * T * n), straight_x = x;
  std::vector<std::int32_t> y = std::vector<std::int32_t>(B * T);
  std::vector<std::int64_t> straight_y = std::vector<std::int64_t>(B * T);
  std::vector<double> mask = std::vector<double>(B * T, 1.0);

  Rows() {
    Random random(1, Draw::data);
    for (std::size_t b = 0; b < B; ++b)
      for (std::size_t t = 0; t < T; ++t) {
        for (std::size_t i = 0; i < n; ++i)
          x[((T - 1 - t) * n + i) * B + b] = straight_x[(b * T + t) * n + i] = static_cast<float>(random.normal());
        y[t * B + b] = static_cast<std::int32_t>((b + 3 * t) % m);
        straight_y[b * T + t] = y[t * B + b];
      }
    mask[4] = 0;
    mask[9] = 0.25;
    y[4 * B] = -100;  // masked: stream 0, step 4
  }

  RowsView view() const {
    RowsView rows;
    rows.x = {x.data() + (T - 1) * n * B,
              ArrayView::Type::f32,
              {B, T, n},
              {f32, -f32 * std::ptrdiff_t{n * B}, f32 * std::ptrdiff_t{B}}};
    rows.y = {y.data(), ArrayView::Type::i32, {B, T}, {i32, i32 * std::ptrdiff_t{B}}};
    rows.mask = ArrayView::of(mask.data(), {B, T});
    return rows;
  }
  Arrays file() const {
    Arrays arrays;
    arrays.emplace("x", Array::of({B, T, n}, straight_x));
    arrays.emplace("y", Array::of({B, T}, straight_y));
    arrays.emplace("mask", Array::of({B, T}, mask));
    return arrays;
  }
};

void expect_same_rows(const Task& found, const Task& expected) {
  ASSERT_EQ(found.rows(Split::train), expected.rows(Split::train));
  ASSERT_EQ(found.outputs(), expected.outputs());
  for (int b = 0; b < static_cast<int>(expected.rows(Split::train)); ++b) {
    EXPECT_EQ(Read(found, Split::train, b, 0, T), Read(expected, Split::train, b, 0, T)) << "row " << b;
    EXPECT_EQ(Read(found, Split::train, b, 3, 2), Read(expected, Split::train, b, 3, 2)) << "row " << b;
  }
}

TEST(CallerArrays, AreReadLikeAFileWhateverTheirStrides) {
  const Rows rows;
  const auto task = make_array_task(config_of(), rows.view());
  expect_same_rows(*task, *file_task(rows.file(), cross_entropy));
  EXPECT_TRUE(task->classes());
  EXPECT_TRUE(task->files().empty());
  EXPECT_EQ(task->rows(Split::test), -1);
}

TEST(CallerArrays, TrainToTheSameBits) {
  const Rows rows;
  const RowsView view = rows.view();
  const auto here = make_array_task(config_of(), view, &view);
  Arrays test = rows.file();
  const auto file = file_task(rows.file(), std::move(test), cross_entropy);
  const RunResult found = train(config_of(), *here), expected = train(config_of(), *file);
  EXPECT_EQ(found.parameters.at("W_out").f32, expected.parameters.at("W_out").f32);
  EXPECT_EQ(found.test.loss, expected.test.loss);
  EXPECT_GT(found.test.steps, 0);
}

TEST(CallerArrays, AreNotCopied) {
  Rows rows;
  const auto task = make_array_task(config_of(), rows.view());
  const double before = Read(*task, Split::train, 1, 2, 1).x[0];
  rows.x[((T - 1 - 2) * n) * B + 1] = 0.5F;
  const double after = Read(*task, Split::train, 1, 2, 1).x[0];
  EXPECT_NE(before, 0.5);
  EXPECT_EQ(after, 0.5);
}

TEST(CallerArrays, OneStreamLacksAnAxis) {
  const std::vector<double> x = {0, 1, 2, 3, 4, 5, 6, 7}, y = {7, 6, 5, 4, 3, 2, 1, 0};
  RowsView rows;
  rows.x = {x.data(), ArrayView::Type::f64, {4, 1}, {16, 8}};  // every second one
  rows.y = ArrayView::of(y.data(), {4});
  std::vector<std::string> notes;
  const auto task = make_array_task(config_of({"loss.name=mse"}), rows, nullptr, nullptr, &notes);
  EXPECT_EQ(Read(*task, Split::train, 0, 0, 4).x, (std::vector<double>{0, 2, 4, 6}));
  EXPECT_EQ(Read(*task, Split::train, 0, 0, 4).y, (std::vector<double>{7, 6, 5, 4}));
  EXPECT_THAT(notes, testing::Contains(testing::HasSubstr("read as one stream")));
}

TEST(CallerArrays, LengthsAndRowsToValidateOn) {
  const Rows rows;
  const std::vector<std::int32_t> lengths = {7, 2, 5};
  RowsView view = rows.view();
  view.lengths = ArrayView::of(lengths.data(), {B});
  Arrays file = rows.file();
  file.emplace("lengths", Array::of({B}, std::vector<std::int64_t>{7, 2, 5}));
  expect_same_rows(*make_array_task(config_of(), view), *file_task(file, cross_entropy));
  const auto task = make_array_task(config_of({"data.validation=0.4", "data.train=unused.npz"}), view);
  ASSERT_NE(task->validation(), nullptr);
  EXPECT_EQ(task->rows(Split::train) + task->validation()->rows(Split::train), 3);
}

TEST(CallerArrays, AreCheckedAsFilesAre) {
  Rows rows;
  const auto message = [&](const RowsView& view) -> std::string {
    try {
      static_cast<void>(make_array_task(config_of(), view));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::data);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(rows.view()), "");
  rows.y[2 * B + 1] = 1 << 24;
  EXPECT_THAT(message(rows.view()), testing::AllOf(testing::StartsWith("[training data: y] got the class 16777216"),
                                                   testing::HasSubstr("stream 1, step 2")));
  rows.y[2 * B + 1] = 0;
  rows.x[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(message(rows.view()), testing::StartsWith("[training data: x] got NaN at stream 0, step 6, feature 0"));
  RowsView view = rows.view();
  view.x = {};
  EXPECT_THAT(message(view), testing::StartsWith("[training data] no array x. There are: mask, y."));
}

}  // namespace
}  // namespace chronograd
