// SPDX-License-Identifier: Apache-2.0
// The studies that the program carries, and files of the user's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "chronograd/error.hpp"
#include "config/presets.hpp"
#include "runs/preset_hash.hpp"
#include "studies/frozen.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;

TEST(Studies, OfTheProgramNameRunsThatCanBeMade) {
  EXPECT_THAT(study_names(), testing::IsSupersetOf({"copy", "influence_balancing", "marschall_add", "periodic"}));
  for (const std::string& name : study_names())
    for (const bool full : {false, true}) {
      const Study study = read_study(name, full, {});
      EXPECT_FALSE(study.cite.empty()) << name;
      for (const StudyRuns& runs : study.runs) {
        const Config config = study.config_of(runs);
        for (const std::string& rule : runs.rules) EXPECT_NO_THROW(config.with_method(rule)) << name << ": " << rule;
        EXPECT_FALSE(runs.seeds.empty());
      }
      for (const Claim& claim : study.claims) EXPECT_FALSE(claim.origin.empty()) << name;
    }
}

TEST(Studies, HorizonsOfInfluenceBalancingAreThoseClaimed) {
  Study study = read_study("influence_balancing", false, {});
  ASSERT_EQ(study.runs[0].name, "horizon");
  ComparisonOptions options;
  options.alignment = false;
  const Comparison runs =
      compare(study.config_of(study.runs[0]), parse_methods("rules", study.runs[0].rules), {0}, options);
  int judged = 0;
  for (Claim claim : study.claims) {
    if (claim.runs != 0) continue;
    EXPECT_TRUE(judge(claim, runs).holds) << claim.text;
    claim.value += claim.kind == Claim::Kind::below ? -1 : 0.1;
    EXPECT_FALSE(judge(claim, runs).holds) << "a wrong value must fail: " << claim.text;
    ++judged;
  }
  EXPECT_EQ(judged, 9);
}

class StudyFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("chronograd_study_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "own");
    write("sine.toml",
          "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[task]\nname='sine'\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  Study read(const std::string& text, bool full = false, const std::vector<std::string>& set = {}) {
    write("own/study.toml", text);
    return read_study((folder_ / "own/study.toml").string(), full, set);
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
      return error.what();
    }
    return "";
  }

  const std::string head_ = "title='t'\ntext='x'\ncite=['elman1990finding']\nexperiment='../sine.toml'\nseeds='3,5'\n";
  const std::string runs_ = "[[runs]]\nname='r'\nset=['train.epochs=2']\nrules=['rflo','bptt']\n";
  const std::string full_ = "[full]\nseeds='0..9'\nset=['train.epochs=7']\n";
  fs::path folder_;
};

TEST_F(StudyFile, IsReadBesideItsExperiment) {
  const Study study =
      read(head_ + full_ + runs_ +
           "[[claims]]\ntext='c'\norigin='o'\nruns='r'\nmeasure='loss'\nrules=['bptt']\nnear=1\nwithin=2\n");
  EXPECT_EQ(study.name, "study");
  EXPECT_EQ(study.runs[0].seeds, (std::vector<std::uint64_t>{3, 5}));
  EXPECT_EQ(study.runs[0].set, std::vector<std::string>{"train.epochs=2"});
  ASSERT_EQ(study.claims.size(), 1U);
  EXPECT_EQ(study.claims[0].kind, Claim::Kind::near);
  EXPECT_EQ(study.claims[0].value, 1);
  EXPECT_EQ(study.claims[0].tolerance, 2);
  // What is given last counts last: the runs' own, the full protocol, the user.
  const Study full = read(head_ + full_ + runs_, true, {"train.epochs=9"});
  EXPECT_EQ(full.runs[0].seeds.size(), 10U);
  EXPECT_EQ(full.runs[0].set, (std::vector<std::string>{"train.epochs=2", "train.epochs=7", "train.epochs=9"}));
  // The user's seeds are those of all runs, also of such as have their own.
  write("own/seeded.toml", head_ + runs_ + "seeds='8'\n");
  const std::string seeded = (folder_ / "own/seeded.toml").string();
  EXPECT_EQ(read_study(seeded, false, {}).runs[0].seeds, std::vector<std::uint64_t>{8});
  EXPECT_EQ(read_study(seeded, false, {}, "1,2").runs[0].seeds, (std::vector<std::uint64_t>{1, 2}));
  // Some rules may run under fewer seeds of it; else under all.
  const std::string few = head_ + "[full]\nseeds='0..9'\nfew=3\n" + runs_ + "few=['bptt']\n";
  EXPECT_EQ(read(few, true).runs[0].counts, (std::vector<std::size_t>{10, 3}));
  EXPECT_GE(read(few).runs[0].counts[1], 2U);
  // Runs may have changes of their own for it, also none.
  for (const bool whole : {false, true}) {
    EXPECT_EQ(read(head_ + full_ + runs_ + "full=['train.epochs=8']\n", whole).runs[0].set.size(), whole ? 2U : 1U);
    EXPECT_EQ(read(head_ + full_ + runs_ + "full=[]\n", whole).runs[0].set, std::vector<std::string>{"train.epochs=2"});
  }
}

