# SPDX-License-Identifier: Apache-2.0
"""Python and the program give the same bits."""
import json

import numpy as np
import pytest

import chronograd as cg
from small import leaky, program, rows, settings, write

TOML = """seed = 3
[model]
cell = "{cell}"
hidden = 6
[loss]
name = "mse"
[rule]
name = "{rule}"
[update]
every = {every}
[optimizer]
name = "adam"
lr = 0.01
[train]
epochs = 6
report_every = 2
"""


@pytest.mark.parametrize("cell, rule, every", [("gru", "rflo", 1), ("leaky", "rtrl", 2), ("lstm", "bptt", '"trial"')])
def test_training(tmp_path, cell, rule, every):
    text = TOML.format(cell=cell, rule=rule, every=every)
    x, y = rows()
    np.savez(tmp_path / "d.npz", x=x, y=y)
    done = program("train", write(tmp_path / "c.toml", text), "--data", tmp_path / "d.npz", "--out", tmp_path / "run", "--quiet")
    assert done.returncode == 0, done.stderr
    run = cg.train(text, x, y)
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert len(lines) > 1 and len(run.metrics) == len(lines)
    for mine, theirs in zip(run.metrics, lines):
        assert {k: v for k, v in mine.items() if "second" not in k} == {k: v for k, v in theirs.items() if "second" not in k}
    with np.load(tmp_path / "run/params.npz") as params:
        assert set(params.files) == set(run.params)
        for name in params.files:
            assert params[name].dtype == run.params[name].dtype
            assert params[name].tobytes() == run.params[name].tobytes(), name


@pytest.mark.parametrize("rule", ["bptt", "snap(n=2)"])
def test_gradient(tmp_path, rule):
    x, y = rows()
    every = {"bptt": "trial"}.get(rule, 1)
    config = cg.experiment(**settings(rule=rule, every=every, dtype="float64"))
    np.savez(tmp_path / "d.npz", x=x, y=y)
    np.savez(tmp_path / "p.npz", **leaky())
    more = ["--inputs"] if rule == "bptt" else ["--per-step"]
    done = program("gradient", write(tmp_path / "c.toml", config.text), "--data", tmp_path / "d.npz", "--params",
                   tmp_path / "p.npz", "--out", tmp_path / "g.npz", *more)
    assert done.returncode == 0, done.stderr
    found = cg.gradient(config, x, y, leaky(), inputs=rule == "bptt", per_step=rule != "bptt")
    with np.load(tmp_path / "g.npz") as wanted:
        assert set(wanted.files) == set(found)
        for name in wanted.files:
            assert wanted[name].tobytes() == found[name].tobytes(), name


def test_recorded_run_and_resume(tmp_path):
    config = cg.experiment(**settings(task={"name": "sine"}, train={"updates": 400, "report_every": 100}))
    whole = cg.train(config)
    stopped = cg.train(config, out=tmp_path / "run", callback=lambda line: line["update"] < 200)
    assert stopped.status == "stopped" and stopped.updates < 400
    run = cg.train(config, out=tmp_path / "run", resume=True)
    assert run.status == "done" and [line["loss"] for line in run.metrics] == [line["loss"] for line in whole.metrics]
    assert all(run.params[name].tobytes() == whole.params[name].tobytes() for name in whole.params)
    assert "<html" in (tmp_path / "run/report.html").read_text() if run.report(show=False) else False


def test_errors_are_the_programs(tmp_path):
    for text, code in [("[model]\ncell = 'leaky'\nhidden = 3\n[rule]\nname = 'rflow'\n[loss]\nname = 'mse'\n", 2),
                       ("[model]\ncell = 'leaky'\nhidden = -1\n[rule]\nname = 'rflo'\n[loss]\nname = 'mse'\n", 2)]:
        done = program("train", write(tmp_path / "config", text), "--out", tmp_path / "r")
        with pytest.raises(cg.Error) as caught:
            cg.experiment(text)
        assert done.returncode == code == caught.value.code
        assert str(caught.value) == done.stderr.strip().replace(str(tmp_path) + "/", "")
