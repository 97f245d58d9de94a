# SPDX-License-Identifier: Apache-2.0
"""Small networks and rows that the tests share."""
import os
import pathlib
import subprocess

import numpy as np

PROGRAM = os.environ["CHRONOGRAD"]


def program(*words, **more):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, **more)


def rows(streams=3, steps=12, inputs=2, outputs=2, seed=0):
    random = np.random.default_rng(seed)
    return random.standard_normal((streams, steps, inputs)), random.standard_normal((streams, steps, outputs))


def settings(**more):
    return {"cell": "leaky", "hidden": 5, "alpha": 0.5, "rule": "rflo", "loss": "mse", "every": 1, "lr": 0.05, **more}


def leaky(units=5, inputs=2, outputs=2, seed=1):
    random = np.random.default_rng(seed)
    return {"W_rec": random.standard_normal((units, units)) / 2, "W_in": random.standard_normal((units, inputs)),
            "b_h": random.standard_normal(units) / 3, "W_out": random.standard_normal((outputs, units)), "b_y": np.zeros(outputs)}


def distance(a, b):
    return np.abs(np.asarray(a, float) - np.asarray(b, float)).max() / max(np.abs(np.asarray(b, float)).max(), 1e-300)


def write(path, text):
    pathlib.Path(path).write_text(text)
    return path
