// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chronograd {

/// An SVG picture as the bytes of a PNG file, at twice the size, by the program rsvg-convert of librsvg. Throws Error
/// (data) that says what to install where there is none.
std::string png_of(const std::string& svg);

}  // namespace chronograd
