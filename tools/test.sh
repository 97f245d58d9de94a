#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and passes all tests.
#   tools/test.sh [STAGE...]      default: all, in this order
#   format   clang-format leaves every file as it is
#   release  g++, optimised, warnings are errors: all tests
#   asan     clang++-14, warnings are errors, AddressSanitizer and UndefinedBehaviorSanitizer: the tests labelled memory, a
#            quarter of those of conformance
#   tsan     clang++-14, ThreadSanitizer: the tests labelled threads
#   aarch64  chronograd::core for AArch64, run by qemu on golden files and beside this machine's numbers
# Too long for each change; they pass before a piece of work is called done:
#   asan_rest  the other tests labelled fast, and the other three quarters of conformance
#   armhf    as aarch64, for 32-bit ARM with a few rules and cells
#   bench    the benchmarks, built and each run for an instant
#   budget   what tools/budget.py allows, of what release has built and run: time of a first build, and of a part's tests
# The verdict of a test must not depend on the machine's speed:
#   loaded   the tests of release again, beside a busy loop on each core
#   slowed   those of the fast ones that start programs and wait for them, all on one core beside nine busy loops: a
#            tenth of its speed
set -euo pipefail
cd "$(dirname "$0")/.."

stages=("$@")
[ $# -gt 0 ] || stages=(format release asan tsan aarch64)
for stage in "${stages[@]}"; do
  case $stage in
    format | release | asan | tsan | aarch64 | asan_rest | armhf | bench | budget | loaded | slowed) ;;
    *) echo "[test] got stage '$stage', allowed format, release, asan, tsan, aarch64, asan_rest, armhf, bench, budget, loaded, slowed." >&2; exit 2 ;;
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

# CPU seconds of all that this shell has waited for, to the file $1.
children() {
  times >"$logs/times"
  sed -n 2p "$logs/times" | tr 'ms' '  ' | awk '{ print 60 * ($1 + $3) + $2 + $4 }' >"$1"
}

# Library and program before all that tests need, where nothing is built yet and no compiler's cache answers: its CPU
# time, which other work on the machine hardly changes, goes to $logs/first_build.
first_build() {
  rm -f "$logs/first_build"
  [ ! -e build/release/build.ninja ] || return 0
  cmake --preset release || return
  ! grep -Eq '^(CHRONOGRAD_CCACHE|CMAKE_CXX_COMPILER_LAUNCHER):[^=]*=.*ccache$' build/release/CMakeCache.txt || return 0
  children "$logs/before"
  cmake --build --preset release --target chronograd_library chronograd_cli || return
  children "$logs/after"
  paste "$logs/before" "$logs/after" | awk '{ print $2 - $1 }' >"$logs/first_build"
}

# on_device PRESET PROCESSOR TRIPLE: the core built for another processor, on golden files and beside this machine.
on_device() {
  local test=tests/device/device_test golden=tests/device/golden
  tools/setup.sh device && build_preset "$1" && cmake --preset release && cmake --build --preset release --target device_test &&
    "build/release/$test" "build/release/$golden" write "$logs/numbers.flat" &&
    "qemu-$2-static" -L "/usr/$3" "build/$1/$test" "build/$1/$golden" beside "$logs/numbers.flat"
}

# beside N COMMAND...: runs the command beside N busy loops, which end with it, or with this script.
beside() {
  local loops=() result=0
  for ((i = 0; i < $1; ++i)); do
    while kill -0 $$ 2>/dev/null; do :; done &
    loops+=($!)
  done
  "${@:2}" || result=$?
  kill "${loops[@]}"
  wait "${loops[@]}" 2>/dev/null || true
  return $result
}

stage_format() { tools/format.sh --check; }
stage_release() { first_build && build_preset release && run_ctest release; }
stage_budget() {
  if [ -f "$logs/first_build" ]; then
    tools/budget.py build "$(cat "$logs/first_build")" || return
  else
    echo "first build: not measured (not the first, or the compiler has a cache)."
  fi
  if [ -f "$logs/release.ctest" ]; then
    tools/budget.py parts "$logs/release.ctest" build/release/tests/*/*.xml
  else
    echo "parts: not measured (release did not run)."
  fi
}
stage_asan() { build_preset asan && run_ctest asan; }
stage_asan_rest() { cmake --preset asan && cmake --build --preset asan-rest && run_ctest asan-rest; }
stage_tsan() { build_preset tsan && run_ctest tsan; }
stage_aarch64() { on_device aarch64 aarch64 aarch64-linux-gnu; }
stage_armhf() { on_device armhf arm arm-linux-gnueabihf; }
stage_bench() { build_preset bench && build/bench/bench/bench_chronograd --benchmark_min_time=0 >/dev/null; }
stage_loaded() { build_preset release && beside "$(nproc)" run_ctest release; }
# A shell of its own, so that later stages have all cores again.
stage_slowed() (
  # The loops inherit the core from this shell. What only computes takes ten times as long and tells nothing.
  build_preset release && taskset -cp 0 "$BASHPID" >/dev/null &&
    beside 9 run_ctest release --timeout 3600 --parallel 1 -L fast -R '^(cli|resume|resume_program|sweeping|browser|runs|studies|datasets)'
)

# The times of the stages, then what ctest said in each; that of the stage named comes last.
finish() {
  printf '\n=== stages\n'
  printf '%s\n' "${times[@]}"
  for name in $(printf '%s\n' tsan asan-rest asan release | grep -vx "${1/_/-}") "${1/_/-}"; do
    if [ -f "$logs/$name.ctest" ]; then
      printf '\n=== ctest, %s\n' "$name"
      ctest_summary "$name"
    fi
  done
}

rm -f "$logs"/*.ctest
printf '\n=== setup\n'
tools/setup.sh build data python test mpi </dev/null
# Programs of npm that read exports (300 MB, once): without its registry their tests are left out.
timeout 300 tools/setup.sh exports </dev/null || echo "[test] what reads exports could not be installed: tests of exports.* are left out."
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
