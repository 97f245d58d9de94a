// SPDX-License-Identifier: Apache-2.0
// A rule, a cell, a loss and a task from outside do what built-in ones do.
#include "catalogue/own_rule.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "catalogue/added.hpp"
#include "catalogue/own_cell.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/task.hpp"

namespace chronograd {
namespace {

/// Largest difference of two arrays' numbers, beside the largest number of the second.
double distance(const Array& a, const Array& b) {
  EXPECT_EQ(a.shape, b.shape);
  double most = 0, scale = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    if (!(std::fabs(a.at(k) - b.at(k)) <= most)) most = std::fabs(a.at(k) - b.at(k));
    scale = std::max(scale, std::fabs(b.at(k)));
  }
  return scale > 0 ? most / scale : most;
}

/// Both experiments learn, to the same weights.
void expect_same_training(const Config& mine, const Config& theirs, double tolerance) {
  const RunResult a = trained(mine), b = trained(theirs), start = trained(theirs.with({"optimizer.lr=0"}));
  ASSERT_EQ(a.status, RunResult::Status::done);
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  double moved = 0;
  for (const auto& [name, array] : b.parameters) {
    EXPECT_LE(distance(a.parameters.at(name), array), tolerance) << name;
    moved = std::max(moved, distance(array, start.parameters.at(name)));
  }
  EXPECT_GT(moved, 1e-4);
}

class OwnRule : public testing::TestWithParam<const char*> {};

TEST_P(OwnRule, TrainsAsRfloDoes) {
  const own::TracesRecord record = own::traces_record();
  const Added<RuleRecord> added(record);
  const std::string cell = std::string("model.cell=") + GetParam();
  for (const char* every : {"update.every=1", "update.every=7", "update.every=trial"}) {
    SCOPED_TRACE(every);
    expect_same_training(small_config({cell, every, "rule.name=my_rflo"}), small_config({cell, every}), 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, OwnRule, testing::Values("leaky", "leaky_diagonal", "gru", "lstm", "lru", "lru_real"));

TEST(OwnRule, RefusesWhatItCannotDo) {
  const own::TracesRecord record = own::traces_record();
  const Added<RuleRecord> added(record);
  EXPECT_THROW(trained(small_config({"rule.name=my_rflo", "model.layers=2"})), Error);
}

class OwnCell : public testing::TestWithParam<const char*> {};

TEST_P(OwnCell, LearnsAsTheLstmDoes) {
  const CellRecord record = own::lstm_record();
  const Added<CellRecord> added(record);
  const auto config = [](const char* cell) {
    return small_config({std::string("model.cell=") + cell, "update.every=trial"}).with_method(GetParam());
  };
  expect_same_training(config("my_lstm"), config("lstm"), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Rules, OwnCell,
                         testing::Values("bptt", "rtrl", "sparse_rtrl", "tbptt(L=4)", "rolling_tbptt(L=4)",
                                         "f_bptt(L=4)", "rflo", "eprop", "snap(n=2)", "uoro", "dni(sg_lr=0.02)",
                                         "rtrl(model.layers=2)"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(OwnCell, OffersTheSettingsThatItHas) {
  const CellRecord record = own::lstm_record();
  const Added<CellRecord> added(record);
  EXPECT_THROW(small_config({"model.cell=my_lstm", "model.gain=1.5"}), Error);
}

double half_square(const LossRecord&, int m, const double* y, const double* target) {
  double sum = 0;
  for (int k = 0; k < m; ++k) sum += 0.5 * (y[k] - target[k]) * (y[k] - target[k]);
  return sum;
}
void half_square_slope(const LossRecord&, int m, const double* y, const double* target, double* dy) {
  for (int k = 0; k < m; ++k) dy[k] = y[k] - target[k];
}

TEST(OwnLoss, IsUsedThroughItsValueAndSlope) {
  const LossRecord record = {.entry = {.name = "my_mse", .title = "half the squared error"},
                             .natural = Activation::identity,
                             .value = half_square,
                             .slope = half_square_slope};
  const Added<LossRecord> added(record);
  for (const char* activation : {"readout.activation=identity", "readout.activation=tanh"})
    expect_same_training(small_config({"loss.name=my_mse", activation}), small_config({activation}), 1e-12);
}

/// One row: x_t = scale (-1)^t, y_t = x_{t-1}.
class Echo final : public Task {
 public:
  explicit Echo(double scale) : scale_(scale) {}
  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return 12; }
  std::int64_t rows(Split) const override { return 1; }
  void read(Split, std::int64_t, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      const double sign = (t + k) % 2 == 0 ? 1 : -1;
      out.x[k] = scale_ * sign;
      out.y[k] = -scale_ * sign;
      out.mask[k] = 1;
      out.reset[k] = 0;
    }
  }
  std::string summary() const override { return "an echo"; }

 private:
  double scale_;
};

/// A task that brings a number in its record.
struct EchoRecord : TaskRecord {
  double factor;
};

std::unique_ptr<Task> make_echo(const TaskRecord& record, const Options& options, std::uint64_t) {
  return std::make_unique<Echo>(static_cast<const EchoRecord&>(record).factor * options.number("scale"));
}

TEST(OwnTask, BringsItsRowsAndItsSettings) {
  static constexpr Option options[] = {
      {.key = "scale", .type = OptionType::number, .fallback = "0.5", .low = 0, .help = "size of the inputs"}};
  EchoRecord record = {{.entry = {.name = "echo", .title = "what came last", .options = options}, .make = make_echo},
                       1};
  const Added<TaskRecord> added(record);
  const std::vector<std::string> no_learning = {"task.name=echo", "optimizer.lr=0", "model.alpha=1"};
  const auto loss = [&](const char* scale) {
    std::vector<std::string> words = no_learning;
    words.emplace_back(scale);
    return trained(small_config(words)).train.loss;
  };
  // With an input of zero and no bias the output is zero, and so is the target.
  EXPECT_EQ(loss("task.scale=0"), 0);
  const double once = loss("task.scale=0.5");
  EXPECT_GT(once, 0.01);
  record.factor = 2;
  EXPECT_GT(loss("task.scale=0.5"), 2 * once);
  EXPECT_THROW(small_config({"task.name=echo", "task.scale=-1"}), Error);
}

}  // namespace
}  // namespace chronograd
