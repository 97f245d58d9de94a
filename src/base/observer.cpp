// SPDX-License-Identifier: Apache-2.0
#include "chronograd/observer.hpp"

namespace chronograd {

Observer::~Observer() = default;

Observer& Observer::or_none(Observer* observer) {
  static Observer none;
  return observer ? *observer : none;
}

}  // namespace chronograd
