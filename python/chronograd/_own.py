# SPDX-License-Identifier: Apache-2.0
"""Rules, cells, tasks and losses that are written in Python."""
from __future__ import annotations

import dataclasses
import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from . import _chronograd
from ._catalogues import Entry
from ._numbers import error
from ._settings import toml

Made = TypeVar("Made")

rules: dict[str, set[tuple]] = {}  # own rules, and the settings under which the laws were asked
stacks: dict[str, list[int]] = {}  # numbers of layers with which own rules keep what they promise
cells: dict[str, Any] = {}  # own cells
asked_cells: set[str] = set()


@dataclasses.dataclass(frozen=True)
class Net:
    """What a rule may ask of the network that it is made for."""

    layers: int  #: N, that the rule sees: 1 unless it is one of whole stacks
    units: int  #: d
    inputs: int  #: n
    outputs: int  #: m
    streams: int  #: B, side by side
    states: int  #: S, numbers of state of a unit; the first `heads` are h
    gates: int  #: G, pre-activations of a unit
    columns: int  #: of z = (h_prev, x, 1); of a stack those of the bottom layer
    heads: int  #: H, 1 for most cells: the first H d columns of z are h_prev
    shown: int  #: the first of the H states that the readout reads and credit.c acts on; 0: h
    cell: str
    dtype: np.dtype
    seed: int
    first_stream: int
    every: int  #: steps of an update interval; 0: whole rows


