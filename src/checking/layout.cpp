// SPDX-License-Identifier: Apache-2.0
#include "checking/layout.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

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
  const std::size_t B = problem.B, T = problem.T, d = problem.d, n = problem.n, m = problem.m, L = problem.layers;
  require_size("x", problem.x, B * T * n, false);
  require_size("y", problem.y, B * T * m, false);
  require_size("mask", problem.mask, B * T, true);
  require_size("reset", problem.reset, B * T, true);
  require_size("weight", problem.weight, B, true);
  require_size("h0", problem.h0, L * B * d, true);
  require_size("c0", problem.c0, L * B * d * static_cast<std::size_t>(layout.states - layout.carried - 1), true);
  std::size_t recurrent = 0, input = 0;
  for (const ParameterShape& shape : layout.shapes) {
    if (shape.part == Part::recurrent || shape.part == Part::own) recurrent += shape.size();
    if (shape.part == Part::input && shape.begin < layout.p) input += shape.size();
  }
  require_size("W_rec_mask", problem.W_rec_mask, recurrent, true);
  require_size("W_in_mask", problem.W_in_mask, input, true);
  require_size("feedback", problem.feedback, static_cast<std::size_t>(layout.heads) * d * m, true);
  const std::size_t steps = B * T, q = problem.third.size() / steps;
  if (problem.third.size() != q * steps || (q > 1 && q != d && q != L * d))
    throw Error(Exit::usage, "third",
                "got " + std::to_string(problem.third.size()) + " numbers, needed are none, or 1, d or N d a step.");
  require_size("xi", problem.xi, layout.facts.rates ? B * T * L * d : 0, true);
  if (layout.facts.rates && !problem.trained) {
    require_size("alpha", problem.alpha, d, false);
    for (const double a : problem.alpha)
      if (!(a > 0 && a <= 1)) throw Error(Exit::usage, "alpha", "got " + std::to_string(a) + ", allowed is (0, 1].");
  }
  if (layout.cell == CellKind::alif) {
    const Spiking& unit = problem.spiking;
    for (const auto& [name, values] : {std::pair{"decay_v", &unit.decay_v},
                                       {"decay_a", &unit.decay_a},
                                       {"beta", &unit.beta},
                                       {"v_th", &unit.v_th},
                                       {"height", &unit.height},
                                       {"width", &unit.width},
                                       {"n_ref", &unit.n_ref}})
      require_size(name, *values, d, false);
  }
  const bool positive = layout.output == Function::softmax || layout.output == Function::sigmoid;
  if ((layout.loss == LossKind::bce && !positive) ||
      (layout.loss == LossKind::cross_entropy && !positive && layout.output != Function::softplus))
    throw Error(Exit::usage, "output", "got '" + problem.output + "', which " + problem.loss + " cannot take.");
}

/// Whether a unit may be unable to fire.
bool has_silent_steps(const OracleProblem& problem) {
  const Vector& steps = problem.spiking.n_ref;
  return std::any_of(steps.begin(), steps.end(), [](double n) { return n > 1; });
}

const CellFacts& known(const std::string& name) {
  if (const CellFacts* cell = find_cell(name)) return *cell;
  std::string all;
  for (const CellFacts& cell : known_cells()) all += (all.empty() ? "" : ", ") + std::string(cell.name);
  throw Error(Exit::usage, "cell", "got '" + name + "', allowed are " + all + ".");
}

}  // namespace

