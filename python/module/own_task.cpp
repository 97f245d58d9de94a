// SPDX-License-Identifier: Apache-2.0
// A task that is written in Python.
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "chronograd/error.hpp"
#include "chronograd/task.hpp"
#include "chronograd/third_factor.hpp"
#include "own.hpp"
#include "parts.hpp"
#include "raised.hpp"

namespace chronograd::python {
namespace {

struct PythonTask : TaskRecord {
  PythonTask(const py::dict& told, const py::object& maker) : TaskRecord{}, own(told, maker) { entry = own.entry; }
  Own own;
};

class OwnTask final : public Task, public ThirdFactor {
 public:
  /// `object` has inputs, outputs, classes, third, train_length, test_length, train_rows, test_rows, read(split, row,
  /// t, steps), which gives x (K,n), y (K,m), mask (K), reset (K), and read_third(row, t, steps), (K,q).
  explicit OwnTask(const py::object& object, std::string name)
      : object_(object),
        name_(std::move(name)),
        inputs_(object.attr("inputs").cast<int>()),
        outputs_(object.attr("outputs").cast<int>()),
        third_(object.attr("third").cast<int>()),
        classes_(object.attr("classes").cast<bool>()),
        lengths_{object.attr("train_length").cast<std::int64_t>(), object.attr("test_length").cast<std::int64_t>()},
        rows_{object.attr("train_rows").cast<std::int64_t>(), object.attr("test_rows").cast<std::int64_t>()} {}
  ~OwnTask() override { let_go(object_); }
  OwnTask(const OwnTask&) = delete;
  OwnTask& operator=(const OwnTask&) = delete;

  int inputs() const override { return inputs_; }
  int outputs() const override { return outputs_; }
  bool classes() const override { return classes_; }
  std::int64_t length(Split split) const override { return lengths_[split == Split::test]; }
  std::int64_t rows(Split split) const override { return rows_[split == Split::test]; }
  std::string summary() const override { return name_ + ", a task in Python"; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const py::gil_scoped_acquire gil;
    const py::ssize_t K = steps, n = inputs_, m = outputs_;
    try {
      const auto parts =
          py::cast<py::tuple>(object_.attr("read")(split == Split::test ? "test" : "train", row, t, steps));
      const auto x = shaped<double>(name_ + ": x", parts[0], {K, n}, "inputs (steps, inputs)");
      const auto y = shaped<double>(name_ + ": y", parts[1], {K, m}, "targets (steps, outputs)");
      const auto mask = shaped<double>(name_ + ": mask", parts[2], {K}, "weights of the steps' losses (steps)");
      const auto reset = shaped<double>(name_ + ": reset", parts[3], {K}, "flags (steps)");
      std::copy_n(x.data(), K * n, out.x);
      std::copy_n(y.data(), K * m, out.y);
      std::copy_n(mask.data(), K, out.mask);
      for (py::ssize_t k = 0; k < K; ++k) out.reset[k] = reset.data()[k] != 0;
    } catch (...) {
      std::fill_n(out.x, K * n, std::numeric_limits<double>::quiet_NaN());
      std::fill_n(out.y, K * m, 0.0);
      std::fill_n(out.mask, K, 1.0);
      std::fill_n(out.reset, K, std::uint8_t{0});
      Raised::caught();
    }
  }

  int third() const override { return third_; }
  void read_third(std::int64_t row, std::int64_t t, int steps, double* out) const override {
    const py::gil_scoped_acquire gil;
    const py::ssize_t K = steps, q = third_;
    try {
      const auto third = shaped<double>(name_ + ": third", object_.attr("read_third")(row, t, steps), {K, q},
                                        "numbers of the third factor (steps, third)");
      std::copy_n(third.data(), K * q, out);
    } catch (...) {
      std::fill_n(out, K * q, std::numeric_limits<double>::quiet_NaN());
      Raised::caught();
    }
  }

 private:
  py::object object_;
  std::string name_;
  int inputs_, outputs_, third_;
  bool classes_;
  std::int64_t lengths_[2], rows_[2];
};

std::unique_ptr<Task> make_own(const TaskRecord& record, const Options& options, std::uint64_t seed) {
  const py::gil_scoped_acquire gil;
  const auto& own = static_cast<const PythonTask&>(record).own;
  return std::make_unique<OwnTask>(own.work(values_of(options), seed), record.entry.name);
}

void add_own_task(const py::dict& told, const py::object& make) {
  auto* const record = new PythonTask(told, make);  // see Own
  record->make = make_own;
  add_entry<TaskRecord>(*record);
}

}  // namespace

void add_own_tasks(py::module_& module) {
  module.def("add_task", add_own_task);
}

}  // namespace chronograd::python
