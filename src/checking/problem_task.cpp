// SPDX-License-Identifier: Apache-2.0
#include "checking/problem_task.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "checking/layout.hpp"
#include "chronograd/random.hpp"

namespace chronograd::checking {
namespace {

std::string exact_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17e", value);
  return text;
}

std::string list_text(const Vector& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + exact_text(value);
  return "[" + text + "]";
}

std::string quoted(const std::string& word) {
  return "\"" + word + "\"";
}

/// A decay exp(-1/tau) as tau.
Vector time_constants(Vector decays) {
  for (double& decay : decays) decay = -1 / std::log(decay);
  return decays;
}

std::string spiking_text(const Spiking& unit) {
  return "tau_m = " + list_text(time_constants(unit.decay_v)) + "\ntau_a = " + list_text(time_constants(unit.decay_a)) +
         "\nbeta = " + list_text(unit.beta) + "\nv_th = " + list_text(unit.v_th) + "\nzeta = " + exact_text(unit.zeta) +
         "\nheight = " + list_text(unit.height) + "\nwidth = " + list_text(unit.width) +
         "\nn_ref = " + list_text(unit.n_ref) + "\nsurrogate = " + quoted(unit.shape) +
         "\nreset = " + quoted(unit.reset == "zero" ? "zero" : "subtract") +
         "\nreset_at = " + quoted(unit.reset == "next" ? "next" : "step") +
         "\nreset_gradient = " + quoted(unit.stopped ? "stop" : "full") + "\n";
}

}  // namespace

