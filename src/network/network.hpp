// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "chronograd/config.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/stack.hpp"
#include "losses/output.hpp"
#include "network/chosen_cell.hpp"
#include "network/parameters.hpp"
#include "network/rate_settings.hpp"

namespace chronograd {

class Task;

/// What answers where targets are classes: the largest output of each step, or one answer for a row, from the mean of
/// its outputs before their activation or from the sum of their softmax.
enum class Decide { step, mean_output, sum_softmax };

/// What is computed, apart from the numbers: layers of a cell, a readout with its loss, a way back for the error.
template <class T>
struct Network {
  /// Throws Error (usage) for settings that do not fit together.
  /// `third`: q, numbers of the data's third factor, for rules that learn from it.
  Network(const Config& config, int inputs, int m, int third = 0);
  /// For the data of a task.
  Network(const Config& config, const Task& task);
  Network(const ChosenCell& chosen, const Config& config, int inputs, int m, int third = 0);

  std::shared_ptr<const CellRecord> cell;  ///< that of the stack, which refers to it
  Stack<T> stack;
  int outputs;  ///< m
  int third;    ///< q
  const LossRecord& loss;
  Output<T> output;  ///< activation and loss
  Decide decide;
  const FeedbackRecord& feedback;
  RateSettings rates;
  ReadoutLayout readout;
  ParameterMap map;
  std::uint64_t seed;  ///< of its noise

  /// The readout reads a mean over the steps of a row, which has one loss.
  bool averages() const { return stack.record().weighted; }
  /// The first of the H states that are filtered rates, where `rates` charges them: those behind all others.
  int rates_at() const { return stack.states() - stack.record().heads; }
  /// What a step of a stream takes in the segments, for the plan.
  std::size_t bytes_a_step() const;
};

/// The numbers: parameters, and the feedback matrix where it is not W_out^T.
template <class T>
struct Weights {
  Buffer<T> theta;     ///< as ParameterMap says
  Buffer<T> feedback;  ///< [m][d]: B_feedback transposed, like W_out; empty with symmetric feedback
};

}  // namespace chronograd
