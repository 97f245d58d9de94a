#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference *online* runs (float64, NumPy) of the rules with a synthesiser: dni, dni_b, dni_window, bp_lambda, as `chronograd describe RULE` defines them.
usage: make_golden_synthetic.py OUT_DIR SEED_BASE      (all checks run first; a failure stops everything)
Arrays: x, y, mask, reset, the parameters, B_feedback, and 'final:LABEL' = all parameters after the run, each row-major, one after the other in the order of meta.parameters. meta.runs: LABEL -> rule, options, every (K), epochs, feedback.
'grad:LABEL' (some): the gradient at frozen weights, summed over all steps and streams, in the same order; it is the same for every K, dni_window's apart.
SGD with meta.lr, normalize = "sum", one epoch, seed meta.seed, normals and signs from the program's own generator (golden_net.Draws)."""
import json, os, sys, numpy as np
from golden_net import Net, Influence, Tbptt, Draws, train, flat
one = lambda s: np.append(s, 1.0)

class Dni:
    """dni; with J_lr: dni_b"""
    def __init__(self, net, B, sg_lr=1e-3, refresh=5, J_lr=None, squash='tanh'):
        self.net, self.B, self.lr, self.refresh, self.J_lr = net, B, sg_lr, refresh, J_lr; self.psi = np.tanh if J_lr is not None and squash == 'tanh' else (lambda v: v)
        self.A = np.zeros((net.w, net.w + net.m + 1)); self.F = self.A.copy(); self.count, self.old, self.Jh = 0, None, None
    def learn(self, now):
        f = [np.concatenate([q.s, q.target, [1]]) for q in now]
        if self.J_lr is not None:
            if self.Jh is None: self.Jh = self.net.linear(now[0].theta, np.zeros(self.net.w), np.zeros(self.net.n))[1]
            self.Jh = self.Jh - self.J_lr * sum(np.outer(self.Jh @ q.s_before - q.s, q.s_before) for q in now) / self.B
        if self.old is not None and now[0].t > 0:
            change = 0
            for b, q in enumerate(now):
                J = q.J if self.J_lr is None else np.zeros_like(q.J) if q.cut else self.Jh
                tau = self.old[b][1] + self.psi(self.F @ f[b]) @ J; change = change + np.outer(self.A @ self.old[b][0] - tau, self.old[b][0])
            self.A = self.A - self.lr * change / self.B; self.count += 1
            if self.count % self.refresh == 0: self.F = self.A.copy()
        self.old = [(f[b], q.c.copy()) for b, q in enumerate(now)]
        return sum((self.A @ f[b]) @ q.Mbar for b, q in enumerate(now))

class Synthesiser:
    """g(f), f = (s, 1), linear (zero start) or one hidden layer of relu (A1 drawn, A2 zero)"""
    def __init__(self, w, hidden=0, seed=0):
        F = w + 1; self.p = [np.zeros((w, F))]
        if hidden:
            A1 = np.zeros((hidden, F))
            for h in range(hidden): d = Draws(seed, 2**64 - 1, h); A1[h] = [d.normal() / np.sqrt(F) for _ in range(F)]
            self.p = [A1, np.zeros((w, hidden + 1))]
    def __call__(self, f): return self.p[0] @ f if len(self.p) == 1 else self.p[1] @ one(np.maximum(self.p[0] @ f, 0))
    def jac(self, f):
        """dg/dA for each A: (w,) + A.shape"""
        w = len(self.p[-1]); E = np.eye(w)
        if len(self.p) == 1: return [E[:, :, None] * f]
        u = self.p[0] @ f; r = np.maximum(u, 0); return [(self.p[1][:, :-1] * (u > 0))[:, :, None] * f, E[:, :, None] * one(r)]
    def move(self, change): self.p = [a + c for a, c in zip(self.p, change)]

