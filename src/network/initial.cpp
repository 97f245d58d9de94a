// SPDX-License-Identifier: Apache-2.0
#include "network/initial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <set>

#include "base/dtype_range.hpp"
#include "base/set_up.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "files/mapping.hpp"
#include "files/state_arrays.hpp"
#include "math/orthogonalise.hpp"

namespace chronograd {
namespace {

using Parameter = ParameterMap::Parameter;
using Role = ParameterMap::Role;

template <class T>
constexpr double largest_of = static_cast<double>(std::numeric_limits<T>::max());

std::uint64_t seed_of(const Config& config) {
  return static_cast<std::uint64_t>(config.table("").integer("seed"));
}

constexpr std::size_t often = 1 << 16;  ///< numbers between two questions whether to go on

/// Uniform in (0, 1), both ends excluded: their logarithms would be infinite.
double inside(Random& random) {
  return random.uniform() + 0x1p-54;
}

/// Numbers drawn as `start` says. Throws Error (usage) for settings that exclude each other.
void draw_values(const Start& start, std::size_t rows, const CellRecord& record, const Options& model,
                 const std::string& name, Random& random, std::vector<double>& values) {
  const double scale = std::sqrt(static_cast<double>(start.fan));
  // A cell need not have these settings.
  const auto number_or = [&](const char* key, double other) { return model.has(key) ? model.number(key) : other; };
  switch (start.kind) {
    case Start::zero:
      return;
    case Start::uniform:
      for (double& value : values) value = (2 * random.uniform() - 1) / scale;
      return;
    case Start::normal:
    case Start::by_init: {
      const std::string init = start.kind == Start::normal ? "normal"
                               : model.has("init")         ? model.word("init")
                                                           : "orthogonal";
      if (init == "identity") {
        for (std::size_t i = 0; i < rows; ++i) values[i * rows + i] = 1;
        return;
      }
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % often == 0) set_up_progress("drawing", name, 0);
        values[i] = random.normal() / scale;
      }
      if (init == "orthogonal")
        orthogonalise(values, rows, [&](double share) { set_up_progress("drawing", name, share); });
      return;
    }
    case Start::ring_magnitude: {
      const double low = number_or("r_min", 0), high = number_or("r_max", 1);
      if (!(low < high))
        throw Error(Exit::usage, "model.r_min",
                    "got " + std::to_string(low) + " with model.r_max = " + std::to_string(high) +
                        ", allowed is r_min < r_max.");
      for (double& value : values)
        value = std::log(-0.5 * std::log(low * low + inside(random) * (high * high - low * low)));
      return;
    }
    case Start::ring_phase:
      for (double& value : values) value = std::log(number_or("max_phase", 2 * std::numbers::pi) * inside(random));
      return;
    case Start::rate_logit:
      update_rates(record, model, static_cast<int>(rows), values.data());
      for (double& value : values) {
        if (value >= 1)
          throw Error(Exit::usage, "model.train",
                      "got an update rate alpha = 1 to be trained, allowed are rates below 1, of which alpha_logit = "
                      "log(alpha/(1 - alpha)) is finite. Set model.alpha below 1, or tau above dt.");
        value = std::log(value / (1 - value));
      }
      return;
  }
}

/// Every parameter as the cell's layout says; W_out normal with variance 1/d, b_y zero.
template <class T>
void draw(const Network<T>& network, const Config& config, std::vector<double>& theta) {
  const Options& model = config.table("model");
  std::uint64_t number = 0;
  for (const Parameter& parameter : network.map.parameters()) {
    Random random(seed_of(config), Draw::parameters, number++);
    std::vector<double> values(parameter.index.size(), 0.0);
    draw_values(parameter.start, parameter.shape[0], network.stack.record(), model, parameter.name, random, values);
    if (parameter.role == Role::recurrent && model.has("gain"))
      for (double& value : values) value *= model.number("gain");
    for (std::size_t i = 0; i < values.size(); ++i) theta[parameter.index[i]] = values[i];
  }
}

/// A mask array of 0 and 1, shaped like `parameter`.
void read_mask(const Arrays& given, const std::string& file, const std::string& name, const Parameter& parameter,
               Structure& structure) {
  const Array& mask = given.at(name);
  if (mask.shape != parameter.shape)
    throw Error(Exit::data, file + ": " + name,
                "got shape " + mask.shape_text() + ", allowed is the shape of " + parameter.name + ".");
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const double value = mask.at(i);
    if (value != 0 && value != 1)
      throw Error(Exit::data, file + ": " + name,
                  "got " + std::to_string(value) + ", allowed are 1 (present) and 0 (absent).");
    if (value == 0) structure.absent.push_back(parameter.index[i]);
  }
  structure.beside.emplace(name, mask);
}

