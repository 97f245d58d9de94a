// SPDX-License-Identifier: Apache-2.0
// A learner's state as a .npz file: the parameters under their usual names, and all that the next step depends on under
// names that begin with state_prefix.
#pragma once

#include <string>

#include "streaming/stream_learner.hpp"

namespace chronograd {

/// Of who saves a learner with things of his own: their names begin so.
constexpr const char* beside_prefix = "beside/";

/// `beside`: more arrays, to be saved with it. Throws Error (data).
template <class T>
void save_state(StreamLearner<T>& learner, const std::string& path, const Arrays& beside = {});

/// Returns what was saved beside it. Throws Error (usage, data); the learner's state is then some of the file's and
/// some of its own.
template <class T>
Arrays load_state(StreamLearner<T>& learner, const std::string& path);

}  // namespace chronograd
