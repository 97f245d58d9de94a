// SPDX-License-Identifier: Apache-2.0
#include "figures/screen.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "figures/numbers.hpp"

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

TEST(Numbers, ShowAsManyDigitsAsCount) {
  EXPECT_EQ(estimate_text({0.45412, 0.00203, 5}), "0.4541 ± 0.0020");
  EXPECT_EQ(estimate_text({12.3456, 1.2, 5}), "12.3 ± 1.2");
  EXPECT_EQ(estimate_text({0.5, NAN, 1}), "0.5000");
  EXPECT_EQ(estimate_text({NAN, NAN, 0}), "–");
  EXPECT_EQ(estimate_text({3e8, 2e7, 3}), "3×10⁸ ± 2×10⁷");
  EXPECT_EQ(bytes_text(640), "640 B");
  EXPECT_EQ(bytes_text(1.3e6), "1.3 MB");
  EXPECT_EQ(short_setting("0.00030000000000000003"), "0.0003");
  EXPECT_EQ(short_setting("adam"), "adam");
  EXPECT_EQ(spaced_count(30000), "30\u202f000");
}

}  // namespace
}  // namespace chronograd
