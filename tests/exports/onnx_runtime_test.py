#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""onnxruntime computes what the program computes, and goes on from the states that it gives.

    onnx_runtime_test.py PROGRAM NODE NODE_MODULES

Some ten steps of sums and of functions, each rounded by 1e-7 (float32) or 1e-16 (float64): 1e-5 and 1e-13.
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
TOLERANCE = {"float32": 1e-5, "float64": 1e-13}
FIRST = 6  # steps of the first of two parts


class Runtime:
    """Graphs to be run, all at once: starting the runtime takes longer than they do."""

    def __init__(self, folder):
        self.folder, self.jobs, self.done = pathlib.Path(folder), [], 0

    def add(self, model, inputs):
        outputs = self.folder / f"job_{len(self.jobs)}"
        outputs.mkdir()
        files = {}
        for name, values in inputs.items():
            path = outputs / f"{name}.in"
            path.write_bytes(np.ascontiguousarray(values).tobytes())
            files[name] = {"shape": values.shape, "file": str(path)}
        self.jobs.append({"model": str(model), "type": str(inputs["x"].dtype), "inputs": files, "outputs": str(outputs)})
        return len(self.jobs) - 1

    def run(self):
        (self.folder / "jobs.json").write_text(json.dumps(self.jobs[self.done:]))
        self.done = len(self.jobs)
        subprocess.run([NODE, pathlib.Path(__file__).with_name("run_onnx.mjs"), f"{MODULES}/onnxruntime-node",
                        self.folder / "jobs.json"], check=True)

    def result(self, job, name):
        path, dtype = pathlib.Path(self.jobs[job]["outputs"]) / name, self.jobs[job]["type"]
        shape = [int(size) for size in path.with_name(name + ".shape").read_text().split()]
        return np.frombuffer(path.read_bytes(), dtype).reshape(shape)


class OnnxRuntime(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.runtime = Runtime(self.temporary.name)

    def test_every_cell_computes_the_same(self):
        runs = {}
        for dtype in TOLERANCE:
            for name in cases.CASES:
                run = cases.Run(PROGRAM, self.temporary.name, name, dtype)
                model = run.export("onnx")
                first = {"x": run.x[:, :FIRST], **run.states}
                runs[name, dtype] = run, self.runtime.add(model, {"x": run.x, **run.states}), self.runtime.add(model, first)
        self.runtime.run()
        second = {}
        for (name, dtype), (run, _, first) in runs.items():
            states = {state: self.runtime.result(first, state + "_next") for state in run.states}
            second[name, dtype] = self.runtime.add(run.path / "model.onnx", {"x": run.x[:, FIRST:], **states})
        self.runtime.run()
        largest = dict.fromkeys(TOLERANCE, 0)
        for (name, dtype), (run, job, first) in runs.items():
            with self.subTest(case=name, dtype=dtype):
                outputs = run.outputs()
                for what in ("y", "h"):
                    found = self.runtime.result(job, what)
                    self.assertEqual(found.dtype, run.dtype)
                    error = cases.expect_close(what, found, outputs[what], TOLERANCE[dtype])
                    largest[dtype] = max(largest[dtype], error)
                    parts = [self.runtime.result(part, what) for part in (first, second[name, dtype])]
                    cases.expect_close(f"{what} in two parts", np.concatenate(parts, axis=1), found, TOLERANCE[dtype])
                self.assertGreater(np.ptp(outputs["y"]), 0.01)
        print("largest relative errors:", ", ".join(f"{dtype} {error:.1e}" for dtype, error in largest.items()))

    def test_scaled_data_go_in_and_come_out_as_they_are(self):
        folder = pathlib.Path(self.temporary.name)
        random = np.random.default_rng(5)
        x = random.normal(size=(40, 2)) * [3, 0.1] + [20, -1]
        y = 100 + 7 * np.tanh(x[:, :1] - 20)
        lines = [",".join(repr(float(number)) for number in line) for line in np.hstack([x, y])]
        (folder / "data.csv").write_text("a,b,c\n" + "\n".join(lines) + "\n")
        (folder / "run.toml").write_text(cases.CONFIG + f"[data]\ntrain = '{folder / 'data.csv'}'\ntargets = ['c']\n"
                                         "standardize = 'all'\n")
        cases.call(PROGRAM, "train", folder / "run.toml", "model.cell=gru", "--out", folder / "run")
        cases.call(PROGRAM, "export", folder / "run", "--to", "onnx", "--out", folder / "scaled.onnx")
        cases.call(PROGRAM, "eval", folder / "run", "--data", folder / "data.csv", "--out", folder / "eval.npz")
        job = self.runtime.add(folder / "scaled.onnx",
                               {"x": x[None].astype(np.float32), "h0": np.zeros((1, cases.d), np.float32)})
        self.runtime.run()
        outputs = np.load(folder / "eval.npz")
        expected = outputs["y"] * outputs["mapping/y_deviation"] + outputs["mapping/y_mean"]
        cases.expect_close("y", self.runtime.result(job, "y"), expected, TOLERANCE["float32"])
        self.assertGreater(expected.min(), 50)


if __name__ == "__main__":
    unittest.main()
