#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference *online* runs (float64, NumPy, dense and slow): final parameters after learning with an update every K steps of SGD, weights constant inside a segment, memory
carried over segments and over weight changes (stale), all streams side by side, gradient summed over streams and over the segment's steps (normalize = "sum"); `reset` flags cut trials.
Influence uses the weights in force at each step. Whole-sequence gradients with frozen weights cannot see a wrong trace; this can.

usage: make_golden_online.py OUT_DIR SEED_BASE
Arrays: x, y, mask, reset, parameters, B_feedback; 'final:<rule>:K<k>:<parameter>' and 'loss_t:<rule>:K<k>' (B,T). Rules: immediate, tbptt, rtrl, rflo (random feedback), rflo_symmetric, snap1, snap2, readout_only.
"""
import json, os, sys, numpy as np
out, base = sys.argv[1], int(sys.argv[2]); os.makedirs(out, exist_ok=True)

def run(rule, K, P, data, alpha, lr, Bfb, f, df, mask_rec):
    W = {k: v.copy() for k, v in P.items()}; x, y, mk, rs = data; B, T, n = x.shape; d, m = W['W_rec'].shape[0], W['W_out'].shape[0]; q = d + n + 1
    h = np.zeros((B, d)); M = np.zeros((B, d, d, q)); L = np.zeros((B, T)); I = np.eye(d)
    reach = np.eye(d, dtype=bool)
    if rule == 'snap2': reach = reach | mask_rec
    for t0 in range(0, T, K):
        G = np.zeros((d, q)); Go = np.zeros((m, d)); gb = np.zeros(m); tape = []
        for t in range(t0, min(T, t0 + K)):
            h[rs[:, t]] = 0; M[rs[:, t]] = 0
            z = np.concatenate([h, x[:, t], np.ones((B, 1))], 1); Wc = np.concatenate([W['W_rec'], W['W_in'], W['b_h'][:, None]], 1)
            u = z @ Wc.T; D = alpha * df(u); h = (1 - alpha) * h + alpha * f(u); a = h @ W['W_out'].T + W['b_y']; err = (a - y[:, t]) * mk[:, t, None]
            L[:, t] = 0.5 * ((a - y[:, t]) ** 2).sum(1) * mk[:, t]
            c = err @ (Bfb.T if rule == 'rflo' else W['W_out'])
            Go += err.T @ h; gb += err.sum(0)
            if rule == 'tbptt': tape.append((z, D, c, rs[:, t].copy())); continue
            for b in range(B):
                if rule == 'immediate': M[b] = 0
                elif rule in ('rflo', 'rflo_symmetric'): M[b] *= 1 - alpha
                elif rule != 'readout_only': M[b] = np.einsum('kl,lij->kij', (1 - alpha) * I + D[b][:, None] * W['W_rec'], M[b])
                M[b][np.arange(d), np.arange(d)] += D[b][:, None] * z[b]
                if rule in ('snap1', 'snap2'): M[b] *= reach[:, :, None]
                if rule != 'readout_only': G += np.einsum('k,kij->ij', c[b], M[b])
        if rule == 'tbptt':
            delta = np.zeros((B, d))
            for z, D, c, r in reversed(tape):
                delta = delta + c; G += (delta * D).T @ z; delta = (1 - alpha) * delta + (delta * D) @ W['W_rec']; delta[r] = 0
        if mask_rec is not None: G[:, :d] *= mask_rec
        W['W_rec'] -= lr * G[:, :d]; W['W_in'] -= lr * G[:, d:d + n]; W['b_h'] -= lr * G[:, -1]; W['W_out'] -= lr * Go; W['b_y'] -= lr * gb
    return W, L

def case(name, seed, B, T, n, d, m, alpha, act, lr, Ks, density=1.0, resets=()):
    g = np.random.default_rng(base + seed)
    f, df = {'tanh': (np.tanh, lambda u: 1 - np.tanh(u) ** 2), 'sigmoid': (lambda u: 1 / (1 + np.exp(-u)), lambda u: (s := 1 / (1 + np.exp(-u))) * (1 - s))}[act]
    mask_rec = np.ones((d, d)) if density == 1 else (g.random((d, d)) < density).astype(float)
    P = dict(W_rec=g.normal(size=(d, d)) / (density * d) ** .5 * 1.2 * mask_rec, W_in=g.normal(size=(d, n)) / n**.5, b_h=g.normal(size=d) * .1, W_out=g.normal(size=(m, d)) / d**.5, b_y=g.normal(size=m) * .1)
    x = g.normal(size=(B, T, n)); y = g.normal(size=(B, T, m)); mk = (g.random((B, T)) < .8).astype(float); rs = np.zeros((B, T), bool)
    for b, t in resets: rs[b, t] = True
    Bfb = g.normal(size=(d, m)) / m**.5
    A = dict(x=x, y=y, mask=mk, reset=rs, B_feedback=Bfb, **P)
    if density < 1: A['W_rec_mask'] = mask_rec
    for rule in ('immediate', 'readout_only', 'tbptt', 'rtrl', 'rflo', 'rflo_symmetric', 'snap1', 'snap2'):
        for K in Ks:
            W, L = run(rule, K, P, (x, y, mk, rs), alpha, lr, Bfb, f, df, mask_rec.astype(bool))
            for k in W: A[f'final:{rule}:K{K}:{k}'] = W[k]
            A[f'loss_t:{rule}:K{K}'] = L
    np.savez(os.path.join(out, name + '.npz'), meta=json.dumps(dict(cell='leaky', alpha=alpha, activation=act, loss='mse', lr=lr, n=n, d=d, m=m, B=B, T=T, Ks=list(Ks), density=density)), **A)
    print(name, {r: round(float(A[f'loss_t:{r}:K{Ks[0]}'].sum()), 3) for r in ('immediate', 'tbptt', 'rtrl', 'rflo', 'snap1')})

if __name__ == '__main__':
    case('online_tanh', 1, 2, 40, 3, 7, 2, 0.3, 'tanh', 0.02, (1, 3, 40))
    case('online_resets', 2, 3, 30, 4, 6, 2, 0.5, 'tanh', 0.03, (1, 5), resets=((0, 10), (1, 7), (1, 20), (2, 15)))
    case('online_sparse', 3, 1, 50, 2, 10, 2, 0.4, 'sigmoid', 0.05, (1, 4), density=0.25)
