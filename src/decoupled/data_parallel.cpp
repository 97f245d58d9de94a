// SPDX-License-Identifier: Apache-2.0
#include "decoupled/data_parallel.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/sizes.hpp"
#include "decoupled/net_setup.hpp"
#include "transport/threads.hpp"

namespace chronograd {
namespace {

constexpr int replica_count = 2;

/// One of the workers, with its copy of the net.
class Replica {
 public:
  Replica(int number, const NetSettings& net, const NetPlan& half, const Task& task, std::int64_t updates)
      : number_(number),
        group_(net.shape.layers, net.optimizer, net.seed, updates),
        order_(half, task, {}, net.seed + static_cast<std::uint64_t>(number)),
        output_(net.loss.record, net.activation, task.outputs()),
        y_(static_cast<std::size_t>(task.outputs())),
        kept_(static_cast<std::size_t>(output_.kept()) + 1) {}

  void batch(std::int64_t t, BetweenThreads<float>& edges) {
    gradient(order_.read(t));
    // Both add the first worker's gradients and the second's in that order: copies of one net stay the same bits.
    Message<float> own;
    own.batch = t;
    for (const Buffer<float>& grad : group_.gradients())
      own.values.insert(own.values.end(), grad.data(), grad.data() + grad.size());
    if (number_ == 0)
      edges.up(number_, std::move(own));
    else
      edges.down(number_, std::move(own));
    const Message<float> other = number_ == 0 ? *edges.from_above(number_, t, true) : edges.from_below(number_, t);
    const float* from = other.values.data();
    for (Buffer<float>& grad : group_.gradients()) {
      for (std::size_t i = 0; i < grad.size(); ++i) grad[i] = (grad[i] + from[i]) / replica_count;
      from += grad.size();
    }
    group_.update(t);
  }

  Score score(const Task& task, std::int64_t steps, int streams) const {
    NetLayers<float> layers;
    for (const Layer<float>& layer : group_.layers()) layers.push_back(&layer);
    return score_net(layers, output_, task, Split::test, steps, streams);
  }

 private:
  void gradient(const Message<float>& batch) {
    const auto m = static_cast<std::size_t>(output_.outputs());
    pass_.rows = batch.rows;
    reserve(pass_.x, area(batch.rows, group_.inputs()));
    std::copy(batch.values.begin(), batch.values.end(), pass_.x.data());
    group_.forward(pass_);
    reserve(d_, area(batch.rows, output_.outputs()));
    float weight = 0;
    for (std::size_t b = 0; b < static_cast<std::size_t>(batch.rows); ++b) {
      const float* a = pass_.h() + b * m;
      output_.activate(a, y_.data(), kept_.data());
      output_.judge(a, y_.data(), kept_.data(), batch.target.data() + b * m, batch.weight[b], d_.data() + b * m);
      weight += batch.weight[b];
    }
    group_.backward(pass_, d_.data(), 1 / weight, true, nullptr);
  }

  int number_;
  Group<float> group_;
  SampleOrder<float> order_;
  Output<float> output_;
  Pass<float> pass_;
  Buffer<float> d_;
  std::vector<float> y_;
  std::vector<double> kept_;
};

}  // namespace

DataParallelRun train_data_parallel(const Config& config, const Task& task, double latency) {
  const TrainSettings settings(config);
  const NetSettings net(config, task);
  const NetPlan plan(settings, config, task);
  NetPlan half = plan;
  half.batch = plan.batch / replica_count;
  half.batches = half.samples / half.batch;  // what is left of an epoch is left out: both have as many samples
  std::array<Replica, replica_count> replicas = {Replica(0, net, half, task, plan.updates),
                                                 Replica(1, net, half, task, plan.updates)};
  BetweenThreads<float> edges(replica_count, 2, {latency, 0, 60});
  const auto begun = std::chrono::steady_clock::now();
  on_threads<float>(edges, replica_count, [&](std::size_t k) {
    for (std::int64_t t = 0; t < plan.updates; ++t) replicas[k].batch(t, edges);
  });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return {plan.updates, seconds, replicas[0].score(task, settings.test_steps, plan.batch)};
}

}  // namespace chronograd
