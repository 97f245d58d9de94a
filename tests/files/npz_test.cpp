// SPDX-License-Identifier: Apache-2.0
#include "files/npz.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "files/archives.hpp"

namespace chronograd {
namespace {

using testing::data_error;
using testing::dict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::little;
using testing::npy;
using ::testing::StartsWith;
using testing::zip;

const std::string pair = npy(dict("<i8", "(2,)"), little(5, 8) + little(6, 8));
const std::string text = npy(dict("<U1", "()"), little('a', 4));
const std::string pickle = npy(dict("|O", "()"), "cos\nsystem\n(S'true'\ntR.");

const std::string records =
    npy("{'descr': [('a', '<i4'), ('b]', [('c', '<f4', (2, 3))])], 'fortran_order': False, 'shape': (1,), }",
        std::string(28, '\0'));

Arrays examples() {
  Arrays arrays;
  arrays["f"] = Array::of({2, 3}, std::vector<float>{1, 2, 3, 4, 5, -6.5F});
  arrays["d"] = Array::of({}, std::vector<double>{0.1});
  arrays["i"] = Array::of({2}, std::vector<std::int64_t>{INT64_MIN, INT64_MAX});
  arrays["none"] = Array::of({0, 7}, std::vector<float>{});
  arrays["a folder/\xc3\xa9.npy"] = Array::of({1}, std::vector<double>{4});
  return arrays;
}

TEST(Npz, ReadsWhatItWrote) {
  const Folder folder;
  const Arrays arrays = examples();
  write_npz(folder / "a.npz", arrays);
  std::vector<std::string> skipped{"left from before"};
  const Arrays back = read_npz(folder / "a.npz", &skipped);
  EXPECT_THAT(skipped, ElementsAre());
  ASSERT_EQ(back.size(), arrays.size());
  for (const auto& [name, array] : arrays) {
    SCOPED_TRACE(name);
    ASSERT_EQ(back.count(name), 1U);
    EXPECT_EQ(back.at(name).dtype, array.dtype);
    EXPECT_EQ(back.at(name).shape, array.shape);
    EXPECT_EQ(back.at(name).f32, array.f32);
    EXPECT_EQ(back.at(name).f64, array.f64);
    EXPECT_EQ(back.at(name).i64, array.i64);
  }
  EXPECT_THAT(folder.names(), ElementsAre("a.npz")) << "no temporary file is left";
}

/// Writes a file from each of two threads at once; whether both could.
bool written_at_once(const Folder& folder) {
  std::atomic<int> ready = 0, written = 0;
  const auto write = [&](const char* name) {
    for (++ready; ready < 2;) {
    }
    write_npz(folder / name, {{"x", Array::of({}, std::vector<double>{1})}});
    ++written;
  };
  std::thread other(write, "a.npz");
  write("b.npz");
  other.join();
  return written == 2;
}

TEST(Npz, ThreadsMayWriteTheirFirstFilesAtOnce) {
  // Where this is all that the program does (as ctest starts it) 3 of 1000 processes failed without open_zip().
  const Folder folder;
  for (int process = 0; process < 1000; ++process) {
    const pid_t child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) _exit(written_at_once(folder) ? 0 : 1);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0) << "process " << process;
  }
}

TEST(Npz, BytesComeBackAsIntegers) {
  const Folder folder;
  Array bytes;
  bytes.dtype = Dtype::u8;
  bytes.shape = {3};
  bytes.u8 = {0, 1, 255};
  write_npz(folder / "a.npz", {{"u", bytes}});
  EXPECT_EQ(read_npz_array(folder / "a.npz", "u").i64, (std::vector<std::int64_t>{0, 1, 255}));
}

TEST(Npz, TheSameArraysGiveTheSameBytes) {
  const Folder folder;
  write_npz(folder / "a.npz", examples());
  write_npz(folder / "b.npz", examples());
  EXPECT_EQ(read_text(folder / "a.npz"), read_text(folder / "b.npz"));
}

TEST(Npz, NoArraysAtAll) {
  const Folder folder;
  write_npz(folder / "a.npz", {});
  EXPECT_EQ(read_npz(folder / "a.npz").size(), 0U);
}

TEST(Npz, StoredDeflatedAndZip64) {
  const Arrays arrays = parse_npz(
      zip({{"a.npy", pair}, {"b.npy", pair, true}, {.name = "c.npy", .bytes = pair, .zip64 = true}}), "f.npz");
  ASSERT_EQ(arrays.size(), 3U);
  for (const auto& [name, array] : arrays) EXPECT_EQ(array.i64, (std::vector<std::int64_t>{5, 6})) << name;
}

