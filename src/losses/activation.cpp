// SPDX-License-Identifier: Apache-2.0
#include "chronograd/loss.hpp"

namespace chronograd {
namespace {

constexpr Activation all[] = {Activation::identity, Activation::tanh,     Activation::sigmoid,
                              Activation::relu,     Activation::softplus, Activation::softmax};

}  // namespace

const char* name_of(Activation activation) {
  switch (activation) {
    case Activation::tanh:
      return "tanh";
    case Activation::sigmoid:
      return "sigmoid";
    case Activation::relu:
      return "relu";
    case Activation::softplus:
      return "softplus";
    case Activation::softmax:
      return "softmax";
    default:
      return "identity";
  }
}

Activation activation_of(const std::string& where, const std::string& name) {
  std::vector<std::string> names;
  for (const Activation activation : all) {
    if (name == name_of(activation)) return activation;
    names.emplace_back(name_of(activation));
  }
  throw_unknown_name(where, name, names);
}

}  // namespace chronograd
