// SPDX-License-Identifier: Apache-2.0
#include "files/csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "files/archives.hpp"

namespace chronograd {
namespace {

using testing::data_error;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Records = std::vector<std::vector<std::string>>;

Records records_of(const std::string& bytes, char separator = ',', std::vector<std::size_t>* lines = nullptr) {
  const std::string where = "f.csv";
  CsvReader reader(bytes, separator, where);
  Records records;
  while (reader.next()) {
    records.emplace_back();
    for (std::size_t k = 0; k < reader.size(); ++k) records.back().emplace_back(reader.cell(k));
    if (lines) lines->push_back(reader.line());
  }
  return records;
}

TEST(Csv, Cells) {
  const Records table = {{"a", "b"}, {"1", "2"}};
  EXPECT_EQ(records_of("a,b\n1,2\n"), table);
  EXPECT_EQ(records_of("a,b\n1,2"), table) << "a last line without its end";
  EXPECT_EQ(records_of("a,b\r\n1,2\r\n"), table);
  EXPECT_EQ(records_of("a,b\r1,2\r"), table);
  EXPECT_EQ(records_of("\n\na,b\n\r\n1,2\n\n"), table) << "empty lines";
  EXPECT_EQ(records_of("\xef\xbb\xbf"
                       "a,b\n1,2\n"),
            table)
      << "byte order mark";
  EXPECT_EQ(records_of("a;b\n1;2\n", ';'), table);
  EXPECT_EQ(records_of("a\tb\n1\t2\n", '\t'), table);
  EXPECT_EQ(records_of("\"a\",\"b\"\n\"1\",2\n"), table);
  EXPECT_EQ(records_of(",\n"), (Records{{"", ""}}));
  EXPECT_EQ(records_of("\"\"\n"), (Records{{""}})) << "an empty cell in quotes is no empty line";
  EXPECT_EQ(records_of(" a , b"), (Records{{" a ", " b"}}));
  EXPECT_EQ(records_of(""), Records{});
  EXPECT_EQ(records_of("\xef\xbb\xbf"), Records{});
  EXPECT_EQ(records_of("\n\r\n\n"), Records{});
}

TEST(Csv, Quotes) {
  std::vector<std::size_t> lines;
  EXPECT_EQ(records_of("\"a,b\",\"c\"\"d\"\n\"two\r\nlines\",x\nlast,y", ',', &lines),
            (Records{{"a,b", "c\"d"}, {"two\r\nlines", "x"}, {"last", "y"}}));
  EXPECT_EQ(lines, (std::vector<std::size_t>{1, 2, 4}));
}

TEST(Csv, Gzipped) {
  const std::string text = "a,b\n1,2\n";
  EXPECT_EQ(records_of(testing::deflated(text, 31)), records_of(text));
  std::string cut = testing::deflated(text, 31);
  cut.resize(cut.size() - 3);
  EXPECT_THAT(data_error([&] { records_of(cut); }), StartsWith("[f.csv] got a gzip stream that ends too early"));
}

TEST(Csv, RefusesWithThePlace) {
  const struct {
    std::string bytes;
    const char* start;
    const char* part;
  } cases[] = {
      {"a,b\n1,\"2\n3,4\n", "[f.csv:2]", "a quote that is not closed"},
      {"a,b\n\n1,2\"3\"\n", "[f.csv:3]", "in the middle of cell 2"},
      {"a\n\"b\"c\n", "[f.csv:2]", "behind the closing quote of cell 1"},
      {std::string("a\n1\n\0", 5), "[f.csv:3]", "a zero byte"},
      {std::string("\xff\xfe"
                   "a\0",
                   4),
       "[f.csv:1]", "UTF-16"},
      {std::string("\xfe\xff\0a", 4), "[f.csv:1]", "UTF-16"},
  };
  for (const auto& one : cases) {
    const std::string message = data_error([&] { records_of(one.bytes); });
    EXPECT_THAT(message, StartsWith(one.start));
    EXPECT_THAT(message, HasSubstr(one.part));
  }
}

TEST(Csv, AGzippedEndlessLineTakesNoMemory) {
  const std::string bomb = testing::deflated(std::string(std::size_t{64} << 20U, 'x'), 31);
  EXPECT_LT(bomb.size(), std::size_t{1} << 17U);
  EXPECT_THAT(data_error([&] { records_of(bomb); }), HasSubstr("a record of more than 16 MiB"));
  const std::string commas = testing::deflated(std::string(std::size_t{64} << 20U, ','), 31);
  EXPECT_THAT(data_error([&] { records_of(commas); }), HasSubstr("a record of more than 16 MiB"));
}

RC_GTEST_PROP(Csv, WhatIsWrittenIsRead, ()) {
  const auto cell = rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', ' ', '1'));
  const auto width = *rc::gen::inRange<std::size_t>(1, 4);
  const auto table = *rc::gen::container<Records>(rc::gen::container<std::vector<std::string>>(width, cell));
  std::string bytes;
  const std::string newline = *rc::gen::element<std::string>("\n", "\r\n", "\r");
  for (const auto& record : table)
    for (std::size_t k = 0; k < width; ++k) {
      std::string quoted = "\"";
      for (const char c : record[k]) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
      bytes += quoted + "\"" + (k + 1 < width ? "," : newline);
    }
  RC_ASSERT(records_of(bytes) == table);
}

TEST(Csv, BlocksDoNotShow) {
  // Records, quotes and CRLF that lie across the borders of what is read at a time.
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::string bytes(65536 - shift, 'x');
    bytes += ",\"q\"\"r\"\r\n1,2\r\n";
    const Records records = records_of(bytes);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0], (std::vector<std::string>{std::string(65536 - shift, 'x'), "q\"r"}));
    EXPECT_EQ(records[1], (std::vector<std::string>{"1", "2"}));
  }
}

}  // namespace
}  // namespace chronograd
