// SPDX-License-Identifier: Apache-2.0
// A cell, seen as rules see it. Linearised about a step, one unit of any cell is a small linear system
//     s' = A s + D u,   closed by   u = W z,   z = (h_prev, x, 1)
// with S numbers of state and G pre-activations. The first H states (one, of some cells two) are h, which other units
// and the layer above read; as many, h itself or later ones, are what the readout reads. So the Jacobian of a step is
// J = A + D W_rec and its immediate influence D (x) z: nothing else of a cell reaches a rule.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"
#include "chronograd/segment.hpp"

namespace chronograd {

/// Pre-activation rows [row, row + rows) are the product of regressor columns [col, col + cols) with one weight matrix.
/// Every row belongs to one block. Weight of column col + j in row row + i: theta[begin + i + rows * j].
struct Block {
  int row, rows, col, cols;
  std::size_t begin;
};

/// A rectangle of a named parameter and where it lies: file element (file_row + i, file_col + j) is the weight of
/// regressor column col + j in pre-activation row row + i.
struct Piece {
  int file_row, file_col, rows, cols, row, col;
};

/// How a parameter is drawn where none is given. `fan`: a whole number that its scale is made of.
struct Start {
  enum Kind {
    zero,
    normal,          ///< variance 1/fan
    uniform,         ///< on +-1/sqrt(fan)
    by_init,         ///< as model.init says; orthogonal in a cell without this setting
    ring_magnitude,  ///< log(-log r), r^2 uniform on [r_min^2, r_max^2]: uniform on a ring of the complex plane; [0, 1]
                     ///< in a cell without these settings
    ring_phase,      ///< log(phase), phase uniform on [0, max_phase); 2 pi in a cell without this setting
    rate_logit       ///< log(alpha/(1 - alpha)) of the update rates that the settings give
  } kind;
  int fan;
};

/// Shape of a cell with d units and n inputs. Plain arrays: filled by code that is compiled per instruction set.
struct CellLayout {
  int input_at;          ///< regressor column of x_0; columns 0 ... H d - 1 are h_prev
  int ones_at[2], ones;  ///< regressor columns that are constant 1
  int columns;           ///< length of z
  /// Bit s of moves[g]: pre-activation g moves state s within its own step (strict patterns of influence).
  unsigned moves[8] = {~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
  Block blocks[4];
  int block_count;
  struct Parameter {
    const char* name;                           ///< its name in files
    int rows, cols;                             ///< its shape in files, (to, from); cols = 0: a vector
    enum Role { recurrent, input, bias } role;  ///< bias: no weight between units, neither masked nor decayed
    Start start;
    Piece pieces[4];
    int piece_count;
  } parameters[12];
  int parameter_count;
};

struct CellRecord;

/// One step of B streams; every array is contiguous per stream, streams at the distance named.
template <class T>
struct CellArgs {
  const T* constants;  ///< [constants][d] of each unit, in the order of the record's names
  int variant;         ///< which form of the unit, as the record's `variant` says
  T self;              ///< 1; 0 where a unit's effect on itself through its h (`CellRecord::self`) is left out of A
  bool on_h;           ///< credit q is on h also where the readout would read other states
  int streams, units;
  const T* u;  ///< [B][G d] pre-activations
  const T* z;  ///< [B][ld] regressors of this step; h_prev are the first H d
  int ld;
  const T* hidden;  ///< [B][(S - H + C) d] further states before the step, then what is carried without credit
  T* h;             ///< [B] rows of H d numbers at distance h_ld: new h
  int h_ld;
  T* hidden_after;                     ///< [B][(S - H + C) d] the new ones
  T* tape;                             ///< [B][tape d] what the linearisation needs
  int state_ld;                        ///< distance between streams in arrays of states (lambda, v, jv)
  int row_ld;                          ///< distance between streams in arrays of pre-activations (du)
  const T* weight;                     ///< [B] what the step counts in a mean output; units that ask for it
  T* scratch;                          ///< [`CellRecord::scratch`][d] numbers that the loops may use
  const CellRecord* record = nullptr;  ///< the cell's own: one that is derived from CellRecord brings what loops need
};

/// The loops generated from a cell's two functions of one unit (chronograd/unit_loops.hpp).
template <class T>
struct CellKernels {
  void (*step)(const CellArgs<T>& args);
  /// local [B][S S d]: local[r S + s] = ds'_r/ds_s; gain [B][S G d]: gain[s G + g] = ds'_s/du_g.
  void (*linearise)(const CellArgs<T>& args, T* local, T* gain);
  /// With lambda (credit on s', q [B][H d] added to that on the states that are shown): du [B][G d] = gain^T lambda,
  /// then lambda [B][S d] = local^T lambda. lambda null: no credit comes through A; what goes through it is added to
  /// q_prev [B][d] (one state a unit), or is not wanted (q_prev null).
  void (*pull)(const CellArgs<T>& args, T* lambda, const T* q, T* du, T* q_prev);
  /// The same for args.streams credits of one stream with factors from `linearise`; q is [streams][H d].
  void (*pull_many)(const CellArgs<T>& args, const T* local, const T* gain, T* lambda, const T* q, T* du);
  /// jv [B][S d] = local v + gain w, v [B][S d], w [B][G d] the change of the pre-activations.
  void (*push)(const CellArgs<T>& args, const T* local, const T* gain, const T* v, const T* w, T* jv);
};

struct CHRONOGRAD_API CellRecord {
  Entry entry;
  int states;  ///< S
  int gates;   ///< G
  int tape;    ///< numbers a unit remembers of a step
  void (*layout)(const CellRecord& record, int units, int inputs, CellLayout& out);
  CellKernels<float> kernels_float = {};
  CellKernels<double> kernels_double = {};
  bool h_carries = true;  ///< A passes h on, also without `self`; false: its columns of h are zero, h is an echo of the
                          ///< other states
  const char* further[8] = {};  ///< names in data of the other states before the first step; "": not to be given
  int heads = 1;                ///< H: the first H states are h
  int shown = 0;                ///< the first of the H states that the readout reads and credit c acts on; 0: h
  int carried = 0;              ///< C: numbers that a unit carries and that take no credit, zero before the first step
  bool self = false;            ///< units have an effect on themselves through their h that counts as recurrence
  bool autapses = true;         ///< units may read their own h through W_rec; false: these weights are absent
  const char* constants[10] = {};  ///< names of what each unit has a number of that does not learn
  /// Writes them, [constants][d], as the settings say (null: there are none). Throws Error (usage).
  void (*fill)(const CellRecord& record, const Options& model, int units, double* constants) = nullptr;
  /// The form of the unit that the settings name, for loops that choose by CellArgs::variant; null: 0.
  int (*variant)(const Options& model) = nullptr;
  int filter = 0;         ///< the first of H states that are a low-pass filter of h; 0: there is none
  bool weighted = false;  ///< the states shown are sums of outputs, each step counting as Segment::weight says
  int scratch = 0;        ///< numbers a unit that the loops want as CellArgs::scratch
  /// The same cell whose first constant is a parameter; null: there is none.
  const CellRecord* trained = nullptr;

