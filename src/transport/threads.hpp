// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "transport/transport.hpp"

namespace chronograd {

/// How slow edges are made to be, and how long is waited.
struct Link {
  double latency = 0;    ///< s of a message
  double bandwidth = 0;  ///< bytes/s of an edge; 0: without limit
  double timeout = 60;   ///< s that a worker waits for a message
};

/// Workers on threads of one process. A message is held back until it would have come over the link.
template <class T>
class BetweenThreads final : public Transport<T> {
 public:
  /// `capacity`: messages that may be on their way up between two workers.
  BetweenThreads(int workers, std::size_t capacity, const Link& link);

  void up(int from, Message<T>&& message) override;
  void down(int from, Message<T>&& message) override;
  Message<T> from_below(int at, std::int64_t batch) override;
  std::optional<Message<T>> from_above(int at, std::int64_t batch, bool wait) override;

  /// Whoever waits or comes to wait gets Interrupted.
  void interrupt();

 private:
  using Clock = std::chrono::steady_clock;
  struct Sent {
    Message<T> message;
    Clock::time_point due;
  };
  struct Edge {
    std::mutex mutex;
    std::condition_variable sent, taken;
    std::deque<Sent> queue;
    Clock::time_point free;  ///< when its last message has passed
    bool interrupted = false;
  };

  void put(Edge& edge, int from, bool bounded, Message<T>&& message);
  std::optional<Message<T>> take(Edge& edge, int at, bool from_above, std::int64_t batch, bool wait);

  Link link_;
  std::size_t capacity_;
  std::vector<Edge> up_, down_;  ///< by the worker that reads them
};

/// Calls work(0) ... work(workers - 1), which pass messages by `transport`, each on a thread of its own, and returns
/// when all have ended. Where one throws, nobody waits any longer; what went wrong is thrown, and not that others were
/// told of it. Throws Error (usage) where the system gives too few threads.
template <class T>
void on_threads(BetweenThreads<T>& transport, std::size_t workers, const std::function<void(std::size_t)>& work);

}  // namespace chronograd
