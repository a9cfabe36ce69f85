"""Holds the reference vectors of `spikesweep export --vectors` against PyTorch: the
network is built from the NIR graph in the file, with its surrogate, and attacked
as the papers say. How to test a tool-kit with such a file.

    check_vectors.py FILE...
"""
import sys

import h5py
import numpy as np
import torch
import torch.nn.functional as F


class Spike(torch.autograd.Function):
    """1 where x >= 0; backward the triangular surrogate."""
    @staticmethod
    def forward(context, x, width):
        context.save_for_backward(x, width)
        return (x >= 0).to(x.dtype)

    @staticmethod
    def backward(context, d_s):
        x, width = context.saved_tensors
        return d_s * torch.clamp(width - x.abs(), min=0) / width ** 2, None


def settings(text):
    return dict(line.split(" = ", 1) for line in text.decode().splitlines() if " = " in line)


def chain(file):
    """The nodes from the input to the output, in order."""
    after = dict(file["node/edges"].asstr()[()].tolist())
    name = "input"
    while name != "output":
        name = after[name]
        yield file["node/nodes"][name]


def tensor(node, name):
    return torch.from_numpy(node[name][()])


class Network:
    def __init__(self, file):
        notes = file["node/metadata"]
        spec = settings(notes["spec"][()])
        assert spec["surrogate"] == "triangular"
        self.width = float(spec["surrogate.width"]) / float(spec["neuron.threshold"])
        self.soft, self.n_steps = notes["reset"][()] == b"soft", int(notes["n_steps"][()])
        self.dt, self.nodes = float(notes["dt"][()]), list(chain(file))
        norm = [torch.from_numpy(notes[key][()]).reshape(1, -1, 1, 1)
                for key in ("input_mean", "input_deviation") if key in notes]
        self.prepare = (lambda x: (x - norm[0]) / norm[1]) if norm else (lambda x: x)

    def step(self, x, potentials):
        for i, node in enumerate(self.nodes):
            kind = node["type"][()].decode()
            if kind == "Affine":
                x = F.linear(x, tensor(node, "weight"), tensor(node, "bias"))
            elif kind == "Conv2d":
                x = F.conv2d(x, tensor(node, "weight"), tensor(node, "bias"),
                             tuple(node["stride"][()]), tuple(node["padding"][()]))
            elif kind in ("AvgPool2d", "SumPool2d"):
                x = F.avg_pool2d(x, 2) * (4 if kind == "SumPool2d" else 1)
            elif kind == "Flatten":
                x = x.flatten(1)
            elif kind in ("LIF", "IF"):  # one step of Euler's method
                share = self.dt / tensor(node, "tau") if kind == "LIF" else self.dt
                leak = 1 - share if kind == "LIF" else 1
                threshold = tensor(node, "v_threshold")
                u = leak * potentials.get(i, 0) + share * tensor(node, "r") * x
                # A file with r = 1 has potentials on another scale, and the width is on it.
                x = Spike.apply(u - threshold, self.width * threshold)
                potentials[i] = u - x * (threshold if self.soft else u)
        return x

    def __call__(self, images):
        potentials, x = {}, self.prepare(images)
        return sum(self.step(x, potentials) for _ in range(self.n_steps)) / self.n_steps

    def gradient(self, images, labels):
        images = images.clone().requires_grad_()
        F.cross_entropy(self(images), labels, reduction="sum").backward()
        return images.grad


def length(x):
    return (x ** 2).sum(dim=(1, 2, 3), keepdim=True).sqrt().clamp(min=1e-30)


def attack(net, name, spec, start, clean, labels, epsilon):
    n_steps = 1 if name == "fgsm" else int(spec["attack.n_steps"])
    step = float(spec.get("attack.step", 0)) or 2.5 * epsilon / n_steps
    if name == "fgsm":
        step = epsilon
    x, momentum = start.clone(), 0
    for _ in range(n_steps):
        g = net.gradient(x, labels)
        if name == "pgd_l2":
            x = x + step * g / length(g)
            x = clean + (x - clean) * torch.clamp(epsilon / length(x - clean), max=1)
        else:
            if name == "mim":
                size = g.abs().mean(dim=(1, 2, 3), keepdim=True).clamp(min=1e-30)
                g = momentum = float(spec["attack.decay"]) * momentum + g / size
            x = torch.max(torch.min(x + step * g.sign(), clean + epsilon), clean - epsilon)
        x = x.clamp(0, 1)
    return x


def check(path):
    """Yields (good, sentence)."""
    with h5py.File(path) as file:
        net, vectors = Network(file), file["vectors"]
        clean = torch.from_numpy(vectors["input"][()])
        labels = torch.from_numpy(vectors["label"][()].astype(np.int64))
        with torch.no_grad():
            off = float((net(clean) - torch.from_numpy(vectors["logits"][()])).abs().max())
        yield off < 1e-5, f"{path}: logits {off:.1e} off"
        wanted = torch.from_numpy(vectors["gradient"][()])
        off = float((net.gradient(clean, labels) - wanted).abs().max() / wanted.abs().max())
        yield off < 1e-4, f"{path}: gradient {off:.1e} of its largest entry off"
        for case in vectors["attacks"].values():
            name, spec = case["name"][()].decode(), settings(case["parameters"][()])
            for e, epsilon in enumerate(case["epsilon"][()]):
                start = torch.from_numpy(case["start"][e]).reshape(clean.shape)
                wanted = torch.from_numpy(case["adversarial"][e]).reshape(clean.shape)
                found = attack(net, name, spec, start, clean, labels, float(epsilon))
                share = float(((found - wanted).abs() > 1e-5).float().mean())
                yield share < 0.01, f"{path}: {name} at {epsilon:.4f}: {share:.2%} of pixels differ"


if __name__ == "__main__":
    bad = 0
    for path in sys.argv[1:]:
        for good, sentence in check(path):
            bad += not good
            print("ok  " if good else "FAIL", sentence)
    sys.exit(bad > 0)
