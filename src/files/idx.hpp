// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "chronograd/array.hpp"

namespace chronograd {

/// read_idx() for a file that lies in memory; `where` stands for its path in messages.
Array parse_idx(std::string_view bytes, const std::string& where);

}  // namespace chronograd
