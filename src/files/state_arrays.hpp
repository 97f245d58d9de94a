// SPDX-License-Identifier: Apache-2.0
// From an object's state to named arrays and back, by its one visit function.
#pragma once

#include <set>
#include <string>

#include "chronograd/archive.hpp"
#include "chronograd/array.hpp"

namespace chronograd {

/// Before the names of a learner's state in a file that holds its parameters too.
constexpr const char* state_prefix = "learner/";

/// Copies all that is visited into arrays: one of length n for n numbers, a scalar for a number.
class Saving final : public Archive {
 public:
  explicit Saving(Arrays& to) : to_(to) {}
  void array(const std::string& name, std::span<float> values) override;
  void array(const std::string& name, std::span<double> values) override;
  void number(const std::string& name, std::int64_t& value) override;

 private:
  void add(const std::string& name, Array array);

  Arrays& to_;
};

/// Sets all that is visited from arrays made by Saving. Throws Error (data) with `where` as the place for an array that
/// is missing or has another type or size: it is the state of another network.
class Restoring final : public Archive {
 public:
  Restoring(const Arrays& from, std::string where) : from_(from), where_(std::move(where)) {}
  void array(const std::string& name, std::span<float> values) override;
  void array(const std::string& name, std::span<double> values) override;
  void number(const std::string& name, std::int64_t& value) override;
  /// Throws Error (data) if some array was not visited.
  void finish() const;

 private:
  const Array& find(const std::string& name, Dtype dtype, std::size_t size);

  const Arrays& from_;
  std::string where_;
  std::set<std::string> used_;
};

/// True if no number is NaN or infinite.
template <class T>
bool all_finite(std::span<const T> values);

/// Looks for NaN and infinity.
class FiniteCheck final : public Archive {
 public:
  bool named() const override { return false; }
  void array(const std::string&, std::span<float> values) override;
  void array(const std::string&, std::span<double> values) override;
  void array16(const std::string&, std::span<Bf16> values) override;
  void number(const std::string&, std::int64_t&) override {}
  bool finite() const { return finite_; }

 private:
  bool finite_ = true;
};

}  // namespace chronograd
