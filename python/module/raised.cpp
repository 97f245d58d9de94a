// SPDX-License-Identifier: Apache-2.0
#include "raised.hpp"

#include <utility>

#include "chronograd/thread_owner.hpp"

namespace chronograd::python {

Raised::Here::Here(Raised* raised) : before_(std::exchange(thread_owner(), raised)) {}
Raised::Here::~Here() {
  thread_owner() = before_;
}

void Raised::caught() {
  auto* const keeper = static_cast<Raised*>(thread_owner());
  if (keeper == nullptr) throw;
  if (!keeper->kept_) keeper->kept_ = std::current_exception();
  keeper->there_ = true;
}

void Raised::pass_on() {
  if (!there_) return;
  there_ = false;
  std::rethrow_exception(std::exchange(kept_, nullptr));
}

}  // namespace chronograd::python
