// SPDX-License-Identifier: Apache-2.0
#include "chronograd/each_layer.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/sizes.hpp"
#include "rules/further_credit.hpp"

namespace chronograd {
namespace {

template <class T>
class EachLayer final : public Rule<T> {
 public:
  /// `from`: where credit comes from; null: it passes down.
  EachLayer(const RuleSetup<T>& setup, const MakeOneLayer<T>& make_one, std::unique_ptr<LayerCredit<T>> from)
      : stack_(setup.stack), from_(std::move(from)) {
    for (int l = 0; l < stack_.layers(); ++l) {
      single_.push_back(std::make_unique<Stack<T>>(stack_, l));
      std::vector<std::size_t> absent;
      for (const std::size_t index : setup.absent)
        if (index >= stack_.theta_at(l) && index < stack_.theta_at(l + 1)) absent.push_back(index - stack_.theta_at(l));
      RuleSetup<T> one{setup.record, *single_.back(), setup.streams, setup.outputs, setup.first_stream, setup.options,
                       setup.seed,   setup.signs,     absent,        setup.further, setup.every,        setup.whitened};
      rules_.push_back(make_one(one));
    }
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const int top = stack_.layers() - 1, B = layers[0].streams, K = layers[0].steps;
    const std::size_t numbers = area(K * B, stack_.shown_width());
    c_.resize(single_.size());
    Credit<T> own = credit;
    for (int l = top; l >= 0; --l) {
      const auto segment = layers.subspan(static_cast<std::size_t>(l), 1);
      if (from_ && (l < top || from_->of_top())) {
        Buffer<T>& c = c_[static_cast<std::size_t>(l)];
        if (c.size() < numbers) c.resize(numbers);
        from_->write(credit, l, K * B, c.data());
        own.c = c.data();
      }
      Buffer<T>* below = !from_ && l > 0 ? &c_[static_cast<std::size_t>(l - 1)] : nullptr;
      further_of_layer(credit, l, further_);
      own.further = further_;
      if (below && below->size() < numbers) below->resize(numbers);
      if (below) pass_down(*single_[static_cast<std::size_t>(l)], segment, own, below->data());
      rules_[static_cast<std::size_t>(l)]->learn(segment, own, grad + stack_.theta_at(l));
      if (below) own.c = below->data();
    }
  }
  void flush(T* grad) override {
    for (int l = 0; l < stack_.layers(); ++l) rules_[static_cast<std::size_t>(l)]->flush(grad + stack_.theta_at(l));
  }
  void begin() override {
    for (auto& rule : rules_) rule->begin();
  }
  double work() const override {
    double sum = 0;
    for (const auto& rule : rules_) sum += rule->work();
    return sum;
  }
  void state(Archive& archive) override {
    for (std::size_t l = 0; l < rules_.size(); ++l) {
      Within layer(archive, "layer" + std::to_string(l) + ".");
      rules_[l]->state(layer);
    }
  }

 private:
  /// below [K][B][H d] = W_in^T gain^T c: the credit of the same step on the h of the layer below.
  void pass_down(const Stack<T>& one, Layers<T> segment, const Credit<T>& credit, T* below) {
    const int B = segment[0].streams, K = segment[0].steps, rows = one.rows();
    const bool further = !credit.further.empty();
    if (du_.size() < area(K * B, rows)) du_.resize(area(K * B, rows));
    if (further && lambda_.size() < area(B, one.width())) lambda_.resize(area(B, one.width()));
    for (int k = 0; k < K; ++k) {
      if (further) {
        lambda_.zero();
        add_further(one, credit, k, B, lambda_.data());
      }
      one.pull(segment, k, Recurrent::none, further ? lambda_.data() : nullptr,
               credit.c + area(k * B, one.shown_width()), du_.data() + area(k * B, rows), nullptr);
    }
    one.layer(0).input_credit(segment[0], K * B, du_.data(), below);
  }

  const Stack<T>& stack_;
  std::vector<std::unique_ptr<Stack<T>>> single_;
  std::vector<std::unique_ptr<Rule<T>>> rules_;
  std::unique_ptr<LayerCredit<T>> from_;
  std::vector<Buffer<T>> c_;  ///< credit on each layer that gets it here
  Buffer<T> du_, lambda_;
  std::vector<FurtherCredit<T>> further_;  ///< on the layer at hand
};

}  // namespace

template <class T>
std::unique_ptr<Rule<T>> on_each_layer(const RuleSetup<T>& setup,
                                       const std::type_identity_t<MakeOneLayer<T>>& make_one) {
  if (setup.stack.layers() == 1) return make_one(setup);
  return std::make_unique<EachLayer<T>>(setup, make_one, nullptr);
}

template <class T>
std::unique_ptr<Rule<T>> on_each_layer(const RuleSetup<T>& setup, const std::type_identity_t<MakeOneLayer<T>>& make_one,
                                       std::unique_ptr<LayerCredit<T>> from) {
  return std::make_unique<EachLayer<T>>(setup, make_one, std::move(from));
}

template std::unique_ptr<Rule<float>> on_each_layer(const RuleSetup<float>&, const MakeOneLayer<float>&);
template std::unique_ptr<Rule<double>> on_each_layer(const RuleSetup<double>&, const MakeOneLayer<double>&);
template std::unique_ptr<Rule<float>> on_each_layer(const RuleSetup<float>&, const MakeOneLayer<float>&,
                                                    std::unique_ptr<LayerCredit<float>>);
template std::unique_ptr<Rule<double>> on_each_layer(const RuleSetup<double>&, const MakeOneLayer<double>&,
                                                     std::unique_ptr<LayerCredit<double>>);

}  // namespace chronograd
