// SPDX-License-Identifier: Apache-2.0
// chronograd report: one page about runs.
#include "files/atomic_file.hpp"
#include "output.hpp"
#include "report/report.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

class Report final : public Verb {
 public:
  const char* name() const override { return "report"; }
  const char* summary() const override { return "one page about runs, a comparison or a sweep"; }

  void declare(CommandLine& line) override {
    line.argument("RUN", first_, "folder of a run, or with runs below it: what train, compare and sweep recorded");
    line.arguments("RUN...", more_, "further ones");
    line.option("-o,--out", "FILE.html", out_, "where the page goes (default: RUN/report.html)", false);
  }

  int run(const Common& common) override {
    std::vector<std::string> folders = {first_};
    folders.insert(folders.end(), more_.begin(), more_.end());
    const std::string out = out_.empty() ? first_ + "/report.html" : out_;
    const Records records = read_records(folders);
    const std::string page = report_html(records, common.command);
    write_file(out, page);
    if (common.json)
      print("{\"out\": " + json_text(out) + ", \"bytes\": " + std::to_string(page.size()) +
            ", \"runs\": " + std::to_string(records.runs.size()) + "}\n");
    else if (!common.quiet)
      print(out + ": " + std::to_string(records.runs.size()) + (records.runs.size() == 1 ? " run, " : " runs, ") +
            std::to_string((page.size() + 999) / 1000) + " kB\n");
    return 0;
  }

 private:
  std::string first_, out_;
  std::vector<std::string> more_;
};

}  // namespace

std::unique_ptr<Verb> make_report_verb() {
  return std::make_unique<Report>();
}

}  // namespace chronograd
