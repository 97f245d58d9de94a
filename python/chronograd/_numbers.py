# SPDX-License-Identifier: Apache-2.0
"""What callers give as arrays: NumPy arrays, lists, anything with DLPack or __array__, and rows of different lengths."""
from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from ._chronograd import Error

_KEPT = {np.dtype(name) for name in ("float32", "float64", "int32", "int64", "uint8", "bool")}
_DATA = 4  # the program's exit code for what is wrong with data


def error(code: int, where: str, what: str) -> Error:
    value = Error(f"[{where}] {what}")
    value.code = code
    return value


def numbers(name: str, value: Any) -> np.ndarray:
    """The value as an array of a type that the library reads: itself where it is one, in place and at whatever strides."""
    array = value if isinstance(value, np.ndarray) else _from_others(name, value)
    if array.dtype in _KEPT and array.dtype.isnative and array.flags.aligned:
        return array
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f":
        return np.ascontiguousarray(array, np.float32 if size <= 4 else np.float64)
    if kind == "i" or (kind == "u" and size < 8):
        return np.ascontiguousarray(array, np.int64)
    if kind == "u":
        if array.size and int(array.max()) > np.iinfo(np.int64).max:
            raise error(_DATA, name, f"got {array.max()}, allowed are integers below 2^63.")
        return np.ascontiguousarray(array, np.int64)
    if kind == "b":
        return np.ascontiguousarray(array, np.bool_)
    if kind == "O":
        raise error(_DATA, name, "holds Python objects, allowed are numbers. Rows of different lengths: give a list of "
                                 "arrays (T_b, n), or pad to (B, T, n) and give lengths (B).")
    raise error(_DATA, name, f"got an array of {array.dtype}, allowed are real numbers.")


def _from_others(name: str, value: Any) -> np.ndarray:
    if hasattr(value, "__dlpack__"):
        try:
            return np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError, ValueError) as problem:
            raise error(_DATA, name, f"got a {type(value).__module__}.{type(value).__name__} that NumPy cannot share "
                                     f"({problem}), allowed are tensors in the computer's own memory that need no "
                                     "gradient. A tensor of PyTorch: x.detach().cpu().") from None
    try:
        return np.asarray(value)
    except ValueError:
        raise error(_DATA, name, "got lists of different lengths, allowed is a box of numbers (B, T, n). Rows of different "
                                 "lengths: a list of arrays (T_b, n).") from None


def _is_ragged(value: Any) -> bool:
    if not isinstance(value, (list, tuple)) or not value or not all(hasattr(row, "__len__") for row in value):
        return False
    if not all(hasattr(row, "shape") or isinstance(row, (list, tuple)) for row in value):
        return False
    return len({len(row) for row in value}) > 1


def _padded(name: str, rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of different lengths side by side, zeros after their ends; and the lengths."""
    shapes = {row.shape[1:] for row in rows}
    if len(shapes) > 1:
        raise error(_DATA, name, f"got rows of the shapes {', '.join(str(row.shape) for row in rows[:4])}, ..., allowed are "
                                 "rows that differ in their first axis alone.")
    lengths = np.array([len(row) for row in rows], np.int64)
    box = np.zeros((len(rows), lengths.max(), *shapes.pop()), np.result_type(*rows))
    for place, row in zip(box, rows):
        place[: len(row)] = row
    return box, lengths


def rows(x: Any, y: Any, others: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Arrays by the names of data files; rows of different lengths are padded, and say their lengths."""
    arrays: dict[str, np.ndarray] = {}
    given = {name: value for name, value in {"x": x, "y": y, **others}.items() if value is not None}
    ragged = {name for name, value in given.items() if _is_ragged(value)}
    if "x" in ragged:
        if "lengths" in given:
            raise error(_DATA, "lengths", "was given beside rows of different lengths, which say their own. Leave it out.")
        lengths = [len(row) for row in x]
        for name, value in given.items():
            if name in ragged:
                parts = [numbers(f"{name}[{b}]", row) for b, row in enumerate(value)]
                if [len(part) for part in parts] != lengths:
                    raise error(_DATA, name, "has rows of other lengths than x.")
                arrays[name], arrays["lengths"] = _padded(name, parts)
            else:
                arrays[name] = numbers(name, value)
        return arrays
    if ragged:
        raise error(_DATA, min(ragged), "has rows of different lengths, but x has none.")
    return {name: numbers(name, value) for name, value in given.items()}


def parameters(value: Any) -> dict[str, np.ndarray] | None:
    """Parameters by name: a dict, the path of a .npz file, or what has them as `params` (a Run, a Learner)."""
    from os import PathLike, fspath

    from . import _chronograd

    if value is None:
        return None
    if isinstance(value, (str, PathLike)):
        return dict(_chronograd.read_npz(fspath(value)))
    if hasattr(value, "params"):
        value = value.params
    if not isinstance(value, Mapping):
        raise error(2, "params", f"got a {type(value).__name__}, allowed is a dict of arrays, the path of a .npz file, a Run "
                                 "or a Learner.")
    return {str(name): numbers(f"params: {name}", array) for name, array in value.items()}
