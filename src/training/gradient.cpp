// SPDX-License-Identifier: Apache-2.0
#include "chronograd/gradient.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/dtype.hpp"
#include "base/interrupt.hpp"
#include "base/sizes.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "network/chosen_cell.hpp"
#include "network/initial.hpp"
#include "training/class_weights.hpp"
#include "training/data.hpp"
#include "training/plan.hpp"
#include "training/remarks.hpp"
#include "training/state_record.hpp"
#include "training/stream_record.hpp"

namespace chronograd {
namespace {

/// The names of the rules that `keep` is true of.
std::string rules_that(bool (*keep)(const RuleRecord&)) {
  std::vector<std::string> names;
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    if (keep(*rule)) names.emplace_back(rule->entry.name);
  return joined(names);
}

void check(const RuleSettings& settings, std::int64_t every, const Task& task, const GradientRequest& request) {
  const RuleRecord& rule = settings.record;
  if (task.length(Split::train) == 0 || task.rows(Split::train) <= 0)
    throw Error(Exit::usage, "task",
                "got a task without end, allowed are rows of a fixed length. Give --data FILE.npz.");
  if (request.per_step && (!rule.past_facing || every != 1))
    throw Error(Exit::usage, "--per-step",
                std::string("got the rule ") + rule.entry.name +
                    (rule.past_facing ? " with another update.every than 1" : ", which does not sum towards the past") +
                    ", allowed are past-facing rules (" +
                    rules_that([](const RuleRecord& one) { return one.past_facing; }) + ") with update.every = 1.");
  if (request.inputs && rule.promise != Promise::exact)
    throw Error(Exit::usage, "--inputs",
                std::string("got the rule ") + rule.entry.name + ", which is not exact, allowed are exact rules (" +
                    rules_that([](const RuleRecord& one) { return one.promise == Promise::exact; }) + ").");
  if (request.inputs && settings.options.word("feedback") != "symmetric")
    throw Error(Exit::usage, "--inputs",
                "got another feedback than symmetric: dL/dx is exact with symmetric feedback only.");
}

/// Not a rule that learns: dL/dx, dL/dh0 and those of the other states by one backward scan over the whole row, which
/// the credit of every exact rule amounts to.
template <class T>
class InputGradient final : public Rule<T> {
 public:
  InputGradient(const Stack<T>& stack, Arrays& out) : stack_(stack), out_(out) {}

  void learn(Layers<T> layers, const Credit<T>& credit, T*) override {
    const int K = layers[0].steps, B = layers[0].streams, d = stack_.units(), n = stack_.inputs(), L = stack_.layers(),
              S = stack_.states(), width = stack_.width(), shown = stack_.shown_width();
    Buffer<T> lambda(area(B, width)), entry(area(B, shown)), du(area(B, stack_.rows())),
        bottom(area(B, stack_.layer(0).rows())), dx(area(B, n));
    StreamRecord<T> x(B, K, n);
    for (int k = K - 1; k >= 0; --k) {
      stack_.pull(layers, k, Recurrent::full, lambda.data(), credit.c + area(k * B, shown), du.data(),
                  k > 0 ? credit.c + area((k - 1) * B, shown) : entry.data());
      for (int b = 0; b < B; ++b)
        std::copy_n(du.data() + area(b, stack_.rows()), stack_.layer(0).rows(),
                    bottom.data() + area(b, stack_.layer(0).rows()));
      stack_.layer(0).input_credit(layers[0], B, bottom.data(), dx.data());
      x.add(0, k, B, 1, dx.data());
    }
    for (int b = 0; b < B; ++b)
      for (int i = 0; i < shown; ++i)
        lambda[area(b, width) + static_cast<std::size_t>(stack_.shown() + i)] +=
            entry[area(b, shown) + static_cast<std::size_t>(i)];
    const std::vector<std::string> names = state_names(stack_.record());
    for (int l = 0; l < L; ++l)
      for (int s = 0; s < S; ++s) {
        const std::string& name = names[static_cast<std::size_t>(s)];
        if (name.empty()) continue;
        std::vector<T> first;
        for (int b = 0; b < B; ++b) {
          const T* from = lambda.data() + area(b, width) + area(l * S + s, d);
          first.insert(first.end(), from, from + d);
        }
        out_.emplace("grad/" + layer_name(name, l),
                     Array::of({static_cast<std::size_t>(B), static_cast<std::size_t>(d)}, std::move(first)));
      }
    out_.emplace("grad/x", x.array());
  }
  void begin() override {}
  void state(Archive&) override {}

