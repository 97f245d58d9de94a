// SPDX-License-Identifier: Apache-2.0
#include "checking/groups.hpp"

#include <cmath>

namespace chronograd::checking {
namespace {

/// A parameter that rows of a group read regressors through, from its row `first` on.
struct Piece {
  const char* name;
  char reads;
  int first = 0;
};

void add_rows(const Layout& layout, int count, const std::vector<Piece>& pieces, Group& group) {
  group.columns.clear();
  group.index.resize(group.index.size() + count);
  for (const Piece& piece : pieces) {
    const std::size_t place = layout.place(name_in_layer(piece.name, group.layer));
    const int cols = piece.reads == 'h' ? layout.d : piece.reads == 'x' ? layout.inputs(group.layer) : 1;
    for (int j = 0; j < cols; ++j) {
      group.columns.push_back({piece.reads, j});
      for (int i = 0; i < count; ++i)
        group.index[group.rows() - count + i].push_back(place + (piece.first + i) * cols + j);
    }
  }
}

std::vector<Group> groups_in(const Layout& layout, int layer) {
  const int d = layout.d;
  const auto empty = Group{layer, {}, {}};
  std::vector<Group> found(layout.cell == CellKind::gru ? 3 : layout.recurs ? 1 : 2, empty);
  const auto gated = [](int row) -> std::vector<Piece> {
    return {{"weight_hh_l0", 'h', row}, {"bias_hh_l0", '1', row}, {"weight_ih_l0", 'x', row}, {"bias_ih_l0", '1', row}};
  };
  switch (layout.cell) {
    case CellKind::leaky:
      add_rows(layout, d, {{"W_rec", 'h'}, {"W_in", 'x'}, {"b_h", '1'}}, found[0]);
      break;
    case CellKind::lstm:
      add_rows(layout, 4 * d, gated(0), found[0]);
      break;
    case CellKind::gru:  // files have the gates in the order r z n
      add_rows(layout, d, {{"weight_ih_l0", 'x', 2 * d}, {"bias_ih_l0", '1', 2 * d}}, found[0]);
      add_rows(layout, d, gated(d), found[1]);
      add_rows(layout, d, gated(0), found[1]);
      add_rows(layout, d, {{"weight_hh_l0", 'h', 2 * d}, {"bias_hh_l0", '1', 2 * d}}, found[2]);
      break;
    case CellKind::leaky_diagonal:
      add_rows(layout, d, {{"W_in", 'x'}, {"b_h", '1'}}, found[0]);
      add_rows(layout, d, {{"W_rec", '1'}}, found[1]);
      break;
    case CellKind::lru:
      add_rows(layout, d, {{"B_re", 'x'}, {"b_re", '1'}}, found[0]);
      add_rows(layout, d, {{"B_im", 'x'}, {"b_im", '1'}}, found[0]);
      add_rows(layout, d, {{"nu_log", '1'}}, found[1]);
      add_rows(layout, d, {{"theta_log", '1'}}, found[1]);
      break;
    case CellKind::lru_real:
      add_rows(layout, d, {{"B", 'x'}, {"b", '1'}}, found[0]);
      add_rows(layout, d, {{"nu_log", '1'}}, found[1]);
      break;
    case CellKind::rtu:
      for (const char* name : {"W_1", "W_2"}) add_rows(layout, d, {{name, 'x'}}, found[0]);
      for (const char* name : {"w_r", "w_th"}) add_rows(layout, d, {{name, '1'}}, found[1]);
      break;
    case CellKind::elstm:
      add_rows(layout, d, {{"W_z", 'x'}, {"b_z", '1'}}, found[0]);
      add_rows(layout, d, {{"W_f", 'x'}, {"b_f", '1'}}, found[0]);
      add_rows(layout, d, {{"W_o", 'x'}, {"b_o", '1'}}, found[0]);
      for (const char* name : {"w_z", "w_f", "w_o"}) add_rows(layout, d, {{name, '1'}}, found[1]);
      break;
    case CellKind::alif:
      add_rows(layout, d, {{"W_rec", 'h'}, {"W_in", 'x'}}, found[0]);
      break;
  }
  if (layout.trained) {
    found.push_back(empty);
    add_rows(layout, d, {{"alpha_logit", '1'}}, found.back());
  }
  return found;
}

}  // namespace

std::vector<Group> groups_of(const Layout& layout) {
  std::vector<Group> all;
  for (int l = 0; l < layout.layers; ++l)
    for (Group& group : groups_in(layout, l)) all.push_back(std::move(group));
  return all;
}

Vector regressors_of(const OracleProblem& problem, const Layout& layout, const Group& group, const DenseStep& step,
                     int b) {
  Vector z;
  for (const Group::Column& column : group.columns) {
    if (column.reads == 'h')
      z.push_back(step.cut[b] ? 0.0 : step.before[b][layout.first(group.layer) + column.number]);
    else if (column.reads == '1')
      z.push_back(1);
    else if (group.layer == 0)
      z.push_back(problem.x[(b * problem.T + step.t) * problem.n + column.number]);
    else
      z.push_back(step.linear[b].after[layout.first(group.layer - 1) + column.number]);
  }
  return z;
}

Vector gain_of(const Layout& layout, const Group& group, const LinearStep& linear) {
  Vector G;
  for (int k = 0; k < layout.width(); ++k)
    for (int i = 0; i < group.rows(); ++i)
      if (group.columns.back().reads == '1')
        G.push_back(linear.influence[k * layout.p + group.index[i].back()]);
      else  // no biases
        G.push_back(linear.drive[(k * layout.layers + group.layer) * 2 * layout.d + i]);
  return G;
}

double norm(const Vector& v) {
  double sum = 0;
  for (const double e : v) sum += e * e;
  return std::sqrt(sum);
}

}  // namespace chronograd::checking
