// SPDX-License-Identifier: Apache-2.0
// chronograd plot: one figure about runs, as a file.
#include "chronograd/error.hpp"
#include "files/atomic_file.hpp"
#include "output.hpp"
#include "report/png.hpp"
#include "report/report.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

std::string help_of_kinds() {
  std::string text;
  for (const PlotKind& kind : plot_kinds())
    text += std::string(text.empty() ? "" : "; ") + kind.name + ": " + kind.help;
  return text;
}

class Plot final : public Verb {
 public:
  const char* name() const override { return "plot"; }
  const char* summary() const override { return "one figure about runs, as SVG or PNG"; }

  void declare(CommandLine& line) override {
    line.argument("RUN", first_, "folder of a run, or with runs below it");
    line.arguments("RUN...", more_, "further ones");
    line.option("--kind", "KIND", kind_, help_of_kinds(), false);
    line.option("--number", "N", number_, 1, 1000, "which of several figures of the kind, the first is 1");
    line.option("-o,--out", "FILE", out_, "where it goes: .svg, or .png where rsvg-convert is installed", true);
  }

  std::vector<std::string> words_for(const std::string& argument, const std::vector<std::string>&) const override {
    std::vector<std::string> words;
    if (argument == "--kind")
      for (const PlotKind& kind : plot_kinds()) words.emplace_back(kind.name);
    return words;
  }

  int run(const Common& common) override {
    const bool png = out_.ends_with(".png");
    if (!png && !out_.ends_with(".svg"))
      throw Error(Exit::usage, "--out", "got " + out_ + ", allowed are names that end in .svg or .png.");
    std::vector<std::string> folders = {first_};
    folders.insert(folders.end(), more_.begin(), more_.end());
    const std::vector<std::string> pictures = plot_svg(read_records(folders), kind_);
    const auto count = static_cast<std::int64_t>(pictures.size());
    if (number_ > count)
      throw Error(Exit::usage, "--number",
                  "got " + std::to_string(number_) + ", but there are " + std::to_string(count) + " such figures.");
    const std::string& picture = pictures[static_cast<std::size_t>(number_ - 1)];
    write_file(out_, png ? png_of(picture) : picture);
    if (common.json)
      print("{\"out\": " + json_text(out_) + ", \"kind\": " + json_text(kind_) +
            ", \"number\": " + std::to_string(number_) + ", \"of\": " + std::to_string(count) + "}\n");
    else if (!common.quiet)
      print(out_ + ": " + kind_ + ", figure " + std::to_string(number_) + " of " + std::to_string(count) + "\n");
    return 0;
  }

 private:
  std::string first_, kind_ = "curves", out_;
  std::vector<std::string> more_;
  std::int64_t number_ = 1;
};

}  // namespace

std::unique_ptr<Verb> make_plot_verb() {
  return std::make_unique<Plot>();
}

}  // namespace chronograd
