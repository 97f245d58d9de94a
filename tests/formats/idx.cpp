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

/// `test`: the images to test on, with the same labels.
std::unique_ptr<Task> idx_task(const std::string& pixels, const std::string& numbers, Given given,
                               const std::string& test = "", const FileNeeds& needs = class_needs) {
  const Folder folder;
  const FormatRecord& record = find_record<FormatRecord>("data.format", "idx");
  Options options = entry_options(record.entry, given);
  testing::put(folder / "x", pixels);
  testing::put(folder / "y", numbers);
  options.set("train", folder / "x", true);
  options.set("labels", folder / "y", true);
  if (!test.empty()) {
    testing::put(folder / "test", test);
    options.set("test", folder / "test", true);
    options.set("test_labels", folder / "y", true);
  }
  return record.make(record, options, needs, nullptr);
}

TEST(IdxRows, ByLinesAndByPixels) {
  const auto lines = idx_task(images, labels, {});
  EXPECT_EQ(lines->inputs(), 3);
  EXPECT_EQ(lines->length(Split::train), 2);
  EXPECT_EQ(lines->outputs(), 3);
  EXPECT_EQ(lines->rows(Split::train), 2);
  EXPECT_EQ(lines->rows(Split::test), -1);
  const Read read = all_of(*lines, 1);
  EXPECT_EQ(read.x, (Numbers{0.2, 0.4, 1, 0, 0, 1 / 255.0}));
  EXPECT_EQ(read.y, (Numbers{1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(read.mask, (Numbers{0, 1}));
  EXPECT_NEAR(lines->references()[0].value, std::log(3), 1e-14);
  const auto pixels =
      idx_task(images, labels, {{"read", std::string("pixels")}, {"loss_at", std::string("all")}}, images);
  EXPECT_EQ(pixels->inputs(), 1);
  EXPECT_EQ(pixels->length(Split::train), 6);
  EXPECT_EQ(pixels->rows(Split::test), 2);
  EXPECT_EQ(all_of(*pixels, 1).x, read.x);
  EXPECT_EQ(all_of(*pixels, 1, Split::test).mask, Numbers(6, 1));
  EXPECT_EQ(Read(*pixels, Split::train, 1, 2, 1).x, (Numbers{1}));
  EXPECT_EQ(pixels->files().size(), 4U);
}

TEST(IdxRows, FeedForwardNetsGetWholeImages) {
  FileNeeds net = class_needs;
  net.samples = true;
  const auto whole = idx_task(images, labels, {}, images, net);
  EXPECT_EQ(whole->inputs(), 6);
  EXPECT_EQ(whole->length(Split::train), 1);
  EXPECT_EQ(whole->length(Split::test), 1);
  const Read read = all_of(*whole, 1);
  EXPECT_EQ(read.x, (Numbers{0.2, 0.4, 1, 0, 0, 1 / 255.0}));
  EXPECT_EQ(read.y, (Numbers{1, 0, 0}));
  EXPECT_EQ(read.mask, Numbers{1});
  EXPECT_EQ(idx_task(images, labels, {{"read", std::string("image")}})->inputs(), 6);
  EXPECT_EQ(idx_task(images, labels, {{"read", std::string("rows")}}, "", net)->inputs(), 3);
  const std::string taller = big(0x0803, 4) + big(2, 4) + big(5, 4) + big(3, 4) + std::string(30, '\0');
  EXPECT_THAT(refusal([&] { idx_task(images, labels, {}, taller, net); }), HasSubstr("[test] got shape (2, 5, 3)"));
}

TEST(IdxRows, TestImagesMayHaveMoreLinesButNoOtherWidth) {
  const auto of = [](std::uint32_t height, std::uint32_t width) {
    return big(0x0803, 4) + big(2, 4) + big(height, 4) + big(width, 4) + std::string(2 * height * width, '\xff');
  };
  const auto task = idx_task(images, labels, {}, of(5, 3));
  EXPECT_EQ(task->length(Split::train), 2);
  EXPECT_EQ(task->length(Split::test), 5);
  EXPECT_EQ(all_of(*task, 1, Split::test).x, Numbers(15, 1));
  EXPECT_EQ(all_of(*task, 1, Split::test).mask, (Numbers{0, 0, 0, 0, 1}));
  EXPECT_THAT(refusal([&] { idx_task(images, labels, {}, of(2, 4)); }), HasSubstr("[test] got shape (2, 2, 4)"));
}

TEST(IdxRows, ClassesAreThoseOfTraining) {
  const Folder folder;
  const FormatRecord& record = find_record<FormatRecord>("data.format", "idx");
  Options options = entry_options(record.entry, {});
  for (const char* key : {"train", "test"}) {
    testing::put(folder / key, images);
    options.set(key, folder / key, true);
  }
  testing::put(folder / "labels", labels);
  testing::put(folder / "test_labels", big(0x0801, 4) + big(2, 4) + std::string("\3\0", 2));
  for (const char* key : {"labels", "test_labels"}) options.set(key, folder / key, true);
  EXPECT_THAT(refusal([&] { record.make(record, options, class_needs, nullptr); }),
              HasSubstr("[test_labels] got the label 3, allowed are 0 ... 2, the classes of "));
}

TEST(IdxRows, Refusals) {
  const std::string three = big(0x0801, 4) + big(3, 4) + std::string(3, '\1'),
                    none = big(0x0803, 4) + big(0, 4) + big(2, 4) + big(3, 4);
  EXPECT_THAT(refusal([&] { idx_task(images, three, {}); }), HasSubstr("a label for each image"));
  EXPECT_THAT(refusal([&] { idx_task(none, labels, {}); }), HasSubstr("N >= 1"));
  EXPECT_THAT(refusal([&] { idx_task(images, labels, {}, "", mse_needs); }, Exit::usage), HasSubstr("[loss.name]"));
  FileNeeds two = class_needs;
  two.outputs = 2;
  EXPECT_THAT(refusal([&] { idx_task(images, labels, {}, "", two); }), HasSubstr("got the label 2"));
}

}  // namespace
}  // namespace chronograd
