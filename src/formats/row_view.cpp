// SPDX-License-Identifier: Apache-2.0
#include "formats/row_view.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/third_factor.hpp"

namespace chronograd {
namespace {

using Rows = std::vector<std::int64_t>;

/// Beyond all rows that a test reads, so these rows are fresh.
constexpr std::int64_t first_fresh_row = std::int64_t{1} << 40;

/// A task whose training rows are some rows of another; its test rows are the other's.
class RowView final : public Task, public ThirdFactor {
 public:
  /// `rows` of the split `from`; none: all from first_fresh_row on.
  RowView(std::shared_ptr<const Task> whole, Split from, Rows rows)
      : whole_(std::move(whole)), from_(from), rows_(std::move(rows)) {}

  int inputs() const override { return whole_->inputs(); }
  int outputs() const override { return whole_->outputs(); }
  bool classes() const override { return whole_->classes(); }
  std::int64_t length(Split split) const override { return whole_->length(split_of(split)); }
  std::int64_t rows(Split split) const override {
    return split == Split::train ? static_cast<std::int64_t>(rows_.size()) : whole_->rows(split);
  }
  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    whole_->read(split_of(split), row_of(split, row), t, steps, out);
  }
  bool initial_state(Split split, std::int64_t row, std::span<double> state) const override {
    return whole_->initial_state(split_of(split), row_of(split, row), state);
  }
  bool has_initial_state() const override { return whole_->has_initial_state(); }
  int third() const override { return from_ == Split::train ? third_numbers(*whole_) : 0; }
  void read_third(std::int64_t row, std::int64_t t, int steps, double* out) const override {
    third_factor(*whole_)->read_third(row_of(Split::train, row), t, steps, out);
  }
  Arrays mapping() const override { return whole_->mapping(); }
  Arrays parameters() const override { return whole_->parameters(); }
  const char* reference_loss() const override { return whole_->reference_loss(); }
  std::vector<Reference> references() const override { return whole_->references(); }
  std::string summary() const override {
    return whole_->summary() +
           (validation() ? "; validated on " + std::to_string(validation()->rows(Split::train)) + " of its rows" : "");
  }
  std::vector<std::string> files() const override { return whole_->files(); }
  std::vector<std::pair<std::string, std::string>> facts() const override { return whole_->facts(); }

 private:
  Split split_of(Split split) const { return split == Split::train ? from_ : split; }
  std::int64_t row_of(Split split, std::int64_t row) const {
    if (split != Split::train) return row;
    return rows_.empty() ? first_fresh_row + row : rows_[static_cast<std::size_t>(row)];
  }

  std::shared_ptr<const Task> whole_;
  Split from_;
  Rows rows_;
};

}  // namespace

std::pair<Rows, Rows> held_out(std::int64_t rows, double share, std::uint64_t seed, const std::string& key) {
  const auto count = static_cast<std::int64_t>(share * static_cast<double>(rows));
  if (count < 1 || count >= rows)
    throw Error(Exit::usage, key,
                "got " + number_text(share) + " of " + std::to_string(rows) + (rows == 1 ? " row" : " rows") +
                    ", which is not one whole row; allowed is a larger share, 0, or with [data] a file.");
  Rows order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  // The orders of epochs have the numbers from 0 on: this one is none of them.
  Random random(seed, Draw::shuffle, std::numeric_limits<std::uint64_t>::max());
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(rows - count);
  std::sort(order.begin(), middle);
  std::sort(middle, order.end());
  return {Rows(order.begin(), middle), Rows(middle, order.end())};
}

std::unique_ptr<Task> with_validation(std::unique_ptr<Task> task, double share, std::uint64_t seed,
                                      const std::string& key) {
  if (task->rows(Split::train) > 0) {
    auto [kept, held] = held_out(task->rows(Split::train), share, seed, key);
    const std::shared_ptr<const Task> whole = std::move(task);
    auto view = std::make_unique<RowView>(whole, Split::train, std::move(kept));
    view->validate_on(std::make_unique<RowView>(whole, Split::train, std::move(held)));
    return view;
  }
  if (task->rows(Split::test) != 0)
    throw Error(Exit::usage, key,
                "got " + number_text(share) +
                    " with a task that draws no test rows, allowed is 0: there is nothing fresh to validate on.");
  const std::shared_ptr<const Task> itself(task.get(), [](const Task*) {});  // it outlives what it validates on
  task->validate_on(std::make_unique<RowView>(itself, Split::test, Rows()));
  return task;
}

}  // namespace chronograd
