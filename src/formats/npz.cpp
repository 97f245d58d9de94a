// SPDX-License-Identifier: Apache-2.0
// NumPy's archives of arrays.
#include "files/npz.hpp"

#include "chronograd/format.hpp"
#include "formats/file_task.hpp"
#include "formats/missing.hpp"

namespace chronograd::entries {
namespace {

std::unique_ptr<Task> make(const FormatRecord&, const Options& data, const FileNeeds& needs,
                           std::vector<std::string>* notes) {
  FileNeeds known = needs;
  known.missing = missing_of(data);
  Arrays train = read_arrays(data.word("train")), test;
  if (data.has("test")) test = read_arrays(data.word("test"));
  return make_file_task(std::move(train), data.word("train"), data.has("test") ? &test : nullptr,
                        data.has("test") ? data.word("test") : "", known, notes);
}

constexpr Option options[] = {missing_option};

}  // namespace

extern const FormatRecord format_npz;
const FormatRecord format_npz = {
    .entry = {.name = "npz",
              .title = "NumPy arrays, streams first",
              .text = "x (B,T,n); y (B,T,m), or integer classes (B,T); optional mask (B,T), lengths (B), reset (B,T), "
                      "third (B,T) or (B,T,q), h0 (B,d), c0 (B,d). One stream: x (T,n), the others without B too. "
                      "Stored or deflated, as "
                      "numpy.savez and numpy.savez_compressed write them; text and Python objects are refused.",
              .options = options},
    .endings = ".npz",
    .make = make,
};

}  // namespace chronograd::entries
