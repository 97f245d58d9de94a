// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chronograd {

/// The library's version, `major.minor.patch`.
const char* version();

}  // namespace chronograd
