// SPDX-License-Identifier: Apache-2.0
// What a rule in Python carries from one segment to the next.
#pragma once

#include <pybind11/pybind11.h>

#include <vector>

namespace chronograd::python {

/// Its size may change from step to step, and that of a Learner's state in memory may not: there the two are kept
/// apart.
class OwnState {
 public:
  OwnState();
  virtual ~OwnState() = default;
  /// All named states, by name, as copies.
  virtual pybind11::dict get() const = 0;
  virtual void set(const pybind11::dict& state) = 0;
  /// As it was before its first step: a Learner tries one when it is made.
  virtual void rewind() = 0;

  /// While it lives, rules on this thread show an archive nothing; those that are made are added to `made`, if given.
  class Apart {
   public:
    explicit Apart(std::vector<OwnState*>* made = nullptr);
    ~Apart();
    Apart(const Apart&) = delete;
    Apart& operator=(const Apart&) = delete;

   private:
    bool on_before_;
    std::vector<OwnState*>* made_before_;
  };

 protected:
  static bool apart();
};

}  // namespace chronograd::python
