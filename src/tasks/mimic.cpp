// SPDX-License-Identifier: Apache-2.0
// The Mimic task of Marschall, Cho and Savin: be like a fixed random network that is fed coin flips.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/set_up.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "chronograd/task.hpp"
#include "math/orthogonalise.hpp"
#include "tasks/row_length.hpp"
#include "tasks/walk.hpp"

namespace chronograd::entries {
namespace {

constexpr std::uint64_t teacher = ~std::uint64_t{0};  // the random stream that the network is drawn from; not a row's

class Mimic final : public Task {
 public:
  Mimic(const Options& options, std::uint64_t seed)
      : n_(static_cast<std::size_t>(options.integer("inputs"))),
        d_(static_cast<std::size_t>(options.integer("units"))),
        m_(static_cast<std::size_t>(options.integer("outputs"))),
        latent_(options.given("latent") ? static_cast<std::size_t>(options.integer("latent")) : n_),
        tau_(options.integer("tau")),
        length_(options.integer("length")),
        p_(options.number("p")),
        seed_(seed) {
    if (latent_ > n_)
      throw Error(Exit::usage, "task.latent",
                  "got " + std::to_string(latent_) + ", allowed is 1 ... " + std::to_string(n_) + " = task.inputs.");
    W_rec_ = drawn(0, d_ * d_, 1);
    orthogonalise(W_rec_, d_, [](double share) { set_up_progress("drawing", "the network to be mimicked", share); });
    for (double& w : W_rec_) w *= options.number("gain");
    W_in_ = drawn(1, d_ * n_, 1 / std::sqrt(static_cast<double>(n_)));
    b_h_ = drawn(2, d_, 0.1);
    W_out_ = drawn(3, m_ * d_, 1 / std::sqrt(static_cast<double>(d_)));
    b_y_ = drawn(4, m_, 0.1);
    for (auto [weights, rows] : {std::pair{&W_rec_, d_}, {&W_in_, d_}, {&W_out_, m_}})
      *weights = turned(*weights, rows);
  }

  int inputs() const override { return static_cast<int>(n_); }
  int outputs() const override { return static_cast<int>(m_); }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
    walks_.read(
        split, row, t,
        [&] {
          return Place{0, std::vector<double>(d_)};
        },
        [](const Place& place) { return place.t; },
        [&](Place& place) {
          std::vector<double> x(n_), next(d_);
          const std::int64_t end = t + steps;
          flips(stream, place.t / tau_, x.data());
          for (; place.t < end; ++place.t) {
            if (place.t % tau_ == 0) flips(stream, place.t / tau_, x.data());
            advance(x.data(), place.h, next);
            if (place.t < t) continue;
            const auto k = static_cast<std::size_t>(place.t - t);
            std::copy_n(x.data(), n_, out.x + k * n_);
            std::copy_n(b_y_.data(), m_, out.y + k * m_);
            add_product(W_out_, place.h.data(), d_, out.y + k * m_, m_);
            out.mask[k] = 1;
            out.reset[k] = 0;
          }
        });
  }

  /// The loss of the best constant outputs, measured over 10000 steps of a test row.
  std::vector<Reference> references() const override {
    const int steps = static_cast<int>(length_ > 0 ? std::min<std::int64_t>(length_, 10000) : 10000);
    const auto K = static_cast<std::size_t>(steps);
    std::vector<double> x(K * n_), y(K * m_), mask(K);
    std::vector<std::uint8_t> reset(K);
    read(Split::test, 0, 0, steps, {x.data(), y.data(), mask.data(), reset.data()});
    double loss = 0;
    for (std::size_t i = 0; i < m_; ++i) {
      double sum = 0, squares = 0;
      for (std::size_t k = 0; k < K; ++k) {
        sum += y[k * m_ + i];
        squares += y[k * m_ + i] * y[k * m_ + i];
      }
      loss += 0.5 * (squares / steps - sum / steps * (sum / steps));
    }
    return {{"constant output", loss, true}, {"the same network", 0}};
  }

  std::string summary() const override {
    return "mimic: the outputs of a fixed random network of " + std::to_string(d_) + " units fed coin flips, " +
           (length_ == 0 ? std::string("endless") : "rows of " + std::to_string(length_) + " steps");
  }

