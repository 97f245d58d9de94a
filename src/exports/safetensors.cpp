// SPDX-License-Identifier: Apache-2.0
// The arrays of params.npz as safetensors: the length of a header (8 bytes), the header in JSON, the numbers.
#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "base/json_value.hpp"
#include "chronograd/array.hpp"
#include "chronograd/exporter.hpp"
#include "exports/exported_network.hpp"
#include "files/npz.hpp"
#include "runs/run_files.hpp"

namespace chronograd {
namespace {

struct Elements {
  const char* type;
  const void* first;
  std::size_t size;  ///< bytes of one
};

Elements elements_of(const Array& array) {
  switch (array.dtype) {
    case Dtype::f32:
      return {"F32", array.f32.data(), sizeof(float)};
    case Dtype::i64:
      return {"I64", array.i64.data(), sizeof(std::int64_t)};
    case Dtype::u8:
      return {"U8", array.u8.data(), sizeof(std::uint8_t)};
    default:
      return {"F64", array.f64.data(), sizeof(double)};
  }
}

/// The elements' bytes, each lowest first.
void append(std::string& to, const Array& array) {
  const Elements elements = elements_of(array);
  const std::size_t begin = to.size(), size = array.size() * elements.size;
  to.resize(begin + size);
  if (size > 0) std::memcpy(to.data() + begin, elements.first, size);
  if constexpr (std::endian::native == std::endian::big)
    for (std::size_t at = begin; at < to.size(); at += elements.size)
      std::reverse(to.data() + at, to.data() + at + elements.size);
}

std::string make(const ExporterRecord& /*record*/, const std::string& run, Observer& /*observer*/) {
  constexpr std::size_t alignment = 8;
  const Config config = read_run_config(run);
  const Arrays arrays = read_arrays(parameters_path(run));
  Json header, about;
  for (const auto& [name, value] : origin_of(config)) about[name] = value;
  header["__metadata__"] = about;
  // Those of the largest elements first: then all are aligned.
  std::vector<const Arrays::value_type*> order;
  for (const auto& each : arrays) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return elements_of(a->second).size > elements_of(b->second).size;
  });
  std::string numbers;
  for (const auto* each : order) {
    const auto& [name, array] = *each;
    const std::size_t begin = numbers.size();
    append(numbers, array);
    header[name] = {{"dtype", elements_of(array).type},
                    {"shape", array.shape},
                    {"data_offsets", Json::array({begin, numbers.size()})}};
  }
  std::string text = header.dump();
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  std::string length;
  for (std::size_t k = 0; k < 8; ++k)
    length.push_back(static_cast<char>(static_cast<std::uint64_t>(text.size()) >> 8 * k & 255U));
  return length + text + numbers;
}

}  // namespace

namespace entries {
extern const ExporterRecord exporter_safetensors;
const ExporterRecord exporter_safetensors = {
    .entry = {.name = "safetensors",
              .title = "the arrays of params.npz as safetensors, with names and shapes as they are",
              .text = "Those of gru and lstm are PyTorch's: load_state_dict takes them. Masks and what was fitted on "
                      "the data are among them. The header's __metadata__ has the program and the configuration."},
    .file = "model.safetensors",
    .make = make,
};
}  // namespace entries
}  // namespace chronograd
