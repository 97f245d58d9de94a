// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include "chronograd/error.hpp"
#include "synthesisers/layered.hpp"

namespace chronograd::entries {
namespace {

constexpr double most = 1e6;

std::vector<int> units_of(const SynthesiserSetup& setup) {
  const std::vector<double> given = setup.options.numbers("sg_hidden");
  if (given.empty() || given.size() > 2)
    throw Error(Exit::usage, "rule.sg_hidden",
                "got a list of " + std::to_string(given.size()) +
                    " numbers, allowed are one or two: the units of one or two hidden layers.");
  std::vector<int> units;
  for (const double number : given) {
    if (number != std::floor(number))
      throw Error(Exit::usage, "rule.sg_hidden",
                  "got " + std::to_string(number) + ", allowed is a whole number from 0 to 1000000.");
    units.push_back(number == 0 ? setup.guesses : static_cast<int>(number));
  }
  return units;
}

template <class T>
std::unique_ptr<Synthesiser<T>> make(const SynthesiserSetup& setup) {
  return make_layered<T>(setup, units_of(setup), true);
}

constexpr Option options[] = {
    {.key = "sg_hidden",
     .type = OptionType::numbers,
     .fallback = "0",
     .low = 0,
     .high = most,
     .unit = "units",
     .help = "of its hidden layer, or a list of two for two layers; 0: as many as it guesses numbers"},
};

}  // namespace

extern const SynthesiserRecord synthesiser_mlp;
const SynthesiserRecord synthesiser_mlp = {
    .entry =
        {.name = "mlp",
         .title = "one or two hidden layers of relu",
         .formulae = "g = A2 (relu(A1 f), 1)",
         .symbols = "A1, A2: matrices\n"
                    "f: features, the last of them 1",
         .text =
             "With two hidden layers A3 (relu(A2 (relu(A1 f), 1)), 1). The last matrix starts at zero, the others are "
             "normal with deviation 1/sqrt(columns), drawn from the seed; all learn at one rate.",
         .cite = "jaderberg2017decoupled",
         .options = options},
    .time = "4 A",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
