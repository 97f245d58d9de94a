// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "figures/look.hpp"

namespace chronograd {
namespace {

struct Rgb {
  double r, g, b;
};

/// Equally spaced stops of two scales: viridis, and ColorBrewer's blue-white-red.
constexpr std::array<Rgb, 9> rising = {{{68, 1, 84},
                                        {72, 40, 120},
                                        {62, 74, 137},
                                        {49, 104, 142},
                                        {38, 130, 142},
                                        {31, 158, 137},
                                        {74, 193, 109},
                                        {160, 218, 57},
                                        {253, 231, 37}}};
constexpr std::array<Rgb, 9> two_sided = {{{33, 102, 172},
                                           {67, 147, 195},
                                           {146, 197, 222},
                                           {209, 229, 240},
                                           {247, 247, 247},
                                           {253, 219, 199},
                                           {244, 165, 130},
                                           {214, 96, 77},
                                           {178, 24, 43}}};

double luminance(const std::string& colour) {
  const auto part = [&](std::size_t at) {
    const double c = std::stoi(colour.substr(at, 2), nullptr, 16) / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

}  // namespace

std::string shade(double share, bool diverging) {
  const auto& stops = diverging ? two_sided : rising;
  const double at = std::clamp(std::isfinite(share) ? share : 0.0, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
  const auto first = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  const double part = at - static_cast<double>(first);
  const Rgb &a = stops[first], &b = stops[first + 1];
  const auto mixed = [&](double from, double to) { return static_cast<int>(std::lround(from + part * (to - from))); };
  return fmt::format("#{:02X}{:02X}{:02X}", mixed(a.r, b.r), mixed(a.g, b.g), mixed(a.b, b.b));
}

bool is_light(const std::string& colour) {
  return luminance(colour) > 0.179;  // where black and white have the same contrast
}

}  // namespace chronograd
