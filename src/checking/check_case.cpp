// SPDX-License-Identifier: Apache-2.0
// One rule in one setting against every oracle that applies.
#include <algorithm>
#include <cmath>
#include <exception>

#include "checking/check.hpp"
#include "checking/layout.hpp"
#include "checking/problem_task.hpp"
#include "checking/random_problem.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/method.hpp"
#include "chronograd/train.hpp"
#include "network/chosen_cell.hpp"

namespace chronograd::checking {
namespace {

constexpr double frozen_tolerance = 1e-10, online_tolerance = 1e-9, mean_tolerance = 1e-12, zero_tolerance = 1e-12;
// Where a unit shows an echo of another of its states, their parts in nu^T Mbar can cancel (at a slope of 1 of
// its activation, a sum of outputs that weighs the step 1, or two echoes): it is zero but for rounding, and what a rule
// with random signs makes of a norm of 1e-16 is of the order of its root.
constexpr double root_tolerance = 1e-6;

bool echoes(const CellRecord& cell) {
  return cell.weighted || (!cell.h_carries && has_option(cell.entry, "activation"));
}

void read_synthesiser(const Options& options, RuleDefinition& definition) {
  definition.model = options.word("synthesiser");
  if (options.has("sg_hidden")) {
    definition.hidden.clear();
    for (const double units : options.numbers("sg_hidden")) definition.hidden.push_back(static_cast<int>(units));
  }
  if (options.has("sg_rank")) definition.rank = static_cast<int>(options.integer("sg_rank"));
  definition.sg_adam = options.word("sg_optimizer") == "adam";
  definition.sg_l2 = options.number("sg_l2");
  definition.sg_clip = options.number("sg_clip");
  definition.sg_warmup = static_cast<int>(options.integer("sg_warmup"));
  definition.sg_zero = options.flag("sg_zero");
}

/// The dense definition of a rule, with the settings of the [rule] table. BPTT is TBPTT whose window is the row.
RuleDefinition definition_of(const RuleRecord& rule, const Options& options) {
  RuleDefinition definition;
  definition.name = rule.entry.name;
  if (rule.segments == Segments::row && rule.promise == Promise::exact) definition.name = "tbptt";
  if (options.has("reach")) definition.reach = static_cast<int>(options.integer("reach"));
  if (options.has("reach_by")) definition.by_interval = options.word("reach_by") == "interval";
  if (options.has("decay")) definition.decay = options.number("decay");
  if (options.has("n")) definition.n = static_cast<int>(options.integer("n"));
  if (options.has("pattern")) definition.strict = options.word("pattern") == "strict";
  if (options.has("L")) definition.L = static_cast<int>(options.integer("L"));
  if (options.has("sg_lr")) definition.sg_lr = options.number("sg_lr");
  if (options.has("refresh")) definition.refresh = static_cast<int>(options.integer("refresh"));
  if (options.has("r")) definition.r = static_cast<int>(options.integer("r"));
  if (options.has("kernel")) definition.linear_kernel = options.word("kernel") == "linear";
  if (options.has("gamma")) definition.gamma = options.number("gamma");
  if (options.has("A_lr")) definition.A_lr = options.number("A_lr");
  if (options.has("gamma_lr")) definition.gamma_lr = options.number("gamma_lr");
  if (options.has("sigma")) definition.sigma = options.number("sigma");
  if (options.has("directions")) definition.directions = static_cast<int>(options.integer("directions"));
  if (options.has("form")) definition.forward = options.word("form") == "forward";
  if (options.has("perturb")) definition.perturb_before = options.word("perturb") == "before";
  if (options.has("resync")) definition.resync = static_cast<int>(options.integer("resync"));
  if (options.has("synthesiser")) read_synthesiser(options, definition);
  for (const auto& [key, number] : {std::pair("J_lr", &definition.J_lr),
                                    {"scale", &definition.scale},
                                    {"gamma", &definition.discount},
                                    {"lambda", &definition.lambda},
                                    {"aux", &definition.aux}})
    if (options.has(key)) *number = options.number(key);
  if (options.has("squash")) definition.squash = options.word("squash") == "tanh";
  if (options.has("learn")) definition.all = options.word("learn") == "all";
  if (options.has("end")) definition.end_free = options.word("end") == "free";
  if (options.has("ablate_at")) definition.ablate_at = static_cast<int>(options.integer("ablate_at"));
  if (options.has("freeze_at")) definition.freeze_at = static_cast<int>(options.integer("freeze_at"));
  return definition;
}

double largest(const Vector& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::fabs(v));
  return most;
}

/// max|a - b|, NaN where the arrays do not match or hold NaN.
double distance(const Vector& a, const Vector& b) {
  if (a.size() != b.size()) return std::nan("");
  double most = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    const double difference = std::fabs(a[k] - b[k]);
    if (std::isnan(difference)) return difference;
    most = std::max(most, difference);
  }
  return most;
}

