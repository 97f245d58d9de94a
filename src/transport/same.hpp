// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "transport/transport.hpp"

namespace chronograd {

/// Workers that one thread calls in turns. A message that is asked for is there: it is a mistake in code if not.
template <class T>
class SameThread final : public Transport<T> {
 public:
  explicit SameThread(int workers) : up_(static_cast<std::size_t>(workers)), down_(static_cast<std::size_t>(workers)) {}

  void up(int from, Message<T>&& message) override { put(up_, from + 1, std::move(message)); }
  void down(int from, Message<T>&& message) override { put(down_, from - 1, std::move(message)); }
  Message<T> from_below(int at, std::int64_t batch) override { return take(up_, at, batch); }
  std::optional<Message<T>> from_above(int at, std::int64_t batch, bool wait) override {
    if (!wait && down_[static_cast<std::size_t>(at)].empty()) return std::nullopt;
    return take(down_, at, batch);
  }

 private:
  using Edges = std::vector<std::deque<Message<T>>>;  ///< by the worker that reads them

  static void put(Edges& edges, int to, Message<T>&& message) {
    edges[static_cast<std::size_t>(to)].push_back(std::move(message));
  }
  static Message<T> take(Edges& edges, int at, std::int64_t batch) {
    std::deque<Message<T>>& edge = edges[static_cast<std::size_t>(at)];
    if (edge.empty()) throw std::logic_error("a worker was called before the message that it needs was sent");
    Message<T> message = std::move(edge.front());
    edge.pop_front();
    require_batch(message, batch);
    return message;
  }

  Edges up_, down_;
};

}  // namespace chronograd
