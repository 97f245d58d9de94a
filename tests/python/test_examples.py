# SPDX-License-Identifier: Apache-2.0
"""Every example in a docstring of the package."""
import doctest
import importlib
import pathlib
import pkgutil

import pytest

import chronograd

MODULES = ["chronograd", *(f"chronograd.{found.name}" for found in pkgutil.iter_modules(chronograd.__path__)
                           if found.name not in ("_chronograd", "__main__"))]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    if name.endswith(".torch"):
        pytest.importorskip("torch")
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0


@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_documents(name, monkeypatch, tmp_path):
    document = pathlib.Path(__file__).parents[2] / name
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(document), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS)
    assert results.failed == 0 and results.attempted > 4


def test_what_the_package_offers_has_examples_or_words():
    for name in chronograd.__all__:
        assert getattr(chronograd, name).__doc__, name
    assert pathlib.Path(chronograd.__file__).with_name("py.typed").exists()
