#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The network of `bench_chronograd --benchmark_filter=evidence` in PyTorch as its users write it: an explicit loop over the
steps, a surrogate slope, loss.backward() and Adam, one thread, float32. Prints the seconds of an iteration.

usage: spiking.py [--steps 2250] [--rows 64] [--iterations 2]      (packages: tools/setup.sh peers)
"""
import argparse
import os
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch  # noqa: E402  (after the thread count is set)

torch.set_num_threads(1)


class Spike(torch.autograd.Function):
    """1 where v is above the threshold; a triangle in place of its slope, none while a unit is refractory."""

    @staticmethod
    def forward(ctx, above, free, v_th):
        ctx.save_for_backward(above, free)
        ctx.v_th = v_th
        return ((above > 0) & free).to(above.dtype)

    @staticmethod
    def backward(ctx, credit):
        above, free = ctx.saved_tensors
        slope = 0.3 / ctx.v_th * torch.clamp(1 - (above / ctx.v_th).abs(), min=0) * free
        return credit * slope, None, None


class Net(torch.nn.Module):
    def __init__(self, n=40, d=100, m=2, v_th=0.6, n_ref=5):
        super().__init__()
        self.w_in = torch.nn.Parameter(torch.randn(n, d) / n**0.5)
        self.w_rec = torch.nn.Parameter(torch.randn(d, d) / d**0.5)
        self.w_out = torch.nn.Parameter(torch.randn(d, m) / d**0.5)
        self.b_y = torch.nn.Parameter(torch.zeros(m))
        self.decays = [torch.exp(torch.tensor(-1 / tau)) for tau in (20.0, 2000.0, 20.0)]
        self.beta = torch.cat((torch.zeros(d // 2), torch.full((d - d // 2,), 0.0174)))
        self.other = 1 - torch.eye(d)
        self.v_th, self.n_ref = v_th, n_ref

    def forward(self, x):
        alpha, rho, kappa = self.decays
        zero = torch.zeros(x.shape[1], len(self.beta))
        v = a = h = f = wait = zero
        w_rec, read = self.w_rec * self.other, []
        for inputs in x.unbind(0):
            v = alpha * v + inputs @ self.w_in + h @ w_rec - self.v_th * h
            wait = torch.clamp(wait - 1, min=0)
            h = Spike.apply(v - self.v_th - self.beta * a, wait == 0, self.v_th)
            wait = torch.where(h > 0, torch.full_like(wait, self.n_ref), wait)
            a = rho * a + h
            f = kappa * f + (1 - kappa) * h
            read.append(f)
        return torch.stack(read) @ self.w_out + self.b_y


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2250)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    net, window = Net(), 150
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    x = (torch.rand(options.steps, options.rows, 40) < 0.015).float()
    target = (torch.arange(options.rows) % 2).expand(window, options.rows)
    for iteration in range(options.iterations):
        wall, cpu = time.perf_counter(), time.process_time()
        adam.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(net(x)[-window:].flatten(0, 1), target.flatten())
        loss.backward()
        adam.step()
        print(f"PyTorch {torch.__version__}, iteration {iteration}: {time.perf_counter() - wall:.2f} s, "
              f"{time.process_time() - cpu:.2f} s of CPU time", flush=True)


if __name__ == "__main__":
    main()
