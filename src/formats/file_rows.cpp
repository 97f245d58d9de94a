// SPDX-License-Identifier: Apache-2.0
#include "formats/file_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/dtype_range.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/stack.hpp"
#include "formats/distribution.hpp"
#include "formats/missing.hpp"

namespace chronograd {
namespace {

using Shape = std::vector<std::size_t>;

std::string text(const Shape& shape) {
  Array array;
  array.shape = shape;
  return array.shape_text();
}

/// More classes than this are a mistake, and would claim memory by their mere number.
constexpr std::int64_t most_classes = 1000000;

class Reader {
 public:
  Reader(RowArrays arrays, const std::string& file, const FileNeeds& needs, const std::string& source,
         std::vector<std::string>* notes)
      : owner_(std::move(arrays.owner)),
        arrays_(std::move(arrays.views)),
        refused_(std::move(arrays.refused)),
        file_(file),
        needs_(needs),
        source_(source),
        notes_(notes),
        loss_(find_record<LossRecord>("loss.name", needs.loss)) {}

  FileRows read() {
    names();
    sizes();
    lengths();
    std::vector<double> gaps = inputs();
    weights();
    resets();
    hold_inputs(std::move(gaps));
    targets();
    third();
    for (int l = 0; l < needs_.layers; ++l)
      for (std::size_t s = 0; s < needs_.states.size(); ++s)
        initial_state(layer_name(needs_.states[s], l), static_cast<std::size_t>(l) * needs_.states.size() + s);
    return std::move(rows_);
  }

 private:
  void note(const std::string& name, const std::string& what) const {
    if (notes_) notes_->push_back("[" + file_ + ": " + name + "] " + what);
  }

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    throw Error(Exit::data, file_ + ": " + name, what);
  }

  /// What is there: an array with a meaning must hold numbers, others are named.
  void names() const {
    std::set<std::string> used = further_arrays(needs_);
    used.insert({"x", "y"});
    const auto unused = [&](const std::string& name) {
      if (!used.contains(name)) note(name, "this array is not used.");
      return !used.contains(name);
    };
    for (const auto& [name, why] : refused_)
      if (!unused(name)) fail(name, why);
    for (const auto& [name, array] : arrays_) static_cast<void>(unused(name));
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

  const ArrayView& required(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
      std::string present;
      for (const auto& [other, array] : arrays_) present += (present.empty() ? "" : ", ") + other;
      for (const auto& [other, why] : refused_) present += (present.empty() ? "" : ", ") + other;
      throw Error(Exit::data, file_, "no array " + name + ". There are: " + (present.empty() ? "none" : present) + ".");
    }
    return found->second;
  }

  /// Elements must be finite numbers that dtype holds; NaN in x and y may be, if the user said what to do about it.
  /// Where `counts` (B,T) is 0 there may be anything.
  void require_finite(const std::string& name, const ArrayView& array, const Shape& shape, const char* last,
                      const std::vector<double>& counts = {}) const {
    const bool stream = name == "x" || name == "y";
    const std::size_t width = shape.size() == 3 ? shape.back() : 1;
    for (std::size_t i = 0, size = array.size(); i < size; ++i) {
      if (!counts.empty() && counts[i / width] == 0) continue;
      const double value = array.at(i);
      if (std::fabs(value) <= needs_.largest) continue;
      if (std::isfinite(value))
        fail(name, "got " + number_text(value) + at(shape, i, last) + beyond_dtype(needs_.largest));
      const bool nan = std::isnan(value);
      if (nan && stream && needs_.missing != Missing::refuse) continue;
      fail(name, std::string("got ") + (nan ? "NaN" : "infinity") + at(shape, i, last) +
                     ", allowed are finite numbers." +
                     (nan && stream ? R"( data.nan = "hold" or "skip" passes over gaps.)" : "") +
                     (name == "y" ? " Where there is no target, give a mask of 0." : "") +
                     (name == "x" ? " What follows the end of a row is passed over with lengths (B)." : ""));
    }
  }

  /// The elements as numbers, 0 where `counts` (B,T) is 0.
  static std::vector<double> copy_of(const ArrayView& array, const std::vector<double>& counts = {}) {
    std::vector<double> values(array.size());
    const std::size_t width = counts.empty() ? 1 : values.size() / counts.size();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (counts.empty() || counts[i / width] != 0) values[i] = array.at(i);
    return values;
  }

