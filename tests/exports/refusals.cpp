// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <limits>

#include "chronograd/array.hpp"
#include "exports/small_run.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The program refuses the file, says why, and leaves none.
void expect_refused(const Folder& folder, const std::string& to, int code, const std::string& why) {
  const Outcome got = run_in(folder, "export run --out file --to " + to);
  EXPECT_THAT(got, ExitsWith(code));
  EXPECT_THAT(got.err, HasSubstr(why));
  EXPECT_EQ(got.out, "");
  EXPECT_FALSE(std::filesystem::exists(folder / "file"));
}

TEST(Export, WhatAGraphCannotHoldIsRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {{"readout.average=true", "got readout.average = true"}};
  for (const auto& [change, why] : cases) {
    const Folder folder;
    ASSERT_THAT(train_small(folder, change), ExitsWith(0));
    expect_refused(folder, "onnx", 2, why);
    EXPECT_THAT(run_in(folder, "export run --to safetensors"), ExitsWith(0)) << "arrays are arrays";
  }
}

TEST(Export, WhatIsLeftOutIsSaid) {
  const Folder folder;
  ASSERT_THAT(train_small(folder, "model.alpha=0.5 model.noise=0.1"), ExitsWith(0));
  const Outcome got = run_in(folder, "export run --to onnx");
  EXPECT_THAT(got, ExitsWith(0));
  EXPECT_THAT(got.err, HasSubstr("the noise of model.noise is left out"));
  EXPECT_THAT(got.out, AllOf(HasSubstr("run/model.onnx: onnx, "), HasSubstr(" bytes\n")));
}

TEST(Export, RunsThatLackWhatIsNeededAreRefused) {
  const Folder folder;
  ASSERT_THAT(train_small(folder, ""), ExitsWith(0));
  expect_refused(folder, "onxx", 2, "did you mean onnx?");
  const std::string path = (folder / "run/params.npz").string();
  Arrays arrays = read_npz(path);
  const Arrays whole = arrays;
  arrays.at("W_rec").f32[4] = std::numeric_limits<float>::quiet_NaN();
  write_npz(path, arrays);
  expect_refused(folder, "onnx", 4, "W_rec] got NaN at [1, 1]");
  arrays = whole;
  arrays.erase("W_in");
  write_npz(path, arrays);
  expect_refused(folder, "onnx", 4, "has no array W_in");
  std::filesystem::remove(path);
  for (const char* to : {"onnx", "safetensors"}) expect_refused(folder, to, 4, "A run writes it at its end");
  EXPECT_THAT(run_in(folder, "export run --to csv"), ExitsWith(0)) << "metrics are there from the start";
  EXPECT_THAT(run_in(folder, "export nowhere --to csv"), ExitsWith(4));
}

TEST(Export, JsonSaysWhatWasWritten) {
  const Folder folder;
  ASSERT_THAT(train_small(folder, ""), ExitsWith(0));
  const Outcome got = run_in(folder, "export run --to csv --json");
  const auto bytes = std::filesystem::file_size(folder / "run/metrics.csv");
  EXPECT_EQ(got.out, "{\"out\":\"run/metrics.csv\",\"to\":\"csv\",\"bytes\":" + std::to_string(bytes) + "}\n");
}

}  // namespace
}  // namespace chronograd
