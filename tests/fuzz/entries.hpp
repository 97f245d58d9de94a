// SPDX-License-Identifier: Apache-2.0
// What the fuzzers, the replay of their corpus and the random tests ask of the readers: for any bytes, each answers
// true if the reader returned arrays whose elements fill their shapes (tables whose columns are
// full, texts whose symbols are in the alphabet) or threw Error (data). Everything else is a
// fault: another exception passes through, and false means arrays that are not what they claim.
#pragma once

#include <string_view>

namespace chronograd {

bool npy_is_safe(std::string_view bytes);
bool npz_is_safe(std::string_view bytes);
bool idx_is_safe(std::string_view bytes);
bool csv_is_safe(std::string_view bytes);
bool text_is_safe(std::string_view bytes);

}  // namespace chronograd
