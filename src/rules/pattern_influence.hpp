// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "math/kernels.hpp"
#include "rules/backward_scan.hpp"
#include "rules/influence_pattern.hpp"
#include "rules/pattern_jacobian.hpp"

namespace chronograd {

/// The influence matrix kept on a pattern: M <- P o (J M + Mbar), g = c M, step by step for every K. sparse_rtrl (all
/// that can differ from zero) and snap(n). M is dense inside the pattern's blocks, so a step is, for each of them, the
/// product of a small sparse matrix with contiguous rows.
template <class T>
class PatternInfluence final : public Rule<T> {
 public:
  /// `exact`: nothing that can differ from zero is left out of the pattern.
  PatternInfluence(const RuleSetup<T>& setup, InfluencePattern pattern, bool exact);

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override;
  void begin() override;
  void state(Archive& archive) override;
  double work() const override { return pattern_.work(); }

 private:
  /// Some columns of a block with all of its rows, contiguous and filled up to `width` columns: small enough to stay in
  /// the nearest cache. `stride` is the width of the block's widest tile.
  struct Tile {
    int group, columns, width, stride;
    std::size_t begin, read_at;  ///< in M, in read_
    std::size_t first_column, first_span, end_span;
  };
  /// Where the rows, terms and runs (InfluenceTile) of a group begin: those of all groups stand side by side.
  struct Block {
    std::size_t row, term, run;  ///< in states_; in value_of_ and source_; in runs_
  };
  /// Columns of a tile whose weights lead into the same pre-activation row.
  struct Span {
    int first, columns;    ///< in the tile
    int row;               ///< in the layer
    std::size_t own_rows;  ///< where the rows of the states of the row's unit stand in own_rows_
  };
  /// M of a stream. A step writes each tile where the tile before it was read: M moves by `gap_` there and back.
  struct Influence {
    Buffer<T> numbers;
    bool zero = true, behind_gap = false;
  };
  /// Many weights that stand side by side in theta.
  struct Run {
    std::size_t theta, first;  ///< first: in places_
    int count;
  };
  /// A weight with fewer neighbours, and its place in read_.
  struct Apart {
    int theta, place;
  };

  void cut_into_tiles();
  void add_spans(Tile& tile);
  template <class F>
  void each_piece(T* m, const F& visit);
  T* first_tile(Influence& m) const { return m.numbers.data() + (m.behind_gap ? gap_ : 0); }
  void gather_credit(const Credit<T>& credit, int k, int b);
  void step(Layers<T> layers, int k, int b, T* grad);
  void enter(const Kernels<T>& loops, int group);
  void multiply(const Kernels<T>& loops, const Tile& tile, const T* from, const T* next, T* to);
  void add_immediate(const Kernels<T>& loops, const Tile& tile, const T* z, const T* gain, T* m);
  void pass_up(const Kernels<T>& loops, const Tile& tile, T* m);

  const Stack<T>& stack_;
  int streams_;
  const InfluencePattern pattern_;
  PatternJacobian<T> jacobian_;
  bool exact_;
  bool lower_credit_ = false;  ///< other layers than the top may have credit at this step
  BackwardScan<T> scan_;
  std::vector<Tile> tiles_;
  std::vector<Span> spans_;
  std::vector<int> z_of_;      ///< regressor of each place in read_
  std::vector<int> own_rows_;  ///< rows of a unit's states in its block, -1: not kept
  std::vector<Block> blocks_;  ///< [groups + 1]
  std::vector<int> states_, value_of_, source_, runs_;
  std::vector<Run> gradient_;
  std::vector<int> places_;  ///< in read_, of the weights of the runs
  std::vector<Apart> apart_;
  std::vector<Influence> influence_;  ///< [B]
  std::size_t entries_ = 0, gap_ = 0;
  Buffer<T> values_, terms_, state_credit_, row_credit_, read_, z_;
};

}  // namespace chronograd
