// SPDX-License-Identifier: Apache-2.0
// The sections of a report, as markup. Each is empty where the runs have nothing for it.
#pragma once

#include <string>
#include <vector>

#include "report/run_group.hpp"

namespace chronograd {

/// What all sections are about.
struct ReportData {
  std::vector<RunGroup> groups;  ///< all
  std::vector<RunGroup> shown;   ///< of a sweep, the best of each rule; else all
  std::vector<std::string> warnings;
  std::vector<std::string> words;  ///< the command that makes the report
};

std::string headline_section(const ReportData& data);
std::string curves_section(const ReportData& data);
std::string alignment_section(const ReportData& data);
std::string interfaces_section(const ReportData& data);
std::string cost_section(const ReportData& data);
std::string sweep_section(const ReportData& data);
/// At most this many networks.
std::string network_section(const ReportData& data, std::size_t most);
std::string setup_section(const ReportData& data);
std::string numbers_section(const ReportData& data);
std::string citations_section(const ReportData& data);

}  // namespace chronograd
