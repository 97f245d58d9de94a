// SPDX-License-Identifier: Apache-2.0
#include "nets/net_shape.hpp"

#include <cmath>
#include <numeric>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

std::vector<int> whole_numbers(const Options& net, const char* key) {
  std::vector<int> numbers;
  for (const double number : net.numbers(key)) {
    if (number != std::floor(number))
      throw Error(Exit::usage, std::string("net.") + key,
                  "got " + std::to_string(number) + ", allowed are whole numbers.");
    numbers.push_back(static_cast<int>(number));
  }
  return numbers;
}

/// Layers of each group: the readout joins the last one.
std::vector<int> group_sizes(const Options& net, int hidden) {
  if (!net.has("groups")) return std::vector<int>(static_cast<std::size_t>(hidden) + 1, 1);
  std::vector<int> sizes = whole_numbers(net, "groups");
  for (std::size_t k = 0; k < sizes.size(); ++k)
    if (sizes[k] < (k + 1 == sizes.size() ? 0 : 1))
      throw Error(Exit::usage, "net.groups",
                  "got a group of " + std::to_string(sizes[k]) +
                      " layers, allowed is 1 or more; 0 for the last one, where the readout is to be alone.");
  const int sum = std::accumulate(sizes.begin(), sizes.end(), 0);
  if (sizes.empty() || sum != hidden)
    throw Error(Exit::usage, "net.groups",
                "got groups of " + std::to_string(sum) + " hidden layers together, allowed is " +
                    std::to_string(hidden) + ", as many as net.widths has. Example: groups = [" +
                    std::to_string(hidden) + "] is one group of all.");
  ++sizes.back();
  return sizes;
}

}  // namespace

NetShape::NetShape(const Config& config, int inputs, int outputs) {
  const Options& net = config.table("net");
  const Activation activation = activation_of("net.activation", net.word("activation"));
  const bool normalised = net.word("norm") == "batch";
  int below = inputs, number = 1;
  for (const int width : whole_numbers(net, "widths")) {
    layers.push_back({number++, below, width, activation, normalised, false});
    below = width;
  }
  sizes = group_sizes(net, number - 1);
  layers.push_back({number, below, outputs, Activation::identity, false, true});
}

std::vector<LayerShape> NetShape::group(int k) const {
  const auto first = layers.begin() + std::accumulate(sizes.begin(), sizes.begin() + k, 0);
  return {first, first + sizes[static_cast<std::size_t>(k)]};
}

int NetShape::layers_below(int k) const {
  return std::accumulate(sizes.begin(), sizes.begin() + k + 1, 0);
}

}  // namespace chronograd
