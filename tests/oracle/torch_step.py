#!/usr/bin/python3
"""One training step of small spiking networks in PyTorch, in double precision.

An independent implementation that tests/test_oracle.c holds the engine to.
It reads nothing of the program: networks, weights and images are made here by
formulas which the test knows, too. Its numbers are in torch_step.txt; torch
is not needed to run the tests.

    python3 tests/oracle/torch_step.py > tests/oracle/torch_step.txt

Formulas: entry j of tensor n of a network is made from

    noise(n, j) = 2 fraction(43758.5453 sin(12.9898 (j + 1) + 78.233 (n + 1)
                                            + phase)) - 1,

tensors numbered from 0 in the order in which they are made, the images after
the last of them. Convolutions are indexed [3][3][C_in][C_out], linear layers
[n_in][n_out], images [B][H][W][C]. The phase is the first of 0, 1, 2, ... that
makes a fair example: no potential is within 1e-4 of a jump of the spike or of
its surrogate, no channel is without variation at some step, no gradient is
next to nothing.

The network: encoding by (image - 0.4) / 0.3 at all T steps; layers of weights,
normalization, neurons, 2x2 pooling (convolutions only); a linear layer on the
mean over time. A residual network (wrn: channels of the first convolution and
widening k) has a convolution, three groups of two blocks [convolution, norm,
neurons, convolution, norm, + shortcut, neurons], and a linear layer on the mean
over time and pixels; where two normalized currents are added, tdBN's gain is
divided by sqrt(2). With order "pre" a shortcut, without a norm of its own, is
added before normalization, and is currents unless it is a convolution of
spikes. With shortcut "sew_add" or "sew_iand" spikes S are joined with the
block's A to A + S or (1 - A) S, and where the shape changes the shortcut is a
layer of its own, before the block's. With "membrane" the shortcut takes the
currents that the neurons before the block take. Norm "bntt" has statistics and
a scale for each step, and no shift. With attention (r) the currents z that
neurons take are times a = sigmoid(W_2 max(0, W_1 q)), q the mean of z over
pixels at all steps and channels, T C / r hidden values. Loss: cross-entropy plus weight R, with

    R = mean over layers, channels, steps of
        Phi((mu + gamma) / sigma) - Phi((mu - gamma) / sigma),

mu and sigma the mean and deviation of U - V_th over the batch and pixels.
"""
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
N_IMAGES, N_CLASSES, N_ENTRIES = 6, 4, 24
EPSILON, MOMENTUM = 1e-5, 0.1

