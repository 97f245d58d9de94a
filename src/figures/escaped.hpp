// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace chronograd {

/// Text as it may stand in XML and HTML, between tags or inside a quoted attribute: & < > " ' become entities; what is
/// no valid UTF-8 and control characters other than tab and newline become U+FFFD.
std::string escaped(std::string_view text);

/// Bytes as they may stand in a URI: all but letters, digits and -_.~ become %XX.
std::string percent_encoded(std::string_view bytes);

/// Number of characters of valid UTF-8.
std::size_t character_count(std::string_view text);

}  // namespace chronograd