 private:
  struct Place {
    std::int64_t t = 0;
    std::vector<double> h;
  };

  std::vector<double> drawn(std::uint64_t which, std::size_t size, double deviation) const {
    Random random(seed_, Draw::data, teacher, which);
    std::vector<double> values(size);
    for (double& value : values) value = deviation * random.normal();
    return values;
  }
  /// Column after column of a matrix with so many rows.
  static std::vector<double> turned(const std::vector<double>& matrix, std::size_t rows) {
    const std::size_t columns = matrix.size() / rows;
    std::vector<double> out(matrix.size());
    for (std::size_t i = 0; i < matrix.size(); ++i) out[i % columns * rows + i / columns] = matrix[i];
    return out;
  }
  /// The inputs of one place: `latent` flips, each of which moves a block of inputs.
  void flips(std::uint64_t stream, std::int64_t index, double* x) const {
    Random random(seed_, Draw::data, stream, static_cast<std::uint64_t>(index));
    std::size_t j = 0;
    for (std::size_t l = 0; l < latent_; ++l) {
      const double value = random.uniform() < p_ ? 1 : 0;
      for (; j < n_ * (l + 1) / latent_; ++j) x[j] = value;
    }
  }
  /// to [rows] += W v, column by column: each sum has the order of a scalar product, and rows go side by side.
  static void add_product(const std::vector<double>& columns, const double* v, std::size_t count, double* to,
                          std::size_t rows) {
    for (std::size_t j = 0; j < count; ++j) {
      if (v[j] == 0) continue;  // half of the flips
      const double* const column = columns.data() + j * rows;
      for (std::size_t i = 0; i < rows; ++i) to[i] += column[i] * v[j];
    }
  }
  void advance(const double* x, std::vector<double>& h, std::vector<double>& next) const {
    next = b_h_;
    add_product(W_rec_, h.data(), d_, next.data(), d_);
    add_product(W_in_, x, n_, next.data(), d_);
    for (double& u : next) u = std::tanh(u);
    h.swap(next);
  }

  std::size_t n_, d_, m_, latent_;
  std::int64_t tau_, length_;
  double p_;
  std::uint64_t seed_;
  std::vector<double> W_rec_, W_in_, b_h_, W_out_, b_y_;  ///< matrices column after column
  Walks<Place> walks_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<Mimic>(options, seed);
}

constexpr Option options[] = {
    {.key = "units",
     .type = OptionType::integer,
     .fallback = "32",
     .low = 1,
     .high = 10000,
     .unit = "units",
     .help = "hidden units of the network to be like"},
    {.key = "inputs",
     .type = OptionType::integer,
     .fallback = "32",
     .low = 1,
     .high = 10000,
     .unit = "inputs",
     .help = "number n of inputs"},
    {.key = "outputs",
     .type = OptionType::integer,
     .fallback = "32",
     .low = 1,
     .high = 10000,
     .unit = "outputs",
     .help = "number m of outputs"},
    {.key = "latent",
     .type = OptionType::integer,
     .low = 1,
     .high = 10000,
     .unit = "flips",
     .help = "flips drawn at a time, each for a block of neighbouring inputs; absent: one for each input"},
    {.key = "p",
     .type = OptionType::number,
     .fallback = "0.5",
     .low = 0,
     .high = 1,
     .help = "chance that an input is 1"},
    {.key = "gain",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .help = "factor of the network's orthogonal W_rec"},
    {.key = "tau",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "how long the inputs stay as they are"},
    row_length_option,
};

}  // namespace

extern const TaskRecord task_mimic;
const TaskRecord task_mimic = {
    .entry = {.name = "mimic",
              .title = "be like a fixed random network",
              .text =
                  "x_t are coin flips;  h_t = tanh(W_rec h_{t-1} + W_in x_t + b_h),  y*_t = W_out h_t + b_y, for mse.\n"
                  "W_rec is orthogonal times gain, W_in and W_out are normal with variance 1/n and 1/d, the biases "
                  "with variance 0.01, all drawn from the seed. The state begins at zero. Reading a row elsewhere than "
                  "where it was left walks there from its start.",
              .cite = "marschall2020unified",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
