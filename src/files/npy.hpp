// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chronograd/array.hpp"
#include "files/npy_header.hpp"

namespace chronograd {

/// Throws Error (data) unless a file of `file_size` bytes holds exactly the elements that the header claims, and for
/// anything but numbers, which is never read.
void check_npy_size(const NpyHeader& header, std::size_t file_size, const std::string& where);

/// Reads all bytes of a .npy file into an array in C order, widened as array.hpp says. Throws Error (data) for bytes
/// that are malformed, missing or left over, for a u8 above 2^63 - 1 and for a boolean other than 0 and 1.
Array parse_npy(std::string_view bytes, const std::string& where);

/// The header of the array's .npy file (version 1.0): element types f4, f8, i8 and u1, in this machine's byte order.
/// The elements follow it as they lie in memory. Throws Error (data) for an array whose elements do not fit its shape
/// or that has more dimensions than NumPy can hold.
std::string npy_header_of(const Array& array, const std::string& where);
/// The bytes of the array's elements.
std::string_view npy_elements_of(const Array& array);

}  // namespace chronograd
