// SPDX-License-Identifier: Apache-2.0
// Folders of runs as `train` records them, made up: what reports read.
#pragma once

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "cli/run_program.hpp"
#include "report/run_group.hpp"

namespace chronograd {

struct MadeUpRun {
  std::string rule = "rtrl", seed = "0", lr = "0.01", status = "done", more_settings = {}, more_environment = {},
              given = "\"seed\"";  ///< the list in resolved.json
  double loss = 0.5;
  std::vector<std::string> lines = {};  ///< of metrics.jsonl; empty: three that fall to `loss`
  std::string summary = {};             ///< further fields
  std::string steps = "30";             ///< of its one stream
};

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string number_of(double value) {
  return std::isfinite(value) ? std::to_string(value) : "null";
}

inline void write_run(const std::filesystem::path& folder, const MadeUpRun& run) {
  std::filesystem::create_directories(folder);
  write_text(folder / "config.toml", "# made up\n[rule]\nname = \"" + run.rule + "\"\n");
  write_text(folder / "resolved.json",
             "{\"seed\": " + run.seed + ", \"model\": {\"cell\": \"leaky\", \"hidden\": 4}, \"rule\": {\"name\": \"" +
                 run.rule + "\"}, \"loss\": {\"name\": \"cross_entropy\"}, \"optimizer\": {\"lr\": " + run.lr +
                 ", \"name\": \"adam\"}, \"task\": {\"name\": \"add\"}" + run.more_settings + ", \"given\": [" +
                 run.given + "]}");
  write_text(folder / "environment.json",
             "{\"version\": \"0.1.0\", \"processor\": \"one\", \"task\": \"made up\"" + run.more_environment + "}");
  std::string lines;
  for (const std::string& line : run.lines) lines += line + "\n";
  if (run.lines.empty())
    for (int i = 1; i <= 3; ++i)
      lines += "{\"update\": " + std::to_string(i) + ", \"steps\": " + std::to_string(10 * i) +
               ", \"loss\": " + number_of(run.loss + (3 - i) * 0.1) + ", \"lr\": 0.01, \"seconds\": 0.1}\n";
  write_text(folder / "metrics.jsonl", lines);
  if (run.status == "unfinished") return;
  write_text(folder / "summary.json",
             "{\"status\": \"" + run.status + "\", \"steps\": " + run.steps + ", \"stream_steps\": " + run.steps +
                 ", \"train\": {\"loss\": " + number_of(run.loss) +
                 ", \"accuracy\": null}, \"test\": {\"loss\": " + number_of(run.loss) +
                 ", \"accuracy\": null}, \"us_per_step\": 2.5, \"rule_bytes\": 640, \"references\": "
                 "{\"without memory\": 0.66, \"best known\": 0.45}" +
                 run.summary + "}");
}

class Runs : public testing::Test {
 protected:
  void add(const std::string& name, const MadeUpRun& run) { write_run(folder_ / name, run); }
  std::vector<RunGroup> groups() {
    records_ = read_records({(folder_ / "").string()});
    return group_runs(records_);
  }
  Folder folder_;
  Records records_;
};

}  // namespace chronograd
