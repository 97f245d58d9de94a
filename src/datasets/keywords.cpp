// SPDX-License-Identifier: Apache-2.0
// Keywords that a synthesiser speaks, for those who do not have recordings: voices, accents, speeds, pitches and noise.
#include "datasets/keywords.hpp"

#include <algorithm>
#include <filesystem>
#include <span>
#include <vector>

#include "base/set_up.hpp"
#include "base/text.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "datasets/program.hpp"
#include "files/atomic_file.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;
using Names = std::span<const char* const>;

constexpr const char* keywords[] = {"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"};
constexpr const char* others[] = {"bed",    "bird", "cat", "dog",   "happy", "house", "marvin",
                                  "sheila", "tree", "wow", "zero",  "one",   "two",   "three",
                                  "four",   "five", "six", "seven", "eight", "nine"};
constexpr const char* accents[] = {"en-us",  "en-gb",          "en-gb-scotland", "en-gb-x-rp",
                                   "en-029", "en-gb-x-gbclan", "en-gb-x-gbcwmd"};
// Variants of espeak-ng: each is a voice, and is in one part alone.
constexpr const char* to_train[] = {"Alex",   "Alicia", "Andy",  "Denis", "Gene",  "Jacky", "Lee",   "Mario",
                                    "Mike",   "adam",   "aunty", "boris", "david", "ed",    "linda", "max",
                                    "robert", "steph",  "f1",    "f3",    "f5",    "m1",    "m3",    "m7"};
constexpr const char* to_validate[] = {"Annie", "pablo", "f2", "m2"};
constexpr const char* to_test[] = {"Andrea", "Michael", "belinda", "john", "sandro", "f4", "m4", "m6"};
constexpr const char* noises[] = {"whitenoise", "pinknoise", "brownnoise"};
constexpr int rate = 16000, noise_seconds = 60;

struct Part {
  Names voices;
  const char* list;  ///< of its sounds; null: none
};

std::string whole(std::uint64_t number) {
  return std::to_string(number);
}

class Maker {
 public:
  Maker(std::string folder, const KeywordsSize& size) : folder_(std::move(folder)), size_(size) {}

  void make() {
    fs::create_directories(folder_ + "/set/_background_noise_");
    for (const char* noise : noises)
      sox({"-R", "-D", "-n", "-r", whole(rate), "-b", "16", "-c", "1", noise_file(noise), "synth", whole(noise_seconds),
           noise, "norm", "-1"});
    const Part parts[] = {{to_train, nullptr}, {to_validate, "validation_list.txt"}, {to_test, "testing_list.txt"}};
    for (const Part& part : parts) {
      std::string list;
      for (const char* voice : some(part.voices, size_.voices)) list += speak(voice);
      if (part.list != nullptr) write_file(folder_ + "/set/" + part.list, list);
    }
    // One order, owner, time and form: the archive's bytes depend on the sounds alone.
    require({"tar", "--sort=name", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0",
             "--mode=u=rwX,go=rX", "-cf", "keywords.tar", "-C", "set", "."});
  }

 private:
  static Names some(Names names, int most) {
    return names.first(std::min(names.size(), static_cast<std::size_t>(most)));
  }
  static std::string noise_file(const std::string& noise) { return "set/_background_noise_/" + noise + ".wav"; }

  /// All that one voice says; the names of the files, a line each.
  std::string speak(const char* voice) {
    std::string names;
    ++voices_;
    for (const char* word : keywords)
      for (int take = 0; take < size_.takes; ++take) names += utter(voice, word, take);
    for (const char* word : some(others, size_.others)) names += utter(voice, word, 0);
    return names;
  }

  std::string utter(const std::string& voice, const std::string& word, int take) {
    constexpr double voices_in_all = std::size(to_train) + std::size(to_validate) + std::size(to_test);
    set_up_progress("making", "keywords", voices_ / voices_in_all);
    Random random(1, Draw::data, spoken_++);
    const auto between = [&](std::uint64_t low, std::uint64_t high) { return low + random.below(high - low + 1); };
    const std::string accent = accents[random.below(std::size(accents))];
    require({"espeak-ng", "-v", accent + "+" + voice, "-s", whole(between(130, 210)), "-p", whole(between(20, 80)),
             "-w", "word.wav", word});
    // The word alone, at a random place of a second, and a random loudness.
    sox({"-R",
         "-D",
         "word.wav",
         "-b",
         "16",
         "-c",
         "1",
         "second.wav",
         "rate",
         whole(rate),
         "silence",
         "1",
         "0.001",
         "0.5%",
         "reverse",
         "silence",
         "1",
         "0.001",
         "0.5%",
         "reverse",
         "norm",
         "-" + whole(between(3, 12)),
         "pad",
         whole(between(0, 6400)) + "s",
         whole(rate) + "s",
         "trim",
         "0",
         whole(rate) + "s"});
    const std::string noise = noise_file(noises[random.below(std::size(noises))]);
    sox({"-R", "-D", noise, "noise.wav", "trim", whole(between(0, (noise_seconds - 1) * rate)) + "s",
         whole(rate) + "s"});
    fs::create_directories(folder_ + "/set/" + word);
    std::string name = word + "/" + voice + "_nohash_" + std::to_string(take) + ".wav";
    const std::uint64_t loud = between(2, 40);  // thousandths
    sox({"-R", "-D", "-m", "-v", "1", "second.wav", "-v", (loud < 10 ? "0.00" : "0.0") + whole(loud), "noise.wav",
         "set/" + name});
    return name + "\n";
  }

  void sox(std::vector<std::string> words) const {
    words.insert(words.begin(), "sox");
    require(words);
  }
  void require(const std::vector<std::string>& words) const {
    const ProgramResult result = run_program(words, folder_);
    if (result.code == 0) return;
    const std::string where = "data fetch keywords";
    if (result.code == 127)
      throw Error(Exit::data, where, words[0] + " is not installed. As root: apt-get install espeak-ng sox.");
    throw Error(Exit::data, where,
                words[0] + " failed (exit code " + std::to_string(result.code) +
                    "): " + chronograd::quoted(trimmed(result.output)) + ".");
  }

  std::string folder_;
  KeywordsSize size_;
  std::uint64_t spoken_ = 0;
  double voices_ = 0;
};

}  // namespace

void make_keywords(const std::string& folder, const KeywordsSize& size) {
  Maker(folder, size).make();
}

namespace entries {

extern const DatasetRecord dataset_keywords;
const DatasetRecord dataset_keywords = {
    .entry = {.name = "keywords",
              .title = "ten keywords, other words and noise, spoken by a synthesiser",
              .text =
                  "A tar archive laid out as Google Speech Commands: 2160 sounds of a second at 16,000 samples, by 24 "
                  "voices to train, 4 to validate and 8 to test, in 7 accents, at random speeds, pitches, places and "
                  "loudness, under noise; a minute each of white, pink and brown noise. Made by espeak-ng and sox, "
                  "which takes a minute. cross_entropy; classes are the ten words, unknown and silence.",
              .cite = "warden2018speech"},
    .licence = "CC0 1.0 (made on your machine)",
    .source = "espeak-ng and sox; the layout is that of P. Warden's Speech Commands",
    .file = "keywords.tar",
    .bytes = 76584960,
    .sha256 = "ccad3d1c06eeae4381aeeace4d9858e72d734bba60eebc07a95d6731f644a79a",
    .client = DatasetRecord::Client::made,
    .package = "espeak-ng sox",
    .inside = "keywords.tar",
    .make =
        [](const std::string& folder) {
          make_keywords(folder, {24, 4, 20});
        },
};

}  // namespace entries
}  // namespace chronograd
