// SPDX-License-Identifier: Apache-2.0
#include "streaming/sample.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// "input 2" or "target 1"
std::string name_of(std::size_t field, std::size_t inputs) {
  return field < inputs ? "input " + std::to_string(field + 1) : "target " + std::to_string(field - inputs + 1);
}

std::string allowed(std::size_t inputs, std::size_t outputs) {
  return "allowed are " + std::to_string(inputs) + " inputs, then " + std::to_string(outputs) +
         " targets or none, with commas between them.";
}

template <class T>
bool is_none(std::span<const T> values) {
  return std::all_of(values.begin(), values.end(), [](T value) { return std::isnan(value); });
}

}  // namespace

template <class T>
Sample read_sample(std::string_view line, const Place& where, std::span<T> x, std::span<T> y) {
  line = trimmed(line);
  if (line.empty()) return Sample::none;
  if (line == "reset") return Sample::reset;
  const std::size_t n = x.size(), m = y.size();
  std::size_t field = 0, targets = 0;
  for (bool more = true; more; ++field) {
    const std::size_t comma = line.find(',');
    more = comma != std::string_view::npos;
    std::string_view text = trimmed(line.substr(0, comma));
    if (more) line.remove_prefix(comma + 1);
    if (field >= n + m)
      throw Error(Exit::data, where.text(), "got more than " + std::to_string(n + m) + " fields, " + allowed(n, m));
    if (text.empty() && field >= n) continue;
    double number = 0;
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const T value = static_cast<T>(number);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
      throw Error(Exit::data, where.text(),
                  "got " + (text.empty() ? "nothing" : "\"" + std::string(text.substr(0, 40)) + "\"") + " as " +
                      name_of(field, n) + ", allowed are finite numbers. A step is " + std::to_string(n) +
                      " inputs, then " + std::to_string(m) + " targets or none.");
    (field < n ? x[field] : y[field - n]) = value;
    if (field >= n) ++targets;
  }
  if (field < n) throw Error(Exit::data, where.text(), "got " + std::to_string(field) + " fields, " + allowed(n, m));
  if (targets > 0 && targets < m)
    throw Error(Exit::data, where.text(), "got " + std::to_string(targets) + " targets, " + allowed(n, m));
  return targets == m ? Sample::targeted : Sample::inputs;
}

template <class T>
Sample read_record(std::string_view bytes, const Place& where, std::span<T> x, std::span<T> y) {
  const auto take = [&bytes](std::span<T> to) {
    for (T& value : to) {
      float number = 0;
      std::memcpy(&number, bytes.data(), sizeof(number));
      bytes.remove_prefix(sizeof(number));
      value = static_cast<T>(number);
    }
  };
  const auto finite = [](std::span<const T> values) {
    return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
  };
  take(x);
  take(y);
  if (is_none<T>(x)) return Sample::reset;
  const bool none = is_none<T>(y);
  if (!finite(x) || (!none && !finite(y)))
    throw Error(
        Exit::data, where.text(),
        "got NaN or infinity, allowed are finite numbers; NaN for all targets where there are none, and for all "
        "inputs where the stream begins anew.");
  return none ? Sample::inputs : Sample::targeted;
}

template <class T>
void write_line(std::span<const T> y, std::string& to) {
  char text[32];
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (i > 0) to += ',';
    to.append(text, std::to_chars(text, text + sizeof(text), y[i]).ptr);
  }
  to += '\n';
}

template <class T>
void write_record(std::span<const T> y, std::string& to) {
  for (const T value : y) {
    const auto number = static_cast<float>(value);
    char bytes[sizeof(number)];
    std::memcpy(bytes, &number, sizeof(number));
    to.append(bytes, sizeof(bytes));
  }
}

template Sample read_sample(std::string_view, const Place&, std::span<float>, std::span<float>);
template Sample read_sample(std::string_view, const Place&, std::span<double>, std::span<double>);
template Sample read_record(std::string_view, const Place&, std::span<float>, std::span<float>);
template Sample read_record(std::string_view, const Place&, std::span<double>, std::span<double>);
template void write_line(std::span<const float>, std::string&);
template void write_line(std::span<const double>, std::string&);
template void write_record(std::span<const float>, std::string&);
template void write_record(std::span<const double>, std::string&);

}  // namespace chronograd