/// Weights of units on themselves, of a cell that has none.
void remove_autapses(const Parameter& parameter, const std::string& file, const std::vector<double>& theta, bool given,
                     Structure& structure) {
  const std::size_t d = parameter.shape[1];
  for (std::size_t k = 0; k < parameter.index.size(); ++k) {
    if (k / d % d != k % d) continue;
    const std::size_t index = parameter.index[k];
    if (given && theta[index] != 0)
      throw Error(Exit::data, file + ": " + parameter.name,
                  "got " + number_text(theta[index]) + " at [" + std::to_string(k / d) + ", " + std::to_string(k % d) +
                      "], allowed is 0: units of this cell do not read themselves.");
    structure.absent.push_back(index);
  }
}

/// Absent recurrent weights: from W_rec_mask, from exact zeros, or drawn; and those of units on themselves.
template <class T>
void find_absent(const Network<T>& network, const Config& config, const Arrays* given, const std::string& file,
                 std::vector<double>& theta, Structure& structure) {
  const Options& model = config.table("model");
  const bool from_zeros = model.has("density") && model.is_word("density");
  const double density = from_zeros || !model.has("density") ? 1.0 : model.number("density");
  bool masked = false;
  for (const Parameter& parameter : network.map.parameters()) {
    const std::string name = parameter.name + "_mask";
    if ((parameter.role == Role::recurrent || parameter.role == Role::input) && given && given->contains(name)) {
      read_mask(*given, file, name, parameter, structure);
      masked |= parameter.role == Role::recurrent;
    }
  }
  std::uint64_t layer = 0;
  for (const Parameter& parameter : network.map.parameters()) {
    if (parameter.role != Role::recurrent || masked) continue;
    if (from_zeros) {
      if (!given)
        throw Error(Exit::usage, "model.density",
                    "got \"from_zeros\" without parameters to read the zeros from, allowed is a number in (0, 1]. Give "
                    "--params.");
      for (std::size_t index : parameter.index)
        if (theta[index] == 0) structure.absent.push_back(index);
    } else if (density < 1) {
      Random random(seed_of(config), Draw::mask, layer++);
      std::size_t done = 0;
      for (std::size_t index : parameter.index) {
        if (done++ % often == 0)
          set_up_progress("drawing", parameter.name + "_mask",
                          static_cast<double>(done) / static_cast<double>(parameter.index.size()));
        const bool present = random.uniform() < density;
        if (!present) structure.absent.push_back(index);
        if (!given) theta[index] /= std::sqrt(density);  // the same input to a unit as from a dense matrix
      }
    }
  }
  for (const Parameter& parameter : network.map.parameters())
    if (parameter.role == Role::recurrent && !network.stack.record().autapses)
      remove_autapses(parameter, file, theta, given != nullptr, structure);
  std::sort(structure.absent.begin(), structure.absent.end());
  structure.absent.erase(std::unique(structure.absent.begin(), structure.absent.end()), structure.absent.end());
  for (std::size_t index : structure.absent) theta[index] = 0;
}

/// Dale's law: the first part of the units excites, the rest inhibits, and each keeps its sign.
template <class T>
void apply_dale(const Network<T>& network, const Config& config, bool given, const std::string& file,
                std::vector<double>& theta, Structure& structure) {
  const Options& model = config.table("model");
  if (!model.has("dale")) return;
  const auto d = static_cast<std::size_t>(network.stack.units());
  const auto excitatory = static_cast<std::size_t>(std::lround(model.number("dale") * static_cast<double>(d)));
  for (const Parameter& w : network.map.parameters())
    for (std::size_t k = 0; w.role == Role::recurrent && k < w.index.size(); ++k) {
      const std::size_t index = w.index[k], i = k / d, j = k % d;
      const double sign = j < excitatory ? 1 : -1;
      if (!given) theta[index] = sign * std::fabs(theta[index]);
      if (theta[index] * sign < 0)
        throw Error(Exit::data, file + ": " + w.name,
                    "got " + std::to_string(theta[index]) + " at [" + std::to_string(i) + ", " + std::to_string(j) +
                        "], allowed is " + (sign > 0 ? ">= 0" : "<= 0") + " under model.dale (unit " +
                        std::to_string(j) + (sign > 0 ? " excites)." : " inhibits)."));
      structure.dale.push_back({index, sign});
    }
}

