// SPDX-License-Identifier: Apache-2.0
// Whoever wants to see how work goes on, and may stop it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/export.hpp"
#include "chronograd/run_result.hpp"

namespace chronograd {

/// How far a run is.
struct Position {
  std::int64_t update, updates;  ///< updates done, of how many; of other work: parts done, of how many
  std::int64_t stream_steps;     ///< steps done, of all streams together; 0 where nothing is trained
};

/// What one of several runs came to.
struct JobOutcome {
  std::string status;  ///< done, diverged, stopped, failed
  double loss = not_measured, accuracy = not_measured, seconds = not_measured;
  std::string remark;  ///< what else is to be said, as why it failed
};

/// Is told what happens and asked whether to go on; does nothing itself. What is called about one run comes from the
/// thread that called for it, one call at a time. Exceptions end the work and reach its caller.
///
/// A run alone calls started, resumed, moved, reported, saving and remarked. Work of several runs calls expects, moved
/// and remarked, and asks `job` for an observer of each run; runs go side by side, so that these four are called by
/// several threads at once.
class CHRONOGRAD_API Observer {
 public:
  virtual ~Observer();
  /// All was found to make sense: the first step comes next.
  virtual void started() {}
  /// With RunOptions::resume, after `started`: the run goes on after so many updates, and so many calls of `reported`
  /// stand; 0, 0 where it begins anew.
  virtual void resumed(std::int64_t /*updates*/, std::int64_t /*reports*/) {}
  /// Asked now and then, of a run every 64 stream_steps or so: false stops the work in order.
  virtual bool moved(const Position&) { return true; }
  /// A line of metrics.
  virtual void reported(const Metrics&) {}
  /// A checkpoint is about to be written: what it counts on must be on the disk.
  virtual void saving() {}
  /// A remark for the user, as on arrays that are ignored.
  virtual void remarked(const std::string& /*text*/) {}

  /// There will be so many runs.
  virtual void expects(int /*runs*/) {}
  /// A run begins to be set up: a rule (or what else sets it apart) and its seed. It has the observer until it ended.
  /// Null: nobody looks at it.
  virtual std::unique_ptr<Observer> job(const std::string& /*name*/, std::uint64_t /*seed*/) { return nullptr; }
  /// The last call about a run that `job` was asked for.
  virtual void ended(const JobOutcome&) {}

  /// `observer`, or where it is null one that does nothing.
  static Observer& or_none(Observer* observer);
};

/// Passes all on to another observer, which must outlive it: to be overridden where something is to be added.
class CHRONOGRAD_API Relay : public Observer {
 public:
  explicit Relay(Observer& to) : to_(to) {}
  void started() override { to_.started(); }
  void resumed(std::int64_t updates, std::int64_t reports) override { to_.resumed(updates, reports); }
  bool moved(const Position& position) override { return to_.moved(position); }
  void reported(const Metrics& metrics) override { to_.reported(metrics); }
  void saving() override { to_.saving(); }
  void remarked(const std::string& text) override { to_.remarked(text); }
  void expects(int runs) override { to_.expects(runs); }
  std::unique_ptr<Observer> job(const std::string& name, std::uint64_t seed) override { return to_.job(name, seed); }
  void ended(const JobOutcome& outcome) override { to_.ended(outcome); }

 protected:
  Observer& to() { return to_; }

 private:
  Observer& to_;
};

/// Keeps all remarks.
class CHRONOGRAD_API Remarks : public Observer {
 public:
  void remarked(const std::string& text) override { texts.push_back(text); }
  std::vector<std::string> texts;
};

}  // namespace chronograd
