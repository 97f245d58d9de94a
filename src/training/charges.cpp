// SPDX-License-Identifier: Apache-2.0
#include "training/charges.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "chronograd/archive.hpp"
#include "chronograd/third_factor.hpp"
#include "network/chosen_cell.hpp"
#include "network/marked_cell.hpp"
#include "training/data.hpp"
#include "training/plan.hpp"

namespace chronograd {
namespace {

constexpr int no_loss = -1;
constexpr int typical_after = 4;  ///< an endless stream is met after as many times the steps that are looked at

ChosenCell with_marks(const Config& config, int marks) {
  ChosenCell chosen = chosen_cell(config);
  chosen.record = marked_cell(std::move(chosen.record), marks);
  return chosen;
}

int steps_of(const Task& task, int steps) {
  const std::int64_t length = task.length(Split::train);
  return length == 0 ? steps : static_cast<int>(std::min<std::int64_t>(length, steps));
}

/// A rule that hears of one loss of a row: credit, error and third factor of all other steps are zero. Targets stay,
/// which a guess may be made from.
class OneLoss final : public ThirdFactorRule<double> {
 public:
  OneLoss(std::unique_ptr<Rule<double>> rule, const Network<double>& network, std::int64_t first)
      : rule_(std::move(rule)),
        shown_(static_cast<std::size_t>(network.stack.shown_width())),
        third_(static_cast<std::size_t>(network.third)),
        outputs_(static_cast<std::size_t>(network.outputs)),
        first_(first) {}

  void expect(int) override {}  // the rule knows
  void hear(const double* third) override { signal_ = third; }

  /// Step t of those looked at, or no_loss.
  void hear(int t) { t_ = t == no_loss ? no_loss : first_ + t; }

  void learn(Layers<double> layers, const Credit<double>& credit, double* grad) override {
    const int steps = layers[0].steps;
    error_.assign(static_cast<std::size_t>(steps) * outputs_, 0.0);
    Credit<double> heard = credit;
    heard.err = error_.data();
    heard_.assign(static_cast<std::size_t>(steps) * third_, 0.0);
    for (int k = 0; k < steps; ++k) {
      const auto step = static_cast<std::size_t>(k);
      if (layers[0].t0 + k == t_) {
        std::copy_n(credit.err + step * outputs_, outputs_, error_.data() + step * outputs_);
        if (third_ > 0) std::copy_n(signal_ + step * third_, third_, heard_.data() + step * third_);
      } else {
        std::fill_n(credit.c + step * shown_, shown_, 0.0);
      }
    }
    hear_third(*rule_, heard_.data());
    rule_->learn(layers, heard, grad);
  }
  void flush(double* grad) override { rule_->flush(grad); }
  void begin() override { rule_->begin(); }
  void state(Archive& archive) override { rule_->state(archive); }

 private:
  std::unique_ptr<Rule<double>> rule_;
  std::size_t shown_, third_, outputs_;  ///< H d, q, m
  const double* signal_ = nullptr;       ///< [K][B][q] of the next segment
  std::int64_t first_, t_ = no_loss;
  std::vector<double> error_, heard_;
};

/// Sets what a rule of one stream has in common with that of other streams and inputs: the models that it has learnt.
/// Its memory has another size, or is forgotten when a row begins.
class Models final : public Archive {
 public:
  explicit Models(const Arrays& from) : from_(from) {}
  void array(const std::string&, std::span<float>) override {}
  void array(const std::string& name, std::span<double> values) override {
    const auto found = from_.find(name);
    if (found == from_.end() || found->second.size() != values.size()) return;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = found->second.at(i);
  }
  void number(const std::string&, std::int64_t&) override {}