TEST(Npz, LargerThanOneBlock) {
  const std::string content = std::string(3000000, '\1') + std::string(1, '\2');
  const std::string member = npy(dict("|u1", "(3000001,)"), content);
  for (const bool deflate : {false, true}) {
    const Array array = parse_npz(zip({{"x.npy", member, deflate}}), "f.npz").at("x");
    ASSERT_EQ(array.i64.size(), 3000001U);
    EXPECT_EQ(array.i64[2999999], 1);
    EXPECT_EQ(array.i64[3000000], 2);
  }
}

TEST(Npz, NamesWhatIsLeftOut) {
  std::vector<std::string> skipped;
  const std::string bytes = zip({{"x.npy", pair},
                                 {"t.npy", text},
                                 {"o.npy", pickle},
                                 {"c.npy", npy(dict("<c8", "()"), "12345678")},
                                 {"r.npy", records},
                                 {"readme", "hello"},
                                 {"d/", ""}});
  EXPECT_EQ(parse_npz(bytes, "f.npz", &skipped).size(), 1U);
  EXPECT_THAT(skipped, ElementsAre("t", "o", "c", "r", "readme", "d/"));
  EXPECT_EQ(parse_npz(bytes, "f.npz").size(), 1U) << "and needs no list for it";
}

TEST(Npz, SaysWhatIsThereInsteadOfNumbers) {
  const Folder folder;
  testing::put(folder / "f.npz", zip({{"x.npy", pair}, {"o.npy", pickle}, {"r.npy", records}, {"mask", "hello"}}));
  const Arrays arrays = read_arrays(folder / "f.npz");
  ASSERT_EQ(arrays.size(), 4U);
  EXPECT_EQ(arrays.at("x").refusal, "");
  EXPECT_EQ(arrays.at("x").size(), 2U);
  EXPECT_THAT(arrays.at("o").refusal, StartsWith("got Python objects (a pickle), allowed are numbers."));
  EXPECT_THAT(arrays.at("o").refusal, HasSubstr("pad them to one array (B, T, n)"));
  EXPECT_THAT(arrays.at("r").refusal, StartsWith("got elements of the type records with fields"));
  EXPECT_THAT(arrays.at("mask").refusal, StartsWith("got a member that is no array"));
}

TEST(Npz, RefusesByNameWhatItLeavesOut) {
  const Folder folder;
  testing::put(folder / "f.npz", zip({{"x.npy", pair}, {"t.npy", text}, {"o.npy", pickle}}));
  const std::string path = folder / "f.npz";
  EXPECT_EQ(read_npz_array(path, "x").size(), 2U);
  EXPECT_THAT(data_error([&] { read_npz_array(path, "o"); }), HasSubstr("f.npz: o] got Python objects (a pickle)"));
  EXPECT_THAT(data_error([&] { read_npz_array(path, "o"); }), HasSubstr("never read"));
  EXPECT_THAT(data_error([&] { read_npz_array(path, "t"); }), HasSubstr("f.npz: t] got text"));
  EXPECT_THAT(data_error([&] { read_npz_array(path, "y"); }), HasSubstr("no array \"y\", the file has: x, t, o."));
}

