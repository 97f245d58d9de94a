// SPDX-License-Identifier: Apache-2.0
// When something is shown, and lines for files and programs.
#include "runs/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_value.hpp"

namespace chronograd {
namespace {

constexpr double frame = 0.1, shortest_pause = 1, longest_pause = 30;  // seconds

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string line_of(const Json& json) {
  return json.dump() + "\n";
}

}  // namespace

Progress::Progress(ProgressOptions options) : options_(std::move(options)) {
  if (options_.style != ProgressStyle::silent) begun_ = options_.seconds();
}

Progress::~Progress() {
  wipe();
}

/// A job as its run sees it.
class Progress::Shown final : public Observer {
 public:
  Shown(Progress& progress, std::string name, std::uint64_t seed)
      : progress_(progress), name_(std::move(name)), seed_(seed) {}
  ~Shown() override {
    if (job_ != nullptr) progress_.finish(job_, {});
  }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;

  void begin() {
    if (job_ == nullptr) job_ = progress_.start(name_, seed_);
  }
  void started() override {
    tell();
    begin();
  }
  bool moved(const Position& position) override {
    if (!told_) started();
    progress_.moved(job_, position);
    return progress_.moved(position);
  }
  void reported(const Metrics& metrics) override {
    begin();
    progress_.report(job_, metrics);
  }
  void remarked(const std::string& text) override {
    if (told_)
      progress_.remarked(text);
    else
      waiting_.push_back(text);
  }
  void ended(const JobOutcome& outcome) override {
    if (outcome.status != "failed") tell();
    if (job_ != nullptr) progress_.finish(job_, outcome);
    job_ = nullptr;
  }

 private:
  void tell() {
    told_ = true;
    for (const std::string& text : waiting_) progress_.remarked(text);
    waiting_.clear();
  }

  Progress& progress_;
  std::string name_;
  std::uint64_t seed_;
  Job* job_ = nullptr;
  bool told_ = false;
  std::vector<std::string> waiting_;
};

std::unique_ptr<Observer> Progress::job(const std::string& name, std::uint64_t seed) {
  auto shown = std::make_unique<Shown>(*this, name, seed);
  bool several;
  {
    const std::lock_guard lock(mutex_);
    several = expected_ > 0;
  }
  if (several) shown->begin();
  return shown;
}

double Progress::Job::fraction() const {
  const std::int64_t all = updates_.load(std::memory_order_relaxed);
  return all > 0 ? static_cast<double>(update_.load(std::memory_order_relaxed)) / static_cast<double>(all) : 0;
}

Progress::Pace Progress::pace(const Job& job) const {
  const double elapsed = options_.seconds() - job.begun_;
  const auto steps = static_cast<double>(job.steps_.load(std::memory_order_relaxed) - job.first_steps_);
  const std::int64_t update = job.update_.load(std::memory_order_relaxed);
  if (elapsed <= 0 || update <= job.first_update_) return {not_measured, not_measured};
  const auto left = static_cast<double>(job.updates_.load(std::memory_order_relaxed) - update);
  return {steps > 0 ? steps / elapsed : not_measured, elapsed * left / static_cast<double>(update - job.first_update_)};
}

void Progress::expects(int jobs) {
  const std::lock_guard lock(mutex_);
  expected_ = jobs;
  finished_ = diverged_ = failed_ = 0;
  if (options_.style != ProgressStyle::silent) begun_ = options_.seconds();
}

Progress::Job* Progress::start(const std::string& name, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::make_unique<Job>());
  Job& job = *jobs_.back();
  job.name_ = name;
  for (char& c : job.name_) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  job.seed_ = seed;
  if (options_.style != ProgressStyle::silent) job.begun_ = job.shown_ = options_.seconds();
  return &job;
}

