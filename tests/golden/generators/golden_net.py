# SPDX-License-Identifier: Apache-2.0
"""What the generators of synthetic-gradient and Kronecker references share (float64, NumPy, slow on purpose): networks as one function of a step, its derivatives by complex steps, online training, and the
program's random numbers. Shares nothing with the project. Letters as in docs/notation.md; the rules are defined by the dense programs of src/checking.

A network is L layers of leaky (tanh), gru or lstm. State s of a stream: for each layer h, then c (lstm): w = L S d numbers. theta: all recurrent parameters, one after the other, each row-major.
Derivatives J = ds_t/ds_{t-1} (w,w) and Mbar = immediate ds_t/dtheta (w,p) come from imaginary perturbations of 1e-30, exact to rounding. G (w, rows) = ds_t/du, read off Mbar's columns of a bias."""
import numpy as np
sig = lambda v: 1 / (1 + np.exp(-v))

class Net:
    def __init__(self, cell, d, n, m, alpha=1.0, L=1, loss='mse'):
        self.cell, self.d, self.n, self.m, self.L, self.loss = cell, d, n, m, L, loss; self.alpha = np.broadcast_to(np.asarray(alpha, float), (d,))
        self.S = 2 if cell == 'lstm' else 1; self.G = {'leaky': 1, 'gru': 3, 'lstm': 4}[cell]; self.w = L * self.S * d; self.top = (L - 1) * self.S * d; self.shapes = {}
        for l in range(L):
            k = n if l == 0 else d; t = '' if l == 0 else f'_l{l}'
            new = {'W_rec' + t: (d, d), 'W_in' + t: (d, k), 'b_h' + t: (d,)} if cell == 'leaky' else {f'weight_ih_l{l}': (self.G * d, k), f'weight_hh_l{l}': (self.G * d, d), f'bias_ih_l{l}': (self.G * d,), f'bias_hh_l{l}': (self.G * d,)}
            self.shapes.update(new)
        self.at, i = {}, 0
        for k, s in self.shapes.items(): self.at[k] = i; i += int(np.prod(s))
        self.p = i; self.names = list(self.shapes) + ['W_out', 'b_y']; self.pairs = [q for l in range(L) for q in self._pairs(l)]
    def theta(self, P): return np.concatenate([P[k].ravel() for k in self.shapes])
    def part(self, th, k): s = self.shapes[k]; return th[..., self.at[k]:self.at[k] + int(np.prod(s))].reshape(th.shape[:-1] + s)
    def layer(self, l): return ('W_rec', 'W_in', 'b_h') if self.cell == 'leaky' and l == 0 else (f'W_rec_l{l}', f'W_in_l{l}', f'b_h_l{l}') if self.cell == 'leaky' else (f'weight_hh_l{l}', f'weight_ih_l{l}', f'bias_hh_l{l}', f'bias_ih_l{l}')
    def init(self, g, gain=1.2): return {**{k: g.normal(size=s) * (gain * s[1]**-.5 if 'rec' in k or 'hh' in k and len(s) == 2 else s[1]**-.5 if len(s) == 2 else .2) for k, s in self.shapes.items()}, 'W_out': g.normal(size=(self.m, self.d)) / self.d**.5, 'b_y': g.normal(size=self.m) * .1}
    def step(self, th, s, x):
        """new s; th (..., p), s (..., w), x (n): any leading axes, complex allowed"""
        d, S, out = self.d, self.S, []; below = np.broadcast_to(x, s.shape[:-1] + x.shape[-1:])
        mul = lambda W, v: np.einsum('...ij,...j->...i', W, v)
        for l in range(self.L):
            h = s[..., l * S * d:l * S * d + d]; q = [self.part(th, k) for k in self.layer(l)]
            if self.cell == 'leaky': new = [(1 - self.alpha) * h + self.alpha * np.tanh(mul(q[0], h) + mul(q[1], below) + q[2])]
            else:
                gh, gi = mul(q[0], h) + q[2], mul(q[1], below) + q[3]; cut = lambda v, g: v[..., g * d:(g + 1) * d]
                if self.cell == 'gru': r, z = sig(cut(gi, 0) + cut(gh, 0)), sig(cut(gi, 1) + cut(gh, 1)); a = np.tanh(cut(gi, 2) + r * cut(gh, 2)); new = [(1 - z) * a + z * h]
                else: u = gi + gh; c = sig(cut(u, 1)) * s[..., l * S * d + d:(l + 1) * S * d] + sig(cut(u, 0)) * np.tanh(cut(u, 2)); new = [sig(cut(u, 3)) * np.tanh(c), c]
            out += new; below = new[0]
        return np.concatenate(out, -1)
    def linear(self, th, s, x):
        """s after, J, Mbar"""
        e = 1e-30; J = self.step(th, s + 1j * e * np.eye(self.w), x).imag.T / e; M = self.step(th + 1j * e * np.eye(self.p), np.broadcast_to(s, (self.p, self.w)), x).imag.T / e
        return self.step(th, s, x), J, M
    def _pairs(self, l):
        """groups of pre-activations that read the same regressors: indices in theta (rows, cols), which of layer / which regressors; the last column is the constant 1"""
        d, idx = self.d, lambda k: np.arange(int(np.prod(self.shapes[k]))).reshape(self.shapes[k]) + self.at[k]
        q = [idx(k) for k in self.layer(l)]
        if self.cell == 'leaky': return [dict(l=l, idx=np.concatenate([q[0], q[1], q[2][:, None]], 1), z='hx')]
        hh, ih, bh, bi = q; rows = lambda g: slice(g * d, (g + 1) * d); full = lambda r: np.concatenate([hh[r], bh[r][:, None], ih[r], bi[r][:, None]], 1)
        if self.cell == 'lstm': return [dict(l=l, idx=full(slice(None)), z='h1x')]
        return [dict(l=l, idx=np.concatenate([ih[rows(2)], bi[rows(2)][:, None]], 1), z='x'), dict(l=l, idx=np.concatenate([full(rows(1)), full(rows(0))]), z='h1x'), dict(l=l, idx=np.concatenate([hh[rows(2)], bh[rows(2)][:, None]], 1), z='h')]
    def regressor(self, pair, s, x, after):
        h = s[pair['l'] * self.S * self.d:][:self.d]; v = x if pair['l'] == 0 else after[(pair['l'] - 1) * self.S * self.d:][:self.d]; one = np.ones(1)
        return {'hx': lambda: np.concatenate([h, v, one]), 'h1x': lambda: np.concatenate([h, one, v, one]), 'x': lambda: np.concatenate([v, one]), 'h': lambda: np.concatenate([h, one])}[pair['z']]()
    def recurrent(self, th):
        """(rows, d) weights from h in the order of the pairs' rows; one layer"""
        out = []
        for q in self.pairs: c = {'hx': slice(0, self.d), 'h1x': slice(0, self.d), 'h': slice(0, self.d), 'x': None}[q['z']]; out.append(th[q['idx'][:, c]] if c is not None else np.zeros((len(q['idx']), self.d)))
        return np.concatenate(out)
    def gain(self, Mbar): return np.concatenate([Mbar[:, q['idx'][:, -1]] for q in self.pairs], 1)
    def check(self, g):
        """Mbar = gain (x) regressor in every pair, all parameters are in exactly one"""
        P = self.init(g); th, s, x = self.theta(P), g.normal(size=self.w) * .5, g.normal(size=self.n); a, J, M = self.linear(th, s, x); seen = np.zeros(self.p, int)
        for q in self.pairs:
            z = self.regressor(q, s, x, a); G = M[:, q['idx'][:, -1]]; seen[q['idx'].ravel()] += 1
            assert np.allclose(M[:, q['idx'].ravel()], (G[:, :, None] * z).reshape(self.w, -1), atol=1e-13)
        assert (seen == 1).all(); k = g.integers(self.w); v = np.zeros(self.w); v[k] = 1e-6; assert np.allclose((self.step(th, s + v, x) - self.step(th, s - v, x)) / 2e-6, J[:, k], atol=1e-8)

