// SPDX-License-Identifier: Apache-2.0
// What rules charge, pair by pair of a use and a loss: exact credit against dense products of Jacobians, every rule
// against the gradient that it gives without marks.
#include <tuple>

#include "asked_rules.hpp"

namespace chronograd {
namespace {

/// Every cell, in stacks, with resets, masks, absent weights, and readouts of further states.
std::vector<OracleProblem> problems() {
  std::vector<OracleProblem> all;
  std::uint64_t seed = 0;
  for (const checking::CellFacts& cell : checking::known_cells())
    for (const int layers : {1, 2}) {
      checking::RandomOptions options;
      options.cell = cell.name;
      options.layers = layers;
      options.B = 2;
      options.d = 4;
      options.T = 9;
      options.masked = options.initial_state = seed % 2 == 0;
      options.resets = options.sparse = seed % 3 == 0;
      options.filtered = seed % 4 == 1;
      options.average = seed % 5 == 2;
      options.trained = cell.rates && layers == 2;
      all.push_back(checking::random_problem(seed++, options));
    }
  return all;
}

TEST(Charges, OfExactRulesSumByUseToBpttsTermsAndByLossToRtrls) {
  for (const OracleProblem& problem : problems())
    for (const char* rule : {"rtrl", "bptt", "sparse_rtrl"}) {
      Asked asked(problem, rule);
      for (int b = 0; b < problem.B; ++b) {
        SCOPED_TRACE(problem.cell + " " + rule + ", row " + std::to_string(b));
        asked.steps.look_at(b);
        const Charges charges = asked.charges();
        const Dense dense(problem, b);
        const int T = problem.T;
        ASSERT_EQ(charges.steps, T);
        double scale = 0;
        for (int s = 0; s < T; ++s) scale = std::fmax(scale, largest_of(dense.pair(s, s)));
        // By use: delta_s Mbar_s with delta_s = c_s + delta_{s+1} J_{s+1}.
        Vector delta(static_cast<std::size_t>(dense.layout.width()));
        for (int s = T - 1; s >= 0; --s) {
          if (s + 1 < T) delta = dense.back(delta, dense.steps[static_cast<std::size_t>(s) + 1].jacobian());
          add_to(delta, dense.credit[static_cast<std::size_t>(s)]);
          Vector row;
          for (int t = 0; t < T; ++t) add_to(row, asked.gradient(charges.at(s, t), s));
          expect_near(row, dense.charged(delta, s), scale, "use " + std::to_string(s));
        }
        // By loss: c_t M_t with M_t = J_t M_{t-1} + Mbar_t.
        Vector M;
        for (int t = 0; t < T; ++t) {
          const auto& [step, p, width] = std::tuple(dense.steps[static_cast<std::size_t>(t)],
                                                    static_cast<int>(dense.layout.p), dense.layout.width());
          if (t > 0) M = checking::product(width, width, p, step.jacobian(), M);
          add_to(M, step.influence);
          Vector column, wanted = checking::product(1, width, p, dense.credit[static_cast<std::size_t>(t)], M);
          for (std::size_t k = 0; k < wanted.size(); ++k) wanted[k] *= dense.layout.present[k];
          for (int s = 0; s < T; ++s) add_to(column, asked.gradient(charges.at(s, t), s));
          expect_near(column, wanted, scale, "loss " + std::to_string(t));
        }
        for (int s = 0; s < T; ++s)
          for (int t = 0; t < T; ++t)
            expect_near(asked.gradient(charges.at(s, t), s), t < s ? Vector(dense.layout.p) : dense.pair(s, t), scale,
                        "use " + std::to_string(s) + ", loss " + std::to_string(t));
        EXPECT_EQ(largest_of(charges.guess), 0);
      }
    }
}

/// The gradient of the cell's weights that a rule gives on the network as it is, its models at rest: of each step where
/// its segments are single steps, else of the row.
std::vector<Vector> without_marks(const Asked& asked, int row, const Arrays& models, bool by_step) {
  RuleSettings rule(asked.config);
  for (const auto& [key, value] : asked.config.table("rule").values())
    if (key.ends_with("_lr")) rule.options.set(key, 0.0, false);
  const int T = asked.problem.T;
  Stepper<double> stepper(asked.network, nullptr, 1, 0, T);
  Buffer<double> grad(asked.network.stack.parameters());
  std::unique_ptr<Rule<double>> made = rule.make(asked.network, asked.initial.structure, 1, 0);
  if (!models.empty()) {
    Restoring restoring(models, "test");
    made->state(restoring);
  }
  stepper.watch(std::move(made), grad.data());
  const std::array rows = {std::int64_t{row}};
  Batch<double> batch;
  read_batch(asked.task, Split::train, rows, 0, T, {.one_error = asked.network.averages()}, asked.network.stack.width(),
             batch, Padding::at_rest);
  stepper.begin(batch, 0);
  std::vector<Vector> found;
  const int every = rule.every == 0 ? T : rule.every, longest = by_step ? 1 : segment_length(rule, every, T);
  const auto take = [&] {
    for (const std::size_t index : asked.initial.structure.absent)
      if (index < grad.size()) grad[index] = 0;
    found.emplace_back(grad.data(), grad.data() + grad.size());
    grad.zero();
  };
  const Weights<double> weights = weights_of<double>(asked.initial);
  for (int t = 0; t < T; t += every)
    for (int k = t; k < std::min(T, t + every); k += longest) {
      const int count = std::min(longest, std::min(T, t + every) - k);
      stepper.run(weights, batch, k, count, k + count == T, nullptr);
      if (by_step) take();
    }
  stepper.flush_watched();
  if (!by_step) take();
  return found;
}

/// Of the rules that have the option ("": all): what is set, and update.every.
struct Variant {
  const char *option, *settings, *every;
};
constexpr Variant variants[] = {{"", "", "\"trial\""},
                                {"L", "L=3", "4"},
                                {"r", "r=12", "4"},
                                {"reach", "reach=2", "\"trial\""},
                                {"sg_lr", "sg_lr=0.05", "4"}};

/// The marks change nothing, and all that a rule charges is its gradient: in sum, and where the gradient of a step is
/// that of its own loss, loss by loss, with the same draws.
TEST(Charges, OfEveryRuleSumToItsGradient) {
  for (const OracleProblem& problem : problems())
    for (const RuleRecord* record : catalogue<RuleRecord>()) {
      const std::string name = record->entry.name;
      if (record->draws_by_interval) continue;  // it charges weights, not their uses: it has no map
      for (const auto& [option, settings, every] : variants) {
        if (*option != 0 && !has_option(record->entry, option)) continue;
        // Of few inputs and no spikes more than r regressors depend on each other: see docs/decisions/55.
        if (name == "ok" && problem.cell == "alif") continue;
        const Asked asked_of(problem, name, settings, every);
        const Arrays models = learnt_models(asked_of);
        Asked asked(problem, name, settings, every);
        const bool by_step = record->past_facing && record->segments == Segments::any;
        for (int b = 0; b < problem.B; ++b) {
          SCOPED_TRACE(problem.cell + " " + name + " " + settings + ", row " + std::to_string(b));
          asked.steps.look_at(b);
          const Charges charges = asked.charges(models);
          const std::vector<Vector> wanted = without_marks(asked, b, models, by_step);
          double scale = 0;
          for (const Vector& step : wanted) scale = std::fmax(scale, largest_of(step));
          Vector total(asked.network.stack.parameters());
          for (int s = 0; s < problem.T; ++s) add_to(total, asked.steps.gradient(charges.guessed(s), s));
          for (int t = 0; t < problem.T; ++t) {
            Vector column;
            for (int s = 0; s < problem.T; ++s) add_to(column, asked.steps.gradient(charges.at(s, t), s));
            if (by_step) expect_near(column, wanted[static_cast<std::size_t>(t)], scale, "loss " + std::to_string(t));
            add_to(total, column);
          }
          if (!by_step) expect_near(total, wanted[0], scale, "all");
          if (!has_option(record->entry, "sg_lr")) {
            EXPECT_EQ(largest_of(charges.guess), 0);
          }
        }
      }
    }
}

}  // namespace
}  // namespace chronograd
