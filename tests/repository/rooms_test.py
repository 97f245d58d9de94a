#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rooms of src and which of them may read which: the table below, no more and no circle."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))

# From the bottom to the top: a room reads those in its list, all of which stand above it here. Public headers
# (include/chronograd) are read by all and read only each other. Nobody reads a room of entries: entries are found in
# catalogues.
READS = {
    "base": "",
    "math": "base",
    "files": "base",
    "figures": "base",
    "ranks": "math",
    "config": "base figures",
    "cells": "base math",
    "losses": "math",
    "formats": "base files",
    "network": "base files losses math",
    "learning": "base math network",
    "training": "base config files formats learning math network ranks",
    "streaming": "base config files learning math network training",
    "nets": "base losses math",
    "transport": "ranks",
    "decoupled": "base files losses nets training transport",
    "checking": "base config files learning network",
    "cost": "base decoupled figures learning math nets network transport",
    "runs": "base config figures files network ranks training",
    "studies": "base config figures files ranks runs training",
    "report": "base figures runs studies training",
    "exports": "base files network runs",
    "rules": "base math",
    "synthesisers": "base math",
    "interfaces": "base math nets",
    "optimizers": "math",
    "feedback": "",
    "tasks": "base math",
    "datasets": "base files",
}
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.MULTILINE)


def read_by(path):
    """The rooms that a file reads."""
    folders = [name.split("/")[0] for name in INCLUDE.findall(path.read_text()) if "/" in name]
    return {folder for folder in folders if folder != "chronograd"}


def sources(folder):
    return [path for path in sorted(folder.rglob("*")) if path.suffix in (".cpp", ".hpp", ".in")]


class Rooms(unittest.TestCase):
    def test_the_table_names_all_rooms(self):
        rooms = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
        self.assertEqual(rooms, set(READS))

    def test_the_table_has_no_circle(self):
        below = set()
        for room, read in READS.items():
            self.assertLessEqual(set(read.split()), below, f"{room} reads a room that does not stand above it in the table")
            below.add(room)

    def test_rooms_read_what_the_table_allows(self):
        for room, read in READS.items():
            used = set()
            for path in sources(ROOT / "src" / room):
                more = read_by(path) - {room}
                self.assertLessEqual(more, set(read.split()), f"{path.relative_to(ROOT)} reads a room it may not")
                used |= more
            self.assertEqual(used, set(read.split()), f"the table allows {room} to read rooms that it does not need")

    def test_public_headers_read_public_headers(self):
        for path in sources(ROOT / "include"):
            self.assertEqual(read_by(path), set(), path.relative_to(ROOT))


if __name__ == "__main__":
    unittest.main()
