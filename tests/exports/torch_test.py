#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch loads the arrays of a file into its GRU and LSTM, and computes what the program computes.

    torch_test.py PROGRAM
"""
import json
import sys
import tempfile
import unittest

import numpy as np
import torch

import cases

PROGRAM = sys.argv[1]
del sys.argv[1:]
TOLERANCE = 1e-5  # float32: ten steps of sums and functions that are rounded by 1e-7 each


def tensors(path):
    """What a file holds: the length of a header, the header, the numbers."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    del header["__metadata__"]
    assert {facts["dtype"] for facts in header.values()} == {"F32"}
    return {name: torch.from_numpy(np.frombuffer(data[begin + facts["data_offsets"][0]:begin + facts["data_offsets"][1]],
                                                 np.float32).reshape(facts["shape"]).copy())
            for name, facts in header.items()}


class Torch(unittest.TestCase):
    def test_state_dicts(self):
        for name, module in (("gru", torch.nn.GRU), ("lstm_stack", torch.nn.LSTM)):
            with self.subTest(case=name), tempfile.TemporaryDirectory() as folder:
                run = cases.Run(PROGRAM, folder, name, "float32")
                state = tensors(run.export("safetensors"))
                W_out, b_y = state.pop("W_out"), state.pop("b_y")
                layers = sum(key.startswith("weight_hh") for key in state)
                network = module(cases.n, cases.d, num_layers=layers, batch_first=True)
                network.load_state_dict(state, strict=True)
                stacked = [torch.from_numpy(np.stack([values for key, values in run.states.items() if key.startswith(kind)]))
                           for kind in ("h0", "c0") if kind in run.states]
                with torch.no_grad():
                    h, _ = network(torch.from_numpy(run.x), stacked[0] if len(stacked) == 1 else tuple(stacked))
                    a = h @ W_out.T + b_y
                    y = torch.softmax(a, -1) if name == "gru" else torch.tanh(a)
                outputs = run.outputs()
                cases.expect_close("h", h.numpy(), outputs["h"], TOLERANCE)
                cases.expect_close("y", y.numpy(), outputs["y"], TOLERANCE)


if __name__ == "__main__":
    unittest.main()
