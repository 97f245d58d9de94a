// SPDX-License-Identifier: Apache-2.0
// Where a run is recorded that was not told where.
#pragma once

#include <string>

namespace chronograd {

/// A new folder runs/DATE-NAME under the present one, as runs/2026-11-29T13-20-05-sine (local time); a name that is
/// taken gets -2, -3, ... While nothing has been written to it, it goes with the object.
class OwnFolder {
 public:
  /// Makes the folder: no other process gets the same. `name`: what the run is called. Throws Error (data).
  explicit OwnFolder(const std::string& name);
  ~OwnFolder();
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_parent_ = false;
};

}  // namespace chronograd
