// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/observer.hpp"

namespace chronograd {

/// An observer of which a test says what it does.
class Watcher final : public Observer {
 public:
  std::function<void()> on_start;
  std::function<void(std::int64_t updates, std::int64_t reports)> on_resume;
  std::function<bool(const Position&)> goes_on;
  std::vector<Metrics> lines;  ///< those that stand
  std::vector<std::string> remarks;

  void started() override {
    if (on_start) on_start();
  }
  void resumed(std::int64_t updates, std::int64_t reports) override {
    lines.resize(static_cast<std::size_t>(reports));
    if (on_resume) on_resume(updates, reports);
  }
  bool moved(const Position& position) override { return !goes_on || goes_on(position); }
  void reported(const Metrics& metrics) override { lines.push_back(metrics); }
  void remarked(const std::string& text) override { remarks.push_back(text); }
};

}  // namespace chronograd
