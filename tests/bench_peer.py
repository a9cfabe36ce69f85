"""The nets of docs/performance.md in SpikingJelly, and what is done with them.

Written as its documentation recommends: multi-step mode, layers without state
over all steps at once. With once=True the peer is given what it does not do by
itself: the first layer, whose input is the same at every step under direct
encoding, is computed once.

    bench_peer.py step NET T N   N steps of training in a process of its own;
                                 prints the clock's time at the end of the
                                 first and the most memory that it had, in MB
"""
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F
from spikingjelly.activation_based import functional, layer, neuron, surrogate

ATAN = surrogate.ATan(2.0)
TRIANGULAR = surrogate.PiecewiseQuadratic(1.0)  # max(0, 1 - |x|)


def neurons(shape):
    """u = u / 2 + x, threshold 1, hard reset to 0."""
    return neuron.LIFNode(tau=2.0, decay_input=False, v_threshold=1.0,
                          v_reset=0.0, surrogate_function=shape)


def convolution(n_in, n_out, size=3, stride=1):
    return nn.Sequential(
        layer.Conv2d(n_in, n_out, size, stride, size // 2, bias=False),
        layer.BatchNorm2d(n_out))


class Residual(nn.Module):
    """[conv, norm, neurons, conv, norm, + shortcut, neurons]."""

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.first = convolution(n_in, n_out, 3, stride)
        self.neurons = neurons(ATAN)
        self.second = convolution(n_out, n_out)
        self.shortcut = (convolution(n_in, n_out, 1, stride)
                         if n_in != n_out or stride > 1 else nn.Identity())
        self.last = neurons(ATAN)

    def forward(self, spikes):
        current = self.second(self.neurons(self.first(spikes)))
        return self.last(current + self.shortcut(spikes))


class Net(nn.Module):
    """first: the layer before the first neurons; rest: all others."""

    def __init__(self, n_steps, once, first, rest):
        super().__init__()
        self.n_steps, self.once = n_steps, once
        self.first, self.rest = first, nn.Sequential(*rest)
        functional.set_step_mode(self.first, 's' if once else 'm')
        functional.set_step_mode(self.rest, 'm')
        self.mean = self.deviation = None

    def normalize(self, mean, deviation):
        """Of pixels, a channel at a time; part of what is attacked."""
        self.mean, self.deviation = (
            torch.tensor(x).view(1, -1, 1, 1) for x in (mean, deviation))

    def forward(self, images):
        if self.mean is not None:
            images = (images - self.mean) / self.deviation
        if self.once:
            images = self.first(images)
        steps = images.unsqueeze(0).expand(self.n_steps, *images.shape)
        if not self.once:
            steps = self.first(steps)
        return self.rest(steps).mean(0)


def net_a(n_steps, once):
    return Net(n_steps, once,
               nn.Sequential(layer.Flatten(), layer.Linear(784, 800)),
               [neurons(ATAN), layer.Linear(800, 10)])


def net_b(n_steps, once, shape=ATAN):
    return Net(n_steps, once, convolution(1, 32),
               [neurons(shape), layer.AvgPool2d(2),
                convolution(32, 64), neurons(shape), layer.AvgPool2d(2),
                layer.Flatten(), layer.Linear(64 * 7 * 7, 128),
                neurons(shape), layer.Linear(128, 10)])


def net_c(n_steps, once):
    rest, n_in = [neurons(ATAN), layer.AvgPool2d(2)], 64
    for n_out, pools in ((128, True), (256, False), (256, True),
                         (512, False), (512, True), (512, False), (512, True)):
        rest += [convolution(n_in, n_out), neurons(ATAN)]
        rest += [layer.AvgPool2d(2)] if pools else []
        n_in = n_out
    return Net(n_steps, once, convolution(3, 64),
               rest + [layer.Flatten(), layer.Linear(512, 10)])


def net_d(n_steps, once):
    rest, n_in = [neurons(ATAN)], 16
    for n_out, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2),
                          (256, 1)):
        rest.append(Residual(n_in, n_out, stride))
        n_in = n_out
    return Net(n_steps, once, convolution(3, 16),
               rest + [layer.AdaptiveAvgPool2d(1), layer.Flatten(),
                       layer.Linear(256, 10)])


NETS = {'a': net_a, 'b': net_b, 'c': net_c, 'd': net_d,
        'sgr': lambda n_steps, once: net_b(n_steps, once, TRIANGULAR)}


# weights ---------------------------------------------------------------------

def list_layers(module):
    """Layers with weights, each with its norm or None, in spikesweep's order:
    block0, block1..., readout; shortcuts apart."""
    main, shortcuts = [], []

    def visit(part, to):
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            to.append([part, None])
        elif isinstance(part, nn.BatchNorm2d):
            to[-1][1] = part
        for name, child in part.named_children():
            visit(child, shortcuts if name == 'shortcut' else to)

    visit(module, main)
    return main, shortcuts


