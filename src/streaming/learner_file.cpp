// SPDX-License-Identifier: Apache-2.0
// The state of a learner as a file: what chronograd::core leaves out.
#include <vector>

#include "streaming/learner_body.hpp"
#include "streaming/state_file.hpp"

namespace chronograd {

template <class T>
void Learner<T>::save(const std::string& path) const {
  save_state(*body_, path);
}

template <class T>
void Learner<T>::load(const std::string& path) {
  std::vector<std::byte> before(state_bytes());
  save(before);
  try {
    load_state(*body_, path);
  } catch (...) {
    restore(before);
    throw;
  }
}

template void Learner<float>::save(const std::string&) const;
template void Learner<double>::save(const std::string&) const;
template void Learner<float>::load(const std::string&);
template void Learner<double>::load(const std::string&);

}  // namespace chronograd
