# SPDX-License-Identifier: Apache-2.0
"""Long work: Ctrl-C, the interpreter beside it, callbacks, progress."""
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import chronograd as cg
from small import settings

LONG = {"task": {"name": "sine"}, "train": {"updates": 10**9, "report_every": 10**4}}
CALLS = {
    "train": "cg.train(config)",
    "compare": "cg.compare(config, ['rflo', 'rtrl'], seeds=2, jobs=2)",
    "sweep": "cg.sweep(config, {'optimizer.lr': [0.01, 0.1]}, out=folder, jobs=2)",
    "gradient": "cg.gradient(config, np.zeros((1, 40_000_000, 1)), np.zeros((1, 40_000_000, 2)), "
                "cg.Learner(config, 1, 2).params)",
    "evaluate": "cg.evaluate(config, np.zeros((1, 40_000_000, 1)), np.zeros((1, 40_000_000, 2)), cg.Learner(config, 1, 2).params)",
    "a_row": "cg.train(config.changed(**ROW, rule='rtrl', hidden=128))",
    "own_rule": "cg.train(config.changed(**ROW, rule='slow'))",
    "gradient_of_a_row": "cg.gradient(config.changed(rule='rtrl', hidden=128, every='trial'), np.zeros((1, 100_000, 1)), "
                         "np.zeros((1, 100_000, 2)), cg.Learner(config.changed(hidden=128), 1, 2).params)",
    "predict": "cg.predict(config.changed(layers=8), np.zeros((1, 4_000_000, 1)), cg.Learner(config.changed(layers=8), 1, 2).params)",
    "check": "cg.check(['rtrl', 'ok', 'uoro', 'kf_rtrl', 'dni'])",
    "step_many": "cg.Learner(config, 1, 2).step_many(np.zeros((30_000_000, 1), np.float32), np.zeros((30_000_000, 2), np.float32))"}


def slowness():
    """How many times slower than alone this process runs now: other work takes the processor."""
    begin, worked = time.monotonic(), time.process_time()
    while time.process_time() - worked < 0.05:
        pass
    return (time.monotonic() - begin) / 0.05


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_within_a_second(tmp_path, name):
    code = f"""
import sys, time, threading, signal, os, numpy as np, chronograd as cg
config, folder = cg.experiment(**{settings(**LONG)!r}), {str(tmp_path / "s")!r}
ROW = dict(every="trial", task=dict(name="sine", length=100_000), train=dict(updates=10))

@cg.rule("slow", promise="biased")
class Slow:
    "It looks at each step of a row."
    state = []
    def __init__(self, net, options): self.shape = net.gates, net.units, net.columns
    def begin(self): pass
    def learn(self, segment, credit):
        for k in range(segment.steps):
            segment.linearise(k)
            time.sleep(1e-3)
        return np.zeros(self.shape)

sent = []
def send():
    time.sleep(1)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send).start()
try:
    {CALLS[name]}
    print("ended")
except KeyboardInterrupt:
    print(time.monotonic() - sent[0] if sent else "too early")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < max(1, 2 * slowness()), done.stdout


def test_other_threads_go_on():
    counted = []

    def count():
        while not stop.is_set():
            counted.append(time.monotonic())
            time.sleep(0.005)
    stop = threading.Event()
    thread = threading.Thread(target=count)
    thread.start()
    begin = time.monotonic()
    cg.train(cg.experiment(**settings(hidden=64, rule="rtrl", task={"name": "sine"}, train={"updates": 400})))
    stop.set()
    thread.join()
    gaps = [b - a for a, b in zip(counted, counted[1:])]
    assert len(counted) > 3 and max(gaps) < max(0.5, 0.5 * (time.monotonic() - begin))


def test_callbacks_run_where_the_caller_is():
    seen = []
    config = cg.experiment(**settings(task={"name": "sine"}, train={"updates": 300, "report_every": 50}))
    run = cg.train(config, callback=lambda line: seen.append((threading.get_ident(), line["update"])))
    assert [update for _, update in seen] == [line["update"] for line in run.metrics] == [50, 100, 150, 200, 250, 300]
    assert {thread for thread, _ in seen} == {threading.get_ident()}
    names = set()
    cg.compare(config, ["rflo", "snap"], seeds=[0, 3], jobs=2, times=False, alignment=False,
               callback=lambda line, rule, seed: names.add((rule, seed, threading.get_ident())))
    assert names == {(rule, seed, threading.get_ident()) for rule in ("rflo", "snap") for seed in (0, 3)}


def test_progress_is_shown_where_it_is_wanted(capfd):
    config = cg.experiment(**settings(hidden=64, rule="rtrl", task={"name": "sine"}, train={"updates": 2000}))
    cg.train(config, progress=False)
    assert capfd.readouterr().err == ""
    cg.train(config, progress=True)
    assert "rtrl:" in capfd.readouterr().err


def test_signals_are_the_interpreters_afterwards():
    cg.train(cg.experiment(**settings(task={"name": "sine"}, train={"updates": 10})))
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
