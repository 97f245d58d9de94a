// SPDX-License-Identifier: Apache-2.0
// The verbs of the program. A new verb: one file verb_NAME.cpp, one line here and one in verbs.cpp.
#pragma once

#include <memory>
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
};

std::unique_ptr<Verb> make_check_verb();
std::unique_ptr<Verb> make_data_verb();
std::unique_ptr<Verb> make_describe_verb();
std::unique_ptr<Verb> make_list_verb();
std::unique_ptr<Verb> make_eval_verb();
std::unique_ptr<Verb> make_train_verb();
std::unique_ptr<Verb> make_gradient_verb();
std::unique_ptr<Verb> make_compare_verb();
std::unique_ptr<Verb> make_sweep_verb();
std::unique_ptr<Verb> make_cost_verb();
std::unique_ptr<Verb> make_report_verb();
std::unique_ptr<Verb> make_plot_verb();
std::unique_ptr<Verb> make_reproduce_verb();
std::unique_ptr<Verb> make_stream_verb();

/// All verbs, in the order of the help text.
std::vector<std::unique_ptr<Verb>> make_verbs();

}  // namespace chronograd
