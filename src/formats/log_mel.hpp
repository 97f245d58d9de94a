// SPDX-License-Identifier: Apache-2.0
// Sounds to rows: bands of the mel scale in a logarithm, and how fast they change (rostami2022eprop, whose public
// program sets these numbers).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace chronograd {

/// How sounds become frames.
namespace mel {
constexpr int rate = 16000;       ///< samples a second
constexpr int window = 480;       ///< samples of a frame: 30 ms
constexpr int hop = 161;          ///< samples from one frame to the next: 10 ms
constexpr int bands = 40;         ///< filters
constexpr double lowest = 20;     ///< Hz, where the first filter begins
constexpr double highest = 4000;  ///< Hz, where the last one ends
constexpr int slope_width = 9;    ///< frames that a line is laid through for its slope
/// Frames of so many samples: their centres are samples 0, hop, 2 hop, ...
constexpr int frames(int samples) {
  return 1 + samples / hop;
}
}  // namespace mel

/// The filter bank.
class LogMel {
 public:
  LogMel();
  ~LogMel();
  LogMel(const LogMel&) = delete;
  LogMel& operator=(const LogMel&) = delete;

  /// log(1 + S / max S) [frames(samples)][bands], in [0, log 2], of one sound; S is the power spectrum of frames under
  /// a Hann window, zeros before and after the sound, through triangles that have the same area on a scale that is
  /// linear below 1 kHz and logarithmic above (Slaney's mel scale). All zero for a sound of zeros.
  std::vector<double> of(std::span<const float> samples);

  /// The triangles [bands][window / 2 + 1].
  const std::vector<double>& filters() const { return filters_; }

 private:
  struct Transform;
  std::unique_ptr<Transform> transform_;
  std::vector<double> shape_;                                ///< [window]
  std::vector<double> filters_;                              ///< [bands][window / 2 + 1]
  std::vector<std::pair<std::size_t, std::size_t>> inside_;  ///< [bands] where a triangle begins and has ended
};

/// The slope, a frame, of each band at frame t: that of the line of least squares through the slope_width frames about
/// it; near an end, through the first or last so many. `bands` [frames][mel::bands], frames >= slope_width.
void mel_slopes(std::span<const float> bands, std::size_t t, double* out);

}  // namespace chronograd
