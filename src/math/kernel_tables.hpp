// SPDX-License-Identifier: Apache-2.0
// Private: the tables of the single instruction sets, for the tests that exercise every set.
#pragma once

#include "chronograd/isa.hpp"
#include "math/kernels.hpp"

namespace chronograd {

/// Whether the library was compiled for this set and the processor (and its operating system) has it.
bool has_isa(Isa isa);

/// The set of that name if it is one that `has_isa`, or the best one for an empty name; Error (usage) otherwise.
Isa isa_of(const char* name);

/// The table of one set, or nullptr if !has_isa(isa).
template <class T>
const Kernels<T>* kernels_of(Isa isa);

/// The active table, each entry of which counts its multiplications (math/work.hpp) and then does its work.
template <class T>
const Kernels<T>& counting_kernels();

}  // namespace chronograd
