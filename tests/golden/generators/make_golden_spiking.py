#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference e-prop gradients (float64) for LIF/ALIF networks. Two independent ways that must agree to 1e-10:
streaming eligibility traces in NumPy, and PyTorch autograd with stop-gradient on transmitted spikes and on the reset.

usage: make_golden_spiking.py OUT_DIR SEED_BASE

Dynamics, all state zero at t=0, thresholds by strict >:
  v_t = alpha v_{t-1} + zeta (W_in x_t + W_rec z_{t-1}) - v_th z_{t-1}      a_t = rho a_{t-1} + z_{t-1}
  within its own step a reset takes from what v leaves behind: v_t = alpha (v_{t-1} - v_th z_{t-1}) + zeta (...) ('step'),
  v_t = alpha (1 - z_{t-1}) v_{t-1} + zeta (...) ('zero')
  A_t = v_th + beta a_t        r = max(r-1, 0)       z_t = (v_t > A_t and r == 0); if z_t: r = n_ref
  psi_t = 0 if r > 0 (before the spike of this step) else gamma/v_th max(0, 1 - |v_t - A_t|/v_th)
  y_t = kappa y_{t-1} + zeta_out W_out z_t          (b_y added after the filter: a_out_t = y_t + b_y)
'grad:eprop_symmetric|eprop_random:<parameter>'; W_rec has no autapses (zero diagonal, zero gradient). By autograd alone:
'grad:bptt_full:*' (nothing detached; also x), 'grad:bptt_stop:*' (the reset alone is), 'grad:snap1:*' (transmitted spikes
alone are).
"""
import json, sys, os, numpy as np, torch
torch.set_default_dtype(torch.float64)
out_dir, base = sys.argv[1], int(sys.argv[2]); os.makedirs(out_dir, exist_ok=True)

# What autograd does not follow: spikes sent to other units, and the reset.
CASES = [('eprop_symmetric', {'sent', 'reset'}), ('eprop_random', {'sent', 'reset'}), ('bptt_full', set()), ('bptt_stop', {'reset'}),
         ('snap1', {'sent'})]

def case(name, seed, B, T, n, d, m, tau_m, tau_a, tau_out, v_th, beta_alif, n_ref, gamma, zeta_mode, loss, window=None, reset='next'):
    g = np.random.default_rng(base + seed)
    alpha, rho, kappa = (np.exp(-1 / t) if t > 0 else 0.0 for t in (tau_m, tau_a, tau_out))
    zeta = 1.0 if zeta_mode == 'unit' else 1 - alpha; zeta_out = 1 - kappa
    beta = np.where(np.arange(d) < d // 2, 0.0, beta_alif)
    scale = v_th * (1.5 if zeta_mode == 'unit' else 1.5 / (1 - alpha))
    W_in = g.normal(size=(d, n)) * scale / n**.5 * 2; W_rec = g.normal(size=(d, d)) * scale / d**.5; np.fill_diagonal(W_rec, 0)
    W_out = g.normal(size=(m, d)) / d**.5; b_y = g.normal(size=m) * .1; Bfb = g.normal(size=(d, m)) / m**.5
    x = (g.random((B, T, n)) < 0.25).astype(float)
    y_t = g.integers(0, m, size=(B, T)) if loss == 'cross_entropy' else g.normal(size=(B, T, m))
    mask = np.ones((B, T)) if window is None else np.repeat((np.arange(T) >= T - window).astype(float)[None], B, 0)

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v, A, refr):
            ctx.save_for_backward(v, A, refr); return ((v > A) & (refr == 0)).double()
        @staticmethod
        def backward(ctx, go):
            v, A, refr = ctx.saved_tensors
            psi = (gamma / v_th) * torch.clamp(1 - ((v - A) / v_th).abs(), min=0) * (refr == 0)
            return go * psi, -go * psi, None
    class Readout(torch.autograd.Function):     # forward with W_out, learning signal through Bfb
        @staticmethod
        def forward(ctx, z, W, Bm): ctx.save_for_backward(z, Bm); return z @ W.T
        @staticmethod
        def backward(ctx, go): z, Bm = ctx.saved_tensors; return go @ Bm.T, go.T @ z, None

    arrays = dict(x=x, y_target=y_t, mask=mask, W_in=W_in, W_rec=W_rec, W_out=W_out, b_y=b_y, B_feedback=Bfb)
    for fb, cut in CASES:
        way = 'random' if fb == 'eprop_random' else 'symmetric'
        xs = torch.tensor(x, requires_grad=True)
        P = {k: torch.tensor(v, requires_grad=True) for k, v in dict(W_in=W_in, W_rec=W_rec, W_out=W_out, b_y=b_y).items()}
        tb = torch.tensor(beta); v = torch.zeros(B, d); a = torch.zeros(B, d); z = torch.zeros(B, d); refr = torch.zeros(B, d); yf = torch.zeros(B, m)
        L = 0; zs, ys = [], []
        for t in range(T):
            sent = z.detach() if 'sent' in cut else z; spent = z.detach() if 'reset' in cut else z
            a = rho * a + z                                  # adaptation sees the neuron's own spike WITH gradient
            if reset == 'step': v = v - v_th * spent
            if reset == 'zero': v = v * (1 - spent)
            v = alpha * v + zeta * (xs[:, t] @ P['W_in'].T + sent @ P['W_rec'].T)
            if reset == 'next': v = v - v_th * spent
            refr = torch.clamp(refr - 1, min=0)
            A = v_th + tb * a
            z = Spike.apply(v, A, refr); refr = torch.where(z > 0, torch.full_like(refr, float(n_ref)), refr)
            o = z @ P['W_out'].T if way == 'symmetric' else Readout.apply(z, P['W_out'], torch.tensor(Bfb))
            yf = kappa * yf + zeta_out * o; out = yf + P['b_y']
            if loss == 'mse': l = 0.5 * ((out - torch.tensor(y_t[:, t])) ** 2).sum(-1)
            else: l = torch.nn.functional.cross_entropy(out, torch.tensor(y_t[:, t]), reduction='none')
            L = L + (l * torch.tensor(mask[:, t])).sum(); zs.append(z.detach()); ys.append(out if loss == 'mse' else torch.softmax(out, -1))
        G = dict(zip([*P, 'x'], torch.autograd.grad(L, [*P.values(), xs]))); G['W_rec'] = G['W_rec'] * (1 - torch.eye(d))
        Z = torch.stack(zs, 1).numpy()
        if not fb.startswith('eprop'):
            for k, v in G.items():
                if k != 'x' or fb == 'bptt_full': arrays[f'grad:{fb}:{k}'] = v.numpy()
            continue
        # streaming traces
        gi, gr, go, gb = np.zeros((d, n)), np.zeros((d, d)), np.zeros((m, d)), np.zeros(m); Bm = W_out.T if way == 'symmetric' else Bfb
        for b in range(B):
            v = np.zeros(d); a = np.zeros(d); zp = np.zeros(d); r = np.zeros(d); zin = np.zeros((d, n)); zrec = np.zeros((d, d)); zo = np.zeros(d); y = np.zeros(m)
            ea_i, ea_r, eb_i, eb_r = np.zeros((d, n)), np.zeros((d, d)), np.zeros((d, n)), np.zeros((d, d))
            for t in range(T):
                kept = 1 - zp if reset == 'zero' else np.ones(d); taken = {'next': v_th, 'step': alpha * v_th, 'zero': 0}[reset]
                v = alpha * kept * v + zeta * (W_in @ x[b, t] + W_rec @ zp) - taken * zp; a = rho * a + zp; A = v_th + beta * a; r = np.maximum(r - 1, 0)
                psi = (gamma / v_th) * np.maximum(0, 1 - np.abs((v - A) / v_th)) * (r == 0)
                z = ((v > A) & (r == 0)).astype(float); r = np.where(z > 0, float(n_ref), r)
                zin = alpha * kept[:, None] * zin + zeta * x[b, t]; zrec = alpha * kept[:, None] * zrec + zeta * zp; zo = kappa * zo + zeta_out * z; y = kappa * y + zeta_out * W_out @ z
                out = y + b_y
                if loss == 'mse': err = out - y_t[b, t]
                else: e = np.exp(out - out.max()); err = e / e.sum(); err[y_t[b, t]] -= 1
                err = err * mask[b, t]; Ls = Bm @ err
                for (zb, ea, eb, gg) in ((zin, ea_i, eb_i, gi), (zrec, ea_r, eb_r, gr)):
                    e = psi[:, None] * (zb - beta[:, None] * ea); ea *= rho; ea += e; eb *= kappa; eb += zeta_out * e; gg += Ls[:, None] * eb
                go += np.outer(err, zo); gb += err; zp = z
        np.fill_diagonal(gr, 0)
        for k, arr in (('W_in', gi), ('W_rec', gr), ('W_out', go), ('b_y', gb)):
            ref = G[k].numpy(); rel = np.abs(arr - ref).max() / max(1e-12, np.abs(ref).max()); assert rel < 1e-10, (name, fb, k, rel)
            arrays[f'grad:{fb}:{k}'] = arr
    arrays.update(z=Z, y=torch.stack(ys, 1).detach().numpy(), loss=float(L))
    meta = dict(cell='alif', loss=loss, n=n, d=d, m=m, B=B, T=T, alpha=alpha, rho=rho, kappa=kappa, zeta=zeta, zeta_out=zeta_out, v_th=v_th, beta=beta.tolist(), n_ref=n_ref, gamma=gamma, surrogate='triangular', reset=reset)
    np.savez(os.path.join(out_dir, name + '.npz'), meta=json.dumps(meta), **arrays); print(name, 'rate', Z.mean().round(3), 'loss', float(L))

case('alif_mse', 1, 2, 80, 6, 8, 2, 20, 200, 20, 0.6, 0.07, 2, 0.3, 'unit', 'mse')
case('alif_ce_window', 2, 3, 60, 8, 10, 3, 15, 100, 10, 0.6, 0.1, 3, 0.3, 'unit', 'cross_entropy', window=20)
case('lif_scaled_mse', 3, 1, 100, 10, 12, 1, 30, 500, 30, 0.03, 0.0, 0, 0.3, 'scaled', 'mse')
case('alif_long', 4, 1, 600, 5, 8, 2, 20, 2000, 20, 0.6, 0.0174242, 5, 0.3, 'unit', 'mse')
case('alif_step', 5, 2, 70, 6, 8, 2, 12, 150, 15, 0.6, 0.12, 3, 0.3, 'unit', 'mse', reset='step')
case('alif_zero', 6, 2, 70, 6, 8, 2, 12, 150, 15, 0.6, 0.12, 2, 0.3, 'unit', 'mse', reset='zero')
