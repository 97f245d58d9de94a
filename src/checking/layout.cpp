// SPDX-License-Identifier: Apache-2.0
#include "checking/layout.hpp"

#include <algorithm>
#include <initializer_list>

#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

template <class E>
E choose(const char* what, const std::string& name, std::initializer_list<const char*> names) {
  int k = 0;
  std::string all;
  for (const char* candidate : names) {
    if (name == candidate) return static_cast<E>(k);
    all += (k++ == 0 ? "" : ", ") + std::string(candidate);
  }
  throw Error(Exit::usage, what, "got '" + name + "', allowed are " + all + ".");
}

void require_size(const char* what, const Vector& array, std::size_t size, bool optional) {
  if (array.size() == size || (optional && array.empty())) return;
  throw Error(Exit::usage, what,
              "got " + std::to_string(array.size()) + " numbers, needed are " + std::to_string(size) + ".");
}

void check_arrays(const OracleProblem& problem, const Layout& layout) {
  const std::size_t B = problem.B, T = problem.T, d = problem.d, n = problem.n, m = problem.m, G = layout.gates;
  require_size("x", problem.x, B * T * n, false);
  require_size("y", problem.y, B * T * m, false);
  require_size("mask", problem.mask, B * T, true);
  require_size("reset", problem.reset, B * T, true);
  require_size("weight", problem.weight, B, true);
  require_size("h0", problem.h0, B * d, true);
  require_size("c0", problem.c0, layout.cell == CellKind::lstm ? B * d : 0, true);
  require_size("W_rec_mask", problem.W_rec_mask, G * d * d, true);
  require_size("W_in_mask", problem.W_in_mask, G * d * n, true);
  require_size("feedback", problem.feedback, d * m, true);
  require_size("xi", problem.xi, layout.cell == CellKind::leaky ? B * T * d : 0, true);
  if (layout.cell == CellKind::leaky) {
    require_size("alpha", problem.alpha, d, false);
    for (const double a : problem.alpha)
      if (!(a > 0 && a <= 1)) throw Error(Exit::usage, "alpha", "got " + std::to_string(a) + ", allowed is (0, 1].");
  }
  const bool positive = layout.output == Function::softmax || layout.output == Function::sigmoid;
  if ((layout.loss == LossKind::bce && !positive) ||
      (layout.loss == LossKind::cross_entropy && !positive && layout.output != Function::softplus))
    throw Error(Exit::usage, "output", "got '" + problem.output + "', which " + problem.loss + " cannot take.");
}

}  // namespace

Layout::Layout(const OracleProblem& problem)
    : cell(choose<CellKind>("cell", problem.cell, {"leaky", "gru", "lstm"})),
      activation(
          choose<Function>("activation", problem.activation, {"identity", "tanh", "sigmoid", "relu", "softplus"})),
      output(
          choose<Function>("output", problem.output, {"identity", "tanh", "sigmoid", "relu", "softplus", "softmax"})),
      loss(choose<LossKind>("loss", problem.loss, {"mse", "cross_entropy", "bce"})),
      d(problem.d),
      n(problem.n),
      m(problem.m),
      states(cell == CellKind::lstm ? 2 : 1),
      gates(cell == CellKind::leaky ? 1
            : cell == CellKind::gru ? 3
                                    : 4),
      p(0),
      total(0) {
  for (const int size : {d, n, m, problem.B, problem.T})
    if (size < 1) throw Error(Exit::usage, "sizes", "got " + std::to_string(size) + ", allowed is 1 or more.");
  check_arrays(problem, *this);
  const auto add = [&](const char* name, int rows, int cols) {
    shapes.push_back({name, rows, cols, total});
    total += shapes.back().size();
    return shapes.back().at;
  };
  if (cell == CellKind::leaky) {
    W_rec = add("W_rec", d, d);
    W_in = add("W_in", d, n);
    b_in = b_rec = add("b_h", d, 1);
  } else {
    W_in = add("weight_ih_l0", gates * d, n);
    W_rec = add("weight_hh_l0", gates * d, d);
    b_in = add("bias_ih_l0", gates * d, 1);
    b_rec = add("bias_hh_l0", gates * d, 1);
  }
  p = total;
  W_out = add("W_out", m, d);
  b_y = add("b_y", m, 1);
  present.assign(total, 1.0);
  std::transform(problem.W_rec_mask.begin(), problem.W_rec_mask.end(), present.begin() + W_rec,
                 [](double v) { return v != 0 ? 1.0 : 0.0; });
  std::transform(problem.W_in_mask.begin(), problem.W_in_mask.end(), present.begin() + W_in,
                 [](double v) { return v != 0 ? 1.0 : 0.0; });
}

std::size_t Layout::place(const std::string& name) const {
  for (const ParameterShape& shape : shapes)
    if (shape.name == name) return shape.at;
  throw Error(Exit::usage, name, "is no parameter of this cell.");
}

std::vector<int> Layout::unit_of_parameter() const {
  std::vector<int> unit(p);
  for (const ParameterShape& shape : shapes)
    for (std::size_t k = 0; shape.at < p && k < shape.size(); ++k)
      unit[shape.at + k] = static_cast<int>(k) / shape.cols % d;
  return unit;
}

std::vector<int> Layout::gate_of_parameter() const {
  std::vector<int> gate(p);
  for (const ParameterShape& shape : shapes)
    for (std::size_t k = 0; shape.at < p && k < shape.size(); ++k)
      gate[shape.at + k] = static_cast<int>(k) / shape.cols / d;
  return gate;
}

Vector Layout::pack(const Named& parameters) const {
  Vector theta(total);
  for (const ParameterShape& shape : shapes) {
    const auto found = parameters.find(shape.name);
    if (found == parameters.end()) throw Error(Exit::usage, shape.name, "is missing.");
    require_size(shape.name.c_str(), found->second, shape.size(), false);
    std::copy(found->second.begin(), found->second.end(), theta.begin() + shape.at);
  }
  return theta;
}

Named Layout::unpack(const Vector& theta) const {
  Named parameters;
  for (const ParameterShape& shape : shapes)
    parameters[shape.name].assign(theta.begin() + shape.at, theta.begin() + shape.at + shape.size());
  return parameters;
}

bool begins(const OracleProblem& problem, int b, int t) {
  return !problem.reset.empty() && problem.reset[b * problem.T + t] != 0;
}

double loss_weight(const OracleProblem& problem, int b, int t) {
  return (problem.weight.empty() ? 1.0 : problem.weight[b]) *
         (problem.mask.empty() ? 1.0 : problem.mask[b * problem.T + t]);
}

Vector initial_state(const OracleProblem& problem, const Layout& layout, int b) {
  const int d = layout.d;
  Vector state(layout.width(), 0.0);
  if (!problem.h0.empty()) std::copy_n(problem.h0.begin() + b * d, d, state.begin());
  if (!problem.c0.empty()) std::copy_n(problem.c0.begin() + b * d, d, state.begin() + d);
  return state;
}

}  // namespace chronograd::checking
