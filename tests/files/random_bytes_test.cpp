// SPDX-License-Identifier: Apache-2.0
// Random damage to good files: either what is claimed is there, or an error says that it is not.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "chronograd/array.hpp"
#include "files/archives.hpp"
#include "fuzz/entries.hpp"

namespace chronograd {
namespace {

using testing::big;
using testing::deflated;
using testing::dict;
using testing::little;
using testing::npy;

/// A good file, cut at a random place or not, with up to four bytes changed.
std::string damaged(const std::vector<std::string>& files) {
  std::string bytes = *rc::gen::elementOf(files);
  if (*rc::gen::arbitrary<bool>()) bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  const int flips = *rc::gen::inRange(0, 5);
  for (int i = 0; i < flips && !bytes.empty(); ++i)
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  return bytes;
}

std::vector<std::string> npy_files() {
  return {npy(dict("<f8", "(2, 2)", "True"), std::string(32, 'x')), npy(dict(">u2", "(3,)"), "abcdef", 2),
          npy(dict("|b1", "()"), "\1", 3), npy(dict("<U1", "()"), little('a', 4))};
}

RC_GTEST_PROP(RandomBytes, Npy, ()) {
  RC_ASSERT(npy_is_safe(damaged(npy_files())));
}

RC_GTEST_PROP(RandomBytes, Npz, ()) {
  const auto files = npy_files();
  RC_ASSERT(npz_is_safe(damaged({testing::zip({{"a.npy", files[0]}, {"b.npy", files[1]}}),
                                 testing::zip({{"a.npy", files[0], true}, {"t.npy", files[3]}}),
                                 testing::zip({{.name = "a.npy", .bytes = files[0], .zip64 = true}})})));
}

RC_GTEST_PROP(RandomBytes, Idx, ()) {
  const std::string images = big(0x0803, 4) + big(2, 4) + big(1, 4) + big(3, 4) + "abcdef";
  RC_ASSERT(idx_is_safe(damaged({images, deflated(images, 31)})));
}

RC_GTEST_PROP(RandomBytes, Csv, ()) {
  const std::string table = "\"a\",b,c\r\n1,x,\"2,5\"\r\n3,,4e1\n\n5,y,NaN";
  RC_ASSERT(csv_is_safe(damaged({table, "1,2\n2,3\n1,4\n", deflated(table, 31)})));
}

RC_GTEST_PROP(RandomBytes, Text, ()) {
  const std::string text =
      "\xef\xbb\xbf"
      "a\xc3\xa9\xe2\x80\x94\n\xf0\x9f\x90\x8b";
  RC_ASSERT(text_is_safe(damaged({text, deflated(text, 31)})));
}

RC_GTEST_PROP(RandomBytes, AnyShapeAndValuesComeBack, ()) {
  const auto shape = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 4));
  RC_PRE(shape.size() <= 6U);
  Array array;
  array.shape = shape;
  array.f64 = *rc::gen::container<std::vector<double>>(array.size(), rc::gen::arbitrary<double>());
  const Folder folder;
  write_npz(folder / "a.npz", {{"x", array}});
  const Array back = read_npz(folder / "a.npz").at("x");
  RC_ASSERT(back.shape == array.shape);
  RC_ASSERT(back.f64 == array.f64);
}

}  // namespace
}  // namespace chronograd
