#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The network of experiments/fashion_rows.toml in PyTorch: the same cell, sizes, initial distributions, batches, optimiser
and schedule, trained by loss.backward(). Prints the test accuracy of each seed.

usage: fashion_rows.py [--seeds 0..2] [--config experiments/fashion_rows.toml]      (packages: tools/setup.sh peers)
"""
import argparse
import gzip
import os
import tomllib

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np  # noqa: E402
import torch  # noqa: E402

FOLDER = "/usr/share/datasets/fashion-mnist"


def load(split):
    with gzip.open(f"{FOLDER}/{split}-images-idx3-ubyte.gz") as f:
        images = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(f"{FOLDER}/{split}-labels-idx1-ubyte.gz") as f:
        labels = np.frombuffer(f.read(), np.uint8, offset=8)
    return torch.tensor(images / np.float32(255)), torch.tensor(labels.astype(np.int64))


class Net(torch.nn.Module):
    """h = (1 - alpha) h + alpha tanh(W_rec h + W_in x + b_h), y = W_out h + b_y at the last row."""

    def __init__(self, d, alpha, n=28, m=10):
        super().__init__()
        self.alpha = alpha
        self.W_rec = torch.nn.Parameter(torch.linalg.qr(torch.randn(d, d))[0])
        self.W_in = torch.nn.Parameter(torch.randn(d, n) / n**0.5)
        self.b_h = torch.nn.Parameter(torch.zeros(d))
        self.W_out = torch.nn.Parameter(torch.randn(m, d) / d**0.5)
        self.b_y = torch.nn.Parameter(torch.zeros(m))

    def forward(self, x):
        h = x.new_zeros(len(x), len(self.b_h))
        for t in range(x.shape[1]):
            h = (1 - self.alpha) * h + self.alpha * torch.tanh(h @ self.W_rec.T + x[:, t] @ self.W_in.T + self.b_h)
        return h @ self.W_out.T + self.b_y


def train(config, seed, data, test):
    torch.manual_seed(seed)
    model, optimizer, run = config["model"], config["optimizer"], config["train"]
    net = Net(model["hidden"], model["alpha"])
    x, y = data
    batches = -(-len(x) // run["batch"])
    adam = torch.optim.Adam(net.parameters(), lr=optimizer["lr"])
    total = run["epochs"] * batches
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, total) if optimizer.get("schedule") == "cosine" else None
    for _ in range(run["epochs"]):
        for picked in torch.randperm(len(x)).split(run["batch"]):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(net(x[picked]), y[picked]).backward()
            adam.step()
            if schedule:
                schedule.step()
    with torch.no_grad():
        return (net(test[0]).argmax(1) == test[1]).double().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0..2")
    parser.add_argument("--config", default="experiments/fashion_rows.toml")
    options = parser.parse_args()
    first, last = (int(s) for s in options.seeds.split(".."))
    torch.set_num_threads(1)
    with open(options.config, "rb") as f:
        config = tomllib.load(f)
    data, test = load("train"), load("t10k")
    accuracies = []
    for seed in range(first, last + 1):
        accuracies.append(train(config, seed, data, test))
        print(f"PyTorch {torch.__version__}, seed {seed}: test accuracy {accuracies[-1]:.4f}", flush=True)
    print(f"mean of {len(accuracies)} seeds: {np.mean(accuracies):.4f}")


if __name__ == "__main__":
    main()
