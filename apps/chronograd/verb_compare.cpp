// SPDX-License-Identifier: Apache-2.0
// chronograd compare: the same network, data and seeds under several rules.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "chronograd/error.hpp"
#include "experiment.hpp"
#include "output.hpp"
#include "reporting/comparison.hpp"
#include "reporting/run_directory.hpp"
#include "reporting/text.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string bytes(std::size_t count) {
  if (count < 10000) return std::to_string(count) + " B";
  if (count < 10000000) return formatted("{:.1f} kB", static_cast<double>(count) / 1e3);
  return formatted("{:.1f} MB", static_cast<double>(count) / 1e6);
}

std::string text_of(const Comparison& comparison) {
  std::vector<std::vector<std::string>> cells = {
      {"rule", std::string(comparison.on_test ? "test" : "train") + " loss"}};
  if (comparison.classes) cells[0].push_back("accuracy");
  for (const char* head : {"us/step", "rule memory", "cosine", "note"}) cells[0].push_back(head);
  for (const ComparisonRow& row : comparison.rows) {
    std::vector<std::string> cell = {row.rule, interval_text(row.loss)};
    if (comparison.classes) cell.push_back(interval_text(row.accuracy));
    cell.push_back(formatted("{:.3g}", row.us_per_step));
    cell.push_back(bytes(row.rule_bytes));
    cell.push_back(formatted("{:.3f}", row.cosine));
    cell.push_back(
        row.diverged > 0 ? std::to_string(row.diverged) + " of " + std::to_string(row.runs.size()) + " diverged" : "");
    cells.push_back(cell);
  }
  std::string text = table_text(cells);
  if (!comparison.references.empty()) {
    text += "to compare the loss with:";
    for (const Reference& reference : comparison.references)
      text += " " + reference.name + " " + formatted("{:.4f}", reference.value) + ";";
    text.back() = '\n';
  }
  text += "loss: mean ± 95 % interval over " + std::to_string(comparison.seeds.size()) +
          " seed(s); us/step: training time a step and stream, median, one thread a run, " +
          std::to_string(comparison.jobs) +
          " run(s) at a time;\nrule memory: what the rule keeps for all streams; cosine: with the exact gradient, mean "
          "along the first seed's trajectory.\n";
  return text;
}

std::string json_of(const Comparison& comparison) {
  Json json = {{"seeds", comparison.seeds},
               {"jobs", comparison.jobs},
               {"stopped", comparison.stopped},
               {"loss_on", comparison.on_test ? "test" : "train"}};
  json["references"] = Json::object();
  for (const Reference& reference : comparison.references) json["references"][reference.name] = reference.value;
  json["rules"] = Json::array();
  for (const ComparisonRow& row : comparison.rows) {
    Json item = {{"rule", row.rule},
                 {"loss", number(row.loss.mean)},
                 {"loss_half_width", number(row.loss.half_width)},
                 {"accuracy", number(row.accuracy.mean)},
                 {"accuracy_half_width", number(row.accuracy.half_width)},
                 {"us_per_step", number(row.us_per_step)},
                 {"rule_bytes", row.rule_bytes},
                 {"cosine", number(row.cosine)},
                 {"diverged", row.diverged},
                 {"runs", Json::array()}};
    for (const RunResult& run : row.runs) item["runs"].push_back(Json::parse(summary_json(run)));
    json["rules"].push_back(item);
  }
  return json.dump(2) + "\n";
}

class Compare final : public Verb {
 public:
  const char* name() const override { return "compare"; }
  const char* summary() const override { return "the same network, data and seeds under several rules"; }

  void declare(CommandLine& line) override {
    experiment_.declare(line, false);
    line.option("--rules", "A,B(x=1),...", rules_,
                "the rules, with options in parentheses as tbptt(L=7, optimizer.lr=1e-3)", true);
    line.option("--seeds", "0..4", seeds_, "seeds, as 0..4 or 0,3,7", false);
    line.option("--jobs", "N", jobs_, 0, 1024, "runs at a time; 0: as many as cores");
    line.flag("--no-cosine", no_cosine_, "do not measure the cosine with the exact gradient");
  }

  int run(const Common& common) override {
    const Config config = experiment_.read();
    ComparisonOptions options;
    options.data_file = experiment_.data();
    options.parameters_file = experiment_.parameters();
    options.alignment = !no_cosine_;
    options.jobs = static_cast<int>(jobs_);
    const StopOnSignal stop;
    options.keep_going = [] { return !StopOnSignal::asked(); };
    const Comparison comparison = [&] {
      Progress progress(progress_options(common));
      options.progress = &progress;
      return compare(config, split_list("--rules", rules_), parse_seeds(seeds_), options);
    }();
    print(common.json ? json_of(comparison) : text_of(comparison));
    return static_cast<int>(comparison.stopped ? Exit::interrupted : Exit::done);
  }

 private:
  Experiment experiment_;
  std::string rules_, seeds_ = "0";
  std::int64_t jobs_ = 0;
  bool no_cosine_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_compare_verb() {
  return std::make_unique<Compare>();
}

}  // namespace chronograd
