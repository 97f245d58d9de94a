// SPDX-License-Identifier: Apache-2.0
// From the text of a formula to its tree.
#include <cctype>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/formula.hpp"

namespace chronograd {
namespace {

using Node = FormulaNode;
using Kind = FormulaNode::Kind;

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Letters that stand for a step, a unit, a class or a number when they are a subscript of one letter.
bool is_index(std::string_view subscript) {
  return subscript.size() == 1 && std::string_view("tskijln").find(subscript[0]) != std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  Node whole() {
    Node result = list();
    if (take(":")) {
      Node under{Kind::condition};
      under.parts = {std::move(result), list()};
      result = std::move(under);
    }
    if (next() != '\0') refuse("what comes here is not understood");
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw std::invalid_argument("no formula: " + text_ + "; " + what + ": " + text_.substr(at_));
  }

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  char here(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  char next() {
    skip();
    return here();
  }
  bool take(std::string_view token) {
    skip();
    if (std::string_view(text_).substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  /// An operator with blanks around it.
  bool take_apart(std::string_view token) {
    const std::size_t before = at_;
    skip();
    if (at_ > 0 && text_[at_ - 1] == ' ' && std::string_view(text_).substr(at_, token.size()) == token &&
        here(token.size()) == ' ') {
      at_ += token.size();
      return true;
    }
    at_ = before;
    return false;
  }
  void expect(char closing) {
    if (next() != closing) refuse(std::string("a ") + closing + " is missing");
    ++at_;
  }

  /// One of several alike, or all of them.
  static Node joined(Kind kind, std::vector<Node> parts, std::vector<std::string> ops) {
    if (parts.size() == 1) return std::move(parts[0]);
    Node node{kind};
    node.parts = std::move(parts);
    node.ops = std::move(ops);
    return node;
  }

  Node list() {
    std::vector<Node> parts = {relation()};
    while (take(",")) parts.push_back(relation());
    return joined(Kind::list, std::move(parts), {});
  }

  Node relation() {
    std::vector<Node> parts = {sum()};
    std::vector<std::string> ops;
    for (;;) {
      bool found = false;
      for (const char* op : {"<-", "<=", ">=", "=", "<", ">"})
        if (!found && take(op)) {
          ops.emplace_back(op);
          found = true;
        }
      if (!found && take_apart("~")) {
        ops.emplace_back("~");
        found = true;
      }
      if (!found) return joined(Kind::relation, std::move(parts), std::move(ops));
      parts.push_back(sum());
    }
  }

  Node sum() {
    Node node{Kind::sum};
    node.text = take("-") ? "-" : "+";
    node.parts.push_back(product());
    for (;;) {
      const char sign = next();
      if (sign != '+' && sign != '-') break;
      ++at_;
      node.text += sign;
      node.parts.push_back(product());
    }
    if (node.text == "+") return std::move(node.parts[0]);
    return node;
  }

  Node product() {
    std::vector<Node> parts = {fraction()};
    std::vector<std::string> ops;
    for (;;) {
      std::string op;
      for (const char* apart : {"(x)", "*", ".", "/"})
        if (op.empty() && take_apart(apart)) op = apart;
      if (op.empty() && !begins_factor()) return joined(Kind::product, std::move(parts), std::move(ops));
      ops.push_back(op);
      parts.push_back(fraction());
    }
  }

  bool begins_factor() {
    const char c = next();
    return is_letter(c) || is_digit(c) || c == '(' || c == '[' || (c == '|' && !in_norm_);
  }

  Node fraction() {
    Node node = power();
    while (here() == '/' && here(1) != ' ') {
      ++at_;
      Node quotient{Kind::fraction};
      quotient.parts = {std::move(node), power()};
      node = std::move(quotient);
    }
    return node;
  }

  Node power() {
    Node base = factor();
    if (here() != '^') return base;
    ++at_;
    Node node{Kind::power};
    if (here() == '{') {
      ++at_;
      node.parts = {std::move(base), sum()};
      expect('}');
    } else {
      node.parts = {std::move(base), factor()};
    }
    return node;
  }

  Node factor() {
    const char c = next();
    if (c == '(' || c == '[') {
      ++at_;
      const bool outside = in_norm_;
      in_norm_ = false;
      Node node{Kind::group, std::string(1, c)};
      node.parts = {list()};
      expect(c == '(' ? ')' : ']');
      in_norm_ = outside;
      return node;
    }
    if (c == '|' && !in_norm_) {
      ++at_;
      in_norm_ = true;
      Node node{Kind::norm};
      node.parts = {sum()};
      in_norm_ = false;
      expect('|');
      return node;
    }
    if (is_digit(c)) {
      const std::size_t from = at_;
      while (is_digit(here()) || (here() == '.' && is_digit(here(1)))) ++at_;
      return {Kind::number, text_.substr(from, at_ - from)};
    }
    if (is_letter(c)) return named();
    refuse("a letter, a number or a bracket is missing");
  }

  Node named() {
    Node node = symbol();
    const bool common = is_common_function(node.text);
    if (here() == '(') {
      ++at_;
      Node call{Kind::call, "("};
      call.parts = {std::move(node), list()};
      expect(')');
      return call;
    }
    if (common && node.text != "sum") {
      Node call{Kind::call};
      call.parts = {std::move(node), power()};
      return call;
    }
    return node;
  }

  Node symbol() {
    const std::size_t from = at_;
    while (is_letter(here())) ++at_;
    while (is_digit(here())) ++at_;
    Node node{Kind::symbol, text_.substr(from, at_ - from)};
    if (here() == '~' || here() == '\'' || here() == '*') node.text += text_[at_++];
    if (here() == '_') {
      ++at_;
      if (here() == '{') {
        ++at_;
        node.index = {relation()};
        expect('}');
      } else {
        const std::size_t begin = at_;
        while (is_letter(here()) || is_digit(here()) || here() == '_') ++at_;
        const std::string subscript = text_.substr(begin, at_ - begin);
        if (subscript.empty()) refuse("a subscript is missing");
        if (is_index(subscript))
          node.index = {{Kind::symbol, subscript}};
        else
          node.text += "_" + subscript;
      }
    }
    if (here() == '[') {
      ++at_;
      do node.parts.push_back(sum());
      while (take(","));
      expect(']');
    }
    return node;
  }

  const std::string& text_;
  std::size_t at_ = 0;
  bool in_norm_ = false;
};

}  // namespace

FormulaNode parse_formula(const std::string& text) {
  return Parser(text).whole();
}

}  // namespace chronograd
