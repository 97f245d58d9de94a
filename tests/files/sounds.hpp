// SPDX-License-Identifier: Apache-2.0
// WAV files and tar archives, byte by byte.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "files/files.hpp"

namespace chronograd::testing {

/// A chunk, with the byte that pads odd ones.
inline std::string chunk(const std::string& name, const std::string& bytes) {
  return name + little(bytes.size(), 4) + bytes + std::string(bytes.size() % 2, '\0');
}

inline std::string riff(const std::string& chunks) {
  return "RIFF" + little(chunks.size() + 4, 4) + "WAVE" + chunks;
}

/// The chunk that says what samples are; `more` is what follows the first 16 bytes.
inline std::string fmt_chunk(int tag, int channels, int rate, int bits, const std::string& more = "") {
  const auto u = [](int value) { return static_cast<std::uint64_t>(value); };
  const int frame = channels * bits / 8;
  return chunk("fmt ", little(u(tag), 2) + little(u(channels), 2) + little(u(rate), 4) + little(u(rate * frame), 4) +
                           little(u(frame), 2) + little(u(bits), 2) + more);
}

/// What follows in an extensible header: of samples of `valid` bits, PCM (1) or floats (3).
inline std::string extension(int valid, int tag) {
  return little(22, 2) + little(static_cast<std::uint64_t>(valid), 2) + little(0, 4) +
         little(static_cast<std::uint64_t>(tag), 2) + std::string("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14);
}

inline std::string pcm(const std::vector<int>& samples) {
  std::string bytes;
  for (const int sample : samples) bytes += little(static_cast<std::uint64_t>(sample), 2);
  return bytes;
}

inline std::string floats(const std::vector<float>& samples) {
  std::string bytes(samples.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  return bytes;
}

/// One channel of 16 bits.
inline std::string wav(const std::vector<int>& samples, int rate = 16000) {
  return riff(fmt_chunk(1, 1, rate, 16) + chunk("data", pcm(samples)));
}

/// A file of a tar archive; of other `kind`s too.
inline std::string tar_file(const std::string& name, const std::string& bytes, char kind = '0',
                            const std::string& prefix = "") {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  const auto octal = [](std::size_t value, int digits) {
    std::string text;
    for (int i = 0; i < digits; ++i, value /= 8) text.insert(0, 1, static_cast<char>('0' + value % 8));
    return text;
  };
  put(0, name);
  put(124, octal(bytes.size(), 11));
  put(148, std::string(8, ' '));
  put(156, std::string(1, kind));
  put(257, "ustar");
  put(345, prefix);
  std::size_t sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  return header + bytes + std::string((512 - bytes.size() % 512) % 512, '\0');
}

inline std::string tar(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string bytes;
  for (const auto& [name, content] : files) bytes += tar_file(name, content);
  return bytes + std::string(1024, '\0');
}

}  // namespace chronograd::testing
