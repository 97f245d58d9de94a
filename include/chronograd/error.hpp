// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "chronograd/export.hpp"

namespace chronograd {

/// What the program's exit code says; the numbers are part of the interface.
enum class Exit : int {
  done = 0,
  failed = 1,    ///< a check or a verdict failed
  usage = 2,     ///< usage or configuration
  diverged = 3,  ///< a run reached NaN or infinity (recorded)
  data = 4,      ///< data or file
  interrupted = 130,
};

/// The one exception of the library, thrown at its edges (configuration, construction, files), never in a loop.
/// Its text is `[where] what was got, what is allowed. Hint.`
class CHRONOGRAD_API Error : public std::runtime_error {
 public:
  /// `where` is a key (`rule.L`), an array (`data.npz: x`) or a file; `what` is one or two short sentences.
  Error(Exit code, const std::string& where, const std::string& what)
      : std::runtime_error("[" + where + "] " + what), code_(code) {}

  /// The same error with one more sentence.
  Error with(const std::string& sentence) const { return {code_, std::string(what()) + " " + sentence}; }

  Exit code() const { return code_; }

 private:
  Error(Exit code, const std::string& text) : std::runtime_error(text), code_(code) {}

  Exit code_;
};

}  // namespace chronograd
