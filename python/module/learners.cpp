// SPDX-License-Identifier: Apache-2.0
// A network that predicts and learns, a step at a time. One step of a small network takes less than a microsecond: the
// way of an array of the right kind from the interpreter to the library and back is a look at its own fields.
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "arrays.hpp"
#include "chronograd/error.hpp"
#include "chronograd/learner.hpp"
#include "chronograd/loss.hpp"
#include "configuration.hpp"
#include "own.hpp"
#include "own_state.hpp"
#include "parts.hpp"
#include "raised.hpp"

namespace chronograd::python {
namespace {

std::string shape_text(const py::array& array) {
  return std::string(py::str(array.attr("shape")));
}

template <class T>
class StreamLearner {
 public:
  StreamLearner(const Configuration& configuration, int inputs, int outputs, int streams, int delay, int third,
                const py::object& parameters)
      : inputs_(inputs), outputs_(outputs), streams_(streams), third_(third) {
    const Arrays arrays = parameters.is_none() ? Arrays{} : to_arrays(parameters.cast<py::dict>());
    const OwnState::Apart apart(&states_);
    const Raised::Here here(&raised_);
    learner_ = std::make_unique<Learner<T>>(configuration.config,
                                            typename Learner<T>::Sizes{inputs, outputs, streams, delay, third},
                                            parameters.is_none() ? nullptr : &arrays);
    raised_.pass_on();
    for (OwnState* state : states_) state->rewind();
    classes_ = find_record<LossRecord>("loss.name", configuration.config.table("loss").word("name")).takes_classes;
    one_hot_.resize(count(outputs));
    const py::dtype dtype = py::dtype::of<T>();
    number_ = py::detail::array_descriptor_proxy(dtype.ptr())->type_num;
  }

  /// x (n) of one stream, or (B,n): y of the same axes.
  py::object predict(const py::handle& x) {
    const Numbers in(*this, x, "x", inputs_);
    const Raised::Here here(&raised_);
    py::array_t<T> y = in.axes == 1 ? py::array_t<T>(outputs_) : py::array_t<T>({streams_, outputs_});
    learner_->predict({in.data, count(inputs_)}, {y.mutable_data(), count(outputs_)});
    raised_.pass_on();
    return y;
  }

  double learn(const py::handle& target, const py::object& weight, const py::object& third) {
    std::span<const T> weights, signal;
    std::optional<Plain<T>> held;
    std::optional<Numbers> numbers;
    if (!third.is_none()) {
      numbers.emplace(*this, third, "third", third_);
      signal = {numbers->data, count(third_)};
    }
    if (!weight.is_none()) {
      held = Plain<T>::ensure(weight);
      if (!held || !*held) throw py::error_already_set();
      if (held->size() != streams_)
        throw Error(Exit::data, "weight",
                    "got the shape " + shape_text(*held) + ", allowed is (" + std::to_string(streams_) + ",).");
      for (const T value : weights = {held->data(), static_cast<std::size_t>(streams_)})
        if (!(value >= 0))
          throw Error(Exit::data, "weight", "got " + std::to_string(value) + ", allowed are numbers >= 0.");
    }
    double loss;
    const Raised::Here here(&raised_);
    if (const T* rows = class_rows(target)) {
      loss = learner_->learn({rows, count(outputs_)}, weights, signal);
    } else {
      const Numbers in(*this, target, "target", outputs_);
      loss = learner_->learn({in.data, count(outputs_)}, weights, signal);
    }
    raised_.pass_on();
    return loss;
  }

  /// X (T,n) or (T,B,n), target (T,m), (T,B,m), classes (T) or (T,B), or None: predictions alone; reset (T,B) or None.
  py::tuple step_many(const Plain<T>& x, const py::object& target, const py::object& reset) {
    const bool alone = x.ndim() == 2;
    const py::ssize_t steps = x.ndim() > 0 ? x.shape(0) : 0;
    if ((alone ? streams_ != 1 : x.ndim() != 3 || x.shape(1) != streams_) || x.shape(x.ndim() - 1) != inputs_)
      throw Error(Exit::data, "x", "got the shape " + shape_text(x) + ", allowed is " + rows_text(inputs_) + ".");
    const Plain<T> targets = target.is_none() ? Plain<T>() : target_rows(target, steps, alone);
    std::vector<std::uint8_t> resets;
    if (!reset.is_none()) {
      const auto given = Plain<std::uint8_t>::ensure(reset);
      if (!given) throw py::error_already_set();
      if (given.size() != steps * streams_)
        throw Error(Exit::data, "reset",
                    "got the shape " + shape_text(given) + ", allowed is one flag a step and stream.");
      resets.assign(given.data(), given.data() + given.size());
    }
    py::array_t<T> y = alone ? py::array_t<T>({steps, py::ssize_t{outputs_}})
                             : py::array_t<T>({steps, py::ssize_t{streams_}, py::ssize_t{outputs_}});
    py::array_t<double> loss(target.is_none() ? 0 : steps);
    run(steps, x.data(), target.is_none() ? nullptr : targets.data(), resets, y.mutable_data(),
        target.is_none() ? nullptr : loss.mutable_data());
    return py::make_tuple(y, target.is_none() ? py::object(py::none()) : py::object(std::move(loss)));
  }

