// SPDX-License-Identifier: Apache-2.0
// Small catalogues, so that these tests say what the configuration does whatever entries the program has.
#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/format.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/task.hpp"

namespace chronograd {
namespace {

using enum OptionType;

constexpr Option leaky_options[] = {
    {"alpha", numbers, "", 0, 1, "", "update rate", "", true},
    {"dt", number, "1.0", 0, unbounded, "ms", "time step", "", true},
    {"activation", word, "\"tanh\"", -unbounded, unbounded, "", "f", "identity|tanh|sigmoid"},
    {"density", number_or_word, "1.0", 0, 1, "", "fraction", "from_zeros", true},
    {"gain", number, "1.0", 0, unbounded, "", "factor"},
    {"dale", number, "", 0, 1, "", "fraction"},
};
constexpr Option tbptt_options[] = {{"L", integer, "", 1, unbounded, "steps", "window"}};
constexpr Option rolling_options[] = {{"L", integer, "10", 1, unbounded, "steps", "window"}};
constexpr Option snap_options[] = {{"n", integer, "1", 1, unbounded, "", "order"},
                                   {"lambda", number, "0.5", 0, 1, "", "mixing"}};
constexpr Option guess_options[] = {synthesis::rate, synthesis::name};
constexpr Option mlp_options[] = {{"sg_hidden", numbers, "0", 0, 1e6, "units", "hidden units"}};
constexpr Option momentum_options[] = {{"mu", number, "0.9", 0, 1, "", "momentum"}};
constexpr Option adam_options[] = {{"lr", number, "0.002", 0, unbounded, "", "learning rate"},
                                   {"epsilon", word, "\"hat\"", -unbounded, unbounded, "", "where", "hat|plain"}};
constexpr Option add_options[] = {{"lags", numbers, "[5, 10]", 0, unbounded, "steps", "two lags"},
                                  {"length", steps, "\"trial\"", 1, 1e6, "steps", "length"}};

constexpr Option csv_options[] = {{"window", integer, "0", 0, 1e9, "steps", "window"}};

const CellRecord leaky{{"leaky", "", "", "", "", "", leaky_options}, 1, 1, 1, {}, {}, {}};
const CellRecord gru{{"gru", "", "", "", "", "", {}}, 1, 3, 1, {}, {}, {}};
const LossRecord mse{{"mse", "", "", "", "", "", {}}, Activation::identity, false, false, false, {}, {}, {}};
const FeedbackRecord symmetric{{"symmetric", "", "", "", "", "", {}}, false, false};
const FeedbackRecord random_feedback{{"random", "", "", "", "", "", {}}, true, false};
const OptimizerRecord sgd{{"sgd", "", "", "", "", "", {}}, {}, {}};
const OptimizerRecord momentum{{"momentum", "", "", "", "", "", momentum_options}, {}, {}};
const OptimizerRecord adam{{"adam", "", "", "", "", "", adam_options}, {}, {}};
const FormatRecord npz{{"npz", "", "", "", "", "", {}}, ".npz", {}};
const FormatRecord csv{{"csv", "", "", "", "", "", csv_options}, ".csv|.csv.gz", {}};
const DatasetRecord births{{"births", "", "", "", "", "", {}}, "", "", "births.csv", 1, "",
                           DatasetRecord::Client::npm,         "", ""};
const TaskRecord add{{"add", "", "", "", "", "", add_options}, {}};

RuleRecord rule(const char* name, std::span<const Option> options) {
  return {.entry = {name, "", "", "", "", "", options},
          .promise = Promise::exact,
          .limit = "",
          .memory = "",
          .time = "",
          .past_facing = true,
          .look = "",
          .make_float = {},
          .make_double = {}};
}
const RuleRecord rflo = rule("rflo", {});
const RuleRecord rtrl = rule("rtrl", {});
const RuleRecord tbptt = rule("tbptt", tbptt_options);
const RuleRecord rolling = rule("rolling_tbptt", rolling_options);
const RuleRecord snap = rule("snap", snap_options);

const CellRecord* const cells[] = {&leaky, &gru};
const LossRecord* const losses[] = {&mse};
const FeedbackRecord* const feedbacks[] = {&symmetric, &random_feedback};
const OptimizerRecord* const optimizers[] = {&sgd, &momentum, &adam};
const TaskRecord* const tasks[] = {&add};
const DatasetRecord* const datasets[] = {&births};
const FormatRecord* const formats[] = {&npz, &csv};
const RuleRecord guess = rule("guess", guess_options);

const SynthesiserRecord linear{
    .entry = {.name = "linear", .title = ""}, .linear = true, .make_float = nullptr, .make_double = nullptr};
const SynthesiserRecord mlp{
    .entry = {.name = "mlp", .title = "", .options = mlp_options}, .make_float = nullptr, .make_double = nullptr};

constexpr Option guessing_options[] = {{"lambda", number, "0.5", 0, 1, "", "share"}, synthesis::name};
const InterfaceRecord backprop{.entry = {.name = "backprop", .title = ""}, .listens = true};
const InterfaceRecord guessing{.entry = {.name = "guess", .title = "", .options = guessing_options}, .lags = true};
const InterfaceRecord* const interfaces[] = {&backprop, &guessing};

const RuleRecord* const rules[] = {&rflo, &rtrl, &tbptt, &rolling, &snap, &guess};
const SynthesiserRecord* const synthesisers[] = {&linear, &mlp};

}  // namespace

template <>
std::span<const CellRecord* const> catalogue<CellRecord>() {
  return cells;
}
template <>
std::span<const LossRecord* const> catalogue<LossRecord>() {
  return losses;
}
template <>
std::span<const FeedbackRecord* const> catalogue<FeedbackRecord>() {
  return feedbacks;
}
template <>
std::span<const OptimizerRecord* const> catalogue<OptimizerRecord>() {
  return optimizers;
}
template <>
std::span<const TaskRecord* const> catalogue<TaskRecord>() {
  return tasks;
}
template <>
std::span<const DatasetRecord* const> catalogue<DatasetRecord>() {
  return datasets;
}
template <>
std::span<const FormatRecord* const> catalogue<FormatRecord>() {
  return formats;
}
template <>
std::span<const SynthesiserRecord* const> catalogue<SynthesiserRecord>() {
  return synthesisers;
}
template <>
std::span<const InterfaceRecord* const> catalogue<InterfaceRecord>() {
  return interfaces;
}
template <>
std::span<const RuleRecord* const> catalogue<RuleRecord>() {
  return rules;
}

}  // namespace chronograd
