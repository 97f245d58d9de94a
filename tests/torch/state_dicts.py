#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""State dicts of PyTorch's GRU and LSTM are chronograd's parameter files, and back.

    state_dicts.py PROGRAM gru|lstm LAYERS

Loss, h, y, all gradients, dL/dx and those of the initial state agree with torch.autograd, and what `train` wrote loads
with load_state_dict(strict=True) and computes the same. float64, 1e-10: both sum at most some hundred products, each
rounded by 1e-16.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

TOLERANCE = 1e-10
B, T, n, d, m = 3, 11, 4, 6, 2

CONFIG = """
dtype = "float64"
[model]
cell = "{cell}"
hidden = {d}
layers = {layers}
[loss]
name = "mse"
normalize = "sum"
[rule]
name = "bptt"
[optimizer]
lr = 0.01
[train]
epochs = 3
"""


def names(layers, state):
    return [state + (f"_l{layer}" if layer > 0 else "") for layer in range(layers)]


def expect_close(what, found, expected):
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        sys.exit(f"{what}: got shape {found.shape}, expected {expected.shape}")
    error = np.abs(found - expected).max() / np.abs(expected).max()
    if not error <= TOLERANCE:
        sys.exit(f"{what}: relative error {error:.1e}, allowed is {TOLERANCE:.0e}")


class Network:
    """What chronograd computes, in PyTorch."""

    def __init__(self, cell, layers):
        self.recurrent = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](
            n, d, num_layers=layers, batch_first=True).double()
        self.readout = torch.nn.Linear(d, m).double()
        self.lstm = cell == "lstm"

    def parameters(self):
        """Parameters by the names of files."""
        return {**dict(self.recurrent.named_parameters()), "W_out": self.readout.weight, "b_y": self.readout.bias}

    def load(self, arrays):
        state = {name: torch.from_numpy(arrays[name]) for name in arrays.files if name not in ("W_out", "b_y")}
        self.recurrent.load_state_dict(state, strict=True)
        self.readout.load_state_dict({"weight": torch.from_numpy(arrays["W_out"]),
                                      "bias": torch.from_numpy(arrays["b_y"])}, strict=True)

    def run(self, x, h0, c0):
        h, _ = self.recurrent(x, (h0, c0) if self.lstm else h0)
        return h, self.readout(h)


def main(program, cell, layers):
    torch.manual_seed(5)
    random = np.random.default_rng(7)
    network = Network(cell, layers)
    x = torch.from_numpy(random.normal(size=(B, T, n))).requires_grad_()
    h0 = torch.from_numpy(random.normal(size=(layers, B, d))).requires_grad_()
    c0 = torch.from_numpy(random.normal(size=(layers, B, d))).requires_grad_()
    target = torch.from_numpy(random.normal(size=(B, T, m)))
    mask = torch.from_numpy(random.integers(0, 3, size=(B, T)) / 2)
    data = {"x": x, "y": target, "mask": mask, **dict(zip(names(layers, "h0"), h0))}
    if network.lstm:
        data.update(zip(names(layers, "c0"), c0))

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def save(name, arrays):
            np.savez(folder / name, **{key: value.detach().numpy() for key, value in arrays.items()})

        def chronograd(verb, *words):
            subprocess.run([program, verb, str(folder / "config.toml"), "--data", str(folder / "data.npz"), "--quiet",
                            *map(str, words)], check=True)

        (folder / "config.toml").write_text(CONFIG.format(cell=cell, d=d, layers=layers))
        save("data.npz", data)
        save("params.npz", network.parameters())

        h, y = network.run(x, h0, c0)
        loss = 0.5 * (mask[..., None] * (y - target) ** 2).sum()
        loss.backward()
        for rule in (["rule.name=bptt"], ["rule.name=rtrl", "update.every=1"]):
            chronograd("gradient", "--params", folder / "params.npz", "--out", folder / "gradient.npz", "--inputs",
                       *rule)
            found = np.load(folder / "gradient.npz")
            expect_close("loss", found["loss"], loss.item())
            expect_close("h", found["h"], h.detach())
            expect_close("y", found["y"], y.detach())
            for name, parameter in network.parameters().items():
                expect_close(f"{rule[0]}: {name}", found[name], parameter.grad)
            expect_close("dL/dx", found["grad/x"], x.grad)
            for layer, name in enumerate(names(layers, "h0")):
                expect_close("dL/d" + name, found["grad/" + name], h0.grad[layer])
            for layer, name in enumerate(names(layers, "c0") if network.lstm else []):
                expect_close("dL/d" + name, found["grad/" + name], c0.grad[layer])

        chronograd("train", "--params", folder / "params.npz", "--out", folder / "run")
        trained = np.load(folder / "run" / "params.npz")
        other = Network(cell, layers)
        other.load(trained)
        for name, parameter in network.parameters().items():
            if np.array_equal(trained[name], parameter.detach().numpy()):
                sys.exit(f"{name} did not learn")
        h, y = other.run(x, h0, c0)
        chronograd("gradient", "--params", folder / "run" / "params.npz", "--out", folder / "after.npz")
        after = np.load(folder / "after.npz")
        expect_close("h after training", after["h"], h.detach())
        expect_close("y after training", after["y"], y.detach())


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
