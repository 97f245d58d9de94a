// SPDX-License-Identifier: Apache-2.0
#include "decoupled/net_run.hpp"

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

[[noreturn]] void refuse() {
  throw Error(Exit::usage, "net", "nets of [net] are not built yet, allowed is [model].");
}

}  // namespace

RunResult train_net(const Config&, const Task&, const RunOptions&) {
  refuse();
}

void check_net_training(const Config&, const Task&, const RunOptions&) {
  refuse();
}

Score evaluate_net(const Config&, const Task&, Split, const Arrays&, const std::string&, bool, Measures*, Arrays*) {
  refuse();
}

}  // namespace chronograd
