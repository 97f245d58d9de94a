// SPDX-License-Identifier: Apache-2.0
#include "checking/check_net.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "checking/check.hpp"
#include "checking/dense_net.hpp"
#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/train.hpp"
#include "config/checker.hpp"

namespace chronograd::checking {
namespace {

constexpr int most_width = 6, inputs = 5, classes = 3;
constexpr double net_tolerance = 1e-12, of_zero = 1e-14;

/// The samples of a net, each a row of one step.
class Samples final : public Task {
 public:
  explicit Samples(const DenseNet& net) : net_(net) {}
  int inputs() const override { return net_.inputs; }
  int outputs() const override { return net_.outputs; }
  std::int64_t length(Split) const override { return 1; }
  std::int64_t rows(Split split) const override { return split == Split::train ? net_.rows : -1; }
  void read(Split, std::int64_t row, std::int64_t, int, const Steps& out) const override {
    std::copy_n(net_.x.begin() + row * net_.inputs, net_.inputs, out.x);
    std::copy_n(net_.target.begin() + row * net_.outputs, net_.outputs, out.y);
    out.mask[0] = net_.weight[static_cast<std::size_t>(row)];
    out.reset[0] = 0;
  }
  std::string summary() const override { return "random samples of the checks"; }

 private:
  const DenseNet& net_;
};

Function function_of(Activation activation) {
  switch (activation) {
    case Activation::tanh:
      return Function::tanh;
    case Activation::sigmoid:
      return Function::sigmoid;
    case Activation::relu:
      return Function::relu;
    case Activation::softplus:
      return Function::softplus;
    case Activation::softmax:
      return Function::softmax;
    default:
      return Function::identity;
  }
}

/// Weights as in problems of the checks: none is 0, so that nothing is hidden.
Named random_parameters(const DenseNet& net, Random& random) {
  Named parameters;
  const auto add = [&](const std::string& name, int count, double mean, double deviation) {
    for (int i = 0; i < count; ++i) parameters[name].push_back(mean + deviation * random.normal());
  };
  int below = net.inputs;
  for (std::size_t l = 0; l < net.widths.size(); ++l) {
    const std::string number = std::to_string(l + 1);
    add("W" + number, net.widths[l] * below, 0, 1 / std::sqrt(below));
    if (net.normalised) {
      add("gamma" + number, net.widths[l], 1, 0.1);
      add("beta" + number, net.widths[l], 0, 0.1);
      add("mean" + number, net.widths[l], 0, 0.1);
      for (int i = 0; i < net.widths[l]; ++i) parameters["var" + number].push_back(0.5 + random.uniform());
    } else {
      add("b" + number, net.widths[l], 0, 0.1);
    }
    below = net.widths[l];
  }
  add("W_out", net.outputs * below, 0, 1 / std::sqrt(below));
  add("b_y", net.outputs, 0, 0.1);
  return parameters;
}

DenseNet random_net(const Config& config, std::uint64_t seed) {
  const auto& loss = find_record<LossRecord>("loss.name", config.table("loss").word("name"));
  const Options &settings = config.table("net"), &readout = config.table("readout");
  const Activation output =
      readout.has("activation") ? activation_of("readout.activation", readout.word("activation")) : loss.natural;
  DenseNet net{{},
               function_of(activation_of("net.activation", settings.word("activation"))),
               function_of(output),
               settings.word("norm") == "batch",
               loss,
               !config.table("loss").has("normalize") || config.table("loss").word("normalize") == "mean",
               inputs,
               classes,
               4 + static_cast<int>(seed % 4),
               {},
               {},
               {},
               {}};
  for (const double width : settings.numbers("widths"))
    net.widths.push_back(static_cast<int>(std::min<double>(width, most_width)));
  Random random(seed, Draw::search);
  for (int i = 0; i < net.rows * net.inputs; ++i) net.x.push_back(random.normal());
  for (int b = 0; b < net.rows; ++b) {
    const auto label = static_cast<int>(random.below(classes));
    for (int k = 0; k < classes; ++k)
      net.target.push_back(loss.takes_classes || loss.fractions_only ? (k == label ? 1.0 : 0.0) : random.normal());
    net.weight.push_back(0.5 + random.uniform());
  }
  net.parameters = random_parameters(net, random);
  return net;
}

/// The same net and its interface in float64, with one step of gradient descent at rate 1.
Config config_for(const Config& config, const DenseNet& net, const std::string& interface, std::uint64_t seed) {
  std::map<std::string, Value> settings = {{"dtype", "float64"},
                                           {"seed", static_cast<std::int64_t>(seed)},
                                           {"net.widths", std::vector<double>(net.widths.begin(), net.widths.end())},
                                           {"net.activation", config.table("net").word("activation")},
                                           {"net.norm", config.table("net").word("norm")},
                                           {"interface.name", interface},
                                           {"loss.name", net.loss.entry.name},
                                           {"loss.normalize", net.mean ? "mean" : "sum"},
                                           {"optimizer.lr", 1.0},
                                           {"train.updates", std::int64_t{1}},
                                           {"train.batch", std::int64_t{net.rows}}};
  if (config.table("net").has("groups")) settings["net.groups"] = config.table("net").numbers("groups");
  if (config.table("readout").has("activation"))
    settings["readout.activation"] = config.table("readout").word("activation");
  if (interface == config.table("interface").word("name")) {
    // When and how often it learns is left out: what every interface has a setting for.
    const std::span<const Option> common = core_options("interface");
    for (const auto& [key, value] : config.table("interface").values())
      if (config.table("interface").given(key) &&
          std::ranges::none_of(common, [&, &name = key](const Option& option) { return name == option.key; }))
        settings["interface." + key] = value;
  }
  // Its first guess is zero, and what comes from above then is the truth, and makes up for it.
  if (interface == "dni")
    for (const auto& [key, value] :
         {std::pair{"lambda", Value(1.0)}, std::pair{"correct", Value(1.0)}, std::pair{"sg_zero", Value(true)}})
      settings[std::string("interface.") + key] = value;
  return Config::of(settings);
}

/// The layer that a parameter belongs to, the readout's being the last.
std::size_t layer_of(const std::string& name, std::size_t layers) {
  const std::size_t digit = name.find_first_of("0123456789");
  return digit == std::string::npos ? layers : static_cast<std::size_t>(std::stoul(name.substr(digit)) - 1);
}

/// What a layer's gradient is multiplied by at its first batch; NaN: the interface does not say.
std::vector<double> factors_of(const Config& config, std::size_t layers) {
  const Options &net = config.table("net"), &interface = config.table("interface");
  std::vector<std::size_t> groups(layers + 1, 1);
  if (net.has("groups")) {
    groups.clear();
    for (const double size : net.numbers("groups")) groups.push_back(static_cast<std::size_t>(size));
    ++groups.back();
  }
  const std::string name = interface.word("name");
  const double passed = name == "backprop" || name == "delayed" || name == "dni" ? 1
                        : name == "fdg"                                          ? interface.number("beta")
                        : name == "none"                                         ? 0
                                                                                 : NAN;
  std::vector<double> factors;
  for (std::size_t k = 0; k < groups.size(); ++k) {
    double factor = 1;
    for (std::size_t above = k + 1; above < groups.size(); ++above) factor *= passed;
    factors.insert(factors.end(), groups[k], factor);
  }
  return factors;
}

class NetCheck {
 public:
  NetCheck(const Config& config, std::uint64_t seed, std::vector<CheckRow>& rows)
      : config_(config), seed_(seed), net_(random_net(config, seed)), expected_(gradient_of(net_)), rows_(rows) {
    for (const auto& [name, values] : net_.parameters) {
      const std::vector<std::size_t> shape =
          name.front() == 'W' ? std::vector<std::size_t>{rows_of(name), values.size() / rows_of(name)}
                              : std::vector<std::size_t>{values.size()};
      before_.emplace(name, Array::of(shape, values));
    }
  }

