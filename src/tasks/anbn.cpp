// SPDX-License-Identifier: Apache-2.0
// Prediction of a^n b^n: an endless text of blocks, n letters a, a newline, n letters b, a newline.
#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/task.hpp"
#include "tasks/walk.hpp"

namespace chronograd::entries {
namespace {

constexpr int letters = 3;  // a, b, newline

class Anbn final : public Task {
 public:
  Anbn(const Options& options, std::uint64_t seed)
      : shortest_(options.integer("shortest")), longest_(options.integer("longest")), seed_(seed) {
    if (shortest_ > longest_)
      throw Error(
          Exit::usage, "task.shortest",
          "got " + std::to_string(shortest_) + ", allowed is 1 ... " + std::to_string(longest_) + " = task.longest.");
  }

  int inputs() const override { return letters; }
  int outputs() const override { return letters; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return 0; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    walks_.read(
        split, row, t, [&] { return block(stream, 0, 0); }, [](const Place& place) { return place.begin; },
        [&](Place& place) {
          while (place.begin + size(place) <= t) place = block(stream, place.index + 1, place.begin + size(place));
          Place at = place;
          int letter = letter_of(at, t);
          for (int k = 0; k < steps; ++k) {
            if (t + k + 1 == at.begin + size(at)) at = block(stream, at.index + 1, at.begin + size(at));
            const int next = letter_of(at, t + k + 1);
            for (int i = 0; i < letters; ++i) {
              out.x[letters * k + i] = i == letter ? 1 : 0;
              out.y[letters * k + i] = i == next ? 1 : 0;
            }
            out.mask[k] = 1;
            out.reset[k] = 0;
            letter = next;
          }
          place = at;
        });
  }

  /// Nats a letter. Mean entropy of the next letter given the present one alone, and given all before: then only n is
  /// unknown, once a block.
  std::vector<Reference> references() const override {
    const auto count = static_cast<double>(longest_ - shortest_ + 1);
    const double mean = 0.5 * static_cast<double>(shortest_ + longest_), block = 2 * mean + 2;
    // In n letters a (or b) one is the last; one newline is followed by b, one by a.
    const double last = 1 / mean, stay = 1 - last;
    const double within = -(stay > 0 ? stay * std::log(stay) : 0) - last * std::log(last);
    const double letter = mean / block, newline = 2 / block;
    return {{"constant output", -2 * letter * std::log(letter) - newline * std::log(newline), true},
            {"present letter alone", (2 * mean * within + 2 * std::log(2.0)) / block},
            {"all remembered", std::log(count) / block}};
  }

  std::string summary() const override {
    return "anbn: blocks of n letters a, a newline, n letters b, a newline, n = " + std::to_string(shortest_) +
           " ... " + std::to_string(longest_) + ", endless";
  }

 private:
  struct Place {
    std::int64_t index, begin, n;
  };
  static std::int64_t size(const Place& place) { return 2 * place.n + 2; }
  static int letter_of(const Place& place, std::int64_t t) {
    const std::int64_t at = t - place.begin;
    return at == place.n || at == 2 * place.n + 1 ? 2 : (at < place.n ? 0 : 1);
  }
  Place block(std::uint64_t stream, std::int64_t index, std::int64_t begin) const {
    Random random(seed_, Draw::data, stream, static_cast<std::uint64_t>(index));
    const auto more = random.below(static_cast<std::uint64_t>(longest_ - shortest_ + 1));
    return {index, begin, shortest_ + static_cast<std::int64_t>(more)};
  }

  std::int64_t shortest_, longest_;
  std::uint64_t seed_;
  Walks<Place> walks_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Anbn>(options, seed);
}

constexpr Option options[] = {
    {.key = "shortest",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 1e6,
     .unit = "letters",
     .help = "smallest number n of letters"},
    {.key = "longest",
     .type = OptionType::integer,
     .fallback = "32",
     .low = 1,
     .high = 1e6,
     .unit = "letters",
     .help = "largest n; all between are equally likely"},
};

}  // namespace

extern const TaskRecord task_anbn;
const TaskRecord task_anbn = {
    .entry = {.name = "anbn",
              .title = "predict the next letter of a^n b^n",
              .text = "aaa\\n bbb\\n: n letters a, a newline, n letters b, a newline, n uniform. Input and target are "
                      "the present and the next letter as one of 3, for cross_entropy. At best ln(longest - shortest + "
                      "1) nats a block of shortest + longest + 2 letters.",
              .cite = "tallec2018unbiased",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
