"""spikesweep beside SpikingJelly in one run, and what was aimed at.

Every round times each case in both programs, one after the other; medians over
the rounds are compared. One thread each; CPU seconds of the process, which
others on a busy machine disturb less. Both have the same net (its weights are
handed over, and the outputs compared) and the same images. A second line of
each case gives the peer what it does not do by itself: the first layer, whose
input is the same at every step, is computed once.

Run by `make bench-peers SPIKINGJELLY=FOLDER`; CASES="b pgd-b memory" runs some
only: the names below, and memory, start, ranks.
"""
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
import bench_peer

torch.set_num_threads(1)
torch.manual_seed(0)


class Case:
    def __init__(self, name, what, net, n_steps, n_rounds, pixels=1,
                 attacks=False, n_runs=1):
        self.name, self.what, self.net, self.n_steps = name, what, net, n_steps
        self.n_rounds, self.n_runs = n_rounds, n_runs
        self.pixels, self.attacks = pixels, attacks


CASES = [
    Case('a', 'net a, training (T 8, B 128)', 'a', 8, 9, n_runs=5),
    Case('b', 'net b, training (T 4, B 64)', 'b', 4, 9, 49),
    Case('b8', 'net b, training (T 8, B 64)', 'b', 8, 7, 49),
    Case('pgd-b', 'net b, PGD-10, 64 images', 'b', 4, 5, 49, True),
    Case('pgd-sgr', 'net b of MPD-SGR, PGD-10, 64', 'sgr', 4, 5, 49, True),
    Case('c', 'VGG-11, training (T 4, B 32)', 'c', 4, 5),
    Case('pgd-c', 'VGG-11, PGD-10, 32 images', 'c', 4, 3, 1, True),
    Case('d', 'WRN-16-4, training (T 4, B 32)', 'd', 4, 4),
]
# Net, T, images; a row each of the table of memory.
FOOTPRINTS = [('a', 8, 128), ('b', 4, 64), ('b', 8, 64), ('c', 4, 32),
              ('c', 8, 32), ('d', 4, 32)]
N_STARTS = 7

# Of all images the outputs of which are compared, the median's largest
# difference of a logit may be this much: both sum in another order, and a
# potential that is at the threshold within rounding makes a spike in one of
# them only, which few images are spared in deep nets.
LOGITS_TOLERANCE = 1e-4

TARGETS = [  # what, where its figure is, sign, bound
    ('net a, training: times as fast', 'a', '>=', 9),
    ("net a, the peer's first layer once", 'a once', '>=', 3.5),
    ('net b, training', 'b', '>=', 4.5),
    ('net b, PGD-10', 'pgd-b', '>=', 6),
    ('VGG-11, training', 'c', '>=', 2),
    ('VGG-11, PGD-10', 'pgd-c', '>=', 2.5),
    ('WRN-16-4, training', 'd', '>=', 2.3),
    ('net b of MPD-SGR, PGD-10', 'pgd-sgr', '>=', 8),
    ("share of the peer's peak memory: b, T 4", 'share b 4', '<=', 0.2),
    ('                               b, T 8', 'share b 8', '<=', 0.2),
    ('                               VGG-11, T 4', 'share c 4', '<=', 0.2),
    ('                               VGG-11, T 8', 'share c 8', '<=', 0.2),
    ('                               WRN-16-4, T 4', 'share d 4', '<=', 0.2),
    ('peak memory, MB: net b, T 8, B 64', 'peak b 8', '<', 200),
    ('                 VGG-11, T 8, B 32', 'peak c 8', '<', 400),
    ('                 WRN-16-4, T 4, B 32', 'peak d 4', '<', 400),
    ('start to end of the first step, ms: net a', 'start a', '<', 50),
    ('                                    net b', 'start b', '<', 50),
    ('throughput of 2 ranks over that of 1', 'ranks', '>=', 1.85),
]


# spikesweep ------------------------------------------------------------------

