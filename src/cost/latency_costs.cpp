// SPDX-License-Identifier: Apache-2.0
#include "cost/latency_costs.hpp"

#include <algorithm>
#include <cmath>

#include "chronograd/config.hpp"
#include "cost/protocol.hpp"
#include "decoupled/data_parallel.hpp"

namespace chronograd {
namespace {

constexpr double two_workers = 2;       ///< workers
constexpr int simulated_batches = 400;  ///< batches

enum class Kind { waits, guesses, local, data_parallel };

struct LatencyWay {
  const char* method;
  Kind kind;
  int lag = 0;
};
constexpr LatencyWay latency_ways[] = {
    {"backprop", Kind::waits},
    {"data parallel", Kind::data_parallel},
    {"delayed(lag=8)", Kind::waits, 8},
    {"delayed(lag=16)", Kind::waits, 16},
    {"dni(lag=8)", Kind::guesses, 8},
    {"dni(lag=16)", Kind::guesses, 16},
    {"local", Kind::local},
};

/// What is known of a way before any message takes time, in ms a batch.
struct OneThread {
  double batch;  ///< under backprop on one thread
  double added;  ///< what the way takes beside that; of data parallel, beside its half of the batch
};

/// Multiply-adds of a sample, of the layers of one worker: forward, and back to weights and what lies below.
struct Share {
  double forward, back;
};
Share share_of(const InterfaceCostNet& net, int worker) {
  const int first = worker == 0 ? 0 : static_cast<int>(net.groups[0]);
  const int end = worker == 0 ? static_cast<int>(net.groups[0]) : net.layers + 1;
  Share share = {0, 0};
  for (int l = first; l < end; ++l) {
    const double products = 1.0 * (l == 0 ? net.inputs : net.width) * (l == net.layers ? net.outputs : net.width);
    share.forward += products;
    share.back += (l == 0 ? 1 : 2) * products;
  }
  return share;
}

/// Its parts in seconds. A guess is one product of three that a synthesiser takes; its lesson are the others.
Protocol protocol_of(const LatencyWay& way, const InterfaceCostNet& net, const OneThread& one) {
  const Share lower = share_of(net, 0), upper = share_of(net, 1);
  const double unit = 1e-3 * one.batch / (lower.forward + lower.back + upper.forward + upper.back);
  const double back = unit * lower.back, added = std::max(1e-3 * one.added, -back);
  Protocol protocol;
  protocol.lag = way.lag;
  protocol.listens = way.kind != Kind::local;
  WorkerTimes below = {unit * lower.forward, 0, 0};
  if (way.kind == Kind::waits) below.take = back + added;
  if (way.kind == Kind::guesses) {
    below.learn = back + added / 3;
    below.take = std::max(0.0, 2 * added / 3);
  }
  if (way.kind == Kind::local) below.learn = back + added;
  protocol.workers = {below, {unit * upper.forward, unit * upper.back, 0}};
  return protocol;
}

double simulate(const LatencyWay& way, const InterfaceCostNet& net, const OneThread& one, double latency) {
  if (way.kind == Kind::data_parallel) return one.batch / two_workers + one.added + latency;
  return 1e3 * simulated_batch(protocol_of(way, net, one), latency / 1e3, simulated_batches);
}

double ms_of(double seconds, std::int64_t updates) {
  return 1e3 * seconds / static_cast<double>(updates);
}

double measure(const LatencyWay& way, const InterfaceCostNet& net, double latency, double seconds) {
  if (way.kind == Kind::data_parallel) {
    const std::unique_ptr<Task> samples = random_samples(net);
    const DataParallelRun run = long_enough(seconds, [&](std::int64_t updates) {
      return train_data_parallel(random_run(net, "backprop", updates), *samples, latency / 1e3);
    });
    return ms_of(run.seconds, run.updates);
  }
  RunOptions options;
  options.workers = RunOptions::Workers::threads;
  options.latency = latency / 1e3;
  const RunResult run = timed_run(net, way.method, seconds, options);
  return ms_of(run.seconds, run.updates);
}

double pays_from(const LatencyWay& way, const InterfaceCostNet& net, const OneThread& one, const OneThread& shared) {
  constexpr double step = 0.01, most = 20;
  const LatencyWay& data_parallel = latency_ways[1];
  for (double l = 0; l <= most; l += step)
    if (simulate(way, net, one, l) < simulate(data_parallel, net, shared, l)) return l;
  return INFINITY;
}

InterfaceCostNet on_two_workers(InterfaceCostNet net) {
  net.groups = {std::floor(net.layers / 3.0), net.layers - std::floor(net.layers / 3.0)};
  return net;
}

}  // namespace

std::vector<LatencyCurve> measure_latencies(const InterfaceCostNet& given, const std::vector<double>& latencies,
                                            double seconds, Observer* observer) {
  const InterfaceCostNet net = on_two_workers(given);
  const auto alone = [&](const char* method) {
    const RunResult run = timed_run(net, method, seconds);
    return ms_of(run.seconds, run.updates);
  };
  const double batch = alone("backprop");
  const OneThread shared = {batch, std::max(0.0, measure(latency_ways[1], net, 0, seconds) - batch / two_workers)};
  std::vector<LatencyCurve> curves;
  for (const LatencyWay& way : latency_ways) {
    Observer::or_none(observer).remarked(way.method);
    const bool shares = way.kind == Kind::data_parallel;
    const OneThread one = shares ? shared : OneThread{batch, alone(way.method) - batch};
    LatencyCurve curve{way.method, {}, shares ? INFINITY : pays_from(way, net, one, shared)};
    for (const double latency : latencies)
      curve.points.push_back({latency, measure(way, net, latency, seconds), simulate(way, net, one, latency)});
    curves.push_back(std::move(curve));
  }
  return curves;
}

std::vector<LatencyCurve> measure_sleepers(const InterfaceCostNet& given, const std::vector<double>& latencies,
                                           double batch, Observer* observer) {
  constexpr int batches = 40;
  const InterfaceCostNet net = on_two_workers(given);
  const OneThread one = {batch, 0};
  std::vector<LatencyCurve> curves;
  for (const LatencyWay& way : latency_ways) {
    if (way.kind == Kind::data_parallel) continue;
    Observer::or_none(observer).remarked(std::string("sleeping workers, ") + way.method);
    LatencyCurve curve{way.method, {}, not_measured};
    const Protocol protocol = protocol_of(way, net, one);
    for (const double latency : latencies)
      curve.points.push_back({latency, 1e3 * slept_batch(protocol, latency / 1e3, batches),
                              1e3 * simulated_batch(protocol, latency / 1e3, batches)});
    curves.push_back(std::move(curve));
  }
  return curves;
}

void train_ways(const InterfaceCostNet& given, std::vector<LatencyCurve>& curves, Observer* observer) {
  const Config config = image_run(on_two_workers(given));
  const std::unique_ptr<Task> task = make_task(config);
  for (LatencyCurve& curve : curves) {
    Observer::or_none(observer).remarked(curve.method + ": accuracy");
    curve.accuracy = curve.method == latency_ways[1].method
                         ? train_data_parallel(config, *task, 0).test.accuracy
                         : train(config.with_method(curve.method), *task).test.accuracy;
  }
}

}  // namespace chronograd
