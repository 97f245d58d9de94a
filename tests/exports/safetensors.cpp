// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "chronograd/array.hpp"
#include "exports/small_run.hpp"

namespace chronograd {
namespace {

using nlohmann::json;

/// Elements of a tensor as double.
template <class T>
std::vector<double> elements(const std::string& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return {values.begin(), values.end()};
}

/// Arrays of four types: parameters, masks, names of classes, scales.
TEST(Safetensors, HoldsEveryArrayAligned) {
  const Folder folder;
  std::ofstream table(folder / "d.csv");
  table << "a,b,c\n";
  for (int i = 0; i < 30; ++i) table << i % 7 << "," << i % 3 << "," << (i % 2 == 0 ? "even" : "odd") << "\n";
  table.close();
  std::ofstream(folder / "c.toml") << "[model]\ncell='gru'\nhidden=3\n[loss]\nname='cross_entropy'\n[rule]\n"
                                      "name='bptt'\n[data]\ntrain='d.csv'\ntargets=['c']\nstandardize='inputs'\n";
  ASSERT_THAT(run_in(folder, "train c.toml --quiet --out run"), ExitsWith(0));
  ASSERT_THAT(run_in(folder, "export run --to safetensors"), ExitsWith(0));

  const std::string bytes = read_text(folder / "run/model.safetensors");
  std::uint64_t length = 0;
  ASSERT_GE(bytes.size(), sizeof(length));
  std::memcpy(&length, bytes.data(), sizeof(length));
  EXPECT_EQ(length % 8, 0U);
  const json header = json::parse(bytes.substr(8, length));
  const std::string numbers = bytes.substr(8 + length);
  const Arrays arrays = read_npz((folder / "run/params.npz").string());
  EXPECT_EQ(header.size(), arrays.size() + 1);
  EXPECT_EQ(header["__metadata__"]["config"], read_text(folder / "run/resolved.json"));
  std::size_t covered = 0;
  std::set<std::string> types;
  for (const auto& [name, array] : arrays) {
    const json& facts = header.at(name);
    EXPECT_EQ(facts["shape"], json(array.shape));
    const std::size_t first = facts["data_offsets"][0], last = facts["data_offsets"][1];
    const std::string type = facts["dtype"], part = numbers.substr(first, last - first);
    const std::size_t size = type == "U8" ? 1 : type == "F32" ? 4 : 8;
    EXPECT_EQ(first % size, 0U) << name;
    covered += last - first;
    types.insert(type);
    const std::vector<double> found = type == "U8"    ? elements<std::uint8_t>(part)
                                      : type == "F32" ? elements<float>(part)
                                      : type == "F64" ? elements<double>(part)
                                                      : elements<std::int64_t>(part);
    ASSERT_EQ(found.size(), array.size()) << name;
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], array.at(i)) << name;
  }
  EXPECT_EQ(covered, numbers.size()) << "no hole and no overlap";
  EXPECT_GE(types.size(), 3U);
}

}  // namespace
}  // namespace chronograd
