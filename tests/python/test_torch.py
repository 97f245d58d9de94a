# SPDX-License-Identifier: Apache-2.0
"""PyTorch both ways: parameters, and a network as a layer that autograd differentiates through."""
import numpy as np
import pytest

torch = pytest.importorskip("torch")

import chronograd as cg  # noqa: E402
from small import distance  # noqa: E402

torch.set_num_threads(1)
KINDS = {"RNN": dict(cell="leaky", alpha=1.0), "GRU": dict(cell="gru"), "LSTM": dict(cell="lstm")}


def both(kind, layers=1, **more):
    torch.manual_seed(3)
    module = getattr(torch.nn, kind)(3, 5, layers, batch_first=True, **more).double()
    readout = torch.nn.Linear(5, 2).double()
    params = {**cg.torch.params(module), "W_out": readout.weight.detach().numpy(), "b_y": readout.bias.detach().numpy()}
    return module, readout, params, dict(hidden=5, layers=layers, dtype="float64", **KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers, bias", [(1, True), (2, True), (1, False)])
def test_state_dicts_in_and_out(kind, layers, bias):
    module, readout, params, settings = both(kind, layers, bias=bias)
    x = torch.randn(4, 7, 3, dtype=torch.float64)
    config = cg.experiment(rule="bptt", loss="mse", **settings)
    y = cg.predict(config, x, params)
    assert distance(y, readout(module(x)[0]).detach()) < 1e-12
    again = getattr(torch.nn, kind)(3, 5, layers, batch_first=True).double()
    cg.torch.load(again, params)
    assert distance(again(x)[0].detach(), module(x)[0].detach()) < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_has_autograds_gradients(kind):
    module, readout, params, settings = both(kind)
    layer = cg.torch.Layer(params=params, **settings)
    x, h0 = torch.randn(4, 7, 3, dtype=torch.float64), torch.randn(4, 5, dtype=torch.float64)
    weight = torch.randn(4, 7, 2, dtype=torch.float64)
    states = {"h0": h0, **({"c0": torch.randn(4, 5, dtype=torch.float64)} if kind == "LSTM" else {})}
    ours = [tensor.clone().requires_grad_() for tensor in (x, *states.values())]
    theirs = [tensor.clone().requires_grad_() for tensor in (x, *states.values())]
    first = layer(ours[0], **dict(zip(states, ours[1:])))
    begin = tuple(tensor[None] for tensor in theirs[1:])
    second = readout(module(theirs[0], begin if kind == "LSTM" else begin[0])[0])
    assert distance(first.detach(), second.detach()) < 1e-12
    for y in (first, second):  # a loss that is none of ours, with a slope at each step
        ((y ** 3) * weight).sum().backward()
    for mine, other in zip(ours, theirs):
        assert distance(mine.grad, other.grad) < 1e-10
    found = {name: parameter.grad for name, parameter in layer.named_parameters()}
    wanted = {name: parameter.grad for name, parameter in module.named_parameters()}
    if kind == "RNN":
        wanted = {"W_rec": wanted["weight_hh_l0"], "W_in": wanted["weight_ih_l0"], "b_h": wanted["bias_ih_l0"]}
    for name, gradient in {**wanted, "W_out": readout.weight.grad, "b_y": readout.bias.grad}.items():
        assert distance(found[name], gradient) < 1e-10, name


def test_a_layer_learns_among_others():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), cg.torch.Layer(inputs=3, outputs=4, cell="gru", hidden=8), torch.nn.Linear(4, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    x = torch.randn(16, 6, 2)
    target = x.cumsum(1).sum(-1, keepdim=True).tanh()
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = (model(x) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert losses[-1] < 0.5 * losses[0]


def test_a_readout_with_an_activation():
    layer = cg.torch.Layer(inputs=1, outputs=3, cell="leaky", hidden=4, readout={"activation": "softmax"}, dtype="float64")
    y = layer(torch.randn(2, 5, 1, dtype=torch.float64))
    assert (y.sum(-1) - 1).abs().max() < 1e-12
    x = torch.randn(2, 3, 1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,), eps=1e-6, atol=1e-6)


def test_what_has_no_counterpart_is_refused():
    with pytest.raises(cg.Error, match="weight_ih_l0_reverse"):
        cg.torch.params(torch.nn.GRU(3, 5, bidirectional=True))
    with pytest.raises(cg.Error, match="weight_hr"):
        cg.torch.params(torch.nn.LSTM(3, 5, proj_size=2))
    with pytest.raises(cg.Error, match="allowed is"):
        cg.torch.load(torch.nn.GRU(3, 6), cg.torch.params(torch.nn.GRU(3, 5)))
    with pytest.raises(cg.Error, match="weight_ih_l0"):
        cg.torch.load(torch.nn.GRU(3, 6), {"x": np.zeros(3)})
