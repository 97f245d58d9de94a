// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <numeric>

#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

const std::string folder = "/usr/share/datasets/fashion-mnist";

class FashionRows : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  }
};

TEST_F(FashionRows, AreTheImagesOfTheFiles) {
  const auto task = make_task_of("fashion_rows", 0);
  EXPECT_EQ(task->inputs(), 28);
  EXPECT_EQ(task->outputs(), 10);
  EXPECT_EQ(task->length(Split::train), 28);
  EXPECT_TRUE(task->classes());
  const struct {
    Split split;
    const char* name;
    std::int64_t rows;
  } parts[] = {{Split::train, "train", 60000}, {Split::test, "t10k", 10000}};
  for (const auto& part : parts) {
    const Array images = read_idx(folder + "/" + part.name + "-images-idx3-ubyte.gz"),
                labels = read_idx(folder + "/" + part.name + "-labels-idx1-ubyte.gz");
    EXPECT_EQ(task->rows(part.split), part.rows);
    std::vector<int> count(10);
    for (std::int64_t row : {std::int64_t{0}, std::int64_t{1}, part.rows / 2, part.rows - 1}) {
      const Read read(*task, part.split, row, 0, 28);
      for (std::size_t i = 0; i < 784; ++i)
        ASSERT_EQ(read.x[i], images.at(static_cast<std::size_t>(row) * 784 + i) / 255.0);
      const std::size_t label = labels.u8[static_cast<std::size_t>(row)];
      for (std::size_t t = 0; t < 28; ++t) {
        for (std::size_t k = 0; k < 10; ++k) ASSERT_EQ(read.y[10 * t + k], k == label ? 1 : 0);
        ASSERT_EQ(read.mask[t], t == 27 ? 1 : 0);
        ASSERT_EQ(read.reset[t], 0);
      }
      Read halves(*task, part.split, row, 0, 11);
      halves.append(Read(*task, part.split, row, 11, 17));
      EXPECT_EQ(read, halves);
      EXPECT_EQ(Read(*task, part.split, row, 27, 1).mask[0], 1);
    }
    for (std::uint8_t label : labels.u8) ++count[label];
    for (int of_class : count) EXPECT_EQ(of_class, part.rows / 10) << "the reference takes classes as equally frequent";
  }
  EXPECT_NEAR(task->references()[0].value, 2.302585, 1e-6);
  EXPECT_NE(task->summary().find("MIT"), std::string::npos);
}

TEST_F(FashionRows, CanBeFewer) {
  const auto task = make_task_of("fashion_rows", 0,
                                 {{"train_rows", std::int64_t{7}}, {"test_rows", std::int64_t{1}}, {"loss_at", "all"}});
  EXPECT_EQ(task->rows(Split::train), 7);
  EXPECT_EQ(task->rows(Split::test), 1);
  const Read read(*task, Split::train, 6, 0, 28);
  EXPECT_EQ(std::accumulate(read.mask.begin(), read.mask.end(), 0.0), 28);
}

TEST_F(FashionRows, CannotBeMoreThanThereAre) {
  try {
    make_task_of("fashion_rows", 0, {{"test_rows", std::int64_t{10001}}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_STREQ(error.what(), "[task.test_rows] got 10001, allowed is 0 (all) ... 10000.");
  }
}

TEST_F(FashionRows, AreWholeImagesForFeedForwardNets) {
  const auto rows = make_task_of("fashion_rows", 0), images = make_task_of("fashion_images", 0);
  EXPECT_EQ(images->inputs(), 784);
  EXPECT_EQ(images->length(Split::train), 1);
  for (const Split split : {Split::train, Split::test}) {
    EXPECT_EQ(images->rows(split), rows->rows(split));
    for (const std::int64_t row : {0, 9999}) {
      const Read by_row(*rows, split, row, 0, 28), whole(*images, split, row, 0, 1);
      EXPECT_EQ(whole.x, by_row.x);
      EXPECT_EQ(whole.y, std::vector<double>(by_row.y.end() - 10, by_row.y.end()));
      EXPECT_EQ(whole.mask, std::vector<double>{1});
    }
  }
}

TEST_F(FashionRows, ImagesAreMovedAndMirroredAnewInEveryPass) {
  constexpr std::int64_t N = 6;
  const auto plain = make_task_of("fashion_images", 5, {{"train_rows", N}, {"test_rows", N}}),
             moved = make_task_of("fashion_images", 5,
                                  {{"train_rows", N}, {"test_rows", N}, {"jitter", std::int64_t{2}}, {"flip", true}});
  EXPECT_EQ(moved->rows(Split::train), 0);
  EXPECT_EQ(moved->rows(Split::test), N);
  EXPECT_EQ(Read(*moved, Split::test, 3, 0, 1).x, Read(*plain, Split::test, 3, 0, 1).x);
  const auto pixel = [](const Read& read, int y, int x) {
    return y >= 0 && y < 28 && x >= 0 && x < 28 ? read.x[static_cast<std::size_t>(28 * y + x)] : 0;
  };
  // The image and the change that a row is made by; each image once in a pass.
  int mirrored = 0, still = 0;
  for (std::int64_t pass = 0; pass < 8; ++pass) {
    std::vector<int> seen(N);
    for (std::int64_t row = 0; row < N; ++row) {
      const Read got(*moved, Split::train, pass * N + row, 0, 1);
      int found = 0;
      for (std::int64_t image = 0; image < N; ++image) {
        const Read from(*plain, Split::train, image, 0, 1);
        for (int change = 0; change < 50; ++change) {
          const int down = change % 5 - 2, right = change / 5 % 5 - 2;
          bool same = got.y == from.y;
          for (int y = 0; y < 28 && same; ++y)
            for (int x = 0; x < 28 && same; ++x)
              same = pixel(got, y, x) == pixel(from, y - down, (change < 25 ? x : 27 - x) - right);
          if (!same) continue;
          ++found;
          ++seen[static_cast<std::size_t>(image)];
          mirrored += change >= 25;
          still += down == 0 && right == 0;
        }
      }
      EXPECT_EQ(found, 1) << pass << " " << row;
    }
    EXPECT_EQ(seen, std::vector<int>(N, 1)) << pass;
  }
  EXPECT_GT(mirrored, 12);
  EXPECT_LT(mirrored, 36);
  EXPECT_LT(still, 8);
}

TEST(FashionRowsWithoutFiles, SayWhichPackageHasThem) {
  try {
    make_task_of("fashion_rows", 0, {{"path", "/no/such/folder"}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_THAT(error.what(), testing::HasSubstr("/no/such/folder"));
    EXPECT_THAT(error.what(), testing::HasSubstr("dataset-fashion-mnist"));
  }
}

}  // namespace
}  // namespace chronograd
