// SPDX-License-Identifier: Apache-2.0
// mpirun -np N bench_tree_sum [SHARDS] [NUMBERS] [ROUNDS]: the sum of shards' gradients in an order that does not
// depend on N (src/ranks/tree_sum.hpp), beside each rank's own sum and MPI_Allreduce, whose order does. In turns; the
// median of each, in ms. What each rank sums by itself is part of both.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include "ranks/tree_sum.hpp"

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "chronograd/random.hpp"
#include "ranks/launcher.hpp"
#include "training/shard_sum.hpp"

namespace {

using namespace chronograd;  // NOLINT(google-build-using-namespace)

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Work>
double milliseconds(World& world, const Work& work) {
  world.meet();
  const auto begun = std::chrono::steady_clock::now();
  work();
  return 1e3 * std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace

int main(int count, char** words) {
  const auto word = [&](int i, int otherwise) { return count > i ? std::atoi(words[i]) : otherwise; };
  const int shards = word(1, 8), numbers = word(2, 1000000), rounds = word(3, 31);
  const std::unique_ptr<World> world = open_world(60);
  const Division division{shards, world->size()};
  const int first = division.begin(world->rank()), end = division.end(world->rank());
  Random random(static_cast<std::uint64_t>(world->rank()), Draw::data);
  std::vector<Buffer<float>> drawn(static_cast<std::size_t>(end - first)), grads(drawn.size());
  for (std::size_t s = 0; s < drawn.size(); ++s) {
    drawn[s].resize(static_cast<std::size_t>(numbers));
    grads[s].resize(static_cast<std::size_t>(numbers));
    for (float& number : drawn[s].span()) number = static_cast<float>(random.normal());
  }
  std::vector<float> reduced(static_cast<std::size_t>(numbers));
  const auto grad = [&](int s) -> Buffer<float>& { return grads[static_cast<std::size_t>(s - first)]; };
  std::vector<double> tree, reduce;
  for (int round = 0; round < rounds; ++round) {
    const auto copy = [&] {
      for (std::size_t s = 0; s < drawn.size(); ++s) std::copy_n(drawn[s].data(), drawn[s].size(), grads[s].data());
    };
    copy();
    tree.push_back(milliseconds(*world, [&] {
      sum_shards<float>(shards, grad, first, end);
      finish_sum<float>(*world, division, grad);
    }));
    copy();
    reduce.push_back(milliseconds(*world, [&] {
      for (int s = first + 1; s < end; ++s) kernels<float>().add(numbers, grad(s).data(), grad(first).data());
      MPI_Allreduce(grad(first).data(), reduced.data(), numbers, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }));
  }
  if (world->first())
    std::printf("%d ranks, %d shards, %d numbers: tree %.2f ms, MPI_Allreduce %.2f ms, %.2f times\n", world->size(),
                shards, numbers, median_of(tree), median_of(reduce), median_of(tree) / median_of(reduce));
  return 0;
}
