// SPDX-License-Identifier: Apache-2.0
#include "tasks/file_task.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/stack.hpp"
#include "config/text.hpp"
#include "tasks/missing.hpp"

namespace chronograd {
namespace {

using Shape = std::vector<std::size_t>;

std::string text(const Shape& shape) {
  Array array;
  array.shape = shape;
  return array.shape_text();
}

/// One file's rows.
struct Rows {
  std::size_t B = 0, T = 0, n = 0, m = 0;
  std::vector<double> x, y, mask;
  std::vector<double> state;          ///< [B][L S d], or empty
  std::vector<std::int64_t> classes;  ///< instead of y
  std::vector<std::uint8_t> reset;
};

/// More classes than this are a mistake, and would claim memory by their mere number.
constexpr std::int64_t most_classes = 1000000;

/// Reads and checks the arrays of one file.
class Reader {
 public:
  Reader(Arrays arrays, std::string file, const FileNeeds& needs)
      : arrays_(std::move(arrays)),
        file_(std::move(file)),
        needs_(needs),
        loss_(find_record<LossRecord>("loss.name", needs.loss)) {}

  Rows read(std::vector<std::string>* notes) {
    inputs();
    targets(notes);
    weights();
    resets();
    fill();
    std::set<std::string> used = {"x", "y", "mask", "reset"};
    for (int l = 0; l < needs_.layers; ++l)
      for (std::size_t s = 0; s < needs_.states.size(); ++s) {
        const std::string name = layer_name(needs_.states[s], l);
        initial_state(name, static_cast<std::size_t>(l) * needs_.states.size() + s);
        used.insert(name);
      }
    for (const auto& [name, array] : arrays_)
      if (!used.contains(name) && notes) notes->push_back("[" + file_ + ": " + name + "] this array is not used.");
    return std::move(rows_);
  }

 private:
  /// NaN in inputs and targets, as needs.missing wants it.
  void fill() {
    for (std::size_t b = 0; b < rows_.B && needs_.missing != Missing::refuse; ++b) {
      const std::size_t first = b * rows_.T;
      fill_missing(needs_.missing, rows_.T, {rows_.x.data() + first * rows_.n, rows_.n},
                   {rows_.classes.empty() ? rows_.y.data() + first * rows_.m : nullptr, rows_.m},
                   rows_.mask.data() + first, rows_.reset.data() + first);
    }
  }

  /// State number `s` among the L S of the first step, if the file has it.
  void initial_state(const std::string& name, std::size_t s) {
    if (!arrays_.contains(name)) return;
    const auto d = static_cast<std::size_t>(needs_.units),
               S = static_cast<std::size_t>(needs_.layers) * needs_.states.size();
    const std::vector<double> values = optional(name, {rows_.B, d}, "unit");
    rows_.state.resize(rows_.B * S * d);
    for (std::size_t b = 0; b < rows_.B; ++b)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(b * d), d,
                  rows_.state.begin() + static_cast<std::ptrdiff_t>((b * S + s) * d));
  }

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    throw Error(Exit::data, file_ + ": " + name, what);
  }

