// SPDX-License-Identifier: Apache-2.0
// What a folder of spoken words becomes.
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>

#include "chronograd/random.hpp"
#include "chronograd/train.hpp"
#include "files/mapping.hpp"
#include "files/sounds.hpp"
#include "formats/format_task.hpp"
#include "formats/log_mel.hpp"

namespace chronograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Files = std::map<std::string, std::string>;

/// A sound of its own for each number.
std::string sound(std::uint64_t number, std::size_t samples = mel::rate) {
  Random random(number, Draw::data);
  const double tone = 200 + 100 * static_cast<double>(random.below(30));
  std::vector<int> values(samples);
  for (std::size_t i = 0; i < samples; ++i)
    values[i] =
        static_cast<int>(8000 * std::sin(tone * 6.28 * static_cast<double>(i) / mel::rate) + 500 * random.normal());
  return testing::wav(values);
}

/// Three words of three speakers, one to validate and one to test, and noise.
Files small_set() {
  Files files;
  std::uint64_t number = 0;
  for (const char* word : {"no", "yes", "zebra"})
    for (const char* speaker : {"a", "b", "c", "d"})
      files[std::string(word) + "/" + speaker + ".wav"] = sound(++number);
  files["validation_list.txt"] = "no/c.wav\r\nyes/c.wav\nzebra/c.wav\n\n";
  files["testing_list.txt"] = "no/d.wav\nyes/d.wav\nzebra/d.wav";
  files["_background_noise_/hum.wav"] = sound(99, 12 * mel::rate);
  return files;
}

class WavRows : public ::testing::Test {
 protected:
  std::string put(const Files& files, const std::string& name = "set") const {
    for (const auto& [path, bytes] : files) {
      std::filesystem::create_directories((folder_ / name / path).parent_path());
      testing::put(folder_ / name / path, bytes);
    }
    return folder_ / name;
  }
  std::string put_archive(const Files& files) const {
    testing::put(folder_ / "set.tar", testing::tar({files.begin(), files.end()}));
    return folder_ / "set.tar";
  }
  std::unique_ptr<Task> task(const std::string& path, Given given = {}, const FileNeeds& needs = class_needs,
                             std::vector<std::string>* notes = nullptr, const std::string& test = "") const {
    const FormatRecord& record = find_record<FormatRecord>("data.format", "wav");
    Options options = entry_options(record.entry, {{"words", std::vector<std::string>{"yes", "no"}}});
    for (const auto& [key, value] : given) options.set(key, value, true);
    options.set("train", path, true);
    if (!test.empty()) options.set("test", test, true);
    return record.make(record, options, needs, notes);
  }
  std::string refused(const Files& files, Given given = {}, const FileNeeds& needs = class_needs,
                      Exit code = Exit::data) const {
    std::filesystem::remove_all(folder_ / "set");
    return refusal([&] { task(put(files), given, needs); }, code);
  }

  const Folder folder_;
};

std::vector<double> label_of(const Task& task, Split split, std::int64_t row) {
  return Read(task, split, row, 0, 1).y;
}

TEST_F(WavRows, PartsAndClasses) {
  const auto rows = task(put(small_set()), {{"silence", 0.5}});
  EXPECT_EQ(rows->inputs(), 80);
  EXPECT_EQ(rows->outputs(), 4);
  EXPECT_TRUE(rows->classes());
  EXPECT_EQ(rows->length(Split::train), 100);
  // Two speakers, three words; half as many seconds of silence.
  EXPECT_EQ(rows->rows(Split::train), 9);
  EXPECT_EQ(rows->rows(Split::test), 5);  // 3 and 1.5, rounded up
  ASSERT_NE(rows->validation(), nullptr);
  EXPECT_EQ(rows->validation()->rows(Split::train), 5);
  EXPECT_EQ(KnownMapping(rows->mapping()).names("classes"), (Words{"yes", "no", "unknown", "silence"}));
  // In the order of names: no, yes, zebra; then silence.
  for (const auto& [row, label] : {std::pair(0, 1), {1, 1}, {2, 0}, {3, 0}, {4, 2}, {5, 2}, {6, 3}, {8, 3}})
    EXPECT_EQ(label_of(*rows, Split::train, row)[static_cast<std::size_t>(label)], 1) << row;
  EXPECT_NEAR(rows->references()[0].value, std::log(4), 1e-14);
  EXPECT_EQ(rows->facts().back().first, "SHA-256 of the sounds in " + (folder_ / "set").string());
  EXPECT_EQ(rows->facts().back().second.size(), 64U);
  EXPECT_EQ(rows->files().size(), 2U);  // the lists
}

