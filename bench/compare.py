#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two results of bench_chronograd --benchmark_format=json, or one with a kept baseline.

usage: compare.py OLD.json NEW.json [--tolerance 0.15]      exit code 1 if something became slower
       compare.py --keep NEW.json bench/baselines/NAME.json  keeps the times alone

Times are compared after division by the time of a product that both have (gemm/64/64/64), so that a machine that
runs slower as a whole is not taken for a change of the code.
"""
import argparse
import json
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--tolerance", type=float, default=0.15)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
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
