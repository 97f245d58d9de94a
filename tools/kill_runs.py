#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills runs at random moments and holds what they come to against the run that was never stopped, bit for bit.

  tools/kill_runs.py PROGRAM [--kills N] [--seed S] [--cases WORD] [--keep FOLDER]

Every rule of the catalogue, with one layer and with two, cases with several shards, noise, resets, shuffled epochs, a
curriculum, texts and watched rules, and sweeps (shards of them, too) and comparisons, whose folders hold many runs.
Each is run once to its end; then it is started, killed (SIGKILL, sometimes SIGINT or SIGTERM) after a random time, and
resumed until it is done. In between, some of the newest checkpoints are cut short and some lines of metrics are left
half written, as a power cut does. Parameters must have the same bytes; metrics and summary may differ in times alone.
Exit code 1 if anything differs."""
import argparse
import json
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

STREAM = """
[model]
cell = "leaky"
hidden = 6
alpha = 0.7
[loss]
name = "cross_entropy"
[rule]
name = "rflo"
[update]
every = 3
[optimizer]
name = "adam"
lr = 0.01
[task]
name = "add"
[train]
updates = 600
batch = 2
report_every = 50
test_every = 200
test_steps = 200
checkpoint_every = 7
"""
LAYERS = ["model.cell=gru", "model.layers=2", "dtype=float64"]
ROWS = ["update.every=trial", "task.length=12", "train.updates=600"]
EXTRA = {
    "stream-noise": ["model.noise=0.1", "model.noise_where=input", "update.every=1"],
    "stream-uoro-lstm": ["model.cell=lstm", "rule.name=uoro", "rule.feedback=random"],
    "stream-watch": ["rule.name=dni", "watch.rules=rtrl,uoro,snap(n=1)", "watch.every=3", "rule.feedback=adaptive"],
    "rows-watch": [*ROWS, "rule.name=bptt", "watch.rules=rtrl,dni,uoro", "watch.every=7", "optimizer.schedule=cosine"],
    "rmsprop": ["optimizer.name=rmsprop", "optimizer.clip=0.1"],
    "curriculum": ["task.name=copy", "task.threshold=2", "task.longest=9", "update.every=2"],
    "sparse-momentum": ["model.density=0.5", "model.dale=0.5", "rule.name=rtrl", "optimizer.name=momentum"],
    "diverges": ["model.activation=relu", "loss.name=mse", "optimizer.name=sgd", "optimizer.lr=0.3", "rule.name=rtrl",
                 "update.every=32"],
    "shards-threads": ["train.batch=70", "threads=2", "train.updates=300", "rule.name=uoro"],
    "checkpoints-by-time": ["train.checkpoint_every=0", "train.updates=200"],
}
FILE = ["train.epochs=8", "train.shuffle=true", "train.batch=70", "update.every=4", "threads=2", "loss.name=mse",
        "train.test_every=0"]
TEXT = ["data.streams=3", "data.test_part=0.2", "train.epochs=6", "update.every=4"]
MANY = {
    "many-shard": ("sweep", ["rule.name=rflo,uoro", "optimizer.lr=0.003,0.03", "--shard", "2/2"]),
    "many-sweep": ("sweep", ["rule.name=rflo,uoro", "optimizer.lr=0.003,0.03", "--seeds", "0,1", "--jobs", "3"]),
    "many-compare": ("compare", ["--rules", "rflo,tbptt(L=2),uoro", "--seeds", "0,1", "--jobs", "2"]),
}
TIMES = {"seconds", "cpu_seconds", "us_per_step", "us_per_step_cpu"}


def npy(shape, kind, values):
    """The bytes of a .npy file; no NumPy needed."""
    code = {"<f8": "d", "|b1": "?"}[kind]
    header = repr({"descr": kind, "fortran_order": False, "shape": shape})
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(
        f"<{len(values)}{code}", *values)


def write_data(path, draw, third=False):
    """150 rows of 10 steps with masks, resets and first states, or a third factor: the last batch of an epoch is
    short."""
    rows, steps, inputs, outputs, units = 150, 10, 3, 2, 6
    numbers = lambda count: [draw.gauss(0, 1) for _ in range(count)]
    arrays = {"x": npy((rows, steps, inputs), "<f8", numbers(rows * steps * inputs)),
              "y": npy((rows, steps, outputs), "<f8", numbers(rows * steps * outputs)),
              "mask": npy((rows, steps), "<f8", [draw.choice([0, 1, 0.5]) for _ in range(rows * steps)]),
              "reset": npy((rows, steps), "|b1", [draw.random() < 0.1 for _ in range(rows * steps)]),
              **({"third": npy((rows, steps), "<f8", numbers(rows * steps))} if third else
                 {"h0": npy((rows, units), "<f8", numbers(rows * units))})}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in arrays.items():
            archive.writestr(name + ".npy", data)


class Harness:
    def __init__(self, program, folder, draw):
        self.program, self.folder, self.draw = program, folder, draw
        self.kills = 0
        self.data = folder / "data.npz"
        write_data(self.data, draw)
        self.third = folder / "third.npz"
        write_data(self.third, draw, third=True)
        self.text = folder / "text.txt"
        self.text.write_text("".join(draw.choice("abc de\n") for _ in range(3000)))
        self.stream = folder / "stream.toml"
        self.stream.write_text(STREAM)
        self.file = folder / "file.toml"
        self.file.write_text(STREAM[:STREAM.index("[task]")] + "[train]\nreport_every = 3\ncheckpoint_every = 2\n")

    def cases(self):
        listed = subprocess.run([self.program, "list", "rules", "--json"], capture_output=True, check=True)
        for rule in json.loads(listed.stdout)["rules"]:
            name = rule["name"]
            for kind, changes in (("rule", []), ("stack", LAYERS)):
                yield f"{kind}-{name}", self.suitable(name, changes)
        for name, changes in EXTRA.items():
            yield name, ["train", str(self.stream), *changes]
        for name, (verb, words) in MANY.items():
            yield name, [verb, str(self.stream), *words]
        for rule in ("rflo", "rtrl", "immediate"):
            yield "file-" + rule, ["train", str(self.file), "--data", str(self.data), f"rule.name={rule}", *FILE]
        yield "file-text", ["train", str(self.file), f"data.train={self.text}", *TEXT]
        yield "file-windows", ["train", str(self.file), f"data.train={self.text}", "data.window=20", "train.batch=32",
                               *TEXT[1:]]

    def suitable(self, rule, changes):
        task = ["train", str(self.stream), f"rule.name={rule}", *changes]
        data = ["train", str(self.file), "--data", str(self.third), f"rule.name={rule}", *changes, *FILE]
        for words in (task, task + ROWS, data):  # for steps, for whole rows, for data with a third factor
            if self.works(words):
                return words
        raise SystemExit(f"no configuration of this harness suits the rule {rule}")

    def works(self, words):
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            short = [word for word in words if not word.startswith(("train.updates", "train.epochs"))]
            return self.start([*short, "train.updates=2"], out + "/run").wait() == 0

    def start(self, words, out):
        return subprocess.Popen([self.program, *words, "--out", str(out), "--resume", "--quiet"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def to_the_end(self, words, out):
        process = self.start(words, out)
        error = process.communicate()[1].decode()
        if process.returncode not in (0, 3):
            raise SystemExit(f"exit {process.returncode}: {' '.join(words)}\n{error}")
        return process.returncode

    def spoil(self, out):
        """What a power cut leaves: half a checkpoint, half a line. Of a finished run all lines are on the disk."""
        for run in runs_in(out):
            if not (run / "summary.json").exists():
                self.spoil_run(run)
        for ledger in out.glob("ledger*.jsonl"):
            if self.draw.random() < 0.2:
                with ledger.open("ab") as file:
                    file.write(b'{"job": 3, "status": "do')

    def spoil_run(self, out):
        checkpoints = sorted((out / "checkpoint").glob("update-*.npz"), key=lambda p: int(p.stem.split("-")[1]))
        if len(checkpoints) > 1 and self.draw.random() < 0.2:
            os.truncate(checkpoints[-1], self.draw.randrange(checkpoints[-1].stat().st_size))
        metrics = out / "metrics.jsonl"
        if metrics.exists() and self.draw.random() < 0.2:
            with metrics.open("ab") as file:
                file.write(b'{"update": 7, "lo')

    def killed(self, words, out, longest, kills):
        """Runs to the end with up to `kills` kills."""
        for _ in range(kills):
            process = self.start(words, out)
            time.sleep(self.draw.uniform(0, longest))
            sent = self.draw.choices([signal.SIGKILL, signal.SIGINT, signal.SIGTERM], [8, 1, 1])[0]
            process.send_signal(sent)
            error = process.communicate()[1].decode()
            if process.returncode in (0, 3):
                return process.returncode
            # An interrupt that comes before the program listens ends it at once.
            if process.returncode not in (-sent, 130):
                raise SystemExit(f"exit {process.returncode} after {sent.name}: {' '.join(words)}\n{error}")
            self.kills += 1
            if sent == signal.SIGKILL:
                self.spoil(out)
        return self.to_the_end(words, out)

    def check(self, name, words, kills):
        whole, cut = self.folder / name / "whole", self.folder / name / "cut"
        began = time.monotonic()
        code = self.to_the_end(words, whole)
        longest = time.monotonic() - began
        before = self.kills
        while self.kills - before < kills:  # a run that was too quick to be killed is done again
            if cut.exists():
                subprocess.run(["rm", "-r", str(cut)], check=True)
            killed_code = self.killed(words, cut, longest, kills - (self.kills - before))
            found = differences(whole, cut)
            if killed_code != code:
                found.append(f"exit code {killed_code}, not {code}")
            if found:
                return found
        return []


def without_times(text):
    return [{key: value for key, value in json.loads(line).items() if key not in TIMES} for line in text.splitlines()]


def runs_in(out):
    """The folder itself, or those of its runs where it is one of many."""
    return sorted((out / "runs").iterdir()) if (out / "runs").exists() else [out]


def differences(whole, cut):
    """What differs between two folders, times apart."""
    runs, others = runs_in(whole), runs_in(cut)
    if [run.relative_to(whole) for run in runs] != [run.relative_to(cut) for run in others]:
        return ["the runs"]
    return [f"{cut_run.relative_to(cut)}/{what}" for run, cut_run in zip(runs, others)
            for what in run_differences(run, cut_run)]


def run_differences(whole, cut):
    found = []
    if (whole / "params.npz").read_bytes() != (cut / "params.npz").read_bytes():
        found.append("params.npz")
    for name in ("resolved.json", "config.toml"):
        if (whole / name).read_text() != (cut / name).read_text():
            found.append(name)
    if without_times((whole / "metrics.jsonl").read_text()) != without_times((cut / "metrics.jsonl").read_text()):
        found.append("metrics.jsonl")
    both = [json.loads((folder / "summary.json").read_text()) for folder in (whole, cut)]
    if any(both[0][key] != both[1][key] for key in both[0] if key not in TIMES):
        found.append("summary.json")
    left = [path.name for path in cut.rglob(".chronograd-*")]
    if left:
        found.append(f"temporary files {left}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=10, help="kills a case (default 10)")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; drawn if not given, and printed")
    parser.add_argument("--cases", default="", help="only cases whose name has this word; several with commas")
    parser.add_argument("--keep", default=None, help="work in this folder and leave it")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        harness = Harness(str(pathlib.Path(arguments.program).resolve()), folder, random.Random(seed))
        ran = 0
        for name, words in harness.cases():
            if not any(word in name for word in arguments.cases.split(",")):
                continue
            before = harness.kills
            found = harness.check(name, words, arguments.kills)
            ran += 1
            failed += bool(found)
            print(f"{name}: {harness.kills - before} kills, " + ("DIFFERS: " + ", ".join(found) if found else "same bits"),
                  flush=True)
        print(f"{ran} cases, {harness.kills} kills, {failed} differ (seed {seed})")
    sys.exit(1 if failed or not ran else 0)


if __name__ == "__main__":
    main()
