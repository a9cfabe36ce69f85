"""What other programs make of the files that `spikesweep export --vectors`
writes: the logits that they compute from the NIR network in it, and the
gradients and attacks that PyTorch computes. Prints "ok NAME" or "FAIL NAME",
"skip NAME: REASON", and the measured differences.

    exchange.py nir FILE...       the package nir reads it as it is
    exchange.py snntorch FILE...  logits of snnTorch's network
    exchange.py norse FILE...
    exchange.py same FILE... FILE...  first half and second half: the same logits
    exchange.py attacks FILE...   gradients and attacks by PyTorch
    exchange.py make_state FILE          a network of PyTorch's, its state as HDF5
    exchange.py state FILE VECTORS       the logits of that network
    exchange.py make_foreign FILE        a network of snnTorch's, as NIR
    exchange.py foreign FILE VECTORS     the logits of that network
    exchange.py has TASK   ends with 0 if the packages that the task needs are there
"""
import contextlib
import io
import sys

try:
    import h5py
    import numpy as np
except ImportError as missing:
    print("skip", missing)
    sys.exit(sys.argv[1] == "has")

WITHIN = 1e-5


def say(good, name):
    print("ok" if good else "FAIL", name)
    return good


def network_input(file):
    """What goes into the node Input at every step, [n][C][H][W]."""
    x = file["vectors/input"][()]
    notes = file["node/metadata"]
    if "input_mean" in notes:
        mean = notes["input_mean"][()].reshape(1, -1, 1, 1)
        deviation = notes["input_deviation"][()].reshape(1, -1, 1, 1)
        x = (x - mean) / deviation
    return x.astype(np.float32)


def compare(path, library, logits, wanted):
    difference = float(np.abs(logits - wanted).max())
    lively = float(np.abs(wanted - wanted[0]).max()) > 0.01  # something fires
    say(difference <= WITHIN and lively,
        f"{library} computes the logits of {path}: at most {difference:.2e} off")


def run_steps(path, make):
    """Logits of a network that make() gives and that takes (image, state), one
    sample at a time: a Flatten of NIR knows no batch."""
    import torch
    with h5py.File(path) as file, contextlib.redirect_stdout(io.StringIO()):
        x = torch.from_numpy(network_input(file))
        n_steps = int(file["node/metadata/n_steps"][()])
        logits = []
        with torch.no_grad():
            for image in x:
                net, state, total = make(), None, 0
                for _ in range(n_steps):
                    out, state = net(image, state)
                    total = total + out
                logits.append((total / n_steps).double().numpy().reshape(-1))
        return np.array(logits), file["vectors/logits"][()]


def run_snntorch(path):
    import nir
    import snntorch
    from snntorch.import_nir import import_from_nir
    logits, wanted = run_steps(path, lambda: import_from_nir(nir.read(path)))
    compare(path, f"snnTorch {snntorch.__version__}", logits, wanted)


def take_norse():
    """Norse with a PyTorch before 2.2, too, which Debian has."""
    import torch.utils._pytree as pytree
    if not hasattr(pytree, "register_pytree_node"):
        pytree.register_pytree_node = pytree._register_pytree_node
    import norse.torch
    from norse.torch.functional import heaviside, iaf, lif_box
    # All its spike functions are this one forward; backward they need PyTorch 2.
    iaf.threshold = lif_box.threshold = lambda x, method, alpha: heaviside.heaviside(x)
    return norse.torch


def run_norse(path):
    """By Euler's method with the file's own time step."""
    import logging
    from importlib.metadata import version
    import nir
    norse = take_norse()
    logging.disable(logging.WARNING)  # of r of an IF, which Norse leaves out
    with h5py.File(path) as file:
        dt = float(file["node/metadata/dt"][()])
    logits, wanted = run_steps(path, lambda: norse.from_nir(nir.read(path), dt=dt))
    compare(path, f"Norse {version('norse')}", logits, wanted)


def run_nir(path):
    import nir
    graph = nir.read(path)
    with h5py.File(path) as file:
        shape = tuple(graph.input_type["input"])
        n_classes = file["vectors/logits"].shape[1]
    say(tuple(graph.output_type["output"]) == (n_classes,) and len(shape) in (1, 3),
        f"nir {nir.version} reads {path} and finds its types consistent")


def torch_network():
    import torch
    from torch import nn
    torch.manual_seed(4)
    net = nn.Sequential(nn.Conv2d(2, 5, 3, padding=1), nn.BatchNorm2d(5), nn.AvgPool2d(2),
                        nn.Flatten(), nn.Linear(5 * 4 * 4, 12, bias=False), nn.Linear(12, 4))
    with torch.no_grad():
        net[0].weight *= 4
        net[1].running_mean.uniform_(-0.2, 0.2)
        net[1].running_var.uniform_(0.5, 1.5)
        net[1].weight.uniform_(0.5, 2)
        net[1].bias.uniform_(0, 0.5)
        net[4].weight *= 6
    return net.eval()


