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
  return remarks;
}

void Waiting::add(const RunResult& run) {
  ++runs_;
  if (!waited(run.seconds, run.cpu_seconds)) return;
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
