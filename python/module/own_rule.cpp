// SPDX-License-Identifier: Apache-2.0
// A learning rule that is written in Python.
#include <pybind11/stl.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "chronograd/each_layer.hpp"
#include "chronograd/error.hpp"
#include "chronograd/look_for_stop.hpp"
#include "chronograd/rule.hpp"
#include "own.hpp"
#include "own_segment.hpp"
#include "own_state.hpp"
#include "parts.hpp"
#include "raised.hpp"

namespace chronograd::python {
namespace {

thread_local bool apart_on = false;
thread_local std::vector<OwnState*>* born = nullptr;

struct PythonRule : RuleRecord {
  explicit PythonRule(const py::dict& told, const py::object& make) : RuleRecord{}, own(told, make) {
    entry = own.entry;
  }
  Own own;
  bool whole = false;  ///< one object for a whole stack, not one a layer
};

template <class T>
class OwnRule final : public Rule<T>, public OwnState {
 public:
  explicit OwnRule(const RuleSetup<T>& setup)
      : stack_(setup.stack), streams_(setup.streams), outputs_(setup.outputs), name_(setup.record.entry.name) {
    const py::gil_scoped_acquire gil;
    const auto& record = static_cast<const PythonRule&>(setup.record);
    whole_ = record.whole;
    const Cell<T>& cell = stack_.layer(stack_.layers() - 1);
    py::dict net;
    net["layers"] = stack_.layers();
    net["units"] = stack_.units();
    net["inputs"] = stack_.inputs();
    net["outputs"] = outputs_;
    net["streams"] = streams_;
    net["states"] = stack_.states();
    net["gates"] = stack_.gates();
    net["columns"] = stack_.layer(0).columns();
    net["heads"] = cell.record().heads;
    net["shown"] = cell.shown();
    net["cell"] = cell.record().entry.name;
    net["dtype"] = py::dtype::of<T>();
    net["seed"] = setup.seed;
    net["first_stream"] = setup.first_stream;
    net["every"] = setup.every;
    object_ = record.own.work(net, values_of(setup.options));
    if (setup.further && !py::cast<bool>(py::getattr(object_, "further", py::bool_(false))))
      throw Error(Exit::usage, "rule.name",
                  name_ +
                      " does not say what it does with credit on further states, which this network has. A rule that "
                      "reads credit.further says so: further = True.");
    segment_ = py::cast(OwnSegment<T>(stack_, whole_));
    for (const py::handle state : py::list(py::getattr(object_, "state", py::tuple())))
      names_.push_back(py::cast<std::string>(state));
  }
  ~OwnRule() override { let_go(object_, segment_, before_); }
  OwnRule(const OwnRule&) = delete;
  OwnRule& operator=(const OwnRule&) = delete;

  void begin() override {
    const py::gil_scoped_acquire gil;
    try {
      object_.attr("begin")();
    } catch (...) {
      Raised::caught();
    }
  }

  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    const py::gil_scoped_acquire gil;
    try {
      if (before_.is_none()) before_ = apart() ? py::object(get()) : py::object(py::dict());
      const typename OwnSegment<T>::Open open(segment_.cast<OwnSegment<T>&>(), layers);
      add(object_.attr("learn")(segment_, credit_of(credit, layers[0].steps)), grad, "learn");
    } catch (...) {
      caught(grad);
    }
  }

  void flush(T* grad) override {
    const py::gil_scoped_acquire gil;
    try {
      if (py::hasattr(object_, "flush")) add(object_.attr("flush")(), grad, "flush");
    } catch (...) {
      caught(grad);
    }
  }

  void state(Archive& archive) override {
    if (apart()) return;
    const py::gil_scoped_acquire gil;
    try {
      for (const std::string& name : names_) visit(archive, name);
    } catch (py::error_already_set&) {
      Raised::caught();
    } catch (py::builtin_exception&) {
      Raised::caught();
    }
  }

  py::dict get() const override {
    py::dict all;
    const py::object copy = py::module_::import("copy").attr("deepcopy");
    for (const std::string& name : names_) all[py::str(name)] = copy(at(name));
    return all;
  }
  void rewind() override {
    if (!before_.is_none()) set(before_.cast<py::dict>());
  }
  void set(const py::dict& state) override {
    const py::object copy = py::module_::import("copy").attr("deepcopy");
    for (const std::string& name : names_) object_.attr(name.c_str()) = copy(state[py::str(name)]);
  }

 private:
  /// What its work raised is kept, unless that was the word to stop, which reached Python's code as an exception.
  static void caught(T* grad) {
    look_for_stop();
    grad[0] = std::numeric_limits<T>::quiet_NaN();
    Raised::caught();
  }

  /// A named state; None where nobody has bound it yet.
  py::object at(const std::string& name) const { return py::getattr(object_, name.c_str(), py::none()); }

