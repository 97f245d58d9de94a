# SPDX-License-Identifier: Apache-2.0
"""What callers may give as arrays: any type, any stride, one stream, rows of different lengths, other libraries'."""
import resource
import warnings

import numpy as np
import pytest

import chronograd as cg
from small import leaky, rows, settings


def loss_of(x, y, **more):
    config = cg.experiment(**settings(dtype="float64"))
    return cg.gradient(config, x, y, leaky(), **more)


X, Y = rows()
X, Y = np.round(4 * X), np.round(4 * Y)  # whole numbers, exact in all types
WANTED = loss_of(X, Y)


@pytest.mark.parametrize("type_", ["float16", "float32", "float64", "longdouble", "int8", "int16", "int32", "int64", ">f8", ">i4"])
def test_types(type_):
    found = loss_of(X.astype(type_), Y.astype(type_))
    assert all(found[name].tobytes() == WANTED[name].tobytes() for name in WANTED)


def test_strides_are_read_in_place():
    wide = np.full((7, X.shape[1] * 2, 9, X.shape[0]), 1e6)
    x = wide[3, ::-2, 4:4 + 2 * X.shape[2]:2].transpose(2, 0, 1)
    x[...] = X
    assert not x.flags.c_contiguous and not x.flags.f_contiguous
    found = loss_of(x, Y.copy(order="F"))
    assert found["W_rec"].tobytes() == WANTED["W_rec"].tobytes()


def test_nothing_is_copied():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    x = np.broadcast_to(np.float32(0.5), (1, 200_000, 400))  # 320 MB if it were copied
    cg.train(cg.experiment(**settings(hidden=2, train={"updates": 5})), x, x[:, :, :2])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB


def test_one_stream():
    assert loss_of(X[0], Y[0])["W_rec"].tobytes() == loss_of(X[:1], Y[:1])["W_rec"].tobytes()


def test_classes_and_bool():
    config = cg.experiment(**settings(loss="cross_entropy", dtype="float64"))
    classes = (np.arange(X.shape[0] * X.shape[1]).reshape(X.shape[:2]) % 2)
    found = [cg.gradient(config, X, y, leaky())["W_rec"].tobytes() for y in (classes, classes.astype("u1"), np.eye(2)[classes])]
    assert found[0] == found[1] == found[2]
    mask = classes.astype(bool)
    assert loss_of(X, Y, mask=mask)["loss"] == loss_of(X, Y, mask=mask.astype(float))["loss"]


def test_rows_of_different_lengths():
    lengths = [12, 5, 9]
    ragged = loss_of([row[:T] for row, T in zip(X, lengths)], [row[:T] for row, T in zip(Y, lengths)])
    boxed = loss_of(X, Y, lengths=np.array(lengths))
    assert np.abs(ragged["W_rec"] - boxed["W_rec"]).max() == 0
    with pytest.raises(cg.Error, match="other lengths"):
        loss_of([row[:T] for row, T in zip(X, lengths)], [row[:T] for row, T in zip(Y, [5, 12, 9])])


def test_tensors_share_their_memory():
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(X), torch.tensor(Y)
    assert loss_of(x, y)["W_rec"].tobytes() == WANTED["W_rec"].tobytes()
    from chronograd._numbers import numbers
    x[0, 0, 0] = 123
    assert numbers("x", x)[0, 0, 0] == 123 and numbers("x", x).ctypes.data == x.data_ptr()
    with pytest.raises(cg.Error, match="detach"):
        loss_of(x.requires_grad_(), y)


@pytest.mark.parametrize("x, text", [
    (np.array([["a"]]), "real numbers"), (X + 1j, "real numbers"), (np.array([[None]]), "Python objects"),
    (np.array([2**63], np.uint64), "below 2^63"), (3.0, "x"), ([[1, 2], [3]], "x"), (X[:, :, :0], "x")])
def test_mistakes_are_named(x, text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(cg.Error) as caught:
            loss_of(x, Y)
    assert text in str(caught.value) and caught.value.code == 4


def test_predict_needs_no_targets():
    run = cg.train(cg.experiment(**settings()), X, Y)
    y = cg.predict(run, X)
    told = cg.predict(run, X, y=Y, states=True)
    assert y.shape == Y.shape and y.tobytes() == told["y"].tobytes() and told["h"].shape == (*X.shape[:2], 5)
    assert np.abs(cg.predict(run, X[0]) - y[0]).max() < 1e-6  # float32, a product of another shape
    classes = cg.train(cg.experiment(**settings(loss="cross_entropy")), X, (X[..., 0] > 0).astype(int))
    assert np.abs(cg.predict(classes, X).sum(-1) - 1).max() < 1e-6
    assert cg.evaluate(classes, X, (X[..., 0] > 0).astype(int))["confusion"].shape == (2, 2)
