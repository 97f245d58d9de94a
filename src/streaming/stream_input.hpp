// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chronograd {

/// Where something was read; a text only for messages.
struct Place {
  const std::string& source;
  const char* kind;
  std::int64_t number;                                                                      ///< from 1
  std::string text() const { return source + ": " + kind + " " + std::to_string(number); }  ///< "stdin: line 12"
};

/// Bytes that come when they come, from a pipe, a terminal or a file, in constant memory.
class StreamInput {
 public:
  enum class Got { piece, end, stopped };

  /// `stop` is asked at least five times a second while nothing comes. `name` stands for the source in messages.
  StreamInput(int file, std::string name, std::function<bool()> stop);

  /// The next line without its end, valid until the next call. Throws Error (data) for a line of more than a megabyte,
  /// or where the system cannot read.
  Got line(std::string_view& line);
  /// The next `bytes` bytes. Throws Error (data) also where the input ends within them.
  Got record(std::size_t bytes, std::string_view& record);
  /// True if the next call would have to wait for more: what was made so far should go out.
  /// `bytes`: of a record; 0: a line.
  bool waits(std::size_t bytes) const;
  /// Of the last one that was read.
  Place place(const char* kind) const { return {name_, kind, count_}; }

 private:
  Got more();
  std::size_t held() const { return end_ - begin_; }

  int file_;
  std::string name_;
  std::function<bool()> stop_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace chronograd
