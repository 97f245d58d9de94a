#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what decoupled learning takes, in turns with what it is held against, and writes docs/decoupled_speed.md.

usage: bench/decoupled.py BUILD [--turns 3] [--page FILE.md]

BUILD is the folder of a Release build with benchmarks and MPI (build/bench). Needs Fashion-MNIST (tools/setup.sh data),
mpirun (tools/setup.sh mpi) and PyTorch (tools/setup.sh peers). A few minutes; whoever shares the machine shows in it.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
RANKS = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none", "-np", "2"]
NET = """
[net]
widths = {widths}
norm = "batch"
groups = [2, {upper}]
[interface]
name = "backprop"
[loss]
name = "cross_entropy"
[optimizer]
name = "momentum"
lr = 0.01
[task]
name = "fashion_images"
train_rows = 30000
standardize = true
[train]
updates = {updates}
batch = {batch}
report_every = 100
"""
SMALL = {"depth": 6, "width": 256, "batch": 64, "updates": 1000}
LARGE = {"depth": 4, "width": 1024, "batch": 256, "updates": 100}
WHOLE = 1407  # updates: three passes
DNI = ["interface.name=dni", "interface.lag=8"]
LATENCIES = "0,1,5,20"


def name(size):
    return f"{size['depth']} x {size['width']}, B = {size['batch']}"


