// SPDX-License-Identifier: Apache-2.0
// What Python code raised in the middle of the library.
#pragma once

#include <atomic>
#include <exception>

namespace chronograd::python {

/// Steps of a Learner never throw, and neither may the jobs of threads that share a step. What an entry in Python
/// raises there is kept by the Raised of the work that it is part of; the entry gives NaN, so that no number comes of
/// it; whoever called for the work throws it on. Other work, on other threads of Python, hears nothing of it.
class Raised {
 public:
  /// While it lives, this thread and those that the library starts from it work for `raised`. Null: what is raised is
  /// thrown at once, for work that catches.
  class Here {
   public:
    explicit Here(Raised* raised);
    ~Here();
    Here(const Here&) = delete;
    Here& operator=(const Here&) = delete;

   private:
    void* before_;
  };

  /// In a handler, with the GIL: keeps what was caught, the first of several; throws it on where nobody keeps it.
  static void caught();
  /// Something is kept. From any thread.
  bool any() const { return there_; }
  /// Throws what is kept, if anything is. Needs the GIL.
  void pass_on();

 private:
  std::exception_ptr kept_;  ///< with the GIL alone
  std::atomic<bool> there_{false};
};

}  // namespace chronograd::python