  constexpr int constant_count() const {
    int count = 0;
    while (count < static_cast<int>(std::size(constants)) && constants[count] != nullptr) ++count;
    return count;
  }
};

template <>
CHRONOGRAD_API std::span<const CellRecord* const> catalogue<CellRecord>();

/// What data call the states of a unit before the first step: h0, then the cell's own ("": not to be given).
CHRONOGRAD_API std::vector<std::string> state_names(const CellRecord& record);

/// [d] update rates alpha from `alpha`, or from `dt` and `tau`, for the `fill` of a cell that has options of these
/// names; 1 where none is given. Throws Error (usage).
CHRONOGRAD_API void update_rates(const CellRecord& record, const Options& model, int units, double* alpha);
/// The form of a cell whose setting `activation` names one: an Activation.
CHRONOGRAD_API int activation_variant(const Options& model);
/// The settings of the readout that a cell's constants kappa and zeta_out come from; Network sets them in [model].
constexpr const char *key_kappa = "readout.kappa", *key_zeta_out = "readout.zeta_out";

/// How much of the recurrent part D W_rec of the Jacobian a product keeps.
enum class Recurrent {
  full,  ///< all of it: exact rules
  own,   ///< its diagonal, a unit's effect on itself: snap(n=1)
  none,  ///< nothing, A alone, and that without `CellRecord::self`: rflo, e-prop's local traces
};

/// A population of d units with its constants: one layer. Its methods are const; what changes is in the segment. They
/// treat J_k as zero where a stream begins anew (a cut), so rules need not.
template <class T>
class CHRONOGRAD_API Cell {
 public:
  /// `model` is the checked [model] table. `layers`: arrays of states and of pre-activations hold those of so many
  /// layers, one after the other for each stream; the cell's own begin where its methods are pointed to. `read_out`:
  /// the readout reads this layer; false: only h is seen of it, by the layer above. Throws Error (usage).
  Cell(const CellRecord& record, const Options& model, int units, int inputs, int layers = 1, bool read_out = true);

