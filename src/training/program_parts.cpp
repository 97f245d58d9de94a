// SPDX-License-Identifier: Apache-2.0
#include "training/program_parts.hpp"

#include "chronograd/isa.hpp"
#include "chronograd/version.hpp"
#include "math/gemm.hpp"

namespace chronograd {
namespace {

const char* compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace

std::vector<ProgramPart> program_parts() {
  return {{"version", version()},
          {"compiler", compiler()},
          {"instruction_set", name_of(active_isa())},
          {"products", gemm_libraries()}};
}

}  // namespace chronograd
