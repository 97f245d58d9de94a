// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "chronograd/export.hpp"

namespace chronograd {

/// Visits the things that an object must keep from one segment to the next. One visit function per object serves for
/// saving, restoring, counting bytes and checking for NaN. Names are unique within the object.
class CHRONOGRAD_API Archive {
 public:
  virtual ~Archive() = default;
  virtual void array(const std::string& name, std::span<float> values) = 0;
  virtual void array(const std::string& name, std::span<double> values) = 0;
  virtual void number(const std::string& name, std::int64_t& value) = 0;
};

/// The same archive with a prefix before every name: for an object inside another.
class Within final : public Archive {
 public:
  Within(Archive& archive, std::string prefix) : archive_(archive), prefix_(std::move(prefix)) {}
  void array(const std::string& name, std::span<float> values) override { archive_.array(prefix_ + name, values); }
  void array(const std::string& name, std::span<double> values) override { archive_.array(prefix_ + name, values); }
  void number(const std::string& name, std::int64_t& value) override { archive_.number(prefix_ + name, value); }

 private:
  Archive& archive_;
  std::string prefix_;
};

/// Counts bytes.
class ByteCount final : public Archive {
 public:
  void array(const std::string&, std::span<float> values) override { bytes_ += values.size_bytes(); }
  void array(const std::string&, std::span<double> values) override { bytes_ += values.size_bytes(); }
  void number(const std::string&, std::int64_t&) override { bytes_ += sizeof(std::int64_t); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace chronograd
