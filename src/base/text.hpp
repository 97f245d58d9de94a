// SPDX-License-Identifier: Apache-2.0
// Small pieces of text that messages are made of.
#pragma once

#include <string>
#include <vector>

namespace chronograd {

/// "word" in quotes, on one line, cut after 60 characters: what users typed goes back to them, but not their terminal.
std::string quoted(const std::string& word);
/// a, b, c
std::string joined(const std::vector<std::string>& words);
/// The words of `mean|sum`.
std::vector<std::string> choices_of(const char* choices);
std::string trimmed(const std::string& text);
/// The text with the letters A ... Z small.
std::string lower(std::string text);
/// The shortest decimal number that reads back as x.
std::string number_text(double x);

}  // namespace chronograd