# T steps; convolutions (channels) come before linear layers (hidden); gamma is
# the range of R, weight its weight in the loss
CASES = [
    dict(name="mlp", shape=(5, 4, 1), T=4, hidden=[20, 12], norm="none",
         leak=0.5, V_th=1.0, reset="hard", detach=False,
         surrogate="triangular", gamma=1.0, weight=0.5),
    dict(name="mlp_batch", shape=(5, 4, 1), T=4, hidden=[20, 12], norm="batch",
         leak=0.5, V_th=1.0, reset="hard", detach=False,
         surrogate="atan", gamma=0.8, weight=0.5),
    dict(name="csnn_hard", shape=(9, 7, 2), T=4, channels=[4, 6], hidden=[8],
         pool="average", norm="tdbn", alpha=1.0, leak=0.5, V_th=1.0,
         reset="hard", detach=False, surrogate="triangular", gamma=1.0,
         weight=0.5),
    dict(name="csnn_soft", shape=(9, 7, 2), T=5, channels=[4, 6], hidden=[8],
         pool="average", norm="tdbn", alpha=1.3, leak=0.75, V_th=0.6,
         reset="soft", detach=False, surrogate="sigmoid", gamma=0.5,
         weight=0.25),
    dict(name="csnn_detached", shape=(9, 7, 2), T=4, channels=[4, 6],
         hidden=[8], pool="max", norm="tdbn", alpha=1.0, leak=1.0, V_th=1.0,
         reset="hard", detach=True, surrogate="rectangular", gamma=0.5,
         weight=0.25),
    dict(name="wrn16", shape=(5, 4, 2), T=3, wrn=(2, 2), norm="tdbn",
         alpha=1.2, leak=0.5, V_th=1.0, reset="hard", detach=False,
         surrogate="atan", gamma=0.7, weight=0.25),
    dict(name="wrn16_pre", shape=(4, 5, 2), T=3, wrn=(3, 1), order="pre",
         norm="tdbn", alpha=1.2, leak=0.5, V_th=1.0, reset="hard",
         detach=False, surrogate="triangular", gamma=1.0, weight=0.25),
    dict(name="wrn16_sew_add", shape=(5, 4, 2), T=3, wrn=(3, 1),
         shortcut="sew_add", norm="tdbn", alpha=1.2, leak=0.5, V_th=1.0,
         reset="hard", detach=False, surrogate="atan", gamma=0.7, weight=0.25),
    dict(name="wrn16_sew_iand", shape=(4, 5, 2), T=2, wrn=(2, 2),
         shortcut="sew_iand", norm="batch", leak=0.5, V_th=0.7, reset="soft",
         detach=False, surrogate="atan", gamma=0.7, weight=0.25),
    dict(name="wrn16_membrane", shape=(5, 4, 2), T=3, wrn=(2, 2),
         shortcut="membrane", norm="tdbn", alpha=1.2, leak=0.5, V_th=1.0,
         reset="hard", detach=False, surrogate="atan", gamma=0.7, weight=0.25),
    dict(name="csnn_bntt", shape=(9, 7, 2), T=4, channels=[4, 6], hidden=[8],
         pool="average", norm="bntt", leak=0.5, V_th=1.0, reset="hard",
         detach=False, surrogate="atan", gamma=1.0, weight=0.5),
    dict(name="csnn_attention", shape=(5, 4, 2), T=3, channels=[4],
         hidden=[5], pool="average", norm="tdbn", alpha=1.3, attention=2,
         leak=0.5, V_th=0.6, reset="soft", detach=False, surrogate="atan",
         gamma=0.5, weight=0.25),
]


class Spike(torch.autograd.Function):
    """1 where x >= 0; backward a surrogate's derivative."""

    @staticmethod
    def forward(ctx, x, surrogate):
        ctx.save_for_backward(x)
        ctx.surrogate = surrogate
        return (x >= 0).to(x.dtype)

    @staticmethod
    def backward(ctx, d_s):
        x, = ctx.saved_tensors
        if ctx.surrogate == "triangular":  # width 1
            g = torch.clamp(1 - x.abs(), min=0)
        elif ctx.surrogate == "rectangular":  # width 1
            g = (x.abs() < 0.5).to(x.dtype)
        elif ctx.surrogate == "sigmoid":  # slope 4
            s = torch.sigmoid(4 * x)
            g = 4 * s * (1 - s)
        else:  # atan, slope 2
            g = 1 / (1 + (math.pi * x) ** 2)
        return d_s * g, None


