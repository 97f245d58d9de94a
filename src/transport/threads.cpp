// SPDX-License-Identifier: Apache-2.0
#include "transport/threads.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <thread>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

std::chrono::steady_clock::duration of_seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

template <class T>
BetweenThreads<T>::BetweenThreads(int workers, std::size_t capacity, const Link& link)
    : link_(link),
      capacity_(capacity),
      up_(static_cast<std::size_t>(workers)),
      down_(static_cast<std::size_t>(workers)) {}

template <class T>
void BetweenThreads<T>::put(Edge& edge, int from, bool bounded, Message<T>&& message) {
  const std::int64_t batch = message.batch;
  {
    std::unique_lock lock(edge.mutex);
    const auto room = [&] { return edge.interrupted || !bounded || edge.queue.size() < capacity_; };
    if (!edge.taken.wait_until(lock, Clock::now() + of_seconds(link_.timeout), room))
      throw LostMessage("worker " + std::to_string(from),
                        "worker " + std::to_string(from + 1) + " took no activation for a while: batch " +
                            std::to_string(batch) + " waits behind " + std::to_string(capacity_) + " others.");
    if (edge.interrupted) throw Interrupted();
    Clock::time_point due = Clock::now();
    if (link_.bandwidth > 0) {
      due = std::max(due, edge.free) + of_seconds(static_cast<double>(message.bytes()) / link_.bandwidth);
      edge.free = due;
    }
    edge.queue.push_back({std::move(message), due + of_seconds(link_.latency)});
  }
  edge.sent.notify_one();
}

template <class T>
std::optional<Message<T>> BetweenThreads<T>::take(Edge& edge, int at, bool from_above, std::int64_t batch, bool wait) {
  std::unique_lock lock(edge.mutex);
  if (edge.interrupted) throw Interrupted();
  if (!wait && (edge.queue.empty() || edge.queue.front().due > Clock::now())) return std::nullopt;
  if (!edge.sent.wait_until(lock, Clock::now() + of_seconds(link_.timeout),
                            [&] { return edge.interrupted || !edge.queue.empty(); }))
    throw lost_message("worker", at, from_above, batch, link_.timeout);
  // Only this worker takes from the edge: what is in front stays there while it is on its way.
  const Clock::time_point due = edge.interrupted ? Clock::now() : edge.queue.front().due;
  edge.sent.wait_until(lock, due, [&] { return edge.interrupted; });
  if (edge.interrupted) throw Interrupted();
  Message<T> message = std::move(edge.queue.front().message);
  edge.queue.pop_front();
  lock.unlock();
  edge.taken.notify_one();
  require_batch(message, batch);
  return message;
}

template <class T>
void BetweenThreads<T>::up(int from, Message<T>&& message) {
  put(up_[static_cast<std::size_t>(from) + 1], from, true, std::move(message));
}

template <class T>
void BetweenThreads<T>::down(int from, Message<T>&& message) {
  put(down_[static_cast<std::size_t>(from) - 1], from, false, std::move(message));
}

template <class T>
Message<T> BetweenThreads<T>::from_below(int at, std::int64_t batch) {
  return *take(up_[static_cast<std::size_t>(at)], at, false, batch, true);
}

template <class T>
std::optional<Message<T>> BetweenThreads<T>::from_above(int at, std::int64_t batch, bool wait) {
  return take(down_[static_cast<std::size_t>(at)], at, true, batch, wait);
}

template <class T>
void BetweenThreads<T>::interrupt() {
  for (std::vector<Edge>* edges : {&up_, &down_})
    for (Edge& edge : *edges) {
      {
        const std::scoped_lock lock(edge.mutex);
        edge.interrupted = true;
      }
      edge.sent.notify_all();
      edge.taken.notify_all();
    }
}

template <class T>
void on_threads(BetweenThreads<T>& transport, std::size_t workers, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> failed(workers);
  const auto guarded = [&](std::size_t k) {
    try {
      work(k);
    } catch (...) {
      failed[k] = std::current_exception();
      transport.interrupt();
    }
  };
  try {
    for (std::size_t k = 0; k < workers; ++k) threads.emplace_back(guarded, k);
  } catch (const std::exception&) {
    transport.interrupt();
    for (std::thread& thread : threads) thread.join();
    throw Error(Exit::usage, "--workers",
                "got threads, but the system gave " + std::to_string(threads.size()) + " of " +
                    std::to_string(workers) + ", allowed is same. Fewer groups (net.groups) take fewer.");
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& each : failed) {
    if (!each) continue;
    try {
      std::rethrow_exception(each);
    } catch (const Interrupted&) {
      continue;
    }
  }
}

template class BetweenThreads<float>;
template class BetweenThreads<double>;
template void on_threads(BetweenThreads<float>&, std::size_t, const std::function<void(std::size_t)>&);
template void on_threads(BetweenThreads<double>&, std::size_t, const std::function<void(std::size_t)>&);

}  // namespace chronograd
