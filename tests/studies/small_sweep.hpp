// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "chronograd/error.hpp"
#include "studies/sweep_summary.hpp"

namespace chronograd {

/// The plan of a quick sweep.
inline SweepPlan small_plan(const std::vector<std::string>& axes, const std::vector<std::uint64_t>& seeds = {0, 1}) {
  SweepPlan plan;
  plan.config_name = "small.toml";
  plan.config_text =
      "[model]\ncell='leaky'\nhidden=6\n[loss]\nname='cross_entropy'\n[rule]\nname='rflo'\n[update]\nevery=1\n"
      "[optimizer]\nlr=0.05\n[task]\nname='add'\n[train]\nupdates=300\ntest_steps=200\n";
  for (const std::string& axis : axes) plan.axes.push_back(parse_axis(axis));
  plan.seeds = seeds;
  return plan;
}

/// A sweep whose jobs came to what `outcome` says, without running.
inline Sweep made_up(const SweepPlan& plan, const std::function<JobRecord(const SweepJob&)>& outcome) {
  Sweep sweep;
  sweep.plan = plan;
  sweep.jobs = plan.jobs();
  for (const SweepJob& job : sweep.jobs) sweep.records.push_back(outcome(job));
  return sweep;
}

inline JobRecord record_of(JobStatus status, double loss = not_measured) {
  JobRecord record;
  record.status = status;
  record.loss = loss;
  record.seconds = 1;
  return record;
}

inline std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.code())) + " " + error.what();
  }
  return "nothing was refused";
}

}  // namespace chronograd
