// SPDX-License-Identifier: Apache-2.0
// What IDX files of one's own become.
#include <cmath>

#include "formats/format_task.hpp"

namespace chronograd {
namespace {

using testing::big;
using ::testing::HasSubstr;
using Numbers = std::vector<double>;

const std::string images =
    big(0x0803, 4) + big(2, 4) + big(2, 4) + big(3, 4) + std::string("\0\1\2\3\4\5\x33\x66\xff\0\0\1", 12);
const std::string labels = big(0x0801, 4) + big(2, 4) + std::string("\2\0", 2);

std::unique_ptr<Task> idx_task(const std::string& pixels, const std::string& numbers, Given given, bool test = false,
                               const FileNeeds& needs = class_needs) {
  const Folder folder;
  const FormatRecord& record = find_record<FormatRecord>("data.format", "idx");
  Options options = entry_options(record.entry, given);
  testing::put(folder / "x", pixels);
  testing::put(folder / "y", numbers);
  options.set("train", folder / "x", true);
  options.set("labels", folder / "y", true);
  if (test) {
    options.set("test", folder / "x", true);
    options.set("test_labels", folder / "y", true);
  }
  return record.make(options, needs, nullptr);
}

TEST(IdxRows, ByLinesAndByPixels) {
  const auto lines = idx_task(images, labels, {});
  EXPECT_EQ(lines->inputs(), 3);
  EXPECT_EQ(lines->length(), 2);
  EXPECT_EQ(lines->outputs(), 3);
  EXPECT_EQ(lines->rows(Split::train), 2);
  EXPECT_EQ(lines->rows(Split::test), -1);
  const Read read = all_of(*lines, 1);
  EXPECT_EQ(read.x, (Numbers{0.2, 0.4, 1, 0, 0, 1 / 255.0}));
  EXPECT_EQ(read.y, (Numbers{1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(read.mask, (Numbers{0, 1}));
  EXPECT_NEAR(lines->references()[0].value, std::log(3), 1e-14);
  const auto pixels =
      idx_task(images, labels, {{"read", std::string("pixels")}, {"loss_at", std::string("all")}}, true);
  EXPECT_EQ(pixels->inputs(), 1);
  EXPECT_EQ(pixels->length(), 6);
  EXPECT_EQ(pixels->rows(Split::test), 2);
  EXPECT_EQ(all_of(*pixels, 1).x, read.x);
  EXPECT_EQ(all_of(*pixels, 1, Split::test).mask, Numbers(6, 1));
  EXPECT_EQ(Read(*pixels, Split::train, 1, 2, 1).x, (Numbers{1}));
  EXPECT_EQ(pixels->files().size(), 4U);
}

TEST(IdxRows, Refusals) {
  const std::string three = big(0x0801, 4) + big(3, 4) + std::string(3, '\1'),
                    none = big(0x0803, 4) + big(0, 4) + big(2, 4) + big(3, 4);
  EXPECT_THAT(refusal([&] { idx_task(images, three, {}); }), HasSubstr("a label for each image"));
  EXPECT_THAT(refusal([&] { idx_task(none, labels, {}); }), HasSubstr("N >= 1"));
  EXPECT_THAT(refusal([&] { idx_task(images, labels, {}, false, mse_needs); }, Exit::usage), HasSubstr("[loss.name]"));
  FileNeeds two = class_needs;
  two.outputs = 2;
  EXPECT_THAT(refusal([&] { idx_task(images, labels, {}, false, two); }), HasSubstr("got the label 2"));
}

}  // namespace
}  // namespace chronograd
