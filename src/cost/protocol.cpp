// SPDX-License-Identifier: Apache-2.0
#include "cost/protocol.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "transport/threads.hpp"

namespace chronograd {
namespace {

/// Whether worker k sends a gradient down after `learn`.
bool sends_at_once(const Protocol& protocol, std::size_t k) {
  return k > 0 && protocol.listens && (protocol.at_once || k + 1 == protocol.workers.size());
}

/// One worker on its thread.
class Sleeper {
 public:
  Sleeper(const Protocol& protocol, std::size_t k, BetweenThreads<float>& edges)
      : protocol_(protocol), k_(k), uppermost_(k + 1 == protocol.workers.size()), edges_(edges) {}

  void live(int batches) {
    for (int t = 0; t < batches; ++t) {
      forward(t);
      if (t >= protocol_.lag) take(t - protocol_.lag);
    }
    for (int t = std::max(0, batches - protocol_.lag); t < batches; ++t) take(t);
  }

 private:
  static void sleep(double seconds) {
    if (seconds > 0) std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
  static Message<float> message(std::int64_t t) {
    Message<float> empty;
    empty.batch = t;
    return empty;
  }
  const WorkerTimes& times() const { return protocol_.workers[k_]; }
  int number() const { return static_cast<int>(k_); }

  void forward(std::int64_t t) {
    if (k_ > 0) edges_.from_below(number(), t);
    sleep(times().forward);
    if (!uppermost_) edges_.up(number(), message(t));
    sleep(times().learn);
    if (sends_at_once(protocol_, k_)) edges_.down(number(), message(t));
  }
  void take(std::int64_t t) {
    if (uppermost_ || !protocol_.listens) return;
    edges_.from_above(number(), t, true);
    sleep(times().take);
    if (k_ > 0 && !protocol_.at_once) edges_.down(number(), message(t));
  }

  const Protocol& protocol_;
  std::size_t k_;
  bool uppermost_;
  BetweenThreads<float>& edges_;
};

}  // namespace

double simulated_batch(const Protocol& protocol, double latency, int batches) {
  const std::size_t K = protocol.workers.size(), count = static_cast<std::size_t>(batches);
  const auto lag = static_cast<std::size_t>(protocol.lag), room = room_upwards(protocol.listens, protocol.lag);
  using Times = std::vector<std::vector<double>>;
  Times came_up(K, std::vector<double>(count)), taken = came_up, came_down = came_up;
  std::vector<double> now(K);
  const auto take = [&](std::size_t k, std::size_t t) {
    now[k] = std::max(now[k], came_down[k][t]) + protocol.workers[k].take;
    if (k > 0 && !protocol.at_once) came_down[k - 1][t] = now[k] + latency;
  };
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t k = 0; k < K; ++k) {
      if (k > 0) now[k] = std::max(now[k], came_up[k][t]);
      taken[k][t] = now[k];
      now[k] += protocol.workers[k].forward;
      if (k + 1 < K) {
        // taken[k + 1][t - room] stands, for worker k + 1 was called for that batch before.
        if (t >= room) now[k] = std::max(now[k], taken[k + 1][t - room]);
        came_up[k + 1][t] = now[k] + latency;
      }
      now[k] += protocol.workers[k].learn;
      if (sends_at_once(protocol, k)) came_down[k - 1][t] = now[k] + latency;
    }
    if (protocol.listens && t >= lag)
      for (std::size_t k = K - 1; k-- > 0;) take(k, t - lag);
  }
  if (protocol.listens)
    for (std::size_t k = K - 1; k-- > 0;)
      for (std::size_t t = count > lag ? count - lag : 0; t < count; ++t) take(k, t);
  return *std::max_element(now.begin(), now.end()) / batches;
}

double slept_batch(const Protocol& protocol, double latency, int batches) {
  const auto K = protocol.workers.size();
  BetweenThreads<float> edges(static_cast<int>(K), room_upwards(protocol.listens, protocol.lag), {latency, 0, 60});
  const auto begun = std::chrono::steady_clock::now();
  on_threads<float>(edges, K, [&](std::size_t k) { Sleeper(protocol, k, edges).live(batches); });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() / batches;
}

}  // namespace chronograd
