// SPDX-License-Identifier: Apache-2.0
#include "runs/spiking_sample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/sizes.hpp"
#include "training/data.hpp"
#include "training/state_record.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t longest_row = 4000, endless_row = 1000, run_in = 200;
constexpr std::int64_t most_numbers = 2000000;  ///< of a state, of all units and steps of the row
constexpr int segment = 250;

/// Steps first, of one stream.
template <class T>
void append(std::vector<float>& to, const T* from, int count) {
  for (int i = 0; i < count; ++i) to.push_back(static_cast<float>(from[i]));
}
Array with_width(std::vector<float> values, std::size_t width) {
  const std::size_t steps = values.size() / width;
  return Array::of({steps, width}, std::move(values));
}

/// A weight of the top layer: from regressor `column` (-1: none) to a unit.
struct Synapse {
  int unit, column;
};

/// Writes down the credit on the units of the top layer and, once they are chosen, the traces of synapses.
template <class T>
class Witness {
 public:
  explicit Witness(const Cell<T>& top) : cell_(top) {}

  void see(const Segment<T>& top, const Credit<T>& credit) {
    regressors_.resize(static_cast<std::size_t>(cell_.columns()));
    for (int k = 0; k < top.steps; ++k) {
      append(credit_, credit.c + area(k, cell_.units()), cell_.units());
      for (int j = 0; j < cell_.columns(); ++j) regressors_[static_cast<std::size_t>(j)] += std::fabs(z(top, k, j));
      if (!synapses_.empty()) advance(top, k);
    }
  }
  void follow(std::vector<Synapse> synapses) {
    synapses_ = std::move(synapses);
    e_.assign(synapses_.size() * static_cast<std::size_t>(cell_.states()), T(0));
  }
  const std::vector<float>& credit() const { return credit_; }           ///< [T][d]
  const std::vector<double>& regressors() const { return regressors_; }  ///< [columns] sums of |z|
  const std::vector<float>& traces() const { return traces_; }           ///< [T][k], of the state that credit is on

 private:
  T z(const Segment<T>& top, int k, int column) const { return top.z[area(k, cell_.ld()) + area(column, 1)]; }
  /// e <- A e + D z
  void advance(const Segment<T>& top, int k) {
    const int d = cell_.units(), S = cell_.states(), G = cell_.gates();
    local_.resize(area(S * S, d));
    gain_.resize(area(S * G, d));
    cell_.linearise(top, k, Recurrent::none, local_.data(), gain_.data());
    std::vector<T> next(static_cast<std::size_t>(S));
    for (std::size_t w = 0; w < synapses_.size(); ++w) {
      const auto [unit, column] = synapses_[w];
      T* e = e_.data() + w * static_cast<std::size_t>(S);
      for (int r = 0; r < S; ++r) {
        T sum = column < 0 ? T(0) : gain_[area(r * G, d) + area(unit, 1)] * z(top, k, column);
        for (int s = 0; s < S; ++s) sum += local_[area(r * S + s, d) + area(unit, 1)] * e[s];
        next[static_cast<std::size_t>(r)] = sum;
      }
      std::copy(next.begin(), next.end(), e);
      traces_.push_back(static_cast<float>(e[cell_.shown()]));
    }
  }

  const Cell<T>& cell_;
  std::vector<Synapse> synapses_;
  std::vector<T> e_;  ///< [k][S]
  std::vector<float> credit_, traces_;
  std::vector<double> regressors_;
  Buffer<T> local_, gain_;
};

/// A rule that learns nothing and shows a witness what it is given.
template <class T>
class Shown final : public Rule<T> {
 public:
  explicit Shown(Witness<T>& to) : to_(to) {}
  void learn(Layers<T> layers, const Credit<T>& credit, T*) override { to_.see(layers.back(), credit); }
  void begin() override {}
  void state(Archive&) override {}

 private:
  Witness<T>& to_;
};

/// Runs `steps` steps of the first row past a witness; `look` is told of each segment and of its first step before
/// there are losses, `seen` of what came out.
template <class T, class F, class G>
void run_row(const Network<T>& network, const Weights<T>& weights, const Task& task, Split split, std::int64_t steps,
             Witness<T>& witness, const F& look, const G& seen) {
  const std::int64_t skipped = task.length(split) == 0 ? run_in : 0, end = skipped + steps;
  Stepper<T> stepper(network, std::make_unique<Shown<T>>(witness), 1, 0, segment);
  Batch<T> batch;
  Buffer<T> grad(network.map.size());
  const std::vector<std::int64_t> rows = {0};
  for (std::int64_t t = 0; t < end; t += batch.steps) {
    const auto count = static_cast<int>(std::min<std::int64_t>(segment, (t < skipped ? skipped : end) - t));
    read_batch(task, split, rows, t, count, {.one_error = network.averages()}, network.stack.width(), batch);
    if (t == 0) stepper.begin(batch, 0);
    stepper.forward(weights, batch, 0, count, t + count == end);
    if (t >= skipped) look(stepper.layers(), t - skipped);
    stepper.learn(weights, batch, 0, t < skipped ? nullptr : grad.data());
    if (t >= skipped) seen(stepper.seen(), batch);
  }
}