  int states() const { return record_->states; }
  int gates() const { return record_->gates; }
  int units() const { return units_; }
  int shown_width() const { return record_->heads * units_; }  ///< H d: numbers of h, and of what credit q acts on
  int shown() const { return shown_; }                         ///< the first of the H states that credit q acts on
  int more() const { return (states() - record_->heads + record_->carried) * units_; }  ///< of a row of `hidden`
  int inputs() const { return inputs_; }
  int columns() const { return layout_.columns; }
  int rows() const { return record_->gates * units_; }    ///< G d
  int ld() const { return ld_; }                          ///< distance between regressors
  std::size_t parameters() const { return parameters_; }  ///< length of theta
  const CellLayout& layout() const { return layout_; }
  const CellRecord& record() const { return *record_; }
  std::span<const Block> blocks() const { return {layout_.blocks, static_cast<std::size_t>(layout_.block_count)}; }
  /// True if units read each other's h: then J is full, else it is one S x S matrix for each unit.
  bool recurrent() const;
  /// Index in theta of regressor column `col` in pre-activation row `row`.
  std::size_t index(int row, int col) const;
  /// True if some block has this row and column: absent weights (GRU's candidate) do not exist.
  bool exists(int row, int col) const;

  /// Sizes the segment's arrays for up to `steps` steps of `streams` streams and starts from zero state.
  void prepare(Segment<T>& segment, int steps, int streams) const;
  /// Runs the K steps; x is in z already. `xi` [K][B][d] is standard normal noise or null.
  void forward(Segment<T>& segment, const T* xi = nullptr) const;
  /// True if `forward` wants noise.
  bool noisy() const { return !noise_.empty(); }
  /// Makes the state after the last step the state before the first.
  void carry(Segment<T>& segment) const;

  /// Copies what the products of step k need to place `slot` of a segment of the same streams, which was prepared. Its
  /// steps need not follow each other; `any_cut` stays as it is, true where some of them may begin anew.
  void keep(const Segment<T>& segment, int k, Segment<T>& kept, int slot) const;
  /// The products of a segment of kept steps take these weights from now on. (`forward` takes those in the segment.)
  void use_weights(Segment<T>& segment, const T* theta) const;

  /// One step of the backward scan, all streams: lambda [B][S d] credit on the state after step k that came through A,
  /// q [B][H d] credit on the states that are shown after step k. Gives du [B][G d] on the pre-activations, lambda <-
  /// A^T lambda, and, where `recurrent` says so, adds W_rec^T du to the credit on h before the step: that is q_prev
  /// [B][H d] where h is what is shown, else h's part of lambda, and q_prev stays as it is (null: W_rec^T du is not
  /// wanted). Nothing passes a cut. lambda may be null: then none comes in, and what goes out through A joins q_prev
  /// (cells of one state) or is dropped (q_prev null).
  void pull(const Segment<T>& segment, int k, Recurrent recurrent, T* lambda, const T* q, T* du, T* q_prev) const;
  /// The same for `count` credits of stream b: lambda [count][S d], q [count][H d] in and out, du [count][G d].
  void pull_stream(const Segment<T>& segment, int k, int b, int count, T* lambda, T* q, T* du) const;
  /// jv [B][S d] = J_k v, v [B][S d]. `dx`, if not null, is a change of the inputs that comes with it (none at a cut):
  /// [B] rows of n numbers at the distance of states.
  void push(const Segment<T>& segment, int k, const T* v, T* jv, const T* dx = nullptr) const;
  /// dx [count][n] = W_in^T du for `count` rows du [count][G d]: credit on what the layer read.
  void input_credit(const Segment<T>& segment, int count, const T* du, T* dx) const;
  /// The factors of step k: local [B][S S d], with the diagonal of the recurrent part added for Recurrent::own, zero at
  /// a cut; gain [B][S G d].
  void linearise(const Segment<T>& segment, int k, Recurrent recurrent, T* local, T* gain) const;
  /// grad += sum over steps [k0, k1) and streams of du (x) z; du [k1 - k0][B][G d].
  void accumulate(const Segment<T>& segment, int k0, int k1, const T* du, T* grad) const;

 private:
  CellArgs<T> args(const Segment<T>& segment, int k, Recurrent recurrent = Recurrent::full) const;
  void set_constants(const Options& model);
  void set_noise(const Options& model);
  void add_noise(Segment<T>& segment, const CellArgs<T>& step, const T* xi) const;
  const CellKernels<T>& kernels() const;
  const T* transposed(const Segment<T>& segment, const Block& block) const;
  const T* own_weights(const Segment<T>& segment) const;
  const T* input_weights(const Segment<T>& segment, const Block& block) const;
  void recurrent_credit(const Segment<T>& segment, int count, const T* du, T beta, T* q, int ld) const;

  const CellRecord* record_;
  int units_, inputs_, ld_;
  int state_ld_, row_ld_;  ///< distance between streams in arrays of states and of pre-activations
  std::size_t parameters_;
  CellLayout layout_;
  int shown_, variant_ = 0;
  std::vector<T> constants_;       ///< [constants][d]
  std::vector<T> noise_;           ///< [d] standard deviation a step, empty = none
  std::vector<T> filtered_noise_;  ///< [d] what the filter of h gets of it
  bool noise_on_input_ = false;
};

}  // namespace chronograd
