#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reference gradients in float64 for recurrent cells and learning rules, each from PyTorch autograd or from a
direct NumPy transcription of the definition (no shared code with the project). Writes one .npz a case.

usage: make_golden.py OUT_DIR SEED_BASE

Arrays in every file: x (B,T,n), y_target (B,T,m) [class indices (B,T) int64 for cross_entropy], mask (B,T),
the parameters by name, then what was computed: 'h' (B,T,d), 'y' (B,T,m), 'loss' (scalar: sum over t and over the
batch of mask*L_t), and 'grad:<rule>:<parameter>'. 'meta' is a JSON string that says the cell, its options and the loss.
L_t: mse = 1/2 sum_k (y_k - y*_k)^2; cross_entropy = -log softmax(a)[class]; bce = -sum_k [y* log y + (1-y*) log(1-y)].
"""
import json, sys, os
import numpy as np, torch
torch.set_default_dtype(torch.float64)
out_dir, base = sys.argv[1], int(sys.argv[2])
os.makedirs(out_dir, exist_ok=True)

ACT = {'tanh': torch.tanh, 'relu': torch.relu, 'sigmoid': torch.sigmoid, 'softplus': torch.nn.functional.softplus, 'identity': lambda u: u}

def step_loss(a, y, mask, loss, g_out='identity'):
    """a (B,m) pre-output, returns (B,)"""
    if loss == 'mse': a = ACT[g_out](a)
    if loss == 'mse': l = 0.5 * ((a - y) ** 2).sum(-1)
    elif loss == 'cross_entropy': l = torch.nn.functional.cross_entropy(a, y, reduction='none')
    elif loss == 'bce': l = torch.nn.functional.binary_cross_entropy_with_logits(a, y, reduction='none').sum(-1)
    return l * mask

def output(a, loss, g_out='identity'):
    return {'mse': lambda: ACT[g_out](a), 'cross_entropy': lambda: torch.softmax(a, -1), 'bce': lambda: torch.sigmoid(a)}[loss]()

def make_data(g, B, T, n, m, loss, masked):
    x = torch.tensor(g.normal(size=(B, T, n)))
    if loss == 'cross_entropy': y = torch.tensor(g.integers(0, m, size=(B, T)))
    elif loss == 'bce': y = torch.tensor(g.integers(0, 2, size=(B, T, m)).astype(float))
    else: y = torch.tensor(g.normal(size=(B, T, m)))
    mask = torch.tensor((g.random((B, T)) < 0.6).astype(float)) if masked else torch.ones(B, T)
    return x, y, mask

def save(name, meta, arrays):
    np.savez(os.path.join(out_dir, name + '.npz'), meta=json.dumps(meta), **{k: (v.detach().numpy() if torch.is_tensor(v) else np.asarray(v)) for k, v in arrays.items()})
    print(name, meta)

# ---------------------------------------------------------------- leaky rate RNN
def leaky(name, seed, B, T, n, d, m, alpha, act, loss, masked=False, sparsity=0.0, h0=False, g_out='identity'):
    g = np.random.default_rng(base + seed); f = ACT[act]
    P = {'W_rec': g.normal(size=(d, d)) / d**.5 * 1.3, 'W_in': g.normal(size=(d, n)) / n**.5, 'b_h': g.normal(size=d) * .1, 'W_out': g.normal(size=(m, d)) / d**.5, 'b_y': g.normal(size=m) * .1}
    if sparsity: P['W_rec'] *= (g.random((d, d)) >= sparsity)
    P = {k: torch.tensor(v, requires_grad=True) for k, v in P.items()}
    x, y, mask = make_data(g, B, T, n, m, loss, masked); x.requires_grad_()
    H0 = torch.tensor(g.normal(size=(B, d)) * .5) if h0 else torch.zeros(B, d)
    h = H0; hs, us, ys, ls = [], [], [], []
    for t in range(T):
        u = h @ P['W_rec'].T + x[:, t] @ P['W_in'].T + P['b_h']
        h = (1 - alpha) * h + alpha * f(u)
        a = h @ P['W_out'].T + P['b_y']
        us.append(u); hs.append(h); ys.append(output(a, loss, g_out)); ls.append(step_loss(a, y[:, t], mask[:, t], loss, g_out))
    Ls = torch.stack(ls, 1); L = Ls.sum()
    A = dict(x=x, y_target=y, mask=mask, loss=L, h=torch.stack(hs, 1), y=torch.stack(ys, 1), loss_t=Ls, **P)
    if h0: A['h0'] = H0
    if sparsity: A['W_rec_mask'] = (P['W_rec'].detach().numpy() != 0).astype(float)
    for k, gr in zip(P, torch.autograd.grad(L, list(P.values()), retain_graph=True)): A[f'grad:bptt:{k}'] = gr
    A['grad:bptt:x'], = torch.autograd.grad(L, [x], retain_graph=True)
    # past-facing, per step: dL_t/dtheta summed over the batch (what RTRL yields at each step)
    for k in P: A[f'grad_t:rtrl:{k}'] = np.zeros((T,) + tuple(P[k].shape))
    for t in range(T):
        for k, gr in zip(P, torch.autograd.grad(Ls[:, t].sum(), list(P.values()), retain_graph=True, allow_unused=True)):
            if gr is not None: A[f'grad_t:rtrl:{k}'][t] = gr.numpy()
    # influence approximations from their definitions, in NumPy
    Wr, Wo, Wi = (P[k].detach().numpy() for k in ('W_rec', 'W_out', 'W_in'))
    Hn = np.concatenate([H0.numpy()[:, None], A['h'].detach().numpy()], 1); Un = torch.stack(us, 1).detach().numpy()
    ut = torch.tensor(Un, requires_grad=True); D = alpha * torch.autograd.grad(f(ut).sum(), ut)[0].numpy()   # (B,T,d)
    yn, mk = A['y'].detach().numpy(), mask.numpy()
    if loss == 'cross_entropy': err = yn - np.eye(m)[y.numpy()]
    else: err = yn - y.numpy()
    if g_out == 'tanh': err = err * (1 - yn ** 2)
    err = err * mk[..., None]                                     # dL_t/da_t  (B,T,m)
    Z = np.concatenate([Hn[:, :-1], x.detach().numpy(), np.ones((B, T, 1))], -1)   # (B,T,q)
    q = Z.shape[-1]
    Bfb = g.normal(size=(d, m)) / m**.5
    A['B_feedback'] = Bfb
    patt = (Wr != 0) | np.eye(d, dtype=bool)                     # one-step reachability: state k <- state l
    def snap_mask(k_hops):
        reach = np.eye(d, dtype=bool)
        for _ in range(k_hops - 1): reach = (patt.astype(int) @ reach.astype(int)) > 0
        return reach                                            # M[k, (i,j)] kept where k reached from unit i in < k_hops recurrent steps
    def rec_grads(c, advance):                                   # c (B,T,d)
        gsum = np.zeros((d, q))
        for b in range(B):
            M = np.zeros((d, d, q))
            for t in range(T):
                M = advance(b, t, M)
                gsum += np.einsum('k,kij->ij', c[b, t], M)
        return gsum
    def jac(b, t): return (1 - alpha) * np.eye(d) + D[b, t][:, None] * Wr
    def adv(maskM, J):
        def fn(b, t, M):
            M = np.einsum('kl,lij->kij', J(b, t), M)
            M[np.arange(d), np.arange(d)] += D[b, t][:, None] * Z[b, t][None]
            return M * maskM[:, :, None]
        return fn
    full = np.ones((d, d), bool)
    c_sym = err @ Wo; c_rand = err @ Bfb.T
    if d <= 16:
        variants = {'rtrl': (c_sym, adv(full, jac)), 'rflo': (c_rand, adv(full, lambda b, t: (1 - alpha) * np.eye(d))), 'rflo_symmetric': (c_sym, adv(full, lambda b, t: (1 - alpha) * np.eye(d))),
                    'snap1': (c_sym, adv(snap_mask(1), jac)), 'snap2': (c_sym, adv(snap_mask(2), jac)), 'snap3': (c_sym, adv(snap_mask(3), jac)), 'rtrl_random_feedback': (c_rand, adv(full, jac))}
        for r, (c, fn) in variants.items():
            G = rec_grads(c, fn)
            A[f'grad:{r}:W_rec'], A[f'grad:{r}:W_in'], A[f'grad:{r}:b_h'] = G[:, :d], G[:, d:d + n], G[:, -1]
            A[f'grad:{r}:W_out'], A[f'grad:{r}:b_y'] = np.einsum('btm,btd->md', err, Hn[:, 1:]), err.sum((0, 1))
        assert np.allclose(A['grad:rtrl:W_rec'], A['grad:bptt:W_rec'].numpy(), atol=1e-10)
    # truncated BPTT: blocks of K steps, state carried, gradient cut at the block edge
    for K in (1, 4):
        tot = {k: np.zeros(P[k].shape) for k in P}
        h = H0
        for t0 in range(0, T, K):
            h = h.detach(); Lb = 0
            for t in range(t0, min(T, t0 + K)):
                h = (1 - alpha) * h + alpha * f(h @ P['W_rec'].T + x[:, t] @ P['W_in'].T + P['b_h'])
                Lb = Lb + step_loss(h @ P['W_out'].T + P['b_y'], y[:, t], mask[:, t], loss, g_out).sum()
            for k, gr in zip(P, torch.autograd.grad(Lb, list(P.values()), allow_unused=True)):
                if gr is not None: tot[k] += gr.numpy()
        for k in P: A[f'grad:tbptt{K}:{k}'] = tot[k]
    save(name, dict(cell='leaky', alpha=alpha, activation=act, loss=loss, output=('identity', 'softmax', 'sigmoid')[('mse', 'cross_entropy', 'bce').index(loss)] if g_out == 'identity' else g_out, n=n, d=d, m=m, B=B, T=T, sparsity=sparsity), A)

leaky('leaky_tanh_mse', 1, 3, 17, 4, 7, 2, 0.3, 'tanh', 'mse')
leaky('elman_tanh_mse', 2, 1, 12, 2, 5, 3, 1.0, 'tanh', 'mse')
leaky('leaky_relu_ce_masked', 3, 4, 15, 5, 8, 6, 0.5, 'relu', 'cross_entropy', masked=True)
leaky('leaky_sigmoid_bce', 4, 2, 21, 3, 6, 4, 0.1, 'sigmoid', 'bce')
leaky('leaky_softplus_mse_sparse', 5, 2, 14, 3, 12, 2, 0.4, 'softplus', 'mse', sparsity=0.75)
leaky('leaky_tanh_ce_h0', 6, 2, 11, 3, 6, 5, 0.7, 'tanh', 'cross_entropy', h0=True)
leaky('leaky_identity_mse', 7, 1, 9, 2, 4, 2, 0.6, 'identity', 'mse')
leaky('leaky_tanh_mse_tanhout', 9, 2, 13, 3, 6, 3, 0.5, 'tanh', 'mse', g_out='tanh')
leaky('leaky_tanh_mse_long', 8, 2, 400, 3, 10, 2, 0.05, 'tanh', 'mse')

# ---------------------------------------------------------------- GRU / LSTM in PyTorch's parametrisation and gate order
def gated(name, seed, kind, B, T, n, d, m, loss, masked=False):
    g = np.random.default_rng(base + seed); torch.manual_seed(base + seed)
    net = getattr(torch.nn, kind.upper())(n, d, batch_first=True); lin = torch.nn.Linear(d, m)
    P = dict(net.named_parameters()); P['W_out'], P['b_y'] = lin.weight, lin.bias
    x, y, mask = make_data(g, B, T, n, m, loss, masked)
    H, _ = net(x); a = lin(H)
    Ls = torch.stack([step_loss(a[:, t], y[:, t], mask[:, t], loss) for t in range(T)], 1); L = Ls.sum()
    A = dict(x=x, y_target=y, mask=mask, loss=L, loss_t=Ls, h=H, y=output(a, loss), **P)
    for k, gr in zip(P, torch.autograd.grad(L, list(P.values()), retain_graph=True)): A[f'grad:bptt:{k}'] = gr
    for k in P: A[f'grad_t:rtrl:{k}'] = np.zeros((T,) + tuple(P[k].shape))
    for t in range(T):
        for k, gr in zip(P, torch.autograd.grad(Ls[:, t].sum(), list(P.values()), retain_graph=True, allow_unused=True)):
            if gr is not None: A[f'grad_t:rtrl:{k}'][t] = gr.numpy()
    save(name, dict(cell=kind, loss=loss, n=n, d=d, m=m, B=B, T=T), A)
gated('gru_mse', 21, 'gru', 2, 13, 3, 6, 2, 'mse')
gated('gru_ce_masked', 22, 'gru', 3, 10, 4, 5, 4, 'cross_entropy', True)
gated('lstm_mse', 23, 'lstm', 2, 13, 3, 6, 2, 'mse')
gated('lstm_ce_masked', 24, 'lstm', 3, 10, 4, 5, 4, 'cross_entropy', True)
