// SPDX-License-Identifier: Apache-2.0
// What a record must be to be added to a catalogue, and what is said of one that is not. `kind` is that of the build
// file: `rule`, `cell`, ...
#pragma once

#include <string>
#include <vector>

#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/exporter.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/format.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// Throws Error (usage) for a name that cannot be written in a configuration, for a text or function that is not there,
/// and for an option whose default the option itself does not allow.
void check_added(const char* kind, const RuleRecord& record);
void check_added(const char* kind, const CellRecord& record);
void check_added(const char* kind, const LossRecord& record);
void check_added(const char* kind, const FeedbackRecord& record);
void check_added(const char* kind, const OptimizerRecord& record);
void check_added(const char* kind, const SynthesiserRecord& record);
void check_added(const char* kind, const InterfaceRecord& record);
void check_added(const char* kind, const TaskRecord& record);
void check_added(const char* kind, const FormatRecord& record);
void check_added(const char* kind, const DatasetRecord& record);
void check_added(const char* kind, const ExporterRecord& record);

/// `added` are the names that may be replaced and removed.
[[noreturn]] void throw_built_in(const char* kind, const std::string& name, const std::vector<std::string>& added,
                                 bool adding);
[[noreturn]] void throw_not_added(const char* kind, const std::string& name, const std::vector<std::string>& added);

}  // namespace chronograd
