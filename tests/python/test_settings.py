# SPDX-License-Identifier: Apache-2.0
"""Configurations from keywords, dicts, texts and files."""
import copy
import json
import pathlib
import pickle

import numpy as np
import pytest

import chronograd as cg
from small import settings


def test_keywords_are_the_keys_of_a_file(tmp_path):
    by_words = cg.experiment(cell="gru", hidden=7, rule="snap(n=2)", loss="mse", every=4, lr=0.5, seed=9, dtype="float64",
                             optimizer={"name": "adam"}, train={"updates": 3})
    text = """seed = 9
dtype = "float64"
[model]
cell = "gru"
hidden = 7
[rule]
name = "snap"
n = 2
[loss]
name = "mse"
[update]
every = 4
[optimizer]
name = "adam"
lr = 0.5
[train]
updates = 3
"""
    path = tmp_path / "c.toml"
    path.write_text(text)
    tables = {"seed": 9, "dtype": "float64", "model": {"cell": "gru", "hidden": 7}, "rule": {"name": "snap", "n": 2},
              "loss": {"name": "mse"}, "update": {"every": 4}, "optimizer": {"name": "adam", "lr": 0.5}, "train": {"updates": 3}}
    for other in (text, path, str(path), tables):
        assert cg.experiment(other) == by_words
    assert cg.experiment(path, hidden=8)["model"]["hidden"] == 8
    assert cg.experiment(by_words, rule="rtrl")["rule"]["name"] == "rtrl"


@pytest.mark.parametrize("value", [0.1, 1e-300, np.float32(0.5), np.int64(3), True, [0.25, 0.5], np.array([0.25, 0.5])])
def test_values_are_kept_to_the_bit(value):
    key = {bool: "train.shuffle", np.bool_: "train.shuffle"}.get(type(value))
    config = cg.experiment(**settings(hidden=2), **({key: value} if key else {}))
    if key:
        assert config["train"]["shuffle"] is True
        return
    if isinstance(value, (np.int64,)):
        assert cg.experiment(**settings(hidden=value))["model"]["hidden"] == 3
    elif np.ndim(value):
        assert cg.experiment(**settings(hidden=2, alpha=value))["model"]["alpha"] == [0.25, 0.5]
    else:
        assert cg.experiment(**settings(lr=value))["optimizer"]["lr"] == float(value)


@pytest.mark.parametrize("words, text", [
    ({"hiden": 3}, "model.hiden"), ({"hidden": 0}, "hidden"), ({"hidden": object()}, "[hidden] got a object"),
    ({"rule": "rflow"}, "rflow"), ({"model": 3}, "[model] got 3"), ({"cell": {"a": 1}}, "[cell] got a dict")])
def test_mistakes_are_named(words, text):
    with pytest.raises(cg.Error) as caught:
        cg.experiment(**{**settings(), **words})
    assert text in str(caught.value) and caught.value.code == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(cg.Error, match="nowhere.toml"):
        cg.experiment(tmp_path / "nowhere.toml")
    with pytest.raises(cg.Error, match="got a int"):
        cg.experiment(3)


def test_pickle_and_copy():
    config = cg.experiment(**settings()).changed(rule="tbptt(L=2)", every=4)
    for again in (pickle.loads(pickle.dumps(config)), copy.deepcopy(config)):
        assert again == config and again.changes == config.changes


def test_catalogues_hold_what_the_program_lists():
    from small import program
    listed = json.loads(program("list", "--json").stdout)
    assert {"rules", "cells", "tasks", "losses"} <= set(listed)
    for name, entries in listed.items():
        assert [(entry, entry.title) for entry in getattr(cg, name)] == [(entry["name"], entry["title"]) for entry in entries]
    assert cg.rules.snap(n=2) == "snap(n=2)" and "n = " not in cg.rules.bptt.__doc__
    assert "influence" in cg.rules.snap.__doc__ and cg.rules.snap.options["n"]["type"] == "integer"
    with pytest.raises(AttributeError, match="did you mean rflo"):
        cg.rules.rflow
    with pytest.raises(cg.Error, match="unknown option m"):
        cg.rules.snap(m=2)
    assert cg.describe("snap") == cg.describe("rule", "snap") == program("describe", "rule", "snap").stdout
    assert cg.describe("train") == program("describe", "train").stdout
    assert "<table>" in cg.rules._repr_html_() and pathlib.Path(cg.__file__).name == "__init__.py"
