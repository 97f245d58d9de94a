// SPDX-License-Identifier: Apache-2.0
// Checks of what one configuration asks for.
#include <algorithm>

#include "checking/check.hpp"
#include "checking/check_net.hpp"
#include "checking/problem_task.hpp"
#include "checking/random_problem.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/synthesiser.hpp"
#include "config/words.hpp"
#include "network/chosen_cell.hpp"

namespace chronograd::checking {
namespace {

constexpr int most_units = 12, most_steps = 20, most_inputs = 4, most_outputs = 4;

/// The first numbers of a list, or one number for all.
Vector first_of(const Vector& values, int count) {
  Vector result(static_cast<std::size_t>(count), values[0]);
  for (std::size_t i = 0; i < result.size() && i < values.size(); ++i) result[i] = values[i];
  return result;
}

Vector rates_of(const Options& model, int d) {
  if (model.has("alpha")) return first_of(model.numbers("alpha"), d);
  if (!model.has("tau")) return Vector(static_cast<std::size_t>(d), 1.0);
  Vector rates = first_of(model.numbers("tau"), d);
  for (double& rate : rates) rate = model.number("dt") / rate;
  return rates;
}

/// The options of the rule that the user gave.
std::map<std::string, std::string> rule_options(const RuleRecord& rule, const Options& options, int interval) {
  std::map<std::string, std::string> words;
  std::vector<Option> settings(rule.entry.options.begin(), rule.entry.options.end());
  if (options.has("synthesiser")) {
    const auto& more = synthesiser_of(options).entry.options;
    settings.insert(settings.end(), more.begin(), more.end());
  }
  for (const Option& option : settings) {
    if (!options.given(option.key)) continue;
    Value value = options.values().at(option.key);
    if (option.key == std::string("L") && rule.segments == Segments::interval)
      value = std::min<std::int64_t>(options.integer("L"), interval);
    words[option.key] = toml_text(value);
  }
  return words;
}

}  // namespace
}  // namespace chronograd::checking

namespace chronograd {

std::vector<CheckRow> check_config(const Config& config, int seeds, std::uint64_t first_seed, Observer* observer) {
  using namespace checking;
  if (config.has("net")) return check_net(config, seeds, first_seed, observer);
  const Options &model = config.table("model"), &readout = config.table("readout"), &settings = config.table("rule"),
                &losses = config.table("loss");
  const auto& rule = find_record<RuleRecord>("rule.name", settings.word("name"));
  const auto& cell = find_record<CellRecord>("model.cell", model.word("cell"));
  const auto every = static_cast<int>(std::min<std::int64_t>(config.table("update").integer("every"), most_steps));
  const std::string& feedback = settings.word("feedback");
  std::vector<CheckRow> rows;
  for (int s = 0; s < seeds; ++s) {
    tell(observer, s, seeds);
    for (const int B : {1, 3}) {
      RandomOptions options;
      options.cell = cell.entry.name;
      options.loss = losses.word("name");
      options.output = readout.has("activation") ? readout.word("activation")
                                                 : name_of(find_record<LossRecord>("loss.name", options.loss).natural);
      options.d = static_cast<int>(std::min<std::int64_t>(model.integer("hidden"), most_units));
      options.layers = static_cast<int>(model.integer("layers"));
      options.n = most_inputs;
      options.m = most_outputs;
      options.B = B;
      options.T = most_steps;
      options.masked = options.resets = B > 1;
      options.sparse = model.has("density") && (model.is_word("density") || model.number("density") < 1);
      options.feedback = feedback != "symmetric";
      options.gain = 0.9;
      options.average = readout.flag("average");
      options.trained = model.has("train") && !model.words("train").empty();
      options.inside = model.has("activation_at") && model.word("activation_at") == "state";
      if (has_option(cell.entry, "activation")) options.activation = model.word("activation");
      CheckCase test;
      test.name = "as configured, B = " + std::to_string(B);
      test.seed = test.first_seed = first_seed + s;
      test.feedback = feedback;
      test.mean = !losses.has("normalize") || losses.word("normalize") == "mean";
      test.problem = random_problem(test.seed, options);
      if (has_option(cell.entry, "alpha") && !options.trained) test.problem.alpha = rates_of(model, options.d);
      if (readout.has("tau_out") && readout.number("tau_out") > 0) {
        const ChosenCell chosen = chosen_cell(config);
        test.problem.kappa = chosen.model.number(key_kappa);
        test.problem.zeta_out = chosen.model.number(key_zeta_out);
      }
      if (has_option(cell.entry, "noise")) {
        test.problem.sigma = model.number("noise");
        test.problem.noise_on_input = model.word("noise_where") == "input";
        if (test.problem.sigma > 0) test.problem.xi = draw_noise(test.problem, test.seed);
      }
      check_case(rule, rule_options(rule, settings, every == 0 ? most_steps : every), every, test, rows);
    }
  }
  if (rule.promise == Promise::unbiased)
    check_mean(rule, rule_options(rule, settings, most_steps), cell, first_seed, rows);
  return rows;
}

}  // namespace chronograd
