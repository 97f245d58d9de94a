// SPDX-License-Identifier: Apache-2.0
// Feed-forward nets as users train, compare, look at and check them.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "chronograd/array.hpp"
#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A net of three groups on samples in a file, 40 rows of 2 steps.
std::string net(const Folder& folder, const std::string& interface) {
  std::vector<double> x, y;
  for (int i = 0; i < 80; ++i) {
    for (int j = 0; j < 3; ++j) x.push_back(std::sin(1.0 + 7 * i + 3 * j));
    y.push_back(x[x.size() - 1] * x[x.size() - 2]);
  }
  const std::string data = (folder / "d.npz").string();
  write_npz(data, {{"x", Array::of({40, 2, 3}, x)}, {"y", Array::of({40, 2, 1}, y)}});
  const std::string path = (folder / "net.toml").string();
  std::ofstream(path) << "[net]\nwidths = [8, 6]\nactivation = \"tanh\"\n[interface]\n"
                      << interface << "\n[loss]\nname = \"mse\"\n[optimizer]\nlr = 0.05\n[data]\ntrain = \"" << data
                      << "\"\ntest = \"" << data << "\"\n[train]\nbatch = 16\nupdates = 60\nreport_every = 20\n";
  return "'" + path + "'";
}

TEST(NetVerbs, ARunIsTrainedRecordedTestedAndDrawn) {
  const Folder folder;
  const std::string config = net(folder, "name = \"dni\"\nlambda = 1");
  ASSERT_THAT(chronograd_run("train " + config + out(folder, "r")), ExitsWith(0));
  const json resolved = json::parse(read_text(folder / "r/resolved.json"));
  EXPECT_FALSE(resolved.contains("model"));
  EXPECT_FALSE(resolved.contains("rule"));
  EXPECT_EQ(resolved["interface"]["name"], "dni");
  const json summary = json::parse(read_text(folder / "r/summary.json"));
  EXPECT_EQ(summary["stream_steps"], 60 * 16) << "a step is a sample";
  EXPECT_EQ(summary["test"]["steps"], 80);
  ASSERT_EQ(summary["interfaces"].size(), 2U);
  for (const char* layer : {"1", "2"}) {
    const json& interface = summary["interfaces"][layer];
    EXPECT_EQ(interface["lag"], 0);
    EXPECT_GT(interface["compared"], 0);
    EXPECT_LE(std::fabs(interface["cosine"].get<double>()), 1);
  }
  std::istringstream lines(read_text(folder / "r/metrics.jsonl"));
  int reports = 0;
  for (std::string line; std::getline(lines, line); ++reports)
    EXPECT_EQ(json::parse(line)["interfaces"].size(), 2U) << line;
  EXPECT_EQ(reports, 3);
  // The same numbers again: of the parameters, of a run that is read, of a run that goes on.
  const json score = json::parse(chronograd_run("eval '" + (folder / "r").string() + "' --json --quiet").out);
  EXPECT_EQ(score["loss"], summary["test"]["loss"]);
  ASSERT_THAT(chronograd_run("train --resume " + config + out(folder, "r")), ExitsWith(0));
  EXPECT_EQ(json::parse(read_text(folder / "r/summary.json")), summary);
  ASSERT_THAT(chronograd_run("report '" + (folder / "r").string() + "'"), ExitsWith(0));
  const std::string page = read_text(folder / "r/report.html");
  EXPECT_THAT(page, HasSubstr("<h2>Interfaces</h2>"));
  EXPECT_THAT(page, HasSubstr("a net of 8, 6 units"));
  EXPECT_THAT(chronograd_run("plot '" + (folder / "r").string() + "' --kind interfaces" + out(folder, "p.svg")),
              ExitsWith(0));
}

TEST(NetVerbs, InterfacesAreComparedAndSweptLikeRules) {
  const Folder folder;
  const std::string config = net(folder, "name = \"backprop\"");
  const Outcome got = chronograd_run(
      "compare " + config + " --rules 'true,none,local,dni(lambda=0)' --seeds 1 --json --quiet" + out(folder, "c"));
  ASSERT_THAT(got, ExitsWith(0));
  const json comparison = json::parse(got.out);
  ASSERT_EQ(comparison["rules"].size(), 4U);
  EXPECT_LT(comparison["rules"][0]["loss"], comparison["rules"][1]["loss"]) << "backprop beats the readout alone";
  EXPECT_TRUE(comparison["rules"][3]["cosine"].is_null());
  const Outcome words = chronograd_run("compare " + config + " --rules 'backprop,delayed,local'");
  ASSERT_THAT(words, ExitsWith(0));
  EXPECT_THAT(words.out, StartsWith("All interfaces share one learning rate"));
  EXPECT_THAT(words.out, HasSubstr("us/sample"));
  EXPECT_THAT(words.out, HasSubstr("warning: backprop and delayed are one")) << words.out;
  ASSERT_THAT(
      chronograd_run("sweep " + config + " interface.name=backprop,local optimizer.lr=0.01,0.1" + out(folder, "s")),
      ExitsWith(0));
  EXPECT_THAT(chronograd_run("compare " + config + " --seeds 3 --rates-from '" + (folder / "s").string() + "'").out,
              HasSubstr("local(optimizer.lr="));
  EXPECT_THAT(chronograd_run("report '" + (folder / "c").string() + "'"), ExitsWith(0));
}

TEST(NetVerbs, GuessesOfGuessesBeginAtTheSizeOfTheFirstThatIsNotZero) {
  // The first guesses are zero, and so are the first targets of lower interfaces: as a size they made later ones huge.
  const Folder folder;
  const std::string config = net(folder, "name = \"dni\"\nlambda = 0");
  const Outcome got = chronograd_run("train " + config + out(folder, "r") + " net.widths=[16,16,16,16]");
  EXPECT_THAT(got, ExitsWith(0)) << got.out;
}

TEST(NetVerbs, GradientsAreCheckedAgainstTheDenseDefinition) {
  const Folder folder;
  for (const char* interface : {"backprop", "none", "delayed", "fdg", "dni", "local", "predsim"})
    for (const char* norm : {"none", "batch"}) {
      const Outcome got = chronograd_run("check " + net(folder, std::string("name = \"") + interface + "\"") +
                                         " net.norm=" + norm + " --seeds 3 --json --quiet");
      EXPECT_THAT(got, ExitsWith(0)) << interface;
      const json record = json::parse(got.out);
      EXPECT_EQ(record["checks"].size(), interface == std::string("backprop") ? 3U : 6U);
    }
}

TEST(NetVerbs, WhatIsForRecurrentNetsSaysSo) {
  const Folder folder;
  const std::string config = net(folder, "name = \"backprop\"");
  ASSERT_THAT(chronograd_run("train " + config + out(folder, "r")), ExitsWith(0));
  const std::string run = "'" + (folder / "r").string() + "'";
  for (const std::string& words : {"gradient " + config + " --data '" + (folder / "d.npz").string() + "' --params '" +
                                       (folder / "r/params.npz").string() + "'" + out(folder, "g.npz"),
                                   "export " + run + " --to onnx", "stream " + run}) {
    const Outcome got = chronograd_run(words);
    EXPECT_THAT(got, ExitsWith(2)) << words;
    EXPECT_THAT(got.err, HasSubstr("[net] got a feed-forward net, allowed for ")) << words;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "g.npz"));
  const Outcome rule = chronograd_run("compare " + config + " --rules rflo");
  EXPECT_THAT(rule, ExitsWith(2));
  EXPECT_THAT(rule.err, HasSubstr("unknown name \"rflo\""));
}

}  // namespace
}  // namespace chronograd
