// SPDX-License-Identifier: Apache-2.0
// One fuzzer: CHRONOGRAD_FUZZED is a function of entries.hpp.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/entries.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!chronograd::CHRONOGRAD_FUZZED({reinterpret_cast<const char*>(data), size})) std::abort();
  return 0;
}
