// SPDX-License-Identifier: Apache-2.0
// Where the parameters of an oracle's network lie in one flat vector: those of the cell first, in file order and
// shape, then the readout's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checking/oracle.hpp"

namespace chronograd::checking {

enum class CellKind { leaky, leaky_diagonal, gru, lstm, lru, lru_real, rtu, elstm, alif };
enum class Function { identity, tanh, sigmoid, relu, softplus, softmax };
enum class LossKind { mse, cross_entropy, bce };

/// What a parameter of a cell is, and with it its shape: G gates of d rows.
enum class Part {
  recurrent,  ///< (G d, d) weights from other units
  own,        ///< (G d) weights of units from themselves
  input,      ///< (G d, n)
  unit,       ///< (G d) anything else that a unit has
};

/// What the oracles know of a cell before they see a problem.
struct CellFacts {
  const char* name;
  CellKind kind;
  int states;             ///< S
  bool rates, activated;  ///< it has update rates; it has a choice of activations
  struct Parameter {
    const char* name;  ///< in the bottom layer
    Part part;
    int gates;
    double mean, scale;  ///< in random problems: normal; weights are divided by the root of their number
    bool recurs() const { return part == Part::recurrent || part == Part::own; }
    bool is_vector() const { return part == Part::own || part == Part::unit; }
    int cols(int inputs, int units) const { return is_vector() ? 1 : part == Part::input ? inputs : units; }
  };
  std::vector<Parameter> parameters;  ///< in file order
  int heads = 1;                      ///< H: the first H states are h
};

/// All cells that the oracles know.
const std::vector<CellFacts>& known_cells();
/// The cell called `name`, or null.
const CellFacts* find_cell(const std::string& name);
/// A parameter's name in layer l: W_rec, W_rec_l1; weight_ih_l0, weight_ih_l1.
std::string name_in_layer(const std::string& bottom, int l);

struct ParameterShape {
  std::string name;
  int rows, cols;  ///< cols = 1 for a vector
  bool is_vector;
  Part part;
  std::size_t begin;  ///< place of its first element
  std::size_t size() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols); }
};

struct Layout {
  /// Checks the problem as well: throws Error (usage) for an unknown name or an array of the wrong size.
  explicit Layout(const OracleProblem& problem);

  const CellFacts& facts;
  CellKind cell;
  Function activation, output;
  LossKind loss;
  int layers, d, n, m;
  int carried;            ///< 1 where a unit has a counter that takes no credit, the last of its states here; else 0
  int states;             ///< S, with the counter; the state is, layer after layer, (h, then the others) of S d numbers
  int heads;              ///< H: the first H states are h
  int filter_state;       ///< the first of the H states of the filter; S of the cell where there is none
  int shown_state;        ///< the first of the H states that the readout reads
  int gates = 1;          ///< G of the parameter with most
  std::size_t p = 0;      ///< number of the layers' parameters
  std::size_t total = 0;  ///< with the readout's
  std::vector<ParameterShape> shapes;
  struct Places {
    std::size_t first;  ///< of all of the layer
    /// The first parameter of each kind (recurrent or own, input, unit), and the last of the last kind: leaky cells
    /// have one bias, b_in = b_rec = b_h.
    std::size_t W_rec, W_in, b_in, b_rec;
    std::size_t alpha_logit;  ///< of trained update rates
  };
  std::vector<Places> places;  ///< of each layer
  std::size_t W_out, b_y;
  bool trained;         ///< update rates are parameters
  bool recurs = false;  ///< units read each other, through W_rec (G d, d)
  Vector present;       ///< [total] 0 for absent weights

  int width() const { return layers * states * d; }
  int first(int layer) const { return layer * states * d; }  ///< place of a layer's h among the states
  int top() const { return first(layers - 1); }
  int shown() const { return top() + shown_state * d; }  ///< place of what the readout reads
  int shown_width() const { return heads * d; }          ///< H d: numbers of h, and that the readout reads
  int inputs(int layer) const { return layer == 0 ? n : heads * d; }
  int layer_of_state(int r) const { return r / (states * d); }
  /// The cell has no biases: its pre-activations (at most two) can be added to instead.
  bool driven() const { return cell == CellKind::rtu || cell == CellKind::alif; }
  std::size_t place(const std::string& name) const;
  /// Layer, unit and gate that each of the p parameters goes into.
  struct Target {
    int layer, unit, gate;
  };
  std::vector<Target> targets() const;

  Vector pack(const Named& parameters) const;
  Named unpack(const Vector& theta) const;
};

/// Whether stream b's state is cut before step t.
bool begins(const OracleProblem& problem, int b, int t);
/// weight * mask of a loss; with a mean output weight at the last step with a mask, 0 at others.
double loss_weight(const OracleProblem& problem, int b, int t);
/// What the step counts in a mean output, and how much the sum after it is to be divided by; 1 without a mean output.
double step_count(const OracleProblem& problem, int b, int t);
double divisor(const OracleProblem& problem, int b, int t);
/// State (h0, and the further states of c0, of each layer) of stream b before the first step, N S d numbers.
Vector initial_state(const OracleProblem& problem, const Layout& layout, int b);

}  // namespace chronograd::checking
