// SPDX-License-Identifier: Apache-2.0
// Spoken words: a sound is a row, the folder that it lies in its class.
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/format.hpp"
#include "chronograd/random.hpp"
#include "files/mapping.hpp"
#include "formats/log_mel.hpp"
#include "formats/sound_set.hpp"

namespace chronograd::entries {
namespace {

constexpr std::size_t frames = mel::frames(mel::rate);
constexpr const char *unknown = "unknown", *silence = "silence";

/// A clip and its class.
struct Spoken {
  const Clip* clip;
  std::size_t label;
};

/// Rows and what owns them.
struct Rows {
  std::vector<Spoken> of;
  std::shared_ptr<const SoundSet> set;
  std::shared_ptr<std::vector<Clip>> silent;  ///< seconds of background noise
};

class WavTask final : public Task {
 public:
  WavTask(Rows train, Rows test, std::vector<std::string> names, std::size_t outputs, bool every_step)
      : train_(std::move(train)),
        test_(std::move(test)),
        names_(std::move(names)),
        outputs_(outputs),
        every_step_(every_step) {}

  int inputs() const override { return 2 * mel::bands; }
  int outputs() const override { return static_cast<int>(outputs_); }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return frames; }
  std::int64_t rows(Split split) const override {
    const std::size_t count = of(split).of.size();
    return count > 0 ? static_cast<std::int64_t>(count) : -1;
  }

  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    const Spoken& spoken = of(split).of[static_cast<std::size_t>(row)];
    const Clip& clip = *spoken.clip;
    constexpr std::size_t width = 2 * std::size_t{mel::bands};
    for (std::size_t k = 0; k < static_cast<std::size_t>(steps); ++k) {
      const std::size_t frame = static_cast<std::size_t>(t) + k;
      double* x = out.x + k * width;
      std::copy_n(clip.bands.begin() + static_cast<std::ptrdiff_t>(frame * mel::bands), mel::bands, x);
      mel_slopes(clip.bands, frame, x + mel::bands);
      for (std::size_t j = 0; j < width; ++j)
        if (clip.deviation[j] > 0) x[j] /= static_cast<double>(clip.deviation[j]);
      std::fill_n(out.y + k * outputs_, outputs_, 0.0);
      out.y[k * outputs_ + spoken.label] = 1;
      out.mask[k] = every_step_ || frame + 1 == frames ? 1 : 0;
      out.reset[k] = 0;
    }
  }

  std::vector<Reference> references() const override {
    return {{"chance", std::log(static_cast<double>(names_.size())), true}};
  }
  std::string summary() const override {
    const std::string text = train_.set->path + ": " + std::to_string(train_.of.size()) + " sounds, " +
                             std::to_string(frames) + " steps of " + std::to_string(inputs()) + ", " +
                             std::to_string(names_.size()) + " classes" +
                             (validation() ? "; validated on " + std::to_string(validation()->rows(Split::train)) : "");
    return test_.of.empty() ? text : text + "; tested on " + std::to_string(test_.of.size());
  }
  std::vector<std::string> files() const override {
    std::vector<std::string> files = train_.set->files;
    if (test_.set && test_.set != train_.set)
      files.insert(files.end(), test_.set->files.begin(), test_.set->files.end());
    return files;
  }
  Arrays mapping() const override { return {{mapping_prefix + std::string("classes"), array_of_names(names_)}}; }
  std::vector<std::pair<std::string, std::string>> facts() const override {
    std::vector<std::pair<std::string, std::string>> facts;
    for (std::size_t k = 0; k < names_.size(); ++k) facts.emplace_back("class " + std::to_string(k), names_[k]);
    for (const Rows* rows : {&train_, &test_})
      if (rows->set && !rows->set->digest.empty() && (rows == &train_ || rows->set != train_.set))
        facts.emplace_back("SHA-256 of the sounds in " + rows->set->path, rows->set->digest);
    return facts;
  }

 private:
  const Rows& of(Split split) const { return split == Split::train ? train_ : test_; }

  Rows train_, test_;
  std::vector<std::string> names_;
  std::size_t outputs_;
  bool every_step_;
};