/// Fills in what the comparison of one array says; keeps the worst of several.
void compare(const std::string& name, const Vector& a, const Vector& b, double tolerance, CheckRow& row) {
  const double scale = largest(b), difference = distance(a, b);
  const double error = scale > 0 ? difference / scale : difference, limit = scale > 0 ? tolerance : zero_tolerance;
  const double worst = row.tolerance > 0 ? row.error / row.tolerance : -1;
  if (std::isnan(row.error) || !(std::isnan(error) || error / limit > worst)) return;
  row.error = error;
  row.tolerance = limit;
  row.passed = error <= limit;
  row.detail = name;
}

void compare(const Arrays& found, const std::string& prefix, const Named& expected, double tolerance, CheckRow& row) {
  for (const auto& [name, values] : expected) {
    const auto array = found.find(prefix + name);
    compare(name, array == found.end() ? Vector() : values_of(array->second), values, tolerance, row);
  }
}

bool is_finite(const Named& arrays) {
  for (const auto& [name, values] : arrays)
    for (const double v : values)
      if (!std::isfinite(v)) return false;
  return true;
}

/// Cosine over the parameters that are not the readout's: that gradient is exact with every rule.
double cosine_of(const Arrays& found, const Named& exact) {
  double product = 0, a = 0, b = 0;
  for (const auto& [name, values] : exact) {
    if (name == "W_out" || name == "b_y") continue;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double value = found.at(name).at(k);
      product += value * values[k];
      a += value * value;
      b += values[k] * values[k];
    }
  }
  return a > 0 && b > 0 ? product / std::sqrt(a * b) : 0.0;
}

/// Runs `work`, which adds rows; what it throws becomes a failed row.
template <class F>
void guarded(CheckRow row, const char* quantity, std::vector<CheckRow>& rows, const F& work) {
  try {
    work();
  } catch (const std::exception& error) {
    row.quantity = quantity;
    row.error = std::nan("");
    row.passed = false;
    row.detail = error.what();
    rows.push_back(std::move(row));
  }
}

class CaseCheck {
 public:
  CaseCheck(const RuleRecord& rule, const std::map<std::string, std::string>& options, int every, const CheckCase& test,
            std::vector<CheckRow>& rows)
      : rule_(rule),
        every_(every),
        test_(test),
        problem_(test.mean ? normalised(test.problem, every == 0) : test.problem),
        task_(test.problem),
        parameters_(problem_parameters(test.problem)),
        config_(problem_config(test.problem, {.rule = rule.entry.name,
                                              .options = options,
                                              .every = every,
                                              .feedback = test.feedback,
                                              .mean = test.mean,
                                              .seed = test.seed})),
        definition_(definition_of(rule, config_.table("rule"))),
        cancels_(rule.promise == Promise::unbiased && echoes(*chosen_cell(config_).record)),
        blank_(blank(rule, options, every, test)),
        rows_(rows) {
    if (config_.table("rule").has("lower") && config_.table("rule").word("lower") == "broadcast")
      definition_.broadcast = broadcast_matrices(test.problem, test.seed);
    definition_.first_weight = first_weights(test.seed);
    if (config_.table("rule").has("seen"))
      definition_.hidden_states =
          hidden_states(test.seed, config_.table("rule").number("seen"), Layout(problem_).width());
  }

  static CheckRow blank(const RuleRecord& rule, const std::map<std::string, std::string>& options, int every,
                        const CheckCase& test) {
    CheckRow row;
    row.rule = method_word(rule.entry.name, {options.begin(), options.end()});
    row.cell = test.problem.cell;
    row.problem = test.name + ", every " + (every == 0 ? "trial" : std::to_string(every));
    row.seed = test.first_seed;
    return row;
  }