  void of(const std::string& interface) {
    const Config config = config_for(config_, net_, interface, seed_);
    RunOptions options;
    options.parameters = &before_;
    options.threads = 1;
    const RunResult run = train(config, Samples(net_), options);
    const std::size_t layers = net_.widths.size();
    const std::vector<double> factors = factors_of(config, layers);
    CheckRow row;
    row.rule = interface;
    row.cell = "net";
    row.problem = std::to_string(layers) + " layers, " + std::to_string(net_.rows) + " samples";
    row.seed = seed_;
    row.quantity = std::count_if(factors.begin(), factors.end(), [](double f) { return std::isfinite(f); }) ==
                           static_cast<std::ptrdiff_t>(factors.size())
                       ? "gradient of a batch, dense definition"
                       : "gradient of the uppermost group, dense definition";
    double product = 0, exact = 0, own = 0;  // of hidden layers
    for (const auto& [name, gradient] : expected_.gradient) {
      const double factor = factors[layer_of(name, layers)];
      Vector wanted, found;
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        wanted.push_back(factor * gradient[i]);
        found.push_back(before_.at(name).at(i) - run.parameters.at(name).at(i));
      }
      if (std::isfinite(factor)) compare(name, found, wanted, row);
      if (layer_of(name, layers) == layers) continue;
      product += std::inner_product(found.begin(), found.end(), gradient.begin(), 0.0);
      exact += std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0);
      own += std::inner_product(found.begin(), found.end(), found.begin(), 0.0);
    }
    if (std::any_of(factors.begin(), factors.end(), [](double f) { return f != 1; }))
      row.cosine = own > 0 ? product / std::sqrt(own * exact) : 0;
    for (const auto& [name, values] : expected_.running) {
      Vector found;
      for (std::size_t i = 0; i < values.size(); ++i) found.push_back(run.parameters.at(name).at(i));
      compare(name, found, values, row);
    }
    rows_.push_back(row);
  }

