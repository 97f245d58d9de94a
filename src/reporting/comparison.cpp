// SPDX-License-Identifier: Apache-2.0
#include "reporting/comparison.hpp"

#include <algorithm>
#include <exception>
#include <mutex>

#include "reporting/run_directory.hpp"
#include "training/crew.hpp"

namespace chronograd {
namespace {

/// One run; `seed` replaces the configuration's.
struct Job {
  std::size_t rule, seed;
  bool alignment;  ///< beside the exact gradient, apart from the timed runs
};

double median(std::vector<double> values) {
  if (values.empty()) return not_measured;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void summarise(ComparisonRow& row, bool on_test) {
  std::vector<double> losses, accuracies, times;
  for (const RunResult& run : row.runs) {
    if (run.status == RunResult::Status::diverged) {
      ++row.diverged;
      continue;
    }
    const Score& score = on_test ? run.test : run.train;
    losses.push_back(score.loss);
    accuracies.push_back(score.accuracy);
    if (run.stream_steps > 0) times.push_back(1e6 * run.seconds / static_cast<double>(run.stream_steps));
    row.rule_bytes = run.rule_bytes;
  }
  row.loss = confidence_interval(losses);
  row.accuracy = confidence_interval(accuracies);
  row.us_per_step = median(times);
}

}  // namespace

Comparison compare(const Config& config, const std::vector<std::string>& rules, const std::vector<std::uint64_t>& seeds,
                   const ComparisonOptions& options) {
  std::vector<Config> configs;
  for (const std::string& rule : rules) configs.push_back(config.with_rule(rule));
  Comparison result;
  result.seeds = seeds;
  Arrays parameters;
  std::vector<std::string> notes;
  if (!options.parameters_file.empty()) parameters = read_arrays(options.parameters_file, &notes);

  std::vector<Job> jobs;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    for (std::size_t seed = 0; seed < seeds.size(); ++seed) jobs.push_back({rule, seed, false});
    result.rows.push_back({rules[rule], std::vector<RunResult>(seeds.size()), {}, {}, 0, 0, 0, not_measured});
  }
  // The runs with cosines come last: nothing else runs beside them that is timed.
  const std::size_t timed = jobs.size();
  if (options.alignment)
    for (std::size_t rule = 0; rule < rules.size(); ++rule) jobs.push_back({rule, 0, true});

  std::mutex mutex;
  std::exception_ptr failure;
  std::atomic<bool> stopped{false};
  Progress silent{{}};
  Progress& progress = options.progress ? *options.progress : silent;
  progress.expect(static_cast<int>(jobs.size()));
  const auto work = [&](std::size_t index) {
    const Job& job = jobs[index];
    if (stopped) return;
    try {
      std::vector<std::string> changes = {"seed=" + std::to_string(seeds[job.seed])};
      if (job.alignment) changes.push_back("watch.rules=[\"rtrl\"]");
      const Config own = configs[job.rule].with(changes);
      std::vector<std::string> own_notes;
      std::vector<std::string>& remarks = index == 0 ? notes : own_notes;
      const std::unique_ptr<Task> task =
          make_task(own, options.data_file, options.parameters_file.empty() ? nullptr : &parameters, &remarks);
      RunOptions run;
      run.threads = 1;
      run.notes = &remarks;
      Progress::Job* shown = nullptr;
      run.on_start = [&] {
        if (index == 0)
          for (const std::string& note : notes) progress.remark(note);
        shown = progress.start(rules[job.rule] + (job.alignment ? " (cosine)" : ""), seeds[job.seed]);
      };
      run.on_report = [&](const Metrics& metrics) { progress.report(shown, metrics); };
      run.keep_going = [&](const Position& position) {
        progress.at(shown, position);
        return !stopped && options.keep_going();
      };
      if (!options.parameters_file.empty()) {
        run.parameters = &parameters;
        run.parameters_name = options.parameters_file;
      }
      RunResult outcome = train(own, *task, run);
      const std::lock_guard lock(mutex);
      if (index == 0) {
        result.references = task->references();
        result.classes = task->classes();
        result.on_test = task->rows(Split::test) >= 0;
      }
      if (outcome.status == RunResult::Status::stopped) stopped = true;
      const Score& score = result.on_test ? outcome.test : outcome.train;
      progress.finish(shown, {name_of(outcome.status), score.loss, score.accuracy, outcome.seconds, ""});
      if (job.alignment)
        result.rows[job.rule].cosine = outcome.cosines.empty() ? not_measured : outcome.cosines[0];
      else
        result.rows[job.rule].runs[job.seed] = std::move(outcome);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      stopped = true;
    }
  };
  work(0);  // alone: a mistake in the configuration shows before anything else is started
  if (failure) std::rethrow_exception(failure);
  result.jobs = options.jobs > 0 ? options.jobs : available_processors();
  Crew crew(std::min(result.jobs, static_cast<int>(jobs.size())));
  crew.run(static_cast<int>(timed) - 1, [&](int i) { work(static_cast<std::size_t>(i) + 1); });
  crew.run(static_cast<int>(jobs.size() - timed), [&](int i) { work(static_cast<std::size_t>(i) + timed); });
  if (failure) std::rethrow_exception(failure);
  result.stopped = stopped;
  for (ComparisonRow& row : result.rows) summarise(row, result.on_test);
  return result;
}

}  // namespace chronograd