class Engine:
    """bench_engine serve: a request in, a line out."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, 'serve'], text=True,
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ask(self, *request):
        print(*request, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f'bench_engine has no answer to {" ".join(request)}')
        return line.split()

    def time(self, name):
        return float(self.ask('time', name)[0])


class Given:
    """A net and a batch of images as spikesweep gave them."""

    def __init__(self, engine, name):
        with tempfile.TemporaryDirectory() as folder:
            answer = engine.ask('give', name, folder)
            n, height, width, n_channels, n_classes = map(int, answer[:5])
            self.mean, self.deviation = (
                [float(x) for x in answer[i::2]] for i in (5, 6))
            images = numpy.fromfile(f'{folder}/images', numpy.float32)
            images = images.reshape(n, height, width, n_channels)
            self.images = torch.from_numpy(
                images.transpose(0, 3, 1, 2).copy())
            self.labels = torch.from_numpy(numpy.fromfile(
                f'{folder}/labels', numpy.uint8).astype(numpy.int64))
            self.logits = torch.from_numpy(numpy.fromfile(
                f'{folder}/logits', numpy.float32).reshape(n, n_classes))
            with open(f'{folder}/model.h5', 'rb') as file:
                self.model = file.read()

    def make(self, case, once):
        net = bench_peer.NETS[case.net](case.n_steps, once)
        net.normalize(self.mean, self.deviation)
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.model)
            file.flush()
            bench_peer.load(net, file.name, case.pixels)
        return net


# times -----------------------------------------------------------------------

def time_peer(task, n_runs):
    start = time.process_time()
    for _ in range(n_runs):
        task.run()
    return (time.process_time() - start) / n_runs


def quartiles(times):
    times = sorted(times)
    n = len(times)
    return statistics.median(times), times[n // 4], times[-1 - n // 4]


def describe(times):
    median, low, high = (1e3 * x for x in quartiles(times))
    return f'{median:9.2f} {low:9.2f} .. {high:<9.2f}'


def compare_logits(given, net):
    """Largest difference of each image's logits; share of equal verdicts."""
    attack = bench_peer.Attack(net, given.images, given.labels)
    logits = attack.predict(given.images)
    for parameter in net.parameters():
        parameter.requires_grad_(True)
    differences = (logits - given.logits).abs().max(1).values
    same = (logits.argmax(1) == given.logits.argmax(1)).float().mean()
    return differences, same.item()


def check_same(case, given, net):
    differences, same = compare_logits(given, net)
    if given.logits.std(0).max() < 10 * LOGITS_TOLERANCE:
        sys.exit(f'{case.what}: all images give the same logits; whether it '
                 'is the same net cannot be told')
    if differences.median() > LOGITS_TOLERANCE:
        sys.exit(f'{case.what}: not the same net, logits differ by '
                 f'{differences.median():.2g} in the median image')
    return differences, same


def run_case(engine, case, figures, notes):
    engine.ask('what', case.name)  # trains it
    given = Given(engine, case.name)
    tasks = []
    for once in (False, True):
        net = given.make(case, once)
        differences, same = check_same(case, given, net)
        kind = bench_peer.Attack if case.attacks else bench_peer.Training
        tasks.append(kind(net, given.images, given.labels))
    if not case.attacks:
        for task in tasks:
            task.run()  # warms up
    times = ours, plain, once = [], [], []
    for _ in range(case.n_rounds):
        ours.append(engine.time(case.name))
        plain.append(time_peer(tasks[0], case.n_runs))
        once.append(time_peer(tasks[1], case.n_runs))
    mine = statistics.median(ours)
    ratios = [statistics.median(x) / mine for x in (plain, once)]
    figures[case.name], figures[f'{case.name} once'] = ratios
    print(f'{case.what:31}{len(ours):2} {describe(ours)}  {describe(plain)}'
          f'{ratios[0]:6.2f}\n   its first layer once{"":43}{describe(once)}'
          f'{ratios[1]:6.2f}', flush=True)
    what = engine.ask('what', case.name)
    note = (f'{case.name:8} {differences.median():8.1e} {differences.max():8.1e}'
            f' {100 * same:6.1f} % ')
    note += ' '.join(f'{100 * float(x):3.0f}' for x in what[3:])
    if case.attacks:
        note += (f'; accuracy under attack {100 * float(what[0]):.0f} % ours, '
                 f'{100 * tasks[0].accuracy:.0f} % the peer\'s')
    if float(what[1]) > 0:
        note += (f'; clean accuracy {100 * float(what[1]):.1f} %, '
                 f'Omega {float(what[2]):.3f}')
    notes.append(note)
    engine.ask('drop', case.name)


