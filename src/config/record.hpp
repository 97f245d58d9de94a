// SPDX-License-Identifier: Apache-2.0
// Records of settings as JSON: read back, and compared.
#pragma once

#include <span>
#include <string>

#include "config/raw.hpp"

namespace chronograd {

/// What Config::resolved_json() wrote.
struct Record {
  Settings given;  ///< the settings that the user gave
  Settings all;    ///< these and the defaults of the program that wrote it
};

/// Throws Error (data) for another text; `name` stands for the file.
Record read_record(const std::string& text, const std::string& name);

/// Settings that may differ between a run and its continuation: results do not depend on them.
inline constexpr const char* may_change[] = {"threads", "train.checkpoint_every"};
extern const char* const resume_hint;

/// Throws Error (usage) if two records (JSON objects, one level of tables) differ in a setting that is not one of
/// `except`; `given` is never compared. The message names the key and both values and ends with `hint`.
void require_same_record(const std::string& where, const std::string& begun_with, const std::string& got,
                         const std::string& hint, std::span<const char* const> except = {});

}  // namespace chronograd
