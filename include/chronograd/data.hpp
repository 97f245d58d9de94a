// SPDX-License-Identifier: Apache-2.0
// Rows to learn from that lie in the caller's own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// Numbers that belong to somebody else, at any distances from each other.
struct CHRONOGRAD_API ArrayView {
  enum class Type { f32, f64, i32, i64, u8 };
  const void* data = nullptr;  ///< the first element, aligned for its type; null: there is no array
  Type type = Type::f64;
  std::vector<std::size_t> shape;
  std::vector<std::ptrdiff_t> stride;  ///< bytes from one element to the next along each axis; 0 and less are fine

  /// Of numbers without gaps, last axis fastest (C order).
  static ArrayView of(const float* data, std::vector<std::size_t> shape);
  static ArrayView of(const double* data, std::vector<std::size_t> shape);
  static ArrayView of(const std::int32_t* data, std::vector<std::size_t> shape);
  static ArrayView of(const std::int64_t* data, std::vector<std::size_t> shape);
  static ArrayView of(const std::uint8_t* data, std::vector<std::size_t> shape);
  /// Of an array, which must outlive it.
  static ArrayView of(const Array& array);

  bool is_integer() const { return type != Type::f32 && type != Type::f64; }
  std::size_t size() const;                     ///< number of elements
  double at(std::size_t index) const;           ///< element by flat index in C order
  std::int64_t whole(std::size_t index) const;  ///< the same of integers
  std::string shape_text() const;               ///< "(3, 17, 4)"
};

/// Rows as data files hold them: x (B,T,n), y (B,T,m) or integer classes (B,T), and, if given, mask (B,T), lengths (B),
/// reset (B,T), a third factor (B,T) or (B,T,q) for rules that learn from it (three_factor), and first states, by name:
/// h0 (B,d), the cell's others, h0_l1 ... of further layers. One stream: x (T,n), the others may lack the first axis
/// too.
struct RowsView {
  ArrayView x, y, mask, lengths, reset;
  std::map<std::string, ArrayView> states = {};
  ArrayView third = {};
};

/// A task of such rows, read as data files are (docs/data.md), with the same checks and errors. x and y are read where
/// they lie, whenever they are needed: they must stay as they are while the task lives. Of mask, lengths, reset,
/// third and states a copy is kept. `test` may be null. Class targets have as many classes as `parameters` (null: none)
/// has rows in W_out, else as many as the steps of training that count name. Throws Error (data); remarks go to `notes`
/// (null: none).
CHRONOGRAD_API std::unique_ptr<Task> make_array_task(const Config& config, const RowsView& train,
                                                     const RowsView* test = nullptr, const Arrays* parameters = nullptr,
                                                     std::vector<std::string>* notes = nullptr);

}  // namespace chronograd
