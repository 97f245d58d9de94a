// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "training/charges.hpp"

namespace chronograd {

/// A rule that is asked how it shares out credit.
struct MappedRule {
  std::string name;  ///< in the map
  RuleSettings rule;
  Arrays models = {};  ///< that it has learnt, by the names of its state
};

/// Adds up what rules charge to each of some uses of the weights for each loss, over rows of the training data.
class CreditMap {
 public:
  /// Rows that are looked at, and draws of a rule that is right in its mean alone: 4 a row.
  static constexpr int most_rows = 4, draws = 16;

  /// `map`: where the parameters lie. `steps`: T, which rows may cut.
  CreditMap(const Config& config, const Task& task, const ParameterMap& map, std::span<const double> theta,
            const Structure& structure, int steps);

  /// Asks each rule on each row. `going` is asked before each; false ends it.
  /// Arrays by rule, first the exact credit under the name `exact`:
  ///   map/RULE/GROUP (T,T)  [s][t] |dL_t/dtheta_s| as the rule has it, mean over rows and draws; zero for s > t. A
  ///                         group is a parameter of the cell, or `cell`: all of them
  ///   guess/RULE/GROUP (T)  [s] the norm of what is charged without any loss, a guess of credit to come; of rules that
  ///                         guess
  ///   share/RULE (T)        the rule's part in exact credit by the steps between use and loss: the product of the
  ///                         two, over the square of the exact one, each summed over all uses and losses that far
  ///                         apart; NaN where there is no exact credit
  /// What overflowed is NaN or infinite. Nothing where `going` said no.
  Arrays of(const std::vector<MappedRule>& rules, const std::function<bool()>& going);

 private:
  struct Sums {
    std::vector<std::vector<double>> norms, guesses;  ///< [1 + groups] each as its array
    std::vector<double> product, square;              ///< [T] by steps between use and loss
  };
  void add(const Charges& charges, const Charges& exact, double weight, Sums& sums) const;
  void add_norms(const std::vector<double>& gradient, double weight, std::vector<std::vector<double>>& norms,
                 std::size_t at) const;
  void write(const std::string& name, const Sums& sums, Arrays& arrays) const;

  const ParameterMap& map_;
  RuleSettings exact_;
  ChargedSteps steps_;
  int rows_;
};

}  // namespace chronograd