TEST_F(WavRows, InputsAreBandsAndSlopesOverTheirDeviation) {
  const Files files = small_set();
  const auto rows = task(put(files));
  const Read read = all_of(*rows, 2);  // yes/a.wav
  EXPECT_EQ(read.mask, std::vector<double>(100, 1));
  // Another way to the samples than the reader's.
  const std::string& bytes = files.at("yes/a.wav");
  std::vector<float> samples(mel::rate);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<float>(static_cast<std::int16_t>(static_cast<unsigned char>(bytes[44 + 2 * i]) |
                                                              static_cast<unsigned char>(bytes[45 + 2 * i]) << 8)) /
                 32768;
  LogMel bank;
  const std::vector<double> bands = bank.of(samples);
  const std::vector<float> stored(bands.begin(), bands.end());
  std::vector<double> want(8000);
  for (std::size_t t = 0; t < 100; ++t) {
    std::copy_n(bands.begin() + static_cast<std::ptrdiff_t>(40 * t), 40, want.data() + 80 * t);
    mel_slopes(stored, t, want.data() + 80 * t + 40);
  }
  for (std::size_t j = 0; j < 80; ++j) {
    double mean = 0, squares = 0;
    for (std::size_t t = 0; t < 100; ++t) mean += want[80 * t + j] / 100;
    for (std::size_t t = 0; t < 100; ++t) squares += std::pow(want[80 * t + j] - mean, 2) / 100;
    for (std::size_t t = 0; t < 100; ++t)  // bands and deviations are kept in float32
      ASSERT_NEAR(read.x[80 * t + j], want[80 * t + j] / std::sqrt(squares), 2e-6) << t << ", " << j;
  }
}

TEST_F(WavRows, AreReadInPiecesAsAtOnce) {
  const auto rows = task(put(small_set()), {{"loss_at", std::string("last")}});
  Read pieces(*rows, Split::test, 1, 0, 1);
  for (const auto& [t, steps] : {std::pair(1, 37), {38, 61}, {99, 1}})
    pieces.append(Read(*rows, Split::test, 1, t, steps));
  const Read whole = all_of(*rows, 1, Split::test);
  EXPECT_EQ(pieces, whole);
  std::vector<double> last(100);
  last.back() = 1;
  EXPECT_EQ(whole.mask, last);
}

TEST_F(WavRows, ArchivesAreReadAsFolders) {
  const Files files = small_set();
  const auto of_folder = task(put(files)), of_archive = task(put_archive(files));
  ASSERT_EQ(of_folder->rows(Split::train), of_archive->rows(Split::train));
  for (std::int64_t row = 0; row < of_folder->rows(Split::train); ++row)
    EXPECT_EQ(all_of(*of_folder, row), all_of(*of_archive, row)) << row;
  EXPECT_THAT(of_archive->files(), ElementsAre(folder_ / "set.tar"));
}

