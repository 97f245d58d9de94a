// SPDX-License-Identifier: Apache-2.0
// What a device does, with chronograd::core alone and public headers: golden gradients, golden online runs, and a
// longer run of a learner that is saved and restored. Any processor; no test library, so that nothing else must be
// built for it.
//   device_test GOLDEN_DIR [write FILE | beside FILE]
// `write` keeps the numbers of the longer runs, `beside` compares with those of another processor.
#include <chronograd/learner.hpp>
#include <chronograd/rule.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "device/flat_file.hpp"
#include "golden/cases.hpp"

namespace chronograd::device {
namespace {

using golden::GoldenCase;
using Settings = std::map<std::string, Value>;

// Sums of some hundred products of float64, in another order or fused: 1e-16 times a hundred, and a hundred for what
// the recursion makes of it. Against the largest number of the array, as sums of many terms must be.
constexpr double tolerance = 1e-12;

int compared = 0, wrong = 0;
double largest_difference = 0;

void expect_close(const std::string& what, const Array& found, const Array& expected) {
  double largest = 0, difference = found.size() == expected.size() ? 0 : INFINITY;
  for (std::size_t k = 0; k < expected.size() && k < found.size(); ++k) {
    largest = std::fmax(largest, std::fabs(expected.at(k)));
    const double off = std::fabs(found.at(k) - expected.at(k));
    if (!(off <= difference)) difference = off;
  }
  const double relative = largest > 0 ? difference / largest : difference;
  largest_difference = std::fmax(largest_difference, relative);
  ++compared;
  if (relative <= tolerance) return;
  ++wrong;
  std::printf("WRONG %s: differs by %.3g of its largest number %.3g\n", what.c_str(), relative, largest);
}

void expect(const std::string& what, bool holds) {
  ++compared;
  if (holds) return;
  ++wrong;
  std::printf("WRONG %s\n", what.c_str());
}

bool has_rule(const std::string& name) {
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    if (name == rule->entry.name) return true;
  return false;
}

/// What a file's arrays `KEY:...` are in the library.
struct Reference {
  const char* key;
  const char* rule;
  bool random = false;  ///< feedback is the file's B_feedback
  Settings options = {};
};

/// The row of a golden file, a step at a time, side by side; returns the parameters after it.
Arrays learn_row(const GoldenCase& golden, const Arrays& file, const Reference& reference, std::int64_t every,
                 double lr) {
  const Array &x = file.at("x"), &y = file.at(file.contains("y_target") ? "y_target" : "y"), &W_out = file.at("W_out"),
              &mask = file.at("mask");
  const std::size_t B = x.shape[0], T = x.shape[1], n = x.shape[2], m = W_out.shape[0], d = W_out.shape[1];
  Settings settings = reference.options;
  settings.merge(Settings{{"dtype", "float64"},
                          {"threads", 1},
                          {"model.cell", golden.cell},
                          {"model.hidden", static_cast<std::int64_t>(d)},
                          {"readout.activation", golden.output},
                          {"loss.name", golden.loss},
                          {"loss.normalize", "sum"},
                          {"rule.name", reference.rule},
                          {"rule.feedback", reference.random ? "random" : "symmetric"},
                          {"update.every", every},
                          {"optimizer.name", "sgd"},
                          {"optimizer.lr", lr}});
  if (golden.cell == "leaky")
    settings.merge(Settings{{"model.alpha", golden.alpha}, {"model.activation", golden.activation}});
  Arrays parameters;
  for (const char* name : {"W_rec", "W_in", "b_h", "W_rec_mask", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0",
                           "bias_hh_l0", "W_out", "b_y"})
    if (file.contains(name)) parameters.emplace(name, file.at(name));
  if (reference.random) parameters.emplace("B_feedback", file.at("B_feedback"));
  Learner<double> learner(
      Config::of(settings),
      {.inputs = static_cast<int>(n), .outputs = static_cast<int>(m), .streams = static_cast<int>(B)}, &parameters);
  std::vector<double> input(B * n), target(B * m), weight(B);
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t b = 0; b < B; ++b) {
      const std::size_t at = b * T + t;
      for (std::size_t j = 0; j < n; ++j) input[b * n + j] = x.at(at * n + j);
      for (std::size_t k = 0; k < m; ++k)
        target[b * m + k] =
            y.shape.size() == 3 ? y.at(at * m + k) : (static_cast<std::size_t>(y.at(at)) == k ? 1.0 : 0.0);
      weight[b] = mask.at(at);
      if (file.contains("reset") && file.at("reset").at(at) != 0) learner.reset(static_cast<int>(b));
    }
    learner.predict(input);
    learner.learn(target, weight);
  }
  return learner.parameters();
}

