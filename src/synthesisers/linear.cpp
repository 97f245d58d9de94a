// SPDX-License-Identifier: Apache-2.0
#include "synthesisers/layered.hpp"

namespace chronograd::entries {
namespace {

template <class T>
std::unique_ptr<Synthesiser<T>> make(const SynthesiserSetup& setup) {
  return make_layered<T>(setup, {}, false);
}

}  // namespace

extern const SynthesiserRecord synthesiser_linear;
const SynthesiserRecord synthesiser_linear = {
    .entry = {.name = "linear",
              .title = "one matrix",
              .formulae = "g = A f",
              .symbols = "A: a matrix\n"
                         "f: features, the last of them 1",
              .text = "A starts at zero.",
              .cite = "jaderberg2017decoupled,czarnecki2017understanding"},
    .linear = true,
    .time = "3 A",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
