// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chronograd/config.hpp"

namespace chronograd {

/// How long and on what a run trains, and what is looked at on the way: [update], [train] and [watch], read once. What
/// the keys mean stands in the option tables.
struct TrainSettings {
  explicit TrainSettings(const Config& config);

  std::uint64_t seed;
  std::int64_t every;                          ///< update.every; 0: the whole row
  std::optional<std::int64_t> updates, steps;  ///< the run's length; neither: epochs
  std::int64_t epochs;
  std::optional<std::int64_t> batch;
  bool of_files;  ///< rows come from files, all of which are streams side by side unless `batch` says less
  bool shuffle;
  std::optional<double> memory;  ///< bytes
  std::int64_t report_every, test_every, test_steps;
  std::int64_t validate_every, patience;  ///< 0: not given
  std::vector<std::string> watched;       ///< watch.rules
  std::int64_t watch_every;
  double average;    ///< share of the run that weights are averaged over; 0: they are not
  int watch_credit;  ///< steps; 0: none
};

}  // namespace chronograd