/// Gradients of whole rows: with a rate of 1 and one update at the end they are what was subtracted.
void golden_gradients(const std::string& folder) {
  const Reference references[] = {{"bptt", "rtrl"},
                                  {"bptt", "tbptt"},
                                  {"rtrl", "sparse_rtrl"},
                                  {"rtrl_random_feedback", "rtrl", true},
                                  {"rflo", "rflo", true},
                                  {"rflo_symmetric", "rflo"},
                                  {"local", "rflo"},
                                  {"local_random", "rflo", true},
                                  {"snap1", "snap"},
                                  {"snap1_unit", "snap"},
                                  {"snap1_strict", "snap", false, {{"rule.pattern", "strict"}}},
                                  {"snap2", "snap", false, {{"rule.n", 2}}},
                                  {"snap3", "snap", false, {{"rule.n", 3}}},
                                  {"tbptt1", "tbptt", false, {{"rule.L", 1}}},
                                  {"tbptt1", "immediate"},
                                  {"tbptt4", "tbptt", false, {{"rule.L", 4}}}};
  std::vector<GoldenCase> cases = golden::leaky_cases();
  cases.insert(cases.end(), golden::gated_cases().begin(), golden::gated_cases().end());
  for (const GoldenCase& golden : cases) {
    const Arrays file = read_flat(folder + "/" + golden.name + ".flat");
    if (file.contains("h0") || file.contains("c0")) continue;  // a learner begins from zero
    for (const Reference& reference : references) {
      const std::string prefix = std::string("grad:") + reference.key + ":";
      if (!has_rule(reference.rule) || !file.contains(prefix + "W_out")) continue;
      const auto T = static_cast<std::int64_t>(file.at("x").shape[1]);
      for (const auto& [name, after] : learn_row(golden, file, reference, T, 1)) {
        if (!file.contains(prefix + name)) continue;
        Array gradient = after, expected = file.at(prefix + name);
        for (std::size_t k = 0; k < after.size(); ++k) {
          gradient.f64[k] = file.at(name).at(k) - after.at(k);
          // The gradient of an absent weight is zero, and the weight too.
          if (name == "W_rec" && file.contains("W_rec_mask") && file.at("W_rec_mask").at(k) == 0)
            gradient.f64[k] = expected.f64[k] = 0;
        }
        expect_close(golden.name + " " + prefix + name + " by " + reference.rule, gradient, expected);
      }
    }
  }
}

/// Parameters after learning online. Intervals that the row is not a multiple of end with an update that no stream has.
void golden_online_runs(const std::string& folder) {
  const Reference references[] = {{"immediate", "immediate"},
                                  {"readout_only", "readout_only"},
                                  {"tbptt", "tbptt"},
                                  {"rtrl", "rtrl"},
                                  {"rtrl", "sparse_rtrl"},
                                  {"rflo", "rflo", true},
                                  {"rflo_symmetric", "rflo"},
                                  {"snap1", "snap"},
                                  {"snap2", "snap", false, {{"rule.n", 2}}}};
  for (const golden::OnlineCase& golden : golden::online_cases()) {
    const Arrays file = read_flat(folder + "/" + golden.base.name + ".flat");
    for (const Reference& reference : references)
      for (const int every : golden.every) {
        if (!has_rule(reference.rule) || file.at("x").shape[1] % static_cast<std::size_t>(every) != 0) continue;
        const std::string prefix = std::string("final:") + reference.key + ":K" + std::to_string(every) + ":";
        for (const auto& [name, found] : learn_row(golden.base, file, reference, every, golden.lr))
          if (file.contains(prefix + name))
            expect_close(golden.base.name + " " + prefix + name, found, file.at(prefix + name));
      }
  }
}

