// SPDX-License-Identifier: Apache-2.0
#include "base/formula.hpp"

#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace chronograd {
namespace {

using Node = FormulaNode;
using Kind = FormulaNode::Kind;

[[noreturn]] void no_value(const std::string& what) {
  throw std::invalid_argument("no number: " + what);
}

double value_of(const Node& node, const std::map<std::string, double>& letters) {
  const auto part = [&](std::size_t i) { return value_of(node.parts[i], letters); };
  switch (node.kind) {
    case Kind::number:
      return std::stod(node.text);
    case Kind::symbol: {
      const auto found = letters.find(node.text);
      if (found == letters.end() || !node.index.empty() || !node.parts.empty()) no_value(node.text);
      return found->second;
    }
    case Kind::group:
      return part(0);
    case Kind::sum: {
      double sum = 0;
      for (std::size_t i = 0; i < node.parts.size(); ++i) sum += node.text[i] == '-' ? -part(i) : part(i);
      return sum;
    }
    case Kind::product: {
      double product = part(0);
      for (std::size_t i = 1; i < node.parts.size(); ++i) {
        const std::string& op = node.ops[i - 1];
        if (op != "" && op != "/") no_value(op);
        product = op == "/" ? product / part(i) : product * part(i);
      }
      return product;
    }
    case Kind::fraction:
      return part(0) / part(1);
    case Kind::power:
      return std::pow(part(0), part(1));
    default:
      no_value("an equation, a function or a norm");
  }
}

void collect(const Node& node, std::set<std::string>& names) {
  if (node.kind == Kind::symbol && !is_common_function(node.text)) {
    const std::string inner = differentiated(node.text);
    names.insert(inner.empty() ? node.text : inner);
  }
  if (node.kind == Kind::power && node.parts[1].kind == Kind::symbol && node.parts[1].text == "T")
    return collect(node.parts[0], names);  // a transpose
  for (const Node& part : node.index) collect(part, names);
  for (const Node& part : node.parts) collect(part, names);
}

void collect_defined(const Node& node, std::set<std::string>& names) {
  if (node.kind == Kind::relation) {
    if (node.parts[0].kind == Kind::symbol && (node.ops[0] == "=" || node.ops[0] == "<-"))
      names.insert(node.parts[0].text);
    return;
  }
  if (node.kind == Kind::condition) return collect_defined(node.parts[1], names);
  if (node.kind == Kind::list)
    for (const Node& part : node.parts) collect_defined(part, names);
}

}  // namespace

Formula::Formula(const std::string& text) : text_(text), root_(parse_formula(text)) {}

double Formula::value(const std::map<std::string, double>& letters) const {
  try {
    return value_of(root_, letters);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string(error.what()) + " in " + text_);
  }
}

std::set<std::string> Formula::symbols() const {
  std::set<std::string> names;
  collect(root_, names);
  return names;
}

std::set<std::string> Formula::defined() const {
  std::set<std::string> names;
  collect_defined(root_, names);
  return names;
}

bool is_common_function(const std::string& name) {
  constexpr std::array<std::string_view, 15> names = {"sum", "log",  "exp",     "sqrt",     "sin",
                                                      "cos", "tanh", "max",     "min",      "Re",
                                                      "Im",  "diag", "sigmoid", "softplus", "softmax"};
  for (const std::string_view one : names)
    if (one == name) return true;
  return false;
}

}  // namespace chronograd
