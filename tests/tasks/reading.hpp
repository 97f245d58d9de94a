// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chronograd/task.hpp"
#include "entry_options.hpp"

namespace chronograd {

inline std::unique_ptr<Task> make_task_of(const std::string& name, std::uint64_t seed,
                                          std::initializer_list<std::pair<std::string, Value>> given = {}) {
  const TaskRecord& record = find_record<TaskRecord>("task.name", name);
  return record.make(record, entry_options(record.entry, given), seed);
}

/// Steps of one row, starting with values that no task writes.
struct Read {
  std::vector<double> x, y, mask;
  std::vector<std::uint8_t> reset;

  Read(const Task& task, Split split, std::int64_t row, std::int64_t t, int steps)
      : x(static_cast<std::size_t>(steps * task.inputs()), -99),
        y(static_cast<std::size_t>(steps * task.outputs()), -99),
        mask(static_cast<std::size_t>(steps), -99),
        reset(static_cast<std::size_t>(steps), 99) {
    task.read(split, row, t, steps, {x.data(), y.data(), mask.data(), reset.data()});
  }
  bool operator==(const Read&) const = default;

  void append(const Read& more) {
    x.insert(x.end(), more.x.begin(), more.x.end());
    y.insert(y.end(), more.y.begin(), more.y.end());
    mask.insert(mask.end(), more.mask.begin(), more.mask.end());
    reset.insert(reset.end(), more.reset.begin(), more.reset.end());
  }
};

}  // namespace chronograd
