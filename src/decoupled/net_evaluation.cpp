// SPDX-License-Identifier: Apache-2.0
#include "decoupled/net_evaluation.hpp"

#include <algorithm>
#include <utility>

#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "training/measures.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t at_once = 256;  // samples

/// Steps of rows, one after the other.
template <class T>
struct Samples {
  void clear() {
    for (std::vector<T>* each : {&x, &target, &mask}) each->clear();
  }
  void add(const Task& task, Split split, std::int64_t row, std::int64_t t, int steps) {
    const auto K = static_cast<std::size_t>(steps);
    std::vector<double> inputs(K * static_cast<std::size_t>(task.inputs())),
        targets(K * static_cast<std::size_t>(task.outputs())), weights(K);
    std::vector<std::uint8_t> reset(K);
    task.read(split, row, t, steps, {inputs.data(), targets.data(), weights.data(), reset.data()});
    for (const auto& [from, to] : {std::pair(&inputs, &x), {&targets, &target}, {&weights, &mask}})
      for (const double value : *from) to->push_back(static_cast<T>(value));
  }
  std::vector<T> x, target, mask;
};

/// What a net makes of samples, in the words of a recurrent net's segment of one step.
template <class T>
class Outcome {
 public:
  Outcome(const NetLayers<T>& layers, const Output<T>& output, const Samples<T>& samples) : samples_(samples) {
    const auto rows = static_cast<int>(samples.mask.size());
    const auto m = static_cast<std::size_t>(output.outputs());
    h_ = samples.x;
    for (const Layer<T>* layer : layers) {
      a_.resize(area(rows, layer->shape().outputs));
      layer->infer(rows, h_.data(), a_.data());
      if (!layer->shape().readout) h_.swap(a_);
    }
    y_.resize(a_.size());
    loss_.resize(samples.mask.size());
    std::vector<double> kept(std::max<std::size_t>(1, static_cast<std::size_t>(output.kept())));
    std::vector<T> err(m);
    for (std::size_t b = 0; b < loss_.size(); ++b) {
      output.activate(a_.data() + b * m, y_.data() + b * m, kept.data());
      loss_[b] = output.judge(a_.data() + b * m, y_.data() + b * m, kept.data(), samples.target.data() + b * m, T(1),
                              err.data());
      weighted_.push_back(samples.mask[b] == T(0) ? 0 : static_cast<double>(samples.mask[b]) * loss_[b]);
    }
  }
  Seen<T> seen() const {
    return {1,
            h_.data(),
            static_cast<int>(h_.size() / std::max<std::size_t>(1, loss_.size())),
            a_.data(),
            y_.data(),
            weighted_.data(),
            loss_.data(),
            samples_.target.data(),
            samples_.mask.data(),
            samples_.mask.data()};
  }

 private:
  const Samples<T>& samples_;
  std::vector<T> h_, a_, y_;
  std::vector<double> loss_, weighted_;
};

/// y, h, loss_t, target and mask of all samples, which come in order.
template <class T>
struct Outputs {
  void add(const Seen<T>& seen, std::size_t count, std::size_t m) {
    const auto append = [count](auto& to, const auto* from, std::size_t width) {
      to.insert(to.end(), from, from + count * width);
    };
    append(y, seen.y, m);
    append(h, seen.h, static_cast<std::size_t>(seen.h_ld));
    for (std::size_t b = 0; b < count; ++b) losses.push_back(static_cast<T>(seen.loss[b]));
    append(target, seen.target, m);
    append(mask, seen.mask, 1);
  }
  Arrays arrays(const Task& task, Split split) {
    const auto rows = static_cast<std::size_t>(task.rows(split)), length = static_cast<std::size_t>(task.length(split));
    const auto with_width = [&](std::vector<T>& numbers) {
      const std::size_t width = numbers.size() / std::max<std::size_t>(1, rows * length);
      return Array::of({rows, length, width}, std::move(numbers));
    };
    Arrays out = task.mapping();
    out.emplace("y", with_width(y));
    out.emplace("h", with_width(h));
    out.emplace("loss_t", Array::of({rows, length}, std::move(losses)));
    out.emplace("target", with_width(target));
    out.emplace("mask", Array::of({rows, length}, std::move(mask)));
    return out;
  }
  std::vector<T> y, h, losses, target, mask;
};

}  // namespace

template <class T>
Score score_net(const NetLayers<T>& layers, const Output<T>& output, const Task& task, Split split,
                std::int64_t fresh_steps, int streams, Measures* measures, Arrays* outputs, Observer* observer) {
  std::int64_t rows = task.rows(split), length = task.length(split);
  if (outputs && (rows <= 0 || length == 0))
    throw Error(Exit::usage, "task.name",
                "got " + task.summary() + ", which has no fixed number of rows, allowed are data that have one.");
  if (rows < 0) return {};
  if (length == 0) {
    length = fresh_steps;
    rows = streams;
  } else if (rows == 0) {
    rows = std::max<std::int64_t>(streams, fresh_steps / length);
  }
  const int m = output.outputs();
  Tally tally;
  MeasureTally further(m, task.classes());
  Outputs<T> record;
  Samples<T> samples;
  std::int64_t done = 0;
  const auto judge = [&] {
    const Outcome<T> outcome(layers, output, samples);
    const Seen<T> seen = outcome.seen();
    const auto count = static_cast<int>(samples.mask.size());
    tally.add(seen, 0, 1, count);
    if (measures) further.add(seen, count);
    if (outputs) record.add(seen, samples.mask.size(), static_cast<std::size_t>(m));
    for (int b = 0; task.classes() && b < count; ++b) {
      const auto mask = static_cast<double>(samples.mask[static_cast<std::size_t>(b)]);
      if (mask == 0) continue;
      const auto largest = [&](const T* from) {
        return static_cast<std::size_t>(std::max_element(from + area(b, m), from + area(b + 1, m)) -
                                        (from + area(b, m)));
      };
      const Decision decision = {largest(seen.y), largest(seen.target), mask};
      tally.add(decision);
      if (measures) further.add(decision);
    }
    samples.clear();
    done += count;
    if (!Observer::or_none(observer).moved({done, rows * length, done})) throw stopped_evaluation(done, rows * length);
  };
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t t = 0; t < length;) {
      const std::int64_t room = at_once - static_cast<std::int64_t>(samples.mask.size());
      const std::int64_t steps = std::min(room, length - t);
      samples.add(task, split, row, t, static_cast<int>(steps));
      t += steps;
      if (steps == room) judge();
    }
  if (!samples.mask.empty()) judge();
  if (measures) *measures = further.measures();
  if (outputs) *outputs = record.arrays(task, split);
  return tally.score(task.classes());
}

template Score score_net(const NetLayers<float>&, const Output<float>&, const Task&, Split, std::int64_t, int,
                         Measures*, Arrays*, Observer*);
template Score score_net(const NetLayers<double>&, const Output<double>&, const Task&, Split, std::int64_t, int,
                         Measures*, Arrays*, Observer*);

}  // namespace chronograd
