// SPDX-License-Identifier: Apache-2.0
#include "figures/look.hpp"

#include <array>

#include "chronograd/rule.hpp"

namespace chronograd {
namespace {

// Found by searches for colours that stay apart (5 % of OKLab's white-to-black and more) to the eyes of people
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
      {"gold", "#8A6600", "#F3C606", Mark::square, ""},      {"violet", "#8C4BC8", "#D7CDE1", Mark::circle, ""},
      {"pink", "#FF41D2", "#AA328C", Mark::diamond, ""},
  };
  return all;
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

}  // namespace chronograd
