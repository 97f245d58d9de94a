#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference *online* runs (float64, NumPy) of the rules that keep the influence as sums of products: uoro, kf_rtrl, reverse_kf_rtrl, ok(r), and of kernl.
usage: make_golden_kronecker.py OUT_DIR SEED_BASE      (all checks run first; a failure stops everything)
Arrays: x, y, mask, reset, the parameters, B_feedback, 'final:LABEL' and 'grad:LABEL': all parameters after a run of learning, and the gradient under frozen weights, each flat in the order of meta.parameters, and 'nu:LABEL' (B,T,count): the numbers that the rule draws, from meta.seed by the program's generator (golden_net.Draws);
for tests that hand a rule its numbers."""
import json, os, sys, itertools, numpy as np
from golden_net import Net, Influence, train, flat, numbers, problem
norm = np.linalg.norm

class Products:
    """One stream's approximate influence, pair by pair of regressors z (cols) and pre-activations (rows): M[k,(i,j)], k a state. nu(b, step) gives the signs of a step."""
    def __init__(self, net, B, nu): self.net, self.nu, self.mem = net, nu, [None] * B
    def learn(self, now):
        G = np.zeros(self.net.p)
        for b, q in enumerate(now):
            if q.t == 0 or self.mem[b] is None: self.mem[b] = self.zero()
            nu = self.nu(b, q.draw); at = 0
            for i, pair in enumerate(self.net.pairs):
                z, g = self.net.regressor(pair, q.s_before, q.x, q.s), q.Mbar[:, pair['idx'][:, -1]]; k = self.count(pair); self.mem[b][i] = self.advance(self.mem[b][i], q.J, z, g, nu[at:at + k]); at += k
                G[pair['idx'].ravel()] += np.einsum('k,kij->ij', q.c, self.influence(self.mem[b][i])).ravel()
        return G
    def zero(self): return [self.none(self.net.w, *q['idx'].shape) for q in self.net.pairs]
    def draws(self): return sum(self.count(q) for q in self.net.pairs)
    def dense(self, b):
        M = np.zeros((self.net.w, self.net.p))
        for i, pair in enumerate(self.net.pairs): M[:, pair['idx'].ravel()] = self.influence(self.mem[b][i]).reshape(self.net.w, -1)
        return M
def balanced(a, b, c, d):
    """rho a (x) b balanced: sqrt(|b|/|a|), or None where the term is nothing; the same for the new term c, d"""
    return [np.sqrt(norm(y) / norm(x)) if norm(x) > 0 and norm(y) > 0 else None for x, y in ((a, b), (c, d))]
def two(a, b, c, d):
    """(a, b) and (c, d), each balanced in norm, one that is nothing left out"""
    r0, r1 = balanced(a, b, c, d); A, B = np.zeros_like(a), np.zeros_like(b)
    if r0 is not None: A, B = A + r0 * a, B + b / r0
    if r1 is not None: A, B = A + r1 * c, B + d / r1
    return A, B
class Kf(Products):
    def none(self, w, rows, cols): return np.zeros(cols), np.zeros((w, rows))
    def count(self, pair): return 1
    def advance(self, AB, J, z, g, nu): return two(AB[0], J @ AB[1], nu[0] * z, nu[0] * g)
    def influence(self, AB): return np.einsum('j,ki->kij', *AB)
class ReverseKf(Products):
    def none(self, w, rows, cols): return np.zeros(rows), np.zeros((w, cols))
    def count(self, pair): return len(pair['idx'])
    def advance(self, AB, J, z, g, nu): return two(AB[0], J @ AB[1], nu, np.outer(g @ nu, z))
    def influence(self, AB): return np.einsum('i,kj->kij', *AB)
class Uoro:
    """all parameters at once"""
    def __init__(self, net, B, nu): self.net, self.nu, self.mem = net, nu, [None] * B
    def draws(self): return self.net.w
    def learn(self, now):
        G = 0
        for b, q in enumerate(now):
            A, Bt = self.mem[b] if self.mem[b] is not None and q.t > 0 else (np.zeros(self.net.w), np.zeros(self.net.p)); nu = self.nu(b, q.draw)[:self.net.w]; self.mem[b] = two(q.J @ A, Bt, nu, nu @ q.Mbar); G = G + (q.c @ self.mem[b][0]) * self.mem[b][1]
        return G
    def dense(self, b): return np.outer(*self.mem[b])
