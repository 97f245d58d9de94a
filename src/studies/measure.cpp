// SPDX-License-Identifier: Apache-2.0
// What is measured of a run.
#include <charconv>
#include <limits>
#include <utility>

#include "chronograd/error.hpp"
#include "figures/statistics.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

/// A measure's text in its parts: `W_in[3]`, `cosine(rtrl)[W_in]`, `change(W_rec)[2]`.
struct Parts {
  std::string name, argument, index;
};

/// Takes what stands at the end of `text` in these brackets; "" if nothing does.
std::string taken(std::string& text, char open, char close) {
  const std::size_t at = text.find(open);
  if (text.empty() || text.back() != close || at == std::string::npos) return "";
  std::string inside = text.substr(at + 1, text.size() - at - 2);
  text.resize(at);
  return inside;
}

Parts parts_of(std::string text) {
  Parts parts;
  parts.index = taken(text, '[', ']');
  parts.argument = taken(text, '(', ')');
  parts.name = text;
  return parts;
}

/// The number that a text is; the largest of all if it is none.
std::size_t number_in(const std::string& text) {
  std::size_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() ? number : std::numeric_limits<std::size_t>::max();
}
bool is_number(const std::string& text) {
  return number_in(text) != std::numeric_limits<std::size_t>::max();
}

bool is_known(const std::string& text) {
  const Parts parts = parts_of(text);
  if (parts.name.empty() || text.find_first_of("[(") == 0) return false;
  if (parts.name == "cosine") return !parts.argument.empty();
  if (parts.name == "change") return !parts.argument.empty() && is_number(parts.index) && parts.index != "0";
  if (!parts.index.empty()) return parts.argument.empty() && is_number(parts.index);
  for (const char* name : {"loss", "accuracy", "level", "us_per_step_cpu", "rule_bytes_a_weight"})
    if (text == name) return true;
  return false;
}

double element_of(const RunResult& run, const Parts& parts) {
  const auto found = run.parameters.find(parts.name);
  const std::size_t index = number_in(parts.index);
  return found == run.parameters.end() || index >= found->second.size() ? not_measured : found->second.at(index);
}

/// Mean cosine of the gradient that the run learnt by with that of a watched rule.
double cosine_of(const RunResult& run, const Parts& parts) {
  const std::string group = parts.index.empty() ? "cell" : parts.index;
  for (const AlignedPair& pair : run.alignment)
    if (pair.group == group && pair.rule == trained_rule && pair.beside == parts.argument) return pair.cosine;
  return not_measured;
}

/// The share of the squared norm of a matrix's change over the run that its first singular values hold.
double change_of(const RunResult& run, const Parts& parts) {
  const auto after = run.parameters.find(parts.argument), before = run.initial.find(parts.argument);
  if (after == run.parameters.end() || before == run.initial.end() || after->second.shape.size() != 2)
    return not_measured;
  std::vector<double> change(after->second.size());
  for (std::size_t i = 0; i < change.size(); ++i) change[i] = after->second.at(i) - before->second.at(i);
  const std::vector<double> values = singular_values(std::move(change), after->second.shape[0]);
  const std::size_t first = number_in(parts.index);
  double held = 0, all = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    all += values[k] * values[k];
    if (k < first) held += values[k] * values[k];
  }
  return all > 0 ? held / all : not_measured;
}

}  // namespace

Measure measure_of(const std::string& where, const std::string& text) {
  if (!is_known(text))
    throw Error(Exit::usage, where,
                "got the measure " + text +
                    ", allowed are loss, accuracy, level, us_per_step_cpu, rule_bytes_a_weight, an element of a "
                    "parameter (W_in[0]), cosine(RULE) with a "
                    "watched rule, of one parameter cosine(RULE)[W_in], and change(W_rec)[k], the share of its change "
                    "that the k largest singular values hold.");
  return {text};
}

double Measure::of(const RunResult& run) const {
  // Whatever is claimed, it does not hold because a run diverged.
  if (run.status == RunResult::Status::diverged)
    return text == "accuracy" ? 0 : std::numeric_limits<double>::infinity();
  const Parts parts = parts_of(text);
  if (parts.name == "cosine") return cosine_of(run, parts);
  if (parts.name == "change") return change_of(run, parts);
  if (!parts.index.empty()) return element_of(run, parts);
  if (text == "us_per_step_cpu") return us_per_step(run.cpu_seconds, run);
  if (text == "rule_bytes_a_weight")
    return run.parameter_count > 0 ? static_cast<double>(run.rule_bytes) / static_cast<double>(run.parameter_count)
                                   : not_measured;
  const Score& score = run.score();
  if (text == "loss") return score.loss;
  if (text == "accuracy") return score.accuracy;
  return run.level > 0 ? static_cast<double>(run.level) : not_measured;
}

}  // namespace chronograd
