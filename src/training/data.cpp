// SPDX-License-Identifier: Apache-2.0
#include "training/data.hpp"

#include <algorithm>
#include <numeric>

#include "base/dtype.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/third_factor.hpp"

namespace chronograd {
namespace {

/// Whether a step with a mask follows step t of a row. Rows end, most of them with a mask: looked for from the end.
bool any_loss_from(const Task& task, Split split, std::int64_t row, std::int64_t t) {
  constexpr std::int64_t at_once = 256;
  for (std::int64_t end = task.length(split); end > t;) {
    const std::int64_t first = std::max(t, end - at_once);
    const auto steps = static_cast<std::size_t>(end - first);
    std::vector<double> x(steps * static_cast<std::size_t>(task.inputs())),
        y(steps * static_cast<std::size_t>(task.outputs())), mask(steps);
    std::vector<std::uint8_t> reset(steps);
    task.read(split, row, first, static_cast<int>(steps), {x.data(), y.data(), mask.data(), reset.data()});
    if (std::any_of(mask.begin(), mask.end(), [](double weight) { return weight != 0; })) return true;
    end = first;
  }
  return false;
}

}  // namespace

template <class T>
void read_batch(const Task& task, Split split, std::span<const std::int64_t> rows, std::int64_t t, int steps,
                const Normalisation& normalisation, int states, Batch<T>& batch, Padding padding) {
  const auto B = rows.size(), n = static_cast<std::size_t>(task.inputs()), m = static_cast<std::size_t>(task.outputs());
  const auto K = static_cast<std::size_t>(steps), d = static_cast<std::size_t>(states);
  if (normalisation.one_error && task.length(split) == 0)
    throw Error(Exit::usage, "readout.average",
                "got true on an endless stream, allowed are tasks with rows: a mean output belongs to a row.");
  batch.resize(steps, static_cast<int>(B), task.inputs(), task.outputs());
  if (t == 0) batch.state.resize(task.has_initial_state() ? B * d : 0);
  const ThirdFactor* signal = split == Split::train ? third_factor(task) : nullptr;
  const auto q = static_cast<std::size_t>(signal == nullptr ? 0 : signal->third());
  batch.third.resize(K * B * q);
  std::vector<double> x(K * n), y(K * m), mask(K), state(d), third(K * q);
  std::vector<std::uint8_t> reset(K), padded(K);
  batch.any_padding = false;
  batch.idle.resize(K * B);
  batch.share = static_cast<T>(normalisation.mean ? 1.0 / normalisation.streams : 1.0);
  if (normalisation.one_error) batch.count.resize(K * B);
  for (std::size_t b = 0; b < B; ++b) {
    if (rows[b] < 0) {
      for (std::size_t k = 0; k < K; ++k) batch.idle[k * B + b] = 1;
      continue;
    }
    std::fill(padded.begin(), padded.end(), std::uint8_t{0});
    task.read(split, rows[b], t, steps, {x.data(), y.data(), mask.data(), reset.data(), padded.data()});
    if (normalisation.one_error) {
      for (std::size_t k = 0; k < K; ++k) batch.count[k * B + b] = static_cast<T>(mask[k]);
      const auto last = std::find_if(mask.rbegin(), mask.rend(), [](double weight) { return weight != 0; });
      const bool here = last != mask.rend() && !any_loss_from(task, split, rows[b], t + steps);
      std::fill(mask.begin(), here ? std::prev(last.base()) : mask.end(), 0.0);
      if (here) *last = 1;
    }
    double divisor = 1;
    if (normalisation.mean)
      divisor = normalisation.streams * (normalisation.trial ? std::accumulate(mask.begin(), mask.end(), 0.0) : 1.0);
    if (signal != nullptr) signal->read_third(rows[b], t, steps, third.data());
    const double third_divisor = divisor > 0 ? divisor : normalisation.streams;
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t to = k * B + b;
      const bool rests = padded[k] != 0 && padding == Padding::at_rest;
      batch.any_padding |= padded[k] != 0;
      for (std::size_t j = 0; j < n && !rests; ++j) batch.x[to * n + j] = static_cast<T>(x[k * n + j]);
      for (std::size_t j = 0; j < m; ++j) batch.y[to * m + j] = static_cast<T>(y[k * m + j]);
      for (std::size_t j = 0; j < q && padded[k] == 0; ++j)
        batch.third[to * q + j] = static_cast<T>(third[k * q + j] / third_divisor);
      batch.mask[to] = static_cast<T>(mask[k]);
      batch.weight[to] = objective_weight<T>(normalisation, mask[k], y.data() + k * m, static_cast<int>(m), divisor);
      batch.reset[to] = rests ? 1 : reset[k];
      batch.idle[to] = padded[k] != 0 ? 1 : 0;
      if (normalisation.rates_of_rows && reset[k] != 0 && padded[k] == 0 && t + static_cast<std::int64_t>(k) > 0)
        throw Error(Exit::data, "regularise.average",
                    "got a reset at step " + std::to_string(t + static_cast<std::int64_t>(k)) +
                        " of a row, allowed with \"trial\" and \"batch\" are rows without one: a rate is a mean over "
                        "a row. \"running\" and \"filtered\" take them.");
    }
    if (t == 0 && batch.state.size() > 0 && task.initial_state(split, rows[b], state))
      for (std::size_t i = 0; i < d; ++i) batch.state[b * d + i] = static_cast<T>(state[i]);
  }
}

