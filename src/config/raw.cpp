// SPDX-License-Identifier: Apache-2.0
#include "config/raw.hpp"

#include "base/text.hpp"

namespace chronograd {
namespace {

std::string got_scalar(const Scalar& scalar) {
  if (const bool* flag = std::get_if<bool>(&scalar)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&scalar)) return std::to_string(*whole);
  if (const double* number = std::get_if<double>(&scalar)) {
    const std::string text = number_text(*number);
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
  }
  return "the word " + quoted(std::get<std::string>(scalar));
}

}  // namespace

std::string Raw::got() const {
  if (kind == Kind::scalar) return got_scalar(scalar);
  return kind == Kind::list ? "a list of " + std::to_string(list.size()) : other;
}

std::string path_of(const std::string& table, const std::string& key) {
  if (table.empty()) return key;
  return key.empty() ? table : table + "." + key;
}

std::string where_of(const std::string& place, const std::string& path) {
  return place.empty() ? path : place + " " + path;
}

}  // namespace chronograd
