// SPDX-License-Identifier: Apache-2.0
// Reads a golden file as a problem for the oracles.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "checking/oracle.hpp"
#include "chronograd/array.hpp"
#include "golden/cases.hpp"

namespace chronograd::golden {

inline void PrintTo(const GoldenCase& golden, std::ostream* out) {
  *out << golden.name;
}

inline Arrays read_golden(const std::string& name) {
  return read_npz(std::string(CHRONOGRAD_TEST_DATA) + "/golden/data/" + name + ".npz");
}

inline checking::Vector numbers(const Array& array) {
  checking::Vector values(array.size());
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = array.at(k);
  return values;
}

/// The file's arrays whose names are `prefix` and then a parameter's name.
inline checking::Named with_prefix(const Arrays& file, const std::string& prefix) {
  checking::Named found;
  for (const auto& [name, array] : file)
    if (name.compare(0, prefix.size(), prefix) == 0) found[name.substr(prefix.size())] = numbers(array);
  return found;
}

/// The problem of the file; `feedback` says whether credit goes through its B_feedback.
inline checking::OracleProblem problem_of(const GoldenCase& golden, const Arrays& file, bool feedback = false) {
  const auto size = [&](const char* name, int axis) { return static_cast<int>(file.at(name).shape.at(axis)); };
  const auto optional = [&](const char* name) {
    return file.count(name) != 0 ? numbers(file.at(name)) : checking::Vector();
  };
  checking::OracleProblem problem;
  problem.cell = golden.cell;
  problem.loss = golden.loss;
  problem.output = golden.output;
  problem.activation = golden.activation;
  problem.B = size("x", 0);
  problem.T = size("x", 1);
  problem.n = size("x", 2);
  problem.m = size("W_out", 0);
  problem.d = size("W_out", 1);
  if (golden.cell == "leaky") problem.alpha.assign(problem.d, golden.alpha);
  for (const char* name : {"W_rec", "W_in", "b_h", "W_rec_l1", "W_in_l1", "b_h_l1", "weight_ih_l0", "weight_hh_l0",
                           "bias_ih_l0", "bias_hh_l0", "W_out", "b_y"})
    if (file.count(name) != 0) problem.parameters[name] = numbers(file.at(name));
  problem.x = numbers(file.at("x"));
  const Array& target = file.at(file.count("y_target") != 0 ? "y_target" : "y");
  if (target.shape.size() == 3) {
    problem.y = numbers(target);
  } else {  // classes
    problem.y.assign(target.size() * problem.m, 0.0);
    for (std::size_t k = 0; k < target.size(); ++k) problem.y[k * problem.m + static_cast<int>(target.at(k))] = 1;
  }
  problem.mask = optional("mask");
  problem.reset = optional("reset");
  problem.h0 = optional("h0");
  problem.W_rec_mask = optional("W_rec_mask");
  if (feedback) problem.feedback = numbers(file.at("B_feedback"));
  return problem;
}

/// The file's gradient of a rule, with absent weights set to zero as the project defines their gradient.
inline checking::Named gradient_of(const Arrays& file, const std::string& rule) {
  checking::Named gradient = with_prefix(file, "grad:" + rule + ":");
  gradient.erase("x");
  if (file.count("W_rec_mask") != 0 && gradient.count("W_rec") != 0) {
    checking::Vector& W = gradient["W_rec"];
    for (std::size_t k = 0; k < W.size(); ++k) W[k] *= file.at("W_rec_mask").at(k);
  }
  return gradient;
}

}  // namespace chronograd::golden