  /// " at stream 1, step 7, feature 2"; `last` is the last axis if it is not the step.
  static std::string at(const Shape& shape, std::size_t flat, const char* last = "step") {
    std::string where;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const char* name = axis == 0 ? "stream" : axis + 1 == shape.size() ? last : "step";
      where = std::string(axis == 0 ? " at " : ", ") + name + " " + std::to_string(flat % shape[axis]) + where;
      flat /= shape[axis];
    }
    return where;
  }

  const Array& required(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
      std::string present;
      for (const auto& [other, array] : arrays_) present += (present.empty() ? "" : ", ") + other;
      throw Error(Exit::data, file_,
                  "no array " + name + ". The file has: " + (present.empty() ? "none" : present) + ".");
    }
    return found->second;
  }

  /// The elements as doubles: finite ones, and NaN in x and y if the user said what to do about it.
  std::vector<double> finite(const std::string& name, const Array& array, const Shape& shape, const char* last) const {
    std::vector<double> values(array.size());
    const bool stream = name == "x" || name == "y";
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = array.at(i);
      if (std::isfinite(values[i])) continue;
      const bool nan = std::isnan(values[i]);
      if (nan && stream && needs_.missing != Missing::refuse) continue;
      fail(name, std::string("got ") + (nan ? "NaN" : "infinity") + at(shape, i, last) +
                     ", allowed are finite numbers." +
                     (nan && stream ? R"( data.nan = "hold" or "skip" passes over gaps.)" : "") +
                     (name == "y" ? " Where there is no target, write any number and a mask of 0." : ""));
    }
    return values;
  }

  std::vector<double> optional(const std::string& name, const Shape& shape, const char* last) const {
    const Array& array = arrays_.at(name);
    const Shape single(shape.begin() + 1, shape.end());
    if (array.shape != shape && !(one_stream_ && array.shape == single))
      fail(name, "got shape " + array.shape_text() + ", allowed is " + text(shape) + " to go with x " +
                     arrays_.at("x").shape_text() + (name[0] == 'h' || name[0] == 'c' ? " and model.hidden." : "."));
    return finite(name, array, shape, last);
  }

  void inputs() {
    const Array& x = required("x");
    if (x.shape.size() != 2 && x.shape.size() != 3)
      fail("x", "got shape " + x.shape_text() + ", allowed is (B, T, n), or (T, n) for one stream.");
    one_stream_ = x.shape.size() == 2;
    const std::size_t first = one_stream_ ? 0 : 1;
    rows_.B = one_stream_ ? 1 : x.shape[0];
    rows_.T = x.shape[first];
    rows_.n = x.shape[first + 1];
    if (rows_.B == 0 || rows_.T == 0 || rows_.n == 0)
      fail("x", "got shape " + x.shape_text() + ", allowed are at least one stream, one step and one feature.");
    rows_.x = finite("x", x, {rows_.B, rows_.T, rows_.n}, "feature");
  }

  void weights() {
    rows_.mask.assign(rows_.B * rows_.T, 1.0);
    if (!arrays_.contains("mask")) return;
    rows_.mask = optional("mask", {rows_.B, rows_.T}, "step");
    for (std::size_t i = 0; i < rows_.mask.size(); ++i)
      if (rows_.mask[i] < 0)
        fail("mask", "got " + number_text(rows_.mask[i]) + at({rows_.B, rows_.T}, i) + ", allowed are weights >= 0.");
  }

  void resets() {
    rows_.reset.assign(rows_.B * rows_.T, 0);
    if (!arrays_.contains("reset")) return;
    const std::vector<double> flags = optional("reset", {rows_.B, rows_.T}, "step");
    for (std::size_t i = 0; i < flags.size(); ++i) {
      if (flags[i] != 0 && flags[i] != 1)
        fail("reset", "got " + number_text(flags[i]) + at({rows_.B, rows_.T}, i) + ", allowed are 0 and 1.");
      rows_.reset[i] = flags[i] == 1;
    }
  }

  std::string allowed_targets() const {
    return needs_.classes_allowed ? "(B, T, m), or integer classes (B, T)," : "(B, T, m)";
  }

  void targets(std::vector<std::string>* notes) {
    const Array& y = required("y");
    Shape shape = y.shape;
    if (one_stream_) shape.insert(shape.begin(), 1);
    if ((shape.size() != 2 && shape.size() != 3) || shape[0] != rows_.B || shape[1] != rows_.T)
      fail("y", "got shape " + y.shape_text() + " with x " + required("x").shape_text() + ", allowed is " +
                    allowed_targets() + " with the same B and T.");
    if (shape.size() == 2) {
      if (needs_.classes_allowed) return class_targets(y);
      if (y.is_integer())
        fail("y", "got integers of shape " + y.shape_text() + ", which are classes; the loss " + needs_.loss +
                      " takes numbers of shape (B, T, m). Add a last axis of 1 for one output.");
      shape.push_back(1);
      if (notes) notes->push_back("[" + file_ + ": y] read as one output: " + text(shape) + ".");
    }
    rows_.m = shape[2];
    if (rows_.m == 0) fail("y", "got shape " + y.shape_text() + ", allowed is at least one output.");
    if (needs_.outputs > 0 && rows_.m != static_cast<std::size_t>(needs_.outputs))
      fail("y", "got shape " + y.shape_text() + ", allowed is m = " + std::to_string(needs_.outputs) +
                    " outputs. The parameters or the training data have so many.");
    rows_.y = finite("y", y, shape, "output");
    const double low = loss_.positive_only ? 0 : -HUGE_VAL, high = loss_.unit_interval ? 1 : HUGE_VAL;
    for (std::size_t i = 0; i < rows_.y.size(); ++i)
      if (rows_.y[i] < low || rows_.y[i] > high)
        fail("y", "got " + number_text(rows_.y[i]) + at(shape, i, "output") + ", allowed with the loss " + needs_.loss +
                      " are numbers " + (loss_.unit_interval ? "in [0, 1]." : ">= 0."));
  }

  void class_targets(const Array& y) {
    if (!y.is_integer())
      fail("y", "got floating-point numbers of shape " + y.shape_text() +
                    ", allowed are integer classes (B, T), or a distribution (B, T, m).");
    rows_.classes.resize(y.size());
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      rows_.classes[i] = y.dtype == Dtype::u8 ? y.u8[i] : y.i64[i];
      largest = std::max(largest, rows_.classes[i]);
    }
    const std::int64_t m = needs_.outputs > 0 ? needs_.outputs : std::min(largest, most_classes - 1) + 1;
    for (std::size_t i = 0; i < y.size(); ++i)
      if (rows_.classes[i] < 0 || rows_.classes[i] >= m)
        fail("y", "got the class " + std::to_string(rows_.classes[i]) + at({rows_.B, rows_.T}, i) +
                      ", allowed are 0 ... " + std::to_string(m - 1) +
                      ". Where there is no target, write any class and a mask of 0.");
    rows_.m = static_cast<std::size_t>(m);
  }

  Arrays arrays_;
  std::string file_;
  const FileNeeds& needs_;
  const LossRecord& loss_;
  bool one_stream_ = false;
  Rows rows_;
};

