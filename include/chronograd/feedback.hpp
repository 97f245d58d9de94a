// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// How the output error err_t (m) becomes local credit c_t (d). A record says where the matrix B (d, m) comes from and
/// whether it learns; the product c = B err is the same for all.
struct CHRONOGRAD_API FeedbackRecord {
  Entry entry;
  bool own_matrix =
      false;            ///< false: B is W_out^T at every step; true: B is drawn from the seed or given as `B_feedback`
  bool learns = false;  ///< true: B gets the readout's increments, and both decay (Kolen-Pollack)
};

template <>
CHRONOGRAD_API std::span<const FeedbackRecord* const> catalogue<FeedbackRecord>();

}  // namespace chronograd
