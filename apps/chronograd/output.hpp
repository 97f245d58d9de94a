// SPDX-License-Identifier: Apache-2.0
// What goes to standard output and standard error.
#pragma once

#include <string>

namespace chronograd {

/// Writes a result to standard output. A failure is remembered for finish_output; after it nothing more is written.
void print(const std::string& text);
/// Hands on what is buffered, for lines that someone waits for.
void flush_output();

/// Writes one line to standard error; control characters become '?'.
void print_error(const std::string& line);

/// Flushes. Returns `code`, or 4 with a message if the output could not be written. A reader that went away
/// (`chronograd list | head -1`) is no error.
int finish_output(int code);

/// True if standard output is a terminal that wants colours: NO_COLOR is not set, TERM is not `dumb`.
bool use_color();
/// The text in bold where colours are wanted.
std::string bold(const std::string& text);

}  // namespace chronograd
