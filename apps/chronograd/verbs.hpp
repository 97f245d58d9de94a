// SPDX-License-Identifier: Apache-2.0
// The verbs of the program. A new verb: one word in CMakeLists.txt and one file verb_WORD.cpp, which defines
//   std::unique_ptr<Verb> make_WORD_verb();
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command_line.hpp"

namespace chronograd {

/// What every verb understands.
struct Common {
  bool json = false;                 ///< results as one JSON text on standard output, nothing else there
  bool quiet = false;                ///< no remarks and no progress; results and errors stay
  std::vector<std::string> command;  ///< the whole command line, for records
};

class Verb {
 public:
  virtual ~Verb() = default;
  virtual const char* name() const = 0;
  virtual const char* summary() const = 0;  ///< one line
  /// Says which arguments there are and where their values go (members of the verb).
  virtual void declare(CommandLine& line) = 0;
  /// Does it. Results go through print() (output.hpp); errors are thrown. Returns the exit code.
  virtual int run(const Common& common) = 0;
  /// What an argument, called as `declare` calls it, or the value of a flag may be, for shells that complete it: after
  /// the words `before` of the line, flags and their values left out. Empty: a file, or anything.
  virtual std::vector<std::string> words_for(const std::string& /*argument*/,
                                             const std::vector<std::string>& /*before*/) const {
    return {};
  }
};

/// Declares what the verb understands and what every verb does.
void declare(Verb& verb, CommandLine& line, Common& common);

/// All verbs, in the order of the help text.
std::vector<std::unique_ptr<Verb>> make_verbs();

}  // namespace chronograd
