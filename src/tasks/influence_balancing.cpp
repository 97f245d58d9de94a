// SPDX-License-Identifier: Apache-2.0
// Influence balancing (Tallec and Ollivier): a linear network with one parameter whose effect on the loss changes its
// sign after some tens of steps, so that every short truncation of the gradient goes the wrong way.
#include <cmath>

#include "chronograd/task.hpp"
#include "tasks/row_length.hpp"

namespace chronograd::entries {
namespace {

class InfluenceBalancing final : public Task {
 public:
  explicit InfluenceBalancing(const Options& options)
      : units_(options.integer("units")),
        positive_(options.integer("positive")),
        theta_(options.number("theta")),
        start_(options.number("start")),
        length_(options.integer("length")),
        last_(options.word("loss_on") == "last") {}

  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return length_; }
  /// Nothing is drawn: all rows are alike, and a test would say what the training loss says.
  std::int64_t rows(Split split) const override { return split == Split::test ? -1 : 0; }

  void read(Split, std::int64_t, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      out.x[k] = 1;
      out.y[k] = 1;
      out.mask[k] = last_ && t + k + 1 < length_ ? 0 : 1;
      out.reset[k] = 0;
    }
  }

  bool has_initial_state() const override { return true; }
  bool initial_state(Split, std::int64_t, std::span<double> state) const override {
    for (double& h : state) h = start_;
    return true;
  }

  Arrays parameters() const override {
    const auto d = static_cast<std::size_t>(units_);
    std::vector<double> W_rec(d * d), W_in(d), W_out(d);
    std::vector<std::int64_t> tie(d);
    for (std::size_t i = 0; i < d; ++i) {
      W_rec[i * d + i] = 0.5;
      if (i + 1 < d) W_rec[i * d + i + 1] = 0.5;
      tie[i] = static_cast<std::int64_t>(i) < positive_ ? 1 : -1;
      W_in[i] = static_cast<double>(tie[i]) * theta_;
    }
    W_out[0] = 1;
    Arrays arrays;
    arrays.emplace("W_rec", Array::of({d, d}, std::move(W_rec)));
    arrays.emplace("W_in", Array::of({d, 1}, std::move(W_in)));
    arrays.emplace("W_in_tie", Array::of({d, 1}, std::move(tie)));
    arrays.emplace("b_h", Array::of({d}, std::vector<double>(d)));
    arrays.emplace("W_out", Array::of({1, d}, std::move(W_out)));
    arrays.emplace("b_y", Array::of({1}, std::vector<double>(1)));
    return arrays;
  }

  std::vector<Reference> references() const override {
    return {{"theta as it begins, at equilibrium", 0.5 * std::pow(equilibrium() * theta_ - 1, 2), true},
            {"the right theta", 0}};
  }

  std::string summary() const override {
    return "influence_balancing: " + std::to_string(units_) + " linear units, one parameter, added to " +
           std::to_string(positive_) + " of them and subtracted from the others";
  }

 private:
  /// h_1 in equilibrium for theta = 1: each unit is the next one plus twice its sign.
  double equilibrium() const { return 2.0 * static_cast<double>(2 * positive_ - units_); }

  std::int64_t units_, positive_;
  double theta_, start_;
  std::int64_t length_;
  bool last_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t) {
  return std::make_unique<InfluenceBalancing>(options);
}

constexpr Option options[] = {
    {.key = "units",
     .type = OptionType::integer,
     .fallback = "23",
     .low = 1,
     .high = 1000,
     .unit = "units",
     .help = "number d of hidden units; model.hidden must be the same"},
    {.key = "positive",
     .type = OptionType::integer,
     .fallback = "10",
     .low = 0,
     .high = 1000,
     .unit = "units",
     .help = "the first so many units get +theta, the others -theta"},
    {.key = "theta", .type = OptionType::number, .fallback = "0.5", .help = "where the parameter begins"},
    {.key = "start", .type = OptionType::number, .fallback = "1.0", .help = "first state of all units"},
    row_length_option,
    {.key = "loss_on",
     .type = OptionType::word,
     .fallback = "\"all\"",
     .help = "which steps have a loss: all, or the last of a row",
     .choices = "all|last"},
};

}  // namespace

extern const TaskRecord task_influence_balancing;
const TaskRecord task_influence_balancing = {
    .entry = {.name = "influence_balancing",
              .title = "one parameter whose early influence has the wrong sign",
              .text = "h_t = A h_{t-1} + s theta,  A = 1/2 I + 1/2 (ones above the diagonal),  s = +1 for the first "
                      "units, -1 for the others\n"
                      "L_t = 1/2 (h_t[0] - 1)^2. In equilibrium h[0] = 2 (2 positive - units) theta = -6 theta, so "
                      "theta ends at -1/6; cut off after 1 ... 40 steps, dh[0]/dtheta is positive. The task brings the "
                      "network's parameters with it, W_in = s theta as one shared number: cell leaky, alpha = 1, "
                      "activation identity, hidden = units, loss mse, and all but W_in in model.freeze.",
              .cite = "tallec2018unbiased",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
