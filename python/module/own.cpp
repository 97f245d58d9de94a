// SPDX-License-Identifier: Apache-2.0
#include "own.hpp"

#include <pybind11/stl.h>

#include <map>

#include "chronograd/error.hpp"
#include "chronograd/option.hpp"

namespace chronograd::python {
namespace {

OptionType type_of(const std::string& where, const std::string& name) {
  static const std::map<std::string, OptionType> types = {
      {"number", OptionType::number}, {"integer", OptionType::integer}, {"flag", OptionType::flag},
      {"word", OptionType::word},     {"numbers", OptionType::numbers}, {"words", OptionType::words}};
  const auto found = types.find(name);
  if (found == types.end())
    throw Error(Exit::usage, where,
                "got the type " + name + ", allowed are number, integer, flag, word, numbers, words.");
  return found->second;
}

}  // namespace

Own::Own(const py::dict& told, const py::object& object) : work(py::object(object).release()) {
  entry.name = text(told, "name");
  entry.title = text(told, "title");
  entry.formulae = text(told, "formulae");
  entry.symbols = text(told, "symbols");
  entry.text = text(told, "text");
  entry.cite = text(told, "cite");
  if (told.contains("options"))
    for (const py::handle item : told["options"]) {
      const auto one = item.cast<py::dict>();
      Option option{.key = text(one, "key"), .type = type_of(entry.name, text(one, "type"))};
      option.fallback = text(one, "default");
      option.help = text(one, "help");
      option.unit = text(one, "unit");
      option.choices = text(one, "choices");
      if (one.contains("low")) option.low = one["low"].cast<double>();
      if (one.contains("high")) option.high = one["high"].cast<double>();
      option.required = *option.fallback == '\0';
      options.push_back(option);
    }
  entry.options = options;
}

const char* Own::keep(const py::handle& value) {
  return texts.emplace_back(py::cast<std::string>(py::str(value))).c_str();
}

const char* Own::text(const py::dict& told, const char* key) {
  return told.contains(key) ? keep(told[key]) : "";
}

py::dict values_of(const Options& options) {
  py::dict result;
  for (const auto& [key, value] : options.values())
    result[py::str(key)] = std::visit([](const auto& held) -> py::object { return py::cast(held); }, value);
  return result;
}

template <class T>
Plain<T> shaped(const std::string& where, const py::handle& value, const std::vector<py::ssize_t>& shape,
                const char* meaning) {
  auto array = Plain<T>::ensure(value);
  if (!array) {
    PyErr_Clear();
    throw Error(Exit::usage, where,
                "got " + std::string(py::str(py::handle(py::type::of(value)))) + ", allowed is " + meaning + ".");
  }
  bool same = array.ndim() == static_cast<py::ssize_t>(shape.size());
  for (std::size_t axis = 0; same && axis < shape.size(); ++axis)
    same = array.shape(static_cast<py::ssize_t>(axis)) == shape[axis];
  if (!same)
    throw Error(Exit::usage, where,
                "got an array of the shape " + std::string(py::str(array.attr("shape"))) + ", allowed is " +
                    std::string(py::str(py::handle(py::tuple(py::cast(shape))))) + ": " + meaning + ".");
  return array;
}

template Plain<float> shaped(const std::string&, const py::handle&, const std::vector<py::ssize_t>&, const char*);
template Plain<double> shaped(const std::string&, const py::handle&, const std::vector<py::ssize_t>&, const char*);

}  // namespace chronograd::python
