// SPDX-License-Identifier: Apache-2.0
// What CSV files may not hold, and what is said about it.
#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string csv_refusal(const std::string& bytes, Given given, const FileNeeds& needs = mse_needs,
                        Exit code = Exit::data, const std::string* test = nullptr) {
  return refusal([&] { format_task("csv", bytes, given, needs, test); }, code);
}

TEST(CsvErrors, SayLineAndColumn) {
  const struct {
    const char* bytes;
    const char* start;
    const char* part;
  } cases[] = {
      {"", "[train] got an empty file", ""},
      {"\n\n", "[train] got an empty file", ""},
      {"a,b\n", "[train] got a header and no line of data", ""},
      {"a,b\n1,2\n\n3\n", "[train:4] got 1 cell, allowed are 2", "data.separator"},
      {"a,b\n1,2,3\n", "[train:2] got 3 cells, allowed are 2", ""},
      {"a,b\n1,2\n3,x\n", "[train:3] got \"x\" in column 2 (\"b\")", "data.inputs"},
      {"a,b\n1,2\n0x10,2\n", "[train:3] got \"0x10\" in column 1 (\"a\")", ""},
      {"a,b\n1,2\n1e999,2\n", "[train:3] got \"1e999\"", "finite"},
      {"a,b\n1,2\ninf,2\n", "[train:3] got \"inf\"", "finite"},
      {"a,b\n1,2\n3;4,2\n", "[train:3] got \"3;4\"", ""},
      {"a,b\n1,2\n\"1,5\",2\n", "[train:3] got \"1,5\"", ""},
      {"a,b\n1,2\n,2\n", "[train:3] got an empty cell in column 1 (\"a\")", "data.nan"},
      {"a,b\n1,2\n3,NaN\n", "[train:3] got \"NaN\" in column 2 (\"b\")", "data.nan"},
      {"a,c\n1,2\n", "[train:1] no column \"b\", which data.targets asks for", "Columns: \"a\", \"c\""},
      {"a,b,b\n1,2,3\n", "[train:1] several columns have the name \"b\"", ""},
      {"b\n1\n", "[train:1] no column is left to be an input", ""},
  };
  for (const auto& one : cases) {
    const std::string message = csv_refusal(one.bytes, {{"targets", Words{"b"}}});
    EXPECT_THAT(message, StartsWith(one.start));
    EXPECT_THAT(message, HasSubstr(one.part));
  }
}

TEST(CsvErrors, NearbyNames) {
  EXPECT_THAT(csv_refusal("temperature,b\n1,2\n", {{"inputs", Words{"temprature"}}, {"targets", Words{"b"}}}),
              HasSubstr("did you mean \"temperature\"?"));
  EXPECT_THAT(csv_refusal("a,b\n1,2\n", {{"inputs", Words{"3"}}, {"targets", Words{"b"}}}),
              HasSubstr("no column \"3\""));
  EXPECT_THAT(csv_refusal("a,b\n1,2\n", {}), HasSubstr("no column is a target"));
}

TEST(CsvErrors, StreamsAndRows) {
  EXPECT_THAT(csv_refusal("id,v\nk,1\n,2\n", {{"stream", std::string("id")}, {"predict", whole_number(1)}}),
              StartsWith("[train:3] got no name of a stream in column 1 (\"id\")"));
  EXPECT_THAT(csv_refusal("v\n1\n2\n3\n", {{"predict", whole_number(1)}, {"window", whole_number(5)}}),
              StartsWith("[train] got streams of at most 3 lines, too short for one training row, which takes "
                         "data.window + data.predict = 6 lines."));
  EXPECT_THAT(csv_refusal("a,b,c\n1,2,3\n", {{"targets", Words{"c"}}, {"steps", whole_number(3)}}),
              HasSubstr("allowed is a multiple of data.steps = 3"));
}

