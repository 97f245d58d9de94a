# SPDX-License-Identifier: Apache-2.0
"""What can be done with an experiment: the functions of the package."""
from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from . import _chronograd, _laws
from ._numbers import error, numbers, parameters, rows
from ._results import Comparison, Run, Sweep
from ._settings import Config, Settings, experiment, toml
from ._shown import Progress

Path = "str | os.PathLike[str]"


def _rows(config: Config, x: Any, y: Any, others: Mapping[str, Any], test: Any = None, params: Any = None) -> Any:
    """The rows to learn from: those of the arrays, else those that the configuration names."""
    if x is None:
        given = [name for name, value in {"y": y, "test": test, **others}.items() if value is not None]
        if given:
            raise error(2, given[0], "was given without x. Give both, or neither: then the rows are those of [task] or [data].")
        return _chronograd.rows_of_configuration(config._inner, "", params)
    if isinstance(x, (str, os.PathLike)):
        if y is not None:
            raise error(2, "y", "was given beside a file, which holds its own targets.")
        return _chronograd.rows_of_configuration(config._inner, os.fspath(x), params)
    if y is None:
        raise error(4, "y", "is missing: the targets of x.")
    further: dict[str, np.ndarray] | None = None
    if test is not None:
        if isinstance(test, Mapping):
            test = dict(test)
            further = rows(test.pop("x", None), test.pop("y", None), test)
        else:
            further = rows(test[0], test[1], {}) if len(test) == 2 else None
        if further is None:
            raise error(2, "test", "allowed is (x, y), or a dict of arrays by their names.")
    return _chronograd.rows_of_arrays(config._inner, rows(x, y, others), further, params)


def _arrays(mask: Any, lengths: Any, reset: Any, states: Mapping[str, Any]) -> dict[str, Any]:
    return {"mask": mask, "lengths": lengths, "reset": reset, **states}


def _states(settings: dict[str, Any]) -> dict[str, Any]:
    """Takes first states (h0, c0, h0_l1, ...) and the third factor out of keywords: no setting has such a name."""
    import re
    return {name: settings.pop(name) for name in list(settings) if re.fullmatch(r"[a-z]+(_[a-z]+)?0(_\d+)?(_l\d+)?|third", name)}


def train(config: Settings = None, x: Any = None, y: Any = None, *, mask: Any = None, lengths: Any = None,
          reset: Any = None, test: Any = None, params: Any = None, out: Any = None, resume: bool = False,
          threads: int = 0, callback: Callable[[dict[str, Any]], Any] | None = None, progress: bool | None = None,
          strict: bool = False, **settings: Any) -> Run:
    """Trains a network; what the program's verb train does, to the same bits.

    x (B,T,n) or (T,n) and y, with mask, lengths, reset, a third factor (`third=`) and first states (`h0=`) as in data files;
    without them the rows are those of [task] or [data]. Arrays are read where they lie. `test`: (x, y), or a dict of arrays. `params`: where to begin.
    `out`: a folder where the run is recorded, with checkpoints; `resume` goes on with it. `callback` gets each line of
    metrics as a dict; False stops the run. `progress`: None shows it in terminals and notebooks. `strict`: an own rule or
    cell that breaks a law is an error. Further keywords are settings, see :func:`experiment`.

    >>> import chronograd as cg
    >>> run = cg.train(cell="leaky", hidden=8, alpha=0.5, rule="rflo", loss="mse", every=1, lr=0.01,
    ...                task=dict(name="sine"), train=dict(updates=200))
    >>> run.status, run.updates, sorted(run.params)
    ('done', 200, ['W_in', 'W_out', 'W_rec', 'b_h', 'b_y'])
    """
    states = _states(settings)
    config = experiment(config, **settings)
    begin = parameters(params)
    _laws.first_use(config, strict)
    data = _rows(config, x, y, _arrays(mask, lengths, reset, states), test, begin)
    folder = None if out is None else os.fspath(out)
    if resume and folder is None:
        raise error(2, "resume", "which run is to go on? Give its folder: out=.")
    shown = Progress(progress, config["rule"]["name"])
    listener = None if callback is None else lambda line, name, seed: callback(json.loads(line))
    try:
        told = _chronograd.train(config._inner, data, begin, folder or "", resume, threads, listener, shown.listener)
    finally:
        shown.end()
    told["notes"] = [*data.notes, *told["notes"]]
    if folder is not None:
        with open(os.path.join(folder, "metrics.jsonl"), encoding="utf-8") as file:
            told["metrics"] = file.read().splitlines()
    return Run(config, told, folder)


