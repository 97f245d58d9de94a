# SPDX-License-Identifier: Apache-2.0
"""Tables for notebooks, axes with the report's colours, and progress on a line."""
from __future__ import annotations

import html
import json
import sys
import time
from typing import Any, Iterable, Sequence

from . import _chronograd

_MARKS = {"circle": "o", "square": "s", "diamond": "D", "triangle": "^", "wedge": "v"}


def escaped(text: Any) -> str:
    return html.escape(str(text))


def html_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Numbers to the right, words to the left (notebooks put all to the right); no head where it has no word."""
    lines = [[str(cell) for cell in row] for row in rows]

    def aligned(kind: str, text: str, column: int) -> str:
        words = any(not _is_number(line[column]) for line in lines)
        return f'<{kind} style="text-align:{"left" if words else "right"}">{escaped(text)}</{kind}>'

    def line_of(kind: str, texts: Sequence[str]) -> str:
        return "<tr>" + "".join(aligned(kind, text, column) for column, text in enumerate(texts)) + "</tr>"
    top = f"<thead>{line_of('th', head)}</thead>" if any(head) else ""
    return f"<table>{top}<tbody>{''.join(line_of('td', line) for line in lines)}</tbody></table>"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("", "-")
    return True


def number(value: Any) -> str:
    return "-" if value is None or value != value else f"{value:.5g}"


def axes(ax: Any) -> Any:
    """The axes given, or those of a new figure (matplotlib is imported here alone)."""
    if ax is not None:
        return ax
    from matplotlib import pyplot
    return pyplot.subplots(layout="constrained")[1]


def style(method: str, dark: bool = False) -> dict[str, Any]:
    """How the report draws a rule, as arguments of matplotlib's plot.

    >>> import chronograd as cg
    >>> sorted(cg.style("rflo"))
    ['color', 'linestyle', 'marker']
    """
    look = json.loads(_chronograd.look_json(method))
    dashes = [float(length) for length in look["dash"].replace(",", " ").split()]
    return {"color": look["dark" if dark else "light"], "marker": _MARKS[look["mark"]],
            "linestyle": (0, tuple(dashes * (1 + len(dashes) % 2))) if dashes else "-"}


def _in_notebook() -> bool:
    """True in a kernel that shows its output in a page: no terminal, but lines there can be overwritten as well."""
    shell = sys.modules.get("IPython")
    kernel = shell.get_ipython() if shell is not None and hasattr(shell, "get_ipython") else None
    return kernel is not None and type(kernel).__name__ == "ZMQInteractiveShell"


class Progress:
    """A line on standard error that says how far work is, in terminals and notebooks, from its second second on."""

    def __init__(self, wanted: bool | None, what: str):
        self._what, self._shown, self._last = what, False, 0.0
        self._begin = time.monotonic()
        self._on = (sys.stderr.isatty() or _in_notebook()) if wanted is None else wanted
        self._at_once = wanted is True

    @property
    def listener(self) -> Any:
        return self._show if self._on else None

    def _show(self, done: int, parts: int) -> None:
        now = time.monotonic()
        passed = now - self._begin
        if not self._at_once and (passed < 1 or now - self._last < 0.2):
            return
        self._last, self._shown = now, True
        left = f", {passed / done * (parts - done):.0f} s left" if 0 < done < parts and passed > 1 else ""
        share = f"{100 * done // parts:3d} %" if parts > 0 else "     "
        print(f"\r{self._what}: {share} {done}/{parts}{left}   ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._shown:
            print(file=sys.stderr, flush=True)
