// SPDX-License-Identifier: Apache-2.0
// Formulae as data: one notation in plain text that people read on a screen, that costs are computed from and that
// becomes TeX.
//   M_t = J_t M_{t-1} + Mbar_t        a symbol, its index behind _; {} around an index that is not one letter or number
//   e_t[i,j], W_rec[i,i]              an element; a subscript that is a word belongs to the name: W_rec, b_h, beta_1
//   s~  y*_k  f'(u)  m_hat  Mbar      tilde, star, prime, hat, bar
//   2 d^2 p, a * b, a (x) b, a . b    products: side by side, element by element, outer, inner; all with blanks
//   dL/dtheta, 1/2, (a + b) / c       a fraction of its two neighbours; with blanks of the whole product before it
//   W^T  |v|  sum_{s<=t}  f(u)  log y transpose, norm, sum, functions: a name right before a bracket is one
//   =  <-  ~  <  >  <=  >=            relations: is, becomes, is about
//   n = 1: a = b,  c = d              what comes before a colon is a condition; formulae side by side
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace chronograd {

/// One node of a formula's tree.
struct FormulaNode {
  enum class Kind {
    number,     ///< text
    symbol,     ///< text is the name, `index` what stands behind _, parts the indices in []
    call,       ///< parts[0] is the function, then its arguments; text: "(" where it has brackets
    group,      ///< parts in brackets; text is the opening one
    norm,       ///< |parts[0]|
    sum,        ///< parts, text is a sign + or - for each
    product,    ///< parts, with operators: ops[i] stands before parts[i + 1], "" is side by side
    fraction,   ///< parts[0]/parts[1], without blanks
    power,      ///< parts[0]^parts[1]
    relation,   ///< parts, with ops between them
    list,       ///< parts, separated by commas
    condition,  ///< parts[0]: parts[1]
  };
  Kind kind;
  std::string text = "";
  std::vector<FormulaNode> parts = {}, index = {};
  std::vector<std::string> ops = {};
};

/// Throws std::invalid_argument, which says where, for what is not written in this notation.
FormulaNode parse_formula(const std::string& text);

class Formula {
 public:
  /// As parse_formula.
  explicit Formula(const std::string& text);

  const std::string& text() const { return text_; }
  std::string tex() const;
  /// With these letters; throws std::invalid_argument for another letter and for what has no value, as an equation.
  double value(const std::map<std::string, double>& letters) const;
  /// The names of symbols, letters of indices included, numbers and common functions (log, sqrt, sum) left out. An
  /// index does not belong to the name: M of M_{t-1}; dL has the name L.
  std::set<std::string> symbols() const;
  /// Those that stand alone on the left of = or <-: what the formula says is what they are.
  std::set<std::string> defined() const;

 private:
  std::string text_;
  FormulaNode root_;
};

/// The TeX of a symbol by its name.
std::string tex_of_symbol(const std::string& name);

/// True for names of common functions, which need no declaration: log, sqrt, tanh, ...
bool is_common_function(const std::string& name);
/// dL as L; "" for a name that is no differential.
std::string differentiated(const std::string& name);
/// The letter of a name, without what is written on it: s~ has s, y* has y, m_hat has m, Mbar has M.
struct Decorated {
  std::string letter;
  std::string mark;       ///< "~", "*", "'", "hat", "bar" or ""
  std::string subscript;  ///< a word or number that belongs to the name: rec of W_rec, 0 of rho0
};
Decorated decorated(const std::string& name);

}  // namespace chronograd
