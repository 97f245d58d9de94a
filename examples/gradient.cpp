// SPDX-License-Identifier: Apache-2.0
// The gradient of one's own numbers, computed backwards in time (bptt) and forwards (rtrl): they are the same.
#include <algorithm>
#include <chronograd/data.hpp>
#include <chronograd/gradient.hpp>
#include <chronograd/train.hpp>
#include <cmath>
#include <cstdio>

namespace cg = chronograd;

int main() {
  constexpr std::size_t steps = 20;
  double x[steps], y[steps];
  for (std::size_t t = 0; t < steps; ++t) x[t] = std::sin(0.5 * double(t)), y[t] = std::cos(0.5 * double(t));

  const cg::Config config = cg::Config::parse(
      "dtype = 'float64'\n[model]\ncell = 'gru'\nhidden = 8\n[loss]\nname = 'mse'\n[rule]\nname = 'bptt'\n"
      "[train]\nepochs = 1\n",
      "here");
  cg::RowsView rows;
  rows.x = cg::ArrayView::of(x, {1, steps, 1});  // streams, steps, features; not copied
  rows.y = cg::ArrayView::of(y, {1, steps, 1});
  const auto task = cg::make_array_task(config, rows);
  const cg::Arrays weights = cg::train(config, *task).parameters;

  const cg::Arrays backwards = cg::gradient(config, *task, weights, "the weights");
  const cg::Config online = config.with_method("rtrl").with({"update.every=1"});  // nothing of the future is known
  const cg::Arrays forwards = cg::gradient(online, *task, weights, "the weights");
  double apart = 0;
  for (const auto& [name, gradient] : backwards)
    for (std::size_t i = 0; i < gradient.size(); ++i)
      apart = std::max(apart, std::fabs(gradient.at(i) - forwards.at(name).at(i)));
  std::printf("loss %.6f, largest difference between the two gradients %.1e\n", backwards.at("loss").at(0), apart);
  return apart < 1e-12 ? 0 : 1;
}
