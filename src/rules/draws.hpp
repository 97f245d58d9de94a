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
  /// The numbers of one step of a stream, one after the other.
  class Numbers {
   public:
    double sign() { return given_ ? next_given() : random_.sign(); }
    double uniform() { return given_ ? next_given() : random_.uniform(); }  ///< in [0, 1)
    double normal() { return given_ ? next_given() : random_.normal(); }    ///< standard normal

   private:
    friend class Draws;
    Numbers(const Draws& draws, std::int64_t pass, std::int64_t t, int stream)
        : random_(draws.seed_, Draw::rule, static_cast<std::uint64_t>(pass) << 32 | static_cast<std::uint64_t>(stream),
                  static_cast<std::uint64_t>(t)),
          given_(draws.given_ ? &draws.given_ : nullptr),
          stream_(stream),
          t_(t) {}
    double next_given() { return (*given_)(stream_, t_, count_++); }

    Random random_;
    const Signs* given_;
    int stream_, count_ = 0;
    std::int64_t t_;
  };

  template <class T>
  explicit Draws(const RuleSetup<T>& setup)
      : seed_(setup.seed), first_stream_(setup.first_stream), given_(setup.signs) {}

  /// For stream b of those of the rule, at step t of the row. Valid as long as this.
  Numbers numbers(std::int64_t pass, std::int64_t t, int b) const { return {*this, pass, t, first_stream_ + b}; }
  /// The first `count` of them.
  template <class T>
  void signs(std::int64_t pass, std::int64_t t, int b, int count, T* out) const {
    Numbers all = numbers(pass, t, b);
    for (int i = 0; i < count; ++i) out[i] = static_cast<T>(all.sign());
  }
  template <class T>
  void normals(std::int64_t pass, std::int64_t t, int b, int count, T* out) const {
    Numbers all = numbers(pass, t, b);
    for (int i = 0; i < count; ++i) out[i] = static_cast<T>(all.normal());
  }

 private:
  std::uint64_t seed_;
  int first_stream_;
  Signs given_;
};

}  // namespace chronograd
