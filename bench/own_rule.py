#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much `auto` minds the scale of inputs and targets that change, beside rules under Adam: the Add task, drawn by NumPy.

    PYTHONPATH=build/release/python python3 bench/own_rule.py

A stream of coin flips u and 1 - u, and the probabilities of another coin, which remembers the flips 5 and 9 steps back. Mean test loss of
five seeds, in nats, after 40000 steps; a network that knows both flips has 0.4545. First table: inputs times a factor. Second: the
lags were 3 and 7 for the first part of the stream.
"""
import numpy as np

import chronograd as cg

STEPS, TEST = 40000, 20000
SEEDS = range(50, 55)
SCALES = (0.1, 0.3, 1, 3, 10)
CHANGES = (0, 0.25, 0.5, 0.75)  # where lags change, as a part of the stream
# Others at a rate near those that the study own_rule finds best for them on Add (0.01, of seven).
RULES = {
    "`auto`": dict(rule="auto", every=4),
    "hops of 8 over 16 under Adam": dict(rule=cg.rules.snap(n=1, reach=16, reach_by="interval"), every=8,
                                         optimizer=dict(name="adam", lr=5e-3, schedule="cosine")),
    "`tbptt`, 16 steps, under Adam": dict(rule="tbptt", every=16, optimizer=dict(name="adam", lr=5e-3)),
}


def stream(steps, rng, change=0):
    """Inputs and target distributions, both (1, T, 2)."""
    u = rng.integers(0, 2, steps + 9)
    past = np.arange(steps) < change * steps
    p = 0.5 + 0.5 * np.where(past, u[6:-3], u[4:-5]) - 0.25 * np.where(past, u[2:-7], u[:-9])
    return np.stack([u[9:], 1 - u[9:]], 1)[None], np.stack([p, 1 - p], 1)[None]


def mean_loss(settings, scale=1, change=0):
    losses = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        (x, y), (x_test, y_test) = stream(STEPS, rng, change), stream(TEST, rng)
        run = cg.train(seed=seed, cell="leaky", hidden=32, alpha=1.0, init="orthogonal", loss="cross_entropy",
                       train=dict(batch=1, epochs=1), x=scale * x, y=y, test=(scale * x_test, y_test), **settings)
        losses.append(run.summary["test"]["loss"])
    return np.mean(losses)


def table(head, key, values):
    print(f"| {head} |" + "".join(f" {value:g} |" for value in values))
    print("|---|" + "---|" * len(values))
    for name, settings in RULES.items():
        print(f"| {name} |" + "".join(f" {mean_loss(settings, **{key: value}):.4f} |" for value in values), flush=True)


def main():
    table("inputs times", "scale", SCALES)
    print()
    table("lags change after this part", "change", CHANGES)


if __name__ == "__main__":
    main()
