// SPDX-License-Identifier: Apache-2.0
#include "exports/wire.hpp"

#include <gtest/gtest.h>

namespace chronograd {
namespace {

using namespace std::string_literals;

/// The examples of the encoding's own description, and the ends of its ranges.
TEST(Wire, FieldsAreWrittenAsProtocolBuffersWriteThem) {
  WireMessage number;
  EXPECT_EQ(number.number(1, 150).bytes(), "\x08\x96\x01"s);
  WireMessage text;
  EXPECT_EQ(text.bytes(2, "testing").bytes(), "\x12\x07testing"s);
  WireMessage outer;
  EXPECT_EQ(outer.message(3, number).bytes(), "\x1a\x03\x08\x96\x01"s);
  WireMessage ends;
  ends.number(16, 127).number(15, 128).number(1, 0);
  EXPECT_EQ(ends.bytes(), "\x80\x01\x7f\x78\x80\x01\x08\x00"s);
  WireMessage negative;
  EXPECT_EQ(negative.number(1, -1).bytes(), "\x08" + std::string(9, '\xff') + "\x01");
  WireMessage nothing;
  EXPECT_EQ(nothing.bytes(1, "").bytes(), "\x0a\x00"s);
}

TEST(Wire, LongBytesHaveALongLength) {
  WireMessage message;
  EXPECT_EQ(message.bytes(1, std::string(300, 'x')).bytes(), "\x0a\xac\x02" + std::string(300, 'x'));
}

}  // namespace
}  // namespace chronograd