  void frozen() {
    definition_.sign = random_signs(test_.seed);
    GradientRequest request;
    request.per_step = rule_.past_facing && every_ == 1;
    request.inputs = rule_.promise == Promise::exact && problem_.feedback.empty();
    request.signs = definition_.sign;
    const Arrays found = gradient(config_, task_, parameters_, "check", request);
    const OracleGradient dense = dense_rule(problem_, definition_, every_), exact = exact_reverse_mode(problem_);
    // Credit that goes back through all steps asks no memory.
    const bool approximate = rule_.promise != Promise::exact && definition_.reach < problem_.T;
    add("gradient, dense rule", [&](CheckRow& row) {
      compare(found, "", dense.gradient, cancels_ ? root_tolerance : frozen_tolerance, row);
      if (approximate) row.cosine = cosine_of(found, exact.gradient);
    });
    if (!approximate) {
      const bool alien = !problem_.feedback.empty();
      const OracleGradient other = alien ? double_sum_past(problem_) : exact;
      add(alien ? "gradient, double sum" : "gradient, reverse mode",
          [&](CheckRow& row) { compare(found, "", other.gradient, frozen_tolerance, row); });
    }
    if (request.per_step)
      add("gradient of each step, dense rule", [&](CheckRow& row) {
        compare(found, "grad_t/", dense.per_step, cancels_ ? root_tolerance : frozen_tolerance, row);
      });
    if (request.inputs)
      add("gradient of inputs, reverse mode", [&](CheckRow& row) {
        const std::vector<std::string> names = state_names(*chosen_cell(config_).record);
        const auto more = static_cast<std::ptrdiff_t>(names.size()) - 1, d = static_cast<std::ptrdiff_t>(problem_.d);
        Named expected = {{"x", exact.x}};
        for (int one = 0; one < problem_.layers * problem_.B; ++one)
          for (std::ptrdiff_t s = 0; s <= more; ++s) {
            if (names[static_cast<std::size_t>(s)].empty()) continue;
            const auto from = s == 0 ? exact.h0.begin() + one * d : exact.c0.begin() + (one * more + s - 1) * d;
            Vector& state = expected[layer_name(names[static_cast<std::size_t>(s)], one / problem_.B)];
            state.insert(state.end(), from, from + d);
          }
        compare(found, "grad/", expected, frozen_tolerance, row);
      });
    add("loss, h, y, reverse mode", [&](CheckRow& row) {
      compare(found, "", {{"loss", {exact.loss}}, {"loss_t", exact.loss_t}, {"h", exact.h}, {"y", exact.y}},
              frozen_tolerance, row);
    });
  }

  void learning() {
    definition_.sign = drawn_numbers(definition_.name, test_.seed);
    RunOptions options;
    options.parameters = &parameters_;
    options.threads = 1;
    const RunResult found = train(config_, task_, options);
    const OracleGradient expected = online(problem_, definition_, every_, config_.table("optimizer").number("lr"));
    add("weights after learning, dense rule", [&](CheckRow& row) {
      const bool diverged = found.status == RunResult::Status::diverged;
      if (diverged != !is_finite(expected.parameters)) {
        row.error = std::nan("");
        row.tolerance = online_tolerance;
        row.detail = diverged ? "the run diverged, the oracle did not" : "the oracle diverged, the run did not";
      } else if (diverged) {
        row.tolerance = online_tolerance;
        row.passed = true;
        row.detail = "both diverge";
      } else {
        compare(found.parameters, "", expected.parameters, cancels_ ? root_tolerance : online_tolerance, row);
      }
    });
  }

 private:
  template <class F>
  void add(const char* quantity, const F& fill) {
    CheckRow row = blank_;
    row.quantity = quantity;
    fill(row);
    rows_.push_back(std::move(row));
  }

  const RuleRecord& rule_;
  int every_;
  const CheckCase& test_;
  const OracleProblem problem_;  ///< with the losses normalised as the program will do
  const ProblemTask task_;
  const Arrays parameters_;
  const Config config_;
  RuleDefinition definition_;
  const bool cancels_;  ///< see root_tolerance
  const CheckRow blank_;
  std::vector<CheckRow>& rows_;
};

}  // namespace

