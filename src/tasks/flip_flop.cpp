// SPDX-License-Identifier: Apache-2.0
// Flip-flops: each output holds the sign of the last pulse on its input.
#include <algorithm>
#include <cmath>
#include <vector>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"
#include "tasks/row_length.hpp"

namespace chronograd::entries {
namespace {

class FlipFlop final : public Task {
 public:
  FlipFlop(const Options& options, std::uint64_t seed)
      : bits_(static_cast<int>(options.integer("bits"))),
        p_flip_(options.number("p_flip")),
        tau_(options.integer("tau")),
        length_(options.integer("length")),
        seed_(seed) {}

  int inputs() const override { return bits_; }
  int outputs() const override { return bits_; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    const auto m = static_cast<std::size_t>(bits_);
    std::vector<double> held(m), pulse(m);
    hold(stream, t / tau_, held);
    for (int k = 0; k < steps; ++k) {
      if (k == 0 || (t + k) % tau_ == 0) draw(stream, (t + k) / tau_, pulse);
      for (std::size_t i = 0; i < m; ++i) {
        if (pulse[i] != 0) held[i] = pulse[i];
        out.x[static_cast<std::size_t>(k) * m + i] = pulse[i];
        out.y[static_cast<std::size_t>(k) * m + i] = held[i];
      }
      out.mask[k] = 1;
      out.reset[k] = 0;
    }
  }

  /// The mean squared-error loss of the best constant output, which is 0, and of the best output that sees the present
  /// pulse alone: 0 where there is none. Before the first pulse the target is 0 as well.
  std::vector<Reference> references() const override {
    double unseen = 0, some = 0;  // mean chance of no pulse now, but one before; of a pulse now or before
    const std::int64_t pulses = length_ == 0 ? 0 : (length_ + tau_ - 1) / tau_;
    if (length_ == 0) {
      unseen = p_flip_ > 0 ? 1 - p_flip_ : 0;
      some = p_flip_ > 0 ? 1 : 0;
    } else {
      double none_before = 1;
      for (std::int64_t j = 0; j < pulses; ++j) {
        const auto lasts = static_cast<double>(std::min(tau_, length_ - j * tau_));
        unseen += lasts * (1 - p_flip_) * (1 - none_before) / static_cast<double>(length_);
        none_before *= 1 - p_flip_;
        some += lasts * (1 - none_before) / static_cast<double>(length_);
      }
    }
    return {{"constant output", 0.5 * bits_ * some, true}, {"no memory", 0.5 * bits_ * unseen}, {"all remembered", 0}};
  }

  std::string summary() const override {
    return "flip_flop: " + std::to_string(bits_) + (bits_ == 1 ? " bit" : " bits") + ", " +
           (length_ == 0 ? std::string("endless") : "rows of " + std::to_string(length_) + " steps");
  }

 private:
  /// What is put in at the `index`-th place: 0 mostly, else a sign.
  void draw(std::uint64_t stream, std::int64_t index, std::vector<double>& pulse) const {
    Random random(seed_, Draw::data, stream, static_cast<std::uint64_t>(index));
    for (double& value : pulse) {
      const double u = random.uniform();
      value = u < p_flip_ / 2 ? -1 : (u < p_flip_ ? 1 : 0);
    }
  }

  /// Signs of the last pulses before place `index`: as far back as they were, which is 1/p_flip places on average.
  void hold(std::uint64_t stream, std::int64_t index, std::vector<double>& held) const {
    if (p_flip_ == 0) return;
    std::vector<double> pulse(held.size());
    std::size_t missing = held.size();
    while (missing > 0 && index-- > 0) {
      draw(stream, index, pulse);
      for (std::size_t i = 0; i < held.size(); ++i)
        if (held[i] == 0 && pulse[i] != 0) {
          held[i] = pulse[i];
          --missing;
        }
    }
  }

  int bits_;
  double p_flip_;
  std::int64_t tau_, length_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<FlipFlop>(options, seed);
}

constexpr Option options[] = {
    {.key = "bits",
     .type = OptionType::integer,
     .fallback = "3",
     .low = 1,
     .high = 1000,
     .unit = "bits",
     .help = "number of inputs, and of outputs"},
    {.key = "p_flip",
     .type = OptionType::number,
     .fallback = "0.05",
     .low = 0,
     .high = 1,
     .help = "chance of a pulse, on each input and at each place"},
    {.key = "tau",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "how long each place lasts"},
    row_length_option,
};

}  // namespace

extern const TaskRecord task_flip_flop;
const TaskRecord task_flip_flop = {
    .entry = {.name = "flip_flop",
              .title = "hold the sign of the last pulse on each input",
              .text = "x_t[i] is 0, or with chance p_flip a pulse, -1 or 1 alike;  y*_t[i] is the last pulse up to t, "
                      "0 before the first. For mse.",
              .cite = "marschall2020unified",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
