// SPDX-License-Identifier: Apache-2.0
// The cost of units' rates against an oracle that has it in the loss: differences of the cost itself under exact rules,
// and for every rule credit on states that is written down here.
#include <cmath>

#include "chronograd/catalogue.hpp"
#include "conformance/hand_run.hpp"
#include "conformance/jumps.hpp"
#include "files/state_arrays.hpp"
#include "learning/rule_settings.hpp"
#include "learning/stepper.hpp"

namespace chronograd::conformance {
namespace {

using Average = RateSettings::Average;
using Numbers = std::vector<double>;

constexpr int d = 3, B = 3, T = 21, inputs = HandRun::inputs;
constexpr double cost = 2.5, target = 0.15, tau = 6, rounding = 1e-11;

struct RateCase {
  std::string name;
  std::string cell;  ///< settings of the network
  Average average;
  bool idle = false;  ///< stream 1 ends early, stream 2 is not there
};
void PrintTo(const RateCase& one, std::ostream* out) {
  *out << one.name;
}

std::vector<RateCase> cases() {
  std::vector<RateCase> all;
  const std::pair<const char*, const char*> cells[] = {
      {"leaky", "cell='leaky'\nalpha=0.4\n"},
      {"gru_stack", "cell='gru'\nlayers=2\n"},
      {"rtu", "cell='rtu'\n"},
      {"alif", "cell='alif'\ntau_m=4.0\ntau_a=9.0\nv_th=0.3\nbeta=0.2\nn_ref=2\n"},
      {"alif_filter", "cell='alif'\ntau_m=4.0\nv_th=0.3\nbeta=0.2\n[readout]\ntau_out=3.0\n"},
      {"leaky_average", "cell='leaky'\nalpha=0.4\nlayers=2\n[readout]\naverage=true\ntau_out=4.0\n"},
  };
  const std::pair<const char*, Average> averages[] = {{"trial", Average::trial},
                                                      {"batch", Average::batch},
                                                      {"running", Average::running},
                                                      {"filtered", Average::filtered}};
  for (const auto& [cell, text] : cells)
    for (const auto& [word, average] : averages) {
      all.push_back({std::string(cell) + "_" + word, text, average});
      all.push_back({std::string(cell) + "_" + word + "_idle", text, average, true});
    }
  return all;
}

const char* word_of(Average average) {
  constexpr const char* words[] = {"trial", "batch", "running", "filtered"};
  return words[static_cast<int>(average)];
}

class Rates : public testing::TestWithParam<RateCase> {
 protected:
  bool by_row() const { return GetParam().average == Average::trial || GetParam().average == Average::batch; }
  bool exact_loss() const { return GetParam().average != Average::running; }

  Config config(const std::string& rule, int every) const {
    std::string text = "seed=5\ndtype='float64'\n[model]\nhidden=3\n" + GetParam().cell +
                       "[loss]\nname='mse'\n[regularise]\nrate_cost=2.5\nrate_target=0.15\naverage='" +
                       word_of(GetParam().average) + "'\n" + (by_row() ? "" : "rate_tau=6.0\n") +
                       "[update]\nevery=" + (every == 0 ? "'trial'" : std::to_string(every)) +
                       "\n[rule]\nname='bptt'\n";
    return Config::parse(text, "test").with_method(rule);
  }

