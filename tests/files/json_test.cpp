// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace chronograd {
namespace {

std::string nested(const std::string& open, const std::string& close, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += open;
  for (std::size_t i = 0; i < times; ++i) text += close;
  return text;
}

TEST(JsonText, NestedDeeplyIsNone) {
  EXPECT_EQ(*json_of(R"({"a": [1, {"b": null}]})")["a"].begin(), 1);
  EXPECT_TRUE(json_of("{\"a\": ").is_discarded());
  EXPECT_FALSE(json_of(nested("[", "]", 100)).is_discarded());
  EXPECT_TRUE(json_of(nested("[", "]", 101)).is_discarded());
  EXPECT_TRUE(json_of(nested("{\"a\":[", "]}", 1000000)).is_discarded()) << "and no recursion runs out of memory";
  EXPECT_EQ(json_of("\"" + nested("[", "", 200) + "\\\"" + nested("{", "", 200) + "\"").size(), 1U) << "words are none";
  EXPECT_FALSE(json_of("[" + nested("[],", "", 200) + "1]").is_discarded()) << "nor are neighbours";
}

TEST(JsonText, WholeNumbersInTheirRange) {
  const auto number = [](const char* text) { return whole_number_in<std::int64_t>(Json::parse(text)); };
  EXPECT_EQ(number("7"), 7);
  EXPECT_EQ(number("9223372036854775807"), 9223372036854775807);
  for (const char* text : {"-1", "1.0", "1e300", "9223372036854775808", "\"7\"", "null", "[7]"})
    EXPECT_THROW(number(text), JsonError) << text;
  EXPECT_EQ(whole_number_in<std::uint64_t>(Json::parse("18446744073709551615")), 18446744073709551615U);
  EXPECT_EQ(whole_number_in(Json::parse("-3"), -3), -3);
  EXPECT_THROW(whole_number_in(Json::parse("-4"), -3), JsonError);
  EXPECT_THROW(whole_number_in(Json::parse("0"), 1), JsonError);
  EXPECT_THROW(whole_number_in<int>(Json::parse("2147483648")), JsonError);
}

}  // namespace
}  // namespace chronograd
