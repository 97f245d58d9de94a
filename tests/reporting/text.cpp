// SPDX-License-Identifier: Apache-2.0
#include "reporting/text.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace chronograd {
namespace {

TEST(Text, CountsLettersNotBytes) {
  EXPECT_EQ(width_of("1 ± 2"), 5U);
  EXPECT_EQ(padded("±", 3), "±  ");
  EXPECT_EQ(padded("abc", 2), "abc");
}

TEST(Text, ShortensBetweenLetters) {
  EXPECT_EQ(shortened("tbptt", 5), "tbptt");
  EXPECT_EQ(shortened("readout_only", 8), "readou..");
  EXPECT_EQ(shortened("±±±±±", 4), "±±..");
}

TEST(Text, TablesAlignAndHaveNoBlanksAtTheEnd) {
  EXPECT_EQ(table_text({{"rule", "loss", "note"}, {"rtrl", "0.4 ± 0.1", ""}, {"readout_only", "1", "x"}}),
            "rule          loss       note\n"
            "rtrl          0.4 ± 0.1\n"
            "readout_only  1          x\n");
}

TEST(Text, WhatIsNoNumberIsADash) {
  EXPECT_EQ(formatted("{:.2f}", 0.125), "0.12");
  EXPECT_EQ(formatted("{:.2f}", std::nan("")), "-");
}

}  // namespace
}  // namespace chronograd
