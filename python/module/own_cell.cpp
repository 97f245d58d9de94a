// SPDX-License-Identifier: Apache-2.0
// A cell that is written in Python: one function of a unit, s' = step(s, u). Its factors A = ds'/ds and B = ds'/du of
// each step are computed with the step and kept on the tape; the products of a rule are made of them here.
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>
#include <string>

#include "chronograd/cell.hpp"
#include "chronograd/error.hpp"
#include "own.hpp"
#include "parts.hpp"
#include "raised.hpp"

namespace chronograd::python {
namespace {

struct PythonCell : CellRecord {
  PythonCell(const py::dict& told, const py::object& work) : CellRecord{}, own(told, work) { entry = own.entry; }
  Own own;
  bool torch = false;              ///< parameters are named as PyTorch's, with two biases
  std::vector<const char*> names;  ///< of constants
  unsigned moves[8];
};

const PythonCell& record_of(const CellRecord* record) {
  return *static_cast<const PythonCell*>(record);
}

/// The tape of a unit: A [S S], then B [S G].
template <class T>
T* tape_of(const CellArgs<T>& a, int b) {
  return a.tape + static_cast<std::size_t>(b * a.record->tape * a.units);
}

template <class T>
void step(const CellArgs<T>& a) {
  const CellRecord& record = *a.record;
  const int S = record.states, G = record.gates, H = record.heads, B = a.streams, d = a.units, more = S - H;
  const py::gil_scoped_acquire gil;
  try {
    py::array_t<double> s({S, B, d}), u({G, B, d});
    double *const ps = s.mutable_data(), *const pu = u.mutable_data();
    for (int b = 0; b < B; ++b)
      for (int i = 0; i < d; ++i) {
        for (int k = 0; k < H; ++k) ps[(k * B + b) * d + i] = static_cast<double>(a.z[b * a.ld + k * d + i]);
        for (int k = 0; k < more; ++k)
          ps[((k + H) * B + b) * d + i] = static_cast<double>(a.hidden[(b * more + k) * d + i]);
        for (int g = 0; g < G; ++g) pu[(g * B + b) * d + i] = static_cast<double>(a.u[(b * G + g) * d + i]);
      }
    py::dict constants;
    for (std::size_t k = 0; k < record_of(&record).names.size(); ++k) {
      py::array_t<double> values(d);
      for (int i = 0; i < d; ++i)
        values.mutable_data()[i] =
            static_cast<double>(a.constants[k * static_cast<std::size_t>(d) + static_cast<std::size_t>(i)]);
      constants[record_of(&record).names[k]] = values;
    }
    const auto result = py::cast<py::tuple>(record_of(&record).own.work(s, u, constants));
    const auto next =
        shaped<double>(record.entry.name, result[0], {S, B, d}, "the states after the step (states, ...)");
    const auto local = shaped<double>(record.entry.name, result[1], {S, S, B, d}, "A = ds'/ds (states, states, ...)");
    const auto gain = shaped<double>(record.entry.name, result[2], {S, G, B, d}, "B = ds'/du (states, gates, ...)");
    for (int b = 0; b < B; ++b) {
      T* const tape = tape_of(a, b);
      for (int i = 0; i < d; ++i) {
        for (int k = 0; k < H; ++k) a.h[b * a.h_ld + k * d + i] = static_cast<T>(next.data()[(k * B + b) * d + i]);
        for (int k = 0; k < more; ++k)
          a.hidden_after[(b * more + k) * d + i] = static_cast<T>(next.data()[((k + H) * B + b) * d + i]);
        for (int k = 0; k < S * S; ++k) tape[k * d + i] = static_cast<T>(local.data()[(k * B + b) * d + i]);
        for (int k = 0; k < S * G; ++k) tape[(S * S + k) * d + i] = static_cast<T>(gain.data()[(k * B + b) * d + i]);
      }
    }
  } catch (...) {
    for (int b = 0; b < B; ++b) {
      std::fill_n(a.h + b * a.h_ld, H * d, std::numeric_limits<T>::quiet_NaN());
      std::fill_n(a.hidden_after + b * more * d, more * d, std::numeric_limits<T>::quiet_NaN());
      std::fill_n(tape_of(a, b), record.tape * d, std::numeric_limits<T>::quiet_NaN());
    }
    Raised::caught();
  }
}

template <class T>
void linearise(const CellArgs<T>& a, T* local, T* gain) {
  const int S = a.record->states, G = a.record->gates, d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    std::copy_n(tape_of(a, b), S * S * d, local + b * S * S * d);
    std::copy_n(tape_of(a, b) + S * S * d, S * G * d, gain + b * S * G * d);
  }
}

/// du = B^T (lambda + q), lambda <- A^T (lambda + q) of one stream; q acts on the H states that are h.
template <class T>
void pull_one(int S, int G, int H, int d, const T* local, const T* gain, T* lambda, const T* q, T* du, T* q_prev) {
  std::vector<T> total(static_cast<std::size_t>(S));
  for (int i = 0; i < d; ++i) {
    for (int s = 0; s < S; ++s)
      total[static_cast<std::size_t>(s)] = (lambda ? lambda[s * d + i] : T(0)) + (s < H ? q[s * d + i] : T(0));
    for (int g = 0; g < G; ++g) {
      T sum = 0;
      for (int s = 0; s < S; ++s) sum += total[static_cast<std::size_t>(s)] * gain[(s * G + g) * d + i];
      du[g * d + i] = sum;
    }
    for (int r = 0; r < S; ++r) {
      T sum = 0;
      for (int s = 0; s < S; ++s) sum += total[static_cast<std::size_t>(s)] * local[(s * S + r) * d + i];
      if (lambda)
        lambda[r * d + i] = sum;
      else if (q_prev && S == 1)
        q_prev[i] += sum;
    }
  }
}

template <class T>
void pull(const CellArgs<T>& a, T* lambda, const T* q, T* du, T* q_prev) {
  const int S = a.record->states, G = a.record->gates, H = a.record->heads, d = a.units;
  for (int b = 0; b < a.streams; ++b)
    pull_one(S, G, H, d, tape_of(a, b), tape_of(a, b) + S * S * d, lambda ? lambda + b * a.state_ld : nullptr,
             q + b * H * d, du + b * a.row_ld, q_prev ? q_prev + b * d : nullptr);
}

template <class T>
void pull_many(const CellArgs<T>& a, const T* local, const T* gain, T* lambda, const T* q, T* du) {
  const int H = a.record->heads;
  for (int v = 0; v < a.streams; ++v)
    pull_one<T>(a.record->states, a.record->gates, H, a.units, local, gain, lambda + std::ptrdiff_t{v} * a.state_ld,
                q + std::ptrdiff_t{v} * H * a.units, du + std::ptrdiff_t{v} * a.row_ld, nullptr);
}

template <class T>
void push(const CellArgs<T>& a, const T* local, const T* gain, const T* v, const T* w, T* jv) {
  const int S = a.record->states, G = a.record->gates, d = a.units;
  for (int b = 0; b < a.streams; ++b)
    for (int i = 0; i < d; ++i)
      for (int r = 0; r < S; ++r) {
        T sum = 0;
        for (int s = 0; s < S; ++s) sum += local[((b * S + r) * S + s) * d + i] * v[b * a.state_ld + s * d + i];
        for (int g = 0; g < G; ++g) sum += gain[((b * S + r) * G + g) * d + i] * w[(b * G + g) * d + i];
        jv[b * a.state_ld + r * d + i] = sum;
      }
}

template <class T>
constexpr CellKernels<T> kernels() {
  return {step<T>, linearise<T>, pull<T>, pull_many<T>, push<T>};
}

/// z = (h_prev, x, 1), h_prev of H d numbers, or with two ones for PyTorch's two biases.
void layout(const CellRecord& record, int d, int n, CellLayout& out) {
  using Role = CellLayout::Parameter;
  const PythonCell& cell = record_of(&record);
  const int rows = record.gates * d, h = record.heads * d, ones = cell.torch ? 2 : 1;
  out = CellLayout{};
  out.input_at = h;
  out.ones = ones;
  out.ones_at[0] = h + n;
  out.ones_at[1] = h + n + 1;
  out.columns = h + n + ones;
  std::copy_n(cell.moves, 8, out.moves);
  out.block_count = 1;
  out.blocks[0] = {.row = 0, .rows = rows, .col = 0, .cols = h + n + ones, .begin = 0};
  out.parameter_count = 2 + ones;
  const Start recurrent = {cell.torch ? Start::uniform : Start::normal, h},
              input = {cell.torch ? Start::uniform : Start::normal, cell.torch ? d : n};
  const CellLayout::Parameter in = {
      cell.torch ? "weight_ih_l0" : "W_in", rows, n, Role::input, input, {{0, 0, rows, n, 0, h}}, 1};
  const CellLayout::Parameter rec = {
      cell.torch ? "weight_hh_l0" : "W_rec", rows, h, Role::recurrent, recurrent, {{0, 0, rows, h, 0, 0}}, 1};
  const Start bias = {cell.torch ? Start::uniform : Start::zero, d};
  out.parameters[0] = cell.torch ? in : rec;
  out.parameters[1] = cell.torch ? rec : in;
  out.parameters[2] = {cell.torch ? "bias_ih_l0" : "b_h", rows, 0, Role::bias, bias, {{0, 0, rows, 1, 0, h + n}}, 1};
  if (cell.torch) out.parameters[3] = {"bias_hh_l0", rows, 0, Role::bias, bias, {{0, 0, rows, 1, 0, h + n + 1}}, 1};
}

/// One number for all units, or one each: the configuration sees to it that it is one of the two.
void fill(const CellRecord& record, const Options& model, int units, double* constants) {
  for (const char* name : record_of(&record).names) {
    const std::vector<double> given = model.numbers(name);
    for (int i = 0; i < units; ++i) *constants++ = given[given.size() == 1 ? 0 : static_cast<std::size_t>(i)];
  }
}

/// `told` has the texts of Own, and states, gates, shown, state_names, constants (names of options), torch, h_carries,
/// moves.
void add_own_cell(const py::dict& told, const py::object& step_function) {
  auto* const record = new PythonCell(told, step_function);  // see Own
  record->states = told["states"].cast<int>();
  record->gates = told["gates"].cast<int>();
  const auto count = [&](const char* key, int value, int most) {
    if (value < 1 || value > most)
      throw Error(Exit::usage, std::string("cell ") + record->entry.name,
                  "got " + std::string(key) + " = " + std::to_string(value) + ", allowed is 1 to " +
                      std::to_string(most) + ".");
  };
  count("states", record->states, 9);
  count("gates", record->gates, 8);
  record->heads = told["shown"].cast<int>();
  count("shown", record->heads, record->states);
  record->tape = record->states * (record->states + record->gates);
  record->torch = told["torch"].cast<bool>();
  record->h_carries = told["h_carries"].cast<bool>();
  int further = 0;
  for (const py::handle name : told["state_names"]) record->further[further++] = record->own.keep(name);
  int constants = 0;
  for (const py::handle name : told["constants"]) {
    if (constants == 10)
      throw Error(Exit::usage, std::string("cell ") + record->entry.name, "got more than ten constants.");
    record->names.push_back(record->own.keep(name));
    record->constants[constants++] = record->names.back();
  }
  if (constants > 0) record->fill = fill;
  const auto moves = told["moves"].cast<std::vector<unsigned>>();
  std::copy_n(moves.begin(), 8, record->moves);
  record->layout = layout;
  record->kernels_float = kernels<float>();
  record->kernels_double = kernels<double>();
  add_entry<CellRecord>(*record);
}

}  // namespace

void add_own_cells(py::module_& module) {
  module.def("add_cell", add_own_cell);
}

}  // namespace chronograd::python
