// SPDX-License-Identifier: Apache-2.0
// A task of one's own: bits come, and each is to be said again three steps later.
#include <chronograd/random.hpp>
#include <chronograd/train.hpp>
#include <cstdio>

namespace cg = chronograd;

class Echo final : public cg::Task {
 public:
  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(cg::Split) const override { return 0; }  // streams without end, as many as are asked for
  std::int64_t rows(cg::Split) const override { return 0; }
  void read(cg::Split split, std::int64_t row, std::int64_t t, int steps, const cg::Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      out.x[k] = bit(split, row, t + k);
      out.y[k] = bit(split, row, t + k - 3);
      out.mask[k] = t + k < 3 ? 0 : 1;
      out.reset[k] = 0;
    }
  }
  std::string summary() const override { return "echo: each bit again, three steps later"; }

 private:  // the same numbers whenever they are read
  static double bit(cg::Split split, std::int64_t row, std::int64_t t) {
    return cg::Random(split == cg::Split::test, cg::Draw::data, std::uint64_t(row), std::uint64_t(t)).sign() > 0;
  }
};

int main() {
  const cg::RunResult run = cg::train(cg::Config::read("echo.toml"), Echo());
  std::printf("test loss %.4f after %d updates\n", run.test.loss, int(run.updates));
  return run.test.loss < 0.05 ? 0 : 1;
}
