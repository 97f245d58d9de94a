// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

#include "ranks/world.hpp"
#include "transport/threads.hpp"
#include "transport/transport.hpp"

namespace chronograd {

/// Workers in processes of their own: worker k is rank k, and calls from no other. Messages that may come are received
/// before they are asked for, into places that are made once.
template <class T>
class BetweenRanks final : public Transport<T> {
 public:
  /// `capacity`: messages that may be on their way up between two workers, beside those that the upper one has
  /// received; `rows`, `width`, `outputs`: the largest that a message may have. `link` holds messages back by a clock
  /// that all ranks must share: Error (usage) where they do not run on one host. Of its timeout LostMessage tells.
  BetweenRanks(World& world, std::size_t capacity, int rows, int width, int outputs, const Link& link);
  ~BetweenRanks() override;
  BetweenRanks(const BetweenRanks&) = delete;
  BetweenRanks& operator=(const BetweenRanks&) = delete;

  void up(int from, Message<T>&& message) override;
  void down(int from, Message<T>&& message) override;
  Message<T> from_below(int at, std::int64_t batch) override;
  std::optional<Message<T>> from_above(int at, std::int64_t batch, bool wait) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    std::vector<char> bytes;
    std::size_t number = 0;  ///< of the message in World::links()
    bool there = false;
  };
  /// Between this worker and one of its neighbours, in one direction.
  struct Edge {
    int rank = -1;             ///< the neighbour; -1: there is none
    std::deque<Piece> pieces;  ///< received or sent, in order
    std::vector<Piece> spare;
    std::vector<T> room;     ///< of values that were sent to the neighbour: as many come from it
    Clock::time_point free;  ///< when the last message has passed
  };

  void listen(Edge& edge, Piece&& piece);
  void take_back(Edge& edge);
  void put(Edge& edge, bool up, const Message<T>& message);
  std::optional<Message<T>> take(Edge& edge, bool from_above, std::int64_t batch, bool wait);
  bool is_there(Piece& piece) const;
  /// After it has waited since then, or because another rank has given up.
  bool gives_up(Clock::time_point begun);

  World& world_;
  std::size_t capacity_, largest_;
  Link link_;
  Edge up_, down_, below_, above_;  ///< to and from
};

}  // namespace chronograd
