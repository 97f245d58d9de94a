// SPDX-License-Identifier: Apache-2.0
#include "config/hints.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "chronograd/catalogue.hpp"

namespace chronograd {
namespace {

using enum HintKind;

constexpr Hint all_hints[] = {
    {key, "learning_rate|eta|step_size|base_lr|initial_lr", "optimizer.lr", ""},
    {key, "optim|algorithm|solver", "optimizer.name", ""},
    {key, "weight_decay|l2_penalty|l2_reg|regularization|regularisation", "optimizer.l2",
     "adamw has weight_decay, which is decoupled"},
    {key,
     "grad_clip|gradient_clip|gradient_clipping|clip_grad|clip_grad_norm|clip_norm|max_norm|max_grad_norm|clipping",
     "optimizer.clip", ""},
    {key, "mu|velocity", "optimizer.momentum", "with optimizer.name = \"momentum\""},
    {key, "beta_1|b1", "optimizer.beta1", ""},
    {key, "beta_2|b2", "optimizer.beta2", ""},
    {key, "betas", "optimizer.beta1", "and optimizer.beta2"},
    {key, "adam_eps", "optimizer.eps", ""},
    {key, "scheduler|lr_scheduler|lr_schedule", "optimizer.schedule", ""},
    {key, "lr_decay|decay_rate|lr_gamma", "optimizer.decay", "with optimizer.schedule = \"exponential\""},
    {key, "min_lr|final_lr|eta_min|lr_min", "optimizer.lr_final", "with optimizer.schedule = \"cosine\""},
    {key, "warmup_steps|warmup_updates|num_warmup_steps", "optimizer.warmup", ""},
    {key, "batch_size|batchsize|bs|minibatch|mini_batch|num_streams|streams_a_batch", "train.batch", ""},
    {key, "num_epochs|n_epochs|max_epochs|nb_epoch|epoch", "train.epochs", ""},
    {key, "iterations|num_iterations|max_iter|n_iter|num_updates|n_updates|max_updates", "train.updates", ""},
    {key, "num_steps|n_steps|max_steps|total_steps|train_steps", "train.steps", ""},
    {key, "log_every|log_interval|print_every|logging_steps", "train.report_every", ""},
    {key, "eval_every|eval_interval|eval_steps", "train.test_every", ""},
    {key, "val_every|validation_every|val_interval|validation_interval", "train.validate_every", ""},
    {key, "save_every|save_steps|checkpoint_interval|save_interval", "train.checkpoint_every", ""},
    {key, "randomize|randomise", "train.shuffle", ""},
    {key, "random_seed|manual_seed|rng_seed|random_state|rng", "seed", ""},
    {key, "precision|float_type|data_type|torch_dtype", "dtype", ""},
    {key, "num_threads|n_threads|num_workers|workers|n_jobs|cores|nthreads", "threads", ""},
    {key, "hidden_size|hidden_dim|hidden_units|n_hidden|num_hidden|nhid|units|num_units|n_units|d_hidden|state_size",
     "model.hidden", ""},
    {key, "num_layers|n_layers|nlayers|layer_count|depth", "model.layers", ""},
    {key, "rnn_type|cell_type|cell_name|rnn|architecture|arch", "model.cell", ""},
    {key, "nonlinearity|non_linearity|activation_function|activation_fn|act|transfer_function", "model.activation", ""},
    {key, "recurrent_initializer|recurrent_init|kernel_initializer|initializer|initialization|weight_init",
     "model.init", ""},
    {key, "spectral_radius|recurrent_gain|g", "model.gain", ""},
    {key, "sparsity|connectivity|sparseness", "model.density", "the share of weights that is there"},
    {key, "time_constant|tau_m|time_constants", "model.tau", "in ms, with model.dt"},
    {key, "leak|leak_rate|leaking_rate|decay_alpha", "model.alpha", ""},
    {key, "noise_std|noise_sigma|sigma_rec|sigma_noise", "model.noise", ""},
    {key, "layer_sizes|layer_widths|hidden_sizes|hidden_layer_sizes", "net.widths", ""},
    {key, "staleness|delay", "interface.lag", ""},
    {key, "frozen|freeze_parameters|trainable|requires_grad|fixed", "model.freeze",
     "a list of the parameters that do not learn"},
    {key, "loss_fn|loss_function|criterion|objective|loss_type", "loss.name", ""},
    {key, "reduction", "loss.normalize", R"("sum" or "mean")"},
    {key, "output_activation|final_activation|out_activation", "readout.activation", ""},
    {key, "learning_rule|rule_name|method|training_algorithm", "rule.name", ""},
    {key, "truncation|truncation_length|bptt_steps|tbptt_steps|unroll|unroll_length|k2|window_length", "rule.L",
     "of tbptt, rolling_tbptt and f_bptt"},
    {key, "k1|update_every|update_interval|update_period|updates_every", "update.every", ""},
    {key, "feedback_matrix|feedback_weights|feedback_type", "rule.feedback", ""},
    {key, "dataset|data_path|data_file|data_dir|train_file|train_data|training_data|train_path|training_file",
     "data.train", ""},
    {key, "test_file|test_data|test_path|test_set", "data.test", ""},
    {key, "test_split|test_size|test_fraction|holdout", "data.test_part", ""},
    {key, "valid|val|validation_file|validation_data|validation_path|val_file|val_data|dev|dev_file", "data.validation",
     ""},
    {key, "early_stopping|early_stop|earlystopping", "train.patience", "with data.validation"},
    {key, "file_format|filetype|file_type", "data.format", ""},
    {key, "seq_len|seq_length|sequence_length|window_size|chunk_length", "data.window", ""},
    {key, "lookahead|look_ahead|forecast_horizon|prediction_horizon|steps_ahead", "data.predict", ""},
    {key, "standardise|scale|scaler|zscore|normalise_inputs|normalize_inputs", "data.standardize", ""},
    {key, "delimiter|sep", "data.separator", ""},
    {key, "input_columns|features|feature_columns|input_cols|x_columns", "data.inputs", ""},
    {key, "target_columns|labels|label_column|target_cols|y_columns", "data.targets", ""},
    {key, "reward|rewards|reward_column|modulator|third_factor", "data.third", "columns of the rule three_factor"},
    {key, "nan_policy|missing|missing_values|na", "data.nan", ""},
    {key, "task_name|problem", "task.name", ""},
    {key, "lags|watch_lags|credit_map", "watch.credit", ""},
    {key, "device|cuda|gpu|accelerator|use_cuda", "", "everything runs on processor cores; threads says on how many"},
    {key, "dropout|recurrent_dropout|dropout_rate|p_dropout|zoneout", "",
     "there is no dropout; optimizer.l2 and model.noise are what holds weights back"},
    {key, "bidirectional", "", "there are no bidirectional networks: most rules here learn while a stream goes on"},
    {key, "bias|use_bias", "",
     R"(every cell has its biases; model.freeze = ["b_h", "b_y"] keeps them at their start, 0)"},
    {key, "batch_first|time_major", "", "arrays of files are always streams first, (B, T, n)"},
    {key,
     "input_size|input_dim|n_in|n_inputs|num_inputs|n_features|output_size|output_dim|n_out|n_outputs|num_classes|"
     "n_classes|out_features|in_features",
     "", "sizes of inputs and outputs are those of the data"},
    {key, "batch_norm|batchnorm|layer_norm|layernorm|norm_layer", "",
     "recurrent nets have no normalisation of states; net.norm = \"batch\" is that of feed-forward ones"},
    {key, "attention|num_heads|heads", "", "there is no attention"},
    {key, "embedding|embedding_dim|embedding_size", "", "symbols enter as one-hot vectors, so W_in is the embedding"},
    {key, "amp|mixed_precision|fp16|bf16", "", "dtype is float32 or float64"},
    {key, "output_dir|out_dir|save_dir|log_dir|save_path|out", "", "the folder is an argument: --out FOLDER"},
    {key, "init_from|pretrained|load_from|weights|state_dict|params", "",
     "parameters are an argument: --params FILE.npz"},

    {table, "network|rnn|cell|architecture|hidden", "model", ""},
    {table, "mlp|feedforward|feed_forward|layers|dense", "net", ""},
    {table, "interfaces|decoupled|dni", "interface", ""},
    {table, "training|trainer|fit|run|schedule|experiment", "train", ""},
    {table, "optim|optimiser|optimization|optimisation|adam|sgd", "optimizer", ""},
    {table, "dataset|datasets|files|input|csv", "data", ""},
    {table, "output|outputs|head|decoder|out", "readout", ""},
    {table, "learning|learning_rule|credit|algorithm|method", "rule", ""},
    {table, "updates|interval", "update", ""},
    {table, "criterion|objective|cost", "loss", ""},
    {table, "problem|environment", "task", ""},
    {table, "regularize|regularization|regularisation|regularizer", "regularise", ""},
    {table, "monitor|compare|comparison|logging", "watch", ""},

    {name, "rnn|elman|vanilla|vanilla_rnn|simple_rnn|rnn_tanh|srn", "leaky",
     "with model.alpha = 1, its default, it is Elman's network"},
    {name, "rnn_relu", "leaky", "with model.activation = \"relu\""},
    {name, "ctrnn|rate|rate_rnn|leaky_rnn|esn|leaky_integrator", "leaky",
     "with model.alpha, or model.dt and model.tau"},
    {name, "indrnn|diagonal|diagonal_rnn", "leaky_diagonal", ""},
    {name, "gru_cell|gated", "gru", ""},
    {name, "lstm_cell|long_short_term_memory", "lstm", ""},
    {name, "s4|s5|ssm|linear_recurrent_unit|s4d", "lru", ""},
    {name, "backprop|bp|backpropagation|full_bptt|back_propagation_through_time", "bptt", ""},
    {name, "truncated_bptt|bptt_truncated|truncated", "tbptt", "with rule.L steps"},
    {name, "forward_mode|real_time_recurrent_learning", "rtrl", ""},
    {name, "snap1|snap2|snap3|snap_1|snap_2|snap_n", "snap", "written snap(n=2), or rule.n = 2"},
    {name, "e_prop|eligibility|eligibility_propagation", "eprop", ""},
    {name, "random_feedback_local_online", "rflo", ""},
    {name, "kf|kronecker|kronecker_factored_rtrl", "kf_rtrl", ""},
    {name, "rkf|r_kf|r_kf_rtrl|reverse_kf", "reverse_kf_rtrl", ""},
    {name, "kronecker_sum|optimal_kronecker_sum|ok1|ok2|ok4|ok8", "ok", "written ok(r=2), or rule.r = 2"},
    {name, "kernel_rnn_learning|kernel_learning", "kernl", ""},
    {name, "ppprop|es_d_rtrl|esd_rtrl|io_dim_vjp", "pp_prop", ""},
    {name, "spsa|weight_perturbation|simultaneous_perturbation", "perturb", ""},
    {name, "forward_gradient|forward_gradients", "perturb", "with rule.form = \"forward\""},
    {name, "synthetic_gradients|decoupled_neural_interfaces", "dni", ""},
    {name, "reservoir|echo_state|readout", "readout_only", ""},
    {name,
     "ce|crossentropy|categorical_crossentropy|sparse_categorical_crossentropy|nll|nll_loss|log_loss|"
     "cross_entropy_loss|softmax_cross_entropy",
     "cross_entropy", ""},
    {name, "binary_crossentropy|binary_cross_entropy|bce_loss|bce_with_logits|bce_with_logits_loss", "bce", ""},
    {name, "l2|l2_loss|mean_squared_error|squared_error|squared|mse_loss|quadratic", "mse", ""},
    {name, "mae|l1|l1_loss|huber|smooth_l1|hinge", "mse", "the losses are mse, cross_entropy and bce"},
    {name, "gd|gradient_descent|vanilla_sgd", "sgd", ""},
    {name, "nesterov|heavy_ball|sgd_momentum", "momentum", ""},
    {name, "rms|rms_prop", "rmsprop", ""},
    {name, "adam_w", "adamw", ""},
    {name, "dfa|feedback_alignment|direct_feedback_alignment|fa", "random", "as rule.feedback"},
    {name, "kolen_pollack|learned|learnt", "adaptive", "as rule.feedback"},
    {name, "exact|transpose|backprop_weights", "symmetric", "as rule.feedback"},
    {name, "linear|none", "identity", ""},
    {name, "logistic|hard_sigmoid", "sigmoid", ""},
    {name, "float|single|fp32|f32", "float32", ""},
    {name, "double|fp64|f64", "float64", ""},
    {name, "adding|adding_problem", "add", ""},
    {name, "json|parquet|hdf5|h5|mat|pickle|pkl|pt|pth", "npz", "numpy.savez writes it"},
};

/// Lower case, without what writers vary.
std::string plain(const std::string& word) {
  std::string text;
  for (const char c : word)
    if (c != '_' && c != '-' && c != ' ') text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::span<const Hint> hints() {
  return all_hints;
}

const Hint* hint_for(HintKind kind, const std::string& word) {
  const std::string wanted = plain(word);
  for (const Hint& hint : all_hints) {
    if (hint.kind != kind) continue;
    for (const std::string& each : choices_of(hint.words))
      if (wanted == plain(each)) return &hint;
  }
  return nullptr;
}

std::string hint_text(const Hint& hint) {
  const std::string remark = hint.remark;
  if (*hint.target == '\0') return remark + ".";
  return std::string("did you mean ") + hint.target + (remark.empty() ? "?" : "? (" + remark + ")");
}

std::string name_hint(const std::string& word, const std::vector<std::string>& names) {
  // "squared" may be meant as a loss; among rules it says nothing.
  if (const Hint* hint = hint_for(HintKind::name, word);
      hint != nullptr && std::find(names.begin(), names.end(), hint->target) != names.end())
    return hint_text(*hint);
  const std::string near = nearest_name(word, names);
  return near.empty() ? "" : "did you mean " + near + "?";
}

}  // namespace chronograd