TEST(CsvErrors, WhatARowIsTooShortFor) {
  const std::string three = "v\n1\n2\n3\n";
  EXPECT_THAT(csv_refusal(three, {{"predict", whole_number(3)}}), HasSubstr("which takes data.predict + 1 = 4 lines."));
  EXPECT_THAT(csv_refusal("a,b\n1,2\n", {{"targets", Words{"b"}}, {"window", whole_number(2)}}),
              HasSubstr("at most 1 line, too short for one training row, which takes data.window = 2 lines."));
  EXPECT_THAT(csv_refusal(three, {{"predict", whole_number(1)}, {"test_part", 0.3}}),
              StartsWith("[train] got streams of at most 0 lines in the test part (data.test_part), too short for one "
                         "test row, which takes data.predict + 1 = 2 lines."));
  const auto notes_of = [](Given given, const std::string* test = nullptr) {
    std::vector<std::string> notes;
    format_task("csv", "id,v\na,1\na,2\na,3\na,4\nb,1\nb,2\n", given, mse_needs, test, &notes);
    return notes;
  };
  const Value id = std::string("id");
  EXPECT_THAT(notes_of({{"stream", id}, {"predict", whole_number(2)}}),
              ElementsAre(HasSubstr("train] 1 stream is not used, too short for one training row, which takes "
                                    "data.predict + 1 = 3 lines.")));
  EXPECT_THAT(notes_of({{"stream", id}, {"predict", whole_number(1)}, {"test_part", 0.5}}),
              ElementsAre(HasSubstr("1 stream is not used in the training part (data.test_part), too short"),
                          HasSubstr("1 stream is not used in the test part (data.test_part), too short")));
  const std::string test = "id,v\nc,1\nd,1\nd,2\n";
  EXPECT_THAT(notes_of({{"stream", id}, {"predict", whole_number(1)}}, &test),
              ElementsAre(HasSubstr("test] 1 stream is not used, too short for one test row")));
}

TEST(CsvErrors, TargetsThatDoNotFit) {
  FileNeeds bce{false, "bce", 0, 4}, two = mse_needs, one_class = class_needs;
  EXPECT_THAT(csv_refusal("a,b\n1,0.5\n2,1.5\n", {{"targets", Words{"b"}}}, bce),
              StartsWith("[train:3] got the target 1.5 in the column \"b\", allowed with the loss bce"));
  two.outputs = 2;
  EXPECT_THAT(csv_refusal("a,b\n1,2\n", {{"targets", Words{"b"}}}, two),
              HasSubstr("the m = 2 outputs of the parameters"));
  one_class.outputs = 1;
  EXPECT_THAT(csv_refusal("a,b\n1,x\n2,y\n", {{"targets", Words{"b"}}}, one_class), HasSubstr("got 2 classes"));
  EXPECT_THAT(csv_refusal("a,b\n1,x\n2,x\n", {{"targets", Words{"b"}}}, class_needs),
              StartsWith("[train] got one class where training counts"));
  EXPECT_THAT(csv_refusal("a,b,c\n1,0.5,0.5\n2,0.5,0.75\n", {{"targets", Words{"b", "c"}}}, class_needs),
              StartsWith("[train:3] got targets that sum to 1.25, allowed with the loss cross_entropy are classes"));
}

TEST(CsvErrors, SettingsThatContradict) {
  const struct {
    Given given;
    const char* start;
  } cases[] = {
      {{{"predict", whole_number(1)}, {"steps", whole_number(2)}}, "[data.steps]"},
      {{{"window", whole_number(2)}, {"steps", whole_number(2)}}, "[data.steps]"},
      {{{"stream", std::string("a")}, {"steps", whole_number(2)}}, "[data.steps]"},
      {{{"stride", whole_number(2)}}, "[data.stride]"},
      {{{"separator", std::string("ab")}}, "[data.separator]"},
      {{{"separator", std::string("\"")}}, "[data.separator]"},
      {{{"classes", true}, {"targets", Words{"b"}}}, "[data.classes]"},
  };
  for (const auto& one : cases)
    EXPECT_THAT(csv_refusal("a,b\n1,2\n", one.given, mse_needs, Exit::usage), StartsWith(one.start));
  EXPECT_THAT(csv_refusal("a,b\n1,2\n", {{"classes", true}, {"targets", Words{"a", "b"}}}, class_needs, Exit::usage),
              StartsWith("[data.targets]"));
  EXPECT_THAT(csv_refusal("a,b\n1,x\n2,y\n", {{"targets", Words{"b"}}, {"standardize", std::string("all")}},
                          class_needs, Exit::usage),
              StartsWith("[data.standardize]"));
  const std::string test = "a,b\n1,2\n";
  EXPECT_THAT(
      csv_refusal("a,b\n1,2\n", {{"predict", whole_number(1)}, {"test_part", 0.5}}, mse_needs, Exit::usage, &test),
      StartsWith("[data.test_part]"));
}

}  // namespace
}  // namespace chronograd
