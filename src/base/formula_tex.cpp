// SPDX-License-Identifier: Apache-2.0
// Formulae as TeX, in the part of it that KaTeX has.
#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/formula.hpp"

namespace chronograd {
namespace {

using Node = FormulaNode;
using Kind = FormulaNode::Kind;

bool is_greek(std::string_view name) {
  constexpr std::array<std::string_view, 18> letters = {"alpha", "beta",   "gamma", "delta", "epsilon", "eta",
                                                        "theta", "lambda", "mu",    "nu",    "xi",      "pi",
                                                        "rho",   "sigma",  "tau",   "phi",   "psi",     "omega"};
  for (const std::string_view letter : letters)
    if (letter == name) return true;
  return false;
}

/// One letter, Latin or Greek.
bool is_one_letter(std::string_view name) {
  return (name.size() == 1 && std::isalpha(static_cast<unsigned char>(name[0])) != 0) || is_greek(name);
}

std::string escaped(const std::string& word) {
  std::string text;
  for (const char c : word) text += c == '_' ? "\\_" : std::string(1, c);
  return text;
}

std::string roman(const std::string& word) {
  return "\\mathrm{" + escaped(word) + "}";
}

std::string letter_tex(const std::string& letter) {
  if (is_greek(letter)) return "\\" + letter;
  return letter.size() == 1 ? letter : roman(letter);
}

/// A name with its marks and everything below it.
std::string name_tex(const std::string& name, const std::string& index) {
  if (const std::string inner = differentiated(name); !inner.empty()) return "\\mathrm{d}" + name_tex(inner, index);
  const Decorated part = decorated(name);
  std::string text = letter_tex(part.letter);
  if (part.mark == "~") text = "\\tilde{" + text + "}";
  if (part.mark == "hat" || part.mark == "bar") text = "\\" + part.mark + "{" + text + "}";
  if (part.mark == "*") text += "^{*}";
  if (part.mark == "'") text += "'";
  std::string below = part.subscript.size() > 1 && std::isdigit(static_cast<unsigned char>(part.subscript[0])) == 0
                          ? roman(part.subscript)
                          : part.subscript;
  if (!index.empty()) below += (below.empty() ? "" : ",") + index;
  return below.empty() ? text : text + "_{" + below + "}";
}

std::string tex_of(const Node& node);

std::string side_by_side(const Node& list, const char* separator) {
  std::string text;
  for (std::size_t i = 0; i < list.parts.size(); ++i) text += (i > 0 ? separator : "") + tex_of(list.parts[i]);
  return text;
}

/// Without its outer round brackets, which a fraction or root makes needless.
std::string bare(const Node& node) {
  return node.kind == Kind::group && node.text == "(" ? tex_of(node.parts[0]) : tex_of(node);
}

std::string between(const std::string& open, const std::string& inside, const std::string& close) {
  const bool tall = inside.find("\\frac") != std::string::npos || inside.find("\\sum") != std::string::npos ||
                    inside.find("\\sqrt") != std::string::npos;
  return tall ? "\\left" + open + " " + inside + " \\right" + close : open + inside + close;
}

std::string relation_tex(const std::string& op) {
  constexpr std::pair<std::string_view, const char*> all[] = {
      {"<-", " \\leftarrow "}, {"<=", " \\le "}, {">=", " \\ge "}, {"~", " \\approx "}};
  for (const auto& [plain, tex] : all)
    if (plain == op) return tex;
  return " " + op + " ";
}

std::string product_tex(const std::string& op) {
  if (op == "(x)") return " \\otimes ";
  if (op == "*") return " \\odot ";
  if (op == ".") return " \\cdot ";
  return op == "/" ? " / " : "\\,";
}

std::string call_tex(const Node& node) {
  const Node& function = node.parts[0];
  const std::string argument = tex_of(node.parts[1]);
  if (function.text == "sqrt") return "\\sqrt{" + argument + "}";
  std::string name = tex_of(function);
  if (is_common_function(function.text)) {
    constexpr std::array<std::string_view, 8> known = {"log", "exp", "sin", "cos", "tanh", "max", "min", "sum"};
    const bool has_name = std::find(known.begin(), known.end(), function.text) != known.end();
    name = has_name ? "\\" + function.text : "\\operatorname{" + function.text + "}";
  }
  return name + (node.text == "(" ? between("(", argument, ")") : (name[0] == '\\' ? " " : "") + argument);
}

std::string symbol_tex(const Node& node) {
  std::string index;
  if (!node.index.empty()) index = tex_of(node.index[0]);
  if (node.text == "sum") return "\\sum" + (index.empty() ? "" : "_{" + index + "}");
  std::string text = name_tex(node.text, index);
  if (node.parts.empty()) return text;
  text += "[";
  for (std::size_t i = 0; i < node.parts.size(); ++i) text += (i > 0 ? "," : "") + tex_of(node.parts[i]);
  return text + "]";
}

std::string tex_of(const Node& node) {
  const auto part = [&](std::size_t i) { return tex_of(node.parts[i]); };
  std::string text;
  switch (node.kind) {
    case Kind::number:
      return node.text;
    case Kind::symbol:
      return symbol_tex(node);
    case Kind::call:
      return call_tex(node);
    case Kind::group:
      text = node.parts[0].kind == Kind::list ? side_by_side(node.parts[0], ", ") : part(0);
      return between(node.text, text, node.text == "(" ? ")" : "]");
    case Kind::norm:
      return "\\left| " + part(0) + " \\right|";
    case Kind::sum:
      for (std::size_t i = 0; i < node.parts.size(); ++i)
        text += (i > 0 ? std::string(" ") + node.text[i] + " " : node.text[0] == '-' ? "-" : "") + part(i);
      return text;
    case Kind::product:
      text = part(0);
      for (std::size_t i = 1; i < node.parts.size(); ++i) {
        const Node& before = node.parts[i - 1];
        const bool after_sum = before.kind == Kind::symbol && before.text == "sum";
        text += (after_sum ? " " : product_tex(node.ops[i - 1])) + part(i);
      }
      return text;
    case Kind::fraction:
      return "\\frac{" + bare(node.parts[0]) + "}{" + bare(node.parts[1]) + "}";
    case Kind::power: {
      const Node& raised = node.parts[0];
      const bool transpose = node.parts[1].kind == Kind::symbol && node.parts[1].text == "T";
      const std::string exponent = "^{" + (transpose ? "\\top" : part(1)) + "}";
      return raised.kind == Kind::symbol && decorated(raised.text).mark == "*" ? "{" + part(0) + "}" + exponent
                                                                               : part(0) + exponent;
    }
    case Kind::relation:
      text = part(0);
      for (std::size_t i = 1; i < node.parts.size(); ++i) text += relation_tex(node.ops[i - 1]) + part(i);
      return text;
    case Kind::list:
      return side_by_side(node, ",\\quad ");
    case Kind::condition:
      return part(0) + ":\\quad " + part(1);
  }
  return text;
}

}  // namespace

std::string differentiated(const std::string& name) {
  if (name.size() < 2 || name[0] != 'd' || is_greek(name)) return "";
  const std::string rest = name.substr(1);
  return is_one_letter(decorated(rest).letter) && rest.find('_') == std::string::npos ? rest : "";
}

Decorated decorated(const std::string& name) {
  Decorated part{name, "", ""};
  if (const std::size_t line = name.find('_'); line != std::string::npos) {
    part.letter = name.substr(0, line);
    part.subscript = name.substr(line + 1);
  }
  for (const char* mark : {"~", "*", "'"})
    if (part.letter.size() > 1 && part.letter.ends_with(mark)) {
      part.mark = mark;
      part.letter.pop_back();
    }
  if (part.letter.size() == 4 && part.letter.ends_with("bar")) {
    part.mark = "bar";
    part.letter.resize(1);
  }
  if (const std::size_t digits = part.letter.find_first_of("0123456789");
      digits != std::string::npos && part.subscript.empty()) {
    part.subscript = part.letter.substr(digits);
    part.letter.resize(digits);
  }
  if (part.subscript == "hat") {
    part.mark = "hat";
    part.subscript.clear();
  }
  // A word with lines between its parts is a word, no letter with a subscript.
  if (!part.subscript.empty() && name.find('_') != std::string::npos && !is_one_letter(part.letter))
    return {name, "", ""};
  return part;
}

std::string tex_of_symbol(const std::string& name) {
  return name_tex(name, "");
}

std::string Formula::tex() const {
  return tex_of(root_);
}

}  // namespace chronograd