class Ok(Products):
    """keeps the matrix X (cols, w rows) of rank r itself: no factors, no bases"""
    def __init__(self, net, B, nu, r): super().__init__(net, B, nu); self.r, self.tight = r, []
    def none(self, w, rows, cols): self.w_ = w; return np.zeros((cols, w, rows))
    def count(self, pair): return self.r + 1
    def advance(self, X, J, z, g, nu): X = np.einsum('kl,jli->jki', J, X) + np.einsum('j,ki->jki', z, g); return reduce(X.reshape(len(z), -1), self.r, nu, self.tight).reshape(X.shape)
    def influence(self, X): return X.transpose(1, 2, 0)
def reduce(X, r, nu, tight=None):
    """unbiased, of least variance, to rank r; X has rank r + 1 at most"""
    P, d, Qt = np.linalg.svd(X, full_matrices=False)
    if len(d) <= r or d[r] <= 1e-12 * d[0]: return X
    N = r + 1; P, d, Qt = P[:, :N], d[:N], Qt[:N]; flip = np.where(P[-1] < 0, -1.0, 1.0); P, Qt = P * flip, Qt * flip[:, None]
    if tight is not None: tight.append(np.abs(P[-1]).min())
    mu = next(i for i in range(N - 1) if (N - 1 - i) * d[i] <= d[i:].sum() * (1 + 1e-15)) if r > 0 else 0
    k, s = N - 1 - mu, d[mu:].sum(); z0 = np.sqrt(np.maximum(s - k * d[mu:], 0) / s); v = nu[mu:] * z0
    return (P[:, :mu] * d[:mu]) @ Qt[:mu] + s / k * (P[:, mu:] @ Qt[mu:] - np.outer(P[:, mu:] @ v, v @ Qt[mu:]))
class Kernl:
    """layer by layer; nu standard normal (S d numbers a step and stream, the same for every layer)"""
    def __init__(self, net, B, nu, kernel='exp', gamma=.8, sigma=1e-3, A_lr=1e-3, gamma_lr=1e-3, resync=0, perturb='after'):
        self.net, self.B, self.nu, self.lin, self.sigma, self.A_lr, self.g_lr, self.resync = net, B, nu, kernel == 'linear', sigma, A_lr, gamma_lr, resync; self.after = perturb == 'after'; self.one = [Net(net.cell, net.d, net.n if l == 0 else net.d, net.m, net.alpha) for l in range(net.L)]; w = net.S * net.d
        self.A = [np.eye(w) for _ in self.one]; self.gamma = [np.full(w, float(gamma)) for _ in self.one]; self.mem = [[None] * B for _ in self.one]
    def draws(self): return self.net.S * self.net.d
    def learn(self, now):
        net, G = self.net, np.zeros(self.net.p); w = net.S * net.d
        for l, cell in enumerate(self.one):
            names = [k for k in net.shapes if (k.endswith(f'_l{l}') if net.cell != 'leaky' or l else '_l' not in k)]; part = slice(net.at[names[0]], net.at[names[0]] + cell.p); own = slice(l * w, (l + 1) * w); kappa = np.maximum(0, 1 - self.gamma[l]) if self.lin else np.exp(-self.gamma[l]); slope = -np.ones(w) if self.lin else -kappa; dA, dg = 0, 0
            for b, q in enumerate(now):
                th, x = q.theta[part], q.x if l == 0 else q.s[(l - 1) * w:][:net.d]; before = q.s_before[own]; m = self.mem[l][b]
                if q.t == 0 or q.cut or m is None: m = dict(sh=before, Om=np.zeros(w), Ga=np.zeros(w), e=np.zeros((w, cell.p)))
                if self.resync and q.t % self.resync == 0: m.update(sh=before, Om=np.zeros(w), Ga=np.zeros(w))
                nu = self.nu(b, q.draw)[:w]; m['sh'] = cell.step(th, m['sh'], x) + self.sigma * nu if self.after else cell.step(th, m['sh'] + self.sigma * nu, x); m['Ga'] = kappa * m['Ga'] + slope * m['Om']; m['Om'] = kappa * m['Om'] + nu
                s, _, Mbar = cell.linear(th, before, x); m['e'] = kappa[:, None] * m['e'] + Mbar; eps = self.A[l] @ m['Om'] - (m['sh'] - s) / self.sigma; dA = dA + np.outer(eps, m['Om']); dg = dg + (eps @ self.A[l]) * m['Ga']; self.mem[l][b] = m
            self.A[l] = self.A[l] - self.A_lr / self.B * dA; self.gamma[l] = np.clip(self.gamma[l] - self.g_lr / self.B * dg, 0, 1 if self.lin else np.inf)
            for b, q in enumerate(now):                 # credit on this layer's h: down the layers inside the step, at fixed states before it
                c = q.c[net.top:][:net.d]
                for u in range(net.L - 1, l, -1): c = self.down(q, u, c)
                G[part] += (c @ self.A[l][:net.d]) @ self.mem[l][b]['e']
        return G
    def down(self, q, u, c):
        cell, net = self.one[u], self.net; w = net.S * net.d; names = [k for k in net.shapes if k.endswith(f'_l{u}')]; th = q.theta[net.at[names[0]]:][:cell.p]; x = q.s[(u - 1) * w:][:net.d] + 1e-30j * np.eye(net.d)
        s = q.s_before[u * w:(u + 1) * w]; return np.array([cell.step(th, s, x[i]).imag[:net.d] @ c for i in range(net.d)]) / 1e-30