/// The unit that fires most, the one in the middle, and of the others the one with the most credit.
std::vector<int> chosen_units(const std::vector<double>& spikes, const std::vector<double>& credit) {
  std::vector<int> order(spikes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto by = [&](const std::vector<double>& values) {
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return values[static_cast<std::size_t>(a)] > values[static_cast<std::size_t>(b)];
    });
  };
  by(spikes);
  std::vector<int> chosen = {order.front()};
  if (order.size() > 2) chosen.push_back(order[order.size() / 2]);
  by(credit);
  for (const int unit : order)
    if (std::find(chosen.begin(), chosen.end(), unit) == chosen.end()) {
      chosen.push_back(unit);
      break;
    }
  return chosen;
}

/// The column that fires most among those with a weight to the unit.
template <class T>
int busiest(const Cell<T>& cell, const T* theta, const std::vector<double>& sums, int unit) {
  int best = -1;
  for (int j = 0; j < cell.columns(); ++j) {
    if (!cell.exists(unit, j) || theta[cell.index(unit, j)] == T(0) || sums[static_cast<std::size_t>(j)] == 0) continue;
    if (best < 0 || sums[static_cast<std::size_t>(j)] > sums[static_cast<std::size_t>(best)]) best = j;
  }
  return best;
}

/// The columns of an array [T][d] that belong to some units, as (T, k).
Array columns_of(const std::vector<float>& values, int d, const std::vector<int>& units) {
  std::vector<float> picked;
  for (std::size_t t = 0; t < values.size(); t += static_cast<std::size_t>(d))
    for (const int unit : units) picked.push_back(values[t + static_cast<std::size_t>(unit)]);
  return with_width(std::move(picked), units.size());
}

Array whole_numbers(const std::vector<int>& values) {
  return Array::of({values.size()}, std::vector<std::int64_t>(values.begin(), values.end()));
}

}  // namespace

template <class T>
void add_spiking_row(const Network<T>& network, const Options& model, const Weights<T>& weights, const Task& task,
                     Split split, Arrays& arrays) {
  const Stack<T>& stack = network.stack;
  if (!spikes(stack.record())) return;
  const int d = stack.units(), N = stack.layers(), n = stack.inputs(), m = network.outputs;
  const std::int64_t length = task.length(split),
                     steps = std::min({length == 0 ? endless_row : length, longest_row,
                                       std::max<std::int64_t>(most_numbers / (N * d), segment)});
  StateRecord<T> states(stack, model, 1, steps);
  std::vector<float> x, h, y, target, mask;
  Witness<T> first(stack.layer(N - 1));
  run_row(
      network, weights, task, split, steps, first,
      [&](Layers<T> layers, std::int64_t t) {
        states.add(0, t, layers);
        for (int k = 0; k < layers[0].steps; ++k)
          for (const Segment<T>& layer : layers) append(h, layer.h + area(k, layer.h_ld), d);
      },
      [&](const Seen<T>& seen, const Batch<T>& batch) {
        append(x, batch.x.data(), batch.steps * n);
        append(y, seen.y, batch.steps * m);
        append(target, batch.y.data(), batch.steps * m);
        append(mask, batch.mask.data(), batch.steps);
      });
  std::vector<double> fired(static_cast<std::size_t>(d)), credited(static_cast<std::size_t>(d));
  for (std::int64_t t = 0; t < steps; ++t)
    for (int i = 0; i < d; ++i) {
      const auto unit = static_cast<std::size_t>(i), at = static_cast<std::size_t>(t);
      fired[unit] += h[at * area(N, d) + area(N - 1, d) + unit];
      credited[unit] += std::fabs(first.credit()[at * area(1, d) + unit]);
    }
  const std::vector<int> units = chosen_units(fired, credited);
  std::vector<Synapse> synapses;
  std::vector<int> from;
  for (const int unit : units) {
    from.push_back(busiest(stack.layer(N - 1), weights.theta.data() + stack.theta_at(N - 1), first.regressors(), unit));
    synapses.push_back({unit, from.back()});
  }
  Witness<T> second(stack.layer(N - 1));
  second.follow(synapses);
  run_row(
      network, weights, task, split, steps, second, [](Layers<T>, std::int64_t) {},
      [](const Seen<T>&, const Batch<T>&) {});

  Arrays all;
  states.move_to(all);
  for (const char* name : {"v", "threshold", "psi"}) {
    const Array& array = all.at(N == 1 ? name : name + ("_l" + std::to_string(N - 1)));
    std::vector<float> values;
    for (std::size_t k = 0; k < array.size(); ++k) values.push_back(static_cast<float>(array.at(k)));
    arrays[std::string("row/") + name] = columns_of(values, d, units);
  }
  const auto width = [](int count) { return static_cast<std::size_t>(count); };
  arrays["row/x"] = with_width(std::move(x), width(n));
  arrays["row/h"] = with_width(std::move(h), width(N * d));
  arrays["row/y"] = with_width(std::move(y), width(m));
  arrays["row/target"] = with_width(std::move(target), width(m));
  arrays["row/mask"] = Array::of({width(static_cast<int>(steps))}, std::move(mask));
  arrays["row/units"] = whole_numbers(units);
  arrays["row/from"] = whole_numbers(from);
  arrays["row/credit"] = columns_of(first.credit(), d, units);
  arrays["row/trace"] = with_width(second.traces(), units.size());
}

template void add_spiking_row(const Network<float>&, const Options&, const Weights<float>&, const Task&, Split,
                              Arrays&);
template void add_spiking_row(const Network<double>&, const Options&, const Weights<double>&, const Task&, Split,
                              Arrays&);

}  // namespace chronograd