 private:
  std::size_t rows_of(const std::string& name) const {
    return static_cast<std::size_t>(name == "W_out" ? net_.outputs : net_.widths[layer_of(name, net_.widths.size())]);
  }

  /// Weights are of size 1, so that their differences are known to some 1e-16: errors are beside the largest gradient
  /// of all.
  static void compare(const std::string& name, const Vector& found, const Vector& wanted, CheckRow& row) {
    double scale = 0, error = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      scale = std::max(scale, std::fabs(wanted[i]));
      error = std::isfinite(found[i]) ? std::max(error, std::fabs(found[i] - wanted[i])) : NAN;
      if (std::isnan(error)) break;
    }
    const double tolerance = scale > 0 ? net_tolerance : of_zero;
    if (scale > 0) error = std::max(0.0, error - of_zero) / scale;
    const bool worse = row.tolerance == 0 || std::isnan(error) || error / tolerance > row.error / row.tolerance;
    if (!worse || std::isnan(row.error)) return;
    row.error = error;
    row.tolerance = tolerance;
    row.passed = error <= tolerance;
    row.detail = name;
  }

  const Config& config_;
  std::uint64_t seed_;
  DenseNet net_;
  DenseGradient expected_;
  std::vector<CheckRow>& rows_;
  Arrays before_;
};

}  // namespace

std::vector<CheckRow> check_net(const Config& config, int seeds, std::uint64_t first_seed, Observer* observer) {
  std::vector<CheckRow> rows;
  const std::string own = config.table("interface").word("name");
  for (int s = 0; s < seeds; ++s) {
    tell(observer, s, seeds);
    NetCheck check(config, first_seed + static_cast<std::uint64_t>(s), rows);
    check.of(own);
    if (own != "backprop") check.of("backprop");
  }
  return rows;
}

}  // namespace chronograd::checking
