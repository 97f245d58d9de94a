// SPDX-License-Identifier: Apache-2.0
#include "fuzz/entries.hpp"

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "files/idx.hpp"
#include "files/npy.hpp"
#include "files/npz.hpp"
#include "files/shape.hpp"
#include "files/symbols.hpp"
#include "files/tar.hpp"
#include "files/wav.hpp"
#include "formats/csv_table.hpp"

namespace chronograd {
namespace {

bool is_filled(const Array& array) {
  const std::size_t held = array.f32.size() + array.f64.size() + array.i64.size() + array.u8.size();
  const std::size_t typed = array.dtype == Dtype::f32   ? array.f32.size()
                            : array.dtype == Dtype::f64 ? array.f64.size()
                            : array.dtype == Dtype::i64 ? array.i64.size()
                                                        : array.u8.size();
  return product(array.shape) == held && typed == held && array.shape.size() <= max_dimensions;
}

bool is_filled(const Table& table) {
  const std::size_t lines = table.lines(), classes = table.class_names.size();
  const bool full = table.x.size() == lines * table.inputs.size() &&
                    (classes > 0 || !table.classes.empty() ? table.classes.size() == lines && table.y.empty()
                                                           : table.y.size() == lines * table.targets.size());
  return full && lines > 0 && table.starts.front() == 0 && table.starts.size() == table.streams.size() + 1 &&
         std::is_sorted(table.starts.begin(), table.starts.end()) && table.file_lines.size() == lines &&
         (table.weights.empty() || table.weights.size() == lines) &&
         table.third.size() == lines * table.thirds.size() &&
         std::all_of(table.weights.begin(), table.weights.end(), [](double weight) { return weight >= 0; }) &&
         std::all_of(table.classes.begin(), table.classes.end(),
                     [&](std::int32_t number) { return number >= -1 && number < static_cast<std::int32_t>(classes); });
}

bool is_filled(const SymbolText& text) {
  return !text.symbols.empty() && std::is_sorted(text.alphabet.begin(), text.alphabet.end()) &&
         std::all_of(text.symbols.begin(), text.symbols.end(),
                     [&](std::uint16_t symbol) { return symbol < text.alphabet.size(); });
}

template <class Read>
bool is_safe(Read read) {
  try {
    return read();
  } catch (const Error& error) {
    const std::string_view text = error.what();
    return error.code() == Exit::data && text.substr(0, 2) == "[f" && text.find_first_of("\n\x1b") == text.npos;
  }
}

}  // namespace

bool npy_is_safe(std::string_view bytes) {
  return is_safe([&] { return is_filled(parse_npy(bytes, "f")); });
}

bool npz_is_safe(std::string_view bytes) {
  return is_safe([&] {
    const Arrays arrays = parse_npz(bytes, "f");
    return std::all_of(arrays.begin(), arrays.end(), [](const auto& item) { return is_filled(item.second); });
  });
}

bool idx_is_safe(std::string_view bytes) {
  return is_safe([&] { return is_filled(parse_idx(bytes, "f")); });
}

bool csv_is_safe(std::string_view bytes) {
  CsvColumns forecast, classes, weighted;
  forecast.inputs_are_targets = true;
  classes.header = false;
  classes.targets = {"1"};
  classes.stream = "2";
  classes.classes = true;
  classes.refuse_gaps = false;
  weighted.header_is_sure = true;
  weighted.targets = {"b"};
  weighted.weight = "c";
  weighted.third = {"a"};
  const auto read = [&](const CsvColumns& columns) {
    return is_safe([&] {
      CsvPlaces places;
      const Table table = read_csv_table(bytes, "f", columns, places);
      // Its own columns are found again.
      return is_filled(table) && read_csv_table(bytes, "f", columns, places).x.size() == table.x.size();
    });
  };
  return read(forecast) && read(classes) && read(weighted);
}

bool text_is_safe(std::string_view bytes) {
  return is_safe([&] { return is_filled(read_symbols(bytes, "f", true)); }) &&
         is_safe([&] { return is_filled(read_symbols(bytes, "f", false)); });
}

bool wav_is_safe(std::string_view bytes) {
  return is_safe([&] {
    const Sound sound = parse_wav(bytes, "f");
    return sound.rate > 0 && !sound.samples.empty() && sound.samples.size() * 2 <= bytes.size() &&
           std::all_of(sound.samples.begin(), sound.samples.end(), [](float sample) { return std::isfinite(sample); });
  });
}

bool tar_is_safe(std::string_view bytes) {
  return is_safe([&] {
    std::size_t held = 0;
    each_in_tar(bytes, "f", [&](const std::string&, std::string_view content) { held += content.size(); });
    const bool zipped = bytes.substr(0, 2) == "\x1f\x8b";
    return zipped || held <= bytes.size();
  });
}

}  // namespace chronograd