KIND = {'uoro': 'sign', 'kf_rtrl': 'sign', 'reverse_kf_rtrl': 'sign', 'ok': 'sign', 'kernl': 'normal'}
def make(net, B, rule, opt, nu): return {'uoro': Uoro, 'kf_rtrl': Kf, 'reverse_kf_rtrl': ReverseKf, 'ok': Ok, 'kernl': Kernl}[rule](net, B, nu, **opt)

def checks():
    g = np.random.default_rng(98); worst = {}
    def note(k, v): worst[k] = max(worst.get(k, 0), float(v))
    diff = lambda net, a, b: np.abs(flat(net, a) - flat(net, b)).max()
    def mean(net, T, data, P, rule, opt, n_signs):
        """mean over all signs of the dense influence at the end, one stream; and its relative variance"""
        ref = Influence(net, 1, 'rtrl'); train(net, ref, T, P, data, 0.); exact = ref.M[0]; total, square, n = 0, 0, 0
        for bits in itertools.product((-1., 1.), repeat=n_signs * T):
            s = np.array(bits).reshape(T, n_signs); r = make(net, 1, rule, opt, lambda b, t: s[t]); train_cached(r); M = r.dense(0); total, square, n = total + M, square + ((M - exact) ** 2).sum(), n + 1
        return np.abs(total / n - exact).max(), square / n / (exact ** 2).sum()
    def cache(net, T, data, P):
        class Keep:
            steps = []
            def learn(self, now): self.steps.append(now); return np.zeros(net.p)
        k = Keep(); k.steps = []; train(net, k, 1, P, data, 0.); return k.steps
    for cell, L, d, T, resets in (('leaky', 1, 2, 3, ()), ('leaky', 1, 2, 4, ((0, 2),)), ('leaky', 2, 1, 3, ()), ('gru', 1, 1, 3, ()), ('lstm', 1, 1, 3, ())):
        net = Net(cell, d, 1, 1, .6, L); P, data, _, _ = problem(g, net, 1, T, resets); steps = cache(net, T, data, P)
        def train_cached(r):
            for now in steps: r.learn(now)
        globals()['train_cached'] = train_cached
        for rule, opt in (('uoro', {}), ('kf_rtrl', {}), ('reverse_kf_rtrl', {}), ('ok', dict(r=1)), ('ok', dict(r=2))):
            k = make(net, 1, rule, opt, None).draws()
            if k * T > 13: continue
            e, v = mean(net, T, data, P, rule, opt, k); note(f'mean over all signs is the influence: {rule}{opt.get("r", "")} (relative variance last {v:.3f}, {cell} L={L} d={d} T={T})', e)
    net = Net('leaky', 3, 2, 2, .6)                                                       # one step's reduction: variance formula, over all signs
    X = g.normal(size=(4, 3)) @ np.diag([2, 1, .7]) @ g.normal(size=(3, 9)); Y = [reduce(X, 2, np.array(s)) for s in itertools.product((-1., 1.), repeat=3)]; dd = np.linalg.svd(X, compute_uv=False)[:3]; mu = 0 if 2 * dd[0] <= dd.sum() else 1; k, s = 2 - mu, dd[mu:].sum()
    note('ok: mean of one reduction', np.abs(np.mean(Y, 0) - X).max()); note('ok: variance s^2/k - sum d^2', abs(np.mean([((y - X) ** 2).sum() for y in Y]) - (s * s / k - (dd[mu:] ** 2).sum()))); note('ok: rank', max(np.linalg.svd(y, compute_uv=False)[2] for y in Y))
    for r, cols in ((1, 5), (2, 5), (4, 7)):                                              # the same reduction in factors: two QR, one SVD, Householder's basis
        for _ in range(20):
            L, R, nu = g.normal(size=(cols, r + 1)) * g.uniform(.05, 2, size=r + 1), g.normal(size=(9, r + 1)), g.choice((-1., 1.), size=r + 1); (QL, CL), (QR, CR) = np.linalg.qr(L), np.linalg.qr(R); U, dd, Vt = np.linalg.svd(CL @ CR.T); sigma = nu * np.where((QL @ U)[-1] < 0, -1, 1)
            mu = next(i for i in range(r) if (r - i) * dd[i] <= dd[i:].sum()); k, s = r - mu, dd[mu:].sum(); z0 = np.sqrt(np.maximum(1 - k * dd[mu:] / s, 0)); v = z0 / norm(z0); v[0] += 1; H = np.eye(k + 1) - 2 * np.outer(v, v) / (v @ v); Lam = np.zeros((r + 1, r)); Lam[range(mu), range(mu)] = np.sqrt(dd[:mu]); Lam[mu:, mu:] = sigma[mu:, None] * H[:, 1:] * np.sqrt(s / k)
            note('ok: closed form = QR, SVD and Householder', np.abs(reduce(L @ R.T, r, nu) - (QL @ U @ Lam) @ (QR @ Vt.T @ Lam).T).max() / norm(L @ R.T) / 1e3)
    A, Bm = two(np.ones(5), np.ones((2, 2)), -np.array([1., 1, 2, 2, 1]), -np.eye(2)); r0, r1 = np.sqrt(2 / 5**.5), (2 / 11)**.25; note('literal numbers of the tests of the reference program: kf and reverse kf', max(np.abs(A - (r0 - r1 * np.array([1., 1, 2, 2, 1]))).max(), np.abs(Bm - (1 / r0 - np.eye(2) / r1)).max()))
    A, Bm = two(np.ones(2), np.ones((2, 5)), np.array([1., -1]), np.outer([1, -1], [1, 1, 2, 2, 1])); r0, r1 = 5**.25, 11**.25; note('literal numbers of the tests of the reference program: kf and reverse kf', max(np.abs(A - r0 - r1 * np.array([1, -1])).max(), np.abs(Bm - 1 / r0 - np.outer([1, -1], [1, 1, 2, 2, 1]) / r1).max()))
    for cell, L in (('leaky', 1), ('leaky', 2), ('gru', 1), ('lstm', 1)):
        net = Net(cell, 2, 2, 2, .6, L); B, T = 2, 12; P, data, _, _ = problem(g, net, B, T, ((0, 3), (0, 6), (0, 9), (1, 1), (1, 4), (1, 7), (1, 10))); nu = lambda b, t: g.choice((-1., 1.), size=99)
        rt = train(net, Influence(net, B, 'rtrl'), 1, P, data, .05)[0]
        note('ok(3) = rtrl while a trial has at most 3 steps', diff(net, train(net, Ok(net, B, nu, 3), 1, P, data, .05)[0], rt)); big = max(q['idx'].shape[1] for q in net.pairs)
        P2, data2, _, _ = problem(g, net, B, T, ((0, 5),)); note('ok(r) = rtrl where r is the number of regressors', diff(net, train(net, Ok(net, B, nu, big), 1, P2, data2, .05)[0], train(net, Influence(net, B, 'rtrl'), 1, P2, data2, .05)[0]))
        nn = g.choice((-1., 1.), size=(B, T, 99))
        for rule, opt in (('uoro', {}), ('kf_rtrl', {}), ('reverse_kf_rtrl', {})):
            a, b = (train(net, make(net, B, rule, opt, lambda b, t: f * nn[b, t]), 2, P2, data2, .02)[0] for f in (1, -1)); note('all signs turned: the same', diff(net, a, b))
    net = Net('leaky', 3, 2, 2, .35); P, data, _, _ = problem(g, net, 2, 14, ((0, 5),)); nu = lambda b, t: g.normal(size=99)
    note('kernl, A = I and gamma = alpha frozen, linear kernel = rflo', diff(net, train(net, Kernl(net, 2, nu, 'linear', .35, 1e-3, 0., 0.), 3, P, data, .1)[0], train(net, Influence(net, 2, 'rflo'), 3, P, data, .1)[0]))
    nn = g.normal(size=(1, 9, 99)); net = Net('gru', 2, 2, 2); P, data, _, _ = problem(g, net, 1, 9)   # kernl learns by the gradient of |eps|^2/2 for A and gamma: one step's change by differences
    def half(A, gamma, lin):
        s, sh, Om = np.zeros(2), np.zeros(2), np.zeros(2)
        for t in range(9): sh = net.step(net.theta(P), sh, data[0][0, t]) + 1e-3 * nn[0, t, :2]; s = net.step(net.theta(P), s, data[0][0, t]); Om = (1 - gamma if lin else np.exp(-gamma)) * Om + nn[0, t, :2]
        return .5 * ((A @ Om - (sh - s) / 1e-3) ** 2).sum()
    for lin in (0, 1):
        r = Kernl(net, 1, lambda b, t: nn[b, t], 'linear' if lin else 'exp', .4, 1e-3, 0., 0.); r.A[0] = A = np.eye(2) + .2; seen = []
        class Probe:
            def learn(self, now): r.A_lr = r.g_lr = 1e-3 if now[0].t == 8 else 0.; return r.learn(now)
        train(net, Probe(), 1, P, data, 0.); h = 1e-6; gm = np.full(2, .4)
        fd = np.array([(half(A, gm + h * v, lin) - half(A, gm - h * v, lin)) / 2 / h for v in np.eye(2)]); assert 0 < r.gamma[0].min(); note('kernl: gamma moves down the gradient, differences (/1e3)', np.abs((.4 - r.gamma[0]) / 1e-3 - fd).max() / np.abs(fd).max() / 1e3)
        fdA = np.array([[(half(A + h * E, gm, lin) - half(A - h * E, gm, lin)) / 2 / h for E in np.eye(4)[2 * i:2 * i + 2].reshape(2, 2, 2)] for i in range(2)]); note('kernl: A moves down the gradient, differences (/1e3)', np.abs((A - r.A[0]) / 1e-3 - fdA).max() / np.abs(fdA).max() / 1e3)
    for k, v in worst.items(): print(f'  {v:.1e}  {k}'); assert v < 1e-11, k

