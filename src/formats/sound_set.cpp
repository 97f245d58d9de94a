// SPDX-License-Identifier: Apache-2.0
#include "formats/sound_set.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/set_up.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "files/hash.hpp"
#include "files/input_file.hpp"
#include "files/tar.hpp"
#include "files/wav.hpp"
#include "formats/log_mel.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;
using Visit = std::function<void(const std::string& name, std::string_view bytes)>;

bool is_list(const std::string& name) {
  return name == validation_list || name == testing_list;
}

/// FOLDER/FILE.wav
bool is_sound(const std::string& name) {
  const std::size_t slash = name.find('/');
  return slash != std::string::npos && slash > 0 && name.find('/', slash + 1) == std::string::npos &&
         lower(name).ends_with(".wav") && name[slash + 1] != '.';
}

/// The names in a folder that are read, in their order.
std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(path, code)) {
    const std::string top = entry.path().filename();
    if (is_list(top)) names.push_back(top);
    if (!entry.is_directory(code)) continue;
    for (const auto& inner : fs::directory_iterator(entry.path(), code))
      if (const std::string name = top + "/" + inner.path().filename().string(); is_sound(name)) names.push_back(name);
    if (code) break;
  }
  if (code) throw Error(Exit::data, path, "got '" + code.message() + "' on listing it, allowed is a readable folder.");
  std::sort(names.begin(), names.end());
  return names;
}

class SoundReader {
 public:
  explicit SoundReader(const std::string& path) { set_.path = path; }

  SoundSet read() {
    std::error_code code;
    if (fs::is_directory(set_.path, code))
      read_folder();
    else
      read_archive();
    if (set_.clips.empty())
      throw Error(Exit::data, set_.path,
                  "got no sound, allowed is a folder or a tar archive that holds FOLDER/FILE.wav, a folder for each "
                  "word.");
    std::sort(set_.clips.begin(), set_.clips.end(), [](const Clip& a, const Clip& b) { return a.name < b.name; });
    const auto twice = std::adjacent_find(set_.clips.begin(), set_.clips.end(),
                                          [](const Clip& a, const Clip& b) { return a.name == b.name; });
    if (twice != set_.clips.end())
      throw Error(Exit::data, set_.path, "got " + chronograd::quoted(twice->name) + " twice, allowed is once.");
    check_lists();
    return std::move(set_);
  }

 private:
  void read_folder() {
    const std::vector<std::string> names = names_in(set_.path);
    Sha256 hash(set_.path);
    for (std::size_t i = 0; i < names.size(); ++i) {
      set_up_progress("reading", set_.path, static_cast<double>(i) / static_cast<double>(names.size()));
      const std::string bytes = read_file(set_.path + "/" + names[i]);
      hash.add(names[i] + '\0' + std::to_string(bytes.size()) + '\0');
      hash.add(bytes);
      take(names[i], bytes);
      if (is_list(names[i])) set_.files.push_back(set_.path + "/" + names[i]);
    }
    set_.digest = hash.text();
  }

  void read_archive() {
    set_.files.push_back(set_.path);
    const std::string bytes = read_file(set_.path);
    each_in_tar(bytes, set_.path, [&](const std::string& name, std::string_view content) {
      if (is_list(name) || is_sound(name)) take(name, content);
    });
  }

  void take(const std::string& name, std::string_view bytes) {
    if (is_list(name)) return take_list(name, bytes);
    if (std::any_of(name.begin(), name.end(), [](unsigned char byte) { return byte < ' ' || byte == 127; }))
      throw Error(Exit::data, set_.path,
                  "got the name " + chronograd::quoted(name) + ", allowed are names without control characters.");
    const std::string where = set_.path + "/" + name;
    Sound sound = parse_wav(bytes, where);
    if (sound.rate != mel::rate)
      throw Error(Exit::data, where,
                  "got " + std::to_string(sound.rate) + " samples a second, allowed are " + std::to_string(mel::rate) +
                      ". sox IN.wav -r " + std::to_string(mel::rate) + " OUT.wav converts it.");
    std::string folder = name.substr(0, name.find('/'));
    if (folder == noise_folder) {
      if (!set_.noise.emplace(name, std::move(sound.samples)).second)
        throw Error(Exit::data, set_.path, "got " + chronograd::quoted(name) + " twice, allowed is once.");
      return;
    }
    set_.padded += sound.samples.size() < mel::rate;
    set_.cut += sound.samples.size() > mel::rate;
    Clip clip = clip_of(sound.samples, 0);
    clip.folder = std::move(folder);
    clip.name = name;
    set_.clips.push_back(std::move(clip));
  }

  void take_list(const std::string& name, std::string_view bytes) {
    std::istringstream lines{std::string(bytes)};
    std::set<std::string>& names = set_.listed[name];
    for (std::string line; std::getline(lines, line);)
      if (const std::string word = trimmed(line); !word.empty()) names.insert(word);
  }

  /// A list names sounds that are there, and no sound stands in both.
  void check_lists() const {
    std::set<std::string> there;
    for (const Clip& clip : set_.clips) there.insert(clip.name);
    for (const auto& [list, names] : set_.listed)
      for (const std::string& name : names) {
        if (!there.contains(name))
          throw Error(Exit::data, set_.path + "/" + list,
                      "got " + chronograd::quoted(name) + ", allowed are sounds that are there, as FOLDER/FILE.wav.");
        if (list == testing_list && set_.listed.contains(validation_list) &&
            set_.listed.at(validation_list).contains(name))
          throw Error(
              Exit::data, set_.path + "/" + list,
              "got " + chronograd::quoted(name) + ", which " + validation_list + " has too, allowed is one of them.");
      }
  }

  SoundSet set_;
};

/// Standard deviations over `frames` rows of `width` numbers, to out.
void deviations(const std::vector<double>& values, std::size_t frames, float* out) {
  for (std::size_t j = 0; j < mel::bands; ++j) {
    double mean = 0, squares = 0;
    for (std::size_t t = 0; t < frames; ++t) mean += values[t * mel::bands + j];
    mean /= static_cast<double>(frames);
    for (std::size_t t = 0; t < frames; ++t) {
      const double off = values[t * mel::bands + j] - mean;
      squares += off * off;
    }
    out[j] = static_cast<float>(std::sqrt(squares / static_cast<double>(frames)));
  }
}

}  // namespace

Clip clip_of(const std::vector<float>& samples, std::size_t first) {
  thread_local LogMel filters;
  std::vector<float> second(mel::rate);
  std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(first), std::min(samples.size() - first, second.size()),
              second.begin());
  const std::vector<double> bands = filters.of(second);
  constexpr std::size_t frames = mel::frames(mel::rate);
  Clip clip;
  clip.bands.assign(bands.begin(), bands.end());
  std::vector<double> slopes(frames * mel::bands);
  for (std::size_t t = 0; t < frames; ++t) mel_slopes(clip.bands, t, slopes.data() + t * mel::bands);
  clip.deviation.resize(2 * std::size_t{mel::bands});
  deviations(bands, frames, clip.deviation.data());
  deviations(slopes, frames, clip.deviation.data() + mel::bands);
  return clip;
}

SoundSet read_sounds(const std::string& path) {
  return SoundReader(path).read();
}

}  // namespace chronograd
