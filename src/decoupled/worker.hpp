// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "chronograd/interface.hpp"
#include "decoupled/input_guess.hpp"
#include "decoupled/interface_settings.hpp"
#include "decoupled/interface_tally.hpp"
#include "decoupled/samples.hpp"
#include "losses/output.hpp"
#include "nets/group.hpp"
#include "training/score.hpp"
#include "transport/transport.hpp"

namespace chronograd {

/// What all workers of a net are made from; it must outlive them.
struct WorkerSetup {
  const NetShape& shape;
  const InterfaceSettings& interface;
  const Options& optimizer;
  const LossRecord& loss;
  Activation activation;  ///< of outputs
  bool classes, mean;     ///< targets are classes; weight gradients are divided by the weight of the batch
  std::uint64_t seed;
  std::int64_t updates, last_from;
};

/// Worker k of K: a group of layers, which sees of the rest of the net only messages. Of each batch t it does
///     forward(t)    h_k = F_k(h_{k-1}), sent up; an update by the guess g_k where there is one,
///     and then      what the gradients that have come allow: of batch t - S in the fixed order.
/// Batch t belongs to one of two kinds. With a guess (source: jaderberg2017decoupled)
///     at once       theta_k <- opt(theta_k, mean_b g dh_k/dtheta_k); with lambda = 0 g dh_k/dh_{k-1} is sent down
///     first when d came   with lambda > 0 ((1 - lambda) g + lambda d) dh_k/dh_{k-1} is sent down,
///                   with c > 0 theta_k <- opt(theta_k, c mean_b (d - g) dh_k/dtheta_k), and the interface learns d
/// and without one d dh_k/dh_{k-1} is sent down and theta_k moved by d when d came. What forward left is of the weights
/// of then, the weights that gradients are taken through are those of now. The uppermost worker has the loss and is
/// done with a batch at once. Unlocked, a worker but the lowest goes forward on a guess of h_{k-1}, and takes h_{k-1}
/// itself where it takes the gradients of that batch.
template <class T>
class Worker {
 public:
  /// `order`: where the batches come from; of the lowest worker alone, or of all that are unlocked.
  Worker(int number, const WorkerSetup& setup, std::unique_ptr<SampleOrder<T>> order);

  void forward(std::int64_t t, Transport<T>& transport);
  /// Takes the gradients that the order asks for after forward(t).
  void follow(std::int64_t t, Transport<T>& transport);
  /// Takes what is still to come of one batch; false if there is nothing.
  bool take(Transport<T>& transport);

  const Group<T>& group() const { return group_; }
  Group<T>& group() { return group_; }
  /// Losses since clear_recent(), and over the last batches of the run; of the uppermost worker.
  const Tally& recent() const { return recent_; }
  const Tally& last() const { return last_; }
  /// Of the interface above it, since clear_recent(), or over the whole run.
  InterfaceReport report(bool whole) const;
  bool has_interface() const { return !uppermost_; }
  /// Reports in a row, up to now, in which its guesses were worse than zero.
  std::int64_t bad_reports() const { return bad_reports_; }
  void clear_recent();
  /// Numbers that its interface keeps, in bytes.
  std::size_t interface_bytes();
  /// Visits all that it computes with. Nothing may be on its way.
  void memory(Archive& archive);
  /// Visits that and what it has counted.
  void state(Archive& archive);

 private:
  struct Flight {
    std::int64_t t;
    bool waits;    ///< no guess: see above
    bool doubted;  ///< the guess was not to be learnt from
    Pass<T> pass;
    Message<T> batch;  ///< target, mask and weight
    Buffer<T> guess;
    T share;
  };

  /// A batch whose input was guessed.
  struct Heard {
    std::int64_t t;
    int rows;
    std::vector<T> x;
  };

  Flight begin(std::int64_t t, Transport<T>& transport);
  void guess_input(Flight& flight);
  bool take_input(Transport<T>& transport);
  bool take_gradient(Transport<T>& transport, bool wait);
  void judge(Flight& flight, Transport<T>& transport);
  void learn_from_guess(Flight& flight, Transport<T>& transport);
  void learn_from_above(Flight& flight, const Message<T>& message, Transport<T>& transport);
  void compare(Flight& flight, const T* d);
  /// d is used up.
  void back(Flight& flight, Buffer<T>& d, bool learns, bool sends, Transport<T>& transport);
  Passed<T> passed(const Flight& flight) const;
  std::size_t numbers(const Flight& flight) const;
  bool listened_to() const { return number_ > 0 && setup_.interface.record.listens; }

  const WorkerSetup& setup_;
  int number_;
  bool uppermost_;
  std::unique_ptr<SampleOrder<T>> order_;
  Group<T> group_;
  std::unique_ptr<Interface<T>> interface_;
  Output<T> output_;
  std::unique_ptr<InputGuess<T>> input_;
  std::deque<Flight> flights_;
  std::deque<Heard> heard_;
  std::vector<Flight> pool_;
  std::int64_t newest_ = -1;
  Buffer<T> d_, other_, weight_gradient_[2];
  std::vector<T> y_;
  std::vector<T> spare_;  ///< of a message that has been used: the next one up has as many values
  std::vector<double> kept_;
  Tally recent_, last_;
  InterfaceTally lately_, before_;
  std::int64_t bad_reports_ = 0;
};

}  // namespace chronograd
