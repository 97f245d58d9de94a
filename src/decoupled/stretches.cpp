// SPDX-License-Identifier: Apache-2.0
#include "decoupled/stretches.hpp"

#include <string>
#include <utility>

#include "base/crew.hpp"
#include "chronograd/error.hpp"
#include "files/array_bytes.hpp"
#include "files/state_arrays.hpp"
#include "transport/ranks.hpp"
#include "transport/same.hpp"
#include "transport/threads.hpp"

namespace chronograd {
namespace {

/// One thread, which calls workers in turns: upwards forward, downwards with the gradients. Each worker does the same
/// in the same order as on a thread of its own.
template <class T>
class InTurns final : public Stretches<T> {
 public:
  explicit InTurns(int workers) : transport_(workers) {}
  void run(Workers<T>& workers, std::int64_t from, std::int64_t to) override {
    for (std::int64_t t = from; t < to; ++t) {
      for (auto& worker : workers) worker->forward(t, transport_);
      for (auto worker = workers.rbegin(); worker != workers.rend(); ++worker) (*worker)->follow(t, transport_);
    }
    for (bool waits = true; waits;) {
      waits = false;
      for (auto worker = workers.rbegin(); worker != workers.rend(); ++worker) waits |= (*worker)->take(transport_);
    }
  }

 private:
  SameThread<T> transport_;
};

template <class T>
class OnThreads final : public Stretches<T> {
 public:
  OnThreads(int workers, std::size_t capacity, const Link& link) : transport_(workers, capacity, link) {}
  void run(Workers<T>& workers, std::int64_t from, std::int64_t to) override {
    std::vector<double> seconds(workers.size());
    on_threads<T>(transport_, workers.size(), [&](std::size_t k) {
      for (std::int64_t t = from; t < to; ++t) {
        workers[k]->forward(t, transport_);
        workers[k]->follow(t, transport_);
      }
      while (workers[k]->take(transport_)) {
      }
      seconds[k] = thread_cpu_seconds();
    });
    for (const double more : seconds) seconds_ += more;
  }
  double cpu_seconds() const override { return seconds_; }

 private:
  BetweenThreads<T> transport_;
  double seconds_ = 0;
};

/// Each rank does the batches of its own worker; at the drain point all of them come to know what each has become.
template <class T>
class OnRanks final : public Stretches<T> {
 public:
  OnRanks(World& world, std::size_t capacity, const LargestMessage& largest, const Link& link)
      : world_(world), transport_(world, capacity, largest.rows, largest.width, largest.outputs, link) {}
  void run(Workers<T>& workers, std::int64_t from, std::int64_t to) override {
    Worker<T>& own = *workers[static_cast<std::size_t>(world_.rank())];
    for (std::int64_t t = from; t < to; ++t) {
      own.forward(t, transport_);
      own.follow(t, transport_);
    }
    while (own.take(transport_)) {
    }
    share(workers);
  }

 private:
  void share(Workers<T>& workers) {
    Arrays arrays;
    Saving saving(arrays);
    workers[static_cast<std::size_t>(world_.rank())]->state(saving);
    const std::vector<std::string> states = world_.texts_of_all(bytes_of(arrays));
    for (std::size_t k = 0; k < workers.size(); ++k) {
      if (k == static_cast<std::size_t>(world_.rank())) continue;
      const Arrays other = arrays_of_bytes(states[k]);
      Restoring restoring(other, "rank " + std::to_string(k));
      workers[k]->state(restoring);
    }
  }

  World& world_;
  BetweenRanks<T> transport_;
};

void require_ranks(const RunOptions& options, int workers) {
  if (options.workers != RunOptions::Workers::mpi)
    throw Error(
        Exit::usage, "--ranks",
        "got ranks for a net ([net]), whose batches are not shared, allowed is a rank for each group of layers: "
        "--workers mpi.");
  const int ranks = options.world != nullptr ? options.world->size() : 1;
  if (ranks != workers || options.world == nullptr)
    throw Error(Exit::usage, "--workers",
                "got mpi with " + std::to_string(ranks) + (ranks == 1 ? " process for " : " processes for ") +
                    std::to_string(workers) +
                    " groups of layers (net.groups), allowed is one for each. Start with mpirun -np " +
                    std::to_string(workers) + ".");
}

void refuse(const char* key, const std::string& got, const std::string& allowed) {
  throw Error(Exit::usage, key, "got " + got + " with --workers same, allowed is " + allowed);
}

}  // namespace

template <class T>
std::unique_ptr<Stretches<T>> make_stretches(const RunOptions& options, const InterfaceSettings& interface, int workers,
                                             const LargestMessage& largest) {
  using Kind = RunOptions::Workers;
  const std::size_t capacity = room_upwards(interface.record.listens, interface.lag);
  const Link link = {options.latency, options.bandwidth, options.timeout};
  if (options.world != nullptr || options.workers == Kind::mpi) {
    require_ranks(options, workers);
    return std::make_unique<OnRanks<T>>(*options.world, capacity, largest, link);
  }
  if (options.workers == Kind::threads) return std::make_unique<OnThreads<T>>(workers, capacity, link);
  if (interface.arrival)
    refuse("interface.order", "arrival", "fixed: one thread has no order of arrival. Give --workers threads.");
  if (options.latency > 0) refuse("--latency", "a latency", "0: nothing is sent anywhere. Give --workers threads.");
  if (options.bandwidth > 0)
    refuse("--bandwidth", "a bandwidth", "0: nothing is sent anywhere. Give --workers threads.");
  return std::make_unique<InTurns<T>>(workers);
}

template std::unique_ptr<Stretches<float>> make_stretches(const RunOptions&, const InterfaceSettings&, int,
                                                          const LargestMessage&);
template std::unique_ptr<Stretches<double>> make_stretches(const RunOptions&, const InterfaceSettings&, int,
                                                           const LargestMessage&);

}  // namespace chronograd
