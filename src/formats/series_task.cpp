// SPDX-License-Identifier: Apache-2.0
#include "formats/series_task.hpp"

#include <algorithm>

#include "chronograd/third_factor.hpp"

namespace chronograd {
namespace {

class SeriesTask final : public Task, public ThirdFactor {
 public:
  SeriesTask(SeriesSplit train, SeriesSplit test, SeriesTexts texts)
      : train_(std::move(train)), test_(std::move(test)), texts_(std::move(texts)) {
    for (const Split split : {Split::train, Split::test})
      for (const Stretch& row : of(split).rows) {
        std::size_t steps = row.steps;
        while (steps > 0 && !of(split).series->counts(row.first + steps - 1, split == Split::train)) --steps;
        counted_[split == Split::test].push_back(steps);
      }
  }

  int inputs() const override { return static_cast<int>(train_.series->n); }
  int outputs() const override { return static_cast<int>(train_.series->m); }
  bool classes() const override { return !train_.series->classes.empty(); }
  std::int64_t length(Split split) const override { return static_cast<std::int64_t>(of(split).length()); }
  std::int64_t rows(Split split) const override {
    return of(split).series ? static_cast<std::int64_t>(of(split).rows.size()) : -1;
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const Series& from = *of(split).series;
    const auto begin = static_cast<std::size_t>(t), wanted = static_cast<std::size_t>(steps);
    const auto [first, count] = part(split, row, begin, wanted);
    std::copy_n(from.x.data() + first * from.n, count * from.n, out.x);
    std::fill_n(out.x + count * from.n, (wanted - count) * from.n, 0.0);
    if (from.classes.empty()) {
      std::copy_n(from.y.data() + first * from.m, count * from.m, out.y);
      std::fill_n(out.y + count * from.m, (wanted - count) * from.m, 0.0);
    } else {
      std::fill_n(out.y, wanted * from.m, 0.0);
      for (std::size_t k = 0; k < count; ++k) out.y[k * from.m + static_cast<std::size_t>(from.classes[first + k])] = 1;
    }
    std::copy_n(from.mask.data() + first, count, out.mask);
    std::fill_n(out.mask + count, wanted - count, 0.0);
    std::fill_n(out.reset, wanted, std::uint8_t{0});
    if (out.padding != nullptr)
      for (std::size_t k = 0; k < wanted; ++k) out.padding[k] = begin + k >= counted(split, row) ? 1 : 0;
  }

  int third() const override { return static_cast<int>(train_.series->q); }
  void read_third(std::int64_t row, std::int64_t t, int steps, double* out) const override {
    const std::size_t q = train_.series->q, wanted = static_cast<std::size_t>(steps);
    const auto [first, count] = part(Split::train, row, static_cast<std::size_t>(t), wanted);
    std::copy_n(train_.series->third.data() + first * q, count * q, out);
    std::fill_n(out + count * q, (wanted - count) * q, 0.0);
  }

  std::vector<Reference> references() const override { return texts_.references; }
  std::string summary() const override { return texts_.summary; }
  std::vector<std::string> files() const override { return texts_.files; }
  std::vector<std::pair<std::string, std::string>> facts() const override { return texts_.facts; }
  Arrays mapping() const override { return texts_.mapping; }

 private:
  const SeriesSplit& of(Split split) const { return split == Split::train ? train_ : test_; }

  /// Of `wanted` steps of a row from step `begin` on those that it has: the first of them, in the series, and how many.
  std::pair<std::size_t, std::size_t> part(Split split, std::int64_t row, std::size_t begin, std::size_t wanted) const {
    const Stretch stretch = of(split).rows[static_cast<std::size_t>(row)];
    return {stretch.first + std::min(begin, stretch.steps),
            begin < stretch.steps ? std::min(wanted, stretch.steps - begin) : 0};
  }

  /// The steps of a row up to the last one that something is learnt from; the others are padding.
  std::size_t counted(Split split, std::int64_t row) const {
    return counted_[split == Split::test][static_cast<std::size_t>(row)];
  }

  SeriesSplit train_, test_;
  std::vector<std::size_t> counted_[2];
  SeriesTexts texts_;
};

}  // namespace

std::size_t SeriesSplit::length() const {
  std::size_t steps = 0;
  for (const Stretch& row : rows) steps = std::max(steps, row.steps);
  return steps;
}

std::unique_ptr<Task> make_series_task(SeriesSplit train, SeriesSplit test, SeriesTexts texts) {
  return std::make_unique<SeriesTask>(std::move(train), std::move(test), std::move(texts));
}

}  // namespace chronograd
