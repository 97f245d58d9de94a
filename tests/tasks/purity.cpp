// SPDX-License-Identifier: Apache-2.0
// Whatever the task: what is read depends on split, row and step alone, not on how it is cut or what was read before.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/random.hpp"
#include "formats/file_task.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

std::vector<std::unique_ptr<Task>> tasks() {
  std::vector<std::unique_ptr<Task>> all;
  all.push_back(make_task_of("add", 3));
  all.push_back(make_task_of(
      "add", 3, {{"lag1", std::int64_t{70}}, {"lag2", std::int64_t{0}}, {"tau", std::int64_t{3}}, {"soft", false}}));
  all.push_back(make_task_of("sine", 3, {{"length", std::int64_t{300}}, {"rows", std::int64_t{5}}}));
  all.push_back(make_task_of("flip_flop", 3));
  all.push_back(make_task_of("flip_flop", 3, {{"p_flip", 0.01}, {"tau", std::int64_t{4}}}));
  all.push_back(make_task_of("periodic", 3, {{"period", std::int64_t{70}}, {"length", std::int64_t{300}}}));
  all.push_back(make_task_of("influence_balancing", 3));
  all.push_back(make_task_of("anbn", 3, {{"longest", std::int64_t{6}}}));
  all.push_back(make_task_of("interval", 3));
  all.push_back(make_task_of("mimic", 3, {{"units", std::int64_t{5}}, {"tau", std::int64_t{3}}}));
  all.push_back(make_task_of("copy", 3, {{"longest", std::int64_t{150}}, {"curriculum", false}}));
  all.push_back(make_task_of("copy", 3,
                             {{"longest", std::int64_t{40}},
                              {"curriculum", false},
                              {"delay", std::int64_t{30}},
                              {"delay_spread", std::int64_t{10}},
                              {"repeats", std::int64_t{3}}}));
  all.push_back(make_task_of("adding", 3, {{"length", std::int64_t{300}}}));
  all.push_back(make_task_of("cycle_navigation", 3, {{"length", std::int64_t{300}}, {"loss_on", std::string("all")}}));
  all.push_back(make_task_of("circle", 3, {{"length", std::int64_t{300}}}));
  all.push_back(make_task_of("line_drawing", 3, {{"length", std::int64_t{300}}, {"online", true}}));
  all.push_back(make_task_of("lorenz", 3, {{"ahead", std::int64_t{4}}}));
  all.push_back(make_task_of("mackey_glass", 3));
  all.push_back(make_task_of("trace_conditioning", 3));
  all.push_back(make_task_of("trace_conditioning", 3,
                             {{"period", std::int64_t{9}},
                              {"jitter", std::int64_t{2}},
                              {"shortest", std::int64_t{1}},
                              {"longest", std::int64_t{4}},
                              {"gamma", 0.99}}));
  for (const char* name : {"nest_regression", "pattern_generation", "evidence_accumulation", "store_recall"})
    all.push_back(make_task_of(name, 3));
  all.push_back(make_task_of("store_recall", 3, {{"symbols", std::int64_t{30}}, {"symbol", std::int64_t{10}}}));
  all.push_back(make_task_of("delayed_match", 3, {{"sample", std::int64_t{40}}, {"delay", std::int64_t{60}}}));
  Arrays arrays;
  Random random(1, Draw::data);
  std::vector<double> x(5 * 300 * 2), y(5 * 300);
  for (double& v : x) v = random.normal();
  for (double& v : y) v = random.normal();
  arrays["x"] = Array::of({5, 300, 2}, x);
  arrays["y"] = Array::of({5, 300, 1}, y);
  all.push_back(make_file_task(arrays, "file", nullptr, "", {false, "mse"}, nullptr));
  return all;
}

RC_GTEST_PROP(Tasks, AnyCutReadsTheSame, ()) {
  static const std::vector<std::unique_ptr<Task>> all = tasks();
  for (const auto& task : all) {
    const std::int64_t row = *rc::gen::inRange(0, 5), t = *rc::gen::inRange(0, 200);
    const int steps = *rc::gen::inRange(1, 100);
    const Read whole(*task, Split::train, row, t, steps);
    int done = *rc::gen::inRange(1, steps + 1);
    Read parts(*task, Split::train, row, t, done);
    while (done < steps) {
      const int next = *rc::gen::inRange(1, steps - done + 1);
      parts.append(Read(*task, Split::train, row, t + done, next));
      done += next;
    }
    RC_ASSERT(whole == parts);
    for (double value : whole.x) RC_ASSERT(value != -99);
    for (double value : whole.y) RC_ASSERT(value != -99);
    for (double value : whole.mask) RC_ASSERT(value == 1 || value == 0);
    for (std::uint8_t value : whole.reset) RC_ASSERT(value == 0);
  }
}

TEST(Tasks, OfTheCatalogueSayWhatTheyAre) {
  for (const std::string& name : names_of<TaskRecord>()) {
    std::unique_ptr<Task> task;
    try {
      task = make_task_of(name, 0);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::data) << name;  // real data that are not installed
      continue;
    }
    EXPECT_EQ(task->summary().rfind(name + ": ", 0), 0U) << task->summary();
    EXPECT_GT(task->inputs(), 0) << name;
    EXPECT_GT(task->outputs(), 0) << name;
    int floors = 0;
    for (const Reference& reference : task->references()) {
      EXPECT_TRUE(std::isfinite(reference.value)) << name;
      floors += reference.floor;
    }
    EXPECT_EQ(floors, 1) << name;
    EXPECT_NO_THROW(find_record<LossRecord>("loss", task->reference_loss())) << name;
  }
}

}  // namespace
}  // namespace chronograd
