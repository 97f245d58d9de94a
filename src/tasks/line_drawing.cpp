// SPDX-License-Identifier: Apache-2.0
// A cue says where a line goes; where the pen should be on it is told at some steps only.
#include <cmath>
#include <string>

#include "tasks/spikes.hpp"

namespace chronograd::entries {
namespace {

class LineDrawing final : public Task {
 public:
  LineDrawing(const Options& options, std::uint64_t seed)
      : points_(options.integer("points")),
        length_(options.integer("length")),
        every_(options.integer("feedback_every")),
        radius_(options.number("radius")),
        online_(options.flag("online")),
        seed_(seed) {}

  int inputs() const override { return 1; }
  int outputs() const override { return 2; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split split) const override { return split == Split::test ? points_ + 1 : 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::int64_t line = split == Split::test ? row : drawn(row);
    for (int k = 0; k < steps; ++k) {
      const std::int64_t step = t + k;
      const double part = static_cast<double>(step + 1) / static_cast<double>(length_);
      out.x[k] = step == 0 || online_ ? 0.1 * (static_cast<double>(line) - 0.5 * static_cast<double>(points_)) : 0;
      out.y[2 * k] = part * end_of(line, 0);
      out.y[2 * k + 1] = part * end_of(line, 1);
      out.mask[k] = split == Split::test || (step + 1) % every_ == 0 ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  /// Of the test, which tells the place at all steps of all lines: the variance of targets, and none.
  std::vector<Reference> references() const override {
    double square = 0, mean_x = 0, mean_y = 0;
    const auto count = static_cast<double>((points_ + 1) * length_);
    for (std::int64_t line = 0; line <= points_; ++line)
      for (std::int64_t t = 1; t <= length_; ++t) {
        const double part = static_cast<double>(t) / static_cast<double>(length_), x = part * end_of(line, 0),
                     y = part * end_of(line, 1);
        square += (x * x + y * y) / count;
        mean_x += x / count;
        mean_y += y / count;
      }
    return {{"constant output", (square - mean_x * mean_x - mean_y * mean_y) / 2, true}, {"on the line", 0}};
  }

  std::string summary() const override {
    return "line_drawing: " + std::to_string(points_ + 1) + " lines of " + std::to_string(length_) +
           " steps, feedback at one step in " + std::to_string(every_);
  }

 private:
  std::int64_t drawn(std::int64_t row) const {
    return static_cast<std::int64_t>(
        row_draws(seed_, row_stream(Split::train, row)).below(static_cast<std::uint64_t>(points_ + 1)));
  }
  /// The last line stays at the centre.
  double end_of(std::int64_t line, int which) const {
    if (line == points_) return 0;
    constexpr double turn = 2 * 3.14159265358979323846;
    const double angle = turn * static_cast<double>(line) / static_cast<double>(points_);
    return radius_ * (which == 0 ? std::cos(angle) : std::sin(angle));
  }

  std::int64_t points_, length_, every_;
  double radius_;
  bool online_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<LineDrawing>(options, seed);
}

constexpr Option options[] = {
    {.key = "points",
     .type = OptionType::integer,
     .fallback = "6",
     .low = 1,
     .high = 10000,
     .unit = "points",
     .help = "ends of lines on the circle, evenly spaced from (radius, 0) on; one more line stays at the centre"},
    {.key = "radius", .type = OptionType::number, .fallback = "10.0", .low = 0, .help = "of the circle"},
    {.key = "length",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "steps of a line"},
    {.key = "feedback_every",
     .type = OptionType::integer,
     .fallback = "2",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "in training the place is told at steps t with t + 1 a multiple of this; in tests at all steps"},
    {.key = "online",
     .type = OptionType::flag,
     .fallback = "false",
     .help = "the cue is there at every step, in place of the first alone"},
};

}  // namespace

extern const TaskRecord task_line_drawing;
const TaskRecord task_line_drawing = {
    .entry = {.name = "line_drawing",
              .title = "draw the line that a cue stands for, told where to be at some steps only",
              .text = "x_0 is the row's cue, 0.1 (c - points/2) for the lines c = 0 ... points, then zeros. y*_t is a "
                      "place on a line from the centre, (t + 1)/length of the way to its end, for mse: a test's loss "
                      "is half the mean squared distance from the line, all steps of all lines (dysmetria).",
              .cite = "boven2023cerebro",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
