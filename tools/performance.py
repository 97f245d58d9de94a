#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures everything and writes docs/performance.md with its figures.

usage: tools/performance.py [--program BENCH_CHRONOGRAD] [--only PARTS] [--data FILE.json] [--write-only]

Parts are the groups of bench/peers/side_by_side.py, and grid (every rule with every cell), worst (the longest of a
million steps), profile (where the time of gradients and sparse rules goes; needs Debian's linux-perf), start (the
program's start-up). Each can be run apart into the same FILE.json. Needs a build with benchmarks (cmake --workflow
--preset bench) and, for the groups, tools/setup.sh peers.
"""
import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from performance_page import GROUPS, PROFILED, ROOT, SHARES, SPARSE, SPARSE_SHARES, gradient, load, sparse_step, write

PARTS = [*GROUPS, "grid", "worst", "profile", "start"]


def store(path, part, value):
    data = load(path)
    data[part] = value
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)


def benchmark(program, pattern, seconds):
    out = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_format=json",
                          f"--benchmark_min_time={seconds}"], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def profile(program, name, classes):
    """Shares of samples of a benchmark, in per cent."""
    with tempfile.TemporaryDirectory() as folder:
        samples = f"{folder}/perf.data"
        subprocess.run(["perf", "record", "-q", "-o", samples, program, "--benchmark_min_time=2",
                        f"--benchmark_filter=^{re.escape(name)}$"], check=True, capture_output=True)
        report = subprocess.run(["perf", "report", "-i", samples, "--stdio", "--sort", "sym", "--percent-limit", "0"],
                                check=True, capture_output=True, text=True).stdout
    shares = dict.fromkeys(classes, 0.0)
    for percent, symbol in re.findall(r"^\s+([\d.]+)%\s+\[.\] (.*)$", report, re.M):
        shares[next(name for name, pattern in classes.items() if pattern.search(symbol))] += float(percent)
    return {name: 100 * share / sum(shares.values()) for name, share in shares.items()}


def run(part, options):
    if part in GROUPS:
        subprocess.run(["/usr/bin/python3", f"{ROOT}/bench/peers/side_by_side.py", options.program, "--groups", part,
                        "--out", options.data], check=True)
    elif part == "grid":
        store(options.data, part, benchmark(options.program, "^(step|gradient|gemm|copy)/", 0.05))
    elif part == "worst":
        store(options.data, part, benchmark(options.program, "^worst/", 0.05))
    elif part == "profile":
        if shutil.which("perf") is None:
            print("[performance] part profile is skipped: perf is not installed (Debian: linux-perf).", file=sys.stderr)
        else:
            cells = {cell: profile(options.program, gradient(cell, 128, 32), SHARES) for cell in PROFILED}
            sparse = {sparse_step(*which): profile(options.program, sparse_step(*which), SPARSE_SHARES) for which in SPARSE}
            store(options.data, part, cells | sparse)
    else:
        times = []
        for _ in range(21):
            start = time.perf_counter()
            subprocess.run([options.cli, "list"], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        store(options.data, part, {"list_ms": 1e3 * statistics.median(times)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=f"{ROOT}/build/bench/bench/bench_chronograd")
    parser.add_argument("--cli", default=f"{ROOT}/build/bench/apps/chronograd/chronograd")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--data", default=f"{ROOT}/build/performance.json")
    parser.add_argument("--write-only", action="store_true", help="write the page from what was measured before")
    options = parser.parse_args()
    if not options.write_only:
        for part in options.only.split(","):
            if part not in PARTS:
                sys.exit(f"[performance] got part '{part}', allowed: {', '.join(PARTS)}.")
            run(part, options)
    write(load(options.data))


if __name__ == "__main__":
    main()
