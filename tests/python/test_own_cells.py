# SPDX-License-Identifier: Apache-2.0
"""A cell in Python is what a built-in one is, under every rule; a task and a loss in Python likewise."""
import warnings

import numpy as np
import pytest

import chronograd as cg
import own_entries  # noqa: F401  its entries
from small import distance, rows, settings


def every_of(rule):
    window = cg.rules[rule].record["window"]
    return "trial" if window == "row" else 4 if window == "interval" else 3


@pytest.mark.parametrize("rule", [str(rule) for rule in cg.rules if not rule.startswith("my_")])
def test_an_own_lstm_is_the_built_in_one_under_every_rule(rule):
    x, y = rows(steps=8)
    mine, theirs = (cg.experiment(cell=cell, hidden=4, rule=rule, loss="mse", every=every_of(rule), dtype="float64", seed=5)
                    for cell in ("my_lstm", "lstm"))
    params = cg.Learner(theirs.changed(rule="rflo", every=1), 2, 2).params
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        signal = {"third": y[..., 0]} if rule == "three_factor" else {}
        found, wanted = (cg.gradient(cell, x, y, params, **signal) for cell in (mine, theirs))
    for name in wanted:
        assert distance(found[name], wanted[name]) < 1e-10, name


def test_an_own_lstm_trains_as_the_built_in_one():
    x, y = rows()
    runs = [cg.train(x=x, y=y, cell=cell, hidden=5, rule="rflo", loss="mse", every=1, dtype="float64", optimizer={"name": "adam"},
                     train={"epochs": 5}, seed=2) for cell in ("my_lstm", "lstm")]
    assert all(distance(runs[0].params[name], runs[1].params[name]) < 1e-9 for name in runs[1].params)
    assert cg.check("my_lstm").passed


def test_constants_and_own_derivatives():
    @cg.cell("my_rectified", states=1, gates=1, constants={"rate": 0.5})
    class Rectified:
        """A leaky unit that rectifies."""

        def step(self, s, u, rate):
            return (1 - rate) * s[0] + rate * np.maximum(u[0], 0)

        def jacobian(self, s, u, rate):
            return [[1 - rate]], [[rate * (u[0] > 0)]]

    x, y = rows()
    rates = [0.1, 0.3, 0.5, 0.7, 0.9]
    mine = cg.experiment(cell="my_rectified", hidden=5, rate=rates, rule="bptt", loss="mse", dtype="float64")
    theirs = cg.experiment(cell="leaky", activation="relu", hidden=5, alpha=rates, rule="bptt", loss="mse", dtype="float64")
    params = cg.Learner(theirs.changed(rule="rflo", every=1), 2, 2).params
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, wanted = cg.gradient(mine, x, y, params, inputs=True), cg.gradient(theirs, x, y, params, inputs=True)
    assert all(distance(found[name], wanted[name]) < 1e-12 for name in wanted)
    with pytest.raises(cg.Error, match="list of 2 numbers"):
        cg.train(mine.changed(rate=[0.1, 0.2]), x, y)


@cg.cell("my_pair", states=2, gates=2, shown=2, constants={"rate": 0.3})
class Pair:
    """Two leaky units as one, both of them shown."""

    def step(s, u, rate):
        return [(1 - rate) * s[k] + rate * np.tanh(u[k]) for k in range(2)]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("rule, every", [("bptt", "trial"), ("rtrl", 1), ("rtrl", 4), ("rflo", 1), ("tbptt(L=3)", 3), ("immediate", 2)])
