// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace chronograd {

/// What a result depends on beside its configuration, as JSON: version, compiler, build, instruction set, product
/// libraries, processor, cores, system, and the SHA-256 of each of `data_files` (empty names are left out).
std::string environment_json(const std::vector<std::string>& data_files = {});

}  // namespace chronograd
