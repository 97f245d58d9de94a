// SPDX-License-Identifier: Apache-2.0
// Spiking units through the built program: published values of psi, the states that `gradient --states` writes, and
// resets that are refused.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "chronograd/array.hpp"
#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using json = nlohmann::json;
using Numbers = std::vector<double>;

class SpikingProgram : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  /// A single unit that reads one input by this weight.
  void write_unit(const std::string& model, double weight, const Numbers& x) const {
    std::ofstream(folder_ / "c.toml") << "dtype='float64'\n[model]\ncell='alif'\nhidden=1\n"
                                      << model << "[loss]\nname='mse'\n[rule]\nname='eprop'\n[update]\nevery=1\n";
    write_npz(at("d.npz"),
              {{"x", Array::of({1, x.size(), 1}, x)}, {"y", Array::of({1, x.size(), 1}, Numbers(x.size()))}});
    write_npz(at("p.npz"), {{"W_rec", Array::of({1, 1}, Numbers{0})},
                            {"W_in", Array::of({1, 1}, Numbers{weight})},
                            {"W_out", Array::of({1, 1}, Numbers{1})},
                            {"b_y", Array::of({1}, Numbers{0})}});
  }
  Outcome gradient(const std::string& more = "") const {
    return run_in(folder_, "gradient c.toml --data d.npz --params p.npz --out g.npz --states " + more);
  }
  Numbers found(const std::string& name) const {
    const Arrays arrays = read_npz(at("g.npz"));
    Numbers values;
    for (std::size_t k = 0; k < arrays.at(name).size(); ++k) values.push_back(arrays.at(name).at(k));
    return values;
  }
  /// The mean of the lines of metrics, which are of one update each.
  double firing_rate_of(const std::string& run) const {
    std::ifstream file(folder_ / run / "metrics.jsonl");
    double sum = 0, lines = 0;
    for (std::string line; std::getline(file, line); ++lines) sum += json::parse(line)["firing_rate"].get<double>();
    return sum / lines;
  }
  Folder folder_;
};

/// NEST 3.10, testsuite/pytests/synapses/test_eprop_plasticity.py: tau_m 10, V_th 0.6, t_ref 3, a weight of 0.3, height
/// 0.5, width 1/1.7; spikes of the generator at 1, 2, 3, 5, 9, 11 ms come a step later. psi at steps 14 to 18.
TEST_F(SpikingProgram, HasNestsSlopes) {
  Numbers x(20, 0.0);
  for (const int spike : {1, 2, 3, 5, 9, 11}) x[static_cast<std::size_t>(spike + 1)] = 1;
  write_unit("tau_m=10\nv_th=0.6\nn_ref=3\nheight=0.5\nwidth=0.5882352941176471\nreset_at='step'\n", 0.3, x);
  const std::pair<const char*, Numbers> published[] = {
      {"triangular", {0.21030100902759, 0.18933659619924, 0.17036721102500, 0.15320300152221, 0.13767218251307}},
      {"exponential", {0.28011776848615, 0.26861558105999, 0.25861553046549, 0.24988832085299, 0.24224569105944}},
      {"fast_sigmoid", {0.20044113201621, 0.19020804299944, 0.18160934703950, 0.17432167613232, 0.16809903522604}},
      {"arctan", {0.37433498786304, 0.36073812744784, 0.34852165076370, 0.33759316659435, 0.32784181049728}}};
  for (const auto& [surrogate, values] : published) {
    ASSERT_THAT(gradient("model.surrogate=" + std::string(surrogate)), ExitsWith(0));
    const Numbers psi = found("psi");
    for (std::size_t k = 0; k < values.size(); ++k) EXPECT_NEAR(psi[14 + k], values[k], 1e-12) << surrogate << " " << k;
    ASSERT_THAT(gradient("model.reset_at=next model.surrogate=" + std::string(surrogate)), ExitsWith(0));
    EXPECT_GT(std::fabs(found("psi")[14] - values[0]), 1e-3) << "the reset has a part in these values";
  }
}

