// SPDX-License-Identifier: Apache-2.0
// What other programs call things, and what this one calls them.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace chronograd {

/// Where a word may stand.
enum class HintKind {
  key,    ///< a setting: `target` is its path, "optimizer.lr"
  table,  ///< a table: `target` is its name
  name    ///< a value: an entry of a catalogue or a choice of an option
};

/// One word of another program. Words are compared without regard to case, blanks, '_' and '-'.
struct Hint {
  HintKind kind;
  const char* words;   ///< separated by '|'
  const char* target;  ///< "": there is no such thing here (keys only)
  const char* remark;  ///< what to know about it; "" = nothing
};

/// All of them.
std::span<const Hint> hints();

/// The hint for a word that is none here, or null.
const Hint* hint_for(HintKind kind, const std::string& word);

/// `did you mean optimizer.lr?` or `there is no dropout.`
std::string hint_text(const Hint& hint);

/// The same for a word that is none of `names`: what another program's word stands for among them, else the nearest
/// one; "" if nothing is near.
std::string name_hint(const std::string& word, const std::vector<std::string>& names);

}  // namespace chronograd