  /// As rows, where they lie.
  RowNumbers in_place(ArrayView view) const {
    const std::size_t width = view.size() / (rows_.B * rows_.T);
    if (one_stream_) {
      view.shape.insert(view.shape.begin(), 1);
      view.stride.insert(view.stride.begin(), 0);
    }
    if (view.shape.size() == 2) {
      view.shape.push_back(width);
      view.stride.push_back(0);
    }
    return {std::move(view), owner_};
  }

  std::vector<double> optional(const std::string& name, const Shape& shape, const char* last) const {
    const ArrayView& array = arrays_.at(name);
    require_shape(name, array, shape);
    require_finite(name, array, shape, last);
    return copy_of(array);
  }

  void require_shape(const std::string& name, const ArrayView& array, const Shape& shape) const {
    const Shape single(shape.begin() + 1, shape.end());
    if (array.shape != shape && !(one_stream_ && array.shape == single))
      fail(name, "got shape " + array.shape_text() + ", allowed is " + text(shape) + " to go with x " +
                     arrays_.at("x").shape_text() + (name[0] == 'h' || name[0] == 'c' ? " and model.hidden." : "."));
  }

  void sizes() {
    const ArrayView& x = required("x");
    if (x.shape.size() != 2 && x.shape.size() != 3)
      fail("x", "got shape " + x.shape_text() + ", allowed is (B, T, n), or (T, n) for one stream.");
    one_stream_ = x.shape.size() == 2;
    const std::size_t first = one_stream_ ? 0 : 1;
    rows_.B = one_stream_ ? 1 : x.shape[0];
    rows_.T = x.shape[first];
    rows_.n = x.shape[first + 1];
    if (rows_.B == 0 || rows_.T == 0 || rows_.n == 0)
      fail("x", "got shape " + x.shape_text() + ", allowed are at least one stream, one step and one feature.");
    if (one_stream_)
      note("x", "shape " + x.shape_text() + ", read as one stream: (B, T, n) = " + text({1, rows_.T, rows_.n}) + ".");
  }

  /// Steps that belong to the rows: all, or the first lengths[b] of row b.
  void lengths() {
    inside_.assign(rows_.B * rows_.T, 1.0);
    if (!arrays_.contains("lengths")) return;
    const ArrayView& array = arrays_.at("lengths");
    require_shape("lengths", array, {rows_.B});
    if (array.type != ArrayView::Type::i64 && array.type != ArrayView::Type::i32)
      fail("lengths", "got numbers that are no integers, allowed are the steps of each row. Use .astype(int).");
    for (std::size_t b = 0; b < rows_.B; ++b) {
      const std::int64_t steps = array.whole(b);
      if (steps < 1 || steps > static_cast<std::int64_t>(rows_.T))
        fail("lengths", "got " + std::to_string(steps) + at({rows_.B}, b) + ", allowed are 1 ... " +
                            std::to_string(rows_.T) + " steps, the T of x.");
      const auto row = inside_.begin() + static_cast<std::ptrdiff_t>(b * rows_.T);
      rows_.lengths.push_back(steps);
      std::fill(row + static_cast<std::ptrdiff_t>(steps), row + static_cast<std::ptrdiff_t>(rows_.T), 0.0);
    }
  }

  /// x, where it lies; or, where gaps are to be filled, its numbers.
  std::vector<double> inputs() {
    const ArrayView& x = required("x");
    require_finite("x", x, {rows_.B, rows_.T, rows_.n}, "feature", inside_);
    if (needs_.missing != Missing::refuse) return copy_of(x, inside_);
    rows_.x = in_place(x);
    return {};
  }

  void hold_inputs(std::vector<double> x) {
    if (needs_.missing == Missing::refuse) return;
    fill({x.data(), rows_.n}, {nullptr, 0});
    rows_.x = RowNumbers(std::move(x), {rows_.B, rows_.T, rows_.n});
  }

