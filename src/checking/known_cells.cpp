// SPDX-License-Identifier: Apache-2.0
// The cells that the oracles know: their parameters, in the order and with the shapes of files.
#include "checking/layout.hpp"

namespace chronograd::checking {

const std::vector<CellFacts>& known_cells() {
  static const std::vector<CellFacts> cells = {
      {"leaky",
       CellKind::leaky,
       1,
       true,
       true,
       {{"W_rec", Part::recurrent, 1, 0, 1}, {"W_in", Part::input, 1, 0, 1}, {"b_h", Part::unit, 1, 0, 0.2}}},
      {"leaky_diagonal",
       CellKind::leaky_diagonal,
       1,
       true,
       true,
       {{"W_rec", Part::own, 1, 0, 0.7}, {"W_in", Part::input, 1, 0, 1}, {"b_h", Part::unit, 1, 0, 0.2}}},
      {"gru",
       CellKind::gru,
       1,
       false,
       false,
       {{"weight_ih_l0", Part::input, 3, 0, 1},
        {"weight_hh_l0", Part::recurrent, 3, 0, 1},
        {"bias_ih_l0", Part::unit, 3, 0, 0.2},
        {"bias_hh_l0", Part::unit, 3, 0, 0.2}}},
      {"lstm",
       CellKind::lstm,
       2,
       false,
       false,
       {{"weight_ih_l0", Part::input, 4, 0, 1},
        {"weight_hh_l0", Part::recurrent, 4, 0, 1},
        {"bias_ih_l0", Part::unit, 4, 0, 0.2},
        {"bias_hh_l0", Part::unit, 4, 0, 0.2}}},
      {"lru",
       CellKind::lru,
       3,
       false,
       true,
       {{"nu_log", Part::unit, 1, -1.2, 0.5},
        {"theta_log", Part::unit, 1, -0.4, 0.7},
        {"B_re", Part::input, 1, 0, 1},
        {"B_im", Part::input, 1, 0, 1},
        {"b_re", Part::unit, 1, 0, 0.3},
        {"b_im", Part::unit, 1, 0, 0.3}}},
      {"lru_real",
       CellKind::lru_real,
       2,
       false,
       true,
       {{"nu_log", Part::unit, 1, -1.2, 0.5}, {"B", Part::input, 1, 0, 1}, {"b", Part::unit, 1, 0, 0.3}}},
      {"rtu",
       CellKind::rtu,
       4,
       false,
       true,
       {{"W_1", Part::input, 1, 0, 1},
        {"W_2", Part::input, 1, 0, 1},
        {"w_r", Part::unit, 1, -1.2, 0.5},
        {"w_th", Part::unit, 1, -0.4, 0.7}},
       2},
      {"elstm",
       CellKind::elstm,
       2,
       false,
       false,
       {{"W_z", Part::input, 1, 0, 1},
        {"W_f", Part::input, 1, 0, 1},
        {"W_o", Part::input, 1, 0, 1},
        {"w_z", Part::own, 1, 0, 0.7},
        {"w_f", Part::own, 1, 0, 0.7},
        {"w_o", Part::own, 1, 0, 0.7},
        {"b_z", Part::unit, 1, 0, 0.2},
        {"b_f", Part::unit, 1, 0, 0.2},
        {"b_o", Part::unit, 1, 0, 0.2}}},
      {"alif", CellKind::alif, 3, false, false, {{"W_rec", Part::recurrent, 1, 0, 1}, {"W_in", Part::input, 1, 0, 1}}},
  };
  return cells;
}

const CellFacts* find_cell(const std::string& name) {
  for (const CellFacts& cell : known_cells())
    if (name == cell.name) return &cell;
  return nullptr;
}

std::string name_in_layer(const std::string& bottom, int l) {
  const bool numbered = bottom.ends_with("_l0");
  if (l == 0) return bottom;
  return (numbered ? bottom.substr(0, bottom.size() - 3) : bottom) + "_l" + std::to_string(l);
}

}  // namespace chronograd::checking
