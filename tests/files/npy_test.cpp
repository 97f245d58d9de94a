// SPDX-License-Identifier: Apache-2.0
#include "files/npy.hpp"

#include <cmath>
#include <limits>

#include "files/archives.hpp"

namespace chronograd {
namespace {

using testing::big;
using testing::data_error;
using testing::dict;
using ::testing::HasSubstr;
using testing::little;
using testing::npy;
using ::testing::StartsWith;

TEST(Npy, VersionsAndByteOrders) {
  for (const int version : {1, 2, 3}) {
    SCOPED_TRACE(version);
    const Array low = parse_npy(npy(dict("<i2", "(2,)"), little(258, 2) + little(0xffff, 2), version), "f");
    const Array high = parse_npy(npy(dict(">i2", "(2,)"), big(258, 2) + big(0xffff, 2), version), "f");
    EXPECT_EQ(low.i64, (std::vector<std::int64_t>{258, -1}));
    EXPECT_EQ(high.i64, low.i64);
  }
}

TEST(Npy, WidensIntegersAndBooleans) {
  EXPECT_EQ(parse_npy(npy(dict("|u1", "()"), "\xff"), "f").i64.at(0), 255);
  EXPECT_EQ(parse_npy(npy(dict("|i1", "()"), "\xff"), "f").i64.at(0), -1);
  EXPECT_EQ(parse_npy(npy(dict("<u2", "()"), "\xff\xff"), "f").i64.at(0), 65535);
  EXPECT_EQ(parse_npy(npy(dict("<u4", "()"), "\xff\xff\xff\xff"), "f").i64.at(0), 4294967295);
  EXPECT_EQ(parse_npy(npy(dict(">i4", "()"), big(0x80000000U, 4)), "f").i64.at(0), -2147483648LL);
  EXPECT_EQ(parse_npy(npy(dict("<u8", "()"), little(0x7fffffffffffffffU, 8)), "f").i64.at(0),
            std::numeric_limits<std::int64_t>::max());
  const Array flags = parse_npy(npy(dict("|b1", "(2,)"), std::string("\0\1", 2)), "f");
  EXPECT_EQ(flags.dtype, Dtype::u8);
  EXPECT_EQ(flags.u8, (std::vector<std::uint8_t>{0, 1}));
}

TEST(Npy, HalvesBecomeFloats) {
  const auto half = [](std::uint64_t bits) {
    return parse_npy(npy(dict("<f2", "()"), little(bits, 2)), "f").f32.at(0);
  };
  EXPECT_EQ(half(0x3c00), 1.0F);
  EXPECT_EQ(half(0xc500), -5.0F);
  EXPECT_EQ(half(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(half(0x7bff), 65504.0F);
  EXPECT_EQ(half(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(half(0x7e00)));
  EXPECT_TRUE(std::signbit(half(0x8000)));
}

TEST(Npy, FortranOrderBecomesCOrder) {
  // The element (i, j, k) of a (2, 3, 4) array is 100 i + 10 j + k; in Fortran order i runs fastest.
  std::string bytes;
  for (unsigned k = 0; k < 4; ++k)
    for (unsigned j = 0; j < 3; ++j)
      for (unsigned i = 0; i < 2; ++i) bytes += little(100 * i + 10 * j + k, 4);
  const Array array = parse_npy(npy(dict("<i4", "(2, 3, 4)", "True"), bytes), "f");
  ASSERT_EQ(array.i64.size(), 24U);
  for (std::int64_t i = 0; i < 2; ++i)
    for (std::int64_t j = 0; j < 3; ++j)
      for (std::int64_t k = 0; k < 4; ++k)
        EXPECT_EQ(array.i64[static_cast<std::size_t>((i * 3 + j) * 4 + k)], 100 * i + 10 * j + k);
  EXPECT_EQ(parse_npy(npy(dict("<i4", "(2, 0, 4)", "True"), ""), "f").size(), 0U);
}

TEST(Npy, HeadersThatNumPyAlsoReads) {
  const std::string one = little(7, 8);
  const char* headers[] = {
      "{'shape': (1,), 'descr': '<i8', 'fortran_order': False}",
      R"({"descr": "<i8", "fortran_order": True, "shape": (1,)})",
      "  {'descr':'<i8','fortran_order':False,'shape':(1,),}   \n  ",
      "{ 'descr' : '<i8' , 'fortran_order' : False , 'shape' : ( 1 , 1 , ) , }",
      "{'descr': '<i8', 'fortran_order': False, 'shape': ()}",
  };
  for (const char* header : headers) {
    SCOPED_TRACE(header);
    EXPECT_EQ(parse_npy(npy(header, one), "f").i64, std::vector<std::int64_t>{7});
  }
}

TEST(Npy, RefusesWhatIsMalformed) {
  const std::string one = little(7, 8);
  const std::string good = npy(dict("<f8", "(2,)"), one + one);
  const auto replaced = [&](std::size_t at, char byte) {
    std::string bytes = good;
    bytes[at] = byte;
    return bytes;
  };
  std::string many = "(";
  for (int i = 0; i < 33; ++i) many += "1,";
  many += ")";
  const std::string d = "'descr': '<i8', ", f = "'fortran_order': False, ", s = "'shape': (1,), ";
  const struct {
    const char* name;
    std::string bytes;
    const char* text;
  } cases[] = {
      {"empty", "", "got no bytes, allowed is an array in the .npy format"},
      {"bad magic", replaced(1, 'M'), "do not start with \\x93NUMPY"},
      {"version 0", replaced(6, 0), "got .npy version 0.0, allowed are 1.0, 2.0 and 3.0"},
      {"version 4", replaced(6, 4), "got .npy version 4.0"},
      {"version 1.1", replaced(7, 1), "got .npy version 1.1"},
      {"header ends early", good.substr(0, 40), "ends inside its header, after 40 bytes"},
      {"header claims 4 GiB", "\x93NUMPY" + little(2, 2) + little(0xffffffffU, 4) + "{", "claims 4294967295 bytes"},
      {"elements end early", good.substr(0, good.size() - 1),
       "claims 16 bytes of elements (shape (2,)), allowed are the 15 bytes"},
      {"elements left over", good + "x", "allowed are the 17 bytes that follow it"},
      {"size overflows", npy(dict("<f8", "(4294967296, 4294967296)"), one), "whose size fits in 64 bits"},
      {"bytes overflow", npy(dict("<f8", "(2305843009213693952,)"), ""), "whose size fits in 64 bits"},
      {"overflow behind 0", npy(dict("<f8", "(0, 4294967296, 4294967296)"), ""), "whose size fits in 64 bits"},
      {"claims 2^60 bytes", npy(dict("|u1", "(1152921504606846976,)"), "abc"),
       "allowed are the 3 bytes that follow it"},
      {"extent of 2^64", npy(dict("<i8", "(18446744073709551616,)"), one), "allowed: one that fits in 64 bits"},
      {"extent of 30 digits", npy(dict("<i8", "(100000000000000000000000000000,)"), one), "fits in 64 bits"},
      {"negative extent", npy(dict("<i8", "(-1,)"), one), "got the extent \"-1,), }"},
      {"extent is NaN", npy(dict("<i8", "(nan,)"), one), "got the extent \"nan,), }"},
      {"extent is a float", npy(dict("<i8", "(1.0,)"), one), "allowed: a decimal integer >= 0"},
      {"long integer of Python 2", npy(dict("<i8", "(1L,)"), one), "allowed: a decimal integer >= 0"},
      {"extent with a zero in front", npy(dict("<i8", "(01,)"), one), "allowed: a decimal integer >= 0"},
      {"hexadecimal extent", npy(dict("<i8", "(0x1,)"), one), "allowed: a decimal integer >= 0"},
      {"no comma between extents", npy(dict("<i8", "(1 1)"), one), "allowed: ',' or ')'"},
      {"two commas", npy(dict("<i8", "(1,,)"), one), "allowed: a decimal integer >= 0"},
      {"only a comma", npy(dict("<i8", "(,)"), one), "allowed: a decimal integer >= 0"},
      {"shape is a number", npy(dict("<i8", "1"), one), "allowed: '('"},
      {"shape is a number in brackets", npy(dict("<i8", "(1)"), one), "a tuple such as (3,)"},
      {"shape is a list", npy(dict("<i8", "[1]"), one), "allowed: '('"},
      {"33 dimensions", npy(dict("<i8", many), one), "got more than 32 dimensions"},
      {"no dict", npy("hello", one), "allowed: '{'"},
      {"empty header", npy("", one), "got its end in the .npy header, allowed: '{'"},
      {"dict without end", npy("{" + d + f + s, one), "got its end in the .npy header"},
      {"text after the dict", npy("{" + d + f + s + "} x", one), "allowed: the end of the header"},
      {"no descr", npy("{" + f + s + "}", one), "got no key descr"},
      {"no fortran_order", npy("{" + d + s + "}", one), "got no key fortran_order"},
      {"no shape", npy("{" + d + f + "}", one), "got no key shape"},
      {"unknown key", npy("{" + d + f + s + "'x': 1}", one), "got the key \"x\""},
      {"key twice", npy("{" + d + d + f + s + "}", one), "got the key descr twice"},
      {"key without quotes", npy("{descr: '<i8'}", one), "allowed: a word in quotes"},
      {"word without end", npy("{'descr", one), "allowed: a word in quotes"},
      {"escape", npy("{'de\\x73cr': '<i8'}", one), "a word without escapes"},
      {"no colon", npy("{'descr' '<i8'}", one), "allowed: ':'"},
      {"boolean in lower case", npy("{" + d + "'fortran_order': false, " + s + "}", one), "allowed: True or False"},
      {"boolean as number", npy("{" + d + "'fortran_order': 0, " + s + "}", one), "allowed: True or False"},
      {"boolean with a tail", npy("{" + d + "'fortran_order': Falsehood, " + s + "}", one), "allowed: '}'"},
      {"NUL bytes", npy("{" + d + std::string("\0", 1) + f + s + "}", one), "allowed: a word in quotes"},
      {"a call", npy("__import__('os').system('true')", one), "allowed: '{'"},
      {"complex", npy(dict("<c16", "()"), one + one), "complex numbers (\"<c16\"), allowed are f2, f4, f8"},
      {"raw records", npy(dict("|V8", "()"), one), "raw records"},
      {"records with fields", npy("{'descr': [('a', '<i4')], " + f + s + "}", one), "records with fields"},
      {"fields without end", npy("{'descr': [('a', '<i4'), " + f + s + "}", one), "got its end in the .npy header"},
      {"dates", npy(dict("<M8[ns]", "()"), one), "allowed are f2, f4, f8"},
      {"durations", npy(dict("<m8", "()"), one), "dates or durations"},
      {"extended precision", npy(dict("<f16", "()"), one + one), "got elements of the type \"<f16\""},
      {"integers of 3 bytes", npy(dict("<i3", "()"), "abc"), "got elements of the type \"<i3\""},
      {"integers of 0 bytes", npy(dict("<i0", "()"), ""), "got elements of the type \"<i0\""},
      {"no byte order", npy(dict("i8", "()"), one), "got elements of the type \"i8\""},
      {"no byte order where it matters", npy(dict("|i8", "()"), one), "which has no byte order"},
      {"native byte order", npy(dict("=i8", "()"), one), "got elements of the type \"=i8\""},
      {"unknown type", npy(dict("<q8", "()"), one), "got elements of the type \"<q8\""},
      {"empty type", npy(dict("", "()"), one), "got elements of the type \"\""},
      {"u8 above the largest i8", npy(dict("<u8", "()"), little(0x8000000000000000U, 8)),
       "got the integer 9223372036854775808, allowed are integers up to 9223372036854775807"},
      {"boolean of 2", npy(dict("|b1", "()"), "\2"), "got a boolean stored as 2, allowed are 0 and 1"},
      {"text", npy(dict("<U3", "()"), std::string(12, '\0')), "got text, allowed are numbers"},
      {"objects", npy(dict("|O", "()"), "cos\nsystem\n(S'true'\ntR."), "got Python objects (a pickle)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string text = data_error([&] { parse_npy(c.bytes, "f.npz: x"); });
    EXPECT_THAT(text, StartsWith("[f.npz: x] got "));
    EXPECT_THAT(text, HasSubstr(c.text));
  }
}

TEST(Npy, RefusesEveryTruncation) {
  const std::string file = npy(dict("<f4", "(3, 1)", "True"), std::string(12, 'x'), 2);
  ASSERT_EQ(parse_npy(file, "f").size(), 3U);
  for (std::size_t size = 0; size < file.size(); ++size) {
    SCOPED_TRACE(size);
    data_error([&] { parse_npy(std::string_view(file).substr(0, size), "f"); });
  }
}

TEST(Npy, WritesWhatItReads) {
  const Array array = Array::of({2, 1, 3}, std::vector<double>{0, -0.0, 1e300, 5e-324, -1, 0.1});
  const std::string header = npy_header_of(array, "x");
  EXPECT_EQ(header.size() % 64, 0U) << "elements are to start aligned";
  EXPECT_EQ(header.back(), '\n');
  const Array back = parse_npy(header + std::string(npy_elements_of(array)), "x");
  EXPECT_EQ(back.shape, array.shape);
  EXPECT_EQ(npy_elements_of(back), npy_elements_of(array)) << "bit by bit";
}

TEST(Npy, RefusesToWriteWhatNobodyCouldRead) {
  Array array = Array::of({2}, std::vector<double>{1, 2});
  array.shape = {3};
  EXPECT_THAT(data_error([&] { npy_header_of(array, "f: x"); }), HasSubstr("got 2 elements"));
  array.shape.assign(33, 1);
  EXPECT_THAT(data_error([&] { npy_header_of(array, "f: x"); }), HasSubstr("got 33 dimensions"));
}

}  // namespace
}  // namespace chronograd
