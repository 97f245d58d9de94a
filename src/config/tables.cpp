// SPDX-License-Identifier: Apache-2.0
// The settings that do not depend on an entry of a catalogue. Those of a cell, rule, loss, ... stand in its record.
#include "chronograd/config.hpp"
#include "config/net_tables.hpp"

namespace chronograd {
namespace {

using enum OptionType;

constexpr Option top[] = {
    {.key = "version",
     .type = word,
     .help =
         "version of chronograd that the file is written for, as \"0.1.0\"; an older program refuses it by that name"},
    {.key = "seed", .type = integer, .fallback = "0", .low = 0, .help = "where all random numbers come from"},
    {.key = "dtype",
     .type = word,
     .fallback = "\"float32\"",
     .help = "type of states, weights and gradients",
     .choices = "float32|float64"},
    {.key = "threads",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .high = 1024,
     .help = "threads; 0: as many as there are cores. Results do not depend on it"},
};

constexpr Option model[] = {
    {.key = "cell", .type = word, .help = "name of the cell", .required = true},
    {.key = "hidden",
     .type = integer,
     .low = 1,
     .high = 1000000,
     .unit = "units",
     .help = "number d of hidden units",
     .required = true},
    {.key = "layers",
     .type = integer,
     .fallback = "1",
     .low = 1,
     .high = 64,
     .unit = "layers",
     .help = "number L of layers of d units, each reading the h of the one below"},
    {.key = "train",
     .type = words,
     .help = "names of constants of the cell that learn, one for each unit: [\"alpha\"] of the leaky cells, as the "
             "parameter alpha_logit, alpha = 1/(1 + exp(-alpha_logit)), which begins at the alpha that is set"},
    {.key = "share", .type = words, .help = "names of model.train of which all units of a layer have one"},
    {.key = "freeze", .type = words, .fallback = "[]", .help = "names of parameters that do not learn"},
};

constexpr Option readout[] = {
    {.key = "activation",
     .type = word,
     .help = "activation of the outputs; absent: the loss's own (identity, softmax, sigmoid)",
     .choices = "identity|tanh|sigmoid|relu|softplus|softmax"},
    {.key = "tau_out",
     .type = number,
     .low = 0,
     .unit = "ms",
     .help =
         "the readout reads a low-pass filter of h, f' = kappa f + zeta_out h', kappa = exp(-dt/tau_out), dt being 1 "
         "in cells without model.dt; absent or 0: h itself"},
    {.key = "zeta_out",
     .type = number_or_word,
     .low = -unbounded,
     .help = "factor of h in the readout's filter; absent or leak: 1 - kappa",
     .choices = "leak"},
    {.key = "average",
     .type = flag,
     .fallback = "false",
     .help =
         "the readout reads the mean over the steps of the row so far, weighted by the mask, and the row has one loss "
         "of weight 1: with the target of its last step with a mask, there. A reset begins a new mean"},
    {.key = "decide",
     .type = word,
     .help = "what answers where targets are classes. step: the largest output of each step, each with the weight of "
             "its mask; mean_output: one answer a row, and each part of it between resets, by the mean of its outputs "
             "before their activation, weighted by the mask, with the target of its last step with a mask; "
             "sum_softmax: likewise by the sum of outputs that are softmax. Absent: step",
     .choices = "step|mean_output|sum_softmax"},
};

constexpr Option loss[] = {
    {.key = "name", .type = word, .help = "name of the loss", .required = true},
    {.key = "normalize",
     .type = word,
     .help = "sum: divided by nothing; mean: by the number of streams B, and with update.every = \"trial\" also by the "
             "sum of the row's mask. Absent: mean in train, sum in gradient",
     .choices = "mean|sum"},
    {.key = "class_weights",
     .type = numbers,
     .low = 0,
     .help = "for targets that are classes: a factor of the objective for each of the m classes. balanced: steps that "
             "count / (classes that occur x steps of the class), on the training part. Absent: all 1. Losses are "
             "reported without it",
     .choices = "balanced"},
};

constexpr Option regularise[] = {
    {.key = "rate_cost",
     .type = number,
     .low = 0,
     .help = "factor c of a cost c/2 (r - rate_target)^2 of each unit of each layer, r being an average of its h: the "
             "spikes a step of a spiking unit. absent or 0: none. It is no part of the losses that are reported"},
    {.key = "rate_target", .type = number, .low = -unbounded, .unit = "a step", .help = "the r that costs nothing"},
    {.key = "average",
     .type = word,
     .help = "what r is. trial (absent: this): the mean over a row, for each stream; batch: over the rows of all "
             "streams (one cost, "
             "whatever loss.normalize is); running: r' = k r + (1 - k) h', k = exp(-dt/rate_tau), charged at every "
             "step to h of the step alone; filtered: the same r, charged to all that made it. All but batch have a "
             "factor 1/B with loss.normalize = \"mean\"",
     .choices = "trial|batch|running|filtered"},
    {.key = "rate_tau",
     .type = number,
     .low = 0,
     .unit = "ms",
     .help = "time constant of running and filtered averages, dt being 1 in cells without model.dt",
     .low_is_excluded = true},
};

constexpr Option rule[] = {
    {.key = "name",
     .type = word,
     .help = "name of the learning rule; auto: a preset, see chronograd describe auto",
     .required = true},
    {.key = "preset",
     .type = word,
     .help = "in records, which preset the settings come from and which of them are others; not to be given"},
    {.key = "feedback",
     .type = word,
     .fallback = "\"symmetric\"",
     .help = "where the matrix comes from that carries output errors to units"},
    {.key = "feedback_scale",
     .type = number,
     .fallback = "1.0",
     .low = 0,
     .help = "factor of a feedback matrix drawn from the seed"},
    {.key = "feedback_decay",
     .type = number,
     .fallback = "0.0",
     .low = 0,
     .high = 1,
     .unit = "per update",
     .help = "decay of W_out and of the feedback matrix when feedback learns"},
    {.key = "whiten",
     .type = number,
     .low = 0,
     .help =
         "gradients take P z in place of the regressors z, P = (E[z z^T] + delta tr/N I)^-1 with this delta: a running "
         "mean over about 1000 steps, one P for each run of N regressors of a layer; the first 32 steps teach the "
         "recurrent weights nothing. 0.1 is usual; absent or 0: off"},
};

constexpr Option update[] = {
    {.key = "every",
     .type = steps,
     .fallback = "\"trial\"",
     .low = 1,
     .high = 1e9,
     .unit = "steps",
     .help = "weights are constant for so many steps and change after them; \"trial\": for the whole row"},
    {.key = "drain_every",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "updates",
     .help = "groups of layers wait for each other every so many updates, and at lines of metrics, tests and "
             "validations; a run can only be stopped and resumed there. 0: only then"},
};

constexpr Option optimizer[] = {
    {.key = "name", .type = word, .fallback = "\"sgd\"", .help = "name of the optimizer"},
    {.key = "lr", .type = number, .fallback = "0.001", .low = 0, .help = "learning rate"},
    {.key = "l2",
     .type = number,
     .fallback = "0.0",
     .low = 0,
     .help = "adds l2 times the weight to the gradient of weight matrices, not of biases"},
    {.key = "clip",
     .type = number,
     .fallback = "0.0",
     .low = 0,
     .help = "largest norm of the whole gradient, which is scaled down to it; 0: off"},
    {.key = "clamp",
     .type = numbers,
     .help = "[lo, hi], lo <= 0 <= hi: weights (not biases) are kept in this range, after every update; absent: off"},
    {.key = "schedule",
     .type = word,
     .fallback = "\"constant\"",
     .help = "how the rate changes over the run",
     .choices = "constant|exponential|cosine|inverse_sqrt"},
    {.key = "decay",
     .type = number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .unit = "per update",
     .help = "exponential: factor of the rate",
     .low_is_excluded = true},
    {.key = "lr_final",
     .type = number,
     .fallback = "0.0",
     .low = 0,
     .help = "cosine: the rate at the end; inverse_sqrt: the smallest one, for data that drift"},
    {.key = "warmup",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .unit = "updates",
     .help = "the rate rises linearly over the first updates"},
    {.key = "horizon",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .unit = "updates",
     .help =
         "cosine: when lr_final is reached, 0: at the end of the run; inverse_sqrt: H in lr sqrt(H / (H + k)) after k "
         "updates, at least 1"},
};

constexpr Option task[] = {
    {.key = "name", .type = word, .help = "name of the task", .required = true},
    {.key = "validation",
     .type = number,
     .low = 0,
     .high = 0.9,
     .help =
         "rows to choose the best weights by: of a task with a number of rows this share of them, of one that draws "
         "its rows (whatever the share, if it is not 0) as many fresh ones as a test takes; absent or 0: none"},
};

constexpr Option data[] = {
    {.key = "train", .type = word, .help = "file to learn from, or data:NAME for a data set of chronograd data list"},
    {.key = "test", .type = word, .help = "file to test on, of the same format; or data:NAME"},
    {.key = "validation",
     .type = number_or_word,
     .low = 0,
     .high = 0.9,
     .help = "rows to choose the best weights by: a file of the same format (or data:NAME), or a share of the training "
             "data; absent or 0: none"},
    {.key = "format",
     .type = word,
     .help = "format of the files; absent: what the ending of data.train says, npz if it says nothing"},
};

constexpr Option train[] = {
    {.key = "updates", .type = integer, .low = 1, .unit = "updates", .help = "length of the run; instead of epochs"},
    {.key = "steps",
     .type = integer,
     .low = 1,
     .unit = "steps",
     .help = "length of the run in time steps of a stream, rounded up to whole updates; instead of epochs"},
    {.key = "epochs",
     .type = integer,
     .fallback = "1",
     .low = 1,
     .unit = "epochs",
     .help = "length of the run in passes over the data"},
    {.key = "batch",
     .type = integer,
     .low = 1,
     .high = 1e9,
     .unit = "streams",
     .help = "streams side by side, of a net samples; absent: all streams of a file, else 1; of a net 64"},
    {.key = "shuffle", .type = flag, .fallback = "true", .help = "rows in a new random order in every epoch"},
    {.key = "report_every",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .unit = "updates",
     .help = "distance of two lines of metrics; 0: about 100 lines a run; of a net a tenth of "
             "a short run or 200 updates at least, since its groups wait for each other there"},
    {.key = "test_every",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .unit = "updates",
     .help = "distance of two tests; 0: one at the end"},
    {.key = "validate_every",
     .type = integer,
     .low = 1,
     .unit = "updates",
     .help = "distance of two validations, where there are rows for them; absent: one at each report"},
    {.key = "patience",
     .type = integer,
     .low = 0,
     .unit = "validations",
     .help = "the run ends after so many validations in a row without a smaller loss; absent or 0: it goes on. The "
             "weights of the smallest are kept in any case"},
    {.key = "average",
     .type = number,
     .low = 0,
     .high = 1,
     .help = "weights are averaged over the last so many of the updates so far (0.1: a tenth of them), on states of "
             "their own; they predict, and are tested and kept, where their last 200 losses were smaller. Absent or 0: "
             "off"},
    {.key = "memory",
     .type = number,
     .low = 0,
     .unit = "MiB",
     .help =
         "what the segments at hand may take together: intervals, or the streams of whole rows, are cut to fit, and a "
         "rule that needs more at once is refused; absent: about 32 for every 32 streams, or of whole rows for every "
         "thread. Results change by rounding alone",
     .low_is_excluded = true},
    {.key = "checkpoint_every",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .unit = "updates",
     .help = "distance of two checkpoints; 0: by time, about every half minute. Results do not depend on it"},
    {.key = "test_steps",
     .type = integer,
     .fallback = "10000",
     .low = 1,
     .unit = "steps",
     .help = "endless tasks: fresh steps with frozen weights that a test takes"},
};

constexpr Option watch[] = {
    {.key = "rules",
     .type = words,
     .fallback = "[]",
     .help = "rules that run passively on the same trajectory and are compared with the one that learns"},
    {.key = "every",
     .type = integer,
     .fallback = "100",
     .low = 1,
     .unit = "updates",
     .help = "distance of two comparisons"},
    {.key = "credit",
     .type = integer,
     .fallback = "0",
     .low = 0,
     .high = 64,
     .unit = "steps",
     .help =
         "after the run: what each rule charges to the weights at each of so many steps for the loss of each; 0: not "
         "measured"},
};

constexpr OptionTable tables[] = {
    {"", "Settings of the whole experiment; they stand before the first table.", top},
    {"model", "A recurrent net; further keys are those of the cell. Not together with net.", model},
    {"net", "A feed-forward net of dense layers, a sample a step, in place of model.", net_table},
    {"readout", "The linear readout and its activation.", readout},
    {"loss", "What is to become small.", loss},
    {"regularise", "A cost of units' rates, beside the loss.", regularise},
    {"rule", "The learning rule; further keys are those of the rule.", rule},
    {"interface",
     "What passes between groups of layers of a net, in place of rule; further keys are those of the interface.",
     interface_table},
    {"update", "When weights change.", update},
    {"optimizer", "How weights change; further keys are those of the optimizer.", optimizer},
    {"task", "A task that makes its data; further keys are those of the task. Not together with data.", task},
    {"data", "Files instead of a task; further keys are those of the format.", data},
    {"train", "How long and on what a run trains.", train},
    {"watch", "Rules that are compared along the way.", watch},
};

}  // namespace

std::span<const OptionTable> option_tables() {
  return tables;
}

}  // namespace chronograd