void Progress::moved(Job* which, const Position& position) {
  if (options_.style == ProgressStyle::silent) return;
  Job& job = *which;
  if (!job.placed_) {  // only the job's own thread comes here
    const std::lock_guard lock(mutex_);
    job.placed_ = true;
    job.begun_ = options_.seconds();
    job.first_update_ = position.update;
    job.first_steps_ = position.stream_steps;
  }
  job.update_.store(position.update, std::memory_order_relaxed);
  job.updates_.store(position.updates, std::memory_order_relaxed);
  job.steps_.store(position.stream_steps, std::memory_order_relaxed);
  if (options_.seconds() < due_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  show_due();
}

void Progress::report(Job* which, const Metrics& metrics) {
  const std::lock_guard lock(mutex_);
  if (!std::isfinite(metrics.loss)) return;  // no step counted since the last report
  which->loss_ = metrics.loss;
  which->accuracy_ = metrics.accuracy;
}

void Progress::show_due() {
  const double now = options_.seconds();
  if (now < due_.load(std::memory_order_relaxed)) return;  // another thread was faster
  due_ = now + frame;
  if (options_.style == ProgressStyle::terminal) {
    draw();
    return;
  }
  for (const auto& each : jobs_) {
    Job& job = *each;
    const auto tenth = static_cast<std::int64_t>(10 * job.fraction());
    const double pause = now - job.shown_;
    if (pause < longest_pause && (tenth == job.tenth_ || pause < shortest_pause)) continue;
    show_line(job);
    job.tenth_ = tenth;
    job.shown_ = now;
  }
}

void Progress::show_line(const Job& job) {
  const Pace speed = pace(job);
  if (options_.style == ProgressStyle::json) {
    options_.write(line_of({{"event", "progress"},
                            {"name", job.name_},
                            {"seed", job.seed_},
                            {"update", job.update_.load()},
                            {"updates", job.updates_.load()},
                            {"loss", number(job.loss_)},
                            {"accuracy", number(job.accuracy_)},
                            {"steps_per_second", number(speed.steps_per_second)},
                            {"seconds_left", number(speed.seconds_left)}}));
    return;
  }
  std::string line = fmt::format("{}, seed {}: {:.0f} %", job.name_, job.seed_, 100 * job.fraction());
  if (std::isfinite(job.loss_)) line += fmt::format(", loss {:.4g}", job.loss_);
  if (std::isfinite(job.accuracy_)) line += fmt::format(", accuracy {:.4f}", job.accuracy_);
  if (std::isfinite(speed.steps_per_second)) line += ", " + count_text(speed.steps_per_second) + " steps/s";
  if (std::isfinite(speed.seconds_left)) line += ", " + duration_text(speed.seconds_left) + " left";
  options_.write(line + "\n");
}

void Progress::finish(Job* which, const JobOutcome& outcome) {
  const std::lock_guard lock(mutex_);
  const auto place = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job.get() == which; });
  const std::unique_ptr<Job> ended = std::move(*place);
  jobs_.erase(place);
  const Job& job = *ended;
  ++finished_;
  diverged_ += outcome.status == "diverged";
  failed_ += outcome.status == "failed";
  if (options_.style == ProgressStyle::silent) return;
  if (expected_ == 0) {
    wipe();
    return;
  }
  if (options_.style == ProgressStyle::json) {
    options_.write(line_of({{"event", "finished"},
                            {"done", finished_},
                            {"of", expected_},
                            {"name", job.name_},
                            {"seed", job.seed_},
                            {"status", outcome.status},
                            {"loss", number(outcome.loss)},
                            {"accuracy", number(outcome.accuracy)},
                            {"seconds", number(outcome.seconds)},
                            {"remark", outcome.remark}}));
    return;
  }
  const std::string status = outcome.status == "diverged" ? paint("33", outcome.status)
                             : outcome.status == "failed" ? paint("31", outcome.status)
                                                          : outcome.status;
  std::string line = fmt::format("[{}/{}] {}, seed {}: {}", finished_, expected_, job.name_, job.seed_, status);
  if (std::isfinite(outcome.loss)) line += fmt::format(", loss {:.4f}", outcome.loss);
  if (std::isfinite(outcome.accuracy)) line += fmt::format(", accuracy {:.4f}", outcome.accuracy);
  if (std::isfinite(outcome.seconds)) line += fmt::format(", {:.1f} s", outcome.seconds);
  if (!outcome.remark.empty()) line += ", " + outcome.remark;
  stay(line);
}

void Progress::set_up(const std::string& what, double share) {
  if (options_.style == ProgressStyle::silent) return;
  const std::lock_guard lock(mutex_);
  if (!jobs_.empty()) return;
  const double now = options_.seconds();
  if (what != set_up_.what) set_up_ = {what, now, now};
  const bool first = set_up_.shown == set_up_.begun;
  const double pause = first ? shortest_pause : options_.style == ProgressStyle::terminal ? frame : 5 * shortest_pause;
  if (now - set_up_.shown < pause) return;
  set_up_.shown = now;
  const std::string percent = share > 0 ? fmt::format(": {:.0f} %", std::floor(100 * share)) : "";
  if (options_.style == ProgressStyle::json) {
    options_.write(line_of({{"event", "set_up"}, {"doing", what}, {"share", share}}));
  } else {
    if (options_.style == ProgressStyle::terminal) wipe();
    options_.write(what + percent + "\n");
    if (options_.style == ProgressStyle::terminal) drawn_ = 1;
  }
}

void Progress::remarked(const std::string& text) {
  if (options_.style == ProgressStyle::silent) return;
  const std::lock_guard lock(mutex_);
  if (options_.style == ProgressStyle::json)
    options_.write(line_of({{"event", "note"}, {"text", text}}));
  else
    stay("note: " + text);
}

}  // namespace chronograd
