// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "catalogue/added.hpp"
#include "chronograd/error.hpp"
#include "chronograd/exporter.hpp"
#include "chronograd/program.hpp"
#include "folder.hpp"

namespace chronograd {
namespace {

/// Brings a word in its record.
struct GreetingRecord : ExporterRecord {
  std::string word;
};

std::string greet(const ExporterRecord& record, const std::string& run, Observer& /*observer*/) {
  return static_cast<const GreetingRecord&>(record).word + " " + run;
}

/// Runs a verb in this process, which has the entry.
int run_verb(const std::vector<std::string>& words) {
  std::vector<const char*> pointers = {"chronograd"};
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return run_program(static_cast<int>(pointers.size()), pointers.data());
}

TEST(OwnExporter, IsWrittenByTheVerb) {
  const Folder folder;
  const std::string run = (folder / "run").string();
  std::filesystem::create_directory(run);
  GreetingRecord record = {{.entry = {.name = "greeting", .title = "a greeting"}, .file = "hello.txt", .make = greet},
                           "hello"};
  const std::vector<std::string> words = {"export", run, "--to", "greeting", "--quiet"};
  EXPECT_EQ(run_verb(words), static_cast<int>(Exit::usage));
  const Added<ExporterRecord> added(record);
  EXPECT_EQ(run_verb(words), 0);
  EXPECT_EQ(read_text(folder / "run/hello.txt"), "hello " + run);
}

TEST(OwnExporter, MustBeWhole) {
  ExporterRecord record = {.entry = {.name = "nothing", .title = ""}, .file = "nothing", .make = nullptr};
  EXPECT_THROW(add_entry(record), Error);
  record.make = greet;
  record.file = nullptr;
  EXPECT_THROW(add_entry(record), Error);
}

}  // namespace
}  // namespace chronograd
