// SPDX-License-Identifier: Apache-2.0
// Names of files and folders that are no UTF-8, as other systems write them: nothing fails over them, and what is
// JSON stays JSON.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "chronograd/array.hpp"
#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* latin1 =
    "gr\xfc\xdf"
    "e";

class OddNames : public testing::Test {
 protected:
  OddNames() {
    std::ofstream(file("c.toml")) << "[model]\ncell='leaky'\nhidden=3\n[loss]\nname='mse'\n[rule]\nname='rflo'\n"
                                     "[update]\nevery=1\n[train]\nepochs=2\n";
    std::vector<double> x, y;
    for (int i = 0; i < 24; ++i) {
      x.push_back(0.1 * (i % 5));
      y.push_back(0.1 * (i % 7));
    }
    write_npz(file("d.npz"), {{"x", Array::of({2, 12, 1}, x)}, {"y", Array::of({2, 12, 1}, y)}});
  }
  /// A path in the folder with such a name.
  std::string file(const std::string& ending) const { return (folder_ / (latin1 + ending)).string(); }
  std::string word(const std::string& ending) const { return "'" + file(ending) + "'"; }

  Folder folder_;
};

/// Each line of a text is JSON; returns how many there are.
int lines_of_json(const std::string& text) {
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_TRUE(json::accept(line)) << line;
  return count;
}

TEST_F(OddNames, OfARunAreRecordedAsJson) {
  const std::string words = word("c.toml") + " --data " + word("d.npz") + " data.validation=" + word("d.npz");
  const Outcome got = chronograd_run("train " + words + " --out " + word("run") + " --json");
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_TRUE(json::accept(got.out)) << got.out;
  lines_of_json(got.err);
  for (const char* name : {"/resolved.json", "/environment.json", "/summary.json"})
    EXPECT_TRUE(json::accept(read_text(file("run") + name))) << name;
  EXPECT_EQ(json::parse(read_text(file("run/environment.json")))["data"].size(), 1U);
  const Outcome judged =
      chronograd_run("eval " + word("run") + " --data " + word("d.npz") + " --json --out " + word("y.npz"));
  ASSERT_THAT(judged, ExitsWith(0));
  EXPECT_TRUE(json::accept(judged.out)) << judged.out;
  EXPECT_TRUE(std::filesystem::exists(file("y.npz")));
  EXPECT_THAT(chronograd_run("report " + word("run") + " --out " + word("page.html")), ExitsWith(0));
  EXPECT_THAT(chronograd_run("train " + words + " --out " + word("run") + " --resume --quiet"), ExitsWith(0))
      << "the record is that of the same run";
}

TEST_F(OddNames, OfComparisonsAndSweepsAreRecordedAsJson) {
  const std::string words = word("c.toml") + " --data " + word("d.npz");
  const Outcome compared =
      chronograd_run("compare " + words + " --rules rflo,rtrl --no-cosine --json --out " + word("compared"));
  ASSERT_THAT(compared, ExitsWith(0));
  EXPECT_TRUE(json::accept(compared.out)) << compared.out;
  EXPECT_GE(lines_of_json(compared.err), 2) << "the ends of two runs";
  EXPECT_TRUE(json::accept(read_text(file("compared/comparison.json"))));
  const Outcome swept = chronograd_run("sweep " + words + " optimizer.lr=0.01,0.1 --json --out " + word("swept"));
  ASSERT_THAT(swept, ExitsWith(0));
  EXPECT_TRUE(json::accept(swept.out)) << swept.out;
  EXPECT_GE(lines_of_json(read_text(file("swept/ledger.jsonl"))), 2);
}

TEST_F(OddNames, OfFilesThatAreNotThereAreErrors) {
  const Outcome got =
      chronograd_run("train " + word("c.toml") + " --data " + word("none.npz") + " --out " + word("run"));
  EXPECT_THAT(got, ExitsWith(4));
  EXPECT_THAT(got.err, HasSubstr(file("none.npz")));
  EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1);
  EXPECT_FALSE(std::filesystem::exists(file("run")));
}

}  // namespace
}  // namespace chronograd
