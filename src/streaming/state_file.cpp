// SPDX-License-Identifier: Apache-2.0
#include "streaming/state_file.hpp"

#include "chronograd/error.hpp"
#include "files/mapping.hpp"
#include "files/state_arrays.hpp"
#include "training/checkpoint.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t format = 1;

Origin origin_of(const Config& config, const std::vector<PlanNumber>& plan) {
  return {"state of a learner",
          format,
          config,
          plan,
          "A new learner can begin from the parameters in the file.",
          "Results depend on it. CHRONOGRAD_ISA sets the instruction set; a new learner can begin from the parameters "
          "in the file."};
}

/// The arrays whose names begin so, without it.
Arrays part_of(const Arrays& arrays, const std::string& prefix) {
  Arrays part;
  for (const auto& [name, array] : arrays)
    if (name.starts_with(prefix)) part.emplace(name.substr(prefix.size()), array);
  return part;
}

}  // namespace

template <class T>
void save_state(StreamLearner<T>& learner, const std::string& path, const Arrays& beside) {
  Arrays state;
  for (const auto& [name, array] : beside) state.emplace(beside_prefix + name, array);
  const std::vector<PlanNumber> plan = learner.plan();
  write_origin(origin_of(learner.config(), plan), state);
  Saving saving(state);
  learner.state(saving);
  Arrays arrays = learner.parameters();
  for (auto& [name, array] : state) arrays.emplace(state_prefix + name, std::move(array));
  write_npz(path, arrays);
}

template <class T>
Arrays load_state(StreamLearner<T>& learner, const std::string& path) {
  const Arrays arrays = read_npz(path);
  Arrays state = part_of(arrays, state_prefix);
  if (state.empty())
    throw Error(Exit::data, path,
                std::string("got no arrays ") + state_prefix +
                    "..., allowed is a file that a learner saved. Parameters alone are where a new learner can begin.");
  const std::vector<PlanNumber> plan = learner.plan();
  const Origin origin = origin_of(learner.config(), plan);
  require_same_origin(origin, state, path);
  require_same_plan(origin, state, path);
  const Arrays beside = part_of(state, beside_prefix);
  std::erase_if(state, [](const auto& item) { return is_origin(item.first) || item.first.starts_with(beside_prefix); });
  Restoring restoring(state, path);
  learner.state(restoring);
  restoring.finish();
  if (!learner.go_on()) throw Error(Exit::data, path, "got counts that no learner writes. The file is damaged.");
  return beside;
}

template void save_state(StreamLearner<float>&, const std::string&, const Arrays&);
template void save_state(StreamLearner<double>&, const std::string&, const Arrays&);
template Arrays load_state(StreamLearner<float>&, const std::string&);
template Arrays load_state(StreamLearner<double>&, const std::string&);

}  // namespace chronograd
