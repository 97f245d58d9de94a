// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chronograd/array.hpp"

namespace chronograd {

/// read_npz() for an archive that lies in memory; `where` stands for its path in messages.
Arrays parse_npz(std::string_view bytes, const std::string& where, std::vector<std::string>* skipped = nullptr);

/// read_npz() that leaves nothing out: arrays of anything but numbers have a `refusal`.
Arrays read_arrays(const std::string& path);

/// Names of the arrays of a .npz file, in their order there; none of them is read. Throws Error (data) as read_npz()
/// does for an archive that cannot be opened.
std::vector<std::string> npz_names(const std::string& path);

/// Reads one array of a .npz file and none of the others. Throws Error (data) as read_npz() does, and where there is
/// no such array or it does not hold numbers.
Array read_npz_array(const std::string& path, const std::string& name);

}  // namespace chronograd