  /// A network with random weights and inputs and without a loss.
  struct Run {
    Run(const RateCase& one, const Config& from)
        : config(from),
          network(config, inputs, HandRun::outputs),
          rule(config),
          hand({one.name, network.cell.get(), chosen_cell(config).model, network.stack.layers()}, d, B, T, 11) {
      batch.resize(T, B, inputs, HandRun::outputs);
      batch.count.resize(area(T, B));
      for (int row = 0; row < T * B; ++row)
        batch.count[static_cast<std::size_t>(row)] = 0.25 * (row % 3);  // as HandRun
      batch.share = 1.0 / B;
      if (one.idle) {
        batch.idle.resize(area(T, B));
        for (int t = 0; t < T; ++t)
          for (int b = 0; b < B; ++b)
            if (b == 2 || (b == 1 && t >= 13)) {
              batch.idle[area(t, B) + b] = 1;
              batch.reset[area(t, B) + b] = b == 1 ? 1 : 0;
            }
      }
      if (!network.rates.by_row()) batch.reset[area(5, B)] = 1;
      std::copy(hand.x.begin(), hand.x.end(), batch.x.data());
      std::copy_n(batch.reset.data(), area(T, B), hand.cut.begin());
      std::fill(hand.c.begin(), hand.c.end(), 0.0);
      weights.theta.resize(network.map.size());
      weights.feedback.resize(0);
      for (std::size_t k = 0; k < hand.theta.size(); ++k) hand.theta[k] *= 1.5;
      if (!network.stack.record().autapses)
        for (int i = 0; i < d; ++i) absent.push_back(network.stack.layer(0).index(i, i));
      for (const std::size_t index : absent) hand.theta[index] = 0;
      hand.absent = absent;
      std::copy(hand.theta.begin(), hand.theta.end(), weights.theta.data());
      structure.absent = absent;
    }
    bool counts(int t, int b) const { return batch.idle.size() == 0 || batch.idle[area(t, B) + b] == 0; }
    int groups() const { return network.stack.layers() * network.stack.record().heads; }

