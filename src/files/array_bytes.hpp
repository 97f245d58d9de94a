// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/array.hpp"

namespace chronograd {

/// Arrays of numbers as bytes, for another process of the same program; not for files.
std::string bytes_of(const Arrays& arrays);
Arrays arrays_of_bytes(const std::string& bytes);

}  // namespace chronograd
