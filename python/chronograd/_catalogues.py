# SPDX-License-Identifier: Apache-2.0
"""The catalogues as objects: `cg.rules.snap(n=2)`. All names and texts come from the library's records."""
from __future__ import annotations

import json
from typing import Any, Iterator

from . import _chronograd
from ._numbers import error
from ._settings import toml


class Entry(str):
    # A name that knows what it is: the word that configurations use; called, that word with options. (No docstring: an
    # entry's is its record.)
    kind: str

    def __new__(cls, kind: str, name: str) -> Entry:
        self = super().__new__(cls, name)
        self.kind = kind
        return self

    @property
    def record(self) -> dict[str, Any]:
        """All that the record says: title, text, formulae, options, ..."""
        if "_record" not in self.__dict__:
            self._record = json.loads(_chronograd.describe_json(self.kind, str(self)))
        return self._record

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return _chronograd.describe_text(self.kind, str(self))

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.record["title"]

    @property
    def options(self) -> dict[str, dict[str, Any]]:
        """Its own settings by their keys."""
        return {option["key"]: option for option in self.record["options"]}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self.record:
            return self.record[name]
        raise AttributeError(f"{self.kind} {self} has no {name}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.record})

    def __call__(self, **options: Any) -> str:
        """The word with options, as in lists of rules; any other key may be set with it: `**{"optimizer.lr": 0.1}`."""
        known = self.options
        for key in options:
            if key not in known and "." not in key:
                near = [name for name in known if name.lower() == key.lower()]
                raise error(2, f"{self.kind} {self}", f"unknown option {key}{', did you mean ' + near[0] + '?' if near else '.'} "
                                                      f"Options: {', '.join(known) or 'none'}.")
        return f"{self}({', '.join(f'{key}={toml(value, key)}' for key, value in options.items())})" if options else str(self)

    def _repr_html_(self) -> str:
        from ._shown import escaped
        return f"<pre>{escaped(self.__doc__)}</pre>"


class Catalogue:
    """All entries of a kind, own ones included: as attributes, as a sequence of names.

    >>> import chronograd as cg
    >>> cg.rules.snap(n=2), cg.rules.snap.promise, cg.cells.lstm.title
    ('snap(n=2)', 'biased', "long short-term memory (PyTorch's form)")
    >>> "snap" in cg.rules
    True
    """

    def __init__(self, kind: str, plural: str):
        self._kind, self._plural = kind, plural

    def _names(self) -> list[str]:
        return next(kind["names"] for kind in json.loads(_chronograd.catalogues_json()) if kind["kind"] == self._kind)

    def __iter__(self) -> Iterator[Entry]:
        return iter([Entry(self._kind, name) for name in self._names()])

    def __len__(self) -> int:
        return len(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __dir__(self) -> list[str]:
        return self._names()

    def __getitem__(self, name: str) -> Entry:
        _chronograd.describe_json(self._kind, name)  # an unknown name: the program's own words
        return Entry(self._kind, name)

    def __getattr__(self, name: str) -> Entry:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except _chronograd.Error as problem:
            raise AttributeError(str(problem)) from None

    def __repr__(self) -> str:
        return f"<{self._plural}: {', '.join(self._names())}>"

    def _repr_html_(self) -> str:
        from ._shown import html_table
        return html_table([self._kind, ""], [[str(entry), entry.title] for entry in self])


def catalogues() -> dict[str, Catalogue]:
    """A catalogue for each kind that the library has, by its plural."""
    return {kind["plural"]: Catalogue(kind["kind"], kind["plural"]) for kind in json.loads(_chronograd.catalogues_json())}


def describe(entry: str, name: str = "") -> str:
    """What the program's verb describe says: of an entry (`describe("rule", "snap")`, `describe(cg.rules.snap)`, or
    `describe("snap")`: all that have this name), or of a table (`describe("train")`; "" for all).

    >>> import chronograd as cg
    >>> print(cg.describe("rules", "bptt").splitlines()[0])
    rule bptt: backpropagation through time
    """
    if isinstance(entry, Entry):
        return entry.__doc__
    if name:
        return _chronograd.describe_text(str(entry), str(name))
    kinds = json.loads(_chronograd.catalogues_json())
    having = [kind["kind"] for kind in kinds if entry in kind["names"]]
    if having:
        return "\n".join(_chronograd.describe_text(kind, entry) for kind in having)
    return _chronograd.describe_settings_text(entry)