void ProblemTask::read(Split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const {
  const int n = problem_.n, m = problem_.m;
  const auto first = static_cast<std::size_t>(row * problem_.T + t);
  std::copy_n(problem_.x.begin() + static_cast<std::ptrdiff_t>(first * n), steps * n, out.x);
  std::copy_n(problem_.y.begin() + static_cast<std::ptrdiff_t>(first * m), steps * m, out.y);
  for (int k = 0; k < steps; ++k) {
    out.mask[k] = problem_.mask.empty() ? 1.0 : problem_.mask[first + k];
    out.reset[k] = !problem_.reset.empty() && problem_.reset[first + k] != 0;
  }
}

void ProblemTask::read_third(std::int64_t row, std::int64_t t, int steps, double* out) const {
  const std::ptrdiff_t q = third();
  std::copy_n(problem_.third.begin() + static_cast<std::ptrdiff_t>(row * problem_.T + t) * q, steps * q, out);
}

bool ProblemTask::initial_state(Split, std::int64_t row, std::span<double> state) const {
  if (!has_initial_state()) return false;
  const Layout layout(problem_);
  const Vector first = checking::initial_state(problem_, layout, static_cast<int>(row));
  const int own = (layout.states - layout.carried) * layout.d;
  for (int l = 0; l < layout.layers; ++l)
    std::copy_n(first.begin() + layout.first(l), own, state.begin() + static_cast<std::ptrdiff_t>(l) * own);
  return true;
}

Config problem_config(const OracleProblem& problem, const ProblemSettings& settings) {
  const std::string feedback = !settings.feedback.empty() ? settings.feedback
                               : problem.feedback.empty() ? "symmetric"
                                                          : "random";
  std::string text = "seed = " + std::to_string(settings.seed) + "\ndtype = " + quoted(settings.dtype) +
                     "\nthreads = 1\n[model]\ncell = " + quoted(problem.cell) +
                     "\nhidden = " + std::to_string(problem.d) + "\nlayers = " + std::to_string(problem.layers) + "\n";
  if (!problem.alpha.empty()) text += "alpha = " + list_text(problem.alpha) + "\n";
  if (const CellFacts* cell = find_cell(problem.cell); cell != nullptr && cell->activated)
    text += "activation = " + quoted(problem.activation) + "\n";
  if (problem.sigma > 0)
    text += "noise = " + exact_text(problem.sigma) +
            "\nnoise_where = " + quoted(problem.noise_on_input ? "input" : "state") + "\n";
  if (problem.trained) text += "train = [\"alpha\"]\n";
  if (problem.inside) text += "activation_at = \"state\"\n";
  if (problem.cell == "alif") text += spiking_text(problem.spiking);
  text += "[readout]\nactivation = " + quoted(problem.output) + "\n";
  if (problem.kappa > 0)
    text +=
        "tau_out = " + exact_text(-1 / std::log(problem.kappa)) + "\nzeta_out = " + exact_text(problem.zeta_out) + "\n";
  if (problem.average) text += "average = true\n";
  text += "[loss]\nname = " + quoted(problem.loss) + "\nnormalize = " + quoted(settings.mean ? "mean" : "sum") +
          "\n[rule]\nname = " + quoted(settings.rule) + "\nfeedback = " + quoted(feedback) + "\n";
  for (const auto& [key, value] : settings.options) text += key + " = " + value + "\n";
  text += "[update]\nevery = " + (settings.every == 0 ? quoted("trial") : std::to_string(settings.every)) +
          "\n[optimizer]\nname = \"sgd\"\nlr = " + exact_text(settings.lr) + "\n";
  return Config::parse(text, "check");
}

Arrays problem_parameters(const OracleProblem& problem) {
  const Layout layout(problem);
  const auto size = [](int count) { return static_cast<std::size_t>(count); };
  Arrays arrays;
  for (const ParameterShape& shape : layout.shapes) {
    std::vector<std::size_t> lengths = {size(shape.rows)};
    if (!shape.is_vector) lengths.push_back(size(shape.cols));
    arrays.emplace(shape.name, Array::of(lengths, problem.parameters.at(shape.name)));
  }
  for (const ParameterShape& shape : layout.shapes) {
    const Vector& mask = shape.part == Part::input ? problem.W_in_mask : problem.W_rec_mask;
    if (shape.part == Part::unit || shape.begin >= layout.p || mask.empty()) continue;
    const auto present = layout.present.begin() + static_cast<std::ptrdiff_t>(shape.begin);
    arrays.emplace(
        shape.name + "_mask",
        Array::of(arrays.at(shape.name).shape, Vector(present, present + static_cast<std::ptrdiff_t>(shape.size()))));
  }
  if (!problem.feedback.empty())
    arrays.emplace("B_feedback", Array::of({size(layout.shown_width()), size(problem.m)}, problem.feedback));
  return arrays;
}

Vector draw_noise(const OracleProblem& problem, std::uint64_t seed) {
  Vector xi;
  for (int b = 0; b < problem.B; ++b)
    for (int t = 0; t < problem.T; ++t) {
      Random random(seed, Draw::noise, static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(t));
      for (int i = 0; i < problem.layers * problem.d; ++i) xi.push_back(random.normal());
    }
  return xi;
}

std::function<double(int, std::int64_t, int)> drawn_signs(std::uint64_t seed) {
  return [seed](int b, std::int64_t t, int i) {
    Random random(seed, Draw::rule, static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(t));
    double sign = 0;
    for (int k = 0; k <= i; ++k) sign = random.sign();
    return sign;
  };
}

std::function<double(int, std::int64_t, int)> drawn_normals(std::uint64_t seed) {
  return [seed](int b, std::int64_t t, int i) {
    Random random(seed, Draw::rule, static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(t));
    double number = 0;
    for (int k = 0; k <= i; ++k) number = random.normal();
    return number;
  };
}

std::function<double(int, std::int64_t, int)> drawn_numbers(const std::string& rule, std::uint64_t seed) {
  return rule == "kernl" || rule == "perturb" ? drawn_normals(seed) : drawn_signs(seed);
}

std::function<double(int, int)> first_weights(std::uint64_t seed) {
  return [seed](int i, int j) {
    Random random(seed, Draw::rule, ~std::uint64_t{0}, static_cast<std::uint64_t>(i));
    double normal = 0;
    for (int k = 0; k <= j; ++k) normal = random.normal();
    return normal;
  };
}

std::vector<int> hidden_states(std::uint64_t seed, double share, int states) {
  Random random(seed, Draw::rule, ~std::uint64_t{1});
  Vector drawn;
  for (int i = 0; i < states; ++i) drawn.push_back(random.uniform());
  const int seen = std::max(1, static_cast<int>(std::lround(share * states)));
  std::vector<int> hidden;
  for (int i = 0; i < states; ++i) {
    int smaller = 0;
    for (const double other : drawn) smaller += other < drawn[i];
    if (smaller >= seen) hidden.push_back(i);
  }
  return hidden;
}

std::vector<Vector> broadcast_matrices(const OracleProblem& problem, std::uint64_t seed) {
  const int m = problem.m, width = Layout(problem).shown_width();
  std::vector<Vector> all;
  for (int l = 0; l + 1 < problem.layers; ++l) {
    Random random(seed, Draw::feedback, static_cast<std::uint64_t>(l) + 1);
    Vector& matrix = all.emplace_back(width * m);
    for (int k = 0; k < m; ++k)
      for (int i = 0; i < width; ++i) matrix[i * m + k] = random.normal() / std::sqrt(m);
  }
  return all;
}

OracleProblem normalised(const OracleProblem& problem, bool trial) {
  OracleProblem result = problem;
  result.weight.clear();
  for (int b = 0; b < problem.B; ++b) {
    double sum = 1;
    if (trial && !problem.average) {
      const auto row = problem.mask.begin() + static_cast<std::ptrdiff_t>(b) * problem.T;
      sum = problem.mask.empty() ? problem.T : std::accumulate(row, row + problem.T, 0.0);
    }
    result.weight.push_back(sum == 0 ? 0.0 : 1 / (problem.B * sum));
    const std::ptrdiff_t numbers = static_cast<std::ptrdiff_t>(problem.third.size()) / problem.B;
    for (std::ptrdiff_t i = b * numbers; i < (b + 1) * numbers; ++i)
      result.third[i] /= problem.B * (sum == 0 ? 1 : sum);
  }
  return result;
}

Vector values_of(const Array& array) {
  Vector values(array.size());
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = array.at(k);
  return values;
}

}  // namespace chronograd::checking
