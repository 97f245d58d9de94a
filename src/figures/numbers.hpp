// SPDX-License-Identifier: Apache-2.0
// Numbers as tables and sentences show them.
#pragma once

#include <string>

#include "figures/statistics.hpp"

namespace chronograd {

/// `1.3 MB`, `640 B`.
std::string bytes_text(double bytes);
/// Mean and half width with as many decimals as the half width deserves: `0.4541 ± 0.0020`.
std::string estimate_text(const Estimate& estimate);
/// A value of a setting in few letters: `0.0003` for `0.00030000000000000003`.
std::string short_setting(const std::string& value);
/// True if all of the text is a number.
bool is_number(const std::string& text);
/// A count with thin spaces: `30 000`.
std::string spaced_count(double count);

}  // namespace chronograd
