# SPDX-License-Identifier: Apache-2.0
"""The learner: its steps are the trainer's, its state is whole, and Python adds little to a step."""
import copy
import pickle
import time

import numpy as np
import pytest

import chronograd as cg
from small import rows, settings


def net(dtype="float64", streams=3, **more):
    return cg.Learner(cg.experiment(**settings(dtype=dtype, **more)), 2, 2, streams)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_those_of_training(dtype):
    x, y = (part.astype(dtype) for part in rows())
    run = cg.train(cg.experiment(**settings(dtype=dtype)), x, y)
    stepped, many = net(dtype), net(dtype)
    losses = [(stepped.predict(x[:, t]), stepped.learn(y[:, t]))[1] for t in range(x.shape[1])]
    outputs, all_losses = many.step_many(x.swapaxes(0, 1), y.swapaxes(0, 1))
    assert outputs.shape == (12, 3, 2) and list(all_losses) == losses
    for name, array in run.params.items():
        assert array.tobytes() == stepped.params[name].tobytes() == many.params[name].tobytes(), name


@pytest.mark.parametrize("rule", ["rflo", "rtrl", "uoro", "tbptt(L=2)"])
def test_pickle_copy_and_state_go_on_to_the_same_bits(rule):
    x, y = rows(steps=30)
    first = net(rule=rule, every=4)
    for t in range(13):
        first.predict(x[:, t])
        first.learn(y[:, t])
    other = net(rule=rule, every=4)
    other.load_state_dict(first.state_dict())
    for again in (pickle.loads(pickle.dumps(first)), copy.copy(first), copy.deepcopy(first), other):
        assert again.steps == 13
        a, b = copy.copy(first), again
        for t in range(13, 30):
            assert a.predict(x[:, t]).tobytes() == b.predict(x[:, t]).tobytes()
            assert a.learn(y[:, t]) == b.learn(y[:, t])


def test_shapes_and_kinds():
    x, y = rows()
    one = net("float32", streams=1)
    assert one.predict(x[0, 0]).shape == (2,) and one.predict(x[:1, 0]).shape == (1, 2)
    assert one.learn([0.5, 1]) >= 0
    one.predict(x[0, 0].astype(np.float32)[::-1][::-1])
    classes = net(loss="cross_entropy", streams=1)
    classes.predict(x[0, 0])
    by_class = classes.learn(1)
    other = net(loss="cross_entropy", streams=1)
    other.predict(x[0, 0])
    assert other.learn(np.array([0.0, 1.0])) == by_class
    assert "step 1" in repr(other)


def test_reset_and_learning():
    x, y = rows(streams=1)
    a, b = net(streams=1), net(streams=1)
    a.learning(False)
    before = a.predict(x[0, 0])
    a.learn(y[0, 0])
    a.predict(x[0, 1])
    a.reset(0)
    assert a.predict(x[0, 0]).tobytes() == before.tobytes() and a.updates == 0
    flags = np.zeros(12, bool)
    flags[5] = True
    for t in range(12):
        if flags[t]:
            b.reset(0)
        b.predict(x[0, t])
        b.learn(y[0, t])
    c = net(streams=1)
    c.step_many(x[0], y[0], reset=flags)
    assert c.params["W_rec"].tobytes() == b.params["W_rec"].tobytes()
    c.theta[:] = 0
    assert not c.params["W_rec"].any()


def test_saved_to_a_file(tmp_path):
    x, y = rows()
    a, b = net(), net()
    a.step_many(x.swapaxes(0, 1)[:5], y.swapaxes(0, 1)[:5])
    a.save(tmp_path / "s.npz")
    b.load(tmp_path / "s.npz")
    assert a.predict(x[:, 6]).tobytes() == b.predict(x[:, 6]).tobytes()


@pytest.mark.parametrize("call, text", [
    (lambda n: n.predict(np.zeros(2)), "[x] got the shape (2,), allowed is (3, 2)"),
    (lambda n: n.predict(np.zeros((3, 3))), "(3, 3)"), (lambda n: n.learn(np.zeros((2, 2))), "[target]"),
    (lambda n: n.learn(np.zeros((3, 2)), [1, 1]), "[weight]"), (lambda n: n.learn(np.zeros((3, 2)), [1, -1, 1]), "-1"),
    (lambda n: n.reset(3), "[stream] got 3"), (lambda n: n.step_many(np.zeros((4, 2))), "[x]"),
    (lambda n: n.step_many(np.zeros((4, 3, 2)), np.zeros((4, 3, 1))), "[target]"),
    (lambda n: n.load_state_dict(net(streams=2).state_dict()), "[state]"), (lambda n: n.load("nowhere.npz"), "nowhere")])
def test_mistakes_are_named(call, text):
    with pytest.raises(cg.Error) as caught:
        call(net())
    assert text in str(caught.value)


def cpu(call, repeats=7):
    best = np.inf
    for _ in range(repeats):
        begin = time.process_time()
        call()
        best = min(best, time.process_time() - begin)
    return best


def test_python_adds_little_to_a_step():
    """bench/python_steps.py measures it: at most 2 us. Here it is held beside two calls in Python, on any machine: 9 to 20 of these."""
    steps = 4000
    x, y = rows(streams=1, steps=steps)
    x, y = x[0].astype(np.float32), y[0].astype(np.float32)
    learner = cg.Learner(inputs=2, outputs=2, cell="gru", hidden=16, rule="rflo", loss="mse", every=1, lr=0.001)
    inputs, targets = list(x), list(y)

    def loop(predict, learn):
        for a, b in zip(inputs, targets):
            predict(a)
            learn(b)

    def nothing(_):
        pass
    inside = cpu(lambda: learner.step_many(x, y))
    added = cpu(lambda: loop(learner.predict, learner.learn)) - inside
    calls = cpu(lambda: loop(nothing, nothing))
    assert added < 40 * calls, f"{1e6 * added / steps:.2f} us a step, two calls {1e6 * calls / steps:.2f}"
