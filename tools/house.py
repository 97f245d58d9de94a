#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Yardsticks of how the code is cut: what is measured, the target, and what was found."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.MULTILINE)


def sources(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))
            if path.suffix in (".cpp", ".hpp")]


def length(path):
    return len(path.read_text().splitlines())


def code(path):
    """Lines that are neither blank nor a remark."""
    return sum(1 for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("//"))


def share(lengths, part):
    return sorted(lengths)[round(part * (len(lengths) - 1))]


def virtual_functions(header, name):
    """Those that the class declares, its destructor left out."""
    body = re.search(r"class (?:CHRONOGRAD_API )?%s \{\n(.*?)^\};" % name, (ROOT / header).read_text(), re.M | re.S).group(1)
    return len(re.findall(r"^  virtual (?!~)", body, re.M))


def rooms_in_circles():
    """Rooms of src that read one another, over others or at once."""
    rooms = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    reads = {room: {include.split("/")[0] for path in sources(f"src/{room}") for include in INCLUDE.findall(path.read_text())}
             & rooms - {room} for room in rooms}
    reached = {room: set(read) for room, read in reads.items()}
    for _ in rooms:
        for room in rooms:
            reached[room].update(*(reached[other] for other in tuple(reached[room])))
    return sorted(room for room in rooms if room in reached[room])


def main():
    lengths = [length(path) for path in sources("src", "include", "apps")]
    examples = {path.name: code(path) for path in sources("examples")}
    shortest = min(examples, key=examples.get)
    circles = rooms_in_circles()
    rows = [
        ("lines of a file of src, include and apps: median", 90, share(lengths, 0.5), ""),
        ("  nine tenths are shorter than", 220, share(lengths, 0.9), ""),
        ("  the longest", 400, max(lengths), f"of {len(lengths)} files"),
        ("virtual functions of Rule", 4, virtual_functions("include/chronograd/rule.hpp", "Rule"), ""),
        ("lines of a rule with a recursion of its own: uoro", 90, length(ROOT / "src/rules/uoro.cpp"), ""),
        ("  dni", 90, length(ROOT / "src/rules/dni.cpp"), ""),
        ("lines of code of the shortest whole example", 10, examples[shortest], shortest),
        ("rooms of src in a circle", 0, len(circles), " ".join(circles)),
    ]
    width = max(len(row[0]) for row in rows)
    print(f"{'yardstick':{width}}  target  found")
    for what, target, found, remark in rows:
        print(f"{what:{width}}  {target:6}  {found:5}  {'' if found <= target else 'short of it '}{remark}".rstrip())


if __name__ == "__main__":
    main()
