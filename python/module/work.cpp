// SPDX-License-Identifier: Apache-2.0
#include "work.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "chronograd/recorded_run.hpp"

namespace chronograd::python {

void Work::guarded(const std::function<void()>& function) {
  try {
    function();
  } catch (...) {
    if (!raised_) raised_ = std::current_exception();
    stopped_ = true;
  }
}

void Work::answer() {
  for (;;) {
    Call* next = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      if (calls_.empty()) return;
      next = calls_.front();
      calls_.pop_front();
    }
    if (!stopped_) guarded(*next->function);
    {
      const std::scoped_lock lock(mutex_);
      next->done = true;
    }
    to_work_.notify_all();
  }
}

void Work::call(const std::function<void()>& function) {
  Call mine{&function};
  std::unique_lock lock(mutex_);
  calls_.push_back(&mine);
  to_caller_.notify_one();
  to_work_.wait(lock, [&] { return mine.done; });
}

void Work::go(const std::function<void()>& work, const std::function<void()>& tick) {
  std::exception_ptr thrown;
  std::thread thread([&] {
    const Raised::Here here(&inside_);
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    to_caller_.notify_one();
  });
  for (bool ended = false; !ended;) {
    {
      const py::gil_scoped_release others;
      std::unique_lock lock(mutex_);
      to_caller_.wait_for(lock, std::chrono::milliseconds(50), [&] { return ended_ || !calls_.empty(); });
      ended = ended_;
    }
    answer();
    guarded([] {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    });
    if (tick && !stopped_) guarded(tick);
  }
  {
    const py::gil_scoped_release others;
    thread.join();
  }
  if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
  inside_.pass_on();
  if (thrown) std::rethrow_exception(thrown);
}

/// One of several runs.
class JobWatcher final : public Observer {
 public:
  JobWatcher(Watcher& all, Watcher::Job& job) : all_(all), job_(job) {}
  bool moved(const Position&) override { return !all_.work_.stopped(); }
  void resumed(std::int64_t, std::int64_t reports) override { job_.metrics.resize(static_cast<std::size_t>(reports)); }
  void reported(const Metrics& metrics) override { all_.add(job_, metrics); }
  void remarked(const std::string& text) override { all_.remarked(text); }
  void ended(const JobOutcome&) override { ++all_.done_; }

 private:
  Watcher& all_;
  Watcher::Job& job_;
};

bool Watcher::moved(const Position& position) {
  if (!several_) {
    done_ = position.update;
    parts_ = position.updates;
  }
  return !work_.stopped();
}

void Watcher::resumed(std::int64_t /*updates*/, std::int64_t reports) {
  own_.metrics.resize(static_cast<std::size_t>(reports));
}

void Watcher::expects(int runs) {
  several_ = true;
  parts_ = runs;
}

void Watcher::reported(const Metrics& metrics) {
  add(own_, metrics);
}

void Watcher::add(Job& job, const Metrics& metrics) {
  job.metrics.push_back(metrics_json(metrics));
  if (!listeners_.metrics) return;
  work_.call([&] {
    const py::object answer = listeners_.metrics(job.metrics.back(), job.name, job.seed);
    if (answer.ptr() == Py_False) work_.stop();
  });
}

void Watcher::remarked(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  notes_.push_back(text);
}

std::unique_ptr<Observer> Watcher::job(const std::string& name, std::uint64_t seed) {
  const std::scoped_lock lock(mutex_);
  jobs_.push_back({name, seed, {}});
  return std::make_unique<JobWatcher>(*this, jobs_.back());
}

void Watcher::tick() {
  const std::int64_t done = done_;
  if (!listeners_.progress || done == shown_) return;
  shown_ = done;
  listeners_.progress(done, parts_.load());
}

}  // namespace chronograd::python
