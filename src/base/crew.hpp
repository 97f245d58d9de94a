// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "chronograd/config.hpp"

namespace chronograd {

class Interrupt;

/// Threads that share numbered jobs. Which thread does a job must not change its result. The caller works too, so a
/// crew of one starts no thread. Where the system gives fewer threads than asked for, it is a smaller crew.
class Crew {
 public:
  explicit Crew(int threads);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Calls work(0) ... work(jobs - 1), and returns when all are done. What one of them throws reaches the caller when
  /// all have ended; of several it is any. A job that is alone may run jobs of its own.
  void run(int jobs, const std::function<void(int)>& work);
  /// Threads of it, the caller included.
  int size() const { return static_cast<int>(threads_.size()) + 1; }
  /// Seconds that its threads have worked, the caller's own work left out.
  double cpu_seconds();

 private:
  void help();

  std::vector<std::thread> threads_;
  const std::function<void(int)>* work_ = nullptr;
  Interrupt* interrupt_ = nullptr;  ///< the caller's
  int jobs_ = 0;
  std::atomic<int> next_{0}, busy_{0};
  std::atomic<unsigned> round_{0};
  bool leaving_ = false;
  std::mutex mutex_;
  std::exception_ptr thrown_;
};

/// Calls work(worker, job) for jobs 0 ... jobs - 1, each worker one job after the other: what belongs to a worker is
/// used by one thread at a time, and which jobs it gets must not matter.
template <class Work>
void in_turns(Crew& crew, int workers, int jobs, const Work& work) {
  std::atomic<int> next{0};
  crew.run(workers, [&](int worker) {
    for (int job = next.fetch_add(1); job < jobs; job = next.fetch_add(1))
      work(static_cast<std::size_t>(worker), static_cast<std::size_t>(job));
  });
}

/// Seconds that the calling thread has worked.
double thread_cpu_seconds();

/// The number of processors that this process may use.
int available_processors();

/// The threads that a run uses: `asked`, or if that is 0 the configuration's, or if that is 0 all processors.
int thread_count(const Config& config, int asked = 0);

}  // namespace chronograd
