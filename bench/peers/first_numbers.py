#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ours beside PyTorch's in one run, one thread each, taking turns; medians of the turns.

usage: first_numbers.py BENCH_RULES [--turns 7]

Needs Debian's python3-torch and libopenblas0-pthread (tools/setup.sh peers): without OpenBLAS PyTorch falls back on the
reference BLAS and is ten times slower.

Prints a table: BPTT of a whole batch (forward pass, backward pass, all gradients) against nn.RNN and nn.GRU, exact RTRL
with K = d against K = 1, and an online training step.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch  # noqa: E402  (after the thread count is set)

torch.set_num_threads(1)


def peer(cell, d, streams, steps, n=32, m=10):
    """A closure that computes all gradients of one batch in PyTorch."""
    torch.manual_seed(0)
    net = {"leaky": torch.nn.RNN, "gru": torch.nn.GRU}[cell](n, d)
    readout = torch.nn.Linear(d, m)
    x, target = torch.randn(steps, streams, n), torch.randn(steps, streams, m)

    def run():
        for p in [*net.parameters(), *readout.parameters()]:
            p.grad = None
        h, _ = net(x)
        loss = 0.5 * ((readout(h) - target) ** 2).sum() / streams
        loss.backward()

    return run


def seconds(run, at_least=0.4):
    run()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < at_least:
        run()
        count += 1
    return (time.perf_counter() - start) / count


def ours(program, names):
    """Seconds an iteration, and counters, of the benchmarks called `names`."""
    pattern = "^(" + "|".join(names) + ")$"
    out = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_format=json", "--benchmark_min_time=0.4"],
                         check=True, capture_output=True, text=True).stdout
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    return {b["name"]: (b["real_time"] * scale[b["time_unit"]], b) for b in json.loads(out)["benchmarks"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench_rules")
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    bptt = [("leaky", 32, 1, 100), ("leaky", 128, 32, 100), ("leaky", 512, 64, 100), ("gru", 32, 1, 100), ("gru", 128, 32, 100)]
    name = lambda c, d, b, t: f"bptt/{c}/{d}/{b}/{t}"
    other = ["online/rtrl/leaky/128/1/1", "online/rtrl/leaky/128/1/128", "online/rtrl/leaky/256/1/1", "online/rtrl/leaky/256/1/256",
             "online/rflo/leaky/32/1/1", "online/immediate/leaky/32/1/1", "online/snap/leaky/32/1/1", "online/uoro/leaky/32/1/1",
             "online/dni/leaky/32/1/1", "online/tbptt/gru/32/1/1", "gemm/1024/1024/1024", "gemm/128/20608/128"]
    peers = {name(*case): peer(*case) for case in bptt}
    mine, theirs, rates = {}, {}, {}
    for _ in range(options.turns):
        for key, run in peers.items():
            theirs.setdefault(key, []).append(seconds(run))
            mine.setdefault(key, []).append(ours(options.bench_rules, [key])[key][0])
        for key, (value, row) in ours(options.bench_rules, other).items():
            mine.setdefault(key, []).append(value)
            if "GFLOPS" in row:
                rates.setdefault(key, []).append(row["GFLOPS"])
    middle = {key: statistics.median(values) for key, values in mine.items()}
    print(f"PyTorch {torch.__version__}, one thread; medians of {options.turns} turns\n")
    print("| forward, backward and gradients, n = 32, m = 10, T = 100 | ours, ms | PyTorch, ms | ratio |\n|---|---|---|---|")
    for c, d, b, t in bptt:
        key = name(c, d, b, t)
        peer_time = statistics.median(theirs[key])
        print(f"| {c}, d = {d}, B = {b} against nn.{'RNN' if c == 'leaky' else 'GRU'} | {1e3 * middle[key]:.3f} | {1e3 * peer_time:.3f} | {peer_time / middle[key]:.1f} |")
    print("\n| exact RTRL, a step | K = 1, us | K = d, us | ratio |\n|---|---|---|---|")
    for d in (128, 256):
        one, block = middle[f"online/rtrl/leaky/{d}/1/1"], middle[f"online/rtrl/leaky/{d}/1/{d}"] / d
        print(f"| d = {d}, n = 32 | {1e6 * one:.0f} | {1e6 * block:.1f} | {one / block:.1f} |")
    print("\n| whole online training step, K = 1, B = 1, d = 32, n = 8, m = 2 | us |\n|---|---|")
    for key in other:
        if key.startswith("online/") and "/32/" in key:
            print(f"| {key.split('/')[1]}, {key.split('/')[2]} | {1e6 * middle[key]:.2f} |")
    print("\nfloat32 products of this machine: " + ", ".join(f"{key[5:]} {statistics.median(v):.0f} GF/s" for key, v in rates.items()))


if __name__ == "__main__":
    main()
