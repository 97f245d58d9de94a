// SPDX-License-Identifier: Apache-2.0
// Runs that are stopped and gone on with, and what must not depend on that.
#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/train.hpp"
#include "folder.hpp"
#include "watcher.hpp"

namespace chronograd {

/// What must not depend on where a run was stopped: all but times.
struct Trace {
  RunResult result;
  std::vector<Metrics> lines;
  std::vector<std::string> notes;
};

inline void expect_same(const std::vector<AlignedPair>& found, const std::vector<AlignedPair>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_THAT(found[i].cosine, testing::NanSensitiveDoubleEq(expected[i].cosine));
    EXPECT_THAT(found[i].norm_ratio, testing::NanSensitiveDoubleEq(expected[i].norm_ratio));
  }
}

inline void expect_same(const Trace& found, const Trace& expected) {
  EXPECT_EQ(found.result.status, expected.result.status);
  EXPECT_EQ(found.result.updates, expected.result.updates);
  EXPECT_EQ(found.result.steps, expected.result.steps);
  EXPECT_THAT(found.result.train.loss, testing::NanSensitiveDoubleEq(expected.result.train.loss));
  EXPECT_THAT(found.result.test.loss, testing::NanSensitiveDoubleEq(expected.result.test.loss));
  expect_same(found.result.alignment, expected.result.alignment);
  ASSERT_EQ(found.result.parameters.size(), expected.result.parameters.size());
  for (const auto& [name, array] : expected.result.parameters) {
    EXPECT_EQ(found.result.parameters.at(name).f32, array.f32) << name;
    EXPECT_EQ(found.result.parameters.at(name).f64, array.f64) << name;
  }
  ASSERT_EQ(found.lines.size(), expected.lines.size());
  for (std::size_t i = 0; i < found.lines.size(); ++i) {
    EXPECT_EQ(found.lines[i].update, expected.lines[i].update);
    EXPECT_EQ(found.lines[i].loss, expected.lines[i].loss);
    EXPECT_THAT(found.lines[i].test.loss, testing::NanSensitiveDoubleEq(expected.lines[i].test.loss));
    expect_same(found.lines[i].alignment, expected.lines[i].alignment);
  }
}

/// Runs to the end, or as long as it `goes_on`.
inline void go(const Config& config, const std::string& folder, Trace& trace,
               std::function<bool(const Position&)> goes_on = {}) {
  const auto task = make_task(config);
  RunOptions options;
  options.checkpoint = folder;
  options.resume = true;
  Watcher watcher;
  watcher.lines = std::move(trace.lines);
  watcher.on_resume = [before = watcher.lines.size()](std::int64_t, std::int64_t lines) {
    ASSERT_LE(static_cast<std::size_t>(lines), before);
  };
  watcher.goes_on = std::move(goes_on);
  options.observer = &watcher;
  trace.result = train(config, *task, options);
  trace.lines = std::move(watcher.lines);
  trace.notes.insert(trace.notes.end(), watcher.remarks.begin(), watcher.remarks.end());
}
/// Until it has done `stop` updates, where it is asked after each.
inline void go(const Config& config, const std::string& folder, Trace& trace, std::int64_t stop) {
  go(config, folder, trace, [stop](const Position& position) { return position.update < stop; });
}

inline Trace whole(const Config& config) {
  Trace trace;
  const Folder folder;
  go(config, (folder / "").string(), trace);
  return trace;
}

}  // namespace chronograd
