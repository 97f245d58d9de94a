#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs over ranks: the same bits for any number of them, and what happens where one is lost."""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

from launch import CONFIG, ENVIRONMENT, InAFolder, launch, ranks_of, results, run, stop
from kill_runs import write_data

PROGRAM = sys.argv.pop(1)
ROWS = ["update.every=trial", "task.length=9"]
NET = """
[net]
widths = [7, 6, 8, 5]
norm = "batch"
[interface]
name = "backprop"
[loss]
name = "cross_entropy"
[optimizer]
name = "momentum"
lr = 0.05
[task]
name = "add"
[train]
updates = 60
batch = 8
report_every = 15
checkpoint_every = 20
test_every = 30
test_steps = 50
"""
# A rank for each group: with the readout, which is one of its own where net.groups is absent.
NETS = {
    "backprop": (2, ["net.groups=[2,2]"]),
    "dni": (5, ["interface.name=dni", "interface.lag=3", "interface.lambda=0.5", "interface.correct=1",
                "interface.true_every=5", "interface.update_probability=0.8"]),
    "local": (3, ["interface.name=local", "net.groups=[1,2,1]"]),
    "delayed": (7, ["interface.name=delayed", "interface.lag=1", "net.widths=[7,6,8,5,4,9]"]),
    "slow": (2, ["interface.name=dni", "interface.lambda=0", "interface.lag=8", "net.groups=[3,1]", "dtype=float64",
                 "--latency", "2", "--bandwidth", "1"]),
}
# What each of them has that the others have not; 160 streams are 5 shards, 256 are 8.
CASES = {
    "rflo": [],
    "rtrl-8-shards": ["rule.name=rtrl", "train.batch=256"],
    "uoro-lstm": ["rule.name=uoro", "model.cell=lstm"],
    "bptt-layers": ["rule.name=bptt", "model.cell=lstm", "model.layers=2", *ROWS],
    "watched": ["rule.name=rflo", "watch.rules=rtrl,uoro", "watch.every=3"],
    "watched-rows": ["rule.name=bptt", "watch.rules=rflo", "watch.every=4", *ROWS],
    "watched-lag": ["rule.name=rflo", "update.every=1", "watch.rules=f_bptt(L=4),uoro", "watch.every=2"],
    "averaged": ["train.average=0.5", "dtype=float64"],
    "by-time-threads": ["train.checkpoint_every=0", "threads=2"],
    "curriculum": ["task.name=copy", "task.threshold=2", "task.longest=6", "update.every=2"],
    "feedback": ["rule.feedback=adaptive", "optimizer.clip=0.1"],
}


