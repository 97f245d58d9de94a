// SPDX-License-Identifier: Apache-2.0
// Evaluates the cost formulas of rule records: `d (d + m + 1)`, `d^2 p / K`. Two factors side by side are a product.
#pragma once

#include <cctype>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

namespace chronograd {

class Formula {
 public:
  /// The value; throws std::invalid_argument for what is no formula.
  static double value(const std::string& text, const std::map<char, double>& variables) {
    Formula formula(text, variables);
    const double result = formula.sum();
    if (formula.peek() != '\0') throw std::invalid_argument("no formula: " + text);
    return result;
  }

 private:
  Formula(const std::string& text, const std::map<char, double>& variables) : text_(text), variables_(variables) {}

  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  double sum() {
    double result = product();
    for (;;) {
      if (take('+'))
        result += product();
      else if (take('-'))
        result -= product();
      else
        return result;
    }
  }
  double product() {
    double result = power();
    for (;;) {
      const char next = peek();
      if (take('/'))
        result /= power();
      else if (next == '(' || std::isalnum(static_cast<unsigned char>(next)) != 0)
        result *= power();
      else
        return result;
    }
  }
  double power() {
    const double base = factor();
    return take('^') ? std::pow(base, factor()) : base;
  }
  double factor() {
    const char next = peek();
    if (take('(')) {
      const double result = sum();
      if (!take(')')) throw std::invalid_argument("no closing parenthesis: " + text_);
      return result;
    }
    if (std::isdigit(static_cast<unsigned char>(next)) != 0) {
      std::size_t used = 0;
      const double result = std::stod(text_.substr(at_), &used);
      at_ += used;
      return result;
    }
    const auto found = variables_.find(next);
    if (found == variables_.end()) throw std::invalid_argument("unknown symbol in: " + text_);
    ++at_;
    return found->second;
  }

  const std::string& text_;
  const std::map<char, double>& variables_;
  std::size_t at_ = 0;
};

}  // namespace chronograd
