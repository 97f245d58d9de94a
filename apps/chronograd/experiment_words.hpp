// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "command_line.hpp"

namespace chronograd {

/// The words of a command line that name an experiment: a configuration, changes to it, data and parameters.
class ExperimentWords {
 public:
  /// CONFIG, key=value ..., --data, --params; with `all_required` both files must be given.
  void declare(CommandLine& line, bool all_required);
  /// The configuration with its changes, the last of which is --data. Throws Error.
  Config read() const;
  const std::string& parameters() const { return parameters_; }
  /// The name of CONFIG's file without folder and ending.
  std::string name() const;

 private:
  std::string config_, data_, parameters_;
  std::vector<std::string> changes_;
};

}  // namespace chronograd
