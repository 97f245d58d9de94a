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
