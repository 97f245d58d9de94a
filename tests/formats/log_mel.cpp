// SPDX-License-Identifier: Apache-2.0
// Bands and slopes against their definition, written once more with NumPy's transform and its fit of a line.
#include "formats/log_mel.hpp"

#include <cmath>
#include <cstdlib>

#include "chronograd/array.hpp"
#include "chronograd/random.hpp"
#include "files/files.hpp"

namespace chronograd {
namespace {

const std::string python = CHRONOGRAD_NUMPY_PYTHON;

constexpr const char* definition = R"(
import numpy as np

x = np.load('x.npz')['x'].astype(float)
rate, n, hop, bands, low, high = 16000, 480, 161, 40, 20., 4000.
window = np.hanning(n + 1)[:-1]
padded = np.pad(x, n // 2)
S = np.array([abs(np.fft.rfft(padded[t * hop:t * hop + n] * window)) ** 2 for t in range(1 + len(x) // hop)])

def mel(f): return f * 3 / 200 if f < 1000 else 15 + 27 * np.log(f / 1000) / np.log(6.4)
def hertz(m): return m * 200 / 3 if m < 15 else 1000 * 6.4 ** ((m - 15) / 27)
corners = [hertz(m) for m in np.linspace(mel(low), mel(high), bands + 2)]
f = np.arange(n // 2 + 1) * rate / n
filters = np.array([np.interp(f, corners[j:j + 3], [0, 1, 0]) * 2 / (corners[j + 2] - corners[j]) for j in range(bands)])
M = S @ filters.T
y = np.log1p(M / M.max())
y32 = y.astype('f4').astype(float)
k = np.arange(-4, 5)
slopes = np.array([[np.polyfit(k, y32[m - 4:m + 5, j], 1)[0] for j in range(bands)]
                   for m in np.clip(np.arange(len(y)), 4, len(y) - 5)])
np.savez('y.npz', y=y, slopes=slopes, filters=filters, f4=np.array(y32, 'f4'))
)";

std::vector<float> chirp(std::size_t count) {
  Random random(3, Draw::data);
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / mel::rate;
    x[i] = static_cast<float>(0.3 * std::sin(2 * 3.141592653589793 * (100 + 1500 * t) * t) + 0.01 * random.normal());
  }
  return x;
}

TEST(LogMel, IsWhatNumPyMakesOfTheDefinition) {
  if (python.empty()) GTEST_SKIP() << "python3-numpy is not installed";
  const Folder folder;
  const std::vector<float> x = chirp(mel::rate);
  write_npz(folder / "x.npz", {{"x", Array::of({x.size()}, x)}});
  testing::put(folder / "program.py", definition);
  ASSERT_EQ(std::system(("cd '" + (folder / ".").string() + "' && '" + python + "' program.py").c_str()), 0);
  const Arrays want = read_npz(folder / "y.npz");
  LogMel bank;
  const std::vector<double> got = bank.of(x);
  ASSERT_EQ(want.at("y").shape, (std::vector<std::size_t>{100, mel::bands}));
  ASSERT_EQ(got.size(), want.at("y").size());
  // Powers span 1e-9 ... 1 of the largest: what rounding loses is relative to that.
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want.at("y").f64[i], 1e-13) << i;
  for (std::size_t i = 0; i < bank.filters().size(); ++i)
    ASSERT_NEAR(bank.filters()[i], want.at("filters").f64[i], 1e-13) << i;
  double slope[mel::bands];
  for (std::size_t t = 0; t < 100; ++t) {
    mel_slopes(want.at("f4").f32, t, slope);
    for (std::size_t j = 0; j < mel::bands; ++j)
      ASSERT_NEAR(slope[j], want.at("slopes").f64[t * mel::bands + j], 1e-13) << t << ", " << j;
  }
}

TEST(LogMel, KeepsScaleOut) {
  LogMel bank;
  std::vector<float> x = chirp(4000);
  const std::vector<double> once = bank.of(x);
  EXPECT_EQ(once.size(), 25U * mel::bands);
  EXPECT_EQ(*std::max_element(once.begin(), once.end()), std::log1p(1.0));
  for (float& sample : x) sample /= 8;
  EXPECT_EQ(bank.of(x), once);  // a power of two: no bit is lost
  EXPECT_EQ(bank.of(std::vector<float>(4000)), std::vector<double>(once.size()));
}

// A tone is in the band that it lies in, and the band's neighbours.
TEST(LogMel, ATone) {
  LogMel bank;
  std::vector<float> x(mel::rate);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(std::sin(2 * 3.141592653589793 * 1000 * static_cast<double>(i) / mel::rate));
  const std::vector<double> bands = bank.of(x);
  const double* middle = bands.data() + 50 * mel::bands;
  const auto peak = std::max_element(middle, middle + mel::bands) - middle;
  EXPECT_GT(bank.filters()[static_cast<std::size_t>(peak) * (mel::window / 2 + 1) + 30], 0);  // 30 * 16000 / 480 Hz
  for (std::ptrdiff_t j = 0; j < mel::bands; ++j)
    if (std::abs(j - peak) > 3) {
      EXPECT_LT(middle[j], 1e-3) << j;
    }
}

}  // namespace
}  // namespace chronograd
