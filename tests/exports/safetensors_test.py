#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""@huggingface/hub reads the header of a file; the numbers at its places are those of params.npz.

    safetensors_test.py PROGRAM NODE NODE_MODULES
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import cases

PROGRAM, NODE, MODULES = sys.argv[1:]
del sys.argv[1:]
TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "U8": np.uint8}


class Safetensors(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def read(self, path):
        answer = subprocess.run([NODE, pathlib.Path(__file__).with_name("read_safetensors.mjs"), f"{MODULES}/@huggingface/hub", path],
                                check=True, capture_output=True, text=True)
        return json.loads(answer.stdout)

    def test_another_program_reads_what_params_npz_holds(self):
        for name, dtype in (("gru_stack", "float32"), ("leaky_trained", "float64")):
            run = cases.Run(PROGRAM, self.folder, name, dtype)
            path = run.export("safetensors")
            answer = self.read(path)
            header = answer["header"]
            about = header.pop("__metadata__")
            self.assertEqual(json.loads(about["config"]), json.loads((run.path / "resolved.json").read_text()))
            parameters = np.load(run.path / "params.npz")
            self.assertEqual(set(header), set(parameters.files))
            data = path.read_bytes()
            begin = 8 + int.from_bytes(data[:8], "little")
            self.assertEqual(begin % 8, 0)
            for array, facts in header.items():
                first, last = facts["data_offsets"]
                found = np.frombuffer(data[begin + first:begin + last], TYPES[facts["dtype"]]).reshape(facts["shape"])
                self.assertEqual(found.dtype, parameters[array].dtype)
                np.testing.assert_array_equal(found, parameters[array])
            kind = "F32" if dtype == "float32" else "F64"
            self.assertEqual(answer["parameterCount"][kind], sum(parameters[array].size for array in parameters.files))


if __name__ == "__main__":
    unittest.main()