/// Which class each folder has.
class Classes {
 public:
  Classes(const Options& data, const FileNeeds& needs, const SoundSet& train) {
    const KnownMapping known(needs.mapping);
    if (known.has("classes")) {
      names_ = known.names("classes");
      from_ = "the training data of " + needs.known_from;
      return;
    }
    from_ = train.path;
    std::set<std::string> there;
    for (const Clip& clip : train.clips) there.insert(clip.folder);
    names_ = data.words("words");
    for (std::size_t k = 0; k < names_.size(); ++k)
      if (find(names_[k]) < k)
        throw Error(Exit::usage, "data.words", "got " + quoted(names_[k]) + " twice, allowed is once.");
    const bool all = names_.empty();
    if (all) names_.assign(there.begin(), there.end());
    for (const std::string& word : names_)
      if (!there.contains(word))
        throw Error(Exit::data, train.path,
                    "got no folder " + quoted(word) + ", allowed is one for each of data.words. There are: " +
                        joined({there.begin(), there.end()}) + ".");
    if (all) return;
    const bool others = std::any_of(there.begin(), there.end(), [&](const std::string& folder) {
      return folder != "_silence_" && std::find(names_.begin(), names_.end(), folder) == names_.end();
    });
    if (others && data.number("unknown") > 0) names_.emplace_back(unknown);
    if (there.contains("_silence_") || (!train.noise.empty() && data.number("silence") > 0))
      names_.emplace_back(silence);
  }

  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& name) const { return find(name) < names_.size(); }
  /// Of a folder's sounds; names().size() where they have none.
  std::size_t of(const std::string& folder) const {
    if (folder == "_silence_") return find(silence);
    const std::size_t own = find(folder);
    return own < names_.size() ? own : find(unknown);
  }
  std::size_t find(const std::string& name) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  }
  const std::string& from() const { return from_; }

 private:
  std::vector<std::string> names_;
  std::string from_;
};

/// Of a set the part that trains, validates or tests.
enum class Part : std::uint64_t { train, validation, test };

class Builder {
 public:
  Builder(const Options& data, const Classes& classes, std::uint64_t seed)
      : data_(data), classes_(classes), seed_(seed) {}

  /// The sounds of a part, those of other words thinned out, and noise for silence behind them. `whole`: the set is the
  /// part, whatever its lists say.
  Rows rows(const std::shared_ptr<const SoundSet>& set, Part part, bool whole) const {
    Rows rows{{}, set, std::make_shared<std::vector<Clip>>()};
    Random chosen(seed_, Draw::data, static_cast<std::uint64_t>(part), 0);
    for (const Clip& clip : set->clips) {
      if (!whole && part_of(*set, clip.name) != part) continue;
      const std::size_t label = classes_.of(clip.folder);
      const bool other = label < classes_.names().size() && classes_.names()[label] == unknown;
      if (other && !(chosen.uniform() < data_.number("unknown"))) continue;
      if (label < classes_.names().size()) rows.of.push_back({&clip, label});
    }
    add_silence(rows, part, whole);
    return rows;
  }

 private:
  static Part part_of(const SoundSet& set, const std::string& name) {
    const auto in = [&](const char* list) { return set.listed.contains(list) && set.listed.at(list).contains(name); };
    return in(testing_list) ? Part::test : in(validation_list) ? Part::validation : Part::train;
  }

  /// Seconds of background noise, each part's from stretches of its own: the first eight tenths of a file are for
  /// training, one tenth is for validation, the last for tests.
  void add_silence(Rows& rows, Part part, bool whole) const {
    const SoundSet& set = *rows.set;
    if (!classes_.has(silence) || set.noise.empty()) return;
    const auto count =
        static_cast<std::size_t>(std::llround(data_.number("silence") * static_cast<double>(rows.of.size())));
    struct Stretch {
      const std::vector<float>* samples;
      std::size_t first, places;
    };
    std::vector<Stretch> stretches;
    for (const auto& [name, samples] : set.noise) {
      const std::size_t tenth = samples.size() / 10,
                        first = whole || part == Part::train ? 0
                                : part == Part::validation   ? 8 * tenth
                                                             : 9 * tenth,
                        last = whole || part == Part::test ? samples.size() : first + (first == 0 ? 8 : 1) * tenth;
      if (last - first >= mel::rate) stretches.push_back({&samples, first, last - first - mel::rate + 1});
    }
    if (count > 0 && stretches.empty())
      throw Error(Exit::data, set.path + "/" + noise_folder,
                  "got no file that is long enough, allowed are ten seconds or more: parts that train, validate and "
                  "test take their silence from different stretches. data.silence = 0 leaves it out.");
    Random random(seed_, Draw::data, static_cast<std::uint64_t>(part), 1);
    rows.silent->reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Stretch& stretch = stretches[random.below(stretches.size())];
      rows.silent->push_back(clip_of(*stretch.samples, stretch.first + random.below(stretch.places)));
    }
    for (const Clip& clip : *rows.silent) rows.of.push_back({&clip, classes_.find(silence)});
  }

  const Options& data_;
  const Classes& classes_;
  std::uint64_t seed_;
};

