// SPDX-License-Identifier: Apache-2.0
// A reverse tape: every operation on a Var records its parents and partial derivatives; one sweep backwards gives the
// derivative of a result with respect to everything.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace chronograd::checking {

class Tape {
 public:
  /// Records a node with up to two parents (-1: none) and the partial derivatives to them; returns its number.
  int add(int parent0, double partial0, int parent1, double partial1) {
    nodes_.push_back({parent0, parent1, partial0, partial1});
    return static_cast<int>(nodes_.size()) - 1;
  }

  /// d result / d node, for all nodes.
  std::vector<double> sweep(int result) const {
    std::vector<double> adjoint(nodes_.size(), 0.0);
    if (result < 0) return adjoint;
    adjoint[result] = 1;
    for (int k = result; k >= 0; --k) {
      const Node& node = nodes_[k];
      if (node.parent0 >= 0) adjoint[node.parent0] += node.partial0 * adjoint[k];
      if (node.parent1 >= 0) adjoint[node.parent1] += node.partial1 * adjoint[k];
    }
    return adjoint;
  }

 private:
  struct Node {
    int parent0, parent1;
    double partial0, partial1;
  };
  std::vector<Node> nodes_;
};

/// A number on a tape, or a constant (no tape).
struct Var {
  double value = 0;
  Tape* tape = nullptr;
  int node = -1;

  Var() = default;
  Var(double constant) : value(constant) {}  // NOLINT: constants mix freely with variables, as in formulas
  Var(double v, Tape& t) : value(v), tape(&t), node(t.add(-1, 0, -1, 0)) {}
};

inline double value_of(const Var& x) {
  return x.value;
}

inline Var chain(const Var& x, double f, double df) {
  Var r(f);
  if (x.tape != nullptr) {
    r.tape = x.tape;
    r.node = x.tape->add(x.node, df, -1, 0);
  }
  return r;
}

inline Var chain(const Var& x, const Var& y, double f, double dx, double dy) {
  Var r(f);
  r.tape = x.tape != nullptr ? x.tape : y.tape;
  if (r.tape != nullptr) r.node = r.tape->add(x.node, dx, y.node, dy);
  return r;
}

inline Var operator+(const Var& x, const Var& y) {
  return chain(x, y, x.value + y.value, 1, 1);
}
inline Var operator-(const Var& x, const Var& y) {
  return chain(x, y, x.value - y.value, 1, -1);
}
inline Var operator*(const Var& x, const Var& y) {
  return chain(x, y, x.value * y.value, y.value, x.value);
}
inline Var operator/(const Var& x, const Var& y) {
  const double q = x.value / y.value;
  return chain(x, y, q, 1 / y.value, -q / y.value);
}
inline Var operator-(const Var& x) {
  return chain(x, -x.value, -1);
}

inline Var exp(const Var& x) {
  const double e = std::exp(x.value);
  return chain(x, e, e);
}
inline Var log(const Var& x) {
  return chain(x, std::log(x.value), 1 / x.value);
}
inline Var log1p(const Var& x) {
  return chain(x, std::log1p(x.value), 1 / (1 + x.value));
}
inline Var sqrt(const Var& x) {
  const double root = std::sqrt(x.value);
  return chain(x, root, 0.5 / root);
}
inline Var sin(const Var& x) {
  return chain(x, std::sin(x.value), std::cos(x.value));
}
inline Var cos(const Var& x) {
  return chain(x, std::cos(x.value), -std::sin(x.value));
}
inline Var tanh(const Var& x) {
  const double t = std::tanh(x.value);
  return chain(x, t, (1 - t) * (1 + t));
}

}  // namespace chronograd::checking
