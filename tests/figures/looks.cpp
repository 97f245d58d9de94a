// SPDX-License-Identifier: Apache-2.0
// One colour a rule, and every two of them different to everybody: with normal vision, protanopia, deuteranopia and
// tritanopia, on light and on dark ground.
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <set>

#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "figures/look.hpp"

namespace chronograd {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

Vector product(const Matrix& m, const Vector& v) {
  Vector out{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) out[i] += m[i][j] * v[j];
  return out;
}

Vector linear(const std::string& colour) {
  Vector out{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    out[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return out;
}

/// Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB; the first is normal vision.
const std::array<Matrix, 4> visions = {{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
}};

/// Ottosson's OKLab, in which distances are alike to the eye.
Vector oklab(Vector rgb) {
  for (double& c : rgb) c = std::clamp(c, 0.0, 1.0);
  Vector lms = product({{{0.4122214708, 0.5363325363, 0.0514459929},
                         {0.2119034982, 0.6806995451, 0.1073969566},
                         {0.0883024619, 0.2817188376, 0.6299787005}}},
                       rgb);
  for (double& c : lms) c = std::cbrt(c);
  return product({{{0.2104542553, 0.7936177850, -0.0040720468},
                   {1.9779984951, -2.4285922050, 0.4505937099},
                   {0.0259040371, 0.7827717662, -0.8086757660}}},
                 lms);
}

double least_distance(const std::string& a, const std::string& b) {
  double least = 1;
  for (const Matrix& vision : visions) {
    const Vector p = oklab(product(vision, linear(a))), q = oklab(product(vision, linear(b)));
    least = std::min(least, std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return least;
}

double luminance(const std::string& colour) {
  const Vector c = linear(colour);
  return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

TEST(Looks, EveryRuleHasItsOwn) {
  std::set<std::string> known, taken;
  for (const Look& look : looks()) EXPECT_TRUE(known.insert(look.name).second) << look.name;
  for (const RuleRecord* rule : catalogue<RuleRecord>()) {
    const std::string name = rule->entry.name;
    EXPECT_TRUE(known.contains(rule->look)) << name << ": .look must be a word of src/figures/look.cpp";
    EXPECT_TRUE(taken.insert(rule->look).second) << name << " has the look of another rule, " << rule->look;
    EXPECT_EQ(look_of(name).name, rule->look);
    EXPECT_EQ(look_of(name + "(L=7)").light, look_of(name).light);
  }
}

TEST(Looks, ARuleWithoutOneHasTheSameEachTime) {
  EXPECT_EQ(look_of("a_rule_of_tomorrow").name, look_of("a_rule_of_tomorrow(n=2)").name);
  RuleRecord rule = *catalogue<RuleRecord>().front();
  rule.entry.name = "my_rule_with_a_colour";
  rule.look = "teal";
  add_entry(rule);
  EXPECT_EQ(look_of("my_rule_with_a_colour").name, "teal");
  remove_entry<RuleRecord>("my_rule_with_a_colour");
  rule.look = "no colour";
  EXPECT_THROW(add_entry(rule), Error);
}

TEST(Looks, AnyTwoAreToldApartByEverybody) {
  for (const Look& a : looks())
    for (const Look& b : looks()) {
      if (&a == &b) continue;
      EXPECT_GT(least_distance(a.light, b.light), 0.05) << a.name << " " << b.name;
      EXPECT_GT(least_distance(a.dark, b.dark), 0.05) << a.name << " " << b.name;
    }
}

TEST(Looks, AllStandOutFromTheirGround) {
  const double dark_ground = luminance("#14171C");  // report.css
  for (const Look& look : looks()) {
    EXPECT_GE(1.05 / (luminance(look.light) + 0.05), 3) << look.name;
    EXPECT_GE((luminance(look.dark) + 0.05) / (dark_ground + 0.05), 3) << look.name;
  }
}

TEST(Shades, RiseInLightness) {
  double before = -1;
  for (int i = 0; i <= 20; ++i) {
    const double now = luminance(shade(i / 20.0, false));
    EXPECT_GT(now, before);
    before = now;
  }
  EXPECT_EQ(shade(0.5, true), "#F7F7F7");
  EXPECT_EQ(shade(-3, true), shade(0, true));
  EXPECT_TRUE(is_light("#FFFFFF"));
  EXPECT_FALSE(is_light("#000000"));
}

}  // namespace
}  // namespace chronograd
