// SPDX-License-Identifier: Apache-2.0
#include "checking/random_problem.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "checking/layout.hpp"

namespace chronograd::checking {
namespace {

/// Numbers from raw bits only: the standard leaves its distributions to the implementation.
class Source {
 public:
  explicit Source(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(2 * 3.14159265358979323846 * uniform());
  }
  int between(int low, int high) { return low + static_cast<int>(uniform() * (high - low + 1)); }
  bool chance(double probability) { return uniform() < probability; }
  Vector normals(int count, double scale) {
    Vector values(count);
    for (double& v : values) v = scale * normal();
    return values;
  }
  std::string one_of(const std::vector<std::string>& words) {
    return words[between(0, static_cast<int>(words.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

std::vector<std::string> outputs_for(const std::string& loss) {
  if (loss == "bce") return {"sigmoid", "softmax"};
  if (loss == "cross_entropy") return {"softmax", "sigmoid", "softplus"};
  return {"identity", "tanh", "sigmoid", "relu", "softplus", "softmax"};
}

void fill_targets(OracleProblem& problem, Source& source) {
  const bool distributions = source.chance(0.5);  // soft targets, or classes and bits
  problem.y.clear();
  for (int row = 0; row < problem.B * problem.T; ++row) {
    Vector y(problem.m, 0.0);
    if (problem.loss == "cross_entropy" && !distributions) {
      y[source.between(0, problem.m - 1)] = 1;
    } else if (problem.loss == "cross_entropy") {
      double sum = 0;
      for (double& v : y) sum += v = 0.05 + source.uniform();
      for (double& v : y) v /= sum;
    } else {
      for (double& v : y)
        v = problem.loss == "mse" ? source.normal()
            : distributions       ? source.uniform()
                                  : static_cast<double>(source.between(0, 1));
    }
    problem.y.insert(problem.y.end(), y.begin(), y.end());
  }
}

/// A cell that is not known has no parameters: what asks for its layout says so.
void fill_parameters(OracleProblem& problem, const CellFacts* cell, double gain, Source& source) {
  const int d = problem.d, m = problem.m, shown = (cell == nullptr ? 1 : cell->heads) * d;
  Named& P = problem.parameters;
  for (int l = 0; cell != nullptr && l < problem.layers; ++l) {
    for (const CellFacts::Parameter& parameter : cell->parameters) {
      const int fan = parameter.cols(l == 0 ? problem.n : shown, d);
      Vector values = source.normals(parameter.gates * d * fan,
                                     (parameter.recurs() ? gain : 1.0) * parameter.scale / std::sqrt(fan));
      for (double& v : values) v += parameter.mean;
      P[name_in_layer(parameter.name, l)] = values;
    }
    if (problem.trained) P[name_in_layer("alpha_logit", l)] = source.normals(d, 1);
  }
  P["W_out"] = source.normals(m * shown, 1 / std::sqrt(shown));
  P["b_y"] = source.normals(m, 0.2);
}

/// An alif unit that fires at about every fourth step; half of the units adapt.
Spiking random_unit(int d, const RandomOptions& options, Source& source) {
  Spiking unit;
  unit.zeta = source.chance(0.5) ? 1 : 0.6;
  unit.shape = options.shape.empty()
                   ? source.one_of({"triangular", "exponential", "fast_sigmoid", "arctan", "multi_gaussian"})
                   : options.shape;
  unit.stopped = options.stopped;
  unit.reset = options.reset;
  for (int i = 0; i < d; ++i) {
    unit.decay_v.push_back(0.6 + 0.35 * source.uniform());
    unit.decay_a.push_back(0.7 + 0.29 * source.uniform());
    unit.beta.push_back(i % 2 == 0 ? 0.0 : 0.1 + 0.3 * source.uniform());
    unit.v_th.push_back(0.4 + 0.4 * source.uniform());
    unit.height.push_back(0.3 + 0.4 * source.uniform());
    unit.width.push_back(0.5 + 0.5 * source.uniform());
    unit.n_ref.push_back(options.silent ? source.between(0, 3) : source.between(0, 1));
  }
  return unit;
}

/// Makes half of the recurrent weights absent (and exactly 0), and a quarter of those from the inputs.
void make_sparse(OracleProblem& problem, const CellFacts& cell, Source& source) {
  for (int l = 0; l < problem.layers; ++l)
    for (const bool recurrent : {true, false})
      for (const CellFacts::Parameter& parameter : cell.parameters) {
        if (parameter.part == Part::unit || parameter.recurs() != recurrent) continue;
        Vector& masks = recurrent ? problem.W_rec_mask : problem.W_in_mask;
        for (double& weight : problem.parameters.at(name_in_layer(parameter.name, l))) {
          masks.push_back(source.chance(recurrent ? 0.5 : 0.75) ? 1.0 : 0.0);
          weight *= masks.back();
        }
      }
}

/// The sums of mean outputs begin at zero: they stand after the other states of each stream and layer.
void add_sums(OracleProblem& problem, int heads) {
  const std::size_t rows = static_cast<std::size_t>(problem.layers) * problem.B, old = problem.c0.size() / rows,
                    own = old + static_cast<std::size_t>(heads) * problem.d;
  Vector c0(rows * own, 0.0);
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(problem.c0.begin() + static_cast<std::ptrdiff_t>(row * old), old,
                c0.begin() + static_cast<std::ptrdiff_t>(row * own));
  problem.c0 = c0;
}

}  // namespace

OracleProblem random_problem(std::uint64_t seed, const RandomOptions& options) {
  Source source(seed);
  const auto word = [&](const std::string& given, const std::vector<std::string>& words) {
    return given.empty() ? source.one_of(words) : given;
  };
  const auto size = [&](int given, int most) { return given == 0 ? source.between(1, most) : given; };
  OracleProblem problem;
  std::vector<std::string> names;
  for (const CellFacts& known : known_cells()) names.emplace_back(known.name);
  problem.cell = word(options.cell, names);
  const CellFacts* cell = find_cell(problem.cell);
  problem.loss = word(options.loss, {"mse", "cross_entropy", "bce"});
  problem.output = word(options.output, outputs_for(problem.loss));
  problem.layers = options.layers;
  problem.d = size(options.d, 6);
  problem.n = size(options.n, 4);
  problem.m = size(options.m, 4);
  // One output out of one has probability 1, and the logarithm of 1 - y does not exist.
  if (problem.output == "softmax" && problem.m == 1) {
    if (options.m == 0)
      problem.m = 2;
    else if (options.output.empty())
      problem.output = "sigmoid";
  }
  problem.B = size(options.B, 3);
  problem.T = size(options.T, 12);
  const int steps = problem.B * problem.T, d = problem.d;
  if (cell != nullptr && cell->activated)
    problem.activation = word(options.activation, {"identity", "tanh", "sigmoid", "relu", "softplus"});
  if (cell != nullptr && cell->rates) {
    const double shared = source.chance(0.25) ? 1.0 : 0.0;  // 1: an Elman network
    for (int i = 0; i < d; ++i) problem.alpha.push_back(shared != 0 ? shared : 0.1 + 0.9 * source.uniform());
  }
  problem.trained = options.trained && cell != nullptr && cell->rates;
  if (problem.trained) problem.alpha.clear();
  problem.inside = options.inside;
  problem.average = options.average;
  fill_parameters(problem, cell, options.gain, source);
  if (cell != nullptr && cell->kind == CellKind::alif) {
    problem.spiking = random_unit(d, options, source);
    for (int l = 0; l < problem.layers; ++l)
      for (int i = 0; i < d; ++i) problem.parameters.at(name_in_layer("W_rec", l))[i * d + i] = 0;
  }
  problem.x = source.normals(steps * problem.n, 1);
  fill_targets(problem, source);
  if (options.masked)
    for (int k = 0; k < steps; ++k) problem.mask.push_back(0.5 * source.between(0, 2));
  if (options.resets)
    for (int k = 0; k < steps; ++k) problem.reset.push_back(source.chance(0.15) ? 1.0 : 0.0);
  if (options.initial_state) {
    problem.h0 = source.normals(problem.layers * problem.B * d, 0.5);
    if (const int more = cell == nullptr ? 0 : cell->states - 1 + (options.filtered ? cell->heads : 0); more > 0)
      problem.c0 = source.normals(problem.layers * problem.B * more * d, 0.5);
    if (options.average && cell != nullptr) add_sums(problem, cell->heads);
  }
  if (options.weighted)
    for (int b = 0; b < problem.B; ++b) problem.weight.push_back(0.1 + source.uniform());
  if (options.sparse && cell != nullptr) make_sparse(problem, *cell, source);
  const int shown = (cell == nullptr ? 1 : cell->heads) * d;
  if (options.feedback) problem.feedback = source.normals(shown * problem.m, 1 / std::sqrt(problem.m));
  if (options.filtered) {
    problem.kappa = 0.3 + 0.6 * source.uniform();
    problem.zeta_out = source.chance(0.5) ? 1 - problem.kappa : 0.5 + source.uniform();
  }
  if (options.noise && cell != nullptr && cell->rates && !problem.trained) {
    problem.xi = source.normals(steps * problem.layers * d, 1);
    problem.sigma = 0.2;
    problem.noise_on_input = source.chance(0.5);
  }
  const int third[] = {1, d, problem.layers * d};
  problem.third = source.normals(steps * third[source.between(0, 2)], 1);
  return problem;
}

RandomOptions random_options(std::uint64_t seed) {
  Source source(seed ^ 0x9e3779b97f4a7c15u);
  RandomOptions options;
  for (bool* flag : {&options.masked, &options.resets, &options.initial_state, &options.weighted, &options.sparse,
                     &options.feedback, &options.noise})
    *flag = source.chance(0.5);
  return options;
}

std::function<double(int, std::int64_t, int)> random_signs(std::uint64_t seed) {
  return [seed](int b, std::int64_t t, int i) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                        static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(i)};
    std::uint32_t word = 0;
    words.generate(&word, &word + 1);
    return (word >> 16 & 1u) != 0 ? 1.0 : -1.0;
  };
}

}  // namespace chronograd::checking
