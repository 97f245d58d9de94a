// SPDX-License-Identifier: Apache-2.0
#include "formats/file_task.hpp"

#include <algorithm>
#include <optional>

#include "chronograd/error.hpp"
#include "chronograd/third_factor.hpp"
#include "formats/file_rows.hpp"
#include "formats/padding.hpp"

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
         std::to_string(rows.m) +
         (rows.classes  ? " classes"
          : rows.m == 1 ? " output"
                        : " outputs");
}

class FileTask final : public Task, public ThirdFactor {
 public:
  FileTask(FileRows train, std::optional<FileRows> test, std::vector<std::string> files, std::string summary)
      : train_(std::move(train)), test_(std::move(test)), files_(std::move(files)), summary_(std::move(summary)) {
    for (const Split split : {Split::train, Split::test}) {
      if (split == Split::test && !test_) continue;
      const FileRows& from = of(split);
      if (std::find(from.mask.begin(), from.mask.end(), 0.0) == from.mask.end()) continue;
      const std::vector<double> counts = counts_of(from);
      for (std::size_t first = 0; first < from.mask.size(); first += from.T) {
        const auto row = padding_of(counts.data() + first, from.reset.data() + first, from.T);
        padding_[split == Split::test].insert(padding_[split == Split::test].end(), row.begin(), row.end());
      }
    }
  }

  int inputs() const override { return static_cast<int>(train_.n); }
  int outputs() const override { return static_cast<int>(train_.m); }
  bool classes() const override { return train_.classes; }
  std::int64_t length(Split split) const override {
    return split == Split::test && !test_ ? 0 : static_cast<std::int64_t>(of(split).T);
  }
  std::int64_t rows(Split split) const override {
    if (split == Split::train) return static_cast<std::int64_t>(train_.B);
    return test_ ? static_cast<std::int64_t>(test_->B) : -1;
  }
  bool has_initial_state() const override { return !train_.state.empty() || (test_ && !test_->state.empty()); }
  bool initial_state(Split split, std::int64_t row, std::span<double> state) const override {
    const FileRows& from = of(split);
    if (from.state.empty()) return false;
    std::copy_n(from.state.begin() + row * static_cast<std::int64_t>(state.size()), state.size(), state.begin());
    return true;
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const FileRows& from = of(split);
    const auto b = static_cast<std::size_t>(row), begin = static_cast<std::size_t>(t),
               count = static_cast<std::size_t>(steps), first = b * from.T + begin;
    from.x.read(b, begin, count, out.x);
    if (!from.lengths.empty()) {  // what stands after a row's end is nothing
      const std::size_t inside = std::clamp(static_cast<std::size_t>(from.lengths[b]), begin, begin + count) - begin;
      std::fill_n(out.x + inside * from.n, (count - inside) * from.n, 0.0);
    }
    targets(from, b, begin, count, out.y);
    std::copy_n(from.mask.data() + first, count, out.mask);
    std::copy_n(from.reset.data() + first, count, out.reset);
    const std::vector<std::uint8_t>& padding = padding_[split == Split::test];
    if (out.padding != nullptr && !padding.empty()) std::copy_n(padding.data() + first, count, out.padding);
  }

  int third() const override { return static_cast<int>(train_.third.size() / train_.mask.size()); }
  void read_third(std::int64_t row, std::int64_t t, int steps, double* out) const override {
    const auto q = static_cast<std::size_t>(third());
    const std::size_t first = (static_cast<std::size_t>(row) * train_.T + static_cast<std::size_t>(t)) * q;
    std::copy_n(train_.third.data() + first, static_cast<std::size_t>(steps) * q, out);
  }

  std::string summary() const override { return summary_; }
  std::vector<std::string> files() const override { return files_; }

 private:
  /// [B][T] 0 at steps that nothing is learnt from: neither a loss nor a third factor.
  static std::vector<double> counts_of(const FileRows& from) {
    std::vector<double> counts = from.mask;
    const std::size_t q = from.third.size() / counts.size();
    for (std::size_t i = 0; i < from.third.size(); ++i)
      if (from.third[i] != 0) counts[i / q] = 1;
    return counts;
  }

  /// [count][m] targets of row b from step t on; nothing counts under a mask of 0: 0, or class 0.
  static void targets(const FileRows& from, std::size_t b, std::size_t t, std::size_t count, double* y) {
    if (!from.classes) from.y.read(b, t, count, y);
    for (std::size_t k = 0; k < count; ++k, y += from.m) {
      const bool counts = from.mask[b * from.T + t + k] != 0;
      if (from.classes) {
        double number = 0;
        if (counts) from.y.read(b, t + k, 1, &number);
        std::fill_n(y, from.m, 0.0);
        y[static_cast<std::size_t>(number)] = 1;
      } else if (!counts) {
        std::fill_n(y, from.m, 0.0);
      }
    }
  }

  const FileRows& of(Split split) const { return split == Split::train ? train_ : *test_; }

  FileRows train_;
  std::optional<FileRows> test_;
  std::vector<std::uint8_t> padding_[2];  ///< of training and test rows, see Steps; empty: none
  std::vector<std::string> files_;
  std::string summary_;
};

}  // namespace

std::unique_ptr<Task> make_rows_task(RowArrays train, const std::string& train_name, RowArrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string> files, std::vector<std::string>* notes) {
  FileRows rows = read_file_rows(std::move(train), train_name, needs, needs.known_from, notes);
  std::string summary = train_name + ": " + size_text(rows);
  std::optional<FileRows> tests;
  if (test) {
    FileNeeds known = needs;
    known.outputs = static_cast<int>(rows.m);
    tests =
        read_file_rows(std::move(*test), test_name, known, needs.outputs > 0 ? needs.known_from : train_name, notes);
    if (tests->n != rows.n)
      throw Error(Exit::data, test_name + ": x",
                  "got " + shape_text(*tests) + " beside " + shape_text(rows) + " in " + train_name +
                      ", allowed is the same n.");
    if (tests->classes != rows.classes)
      throw Error(
          Exit::data, test_name + ": y",
          "got " + std::string(rows.classes ? "numbers" : "classes") + ", allowed is what " + train_name + " has.");
    summary += "; tested on " + test_name + ": " + size_text(*tests);
  }
  return std::make_unique<FileTask>(std::move(rows), std::move(tests), std::move(files), summary);
}

std::unique_ptr<Task> make_file_task(Arrays train, const std::string& train_name, Arrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string>* notes) {
  RowArrays tests;
  if (test) tests = row_arrays(std::move(*test));
  std::vector<std::string> files = {train_name};
  if (test) files.push_back(test_name);
  return make_rows_task(row_arrays(std::move(train)), train_name, test ? &tests : nullptr, test_name, needs,
                        std::move(files), notes);
}

}  // namespace chronograd