  void reset(int stream) {
    if (stream < 0 || stream >= streams_)
      throw Error(Exit::usage, "stream",
                  "got " + std::to_string(stream) + ", allowed is 0 to " + std::to_string(streams_ - 1) + ".");
    learner_->reset(stream);
  }

  /// The library's bytes, and what rules in Python carry.
  py::tuple save() const {
    std::string bytes(learner_->state_bytes(), '\0');
    {
      const OwnState::Apart apart;
      learner_->save({reinterpret_cast<std::byte*>(bytes.data()), bytes.size()});
    }
    py::list carried;
    for (const OwnState* state : states_) carried.append(state->get());
    return py::make_tuple(py::bytes(bytes), carried);
  }
  std::string restore(const py::bytes& state, const py::list& carried) {
    if (carried.size() != states_.size()) return "refused";
    const std::string_view bytes(state);
    Restored outcome;
    {
      const OwnState::Apart apart;
      outcome = learner_->restore({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
    }
    if (outcome == Restored::refused) return "refused";
    for (std::size_t i = 0; i < states_.size(); ++i) states_[i]->set(carried[i]);
    return outcome == Restored::same_bits ? "same bits" : "same numbers";
  }

  Learner<T>& learner() { return *learner_; }

 private:
  std::size_t count(int each) const { return static_cast<std::size_t>(streams_) * static_cast<std::size_t>(each); }

  std::string rows_text(int each) const {
    const std::string numbers = std::to_string(each) + ")", all = std::to_string(streams_) + ", " + numbers;
    return streams_ == 1 ? "(T, " + numbers + " or (T, " + all : "(T, " + all;
  }

  /// B rows of `each` numbers: those of the array, or a copy where it is of another kind.
  struct Numbers {
    Numbers(const StreamLearner& self, const py::handle& object, const char* name, int each) {
      const auto* fields = py::detail::array_proxy(object.ptr());
      if (py::detail::npy_api::get().PyArray_Check_(object.ptr()) &&
          py::detail::array_descriptor_proxy(fields->descr)->type_num == self.number_ &&
          (fields->flags & plain_flags) == plain_flags && fields->nd > 0 && fields->nd <= 2) {
        data = reinterpret_cast<const T*>(fields->data);
        axes = fields->nd;
        check(self, name, each, fields->dimensions);
        return;
      }
      copy = Plain<T>::ensure(object);
      if (!copy) throw py::error_already_set();
      data = copy.data();
      axes = static_cast<int>(copy.ndim());
      if (axes == 0 && each == 1 && self.streams_ == 1) {
        axes = 1;
        return;
      }
      if (axes != 1 && axes != 2) self.refuse(name, each, shape_text(copy));
      check(self, name, each, copy.shape());
    }
    template <class Size>
    void check(const StreamLearner& self, const char* name, int each, const Size* shape) const {
      if (axes == 1 ? self.streams_ == 1 && shape[0] == each : shape[0] == self.streams_ && shape[1] == each) return;
      self.refuse(name, each,
                  axes == 1 ? "(" + std::to_string(shape[0]) + ",)"
                            : "(" + std::to_string(shape[0]) + ", " + std::to_string(shape[1]) + ")");
    }
    static constexpr int plain_flags =
        py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
    const T* data;
    int axes;
    Plain<T> copy;
  };

  [[noreturn]] void refuse(const char* name, int each, const std::string& shape) const {
    const std::string one = std::to_string(each);
    throw Error(Exit::data, name,
                "got the shape " + shape + ", allowed is " + (streams_ == 1 ? "(" + one + ",) or " : "") + "(" +
                    std::to_string(streams_) + ", " + one + ").");
  }

  /// Integers, one a stream, as rows e_c, where the loss takes classes; null for other targets.
  const T* class_rows(const py::handle& target) {
    if (!classes_) return nullptr;
    if (PyLong_Check(target.ptr()) && streams_ == 1 && outputs_ > 1) return put_classes({target.cast<std::int64_t>()});
    if (!py::isinstance<py::array>(target)) return nullptr;
    const auto array = py::reinterpret_borrow<py::array>(target);
    const char kind = array.dtype().kind();
    if ((kind != 'i' && kind != 'u') || array.size() != streams_ || array.ndim() > 1) return nullptr;
    const auto classes = Plain<std::int64_t>::ensure(array);
    return put_classes({classes.data(), classes.data() + classes.size()});
  }
  const T* put_classes(const std::vector<std::int64_t>& classes) {
    std::fill(one_hot_.begin(), one_hot_.end(), T(0));
    for (std::size_t b = 0; b < classes.size(); ++b) {
      require_class(classes[b]);
      one_hot_[b * static_cast<std::size_t>(outputs_) + static_cast<std::size_t>(classes[b])] = T(1);
    }
    return one_hot_.data();
  }
  void require_class(std::int64_t value) const {
    if (value < 0 || value >= outputs_)
      throw Error(Exit::data, "target",
                  "got the class " + std::to_string(value) + ", allowed is 0 to " + std::to_string(outputs_ - 1) + ".");
  }

  /// All targets as [T][B][m].
  Plain<T> target_rows(const py::object& target, py::ssize_t steps, bool alone) const {
    const py::array given = py::array::ensure(target);
    if (!given) throw py::error_already_set();
    const char kind = given.dtype().kind();
    const bool classes = classes_ && (kind == 'i' || kind == 'u') && given.ndim() == (alone ? 1 : 2);
    const std::string allowed =
        rows_text(outputs_) + (classes_ ? ", or as many classes as integers without the last axis" : "");
    const py::ssize_t axes = classes ? given.ndim() : given.ndim() - 1;
    if (axes != (alone ? 1 : 2) || given.shape(0) != steps || (!alone && given.shape(1) != streams_) ||
        (!classes && given.shape(axes) != outputs_))
      throw Error(Exit::data, "target", "got the shape " + shape_text(given) + ", allowed is " + allowed + ".");
    if (!classes) {
      auto all = Plain<T>::ensure(given);
      if (!all) throw py::error_already_set();
      return all;
    }
    const auto all = Plain<std::int64_t>::ensure(given);
    Plain<T> rows(steps * static_cast<py::ssize_t>(count(outputs_)));
    std::fill_n(rows.mutable_data(), rows.size(), T(0));
    for (py::ssize_t i = 0; i < all.size(); ++i) {
      require_class(all.data()[i]);
      rows.mutable_data()[i * outputs_ + all.data()[i]] = T(1);
    }
    return rows;
  }

  /// In pieces, so that a signal is seen within a moment.
  void run(py::ssize_t steps, const T* x, const T* targets, const std::vector<std::uint8_t>& resets, T* y,
           double* loss) {
    constexpr py::ssize_t most = 1024;
    const auto n = static_cast<py::ssize_t>(count(inputs_)), m = static_cast<py::ssize_t>(count(outputs_));
    for (py::ssize_t at = 0; at < steps;) {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      py::ssize_t end = std::min(steps, at + most);
      if (!resets.empty()) {
        for (int b = 0; b < streams_; ++b)
          if (resets[static_cast<std::size_t>(at * streams_ + b)]) learner_->reset(b);
        for (py::ssize_t t = at + 1; t < end; ++t)
          for (int b = 0; b < streams_ && t < end; ++b)
            if (resets[static_cast<std::size_t>(t * streams_ + b)]) end = t;
      }
      {
        const py::gil_scoped_release others;
        const Raised::Here here(&raised_);
        learner_->run(static_cast<int>(end - at), x + at * n, targets ? targets + at * m : nullptr, y + at * m,
                      loss ? loss + at : nullptr);
      }
      raised_.pass_on();
      at = end;
    }
  }

  int inputs_, outputs_, streams_, third_, number_ = 0;
  bool classes_ = false;
  std::vector<T> one_hot_;
  std::vector<OwnState*> states_;
  Raised raised_;
  std::unique_ptr<Learner<T>> learner_;
};

template <class T>
void add_learner(py::module_& module, const char* name) {
  using L = StreamLearner<T>;
  py::class_<L>(module, name)
      .def(py::init<const Configuration&, int, int, int, int, int, const py::object&>())
      .def("predict", &L::predict)
      .def("learn", &L::learn, py::arg("target"), py::arg("weight") = py::none(), py::arg("third") = py::none())
      .def("step_many", &L::step_many)
      .def("reset", &L::reset)
      .def("save", &L::save)
      .def("restore", &L::restore)
      .def("save_file", [](L& self, const std::string& path) { self.learner().save(path); })
      .def("load_file", [](L& self, const std::string& path) { self.learner().load(path); })
      .def("learning", [](L& self, bool on) { self.learner().learning(on); })
      .def_property_readonly("healthy", [](L& self) { return self.learner().healthy(); })
      .def_property_readonly("steps", [](L& self) { return self.learner().steps(); })
      .def_property_readonly("updates", [](L& self) { return self.learner().updates(); })
      .def_property_readonly("params", [](L& self) { return to_dict(self.learner().parameters()); })
      .def_property_readonly("theta", [](const py::object& self) {
        const std::span<T> theta = self.cast<L&>().learner().theta();
        return py::array_t<T>(static_cast<py::ssize_t>(theta.size()), theta.data(), self);
      });
}

}  // namespace

void add_learners(py::module_& module) {
  add_learner<float>(module, "LearnerFloat");
  add_learner<double>(module, "LearnerDouble");
}

}  // namespace chronograd::python