TEST_F(StudyFile, MayTuneItsRulesAndJudgeAFront) {
  const std::string tune = "[tune]\nseeds='20,21'\naxes=['optimizer.lr=0.1,0.2']\n",
                    front = "[front]\ncandidates=['rflo']\nbeside='bptt'\nneeds=1\ncontrols=['r']\n";
  const Study study = read(head_ + tune + "[full]\ntune_seeds='20..29'\n" + runs_ + front);
  EXPECT_EQ(study.tune_seeds, (std::vector<std::uint64_t>{20, 21}));
  EXPECT_EQ(study.runs[0].tune, std::vector<std::string>{"optimizer.lr=0.1,0.2"});
  ASSERT_TRUE(study.front);
  EXPECT_EQ(study.front->beside, "bptt");
  EXPECT_EQ(read(head_ + tune + "[full]\ntune_seeds='20..29'\n" + runs_, true).tune_seeds.size(), 10U);
  EXPECT_EQ(read(head_ + tune + "[full]\ntune_axes=['optimizer.lr=3,4']\n" + runs_, true).runs[0].tune,
            std::vector<std::string>{"optimizer.lr=3,4"});
  EXPECT_EQ(read(head_ + tune + runs_ + "tune=['optimizer.lr=1,2']\n").runs[0].tune,
            std::vector<std::string>{"optimizer.lr=1,2"});
  using testing::HasSubstr;
  EXPECT_THAT(refusal(head_ + runs_ + "[front]\ncandidates=['rtrl']\nbeside='bptt'\nneeds=1\n"), HasSubstr("\"rtrl\""));
  EXPECT_THAT(refusal(head_ + runs_ + "[front]\ncandidates=['rflo']\nbeside='bptt'\nneeds=0\n"), HasSubstr("needs"));
  EXPECT_THAT(refusal(head_ + runs_ + "[front]\ncandidates=['rflo']\nbeside='bptt'\nneeds=1\ncontrols=['q']\n"),
              HasSubstr("controls"));
  EXPECT_THAT(refusal(head_ + tune + runs_ +
                      "[[claims]]\ntext='c'\norigin='o'\nruns='r'\nmeasure='loss'\nrules=['bptt']\nbelow=1\n"),
              HasSubstr("not tuned"));
}

TEST_F(StudyFile, MayNameRulesOnceAndHaveRunsOfOtherExperiments) {
  write("other.toml", "[model]\ncell='gru'\nhidden=5\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[task]\nname='sine'\n");
  const Study study =
      read(head_ + "rules=['rflo','bptt']\n" + "[[runs]]\nname='a'\n[[runs]]\nname='b'\nrules=['rtrl']\n" +
           "experiment='../other.toml'\nset=['train.epochs=2']\n");
  EXPECT_EQ(study.runs[0].rules, (std::vector<std::string>{"rflo", "bptt"}));
  EXPECT_EQ(study.runs[1].rules, std::vector<std::string>{"rtrl"});
  EXPECT_EQ(study.config_of(study.runs[0]).table("model").word("cell"), "leaky");
  const Config other = study.config_of(study.runs[1]);
  EXPECT_EQ(other.table("model").word("cell"), "gru");
  EXPECT_EQ(other.table("train").integer("epochs"), 2);
}

