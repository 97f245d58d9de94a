# SPDX-License-Identifier: Apache-2.0
"""What is checked of rules and cells: oracles for built-in ones, laws for all, and a first look at own ones."""
from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _chronograd, _own
from ._numbers import error
from ._settings import Config, experiment, toml
from ._shown import html_table


class BrokenLaw(UserWarning):
    """An own rule or cell does not keep what every one keeps, or what it says of itself."""


class Checks(list):
    """Rows of checks, each a dict with `passed`, what was measured (`error`) and how much is allowed (`tolerance`)."""

    @property
    def passed(self) -> bool:
        return all(row["passed"] for row in self)

    @property
    def broken(self) -> list[dict[str, Any]]:
        return [row for row in self if not row["passed"]]

    def table(self) -> str:
        return "\n".join(f"{'ok  ' if row['passed'] else 'FAIL'} {row['rule']:<14} {row['cell']:<14} {row['quantity']}: "
                         f"{row['error']:.2g}, allowed {row['tolerance']:.2g} {row['detail']}".rstrip() for row in self)

    def __repr__(self) -> str:
        return f"<chronograd checks: {len(self)}, {len(self.broken)} failed>"

    def _repr_html_(self) -> str:
        """The worst of each kind: a check of a rule has hundreds of rows."""
        worst: dict[tuple[str, str, str], dict[str, Any]] = {}
        count: dict[tuple[str, str, str], int] = {}
        for row in self:
            kind = row["rule"], row["cell"], row["quantity"]
            count[kind] = count.get(kind, 0) + 1
            if kind not in worst or (worst[kind]["passed"], -_share(worst[kind])) > (row["passed"], -_share(row)):
                worst[kind] = row
        return html_table(["", "rule", "cell", "what", "times", "largest error", "allowed"],
                          [["ok" if row["passed"] else "FAIL", *kind, count[kind], f"{row['error']:.2g}", f"{row['tolerance']:.2g}"]
                           for kind, row in sorted(worst.items(), key=lambda item: item[1]["passed"])])


def _share(row: dict[str, Any]) -> float:
    """Of what is allowed; NaN is more than anything."""
    error, tolerance = row["error"], row["tolerance"]
    return np.inf if error != error else error / tolerance if tolerance > 0 else (np.inf if error > 0 else 0.0)


def _rule_laws(rule: str, cell: str, layers: int, options: list[str]) -> Checks:
    laws = _chronograd.check_laws(rule, cell, layers, options, 0)
    return Checks({"rule": rule, "cell": cell if layers == 1 else f"{cell} x {layers}", "quantity": f"law {law['name']}: {law['text']}", "error": law["measured"],
                   "tolerance": law["tolerance"], "passed": law["verdict"] == "kept",
                   "detail": "" if law["verdict"] == "kept" else law["why"]}
                  for law in laws if law["verdict"] != "not applicable")


def _cell_laws(name: str) -> Checks:
    """The factors of a cell against central differences of its step, and that a unit acts on no other."""
    worker, constants = _own.cells[name]
    random = np.random.default_rng(0)
    units = 5
    s, u = random.normal(0, 0.7, (worker.states, 2, units)), random.normal(0, 0.7, (worker.gates, 2, units))
    values = {key: np.broadcast_to(np.asarray(value["default"] if isinstance(value, Mapping) else value, float), units)
              for key, value in constants.items()}
    after, a, b = worker(s, u, values)
    slopes, step = np.concatenate([a, b], 1), 1e-6
    worst = 0.0
    for k in range(worker.states + worker.gates):
        sides = []
        for sign in (1, -1):
            s_moved, u_moved = s.copy(), u.copy()
            (s_moved if k < worker.states else u_moved)[k - (worker.states if k >= worker.states else 0)] += sign * step
            sides.append(np.asarray(worker.after(s_moved, u_moved, values)))
        wanted = (sides[0] - sides[1]) / (2 * step)
        worst = max(worst, float(np.abs(slopes[:, k] - wanted).max())) if np.isfinite(slopes[:, k]).all() else np.nan
    u_moved = u.copy()
    u_moved[:, :, 0] += 1
    s_moved = s.copy()
    s_moved[:, :, 0] += 1
    others = np.asarray(worker.after(s_moved, u_moved, values))[..., 1:] - np.asarray(after)[..., 1:]
    apart = float(np.abs(others).max())

    def row(quantity: str, measured: float, tolerance: float, why: str) -> dict[str, Any]:
        passed = bool(measured <= tolerance)
        return {"rule": "-", "cell": name, "quantity": quantity, "error": measured, "tolerance": tolerance, "passed": passed,
                "detail": "" if passed else why}
    how = ("jacobian() is not the derivative of step()" if worker.jacobian is not None
           else "step() is not a formula that takes complex numbers: give jacobian(s, u)")
    return Checks([row("law slopes: ds'/ds and ds'/du are the derivatives of step", worst, 1e-6, how),
                   row("law units: a unit is by itself", apart, 0.0, "step() mixes units: they may meet in u = W z alone")])


