// SPDX-License-Identifier: Apache-2.0
// chronograd list: the names that may stand in a configuration.
#include <algorithm>

#include "base/json_value.hpp"
#include "catalogue_view.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

class List final : public Verb {
 public:
  const char* name() const override { return "list"; }
  const char* summary() const override {
    return "names of rules, cells, interfaces, tasks, losses, optimizers, feedback, synthesisers, formats, exports and "
           "presets";
  }

  void declare(CommandLine& line) override {
    line.argument("KIND", kind_,
                  "rules, cells, interfaces, tasks, losses, optimizers, feedback, synthesisers, formats, exports or "
                  "presets; all of them if absent",
                  false);
  }

  std::vector<std::string> words_for(const std::string&, const std::vector<std::string>&) const override {
    std::vector<std::string> words;
    for (const Kind& kind : kinds()) words.emplace_back(kind.plural);
    return words;
  }

  int run(const Common& common) override {
    std::vector<Kind> wanted = kinds();
    if (!kind_.empty()) wanted = {find_kind("chronograd list", kind_)};
    if (common.json)
      print(json(wanted));
    else if (common.quiet)
      print(names(wanted));
    else
      print(text(wanted));
    return 0;
  }

 private:
  static std::string json(const std::vector<Kind>& wanted) {
    Json all;
    for (const Kind& kind : wanted) {
      Json& list = all[kind.plural] = Json::array();
      for (const View& view : kind.views()) {
        Json item = {{"name", view.entry->name}, {"title", view.entry->title}};
        if (!view.mark.empty()) item["promise"] = view.mark;
        list.push_back(item);
      }
    }
    return all.dump(2) + "\n";
  }

  static std::string names(const std::vector<Kind>& wanted) {
    std::string text;
    for (const Kind& kind : wanted)
      for (const View& view : kind.views()) text += std::string(view.entry->name) + "\n";
    return text;
  }

  static std::string text(const std::vector<Kind>& wanted) {
    std::string text;
    for (const Kind& kind : wanted) {
      const std::vector<View> views = kind.views();
      std::size_t name = 0, mark = 0;
      for (const View& view : views) {
        name = std::max(name, std::string(view.entry->name).size());
        mark = std::max(mark, view.mark.size());
      }
      text += (text.empty() ? "" : "\n") + bold(kind.plural) + "\n";
      for (const View& view : views) {
        std::string line = "  " + std::string(view.entry->name);
        line.resize(2 + name + 2, ' ');
        if (mark > 0) {
          line += view.mark;
          line.resize(2 + name + 2 + mark + 2, ' ');
        }
        text += line + view.entry->title + "\n";
      }
    }
    return text;
  }

  std::string kind_;
};

}  // namespace

std::unique_ptr<Verb> make_list_verb() {
  return std::make_unique<List>();
}

}  // namespace chronograd