    /// h of all layers, [T][B][groups d].
    Numbers states() {
      Stepper<double> stepper(network, nullptr, B, 0, T);
      stepper.begin(batch, 0);
      stepper.forward(weights, batch, 0, T, true);
      const int heads = network.stack.record().heads;
      Numbers all;
      for (int row = 0; row < T * B; ++row)
        for (const Segment<double>& layer : stepper.layers())
          for (int i = 0; i < heads * d; ++i) all.push_back(layer.h[area(row, layer.h_ld) + i]);
      return all;
    }
    /// The averages that are charged: of the rows [B][width], or after each step [T][B][width].
    Numbers averages(const Numbers& h) const {
      const int width = groups() * d;
      const bool rows = network.rates.by_row();
      Numbers all(area(rows ? B : T * B, width));
      Numbers running(area(B, width)), steps(B);
      const double keep = std::exp(-1 / tau);
      for (int t = 0; t < T; ++t)
        for (int b = 0; b < B; ++b) {
          const bool anew = batch.reset[area(t, B) + b] != 0;
          if (counts(t, b)) steps[b] += 1;
          for (int i = 0; i < width; ++i) {
            const double value = h[area(t * B + b, width) + i];
            double& state = running[area(b, width) + i];
            state = keep * (anew ? 0 : state) + (1 - keep) * value;
            if (!rows)
              all[area(t * B + b, width) + i] = state;
            else if (counts(t, b))
              all[area(b, width) + i] += value;
          }
        }
      if (!rows) return all;
      const double together = steps[0] + steps[1] + steps[2];
      for (int i = 0; i < width; ++i) {
        double sum = 0;
        for (int b = 0; b < B; ++b) sum += all[area(b, width) + i];
        for (int b = 0; b < B; ++b) {
          double& one = all[area(b, width) + i];
          one = network.rates.is(Average::batch) ? sum / together : steps[b] > 0 ? one / steps[b] : target;
        }
      }
      return all;
    }
    double value() {
      std::copy(hand.theta.begin(), hand.theta.end(), weights.theta.data());
      const Numbers rates = averages(states());
      const int width = groups() * d;
      double sum = 0;
      const bool of_batch = network.rates.is(Average::batch), rows = network.rates.by_row();
      for (int t = 0; t < (rows ? 1 : T); ++t)
        for (int b = 0; b < (of_batch ? 1 : B); ++b)
          for (int i = 0; i < width; ++i) {
            if (!rows && !counts(t, b)) continue;
            const double above = rates[area(t * B + b, width) + i] - target;
            sum += 0.5 * cost * above * above / (of_batch ? 1 : B);
          }
      return sum;
    }
    Numbers differences() {
      Numbers grad(hand.theta.size());
      for (std::size_t k = 0; k < grad.size(); ++k) {
        const double there = hand.theta[k], step = 1e-5;
        hand.theta[k] = there + step;
        const double above = value();
        hand.theta[k] = there - step;
        grad[k] = (above - value()) / (2 * step);
        hand.theta[k] = there;
      }
      std::copy(hand.theta.begin(), hand.theta.end(), weights.theta.data());
      return grad;
    }
    /// By the credit that the cost is, on states by their numbers.
    Numbers by_hand(const std::string& name, int K) {
      const Numbers rates = averages(states());
      const int heads = network.stack.record().heads, width = groups() * d;
      const bool rows = network.rates.by_row(), of_batch = network.rates.is(Average::batch);
      double together = 0;
      Numbers steps(B);
      for (int t = 0; t < T; ++t)
        for (int b = 0; b < B; ++b) {
          steps[b] += counts(t, b);
          together += counts(t, b);
        }
      hand.further.clear();
      for (int group = 0; group < groups(); ++group) {
        HandRun::Further one{group / heads, group % heads, false, Numbers(area(T * B, d))};
        if (network.rates.is(Average::filtered)) one.state += network.stack.states() - heads;
        for (int t = 0; t < T; ++t)
          for (int b = 0; b < B; ++b)
            for (int i = 0; i < d; ++i) {
              if (!counts(t, b)) continue;
              const double above = rates[area((rows ? 0 : t * B) + b, width) + group * d + i] - target;
              one.q[area(t * B + b, d) + i] = cost * above *
                                              (!rows      ? 1.0 / B
                                               : of_batch ? 1 / together
                                                          : 1 / (B * steps[b]));
            }
        hand.further.push_back(one);
      }
      Numbers grad = hand.gradient(name, K);
      for (const std::size_t index : absent) grad[index] = 0;
      return grad;
    }
    /// By the stepper, in segments of K steps.
    Numbers by_stepper(int K) {
      Stepper<double> stepper(network, rule.make(network, structure, B, 0), B, 0, K);
      stepper.begin(batch, 0);
      if (network.rates.by_row() && K < T) stepper.survey(weights, batch, K);
      Buffer<double> grad(network.map.size());
      for (int t = 0; t < T; t += K) stepper.run(weights, batch, t, std::min(K, T - t), t + K >= T, grad.data());
      stepper.flush(grad.data());
      charged = stepper.rates().charged();
      Numbers own(grad.data(), grad.data() + hand.theta.size());
      for (const std::size_t index : absent) own[index] = 0;
      for (std::size_t k = own.size(); k < grad.size(); ++k) EXPECT_EQ(grad[k], 0) << "of the readout";
      return own;
    }

