#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The programs of docs/export.md, for Python and for Node, read the files that its commands write.

    document_test.py PROGRAM NODE NODE_MODULES
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/documents"))
from blocks import blocks_of, commands_of  # noqa: E402

PROGRAM, NODE, MODULES = sys.argv[1:]
del sys.argv[1:]


class Document(unittest.TestCase):
    def test_every_program_runs(self):
        text = (ROOT / "docs/export.md").read_text()
        said = []
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            (folder / "experiments").symlink_to(ROOT / "experiments")
            for command in commands_of(text):
                subprocess.run([PROGRAM, *command.words[1:]], cwd=folder, check=True, capture_output=True)
            for lines in blocks_of(text):
                language = {"import": [sys.executable, "-c"], "const": [NODE, "-e"]}.get(lines[0].split()[0])
                if language is not None:
                    answer = subprocess.run([*language, "\n".join(lines)], cwd=folder, check=True, capture_output=True, text=True,
                                            env={**os.environ, "NODE_PATH": MODULES})
                    said.append(answer.stdout)
        self.assertEqual(len(said), 3)
        self.assertEqual(said[0].count("Float32Array(2)"), 3)
        self.assertEqual(said[1], "(32, 32)\n")
        self.assertEqual(len(said[2].splitlines()), 4)
        self.assertIn("300", said[2].splitlines()[-1].split())


if __name__ == "__main__":
    unittest.main()
