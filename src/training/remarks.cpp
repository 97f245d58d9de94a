// SPDX-License-Identifier: Apache-2.0
#include "training/remarks.hpp"

#include <fmt/format.h>

namespace chronograd {

std::vector<std::string> remarks_on(const RunResult& result) {
  std::vector<std::string> remarks;
  if (result.validation && result.validation->patience_ended)
    remarks.push_back(
        fmt::format("[train.patience] the run ends after update {}: no validation since that of update {} had a "
                    "smaller loss. The weights of that one are kept.",
                    result.updates, result.validation->update));
  if (result.status == RunResult::Status::done && !result.train.measured())
    remarks.emplace_back(
        "[train] none of the run's last steps counts (their weights are 0): there is no final training loss.");
  if (result.firing)
    for (const std::string& caution : cautions_on(*result.firing)) remarks.push_back("[model] " + caution);
  return remarks;
}

const char* const no_slope =
    "the slope psi of a spike is 0 for every unit at every step: no credit reaches the hidden weights, their gradient "
    "is "
    "0. Bring voltages nearer to the threshold (model.gain, model.zeta), or take a wider surrogate (model.width, "
    "model.surrogate = \"fast_sigmoid\").";

std::vector<std::string> cautions_on(const Firing& firing) {
  constexpr double many = 0.5;
  std::vector<std::string> cautions;
  const auto percent = [](double share) { return fmt::format("{:.0f} %", 100 * share); };
  if (firing.without_slope == 1) cautions.emplace_back(no_slope);
  if (firing.silent == 1)
    cautions.emplace_back("no unit fires: the readout sees nothing but its bias. Raise model.gain or model.zeta.");
  else if (firing.silent > many)
    cautions.push_back(percent(firing.silent) + " of units do not fire in a row (mean over rows).");
  if (firing.saturated > many)
    cautions.push_back(
        percent(firing.saturated) +
        " of units fire nearly as often as they can (mean over rows). Lower model.gain or model.zeta, or "
        "raise model.v_th.");
  return cautions;
}

void Waiting::add(const RunResult& run) {
  ++runs_;
  if (run.ranks > 0 || !waited(run.seconds, run.cpu_seconds)) return;  // ranks wait for each other: exchange_seconds
  ++waited_;
  seconds_ += run.seconds;
  cpu_seconds_ += run.cpu_seconds;
}

std::string Waiting::remark() const {
  if (waited_ == 0) return "";
  return fmt::format(
      "[train] {} waited for a processor or a file: {:.3g} s passed and {:.3g} s were work. us_per_step "
      "is the time that passed; us_per_step_cpu leaves waiting out.",
      runs_ == 1 ? "the run" : fmt::format("{} of {} runs", waited_, runs_), seconds_, cpu_seconds_);
}

}  // namespace chronograd
