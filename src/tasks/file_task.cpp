// SPDX-License-Identifier: Apache-2.0
#include "tasks/file_task.hpp"

#include <algorithm>

#include "chronograd/error.hpp"
#include "tasks/file_rows.hpp"
#include "tasks/padding.hpp"

namespace chronograd {
namespace {

/// Of x.
std::string shape_text(const FileRows& rows) {
  Array x;
  x.shape = {rows.B, rows.T, rows.n};
  return x.shape_text();
}

std::string size_text(const FileRows& rows) {
  return std::to_string(rows.B) + (rows.B == 1 ? " stream of " : " streams of ") + std::to_string(rows.T) +
         (rows.T == 1 ? " step" : " steps") + ", " + std::to_string(rows.n) + (rows.n == 1 ? " input, " : " inputs, ") +
         std::to_string(rows.m) + (rows.classes.empty() ? (rows.m == 1 ? " output" : " outputs") : " classes");
}

class FileTask final : public Task {
 public:
  FileTask(FileRows train, FileRows test, std::vector<std::string> files, std::string summary)
      : train_(std::move(train)), test_(std::move(test)), files_(std::move(files)), summary_(std::move(summary)) {
    for (const Split split : {Split::train, Split::test}) {
      const FileRows& from = of(split);
      if (std::find(from.mask.begin(), from.mask.end(), 0.0) == from.mask.end()) continue;
      for (std::size_t first = 0; first < from.mask.size(); first += from.T) {
        const auto row = padding_of(from.mask.data() + first, from.reset.data() + first, from.T);
        padding_[split == Split::test].insert(padding_[split == Split::test].end(), row.begin(), row.end());
      }
    }
  }

  int inputs() const override { return static_cast<int>(train_.n); }
  int outputs() const override { return static_cast<int>(train_.m); }
  bool classes() const override { return !train_.classes.empty(); }
  std::int64_t length(Split split) const override { return static_cast<std::int64_t>(of(split).T); }
  std::int64_t rows(Split split) const override {
    if (split == Split::train) return static_cast<std::int64_t>(train_.B);
    return files_.size() > 1 ? static_cast<std::int64_t>(test_.B) : -1;
  }
  bool has_initial_state() const override { return !train_.state.empty() || !test_.state.empty(); }
  bool initial_state(Split split, std::int64_t row, std::span<double> state) const override {
    const FileRows& from = of(split);
    if (from.state.empty()) return false;
    std::copy_n(from.state.begin() + row * static_cast<std::int64_t>(state.size()), state.size(), state.begin());
    return true;
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const FileRows& from = of(split);
    const std::size_t first = static_cast<std::size_t>(row) * from.T + static_cast<std::size_t>(t),
                      count = static_cast<std::size_t>(steps);
    std::copy_n(from.x.data() + first * from.n, count * from.n, out.x);
    if (from.classes.empty()) {
      std::copy_n(from.y.data() + first * from.m, count * from.m, out.y);
    } else {
      std::fill_n(out.y, count * from.m, 0.0);
      for (std::size_t k = 0; k < count; ++k) out.y[k * from.m + static_cast<std::size_t>(from.classes[first + k])] = 1;
    }
    std::copy_n(from.mask.data() + first, count, out.mask);
    std::copy_n(from.reset.data() + first, count, out.reset);
    const std::vector<std::uint8_t>& padding = padding_[split == Split::test];
    if (out.padding != nullptr && !padding.empty()) std::copy_n(padding.data() + first, count, out.padding);
  }

  std::string summary() const override { return summary_; }
  std::vector<std::string> files() const override { return files_; }

 private:
  const FileRows& of(Split split) const { return split == Split::train ? train_ : test_; }

  FileRows train_, test_;
  std::vector<std::uint8_t> padding_[2];  ///< of training and test rows, see Steps; empty: none
  std::vector<std::string> files_;        ///< of the training rows, then of the test rows if there are any
  std::string summary_;
};

}  // namespace

std::unique_ptr<Task> make_file_task(Arrays train, const std::string& train_name, Arrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string>* notes) {
  FileRows rows = read_file_rows(std::move(train), train_name, needs, needs.known_from, notes);
  std::string summary = train_name + ": " + size_text(rows);
  FileRows tests;
  if (test) {
    FileNeeds known = needs;
    known.outputs = static_cast<int>(rows.m);
    tests =
        read_file_rows(std::move(*test), test_name, known, needs.outputs > 0 ? needs.known_from : train_name, notes);
    if (tests.n != rows.n)
      throw Error(Exit::data, test_name + ": x",
                  "got " + shape_text(tests) + " beside " + shape_text(rows) + " in " + train_name +
                      ", allowed is the same n.");
    if (tests.classes.empty() != rows.classes.empty())
      throw Error(Exit::data, test_name + ": y",
                  "got " + std::string(rows.classes.empty() ? "classes" : "numbers") + ", allowed is what " +
                      train_name + " has.");
    summary += "; tested on " + test_name + ": " + size_text(tests);
  }
  std::vector<std::string> files = {train_name};
  if (test) files.push_back(test_name);
  return std::make_unique<FileTask>(std::move(rows), std::move(tests), std::move(files), summary);
}

}  // namespace chronograd
