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

set -x
chronograd compare experiments/fashion_rows.toml
chronograd compare experiments/add_stream.toml
