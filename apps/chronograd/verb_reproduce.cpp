// SPDX-License-Identifier: Apache-2.0
// chronograd reproduce: runs of a study, and whether they show what is claimed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_value.hpp"
#include "base/text.hpp"
#include "catalogue_view.hpp"
#include "chronograd/error.hpp"
#include "figures/screen.hpp"
#include "figures/statistics.hpp"
#include "files/atomic_file.hpp"
#include "output.hpp"
#include "over_ranks.hpp"
#include "runs/run_directory.hpp"
#include "stop_on_signal.hpp"
#include "studies/frozen.hpp"
#include "studies/study.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// median (least ... largest) over the seeds.
std::string spread(const std::vector<double>& values) {
  if (values.empty()) return "-";
  const auto [least, largest] = std::minmax_element(values.begin(), values.end());
  if (*least == *largest) return fmt::format("{:.4g}", *least);
  return fmt::format("{:.4g} ({:.4g} ... {:.4g})", median(values), *least, *largest);
}

std::string table_of(const StudyRuns& runs, const Comparison& comparison) {
  std::vector<std::vector<std::string>> cells = {{"rule"}};
  for (const Measure& measure : runs.show) cells[0].push_back(measure.text);
  const bool timed = std::isfinite(comparison.rows[0].us_per_step_cpu) && !runs.tune.empty();
  if (timed) cells[0].emplace_back("CPU us/step");
  cells[0].emplace_back("note");
  for (const ComparisonRow& row : comparison.rows) {
    std::vector<std::string>& cell = cells.emplace_back();
    cell.push_back(row.method.word);
    for (const Measure& measure : runs.show) {
      std::vector<double> values;
      for (const RunResult& run : row.runs)
        if (const double value = measure.of(run); std::isfinite(value)) values.push_back(value);
      cell.push_back(spread(values));
    }
    if (timed) cell.push_back(formatted("{:.3g}", row.us_per_step_cpu));
    std::vector<std::string> notes;
    if (row.diverged > 0) notes.push_back(fmt::format("{} of {} diverged", row.diverged, row.runs.size()));
    if (row.runs.size() < runs.seeds.size()) notes.push_back(fmt::format("{} seeds", row.runs.size()));
    cell.push_back(joined(notes));
  }
  std::string text = table_text(cells);
  if (!comparison.references.empty())
    text += "to compare the loss with: " + references_text(comparison.references) + "\n";
  return text;
}

struct Outcome {
  std::vector<Comparison> comparisons;
  std::vector<Verdict> verdicts;
  std::vector<FrontVerdict> front;
  bool holds = true;
};

std::string text_of(const Study& study, const Outcome& outcome) {
  std::string text = bold(study.name + ": " + study.title) + "\n" + wrapped(study.text, "  ");
  if (text.back() != '\n') text += "\n";
  for (std::size_t i = 0; i < study.runs.size(); ++i)
    text += "\n" + study.runs[i].name + ", " + std::to_string(study.runs[i].seeds.size()) +
            (study.runs[i].seeds.size() == 1 ? " seed\n" : " seeds: median (least ... largest)\n") +
            table_of(study.runs[i], outcome.comparisons[i]);
  if (study.front) text += "\n" + front_text(*study.front, outcome.front) + frozen_text(frozen_presets(study));
  if (study.claims.empty()) return text + (study.front ? "" : "\nreported, without a verdict\n");
  text += "\n";
  for (std::size_t i = 0; i < study.claims.size(); ++i)
    text += std::string(outcome.verdicts[i].holds ? "PASS " : "FAIL ") + study.claims[i].text + "\n     " +
            outcome.verdicts[i].measured + "\n     from: " + study.claims[i].origin + "\n";
  const auto failed = std::count_if(outcome.verdicts.begin(), outcome.verdicts.end(),
                                    [](const Verdict& verdict) { return !verdict.holds; });
  return text + (failed == 0 ? fmt::format("all {} claims hold\n", study.claims.size())
                             : fmt::format("{} of {} claims fail\n", failed, study.claims.size()));
}

