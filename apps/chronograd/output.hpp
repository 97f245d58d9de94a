// SPDX-License-Identifier: Apache-2.0
// What goes to standard output and standard error.
#pragma once

#include <string>

#include "runs/progress.hpp"
#include "verbs.hpp"

namespace chronograd {

/// Writes a result to standard output. A failure is remembered for finish_output; after it nothing more is written.
void print(const std::string& text);

/// Writes one line to standard error; control characters become '?'.
void print_error(const std::string& line);

/// False where something could not be written, now or before.
bool flush_output();

/// Flushes. Returns `code`, or 4 with a message if the output could not be written. A reader that went away
/// (`chronograd list | head -1`) is no error.
int finish_output(int code);

/// True if standard output is a terminal that wants colours: NO_COLOR is not set, TERM is not `dumb`.
bool use_color();
/// The text in bold where colours are wanted.
std::string bold(const std::string& text);

/// A number as JSON: `null` for NaN and infinity.
std::string json_number(double value);
/// A string as JSON, quoted.
std::string json_text(const std::string& text);

/// How progress is shown on standard error: silent with --quiet, JSON lines with --json, drawn on a
/// terminal (unless TERM is `dumb`; NO_COLOR as above), plain lines elsewhere. Standard output is left to the result.
/// Jobs stop where StopOnSignal is asked.
ProgressOptions progress_options(const Common& common);

}  // namespace chronograd