TEST(Npz, RefusesWhatIsMalformed) {
  const std::string good = zip({{"x.npy", pair}});
  const std::string zeros = npy(dict("<i8", "(2,)"), std::string(10000000, '\0'));
  const std::uint64_t exabyte = std::uint64_t{1} << 60U;
  const std::string vast = npy(dict("|u1", std::string("(").append(std::to_string(exabyte)) + ",)"), "abc");
  const std::uint64_t vast_claim = exabyte + vast.size() - 3;
  std::string flipped = good;
  flipped[flipped.find("\x05", 80)] ^= 1;  // the first element
  std::string end_only = good.substr(good.size() - 22);
  const struct {
    const char* name;
    std::string bytes;
    const char* text;
  } cases[] = {
      {"empty", "", "[f.npz] got an empty file"},
      {"no archive", "hello world, this is not an archive at all", "[f.npz] got 'Not a zip archive'"},
      {"end record only", end_only, "[f.npz] got 'Zip archive inconsistent'"},
      {"bytes after it", good + "garbage", "[f.npz] got 'Zip archive inconsistent'"},
      {"wrong checksum", zip({{.name = "x.npy", .bytes = pair, .crc_flip = 1}}), "[f.npz: x] got 'CRC error'"},
      {"wrong checksum, deflated", zip({{.name = "x.npy", .bytes = pair, .deflate = true, .crc_flip = 1}}),
       "[f.npz: x] got 'CRC error'"},
      {"flipped element", flipped, "[f.npz: x] got 'CRC error'"},
      {"zip bomb", zip({{.name = "x.npy", .bytes = zeros, .deflate = true, .claim = pair.size()}}),
       "[f.npz: x] got more than the 84 bytes that the archive claims"},
      {"claims an exabyte", zip({{.name = "x.npy", .bytes = vast, .deflate = true, .claim = vast_claim}}),
       "[f.npz: x] got 89 bytes where the archive claims 1152921504606847062"},
      {"archive claims more than the header",
       zip({{.name = "x.npy", .bytes = pair, .deflate = true, .claim = exabyte}}),
       "[f.npz: x] got 84 bytes where the archive claims 1152921504606846976"},
      {"header claims more than the archive", zip({{"x.npy", vast}}), "allowed are the 3 bytes that follow it"},
      {"bytes after the elements", zip({{"x.npy", pair + "z"}}), "[f.npz: x] got a header that claims 16 bytes"},
      {"encrypted", zip({{.name = "x.npy", .bytes = pair, .flags = 1}}), "[f.npz: x] got 'No password provided'"},
      {"unknown method", zip({{.name = "x.npy", .bytes = pair, .method = 77}}),
       "[f.npz: x] got 'Compression method not supported'"},
      {"name twice", zip({{"x.npy", pair}, {"x.npy", pair}}), "[f.npz] got 'File already exists'"},
      {"name twice, with and without its end", zip({{"x.npy", pair}, {"x", pair}}), "two arrays with the name \"x\""},
      {"no name", zip({{".npy", pair}}), "[f.npz] got an array without a name"},
      {"member beyond the end", zip({{"x.npy", pair}}, 1000000), "[f.npz] got 'Not a zip archive'"},
      {"no array", zip({{"x.npy", "hello"}}), "[f.npz: x] got bytes that do not start with \\x93NUMPY"},
      {"empty member", zip({{"x.npy", ""}}), "[f.npz: x] got no bytes"},
      {"control codes in a name", zip({{.name = "a\nx.npy", .bytes = "hello"}}), "[f.npz: a?x] got "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string message = data_error([&] { parse_npz(c.bytes, "f.npz"); });
    EXPECT_THAT(message, StartsWith("[f.npz"));
    EXPECT_THAT(message, HasSubstr(c.text));
    EXPECT_THAT(message, HasSubstr("allowed"));
  }
}

TEST(Npz, RefusesEveryTruncation) {
  const std::string file = zip({{"x.npy", pair}, {"y.npy", pair, true}});
  ASSERT_EQ(parse_npz(file, "f.npz").size(), 2U);
  for (std::size_t size = 0; size < file.size(); ++size) {
    SCOPED_TRACE(size);
    data_error([&] { parse_npz(std::string_view(file).substr(0, size), "f.npz"); });
  }
}

TEST(Npz, RefusesWhatIsNoFile) {
  const Folder folder;
  testing::put(folder / "empty.npz", "");
  EXPECT_THAT(data_error([&] { read_npz(folder / "none.npz"); }), HasSubstr("none.npz] no such file"));
  EXPECT_THAT(data_error([&] { read_npz(folder / "empty.npz/x"); }), HasSubstr("x] no such file"));
  EXPECT_THAT(data_error([&] { read_npz(folder / "."); }), HasSubstr("got a folder, allowed is a plain file"));
  EXPECT_THAT(data_error([&] { read_npz("/dev/zero"); }), HasSubstr("got a pipe or a device"));
  EXPECT_THAT(data_error([&] { read_npz(folder / "empty.npz"); }), HasSubstr("got an empty file"));
}

TEST(Npz, AFailureLeavesTheOldFile) {
  const Folder folder;
  const std::string path = folder / "a.npz";
  write_npz(path, examples());
  const std::string before = read_text(path);
  Array broken = Array::of({2}, std::vector<double>{1, 2});
  broken.shape = {3};
  const Array good = Array::of({1}, std::vector<double>{1});
  EXPECT_THAT(data_error([&] {
                write_npz(path, {{"a", good}, {"x", broken}});
              }),
              HasSubstr("a.npz: x] got 2 elements"));
  EXPECT_THAT(data_error([&] { write_npz(path, {{"", good}}); }), HasSubstr("got an array named \"\""));
  EXPECT_THAT(data_error([&] { write_npz(path, {{std::string("a\0b", 3), good}}); }), HasSubstr("without NUL"));
  EXPECT_THAT(data_error([&] { write_npz(path, {{"\xff\xfe", good}}); }), HasSubstr("a.npz] got "));
  EXPECT_EQ(read_text(path), before);
  EXPECT_THAT(folder.names(), ElementsAre("a.npz"));
}

}  // namespace
}  // namespace chronograd
