// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/set_up.hpp"

namespace chronograd {

/// Says to stop at the given question.
class StopAt final : public SetUpWatch {
 public:
  explicit StopAt(int question) : left_(question), before_(watch_set_up(this)) {}
  ~StopAt() override { watch_set_up(before_); }
  bool progress(const std::string& what, double share) override {
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
    seen.push_back(what);
    return --left_ > 0;
  }
  std::vector<std::string> seen;

 private:
  int left_;
  SetUpWatch* before_;
};

}  // namespace chronograd