def runs():
    """LABEL -> rule, options, K, epochs"""
    R = {f'{r}:K{K}': (r, {}, K, 1) for r in ('uoro', 'kf_rtrl', 'reverse_kf_rtrl') for K in (1, 4)}
    R |= {f'ok{r}:K{K}': ('ok', dict(r=r), K, 1) for r, K in ((1, 1), (2, 1), (3, 4), (10, 1))}
    R |= {'kernl:exp': ('kernl', dict(gamma=.5, sigma=1e-3, A_lr=.03, gamma_lr=.02), 1, 1), 'kernl:linear': ('kernl', dict(kernel='linear', gamma=.3, sigma=1e-2, A_lr=.03, gamma_lr=.02, perturb='before'), 4, 1), 'kernl:resync': ('kernl', dict(gamma=.4, sigma=1e-2, A_lr=.05, gamma_lr=.05, resync=4), 1, 1), 'kernl:frozen': ('kernl', dict(A_lr=0., gamma_lr=0., gamma=.6), 1, 1)}
    return R | {f'{r}:twice': (r, o, 3, 2) for r, o in (('kf_rtrl', {}), ('ok', dict(r=2)), ('kernl', dict(A_lr=.04, gamma_lr=.03, gamma=.3)))}

def case(out, name, seed, cell, B, T, n, d, m, alpha=1.0, L=1, resets=(), lr=.02, feedback=False, runs=runs, with_nu=True, **kw):
    g = np.random.default_rng(seed); net = Net(cell, d, n, m, alpha, L); P, data, extra, present = problem(g, net, B, T, resets, **kw); Bfb = g.normal(size=(d, m)) / m**.5; A = extra | ({'B_feedback': Bfb} if feedback else {}); meta_runs = {}; tight = []
    exact = lambda K: flat(net, train(net, Influence(net, B, 'rtrl'), K, P, data, lr, Bfb if feedback else None, 1, present)[0])
    for label, (rule, opt, K, epochs) in runs().items():
        count = make(net, B, rule, opt, None).draws(); nu = numbers(seed, B, T, count, KIND[rule], epochs); r = make(net, B, rule, opt, lambda b, t: nu[b, t]); W, _ = train(net, r, K, P, data, lr, Bfb if feedback else None, epochs, present); A['final:' + label] = flat(net, W)
        if epochs == 1 and not label.endswith(('K4', 'K5', 'frozen')): A['grad:' + label] = flat(net, train(net, make(net, B, rule, opt, lambda b, t: nu[b, t]), K, P, data, 0., Bfb if feedback else None, 1, present, True)[0])
        if with_nu and (label.endswith('K1') or label == 'kernl:exp') and not label.startswith('ok10'): A['nu:' + label.split(':')[0]] = nu.astype(np.int8) if KIND[rule] == 'sign' else nu
        meta_runs[label] = dict(rule=rule, options=opt, every=K, epochs=epochs, feedback='random' if feedback else 'symmetric'); assert np.isfinite(A['final:' + label]).all() and np.abs(A['final:' + label]).max() < 20, label; tight += getattr(r, 'tight', [])
        if opt.get('r', 0) >= 9: assert np.abs(A['final:' + label] - exact(K)).max() < 1e-12
    meta = dict(cell=cell, layers=L, alpha=np.asarray(alpha).tolist(), activation='tanh', loss='mse', lr=lr, n=n, d=d, m=m, B=B, T=T, seed=seed, parameters=net.names, runs=meta_runs)
    if cell != 'leaky': del meta['alpha'], meta['activation']
    path = os.path.join(out, name + '.npz'); np.savez_compressed(path, meta=json.dumps(meta), **A); print(f'{name}: {len(meta_runs)} runs, {os.path.getsize(path) // 1024} KB; ok: smallest entry that decides a sign {min(tight):.1e}')

if __name__ == '__main__':
    out, base = sys.argv[1], int(sys.argv[2]); os.makedirs(out, exist_ok=True); checks()
    case(out, 'kron_elman', base + 1, 'leaky', 1, 24, 3, 5, 2)
    case(out, 'kron_leaky', base + 2, 'leaky', 3, 16, 2, 4, 2, .5, resets=((0, 6), (1, 5), (1, 6), (2, 12)))
    case(out, 'kron_gru', base + 3, 'gru', 2, 13, 2, 3, 2, resets=((1, 7),))
    case(out, 'kron_lstm', base + 4, 'lstm', 2, 12, 2, 3, 2, resets=((0, 6),), feedback=True)
    case(out, 'kron_start', base + 6, 'leaky', 2, 14, 2, 4, 2, [.4, .9, .6, 1.], resets=((1, 6),), h0=True, density=.5)
    case(out, 'kron_stack', base + 5, 'leaky', 2, 14, 2, 3, 2, .6, L=2, resets=((1, 5),))
