#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and passes all tests.
#   tools/test.sh [STAGE...]      default: all, in this order
#   format   clang-format leaves every file as it is
#   release  g++, optimised, warnings are errors: all tests
#   asan     clang++-14, warnings are errors, AddressSanitizer and UndefinedBehaviorSanitizer: the tests labelled fast
set -euo pipefail
cd "$(dirname "$0")/.."

stages=("$@")
[ $# -gt 0 ] || stages=(format release asan)
for stage in "${stages[@]}"; do
  case $stage in
    format | release | asan) ;;
    *) echo "[test] got stage '$stage', allowed format, release, asan." >&2; exit 2 ;;
  esac
done

logs=build/logs
times=()
mkdir -p "$logs"

build_preset() {
  cmake --preset "$1" && cmake --build --preset "$1"
}

# What ctest itself said at the end of a stage: "N% tests passed ...", times and the list of what failed.
ctest_summary() {
  [ ! -f "$logs/$1.ctest" ] || sed -n '/% tests passed/,$p' "$logs/$1.ctest"
}

run_ctest() {
  ctest --preset "$@" 2>&1 | tee "$logs/$1.ctest"
}

stage_format() { tools/format.sh --check; }
stage_release() { build_preset release && run_ctest release; }
stage_asan() { build_preset asan && run_ctest asan; }

# The times of the stages, then what ctest said in each; that of the stage named comes last.
finish() {
  printf '\n=== stages\n'
  printf '%s\n' "${times[@]}"
  for name in $(printf '%s\n' asan release | grep -vx "$1") "$1"; do
    if [ -f "$logs/$name.ctest" ]; then
      printf '\n=== ctest, %s\n' "$name"
      ctest_summary "$name"
    fi
  done
}

rm -f "$logs"/*.ctest
printf '\n=== setup\n'
tools/setup.sh build data test </dev/null
for stage in "${stages[@]}"; do
  printf '\n=== %s\n' "$stage"
  begin=$SECONDS
  result=passed
  # Stages chain their commands with &&: in a condition "set -e" would not stop at the first failure.
  "stage_$stage" </dev/null || result=FAILED
  times+=("$(printf '%-8s %s in %d s' "$stage" "$result" $((SECONDS - begin)))")
  if [ "$result" = FAILED ]; then
    finish "$stage"
    exit 1
  fi
done
finish release
