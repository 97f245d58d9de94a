// SPDX-License-Identifier: Apache-2.0
// What progress looks like on a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "figures/screen.hpp"
#include "runs/progress.hpp"

namespace chronograd {
namespace {

constexpr int shortest_bar = 8, longest_bar = 32;

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  const auto all = static_cast<std::int64_t>(std::llround(seconds));
  if (all < 60) return fmt::format("{} s", all);
  if (all < 3600) return fmt::format("{}:{:02}", all / 60, all % 60);
  if (all < 100 * 3600) return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
  return fmt::format("{} days", all / 86400);
}

std::string count_text(double count) {
  if (!std::isfinite(count)) return "-";
  if (count < 999.5) return fmt::format("{:.0f}", count);
  if (count < 999500) return count < 99950 ? fmt::format("{:.1f}k", count / 1e3) : fmt::format("{:.0f}k", count / 1e3);
  return count < 99.95e6 ? fmt::format("{:.1f}M", count / 1e6) : fmt::format("{:.0f}M", count / 1e6);
}

std::string Progress::paint(const char* code, const std::string& text) const {
  return options_.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string Progress::bar(double fraction, int width) const {
  const auto full = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * width);
  const char *on = options_.unicode ? "━" : "#", *off = options_.unicode ? (options_.color ? "━" : "─") : "-";
  std::string left, right;
  for (int i = 0; i < width; ++i) (i < full ? left : right) += i < full ? on : off;
  return paint("36", left) + (right.empty() ? "" : paint("2", right));
}

/// Name, seed, bar, share, loss, accuracy, pace, time left. What finds no room is left out, least needed first.
std::string Progress::job_line(const Job& job, std::size_t name_width, int columns) const {
  const Pace speed = pace(job);
  std::string name = fmt::format("{}  seed {}", padded(shortened(job.name_, name_width), name_width), job.seed_);
  const std::string share = fmt::format("{:3.0f} %", std::floor(100 * job.fraction()));
  std::vector<std::string> fields = {
      duration_text(speed.seconds_left) + " left",
      job.steps_ > 0 ? padded(std::isfinite(job.loss_) ? fmt::format("loss {:.4g}", job.loss_) : "loss -", 12) : "",
      std::isfinite(job.accuracy_) ? padded(fmt::format("accuracy {:.3f}", job.accuracy_), 14) : "",
      job.steps_ > 0 ? padded(count_text(speed.steps_per_second) + " steps/s", 13) : ""};
  const auto room = [&] {
    std::size_t taken = width_of(name) + 2 + width_of(share);
    for (const std::string& field : fields) taken += field.empty() ? 0 : 2 + width_of(field);
    return columns - static_cast<int>(taken);
  };
  while (!fields.empty() && room() < shortest_bar + 2) fields.pop_back();
  const int width = std::min(longest_bar, room() - 2);
  name = shortened(name, static_cast<std::size_t>(std::max(3, columns - 7)));
  std::string line = paint("1", name) + "  ";
  if (width >= shortest_bar) line += bar(job.fraction(), width) + "  ";
  line += share;
  for (std::size_t i = 1; i < fields.size(); ++i)
    if (!fields[i].empty()) line += "  " + fields[i];
  if (!fields.empty()) line += "  " + fields[0];
  return line;
}

std::string Progress::total_line(int columns) const {
  double share = finished_;
  for (const auto& job : jobs_) share += job->fraction();
  share /= expected_;
  std::string text = fmt::format("{} of {} done", finished_, expected_);
  if (diverged_ > 0) text += fmt::format(", {} diverged", diverged_);
  if (failed_ > 0) text += fmt::format(", {} failed", failed_);
  text += fmt::format(", {} at work", jobs_.size());
  const std::string percent = fmt::format("{:3.0f} %", std::floor(100 * share));
  const double elapsed = std::max(0.0, options_.seconds() - begun_);
  const std::string left =
      share > 0 ? "about " + duration_text(elapsed * (1 - share) / share) + " left" : std::string();
  const int room = columns - static_cast<int>(width_of(text) + width_of(percent) + width_of(left)) - 6;
  std::string line = paint("1", shortened(text, static_cast<std::size_t>(std::max(3, columns))));
  if (room >= shortest_bar) line += "  " + bar(share, std::min(longest_bar, room));
  if (room >= 0) line += "  " + percent + "  " + left;
  return line;
}

void Progress::draw() {
  const ProgressOptions::Screen screen = options_.screen();
  const int columns = std::max(20, screen.columns) - 1;  // a full line would make some terminals wrap
  const bool total = expected_ > 1;
  std::size_t name_width = 0;
  for (const auto& job : jobs_) name_width = std::max(name_width, width_of(job->name_));
  name_width = std::min<std::size_t>(name_width, static_cast<std::size_t>(std::max(8, columns / 3)));
  const auto most = static_cast<std::size_t>(std::max(1, screen.rows - (total ? 2 : 1)));
  std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A\r", drawn_) : "";
  drawn_ = 0;
  for (const auto& job : jobs_) {
    if (static_cast<std::size_t>(drawn_) == most) break;
    text += job_line(*job, name_width, columns) + "\x1b[K\n";
    ++drawn_;
  }
  if (total) {
    text += total_line(columns) + "\x1b[K\n";
    ++drawn_;
  }
  options_.write(text + "\x1b[J");
}

void Progress::wipe() {
  if (drawn_ == 0) return;
  options_.write(fmt::format("\x1b[{}A\r\x1b[J", drawn_));
  drawn_ = 0;
}

void Progress::stay(const std::string& line) {
  if (options_.style != ProgressStyle::terminal) {
    options_.write(line + "\n");
    return;
  }
  const bool again = drawn_ > 0;
  wipe();
  options_.write(line + "\n");
  if (again) draw();
}

}  // namespace chronograd
