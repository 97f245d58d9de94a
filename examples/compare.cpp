// SPDX-License-Identifier: Apache-2.0
// Which rule learns an echo? The same network, rows and seeds under each.
#include <chronograd/experiment.hpp>
#include <cstdio>

namespace cg = chronograd;

class Shown final : public cg::Observer {  // what is not overridden does nothing
 public:
  std::unique_ptr<cg::Observer> job(const std::string& name, std::uint64_t seed) override {
    std::printf("%s, seed %d\n", name.c_str(), int(seed));
    return nullptr;  // of the run itself nothing is to be seen
  }
};

int main() {
  const std::vector<std::string> changes = {"task.name='add'", "loss.name='cross_entropy'", "train.updates=2000"};
  const cg::Experiment add(cg::Config::read("echo.toml", changes));
  Shown shown;
  cg::ComparisonOptions options;
  options.observer = &shown;
  options.jobs = 1;
  const cg::Comparison found = add.compare({"rtrl", "immediate"}, {0, 1}, options);
  std::fputs(cg::comparison_text(found).c_str(), stdout);

  const cg::Arrays& best = found.rows[0].runs[0].parameters;
  std::printf("test loss again: %.4f\n", add.evaluate(best, cg::Split::test).loss);
  return found.rows[0].loss.mean < found.rows[1].loss.mean ? 0 : 1;
}
