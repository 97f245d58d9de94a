// SPDX-License-Identifier: Apache-2.0
#include "verbs.hpp"

namespace chronograd {

std::vector<std::unique_ptr<Verb>> make_verbs() {
  std::vector<std::unique_ptr<Verb>> verbs;
  verbs.push_back(make_list_verb());
  verbs.push_back(make_describe_verb());
  verbs.push_back(make_gradient_verb());
  verbs.push_back(make_train_verb());
  verbs.push_back(make_eval_verb());
  verbs.push_back(make_stream_verb());
  verbs.push_back(make_compare_verb());
  verbs.push_back(make_sweep_verb());
  verbs.push_back(make_reproduce_verb());
  verbs.push_back(make_check_verb());
  verbs.push_back(make_cost_verb());
  verbs.push_back(make_data_verb());
  verbs.push_back(make_report_verb());
  verbs.push_back(make_plot_verb());
  return verbs;
}

}  // namespace chronograd
