// SPDX-License-Identifier: Apache-2.0
// What ranks say to each other. mpirun starts some of these; each runs all tests, and fails if one of them does.
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <thread>

#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "ranks/launcher.hpp"
#include "ranks/tree_sum.hpp"
#include "training/shard_sum.hpp"

namespace chronograd {
namespace {

std::unique_ptr<World> world;

/// Numbers of very different sizes: sums in another order have other bits.
std::vector<Buffer<float>> drawn_shards(int shards, std::size_t size) {
  Random random(5, Draw::data);
  std::vector<Buffer<float>> grads(static_cast<std::size_t>(shards));
  for (Buffer<float>& grad : grads) {
    grad.resize(size);
    for (float& number : grad.span()) number = static_cast<float>(random.normal() * (random.sign() > 0 ? 1e4 : 1e-3));
  }
  return grads;
}

TEST(Ranks, SumShardsToTheBitsOfOneProcess) {
  for (int shards = world->size(); shards <= 17; ++shards)
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}}) {
      std::vector<Buffer<float>> alone = drawn_shards(shards, size), shared = drawn_shards(shards, size);
      sum_shards<float>(shards, [&](int s) -> Buffer<float>& { return alone[static_cast<std::size_t>(s)]; });
      const Division division{shards, world->size()};
      const int first = division.begin(world->rank()), end = division.end(world->rank());
      const auto own = [&](int s) -> Buffer<float>& {
        EXPECT_TRUE(s >= first && s < end) << "shard " << s << " is another rank's";
        return shared[static_cast<std::size_t>(s)];
      };
      sum_shards<float>(shards, own, first, end);
      finish_sum<float>(*world, division, own);
      for (std::size_t i = 0; i < size; ++i)
        ASSERT_EQ(shared[static_cast<std::size_t>(first)][i], alone[0][i]) << shards << " shards, number " << i;
    }
}

TEST(Ranks, SubtreesCoverEachRanksPartsAndNoOthers) {
  for (int shards = 1; shards <= 40; ++shards)
    for (int ranks = 1; ranks <= shards; ++ranks) {
      const Division division{shards, ranks};
      EXPECT_EQ(division.begin(0), 0);
      EXPECT_EQ(division.end(ranks - 1), shards);
      for (int r = 0; r < ranks; ++r) {
        ASSERT_LT(division.begin(r), division.end(r));
        const std::vector<int> subtrees = division.subtrees(r);
        EXPECT_EQ(subtrees.front(), division.begin(r));
        EXPECT_LT(subtrees.back(), division.end(r));
      }
    }
}

TEST(Ranks, SayAndGatherTexts) {
  const std::string mine =
      "rank " + std::to_string(world->rank()) + std::string(static_cast<std::size_t>(world->rank()), '.');
  const std::vector<std::string> all = world->gathered(mine);
  EXPECT_EQ(all.size(), world->first() ? static_cast<std::size_t>(world->size()) : 0);
  for (std::size_t r = 0; r < all.size(); ++r) EXPECT_EQ(all[r], "rank " + std::to_string(r) + std::string(r, '.'));
  EXPECT_EQ(world->said(world->first() ? "first" : "another"), "first");
  EXPECT_EQ(world->said(""), "");
  for (int r = 0; r < world->size(); ++r) EXPECT_TRUE(world->any(world->rank() == r));
  EXPECT_FALSE(world->any(false));
  for (int r = 0; r < world->size(); ++r) EXPECT_FALSE(world->host(r).empty());
}

TEST(Ranks, SharePartsOfAnySize) {
  std::vector<std::size_t> sizes;
  for (int r = 0; r < world->size(); ++r)
    sizes.push_back(r == 1 ? 0 : static_cast<std::size_t>(3 * r + 300000 * (r % 3)));
  const std::size_t total = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  std::vector<char> all(total, 'x'), expected;
  for (int r = 0; r < world->size(); ++r)
    expected.insert(expected.end(), sizes[static_cast<std::size_t>(r)], static_cast<char>('a' + r));
  const std::size_t before = std::accumulate(sizes.begin(), sizes.begin() + world->rank(), std::size_t{0});
  std::copy_n(expected.begin() + static_cast<std::ptrdiff_t>(before), sizes[static_cast<std::size_t>(world->rank())],
              all.begin() + static_cast<std::ptrdiff_t>(before));
  world->share_parts(all.data(), sizes);
  EXPECT_TRUE(all == expected);
}

// The last test: the first rank, which nobody answers, must say whom it waits for. Nobody knows how long a machine at
// work takes, so that only the least time is looked at.
TEST(Ranks, ALateRankIsNamed) {
  if (world->size() == 1) GTEST_SKIP() << "nobody is late";
  constexpr double timeout = 0.2;
  char byte = 0;
  World::Exchange exchange(*world);
  if (world->first()) {
    world->allow(timeout);
    exchange.receive(world->size() - 1, &byte, 1);
    const auto begun = std::chrono::steady_clock::now();
    try {
      exchange.wait();
      FAIL() << "got a byte that nobody had sent yet";
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.code(), Exit::failed);
      EXPECT_NE(text.find("[rank 0] got nothing from rank " + std::to_string(world->size() - 1) + " on "),
                std::string::npos)
          << text;
      EXPECT_NE(text.find("--resume"), std::string::npos) << text;
      EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::duration<double>(timeout));
    }
    world->allow(60);
    exchange.wait();  // it comes after all
    EXPECT_EQ(byte, 'b');
  } else if (world->rank() == world->size() - 1) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    byte = 'b';
    exchange.send(0, &byte, 1);
    exchange.wait();
  }
  world->meet();
}

}  // namespace
}  // namespace chronograd

int main(int count, char** words) {
  testing::InitGoogleTest(&count, words);
  chronograd::world = chronograd::open_world(60);
  const int code = RUN_ALL_TESTS();
  chronograd::world.reset();
  return code;
}
