# SPDX-License-Identifier: Apache-2.0
"""What is compared with: the same computations in PyTorch (Debian's python3-torch), one thread, float32.

Each function returns a closure that does the work once. `gradient` is forward pass, loss and all gradients of a batch of
rows; `stream` is one step of an endless stream: forward, loss, backward, SGD update, detach; `rtrl` is one step of exact
real-time recurrent learning, its influence matrix written out or asked from forward-mode differentiation.
"""
import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch  # noqa: E402  (after the thread count is set)

torch.set_num_threads(1)
VERSION = torch.__version__


def leaky_loop(x, h, w_rec, w_in, b, alpha: float):
    states = []
    for t in range(x.shape[0]):
        h = (1 - alpha) * h + alpha * torch.tanh(h @ w_rec.t() + x[t] @ w_in.t() + b)
        states.append(h)
    return torch.stack(states)


class Leaky(torch.nn.Module):
    """The leaky network as its users write it; `script` compiles the loop with TorchScript."""

    def __init__(self, n, d, script):
        super().__init__()
        self.w_rec = torch.nn.Parameter(torch.randn(d, d) / d**0.5)
        self.w_in = torch.nn.Parameter(torch.randn(d, n) / n**0.5)
        self.b = torch.nn.Parameter(torch.zeros(d))
        self.loop = torch.jit.script(leaky_loop) if script else leaky_loop

    def forward(self, x):
        h = torch.zeros(x.shape[1], self.b.shape[0])
        return self.loop(x, h, self.w_rec, self.w_in, self.b, 0.5), None


NETS = {
    "nn.RNN": torch.nn.RNN,
    "nn.GRU": torch.nn.GRU,
    "nn.LSTM": torch.nn.LSTM,
    "eager loop": lambda n, d: Leaky(n, d, False),
    "TorchScript loop": lambda n, d: Leaky(n, d, True),
}
CELLS = {"GRUCell": torch.nn.GRUCell, "RNNCell": torch.nn.RNNCell, "LSTMCell": torch.nn.LSTMCell}


def gradient(net, d, streams, steps, n=32, m=10):
    torch.manual_seed(0)
    net = NETS[net](n, d)
    readout = torch.nn.Linear(d, m)
    parameters = [*net.parameters(), *readout.parameters()]
    x, target = torch.randn(steps, streams, n), torch.randn(steps, streams, m)

    def run():
        for p in parameters:
            p.grad = None
        h, _ = net(x)
        (0.5 * ((readout(h) - target) ** 2).sum() / streams).backward()

    return run


def stream(cell, d, n=8, m=2):
    torch.manual_seed(0)
    net, readout = CELLS[cell](n, d), torch.nn.Linear(d, m)
    sgd = torch.optim.SGD([*net.parameters(), *readout.parameters()], lr=1e-6)
    x, target = torch.randn(1, n), torch.randn(1, m)
    state = [None]

    def run():
        out = net(x, state[0])
        h = out[0] if isinstance(out, tuple) else out
        sgd.zero_grad(set_to_none=True)
        (0.5 * ((readout(h) - target) ** 2).sum()).backward()
        sgd.step()
        state[0] = tuple(s.detach() for s in out) if isinstance(out, tuple) else out.detach()

    return run


def rtrl(how, d, n=32, m=10):
    """`written out`: M = J M + Mbar with matrix products; `functorch`: J and Mbar from jacfwd; `forward mode`: one
    Jacobian-vector product for every column of M."""
    import functorch

    torch.manual_seed(0)
    columns = d + n + 1
    weights = torch.randn(d, columns) / d**0.5
    w_out = torch.randn(m, d) / d**0.5
    x, one, target = torch.randn(n), torch.ones(1), torch.randn(m)
    state = [torch.zeros(d), torch.zeros(d, d, columns)]
    units = torch.arange(d)

    def step(h, w):
        return torch.tanh(w @ torch.cat((h, x, one)))

    def learn(h, influence):
        error = w_out @ h - target
        grad = torch.einsum("k,kij->ij", error @ w_out, influence)
        weights.sub_(1e-6 * grad)
        w_out.sub_(1e-6 * torch.outer(error, h))
        state[:] = [h, influence]

    def written_out():
        h, influence = state
        z = torch.cat((h, x, one))
        new = torch.tanh(weights @ z)
        slope = 1 - new**2
        influence = ((slope[:, None] * weights[:, :d]) @ influence.view(d, -1)).view(d, d, columns)
        influence[units, units] += slope[:, None] * z
        learn(new, influence)

    def by_functorch():
        h, influence = state
        jacobian, immediate = functorch.jacfwd(step, argnums=(0, 1))(h, weights)
        influence = (jacobian @ influence.view(d, -1)).view(d, d, columns) + immediate
        learn(step(h, weights), influence)

    def forward_mode():
        h, influence = state

        def push(dh, dw):
            return functorch.jvp(step, (h, weights), (dh, dw))[1]

        basis = torch.eye(d * columns).view(-1, d, columns)
        influence = functorch.vmap(push)(influence.view(d, -1).t(), basis).t().reshape(d, d, columns)
        learn(step(h, weights), influence)

    return {"written out": written_out, "functorch": by_functorch, "forward mode": forward_mode}[how]
