// SPDX-License-Identifier: Apache-2.0
// Ready, set, go: two pulses, and the answer one more interval later (Murray's interval matching).
#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class Interval final : public Task {
 public:
  Interval(const Options& options, std::uint64_t seed)
      : shortest_(options.integer("shortest")),
        longest_(options.integer("longest")),
        onset_(options.integer("onset")),
        width_(options.number("width")),
        seed_(seed) {
    if (shortest_ > longest_)
      throw Error(
          Exit::usage, "task.shortest",
          "got " + std::to_string(shortest_) + ", allowed is 1 ... " + std::to_string(longest_) + " = task.longest.");
  }

  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  /// Long enough for the longest interval, with as much time after the last answer as before the first pulse.
  std::int64_t length(Split) const override { return 2 * onset_ + 2 * longest_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    const std::int64_t interval =
        shortest_ + static_cast<std::int64_t>(
                        Random(seed_, Draw::data, stream).below(static_cast<std::uint64_t>(longest_ - shortest_ + 1)));
    for (int k = 0; k < steps; ++k) {
      out.x[k] = pulse(t + k, onset_) + pulse(t + k, onset_ + interval);
      out.y[k] = pulse(t + k, onset_ + 2 * interval);
      out.mask[k] = 1;
      out.reset[k] = 0;
    }
  }

  /// The loss of the best constant output, and of the best output that knows the time since the second pulse began but
  /// not the interval; means over all intervals, which are few.
  std::vector<Reference> references() const override {
    double sum = 0, squares = 0, unexplained = 0;
    const auto count = static_cast<double>(longest_ - shortest_ + 1);
    for (std::int64_t since = -onset_ - longest_; since < onset_ + 2 * longest_; ++since) {
      double mean = 0, square = 0, present = 0;  // over the intervals with this time in their row
      for (std::int64_t interval = shortest_; interval <= longest_; ++interval) {
        const std::int64_t t = onset_ + interval + since;
        if (t < 0 || t >= length(Split::train)) continue;
        const double y = pulse(t, onset_ + 2 * interval);
        mean += y;
        square += y * y;
        ++present;
      }
      sum += mean;
      squares += square;
      if (present > 0) unexplained += square - mean * mean / present;
    }
    const double all = count * static_cast<double>(length(Split::train));
    return {{"constant output", 0.5 * (squares / all - sum / all * (sum / all)), true},
            {"interval not remembered", 0.5 * unexplained / all}};
  }

  std::string summary() const override {
    return "interval: two pulses " + std::to_string(shortest_) + " ... " + std::to_string(longest_) +
           " steps apart, the answer one more interval later, rows of " + std::to_string(length(Split::train)) +
           " steps";
  }

 private:
  double pulse(std::int64_t t, std::int64_t centre) const {
    const double z = static_cast<double>(t - centre) / width_;
    return std::exp(-0.5 * z * z);
  }

  std::int64_t shortest_, longest_, onset_;
  double width_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Interval>(options, seed);
}

constexpr Option options[] = {
    {.key = "shortest",
     .type = OptionType::integer,
     .fallback = "50",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "shortest interval between the two pulses"},
    {.key = "longest",
     .type = OptionType::integer,
     .fallback = "150",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "longest interval; all between are equally likely"},
    {.key = "onset",
     .type = OptionType::integer,
     .fallback = "50",
     .low = 0,
     .high = 1e6,
     .unit = "steps",
     .help = "centre of the first pulse"},
    {.key = "width",
     .type = OptionType::number,
     .fallback = "15.0",
     .low = 0,
     .unit = "steps",
     .help = "standard deviation of the Gaussian pulses",
     .low_is_excluded = true},
};

}  // namespace

extern const TaskRecord task_interval;
const TaskRecord task_interval = {
    .entry = {.name = "interval",
              .title = "ready, set, go: answer after the interval between two pulses",
              .text = "x_t = g(t - onset) + g(t - onset - D),  y*_t = g(t - onset - 2 D),  g(s) = exp(-s^2 / (2 "
                      "width^2)), for mse. D is uniform.\n"
                      "The paper's longest intervals are 15, 20 and 25 times tau = 10 steps.",
              .cite = "murray2019local",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
