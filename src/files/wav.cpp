// SPDX-License-Identifier: Apache-2.0
#include "files/wav.hpp"

#include <cmath>
#include <cstring>
#include <optional>

#include "base/text.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr const char* copy_hint = " The file is truncated or corrupt; copy it again.";
constexpr const char* sox_hint = " sox IN.wav -b 16 -e signed-integer OUT.wav converts it.";
constexpr unsigned most_channels = 64;

enum : unsigned { pcm = 1, ieee_float = 3, extensible = 0xfffe };

/// An unsigned number of `count` bytes, lowest first, at `at`, which must be inside.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// What the chunk `fmt ` says.
struct Coding {
  unsigned tag = 0, channels = 0, bits = 0;
  std::uint32_t rate = 0;
  std::size_t frame() const { return std::size_t{channels} * (bits / 8); }
};

class WavReader {
 public:
  WavReader(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Sound read() {
    std::string_view rest = inside();
    std::optional<Coding> coding;
    std::optional<std::string_view> data;
    while (!rest.empty()) {
      if (rest.size() < 8) refuse("a file that ends inside the header of a chunk", "a complete file", copy_hint);
      const std::string_view name = rest.substr(0, 4);
      const std::size_t size = number_at(rest, 4, 4);
      rest.remove_prefix(8);
      if (size > rest.size())
        refuse("a chunk " + quoted(std::string(name)) + " that claims " + std::to_string(size) + " bytes",
               "the " + std::to_string(rest.size()) + " that follow",
               size > 0x7ff00000U ? " Programs that write to a pipe do not know the size; let them write to a file."
                                  : copy_hint);
      const std::string_view chunk = rest.substr(0, size);
      if (name == "fmt ") {
        if (coding) refuse("two chunks \"fmt \"", "one");
        coding = coding_of(chunk);
      } else if (name == "data") {
        if (!coding) refuse("samples before the chunk \"fmt \" that says what they are", "it before them");
        if (data) refuse("two chunks \"data\"", "one");
        data = chunk;
      }
      rest.remove_prefix(std::min(rest.size(), size + size % 2));  // a last chunk may lack the byte that pads it
    }
    if (!coding) refuse("no chunk \"fmt \"", "one that says what the samples are");
    if (!data) refuse("no chunk \"data\"", "one that holds the samples");
    return sound_of(*coding, *data);
  }

 private:
  [[noreturn]] void refuse(const std::string& got, const std::string& allowed, const char* hint = "") const {
    throw Error(Exit::data, where_, "got " + got + ", allowed is " + allowed + "." + hint);
  }

  /// The chunks: as many bytes as the file's header claims.
  std::string_view inside() const {
    if (bytes_.size() < 12 || bytes_.substr(0, 4) != "RIFF" || bytes_.substr(8, 4) != "WAVE")
      refuse("a file that does not start with RIFF and WAVE", "a WAV file", " sox IN OUT.wav makes one.");
    const std::size_t size = number_at(bytes_, 4, 4), held = bytes_.size() - 8;
    if (size < 4 || size > held + held % 2)
      refuse("a header that claims " + std::to_string(size) + " bytes", "the " + std::to_string(held) + " that follow",
             copy_hint);
    return bytes_.substr(12, size - 4);
  }

  Coding coding_of(std::string_view chunk) const {
    if (chunk.size() < 16) refuse("a chunk \"fmt \" of " + std::to_string(chunk.size()) + " bytes", "16 or more");
    Coding coding{number_at(chunk, 0, 2), number_at(chunk, 2, 2), number_at(chunk, 14, 2), number_at(chunk, 4, 4)};
    if (coding.tag == extensible) {
      // The words that follow are of the format's family if its identifier ends as those of the family do.
      constexpr std::string_view family("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14);
      if (chunk.size() < 40 || number_at(chunk, 16, 2) < 22 || chunk.substr(26, 14) != family)
        refuse("an extensible header of another family or length", "the one of PCM and floats", sox_hint);
      if (const unsigned valid = number_at(chunk, 18, 2); valid != coding.bits)
        refuse(std::to_string(valid) + " valid bits in samples of " + std::to_string(coding.bits), "all of them",
               sox_hint);
      coding.tag = number_at(chunk, 24, 2);
    }
    if (!(coding.tag == pcm && coding.bits == 16) && !(coding.tag == ieee_float && coding.bits == 32))
      refuse("samples of the coding " + std::to_string(coding.tag) + " and " + std::to_string(coding.bits) + " bits",
             "PCM (1) of 16 bits or floats (3) of 32", sox_hint);
    if (coding.channels < 1 || coding.channels > most_channels)
      refuse(std::to_string(coding.channels) + " channels", "1 to " + std::to_string(most_channels));
    if (coding.rate == 0) refuse("a rate of 0 samples a second", "1 or more");
    if (const std::size_t frame = number_at(chunk, 12, 2); frame != coding.frame())
      refuse(std::to_string(frame) + " bytes for a sample of all channels", std::to_string(coding.frame()), copy_hint);
    return coding;
  }

  Sound sound_of(const Coding& coding, std::string_view data) const {
    if (data.empty()) refuse("a sound without samples", "one or more");
    if (data.size() % coding.frame() != 0)
      refuse(std::to_string(data.size()) + " bytes of samples",
             "a multiple of the " + std::to_string(coding.frame()) + " bytes that a sample of all channels has",
             copy_hint);
    Sound sound{coding.rate, std::vector<float>(data.size() / coding.frame())};
    for (std::size_t i = 0; i < sound.samples.size(); ++i) {
      double sum = 0;
      for (unsigned c = 0; c < coding.channels; ++c)
        sum += sample_at(coding, data, i * coding.frame() + std::size_t{c} * (coding.bits / 8), i);
      const double mean = sum / coding.channels;
      sound.samples[i] = static_cast<float>(mean);
    }
    return sound;
  }

  double sample_at(const Coding& coding, std::string_view data, std::size_t at, std::size_t index) const {
    if (coding.tag == pcm) return static_cast<std::int16_t>(number_at(data, at, 2)) / 32768.0;
    const std::uint32_t bits = number_at(data, at, 4);
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value))
      refuse(
          std::isnan(value) ? "NaN at sample " + std::to_string(index) : "infinity at sample " + std::to_string(index),
          "finite numbers");
    return static_cast<double>(value);
  }

  std::string_view bytes_;
  const std::string& where_;
};

}  // namespace

Sound parse_wav(std::string_view bytes, const std::string& where) {
  return WavReader(bytes, where).read();
}

}  // namespace chronograd
