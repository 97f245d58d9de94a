#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs that ranks, or the tasks of an array, share: sweeps, comparisons, studies. Each is the run of one process, and
a rank that is stopped does not keep the others from theirs."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest

from launch import ENVIRONMENT, InAFolder, launch, ranks_of, results, run, stop

PROGRAM = sys.argv.pop(1)
# Two groups of runs, whose rates are chosen before the second one.
STUDY = """
title = "a small study"
text = "For tests."
experiment = "stream.toml"
seeds = "0..2"
[tune]
seeds = "7,8"
axes = ["optimizer.lr=0.003,0.03"]
[[runs]]
name = "as it is"
set = ["train.updates=12"]
tune = []
rules = ["rflo", "uoro"]
show = ["loss"]
[[runs]]
name = "at its rate"
rules = ["rflo", "dni"]
show = ["loss", "accuracy"]
[[claims]]
text = "it learns nothing in so few updates"
origin = "so few updates"
runs = "as it is"
measure = "loss"
above = 0.1
rules = ["rflo", "uoro"]
"""


class Jobs(InAFolder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.study = cls.folder / "study.toml"
        cls.study.write_text(STUDY)

    def many(self, verb, words, name, ranks=0, *more, code=0):
        """Several runs into one folder: by one process, or by ranks."""
        words = [PROGRAM, verb, str(self.config), *words, "train.batch=4", "--out", str(self.folder / name), "--quiet",
                 *more]
        done = run(launch(ranks, [*words, "--ranks"]) if ranks else words, code=code)
        return done.stdout, {path.name: results(path) for path in (self.folder / name / "runs").iterdir()}

    SWEEP = ["rule.name=rflo,dni,uoro", "optimizer.lr=0.003,0.03", "--seeds", "0,1"]

    def ledger(self, name):
        """The last line about each job."""
        lines = [json.loads(line) for line in (self.folder / name / "ledger.jsonl").read_text().splitlines()]
        return {line["job"]: {key: value for key, value in line.items() if key != "seconds"} for line in lines}

    def test_ranks_share_the_jobs_of_a_sweep(self):
        text, alone = self.many("sweep", self.SWEEP, "sweep-alone")
        self.assertEqual(len(alone), 12)
        for ranks in (1, 2, 3):
            with self.subTest(ranks=ranks):
                shared_text, shared = self.many("sweep", self.SWEEP, f"sweep-{ranks}", ranks)
                self.assertEqual(shared, alone)
                self.assertEqual(shared_text, text)
                self.assertEqual(self.ledger(f"sweep-{ranks}"), self.ledger("sweep-alone"))

    def test_a_sweep_goes_on_with_other_ranks(self):
        out = self.folder / "sweep-moved"
        words = launch(2, [PROGRAM, "sweep", str(self.config), *self.SWEEP, "train.batch=4", "train.updates=3000",
                           "--out", str(out), "--quiet", "--ranks"])
        process = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while not list(out.glob("runs/*/metrics.jsonl")) and time.monotonic() < end:
            time.sleep(0.01)
        stop(process.pid)
        error = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, error)
        self.assertNotIn("MPI_ABORT", error)
        self.assertIn("stopped", {line["status"] for line in self.ledger("sweep-moved").values()})
        run(launch(3, [PROGRAM, "sweep", "--out", str(out), "--resume", "--quiet", "--ranks"]))
        alone = self.many("sweep", [*self.SWEEP, "train.updates=3000"], "sweep-long")[1]
        self.assertEqual({path.name: results(path) for path in (out / "runs").iterdir()}, alone)

    def test_ranks_share_the_runs_of_a_comparison(self):
        words = ["--rules", "rflo,dni", "--seeds", "0,1"]
        alone = self.many("compare", words, "compare-alone")[1]
        text, shared = self.many("compare", words, "compare-3", 3)
        self.assertEqual(shared, alone)
        self.assertIn("rflo", text)
        both = [json.loads((self.folder / name / "comparison.json").read_text()) for name in ("compare-alone", "compare-3")]
        losses = [[row["loss"] for row in each["rules"]] for each in both]
        self.assertEqual(losses[0], losses[1])

    def test_a_failed_run_of_a_comparison_is_told(self):
        out = self.folder / "compare-failed"
        (out / "runs").mkdir(parents=True)
        (out / "runs" / "0001_rflo_seed1").write_text("in the way")
        error = run(launch(2, [PROGRAM, "compare", str(self.config), "--rules", "rflo", "--seeds", "0,1",
                               "train.batch=4", "--out", str(out), "--resume", "--quiet", "--ranks"]), code=1).stderr
        self.assertIn("a run failed", error)
        self.assertIn("0001_rflo_seed1", error)

    def test_arrays_of_jobs_are_shards(self):
        alone = self.many("sweep", self.SWEEP, "array-alone")[1]
        out = self.folder / "array"
        for task in (20, 30, 40):
            environment = {**ENVIRONMENT, "SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_MIN": "20",
                           "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_STEP": "10"}
            done = subprocess.run([PROGRAM, "sweep", str(self.config), *self.SWEEP, "train.batch=4", "--out", str(out),
                                   "--quiet", "--shard", "slurm"], env=environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({path.name: results(path) for path in (out / "runs").iterdir()}, alone)
        self.assertEqual(len(list(out.glob("ledger.*of3.jsonl"))), 3)
        outside = run([PROGRAM, "sweep", str(self.config), *self.SWEEP, "--out", str(out), "--shard", "slurm"], code=2)
        self.assertIn("SLURM_ARRAY_TASK_ID", outside.stderr)

    def test_the_scripts_for_clusters_run(self):
        scripts = pathlib.Path(__file__).resolve().parents[2] / "examples" / "cluster"
        path = f"{pathlib.Path(PROGRAM).parent}:{os.environ['PATH']}"
        with_ranks = {**ENVIRONMENT, "PATH": path, "LAUNCH": " ".join(launch(2, []))}
        out = self.folder / "scripts"

        def script(name, environment, *words):
            done = subprocess.run([str(scripts / name), str(self.config), str(out / name), *words], env=environment,
                                  capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)

        script("run.sh", with_ranks, "train.updates=8", "--quiet")
        run([PROGRAM, "train", str(self.config), "train.updates=8", "--out", str(out / "alone"), "--quiet"])
        self.assertEqual(results(out / "run.sh"), results(out / "alone"))
        script("sweep.sh", with_ranks, "rule.name=rflo,uoro", "train.updates=8", "--quiet")
        self.assertEqual(len(list(out.glob("sweep.sh/runs/*/summary.json"))), 2)
        for task in (1, 2):
            script("array.sh", {**os.environ, "PATH": path, "SLURM_ARRAY_TASK_ID": str(task),
                                "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "2"},
                   "rule.name=rflo,uoro", "train.updates=8", "--quiet")
        self.assertEqual(len(list(out.glob("array.sh/runs/*/summary.json"))), 2)

    # Of some seconds each: a rank is stopped while it has one.
    LONG = ["rule.name=rflo,uoro", "optimizer.lr=0.003,0.03", "train.batch=4", "train.updates=6000",
            "train.report_every=400", "train.test_every=0"]

    def stopped(self, name, ranks, victim, timeout, missed=None):
        """A sweep of long jobs, one rank of which is stopped when all are at work; continued at a line with `missed`."""
        out = self.folder / name
        words = [PROGRAM, "sweep", str(self.config), *self.LONG, "--out", str(out), "--ranks", "--timeout", str(timeout)]
        process = subprocess.Popen(launch(ranks, words), env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while len(list(out.glob("runs/*/metrics.jsonl"))) < ranks and time.monotonic() < end:
            time.sleep(0.01)
        rank = ranks_of(process.pid)[victim]
        os.kill(rank, signal.SIGSTOP)
        watch = threading.Timer(100, process.kill)
        watch.start()
        error = ""
        try:
            for line in process.stderr:
                error += line
                if missed is not None and missed in line:
                    os.kill(rank, signal.SIGCONT)
                    missed = None
            process.wait(timeout=10)
        finally:
            watch.cancel()
            process.stderr.close()
            try:
                os.kill(rank, signal.SIGCONT)
            except ProcessLookupError:
                pass
        return process.returncode, error

    def status(self, name):
        return [line["status"] for line in self.ledger(name).values()]

    def runs_of(self, name):
        return {path.name: results(path) for path in (self.folder / name / "runs").iterdir()}

    def test_a_stopped_rank_leaves_the_other_jobs_to_the_others(self):
        code, error = self.stopped("stopped", 3, 1, 2)
        self.assertEqual(code, 1, error)
        self.assertRegex(error, r"rank 1 on \S+ has said nothing for \d+ s")
        self.assertRegex(error, r"which runs runs/\S+; no other job is at work")
        self.assertRegex(error, r"Rank 1 on \S+ answers nobody\.")
        self.assertIn("--resume", error)
        self.assertEqual(sorted(self.status("stopped")), ["done", "done", "done", "running"])
        run(launch(2, [PROGRAM, "sweep", "--out", str(self.folder / "stopped"), "--resume", "--quiet", "--ranks"]))
        run([PROGRAM, "sweep", str(self.config), *self.LONG, "--out", str(self.folder / "never"), "--quiet"])
        self.assertEqual(self.runs_of("stopped"), self.runs_of("never"))
        # One that is continued in time goes on with its job, and nothing is lost.
        code, error = self.stopped("continued", 2, 1, 1, missed="rank 1 on")
        self.assertEqual(code, 0, error)
        self.assertRegex(error, r"rank 1 on \S+ has said nothing for \d+ s")
        self.assertRegex(error, r"rank 1 on \S+ answers again\.")
        self.assertEqual(self.runs_of("continued"), self.runs_of("never"))

    def test_a_stopped_first_rank_ends_all(self):
        code, error = self.stopped("headless", 3, 0, 2)
        self.assertNotEqual(code, 0)
        self.assertRegex(error, r"Rank 0 on \S+ answers nobody\.")
        self.assertIn("--resume", error)

    def reproduced(self, name, *words):
        return [PROGRAM, "reproduce", str(self.study), "train.batch=4", "--out", str(self.folder / name), *words]

    def verdict(self, name):
        """What was found, but for times; each run's folder."""
        found = json.loads((self.folder / name / "verdict.json").read_text())
        for group in found["runs"]:
            for rule in group["rules"]:
                rule.pop("us_per_step_cpu")
                rule.pop("runs")
        return found, {str(path.parent.relative_to(self.folder / name)): results(path.parent)
                       for path in (self.folder / name).glob("*/runs/*/summary.json")}

    def test_ranks_share_the_runs_of_a_study(self):
        run(self.reproduced("study", "--quiet"))
        alone = self.verdict("study")
        self.assertEqual(len(alone[1]), 2 * 3 + 2 * 2 * 2 + 2 * 3)
        for ranks in (2, 3):
            done = run(launch(ranks, self.reproduced(f"study-{ranks}", "--ranks", "--quiet")))
            self.assertEqual(done.stdout.count("all 1 claims hold"), 1)
            self.assertEqual(self.verdict(f"study-{ranks}"), alone)
        run(launch(2, self.reproduced("study-3", "--ranks", "--resume", "--quiet")))  # only read
        self.assertEqual(self.verdict("study-3"), alone)
        error = run(launch(2, [PROGRAM, "reproduce", str(self.study), "--ranks"]), code=2).stderr
        self.assertIn("got no --out", error)

    def test_a_study_over_ranks_goes_on(self):
        process = subprocess.Popen(launch(3, self.reproduced("study-cut", "--ranks", "--quiet")), env=ENVIRONMENT,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while not list(self.folder.glob("study-cut/*/runs/*/metrics.jsonl")) and time.monotonic() < end:
            time.sleep(0.01)
        stop(process.pid)
        error = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, error)
        self.assertNotIn("MPI_ABORT", error)
        run(launch(2, self.reproduced("study-cut", "--ranks", "--resume", "--quiet")))
        run(self.reproduced("study-whole", "--quiet"))
        self.assertEqual(self.verdict("study-cut"), self.verdict("study-whole"))


if __name__ == "__main__":
    unittest.main()
