# SPDX-License-Identifier: Apache-2.0
"""Rules, a cell, a task and a loss as somebody would write them: what the tests, and the program by --load, use."""
import numpy as np

import chronograd as cg


@cg.rule("my_rflo", promise="biased", options={"fade": {"default": 1.0, "low": 0, "high": 1, "help": "of the past"}})
class Rflo:
    """RFLO, written in Python.

    The trace of each weight fades with the cell's local part.
    """
    state = ["trace"]

    def __init__(self, net, options):
        self.fade = options["fade"]

    def begin(self):
        self.trace = None

    def learn(self, segment, credit):
        gradient = 0
        z = segment.z
        for k in range(segment.steps):
            a, b = segment.linearise(k)
            new = b[..., None] * z[k][:, None, None, None, :]  # (B, S, G, d, columns)
            if self.trace is not None:
                new = new + self.fade * np.einsum("brsd,bsgdz->brgdz", a, self.trace)
            self.trace = new
            gradient = gradient + np.einsum("bd,bgdz->gdz", credit.c[k], self.trace[:, 0])
        return gradient


@cg.rule("my_rtrl", promise="exact")
class Rtrl:
    """RTRL, written in Python: the whole influence matrix."""
    state = ["influence"]

    def __init__(self, net, options):
        self.net = net

    def begin(self):
        self.influence = None

    def learn(self, segment, credit):
        net, gradient, z = self.net, 0, segment.z
        recurrent = segment.W[:, :, : net.units]  # (G, d, d)
        units = np.arange(net.units)
        for k in range(segment.steps):
            a, b = segment.linearise(k)
            new = np.zeros((net.streams, net.states, net.units, net.gates, net.units, net.columns))  # of (s, i) by (g, j, z)
            new[:, :, units, :, units] += (b[..., None] * z[k][:, None, None, None, :]).transpose(3, 0, 1, 2, 4)
            if self.influence is not None:
                new += np.einsum("brsi,bsigjz->brigjz", a, self.influence)
                alive = 1.0 - segment.cut[k]
                new += np.einsum("b,bsgi,gil,blhjz->bsihjz", alive, b, recurrent, self.influence[:, 0])
            self.influence = new
            gradient = gradient + np.einsum("bi,bigjz->gjz", credit.c[k], new[:, 0])
        return gradient


@cg.rule("my_bptt", promise="exact", segments="row", past_facing=False)
class Bptt:
    """A backward scan by products with the Jacobian."""
    state = []

    def __init__(self, net, options):
        self.net = net

    def begin(self):
        pass

    def learn(self, segment, credit):
        net, z = self.net, segment.z
        back, gradient = np.zeros((net.streams, net.states, net.units)), 0
        for k in reversed(range(segment.steps)):
            back[:, 0] += credit.c[k]
            back, du = segment.pull(k, back)
            gradient = gradient + np.einsum("bgd,bz->gdz", du, z[k])
        return gradient


@cg.rule("my_deep_bptt", promise="exact", segments="row", layers="all", past_facing=False)
class DeepBptt:
    """A backward scan over a stack."""
    state = []

    def __init__(self, net, options):
        self.net = net

    def begin(self):
        pass

    def learn(self, segment, credit):
        net, layers = self.net, segment.layers
        back, gradients = np.zeros((net.streams, net.layers, net.states, net.units)), [0] * net.layers
        for k in reversed(range(segment.steps)):
            back[:, -1, 0] += credit.c[k]
            back, du = segment.pull(k, back)
            gradients = [sum_ + np.einsum("bgd,bz->gdz", du[:, l], layers[l].z[k]) for l, sum_ in enumerate(gradients)]
        return gradients


@cg.rule("my_deep_rtrl", promise="exact", layers="all")
class DeepRtrl:
    """RTRL of a stack, layer by layer: the influence of all weights on the states of all layers."""
    state = ["influence"]

    def __init__(self, net, options):
        self.net = net

    def begin(self):
        self.influence = None

    def learn(self, segment, credit):
        net, layers, d = self.net, segment.layers, self.net.units
        starts = np.cumsum([0, *(net.gates * d * layer.z.shape[2] for layer in layers)])
        if self.influence is None:
            self.influence = np.zeros((net.layers, net.streams, net.states, d, starts[-1]))  # d state / d weight
        gradient = np.zeros(starts[-1])
        for k in range(segment.steps):
            alive = 1.0 - segment.cut[k]
            below = None  # the influence on h of the layer below, in this step
            for l, layer in enumerate(layers):
                a, b = layer.linearise(k)
                du = np.einsum("b,gil,blw->bgiw", alive, layer.W[:, :, :d], self.influence[l][:, 0])
                if below is not None:
                    du += np.einsum("gil,blw->bgiw", layer.W[:, :, d : 2 * d], below)
                own = du[..., starts[l] : starts[l + 1]].reshape(net.streams, net.gates, d, net.gates, d, -1)
                for g in range(net.gates):
                    for i in range(d):
                        own[:, g, i, g, i] += layer.z[k]
                du[..., starts[l] : starts[l + 1]] = own.reshape(net.streams, net.gates, d, -1)
                self.influence[l] = np.einsum("brsi,bsiw->briw", a, self.influence[l]) + np.einsum("bsgi,bgiw->bsiw", b, du)
                below = self.influence[l][:, 0]
            gradient += np.einsum("bi,biw->w", credit.c[k], below)
        return [gradient[start:end].reshape(net.gates, d, -1) for start, end in zip(starts, starts[1:])]


@cg.cell("my_lstm", states=2, gates=4, parameters="torch", state_names=["c0"], moves={3: [0]}, h_carries=False)
class Lstm:
    """The LSTM, from its formulae alone."""

    def step(s, u):
        h, c = s
        i, f, o = (1 / (1 + np.exp(-u[k])) for k in (0, 1, 3))
        c = f * c + i * np.tanh(u[2])
        return o * np.tanh(c), c


@cg.task("my_echo", options={"delay": 2})
class Echo:
    """The input of some steps ago."""
    inputs = outputs = 1
    length = 15

    def __init__(self, options, seed):
        self.delay, self.seed = options["delay"], seed

    def row(self, split, number):
        x = np.random.default_rng([self.seed, split == "test", number]).standard_normal((self.length, 1))
        y = np.zeros_like(x)
        y[self.delay:] = x[: -self.delay]
        return x, y, (np.arange(self.length) >= self.delay).astype(float)


@cg.loss("my_mse")
class Mse:
    """Half the squared error."""

    def value(y, target):
        return 0.5 * ((y - target) ** 2).sum()
