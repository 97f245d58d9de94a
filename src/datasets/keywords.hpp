// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chronograd {

/// How much is spoken: of each part at most so many voices, each word so many times, so many of the other words (once).
struct KeywordsSize {
  int voices, takes, others;
};

/// Makes keywords.tar in an empty folder: spoken keywords, laid out as Google Speech Commands, with espeak-ng and sox.
/// All is drawn from one seed: the same versions of the programs make the same bytes on the same processor. Throws
/// Error (data) where a program is missing or fails.
void make_keywords(const std::string& folder, const KeywordsSize& size);

}  // namespace chronograd