class Window:
    """dni_window"""
    def __init__(self, net, B, L=None, sg_lr=1e-3, scale=1.0, gamma=1.0, lam=1.0, learn='entry', aux=0.0, synthesiser='linear', sg_hidden=0, seed=0):
        self.net, self.B, self.L, self.lr, self.scale, self.gamma, self.lam, self.states, self.aux = net, B, L, sg_lr, scale, gamma, lam, learn, aux
        self.g = Synthesiser(net.w, sg_hidden if synthesiser == 'mlp' else 0, seed); self.C = np.zeros((net.w, net.w + 1)); self.entry, self.kept, self.sums = None, None, None
    def windows(self, tape):
        L = self.L or len(tape); return sum(self.window(tape[i:i + L]) for i in range(0, len(tape), L))
    def window(self, tape):
        net, G = self.net, 0; change = [np.zeros_like(a) for a in self.g.p]; head = 0 * self.C; exits = []
        if tape[0][0].t == 0: self.entry, self.kept = None, None
        for b in range(self.B):
            steps = [now[b] for now in tape]; out = np.zeros(net.w) if steps[-1].last else self.scale * self.g(one(steps[-1].s)); exits.append(out)
            delta = out
            for q in reversed(steps): delta = delta + q.c; G = G + delta @ q.Mbar; delta = delta @ q.J
            target = out                                        # lambda targets, from the exit to the entry
            for i in range(len(steps) - 1, -1, -1):
                q = steps[i]; boot = out if i == len(steps) - 1 else (1 - self.lam) * self.scale * self.g(one(q.s)) + self.lam * target
                target = (q.c + self.gamma * boot) @ q.J
                f = self.entry[b] if i == 0 and self.entry is not None else None if i == 0 else one(steps[i - 1].s)
                if f is None or (i > 0 and self.states == 'entry'): continue
                for k, D in enumerate(self.g.jac(f)): change[k] += np.tensordot(target - self.g(f), D, 1)
        if self.aux and self.kept is not None:
            for b in range(self.B):
                if any(now[b].cut for now in tape): continue
                f = self.entry[b]; goal = np.zeros(net.w) if tape[-1][b].last else self.g(one(tape[-1][b].s)); eps = self.C @ f - goal; q_ = self.aux * (eps @ self.C)[:-1]
                for q in reversed([now[b] for now in self.kept]):
                    G = G + q_ @ q.Mbar; J = q.J.copy()
                    if not q.cut: J[:, :net.d] += net.gain(q.Mbar) @ (net.recurrent(tape[0][b].theta) - net.recurrent(q.theta))
                    q_ = q_ @ J
                head = head + np.outer(eps, f)
        self.sums = change; self.g.move([self.lr / self.B * c for c in change]); self.C = self.C - self.lr / self.B * head
        self.entry = [one(tape[-1][b].s) for b in range(self.B)]; self.kept = tape
        return G

class BpLambda:
    """bp_lambda"""
    def __init__(self, net, B, sg_lr=1e-3, scale=1.0, gamma=1.0, lam=1.0, synthesiser='linear', sg_hidden=0, seed=0):
        self.net, self.B, self.lr, self.scale, self.gamma, self.lam = net, B, sg_lr, scale, gamma, lam
        self.g = Synthesiser(net.w, sg_hidden if synthesiser == 'mlp' else 0, seed); self.old, self.total = None, None
    def learn(self, now):
        G, ask = 0, lambda q: np.zeros(self.net.w) if q.last else self.g(one(q.s))
        if now[0].t == 0: self.old = None
        if self.old is None: self.e = [[np.zeros((self.net.w,) + a.shape) for a in self.g.p] for _ in now]
        else:
            change = [np.zeros_like(a) for a in self.g.p]
            for b, q in enumerate(now):
                delta = (q.c + self.gamma * ask(q)) @ q.J - self.g(self.old[b])
                for k in range(len(change)): change[k] += np.tensordot(delta, self.e[b][k], 1)
            self.total = change if self.total is None else [a + c for a, c in zip(self.total, change)]
            self.g.move([self.lr / self.B * c for c in change])
        for b, q in enumerate(now):
            G = G + (q.c + self.scale * ask(q)) @ q.Mbar
            self.e[b] = [self.gamma * self.lam * np.tensordot(q.J, e, 1) + D for e, D in zip(self.e[b], self.g.jac(one(q.s)))]
        self.old = [one(q.s) for q in now]; return G

def make(net, B, rule, opt, seed):
    o = {('lam' if k == 'lambda' else k): v for k, v in opt.items()}
    if rule == 'dni': return Dni(net, B, **o)
    if rule == 'dni_b': return Dni(net, B, **{'J_lr': 1e-3, **o})
    return {'dni_window': Window, 'bp_lambda': BpLambda}[rule](net, B, seed=seed, **o)

