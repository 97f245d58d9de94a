// SPDX-License-Identifier: Apache-2.0
#include "decoupled/samples.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "chronograd/random.hpp"

namespace chronograd {

template <class T>
SampleReader<T>::SampleReader(const Task& task, Split split, std::vector<double> class_weights)
    : task_(task),
      split_(split),
      class_weights_(std::move(class_weights)),
      x_(static_cast<std::size_t>(task.inputs())),
      y_(static_cast<std::size_t>(task.outputs())) {}

template <class T>
void SampleReader<T>::add(std::int64_t row, std::int64_t t, Message<T>& batch) {
  double mask = 0;
  std::uint8_t reset = 0;
  task_.read(split_, row, t, 1, {x_.data(), y_.data(), &mask, &reset});
  if (static_cast<T>(mask) == T(0)) return;
  double weight = mask;
  if (!class_weights_.empty())
    weight *= class_weights_[static_cast<std::size_t>(std::max_element(y_.begin(), y_.end()) - y_.begin())];
  const auto append = [](const std::vector<double>& from, std::vector<T>& to) {
    for (const double value : from) to.push_back(static_cast<T>(value));
  };
  append(x_, batch.values);
  append(y_, batch.target);
  batch.mask.push_back(static_cast<T>(mask));
  batch.weight.push_back(static_cast<T>(weight));
  ++batch.rows;
}

template <class T>
SampleOrder<T>::SampleOrder(const NetPlan& plan, const Task& task, std::vector<double> class_weights,
                            std::uint64_t seed)
    : plan_(plan),
      length_(task.length(Split::train)),
      reader_(task, Split::train, std::move(class_weights)),
      seed_(seed) {}

template <class T>
void SampleOrder<T>::shuffle(std::int64_t epoch) {
  order_.resize(static_cast<std::size_t>(plan_.samples));
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
  epoch_ = epoch;
  if (!plan_.shuffle) return;
  Random random(seed_, Draw::shuffle, static_cast<std::uint64_t>(epoch));
  for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random.below(i)]);
}

template <class T>
Message<T> SampleOrder<T>::read(std::int64_t t) {
  Message<T> batch;
  batch.batch = t;
  batch.values.reserve(static_cast<std::size_t>(plan_.batch) * static_cast<std::size_t>(reader_.inputs()));
  if (length_ == 0) {  // a stream a sample, all at step t
    for (std::int64_t b = 0; b < plan_.batch; ++b) reader_.add(b, t, batch);
  } else if (plan_.samples == 0) {  // rows without end, one after the other
    for (std::int64_t b = 0; b < plan_.batch; ++b) {
      const std::int64_t sample = t * plan_.batch + b;
      reader_.add(sample / length_, sample % length_, batch);
    }
  } else {
    const std::int64_t epoch = t / plan_.batches, first = t % plan_.batches * plan_.batch;
    if (epoch != epoch_) shuffle(epoch);
    for (std::int64_t b = first; b < std::min(first + plan_.batch, plan_.samples); ++b) {
      const std::int64_t sample = order_[static_cast<std::size_t>(b)];
      reader_.add(sample / length_, sample % length_, batch);
    }
  }
  return batch;
}

template class SampleReader<float>;
template class SampleReader<double>;
template class SampleOrder<float>;
template class SampleOrder<double>;

}  // namespace chronograd