def make_state(path):
    """Twelve modules would sort wrongly as text: names as in a longer network."""
    with h5py.File(path, "w") as file:
        for name, value in torch_network().state_dict().items():
            module, leaf = name.split(".")
            file[f"features.{2 * int(module) + 1}.{leaf}"] = value.numpy()


def run_state(path, vectors):
    """LIF with a leak of 0.5 after the normalization and the first linear map."""
    import torch
    net = torch_network()
    with h5py.File(path) as state:
        assert np.array_equal(state["features.1.weight"][()], net[0].weight.detach().numpy())
    with h5py.File(vectors) as file, torch.no_grad():
        x = torch.from_numpy(file["vectors/input"][()])
        n_steps, v, w, total = int(file["node/metadata/n_steps"][()]), 0, 0, 0
        for _ in range(n_steps):
            v = 0.5 * v + net[1](net[0](x))
            s = (v >= 1).float()
            v = v * (1 - s)
            w = 0.5 * w + net[4](net[3](net[2](s)))
            s = (w >= 1).float()
            w = w * (1 - s)
            total = total + net[5](s)
        compare(vectors, "PyTorch, whose state it was,", (total / n_steps).double().numpy(),
                file["vectors/logits"][()])


def snntorch_network():
    import snntorch as snn
    import torch
    torch.manual_seed(3)
    # To NIR goes a hard reset, at once; the network ends in neurons.
    lif = dict(reset_mechanism="zero", reset_delay=False, init_hidden=True)
    # One number a neuron: nir 1.0.8 refuses the shapes of less.
    net = torch.nn.Sequential(
        torch.nn.Linear(128, 20),
        snn.Leaky(beta=torch.full((20,), 0.8), threshold=torch.full((20,), 0.7), **lif),
        torch.nn.Linear(20, 4),
        snn.Leaky(beta=torch.full((4,), 0.6), threshold=torch.linspace(0.4, 0.7, 4), **lif))
    with torch.no_grad():
        net[0].weight *= 3
        net[2].weight *= 4
    return net


def make_foreign(path):
    import nir
    import torch
    from snntorch.export_nir import export_to_nir
    with contextlib.redirect_stdout(io.StringIO()):
        nir.write(path, export_to_nir(snntorch_network(), torch.rand(128)))


def run_foreign(path, vectors):
    """Channels first, as --input 2x8x8 has it; logits are the mean of spikes."""
    import torch
    from snntorch import utils
    net = snntorch_network()
    with h5py.File(vectors) as file, torch.no_grad():
        x = torch.from_numpy(file["vectors/input"][()]).flatten(1)
        n_steps = int(file["node/metadata/n_steps"][()])
        utils.reset(net)
        total = sum(net(x) for _ in range(n_steps))
        compare(vectors, f"snnTorch, whose network {path} was,", (total / n_steps).double().numpy(),
                file["vectors/logits"][()])


def run_same(paths):
    """The same bits where nothing was folded, else within 1e-5."""
    for a, b in zip(paths[:len(paths) // 2], paths[len(paths) // 2:]):
        with h5py.File(a) as one, h5py.File(b) as two:
            first, second = one["vectors/logits"][()], two["vectors/logits"][()]
            folded = bool(one["node/metadata/normalization_folded"][()])
        lively = float(np.abs(first - first[0]).max()) > 0.01
        difference = float(np.abs(first - second).max())
        good = difference <= WITHIN if folded else np.array_equal(first, second)
        say(good and lively, f"{b} is {a} again, {'folded' if folded else 'bit for bit'}: "
                             f"{difference:.2e} off")


def needs(task):
    """Imports what the task needs."""
    import importlib
    for name in {"nir": ["nir"], "snntorch": ["nir", "nirtorch", "torch", "snntorch.import_nir"],
                 "norse": ["nir", "nirtorch", "torch"], "attacks": ["torch"],
                 "make_state": ["torch"], "state": ["torch"], "foreign": ["snntorch"], "make_foreign": ["snntorch.export_nir", "nir"]}.get(task, []):
        importlib.import_module(name)
    if task == "norse":
        take_norse()


RUNS = {"nir": run_nir, "snntorch": run_snntorch, "norse": run_norse}

if __name__ == "__main__":
    try:
        needs(sys.argv[2 if sys.argv[1] == "has" else 1])
    except ImportError as missing:
        print("skip", missing)
        sys.exit(sys.argv[1] == "has")
    if sys.argv[1] == "has":
        pass
    elif sys.argv[1] in ("make_state", "state", "make_foreign", "foreign"):
        {"make_state": make_state, "state": run_state, "make_foreign": make_foreign,
         "foreign": run_foreign}[sys.argv[1]](*sys.argv[2:])
    elif sys.argv[1] == "same":
        run_same(sys.argv[2:])
    elif sys.argv[1] == "attacks":
        import check_vectors
        for path in sys.argv[2:]:
            for good, name in check_vectors.check(path):
                say(good, name)
    else:
        for path in sys.argv[2:]:
            RUNS[sys.argv[1]](path)
