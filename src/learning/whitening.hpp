// SPDX-License-Identifier: Apache-2.0
// Regressors without their correlations, z~ = P z with P = (E[z z^T] + delta tr/N I)^-1, for rules whose gradient is a
// sum of terms (credit) x (regressors). (docs/decisions/70-whitening.md)
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "chronograd/rule.hpp"
#include "chronograd/third_factor.hpp"

namespace chronograd {

/// Most steps that P is not made anew for.
constexpr std::int64_t longest_rest = 128;

/// P of one run of regressors: columns [col, col + cols) of z.
template <class T>
class Whitening {
 public:
  Whitening(int col, int cols, double delta);

  int col() const { return col_; }
  int cols() const { return cols_; }
  /// Takes `rows` regressors, z at distance ld, into the mean: second <- keep second + sum over rows of factor z z^T.
  /// Row r counts factor[r].
  void take(int rows, const T* z, int ld, T keep, const T* factor);
  /// P anew, of the mean so far. In float64 P times the damped mean is I to 1e-10 and better.
  void invert();
  /// out = P z for `rows` rows at distance ld, in the columns of this run.
  void apply(int rows, const T* z, T* out, int ld) const;

  /// E[z z^T] and P, [cols][cols]. P is zero before the first invert().
  std::span<T> second() { return second_.span(); }
  std::span<T> inverse() { return inverse_.span(); }
  void state(Archive& archive, int number);

 private:
  int col_, cols_;
  double delta_;
  Buffer<T> second_, inverse_, scaled_;
  std::vector<double> lower_, columns_;  ///< of the inversion
};

/// The runs of regressors of a cell that are whitened by themselves, first column and number: its columns, cut where a
/// block of weights begins or ends. A constant alone is no run: there is nothing to whiten.
std::vector<std::pair<int, int>> whitened_runs(const CellLayout& layout);

/// A rule behind whitened regressors. E[z z^T] is a mean over all steps so far, then over about the last 1000. P is
/// made anew by count: at step 32, then after a tenth as many steps as there were, 16 at least and 128 at most. Steps
/// before the first P give no gradient.
template <class T>
class Whitened final : public ThirdFactorRule<T> {
 public:
  /// `rule` was made for segments with whitened regressors (RuleSetup::whitened). `stack` must outlive it.
  Whitened(const Stack<T>& stack, int streams, double delta, std::unique_ptr<Rule<T>> rule);

  void expect(int numbers) override { expect_third(*rule_, numbers); }
  void hear(const T* third) override { hear_third(*rule_, third); }
  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override;
  void flush(T* grad) override { rule_->flush(grad); }
  void begin() override { rule_->begin(); }
  void state(Archive& archive) override;
  void judge_by(Losses<T>* losses) override { rule_->judge_by(losses); }
  void use(Crew* crew) override { rule_->use(crew); }
  double work() const override { return rule_->work(); }

  /// Those of layer l.
  std::span<Whitening<T>> layer(int l) { return layers_[static_cast<std::size_t>(l)].runs; }
  /// P stays as it is from now on, whatever comes.
  void freeze() { frozen_ = true; }

 private:
  struct Layer {
    std::vector<Whitening<T>> runs;
    Buffer<T> z;  ///< [K][B][ld] whitened
  };
  /// How many of the next steps come before P is made anew, at most `most`; that step is the last of them.
  int before_next(int most) const;

  const Stack<T>& stack_;
  int streams_;
  std::unique_ptr<Rule<T>> rule_;
  std::vector<Layer> layers_;
  Buffer<T> factor_;
  std::int64_t steps_ = 0, next_;  ///< so far; the step, from 0, at which P is made anew
  bool frozen_ = false;
};

}  // namespace chronograd
