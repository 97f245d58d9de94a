// SPDX-License-Identifier: Apache-2.0
// Groups of pre-activations that read the same regressors, for rules that keep an influence in products: within one,
// Mbar[k,(i,j)] = G[k,i] z[j], i a pre-activation (row), j a regressor (column), the last of which is the constant 1
// (but in cells without biases).
#pragma once

#include <vector>

#include "checking/dense_rule.hpp"

namespace chronograd::checking {

struct Group {
  struct Column {
    char reads;  ///< 'h' of the step before, 'x', what the layer reads, or '1'
    int number;
  };
  int layer;
  std::vector<Column> columns;
  std::vector<std::vector<std::size_t>> index;  ///< [rows][cols] of each weight among the layers' parameters
  int rows() const { return static_cast<int>(index.size()); }
  int cols() const { return static_cast<int>(columns.size()); }
};

/// In the order in which rules draw for them: layer after layer; leaky: u. gru: candidate from below; z, r; candidate
/// from before. lstm: i, f, g, o. leaky_diagonal: u; its own weight. lru: real, imaginary part; nu_log, theta_log.
/// lru_real: u; nu_log. rtu: W_1 x, W_2 x; w_r, w_th. elstm: z, f, o; w_z, w_f, w_o. alif: u. Trained: alpha_logit,
/// last.
std::vector<Group> groups_of(const Layout& layout);

/// The regressors z of a group at a step of stream b.
Vector regressors_of(const OracleProblem& problem, const Layout& layout, const Group& group, const DenseStep& step,
                     int b);

/// G [N S d][rows] of a group: what the step's influence says of the weights from the constant 1 (cells without
/// biases: of what is added).
Vector gain_of(const Layout& layout, const Group& group, const LinearStep& linear);

/// Square root of the sum of squares.
double norm(const Vector& v);

}  // namespace chronograd::checking
