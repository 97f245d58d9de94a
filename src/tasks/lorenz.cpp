// SPDX-License-Identifier: Apache-2.0
// Forecasts of Lorenz's system from one of its three numbers.
#include <array>

#include "tasks/forecast.hpp"

namespace chronograd::entries {
namespace {

struct System {
  using State = std::array<double, 3>;
  double dt;  ///< of a step

  State first(Random& random) const {
    constexpr double settled = 50;
    State state = {1 + 0.1 * random.normal(), 1, 20};
    for (double time = 0; time < settled; time += dt) advance(state);
    return state;
  }
  void advance(State& state) const {
    const int parts = static_cast<int>(std::ceil(dt / 0.01));  // of a length at which the error is far below a step's
    for (int part = 0; part < parts; ++part) runge_kutta(state, dt / parts);
  }
  double shown(const State& state) const { return state[0] / 8; }

 private:
  static State slope(const State& s) {
    return {10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8.0 / 3 * s[2]};
  }
  static State moved(const State& s, const State& slope, double by) {
    return {s[0] + by * slope[0], s[1] + by * slope[1], s[2] + by * slope[2]};
  }
  static void runge_kutta(State& s, double h) {
    const State a = slope(s), b = slope(moved(s, a, h / 2)), c = slope(moved(s, b, h / 2)), d = slope(moved(s, c, h));
    for (std::size_t i = 0; i < 3; ++i) s[i] += h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
  }
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Forecast<System>>("lorenz: the first number of Lorenz's system", System{options.number("dt")},
                                            options.integer("ahead"), seed);
}

constexpr Option options[] = {
    {.key = "dt",
     .type = OptionType::number,
     .fallback = "0.05",
     .low = 1e-4,
     .high = 1,
     .unit = "of the system's time",
     .help = "time of a step"},
    ahead_option,
};

}  // namespace

extern const TaskRecord task_lorenz;
const TaskRecord task_lorenz = {
    .entry = {.name = "lorenz",
              .title = "forecast a chaotic flow from one of its three numbers",
              .text =
                  "dx/dt = 10 (y - x), dy/dt = x (28 - z) - y, dz/dt = x y - 8/3 z; the input is x/8, the target the "
                  "same some steps later, for mse. Runge and Kutta's steps of at most 0.01; each row begins elsewhere "
                  "on the attractor. Reading a row elsewhere than where it was left walks there from its start.",
              .cite = "lorenz1963deterministic",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
