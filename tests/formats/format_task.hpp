// SPDX-License-Identifier: Apache-2.0
// Tasks made from files by a format, as [data] makes them.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "entry_options.hpp"
#include "files/files.hpp"
#include "tasks/reading.hpp"

namespace chronograd {

using Given = std::initializer_list<std::pair<std::string, Value>>;
using Words = std::vector<std::string>;

inline const FileNeeds mse_needs{false, "mse", 0, 4};
inline const FileNeeds class_needs{true, "cross_entropy", 0, 4};

inline Value whole_number(int value) {
  return std::int64_t{value};
}

/// The task that `format` makes of a file with these bytes (in a folder that is gone afterwards: it is read at once).
inline std::unique_ptr<Task> format_task(const std::string& format, const std::string& bytes, Given given,
                                         const FileNeeds& needs = mse_needs, const std::string* test = nullptr,
                                         std::vector<std::string>* notes = nullptr) {
  const Folder folder;
  const FormatRecord& record = find_record<FormatRecord>("data.format", format);
  Options options = entry_options(record.entry, given);
  testing::put(folder / "train", bytes);
  options.set("train", folder / "train", true);
  if (test) {
    testing::put(folder / "test", *test);
    options.set("test", folder / "test", true);
  }
  return record.make(record, options, needs, notes);
}

/// The message of what is refused, from the name of the file on.
inline std::string refusal(const std::function<void()>& call, Exit code = Exit::data) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    const std::string text = error.what();
    const std::size_t slash = text.substr(0, text.find(']')).rfind('/');
    return slash == std::string::npos ? text : "[" + text.substr(slash + 1);
  }
  ADD_FAILURE() << "accepted";
  return "";
}

inline Read all_of(const Task& task, std::int64_t row, Split split = Split::train) {
  return Read(task, split, row, 0, static_cast<int>(task.length(split)));
}

}  // namespace chronograd
