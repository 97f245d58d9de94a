// SPDX-License-Identifier: Apache-2.0
// Copy a string: symbols, perhaps a delay, a delimiter, then the same symbols again, once or more often, with or
// without a curriculum of lengths.
#include <algorithm>
#include <cmath>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd::entries {
namespace {

class Copy final : public Task, private Curriculum {
 public:
  Copy(const Options& options, std::uint64_t seed)
      : symbols_(static_cast<int>(options.integer("symbols"))),
        longest_(options.integer("longest")),
        spread_(options.integer("spread")),
        delay_(options.integer("delay")),
        least_delay_(std::max<std::int64_t>(delay_ - options.integer("delay_spread"), 0)),
        repeats_(options.integer("repeats")),
        grows_(options.flag("curriculum")),
        all_(options.word("loss_on") == "all"),
        threshold_(options.number("threshold") * std::log(2.0)),
        seed_(seed) {}

  int inputs() const override { return symbols_ + 2; }
  int outputs() const override { return symbols_ + (all_ ? 1 : 0); }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return length(longest_); }
  /// With a curriculum, what a run came to is its level; there is no length to test all runs at.
  std::int64_t rows(Split split) const override { return split == Split::test && grows_ ? -1 : 0; }
  const Curriculum* curriculum() const override { return grows_ ? this : nullptr; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    const std::int64_t level = grows_ ? row % longest_ + 1 : longest_, shortest = shortest_at(level);
    Random random(seed_, Draw::data, stream);
    const std::int64_t l =
        shortest + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(level - shortest + 1)));
    const std::int64_t told =
        l + least_delay_ +
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(delay_ - least_delay_ + 1)));
    const int n = inputs(), m = outputs();
    for (int k = 0; k < steps; ++k) {
      const std::int64_t at = t + k;
      const bool recall = at > told && at <= told + repeats_ * l;
      const int shown =
          at < l ? symbol(stream, at) : (at == told ? symbols_ : symbols_ + 1);    // the delimiter among blanks
      const int wanted = recall ? symbol(stream, (at - told - 1) % l) : symbols_;  // blank
      for (int i = 0; i < n; ++i) out.x[n * k + i] = i == shown ? 1 : 0;
      for (int i = 0; i < m; ++i) out.y[m * k + i] = i == wanted ? 1 : 0;
      out.mask[k] = recall || (all_ && at <= told) ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  /// Nats a step with a loss, for symbols guessed at random. Where all steps count and lengths grow there is no one
  /// number.
  std::vector<Reference> references() const override {
    double recalled = 0, counted = 0;
    for (std::int64_t l = shortest_at(longest_); l <= longest_; ++l) {
      const auto asked = static_cast<double>(repeats_ * l);
      recalled += asked;
      counted += asked + (all_ ? static_cast<double>(l + 1) + static_cast<double>(delay_ + least_delay_) / 2 : 0);
    }
    const double chance = std::log(static_cast<double>(symbols_)), share = recalled / counted;
    std::vector<Reference> all = {
        {all_ && grows_ ? "symbols by chance, longest strings" : "symbols by chance", chance * share, !all_},
        {"all remembered", 0}};
    if (all_ && !grows_)
      all.insert(all.begin(), {"constant output",
                               chance * share - share * std::log(share) - (1 - share) * std::log(1 - share), true});
    return all;
  }

  std::string summary() const override {
    return "copy: strings of " + std::to_string(symbols_) + " symbols, " +
           (grows_ ? "lengths from 1 on as they are learnt, up to " : "lengths up to ") + std::to_string(longest_) +
           (delay_ > 0 ? ", asked for up to " + std::to_string(delay_) + " steps later" : "") +
           (repeats_ > 1 ? ", " + std::to_string(repeats_) + " times" : "");
  }

 private:
  std::int64_t shortest_at(std::int64_t level) const { return std::max<std::int64_t>(level - spread_, 1); }
  int symbol(std::uint64_t stream, std::int64_t at) const {
    return static_cast<int>(Random(seed_, Draw::data, stream, static_cast<std::uint64_t>(at) + 1)
                                .below(static_cast<std::uint64_t>(symbols_)));
  }

  std::int64_t length(std::int64_t level) const override { return (1 + repeats_) * level + delay_ + 1; }
  std::int64_t row(std::int64_t level, std::int64_t index) const override { return index * longest_ + level - 1; }
  std::int64_t next(std::int64_t level, double loss) const override {
    return loss < threshold_ ? std::min(level + 1, longest_) : level;
  }

  int symbols_;
  std::int64_t longest_, spread_, delay_, least_delay_, repeats_;
  bool grows_, all_;
  double threshold_;  ///< nats
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Copy>(options, seed);
}

constexpr Option options[] = {
    {.key = "symbols",
     .type = OptionType::integer,
     .fallback = "2",
     .low = 2,
     .high = 1000,
     .unit = "symbols",
     .help = "different symbols of a string"},
    {.key = "curriculum",
     .type = OptionType::flag,
     .fallback = "true",
     .help = "the length L begins at 1 and grows by 1 after every batch whose mean loss is below the threshold; false: "
             "L = longest"},
    {.key = "threshold",
     .type = OptionType::number,
     .fallback = "0.15",
     .low = 0,
     .unit = "bits",
     .help = "mean loss a step below which L grows"},
    {.key = "longest",
     .type = OptionType::integer,
     .fallback = "100",
     .low = 1,
     .high = 1e6,
     .unit = "symbols",
     .help = "largest L: the level grows no further"},
    {.key = "spread",
     .type = OptionType::integer,
     .fallback = "5",
     .low = 0,
     .high = 1e6,
     .unit = "symbols",
     .help = "a string's length is uniform on max(L - spread, 1) ... L"},
    {.key = "delay",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e6,
     .unit = "steps",
     .help = "most blanks between the string and the delimiter"},
    {.key = "delay_spread",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e6,
     .unit = "steps",
     .help = "there are uniformly max(delay - delay_spread, 0) ... delay of them"},
    {.key = "repeats",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 1000,
     .unit = "times",
     .help = "how often the string is to be recalled"},
    {.key = "loss_on",
     .type = OptionType::word,
     .fallback = "\"recall\"",
     .help = "steps with a loss: those of the recalled symbols, or all of a row but what is left after them (target: "
             "blank, one more output)",
     .choices = "recall|all"},
};

}  // namespace

extern const TaskRecord task_copy;
const TaskRecord task_copy = {
    .entry = {.name = "copy",
              .title = "repeat a string, longer and longer ones",
              .text = "s_1 ... s_l, blanks of the delay, delimiter, then l blanks during which s_1 ... s_l are the "
                      "targets, as often as repeats says; inputs are one of symbols + 2, for cross_entropy. Rows have "
                      "(1 + repeats) L + delay + 1 steps; shorter strings and delays leave steps without a loss. The "
                      "level of a run is L.",
              .cite = "menick2021practical",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
