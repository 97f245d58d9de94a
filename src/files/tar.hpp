// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace chronograd {

/// Calls `file(name, bytes)` for each plain file of a tar archive in memory, plain or gzipped, in its order. Names are
/// as in the archive, without a leading "./". Archives as GNU tar and others write them for names of up to 255
/// characters; folders are passed over. Throws Error (data) for links, longer names, sizes that the archive does not
/// hold, headers with a wrong checksum, and a missing end. `where` stands for the archive in messages.
void each_in_tar(std::string_view archive, const std::string& where,
                 const std::function<void(const std::string& name, std::string_view bytes)>& file);

}  // namespace chronograd
