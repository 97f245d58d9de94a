# SPDX-License-Identifier: Apache-2.0
"""Comparisons, sweeps, checks and what results can do."""
import json

import numpy as np
import pytest

import chronograd as cg
from small import program, rows, settings, write

CONFIG = settings(task={"name": "sine"}, train={"updates": 60, "report_every": 20})


def test_comparing_gives_the_programs_losses(tmp_path):
    config = cg.experiment(**CONFIG)
    found = cg.compare(config, ["rflo", cg.rules.snap(n=2)], seeds=3, times=False)
    done = program("compare", write(tmp_path / "c.toml", config.text), "--rules", "rflo,snap(n=2)", "--seeds", "0..2", "--json",
                   "--quiet", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    wanted = json.loads(done.stdout)
    for mine, theirs in zip(found.rows, wanted["rules"]):
        assert mine["loss"] == theirs["loss"] and mine["cosine"] == theirs["cosine"] and mine["rule"] == theirs["rule"]
    assert list(found) == ["rflo", "snap(n=2)"] and len(found["snap(n=2)"]) == 3
    assert found["rflo"][1].curve().shape == (3, 2) and found["rflo"][1].config[""]["seed"] == 1
    assert np.mean(found.losses()["rflo"]) == pytest.approx(found.rows[0]["loss"], rel=1e-12)


def test_comparing_on_arrays():
    x, y = rows()
    found = cg.compare(cg.experiment(**settings()), ["rflo", "rtrl"], x, y, seeds=2, times=False, alignment=False)
    wanted = cg.train(cg.experiment(**settings(rule="rtrl", seed=1)), x, y)
    assert found["rtrl"][1].params["W_rec"].tobytes() == wanted.params["W_rec"].tobytes()


def test_sweeping_gives_the_programs_rows(tmp_path):
    config = cg.experiment(**CONFIG)
    found = cg.sweep(config, {"rule.name": ["rflo", "snap(n=2)"], "optimizer.lr": "log(0.01,0.1,2)"}, out=tmp_path / "a", seeds=2)
    done = program("sweep", write(tmp_path / "c.toml", config.text), "rule.name=rflo,snap(n=2)", "optimizer.lr=log(0.01,0.1,2)",
                   "--seeds", "0,1", "--out", tmp_path / "b", "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    wanted = json.loads(done.stdout)
    assert [(row["values"], row["loss"]) for row in found.rows] == [(row["values"], row["loss"]) for row in wanted["rows"]]
    again = cg.sweep(config, ["rule.name=rflo,snap(n=2)", "optimizer.lr=log(0.01,0.1,2)"], out=tmp_path / "a", seeds=2, resume=True)
    assert again.rows == found.rows and "<html" in open(found.report(show=False)).read()
    assert len(found.to_pandas()) == 4 and "<table>" in found._repr_html_()


def test_checks():
    checks = cg.check(["rflo", "snap"], cells=["gru"])
    assert checks.passed and {row["rule"].partition("(")[0] for row in checks} == {"rflo", "snap"} and "ok" in checks.table()
    assert cg.check(cg.experiment(**settings(alpha=0.3))).passed
    with pytest.raises(cg.Error, match="did you mean rflo"):
        cg.check("rflow", cells=["gru"])


def test_results_can_be_looked_at():
    pytest.importorskip("pandas")
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    x, y = rows()
    run = cg.train(cg.experiment(**CONFIG, watch={"rules": ["rtrl"], "every": 5}))
    frame = run.to_pandas()
    assert list(frame["loss"]) == [line["loss"] for line in run.metrics] and "cosine.rtrl" in frame
    assert run.curve("cosine.rtrl")[:, 1].max() <= 1 + 1e-9 and "rflo" in run.table() and "<table>" in run._repr_html_()
    ax = run.plot()
    assert ax.lines[0].get_color() == cg.style("rflo")["color"] and ax.get_ylabel() == "loss"
    both = cg.compare(cg.experiment(**CONFIG), ["rflo", "uoro"], seeds=2, times=False, alignment=False)
    assert [line.get_label() for line in both.plot().lines] == ["rflo", "uoro"]
    assert both.plot().lines[1].get_color() != ax.lines[0].get_color()
    with pytest.raises(cg.Error, match="out=FOLDER"):
        run.report()


def test_mistakes_are_named():
    config = cg.experiment(**CONFIG)
    with pytest.raises(cg.Error, match="rules"):
        cg.compare(config)
    with pytest.raises(cg.Error, match="unknown"):
        cg.compare(config, ["rflow"])
    with pytest.raises(cg.Error, match=r"\[y\] is missing"):
        cg.train(config, np.zeros((1, 2, 3)))
    with pytest.raises(cg.Error, match="without x"):
        cg.train(config, None, np.zeros((1, 2, 3)))
    with pytest.raises(cg.Error, match=r"\[resume\]"):
        cg.train(config, resume=True)
    with pytest.raises(cg.Error, match=r"\[params\]"):
        cg.gradient(config, *rows())
