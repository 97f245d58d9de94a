// SPDX-License-Identifier: Apache-2.0
// What the letters of formulae mean: those that all entries share (docs/notation.md), and an entry's own.
#pragma once

#include <string>
#include <vector>

#include "base/formula.hpp"
#include "chronograd/catalogue.hpp"

namespace chronograd {

struct Symbol {
  std::string name;     ///< as in formulae: Mbar, rho0
  std::string meaning;  ///< a phrase
};

/// The letters of docs/notation.md that equations use.
const std::vector<Symbol>& notation();
/// Those of RuleRecord::memory and time.
const std::vector<Symbol>& cost_letters();

/// Those of InterfaceRecord::time and SynthesiserRecord::time.
const std::vector<Symbol>& interface_letters();

/// Entry::formulae, one by one. Throws std::invalid_argument for what is no formula.
std::vector<Formula> formulae_of(const Entry& entry);
/// Entry::symbols, one by one.
std::vector<Symbol> own_symbols(const Entry& entry);

/// The symbols of these formulae in the order of the alphabet, each with what it means: as the entry says, as its
/// options say, or as the `shared` table says. A meaning is empty where nobody says it and no formula defines the
/// symbol; where one does, it says so.
std::vector<Symbol> symbols_of(const Entry& entry, const std::vector<Formula>& formulae,
                               const std::vector<Symbol>& shared);

}  // namespace chronograd