Layout::Layout(const OracleProblem& problem)
    : facts(known(problem.cell)),
      cell(facts.kind),
      activation(
          choose<Function>("activation", problem.activation, {"identity", "tanh", "sigmoid", "relu", "softplus"})),
      output(
          choose<Function>("output", problem.output, {"identity", "tanh", "sigmoid", "relu", "softplus", "softmax"})),
      loss(choose<LossKind>("loss", problem.loss, {"mse", "cross_entropy", "bce"})),
      layers(problem.layers),
      d(problem.d),
      n(problem.n),
      m(problem.m),
      carried(has_silent_steps(problem) ? 1 : 0),
      states(facts.states + facts.heads * ((problem.kappa > 0 ? 1 : 0) + (problem.average ? 1 : 0)) + carried),
      heads(facts.heads),
      filter_state(facts.states),
      shown_state(problem.kappa > 0 || problem.average ? states - carried - heads : 0) {
  trained = problem.trained;
  for (const int size : {layers, d, n, m, problem.B, problem.T})
    if (size < 1) throw Error(Exit::usage, "sizes", "got " + std::to_string(size) + ", allowed is 1 or more.");
  const auto add = [&](const std::string& name, int rows, int cols, bool is_vector, Part part) {
    shapes.push_back({name, rows, cols, is_vector, part, total});
    total += shapes.back().size();
    return shapes.back().begin;
  };
  for (int l = 0; l < layers; ++l) {
    Places here{};
    here.first = total;
    bool has_unit = false, has_input = false, recurs_here = false;
    for (const CellFacts::Parameter& parameter : facts.parameters) {
      const std::size_t place = add(name_in_layer(parameter.name, l), parameter.gates * d, parameter.cols(inputs(l), d),
                                    parameter.is_vector(), parameter.part);
      gates = std::max(gates, parameter.gates);
      recurs = recurs || parameter.part == Part::recurrent;
      if (parameter.recurs() && !std::exchange(recurs_here, true)) here.W_rec = place;
      if (parameter.part == Part::input && !std::exchange(has_input, true)) here.W_in = place;
      if (parameter.part != Part::unit) continue;
      if (!std::exchange(has_unit, true)) here.b_in = place;
      here.b_rec = place;
    }
    if (problem.trained) here.alpha_logit = add(name_in_layer("alpha_logit", l), d, 1, true, Part::unit);
    places.push_back(here);
  }
  p = total;
  W_out = add("W_out", m, heads * d, false, Part::input);
  b_y = add("b_y", m, 1, true, Part::unit);
  present.assign(total, 1.0);
  auto recurrent = problem.W_rec_mask.begin(), input = problem.W_in_mask.begin();
  check_arrays(problem, *this);
  for (const ParameterShape& shape : shapes) {
    const bool recurs_here = shape.part == Part::recurrent || shape.part == Part::own;
    if (shape.part == Part::unit || shape.begin >= p) continue;
    if ((recurs_here ? problem.W_rec_mask : problem.W_in_mask).empty()) continue;
    for (std::size_t k = 0; k < shape.size(); ++k)
      present[shape.begin + k] = *(recurs_here ? recurrent : input)++ != 0 ? 1.0 : 0.0;
  }
  for (int l = 0; cell == CellKind::alif && l < layers; ++l)  // no unit reads itself
    for (int i = 0; i < d; ++i) present[places[l].W_rec + static_cast<std::size_t>(i * d + i)] = 0;
}

std::size_t Layout::place(const std::string& name) const {
  for (const ParameterShape& shape : shapes)
    if (shape.name == name) return shape.begin;
  throw Error(Exit::usage, name, "is no parameter of this cell.");
}

std::vector<Layout::Target> Layout::targets() const {
  std::vector<Target> found(p);
  int layer = -1;
  for (const ParameterShape& shape : shapes) {
    if (shape.begin >= p) break;
    if (layer + 1 < layers && shape.begin == places[layer + 1].first) ++layer;
    for (std::size_t k = 0; k < shape.size(); ++k) {
      const int row = static_cast<int>(k) / shape.cols;
      found[shape.begin + k] = {layer, row % d, row / d};
    }
  }
  return found;
}

Vector Layout::pack(const Named& parameters) const {
  Vector theta(total);
  for (const ParameterShape& shape : shapes) {
    const auto found = parameters.find(shape.name);
    if (found == parameters.end()) throw Error(Exit::usage, shape.name, "is missing.");
    require_size(shape.name.c_str(), found->second, shape.size(), false);
    std::copy(found->second.begin(), found->second.end(), theta.begin() + shape.begin);
  }
  return theta;
}

Named Layout::unpack(const Vector& theta) const {
  Named parameters;
  for (const ParameterShape& shape : shapes)
    parameters[shape.name].assign(theta.begin() + shape.begin, theta.begin() + shape.begin + shape.size());
  return parameters;
}

bool begins(const OracleProblem& problem, int b, int t) {
  return !problem.reset.empty() && problem.reset[b * problem.T + t] != 0;
}

double step_count(const OracleProblem& problem, int b, int t) {
  return problem.mask.empty() ? 1.0 : problem.mask[b * problem.T + t];
}

double divisor(const OracleProblem& problem, int b, int t) {
  if (!problem.average) return 1;
  double sum = 0;
  for (int s = t; s >= 0; --s) {
    sum += step_count(problem, b, s);
    if (begins(problem, b, s)) break;
  }
  return sum == 0 ? 1 : sum;
}

double loss_weight(const OracleProblem& problem, int b, int t) {
  if (problem.average) {
    bool last = step_count(problem, b, t) != 0;
    for (int s = t + 1; s < problem.T; ++s) last = last && step_count(problem, b, s) == 0;
    return !last ? 0.0 : problem.weight.empty() ? 1.0 : problem.weight[b];
  }
  return (problem.weight.empty() ? 1.0 : problem.weight[b]) *
         (problem.mask.empty() ? 1.0 : problem.mask[b * problem.T + t]);
}

Vector initial_state(const OracleProblem& problem, const Layout& layout, int b) {
  const int d = layout.d;
  Vector state(layout.width(), 0.0);
  for (int l = 0; l < layout.layers; ++l) {
    const int row = (l * problem.B + b) * d;
    if (!problem.h0.empty()) std::copy_n(problem.h0.begin() + row, d, state.begin() + layout.first(l));
    const int more = (layout.states - layout.carried - 1) * d;
    if (!problem.c0.empty())
      std::copy_n(problem.c0.begin() + (l * problem.B + b) * more, more, state.begin() + layout.first(l) + d);
  }
  return state;
}

}  // namespace chronograd::checking