void say_lengths(const SoundSet& set, std::vector<std::string>* notes) {
  if (notes == nullptr) return;
  if (set.padded > 0)
    notes->push_back("[" + set.path + "] " + std::to_string(set.padded) + " of " + std::to_string(set.clips.size()) +
                     " sounds are shorter than a second: zeros follow them.");
  if (set.cut > 0)
    notes->push_back("[" + set.path + "] " + std::to_string(set.cut) + " of " + std::to_string(set.clips.size()) +
                     " sounds are longer than a second: their first second is read.");
}

std::unique_ptr<Task> make(const FormatRecord&, const Options& data, const FileNeeds& needs,
                           std::vector<std::string>* notes) {
  if (!needs.classes_allowed)
    throw Error(Exit::usage, "loss.name",
                "got " + needs.loss + " with words, which are classes; allowed is cross_entropy.");
  const auto set = std::make_shared<const SoundSet>(read_sounds(data.word("train")));
  say_lengths(*set, notes);
  const bool listed = set->listed.contains(validation_list);
  if (listed && data.has("validation") && !data.is_word("validation") && data.number("validation") > 0)
    throw Error(Exit::usage, "data.validation",
                "got " + number_text(data.number("validation")) + " beside " + set->path + "/" + validation_list +
                    ", allowed is one of them.");
  const Classes classes(data, needs, *set);
  const std::size_t count = classes.names().size(), known = static_cast<std::size_t>(needs.outputs);
  if (count < 2 || (known > 0 && count > known))
    throw Error(
        Exit::data, set->path,
        "got " + std::to_string(count) + " classes, allowed are 2 or more" +
            (known > 0 ? ", and no more than the m = " + std::to_string(known) + " outputs of " + needs.known_from
                       : "") +
            ".");
  const std::size_t outputs = std::max(count, known);
  const bool every_step = data.word("loss_at") == "all";
  const Builder builder(data, classes, needs.seed);
  Rows train = builder.rows(set, Part::train, false), test;
  if (train.of.empty())
    throw Error(Exit::data, set->path,
                "got no sound of " + joined(classes.names()) + " to learn from, the classes of " + classes.from() +
                    ". Allowed is at least one that no list names.");
  if (data.has("test")) {
    const auto other = std::make_shared<const SoundSet>(read_sounds(data.word("test")));
    say_lengths(*other, notes);
    test = builder.rows(other, Part::test, true);
    if (test.of.empty()) throw Error(Exit::data, other->path, "got no sound of " + joined(classes.names()) + ".");
  } else {
    test = builder.rows(set, Part::test, false);
    if (!set->listed.contains(testing_list)) test = {};
  }
  auto task = std::make_unique<WavTask>(std::move(train), std::move(test), classes.names(), outputs, every_step);
  if (listed) {
    Rows held = builder.rows(set, Part::validation, false);
    if (!held.of.empty())
      task->validate_on(std::make_unique<WavTask>(std::move(held), Rows{}, classes.names(), outputs, every_step));
  }
  return task;
}

constexpr Option options[] = {
    {.key = "words",
     .type = OptionType::words,
     .fallback = R"(["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"])",
     .help = "folders that are classes, in this order; other words are the class unknown. []: every folder is a class"},
    {.key = "unknown",
     .type = OptionType::number,
     .fallback = "1.0",
     .low = 0,
     .high = 1,
     .help = "share of the sounds of other words that are read, drawn from the seed"},
    {.key = "silence",
     .type = OptionType::number,
     .fallback = "0.1",
     .low = 0,
     .high = 1,
     .help = "seconds cut out of _background_noise_ for each other sound; they are the class silence"},
    {.key = "loss_at",
     .type = OptionType::word,
     .fallback = "\"all\"",
     .help = "frames that the word is asked for at",
     .choices = "last|all"},
};

}  // namespace

extern const FormatRecord format_wav;
const FormatRecord format_wav = {
    .entry = {.name = "wav",
              .title = "spoken words: a folder, or a tar archive, of WAV files in folders named by the word",
              .text =
                  "As Google Speech Commands has them: WORD/FILE.wav, validation_list.txt and testing_list.txt for the "
                  "parts, _background_noise_ for silence. PCM of 16 bits or floats, 16,000 samples a second, channels "
                  "are mixed. A second is 100 steps of 80 inputs: 40 bands of the mel scale from 20 to 4000 Hz, "
                  "log(1 + S / max S) of 30 ms every 10 ms (480 and 161 samples), and their slopes over 9 frames, each "
                  "divided by its standard deviation in the sound. For cross_entropy. A folder needs data.format.",
              .cite = "rostami2022eprop,warden2018speech",
              .options = options},
    .endings = ".tar|.tar.gz|.tgz",
    .make = make,
};

}  // namespace chronograd::entries
