// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace chronograd {

/// Ends this process with `message` and exit code 1 unless it is gone within `seconds`; its launcher then ends the
/// others. For calls that wait for other ranks without end: MPI's begin and its end.
class Deadline {
 public:
  Deadline(double seconds, std::string message);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool met_ = false;
  std::thread watch_;
};

}  // namespace chronograd
