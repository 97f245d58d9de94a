// SPDX-License-Identifier: Apache-2.0
// Texts for screens: widths, tables.
#pragma once

#include <string>
#include <vector>

#include "chronograd/task.hpp"

namespace chronograd {

/// Places on the screen that a UTF-8 text takes, if none of its letters is wide.
std::size_t width_of(const std::string& text);
/// The text with blanks up to a width.
std::string padded(const std::string& text, std::size_t width);
/// The text, or what fits of it and two dots.
std::string shortened(const std::string& text, std::size_t width);
/// Rows of cells as lines, columns side by side with two blanks between them.
std::string table_text(const std::vector<std::vector<std::string>>& rows);
/// The number in a format of fmt (`{:.4f}`); - where it is not finite.
std::string formatted(const char* format, double value);
/// The text as part of a file name: letters, digits, dots, signs and underscores, at most 60 characters.
std::string file_word(const std::string& text);
/// What a loss can be compared with: `chance 0.6931; all remembered 0`.
std::string references_text(const std::vector<Reference>& references);

}  // namespace chronograd
