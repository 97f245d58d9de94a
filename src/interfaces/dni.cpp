// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <span>

#include "chronograd/buffer.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/synthesiser.hpp"
#include "math/products.hpp"
#include "nets/layer.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "conditioned",
     .type = OptionType::flag,
     .fallback = "true",
     .help = "the guess is made of h and of the target (cDNI); false: of h alone"},
    {.key = "lambda",
     .type = OptionType::number,
     .fallback = "0.5",
     .low = 0,
     .high = 1,
     .help =
         "what is sent down: this share of the gradient that came from above, and the rest of the guess. 0: guesses "
         "learn from guesses (bootstrapped), and nothing is waited for; 1: from the true gradient"},
    {.key = "correct",
     .type = OptionType::number,
     .fallback = "0.0",
     .low = 0,
     .high = 1,
     .help =
         "when the gradient from above has come, a second update by this factor times its difference from the guess"},
    synthesis::with_default(synthesis::name, "\"low_rank\""),
    synthesis::with_default(synthesis::rate, "3e-3"),
    synthesis::with_default(synthesis::optimizer, "\"adam\""),
    synthesis::l2,
    synthesis::clip,
    synthesis::warmup,
    synthesis::zero,
    synthesis::label_scale,
    synthesis::normalise,
    synthesis::scale,
    synthesis::gate,
};

/// A synthesiser that reads h and the target: x0 = [h; f y*; 1],  g = s sigma M(x0), with sigma the running size of d.
template <class T>
class SyntheticGradient final : public Interface<T> {
 public:
  explicit SyntheticGradient(const InterfaceSetup& setup)
      : width_(setup.width),
        outputs_(setup.options.flag("conditioned") ? setup.outputs : 0),
        features_(width_ + outputs_ + 1),
        normalises_(setup.options.flag("sg_normalise")),
        scale_(static_cast<T>(setup.options.number("sg_scale"))),
        model_(make_synthesiser<T>({synthesiser_of(setup.options), features_, width_, setup.options, setup.seed})),
        label_scale_(static_cast<T>(setup.options.is_word("sg_label_scale")
                                        ? std::sqrt(static_cast<double>(model_->first_width()))
                                        : setup.options.number("sg_label_scale"))),
        gate_(setup.options.number("sg_gate")) {}

  void guess(const Passed<T>& passed, T* g) override {
    model_->guess(passed.rows, fill(passed), g);
    const T factor = scale_ * unit();
    if (factor == T(1)) return;
    for (std::size_t i = 0; i < numbers(passed); ++i) g[i] *= factor;
  }

  bool trusted() const override { return cosine_ >= gate_; }

  void learn(const Passed<T>& passed, const T* d) override {
    const std::size_t count = numbers(passed);
    if (normalises_) {
      double squares = 0;
      for (std::size_t i = 0; i < count; ++i) squares += static_cast<double>(d[i]) * static_cast<double>(d[i]);
      const double size = std::sqrt(squares / static_cast<double>(count));
      // The first targets of lower interfaces are zero: they say nothing of a size.
      size_ = size_ == 0 ? size : kept * size_ + (1 - kept) * size;
      ++learnt_;
    }
    reserve(error_, count);
    const T* const features = fill(passed);
    model_->guess(passed.rows, features, error_.data());
    if (gated()) {
      const Products products(std::span<const T>(error_.data(), count), std::span<const T>(d, count));
      cosine_ = kept * cosine_ + (1 - kept) * (products.b_is_zero() ? 0 : products.cosine());
    }
    const T one_over = T(1) / unit();
    for (std::size_t i = 0; i < count; ++i) error_[i] -= one_over * d[i];
    model_->learn(passed.rows, features, error_.data(), passed.rows);
  }

  void state(Archive& archive) override {
    model_->state(archive);
    archive.array("size", {&size_, 1});
    archive.number("targets", learnt_);
    if (gated()) archive.array("cosine", {&cosine_, 1});
  }

 private:
  static constexpr double kept = 0.99, smallest = 1e-20;

  bool gated() const { return gate_ > -1; }
  std::size_t numbers(const Passed<T>& passed) const {
    return static_cast<std::size_t>(passed.rows) * static_cast<std::size_t>(width_);
  }
  /// sigma; 1 before the first target.
  T unit() const { return normalises_ && learnt_ > 0 ? static_cast<T>(std::max(size_, smallest)) : T(1); }

  const T* fill(const Passed<T>& passed) {
    const auto F = static_cast<std::size_t>(features_), w = static_cast<std::size_t>(width_),
               m = static_cast<std::size_t>(outputs_), rows = static_cast<std::size_t>(passed.rows);
    reserve(x_, rows * F);
    for (std::size_t b = 0; b < rows; ++b) {
      T* const x = x_.data() + b * F;
      std::copy_n(passed.h + b * w, w, x);
      for (std::size_t k = 0; k < m; ++k) x[w + k] = label_scale_ * passed.target[b * m + k];
      x[F - 1] = 1;
    }
    return x_.data();
  }

  int width_, outputs_, features_;
  bool normalises_;
  T scale_;
  std::unique_ptr<Synthesiser<T>> model_;
  T label_scale_;
  double gate_, cosine_ = 0, size_ = 0;
  std::int64_t learnt_ = 0;
  Buffer<T> x_, error_;
};

template <class T>
std::unique_ptr<Interface<T>> make(const InterfaceSetup& setup) {
  return std::make_unique<SyntheticGradient<T>>(setup);
}

}  // namespace

extern const InterfaceRecord interface_dni;
const InterfaceRecord interface_dni = {
    .entry = {.name = "dni",
              .title = "synthetic gradients: a model guesses the gradient, the truth corrects the model",
              .formulae = "g_k = M(h_k, y*)\n"
                          "d_k = ((1 - lambda) g_{k+1} + lambda d_{k+1}) F_{k+1}",
              .symbols = "g_k: guess of the gradient by h_k, which group k learns from at once\n"
                         "M: the synthesiser of the interface\n"
                         "h_k: output of group k\n"
                         "d_k: what comes from above, which M learns from: |g_k - d_k|^2\n"
                         "lambda: share of the truth\n"
                         "F_k: slope of group k, dh_k/dh_{k-1}",
              .text =
                  "lambda is that of bp_lambda in time. On Fashion-MNIST guesses that learn from guesses alone "
                  "(lambda = 0, conditioned = false) lose accuracy with every layer; half of the truth gives nearly "
                  "all of it back.",
              .cite = "jaderberg2017decoupled,czarnecki2017understanding",
              .options = options},
    .guesses = true,
    .listens = true,
    .lags = true,
    .time = "s + l i + c (p + i)",
    .make_float = make<float>,
    .make_double = make<double>,
};

}  // namespace chronograd::entries
