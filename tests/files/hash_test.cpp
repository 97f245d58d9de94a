// SPDX-License-Identifier: Apache-2.0
#include "files/hash.hpp"

#include "files/files.hpp"

namespace chronograd {
namespace {

// The vectors of FIPS 180-4.
TEST(Hash, KnownValues) {
  const Folder folder;
  testing::put(folder / "empty", "");
  testing::put(folder / "abc", "abc");
  testing::put(folder / "million", std::string(1000000, 'a'));
  EXPECT_EQ(sha256_of_file(folder / "empty"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of_file(folder / "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of_file(folder / "million"), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, RefusesWhatIsNoFile) {
  const Folder folder;
  EXPECT_THAT(testing::data_error([&] { sha256_of_file(folder / "none"); }),
              ::testing::HasSubstr("none] no such file"));
  EXPECT_THAT(testing::data_error([&] { sha256_of_file(folder / "."); }), ::testing::HasSubstr("got a folder"));
  EXPECT_THAT(testing::data_error([&] { sha256_of_file("/dev/zero"); }),
              ::testing::HasSubstr("got a pipe or a device"));
}

}  // namespace
}  // namespace chronograd
