// SPDX-License-Identifier: Apache-2.0
// What Python code raised in the middle of the library.
#pragma once

namespace chronograd::python {

/// Steps of a Learner never throw, and neither may the jobs of threads that share a step. What an entry in Python
/// raises there is kept; the entry gives NaN, so that no number comes of it; whoever called for the work throws it on.
class Raised {
 public:
  /// While it lives, what is raised on this thread is thrown at once: for work that catches.
  class AtOnce {
   public:
    AtOnce();
    ~AtOnce();
    AtOnce(const AtOnce&) = delete;
    AtOnce& operator=(const AtOnce&) = delete;

   private:
    bool before_;
  };

  /// In a handler, with the GIL: keeps what was caught, the first of several.
  static void caught();
  /// Something is kept. From any thread.
  static bool any();
  /// Throws what is kept, if anything is. Needs the GIL.
  static void pass_on();
};

}  // namespace chronograd::python
