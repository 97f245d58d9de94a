// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "chronograd/error.hpp"
#include "config/config_state.hpp"
#include "config/words.hpp"

namespace chronograd {
namespace {

Raw raw_of(const Value& value) {
  Raw raw;
  const auto scalar = [&raw](const auto& one) { raw.scalar = one; };
  const auto list = [&raw](const auto& all) {
    raw.kind = Raw::Kind::list;
    raw.list.assign(all.begin(), all.end());
  };
  if (const auto* numbers = std::get_if<std::vector<double>>(&value))
    list(*numbers);
  else if (const auto* words = std::get_if<std::vector<std::string>>(&value))
    list(*words);
  else if (const auto* flag = std::get_if<bool>(&value))
    scalar(*flag);
  else if (const auto* whole = std::get_if<std::int64_t>(&value))
    scalar(*whole);
  else if (const auto* number = std::get_if<double>(&value))
    scalar(*number);
  else
    scalar(std::get<std::string>(value));
  return raw;
}

}  // namespace

Config Config::of(const std::map<std::string, Value>& settings) {
  auto state = std::make_unique<State>();
  std::map<std::string, std::string> texts;  // of the tables; "" stands first, as it must
  for (const auto& [path, value] : settings) {
    const std::size_t dot = path.find('.');
    const std::string table = dot == std::string::npos ? "" : path.substr(0, dot),
                      key = dot == std::string::npos ? path : path.substr(dot + 1);
    if (table == "watch")
      throw Error(
          Exit::usage, path,
          "got a value in code, allowed is a word: Config::with({\"" + path + "=...\"}) of this configuration.");
    state->settings.tables[table][key] = {raw_of(value), "", ""};
    texts[table] += key + " = " + toml_text(value) + "\n";
  }
  for (const auto& [table, text] : texts)
    state->text += (table.empty() ? "" : (state->text.empty() ? "[" : "\n[") + table + "]\n") + text;
  state->checked = check_settings(state->settings, state->name);
  return Config(std::move(state));
}

const Options& Config::table(const std::string& name) const {
  const auto found = state_->checked.values.find(name);
  if (found == state_->checked.values.end()) throw std::logic_error("Config: no table " + name);
  return found->second;
}

bool Config::has(const std::string& table) const {
  return state_->settings.tables.contains(table);
}

const std::string& Config::text() const {
  return state_->text;
}

Config::Config(std::unique_ptr<State> state) : state_(std::move(state)) {}
Config::Config(const Config& other) : state_(std::make_unique<State>(*other.state_)) {}
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(const Config& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Config& Config::operator=(Config&&) noexcept = default;
Config::~Config() = default;

}  // namespace chronograd