/// v, a and the threshold that v was held against, unrolled by hand with round numbers: alpha = rho = 1/2.
TEST_F(SpikingProgram, WritesStates) {
  write_unit("dt=0.6931471805599453\ntau_m=1\ntau_a=1\nv_th=1\nbeta=2\nwidth=4\nheight=1\n", 1, {3, 0, 1, 0});
  ASSERT_THAT(gradient(), ExitsWith(0));
  const auto near = [&](const char* name, const Numbers& expected) {
    const Numbers got = found(name);
    ASSERT_EQ(got.size(), expected.size()) << name;
    for (std::size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], expected[k], 1e-12) << name << " " << k;
  };
  near("v", {3, 0.5, 1.25, 0.625});
  near("h", {1, 0, 0, 0});
  near("a", {1, 0.5, 0.25, 0.125});
  near("threshold", {1, 3, 2, 1.5});
  near("psi", {0.5, 0.375, 0.8125, 0.78125});
  ASSERT_THAT(gradient("model.reset_at=step"), ExitsWith(0));
  near("v", {3, 1, 1.5, 0.75});
  ASSERT_THAT(gradient("model.reset=zero model.reset_at=step"), ExitsWith(0));
  near("v", {3, 0, 1, 0.5});
  ASSERT_THAT(gradient("readout.tau_out=1"), ExitsWith(0));
  near("threshold", {1, 3, 2, 1.5});
  near("f", {0.5, 0.25, 0.125, 0.0625});
}

TEST_F(SpikingProgram, WritesStatesOfOtherCellsAndOfStacks) {
  write_unit("", 1, {1, 0, 1});
  ASSERT_THAT(run_in(folder_, "train c.toml --data d.npz --out run --quiet model.layers=2"), ExitsWith(0));
  ASSERT_THAT(
      run_in(folder_, "gradient c.toml --data d.npz --params run/params.npz --out g.npz --states model.layers=2"),
      ExitsWith(0));
  for (const char* name : {"h_l0", "v_l0", "a_l0", "threshold_l0", "psi_l0", "h_l1", "v_l1", "psi_l1"})
    EXPECT_EQ(found(name).size(), 3U) << name;
  EXPECT_EQ(found("h_l1"), found("h"));
  ASSERT_THAT(run_in(folder_, "report run -o page.html --quiet"), ExitsWith(0));
  EXPECT_THAT(read_text(folder_ / "page.html"), HasSubstr("what a lower layer&#39;s past does to an upper layer is"));
  ASSERT_THAT(run_in(folder_, "train c.toml --data d.npz --out lstm --quiet model.cell=lstm"), ExitsWith(0));
  ASSERT_THAT(
      run_in(folder_, "gradient c.toml --data d.npz --params lstm/params.npz --out g.npz --states model.cell=lstm"),
      ExitsWith(0));
  EXPECT_EQ(found("c").size(), 3U);
  EXPECT_EQ(read_npz(at("g.npz")).count("psi"), 0U);
}

TEST_F(SpikingProgram, RefusesResetsThatNoReferenceHolds) {
  write_unit("", 1, {1, 0, 1});
  Outcome got = gradient("model.reset=threshold");
  EXPECT_THAT(got, ExitsWith(2));
  EXPECT_THAT(got.err, HasSubstr("[model.reset] got \"threshold\""));
  got = gradient("model.reset=zero");
  EXPECT_THAT(got, ExitsWith(2));
  EXPECT_THAT(got.err, HasSubstr("[model.reset_at] got \"next\""));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "g.npz"));
}

