// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>

#include "chronograd/error.hpp"
#include "chronograd/exporter.hpp"
#include "folder.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Table {
  std::string text;
  std::vector<std::string> remarks;
};

/// What becomes of these lines of metrics.
Table table_of(const std::string& lines) {
  const Folder folder;
  std::ofstream(folder / "metrics.jsonl", std::ios::binary) << lines;
  Remarks remarks;
  const auto& csv = find_record<ExporterRecord>("--to", "csv");
  return {csv.make(csv, (folder / "").string(), remarks), remarks.texts};
}

std::string error_of(const std::string& lines) {
  try {
    table_of(lines);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data);
    return error.what();
  }
  return "";
}

TEST(Csv, FieldsBecomeColumnsInTheOrderInWhichTheyCome) {
  const Table table = table_of(
      "{\"update\": 1, \"loss\": 0.1, \"test\": {\"loss\": null, \"mae_of_outputs\": [1.5, null]}}\n"
      "{\"update\": 20000000000, \"loss\": null, \"cosine\": {\"tbptt(L=2,update.every=4)\": -1e-300}}\n");
  EXPECT_EQ(table.text,
            "update,loss,test.loss,test.mae_of_outputs.0,test.mae_of_outputs.1,\"cosine.tbptt(L=2,update.every=4)\"\n"
            "1,0.1,,1.5,,\n"
            "20000000000,,,,,-1e-300\n");
  EXPECT_THAT(table.remarks, IsEmpty());
}

TEST(Csv, TextsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(table_of("{\"a\": \"plain\", \"b\": \"one, \\\"two\\\"\\nthree\"}\n").text,
            "a,b\nplain,\"one, \"\"two\"\"\nthree\"\n");
}

TEST(Csv, ALastLineThatWasCutIsLeftOut) {
  const Table table = table_of("{\"update\": 1}\n{\"upd");
  EXPECT_EQ(table.text, "update\n1\n");
  EXPECT_THAT(table.remarks, ElementsAre(HasSubstr("the last line was left out")));
}

TEST(Csv, OtherLinesAreErrors) {
  EXPECT_THAT(error_of("{\"update\": 1}\nnothing\n{\"update\": 2}\n"), HasSubstr("line 2 is not a JSON object"));
  EXPECT_THAT(error_of(""), HasSubstr("the run has not reported yet"));
  EXPECT_THAT(error_of("{\"upd"), HasSubstr("the run has not reported yet"));
}

}  // namespace
}  // namespace chronograd
