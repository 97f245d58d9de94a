#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference gradients (float64) of local-trace rules on gated cells, from dense definitions: Jacobians of one step by autograd, influence matrix restricted and carried densely.
usage: make_golden_gated.py OUT_DIR SEED_BASE
Cells and names as PyTorch (gru: reset-after, h' = (1-z) n + z h; lstm: state (h, c), gates i f g o). mse, sum over t and batch, symmetric and random feedback (c = B_feedback err).
  grad:local:*         influence recursion keeps only the direct carry of a unit (gru: z; lstm: f on c, and h through c): rflo's and e-prop's reading
  grad:local_random:*  the same with B_feedback
  grad:snap1_unit:*    own-unit block of the full Jacobian, own recurrent weights included; every state of the unit kept for every weight into the unit
  grad:snap1_strict:*  (lstm) pattern of the immediate influence: weights into the o gate keep h only
  grad:bptt:*          exact
"""
import json, os, sys, numpy as np, torch
torch.set_default_dtype(torch.float64); out, base = sys.argv[1], int(sys.argv[2]); os.makedirs(out, exist_ok=True)
def step(kind, d, P, x, hg, s):          # hg: h seen by the gates; s: direct state (gru: h; lstm: [h, c])
    gi = P[0] @ x + P[2]; gh = P[1] @ hg + P[3]
    if kind == 'gru':
        r, z = torch.sigmoid(gi[:d] + gh[:d]), torch.sigmoid(gi[d:2*d] + gh[d:2*d]); n = torch.tanh(gi[2*d:] + r * gh[2*d:]); return (1 - z) * n + z * s
    g = gi + gh; i, f, c_, o = torch.sigmoid(g[:d]), torch.sigmoid(g[d:2*d]), torch.tanh(g[2*d:3*d]), torch.sigmoid(g[3*d:]); c = f * s[d:] + i * c_; return torch.cat([o * torch.tanh(c), c])
def case(name, seed, kind, B, T, n, d, m):
    g = np.random.default_rng(base + seed); G = 3 if kind == 'gru' else 4; S = 1 if kind == 'gru' else 2
    names = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']; P = [torch.tensor(g.normal(size=sh) * sc) for sh, sc in (((G*d, n), n**-.5), ((G*d, d), 1.2 * d**-.5), ((G*d,), .2), ((G*d,), .2))]
    Wo, by, Bfb = g.normal(size=(m, d)) / d**.5, g.normal(size=m) * .1, g.normal(size=(d, m)) / m**.5; x, y = g.normal(size=(B, T, n)), g.normal(size=(B, T, m))
    flat = lambda L: torch.cat([t.reshape(-1) for t in L]); sizes = [p.numel() for p in P]; shapes = [p.shape for p in P]; th = flat(P)
    un = lambda v: [t.reshape(s) for t, s in zip(torch.split(v, sizes), shapes)]
    unit = np.concatenate([np.broadcast_to((np.arange(G*d) % d).reshape([-1] + [1] * (len(s) - 1)), s).reshape(-1) for s in shapes]); gate = np.concatenate([np.broadcast_to((np.arange(G*d) // d).reshape([-1] + [1] * (len(s) - 1)), s).reshape(-1) for s in shapes])
    own = np.tile(np.arange(d), S)[:, None] == unit[None]; strict = own.copy()
    if kind == 'lstm': strict[d:, gate == 3] = False
    blk = np.tile(np.arange(d), S)[:, None] == np.tile(np.arange(d), S)[None]
    rules = {'bptt': None, 'local': None, 'local_random': None, 'snap1_unit': None} | ({'snap1_strict': None} if kind == 'lstm' else {}); tot = {r: np.zeros(len(th)) for r in rules}; go, gb = np.zeros((m, d)), np.zeros(m); H = np.zeros((B, T, d)); Y = np.zeros((B, T, m)); loss = 0
    for b in range(B):
        s = torch.zeros(S * d); M = {r: np.zeros((S * d, len(th))) for r in rules}
        for t in range(T):
            xt = torch.tensor(x[b, t]); hg = s[:d].clone()
            Jd = torch.autograd.functional.jacobian(lambda q: step(kind, d, P, xt, hg, q), s).numpy(); Jg = torch.autograd.functional.jacobian(lambda q: step(kind, d, P, xt, q, s), hg).numpy(); I = torch.autograd.functional.jacobian(lambda v: step(kind, d, un(v), xt, hg, s), th).numpy()
            J = Jd.copy(); J[:, :d] += Jg; s = step(kind, d, P, xt, hg, s); h = s[:d].numpy(); yt = Wo @ h + by; err = yt - y[b, t]; loss += .5 * (err ** 2).sum(); H[b, t], Y[b, t] = h, yt; go += np.outer(err, h); gb += err
            for r in rules:
                M[r] = (J if r == 'bptt' else Jd if r.startswith('local') else J * blk) @ M[r] + I
                if r == 'snap1_strict': M[r] *= strict
                elif r == 'snap1_unit': M[r] *= own
                tot[r] += (Bfb @ err if r == 'local_random' else Wo.T @ err) @ M[r][:d]
    A = dict(x=x, y_target=y, mask=np.ones((B, T)), W_out=Wo, b_y=by, B_feedback=Bfb, loss=loss, h=H, y=Y, **{k: p.numpy() for k, p in zip(names, P)})
    for r in rules:
        for k, v in zip(names, un(torch.tensor(tot[r]))): A[f'grad:{r}:{k}'] = v.numpy()
        A[f'grad:{r}:W_out'], A[f'grad:{r}:b_y'] = go, gb
    net = getattr(torch.nn, kind.upper())(n, d, batch_first=True)
    with torch.no_grad():
        for k, p in zip(names, P): getattr(net, k).copy_(p)
    Ht, _ = net(torch.tensor(x)); L = .5 * ((Ht @ torch.tensor(Wo).T + torch.tensor(by) - torch.tensor(y)) ** 2).sum(); gr = torch.autograd.grad(L, list(net.parameters())); assert abs(float(L) - loss) < 1e-9 * loss
    for (k, _), q in zip(net.named_parameters(), gr): assert np.allclose(q.numpy(), A[f'grad:bptt:{k}'], atol=1e-9), k
    np.savez(os.path.join(out, name + '.npz'), meta=json.dumps(dict(cell=kind, loss='mse', n=n, d=d, m=m, B=B, T=T)), **A); print(name, 'exact path agrees with torch.nn;', {r: round(float(np.dot(tot[r], tot['bptt']) / np.linalg.norm(tot[r]) / np.linalg.norm(tot['bptt'])), 3) for r in rules})
case('gated_gru', 1, 'gru', 2, 15, 3, 6, 2); case('gated_lstm', 2, 'lstm', 2, 15, 3, 6, 2)
