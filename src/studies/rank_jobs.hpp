// SPDX-License-Identifier: Apache-2.0
// Jobs that ranks share: each rank has one at a time, and the first one hands out their numbers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "chronograd/observer.hpp"
#include "ranks/world.hpp"

namespace chronograd {

/// What a rank does of a job: what became of it, as a text for the first rank.
using RankJob = std::function<std::string(int number, Observer& observer)>;

/// What the first rank does beside. The functions are called one at a time, by threads of their own.
struct RankJobs {
  std::vector<int> numbers;
  std::function<bool()> going;  ///< false: no more are begun, and those at work are to stop
  RankJob work;                 ///< of its own share
  std::function<void(int number)> begun;
  std::function<void(int number, const std::string& what)> ended;
};

/// Until all jobs have ended, or have been stopped. `observer` of each job, at each rank, stops it when others are
/// stopped, and shows nothing. Throws what the functions throw, in the end.
void hand_out(World& world, const RankJobs& jobs);
/// The other ranks' part. `going`: false where this rank is told to stop.
void take_part(World& world, const std::function<bool()>& going, const RankJob& work);

}  // namespace chronograd
