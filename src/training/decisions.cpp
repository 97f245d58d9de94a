// SPDX-License-Identifier: Apache-2.0
#include "training/decisions.hpp"

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

void require(const Task& task, Decide decide) {
  if (decide == Decide::step) return;
  const char* const word = decide == Decide::mean_output ? "mean_output" : "sum_softmax";
  if (!task.classes())
    throw Error(Exit::usage, "readout.decide",
                std::string("got ") + word +
                    " with targets that are numbers, allowed is step: an answer is one of several classes. Leave the "
                    "key out.");
  if (task.length(Split::train) == 0)
    throw Error(Exit::usage, "readout.decide",
                std::string("got ") + word +
                    " on an endless stream, allowed are tasks with rows: such an answer belongs to a row. Leave the "
                    "key out.");
}

}  // namespace

template <class T>
Decisions<T>::Decisions(Decide decide, bool classes, int outputs, int streams)
    : decide_(decide), classes_(classes), m_(static_cast<std::size_t>(outputs)), streams_(streams) {
  if (decide_ == Decide::step) return;
  sums_.resize(area(streams, outputs));
  mass_.resize(area(streams, 1));
  target_.resize(area(streams, 1));
}

/// Sums need no division: their largest number is that of the mean.
template <class T>
void Decisions<T>::collect(const Seen<T>& seen, std::size_t row, int b, double weight) {
  const auto stream = static_cast<std::size_t>(b);
  double* const sums = sums_.data() + stream * m_;
  if (mass_[stream] == 0) std::fill_n(sums, m_, 0.0);
  const T* const outputs = (decide_ == Decide::mean_output ? seen.a : seen.y) + row * m_;
  for (std::size_t j = 0; j < m_; ++j) sums[j] += weight * static_cast<double>(outputs[j]);
  mass_[stream] += weight;
  target_[stream] = static_cast<double>(largest(seen.target + row * m_));
}

template <class T>
void Decisions<T>::state(Archive& archive) {
  if (decide_ == Decide::step) return;
  archive.array("decide/sums", sums_.span());
  archive.array("decide/mass", mass_.span());
  archive.array("decide/target", target_.span());
}

template <class T>
Decisions<T> decisions_of(const Network<T>& network, const Task& task, int streams) {
  require(task, network.decide);
  return {network.decide, task.classes(), network.outputs, streams};
}

template class Decisions<float>;
template class Decisions<double>;
template Decisions<float> decisions_of(const Network<float>&, const Task&, int);
template Decisions<double> decisions_of(const Network<double>&, const Task&, int);

}  // namespace chronograd
