#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills or stops one of several ranks at a random moment, again and again, and holds what the run comes to in the end
against the run of one process that was never stopped, bit for bit.

  tools/kill_ranks.py PROGRAM [--kills N] [--seed S] [--timeout SECONDS]

Each time another number of ranks goes on (1 ... 4), and one of them gets SIGKILL, SIGSTOP (and must be named within the
timeout) or, all of them through the launcher, SIGTERM. No run may hang: one that has not ended a minute after its time
is an error. Exit code 1 if anything differs."""
import argparse
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "ranks"))
from kill_runs import STREAM  # noqa: E402
from launch import ENVIRONMENT, launch, ranks_of, results, run, stop  # noqa: E402

NET = """
[net]
widths = [7, 6, 8, 5]
norm = "batch"
[interface]
name = "dni"
lag = 1
true_every = 5
lambda = 0.5
[loss]
name = "cross_entropy"
[optimizer]
name = "momentum"
lr = 0.05
[task]
name = "add"
[train]
updates = 3000
batch = 8
report_every = 60
"""
CASES = {
    "net": [],
    "rflo": ["train.batch=128"],
    "bptt-lstm": ["train.batch=160", "rule.name=bptt", "model.cell=lstm", "update.every=trial", "task.length=9"],
    "uoro-watched": ["train.batch=128", "rule.name=uoro", "watch.rules=rflo", "watch.every=5"],
}
LONGEST = 60


def same(cut, whole):
    """Whether both came to the same; says what differs."""
    got, wanted = results(cut), results(whole)
    for each in got, wanted:  # a run that was stopped has a checkpoint there, too: both have that of their end
        last = max(each["checkpoints"], key=lambda name: int(re.search(r"\d+", name)[0]))
        each["checkpoints"] = {last: each["checkpoints"][last]}
    for part in wanted:
        if got[part] != wanted[part]:
            print(f"{part} differs:\n  {str(got[part])[:2000]}\n  {str(wanted[part])[:2000]}", flush=True)
    return got == wanted


def ended(process):
    """Whether only its launcher has not heard of its end."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Harness:
    def __init__(self, program, folder, draw, timeout):
        self.program, self.draw, self.timeout = program, draw, timeout
        for name, text in (("stream", STREAM), ("net", NET)):
            (folder / name).with_suffix(".toml").write_text(text)
        self.folder = folder
        self.sent = {}

    def words(self, changes, out, *more):
        config = self.folder / ("stream.toml" if changes else "net.toml")
        # 8 divides the number of updates: there is a checkpoint of the end.
        return [self.program, "train", str(config), *changes, "train.checkpoint_every=8", "--out", str(out),
                "--resume", "--quiet", *more]

    def ranks(self, changes):
        """A number of ranks, and the words for it: a net has one for each of its groups of layers."""
        return (self.draw.randint(1, 4), ["--ranks"]) if changes else (5, ["--workers", "mpi"])

    def hit(self, changes, out, seconds):
        """One part of a run, and what was done to it; True where it came to its end before."""
        ranks, over = self.ranks(changes)
        process = subprocess.Popen(launch(ranks, self.words(changes, out, *over, "--timeout", str(self.timeout))),
                                   env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)
        time.sleep(self.draw.uniform(0.1, seconds))
        # Of one rank that stops nobody else knows.
        sent = self.draw.choices([signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM], [6, 2 if ranks > 1 else 0, 2])[0]
        victims = ranks_of(process.pid) if process.poll() is None else []
        victim = self.draw.choice(victims) if victims else 0
        try:
            if sent == signal.SIGTERM or not victim:
                stop(process.pid)
            else:
                os.kill(victim, sent)
        except ProcessLookupError:
            pass
        try:
            error = process.communicate(timeout=LONGEST + self.timeout)[1]
        except subprocess.TimeoutExpired as hung:
            left = [each for each in ranks_of(process.pid) if not ended(each)]
            for each in left:
                os.kill(each, signal.SIGKILL)
            process.kill()
            if left:
                raise SystemExit(f"a run of {ranks} ranks hung after {sent.name} to process {victim}: left are {left}, "
                                 f"of {victims}") from hung
            error = process.communicate()[1]  # Open MPI 4.1's mpirun may hang by itself when all ranks are gone
            self.sent["mpirun hung"] = self.sent.get("mpirun hung", 0) + 1
        finally:
            if sent == signal.SIGSTOP and victim:
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        if "mistake in the program" in error:
            raise SystemExit(error)
        if process.returncode != 0:
            self.sent[sent.name] = self.sent.get(sent.name, 0) + 1
        return process.returncode == 0

    def check(self, name, changes, kills):
        whole, cut = self.folder / name / "whole", self.folder / name / "cut"
        began = time.monotonic()
        run(self.words(changes, whole))
        seconds = 0.5 + time.monotonic() - began
        done = 0
        while done < kills:
            if self.hit(changes, cut, seconds):  # it ended: once more
                if not same(cut, whole):
                    return done, False
                subprocess.run(["rm", "-r", str(cut)], check=True)
            done += 1
        ranks, over = self.ranks(changes)
        run(launch(ranks, self.words(changes, cut, *over)))
        return done, same(cut, whole)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=10, help="a case (default 10)")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; drawn if not given, and printed")
    parser.add_argument("--timeout", type=float, default=3, help="seconds until a stopped rank is given up")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        harness = Harness(str(pathlib.Path(arguments.program).resolve()), pathlib.Path(temporary), random.Random(seed),
                          arguments.timeout)
        for name, changes in CASES.items():
            kills, same = harness.check(name, changes, arguments.kills)
            failed += not same
            print(f"{name}: hit {kills} times, " + ("same bits" if same else "DIFFERS"), flush=True)
    print(f"{len(CASES)} cases, {failed} differ, {harness.sent} (seed {seed})")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
