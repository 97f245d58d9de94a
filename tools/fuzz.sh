#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzzers of what reads files and records and runs each for some seconds, from the corpus in tests/fuzz/corpus.
#   tools/fuzz.sh [SECONDS [KIND...]]      default: 60 s each of npy npz idx csv text wav tar config record sweep ledger run
# What is found stays in build/fuzz/found/KIND: crash-*, which belong into the corpus once they are mended, and inputs
# that reached new code. Those that bring new branches go into the corpus with
#   build/fuzz/tests/fuzz/KIND_fuzzer -set_cover_merge=1 -use_counters=0 tests/fuzz/corpus/KIND build/fuzz/found/KIND
# Needs the packages of "tools/setup.sh build test".
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p build
seconds=${1:-60}
shift || true
kinds=("$@")
[ $# -gt 0 ] || kinds=(npy npz idx csv text wav tar config record sweep ledger run)

cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++-14 -DCHRONOGRAD_FUZZ=ON \
  -DCHRONOGRAD_BUILD_TESTS=ON >build/fuzz-configure.log || { cat build/fuzz-configure.log >&2; exit 1; }
cmake --build build/fuzz --target "${kinds[@]/%/_fuzzer}"
for kind in "${kinds[@]}"; do
  found=build/fuzz/found/$kind
  mkdir -p "$found"
  echo "=== $kind, $seconds s"
  "build/fuzz/tests/fuzz/${kind}_fuzzer" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$found/" "$found" "tests/fuzz/corpus/$kind"
done
