// SPDX-License-Identifier: Apache-2.0
// Models that guess credit from features, as rules with synthetic gradients have: which one, and how it learns, are
// settings of the table that names it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "chronograd/archive.hpp"
#include "chronograd/buffer.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

struct SynthesiserRecord;

/// What a synthesiser is made for.
struct SynthesiserSetup {
  const SynthesiserRecord& record;
  int features;            ///< F: numbers that a guess is made of; the last is always 1
  int guesses;             ///< w: numbers of a guess
  const Options& options;  ///< the table that names the synthesiser; it has the settings of namespace synthesis
  std::uint64_t seed;      ///< where first weights that are not zero are drawn from
};

/// A model g of credit: w numbers out of F, its parameters A in one array. It learns by plain gradient descent, or by
/// Adam (kingma2015adam), from the mean over streams of |g - target|^2 / 2.
template <class T>
class CHRONOGRAD_API Synthesiser {
 public:
  virtual ~Synthesiser() = default;

  /// guess [rows][w] = g(f), f [rows][F].
  virtual void guess(int rows, const T* features, T* guess) = 0;
  /// to [P] += sum over rows of error . dg/dA at f; error [rows][w]. `to` may be the parameters themselves.
  virtual void descend(int rows, const T* features, const T* error, T* to) = 0;
  /// Outputs of the first product, which reads the features.
  virtual int first_width() const = 0;
  /// to [w][P] += dg/dA at one row of features.
  virtual void derivative(const T* features, T* to) = 0;

  /// One step from the guesses at f: error [rows][w] is guess minus target and is used up. The sum over rows is divided
  /// by the number of streams.
  void learn(int rows, const T* features, T* error, int streams);
  /// One step along a sum of error . dg/dA that was made elsewhere; gradient [P] is used up.
  void learn(T* gradient, int streams);

  /// P numbers, and which of them are weights of the constant 1 (biases, which L2 leaves alone).
  std::span<T> parameters() { return parameters_.span(); }
  /// Takes over the parameters of another one of the same setup.
  void copy(const Synthesiser& other);
  /// Visits all that it must keep: its parameters, how often it has learnt, and Adam's means.
  void state(Archive& archive);

 protected:
  Synthesiser(const SynthesiserSetup& setup, std::size_t parameters);

  /// Adds factor times the weights, biases apart, to the gradient.
  virtual void decay(T factor, T* gradient) const = 0;

  Buffer<T> parameters_;

 private:
  T rate();

  void adam(T step, T* gradient);

  int guesses_;
  double rate_, l2_, clip_;
  std::int64_t warmup_, learnt_ = 0;
  bool adam_;
  Buffer<T> gradient_;
  Buffer<T> mean_, square_;  ///< [P] of the gradient, for Adam
};

struct CHRONOGRAD_API SynthesiserRecord {
  Entry entry;
  bool linear = false;  ///< dg/dA is the same whatever A is
  /// Multiply-adds of a guess and of learning from another one, a row: a formula in the letters of interfaces
  /// (docs/notation.md). "": not stated.
  const char* time = "";
  std::unique_ptr<Synthesiser<float>> (*make_float)(const SynthesiserSetup& setup);
  std::unique_ptr<Synthesiser<double>> (*make_double)(const SynthesiserSetup& setup);
};

template <>
CHRONOGRAD_API std::span<const SynthesiserRecord* const> catalogue<SynthesiserRecord>();

/// The synthesiser that the setting `synthesiser` of a table names. `options`: as in SynthesiserSetup.
CHRONOGRAD_API const SynthesiserRecord& synthesiser_of(const Options& options);

/// Calls the record's maker for T.
template <class T>
std::unique_ptr<Synthesiser<T>> make_synthesiser(const SynthesiserSetup& setup) {
  if constexpr (sizeof(T) == sizeof(float))
    return setup.record.make_float(setup);
  else
    return setup.record.make_double(setup);
}

/// The settings of whatever has a synthesiser: they stand in its option table.
namespace synthesis {

/// The same setting with another default.
constexpr Option with_default(Option option, const char* fallback) {
  option.fallback = fallback;
  return option;
}

constexpr Option name = {.key = "synthesiser",
                         .type = OptionType::word,
                         .fallback = "\"linear\"",
                         .help = "name of the model that guesses credit"};
constexpr Option rate = {
    .key = "sg_lr", .type = OptionType::number, .fallback = "1e-3", .low = 0, .help = "rate of the synthesiser"};
constexpr Option optimizer = {.key = "sg_optimizer",
                              .type = OptionType::word,
                              .fallback = "\"sgd\"",
                              .help =
                                  "how the synthesiser learns: by plain gradient descent, or by adam with beta1 "
                                  "0.9, beta2 0.999 and epsilon 1e-8",
                              .choices = "sgd|adam"};
constexpr Option l2 = {.key = "sg_l2",
                       .type = OptionType::number,
                       .fallback = "0.0",
                       .low = 0,
                       .help = "adds sg_l2 times the weight to the synthesiser's gradient, biases apart"};
constexpr Option clip = {.key = "sg_clip",
                         .type = OptionType::number,
                         .fallback = "0.0",
                         .low = 0,
                         .help = "largest norm of the synthesiser's gradient, which is scaled down to it; 0: off"};
constexpr Option warmup = {.key = "sg_warmup",
                           .type = OptionType::integer,
                           .fallback = "0",
                           .low = 0,
                           .high = 1e9,
                           .unit = "updates",
                           .help = "the synthesiser's rate rises linearly over the first of its own updates"};
constexpr Option zero = {.key = "sg_zero",
                         .type = OptionType::flag,
                         .fallback = "true",
                         .help =
                             "the synthesiser's last layer starts at zero, so that the first guesses are zero; "
                             "false: it is drawn as the others are"};

/// What interfaces between layers have beside these: their features are units and a target, their guesses gradients.
constexpr Option label_scale = {.key = "sg_label_scale",
                                .type = OptionType::number_or_word,
                                .fallback = "\"auto\"",
                                .low = 0,
                                .help =
                                    "factor of the target among the features; auto: the root of the width of the first "
                                    "product, so that few targets weigh as much as many units",
                                .choices = "auto"};
constexpr Option normalise = {
    .key = "sg_normalise",
    .type = OptionType::flag,
    .fallback = "true",
    .help =
        "guesses and targets are counted in units of the targets' size, a running mean (0.99) "
        "of their root mean square"};
constexpr Option gate = {
    .key = "sg_gate",
    .type = OptionType::number,
    .fallback = "-1.0",
    .low = -1,
    .high = 1,
    .help =
        "a group learns from guesses only while their cosine with the targets, a running mean (0.99) "
        "that starts at 0, is at least this; -1: always"};
constexpr Option scale = {
    .key = "sg_scale", .type = OptionType::number, .fallback = "1.0", .low = 0, .help = "factor of the guesses"};

}  // namespace synthesis

}  // namespace chronograd