/// A net that never fires, or always, far from its threshold: its hidden weights have no gradient, and it is said.
TEST_F(SpikingProgram, WarnsOfSilentAndSaturatedNets) {
  for (const bool saturated : {false, true}) {
    write_unit("", saturated ? 100 : -100, {1, 1, 1, 1});
    const Outcome got = run_in(folder_, "train c.toml --data d.npz --params p.npz --out run");
    ASSERT_THAT(got, ExitsWith(0));
    EXPECT_THAT(got.err, HasSubstr("[model] the slope psi of a spike is 0 for every unit at every step"));
    EXPECT_THAT(got.err, HasSubstr(saturated ? "100 % of units fire nearly as often as they can" : "no unit fires"));
    const json firing = json::parse(read_text(folder_ / "run/summary.json"))["firing"];
    EXPECT_EQ(firing["rate"], saturated ? 1 : 0);
    EXPECT_EQ(firing["silent"], saturated ? 0 : 1);
    EXPECT_EQ(firing["saturated"], saturated ? 1 : 0);
    EXPECT_EQ(firing["without_slope"], 1);
    EXPECT_EQ(firing_rate_of("run"), saturated ? 1 : 0);
    EXPECT_EQ(read_npz(at("run/params.npz")).at("W_in").at(0), saturated ? 100 : -100) << "nothing was learnt";
    ASSERT_THAT(run_in(folder_, "report run -o page.html --quiet"), ExitsWith(0));
    EXPECT_THAT(read_text(folder_ / "page.html"), HasSubstr("no credit reaches the hidden weights"));
    std::filesystem::remove_all(folder_ / "run");
    EXPECT_THAT(gradient().err, HasSubstr("no credit reaches the hidden weights"));
    EXPECT_EQ(found("W_in"), Numbers{0});
  }
  write_unit("", 1, {1, 1, 0, 0});
  const Outcome got = run_in(folder_, "train c.toml --data d.npz --params p.npz --out run optimizer.lr=1e-9");
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_THAT(got.err, Not(HasSubstr("[model]")));
  EXPECT_EQ(json::parse(read_text(folder_ / "run/summary.json"))["firing"]["rate"], 0.75) << "v: 1, 1.35, 0.68, 0.05";
  EXPECT_EQ(firing_rate_of("run"), 0.75);
}

/// What stands in a sample beside each other belongs together: credit times trace, summed, is e-prop's gradient.
TEST_F(SpikingProgram, RecordsARowWithCreditAndTraces) {
  std::ofstream(folder_ / "c.toml")
      << "dtype='float64'\n[model]\ncell='alif'\nhidden=6\nbeta=[0,0,0,0.2,0.2,0.2]\nn_ref=2\nsurrogate='fast_sigmoid'"
         "\n[readout]\ntau_out=5\n"
         "[loss]\nname='mse'\nnormalize='sum'\n[rule]\nname='eprop'\nfeedback='random'\n[update]\nevery=7\n"
         "[optimizer]\nlr=1e-3\n";
  Numbers x, y;
  for (int t = 0; t < 60; ++t) {
    for (int j = 0; j < 3; ++j) x.push_back((t * (j + 2)) % 5 == 0 ? 1 : 0);
    y.push_back(std::sin(0.2 * t));
  }
  write_npz(at("d.npz"), {{"x", Array::of({1, 60, 3}, x)}, {"y", Array::of({1, 60, 1}, y)}});
  ASSERT_THAT(run_in(folder_, "train c.toml --data d.npz --out run --quiet"), ExitsWith(0));
  ASSERT_THAT(run_in(folder_, "gradient c.toml --data d.npz --params run/params.npz --out g.npz --states --quiet"),
              ExitsWith(0));
  const Arrays sample = read_npz(at("run/sample.npz")), whole = read_npz(at("g.npz"));
  for (const char* name : {"v", "threshold", "psi", "h"})
    for (std::size_t k = 0; k < 360; ++k)
      ASSERT_NEAR(sample.at(name).at(k), whole.at(name).at(k), 1e-6 * (1 + std::fabs(whole.at(name).at(k)))) << name;
  const Array& units = sample.at("row/units");
  ASSERT_EQ(units.size(), 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto unit = static_cast<std::size_t>(units.at(k)),
               from = static_cast<std::size_t>(sample.at("row/from").at(k));
    double sum = 0;
    for (std::size_t t = 0; t < 60; ++t) {
      for (const char* name : {"v", "threshold", "psi"})
        ASSERT_EQ(sample.at(std::string("row/") + name).at(3 * t + k),
                  static_cast<float>(whole.at(name).at(6 * t + unit)));
      sum += sample.at("row/credit").at(3 * t + k) * sample.at("row/trace").at(3 * t + k);
    }
    const double gradient = from < 6 ? whole.at("W_rec").at(6 * unit + from) : whole.at("W_in").at(3 * unit + from - 6);
    EXPECT_GT(std::fabs(gradient), 1e-6);
    EXPECT_NEAR(sum, gradient, 1e-5 * std::fabs(gradient)) << unit << " from " << from;
  }
}

}  // namespace
}  // namespace chronograd
