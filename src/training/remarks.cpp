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
  if (waited(result.seconds, result.cpu_seconds))
    remarks.push_back(
        fmt::format("[train] {:.3g} s passed while the run worked for {:.3g} s: it waited for a processor or a file. "
                    "us_per_step is the time that passed; us_per_step_cpu leaves waiting out.",
                    result.seconds, result.cpu_seconds));
  return remarks;
}

}  // namespace chronograd
