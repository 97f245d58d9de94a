#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ours beside PyTorch's in one run, one thread each, taking turns; medians of the turns.

usage: side_by_side.py BENCH_CHRONOGRAD [--groups bptt,stream,...] [--turns 7] [--seconds 0.2] [--out FILE.json]

Needs Debian's python3-torch and libopenblas0-pthread (tools/setup.sh peers): without OpenBLAS PyTorch falls back on the
reference BLAS and is ten times slower.

Prints a line for each comparison and writes all turns to FILE.json, which tools/performance.py reads. Groups are
run one after the other and can be run apart, each into the same file.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time

import pytorch

GEMMS = ["gemm/1024/1024/1024", "gemm/128/20608/128", "gemm/64/64/64", "gemm/32/128/161", "gemm/161/128/256"]


def gradient(cell, d, streams, net):
    return f"gradient/{cell}/bptt/{d}/{streams}/100", f"{net} {d} {streams}", lambda: pytorch.gradient(net, d, streams, 100)


def stream(cell, d, peer):
    return f"step/{cell}/tbptt/{d}/1/1", f"{peer} {d}", lambda: pytorch.stream(peer, d)


def rtrl(d, how):
    return f"step/leaky/rtrl/{d}/1/1", f"RTRL {how} {d}", lambda: pytorch.rtrl(how, d)


# name: (pairs of ours and a peer, further benchmarks of ours)
GROUPS = {
    "bptt": ([gradient("leaky", 128, 32, net) for net in ("nn.RNN", "eager loop", "TorchScript loop")]
             + [gradient("leaky", 32, 1, net) for net in ("nn.RNN", "eager loop", "TorchScript loop")], GEMMS),
    "large": ([gradient("leaky", 256, 32, "nn.RNN"), gradient("leaky", 512, 64, "nn.RNN")], GEMMS),
    "gated": ([gradient(cell, *size, f"nn.{cell.upper()}") for cell in ("gru", "lstm") for size in ((32, 1), (128, 32))],
              GEMMS),
    "stream": ([stream(cell, d, peer) for cell, peer in (("gru", "GRUCell"), ("leaky", "RNNCell"), ("lstm", "LSTMCell"))
                for d in (32, 128)], ["gemm/1/128/161"]),
    "rtrl": ([rtrl(32, "written out"), rtrl(32, "functorch"), rtrl(32, "forward mode"), rtrl(128, "written out")],
             ["step/leaky/rtrl(block=1)/128/1/1", "step/leaky/rtrl/128/1/128", *GEMMS]),
    "rtrl256": ([], ["step/leaky/rtrl(block=1)/256/1/1", "step/leaky/rtrl/256/1/256", *GEMMS]),
    "online": ([rtrl(128, "written out")],
               [f"step/leaky/{rule}/{d}/1/1" for d in (32, 64, 128, 256) for rule in ("rtrl", "rtrl(block=1)")]
               + [f"step/{cell}/{rule}/64/1/1" for cell in ("gru", "lstm") for rule in ("rtrl", "rtrl(block=1)")]
               + ["sum/128", "sum/256", "step/leaky/bp_lambda(lambda=0.9)/32/1/1", "step/leaky/snap/128/1/1",
                  "step/leaky/snap(reach=8)/128/1/1", "step/leaky/snap/128/1/8",
                  "step/leaky/snap(reach=8,reach_by=interval,update.every=8)/128/1/8",
                  "step/leaky/snap(reach=16,reach_by=interval,update.every=8)/128/1/8"]),
    "million": ([], ["million/rtrl(influence=bf16)/2", "million/rtrl/2"]),
    "spread": ([], ["positions/leaky/rtrl(spread=true)/128"]),
    "rules": ([], [f"step/leaky/{rule}/{d}/1/1" for rule in ("immediate", "rflo", "snap", "uoro", "dni", "eprop")
                   for d in (32, 128)] + ["gradient/leaky/bptt/128/32/100", *GEMMS]
              + [f"{what}/leaky/{rule}/128/32/100" for what in ("gradient", "step") for rule in ("rflo", "snap")]),
    "sparse": ([], ["step/leaky/rtrl(block=1,model.density=1.0)/256/1/1", "copy/1", "copy/8", "copy/256",
                    "influence/256/64", "influence/256/14", "influence/256/4"]
               + [f"step/leaky/{rule}model.density={q})/256/1/1" for q in ("0.25", "0.05", "0.01")
                  for rule in ("readout_only(", "sparse_rtrl(block=1,", "snap(n=2,")]),
    "diagonal": ([], [f"step/{cell}/{rule}/256/1/1" for cell in ("leaky_diagonal", "lru", "lru_real", "rtu", "elstm")
                      for rule in ("immediate", "rtrl")]),
    "threads": ([], ["threads/1", "threads/2"]),
}