std::string json_of(const Study& study, const Outcome& outcome, bool full) {
  Json json = {{"name", study.name}, {"title", study.title},    {"cite", study.cite},
               {"full", full},       {"passed", outcome.holds}, {"runs", Json::array()}};
  for (std::size_t i = 0; i < study.runs.size(); ++i) {
    Json runs = {{"name", study.runs[i].name}, {"seeds", study.runs[i].seeds}, {"set", study.runs[i].set}};
    runs["references"] = Json::object();
    for (const Reference& reference : outcome.comparisons[i].references)
      runs["references"][reference.name] = reference.value;
    runs["rules"] = Json::array();
    for (const ComparisonRow& row : outcome.comparisons[i].rows) {
      Json item = {
          {"rule", row.method.word}, {"diverged", row.diverged}, {"us_per_step_cpu", number(row.us_per_step_cpu)}};
      for (const Measure& measure : study.runs[i].show) {
        Json& values = item["measures"][measure.text] = Json::array();
        for (const RunResult& run : row.runs) values.push_back(number(measure.of(run)));
      }
      for (const RunResult& run : row.runs) item["runs"].push_back(Json::parse(summary_json(run)));
      runs["rules"].push_back(item);
    }
    json["runs"].push_back(runs);
  }
  for (const FrontVerdict& verdict : outcome.front) {
    Json item = {{"candidate", verdict.candidate}, {"beats_the_front", verdict.holds}, {"tasks", Json::array()}};
    if (study.front->best) item["is_near_the_best"] = verdict.near == static_cast<int>(verdict.entries.size());
    for (const FrontEntry& entry : verdict.entries) {
      Json task = {{"runs", entry.runs},
                   {"control", entry.control},
                   {"rule", entry.rule.empty() ? Json(nullptr) : Json(entry.rule)},
                   {"difference", number(entry.difference)},
                   {"standard_error", number(entry.error)},
                   {"beats", entry.beats},
                   {"beside_difference", number(entry.beside_difference)},
                   {"beside_standard_error", number(entry.beside_error)},
                   {"above_beside", entry.behind}};
      if (study.front->best) {
        task["best"] = entry.best.empty() ? Json(nullptr) : Json(entry.best);
        task["best_difference"] = number(entry.best_difference);
        task["best_standard_error"] = number(entry.best_error);
        task["near"] = entry.near;
      }
      item["tasks"].push_back(task);
    }
    json["front"].push_back(item);
  }
  for (const FrozenPreset& preset : frozen_presets(study))
    json["presets"].push_back({{"name", preset.name}, {"sha256", preset.hash}, {"changed", preset.changed}});
  json["claims"] = Json::array();
  for (std::size_t i = 0; i < study.claims.size(); ++i)
    json["claims"].push_back({{"text", study.claims[i].text},
                              {"origin", study.claims[i].origin},
                              {"holds", outcome.verdicts[i].holds},
                              {"measured", outcome.verdicts[i].measured}});
  return json.dump(2) + "\n";
}

class Reproduce final : public Verb {
 public:
  const char* name() const override { return "reproduce"; }
  const char* summary() const override { return "results of the literature, with a verdict"; }

  void declare(CommandLine& line) override {
    line.argument("NAME", name_, "a study that the program carries (--list), or a file of your own, STUDY.toml", false);
    line.arguments("key=value", changes_, "changes to all of its runs, as train.updates=1000");
    line.flag("--list", list_, "names of the studies");
    line.flag("--full", full_, "the whole protocol instead of the one that takes minutes");
    line.option("--out", "FOLDER", out_, "record each run, and the verdict");
    line.flag("--resume", resume_,
              "go on with the study in FOLDER: finished runs are read, others go on to the same bits");
    line.option("--seeds", "0..4", seeds_, "other seeds than the study's, for all runs");
    line.option(
        "--only", "NAME,...", only_,
        "these groups of runs alone (in quotes where a name has a comma), without a verdict: a long study in parts");
    line.option("--jobs", "N", jobs_, 0, 1024, "runs at a time; 0: as many as cores");
    ranks_.declare(line, "the runs, one at a time each");
  }

  std::vector<std::string> words_for(const std::string& argument, const std::vector<std::string>&) const override {
    return argument == "NAME" ? study_names() : std::vector<std::string>();
  }

  int run(const Common& common) override {
    return ranks_.run(common, name(), [this](const Common& own, World* world) { return reproduce_here(own, world); });
  }

