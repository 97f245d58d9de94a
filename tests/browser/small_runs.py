# SPDX-License-Identifier: Apache-2.0
"""Real runs, small ones, for pictures and pages: several rules and seeds, random feedback, a watched one, one that
diverges, one whose exact influence leaves the range of its numbers, and names that would be markup if they were not
escaped."""
import pathlib
import subprocess

STREAM = """
[model]
cell = "{cell}"
hidden = 6
[loss]
name = "cross_entropy"
[rule]
name = "rtrl"
[update]
every = 1
[optimizer]
lr = 0.02
[task]
name = "add"
[train]
updates = 400
report_every = 8
test_steps = 200
"""


def train(program, folder, name, *changes, cell="leaky", code=0):
    config = pathlib.Path(folder) / f"{cell}.toml"
    config.write_text(STREAM.format(cell=cell))
    out = pathlib.Path(folder) / name
    ended = subprocess.run([program, "train", str(config), *changes, "--out", str(out), "--quiet"], capture_output=True,
                           text=True)
    if ended.returncode != code:
        raise AssertionError(f"{changes}: exit {ended.returncode}, {ended.stderr}")
    return out


def make(program, folder):
    """Returns a folder with runs."""
    runs = pathlib.Path(folder) / "<b onclick='x()'>&runs"
    for seed in range(2):
        train(program, folder, runs / f"rtrl{seed}", f"seed={seed}")
        train(program, folder, runs / f"rflo{seed}", f"seed={seed}", "rule.name=rflo", "rule.feedback=random")
    train(program, folder, runs / "watched", "seed=0", "rule.name=rflo", "rule.feedback=random",
          'watch.rules=["rtrl", "snap(n=1)"]', "watch.every=4", "watch.credit=5")
    train(program, folder, runs / "diverged", "rule.name=snap", "model.activation=relu", "model.gain=5",
          "optimizer.lr=1e9", code=3)
    train(program, folder, runs / "chaotic", "rule.name=tbptt", "rule.L=4", "update.every=4", "train.updates=100",
          "model.hidden=24", "model.alpha=1.0", "model.gain=4", "optimizer.lr=1e-4", 'watch.rules=["rtrl"]', "watch.every=1",
          "watch.credit=5")
    train(program, folder, runs / "spiking", "rule.name=eprop", "rule.feedback=random", "model.beta=[0,0,0,0.2,0.2,0.2]",
          "model.gain=2", "readout.tau_out=5", cell="alif")
    return runs
