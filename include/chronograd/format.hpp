// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// What is done about NaN and missing numbers in a user's streams.
enum class Missing {
  refuse,  ///< an error that names the place
  hold,    ///< the last number of that stream's channel is held; before the first: 0, for targets no loss
  skip,    ///< the step's loss has weight 0, its input is held
};

/// What the network asks of a file.
struct FileNeeds {
  bool classes_allowed;  ///< the loss takes integer targets
  std::string loss;      ///< its name, for messages
  int outputs = 0;       ///< m if it is known (W_out's rows); 0: the targets' (classes: the largest in training + 1)
  int units = 0;         ///< d, for the shape of h0
  /// What a file may call the states of a unit before the first step.
  std::vector<std::string> states = {"h0"};
  bool samples = false;  ///< a step is a sample of its own, for a feed-forward net
  int layers = 1;        ///< L: further layers start from h0_l1, ...
  Missing missing = Missing::refuse;
  double largest = std::numeric_limits<double>::max();  ///< magnitude that the run's dtype holds; larger: an error
  /// What the parameters that are given were trained with (Task::mapping()): it is applied, never fitted anew. Empty:
  /// fitted on the training part.
  Arrays mapping = {};
  /// Whose `outputs` and `mapping` are, for messages: the parameters, or the file that is learnt from.
  std::string known_from = "the parameters";
  std::uint64_t seed = 0;  ///< for rows that are drawn to be held out
};

/// A format of the user's files: how `[data]` becomes rows.
struct CHRONOGRAD_API FormatRecord {
  Entry entry;
  const char* endings;  ///< of file names that have this format unless data.format says otherwise, separated by '|'
  /// Reads data.train and, if given, data.test. Throws Error (data) for what is wrong with the files, Error (usage) for
  /// settings that contradict each other. Remarks go to `*notes`, which may be null.
  std::unique_ptr<Task> (*make)(const FormatRecord&, const Options& data, const FileNeeds& needs,
                                std::vector<std::string>* notes);
};

template <>
CHRONOGRAD_API std::span<const FormatRecord* const> catalogue<FormatRecord>();

}  // namespace chronograd
