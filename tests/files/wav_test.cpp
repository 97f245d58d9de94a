// SPDX-License-Identifier: Apache-2.0
// WAV files: what is read, and that no claim of a chunk is believed.
#include "files/wav.hpp"

#include <cmath>

#include "files/sounds.hpp"

namespace chronograd {
namespace {

using testing::chunk;
using testing::data_error;
using ::testing::ElementsAre;
using testing::extension;
using testing::floats;
using testing::fmt_chunk;
using ::testing::HasSubstr;
using testing::little;
using testing::pcm;
using testing::riff;
using testing::wav;

std::string refused_wav(const std::string& bytes) {
  return data_error([&] { parse_wav(bytes, "a.wav"); });
}

TEST(Wav, WholeNumbersAndFloats) {
  const Sound whole = parse_wav(wav({0, 1, -32768, 32767}, 8000), "a.wav");
  EXPECT_EQ(whole.rate, 8000U);
  EXPECT_THAT(whole.samples, ElementsAre(0.0F, 1 / 32768.0F, -1.0F, 32767 / 32768.0F));
  const Sound numbers = parse_wav(riff(fmt_chunk(3, 1, 16000, 32) + chunk("data", floats({0.1F, -2.5F}))), "a.wav");
  EXPECT_THAT(numbers.samples, ElementsAre(0.1F, -2.5F));
}

TEST(Wav, ChannelsAreMixed) {
  const Sound two = parse_wav(riff(fmt_chunk(1, 2, 16000, 16) + chunk("data", pcm({100, 50, -3, 2}))), "a.wav");
  EXPECT_THAT(two.samples, ElementsAre(75 / 32768.0F, -0.5F / 32768));
  const Sound three = parse_wav(riff(fmt_chunk(3, 3, 16000, 32) + chunk("data", floats({1, 2, 6}))), "a.wav");
  EXPECT_THAT(three.samples, ElementsAre(3.0F));
}

TEST(Wav, TheExtensibleHeader) {
  const auto file = [](int bits, int valid, int tag, const std::string& data) {
    return riff(fmt_chunk(0xfffe, 1, 16000, bits, extension(valid, tag)) + chunk("data", data));
  };
  EXPECT_THAT(parse_wav(file(16, 16, 1, pcm({-5})), "a.wav").samples, ElementsAre(-5 / 32768.0F));
  EXPECT_THAT(parse_wav(file(32, 32, 3, floats({0.25F})), "a.wav").samples, ElementsAre(0.25F));
  EXPECT_THAT(refused_wav(file(16, 12, 1, pcm({0}))), HasSubstr("got 12 valid bits in samples of 16"));
  std::string other = file(16, 16, 1, pcm({0}));
  other[50] = '\x11';  // in the identifier of the format's family
  EXPECT_THAT(refused_wav(other), HasSubstr("another family"));
}

TEST(Wav, OtherChunksArePassedOver) {
  const std::string fmt = fmt_chunk(1, 1, 16000, 16), data = chunk("data", pcm({7}));
  EXPECT_THAT(parse_wav(riff(chunk("LIST", "odd") + fmt + chunk("fact", "") + data + chunk("id3 ", "x")), "a").samples,
              ElementsAre(7 / 32768.0F));
  // The last chunk may lack the byte that pads it, in the file and in the header's claim.
  const std::string odd = chunk("id3 ", "x"), bare = odd.substr(0, odd.size() - 1);
  EXPECT_EQ(parse_wav(riff(fmt + data + bare), "a").samples.size(), 1U);
  std::string claimed = riff(fmt + data + odd);
  claimed.pop_back();
  EXPECT_EQ(parse_wav(claimed, "a").samples.size(), 1U);
  // What follows the end that the header claims is no sound.
  EXPECT_EQ(parse_wav(riff(fmt + data) + chunk("data", pcm({1, 2})), "a").samples.size(), 1U);
}

// A file that was cut anywhere is an error: never a shorter sound.
TEST(Wav, NoPartOfAFileIsTakenForOne) {
  for (const std::string& file :
       {wav({1, 2, 3, 4, 5}), riff(fmt_chunk(3, 2, 44100, 32) + chunk("LIST", "abc") + chunk("data", floats({1, 2}))),
        riff(fmt_chunk(0xfffe, 1, 16000, 16, extension(16, 1)) + chunk("data", pcm({1, 2, 3})))})
    for (std::size_t size = 0; size < file.size(); ++size) EXPECT_NE(refused_wav(file.substr(0, size)), "") << size;
}

TEST(Wav, ClaimsAreNotBelieved) {
  const std::string fmt = fmt_chunk(1, 1, 16000, 16), one = pcm({1});
  EXPECT_THAT(refused_wav(riff(fmt + "data" + little(4, 4) + one)),
              HasSubstr("got a chunk \"data\" that claims 4 bytes, allowed is the 2 that follow."));
  const std::string piped =
      refused_wav("RIFF" + little(fmt.size() + 14, 4) + "WAVE" + fmt + "data" + little(0xffffffffU, 4) + one);
  EXPECT_THAT(piped, HasSubstr("claims 4294967295 bytes"));
  EXPECT_THAT(piped, HasSubstr("let them write to a file"));
  EXPECT_THAT(refused_wav(riff("LIST" + little(0x7fffffff, 4) + fmt + chunk("data", one))), HasSubstr("\"LIST\""));
  EXPECT_THAT(refused_wav("RIFF" + little(0xffffffffU, 4) + "WAVE" + fmt + chunk("data", one)),
              HasSubstr("got a header that claims 4294967295 bytes"));
  EXPECT_THAT(refused_wav("RIFF" + little(0, 4) + "WAVE" + fmt + chunk("data", one)), HasSubstr("claims 0 bytes"));
  EXPECT_THAT(refused_wav(riff(chunk("fmt ", std::string(15, '\1')))), HasSubstr("of 15 bytes"));
  EXPECT_THAT(refused_wav(riff(fmt + chunk("data", "abc"))), HasSubstr("got 3 bytes of samples"));
}

TEST(Wav, WhatIsNotRead) {
  const std::string fmt = fmt_chunk(1, 1, 16000, 16), data = chunk("data", pcm({1}));
  const std::pair<std::string, const char*> cases[] = {
      {"", "does not start with RIFF"},
      {"RIFX" + wav({1}).substr(4), "does not start with RIFF"},
      {riff(data + fmt), "before the chunk \"fmt \""},
      {riff(fmt), "got no chunk \"data\""},
      {riff(""), "got no chunk \"fmt \""},
      {riff(fmt + fmt + data), "two chunks \"fmt \""},
      {riff(fmt + data + data), "two chunks \"data\""},
      {riff(fmt + chunk("data", "")), "a sound without samples"},
      {riff(fmt_chunk(1, 1, 16000, 8) + chunk("data", "a")), "sox IN.wav -b 16 -e signed-integer OUT.wav"},
      {riff(fmt_chunk(1, 1, 16000, 24) + chunk("data", "abc")), "the coding 1 and 24 bits"},
      {riff(fmt_chunk(3, 1, 16000, 64) + chunk("data", "abcdefgh")), "the coding 3 and 64 bits"},
      {riff(fmt_chunk(7, 1, 8000, 8) + chunk("data", "a")), "the coding 7 and 8 bits"},
      {riff(fmt_chunk(1, 0, 16000, 16) + data), "got 0 channels"},
      {riff(fmt_chunk(1, 65, 16000, 16) + data), "got 65 channels"},
      {riff(fmt_chunk(1, 1, 0, 16) + data), "a rate of 0"},
      {riff(fmt_chunk(3, 1, 16000, 32) + chunk("data", floats({0, std::nanf("")}))), "got NaN at sample 1"},
      {riff(fmt_chunk(3, 1, 16000, 32) + chunk("data", floats({INFINITY}))), "got infinity at sample 0"},
  };
  for (const auto& [bytes, text] : cases) EXPECT_THAT(refused_wav(bytes), HasSubstr(text));
  std::string frame = wav({1, 2});
  frame[32] = 4;  // bytes for a sample of all channels
  EXPECT_THAT(refused_wav(frame), HasSubstr("got 4 bytes for a sample of all channels, allowed is 2."));
}

}  // namespace
}  // namespace chronograd