  void weights() {
    rows_.mask = inside_;
    if (!arrays_.contains("mask")) return;
    const std::vector<double> mask = optional("mask", {rows_.B, rows_.T}, "step");
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] < 0)
        fail("mask", "got " + number_text(mask[i]) + at({rows_.B, rows_.T}, i) + ", allowed are weights >= 0.");
      rows_.mask[i] *= mask[i];
    }
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

  void third() {
    if (!arrays_.contains("third")) return;
    const ArrayView& array = arrays_.at("third");
    Shape shape = array.shape;
    if (one_stream_ && shape != Shape{1, rows_.T} && shape.size() < 3) shape.insert(shape.begin(), 1);
    if (shape.size() == 2) shape.push_back(1);
    if (shape.size() != 3 || shape[0] != rows_.B || shape[1] != rows_.T || shape[2] == 0)
      fail("third", "got shape " + array.shape_text() + " with x " + required("x").shape_text() +
                        ", allowed is (B, T), or (B, T, q) for q numbers a step, with the same B and T.");
    require_finite("third", array, shape, "number", inside_);
    rows_.third = copy_of(array, inside_);
  }

  /// NaN in channels (B,T,width), as needs.missing wants it. Steps may lose their weight by it.
  void fill(Channels x, Channels y) {
    for (std::size_t b = 0; b < rows_.B; ++b) {
      const std::size_t first = b * rows_.T;
      const auto row = [&](const Channels& all) {
        return Channels{all.data ? all.data + first * all.width : nullptr, all.width};
      };
      fill_missing(needs_.missing, rows_.T, row(x), row(y), rows_.mask.data() + first, rows_.reset.data() + first);
    }
  }

  /// State number `s` among the N S of the first step, if the file has it.
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

  /// What to do with one target a row.
  std::string recipe(const ArrayView& y) const {
    if (one_stream_ || y.shape.empty() || y.shape.size() > 2 || y.shape[0] != rows_.B) return "";
    return " One target a row: repeat it over the steps, y = numpy.repeat(y[:, None], " + std::to_string(rows_.T) +
           ", 1), and give a mask " + text({rows_.B, rows_.T}) + " that is 1 at the step that is asked, such as the " +
           "last one, and 0 at the others.";
  }

  void targets() {
    const ArrayView& y = required("y");
    Shape shape = y.shape;
    if (one_stream_) shape.insert(shape.begin(), 1);
    if ((shape.size() != 2 && shape.size() != 3) || shape[0] != rows_.B || shape[1] != rows_.T)
      fail("y", "got shape " + y.shape_text() + " with x " + required("x").shape_text() + ", allowed is (B, T, m)" +
                    (needs_.classes_allowed ? ", or integer classes (B, T)," : "") + " with the same B and T." +
                    recipe(y));
    const bool one_number = shape.size() == 2 || shape[2] == 1;
    if (one_number && needs_.classes_allowed) return class_targets(y);
    if (shape.size() == 2) {
      if (y.is_integer())
        fail("y", "got integers of shape " + y.shape_text() + ", which are classes; the loss " + needs_.loss +
                      " takes numbers of shape (B, T, m). Add a last axis of 1 for one output.");
      shape.push_back(1);
      note("y", "read as one output: " + text(shape) + ".");
    }
    rows_.m = shape[2];
    if (rows_.m == 0) fail("y", "got shape " + y.shape_text() + ", allowed is at least one output.");
    if (needs_.outputs > 0 && rows_.m != static_cast<std::size_t>(needs_.outputs))
      fail("y", "got shape " + y.shape_text() + ", allowed is m = " + std::to_string(needs_.outputs) +
                    ", the outputs of " + source_ + ".");
    require_finite("y", y, shape, "output", rows_.mask);
    if (needs_.missing == Missing::refuse) {
      rows_.y = in_place(y);
    } else {
      // What is masked is no number that could be held for a later step.
      std::vector<double> values = copy_of(y);
      for (std::size_t i = 0; i < values.size(); ++i)
        if (rows_.mask[i / rows_.m] == 0) values[i] = std::numeric_limits<double>::quiet_NaN();
      fill({nullptr, 0}, {values.data(), rows_.m});
      rows_.y = RowNumbers(std::move(values), shape);
    }
    std::vector<double> target(rows_.m);
    for (std::size_t i = 0; i < rows_.mask.size(); ++i) {
      if (rows_.mask[i] == 0) continue;
      rows_.y.read(i / rows_.T, i % rows_.T, 1, target.data());
      check_target(y, shape, i, target);
    }
  }

  /// Whether the loss is defined for the target of step `i`, which counts.
  void check_target(const ArrayView& y, const Shape& shape, std::size_t i, std::span<const double> target) const {
    const double low = loss_.positive_only ? 0 : -HUGE_VAL, high = loss_.fractions_only ? 1 : HUGE_VAL;
    for (std::size_t k = 0; k < target.size(); ++k)
      if (target[k] < low || target[k] > high)
        fail("y", "got " + number_text(target[k]) + at(shape, i * rows_.m + k, "output") + ", allowed with the loss " +
                      needs_.loss + " are numbers " + (loss_.fractions_only ? "in [0, 1]." : ">= 0."));
    if (!needs_.classes_allowed || is_distribution(target)) return;
    const bool like_x = one_stream_ && y.shape == arrays_.at("x").shape;
    fail("y", "got " + std::string(y.is_integer() ? "integers" : "numbers") + " that sum to " +
                  number_text(sum_of(target)) + at({rows_.B, rows_.T}, i) + ", allowed with the loss " + needs_.loss +
                  " are distributions (B, T, m), which sum to 1 (within " +
                  number_text(distribution_tolerance(rows_.m)) + "), or integer classes (B, T)." +
                  (like_x ? " If x and y are (B, T), give x an axis of one feature: x[:, :, None]."
                          : " Where there is no target, give a mask of 0."));
  }

  [[noreturn]] void refuse_one_class() const {
    fail("y",
         "got one class, allowed are two or more: one output under softmax is always 1. A yes or no is for the loss "
         "bce, as numbers (B, T, 1).");
  }

  void class_targets(const ArrayView& y) {
    if (!y.is_integer())
      fail("y",
           "got floating-point numbers of shape " + y.shape_text() +
               ", allowed are integer classes (B, T), or a distribution (B, T, m) over m >= 2 classes. For classes "
               "use .astype(int); one number in [0, 1] is for the loss bce.");
    if (y.shape.size() == arrays_.at("x").shape.size())
      note("y", "integers of shape " + y.shape_text() + ", read as classes (B, T) = " + text({rows_.B, rows_.T}) + ".");
    const bool known = needs_.outputs > 0;
    if (needs_.outputs == 1) refuse_one_class();
    const std::int64_t most = known ? needs_.outputs : most_classes;
    rows_.classes = true;
    rows_.y = in_place(y);
    std::int64_t largest = -1;
    for (std::size_t i = 0; i < rows_.mask.size(); ++i) {
      if (rows_.mask[i] == 0) continue;  // any number may stand there
      const std::int64_t number = y.whole(i);
      if (number < 0 || number >= most)
        fail("y", "got the class " + std::to_string(number) + at({rows_.B, rows_.T}, i) + ", allowed are 0 ... " +
                      std::to_string(most - 1) + (known ? ", the classes of " + source_ : "") +
                      ". Where there is no target, give a mask of 0.");
      largest = std::max(largest, number);
    }
    if (!known && largest < 0) fail("y", "got no class, because no step counts. Allowed is a mask with weights > 0.");
    rows_.m = static_cast<std::size_t>(known ? most : largest + 1);
    if (rows_.m == 1) refuse_one_class();
    if (!known) note("y", std::to_string(rows_.m) + " classes: the largest one that counts and those below it.");
  }

  std::shared_ptr<const void> owner_;
  std::map<std::string, ArrayView> arrays_;
  std::map<std::string, std::string> refused_;
  const std::string& file_;
  const FileNeeds& needs_;
  const std::string& source_;
  std::vector<std::string>* notes_;
  const LossRecord& loss_;
  bool one_stream_ = false;
  std::vector<double> inside_;  ///< (B,T) 1 at steps that belong to the rows, 0 after a row's end
  FileRows rows_;
};

}  // namespace

FileRows read_file_rows(RowArrays arrays, const std::string& file, const FileNeeds& needs, const std::string& source,
                        std::vector<std::string>* notes) {
  return Reader(std::move(arrays), file, needs, source, notes).read();
}

}  // namespace chronograd
