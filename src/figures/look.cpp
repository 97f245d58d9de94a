// SPDX-License-Identifier: Apache-2.0
#include "figures/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "chronograd/rule.hpp"

namespace chronograd {
namespace {

// Found by a search for twenty colours that stay apart (5 % of OKLab's white-to-black and more) to the eyes of people
// with normal vision, protanopia, deuteranopia and tritanopia, on white and on dark ground, with a contrast of at least
// 3 to it. A test holds the table to that.
const std::vector<Look>& table() {
  static const std::vector<Look> all = {
      {"ink", "#18171E", "#EAE9F3", Mark::square, ""},       {"blue", "#3335EF", "#6A88FF", Mark::circle, ""},
      {"sky", "#079ED6", "#42C3FF", Mark::diamond, ""},      {"green", "#0CA03C", "#84FA84", Mark::triangle, ""},
      {"orange", "#D37000", "#FF9337", Mark::wedge, ""},     {"mauve", "#A36AA0", "#CF92CB", Mark::square, ""},
      {"brown", "#7C4F00", "#C2810F", Mark::circle, ""},     {"indigo", "#3C017D", "#8343ED", Mark::diamond, ""},
      {"umber", "#4A2200", "#946746", Mark::triangle, ""},   {"pine", "#496657", "#7D9C8B", Mark::wedge, ""},
      {"plum", "#59436B", "#947DA8", Mark::square, ""},      {"stone", "#949584", "#B7B7A6", Mark::circle, ""},
      {"steel", "#013B5F", "#087FC3", Mark::diamond, ""},    {"navy", "#002246", "#0A69BE", Mark::triangle, ""},
      {"wine", "#7B003A", "#C94D77", Mark::wedge, ""},       {"moss", "#6A7D53", "#96AB7F", Mark::square, ""},
      {"teal", "#0B7979", "#00B1B1", Mark::circle, ""},      {"iris", "#5F59FC", "#8E99FF", Mark::diamond, ""},
      {"magenta", "#BB00A6", "#FC3AE1", Mark::triangle, ""}, {"bronze", "#5B3400", "#B06B10", Mark::wedge, ""},
  };
  return all;
}

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

std::span<const Look> looks() {
  return table();
}

const Look* find_look(const std::string& name) {
  for (const Look& look : table())
    if (look.name == name) return &look;
  return nullptr;
}

Look look_of(const std::string& rule) {
  const std::string name = rule.substr(0, rule.find('('));
  for (const RuleRecord* record : catalogue<RuleRecord>())
    if (const Look* look = name == record->entry.name ? find_look(record->look) : nullptr) return *look;
  std::size_t sum = 0;
  for (const char c : name) sum = sum * 31 + static_cast<unsigned char>(c);
  return table()[sum % table().size()];
}

Look plain_look(std::size_t n) {
  constexpr std::array<const char*, 6> order = {"blue", "orange", "green", "wine", "sky", "ink"};
  return variant(*find_look(order[n % order.size()]), n / order.size());
}

Look quiet_look() {
  return {"quiet", "#B0B6BE", "#666E79", Mark::circle, ""};
}

Look variant(Look look, std::size_t n) {
  constexpr std::array<const char*, 5> dashes = {"", "7 3", "2 3", "9 3 2 3", "4 2"};
  look.dash = dashes[n % dashes.size()];
  return look;
}

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
