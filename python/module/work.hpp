// SPDX-License-Identifier: Apache-2.0
// Work that takes long, beside an interpreter that goes on.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chronograd/observer.hpp"
#include "raised.hpp"

namespace chronograd::python {

namespace py = pybind11;

/// Runs something on a thread of its own while the caller's thread waits without the GIL. Every 50 ms that thread asks
/// for signals (only the interpreter's main thread may) and shows progress; calls of Python functions reach it by
/// `call`, so that they run where the user's own code does. What a signal, a call or an entry in Python raised stops
/// the work in order and is raised when it has ended.
class Work {
 public:
  /// Needs the GIL. `tick`, may be null, is called now and then with it. Throws what `work` threw.
  void go(const std::function<void()>& work, const std::function<void()>& tick);
  /// From a thread of the work, which does not hold the GIL: `function` runs on the caller's thread with it. Returns
  /// when it has run; nothing runs once the work is to stop.
  void call(const std::function<void()>& function);
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_ || inside_.any(); }

 private:
  struct Call {
    const std::function<void()>* function;
    bool done = false;
  };
  void answer();
  void guarded(const std::function<void()>& function);

  std::mutex mutex_;
  std::condition_variable to_caller_, to_work_;
  std::deque<Call*> calls_;
  bool ended_ = false;
  std::atomic<bool> stopped_ = false;
  std::exception_ptr raised_;  ///< by a signal or a call
  Raised inside_;              ///< by entries
};

/// What Python wants to hear of a run or of several; null: nothing.
struct Listeners {
  py::object metrics;   ///< (JSON line, job's name, seed): its result False stops
  py::object progress;  ///< (parts done, parts): called now and then
};

/// Keeps what a run says, passes on what Python wants to hear, and stops where the work is to stop.
class Watcher final : public Observer {
 public:
  struct Job {
    std::string name;
    std::uint64_t seed = 0;
    std::vector<std::string> metrics;  ///< lines of metrics.jsonl
  };

  Watcher(Work& work, Listeners listeners) : work_(work), listeners_(std::move(listeners)) {}

  bool moved(const Position& position) override;
  void resumed(std::int64_t updates, std::int64_t reports) override;
  void reported(const Metrics& metrics) override;
  void remarked(const std::string& text) override;
  void expects(int runs) override;
  std::unique_ptr<Observer> job(const std::string& name, std::uint64_t seed) override;

  /// Shows progress; with the GIL.
  void tick();
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<std::string>& metrics() const { return own_.metrics; }
  const std::deque<Job>& jobs() const { return jobs_; }

 private:
  friend class JobWatcher;
  void add(Job& job, const Metrics& metrics);

  Work& work_;
  Listeners listeners_;
  std::atomic<std::int64_t> done_ = 0, parts_ = 0;
  std::atomic<bool> several_ = false;  ///< parts are runs
  std::int64_t shown_ = -1;
  std::mutex mutex_;
  std::vector<std::string> notes_;
  Job own_;
  std::deque<Job> jobs_;  ///< their places stay
};

}  // namespace chronograd::python
