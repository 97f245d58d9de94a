// SPDX-License-Identifier: Apache-2.0
// The golden files, and what their arrays do not say.
#pragma once

#include <string>
#include <vector>

namespace chronograd::golden {

struct GoldenCase {
  std::string name;  ///< of the file, without .npz
  std::string cell;
  std::string loss;
  std::string output;
  double alpha = 1;                 ///< leaky only
  std::string activation = "tanh";  ///< leaky only
};

inline const std::vector<GoldenCase>& leaky_cases() {
  static const std::vector<GoldenCase> cases = {
      {"leaky_tanh_mse", "leaky", "mse", "identity", 0.3, "tanh"},
      {"elman_tanh_mse", "leaky", "mse", "identity", 1.0, "tanh"},
      {"leaky_relu_ce_masked", "leaky", "cross_entropy", "softmax", 0.5, "relu"},
      {"leaky_sigmoid_bce", "leaky", "bce", "sigmoid", 0.1, "sigmoid"},
      {"leaky_softplus_mse_sparse", "leaky", "mse", "identity", 0.4, "softplus"},
      {"leaky_tanh_ce_h0", "leaky", "cross_entropy", "softmax", 0.7, "tanh"},
      {"leaky_identity_mse", "leaky", "mse", "identity", 0.6, "identity"},
      {"leaky_tanh_mse_tanhout", "leaky", "mse", "tanh", 0.5, "tanh"},
      {"leaky_tanh_mse_long", "leaky", "mse", "identity", 0.05, "tanh"},
  };
  return cases;
}

inline const std::vector<GoldenCase>& gated_cases() {
  static const std::vector<GoldenCase> cases = {
      {"gru_mse", "gru", "mse", "identity"},   {"gru_ce_masked", "gru", "cross_entropy", "softmax"},
      {"lstm_mse", "lstm", "mse", "identity"}, {"lstm_ce_masked", "lstm", "cross_entropy", "softmax"},
      {"gated_gru", "gru", "mse", "identity"}, {"gated_lstm", "lstm", "mse", "identity"},
  };
  return cases;
}

struct OnlineCase {
  GoldenCase base;
  double lr;
  std::vector<int> every;
};

inline const std::vector<OnlineCase>& online_cases() {
  static const std::vector<OnlineCase> cases = {
      {{"online_tanh", "leaky", "mse", "identity", 0.3, "tanh"}, 0.02, {1, 3, 40}},
      {{"online_resets", "leaky", "mse", "identity", 0.5, "tanh"}, 0.03, {1, 5}},
      {{"online_sparse", "leaky", "mse", "identity", 0.4, "sigmoid"}, 0.05, {1, 4}},
  };
  return cases;
}

}  // namespace chronograd::golden
