// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "chronograd/buffer.hpp"
#include "math/kernels.hpp"
#include "ranks/world.hpp"

namespace chronograd {

/// Which of `parts` parts each rank has: neighbours, as equally many as can be.
struct Division {
  int parts, ranks;
  int begin(int rank) const { return static_cast<int>(std::int64_t{parts} * rank / ranks); }
  int end(int rank) const { return begin(rank + 1); }
  /// The largest aligned parts of the binary tree over all numbers that lie within a rank's: where they begin.
  std::vector<int> subtrees(int rank) const;
};

/// Ends the sum of a binary tree over all parts, (0 + 1) + (2 + 3), of which each rank has summed its subtrees:
/// `grad(s)` is the Buffer<T>& of the subtree that begins with s, all of one size. Each rank ends the sum of a slice of
/// the numbers, so that all of them work and no number goes over the network more often than it must. The sum is in
/// grad(begin of this rank's parts), in every rank, with the bits that one process comes to.
template <class T, class Gradient>
void finish_sum(World& world, const Division& division, const Gradient& grad) {
  const int ranks = world.size(), own = world.rank();
  Buffer<T>& sum = grad(division.begin(own));
  const auto size = static_cast<std::int64_t>(sum.size());
  const auto slice = [&](int r) { return static_cast<std::size_t>(size * r / ranks); };
  const std::size_t begin = slice(own), width = slice(own + 1) - begin;
  std::size_t others = 0;
  for (int r = 0; r < ranks; ++r) others += r == own ? 0 : division.subtrees(r).size();
  Buffer<T> received(others * width);
  std::vector<T*> at(static_cast<std::size_t>(division.parts));  // where a subtree's slice is; null: within another one
  World::Exchange exchange(world);
  T* next = received.data();
  for (int r = 0; r < ranks; ++r)
    for (const int part : division.subtrees(r)) {
      at[static_cast<std::size_t>(part)] = r == own ? grad(part).data() + begin : next;
      if (r == own) continue;
      exchange.receive(r, next, width * sizeof(T));
      next += width;
    }
  for (int r = 0; r < ranks; ++r)
    for (const int part : division.subtrees(own))
      if (r != own) exchange.send(r, grad(part).data() + slice(r), (slice(r + 1) - slice(r)) * sizeof(T));
  exchange.wait();
  for (int apart = 1; apart < division.parts; apart *= 2)
    for (int s = 0; s + apart < division.parts; s += 2 * apart)
      if (T*& from = at[static_cast<std::size_t>(s + apart)]; from != nullptr) {
        kernels<T>().add(static_cast<int>(width), from, at[static_cast<std::size_t>(s)]);
        from = nullptr;
      }
  if (at[0] != sum.data() + begin) std::copy_n(at[0], width, sum.data() + begin);
  std::vector<std::size_t> sizes;
  for (int r = 0; r < ranks; ++r) sizes.push_back((slice(r + 1) - slice(r)) * sizeof(T));
  world.share_parts(sum.data(), sizes);
}

}  // namespace chronograd
