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
  std::function<std::string(int number)> folder;  ///< what a job is named by
  std::function<void(const std::string& text)> remarked;
};

/// Until all jobs have ended, or have been stopped. `observer` of each job, at each rank, stops it when others are
/// stopped, and shows nothing. Throws what the functions throw, in the end; Error (failed) where at last nothing is
/// left but jobs of ranks that have said nothing for the world's timeout.
void hand_out(World& world, const RankJobs& jobs);
/// The other ranks' part. `going`: false where this rank is told to stop; asked by the thread that works. Throws Error
/// (failed) where the first rank has begun and then says nothing for the world's timeout.
void take_part(World& world, const std::function<bool()>& going, const RankJob& work);

}  // namespace chronograd
