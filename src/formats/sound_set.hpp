// SPDX-License-Identifier: Apache-2.0
// Sounds in folders that are named by what is said, as Google Speech Commands has them.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace chronograd {

/// One sound as a row's inputs are made of it.
struct Clip {
  std::string folder, name;      ///< "yes", "yes/a.wav"
  std::vector<float> bands;      ///< [frames][mel::bands], frames = mel::frames(mel::rate): 100
  std::vector<float> deviation;  ///< [2 mel::bands]: standard deviation over the frames, of bands, then of slopes
};

/// What a folder or archive holds. All lists are in the order of names.
struct SoundSet {
  std::string path;
  std::vector<Clip> clips;
  std::map<std::string, std::vector<float>> noise;      ///< samples of _background_noise_, by file
  std::map<std::string, std::set<std::string>> listed;  ///< names in validation_list.txt and testing_list.txt
  std::vector<std::string> files;                       ///< an archive, or the lists in a folder
  std::string digest;                                   ///< of a folder: SHA-256 of all names and bytes that were read
  std::size_t padded = 0, cut = 0;                      ///< sounds shorter and longer than a second
};

constexpr const char* noise_folder = "_background_noise_";
constexpr const char* validation_list = "validation_list.txt";
constexpr const char* testing_list = "testing_list.txt";

/// Reads FOLDER/FILE.wav and the two lists of a folder or a tar archive (plain or gzipped); anything else in it is
/// passed over. Sounds have mel::rate samples a second; what is shorter than a second is followed by zeros, what is
/// longer is cut. Throws Error (data) for what is no sound, another rate (with the line of sox that converts it), a
/// list that names a sound that is not there, and where there are no sounds at all.
SoundSet read_sounds(const std::string& path);

/// The second from sample `first` on, which must be inside; what is missing of it is zero.
Clip clip_of(const std::vector<float>& samples, std::size_t first);

}  // namespace chronograd
