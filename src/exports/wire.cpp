// SPDX-License-Identifier: Apache-2.0
#include "exports/wire.hpp"

namespace chronograd {
namespace {

enum WireType : std::uint64_t { wire_varint = 0, wire_bytes = 2 };

std::uint64_t key_of(int field, WireType type) {
  return (static_cast<std::uint64_t>(field) << 3U) | type;
}

}  // namespace

/// Seven bits a byte, the lowest first; the eighth says that more follow.
void WireMessage::varint(std::uint64_t value) {
  constexpr std::uint64_t more = 128;
  for (; value >= more; value >>= 7U)
    bytes_.push_back(static_cast<char>(static_cast<unsigned char>((value & (more - 1)) | more)));
  bytes_.push_back(static_cast<char>(static_cast<unsigned char>(value)));
}

WireMessage& WireMessage::number(int field, std::int64_t value) {
  varint(key_of(field, wire_varint));
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

WireMessage& WireMessage::bytes(int field, std::string_view value) {
  varint(key_of(field, wire_bytes));
  varint(value.size());
  bytes_.append(value);
  return *this;
}

}  // namespace chronograd
