// SPDX-License-Identifier: Apache-2.0
// Files, folders and errors for the tests of this folder.
#pragma once

#include <gmock/gmock.h>

#include <fstream>
#include <string>

#include "chronograd/error.hpp"
#include "folder.hpp"

namespace chronograd::testing {

inline void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// What the library says about bad data; a failure of the test where it says nothing or something else.
template <class F>
std::string data_error(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::data) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// Bytes of an integer, lowest first.
inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255U);
  return text;
}

inline std::string big(std::uint64_t value, int bytes) {
  const std::string text = little(value, bytes);
  return {text.rbegin(), text.rend()};
}

}  // namespace chronograd::testing
