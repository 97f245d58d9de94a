// SPDX-License-Identifier: Apache-2.0
#include "runs/sample.hpp"

#include <algorithm>

#include "learning/stepper.hpp"
#include "network/initial.hpp"
#include "training/data.hpp"
#include "training/stream_record.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t most_steps = 200, most_rows = 16, most_in_all = 1000, warm_up = 200;

template <class T>
Arrays sample_in(const Config& config, const Task& task, const Arrays* begin, const Arrays& trained) {
  const Split split = task.rows(Split::test) >= 0 ? Split::test : Split::train;
  const bool endless = task.length(split) == 0;
  const auto steps = static_cast<int>(endless ? most_steps : std::min(task.length(split), most_steps));
  const std::int64_t available = task.rows(split) == 0 ? most_rows : task.rows(split);
  const auto rows = static_cast<int>(std::clamp<std::int64_t>(most_in_all / steps, 1, std::min(available, most_rows)));

  const Network<T> network(config, task.inputs(), task.outputs());
  const Initial first = initial_values(network, config, begin, "");
  const Weights<T> weights = weights_of<T>(initial_values(network, config, &trained, ""));
  const int d = network.stack.units(), m = network.outputs, n = task.inputs();
  StreamRecord<float> x(rows, steps, n), y(rows, steps, m), target(rows, steps, m), mask(rows, steps, 1),
      h(rows, steps, d);

  std::vector<std::int64_t> picked(static_cast<std::size_t>(rows));
  for (int b = 0; b < rows; ++b) picked[static_cast<std::size_t>(b)] = b;
  Stepper<T> stepper(network, config, {}, nullptr, rows, 0, steps);
  Batch<T> batch;
  // An endless stream is met in its middle, when the state has forgotten its start.
  for (std::int64_t t = endless ? -warm_up : 0; t < steps;) {
    const auto count = static_cast<int>(t < 0 ? std::min<std::int64_t>(-t, most_steps) : steps);
    read_batch(task, split, picked, endless ? t + warm_up : t, count, Normalisation{}, network.stack.width(), batch);
    if (t <= 0 && (!endless || t == -warm_up)) stepper.begin(batch, 0);
    stepper.run(weights, batch, 0, count, !endless && count == task.length(split), nullptr);
    if (t >= 0) {
      const Seen<T> seen = stepper.seen();
      x.add(0, t, rows, count, batch.x.data(), n);
      y.add(0, t, rows, count, seen.y, m);
      target.add(0, t, rows, count, seen.target, m);
      mask.add(0, t, rows, count, seen.mask, 1);
      h.add(0, t, rows, count, seen.h, seen.h_ld);
    }
    t += count;
  }
  Arrays arrays = {
      {"x", x.array()}, {"y", y.array()}, {"target", target.array()}, {"mask", mask.array(false)}, {"h", h.array()}};
  const std::vector<T> theta(first.theta.begin(), first.theta.end());
  const Arrays before = network.map.write(theta.data());
  for (const ParameterMap::Parameter& parameter : network.map.parameters())
    if (parameter.role == ParameterMap::Role::recurrent)
      arrays["initial/" + parameter.name] = before.at(parameter.name);
  return arrays;
}

}  // namespace

Arrays sample_of(const Config& config, const Task& task, const Arrays* begin, const Arrays& trained) {
  if (config.table("").word("dtype") == "float64") return sample_in<double>(config, task, begin, trained);
  return sample_in<float>(config, task, begin, trained);
}

void write_sample(const std::string& folder, const Config& config, const Task& task, const Arrays* begin,
                  const Arrays& trained) {
  write_npz(folder + "/sample.npz", sample_of(config, task, begin, trained));
}

}  // namespace chronograd