def problem(g, net, B, T, resets=(), h0=False, density=1.0):
    """parameters, (x, y, mask, reset[, first states]), the arrays of the file, which elements of theta are present (None: all)"""
    P = net.init(g); x = g.normal(size=(B, T, net.n)); y = g.integers(net.m, size=(B, T)) if net.loss == 'cross_entropy' else g.normal(size=(B, T, net.m))
    mk = g.choice([0, .5, 1, 1, 1.5], size=(B, T)); rs = np.zeros((B, T), bool); present = None
    for b, t in resets: rs[b, t] = True
    data = (x, y, mk, rs) + ((g.normal(size=(B, net.w)) * .5,) if h0 else ()); extra = dict(zip(('x', 'y', 'mask', 'reset', 'h0'), data))
    if density < 1: keep = (g.random((net.d, net.d)) < density).astype(float); P['W_rec'] *= keep; present = np.ones(net.p); present[:net.d * net.d] = keep.ravel(); extra['W_rec_mask'] = keep
    return P, data, {**extra, **P}, present

def checks():
    g = np.random.default_rng(99); worst = {}
    def note(k, v): worst[k] = max(worst.get(k, 0), float(v))
    diff = lambda net, a, b: np.abs(flat(net, a) - flat(net, b)).max()
    for cell, L in (('leaky', 1), ('leaky', 2), ('gru', 1), ('lstm', 1)):
        net = Net(cell, 3, 2, 2, .6, L); B, T = 2, 11; P, data, _, _ = problem(g, net, B, T, ((0, 4), (1, 8)))
        for K, W in ((4, 2), (11, 3), (3, None)):                                                # a synthesiser that never leaves zero: truncated BPTT
            note('dni_window, sg_lr 0 = tbptt', diff(net, train(net, Window(net, B, W, sg_lr=0.), K, P, data, .05)[0], train(net, Tbptt(net, W or K), K, P, data, .05)[0]))
        note('bp_lambda, sg_lr 0 = immediate', diff(net, train(net, BpLambda(net, B, sg_lr=0.), 2, P, data, .05)[0], train(net, Influence(net, B, 'immediate'), 2, P, data, .05)[0]))
        for hidden in (0, 4):                                                                    # frozen synthesiser: sum of delta e = offline lambda targets, resets included
            for gamma, lam in ((1, 1), (.9, 1), (.9, .5), (1, 0)):
                kw = dict(synthesiser='mlp' if hidden else 'linear', sg_hidden=hidden, seed=5); on, off = BpLambda(net, B, 0., 1., gamma, lam, **kw), Window(net, B, None, 0., 1., gamma, lam, 'all', **kw)
                p0 = [g.normal(size=a.shape) * .3 for a in on.g.p]; on.g.p, off.g.p = [a.copy() for a in p0], [a.copy() for a in p0]
                train(net, on, T, P, data, 0.); train(net, off, T, P, data, 0.)
                note('bp_lambda frozen = offline lambda targets', max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(on.total, off.sums)))
        gr = Window(net, B, 1, .02); lam0 = BpLambda(net, B, .02, lam=0.)                        # windows of one step, K = 1: the pair (s_{t-1}, (c_t + g(s_t)) J_t) of lambda = 0; only the order (learn, then ask) differs
        gr1, lam1 = train(net, gr, 1, P, data, 0.), train(net, lam0, 1, P, data, 0.); note('synthesiser: dni_window(L=1) = bp_lambda(lambda=0)', np.abs(gr.g.p[0] - lam0.g.p[0]).max())
        syn = Synthesiser(net.w, 4, 3); syn.p[1] = g.normal(size=syn.p[1].shape); f = one(g.normal(size=net.w))  # Jacobian of the synthesiser by differences
        for k in (0, 1):
            i = tuple(g.integers(v) for v in syn.p[k].shape); J = syn.jac(f)[k][(slice(None),) + i]; v = []
            for h in (1e-6, -1e-6): syn.p[k][i] += h; v.append(syn(f)); syn.p[k][i] -= h
            note('synthesiser Jacobian, differences', np.abs((v[0] - v[1]) / 2e-6 - J).max() / 1e3)
    net = Net('leaky', 4, 2, 2, .5); P, data, _, _ = problem(g, net, 1, 12)                            # dni_b with the true Jacobian of a linear net and no squashing = dni
    lin = Net('leaky', 4, 2, 2, .5); lin.step = lambda th, s, x: (1 - .5) * s + .5 * np.einsum('...ij,...j->...i', lin.part(th, 'W_rec'), s) + .5 * (np.einsum('...ij,...j->...i', lin.part(th, 'W_in'), np.broadcast_to(x, s.shape[:-1] + x.shape[-1:])) + lin.part(th, 'b_h'))
    note('dni_b, J_lr 0, identity, linear net = dni', diff(lin, train(lin, Dni(lin, 1, .05, 2, 0., 'identity'), 12, P, data, .05)[0], train(lin, Dni(lin, 1, .05, 2), 12, P, data, .05)[0]))
    # the auxiliary task: with frozen weights its gradient is that of aux |C f_b - goal|^2 / 2 through the window before b, by differences
    net = Net('gru', 3, 2, 2); B, T, Wn = 1, 6, 3; P, data, _, _ = problem(g, net, B, T); x = data[0][0]; C, A = g.normal(size=(3, 4)), g.normal(size=(3, 4))
    a = Window(net, B, Wn, 0., aux=.7); b = Window(net, B, Wn, 0.); a.C = C; a.g.p = [A]; b.g.p = [A.copy()]
    ga = -(net.theta(train(net, a, T, P, data, 1.)[0]) - net.theta(train(net, b, T, P, data, 1.)[0]))
    th = net.theta(P); goal = np.zeros(3)
    def loss(th):
        s = np.zeros(3)
        for t in range(Wn): s = net.step(th, s, x[t])
        return .35 * ((C @ one(s) - goal) ** 2).sum()
    fd = np.array([(loss(th + 1e-6 * e) - loss(th - 1e-6 * e)) / 2e-6 for e in np.eye(net.p)]); note('aux gradient, differences', np.abs(ga - fd).max() / np.abs(fd).max() / 1e3)
    for k, v in worst.items(): print(f'  {v:.1e}  {k}'); assert v < 1e-11, k

