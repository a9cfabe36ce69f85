#!/usr/bin/python3
"""DeepFool and Carlini and Wagner's L2 attack in PyTorch, in double precision.

An independent implementation that tests/test_attack_minimal_oracle.c holds the
program's attacks to. It reads nothing of the program; gradients are autograd's,
Adam is torch's. Its numbers are in minimal.txt; torch is not needed to run the
tests.

    python3 tests/oracle/minimal.py > tests/oracle/minimal.txt

The network: 12 pixels, 8 hidden values, 4 classes, z = W_2 tanh(W_1 (x - 0.5)).
Entry j of tensor n is

    noise(n, j) = 2 fraction(43758.5453 sin(12.9898 (j + 1) + 78.233 (n + 1))) - 1,

W_1 [12][8] is 2 noise(0, .), W_2 [8][4] is 2 noise(1, .), and the images [8][12]
are 0.5 + 0.45 noise(2, .). Labels are what the network predicts.

A line: image, label, DeepFool's distance and steps, Carlini and Wagner's
distance and steps.
"""
import math

import torch

PIXELS, HIDDEN, CLASSES, IMAGES = 12, 8, 4, 8


def noise(tensor, shape):
    values = []
    for j in range(math.prod(shape)):
        wave = 43758.5453 * math.sin(12.9898 * (j + 1) + 78.233 * (tensor + 1))
        values.append(2 * (wave - math.floor(wave)) - 1)
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


W1 = 2 * noise(0, (PIXELS, HIDDEN))
W2 = 2 * noise(1, (HIDDEN, CLASSES))
PICTURES = 0.5 + 0.45 * noise(2, (IMAGES, PIXELS))


def network(x):
    return torch.tanh((x - 0.5) @ W1) @ W2


def deepfool(x0, label, overshoot=0.02, max_iter=50):
    total, x = torch.zeros_like(x0), x0.clone()
    for i in range(max_iter):
        jacobian = torch.autograd.functional.jacobian(network, x)
        z = network(x)
        if int(z.argmax()) != label:
            return x, i
        others = [k for k in range(CLASSES) if k != label]
        w = torch.stack([jacobian[k] - jacobian[label] for k in others])
        f = torch.stack([z[k] - z[label] for k in others])
        distances = f.abs() / w.norm(dim=1)
        nearest = int(distances.argmin())
        length = distances[nearest] + 1e-4
        total = total + length * w[nearest] / w[nearest].norm()
        x = (x0 + (1 + overshoot) * total).clamp(0, 1)
        total = (x - x0) / (1 + overshoot)
    return x, max_iter


def carlini_wagner(x0, label, searches=9, max_iter=1000, c=1e-3, rate=0.01):
    low, high, best, steps = 0.0, None, math.inf, 0
    for _ in range(searches):
        w = torch.atanh((2 * x0 - 1) * 0.999999).requires_grad_()
        adam = torch.optim.Adam([w], lr=rate)
        enough, before = False, math.inf
        for i in range(max_iter):
            x = 0.5 + 0.5 * torch.tanh(w)
            z = network(x)
            others = torch.cat([z[:label], z[label + 1:]])
            squares = ((x - x0) ** 2).sum()
            lack = torch.clamp(z[label] - others.max(), min=0)
            loss = squares + c * lack
            steps += 1
            if int(z.argmax()) != label:
                enough = True
                best = min(best, float(squares.detach()) ** 0.5)
            if i % (max_iter // 10) == 0:
                if float(loss.detach()) > 0.9999 * before:
                    break
                before = float(loss.detach())
            adam.zero_grad()
            loss.backward()
            adam.step()
        low, high = (low, c) if enough else (c, high)
        c = (low + high) / 2 if high is not None else 10 * c
    return best, steps


for number in range(IMAGES):
    image = PICTURES[number]
    y = int(network(image).argmax())
    fooled, n_steps = deepfool(image, y)
    distance = float((fooled - image).norm())
    nearest_found, n_queries = carlini_wagner(image, y)
    print(number, y, "%.9f %d" % (distance, n_steps),
          "%.9f %d" % (nearest_found, n_queries))