class Bench:
    def __init__(self, build, folder):
        self.program = str(build / "apps/chronograd/chronograd")
        self.tree_sum = str(build / "bench/bench_tree_sum")
        self.folder = folder
        self.runs = 0

    def train(self, size, changes, *more):
        """The summary of a run."""
        self.runs += 1
        config, out = self.folder / "net.toml", self.folder / str(self.runs)
        config.write_text(NET.format(widths=[size["width"]] * size["depth"], upper=size["depth"] - 2,
                                     updates=size["updates"], batch=size["batch"]))
        words = [self.program, "train", str(config), *changes, "--out", str(out), "--quiet", *more]
        if "mpi" in more:
            words = MPIRUN + words
        subprocess.run(words, check=True, env=RANKS, capture_output=True)
        return json.loads((out / "summary.json").read_text())

    def ms(self, size, changes, *more):
        done = self.train(size, ["task.test_rows=100", *changes], *more)
        return 1e3 * done["seconds"] / done["updates"]

    def torch(self, size):
        words = ["/usr/bin/python3", str(ROOT / "bench/peers/net.py"), "--steps", str(size["updates"] // 4)]
        for key in ("depth", "width", "batch"):
            words += ["--" + key, str(size[key])]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        self.pytorch = said.split(",")[0]
        return float(re.search(r": ([\d.]+) ms a step", said)[1])

    def tree(self):
        said = subprocess.run(MPIRUN + [self.tree_sum, "8", "1000000"], check=True, env=RANKS, capture_output=True,
                              text=True).stdout
        return [float(number) for number in re.findall(r"([\d.]+) ms", said)]

    def latencies(self):
        page = self.folder / "latency.md"
        said = subprocess.run([self.program, "cost", "--latency", LATENCIES, "--seconds", "0.5", "--json", "--page",
                               str(page)], check=True, capture_output=True, text=True).stdout
        return json.loads(said)


def in_turns(turns, **ways):
    """Medians of what the functions return, called in turns."""
    got = {way: [] for way in ways}
    for _ in range(turns):
        for way, measure in ways.items():
            got[way].append(measure())
    return {way: statistics.median(values) for way, values in got.items()}


def row(what, asked, value, text, least=True):
    held = value >= 0.9 * asked if least else value <= asked / 0.9
    return f"| {what} | {asked:.2f} x | {value:.2f} x | {text} | {'holds' if held else '**short**'} |\n"


def speed_rows(bench, turns):
    small = in_turns(turns, alone=lambda: bench.ms(SMALL, []),
                     threads=lambda: bench.ms(SMALL, DNI, "--workers", "threads"),
                     mpi=lambda: bench.ms(SMALL, DNI, "--workers", "mpi"), torch=lambda: bench.torch(SMALL))
    local = ["interface.name=local"]
    large = in_turns(turns, alone=lambda: bench.ms(LARGE, []),
                     threads=lambda: bench.ms(LARGE, DNI, "--workers", "threads"),
                     local=lambda: bench.ms(LARGE, local, "--workers", "threads"),
                     mpi=lambda: bench.ms(LARGE, DNI, "--workers", "mpi"),
                     local_mpi=lambda: bench.ms(LARGE, local, "--workers", "mpi"), torch=lambda: bench.torch(LARGE))
    rows = ""
    for size, got, asked, ways in (
            (SMALL, small, 1.5, {"threads": "dni, lag 8, two threads", "mpi": "dni, lag 8, two ranks"}),
            (LARGE, large, 1.75, {"local": "local, two threads", "local_mpi": "local, two ranks",
                                  "threads": "dni, lag 8, two threads", "mpi": "dni, lag 8, two ranks"})):
        for way, text in ways.items():
            rows += row(f"{name(size)}: {text}, against backprop on one", asked, got["alone"] / got[way],
                        f"{got['alone']:.2f} and {got[way]:.2f} ms a batch")
    for size, got, asked in ((SMALL, small, 1.5), (LARGE, large, 1.0)):
        rows += row(f"{name(size)}: backprop on one thread, against PyTorch's nn.Sequential", asked,
                    got["torch"] / got["alone"], f"{got['torch']:.2f} and {got['alone']:.2f} ms a batch")
    return rows


def latency_rows(bench):
    costs = bench.latencies()
    shared = next(curve for curve in costs["net"] if curve["method"] == "data parallel")
    shared = WHOLE / 1e3 * next(point["measured_ms"] for point in shared["points"] if point["latency_ms"] == 5)
    whole = {**SMALL, "updates": WHOLE}
    ours = bench.train(whole, DNI, "--workers", "threads", "--latency", "5")
    backprop = bench.train(whole, [])["test"]["accuracy"]
    rows = row(f"{name(SMALL)}: a whole run of three passes at 5 ms latency, dni, lag 8, two threads, against data "
               "parallel", 3, shared / ours["seconds"],
               f"{shared:.1f} and {ours['seconds']:.1f} s; accuracy {100 * ours['test']['accuracy']:.1f} %, of "
               f"backprop {100 * backprop:.1f} %")
    ratios = [(point["measured_ms"] / point["simulated_ms"], f"{curve['method']} at {point['latency_ms']:g} ms")
              for curve in costs["sleepers"] for point in curve["points"]]
    worst, where = max(ratios)
    return rows + row(f"sleeping workers against the simulation, {LATENCIES} ms, the worst", 1.15, worst, where, False)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("build", type=pathlib.Path)
    words.add_argument("--turns", type=int, default=3)
    words.add_argument("--page", type=pathlib.Path, default=ROOT / "docs/decoupled_speed.md")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked.build.resolve(), pathlib.Path(folder))
        rows = speed_rows(bench, asked.turns) + latency_rows(bench)
        sums = [bench.tree() for _ in range(asked.turns)]
        tree, reduce = (statistics.median(column) for column in zip(*sums))
        rows += row("tree sum of 8 shards of 10^6 numbers, two ranks, against MPI_Allreduce", 1.3, tree / reduce,
                    f"{tree:.2f} and {reduce:.2f} ms", False)
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())[1]
    mpi = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    asked.page.write_text(f"""# What decoupled learning takes

Written by `bench/decoupled.py BUILD`, {datetime.date.today()}: wall times, medians of {asked.turns} turns in which all of a net take part, float32.
{processor}, {os.cpu_count()} cores; {bench.pytorch}, {mpi.replace("mpirun (", "").replace(")", "")}.

Nets have batch normalisation and momentum; the first two hidden layers are on one worker, and all gradients are waited
for every 100 batches. Ours read images of Fashion-MNIST, PyTorch's are in memory. `dni` has its usual synthesiser, of
rank 16. By multiply-adds two workers are 1.75 times as fast as one where a gradient is sent down, and 1.9 or 2.1 times
where none is; both have a cache of their own beside that, and share the memory's bandwidth. Where others use the machine,
`chrt -r 1 bench/decoupled.py BUILD` keeps them out.

| work | asked | reached | measured | at 0.9 of it |
|---|---|---|---|---|
{rows}
What a batch takes by latency is in [latency.md](latency.md).
""", encoding="utf-8")
    print(rows, end="")


if __name__ == "__main__":
    main()
