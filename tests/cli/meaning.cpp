// SPDX-License-Identifier: Apache-2.0
// What the numbers of train, eval, compare and sweep mean: losses of the same steps, data of the same amount, "not
// measured" as a state of its own, and what else must be said beside a table.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "chronograd/array.hpp"
#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// 3 rows of 11 steps, of which as many count as `counted` says.
std::string write_rows(const std::filesystem::path& path, const std::vector<int>& counted) {
  std::vector<double> x, y, mask;
  for (int i = 0; i < 33; ++i) {
    x.push_back(std::sin(i));
    y.push_back((i / 11 + 1) * std::cos(i));
    mask.push_back(i % 11 < counted[static_cast<std::size_t>(i / 11)] ? 1 : 0);
  }
  write_npz(path.string(),
            {{"x", Array::of({3, 11, 1}, x)}, {"y", Array::of({3, 11, 1}, y)}, {"mask", Array::of({3, 11}, mask)}});
  return path.string();
}

class Meaning : public testing::Test {
 protected:
  Meaning() {
    std::ofstream(config_) << "dtype='float64'\n[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\n"
                              "name='bptt'\n[optimizer]\nname='adam'\nlr=1e-2\n[train]\nepochs=3\n";
    ragged_ = write_rows(folder_ / "ragged.npz", {11, 4, 2});
    none_ = write_rows(folder_ / "none.npz", {0, 0, 0});
  }
  /// VERB c.toml --data DATA ...
  Outcome on(const std::string& verb, const std::string& data, const std::string& more) const {
    return chronograd_run(verb + " '" + config_ + "' --data '" + data + "' " + more);
  }
  std::string out(const std::string& name) const { return " --out '" + (folder_ / name).string() + "'"; }

  Folder folder_;
  std::string config_ = (folder_ / "c.toml").string(), ragged_, none_;
};

// Without test data a comparison is of what chose the weights, not of what they were fitted to.
TEST_F(Meaning, WithoutTestDataRulesAreComparedByTheirValidation) {
  const std::string words = "data.validation=0.34 --rules rtrl,bptt --no-cosine --quiet";
  const Outcome got = on("compare", ragged_, words + " --json" + out("c"));
  ASSERT_THAT(got, ExitsWith(0));
  const json comparison = json::parse(got.out);
  EXPECT_EQ(comparison["loss_on"], "validation");
  for (const json& rule : comparison["rules"]) {
    EXPECT_EQ(rule["loss"], rule["runs"][0]["validation"]["loss"]);
    EXPECT_NE(rule["loss"], rule["runs"][0]["train"]["loss"]);
  }
  EXPECT_THAT(
      on("compare", ragged_, words).out,
      AllOf(HasSubstr("validation loss"), HasSubstr("on validation data, of the weights that were best there")));
  ASSERT_THAT(chronograd_run("report '" + (folder_ / "c").string() + "'" + out("page.html")), ExitsWith(0));
  EXPECT_THAT(read_text(folder_ / "page.html"),
              AllOf(HasSubstr(">validation loss<"), HasSubstr("ends lowest: validation")));
}

// With a rate of 0 all rules see the same losses of the same weights.
TEST_F(Meaning, RulesWithOtherUpdatesAreComparedByTheSameSteps) {
  const Outcome got =
      on("compare", ragged_,
         "optimizer.lr=0 --rules 'bptt,rtrl(update.every=4),tbptt(update.every=11),rflo(update.every=1)' "
         "--no-cosine --json --quiet train.report_every=1");
  ASSERT_THAT(got, ExitsWith(0));
  const json comparison = json::parse(got.out);
  const double expected = comparison["rules"][0]["loss"];
  for (const json& rule : comparison["rules"]) {
    EXPECT_NEAR(rule["loss"].get<double>(), expected, 1e-12) << rule["rule"];
    EXPECT_EQ(rule["runs"][0]["train"]["steps"], 17);
    EXPECT_EQ(rule["runs"][0]["train"].contains("objective"), rule["rule"] == "bptt");
  }
  EXPECT_THAT(on("compare", ragged_, "--rules bptt,tbptt --no-cosine --quiet").out,
              HasSubstr("loss: mean a weighted step, over the last 17 steps that count, "));
}

