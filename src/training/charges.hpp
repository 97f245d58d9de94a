// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chronograd/task.hpp"
#include "learning/rule_settings.hpp"
#include "learning/stepper.hpp"

namespace chronograd {

/// What a rule charges, for the loss of step t alone, to the use of the weights at step s: credit on the
/// pre-activations [N G d], from which the gradient's part is made by the regressors of step s.
struct Charges {
  int steps, rows;            ///< T; N G d
  std::vector<double> du;     ///< [s][t][rows]
  std::vector<double> guess;  ///< [s][rows] what it charges without any loss: a guess of credit to come

  std::span<const double> at(int s, int t) const { return part(du, s * steps + t); }
  std::span<const double> guessed(int s) const { return part(guess, s); }

 private:
  std::span<const double> part(const std::vector<double>& from, int i) const {
    return std::span(from).subspan(static_cast<std::size_t>(i) * static_cast<std::size_t>(rows),
                                   static_cast<std::size_t>(rows));
  }
};

/// Some steps of one row of the training data under frozen weights, on which any rule can be asked what it charges. All
/// in float64, with true credit (symmetric feedback), weights of losses as the data have them, and memories that begin
/// with the first of the steps.
class ChargedSteps {
 public:
  /// A network as `config` says, whose parameters lie as `map` says: `theta`, some of them absent. `steps` is cut to
  /// the length of rows.
  ChargedSteps(const Config& config, const Task& task, const ParameterMap& map, std::span<const double> theta,
               const Structure& structure, int steps);

  /// Takes the steps that end with the last loss of the row; of an endless stream some that come after four times as
  /// many, so that the state has become typical.
  void look_at(std::int64_t row);
  int steps() const { return steps_; }

  /// The models that a rule has learnt are `models`, arrays by the names of its state (empty: new ones); they stay as
  /// they are.
  Charges of(const RuleSettings& rule, const Arrays& models) const;

  /// The part of the gradient, in the order of `map`, that is made of a charge to step s of those looked at: du_s (x)
  /// z_s. Zero for absent weights.
  std::vector<double> gradient(std::span<const double> du, int s) const;

 private:
  /// The weight that a place of theta is of: its pre-activation among all rows, its regressor among those of all
  /// layers. Absent: none.
  struct Use {
    int row = -1, column = 0;
  };
  void find_uses(const ParameterMap& map, std::span<const double> theta, const Structure& structure);
  int segment_end(const RuleSettings& rule, int from) const;
  void mark_steps(std::span<Segment<double>> layers, int from, int steps) const;

  const Task& task_;
  bool endless_;
  int steps_;
  Network<double> network_;
  Weights<double> weights_;
  Structure structure_;
  std::vector<Use> uses_;                 ///< of each place in theta before the readout's
  std::vector<std::size_t> marks_;        ///< [rows] where the weights of the marks begin in theta, and
  std::vector<std::size_t> mark_stride_;  ///< how far two of them lie apart
  Batch<double> batch_;
  std::int64_t first_ = 0;  ///< step of the row that is the first of the batch
  bool ends_ = false;       ///< the row ends with the last one
  std::vector<double> z_;   ///< [steps][columns of all layers]
};

}  // namespace chronograd