template void read_batch(const Task&, Split, std::span<const std::int64_t>, std::int64_t, int, const Normalisation&,
                         int, Batch<float>&, Padding);
template void read_batch(const Task&, Split, std::span<const std::int64_t>, std::int64_t, int, const Normalisation&,
                         int, Batch<double>&, Padding);

std::string data_name(const Config& config, Split split) {
  const Options &data = config.table("data"), &task = config.table("task");
  if (split == Split::test && data.has("test")) return data.word("test");
  if (data.has("train")) return data.word("train");
  return task.has("name") ? "task " + task.word("name") : "data";
}

namespace {

/// True if some step of the split has a weight other than 0 in T. Reads until the first one.
template <class T>
bool any_step_counts(const Task& task, Split split) {
  const std::int64_t rows = task.rows(split), length = task.length(split);
  if (rows <= 0 || length == 0) return rows >= 0;
  const auto steps = static_cast<std::size_t>(std::min<std::int64_t>(length, 4096));
  std::vector<double> x(steps * static_cast<std::size_t>(task.inputs())),
      y(steps * static_cast<std::size_t>(task.outputs())), mask(steps);
  std::vector<std::uint8_t> reset(steps);
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t t = 0; t < length; t += static_cast<std::int64_t>(steps)) {
      const auto count =
          static_cast<std::ptrdiff_t>(std::min<std::int64_t>(static_cast<std::int64_t>(steps), length - t));
      task.read(split, row, t, static_cast<int>(count), {x.data(), y.data(), mask.data(), reset.data()});
      if (std::any_of(mask.begin(), mask.begin() + count, [](double w) { return static_cast<T>(w) != T(0); }))
        return true;
    }
  return false;
}

}  // namespace

void require_counted_steps(const Config& config, const Task& task, Observer& observer) {
  const auto counts = [&](const Task& rows, Split split) {
    return with_dtype(config, [&]<class T>(T) { return any_step_counts<T>(rows, split); });
  };
  if (!counts(task, Split::train))
    throw Error(Exit::data, data_name(config, Split::train),
                "no step of the training data counts: every weight is 0 (mask), so there is nothing to learn from. "
                "Allowed is at least one step of a weight above 0.");
  if (task.validation() && !counts(*task.validation(), Split::train)) {
    const Options& data = config.table("data");
    throw Error(Exit::data,
                data.has("validation") && data.is_word("validation") ? data.word("validation")
                                                                     : data_name(config, Split::train),
                "no step of the rows to validate on counts: every weight is 0 (mask), so that no weights could be "
                "chosen. Allowed is at least one step of a weight above 0.");
  }
  if (task.rows(Split::test) > 0 && !counts(task, Split::test))
    observer.remarked("[" + data_name(config, Split::test) +
                      "] no step of the test data counts: every weight is 0 (mask). There will be no test loss.");
}

std::int64_t RowOrder::row(const RunProgress& progress, std::int64_t B, std::int64_t b) {
  const std::int64_t index = progress.pass * B + b, fresh = progress.passes_done * B + b;
  if (const Curriculum* curriculum = task_.curriculum()) return curriculum->row(progress.level, fresh);
  const std::int64_t rows = task_.rows(Split::train);
  if (rows == 0) return task_.length(Split::train) == 0 ? index : fresh;
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
