// SPDX-License-Identifier: Apache-2.0
#include "checking/law_run.hpp"

#include <algorithm>
#include <cmath>

#include "base/sizes.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/third_factor.hpp"
#include "config/check_value.hpp"
#include "config/entries.hpp"
#include "config/toml.hpp"
#include "network/initial.hpp"

namespace chronograd::checking {
namespace {

/// An experiment with this network. Which rule it names does not matter: it is not made.
Config config_of(const LawRequest& request) {
  const std::string rule = catalogue<RuleRecord>().front()->entry.name;
  std::vector<std::string> settings = {"seed=" + std::to_string(request.seed), "model.cell=\"" + request.cell + "\"",
                                       "model.layers=" + std::to_string(request.layers),
                                       "model.hidden=" + std::to_string(LawProblem::units)};
  // With alpha = 1 a unit keeps nothing of itself, and a memory that is wrong would not show.
  if (has_option(find_record<CellRecord>("model.cell", request.cell).entry, "alpha"))
    settings.emplace_back("model.alpha=0.4");
  return Config::parse("dtype = \"float64\"\n[rule]\nname = \"" + rule + "\"\n[loss]\nname = \"mse\"\n", "check_laws",
                       settings);
}

/// Defaults, and what `words` say.
Options options_of(const RuleRecord& rule, const std::vector<std::string>& words) {
  Options options;
  std::vector<Option> settings(rule.entry.options.begin(), rule.entry.options.end());
  if (has_option(rule.entry, "synthesiser")) {
    std::string name = "linear";
    for (const std::string& word : words)
      if (const std::string key = "synthesiser="; word.starts_with(key)) name = word.substr(key.size());
    const auto& more = find_record<SynthesiserRecord>("rule.synthesiser", name).entry.options;
    settings.insert(settings.end(), more.begin(), more.end());
  }
  for (const Option& option : settings)
    if (*option.fallback != '\0') options.set(option.key, default_value(option), false);
  for (const std::string& word : words) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string key = trimmed(word.substr(0, equals));
    const Option* option = option_of(settings, key);
    if (option == nullptr || equals == word.size()) {
      std::vector<std::string> keys;
      for (const Option& one : settings) keys.emplace_back(one.key);
      throw Error(Exit::usage, rule.entry.name,
                  "got " + quoted(word) + ", allowed is key=value with a setting of the rule: " +
                      (keys.empty() ? "it has none." : joined(keys) + "."));
    }
    options.set(key, checked_value("rule." + key, *option, parse_value(word.substr(equals + 1))), true);
  }
  return options;
}

}  // namespace

LawProblem::LawProblem(const RuleRecord& record, const LawRequest& request)
    : LawProblem(record, request, config_of(request)) {}

LawProblem::LawProblem(const RuleRecord& record, const LawRequest& request, const Config& config)
    : rule(record),
      options(options_of(record, request.options)),
      seed(request.seed),
      network(config, inputs, outputs, 1),
      weights(weights_of<double>(initial_values(network, config, nullptr, ""))) {
  Random random(seed, Draw::data);
  const auto normal = [&](std::size_t count) {
    Numbers numbers(count);
    for (double& number : numbers) number = random.normal();
    return numbers;
  };
  double* const theta = weights.theta.data();
  for (std::size_t i = 0; i < network.map.readout_at(); ++i) theta[i] += 0.1 * random.normal();  // biases too
  for (std::size_t i = network.map.readout_at(); i < network.map.size(); ++i) theta[i] = random.normal();
  x = normal(area(steps * streams, inputs));
  y = normal(area(steps * streams, outputs));
  weight.assign(area(steps, streams), 1.0);
  for (std::size_t row = 2; row < weight.size(); row += 5) weight[row] = 0;
  third = normal(weight.size());
  for (std::size_t row = 0; row < weight.size(); ++row) third[row] *= weight[row];
}

namespace {

std::unique_ptr<Rule<double>> rule_of(const LawProblem& problem, const RuleRecord& record, int first_stream,
                                      int streams) {
  auto rule = make_rule<double>({.record = record,
                                 .stack = problem.network.stack,
                                 .streams = streams,
                                 .outputs = LawProblem::outputs,
                                 .first_stream = first_stream,
                                 .options = problem.options,
                                 .seed = problem.seed});
  expect_third(*rule, problem.network.third);
  return rule;
}

}  // namespace

LawRun::LawRun(const LawProblem& problem, int first_stream, int streams, const RuleRecord* rule)
    : problem_(problem),
      first_(first_stream),
      stepper_(problem.network, rule_of(problem, rule ? *rule : problem.rule, first_stream, streams), streams,
               first_stream, LawProblem::steps) {
  constexpr int n = LawProblem::inputs, m = LawProblem::outputs;
  batch_.resize(LawProblem::steps, streams, n, m);
  batch_.third.resize(area(LawProblem::steps, streams));
  for (int t = 0; t < LawProblem::steps; ++t)
    for (int b = 0; b < streams; ++b) {
      const int from = t * LawProblem::streams + first_stream + b, to = t * streams + b;
      std::copy_n(problem.x.data() + area(from, n), n, batch_.x.data() + area(to, n));
      std::copy_n(problem.y.data() + area(from, m), m, batch_.y.data() + area(to, m));
      batch_.third[area(to, 1)] = problem.silent ? 0 : problem.third[area(from, 1)];
      batch_.mask[area(to, 1)] = batch_.weight[area(to, 1)] = problem.silent ? 0 : problem.weight[area(from, 1)];
    }
}

void LawRun::begin(int from, int pass) {
  t_ = start_ = from;
  mark_reset();
  stepper_.begin(batch_, pass, from);
}

/// Where a row begins there is nothing to reset.
void LawRun::mark_reset() {
  const int b = LawProblem::reset_stream - first_;
  if (b >= 0 && b < batch_.streams)
    batch_.reset[area(LawProblem::reset_step * batch_.streams + b, 1)] = start_ != LawProblem::reset_step;
}

void LawRun::go(int to, int every, bool last, Numbers& gradient) {
  const std::size_t p = problem_.network.stack.parameters();
  Buffer<double> grad(problem_.network.map.size());
  while (t_ < to) {
    const auto from = static_cast<int>(t_);
    const int end = std::min(to, from - from % every + every);
    stepper_.run(problem_.weights, batch_, from, end - from, last && end == to, grad.data());
    t_ = end;
  }
  if (last) stepper_.flush(grad.data());
  gradient.resize(p);
  for (std::size_t i = 0; i < p; ++i) gradient[i] += grad[i];
}

Numbers LawRun::row(int every, int from, int to) {
  Numbers gradient;
  begin(from);
  go(to, every, true, gradient);
  return gradient;
}

void LawRun::state(Archive& archive) {
  stepper_.state(archive);
  archive.number("next", t_);
  archive.number("start", start_);
  mark_reset();
}

double distance_of(const Numbers& a, const Numbers& b) {
  double scale = 0, most = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    const double difference = std::fabs(a[k] - b[k]);
    if (std::isnan(difference)) return difference;
    scale = std::max(scale, std::fabs(b[k]));
    most = std::max(most, difference);
  }
  return scale > 0 ? most / scale : most;
}

}  // namespace chronograd::checking
