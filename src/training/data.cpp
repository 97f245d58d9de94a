// SPDX-License-Identifier: Apache-2.0
#include "training/data.hpp"

#include <algorithm>
#include <numeric>

#include "chronograd/random.hpp"

namespace chronograd {

template <class T>
void read_batch(const Task& task, Split split, std::span<const std::int64_t> rows, std::int64_t t, int steps,
                const Normalisation& normalisation, int states, Batch<T>& batch) {
  const auto B = rows.size(), n = static_cast<std::size_t>(task.inputs()), m = static_cast<std::size_t>(task.outputs());
  const auto K = static_cast<std::size_t>(steps), d = static_cast<std::size_t>(states);
  batch.resize(steps, static_cast<int>(B), task.inputs(), task.outputs());
  if (t == 0) batch.state.resize(task.has_initial_state() ? B * d : 0);
  std::vector<double> x(K * n), y(K * m), mask(K), state(d);
  std::vector<std::uint8_t> reset(K);
  for (std::size_t b = 0; b < B; ++b) {
    if (rows[b] < 0) continue;
    task.read(split, rows[b], t, steps, {x.data(), y.data(), mask.data(), reset.data()});
    double divisor = 1;
    if (normalisation.mean)
      divisor = normalisation.streams * (normalisation.trial ? std::accumulate(mask.begin(), mask.end(), 0.0) : 1.0);
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t to = k * B + b;
      for (std::size_t j = 0; j < n; ++j) batch.x[to * n + j] = static_cast<T>(x[k * n + j]);
      for (std::size_t j = 0; j < m; ++j) batch.y[to * m + j] = static_cast<T>(y[k * m + j]);
      batch.weight[to] = mask[k] == 0 ? T(0) : static_cast<T>(mask[k] / divisor);
      batch.reset[to] = reset[k];
    }
    if (t == 0 && batch.state.size() > 0 && task.initial_state(split, rows[b], state))
      for (std::size_t i = 0; i < d; ++i) batch.state[b * d + i] = static_cast<T>(state[i]);
  }
}

template void read_batch(const Task&, Split, std::span<const std::int64_t>, std::int64_t, int, const Normalisation&,
                         int, Batch<float>&);
template void read_batch(const Task&, Split, std::span<const std::int64_t>, std::int64_t, int, const Normalisation&,
                         int, Batch<double>&);

std::int64_t RowOrder::row(const RunProgress& progress, std::int64_t B, std::int64_t b) {
  const std::int64_t index = progress.pass * B + b, fresh = progress.passes_done * B + b;
  if (const Curriculum* curriculum = task_.curriculum()) return curriculum->row(progress.level, fresh);
  const std::int64_t rows = task_.rows(Split::train);
  if (rows == 0) return task_.length() == 0 ? index : fresh;
  return index < rows ? shuffled(progress.epoch, index, rows) : -1;
}

std::int64_t RowOrder::shuffled(std::int64_t epoch, std::int64_t index, std::int64_t rows) {
  if (!shuffle_) return index;
  if (epoch != epoch_) {
    order_.resize(static_cast<std::size_t>(rows));
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    Random random(seed_, Draw::shuffle, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random.below(i)]);
    epoch_ = epoch;
  }
  return order_[static_cast<std::size_t>(index)];
}

}  // namespace chronograd
