// SPDX-License-Identifier: Apache-2.0
#include "checking/step_of_now.hpp"

#include <utility>

namespace chronograd::checking {
namespace {

constexpr std::size_t none = ~std::size_t{0};

/// Slope of state r by what a bias (d) is added to, from below or from before (gru's candidate takes them apart): the
/// derivative by that bias, which depends on the step alone.
double gain(const Layout& layout, const LinearStep& linear, int r, std::size_t bias) {
  return linear.influence[r * layout.p + bias + r % layout.d];
}

/// The same of a cell without biases, by what may be added to pre-activation g.
double driven(const Layout& layout, const LinearStep& linear, int r, int g) {
  const int d = layout.d;
  return linear.drive[(r * layout.layers + layout.layer_of_state(r)) * 2 * d + g * d + r % d];
}

/// The matrices (d, n) through which a layer reads, and the bias beside each; `none`: there is none, and the slope is
/// that by what may be added, in the order of the matrices.
std::vector<std::pair<std::size_t, std::size_t>> inputs(const Layout& layout, int layer) {
  const Layout::Places& place = layout.places[layer];
  const std::size_t d = layout.d, size = d * layout.inputs(layer);
  if (layout.cell == CellKind::lru)
    return {{place.W_in, place.W_in + 2 * size}, {place.W_in + size, place.W_in + 2 * size + d}};
  if (layout.cell == CellKind::lru_real) return {{place.W_in, place.b_rec}};
  if (layout.cell == CellKind::rtu) return {{place.W_in, none}, {place.W_in + size, none}};
  if (layout.cell == CellKind::alif) return {{place.W_in, none}};
  std::vector<std::pair<std::size_t, std::size_t>> found;
  if (layout.cell == CellKind::elstm)
    for (int g = 0; g < 3; ++g) found.emplace_back(place.W_in + g * size, place.b_in + g * d);
  else
    for (int g = 0; g < layout.gates; ++g) found.emplace_back(place.W_in + g * size, place.b_in + g * d);
  return found;
}

/// Adds to each layer's rows what comes in the same step from the h of the layer below, through W_in.
void pass_up(const Layout& layout, const Vector& theta, const LinearStep& linear, int cols, Vector& rows) {
  const int d = layout.d, read = layout.shown_width();
  for (int r = layout.first(1); r < layout.width(); ++r) {
    const int layer = layout.layer_of_state(r);
    int which = 0;
    for (const auto& [weights, bias] : inputs(layout, layer)) {
      const double own = bias == none ? driven(layout, linear, r, which++) : gain(layout, linear, r, bias);
      for (int j = 0; j < read; ++j) {
        const double slope = own * theta[weights + r % d * read + j];
        for (int c = 0; c < cols; ++c) rows[r * cols + c] += slope * rows[(layout.first(layer - 1) + j) * cols + c];
      }
    }
  }
}

}  // namespace

Vector jacobian_of_now(const Layout& layout, const Vector& theta, const LinearStep& linear, bool cut) {
  const int width = layout.width(), d = layout.d;
  Vector J(width * width, 0.0);
  for (int r = 0; !cut && r < width; ++r) {
    const int layer = layout.layer_of_state(r), first = layout.first(layer);
    for (int s = first + r % d; s < first + layout.states * d; s += d) J[r * width + s] = linear.direct[r * width + s];
    // A unit that does not read itself has an effect on itself through its h that is not of its weights: the reset.
    if (layout.cell == CellKind::alif) J[r * width + first + r % d] += linear.recurrent[r * width + first + r % d];
    for (int g = 0; layout.recurs && g < layout.gates; ++g) {
      const double own =
          layout.driven() ? driven(layout, linear, r, g) : gain(layout, linear, r, layout.places[layer].b_rec + g * d);
      for (int l = 0; l < d; ++l)
        J[r * width + first + l] += own * theta[layout.places[layer].W_rec + (g * d + r % d) * d + l];
    }
  }
  pass_up(layout, theta, linear, width, J);
  return J;
}

Vector influence_of_now(const Layout& layout, const Vector& theta, const LinearStep& linear) {
  const int p = static_cast<int>(layout.p);
  const std::vector<Layout::Target> target = layout.targets();
  Vector own = linear.influence;
  for (int r = 0; r < layout.width(); ++r)
    for (int k = 0; k < p; ++k)
      if (target[k].layer != layout.layer_of_state(r)) own[r * p + k] = 0;
  pass_up(layout, theta, linear, p, own);
  return own;
}

}  // namespace chronograd::checking
