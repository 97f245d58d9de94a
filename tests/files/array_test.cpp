// SPDX-License-Identifier: Apache-2.0
#include "chronograd/array.hpp"

#include "files/files.hpp"
#include "files/shape.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;

TEST(Array, SizeAndText) {
  EXPECT_EQ(Array::of({}, std::vector<double>{7}).size(), 1U);
  EXPECT_EQ(Array::of({}, std::vector<double>{7}).shape_text(), "()");
  EXPECT_EQ(Array::of({3}, std::vector<float>{1, 2, 3}).shape_text(), "(3,)");
  EXPECT_EQ(Array::of({3, 0, 4}, std::vector<float>{}).size(), 0U);
  EXPECT_EQ(Array::of({3, 0, 4}, std::vector<float>{}).shape_text(), "(3, 0, 4)");
}

TEST(Array, ElementsAsDouble) {
  EXPECT_EQ(Array::of({2}, std::vector<float>{1, 0.5F}).at(1), 0.5);
  EXPECT_EQ(Array::of({2}, std::vector<std::int64_t>{1, -4}).at(1), -4);
  Array bytes;
  bytes.dtype = Dtype::u8;
  bytes.shape = {2};
  bytes.u8 = {0, 255};
  EXPECT_EQ(bytes.at(1), 255);
  EXPECT_TRUE(bytes.is_integer());
  EXPECT_FALSE(Array::of({1}, std::vector<float>{1}).is_integer());
  EXPECT_THROW(bytes.at(2), std::out_of_range);
}

TEST(Array, RefusesValuesThatDoNotFillTheShape) {
  EXPECT_THAT(testing::data_error([] {
                Array::of({2, 2}, std::vector<double>{1, 2, 3});
              }),
              HasSubstr("got 3 values, allowed is the product of the shape (2, 2)"));
  const std::size_t huge = std::size_t{1} << 32U;
  testing::data_error([&] { Array::of({huge, huge}, std::vector<float>{}); });
}

TEST(Shape, ProductsThatDoNotFitAreNone) {
  const std::size_t huge = std::size_t{1} << 32U;
  EXPECT_EQ(product({2, 3, 4}, 8), 192U);
  EXPECT_EQ(product({}, 8), 8U);
  EXPECT_EQ(product({2, 0}, 8), 0U);
  EXPECT_EQ(product({huge, huge / 8}, 4), std::size_t{1} << 63U);
  EXPECT_EQ(product({huge, huge / 8}, 8), std::nullopt);
  EXPECT_EQ(product({0, huge, huge}), std::nullopt) << "an extent of 0 hides no overflow";
}

}  // namespace
}  // namespace chronograd
