// SPDX-License-Identifier: Apache-2.0
// Forecasts of Mackey and Glass's equation, whose slope depends on what was a while ago.
#include "tasks/forecast.hpp"

namespace chronograd::entries {
namespace {

constexpr double part = 0.1;  // of time, in which one step of Runge and Kutta is made

struct System {
  struct State {
    std::vector<double> past;  ///< a ring, `part` apart
    std::size_t oldest = 0;
    double x = 0;
  };
  int delay, parts;  ///< in units of `part`: tau, and the time of a step

  State first(Random& random) const {
    constexpr double settled = 1000;
    State state;
    state.x = 1.2 + 0.1 * random.normal();
    state.past.assign(static_cast<std::size_t>(delay), state.x);
    for (double time = 0; time < settled; time += part) runge_kutta(state);
    return state;
  }
  void advance(State& state) const {
    for (int i = 0; i < parts; ++i) runge_kutta(state);
  }
  /// About mean 0 and variance 1 for tau = 17.
  double shown(const State& state) const { return (state.x - 0.93) / 0.23; }

 private:
  static double slope(double x, double delayed) { return 0.2 * delayed / (1 + std::pow(delayed, 10)) - 0.1 * x; }
  static void runge_kutta(State& s) {
    const std::size_t next = (s.oldest + 1) % s.past.size();
    // With a delay of one part the next value is the present one.
    const double then = s.past[s.oldest], later = s.past.size() > 1 ? s.past[next] : s.x, between = (then + later) / 2;
    const double a = slope(s.x, then), b = slope(s.x + part / 2 * a, between), c = slope(s.x + part / 2 * b, between),
                 d = slope(s.x + part * c, later);
    s.past[s.oldest] = s.x;
    s.oldest = next;
    s.x += part / 6 * (a + 2 * b + 2 * c + d);
  }
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  const auto parts = [&](const char* key) {
    return std::max(1, static_cast<int>(std::lround(options.number(key) / part)));
  };
  return std::make_unique<Forecast<System>>("mackey_glass: Mackey and Glass's equation",
                                            System{parts("tau"), parts("dt")}, options.integer("ahead"), seed);
}

constexpr Option options[] = {
    {.key = "tau",
     .type = OptionType::number,
     .fallback = "17.0",
     .low = part,
     .high = 1000,
     .unit = "of the system's time",
     .help = "its delay, a multiple of 0.1"},
    {.key = "dt",
     .type = OptionType::number,
     .fallback = "3.0",
     .low = part,
     .high = 1000,
     .unit = "of the system's time",
     .help = "time of a step, a multiple of 0.1"},
    ahead_option,
};

}  // namespace

extern const TaskRecord task_mackey_glass;
const TaskRecord task_mackey_glass = {
    .entry = {.name = "mackey_glass",
              .title = "forecast an equation with a delay",
              .text =
                  "dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x; the input is (x - 0.93)/0.23, the target the "
                  "same some steps later, for mse. Runge and Kutta's steps of 0.1; each row begins elsewhere. Reading "
                  "a row elsewhere than where it was left walks there from its start.",
              .cite = "mackey1977oscillation",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
