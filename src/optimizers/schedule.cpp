// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/optimizer.hpp"

namespace chronograd {

double scheduled_rate(const Options& optimizer, std::int64_t k, std::int64_t run_length) {
  const double lr = optimizer.number("lr"), update = static_cast<double>(k);
  const auto warmup = static_cast<double>(optimizer.integer("warmup"));
  const std::string& shape = optimizer.word("schedule");
  double rate = lr;
  if (shape == "exponential") {
    rate = lr * std::pow(optimizer.number("decay"), update);
  } else if (shape == "inverse_sqrt") {
    const auto horizon = static_cast<double>(optimizer.integer("horizon"));
    if (horizon <= 0)
      throw Error(
          Exit::usage, "optimizer.horizon",
          "got 0 with the schedule inverse_sqrt, allowed is a number of updates >= 1: after so many the rate is "
          "lr / sqrt(2). Example: optimizer.horizon = 1000.");
    rate = std::max(optimizer.number("lr_final"), lr * std::sqrt(horizon / (horizon + update)));
  } else if (shape == "cosine") {
    const std::int64_t given = optimizer.integer("horizon"), horizon = given > 0 ? given : run_length;
    if (horizon <= 0)
      throw Error(Exit::usage, "optimizer.horizon",
                  "got 0 with the schedule cosine and a run without end, allowed is a number of updates >= 1.");
    constexpr double pi = 3.14159265358979323846;
    const double end = optimizer.number("lr_final"), passed = std::min(1.0, update / static_cast<double>(horizon));
    rate = end + (lr - end) * 0.5 * (1 + std::cos(pi * passed));
  }
  return warmup > 0 ? rate * std::min(1.0, (update + 1) / warmup) : rate;
}

}  // namespace chronograd
