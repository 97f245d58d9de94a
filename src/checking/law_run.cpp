// SPDX-License-Identifier: Apache-2.0
#include "checking/law_run.hpp"

#include <algorithm>
#include <cmath>

#include "base/sizes.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "config/check_value.hpp"
#include "config/entries.hpp"
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
  for (const Option& option : rule.entry.options)
    if (*option.fallback != '\0') options.set(option.key, default_value(option), false);
  for (const std::string& word : words) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string key = trimmed(word.substr(0, equals));
    const Option* option = option_of(rule.entry.options, key);
    if (option == nullptr || equals == word.size()) {
      std::vector<std::string> keys;
      for (const Option& one : rule.entry.options) keys.emplace_back(one.key);
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
      stack(find_record<CellRecord>("model.cell", request.cell), config.table("model"), units, inputs) {
  const Network<double> network(config, inputs, outputs);
  const std::vector<double> drawn = initial_values(network, config, nullptr, "").theta;
  Random random(seed, Draw::data);
  const auto normal = [&](std::size_t count, double scale) {
    Numbers numbers(count);
    for (double& number : numbers) number = scale * random.normal();
    return numbers;
  };
  theta.assign(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(network.map.readout_at()));
  for (double& value : theta) value += 0.1 * random.normal();  // biases too
  w_out = normal(area(outputs, units), 1);
  b_y = normal(outputs, 1);
  x = normal(area(steps * streams, inputs), 1);
  y = normal(area(steps * streams, outputs), 1);
  weight.assign(area(steps, streams), 1.0);
  for (std::size_t row = 2; row < weight.size(); row += 5) weight[row] = 0;
}

LawRun::LawRun(const LawProblem& problem, int first_stream, int streams)
    : problem_(problem), first_(first_stream), streams_(streams) {
  problem.stack.prepare(layers_, LawProblem::steps, streams);
  rule_ = make_rule<double>({.record = problem.rule,
                             .stack = problem.stack,
                             .streams = streams,
                             .outputs = LawProblem::outputs,
                             .first_stream = first_stream,
                             .options = problem.options,
                             .seed = problem.seed});
}

void LawRun::begin(int from, int pass) {
  t_ = start_ = from;
  const int d = LawProblem::units, more = (problem_.stack.states() - 1) * d;
  for (int l = 0; l < problem_.stack.layers(); ++l) {
    Segment<double>& segment = layers_[static_cast<std::size_t>(l)];
    segment.t0 = from;
    segment.pass = pass;
    for (int b = 0; b < streams_; ++b) {
      std::fill_n(segment.z.data() + area(b, problem_.stack.layer(l).ld()), d, 0.0);
      std::fill_n(segment.hidden.data() + area(b, more), more, 0.0);
    }
  }
  rule_->begin();
}

void LawRun::go(int to, int every, bool last, Numbers& gradient) {
  gradient.resize(problem_.theta.size());
  while (t_ < to) {
    const auto end = static_cast<int>(std::min<std::int64_t>(to, t_ - t_ % every + every));
    segment(end - static_cast<int>(t_), last && end == to, gradient);
  }
  if (last) rule_->flush(gradient.data());
}

Numbers LawRun::row(int every, int from, int to) {
  Numbers gradient;
  begin(from);
  go(to, every, true, gradient);
  return gradient;
}

void LawRun::segment(int steps, bool last, Numbers& gradient) {
  constexpr int n = LawProblem::inputs, m = LawProblem::outputs, d = LawProblem::units;
  const Cell<double>& cell = problem_.stack.layer(0);
  Segment<double>& bottom = layers_.front();
  bottom.steps = steps;
  bottom.last = last;
  bottom.any_cut = false;
  // Rows of the problem's arrays that the segment's rows are.
  const int begins = static_cast<int>(t_);
  const auto source = [&](int row) {
    return (begins + row / streams_) * LawProblem::streams + first_ + row % streams_;
  };
  const int rows = steps * streams_;
  for (int row = 0; row < rows; ++row) {
    std::copy_n(problem_.x.data() + area(source(row), n), n,
                bottom.z.data() + area(row, cell.ld()) + cell.layout().input_at);
    const int step = begins + row / streams_;
    const bool cut =
        step == LawProblem::reset_step && first_ + row % streams_ == LawProblem::reset_stream && step != start_;
    bottom.cut[static_cast<std::size_t>(row)] = cut ? 1 : 0;
    bottom.any_cut |= cut;
  }
  problem_.stack.forward(layers_, problem_.theta.data());
  c_.assign(area(rows, d), 0.0);
  err_.assign(area(rows, m), 0.0);
  lesson_.assign(area(rows, m), 0.0);
  const Segment<double>& top = layers_.back();
  for (int row = 0; row < rows && !problem_.silent; ++row) {
    const double weight = problem_.weight[static_cast<std::size_t>(source(row))];
    if (weight == 0) continue;
    for (int k = 0; k < m; ++k) {
      const double* w = problem_.w_out.data() + area(k, d);
      const double* h = top.h + area(row, top.h_ld);
      const double target = problem_.y[area(source(row), m) + static_cast<std::size_t>(k)];
      double error = problem_.b_y[static_cast<std::size_t>(k)] - target;
      for (int i = 0; i < d; ++i) error += w[i] * h[i];
      error *= weight;
      for (int i = 0; i < d; ++i) c_[area(row, d) + static_cast<std::size_t>(i)] += error * w[i];
      err_[area(row, m) + static_cast<std::size_t>(k)] = error;
      lesson_[area(row, m) + static_cast<std::size_t>(k)] = target;
    }
  }
  rule_->learn(layers_, {c_.data(), err_.data(), lesson_.data()}, gradient.data());
  problem_.stack.carry(layers_);
  t_ += steps;
}

void LawRun::state(Archive& archive) {
  const int d = LawProblem::units, more = (problem_.stack.states() - 1) * d;
  Within network(archive, "network/"), rule(archive, "rule/");
  for (int l = 0; l < problem_.stack.layers(); ++l) {
    Segment<double>& segment = layers_[static_cast<std::size_t>(l)];
    for (int b = 0; b < streams_; ++b)
      network.array(layer_name("h" + std::to_string(b), l),
                    {segment.z.data() + area(b, problem_.stack.layer(l).ld()), static_cast<std::size_t>(d)});
    if (more > 0) network.array(layer_name("hidden", l), {segment.hidden.data(), area(streams_, more)});
  }
  network.number("t0", layers_.front().t0);
  network.number("pass", layers_.front().pass);
  network.number("t", t_);
  network.number("start", start_);
  rule_->state(rule);
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
