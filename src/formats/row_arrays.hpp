// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "chronograd/array.hpp"
#include "chronograd/data.hpp"
#include "chronograd/format.hpp"

namespace chronograd {

/// Arrays to be read as rows, by name.
struct RowArrays {
  std::map<std::string, ArrayView> views;
  std::map<std::string, std::string> refused = {};  ///< by name, what is no numbers and what to say of it
  std::shared_ptr<const void> owner = nullptr;      ///< of the numbers; null: the caller
};

RowArrays row_arrays(Arrays arrays);
RowArrays row_arrays(const RowsView& rows);

/// Arrays beside inputs and targets that have a meaning for such a network: mask, lengths, reset, third, first states.
std::set<std::string> further_arrays(const FileNeeds& needs);

}  // namespace chronograd
