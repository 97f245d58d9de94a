#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two results of bench_chronograd --benchmark_format=json, or one with a kept baseline, or two programs.

usage: compare.py OLD.json NEW.json [--tolerance 0.15]      exit code 1 if something became slower
       compare.py --keep NEW.json bench/baselines/NAME.json  keeps the times alone
       compare.py --turns OLD NEW [--pairs 11] [--filter REGEX] [--tolerance 0.03]
                                                             runs two programs in turns
       compare.py --turns PROGRAM PROGRAM --names A B         the time of benchmark B over that of A

Times are compared after division by the time of a product that both have (gemm/64/64/64), so that a machine that
runs slower as a whole is not taken for a change of the code. In turns each pair of runs is one measurement of NEW/OLD,
thread CPU time, close in time to itself: the median of the pairs is printed with its interval of at least 95 %, and
exit code 1 says that some whole interval lies above the tolerance.
"""
import argparse
import json
import math
import re
import statistics
import subprocess
import sys

YARDSTICK = "gemm/64/64/64"
SCALE = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}


def read(path):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if "benchmarks" not in data:
        return data["us"], data["context"]
    times = {}
    for row in data["benchmarks"]:
        if row.get("run_type", "iteration") == "iteration" and not row["name"].startswith("worst/"):
            time = row["real_time"] * SCALE[row["time_unit"]]
            times[row["name"]] = min(time, times.get(row["name"], time))
    return times, {key: data["context"].get(key) for key in ("date", "instruction_set", "products", "num_cpus")}


def cpu_times(program, pattern, seconds):
    command = [program, "--benchmark_format=json", f"--benchmark_min_time={seconds}", f"--benchmark_filter={pattern}"]
    data = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {row["name"]: row["cpu_time"] * SCALE[row["time_unit"]] for row in data["benchmarks"]}


def interval_of_median(ordered):
    """The innermost pair of ordered values that holds the median of what they were drawn from in 95 % of cases."""
    n, outside, low = len(ordered), 0.0, 0
    while low < n // 2:
        outside += 2 * math.comb(n, low) / 2**n
        if outside > 0.05:
            break
        low += 1
    return ordered[max(0, low - 1)], ordered[n - max(1, low)]


def turns(options):
    ratios, times = {}, {}
    patterns = [f"^{re.escape(name)}$" for name in options.names] if options.names else [options.filter] * 2
    for pair in range(options.pairs):
        old, new = {}, {}
        for times_of, *run in ((old, options.old, patterns[0]), (new, options.new, patterns[1]))[:: 1 if pair % 2 == 0 else -1]:
            times_of.update(cpu_times(*run, options.seconds))
        if options.names:
            both = f"{options.names[1]} / {options.names[0]}"
            old, new = {both: old[options.names[0]]}, {both: new[options.names[1]]}
        for name in old.keys() & new.keys():
            ratios.setdefault(name, []).append(new[name] / old[name])
            times.setdefault(name, []).append(old[name])
        print(f"pair {pair + 1} of {options.pairs}", file=sys.stderr)
    above = slower = 0
    print(f"{'benchmark':52} {'old us':>10}   new/old, median of {options.pairs} (95 %)")
    for name, found in sorted(ratios.items()):
        ordered = sorted(found)
        median, (low, high) = statistics.median(ordered), interval_of_median(ordered)
        mark = " SLOWER" if low > 1 + options.tolerance else " above" if median > 1 + options.tolerance else ""
        above += mark != ""
        slower += mark == " SLOWER"
        print(f"{name:52} {statistics.median(times[name]):10.3f}   {median:.3f} ({low:.3f} ... {high:.3f}){mark}")
    print(f"{len(ratios)} benchmarks: {above} medians above {1 + options.tolerance}, of which {slower} by their whole interval")
    return 1 if slower else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--tolerance", type=float)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--turns", action="store_true")
    parser.add_argument("--pairs", type=int, default=11)
    parser.add_argument("--filter", default=".")
    parser.add_argument("--names", nargs=2)
    parser.add_argument("--seconds", type=float, default=0.02, help="of one measurement")
    options = parser.parse_args()
    if options.tolerance is None:
        options.tolerance = 0.03 if options.turns else 0.15
    if options.turns:
        return turns(options)
    if options.keep:
        times, context = read(options.old)
        with open(options.new, "w", encoding="utf-8") as file:
            json.dump({"context": context, "us": {name: round(time, 4) for name, time in times.items()}}, file, indent=1)
            file.write("\n")
        return 0
    (old, _), (new, _) = read(options.old), read(options.new)
    speed = new[YARDSTICK] / old[YARDSTICK] if YARDSTICK in old and YARDSTICK in new else 1.0
    slower = 0
    print(f"{'benchmark':44} {'old us':>12} {'new us':>12}   change (machine {speed:.2f})")
    for name in sorted(old.keys() & new.keys()):
        change = new[name] / old[name] / speed - 1
        mark = " SLOWER" if change > options.tolerance else " faster" if change < -options.tolerance else ""
        slower += mark == " SLOWER"
        print(f"{name:44} {old[name]:12.2f} {new[name]:12.2f}   {100 * change:+6.1f} %{mark}")
    print(f"{slower} slower by more than {100 * options.tolerance:.0f} %")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