/// Shared weights: NAME_tie, shaped like NAME, has the number k of the group that an element belongs to, or -k where it
/// is the group's number negated, or 0 where it is its own. Groups may span parameters.
template <class T>
void read_ties(const Network<T>& network, const Arrays& given, const std::string& file,
               const std::vector<double>& theta, Structure& structure) {
  std::map<double, std::vector<Structure::Sign>> groups;
  for (const Parameter& parameter : network.map.parameters()) {
    const std::string name = parameter.name + "_tie";
    if (!given.contains(name)) continue;
    const Array& tie = given.at(name);
    if (tie.shape != parameter.shape)
      throw Error(Exit::data, file + ": " + name,
                  "got shape " + tie.shape_text() + ", allowed is the shape of " + parameter.name + ".");
    structure.beside.emplace(name, tie);
    for (std::size_t i = 0; i < tie.size(); ++i) {
      const double group = tie.at(i);
      if (group != std::nearbyint(group))
        throw Error(
            Exit::data, file + ": " + name,
            "got " + std::to_string(group) + ", allowed are whole numbers: 0, or a group's number with a sign.");
      if (group != 0) groups[std::fabs(group)].push_back({parameter.index[i], group > 0 ? 1.0 : -1.0});
    }
  }
  for (auto& [number, members] : groups) {
    for (const Structure::Sign& member : members)
      if (theta[member.index] * member.sign != theta[members[0].index] * members[0].sign)
        throw Error(Exit::data, file,
                    "got different values for weights that share one, " + std::to_string(theta[members[0].index]) +
                        " and " + std::to_string(theta[member.index]) + " in group " +
                        std::to_string(std::lround(number)) + " of the arrays NAME_tie.");
    if (members.size() > 1) structure.ties.push_back(std::move(members));
  }
}

/// Trained constants that model.share names: one number for all units of a layer.
template <class T>
void share_constants(const Network<T>& network, const Config& config, const std::string& file,
                     const std::vector<double>& theta, Structure& structure) {
  for (const std::string& constant : shared_constants(config))
    for (int l = 0; l < network.stack.layers(); ++l) {
      const Parameter& parameter = *network.map.find(layer_name(constant + "_logit", l));
      if (structure.beside.contains(parameter.name + "_tie"))
        throw Error(Exit::usage, "model.share",
                    "got " + constant + ", whose places are shared by the array " + parameter.name +
                        "_tie already, allowed is one of both.");
      std::vector<Structure::Sign> tie;
      for (const std::size_t index : parameter.index) {
        tie.push_back({index, 1.0});
        if (theta[index] != theta[parameter.index[0]])
          throw Error(Exit::usage, file.empty() ? "model.share" : file + ": " + parameter.name,
                      "got different values of " + constant + " for units that share one (model.share), " +
                          number_text(theta[parameter.index[0]]) + " and " + number_text(theta[index]) +
                          " as logits, allowed is one value.");
      }
      if (tie.size() > 1) structure.ties.push_back(std::move(tie));
    }
}

template <class T>
std::vector<double> feedback_matrix(const Network<T>& network, const Config& config, const Arrays* given,
                                    const std::string& file) {
  if (!network.feedback.own_matrix) return {};
  const auto d = static_cast<std::size_t>(network.readout.shown), m = static_cast<std::size_t>(network.outputs);
  std::vector<double> transposed(m * d);
  if (given && given->contains("B_feedback")) {
    const Array& array = given->at("B_feedback");
    if (array.shape != std::vector<std::size_t>{d, m})
      throw Error(Exit::data, file + ": B_feedback",
                  "got shape " + array.shape_text() + ", allowed is (" + std::to_string(d) + ", " + std::to_string(m) +
                      ") = (d, m).");
    for (std::size_t i = 0; i < d * m; ++i) {
      if (!std::isfinite(array.at(i)))
        throw Error(Exit::data, file + ": B_feedback", "got NaN or infinity, allowed are finite numbers.");
      if (std::fabs(array.at(i)) > largest_of<T>)
        throw Error(Exit::data, file + ": B_feedback",
                    "got " + number_text(array.at(i)) + " at [" + std::to_string(i / m) + ", " + std::to_string(i % m) +
                        "]" + beyond_dtype(largest_of<T>));
      transposed[i % m * d + i / m] = array.at(i);
    }
    return transposed;
  }
  Random random(seed_of(config), Draw::feedback);
  const double scale = config.table("rule").number("feedback_scale") / std::sqrt(static_cast<double>(m));
  for (std::size_t i = 0; i < d * m; ++i) transposed[i % m * d + i / m] = scale * random.normal();
  return transposed;
}

