// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/rule.hpp"
#include "rules/backward_scan.hpp"
#include "rules/influence_pattern.hpp"

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
  /// Some columns of a block with all of its rows, contiguous: small enough to stay in the nearest cache.
  struct Tile {
    int group, columns;
    std::size_t at, first_column;
  };

  void cut_into_tiles();
  /// Where the factors of stream b in layer l begin.
  std::size_t local_at(int l, int b) const {
    return static_cast<std::size_t>((l * streams_ + b) * stack_.states() * stack_.states() * stack_.units());
  }
  std::size_t gain_at(int l, int b) const {
    return static_cast<std::size_t>((l * streams_ + b) * stack_.states() * stack_.gates() * stack_.units());
  }
  void step(Layers<T> layers, int k, int b, const T* c, T* grad);
  void jacobian(const T* theta, int b);
  void multiply(const Tile& tile, T* m);
  void add_immediate(const Tile& tile, const T* z, const T* gain, T* m);
  void pass_up(const Tile& tile, T* m);

  const Stack<T>& stack_;
  int streams_;
  const InfluencePattern pattern_;
  bool exact_;
  BackwardScan<T> scan_;
  std::vector<Tile> tiles_;
  std::vector<std::size_t> own_;      ///< [columns][S] place in M of a weight's influence on its unit, or `nowhere`
  std::vector<std::size_t> term_at_;  ///< [groups] where a group's values begin in terms_: carried, then passed up
  std::vector<Buffer<T>> influence_;  ///< a stream: M, tile by tile
  std::vector<std::uint8_t> zero_;    ///< [B] M is zero
  Buffer<T> local_, gain_;            ///< [layers][B][S S d], [layers][B][S G d]
  Buffer<T> values_, terms_, state_credit_, row_credit_, read_, scratch_;
};

}  // namespace chronograd
