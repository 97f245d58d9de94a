// SPDX-License-Identifier: Apache-2.0
#include "training/state_record.hpp"

#include <algorithm>
#include <iterator>

#include "base/sizes.hpp"

namespace chronograd {
namespace {

/// v0 is v, h0_2 is h_2.
std::string without_0(std::string name) {
  if (const std::size_t at = name.find('0'); at != std::string::npos) name.erase(at, 1);
  return name;
}

/// The state of this name in data, or -1.
int state_of(const CellRecord& record, const std::string& name) {
  const std::vector<std::string> names = state_names(record);
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

}  // namespace

int constant_of(const CellRecord& record, const std::string& name) {
  for (int k = 0; k < record.constant_count(); ++k)
    if (record.constants[k] == name) return k;
  return -1;
}

bool spikes(const CellRecord& record) {
  return record.fill != nullptr && constant_of(record, "v_th") >= 0 && constant_of(record, "beta") >= 0 &&
         state_of(record, "v0") > 0 && state_of(record, "a0") > 0;
}

template <class T>
bool any_slope(const Stack<T>& stack, Layers<T> layers) {
  const int d = stack.units(), tape = stack.record().tape * d;
  for (const Segment<T>& segment : layers)
    for (int row = 0; row < segment.steps * segment.streams; ++row) {
      const T* psi = segment.tape.data() + area(row, tape);
      if (std::any_of(psi, psi + d, [](T slope) { return slope != T(0); })) return true;
    }
  return false;
}

template <class T>
StateRecord<T>::StateRecord(const Stack<T>& stack, const Options& model, std::int64_t rows, std::int64_t steps)
    : stack_(stack) {
  const CellRecord& record = stack.record();
  const int d = stack.units(), L = stack.layers(), heads = record.heads;
  const auto keep = [&](const std::string& name, Kind kind, int row, int width) {
    for (int l = 0; l < L; ++l)
      kept_.push_back({L == 1 ? name : name + "_l" + std::to_string(l), kind, l, row, {rows, steps, width}});
  };
  if (L > 1) keep("h", Kind::h, 0, stack.shown_width());
  const std::vector<std::string> names = state_names(record);
  for (int s = heads; s < record.states; ++s)
    if (const std::string& name = names[static_cast<std::size_t>(s)]; !name.empty())
      keep(without_0(name), Kind::hidden, s - heads, d);
  if (!spikes(record)) return;
  keep("threshold", Kind::threshold, 0, d);
  keep("psi", Kind::psi, 0, d);
  adaptation_ = state_of(record, "a0") - heads;
  std::vector<double> constants(area(record.constant_count(), d));
  record.fill(record, model, d, constants.data());
  const auto take = [&](const char* name) {
    const double* from = constants.data() + area(constant_of(record, name), d);
    std::vector<T> values;
    std::transform(from, from + d, std::back_inserter(values), [](double value) { return static_cast<T>(value); });
    return values;
  };
  v_th_ = take("v_th");
  beta_ = take("beta");
}

template <class T>
void StateRecord<T>::add(std::int64_t first, std::int64_t t, Layers<T> layers) {
  const int d = stack_.units(), more = stack_.more(), tape = stack_.record().tape * d;
  for (Kept& kept : kept_) {
    const Segment<T>& segment = layers[static_cast<std::size_t>(kept.layer)];
    const int K = segment.steps, B = segment.streams;
    if (kept.kind == Kind::h)
      kept.record.add(first, t, B, K, segment.h, segment.h_ld);
    else if (kept.kind == Kind::hidden)
      kept.record.add(first, t, B, K, segment.hidden_after + area(kept.row, d), more);
    else if (kept.kind == Kind::psi)
      kept.record.add(first, t, B, K, segment.tape.data(), tape);
    else
      add_threshold(kept, first, t, segment);
  }
}

/// v_th + beta a, a being that before the step: zero where the stream begins anew.
template <class T>
void StateRecord<T>::add_threshold(Kept& kept, std::int64_t first, std::int64_t t, const Segment<T>& segment) {
  const int d = stack_.units(), B = segment.streams;
  threshold_.resize(area(B, d));
  for (int k = 0; k < segment.steps; ++k) {
    for (int b = 0; b < B; ++b) {
      const T* a = segment.hidden.data() + area(k * B + b, stack_.more()) + area(adaptation_, d);
      T* to = threshold_.data() + area(b, d);
      for (int i = 0; i < d; ++i) {
        const auto at = static_cast<std::size_t>(i);
        to[i] = v_th_[at] + beta_[at] * a[i];
      }
    }
    kept.record.add(first, t + k, B, 1, threshold_.data());
  }
}

template <class T>
void StateRecord<T>::move_to(Arrays& arrays) {
  for (Kept& kept : kept_) arrays[kept.name] = kept.record.array();
}

template bool any_slope(const Stack<float>&, Layers<float>);
template bool any_slope(const Stack<double>&, Layers<double>);
template class StateRecord<float>;
template class StateRecord<double>;

}  // namespace chronograd
