#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job: installs what is missing, builds the program, then trains the same network with several learning
# rules, first on real images read row by row, then on an endless stream.
set -eu
cd "$(dirname "$0")/.."

tools/setup.sh build data
cmake --preset release
cmake --build --preset release --target chronograd_cli
PATH=$PWD/build/release/apps/chronograd:$PATH

# Real images, short trials: exact credit, credit cut after 7 rows, a local trace, and none. (rtrl would be the same
# gradient as bptt here.)
set -x
chronograd compare experiments/fashion_rows.toml --seeds 0..2 --rules 'bptt,tbptt(L=7),rflo,readout_only'
# An endless stream, an update at every step (tbptt: every 20), each rule at a rate that suits it.
chronograd compare experiments/add_stream.toml --seeds 0..4 --rules \
  'rtrl,uoro(optimizer.lr=3e-4),snap(n=1,optimizer.lr=0.01),rflo(optimizer.lr=0.01),dni(sg_lr=0.01,optimizer.lr=3e-3),tbptt(update.every=20,train.updates=1500),readout_only'