TEST(Studies, MeanARuleByItsWordOrByAName) {
  const std::vector<std::string> rules = {"rtrl", "snap(n=1)", "snap(n=2)", "auto(update.every=4)"};
  EXPECT_EQ(rule_of(rules, "auto"), 3U);
  EXPECT_EQ(rule_of(rules, "rtrl"), 0U);
  EXPECT_EQ(rule_of(rules, "snap(n=2)"), 2U);
  EXPECT_FALSE(rule_of(rules, "snap")) << "which one?";
  EXPECT_FALSE(rule_of(rules, "snap(n=3)"));
  EXPECT_FALSE(rule_of(rules, "rt"));
}

/// The preset that the study judges is the one that was fixed before its first run: docs/own_rule.md names this hash.
TEST(Studies, TheJudgedPresetIsAsItWasFrozen) {
  ASSERT_NE(preset_of("auto"), nullptr);
  EXPECT_EQ(preset_hash(*preset_of("auto")), "8620bf389ea385d2996cf5f618a16183e84a60c070514ead0b2633a7da9114e0");
  for (const bool full : {false, true}) {
    const std::vector<FrozenPreset> found = frozen_presets(read_study("own_rule", full, {}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, "auto");
    EXPECT_TRUE(found[0].changed.empty()) << found[0].changed.front();
  }
  const std::vector<FrozenPreset> other = frozen_presets(read_study("own_rule", false, {"optimizer.warmup=7"}));
  EXPECT_THAT(frozen_text(other), testing::HasSubstr("others in "));
  EXPECT_THAT(other.at(0).changed, testing::Contains("add: auto but for optimizer.warmup"));
}

TEST_F(StudyFile, IsRefusedWithThePlaceOfTheMistake) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal("title = "), HasSubstr("is not TOML"));
  EXPECT_THAT(refusal(head_), HasSubstr("runs] is missing"));
  EXPECT_THAT(refusal("titel='t'\n" + head_ + runs_),
              HasSubstr("study.toml:1:7 titel] unknown key, did you mean title"));
  EXPECT_THAT(refusal(head_ + "[[runs]]\nname='r'\n"), HasSubstr("rules] is missing: a list of rules"));
  EXPECT_THAT(refusal(head_ + runs_ + "show=['losss']\n"), HasSubstr("got the measure losss"));
  EXPECT_THAT(refusal(head_ + runs_ + "seeds='4..1'\n"), HasSubstr("4..1"));
  const std::string claim = head_ + runs_ + "[[claims]]\ntext='c'\norigin='o'\nmeasure='loss'\n";
  EXPECT_THAT(refusal(claim + "runs='q'\nbelow=1\nrules=['bptt']\n"), HasSubstr("name of some [[runs]]"));
  EXPECT_THAT(refusal(claim + "runs='r'\nbelow=1\nrules=['rtrl']\n"), HasSubstr("got the rule \"rtrl\""));
  EXPECT_THAT(refusal(claim + "runs='r'\nrules=['bptt']\n"), HasSubstr("one of near, apart"));
  EXPECT_THAT(refusal(claim + "runs='r'\nnear=1\nrules=['bptt']\n"), HasSubstr("within] is missing: a number"));
  EXPECT_THAT(refusal(claim + "runs='r'\nbelow=1\nabove=0\nrules=['bptt']\n"), HasSubstr("one of near, apart"));
  EXPECT_THAT(refusal(claim + "runs='r'\nbelow='1'\nrules=['bptt']\n"), HasSubstr("a number"));
  EXPECT_THAT(refusal(claim + "runs='r'\nsimilar=['bptt','rflo']\n"), HasSubstr("factor] is missing"));
  EXPECT_THROW(read_study("influence", false, {}), Error);
  EXPECT_THROW(read_study((folder_ / "none.toml").string(), false, {}), Error);
}

}  // namespace
}  // namespace chronograd