TEST_F(Meaning, ATestWithoutAStepThatCountsIsNotMeasured) {
  const std::string test = "'data.test=" + none_ + "' ", remark = "note: [" + none_ + "] no step of ";
  const Outcome run = on("train", ragged_, test + out("run"));
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, AllOf(StartsWith("done after 3 updates: loss "), HasSubstr(", test loss -; ")));
  EXPECT_THAT(run.err, HasSubstr(remark));
  const json summary = json::parse(read_text(folder_ / "run/summary.json"));
  EXPECT_TRUE(summary["test"]["loss"].is_null());
  EXPECT_EQ(summary["test"]["steps"], 0);
  EXPECT_TRUE(summary["train"]["loss"].is_number());

  const std::string folder = "'" + (folder_ / "run").string() + "'";
  for (const std::string& words : {std::string(), " --data '" + none_ + "'"}) {
    const Outcome eval = chronograd_run("eval " + folder + words);
    EXPECT_THAT(eval, ExitsWith(0));
    EXPECT_THAT(eval.out, StartsWith("loss -, "));
    EXPECT_THAT(eval.err, HasSubstr(remark));
    const json printed = json::parse(chronograd_run("eval --json --quiet " + folder + words).out);
    EXPECT_TRUE(printed["loss"].is_null());
    EXPECT_EQ(printed["steps"], 0);
  }

  const Outcome compare = on("compare", ragged_, test + "--rules bptt,rtrl --no-cosine" + out("c"));
  EXPECT_THAT(compare, ExitsWith(0));
  EXPECT_THAT(compare.out, AllOf(HasSubstr("\nbptt  -  "), HasSubstr("no step counts"), HasSubstr("test loss")));
  EXPECT_THAT(compare.err, HasSubstr(remark));

  const Outcome sweep = on("sweep", ragged_, test + "rule.name=bptt,rtrl optimizer.lr=1e-3,1e-2" + out("s"));
  EXPECT_THAT(sweep, ExitsWith(0));
  EXPECT_THAT(sweep.err, HasSubstr(remark));
  EXPECT_THAT(sweep.out, AllOf(HasSubstr("4 done, 0 diverged"), HasSubstr("there is no best"), Not(HasSubstr("*\n"))));
  const json best = json::parse(chronograd_run("sweep --resume --json --quiet" + out("s")).out);
  EXPECT_EQ(best["best"], json::object());
  EXPECT_EQ(best["rows"][0]["loss"], nullptr);
  const Outcome rates = on("compare", ragged_, "--rates-from '" + (folder_ / "s").string() + "'");
  EXPECT_THAT(rates, ExitsWith(2));
  EXPECT_THAT(rates.err, AllOf(StartsWith("[--rates-from] the runs of bptt"), HasSubstr("measured no loss")));

  const std::string page = (folder_ / "r.html").string();
  EXPECT_THAT(chronograd_run("report '" + (folder_ / "c").string() + "' -o '" + page + "'"), ExitsWith(0));
  EXPECT_THAT(read_text(page), AllOf(HasSubstr("No final loss was measured"), HasSubstr(">test loss")));
}

TEST_F(Meaning, TrainingDataWithoutAStepThatCountsAreRefused) {
  ASSERT_THAT(on("train", ragged_, out("run")), ExitsWith(0));
  const std::string verbs[] = {"train", "compare --rules bptt,rtrl", "sweep",
                               "gradient --params '" + (folder_ / "run/params.npz").string() + "'"};
  for (const std::string& verb : verbs) {
    const std::string verb_alone = verb.substr(0, verb.find(' ')), more = verb.substr(verb_alone.size());
    const Outcome got = on(verb_alone, none_, more + (verb == "sweep" ? " optimizer.lr=1e-3,1e-2" : "") + out("none"));
    EXPECT_THAT(got, ExitsWith(4)) << verb;
    EXPECT_THAT(got.err, HasSubstr("[" + none_ + "] no step of the training data counts")) << verb;
    EXPECT_EQ(got.out, "") << verb;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none")) << verb;
  }
}