struct LongRun {
  const char *cell, *rule, *optimizer;
  double rate;
};

/// 2000 steps of a sine that is echoed, in which the learner is saved half way and another one goes on from there. A
/// third one begins with a weight that is off by its last bit: where learning itself blows that up, processors cannot
/// agree. Returns the parameters.
template <class T>
Arrays long_run(const LongRun& run) {
  const bool wide = sizeof(T) == sizeof(double);
  const std::string what = std::string(run.cell) + " " + run.rule + (wide ? " float64" : " float32");
  const Config config = Config::of({{"dtype", wide ? "float64" : "float32"},
                                    {"seed", 3},
                                    {"threads", 1},
                                    {"model.cell", run.cell},
                                    {"model.hidden", 12},
                                    {"loss.name", "mse"},
                                    {"rule.name", run.rule},
                                    {"update.every", 1},
                                    {"optimizer.name", run.optimizer},
                                    {"optimizer.lr", run.rate}});
  const typename Learner<T>::Sizes sizes{.inputs = 1, .outputs = 1};
  Learner<T> first(config, sizes), second(config, sizes), third(config, sizes);
  third.theta()[0] = std::nextafter(third.theta()[0], T(1));
  std::vector<std::byte> state(first.state_bytes());
  double begun = 0, ended = 0;
  for (int t = 0; t < 2000; ++t) {
    if (t == 1000) {
      first.save(state);
      expect(what + ": restored", second.restore(state) == Restored::same_bits);
    }
    const T x = static_cast<T>(std::sin(0.1 * t)), target = static_cast<T>(std::sin(0.1 * (t - 8)));
    const T y = first.predict({&x, 1})[0];
    const double loss = first.learn({&target, 1});
    third.predict({&x, 1});
    third.learn({&target, 1});
    (t < 200 ? begun : ended) += t < 200 || t >= 1800 ? loss / 200 : 0;
    if (t < 1000) continue;
    expect(what + ": goes on to the bit", second.predict({&x, 1})[0] == y && second.learn({&target, 1}) == loss);
  }
  expect(what + ": healthy", first.healthy());
  expect(what + ": has learnt", ended < 0.5 * begun);
  if (wide)
    for (const auto& [name, array] : third.parameters())
      expect_close(what + ", a bit off: " + name, array, first.parameters().at(name));
  return first.parameters();
}

void long_runs(const std::string& mode, const std::string& path) {
  Arrays all;
  for (const LongRun& run : {LongRun{"leaky", "rflo", "sgd", 0.003}, LongRun{"gru", "snap", "adam", 0.003},
                             LongRun{"lstm", "snap", "adam", 0.003}, LongRun{"leaky", "rtrl", "sgd", 0.01}}) {
    if (!has_rule(run.rule)) continue;
    for (const auto& [name, array] : long_run<double>(run))
      all.emplace(std::string(run.cell) + "/" + run.rule + "/" + name, array);
    long_run<float>(run);
  }
  if (mode == "write") write_flat(path, all);
  if (mode != "beside") return;
  const Arrays other = read_flat(path);
  for (const auto& [name, array] : all) expect_close("another processor's " + name, array, other.at(name));
}

}  // namespace
}  // namespace chronograd::device

int main(int count, char** words) {
  using namespace chronograd::device;
  if (count != 2 && count != 4) return 2;
  golden_gradients(words[1]);
  golden_online_runs(words[1]);
  const int of_files = compared;
  long_runs(count == 4 ? words[2] : "", count == 4 ? words[3] : "");
  std::printf("%d comparisons, %d of them with golden files, %d wrong; largest difference %.3g\n", compared, of_files,
              wrong, largest_difference);
  return wrong == 0 && of_files > 100 ? 0 : 1;
}
