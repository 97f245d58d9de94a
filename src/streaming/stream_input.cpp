// SPDX-License-Identifier: Apache-2.0
#include "streaming/stream_input.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::size_t piece = 1 << 16, longest_line = 1 << 20;
constexpr int patience = 200;  // ms

}  // namespace

StreamInput::StreamInput(int file, std::string name, std::function<bool()> stop)
    : file_(file), name_(std::move(name)), stop_(std::move(stop)), buffer_(piece) {}

/// Reads what is there, at least one byte.
StreamInput::Got StreamInput::more() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, held());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  for (;;) {
    if (stop_()) return Got::stopped;
    pollfd waiting{file_, POLLIN, 0};
    const int ready = poll(&waiting, 1, patience);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t got = ready < 0 ? -1 : read(file_, buffer_.data() + end_, buffer_.size() - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(Exit::data, name_, std::string("cannot be read: ") + std::strerror(errno) + ".");
    end_ += static_cast<std::size_t>(got);
    return got == 0 ? Got::end : Got::piece;
  }
}

StreamInput::Got StreamInput::line(std::string_view& line) {
  for (std::size_t seen = 0;;) {
    const char* const from = buffer_.data() + begin_;
    const auto* const found = static_cast<const char*>(std::memchr(from + seen, '\n', held() - seen));
    if (found) {
      line = {from, static_cast<std::size_t>(found - from)};
      begin_ += line.size() + 1;
    } else {
      seen = held();
      if (seen > longest_line) {
        ++count_;
        throw Error(Exit::data, place("line").text(),
                    "got more than a megabyte without an end, allowed are lines of numbers.");
      }
      const Got got = more();
      if (got == Got::piece) continue;
      if (got == Got::stopped || held() == 0) return got;
      line = {buffer_.data() + begin_, held()};  // the last line has no end
      begin_ = end_;
    }
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    ++count_;
    return Got::piece;
  }
}

StreamInput::Got StreamInput::record(std::size_t bytes, std::string_view& record) {
  while (held() < bytes) {
    const Got got = more();
    if (got == Got::piece) continue;
    if (got == Got::stopped || held() == 0) return got;
    ++count_;
    throw Error(Exit::data, place("record").text(),
                "got " + std::to_string(held()) + " bytes and the end, allowed are records of " +
                    std::to_string(bytes) + " bytes: 4 for each input and each target.");
  }
  record = {buffer_.data() + begin_, bytes};
  begin_ += bytes;
  ++count_;
  return Got::piece;
}

bool StreamInput::waits(std::size_t bytes) const {
  const bool whole = bytes > 0 ? held() >= bytes : std::memchr(buffer_.data() + begin_, '\n', held()) != nullptr;
  if (whole) return false;
  pollfd waiting{file_, POLLIN, 0};
  return poll(&waiting, 1, 0) == 0;
}

}  // namespace chronograd
