// SPDX-License-Identifier: Apache-2.0
#include "streaming/sample.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "chronograd/error.hpp"
#include "streaming/running_scale.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string source = "stdin";
const Place place{source, "line", 12};

struct Read {
  std::vector<float> x = {7, 7}, y = {7, 7};
  Sample operator()(const std::string& line) { return read_sample<float>(line, place, x, y); }
};

std::string refusal(const std::string& line) {
  try {
    Read()(line);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data);
    return error.what();
  }
  return "";
}

TEST(Sample, of_a_line) {
  Read read;
  EXPECT_EQ(read("1,2,3,4"), Sample::targeted);
  EXPECT_THAT(read.x, ElementsAre(1, 2));
  EXPECT_THAT(read.y, ElementsAre(3, 4));
  EXPECT_EQ(read(" -1.5e-1 ,\t+2 , 0.25, 1e3 "), Sample::targeted);
  EXPECT_THAT(read.x, ElementsAre(-0.15F, 2));
  EXPECT_THAT(read.y, ElementsAre(0.25F, 1000));
  for (const char* none : {"5,6", "5,6,", "5,6,,", "5,6, ,"}) {
    read.x = {0, 0};
    EXPECT_EQ(read(none), Sample::inputs) << none;
    EXPECT_THAT(read.x, ElementsAre(5, 6)) << none;
  }
  EXPECT_EQ(read("reset"), Sample::reset);
  EXPECT_EQ(read(" reset "), Sample::reset);
  EXPECT_EQ(read(""), Sample::none);
  EXPECT_EQ(read("1e-60,0"), Sample::inputs);  // float32 has no smaller number than 1e-45: it is 0
  EXPECT_THAT(read.x, ElementsAre(0, 0));
}

TEST(Sample, that_is_none_is_refused_with_its_place) {
  EXPECT_THAT(refusal("1"), HasSubstr("[stdin: line 12] got 1 fields"));
  EXPECT_THAT(refusal("1,2,3"), HasSubstr("got 1 targets"));
  EXPECT_THAT(refusal("1,2,3,"), HasSubstr("got 1 targets"));
  EXPECT_THAT(refusal("1,2,3,4,5"), HasSubstr("got more than 4 fields"));
  EXPECT_THAT(refusal("1,2,3,4,"), HasSubstr("got more than 4 fields"));
  EXPECT_THAT(refusal("1,,3,4"), HasSubstr("got nothing as input 2"));
  EXPECT_THAT(refusal("1,2 3"), HasSubstr("got \"2 3\" as input 2"));
  EXPECT_THAT(refusal("1,2,3,four"), HasSubstr("got \"four\" as target 2"));
  for (const char* bad : {"nan", "inf", "-inf", "1e39", "1e999", "0x10", "+-1", "1_0"})
    EXPECT_THAT(refusal(std::string("1,") + bad), HasSubstr("as input 2")) << bad;
  EXPECT_THAT(refusal("Reset"), HasSubstr("input 1"));
}

std::string bytes_of(const std::vector<float>& numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

TEST(Sample, of_a_record) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  std::vector<double> x(2), y(1);
  const auto read = [&](const std::vector<float>& numbers) {
    return read_record<double>(bytes_of(numbers), place, x, y);
  };
  EXPECT_EQ(read({0.1F, 2, 3}), Sample::targeted);
  EXPECT_THAT(x, ElementsAre(static_cast<double>(0.1F), 2));
  EXPECT_THAT(y, ElementsAre(3));
  EXPECT_EQ(read({1, 2, nan}), Sample::inputs);
  EXPECT_EQ(read({nan, nan, 1}), Sample::reset);
  EXPECT_THROW(read({nan, 2, 1}), Error);
  EXPECT_THROW(read({1, 2, infinite}), Error);
}

TEST(Sample, is_written_so_that_it_reads_back) {
  const std::vector<float> y = {0.1F, -1.17549435e-38F, 3};
  std::string text, bytes;
  write_line<float>(y, text);
  EXPECT_EQ(text, "0.1,-1.1754944e-38,3\n");
  write_record<float>(y, bytes);
  EXPECT_EQ(bytes, bytes_of(y));
}

TEST(RunningScale, is_that_of_all_so_far) {
  const std::vector<double> values = {3, 5, -2, 8, 8.5};
  RunningScale scale(1), other(1);
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (t == 3) {
      ASSERT_TRUE(other.restore(scale.arrays()));
    }
    std::vector<double> x = {values[t]};
    scale.apply<double>(x);
    double mean = 0, squares = 0;
    for (std::size_t k = 0; k <= t; ++k) mean += values[k] / static_cast<double>(t + 1);
    for (std::size_t k = 0; k <= t; ++k) squares += (values[k] - mean) * (values[k] - mean);
    const double expected = t == 0 ? 0 : (values[t] - mean) / std::sqrt(squares / static_cast<double>(t + 1));
    EXPECT_NEAR(x[0], expected, 1e-12);
    if (t < 3) continue;
    std::vector<double> again = {values[t]};
    other.apply<double>(again);
    EXPECT_EQ(again, x);
  }
  EXPECT_FALSE(RunningScale(2).restore(scale.arrays()));
  EXPECT_FALSE(RunningScale(1).restore({}));
}

}  // namespace
}  // namespace chronograd
