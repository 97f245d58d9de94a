// SPDX-License-Identifier: Apache-2.0
// What shells offer when a word is to be completed.
#include <gmock/gmock.h>

#include <sstream>

#include "chronograd/rule.hpp"
#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

using Words = std::vector<std::string>;

Words lines_of(const std::string& text) {
  std::istringstream lines(text);
  Words words;
  for (std::string line; std::getline(lines, line);) words.push_back(line);
  return words;
}

/// After `chronograd `.
Words offered(const std::string& line) {
  const Outcome got = chronograd_run("completion -- \"chronograd " + line + "\"");
  EXPECT_THAT(got, ExitsWith(0));
  EXPECT_EQ(got.err, "");
  return lines_of(got.out);
}

TEST(Completion, OffersVerbsAndTheirWords) {
  EXPECT_THAT(offered("re"), ElementsAre("report", "reproduce"));
  EXPECT_THAT(offered("list ru"), ElementsAre("rules"));
  EXPECT_THAT(offered("describe snap"), ElementsAre("snap"));
  EXPECT_THAT(offered("describe "), IsSupersetOf({"rule", "train", "config", "gru"}));
  EXPECT_THAT(offered("describe task co"), ElementsAre("copy"));
  EXPECT_THAT(offered("data f"), ElementsAre("fetch"));
  EXPECT_THAT(offered("reproduce influence"), Contains("influence_balancing"));
  EXPECT_THAT(offered("unknown "), IsEmpty());
  EXPECT_THAT(offered("train "), IsEmpty());  // a file
}

TEST(Completion, OffersFlagsAndTheirValues) {
  EXPECT_THAT(offered("train exp.toml --re"), Contains("--resume"));
  EXPECT_THAT(offered("train exp.toml --"), IsSupersetOf({"--json", "--quiet", "--help", "--out"}));
  EXPECT_THAT(offered("export runs/a --to "), ElementsAre("csv", "onnx", "safetensors"));
  EXPECT_THAT(offered("plot runs/a --kind cur"), ElementsAre("curves"));
  EXPECT_THAT(offered("train exp.toml --out "), IsEmpty());
  EXPECT_THAT(offered("compare exp.toml --rules rtrl,sn"), ElementsAre("rtrl,snap"));
  EXPECT_THAT(offered("check --rules "), testing::UnorderedElementsAreArray(names_of<RuleRecord>()));
}

TEST(Completion, OffersKeysAndTheirValues) {
  EXPECT_THAT(offered("train exp.toml opt"), ElementsAre("optimizer."));
  EXPECT_THAT(offered("train exp.toml --out runs/a optimizer.sch"), ElementsAre("optimizer.schedule="));
  EXPECT_THAT(offered("train exp.toml rule."), IsSupersetOf({"rule.name=", "rule.L=", "rule.feedback="}));
  EXPECT_THAT(offered("train exp.toml rule.name=rev"), ElementsAre("rule.name=reverse_kf_rtrl"));
  EXPECT_THAT(offered("train exp.toml dtype="), ElementsAre("dtype=float32", "dtype=float64"));
  EXPECT_THAT(offered("train exp.toml rtrl "), Not(IsEmpty()));
  EXPECT_THAT(offered("sweep exp.toml 'rule.name=rtrl,rf"), ElementsAre("rule.name=rtrl,rflo"));
  EXPECT_THAT(offered("train exp.toml rule.L="), IsEmpty());
}

TEST(Completion, ReachesBash) {
  const auto complete = [](const std::string& line) {
    return lines_of(shell("bash --norc -c 'chronograd() { " + program.substr(1, program.size() - 2) +
                          " \"$@\"; }; source " CHRONOGRAD_COMPLETION "; COMP_LINE=\"" + line +
                          "\"; COMP_POINT=${#COMP_LINE}; _chronograd chronograd; printf \"%s\\n\" \"${COMPREPLY[@]}\"'")
                        .out);
  };
  EXPECT_THAT(complete("chronograd des"), ElementsAre("describe"));
  EXPECT_THAT(complete("chronograd train a.toml rule.name=rev"), ElementsAre("reverse_kf_rtrl"));  // after the =
}

}  // namespace
}  // namespace chronograd
