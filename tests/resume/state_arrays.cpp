// SPDX-License-Identifier: Apache-2.0
#include "files/state_arrays.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

struct Thing {
  std::vector<float> a = {1, -0.0F, std::numeric_limits<float>::denorm_min()};
  std::vector<double> b = {0.1};
  std::vector<float> none;
  std::int64_t n = -(std::int64_t{1} << 60);
  void state(Archive& archive) {
    archive.array("a", a);
    Within inner(archive, "in/");
    inner.array("b", b);
    inner.array("none", none);
    inner.number("n", n);
  }
};

TEST(StateArrays, ComeBackAsTheyWere) {
  Arrays arrays;
  Saving saving(arrays);
  Thing thing;
  thing.state(saving);
  Thing other;
  other.a = {7, 7, 7};
  other.b = {7};
  other.n = 7;
  Restoring restoring(arrays, "here");
  other.state(restoring);
  restoring.finish();
  EXPECT_EQ(other.a, thing.a);
  EXPECT_TRUE(std::signbit(other.a[1]));
  EXPECT_EQ(other.b, thing.b);
  EXPECT_EQ(other.n, thing.n);
  EXPECT_EQ(arrays.size(), 4U);
  EXPECT_TRUE(arrays.contains("in/none"));
  EXPECT_THROW(thing.state(saving), std::logic_error) << "two arrays with one name";
}

TEST(StateArrays, FiniteCheckFindsWhatIsNot) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    Thing thing;
    FiniteCheck good, check;
    thing.state(good);
    EXPECT_TRUE(good.finite());
    thing.b[0] = bad;
    thing.state(check);
    EXPECT_FALSE(check.finite());
  }
}

}  // namespace
}  // namespace chronograd