class Step:
    """one step of one stream: cut, s_before (zero after a cut), s (after), J (zero at a cut), Mbar, c (w: credit of this step's loss on the top h), target (m), last (row ends here), t (0 where a row begins), draw (steps of all epochs so far), x"""

def train(net, rule, K, P, data, lr, B_feedback=None, epochs=1, present=None, frozen=False):
    """Online run: SGD, an update every K steps, all streams side by side, gradient summed; every epoch begins from h0 or zero. present: which elements of theta exist (1) or are absent weights.
    rule.learn(steps of one t, list over streams) -> gradient (p), or rule.windows(list over t of such lists). Returns final parameters and the last epoch's losses (B,T); frozen: instead of the parameters the gradient of all, summed, weights never changed."""
    x, y, mk, rs = data[:4]; h0 = data[4] if len(data) > 4 else None; B, T, _ = x.shape; W = {k: v.copy() for k, v in P.items()}; loss = np.zeros((B, T)); total = {k: np.zeros_like(v) for k, v in P.items()}
    for e, t0 in [(e, t0) for e in range(epochs) for t0 in range(0, T, K)]:
        if t0 == 0: s = [np.zeros(net.w) if h0 is None else h0[b].copy() for b in range(B)]
        th = net.theta(W); G = np.zeros(net.p); Go, gb = np.zeros((net.m, net.d)), np.zeros(net.m); tape = []
        for t in range(t0, min(T, t0 + K)):
            now = []
            for b in range(B):
                q = Step(); q.t, q.b, q.draw, q.x, q.cut, q.last, q.theta = t, b, e * T + t, x[b, t], bool(rs[b, t]), t == T - 1, th
                q.s_before = np.zeros(net.w) if q.cut else s[b]; q.s, q.J, q.Mbar = net.linear(th, q.s_before, q.x)
                if q.cut: q.J = np.zeros_like(q.J)
                s[b] = q.s; h = q.s[net.top:][:net.d]; a = W['W_out'] @ h + W['b_y']
                if net.loss == 'mse': q.target = y[b, t]; err = (a - q.target) * mk[b, t]; loss[b, t] = .5 * ((a - q.target) ** 2).sum() * mk[b, t]
                else: q.target = np.eye(net.m)[y[b, t]]; pr = np.exp(a - a.max()); pr /= pr.sum(); err = (pr - q.target) * mk[b, t]; loss[b, t] = -np.log(pr[y[b, t]]) * mk[b, t]
                q.c = np.zeros(net.w); q.c[net.top:][:net.d] = W['W_out'].T @ err if B_feedback is None else B_feedback @ err
                Go += np.outer(err, h); gb += err; now.append(q)
            if hasattr(rule, 'learn'): G += rule.learn(now)
            else: tape.append(now)
        if tape: G += rule.windows(tape)
        G = G if present is None else G * present
        if frozen:
            for k in net.shapes: total[k] += net.part(G, k)
            total['W_out'] += Go; total['b_y'] += gb; continue
        th = th - lr * G
        for k in net.shapes: W[k] = net.part(th, k).copy()
        W['W_out'] -= lr * Go; W['b_y'] -= lr * gb
    return total if frozen else W, loss

