// SPDX-License-Identifier: Apache-2.0
// check as users run it: which rules and cells, what is printed, what is refused.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

TEST(CheckVerb, ComparesTheRulesAndCellsThatAreNamed) {
  const Outcome got = chronograd_run("check --rules eprop,bptt --cells leaky,lru --json --quiet");
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_EQ(got.err, "");
  const json record = json::parse(got.out);
  EXPECT_EQ(record["passed"], true);
  std::set<std::pair<std::string, std::string>> compared;
  for (const json& check : record["checks"]) {
    compared.emplace(check["rule"].get<std::string>(), check["cell"].get<std::string>());
    EXPECT_LE(check["error"], check["tolerance"]) << check;
    EXPECT_EQ(check["passed"], true) << check;
  }
  std::set<std::pair<std::string, std::string>> expected;
  for (const char* cell : {"leaky", "lru"})
    for (const char* rule : {"bptt", "eprop", "eprop(lower=\"broadcast\")", "eprop(reach=2)"})
      expected.emplace(rule, cell);
  EXPECT_EQ(compared, expected);
}

TEST(CheckVerb, HoldsRulesAgainstTheLawsOfAllRules) {
  const Outcome got = chronograd_run("check --laws --rules tbptt,rtrl --cells leaky,lru --seeds 2 --json --quiet");
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_EQ(got.err, "");
  const json record = json::parse(got.out);
  EXPECT_EQ(record["passed"], true);
  EXPECT_EQ(record["laws"].size(), 2u * 2 * 2 * 2 * 8);  // rules, cells, one layer and two, seeds, laws
  for (const json& law : record["laws"]) {
    const bool excused = law["verdict"] == "not applicable";
    EXPECT_EQ(law["measured"].is_null(), excused) << law;
    EXPECT_EQ(excused,
              law["rule"] == "tbptt" && (law["law"] == "segments" || law["law"] == "past" || law["law"] == "exact"))
        << law;
  }
  const Outcome text = chronograd_run("check --laws --rules tbptt --cells leaky --quiet");
  ASSERT_THAT(text, ExitsWith(0));
  EXPECT_THAT(text.out, HasSubstr("tbptt, segments: not applicable, the record says that credit ends with the update"));
  EXPECT_THAT(text.out, EndsWith("all laws are kept\n"));
}

TEST(CheckVerb, HasALineForEachRuleOnEachCell) {
  const Outcome got = chronograd_run("check --rules snap,rtrl --cells leaky,leaky_diagonal --quiet");
  ASSERT_THAT(got, ExitsWith(0));
  std::istringstream lines(got.out);
  std::string header, line;
  std::getline(lines, header);
  EXPECT_THAT(header, StartsWith("rule"));
  std::vector<std::string> found;
  for (int i = 0; i < 4 && std::getline(lines, line); ++i) {
    std::istringstream words(line);
    std::string rule, cell;
    words >> rule >> cell;
    found.push_back(rule + " " + cell);
    EXPECT_EQ(line.find("PASS"), header.find("verdict")) << header << "\n" << line;
    // A rule that promises the exact gradient has no cosine to tell.
    EXPECT_EQ(line.find("exact") != std::string::npos, rule == "rtrl") << line;
  }
  EXPECT_THAT(found, UnorderedElementsAre("snap leaky", "rtrl leaky", "snap leaky_diagonal", "rtrl leaky_diagonal"));
  EXPECT_THAT(got.out, HasSubstr(" checks passed\n"));
}

TEST(CheckVerb, TakesItsSeeds) {
  const auto seeds = [](const std::string& words) {
    std::set<int> found;
    const json record = json::parse(chronograd_run("check --rules rflo --cells leaky --json" + words).out);
    for (const json& check : record["checks"]) found.insert(check["seed"].get<int>());
    return found;
  };
  EXPECT_EQ(seeds(""), std::set<int>{0});
  EXPECT_EQ(seeds(" --seeds 2 --first-seed 1000"), (std::set<int>{1000, 1001}));
}

TEST(CheckVerb, TakesAnExperiment) {
  const Folder folder;
  const Outcome got = chronograd_run("check " + experiment(folder) + " rule.name=uoro --json");
  ASSERT_THAT(got, ExitsWith(0));
  const json record = json::parse(got.out);
  ASSERT_FALSE(record["checks"].empty());
  for (const json& check : record["checks"]) {
    EXPECT_THAT(check["rule"].get<std::string>(), StartsWith("uoro"));
    EXPECT_EQ(check["cell"], "leaky");
  }
}

TEST(CheckVerb, RefusesWhatItCannotCheck) {
  const Folder folder;
  const std::pair<std::string, const char*> cases[] = {
      {"--rules rfo", "[--rules] unknown name \"rfo\", did you mean rflo? Allowed: "},
      {"--cells tanh", "[--cells] unknown name \"tanh\". Allowed: leaky, "},
      {"--seeds 0", "[chronograd check] --seeds: got \"0\", allowed is a whole number in [1, 100000]."},
      {experiment(folder) + " --laws", "[chronograd check] got CONFIG and --laws, allowed is --laws with --rules"},
      {experiment(folder) + " --rules rflo", "[chronograd check] got CONFIG and --rules or --cells, allowed is one"},
  };
  for (const auto& [words, text] : cases) {
    const Outcome got = chronograd_run("check " + words);
    EXPECT_THAT(got, ExitsWith(2)) << words;
    EXPECT_THAT(got.err, StartsWith(text)) << words;
  }
}

}  // namespace
}  // namespace chronograd
