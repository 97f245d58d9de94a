// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronograd {

/// A sound of one channel.
struct Sound {
  std::uint32_t rate = 0;      ///< samples a second, >= 1
  std::vector<float> samples;  ///< 16-bit numbers are divided by 32768; several channels: their mean
};

/// Reads the bytes of a WAV file: PCM of 16 bits or floats of 32 bits, plain or in the extensible header, 1 to 64
/// channels. No size that a chunk claims is believed before so many bytes are found, and a chunk that is cut short is
/// an error, not a shorter sound. Throws Error (data) for everything else: other codings (with the line of sox that
/// converts them), a sound without samples, samples that are no finite numbers. `where` stands for the file in
/// messages.
Sound parse_wav(std::string_view bytes, const std::string& where);

}  // namespace chronograd