class Network:
    """Tensors by name, in the order in which they are made."""

    def __init__(self, case, phase):
        self.case, self.phase, self.n_made = case, phase, 0
        self.tensors, self.running = {}, {}
        self.layers = []
        n_in = self.add_residual() if "wrn" in case else self.add_sequence()
        self.make("readout.weight", (n_in, N_CLASSES), 0, 3 / math.sqrt(n_in))
        self.make("readout.bias", (N_CLASSES,), 0, 0.3)
        shape = (N_IMAGES,) + case["shape"]
        self.images = self.noise(shape) * 0.5 + 0.5
        self.images = self.images.float().double().requires_grad_()
        self.labels = torch.arange(N_IMAGES) % N_CLASSES

    def add_sequence(self):
        case = self.case
        h, w, c = case["shape"]
        for n_out in case.get("channels", []):
            self.add_layer("conv", 9 * c, (3, 3, c, n_out), case["norm"],
                           pooled=True)
            h, w, c = h // 2, w // 2, n_out
        n_in = h * w * c
        for n_out in case["hidden"]:
            # of a network with convolutions, only those are normalized
            norm = "none" if "channels" in case else case["norm"]
            self.add_layer("linear", n_in, (n_in, n_out), norm)
            n_in = n_out
        return n_in

    def add_residual(self):
        norm, c = self.case["norm"], self.case["shape"][2]
        width, widening = self.case["wrn"]
        self.add_layer("conv", 9 * c, (3, 3, c, width), norm)
        c = width
        for group in range(3):
            n_out = width * widening * 2 ** group
            for stride in ([1, 1] if group == 0 else [2, 1]):
                before = len(self.layers) - 1
                if self.case.get("shortcut", "").startswith("sew"):
                    self.add_joined(before, c, n_out, stride)
                    c = n_out
                    continue
                self.add_layer("conv", 9 * c, (3, 3, c, n_out), norm,
                               stride=stride)
                changes = c != n_out or stride != 1
                self.add_layer("conv", 9 * n_out, (3, 3, n_out, n_out), norm,
                               added=before,
                               way=(c, n_out, stride) if changes else None)
                c = n_out
        return c

    def add_joined(self, before, c, n_out, stride):
        norm, beside = self.case["norm"], before
        if c != n_out or stride != 1:
            beside = before + 1
            self.add_layer("conv", c, (1, 1, c, n_out), norm, stride=stride)
        self.add_layer("conv", 9 * c, (3, 3, c, n_out), norm, stride=stride,
                       takes=before)
        self.add_layer("conv", 9 * n_out, (3, 3, n_out, n_out), norm,
                       joins=beside)

    def noise(self, shape):
        j = torch.arange(math.prod(shape), dtype=torch.float64)
        n, self.n_made = self.n_made, self.n_made + 1
        values = 43758.5453 * torch.sin(
            12.9898 * (j + 1) + 78.233 * (n + 1) + self.phase)
        return (2 * (values - values.floor()) - 1).reshape(shape)

    def make(self, name, shape, base, amplitude):
        values = base + amplitude * self.noise(shape)
        values = values.float().double()  # what a float can hold
        self.tensors[name] = values.requires_grad_()

    def add_layer(self, operation, fan_in, shape, norm, stride=1, pooled=False,
                  added=None, way=None, takes=None, joins=None):
        """added: the layer whose spikes a shortcut takes; way: channels before
        and after and stride of its convolution; takes: the layer whose output
        is its input, if not the one before; joins: the layer whose output is
        joined with its spikes."""
        i = len(self.layers)
        self.layers.append(dict(operation=operation, i=i, norm=norm,
                                stride=stride, pooled=pooled, added=added,
                                way=way, takes=takes, joins=joins))
        self.add_branch("block%d" % i, fan_in, shape, norm)
        if way:
            bare = self.case.get("order") == "pre"
            self.add_branch("shortcut%d" % i, way[0], (1, 1) + way[:2],
                            None if bare else norm)
        if "attention" in self.case:
            n = self.case["T"] * shape[-1]
            n_hidden = max(1, n // self.case["attention"])
            self.make("attention%d.squeeze" % i, (n, n_hidden), 0,
                      3 / math.sqrt(n))
            self.make("attention%d.excite" % i, (n_hidden, n), 0,
                      3 / math.sqrt(n_hidden))

    def add_branch(self, owner, fan_in, shape, norm):
        n = shape[-1]
        self.make(owner + ".weight", shape, 0, 3 / math.sqrt(fan_in))
        if norm is None:
            return
        entries = (self.case["T"], n) if norm == "bntt" else (n,)
        if norm != "none":
            self.make(owner + ".scale", entries, 1, 0.3)
        if norm != "bntt":
            self.make(owner + ".shift", (n,), 0, 0.3)
        if norm != "none":
            mean = 0.2 * self.noise(entries)
            variance = 1 + 0.3 * self.noise(entries)
            self.running[owner] = (mean.float().double(),
                                   variance.float().double())

    # layers: x is [T, B, ...channels last...] ----------------------------

    def operate(self, operation, owner, x, stride=1):
        weight = self.tensors[owner + ".weight"]
        if operation == "linear":
            return x.reshape(x.shape[0], x.shape[1], -1) @ weight
        flat = x.reshape((-1,) + x.shape[2:]).permute(0, 3, 1, 2)
        y = F.conv2d(flat, weight.permute(3, 2, 0, 1), stride=stride,
                     padding=weight.shape[0] // 2)
        y = y.permute(0, 2, 3, 1)
        return y.reshape(x.shape[:2] + y.shape[1:])

    def normalize_steps(self, owner, y, train):
        mean, variance = self.running[owner]
        if train:
            over = tuple(range(1, y.dim() - 1))
            mean, variance = y.mean(over), y.var(over, unbiased=False)
            self.follow(owner, y, mean, over)
        shape = y.shape[:1] + (1,) * (y.dim() - 2) + y.shape[-1:]
        y = (y - mean.reshape(shape)) / \
            torch.sqrt(variance.reshape(shape) + EPSILON)
        return self.tensors[owner + ".scale"].reshape(shape) * y

    def attend(self, i, z):
        """The factors of z [T, B, ...pixels, C]."""
        q = z.mean(tuple(range(2, z.dim() - 1))) if z.dim() > 3 else z
        q = q.permute(1, 0, 2)
        hidden = torch.relu(q.reshape(q.shape[0], -1) @
                            self.tensors["attention%d.squeeze" % i])
        a = torch.sigmoid(hidden @ self.tensors["attention%d.excite" % i])
        a = a.reshape(q.shape).permute(1, 0, 2)
        return a.reshape(a.shape[:2] + (1,) * (z.dim() - 3) + a.shape[2:])

    def join(self, s, others):
        return s + others if self.case["shortcut"] == "sew_add" \
            else (1 - s) * others

    def normalize(self, owner, norm, y, train, factor=1):
        if norm == "bntt":
            return self.normalize_steps(owner, y, train)
        shift = self.tensors[owner + ".shift"]
        if norm == "none":
            return y + shift
        gain = self.case["alpha"] * self.case["V_th"] * factor \
            if norm == "tdbn" else 1
        mean, variance = self.running[owner]
        if train:
            over = tuple(range(y.dim() - 1))
            mean, variance = y.mean(over), y.var(over, unbiased=False)
            self.follow(owner, y, mean, over)
        y = (y - mean) / torch.sqrt(variance + EPSILON)
        return self.tensors[owner + ".scale"] * gain * y + shift

    def follow(self, owner, y, mean, over):
        old_mean, old_variance = self.running[owner]
        variance = y.var(over, unbiased=True)
        self.running[owner] = (
            ((1 - MOMENTUM) * old_mean + MOMENTUM * mean).detach(),
            ((1 - MOMENTUM) * old_variance + MOMENTUM * variance).detach())

    def fire(self, z):
        case, v, x, s = self.case, torch.zeros_like(z[0]), [], []
        for t in range(case["T"]):
            u = case["leak"] * v + z[t]
            x.append(u - case["V_th"])
            s.append(Spike.apply(x[-1], case["surrogate"]))
            by = s[-1].detach() if case["detach"] else s[-1]
            v = u * (1 - by) if case["reset"] == "hard" \
                else u - case["V_th"] * by
        return torch.stack(x), torch.stack(s)

    def pool(self, s):
        flat = s.reshape((-1,) + s.shape[2:]).permute(0, 3, 1, 2)
        by = F.max_pool2d if self.case["pool"] == "max" else F.avg_pool2d
        pooled = by(flat, 2).permute(0, 2, 3, 1)
        return pooled.reshape(s.shape[:2] + pooled.shape[1:])

    def find_current(self, layer, s, outputs, train):
        norm, owner = layer["norm"], "block%d" % layer["i"]
        y = self.operate(layer["operation"], owner, s, layer["stride"])
        if layer["added"] is not None and self.case.get("order") == "pre":
            y = y + self.find_bare_shortcut(layer, outputs)
        layer["y"] = y
        if layer["added"] is None or self.case.get("order") == "pre":
            return self.normalize(owner, norm, y, train)
        factor, taken = 1 / math.sqrt(2), outputs[layer["added"]]
        if self.case.get("shortcut") == "membrane":
            taken = self.layers[layer["added"]]["z"]
        z = self.normalize(owner, norm, y, train, factor)
        if layer["way"] is None:
            return z + taken
        owner = "shortcut%d" % layer["i"]
        y = self.operate("conv", owner, taken, layer["way"][2])
        return z + self.normalize(owner, norm, y, train, factor)

    def find_bare_shortcut(self, layer, outputs):
        if layer["way"] is None:
            return self.layers[layer["added"]]["y"]
        return self.operate("conv", "shortcut%d" % layer["i"],
                            outputs[layer["added"]], layer["way"][2])

    def run(self, train):
        """Cross-entropy and R."""
        s = ((self.images - 0.4) / 0.3).expand(
            (self.case["T"],) + self.images.shape)
        terms, self.margin, self.least_deviation = [], math.inf, math.inf
        outputs = []
        for layer in self.layers:
            if layer["takes"] is not None:
                s = outputs[layer["takes"]]
            z = layer["z"] = self.find_current(layer, s, outputs, train)
            if "attention" in self.case:
                z = self.attend(layer["i"], z) * z
            x, s = self.fire(z)
            mu, sigma = moments(x.detach())
            self.least_deviation = min(self.least_deviation, sigma.min())
            terms.append(omega(x, self.case["gamma"]).mean())
            for jump in (0, 0.5, 1):  # of spike; of the surrogates
                near = (x.detach().abs() - jump).abs().min().item()
                self.margin = min(self.margin, near)
            if layer["pooled"]:
                s = self.pool(s)
            if layer["joins"] is not None:
                s = self.join(s, outputs[layer["joins"]])
            outputs.append(s)
        mean = s.mean(0)
        if "wrn" in self.case:
            mean = mean.mean((1, 2))
        logits = mean.reshape(N_IMAGES, -1) @ self.tensors["readout.weight"] \
            + self.tensors["readout.bias"]
        return F.cross_entropy(logits, self.labels), sum(terms) / len(terms)


def moments(x):
    """Per step and channel, over the batch and pixels."""
    over = (1,) + tuple(range(2, x.dim() - 1))
    return x.mean(over), x.var(over, unbiased=False).sqrt()


def omega(x, gamma):
    mu, sigma = moments(x)

    def phi(v):
        return 0.5 * (1 + torch.erf(v / math.sqrt(2)))
    return phi((mu + gamma) / sigma) - phi((mu - gamma) / sigma)


def show(name, values):
    flat = values.detach().reshape(-1)
    n = flat.numel()
    print("tensor %s %d %.12e %.12e" % (name, n, flat.sum(), flat.norm()))
    step = max(1, n // N_ENTRIES)
    while step > 1 and any(step % p == 0 and n % p == 0 for p in (2, 3, 5, 7)):
        step -= 1  # not always the same channel
    for i in list(range(0, n, step))[:N_ENTRIES]:
        print("%d %.12e" % (i, flat[i]))


def report(network):
    """First a test pass (gradient by the images), then a training step."""
    test_loss, _ = network.run(train=False)
    margin = network.margin
    by_images, = torch.autograd.grad(test_loss, network.images)
    loss, term = network.run(train=True)
    if min(margin, network.margin) < 1e-4 or network.least_deviation < 0.02:
        return False
    total = loss + network.case["weight"] * term
    gradients = torch.autograd.grad(total, list(network.tensors.values()))
    if min(g.abs().max() for g in gradients + (by_images,)) < 1e-3:
        return False
    print("case %s %.12e %.12e %.12e" % (network.case["name"], test_loss, loss,
                                         term))
    print("phase %d" % network.phase)
    show("images", by_images * N_IMAGES)  # each sample's own loss
    for name, gradient in zip(network.tensors, gradients):
        show(name, gradient)
    for owner, (mean, variance) in network.running.items():
        show(owner + ".running_mean", mean)
        show(owner + ".running_variance", variance)
    return True


def main():
    print("# made by torch_step.py with torch " + torch.__version__)
    for case in CASES:
        phase = 0
        while not report(Network(case, phase)):
            phase += 1
    print("end")


if __name__ == "__main__":
    main()