TEST_F(Meaning, UnequalDataAreWarnedAboutInTableRecordAndReport) {
  const std::string start = "compare " + experiment(folder_, 100) + " --no-cosine --quiet --rules ",
                    warning = "Unequal data: rtrl saw 100 steps and tbptt(update.every=20) saw 2000. ";
  const Outcome got = chronograd_run(start + "'rtrl,tbptt(update.every=20)'" + out("c"));
  EXPECT_THAT(got.out, HasSubstr("\nwarning: " + warning));
  const json record = json::parse(read_text(folder_ / "c/comparison.json"));
  EXPECT_THAT(record["warnings"].get<std::vector<std::string>>(), Contains(StartsWith(warning)));
  const std::string page = (folder_ / "r.html").string();
  ASSERT_THAT(chronograd_run("report '" + (folder_ / "c").string() + "' -o '" + page + "'"), ExitsWith(0));
  EXPECT_THAT(read_text(page), AllOf(HasSubstr("Unequal data: "), HasSubstr("rtrl saw 100")));
  EXPECT_THAT(chronograd_run(start + "'rtrl(train.steps=100),tbptt(update.every=20, train.steps=100)'").out,
              Not(HasSubstr("Unequal data")));
  const Outcome sweep =
      chronograd_run("sweep " + experiment(folder_, 100) +
                     " 'rule.name=rtrl,tbptt(update.every=20)' optimizer.lr=0.01,0.1 --quiet" + out("s"));
  EXPECT_THAT(sweep.out, HasSubstr("warning: Unequal data: "));
}

TEST_F(Meaning, OneRateForAllIsTheFirstLineOfAComparison) {
  const std::string start = "compare " + experiment(folder_, 20) + " --no-cosine --quiet --rules ",
                    said = "All rules share one ";
  EXPECT_THAT(chronograd_run(start + "rflo,rtrl" + out("c")).out,
              StartsWith(said + "learning rate, optimizer.lr = 0.05, "));
  EXPECT_THAT(chronograd_run(start + "'rflo(optimizer.lr=0.1),rtrl'").out, StartsWith("rule "));
  const std::string page = (folder_ / "r.html").string();
  ASSERT_THAT(chronograd_run("report '" + (folder_ / "c").string() + "' -o '" + page + "'"), ExitsWith(0));
  EXPECT_THAT(read_text(page), HasSubstr(said));
}

TEST_F(Meaning, RulesThatAreOneAreNamed) {
  const std::string words = experiment(folder_, 20) + " --quiet ",  // alpha is 1
      said = "rflo and immediate are one rule here: ";
  EXPECT_THAT(chronograd_run("compare " + words + "--no-cosine --rules rflo,uoro,immediate" + out("c")).out,
              HasSubstr("\nwarning: " + said));
  EXPECT_THAT(chronograd_run("sweep " + words + "rule.name=rflo,uoro,immediate" + out("s")).out,
              HasSubstr("\nwarning: " + said));
  for (const char* name : {"c", "s"}) {
    const std::string page = (folder_ / "r.html").string();
    ASSERT_THAT(chronograd_run("report '" + (folder_ / name).string() + "' -o '" + page + "'"), ExitsWith(0));
    EXPECT_THAT(read_text(page), HasSubstr(" are one rule here: ")) << name;
  }
}

// The weights of the readout stay at random, so the loss stays above that of a constant.
TEST_F(Meaning, ARunAboveItsFloorHasLearntNothingYet) {
  const std::string words = experiment(folder_, 20) + " optimizer.lr=1e-9 --quiet ";
  const Outcome run = chronograd_run("train " + experiment(folder_, 20) + " optimizer.lr=1e-9" + out("run"));
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("; nothing learnt yet: 20 steps end at 0."), HasSubstr(", above no memory (0.6616)")));
  EXPECT_EQ(json::parse(read_text(folder_ / "run/summary.json"))["floor"], "no memory");
  EXPECT_THAT(chronograd_run("compare " + words + "--no-cosine --rules rflo,uoro").out,
              HasSubstr("nothing learnt yet: 20 steps"));
  EXPECT_THAT(chronograd_run("sweep " + words + "rule.name=rflo,uoro" + out("s")).out,
              HasSubstr("nothing learnt yet: it ends at 0."));
  const std::string page = (folder_ / "r.html").string();
  ASSERT_THAT(chronograd_run("report '" + (folder_ / "run").string() + "' -o '" + page + "'"), ExitsWith(0));
  EXPECT_THAT(read_text(page), HasSubstr("rflo: nothing learnt yet: 20 steps end at 0."));
  // References are values of one loss: beside another one they say nothing.
  const Outcome other =
      chronograd_run("train " + experiment(folder_, 20) + " loss.name=mse optimizer.lr=1e-9" + out("mse"));
  EXPECT_THAT(other.out, Not(HasSubstr("nothing learnt")));
  EXPECT_EQ(json::parse(read_text(folder_ / "mse/summary.json"))["references"], json::object());
}

}  // namespace
}  // namespace chronograd
