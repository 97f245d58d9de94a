// SPDX-License-Identifier: Apache-2.0
// Credit that goes back as far as is drawn: its mean over all that can be drawn, and its variance.
#include <gtest/gtest.h>

#include <cmath>

#include "conformance/hand_run.hpp"
#include "entry_options.hpp"

namespace chronograd::identities {
namespace {

using conformance::distance;
using conformance::HandCase;
using conformance::HandRun;
using Numbers = HandRun::Numbers;

class Roulette : public testing::TestWithParam<const CellRecord*> {
 protected:
  static constexpr int d = 4, B = 2, T = 9;
  HandRun run(int layers) const {
    HandRun hand({"", GetParam(), entry_options(GetParam()->entry), layers}, d, B, T, 5);
    hand.cut[area(3, B) + 1] = 1;
    // One loss, at the end: what is drawn at its step is all that is drawn.
    std::fill(hand.c.begin(), hand.c.end() - static_cast<std::ptrdiff_t>(area(B, hand.stack().shown_width())), 0);
    return hand;
  }
};

TEST_P(Roulette, IsTheGradientInTheMeanWithTheVarianceThatIsStated) {
  for (const int layers : {1, 2})
    for (const int sure : {0, 2})
      for (const int reach : {5, 20}) {
        HandRun hand = run(layers);
        constexpr double keep = 0.7;
        const std::map<std::string, Value> settings = {{"reach", std::int64_t{reach}},
                                                       {"reach_by", std::string("roulette")},
                                                       {"sure", std::int64_t{sure}},
                                                       {"keep", keep}};
        const auto near = [&](std::int64_t steps) { return hand.gradient("immediate", 1, {{"reach", steps}}); };
        const Numbers wanted = near(reach);
        const int most = std::min(reach, T - 1);  // steps back; `most` - sure of them are drawn
        Numbers mean(wanted.size());
        double variance = 0, sum = 0;
        for (int level = sure; level <= most; ++level) {
          const double chance = std::pow(keep, level - sure) * (level < most ? 1 - keep : 1);
          const Numbers drawn = hand.gradient("immediate", 1, settings, [&](int, std::int64_t, int number) {
            return number < level - sure ? 0.0 : level < most ? 1.0 : 0.0;
          });
          sum += chance;
          for (std::size_t i = 0; i < mean.size(); ++i) {
            mean[i] += chance * drawn[i];
            variance += chance * (drawn[i] - wanted[i]) * (drawn[i] - wanted[i]);
          }
        }
        EXPECT_NEAR(sum, 1, 1e-12);
        EXPECT_LT(distance(mean, wanted), 1e-12);
        double stated = 0;
        for (int i = sure + 1; i <= most; ++i) {
          const Numbers before = near(i - 1);  // what comes from fewer than i steps back
          double tail = 0;
          for (std::size_t j = 0; j < wanted.size(); ++j) tail += (wanted[j] - before[j]) * (wanted[j] - before[j]);
          stated += (std::pow(keep, sure - i) - std::pow(keep, sure - i + 1)) * tail;
        }
        EXPECT_NEAR(variance, stated, 1e-11 * stated) << layers << " layers, sure " << sure << ", reach " << reach;
      }
}

TEST_P(Roulette, ThatAlwaysGoesOnIsTheReach) {
  HandRun hand = run(2);
  EXPECT_EQ(
      hand.gradient("immediate", 1, {{"reach", std::int64_t{6}}, {"reach_by", std::string("roulette")}, {"keep", 1.0}}),
      hand.gradient("immediate", 1, {{"reach", std::int64_t{6}}}));
}

INSTANTIATE_TEST_SUITE_P(catalogue, Roulette, testing::ValuesIn(catalogue<CellRecord>()),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::identities
