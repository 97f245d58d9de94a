// SPDX-License-Identifier: Apache-2.0
#include "runs/sample.hpp"

#include <algorithm>
#include <optional>

#include "base/dtype.hpp"
#include "network/initial.hpp"
#include "runs/spiking_sample.hpp"
#include "training/forward_pass.hpp"
#include "training/state_record.hpp"
#include "training/stream_record.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t most_steps = 200, most_rows = 16, most_in_all = 1000, warm_up = most_steps;

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
  const int d = network.stack.shown_width(), m = network.outputs, n = task.inputs();
  StreamRecord<float> x(rows, steps, n), y(rows, steps, m), target(rows, steps, m), mask(rows, steps, 1),
      h(rows, steps, d);
  const Options& model = config.table("model");
  std::optional<StateRecord<T>> states;
  if (spikes(network.stack.record())) states.emplace(network.stack, model, rows, steps);

  // An endless stream is met in its middle, when the state has forgotten its start.
  const std::int64_t skipped = endless ? warm_up : 0;
  run_forward<T>(
      network, weights, task, {split, rows, skipped + steps, rows, steps},
      [&](const Seen<T>& seen, const Batch<T>& batch, std::int64_t row, std::int64_t t) {
        if (t < skipped) return;
        const auto add = [&](StreamRecord<float>& to, const T* from, int ld = 0) {
          to.add(row, t - skipped, rows, seen.steps, from, ld);
        };
        add(x, batch.x.data());
        add(y, seen.y);
        add(target, seen.target);
        add(mask, seen.mask);
        add(h, seen.h, seen.h_ld);
      },
      [&](Layers<T> layers, std::int64_t row, std::int64_t t) {
        if (states && t >= skipped) states->add(row, t - skipped, layers);
      });
  Arrays arrays = {
      {"x", x.array()}, {"y", y.array()}, {"target", target.array()}, {"mask", mask.array(false)}, {"h", h.array()}};
  for (auto& [name, array] : recurrent_arrays(network, first)) arrays["initial/" + name] = array;
  if (!states) return arrays;
  Arrays all;
  states->move_to(all);
  for (auto& [name, array] : all)
    if (name.starts_with("v") || name.starts_with("threshold") || name.starts_with("psi"))
      arrays[name] = std::move(array);
  add_spiking_row(network, model, weights, task, split, arrays);
  return arrays;
}

}  // namespace

Arrays sample_of(const Config& config, const Task& task, const Arrays* begin, const Arrays& trained) {
  return with_dtype(config, [&]<class T>(T) { return sample_in<T>(config, task, begin, trained); });
}

void write_sample(const std::string& folder, const Config& config, const Task& task, const Arrays* begin,
                  const Arrays& trained) {
  write_npz(folder + "/sample.npz", sample_of(config, task, begin, trained));
}

}  // namespace chronograd