 private:
  const Arrays& from_;
};

/// The rule whose own models do not learn: by convention their rates end in _lr.
RuleSettings at_rest(const RuleSettings& rule) {
  RuleSettings rests = rule;
  for (const auto& [key, value] : rule.options.values())
    if (key.ends_with("_lr")) rests.options.set(key, 0.0, false);
  return rests;
}

}  // namespace

ChargedSteps::ChargedSteps(const Config& config, const Task& task, const ParameterMap& map,
                           std::span<const double> theta, const Structure& structure, int steps)
    : task_(task),
      endless_(task.length(Split::train) == 0),
      steps_(steps_of(task, steps)),
      network_(with_marks(config, steps_), config, task.inputs(), task.outputs(), third_numbers(task)) {
  network_.rates = {};  // a charge is for a loss
  find_uses(map, theta, structure);
}

void ChargedSteps::find_uses(const ParameterMap& map, std::span<const double> theta, const Structure& structure) {
  const Stack<double>& stack = network_.stack;
  weights_.theta.resize(network_.map.size());
  std::vector<std::size_t> marked(map.size());  // where each parameter lies in the network with marks
  for (std::size_t p = 0; p < map.parameters().size(); ++p)
    for (std::size_t i = 0; i < map.parameters()[p].index.size(); ++i)
      marked[map.parameters()[p].index[i]] = network_.map.parameters()[p].index[i];
  for (std::size_t i = 0; i < theta.size(); ++i) weights_.theta[marked[i]] = theta[i];
  for (const std::size_t index : structure.absent)
    if (index < map.readout_at()) structure_.absent.push_back(marked[index]);
  std::sort(structure_.absent.begin(), structure_.absent.end());

  std::vector<Use> all(stack.parameters());
  marks_.resize(static_cast<std::size_t>(stack.rows()));
  mark_stride_.resize(marks_.size());
  std::vector<int> columns = {0};  // where the regressors of each layer begin
  for (int l = 0; l < stack.layers(); ++l) columns.push_back(columns.back() + stack.layer(l).columns());
  for (const StackBlock& block : stack.blocks()) {
    const auto rows = static_cast<std::size_t>(block.rows);
    for (int j = 0; j < block.cols; ++j)
      for (int i = 0; i < block.rows; ++i)
        all[block.begin + static_cast<std::size_t>(i) + rows * static_cast<std::size_t>(j)] = {
            block.row + i, columns[static_cast<std::size_t>(block.layer)] + block.col + j};
    for (int i = 0; i < block.rows; ++i) {
      const auto row = static_cast<std::size_t>(block.row + i);
      marks_[row] = block.begin + static_cast<std::size_t>(i) +
                    rows * (static_cast<std::size_t>(block.cols) - static_cast<std::size_t>(steps_));
      mark_stride_[row] = rows;
    }
  }
  for (const std::size_t index : structure_.absent) all[index] = {};
  for (std::size_t i = 0; i < map.readout_at(); ++i) uses_.push_back(all[marked[i]]);
}

void ChargedSteps::look_at(std::int64_t row) {
  const std::array rows = {row};
  constexpr int at_once = 256;
  const auto read = [&](std::int64_t t, int steps, Batch<double>& batch) {
    read_batch(task_, Split::train, rows, t, steps, {.one_error = network_.averages()}, network_.stack.width(), batch,
               Padding::at_rest);
  };
  const std::int64_t length = task_.length(Split::train);
  std::int64_t end = endless_ ? std::int64_t{typical_after + 1} * steps_ : length;
  bool found = endless_;
  for (std::int64_t stop = length; stop > 0 && !found; stop -= std::min<std::int64_t>(stop, at_once)) {
    Batch<double> batch;
    const std::int64_t from = std::max<std::int64_t>(0, stop - at_once);
    read(from, static_cast<int>(stop - from), batch);
    for (std::int64_t t = stop; t > from && !found; --t) {
      found = batch.weight[static_cast<std::size_t>(t - 1 - from)] != 0;
      if (found) end = t;
    }
  }
  first_ = std::max<std::int64_t>(0, end - steps_);
  ends_ = !endless_ && first_ + steps_ == length;

  Stepper<double> before(network_, nullptr, 1, 0, at_once);
  Batch<double> batch;
  for (std::int64_t t = 0; t < first_; t += at_once) {
    const auto steps = static_cast<int>(std::min<std::int64_t>(at_once, first_ - t));
    read(t, steps, batch);
    if (t == 0) before.begin(batch, 0);
    before.run(weights_, batch, 0, steps, false, nullptr);
  }
  read(first_, steps_, batch_);
  if (first_ > 0) {
    const std::vector<double> state = before.state_of(0);
    batch_.state.resize(state.size());
    std::copy(state.begin(), state.end(), batch_.state.data());
  }

  const Stack<double>& stack = network_.stack;
  Stepper<double> once(network_, nullptr, 1, 0, steps_);
  once.begin(batch_, 0, first_);
  once.forward(weights_, batch_, 0, steps_, ends_);
  z_.clear();
  for (int k = 0; k < steps_; ++k)
    for (int l = 0; l < stack.layers(); ++l) {
      const Cell<double>& cell = stack.layer(l);
      const double* z = once.layers()[static_cast<std::size_t>(l)].z.data() + std::ptrdiff_t{k} * cell.ld();
      z_.insert(z_.end(), z, z + cell.columns());
    }
}

/// The step, of those looked at, that the segment of step `from` ends before: all of them where the rule takes them at
/// once, else as its intervals and windows cut the row.
int ChargedSteps::segment_end(const RuleSettings& rule, int from) const {
  if (rule.segments() != Segments::interval) return steps_;
  const std::int64_t every = rule.every == 0 ? task_.length(Split::train) : rule.every, t = first_ + from;
  const int window = segment_length(rule, static_cast<int>(every), every);
  const std::int64_t in_interval = t % every, end = std::min(every, (in_interval / window + 1) * window);
  return static_cast<int>(std::min<std::int64_t>(steps_, from + end - in_interval));
}

void ChargedSteps::mark_steps(std::span<Segment<double>> layers, int from, int steps) const {
  for (int l = 0; l < network_.stack.layers(); ++l) {
    const Cell<double>& cell = network_.stack.layer(l);
    for (const Block& block : cell.blocks())
      for (int k = 0; k < steps; ++k) {
        double* marks = layers[static_cast<std::size_t>(l)].z.data() + std::ptrdiff_t{k} * cell.ld() + block.col +
                        block.cols - steps_;
        std::fill_n(marks, steps_, 0.0);
        marks[from + k] = step_mark;
      }
  }
}

Charges ChargedSteps::of(const RuleSettings& rule, const Arrays& models) const {
  std::unique_ptr<Rule<double>> asked = at_rest(rule).make(network_, structure_, 1, 0);
  Models learnt(models);
  asked->state(learnt);
  auto one_loss = std::make_unique<OneLoss>(std::move(asked), network_, first_);
  OneLoss& hearing = *one_loss;
  Stepper<double> stepper(network_, nullptr, 1, 0, steps_);
  Buffer<double> grad(network_.stack.parameters());
  stepper.watch(std::move(one_loss), grad.data());

  const std::size_t rows = marks_.size();
  const auto run = [&](int loss) {
    hearing.hear(loss);
    grad.zero();
    stepper.begin(batch_, 0, first_);
    for (int k = 0; k < steps_;) {
      const int end = segment_end(rule, k);
      mark_steps(stepper.layers(), k, end - k);
      stepper.run(weights_, batch_, k, end - k, ends_ && end == steps_, nullptr);
      k = end;
    }
    stepper.flush_watched();
  };
  const auto charged_to = [&](int s, std::size_t row) {
    return grad[marks_[row] + static_cast<std::size_t>(s) * mark_stride_[row]] / step_mark;
  };
  Charges charges{steps_, static_cast<int>(rows), {}, {}};
  run(no_loss);
  for (int s = 0; s < steps_; ++s)
    for (std::size_t row = 0; row < rows; ++row) charges.guess.push_back(charged_to(s, row));
  charges.du.resize(charges.guess.size() * static_cast<std::size_t>(steps_));
  for (int t = 0; t < steps_; ++t) {
    if (batch_.weight[static_cast<std::size_t>(t)] == 0 && batch_.third.size() == 0) continue;
    run(t);
    for (int s = 0; s < steps_; ++s)
      for (std::size_t row = 0; row < rows; ++row)
        charges.du[static_cast<std::size_t>(s * steps_ + t) * rows + row] =
            charged_to(s, row) - charges.guessed(s)[row];
  }
  return charges;
}

std::vector<double> ChargedSteps::gradient(std::span<const double> du, int s) const {
  const double* z = z_.data() + z_.size() / static_cast<std::size_t>(steps_) * static_cast<std::size_t>(s);
  std::vector<double> part;
  part.reserve(uses_.size());
  for (const Use& use : uses_) part.push_back(use.row < 0 ? 0 : du[static_cast<std::size_t>(use.row)] * z[use.column]);
  return part;
}

}  // namespace chronograd
