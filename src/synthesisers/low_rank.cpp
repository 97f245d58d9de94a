// SPDX-License-Identifier: Apache-2.0
#include "synthesisers/layered.hpp"

namespace chronograd::entries {
namespace {

template <class T>
std::unique_ptr<Synthesiser<T>> make(const SynthesiserSetup& setup) {
  return make_layered<T>(setup, {static_cast<int>(setup.options.integer("sg_rank"))}, false);
}

constexpr Option options[] = {
    {.key = "sg_rank", .type = OptionType::integer, .fallback = "16", .low = 1, .high = 1e6, .help = "its rank r"},
};

}  // namespace

extern const SynthesiserRecord synthesiser_low_rank;
const SynthesiserRecord synthesiser_low_rank = {
    .entry =
        {.name = "low_rank",
         .title = "a product of two thin matrices",
         .formulae = "g = A2 (A1 f, 1)",
         .symbols = "A1, A2: matrices, A1 with sg_rank rows\n"
                    "f: features, the last of them 1",
         .text =
             "Of rank r it has r (F + w) + w numbers in place of F w, for F features and w guesses. A2 starts at zero, "
             "A1 normal with deviation 1/sqrt(columns), drawn from the seed; both learn at one rate.",
         .options = options},
    .time = "4 A",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
