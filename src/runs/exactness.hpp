// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace chronograd {

/// What a run learns by.
struct RuleUse {
  std::string rule, feedback;
};

/// A sentence about the rules that follow the gradient of the loss with symmetric feedback alone, and learn with
/// another one; "" if there are none.
std::string lost_exactness(const std::vector<RuleUse>& uses);

}  // namespace chronograd
