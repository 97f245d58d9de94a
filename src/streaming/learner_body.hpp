// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/learner.hpp"
#include "streaming/stream_learner.hpp"

namespace chronograd {

/// Before a state in memory.
struct StateHeader {
  char name[8];           ///< "cg-state"
  std::uint64_t format;   ///< of what follows
  std::uint64_t bytes;    ///< the header's own included
  std::uint64_t same;     ///< tells configurations and sizes apart
  std::uint64_t program;  ///< tells programs apart: versions, compilers, instruction sets
  std::uint64_t numbers;  ///< of the bytes that follow
};
template <class T>
class Learner<T>::Body : public StreamLearner<T> {
 public:
  Body(const Config& config, const Sizes& sizes, const Arrays* parameters);

  const std::size_t inputs, outputs;  ///< B n, B m
  const StateHeader header;           ///< `numbers` apart
};

}  // namespace chronograd
