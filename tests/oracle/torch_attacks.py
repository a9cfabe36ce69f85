#!/usr/bin/python3
"""Gradient attacks on a small smooth network in PyTorch, in double precision.

An independent implementation that tests/test_attack_oracle.c holds the attacks
to. It reads nothing of the program. Its numbers are in torch_attacks.txt; torch
is not needed to run the tests.

    python3 tests/oracle/torch_attacks.py > tests/oracle/torch_attacks.txt

The network: logits = V tanh(W x), W [8][20], V [4][8], x an image of 20 pixels.
Entry j of tensor n (0: W, 1: V, 2: the images [3][20]) is made from

    noise(n, j) = 2 fraction(43758.5453 sin(12.9898 (j + 1) + 78.233 (n + 1)))
                  - 1,

W from it times 0.8, V as it is, images 0.5 + 0.6 noise, clipped to [0, 1]. The
label is what is predicted of the clean image. Attacks start at the clean image,
and give their last iterate, in a ball of 0.1 (L-infinity) or 0.5 (L2), after 20
steps; what is printed is its difference from the clean image.

Written from the papers: FGSM (1412.6572), BIM (1607.02533), MIM (1710.06081),
PGD (1706.06083), Auto-PGD (2003.01690, algorithm 1 and section 3.1), SA-PGD
(2512.22522).
"""
import math
from fractions import Fraction

import torch

torch.set_default_dtype(torch.float64)
N_IMAGES, N_PIXELS, N_HIDDEN, N_CLASSES, N_STEPS = 3, 20, 8, 4, 20
EPSILON, EPSILON_L2 = 0.1, 0.5


def noise(tensor, n):
    waves = [43758.5453 * math.sin(12.9898 * (j + 1) + 78.233 * (tensor + 1))
             for j in range(n)]
    return torch.tensor([2 * (w - math.floor(w)) - 1 for w in waves])


W = 0.8 * noise(0, N_HIDDEN * N_PIXELS).view(N_HIDDEN, N_PIXELS)
V = noise(1, N_CLASSES * N_HIDDEN).view(N_CLASSES, N_HIDDEN)
IMAGES = (0.5 + 0.6 * noise(2, N_IMAGES * N_PIXELS)).clamp(0, 1)
IMAGES = IMAGES.view(N_IMAGES, N_PIXELS)


def logits_of(x):
    return V @ torch.tanh(W @ x)


def ce(z, y):
    return torch.logsumexp(z, 0) - z[y]


def dlr(z, y):
    ranked = torch.sort(z, descending=True).values
    others = torch.cat([z[:y], z[y + 1:]])
    return -(z[y] - others.max()) / (ranked[0] - ranked[2])


def value_and_gradient(x, y, objective):
    x = x.clone().requires_grad_()
    value = objective(logits_of(x), y)
    value.backward()
    return value.item(), x.grad


def into_ball(x, clean):
    return torch.max(torch.min(x, clean + EPSILON), clean - EPSILON).clamp(0, 1)


def fgsm(clean, y):
    g = value_and_gradient(clean, y, ce)[1]
    return into_ball(clean + EPSILON * g.sign(), clean)


def bim(clean, y):
    x = clean
    for _ in range(N_STEPS):
        g = value_and_gradient(x, y, ce)[1]
        x = into_ball(x + 2.5 * EPSILON / N_STEPS * g.sign(), clean)
    return x


def mim(clean, y):
    x, m = clean, torch.zeros_like(clean)
    for _ in range(N_STEPS):
        g = value_and_gradient(x, y, ce)[1]
        m = m + g / g.abs().mean()
        x = into_ball(x + 2.5 * EPSILON / N_STEPS * m.sign(), clean)
    return x


def pgd_l2(clean, y):
    x = clean
    for _ in range(N_STEPS):
        g = value_and_gradient(x, y, ce)[1]
        delta = x + 2.5 * EPSILON_L2 / N_STEPS * g / g.norm() - clean
        x = (clean + delta * min(1, EPSILON_L2 / delta.norm().item()))
        x = x.clamp(0, 1)
    return x


def checkpoints():
    shares = [Fraction(0), Fraction(22, 100)]
    while shares[-1] < 1:
        last = shares[-1] - shares[-2]
        shares.append(shares[-1] + max(last - Fraction(3, 100),
                                       Fraction(6, 100)))
    return sorted({math.ceil(p * N_STEPS) for p in shares if 0 < p < 1})


def apgd(clean, y, objective):
    """eta[k] is the step size that leads from x_k on."""
    marks = [0] + checkpoints()
    x, before = clean, clean
    f, g = value_and_gradient(x, y, objective)
    best, x_best, g_best = f, x, g
    eta, f_max, rises = [2 * EPSILON], {0: best}, []
    for k in range(N_STEPS):
        if k > 0:
            eta.append(eta[-1])
        if k > 0 and k in marks:
            w = marks[marks.index(k) - 1]
            f_max[k] = best
            few = sum(rises[w:k]) < 0.75 * (k - w)
            # eta[w - 1] led to checkpoint w; at the first it is eta[0]
            kept = eta[max(w - 1, 0)] == eta[k - 1]
            if few or (kept and f_max[w] == f_max[k]):
                eta[k] = eta[k] / 2
                x, g, f = x_best, g_best, best
        z = into_ball(x + eta[k] * g.sign(), clean)
        a = 0.75 if k > 0 else 1.0
        new = into_ball(x + a * (z - x) + (1 - a) * (x - before), clean)
        before, x = x, new
        new_f, g = value_and_gradient(x, y, objective)
        rises.append(new_f > f)
        f = new_f
        if f > best:
            best, x_best, g_best = f, x, g
    return x


def sa_pgd(clean, y, objective):
    marks = checkpoints()
    step, x = EPSILON, clean
    m = v = torch.zeros_like(clean)
    for k in range(N_STEPS):
        if k > 0 and k in marks:
            step = step / 2
        g = value_and_gradient(x, y, objective)[1]
        m = 0.5 * m + g / g.abs().mean()
        v = 0.8 * v + g ** 2 / (g ** 2).mean()
        t = (m / (v.sqrt() + 1e-12) * step).clamp(-step, step)
        x = into_ball(x + t, clean)
    return x


ATTACKS = [("fgsm", "ce", fgsm), ("bim", "ce", bim), ("mim", "ce", mim),
           ("pgd_l2", "ce", pgd_l2),
           ("apgd", "ce", lambda x, y: apgd(x, y, ce)),
           ("apgd", "dlr", lambda x, y: apgd(x, y, dlr)),
           ("sa_pgd", "ce", lambda x, y: sa_pgd(x, y, ce)),
           ("sa_pgd", "dlr", lambda x, y: sa_pgd(x, y, dlr))]

print("# made by torch_attacks.py with torch", torch.__version__)
for name, objective, attack in ATTACKS:
    print("attack", name, objective)
    for clean in IMAGES:
        label = logits_of(clean).argmax().item()
        print(label, *("%.7f" % d for d in attack(clean, label) - clean))
print("end")
