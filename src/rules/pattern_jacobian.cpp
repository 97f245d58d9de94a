// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_jacobian.hpp"

namespace chronograd {

template <class T>
PatternJacobian<T>::PatternJacobian(const Stack<T>& stack, const InfluencePattern& pattern, int streams)
    : stack_(stack), streams_(streams) {
  const int S = stack_.states(), G = stack_.gates(), d = stack_.units(), all = stack_.layers() * streams_ * S;
  local_.resize(area(all * S, d));
  gain_.resize(area(all * G, d));
  products_.push_back(0);
  for (const InfluencePattern::Connection& connection : pattern.connections)
    for (int s = 0; s < S; ++s) {
      for (std::size_t w = connection.first_weight; w < connection.end_weight; ++w) {
        const InfluencePattern::Weight& weight = pattern.weights[w];
        const std::size_t gain =
            gain_at(connection.to / d, 0) + area(s * G + weight.gate, d) + static_cast<std::size_t>(connection.to % d);
        factors_.push_back({static_cast<int>(gain), static_cast<int>(weight.theta)});
      }
      products_.push_back(factors_.size());
    }
}

template <class T>
void PatternJacobian<T>::linearise(Layers<T> layers, int k) {
  for (int l = 0; l < stack_.layers(); ++l)
    stack_.layer(l).linearise(layers[static_cast<std::size_t>(l)], k, Recurrent::own, local_.data() + local_at(l, 0),
                              gain_.data() + gain_at(l, 0));
}

template <class T>
void PatternJacobian<T>::values(const T* theta, int b, T* value) const {
  const int d = stack_.units(), S = stack_.states();
  for (int l = 0; l < stack_.layers(); ++l) {
    const T* local = local_.data() + local_at(l, b);
    for (int i = 0; i < d; ++i)
      for (int s = 0; s < S * S; ++s) *value++ = local[area(s, d) + static_cast<std::size_t>(i)];
  }
  const T* gain = gain_.data() + gain_at(0, b);
  const Factors* product = factors_.data();
  for (std::size_t v = 1; v < products_.size(); ++v) {
    T sum = 0;
    for (const Factors* end = factors_.data() + products_[v]; product != end; ++product)
      sum += gain[product->gain] * theta[product->theta];
    *value++ = sum;
  }
}

template class PatternJacobian<float>;
template class PatternJacobian<double>;

}  // namespace chronograd