def test_two_states_that_are_shown_are_two_units(rule, every, layers):
    x, y = rows()
    common = dict(rule="rflo", loss="mse", every=1, dtype="float64", layers=layers)
    pairs, units = (cg.experiment(**common, **kind) for kind in (
        dict(cell="my_pair", hidden=3, rate=0.3), dict(cell="leaky", hidden=6, alpha=0.3)))
    params = cg.Learner(units, 2, 2).params
    first = {"h0": np.random.default_rng(2).standard_normal((3, 6))}
    halves = {"h0": first["h0"][:, :3], "h0_2": first["h0"][:, 3:]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cg.gradient(pairs.changed(rule=rule, every=every), x, y, params, **halves)
    wanted = cg.gradient(units.changed(rule=rule, every=every), x, y, params, **first)
    assert all(distance(found[name], wanted[name]) < 1e-12 for name in wanted)


@pytest.mark.parametrize("step, jacobian, law", [
    (lambda s, u: np.abs(u[0]), None, "complex numbers"),
    (lambda s, u: np.tanh(u[0]), lambda s, u: ([[0 * u[0]]], [[1 - np.tanh(u[0])]]), "not the derivative"),
    (lambda s, u: np.tanh(u[0]) + 0.1 * u[0].sum(-1, keepdims=True), None, "mixes units")])
def test_the_laws_find_faults(step, jacobian, law):
    functions = {"step": staticmethod(step), **({"jacobian": staticmethod(jacobian)} if jacobian else {})}
    cg.cell("my_faulty", states=1, gates=1)(type("Faulty", (), functions))
    x, y = rows()
    with pytest.warns(cg.BrokenLaw, match=law):
        cg.train(x=x, y=y, cell="my_faulty", hidden=5, rule="rflo", loss="mse", every=1)
    with pytest.raises(cg.Error, match=law):
        cg.check("my_faulty")


def test_mistakes_are_named():
    @cg.cell("my_mistaken", states=2, gates=1)
    class Mistaken:
        def step(s, u):
            return s[0], s[1], u[0]
    with pytest.raises(cg.Error, match="3 of them, allowed are 2"):
        cg.train(None, *rows(), cell="my_mistaken", hidden=5, rule="rflo", loss="mse", every=1)


def test_an_own_task(tmp_path):
    config = cg.experiment(cell="gru", hidden=6, rule="rflo", loss="mse", every=1, task={"name": "my_echo", "delay": 1}, seed=4,
                           train={"updates": 90, "batch": 3}, dtype="float64")
    run = cg.train(config, out=tmp_path / "r")
    task = own_entries.Echo({"delay": 1}, 4)
    x, y, mask = (np.stack(parts) for parts in zip(*(task.row("train", number) for number in range(18))))
    by_hand = cg.train(config, threads=1)
    assert run.status == "done" and all(run.params[name].tobytes() == by_hand.params[name].tobytes() for name in run.params)
    assert np.isfinite(run.loss) and x.shape == (18, 15, 1) and mask[0, 0] == 0 and y[0, 1] == x[0, 0]

    @cg.task("my_bad", options={"delay": 2})
    class Bad(own_entries.Echo):
        def row(self, split, number):
            return np.zeros((3, 1)), np.zeros((15, 1))
    with pytest.raises(cg.Error, match=r"\[my_bad: x\] got the shape \(3, 1\)"):
        cg.train(config.changed(task={"name": "my_bad"}))


def test_a_third_factor_is_the_same_of_arrays_files_tables_and_tasks(tmp_path):
    x, y = rows()
    third = np.random.default_rng(1).normal(size=(3, 12, 5))
    config = cg.experiment(**settings(rule="three_factor", dtype="float64", train={"batch": 3, "epochs": 2, "shuffle": False}))
    np.savez(tmp_path / "rows.npz", x=x, y=y, third=third)
    names = ["id", "x0", "x1", "y0", "y1", *(f"r{i}" for i in range(5))]
    lines = [[b, *x[b, t], *y[b, t], *third[b, t]] for t in range(12) for b in range(3)]
    (tmp_path / "rows.csv").write_text("\n".join([",".join(names), *(",".join(map(repr, map(float, line))) for line in lines)]))
    columns = {"train": str(tmp_path / "rows.csv"), "stream": "id", "targets": names[3:5], "third": names[5:]}

    @cg.task("my_signalled")
    class Signalled:
        inputs, outputs, length, rows, third = 2, 2, 12, 3, 5
        def __init__(self, options, seed): pass
        def row(self, split, number): return {"x": x[number], "y": y[number], "third": third[number]}

    expected = cg.train(config, x, y, third=third).params
    for run in (cg.train(config, data={"train": str(tmp_path / "rows.npz")}), cg.train(config, data=columns),
                cg.train(config, task={"name": "my_signalled"})):
        assert all(run.params[name].tobytes() == expected[name].tobytes() for name in expected)
    Signalled.row = lambda self, split, number: (x[number], y[number])
    with pytest.raises(cg.Error, match=r"\[my_signalled: third\] got none in row \d with third = 5"):
        cg.train(config, task={"name": "my_signalled"})
    Signalled.third = 0
    with pytest.raises(cg.Error, match="that have no third factor"):
        cg.train(config, task={"name": "my_signalled"})


def test_an_own_loss():
    x, y = rows()
    mine, theirs = (cg.train(cg.experiment(**settings(loss=loss, dtype="float64")), x, y) for loss in ("my_mse", "mse"))
    assert all(distance(mine.params[name], theirs.params[name]) < 1e-12 for name in theirs.params)

    @cg.loss("my_bad_loss")
    class Bad:
        def value(y, target):
            raise KeyError("no")
    with pytest.raises(KeyError):
        cg.train(cg.experiment(**settings(loss="my_bad_loss")), x, y)
