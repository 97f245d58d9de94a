# SPDX-License-Identifier: Apache-2.0
"""Small runs of every cell that is exported, and what the program itself says of them."""
import pathlib
import subprocess

import numpy as np

B, T, n, d = 3, 13, 4, 5

CONFIG = """
seed = 3
[model]
cell = "leaky"
hidden = 5
[loss]
name = "mse"
[rule]
name = "bptt"
[optimizer]
lr = 0.2
[train]
epochs = 4
"""

TURNING = {"lru": ["s_re0", "s_im0"], "rtu": ["s0", "s0_2"]}
# Name: changes of the configuration. Together they have each cell, activation, loss and form of a layer.
CASES = {
    "leaky": ["model.alpha=0.3"],
    "leaky_stack": ["model.alpha=[0.2, 0.4, 0.6, 0.8, 1.0]", "model.layers=2", "model.density=0.5", "model.activation=relu"],
    "leaky_trained": ["model.alpha=0.4", "model.train=[\"alpha\"]", "model.activation=softplus", "model.layers=2"],
    "leaky_identity": ["model.alpha=0.1", "model.activation=identity", "readout.activation=softplus"],
    "leaky_filter": ["model.alpha=0.5", "readout.tau_out=5", "model.layers=2", "readout.activation=relu", "regularise.rate_cost=0.1",
                     "regularise.rate_target=0.2", "regularise.average=filtered", "regularise.rate_tau=3"],
    "gru": ["model.cell=gru", "loss.name=cross_entropy"],
    "gru_stack": ["model.cell=gru", "model.layers=2", "readout.tau_out=3", "readout.zeta_out=0.5"],
    "lstm": ["model.cell=lstm", "loss.name=bce"],
    "lstm_stack": ["model.cell=lstm", "model.layers=3", "readout.activation=tanh"],
    "leaky_diagonal": ["model.cell=leaky_diagonal", "model.alpha=0.6", "model.layers=2", "model.activation=sigmoid"],
    "lru": ["model.cell=lru", "model.layers=2", "readout.activation=sigmoid"],
    "lru_real": ["model.cell=lru_real", "model.layers=2", "model.activation=relu"],
    "rtu": ["model.cell=rtu", "model.layers=2"],
    "rtu_inside": ["model.cell=rtu", "model.activation_at=state", "readout.tau_out=4"],
    "elstm": ["model.cell=elstm", "model.layers=2"],
    "alif": ["model.cell=alif", "model.v_th=0.3", "model.beta=[0, 0, 0.1, 0.2, 0.4]", "readout.tau_out=4", "model.n_ref=[0, 1, 2, 3, 4]"],
    "alif_stack": ["model.cell=alif", "model.layers=2", "model.v_th=0.2", "model.reset_at=step", "model.zeta=leak", "model.tau_m=3"],
    "alif_zero": ["model.cell=alif", "model.v_th=0.5", "model.reset_at=step", "model.reset=zero", "model.beta=0.1"],
}


def states_of(changes):
    """Names and widths of what is carried over steps, as data and graphs call them."""
    settings = dict(change.split("=", 1) for change in changes)
    cell, layers = settings.get("model.cell", "leaky"), int(settings.get("model.layers", 1))
    names = {"gru": ["h0"], "lstm": ["h0", "c0"], "elstm": ["c0"], "lru_real": ["s0"], "alif": ["h0", "v0", "a0"], **TURNING}.get(cell, ["h0"])
    states = {name + (f"_l{layer}" if layer > 0 else ""): d for layer in range(layers) for name in names}
    if "model.n_ref" in settings:
        states["r0"] = d
    if "readout.tau_out" in settings:
        states.update({name + (f"_l{layers - 1}" if layers > 1 else ""): d for name in (["f0", "f0_2"] if cell == "rtu" else ["f0"])})
    return states


def call(program, *words):
    subprocess.run([program, *map(str, words), "--quiet"], check=True, stdout=subprocess.DEVNULL)


class Run:
    """A run of one case in a folder: its data, what it exported, and what `eval` says."""

    def __init__(self, program, folder, name, dtype):
        self.program, self.folder, self.changes = program, pathlib.Path(folder) / f"{name}_{dtype}", CASES[name]
        self.folder.mkdir()
        self.dtype = np.dtype(dtype)
        random = np.random.default_rng(11)
        self.x = random.normal(size=(B, T, n)).astype(dtype)
        classes, shares = "loss.name=cross_entropy" in self.changes, "loss.name=bce" in self.changes
        y = random.integers(0, 3, size=(B, T)) if classes else random.random(size=(B, T, 2)).round(int(0 if shares else 9))
        self.states = {state: random.normal(size=(B, width)).astype(dtype) for state, width in states_of(self.changes).items()}
        given = {state: values for state, values in self.states.items() if state != "r0"}  # which data cannot give
        if "r0" in self.states:
            self.states["r0"][:] = 0
        np.savez(self.folder / "data.npz", x=self.x, y=y, **given)
        (self.folder / "run.toml").write_text(CONFIG)
        self.path = self.folder / "run"
        self.call("train", self.folder / "run.toml", f"dtype={dtype}", *self.changes, "--data", self.folder / "data.npz", "--out",
                  self.path)

    def call(self, *words):
        call(self.program, *words)

    def export(self, to, *words):
        """The file's path, where --out is not given."""
        self.call("export", self.path, "--to", to, *words)
        return self.path / {"onnx": "model.onnx", "safetensors": "model.safetensors", "csv": "metrics.csv"}[to]

    def outputs(self):
        """y and h of each step by the program."""
        self.call("eval", self.path, "--data", self.folder / "data.npz", "--out", self.folder / "eval.npz")
        return np.load(self.folder / "eval.npz")


def expect_close(what, found, expected, tolerance):
    assert found.shape == expected.shape, f"{what}: got shape {found.shape}, expected {expected.shape}"
    error = np.abs(found.astype(np.float64) - expected).max() / np.abs(expected).max()
    assert error <= tolerance, f"{what}: relative error {error:.1e}, allowed is {tolerance:.0e}"
    return error