/// The largest class in y, plus 1; 0 if y is missing, empty or no classes.
std::int64_t classes_in(const Arrays& arrays) {
  const auto x = arrays.find("x"), y = arrays.find("y");
  if (x == arrays.end() || y == arrays.end() || !y->second.is_integer()) return 0;
  if (y->second.shape.size() + 1 != x->second.shape.size()) return 0;
  double largest = -1;
  for (std::size_t i = 0; i < y->second.size(); ++i) largest = std::max(largest, y->second.at(i));
  return static_cast<std::int64_t>(std::min(largest, 9e15)) + 1;
}

std::string size_text(const Rows& rows) {
  return std::to_string(rows.B) + (rows.B == 1 ? " stream of " : " streams of ") + std::to_string(rows.T) +
         (rows.T == 1 ? " step" : " steps") + ", " + std::to_string(rows.n) + (rows.n == 1 ? " input, " : " inputs, ") +
         std::to_string(rows.m) + (rows.classes.empty() ? (rows.m == 1 ? " output" : " outputs") : " classes");
}

class FileTask final : public Task {
 public:
  FileTask(Rows train, Rows test, std::vector<std::string> files, std::string summary)
      : train_(std::move(train)), test_(std::move(test)), files_(std::move(files)), summary_(std::move(summary)) {}

  int inputs() const override { return static_cast<int>(train_.n); }
  int outputs() const override { return static_cast<int>(train_.m); }
  bool classes() const override { return !train_.classes.empty(); }
  std::int64_t length() const override { return static_cast<std::int64_t>(train_.T); }
  std::int64_t rows(Split split) const override {
    if (split == Split::train) return static_cast<std::int64_t>(train_.B);
    return files_.size() > 1 ? static_cast<std::int64_t>(test_.B) : -1;
  }
  bool has_initial_state() const override { return !train_.state.empty() || !test_.state.empty(); }
  bool initial_state(Split split, std::int64_t row, std::span<double> state) const override {
    const Rows& from = of(split);
    if (from.state.empty()) return false;
    std::copy_n(from.state.begin() + row * static_cast<std::int64_t>(state.size()), state.size(), state.begin());
    return true;
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const Rows& from = of(split);
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
  }

  std::string summary() const override { return summary_; }
  std::vector<std::string> files() const override { return files_; }

 private:
  const Rows& of(Split split) const { return split == Split::train ? train_ : test_; }

  Rows train_, test_;
  std::vector<std::string> files_;  ///< of the training rows, then of the test rows if there are any
  std::string summary_;
};

}  // namespace

std::unique_ptr<Task> make_file_task(Arrays train, const std::string& train_name, Arrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string>* notes) {
  FileNeeds known = needs;
  if (needs.outputs == 0 && needs.classes_allowed && classes_in(train) > 0) {
    // A class that only the test rows have counts too.
    const std::int64_t classes = std::max(classes_in(train), test ? classes_in(*test) : 0);
    known.outputs = static_cast<int>(std::min(classes, most_classes));
    if (notes)
      notes->push_back("[" + train_name + ": y] " + std::to_string(classes) +
                       " classes: the largest one found and those below it.");
  }
  Rows rows = Reader(std::move(train), train_name, known).read(notes);
  std::string summary = train_name + ": " + size_text(rows);
  Rows tests;
  if (test) {
    known.outputs = static_cast<int>(rows.m);
    tests = Reader(std::move(*test), test_name, known).read(notes);
    if (tests.n != rows.n || tests.T != rows.T)
      throw Error(Exit::data, test_name + ": x",
                  "got " + text({tests.B, tests.T, tests.n}) + " beside " + text({rows.B, rows.T, rows.n}) + " in " +
                      train_name + ", allowed are the same T and n.");
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
