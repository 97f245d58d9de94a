# SPDX-License-Identifier: Apache-2.0
"""The module as others get it: under a prefix that is moved, and by pip without a network."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

BUILD = os.environ["CHRONOGRAD_BUILD"]
ROOT = pathlib.Path(__file__).parents[2]
USE = """
import chronograd as cg, numpy as np, sys
run = cg.train(cell="gru", hidden=4, rule="rflo", loss="mse", every=1, task=dict(name="sine"), train=dict(updates=5))
print(cg.__file__, run.status, cg.rules.snap(n=2))
"""


def run(*words, **env):
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env={**clean, **env}, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_under_a_prefix_that_is_moved(tmp_path):
    run("cmake", "--install", BUILD, "--prefix", tmp_path / "first")
    shutil.move(tmp_path / "first", tmp_path / "moved")
    (package,) = (tmp_path / "moved").glob("lib/python3*/*-packages/chronograd")
    assert {"_chronograd.pyi", "py.typed", "__init__.py"} <= {path.name for path in package.iterdir()}
    told = run(sys.executable, "-B", "-c", USE, PYTHONPATH=str(package.parent))
    assert told.split() == [str(package / "__init__.py"), "done", "snap(n=2)"]


def test_by_pip_without_a_network(tmp_path):
    if subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True).returncode:
        pytest.skip("this Python makes no environments")
    run(sys.executable, "-m", "venv", "--system-site-packages", tmp_path / "env")
    python = tmp_path / "env/bin/python"
    run(python, "-m", "pip", "install", "--no-index", "--config-settings", f"build={BUILD}", ROOT)
    told = run(python, "-B", "-c", USE).split()
    assert told[0].startswith(str(tmp_path)) and told[1:] == ["done", "snap(n=2)"]
    assert "rflo" in run(tmp_path / "env/bin/chronograd", "list", "rules")
    run(python, "-m", "pip", "uninstall", "-y", "chronograd")
    assert not list((tmp_path / "env").rglob("*chronograd*"))