GRADIENTS = ('dni:K1', 'dni:K2', 'dni_b:plain', 'dni_b:K3', 'dni_b:K5', 'window:L2:K4', 'window:L3:all', 'window:L3:K6', 'window:L3:lambda', 'window:trial', 'bp_lambda:0.5:0.9:K1', 'bp_lambda:0.7:0.8:K2', 'bp_lambda:0.9:1:K1')     # of these also the gradient at frozen weights
def bp(lam, gamma, **o): return 'bp_lambda', {'sg_lr': .04, 'lambda': lam, 'gamma': gamma, **o}
def both(L):
    R = {'window:mlp': ('dni_window', dict(L=3, sg_lr=.25, synthesiser='mlp', sg_hidden=5), 3, 2), 'bp_lambda:mlp': bp(.8, 1, synthesiser='mlp', sg_hidden=4, sg_lr=.1) + (1, 2)}
    return R | {'dni_b:plain': ('dni_b', dict(sg_lr=.05, J_lr=.03, squash='identity'), 1, 1), 'dni_b:twice': ('dni_b', dict(sg_lr=.05, J_lr=.03), 2, 2), 'bp_lambda:twice': bp(.6, 1) + (2, 2), 'window:twice': ('dni_window', dict(sg_lr=.1), 3, 2)}
def runs(L):
    """LABEL -> rule, options, K, epochs"""
    R = {}
    for K in (1, 3): R[f'dni:K{K}'] = ('dni', dict(sg_lr=.05, refresh=3), K, 1); R[f'dni_b:K{K}'] = ('dni_b', dict(sg_lr=.05, refresh=3, J_lr=.03), K, 1)
    R['window:L2:K4'] = ('dni_window', dict(L=2, sg_lr=.1), 4, 1); R['window:L4:K6'] = ('dni_window', dict(L=4, sg_lr=.2, scale=.5), 6, 1); R['window:K3'] = ('dni_window', dict(sg_lr=.2), 3, 1); R['window:trial'] = ('dni_window', {'L': 3, 'sg_lr': .2}, 'trial', 1)
    R['window:L4:lambda'] = ('dni_window', {'L': 4, 'sg_lr': .2, 'lambda': .5, 'gamma': .9}, 4, 1); R['window:L3:all'] = ('dni_window', {'L': 3, 'sg_lr': .05, 'lambda': .7, 'learn': 'all'}, 6, 1)
    for lam, gamma, K, o in ((1, 1, 1, {}), (.5, .9, 1, {}), (0, 1, 1, {}), (1, .9, 4, dict(scale=.5))): R[f'bp_lambda:{lam}:{gamma}:K{K}'] = bp(lam, gamma, **o) + (K, 1)
    if L == 1: R['window:L3:aux'] = ('dni_window', dict(L=3, sg_lr=.2, aux=1.), 6, 1); R['window:K4:aux'] = ('dni_window', dict(sg_lr=.2, aux=2.), 4, 1)
    return R | both(L)

