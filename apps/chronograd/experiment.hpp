// SPDX-License-Identifier: Apache-2.0
// What the verbs that run something have in common: a configuration, changes to it, data and parameters.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "command_line.hpp"

namespace chronograd {

class Experiment {
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

/// While it lives, Ctrl-C and SIGTERM ask for an orderly stop instead of ending the program; a second one ends it.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  static bool asked();
};

/// A number as JSON: `null` for NaN and infinity.
std::string json_number(double value);
/// A string as JSON, quoted.
std::string json_text(const std::string& text);

}  // namespace chronograd
