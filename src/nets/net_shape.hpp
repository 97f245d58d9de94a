// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/loss.hpp"

namespace chronograd {

/// A dense layer of a feed-forward net.
struct LayerShape {
  int number;             ///< 1 ... L, of the readout L + 1
  int inputs, outputs;    ///< units below and here
  Activation activation;  ///< of a hidden layer; the readout's is identity here, its outputs are made elsewhere
  bool normalised;        ///< by its batch, before the activation
  bool readout;
};

/// [net]: L hidden layers and a readout, cut into K groups of consecutive layers.
struct NetShape {
  /// For inputs and targets of those widths. Throws Error (usage) for groups that are not the net's layers.
  NetShape(const Config& config, int inputs, int outputs);

  /// Those of group k, from 0 on, in order.
  std::vector<LayerShape> group(int k) const;
  int groups() const { return static_cast<int>(sizes.size()); }
  /// Hidden layers below the interface above group k < K - 1.
  int layers_below(int k) const;

  std::vector<LayerShape> layers;  ///< bottom first, the readout last
  std::vector<int> sizes;          ///< layers of each group
};

}  // namespace chronograd
