// SPDX-License-Identifier: Apache-2.0
// From an object's state to plain bytes and back, by its one visit function, without allocation.
#pragma once

#include <cstddef>
#include <cstring>

#include "chronograd/archive.hpp"

namespace chronograd {

/// Copies all that is visited to memory that is large enough: ByteCount says how much it takes.
class BytesOut final : public Archive {
 public:
  explicit BytesOut(std::byte* to) : to_(to) {}
  bool named() const override { return false; }
  void array(const std::string&, std::span<float> values) override { put(values.data(), values.size_bytes()); }
  void array(const std::string&, std::span<double> values) override { put(values.data(), values.size_bytes()); }
  void array16(const std::string&, std::span<Bf16> values) override { put(values.data(), values.size_bytes()); }
  void number(const std::string&, std::int64_t& value) override { put(&value, sizeof(value)); }

 private:
  void put(const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to_, from, bytes);
    to_ += bytes;
  }
  std::byte* to_;
};

/// Sets all that is visited from bytes of BytesOut.
class BytesIn final : public Archive {
 public:
  explicit BytesIn(const std::byte* from) : from_(from) {}
  bool named() const override { return false; }
  void array(const std::string&, std::span<float> values) override { get(values.data(), values.size_bytes()); }
  void array(const std::string&, std::span<double> values) override { get(values.data(), values.size_bytes()); }
  void array16(const std::string&, std::span<Bf16> values) override { get(values.data(), values.size_bytes()); }
  void number(const std::string&, std::int64_t& value) override { get(&value, sizeof(value)); }

 private:
  void get(void* to, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from_, bytes);
    from_ += bytes;
  }
  const std::byte* from_;
};

/// A number that tells bytes apart: FNV-1a, eight bytes at a time.
inline std::uint64_t checksum(const void* bytes, std::size_t count, std::uint64_t sum = 0xcbf29ce484222325U) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  for (; count > 0;) {
    std::uint64_t word = 0;
    const std::size_t taken = count < sizeof(word) ? count : sizeof(word);
    std::memcpy(&word, from, taken);
    sum = (sum ^ word) * 0x100000001b3U;
    sum ^= sum >> 29;
    from += taken;
    count -= taken;
  }
  return sum;
}

}  // namespace chronograd
