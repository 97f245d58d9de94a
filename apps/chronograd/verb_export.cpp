// SPDX-License-Identifier: Apache-2.0
// chronograd export: what a run recorded, as a file for other programs.
#include "base/json_value.hpp"
#include "chronograd/exporter.hpp"
#include "files/atomic_file.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

std::string help_of_formats() {
  std::string text;
  for (const ExporterRecord* exporter : catalogue<ExporterRecord>())
    text += std::string(text.empty() ? "" : "; ") + exporter->entry.name + ": " + exporter->entry.title;
  return text;
}

class Export final : public Verb {
 public:
  const char* name() const override { return "export"; }
  const char* summary() const override { return "a run as a file for other programs: ONNX, safetensors, CSV"; }

  void declare(CommandLine& line) override {
    line.argument("RUN", run_, "folder of a run");
    line.option("--to", "FORMAT", to_, help_of_formats(), true);
    line.option("-o,--out", "FILE", out_, "where it goes (default: a file in RUN, as RUN/model.onnx)");
  }

  std::vector<std::string> words_for(const std::string& argument, const std::vector<std::string>&) const override {
    return argument == "--to" ? names_of<ExporterRecord>() : std::vector<std::string>();
  }

  int run(const Common& common) override {
    const auto& exporter = find_record<ExporterRecord>("--to", to_);
    const std::string out = out_.empty() ? run_ + "/" + exporter.file : out_;
    Remarks remarks;
    const std::string bytes = exporter.make(exporter, run_, remarks);
    write_file(out, bytes);
    if (!common.quiet)
      for (const std::string& note : remarks.texts) print_error("note: " + note);
    if (common.json)
      print(Json({{"out", out}, {"to", to_}, {"bytes", bytes.size()}}).dump() + "\n");
    else if (!common.quiet)
      print(out + ": " + to_ + ", " + std::to_string(bytes.size()) + " bytes\n");
    return 0;
  }

 private:
  std::string run_, to_, out_;
};

}  // namespace

std::unique_ptr<Verb> make_export_verb() {
  return std::make_unique<Export>();
}

}  // namespace chronograd
