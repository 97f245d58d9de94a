// SPDX-License-Identifier: Apache-2.0
// The groups of benchmarks of this program; each registers its own.
#pragma once

namespace chronograd::bench {

void register_machine();     ///< what the machine can do: products and copies
void register_rules();       ///< every rule with every cell
void register_comparison();  ///< the sizes that are compared with other programs and with targets
void register_threads();     ///< one thread and two
void register_learner();     ///< a learner's step beside the trainer's
void register_worst();       ///< the longest of a million steps
void register_positions();   ///< the longest place in a rule's cycle of steps
void register_million();     ///< a network of a million weights under exact online learning
void register_spiking();     ///< rows of spikes

}  // namespace chronograd::bench
