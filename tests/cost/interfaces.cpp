// SPDX-License-Identifier: Apache-2.0
// The multiply-adds that an interface's record states are those that it does, in nets of several groups of layers.
#include <gtest/gtest.h>

#include <cmath>

#include "cost/interface_costs.hpp"

namespace chronograd {
namespace {

TEST(InterfaceCost, is_what_the_record_says) {
  for (const std::vector<double>& groups : {std::vector<double>{}, {2, 1, 3}}) {
    const InterfaceCostNet net = {.layers = 6, .width = 96, .inputs = 80, .outputs = 10, .batch = 16, .groups = groups};
    const double plain = counted_multiply_adds(net, "backprop");
    EXPECT_GT(plain, 3 * 5 * net.width * net.width);  // the count is of forward pass, gradients and what goes down
    for (const char* method :
         {"none", "delayed(lag=3)", "fdg(lag=2)", "dni", "dni(lambda=0)", "dni(lambda=1)", "dni(correct=1)",
          "dni(lambda=0, correct=1, lag=2)", "dni(conditioned=false, synthesiser=linear)",
          "dni(synthesiser=mlp, sg_hidden=40)", "dni(synthesiser=mlp, sg_hidden=[40,24])", "local",
          "local(head_hidden=50)", "predsim", "predsim(similarity=0)", "predsim(similarity=1)"}) {
      SCOPED_TRACE(std::string(method) + ", " + std::to_string(groups.size()) + " groups");
      const double counted = counted_multiply_adds(net, method) - plain,
                   stated = stated_multiply_adds(random_run(net, method, 1), net);
      // Left out: a few multiplications a unit, and the comparison of guesses with the truth on every 20th batch.
      const double few = net.layers * (net.width * net.width * 2 / 20.0 + 10.0 * net.width);
      EXPECT_NEAR(counted, stated, 0.03 * std::abs(stated) + few);
    }
  }
}

// It would be within the tolerance of the net above.
TEST(InterfaceCost, of_rank_16_is_small) {
  const InterfaceCostNet net;
  const double stated = stated_multiply_adds(random_run(net, "dni", 1), net);
  EXPECT_GT(stated, 0);
  EXPECT_LT(stated, 0.2 * net.layers * 3 * net.width * net.width);
}

}  // namespace
}  // namespace chronograd
