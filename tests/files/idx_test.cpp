// SPDX-License-Identifier: Apache-2.0
#include "files/idx.hpp"

#include "files/archives.hpp"

namespace chronograd {
namespace {

using testing::big;
using testing::data_error;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string images = big(0x0803, 4) + big(2, 4) + big(1, 4) + big(3, 4) + std::string("\0\1\2\3\4\xff", 6);

void expect_images(const Array& array) {
  EXPECT_EQ(array.dtype, Dtype::u8);
  EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 1, 3}));
  EXPECT_EQ(array.u8, (std::vector<std::uint8_t>{0, 1, 2, 3, 4, 255}));
}

TEST(Idx, PlainAndGzipped) {
  const Folder folder;
  testing::put(folder / "plain", images);
  testing::put(folder / "zipped.gz", testing::deflated(images, 31));
  expect_images(read_idx(folder / "plain"));
  expect_images(read_idx(folder / "zipped.gz"));
  const std::string two_streams = testing::deflated(images.substr(0, 9), 31) + testing::deflated(images.substr(9), 31);
  expect_images(parse_idx(two_streams, "two"));
}

TEST(Idx, LargerThanOneBlock) {
  const std::string content = std::string(3000000, 'x') + "y";
  const std::string file = big(0x0801, 4) + big(content.size(), 4) + content;
  for (const std::string& bytes : {file, testing::deflated(file, 31)}) {
    const Array array = parse_idx(bytes, "large");
    ASSERT_EQ(array.u8.size(), content.size());
    EXPECT_EQ(array.u8[2999999], 'x');
    EXPECT_EQ(array.u8[3000000], 'y');
  }
}

TEST(Idx, NothingInside) {
  EXPECT_EQ(parse_idx(big(0x0802, 4) + big(0, 4) + big(28, 4), "none").shape, (std::vector<std::size_t>{0, 28}));
}

TEST(Idx, RefusesWhatIsMalformed) {
  const std::string zipped = testing::deflated(images, 31);
  std::string wrong_crc = zipped;
  wrong_crc[wrong_crc.size() - 8] ^= 1;
  std::string many_dimensions = big(0x0821, 4);
  for (int i = 0; i < 33; ++i) many_dimensions += big(1, 4);
  std::string overflow = big(0x0804, 4);
  for (int i = 0; i < 4; ++i) overflow += big(0xffffffffU, 4);
  const struct {
    const char* name;
    std::string bytes;
    const char* text;
  } cases[] = {
      {"empty", "", "ends inside its IDX header"},
      {"not idx", "hello world", "does not start with two zero bytes"},
      {"floats", big(0x0D01, 4) + big(1, 4) + big(0, 4), "got IDX elements of type 13, allowed is 8"},
      {"no dimension", big(0x0800, 4) + "x", "got 0 dimensions, allowed are 1 to 32"},
      {"33 dimensions", many_dimensions, "got 33 dimensions"},
      {"overflow", overflow, "claims more than 2^64 bytes"},
      {"claims 2^62 bytes", big(0x0802, 4) + big(0x80000000U, 4) + big(0x80000000U, 4) + "abc",
       "claims 4611686018427387904 bytes (shape (2147483648, 2147483648)), allowed are the 3 that follow it"},
      {"the same, gzipped", testing::deflated(big(0x0802, 4) + big(0x80000000U, 4) + big(0x80000000U, 4) + "abc", 31),
       "allowed are the 3"},
      {"truncated", images.substr(0, images.size() - 1), "claims 6 bytes (shape (2, 1, 3)), allowed are the 5"},
      {"left over", images + "z", "allowed are the exactly as many"},
      {"left over, gzipped", testing::deflated(images + "z", 31), "allowed are the exactly as many"},
      {"bomb", testing::deflated(images + std::string(1000000, 'z'), 31), "allowed are the exactly as many"},
      {"garbage after gzip", zipped + "garbage", "got 7 bytes after the end of the gzip stream"},
      {"wrong checksum", wrong_crc, "incorrect data check"},
      {"truncated gzip", zipped.substr(0, zipped.size() - 4), "gzip stream that ends too early"},
      {"broken gzip", std::string("\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff\xff", 13), "got a broken gzip stream"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string text = data_error([&] { parse_idx(c.bytes, "f.idx"); });
    EXPECT_THAT(text, StartsWith("[f.idx] got "));
    EXPECT_THAT(text, HasSubstr(c.text));
  }
}

TEST(Idx, RefusesEveryTruncation) {
  for (const std::string& file : {images, testing::deflated(images, 31)})
    for (std::size_t size = 0; size < file.size(); ++size) {
      SCOPED_TRACE(size);
      data_error([&] { parse_idx(std::string_view(file).substr(0, size), "f.idx"); });
    }
}

TEST(Idx, RefusesWhatIsNoFile) {
  const Folder folder;
  EXPECT_THAT(data_error([&] { read_idx(folder / "none"); }), HasSubstr("none] no such file"));
  EXPECT_THAT(data_error([&] { read_idx(folder / "."); }), HasSubstr("got a folder, allowed is a plain file"));
}

}  // namespace
}  // namespace chronograd