class Ranks(InAFolder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net = cls.folder / "net.toml"
        cls.net.write_text(NET)

    def words(self, name, changes, *more):
        return [PROGRAM, "train", str(self.config), *changes, "--out", str(self.folder / name), "--quiet", *more]

    def alone(self, name, changes):
        run(self.words(name, changes))
        return results(self.folder / name)

    def over(self, ranks, name, changes, *more):
        run(launch(ranks, self.words(name, changes, "--ranks", *more)))
        return results(self.folder / name)

    def test_any_number_of_ranks_gives_the_same_bits(self):
        for number, (name, changes) in enumerate(CASES.items()):
            alone = self.alone(name + "-alone", changes)
            self.assertGreater(len(alone["checkpoints"]), 0)
            for ranks in ((1, 2, 3, 4), (2, 4))[number] if number < 2 else (2 + number % 3,):
                with self.subTest(case=name, ranks=ranks):
                    self.assertEqual(self.over(ranks, f"{name}-{ranks}", changes), alone)

    def net_words(self, name, changes, *more):
        return [PROGRAM, "train", str(self.net), *changes, "--out", str(self.folder / name), "--quiet", *more]

    def test_workers_of_a_net_are_ranks(self):
        for name, (ranks, changes) in NETS.items():
            slow = changes.index("--latency") if "--latency" in changes else len(changes)
            run(self.net_words(f"net-{name}", changes[:slow]))
            run(launch(ranks, self.net_words(f"net-{name}-ranks", changes, "--workers", "mpi")))
            with self.subTest(net=name):
                self.assertEqual(results(self.folder / f"net-{name}-ranks"), results(self.folder / f"net-{name}"))

    def test_a_net_goes_on_with_other_workers(self):
        ranks, changes = NETS["dni"]
        changes = [*changes, "train.updates=3000", "train.report_every=60", "interface.lag=1", "interface.correct=0"]
        run(self.net_words("net-whole", changes))
        for number, workers in enumerate((["--workers", "mpi"], ["--workers", "threads"], ["--workers", "mpi"])):
            words = self.net_words("net-moved", changes, "--resume", *workers)
            words = launch(ranks, words) if number != 1 else words
            before = self.newest(self.folder / "net-moved")
            process = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            end = time.monotonic() + 60
            while number < 2 and self.newest(self.folder / "net-moved") <= before and time.monotonic() < end:
                time.sleep(0.01)
            if number == 0:
                stop(process.pid)
            elif number == 1:
                process.send_signal(signal.SIGTERM)
            error = process.communicate(timeout=100)[1]
            self.assertEqual(process.returncode, 0 if number == 2 else 130, error)
        self.assertEqual(results(self.folder / "net-moved"), results(self.folder / "net-whole"))

    def test_a_net_wants_a_rank_for_each_group(self):
        self.refused(3, self.net_words("net-few", NETS["dni"][1], "--workers", "mpi"), 2, "3 processes for 5 groups",
                     "mpirun -np 5")
        self.refused(2, self.net_words("net-shared", [], "--ranks"), 2, "--workers mpi")

    def test_a_stopped_worker_is_named(self):
        ranks, changes = NETS["dni"]
        out = self.folder / "net-stopped"
        process = subprocess.Popen(
            launch(ranks, self.net_words("net-stopped", [*changes, "train.updates=1000000", "train.report_every=100"],
                                         "--workers", "mpi", "--timeout", "3")),
            env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        error = self.stop_rank(process, out, 2, [signal.SIGSTOP])
        # Who waits first says so: a neighbour for a message of a batch, or any rank where all meet.
        self.assertRegex(error, r"no (gradient|activation) of batch \d+ from rank|stopped or lost")
        self.assertRegex(error, r"Rank 2 on \S+ answers nobody\.")
        self.assertIn("--resume", error)

    def test_rows_of_a_file_with_a_short_last_batch(self):
        data = self.folder / "data.npz"
        write_data(data, random.Random(7))
        config = self.folder / "file.toml"
        config.write_text(CONFIG[:CONFIG.index("[task]")] + "[train]\nepochs = 3\nshuffle = true\nbatch = 128\n"
                          "report_every = 3\ncheckpoint_every = 2\n")
        words = [PROGRAM, "train", str(config), "--data", str(data), "loss.name=mse", "--quiet", "--out"]
        run([*words, str(self.folder / "file-alone")])
        for ranks in (2, 3):
            run(launch(ranks, [*words, str(self.folder / f"file-{ranks}"), "--ranks"]))
            self.assertEqual(results(self.folder / f"file-{ranks}"), results(self.folder / "file-alone"))

    def test_a_run_goes_on_with_another_number_of_ranks(self):
        changes = ["train.updates=2000", "train.checkpoint_every=20"]
        alone = self.alone("moved-alone", changes)
        out = self.folder / "moved"
        for ranks in (4, 1, 2):
            process = subprocess.Popen(launch(ranks, self.words("moved", changes, "--ranks", "--resume")), env=ENVIRONMENT,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            before = self.newest(out)
            end = time.monotonic() + 60
            while self.newest(out) <= before and process.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            stop(process.pid)
            error = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 130, error)
            self.assertNotIn("MPI_ABORT", error)
        self.assertEqual(self.over(3, "moved", changes, "--resume"), alone)
        resumed = json.loads((out / "environment.json").read_text())["resumed"]
        self.assertEqual([each["ranks"] for each in resumed], [1, 2, 3])

    def newest(self, out):
        return max([int(path.stem.split("-")[1]) for path in (out / "checkpoint").glob("*.npz")], default=0)

    def test_the_record_names_ranks_and_hosts(self):
        self.over(2, "record", ["train.updates=4"])
        record = json.loads((self.folder / "record" / "environment.json").read_text())
        self.assertEqual(record["ranks"], 2)
        self.assertEqual(len(record["hosts"]), 2)
        summary = json.loads((self.folder / "record" / "summary.json").read_text())
        self.assertGreater(summary["exchange_seconds"], 0)

    def test_a_finished_run_is_only_read(self):
        first = self.over(2, "finished", ["train.updates=4"])
        self.assertEqual(self.over(3, "finished", ["train.updates=4"], "--resume"), first)

    def refused(self, ranks, words, code, *texts):
        error = run(launch(ranks, words), code=code).stderr
        for text in texts:
            self.assertIn(text, error)
        return error

    def test_copies_that_were_not_asked_for_are_refused(self):
        self.refused(2, self.words("copies", []), 2, "got 2 processes from mpirun", "--ranks")
        self.assertFalse((self.folder / "copies").exists())

    def test_more_ranks_than_shards_are_refused(self):
        error = self.refused(3, self.words("many", ["train.batch=64"], "--ranks"), 2, "got 3 ranks", "2 shards",
                             "train.batch = 96")
        self.assertEqual(error.count("got 3 ranks"), 1, error)

    def test_a_rule_that_keeps_streams_together_is_refused_by_name(self):
        self.refused(2, self.words("dni", ["rule.name=dni"], "--ranks"), 2, "rule dni")

    def test_ranks_that_differ_are_refused(self):
        words = self.words("differ", [], "--ranks")
        isa = ["sh", "-c", 'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then set -- "$@" optimizer.lr=0.02; fi; exec "$@"', "sh"]
        self.refused(2, [*isa, *words], 2, "rank 1 on", "another configuration")

    def test_a_folder_that_holds_a_run_is_refused_once(self):
        self.over(2, "held", ["train.updates=4"])
        error = self.refused(2, self.words("held", ["train.updates=4"], "--ranks"), 4, "holds a run already")
        self.assertEqual(error.count("holds a run already"), 1, error)

    def victim(self, name, signals, timeout):
        """Starts a long run of 3 ranks, signals one of them; the run must end by itself."""
        changes = ["train.updates=1000000", "train.checkpoint_every=20", "train.report_every=1000"]
        process = subprocess.Popen(
            launch(3, self.words(name, changes, "--ranks", "--timeout", str(timeout))), env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        began = time.monotonic()
        return self.stop_rank(process, self.folder / name, 1, signals), time.monotonic() - began

    def stop_rank(self, process, out, rank, signals):
        """Signals one rank of a run that is at work; what the others say."""
        end = time.monotonic() + 60
        while not self.newest(out) and time.monotonic() < end:
            time.sleep(0.05)
        victim = ranks_of(process.pid)[rank]
        for each in signals:
            os.kill(victim, each)
        try:
            error = process.communicate(timeout=60)[1]
        finally:
            try:
                os.kill(victim, signal.SIGCONT)
            except ProcessLookupError:
                pass
        self.assertNotEqual(process.returncode, 0)
        return error

    def test_a_killed_rank_ends_the_run(self):
        self.victim("killed", [signal.SIGKILL], 5)
        self.assertGreater(self.newest(self.folder / "killed"), 0)

    def test_a_stopped_rank_is_named_within_the_timeout(self):
        error, seconds = self.victim("stopped", [signal.SIGSTOP], 3)
        self.assertRegex(error, r"Rank 1 on \S+ answers nobody\.")
        self.assertIn("--resume", error)
        self.assertGreater(seconds, 3)

    def test_a_rank_that_is_stopped_before_mpi_begins_ends_the_run(self):
        words = self.words("begun", ["train.updates=1000000", "train.report_every=1000"], "--ranks", "--timeout", "5")
        process = subprocess.Popen(launch(3, words), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        programs = []
        while not programs:
            self.assertIsNone(process.poll())
            programs = ranks_of(process.pid)
        os.kill(programs[0], signal.SIGSTOP)
        try:
            error = process.communicate(timeout=60)[1]
        finally:
            try:
                os.kill(programs[0], signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.assertNotEqual(process.returncode, 0)
        self.assertRegex(error, "stopped or lost|answers nobody")


if __name__ == "__main__":
    unittest.main()