  py::object credit_of(const Credit<T>& credit, int steps) const {
    const py::ssize_t K = steps, B = streams_, d = stack_.units();
    OwnCredit shown;
    shown.c = copy_of(credit.c, {K, B, stack_.shown_width()});
    shown.err = copy_of(credit.err, {K, B, outputs_});
    shown.target = copy_of(credit.target, {K, B, outputs_});
    for (const FurtherCredit<T>& more : credit.further) {
      py::array_t<T> q({K, B, d});
      for (py::ssize_t k = 0; k < K; ++k)
        std::copy_n(more.q + static_cast<std::size_t>(k) * more.stride, B * d, q.mutable_data() + k * B * d);
      shown.further.append(whole_ ? py::make_tuple(more.layer, more.state, q) : py::make_tuple(more.state, q));
    }
    return py::cast(std::move(shown));
  }

  /// The gradient of a layer, or a list of those of all.
  void add(const py::object& result, T* grad, const char* method) {
    if (result.is_none()) return;
    const std::string where = name_ + "." + method;
    if (!whole_) return add_layer(where, result, stack_.layer(0), grad);
    const auto N = static_cast<std::size_t>(stack_.layers());
    if (!py::isinstance<py::sequence>(result) || py::isinstance<py::array>(result) || py::len(result) != N)
      throw Error(Exit::usage, where,
                  "got " + std::string(py::str(py::handle(py::type::of(result)))) + ", allowed is a list of " +
                      std::to_string(N) + " gradients, one a layer, bottom first.");
    const auto gradients = py::reinterpret_borrow<py::sequence>(result);
    for (std::size_t l = 0; l < N; ++l)
      if (const py::object one = gradients[l]; !one.is_none())
        add_layer(where, one, stack_.layer(static_cast<int>(l)), grad + stack_.theta_at(static_cast<int>(l)));
  }

  /// (G, d, columns), the gradient of the weights in u = W z: what has no place among the parameters is dropped.
  static void add_layer(const std::string& where, const py::object& result, const Cell<T>& cell, T* grad) {
    const py::ssize_t G = cell.gates(), d = cell.units(), columns = cell.columns();
    const Plain<T> dense =
        shaped<T>(where, result, {G, d, columns}, "the gradient (gates, units, columns) of the weights in u = W z");
    const T* from = dense.data();
    for (const Block& block : cell.blocks())
      for (int j = 0; j < block.cols; ++j)
        for (int i = 0; i < block.rows; ++i)
          grad[block.begin + static_cast<std::size_t>(i) +
               static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(j)] +=
              from[(block.row + i) * columns + block.col + j];
  }

  enum Kind : std::int64_t { none, f32, f64, integer, real };

  std::int64_t kind_of(const std::string& name, const py::object& value) const {
    if (value.is_none()) return none;
    if (py::isinstance<py::array_t<float>>(value)) return f32;
    if (py::isinstance<py::array_t<double>>(value)) return f64;
    if (py::isinstance<py::int_>(value)) return integer;
    if (py::isinstance<py::float_>(value)) return real;
    throw py::type_error("[" + name_ + "." + name + "] got " + std::string(py::str(py::handle(py::type::of(value)))) +
                         ", allowed as a named state are arrays of float32 or float64, numbers, and None.");
  }

  /// Its kind, its shape, its numbers: a state that is restored may have another shape than what is there.
  void visit(Archive& archive, const std::string& name) {
    const bool named = archive.named();
    const auto part = [&](const std::string& what) { return named ? name + "/" + what : std::string(); };
    const py::object value = at(name);
    const std::int64_t kind_there = kind_of(name, value);
    std::int64_t kind = kind_there;
    archive.number(part("kind"), kind);
    if (kind == none) {
      if (kind_there != none) object_.attr(name.c_str()) = py::none();
    } else if (kind == integer || kind == real) {
      std::int64_t bits = 0;
      if (kind_there == kind)
        bits = kind == integer ? value.cast<std::int64_t>() : std::bit_cast<std::int64_t>(value.cast<double>());
      const std::int64_t before = bits;
      archive.number(part("number"), bits);
      if (kind_there != kind || bits != before)
        object_.attr(name.c_str()) =
            kind == integer ? py::object(py::int_(bits)) : py::object(py::float_(std::bit_cast<double>(bits)));
    } else if (kind == f32) {
      visit_array<float>(archive, name, kind_there == kind ? value : py::object());
    } else {
      visit_array<double>(archive, name, kind_there == kind ? value : py::object());
    }
  }

