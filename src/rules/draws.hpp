// SPDX-License-Identifier: Apache-2.0
// The random numbers of rules.
#pragma once

#include "chronograd/random.hpp"
#include "chronograd/rule.hpp"

namespace chronograd {

/// What a rule draws at a step of a stream: the first numbers of a counter of their own (pass, stream, step), or those
/// that a test gives.
class Draws {
 public:
  template <class T>
  explicit Draws(const RuleSetup<T>& setup)
      : seed_(setup.seed), first_stream_(setup.first_stream), given_(setup.signs) {}

  /// Signs for stream b of those of the rule, at step t of the row.
  template <class T>
  void signs(std::int64_t pass, std::int64_t t, int b, int count, T* out) const {
    fill(pass, t, b, count, out, [](Random& random) { return random.sign(); });
  }
  /// Standard normal numbers.
  template <class T>
  void normals(std::int64_t pass, std::int64_t t, int b, int count, T* out) const {
    fill(pass, t, b, count, out, [](Random& random) { return random.normal(); });
  }

 private:
  template <class T, class F>
  void fill(std::int64_t pass, std::int64_t t, int b, int count, T* out, const F& next) const {
    if (given_) {
      for (int i = 0; i < count; ++i) out[i] = static_cast<T>(given_(first_stream_ + b, t, i));
      return;
    }
    const auto stream = static_cast<std::uint64_t>(pass) << 32 | static_cast<std::uint64_t>(first_stream_ + b);
    Random random(seed_, Draw::rule, stream, static_cast<std::uint64_t>(t));
    for (int i = 0; i < count; ++i) out[i] = static_cast<T>(next(random));
  }

  std::uint64_t seed_;
  int first_stream_;
  Signs given_;
};

}  // namespace chronograd
