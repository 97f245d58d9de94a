// SPDX-License-Identifier: Apache-2.0
// Tasks that ask what a system will show some steps later.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"
#include "tasks/walk.hpp"

namespace chronograd {

/// An endless stream of the one number that a system shows; the target is the number `ahead` steps later. System has
/// `State first(Random&) const`, a state on its attractor, `void advance(State&) const`, one step, and
/// `double shown(const State&) const`.
template <class System>
class Forecast final : public Task {
 public:
  Forecast(std::string summary, const System& system, std::int64_t ahead, std::uint64_t seed)
      : summary_(std::move(summary)), system_(system), ahead_(static_cast<std::size_t>(ahead)), seed_(seed) {}

  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return 0; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    walks_.read(
        split, row, t, [&] { return begun(stream); }, [](const Place& place) { return place.t; },
        [&](Place& place) {
          for (; place.t < t + steps; ++place.t) {
            if (place.t >= t) {
              const std::int64_t k = place.t - t;
              out.x[k] = place.coming.front();
              out.y[k] = place.coming.back();
              out.mask[k] = 1;
              out.reset[k] = 0;
            }
            show_next(place);
          }
        });
  }

  /// The loss of the best constant, and of the present number as the forecast, measured over 10000 steps of a test row.
  std::vector<Reference> references() const override {
    constexpr int steps = 10000;
    std::vector<double> x(steps), y(steps), mask(steps);
    std::vector<std::uint8_t> reset(steps);
    read(Split::test, 0, 0, steps, {x.data(), y.data(), mask.data(), reset.data()});
    double mean = 0, spread = 0, held = 0;
    for (const double value : y) mean += value / steps;
    for (std::size_t k = 0; k < y.size(); ++k) {
      spread += 0.5 * (y[k] - mean) * (y[k] - mean) / steps;
      held += 0.5 * (y[k] - x[k]) * (y[k] - x[k]) / steps;
    }
    return {{"constant output", spread, true}, {"last value", held}, {"the system itself", 0}};
  }

  std::string summary() const override {
    return summary_ + ", " + std::to_string(ahead_) + (ahead_ == 1 ? " step" : " steps") + " ahead, endless";
  }

 private:
  struct Place {
    std::int64_t t = 0;
    typename System::State state;
    std::vector<double> coming;  ///< of steps t ... t + ahead
  };

  Place begun(std::uint64_t stream) const {
    Random random(seed_, Draw::data, stream);
    Place place{0, system_.first(random), {}};
    place.coming.push_back(system_.shown(place.state));
    while (place.coming.size() <= ahead_) {
      system_.advance(place.state);
      place.coming.push_back(system_.shown(place.state));
    }
    return place;
  }
  void show_next(Place& place) const {
    system_.advance(place.state);
    std::rotate(place.coming.begin(), place.coming.begin() + 1, place.coming.end());
    place.coming.back() = system_.shown(place.state);
  }

  std::string summary_;
  System system_;
  std::size_t ahead_;
  std::uint64_t seed_;
  Walks<Place> walks_;
};

/// How far ahead a forecast is: an option of each such task.
constexpr Option ahead_option = {.key = "ahead",
                                 .type = OptionType::integer,
                                 .fallback = "1",
                                 .low = 1,
                                 .high = 1000,
                                 .unit = "steps",
                                 .help = "how many steps later the target is"};

}  // namespace chronograd
