// SPDX-License-Identifier: Apache-2.0
// A catalogue that grows while the program runs.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "config/added_entry.hpp"

namespace chronograd {

/// The built-in records of one kind and those that were added. A list is replaced as a whole through one pointer, so
/// reading takes no lock; old lists are kept, they are few and short, so who reads one goes on reading it.
template <class Record>
class OpenCatalogue {
 public:
  OpenCatalogue(const char* kind, std::span<const Record* const> built_in) : kind_(kind), built_in_(built_in.size()) {
    publish(List(built_in.begin(), built_in.end()));
  }

  std::span<const Record* const> all() const { return *now_.load(std::memory_order_acquire); }

  void add(const Record& record) {
    check_added(kind_, record);
    const std::scoped_lock lock(mutex_);
    List list = *lists_.back();
    const std::size_t place = place_of(record.entry.name);
    if (place < built_in_) throw_built_in(kind_, record.entry.name, names(), true);
    if (place < list.size())
      list[place] = &record;
    else
      list.push_back(&record);
    publish(std::move(list));
  }

  void remove(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    List list = *lists_.back();
    const std::size_t place = place_of(name);
    if (place < built_in_) throw_built_in(kind_, name, names(), false);
    if (place == list.size()) throw_not_added(kind_, name, names());
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(place));
    publish(std::move(list));
  }

 private:
  using List = std::vector<const Record*>;

  void publish(List list) {
    lists_.push_back(std::make_unique<const List>(std::move(list)));
    now_.store(lists_.back().get(), std::memory_order_release);
  }
  std::size_t place_of(const std::string& name) const {
    std::size_t place = 0;
    while (place < lists_.back()->size() && name != (*lists_.back())[place]->entry.name) ++place;
    return place;
  }
  /// Of the records that were added.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (std::size_t k = built_in_; k < lists_.back()->size(); ++k) all.emplace_back((*lists_.back())[k]->entry.name);
    return all;
  }

  const char* kind_;
  std::size_t built_in_;
  std::mutex mutex_;                                ///< for those who change it
  std::vector<std::unique_ptr<const List>> lists_;  ///< the newest last
  std::atomic<const List*> now_{nullptr};
};

/// That of one kind. Specialised by generated code; never destroyed, since what ends with the program may still look
/// something up.
template <class Record>
OpenCatalogue<Record>& open_catalogue();

template <class Record>
void add_entry(const Record& record) {
  open_catalogue<Record>().add(record);
}

template <class Record>
void remove_entry(const std::string& name) {
  open_catalogue<Record>().remove(name);
}

}  // namespace chronograd