 private:
  int reproduce_here(const Common& common, World* world) {
    if (list_) {
      print(listed(common));
      return 0;
    }
    if (name_.empty())
      throw Error(Exit::usage, "chronograd reproduce", "a NAME is missing. chronograd reproduce --list has them.");
    if (resume_ && out_.empty())
      throw Error(Exit::usage, "chronograd reproduce",
                  "got --resume without --out. Give the folder that is to be gone on with.");
    require_ranks_folder(world, out_, jobs_);
    const Study study = chosen(read_study(name_, full_, changes_, seeds_));
    Outcome outcome;
    const StopOnSignal stop;
    for (const StudyRuns& runs : study.runs) {
      outcome.comparisons.push_back(compared(study, runs, common, world));
      if (!outcome.comparisons.back().stopped) continue;
      if (!common.quiet && !common.json && !out_.empty())
        print_error("note: interrupted; the same command with --resume goes on.");
      return static_cast<int>(Exit::interrupted);
    }
    if (!prints(world)) return 0;
    for (const Claim& claim : study.claims) {
      outcome.verdicts.push_back(judge(claim, outcome.comparisons[claim.runs]));
      outcome.holds = outcome.holds && outcome.verdicts.back().holds;
    }
    if (study.front) outcome.front = judge_front(*study.front, study.runs, outcome.comparisons);
    if (!out_.empty() && only_.empty()) write_file(out_ + "/verdict.json", json_of(study, outcome, full_));
    print(common.json ? json_of(study, outcome, full_) : text_of(study, outcome));
    return static_cast<int>(outcome.holds ? Exit::done : Exit::failed);
  }

  /// The study, or some of its groups of runs, of which no verdict is asked: that is about all of them.
  Study chosen(Study study) const {
    if (only_.empty()) return study;
    std::vector<std::string> names, wanted = split_list("--only", only_);
    for (const StudyRuns& runs : study.runs) names.push_back(runs.name);
    for (std::string& word : wanted) {
      if (word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front())
        word = word.substr(1, word.size() - 2);
      if (std::find(names.begin(), names.end(), word) == names.end()) throw_unknown_name("--only", word, names);
    }
    std::erase_if(study.runs, [&](const StudyRuns& runs) {
      return std::find(wanted.begin(), wanted.end(), runs.name) == wanted.end();
    });
    study.claims.clear();
    study.front.reset();
    return study;
  }

  static std::string listed(const Common& common) {
    Json json = Json::array();
    std::string text;
    for (const std::string& name : study_names()) {
      const Study study = read_study(name, false, {});
      json.push_back({{"name", name}, {"title", study.title}, {"cite", study.cite}});
      text +=
          name + (common.quiet ? "" : std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') + study.title) + "\n";
    }
    return common.json ? json.dump(2) + "\n" : text;
  }

  Comparison compared(const Study& study, const StudyRuns& runs, const Common& common, World* world) const {
    Progress progress(progress_options(common));
    const ShownSetUp set_up(progress);
    ComparisonOptions options;
    options.alignment = options.times = false;
    options.counts = runs.counts;
    options.jobs = static_cast<int>(jobs_);
    if (!out_.empty()) options.folder = out_ + "/" + file_word(runs.name);
    options.resume = resume_;
    options.command = common.command;
    options.world = world;
    options.observer = &progress;
    const Config config = study.config_of(runs);
    std::vector<Method> methods = parse_methods("rules", runs.rules, method_table(config));
    if (!runs.tune.empty()) {
      ComparisonOptions choosing = options;
      choosing.counts.clear();
      if (!out_.empty()) choosing.folder += "_tuning";
      methods = tuned(config, methods, runs.tune, study.tune_seeds, choosing);
      options.times = only_.empty();  // of all groups at once, when the verdict asks for them
    }
    if (methods.empty()) return stopped_comparison();
    return compare(config, methods, runs.seeds, options);
  }

  static Comparison stopped_comparison() {
    Comparison nothing;
    nothing.stopped = true;
    return nothing;
  }

  std::string name_, seeds_, out_, only_;
  std::vector<std::string> changes_;
  RankWords ranks_;
  std::int64_t jobs_ = 0;
  bool full_ = false, list_ = false, resume_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_reproduce_verb() {
  return std::make_unique<Reproduce>();
}

}  // namespace chronograd
