// SPDX-License-Identifier: Apache-2.0
// Store and recall: bits stream by, one is to be kept at a store command and told at a recall command.
#include <cmath>
#include <vector>

#include "tasks/spikes.hpp"

namespace chronograd::entries {
namespace {

class StoreRecall final : public Task {
 public:
  StoreRecall(const Options& options, std::uint64_t seed)
      : group_(static_cast<int>(options.integer("group"))),
        symbols_(options.integer("symbols")),
        symbol_(options.integer("symbol")),
        command_(options.number("command")),
        once_(options.flag("once")),
        rate_(options.number("rate")),
        seed_(seed) {}

  int inputs() const override { return groups * group_; }
  int outputs() const override { return 2; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return symbols_ * symbol_; }
  std::int64_t rows(Split) const override { return 0; }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const std::uint64_t stream = row_stream(split, row);
    const std::vector<Symbol> symbols = drawn(stream);
    for (int k = 0; k < steps; ++k) {
      const Symbol& symbol = symbols[static_cast<std::size_t>((t + k) / symbol_)];
      const auto chance = [&](int i) {
        const int g = i / group_;
        const bool on = g < 2 ? symbol.command != recall && symbol.bit == g : symbol.command == g;
        return on ? rate_ : 0.0;
      };
      draw_spikes(seed_, stream, t + k, inputs(), chance, out.x + std::ptrdiff_t{k} * inputs());
      for (int c = 0; c < 2; ++c) out.y[2 * k + c] = symbol.command == recall && symbol.kept == c ? 1 : 0;
      if (symbol.command != recall) out.y[2 * k] = 1;  // a class for steps that do not count
      out.mask[k] = symbol.command == recall ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  std::vector<Reference> references() const override { return {{"chance", std::log(2.0), true}}; }
  std::string summary() const override {
    return "store_recall: " + std::to_string(symbols_) + " bits of " + std::to_string(symbol_) +
           " steps, some to be kept and told";
  }

 private:
  static constexpr int groups = 4, store = 2, recall = 3, no_command = -1;
  struct Symbol {
    int bit, command, kept;
  };

  /// A store command waits for its recall, and so in turn. A row ends with one recall at least.
  std::vector<Symbol> drawn(std::uint64_t stream) const {
    Random random = row_draws(seed_, stream);
    std::vector<Symbol> all;
    int kept = 0;
    bool stored = false, recalled = false;
    for (std::int64_t s = 0; s < symbols_; ++s) {
      Symbol symbol{static_cast<int>(random.below(2)), no_command, 0};
      const bool drawn = random.uniform() < command_, last = s + 1 == symbols_;
      const bool command = drawn && !(once_ && recalled);
      const bool must_store = s + 2 == symbols_ && !recalled && !stored, must_recall = last && !recalled;
      if (stored ? command || must_recall : (command && !last) || must_store) {
        symbol.command = stored ? recall : store;
        if (!stored) kept = symbol.bit;
        recalled |= stored;
        stored = !stored;
      }
      symbol.kept = kept;
      all.push_back(symbol);
    }
    return all;
  }

  int group_;
  std::int64_t symbols_, symbol_;
  double command_;
  bool once_;
  double rate_;
  std::uint64_t seed_;
};

std::unique_ptr<Task> make(const TaskRecord&, const Options& options, std::uint64_t seed) {
  return std::make_unique<StoreRecall>(options, seed);
}

constexpr Option options[] = {
    {.key = "group",
     .type = OptionType::integer,
     .fallback = "25",
     .low = 1,
     .high = 10000,
     .unit = "inputs",
     .help = "inputs of each group: bit 0, bit 1, store, recall"},
    {.key = "symbols",
     .type = OptionType::integer,
     .fallback = "12",
     .low = 2,
     .high = 100000,
     .unit = "symbols",
     .help = "bits of a row"},
    {.key = "symbol",
     .type = OptionType::integer,
     .fallback = "200",
     .low = 1,
     .high = 100000,
     .unit = "steps",
     .help = "how long a bit or a command is shown"},
    {.key = "command",
     .type = OptionType::number,
     .fallback = "0.2",
     .low = 0,
     .high = 1,
     .help = "chance that a symbol comes with the next command: a store, then its recall, then a store"},
    {.key = "once",
     .type = OptionType::flag,
     .fallback = "false",
     .help = "a row has one store and one recall, so that it has one answer (readout.decide)"},
    {.key = "rate",
     .type = OptionType::number,
     .fallback = "0.05",
     .low = 0,
     .high = 1,
     .unit = "spikes a step",
     .help = "of inputs that are on"},
};

}  // namespace

extern const TaskRecord task_store_recall;
const TaskRecord task_store_recall = {
    .entry = {.name = "store_recall",
              .title = "keep a bit that is shown with a store command, and tell it at the recall command",
              .text = "Bits follow each other, each shown by spikes of its group of inputs; a store command comes "
                      "with one of them, and some bits later a recall command, with no bit. The class asked for in "
                      "the steps of a recall, the only ones with a loss, is the bit that was stored; for "
                      "cross_entropy. Each row has a recall: where none was drawn, its last two symbols are commands, "
                      "or the last one is.",
              .cite = "bellec2018long",
              .options = options},
    .make = make,
};

}  // namespace chronograd::entries
