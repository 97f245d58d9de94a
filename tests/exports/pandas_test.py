#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pandas.read_csv gives the columns and numbers of metrics.jsonl.

    pandas_test.py PROGRAM
"""
import json
import math
import pathlib
import sys
import tempfile
import unittest

import pandas

import cases

PROGRAM = sys.argv[1]
del sys.argv[1:]


def flat(value, name=""):
    """Fields inside of fields as a.b, elements of lists as a.0."""
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: number for inner, part in items for key, number in flat(part, f"{name}.{inner}" if name else str(inner)).items()}
    return {name: value}


class Pandas(unittest.TestCase):
    def test_every_number_is_there(self):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            run = cases.Run(PROGRAM, folder, "gru", "float32")
            watched = folder / "watched"
            cases.call(PROGRAM, "train", run.folder / "run.toml", "loss.name=cross_entropy", "update.every=2", "rule.name=tbptt",
                       "watch.rules=[\"rtrl\", \"snap(n=2, reach=3)\"]", "watch.every=2", "train.report_every=3",
                       "train.test_every=6", "--data", run.folder / "data.npz", "--out", watched)
            for path in (run.path, watched):
                cases.call(PROGRAM, "export", path, "--to", "csv")
                table = pandas.read_csv(path / "metrics.csv", float_precision="round_trip")
                lines = [flat(json.loads(line)) for line in (path / "metrics.jsonl").read_text().splitlines()]
                self.assertEqual(list(table.columns), list(dict.fromkeys(name for line in lines for name in line)))
                self.assertEqual(len(table), len(lines))
                for row, line in enumerate(lines):
                    for name in table.columns:
                        found, expected = table[name][row], line.get(name)
                        if expected is None:
                            self.assertTrue(math.isnan(found), name)
                        else:
                            self.assertEqual(found, expected, name)
            self.assertIn("cosine.snap(n=2, reach=3)", table.columns)


if __name__ == "__main__":
    unittest.main()
