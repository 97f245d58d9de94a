// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/crew.hpp"
#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "rules/backward_scan.hpp"
#include "rules/influence_pattern.hpp"
#include "rules/kept_steps.hpp"
#include "rules/pattern_jacobian.hpp"

namespace chronograd {

/// The influence matrix of sparse weights, taken over blocks of steps, as rtrl does for all weights:
///   g_t  = the credit of step t, pulled back to the block's first step, and there c M,
///   M   <- Phi M + sum_k (G_k D_k) (x) z_k,   G_{k-1} = G_k J_k,  G_last = I,  Phi = G before the first step.
/// M has a column for each weight that is present and, of these, products with J are sparse; Phi is full. All that can
/// differ from zero must be in the pattern (hops = -1): rows of a block are then those that Phi takes into each other.
template <class T>
class PatternBlocks final : public Rule<T> {
 public:
  /// `block`: steps that wait until M is taken over them, 1 or more.
  PatternBlocks(const RuleSetup<T>& setup, InfluencePattern pattern, int block);

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override;
  void begin() override;
  void state(Archive& archive) override;
  void use(Crew* crew) override { crew_ = crew; }
  double work() const override { return pattern_.work(); }

 private:
  /// Columns of a group whose weights lead into the same pre-activation row.
  struct Span {
    std::size_t group;
    int first, columns;  ///< first: in the group
    int row;             ///< of all rows of the stack
  };
  /// States of a group, one after the other in M and in the lanes of a tile.
  struct Run {
    int first, count, tile, lane;  ///< first: row of M
  };
  /// A term of credit that passes down within a step: row `from` += value times row `to`.
  struct Down {
    int from, to;
  };
  /// Numbers of a kept step of one stream: values of J in the order of terms_, then of downs_; and ds/du.
  T* values(int slot, int b) { return values_.data() + area(slot * streams_ + b, terms() + downs()); }
  T* gains(int slot, int b) { return gains_.data() + area(slot * streams_ + b, stack_.states() * stack_.rows()); }
  int terms() const { return static_cast<int>(source_.size()); }
  int downs() const { return static_cast<int>(downs_.size()); }
  /// What a tile of state vectors charges a row with: [slot][lane].
  T* charges(int tile, int row) {
    return charges_.data() + area(tile * stack_.rows() + row, block_) * area(tile_width_, 1);
  }
  T* influence(int b, std::size_t group) { return influence_.data() + entries_ * area(b, 1) + begin_[group]; }
  int rows(std::size_t group) const { return static_cast<int>(states_[group].size()); }
  int columns(std::size_t group) const {
    return static_cast<int>(pattern_.groups[group].end_column - pattern_.groups[group].first_column);
  }

  void transpose();
  void lay_out_groups();
  void rehearse();
  void keep(Layers<T> layers, int k);
  void charge(const T* value, const T* gain, int lanes, T* x, T* du, int ld) const;
  void go_back(T* grad);
  void read(int b, T* grad);
  void settle();
  void take_back(int tile, int b);
  void multiply(int b);
  void add_fresh(const Span& span, int b);
  void forget_waiting();

  const Stack<T>& stack_;
  Crew* crew_ = nullptr;
  const int streams_, width_, block_;  ///< B, N S d, steps
  const InfluencePattern pattern_;
  PatternJacobian<T> jacobian_;
  KeptSteps<T> kept_;
  BackwardScan<T> scan_;
  int waiting_ = 0;    ///< slots that are in use
  bool empty_ = true;  ///< M is zero

  // J^T as rows of terms. States stand in order of their numbers of terms here, at their place.
  std::vector<int> place_;        ///< of each state of the pattern
  std::vector<int> stack_at_;     ///< where the state at a place is among the stack's
  std::vector<int> value_of_;     ///< of terms and downs, in the pattern's values
  std::vector<int> source_;       ///< place that a term reads
  std::vector<int> source_tile_;  ///< times tile_width_
  std::vector<int> runs_;         ///< as in InfluenceTile
  std::vector<Down> downs_;       ///< from the top layer down
  std::vector<int> down_begin_;   ///< [N + 1] of the layer that they leave, counted from the top
  int tile_width_, tiles_;        ///< numbers of state vectors that are taken back at once

  std::vector<Span> spans_;
  std::vector<std::size_t> begin_;        ///< of each group in a stream's M, [rows][columns]
  std::vector<int> z_of_, theta_of_;      ///< of each column
  std::vector<std::vector<int>> states_;  ///< of each group, rising: the rows of its M
  std::vector<std::vector<Run>> run_;     ///< of each group
  std::size_t entries_ = 0;

  Buffer<T> values_, gains_;  ///< of kept steps
  Buffer<T> influence_;       ///< [B] M, group by group
  Buffer<T> charges_;         ///< [tile][row][slot][lane]; lanes are the states after the block
  Buffer<T> phi_;             ///< [tile][place][lane]
  Buffer<T> group_phi_;       ///< [rows][rows] of a group
  Buffer<T> before_, x_, x_before_, gathered_, du_, delta_, read_, none_, value_;
};

}  // namespace chronograd
