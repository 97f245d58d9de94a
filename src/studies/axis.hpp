// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chronograd {

/// A setting that a sweep varies.
struct SweepAxis {
  std::string key;                  ///< optimizer.lr; values of rule.name are methods, tbptt(L=7)
  std::string text;                 ///< as typed after the =
  std::vector<std::string> values;  ///< as on the command line; of a drawn axis one a sample
  bool drawn = false;               ///< uniform, loguniform
};

/// True if `key=value` asks for more than one value, or for a method with settings: then it is an axis, else a change
/// of the configuration.
bool is_axis(const std::string& word);

/// Reads `key=a,b,c`; an element may be `log(low, high, n)` or `lin(low, high, n)`, n values with equal ratios or
/// differences, both ends included, rounded to six digits. `key=uniform(low, high)` and `key=loguniform(low, high)` are
/// drawn by draw_values. Throws Error (usage).
SweepAxis parse_axis(const std::string& word);

/// Fills in the values of the drawn axes: `samples` each, from the seed. Throws Error (usage) if there are drawn axes
/// and no samples, or samples and no such axis.
void draw_values(std::vector<SweepAxis>& axes, std::int64_t samples, std::uint64_t seed);

/// The values as numbers; empty if one is none.
std::vector<double> numbers_of(const SweepAxis& axis);

/// All combinations: one value for each axis, in the order of the axes; the last axis changes fastest, samples of the
/// drawn axes faster than all.
std::vector<std::vector<std::string>> combinations(const std::vector<SweepAxis>& axes);

}  // namespace chronograd