def load_weight(part, weight, pixels):
    """Kernels are [3][3][C_in][C_out] there and images [H][W][C]."""
    if isinstance(part, nn.Conv2d):
        weight = weight.permute(3, 2, 0, 1)
    else:
        n_in, n_out = weight.shape
        n_pixels = pixels if n_in > pixels and n_in % pixels == 0 else 1
        weight = weight.view(n_pixels, -1, n_out).transpose(0, 1)
        weight = weight.reshape(n_in, n_out).t()
    assert part.weight.shape == weight.shape
    part.weight.data.copy_(weight)


def load_layer(part, norm, tensors, owner, pixels, gain):
    def get(name):
        return torch.from_numpy(tensors[f'{owner}.{name}'][()])

    load_weight(part, get('weight'), pixels)
    if norm is None:
        part.bias.data.copy_(get('bias' if owner == 'readout' else 'shift'))
        return
    norm.weight.data.copy_(gain * get('scale'))
    norm.bias.data.copy_(get('shift'))
    norm.running_mean.copy_(get('running_mean'))
    norm.running_var.copy_(get('running_variance'))


def load(net, path, pixels):
    """Takes the weights of a model file of spikesweep; pixels: of the image
    before the first linear layer. Its norm is tdBN, which halves the variance
    of currents that are added: that factor becomes part of the norm's weight,
    as in SpikingJelly's own tdBN."""
    import h5py
    main, shortcuts = list_layers(net)
    added = [i for i in range(2, len(main) - 1, 2)] if shortcuts else []
    with h5py.File(path) as tensors:
        for i, (part, norm) in enumerate(main):
            owner = 'readout' if i == len(main) - 1 else f'block{i}'
            load_layer(part, norm, tensors, owner, pixels,
                       0.5 ** 0.5 if i in added else 1.0)
        there = [i for i in added if f'shortcut{i}.weight' in tensors]
        assert len(there) == len(shortcuts)
        for i, (part, norm) in zip(there, shortcuts):
            load_layer(part, norm, tensors, f'shortcut{i}', pixels, 0.5 ** 0.5)


# tasks -----------------------------------------------------------------------

class Training:
    def __init__(self, net, images, labels):
        self.net, self.images, self.labels = net.train(), images, labels
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.05,
                                         momentum=0.9)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.net(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        functional.reset_net(self.net)


class Attack:
    """PGD-10 as in torchattacks: random start, 10 gradients, clip, verdict."""

    def __init__(self, net, images, labels, epsilon=0.03):
        self.net, self.epsilon = net.eval(), epsilon
        # The neurons of SpikingJelly 0.14 have no gradient in evaluation mode.
        for module in net.modules():
            if isinstance(module, neuron.BaseNode):
                module.train()
        for parameter in net.parameters():
            parameter.requires_grad_(False)
        self.images, self.labels, self.accuracy = images, labels, None

    def predict(self, images):
        with torch.no_grad():
            logits = self.net(images)
        functional.reset_net(self.net)
        return logits

    def run(self):
        clean, epsilon = self.images, self.epsilon
        noise = torch.empty_like(clean).uniform_(-epsilon, epsilon)
        moved = (clean + noise).clamp(0, 1)
        for _ in range(10):
            moved.requires_grad_(True)
            loss = F.cross_entropy(self.net(moved), self.labels)
            gradient, = torch.autograd.grad(loss, moved)
            functional.reset_net(self.net)
            moved = moved.detach() + 2.5 * epsilon / 10 * gradient.sign()
            low, high = clean - epsilon, clean + epsilon
            moved = torch.max(torch.min(moved, high), low).clamp(0, 1)
        right = self.predict(moved).argmax(1) == self.labels
        self.accuracy = right.float().mean().item()


def random_batch(name):
    n, shape = {'a': (128, (1, 28, 28)), 'b': (64, (1, 28, 28)),
                'c': (32, (3, 32, 32)), 'd': (32, (3, 32, 32))}[name]
    return torch.rand(n, *shape), torch.arange(n) % 10


def read_peak_mb():
    """Not by getrusage, which counts what the process was started from."""
    with open('/proc/self/status', encoding='ascii') as file:
        return int(re.search(r'VmHWM:\s*(\d+)', file.read()).group(1)) * 1024 / 1e6


def main():
    _, _, name, n_steps, n = sys.argv
    torch.set_num_threads(1)
    task = Training(NETS[name](int(n_steps), False), *random_batch(name))
    task.run()
    first = time.monotonic()
    for _ in range(int(n) - 1):
        task.run()
    print(first, read_peak_mb())


if __name__ == '__main__':
    main()
