// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace chronograd {

/// What one worker tells the next one of a batch. Gradients are those of each sample's own loss, never divided by the
/// number of samples: nothing here depends on how large a batch is.
template <class T>
struct Message {
  std::int64_t batch = 0;  ///< its number, from 0 on
  int rows = 0;            ///< samples
  std::vector<T> values;   ///< up: h [rows][width]; down: dL_b/dh [rows][width]
  std::vector<T> target;   ///< up: [rows][m]
  std::vector<T> mask;     ///< up: [rows] weight in the data
  std::vector<T> weight;   ///< up: [rows] factor of the loss in the objective

  std::size_t bytes() const { return (values.size() + target.size() + mask.size() + weight.size()) * sizeof(T); }
};

/// Messages that may be on their way up between two workers. Where gradients come down, a lag of S has S + 1 batches
/// under way, and one more may wait; where none do, nothing else bounds how far a worker runs ahead of the next.
constexpr std::size_t room_upwards(bool listens, std::int64_t lag) {
  constexpr std::size_t unheard = 16;
  return 2 + (listens ? static_cast<std::size_t>(lag) : unheard);
}

/// A message that did not come in time, or a worker that ended: the run cannot go on.
struct LostMessage : std::runtime_error {
  LostMessage(std::string at, const std::string& what) : std::runtime_error(what), where(std::move(at)) {}
  std::string where;  ///< "worker 2"
};
/// Another worker failed, and says why.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("another worker failed") {}
};

/// The edges between workers 0 ... K - 1, each first in, first out. A worker is called by its number, and calls with
/// its own.
template <class T>
class Transport {
 public:
  virtual ~Transport() = default;
  /// To worker `from` + 1. Waits while `capacity` messages are on the way: a slow worker slows those below it down.
  virtual void up(int from, Message<T>&& message) = 0;
  /// To worker `from` - 1.
  virtual void down(int from, Message<T>&& message) = 0;
  /// The next message from worker `at` - 1, which is of that batch. Throws LostMessage.
  virtual Message<T> from_below(int at, std::int64_t batch) = 0;
  /// The next message from worker `at` + 1, which is of that batch; nothing if `wait` is false and it is not there yet.
  /// Throws LostMessage.
  virtual std::optional<Message<T>> from_above(int at, std::int64_t batch, bool wait) = 0;
};

/// Throws std::logic_error unless the message is of that batch: edges keep their order.
template <class T>
void require_batch(const Message<T>& message, std::int64_t batch) {
  if (message.batch != batch)
    throw std::logic_error("a message of batch " + std::to_string(message.batch) + " came where batch " +
                           std::to_string(batch) + " was next");
}

/// What a worker says that waited in vain. `who` is "worker" or "rank".
inline LostMessage lost_message(const std::string& who, int at, bool from_above, std::int64_t batch, double seconds) {
  std::string text = std::to_string(seconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return {who + " " + std::to_string(at), std::string("no ") + (from_above ? "gradient" : "activation") + " of batch " +
                                              std::to_string(batch) + " from " + who + " " +
                                              std::to_string(from_above ? at + 1 : at - 1) + " for " + text + " s."};
}

}  // namespace chronograd
