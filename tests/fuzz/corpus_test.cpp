// SPDX-License-Identifier: Apache-2.0
// Replays the fuzzers' corpus, which holds good files and every input that once found a fault.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/entries.hpp"

namespace chronograd {
namespace {

void replay(const std::string& kind, bool (*is_safe)(std::string_view)) {
  const std::filesystem::path folder = std::filesystem::path(CHRONOGRAD_TEST_DATA) / "fuzz" / "corpus" / kind;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_TRUE(is_safe(bytes));
    ++files;
  }
  EXPECT_GE(files, 3) << "the corpus is not where it should be: " << folder;
}

TEST(FuzzCorpus, Npy) {
  replay("npy", npy_is_safe);
}
TEST(FuzzCorpus, Npz) {
  replay("npz", npz_is_safe);
}
TEST(FuzzCorpus, Idx) {
  replay("idx", idx_is_safe);
}
TEST(FuzzCorpus, Csv) {
  replay("csv", csv_is_safe);
}
TEST(FuzzCorpus, Text) {
  replay("text", text_is_safe);
}
TEST(FuzzCorpus, Wav) {
  replay("wav", wav_is_safe);
}
TEST(FuzzCorpus, Tar) {
  replay("tar", tar_is_safe);
}
TEST(FuzzCorpus, Config) {
  replay("config", config_is_safe);
}
TEST(FuzzCorpus, Record) {
  replay("record", record_is_safe);
}
TEST(FuzzCorpus, Sweep) {
  replay("sweep", sweep_is_safe);
}
TEST(FuzzCorpus, Ledger) {
  replay("ledger", ledger_is_safe);
}
TEST(FuzzCorpus, Run) {
  replay("run", run_is_safe);
}

}  // namespace
}  // namespace chronograd