/// Refuses arrays without numbers that this network needs, and names those that it does not.
template <class T>
void check_given(const Network<T>& network, const Arrays& given, const std::string& file, Observer& observer) {
  std::set<std::string> used;
  for (const Parameter& parameter : network.map.parameters()) {
    used.insert(parameter.name);
    used.insert(parameter.name + "_tie");
    if (parameter.role == Role::recurrent || parameter.role == Role::input) used.insert(parameter.name + "_mask");
  }
  if (network.feedback.own_matrix) used.insert("B_feedback");
  for (const auto& [name, array] : given) {
    if (!used.contains(name)) {
      if (!is_mapping(name) && !name.starts_with(state_prefix))
        observer.remarked("[" + file + ": " + name + "] this array is not used.");
    } else if (!array.refusal.empty()) {
      throw Error(Exit::data, file + ": " + name, array.refusal);
    }
  }
}

}  // namespace

template <class T>
Initial initial_values(const Network<T>& network, const Config& config, const Arrays* given, const std::string& file,
                       Observer* observer) {
  Initial initial;
  initial.theta.resize(network.map.size());
  if (given) {
    check_given(network, *given, file, Observer::or_none(observer));
    initial.theta = network.map.read(*given, file, largest_of<T>);
  } else {
    draw(network, config, initial.theta);
  }
  find_absent(network, config, given, file, initial.theta, initial.structure);
  apply_dale(network, config, given != nullptr, file, initial.theta, initial.structure);
  if (given) read_ties(network, *given, file, initial.theta, initial.structure);
  share_constants(network, config, file, initial.theta, initial.structure);
  initial.feedback = feedback_matrix(network, config, given, file);
  return initial;
}

template <class T>
Arrays arrays_of(const Network<T>& network, const Weights<T>& weights, const Structure& structure) {
  Arrays arrays = network.map.write(weights.theta.data());
  for (const auto& [name, array] : structure.beside) {
    std::vector<T> elements(array.size());
    for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<T>(array.at(i));
    arrays.emplace(name, Array::of(array.shape, std::move(elements)));
  }
  if (weights.feedback.size() == 0) return arrays;
  const auto d = static_cast<std::size_t>(network.readout.shown), m = static_cast<std::size_t>(network.outputs);
  std::vector<T> feedback(d * m);
  for (std::size_t i = 0; i < d * m; ++i) feedback[i] = weights.feedback[i % m * d + i / m];
  arrays.emplace("B_feedback", Array::of({d, m}, std::move(feedback)));
  return arrays;
}

template <class T>
Arrays recurrent_arrays(const Network<T>& network, const Initial& initial) {
  const std::vector<T> theta(initial.theta.begin(), initial.theta.end());
  Arrays all = network.map.write(theta.data()), recurrent;
  for (const ParameterMap::Parameter& parameter : network.map.parameters())
    if (parameter.role == ParameterMap::Role::recurrent)
      recurrent.emplace(parameter.name, std::move(all.at(parameter.name)));
  return recurrent;
}

template <class T>
Weights<T> weights_of(const Initial& initial) {
  Weights<T> weights{Buffer<T>(initial.theta.size()), Buffer<T>(initial.feedback.size())};
  for (std::size_t i = 0; i < initial.theta.size(); ++i) weights.theta[i] = static_cast<T>(initial.theta[i]);
  for (std::size_t i = 0; i < initial.feedback.size(); ++i) weights.feedback[i] = static_cast<T>(initial.feedback[i]);
  return weights;
}

template Initial initial_values(const Network<float>&, const Config&, const Arrays*, const std::string&, Observer*);
template Initial initial_values(const Network<double>&, const Config&, const Arrays*, const std::string&, Observer*);
template Arrays arrays_of(const Network<float>&, const Weights<float>&, const Structure&);
template Arrays arrays_of(const Network<double>&, const Weights<double>&, const Structure&);
template Arrays recurrent_arrays(const Network<float>&, const Initial&);
template Arrays recurrent_arrays(const Network<double>&, const Initial&);
template Weights<float> weights_of(const Initial&);
template Weights<double> weights_of(const Initial&);

}  // namespace chronograd
