// SPDX-License-Identifier: Apache-2.0
#include "chronograd/isa.hpp"

#include <cstdlib>
#include <string>

#include "chronograd/error.hpp"
#include "math/kernel_tables.hpp"

#ifdef CHRONOGRAD_X86_SETS
#include <cpuid.h>
#endif

namespace chronograd {
namespace {

constexpr Isa all_isas[] = {Isa::avx512, Isa::avx2, Isa::baseline};  // best first

#ifdef CHRONOGRAD_X86_SETS
// The parts of x86-64-v3 that not every supported compiler's __builtin_cpu_supports has a name for.
bool has_small_v3_features() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const bool f16c = (c >> 29) & 1, movbe = (c >> 22) & 1;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d)) return false;
  const bool lzcnt = (c >> 5) & 1;
  return f16c && movbe && lzcnt;
}

bool has_v3() {
  return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("avx") &&
         __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && has_small_v3_features();
}

bool has_v4() {
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#else
bool has_v3() {
  return false;
}
bool has_v4() {
  return false;
}
#endif

}  // namespace

bool has_isa(Isa isa) {
  switch (isa) {
    case Isa::avx512:
      return has_v4();
    case Isa::avx2:
      return has_v3();
    default:
      return true;
  }
}

Isa isa_of(const char* name) {
  const std::string wanted = name;
  for (Isa isa : all_isas) {
    if (wanted.empty() ? has_isa(isa) : wanted == name_of(isa)) {
      if (has_isa(isa)) return isa;
      throw Error(Exit::usage, "CHRONOGRAD_ISA",
                  "got \"" + wanted +
                      "\", which this processor or this build does not have. Unset it to take the best set there is.");
    }
  }
  throw Error(Exit::usage, "CHRONOGRAD_ISA", "got \"" + wanted + "\", allowed are baseline, avx2 and avx512.");
}

Isa active_isa() {
  static const Isa chosen = [] {
    const char* name = std::getenv("CHRONOGRAD_ISA");
    return isa_of(name ? name : "");
  }();
  return chosen;
}

const char* name_of(Isa isa) {
  switch (isa) {
    case Isa::avx512:
      return "avx512";
    case Isa::avx2:
      return "avx2";
    default:
      return "baseline";
  }
}

}  // namespace chronograd