    Config config;
    Network<double> network;
    RuleSettings rule;
    HandRun hand;
    Weights<double> weights;
    Structure structure;
    std::vector<std::size_t> absent;
    Batch<double> batch;
    RatesCharged charged;
  };
};

/// What is charged is what the derivative is of.
TEST_P(Rates, ExactRulesFollowTheCost) {
  if (!exact_loss()) GTEST_SKIP() << "no loss has this gradient";
  Run smooth(GetParam(), config("bptt", 0));
  if (jumps(*smooth.network.cell)) GTEST_SKIP() << "h jumps";
  // Differences of sums of some hundred terms of order 1 err by 1e-8 at most; any mistake by far more.
  const Numbers expected = smooth.differences();
  EXPECT_LT(distance(smooth.by_stepper(T), expected), 1e-7);
  const double value = smooth.value();
  const double share = GetParam().average == Average::batch ? 1 : B;
  EXPECT_NEAR(smooth.charged.cost / (GetParam().average == Average::batch ? smooth.charged.count : 1), value * share,
              1e-12 * value * share);
}

/// Whatever the rule and however the row is cut, the cost is this credit.
TEST_P(Rates, AreCreditUnderEveryRule) {
  for (const char* name : {"bptt", "rtrl", "sparse_rtrl", "eprop", "rflo", "snap", "immediate", "uoro"})
    for (const int K : {1, 7, T}) {
      if (K < T && std::string(name) == "bptt") continue;
      Run run(GetParam(), config(name, by_row() || std::string(name) == "bptt" ? 0 : K));
      EXPECT_LT(distance(run.by_stepper(K), run.by_hand(name, K)), rounding) << name << ", K = " << K;
    }
}

/// All that a segment depends on is in the state.
TEST_P(Rates, GoOnFromACheckpoint) {
  if (by_row()) GTEST_SKIP() << "a row's rate is not carried over an update";
  Run run(GetParam(), config("eprop", 7));
  const auto make = [&] {
    auto stepper =
        std::make_unique<Stepper<double>>(run.network, run.rule.make(run.network, run.structure, B, 0), B, 0, 7);
    stepper->begin(run.batch, 0);
    return stepper;
  };
  const auto one = make(), other = make();
  Buffer<double> grad(run.network.map.size()), expected(run.network.map.size());
  one->run(run.weights, run.batch, 0, 7, false, grad.data());
  Arrays saved;
  Saving saving(saved);
  one->state(saving);
  Restoring restoring(saved, "test");
  other->state(restoring);
  restoring.finish();
  grad.zero();
  one->run(run.weights, run.batch, 7, 7, false, expected.data());
  other->run(run.weights, run.batch, 7, 7, false, grad.data());
  EXPECT_EQ(Numbers(grad.data(), grad.data() + grad.size()),
            Numbers(expected.data(), expected.data() + expected.size()));
}

INSTANTIATE_TEST_SUITE_P(cells, Rates, testing::ValuesIn(cases()), [](const auto& test) { return test.param.name; });

/// A cost of the mean rate is credit on h at every step, or on the count of spikes at the last one.
TEST(RatesOfSpikes, AreTheCountAtTheLastStep) {
  const Config config = Config::parse(
      "dtype='float64'\n[model]\ncell='alif'\nhidden=3\ntau_m=4.0\ntau_a=9.0\nv_th=0.3\nbeta=0.2\n[readout]\naverage="
      "true\n"
      "[loss]\nname='mse'\n[rule]\nname='eprop'\n",
      "test");
  const ChosenCell counting = chosen_cell(config);
  HandRun every({"count", counting.record.get(), counting.model}, d, B, T, 3);
  std::fill(every.c.begin(), every.c.end(), 0.0);
  HandRun last = every;
  every.add_further(0, 0, true);
  HandRun::Further count{0, counting.record->shown, false, Numbers(area(T * B, d))};
  // HandRun counts a step of a stream by (t B + b) mod 3 quarters, so credit on h is given by the same.
  HandRun::Further& on_h = every.further.back();
  const Numbers q = on_h.q;
  on_h = {0, 0, false, Numbers(area(T * B, d))};
  for (int t = 0; t < T; ++t)
    for (int b = 0; b < B; ++b)
      for (int i = 0; i < d; ++i) {
        on_h.q[area(t * B + b, d) + i] = 0.25 * ((t * B + b) % 3) * q[area(b, d) + i];
        if (t == T - 1) count.q[area(t * B + b, d) + i] = q[area(b, d) + i];
      }
  last.further.push_back(count);
  for (const char* rule : {"bptt", "rtrl", "eprop", "snap", "sparse_rtrl"})
    for (const int K : {1, 7, T}) {
      if (K < T && std::string(rule) == "bptt") continue;
      EXPECT_LT(distance(every.gradient(rule, K), last.gradient(rule, K)), rounding) << rule << ", K = " << K;
    }
}

}  // namespace
}  // namespace chronograd::conformance
