#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the project may cost: size by a test, the others by the stage budget of tools/test.sh.
  budget.py size STRIP FILE...   program and library, stripped, in bytes
  budget.py build SECONDS        CPU seconds of a first build of library and program
  budget.py parts CTEST_LOG [XML...]  seconds that the tests of each pair of rule and cell take, summed for each rule and
                                      cell; XML: what programs write whose tests share a process
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LARGEST = 12_000_000  # bytes; 10 million were wanted, and each later issue may add one
LONGEST_BUILD = 260  # seconds on two cores: 180, and 20 for each of four later parts
LONGEST_PART = 180  # seconds that the tests of one rule on all cells, or of one cell under all rules, may take
CORES = 2


def size(strip, *files):
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            stripped = pathlib.Path(folder) / pathlib.Path(file).name
            subprocess.run([strip, "--strip-unneeded", "-o", str(stripped), file], check=True)
            total += stripped.stat().st_size
            print(f"{stripped.name}: {stripped.stat().st_size} bytes")
    return "program and library, stripped", total, LARGEST, "bytes", "Large data belong into files."


def build(seconds):
    wall = float(seconds) / CORES
    return "first build of library and program on two cores", wall, LONGEST_BUILD, "s", "See what a file includes."


def catalogue(kind, folder):
    """The names in the list of a build file."""
    text = (ROOT / "src" / folder / "CMakeLists.txt").read_text()
    return re.search(r"chronograd_catalogue\(%s(?: PER_ISA)?\s+([^)]+)\)" % kind, text).group(1).split()


def parts(log, *shared):
    rules, cells = catalogue("rule", "rules"), catalogue("cell", "cells")
    took = dict.fromkeys([f"rule {name}" for name in rules] + [f"cell {name}" for name in cells], 0.0)
    pairs = {f"{rule}_{cell}": (f"rule {rule}", f"cell {cell}") for rule in rules for cell in cells}
    tests = re.findall(r"Test +#\d+: (\S+) .*? ([0-9.]+) sec", pathlib.Path(log).read_text())
    for file in shared:
        tests += re.findall(r'<testcase name="([^"]+)".*? time="([0-9.]+)"', pathlib.Path(file).read_text())
    for name, seconds in tests:
        pair = pairs.get(re.sub(r"_\d+$", "", name.rsplit("/", 1)[-1]), ())
        for part in pair:
            took[part] += float(seconds)
    if min(took.values()) == 0:
        raise SystemExit(f"[budget] {log} has no test of {min(took, key=took.get)}, allowed is the log of a whole run of ctest.")
    most = max(took, key=took.get)
    return f"tests of {most}", took[most], LONGEST_PART, "s", "Let settings meet in pairs: tests/covering.hpp."


def main():
    checks = {"size": size, "build": build, "parts": parts}
    if len(sys.argv) < 3 or sys.argv[1] not in checks:
        print(f"[budget] got {' '.join(sys.argv[1:]) or 'nothing'}, allowed is size, build or parts. {__doc__}", file=sys.stderr)
        return 2
    what, got, most, unit, hint = checks[sys.argv[1]](*sys.argv[2:])
    print(f"{what}: {got:.0f} {unit}, allowed are {most} {unit}." + (f" {hint}" if got > most else ""))
    return 1 if got > most else 0


if __name__ == "__main__":
    sys.exit(main())
