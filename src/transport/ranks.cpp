// SPDX-License-Identifier: Apache-2.0
#include "transport/ranks.hpp"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

/// What stands before the numbers of a message.
struct Heading {
  std::int64_t batch, rows, values, target, mask, weight;
  std::chrono::steady_clock::rep due;
};

std::chrono::steady_clock::duration seconds_long(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

template <class T>
char* write_numbers(char* to, const std::vector<T>& numbers) {
  if (!numbers.empty()) std::memcpy(to, numbers.data(), numbers.size() * sizeof(T));
  return to + numbers.size() * sizeof(T);
}

template <class T>
const char* read_numbers(const char* from, std::int64_t count, std::vector<T>& numbers) {
  const T* const first = reinterpret_cast<const T*>(from);  // what stands before them is a heading and such numbers
  numbers.assign(first, first + count);
  return from + numbers.size() * sizeof(T);
}

void require_one_host(const World& world, const Link& link) {
  if (link.latency <= 0 && link.bandwidth <= 0) return;
  for (int r = 1; r < world.size(); ++r)
    if (world.host(r) != world.host(0))
      throw Error(Exit::usage, link.latency > 0 ? "--latency" : "--bandwidth",
                  "got a simulated link between " + world.host(0) + " and " + world.host(r) +
                      ", whose clocks differ, allowed are ranks on one host.");
}

}  // namespace

template <class T>
BetweenRanks<T>::BetweenRanks(World& world, std::size_t capacity, int rows, int width, int outputs, const Link& link)
    : world_(world),
      capacity_(capacity),
      largest_(sizeof(Heading) +
               static_cast<std::size_t>(rows) * static_cast<std::size_t>(width + outputs + 2) * sizeof(T)),
      link_(link) {
  require_one_host(world, link);
  if (largest_ > longest_message)
    throw Error(Exit::usage, "--workers",
                "got messages of " + std::to_string(largest_) + " bytes between ranks, allowed are " +
                    std::to_string(longest_message) + ". A smaller train.batch takes less.");
  if (world.rank() + 1 < world.size()) up_.rank = above_.rank = world.rank() + 1;
  if (world.rank() > 0) down_.rank = below_.rank = world.rank() - 1;
  for (Edge* edge : {&below_, &above_})
    for (std::size_t i = 0; edge->rank >= 0 && i <= capacity; ++i) {
      Piece piece;
      piece.bytes.resize(largest_);
      listen(*edge, std::move(piece));
    }
}

template <class T>
BetweenRanks<T>::~BetweenRanks() {
  for (Edge* edge : {&below_, &above_})
    for (Piece& piece : edge->pieces)
      if (!piece.there) world_.links().cancel(piece.number);
}

template <class T>
void BetweenRanks<T>::listen(Edge& edge, Piece&& piece) {
  piece.there = false;
  piece.number = world_.links().receive(edge.rank, Channel::workers, piece.bytes.data(), piece.bytes.size());
  edge.pieces.push_back(std::move(piece));
}

template <class T>
bool BetweenRanks<T>::is_there(Piece& piece) const {
  piece.there = piece.there || world_.links().done(piece.number);
  return piece.there;
}

/// What has been sent leaves its place to what comes.
template <class T>
void BetweenRanks<T>::take_back(Edge& edge) {
  while (!edge.pieces.empty() && is_there(edge.pieces.front())) {
    edge.spare.push_back(std::move(edge.pieces.front()));
    edge.pieces.pop_front();
  }
}

template <class T>
bool BetweenRanks<T>::gives_up(Clock::time_point begun) {
  if (Clock::now() - begun > seconds_long(link_.timeout)) world_.give_up();
  return world_.gave_up() || world_.alarmed();
}

template <class T>
void BetweenRanks<T>::put(Edge& edge, bool up, const Message<T>& message) {
  const Clock::time_point begun = Clock::now();
  take_back(up_);
  take_back(down_);
  for (; up && edge.pieces.size() >= capacity_; take_back(edge)) {
    if (gives_up(begun))
      throw LostMessage("rank " + std::to_string(world_.rank()),
                        "rank " + std::to_string(edge.rank) + " on " + world_.host(edge.rank) +
                            " took no activation for a while: batch " + std::to_string(message.batch) +
                            " waits behind " + std::to_string(capacity_) + " others.");
    World::rest();
  }
  Clock::time_point due = Clock::now();
  if (link_.bandwidth > 0) {
    due = std::max(due, edge.free) + seconds_long(static_cast<double>(message.bytes()) / link_.bandwidth);
    edge.free = due;
  }
  due += seconds_long(link_.latency);
  Piece piece;
  if (!edge.spare.empty()) {
    piece = std::move(edge.spare.back());
    edge.spare.pop_back();
  }
  piece.there = false;
  piece.bytes.resize(sizeof(Heading) + message.bytes());
  const auto size = [](const std::vector<T>& numbers) { return static_cast<std::int64_t>(numbers.size()); };
  const Heading heading = {
      message.batch,      message.rows,         size(message.values),          size(message.target),
      size(message.mask), size(message.weight), due.time_since_epoch().count()};
  std::memcpy(piece.bytes.data(), &heading, sizeof heading);
  char* to = piece.bytes.data() + sizeof heading;
  for (const std::vector<T>* numbers : {&message.values, &message.target, &message.mask, &message.weight})
    to = write_numbers(to, *numbers);
  Links& links = world_.links();
  piece.number = up ? links.send_to_taker(edge.rank, Channel::workers, piece.bytes.data(), piece.bytes.size())
                    : links.send(edge.rank, Channel::workers, piece.bytes.data(), piece.bytes.size());
  edge.pieces.push_back(std::move(piece));
}

template <class T>
std::optional<Message<T>> BetweenRanks<T>::take(Edge& edge, bool from_above, std::int64_t batch, bool wait) {
  const Clock::time_point begun = Clock::now();
  while (!is_there(edge.pieces.front())) {
    if (!wait) return std::nullopt;
    if (gives_up(begun)) throw lost_message("rank", world_.rank(), from_above, batch, link_.timeout);
    World::rest();
  }
  Heading heading{};
  const char* from = edge.pieces.front().bytes.data();
  std::memcpy(&heading, from, sizeof heading);
  const Clock::time_point due{Clock::duration{heading.due}};
  if (!wait && due > Clock::now()) return std::nullopt;
  std::this_thread::sleep_until(due);
  Message<T> message;
  message.values = std::move(edge.room);
  message.batch = heading.batch;
  message.rows = static_cast<int>(heading.rows);
  from = read_numbers(from + sizeof heading, heading.values, message.values);
  from = read_numbers(from, heading.target, message.target);
  from = read_numbers(from, heading.mask, message.mask);
  read_numbers(from, heading.weight, message.weight);
  Piece piece = std::move(edge.pieces.front());
  edge.pieces.pop_front();
  listen(edge, std::move(piece));
  require_batch(message, batch);
  return message;
}

template <class T>
void BetweenRanks<T>::up(int, Message<T>&& message) {
  put(up_, true, message);
  above_.room = std::move(message.values);
}

template <class T>
void BetweenRanks<T>::down(int, Message<T>&& message) {
  put(down_, false, message);
  below_.room = std::move(message.values);
}

template <class T>
Message<T> BetweenRanks<T>::from_below(int, std::int64_t batch) {
  return *take(below_, false, batch, true);
}

template <class T>
std::optional<Message<T>> BetweenRanks<T>::from_above(int, std::int64_t batch, bool wait) {
  return take(above_, true, batch, wait);
}

template class BetweenRanks<float>;
template class BetweenRanks<double>;

}  // namespace chronograd
