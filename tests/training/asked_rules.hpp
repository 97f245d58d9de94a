// SPDX-License-Identifier: Apache-2.0
// A small random network as the program meets it, of which rules are asked what they charge, and the same as dense
// products.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "checking/linear_step.hpp"
#include "checking/problem_task.hpp"
#include "checking/random_problem.hpp"
#include "files/state_arrays.hpp"
#include "training/charges.hpp"
#include "training/data.hpp"
#include "training/plan.hpp"

namespace chronograd {

using checking::LinearStep;
using checking::OracleProblem;
using checking::Vector;

constexpr double charge_rounding = 1e-12;  // sums of at most 12^2 terms of float64, relative to the largest number

inline double largest_of(const Vector& values) {
  double largest = 0;
  for (const double value : values) largest = std::fmax(largest, std::fabs(value));
  return largest;
}

inline void expect_near(const Vector& got, const Vector& wanted, double scale, const std::string& what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], wanted[i], charge_rounding * scale) << what << ", number " << i;
}

inline void add_to(Vector& sum, const Vector& part) {
  if (sum.empty()) sum.resize(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

/// A small network with rows of its own, as the program meets it.
struct Asked {
  explicit Asked(OracleProblem made, const std::string& rule = "rtrl", const std::string& settings = "",
                 const std::string& every = "\"trial\"")
      : problem(std::move(made)),
        task(problem),
        config(configured(problem, rule, settings, every)),
        network(config, task),
        initial(initial_values(network, config, &given(), "")),
        steps(config, task, network.map, initial.theta, initial.structure, problem.T) {}

  static Config configured(const OracleProblem& problem, const std::string& rule, const std::string& settings,
                           const std::string& every) {
    const Config plain = checking::problem_config(problem, {.rule = "rtrl"}).with({"rule.feedback=symmetric"});
    return plain.with_method(rule + "(" + (settings.empty() ? "" : settings + ",") + "update.every=" + every + ")");
  }
  const Arrays& given() {
    parameters = checking::problem_parameters(problem);
    parameters.erase("B_feedback");
    return parameters;
  }
  Charges charges(const Arrays& models = {}) const { return steps.of(RuleSettings(config), models); }

  /// The cell's part in the order of files, as oracles have it.
  Vector in_files(const Vector& gradient) const {
    Vector all(network.map.size());
    std::copy(gradient.begin(), gradient.end(), all.begin());
    const Arrays arrays = network.map.write(all.data());
    const checking::Layout layout(problem);
    Vector flat;
    for (const checking::ParameterShape& shape : layout.shapes) {
      if (shape.begin >= layout.p) continue;
      const Vector values = checking::values_of(arrays.at(shape.name));
      flat.insert(flat.end(), values.begin(), values.end());
    }
    return flat;
  }
  Vector gradient(std::span<const double> du, int s) const { return in_files(steps.gradient(du, s)); }

  OracleProblem problem;
  checking::ProblemTask task;
  Config config;
  Network<double> network;
  Arrays parameters;
  Initial initial;
  ChargedSteps steps;
};

/// Stream b of a problem, linearised by dual numbers.
struct Dense {
  Dense(const OracleProblem& problem, int b) : layout(problem), theta(layout.pack(problem.parameters)) {
    Vector state = checking::initial_state(problem, layout, b);
    for (int t = 0; t < problem.T; ++t) {
      steps.push_back(checking::linearise(problem, layout, theta, b, t, state));
      state = steps.back().after;
      Vector on_states(static_cast<std::size_t>(layout.width()));
      const Vector shown = checking::read_out(problem, layout, theta, b, t, state).credit;
      std::copy(shown.begin(), shown.end(), on_states.begin() + layout.shown());
      credit.push_back(on_states);
    }
  }
  /// dL_t/dtheta_s = c_t J_t ... J_{s+1} Mbar_s
  Vector pair(int s, int t) const {
    Vector c = credit[static_cast<std::size_t>(t)];
    for (int k = t; k > s; --k) c = back(c, steps[static_cast<std::size_t>(k)].jacobian());
    return charged(c, s);
  }
  Vector back(const Vector& c, const Vector& jacobian) const {
    return checking::product(1, layout.width(), layout.width(), c, jacobian);
  }
  Vector charged(const Vector& c, int s) const {
    Vector part = checking::product(1, layout.width(), static_cast<int>(layout.p), c,
                                    steps[static_cast<std::size_t>(s)].influence);
    for (std::size_t k = 0; k < layout.p; ++k) part[k] *= layout.present[k];
    return part;
  }

  checking::Layout layout;
  Vector theta;
  std::vector<LinearStep> steps;
  std::vector<Vector> credit;  ///< [T] on all states
};

/// What a rule has learnt after some passes of the rows.
inline Arrays learnt_models(const Asked& asked) {
  const RuleSettings rule(asked.config);
  Arrays models;
  if (!rule.record.one_shard) return models;
  const int T = asked.problem.T, every = rule.every == 0 ? T : rule.every, longest = segment_length(rule, every, T);
  Stepper<double> stepper(asked.network, nullptr, 1, 0, T);
  Buffer<double> grad(asked.network.stack.parameters());
  stepper.watch(rule.make(asked.network, asked.initial.structure, 1, 0), grad.data());
  const Weights<double> weights = weights_of<double>(asked.initial);
  for (int pass = 0; pass < 3; ++pass)
    for (std::int64_t row = 0; row < asked.problem.B; ++row) {
      const std::array rows = {row};
      Batch<double> batch;
      read_batch(asked.task, Split::train, rows, 0, T, {.one_error = asked.network.averages()},
                 asked.network.stack.width(), batch, Padding::at_rest);
      stepper.begin(batch, pass);
      for (int t = 0; t < T; t += every)
        for (int k = t; k < std::min(T, t + every); k += longest) {
          const int count = std::min(longest, std::min(T, t + every) - k);
          stepper.run(weights, batch, k, count, k + count == T, nullptr);
        }
    }
  Saving saving(models);
  stepper.watched(0).state(saving);
  return models;
}

}  // namespace chronograd
