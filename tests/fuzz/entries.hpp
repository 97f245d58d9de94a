// SPDX-License-Identifier: Apache-2.0
// What the fuzzers, the replay of their corpus and the random tests ask of the readers: for any bytes, each answers
// true if the reader returned arrays whose elements fill their shapes (tables whose columns are
// full, texts whose symbols are in the alphabet, sounds of finite samples, archives of which no file is longer than all
// that was unpacked) or threw Error (data; for settings also usage). Everything else is a
// fault: another exception passes through, and false means arrays that are not what they claim.
#pragma once

#include <string_view>

namespace chronograd {

bool npy_is_safe(std::string_view bytes);
bool npz_is_safe(std::string_view bytes);
bool idx_is_safe(std::string_view bytes);
bool csv_is_safe(std::string_view bytes);
bool text_is_safe(std::string_view bytes);
bool wav_is_safe(std::string_view bytes);
bool tar_is_safe(std::string_view bytes);

// The same of what reads settings and records (records.cpp). They write what they got into a folder first, where a
// line `====` separates files.

/// A configuration in TOML with changes in its comments, `#! key=value`. Its record must read back to the same record.
bool config_is_safe(std::string_view bytes);
/// resolved.json of a run.
bool record_is_safe(std::string_view bytes);
/// sweep.json and config.toml.
bool sweep_is_safe(std::string_view bytes);
/// ledger.jsonl, and summary.json of its first run.
bool ledger_is_safe(std::string_view bytes);
/// resolved.json, metrics.jsonl, environment.json and summary.json of a run, comparison.json above it: as reports and
/// resumed runs read them.
bool run_is_safe(std::string_view bytes);

}  // namespace chronograd
