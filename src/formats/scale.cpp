// SPDX-License-Identifier: Apache-2.0
#include "formats/scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

struct Moments {
  double count = 0, mean = 0, deviation = 0;
};

/// Moments of the numbers that each(visit) visits, summed as distances from `origin`.
template <class Each>
Moments moments(Each each, double origin) {
  Moments found;
  double sum = 0, largest = 0, squares = 0;
  each([&](double value) {
    found.count += 1;
    sum += value - origin;
  });
  if (found.count == 0) return found;
  found.mean = origin + sum / found.count;
  each([&](double value) { largest = std::max(largest, std::abs(value - found.mean)); });
  if (largest == 0 || !std::isfinite(largest)) {
    found.deviation = largest;
    return found;
  }
  // In units of a power of two, which rounds nothing, squares neither overflow nor vanish.
  const double unit = std::scalbn(1.0, std::clamp(std::ilogb(largest), -1000, 1000));
  each([&](double value) {
    const double distance = (value - found.mean) / unit;
    squares += distance * distance;
  });
  found.deviation = std::sqrt(squares / found.count) * unit;
  return found;
}

/// The mean of n numbers is off by up to n u mean|v|, u = eps / 2 (n - 1 additions and a division, to first order in
/// u), and each distance from it by as much: a deviation below n eps |mean| may be nothing but that error, which
/// depends on the order of the additions. There it is measured again as distances from one of the numbers. They are
/// exact (the numbers lie within a factor of two of each other), so that what remains is u |mean|, the rounding of the
/// mean itself, and n u of the deviation. What is then no larger than eps |mean| says that the numbers differ by no
/// more than their own rounding: they are one number.
template <class Each>
Moments safe_moments(Each each) {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  Moments found = moments(each, 0);
  if (found.deviation > found.count * eps * std::abs(found.mean)) return found;
  double first = 0;
  each([&](double value) { first = value; });
  found = moments(each, first);
  if (found.deviation <= eps * std::abs(found.mean)) found.deviation = 0;
  return found;
}

}  // namespace

Scale Scale::of(const std::vector<double>& values, const std::vector<std::string>& columns,
                const std::vector<Stretch>& lines, const std::string& where) {
  const std::size_t width = columns.size();
  Scale scale;
  for (std::size_t j = 0; j < width; ++j) {
    const auto each = [&](auto visit) {
      for (const Stretch& part : lines)
        for (std::size_t i = part.first; i < part.first + part.steps; ++i)
          if (!std::isnan(values[i * width + j])) visit(values[i * width + j]);
    };
    const Moments found = safe_moments(each);
    if (!std::isfinite(found.mean) || !std::isfinite(found.deviation))
      throw Error(Exit::data, where,
                  "got numbers in the column " + quoted(columns[j]) +
                      " that are too large to be added, allowed with data.standardize are smaller ones.");
    scale.mean.push_back(found.mean);
    scale.deviation.push_back(found.deviation > 0 ? found.deviation : 1);
  }
  return scale;
}

void Scale::apply(std::vector<double>& values) const {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = (values[i] - mean[i % mean.size()]) / deviation[i % mean.size()];
}

}  // namespace chronograd
