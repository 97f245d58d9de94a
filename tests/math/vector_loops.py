#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails if the compiler left a loop over the units of a cell to scalar instructions: nothing else would show it but time.

usage: vector_loops.py OBJDUMP OBJECT...      objects of the cells, compiled for avx2 or avx512

A loop that was vectorised has each multiplication in whole vectors, and again, one to three times, for the units that are
left over. One that was not has them in scalars alone.
"""
import collections
import re
import subprocess
import sys

MULTIPLICATION = re.compile(r"\sv(?:mul|fn?m(?:add|sub)\d*)([ps])[sd]\s.*%([xyz])mm")
LOOP = re.compile(r"(\w+_loop|step_with_activation)<(.*)>\(")
LEFT_OVER = 4  # scalar multiplications for each in vectors; three were seen


def count(objdump, path):
    """{function: [in whole vectors, scalar]} of the loops over units."""
    text = subprocess.run([objdump, "-d", "-C", "--no-show-raw-insn", path], check=True, capture_output=True, text=True).stdout
    found, name = collections.defaultdict(lambda: [0, 0]), None
    for line in text.splitlines():
        if line.endswith(">:"):
            loop = LOOP.search(line)
            name = loop and f"{loop[1]}<{loop[2]}>".replace("chronograd::(anonymous namespace)::", "")
        elif name and (one := MULTIPLICATION.search(line)):
            if one[1] == "s":
                found[name][1] += 1
            elif one[2] != "x":
                found[name][0] += 1
    return found


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    loops, bad = 0, []
    for path in sys.argv[2:]:
        found = count(sys.argv[1], path)
        loops += len(found)
        bad += [f"{path}: {name}: {vectors} multiplications in vectors, {scalars} in scalars"
                for name, (vectors, scalars) in found.items() if LEFT_OVER * vectors < scalars]
        if not found:
            bad.append(f"{path}: no loop over units was found")
    print("\n".join([*bad, f"{loops} loops, {len(bad)} not in vectors"]))
    sys.exit(1 if bad or loops == 0 else 0)


if __name__ == "__main__":
    main()