  template <class N>
  void visit_array(Archive& archive, const std::string& name, const py::object& there) {
    const bool named = archive.named();
    std::vector<py::ssize_t> shape;
    if (there) {
      const auto array = py::reinterpret_borrow<py::array>(there);
      shape.assign(array.shape(), array.shape() + array.ndim());
    }
    const std::vector<py::ssize_t> before = shape;
    auto axes = static_cast<std::int64_t>(shape.size());
    archive.number(named ? name + "/axes" : "", axes);
    shape.resize(static_cast<std::size_t>(axes));
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      std::int64_t extent = shape[axis];
      archive.number(named ? name + "/" + std::to_string(axis) : "", extent);
      shape[axis] = extent;
    }
    // In C order and its own: what is restored is written into it.
    Plain<N> array = there && shape == before ? Plain<N>(there) : Plain<N>(shape);
    if (!array.writeable() || !array.owndata()) array = Plain<N>(array.attr("copy")());
    archive.array(name, {array.mutable_data(), static_cast<std::size_t>(array.size())});
    if (!array.is(there)) object_.attr(name.c_str()) = array;
  }

  const Stack<T>& stack_;
  int streams_, outputs_;
  bool whole_ = false;
  std::string name_;
  std::vector<std::string> names_;
  py::object object_, segment_, before_ = py::none();
};

template <class T>
std::unique_ptr<Rule<T>> make_own(const RuleSetup<T>& setup) {
  const auto make_one = [](const RuleSetup<T>& one) -> std::unique_ptr<Rule<T>> {
    return std::make_unique<OwnRule<T>>(one);
  };
  return static_cast<const PythonRule&>(setup.record).whole ? make_one(setup) : on_each_layer(setup, make_one);
}

/// `told` has the texts of Own, and promise, limit, memory, time, segments, layers, past_facing, one_shard,
/// draws_by_interval.
void add_own_rule(const py::dict& told, const py::object& make) {
  auto* const record = new PythonRule(told, make);  // see Own
  const auto word = [&](const char* key) { return std::string(record->own.text(told, key)); };
  const auto flag = [&](const char* key) { return told.contains(key) && told[key].cast<bool>(); };
  const auto one_of = [&](const char* key, const std::vector<std::string>& words) {
    const std::string got = word(key);
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] == got) return static_cast<int>(i);
    std::string all;
    for (const std::string& name : words) all += (all.empty() ? "" : ", ") + name;
    throw Error(Exit::usage, word("name") + ": " + key, "got \"" + got + "\", allowed are " + all + ".");
  };
  record->promise = static_cast<Promise>(one_of("promise", {"exact", "unbiased", "biased"}));
  record->segments = static_cast<Segments>(one_of("segments", {"any", "interval", "row"}));
  record->whole = one_of("layers", {"each", "all"}) == 1;
  record->limit = record->own.text(told, "limit");
  record->memory = record->own.text(told, "memory");
  record->time = record->own.text(told, "time");
  record->past_facing = flag("past_facing");
  record->one_shard = flag("one_shard");
  record->draws_by_interval = flag("draws_by_interval");
  record->make_float = make_own<float>;
  record->make_double = make_own<double>;
  add_entry<RuleRecord>(*record);
}

template <class T>
void add_segment(py::module_& module, const char* name) {
  using S = OwnSegment<T>;
  py::class_<S>(module, name)
      .def_property_readonly("steps", &S::steps)
      .def_property_readonly("streams", &S::streams)
      .def_property_readonly("t0", &S::t0)
      .def_property_readonly("row", &S::row)
      .def_property_readonly("last", &S::last)
      .def_property_readonly("layers", &S::layers)
      .def_property_readonly("z", &S::z)
      .def_property_readonly("h", &S::h)
      .def_property_readonly("cut", &S::cut)
      .def_property_readonly("W", &S::weights)
      .def("linearise", &S::linearise, py::arg("k"))
      .def("push", &S::push, py::arg("k"), py::arg("v"))
      .def("pull", &S::pull, py::arg("k"), py::arg("credit"));
}

}  // namespace

OwnState::OwnState() {
  if (born != nullptr) born->push_back(this);
}
bool OwnState::apart() {
  return apart_on;
}
OwnState::Apart::Apart(std::vector<OwnState*>* made)
    : on_before_(std::exchange(apart_on, true)), made_before_(std::exchange(born, made)) {}
OwnState::Apart::~Apart() {
  apart_on = on_before_;
  born = made_before_;
}

void add_own_rules(py::module_& module) {
  add_segment<float>(module, "SegmentFloat");
  add_segment<double>(module, "SegmentDouble");
  py::class_<OwnCredit>(module, "Credit")
      .def_readonly("c", &OwnCredit::c)
      .def_readonly("err", &OwnCredit::err)
      .def_readonly("target", &OwnCredit::target)
      .def_readonly("further", &OwnCredit::further);
  module.def("add_rule", add_own_rule);
}

}  // namespace chronograd::python
