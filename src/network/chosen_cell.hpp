// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chronograd/cell.hpp"
#include "chronograd/config.hpp"

namespace chronograd {

/// The cell that a configuration asks for: that of the catalogue, or the same with what its readout reads as further
/// states of the units, or their rates, or with a constant that learns. `model` is the table [model] with the settings
/// that such a cell needs.
struct ChosenCell {
  std::shared_ptr<const CellRecord> record;
  Options model;
};

/// Throws Error (usage) for a feed-forward net ([net]): `what` works on recurrent nets.
void require_recurrent(const Config& config, const std::string& what);

/// Throws Error (usage) for a feed-forward net, where the cell cannot have such a readout, or where settings do not fit
/// together.
ChosenCell chosen_cell(const Config& config);

/// Trained constants (model.train) that all units of a layer share (model.share).
std::vector<std::string> shared_constants(const Config& config);

}  // namespace chronograd
