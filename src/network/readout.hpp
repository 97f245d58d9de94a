// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/network.hpp"

namespace chronograd {

/// The results of a segment's forward pass; valid until the next one.
template <class T>
struct Seen {
  int steps;
  const T* h;  ///< [K][B] rows of H d numbers at distance h_ld
  int h_ld;
  const T* a;                ///< [K][B][m] before the output activation
  const T* y;                ///< [K][B][m] after the output activation
  const double* loss;        ///< [K][B] as in the objective: times weight
  const double* unweighted;  ///< [K][B] the losses themselves
  const T* target;           ///< [K][B][m]
  const T* mask;             ///< [K][B] as in the batch
  const T* weight;           ///< [K][B] as in the batch
};

/// The way from the states that are shown to outputs and losses, and back, for the streams of one stepper:
///     a = W_out s + b_y,   y = g(a),   err = weight dL/da,   c = W_out^T err (or B_feedback err).
/// Of each segment first `read`, then what follows from it; all of it is valid until the next `read`.
template <class T>
class Readout {
 public:
  /// For segments of up to `longest` steps. `network` must outlive it.
  Readout(const Network<T>& network, int streams, int longest);

  /// Reads `shown` [K][B], rows of H d numbers at distance ld, which must stay as they are while the segment is at
  /// hand.
  /// `divisor` [K][B], if not null: each row is divided by its number first.
  void read(const Weights<T>& weights, int steps, const T* shown, int ld, const T* divisor = nullptr);
  /// y [K][B][m]
  const T* outputs();
  /// Losses, and err from them. target [K][B][m], mask and weight [K][B], as in a batch. Returns the sum of the
  /// weighted losses.
  double judge(const T* target, const T* mask, const T* weight);

  // After judge:
  const T* err() const { return err_.data(); }  ///< [K][B][m]
  /// [K][B][m] targets that rules may learn from: zero where a step has no loss.
  const T* lesson() const { return lesson_; }
  /// c [K][B][H d] by the network's way back for the error.
  void credit(const Weights<T>& weights, T* c) const;
  /// c = W_out^T err, whatever that way is.
  void true_credit(const Weights<T>& weights, T* c) const;
  /// Adds the gradient of W_out and b_y to that of all parameters.
  void gradient(T* grad) const;
  /// With the h of that segment.
  Seen<T> seen(const T* h, int h_ld) const;

 private:
  int rows() const { return steps_ * streams_; }
  void activate(int row);
  void carry_back(const T* matrix, T* c) const;

  const Network<T>& network_;
  int streams_;
  int keeps_;      ///< numbers of kept_ a row
  bool computes_;  ///< y or what the loss needs is more than a
  int steps_ = 0, ld_ = 0;
  const T *shown_ = nullptr, *divisor_ = nullptr;
  bool activated_ = false;
  Buffer<T> divided_;  ///< [K][B][H d]
  Buffer<T> a_, y_, err_, target_, masked_, mask_, weight_;
  Buffer<double> kept_, loss_, unweighted_;
  const T* lesson_ = nullptr;  ///< target_, or masked_ where some step has no loss
};

}  // namespace chronograd