def _options(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Settings of an entry from their defaults, or from dicts with default, low, high, help, unit, choices."""
    kinds = [(bool, "flag"), (int, "integer"), (float, "number"), (str, "word")]
    options = []
    for key, value in given.items():
        more = dict(value) if isinstance(value, Mapping) else {"default": value}
        default = more.pop("default", None)
        if default is None:
            raise error(2, f"options: {key}", "has no default.")
        kind = next((word for type_, word in kinds if isinstance(default, type_)),
                    "words" if isinstance(default, (list, tuple)) and all(isinstance(item, str) for item in default) else "numbers")
        options.append({"key": key, "type": kind, "default": toml(default, key), "help": "", **more})
    return options


def _told(name: str, made: Any, more: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says: texts from the docstring."""
    lines = inspect.cleandoc(made.__doc__ or "").split("\n\n", 1)
    title = " ".join(lines[0].split()).rstrip(".") or f"{name}, in Python"
    return {"name": name, "title": title, "text": " ".join(lines[1].split()) if len(lines) > 1 else "", **more}


def rule(name: str, *, promise: str = "biased", options: Mapping[str, Any] | None = None, limit: str = "", memory: str = "",
         time: str = "", segments: str = "any", layers: str = "each", past_facing: bool = True, one_shard: bool = False,
         draws_by_interval: bool = False, formulae: str = "", cite: str = "") -> Callable[[type[Made]], type[Made]]:
    """Makes a class a learning rule that all functions, and the program by --load, know under this name.

    The class has `__init__(net, options)` (:class:`Net`, and the values of `options`, by their keys), `begin()`, called where
    a new row begins, and `learn(segment, credit)`, which returns the gradient (G, d, columns) of the weights in u = W z, or
    None. `state` names the attributes that are carried from one segment to the next: arrays, numbers, None. `flush()`, if it
    is there, returns what was held back until a row's end.

    `segment`: `steps` (K), `z` (K,B,columns), `h` (K,B,d), `cut` (K,B), `W` (G,d,columns), `linearise(k)` -> A (B,S,S,d),
    B (B,S,G,d) with s' = A s + B u; `push(k, v)` and `pull(k, credit)` are products with the Jacobian of the whole step.
    `credit`: `c` (K,B,d) = dL/dh, `err` (K,B,m), `target` (K,B,m), `further`.

    In a stack each layer has an object of the class to itself, as the built-in local rules have: `credit.c` is what passes
    down to its h inside of a step. With `layers="all"` one object sees all layers: `segment.layers[l]` is a segment with the
    `z`, `h`, `W` and `linearise(k)` of layer l, `push` and `pull` take states (B,N,S,d), `credit.c` is on the top layer, and
    `learn` returns a list of gradients, one a layer.

    `promise`: exact, unbiased or biased; `segments`: any, interval or row, what it takes as one piece. The rest as in records.

    >>> import chronograd as cg, numpy as np
    >>> @cg.rule("my_immediate")
    ... class Mine:
    ...     "The gradient of the last step alone."
    ...     state = []
    ...     def __init__(self, net, options): pass
    ...     def begin(self): pass
    ...     def learn(self, segment, credit):
    ...         return sum(np.einsum("bd,bgd,bz->gdz", credit.c[k], segment.linearise(k)[1][:, 0], segment.z[k])
    ...                    for k in range(segment.steps))
    >>> cg.rules.my_immediate.title
    'The gradient of the last step alone'
    """
    def register(cls: type[Made]) -> type[Made]:
        for method in ("begin", "learn"):
            if not callable(getattr(cls, method, None)):
                raise error(2, f"rule {name}", f"has no {method}(), which it needs.")
        told = _told(name, cls, dict(promise=promise, limit=limit, memory=memory, time=time, segments=segments, layers=layers, cite=cite,
                                     formulae=formulae, past_facing=past_facing, one_shard=one_shard,
                                     draws_by_interval=draws_by_interval, options=_options(options or {})))
        _chronograd.add_rule(told, lambda net, values: cls(Net(**net), values))  # type: ignore[call-arg]
        rules[name] = set()
        # What a lower layer's past does to an upper layer is no part of a rule that has each layer to itself.
        stacks[name] = [1] if promise == "exact" and layers == "each" else [1, 2]
        cls.entry = Entry("rule", name)  # type: ignore[attr-defined]
        return cls
    return register


class _Cell:
    """A step of an own cell with its factors."""

    def __init__(self, name: str, made: Any, states: int, gates: int):
        self.name, self.states, self.gates = name, states, gates
        self.step = made.step
        self.jacobian = getattr(made, "jacobian", None)

    def __call__(self, s: np.ndarray, u: np.ndarray, constants: dict[str, np.ndarray]) -> tuple[Any, Any, Any]:
        after = np.asarray(self.after(s, u, constants), float)
        if self.jacobian is None:
            return (after, *self.by_complex_steps(s, u, constants))
        a, b = self.jacobian(s, u, **constants)
        return after, self.box(a, s.shape[1:]), self.box(b, s.shape[1:])

    def after(self, s: np.ndarray, u: np.ndarray, constants: dict[str, np.ndarray]) -> Any:
        after = self.step(s, u, **constants)
        if isinstance(after, np.ndarray) and after.shape == s.shape:
            return after
        if self.states == 1 and isinstance(after, np.ndarray) and after.shape == s.shape[1:]:
            return after[None]
        if not isinstance(after, (tuple, list)) or len(after) != self.states:
            raise error(2, f"cell {self.name}", f"step() gave {_what(after)}, allowed are {self.states} arrays of the shape of "
                                                f"s[0], one a state, or one array {s.shape}.")
        return np.stack([np.broadcast_to(part, s.shape[1:]) for part in after])

    def box(self, part: Any, shape: tuple[int, ...]) -> np.ndarray:
        """A nested list of factors, some of them plain numbers, as one array."""
        return np.stack([np.stack([np.broadcast_to(np.asarray(factor, float), shape) for factor in row]) for row in part])

    def by_complex_steps(self, s: np.ndarray, u: np.ndarray, constants: dict[str, np.ndarray]) -> tuple[Any, Any]:
        """Im f(x + i e)/e is f'(x) to rounding: nothing is subtracted. All arguments are moved side by side."""
        tiny, count = 1e-100, self.states + self.gates
        moved_s = np.repeat(s[:, None], count, 1).astype(complex)
        moved_u = np.repeat(u[:, None], count, 1).astype(complex)
        for k in range(self.states):
            moved_s.imag[k, k] = tiny
        for k in range(self.gates):
            moved_u.imag[k, self.states + k] = tiny
        slopes = np.asarray(self.after(moved_s, moved_u, constants))
        slopes = slopes.imag / tiny if np.iscomplexobj(slopes) else np.zeros(slopes.shape)
        return slopes[:, : self.states], slopes[:, self.states:]


def _what(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array {value.shape}"
    return f"{len(value)} of them" if isinstance(value, (tuple, list)) else f"a {type(value).__name__}"


def cell(name: str, *, states: int, gates: int, shown: int = 1, constants: Mapping[str, Any] | None = None, parameters: str = "plain",
         state_names: Sequence[str] = (), moves: Mapping[int, Sequence[int]] | None = None, h_carries: bool = True,
         cite: str = "") -> Callable[[type[Made]], type[Made]]:
    """Makes a class a cell: `step(s, u)`, one function of a unit, gives its states after a step.

    s is (states, ...) with h first, u = W (h_prev, x, 1) is (gates, ...), and so is what comes out; the other axes are streams
    and units, each by itself. With `shown=H` the first H states are h, which the readout, other units and the layer above
    read: H d numbers, all of the first before all of the second. The factors ds'/ds and ds'/du come from complex steps, so `step` must be a formula that NumPy
    takes complex numbers in (no abs, no comparison); else give `jacobian(s, u)` -> A (states, states, ...), B (states, gates, ...).
    `constants`: settings of [model] by their defaults, one number or one for each unit; step gets them as keywords.
    `parameters`: "plain" W_rec, W_in, b_h, or "torch" weight_ih_l0, ... with two biases. `state_names`: what data call the
    states behind h before the first step. `moves`: which states a gate moves within its own step, where not all, {3: [0]}.
    `h_carries`: False where a unit's own h acts through its gates alone.

    >>> import chronograd as cg, numpy as np
    >>> @cg.cell("my_leaky", states=1, gates=1, constants={"rate": 0.5})
    ... class Mine:
    ...     "A leaky unit."
    ...     def step(s, u, rate):
    ...         return (1 - rate) * s[0] + rate * np.tanh(u[0]),
    >>> cg.train(cell="my_leaky", hidden=4, rate=0.2, rule="rflo", loss="mse", every=1, task=dict(name="sine"),
    ...          train=dict(updates=3)).status
    'done'
    """
    def register(cls: type[Made]) -> type[Made]:
        if not callable(getattr(cls, "step", None)):
            raise error(2, f"cell {name}", "has no step(), which it needs.")
        if parameters not in ("plain", "torch"):
            raise error(2, f"cell {name}", f"got parameters = {parameters!r}, allowed are plain, torch.")
        if parameters == "torch" and shown != 1:
            raise error(2, f"cell {name}", f"got shown = {shown}, allowed with parameters = 'torch' is 1.")
        names = list(state_names) or list("cdegijkl")[: states - shown]
        names = [word if word.endswith("0") else word + "0" for word in names]
        if len(names) != states - shown:
            raise error(2, f"cell {name}", f"got {len(names)} state_names, allowed are {states - shown}: of all states but h.")
        names = [f"h0_{head + 2}" for head in range(shown - 1)] + names
        masks = [0xFFFFFFFF] * 8
        for gate, which in (moves or {}).items():
            masks[gate] = sum(1 << state for state in which)
        settings = [{**option, "type": "numbers"} for option in _options(constants or {})]
        told = _told(name, cls, dict(states=states, gates=gates, shown=shown, state_names=names, torch=parameters == "torch", cite=cite,
                                     h_carries=h_carries, moves=masks, constants=list(constants or {}), options=settings))
        worker = _Cell(name, _functions(cls), states, gates)
        _chronograd.add_cell(told, worker)
        cells[name] = (worker, dict(constants or {}))
        asked_cells.discard(name)
        cls.entry = Entry("cell", name)  # type: ignore[attr-defined]
        return cls
    return register


def _functions(cls: Any) -> Any:
    """The class itself where its functions stand by themselves, an object of it where they have a self."""
    first = next(iter(inspect.signature(next(iter(_own_functions(cls)))).parameters), "")
    return cls() if first == "self" else cls


def _own_functions(cls: Any) -> list[Any]:
    return [getattr(cls, name) for name in ("step", "value", "slope") if hasattr(cls, name)]


class _Rows:
    """An own task as the library reads it: pieces of rows, whole rows are kept for a while."""

    most = 1 << 26  # bytes of rows that are kept

    def __init__(self, name: str, made: Any):
        self.name, self.made = name, made
        self.inputs, self.outputs = int(made.inputs), int(made.outputs)
        self.classes = bool(getattr(made, "classes", False))
        self.third = int(getattr(made, "third", 0))
        length, rows = made.length, getattr(made, "rows", 0)
        self.train_length = int(length("train") if callable(length) else length)
        self.test_length = int(length("test") if callable(length) else length)
        self.train_rows = int(rows("train") if callable(rows) else rows)
        self.test_rows = int(rows("test") if callable(rows) else rows)
        self.kept: OrderedDict[tuple[str, int], tuple[np.ndarray, ...]] = OrderedDict()
        self.bytes = 0

    def row(self, split: str, number: int) -> tuple[np.ndarray, ...]:
        key = (split, number)
        if key not in self.kept:
            row = self.checked(split, number, self.made.row(split, number))
            self.kept[key] = row
            self.bytes += sum(part.nbytes for part in row)
            while self.bytes > self.most and len(self.kept) > 1:
                self.bytes -= sum(part.nbytes for part in self.kept.popitem(last=False)[1])
        self.kept.move_to_end(key)
        return self.kept[key]

    def checked(self, split: str, number: int, given: Any) -> tuple[np.ndarray, ...]:
        steps = self.test_length if split == "test" else self.train_length
        names = ("x", "y", "mask", "reset", "third")
        parts = dict(given) if isinstance(given, Mapping) else dict(zip(names, given))
        x = np.asarray(parts["x"], float)
        y = np.asarray(parts["y"])
        if self.classes and y.ndim == 1 and y.dtype.kind in "iu":
            if y.size and not 0 <= y.min() <= y.max() < self.outputs:
                raise error(4, f"{self.name}: y", f"got a class outside of 0 to {self.outputs - 1} in row {number}.")
            y = np.eye(self.outputs)[y]
        sizes = {"x": (x, (steps, self.inputs)), "y": (y, (steps, self.outputs)),
                 "mask": (np.asarray(parts.get("mask", np.ones(steps)), float), (steps,)),
                 "reset": (np.asarray(parts.get("reset", np.zeros(steps)), float), (steps,)),
                 "third": (self.third_of(split, number, parts.get("third")), (steps, self.third))}
        for name, (array, shape) in sizes.items():
            if array.shape != shape:
                raise error(4, f"{self.name}: {name}", f"got the shape {array.shape} in row {number}, allowed is {shape}.")
            if name != "y" and not np.isfinite(array).all():
                raise error(4, f"{self.name}: {name}", f"holds a number that is not finite in row {number}.")
        return tuple(np.asarray(array, float) for array, _ in sizes.values())

    def third_of(self, split: str, number: int, given: Any) -> np.ndarray:
        """(T,q); rows of a test need none, and nobody asks for theirs."""
        if split == "test" or (self.third == 0 and given is None):
            return np.zeros((self.test_length if split == "test" else self.train_length, self.third))
        if given is None or self.third == 0:
            raise error(4, f"{self.name}: third", f"got {'none' if given is None else 'one'} in row {number} with third = {self.third} "
                        "numbers a step, allowed are both or neither.")
        array = np.asarray(given, float)
        return array[:, None] if array.ndim == 1 and self.third == 1 else array

    def read(self, split: str, row: int, t: int, steps: int) -> tuple[np.ndarray, ...]:
        return tuple(part[t : t + steps] for part in self.row(split, row)[:4])

    def read_third(self, row: int, t: int, steps: int) -> np.ndarray:
        return self.row("train", row)[4][t : t + steps]


def task(name: str, *, options: Mapping[str, Any] | None = None, cite: str = "") -> Callable[[type[Made]], type[Made]]:
    """Makes a class a task: `[task] name = ...`.

    `__init__(options, seed)`; attributes `inputs`, `outputs`, `length` (steps of a row; a number, or a function of the split),
    `rows` (0: any number, -1: none; likewise), `classes`, `third` (how many numbers a step of a third factor: 0 unless given); and
    `row(split, number)`, which returns x (T,n), y (T,m) or classes (T), and perhaps mask (T), reset (T) and, of training rows,
    third (T,third): in this order, or in a dict. The same row must be the same numbers each time.

    >>> import chronograd as cg, numpy as np
    >>> @cg.task("my_delay")
    ... class Mine:
    ...     "The input, a step later."
    ...     inputs = outputs = 1
    ...     length = 20
    ...     def __init__(self, options, seed): self.seed = seed
    ...     def row(self, split, number):
    ...         x = np.random.default_rng([self.seed, split == "test", number]).standard_normal((20, 1))
    ...         return x, np.vstack([[[0.0]], x[:-1]])
    >>> cg.train(cell="gru", hidden=4, rule="rflo", loss="mse", every=1, task=dict(name="my_delay"),
    ...          train=dict(updates=40, batch=2)).status
    'done'
    """
    def register(cls: type[Made]) -> type[Made]:
        told = _told(name, cls, dict(options=_options(options or {}), cite=cite))
        _chronograd.add_task(told, lambda values, seed: _Rows(name, cls(values, seed)))  # type: ignore[call-arg]
        cls.entry = Entry("task", name)  # type: ignore[attr-defined]
        return cls
    return register


class _Loss:
    def __init__(self, name: str, made: Any):
        self.name, self.value = name, made.value
        self.slope = getattr(made, "slope", None) or self.by_complex_steps

    def by_complex_steps(self, y: np.ndarray, target: np.ndarray) -> np.ndarray:
        tiny = 1e-100
        slopes = np.empty(len(y))
        for k in range(len(y)):
            moved = y.astype(complex)
            moved[k] += 1j * tiny
            slopes[k] = np.imag(self.value(moved, target)) / tiny
        return slopes


def loss(name: str, *, output: str = "identity", takes_classes: bool = False, positive_only: bool = False,
         cite: str = "") -> Callable[[type[Made]], type[Made]]:
    """Makes a class a loss of one step of one stream: `value(y, target)`, and `slope(y, target)` = dL/dy, or else complex steps
    of `value`, which must be a formula then. `output` is the activation of outputs where none is named.

    >>> import chronograd as cg, numpy as np
    >>> @cg.loss("my_quartic")
    ... class Mine:
    ...     "The fourth power of the error."
    ...     def value(y, target): return ((y - target) ** 4).sum()
    >>> cg.losses.my_quartic.title
    'The fourth power of the error'
    """
    def register(cls: type[Made]) -> type[Made]:
        if not callable(getattr(cls, "value", None)):
            raise error(2, f"loss {name}", "has no value(), which it needs.")
        told = _told(name, cls, dict(output=output, takes_classes=takes_classes, positive_only=positive_only, cite=cite))
        _chronograd.add_loss(told, _Loss(name, _functions(cls)))
        cls.entry = Entry("loss", name)  # type: ignore[attr-defined]
        return cls
    return register
