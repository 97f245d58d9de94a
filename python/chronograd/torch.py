# SPDX-License-Identifier: Apache-2.0
"""PyTorch's networks and this library's: parameters both ways, and a network as a differentiable layer.

>>> import torch, chronograd as cg
>>> gru = torch.nn.GRU(3, 8, batch_first=True)
>>> sorted(cg.torch.params(gru))
['bias_hh_l0', 'bias_ih_l0', 'weight_hh_l0', 'weight_ih_l0']
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from . import _chronograd
from ._learner import Learner
from ._numbers import error, parameters
from ._settings import Config, Settings, experiment
from ._work import gradient, predict

_PLAIN = re.compile(r"(weight|bias)_(ih|hh)_l(\d+)$")


def _layer(name: str, layer: int) -> str:
    return name if layer == 0 else f"{name}_l{layer}"


def params(module: Any) -> dict[str, np.ndarray]:
    """The parameters of a torch.nn.RNN, GRU or LSTM, or of its state dict, by this library's names: for the cells `leaky`
    (alpha = 1, the activation that the RNN has), `gru` and `lstm`, with as many layers. A Linear readout is W_out =
    weight, b_y = bias. An Error for what has no counterpart: two directions, projections."""
    state = dict(module if isinstance(module, Mapping) else module.state_dict())
    for name in state:
        if not _PLAIN.search(name):
            raise error(4, f"state dict: {name}", "has no counterpart here, allowed are weight_ih_l0, weight_hh_l0, bias_ih_l0, "
                                                  "bias_hh_l0 and further layers: one direction, no projection.")
    arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in state.items()}
    hidden, rows = arrays["weight_hh_l0"].shape[1], arrays["weight_hh_l0"].shape[0]
    layers = 1 + max(int(_PLAIN.search(name)[3]) for name in arrays)  # type: ignore[index]
    for layer in range(layers):  # bias=False
        for bias in ("bias_ih", "bias_hh"):
            arrays.setdefault(f"{bias}_l{layer}", np.zeros(rows, arrays["weight_hh_l0"].dtype))
    if rows != hidden:
        return arrays
    plain = {}
    for layer in range(layers):
        plain[_layer("W_rec", layer)] = arrays[f"weight_hh_l{layer}"]
        plain[_layer("W_in", layer)] = arrays[f"weight_ih_l{layer}"]
        plain[_layer("b_h", layer)] = arrays[f"bias_ih_l{layer}"] + arrays[f"bias_hh_l{layer}"]
    return plain


def load(module: Any, given: Any) -> None:
    """Puts parameters (a dict, a Run, a Learner, a .npz file) into a torch.nn.RNN, GRU or LSTM of the same sizes."""
    arrays = parameters(given) or {}
    state = {}
    for name, tensor in module.state_dict().items():
        kind, which, layer = _PLAIN.search(name).groups()  # type: ignore[union-attr]
        source = name
        if name not in arrays:
            source = _layer({"weight_ih": "W_in", "weight_hh": "W_rec", "bias_ih": "b_h", "bias_hh": ""}[f"{kind}_{which}"],
                            int(layer))
        if source.startswith("_l") or not source:
            value = np.zeros(tuple(tensor.shape))
        elif source in arrays:
            value = arrays[source]
        else:
            raise error(4, "params", f"have no {name} (nor {source}), which the module needs.")
        if tuple(value.shape) != tuple(tensor.shape):
            raise error(4, f"params: {source}", f"got the shape {value.shape}, allowed is {tuple(tensor.shape)}.")
        state[name] = torch.as_tensor(np.array(value), dtype=tensor.dtype)
    module.load_state_dict(state)


class Layer(torch.nn.Module):
    """A network of this library as a layer: x (B,T,n) -> y (B,T,m), with the gradient of any loss by x, by first states
    and by all parameters. Credit is that of back-propagation through the whole row, as autograd's is.

    `config`: the cell and its settings; rule and loss do not count, and outputs are pre-outputs unless readout.activation
    says otherwise. `params`: where to begin (a dict, a Run, ...); None: drawn from the seed. The parameters are the
    module's, under their names.

    >>> import torch, chronograd as cg
    >>> layer = cg.torch.Layer(inputs=2, outputs=1, cell="gru", hidden=4)
    >>> y = layer(torch.zeros(3, 5, 2))
    >>> y.square().sum().backward()
    >>> y.shape, layer.W_out.grad.shape
    (torch.Size([3, 5, 1]), torch.Size([1, 4]))
    """

    def __init__(self, config: Settings = None, inputs: int = 0, outputs: int = 0, *, params: Any = None, **settings: Any):
        super().__init__()
        _chronograd.add_given_slope()
        if not isinstance(config, Config) and not isinstance(config, str):
            settings = {"rule": "bptt", "loss": "given_slope", **settings}
        chosen = experiment(config, **settings)
        shown = {"activation": chosen["readout"].get("activation", "identity")}
        self.config = chosen.changed(rule={"name": "bptt", "feedback": "symmetric"}, loss={"name": "given_slope", "normalize": "sum"},
                                     readout=shown, update={"every": "trial"})
        given = parameters(params)
        if given is None:
            given = Learner(self.config.changed(rule="immediate", every=1), inputs, outputs).params
        dtype = torch.float64 if self.config[""]["dtype"] == "float64" else torch.float32
        for name, array in given.items():
            self.register_parameter(name, torch.nn.Parameter(torch.tensor(np.array(array), dtype=dtype)))

    def forward(self, x: torch.Tensor, **states: torch.Tensor) -> torch.Tensor:
        """x (B,T,n); first states by their names, `h0=` (B,d)."""
        named = dict(self.named_parameters())
        return _Row.apply(self.config, tuple(named), tuple(states), x, *named.values(), *states.values())


class _Row(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, *args: Any, **kwargs: Any) -> torch.Tensor:  # type: ignore[override]
        config, names, states, x, *others = args
        context.save_for_backward(x, *others)
        context.config, context.names, context.states = config, names, states
        arrays = [tensor.detach().cpu().numpy() for tensor in others]
        weights = dict(zip(names, arrays))
        y = predict(config, x.detach().cpu().numpy(), weights, **dict(zip(states, arrays[len(names):])))
        return torch.as_tensor(y, dtype=x.dtype)

    @staticmethod
    @once_differentiable
    def backward(context: Any, *slopes: torch.Tensor) -> tuple:
        x, *others = context.saved_tensors
        names, states = context.names, context.states
        arrays = [tensor.detach().cpu().numpy() for tensor in others]
        found = gradient(context.config, x.detach().cpu().numpy(), np.array(slopes[0].detach().cpu().numpy(), float),
                         dict(zip(names, arrays)), inputs=True, **dict(zip(states, arrays[len(names):])))
        wanted = ["grad/x", *names, *(f"grad/{state}" for state in states)]
        return (None, None, None,
                *(torch.as_tensor(found[name].reshape(tuple(like.shape)), dtype=like.dtype) if name in found else None
                  for name, like in zip(wanted, (x, *others))))
