// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chronograd/observer.hpp"

namespace chronograd {

/// How progress is shown: not at all; one JSON object a line; plain lines; lines of a terminal that are drawn anew.
enum class ProgressStyle { silent, json, plain, terminal };

/// What a display needs to know of the world; a test gives its own clock and screen.
struct ProgressOptions {
  ProgressStyle style = ProgressStyle::silent;
  bool color = false;    ///< terminal: bold, bar and outcomes in colour
  bool unicode = false;  ///< terminal: bars of lines instead of # and -
  struct Screen {
    int columns, rows;
  };
  std::function<Screen()> screen;                     ///< terminal: asked before each drawing
  std::function<double()> seconds;                    ///< a clock that never goes back
  std::function<void(const std::string&)> write;      ///< takes whole lines, or a whole drawing
  std::function<bool()> going = [] { return true; };  ///< asked by all jobs, now and then: false stops them
};

/// Shows how far jobs are, for people (a line a job that is at work, and one for the whole) or for programs. On a
/// terminal it draws at most ten times a second. Plain and JSON lines come at each tenth of a run, but at most one a
/// second, and at least every 30 seconds. All functions may be called by several threads at once.
class Progress final : public Observer {
 public:
  explicit Progress(ProgressOptions options);
  /// Takes away what is drawn.
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// How many jobs there will be from now on: a study says so for each group of its runs. Unless it is said, there is
  /// one run alone, which is shown from its first step on, and whose end is left to its result.
  void expects(int jobs) override;
  /// A job and its line; it must end before this object does. Remarks on it wait for its start, and are dropped where
  /// it neither starts nor ends: then an error says more.
  std::unique_ptr<Observer> job(const std::string& name, std::uint64_t seed) override;
  bool moved(const Position&) override { return options_.going(); }
  /// `share` of what is done before jobs begin; shown once it has taken a second. Nothing while jobs are at work.
  void set_up(const std::string& what, double share);
  /// A line that stays.
  void remarked(const std::string& text) override;

 private:
  class Job;
  class Shown;

  Job* start(const std::string& name, std::uint64_t seed);
  /// Cheap: called every few steps, by the job's own thread.
  void moved(Job* which, const Position& position);
  void report(Job* which, const Metrics& metrics);
  void finish(Job* which, const JobOutcome& outcome);
  /// What is known about a job's pace; NaN while nothing is.
  struct Pace {
    double steps_per_second, seconds_left;
  };

  Pace pace(const Job& job) const;
  void show_due();
  void show_line(const Job& job);
  void draw();
  void wipe();
  void stay(const std::string& line);
  std::string job_line(const Job& job, std::size_t name_width, int columns) const;
  std::string total_line(int columns) const;
  std::string bar(double fraction, int width) const;
  std::string paint(const char* code, const std::string& text) const;

  ProgressOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Job>> jobs_;  ///< at work
  std::atomic<double> due_{0};
  double begun_ = 0;
  int expected_ = 0;
  int finished_ = 0, diverged_ = 0, failed_ = 0;
  int drawn_ = 0;  ///< lines on the screen that are to be drawn over
  struct {
    std::string what;
    double begun = 0, shown = 0;
  } set_up_;
};

/// One job as the display sees it.
class Progress::Job {
  friend class Progress;

  double fraction() const;

  std::string name_;
  std::uint64_t seed_ = 0;
  double begun_ = 0, shown_ = 0;
  std::int64_t tenth_ = 0;
  std::int64_t first_update_ = 0, first_steps_ = 0;  ///< where this session began: a resumed run begins later
  bool placed_ = false;
  double loss_ = not_measured, accuracy_ = not_measured;
  std::atomic<std::int64_t> update_{0}, updates_{0}, steps_{0};
};

/// 12 s, 3:05, 2:03:10, 12 days.
std::string duration_text(double seconds);
/// 950, 12.3k, 1.24M.
std::string count_text(double count);

}  // namespace chronograd
