// SPDX-License-Identifier: Apache-2.0
// The Add task of Marschall, Cho and Savin: an endless stream of coin flips x_t whose target remembers two of them,
// y_t = 1/2 + 1/2 x_{t-lag1} - 1/4 x_{t-lag2}, as a soft label (y, 1 - y). Flips before t = 0 are drawn like all
// others.
#include <cmath>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"
#include "tasks/row_length.hpp"

namespace chronograd::entries {
namespace {

constexpr double base = 0.5, first_effect = 0.5, second_effect = -0.25;

double entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log(p) - (1 - p) * std::log(1 - p);
}

class Add final : public Task {
 public:
  Add(const Options& options, std::uint64_t seed)
      : lag1_(options.integer("lag1")),
        lag2_(options.integer("lag2")),
        tau_(options.integer("tau")),
        length_(options.integer("length")),
        soft_(options.flag("soft")),
        seed_(seed) {}

  int inputs() const override { return 2; }
  int outputs() const override { return 2; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    Flips now{seed_, stream, 0}, first{seed_, stream, 0}, second{seed_, stream, 0}, chance{seed_, stream, 1};
    std::int64_t pair = t / tau_, left = tau_ - t % tau_;  // each pair of input and target lasts tau steps
    for (int k = 0; k < steps; ++k) {
      const double x = now.at(pair);
      double y = base + first_effect * first.at(pair - lag1_) + second_effect * second.at(pair - lag2_);
      // y is a multiple of 1/4, so two flips decide with exactly this probability.
      if (!soft_) y = 0.5 * chance.at(2 * pair) + 0.25 * chance.at(2 * pair + 1) < y ? 1 : 0;
      out.x[2 * k] = x;
      out.x[2 * k + 1] = 1 - x;
      out.y[2 * k] = y;
      out.y[2 * k + 1] = 1 - y;
      out.mask[k] = 1;
      out.reset[k] = 0;
      if (--left == 0) {
        ++pair;
        left = tau_;
      }
    }
  }

  /// Cross-entropy floors in nats, from the definition: mean entropy of the target given what is known. The current
  /// flip is seen without memory.
  std::vector<Reference> references() const override {
    std::vector<Reference> all = {
        {"no memory", floor(false, false)}, {"first lag alone", floor(true, false)}, {"both lags", floor(true, true)}};
    if (lag1_ > 0 && lag2_ > 0)
      all[0].floor = true;  // the present flip says nothing
    else
      all.insert(all.begin(), {"constant output", entropy(base + 0.5 * (first_effect + second_effect)), true});
    return all;
  }
  const char* reference_loss() const override { return "cross_entropy"; }

  std::string summary() const override {
    return "add: coin flips, target from the flips " + std::to_string(lag1_) + " and " + std::to_string(lag2_) +
           " pairs ago, each pair " + std::to_string(tau_) + (tau_ == 1 ? " step" : " steps") + " long, " +
           (length_ == 0 ? std::string("endless") : "rows of " + std::to_string(length_) + " steps");
  }

 private:
  double floor(bool knows_first, bool knows_second) const {
    const bool same = lag1_ == lag2_;
    knows_first = knows_first || lag1_ == 0 || (same && knows_second);
    knows_second = knows_second || lag2_ == 0 || (same && knows_first);
    double sum = 0;
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j)
        sum += entropy(base + first_effect * (knows_first ? i : 0.5) +
                       second_effect * (knows_second ? (same ? i : j) : 0.5)) /
               4;
    return sum;
  }

  /// Flips of one kind (0: inputs, 1: what draws targets) of one stream, 64 drawn at a time; fast in ascending order.
  class Flips {
   public:
    Flips(std::uint64_t seed, std::uint64_t stream, std::uint64_t kind) : seed_(seed), stream_(stream * 2 + kind) {}
    double at(std::int64_t index) {
      const std::int64_t block = index >> 6;  // rounds down, also below 0
      if (block != block_ || !drawn_) {
        bits_ = Random(seed_, Draw::data, stream_, static_cast<std::uint64_t>(block)).bits();
        block_ = block;
        drawn_ = true;
      }
      return static_cast<double>(bits_ >> (index & 63) & 1U);
    }

   private:
    std::uint64_t seed_, stream_, bits_ = 0;
    std::int64_t block_ = 0;
    bool drawn_ = false;
  };

  std::int64_t lag1_, lag2_, tau_, length_;
  bool soft_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Add>(options, seed);
}

constexpr Option options[] = {
    {.key = "lag1",
     .type = OptionType::integer,
     .fallback = "5",
     .low = 0,
     .high = 100000,
     .unit = "pairs",
     .help = "how long ago the first flip was"},
    {.key = "lag2",
     .type = OptionType::integer,
     .fallback = "9",
     .low = 0,
     .high = 100000,
     .unit = "pairs",
     .help = "how long ago the second flip was"},
    {.key = "tau",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "how long each pair of input and target lasts"},
    {.key = "soft",
     .type = OptionType::flag,
     .fallback = "true",
     .help = "targets are probabilities; false: drawn from them"},
    row_length_option,
};

}  // namespace

extern const TaskRecord task_add;
const TaskRecord task_add = {
    .entry = {.name = "add",
              .title = "remember two coin flips: an endless stream with known floors",
              .text = "x_t is 0 or 1 with equal chance, also before t = 0; the input is (x_t, 1 - x_t)\n"
                      "y_t = 1/2 + 1/2 x_{t-lag1} - 1/4 x_{t-lag2}, the target (y_t, 1 - y_t), for cross_entropy\n"
                      "Floors for the default lags in nats: 0.6616 without memory, 0.5192 with the first flip alone, "
                      "0.4545 with both.",
              .cite = "marschall2020unified",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
