// SPDX-License-Identifier: Apache-2.0
// Counts, bytes and their exponents do not depend on how long is measured; times are only asked to be there.
#include <gmock/gmock.h>

#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

TEST(Cost, MeasuresEveryWayAgainstTheSteps) {
  const Folder folder;
  const Outcome got =
      chronograd_run("cost --against T --seconds 1e-6 --json --page '" + (folder / "costs.md").string() + "'");
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_EQ(got.err, "");
  std::map<std::string, json> curves;
  for (const json& curve : json::parse(got.out)) {
    EXPECT_EQ(curve["variable"], "T");
    ASSERT_EQ(curve["points"].size(), 5U);
    double steps = 0;
    for (const json& point : curve["points"]) {
      EXPECT_GT(point["x"], steps);
      steps = point["x"];
      for (const char* what : {"step_us", "bytes", "counted"}) EXPECT_GT(point[what], 0) << curve["method"] << what;
    }
    EXPECT_TRUE(curve["exponents"]["time"].is_number());
    curves[curve["method"]] = curve["exponents"];
  }
  for (const char* method : {"double sum", "bptt, K = T", "tbptt(L=8), K = 8", "rtrl(block=1), K = 1", "rtrl, K = 1",
                             "rtrl, K = d", "snap(n=1), K = 1", "rflo, K = 1", "uoro, K = 1",
                             "sparse_rtrl(density=0.1), K = 1", "snap(n=2, density=0.1), K = 1"})
    ASSERT_EQ(curves.count(method), 1U) << method;
  // T steps of T / 2 each on average; what else is there goes once over the row, or knows nothing of T.
  EXPECT_NEAR(curves["double sum"]["counted"], 1, 0.05);
  EXPECT_NEAR(curves["double sum"]["predicted"], 1, 0.05);
  EXPECT_NEAR(curves["bptt, K = T"]["counted"], 0, 0.02);
  EXPECT_NEAR(curves["bptt, K = T"]["bytes"], 1, 0.05);
  for (const auto& [method, exponents] : curves) {
    if (method == "double sum" || method == "bptt, K = T") continue;
    EXPECT_NEAR(exponents["bytes"], 0, 1e-12) << method;
    EXPECT_NEAR(exponents["counted"], 0, 1e-12) << method;
  }
  // In theory, which the records' formulae are, alike.
  for (const auto& [method, exponents] : curves) {
    EXPECT_EQ(exponents["time_in_theory"], method == "double sum" ? 1 : 0) << method;
    EXPECT_EQ(exponents["bytes_in_theory"], method == "double sum" || method == "bptt, K = T" ? 1 : 0) << method;
  }
  const std::string page = read_text(folder / "costs.md");
  EXPECT_THAT(page, AllOf(HasSubstr("Written by `chronograd cost --against T --page docs/costs.md`"),
                          HasSubstr("\n| double sum | d = 32 | "), HasSubstr("](costs_time_T.svg)")));
  for (const char* figure : {"costs_time_T.svg", "costs_bytes_T.svg"})
    EXPECT_THAT(read_text(folder / figure), HasSubstr("rtrl, K = d")) << figure;
}

TEST(Cost, PrintsColumnsThatLineUp) {
  const Outcome got = chronograd_run("cost --against T --seconds 1e-6");
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_THAT(got.out, testing::StartsWith("a step against T\n"));
  EXPECT_THAT(got.out, AllOf(HasSubstr("\nbptt, K = T "), HasSubstr("\nsparse_rtrl(density=0.1), K = 1 ")));
  EXPECT_THAT(got.err, HasSubstr("snap(n=2, density=0.1), K = 1 against T\n")) << "what it is at";
  std::istringstream lines(got.out);
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  const std::size_t bytes_end = line.find(" bytes ") + 6;
  int rows = 0;
  for (; std::getline(lines, line); ++rows) {
    ASSERT_GE(line.size(), bytes_end) << line;
    EXPECT_TRUE(std::isdigit(line[bytes_end - 1])) << line;
    EXPECT_TRUE(line.size() == bytes_end || line.substr(bytes_end, 3) == "   ") << line;
  }
  EXPECT_EQ(rows, 55) << "eleven ways, five lengths";
}

TEST(Cost, SimulatesAndMeasuresBatchesAgainstLatency) {
  const Folder folder;
  const Outcome got =
      chronograd_run("cost --latency 0,3 --seconds 1e-6 --json --figure '" + (folder / "l.svg").string() + "'");
  ASSERT_THAT(got, ExitsWith(0));
  const json all = json::parse(got.out);
  EXPECT_TRUE(all["sleepers"].empty()) << "of pages alone";
  std::map<std::string, json> curves;
  for (const json& curve : all["net"]) {
    ASSERT_EQ(curve["points"].size(), 2U);
    for (const json& point : curve["points"])
      for (const char* what : {"measured_ms", "simulated_ms"}) EXPECT_GT(point[what], 0) << curve["method"] << what;
    EXPECT_TRUE(curve["accuracy"].is_null());
    curves[curve["method"]] = curve;
  }
  EXPECT_EQ(curves.size(), 7U);
  EXPECT_TRUE(curves["data parallel"]["pays_from_ms"].is_null());
  // A batch goes up and down by itself: two messages. Gradients cross once.
  const auto of_latency = [&](const char* method, const char* what) {
    const json& points = curves[method]["points"];
    return points[1][what].get<double>() - points[0][what].get<double>();
  };
  EXPECT_NEAR(of_latency("backprop", "simulated_ms"), 6, 1e-6);
  EXPECT_NEAR(of_latency("data parallel", "simulated_ms"), 3, 1e-6);
  EXPECT_GE(curves["backprop"]["points"][1]["measured_ms"], 6) << "messages are held back";
  EXPECT_GE(curves["data parallel"]["points"][1]["measured_ms"], 3);
  EXPECT_THAT(read_text(folder / "l.svg"), AllOf(HasSubstr("dni(lag=8)"), HasSubstr("Marks: measured")));
}

TEST(Cost, RefusesWhatItCannotMeasure) {
  EXPECT_THAT(chronograd_run("cost --accuracy").err, HasSubstr("got no --interfaces or --latency"));
  EXPECT_THAT(chronograd_run("cost --figure a.svg").err, HasSubstr("got no --latency"));
  EXPECT_THAT(chronograd_run("cost --latency 1 --against T").err, HasSubstr("got it with --against"));
  EXPECT_THAT(chronograd_run("cost --against densty").err, HasSubstr("did you mean density?"));
  for (const char* words : {"--against n", "--seconds 0", "--seconds nan", "--page costs.txt"})
    EXPECT_THAT(chronograd_run(std::string("cost ") + words), ExitsWith(2)) << words;
}

}  // namespace
}  // namespace chronograd
