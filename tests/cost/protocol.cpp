// SPDX-License-Identifier: Apache-2.0
// The simulated protocol against closed forms, and against workers that sleep.
#include "cost/protocol.hpp"

#include <gtest/gtest.h>

namespace chronograd {
namespace {

constexpr int many = 4000;

Protocol waiting(int lag) {
  return {{{0.1, 0, 0.2}, {0.1, 0.2, 0}}, true, false, lag};
}

TEST(Protocol, WithoutALagEachBatchGoesUpAndDownByItself) {
  for (const double latency : {0.0, 0.05, 1.0})
    EXPECT_NEAR(simulated_batch(waiting(0), latency, many), 0.6 + 2 * latency, 1e-9) << latency;
  const Protocol three = {{{0.1, 0, 0.2}, {0.1, 0, 0.2}, {0.1, 0.2, 0}}, true, false, 0};
  EXPECT_NEAR(simulated_batch(three, 0.5, many), 0.9 + 4 * 0.5, 1e-9);
}

TEST(Protocol, ALagHidesWaitsUntilARoundTripIsLonger) {
  EXPECT_NEAR(simulated_batch(waiting(8), 0, many), 0.3, 1e-3);  // both work all the time
  EXPECT_NEAR(simulated_batch(waiting(8), 0.9, many), 0.3, 2e-3);
  // The round trip of a batch, 0.6 and two messages, in which S + 1 are under way.
  EXPECT_NEAR(simulated_batch(waiting(8), 10, many), 20.6 / 9, 2e-2);
}

TEST(Protocol, WhereNothingComesDownTheSlowestWorkerSaysHowLong) {
  const Protocol local = {{{0.1, 0.2, 0}, {0.1, 0.4, 0}, {0.1, 0.1, 0}}, false, false, 0};
  EXPECT_NEAR(simulated_batch(local, 0, many), 0.5, 1e-3);
  EXPECT_NEAR(simulated_batch(local, 2, many), 0.5, 2e-3);
  EXPECT_NEAR(simulated_batch(local, 100, many), 100.0 / 18, 0.2);  // no more than 18 are on their way
}

TEST(Protocol, GuessesThatAreSentAtOnceMakeDistanceNoLonger) {
  for (const int workers : {3, 6}) {
    Protocol chain;
    chain.workers.assign(static_cast<std::size_t>(workers), {0.1, 0.1, 0.1});
    chain.at_once = true;
    chain.lag = 3;
    const double near = simulated_batch(chain, 2, many);
    EXPECT_NEAR(near, (2 * 2 + 0.4) / 4, 0.1) << workers;  // to the neighbour and back, of four batches
    chain.at_once = false;
    EXPECT_GT(simulated_batch(chain, 2, many), 1.5 * near) << workers;
  }
}

TEST(Protocol, SleepingWorkersTakeWhatIsSimulatedAndLittleMore) {
  constexpr int batches = 12;
  const Protocol parts[] = {{{{0.002, 0, 0.004}, {0.002, 0.004, 0}}, true, false, 0},
                            {{{0.002, 0.003, 0.001}, {0.002, 0.004, 0}}, true, true, 4},
                            {{{0.002, 0.004, 0}, {0.002, 0.004, 0}}, false, false, 0}};
  for (const Protocol& protocol : parts)
    for (const double latency : {0.0, 0.001, 0.005, 0.02}) {
      const double simulated = simulated_batch(protocol, latency, batches);
      const double slept = slept_batch(protocol, latency, batches);
      EXPECT_GE(slept, 0.999 * simulated) << protocol.lag << " " << latency;     // no sleep is shorter
      EXPECT_LE(slept, 2 * simulated + 0.05) << protocol.lag << " " << latency;  // on a machine that is busy
    }
}

}  // namespace
}  // namespace chronograd
