// SPDX-License-Identifier: Apache-2.0
#include "chronograd/isa.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "chronograd/error.hpp"
#include "every_isa.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;

TEST(InstructionSets, AreNestedAndBaselineIsAlwaysThere) {
  EXPECT_TRUE(has_isa(Isa::baseline));
  EXPECT_TRUE(has_isa(Isa::avx2) || !has_isa(Isa::avx512));
}

TEST(InstructionSets, NamesAreReadBack) {
  for (Isa isa : runnable_isas()) EXPECT_EQ(isa_of(name_of(isa)), isa);
}

TEST(InstructionSets, NoNameMeansTheBest) {
  EXPECT_EQ(isa_of(""), runnable_isas().back());
}

TEST(InstructionSets, UnknownAndMissingOnesAreUsageErrors) {
  try {
    isa_of("sse9");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_THAT(error.what(), HasSubstr("[CHRONOGRAD_ISA] got \"sse9\", allowed are baseline, avx2 and avx512"));
  }
  for (Isa isa : {Isa::avx2, Isa::avx512}) {
    if (has_isa(isa)) continue;
    EXPECT_THROW(isa_of(name_of(isa)), Error);
    EXPECT_EQ(kernels_of<float>(isa), nullptr);
  }
}

TEST(InstructionSets, ActiveOneChoosesTheKernels) {
  EXPECT_EQ(&kernels<float>(), kernels_of<float>(active_isa()));
  EXPECT_EQ(&kernels<double>(), kernels_of<double>(active_isa()));
}

}  // namespace
}  // namespace chronograd
