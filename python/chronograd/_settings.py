# SPDX-License-Identifier: Apache-2.0
"""Configurations from keywords, dicts, TOML texts and files."""
from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any, Union

import numpy as np

from . import _chronograd
from ._numbers import error

Settings = Union["Config", Mapping[str, Any], str, "os.PathLike[str]", None]

_SHORT = {"every": ("update", "every"), "lr": ("optimizer", "lr")}


def _kinds() -> dict[str, tuple[str, str]]:
    """The word for an entry, as a keyword, and the key that it stands for: rule -> rule.name, cell -> model.cell."""
    return {kind["kind"]: (kind["table"], kind["key"]) for kind in json.loads(_chronograd.catalogues_json()) if kind["key"]}


def _tables() -> dict[str, list[str]]:
    """The tables of a configuration ("" is the top) and the keys of each that belong to no entry."""
    return {name: [option["key"] for option in table["options"]]
            for name, table in json.loads(_chronograd.describe_settings_json("")).items()}


def toml(value: Any, where: str) -> str:
    """A value as TOML."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number) or math.isinf(number):
            return {True: "nan", False: "inf" if number > 0 else "-inf"}[math.isnan(number)]
        return repr(number)
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, os.PathLike):
        return toml(os.fspath(value), where)
    if isinstance(value, np.ndarray):
        value = value.tolist()
        if not isinstance(value, list):
            return toml(value, where)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item, where) for item in value) + "]"
    raise error(2, where, f"got a {type(value).__name__}, allowed are numbers, words, lists of these, and dicts for tables.")


def _flat(settings: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Table, key and value as TOML of each setting."""
    kinds, tables = _kinds(), _tables()
    flat = []
    for name, value in settings.items():
        if not isinstance(name, str):
            raise error(2, str(name), "is no name of a setting.")
        if isinstance(value, Mapping):
            if name in kinds and name not in tables:
                raise error(2, name, "got a dict, allowed is a name. Dicts are for tables: "
                                     + ", ".join(table for table in tables if table) + ".")
            for key, inner in value.items():
                flat.append((name, str(key), toml(inner, f"{name}.{key}")))
        elif name in kinds:
            table, key = kinds[name]
            if key == "name" and table == "rule" and isinstance(value, str):
                for word in _chronograd.method_words("rule", str(value)):
                    path, _, text = word.partition("=")
                    at, _, inner = path.rpartition(".")
                    flat.append((at, inner, text))
            else:
                flat.append((table, key, toml(value, name)))
        elif name in _SHORT:
            flat.append((*_SHORT[name], toml(value, name)))
        elif name in tables[""]:
            flat.append(("", name, toml(value, name)))
        elif "." in name:
            at, _, key = name.rpartition(".")
            flat.append((at, key, toml(value, name)))
        elif name in tables and not isinstance(value, Mapping):
            raise error(2, name, f"got {value!r}, allowed is a dict with the keys of this table.")
        else:
            flat.append(("model", name, toml(value, name)))
    return flat


def _text(flat: list[tuple[str, str, str]]) -> str:
    """A configuration file that says so; a key that comes twice has its last value."""
    by_table: dict[str, dict[str, str]] = {"": {}}
    for table, key, value in flat:
        by_table.setdefault(table, {})[key] = value
    lines = []
    for table, keys in by_table.items():
        if table:
            lines.append(f"[{table}]")
        lines += [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


def _words(flat: list[tuple[str, str, str]]) -> list[str]:
    return [f"{table}.{key}={value}" if table else f"{key}={value}" for table, key, value in flat]


class Config:
    """A checked experiment: what a configuration file says. Made by :func:`experiment`; it never changes.

    >>> import chronograd as cg
    >>> c = cg.experiment(cell="leaky", hidden=8, rule="snap(n=2)", loss="mse", every=1, lr=0.01)
    >>> c["rule"]["n"], c["model"]["hidden"], c["optimizer"]["lr"]
    (2, 8, 0.01)
    >>> c.changed(hidden=16)["model"]["hidden"]
    16
    """

    def __init__(self, inner: _chronograd.Configuration):
        self._inner = inner

    def changed(self, **settings: Any) -> Config:
        """The same experiment with some settings changed, checked again as a whole."""
        return Config(self._inner.changed(_words(_flat(settings)))) if settings else self

    def __getitem__(self, table: str) -> dict[str, Any]:
        """The settings of a table with their values, defaults included; "" is the top."""
        if table not in _tables():
            raise KeyError(table)
        return self._inner.table(table)

    @property
    def text(self) -> str:
        """The TOML text that it was read from."""
        return self._inner.text

    @property
    def changes(self) -> list[str]:
        """What was changed after that, as words of a command line."""
        return list(self._inner.changes)

    @property
    def name(self) -> str:
        """What stands for the file in messages."""
        return self._inner.name

    def to_dict(self) -> dict[str, Any]:
        """Every setting with its value, as in resolved.json."""
        return json.loads(self._inner.json)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._inner.json == other._inner.json

    def __hash__(self) -> int:
        return hash(self._inner.json)

    def __reduce__(self) -> tuple:
        return _again, (self.name, self.text, self.changes)

    def __repr__(self) -> str:
        cell, rule, loss = self["model"], self["rule"], self["loss"]
        return f"<chronograd experiment: {cell['cell']} of {cell['hidden']} units, {rule['name']}, {loss['name']}>"

    def _repr_html_(self) -> str:
        from ._shown import html_table
        given = self.to_dict().get("given", [])
        return html_table(["setting", "value"], [[key, self._value(key)] for key in given])

    def _value(self, path: str) -> str:
        table, _, key = path.rpartition(".")
        return toml(self[table].get(key, ""), path)


def _again(name: str, text: str, changes: list[str]) -> Config:
    return Config(_chronograd.Configuration(name, text, changes))


def experiment(config: Settings = None, /, **settings: Any) -> Config:
    """A checked configuration, from keywords or from what they change.

    `config` is a configuration, a dict of tables, a TOML text (it has a line break or an =), or the path of a file.
    A keyword is a key of [model] or of the top (`hidden=`, `alpha=`, `seed=`, `dtype=`), an entry's kind (`rule=`, `cell=`,
    `loss=`, `task=`, `optimizer=`), `every=` for update.every or `lr=` for optimizer.lr; a table is a dict. Errors have
    the program's texts.

    >>> import chronograd as cg
    >>> cg.experiment(cell="gru", hidden=8, rule="rflo", loss="mse", optimizer=dict(name="adam", lr=1e-3))
    <chronograd experiment: gru of 8 units, rflo, mse>
    >>> cg.experiment(cell="leaky", hiden=8, rule="rflo", loss="mse")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    chronograd.Error: [keywords:3:1 model.hiden] unknown key, did you mean model.hidden? ...
    """
    if isinstance(config, Config):
        return config.changed(**settings)
    if config is None or isinstance(config, Mapping):
        return _again("keywords", _text(_flat({**(config or {}), **settings})), [])
    changes = _words(_flat(settings))
    if isinstance(config, str) and ("\n" in config or "=" in config):
        return _again("config", config, changes)
    if not isinstance(config, (str, os.PathLike)):
        raise error(2, "config", f"got a {type(config).__name__}, allowed is a Config, a dict, a TOML text or a path.")
    path = os.fspath(config)
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as problem:
        raise error(4, path, f"the configuration cannot be read: {problem}.") from None
    return _again(path, text, changes)