TEST_F(WavRows, SilenceIsDrawnFromTheSeedAndFromStretchesOfItsPart) {
  Files files = small_set();
  // A tone that swells twice a second, in the ninth tenth five times, in the last eight times.
  std::vector<int> samples(20 * mel::rate);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = 6.283185 * static_cast<double>(i) / mel::rate, swell = i < samples.size() / 10 * 8   ? 2
                                                                            : i < samples.size() / 10 * 9 ? 5
                                                                                                          : 8;
    samples[i] = static_cast<int>(9000 * std::sin(1000 * t) * (1 + 0.9 * std::sin(swell * t)));
  }
  files["_background_noise_/hum.wav"] = testing::wav(samples);
  FileNeeds other = class_needs;
  other.seed = 5;
  const std::string path = put(files);
  const auto rows = task(path, {{"silence", 1.0}}), again = task(path, {{"silence", 1.0}}),
             another = task(path, {{"silence", 1.0}}, other);
  EXPECT_EQ(all_of(*rows, 7), all_of(*again, 7));
  EXPECT_FALSE(all_of(*rows, 7) == all_of(*another, 7));
  const auto swells = [](const Task& of, Split split, std::int64_t row) {
    const Read read = all_of(of, row, split);
    std::vector<double> band(100);
    for (std::size_t t = 0; t < 100; ++t) band[t] = read.x[80 * t + 16];
    const double mean = std::accumulate(band.begin(), band.end(), 0.0) / 100;
    int crossings = 0;
    for (std::size_t t = 1; t < 100; ++t) crossings += (band[t] > mean) != (band[t - 1] > mean);
    return crossings / 2.0;
  };
  for (std::int64_t row = 6; row < 12; ++row) EXPECT_NEAR(swells(*rows, Split::train, row), 2, 1) << row;
  for (std::int64_t row = 3; row < 6; ++row) {
    EXPECT_NEAR(swells(*rows->validation(), Split::train, row), 5, 1) << row;
    EXPECT_NEAR(swells(*rows, Split::test, row), 8, 1) << row;
  }
}

TEST_F(WavRows, OtherWords) {
  const std::string path = put(small_set());
  EXPECT_EQ(task(path, {{"unknown", 0.0}, {"silence", 0.0}})->outputs(), 2);
  EXPECT_EQ(task(path, {{"unknown", 0.0}, {"silence", 0.0}})->rows(Split::train), 4);
  const auto all = task(path, {{"words", std::vector<std::string>{}}});
  EXPECT_EQ(KnownMapping(all->mapping()).names("classes"), (Words{"no", "yes", "zebra"}));
  EXPECT_EQ(all->rows(Split::train), 6);
}

TEST_F(WavRows, ATestSetOfItsOwn) {
  const Files test = {{"yes/x.wav", sound(50)}, {"_unknown_/y.wav", sound(51)}, {"_silence_/z.wav", sound(52)}};
  const auto rows = task(put(small_set()), {}, class_needs, nullptr, put(test, "test"));
  EXPECT_EQ(rows->rows(Split::train), 7);  // what the list names stays out of training
  ASSERT_EQ(rows->rows(Split::test), 3);
  EXPECT_EQ(label_of(*rows, Split::test, 0), (std::vector<double>{0, 0, 0, 1}));
  EXPECT_EQ(label_of(*rows, Split::test, 1), (std::vector<double>{0, 0, 1, 0}));
  EXPECT_EQ(label_of(*rows, Split::test, 2), (std::vector<double>{1, 0, 0, 0}));
}

