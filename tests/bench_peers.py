"""Times the nets of docs/performance.md in SpikingJelly and in this program.

Side by side in one run: every round times each net in both, one after the
other; medians over the rounds are compared. One thread each; CPU seconds of
the process, which others on a busy machine do not disturb.

Run by `make bench-peers SPIKINGJELLY=FOLDER`, which sets PYTHONPATH.
The peer is written as its documentation recommends: multi-step mode, stateless
layers over all steps at once. A second line for each net gives it what it does
not do by itself: the first layer, whose input is the same at every step under
direct encoding, is computed once.
"""
import statistics
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F
from spikingjelly.activation_based import functional, layer, neuron, surrogate

N_ROUNDS = 7
torch.set_num_threads(1)
torch.manual_seed(0)


def lif():
    """u = u / 2 + x, threshold 1, hard reset to 0, ATan of alpha 2."""
    return neuron.LIFNode(tau=2.0, decay_input=False, v_threshold=1.0,
                          v_reset=0.0, surrogate_function=surrogate.ATan(2.0))


class Net(nn.Module):
    """first: the layer before the first neurons; rest: all others."""

    def __init__(self, n_steps, once, first, rest):
        super().__init__()
        self.n_steps, self.once = n_steps, once
        self.first, self.rest = nn.Sequential(*first), nn.Sequential(*rest)
        functional.set_step_mode(self, 's' if once else 'm')
        functional.set_step_mode(self.rest, 'm')

    def forward(self, images):
        if self.once:
            current = self.first(images)
            current = current.unsqueeze(0).expand(
                self.n_steps, *current.shape)
            return self.rest(current).mean(0)
        steps = images.unsqueeze(0).repeat(self.n_steps, 1, 1, 1, 1)
        return self.rest(self.first(steps)).mean(0)


def net_a(once):
    return Net(8, once,
               [layer.Flatten(), layer.Linear(784, 800)],
               [lif(), layer.Linear(800, 10)])


def net_b(once):
    return Net(4, once,
               [layer.Conv2d(1, 32, 3, padding=1, bias=False),
                layer.BatchNorm2d(32)],
               [lif(), layer.AvgPool2d(2),
                layer.Conv2d(32, 64, 3, padding=1, bias=False),
                layer.BatchNorm2d(64), lif(), layer.AvgPool2d(2),
                layer.Flatten(), layer.Linear(64 * 7 * 7, 128), lif(),
                layer.Linear(128, 10)])


class Training:
    def __init__(self, net, n_images):
        self.net = net.train()
        self.images = torch.rand(n_images, 1, 28, 28)
        self.labels = torch.arange(n_images) % 10
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.01,
                                         momentum=0.9)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.net(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        functional.reset_net(self.net)


class Attack:
    """PGD-10 as in torchattacks: random start, 10 gradients, clip, verdict."""

    def __init__(self, net, n_images, epsilon=0.03):
        self.net, self.epsilon = net.eval(), epsilon
        # The neurons of SpikingJelly 0.14 have no gradient in evaluation mode.
        for module in net.modules():
            if isinstance(module, neuron.BaseNode):
                module.train()
        self.images = torch.rand(n_images, 1, 28, 28)
        self.labels = torch.arange(n_images) % 10

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
        with torch.no_grad():
            self.net(moved).argmax(1)
        functional.reset_net(self.net)


class Engine:
    """bench_engine serve: a name in, CPU and wall seconds out."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, 'serve'], text=True,
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def time(self, name):
        print(name, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline().split()[0])


def time_peer(task, n_runs):
    start = time.process_time()
    for _ in range(n_runs):
        task.run()
    return (time.process_time() - start) / n_runs


CASES = [  # what, name in bench_engine, the peer's task, runs in a measurement
    ('net a, training step (T 8, B 128)', 'a',
     Training(net_a(False), 128), 5),
    ('  its first layer once, too', 'a', Training(net_a(True), 128), 10),
    ('net b, training step (T 4, B 64)', 'b', Training(net_b(False), 64), 1),
    ('  its first layer once, too', 'b', Training(net_b(True), 64), 1),
    ('net b, PGD-10 of 64 images (T 4)', 'pgd', Attack(net_b(False), 64), 1),
    ('  its first layer once, too', 'pgd', Attack(net_b(True), 64), 1),
]


def describe(times):
    times = sorted(times)
    n = len(times)
    return (f'{1e3 * statistics.median(times):9.2f} '
            f'{1e3 * times[n // 4]:9.2f} .. {1e3 * times[-1 - n // 4]:<9.2f}')


def main():
    engine = Engine(sys.argv[1])
    ours, theirs = [[] for _ in CASES], [[] for _ in CASES]
    for i in range(N_ROUNDS + 1):  # the first warms up
        for k, (_, name, task, n_runs) in enumerate(CASES):
            pair = engine.time(name), time_peer(task, n_runs)
            if i > 0:
                ours[k].append(pair[0])
                theirs[k].append(pair[1])
    print(f'SpikingJelly on torch {torch.__version__} and spikesweep, one '
          f'thread each,\nCPU milliseconds, medians of {N_ROUNDS} with '
          'quartiles:\n')
    print(f'{"":36}{"spikesweep":>10}{"":24}{"SpikingJelly":>12}'
          f'{"":20}{"ratio":>6}')
    for k, (what, *_) in enumerate(CASES):
        ratio = statistics.median(theirs[k]) / statistics.median(ours[k])
        print(f'{what:36}{describe(ours[k])}  {describe(theirs[k])} '
              f'{ratio:6.1f}')
    print('\nThe ratio is SpikingJelly\'s time divided by spikesweep\'s. In '
          'PGD-10 spikesweep does\nmore: it takes the gradient of the clean '
          'images, too, and keeps the best iterate.')


main()