_HINTS = {
    "segments": "What learn() needs of earlier segments is carried in attributes that `state` names; or say segments=\"interval\".",
    "streams": "Streams, the axis B, may not mix; a model that is learnt from all of them says one_shard=True.",
    "reset": "Where segment.cut is 1 nothing of the stream's past may count (there A of linearise is 0).",
    "silence": "A gradient came without an error: all of it must be a product with credit.",
    "again": "Random numbers must come from net.seed alone.",
    "state": "`state` must name all attributes that learn() carries over.",
    "past": "Or say past_facing=False.",
    "exact": "promise=\"exact\" is more than the rule keeps; in a stack also where it has each layer to itself."}


def _words(broken: list[dict[str, Any]]) -> str:
    first = broken[0]
    where = f"rule {first['rule']}" if first["rule"] != "-" else f"cell {first['cell']}"
    measured: dict[str, list[dict[str, Any]]] = {}
    raised: dict[tuple[str, str], list[str]] = {}  # an exception breaks several laws at once
    for row in broken:
        if row["error"] != row["error"] and row["detail"]:
            raised.setdefault((row["cell"], " ".join(row["detail"].split())), []).append(row["quantity"].split(":")[0])
        else:
            measured.setdefault(row["quantity"], []).append(row)
    told = [f"{', '.join(names)} (on {cell}): it raised {what}" for (cell, what), names in raised.items()]
    for law, rows in measured.items():
        numbers = ", ".join(f"{row['error']:.2g} on {row['cell']}" for row in rows)
        hint = _HINTS.get(law.split(":")[0].partition(" ")[2], rows[0]["detail"]) if first["rule"] != "-" else rows[0]["detail"]
        told.append(f"{law} (measured {numbers}; allowed {rows[0]['tolerance']:.2g}). {hint}")
    return f"[{where}] breaks\n  " + "\n  ".join(told)


def _say(checks: Checks, strict: bool) -> None:
    if checks.passed:
        return
    if strict:
        raise error(1, *_parts(_words(checks.broken)))
    warnings.warn(_words(checks.broken), BrokenLaw, stacklevel=4)


def _parts(words: str) -> tuple[str, str]:
    where, _, what = words[1:].partition("] ")
    return where, what


def first_use(config: Config, strict: bool) -> None:
    """Own entries that a configuration names are held against the laws, once a process: on its cell, with its settings."""
    if not _own.rules and not _own.cells:
        return
    cell, layers, settings = config["model"]["cell"], min(config["model"]["layers"], 2), config["rule"]
    if cell in _own.cells and (strict or cell not in _own.asked_cells):
        _own.asked_cells.add(cell)
        _say(_cell_laws(cell), strict)
    names = [settings["name"], *(word.partition("(")[0].strip() for word in _watched(config))]
    for name in dict.fromkeys(names):
        if name not in _own.rules:
            continue
        own = _chronograd.describe_json("rule", name)
        keys = [option["key"] for option in json.loads(own)["options"]] if name == settings["name"] else []
        options = [f"{key}={toml(settings[key], key)}" for key in keys if key in settings]
        case = (cell, layers, *options)
        if strict or case not in _own.rules[name]:
            _own.rules[name].add(case)
            _say(_rule_laws(name, cell, layers, options), strict)


def _watched(config: Config) -> list[str]:
    return list(config["watch"].get("rules", []))


def loaded() -> None:
    """What a file that was loaded brought, on a cell of its own."""
    for name in _own.cells:
        _say(_cell_laws(name), False)
    for name in _own.rules:
        _say(_rule_laws(name, "leaky", 1, []), False)


def check(what: Any, cells: list[str], seeds: int, settings: Mapping[str, Any]) -> Checks:
    if what is None and not settings:
        raise error(2, "check", "what is to be checked? Allowed are names of rules, own cells, or a configuration.")
    if isinstance(what, (list, tuple)):
        checks = Checks()
        for one in what:
            checks += check(one, cells, seeds, {})
        return checks
    name = str(getattr(what, "entry", what))
    if not settings and name in _own.cells:
        checks = _cell_laws(name)
        for rule in ("bptt", "rtrl"):
            checks += _rule_laws(rule, name, 1, [])
    elif not settings and name in _own.rules:
        checks = Checks()
        for cell in cells or ["leaky", "gru"]:
            for layers in _own.stacks[name]:
                rows = _rule_laws(name, cell, layers, [])
                checks += rows
                if not rows.passed:  # the same again in a stack says nothing new
                    break
    elif isinstance(what, str) and not settings and name.isidentifier():
        return Checks(_chronograd.check_rules([name], cells, seeds))
    else:
        config = experiment(what, **settings)
        first_use(config, True)
        if config["rule"]["name"] in _own.rules or config["model"]["cell"] in _own.cells:
            return _rule_laws(config["rule"]["name"], config["model"]["cell"], config["model"]["layers"], [])
        return Checks(_chronograd.check_config(config._inner, seeds))
    if not checks.passed:
        raise error(1, *_parts(_words(checks.broken)))
    return checks

