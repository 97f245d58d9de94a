// SPDX-License-Identifier: Apache-2.0
#include "studies/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "chronograd/method.hpp"
#include "chronograd/random.hpp"

namespace chronograd {
namespace {

constexpr int most_values = 10000;

/// `name(a, b, c)`; no name if the text is none.
struct Call {
  std::string name;
  std::vector<std::string> arguments;
};

Call call_of(const std::string& key, const std::string& text) {
  const std::size_t open = text.find('(');
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (open == 0 || open == std::string::npos || text.back() != ')' ||
      !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(open), is_letter))
    return {};
  const std::string inner = text.substr(open + 1, text.size() - open - 2);
  return {text.substr(0, open), trimmed(inner).empty() ? std::vector<std::string>() : split_list(key, inner)};
}

bool read_number(const std::string& text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

/// Six digits: enough for any axis, and short enough to type again.
std::string rounded(double x) {
  return number_text(std::stod(fmt::format("{:.6g}", x)));
}

/// A range: of `count` values, or to draw from.
struct Range {
  bool logarithmic, drawn;
  double low, high;
  int count;

  double at(double share) const { return logarithmic ? low * std::pow(high / low, share) : low + (high - low) * share; }
};

Range range_of(const std::string& key, const std::string& text, const Call& call) {
  static const std::vector<std::string> names = {"lin", "log", "uniform", "loguniform"};
  if (std::find(names.begin(), names.end(), call.name) == names.end()) throw_unknown_name(key, call.name, names);
  const bool drawn = call.name.ends_with("uniform");
  const std::string form = call.name + (drawn ? "(low, high)" : "(low, high, n)");
  const auto refuse = [&](const std::string& what) -> void {
    throw Error(Exit::usage, key,
                "got " + quoted(text) + ", allowed is " + form + what + ". Example: " + key + "=" + call.name +
                    (drawn ? "(1e-4,1e-1)." : "(1e-4,1e-1,7)."));
  };
  Range range{call.name.starts_with("log"), drawn, 0, 0, 0};
  const std::size_t wanted = drawn ? 2 : 3;
  if (call.arguments.size() != wanted || !read_number(call.arguments[0], range.low) ||
      !read_number(call.arguments[1], range.high))
    refuse(" with numbers");
  if (range.low >= range.high) refuse(" with low < high");
  if (range.logarithmic && range.low <= 0) refuse(" with low > 0");
  double count = 2;
  if (!drawn &&
      (!read_number(call.arguments[2], count) || count != std::floor(count) || count < 2 || count > most_values))
    refuse(" with a whole number n in [2, " + std::to_string(most_values) + "]");
  range.count = static_cast<int>(count);
  return range;
}

void refuse_repeated(const SweepAxis& axis) {
  for (std::size_t i = 0; i < axis.values.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (axis.values[i] == axis.values[j])
        throw Error(Exit::usage, axis.key,
                    "got " + quoted(axis.text) + ", but " + axis.values[i] + " is named twice. Leave one out.");
}

/// The two sides of `key=value`.
std::pair<std::string, std::string> sides(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || trimmed(word.substr(0, equals)).empty())
    throw Error(Exit::usage, "command line",
                "got " + quoted(word) + ", allowed is key=values. Example: optimizer.lr=log(1e-4,1e-1,7).");
  return {trimmed(word.substr(0, equals)), trimmed(word.substr(equals + 1))};
}

}  // namespace

bool is_axis(const std::string& word) {
  const auto [key, text] = sides(word);
  if (text.empty()) return false;
  return split_list(key, text).size() > 1 || !call_of(key, text).name.empty() ||
         (names_method(key) && text.find('(') != std::string::npos);
}

SweepAxis parse_axis(const std::string& word) {
  const auto [key, text] = sides(word);
  SweepAxis axis{key, text, {}, false};
  if (key == "seed")
    throw Error(Exit::usage, key, "got " + quoted(text) + ", but seeds are no axis. Give --seeds 0..4.");
  const std::vector<std::string> elements = split_list(key, text);
  for (const std::string& element : elements) {
    const Call call = names_method(key) ? Call{} : call_of(key, element);
    if (call.name.empty()) {
      axis.values.push_back(element);
      continue;
    }
    const Range range = range_of(key, element, call);
    if (range.drawn && elements.size() > 1)
      throw Error(Exit::usage, key, "got " + quoted(text) + ", but " + call.name + " stands alone.");
    axis.drawn = range.drawn;
    for (int i = 0; i < range.count && !range.drawn; ++i)
      axis.values.push_back(i == 0                 ? number_text(range.low)
                            : i == range.count - 1 ? number_text(range.high)
                                                   : rounded(range.at(double(i) / (range.count - 1))));
  }
  if (axis.values.size() > static_cast<std::size_t>(most_values))
    throw Error(Exit::usage, key,
                "got " + std::to_string(axis.values.size()) + " values, allowed are at most " +
                    std::to_string(most_values) + ".");
  refuse_repeated(axis);
  return axis;
}

void draw_values(std::vector<SweepAxis>& axes, std::int64_t samples, std::uint64_t seed) {
  const bool drawn = std::any_of(axes.begin(), axes.end(), [](const SweepAxis& axis) { return axis.drawn; });
  if (drawn && samples == 0)
    throw Error(Exit::usage, "--samples", "is missing: uniform and loguniform need it. Example: --samples 20.");
  if (!drawn && samples > 0)
    throw Error(
        Exit::usage, "--samples",
        "got " + std::to_string(samples) + ", but no axis is drawn. Example: optimizer.lr=loguniform(1e-4,1e-1).");
  for (std::size_t a = 0; a < axes.size(); ++a) {
    if (!axes[a].drawn) continue;
    const Range range = range_of(axes[a].key, axes[a].text, call_of(axes[a].key, axes[a].text));
    axes[a].values.clear();
    for (std::int64_t s = 0; s < samples; ++s)
      axes[a].values.push_back(
          rounded(range.at(Random(seed, Draw::search, a, static_cast<std::uint64_t>(s)).uniform())));
  }
}

std::vector<double> numbers_of(const SweepAxis& axis) {
  std::vector<double> numbers;
  for (const std::string& value : axis.values) {
    double number = 0;
    if (!read_number(value, number)) return {};
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::vector<std::string>> combinations(const std::vector<SweepAxis>& axes) {
  std::vector<std::vector<std::string>> all = {{}};
  std::size_t samples = 0;
  for (const SweepAxis& axis : axes) {
    if (axis.drawn) samples = axis.values.size();
    std::vector<std::vector<std::string>> next;
    const std::vector<std::string>& values = axis.drawn ? std::vector<std::string>{""} : axis.values;
    for (const auto& before : all)
      for (const std::string& value : values) {
        next.push_back(before);
        next.back().push_back(value);
      }
    all = std::move(next);
  }
  if (samples == 0) return all;
  std::vector<std::vector<std::string>> filled;
  for (const auto& before : all)
    for (std::size_t s = 0; s < samples; ++s) {
      filled.push_back(before);
      for (std::size_t a = 0; a < axes.size(); ++a)
        if (axes[a].drawn) filled.back()[a] = axes[a].values[s];
    }
  return filled;
}

}  // namespace chronograd
