# SPDX-License-Identifier: Apache-2.0
"""The stub of the extension names what is there, and the package's own annotations go together."""
import pathlib
import re
import subprocess
import sys

import pytest

import chronograd

PACKAGE = pathlib.Path(chronograd.__file__).parent


def mypy(*words, tmp_path):
    pytest.importorskip("mypy")
    return subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, cwd=tmp_path, env={
        "PYTHONPATH": str(PACKAGE.parent), "MYPYPATH": str(PACKAGE.parent), "PATH": "/usr/bin:/bin", "MYPY_CACHE_DIR": str(tmp_path / "cache")})


def test_the_stub_names_what_the_extension_has(tmp_path):
    done = mypy("mypy.stubtest", "chronograd._chronograd", "--ignore-unused-allowlist", "--allowlist", str(allowed(tmp_path)), tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def allowed(tmp_path):
    """What pybind11 makes of each class: its metaclass, its __init__."""
    path = tmp_path / "allowed"
    path.write_text(r"""chronograd\._chronograd\.(Configuration|Credit|Rows)
chronograd\._chronograd\.(Learner|Segment)(Float|Double)
chronograd\._chronograd\..*\.__(init|new)__
""")
    return path


def test_the_stub_is_all_there():
    stub = (PACKAGE / "_chronograd.pyi").read_text()
    named = set(re.findall(r"^(?:def|class) (\w+)|^(\w+):", stub, re.MULTILINE))
    names = {a or b for a, b in named}
    there = {name for name in dir(chronograd._chronograd) if not name.startswith("__")}
    assert there <= names, there - names
    for kind in ("LearnerFloat", "LearnerDouble", "SegmentFloat", "SegmentDouble"):
        public = {name for name in dir(getattr(chronograd._chronograd, kind)) if not name.startswith("_")}
        base = stub.split(f"class _{kind.replace('Float', '').replace('Double', '')}:")[1].split("\nclass ")[0]
        assert public == set(re.findall(r"def ([a-z]\w*|W)\(", base))


def test_the_package_is_well_typed(tmp_path):
    done = mypy("mypy", "-p", "chronograd", "--ignore-missing-imports", tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