 private:
  const Stack<T>& stack_;
  Arrays& out_;
};

template <class T>
Arrays compute(const Config& config, const Task& task, const Arrays& parameters, const std::string& name,
               const GradientRequest& request) {
  const RuleSettings rule(config);
  TrainSettings settings(config);
  check(rule, settings.every, task, request);
  settings.batch = task.rows(Split::train);
  const Network<T> network(config, task);
  const Plan plan = make_plan(settings, rule, task, sizes_of(network));
  const Initial initial = initial_values(network, config, &parameters, name, request.observer);
  const Weights<T> weights = weights_of<T>(initial);
  const int B = plan.batch, length = static_cast<int>(plan.length), d = network.stack.shown_width(),
            m = network.outputs;
  // A cost of rates of the whole batch wants to see all of it.
  const int width = plan.in_turns && !network.rates.is(RateSettings::Average::batch) ? plan.width() : B;
  const LossSettings loss(config);
  const Normalisation normalisation{loss.mean(false),          plan.trial,         B,
                                    class_weights(loss, task), network.averages(), network.rates.by_row()};

  Batch<T> batch;
  // Rows from `first` on as so many streams; those beyond the last row are not there.
  const auto read = [&](int first, int streams, Batch<T>& to, Padding padding) {
    std::vector<std::int64_t> rows;
    for (int row = first; row < first + streams; ++row) rows.push_back(row < B ? row : -1);
    read_batch(task, Split::train, rows, 0, length, normalisation, network.stack.width(), to, padding);
  };
  Stepper<T> stepper(network, rule.make(network, initial.structure, width, 0, request.signs), width, 0, plan.segment);
  // What is shown of padding is what the network makes of it.
  Batch<T> given;
  std::optional<Stepper<T>> shown;

  Buffer<T> grad(network.map.size());
  StreamRecord<T> h(B, length, d), y(B, length, m), losses(B, length, 1);
  std::optional<StateRecord<T>> states;
  if (request.states) states.emplace(network.stack, config.table("model"), B, length);
  bool slopes = !spikes(network.stack.record());
  std::map<std::string, std::vector<T>> steps;
  double sum = 0;
  const auto mask_absent = [&] {
    for (std::size_t index : initial.structure.absent) grad[index] = 0;
  };
  const std::int64_t parts = (B + width - 1) / width * std::int64_t{length};
  std::int64_t part = 0;
  const auto ask = [&] {
    if (!Observer::or_none(request.observer).moved({part, parts, part * std::min(B, width)}))
      throw Error(
          Exit::interrupted, "gradient",
          "interrupted after step " + std::to_string(part) + " of " + std::to_string(parts) + "; nothing was written.");
    return true;
  };
  Interrupt interrupt(ask);
  for (int first = 0; first < B; first += width) {
    read(first, width, batch, Padding::at_rest);
    stepper.begin(batch, 0, 0, first);
    if (network.rates.by_row() && plan.segment < plan.every) stepper.survey(weights, batch, plan.segment);
    if (batch.any_padding) {
      read(first, width, given, Padding::as_given);
      if (!shown) shown.emplace(network, nullptr, width, 0, plan.segment);
      shown->begin(given, 0, 0, first);
    }
    for (int t = 0; t < length; t += plan.every)
      for (int k = t; k < std::min(length, t + plan.every); k += plan.segment) {
        const int count = std::min(plan.segment, std::min(length, t + plan.every) - k);
        const Buffer<T>* before = nullptr;
        Buffer<T> kept;
        if (request.per_step) {
          kept.resize(grad.size());
          std::copy_n(grad.data(), grad.size(), kept.data());
          grad.zero();
          before = &kept;
        }
        stepper.forward(weights, batch, k, count, k + count == length);
        if (states && !batch.any_padding) states->add(first, k, stepper.layers());
        sum += stepper.learn(weights, batch, k, grad.data());
        losses.add(first, k, width, count, stepper.seen().loss);
        slopes = slopes || any_slope<T>(network.stack, stepper.layers());
        if (batch.any_padding) {
          shown->forward(weights, given, k, count, k + count == length);
          if (states) states->add(first, k, shown->layers());
          shown->learn(weights, given, k, nullptr);
        }
        const Seen<T> seen = batch.any_padding ? shown->seen() : stepper.seen();
        h.add(first, k, width, count, seen.h, seen.h_ld);
        y.add(first, k, width, count, seen.y);
        part = std::int64_t{first / width} * length + k + count;
        ask();
        if (!before) continue;
        mask_absent();
        for (const auto& parameter : network.map.parameters())
          for (std::size_t index : parameter.index) steps[parameter.name].push_back(grad[index]);
        for (std::size_t i = 0; i < grad.size(); ++i) grad[i] += (*before)[i];
      }
    stepper.flush(grad.data());
  }
  mask_absent();

  if (!std::isfinite(sum) || !std::all_of(grad.data(), grad.data() + grad.size(), [](T g) { return std::isfinite(g); }))
    throw Error(
        Exit::diverged, "gradient",
        "got NaN or infinity, allowed are finite losses and gradients. The states run away under these parameters"
        " and inputs; dtype = \"float64\" reaches further.");
  if (!slopes) Observer::or_none(request.observer).remarked("[model] " + std::string(no_slope));
  Arrays out = network.map.write(grad.data());
  for (const auto& parameter : network.map.parameters())
    if (request.per_step) {
      std::vector<std::size_t> shape = parameter.shape;
      shape.insert(shape.begin(), static_cast<std::size_t>(length));
      out.emplace("grad_t/" + parameter.name, Array::of(shape, std::move(steps[parameter.name])));
    }
  out.emplace("loss", Array::of({}, std::vector<double>{sum}));
  out.emplace("loss_t", losses.array(false));
  out.emplace("h", h.array());
  out.emplace("y", y.array());
  if (states) states->move_to(out);
  if (request.inputs) {
    if (width < B) read(0, B, batch, Padding::at_rest);
    Stepper<T> whole(network, rule.make(network, initial.structure, B, 0), B, 0, length);
    whole.watch(std::make_unique<InputGradient<T>>(network.stack, out), nullptr);
    whole.begin(batch, 0);
    whole.run(weights, batch, 0, length, true, grad.data());
  }
  return out;
}

}  // namespace

Arrays gradient(const Config& config, const Task& task, const Arrays& parameters, const std::string& parameters_name,
                const GradientRequest& request) {
  require_recurrent(config, "gradient");
  return with_dtype(config, [&]<class T>(T) { return compute<T>(config, task, parameters, parameters_name, request); });
}

}  // namespace chronograd
