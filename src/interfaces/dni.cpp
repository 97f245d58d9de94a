// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"
#include "chronograd/synthesiser.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "conditioned",
     .type = OptionType::flag,
     .fallback = "true",
     .help = "the guess is made of h and of the target (cDNI); false: of h alone"},
    {.key = "lambda",
     .type = OptionType::number,
     .fallback = "0.5",
     .low = 0,
     .high = 1,
     .help =
         "what is sent down: this share of the gradient that came from above, and the rest of the guess. 0: guesses "
         "learn from guesses (bootstrapped), and nothing is waited for; 1: from the true gradient"},
    {.key = "correct",
     .type = OptionType::number,
     .fallback = "0.0",
     .low = 0,
     .high = 1,
     .help =
         "when the gradient from above has come, a second update by this factor times its difference from the guess"},
    synthesis::with_default(synthesis::name, "\"low_rank\""),
    synthesis::with_default(synthesis::rate, "3e-3"),
    synthesis::l2,
    synthesis::clip,
    synthesis::warmup,
    synthesis::zero,
};

}  // namespace

extern const InterfaceRecord interface_dni;
const InterfaceRecord interface_dni = {
    .entry = {.name = "dni",
              .title = "synthetic gradients: a model guesses the gradient, the truth corrects the model",
              .formulae = "g_k = M(h_k, y*)\n"
                          "d_k = ((1 - lambda) g_{k+1} + lambda d_{k+1}) F_{k+1}",
              .symbols = "g_k: guess of the gradient by h_k, which group k learns from at once\n"
                         "M: the synthesiser of the interface\n"
                         "h_k: output of group k\n"
                         "d_k: what comes from above, which M learns from: |g_k - d_k|^2\n"
                         "lambda: share of the truth\n"
                         "F_k: slope of group k, dh_k/dh_{k-1}",
              .text =
                  "lambda is that of bp_lambda in time. On Fashion-MNIST guesses that learn from guesses alone "
                  "(lambda = 0, conditioned = false) lose accuracy with every layer; half of the truth gives nearly "
                  "all of it back.",
              .cite = "jaderberg2017decoupled,czarnecki2017understanding",
              .options = options},
    .guesses = true,
    .listens = true,
    .lags = true,
};

}  // namespace chronograd::entries
