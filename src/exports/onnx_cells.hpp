// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exports/onnx_layer.hpp"

namespace chronograd {

/// Writes a layer of the network's cell; returns what it shows, (B,T,H d). Throws Error (usage) for a cell that is not
/// written here.
std::string write_onnx_cell(OnnxLayer& layer);

/// The readout's filter of `shown`, f = kappa f_prev + zeta_out h, as a loop of its own.
std::string write_onnx_filter(OnnxLayer& layer, const std::string& shown);

}  // namespace chronograd
