// SPDX-License-Identifier: Apache-2.0
// One step of a stream as text or bytes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "streaming/stream_input.hpp"

namespace chronograd {

/// What a line or a record says.
enum class Sample {
  none,      ///< an empty line
  reset,     ///< the stream begins anew
  inputs,    ///< a step without a target
  targeted,  ///< a step with one
};

/// `x_1, ..., x_n, y_1, ..., y_m`, or with nothing for every y or without them, or the word `reset`. Throws Error
/// (data) with `where` as the place for anything else, also for numbers that T does not hold.
template <class T>
Sample read_sample(std::string_view line, const Place& where, std::span<T> x, std::span<T> y);

/// n + m float32: with NaN for every y there is no target, with NaN for every x the stream begins anew.
template <class T>
Sample read_record(std::string_view bytes, const Place& where, std::span<T> x, std::span<T> y);

/// Adds numbers as a line: the shortest text that reads back as the same number.
template <class T>
void write_line(std::span<const T> y, std::string& to);
/// Adds numbers as float32.
template <class T>
void write_record(std::span<const T> y, std::string& to);

}  // namespace chronograd
