// SPDX-License-Identifier: Apache-2.0
#include "over_ranks.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "chronograd/error.hpp"
#include "output.hpp"
#include "ranks/launcher.hpp"
#include "stop_on_signal.hpp"

namespace chronograd {
namespace {

/// An error that all ranks find is told by the first one, which ends the others in this time.
constexpr std::chrono::milliseconds first_one_tells{5000};
/// Seconds in which ranks that wait too answer one that has given up; who does not is what they wait for.
constexpr double roll_call = 2;

[[noreturn]] void end_all(World& world, std::string text, Exit code) {
  int teller = 0;
  if (world.gave_up()) {
    const std::vector<int> silent = world.silent(roll_call);
    while (std::find(silent.begin(), silent.end(), teller) != silent.end()) ++teller;
    for (const int rank : silent)
      text += " Rank " + std::to_string(rank) + " on " + world.host(rank) + " answers nobody.";
  }
  if (world.rank() != teller) {
    std::signal(SIGTERM, SIG_DFL);
    std::this_thread::sleep_for(first_one_tells);
  }
  const std::string rank = "[rank " + std::to_string(world.rank()) + "]";
  print_error(world.first() || text.starts_with(rank) ? text : rank + " on " + world.host(world.rank()) + ": " + text);
  flush_output();
  world.abort(static_cast<int>(code));
}

}  // namespace

void RankWords::declare(CommandLine& line, const std::string& shared) {
  line.flag("--ranks", asked_, "the processes that mpirun or srun has started share " + shared + " (docs/cluster.md)");
  line.option("--timeout", "S", timeout_, "seconds that a rank, or a worker, waits for another's message");
}

void require_ranks_folder(const World* world, const std::string& out, std::int64_t jobs) {
  if (world == nullptr) return;
  if (out.empty())
    throw Error(Exit::usage, "--ranks",
                "got no --out, allowed is a folder: what each rank has run is read from there.");
  if (jobs > 0)
    throw Error(Exit::usage, "--ranks", "got it with --jobs: each rank runs one job at a time. Leave it out.");
}

int RankWords::run(const Common& common, const std::string& verb,
                   const std::function<int(const Common& common, World* world)>& work) const {
  if (!(timeout_ > 0))
    throw Error(Exit::usage, "--timeout", "got " + std::to_string(timeout_) + ", allowed is a number of seconds > 0.");
  std::unique_ptr<World> world;
  try {
    if (asked_)
      world = open_world(timeout_);
    else
      refuse_copies(verb);
  } catch (const Error&) {
    if (launcher().number > 0) std::this_thread::sleep_for(first_one_tells);
    throw;
  }
  if (!world) return work(common, nullptr);
  Common own = common;
  if (!world->first()) {
    own.quiet = true;
    own.json = false;
    StopOnSignal::hush();
  }
  try {
    const int code = work(own, world.get());
    flush_output();
    // The first one may have a page to write. In a sweep others have runs to end, too, and nobody knows how long.
    world->said("", verb != "train");
    return world->first() ? code : 0;  // launchers end all when one returns something else
  } catch (const Error& error) {
    end_all(*world, error.what(), error.code());
  } catch (const std::bad_alloc&) {
    end_all(*world, "[chronograd] out of memory. A smaller model, batch or window needs less.", Exit::data);
  } catch (const std::exception& error) {
    end_all(*world, std::string("[chronograd] a mistake in the program: ") + error.what() + ". Please report it.",
            Exit::failed);
  }
}

}  // namespace chronograd