# Turns of groups that take long.
TURNS = {"million": 1, "spread": 3}


def seconds(run, at_least):
    count, start = 0, time.perf_counter()
    while count == 0 or time.perf_counter() - start < at_least:
        run()
        count += 1
    return (time.perf_counter() - start) / count


def ours(program, names, at_least):
    """What Google Benchmark says of the benchmarks called `names`."""
    pattern = "^(" + "|".join(map(re.escape, names)) + ")(/iterations:.*)?(/.*_time)?$"
    out = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_format=json",
                          f"--benchmark_min_time={at_least}"], check=True, capture_output=True, text=True).stdout
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    result = json.loads(out)
    for row in result["benchmarks"]:
        row["seconds"] = row["real_time"] * scale[row["time_unit"]]
    return {re.sub("/(iterations:|real_time).*", "", row["run_name"]): row for row in result["benchmarks"]}, result["context"]


def measure(group, options):
    """Turns of one group: {"ours": {name: [row, ...]}, "peers": {name: [seconds, ...]}, "pairs": [[ours, peer], ...]}."""
    pairs, more = GROUPS[group]
    peers = {}
    for _, name, make in pairs:
        peers[name] = make()
        for _ in range(4):  # TorchScript compiles in its first calls
            peers[name]()
    names = list(dict.fromkeys([mine for mine, _, _ in pairs] + more))
    turns = {"ours": {name: [] for name in names}, "peers": {name: [] for name in peers},
             "pairs": [[mine, name] for mine, name, _ in pairs], "turns": TURNS.get(group, options.turns)}
    for _ in range(turns["turns"]):
        for name, run in peers.items():
            turns["peers"][name].append(seconds(run, options.seconds))
        rows, turns["context"] = ours(options.program, names, options.seconds)
        for name in names:
            turns["ours"][name].append(rows[name])
    return turns


def show(group, turns):
    middle = {name: statistics.median(row["seconds"] for row in rows) for name, rows in turns["ours"].items()}
    for mine, name in turns["pairs"]:
        theirs = statistics.median(turns["peers"][name])
        print(f"{mine:36} {1e6 * middle[mine]:12.2f} us   {name:26} {1e6 * theirs:12.1f} us   {theirs / middle[mine]:8.1f} x")
    for name in turns["ours"]:
        if name in [mine for mine, _ in turns["pairs"]]:
            continue
        rate = [row["GFLOPS"] for row in turns["ours"][name] if "GFLOPS" in row]
        text = f"   {statistics.median(rate):6.1f} GF/s" if rate else ""
        print(f"{name:36} {1e6 * middle[name]:12.2f} us{text}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.2, help="at least this long for each in each turn")
    parser.add_argument("--out")
    options = parser.parse_args()
    for group in options.groups.split(","):
        turns = measure(group, options)
        turns["pytorch"] = str(pytorch.VERSION)
        print(f"== {group}: PyTorch {pytorch.VERSION}, one thread each, medians of {turns['turns']} turns")
        show(group, turns)
        if options.out:
            known = {}
            if os.path.exists(options.out):
                with open(options.out, encoding="utf-8") as file:
                    known = json.load(file)
            known[group] = turns
            with open(options.out, "w", encoding="utf-8") as file:
                json.dump(known, file, indent=1)


if __name__ == "__main__":
    main()