def gradient(config: Settings = None, x: Any = None, y: Any = None, params: Any = None, *, mask: Any = None,
             lengths: Any = None, reset: Any = None, per_step: bool = False, inputs: bool = False, states: bool = False,
             strict: bool = False, **settings: Any) -> dict[str, np.ndarray]:
    """The gradient of all rows under frozen weights, by any rule: what the program's verb gradient writes.

    Each parameter's gradient by its name; `loss`, `loss_t` (B,T), `h` (B,T,d), `y` (B,T,m); with `per_step` (past-facing
    rules, every=1) `grad_t/NAME` (T,...); with `inputs` (exact rules) `grad/x` (B,T,n) and `grad/h0` (B,d); with `states`
    the states behind h (B,T,d) by their names in data without the 0 (`c` of lstm; `v`, `a`, `threshold`, `psi` of alif).

    >>> import chronograd as cg, numpy as np
    >>> c = cg.experiment(cell="leaky", hidden=2, alpha=1.0, rule="bptt", loss="mse", dtype="float64")
    >>> p = dict(W_rec=np.eye(2) / 2, W_in=np.ones((2, 1)), b_h=np.zeros(2), W_out=np.ones((1, 2)), b_y=np.zeros(1))
    >>> g = cg.gradient(c, np.ones((1, 3, 1)), np.zeros((1, 3, 1)), p)
    >>> g["W_rec"].shape, round(float(g["loss"]), 6)
    ((2, 2), 4.310628)
    """
    first = _states(settings)
    config = experiment(config, **settings)
    given = parameters(params)
    if given is None:
        raise error(2, "params", "are missing: the weights at which the gradient is taken.")
    _laws.first_use(config, strict)
    data = _rows(config, x, y, _arrays(mask, lengths, reset, first), None, given)
    return _chronograd.gradient(config._inner, data, given, per_step, inputs, states)[0]


def _network(network: Any, params: Any, settings: dict[str, Any]) -> tuple[Config, dict[str, np.ndarray]]:
    if isinstance(network, Run):
        config = network.config.changed(**settings)
        given = network.params if params is None else parameters(params)
    else:
        config, given = experiment(network, **settings), parameters(params)
    if given is None:
        raise error(2, "params", "are missing: the weights of the network.")
    return config, given


def predict(network: Any, x: Any, params: Any = None, *, y: Any = None, mask: Any = None, lengths: Any = None,
            reset: Any = None, states: bool = False, **settings: Any) -> Any:
    """What a network says to inputs: y (B,T,m) after the output activation, or (T,m) for x (T,n).

    `network`: a :class:`Run`, or a configuration with `params`. With `states` a dict with `y`, `h` (B,T,d) and, where targets
    `y` were given, `loss_t` (B,T).

    >>> import chronograd as cg, numpy as np
    >>> run = cg.train(cell="leaky", hidden=4, rule="rflo", loss="mse", every=1, task=dict(name="sine"),
    ...                train=dict(updates=10))
    >>> cg.predict(run, np.zeros((5, 1))).shape
    (5, 2)
    """
    first = _states(settings)
    config, given = _network(network, params, settings)
    one = False
    if not isinstance(x, (str, os.PathLike)):
        arrays = rows(x, None, {})
        box = arrays["x"] if "x" in arrays else numbers("x", x)
        one = box.ndim == 2
        if "lengths" in arrays:
            lengths, x = arrays["lengths"], box
        if y is None:
            if box.ndim not in (2, 3):
                raise error(4, "x", f"got the shape {box.shape}, allowed is (B,T,n) or (T,n).")
            if "W_out" not in given:
                raise error(4, "params", "have no W_out: the readout's weights.")
            classes = _chronograd.takes_classes(config._inner)
            nothing = np.zeros((), np.int64 if classes else np.float64)
            y = np.broadcast_to(nothing, box.shape[:-1] if classes else (*box.shape[:-1], len(given["W_out"])))
            asked = False
        else:
            asked = True
    else:
        asked = True
    data = _rows(config, x, y, _arrays(mask, lengths, reset, first), None, given)
    found = _chronograd.evaluate(config._inner, data, given, "train", True)[1]
    if one:
        found = {name: array[0] if array.ndim > 1 else array for name, array in found.items()}
    if not states:
        return found["y"]
    return {name: found[name] for name in (("y", "h", "loss_t") if asked else ("y", "h"))}


def evaluate(network: Any, x: Any = None, y: Any = None, params: Any = None, *, mask: Any = None, lengths: Any = None,
             reset: Any = None, **settings: Any) -> dict[str, Any]:
    """Loss, accuracy and further measures of a network: of arrays or a file, or else of the configuration's test rows."""
    first = _states(settings)
    config, given = _network(network, params, settings)
    data = _rows(config, x, y, _arrays(mask, lengths, reset, first), None, given)
    return _chronograd.evaluate(config._inner, data, given, "test" if x is None else "train", False)[0]