void check_case(const RuleRecord& rule, const std::map<std::string, std::string>& options, int every,
                const CheckCase& test, std::vector<CheckRow>& rows) {
  const CheckRow blank = CaseCheck::blank(rule, options, every, test);
  guarded(blank, "set-up", rows, [&] {
    CaseCheck check(rule, options, every, test, rows);
    guarded(blank, "frozen weights", rows, [&] { check.frozen(); });
    // While weights change, adaptive feedback changes too; no oracle learns it.
    if (test.feedback != "adaptive") guarded(blank, "learning", rows, [&] { check.learning(); });
  });
}

namespace {

/// A rule on a case, which must outlive it, with signs from whoever asks for its gradient.
class WithSigns {
 public:
  WithSigns(const RuleRecord& rule, const std::map<std::string, std::string>& options, int every, const CheckCase& test)
      : config_(problem_config(test.problem,
                               {.rule = rule.entry.name, .options = options, .every = every, .seed = test.first_seed})),
        task_(test.problem),
        parameters_(problem_parameters(test.problem)) {}

  Arrays gradient(const Signs& signs) const {
    GradientRequest request;
    request.signs = signs;
    return chronograd::gradient(config_, task_, parameters_, "check", request);
  }

  /// How many signs it draws a step; at least 1.
  int signs_a_step() const {
    int count = 1;
    gradient([&](int, std::int64_t, int i) {
      count = std::max(count, i + 1);
      return 1.0;
    });
    return count;
  }

 private:
  const Config config_;
  const ProblemTask task_;
  const Arrays parameters_;
};

}  // namespace

void check_mean(const RuleRecord& rule, const std::map<std::string, std::string>& options, const CellRecord& cell,
                std::uint64_t seed, std::vector<CheckRow>& rows) {
  struct Size {
    int d, layers;
    bool filtered;
  };
  for (const auto& [d, layers, filtered] :
       {Size{1, 1, false}, {2, 1, false}, {3, 1, false}, {1, 2, false}, {1, 1, true}}) {
    const int every = d == 2 || filtered ? 1 : 0;
    CheckCase test;
    test.name = "all signs, d = " + std::to_string(d) + (layers > 1 ? ", two layers" : "") +
                (filtered ? ", leaky readout" : "");
    test.seed = test.first_seed = seed;
    RandomOptions random;
    random.cell = cell.entry.name;
    random.loss = "mse";
    random.activation = "tanh";
    random.d = d;
    random.layers = layers;
    random.filtered = filtered;
    random.n = random.m = 2;
    random.B = random.T = 1;
    test.problem = random_problem(seed, random);
    guarded(CaseCheck::blank(rule, options, every, test), "mean over all signs", rows, [&] {
      const int signs = WithSigns(rule, options, every, test).signs_a_step();
      if (signs > 6) return;  // one step has no time to be wrong in, and with two there are too many patterns
      random.T = std::min(4, 12 / signs);
      test.problem = random_problem(seed, random);
      CheckRow row = CaseCheck::blank(rule, options, every, test);
      const OracleGradient exact = exact_reverse_mode(test.problem);
      const std::uint64_t patterns = std::uint64_t{1} << (signs * random.T);
      const WithSigns drawn(rule, options, every, test);
      Named mean;
      for (const auto& [name, values] : exact.gradient) mean[name].assign(values.size(), 0.0);
      for (std::uint64_t pattern = 0; pattern < patterns; ++pattern) {
        const Arrays found = drawn.gradient(
            [&](int, std::int64_t t, int i) { return (pattern >> (t * signs + i) & 1u) != 0 ? 1.0 : -1.0; });
        for (auto& [name, values] : mean)
          for (std::size_t k = 0; k < values.size(); ++k)
            values[k] += found.at(name).at(k) / static_cast<double>(patterns);
      }
      row.quantity = "mean over all signs, reverse mode";
      for (const auto& [name, values] : exact.gradient) compare(name, mean[name], values, mean_tolerance, row);
      rows.push_back(row);
    });
  }
}

}  // namespace chronograd::checking
