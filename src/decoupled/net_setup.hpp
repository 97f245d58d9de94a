// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "decoupled/net_evaluation.hpp"
#include "decoupled/stretches.hpp"
#include "training/loss_settings.hpp"

namespace chronograd {

/// What a configuration says of a net, without how long it trains.
struct NetSettings {
  /// Throws Error (usage) for what does not fit together.
  NetSettings(const Config& config, const Task& task);

  /// For a run of so many batches, whose final loss is that of batch `last_from` and the later ones.
  WorkerSetup workers(std::int64_t updates, std::int64_t last_from) const;
  int groups() const { return shape.groups(); }

  NetShape shape;
  InterfaceSettings interface;
  LossSettings loss;
  Activation activation;  ///< of outputs
  const Options& optimizer;
  bool classes;
  std::uint64_t seed;
};

/// Parameters of a net from named arrays; `file` stands for them in messages. Arrays that are not used are remarked on
/// (null: nobody hears it). Throws Error (data).
template <class T>
void take_parameters(const std::vector<Group<T>*>& groups, const Arrays& arrays, const std::string& file,
                     Observer* observer);

}  // namespace chronograd