def _seeds(seeds: Any) -> list[int]:
    return [int(seed) for seed in (range(seeds) if isinstance(seeds, int) else seeds)]


def compare(config: Settings = None, rules: Sequence[str] = (), x: Any = None, y: Any = None, *, mask: Any = None,
            lengths: Any = None, reset: Any = None, test: Any = None, params: Any = None, seeds: int | Iterable[int] = 5,
            jobs: int = 0, out: Any = None, resume: bool = False, alignment: bool = True, times: bool = True,
            callback: Callable[[dict[str, Any], str, int], Any] | None = None, progress: bool | None = None,
            strict: bool = False, **settings: Any) -> Comparison:
    """The same network, data and seeds under several rules: what the program's verb compare does.

    `seeds`: a number of them, or which; `jobs` runs go side by side (0: as many as cores); `alignment` and `times` measure the
    cosine with the exact gradient and the time of a step in runs of their own. `callback` gets (metrics, rule, seed).
    """
    states = _states(settings)
    if not rules:
        raise error(2, "rules", "are missing. Example: rules=[\"rflo\", cg.rules.snap(n=2)].")
    words = [str(rule) for rule in ([rules] if isinstance(rules, str) else rules)]
    config = experiment(config, **{"rule": words[0], **settings} if not isinstance(config, (Config, str, os.PathLike)) else settings)
    begin = parameters(params)
    for word in words:
        _laws.first_use(config.changed(rule=word), strict)
    data = _rows(config, x, y, _arrays(mask, lengths, reset, states), test, begin)
    shown = Progress(progress, "compare")
    listener = None if callback is None else lambda line, name, seed: callback(json.loads(line), name, seed)
    wanted = dict(folder=os.fspath(out) if out is not None else "", resume=resume, alignment=alignment, times=times, jobs=jobs)
    try:
        told = _chronograd.compare(config._inner, words, _seeds(seeds), data, begin, wanted, listener, shown.listener)
    finally:
        shown.end()
    told["notes"] = [*data.notes, *told["notes"]]
    return Comparison(config, told, None if out is None else os.fspath(out))


def sweep(config: Settings = None, axes: Mapping[str, Any] | Sequence[str] = (), *, out: Any, seeds: int | Iterable[int] = 1,
          samples: int = 0, data: Any = None, params: Any = None, jobs: int = 0, resume: bool = False,
          fail_fast: bool = False, progress: bool | None = None, strict: bool = False, **settings: Any) -> Sweep:
    """An experiment at many settings, rules and seeds: what the program's verb sweep does, in the folder `out`.

    `axes`: a dict of lists, `{"rule.name": ["rflo", "snap(n=2)"], "optimizer.lr": "log(1e-3, 1e-1, 5)"}`; a text is as on
    the command line (`lin`, `log`, `uniform`, `loguniform`). `data` and `params` are files.
    """
    config = experiment(config, **settings)
    words = [f"{key}={_axis(key, value)}" for key, value in axes.items()] if isinstance(axes, Mapping) else list(axes)
    _laws.first_use(config, strict)
    if isinstance(axes, Mapping) and not isinstance(axes.get("rule.name", ""), str):
        for word in axes["rule.name"]:
            _laws.first_use(config.changed(rule=str(word)), strict)
    shown = Progress(progress, "sweep")
    wanted = dict(folder=os.fspath(out), samples=samples, jobs=jobs, resume=resume, fail_fast=fail_fast,
                  data="" if data is None else os.fspath(data), params="" if params is None else os.fspath(params))
    try:
        told = _chronograd.sweep(config._inner, words, _seeds(seeds), wanted, shown.listener)
    finally:
        shown.end()
    return Sweep(told, os.fspath(out))


def _axis(key: str, values: Any) -> str:
    if isinstance(values, str):
        return values
    if not isinstance(values, Iterable):
        raise error(2, key, f"got {values!r}, allowed is a list of values, or a text as log(1e-3, 1e-1, 5).")
    return ",".join(str(value) if isinstance(value, str) else toml(value, key) for value in values)


def check(what: Any = None, *, cells: Sequence[str] = (), seeds: int = 1, **settings: Any) -> Any:
    """Holds a rule or a configuration against what must be true of it; see :class:`Checks`.

    A built-in rule's name, or several: against oracles on every cell (or `cells`). A configuration: its rule on its cell,
    with its settings. An own rule or cell: against the laws that every rule keeps.

    >>> import chronograd as cg
    >>> cg.check("rflo", cells=["gru"]).passed
    True
    """
    return _laws.check(what, [str(cell) for cell in cells], seeds, settings)
