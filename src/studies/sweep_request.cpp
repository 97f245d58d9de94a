// SPDX-License-Identifier: Apache-2.0
#include "chronograd/sweep.hpp"
#include "config/words.hpp"
#include "studies/sweep_summary.hpp"

namespace chronograd {

SweepPlan plan_of(const SweepRequest& request) {
  SweepPlan plan;
  plan.config_name = request.config_name;
  plan.config_text = request.config_text;
  for (const std::string& word : request.words)
    if (is_axis(word))
      plan.axes.push_back(parse_axis(word));
    else
      plan.changes.push_back(word);
  plan.data_file = request.data_file;
  plan.parameters_file = request.parameters_file;
  plan.seeds = request.seeds;
  draw_values(plan.axes, request.samples, static_cast<std::uint64_t>(plan.base().table("").integer("seed")));
  return plan;
}

SweepOutcome run_sweep(const SweepRequest& request) {
  SweepOptions options;
  options.resume = request.resume;
  options.fail_fast = request.fail_fast;
  options.jobs = request.jobs;
  options.command = request.command;
  options.observer = request.observer;
  const Sweep sweep = run_sweep(plan_of(request), request.folder, options);
  const SweepSummary summary = summarise(sweep);
  return {summary_json(sweep, summary), summary_text(sweep, summary), sweep.stopped};
}

}  // namespace chronograd