TEST_F(WavRows, ClassesOfParametersStay) {
  FileNeeds needs = class_needs;
  needs.outputs = 3;
  needs.mapping = {{mapping_prefix + std::string("classes"), array_of_names({"unknown", "yes", "no"})}};
  const auto rows = task(put({{"yes/a.wav", sound(1)}, {"other/a.wav", sound(2)}}), {}, needs);
  EXPECT_EQ(label_of(*rows, Split::train, 0), (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(label_of(*rows, Split::train, 1), (std::vector<double>{0, 1, 0}));
  needs.outputs = 2;
  EXPECT_THAT(refusal([&] { task(folder_ / "set", {}, needs); }), HasSubstr("got 3 classes"));
}

TEST_F(WavRows, LengthsOtherThanASecond) {
  std::vector<std::string> notes;
  const auto rows = task(put({{"yes/a.wav", sound(1, 9000)}, {"no/a.wav", sound(2, 20000)}, {"no/b.txt", "text"}}), {},
                         class_needs, &notes);
  EXPECT_EQ(rows->rows(Split::train), 2);
  EXPECT_EQ(rows->rows(Split::test), -1);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_THAT(notes[0], HasSubstr("1 of 2 sounds are shorter than a second: zeros follow them."));
  EXPECT_THAT(notes[1], HasSubstr("1 of 2 sounds are longer"));
  const Read read = all_of(*rows, 1);
  EXPECT_EQ(std::vector<double>(read.x.end() - 20 * 80, read.x.end() - 20 * 80 + 40), std::vector<double>(40));
}

TEST_F(WavRows, Refusals) {
  const Files good = small_set();
  const auto with = [&](const std::string& path, const std::string& bytes) {
    Files files = good;
    files[path] = bytes;
    return files;
  };
  EXPECT_THAT(refused(with("yes/a.wav", testing::wav({1}, 8000))),
              HasSubstr("[a.wav] got 8000 samples a second, allowed are 16000. sox IN.wav -r 16000 OUT.wav"));
  EXPECT_THAT(refused(with("yes/a.wav", sound(1).substr(0, 100))), HasSubstr("[a.wav] got a header that claims"));
  EXPECT_THAT(refused(with("testing_list.txt", "no/e.wav")), HasSubstr("[testing_list.txt] got \"no/e.wav\""));
  EXPECT_THAT(refused(with("testing_list.txt", "no/c.wav")), HasSubstr("which validation_list.txt has too"));
  EXPECT_THAT(refused(good, {{"words", Words{"no", "yes", "no"}}}, class_needs, Exit::usage),
              HasSubstr("[data.words] got \"no\" twice"));
  EXPECT_THAT(refused(with("_background_noise_/hum.wav", sound(9, 5 * mel::rate)), {{"silence", 1.0}}),
              HasSubstr("allowed are ten seconds or more"));
  EXPECT_THAT(refused(good, {{"words", std::vector<std::string>{"yes", "nope"}}}),
              HasSubstr("got no folder \"nope\", allowed is one for each of data.words. There are: no, yes, zebra."));
  EXPECT_THAT(refused(good, {{"validation", 0.2}}, class_needs, Exit::usage), HasSubstr("beside"));
  EXPECT_THAT(refused(good, {}, mse_needs, Exit::usage), HasSubstr("[loss.name] got mse"));
  EXPECT_THAT(refused({{"readme.md", "x"}}), HasSubstr("got no sound, allowed is a folder or a tar archive"));
  EXPECT_THAT(refused({{"yes/a.wav", sound(1)}}, {{"words", std::vector<std::string>{"yes"}}}),
              HasSubstr("got 1 classes, allowed are 2 or more"));
  EXPECT_THAT(refusal([&] { task(folder_ / "none.tar"); }), HasSubstr("[none.tar]"));
  const std::string name = "yes/\x1b[2J.wav";
  EXPECT_THAT(refused(with(name, sound(1))), HasSubstr("allowed are names without control characters"));
}

// Through the program's own door: a learner hears the difference of two tones.
TEST_F(WavRows, ARunLearnsThem) {
  const std::string path = put_archive(small_set());
  const auto learnt =
      make_task(Config::parse("[model]\ncell='leaky'\nhidden=4\n[loss]\nname='cross_entropy'\n[rule]\n"
                              "name='bptt'\n[data]\nwords=['yes','no']\ntrain='" +
                                  path + "'\n",
                              "test"));
  EXPECT_EQ(learnt->inputs(), 80);
  EXPECT_THAT(learnt->facts(), ::testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace chronograd
