// SPDX-License-Identifier: Apache-2.0
// Keywords that are made: the same bytes twice, laid out as the format wav wants them.
#include "datasets/keywords.hpp"

#include <cstdlib>
#include <map>
#include <set>

#include "chronograd/catalogue.hpp"
#include "chronograd/dataset.hpp"
#include "files/files.hpp"
#include "files/hash.hpp"
#include "files/tar.hpp"
#include "files/wav.hpp"

namespace chronograd {
namespace {

using testing::data_error;
using ::testing::HasSubstr;

bool programs_are_here() {
  return std::system("command -v espeak-ng >/dev/null && command -v sox >/dev/null") == 0;
}

TEST(Keywords, AreMadeTheSameTwiceAndSplitByVoice) {
  if (!programs_are_here()) GTEST_SKIP() << "espeak-ng or sox is not installed";
  const Folder once, twice;
  make_keywords(once / "", {1, 1, 1});
  make_keywords(twice / "", {1, 1, 1});
  const std::string bytes = read_text(once / "keywords.tar");
  EXPECT_TRUE(bytes == read_text(twice / "keywords.tar"));
  std::map<std::string, std::set<std::string>> voices;  // of each word
  std::map<std::string, std::string> lists;
  std::size_t loud = 0;
  each_in_tar(bytes, "keywords.tar", [&](const std::string& name, std::string_view content) {
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) {
      lists[name] = content;
      return;
    }
    const Sound sound = parse_wav(content, name);
    EXPECT_EQ(sound.rate, 16000U) << name;
    if (name[0] == '_') {
      EXPECT_EQ(sound.samples.size(), 60U * 16000) << name;
      return;
    }
    EXPECT_EQ(sound.samples.size(), 16000U) << name;
    for (const float sample : sound.samples) loud += sample > 0.1F;
    voices[name.substr(0, slash)].insert(name.substr(slash + 1, name.find('_') - slash - 1));
  });
  EXPECT_EQ(voices.size(), 11U) << "ten keywords and one other word";
  for (const auto& [word, of] : voices) EXPECT_EQ(of, (std::set<std::string>{"Alex", "Andrea", "Annie"})) << word;
  EXPECT_GT(loud, 33U * 200) << "something is heard in all of them";
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_THAT(lists["validation_list.txt"], HasSubstr("yes/Annie_nohash_0.wav\n"));
  EXPECT_THAT(lists["testing_list.txt"], HasSubstr("bed/Andrea_nohash_0.wav\n"));
}

TEST(Keywords, WithoutTheProgramsSayWhatToInstall) {
  const Folder folder;
  const char* before = std::getenv("PATH");
  const std::string path = before != nullptr ? before : "";
  ::setenv("PATH", (folder / "none").c_str(), 1);
  const std::string message = data_error([&] { make_keywords(folder / "", {1, 1, 1}); });
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(message, "[data fetch keywords] sox is not installed. As root: apt-get install espeak-ng sox.");
}

}  // namespace
}  // namespace chronograd
