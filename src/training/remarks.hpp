// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/run_result.hpp"

namespace chronograd {

/// What its user should know of how a run ended: patience, a loss that was not measured, units that do not fire.
std::vector<std::string> remarks_on(const RunResult& result);
/// Of a network that spikes, where psi is 0 for every unit at every step.
extern const char* const no_slope;
/// What is wrong with how units fire, in a sentence for each; none where nothing is.
std::vector<std::string> cautions_on(const Firing& firing);

/// Runs that waited(), for one remark about all of them.
class Waiting {
 public:
  void add(const RunResult& run);
  /// How many of the runs waited, and for how long; "" if none did.
  std::string remark() const;

 private:
  int runs_ = 0, waited_ = 0;
  double seconds_ = 0, cpu_seconds_ = 0;  ///< of those that waited
};

}  // namespace chronograd
