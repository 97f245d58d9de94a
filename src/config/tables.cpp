// SPDX-License-Identifier: Apache-2.0
// The settings that do not depend on an entry of a catalogue. Those of a cell, rule, loss, ... stand in its record.
#include "chronograd/config.hpp"

namespace chronograd {
namespace {

using enum OptionType;

constexpr Option top[] = {
    {"version", word, "", -unbounded, unbounded, "",
     "version of chronograd that the file is written for, as \"0.1.0\"; an older program refuses it by that name"},
    {"seed", integer, "0", 0, unbounded, "", "where all random numbers come from"},
    {"dtype", word, "\"float32\"", -unbounded, unbounded, "", "type of states, weights and gradients",
     "float32|float64"},
    {"threads", integer, "0", 0, 1024, "", "threads; 0: as many as there are cores. Results do not depend on it"},
};

constexpr Option model[] = {
    {"cell", word, "", -unbounded, unbounded, "", "name of the cell", "", false, true},
    {"hidden", integer, "", 1, 1000000, "units", "number d of hidden units", "", false, true},
    {"layers", integer, "1", 1, 64, "layers", "number L of layers of d units, each reading the h of the one below"},
    {"freeze", words, "[]", -unbounded, unbounded, "", "names of parameters that do not learn"},
};

constexpr Option readout[] = {
    {"activation", word, "", -unbounded, unbounded, "",
     "activation of the outputs; absent: the loss's own (identity, softmax, sigmoid)",
     "identity|tanh|sigmoid|relu|softplus|softmax"},
};

constexpr Option loss[] = {
    {"name", word, "", -unbounded, unbounded, "", "name of the loss", "", false, true},
    {"normalize", word, "", -unbounded, unbounded, "",
     "sum: divided by nothing; mean: by the number of streams B, and with update.every = \"trial\" also by the sum of "
     "the "
     "row's mask. Absent: mean in train, sum in gradient",
     "mean|sum"},
    {"class_weights", numbers, "", 0, unbounded, "",
     "for targets that are classes: a factor of the objective for each of the m classes. balanced: steps that count / "
     "(classes that occur x steps of the class), on the training part. Absent: all 1. Losses are reported without it",
     "balanced"},
};

constexpr Option rule[] = {
    {"name", word, "", -unbounded, unbounded, "", "name of the learning rule", "", false, true},
    {"feedback", word, "\"symmetric\"", -unbounded, unbounded, "",
     "where the matrix comes from that carries output errors to units"},
    {"feedback_scale", number, "1.0", 0, unbounded, "", "factor of a feedback matrix drawn from the seed"},
    {"feedback_decay", number, "0.0", 0, 1, "per update",
     "decay of W_out and of the feedback matrix when feedback learns"},
};

constexpr Option update[] = {
    {"every", steps, "\"trial\"", 1, 1e9, "steps",
     "weights are constant for so many steps and change after them; \"trial\": for the whole row"},
};

constexpr Option optimizer[] = {
    {"name", word, "\"sgd\"", -unbounded, unbounded, "", "name of the optimizer"},
    {"lr", number, "0.001", 0, unbounded, "", "learning rate"},
    {"l2", number, "0.0", 0, unbounded, "",
     "adds l2 times the weight to the gradient of weight matrices, not of biases"},
    {"clip", number, "0.0", 0, unbounded, "", "largest norm of the whole gradient, which is scaled down to it; 0: off"},
    {"schedule", word, "\"constant\"", -unbounded, unbounded, "", "how the rate changes over the run",
     "constant|exponential|cosine"},
    {"decay", number, "1.0", 0, 1, "per update", "exponential: factor of the rate", "", true},
    {"lr_final", number, "0.0", 0, unbounded, "", "cosine: the rate at the end"},
    {"warmup", integer, "0", 0, unbounded, "updates", "the rate rises linearly over the first updates"},
    {"horizon", integer, "0", 0, unbounded, "updates", "cosine: when lr_final is reached; 0: at the end of the run"},
};

constexpr Option task[] = {
    {"name", word, "", -unbounded, unbounded, "", "name of the task", "", false, true},
    {"validation", number, "", 0, 0.9, "",
     "rows to choose the best weights by: of a task with a number of rows this share of them, of one that draws its "
     "rows (whatever the share, if it is not 0) as many fresh ones as a test takes; absent or 0: none"},
};

constexpr Option data[] = {
    {"train", word, "", -unbounded, unbounded, "",
     "file to learn from, or data:NAME for a data set of chronograd data list"},
    {"test", word, "", -unbounded, unbounded, "", "file to test on, of the same format; or data:NAME"},
    {"validation", number_or_word, "", 0, 0.9, "",
     "rows to choose the best weights by: a file of the same format (or data:NAME), or a share of the training data; "
     "absent or 0: none"},
    {"format", word, "", -unbounded, unbounded, "",
     "format of the files; absent: what the ending of data.train says, npz if it says nothing"},
};

constexpr Option train[] = {
    {"updates", integer, "", 1, unbounded, "updates", "length of the run; instead of epochs"},
    {"steps", integer, "", 1, unbounded, "steps",
     "length of the run in time steps of a stream, rounded up to whole updates; instead of epochs"},
    {"epochs", integer, "1", 1, unbounded, "epochs", "length of the run in passes over the data"},
    {"batch", integer, "", 1, 1e9, "streams", "streams side by side; absent: all streams of a file, else 1"},
    {"shuffle", flag, "true", -unbounded, unbounded, "", "rows in a new random order in every epoch"},
    {"report_every", integer, "0", 0, unbounded, "updates",
     "distance of two lines of metrics; 0: about 100 lines a run"},
    {"test_every", integer, "0", 0, unbounded, "updates", "distance of two tests; 0: one at the end"},
    {"validate_every", integer, "", 1, unbounded, "updates",
     "distance of two validations, where there are rows for them; absent: one at each report"},
    {"patience", integer, "", 0, unbounded, "validations",
     "the run ends after so many validations in a row without a smaller loss; absent or 0: it goes on. The weights of "
     "the smallest are kept in any case"},
    {"checkpoint_every", integer, "0", 0, unbounded, "updates",
     "distance of two checkpoints; 0: by time, about every half minute. Results do not depend on it"},
    {"test_steps", integer, "10000", 1, unbounded, "steps",
     "endless tasks: fresh steps with frozen weights that a test takes"},
};

constexpr Option watch[] = {
    {"rules", words, "[]", -unbounded, unbounded, "",
     "rules that run passively on the same trajectory and are compared with the one that learns"},
    {"every", integer, "100", 1, unbounded, "updates", "distance of two comparisons"},
    {"lags", integer, "0", 0, 10000, "steps",
     "after the run: how much credit each rule gives to weights used up to so many steps before a loss (beyond 32 "
     "eight "
     "of them to a factor of two); 0: not measured"},
};

constexpr OptionTable tables[] = {
    {"", "Settings of the whole experiment; they stand before the first table.", top},
    {"model", "The recurrent population; further keys are those of the cell.", model},
    {"readout", "The linear readout and its activation.", readout},
    {"loss", "What is to become small.", loss},
    {"rule", "The learning rule; further keys are those of the rule.", rule},
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
