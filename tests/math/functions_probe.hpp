// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chronograd {

/// y[i] = f(x[i]) for i < n
template <class T>
struct FunctionLoops {
  using Loop = void (*)(int n, const T* x, T* y);
  Loop exp, tanh, sigmoid, softplus, sine, cosine;
};

}  // namespace chronograd
