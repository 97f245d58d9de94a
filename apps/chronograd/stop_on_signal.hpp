// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/set_up.hpp"
#include "runs/progress.hpp"

namespace chronograd {

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
  /// Of several processes that are stopped together one says so; this one does not.
  static void hush();
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

}  // namespace chronograd
