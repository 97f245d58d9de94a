// SPDX-License-Identifier: Apache-2.0
// One network that predicts and learns on streams that never end, a step at a time.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// What Learner::restore came to.
enum class Restored {
  same_bits,     ///< it goes on to the bits of the learner that was saved
  same_numbers,  ///< saved under another instruction set, compiler or version: it goes on to the same numbers but for
                 ///< rounding
  refused        ///< of another configuration or size, damaged, or no such state: nothing was changed
};

/// A network that predicts and learns on B streams. What can fail fails in the constructor: a step neither throws nor
/// locks, reads nor writes, and takes no memory. (A thread other than the one that made the learner takes its own
/// scratch in its first steps; a rule that looks back more than 250 steps, as rolling_tbptt can, takes some until its
/// window is full.) One thread at a time.
///
///     predict(x) advances the state by one step; learn(target) is about the step that predict made last.
///
/// A step without `learn` has a loss of weight 0: the next `predict` closes it, so that traces advance. With
/// update.every = K the weights move after every K-th step. Rules that go step by step do so; a rule of windows (tbptt)
/// keeps the steps of the interval and runs them again when it is full.
///
/// With a delay of D steps, `learn` at step t is about the input of step t - D, whose target is known only then. The
/// learner that learns runs D steps behind; predictions are made from the newest inputs under its newest weights. Of
/// the first D steps there is nothing to learn, and `learn` does nothing.
template <class T>
class CHRONOGRAD_API Learner {
 public:
  struct Sizes {
    int inputs, outputs;  ///< n, m >= 1
    int streams = 1;      ///< B >= 1, side by side under one set of weights
    int delay = 0;        ///< D >= 0
    int third = 0;        ///< q >= 0, numbers of a step's third factor, for rules that learn from one (three_factor)
  };

  /// Of the configuration [task], [data] and [train] are not needed and not looked at, but for train.average.
  /// `parameters`: where to begin,
  /// named and shaped as in files; null: drawn from the seed. Throws Error (usage) for what cannot run on a stream
  /// (`update.every = "trial"`, rules that go back from the end of a row) and for sizes out of range, Error (data) for
  /// parameters that do not fit.
  Learner(const Config& config, const Sizes& sizes, const Arrays* parameters = nullptr);
  Learner(Learner&&) noexcept;
  Learner& operator=(Learner&&) noexcept;
  ~Learner();

  /// x [B][n] -> y [B][m], after the output activation; good until the next call of any function. With train.average
  /// it is made by the averaged weights where these were better so far, and the loss of the step is that of this y.
  std::span<const T> predict(std::span<const T> x) noexcept;
  /// The same, written to y [B][m].
  void predict(std::span<const T> x, std::span<T> y) noexcept;
  /// target [B][m] (a class as the row e_c); weight [B], each >= 0, of the streams' losses; empty: 1. Where a weight is
  /// 0 the target may be any number. Returns the loss of the step as it is minimised: summed over streams, each times
  /// its weight, over B unless loss.normalize says otherwise. Twice after one predict, or before the first: 0, and
  /// nothing is learnt.
  /// third [B][q], the third factor of the step, divided over B as the loss is; empty: zeros.
  double learn(std::span<const T> target, std::span<const T> weight = {}, std::span<const T> third = {}) noexcept;
  /// `steps` times predict and learn: x [steps][B][n], target [steps][B][m] (null: predict alone), y [steps][B][m] and
  /// loss [steps] (null: not wanted).
  void run(int steps, const T* x, const T* target, T* y, double* loss) noexcept;
  /// Stream b, 0 <= b < B, begins anew at the next step: its state and what rules carried of it are zero then.
  void reset(int stream) noexcept;
  /// Off: steps only run forward, and what rules carry stays as it is. A window that is not full is dropped. Between
  /// predict and learn it is about that step too. No effect on a learner that is not healthy.
  void learning(bool on) noexcept;
  /// False from the step on that an output or a loss was NaN or infinite, or that weights were found to be. The last
  /// weights known to be finite are put back, streams begin anew, and learning is off, until a state is restored that
  /// is healthy. (Weights are looked at every 256 updates.)
  bool healthy() const noexcept;

  /// All that the next step depends on, also inside an update interval and between predict and learn. `to` has
  /// state_bytes() bytes, which never change.
  std::size_t state_bytes() const noexcept;
  void save(std::span<std::byte> to) const noexcept;
  Restored restore(std::span<const std::byte> from) noexcept;
  /// The same as a .npz file, which holds the parameters under their usual names too, so that `eval`, `train` and
  /// `gradient` take it for --params. Written whole or not at all. `load` goes on to the same bits. Both throw Error
  /// (data); `load` Error (usage) for the state of another configuration, program or size. Not in chronograd::core.
  void save(const std::string& path) const;
  void load(const std::string& path);

  /// Named and shaped as in files; what stood beside the parameters that were given (masks, a mapping) is among them.
  Arrays parameters() const;
  /// All parameters where they lie. They may be changed between steps.
  std::span<T> theta() noexcept;
  std::int64_t steps() const noexcept;    ///< calls of predict
  std::int64_t updates() const noexcept;  ///< of the weights

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace chronograd