# --- the program's random numbers: Philox4x64-10 with key (seed, purpose), counter (0, which, index, 0); purpose 4 is rules
class Draws:
    def __init__(self, seed, which, index, purpose=4): self.g = np.random.Philox(key=np.array([seed, purpose], np.uint64), counter=np.array([0, which, index, 0], np.uint64)); self.left = []; self.spare = None
    def sign(self):
        if not self.left: word = int(self.g.random_raw()); self.left = [1.0 if word >> i & 1 else -1.0 for i in range(64)]
        return self.left.pop(0)
    def uniform(self): return (int(self.g.random_raw()) >> 11) * 2.0**-53
    def normal(self):
        if self.spare is not None: v, self.spare = self.spare, None; return v
        r = np.sqrt(-2 * np.log(1 - self.uniform())); a = 2 * np.pi * self.uniform(); self.spare = r * np.sin(a); return r * np.cos(a)
def numbers(seed, B, T, count, kind, epochs=1):
    """(B, epochs T, count): what a rule draws at each step of each stream"""
    out = np.zeros((B, epochs * T, count))
    for b in range(B):
        for i in range(epochs * T): g = Draws(seed, (i // T) << 32 | b, i % T); out[b, i] = [getattr(g, kind)() for _ in range(count)]
    return out
def flat(net, W): return np.concatenate([W[k].ravel() for k in net.names])

# --- exact references for the generators' own checks
class Influence:
    """M <- carry(J) M + Mbar, gradient c M. kind: rtrl, rflo (leaky: carries 1-alpha), immediate"""
    def __init__(self, net, B, kind): self.net, self.kind = net, kind; self.M = [np.zeros((net.w, net.p)) for _ in range(B)]
    def learn(self, now):
        g = 0
        for b, q in enumerate(now):
            C = q.J if self.kind == 'rtrl' else np.zeros_like(q.J) if self.kind == 'immediate' or q.cut else np.diag(np.tile(1 - self.net.alpha, self.net.L))
            self.M[b] = (C @ self.M[b] if q.t else 0) + q.Mbar; g = g + q.c @ self.M[b]
        return g
class Tbptt:
    def __init__(self, net, L): self.net, self.L = net, L
    def windows(self, tape):
        g = 0
        for i in range(0, len(tape), self.L):
            for b in range(len(tape[0])):
                delta = np.zeros(self.net.w)
                for q in reversed([now[b] for now in tape[i:i + self.L]]): delta = delta + q.c; g = g + delta @ q.Mbar; delta = delta @ q.J
        return g

# --- problems
def problem(g, net, B, T, resets=(), h0=False, density=1.0):
    """parameters, (x, y, mask, reset[, first states]), the arrays of the file, which elements of theta are present (None: all)"""
    P = net.init(g); x = g.normal(size=(B, T, net.n)); y = g.integers(net.m, size=(B, T)) if net.loss == 'cross_entropy' else g.normal(size=(B, T, net.m))
    mk = g.choice([0, .5, 1, 1, 1.5], size=(B, T)); rs = np.zeros((B, T), bool); present = None
    for b, t in resets: rs[b, t] = True
    data = (x, y, mk, rs) + ((g.normal(size=(B, net.w)) * .5,) if h0 else ()); extra = dict(zip(('x', 'y', 'mask', 'reset', 'h0'), data))
    if density < 1: keep = (g.random((net.d, net.d)) < density).astype(float); P['W_rec'] *= keep; present = np.ones(net.p); present[:net.d * net.d] = keep.ravel(); extra['W_rec_mask'] = keep
    return P, data, {**extra, **P}, present
