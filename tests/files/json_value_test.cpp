// SPDX-License-Identifier: Apache-2.0
// Json is held against the library that it stands for.
#include "base/json_value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace chronograd {
namespace {

using Model = nlohmann::ordered_json;

TEST(JsonValue, ReadsAndWritesWhatTheLibraryDoes) {
  for (const char* text : {"null", "true", "[]", "{}", "0", "-0.0", "1e-300", "0.1", "123456789012345678",
                           "18446744073709551615", "-7", "1.0", "\"\"", "\"a\\u00e9\\n\\\"\"",
                           R"([1,[2,{"b":[null,false]}],"x"])", R"({"z":1,"a":{"c":2,"b":3},"z":4})", " [ 1 , 2 ] "}) {
    EXPECT_EQ(Json::parse(text).dump(), Model::parse(text).dump()) << text;
    EXPECT_EQ(Json::parse(text).dump(2), Model::parse(text).dump(2)) << text;
    EXPECT_EQ(Json::parse(text).size(), Model::parse(text).size()) << text;
  }
  for (const char* text : {"", "{", "[1,]", "nul", "1 2", "{\"a\"}", "\"\xff\""}) {
    EXPECT_TRUE(Json::read(text).is_discarded()) << text;
    EXPECT_THROW(Json::parse(text), JsonError) << text;
  }
  EXPECT_EQ(Json("\xff").dump(), Model("\xff").dump(-1, ' ', false, Model::error_handler_t::replace));
  EXPECT_EQ(Json(std::nan("")).dump(), "null");
}

template <class Value>
Value written_in_braces() {
  Value json = {{"a", 1}, {"b", {1.5, "two", nullptr, true}}, {"c", {{"d", std::size_t{3}}}}, {"e", {"f", "g"}}};
  json["h"]["i"] = std::vector<std::string>{"j", "k"};
  json["l"].push_back({{"m", -1}});
  json["l"].push_back({"n", 2});
  json["a"] = Value::array();
  json["o"] = {{"p", {}}};
  json.update(Value({{"q", 0.1F}, {"b", Value::object()}}));
  json.erase("e");
  return json;
}

TEST(JsonValue, BracesMeanWhatTheyMeanInTheLibrary) {
  EXPECT_EQ(written_in_braces<Json>().dump(), written_in_braces<Model>().dump());
}

TEST(JsonValue, IsGoneThroughAsInTheLibrary) {
  const Json json = Json::parse(R"({"a":[1,2],"b":"x"})"), &list = json["a"];
  std::string names;
  for (const auto& [name, value] : json.items()) names += name + value.dump();
  for (const auto& [name, value] : list.items()) names += name + value.dump();
  EXPECT_EQ(names, "a[1,2]b\"x\"0112");
  std::vector<double> numbers;
  for (const Json& element : list) numbers.push_back(element.get<double>());
  EXPECT_EQ(numbers, list.get<std::vector<double>>());
  for (const Json& itself : json["b"]) EXPECT_EQ(itself, "x");
  for (const Json& none : Json()) ADD_FAILURE() << none.dump();
  EXPECT_EQ(json.find("c"), json.end());
  EXPECT_EQ(list.find("a"), list.end());
  EXPECT_EQ(json.value("c", 5).get<int>(), 5);
}

TEST(JsonValue, OtherKindsAreRefused) {
  const Json json = Json::parse(R"({"a":"1","b":2})");
  EXPECT_THROW(json.at("c"), JsonError);
  EXPECT_THROW(json["a"].get<int>(), JsonError);
  EXPECT_THROW(json["b"].get<std::string>(), JsonError);
  EXPECT_THROW(json["b"].get<bool>(), JsonError);
  EXPECT_THROW(json["b"].at("c"), JsonError);
  EXPECT_THROW(json["b"].value("c", 1), JsonError);
  EXPECT_THROW(json.get<std::vector<int>>(), JsonError);
  EXPECT_THROW(Json(1).push_back(2), JsonError);
  EXPECT_THROW(Json(1)["a"], JsonError);
}

TEST(JsonValue, NumbersAreEqualByValue) {
  EXPECT_EQ(Json(1), Json(1U));
  EXPECT_EQ(Json(1), Json(1.0));
  EXPECT_NE(Json(-1), Json(18446744073709551615U));
  EXPECT_NE(Json(1), Json(true));
  EXPECT_NE(Json(1), Json("1"));
  EXPECT_NE(Json::read("{"), Json::read("{"));
  EXPECT_EQ(Json::parse("{\"a\":[1]}"), Json({{"a", std::vector<int>{1}}}));
}

}  // namespace
}  // namespace chronograd
