// SPDX-License-Identifier: Apache-2.0
// The program chronograd with one rule more. own_rule describe mine; own_rule train CONFIG rule.name=mine
#include <chronograd/program.hpp>
#include <chronograd/rule.hpp>

namespace cg = chronograd;

// Each step answers for its own loss: g = sum over t of c_t dh_t/dtheta, with the state before the step held fixed.
template <class T>
class Mine final : public cg::Rule<T> {
 public:
  explicit Mine(const cg::RuleSetup<T>& setup) : stack_(setup.stack), e_(setup.streams * stack_.rows()) {}
  void learn(cg::Layers<T> layers, const cg::Credit<T>& credit, T* grad) override {
    for (int k = 0; k < layers[0].steps; ++k) {
      const T* c = credit.c + k * layers[0].streams * stack_.shown_width();
      stack_.pull(layers, k, cg::Recurrent::none, nullptr, c, e_.data(), nullptr);
      stack_.accumulate(layers, k, k + 1, e_.data(), grad);
    }
  }
  void begin() override {}              // a new row: there is nothing to forget
  void state(cg::Archive&) override {}  // nor to keep
 private:
  const cg::Stack<T>& stack_;
  cg::Buffer<T> e_;  // [B][L G d]
};

template <class T>
std::unique_ptr<cg::Rule<T>> make(const cg::RuleSetup<T>& setup) {
  return std::make_unique<Mine<T>>(setup);
}
int main(int count, char** words) {
  static const cg::RuleRecord mine = {.entry = {.name = "mine", .title = "a rule of my own"},
                                      .promise = cg::Promise::biased,
                                      .past_facing = true,
                                      .make_float = make<float>,
                                      .make_double = make<double>};
  cg::add_entry(mine);
  return cg::run_program(count, words);
}
