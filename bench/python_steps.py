#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a step of predicting and learning costs: in C++, in a loop in Python, and in PyTorch. CPU microseconds of one thread, the
smallest of several runs. The same algorithm in all: a GRU whose credit is cut at each step (tbptt(L=1)), mse, SGD.

  PYTHONPATH=build/release/python bench/python_steps.py [UNITS...]
"""
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402

import chronograd as cg  # noqa: E402

STEPS, INPUTS = 4000, 3


def cpu(call, steps=STEPS, repeats=5):
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        call()
        best = min(best, time.process_time() - begin)
    return 1e6 * best / steps


def ours(units, x, y):
    net = cg.Learner(inputs=INPUTS, outputs=1, cell="gru", hidden=units, rule="tbptt(L=1)", loss="mse", every=1, lr=1e-3)
    inputs, targets = list(x), list(y)

    def loop():
        predict, learn = net.predict, net.learn
        for a, b in zip(inputs, targets):
            predict(a)
            learn(b)
    return cpu(lambda: net.step_many(x, y)), cpu(loop)


def theirs(units, x, y, steps=400):
    try:
        import torch
    except ImportError:
        return float("nan")
    torch.set_num_threads(1)
    cell, readout = torch.nn.GRUCell(INPUTS, units), torch.nn.Linear(units, 1)
    optimizer = torch.optim.SGD([*cell.parameters(), *readout.parameters()], lr=1e-3)
    inputs, targets = torch.tensor(x)[:, None], torch.tensor(y)[:, None]

    def loop():
        h = torch.zeros(1, units)
        for a, b in zip(inputs[:steps], targets[:steps]):
            h = cell(a, h.detach())
            loss = 0.5 * (readout(h) - b).square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return cpu(loop, steps)


def main(units):
    random = np.random.default_rng(0)
    x = random.standard_normal((STEPS, INPUTS)).astype(np.float32)
    y = x[:, :1].copy()
    print(f"{'units':>5} {'C++':>8} {'Python':>8} {'added':>8} {'PyTorch':>8}   CPU us a step")
    for d in units:
        inside, outside = ours(d, x, y)
        print(f"{d:5} {inside:8.2f} {outside:8.2f} {outside - inside:8.2f} {theirs(d, x, y):8.1f}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [16, 32, 64])