def run_cases(engine, cases, figures):
    if not cases:
        return
    notes = []
    print('CPU milliseconds, medians of as many rounds as the first column '
          'says, with quartiles;\nratio: SpikingJelly\'s time divided by '
          'spikesweep\'s.\n')
    print(f'{"":37}{"spikesweep":33}{"SpikingJelly":27}ratio')
    for case in cases:
        run_case(engine, case, figures, notes)
    print('\nIn PGD-10 spikesweep does more: it takes the gradient of the '
          'clean images, too, and keeps\nthe best iterate.\n\nAgreement of '
          'the logits of the same net (largest difference of the median '
          'image, at most\n'
          f'{LOGITS_TOLERANCE:g}; of all images; equal verdicts), and '
          'densities of the layers\' pooled outputs in per cent:\n')
    print('\n'.join(notes))


# memory and start ------------------------------------------------------------

# What tests/bench_peers.sh sets for the times.
SETTINGS = ('OMP_NUM_THREADS', 'MALLOC_MMAP_MAX_', 'MALLOC_TRIM_THRESHOLD_')
PLAIN = {k: v for k, v in os.environ.items() if k not in SETTINGS}


def run_alone(command):
    start = time.monotonic()
    out = subprocess.run(command, env=PLAIN, check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return start, [float(x) for x in out.split()]


def peer_command(net, n_steps, n):
    path = os.path.join(os.path.dirname(__file__), 'bench_peer.py')
    return [sys.executable, path, 'step', net, str(n_steps), str(n)]


def measure_memory(program, figures):
    print('\nPeak resident memory, MB (10^6 bytes), of 3 steps of training in '
          'a process of its own;\nthe peer with the system\'s memory '
          'allocator as it is. "Of files": in spikesweep\'s, images\nand '
          'program, which all processes of a node share:\n')
    print(f'{"":24}{"spikesweep":>10}{"of files":>10}{"SpikingJelly":>14}'
          f'{"share":>8}')
    for net, n_steps, n_images in FOOTPRINTS:
        _, (_, _, ours, files) = run_alone([program, 'step', net, '3',
                                     f'network.n_steps={n_steps}'])
        _, (_, theirs) = run_alone(peer_command(net, n_steps, 3))
        figures[f'peak {net} {n_steps}'] = ours
        figures[f'share {net} {n_steps}'] = ours / theirs
        print(f'net {net}, T {n_steps}, B {n_images:<12}{ours:10.1f}'
              f'{files:10.1f}{theirs:14.1f}{ours / theirs:8.3f}', flush=True)


FRAME_FD = 3  # sweep/frame.h
SPECS = {
    'a': 'network = mlp\nnetwork.n_steps = 8\ntraining.batch_size = 128\n',
    'b': 'network = csnn\nnetwork.n_steps = 4\ntraining.batch_size = 64\n',
}


def time_start(spikesweep, net):
    """The process that a sweep starts for a cell, as sweep/supervisor.c does:
    the spec comes on standard input, and the first step of training is the
    first to be reported."""
    spec = ('dataset = fashion_mnist\nsurrogate = atan\ntraining = bptt\n'
            + SPECS[net]).encode()
    with tempfile.TemporaryDirectory() as folder:
        spec_out, spec_in = os.pipe()
        words_out, words_in = os.pipe()
        os.write(spec_in, spec)
        start = time.monotonic()
        child = os.posix_spawn(
            spikesweep,
            ['spikesweep', 'trial', '--supervisor', str(os.getpid()), folder],
            PLAIN,
            file_actions=[(os.POSIX_SPAWN_DUP2, spec_out, 0),
                          (os.POSIX_SPAWN_CLOSE, spec_in),
                          (os.POSIX_SPAWN_DUP2, words_in, FRAME_FD)])
        for fd in (spec_in, spec_out, words_in):
            os.close(fd)
        said = os.read(words_out, 1)
        end = time.monotonic()
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(words_out)
        if not said:
            sys.exit('spikesweep trial ended without a word')
    return end - start


def time_peer_start(net):
    n_steps = 8 if net == 'a' else 4
    start, (first, _) = run_alone(peer_command(net, n_steps, 1))
    return first - start


def measure_starts(spikesweep, figures):
    print(f'\nStart of a process to the end of its first step of training, ms '
          f'on the clock, medians with\nquartiles, of {N_STARTS} and of 3 '
          '(images in their cache, programs in the system\'s):\n')
    for net in ('a', 'b'):
        time_start(spikesweep, net)
        ours = [time_start(spikesweep, net) for _ in range(N_STARTS)]
        theirs = [time_peer_start(net) for _ in range(3)]
        figures[f'start {net}'] = 1e3 * statistics.median(ours)
        print(f'net {net}  {describe(ours)} {describe(theirs)}'
              f'{statistics.median(theirs) / statistics.median(ours):6.1f}',
              flush=True)


def measure_ranks(spikesweep, figures):
    script = os.path.join(os.path.dirname(__file__), 'bench_ranks.sh')
    text = subprocess.run(['bash', script], check=True, text=True,
                          env={**PLAIN, 'SPIKESWEEP': spikesweep},
                          stdout=subprocess.PIPE).stdout
    print('\n' + text, end='')
    figures['ranks'] = float(
        re.search(r'of 2 ranks: ([0-9.]+) times', text).group(1))


# all -------------------------------------------------------------------------

def judge(figures):
    print('\nTargets:\n')
    for what, key, sign, bound in TARGETS:
        value = figures.get(key, math.nan)
        reached = value >= bound if sign == '>=' else (
            value < bound if sign == '<' else value <= bound)
        verdict = ('not measured' if math.isnan(value) else
                   f'{value:9.3g}   {"reached" if reached else "missed"}')
        print(f'  {what:46}{sign:>2} {bound:<6g} {verdict}')


def describe_machine():
    with open('/proc/cpuinfo', encoding='ascii') as file:
        names = re.findall(r'model name\s*: (.*)', file.read())
    load = os.getloadavg()[0]
    folder = os.environ.get('CIFAR10')
    print(f'SpikingJelly on torch {torch.__version__}, and spikesweep, one '
          f'thread each.\n{len(names)} x {names[0] if names else "?"}; load '
          f'before {load:.1f}. Images: Fashion-MNIST for a and b,\n'
          f'{"CIFAR-10" if folder else "synthetic, 32 x 32 x 3,"} for VGG-11 '
          'and WRN-16-4.\n')


def main():
    program, spikesweep = sys.argv[1:3]
    wanted = os.environ.get('CASES', '').split()
    known = [case.name for case in CASES] + ['memory', 'start', 'ranks']
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.exit(f'CASES: {unknown[0]} is none of {" ".join(known)}')
    wanted = wanted or known
    figures = {}
    begin = time.monotonic()
    describe_machine()
    run_cases(Engine(program), [c for c in CASES if c.name in wanted], figures)
    if 'memory' in wanted:
        measure_memory(program, figures)
    if 'start' in wanted:
        measure_starts(spikesweep, figures)
    if 'ranks' in wanted:
        measure_ranks(spikesweep, figures)
    judge(figures)
    print(f'\nIt took {(time.monotonic() - begin) / 60:.1f} minutes; the '
          f'machine\'s load at the end: {os.getloadavg()[0]:.1f}.')


main()
