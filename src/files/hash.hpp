// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chronograd {

/// The SHA-256 of a file's bytes as 64 lower-case hexadecimal digits, what `sha256sum` prints. Throws Error (data).
std::string sha256_of_file(const std::string& path);

}  // namespace chronograd
