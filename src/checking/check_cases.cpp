// SPDX-License-Identifier: Apache-2.0
// The kinds of problem that rules are checked on.
#include "checking/check.hpp"
#include "checking/layout.hpp"
#include "checking/problem_task.hpp"
#include "checking/random_problem.hpp"

namespace chronograd::checking {
namespace {

enum class Rates { one, shared, each };

struct Kind {
  const char* name;
  Rates rates;
  RandomOptions options;
  bool mean = false;
  const char* feedback = "";
};

std::vector<Kind> kinds() {
  std::vector<Kind> list;
  const auto add = [&](const char* name, Rates rates, bool mean = false, const char* feedback = "") -> RandomOptions& {
    list.push_back({name, rates, {}, mean, feedback});
    RandomOptions& options = list.back().options;
    options.d = 4;
    options.n = 3;
    options.m = 3;
    options.B = 2;
    options.T = 10;  // intervals of 3 end in one of a single step
    return options;
  };
  add("plain", Rates::shared);
  add("elman", Rates::one);
  add("resets", Rates::each).resets = true;
  {
    RandomOptions& options = add("masked, h0", Rates::shared);
    options.masked = options.initial_state = true;
    options.reset = "step";
    options.T = 11;
  }
  {
    RandomOptions& options = add("sparse", Rates::each);
    options.sparse = true;
    options.reset = "zero";
  }
  {
    RandomOptions& options = add("random feedback", Rates::each);
    options.feedback = options.resets = options.stopped = true;
  }
  {
    RandomOptions& options = add("adaptive feedback", Rates::shared, false, "adaptive");
    options.feedback = true;
  }
  {
    RandomOptions& options = add("mean", Rates::each, true);
    options.masked = options.resets = true;
    options.B = 3;
  }
  add("noise", Rates::each).noise = true;
  {
    RandomOptions& options = add("everything", Rates::each, true);
    options.masked = options.resets = options.initial_state = options.sparse = options.feedback = options.noise = true;
    options.reset = "step";
    options.d = 6;
    options.B = 3;
  }
  {
    RandomOptions& options = add("one of each", Rates::each);
    options.d = options.n = options.m = options.B = options.T = 1;
  }
  {
    RandomOptions& options = add("wide", Rates::shared);
    options.resets = options.stopped = true;
    options.reset = "zero";
    options.d = 9;
    options.n = 1;
    options.m = 2;
    options.B = 5;
    options.T = 8;
  }
  {
    RandomOptions& options = add("two layers", Rates::each);
    options.layers = 2;
    options.resets = options.initial_state = true;
    options.n = 2;
  }
  {
    RandomOptions& options = add("three layers, everything", Rates::each, true);
    options.masked = options.resets = options.initial_state = options.sparse = options.feedback = options.noise = true;
    options.reset = "zero";
    options.layers = options.d = 3;
    options.n = options.m = 2;
    options.T = 7;
  }
  {
    RandomOptions& options = add("leaky readout", Rates::each);
    options.filtered = options.resets = options.initial_state = options.masked = true;
  }
  {
    RandomOptions& options = add("mean output", Rates::each, true);
    options.average = options.resets = options.initial_state = options.masked = true;
  }
  {
    RandomOptions& options = add("mean of a leaky readout, two layers, everything", Rates::each, true);
    options.masked = options.resets = options.initial_state = options.sparse = options.feedback = options.noise = true;
    options.average = options.filtered = true;
    options.layers = 2;
    options.d = 3;
    options.n = options.m = 2;
    options.T = 7;
  }
  {
    RandomOptions& options = add("trained alpha", Rates::each);
    options.trained = options.resets = options.initial_state = options.masked = options.sparse = true;
  }
  {
    RandomOptions& options = add("trained alpha, leaky readout, two layers", Rates::each);
    options.trained = options.filtered = options.resets = true;
    options.reset = "step";
    options.layers = 2;
    options.d = 3;
    options.n = options.m = 2;
    options.T = 7;
  }
  {
    RandomOptions& options = add("leaky readout, two layers, everything", Rates::each, true);
    options.masked = options.resets = options.initial_state = options.sparse = options.feedback = options.noise = true;
    options.filtered = true;
    options.layers = 2;
    options.d = 3;
    options.n = options.m = 2;
    options.T = 7;
  }
  return list;
}

}  // namespace

std::vector<CheckCase> check_cases(const CellRecord& cell, std::uint64_t seed) {
  static const char* const activations[] = {"tanh", "sigmoid", "relu", "softplus", "identity"};
  static const char* const losses[] = {"mse", "cross_entropy", "bce"};
  std::vector<CheckCase> cases;
  std::uint64_t number = 0;
  const CellFacts* facts = find_cell(cell.entry.name);
  for (Kind& kind : kinds()) {
    if (kind.options.trained && (facts == nullptr || !facts->rates)) continue;
    kind.options.inside = has_option(cell.entry, "activation_at") && number % 3 == 1;
    kind.options.cell = cell.entry.name;
    kind.options.activation = activations[(number + seed) % 5];
    kind.options.loss = losses[(number + seed) % 3];
    kind.options.gain = 0.9;
    kind.options.noise = kind.options.noise && has_option(cell.entry, "noise");
    CheckCase test;
    test.seed = seed * 1000 + number++;
    test.first_seed = seed;
    test.feedback = kind.feedback;
    test.mean = kind.mean;
    test.name = kind.name;
    // A cell that the oracles do not know gets a problem all the same: each check of it fails and says why.
    test.problem = random_problem(test.seed, kind.options);
    if (kind.rates == Rates::one) test.problem.alpha.assign(test.problem.alpha.size(), 1.0);
    if (kind.rates == Rates::shared && !test.problem.alpha.empty())
      test.problem.alpha.assign(test.problem.alpha.size(), 0.6 * test.problem.alpha[0] + 0.05);
    if (has_option(cell.entry, "activation")) test.name += std::string(", ") + kind.options.activation;
    test.name += ", " + test.problem.loss;
    if (test.problem.sigma > 0) test.problem.xi = draw_noise(test.problem, test.seed);
    cases.push_back(std::move(test));
  }
  return cases;
}

}  // namespace chronograd::checking
