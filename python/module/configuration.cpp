// SPDX-License-Identifier: Apache-2.0
#include "configuration.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <utility>

#include "chronograd/describe.hpp"
#include "chronograd/isa.hpp"
#include "chronograd/method.hpp"
#include "chronograd/program.hpp"
#include "chronograd/version.hpp"
#include "parts.hpp"
#include "raised.hpp"

namespace chronograd::python {

Configuration::Configuration(std::string given_name, const std::string& text, std::vector<std::string> words)
    : name(std::move(given_name)), changes(std::move(words)), config(Config::parse(text, name, changes)) {}

Configuration Configuration::with(const std::vector<std::string>& words) const {
  Configuration other = *this;
  other.changes.insert(other.changes.end(), words.begin(), words.end());
  other.config = config.with(words);
  return other;
}

namespace {

py::object value_of(const Value& value) {
  return std::visit([](const auto& held) -> py::object { return py::cast(held); }, value);
}

/// What a table holds, as a dict; defaults included.
py::dict table(const Configuration& self, const std::string& name) {
  py::dict result;
  for (const auto& [key, value] : self.config.table(name).values()) result[py::str(key)] = value_of(value);
  return result;
}

int program(const std::vector<std::string>& words) {
  std::vector<const char*> all;
  for (const std::string& word : words) all.push_back(word.c_str());
  Raised raised;
  int code;
  {
    const py::gil_scoped_release others;  // rules in Python run in it
    const Raised::Here here(&raised);
    code = run_program(static_cast<int>(all.size()), all.data());
  }
  raised.pass_on();
  return code;
}

}  // namespace

void add_configuration(py::module_& module) {
  py::class_<Configuration>(module, "Configuration")
      .def(py::init<std::string, std::string, std::vector<std::string>>())
      .def_readonly("name", &Configuration::name)
      .def_readonly("changes", &Configuration::changes)
      .def_property_readonly("text", [](const Configuration& self) { return self.config.text(); })
      .def_property_readonly("json", [](const Configuration& self) { return self.config.resolved_json(); })
      .def("table", table)
      .def("changed", &Configuration::with);
  module.def("method_words",
             [](const std::string& where, const std::string& word) { return parse_method(where, word).overrides(); });
  module.def("catalogues_json", catalogues_json);
  module.def("describe_json", describe_json);
  module.def("describe_text", describe_text);
  module.def("describe_settings_json", describe_settings_json);
  module.def("describe_settings_text", describe_settings_text);
  module.def("look_json", look_json);
  module.def("run_program", program);
  module.attr("version") = version();
  module.def("instruction_set", [] { return name_of(active_isa()); });
}

}  // namespace chronograd::python
