// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/bf16.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// Visits the things that an object must keep from one segment to the next. One visit function per object serves for
/// saving, restoring, counting bytes and checking for NaN. Names are unique within the object.
class CHRONOGRAD_API Archive {
 public:
  virtual ~Archive() = default;
  /// False: numbers are told apart by their order alone. Names may then be empty and an array may come in pieces, so
  /// that a visit need not allocate.
  virtual bool named() const { return true; }
  virtual void array(const std::string& name, std::span<float> values) = 0;
  virtual void array(const std::string& name, std::span<double> values) = 0;
  virtual void number(const std::string& name, std::int64_t& value) = 0;
  /// Numbers of 16 bits; as floats, where an archive has no better way.
  virtual void array16(const std::string& name, std::span<Bf16> values) {
    std::vector<float> wide(values.begin(), values.end());
    array(name, std::span<float>(wide));
    for (std::size_t i = 0; i < wide.size(); ++i) values[i] = Bf16(wide[i]);
  }
};

/// The same archive with a prefix before every name: for an object inside another.
class Within final : public Archive {
 public:
  Within(Archive& archive, std::string prefix) : archive_(archive), prefix_(std::move(prefix)) {}
  bool named() const override { return archive_.named(); }
  void array(const std::string& name, std::span<float> values) override { archive_.array(full(name), values); }
  void array(const std::string& name, std::span<double> values) override { archive_.array(full(name), values); }
  void array16(const std::string& name, std::span<Bf16> values) override { archive_.array16(full(name), values); }
  void number(const std::string& name, std::int64_t& value) override { archive_.number(full(name), value); }

 private:
  std::string full(const std::string& name) const { return archive_.named() ? prefix_ + name : std::string(); }

  Archive& archive_;
  std::string prefix_;
};

/// "h12": the name of one of several arrays; "" where names do not matter.
inline std::string numbered(const Archive& archive, const char* name, int number) {
  return archive.named() ? name + std::to_string(number) : std::string();
}

/// Counts bytes.
class ByteCount final : public Archive {
 public:
  bool named() const override { return false; }
  void array(const std::string&, std::span<float> values) override { bytes_ += values.size_bytes(); }
  void array(const std::string&, std::span<double> values) override { bytes_ += values.size_bytes(); }
  void array16(const std::string&, std::span<Bf16> values) override { bytes_ += values.size_bytes(); }
  void number(const std::string&, std::int64_t&) override { bytes_ += sizeof(std::int64_t); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace chronograd
