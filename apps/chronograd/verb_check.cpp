// SPDX-License-Identifier: Apache-2.0
// `chronograd check`: rules and cells held against the oracles.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/json_value.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/check.hpp"
#include "chronograd/error.hpp"
#include "chronograd/method.hpp"
#include "chronograd/rule.hpp"
#include "figures/screen.hpp"
#include "laws_view.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

/// What all comparisons of one rule on one cell come to.
struct Summary {
  const CheckRow* worst = nullptr;  ///< largest error beside its tolerance
  int compared = 0, failed = 0, cosines = 0;
  double cosine = 0;

  void add(const CheckRow& row) {
    ++compared;
    failed += !row.passed;
    if (!worst || excess(row) > excess(*worst)) worst = &row;
    if (std::isfinite(row.cosine)) {
      cosine += row.cosine;
      ++cosines;
    }
  }
  static double excess(const CheckRow& row) { return std::isnan(row.error) ? HUGE_VAL : row.error / row.tolerance; }
};

std::string failure_text(const CheckRow& row) {
  return fmt::format("FAIL {} on {}, {}, seed {}\n     {}: error {:.2g}, tolerance {:.0e}. {}\n", row.rule, row.cell,
                     row.problem, row.seed, row.quantity, row.error, row.tolerance, row.detail);
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

class Check final : public Verb {
 public:
  const char* name() const override { return "check"; }
  const char* summary() const override { return "hold rules and cells against independent oracles"; }

  void declare(CommandLine& line) override {
    line.argument("CONFIG", config_,
                  "check the rule of this file on its cell, or its net and interface, on a small random problem",
                  false);
    line.arguments("KEY=VALUE", overrides_, "settings that replace those of CONFIG");
    line.option("--rules", "A,B", rules_, "these rules only");
    line.option("--cells", "A,B", cells_, "these cells only");
    line.option("--seeds", "N", seeds_, 1, 100000, "problems of each kind");
    line.option("--first-seed", "N", first_seed_, 0, 1000000000, "where they begin");
    line.flag("--laws", laws_, "hold rules against the laws that every rule keeps, which need no oracle");
  }

  std::vector<std::string> words_for(const std::string& argument, const std::vector<std::string>&) const override {
    if (argument == "--rules") return names_of<RuleRecord>();
    if (argument == "--cells") return names_of<CellRecord>();
    return {};
  }

  int run(const Common& common) override {
    const bool all = config_.empty();
    if (!all && !(rules_.empty() && cells_.empty()))
      throw Error(Exit::usage, "chronograd check", "got CONFIG and --rules or --cells, allowed is one of them.");
    if (!all && laws_)
      throw Error(Exit::usage, "chronograd check",
                  "got CONFIG and --laws, allowed is --laws with --rules and --cells.");
    const auto seeds = static_cast<int>(seeds_);
    const auto first = static_cast<std::uint64_t>(first_seed_);
    const auto with_progress = [&](const auto& work) {
      Progress progress(progress_options(common));
      const std::unique_ptr<Observer> shown = progress.job("check", first);
      shown->moved({0, 1, 0});
      return work(shown.get());
    };
    if (laws_) {
      const std::vector<LawRow> rows = with_progress([&](Observer* observer) {
        return law_rows(words("--rules", rules_), words("--cells", cells_), seeds, first, observer);
      });
      print(common.json ? laws_json(rows) : laws_text(rows));
      return static_cast<int>(any_broken(rows) ? Exit::failed : Exit::done);
    }
    const std::vector<CheckRow> rows = with_progress([&](Observer* observer) {
      return all ? check_rules({words("--rules", rules_), words("--cells", cells_), seeds, first, observer})
                 : check_config(Config::read(config_, overrides_), seeds, first, observer);
    });
    const bool failed = std::any_of(rows.begin(), rows.end(), [](const CheckRow& row) { return !row.passed; });
    print(common.json ? json_text(rows, failed) : text_of(rows, failed));
    return static_cast<int>(failed ? Exit::failed : Exit::done);
  }

 private:
  using Pair = std::pair<std::string, std::string>;  ///< rule, cell

  static std::vector<std::string> words(const std::string& where, const std::string& list) {
    return list.empty() ? std::vector<std::string>() : split_list(where, list);
  }

  /// Rules and cells in the order of the rows; settings of a rule count as the rule.
  static std::vector<std::pair<Pair, Summary>> summaries(const std::vector<CheckRow>& rows) {
    std::vector<std::pair<Pair, Summary>> list;
    std::map<Pair, std::size_t> places;
    for (const CheckRow& row : rows) {
      const Pair pair(parse_method("method", row.rule).name, row.cell);
      const auto [place, is_new] = places.emplace(pair, list.size());
      if (is_new) list.push_back({pair, {}});
      list[place->second].second.add(row);
    }
    return list;
  }

  static std::string text_of(const std::vector<CheckRow>& rows, bool failed) {
    std::vector<std::vector<std::string>> cells = {
        {"rule", "cell", "compared", "error", "tolerance", "cosine", "verdict"}};
    for (const auto& [pair, summary] : summaries(rows))
      cells.push_back({pair.first, pair.second, std::to_string(summary.compared),
                       fmt::format("{:.1e}", summary.worst->error), fmt::format("{:.0e}", summary.worst->tolerance),
                       summary.cosines > 0 ? fmt::format("{:.3f}", summary.cosine / summary.cosines) : "exact",
                       summary.failed > 0 ? fmt::format("FAIL ({})", summary.failed) : "PASS"});
    std::string text = table_text(cells) +
                       "error: the largest beside its tolerance, max|a-b|/max|b|; cosine: mean, of the cell's gradient "
                       "to the exact one\n";
    for (const CheckRow& row : rows)
      if (!row.passed) text += failure_text(row);
    return text + (failed ? "some checks failed\n" : "all " + std::to_string(rows.size()) + " checks passed\n");
  }

  static std::string json_text(const std::vector<CheckRow>& rows, bool failed) {
    Json list = Json::array();
    for (const CheckRow& row : rows)
      list.push_back({{"rule", row.rule},
                      {"cell", row.cell},
                      {"problem", row.problem},
                      {"quantity", row.quantity},
                      {"seed", row.seed},
                      {"error", number(row.error)},
                      {"tolerance", number(row.tolerance)},
                      {"cosine", number(row.cosine)},
                      {"passed", row.passed},
                      {"detail", row.detail}});
    return Json({{"passed", !failed}, {"checks", std::move(list)}}).dump(2) + "\n";
  }

  std::string config_, rules_, cells_;
  std::vector<std::string> overrides_;
  std::int64_t seeds_ = 1, first_seed_ = 0;
  bool laws_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_check_verb() {
  return std::make_unique<Check>();
}

}  // namespace chronograd
