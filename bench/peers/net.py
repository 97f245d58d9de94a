#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feed-forward nets in PyTorch, as torch.nn.Sequential, trained by loss.backward() and SGD with momentum on one thread: ms
a step of forward, backward and update on random images of 784 numbers in 10 classes. Beside it `chronograd train` with
interface.name = "backprop", whose time includes reading the data:

    chronograd train NET.toml --out RUN    # seconds / updates of RUN/summary.json

usage: net.py [--depth 6] [--width 256] [--batch 64] [--norm batch|none] [--steps 300]     (packages: tools/setup.sh peers)
"""
import argparse
import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch  # noqa: E402


def net(depth, width, norm, inputs=784, outputs=10):
    layers, below = [], inputs
    for _ in range(depth):
        layers.append(torch.nn.Linear(below, width, bias=norm == "none"))
        if norm == "batch":
            layers.append(torch.nn.BatchNorm1d(width))
        layers.append(torch.nn.ReLU())
        below = width
    return torch.nn.Sequential(*layers, torch.nn.Linear(below, outputs))


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--depth", type=int, default=6)
    words.add_argument("--width", type=int, default=256)
    words.add_argument("--batch", type=int, default=64)
    words.add_argument("--norm", choices=["batch", "none"], default="batch")
    words.add_argument("--steps", type=int, default=300)
    asked = words.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = net(asked.depth, asked.width, asked.norm)
    sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x = torch.randn(64, asked.batch, 784)
    y = torch.randint(0, 10, (64, asked.batch))
    walls, cpus = [], []
    for step in range(asked.steps):
        wall, cpu = time.perf_counter(), time.thread_time()
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(model(x[step % 64]), y[step % 64]).backward()
        sgd.step()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.thread_time() - cpu)
    print(f"PyTorch {torch.__version__}, {asked.depth} x {asked.width}, norm {asked.norm}, batch {asked.batch}: "
          f"{1e3 * statistics.median(walls):.2f} ms a step, {1e3 * statistics.median(cpus):.2f} ms of the processor")


if __name__ == "__main__":
    main()
