// SPDX-License-Identifier: Apache-2.0
// Messages of protocol buffers, as bytes: fields one after the other, each with its number and how long it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chronograd {

class WireMessage {
 public:
  /// Adds a whole number; negative ones as protocol buffers write them, in ten bytes.
  WireMessage& number(int field, std::int64_t value);
  /// Adds bytes or text.
  WireMessage& bytes(int field, std::string_view value);
  /// Adds a message.
  WireMessage& message(int field, const WireMessage& value) { return bytes(field, value.bytes_); }
  /// The message.
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace chronograd
