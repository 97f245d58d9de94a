// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "chronograd/archive.hpp"
#include "nets/group.hpp"

namespace chronograd {

/// All numbers that a net predicts with, as they once were.
template <class T>
class Snapshot {
 public:
  using Groups = std::vector<Group<T>*>;

  void take(const Groups& groups) {
    numbers_.clear();
    Numbers each([this](std::span<T> values) { numbers_.insert(numbers_.end(), values.begin(), values.end()); });
    visit(groups, each);
  }
  /// The net gets these, and this what it had.
  void exchange(const Groups& groups) {
    std::size_t at = 0;
    Numbers each([this, &at](std::span<T> values) {
      for (T& value : values) std::swap(value, numbers_[at++]);
    });
    visit(groups, each);
  }
  std::size_t size() const { return numbers_.size(); }
  /// `numbers` of them; zeros where there are none yet.
  void state(Archive& archive, const char* name, std::size_t numbers) {
    numbers_.resize(numbers);
    archive.array(name, std::span<T>(numbers_));
  }

 private:
  class Numbers final : public Archive {
   public:
    explicit Numbers(std::function<void(std::span<T>)> act) : act_(std::move(act)) {}
    bool named() const override { return false; }
    void array(const std::string&, std::span<float> values) override { give(values); }
    void array(const std::string&, std::span<double> values) override { give(values); }
    void number(const std::string&, std::int64_t&) override {}

   private:
    template <class U>
    void give(std::span<U> values) {
      if constexpr (std::is_same_v<U, T>) act_(values);
    }
    std::function<void(std::span<T>)> act_;
  };

  static void visit(const Groups& groups, Archive& archive) {
    for (Group<T>* group : groups)
      for (Layer<T>& layer : group->layers()) layer.state(archive);
  }

  std::vector<T> numbers_;
};

}  // namespace chronograd
