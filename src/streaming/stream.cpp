// SPDX-License-Identifier: Apache-2.0
#include "streaming/stream.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/dtype.hpp"
#include "chronograd/error.hpp"
#include "files/atomic_file.hpp"
#include "streaming/running_scale.hpp"
#include "streaming/sample.hpp"
#include "streaming/state_file.hpp"
#include "streaming/stream_input.hpp"
#include "streaming/stream_learner.hpp"

namespace chronograd {
namespace {

constexpr std::size_t enough = 1 << 16;  // bytes worth a write while more input is there

template <class T>
class Stream {
 public:
  Stream(const Config& config, const StreamOptions& options, const StreamEnds& ends)
      : options_(options),
        ends_(ends),
        learner_(config, {options.inputs, options.outputs, 1, options.delay}, options.parameters),
        input_(ends.file, ends.name, ends.stop),
        x_(static_cast<std::size_t>(options.inputs)),
        target_(static_cast<std::size_t>(options.outputs)) {
    if (options.scale) scale_.emplace(options.inputs);
    if (!options.state.empty()) {
      static_cast<void>(AtomicFile(options.state));  // what cannot be written is told of before the first step
      if (std::filesystem::exists(options.state)) go_on();
    }
    learner_.learning(options.learn);
  }

  StreamResult run() {
    const std::int64_t updates = learner_.updates();
    try {
      while (step()) {
      }
    } catch (const Error& error) {
      flush();
      save();
      if (options_.state.empty()) throw;
      throw error.with("The steps before it are in " + options_.state + ".");
    }
    flush();
    result_.diverged = !learner_.healthy();
    save();
    result_.updates = learner_.updates() - updates;
    result_.loss =
        result_.targets > 0 ? sum_ / static_cast<double>(result_.targets) : std::numeric_limits<double>::quiet_NaN();
    return result_;
  }

 private:
  void go_on() {
    const Arrays beside = load_state(learner_, options_.state);
    if (scale_.has_value() == beside.empty() || (scale_ && !scale_->restore(beside)))
      throw Error(Exit::usage, "--scale",
                  std::string("got ") + (scale_ ? "running" : "none") + ", allowed is what the state " +
                      options_.state + " was begun with, " + (beside.empty() ? "none" : "running") + ".");
    result_.gone_on = true;
  }

  std::size_t record_bytes() const { return options_.binary ? sizeof(float) * (x_.size() + target_.size()) : 0; }

  Sample read() {
    std::string_view bytes;
    const auto got = options_.binary ? input_.record(record_bytes(), bytes) : input_.line(bytes);
    result_.stopped = got == StreamInput::Got::stopped;
    if (got != StreamInput::Got::piece) {
      over_ = true;
      return Sample::none;
    }
    return options_.binary ? read_record<T>(bytes, input_.place("record"), x_, target_)
                           : read_sample<T>(bytes, input_.place("line"), x_, target_);
  }

  /// False when nothing more is to be done.
  bool step() {
    const Sample sample = read();
    if (over_) return false;
    if (sample == Sample::reset) learner_.reset(0);
    if (sample == Sample::inputs || sample == Sample::targeted) {
      if (scale_) scale_->apply<T>(x_);
      const std::span<const T> y(learner_.predict(x_.data()), target_.size());
      if (options_.binary)
        write_record<T>(y, text_);
      else
        write_line<T>(y, text_);
      ++result_.steps;
      if (sample == Sample::targeted) {
        const std::int64_t late = learner_.steps() - options_.delay;
        const double loss = learner_.learn(target_.data(), nullptr);
        if (late > 0) {  // before that there is nothing that a target could be about
          sum_ += loss;
          ++result_.targets;
        }
      }
      if (!learner_.healthy()) return false;
    }
    if (ends_.stop()) {
      result_.stopped = true;
      return false;
    }
    return (text_.size() < enough && !input_.waits(record_bytes())) || flush();
  }

  bool flush() {
    const bool written = text_.empty() || ends_.write(text_);
    text_.clear();
    return written;
  }

  void save() {
    if (options_.state.empty() || !learner_.healthy()) return;
    save_state(learner_, options_.state, scale_ ? scale_->arrays() : Arrays());
  }

  const StreamOptions& options_;
  const StreamEnds& ends_;
  StreamLearner<T> learner_;
  StreamInput input_;
  std::optional<RunningScale> scale_;
  std::vector<T> x_, target_;
  std::string text_;
  double sum_ = 0;
  bool over_ = false;
  StreamResult result_;
};

}  // namespace

StreamResult run_stream(const Config& config, const StreamOptions& options, const StreamEnds& ends) {
  return with_dtype(config, [&]<class T>(T) { return Stream<T>(config, options, ends).run(); });
}

}  // namespace chronograd
