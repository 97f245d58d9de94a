// SPDX-License-Identifier: Apache-2.0
// Text: each step is a character, its target the next one. The text is kept as numbers; the one-hot vectors that the
// network sees are made when a segment is read.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "files/input_file.hpp"
#include "files/mapping.hpp"
#include "files/symbols.hpp"

namespace chronograd::entries {
namespace {

constexpr std::uint16_t unknown = 65535;             // a character that the training part lacks
constexpr std::size_t largest_pair_alphabet = 1024;  // beyond, counts of pairs would take more room than the text

using Symbols = std::vector<std::uint16_t>;

/// A part of a text in rows of equal length, one after another; the last row may be short.
struct Part {
  Symbols symbols;
  std::size_t rows = 0, length = 0;  ///< targets included: `rows * length + 1` symbols at most
};

class TextTask final : public Task {
 public:
  TextTask(Part train, Part test, bool has_test, std::size_t letters)
      : train_(std::move(train)), test_(std::move(test)), has_test_(has_test), letters_(letters) {}

  int inputs() const override { return static_cast<int>(letters_); }
  int outputs() const override { return static_cast<int>(letters_); }
  bool classes() const override { return true; }
  std::int64_t length(Split split) const override { return static_cast<std::int64_t>(of(split).length); }
  std::int64_t rows(Split split) const override {
    if (split == Split::test && !has_test_) return -1;
    return static_cast<std::int64_t>(of(split).rows);
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const Part& part = of(split);
    const std::size_t first = static_cast<std::size_t>(row) * part.length + static_cast<std::size_t>(t),
                      count = static_cast<std::size_t>(steps);
    std::fill_n(out.x, count * letters_, 0.0);
    std::fill_n(out.y, count * letters_, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      const bool inside = first + k + 1 < part.symbols.size();
      const std::uint16_t now = inside ? part.symbols[first + k] : unknown,
                          next = inside ? part.symbols[first + k + 1] : unknown;
      if (now != unknown) out.x[k * letters_ + now] = 1;
      if (next != unknown) out.y[k * letters_ + next] = 1;
      out.mask[k] = next != unknown ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  std::vector<Reference> references() const override { return about.references; }
  std::string summary() const override { return about.summary; }
  std::vector<std::string> files() const override { return about.files; }
  std::vector<std::pair<std::string, std::string>> facts() const override { return about.facts; }
  Arrays mapping() const override { return about.mapping; }

  struct About {
    std::vector<Reference> references;
    std::string summary;
    std::vector<std::string> files;
    std::vector<std::pair<std::string, std::string>> facts;
    Arrays mapping;
  };
  About about;

 private:
  const Part& of(Split split) const { return split == Split::train ? train_ : test_; }

  Part train_, test_;
  bool has_test_;
  std::size_t letters_;
};

/// Cross-entropy a character of the measured text under counts of the training text, each one more than found: of
/// characters by themselves, and of characters by the one before, which is all that can be done without memory.
std::vector<Reference> references_of(const Symbols& train, const Symbols& measured, std::size_t letters) {
  std::vector<Reference> references;
  const auto add = [&](const std::string& name, double nats, bool floor = false) {
    char bits[32];
    std::snprintf(bits, sizeof bits, " (%.3f bits)", nats / std::log(2));
    references.push_back({name + bits, nats, floor});
  };
  const auto measure = [&](auto probability) {
    double sum = 0, count = 0;
    for (std::size_t i = 0; i + 1 < measured.size(); ++i) {
      if (measured[i + 1] == unknown) continue;
      sum -= std::log(probability(measured[i], measured[i + 1]));
      count += 1;
    }
    return sum / count;
  };
  const auto m = static_cast<double>(letters);
  add("chance", std::log(m));
  if (std::all_of(measured.begin() + 1, measured.end(), [](std::uint16_t symbol) { return symbol == unknown; }))
    return references;  // no step of the test text counts
  std::vector<double> counts(letters, 1.0);
  double total = m;
  for (const std::uint16_t symbol : train)
    if (symbol != unknown) {
      counts[symbol] += 1;
      total += 1;
    }
  add("frequencies", measure([&](std::uint16_t, std::uint16_t next) { return counts[next] / total; }), true);
  if (letters > largest_pair_alphabet) return references;
  std::vector<double> pairs(letters * letters, 1.0), firsts(letters, m);
  for (std::size_t i = 0; i + 1 < train.size(); ++i) {
    if (train[i] == unknown || train[i + 1] == unknown) continue;
    pairs[train[i] * letters + train[i + 1]] += 1;
    firsts[train[i]] += 1;
  }
  add("pairs, no memory", measure([&](std::uint16_t now, std::uint16_t next) {
        return now == unknown ? counts[next] / total : pairs[now * letters + next] / firsts[now];
      }));
  return references;
}

/// The symbols of `text` by their numbers in `alphabet`; `strange` counts those that it lacks.
Symbols renumbered(const SymbolText& text, const std::vector<std::uint32_t>& alphabet, std::size_t& strange) {
  Symbols number(text.alphabet.size(), unknown), symbols(text.symbols.size());
  for (std::size_t k = 0; k < number.size(); ++k) {
    const auto found = std::lower_bound(alphabet.begin(), alphabet.end(), text.alphabet[k]);
    if (found != alphabet.end() && *found == text.alphabet[k])
      number[k] = static_cast<std::uint16_t>(found - alphabet.begin());
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i] = number[text.symbols[i]];
    if (symbols[i] == unknown) ++strange;
  }
  return symbols;
}

/// What the alphabet is called in a mapping, and its largest code.
struct AlphabetKind {
  const char* name;
  std::uint32_t most;
};

/// The symbols that the parameters were trained with; empty: they say nothing.
std::vector<std::uint32_t> known_alphabet(const Arrays& mapping, const AlphabetKind& kind) {
  const KnownMapping known(mapping);
  if (!known.has(kind.name)) return {};
  std::vector<std::uint32_t> alphabet = known.codes(kind.name, kind.most);
  if (alphabet.size() > unknown)
    throw Error(
        Exit::data, std::string("parameters: ") + mapping_prefix + kind.name,
        "got " + std::to_string(alphabet.size()) + " symbols, allowed are at most " + std::to_string(unknown) + ".");
  return alphabet;
}

/// The symbols that occur in the first `count`, ascending.
std::vector<std::uint32_t> alphabet_of(const SymbolText& text, std::size_t count) {
  std::vector<std::uint8_t> used(text.alphabet.size());
  for (std::size_t i = 0; i < count; ++i) used[text.symbols[i]] = 1;
  std::vector<std::uint32_t> alphabet;
  for (std::size_t k = 0; k < used.size(); ++k)
    if (used[k] != 0) alphabet.push_back(text.alphabet[k]);
  return alphabet;
}

/// `least`, and what asks for so many.
[[noreturn]] void too_short(const std::string& name, const std::string& what, std::size_t got, std::size_t least,
                            const std::string& cause) {
  throw Error(Exit::data, name,
              "got " + std::to_string(got) + " characters to " + what + " on, allowed are at least " +
                  std::to_string(least) + ": " + cause + ".");
}

std::unique_ptr<Task> make(const FormatRecord&, const Options& data, const FileNeeds& needs,
                           std::vector<std::string>* notes) {
  if (!needs.classes_allowed)
    throw Error(Exit::usage, "loss.name",
                "got " + needs.loss + " with a text, whose targets are classes; allowed is cross_entropy.");
  const auto window = static_cast<std::size_t>(data.integer("window")),
             streams = static_cast<std::size_t>(data.integer("streams"));
  const double test_part = data.number("test_part");
  if (window > 0 && data.given("streams"))
    throw Error(Exit::usage, "data.streams", "got both data.streams and data.window, allowed is one of them.");
  if (test_part > 0 && data.has("test"))
    throw Error(Exit::usage, "data.test_part", "got both data.test_part and data.test, allowed is one of them.");
  const bool characters = data.word("unit") == "character";
  const std::string& name = data.word("train");
  SymbolText text = read_symbols(read_file(name), name, characters);
  const auto kept = static_cast<std::size_t>(test_part * static_cast<double>(text.symbols.size()));
  // The text is learnt, then validated on, then tested on.
  const std::size_t left = text.symbols.size() - kept;
  const double share = data.has("validation") && !data.is_word("validation") ? data.number("validation") : 0;
  const auto held = static_cast<std::size_t>(share * static_cast<double>(left));
  const std::size_t count = left - held;

  const AlphabetKind kind = characters ? AlphabetKind{"characters", 0x10ffff} : AlphabetKind{"bytes", 255};
  std::vector<std::uint32_t> alphabet = known_alphabet(needs.mapping, kind);
  const bool known = !alphabet.empty();
  if (!known) alphabet = alphabet_of(text, count);
  std::size_t strange = 0;
  Part train{renumbered(text, alphabet, strange), 0, 0}, test, validation;
  const auto tell = [&](const std::string& file, const char* what) {
    if (strange > 0 && notes)
      notes->push_back("[" + file + "] " + std::to_string(strange) + " characters of the " + what +
                       " do not occur in the training text" + (known ? " of " + needs.known_from : "") +
                       ": no input, no loss.");
    strange = 0;
  };
  tell(name, known            ? "text"
             : share == 0     ? "test text"
             : test_part == 0 ? "validation text"
                              : "validation and test text");
  std::string test_name;
  if (data.has("test")) {
    test_name = data.word("test");
    test.symbols = renumbered(read_symbols(read_file(test_name), test_name, characters), alphabet, strange);
  } else {
    test.symbols.assign(train.symbols.begin() + static_cast<std::ptrdiff_t>(left), train.symbols.end());
  }
  validation.symbols.assign(train.symbols.begin() + static_cast<std::ptrdiff_t>(count),
                            train.symbols.begin() + static_cast<std::ptrdiff_t>(left));
  train.symbols.resize(count);
  const bool has_test = data.has("test") || test_part > 0;
  const std::size_t least = std::max(window, streams) + 1;
  std::string beside;
  if (test_part > 0) beside += ", beside the share of data.test_part";
  if (share > 0) beside += beside.empty() ? ", beside the share of data.validation" : " and that of data.validation";
  if (count < least)
    too_short(name, "learn", count, least,
              (window > 0    ? "one more than data.window"
               : streams > 1 ? "one more than data.streams"
                             : "one and the next") +
                  beside);
  if (has_test && test.symbols.size() < 2)
    too_short(test_name.empty() ? name : test_name, "test", test.symbols.size(), 2,
              std::string("one and the next") + (test_name.empty() ? ", in the share of data.test_part" : ""));
  train.length = window > 0 ? window : (count - 1) / streams;
  train.rows = (count - 1) / train.length;
  if (window == 0) train.rows = streams;
  test.length = train.length;
  test.rows = has_test ? (test.symbols.size() - 2) / test.length + 1 : 0;
  if (!test_name.empty()) tell(test_name, "test text");

  if (share > 0 && held < 2) too_short(name, "validate", held, 2, "one and the next, in the share of data.validation");
  validation.length = train.length;
  validation.rows = share > 0 ? (held - 2) / validation.length + 1 : 0;

  const std::size_t letters = alphabet.size();
  if (needs.outputs > 0 && static_cast<std::size_t>(needs.outputs) != letters)
    throw Error(Exit::data, name,
                "got an alphabet of " + std::to_string(letters) + " symbols, allowed are the m = " +
                    std::to_string(needs.outputs) + " outputs of " + needs.known_from + ".");
  const std::vector<Reference> references = references_of(train.symbols,
                                                          (has_test    ? test
                                                           : share > 0 ? validation
                                                                       : train)
                                                              .symbols,
                                                          letters);
  std::string summary = name + ": " + std::to_string(count) + (characters ? " characters" : " bytes") + " in " +
                        std::to_string(train.rows) + (train.rows == 1 ? " row of " : " rows of ") +
                        std::to_string(train.length) + ", " + std::to_string(letters) + " different ones";
  if (share > 0) summary += "; validated on " + std::to_string(held);
  if (has_test) summary += "; tested on " + std::to_string(test.symbols.size());
  auto task = std::make_unique<TextTask>(std::move(train), std::move(test), has_test, letters);
  if (share > 0) task->validate_on(std::make_unique<TextTask>(std::move(validation), Part{}, false, letters));
  task->about.references = references;
  task->about.summary = std::move(summary);
  task->about.files = {name};
  if (!test_name.empty()) task->about.files.push_back(test_name);
  std::string list;
  for (const std::uint32_t code : alphabet)
    list += (list.empty() ? "" : " ") + (characters ? symbol_name(code) : std::to_string(code));
  task->about.facts.emplace_back("alphabet", list);
  task->about.mapping.emplace(mapping_prefix + std::string(kind.name),
                              Array::of({letters}, std::vector<std::int64_t>(alphabet.begin(), alphabet.end())));
  return task;
}

constexpr Option options[] = {
    {.key = "unit",
     .type = OptionType::word,
     .fallback = "\"character\"",
     .help = "what a step is: a character (UTF-8), or a byte of any file",
     .choices = "character|byte"},
    {.key = "streams",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 1e6,
     .unit = "streams",
     .help = "the text is cut into so many contiguous pieces, which are read side by side from their beginnings to "
             "their ends"},
    {.key = "window",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "steps",
     .help = "instead of streams: rows of so many steps, each starting from zero; 0: none"},
    {.key = "test_part",
     .type = OptionType::number,
     .fallback = "0.0",
     .low = 0,
     .high = 0.9,
     .help = "share of the text, at its end, that is for testing"},
};

}  // namespace

extern const FormatRecord format_text;
const FormatRecord format_text = {
    .entry = {.name = "text",
              .title = "characters, each to be told from those before",
              .text = "x_t is the one-hot vector of a character, y*_t that of the next; for cross_entropy. The "
                      "alphabet is that of the training part; other characters of the test part have no input and no "
                      "loss, with a remark. Plain or gzipped. Losses are in nats a character; divide by ln 2 for bits.",
              .options = options},
    .endings = ".txt|.txt.gz",
    .make = make,
};

}  // namespace chronograd::entries
