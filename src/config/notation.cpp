// SPDX-License-Identifier: Apache-2.0
#include "config/notation.hpp"

#include <algorithm>
#include <sstream>

#include "base/text.hpp"
#include "config/entries.hpp"

namespace chronograd {
namespace {

std::vector<std::string> lines_of(const char* text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

const Symbol* find(const std::vector<Symbol>& symbols, const std::string& name) {
  const auto found = std::find_if(symbols.begin(), symbols.end(), [&](const Symbol& one) { return one.name == name; });
  return found == symbols.end() ? nullptr : &*found;
}

/// Of the entry's options: a key, or a word that one may be.
std::string option_meaning(const Entry& entry, const std::string& name) {
  if (const Option* option = option_of(entry.options, name)) return option->help;
  for (const Option& option : entry.options)
    for (const std::string& choice : choices_of(option.choices))
      if (choice == name) return std::string(option.key) + " = \"" + name + "\"";
  return "";
}

}  // namespace

const std::vector<Symbol>& notation() {
  static const std::vector<Symbol> all = {
      // sizes
      {"d", "hidden units"},
      {"n", "inputs"},
      {"m", "outputs"},
      {"K", "steps between two updates"},
      {"T", "steps of a row"},
      {"S", "numbers of state a unit"},
      // steps and places
      {"t", "step of a loss"},
      {"s", "step at which a weight is used"},
      {"i", "number of a unit that a weight leads to"},
      {"j", "number of what a weight reads"},
      {"k", "number of an output; in sums a step"},
      // the network
      {"x", "input"},
      {"h", "hidden state"},
      {"u", "pre-activation"},
      {"f", "activation"},
      {"y*", "target"},
      {"y", "output"},
      {"alpha", "update rate dt/tau"},
      {"W_rec", "weights from hidden unit to hidden unit"},
      {"W_in", "weights from input to hidden unit"},
      {"b_h", "biases of hidden units"},
      {"W_out", "weights from hidden unit to output"},
      {"theta", "the hidden units' weights in one array"},
      {"p", "how many these are"},
      {"z", "regressor (h_{t-1}, x_t, 1)"},
      // credit
      {"L", "loss"},
      {"g", "gradient"},
      {"err", "output error dL_t/da_t"},
      {"B_feedback", "feedback matrix in place of W_out^T"},
      {"c", "immediate credit dL_t/dh_t"},
      {"delta", "total credit dL/dh_t, all later losses included"},
      {"J", "Jacobian dh_t/dh_{t-1}"},
      {"Mbar", "immediate influence of the weights on h_t"},
      {"M", "influence dh_t/dtheta"},
      {"A", "what a unit keeps of its state: s' = A s + D u"},
      {"D", "what a unit's pre-activations add to its state: s' = A s + D u"},
      {"e", "eligibility trace, one number a weight"},
      {"lr", "learning rate at this update"},
  };
  return all;
}

const std::vector<Symbol>& cost_letters() {
  static const std::vector<Symbol> all = {
      {"d", "hidden states of a stream"},
      {"n", "inputs"},
      {"m", "outputs"},
      {"K", "steps between two updates"},
      {"T", "steps of a row"},
      {"S", "states a unit"},
      {"p", "the hidden units' weights"},
      {"w", "what the cell keeps of a step to know its Jacobian"},
      {"c", "numbers that units carry and that take no credit"},
      {"s", "weights present"},
      {"r", "states that the influence of a weight is kept on, on average"},
      {"v", "states of a unit that carry something on by themselves"},
      {"q", "share of the connections from unit to unit that are there"},
      {"R", "recurrent weights"},
      {"k", "steps over which an influence is taken at once: K, 1 or the rule's block"},
      {"b", "steps that wait with what their products need: copies of the weights, or values of J"},
      {"B", "streams, which share copies of the weights"},
      {"C", "products that the influence of a group is kept in: the rule's r, else 1"},
      {"F", "rows of a group times its products, all groups"},
      {"Z", "regressors of a group times its products, all groups"},
      {"a", "states that a pre-activation moves in time"},
      {"D", "passes forwards through the weights of a step, of all directions"},
      {"e", "1 where the work of a block is spread over the next one, else 0"},
      {"i", "numbers that an entry of an influence matrix takes: 1, or 1/2 where it is kept in 16 bits"},
      {"J", "entries of a step's Jacobian"},
  };
  return all;
}

const std::vector<Symbol>& interface_letters() {
  static const std::vector<Symbol> all = {
      {"w", "numbers of the output of the group below"},
      {"m", "numbers of a target"},
      {"a", "units of the layer above"},
      {"p", "weights of the group below"},
      {"i", "those of them above the group's lowest layer"},
      {"s", "the synthesiser's own formula"},
      {"A", "parameters of the synthesiser"},
      {"l", "1 where lambda > 0 and another group lies below, else 0"},
      {"c", "1 where correct > 0, else 0"},
      {"q", "weights of the group's own readout"},
      {"u", "1 where similarity > 0, else 0"},
      {"B", "samples of a batch"},
  };
  return all;
}

std::vector<Formula> formulae_of(const Entry& entry) {
  std::vector<Formula> formulae;
  for (const std::string& line : lines_of(entry.formulae)) formulae.emplace_back(line);
  return formulae;
}

std::vector<Symbol> own_symbols(const Entry& entry) {
  std::vector<Symbol> symbols;
  for (const std::string& line : lines_of(entry.symbols)) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    const std::string meaning = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    std::istringstream names(line.substr(0, colon));
    for (std::string name; std::getline(names >> std::ws, name, ',');) symbols.push_back({name, meaning});
  }
  return symbols;
}

std::vector<Symbol> symbols_of(const Entry& entry, const std::vector<Formula>& formulae,
                               const std::vector<Symbol>& shared) {
  std::set<std::string> used, defined;
  for (const Formula& formula : formulae) {
    used.merge(formula.symbols());
    defined.merge(formula.defined());
  }
  const std::vector<Symbol> own = own_symbols(entry);
  std::vector<Symbol> symbols;
  for (const std::string& name : used) {
    std::string meaning;
    if (const Symbol* symbol = find(own, name))
      meaning = symbol->meaning;
    else if (meaning = option_meaning(entry, name); meaning.empty())
      if (const Symbol* common = find(shared, name)) meaning = common->meaning;
    if (meaning.empty() && defined.contains(name)) meaning = "as the formulae say";
    symbols.push_back({name, meaning});
  }
  return symbols;
}

}  // namespace chronograd
