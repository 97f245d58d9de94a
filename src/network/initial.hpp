// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/observer.hpp"
#include "network/network.hpp"

namespace chronograd {

/// Which weights exist and which signs they may have; fixed for a run.
struct Structure {
  std::vector<std::size_t> absent;  ///< flat indices, rising, of weights that are not there: zero, and stay so
  struct Sign {
    std::size_t index;
    double sign;  ///< +1 or -1
  };
  std::vector<Sign> dale;  ///< recurrent weights under Dale's law
  Arrays beside;           ///< what stands beside parameters, as given: W_rec_mask, W_in_tie, ...
  /// Weights that are one shared number, each times its sign: two or more, in the order of their flat indices.
  std::vector<std::vector<Sign>> ties;
};

/// Where a run begins.
struct Initial {
  Structure structure;
  std::vector<double> theta;     ///< flat, as ParameterMap says
  std::vector<double> feedback;  ///< [m][d]; empty with symmetric feedback
};

/// Parameters, masks and feedback matrix from `given` (named arrays; null: drawn from the seed). `file` stands for it
/// in messages. Throws Error (usage) or Error (data). Arrays that are not used are remarked on.
template <class T>
Initial initial_values(const Network<T>& network, const Config& config, const Arrays* given, const std::string& file,
                       Observer* observer = nullptr);

/// The weights as arrays named and shaped as in files: all that a further run needs to begin from them, so with the
/// feedback matrix where there is one, and with the masks that were given.
template <class T>
Arrays arrays_of(const Network<T>& network, const Weights<T>& weights, const Structure& structure);

/// The recurrent parameters among them.
template <class T>
Arrays recurrent_arrays(const Network<T>& network, const Initial& initial);

/// The weights in T.
template <class T>
Weights<T> weights_of(const Initial& initial);

}  // namespace chronograd
