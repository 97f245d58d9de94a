// SPDX-License-Identifier: Apache-2.0
// What the verbs that run something have in common: a configuration, changes to it, data and parameters.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "base/set_up.hpp"
#include "chronograd/config.hpp"
#include "command_line.hpp"
#include "runs/progress.hpp"

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

/// While it lives, Ctrl-C and SIGTERM end the program with exit code 130: at once as long as there is nothing that
/// would be lost, from begin() on by an orderly stop, which a second one cuts short.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  /// Something has begun: from now on who does it asks whether to stop.
  static void begin();
  static bool asked();
};

/// While it lives, set-up that takes long is shown by `progress` and heeds StopOnSignal.
class ShownSetUp final : public SetUpWatch {
 public:
  explicit ShownSetUp(Progress& progress) : progress_(progress), before_(watch_set_up(this)) {}
  ~ShownSetUp() override { watch_set_up(before_); }
  ShownSetUp(const ShownSetUp&) = delete;
  ShownSetUp& operator=(const ShownSetUp&) = delete;
  bool progress(const std::string& what, double share) override {
    progress_.set_up(what, share);
    return !StopOnSignal::asked();
  }

 private:
  Progress& progress_;
  SetUpWatch* before_;
};

/// A number as JSON: `null` for NaN and infinity.
std::string json_number(double value);
/// A string as JSON, quoted.
std::string json_text(const std::string& text);

}  // namespace chronograd
