// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/observer.hpp"
#include "network/chosen_cell.hpp"

namespace chronograd {

/// The trained network of a run.
struct ExportedNetwork {
  Config config;
  ChosenCell cell;
  Arrays parameters;      ///< by their names in files, in dtype
  Arrays mapping;         ///< what was fitted on the training data
  std::string path;       ///< the file they come from
  int inputs, outputs;    ///< n, m
  Activation activation;  ///< of the outputs

  int units() const { return static_cast<int>(cell.model.integer("hidden")); }   ///< d
  int layers() const { return static_cast<int>(cell.model.integer("layers")); }  ///< L
  int shown() const { return cell.record->heads * units(); }                     ///< H d
};

/// Where a run's parameters lie. Throws Error (data) where it has none yet.
std::string parameters_path(const std::string& run);

/// Reads it, checked as `eval` checks it. Throws Error (data); what is in the file and is no part of the network is
/// remarked on.
ExportedNetwork read_network(const std::string& run, Observer& observer);

/// What a file says of where it comes from, as text by name: the program and the configuration.
std::vector<std::pair<std::string, std::string>> origin_of(const Config& config);

}  // namespace chronograd
