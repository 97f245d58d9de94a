// SPDX-License-Identifier: Apache-2.0
// What a rule with a synthesiser can be deprived of: its guesses or its learning from an update on, and some of what it
// sees.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "chronograd/random.hpp"
#include "chronograd/rule.hpp"

namespace chronograd {

/// Counts updates, which end the last segment of each update interval, and knows which lesions have come.
template <class T>
class Lesions {
 public:
  /// Reads `ablate_at` and `freeze_at`.
  explicit Lesions(const RuleSetup<T>& setup)
      : every_(setup.every),
        ablate_at_(moment(setup.options, "ablate_at")),
        freeze_at_(moment(setup.options, "freeze_at")) {}

  bool ablated() const { return updates_ >= ablate_at_; }
  bool frozen() const { return updates_ >= freeze_at_; }
  /// After each segment that was learnt from.
  void count(const Segment<T>& segment) {
    updates_ += segment.last || (every_ > 0 && (segment.t0 + segment.steps) % every_ == 0);
  }
  void state(Archive& archive) { archive.number("updates", updates_); }

 private:
  static std::int64_t moment(const Options& options, const char* key) {
    return options.has(key) ? options.integer(key) : std::numeric_limits<std::int64_t>::max();
  }

  int every_;
  std::int64_t ablate_at_, freeze_at_, updates_ = 0;
};

/// A part of the states, drawn once: of a number drawn for each state those with the smallest ones, at least one.
template <class T>
class SeenStates {
 public:
  SeenStates(double share, int states, std::uint64_t seed) {
    const int count = std::max(1, static_cast<int>(std::lround(share * states)));
    Random random(seed, Draw::rule, std::numeric_limits<std::uint64_t>::max() - 1);
    std::vector<double> drawn(static_cast<std::size_t>(states));
    for (double& number : drawn) number = random.uniform();
    hidden_.resize(drawn.size());
    std::iota(hidden_.begin(), hidden_.end(), 0);
    std::sort(hidden_.begin(), hidden_.end(),
              [&](int a, int b) { return drawn[static_cast<std::size_t>(a)] < drawn[static_cast<std::size_t>(b)]; });
    hidden_.erase(hidden_.begin(), hidden_.begin() + count);
  }
  /// Sets the others of these states to zero.
  void hide(T* states) const {
    for (const int i : hidden_) states[i] = 0;
  }

 private:
  std::vector<int> hidden_;
};

}  // namespace chronograd