def case(out, name, seed, cell, B, T, n, d, m, alpha=1.0, L=1, loss='mse', resets=(), lr=.03, feedback=False, only=None, runs=runs, **kw):
    g = np.random.default_rng(seed); net = Net(cell, d, n, m, alpha, L, loss); P, data, A, present = problem(g, net, B, T, resets, **kw); Bfb = g.normal(size=(d, m)) / m**.5; A |= {'B_feedback': Bfb} if feedback else {}; meta_runs, moved = {}, {}
    for label, (rule, opt, K, epochs) in runs(L).items():
        if only and not any(label.startswith(o) for o in only): continue
        go = lambda o: train(net, make(net, B, rule, o, seed), T if K == 'trial' else K, P, data, lr, Bfb if feedback else None, epochs, present)[0]
        W, none = go(opt), go({**opt, 'sg_lr': 0., **({'J_lr': 0.} if rule == 'dni_b' else {})}); moved[label] = np.abs(flat(net, W) - flat(net, none)).max() / np.abs(flat(net, W) - flat(net, P)).max()
        if epochs == 1 and label in GRADIENTS: A['grad:' + label] = flat(net, train(net, make(net, B, rule, opt, seed), T if K == 'trial' else K, P, data, 0., Bfb if feedback else None, 1, present, True)[0])
        A['final:' + label] = flat(net, W); meta_runs[label] = dict(rule=rule, options=opt, every=K, epochs=epochs, feedback='random' if feedback else 'symmetric'); assert np.isfinite(A['final:' + label]).all() and np.abs(A['final:' + label]).max() < 20, label
    meta = dict(cell=cell, layers=L, alpha=np.asarray(alpha).tolist(), activation='tanh', loss=loss, lr=lr, n=n, d=d, m=m, B=B, T=T, seed=seed, parameters=net.names, runs=meta_runs)
    if cell != 'leaky': del meta['alpha'], meta['activation']
    path = os.path.join(out, name + '.npz'); np.savez_compressed(path, meta=json.dumps(meta), **A); low = min(moved, key=moved.get)
    print(f'{name}: {len(meta_runs)} runs, {os.path.getsize(path) // 1024} KB, share of the change that the synthesiser makes {moved[low]:.4f} ({low}) ... {max(moved.values()):.2f}')

if __name__ == '__main__':
    out, base = sys.argv[1], int(sys.argv[2]); os.makedirs(out, exist_ok=True); checks()
    case(out, 'synth_elman', base + 1, 'leaky', 1, 24, 3, 5, 2)
    case(out, 'synth_leaky', base + 2, 'leaky', 3, 18, 2, 4, 2, .5, resets=((0, 6), (1, 5), (1, 6), (2, 12)))
    case(out, 'synth_gru', base + 3, 'gru', 2, 15, 2, 3, 2, resets=((1, 7),))
    case(out, 'synth_lstm', base + 4, 'lstm', 2, 13, 2, 3, 2, resets=((0, 6),), only=('dni', 'window:L4', 'window:L3', 'bp_lambda'))
    case(out, 'synth_stack', base + 5, 'leaky', 2, 14, 2, 3, 2, .6, L=2, resets=((1, 5),))
    case(out, 'synth_classes', base + 6, 'leaky', 2, 16, 3, 4, 3, .7, loss='cross_entropy', feedback=True, only=('dni', 'window:L2', 'window:L4', 'bp_lambda'))
    case(out, 'synth_start', base + 7, 'leaky', 2, 15, 2, 4, 2, [.4, .9, .6, 1.], resets=((1, 6),), h0=True, density=.5)
