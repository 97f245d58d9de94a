// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "chronograd/train.hpp"
#include "decoupled/worker.hpp"

namespace chronograd {

template <class T>
using Workers = std::vector<std::unique_ptr<Worker<T>>>;

/// Who does the work of all workers from one drain point to the next.
template <class T>
class Stretches {
 public:
  virtual ~Stretches() = default;
  /// Batches [from, to); afterwards nothing is on its way. Throws LostMessage, and what a worker throws.
  virtual void run(Workers<T>& workers, std::int64_t from, std::int64_t to) = 0;
  /// Seconds that threads other than the caller's have worked.
  virtual double cpu_seconds() const { return 0; }
};

/// The most that a message may have.
struct LargestMessage {
  int rows, width, outputs;
};

/// As the options say. Throws Error (usage) for what does not go together.
template <class T>
std::unique_ptr<Stretches<T>> make_stretches(const RunOptions& options, const InterfaceSettings& interface, int workers,
                                             const LargestMessage& largest);

}  // namespace chronograd
