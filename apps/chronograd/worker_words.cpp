// SPDX-License-Identifier: Apache-2.0
#include "worker_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::array<const char*, 3> kinds_of_workers = {"same", "threads", "mpi"};

void require_not_negative(const char* flag, double value, const char* unit) {
  if (!(value >= 0 && std::isfinite(value)))
    throw Error(Exit::usage, flag, "got " + number_text(value) + ", allowed is a number of " + unit + " >= 0.");
}

}  // namespace

void WorkerWords::declare(CommandLine& line) {
  line.option(
      "--workers", "same|threads|mpi", workers_,
      "of a feed-forward net ([net]): one thread computes its groups of layers in turns (the default), a thread "
      "each, or a process each (docs/cluster.md). The same bits, but for interface.order = \"arrival\"");
  line.option("--latency", "MS", latency_, "every message between workers takes so many milliseconds (simulated)");
  line.option("--bandwidth", "MB/S", bandwidth_, "and its bytes at this rate; 0: no more");
}

void WorkerWords::set(const Config& config, RunOptions& options) const {
  require_not_negative("--latency", latency_, "milliseconds");
  require_not_negative("--bandwidth", bandwidth_, "megabytes a second");
  const bool given = !workers_.empty() || latency_ > 0 || bandwidth_ > 0;
  if (given && !config.has("net"))
    throw Error(
        Exit::usage, workers_.empty() ? (latency_ > 0 ? "--latency" : "--bandwidth") : "--workers",
        "got it for a recurrent net, allowed is a feed-forward one, [net]. --ranks shares the streams of a recurrent "
        "one among processes.");
  if (!workers_.empty()) {
    const auto* const kind = std::find(kinds_of_workers.begin(), kinds_of_workers.end(), workers_);
    if (kind == kinds_of_workers.end())
      throw_unknown_name("--workers", workers_, {kinds_of_workers.begin(), kinds_of_workers.end()});
    options.workers = static_cast<RunOptions::Workers>(kind - kinds_of_workers.begin());
  }
  options.latency = latency_ / 1e3;
  options.bandwidth = bandwidth_ * 1e6;
}

}  // namespace chronograd
