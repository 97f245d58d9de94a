// SPDX-License-Identifier: Apache-2.0
#include "runs/exactness.hpp"

#include <gmock/gmock.h>

namespace chronograd {
namespace {

TEST(Exactness, IsLostWithOtherFeedback) {
  EXPECT_EQ(lost_exactness({}), "");
  EXPECT_EQ(lost_exactness({{"rtrl", "symmetric"}, {"rflo", "random"}, {"uoro", ""}, {"no_rule", "random"}}), "");
  EXPECT_EQ(lost_exactness({{"rflo", "random"}, {"rtrl", "random"}, {"rtrl", "random"}}),
            "rtrl follows the gradient of the loss with symmetric feedback alone, and learns with random here. Ask for "
            "rtrl(feedback=symmetric).");
  EXPECT_EQ(lost_exactness({{"rtrl", "random"}, {"uoro", "adaptive"}, {"bptt", "symmetric"}}),
            "rtrl, uoro follow the gradient of the loss with symmetric feedback alone, and learn with random, adaptive "
            "here. Ask for rtrl(feedback=symmetric).");
}

}  // namespace
}  // namespace chronograd
